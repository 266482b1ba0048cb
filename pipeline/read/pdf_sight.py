"""Which of a page's painted characters can be seen: what is painted later covers what was there,
white on white is nothing, what does not fit its cell is cut off, and pale words laid across the
page are its watermark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from pipeline.document import Box
from pipeline.read.pdf_rules import Rule

#: A colour (0–255 each) and its opacity (0–255).
Colour = tuple[int, int, int, int]
#: Text whose colour comes this near to the ground's cannot be seen.
ALIKE = 12
#: Grey from this on, or less opaque than that, is pale.
PALE, CLEAR = 140, 160
#: A watermark is this much larger than the text, or stands on the page several times.
LARGE = 1.5


class Fill(NamedTuple):
    """A filled rectangle, or a picture: where, in which colour, when it was painted, what it covers
    if it is opaque (None: it covers nothing). What a picture that was put onto the page covers was
    perhaps meant to be seen: it is read, and not sure."""

    box: Box
    colour: Colour
    when: int
    cover: Callable[[], Box | None]
    picture: bool = False


class Painted(NamedTuple):
    """When a text object was painted, and the outline it has on the page."""

    when: int
    outline: Callable[[], Box]


#: Whether a character of a text object can be seen, by its middle; None: it is cut off.
Seen = Callable[[float, float, str], bool | None]
#: Of a character's height, what may be cut off unheeded; and up to how many heights from what is
#: cut off other text misses it.
CUT, NEAR = 0.2, 2.2


class Cut(NamedTuple):
    """A character of which nothing or only a part is seen: within what it stands and is cut off, or
    covered; and where its middle is."""

    clip: Box
    x: float
    y: float
    size: float


class Sight:
    """The fills of a page in the order of painting, and what they do to text."""

    def __init__(self, fills: Sequence[Fill], clips: Mapping[int, Box]) -> None:
        """`clips`: within what the text objects are seen that reach beyond it, by when they were
        painted."""
        self.fills = fills
        self.cuts: list[Cut] = []
        self._clips = clips
        self._last = fills[-1].when if fills else -1
        self._covers: dict[int, Box | None] = {}

    @property
    def is_clear(self) -> bool:
        """Whether black text is plainly seen everywhere."""
        return not self.fills and not self._clips

    def of(self, when: int, colour: Colour, size: float, baseline: float) -> Seen | None:
        """How to ask for the points of a text object painted then, in this colour, on this line;
        None if all of it is plainly seen."""
        seen = self._of(when, colour, size, baseline)
        clip = self._clips.get(when)
        if clip is None:
            return seen
        return lambda x, y, char: (
            self._within(Cut(clip, x, y, size), char) if seen is None or seen(x, y, char) else False
        )

    def _within(self, cut: Cut, char: str) -> bool | None:
        """Whether a character lies within what is shown; where a part of it does not, it is noted."""
        inside = _within((cut.clip,), cut.x, cut.y)
        half = (0.5 - CUT) * cut.size
        whole = cut.clip.top <= cut.y - half and cut.y + half <= cut.clip.bottom
        if not (inside and whole) and not char.isspace():
            self.cuts.append(cut)
        return True if inside else None

    def _of(self, when: int, colour: Colour, size: float, baseline: float) -> Seen | None:
        if colour[3] == 0:
            return _nothing
        pale = min(colour[:3]) >= 255 - ALIKE
        if not pale and when > self._last:
            return None
        top, bottom = baseline - size, baseline + 0.3 * size
        near = [f for f in self.fills if f.box.top < bottom and f.box.bottom > top]
        before = [f for f in near if f.when < when]
        over = [(f, cover) for f in near if f.when > when and (cover := self._cover(f)) is not None]
        covers = [cover for fill, cover in over if not fill.picture]
        pictures = [cover for fill, cover in over if fill.picture]
        if not pale and not over:
            return None
        return lambda x, y, char: (
            not _within(covers, x, y)
            and not (pale and _alike(colour, _ground(before, x, y)))
            and self._noted(pictures, x, y, size, char)
        )

    def _noted(self, pictures: Sequence[Box], x: float, y: float, size: float, char: str) -> bool:
        """True; characters that a picture covers are noted."""
        cut = (Cut(box, x, y, size) for box in pictures if _within((box,), x, y))
        self.cuts += () if char.isspace() else cut
        return True

    def _cover(self, fill: Fill) -> Box | None:
        if fill.when not in self._covers:
            self._covers[fill.when] = fill.cover()
        return self._covers[fill.when]


def _nothing(_x: float, _y: float, _char: str) -> bool:
    return False


def _within(boxes: Iterable[Box], x: float, y: float) -> bool:
    return any(box.x0 <= x <= box.x1 and box.top <= y <= box.bottom for box in boxes)


def _ground(fills: Sequence[Fill], x: float, y: float) -> Colour:
    """The colour on which a point was painted; paper is white."""
    return next(
        (f.colour for f in reversed(fills) if f.colour[3] and _within((f.box,), x, y)),
        (255, 255, 255, 255),
    )


def beside_cuts(cuts: Iterable[Cut], x: float, y: float) -> bool:
    """Whether a character stands with others that are cut off in the same cell."""
    return any(_within((c.clip,), x, y) and abs(y - c.y) < NEAR * c.size for c in cuts)


def _alike(one: Colour, other: Colour) -> bool:
    return max(abs(a - b) for a, b in zip(one[:3], other[:3], strict=True)) <= ALIKE


# -- watermarks -------------------------------------------------------------------------------


def is_pale(colour: Colour) -> bool:
    """Light grey, or hardly opaque."""
    red, green, blue, opacity = colour
    grey = max(red, green, blue) - min(red, green, blue) < 24
    return opacity < CLEAR or (grey and min(red, green, blue) >= PALE)


class Stretch(NamedTuple):
    """The text of one object and its outline on the page."""

    text: str
    box: Box
    size: float


def watermarks(
    pale: Mapping[int, Stretch],
    others: Sequence[tuple[float, float]],
    usual: float,
    rules: Iterable[Rule],
) -> set[int]:
    """Which pale text objects are a watermark: large or repeated, and laid across rules or text.

    `others` are the middles of all other characters, `usual` their size.
    """
    times = Counter(stretch.text.strip() for stretch in pale.values())
    rules = list(rules)
    found: set[int] = set()
    for key, stretch in pale.items():
        text = stretch.text.strip()
        stands_out = stretch.size >= LARGE * usual or (len(text) > 3 and times[text] > 1)
        over = (stretch.box,)
        if stands_out and (
            _crosses(stretch.box, rules) or any(_within(over, x, y) for x, y in others)
        ):
            found.add(key)
    return found


def _crosses(box: Box, rules: Iterable[Rule]) -> bool:
    middle = (box.top + box.bottom) / 2
    return any(
        box.top < r.at < box.bottom and r.start < box.x1 and r.end > box.x0
        if r.horizontal
        else box.x0 < r.at < box.x1 and r.start < middle < r.end
        for r in rules
    )
