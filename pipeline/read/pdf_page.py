"""What lies on one PDF page, by PDFium: glyphs, rules, shades and images, in reading position.

Everything is given in the *reading frame*: origin top left, y down, turned so that most of the
text stands upright. `Frame.shown` turns a box back to the page as a viewer shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import NamedTuple

from pipeline.document import Box, Scan
from pipeline.read.pdf_rules import Rule
from pipeline.read.pdf_sight import Fill

#: How sure (0–1) text is that stands over other text, or goes over the page's edge.
TANGLED = 0.5
#: Between characters that belong together is no more than so many heights of the line.
TOGETHER = 0.12
#: More pages than this never stand on one page of a file.
PARTS = 2


class Glyph(NamedTuple):
    """A piece of text in its place: one character, or the whole value of a form field."""

    text: str
    x0: float
    x1: float
    baseline: float
    size: float
    bold: bool = False
    mark: bool = False  # underlined, by a rule or an annotation
    shade: bool = False  # on a coloured ground
    sure: float = 1.0  # the recogniser's confidence, 0–1

    @property
    def top(self) -> float:
        return self.baseline - 0.86 * self.size

    @property
    def bottom(self) -> float:
        return self.baseline + 0.14 * self.size

    @property
    def middle(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


class Strip(NamedTuple):
    """Several characters of one text object, close to each other on one line, all of one look and
    surely seen, none of them a blank or a tick: they go their way together, and become glyphs only where one
    of them matters.

    `lefts`, `rights`: the sides of the characters of the whole page, of which these are those from
    `start` on. `made`: the glyphs, once they were asked for.
    """

    text: str
    x0: float
    x1: float
    baseline: float
    size: float
    bold: bool
    lefts: Sequence[float]
    rights: Sequence[float]
    start: int
    made: list[Glyph]

    @property
    def glyphs(self) -> list[Glyph]:
        """Always the same."""
        text, _, _, baseline, size, bold, lefts, rights, start, made = self
        if not made:
            end = start + len(text)
            look = map(repeat, (baseline, size, bold, False, False, 1.0), repeat(len(text)))
            own = zip(text, lefts[start:end], rights[start:end], *look, strict=True)
            made += map(_new, repeat(Glyph), own)
        return made

    @property
    def ends(self) -> tuple[float, float]:
        """The middles of its first and last character."""
        last = self.start + len(self.text) - 1
        return (self.x0 + self.rights[self.start]) / 2, (self.lefts[last] + self.x1) / 2


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__

#: What text on a page is made of.
Piece = Glyph | Strip


def glyphs_of(pieces: Iterable[Piece]) -> list[Glyph]:
    """The glyphs of some pieces."""
    found: list[Glyph] = []
    for piece in pieces:
        if isinstance(piece, Strip):
            found += piece.glyphs
        else:
            found.append(piece)
    return found


class Image(NamedTuple):
    """A picture on the page: where, what to call it, its share of red (None: not looked at)."""

    box: Box
    name: str
    red: float | None


@dataclass(frozen=True, slots=True)
class Frame:
    """The way from PDF user space to the page as it is read.

    `bounds` is left, bottom, right, top of the visible page; `rotation` (degrees, clockwise) the
    turn under which text stands upright, `shown_rotation` the page's own /Rotate.
    """

    bounds: tuple[float, float, float, float]
    rotation: int
    shown_rotation: int

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """A user space rectangle in the reading frame."""
        if self.rotation == 0 and x0 <= x1 and y0 <= y1:
            left, _, _, top = self.bounds
            return _new(Box, (x0 - left, top - y1, x1 - left, top - y0))
        return Box(*self.corners(x0, y0, x1, y1))

    def corners(
        self, x0: float, y0: float, x1: float, y1: float
    ) -> tuple[float, float, float, float]:
        """The same as left, top, right, bottom."""
        return _turn(self.bounds, self.rotation, x0, y0, x1, y1)

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.corners(x, y, x, y)[:2]

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """The same way as a matrix: (a, b, c, d, e, f) as PDF writes it."""
        left, bottom, right, top = self.bounds
        return {
            90: (0.0, 1.0, 1.0, 0.0, -bottom, -left),
            180: (-1.0, 0.0, 0.0, 1.0, right, -bottom),
            270: (0.0, -1.0, -1.0, 0.0, top, right),
        }.get(self.rotation, (1.0, 0.0, 0.0, -1.0, -left, top))

    @property
    def width(self) -> float:
        return self._size[0]

    @property
    def height(self) -> float:
        return self._size[1]

    @property
    def _size(self) -> tuple[float, float]:
        left, bottom, right, top = self.bounds
        size = (right - left, top - bottom)
        return size if self.rotation % 180 == 0 else (size[1], size[0])

    def shown(self, box: Box) -> Box:
        """A box of the reading frame on the page of the file as a viewer shows it."""
        turn = (self.shown_rotation - self.rotation) % 360
        if turn == 0:
            return box
        height = self.height
        bounds = (0.0, 0.0, self.width, height)
        return Box(*_turn(bounds, turn, box.x0, height - box.bottom, box.x1, height - box.top))


def _turn(
    bounds: tuple[float, float, float, float],
    rotation: int,
    x0: float,
    y0: float,
    x1: float,
    y1: float,
) -> tuple[float, float, float, float]:
    left, bottom, right, top = bounds
    if rotation == 0 and x0 <= x1 and y0 <= y1:
        return x0 - left, top - y1, x1 - left, top - y0
    if rotation == 90:
        xs, ys = (y0 - bottom, y1 - bottom), (x0 - left, x1 - left)
    elif rotation == 180:
        xs, ys = (right - x0, right - x1), (y0 - bottom, y1 - bottom)
    elif rotation == 270:
        xs, ys = (top - y0, top - y1), (right - x0, right - x1)
    else:
        xs, ys = (x0 - left, x1 - left), (top - y0, top - y1)
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class PartFrame(Frame):
    """The frame of a page that takes up only a part of a page of the file: of `whole`, from `left`
    (in its reading frame) on."""

    whole: Frame
    left: float

    @classmethod
    def of(cls, whole: Frame, x0: float, x1: float) -> PartFrame:
        return cls((0.0, 0.0, x1 - x0, whole.height), 0, 0, whole, x0)

    def shown(self, box: Box) -> Box:
        moved = Box(box.x0 + self.left, box.top, box.x1 + self.left, box.bottom)
        return self.whole.shown(moved)


@dataclass(slots=True)
class Page:
    """One page taken apart. `pieces` is its text in the order of the file. `number` is that of the file's page, which can hold two pages side by
    side: then `part` counts these from 0. `curves` counts drawn shapes that are neither rule nor
    box."""

    number: int
    frame: Frame
    pieces: list[Piece] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    shades: list[Box] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    clips: dict[int, Box] = field(default_factory=dict)  # of text, by when it was painted
    images: list[Image] = field(default_factory=list)
    dots: list[Box] = field(default_factory=list)  # of dotted rules, perhaps
    curves: int = 0
    unmapped: int = 0
    covered: bool = False  # an image takes nearly the whole page
    scan: Scan | None = None  # read from its picture
    part: int = 0

    @property
    def glyphs(self) -> list[Glyph]:
        """The page's text glyph by glyph, to look at."""
        return glyphs_of(self.pieces)

    @glyphs.setter
    def glyphs(self, glyphs: Iterable[Glyph]) -> None:
        self.pieces = list(glyphs)

    @property
    def key(self) -> int:
        """Tells the pages that are read from one another, in their order."""
        return self.number * PARTS + self.part

    @property
    def box(self) -> Box:
        return Box(0.0, 0.0, self.frame.width, self.frame.height)
