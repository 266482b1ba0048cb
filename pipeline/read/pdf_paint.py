"""What is drawn on a PDF page: rules, grounds, pictures, seals, in the reading frame."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import compress, pairwise, repeat
from operator import not_
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.document import Box
from pipeline.errors import UnsafeError
from pipeline.read import pdf_native as native
from pipeline.read.pdf_glyphs import place_glyphs
from pipeline.read.pdf_letters import read_letters, upright_rotation
from pipeline.read.pdf_page import Frame, Image, Page
from pipeline.read.pdf_rules import Rule, rules_of_dots
from pipeline.read.pdf_sight import Colour, Fill, Painted

#: More than this on one page is no form but an attack or a drawing.
MAX_OBJECTS = 200_000
MAX_DEPTH = 8
#: Up to this thickness a filled rectangle is a rule.
THIN = 3.0
#: A seal drawn with curves is at least this wide and high.
SEAL = 40.0

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def load_page(source: Any, number: int) -> Page:
    """Takes one open PDFium page apart. Errors of PDFium come as `pdfium.PdfiumError`."""
    letters = read_letters(source)
    shown = source.get_rotation()
    page = Page(number, Frame(source.get_bbox(), upright_rotation(letters, shown), shown))
    drawn: dict[int, list[Drawn]] = {kind: [] for kind in _KINDS}
    for when, (kind, obj, matrix) in enumerate(objects_of(source, page.frame.matrix)):
        if kind in drawn:
            drawn[kind].append((when, obj, matrix))
    images, paths, texts = drawn.values()
    for when, obj, matrix in images:
        _add_image(page, source, obj, matrix, when)
    _add_paths(page, paths)
    page.rules += rules_of_dots(page.dots)
    _note_clips(page, texts)
    painted: dict[int, Painted] = {}
    if page.fills or page.clips or {own.look.colour for own in letters} - {native.BLACK}:
        painted = {
            obj: Painted(when, partial(_outline, obj, matrix)) for when, obj, matrix in texts
        }
    place_glyphs(letters, page, painted)
    return page


#: Kinds of objects that are looked at.
_KINDS = (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_TEXT)


def objects_of(page: Any, frame: Matrix) -> list[tuple[int, int, Matrix]]:
    """The type and address of every page object, with the matrix that takes what it stands in (the
    page, or a form on it) to the reading frame, in the order of painting."""
    found: list[tuple[int, int, Matrix]] = []
    handle = native.address(page.raw)
    _collect(found, handle, native.count_objects, native.object_at, frame, MAX_DEPTH)
    return found


def _collect(
    found: list[tuple[int, int, Matrix]],
    holder: int,
    count: Any,
    child: Any,
    matrix: Matrix,
    depth: int,
) -> None:
    objects = list(map(child, repeat(holder), range(count(holder))))
    if len(found) + len(objects) > MAX_OBJECTS:
        raise _too_much()
    kinds = list(map(native.kind_of, objects))
    if raw.FPDF_PAGEOBJ_FORM not in kinds:
        found += zip(kinds, objects, repeat(matrix))
        return
    for kind, obj in zip(kinds, objects, strict=True):
        if kind == raw.FPDF_PAGEOBJ_FORM and depth:
            inner = _times(_matrix_of(obj), matrix)
            _collect(found, obj, native.count_inner, native.inner_at, inner, depth - 1)
        else:
            found.append((kind, obj, matrix))


def _too_much() -> UnsafeError:
    return UnsafeError(
        "PDF 的一页里图形过多，已停止读取。", remedy="请确认文件是否正常，另存后重新提交。"
    )


_bound = (ctypes.c_float * 4)()
_bound_at = [ctypes.addressof(_bound) + i * ctypes.sizeof(ctypes.c_float) for i in range(4)]


def _outline(obj: int, outer: Matrix) -> Box:
    """What an object takes up in the reading frame."""
    native.object_bounds(obj, *_bound_at)
    left, bottom, right, top = _bound
    return _bounds([_apply(outer, left, bottom), _apply(outer, right, top)])


_matrix = raw.FS_MATRIX()
_matrix_at = ctypes.addressof(_matrix)
_matrix_view = memoryview(_matrix).cast("B").cast("f")


def _matrix_of(obj: int) -> Matrix:
    if not native.object_matrix(obj, _matrix_at):
        return IDENTITY
    a, b, c, d, e, f = _matrix_view
    return a, b, c, d, e, f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        a * g + b * i, a * h + b * j,
        c * g + d * i, c * h + d * j,
        e * g + f * i + k, e * h + f * j + m,
    )  # fmt: skip


def _apply(m: Matrix, x: float, y: float) -> Point:
    return m[0] * x + m[2] * y + m[4], m[1] * x + m[3] * y + m[5]


# -- paths ------------------------------------------------------------------------------------


class Paint(NamedTuple):
    """How a path is painted: fill and stroke colours (None: not), width in user space."""

    fill: Colour | None
    stroke: Colour | None
    width: float


#: When something was painted, its address, and the matrix of what it stands in.
Drawn = tuple[int, int, Matrix]


def _add_paths(page: Page, paths: Sequence[Drawn]) -> None:
    """Sorts paths into rules, grounds, drawn seals, and the count of curves. What is asked of each
    is asked of all in one go."""
    objects = [obj for _, obj, _ in paths]
    modes = native.Room(ctypes.c_int, 2, len(paths))
    native.call(native.draw_mode, objects, *modes.at)
    filled, stroked = modes.columns()
    strokes = _colours(native.stroke_colours, objects, stroked)
    white = {colour for colour in set(strokes) if colour is not None and _is_white(colour)}
    own, last = IDENTITY, None
    a, b, c, d, e, f = matrix = IDENTITY
    scale = 1.0
    for (when, obj, outer), placed, fill, stroke, width, ends in zip(
        paths,
        zip(*_matrices(objects), strict=True),
        _colours(native.fill_colours, objects, filled),
        strokes,
        _widths(objects),
        _lines(objects),
        strict=True,
    ):
        if last is not outer or own != placed:
            own, last = placed, outer
            a, b, c, d, e, f = matrix = _times(own, outer)
            scale = math.sqrt(abs(a * d - b * c))
        if stroke is not None and ends is not None:
            if stroke not in white:
                x, y, u, v = ends
                xa, ya, xb, yb = a * x + c * y + e, b * x + d * y + f, a * u + c * v + e, b * u + d * v + f  # fmt: skip
                if ya == yb and width * scale <= THIN and not -1.0 <= xa - xb <= 1.0:  # as most are
                    page.rules.append(_new(Rule, (True, ya, *_sorted(xa, xb))))
                elif xa == xb and width * scale <= THIN and not -1.0 <= ya - yb <= 1.0:
                    page.rules.append(_new(Rule, (False, xa, *_sorted(ya, yb))))
                else:
                    page.curves += not _add_segment(page, xa, ya, xb, yb, width * scale)
        elif fill is not None or stroke is not None:
            _add_shape(page, obj, outer, matrix, Paint(fill, stroke, width * scale), when)


def _colours(
    asked: Callable[[Sequence[int]], list[Colour]], objects: Sequence[int], wanted: Sequence[int]
) -> list[Colour | None]:
    """The colour of each object that is painted so and not transparent."""
    if all(wanted):
        colours = asked(objects)
        return [colour if colour[3] else None for colour in colours]
    found: list[Colour | None] = [None] * len(objects)
    those = list(compress(range(len(objects)), wanted))
    for i, colour in zip(those, asked([objects[i] for i in those]), strict=True):
        if colour[3]:
            found[i] = colour
    return found


def _matrices(objects: Sequence[int]) -> list[list[float]]:
    """Column by column, the matrices of some objects."""
    room = native.Room(ctypes.c_float, 6, len(objects))
    known = list(map(native.object_matrix, objects, room.at[0]))
    columns = room.columns()
    for i in compress(range(len(objects)), map(not_, known)) if 0 in known else ():
        for column, number in zip(columns, IDENTITY, strict=True):
            column[i] = number
    return columns


def _widths(objects: Sequence[int]) -> list[float]:
    room = native.Room(ctypes.c_float, 1, len(objects))
    native.call(native.stroke_width, objects, *room.at)
    return room.columns()[0]


def _lines(objects: Sequence[int]) -> list[tuple[float, float, float, float] | None]:
    """Where each path begins and ends that is a single straight line."""
    straight = [i for i, count in enumerate(map(native.count_segments, objects)) if count == 2]
    those = [objects[i] for i in straight]
    ends = list(map(native.segment_at, those, repeat(1)))
    room = native.Room(ctypes.c_float, 4, len(those))
    native.call(native.segment_point, map(native.segment_at, those, repeat(0)), *room.at[:2])
    native.call(native.segment_point, ends, *room.at[2:])
    lines: list[tuple[float, float, float, float] | None] = list(zip(*room.columns(), strict=True))
    kinds = list(map(native.segment_kind, ends))
    if kinds.count(raw.FPDF_SEGMENT_LINETO) == len(objects):
        return lines
    found: list[tuple[float, float, float, float] | None] = [None] * len(objects)
    for i, kind, line in zip(straight, kinds, lines, strict=True):
        if kind == raw.FPDF_SEGMENT_LINETO:
            found[i] = line
    return found


def _add_shape(
    page: Page, obj: int, outer: Matrix, matrix: Matrix, paint: Paint, when: int
) -> None:
    """Sorts one path that is more than a line."""
    polygons, curved = _polygons(obj, matrix)
    if curved:
        page.curves += 1
        _add_seal(page, polygons, paint)
        return
    if paint.fill is not None and len(polygons) == 2 and not _is_white(paint.fill):
        _add_frame(page, *map(_bounds, polygons))
    for points in polygons:
        box = _bounds(points)
        if paint.fill is not None and _is_ground(points, box):
            cover = partial(_cover, obj, outer, box)
            page.fills.append(Fill(box, paint.fill, when, cover))
        _add_polygon(page, points, box, paint)


_x, _y = ctypes.c_float(), ctypes.c_float()
_x_at, _y_at = ctypes.addressof(_x), ctypes.addressof(_y)


def _polygons(obj: int, matrix: Matrix) -> tuple[list[list[Point]], bool]:
    """The subpaths of a path as corner points in the reading frame, and whether any is curved."""
    polygons: list[list[Point]] = []
    points: list[Point] = []
    curved = False
    a, b, c, d, e, f = matrix
    count = native.count_segments(obj)
    if count > MAX_OBJECTS:
        raise _too_much()
    segment = 0
    for i in range(count):
        last, segment = segment, native.segment_at(obj, i)
        kind = native.segment_kind(segment)
        native.segment_point(segment, _x_at, _y_at)
        x, y = _x.value, _y.value
        if kind == raw.FPDF_SEGMENT_MOVETO or not points:
            if points and native.segment_closes(last):
                points.append(points[0])
            points = []
            polygons.append(points)
        elif kind == raw.FPDF_SEGMENT_BEZIERTO:
            curved = True
        points.append((a * x + c * y + e, b * x + d * y + f))
    if count > 2 and native.segment_closes(segment):
        points.append(points[0])
    return polygons, curved


def _is_ground(points: list[Point], box: Box) -> bool:
    """Whether a filled polygon is a rectangle wide and high enough for text to stand on."""
    return (
        len(points) >= 4
        and min(box.x1 - box.x0, box.bottom - box.top) > THIN
        and all(
            min(x - box.x0, box.x1 - x) < 0.5 and min(y - box.top, box.bottom - y) < 0.5
            for x, y in points
        )
    )


def _cover(obj: int, outer: Matrix, box: Box) -> Box | None:
    """What a filled rectangle hides of what was painted before it: the part that its clip lets
    be seen; nothing if it is not opaque."""
    if native.transparent(obj):
        return None
    return _clipped(box, obj, outer)


def _clipped(box: Box, obj: int, outer: Matrix) -> Box:
    """The part of a box in which an object's clip lets anything be seen."""
    clip = native.clip_of(obj)
    for path in range(max(native.count_clips(clip), 0) if clip else 0):
        points: list[Point] = []
        for i in range(native.count_clip_segments(clip, path)):
            native.segment_point(native.clip_segment_at(clip, path, i), _x_at, _y_at)
            points.append(_apply(outer, _x.value, _y.value))
        if points:
            bound = _bounds(points)
            box = Box(
                max(box.x0, bound.x0), max(box.top, bound.top),
                min(box.x1, bound.x1), min(box.bottom, bound.bottom),
            )  # fmt: skip
    return box


def _note_clips(page: Page, texts: Sequence[Drawn]) -> None:
    """Notes within what text objects are seen that reach beyond."""
    clips = list(map(native.clip_of, [obj for _, obj, _ in texts]))
    for (when, obj, outer), clip in zip(texts, clips, strict=True):
        if not clip or native.count_clips(clip) <= 0:
            continue
        whole = Box(-1e6, -1e6, 1e6, 1e6)
        seen, box = _clipped(whole, obj, outer), _outline(obj, outer)
        if seen != whole and not (
            seen.x0 <= box.x0
            and seen.top <= box.top
            and box.x1 <= seen.x1
            and box.bottom <= seen.bottom
        ):
            page.clips[when] = seen


def _add_polygon(page: Page, points: list[Point], box: Box, paint: Paint) -> None:
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
    for (xa, ya), (xb, yb) in pairwise(points):
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
    if across > 1.0 and down > 1.0:
        return False
    if width > THIN and max(across, down) < width:
        # A short, very thick stroke is a line the other way: some printers draw so.
        x, y = (xa + xb) / 2, (ya + yb) / 2
        if across > down:
            page.rules.append(Rule(False, x, y - width / 2, y + width / 2))
        else:
            page.rules.append(Rule(True, y, x - width / 2, x + width / 2))
    elif across <= 1.0 and down <= 1.0 and width <= THIN:
        pass  # a dot
    elif across >= down:
        page.rules.append(_new(Rule, (True, (ya + yb) / 2, *_sorted(xa, xb))))
    else:
        page.rules.append(_new(Rule, (False, (xa + xb) / 2, *_sorted(ya, yb))))
    return True


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__


def _sorted(one: float, other: float) -> tuple[float, float]:
    return (one, other) if one < other else (other, one)


def _add_seal(page: Page, polygons: list[list[Point]], paint: Paint) -> None:
    box = _bounds([point for points in polygons for point in points])
    large = min(box.x1 - box.x0, box.bottom - box.top) >= SEAL
    if large and any(
        colour is not None and is_red(*colour[:3]) for colour in (paint.fill, paint.stroke)
    ):
        page.images.append(Image(box, "drawing", 1.0))


def is_red(r: int, g: int, b: int) -> bool:
    return r >= 120 and r - max(g, b) >= 30


def _is_white(colour: Colour) -> bool:
    return min(colour[:3]) >= 250


def _is_grey(colour: Colour) -> bool:
    return max(colour[:3]) - min(colour[:3]) < 24


# -- pictures ---------------------------------------------------------------------------------


def _add_image(page: Page, source: Any, obj: int, outer: Matrix, when: int) -> None:
    """Notes a picture; what covers nearly the whole page is a scan."""
    matrix = _times(_matrix_of(obj), outer)
    box = _bounds([_apply(matrix, x, y) for x in (0.0, 1.0) for y in (0.0, 1.0)])
    width, height = box.x1 - box.x0, box.bottom - box.top
    if width * height >= 0.8 * page.frame.width * page.frame.height:
        page.covered = True
        page.fills.append(
            Fill(box, _CLEAR, when, lambda: _hidden(_look_at(source, obj), obj, outer, box))
        )
    elif min(width, height) >= 12.0:
        look = _look_at(source, obj)
        red = None if look is None else red_of_pixels(look)
        page.images.append(Image(box, f"image{len(page.images) + 1}", red))
        page.fills.append(
            Fill(box, _CLEAR, when, partial(_hidden, look, obj, outer, box), picture=True)
        )


#: Of no colour that text could be told from.
_CLEAR: Colour = (0, 0, 0, 0)
#: A picture that lets nothing through has no pixel less opaque than this.
OPAQUE = 250


def _hidden(look: Any, obj: int, outer: Matrix, box: Box) -> Box | None:
    """What a picture hides of what was painted before it; nothing if anything shines through."""
    if look is None or native.transparent(obj):
        return None
    if look.mode in ("RGBA", "LA") and look.getchannel("A").getextrema()[0] < OPAQUE:
        return None
    return _clipped(box, obj, outer)


def _look_at(source: Any, obj: int) -> Any:
    """A picture as it is shown, much reduced; None where that cannot be told."""
    width, height = ctypes.c_uint(), ctypes.c_uint()
    handle = ctypes.cast(obj, raw.FPDF_PAGEOBJECT)
    raw.FPDFImageObj_GetImagePixelSize(handle, ctypes.byref(width), ctypes.byref(height))
    if not 0 < width.value * height.value <= 40_000_000:
        return None
    try:
        image = pdfium.PdfImage(handle, page=source, pdf=source.pdf)
        # Rendered, because only that applies the mask which makes a seal's ground transparent.
        picture = image.get_bitmap(render=True, scale_to_original=False).to_pil()
    except (pdfium.PdfiumError, ValueError, RuntimeError):
        return None
    picture.thumbnail((160, 160))
    return picture


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
