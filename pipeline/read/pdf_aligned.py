"""Rows of a list without rules whose cells all stand at the height of their numbers.

In most tables every text of a row has its middle where the row's number has it, or begins or ends on
the number's line. If there is a way to part the rows so that this holds for each column of each row,
hardly another is as good: a line more or less moves the middle by half a line. Of two ways that is
taken in which fewer texts begin in brackets, or are broken where there was room.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from pipeline.read.pdf_lines import Line

#: How the cells of a row stand beside its number.
Stand = Literal["middle", "top", "bottom"]
STANDS: tuple[Stand, ...] = ("middle", "top", "bottom")
#: Marks that may hang into the next column at a line's end.
HANGING = frozenset("，。、；：！？）》”’")
#: How far a text may stand from its number's height (in em).
OFF = 0.3
#: What it costs (in em) if lines at the page's head belong to the row of the page before.
REST = 0.1
#: A line that is not the last of its text takes at least so much (a share) of its column's room.
SHORT = 0.6
#: With these a text hardly begins, but its second line may.
_GO_ON = frozenset("（(，、。；：）)")


class Parted(NamedTuple):
    """The upper edges of the rows, how their cells stand, and the lines that may as well belong to
    another row."""

    edges: list[float]
    stand: Stand
    doubtful: set[int]


def parted(
    lines: Sequence[Line],
    numbered: Sequence[int],
    borders: Sequence[float],
    edges: Sequence[Sequence[float]],
    stand: Stand | None,
) -> Parted | None:
    """The rows, or None if their cells do not stand alike.

    `lines`: those of the rows; `numbered`: which of them the numbers stand on; `edges`: for the
    upper edge of each row the heights where it may be (the first of all for the first row: above
    every line), from the top down; `stand`: as they did on the page before.
    """
    rows = _Rows(lines, numbered, borders)
    ways = {s: way for s in STANDS if (way := rows.best(edges, s)) is not None}
    if not ways:
        return None
    first = stand if stand in ways else min(ways, key=lambda s: rows.amiss(ways[s]))
    way = ways.pop(first)
    others = [
        other for other in ways.values() if stand != first and rows.amiss(other) == rows.amiss(way)
    ]
    apart = [
        sorted(edge) for o in others for edge in zip(way, o, strict=True) if edge[0] != edge[1]
    ]
    heights = [line.row[0].baseline for line in lines]
    doubtful = {i for i, y in enumerate(heights) if any(a < y < b for a, b in apart)}
    return Parted(way, first, doubtful)


class _Text(NamedTuple):
    """A line of a cell: its first character, and from where to where it goes."""

    begins: str
    x0: float
    x1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0


class _Rows:
    def __init__(
        self, lines: Sequence[Line], numbered: Sequence[int], borders: Sequence[float]
    ) -> None:
        columns: list[dict[float, _Text]] = [{} for _ in range(len(borders) + 1)]
        for line in lines:
            for glyph in line.row:
                if glyph.text.strip() and glyph.text not in HANGING:
                    column = columns[bisect_right(borders, (glyph.x0 + glyph.x1) / 2)]
                    y = round(glyph.baseline, 1)
                    begun = column.get(y, _Text(glyph.text, glyph.x0, glyph.x1))
                    column[y] = begun._replace(x1=glyph.x1)
        self._texts = columns
        self._columns = [sorted(heights) for heights in columns]
        self._numbers = [lines[i].row[0].baseline for i in numbered]
        self._em = lines[numbered[0]].size

    def best(self, edges: Sequence[Sequence[float]], stand: Stand) -> list[float] | None:
        """The way in which no text stands too far from its number, with the least in all."""
        ways: dict[float, tuple[float, list[float]]] = {
            at: (REST if n else 0.0, [at]) for n, at in enumerate(edges[0])
        }
        for row in range(len(edges)):
            below = edges[row + 1] if row + 1 < len(edges) else [float("inf")]
            found: dict[float, tuple[float, list[float]]] = {}
            for foot in below:
                for head, (cost, before) in ways.items():
                    off = self._off(row, head, foot, stand)
                    if off <= OFF and (foot not in found or cost + off < found[foot][0]):
                        found[foot] = (cost + off, [*before, foot])
            ways = found
        return ways[float("inf")][1][:-1] if ways else None

    def _off(self, row: int, head: float, foot: float, stand: Stand) -> float:
        number = self._numbers[row]
        off = 0.0
        for heights in self._columns:
            own = heights[bisect_left(heights, head) : bisect_left(heights, foot)]
            if own:
                at = {"middle": (own[0] + own[-1]) / 2, "top": own[0], "bottom": own[-1]}[stand]
                off = max(off, abs(at - number))
        return off / self._em if head < number < foot else float("inf")

    def amiss(self, edges: Sequence[float]) -> int:
        """How many texts begin as only a further line of one does, or are broken where there was
        room."""
        count = 0
        for heights, texts in zip(self._columns, self._texts, strict=True):
            room = SHORT * max((text.width for text in texts.values()), default=0.0)
            for head, foot in pairwise([*edges, float("inf")]):
                own = heights[bisect_left(heights, head) : bisect_left(heights, foot)]
                count += len(own) > 1 and (
                    texts[own[0]].begins in _GO_ON or any(texts[y].width < room for y in own[:-1])
                )
        return count
