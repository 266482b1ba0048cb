"""What passes between the steps of the intake and to its caller: frozen, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pipeline.deadlines import CHINA
from pipeline.findings import Finding

Kind = Literal["file", "folder"]
State = Literal["stored", "reading", "done", "rejected", "held"]
EndState = Literal["done", "rejected", "held"]
ReportState = Literal["done", "rejected", "held", "duplicate", "waiting"]
EventKind = Literal[
    "resumed", "taken", "reading", "done", "rejected", "held", "duplicate", "waiting"
]


@dataclass(frozen=True, slots=True)
class Packet:
    """One thing dropped, known by the SHA-256 of its bytes.

    `sha256`: of a file its bytes, of a folder its sorted manifest; `name`: as dropped; `size` in
    bytes, all files together; `folder`: its name under `outbox/packets/` (or `rejected/`,
    `held/`); `received_at`: ISO 8601 with offset.
    """

    id: int
    sha256: str
    name: str
    kind: Kind
    size: int
    folder: str
    state: State
    reason: str
    received_at: str

    @property
    def received(self) -> str:
        """For people, in Beijing time: `2026年11月23日 19:45`."""
        return f"{datetime.fromisoformat(self.received_at).astimezone(CHINA):%Y年%m月%d日 %H:%M}"


@dataclass(frozen=True, slots=True)
class FileResult:
    """One file of a packet after reading.

    `name`: as people know it (`材料/附件1.docx`, `内层.zip/附件3.xlsx`); `path`: where its bytes lie
    until `compose` returns; `documents`: the objects that `process` gave; `problem`: why there are
    none (encrypted, out of memory, …), else None. Exactly one of the two is empty, except for a
    file in which `process` found no document at all.
    """

    name: str
    path: Path
    size: int
    sha256: str
    documents: tuple[dict[str, Any], ...] = ()
    problem: Finding | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something a terminal may show. `message` is Chinese and holds no contents of any file."""

    kind: EventKind
    name: str
    message: str


@dataclass(frozen=True, slots=True)
class PacketReport:
    """How one dropped thing ended in this run. `place`: where staff look (None: still in the inbox,
    or it could not be written); `reason`: Chinese, empty for `done`."""

    name: str
    state: ReportState
    place: Path | None = None
    reason: str = ""
    sha256: str = ""
