"""What lies on one PDF page, by PDFium: glyphs, rules, shades and images, in reading position.

Everything is given in the *reading frame*: origin top left, y down, turned so that most of the
text stands upright. `Frame.shown` turns a box back to the page as a viewer shows it.
PDFium is asked character by character because only it tells which spaces are real.
"""

from __future__ import annotations

import ctypes
import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.document import Box, Scan
from pipeline.errors import UnsafeError
from pipeline.read.pdf_rules import Rule, rules_of_dots

#: More than this on one page is no form but an attack or a drawing.
MAX_CHARS = 200_000
MAX_OBJECTS = 200_000
MAX_DEPTH = 8
#: Up to this thickness a filled rectangle is a rule.
THIN = 3.0
#: A seal drawn with curves is at least this wide and high.
SEAL = 40.0
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
        return Box(*self.corners(x0, y0, x1, y1))

    def corners(
        self, x0: float, y0: float, x1: float, y1: float
    ) -> tuple[float, float, float, float]:
        """The same as left, top, right, bottom."""
        return _turn(self.bounds, self.rotation, x0, y0, x1, y1)

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.corners(x, y, x, y)[:2]

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
        """A box of the reading frame on the page as a viewer shows it."""
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
    if rotation == 90:
        xs, ys = (y0 - bottom, y1 - bottom), (x0 - left, x1 - left)
    elif rotation == 180:
        xs, ys = (right - x0, right - x1), (y0 - bottom, y1 - bottom)
    elif rotation == 270:
        xs, ys = (top - y0, top - y1), (right - x0, right - x1)
    else:
        xs, ys = (x0 - left, x1 - left), (top - y0, top - y1)
    return min(xs), min(ys), max(xs), max(ys)


@dataclass(slots=True)
class Page:
    """One page taken apart. `curves` counts drawn shapes that are neither rule nor box."""

    number: int
    frame: Frame
    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    shades: list[Box] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    dots: list[Box] = field(default_factory=list)  # of dotted rules, perhaps
    curves: int = 0
    unmapped: int = 0
    covered: bool = False  # an image takes nearly the whole page
    scan: Scan | None = None  # read from its picture

    @property
    def box(self) -> Box:
        return Box(0.0, 0.0, self.frame.width, self.frame.height)


# -- text -------------------------------------------------------------------------------------


class _Look(NamedTuple):
    """What all characters of one text object share; `origin` is where its baseline begins."""

    size: float
    quadrant: int | None  # 0–3 quarter turns counter-clockwise, None: slanted
    bold: bool
    visible: bool
    symbols: dict[int, str] | None
    origin: tuple[float, float]


#: A character in user space: code, left, bottom, right, top of its box, and its look.
_Char = tuple[int, float, float, float, float, _Look]

_address = ctypes.c_void_p


def _native(function: Any, result: Any, *arguments: Any) -> Callable[..., int]:
    """A PDFium function by its address, with plain integers for handles.

    These are called for every character: typed so, a call makes no object but its result.
    """
    address = ctypes.cast(function, _address).value
    return ctypes.CFUNCTYPE(result, *arguments)(address or 0)


_of_char = (_address, ctypes.c_int)
_code_at = _native(raw.FPDFText_GetUnicode, ctypes.c_uint, *_of_char)
_generated_at = _native(raw.FPDFText_IsGenerated, ctypes.c_int, *_of_char)
_text_object_at = _native(raw.FPDFText_GetTextObject, _address, *_of_char)
_box_at = _native(raw.FPDFText_GetLooseCharBox, ctypes.c_int, *_of_char, _address)
_matrix_at = _native(raw.FPDFText_GetMatrix, ctypes.c_int, *_of_char, _address)
_origin_at = _native(raw.FPDFText_GetCharOrigin, ctypes.c_int, *_of_char, _address, _address)
_mode_of = _native(raw.FPDFTextObj_GetTextRenderMode, ctypes.c_int, _address)
_font_of = _native(raw.FPDFTextObj_GetFont, _address, _address)
_MADE_UP = (0x20, 0x0D, 0x0A)


def read_chars(page: Any) -> list[_Char]:
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
        self.handle = ctypes.cast(textpage, _address).value
        self.fonts: dict[int, _Font] = {}
        self.matrix, self.x, self.y = raw.FS_MATRIX(), ctypes.c_double(), ctypes.c_double()

    def chars(self) -> list[_Char]:
        count = raw.FPDFText_CountChars(self.textpage)
        if count > MAX_CHARS:
            raise UnsafeError(
                "PDF 的一页里文字过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
            )
        handle, rect = self.handle, raw.FS_RECTF()
        rect_address = ctypes.addressof(rect)
        looks: dict[int, _Look] = {}
        chars: list[_Char] = []
        high = 0
        for i in range(count):
            code = _code_at(handle, i)
            if code in _MADE_UP and _generated_at(handle, i) == 1:
                continue
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if high:
                code = _whole(high, code)
                high = 0
            _box_at(handle, i, rect_address)
            key = _text_object_at(handle, i) or 0
            look = looks.get(key)
            if look is None:
                look = looks[key] = self._look(i, key)
            chars.append((code, rect.left, rect.bottom, rect.right, rect.top, look))
        return chars

    def _look(self, index: int, text_object: int) -> _Look:
        matrix, x, y = self.matrix, self.x, self.y
        _matrix_at(self.handle, index, ctypes.addressof(matrix))
        _origin_at(self.handle, index, ctypes.addressof(x), ctypes.addressof(y))
        size = raw.FPDFText_GetFontSize(self.textpage, index) * math.hypot(matrix.c, matrix.d)
        font = self._font(text_object)
        mode = _mode_of(text_object) if text_object else raw.FPDF_TEXTRENDERMODE_FILL
        return _Look(
            min(max(size, 1.0), 400.0),
            _quadrant(matrix.a, matrix.b),
            font.bold or mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE,
            mode not in _UNSEEN,
            font.symbols,
            (x.value, y.value),
        )

    def _font(self, text_object: int) -> _Font:
        key = (_font_of(text_object) if text_object else 0) or 0
        font = self.fonts.get(key)
        if font is None:
            name = _font_name(ctypes.cast(key, raw.FPDF_FONT)) if key else ""
            font = self.fonts[key] = _Font(bool(_BOLD_NAME.search(name)), symbols_of(name))
        return font


_UNSEEN = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)


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


def upright_rotation(chars: list[_Char], shown_rotation: int) -> int:
    """The clockwise turn under which most text stands upright; the page's own without text."""
    votes = Counter(
        look.quadrant for *_, look in chars if look.visible and look.quadrant is not None
    )
    return votes.most_common(1)[0][0] * 90 if votes else shown_rotation


def place_glyphs(chars: list[_Char], frame: Frame) -> tuple[list[Glyph], int]:
    """Visible characters in the reading frame, and how many of them have no Unicode."""
    glyphs: list[Glyph] = []
    unmapped = 0
    width, height = frame.width, frame.height
    left_edge, _, _, top_edge = frame.bounds
    upright = frame.rotation // 90
    last_look: _Look | None = None
    line = 0.0
    for code, left, bottom, right, top, look in chars:
        if not look.visible or look.quadrant is None:
            continue  # an invisible layer behind a scan; a watermark across the page
        text = char_text(code, look.symbols)
        if not text:
            continue
        if look is not last_look:
            last_look, line = look, frame.point(*look.origin)[1]
        if upright == 0:
            x0, y0, x1, y1 = left - left_edge, top_edge - top, right - left_edge, top_edge - bottom
        else:
            x0, y0, x1, y1 = frame.corners(left, bottom, right, top)
        size, baseline = look.size, line
        if look.quadrant != upright or not -size <= (y0 + y1) / 2 - line <= size:
            baseline = y1 - 0.14 * size  # turned, or written downwards
        if x1 <= x0:
            x1 = x0 + size / 2
        if not (0 <= (x0 + x1) / 2 <= width and 0 <= baseline <= height + 2):
            continue  # beyond the edge of the visible page
        unmapped += text == UNMAPPED
        glyphs.append(Glyph(text, x0, x1, baseline, size, look.bold))
    return glyphs, unmapped


def char_text(code: int, symbols: dict[int, str] | None = None) -> str:
    """The character as it was typed, by its code in the page's text."""
    if symbols is None and (0x4E00 <= code < 0xA000 or 0x20 <= code < 0x7F):
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


# -- drawings ---------------------------------------------------------------------------------

Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def walk_objects(page: Any) -> Iterator[tuple[int, Any, Matrix]]:
    """Every page object with its type and the matrix of the forms it stands in."""
    seen = 0
    stack: list[Iterator[tuple[Any, Matrix, int]]] = [
        (
            (raw.FPDFPage_GetObject(page.raw, i), _IDENTITY, 0)
            for i in range(raw.FPDFPage_CountObjects(page.raw))
        )
    ]
    while stack:
        item = next(stack[-1], None)
        if item is None:
            stack.pop()
            continue
        obj, matrix, depth = item
        seen += 1
        if seen > MAX_OBJECTS:
            raise UnsafeError(
                "PDF 的一页里图形过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
            )
        kind = raw.FPDFPageObj_GetType(obj)
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < MAX_DEPTH:
            stack.append(_form_objects(obj, _times(_matrix_of(obj), matrix), depth + 1))
            continue
        yield kind, obj, matrix


def _form_objects(form: Any, matrix: Matrix, depth: int) -> Iterator[tuple[Any, Matrix, int]]:
    for i in range(raw.FPDFFormObj_CountObjects(form)):
        yield raw.FPDFFormObj_GetObject(form, i), matrix, depth


def _matrix_of(obj: Any) -> Matrix:
    m = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(obj, ctypes.byref(m)):
        return _IDENTITY
    return (m.a, m.b, m.c, m.d, m.e, m.f)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def _apply(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


class Paint(NamedTuple):
    """How a path is painted: fill and stroke colours (None: not), width in user space."""

    fill: tuple[int, int, int] | None
    stroke: tuple[int, int, int] | None
    width: float


def add_path(page: Page, obj: Any, outer: Matrix) -> None:
    """Sorts one path into rules, shades, a drawn seal, or the count of curves."""
    matrix = _times(_matrix_of(obj), outer)
    paint = _paint(obj, matrix)
    if paint.fill is None and paint.stroke is None:
        return
    polygons, curved = _polygons(obj, matrix, page.frame)
    if curved:
        page.curves += 1
        _add_seal(page, polygons, paint)
        return
    if paint.fill is not None and len(polygons) == 2 and not _is_white(paint.fill):
        _add_frame(page, *map(_bounds, polygons))
    for points in polygons:
        _add_polygon(page, points, paint)


def _paint(obj: Any, matrix: Matrix) -> Paint:
    fill_mode, stroked = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(obj, ctypes.byref(fill_mode), ctypes.byref(stroked))
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(obj, ctypes.byref(width))
    scale = math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]))
    return Paint(
        _colour(_fill_of, obj) if fill_mode.value else None,
        _colour(_stroke_of, obj) if stroked.value else None,
        width.value * scale,
    )


_rgba = (ctypes.c_uint * 4)()
_rgba_at = [ctypes.addressof(_rgba) + i * ctypes.sizeof(ctypes.c_uint) for i in range(4)]
_fill_of = _native(raw.FPDFPageObj_GetFillColor, ctypes.c_int, *[_address] * 5)
_stroke_of = _native(raw.FPDFPageObj_GetStrokeColor, ctypes.c_int, *[_address] * 5)


def _colour(getter: Callable[..., int], obj: Any) -> tuple[int, int, int] | None:
    if not getter(ctypes.cast(obj, _address).value, *_rgba_at):
        return (0, 0, 0)
    r, g, b, alpha = _rgba
    return (r, g, b) if alpha else None


Point = tuple[float, float]


def _polygons(obj: Any, matrix: Matrix, frame: Frame) -> tuple[list[list[Point]], bool]:
    """The subpaths of a path as corner points in the reading frame, and whether any is curved."""
    polygons: list[list[Point]] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    x_ref, y_ref = ctypes.byref(x), ctypes.byref(y)
    count = raw.FPDFPath_CountSegments(obj)
    if count > MAX_OBJECTS:
        raise UnsafeError(
            "PDF 的一页里图形过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
        )
    for i in range(count):
        segment = raw.FPDFPath_GetPathSegment(obj, i)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x_ref, y_ref)
        point = frame.point(*_apply(matrix, x.value, y.value))
        if kind == raw.FPDF_SEGMENT_MOVETO or not polygons:
            polygons.append([point])
        else:
            polygons[-1].append(point)
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        if raw.FPDFPathSegment_GetClose(segment):
            polygons[-1].append(polygons[-1][0])
    return polygons, curved


def _add_polygon(page: Page, points: list[Point], paint: Paint) -> None:
    box = _bounds(points)
    width, height = box.x1 - box.x0, box.bottom - box.top
    if paint.fill is not None and len(points) >= 4 and min(width, height) <= THIN:
        if not _is_white(paint.fill):
            _add_thin(page, box)
        return
    if paint.fill is not None and len(points) >= 4 and not _is_grey(paint.fill):
        page.shades.append(box)
    if paint.stroke is None or _is_white(paint.stroke):
        return
    straight = False
    for (xa, ya), (xb, yb) in itertools.pairwise(points):
        straight = _add_segment(page, xa, ya, xb, yb, paint.width) or straight
    page.curves += not straight


def _bounds(points: list[Point]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def _add_frame(page: Page, one: Box, other: Box) -> None:
    """What is filled between two rectangles, one inside the other, is a border on four sides."""
    inner, outer = (one, other) if one.x0 >= other.x0 else (other, one)
    gaps = (inner.x0 - outer.x0, inner.top - outer.top, outer.x1 - inner.x1)
    if all(0 < gap <= THIN for gap in (*gaps, outer.bottom - inner.bottom)):
        left, right = (outer.x0 + inner.x0) / 2, (outer.x1 + inner.x1) / 2
        top, bottom = (outer.top + inner.top) / 2, (outer.bottom + inner.bottom) / 2
        page.rules += (Rule(True, y, left, right) for y in (top, bottom))
        page.rules += (Rule(False, x, top, bottom) for x in (left, right))


def _add_thin(page: Page, box: Box) -> None:
    """A thin filled rectangle is a rule: word processors draw their borders so."""
    width, height = box.x1 - box.x0, box.bottom - box.top
    if max(width, height) <= THIN:
        page.dots.append(box)
        return
    if width >= height:
        page.rules.append(Rule(True, (box.top + box.bottom) / 2, box.x0, box.x1))
    if height >= width:
        page.rules.append(Rule(False, (box.x0 + box.x1) / 2, box.top, box.bottom))


def _add_segment(page: Page, xa: float, ya: float, xb: float, yb: float, width: float) -> bool:
    """One stroked segment as a rule, if it is straight enough; whether it is."""
    across, down = abs(xb - xa), abs(yb - ya)
    if across <= 1.0 and down <= 1.0 and width <= THIN:
        return True
    if min(across, down) > 1.0:
        return False
    if max(across, down) < width and width > THIN:
        # A short, very thick stroke is a line the other way: some printers draw so.
        x, y = (xa + xb) / 2, (ya + yb) / 2
        if across > down:
            page.rules.append(Rule(False, x, y - width / 2, y + width / 2))
        else:
            page.rules.append(Rule(True, y, x - width / 2, x + width / 2))
    elif across >= down:
        page.rules.append(Rule(True, (ya + yb) / 2, min(xa, xb), max(xa, xb)))
    else:
        page.rules.append(Rule(False, (xa + xb) / 2, min(ya, yb), max(ya, yb)))
    return True


def _add_seal(page: Page, polygons: list[list[Point]], paint: Paint) -> None:
    box = _bounds([point for points in polygons for point in points])
    large = min(box.x1 - box.x0, box.bottom - box.top) >= SEAL
    if large and any(
        colour is not None and is_red(*colour) for colour in (paint.fill, paint.stroke)
    ):
        page.images.append(Image(box, "drawing", 1.0))


def is_red(r: int, g: int, b: int) -> bool:
    return r >= 120 and r - max(g, b) >= 30


def _is_white(colour: tuple[int, int, int]) -> bool:
    return min(colour) >= 250


def _is_grey(colour: tuple[int, int, int]) -> bool:
    return max(colour) - min(colour) < 24


# -- the page ---------------------------------------------------------------------------------


def load_page(source: Any, number: int) -> Page:
    """Takes one open PDFium page apart. Errors of PDFium come as `pdfium.PdfiumError`."""
    chars = read_chars(source)
    shown = source.get_rotation()
    frame = Frame(source.get_bbox(), upright_rotation(chars, shown), shown)
    page = Page(number, frame)
    page.glyphs, page.unmapped = place_glyphs(chars, frame)
    for kind, obj, matrix in walk_objects(source):
        if kind == raw.FPDF_PAGEOBJ_PATH:
            add_path(page, obj, matrix)
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            add_image(page, source, obj, matrix)
    page.rules += rules_of_dots(page.dots)
    return page


def add_image(page: Page, source: Any, obj: Any, outer: Matrix) -> None:
    """Notes a picture; what covers nearly the whole page is a scan."""
    matrix = _times(_matrix_of(obj), outer)
    corners = [page.frame.point(*_apply(matrix, x, y)) for x in (0.0, 1.0) for y in (0.0, 1.0)]
    box = _bounds(corners)
    width, height = box.x1 - box.x0, box.bottom - box.top
    if width * height >= 0.8 * page.frame.width * page.frame.height:
        page.covered = True
    elif min(width, height) >= 12.0:
        page.images.append(Image(box, f"image{len(page.images) + 1}", red_share(source, obj)))


def red_share(source: Any, obj: Any) -> float | None:
    """The share of a picture's visible pixels that are red, on a reduced copy."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    raw.FPDFImageObj_GetImagePixelSize(obj, ctypes.byref(width), ctypes.byref(height))
    if not 0 < width.value * height.value <= 40_000_000:
        return None
    try:
        image = pdfium.PdfImage(obj, page=source, pdf=source.pdf)
        # Rendered, because only that applies the mask which makes a seal's ground transparent.
        picture = image.get_bitmap(render=True, scale_to_original=False).to_pil()
    except (pdfium.PdfiumError, ValueError, RuntimeError):
        return None
    picture.thumbnail((160, 160))
    return red_of_pixels(picture)


def red_of_pixels(picture: Any) -> float | None:
    """The red share of a PIL picture's visible, non-white pixels; None if there are none."""
    pixels = picture.convert("RGBA").tobytes()
    inked = red = 0
    for i in range(0, len(pixels), 4):
        r, g, b, a = pixels[i : i + 4]
        if a < 32 or min(r, g, b) > 225:
            continue
        inked += 1
        red += is_red(r, g, b)
    return red / inked if inked else None
