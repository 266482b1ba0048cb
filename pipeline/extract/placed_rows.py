"""Where the rows of a form without rules are parted, and which text stands behind which label.

What cells have in common tells: a row's label and its text stand at the same height (their middles,
or their tops), lines of one text stand closer than two rows do, and a level rule parts rows. Of all
ways to part the rows the best is taken; where another is nearly as good, the labels are doubtful.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from statistics import median
from typing import NamedTuple

from pipeline.extract.placed_labels import Mark, Piece, around

#: Lines are looked at as lower than they are by this much above and below (in em).
_SLACK = 0.15
#: By so much (in em) the second-best way must be worse for the best to be sure.
_SURELY = 0.3
#: What it costs (in em) if a row holds lines on both sides of a rule, if it goes on over a page, and
#: has its label only there, if nothing stands beside a label; and at most, for a text that does not
#: stand at its label's height.
_TORN, _OVER, _UNHEADED, _EMPTY, _ASTRAY = 20.0, 0.4, 2.0, 0.3, 8.0
#: What a gap of one em between two rows is worth, and up to which width.
_GAP_WORTH, _WIDEST_GAP = 0.6, 2.0
#: A text further (in em) from where it should stand is not sure, nor one with lines so far apart.
_FAR, _BLANK = 1.0, 1.4
#: A value below its label begins no further left of it than this (in em).
_WIDER = 4.0
#: How values stand: their middles beside those of the labels, their tops beside the tops, or at the
#: top of a cell in whose middle the label stands. For short values, and for long texts.
_MIDDLE, _TOP, _HIGH = "middle", "top", "high"
_STANDS = ((_MIDDLE, _MIDDLE), (_TOP, _TOP), (_MIDDLE, _HIGH), (_MIDDLE, _TOP))
#: Of so many places where a row may end the widest are looked at.
_MOST_EDGES = 80


class Layout:
    """Deals the text between labels out to them."""

    def __init__(self, marks: Sequence[Mark], texts: Sequence[Piece], em: float) -> None:
        self._marks, self._texts, self._em = list(marks), list(texts), em

    def deal(self) -> list[Piece]:
        """Gives each label what is said behind it; what stands above them all is given back."""
        clusters = _clusters(self._marks, self._em)
        clusters = _merged(clusters, self._texts, self._em)
        bands = self._parted([[], *clusters], self._texts)
        for band in bands[1:]:
            self._deal(*band)
        return bands[0][1]

    def _deal(self, marks: Sequence[Mark], texts: Sequence[Piece]) -> None:
        """One row: its columns from left to right, each begun by its labels."""
        columns = _columns(marks)
        shares = _shared(columns, texts)
        for column, share in zip(columns, shares, strict=True):
            if len(column) == 1:
                column[0].said += share
                continue
            clusters = _clusters(column, self._em)
            if len(clusters) == 1:
                _by_height(column, share)
                continue
            for band in self._parted(clusters, share):
                self._deal(*band)

    # ------------------------------------------------------------ where rows are parted

    def _parted(
        self, clusters: Sequence[list[Mark]], texts: Sequence[Piece]
    ) -> list[tuple[list[Mark], list[Piece]]]:
        """Each cluster of labels with the texts of its rows, parted in the best of all ways."""
        if len(clusters) == 1:
            return [(clusters[0], list(texts))]
        ways = [_Ways(clusters, texts, self._em, *stand) for stand in _STANDS]
        return min(ways, key=lambda way: way.cost).bands()


class _Edge(NamedTuple):
    """Where a row may end: the middle of a level stripe in which nothing stands, what that is
    worth, and from where to where it goes."""

    at: float
    worth: float = 0.0
    top: float = float("-inf")
    bottom: float = float("inf")


class _Ways:
    """All ways to part rows of labels and texts. In one form all short values stand alike beside
    their labels, and all long texts do."""

    def __init__(
        self,
        clusters: Sequence[list[Mark]],
        texts: Sequence[Piece],
        em: float,
        short: str,
        long: str,
    ) -> None:
        self._clusters, self._em, self._short, self._long = clusters, em, short, long
        self._texts = sorted(texts, key=lambda piece: piece.middle)
        self._middles = [piece.middle for piece in self._texts]
        self._strange = [
            [0, *accumulate(_is_strange(piece, marks, em) for piece in self._texts)]
            for marks in clusters
        ]
        self._cuts = self._candidates()
        self._row_costs = self._all_costs()
        self._before, self._after = self._forth(), self._back()
        self._chosen = [
            min(range(len(cuts)), key=lambda c, i=i: self._before[i][c] + self._after[i][c])  # type: ignore[misc]
            for i, cuts in enumerate(self._cuts)
        ]
        self.cost = self._before[-1][0]

    def _candidates(self) -> list[list[_Edge]]:
        """For each edge of a row where it may be."""
        edges = [[_Edge(float("-inf"))]]
        gaps = self._gaps()
        for upper, lower in pairwise(self._clusters):
            head = max((mark.bottom for mark in upper), default=float("-inf"))
            foot = min(mark.top for mark in lower)
            slack = _SLACK * self._em
            fit = [edge for edge in gaps if head - slack < edge.at < foot + slack]
            fit = sorted(sorted(fit, key=lambda edge: -edge.worth)[:_MOST_EDGES])
            at = (head + foot) / 2 if upper else foot
            edges.append(fit or [_Edge(at, 0.0, at, at)])
        return [*edges, [_Edge(float("inf"))]]

    def _gaps(self) -> list[_Edge]:
        """The level stripes in which nothing stands."""
        slack = _SLACK * self._em
        own = [piece for cluster in self._clusters for mark in cluster for piece in mark.pieces]
        spans = sorted((p.top + slack, p.bottom - slack) for p in (*self._texts, *own))
        gaps: list[_Edge] = []
        foot = float("-inf")
        for top, bottom in spans:
            if foot == float("-inf"):
                gaps.append(_Edge(top - self._em))
            elif top > foot:
                worth = _GAP_WORTH * min((top - foot) / self._em, _WIDEST_GAP)
                gaps.append(_Edge((top + foot) / 2, worth, foot, top))
            foot = max(foot, bottom)
        return gaps

    def _all_costs(self) -> list[list[list[float]]]:
        """Row → upper edge → lower edge → what it costs."""
        return [
            [
                [self._cost(row, head.at, foot) for foot in self._cuts[row + 1]]
                for head in self._cuts[row]
            ]
            for row in range(len(self._clusters))
        ]

    def _between(self, head: float, foot: float) -> list[Piece]:
        return self._texts[slice(*self._span(head, foot))]

    def _span(self, head: float, foot: float) -> tuple[int, int]:
        return bisect_left(self._middles, head), bisect_left(self._middles, foot)

    def _cost(self, row: int, head: float, foot: _Edge) -> float:
        marks = self._clusters[row]
        if not marks:
            return 0.0
        if head >= foot.at:
            return 1000.0
        first, last = self._span(head, foot.at)
        texts = self._texts[first:last]
        own = [piece for mark in marks for piece in mark.pieces]
        by_page: dict[int, set[int]] = {}
        for piece in (*texts, *own):
            by_page.setdefault(piece.band[0], set()).add(piece.band[1])
        cost = _TORN * sum(len(found) - 1 for found in by_page.values())
        cost += _TORN * (self._strange[row][last] - self._strange[row][first])
        if len(by_page) > 1:
            headed = min(by_page) in {piece.page for piece in own}
            return cost + _OVER * (len(by_page) - 1) + (0.0 if headed else _UNHEADED)
        for mark, said in _roughly(marks, texts):
            cost += self._astray(mark, said, foot)
        return cost

    def _astray(self, mark: Mark, said: Sequence[Piece], foot: _Edge) -> float:
        """How far a text stands from where it should beside its label, in em."""
        if not said:
            return _EMPTY if mark.name.inside else 0.0
        x0, top, _, bottom = around(said)
        em = self._em
        if not mark.name.inside or mark.name.number is None:  # text goes on behind and below it
            return min(abs(mark.top - top) / em, _ASTRAY)
        stand = self._long if mark.name.long else self._short
        if stand == _TOP:
            away = abs(mark.top - top)
        else:
            blank = foot.bottom - bottom if stand == _HIGH and foot.bottom < float("inf") else 0.0
            lower = mark.middle - (top + bottom) / 2
            away = max(-lower, lower - max(blank, 0.0) / 2, 0.0)
        if top > mark.bottom - 0.3 * em and x0 < mark.x1:
            away = min(away, 0.2 * em)
        return min(away / em, _ASTRAY)

    def _forth(self) -> list[list[float]]:
        """What it costs at least to come to each edge, there where it may be."""
        best = [[0.0]]
        for row, cuts in enumerate(self._cuts[1:]):
            best.append(
                [
                    min(b + self._row_costs[row][a][c] for a, b in enumerate(best[-1])) - edge.worth
                    for c, edge in enumerate(cuts)
                ]
            )
        return best

    def _back(self) -> list[list[float]]:
        """The same from the other end, without the worth of the edge itself."""
        best = [[0.0]]
        for row in range(len(self._clusters) - 1, -1, -1):
            below = self._cuts[row + 1]
            best.append(
                [
                    min(
                        costs[c] - edge.worth + rest
                        for c, (edge, rest) in enumerate(zip(below, best[-1], strict=True))
                    )
                    for costs in self._row_costs[row]
                ]
            )
        return best[::-1]

    def bands(self) -> list[tuple[list[Mark], list[Piece]]]:
        """The labels and the text of each row; what may as well be of the next row makes both
        doubtful."""
        edges = [cuts[c] for cuts, c in zip(self._cuts, self._chosen, strict=True)]
        found = [
            (cluster, self._between(head.at, foot.at))
            for cluster, (head, foot) in zip(self._clusters, pairwise(edges), strict=True)
        ]
        for edge in range(1, len(edges) - 1):
            for other in self._nearly_as_good(edge):
                stretch = self._between(*sorted((edges[edge].at, self._cuts[edge][other].at)))
                for cluster in self._clusters[edge - 1 : edge + 1]:
                    for mark, said in _roughly(cluster, stretch) if cluster else ():
                        mark.doubtful |= bool(said)
        last = len(found) - 1
        for row in range(1, len(found)):
            rows = (row - 1, row + 1) if row < last else (row - 1,)
            beside = [n for n in rows if not _are_parted(found[row], found[n])]
            for mark, said in _roughly(*found[row]):
                more = row == last and mark.name.long  # where it is signed
                if beside and not more and self._is_unsure(mark, said, edges[row + 1]):
                    mark.doubtful = True
                    for near in (near for n in beside for near in self._clusters[n]):
                        near.doubtful |= near.x0 < mark.x1 and mark.x0 < near.x1
        return found

    def _is_unsure(self, mark: Mark, said: Sequence[Piece], foot: _Edge) -> bool:
        """Whether a part of a text may be of another row: it does not stand at its label's height,
        or a line is left blank in it."""
        if not said or mark.name.number is None or len({piece.page for piece in said}) > 1:
            return False
        return self._astray(mark, said, foot) > _FAR or _has_blank(said, self._em)

    def _nearly_as_good(self, edge: int) -> Iterator[int]:
        costs = [b + a for b, a in zip(self._before[edge], self._after[edge], strict=True)]
        own = self._chosen[edge]
        yield from (c for c, cost in enumerate(costs) if c != own and cost < costs[own] + _SURELY)


def _is_strange(piece: Piece, marks: Sequence[Mark], em: float) -> bool:
    """Whether a text can stand in no row with one of these labels: it goes on over the label's
    column, or stands in that above the label."""
    return any(
        (mark.x0 - piece.x0 > _WIDER * em and piece.x1 > mark.x1)
        or (piece.bottom <= mark.top and piece.x0 < mark.x1 - 0.3 * em and piece.x1 > mark.x0)
        for mark in marks
        if mark.name.inside
    )


def _are_parted(*rows: tuple[list[Mark], list[Piece]]) -> bool:
    """Whether a level rule stands between two rows, or a page ends there."""
    one, other = (
        {p.band for p in texts} | {band for mark in marks for band in mark.bands}
        for marks, texts in rows
    )
    return one.isdisjoint(other)


def _has_blank(said: Sequence[Piece], em: float) -> bool:
    """Whether lines of a text stand further apart than by a line."""
    lines = sorted(said, key=lambda piece: piece.top)
    feet = accumulate((piece.bottom for piece in lines), max)
    return any(
        lower.top - foot > _BLANK * em and lower.page == upper.page
        for foot, (upper, lower) in zip(feet, pairwise(lines), strict=False)
    )


def _clusters(marks: Sequence[Mark], em: float) -> list[list[Mark]]:
    """Labels that stand beside each other, from the top down: cells of one row have no more than
    half a line of their heights in common where one has a line more than the other."""
    clusters: list[list[Mark]] = []
    for mark in sorted(marks, key=lambda mark: mark.top):
        if clusters and any(_beside(mark, other, em) for other in clusters[-1]):
            clusters[-1].append(mark)
        else:
            clusters.append([mark])
    return clusters


def _beside(one: Mark, other: Mark, em: float) -> bool:
    apart = one.x0 >= other.x1 or other.x0 >= one.x1
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    torn = one.bands.isdisjoint(other.bands)
    return not torn and shared > (0.1 if apart else 2 * _SLACK) * em


def _merged(clusters: list[list[Mark]], texts: Sequence[Piece], em: float) -> list[list[Mark]]:
    """Rows drawn together where one cell is as high as several: its text stands around its label's
    middle, and beside other labels."""
    row_of = {id(mark): i for i, cluster in enumerate(clusters) for mark in cluster}
    marks = [mark for cluster in clusters for mark in cluster]
    last = list(range(len(clusters)))
    step = _step(marks, em)
    for mark in marks:
        block = _block_beside(mark, marks, texts, em, step)
        if not block:
            continue
        _, top, x1, bottom = around(block)
        if min(abs((top + bottom) / 2 - mark.middle), abs(top - mark.top)) > 0.6 * em:
            continue
        rows = [
            row_of[id(other)]
            for other in marks
            if min(bottom, other.bottom) - max(top, other.top) > 2 * _SLACK * em
            and (other.x1 <= mark.x0 or other.x0 >= x1)
        ]
        for row in range(min(rows, default=0), max(rows, default=-1) + 1):
            last[row] = min(*last[min(rows) : max(rows) + 1], *rows)
    joined: dict[int, list[Mark]] = {}
    for row, cluster in enumerate(clusters):
        joined.setdefault(last[row], []).extend(cluster)
    return [joined[row] for row in sorted(joined)]


def _step(marks: Sequence[Mark], em: float) -> float:
    """How far at most the lines of one text stand apart, as those of the labels do."""
    gaps = [
        lower.top - upper.bottom
        for mark in marks
        for upper, lower in pairwise(mark.pieces)
        if upper.page == lower.page and lower.top > upper.middle
    ]
    return (median(gaps) if gaps else 0.5 * em) + _SLACK * em


def _block_beside(
    mark: Mark, marks: Sequence[Mark], texts: Sequence[Piece], em: float, step: float
) -> list[Piece]:
    """The lines of the text right of a label, as close to each other as lines are; none beside the
    labels above and below it, which are of other rows."""
    right = min(
        (m.x0 for m in marks if m.x0 > mark.x1 and abs(m.middle - mark.middle) < 3 * em),
        default=float("inf"),
    )
    column = [m for m in marks if m is not mark and m.x0 < mark.x1 and mark.x0 < m.x1]
    head = max((m.bottom for m in column if m.top < mark.top), default=float("-inf"))
    foot = min((m.top for m in column if m.top > mark.top), default=float("inf"))
    lane = [
        p
        for p in texts
        if mark.x1 - 0.3 * em < p.x0 < right and p.band in mark.bands and head < p.middle < foot
    ]
    lane.sort(key=lambda piece: piece.middle)
    near = 0.3 * em
    own = [
        i for i, p in enumerate(lane) if p.top < mark.bottom + near and p.bottom > mark.top - near
    ]
    if not own:
        return []
    first, last = own[0], own[-1]
    _, top, _, bottom = around(lane[first : last + 1])
    while first > 0 and lane[first - 1].bottom > top - step:
        first -= 1
        top = min(top, lane[first].top)
    while last + 1 < len(lane) and lane[last + 1].top < bottom + step:
        last += 1
        bottom = max(bottom, lane[last].bottom)
    return lane[first : last + 1]


def _columns(marks: Sequence[Mark]) -> list[list[Mark]]:
    """Labels that stand below each other, from left to right."""
    columns: list[list[Mark]] = []
    edge = float("-inf")
    for mark in sorted(marks, key=lambda mark: mark.x0):
        if columns and mark.x0 < edge:
            columns[-1].append(mark)
            edge = max(edge, mark.x1)
        else:
            columns.append([mark])
            edge = mark.x1
    return columns


def _roughly(marks: Sequence[Mark], texts: Sequence[Piece]) -> list[tuple[Mark, list[Piece]]]:
    """Each label with the texts of a row that stand behind it."""
    columns = _columns(marks)
    shares: dict[int, list[Piece]] = {id(mark): [] for mark in marks}
    for column, share in zip(columns, _shared(columns, texts), strict=True):
        for piece in share:
            nearest = min(column, key=lambda mark: abs(mark.middle - piece.middle))
            shares[id(nearest)].append(piece)
    return [(mark, shares[id(mark)]) for mark in marks]


def _shared(columns: Sequence[Sequence[Mark]], texts: Sequence[Piece]) -> list[list[Piece]]:
    """The texts of each column: what begins right of all that ends before its labels."""
    shares: list[list[Piece]] = [[] for _ in columns]
    walls = [float("-inf")]
    for before, column in pairwise(columns):
        left = min(mark.x0 for mark in column)
        ends = [piece.x1 for piece in texts if piece.x1 <= left + 1.0]
        walls.append(max(*walls, *ends, *(mark.x1 for mark in before)))
    for piece in texts:
        at = bisect_left(walls, piece.x0 + 0.01) - 1
        shares[max(at, 0)].append(piece)
    return shares


def _by_height(column: Sequence[Mark], texts: Sequence[Piece]) -> None:
    for mark, said in _roughly(column, texts):
        mark.said += said
        mark.doubtful = True
