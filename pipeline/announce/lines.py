"""Lines of Chinese text: where they break, and how each is made to fill its measure.

A paragraph becomes lines in five steps, each a function of its own:

    glyphs        text → glyphs, each with its face, width and kind
    break_costs   where a line may end, and how gladly            (GB/T 15834-2011 §5.1)
    squeeze       adjoining punctuation shares its blank          (GB/T 15834-2011 §5.1.11)
    choose        the breaks: 28 characters a line wherever the rules allow it
    justify       what is left over is spread evenly, what is too much taken from blanks

Punctuation at a line's end keeps its full width (全角式), since the page of GB/T 9704-2012 is a
grid of 28 cells and its right edge that of the cells; `Rules.line_end` offers the half width of
GB/T 15834 §5.1.10 and hanging for other uses. All lengths are PDF points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pipeline.announce.fonts import Face, FontSet, Role, is_latin

# --- characters -----------------------------------------------------------------------------

#: What a glyph is to its neighbours.
Kind = Literal["han", "open", "close", "stop", "dash", "latin", "space"]

OPENING = "（《〈【〔「『“‘［｛〖"
#: Closing marks whose right half is blank.
CLOSING = "）》〉】〕」』”’］｝〗，。、；："
#: Marks that may not begin a line but fill their cell.
STOPS = "！？％‰℃·～．／％…"
DASHES = "—…⸺―"

#: GB/T 15834-2011 §5.1.3–5.1.9, and the like in ASCII.
NEVER_FIRST = frozenset(CLOSING + STOPS + DASHES + "!%),.:;?]}-/°′″々〃")
NEVER_LAST = frozenset(OPENING + "([{￥¥$＄№#")


def kind_of(char: str) -> Kind:
    if char in " \u00a0":
        return "space"
    if is_latin(char):
        return "latin"
    if char in DASHES:
        return "dash"
    if char in OPENING:
        return "open"
    if char in CLOSING:
        return "close"
    # A full-width space is a blank cell: nothing stands off from it.
    return "stop" if char in STOPS or char == "\u3000" else "han"


@dataclass(frozen=True, slots=True, eq=False)
class Glyph:
    """A character in a face at a size. `advance` is the font's own width, `width` that of its
    cell, which on the grid of an official page is a little less."""

    char: str
    face: Face
    size: float
    advance: float
    width: float
    kind: Kind


class Type(dict[str, Glyph]):
    """A face at a size: `type["字"]` is the glyph, made once.

    `cell` is the width of a full-width character, `size` unless the page is a grid.
    """

    def __init__(self, fonts: FontSet, role: Role, size: float, cell: float | None = None) -> None:
        super().__init__()
        self.fonts, self.role, self.size = fonts, role, size
        self.cell = size if cell is None else cell

    # `type_of` makes but one of a kind: a key that caches may go by.
    def __hash__(self) -> int:  # type: ignore[override]
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __missing__(self, char: str) -> Glyph:
        face = self.fonts.face(self.role, char)
        kind = kind_of(char)
        em = face.widths[ord(char)]
        # A dash narrower than its cell keeps its own width, or a pair of them would not join.
        unit = self.size if kind in ("latin", "space") else self.cell
        glyph = Glyph(char, face, self.size, em * self.size, em * unit, kind)
        self[char] = glyph
        return glyph

    def with_role(self, role: Role) -> Type:
        return type_of(self.fonts, role, self.size, self.cell)


@lru_cache(maxsize=256)
def type_of(fonts: FontSet, role: Role, size: float, cell: float | None = None) -> Type:
    """The one `Type` of these fonts, role, size and cell: its glyphs are shared by all texts."""
    return Type(fonts, role, size, cell)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a paragraph in one type. The spans of a paragraph share one cell width."""

    text: str
    type: Type


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A set line: each glyph and its left edge from the line's start; `width` is the measure it
    fills, `natural` what it would take unjustified."""

    glyphs: tuple[Glyph, ...]
    xs: tuple[float, ...]
    width: float
    natural: float

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs)


@dataclass(frozen=True, slots=True)
class Rules:
    """Choices the standards leave open. Lengths are in cells (em)."""

    #: Punctuation at a line's end: `full` cell, `half` (GB/T 15834 §5.1.10) or `hang`ing out.
    line_end: Literal["full", "half", "hang"] = "full"
    #: Between Chinese and Latin or digits (CLREQ §3.2.4).
    latin_gap: float = 0.25
    #: What a blank half of punctuation may give up.
    blank: float = 0.5


RULES = Rules()

# --- where a line may end -------------------------------------------------------------------

NEVER = float("inf")
#: A line shorter than its measure by so many characters is only a last resort.
FAR = 8
#: Lengths closer than this (pt) are equal.
EPSILON = 0.01

_UNITS = (
    "个工作日|个百分点|万元|亿元|平方米|万平方米|立方米|公里|千米|毫米|厘米|年度|季度|小时|分钟|"
    "周岁|台套|人次|家次|场次|个月|万家|万人|[年月日时分秒元家个人名项件次号条款级届万亿台套户种天岁米"
    "吨倍期页份场批辆位只组类章节处站所家部]"
)
#: What must not be parted: a number from its unit, the number of a document, of an article, of
#: a telephone; abbreviations of units.
BOUND = re.compile(
    rf"(?:[￥¥$]|第)?\d+(?:[,.]\d+)*(?:[-–/]\d+)*\s?(?:{_UNITS}|[%％‰℃°]|[a-zA-Zμ]{{1,3}}²?(?![a-zA-Z]))?"
    r"|〔\d{4}〕\d+号?|第[一二三四五六七八九十百]{1,4}[条款项章节届次期]"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）]|——|……|\d+\.\s"
)
#: Latin that is longer than this many characters may be parted after these marks …
LONG_LATIN = re.compile(r"(?<![!-~])(?=[!-~]*[A-Za-z])[!-~]{13,}")
LATIN_BREAKS = "/.?&=_-@#:%"
#: … and where it holds none for as long as this, anywhere.
SOLID_LATIN = re.compile(r"[0-9A-Za-z]{24,}")


def break_costs(text: str) -> list[float]:
    """For each character, what it costs to end a line after it: 0 gladly, inf never."""
    costs = [_pair_cost(a, b) for a, b in itertools.pairwise(text)] + [0.0]
    for match in BOUND.finditer(text):
        for i in range(match.start(), match.end() - 1):
            costs[i] = NEVER
    for match in LONG_LATIN.finditer(text):
        _open_latin(text, match.start(), match.end(), costs)
    return costs


@lru_cache(maxsize=8192)
def _pair_cost(a: str, b: str) -> float:
    if b in NEVER_FIRST or a in NEVER_LAST or b in " \u00a0" or a == "\u00a0":
        return NEVER
    if is_latin(a) and is_latin(b) and a != " ":
        return NEVER
    return 0.0


def _open_latin(text: str, start: int, end: int, costs: list[float]) -> None:
    """Lets a long address be parted: after its marks, and anywhere in a long solid stretch."""
    for i in range(start, end - 1):
        if text[i] in LATIN_BREAKS and text[i + 1] not in LATIN_BREAKS:
            costs[i] = 4.0
    for match in SOLID_LATIN.finditer(text, start, end):
        for i in range(match.start() + 1, match.end() - 2):
            costs[i] = min(costs[i], 12.0)


# --- glyphs and their blanks ----------------------------------------------------------------


@dataclass(slots=True)
class Slot:
    """A glyph in its line-to-be. `lead` and `trail` are what has been cut from its blank halves,
    `after` the gap to the next glyph, `give` what may still be cut when a line is too long,
    `grows` whether a gap may open after it."""

    glyph: Glyph
    lead: float = 0.0
    trail: float = 0.0
    after: float = 0.0
    give: float = 0.0
    grows: bool = True
    cost: float = 0.0

    @property
    def width(self) -> float:
        return self.glyph.width - self.lead - self.trail


def slots_of(spans: Iterable[Span], rules: Rules = RULES) -> list[Slot]:
    """The glyphs of a paragraph with their blanks and break costs."""
    spans = list(spans)
    slots = _joined(spans, rules)
    if not slots:
        return slots
    cell = spans[0].type.cell
    for slot, cost in zip(slots, break_costs("".join(s.text for s in spans)), strict=True):
        slot.cost = cost
    _loosen(slots)
    for slot in slots:
        if slot.after or slot.glyph.kind != "han":
            _give(slot, cell, rules)
    return slots


def _joined(spans: Sequence[Span], rules: Rules) -> list[Slot]:
    """The glyphs with the blanks and gaps between them."""
    slots = [Slot(span.type[char]) for span in spans for char in span.text]
    cell = spans[0].type.cell if spans else 0.0
    for a, b in itertools.pairwise(slots):
        if not a.glyph.kind == b.glyph.kind == "han":  # most are, and stand side by side
            _join(a, b, cell, rules)
    return slots


def _loosen(slots: Sequence[Slot]) -> None:
    """Gaps may open inside an address that may be parted, or the few beside it would gape."""
    text = "".join(slot.glyph.char for slot in slots)
    for match in LONG_LATIN.finditer(text):
        for slot in slots[match.start() : match.end() - 1]:
            slot.grows = True


def _join(a: Slot, b: Slot, cell: float, rules: Rules) -> None:
    """Two neighbours: adjoining punctuation shares a blank, Latin stands a quarter em off."""
    ka, kb = a.glyph.kind, b.glyph.kind
    if ka == "close" and kb in ("close", "open", "stop"):
        a.trail = rules.blank * cell
    elif ka == "open" and kb == "open":
        b.lead = rules.blank * cell
    elif {ka, kb} == {"han", "latin"}:
        a.after = rules.latin_gap * cell
    # No gap may open inside a Latin word, between a pair of dashes, or beside a blank half.
    a.grows = not (ka == kb == "latin" or ka == kb == "dash")


def _give(slot: Slot, cell: float, rules: Rules) -> None:
    kind = slot.glyph.kind
    if (kind == "close" and not slot.trail) or (kind == "open" and not slot.lead):
        slot.give = rules.blank * cell
    elif kind == "space":
        slot.give = slot.glyph.width / 3
    elif slot.after:
        slot.give = slot.after / 2


# --- the breaks -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Break:
    """A line of slots `[start, end)`; `next` is where the following line begins."""

    start: int
    end: int
    next: int


def choose(slots: Sequence[Slot], width: float, indent: float, rules: Rules) -> list[Break]:
    """The breaks of a paragraph, each line the best that can begin where the last one ended."""
    breaks: list[Break] = []
    start = 0
    while start < len(slots):
        measure = width - (indent if start == 0 else 0.0)
        end = _best_end(slots, start, measure, rules)
        after = end
        while after < len(slots) and slots[after].glyph.kind == "space":
            after += 1
        breaks.append(Break(start, _trim(slots, start, end), after))
        start = after
    return breaks


def _trim(slots: Sequence[Slot], start: int, end: int) -> int:
    while end > start + 1 and slots[end - 1].glyph.kind == "space":
        end -= 1
    return end


def _best_end(slots: Sequence[Slot], start: int, measure: float, rules: Rules) -> int:
    """The end (exclusive) of the line that begins at `start` and looks best in `measure`."""
    size = slots[start].glyph.size
    used = give = 0.0
    gaps = 0
    best, best_cost, forced = 0, NEVER, start + 1
    for i in range(start, len(slots)):
        slot, is_last = slots[i], i + 1 == len(slots)
        spare = measure - used - slot.glyph.width + slot.lead
        if spare > FAR * size and not is_last:
            # Far too short to be chosen, but better than a line that breaks the rules.
            forced = i + 1
            best = forced if slot.cost < NEVER else best
        else:
            end_give = _end_give(slot, rules)
            if spare + give + slot.give + end_give < -EPSILON:
                break
            if is_last and spare >= -EPSILON:
                return len(slots)  # the last line need not fill its measure
            if spare + give >= -EPSILON:
                forced = i + 1
            if spare + give + end_give >= -EPSILON and (slot.cost < NEVER or is_last):
                cost = slot.cost + _looseness(spare, gaps, give, end_give, size)
                cost += _stub(slots, i + 1)
                if cost <= best_cost:
                    best, best_cost = i + 1, cost
        used += slot.glyph.width - slot.lead - slot.trail + slot.after
        give += slot.give
        gaps += slot.grows
    # Nothing may end here by the rules (one endless word): part it where it is full.
    return best or forced


def _end_give(slot: Slot, rules: Rules) -> float:
    """What a mark at the line's very end may give up of its right side."""
    if slot.glyph.kind != "close":
        return 0.0
    if rules.line_end == "hang" and slot.glyph.char in "，。、；：":
        return slot.glyph.width
    return rules.blank * slot.glyph.width


def _looseness(spare: float, gaps: int, give: float, end_give: float, cell: float) -> float:
    """How bad a line looks that has `spare` too much (or, negative, too little) room.

    Opening gaps: 10 for a full cell spread over the 26 gaps of an ordinary line, by the square, and
    the more the fewer they are. Closing blanks: up to 12 when every blank is
    gone; taking the half cell of the last mark too costs 30, for it then crosses the grid's edge.
    """
    if spare >= 0:
        return 10 * (spare / cell) ** 2 * max(1.0, 26 / max(1, gaps))
    need = -spare
    if need <= give + EPSILON:
        return 12 * (need / give) ** 2 if give else 0.0
    return 30 + 12 * (need / (give + end_give)) ** 2


def _stub(slots: Sequence[Slot], rest: int) -> float:
    """A last line of one character and its stop is to be avoided (GB/T 15834 §5.1.11)."""
    if not rest < len(slots) < rest + 3:
        return 0.0
    left = sum(1 for slot in slots[rest:] if slot.glyph.kind in ("han", "latin"))
    return 32.0 if left <= 1 else 0.0


# --- filling the measure --------------------------------------------------------------------


def justify(slots: Sequence[Slot], measure: float, full: bool, rules: Rules = RULES) -> Line:
    """Sets the slots of one line; `full` spreads what is left over, else it stays at the end."""
    last = len(slots) - 1
    natural = sum(s.width + s.after for s in slots) - slots[-1].after
    spare = measure - natural
    if rules.line_end != "full" and slots[-1].glyph.kind == "close" and full:
        spare += _end_give(slots[-1], rules)
    opened = _opening(slots, spare) if full and spare > 0 else 0.0
    closed = _closing(slots, -spare) if spare < -EPSILON else 0.0
    if not opened and not closed:
        return replace(_natural(slots), width=measure, natural=natural)
    xs: list[float] = []
    x = 0.0
    for i, slot in enumerate(slots):
        cut = closed * slot.give if i < last else 0.0
        lead = slot.lead + (cut if slot.glyph.kind == "open" else 0.0)
        xs.append(x - lead)
        x += slot.width + slot.after - cut
        if slot.grows and i < last:
            x += opened
    return Line(tuple(s.glyph for s in slots), tuple(xs), measure, natural)


#: A gap that would open wider than this part of a cell tears the line: it is left short instead,
#: its characters on the grid (a credit code in one piece may leave nine cells before it).
WIDEST = 1 / 3


def _opening(slots: Sequence[Slot], spare: float) -> float:
    gaps = sum(1 for slot in slots[:-1] if slot.grows)
    opened = spare / gaps if gaps else 0.0
    return opened if opened <= WIDEST * slots[0].glyph.size else 0.0


def _closing(slots: Sequence[Slot], need: float) -> float:
    """The share of every blank to take; what the blanks cannot give, the last mark does."""
    give = sum(slot.give for slot in slots[:-1])
    return min(1.0, need / give) if give else 0.0


#: Nothing but Chinese characters, that any line may begin and end with …
PLAIN = re.compile("[\u4e00-\u9fff\U00020000-\U0003ffff]+")
#: … in lines of at least so many, of which one may be spared for a last line of two.
SPARED = 10


def plain_lines(span: Span, width: float) -> list[Line]:
    """The lines of a name without marks or Latin: what `choose` comes to, without weighing. [] where
    that is not so plain: a character that is no cell wide, a number that is not to be parted."""
    glyphs = tuple(span.type[char] for char in span.text)
    cell, count = glyphs[0].width, len(glyphs)
    most = int((width + EPSILON) / cell)
    if most < SPARED or BOUND.search(span.text) or any(g.width != cell for g in glyphs):
        return []
    ends = list(range(most, count, most))
    if ends and count - ends[-1] == 1:
        ends[-1] -= 1
    lines = []
    for start, end in itertools.pairwise([0, *ends, count]):
        lines.append(
            Line(glyphs[start:end], _cells(end - start, cell), width, (end - start) * cell)
        )
    return lines


@lru_cache(maxsize=1024)
def _cells(count: int, cell: float) -> tuple[float, ...]:
    """The left edges of cells side by side."""
    return tuple(i * cell for i in range(count))


# --- the public functions -------------------------------------------------------------------


def set_paragraph(
    spans: Sequence[Span],
    width: float,
    *,
    indent: float = 0.0,
    full: bool = True,
    rules: Rules = RULES,
) -> list[Line]:
    """Lines of at most `width`, the first shortened by `indent`; `full` justifies all but the
    last. The first line's glyphs still begin at 0: the indent is for the caller to add."""
    if not full and not indent and len(spans) == 1 and PLAIN.fullmatch(spans[0].text):
        lines = plain_lines(spans[0], width)
        if lines:
            return lines
    slots = slots_of(spans, rules)
    if not slots:
        return []
    lines = []
    for brk in choose(slots, width, indent, rules):
        measure = width - (indent if brk.start == 0 else 0.0)
        is_last = brk.next >= len(slots)
        line = _at_line_end(slots[brk.start : brk.end])
        lines.append(justify(line, measure, full and not is_last, rules))
    return lines


def _at_line_end(slots: list[Slot]) -> list[Slot]:
    """At the end of a line a mark has no neighbour to share its blank with."""
    slots[-1].trail = slots[-1].after = slots[-1].give = 0.0
    return slots


def set_line(spans: Sequence[Span], rules: Rules = RULES) -> Line:
    """One line at its natural width, for titles, cells and page numbers."""
    slots = _joined(spans, rules)
    if not slots:
        return Line((), (), 0.0, 0.0)
    return _natural(slots)


def _natural(slots: Sequence[Slot]) -> Line:
    xs: list[float] = []
    x = 0.0
    for slot in slots:
        xs.append(x - slot.lead)
        x += slot.width + slot.after
    return Line(tuple(slot.glyph for slot in slots), tuple(xs), x, x)


def text_width(text: str, type_: Type) -> float:
    """The natural width of a text in one type."""
    return set_line([Span(text, type_)]).width
