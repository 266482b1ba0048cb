"""An official letter, and how it becomes a PDF.

checked facts + wording → Letter (`compose`) → rows → pages → PDF; or, for an office's own
red-head paper, → docx (`letter_docx`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.announce import blocks, tables
from pipeline.announce.archive import About
from pipeline.announce.fonts import FontSet
from pipeline.announce.lines import Span, set_line, text_width, type_of
from pipeline.announce.page import (
    LANDSCAPE,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    SIZE_2,
    UPRIGHT,
    WIDTH,
    Frame,
    Pages,
    Row,
    blank,
    body_type,
)
from pipeline.announce.pen import Pen
from pipeline.announce.tables import Column


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `size` is its type size in points."""

    columns: Sequence[Column]
    rows: Iterable[Sequence[str]]
    size: float


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that goes with a letter as its 附件. `note` stands above its table; `totals` are
    small tables under it, each with its title."""

    title: str
    table: Table
    note: str = ""
    landscape: bool = False
    totals: Sequence[tuple[str, Table]] = ()


@dataclass(frozen=True, slots=True)
class Imprint:
    """版记: who gets copies, who printed the letter and on which day."""

    copies_to: Sequence[str]
    printer: str
    printed: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What an official letter says. `mark` and `number` make its red head; without them it is a
    letter without one, as notices to the public are, and its number may be its `subtitle`. `|` in
    titles marks places to break; `names` are not parted there. A table may stand among the paragraphs. `enclosures` are names of
    annexes that are files of their own; the `listing` comes last. `receipt` is what the one who
    gets it fills in by hand. A form to be filled in has no `issuer` and is not signed."""

    title: str
    paragraphs: Sequence[str | Table]
    issuer: str
    dated: str
    mark: str | None = None
    number: str = ""
    signer: str | None = None
    subtitle: str = ""
    addressees: Sequence[str] = ()
    enclosures: Sequence[str] = ()
    sealed: bool = True
    remark: str | None = None
    receipt: Sequence[str] = ()
    listing: Listing | None = None
    imprint: Imprint | None = None
    names: Sequence[str] = ()

    @property
    def enclosed(self) -> list[str]:
        """The names in the 附件说明: those enclosed as files of their own, then the list."""
        listed = [self.listing.title.replace("|", "")] if self.listing else []
        return [*self.enclosures, *listed]


def annex_mark(letter: Letter) -> str:
    """附件, or with its number where there are more."""
    number = len(letter.enclosed)
    return "附件" if number == 1 else f"附件{number}"


def set_letter(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> bytes:
    """The letter as PDF."""
    about = About(letter.title.replace("|", ""), letter.issuer, letter.number)
    pen = Pen(PAGE_WIDTH, PAGE_HEIGHT, about)
    pages = Pages(pen, fonts)
    note = letter.imprint
    foot = blocks.imprint(fonts, note.copies_to, note.printer, note.printed) if note else []
    below = 0.0 if letter.listing else sum(row.height for row in foot)
    pages.flow_letter(letter_rows(letter, fonts, terms), below)
    if letter.listing:
        frame = LANDSCAPE if letter.listing.landscape else UPRIGHT
        pages.lay(frame)
        pages.flow(listing_rows(letter.listing, annex_mark(letter), fonts, terms, frame))
    if foot:
        pages.imprint(foot)
    else:
        pages.end()
    return pen.finish()


def whole_names(letter: Letter, fonts: FontSet) -> frozenset[str]:
    """Names that a title keeps whole: those that fit into a line."""
    type_ = type_of(fonts, "小标宋", SIZE_2)
    return frozenset(name for name in letter.names if text_width(name, type_) <= WIDTH)


def letter_rows(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> Iterator[Row]:
    """From the head to the date."""
    if letter.mark:
        yield from blocks.red_head(fonts, letter.mark, letter.number, letter.signer)
    words = terms | whole_names(letter, fonts)
    yield from blocks.title(fonts, letter.title, words, subtitle=letter.subtitle)
    if letter.addressees:
        yield from blocks.addressees(fonts, letter.addressees)
    yield from body_rows(letter.paragraphs, fonts, terms)
    if enclosed := letter.enclosed:
        yield from blocks.enclosures(fonts, enclosed)
    if letter.issuer:
        # A slip to sign is not sent on a page of its own, nor is a remark.
        keep = bool(letter.receipt or letter.remark)
        yield from blocks.signature(
            fonts, letter.issuer, letter.dated, sealed=letter.sealed, keep=keep
        )
    if letter.remark:
        rows = blocks.remark(fonts, letter.remark)
        yield from blocks.kept(rows) if letter.receipt else rows
    if letter.receipt:
        yield from blocks.receipt(fonts, letter.receipt)


def body_rows(parts: Sequence[str | Table], fonts: FontSet, terms: frozenset[str]) -> Iterator[Row]:
    """Paragraphs, and tables among them."""
    texts: list[str] = []
    below = False
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        rows = blocks.above_table(blocks.paragraphs(fonts, texts))
        yield from blocks.below_table(rows) if below else rows
        yield from tables.table(part.columns, part.rows, tables.Look.of(fonts, part.size, terms))
        texts, below = [], True
    rows = blocks.paragraphs(fonts, texts)
    yield from blocks.below_table(rows) if below else rows


def listing_rows(
    listing: Listing, mark: str, fonts: FontSet, terms: frozenset[str], frame: Frame = UPRIGHT
) -> Iterator[Row]:
    """附件: its mark and title, then the table and its totals."""
    yield from blocks.annex(fonts, mark, listing.title, terms, frame.width)
    if listing.note:
        line = set_line([Span(listing.note, body_type(fonts))])
        yield blocks.text_row(line, 0.0, keep=True)
    yield from _table_rows(listing.table, fonts, frame, terms)
    for title, table in listing.totals:
        head = set_line([Span(title, body_type(fonts).with_role("黑体"))])
        yield blank(0.5)
        yield replace(blocks.text_row(head, 0.0, keep=True), snap=True)
        rows = list(_table_rows(table, fonts, frame, terms))
        yield from [*blocks.kept(rows[:-1]), rows[-1]]  # a sum stays with what it sums up


def _table_rows(table: Table, fonts: FontSet, frame: Frame, terms: frozenset[str]) -> Iterator[Row]:
    look = tables.Look.of(fonts, table.size, terms)
    return tables.table(table.columns, table.rows, look, frame.width, frame.height)
