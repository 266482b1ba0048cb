"""Ink → the rules of tables, in pixels; the ink without them. What joins and closes rules is the
geometry of `pdf_rules`, the same as for drawn ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

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


def rules_of(ink: Any) -> list[Rule]:
    """The rules of a page, in pixels. Strokes of characters among them touch no other rule."""
    found = [*_one_way(ink, horizontal=True), *_one_way(ink, horizontal=False)]
    for _ in range(2):
        found = [rule for rule in found if _is_held(rule, found)]
    return found


def _is_held(rule: Rule, rules: Sequence[Rule]) -> bool:
    """Whether a rule ends at others, as borders do, or is too long for a stroke."""
    if rule.end - rule.start > LONG:
        return True
    across = [
        r
        for r in rules
        if r.horizontal != rule.horizontal and r.start - NEAR <= rule.at <= r.end + NEAR
    ]
    return all(any(abs(r.at - end) <= NEAR for r in across) for end in (rule.start, rule.end))


def _one_way(ink: Any, *, horizontal: bool) -> list[Rule]:
    image = ink if horizontal else np.ascontiguousarray(ink.T)
    # a rule that is a little askew steps from row to row: thicken it first
    thick = cv2.dilate(image, np.ones((3, 1), np.uint8))
    closed = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((1, BREAK), np.uint8))
    runs = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, LEAST), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [
        Rule(horizontal, y + height / 2, float(x), float(x + width))
        for x, y, width, height, area in stats[1:count].tolist()
        if height <= THICK or area / width <= 7
    ]
    return [rule for rule in _in_line(found) if _is_bare(rule, image)]


def _in_line(rules: list[Rule]) -> list[Rule]:
    """Pieces of one rule, at the same height and not far apart, as one."""
    joined: list[Rule] = []
    for rule in sorted(rules, key=lambda rule: rule.start):
        for i, other in enumerate(joined):
            if abs(other.at - rule.at) <= 3 and rule.start - other.end <= APART:
                length, more = other.end - other.start, rule.end - rule.start
                at = (other.at * length + rule.at * more) / (length + more)
                joined[i] = Rule(rule.horizontal, at, other.start, max(other.end, rule.end))
                break
        else:
            joined.append(rule)
    return joined


def _is_bare(rule: Rule, image: Any) -> bool:
    """Whether little else stands just above and below: strokes stand in characters."""
    at, start, end = round(rule.at), int(rule.start), int(rule.end)
    if end - start > LONG:
        return True
    above, below = (
        image[max(at - 9, 0) : max(at - 4, 0), start:end],
        image[at + 5 : at + 10, start:end],
    )
    return all(not side.size or side.any(axis=0).mean() < 0.3 for side in (above, below))


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
