"""The characters of a PDF page as they were typed, where they can be seen.

PDFium is asked character by character because only it tells which spaces are real; what the
characters of one text object have in common is looked at once.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress, pairwise, repeat
from operator import eq, le, mul, ne
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.errors import UnsafeError
from pipeline.read import pdf_native as native
from pipeline.read.pdf_native import BLACK
from pipeline.read.pdf_page import TANGLED, Frame, Glyph, Page
from pipeline.read.pdf_sight import (
    Colour,
    Cut,
    Painted,
    Sight,
    Stretch,
    beside_cuts,
    is_pale,
    watermarks,
)

#: More than this on one page is no form but an attack.
MAX_CHARS = 200_000
#: Shown for a character that the font does not map to Unicode.
UNMAPPED = "\ufffd"

_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi", re.IGNORECASE)

#: Symbol fonts code their ticks and boxes by byte, in the private area or as Latin letters.
_WINGDINGS = {
    0xFB: "×", 0xFC: "√", 0xFD: "☒", 0xFE: "☑", 0x6F: "□", 0x71: "□", 0x72: "□", 0xA8: "□",
    0x6E: "■", 0x6C: "●", 0xA1: "○",
}  # fmt: skip
_WINGDINGS_2 = {
    0x4F: "×", 0x50: "√", 0x51: "☒", 0x52: "☑", 0x53: "☒", 0x54: "☒", 0x2A: "□", 0xA3: "□",
    0x30: "□", 0x98: "●", 0xA2: "■",
}  # fmt: skip


class Look(NamedTuple):
    """What all characters of one text object share; `origin` is where its baseline begins."""

    size: float
    quadrant: int | None  # 0–3 quarter turns counter-clockwise, None: slanted
    bold: bool
    visible: bool
    symbols: dict[int, str] | None
    origin: tuple[float, float]
    colour: Colour
    object: int  # the address of the text object


class Letters(NamedTuple):
    """Characters that follow one another in one text object, in user space: their codes, the sides
    of their boxes, and what they share. `plain`: each is read as it stands, in a box of its own."""

    look: Look
    codes: list[int]
    lefts: list[float]
    bottoms: list[float]
    rights: list[float]
    tops: list[float]
    plain: bool


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__

#: What PDFium may have made up, and how that is marked in place of a text object.
_MADE_UP, _NOBODY = frozenset((0x20, 0x0D, 0x0A)), -1


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
        lefts, tops, rights, bottoms = room.columns()
        objects = self._objects(codes)
        starts = list(compress(range(count), map(ne, objects, [None, *objects])))
        looks = self._looks({objects[i]: i for i in reversed(starts) if objects[i] != _NOBODY})
        odd = _odd(codes, lefts, rights)
        found: list[Letters] = []
        for start, end in pairwise([*starts, count]):
            if (key := objects[start]) == _NOBODY:
                continue
            part = slice(start, end)
            plain = odd.find(1, start, end) < 0
            own = (
                looks[key],
                codes[part],
                lefts[part],
                bottoms[part],
                rights[part],
                tops[part],
                plain,
            )
            found.append(_new(Letters, own))
        return found

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
        objects = [at or 0 for at in map(native.text_object_at, self.handle, range(count))]
        spaces = list(compress(range(count), map(_MADE_UP.__contains__, codes)))
        made_up = map(native.generated_at, self.handle, spaces)
        for i in compress(spaces, map((1).__eq__, made_up)):
            objects[i] = _NOBODY
        return objects

    def _looks(self, first: dict[int, int]) -> dict[int, Look]:
        """The look of each text object, of which the first character is given."""
        objects, indices = list(first), list(first.values())
        matrices = native.Room(ctypes.c_float, 6, len(first))
        native.call(native.matrix_at, self.handle, indices, matrices.at[0])
        origins = native.Room(ctypes.c_double, 2, len(first))
        native.call(native.origin_at, self.handle, indices, *origins.at)
        a, b, c, d, _, _ = matrices.columns()
        looks: dict[int, Look] = {}
        for key, font, mode, colour, size, quadrant, origin in zip(
            objects,
            map(self.fonts.__getitem__, map(native.font_of, objects)),
            map(native.mode_of, objects),
            native.fill_colours(objects),
            map(mul, map(native.size_at, self.handle, indices), map(math.hypot, c, d)),
            map(_quadrant, a, b),
            zip(*origins.columns(), strict=True),
            strict=True,
        ):
            look = (
                1.0 if size < 1.0 else 400.0 if size > 400.0 else size,
                quadrant,
                font.bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE,
                mode not in _UNSEEN,
                font.symbols,
                origin,
                colour if mode in _FILLED else BLACK,
                key,
            )
            looks[key] = _new(Look, look)
        return looks


class _Fonts(dict[int | None, _Font]):
    """What the fonts of a page are like, by their addresses."""

    def __missing__(self, key: int | None) -> _Font:
        name = _font_name(ctypes.cast(key, raw.FPDF_FONT)) if key else ""
        font = self[key] = _Font(bool(_BOLD_NAME.search(name)), symbols_of(name))
        return font


def _odd(codes: list[int], lefts: list[float], rights: list[float]) -> bytearray:
    """A one for each character that is not read as it stands, or has no width, or shares its box
    with the one before it."""
    strange = {code for code in set(codes) if code > 0x10FFFF or char_text(code) != chr(code)}
    odd = bytearray(map(strange.__contains__, codes))
    for i in compress(range(len(codes)), map(le, rights, lefts)):
        odd[i] = 1
    for i in compress(range(1, len(codes)), map(eq, rights[1:], rights)):
        odd[i] = 1
    return odd


_UNSEEN = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FILLED = (raw.FPDF_TEXTRENDERMODE_FILL, raw.FPDF_TEXTRENDERMODE_FILL_CLIP)


def _whole(high: int, low: int) -> int:
    """The code point of a surrogate pair; 0xFFFD if it is none."""
    if not 0xDC00 <= low < 0xE000:
        return 0xFFFD
    return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)


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


def symbols_of(font_name: str) -> dict[int, str] | None:
    name = font_name.replace(" ", "").replace("-", "").casefold()
    if "wingdings2" in name:
        return _WINGDINGS_2
    return _WINGDINGS if "wingdings" in name and "3" not in name else None


def upright_rotation(letters: Iterable[Letters], shown_rotation: int) -> int:
    """The clockwise turn under which most text stands upright; the page's own without text."""
    votes: Counter[int] = Counter()
    for look, codes, *_ in letters:
        if look.visible and look.quadrant is not None:
            votes[look.quadrant] += len(codes)
    return votes.most_common(1)[0][0] * 90 if votes else shown_rotation


# -- onto the page ----------------------------------------------------------------------------


def place_glyphs(letters: Sequence[Letters], page: Page, painted: Mapping[int, Painted]) -> None:
    """Puts the characters that can be seen on the page, in its reading frame, and counts those
    that have no Unicode. `painted`: when each text object was painted."""
    frame = page.frame
    width, height = frame.width, frame.height
    left_edge, _, _, top_edge = frame.bounds
    upright = frame.rotation // 90
    sight = Sight(page.fills, page.clips)
    marks = _watermarks(letters, page)
    glyphs = page.glyphs
    unseen: list[tuple[int, Glyph]] = []
    last_shown: Look | None = None
    for look, codes, lefts, bottoms, rights, tops, plain in letters:
        size, quadrant, bold, visible, symbols, origin, colour, key = look
        # An invisible layer behind a scan; a watermark across the page.
        if not visible or quadrant is None or key in marks:
            continue
        line = frame.point(*origin)[1] if upright else top_edge - origin[1]
        when, seen = 1 << 30, None
        if colour != BLACK or not sight.is_clear:
            when = painted[key].when if key in painted else when
            seen = sight.of(when, colour, size, line)
        if (
            plain
            and upright == quadrant == 0
            and symbols is None
            and seen is None
            and -size <= top_edge - (max(tops) + max(bottoms)) / 2 - line
            and top_edge - (min(tops) + min(bottoms)) / 2 - line <= size
            and 0 <= line <= height + 2
            and left_edge <= min(lefts)
            and max(rights) - left_edge <= width
            and not (last_shown is look and glyphs[-1].x1 == rights[0] - left_edge)
        ):
            if left_edge:
                lefts, rights = [x - left_edge for x in lefts], [x - left_edge for x in rights]
            shared = map(repeat, (line, size, bold, False, False, 1.0), repeat(len(codes)))
            own = zip(map(chr, codes), lefts, rights, *shared, strict=True)
            glyphs += map(_new, repeat(Glyph), own)
            last_shown = look
            continue
        for text, left, bottom, right, top in _typed(look, codes, lefts, bottoms, rights, tops):
            x0, y0, x1, y1 = frame.corners(left, bottom, right, top)
            baseline = line
            if quadrant != upright or not -size <= (y0 + y1) / 2 - line <= size:
                baseline = y1 - 0.14 * size  # turned, or written downwards
            if x1 <= x0:
                x1 = x0 + size / 2
            if not (0 <= (x0 + x1) / 2 <= width and 0 <= baseline <= height + 2):
                # Beyond the edge of the visible page: what goes over it is not whole.
                if glyphs and last_shown is look and not text.isspace():
                    glyphs[-1] = glyphs[-1]._replace(sure=TANGLED)
                continue
            if last_shown is look and glyphs[-1].x1 == x1 and glyphs[-1].baseline == baseline:
                x0 = _part_ligature(glyphs, x1)
            glyph = Glyph(text, x0, x1, baseline, size, bold)
            middle = (x0 + x1) / 2, baseline - 0.36 * size
            if seen is not None and not (shown := seen(*middle, text)):
                if shown is False:
                    unseen.append((when, glyph))
                continue
            page.unmapped += text == UNMAPPED
            glyphs.append(glyph)
            last_shown = look
    if unseen:
        glyphs += _written_again(unseen, glyphs, painted)
    if sight.cuts:
        _doubt_beside(sight.cuts, glyphs)


def _doubt_beside(cuts: Sequence[Cut], glyphs: list[Glyph]) -> None:
    """What is left of text that does not fit its cell is not all of it."""
    for i, glyph in enumerate(glyphs):
        if beside_cuts(cuts, *glyph.middle):
            glyphs[i] = glyph._replace(sure=TANGLED)


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


def _part_ligature(glyphs: list[Glyph], x1: float) -> float:
    """PDFium gives the letters of a ligature one box: the last gives up room for one more, which
    begins where this returns."""
    last = glyphs[-1]
    middle = last.x0 + 0.5 * (x1 - last.x0)
    glyphs[-1] = last._replace(x1=middle)
    return middle


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


def _watermarks(letters: Iterable[Letters], page: Page) -> set[int]:
    """The text objects that are a watermark of words set level."""
    pale: dict[int, list[Letters]] = {}
    others: list[Letters] = []
    faint: dict[Colour, bool] = {BLACK: False}
    for own in letters:
        look = own.look
        is_faint = faint.get(look.colour)
        if is_faint is None:
            is_faint = faint[look.colour] = is_pale(look.colour)
        if is_faint:
            pale.setdefault(look.object, []).append(own)
        else:
            others.append(own)
    if not pale:
        return set()
    sizes: Counter[float] = Counter()
    middles: list[tuple[float, float]] = []
    for look, codes, *sides, _ in others:
        for code, left, bottom, right, top in zip(codes, *sides, strict=True):
            if code > 0x20:
                sizes[look.size] += 1
                middles.append(page.frame.point((left + right) / 2, (bottom + top) / 2))
    if 2 * len(middles) < sum(len(own.codes) for all_of in pale.values() for own in all_of):
        return set()  # everything is pale
    stretches = {key: _stretch(own, page.frame) for key, own in pale.items()}
    return watermarks(stretches, middles, sizes.most_common(1)[0][0], page.rules)


def _stretch(letters: Sequence[Letters], frame: Frame) -> Stretch:
    look = letters[0].look
    text = "".join(char_text(code, look.symbols) for own in letters for code in own.codes)
    box = frame.box(
        min(x for own in letters for x in own.lefts),
        min(y for own in letters for y in own.bottoms),
        max(x for own in letters for x in own.rights),
        max(y for own in letters for y in own.tops),
    )
    return Stretch(text, box, look.size)


def char_text(code: int, symbols: dict[int, str] | None = None) -> str:
    """The character as it was typed, by its code in the page's text."""
    if symbols is None and 0x20 <= code < 0x7F:
        return chr(code)
    if symbols is not None and (code & 0xFF) in symbols and (code < 0x100 or code >> 8 == 0xF0):
        return symbols[code & 0xFF]
    if code == 0x02:  # PDFium's sign for a hyphen at the end of a line
        return "-"
    if code == 0xA0:
        return " "
    if code in (0x09, 0x20):
        return " "
    if code in (0xAD, 0x200B, 0xFEFF, 0x0A, 0x0D):
        return ""
    if (
        code < 0x20
        or code > 0x10FFFF
        or 0xD800 <= code < 0xF900
        or code in (0xFFFD, 0xFFFE, 0xFFFF)
    ):
        return UNMAPPED
    text = chr(code)
    if 0x2E80 <= code <= 0x2FDF or 0xFE10 <= code <= 0xFE19 or 0xFE30 <= code <= 0xFE48:
        # Radicals and vertical forms stand for the plain character; brackets stay full width.
        return _FULL_WIDTH.get(text) or unicodedata.normalize("NFKC", text)
    return text


#: NFKC makes these half-width; what was typed is the full-width one.
_FULL_WIDTH = dict(zip("︵︶︷︸︐︓︔︕︖︰⺟⻓", "（）｛｝，：；！？：母长", strict=True))
