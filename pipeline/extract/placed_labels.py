"""The labels of a form that stand on a page without cells around them, over several lines too."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from pipeline.document import Block, Box, Paragraph, Place, Run
from pipeline.extract import match
from pipeline.extract.chunks import slice_runs
from pipeline.extract.plan import Plan
from pipeline.extract.typed import (
    CLOSE,
    LONGEST_LABEL,
    SHORTEST_CLOSE,
    number_of,
    of_long_text,
    one_of,
)

#: Lines of a label.
_MOST_PIECES = 8
#: Lines of a label stand no further apart than this, its words on a line too (in em).
_NEAR, _BESIDE = 1.1, 6.0
#: What follows a label in running text stands no further behind it than this (in em).
SPACE = 1.2
#: The first line of a paragraph is set in by no more than this (in em).
_INDENTED = 2.5
#: Nor the brackets of its hint behind it on its line, in points.
_HINT_APART = 15.0
#: So many pieces before and after one are looked at for what stands around it.
_WINDOW = 60
#: Pages stand this far from each other, in points, when they are looked at as one.
_PAGES_APART = 60.0

_HINT = re.compile(r"[（(][^（）()，。；：]{0,16}[）)]")
_OPEN_HINT = re.compile(r"（[^（），。；：]{0,16}$")
_MORE_WORDS = re.compile(r"[一-鿿]{1,3}[：:]?")


class Piece(NamedTuple):
    """A phrase, or a part of it, on all pages as one long page; `block` is the number of the block
    that it stands in, `doubtful`: it reads like a label and was taken for text."""

    runs: tuple[Run, ...]
    place: Place
    x0: float
    top: float
    x1: float
    bottom: float
    band: tuple[int, int]
    block: int
    doubtful: bool = False

    @property
    def text(self) -> str:
        return "".join([run.text for run in self.runs])

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def page(self) -> int:
        return self.band[0]


class Name(NamedTuple):
    """What a label says: the number of one of the plan; None where words are printed before a hole
    in its own cell (仪器设备：…), or on a line above the table (not `inside`). `order`: that number,
    or the one of the last label before. `long`: a text of several lines is asked."""

    number: int | None
    inside: bool = True
    order: int = -1
    long: bool = False


#: The numbers of pieces that together are a label, and which.
Chain = tuple[list[int], Name]


@dataclass(eq=False, slots=True)
class Mark:
    """A label where it stands, and what is said behind it."""

    name: Name
    pieces: list[Piece]
    said: list[Piece] = field(default_factory=list)
    doubtful: bool = False
    x0: float = 0.0
    top: float = 0.0
    x1: float = 0.0
    bottom: float = 0.0

    def __post_init__(self) -> None:
        self.x0, self.top, self.x1, self.bottom = around(self.pieces)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2

    @property
    def bands(self) -> set[tuple[int, int]]:
        return {piece.band for piece in self.pieces}


def around(pieces: Sequence[Piece]) -> tuple[float, float, float, float]:
    return (
        min([piece.x0 for piece in pieces]),
        min([piece.top for piece in pieces]),
        max([piece.x1 for piece in pieces]),
        max([piece.bottom for piece in pieces]),
    )


def found(plan: Plan, blocks: Sequence[Block]) -> tuple[list[Mark], list[Piece]]:
    """The labels that stand in the blocks, and the text between them: that in cells, too, which may
    be drawn around the values only."""
    pieces = list(_pieces(blocks))
    if not any(isinstance(block, Paragraph) and block.phrases for block in blocks):
        return [], []
    held = {slot.label for slot in plan.slots}
    marks, texts = _without_said(*_finder(plan).find(pieces), held)
    foot = max((mark.bottom for mark in marks), default=0.0)
    return marks, [p for p in texts if p.place.table is None or p.top < foot]


def _without_said(
    marks: Sequence[Mark], texts: Sequence[Piece], held: set[int | None]
) -> tuple[list[Mark], list[Piece]]:
    """Labels that a value says are text: they begin where its lines do, right of the labels and
    where no other label does, and stand in the form once more or out of its order. What may be both
    is a label, and doubtful with the text above it. `held`: the labels that a value stands behind;
    one beside several rows (近两年经营情况) stands below the first of them."""
    columns = _Columns(marks, texts)
    true = [mark for mark in marks if columns.has(mark)]
    kept = {id(mark) for mark in true}
    names = {mark.name for mark in true if mark.name.number is not None}
    left = min((mark.x1 for mark in true), default=float("inf"))
    ordered = [mark for mark in true if mark.name.number is None or mark.name.number in held]
    others = [mark for mark in marks if id(mark) not in kept]
    lines = [*texts, *(mark.pieces[0] for mark in others)]
    lines.sort(key=lambda piece: piece.bottom)
    feet = [piece.bottom for piece in lines]
    said: list[Piece] = []
    unsure: set[Piece] = set()
    for mark in others:
        em = mark.pieces[0].bottom - mark.pieces[0].top
        first = bisect_left(feet, mark.top - _NEAR * em)
        last = bisect_left(feet, mark.pieces[0].bottom, first)
        above = [p for p in lines[first:last][-_WINDOW:] if _is_in_line(p, mark, em)]
        again = mark.name in names
        if left > mark.x0 or not (above or again):
            kept.add(id(mark))
        elif again or any(_is_out_of_order(mark, other) for other in ordered):
            said += [p._replace(doubtful=not (again and above)) for p in mark.pieces]
        else:
            kept.add(id(mark))
            beside = lines[first : last + _WINDOW]
            if not any(_is_beside(piece, mark, em) for piece in beside):
                mark.doubtful = True
                unsure.update(above)
    texts = [p._replace(doubtful=True) if p in unsure else p for p in texts] if unsure else texts
    return [mark for mark in marks if id(mark) in kept], [*texts, *said]


def _is_in_line(piece: Piece, mark: Mark, em: float) -> bool:
    """Whether a line of text begins where a label does, but for the indent of a paragraph."""
    return abs(piece.x0 - mark.x0) < _INDENTED * em < piece.x1 - piece.x0


def _is_beside(piece: Piece, mark: Mark, em: float) -> bool:
    """Whether a text stands right of a label in a cell of its own."""
    return abs(piece.middle - mark.middle) < 0.6 * em and piece.x0 - mark.x1 > SPACE * em


def _is_out_of_order(mark: Mark, other: Mark) -> bool:
    above = other.bottom <= mark.top or (other.x1 <= mark.x0 and other.top < mark.bottom)
    below = other.top >= mark.bottom
    return (above and other.name.order > mark.name.order) or (
        below and other.name.order < mark.name.order
    )


class _Columns:
    """Where labels begin, or have their middles, and where texts begin."""

    def __init__(self, marks: Sequence[Mark], texts: Sequence[Piece]) -> None:
        self._lefts = sorted(mark.x0 for mark in marks)
        self._middles = sorted(mark.x0 + mark.x1 for mark in marks)
        self._texts = sorted(piece.x0 for piece in texts)

    def has(self, mark: Mark) -> bool:
        """Whether more labels than texts stand where this one does."""
        em = mark.pieces[0].bottom - mark.pieces[0].top
        lefts = _count(self._lefts, mark.x0 - 0.5 * em, mark.x0 + 0.5 * em)
        middles = _count(self._middles, mark.x0 + mark.x1 - em, mark.x0 + mark.x1 + em)
        return max(lefts, middles) > _count(
            self._texts, mark.x0 - _INDENTED * em, mark.x0 + 0.5 * em
        )


def _count(sorted_numbers: Sequence[float], least: float, most: float) -> int:
    return bisect_right(sorted_numbers, most) - bisect_left(sorted_numbers, least)


def _pieces(blocks: Iterable[Block]) -> Iterator[Piece]:
    """All phrases and cells, page below page."""
    offset, page, foot = 0.0, None, 0.0
    keys = {p.place.page: p.page for b in blocks if isinstance(b, Paragraph) for p in b.phrases}
    for number, block in enumerate(blocks):
        for runs, place, key, box, band in _placed(block, keys):
            if key != page:
                offset, page = foot + _PAGES_APART, key
            x0, top, x1, bottom = box
            yield Piece(runs, place, x0, top + offset, x1, bottom + offset, (key, band), number)
            foot = max(foot, bottom + offset)


def _placed(
    block: Block, keys: Mapping[int | None, int]
) -> Iterator[tuple[tuple[Run, ...], Place, int, Box, int]]:
    if isinstance(block, Paragraph):
        for phrase in block.phrases:
            yield phrase.runs, phrase.place, phrase.page, phrase.box, phrase.band
        return
    for cell in block.cells:
        place = cell.place
        if cell.text.strip() and place.box is not None and place.page in keys:
            yield (Run(cell.text.strip()),), place, keys[place.page], place.box, 0


class Finder:
    """Finds the labels of a plan among pieces, over several lines too."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        long = of_long_text(plan)
        own = [Name(n, order=n, long=n in long) for n in range(len(plan.labels))]
        named = [(way, own[n]) for n, label in enumerate(plan.labels) for way in label.ways]
        orders = accumulate((-1 if s.label is None else s.label for s in plan.slots), max)
        loose = ((s, order) for s, order in zip(plan.slots, orders, strict=True) if s.label is None)
        named += [
            (w, Name(None, order=order))
            for slot, order in loose
            for text in slot.literals[:1]
            for w in match.anchor_words(text)[:1]
        ]
        above = (e for line in plan.lines for e in line.elements if isinstance(e, str))
        named += [(text, Name(None, inside=False)) for text in above]
        self._names: dict[str, Name] = {}
        for way, name in named:
            for folded in (match.fold(way), _bare(way)):
                self._names.setdefault(folded, name)
        self._begun = {name[:n] for name in self._names for n in range(1, len(name) + 1)}
        self._long = [
            (own[n], label.ways)
            for n, label in enumerate(plan.labels)
            if len(match.core(label.text)) >= SHORTEST_CLOSE
        ]
        self._letters = [set(match.fold("".join(ways))) for _, ways in self._long]
        self._behind = [name for _, name in named]
        self._colons = one_of(tuple((way, n) for n, (way, _) in enumerate(named)))

    def find(self, pieces: Sequence[Piece]) -> tuple[list[Mark], list[Piece]]:
        """The labels, and the pieces between them; a value behind its label's colon is one."""
        marks: list[Mark] = []
        used: set[int] = set()
        for way in (self._exact, self._close):
            for at in range(len(pieces)):
                chain = None if at in used else way(pieces, at, used)
                if chain is not None:
                    chain = self._with_more_words(pieces, *chain, used)
                    used.update(chain[0])
                    marks.append(Mark(chain[1], [pieces[i] for i in chain[0]]))
        texts: list[Piece] = []
        for at, piece in enumerate(pieces):
            if at not in used:
                said = self._behind_colon(piece)
                if said is not None:
                    marks.append(Mark(said[0], [said[1]]))
                    texts += [said[2]] if said[2].text.strip() else []
                else:
                    texts.append(piece)
        return marks, texts

    def _exact(self, pieces: Sequence[Piece], at: int, used: set[int]) -> Chain | None:
        may_be = self._may_be("", pieces[at].text, is_below=True)
        return self._longest(pieces, [at], used) if may_be else None

    def _longest(self, pieces: Sequence[Piece], chain: list[int], used: set[int]) -> Chain | None:
        """The most pieces, from those of a chain on, that together are a label."""
        text = _text(pieces, chain)
        if len(chain) < _MOST_PIECES:
            for following, is_below in zip(
                _following(pieces, chain, used), (False, True), strict=True
            ):
                if following is None:
                    continue
                after = is_below or pieces[following].x0 - pieces[chain[-1]].x1 < _HINT_APART
                if self._may_be(text, pieces[following].text, is_below, hinted=after):
                    longer = self._longest(pieces, [*chain, following], used)
                    if longer is not None:
                        return longer
        name = self._names.get(match.fold(text))
        name = name or self._names.get(_bare(text))
        return (chain, name) if name is not None else None

    def _may_be(self, text: str, more: str, is_below: bool, *, hinted: bool = True) -> bool:
        """Whether a label may go on so; in the brackets of a hint anything may stand, but not what
        stands beside it, and these not far from it."""
        if self._begins(text + more):
            return True
        bare = _bare(_OPEN_HINT.split((text + more).replace("(", "（"))[0])
        opens = more.lstrip()[:1] in ("（", "(")
        return hinted and (is_below or opens) and bare in self._names

    def _close(self, pieces: Sequence[Piece], at: int, used: set[int]) -> Chain | None:
        """A long label in other words, as near to the printed one as no value is."""
        letters = set(match.fold(pieces[at].text))
        if not letters or not any(
            3 * len(letters & own) >= 2 * len(letters) for own in self._letters
        ):
            return None
        best, best_likeness = None, CLOSE
        chain = [at]
        while len(chain) <= _MOST_PIECES:
            text = _text(pieces, chain)
            if len(text) > LONGEST_LABEL:
                break
            for name, ways in self._long:
                likeness = match.best_likeness(ways, text)
                if likeness > best_likeness:
                    best, best_likeness = (list(chain), name), likeness
            _, below = _following(pieces, chain, used)
            if below is None:
                break
            chain.append(below)
        return best

    def _with_more_words(
        self, pieces: Sequence[Piece], chain: list[int], name: Name, used: set[int]
    ) -> Chain:
        """A label to which a few words were added on its next lines: 统一社会信用代码 / 证号."""
        if name.number is None:
            return chain, name
        ways = self._plan.labels[name.number].ways
        while True:
            _, below = _following(pieces, chain, used)
            if below is None:
                return chain, name
            more = pieces[below].text
            alike = match.best_likeness(ways, _text(pieces, chain) + more)
            if not _MORE_WORDS.fullmatch(more) or self._begins(more) or alike < CLOSE:
                return chain, name
            chain = [*chain, below]

    def _begins(self, text: str) -> bool:
        return match.fold(text) in self._begun

    def _behind_colon(self, piece: Piece) -> tuple[Name, Piece, Piece] | None:
        """A label with its colon and its value in one piece, parted."""
        text = piece.text
        if "：" not in text and ":" not in text:
            return None
        hit = self._colons.match(text, len(text) - len(text.lstrip()))
        if hit is None:
            return None
        name = self._behind[number_of(hit)]
        at = piece.x0 + (piece.x1 - piece.x0) * hit.end() / len(text)
        label = piece._replace(runs=slice_runs(piece.runs, 0, hit.end()), x1=at)
        value = piece._replace(runs=slice_runs(piece.runs, hit.end(), len(text)), x0=at)
        return name, label, value


@cache
def _finder(plan: Plan) -> Finder:
    return Finder(plan)


def _text(pieces: Sequence[Piece], chain: Iterable[int]) -> str:
    return "".join([pieces[i].text for i in chain])


def _bare(text: str) -> str:
    """A label without the hints in brackets behind it."""
    return match.fold(_HINT.sub("", text)) or match.fold(text)


def _following(
    pieces: Sequence[Piece], chain: Sequence[int], used: set[int]
) -> tuple[int | None, int | None]:
    """The pieces with which a label may go on: the next on its line, and the one below, which may
    be the first in its column on the next page."""
    last = pieces[chain[-1]]
    em = last.bottom - last.top
    x0, _, x1, _ = around([pieces[i] for i in chain])
    beside: int | None = None
    below: int | None = None
    near = range(max(chain[-1] - _WINDOW, 0), min(chain[-1] + _WINDOW, len(pieces)))
    for i in near:
        piece = pieces[i]
        if i in chain:
            continue
        if piece.page == last.page and abs(piece.middle - last.middle) < 0.4 * em:
            if 0 <= piece.x0 - last.x1 < _BESIDE * em and (
                beside is None or piece.x0 < pieces[beside].x0
            ):
                beside = i
        elif (
            piece.middle > last.middle
            and min(piece.x1, x1) - max(piece.x0, x0) > 0
            and (below is None or piece.top < pieces[below].top - 0.4 * em)
        ):
            below = i
    if below is not None:
        close = pieces[below].page > last.page or pieces[below].top - last.bottom < _NEAR * em
        below = below if close and below not in used else None
    return beside if beside not in used else None, below
