"""An official letter from its parts: what a kind of document says becomes rows of the page.

checked facts + wording → Letter → rows → pages → PDF
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pipeline.announce import blocks, tables
from pipeline.announce.facts import Facts, Institution, read_facts
from pipeline.announce.fonts import FontSet
from pipeline.announce.page import PAGE_HEIGHT, PAGE_WIDTH, Pages, Row
from pipeline.announce.pen import Pen
from pipeline.announce.tables import Column
from pipeline.announce.wording import Wording, fill


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that goes with a letter as its 附件."""

    title: str
    columns: Sequence[Column]
    rows: Iterator[Sequence[str]]
    size: float


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: who gets copies, who printed the letter and on which day."""

    copies_to: Sequence[str]
    printer: str
    printed: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What an official letter says. `mark` and `number` make its red head; without them it is a
    letter without one, as notices to the public are. `|` in titles marks places to break.
    `enclosures` are names of annexes that are files of their own; the `listing` comes last."""

    title: str
    paragraphs: Sequence[str]
    issuer: str
    dated: str
    mark: str | None = None
    number: str = ""
    signer: str | None = None
    addressees: Sequence[str] = ()
    enclosures: Sequence[str] = ()
    sealed: bool = True
    remark: str | None = None
    listing: Listing | None = None
    imprint: Imprint | None = None


def check(data: Mapping[str, Any], wording: Wording) -> Facts:
    """The checked data of a kind of document, by what its wording needs."""
    return read_facts(
        data,
        needs=wording.names("needs"),
        needs_each=wording.names("needs_each"),
        document=wording.entry("document"),
    )


def values_of(facts: Facts, wording: Wording) -> dict[str, Any]:
    """What the holes of a wording may name: the data's own keys, the institutions in the order
    of the list, and their `count`."""
    values = {field.name: getattr(facts, field.name) for field in fields(facts)}
    institutions = in_order(facts.institutions, wording.names("cities"))
    return {**values, "institutions": institutions, "count": len(institutions)}


def listing(wording: Wording, values: Mapping[str, Any]) -> Listing:
    """The list of institutions with the columns of the wording."""
    columns = wording.columns()
    return Listing(
        wording.entry("list_title", **values),
        [column for column, _ in columns],
        _cells(wording, [cell for _, cell in columns], values),
        wording.number("list_size"),
    )


def in_order(institutions: Sequence[Institution], cities: Sequence[str]) -> Sequence[Institution]:
    """By city in the province's order where one is given, and within a city as told."""
    place = {city: number for number, city in enumerate(cities)}
    return sorted(institutions, key=lambda institution: place.get(institution.city, len(place)))


def _cells(
    wording: Wording, cells: Sequence[str], values: Mapping[str, Any]
) -> Iterator[Sequence[str]]:
    for number, institution in enumerate(values["institutions"], 1):
        row = {**values, "no": number, "it": institution}
        yield [fill(cell, row, wording.path, "columns") for cell in cells]


def set_letter(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> bytes:
    """The letter as PDF."""
    pen = Pen(fonts, PAGE_WIDTH, PAGE_HEIGHT, letter.title.replace("|", ""))
    pen.describe(letter.issuer, letter.number)
    pages = Pages(pen, fonts)
    pages.flow(letter_rows(letter, fonts, terms))
    if letter.listing:
        number = len(enclosures(letter))
        mark = "附件" if number == 1 else f"附件{number}"
        pages.flow(listing_rows(letter.listing, mark, fonts, terms))
    if letter.imprint:
        note = letter.imprint
        pages.imprint(blocks.imprint(fonts, note.copies_to, note.printer, note.printed))
    else:
        pages.end()
    return pen.finish()


def letter_rows(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> Iterator[Row]:
    """From the head to the date."""
    if letter.mark:
        yield from blocks.red_head(fonts, letter.mark, letter.number, letter.signer)
    yield from blocks.title(fonts, letter.title, terms)
    if letter.addressees:
        yield from blocks.addressees(fonts, letter.addressees)
    yield from blocks.paragraphs(fonts, letter.paragraphs)
    if enclosed := enclosures(letter):
        yield from blocks.enclosures(fonts, enclosed)
    yield from blocks.signature(fonts, letter.issuer, letter.dated, sealed=letter.sealed)
    if letter.remark:
        yield from blocks.remark(fonts, letter.remark)


def enclosures(letter: Letter) -> list[str]:
    """The names in the 附件说明: those enclosed as files of their own, then the list."""
    listed = [letter.listing.title.replace("|", "")] if letter.listing else []
    return [*letter.enclosures, *listed]


def listing_rows(
    listing: Listing, mark: str, fonts: FontSet, terms: frozenset[str]
) -> Iterator[Row]:
    """附件: its mark and title, then the table."""
    yield from blocks.annex(fonts, mark, listing.title, terms)
    yield from tables.table(listing.columns, listing.rows, tables.Look.of(fonts, listing.size))
