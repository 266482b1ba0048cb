"""A form filled in, as the XML of a worksheet.

A spreadsheet fits no row to merged cells, so heights are worked out here from the text; and it
has no row higher than 409 points, so a higher line of the form takes several rows of the sheet.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from pipeline.annex import Annex
from pipeline.document import column_letters
from pipeline.errors import DataError
from pipeline.render import fill
from pipeline.render.layout import LaidParagraph, PageSetup
from pipeline.render.xlsx_form import NARROW, Form, Line, Slot, TextLine, lines_of, width
from pipeline.render.xlsx_rules import Rule
from pipeline.render.xlsx_styles import Looks
from pipeline.tags import LoopStart
from pipeline.values import show

Json = Any

#: The highest row, the longest text (UTF-16 units) and the most rows that a spreadsheet has.
_HIGHEST, _LONGEST, _MOST_ROWS = 409.0, 32_767, 1_048_576
#: From here on a spreadsheet rounds numbers: it keeps 15 digits.
_PRECISE = 10**15
_TINY = 1e-9
#: Pixels to the inch of a sheet, points to the inch, and pixels of a digit of the first font.
_PIXELS, _POINTS, _DIGIT = 96, 72, 8


@dataclass
class _Sheet:
    """What has been written so far; `row` is the number of the next row."""

    annex: Annex
    row: int = 1
    rows: list[bytes] = field(default_factory=list)
    merges: list[str] = field(default_factory=list)
    rules: dict[Rule, list[str]] = field(default_factory=lambda: defaultdict(list))
    header: list[int] = field(default_factory=list)
    frozen: int = 0


@dataclass(frozen=True, slots=True)
class SheetXml:
    """A worksheet (UTF-8), and the rows that are printed again on every page (first, last), if any."""

    xml: bytes
    repeated: tuple[int, int] | None


def sheet(annex: Annex, form: Form, data: Mapping[str, Json], *, active: bool = True) -> SheetXml:
    """The worksheet of a form with its holes filled. DataError for what no cell can hold."""
    state = _Sheet(annex)
    edges = (*form.layout.header, *form.layout.footer)
    data = fill.with_version(annex, data, (tag for paragraph in edges for tag in paragraph.tags))
    lines: list[Line] = []
    for line in form.lines:
        if line.loop is None:
            lines.append(line)
            continue
        _write_lines(lines, data, state)
        lines = []
        state.frozen = state.frozen or state.row - 1
        _write_loop(line, line.loop, data, state)
    _write_lines(lines, data, state)
    repeated = (state.header[0], state.header[-1]) if state.header else None
    return SheetXml(_worksheet(form, state, data, active=active), repeated)


# ---------------------------------------------------------------- cells

_SPECIAL = re.compile(
    "[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: A text that begins so would be taken for a formula if someone edits its cell.
_FORMULA = "=+-@"


def _spelt(match: re.Match[str]) -> str:
    """What XML cannot hold is written `_x000D_` in a sheet, and so is what looks like that."""
    return _NAMED.get(match[0]) or f"_x{ord(match[0]):04X}_"


#: Between a style's number and a text, and behind the text.
_TEXT, _END_OF_TEXT = '" t="inlineStr"><is><t>', "</t></is></c>"


def _cell(ref: str, looks: Looks, value: Json, annex: Annex, title: str) -> str:
    return f'<c r="{ref}{_inside(looks, value, annex, title)}'


def _inside(looks: Looks, value: Json, annex: Annex, title: str) -> str:
    """A cell's XML behind its name: nothing, a number as a number where that loses nothing, else
    text."""
    if value is None or value == "":
        return f'" s="{looks.plain}"/>'
    if type(value) is str:
        text = value
    elif looks.number and (number := _number(value)):
        return f'" s="{looks.plain}"><v>{number}</v></c>'
    else:
        text = show(value)
    if text.isalnum() and len(text) < _LONGEST // 2:  # most are: nothing to escape
        return f'" s="{looks.text if looks.number else looks.plain}{_TEXT}{text}{_END_OF_TEXT}'
    style = looks.quoted if text[0] in _FORMULA else looks.text if looks.number else looks.plain
    if len(text) > _LONGEST // 2:
        _refuse_too_long(text, annex, title)
    inner = _SPECIAL.sub(_spelt, text)
    space = ' xml:space="preserve"' if "\n" in inner or inner != inner.strip() else ""
    return f'" s="{style}" t="inlineStr"><is><t{space}>{inner}</t></is></c>'


def _number(value: Json) -> str:
    """The number in plain digits; empty where a spreadsheet would round it."""
    if type(value) is int:
        return str(value) if -_PRECISE < value < _PRECISE else ""
    if type(value) is float and (value == 0 or _TINY <= abs(value) < _PRECISE):
        digits = repr(value)
        if len(digits) <= 16 and "e" not in digits:  # 15 digits and a point
            return digits
        return show(value) if float(f"{value:.15g}") == value else ""
    return ""


def _refuse_too_long(text: str, annex: Annex, title: str) -> None:
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > _LONGEST:
        raise DataError(
            f"附件{annex.number} “{title}”有 {length} 个字符，超过表格一格能容纳的 {_LONGEST} 个。",
            remedy="请缩短，或生成 docx。",
        )


# ---------------------------------------------------------------- lines


def _write_lines(lines: Sequence[Line], data: Mapping[str, Json], state: _Sheet) -> None:
    """Lines that stand once. Cells may reach over several of them."""
    lines, values = _filled(lines, data)
    heights = _heights(lines, values)
    counts = [max(1, -int(-height // _HIGHEST)) for height in heights]
    starts = [state.row + sum(counts[:number]) for number in range(len(lines))]
    ends = [start + count - 1 for start, count in zip(starts, counts, strict=True)]
    cells: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for number, line in enumerate(lines):
        for slot, value in zip(line.slots, values[number], strict=True):
            area = (starts[number], ends[min(number + slot.rowspan, len(lines)) - 1])
            _write_slot(slot, value, area, cells, state)
    for number, line in enumerate(lines):
        for row in range(starts[number], ends[number] + 1):
            inside = "".join(xml for _, xml in sorted(cells[row]))
            grows = counts[number] == 1 and any(slot.grows for slot in line.slots)
            state.rows.append(_row(row, heights[number] / counts[number], inside, custom=not grows))
            if line.header:
                state.header.append(row)
    state.row += sum(counts)


def _filled(lines: Sequence[Line], data: Mapping[str, Json]) -> tuple[list[Line], list[list[Json]]]:
    """The lines with the values of their slots. A long text in a line of its own gets a row for
    each paragraph, so that a page can end between them."""
    filled: list[Line] = []
    values: list[list[Json]] = []
    for line in lines:
        contents = [_content(slot, data) for slot in line.slots]
        text = contents[0] if line.slots and line.slots[0].grows else None
        rows = [[part] for part in text.split("\n")] if isinstance(text, str) else [contents]
        filled += [line] * len(rows)
        values += rows
    return filled, values


def _content(slot: Slot, data: Mapping[str, Json]) -> Json:
    """A slot's value: of a lone tag as data, else its text as printed."""
    if slot.tag is not None:
        return fill.FILTERS[slot.tag.filter](fill.value_of(slot.tag, data), *slot.tag.arguments)
    return "\n".join(_text(line, slot, data) for line in slot.lines)


def _text(line: TextLine, slot: Slot, data: Mapping[str, Json], row: fill.Row | None = None) -> str:
    text = fill.text(line.segments, data, row)
    if line.pushed is not None:
        blanks = int((slot.width - line.pushed - width(text, slot.size)) // slot.size)
        return "\u3000" * max(blanks, 0) + text
    return text


def _heights(lines: Sequence[Line], values: Sequence[Sequence[Json]]) -> list[float]:
    """The height of each line: the template's, or what its text needs; a cell over several lines
    makes the last of them higher if they are not enough together."""
    heights = [line.height for line in lines]
    reaching: list[tuple[int, int, float]] = []
    for number, line in enumerate(lines):
        for slot, value in zip(line.slots, values[number], strict=True):
            need = _need(slot, value)
            if slot.rowspan == 1:
                heights[number] = max(heights[number], need)
            else:
                reaching.append((number, number + slot.rowspan, need))
    for first, last, need in reaching:
        missing = need - sum(heights[first:last])
        if missing > 0:
            heights[last - 1] += missing
    return heights


def _need(slot: Slot, value: Json) -> float:
    if type(value) is str:
        lines = lines_of(value, slot.size, slot.width)
    else:
        lines = 1 if slot.looks.number else lines_of(show(value), slot.size, slot.width)
    return slot.leading + (lines - 1) * slot.pitch + slot.extra


def _write_slot(
    slot: Slot,
    value: Json,
    area: tuple[int, int],
    cells: dict[int, list[tuple[int, str]]],
    state: _Sheet,
) -> None:
    """A slot's cell, and the empty cells under it if it reaches over more than one."""
    first, last = area
    right = slot.column + slot.colspan - 1
    start = f"{column_letters(slot.column + 1)}{first}"
    whole = f"{start}:{column_letters(right + 1)}{last}"
    cells[first].append((slot.column, _cell(start, slot.looks, value, state.annex, slot.title)))
    for row in range(first, last + 1):
        for column in range(slot.column, right + 1):
            if (row, column) != (first, slot.column):
                ref = f"{column_letters(column + 1)}{row}"
                cells[row].append((column, f'<c r="{ref}" s="{slot.looks.plain}"/>'))
    if last > first or slot.colspan > 1:
        state.merges.append(whole)
    if slot.rule is not None:
        state.rules[slot.rule].append(start)


def _row(number: int, height: float, cells: str, *, custom: bool = True) -> bytes:
    return f'<row r="{number}{_row_head(height, custom=custom)}{cells}</row>'.encode()


def _row_head(height: float, *, custom: bool = True) -> str:
    """What stands behind a row's number and before its cells."""
    own = ' customHeight="1"' if custom else ""
    return f'" ht="{height:.4g}"{own}>'


# ---------------------------------------------------------------- loops

Getter = Callable[[Mapping[str, Json]], Json]


class _Column(dict[Json, bytes]):
    """One column of a list: value → the XML of its cell from behind the row's number up to the
    next one, in UTF-8. Columns say the same again and again (工程师, √, 2025年): each is worked out
    once.
    `tall` has the heights of the values that need a higher row than the template's."""

    def __init__(
        self, get: Getter, slot: Slot, looks: Looks, annex: Annex, least: float, then: str
    ) -> None:
        self.take = get
        self.tall: dict[Json, float] = {}
        self._slot, self._looks, self._annex, self._least = slot, looks, annex, least
        self._then = then
        # How many characters surely fit in a row of the least height: wide ones, narrow ones.
        lines = max((least - slot.extra - slot.leading) // slot.pitch + 1, 1)
        self._short = int(slot.width * (1 if lines == 1 else 0.8 * lines) / slot.size)
        self._short_narrow = int(self._short / NARROW)
        tag = slot.tag
        self._show = fill.FILTERS[tag.filter] if tag else fill.FILTERS[""]
        self._arguments = tag.arguments if tag else ()
        self._as_it_is = tag is None or not tag.filter
        style = looks.text if looks.number else looks.plain
        self._before, self._after = f'" s="{style}{_TEXT}', f"{_END_OF_TEXT}{then}"
        self._before_number, self._after_number = f'" s="{looks.plain}"><v>', f"</v></c>{then}"

    def __missing__(self, value: Json) -> bytes:
        # This runs for every value that a list of thousands has not had before: the usual ones,
        # words and numbers with nothing to escape, go the short way.
        shown = value if self._as_it_is else self._show(value, *self._arguments)
        if type(shown) is str:
            if len(shown) > self._short or "\n" in shown:
                self._note_height(value, shown)
            if shown.isalnum() and len(shown) < _LONGEST // 2:
                found = self[value] = f"{self._before}{shown}{self._after}".encode()
                return found
        elif type(shown) is int and self._looks.number and -_PRECISE < shown < _PRECISE:
            found = self[value] = f"{self._before_number}{shown}{self._after_number}".encode()
            return found
        inside = _inside(self._looks, shown, self._annex, self._slot.title)
        found = self[value] = f"{inside}{self._then}".encode()
        return found

    def _note_height(self, value: Json, shown: str) -> None:
        if len(shown) <= self._short_narrow and shown.isascii() and "\n" not in shown:
            return
        need = _need(self._slot, shown)
        if need > self._least:
            self.tall[value] = min(need, _HIGHEST)


def _write_loop(line: Line, loop: LoopStart, data: Mapping[str, Json], state: _Sheet) -> None:
    """A row for each entry, and blank ones up to the printed number."""
    entries = fill.rows(data[loop.name], loop.least)
    first, last = state.row, state.row + len(entries) - 1
    if last > _MOST_ROWS:
        raise DataError(f"附件{state.annex.number}有 {len(entries)} 行，超过一张工作表的行数。")
    places = [
        (slot, number)
        for slot in line.slots
        for number in range(slot.column, slot.column + slot.colspan)
    ]
    opening = [f'<c r="{column_letters(number + 1)}' for _, number in places]
    getters = {slot: _getter(slot, loop, data) for slot in line.slots}

    def columns(looks: Callable[[Slot], Looks]) -> list[_Column]:
        return [
            _Column(
                getters[slot] if number == slot.column else _nothing,
                slot, looks(slot), state.annex, line.height, then,
            )
            for (slot, number), then in zip(places, [*opening[1:], "</row>"], strict=True)
        ]  # fmt: skip

    inner, ending = columns(lambda slot: slot.looks), columns(lambda slot: slot.last)
    state.rows += _loop_rows(first, entries[:-1], line.height, opening[0], inner)
    state.rows += _loop_rows(last, entries[-1:], line.height, opening[0], ending)
    for slot in line.slots:
        _note_column(slot, first, last, state)
    state.row = last + 1


def _loop_rows(
    first: int,
    entries: Sequence[Mapping[str, Json]],
    least: float,
    opening: str,
    columns: Sequence[_Column],
) -> Iterator[bytes]:
    """The rows of a list, column by column. A row's number stands before each of its cells, so
    that it is what joins the pieces between."""
    values = [list(map(column.take, entries)) for column in columns]
    pieces = [
        list(map(column.__getitem__, own)) for column, own in zip(columns, values, strict=True)
    ]
    numbers = map(b"%d".__mod__, range(first, first + len(entries)))
    heads = _row_heads(least, opening, columns, values)
    return map(bytes.join, numbers, zip(repeat(b'<row r="'), heads, *pieces))


def _row_heads(
    least: float, opening: str, columns: Sequence[_Column], values: Sequence[Sequence[Json]]
) -> Iterator[bytes]:
    """What stands between a row's number and that of its first cell: the height of its highest."""

    @cache
    def head(height: float) -> bytes:
        return f"{_row_head(height)}{opening}".encode()

    heights = [
        [column.tall.get(value, least) for value in own]
        for column, own in zip(columns, values, strict=True)
        if column.tall
    ]
    if not heights:
        return repeat(head(least))
    return map(head, map(max, zip(*heights, strict=True)))


def _nothing(entry: Mapping[str, Json]) -> None:
    """What a cell under a merged one holds."""


def _note_column(slot: Slot, first: int, last: int, state: _Sheet) -> None:
    """A column's rule, and its merged cells."""
    left, right = column_letters(slot.column + 1), column_letters(slot.column + slot.colspan)
    if slot.rule is not None and last >= first:
        state.rules[slot.rule].append(f"{left}{first}:{left}{last}")
    if left != right:
        state.merges.extend(f"{left}{row}:{right}{row}" for row in range(first, last + 1))


def _getter(slot: Slot, loop: LoopStart, data: Mapping[str, Json]) -> Getter:
    """What a column's cell is made of: most hold one value of the entry."""
    tag = slot.tag
    if tag is None:
        return lambda entry: "\n".join(
            _text(line, slot, data, {loop.variable: entry}) for line in slot.lines
        )
    if len(tag.keys) == 2 and tag.keys[0] == loop.variable:
        return itemgetter(tag.keys[1])
    return lambda entry: fill.value_of(tag, data, {loop.variable: entry})


# ---------------------------------------------------------------- the sheet around them

XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _worksheet(form: Form, state: _Sheet, data: Mapping[str, Json], *, active: bool) -> bytes:
    last = f"{column_letters(len(form.columns))}{max(state.row - 1, 1)}"
    before = (
        XML_HEAD,
        f'<worksheet xmlns="{_MAIN}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="A1:{last}"/>',
        _view(state.frozen, active=active),
        '<sheetFormatPr defaultRowHeight="15"/>',
        _columns(form.columns),
        "<sheetData>",
    )
    after = (
        "</sheetData>",
        # Protected against slips, not against people: there is no password.
        '<sheetProtection sheet="1" formatCells="0" formatColumns="0" formatRows="0" insertRows="0"'
        ' deleteRows="0"/>',
        _merges(state.merges),
        _rules(state.rules),
        _page(form, data),
        # Codes and phones are text on purpose: no green corners.
        f'<ignoredErrors><ignoredError sqref="A1:{last}" numberStoredAsText="1"/></ignoredErrors>',
        "</worksheet>",
    )
    return b"".join(["".join(before).encode(), *state.rows, "".join(after).encode()])


def _view(frozen: int, *, active: bool) -> str:
    selected = ' tabSelected="1"' if active else ""
    pane = (
        f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" state="frozen"/>'
        '<selection pane="bottomLeft"/>'
        if frozen
        else ""
    )
    return f'<sheetViews><sheetView showGridLines="0"{selected} workbookViewId="0">{pane}</sheetView></sheetViews>'


def _columns(widths: Sequence[float]) -> str:
    columns = (
        f'<col min="{n}" max="{n}" width="{points * _PIXELS / _POINTS / _DIGIT:.4g}" customWidth="1"/>'
        for n, points in enumerate(widths, 1)
    )
    return f"<cols>{''.join(columns)}</cols>"


def _merges(areas: Sequence[str]) -> str:
    if not areas:
        return ""
    inside = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return f'<mergeCells count="{len(areas)}">{inside}</mergeCells>'


def _rules(rules: Mapping[Rule, Sequence[str]]) -> str:
    if not rules:
        return ""
    inside = "".join(rule.xml(cells) for rule, cells in rules.items())
    return f'<dataValidations count="{len(rules)}">{inside}</dataValidations>'


def _page(form: Form, data: Mapping[str, Json]) -> str:
    page = form.layout.page
    inches = {name: f"{points / _POINTS:.4g}" for name, points in _margins(page)}
    margins = " ".join(f'{name}="{value}"' for name, value in inches.items())
    orientation = "landscape" if page.landscape else "portrait"
    return (
        f'<printOptions horizontalCentered="1"/><pageMargins {margins}/>'
        f'<pageSetup paperSize="{_paper(page)}" orientation="{orientation}" fitToWidth="1" fitToHeight="0"/>'
        + _header_footer(form.layout.header, form.layout.footer, data)
    )


def _margins(page: PageSetup) -> Iterator[tuple[str, float]]:
    yield from (
        ("left", page.margins.left), ("right", page.margins.right), ("top", page.margins.top),
        ("bottom", page.margins.bottom), ("header", page.header), ("footer", page.footer),
    )  # fmt: skip


def _paper(page: PageSetup) -> int:
    """The number of the paper (ECMA-376 part 1, 18.3.1.63): A3, else A4."""
    return 8 if min(page.width, page.height) > 800 else 9


def _header_footer(
    header: Sequence[LaidParagraph], footer: Sequence[LaidParagraph], data: Mapping[str, Json]
) -> str:
    """What stands at the edges of every page, the version code of the values among it."""
    top, bottom = _edge_text(header, data), _edge_text(footer, data)
    inside = f"<oddHeader>{top}</oddHeader>" if top else ""
    inside += f"<oddFooter>{bottom}</oddFooter>" if bottom else ""
    return f"<headerFooter>{inside}</headerFooter>" if inside else ""


def _edge_text(paragraphs: Sequence[LaidParagraph], data: Mapping[str, Json]) -> str:
    lines = [fill.text((run.segment for run in p.runs), data) for p in paragraphs]
    text = "\n".join(lines).strip()
    if not text:
        return ""
    side = {"left": "L", "center": "C", "right": "R", "both": "L"}[paragraphs[0].align]
    size = f"{paragraphs[0].runs[0].font.size:.0f}" if paragraphs[0].runs else ""
    apart = " " if text[0].isdigit() else ""
    return _SPECIAL.sub(_spelt, f"&{side}&{size or 10}{apart}{text.replace('&', '&&')}")
