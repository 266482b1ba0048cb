"""The page of GB/T 9704-2012, and rows flowing over its pages.

A document is an iterable of `Row`s: each has a height and paints itself. `Pages` puts them one
below the other, begins a new page where one does not fit, repeats a table's head there, keeps
together what belongs together, and numbers the pages. It holds only the rows it must keep
together, so a list of 5,000 rows takes no more memory than a page.

Measures (points; sections of GB/T 9704-2012):

- §5.2.1  A4, 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm;
- §5.2.3  22 lines of 28 characters that fill the 版心: a cell is 156/28 mm wide, the first line's
  top is the 版心's top and the last line's bottom its bottom;
- §7.5    page numbers: 4号 半角宋体, their dash 7 mm below the 版心, odd right and even left,
  one character in from the edge.

The 订口 stays on the left of every page, as the standard's 左白边; the 版心 of a sheet's two sides
then lies 2 mm apart, which §6.2 allows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from pipeline.announce.fonts import FontSet
from pipeline.announce.lines import Span, Type, set_line, type_of
from pipeline.announce.pen import Pen

MM = 72 / 25.4

PAGE_WIDTH, PAGE_HEIGHT = 210 * MM, 297 * MM
TOP, INNER = 37 * MM, 28 * MM
WIDTH, HEIGHT = 156 * MM, 225 * MM
LINES, CHARACTERS = 22, 28

#: 号 in points.
SIZE_2, SIZE_3, SIZE_4, SIZE_SMALL_4, SIZE_5 = 22.0, 16.0, 14.0, 12.0, 10.5

CELL = WIDTH / CHARACTERS
#: From baseline to baseline: 21 of them and the height of a 3号 character fill the 版心.
PITCH = (HEIGHT - SIZE_3) / (LINES - 1)
#: Of a character's em, the part above its baseline (all Chinese fonts: 0.88).
ASCENT = 0.88

PAGE_NUMBER_DROP = 7 * MM

#: Lengths closer than this (pt) are equal.
EPSILON = 0.01


@dataclass(frozen=True, slots=True)
class Row:
    """A horizontal strip of a page.

    `height`: down to where the next row begins; `body`: the part of it that must lie within the
    版心 (a line's leading may hang over). `paint(pen, x, y)` draws with `x` the left edge of the
    版心 and `y` the strip's top. `keep`: not to be parted from the next row. `new_page`: begins
    a page. `head`: rows to repeat above it where it begins a page. `snap`: begins on a line of
    the grid, as text does again below a table.
    """

    height: float
    body: float
    paint: Callable[[Pen, float, float], None]
    keep: bool = False
    new_page: bool = False
    head: tuple[Row, ...] = ()
    snap: bool = False


def nothing(pen: Pen, x: float, y: float) -> None:
    """Paints nothing."""


def blank(lines: float = 1, *, keep: bool = False) -> Row:
    """Empty lines of the grid. They take no room at a page's foot."""
    return Row(lines * PITCH, 0.0, nothing, keep=keep)


def body_type(fonts: FontSet) -> Type:
    """3号仿宋 on the grid of 28 cells."""
    return type_of(fonts, "仿宋", SIZE_3, CELL)


@dataclass(frozen=True, slots=True)
class Frame:
    """Where rows go on a page: the 版心 upright, or turned for a landscape table. `left` and `top`
    are its corner in its own coordinates, `turn` the operator that makes them."""

    width: float
    height: float
    left: float
    top: float
    turn: str = ""


UPRIGHT = Frame(WIDTH, HEIGHT, INNER, PAGE_HEIGHT - TOP)
#: §7.3.7 and GB/T 9704 §8: a landscape table has its head at the binding edge on odd pages and at
#: the cut edge on even ones, which is the left of both.
LANDSCAPE = Frame(
    HEIGHT, WIDTH, 0.0, 0.0, f"0 1 -1 0 {INNER:.3f} {PAGE_HEIGHT - TOP - HEIGHT:.3f} cm"
)


def grid_line(y: float) -> float:
    """The top of the first line of the grid at or below `y`."""
    return -(-(y - EPSILON) // PITCH) * PITCH


class Pages:
    """Rows on numbered pages. `y` is how far down the frame the next row begins."""

    def __init__(self, pen: Pen, fonts: FontSet) -> None:
        self.pen, self.fonts = pen, fonts
        self.number = 1
        self.y = 0.0
        self.frame = UPRIGHT

    def lay(self, frame: Frame) -> None:
        """Goes on in another frame, on a page of its own."""
        if frame is self.frame:
            return
        if self.y > 0:
            self.turn()
        self._leave()
        self.frame = frame
        self._enter()

    def _enter(self) -> None:
        if self.frame.turn:
            self.pen.push(self.frame.turn)

    def _leave(self) -> None:
        if self.frame.turn:
            self.pen.pop()

    def flow(self, rows: Iterable[Row]) -> None:
        """Puts rows on pages, those that are kept together as one."""
        group: list[Row] = []
        for row in rows:
            group.append(row)
            if not row.keep:
                self._place(group)
                group = []
        if group:
            self._place(group)

    def _place(self, group: list[Row]) -> None:
        if group[0].new_page and (self.y > 0):
            self.turn()
        elif not self._fits(group) and self.y > 0:
            self.turn()
            for row in group[0].head:
                self._put(row)
        for row in group:
            # A group taller than a page is parted after all.
            if not self._fits([row]) and self.y > 0:
                self.turn()
            self._put(row)

    def _fits(self, group: list[Row]) -> bool:
        y = self.y
        for row in group:
            y = grid_line(y) if row.snap else y
            if y + row.body > self.frame.height + EPSILON:
                return False
            y += row.height
        return True

    def _put(self, row: Row) -> None:
        if row.snap:
            self.y = grid_line(self.y)
        row.paint(self.pen, self.frame.left, self.frame.top - self.y)
        self.y += row.height

    def turn(self, *, numbered: bool = True) -> None:
        """Ends the page."""
        self._leave()
        if numbered:
            self._paint_number()
        self.pen.next_page()
        self.number += 1
        self.y = 0.0
        self._enter()

    def imprint(self, rows: list[Row]) -> None:
        """版记 at the foot of the last page, which is even (§7.4). Where a blank page comes
        before it, neither carries a number (§7.5)."""
        self.lay(UPRIGHT)
        height = sum(row.height for row in rows)
        numbered = True
        if self.number % 2:
            numbered = self.y > 0  # this page itself may be blank
            self.turn(numbered=numbered)
        elif self.y + height > HEIGHT + EPSILON:
            self.turn()
            self.turn(numbered=False)
            numbered = False
        self.y = HEIGHT - height
        for row in rows:
            self._put(row)
        if numbered:
            self._paint_number()

    def end(self) -> None:
        """Ends a document without 版记."""
        self._leave()
        self._paint_number()

    def _paint_number(self) -> None:
        type_ = type_of(self.fonts, "宋体", SIZE_4)
        line = set_line([Span(f"— {self.number} —", type_)])
        odd = self.number % 2 == 1
        x = INNER + (WIDTH - SIZE_4 - line.width if odd else SIZE_4)
        # The dash of a 宋体 lies about a third of an em above the baseline.
        y = PAGE_HEIGHT - TOP - HEIGHT - PAGE_NUMBER_DROP - 0.33 * SIZE_4
        self.pen.text(line, x, y)
