"""The page of GB/T 9704-2012, and rows flowing over its pages.

A document is an iterable of `Row`s: each has a height and paints itself. `Pages` puts them one
below the other, begins a new page where one does not fit, repeats a table's head there, keeps
together what belongs together, and numbers the pages. It holds the rows of one page and those it
must keep together, so a list of 5,000 rows takes no more memory than a page.

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

from collections.abc import Callable, Iterable, Iterator, Sequence
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
#: §7.3.5.5: where a page has no room left for seal and date, its lines move together, to at most so
#: many a page: 26 pt from baseline to baseline.
MOST_LINES = 25
#: How much of the way from line to line that takes.
MOST_SHRUNK = 1 - (HEIGHT - SIZE_3) / (MOST_LINES - 1) / PITCH
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

    @property
    def slack(self) -> float:
        """What of its height may shrink: that of lines and blanks, not of rules and tables."""
        return self.height if self.height > self.body else 0.0


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


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a page: how far down the frame, and how much of the way there may shrink."""

    y: float = 0.0
    slack: float = 0.0

    def before(self, row: Row) -> Mark:
        """Where the row begins that comes next."""
        gap = grid_line(self.y) - self.y if row.snap else 0.0
        return Mark(self.y + gap, self.slack + gap)

    def after(self, row: Row) -> Mark:
        """Where the row ends that begins here."""
        return Mark(self.y + row.height, self.slack + row.slack)

    def down(self, length: float) -> Mark:
        return Mark(self.y + length, self.slack)

    def shrunk(self, share: float) -> Mark:
        return Mark(self.y - share * self.slack)


class Pages:
    """Rows on numbered pages, each painted when it ends. `at` is where the next row begins."""

    def __init__(self, pen: Pen, fonts: FontSet) -> None:
        self.pen, self.fonts = pen, fonts
        self.number = 1
        self.at = Mark()
        self.rows: list[tuple[Mark, Row]] = []
        self.frame = UPRIGHT

    @property
    def y(self) -> float:
        return self.at.y

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
        for mark, row in self.rows:
            row.paint(self.pen, self.frame.left, self.frame.top - mark.y)
        self.rows = []
        if self.frame.turn:
            self.pen.pop()

    def flow(self, rows: Iterable[Row]) -> None:
        """Puts rows on pages, those that are kept together as one."""
        for group in _groups(rows):
            self._place(group)

    def flow_letter(self, rows: Iterable[Row], foot: float) -> None:
        """The same for a letter, whose last rows close it: signature and date. Where the lines of
        their page, moved together, make room for them, and on an even page for the `foot` that comes
        below, they do."""
        closing: list[Row] = []
        for group in _groups(rows):
            self._place(closing)
            closing = group
        if not self._place_tightly(closing, 0.0 if self.number % 2 else foot):
            self._place(closing)

    def _place_tightly(self, group: Sequence[Row], foot: float) -> bool:
        """Puts the group on this page with its lines moved together, if that is needed and enough."""
        placed, at = list(self.rows), self.at
        for row in group:
            placed.append((at.before(row), row))
            at = placed[-1][0].after(row)
        # Leading takes no room at a page's foot, but above what comes below.
        end = at if foot or not group else placed[-1][0].down(placed[-1][1].body)
        over = end.y + foot - self.frame.height
        if over <= EPSILON or over > end.slack * MOST_SHRUNK:
            return False
        share = over / end.slack
        self.rows = [(mark.shrunk(share), row) for mark, row in placed]
        self.at = at.shrunk(share)
        return True

    def _place(self, group: Sequence[Row]) -> None:
        if not group:
            return
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

    def _fits(self, group: Sequence[Row]) -> bool:
        mark = self.at
        for row in group:
            mark = mark.before(row)
            if mark.y + row.body > self.frame.height + EPSILON:
                return False
            mark = mark.after(row)
        return True

    def _put(self, row: Row) -> None:
        mark = self.at.before(row)
        self.rows.append((mark, row))
        self.at = mark.after(row)

    def turn(self, *, numbered: bool = True) -> None:
        """Ends the page."""
        self._leave()
        if numbered:
            self._paint_number()
        self.pen.next_page()
        self.number += 1
        self.at = Mark()
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
        self.at = Mark(HEIGHT - height)
        for row in rows:
            self._put(row)
        self._leave()
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


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Rows that are kept together."""
    group: list[Row] = []
    for row in rows:
        group.append(row)
        if not row.keep:
            yield group
            group = []
    if group:
        yield group
