"""A reading: what one document says, in the shape that `pipeline read` prints (contract)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.document import Place, Source
from pipeline.findings import Finding

Json = Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: the raw text as it stood, and its place."""

    text: str
    place: Place

    def as_json(self) -> dict[str, Json]:
        out: dict[str, Json] = {"text": self.text, "where": self.place.where}
        if self.place.page is not None:
            out["page"] = self.place.page
        if self.place.box is not None:
            out["bbox"] = self.place.box.as_list()
        return {**out, "confidence": self.place.confidence}


@dataclass(frozen=True, slots=True)
class Reading:
    """One document found. `annex` is None for what is no annex: then `findings` say why."""

    source: Source
    annex: str | None = None
    regulation: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    def as_json(self) -> dict[str, Json]:
        return {
            "annex": self.annex,
            "regulation": self.regulation,
            "source": {
                "file": self.source.file,
                "sha256": self.source.sha256,
                "format": self.source.format,
            },
            "data": dict(self.data),
            "provenance": {pointer: origin.as_json() for pointer, origin in self.origins.items()},
            "issues": [finding.as_json() for finding in self.findings],
        }


def exit_code(readings: Iterable[Reading]) -> int:
    """0 read; 1 an error found; 3 an input that could not be read (contract, `pipeline read`).
    An unrelated file alone is 3; beside something that was read it is an error like others."""
    codes = set()
    for reading in readings:
        if reading.annex is not None:
            codes.add(1 if reading.has_errors else 0)
        elif any(finding.code == "unrecognised" for finding in reading.findings):
            codes.add(-1)
        else:
            codes.add(3)
    if 3 in codes or codes == {-1}:
        return 3
    return 1 if codes & {1, -1} else 0


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """One file of a packet: its name as people know it, SHA-256, size in bytes, what it says (the
    objects that `pipeline read` prints), or why it could not be read."""

    name: str
    sha256: str
    size: int
    documents: tuple[Mapping[str, Json], ...] = ()
    problem: Finding | None = None

    @property
    def annexes(self) -> tuple[str, ...]:
        return tuple(str(d["annex"]) for d in self.documents if d.get("annex"))


@dataclass(frozen=True, slots=True)
class ReturnedPacket:
    """One thing an applicant sent: `name` as dropped, SHA-256, when it came (ISO 8601)."""

    name: str
    sha256: str
    received_at: str
    files: tuple[ReturnedFile, ...]
