"""Ruled tables on an official page: head repeated on every page, rows never broken.

Rows are made one at a time as they are asked for, so a list of any length is linear in time and
flat in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Literal

from pipeline.announce.fonts import FontSet
from pipeline.announce.lines import Line, Span, Type, set_line, set_paragraph, text_width, type_of
from pipeline.announce.page import ASCENT, HEIGHT, MM, SIZE_SMALL_4, WIDTH, Row
from pipeline.announce.pen import Pen
from pipeline.announce.titles import name_ends

Align = Literal["left", "center"]

#: A longer text is no name of an institution, nor is one of sentences.
LONGEST_NAME, NO_NAME = 60, re.compile(r"[，。；：\s]")
#: A code, and how small it may be set, as a share of its size.
CODE, LEAST = re.compile(r"[0-9A-Z-]{6,}"), 0.8
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
    """The types of a table, its line pitch (points), and the words that a name in it keeps whole."""

    head: Type
    body: Type
    pitch: float
    terms: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, fonts: FontSet, size: float = SIZE_SMALL_4, terms: frozenset[str] = frozenset()
    ) -> Look:
        return cls(type_of(fonts, "黑体", size), type_of(fonts, "仿宋", size), size * 1.3, terms)


@dataclass(frozen=True, slots=True)
class Cell:
    """The lines of a cell and its box, from the table's left edge."""

    lines: tuple[Line, ...]
    x: float
    width: float
    align: Align


@dataclass(frozen=True, slots=True)
class Sheet:
    """What all rows of one table share: its columns, their edges, its look, and the most lines a
    row may have before it is parted after all."""

    columns: Sequence[Column]
    edges: Sequence[float]
    look: Look
    most: int


def table(
    columns: Sequence[Column],
    rows: Iterable[Sequence[str]],
    look: Look,
    width: float = WIDTH,
    height: float = HEIGHT,
) -> Iterator[Row]:
    """The rows of a table over the frame's `width`. No row is broken over pages, but for one that
    is taller than a page of `height`."""
    edges = column_edges(columns, width)
    titles = [Column(c.title, c.width) for c in columns]
    heads = _cells(titles, [c.title for c in columns], edges, look.head, look.terms)
    head = _row(heads, edges, look)
    yield replace(head, keep=True)
    room = height - head.height - 2 * PADDING_Y
    sheet = Sheet(columns, edges, look, max(1, int(room // look.pitch)))
    for row in rows:
        yield from _body_rows(sheet, row, head)


def _body_rows(sheet: Sheet, texts: Sequence[str], head: Row) -> Iterator[Row]:
    look = sheet.look
    cells = _cells(sheet.columns, texts, sheet.edges, look.body, look.terms)
    lines = max(len(cell.lines) for cell in cells)
    for start in range(0, max(lines, 1), sheet.most):
        part = cells if lines <= sheet.most else _part(cells, start, sheet.most)
        yield _row(part, sheet.edges, sheet.look, head=(head,))


def _part(cells: Sequence[Cell], start: int, most: int) -> list[Cell]:
    return [replace(cell, lines=cell.lines[start : start + most]) for cell in cells]


def column_edges(columns: Sequence[Column], whole: float = WIDTH) -> list[float]:
    """Left edges of the columns and the right edge of the last, in points."""
    fixed = sum(column.width for column in columns) * MM
    open_ = sum(1 for column in columns if not column.width)
    edges = [0.0]
    for column in columns:
        width = column.width * MM if column.width else (whole - fixed) / open_
        edges.append(edges[-1] + width)
    return edges


def _cells(
    columns: Sequence[Column],
    texts: Sequence[str],
    edges: Sequence[float],
    type_: Type,
    terms: frozenset[str],
) -> list[Cell]:
    return [
        Cell(cell_lines(text, type_, x1 - x0 - 2 * PADDING_X, terms), x0, x1 - x0, column.align)
        for column, text, x0, x1 in zip(columns, texts, edges, edges[1:], strict=False)
    ]


def _row(
    cells: Sequence[Cell], edges: Sequence[float], look: Look, head: tuple[Row, ...] = ()
) -> Row:
    pitch, size = look.pitch, look.body.size
    height = max(len(cell.lines) for cell in cells) * pitch + 2 * PADDING_Y

    def paint(pen: Pen, left: float, top: float) -> None:
        _paint_rules(pen, left, top, height, edges, is_head=not head)
        for cell in cells:
            _paint_cell(pen, cell, left, top, height, size, pitch)

    return Row(height, height, paint, head=head)


@lru_cache(maxsize=4096)
def cell_lines(
    text: str, type_: Type, width: float, terms: frozenset[str] = frozenset()
) -> tuple[Line, ...]:
    """The lines of a cell: one at its natural width where it fits, else as a paragraph; a line
    break in the text is kept. Cities and services come again and again: their lines are set once."""
    if not text:
        return ()
    parts = text.split("\n")
    if len(parts) > 1:
        return tuple(line for part in parts for line in cell_lines(part, type_, width, terms))
    spans = [Span(text, type_)]
    if len(text) * type_.size <= width + type_.size:
        line = set_line(spans)
        if line.width <= width:
            return (line,)
    if CODE.fullmatch(text) and (whole := _code_line(text, type_, width)):
        return (whole,)
    lines = set_paragraph(spans, width, full=False)
    if len(text) > LONGEST_NAME or NO_NAME.search(text):
        return tuple(lines)
    return _by_sense(text, lines, type_, width, terms)


def _code_line(code: str, type_: Type, width: float) -> Line | None:
    """A code is set a little smaller rather than parted; None where it would be too small."""
    natural = text_width(code, type_)
    share = min(1.0, width / natural)
    if share < LEAST:
        return None
    size = type_.size if share == 1.0 else int(type_.size * share * 10) / 10
    return set_line([Span(code, type_of(type_.fonts, type_.role, size))])


def _by_sense(
    text: str, lines: Sequence[Line], type_: Type, width: float, terms: frozenset[str]
) -> tuple[Line, ...]:
    """The lines of a name, whose words stay whole where that takes no line more."""
    ends = list(accumulate(len(line.glyphs) for line in lines))
    moved = name_ends(text, ends, terms, int(width // type_.size))
    if moved == ends:
        return tuple(lines)
    whole = tuple(set_line([Span(text[start:end], type_)]) for start, end in pairwise([0, *moved]))
    # A line of brackets is wider at its natural width than it was as a line of a paragraph.
    return whole if max(line.width for line in whole) <= width else tuple(lines)


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
