"""A reading: what one document says, in the shape that `pipeline read` prints (contract)."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pipeline.document import Place, Source
from pipeline.findings import Finding

Json = Any

#: So many places are always told; of more only those that may be asked for.
FEW = 100


@contextmanager
def uncollected() -> Iterator[None]:
    """For what makes very many objects, none of which is garbage before it is done: meanwhile
    Python does not go through them all again and again in search of rings that nobody holds."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Origin(NamedTuple):
    """Where a value came from: the raw text as it stood, and its place."""

    text: str
    place: Place

    def as_json(self) -> dict[str, Json]:
        text, place = self
        if place.page is None and place.box is None:
            return {"text": text, "where": place.where, "confidence": place.confidence}
        out: dict[str, Json] = {"text": text, "where": place.where}
        if place.page is not None:
            out["page"] = place.page
        if place.box is not None:
            out["bbox"] = place.box.as_list()
        return {**out, "confidence": place.confidence}


@dataclass(frozen=True, slots=True)
class Reading:
    """One document found. `annex` is None for what is no annex: then `findings` say why, and
    `material` names the supporting copy that it is (materials.yaml), if it is one.
    `version`: the code printed in the footer and whether it fits the values, if there is one.
    `places`: where that stands, or should stand, of which the findings speak, by their pointers."""

    source: Source
    annex: str | None = None
    regulation: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    version: Mapping[str, Json] | None = None
    material: str | None = None
    places: Mapping[str, Place] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether it is known what this is, or known to be nothing of ours."""
        known = self.annex is not None or self.material is not None
        return known or any(finding.code == "unrecognised" for finding in self.findings)

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)

    @uncollected()
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
            **(
                {"places": {p: at.as_json() for p, at in self.places.items()}}
                if self.places
                else {}
            ),
            **({"version": dict(self.version)} if self.version else {}),
            **({"material": self.material} if self.material else {}),
        }


@dataclass(frozen=True, slots=True)
class Line:
    """A reading as it is printed: the JSON in one line, the file's name, what is said of it to people
    where it is no annex, and what decides the exit code."""

    text: str
    file: str
    annex: str | None
    is_read: bool
    has_errors: bool
    messages: Sequence[str] = ()

    @classmethod
    def of(cls, reading: Reading) -> Line:
        messages = () if reading.annex else tuple(f.message for f in reading.findings)
        text = json.dumps(reading.as_json(), ensure_ascii=False)
        file, annex = reading.source.file, reading.annex
        return cls(text, file, annex, reading.is_read, reading.has_errors, messages)


def places_of(
    findings: Iterable[Finding], origins: Mapping[str, Origin], blanks: Mapping[str, Place]
) -> dict[str, Place]:
    """Pointer → place of what the findings speak of: the value's, the blank's that should hold it,
    else of the first thing that stands in what it is part of (a row, a table). Also of what other
    forms may contradict: all that is no row of a table, and all of a short form."""
    found: dict[str, Place] = {}
    rest: list[str] = []
    few = len(origins) + len(blanks) <= FEW
    known = [p for p in (*origins, *blanks) if few or p.rindex("/") == 0]
    for pointer in dict.fromkeys([*(f.pointer for f in findings if f.pointer), *known]):
        if pointer in origins:
            found[pointer] = origins[pointer].place
        elif pointer in blanks:
            found[pointer] = blanks[pointer]
        else:
            rest.append(pointer)
    if rest:
        first = _firsts({**{p: origin.place for p, origin in origins.items()}, **blanks})
        for pointer in rest:
            place = first.get(pointer) or first.get(pointer.rpartition("/")[0])
            if place is not None:
                found[pointer] = place
    return found


def _firsts(known: Mapping[str, Place]) -> dict[str, Place]:
    """The first place within each row and table."""
    first: dict[str, Place] = {}
    for pointer, place in known.items():
        while pointer := pointer.rpartition("/")[0]:
            first.setdefault(pointer, place)
    return first


def exit_code(readings: Iterable[Reading | Line]) -> int:
    """0 read; 1 an error found; 3 an input that could not be read (contract, `pipeline read`).
    Unrelated files and supporting copies alone are 3: nothing was read. Beside an annex an
    unrelated file counts by its finding, a copy not at all."""
    given = list(readings)
    nothing = bool(given) and all(reading.annex is None for reading in given)
    if nothing or not all(reading.is_read for reading in given):
        return 3
    return 1 if any(reading.has_errors for reading in given) else 0


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

    @property
    def material(self) -> str | None:
        """The supporting copy that it was recognised as when it was read."""
        return next((str(d["material"]) for d in self.documents if d.get("material")), None)


@dataclass(frozen=True, slots=True)
class ReturnedPacket:
    """One thing an applicant sent: `name` as dropped, SHA-256, when it came (ISO 8601)."""

    name: str
    sha256: str
    received_at: str
    files: tuple[ReturnedFile, ...]
