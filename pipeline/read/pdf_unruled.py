"""Lists printed without rules, or with level ones only: the rules that are not drawn, by their text.

The rows of such a list are numbered 1, 2, 3 …, and between its columns nothing is ever written:
that alone makes it a list. Its undrawn rules are put on the page, which is then read like others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from pipeline.read.pdf_aligned import HANGING, Stand, parted
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import Glyph
from pipeline.read.pdf_rules import Rule, join_rules

#: What parts two columns is at least so wide, in points.
GUTTER = 0.3
#: What surely does.
WIDE = 4.0
#: A gap inside a line, in em, behind which another text begins.
WORDS_APART = 0.5
#: Words of a head that stand so far from each other, in em, are two labels, not one spread out.
LABELS_APART = 2.5
#: Columns of a list, and rows that make it one where it begins.
COLUMNS, ROWS = 3, 2
#: A gap that is wider than others by so much, in em, parts rows.
CLEARLY = 0.2
#: Lines of one text stand closer than this share of what rows of one line would.
ROW = 0.75
#: The share of a head's characters that makes it the same head.
REPEATED = 0.9
#: Lines further apart than this, in em from foot to head, do not belong to one list.
APART = 5.0


#: From where to where something stands.
_Part = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a line without a gap: where it stands, and its text."""

    x0: float
    x1: float
    top: float
    bottom: float
    text: str


@dataclass(frozen=True, slots=True)
class Columns:
    """The borders of a list's columns, the lines of its head, and the number of its last row, for
    the pages after."""

    borders: tuple[float, ...]
    head: tuple[str, ...]
    last: int
    width: float  # of the page
    unclear: bool  # whether what stands below its last number is a part of the next row
    stand: Stand | None = None  # of its texts beside their numbers

    def hold(self, line: Line) -> bool:
        """Whether a line of the next page may be the rest of the last row."""
        return "：" not in line.text[:6] and self.part([line])

    def go_on(self, lines: Sequence[Line]) -> bool:
        """Whether a page without numbers may hold the rest of the last row, the head repeated or
        not."""
        return self.hold(lines[0]) or _is_repeated(self.head, lines)

    def part(self, lines: Iterable[Line]) -> bool:
        """Whether no word of some lines stands across a border."""
        inner = self.borders[1:-1]
        words = (word for line in lines for word in _words(line.row, ()))
        return not any(word.x0 + 1 < x < word.x1 - 1 for word in words for x in inner)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A line that begins with the number of a row."""

    line: int
    number: int
    middle: float


@dataclass(frozen=True, slots=True)
class List:
    """A list found on a page: the rules it does not draw, its columns, the lines of which nobody
    could say to which of two rows they belong, and whether the first of them may belong to the
    last row of the page before."""

    rules: list[Rule]
    columns: Columns
    doubtful: frozenset[int]
    doubts_before: bool


def undrawn_rules(
    lines: Sequence[Line], drawn: Iterable[Rule], width: float, before: Columns | None
) -> List | None:
    """The list that stands in a page's lines; None without one.

    `drawn`: the rules of the page; `before`: the list that may go on from the page before.
    """
    goes_on = before is not None and abs(before.width - width) < 1.0
    first = before.last + 1 if before is not None and goes_on else None
    anchors = _anchors(lines, first)
    if len(anchors) < (1 if anchors and anchors[0].number == first else ROWS):
        return None
    numbered = [anchor.line for anchor in anchors]
    spans = [_spans(line.row) for line in lines]
    end = _end(lines, spans, numbered)
    head = _head(lines, spans, numbered[0], _joined(_parts(lines[numbered[0] : end]), WIDE))
    level = [r for r in join_rules(drawn) if r.horizontal and r.end - r.start > 150.0]
    across = [r.at for r in level]
    known = before if before is not None and anchors[0].number == first else None
    headed = known is None or _is_repeated(known.head, lines[head : numbered[0]])
    top: float | None = None
    doubtful: set[int] = set()
    if headed and known is not None:
        body = _below_head(known.head, lines, head, numbered[0])
        top = (lines[body - 1].box.bottom + lines[body].box.top) / 2
    elif headed:
        body, top, doubtful = _first_row(lines, across, head, numbered)
    else:
        head = _rest_of_a_row(lines, numbered[0])
        body = head
    if known is None and body == head:
        return None
    borders = _borders(lines[head:body], lines[body:end])
    if known is not None and (len(borders) != len(known.borders) or known.part(lines[body:end])):
        borders = list(known.borders)  # the same list has the same columns
    elif borders:
        borders = _as_wide_as(level, borders)
    if len(borders) <= COLUMNS or _two_in_one(lines[head:body], borders):
        return None
    levels, unclear, stand = _levels(lines, across, numbered, body, end, borders, known)
    if known is not None and known.unclear:
        unclear.update(range(body, numbered[1] if len(numbered) > 1 else end))
    levels = [lines[head].box.top - 2.0, *([] if top is None else [top]), *levels]
    rules = [Rule(True, y, borders[0], borders[-1]) for y in levels]
    crossing = list(_crossing(lines[head:body], borders))
    for span, left, right in crossing:
        rules.append(Rule(True, span.bottom + 0.5, borders[left], borders[right + 1]))
    for i, x in enumerate(borders):
        cuts = [span for span, left, right in crossing if left < i <= right]
        rules += _upright(x, levels[0], levels[-1], cuts)
    texts = tuple(line.text for line in lines[head:body])
    if known is not None and not headed:
        texts = known.head
    cut = end - 1 in unclear
    columns = Columns(tuple(borders), texts, anchors[-1].number, width, cut, stand)
    before_too = known is not None and not headed and body in unclear and body < numbered[0]
    return List(rules, columns, frozenset(doubtful | unclear), before_too)


def _as_wide_as(rules: Iterable[Rule], borders: list[float]) -> list[float]:
    """The borders, the outer ones where the level rules end that run across them all."""
    inner = [r for r in rules if r.start < borders[1] and r.end > borders[-2]]
    left = min([borders[0], *(r.start for r in inner)])
    return [left, *borders[1:-1], max([borders[-1], *(r.end for r in inner)])]


def _is_repeated(head: Sequence[str], lines: Sequence[Line]) -> bool:
    """Whether the head stands there once more: on a scan its words need not make the same lines."""
    wanted, found = _characters(head), _characters(line.text for line in lines)
    return bool(head) and (wanted & found).total() >= REPEATED * wanted.total()


def _below_head(head: Sequence[str], lines: Sequence[Line], first: int, number: int) -> int:
    """The line behind a head that is repeated, where the rest of a row may stand above the next."""
    wanted, found = _characters(head), Counter[str]()
    best = 0
    body = first
    for i in range(first, number):
        found += _characters([lines[i].text])
        if (wanted & found).total() > best:
            best, body = (wanted & found).total(), i + 1
            if best == wanted.total():
                break
    return body


def _characters(texts: Iterable[str]) -> Counter[str]:
    return Counter(char for text in texts for char in text if not char.isspace())


def _two_in_one(heads: Sequence[Line], borders: Sequence[float]) -> bool:
    """Whether two words stand side by side in the head of one column: it is two."""
    free = [(x - 1.0, x + 1.0) for x in borders]
    for line in heads:
        words = list(_words(line.row, free))
        for column in pairwise(borders):
            own = [w for w in words if column[0] < (w.x0 + w.x1) / 2 < column[1]]
            if any(b.x0 - a.x1 > LABELS_APART * line.size for a, b in pairwise(own)):
                return True
    return False


# -- rows ---------------------------------------------------------------------------------------


def _anchors(lines: Sequence[Line], first: int | None) -> list[_Anchor]:
    """The lines that begin with numbers which run on, under each other: from `first` or 1; of
    several such series the longest."""
    series: list[list[_Anchor]] = []
    for i, line in enumerate(lines):
        begun = _spans(line.row)[:1]
        if not begun or not begun[0].text.isdecimal() or len(begun[0].text) > 4:
            continue
        number, middle = int(begun[0].text), (begun[0].x0 + begun[0].x1) / 2
        own = _Anchor(i, number, middle)
        for one in series:
            if number == one[-1].number + 1 and abs(middle - one[-1].middle) < 15.0:
                one.append(own)
                break
        else:
            if number in (first, 1):
                series.append([own])
    on = [one for one in series if one[0].number == first]
    return max(on or series, key=len, default=[])


def _spans(row: Sequence[Glyph]) -> list[Span]:
    """The stretches of a line between its gaps."""
    spans: list[Span] = []
    part: list[Glyph] = []
    for glyph in row:
        if not glyph.text.strip():
            continue
        if part and glyph.x0 - part[-1].x1 > WORDS_APART * glyph.size:
            spans.append(_span(part))
            part = []
        part.append(glyph)
    return [*spans, _span(part)] if part else spans


def _span(part: Sequence[Glyph]) -> Span:
    return Span(
        part[0].x0,
        max(g.x1 for g in part),
        min(g.top for g in part),
        max(g.bottom for g in part),
        "".join(g.text for g in part),
    )


def _head(
    lines: Sequence[Line], spans: Sequence[Sequence[Span]], first: int, parts: Sequence[_Part]
) -> int:
    """Where the head of a list begins above its first row: words close to each other, no title
    over all columns."""
    top = first
    while top > 0:
        upper, lower = lines[top - 1], lines[top]
        if lower.box.top - upper.box.bottom > APART * upper.size or "：" in upper.text:
            break
        (*_, only), alone = spans[top - 1], len(spans[top - 1]) == 1
        if alone and sum(_overlap(only, part) for part in parts) > 1:
            higher = lines[top - 2] if top > 1 else None
            if higher is None or len(spans[top - 2]) == 1 or "：" in higher.text:
                break  # else a head over two columns, in the middle of the head
        if upper.size > 1.25 * lines[first].size:
            break
        top -= 1
    return top


def _end(lines: Sequence[Line], spans: Sequence[Sequence[Span]], numbered: Sequence[int]) -> int:
    """Where a list ends below the number of its last row: at a gap wider than those within rows, or
    at a note."""
    step = _step(lines, spans, numbered)
    end = numbered[-1] + 1
    while end < len(lines):
        above, below = lines[end - 1], lines[end]
        wide = below.box.top - above.box.bottom > 0.9 * below.size
        if (wide and below.box.bottom - above.box.bottom > 1.12 * step) or "：" in below.text[:6]:
            break
        if spans[end] and spans[end][0].x1 - spans[end][0].x0 > 300.0:
            break
        end += 1
    return end


def _step(lines: Sequence[Line], spans: Sequence[Sequence[Span]], numbered: Sequence[int]) -> float:
    """How far the lines of one text in a row stand from each other; 0 where rows have one line."""
    rows = [lines[b].box.bottom - lines[a].box.bottom for a, b in pairwise(numbered)]
    inner = spans[numbered[0] : numbered[-1] + 1]
    steps = [
        step
        for i, line in enumerate(inner)
        for upper in line
        if (step := _next_below(upper, inner[i + 1 :]) - upper.bottom) > 3.0
    ]
    step = min(steps, default=0.0)
    return step if rows and step < ROW * min(rows) else 0.0


def _next_below(upper: Span, lines: Sequence[Sequence[Span]]) -> float:
    """The foot of the next text that stands below a text; without one, infinity."""
    part = (upper.x0, upper.x1)
    return next((s.bottom for line in lines for s in line if _overlap(s, part)), float("inf"))


def _rest_of_a_row(lines: Sequence[Line], first: int) -> int:
    """Where the lines begin that a row of the page before leaves to this one."""
    top = first
    while top > 0 and lines[top].box.top - lines[top - 1].box.bottom < APART * lines[top].size:
        if "：" in lines[top - 1].text[:6]:
            break
        top -= 1
    return top


class _Zone(NamedTuple):
    """The lines from the number of one row to that of the next, and the gaps between them: how
    wide, in the middle of which height, behind which line."""

    first: int
    last: int
    gaps: list[tuple[float, float, int]]


def _zone(lines: Sequence[Line], first: int, last: int) -> _Zone:
    gaps: list[tuple[float, float, int]] = []
    foot = lines[first].box.bottom
    for i in range(first + 1, last + 1):
        top = lines[i].box.top
        if top > foot - 0.3 * lines[i].size:
            gaps.append((top - foot, (top + foot) / 2, i))
        foot = max(foot, lines[i].box.bottom)
    return _Zone(first, last, gaps)


def _first_row(
    lines: Sequence[Line], across: Sequence[float], head: int, numbered: Sequence[int]
) -> tuple[int, float | None, set[int]]:
    """The line with which the first numbered row begins below the head, the rule above it, and
    the lines that are doubtful. A head of several levels has gaps in it as well: a row reaches no
    further above its number than others reach beyond theirs."""
    number = numbered[0]
    if head == number:
        return number, None, set()
    zone = _zone(lines, head, number)
    reach = 1.25 * _reach(lines, across, numbered) + 0.5 * lines[number].size
    near = [gap for gap in zone.gaps if lines[number].box.top - gap[1] <= reach]
    at, sure = _parting(lines, zone._replace(gaps=near or zone.gaps), across, None)
    body = next(i for i in range(head, number + 1) if lines[i].box.bottom > at + 1)
    return body, at, set() if sure else set(range(max(head, body - 1), number + 1))


def _reach(lines: Sequence[Line], across: Sequence[float], numbered: Sequence[int]) -> float:
    """How far at most the numbers of rows stand from where these begin and end."""
    far = [0.0]
    for a, b in pairwise(numbered):
        at, _ = _parting(lines, _zone(lines, a, b), across, None)
        far += [lines[b].box.top - at, at - lines[a].box.bottom]
    return max(far)


class _Steps:
    """How far the lines of each column stand from each other, baseline to baseline."""

    def __init__(self, lines: Sequence[Line], borders: Sequence[float]) -> None:
        columns: dict[int, set[float]] = {}
        for line in lines:
            for glyph in line.row:
                if glyph.text.strip():
                    column = bisect_right(borders, (glyph.x0 + glyph.x1) / 2)
                    columns.setdefault(column, set()).add(round(glyph.baseline, 1))
        self._columns = [sorted(heights) for heights in columns.values()]
        steps = [b - a for heights in self._columns for a, b in pairwise(heights) if b - a > 3.0]
        self.least = min(steps, default=0.0)

    def parts(self, at: float) -> bool | None:
        """Whether the texts above and below a height stand further apart than the lines of one
        text do; None if no column has both."""
        steps = [
            heights[i] - heights[i - 1]
            for heights in self._columns
            if 0 < (i := bisect_right(heights, at)) < len(heights)
        ]
        return min(steps) > 1.12 * self.least if steps else None


def _levels(
    lines: Sequence[Line],
    across: Sequence[float],
    numbered: Sequence[int],
    body: int,
    end: int,
    borders: Sequence[float],
    known: Columns | None,
) -> tuple[list[float], set[int], Stand | None]:
    """Where the rules below the rows run: at a drawn one, else where all texts stand alike, else in
    the widest gap; the lines of which it is doubtful to which row they belong; how texts stand."""
    steps = _Steps(lines[body:end], borders)
    zones = [_zone(lines, a, b) for a, b in pairwise(numbered)]
    foot = max(line.box.bottom for line in lines[body:end]) + 2.0
    above = _zone(lines, body, numbered[0]).gaps if known and body < numbered[0] else []
    edges = [[float("-inf"), *(at for _, at, _ in above)]]
    edges += [[at for _, at, _ in zone.gaps] for zone in zones]
    if not any(_rules_in(lines, zone, across) for zone in zones):
        own = [i - body for i in numbered]
        alike = parted(lines[body:end], own, borders, edges, known.stand if known else None)
        if alike is not None:
            doubtful = {body + i for i in alike.doubtful}
            return [*(at for at in alike.edges if at > 0), foot], doubtful, alike.stand
    doubtful = set()
    levels: list[float] = []
    for zone in zones:
        at, sure = _parting(lines, zone, across, steps)
        levels.append(at)
        if not sure:
            doubtful.update(range(zone.first, zone.last + 1))
    ends = [
        (body, numbered[0], lines[body].box.top),
        (numbered[-1], end - 1, lines[end - 1].box.bottom),
    ]
    for first, last, edge in ends:
        if first == last:
            continue
        zone = _zone(lines, first, last)
        more, sure = _open_end(lines, zone, across, steps, edge)
        levels += more
        if not sure:
            doubtful.update(range(zone.first, zone.last + 1))
    return [*sorted(levels), foot], doubtful, None


def _parting(
    lines: Sequence[Line], zone: _Zone, across: Sequence[float], steps: _Steps | None
) -> tuple[float, bool]:
    """Where one row ends and the next begins, and whether that is sure."""
    rules = _rules_in(lines, zone, across)
    if rules:
        return max(rules), True
    if not zone.gaps:
        return (lines[zone.first].box.bottom + lines[zone.last].box.top) / 2, False
    apart = [gap for gap in zone.gaps if steps is None or steps.parts(gap[1]) is not False]
    ranked = sorted(apart or zone.gaps, reverse=True)
    slack = CLEARLY * lines[zone.first].size
    clear = len(ranked) == 1 or ranked[0][0] - ranked[1][0] > slack
    # Of gaps alike, the last: rows mostly begin with their numbers.
    alike = [gap for gap in ranked if ranked[0][0] - gap[0] <= slack]
    at = max(gap[1] for gap in alike)
    return at, zone.last == zone.first + 1 or (clear and bool(apart))


def _open_end(
    lines: Sequence[Line], zone: _Zone, across: Sequence[float], steps: _Steps, edge: float
) -> tuple[list[float], bool]:
    """As `_parting`, for the lines below the last number of a page, or above the first: they may
    belong to its row, or be a part of one whose number stands on another page, unless a rule runs
    close to their outer `edge`."""
    rules = _rules_in(lines, zone, across)
    if rules:
        return [max(rules)], True
    if any(abs(at - edge) < 1.5 * lines[zone.first].size for at in across):
        return [], True
    # Without a rule it is sure only that what stands as close as lines do is one text.
    return [], all(steps.parts(at) is False for _, at, _ in zone.gaps)


def _rules_in(lines: Sequence[Line], zone: _Zone, across: Sequence[float]) -> list[float]:
    top, foot = lines[zone.first].box.bottom - 2, lines[zone.last].box.top + 2
    return [at for at in across if top < at < foot]


# -- columns ------------------------------------------------------------------------------------


def _borders(heads: Sequence[Line], rows: Sequence[Line]) -> list[float]:
    """The borders of the columns: the middles of what is left free in every row, where the head
    has words on both sides; the outer ones too."""
    parts = _parts(rows)
    free = [(a[1], b[0]) for a, b in pairwise(parts)]
    words = [word for line in heads for word in _unspread(list(_words(line.row, free)), parts)]
    own = [
        w
        for w in words
        if not _is_over_others(w, words) and sum(_overlap(w, p) for p in parts) <= 1
    ]
    parts = _joined([*parts, *((w.x0, w.x1) for w in own)])
    if words:
        parts = _headed(parts, words)
    if len(parts) < COLUMNS:
        return []
    inner = [(a[1] + b[0]) / 2 for a, b in pairwise(parts)]
    return [parts[0][0] - 2.0, *inner, parts[-1][1] + 2.0]


def _parts(rows: Sequence[Line]) -> list[_Part]:
    """Where in the width of the page something stands in some row."""
    return _joined(
        (g.x0, g.x1) for line in rows for g in line.row if g.text.strip() and g.text not in HANGING
    )


def _words(row: Sequence[Glyph], free: Sequence[_Part]) -> Iterator[Span]:
    """The words of a line of the head: parted by gaps, or by what is free below. Blanks typed
    into a label do not part it."""
    part: list[Glyph] = []
    spaced = False
    for glyph in row:
        if not glyph.text.strip():
            spaced = True
            continue
        if part:
            x0, x1 = part[-1].x1, glyph.x0
            parted = x1 - x0 > 0.5 and any(a - 0.5 < (x0 + x1) / 2 < b + 0.5 for a, b in free)
            if (not spaced and parted) or x1 - x0 > (
                LABELS_APART if spaced else WORDS_APART
            ) * glyph.size:
                yield _span(part)
                part = []
        part.append(glyph)
        spaced = False
    if part:
        yield _span(part)


def _unspread(words: list[Span], parts: Sequence[_Part]) -> list[Span]:
    """The words of a line of the head, those joined that are the characters of one label, spread
    out to both sides of what stands below: 序 号 over figures narrower than the blank."""
    joined: list[Span] = []
    for word in words:
        before = joined[-1] if joined else None
        if before and len(before.text) == len(word.text) == 1 and word.text[0].isalpha():
            middle = (before.x0 + word.x1) / 2
            below = [p for p in parts if before.x1 <= p[0] and p[1] <= word.x0]
            if any(abs((a + b) / 2 - middle) < 3.0 for a, b in below):
                joined[-1] = Span(
                    before.x0, word.x1, before.top, before.bottom, before.text + word.text
                )
                continue
        joined.append(word)
    return joined


def _joined(parts: Iterable[_Part], gutter: float = GUTTER) -> list[_Part]:
    joined: list[_Part] = []
    for x0, x1 in sorted(parts):
        if joined and x0 < joined[-1][1] + gutter:
            joined[-1] = (joined[-1][0], max(joined[-1][1], x1))
        else:
            joined.append((x0, x1))
    return joined


def _overlap(span: Span, part: _Part) -> bool:
    return min(span.x1, part[1]) - max(span.x0, part[0]) > 0.5


def _headed(parts: Sequence[_Part], words: Sequence[Span]) -> list[_Part]:
    """Columns over which nothing of their own stands in the head belong to the one before: what
    parts them is a gap by chance."""
    kept: list[_Part] = []
    for part in parts:
        over = [w for w in words if _overlap(w, part)]
        shared = kept and any(
            _overlap(w, kept[-1]) and not (_named(kept[-1], w, words) and _named(part, w, words))
            for w in over
        )
        if kept and (shared or not over):
            kept[-1] = (kept[-1][0], part[1])
        else:
            kept.append(part)
    return kept


def _named(part: _Part, word: Span, words: Sequence[Span]) -> bool:
    """Whether a column has words of its own below one that stands over others too."""
    return any(w.top > word.top + 2.0 and _overlap(w, part) for w in words)


def _is_over_others(word: Span, words: Sequence[Span]) -> bool:
    """Whether a word heads several columns: words stand side by side below it, or out of line."""
    below = _below(word, words)
    return any(one.x1 <= other.x0 for one in below for other in below) or not all(
        _in_line(word, other) for other in below
    )


def _in_line(upper: Span, lower: Span) -> bool:
    """Whether two words are lines of one label: they share their left, right or middle."""
    left, right = lower.x0 - upper.x0, lower.x1 - upper.x1
    return min(abs(left), abs(right), abs(left + right) / 2) < 0.5 * (upper.bottom - upper.top)


def _below(word: Span, words: Sequence[Span]) -> list[Span]:
    return [w for w in words if w.top > word.top + 2.0 and _overlap(w, (word.x0, word.x1))]


def _crossing(heads: Sequence[Line], borders: Sequence[float]) -> Iterator[tuple[Span, int, int]]:
    """Words of the head that stand over several columns, with the first and last of these."""
    free = [(x - 1.0, x + 1.0) for x in borders]
    for line in heads:
        for span in _words(line.row, free):
            over = [i for i, column in enumerate(pairwise(borders)) if _overlap(span, column)]
            if len(over) > 1:
                yield span, over[0], over[-1]


def _upright(x: float, top: float, bottom: float, cuts: Iterable[Span]) -> Iterator[Rule]:
    """A rule from top to bottom, but for where words stand across it."""
    for cut in sorted(cuts, key=lambda span: span.top):
        if cut.top - 0.5 > top:
            yield Rule(False, x, top, cut.top - 0.5)
        top = max(top, cut.bottom + 0.5)
    if bottom > top:
        yield Rule(False, x, top, bottom)
