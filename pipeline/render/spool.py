"""Work laid aside on disk: one line an applicant, read back by whoever does it.

The list is read once, from its beginning; what it said stands here until every form is written.
So neither this process nor its helpers hold more than the lines they are at, and a helper is told
what to do by two numbers.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

Json = Any


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines of a spool: where they begin, in bytes, and how many there are."""

    path: Path
    start: int
    count: int

    def lines(self) -> Iterator[Json]:
        with self.path.open("rb") as spool:
            spool.seek(self.start)
            for _ in range(self.count):
                yield json.loads(spool.readline())


class Spool:
    """A temporary file of JSON lines, gone when left."""

    def __init__(self, lines_a_stretch: int) -> None:
        self._most = lines_a_stretch
        self.stretches: list[Stretch] = []
        self.lines = 0

    def __enter__(self) -> Spool:
        self._folder = tempfile.TemporaryDirectory(prefix="pipeline-")
        self._path = Path(self._folder.name) / "spool"
        self._file: IO[bytes] = self._path.open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()
        self._folder.cleanup()

    def add(self, line: Json) -> None:
        if self.lines % self._most == 0:
            self.stretches.append(Stretch(self._path, self._file.tell(), 0))
        self._file.write(json.dumps(line).encode() + b"\n")
        last = self.stretches[-1]
        self.stretches[-1] = Stretch(last.path, last.start, last.count + 1)
        self.lines += 1

    def flush(self) -> None:
        """What was added can be read from here on."""
        self._file.flush()
