"""The characters of a PDF page onto the page, where they can be seen: strips of what is plain, and
one by one what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat

from pipeline.read.pdf_chars import UNMAPPED, char_text
from pipeline.read.pdf_letters import Columns, Letters, Look
from pipeline.read.pdf_native import BLACK
from pipeline.read.pdf_page import TANGLED, TOGETHER, Frame, Glyph, Page, Piece, Strip, glyphs_of
from pipeline.read.pdf_sight import (
    Cut,
    Painted,
    Seen,
    Sight,
    Stretch,
    beside_cuts,
    is_pale,
    watermarks,
)

#: Up to this size characters make strips, and up to so many heights of a line one is no wider.
LARGEST, WIDEST = 72.0, 1.6
#: They overlap by no more than this share of their width.
OVERLAP = 0.3


def place_glyphs(letters: Sequence[Letters], page: Page, painted: Mapping[int, Painted]) -> None:
    """Puts the characters that can be seen on the page, in its reading frame, and counts those
    that have no Unicode. `painted`: when each text object was painted."""
    _Placer(letters, page, painted).place(letters)


class _Placer:
    """What is known of a page while its characters are placed."""

    def __init__(
        self, letters: Sequence[Letters], page: Page, painted: Mapping[int, Painted]
    ) -> None:
        self.page = page
        self.painted = painted
        self.pieces = page.pieces
        self.sight = Sight(page.fills, page.clips)
        self.marks = _watermarks(letters, page)
        self.unseen: list[tuple[int, Glyph]] = []
        self.last_shown: Look | None = None
        self.upright = page.frame.rotation // 90
        self.left_edge, _, _, self.top_edge = page.frame.bounds
        self.width, self.height = page.frame.width, page.frame.height
        # All characters of the page are in the same columns.
        columns = letters[0].columns if letters else None
        self.lefts = self._moved(columns.lefts) if columns else []
        self.rights = self._moved(columns.rights) if columns else []

    def _moved(self, xs: list[float]) -> list[float]:
        return [x - self.left_edge for x in xs] if self.left_edge else xs

    def place(self, letters: Iterable[Letters]) -> None:
        upright, top_edge, marks, point = (
            self.upright, self.top_edge, self.marks, self.page.frame.point,
        )  # fmt: skip
        plainly = self.sight.is_clear
        for own in letters:
            look = own[0]
            size, quadrant, _, visible, _, colour, origin, key = look
            # An invisible layer behind a scan; a watermark across the page.
            if not visible or quadrant is None or key in marks:
                continue
            line = point(*origin)[1] if upright else top_edge - origin[1]
            when, seen = 1 << 30, None
            if not plainly or colour != BLACK:
                when = self.painted[key].when if key in self.painted else when
                seen = self.sight.of(when, colour, size, line)
            if seen is not None or upright or quadrant or not self._together(own, line):
                self._one_by_one(own, line, when, seen)
        if self.unseen:
            self.pieces += _written_again(self.unseen, self.page.glyphs, self.painted)
        if self.sight.cuts:
            self.pieces[:] = _doubt_beside(self.sight.cuts, self.page.glyphs)

    def _together(self, letters: Letters, line: float) -> bool:
        """Places characters that stand upright and are plainly seen, unless one of them must be
        looked at by itself; whether it did."""
        look, columns, start, end = letters
        size, bold, symbols = look.size, look.bold, look.symbols
        if symbols is not None or columns.odd.find(1, start, end) >= 0:
            return False
        lefts, rights, tops, bottoms = self.lefts, self.rights, columns.tops, columns.bottoms
        x0, x1, y = lefts[start], rights[end - 1], self.top_edge - line
        strip = _is_strip(columns, start, end, size)
        if columns.uneven.find(1, start + 1, end) < 0:
            high = low = (tops[start] + bottoms[start]) / 2
        else:
            high = (max(tops[start:end]) + max(bottoms[start:end])) / 2
            low = (min(tops[start:end]) + min(bottoms[start:end])) / 2
        first, last = (x0, x1) if strip else (min(lefts[start:end]), max(rights[start:end]))
        if not (
            -size <= y - high
            and y - low <= size
            and 0 <= line <= self.height + 2
            and first >= 0
            and last <= self.width
            and not (self.last_shown is look and self.pieces[-1].x1 == rights[start])
        ):
            return False
        text = columns.text[start:end]
        if strip:
            own = (text, x0, x1, line, size, bold, lefts, rights, start)
            self.pieces.append(_new(Strip, (*own, [])))
        else:
            shared = map(repeat, (line, size, bold, False, False, 1.0), repeat(end - start))
            each = zip(text, lefts[start:end], rights[start:end], *shared, strict=True)
            self.pieces += map(_new, repeat(Glyph), each)
        self.last_shown = look
        return True

    def _one_by_one(self, letters: Letters, line: float, when: int, seen: Seen | None) -> None:
        """Places characters that must be looked at each by itself."""
        page, look = self.page, letters.look
        frame, size, upright = page.frame, look.size, self.upright
        width, height, pieces = self.width, self.height, self.pieces
        for text, left, bottom, right, top in _typed(look, letters.codes, *letters.sides):
            x0, y0, x1, y1 = frame.corners(left, bottom, right, top)
            baseline = line
            if look.quadrant != upright or not -size <= (y0 + y1) / 2 - line <= size:
                baseline = y1 - 0.14 * size  # turned, or written downwards
            if x1 <= x0:
                x1 = x0 + size / 2
            if not (0 <= (x0 + x1) / 2 <= width and 0 <= baseline <= height + 2):
                # Beyond the edge of the visible page: what goes over it is not whole.
                if pieces and self.last_shown is look and not text.isspace():
                    pieces[-1] = _last(pieces)._replace(sure=TANGLED)
                continue
            last = pieces[-1] if self.last_shown is look else None
            if last is not None and last.x1 == x1 and last.baseline == baseline:
                x0 = _part_ligature(pieces, x1)
            glyph = Glyph(text, x0, x1, baseline, size, look.bold)
            middle = (x0 + x1) / 2, baseline - 0.36 * size
            if seen is not None and not (shown := seen(*middle, text)):
                if shown is False:
                    self.unseen.append((when, glyph))
                continue
            page.unmapped += text == UNMAPPED
            pieces.append(glyph)
            self.last_shown = look


def _is_strip(columns: Columns, start: int, end: int, size: float) -> bool:
    """Whether characters of one text object go their way together."""
    if (
        columns.alone.find(1, start, end) >= 0
        or size > LARGEST
        or max(columns.widths[start:end]) > WIDEST * size
    ):
        return False
    if columns.apart.find(1, start + 1, end) < 0:
        return True
    gaps = columns.gaps[start + 1 : end]
    narrowest = min(size, *columns.widths[start:end])
    return max(gaps) <= TOGETHER * size and min(gaps) >= -OVERLAP * narrowest


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__


def _last(pieces: list[Piece]) -> Glyph:
    """The last character placed, by itself."""
    pieces[-1:] = glyphs_of(pieces[-1:])
    last = pieces[-1]
    assert isinstance(last, Glyph)
    return last


def _doubt_beside(cuts: Sequence[Cut], glyphs: Iterable[Glyph]) -> list[Glyph]:
    """What is left of text that does not fit its cell is not all of it."""
    return [g._replace(sure=TANGLED) if beside_cuts(cuts, *g.middle) else g for g in glyphs]


def _typed(
    look: Look, codes: list[int], *sides: list[float]
) -> Iterator[tuple[str, float, float, float, float]]:
    """Each character as it was typed, with the sides of its box."""
    high = 0
    for code, a, b, c, d in zip(codes, *sides, strict=True):
        if high or 0xD800 <= code < 0xDC00:
            if not high:
                high = code
                continue
            code, high = _whole(high, code), 0
        if text := char_text(code, look.symbols):
            yield text, a, b, c, d


def _part_ligature(pieces: list[Piece], x1: float) -> float:
    """PDFium gives the letters of a ligature one box: the last gives up room for one more, which
    begins where this returns."""
    last = _last(pieces)
    middle = last.x0 + 0.5 * (x1 - last.x0)
    pieces[-1] = last._replace(x1=middle)
    return middle


def _whole(high: int, low: int) -> int:
    """The code point of a surrogate pair; 0xFFFD if it is none."""
    if not 0xDC00 <= low < 0xE000:
        return 0xFFFD
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


def _written_again(
    unseen: Sequence[tuple[int, Glyph]], seen: Sequence[Glyph], painted: Mapping[int, Painted]
) -> list[Glyph]:
    """Characters painted out and then written again in the same place: PDFium gives the second
    ones no more, but the text they belong to still takes up their place."""
    found: list[Glyph] = []
    first = min(when for when, _ in unseen)
    later = [(text.when, text.outline()) for text in painted.values() if text.when > first]
    for when, glyph in unseen:
        x, y = (glyph.x0 + glyph.x1) / 2, glyph.baseline - 0.36 * glyph.size
        within = any(
            other > when and box.x0 <= x <= box.x1 and box.top <= y <= box.bottom
            for other, box in later
        )
        if within and not any(
            abs(g.baseline - glyph.baseline) < 0.5 * glyph.size
            and min(g.x1, glyph.x1) - max(g.x0, glyph.x0) > 0.3 * (glyph.x1 - glyph.x0)
            for g in (*seen, *found)
        ):
            found.append(glyph)
    return found


def _watermarks(letters: Sequence[Letters], page: Page) -> set[int]:
    """The text objects that are a watermark of words set level."""
    faint = {colour for colour in {own.look.colour for own in letters} if is_pale(colour)}
    if not faint:
        return set()
    pale: dict[int, list[Letters]] = {}
    others: list[Letters] = []
    for own in letters:
        if own.look.colour in faint:
            pale.setdefault(own.look.object, []).append(own)
        else:
            others.append(own)
    sizes: Counter[float] = Counter()
    middles: list[tuple[float, float]] = []
    for own in others:
        for code, left, bottom, right, top in zip(own.codes, *own.sides, strict=True):
            if code > 0x20:
                sizes[own.look.size] += 1
                middles.append(page.frame.point((left + right) / 2, (bottom + top) / 2))
    if 2 * len(middles) < sum(len(own.codes) for all_of in pale.values() for own in all_of):
        return set()  # everything is pale
    stretches = {key: _stretch(own, page.frame) for key, own in pale.items()}
    return watermarks(stretches, middles, sizes.most_common(1)[0][0], page.rules)


def _stretch(letters: Sequence[Letters], frame: Frame) -> Stretch:
    look = letters[0].look
    text = "".join(char_text(code, look.symbols) for own in letters for code in own.codes)
    lefts, bottoms, rights, tops = zip(*[own.sides for own in letters], strict=True)
    box = frame.box(
        min(map(min, lefts)), min(map(min, bottoms)), max(map(max, rights)), max(map(max, tops))
    )
    return Stretch(text, box, look.size)
