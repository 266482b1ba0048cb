"""Ruled tables on an official page: head repeated on every page, rows never broken.

Rows are made one at a time as they are asked for, so a list of any length is linear in time and
flat in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.announce.fonts import FontSet
from pipeline.announce.lines import Line, Span, Type, set_line, set_paragraph, type_of
from pipeline.announce.page import ASCENT, MM, SIZE_SMALL_4, WIDTH, Row
from pipeline.announce.pen import Pen

Align = Literal["left", "center"]

#: Rules of a table, and the room between a rule and the text (points).
RULE = 0.5
PADDING_X, PADDING_Y = 1.0 * MM, 1.6 * MM


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its width (mm; 0 takes what is left) and how its cells stand."""

    title: str
    width: float
    align: Align = "center"


@dataclass(frozen=True, slots=True)
class Look:
    """The types of a table, and its line pitch (points)."""

    head: Type
    body: Type
    pitch: float

    @classmethod
    def of(cls, fonts: FontSet, size: float = SIZE_SMALL_4) -> Look:
        return cls(type_of(fonts, "黑体", size), type_of(fonts, "仿宋", size), size * 1.3)


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of a cell and its box, from the table's left edge."""

    lines: tuple[Line, ...]
    x: float
    width: float
    align: Align


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], look: Look) -> Iterator[Row]:
    """The rows of a table over the 版心's width."""
    edges = column_edges(columns)
    head = _row(
        [Column(c.title, c.width) for c in columns], [c.title for c in columns], edges, look.head,
        look.pitch, head=(),
    )  # fmt: skip
    yield Row(head.height, head.body, head.paint, keep=True)
    for row in rows:
        yield _row(columns, row, edges, look.body, look.pitch, head=(head,))


def column_edges(columns: Sequence[Column]) -> list[float]:
    """Left edges of the columns and the right edge of the last, in points."""
    fixed = sum(column.width for column in columns) * MM
    open_ = sum(1 for column in columns if not column.width)
    edges = [0.0]
    for column in columns:
        width = column.width * MM if column.width else (WIDTH - fixed) / open_
        edges.append(edges[-1] + width)
    return edges


def _row(
    columns: Sequence[Column],
    texts: Sequence[str],
    edges: Sequence[float],
    type_: Type,
    pitch: float,
    head: tuple[Row, ...],
) -> Row:
    cells = [
        Cell(cell_lines(text, type_, x1 - x0 - 2 * PADDING_X), x0, x1 - x0, column.align)
        for column, text, x0, x1 in zip(columns, texts, edges, edges[1:], strict=False)
    ]
    height = max(len(cell.lines) for cell in cells) * pitch + 2 * PADDING_Y

    def paint(pen: Pen, left: float, top: float) -> None:
        _paint_rules(pen, left, top, height, edges, is_head=not head)
        for cell in cells:
            _paint_cell(pen, cell, left, top, height, type_.size, pitch)

    return Row(height, height, paint, head=head)


def cell_lines(text: str, type_: Type, width: float) -> tuple[Line, ...]:
    """The lines of a cell: one at its natural width where it fits, else as a paragraph; a line
    break in the text is kept."""
    if not text:
        return ()
    parts = text.split("\n")
    if len(parts) > 1:
        return tuple(line for part in parts for line in cell_lines(part, type_, width))
    spans = [Span(text, type_)]
    if len(text) * type_.size <= width + type_.size:
        line = set_line(spans)
        if line.width <= width:
            return (line,)
    return tuple(set_paragraph(spans, width, full=False))


def _paint_rules(
    pen: Pen, left: float, top: float, height: float, edges: Sequence[float], *, is_head: bool
) -> None:
    right, bottom = left + edges[-1], top - height
    rules = [(left + x, top, left + x, bottom) for x in edges]
    rules.append((left, bottom, right, bottom))
    if is_head:
        rules.append((left, top, right, top))
    pen.rules(rules, RULE)


def _paint_cell(
    pen: Pen, cell: Cell, left: float, top: float, height: float, size: float, pitch: float
) -> None:
    first = top - (height - len(cell.lines) * pitch) / 2 - (pitch - size) / 2 - ASCENT * size
    for number, line in enumerate(cell.lines):
        inset = PADDING_X if cell.align == "left" else (cell.width - line.natural) / 2
        pen.text(line, left + cell.x + inset, first - number * pitch)
