"""A case: the documents of one file, what they say, and how the file is to be written."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from . import write_docx, write_xlsx
from .layout import HOUSES, LAYOUTS, Style
from .model import Doc, Piece
from .people import Applicant, applicant
from .write_xlsx import Options

KEEP = object()


@dataclass
class Truth:
    """What one document says, and what may be said of it.

    `accept`: other values that are as good, by pointer; `loose`: compared by their digits only;
    `must`: fields that a reader has to point at, whatever value it gives, or be silently wrong;
    `check`: pointers that have to be pointed at though the value is read (a wrong check
    character), `*` for any issue at all; `may`: pointers (and all below) that may be pointed at,
    `""` for the whole document, `*` for anything.
    """

    annex: str | None
    data: dict[str, Any]
    accept: dict[str, list[Any]] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    must: set[str] = field(default_factory=set)
    check: set[str] = field(default_factory=set)
    may: set[str] = field(default_factory=set)


@dataclass
class Case:
    """`form`: docx or xlsx; `after`: what is done to the bytes once written (a re-save)."""

    rng: Random
    form: str
    style: Style
    applicant: Applicant
    docs: list[Doc]
    truths: list[Truth]
    options: Options = field(default_factory=Options)
    after: list[Callable[[bytes], bytes]] = field(default_factory=list)

    @property
    def doc(self) -> Doc:
        return self.docs[0]

    @property
    def truth(self) -> Truth:
        return self.truths[0]

    @property
    def data(self) -> dict[str, Any]:
        return self.truths[0].data

    def write(
        self, pointer: str, shown: str, truth: Any = KEEP, *, accept: Sequence[Any] = (), must: bool = False,
        may: bool = False, typed: Any = None, loose: bool = False,
    ) -> list[Piece]:  # fmt: skip
        """Let `shown` stand in the hole of a field, and `truth` be what it says (default: as before)."""
        pieces = self.doc.values(pointer)
        if not pieces:
            raise LookupError(pointer)
        for piece in pieces:
            piece.text, piece.typed = "", None
        pieces[0].text, pieces[0].typed = shown, typed
        if truth is not KEEP:
            put(self.data, pointer, truth)
        if accept:
            self.truth.accept.setdefault(pointer, []).extend(accept)
        for wanted, kept in (
            (must, self.truth.must),
            (may, self.truth.may),
            (loose, self.truth.loose),
        ):
            if wanted:
                kept.add(pointer)
        return pieces

    def rebuild(self, **options: Any) -> None:
        """Lay the document out again from its data (before any other change)."""
        self.docs[0] = lay(self.doc.annex, self.data, self.style, self.rng, self.form, **options)

    def bytes(self) -> bytes:
        content = (
            write_docx.write(self.docs)
            if self.form == "docx"
            else write_xlsx.write(self.docs, self.options)
        )
        for step in self.after:
            content = step(content)
        return content


def lay(
    annex: str, data: dict[str, Any], style: Style, rng: Random, form: str, **options: Any
) -> Doc:
    if annex == "1" and style.jitter and form == "docx":
        options.setdefault("jitter", lambda: rng.randint(-style.jitter, style.jitter))
    return LAYOUTS[annex](data, style, **options)


def new(annex: str, form: str, rng: Random, style: Style | None = None, **counts: int) -> Case:
    """A clean case of one annex, in a house chosen by chance where none is given."""
    style = style or rng.choice(HOUSES)
    who = applicant(rng, **counts)
    data = copy.deepcopy(who.annexes[annex])
    return Case(rng, form, style, who, [lay(annex, data, style, rng, form)], [Truth(annex, data)])


def get(data: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        data = data[int(part)] if isinstance(data, list) else data[part]
    return data


def put(data: Any, pointer: str, value: Any) -> None:
    head, _, last = pointer.rpartition("/")
    parent = get(data, head)
    parent[int(last) if isinstance(parent, list) else last] = value


def leaves(data: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf with its pointer; a list of plain words (`premises`) is one leaf."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from leaves(value, f"{pointer}/{key}")
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for index, value in enumerate(data):
            yield from leaves(value, f"{pointer}/{index}")
    elif pointer and not (
        isinstance(data, list) and pointer in ("/staff", "/clients", "/nominees")
    ):
        yield pointer, data


def dates(case: Case) -> list[tuple[str, str]]:
    """The date fields that the document shows, with their ISO dates."""
    return [
        (pointer, value)
        for pointer, value in leaves(case.data)
        if isinstance(value, str)
        and re.fullmatch(r"\d{4}-\d\d-\d\d", value)
        and case.doc.values(pointer)
    ]


def by_key(case: Case, *keys: str, full: bool = True) -> list[tuple[str, Any]]:
    """The leaves whose last key is one of `keys` (with `full`: that are not null)."""
    return [
        (pointer, value)
        for pointer, value in leaves(case.data)
        if pointer.rsplit("/", 1)[-1] in keys
        and (value is not None or not full)
        and case.doc.values(pointer)
    ]
