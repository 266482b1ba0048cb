"""Ink → the rules of tables, in pixels; the ink without them. What joins and closes rules is the
geometry of `pdf_rules`, the same as for drawn ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from pipeline.read.pdf_rules import SNAP, Rule, Table, find_tables
from pipeline.read.scan_worn import with_short, with_worn

#: The shortest piece of ink, in pixels at 200 dpi, that may be a rule and not part of a character.
LEAST = 44
#: A break in a rule that is bridged, in pixels.
BREAK = 9
#: What is thicker than this is a bar, a picture or dirt.
THICK = 13
#: Pieces of a rule no further apart than this are one.
APART = 24
#: A piece of a rule is filled over more than this share of its length.
SOLID = 0.96
#: No stroke of a character, nor several in a row, is so long.
LONG = 400
#: Where there are only level rules, nor is a bare one so long.
SHORT = 180
#: The sides of a rule.
BOTH = 2
#: A line that sticks out of a table so far on both sides is none of its rules.
OUT = 60
#: A rule ends at another if it ends this near to it.
NEAR = 12
#: Of a border that is worn to dashes so much is left at least.
DASHED = 0.25


class Piece(NamedTuple):
    """A straight piece of ink that may be a rule: its thickness in pixels; `bare`: on how many of
    its two sides little else stands (strokes stand in characters); `solid`: there is no gap in it
    (strokes of several characters in a row have them)."""

    rule: Rule
    thick: float
    bare: int
    solid: bool

    @property
    def length(self) -> float:
        return self.rule.end - self.rule.start

    @property
    def is_long(self) -> bool:
        """Too long for a stroke, and text stands close to it on one side at most."""
        return self.length > LONG and (self.bare == BOTH or (self.solid and self.bare > 0))


def rules_of(ink: Any) -> tuple[list[Rule], list[Rule]]:
    """The rules of a page, in pixels: those that end at others, as borders do, or are too long for
    a stroke; with the stretches that printer or scanner lost. Strokes of characters among them
    touch no other rule. And apart from them the streaks that dirt draws through a page."""
    pieces = [*_one_way(ink, horizontal=True), *_one_way(ink, horizontal=False)]
    pieces = _trimmed(pieces, ink)
    firm = [p.rule for p in pieces if p.bare == BOTH or p.is_long]
    for _ in range(2):
        firm = [r for r in firm if r.end - r.start > LONG or all(_holds(r, firm))]
    dark = {True: ink, False: np.ascontiguousarray(ink.T)}
    firm = [r for r in firm if r.end - r.start > LONG or _meets(r, firm, dark[r.horizontal])]
    # text may stand close to a border that ends at others on both sides
    close = [p.rule for p in pieces if p.solid and p.rule not in firm]
    firm += [rule for rule in close if all(_holds(rule, firm))]
    loose = [p.rule for p in pieces if p.bare == BOTH and p.solid and p.length > 2 * LEAST]
    if all(rule.horizontal for rule in firm):  # no table with borders: a level rule may be short
        firm += [rule for rule in loose if rule.horizontal and rule.end - rule.start > SHORT]
    rules = _completed(firm, [rule for rule in loose if rule not in firm], ink)
    rules = with_short(with_worn(_continued(rules, ink), ink), ink)
    streaks = [rule for rule in rules if _is_streak(rule, rules)]
    return [rule for rule in rules if rule not in streaks], streaks


def _trimmed(pieces: Sequence[Piece], ink: Any) -> list[Piece]:
    """Pieces without the strokes of writing that a border was joined to beyond its end, which is
    the last rule across."""
    long = [p.rule for p in pieces if p.is_long]
    dark = {True: ink, False: np.ascontiguousarray(ink.T)}
    out = []
    for piece in pieces:
        rule, image = piece.rule, dark[piece.rule.horizontal]
        inner = [r.at for r in long if _crosses(r, rule) and rule.start <= r.at <= rule.end]
        for end, last in (("start", min(inner, default=None)), ("end", max(inner, default=None))):
            if last is None or not NEAR < abs(getattr(rule, end) - last) < 2 * LEAST:
                continue
            low, high = sorted((getattr(rule, end), last))
            way = image[max(round(rule.at) - 2, 0) : round(rule.at) + 3, round(low) : round(high)]
            over = rule._replace(start=low + NEAR, end=high)
            if way.any(axis=0).mean() < 0.9 or _bare_sides(over, piece.thick, image) < BOTH:
                rule = rule._replace(start=last) if end == "start" else rule._replace(end=last)
        if rule is not piece.rule:
            piece = piece._replace(rule=rule, solid=_is_solid(rule, image))
        if piece.length >= LEAST:
            out.append(piece)
    return out


def _is_shared(rule: Rule, end: str, rules: Sequence[Rule]) -> bool:
    """Whether several rules end at the same place, as they do where a table has no border."""
    ends = (getattr(other, end) for other in rules if other.horizontal == rule.horizontal)
    return sum(bool(abs(other - getattr(rule, end)) < NEAR / 2) for other in ends) > 2


def _holds(rule: Rule, rules: Sequence[Rule]) -> tuple[bool, bool]:
    """Whether a rule starts at another one, and whether it ends at one."""
    across = [r for r in rules if _crosses(r, rule)]
    start, end = (any(abs(r.at - at) <= NEAR for r in across) for at in (rule.start, rule.end))
    return start, end


def _crosses(other: Rule, rule: Rule) -> bool:
    return other.horizontal != rule.horizontal and other.start - NEAR <= rule.at <= other.end + NEAR


def _one_way(ink: Any, *, horizontal: bool) -> list[Piece]:
    image = ink if horizontal else np.ascontiguousarray(ink.T)
    # a rule that is a little askew steps from row to row: thicken it first
    thick = cv2.dilate(image, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, LEAST), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found: list[tuple[Rule, float]] = []
    for i, (x, y, width, height, area) in enumerate(stats[1:count].tolist(), 1):
        part = labels[y : y + height, x : x + width] == i
        if height > THICK and area / width > 7:  # with strokes of the writing beside it
            x, y, width, height, area = _darkest_band(part, x, y)
            at = y + height / 2
        else:  # its middle: a spot of dirt beside it does not move it
            below = np.concatenate([[0], np.cumsum(part.sum(axis=1))])
            at = y + float(np.interp(area / 2, below, np.arange(height + 1)))
        if width >= LEAST:
            found.append((Rule(horizontal, at, float(x), float(x + width)), area / width - 2))
    return [
        Piece(rule, thick, _bare_sides(rule, thick, image), _is_solid(rule, image))
        for rule, thick in _in_line(found)
    ]


def _darkest_band(part: Any, x: int, y: int) -> tuple[int, int, int, int, int]:
    """Of a component the rows that are nearly as full as its fullest one: left, top, width,
    height and area of those; nothing where they are too many for a rule."""
    rows = part.sum(axis=1)
    full = rows > 0.6 * rows.max()
    top = bottom = int(rows.argmax())
    while top > 0 and full[top - 1]:
        top -= 1
    while bottom < len(rows) - 1 and full[bottom + 1]:
        bottom += 1
    if bottom - top >= THICK:
        return x, y, 0, 1, 0
    band = part[top : bottom + 1]
    steps = np.diff(np.concatenate(([0], band.any(axis=0).astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    longest = int((ends - starts).argmax())
    start, end = int(starts[longest]), int(ends[longest])
    area = int(band[:, start:end].sum())
    return x + start, y + top, end - start, bottom - top + 1, area


def _in_line(rules: list[tuple[Rule, float]]) -> list[tuple[Rule, float]]:
    """Pieces of one rule, at the same height and not far apart, as one, each with its thickness."""
    joined: list[tuple[Rule, float]] = []
    for rule, thick in sorted(rules, key=lambda one: one[0].start):
        for i, (other, broad) in enumerate(joined):
            if abs(other.at - rule.at) <= 3 and rule.start - other.end <= APART:
                length, more = other.end - other.start, rule.end - rule.start
                at = (other.at * length + rule.at * more) / (length + more)
                whole = Rule(rule.horizontal, at, other.start, max(other.end, rule.end))
                joined[i] = whole, max(thick, broad)
                break
        else:
            joined.append((rule, thick))
    return joined


def _bare_sides(rule: Rule, thick: float, image: Any) -> int:
    """Just above and below: on how many of these sides little else stands."""
    at, start, end = rule.at, int(rule.start), int(rule.end)
    half = round(thick / 2) + 2
    above = image[max(round(at) - half - 5, 0) : max(round(at) - half, 0), start:end]
    below = image[round(at) + half + 1 : round(at) + half + 6, start:end]
    return sum(not side.size or side.any(axis=0).mean() < 0.3 for side in (above, below))


def _is_solid(rule: Rule, image: Any) -> bool:
    at = round(rule.at)
    line = image[max(at - 4, 0) : at + 5, int(rule.start) : int(rule.end)]
    return bool(line.size and line.any(axis=0).mean() > SOLID)


def _meets(rule: Rule, rules: Sequence[Rule], image: Any) -> bool:
    """Whether a rule runs on to those that it crosses: the strokes of characters below one another
    in low rows leave gaps there."""
    way = image[max(round(rule.at) - 3, 0) : round(rule.at) + 4].any(axis=0)
    across = [round(r.at) for r in rules if _crosses(r, rule)]
    sides = [(at - NEAR, at - 3) for at in across] + [(at + 3, at + NEAR) for at in across]
    beside = [way[a:b].mean() for a, b in sides if rule.start <= a + NEAR and b - NEAR <= rule.end]
    return bool(2 * sum(share > 0.6 for share in beside) >= len(beside))


# -- what was lost ------------------------------------------------------------------------------


def _completed(firm: list[Rule], loose: Sequence[Rule], ink: Any) -> list[Rule]:
    """Rules whose ends hang in the middle of a cell, led on to the next rule: no border ends there.
    Loose pieces count where they lie in line with a rule or end at one."""
    kept = [
        rule
        for rule in loose
        if any(_holds(rule, firm)) or any(_is_in_line(rule, other) for other in firm)
    ]
    rules = [*firm, *kept]
    dark = {True: ink, False: np.ascontiguousarray(ink.T)}
    out = [_led_on(rule, rules, dark[rule.horizontal]) for rule in rules]
    return [r for r in out if r.end - r.start > LONG or all(_holds(r, out)) or r in firm]


def _continued(rules: Sequence[Rule], ink: Any) -> list[Rule]:
    """A table's borders led on from where they end at a rule over the dashes that are left of them,
    as far as rules across end in line with them, and to where a page cuts the table."""
    dark = {True: ink, False: np.ascontiguousarray(ink.T)}
    out = []
    for rule in rules:
        goals = [r.at for r in rules if r.horizontal != rule.horizontal and _ends_at(r, rule)]
        if len(goals) > 2:
            beside = [r for r in rules if r.horizontal == rule.horizontal and r is not rule]
            goals += [max(r.end for r in beside), min(r.start for r in beside)] if beside else []
            line = [r for r in beside if _is_in_line(rule, r)]
            before = max((r.end for r in line if r.end < rule.start), default=-np.inf)
            after = min((r.start for r in line if r.start > rule.end), default=np.inf)
            image, start, end = dark[rule.horizontal], rule.start, rule.end
            for goal in sorted(goals):
                if end + NEAR < goal < after and _is_dashed(image, rule.at, end, goal):
                    end = goal
            for goal in sorted(goals, reverse=True):
                if before < goal < start - NEAR and _is_dashed(image, rule.at, goal, start):
                    start = goal
            rule = rule._replace(start=start, end=end)
        out.append(rule)
    return out


def _ends_at(other: Rule, rule: Rule) -> bool:
    """Whether a rule across ends in line with this one."""
    return min(abs(other.start - rule.at), abs(other.end - rule.at)) <= NEAR


def _is_dashed(ink: Any, at: float, start: float, end: float) -> bool:
    """Whether dashes, and hardly anything beside them, lead from one place to the other."""
    way = ink[max(round(at) - 3, 0) : round(at) + 4, round(start) + 6 : round(end) - 6]
    if not way.size or way.shape[1] < LEAST / 2:
        return False
    filled = way.any(axis=0)
    sides = [
        ink[
            max(round(at) + low, 0) : max(round(at) + low + 5, 0), round(start) + 6 : round(end) - 6
        ]
        for low in (-10, 6)
    ]
    return bool(filled.mean() > DASHED and all(side.any(axis=0).mean() < 0.1 for side in sides))


def _is_streak(rule: Rule, rules: Sequence[Rule]) -> bool:
    """Whether a line runs through a table and far out of it on both sides, as dirt on a scanner's
    glass draws it, and other lines beside it do not."""

    def sticks_out(one: Rule) -> bool:
        crossed = [r.at for r in rules if _crosses(r, one)]
        across = [at for at in crossed if one.start - NEAR <= at <= one.end + NEAR]
        return bool(across) and min(across) - one.start > OUT and one.end - max(across) > OUT

    if rule.end - rule.start <= 2 * LONG or not sticks_out(rule):
        return False
    beside = [r for r in rules if r.horizontal == rule.horizontal and r is not rule]
    return sum(map(sticks_out, beside)) < len(beside) / 2


def _is_in_line(rule: Rule, other: Rule) -> bool:
    return other.horizontal == rule.horizontal and abs(other.at - rule.at) <= 4


def _led_on(rule: Rule, rules: Sequence[Rule], ink: Any) -> Rule:
    """A rule with each loose end moved to the rule that it ends at: back over what sticks out of
    a table by less than a piece (a stroke of text below it), else on, where no ink is in the way."""
    across = sorted(r.at for r in rules if _crosses(r, rule))
    start, end = rule.start, rule.end
    inner = [at for at in across if start - NEAR <= at <= end + NEAR]
    if not inner:
        return rule
    same = [r for r in rules if _is_in_line(rule, r)]
    if inner[0] - start > NEAR and not _is_shared(rule, "start", rules):
        pieces, ends = [r.end for r in same if r.end < start], [at for at in across if at < start]
        start = _end_of(start, inner[0], pieces, ends, rule.at, ink)
    if end - inner[-1] > NEAR and not _is_shared(rule, "end", rules):
        pieces, ends = [r.start for r in same if r.start > end], [at for at in across if at > end]
        end = _end_of(end, inner[-1], pieces, ends, rule.at, ink)
    return rule._replace(start=start, end=end)


def _end_of(
    end: float, back: float, pieces: list[float], ends: list[float], at: float, ink: Any
) -> float:
    """Where a loose end belongs: at the next piece in line, at the next rule across, or `back` at
    the last one."""
    short = abs(end - back) < 2 * LEAST
    for goals, furthest in ((pieces, np.inf), (ends, 3 * LEAST if short else np.inf)):
        goal = min(goals, key=lambda goal: abs(goal - end), default=None)
        if goal is None or abs(goal - end) > furthest:
            continue
        if not _blocked(ink, at, *sorted((end, goal))):
            return goal
    return back if short else end


def _blocked(ink: Any, at: float, start: float, end: float) -> bool:
    """Whether writing stands where a rule would run."""
    way = ink[max(round(at) - 2, 0) : round(at) + 3, round(start) + 6 : round(end) - 6]
    return bool(way.size and way.any(axis=0).mean() > 0.12)


def table_rules(rules: Sequence[Rule]) -> tuple[list[Rule], list[Table]]:
    """The tables that rules (in points) make, and of the rules those that they are made of."""
    tables = [table for table in find_tables(rules) if _is_table(table)]
    return [rule for rule in rules if any(_borders(rule, table) for table in tables)], tables


def _is_table(table: Table) -> bool:
    """Strokes of large characters make small tables too."""
    box = table.box
    return box.x1 - box.x0 >= 120.0 and box.bottom - box.top >= 12.0 and len(table.cells) > 1


def _borders(rule: Rule, table: Table) -> bool:
    """Whether a rule runs along a border of cells."""
    for cell in table.cells:
        box = cell.box
        sides = (box.top, box.bottom) if rule.horizontal else (box.x0, box.x1)
        start, end = (box.x0, box.x1) if rule.horizontal else (box.top, box.bottom)
        # rules that stray were joined, so a border may lie between those it is made of
        beside = any(abs(rule.at - side) <= 2 * SNAP for side in sides)
        if beside and min(rule.end, end) - max(rule.start, start) > 0.9 * min(
            rule.end - rule.start, end - start
        ):
            return True
    return False


def without_rules(image: Any, rules: Iterable[Rule], blank: int, pixel: float) -> Any:
    """The picture with rules (in points) painted over; `pixel` is a pixel's size in points."""
    out = image.copy()
    for rule in rules:
        at, start, end = (round(v / pixel) for v in (rule.at, rule.start, rule.end))
        low, high = max(at - 4, 0), at + 5
        if rule.horizontal:
            out[low:high, max(start, 0) : end] = blank
        else:
            out[max(start, 0) : end, low:high] = blank
    return out
