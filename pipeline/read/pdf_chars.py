"""The characters of a PDF page as they were typed, where they can be seen.

PDFium is asked character by character because only it tells which spaces are real.
"""

from __future__ import annotations

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.document import Box
from pipeline.errors import UnsafeError
from pipeline.read import pdf_native as native
from pipeline.read.pdf_page import TANGLED, Frame, Glyph, Page
from pipeline.read.pdf_sight import (
    Colour,
    Cut,
    Painted,
    Sight,
    Stretch,
    Text,
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


#: A character in user space: code, left, bottom, right, top of its box, and its look.
Char = tuple[int, float, float, float, float, Look]

_MADE_UP = frozenset((0x20, 0x0D, 0x0A))


def read_chars(page: Any) -> list[Char]:
    """The real characters of a page; spaces and line ends that PDFium makes up are left out."""
    textpage = page.get_textpage()
    try:
        return _TextReader(textpage.raw).chars()
    finally:
        textpage.close()


class _Font(NamedTuple):
    bold: bool
    symbols: dict[int, str] | None


class _TextReader:
    """Reads the characters of one text page, looking at each text object and font only once."""

    def __init__(self, textpage: Any) -> None:
        self.textpage = textpage
        self.handle = native.address(textpage)
        self.fonts: dict[int, _Font] = {}
        self.matrix, self.x, self.y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()
        self.matrix_at = ctypes.addressof(self.matrix)
        self.matrix_view = memoryview(self.matrix).cast("B").cast("f")
        self.origin_at = ctypes.addressof(self.x), ctypes.addressof(self.y)

    def chars(self) -> list[Char]:
        count = raw.FPDFText_CountChars(self.textpage)
        if count > MAX_CHARS:
            raise UnsafeError(
                "PDF 的一页里文字过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
            )
        handle = self.handle
        codes = map(native.code_at, repeat(handle), range(count))
        objects = map(native.text_object_at, repeat(handle), range(count))
        looks: dict[int, Look] = {}
        chars: list[Char] = []
        high, last, look = 0, -1, None
        for i, (code, key, left, top, right, bottom) in enumerate(
            zip(codes, objects, *self._boxes(count), strict=True)
        ):
            if code in _MADE_UP and native.generated_at(handle, i) == 1:
                continue
            if high or 0xD800 <= code < 0xDC00:
                if not high:
                    high = code
                    continue
                code, high = _whole(high, code), 0
            if key != last or look is None:
                look, last = looks.get(key), key
                if look is None:
                    look = looks[key] = self._look(i, key or 0)
            chars.append((code, left, bottom, right, top, look))
        return chars

    def _boxes(self, count: int) -> tuple[list[float], ...]:
        """Left, top, right, bottom of every character."""
        rects = (ctypes.c_float * (4 * count))()
        base = ctypes.addressof(rects)
        places = range(base, base + 16 * count, 16)
        for _ in map(native.box_at, repeat(self.handle), range(count), places):
            pass
        flat: Any = memoryview(rects).cast("B").cast("f").tolist()
        return flat[::4], flat[1::4], flat[2::4], flat[3::4]

    def _look(self, index: int, text_object: int) -> Look:
        x, y = self.x, self.y
        native.matrix_at(self.handle, index, self.matrix_at)
        native.origin_at(self.handle, index, *self.origin_at)
        a, b, c, d, _, _ = self.matrix_view
        size = native.size_at(self.handle, index) * math.hypot(c, d)
        font = self._font(text_object)
        mode = native.mode_of(text_object) if text_object else raw.FPDF_TEXTRENDERMODE_FILL
        return Look(
            min(max(size, 1.0), 400.0),
            0 if b == 0 < a else _quadrant(a, b),
            font.bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE,
            mode not in _UNSEEN,
            font.symbols,
            (x.value, y.value),
            native.fill_colour(text_object) if mode in _FILLED else BLACK,
            text_object,
        )

    def _font(self, text_object: int) -> _Font:
        key = (native.font_of(text_object) if text_object else 0) or 0
        font = self.fonts.get(key)
        if font is None:
            name = _font_name(ctypes.cast(key, raw.FPDF_FONT)) if key else ""
            font = self.fonts[key] = _Font(bool(_BOLD_NAME.search(name)), symbols_of(name))
        return font


BLACK: Colour = (0, 0, 0, 255)
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


def upright_rotation(chars: Sequence[Char], shown_rotation: int) -> int:
    """The clockwise turn under which most text stands upright; the page's own without text."""
    votes = Counter(
        look.quadrant for *_, look in chars if look.visible and look.quadrant is not None
    )
    return votes.most_common(1)[0][0] * 90 if votes else shown_rotation


# -- onto the page ----------------------------------------------------------------------------


def place_glyphs(chars: Sequence[Char], page: Page, painted: Mapping[int, Painted]) -> None:
    """Puts the characters that can be seen on the page, in its reading frame, and counts those
    that have no Unicode. `painted`: when each text object was painted."""
    frame = page.frame
    width, height = frame.width, frame.height
    left_edge, _, _, top_edge = frame.bounds
    upright = frame.rotation // 90
    sight = Sight(page.fills, page.clips)
    marks = _watermarks(chars, page)
    glyphs = page.glyphs
    unseen: list[tuple[int, Glyph]] = []
    last_look: Look | None = None
    last_shown: Look | None = None
    line, when, seen, out, size, bold = 0.0, 0, None, False, 0.0, False
    for code, left, bottom, right, top, look in chars:
        if look is not last_look:
            last_look = look
            # An invisible layer behind a scan; a watermark across the page.
            out = not look.visible or look.quadrant is None or look.object in marks
            line, size, bold = frame.point(*look.origin)[1], look.size, look.bold
            when = painted[look.object].when if look.object in painted else 1 << 30
            seen = None if out else sight.of(Text(when, look.colour, size, line))
        if out:
            continue
        if look.symbols is None and (0x4E00 <= code < 0xA000 or 0x20 <= code < 0x7F):
            text = chr(code)
        else:
            text = char_text(code, look.symbols)
            if not text:
                continue
        if upright == 0:
            x0, y0, x1, y1 = left - left_edge, top_edge - top, right - left_edge, top_edge - bottom
        else:
            x0, y0, x1, y1 = frame.corners(left, bottom, right, top)
        baseline = line
        if look.quadrant != upright or not -size <= (y0 + y1) / 2 - line <= size:
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
        glyph = _new(Glyph, (text, x0, x1, baseline, size, bold, False, False, 1.0))
        if seen is not None and not (shown := seen((x0 + x1) / 2, baseline - 0.36 * size, text)):
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


#: A tuple of Glyph's fields made one, without the call for its defaults.
_new = tuple.__new__


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


def _watermarks(chars: Sequence[Char], page: Page) -> set[int]:
    """The text objects that are a watermark of words set level."""
    pale: dict[int, list[Char]] = {}
    others: list[tuple[float, float]] = []
    sizes: Counter[float] = Counter()
    faint: dict[Colour, bool] = {BLACK: False}
    for char in chars:
        look = char[5]
        is_faint = faint.get(look.colour)
        if is_faint is None:
            is_faint = faint[look.colour] = is_pale(look.colour)
        if is_faint:
            pale.setdefault(look.object, []).append(char)
    if not pale:
        return set()
    for code, left, bottom, right, top, look in chars:
        if look.object not in pale and code > 0x20:
            sizes[look.size] += 1
            others.append(page.frame.point((left + right) / 2, (bottom + top) / 2))
    if 2 * len(others) < sum(map(len, pale.values())):
        return set()  # everything is pale
    stretches = {key: _stretch(own, page.frame) for key, own in pale.items()}
    return watermarks(stretches, others, sizes.most_common(1)[0][0], page.rules)


def _stretch(chars: Sequence[Char], frame: Frame) -> Stretch:
    text = "".join(char_text(char[0], char[5].symbols) for char in chars)
    left, bottom = min(char[1] for char in chars), min(char[2] for char in chars)
    right, top = max(char[3] for char in chars), max(char[4] for char in chars)
    box: Box = frame.box(left, bottom, right, top)
    return Stretch(text, box, chars[0][5].size)


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
