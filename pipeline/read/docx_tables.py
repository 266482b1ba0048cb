"""Tables of a Word document: rows and cells as written, laid out into a grid.

Merged cells are one; rows whose spans do not add up are laid by their widths.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from pipeline.read import docx_rows
from pipeline.read.docx_names import (
    CELL_DELETED,
    DELETED,
    GRID_AFTER,
    GRID_BEFORE,
    GRID_SPAN,
    H_MERGE,
    HIDDEN,
    TBL_PR_EX,
    TC,
    TC_PR,
    TC_WIDTH,
    TR_PR,
    V_MERGE,
    VAL,
    WIDTH_BEFORE,
    is_on,
    value_of,
    w,
    whole_number,
    wrapped,
)
from pipeline.read.docx_styles import Look
from pipeline.read.docx_text import plain_text
from pipeline.read.ooxml import Element, child

#: Two edges of cells nearer than this (in twips, 1/20 pt) are one edge.
EDGE_TOLERANCE = 100


@dataclass(frozen=True, eq=False)
class Shape:
    """The mark-up of a cell without its texts (`begins`, `continues`: see RawCell): `paragraphs` has
    for each text its look; `kept`, whether the outer white space of each counts; `plain`: one paragraph without any look."""

    span: int
    width: int
    begins: bool
    continues: bool
    paragraphs: tuple[tuple[Look, ...], ...]
    kept: tuple[bool, ...]
    plain: bool

    @cached_property
    def single(self) -> bool:
        return self.plain and len(self.kept) == 1


#: A cell as written that is looked at in itself.
NO_SHAPE = Shape(1, 0, False, False, (), (), False)


@dataclass(slots=True, eq=False)
class RawCell:
    """A `w:tc` as written; of repeated mark-up its `shape`, and which of the row's texts is its
    first. It `begins` cells merged downwards or `continues` them. `start`, `end` (excluded) and
    `rows` are set when it is laid out."""

    element: Element | None
    span: int = 1
    width: int = 0
    begins: bool = False
    continues: bool = False
    blank: bool = False
    start: int = 0
    end: int = 0
    rows: int = 1
    shape: Shape = NO_SHAPE
    first_text: int = 0


@dataclass(slots=True, eq=False)
class RawRow:
    cells: list[RawCell]
    before: int = 0
    after: int = 0
    before_width: int = 0
    hidden: bool = False
    deleted: bool = False

    @property
    def total(self) -> int:
        return self.before + sum(cell.span for cell in self.cells) + self.after


def bare_row(element: Element) -> RawRow | None:
    """A row without its cells; None if there is more to it than properties."""
    plain = all(item.tag in (TR_PR, TBL_PR_EX) for item in element)
    return read_row(element) if plain else None


def row_like(bare: RawRow, shapes: Iterable[Shape]) -> RawRow:
    """A row with cells of these shapes."""
    row = replace(bare, cells=[])
    texts = 0
    for shape in shapes:
        cell = RawCell(None, shape.span, shape.width, shape.begins, shape.continues)
        cell.shape, cell.first_text = shape, texts
        row.cells.append(cell)
        texts += len(shape.kept)
    return row


def spaced(row: docx_rows.Row[RawRow]) -> list[str]:
    """The texts of a row, white space and private characters as they are to be read."""
    kept = (kept for cell in row.meaning.cells for kept in cell.shape.kept)
    return [plain_text(text, k, None) for text, k in zip(row.texts, kept, strict=True)]


def distinct(rows: list[RawRow]) -> list[RawRow]:
    return list(dict.fromkeys(rows))


def unshared(rows: list[RawRow]) -> list[RawRow]:
    """A table's own rows. Rows of one kind are one row, but for those whose cells are merged with the
    next row's; with another table, which may lie inside this one, none is shared."""
    own = {row: _copy(row) for row in distinct(rows)}
    merged = {row for row in own if any(cell.continues for cell in row.cells)}
    return [
        _copy(row) if row in merged or below in merged else own[row]
        for row, below in zip(rows, [*rows[1:], None], strict=True)
    ]


def _copy(row: RawRow) -> RawRow:
    return replace(row, cells=[replace(cell) for cell in row.cells])


def read_row(element: Element) -> RawRow:
    row = RawRow([])
    properties = child(element, TR_PR)
    for item in () if properties is None else properties:
        if item.tag == GRID_BEFORE:
            row.before = max(whole_number(value_of(item)), 0)
        elif item.tag == GRID_AFTER:
            row.after = max(whole_number(value_of(item)), 0)
        elif item.tag == WIDTH_BEFORE:
            row.before_width = max(whole_number(item.get(w("w"))), 0)
        elif item.tag == HIDDEN:
            row.hidden = is_on(item)
        elif item.tag == DELETED:
            row.deleted = True
    for cell, prompt in wrapped(element, TC):
        read_cell(cell, prompt, row.cells)
    return row


def read_cell(element: Element, prompt: bool, into: list[RawCell]) -> None:
    cell = RawCell(element, blank=prompt)
    properties = child(element, TC_PR)
    for item in () if properties is None else properties:
        tag = item.tag
        if tag == TC_WIDTH:
            if item.get(w("type"), "dxa") == "dxa":
                cell.width = max(whole_number(item.get(w("w"))), 0)
        elif tag == GRID_SPAN:
            cell.span = max(whole_number(value_of(item), 1), 1)
        elif tag == V_MERGE:
            cell.continues = item.get(VAL, "continue") == "continue"
            cell.begins = not cell.continues
        elif tag == H_MERGE and item.get(VAL, "continue") == "continue" and into:
            into[-1].span += cell.span
            into[-1].width += cell.width
            return
        elif tag == CELL_DELETED:
            return
    into.append(cell)


def lay_out(rows: list[RawRow], table: Element) -> int:
    """Give every cell its columns; returns how many there are."""
    regular = len({row.total for row in rows}) <= 1
    if regular or not all(cell.width for row in rows for cell in row.cells):
        _lay_by_spans(rows)
    else:
        _lay_by_widths(rows, _column_widths(table))
    return _compress(rows)


def _column_widths(table: Element) -> list[int]:
    grid = child(table, w("tblGrid"))
    return [] if grid is None else [whole_number(column.get(w("w"))) for column in grid]


def _lay_by_spans(rows: list[RawRow]) -> None:
    width = max((row.total for row in rows), default=0)
    for row in rows:
        at = row.before
        for cell in row.cells:
            cell.start, cell.end = at, at + cell.span
            at = cell.end
        if len(row.cells) == 1 and not row.before and not row.after:
            row.cells[0].end = max(width, at)  # a title over the whole table, its span forgotten


def _lay_by_widths(rows: list[RawRow], columns: list[int]) -> None:
    for row in rows:
        at = row.before_width or sum(columns[: row.before])
        for cell in row.cells:
            cell.start, cell.end = at, at + cell.width
            at = cell.end
    edges = _merged_edges({edge for row in rows for c in row.cells for edge in (c.start, c.end)})
    for row in rows:
        for cell in row.cells:
            cell.start, cell.end = edges[cell.start], edges[cell.end]


def _merged_edges(edges: set[int]) -> dict[int, int]:
    """Every edge to the first of its neighbourhood."""
    merged: dict[int, int] = {}
    first: int | None = None
    for edge in sorted(edges):
        if first is None or edge - first > EDGE_TOLERANCE:
            first = edge
        merged[edge] = first
    return merged


def _compress(rows: list[RawRow]) -> int:
    """Number the edges that some cell uses; a span of a million columns is then as wide as one."""
    edges = sorted({edge for row in rows for c in row.cells for edge in (c.start, c.end)})
    for row in rows:
        for cell in row.cells:
            cell.start = bisect_left(edges, cell.start)
            cell.end = max(bisect_left(edges, cell.end), cell.start + 1)
    return max((cell.end for row in rows for cell in row.cells), default=0)


def merge_down(rows: list[RawRow]) -> None:
    """Make cells merged downwards one: the first grows, those it covers leave their rows. One that
    goes on below a cell that is not merged begins, as Word and LibreOffice show it."""
    above: dict[int, RawCell] = {}
    settled: dict[RawRow, dict[int, RawCell]] = {}
    for row in rows:
        if row in settled:
            above = settled[row]
            continue
        current: dict[int, RawCell] = {}
        for cell in row.cells:
            upper = above.get(cell.start) if cell.continues else None
            if upper is not None and (upper.begins or upper.continues):
                upper.rows += 1
                current[cell.start] = upper
            else:
                current[cell.start] = cell
        if not any(cell.continues for cell in row.cells):
            settled[row] = current
        row.cells = [cell for cell in row.cells if current[cell.start] is cell]
        above = current
