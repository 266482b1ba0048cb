"""What stands on printed lines, cut where they have gaps: a form without rules is read by these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pipeline.document import Box, Phrase, Place
from pipeline.read import pdf_lines
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import Glyph, Page
from pipeline.read.pdf_rules import join_rules
from pipeline.read.pdf_unruled import WORDS_APART

#: A smaller gap (in em) than `WORDS_APART` parts texts where so many lines have one begin just there.
AT_EDGE, ALIGNED = 0.1, 3
#: The share of a page's width that a level rule crosses which parts what is above from what is below.
ACROSS = 0.45
#: Such a rule begins no further right than this from the leftmost line, in points; what underlines
#: a value does.
SET_IN = 6.0


def phrases_of(lines: Sequence[Line], bands: Mapping[int, Bands]) -> tuple[Phrase, ...]:
    """The phrases of a paragraph's lines, from left to right and from the top down. A page that was
    read from its picture has none: where its words stand is not sure enough."""
    return tuple(
        phrase
        for line in lines
        if bands[line.page].page.scan is None
        for phrase in _phrases(line, bands[line.page])
    )


class Bands:
    """A page and the heights of the level rules across it, from the left edge of its lines on."""

    def __init__(self, page: Page, lines: Sequence[Line]) -> None:
        width = ACROSS * page.frame.width
        left = min((line.box.x0 for line in lines), default=0.0) + SET_IN
        rules = join_rules(rule for rule in page.rules if rule.horizontal)
        self.page = page
        self.edges = _edges(lines)
        self._levels = sorted({r.at for r in rules if r.end - r.start > width and r.start < left})

    def at(self, box: Box) -> int:
        """How many rules stand above a line; one within its lower half underlines it."""
        middle = (box.top + box.bottom) / 2
        return sum(level < middle for level in self._levels)


def _phrases(line: Line, bands: Bands) -> Iterator[Phrase]:
    parts = list(_parts(line.row, bands.edges))
    if len(parts) <= 1:
        yield _phrase(line, bands)
        return
    for part in parts:
        for one in pdf_lines.lines_of(part, line.page):
            yield _phrase(one, bands)


def _phrase(line: Line, bands: Bands) -> Phrase:
    page = bands.page
    place = Place(page=page.number, box=page.frame.shown(line.box), confidence=line.sure)
    return Phrase(line.runs, place, line.page, line.box, bands.at(line.box))


def _edges(lines: Sequence[Line]) -> frozenset[int]:
    """Where texts begin on several lines of a page, in points: the left edges of columns."""
    starts: Counter[int] = Counter()
    for line in lines:
        edge = float("-inf")
        for glyph in line.row:
            if glyph.text.strip():
                if glyph.x0 - edge > WORDS_APART * glyph.size:
                    starts[round(glyph.x0)] += 1
                edge = glyph.x1
    edges = [x for x, count in starts.items() if count >= ALIGNED]
    return frozenset(x + d for x in edges for d in (-1, 0, 1))


def _parts(row: Sequence[Glyph], edges: frozenset[int]) -> Iterator[list[Glyph]]:
    part: list[Glyph] = []
    edge = 0.0
    blanks: list[Glyph] = []
    for glyph in row:
        if not glyph.text.strip():
            blanks.append(glyph)
            continue
        gap = (glyph.x0 - edge) / glyph.size
        if part and (gap > WORDS_APART or (gap > AT_EDGE and round(glyph.x0) in edges)):
            yield part
            part = []
        part += [*blanks, glyph] if part else [glyph]
        edge, blanks = glyph.x1, []
    if part:
        yield part
