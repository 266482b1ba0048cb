"""The characters of a PDF page as PDFium finds them, stretch by stretch of one text object.

PDFium is asked character by character because only it tells which spaces are real; what the
characters of one text object have in common is looked at once.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections import Counter
from collections.abc import Iterable
from itertools import compress, repeat
from operator import lt, ne, sub
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.errors import UnsafeError
from pipeline.read import pdf_native as native
from pipeline.read.pdf_chars import MARKS, is_strange, symbols_of
from pipeline.read.pdf_native import BLACK
from pipeline.read.pdf_sight import Colour

#: More than this on one page is no form but an attack.
MAX_CHARS = 200_000
#: Characters that stand no further from each other, and none narrower, in points, follow one
#: another whatever their size.
CLOSE, NARROW = 0.05, 0.2

_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)


class Look(NamedTuple):
    """What all characters of one text object share; `origin` is where its baseline begins."""

    size: float
    quadrant: int | None  # 0–3 quarter turns counter-clockwise, None: slanted
    bold: bool
    visible: bool
    symbols: dict[int, str] | None
    colour: Colour
    origin: tuple[float, float]
    object: int  # the address of the text object


class Columns(NamedTuple):
    """All characters of a page, column by column: their codes, the sides of their boxes in user
    space; `text` is what they say, of those that are read as they stand.

    Marked with a one in `odd`: what is not read as it stands, or has no box of its own; in `alone`
    also blanks, ticks, and what has hardly any width; in `apart` what does not touch the character
    before, in `uneven` what is not as high and as deep. `gaps`: what is between the two.
    """

    codes: list[int]
    lefts: list[float]
    tops: list[float]
    rights: list[float]
    bottoms: list[float]
    widths: list[float]
    gaps: list[float]
    text: str
    odd: bytearray
    alone: bytearray
    apart: bytearray
    uneven: bytearray


class Letters(NamedTuple):
    """Characters that follow one another in one text object: what they share, and which of the
    page's they are."""

    look: Look
    columns: Columns
    start: int
    end: int

    @property
    def codes(self) -> list[int]:
        return self.columns.codes[self.start : self.end]

    @property
    def sides(self) -> tuple[list[float], list[float], list[float], list[float]]:
        """Left, bottom, right, top."""
        _, columns, start, end = self
        return (
            columns.lefts[start:end], columns.bottoms[start:end],
            columns.rights[start:end], columns.tops[start:end],
        )  # fmt: skip


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__

#: What PDFium may have made up, and how that is marked in place of a text object.
_MADE_UP, _NOBODY = frozenset((0x20, 0x0D, 0x0A)), -1
#: Codes of what is always a character by itself: blanks, and ticks.
_ALONE = frozenset((0x20, 0x3000, *map(ord, MARKS)))


def read_letters(page: Any) -> list[Letters]:
    """The real characters of a page; spaces and line ends that PDFium makes up are left out."""
    textpage = page.get_textpage()
    try:
        return _TextReader(textpage.raw).letters()
    finally:
        textpage.close()


class _Font(NamedTuple):
    bold: bool
    symbols: dict[int, str] | None


class _TextReader:
    """Reads the characters of one text page, column by column: whatever is asked of each of them is
    asked of all in one go. Text objects and fonts are looked at only once."""

    def __init__(self, textpage: Any) -> None:
        self.textpage = textpage
        self.handle = repeat(native.address(textpage))
        self.fonts = _Fonts()

    def letters(self) -> list[Letters]:
        count = raw.FPDFText_CountChars(self.textpage)
        if count > MAX_CHARS:
            raise UnsafeError(
                "PDF 的一页里文字过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
            )
        codes = self._codes(count)
        room = native.Room(ctypes.c_float, 4, count)
        native.call(native.box_at, self.handle, range(count), room.at[0])
        columns = _columns(codes, *room.columns())
        objects = self._objects(codes)
        starts = list(compress(range(count), map(ne, objects, [None, *objects])))
        owners = [objects[i] for i in starts]
        looks = self._looks(dict(zip(reversed(owners), reversed(starts), strict=True)))
        own = zip(map(looks.get, owners), repeat(columns), starts, [*starts[1:], count])
        return [_new(Letters, one) for one in own if one[0] is not None]

    def _codes(self, count: int) -> list[int]:
        """The code of each character: those of the page's text, if that has just one for each, none
        of a pair and no sign of PDFium's own."""
        text = (ctypes.c_ushort * (count + 1))()
        if raw.FPDFText_GetText(self.textpage, 0, count, text) == count + 1:
            codes: list[int] = text[:count]
            if all(code < 0xD800 or 0xE000 <= code < 0xFFFE for code in set(codes)):
                return codes
        return list(map(native.code_at, self.handle, range(count)))

    def _objects(self, codes: list[int]) -> list[int]:
        """The address of the text object of each character: 0 without one, `_NOBODY` where PDFium
        has made the character up."""
        count = len(codes)
        objects = list(map(native.text_object_at, self.handle, range(count)))
        if None in objects:
            objects = [at or 0 for at in objects]
        spaces = list(compress(range(count), map(_MADE_UP.__contains__, codes)))
        made_up = map(native.generated_at, self.handle, spaces)
        for i in compress(spaces, map((1).__eq__, made_up)):
            objects[i] = _NOBODY
        return objects

    def _looks(self, first: dict[int, int]) -> dict[int, Look]:
        """The look of each text object, of which the first character is given."""
        first.pop(_NOBODY, None)
        objects, indices = list(first), list(first.values())
        matrices = native.Room(ctypes.c_float, 6, len(first))
        native.call(native.matrix_at, self.handle, indices, matrices.at[0])
        origins = native.Room(ctypes.c_double, 2, len(first))
        native.call(native.origin_at, self.handle, indices, *origins.at)
        alike = list(
            zip(
                map(native.font_of, objects),
                map(native.mode_of, objects),
                native.fill_colours(objects),
                map(native.size_at, self.handle, indices),
                *matrices.columns()[:4],
                strict=True,
            )
        )
        shared = {one: self._style(*one) for one in set(alike)}
        own = zip(
            map(shared.__getitem__, alike),
            zip(*origins.columns(), strict=True),
            objects,
            strict=True,
        )
        return {key: _new(Look, (*style, origin, key)) for style, origin, key in own}

    def _style(
        self, font: int | None, mode: int, colour: Colour, size: float, *matrix: float
    ) -> tuple[Any, ...]:
        """What looks have in common up to their colour."""
        a, b, c, d = matrix
        size *= math.hypot(c, d)
        bold, symbols = self.fonts[font]
        return (
            1.0 if size < 1.0 else 400.0 if size > 400.0 else size,
            _quadrant(a, b),
            bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE,
            mode not in _UNSEEN,
            symbols,
            colour if mode in _FILLED else BLACK,
        )


class _Fonts(dict[int | None, _Font]):
    """What the fonts of a page are like, by their addresses."""

    def __missing__(self, key: int | None) -> _Font:
        name = _font_name(ctypes.cast(key, raw.FPDF_FONT)) if key else ""
        font = self[key] = _Font(bool(_BOLD_NAME.search(name)), symbols_of(name))
        return font


def _columns(
    codes: list[int],
    lefts: list[float],
    tops: list[float],
    rights: list[float],
    bottoms: list[float],
) -> Columns:
    count, known = len(codes), set(codes)
    strange = set(filter(is_strange, known))
    odd = bytearray(map(strange.__contains__, codes) if strange else count)
    widths = list(map(sub, rights, lefts))
    narrow = list(compress(range(count), map(lt, widths, repeat(NARROW))))
    gaps = [0.0, *map(sub, lefts[1:], rights)]
    apart = bytearray(map(CLOSE.__lt__, map(abs, gaps)))[:count]
    for i in (*narrow, *compress(range(count), apart)):
        if widths[i] <= 0 or (i and rights[i] == rights[i - 1]):
            odd[i] = 1
    alone = bytearray(odd)
    for i in narrow:
        alone[i] = 1
    if not known.isdisjoint(_ALONE):
        for i in compress(range(count), map(_ALONE.__contains__, codes)):
            alone[i] = 1
    uneven = bytearray(count)
    for column in (tops, bottoms):
        for i in compress(range(1, count), map(ne, column[1:], column)):
            uneven[i] = 1
    readable = max(known, default=0) <= 0x10FFFF
    text = "".join(map(chr, codes) if readable else (chr(min(c, 0xFFFD)) for c in codes))
    return Columns(
        codes, lefts, tops, rights, bottoms, widths, gaps, text, odd, alone, apart, uneven
    )  # fmt: skip


_UNSEEN = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FILLED = (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP)


def _quadrant(a: float, b: float) -> int | None:
    if b == 0 < a:
        return 0
    quarters = math.atan2(b, a) / (math.pi / 2)
    nearest = round(quarters)
    return nearest % 4 if abs(quarters - nearest) < 0.08 else None


def _font_name(font: Any) -> str:
    buffer = ctypes.create_string_buffer(128)
    length = raw.FPDFFont_GetBaseFontName(font, buffer, 128) if font else 0
    return buffer.value.decode("utf-8", "replace") if 0 < length <= 128 else ""


def upright_rotation(letters: Iterable[Letters], shown_rotation: int) -> int:
    """The clockwise turn under which most text stands upright; the page's own without text."""
    votes: Counter[int] = Counter()
    for look, _, start, end in letters:
        if look.visible and look.quadrant is not None:
            votes[look.quadrant] += end - start
    return votes.most_common(1)[0][0] * 90 if votes else shown_rotation
