"""Rules drawn on a page → the tables they make. Pure geometry: no text, no library.

segments → straighten, snap and join → components that touch → closed sides → slots → cells.
Lengths are PDF points, origin top left.
"""

from __future__ import annotations

import math
import operator
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.document import Box

#: Two rules closer than this are one: double lines, the two edges of a thin rectangle.
SNAP = 3.0
#: Pieces of one line: a dash drawn as its own segment stands this far from the next at most.
GAP = 3.5
#: So many dots in a row make a line.
DOTS = 4
#: Vertical rules by themselves are a cut row's only if they are so long.
ALONE = 72.0
#: A rule meets another if it ends this near to it.
TOUCH = 3.0
#: Four rules round less than this are a tick box, not a table.
TICK_BOX = 18.0


class Rule(NamedTuple):
    """A straight rule: horizontal at y = `at` from x = `start` to `end`, or vertical likewise."""

    horizontal: bool
    at: float
    start: float
    end: float


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__


class Slot(NamedTuple):
    """A cell of a ruled table: its slots in the grid, merged ones being one, and its box."""

    row: int
    column: int
    rowspan: int
    colspan: int
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table: `rows` × `columns` slots, the cells in reading order, the outer box.

    `open_top`, `open_bottom`: no rule is drawn there, as where a row is cut by the page's end.
    """

    rows: int
    columns: int
    cells: tuple[Slot, ...]
    box: Box
    open_top: bool = False
    open_bottom: bool = False


class Locator:
    """Finds the cell of a table in which a point lies."""

    def __init__(self, table: Table) -> None:
        self.xs = sorted({x for cell in table.cells for x in (cell.box.x0, cell.box.x1)})
        self.ys = sorted({y for cell in table.cells for y in (cell.box.top, cell.box.bottom)})
        # Slot by slot, row after row, with what lies around them on all sides.
        self._width = width = len(self.xs) + 1
        self._cells: list[int | None] = [None] * (width * (len(self.ys) + 1))
        column_at = {x: i for i, x in enumerate(self.xs, 1)}
        row_at = {y: i * width for i, y in enumerate(self.ys, 1)}
        for index, (_, _, rowspan, colspan, (x0, top, x1, bottom)) in enumerate(table.cells):
            if rowspan == colspan == 1:
                self._cells[row_at[top] + column_at[x0]] = index
                continue
            columns = range(column_at[x0], column_at[x1])
            for row in range(row_at[top], row_at[bottom], width):
                for column in columns:
                    self._cells[row + column] = index

    def at(self, x: float, y: float) -> int | None:
        """The index of the cell, or None."""
        return self._cells[bisect_right(self.ys, y) * self._width + bisect_right(self.xs, x)]


def find_tables(rules: Iterable[Rule]) -> list[Table]:
    """All ruled tables, top to bottom; tick boxes and loose underlines are none."""
    return tables_of(touching_groups(join_rules(rules)))


def tables_of(groups: Iterable[list[Rule]]) -> list[Table]:
    """The same of rules that are joined, and grouped by what touches."""
    tables = [table for group in groups if (table := table_of(group, close_sides(group)))]
    return sorted(tables, key=lambda table: (table.box.top, table.box.x0))


def boxes_of(groups: Iterable[list[Rule]]) -> list[Box]:
    """Small squares drawn with rules, which are joined and grouped by what touches: `□` that is a
    drawing and no character."""
    boxes = [box for group in groups if is_tick_box(group, box := outline(group))]
    return sorted(boxes, key=lambda box: (box.top, box.x0))


# -- rules ------------------------------------------------------------------------------------


def rules_of_dots(dots: Sequence[Box]) -> list[Rule]:
    """Dots in a row are a dotted rule; alone, or under each other by chance, they are none."""
    across = [Rule(True, (dot.top + dot.bottom) / 2, dot.x0, dot.x1) for dot in dots]
    down = [Rule(False, (dot.x0 + dot.x1) / 2, dot.top, dot.bottom) for dot in dots]
    return [rule for way in (across, down) for rule in _dotted(way)]


def _dotted(dots: list[Rule]) -> Iterator[Rule]:
    """The lines of dots that stand at one height (to half a point), one close to the next."""
    dots.sort(key=lambda dot: (round(dot.at * 2), dot.start))
    chain: list[Rule] = []
    for dot in dots:
        if chain and not (
            abs(dot.at - chain[-1].at) <= 0.6
            and chain[-1].start <= dot.start <= chain[-1].end + GAP
        ):
            yield from _line_of_dots(chain)
            chain = []
        chain.append(dot)
    yield from _line_of_dots(chain)


def _line_of_dots(chain: Sequence[Rule]) -> Iterator[Rule]:
    if len(chain) >= DOTS:
        yield chain[0]._replace(end=chain[-1].end)


def join_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Snaps rules that lie beside each other, and joins the pieces of each line."""
    across = _join_one_way([rule for rule in rules if rule.horizontal])
    down = _join_one_way([rule for rule in rules if not rule.horizontal])
    return across + down


def _join_one_way(rules: Sequence[Rule]) -> list[Rule]:
    joined: list[Rule] = []
    for line in _lines_of(rules):
        at = sum([rule.at for rule in line]) / len(line)
        horizontal, _, start, end = line[0]
        for _, _, begins, ends in line:
            if begins > end + GAP:
                joined.append(Rule(horizontal, at, start, end))
                start, end = begins, ends
            elif ends > end:
                end = ends
        joined.append(Rule(horizontal, at, start, end))
    return joined


def _lines_of(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups rules whose positions chain within SNAP, never wider than twice that."""
    exactly: dict[float, list[Rule]] = defaultdict(list)
    for rule in rules:
        exactly[rule[1]].append(rule)
    lines: list[list[Rule]] = []
    first = last = -math.inf
    for at in sorted(exactly):
        if at - last <= SNAP and at - first <= 2 * SNAP:
            lines[-1] += exactly[at]
        else:
            lines.append(exactly[at])
            first = at
        last = at
    for line in lines:
        line.sort(key=_start)
    return lines


_start = operator.itemgetter(2)


def touches(one: Rule, other: Rule) -> bool:
    """Whether a horizontal and a vertical rule meet."""
    return (
        one.start - TOUCH <= other.at <= one.end + TOUCH
        and other.start - TOUCH <= one.at <= other.end + TOUCH
    )


def touching_groups(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Splits rules into groups that hang together by meeting each other."""
    across = [rule for rule in rules if rule.horizontal]
    down = [rule for rule in rules if not rule.horizontal]
    groups: list[list[Rule]] = []
    free = set(range(len(down)))
    waiting = set(range(len(across)))
    while waiting:
        group, edge = [], [across[waiting.pop()]]
        while edge:
            rule = edge.pop()
            group.append(rule)
            others, pool = (down, free) if rule.horizontal else (across, waiting)
            met = [i for i in pool if touches(rule, others[i])]
            pool.difference_update(met)
            edge.extend(others[i] for i in met)
        groups.append(group)
    return [*groups, *_columns_alone([down[i] for i in sorted(free)])]


def _columns_alone(down: Sequence[Rule]) -> list[list[Rule]]:
    """Vertical rules of one height that meet no horizontal one: a row that fills the page."""
    groups: list[list[Rule]] = []
    for rule in sorted(down, key=lambda rule: (rule.start, rule.at)):
        last = groups[-1][-1] if groups else None
        if last and abs(rule.start - last.start) <= SNAP and abs(rule.end - last.end) <= SNAP:
            groups[-1].append(rule)
        else:
            groups.append([rule])
    return [group for group in groups if len(group) >= 3 and group[0].end - group[0].start > ALONE]


def outline(group: Sequence[Rule]) -> Box:
    """The box round all rules of a group."""
    xs = [x for r in group for x in ((r.start, r.end) if r.horizontal else (r.at,))]
    ys = [y for r in group for y in ((r.start, r.end) if not r.horizontal else (r.at,))]
    return Box(min(xs), min(ys), max(xs), max(ys))


def is_tick_box(group: Sequence[Rule], box: Box) -> bool:
    width, height = box.x1 - box.x0, box.bottom - box.top
    return (
        len(group) >= 4
        and 4.0 <= width <= TICK_BOX
        and 4.0 <= height <= TICK_BOX
        and 0.6 <= width / height <= 1.7
    )


# -- tables -----------------------------------------------------------------------------------


def close_sides(group: list[Rule]) -> list[Rule]:
    """Adds an outer side that is not drawn: open tables, and rows cut by the page's end.

    A side is added where at least two rules end at it and none runs along it; two of them that
    are neighbours meet at their corner.
    """
    box = outline(group)
    sides = (
        (Rule(True, box.top, box.x0, box.x1), "start"),
        (Rule(True, box.bottom, box.x0, box.x1), "end"),
        (Rule(False, box.x0, box.top, box.bottom), "start"),
        (Rule(False, box.x1, box.top, box.bottom), "end"),
    )
    added = []
    for side, end in sides:
        along = [
            r for r in group if r.horizontal == side.horizontal and abs(r.at - side.at) <= SNAP
        ]
        ends = [
            r
            for r in group
            if r.horizontal != side.horizontal and abs(getattr(r, end) - side.at) <= SNAP
        ]
        if not along and len(ends) >= 2:
            reach = [r.at for r in ends]
            added.append(Rule(side.horizontal, side.at, min(reach), max(reach)))
    corners = [{r.at for r in added if r.horizontal != side.horizontal} for side in added]
    return group + [
        side._replace(start=min(side.start, *reach), end=max(side.end, *reach)) if reach else side
        for side, reach in zip(added, corners, strict=True)
    ]


def table_of(drawn: Sequence[Rule], group: Sequence[Rule]) -> Table | None:
    """The table that a group of touching rules makes, if it makes one; `group` has its sides
    closed, `drawn` not."""
    box = outline(group)
    if is_tick_box(group, box):
        return None
    ys = sorted({rule.at for rule in group if rule.horizontal})
    xs = sorted({rule.at for rule in group if not rule.horizontal})
    if len(ys) < 2 or len(xs) < 2:
        return None
    slots = merge_slots(xs, ys, *edges_of(group, xs, ys))
    if not slots:
        return None
    lines = [rule.at for rule in drawn if rule.horizontal]
    return Table(
        len(ys) - 1,
        len(xs) - 1,
        tuple(slots),
        Box(xs[0], ys[0], xs[-1], ys[-1]),
        open_top=all(y > ys[0] + SNAP for y in lines),
        open_bottom=all(y < ys[-1] - SNAP for y in lines),
    )


#: A bit for each edge of the grid that is drawn, line by line.
Edges = list[int]


def edges_of(
    group: Sequence[Rule], xs: Sequence[float], ys: Sequence[float]
) -> tuple[Edges, Edges]:
    """Which grid edges are drawn: row by row above each slot of it, and one row more for what is
    below the last; row by row left of each slot, and one bit more for what is right of the last."""
    above, left = [0] * len(ys), [0] * (len(ys) - 1)
    index_of = {True: {y: i for i, y in enumerate(ys)}, False: {x: i for i, x in enumerate(xs)}}
    for horizontal, at, start, end in group:
        line = index_of[horizontal][at]
        across = xs if horizontal else ys
        first, last = bisect_left(across, start - TOUCH), bisect_right(across, end + TOUCH) - 1
        if horizontal:
            if last > first:
                above[line] |= (1 << last) - (1 << first)
        else:
            for row in range(first, last):
                left[row] |= 1 << line
    return above, left


def merge_slots(xs: Sequence[float], ys: Sequence[float], above: Edges, left: Edges) -> list[Slot]:
    """Slots with no rule between them are one cell; space open to the outside is none."""
    columns = len(xs) - 1
    every = (1 << columns) - 1
    # Nearly all of them have rules on all four sides.
    alone = [
        above[row] & above[row + 1] & sides & (sides >> 1) & every for row, sides in enumerate(left)
    ]
    cells = [
        _new(Slot, (r, c, 1, 1, _new(Box, (xs[c], ys[r], xs[c + 1], ys[r + 1]))))
        for r, closed in enumerate(alone)
        for c in _columns_in(closed, every)
    ]
    outside, parts = _flood(above, left, [every & ~closed for closed in alone], columns)
    for members in parts:
        if outside.isdisjoint(members):
            cells.extend(_rectangles(members, xs, ys))
    return sorted(cells) if parts else cells


def _columns_in(bits: int, every: int) -> Iterable[int]:
    """Which of the columns have their bit set."""
    columns = range(every.bit_length())
    return columns if bits == every else [c for c in columns if bits >> c & 1]


def _flood(
    above: Edges, left: Edges, joined: Edges, columns: int
) -> tuple[set[tuple[int, int]], list[set[tuple[int, int]]]]:
    """Slots that lie open to the outside, and the areas of slots without rules between them, of
    the slots that are `joined` to something."""
    rows, every = len(left), (1 << columns) - 1
    seen: set[tuple[int, int]] = set()
    outside: set[tuple[int, int]] = set()
    parts: list[set[tuple[int, int]]] = []
    for first in (
        (r, c) for r, bits in enumerate(joined) if bits for c in _columns_in(bits, every)
    ):
        if first in seen:
            continue
        part, edge = {first}, [first]
        while edge:
            r, c = edge.pop()
            steps = (
                ((r - 1, c), above[r] >> c & 1),
                ((r + 1, c), above[r + 1] >> c & 1),
                ((r, c - 1), left[r] >> c & 1),
                ((r, c + 1), left[r] >> (c + 1) & 1),
            )
            for slot, ruled in steps:
                if ruled or slot in part:
                    continue
                if not (0 <= slot[0] < rows and 0 <= slot[1] < columns):
                    outside.add((r, c))
                    continue
                part.add(slot)
                edge.append(slot)
        seen |= part
        parts.append(part)
    return outside, parts


def _rectangles(
    members: set[tuple[int, int]], xs: Sequence[float], ys: Sequence[float]
) -> list[Slot]:
    """An area as cells: one if it is a rectangle, else bands of rows with the same columns."""
    columns_of: dict[int, set[int]] = defaultdict(set)
    for row, column in members:
        columns_of[row].add(column)
    cells: list[Slot] = []
    band: list[int] = []
    for row in sorted(columns_of):
        if band and (columns_of[row] != columns_of[band[-1]] or row != band[-1] + 1):
            cells.append(_cell(band, columns_of[band[0]], xs, ys))
            band = []
        band.append(row)
    cells.append(_cell(band, columns_of[band[0]], xs, ys))
    return cells


def _cell(rows: list[int], columns: set[int], xs: Sequence[float], ys: Sequence[float]) -> Slot:
    first, last = min(columns), max(columns)
    box = Box(xs[first], ys[rows[0]], xs[last + 1], ys[rows[-1] + 1])
    return Slot(rows[0], first, len(rows), last - first + 1, box)
