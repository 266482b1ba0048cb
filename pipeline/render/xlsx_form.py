"""A template laid out as a sheet: columns, lines of slots, what each slot holds and how it looks.

The columns are the tables' own. A line outside the tables (`填报单位：… 填报日期：…`) is divided into
cells, a label and its hole each: where no table repeats rows, columns are added for it; else the
table's columns are used where they fit (a column of a list must not be split in two), and label
and value share a cell where they do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil

from pipeline.annex import Annex, FieldSpec
from pipeline.render import xlsx_rules
from pipeline.render.layout import (
    Align,
    Edges,
    LaidCell,
    LaidParagraph,
    LaidRun,
    LaidTable,
    Layout,
)
from pipeline.render.xlsx_rules import Rule
from pipeline.render.xlsx_styles import NO_BORDERS, Horizontal, Look, Looks, StyleTable
from pipeline.tags import LoopStart, Segment, Tag

#: Points that a spreadsheet keeps free beside the text of a cell, both sides together.
PADDING = 6.0
#: A label may stand in a cell this many times as wide as it needs, no more: it would look lost.
_LOOSE = 2.2
#: What a hole beside a label needs at least, in characters: a date; a name.
_DATE_ROOM, _NAME_ROOM = 8.5, 9.0
#: The height of a line in font sizes: what the widest of the usual Chinese typefaces takes.
LEADING = 1.45
#: What an indented cell keeps free at its left, in points.
_INDENT = 9.0
#: Kinds that are numbers in a cell of their own.
NUMBERS = frozenset({"count", "amount", "number", "percent", "year"})


@dataclass(frozen=True, slots=True)
class TextLine:
    """One paragraph within a cell. `pushed`: it stands at the right of a cell that does not, this
    many points (its right indent) from the edge."""

    segments: tuple[Segment, ...]
    pushed: float | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell of the sheet: `column` counts from 0; `rowspan` in lines of the form. `width` is
    the room for text and `size` a character's in points, `leading` the height of the first line of
    text and `pitch` of each further one, `extra` what the cell needs beside. `last`: its looks in the last row of a loop.
    `grows`: the spreadsheet itself can fit the row to what is typed."""

    column: int
    colspan: int
    rowspan: int
    lines: tuple[TextLine, ...]
    looks: Looks
    last: Looks
    width: float
    size: float
    leading: float
    pitch: float
    extra: float
    rule: Rule | None = None
    title: str = ""
    grows: bool = False

    @property
    def tag(self) -> Tag | None:
        """The tag of a slot that holds one and nothing else."""
        if len(self.lines) == 1 and len(self.lines[0].segments) == 1:
            only = self.lines[0].segments[0]
            return only if isinstance(only, Tag) else None
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the form, or with `loop` the row that is repeated. `header`: printed again at
    the head of each page."""

    slots: tuple[Slot, ...]
    height: float
    loop: LoopStart | None = None
    header: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """A template as a sheet; `columns`: widths in points."""

    layout: Layout
    columns: tuple[float, ...]
    lines: tuple[Line, ...]


def form(annex: Annex, layout: Layout, styles: StyleTable) -> Form:
    """Lays a template out; its looks are added to `styles`."""
    edges = _edges(layout)
    maker = _Maker(annex, styles, edges, loops=any(table.loop for table in layout.tables))
    lines: list[Line] = []
    for block in layout.blocks:
        if isinstance(block, LaidTable):
            lines.extend(maker.table(block))
        elif block.runs or block.line.value > 2:  # a hairline paragraph only ends the page
            lines.append(maker.paragraph(block))
    return Form(layout, tuple(b - a for a, b in pairwise(edges)), tuple(lines))


# ---------------------------------------------------------------- lines outside the tables


@dataclass(frozen=True, slots=True)
class _Part:
    """A label and what follows it, up to the next tab; `start`: where it stands in the template,
    in points; `split`: where its hole begins."""

    start: float
    split: float
    label: tuple[Segment, ...]
    rest: tuple[Segment, ...]
    size: float

    @property
    def room(self) -> float:
        """What the hole needs at least."""
        tag = self.rest[0] if self.rest else ""
        is_date = isinstance(tag, Tag) and tag.filter == "date"
        return (_DATE_ROOM if is_date else _NAME_ROOM) * self.size


def _parts(paragraph: LaidParagraph) -> list[_Part]:
    """`申请单位：{{ a }}⇥填报日期：{{ b }}` as two parts. A line without holes is one label."""
    groups: list[list[Segment]] = [[]]
    for run in paragraph.runs:
        if isinstance(run.segment, str):
            first, *others = run.segment.split("\t")
            groups[-1] += [first] if first else []
            groups += [[text] if text else [] for text in others]
        else:
            groups[-1].append(run.segment)
    size = paragraph.runs[0].font.size if paragraph.runs else paragraph.font.size
    stops = [tab.position for tab in paragraph.tabs]
    parts: list[_Part] = []
    for number, group in enumerate(group for group in groups if group):
        cut = next((i for i, part in enumerate(group) if isinstance(part, Tag)), len(group))
        label = tuple(group[:cut])
        start = 0.0 if not number else stops[number - 1] if number <= len(stops) else 0.0
        need = start + width("".join(map(str, label)), size) + PADDING
        split = paragraph.left if paragraph.first_line < 0 and paragraph.left >= need else need
        parts.append(_Part(start, split, label, tuple(group[cut:]), size))
    return parts


def _fitted(parts: Sequence[_Part], end: float) -> list[_Part]:
    """The parts with room for each: one that would not fit before `end` begins further left."""
    fitted: list[_Part] = []
    for part in reversed(parts):
        over = part.split + part.room + PADDING - end
        if part.start and over > 0:
            part = replace(part, start=part.start - over, split=part.split - over)
        fitted.append(part)
        end = part.start
    return fitted[::-1]


def _is_divided(paragraph: LaidParagraph) -> bool:
    return bool(paragraph.tags) and any(part.label for part in _parts(paragraph))


def _edges(layout: Layout) -> tuple[float, ...]:
    """Where the columns begin and end, in points from the left."""
    edges = {0.0}
    for table in layout.tables:
        edges.update(_table_edges(table))
    if not layout.tables:
        edges.add(layout.page.text_width)
    ordered = sorted(edges)
    if any(table.loop for table in layout.tables):
        return tuple(ordered)
    for block in layout.blocks:
        if isinstance(block, LaidParagraph) and _is_divided(block):
            for part in _fitted(_parts(block), ordered[-1]):
                ordered = _with_edge(ordered, part.start, 6.0, 0.1)
                if part.label and part.rest:
                    ordered = _with_edge(ordered, part.split, 0.1, 10.0)
    return tuple(ordered)


def _table_edges(table: LaidTable) -> list[float]:
    edges = [0.0]
    for column in table.columns:
        edges.append(round(edges[-1] + column, 2))
    return edges


def _with_edge(edges: list[float], at: float, before: float, after: float) -> list[float]:
    """With an edge at a place, unless one stands there already: at most so much before or after."""
    if any(at - before <= edge <= at + after for edge in edges) or at >= edges[-1]:
        return edges
    return sorted([*edges, at])


# ---------------------------------------------------------------- slots

#: First and last edge, content and alignment of a cell.
_Piece = tuple[int, int, tuple[Segment, ...], Align]


class _Maker:
    """Makes the lines of one form."""

    def __init__(
        self, annex: Annex, styles: StyleTable, edges: Sequence[float], *, loops: bool
    ) -> None:
        self._annex = annex
        self._styles = styles
        self._edges = edges
        self._loops = loops

    # -- paragraphs

    def paragraph(self, paragraph: LaidParagraph) -> Line:
        if not _is_divided(paragraph):
            cells = [(0, len(self._edges) - 1, _indented(paragraph), paragraph.align)]
        else:
            cells = list(self._divide(paragraph, _fitted(_parts(paragraph), self._edges[-1])))
        slots = []
        for first, last, segments, align in cells:
            cell = LaidCell(
                0, first, 1, last - first,
                (replace(paragraph, runs=_runs(paragraph, segments), align=align, tabs=()),),
                NO_BORDERS, Edges(),
            )  # fmt: skip
            slots.append(self._slot(cell, None, "center", first, last))
        height = paragraph.before + paragraph.after + _leading(paragraph)
        return Line(tuple(slots), height)

    def _divide(self, paragraph: LaidParagraph, parts: Sequence[_Part]) -> Iterator[_Piece]:
        """The cells of a divided line, found from the last to the first."""
        end = len(self._edges) - 1
        cells: list[_Piece] = []
        for part in reversed(parts):
            start, split = self._place(part, end)
            hanging = paragraph.left > 0 and paragraph.first_line < 0
            if split is None:
                cells.append((start, end, (*part.label, *part.rest), "left"))
            else:
                cells.append((split, end, part.rest, "left"))
                cells.append((start, split, part.label, "right" if hanging else "left"))
            end = start
        return reversed(cells)

    def _place(self, part: _Part, end: int) -> tuple[int, int | None]:
        """The edges at which a part and its hole begin: as near as can be to where the template
        has them, a little more to the left where that makes room for both."""
        nearest = self._nearest(part.start) if part.start else 0
        if not part.label or not part.rest:
            return nearest, None
        for start in range(nearest, -1, -1):
            if self._edges[start] < part.start / 2:
                break
            split = self._split(part, start, end)
            if split is not None:
                return start, split
        return nearest, None

    def _split(self, part: _Part, start: int, end: int) -> int | None:
        need = part.split - part.start
        split = bisect_left(self._edges, self._edges[start] + need - 0.5)
        if split >= end:
            return None
        loose = self._loops and self._edges[split] - self._edges[start] > _LOOSE * need
        tight = self._edges[end] - self._edges[split] < part.room + PADDING
        return None if loose or tight else split

    def _nearest(self, at: float) -> int:
        return min(range(len(self._edges)), key=lambda i: abs(self._edges[i] - at))

    # -- tables

    def table(self, table: LaidTable) -> Iterator[Line]:
        at = [self._nearest(edge) for edge in _table_edges(table)]
        for number, row in enumerate(table.rows):
            loop = table.loop if table.loop and table.loop.row == number else None
            slots = tuple(
                self._slot(
                    cell, table, cell.valign, at[cell.column], at[cell.column + cell.colspan]
                )
                for cell in row.cells
            )
            yield Line(slots, row.height, loop.start if loop else None, row.header)

    def _slot(
        self, cell: LaidCell, table: LaidTable | None, vertical: str, first: int, last: int
    ) -> Slot:
        paragraphs = _without_empty_end(cell.paragraphs)
        loop = table.loop if table and table.loop and table.loop.row == cell.row else None
        specs = [self._spec(tag, loop.start if loop else None) for tag in cell.tags]
        single = len(specs) == 1 and not "".join(p.literal for p in paragraphs).strip()
        kind = specs[0].kind if single and specs[0] else ""
        room = self._edges[last] - self._edges[first] - PADDING
        look = _look(cell, paragraphs, vertical, prose=kind == "text" and loop is None)
        if table is not None and not loop and look.horizontal == "left":
            look = replace(look, indent=1)
        leading = max(_leading(paragraph) for paragraph in paragraphs)
        inner = replace(look, borders=replace(look.borders, bottom=loop.between)) if loop else look
        return Slot(
            first, last - first, cell.rowspan,
            tuple(_lines(paragraphs, look.horizontal, single=single)),
            self._looks(inner, kind), self._looks(look, kind),
            room - _INDENT * look.indent, look.font.size, leading,
            # A sheet has no line spacing of its own: what wraps stands as close as its font.
            look.font.size * LEADING if single or table is None else leading,
            _extra(cell, paragraphs),
            self._rule(cell.tags, specs, single=single),
            specs[0].title if specs and specs[0] else "",
            grows=kind == "text" and len(self._edges) == 2,
        )  # fmt: skip

    def _looks(self, look: Look, kind: str) -> Looks:
        if look.locked:
            return self._styles.label(look)
        return self._styles.hole(look, number=kind in NUMBERS, general=kind == "date")

    def _spec(self, tag: Tag, loop: LoopStart | None) -> FieldSpec | None:
        keys = tag.keys
        if loop is not None and keys[0] == loop.variable:
            keys = (loop.name, "-", *keys[1:])
        return self._annex.field("/" + "/".join(keys))

    def _rule(
        self, tags: Sequence[Tag], specs: Sequence[FieldSpec | None], *, single: bool
    ) -> Rule | None:
        if not tags or specs[0] is None:
            return None
        if single:
            return xlsx_rules.rule(specs[0], tags[0])
        if specs[0].kind == "choice" and all(
            t.filter == "box" and t.path == tags[0].path for t in tags
        ):
            return xlsx_rules.boxes(specs[0], [tag.arguments[0] for tag in tags])
        titles = dict.fromkeys(spec.title for spec in specs if spec is not None)
        return xlsx_rules.mixed("、".join(titles))


def _indented(paragraph: LaidParagraph) -> tuple[Segment, ...]:
    """Printed text keeps the indent of its first line as two wide blanks; a value does not,
    so that it comes back as it was."""
    segments = tuple(run.segment for run in paragraph.runs)
    if not paragraph.tags and paragraph.first_line > 0 and segments:
        blanks = round(paragraph.first_line / paragraph.runs[0].font.size)
        return ("\u3000" * blanks, *segments)
    return segments


def _extra(cell: LaidCell, paragraphs: Sequence[LaidParagraph]) -> float:
    """What a cell needs beside its lines."""
    return cell.margins.top + cell.margins.bottom + paragraphs[0].before + paragraphs[-1].after


def _runs(paragraph: LaidParagraph, segments: Sequence[Segment]) -> tuple[LaidRun, ...]:
    return tuple(replace(paragraph.runs[0], segment=segment) for segment in segments)


def _look(
    cell: LaidCell, paragraphs: Sequence[LaidParagraph], vertical: str, *, prose: bool
) -> Look:
    """How a cell looks; one look for all of it, that of its first text. A long text, or one whose
    paragraphs stand apart, begins at the top of its room."""
    font = paragraphs[0].runs[0].font if paragraphs[0].runs else paragraphs[0].font
    if prose or (cell.tags and any(p.before for p in paragraphs[1:])):
        vertical = "top"
    return Look(
        font, cell.borders, _horizontal(paragraphs[0].align), vertical, locked=not cell.tags
    )


def _without_empty_end(paragraphs: tuple[LaidParagraph, ...]) -> tuple[LaidParagraph, ...]:
    while len(paragraphs) > 1 and not paragraphs[-1].runs:
        paragraphs = paragraphs[:-1]
    return paragraphs


def _lines(
    paragraphs: Sequence[LaidParagraph], base: Horizontal, *, single: bool
) -> Iterator[TextLine]:
    """A cell's paragraphs. A cell of a sheet has one alignment, and no room between paragraphs:
    what stands at the right is pushed there with blanks, and room is made with empty lines."""
    if single:
        tag = next(tag for paragraph in paragraphs for tag in paragraph.tags)
        yield TextLine((tag,))
        return
    for number, paragraph in enumerate(paragraphs):
        if number:
            for _ in range(round(paragraph.before / _leading(paragraph))):
                yield TextLine(())
        pushed = base == "left" and _horizontal(paragraph.align) == "right"
        segments = tuple(run.segment for run in paragraph.runs)
        yield TextLine(segments, paragraph.right if pushed else None)


def _horizontal(align: str) -> Horizontal:
    return "center" if align == "center" else "right" if align == "right" else "left"


def _leading(paragraph: LaidParagraph) -> float:
    """The height of a line: what the template says, and what a spreadsheet needs for the font."""
    size = max([run.font.size for run in paragraph.runs] or [paragraph.font.size])
    spacing = paragraph.line
    said = spacing.value * size * LEADING if spacing.rule == "auto" else spacing.value
    return max(said, size * LEADING)


# ---------------------------------------------------------------- measuring

NARROW = 0.6  # of the font size: Latin letters and digits, rather too wide than too narrow
#: What a line is not broken within: Latin words and numbers, with the comma after them.
_UNBROKEN = re.compile(r"[!-,.0-~、，；]+[-/ ]?|.", re.DOTALL)
_LATIN_WORD = re.compile(r"[!-~]{6}")


def width(text: str, size: float) -> float:
    """The width of a line of text in points, about: Chinese characters are as wide as high."""
    if text.isascii():
        return len(text) * NARROW * size
    # GB 18030 has one byte for ASCII and two for most Chinese characters: faster than counting.
    narrow = max(2 * len(text) - len(text.encode("gb18030", "replace")), 0)
    return (len(text) - narrow * (1 - NARROW)) * size


def lines_of(text: str, size: float, room: float) -> int:
    """How many lines a text takes when it is wrapped in a room of that width, about."""
    if "\n" in text:
        return sum(_wrapped(line, size, room) for line in text.split("\n"))
    return _wrapped(text, size, room)


def _wrapped(line: str, size: float, room: float) -> int:
    wide = width(line, size)
    if wide <= room:
        return 1
    if _LATIN_WORD.search(line):
        return _wrapped_words(line, size, room)
    whole = max(room // size, 1) * size
    lines = ceil(wide / whole)
    # Punctuation does not begin a line, so that some lines hold a character less.
    return ceil((wide + 0.3 * size * (lines - 1)) / whole)


def _wrapped_words(line: str, size: float, room: float) -> int:
    lines, used = 1, 0.0
    for word in _UNBROKEN.findall(line):
        wide = width(word, size)
        if used and used + wide > room:
            lines, used = lines + 1, 0.0
        lines += int(max(wide - 0.01, 0) // room)  # a word longer than a line is cut
        used = (used + wide) % room if wide > room else used + wide
    return lines
