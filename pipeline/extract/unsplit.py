"""A list that came unsplit: each line in one cell or one paragraph, its values parted by tabs,
commas or blanks, as text is pasted into a sheet."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.document import Block, Cell, Doubt, Grid, Paragraph, Place
from pipeline.extract import asides, match
from pipeline.extract.heads import find_head
from pipeline.extract.plan import Table

#: What may part the values, the surest first. Blanks beside one another part as many empty values.
_SEPARATORS = tuple(
    re.compile(one)
    for one in (r"\t", r"[|｜]", "[，,]", "[；;]", "、", r"[ \u3000]{2,}", "[ \u3000]")
)

_UNEVEN = Doubt(
    "unsplit-row",
    "一行的内容都在一格里，拆开后与表头的栏数不符，各栏可能错位，请分栏填写。",
    row=True,
)

#: The line with which the next annex begins: 附件4.
_ANNEX = re.compile(r"附件?\s*[0-9一二三四五六七八九]+")

#: Lines that are looked at to tell a head.
_HEAD_LINES = 5


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    place: Place


def split(blocks: Sequence[Block], tables: Iterable[Table], least: float) -> tuple[Block, ...]:
    """The blocks with each such list as a table; `least`: the share (0–1) of a table's columns that
    the line with the heads has to name."""
    asked = tuple(tables)
    found: list[Block] = []
    run: list[_Line] = []
    for block in itertools.chain.from_iterable(map(_parts, blocks)):
        lines = _lines(block)
        if lines is None:
            found.extend(_told(run, asked, least))
            found.append(block)
            run = []
        else:
            run.extend(lines)
    return (*found, *_told(run, asked, least))


def _parts(block: Block) -> Iterator[Block]:
    """A sheet cut where the longest run of its rows with no more than one filled cell begins and
    ends: the head lines above may have more."""
    if isinstance(block, Paragraph):
        yield block
        return
    filled = Counter(cell.row for cell in block.cells if cell.text.strip())
    first = last = start = 0
    for row in range(block.rows):
        if filled[row] > 1:
            start = row + 1
        elif row + 1 - start > last - first:
            first, last = start, row + 1
    edges = sorted({0, first, last, block.rows})
    yield from (block.part(*edge) for edge in itertools.pairwise(edges))


def _lines(block: Block) -> list[_Line] | None:
    """The lines of a paragraph, or of rows with no more than one filled cell."""
    if isinstance(block, Paragraph):
        return [_Line(text, block.place) for text in block.text.split("\n")]
    said = [cell for cell in block.cells if cell.text.strip()]
    if len({cell.row for cell in said}) < len(said):
        return None
    return [_Line(text, cell.place) for cell in said for text in cell.text.split("\n")]


def _told(lines: Sequence[_Line], tables: Sequence[Table], least: float) -> Iterator[Block]:
    """Paragraphs up to the heads of a table, and the table from there on, as far as another annex
    begins."""
    for at, line in enumerate(lines):
        for separator in _SEPARATORS:
            heads = separator.split(line.text.strip())
            if len(heads) < 3:
                continue
            beginning = _grid(heads, lines[at : at + _HEAD_LINES], separator)
            if any(_is_head(beginning, table, least) for table in tables):
                end = at + 1
                while end < len(lines) and not _ANNEX.fullmatch(lines[end].text.strip()):
                    end += 1
                yield from (Paragraph.of(line.text, line.place) for line in lines[:at])
                above = frozenset(match.fold(line.text) for line in lines[:at])
                yield _grid(heads, lines[at:end], separator, above)
                yield from _told(lines[end:], tables, least)
                return
    yield from (Paragraph.of(line.text, line.place) for line in lines)


def _is_head(grid: Grid, table: Table, least: float) -> bool:
    head = find_head(table, grid)
    return (
        head is not None and head.first_row == 0 and len(head.columns) >= least * len(table.columns)
    )


def _grid(
    heads: Sequence[str],
    lines: Sequence[_Line],
    separator: re.Pattern[str],
    above: frozenset[str] = frozenset(),
) -> Grid:
    """A row for each line. One that has not as many values as there are heads is doubted, unless it
    is no entry: a note, a total, a title that stood `above` (folded) already."""
    cells: list[Cell] = []
    said = [line for line in lines if line.text.strip()]
    parted = [_values(line.text.strip("\n\r"), len(heads), separator) for line in said]
    last = max((row for row, texts in enumerate(parted) if len(texts) == len(heads)), default=0)
    noted = False
    for row, (line, texts) in enumerate(zip(said, parted, strict=True)):
        text, place = line.text.strip(), line.place
        if len(texts) != len(heads):
            noted = asides.is_remark(text) or (noted and len(texts) == 1)
            if noted or asides.stands_beside(text, row > last) or match.fold(text) in above:
                texts = [text]
            else:
                place = place.doubting(_UNEVEN)
                texts = [*texts, *[""] * (len(heads) - len(texts))]
                texts[len(heads) - 1 :] = [" ".join(texts[len(heads) - 1 :])]
        for column, text in enumerate(texts):
            cells.append(Cell(row, column, 1, 1, text.strip(), place))
    return Grid(
        max((cell.row + 1 for cell in cells), default=0), len(heads), tuple(cells), lines[0].place
    )


def _values(line: str, wanted: int, separator: re.Pattern[str]) -> list[str]:
    """The values of a line: parted as the heads are; where nothing parts them so, since lines come
    from many hands, by what gives as many as are wanted."""
    if separator.search(line):
        return separator.split(line)
    ways = [one.split(line) for one in _SEPARATORS]
    whole = next((texts for texts in ways if len(texts) == wanted), None)
    return whole or next((texts for texts in ways if len(texts) > 2), [line])
