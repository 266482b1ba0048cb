"""Two pages of a form on one page of a PDF (printed 2 in 1, or an A3 sheet) → two pages.

They are told by a band of bare paper from top to bottom between them: over a page that is wide by
itself runs a title, a rule or a line.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from pipeline.document import Box
from pipeline.read.pdf_chars import UNMAPPED
from pipeline.read.pdf_lines import WIDE, rows_of
from pipeline.read.pdf_page import Glyph, Page, PartFrame, glyphs_of
from pipeline.read.pdf_rules import Rule

#: Width to height from which on a page may hold two side by side (two of A4: 1.41).
SPREAD = 1.2
#: Where the band may lie, shares of the width, and how wide it is at least.
MIDDLE, GUTTER = (0.42, 0.58), 0.012
#: Of pages without a table side by side, the first has text over so much of its height.
FILLED = 0.2
#: Of the rows of a list that the band parts, so many lie on lines of the other half, and fewer than so
#: many are running text, which goes over so much of a page's width.
ON_LINE, PROSE, RUNS_ON = 0.8, 0.25, 0.7
#: Fewer need to if only the rows of the first half are numbered: numbers of so many digits, whose
#: middles stand no further apart than this, in points.
ON_LINE_COUNTED, MOST_DIGITS, UNDER = 0.4, 4, 15.0
#: A rule so near to the page's edge, or so long (shares of its height and width), may be a frame
#: that was printed round each page, or the line between them.
EDGE, LONG = 0.06, 0.85
#: What may stand below both pages in the middle: the number of the sheet.
_COUNTED = frozenset("0123456789-—–/第共页 ")


def pages_on(page: Page) -> list[Page]:
    """The pages that stand on a page of the file, left to right; mostly the page alone."""
    width = page.frame.width
    if width < SPREAD * page.frame.height or page.covered:
        return [page]
    cut = _fold(page)
    if cut is None:
        return [page]
    halves = [_part(page, 0, 0.0, cut), _part(page, 1, cut, width)]
    return halves if _are_pages(halves) else [page]


def _fold(page: Page) -> float | None:
    """Where the band of bare paper is: in the page's middle if it reaches there."""
    width = page.frame.width
    start, end = (share * width for share in MIDDLE)
    taken = sorted(_taken(page, start, end))
    edge, bands = start, []
    for x0, x1 in [*taken, (end, end)]:
        if x0 - edge >= GUTTER * width:
            bands.append((edge, x0))
        edge = max(edge, x1)
    if not bands:
        return None
    a, b = min(bands, key=lambda band: max(band[0] - width / 2, width / 2 - band[1], 0.0))
    return width / 2 if a < width / 2 < b else (a + b) / 2


def _taken(page: Page, start: float, end: float) -> Iterator[tuple[float, float]]:
    """From where to where anything stands on the page, of what lies between two places."""
    height = page.frame.height
    foot = (1 - EDGE) * height
    for piece in page.pieces:
        text, x0, x1, baseline, *_ = piece
        if x1 <= start or x0 >= end:
            continue
        if baseline > foot:  # what counts pages is told by the character
            marks = glyphs_of([piece])
            yield from ((g.x0, g.x1) for g in marks if g.text.strip() and g.text not in _COUNTED)
        elif text.strip():  # within a strip no gap is as wide as the band
            yield x0, x1
    for rule in page.rules:
        horizontal, at, x0, x1 = rule
        if not horizontal:
            x0 = x1 = at
        if x1 > start and x0 < end and not _frames(rule, page):
            yield x0, x1
    for box in (*page.shades, *(image.box for image in page.images)):
        if (
            box.x1 > start
            and box.x0 < end
            and (box.bottom - box.top < LONG * height or box.x1 - box.x0 < LONG * page.frame.width)
        ):
            yield box.x0, box.x1


def _frames(rule: Rule, page: Page) -> bool:
    width, height = page.frame.width, page.frame.height
    if not rule.horizontal:
        return rule.end - rule.start > LONG * height
    at_edge = not EDGE * height < rule.at < (1 - EDGE) * height
    return at_edge and rule.end - rule.start > LONG / 2 * width


def _part(page: Page, part: int, x0: float, x1: float) -> Page:
    """What stands on a page between two places, as a page of its own."""

    def holds(middle: float) -> bool:
        return x0 <= middle < x1

    def moved(box: Box) -> Box:
        return Box(max(box.x0, x0) - x0, box.top, min(box.x1, x1) - x0, box.bottom)

    def over(box: Box) -> bool:
        return min(box.x1, x1) - max(box.x0, x0) > 0.5 * min(box.x1 - box.x0, x1 - x0)

    glyphs = [
        glyph._replace(x0=glyph.x0 - x0, x1=glyph.x1 - x0)
        for glyph in page.glyphs
        if holds((glyph.x0 + glyph.x1) / 2)
    ]
    rules = [
        rule._replace(start=max(rule.start, x0) - x0, end=min(rule.end, x1) - x0)
        if rule.horizontal
        else rule._replace(at=rule.at - x0)
        for rule in page.rules
        if (min(rule.end, x1) > max(rule.start, x0) if rule.horizontal else holds(rule.at))
    ]
    images = [image._replace(box=moved(image.box)) for image in page.images if over(image.box)]
    area = (x1 - x0) * page.frame.height
    whole = [i for i in images if (i.box.x1 - i.box.x0) * (i.box.bottom - i.box.top) > 0.8 * area]
    return Page(
        page.number,
        PartFrame.of(page.frame, x0, x1),
        list(glyphs),
        rules,
        [moved(box) for box in page.shades if over(box)],
        images=[image for image in images if image not in whole],
        curves=page.curves,
        unmapped=sum(glyph.text == UNMAPPED for glyph in glyphs),
        covered=bool(whole),
        part=part,
    )


def _are_pages(halves: Sequence[Page]) -> bool:
    """Whether both are pages: each has text or a picture of its own, and one a table or the first
    much text; the band may part the columns of a list."""
    if not all(page.covered or any(g.text.strip() for g in page.glyphs) for page in halves):
        return False
    if any(page.covered or _has_table(page) for page in halves):
        return True
    return _filled(halves[0]) >= FILLED and not _is_one_list(*halves)


def _has_table(page: Page) -> bool:
    """Whether rules cross within a page."""
    across = [r for r in page.rules if r.horizontal and not _is_long(r, page)]
    down = [r for r in page.rules if not r.horizontal and not _is_long(r, page)]
    return len(across) > 2 and len(down) > 2


def _is_long(rule: Rule, page: Page) -> bool:
    side = page.frame.width if rule.horizontal else page.frame.height
    return rule.end - rule.start > 0.97 * side


def _filled(page: Page) -> float:
    """Over which share of a page's height text stands."""
    tops = {int(g.baseline) for g in page.glyphs if g.text.strip()}
    size = max((g.size for g in page.glyphs), default=0.0)
    return len({y + d for y in tops for d in range(-round(size), 1)}) / page.frame.height


def _is_one_list(left: Page, right: Page) -> bool:
    """Whether the rows of one half go on in the other, on the same lines, and are no running text:
    lines of that may lie so on two pages of the same making."""
    rows = [rows_of([g for g in page.glyphs if g.text.strip()]) for page in (left, right)]
    pairs = [(a, b) for a in rows[0] for b in rows[1] if abs(a[0].baseline - b[0].baseline) < 1.0]
    counted = _counts(rows[0]) and not _counts(rows[1])
    if len(pairs) < (ON_LINE_COUNTED if counted else ON_LINE) * min(map(len, rows)):
        return False
    prose = sum(_runs_on(a, left) or _runs_on(b, right) for a, b in pairs)
    return prose < PROSE * len(pairs)


def _counts(rows: Iterable[Sequence[Glyph]]) -> bool:
    """Whether lines begin with numbers that run on, under each other."""
    numbers = [(int(text), x) for row in rows for text, x in [_first_text(row)] if text.isdecimal()]
    return any(
        after == number + 1 and abs(x - other) < UNDER
        for (number, x), (after, other) in pairwise(numbers)
    )


def _first_text(row: Sequence[Glyph]) -> tuple[str, float]:
    """What a line begins with, up to the first gap, of no more than four characters, and where."""
    first, *others = sorted(row, key=lambda g: g.x0)
    text, edge = first.text, first.x1
    for glyph in others:
        if glyph.x0 - edge > 0.5 * glyph.size or len(text) > MOST_DIGITS:
            break
        text, edge = text + glyph.text, glyph.x1
    return (text if len(text) <= MOST_DIGITS else "", (first.x0 + edge) / 2)


def _runs_on(row: Sequence[Glyph], page: Page) -> bool:
    """Whether a line is one text over most of the page's width."""
    longest = start = edge = -math.inf
    for glyph in sorted(row, key=lambda g: g.x0):
        if glyph.x0 - edge > WIDE * glyph.size:
            start = glyph.x0
        edge = max(edge, glyph.x1)
        longest = max(longest, edge - start)
    return longest > RUNS_ON * page.frame.width
