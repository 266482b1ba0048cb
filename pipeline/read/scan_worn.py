"""Rules that by themselves cannot be told from strokes, found by those round them: level ones of which
printer or scanner left dashes, and the borders down of rows no higher than a character.

Between the borders of one column such a rule is a thin band of ink with nothing close above and
below; several columns side by side have it at the same height, and it reaches their borders, as no
—— in the middle of a cell does. Sizes in pixels at 200 dpi.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import cv2
import numpy as np

from pipeline.read.pdf_rules import Rule

#: Borders no further apart than this are one; columns are wider than `NARROW`.
NEAR, NARROW = 12, 20
#: Borders down shorter than this are not looked at.
SHORT = 100
#: Of the width of a column so much is left of a rule at least; where columns beside it have more, so much.
LEFT, LITTLE = 0.4, 0.2
#: No rule is thicker; what lies so near to it holds ink over less than `BARE` of the width.
THICK, CLOSE, BARE = 9, 8, 0.2
#: A rule strays by no more than this over the width of a table.
STRAY = 8
#: Rows between these heights have borders too short for a rule; such a border fills its row.
LOW, HIGH, FILLED = 20, 50, 0.95
#: Rows are longer than this.
LONG = 200
#: It shows in so many columns side by side, or over this share of the table's width.
COLUMNS, WIDE = 3, 0.6
#: Of the ends at the columns' borders it reaches this share, within so many pixels.
ENDS, END = 0.5, 10


class Band(NamedTuple):
    """A thin band of ink in a column: its height on the page, and at how many of the column's two
    borders it ends."""

    at: float
    column: int
    ends: int


def with_worn(rules: Sequence[Rule], ink: Any) -> list[Rule]:
    """The rules, with those that are worn to dashes in place of the pieces of them."""
    borders = _borders(rules)
    columns = list(pairwise(borders))
    bands = sorted(band for i, pair in enumerate(columns) for band in _bands(ink, *pair, i))
    out = list(rules)
    while bands:
        row = [band for band in bands if band.at - bands[0].at <= STRAY]
        bands = bands[len(row) :]
        for run in _runs(row, ink, columns):
            if not _is_rule(run, columns):
                continue
            at = float(np.median([band.at for band in run]))
            start, end = columns[run[0].column][0].at, columns[run[-1].column][1].at
            same = [r for r in out if r.horizontal and abs(r.at - at) <= STRAY]
            if any(r.start <= start + NEAR and r.end >= end - NEAR for r in same):
                continue
            parts = [r for r in same if r.end > start - NEAR and r.start < end + NEAR]
            whole = Rule(
                True, at, min(start, *(r.start for r in parts)) if parts else start,
                max(end, *(r.end for r in parts)) if parts else end,
            )  # fmt: skip
            out = [*(r for r in out if r not in parts), whole]
    return out


def with_short(rules: Sequence[Rule], ink: Any) -> list[Rule]:
    """The rules, with the borders down of rows so low that these are no longer than strokes: what runs
    from one level rule to the next, bare on both sides, as no stroke of writing does."""
    out = list(rules)
    level = sorted((r for r in rules if r.horizontal), key=lambda r: r.at)
    for i, upper in enumerate(level):
        for lower in level[i + 1 :]:
            start, end = max(upper.start, lower.start), min(upper.end, lower.end)
            if lower.at - upper.at > HIGH:
                break
            if lower.at - upper.at < LOW or end - start < LONG:
                continue
            for at in _crossing(ink, round(upper.at) + 4, round(lower.at) - 3, start, end):
                if not any(_stands(rule, at, (upper.at + lower.at) / 2) for rule in out):
                    out.append(Rule(False, at, upper.at, lower.at))
    return out


def _stands(rule: Rule, at: float, height: float) -> bool:
    near = abs(rule.at - at) <= NEAR
    return not rule.horizontal and near and rule.start < height < rule.end


def _crossing(ink: Any, top: int, bottom: int, start: float, end: float) -> Iterator[float]:
    """Where something fills a row from top to bottom."""
    left = round(start)
    share = (ink[top:bottom, left : round(end)] > 0).mean(axis=0)
    steps = np.diff(np.concatenate([[0], (share > FILLED).astype(np.int8), [0]]))
    for first, last in np.flatnonzero(steps).reshape(-1, 2).tolist():
        beside = share[max(first - CLOSE, 0) : max(first - 2, 0)], share[last + 2 : last + CLOSE]
        if last - first <= THICK and not any(side.size and side.max() > BARE for side in beside):
            yield left + (first + last) / 2


def _borders(rules: Sequence[Rule]) -> list[Rule]:
    """The borders of columns from left to right, pieces of one below one another joined."""
    joined: list[Rule] = []
    for rule in sorted((r for r in rules if not r.horizontal), key=lambda r: r.at):
        if rule.end - rule.start < SHORT:
            continue
        if joined and rule.at - joined[-1].at <= NEAR:
            last = joined[-1]
            joined[-1] = last._replace(
                start=min(last.start, rule.start), end=max(last.end, rule.end)
            )
        else:
            joined.append(rule)
    return joined


def _bands(ink: Any, left: Rule, right: Rule, column: int) -> Iterator[Band]:
    top = max(round(max(left.start, right.start)) - NEAR, 0)
    inner = _inner(ink, left, right, top, round(min(left.end, right.end)) + NEAR)
    if min(inner.shape) < NARROW:
        return
    filled = cv2.dilate(inner, np.ones((3, 1), np.uint8)) > 0
    share = filled.mean(axis=1)
    steps = np.diff(np.concatenate([[0], (share > LEFT).astype(np.int8), [0]]))
    for first, last in np.flatnonzero(steps).reshape(-1, 2).tolist():
        beside = share[max(first - CLOSE, 0) : max(first - 3, 0)], share[last + 3 : last + CLOSE]
        if last - first > THICK or any(side.size and side.mean() > BARE for side in beside):
            continue
        rows = filled[first:last]
        ends = int(rows[:, :END].any()) + int(rows[:, -END:].any())
        yield Band(top + (first + last) / 2, column, ends)


def _inner(ink: Any, left: Rule, right: Rule, top: int, bottom: int) -> Any:
    return ink[max(top, 0) : bottom, round(left.at) + 6 : max(round(right.at) - 5, 0)]


def _runs(
    row: Sequence[Band], ink: Any, columns: Sequence[tuple[Rule, Rule]]
) -> Iterator[list[Band]]:
    """The bands of one height that lie in columns side by side; a column between in which little is
    left of it does not part them."""
    run: list[Band] = []
    for band in sorted(row, key=lambda band: band.column):
        if run and band.column == run[-1].column:
            continue
        between = columns[run[-1].column + 1 : band.column] if run else ()
        if run and not all(_shows(ink, *pair, band.at) for pair in between):
            yield run
            run = []
        run.append(band)
    if run:
        yield run


def _shows(ink: Any, left: Rule, right: Rule, at: float) -> bool:
    part = _inner(ink, left, right, round(at) - STRAY // 2, round(at) + STRAY // 2)
    return bool(part.size and part.any(axis=0).mean() > LITTLE)


def _is_rule(run: Sequence[Band], columns: Sequence[tuple[Rule, Rule]]) -> bool:
    wide = columns[run[-1].column][1].at - columns[run[0].column][0].at
    enough = len(run) >= COLUMNS or (
        len(run) > 1 and wide > WIDE * (columns[-1][1].at - columns[0][0].at)
    )
    return enough and sum(band.ends for band in run) >= 2 * ENDS * len(run)
