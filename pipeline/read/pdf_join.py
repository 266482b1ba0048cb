"""Rows that a page break cuts in two are made whole again, on the page where they begin.

Only the page shows that a row goes on: both parts have the same columns, nothing stands between
them, and the rule between them is not drawn, or the running number of the row stands on one side
only, or text is cut in mid-sentence. Where a row may be cut but nothing proves it, both parts stay
as they are and are less sure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz.fuzz import ratio

from pipeline.document import Box
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import TANGLED
from pipeline.read.pdf_rules import Slot, Table
from pipeline.read.pdf_text import cell_margins, starts_paragraph

#: A table with the lines of each of its cells.
Filled = tuple[Table, list[list[Line]]]


def join_cut_row(upper: Filled, lower: Filled) -> Filled | None:
    """Moves the rest of a row cut by the page break from `lower` into `upper`, in place.

    Returns what stays of `lower` (a table of no rows if that was all), or None if no row is cut.
    """
    heads = repeated_heads(upper, lower)
    ends = _last_row(upper)
    starts = _cells_from(lower, heads)
    alike = same_columns(upper, ends, lower, starts)
    under = _moved(lower, starts, upper[0].box.x0 - lower[0].box.x0)
    cut = alike and _is_cut_row(upper, ends, under, starts, heads)
    if cut is None:
        _doubt(upper, ends)
        _doubt(lower, starts)
    if not cut:
        if not alike and _breaks_off(upper, ends, lower, starts):
            _doubt(upper, ends)
            _doubt(lower, starts)
        if upper[0].open_bottom:  # its rest may stand where nothing tells it from other text
            _doubt(upper, ends)
        return None
    for end, start in zip(ends, starts, strict=True):
        upper[1][end].extend(under[1][start])
    rest = without_row(lower, heads)
    return (replace(rest[0], rows=0, cells=()), []) if rest[0].rows == heads else rest


def is_printed_below(upper: Filled, lower: Filled) -> bool:
    """Whether two tables of one page are parts of one list, printed two pages on a sheet: the head
    is repeated, or the running numbers say that a row is cut."""
    heads = repeated_heads(upper, lower)
    if heads:
        return True
    ends, starts = _last_row(upper), _cells_from(lower, 0)
    return same_columns(upper, ends, lower, starts) and _by_numbers(upper, lower, 0) is True


def _moved(table: Filled, cells: Sequence[int], by: float) -> Filled:
    """The table with the lines of some cells moved so far to the right."""
    if abs(by) < 1.0:
        return table
    lines = list(table[1])
    for i in cells:
        lines[i] = [_moved_line(line, by) for line in lines[i]]
    return table[0], lines


def _moved_line(line: Line, by: float) -> Line:
    box = Box(line.box.x0 + by, line.box.top, line.box.x1 + by, line.box.bottom)
    row = [glyph._replace(x0=glyph.x0 + by, x1=glyph.x1 + by) for glyph in line.row]
    return line._replace(box=box, pieces=row)


def _is_cut_row(
    upper: Filled, ends: Sequence[int], lower: Filled, starts: Sequence[int], heads: int
) -> bool | None:
    """Whether the lower row is the rest of the upper one; None where nothing tells."""
    before, after = [upper[1][i] for i in ends], [lower[1][j] for j in starts]
    if not any(before) or not any(after):
        return False
    counted = _by_numbers(upper, lower, heads)
    if counted is not None:
        return counted
    if upper[0].open_bottom and (lower[0].open_top or heads):
        return True
    if goes_on(upper, ends, lower, starts):
        return True
    spanned = upper[0].cells[ends[0]].rowspan > 1 or lower[0].cells[starts[0]].rowspan > 1
    cells = [upper[0].cells[i] for i in ends]
    broken = any(_is_cut(*part) for part in zip(cells, before, after, strict=True) if part[2])
    return None if before[0] and not after[0] and broken and not spanned else False


def _breaks_off(upper: Filled, ends: Sequence[int], lower: Filled, starts: Sequence[int]) -> bool:
    """Whether text that breaks off at the foot of the page seems to go on in a row without a label
    whose rules stand elsewhere, as those of a table within a cell do."""
    after = next((lower[1][j] for j in starts if lower[1][j]), None)
    if after is None or lower[1][starts[0]]:
        return False
    return any(upper[1][i] and _is_cut(upper[0].cells[i], upper[1][i], after) for i in ends)


def _by_numbers(upper: Filled, lower: Filled, heads: int) -> bool | None:
    """Whether the running numbers of a list go on over the break without the lower row, or
    without the upper one; None where they do not run."""
    uppers, lowers = _firsts(upper), _firsts(lower)[heads:]
    here, there = uppers[-1], lowers[0]
    if not all(text.isdecimal() or not text for text in (here, there)):
        return None
    above = next((n for n in map(_number, uppers[-2::-1]) if n is not None), None)
    following = _number(lowers[1]) if len(lowers) > 1 else None
    number, first = _number(here), _number(there)
    if number is not None and first is not None:
        return False if first == number + 1 else None
    if number is not None and following is not None:
        return following == number + 1  # else a total may follow, or a note
    if first is not None and above is not None:
        return first == above + 1
    return None


def _firsts(table: Filled) -> list[str]:
    """What stands in the first cell of each row."""
    texts = [""] * table[0].rows
    for cell, lines in zip(table[0].cells, table[1], strict=True):
        if cell.column == 0:
            texts[cell.row] = "".join([line.text for line in lines]).strip()
    return texts


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 6 else None


def doubt_last_row(table: Filled) -> None:
    """What stands in the last row of a page may not be all of it."""
    _doubt(table, _last_row(table))


def _doubt(table: Filled, cells: Iterable[int]) -> None:
    for i in cells:
        table[1][i][:] = [line._replace(sure=TANGLED) for line in table[1][i]]


def repeated_heads(upper: Filled, lower: Filled) -> int:
    """How many rows at the head of `lower` repeat the head of `upper`."""
    alike = 0
    for row in range(min(upper[0].rows, lower[0].rows) - 1):
        one, other = _row_lines(upper, row), _row_lines(lower, row)
        if _alike(one, other):
            alike = row + 1
        elif any(one) or any(other):  # in a row of cells that all began above nothing stands
            break
    return alike


def _alike(row: Sequence[Sequence[Line]], other: Sequence[Sequence[Line]]) -> bool:
    """Whether two rows say the same; of what was recognised, as far as that can be trusted, but
    with the same numbers: neighbours in a list can differ in nothing else."""
    if len(row) != len(other) or not any(row):
        return False
    texts, others = _texts(row), _texts(other)
    if texts == others:
        return True
    if all(line.sure == 1.0 for lines in (*row, *other) for line in lines):
        return False
    one, two = "\t".join(texts), "\t".join(others)
    return _DIGITS.findall(one) == _DIGITS.findall(two) and ratio(one, two) >= 85


_DIGITS = re.compile(r"\d+")


def _texts(row: Sequence[Sequence[Line]]) -> list[str]:
    return ["".join([line.text for line in lines]) for lines in row]


def _row_lines(table: Filled, row: int) -> list[list[Line]]:
    return [table[1][i] for i in _cells_from(table, row)]


def _cells_from(table: Filled, row: int) -> list[int]:
    """The cells that begin in a row, left to right, as indices; what runs round other cells is
    none, but the border of a table within a cell."""
    cells = table[0].cells
    return [i for i, cell in enumerate(cells) if cell.row == row and not _runs_round(cell, cells)]


def _last_row(table: Filled) -> list[int]:
    """The same of those that end in the last row."""
    cells, end = table[0].cells, table[0].rows
    found = [
        i
        for i, cell in enumerate(cells)
        if cell.row + cell.rowspan == end and not _runs_round(cell, cells)
    ]
    return sorted(found, key=lambda i: cells[i].column)


def _runs_round(slot: Slot, cells: Sequence[Slot]) -> bool:
    return (
        slot.rowspan > 1
        and slot.colspan > 1
        and any(
            c is not slot
            and slot.row <= c.row < slot.row + slot.rowspan
            and slot.column <= c.column < slot.column + slot.colspan
            for c in cells
        )
    )


def same_columns(upper: Filled, ends: Sequence[int], lower: Filled, starts: Sequence[int]) -> bool:
    """Whether two rows have their rules in the same places of their tables; these may stand
    elsewhere on their pages, with margins that are mirrored, or be printed larger."""
    if len(ends) != len(starts) or len(ends) < 2:
        return False
    one, other = upper[0].box, lower[0].box
    scale = (one.x1 - one.x0) / (other.x1 - other.x0)
    pairs = [
        (upper[0].cells[i].box, lower[0].cells[j].box) for i, j in zip(ends, starts, strict=True)
    ]
    return all(
        abs(a - one.x0 - scale * (b - other.x0)) <= 3.0
        for upper_box, lower_box in pairs
        for a, b in ((upper_box.x0, lower_box.x0), (upper_box.x1, lower_box.x1))
    )


def goes_on(upper: Filled, ends: Sequence[int], lower: Filled, starts: Sequence[int]) -> bool:
    """Whether the lower row is the rest of the upper one and not the next."""
    cells = [upper[0].cells[i] for i in ends]
    before, after = [upper[1][i] for i in ends], [lower[1][j] for j in starts]
    cut = [_is_cut(*part) for part in zip(cells, before, after, strict=True) if part[2]]
    if not any(before) or not cut:
        return False
    if bool(before[0]) != bool(after[0]):
        return cells[0].rowspan == 1 if len(ends) == 2 else all(cut)
    if not after[0]:
        ended = any(lines and not rest for lines, rest in zip(before, after, strict=True))
        return all(cut) and ended
    if not cut[0] or _closes_bracket(before[0]):
        return False
    if not any(after[1:]):  # a label with nothing beside it yet is a row of its own
        return _opens_bracket(before[0])
    if all(cut):
        return not _ends_sentence(before[-1]) or _opens_bracket(before[0])
    # The label is cut, its text is not: then the part on the upper page has no room left.
    return len(ends) == 2 and all(
        _is_filled(cell, lines) for cell, lines in zip(cells, before, strict=True)
    )


def _is_cut(slot: Slot, before: list[Line], after: list[Line]) -> bool:
    """Whether a cell's text breaks off where the page ends: by its words, or by its full line."""
    if not before:
        return False
    if before[-1].text.rstrip().endswith(_OPEN) or after[0].text.lstrip().startswith(_GOES_ON):
        return True
    margins = cell_margins([*before, *after], slot.box)
    return not starts_paragraph(before[-1], after[0], margins, hanging=False)


#: With these no text ends, and with those none begins (a unit in brackets stands below its label).
_OPEN = tuple("，、：（(《“")
_GOES_ON = tuple("，、。；：）)》”（")


def _opens_bracket(lines: list[Line]) -> bool:
    text = "".join(line.text for line in lines)
    return text.count("（") + text.count("(") > text.count("）") + text.count(")")


def _closes_bracket(lines: list[Line]) -> bool:
    """A label that ends with its hint or unit, `（1000字以内）`, is complete."""
    return lines[-1].text.rstrip().endswith(("）", ")")) and not _opens_bracket(lines)


def _ends_sentence(lines: list[Line]) -> bool:
    return bool(lines) and lines[-1].text.rstrip().endswith(tuple("。！？；.!?;"))


def _is_filled(slot: Slot, lines: list[Line]) -> bool:
    """Whether no further line has room in a cell."""
    return bool(lines) and slot.box.bottom - lines[-1].box.bottom < 1.2 * lines[-1].size


def without_row(table: Filled, row: int) -> Filled:
    """A table less one row; cells that span it are one row shorter."""
    cells: list[Slot] = []
    lines: list[list[Line]] = []
    for cell, text in zip(table[0].cells, table[1], strict=True):
        spans = cell.row <= row < cell.row + cell.rowspan
        if spans and cell.rowspan == 1:
            continue
        below = cell.row > row
        cells.append(cell._replace(row=cell.row - below, rowspan=cell.rowspan - spans))
        lines.append([] if spans and cell.row == row else text)
    return replace(table[0], rows=table[0].rows - 1, cells=tuple(cells)), lines
