"""Lines of a form drawn as PDF: where text breaks, and how large a value may be set in its field.

A form's text is short; the rules kept are those that a reader sees: no line begins with a closing
mark or ends with an opening one (GB/T 15834-2011 §5.1), Latin words stay whole where they fit.
Lengths are points.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pipeline.render.pdf_fonts import Chain, face_of
from pipeline.render.pdf_holes import Hole

NEVER_FIRST = frozenset("）》〉】〕」』”’］｝〗，。、；：！？％‰℃·～．／…!%),.:;?]}°′″々")
NEVER_LAST = frozenset("（《〈【〔「『“‘［｛〖([{￥¥$＄№#")

#: The size a value is shrunk to so that it fits, and the one below which nothing is legible: what
#: does not fit at the first is set smaller rather than cut off.
SMALLEST, LAST_RESORT = 6.0, 4.0
_STEP = 0.5
#: A name is set this much smaller rather than on two lines.
_A_LITTLE = 0.85
#: A line of Chinese text is at least this many times as high as its size.
LEADING = 1.2


@dataclass(frozen=True, slots=True)
class Style:
    """A typeface at a size."""

    faces: Chain
    size: float
    bold: bool = False
    underline: bool = False


@dataclass(frozen=True, slots=True)
class Glyph:
    char: str
    style: Style
    width: float


@dataclass(frozen=True, slots=True)
class Tab:
    """A jump to a tab stop; `width` is worked out when the line is set."""

    style: Style
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Spot:
    """The room of a field in a line; a `stretchy` one takes what its line has left."""

    hole: Hole
    style: Style
    width: float
    stretchy: bool = False


Item = Glyph | Tab | Spot


@dataclass(frozen=True, slots=True)
class Line:
    """Items side by side from `x`; `last`: the paragraph ends here, it is never justified."""

    items: tuple[Item, ...]
    x: float
    last: bool

    @property
    def width(self) -> float:
        return sum(item.width for item in self.items)

    @property
    def blank(self) -> float:
        """The white space at the line's end, which hangs over."""
        width = 0.0
        for item in reversed(self.items):
            if not (isinstance(item, Glyph) and item.char == " "):
                break
            width += item.width
        return width


def glyphs(text: str, style: Style) -> list[Glyph]:
    return [_glyph(char, style) for char in text]


@lru_cache(maxsize=65536)
def _glyph(char: str, style: Style) -> Glyph:
    if unicodedata.combining(char):
        return Glyph(char, style, 0.0)
    return Glyph(char, style, face_of(char, style.faces).width(char) * style.size)


# ---------------------------------------------------------------- breaking


def break_lines(items: Sequence[Item], width: float, first: float = 0.0) -> list[Line]:
    """Lines no wider than `width`; `first` is the indent of the first line of each paragraph
    (negative for a hanging one, whose lines then begin at 0). A `\\n` ends a paragraph."""
    return [line for part in _paragraphs(items) for line in _paragraph(part, width, first)]


def _paragraphs(items: Sequence[Item]) -> Iterator[list[Item]]:
    part: list[Item] = []
    for item in items:
        if isinstance(item, Glyph) and item.char == "\n":
            yield part
            part = []
        else:
            part.append(item)
    yield part


def _paragraph(items: Sequence[Item], width: float, first: float) -> Iterator[Line]:
    x, room = first, width - first
    line: list[Item] = []
    for unit in _fitting(_units(items), width - max(first, 0.0)):
        taken = sum(item.width for item in unit)
        if line and taken > room + 0.01 and not _is_space(unit):
            yield Line(tuple(line), x, last=False)
            line, x, room = [], 0.0, width
        line += unit
        room -= taken
    yield Line(tuple(line), x, last=True)


def _is_space(unit: Sequence[Item]) -> bool:
    return all(isinstance(item, Glyph) and item.char == " " for item in unit)


def _units(items: Iterable[Item]) -> Iterator[list[Item]]:
    """What may not be parted: a word, a character with the marks that belong to it."""
    unit: list[Item] = []
    for item in items:
        if unit and not _clings(unit[-1], item):
            yield unit
            unit = []
        unit.append(item)
    if unit:
        yield unit


def _clings(before: Item, item: Item) -> bool:
    if not isinstance(item, Glyph):
        return False
    if item.char in NEVER_FIRST or item.width == 0.0:
        return True
    if not isinstance(before, Glyph):
        return False
    return before.char in NEVER_LAST or (_in_word(before.char) and _in_word(item.char))


def _in_word(char: str) -> bool:
    return char < "\u2000" and not char.isspace()


def _fitting(units: Iterable[list[Item]], width: float) -> Iterator[list[Item]]:
    """Units wider than a line may be parted anywhere."""
    for unit in units:
        if sum(item.width for item in unit) <= width:
            yield unit
        else:
            yield from ([item] for item in unit)


# ---------------------------------------------------------------- fitting


@dataclass(frozen=True, slots=True)
class Fitted:
    """A value set in its field: its lines, `leading` from baseline to baseline."""

    lines: tuple[Line, ...]
    size: float
    leading: float

    @property
    def height(self) -> float:
        return len(self.lines) * self.leading


def set_value(text: str, style: Style, width: float, leading: float, first: float = 0.0) -> Fitted:
    """The value at its full size, on as many lines as it takes."""
    lines = break_lines(glyphs(text, style), width, first) if text else []
    return Fitted(tuple(lines), style.size, leading)


def fit(
    text: str, style: Style, width: float, height: float, leading: float, first: float = 0.0,
    least: float = LAST_RESORT,
) -> Fitted:  # fmt: skip
    """The value as large as fits the room, down to `least`; lines draw together with the size."""
    size = style.size
    while True:
        share = size / style.size
        set_ = set_value(
            text, replace(style, size=size), width, max(leading * share, size), first * share
        )
        tight = replace(set_, leading=size * LEADING)
        if set_.height <= height + 0.01 or size <= least:
            return set_
        if tight.height <= height + 0.01 and share < 1:
            return replace(set_, leading=height / len(set_.lines))
        size = max(size - _STEP, least)


def narrowed(text: str, style: Style, width: float, leading: float) -> Fitted | None:
    """The value on one line, a little smaller, where that spares a second line; else None."""
    natural = sum(glyph.width for glyph in glyphs(text, style))
    if "\n" in text or natural * _A_LITTLE > width:
        return None
    size = style.size * min(width / natural, 1.0)
    line = Line(tuple(glyphs(text, replace(style, size=size))), 0.0, last=True)
    return Fitted((line,), size, leading)


def fit_line(text: str, style: Style, width: float, leading: float) -> Fitted:
    """The value on one line, shrunk to the smallest legible size; on several if that is too long."""
    natural = sum(glyph.width for glyph in glyphs(text.replace("\n", " "), style))
    if "\n" in text or natural * SMALLEST > width * style.size:
        small = replace(style, size=0.75 * style.size)
        return set_value(text, small, width, small.size * LEADING)
    size = min(style.size, style.size * width / natural) if natural else style.size
    line = Line(tuple(glyphs(text, replace(style, size=size))), 0.0, last=True)
    return Fitted((line,) if text else (), size, max(leading * size / style.size, size))
