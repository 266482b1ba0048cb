"""Tables whose rows people fill: columns are matched by their heads, then every row is read."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.annex import FieldSpec
from pipeline.document import Block, Cell, Doubt, Grid
from pipeline.extract import combined, match, units
from pipeline.extract.plan import Column, Plan, Table
from pipeline.extract.signature import is_name
from pipeline.extract.taken import Record, doubted
from pipeline.reading import Origin
from pipeline.values import Parsed, is_blank, is_date, parse

Json = Any

_TOTAL = re.compile(
    r"^(?:(?:人数|金额|单位|本页)?(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)(?:人数|金额)?|平均(?:年龄)?|总人数|总数)(?:[（(：:].*)?$"
)
_REMARK = re.compile(
    r"^(?:注|说明|备注|填表说明|(?:单位)?(?:负责|联系|填表|填报|制表|审核|复核|经办)人|法定代表人|联系电话|填[表报]日期)"
    r"\s*(?:签字|签名|签章)?\s*(?:[（(][^（）()]{0,6}[）)])?\s*(?:[：:]|\d)"
)
_ROW_NUMBER = re.compile(
    r"(?:[（(\[【第#№]|No[.．]?|序号)\s*(\d{1,6})\s*[)）\]】号]?[.、．]?", re.I
)
_NOTHING_BELOW = re.compile(r"[（(—\-]*以下(?:空白|无正文)[）)—\-]*")
_EXAMPLE = re.compile(r"[（(]?(?:示?例|例如|样例|举例)[）)]?[：:]?")
_SIGNERS = re.compile(
    r"(?:单位|机构)?(?:负责|填表|填报|制表|审核|复核|经办|联系)人(?:签字|签名)?|(?:联系)?电话|填[表报]日期"
)
_AND_SO_ON = re.compile(r"…+|[.。·]{2,}")
_HOLLOW = frozenset("○〇◯")
_DITTO = frozenset({"同上", "〃", "″", '"', "”", "“", "''", "’’", "〞"})
_DITTO_STARTS = frozenset(word[0] for word in _DITTO)
_BEGINNING, _END = re.compile("起|始"), re.compile("止|结束|终|完")
_LONGEST_DITTO = 12
_REMARK_WORD = re.compile(r"(?:注|说明|备注|(?:填表|制表|审核|复核|经办)人)(?:签字|签名|签章)?")
_GROUP = re.compile(r"[一-鿿]{0,6}(?:人员|部门?|组|科室?|办公室|类)(?:[（(：:].*)?")
_HEADING = re.compile(r"[（(]?[一二三四五六七八九十]+[）)、.．]")
_SEAL = re.compile(
    r"[（(]?(?:单位|公司|(?:申[报请]|填报)单位)?[（(]?(?:加?盖公?章|公章|签字|签章|章)处?[）)]{0,2}[：:]?"
)
_LINE = re.compile(r"[：:]\s*\S")
_LABELLED = re.compile(r"[^\d：:]{2,}[：:]")
_PAGE = re.compile(r"第\s*\d+\s*页")
_EMPTY_DATE = re.compile(r"[年月日\s\u3000]+")


#: The head of a table stands above this row of its grid.
_LOWEST_HEAD = 60

#: Rows above and below the fullest head row that may belong to the head.
_MOST_LEVELS = 3


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a table in a grid: its rows, and column number → hole column. Where the columns
    stand twice, to have two entries side by side, there are two sides."""

    first_row: int
    last_row: int
    sides: tuple[dict[int, int], ...]
    titles: Mapping[int, str] = field(default_factory=dict)  # grid column → all its head says
    parts: Mapping[int, int] = field(default_factory=dict)  # further grid columns of a hole column
    shared: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # one for several of them
    said: frozenset[str] = frozenset()  # what stands in its cells, folded
    assumed: Mapping[int, int] = field(default_factory=dict)  # known by their place only

    @property
    def columns(self) -> dict[int, int]:
        return self.sides[0] if self.sides else {}


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> set[int]:
    """Reads every row into `taken`; returns the ids of the cells that are heads or rows."""
    table = plan.table
    assert table is not None
    used: set[int] = set()
    entries: list[dict[str, Origin]] = []
    titles: dict[str, str] = {}
    head: Head | None = None
    shape = 0
    for grid in (block for block in blocks if isinstance(block, Grid)):
        own = find_head(table, grid)
        before = head if grid.columns == shape else None
        if own is None:
            if before is None:
                if head is not None:
                    _note_left(table, grid, taken)
                continue
            head = replace(before, first_row=0, last_row=-1)
        elif before is not None and _is_rest_of(own, before):
            head = replace(before, first_row=own.first_row, last_row=own.last_row)
        else:
            head = own
        titles = titles or _titles(table, head)
        shape = grid.columns
        continued = own is None
        for row, entry in _in_order(_entries(table, grid, head, used), head):
            if continued and entries and _is_broken(entry, entries[-1], table):
                _join(entries[-1], entry)
            else:
                if entries and _may_be_cut(entry, entries[-1]):
                    _note_cut(table, entry, taken)
                entries.append(entry)
                if row in grid.hidden_rows:
                    _note_hidden(taken, table, "行")
            continued = False
        if entries and any(
            (side.keys() | head.assumed.keys()) & grid.hidden_columns for side in head.sides
        ):
            _note_hidden(taken, table, "栏")
    put(table, _without_headings(entries), taken, titles, units.of_line(blocks))
    if head is not None:
        _note_absent(table, head, taken)
    return used


def _titles(table: Table, head: Head) -> dict[str, str]:
    """What the head says above each column of the table, by the column's key."""
    titles = {
        table.columns[n].key: head.titles.get(at, "")
        for at, n in {**head.columns, **head.assumed}.items()
    }
    for at, shared in head.shared.items():
        for column in (table.columns[n] for n in shared):
            titles[column.key] = combined.title_of(head.titles[at], column)
    return titles


def _note_absent(table: Table, head: Head, taken: Record) -> None:
    """Columns that the table does not have: every value of theirs is blank, and a person should
    know why."""
    for at, n in head.assumed.items():
        title, name = table.columns[n].hole.spec.title, "".join(head.titles.get(at, "").split())
        taken.find(
            "warning", "column-renamed", f"/{table.name}",
            f"表中没有“{title}”栏，在它位置上的“{name}”栏按“{title}”读取，请核对。",
        )  # fmt: skip
    held = {*head.columns.values(), *head.assumed.values(), *itertools.chain(*head.shared.values())}
    absent = [c.hole.spec.title for n, c in enumerate(table.columns) if n not in held]
    absent = [title for title in absent if title != "序号"]
    if absent:
        named = "”“".join(absent)
        taken.find(
            "warning", "column-missing", f"/{table.name}", f"表中没有找到“{named}”栏，请核对原件。"
        )


def _note_left(table: Table, grid: Grid, taken: Record) -> None:
    """A table behind the one that was read, on a scan: it may be its rest, badly seen."""
    said = [cell for cell in grid.cells if cell.text.strip()]
    if said and said[0].place.scan is not None:
        page = said[0].place.page
        text = f"第{page}页有一个栏数不同的表格没有读入，可能是本表的续页，请对照原件核对。"
        taken.find("warning", "table-left", f"/{table.name}", text)


_CHINESE_COUNT = re.compile(r"[（(]?[一二三四五六七八九十]+[）)]?[、.．]?")


def _without_headings(entries: list[dict[str, Origin]]) -> list[dict[str, Origin]]:
    """The entries without group headings in cells of their own (一 | 制造业), where the entries are
    numbered 1, 2, 3."""

    def number(entry: dict[str, Origin]) -> str:
        return entry["no"].text.strip() if "no" in entry else ""

    if 2 * sum(number(entry)[:1].isdecimal() for entry in entries) <= len(entries):
        return entries
    return [
        entry
        for entry in entries
        if not _CHINESE_COUNT.fullmatch(number(entry))
        or sum(bool(origin.text.strip()) for origin in entry.values()) > 2
    ]


# ---------------------------------------------------------------- the head


def find_head(table: Table, grid: Grid) -> Head | None:
    """The head rows of a grid and which column is which; None if the grid has no such head."""
    wanted = tuple(dict.fromkeys(name for column in table.columns for name in column.names))
    groups = {text for column in table.columns for text in column.headers[:-1]}
    rated = [
        cell
        for cell in grid.beginning_in(range(min(grid.rows, _LOWEST_HEAD)))
        if match.is_one_of(wanted, cell.text)
    ]
    per_row = Counter(row for cell in rated for row in range(cell.row, cell.last_row + 1))
    if not per_row:
        return None
    best = max(per_row, key=lambda row: (per_row[row], -row))
    if per_row[best] < max(2, len(table.columns) // 3):
        return None
    first, last = _extent(grid, best, rated, groups)
    starts, paths = _paths(grid, first, last)
    sides = _with_numbers(table, grid, last, _sides(table, starts, paths))
    if len(sides[0]) < max(2, len(table.columns) // 2):
        return None
    titles = {start: "".join(path) for start, path in zip(starts, paths, strict=True)}
    shared = combined.heads(table, dict(zip(starts, paths, strict=True)), sides)
    sides = tuple({at: n for at, n in side.items() if at not in shared} for side in sides)
    said = frozenset(text for row in range(first, last + 1) for text in _said(grid.row_cells(row)))
    parts = _parts(table, starts, paths, sides)
    assumed = _by_place(table, starts, sides, {*parts, *shared})
    return Head(first, last, sides, titles, parts, shared, said, assumed)


def _is_rest_of(own: Head, head: Head) -> bool:
    """Whether a head is a part of the one before: printed again with some of its rows only."""
    return len(own.columns) < len(head.columns) and all(
        any(text in whole for whole in head.said) for text in own.said
    )


def _extent(grid: Grid, row: int, rated: list[Cell], groups: set[str]) -> tuple[int, int]:
    """The first and last row of the head: rows tied to `row` by merged or group cells."""
    near = grid.beginning_in(range(row - _MOST_LEVELS, row + _MOST_LEVELS + 1))
    heads = {id(cell): cell for cell in rated}
    heads |= {id(c): c for c in near if any(match.likeness(g, c.text) >= 0.8 for g in groups)}
    rows = {r for cell in heads.values() for r in range(cell.row, cell.last_row + 1)}
    rows &= set(range(row - _MOST_LEVELS, row + _MOST_LEVELS + 1))
    levels = bool(groups)

    def joined(upper: int, lower: int) -> bool:
        """The form has heads on several levels, or a merged cell here makes it so, or a head with
        nothing below it."""
        return (
            levels
            or any(c.row <= upper and c.last_row >= lower for c in grid.row_cells(upper))
            or _interlocked(grid, upper, lower, rated)
        )

    first = last = row
    while first - 1 in rows and joined(first - 1, first) and _is_head_row(grid, first - 1, heads):
        first -= 1
    while last + 1 in rows and joined(last, last + 1) and _is_head_row(grid, last + 1, heads):
        last += 1
    return first, last + _has_lower_level(grid, first, last)


def _has_lower_level(grid: Grid, first: int, last: int) -> bool:
    """Whether the row below a head parts one of its columns (有 | 无 below 社保证明): a few short
    words, one of them in a column with nothing above."""
    heads = {
        column
        for row in range(first, last + 1)
        for column in range(grid.columns)
        if _filled(grid, row, column)
    }
    below = [cell for cell in grid.row_cells(last + 1) if cell.text.strip()]
    return (
        1 < len(below) <= len(heads) // 2
        and below[0].row == last + 1
        and below[0].column > min(heads)
        and any(cell.column not in heads for cell in below)
        and all(len(cell.text.strip()) <= 8 and not re.search(r"\d", cell.text) for cell in below)
    )


def _interlocked(grid: Grid, upper: int, lower: int, rated: list[Cell]) -> bool:
    """Two rows that make one head without merged cells: each column's head stands in one of them."""
    above = {c.column for c in rated if c.last_row == upper}
    below = {c.column for c in rated if c.row == lower}
    blank = any(not _filled(grid, lower, column) for column in above)
    return blank and 2 * len(above & below) < len(below)


def _filled(grid: Grid, row: int, column: int) -> bool:
    cell = grid.at(row, column)
    return cell is not None and bool(cell.text.strip())


def _is_head_row(grid: Grid, row: int, heads: Mapping[int, Cell]) -> bool:
    """Of several head rows each has more than one head, since a value may read like one; but the
    lowest may have one alone, in a column whose own head is not above it already."""
    cells = [cell for cell in grid.row_cells(row) if cell.text.strip()]
    known = sum(id(cell) in heads for cell in cells)
    numbered = any(re.fullmatch(r"\s*\d+\s*", cell.text) for cell in cells)
    lone = known == len(cells) == 1 and row > min(cell.row for cell in heads.values())
    if lone and (above := grid.at(row - 1, cells[0].column)) is not None:
        lone = not above.text.strip() or above.colspan > cells[0].colspan
    return (known >= 2 or lone) and known * 2 >= len(cells) and not numbered


def _with_numbers(
    table: Table, grid: Grid, last: int, sides: tuple[dict[int, int], ...]
) -> tuple[dict[int, int], ...]:
    """A column left of the others that counts 1, 2, 3 … is the rows' numbers, whatever its head."""
    numbers = next((n for n, c in enumerate(table.columns) if c.key == "no"), None)
    if numbers is None or len(sides) > 1 or not sides[0] or numbers in sides[0].values():
        return sides
    for column in range(min(sides[0])):
        below = (grid.at(row, column) for row in range(last + 1, min(last + 4, grid.rows)))
        texts = [cell.text.strip() for cell in below if cell is not None]
        counts = texts == [str(n + 1) for n in range(len(texts))]
        if counts and (len(texts) > 2 or (texts and not _filled(grid, last, column))):
            return ({column: numbers, **sides[0]},)
    return sides


def _sides(table: Table, starts: list[int], paths: list[list[str]]) -> tuple[dict[int, int], ...]:
    """Grid column → table column; twice or more where the same heads stand side by side."""
    leaves = [match.fold(path[-1]) for path in paths]
    for times in (3, 2):
        width = len(leaves) // times
        if width > 1 and leaves == leaves[:width] * times:
            parts = [slice(n * width, (n + 1) * width) for n in range(times)]
            return tuple(_match_columns(table, starts[part], paths[part]) for part in parts)
    return (_match_columns(table, starts, paths),)


def _paths(grid: Grid, first: int, last: int) -> tuple[list[int], list[list[str]]]:
    """The columns that have a head, and each one's head texts from the top down."""
    starts: list[int] = []
    paths: list[list[str]] = []
    for column in range(grid.columns):
        path: list[Cell] = []
        for row in range(first, last + 1):
            cell = grid.at(row, column)
            if cell is not None and cell.text.strip() and cell not in path:
                path.append(cell)
        if path and not (starts and path[-1].column < column):
            starts.append(column)
            paths.append([cell.text for cell in path])
    return starts, paths


def _match_columns(table: Table, starts: list[int], paths: list[list[str]]) -> dict[int, int]:
    """Grid column → table column, by the lowest head cell and by the whole path above."""

    def score(wanted: int, found: int) -> float:
        return _likeness(table.columns[wanted], paths[found])

    pairs = match.align(len(table.columns), len(starts), score)
    return {starts[found]: wanted for wanted, found in pairs.items()}


def _likeness(column: Column, path: list[str]) -> float:
    leaf = match.best_likeness(column.names, path[-1])
    return max(leaf, match.likeness("".join(column.headers), "".join(path)) * 0.97)


def _parts(
    table: Table, starts: list[int], paths: list[list[str]], sides: tuple[dict[int, int], ...]
) -> dict[int, int]:
    """Columns that go on with the column before them: 服务时间 in two, 起 | 止."""
    found: dict[int, int] = {}
    for number, at in enumerate(starts[1:], start=1):
        wanted = sides[0].get(starts[number - 1])
        if len(sides) > 1 or wanted is None or at in sides[0]:
            continue
        column = table.columns[wanted]
        if column.hole.spec.kind == "text" and _go_together(
            column, *paths[number - 1 : number + 1]
        ):
            found[at] = wanted
    return found


def _by_place(
    table: Table, starts: list[int], sides: tuple[dict[int, int], ...], settled: set[int]
) -> dict[int, int]:
    """Columns under a name that is none of theirs, each alone between its two neighbours."""
    if len(sides) > 1:
        return {}
    at = {wanted: column for column, wanted in sides[0].items()}
    found: dict[int, int] = {}
    for wanted in range(1, len(table.columns) - 1):
        if wanted not in at and {wanted - 1, wanted + 1} <= at.keys():
            between = [
                c for c in starts if at[wanted - 1] < c < at[wanted + 1] and c not in settled
            ]
            if len(between) == 1:
                found[between[0]] = wanted
    return found


def _go_together(column: Column, first: list[str], second: list[str]) -> bool:
    """Heads of two columns that are one item: below its own head, but for a bracket the same, or
    its beginning and its end."""
    own = {match.fold(name) for name in column.names}
    below = all(own & {match.fold(text) for text in path[:-1]} for path in (first, second))
    same = match.core(first[-1]) == match.core(second[-1])
    ends = _BEGINNING.search(first[-1]) and _END.search(second[-1])
    return below or same or (bool(ends) and _likeness(column, second) >= match.ALIKE)


# ---------------------------------------------------------------- the rows


def _entries(
    table: Table, grid: Grid, head: Head, used: set[int]
) -> Iterator[tuple[int, dict[str, Origin]]]:
    """Row number and the raw text of each column, for the rows that are entries."""
    for row in range(head.first_row, head.last_row + 1):  # a line beside it may hold a value
        used.update(id(cell) for cell in grid.row_cells(row) if not _LINE.search(cell.text))
    labels = {match.fold(column.names[0]) for column in table.columns}
    keys = [column.key for column in table.columns]
    sides = [
        [(at, keys[wanted]) for at, wanted in (*side.items(), *head.assumed.items())]
        for side in head.sides
    ]
    counted = [column.key for column in table.columns if column.hole.spec.kind == "count"]
    noted = False
    for row in range(head.last_row + 1, grid.rows):
        cells = grid.row_cells(row)
        filled = [cell for cell in cells if cell.text.strip()]
        if not filled:
            used.update(map(id, cells))
            continue
        alone = len(filled) == 1
        doubt = filled[0].place.doubt
        unsplit = alone and doubt is not None and doubt.row  # it has been looked at as a line
        noted = not unsplit and (
            _is_remark(filled, grid) or (alone and (noted or "：" in filled[0].text))
        )
        if noted:  # and what stands alone below a note goes on with it
            continue
        used.update([id(cell) for cell in cells if cell.row > head.last_row])
        if (
            _is_head_again(filled, head.said)
            or (not unsplit and _is_no_entry(filled, grid, labels))
            or (row == head.last_row + 1 and _numbers_columns(filled))
        ):
            continue
        line = grid.line(row)
        for side in sides:
            entry = {
                key: Origin(cell.text, cell.place)
                for column, key in side
                if (cell := line.get(column) or _lost(grid, filled[0])) is not None
            }
            if any(cell.colspan > 1 for cell in filled):
                _doubt_spread(entry, side, line)
            for column, wanted in head.parts.items():
                _append(entry, keys[wanted], line.get(column))
            for column, several in head.shared.items():
                if (cell := line.get(column)) is not None:
                    origin = Origin(cell.text, cell.place)
                    together = [table.columns[n] for n in several]
                    entry |= combined.dealt(origin, together, head.titles[column])
            if unsplit or any(_says(origin) for key, origin in entry.items() if key != "no"):
                yield from ((row, one) for one in _unstacked(entry, counted))


#: What is said of a value for which a row of a scanned table has no cell.
_LOST = Doubt("cell-lost", "扫描件上这一格的边线认不出，没有读取，请对照原件填写。", lost=True)


def _lost(grid: Grid, beside: Cell) -> Cell | None:
    """What stands for a cell that a table read from a picture lacks: its borders were not found."""
    if beside.place.scan is None:
        return None
    return Cell(beside.row, grid.columns, 1, 1, "", beside.place._replace(doubt=_LOST, box=None))


#: What is said of a value that stands in a cell over several columns.
_SPREAD = Doubt("spread-cell", "这一格跨了几栏，看不出各栏填什么，请分开填写。")


def _doubt_spread(
    entry: dict[str, Origin], side: Sequence[tuple[int, str]], line: Mapping[int, Cell]
) -> None:
    for column, key in side:
        cell = line.get(column)
        if cell is None or cell.colspan == 1 or is_blank(cell.text):
            continue
        if sum(cell.column <= other <= cell.last_column for other, _ in side) > 1:
            entry[key] = Origin(cell.text, cell.place.doubting(_SPREAD))


#: What is said of a value whose column the table has in two.
_PARTED = Doubt("parted-column", "这一项在表中分成了两栏，已合并读取，请核对。")


def _append(entry: dict[str, Origin], key: str, cell: Cell | None) -> None:
    """What stands in a further column of the same item, behind what stands in the first."""
    if cell is None or is_blank(cell.text):
        return
    text, place = entry.get(key) or Origin("", cell.place)
    both = cell.text if is_blank(text) else f"{text.strip()}-{cell.text.strip()}"
    held = cell.place if cell.place.is_lost else place
    entry[key] = Origin(both, held.doubting(_PARTED))


#: What a formula leaves that found nothing.
_ZERO = re.compile(r"\s*0(?:\.0+)?\s*")


def _says(origin: Origin) -> bool:
    return not (is_blank(origin.text) or origin.place.is_lost or _ZERO.fullmatch(origin.text))


#: What is said of the values of a row in which several entries seem to stand.
_STACKED = Doubt("stacked-rows", "这一行里像是写了几条，看不出怎样对应，请每行填写一条。", row=True)


#: Cells beside the stacked numbers that have as many lines, where a row is several entries.
_FEWEST_STACKED = 2


def _unstacked(entry: dict[str, Origin], counted: Sequence[str]) -> list[dict[str, Origin]]:
    """The entries of one row: several where the numbers in it (`counted`: the columns of them) are
    several below one another, and every other cell has as many lines. One other cell alone may be
    wrapped by hand."""
    stacked = {
        key: len(numbers)
        for key in counted
        if (o := entry.get(key)) and "\n" in o.text and len(numbers := o.text.split()) > 1
        if all(map(str.isdecimal, numbers))
    }
    if not stacked:
        return [entry]
    source = max(stacked, key=lambda key: stacked[key])
    times = stacked[source]
    lines = {key: _lines(origin.text, times) for key, origin in entry.items()}
    alike = sum(
        len(said) == times and key != source and not is_blank(entry[key].text)
        for key, said in lines.items()
    )
    if not alike and "no" not in stacked:
        return [entry]  # one number that is wrapped: 4 over 0
    if alike < _FEWEST_STACKED or any(len(said) != times for said in lines.values()):
        return [{k: Origin(o.text, o.place.doubting(_STACKED)) for k, o in entry.items()}]
    return [
        {key: Origin(lines[key][n], origin.place) for key, origin in entry.items()}
        for n in range(times)
    ]


def _lines(text: str, times: int) -> list[str]:
    """The lines of a cell; a blank one is as many blank ones as are wanted."""
    if is_blank(text):
        return [text] * times
    lines = text.split("\n")
    return lines if len(lines) == times else text.strip().split("\n")


def _is_head_again(filled: list[Cell], heads: frozenset[str]) -> bool:
    """Whether a row says only what the head says; mostly its first cell shows that it does not."""
    known: set[str] = set()
    for cell in filled:
        for text in _said((cell,)):
            cut_off = cell.place.confidence < 1 and any(text in head for head in heads)
            if text not in heads and not cut_off:
                return False
            known.add(text)
    return len(known) > 1


def _said(cells: Iterable[Cell]) -> list[str]:
    """What a row says, to know its head again where it is printed once more."""
    return [folded for cell in cells if (folded := match.fold(cell.text))]


_Numbered = tuple[int, dict[str, Origin]]


def _in_order(found: Iterable[_Numbered], head: Head) -> list[_Numbered]:
    """Entries side by side in the order of their numbers; without numbers, side by side."""
    entries = list(found)
    if len(head.sides) == 1:
        return entries
    numbers = [re.sub(r"\D", "", e["no"].text) if "no" in e else "" for _, e in entries]
    if not all(numbers):
        return entries
    order = sorted(range(len(entries)), key=lambda n: int(numbers[n]))
    return [entries[n] for n in order]


def _numbers_columns(filled: list[Cell]) -> bool:
    """A row below the head that only numbers its columns: 1 2 3 4 …, or 甲 1 2 3 …"""
    texts = [re.sub(r"[\s（()）]", "", cell.text) for cell in filled]
    texts = texts[1:] if texts[0] in ("甲", "栏次") else texts
    first = int(texts[0]) if texts and texts[0].isdecimal() else 0
    return len(texts) > 3 and texts == [str(first + n) for n in range(len(texts))]


def _is_remark(filled: list[Cell], grid: Grid) -> bool:
    """A note below the table: it says so, or one cell over the whole width in plain sentences."""
    text = filled[0].text.strip()
    if len(filled) == 1:
        apart = filled[0].column > 1 and _is_signer(text)
        return bool(_REMARK.match(text)) or _is_signature(text) or apart
    if _asks(text) and 2 * sum(_asks(cell.text) for cell in filled) >= len(filled):
        return True
    return (len(filled) <= 4 and bool(_REMARK.match(text))) or (
        len(filled) <= 6 and bool(_REMARK_WORD.fullmatch("".join(text.split())))
    )


def _asks(text: str) -> bool:
    """A label for a hand to write behind: 审核："""
    return text.rstrip().endswith(("：", ":"))


def _is_signer(text: str) -> bool:
    """The name of who sends the table, below it at the right."""
    return is_name(text) or text.strip().endswith(("局", "厅", "委员会"))


def _is_signature(text: str) -> bool:
    """A seal's place, a date, or the blank for one, alone in its row below a table."""
    bare = "".join(text.split())
    return bool(
        _SEAL.fullmatch(bare) or _EMPTY_DATE.fullmatch(bare) or (is_date(bare) and len(bare) > 7)
    )


def _is_no_entry(filled: list[Cell], grid: Grid, labels: set[str]) -> bool:
    """A total, a group heading, the head printed again, an example, who signs, or …… for rows that
    are left out."""
    texts = [cell.text.strip() for cell in filled]
    if len(texts) > 1 and all(_AND_SO_ON.fullmatch(text) for text in texts):
        return True
    if any(_TOTAL.match(text) for text in texts[:2]) or _EXAMPLE.fullmatch(texts[0]):
        return True
    if all(_NOTHING_BELOW.fullmatch(text) for text in texts):
        return True
    if _SIGNERS.fullmatch(texts[0]) and len({t for t in texts if _SIGNERS.fullmatch(t)}) > 1:
        return True
    if len(filled) == 1 and grid.columns > 2:
        cell = filled[0]
        wide = cell.colspan >= grid.columns - 1
        leading = cell.column == 0 and not re.fullmatch(r"[\d.、]+", texts[0])
        heading = _HEADING.match(texts[0]) or _GROUP.fullmatch("".join(texts[0].split()))
        return wide or leading or heading is not None
    return _are_mostly(labels, texts)


#: A sum with the figure behind it, as it stands in a line: 合计3人.
_TOTAL_LINE = re.compile(_TOTAL.pattern.removesuffix("(?:[（(：:].*)?$") + r"\s*[（(：:\d]")


def is_remark(line: str) -> bool:
    """A note that stands in a line of its own below a table; what follows may go on with it."""
    return bool(_REMARK.match(line) or _REMARK_WORD.match(line.removeprefix("填表")))


def stands_beside(line: str, below: bool) -> bool:
    """Whether a line that holds a single text is something else than an entry: a total, a heading,
    a sentence, a label with what it asks, the number of the page; `below` all entries also who
    signs, and when."""
    bare = "".join(line.split())
    return (
        not re.search(r"[^\W\d_]", bare)
        or (bare.endswith(("。", "：", ":")) and not bare[0].isdecimal())
        or is_remark(line)
        or (below and (_is_signature(line) or _is_signer(line)))
        or any(one.match(line) for one in (_TOTAL, _TOTAL_LINE, _HEADING, _LABELLED, _PAGE))
        or any(one.fullmatch(bare) for one in (_GROUP, _NOTHING_BELOW, _EXAMPLE, _AND_SO_ON))
    )


def _are_mostly(labels: set[str], texts: list[str]) -> bool:
    """Whether more than half of the texts, and two at least that differ, are labels; after half of
    an entry it is clear that they are not."""
    others = 0
    found: set[str] = set()
    for text in texts:
        if (folded := match.fold(text)) in labels:
            found.add(folded)
            continue
        others += 1
        if others * 2 >= len(texts):
            return False
    return len(found) >= 2


def _is_broken(entry: dict[str, Origin], before: dict[str, Origin], table: Table) -> bool:
    """The rest of a row that a page break cut: no number, and not a whole entry by itself."""
    if not before.get("no") or is_blank(before["no"].text):
        return False
    filled = sum(not is_blank(o.text) for o in entry.values())
    number = entry.get("no")
    return (number is None or not number.text.strip()) and filled * 2 <= len(table.columns)


def _may_be_cut(entry: dict[str, Origin], before: dict[str, Origin]) -> bool:
    """Whether an entry on a scan begins a page and has no number though the one above has: whether
    it is the rest of that one, its borders do not tell."""
    number, last = entry.get("no"), before.get("no")
    if number is None or last is None or number.place.scan is None:
        return False
    turned = number.place.page != last.place.page
    return turned and is_blank(number.text) and not is_blank(last.text)


def _note_cut(table: Table, entry: dict[str, Origin], taken: Record) -> None:
    text = f"第{entry['no'].place.page}页开头的一行没有序号，可能是上一页最后一行的续行，请对照原件核对。"
    taken.find("warning", "row-cut", f"/{table.name}", text)


def _join(before: dict[str, Origin], rest: dict[str, Origin]) -> None:
    for key, origin in rest.items():
        if origin.text.strip():
            held = before.get(key, Origin("", origin.place))
            place = origin.place if origin.place.is_lost else held.place
            before[key] = Origin(held.text + origin.text, place)


def _note_hidden(taken: Record, table: Table, what: str) -> None:
    pointer, code = f"/{table.name}", "hidden-row" if what == "行" else "hidden-column"
    if not any(f.pointer == pointer and f.code == code for f in taken.findings):
        text = f"表中有隐藏的{what}，已一并读取，请核对是否应计入。"
        taken.find("warning", code, pointer, text)


# ---------------------------------------------------------------- values


_NOTHING: Mapping[str, str] = {}


def put(
    table: Table,
    entries: list[dict[str, Origin]],
    taken: Record,
    titles: Mapping[str, str] = _NOTHING,
    unit: str = "",
) -> None:
    """Rows as raw text by column → values. `titles`: what the head says of each column, `unit`
    what a line above says of all money."""
    printed = {column.key: column.hole.spec for column in table.columns}
    specs = {key: units.asked(spec, titles.get(key, ""), unit) for key, spec in printed.items()}
    unclear = [k for k, spec in printed.items() if units.contradict(spec, titles.get(k, ""), unit)]
    marks = [key for key, spec in specs.items() if spec.kind == "mark"]
    out: list[dict[str, Json]] = taken.data[table.name]
    above: dict[str, Origin] = {}
    for index, entry in enumerate(entries):
        row: dict[str, Json] = dict.fromkeys(specs)
        out.append(row)
        for key, spec in specs.items():
            origin = entry.get(key)
            if origin is None:
                continue
            if _is_ditto(origin.text) and key in above:
                doubt = above[key].place.doubt  # of what is repeated
                place = origin.place.doubting(doubt) if doubt and not doubt.row else origin.place
                origin = Origin(above[key].text, place)
            above[key] = origin
            parsed = parse(_bare_number(origin.text) if key == "no" else origin.text, spec)
            parsed = doubted(parsed, origin.place)
            row[key] = parsed.value
            taken.note(f"/{table.name}/{index}/{key}", parsed, origin)
        for doubt in {o.place.doubt for o in entry.values() if o.place.doubt and o.place.doubt.row}:
            taken.find("warning", doubt.code, f"/{table.name}/{index}", doubt.text)
        if _only_figures(row, specs):
            text = "这一行只有金额或数目，可能是没有写明的合计或公式留下的数，请核对。"
            taken.find("warning", "row-unclear", f"/{table.name}/{index}", text)
        for key in unclear:
            if row[key]:
                units.point_at(f"/{table.name}/{index}/{key}", specs[key], taken)
        if any(row[key] is not None for key in marks):
            _settle_marks(table.name, index, row, {key: specs[key] for key in marks}, taken)
        for key, origin in entry.items():
            if row[key] is False:  # also where nothing stands in the cell: that is why
                taken.origins.setdefault(f"/{table.name}/{index}/{key}", origin)


def _only_figures(row: Mapping[str, Json], specs: Mapping[str, FieldSpec]) -> bool:
    """Nothing in a row but amounts and counts: a total without a word, or what formulas leave."""
    held = [specs[key].kind for key, value in row.items() if value is not None and key != "no"]
    return bool(held) and all(kind in ("amount", "count") for kind in held)


def _is_ditto(text: str) -> bool:
    short = 0 < len(text) < _LONGEST_DITTO and (text[0] in _DITTO_STARTS or text[0].isspace())
    return short and "".join(text.split()).rstrip("。.") in _DITTO


def _bare_number(text: str) -> str:
    """A row's number without its frame: （1） [1] ① 第1号."""
    if text.isdecimal():
        return text
    plain = unicodedata.normalize("NFKC", text).strip()  # ① is 1, ⑴ is (1)
    framed = _ROW_NUMBER.fullmatch(plain)
    return framed[1] if framed else plain


def _settle_marks(
    name: str, index: int, row: dict[str, Json], marks: Mapping[str, FieldSpec], taken: Record
) -> None:
    """Of the columns that are ticked, one left blank beside a tick means no; a cross alone is
    pointed at, since some people tick with a cross."""
    raw = {
        key: origin.text.strip()
        for key in marks
        if (origin := taken.origins.get(f"/{name}/{index}/{key}"))
    }
    for key, text in raw.items():
        if text in _HOLLOW and set(raw.values()) - _HOLLOW:
            row[key] = False  # beside a filled mark a hollow one is an empty box
    if any(row[key] for key in marks):
        for key in marks:
            if row[key] is None and is_blank(raw.get(key, "").strip("（）()[]【】")):
                row[key] = False
    else:
        for key in marks:
            origin = taken.origins.get(f"/{name}/{index}/{key}")
            pointer = f"/{name}/{index}/{key}"
            if origin is not None and row[key] is False:
                taken.find(
                    "warning",
                    "mark-unclear",
                    pointer,
                    f"“{origin.text}”理解为“否”，请核对是否为勾选。",
                    marks[key].article,
                )


__all__ = ["Head", "Parsed", "find_head", "put", "take"]
