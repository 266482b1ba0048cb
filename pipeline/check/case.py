"""One application: the forms of a packet side by side, for rules that need more than one of them.

An annex that came twice with content that contradicts itself belongs to no comparison until a person
has said which copy counts: it is left out here, and the packet says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.annex import catalogue
from pipeline.check import copies, schema
from pipeline.check.form import Form
from pipeline.findings import Finding
from pipeline.regulation import Regulation, regulation

Json = Any
CaseRule = Callable[["Case"], Iterator["CaseFinding"]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a document of the packet: the document's file name in the result, a JSON Pointer."""

    document: str
    pointer: str

    def as_json(self) -> dict[str, str]:
        return {"document": self.document, "pointer": self.pointer}


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """Something found between documents: where it is told (`document`), and the values that it was
    compared with (`related`)."""

    document: str
    finding: Finding
    related: tuple[Spot, ...] = ()

    def as_json(self) -> dict[str, Json]:
        related = [spot.as_json() for spot in self.related]
        return {"document": self.document, **self.finding.as_json(), "related": related}


@dataclass(frozen=True)
class Case:
    """`forms` and `files`: annex number → its form, and its file name in the result; `doubted`:
    annex number → pointers at which an error or a warning points; `ambiguous`: annexes that came
    more than once and contradict each other; `received_on`: the day the packet came."""

    edition: str
    forms: Mapping[str, Form]
    files: Mapping[str, str]
    doubted: Mapping[str, frozenset[str]]
    ambiguous: tuple[str, ...]
    received_on: date

    @classmethod
    def of(
        cls,
        documents: Mapping[str, Mapping[str, Json]],
        received_on: date,
        edition: str,
    ) -> Case:
        """`documents`: file name in the result → the object that `pipeline read` prints."""
        by_annex: dict[str, list[str]] = {}
        for name, document in documents.items():
            by_annex.setdefault(str(document["annex"]), []).append(name)
        chosen = {
            number: agreed
            for number, names in by_annex.items()
            if (agreed := copies.agreed({name: documents[name] for name in names}))
        }
        return cls(
            edition,
            {number: _form(documents[name], number, edition) for number, name in chosen.items()},
            chosen,
            {number: _doubted(documents[name]) for number, name in chosen.items()},
            tuple(number for number in by_annex if number not in chosen),
            received_on,
        )

    @property
    def regulation(self) -> Regulation:
        return regulation(self.edition)

    @property
    def applied_on(self) -> date:
        """填报日期 of annex 1; where it is blank, the day the packet came."""
        form = self.forms.get("1")
        return (form.filled_on if form else None) or self.received_on

    def number(self, name: str) -> Json:
        """A number of the regulation, as in force on the day of the application."""
        return self.regulation.value(name, self.applied_on)

    def value(self, annex: str, pointer: str) -> Json:
        form = self.forms.get(annex)
        return form.value(pointer) if form else None

    def rows(self, annex: str, table: str) -> list[str]:
        """Pointers of the rows of a table; none where the form is not there."""
        form = self.forms.get(annex)
        return form.row_pointers(table) if form else []

    def words(self, annex: str, pointer: str) -> str:
        """In the words of the form: 附件3 第5行“学历”."""
        return catalogue(self.edition)[annex].words(pointer)

    def spot(self, annex: str, pointer: str) -> Spot:
        return Spot(self.files[annex], pointer)

    def doubts(self, annex: str, pointer: str) -> bool:
        """Whether an error or a warning points at a value or at what holds it."""
        doubted: Collection[str] = self.doubted.get(annex, frozenset())
        while pointer:
            if pointer in doubted:
                return True
            pointer = pointer.rpartition("/")[0]
        return False

    def find(
        self, code: str, annex: str, pointer: str, *related: Spot, **details: Any
    ) -> CaseFinding:
        """What is found at a value of one form, compared with the values at `related`."""
        finding = self.forms[annex].find(code, pointer, **details)
        return CaseFinding(self.files[annex], finding, related)


def _form(document: Mapping[str, Json], number: str, edition: str) -> Form:
    annex = catalogue(edition)[number]
    refused = {finding.pointer for finding in schema.findings(annex, document["data"])}
    return Form.of(annex, document["data"], refused)


def _doubted(document: Mapping[str, Json]) -> frozenset[str]:
    return frozenset(
        issue["pointer"]
        for issue in document["issues"]
        if issue["pointer"] and issue["severity"] in ("error", "warning")
    )
