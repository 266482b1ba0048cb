"""Rows of a Word table whose mark-up was seen before, told by their bytes.

A list of thousands of rows repeats the same mark-up thousands of times; only the words between
differ. So the bytes of a row are cut at its cells and at its texts, the mark-up without the texts
is parsed and looked at once, and a row that is made of known cells is lifted out before the parser
sees the rest. Whatever is unusual (another element, a reference to a character, a control
character, bytes that are no UTF-8) leaves its row where it is.

This module knows bytes; what a cell's mark-up means it is told by whoever reads the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

from lxml import etree

from pipeline.read.ooxml import parser

Element = etree._Element
Meaning = TypeVar("Meaning")
CellMeaning = TypeVar("CellMeaning")

#: The attribute of the element that stands for lifted rows: the first of them, and the end.
LIFTED = "pipeline-rows"

#: So many kinds of mark-up are looked at; a file with more of them has no use for this.
MOST_KINDS = 500
#: Fewer bytes than this are parsed before they are looked through.
WORTHWHILE = 50_000
#: The body begins within so many bytes: they are parsed with every kind of mark-up.
FARTHEST = 20_000

WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY, ROW_END, CELL_END, TEXT_END = b"<w:body>", b"</w:tr>", b"</w:tc>", b"</w:t>"
ROW_STARTS = (b"<w:tr>", b"<w:tr ")
CELL_START = re.compile(rb"<w:tc[ >]")
PROLOG = re.compile(
    rb"""<\?xml version=["']1\.0["'](?: encoding=["']utf-8["'])?(?: standalone=["']\w+["'])?\s*\?>|<w:""",
    re.IGNORECASE,
)
#: Marks of editing sessions, other in each row and of no meaning to a reader.
SESSION = re.compile(rb' w(?:14)?:(?:rsid\w*|paraId|textId)="[0-9A-Fa-f]{1,8}"')

#: What may not stand in a text that is not parsed, and what must be looked at more closely.
REFUSED = re.compile("[\x01-\x08\x0b-\x1f<\ufffe\uffff]|]]>|&(?!(?:amp|lt|gt|quot|apos);)")
UNUSUAL = re.compile("[\x01-\x1f<&\\s\ue000-\uf8ff\ufffe\uffff]|]]>")
SPACED = re.compile("[\\s\ue000-\uf8ff]")
ENTITY = re.compile("&(amp|lt|gt|quot|apos);")
ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


class Row(NamedTuple, Generic[Meaning]):
    """A row that was lifted out: what its mark-up means, and the texts of its cells in order.
    `plain`: there is no white space and no private character in them."""

    meaning: Meaning
    texts: list[str]
    plain: bool


class Folder(Generic[Meaning, CellMeaning]):
    """Lifts rows out of a document's bytes into `rows`.

    `row_of`: what the mark-up of a row without cells means; `cell_of`: that of a cell with empty
    texts, and how many there are; both None where it is not plain. `joined`: what a row means that
    is made of both.
    """

    def __init__(
        self,
        row_of: Callable[[Element], Meaning | None],
        cell_of: Callable[[Element, int], CellMeaning | None],
        joined: Callable[[Meaning, Sequence[CellMeaning]], Meaning],
    ) -> None:
        self.rows: list[Row[Meaning]] = []
        self._row_of = row_of
        self._cell_of = cell_of
        self._joined = joined
        self._known_heads: dict[bytes, Meaning | None] = {}
        self._known_cells: dict[bytes, CellMeaning | None] = {}
        self._known_rows: dict[tuple[int, ...], Meaning] = {}
        self._around = b""
        self._stand_ins = 0

    def fold(self, data: bytes) -> bytes:
        """The document with an empty element for each stretch of lifted rows."""
        body = data.find(BODY, 0, FARTHEST)
        if len(data) < WORTHWHILE or PROLOG.match(data) is None or body < 0:
            return data
        self._around = data[: body + len(BODY)]
        rest = self._rest(data)
        if _may_quote(rest) or rest.count(LIFTED.encode()) != self._stand_ins:
            self.rows.clear()
            return data
        return rest

    def _rest(self, data: bytes) -> bytes:
        pieces = data.split(ROW_END)
        last = pieces.pop()
        kept: list[bytes] = []
        first = 0  # of the rows that are lifted and have no element yet
        for piece in pieces:
            at = 0 if piece.startswith(ROW_STARTS) else max(map(piece.rfind, ROW_STARTS))
            before, between = len(self.rows), piece[: max(at, 0)]
            lifted = at >= 0 and self._lift(piece[at:] if at else piece)
            if lifted and not between.strip():
                continue
            if first < before:
                kept.append(self._stand_in(first, before))
                first = before
            kept.append(between if lifted else piece + ROW_END)
        if first < len(self.rows):
            kept.append(self._stand_in(first, len(self.rows)))
        return b"".join([*kept, last])

    def _stand_in(self, first: int, end: int) -> bytes:
        self._stand_ins += 1
        return f'<w:tr {LIFTED}="{first} {end}"/>'.encode()

    def _lift(self, row: bytes) -> bool:
        """Adds a row without its end tag; False if it is not of known mark-up."""
        cells = row.split(CELL_END)
        start = CELL_START.search(cells[0])
        if cells.pop().strip() or start is None:
            return False
        head = self._head(cells[0][: start.start()])
        if head is None:
            return False
        cells[0] = cells[0][start.start() :]
        found: list[CellMeaning] = []
        texts: list[bytes] = []
        known = self._known_cells
        for cell in cells:
            *parts, rest = cell.split(TEXT_END)
            markup = []
            for part in parts:
                cut = part.rfind(b">") + 1
                markup.append(part[:cut])
                texts.append(part[cut:])
            markup.append(rest)
            bare = TEXT_END.join(markup)
            meant = known.get(bare) or self._cell(bare, len(parts))
            if meant is None:
                return False
            found.append(meant)
        return self._add(head, found, texts)

    def _add(self, head: Meaning, cells: list[CellMeaning], texts: list[bytes]) -> bool:
        try:
            joined = b"\0".join(texts).decode()
        except UnicodeDecodeError:
            return False
        plain = UNUSUAL.search(joined) is None
        if not plain:
            if REFUSED.search(joined):
                return False
            joined = ENTITY.sub(lambda match: ENTITIES[match[1]], joined)
            plain = SPACED.search(joined) is None
        said = joined.split("\0") if texts else []
        if len(said) != len(texts):
            return False
        key = (id(head), *map(id, cells))  # all of them are kept among the known
        if key not in self._known_rows:
            self._known_rows[key] = self._joined(head, cells)
        self.rows.append(Row(self._known_rows[key], said, plain))
        return True

    def _head(self, markup: bytes) -> Meaning | None:
        bare = SESSION.sub(b"", markup)
        if bare not in self._known_heads and len(self._known_heads) < MOST_KINDS:
            element = self._parsed(bare + ROW_END)
            self._known_heads[bare] = None if element is None else self._row_of(element)
        return self._known_heads.get(bare)

    def _cell(self, markup: bytes, texts: int) -> CellMeaning | None:
        bare = SESSION.sub(b"", markup).replace(b"<w:t/>", b"")
        if bare not in self._known_cells and len(self._known_cells) < MOST_KINDS:
            element = self._parsed(bare + CELL_END)
            self._known_cells[bare] = None if element is None else self._cell_of(element, texts)
        return self._known_cells.get(bare)

    def _parsed(self, markup: bytes) -> Element | None:
        """The one element that the mark-up is, under the names that the document declares."""
        if _may_quote(self._around + markup):
            return None
        try:
            root = etree.fromstring(self._around + markup + b"</w:body></w:document>", parser())
        except etree.XMLSyntaxError:
            return None
        return root[-1][0] if len(root[-1]) == 1 else None


def _may_quote(data: bytes) -> bool:
    """Whether there is something in which mark-up may be quoted (a comment, CDATA), or another
    meaning of the usual prefix."""
    return b"<!" in data or b"<?" in data[2:] or data.count(b"xmlns:w=") != 1 or WORD not in data
