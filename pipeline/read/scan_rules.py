"""Ink → the rules of tables, in pixels; the ink without them. What joins and closes rules is the
geometry of `pdf_rules`, the same as for drawn ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from pipeline.read.pdf_rules import SNAP, Rule, Table, find_tables

#: The shortest piece of ink, in pixels at 200 dpi, that may be a rule and not part of a character.
LEAST = 44
#: A break in a rule that is bridged, in pixels.
BREAK = 9
#: What is thicker than this is a bar, a picture or dirt.
THICK = 13
#: Pieces of a rule no further apart than this are one.
APART = 24
#: No stroke of a character, nor several in a row, is so long.
LONG = 400
#: A rule ends at another if it ends this near to it.
NEAR = 12


class Piece(NamedTuple):
    """A straight piece of ink that may be a rule: its thickness in pixels, and whether little else
    stands beside it (strokes stand in characters)."""

    rule: Rule
    thick: float
    bare: bool

    @property
    def length(self) -> float:
        return self.rule.end - self.rule.start


def rules_of(ink: Any) -> list[Rule]:
    """The rules of a page, in pixels: those that end at others, as borders do, or are too long for
    a stroke; with the stretches that printer or scanner lost. Strokes of characters among them
    touch no other rule."""
    pieces = [*_one_way(ink, horizontal=True), *_one_way(ink, horizontal=False)]
    firm = [piece.rule for piece in pieces if piece.length > LONG or piece.bare]
    for _ in range(2):
        firm = [r for r in firm if r.end - r.start > LONG or all(_holds(r, firm))]
    # text may stand close to a border that ends at others on both sides
    firm += [p.rule for p in pieces if not p.bare and p.rule not in firm and all(_holds(p.rule, firm))]
    loose = [p.rule for p in pieces if p.bare and p.length > 2 * LEAST and p.rule not in firm]
    return _completed(firm, loose, ink)


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
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [
        (Rule(horizontal, y + height / 2, float(x), float(x + width)), area / width - 2)
        for x, y, width, height, area in stats[1:count].tolist()
        if height <= THICK or area / width <= 7
    ]
    return [Piece(rule, thick, _is_bare(rule, thick, image)) for rule, thick in _in_line(found)]


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


def _is_bare(rule: Rule, thick: float, image: Any) -> bool:
    """Whether little else stands just above and below: strokes stand in characters."""
    at, start, end = rule.at, int(rule.start), int(rule.end)
    if end - start > LONG:
        return True
    half = round(thick / 2) + 2
    above = image[max(round(at) - half - 5, 0) : max(round(at) - half, 0), start:end]
    below = image[round(at) + half + 1 : round(at) + half + 6, start:end]
    return all(not side.size or side.any(axis=0).mean() < 0.3 for side in (above, below))


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
    if inner[0] - start > NEAR:
        onward = [at for at in across if at < start]
        start = _end_of(start, inner[0], max(onward, default=None), rule.at, ink)
    if end - inner[-1] > NEAR:
        onward = [at for at in across if at > end]
        end = _end_of(end, inner[-1], min(onward, default=None), rule.at, ink)
    return rule._replace(start=start, end=end)


def _end_of(end: float, back: float, onward: float | None, at: float, ink: Any) -> float:
    if onward is not None and not _blocked(ink, at, *sorted((end, onward))):
        return onward
    return back if abs(end - back) < 2 * LEAST else end


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
