"""Tables whose rows people fill: the columns are known by their heads (`heads`), what is no entry is
left out (`asides`), and the rest is read row by row."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.document import Block, Cell, Doubt, Grid
from pipeline.extract import asides, combined, match, row_values, units
from pipeline.extract.heads import Head, find_head, is_rest_of
from pipeline.extract.plan import Plan, Table
from pipeline.extract.taken import Record
from pipeline.reading import Origin
from pipeline.values import is_blank

_LINE = re.compile(r"[：:]\s*\S")


def take(plan: Plan, blocks: Sequence[Block], taken: Record) -> set[int]:
    """Reads every row into `taken`; returns the ids of the cells that are heads or rows."""
    table = plan.table
    assert table is not None
    used: set[int] = set()
    lines = asides.labels_of_lines(plan)
    entries: list[dict[str, Origin]] = []
    titles: dict[str, str] = {}
    head: Head | None = None
    shape = 0
    tops: list[int] = []  # the first entries below the heads of further pages
    for grid in itertools.chain.from_iterable(
        _tables(table, b) for b in blocks if isinstance(b, Grid)
    ):
        own = find_head(table, grid)
        before = head if grid.columns == shape else None
        if own is None and before and asides.begins_table(table, grid.row_cells(0)):
            _note_other(table, grid, taken)
            continue
        if own is None:
            if before is None:
                if head is not None:
                    _note_left(table, grid, taken)
                continue
            head = replace(before, first_row=0, last_row=-1)
        elif before is not None and is_rest_of(own, before):
            head = replace(before, first_row=own.first_row, last_row=own.last_row)
        else:
            head = own
        titles = titles or _titles(table, head)
        shape = grid.columns
        continued = own is None
        if own is not None and entries and grid.place.page is not None:
            tops.append(len(entries))
        for row, entry in _in_order(_entries(table, grid, head, lines, used), head):
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
    _leave_out_printed(table, entries, tops, taken)
    row_values.put(table, asides.without_headings(entries), taken, titles, units.of_line(blocks))
    if head is not None:
        _note_absent(table, head, taken)
    else:
        taken.find(
            "error", "table-missing", f"/{table.name}",
            "没有找到可以读取的表格（没有框线、各栏或各行不能分清），请对照原件核对，或请重新提交。",
        )  # fmt: skip
    return used


def _leave_out_printed(
    table: Table, entries: list[dict[str, Origin]], tops: Sequence[int], taken: Record
) -> None:
    """Takes out the first entry where it is printed once more below the head of every further page:
    it was among the rows that a sheet repeats at the top, by mistake. One page more, without the
    entry's own number, might as well begin with the same person or a namesake: that is pointed at."""

    def said(entry: Mapping[str, Origin]) -> dict[str, str]:
        texts = {key: "".join(origin.text.split()) for key, origin in entry.items()}
        return {key: text for key, text in texts.items() if text}

    first = said(entries[0]) if entries else {}
    if not tops or len(first) < _FEWEST_REPEATED:
        return
    again = [at for at in tops if at < len(entries) and said(entries[at]) == first]
    if again == list(tops) and (len(again) > 1 or "no" in first):
        for at in reversed(again):
            del entries[at]
        taken.find(
            "info", "printed-again", f"/{table.name}",
            "每页表头下都印有同样的第1行，按打印时重复的标题行处理，只计一次。",
        )  # fmt: skip
    elif again:
        taken.find(
            "warning", "printed-again", f"/{table.name}",
            "有的页表头下又印有同样的第1行，可能是打印时重复的标题行，请核对各行是否重复、错位。",
        )  # fmt: skip


#: So many cells at least make a row that is printed again.
_FEWEST_REPEATED = 3


def _tables(table: Table, grid: Grid) -> Iterator[Grid]:
    """A grid, cut where another table begins below the first: in a sheet they are one grid."""
    numbers = asides.heads_of_numbers(table)
    rows = {cell.row for cell in grid.cells if cell.text and match.fold(cell.text) in numbers}
    head = find_head(table, grid) if len(rows) > 1 else None
    start = 0
    for row in sorted(rows):
        cells = grid.row_cells(row)
        if head is None or row <= head.last_row or asides.is_head_again(cells, head.said):
            continue
        if asides.begins_table(table, cells):
            yield grid.part(start, row)
            start = row
    yield grid.part(start, grid.rows) if start else grid


def _note_other(table: Table, grid: Grid, taken: Record) -> None:
    row = next((cell.place.row for cell in grid.cells if cell.place.row), None)
    at = f"第{row}行起" if row else ""
    text = f"本表下面{at}另有一张栏目不同的表，没有读入，请核对原件。"
    taken.find("warning", "table-left", f"/{table.name}", text)


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


# ---------------------------------------------------------------- the rows


def _entries(
    table: Table, grid: Grid, head: Head, lines: re.Pattern[str], used: set[int]
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
            asides.is_note(filled, grid) or (alone and (noted or "：" in filled[0].text))
        )
        if noted or asides.is_line(filled, lines):
            continue  # what stands alone below a note goes on with it; a line is taken with the lines
        used.update([id(cell) for cell in cells if cell.row > head.last_row])
        if (
            asides.is_head_again(filled, head.said)
            or (not unsplit and asides.is_no_entry(filled, grid, labels))
            or (row == head.last_row + 1 and asides.numbers_columns(filled))
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
            entry |= {
                _TOGETHER.format(column): Origin(cell.text, cell.place)
                for column in head.shared
                if (cell := line.get(column)) is not None
            }
            if unsplit or any(_says(origin) for key, origin in entry.items() if key != "no"):
                for one in _unstacked(entry, counted):
                    yield row, _dealt(table, head, one)


#: The key of what stands in a column for several of the table's, until it is dealt out.
_TOGETHER = "/{}"


def _dealt(table: Table, head: Head, entry: dict[str, Origin]) -> dict[str, Origin]:
    """An entry with what stands in one column for several dealt out to each."""
    for column, several in head.shared.items():
        origin = entry.pop(_TOGETHER.format(column), None)
        if origin is not None:
            together = [table.columns[n] for n in several]
            entry |= combined.dealt(origin, together, head.titles[column])
    return entry


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
_STACKED = Doubt(
    "stacked-rows", "第{}行里像是写了几条，看不出怎样对应，请每行填写一条。", row=True, shifts=True
)


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
        if all(row_values.bare_number(one).rstrip(".、．").isdecimal() for one in numbers)
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
