"""The head of a table whose rows people fill: which rows of a grid are it, and which column is which."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.document import Cell, Grid
from pipeline.extract import combined, match
from pipeline.extract.asides import said_in
from pipeline.extract.plan import Column, Table
from pipeline.values import stated_unit

_BEGINNING, _END = re.compile("起|始"), re.compile("止|结束|终|完")

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
    if below := _units_below(table, grid, last, sides):
        last += 1
        titles |= {at: titles[at] + unit for at, unit in below.items()}
    shared = combined.heads(table, dict(zip(starts, paths, strict=True)), sides)
    sides = tuple({at: n for at, n in side.items() if at not in shared} for side in sides)
    said = frozenset(
        text for row in range(first, last + 1) for text in said_in(grid.row_cells(row))
    )
    parts = _parts(table, starts, paths, sides)
    assumed = _by_place(table, starts, sides, {*parts, *shared})
    return Head(first, last, sides, titles, parts, shared, said, assumed)


def is_rest_of(own: Head, head: Head) -> bool:
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


def _units_below(
    table: Table, grid: Grid, last: int, sides: tuple[dict[int, int], ...]
) -> dict[int, str]:
    """The units that stand in a row of their own below the heads, by grid column; empty where that
    row says anything else."""
    columns = {at: table.columns[n] for side in sides for at, n in side.items()}
    found: dict[int, str] = {}
    for cell in grid.row_cells(last + 1):
        if cell.row == last + 1 and cell.text.strip():
            column = columns.get(cell.column)
            if column is None or not _is_unit(cell.text, column):
                return {}
            found[cell.column] = cell.text
    return found


def _is_unit(text: str, column: Column) -> bool:
    """The unit of a column of numbers, which can be no value of it: （万元）, 岁."""
    spec = column.hole.spec
    bare = match.fold(text)
    if spec.kind == "amount":
        return bool(stated_unit(f"（{bare.removeprefix('单位')}）"))
    units = {match.fold(word) for word in (spec.unit, *spec.extra("unit-words", ()))}
    return spec.kind in ("count", "number", "percent") and bare in units - {""}


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
