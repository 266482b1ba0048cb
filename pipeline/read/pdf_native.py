"""PDFium's functions by their addresses, with plain integers for handles.

They are called for every character and every line of a page: typed so, a call makes no object but
its result. A handle is the address of what pypdfium2 holds (`address`).
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

import pypdfium2.raw as raw

pointer = ctypes.c_void_p
_int, _uint = ctypes.c_int, ctypes.c_uint


def _function(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    at = ctypes.cast(function, pointer).value
    return ctypes.PYFUNCTYPE(result, *arguments)(at or 0)


def address(handle: Any) -> int:
    """The address of a page, text page or object of pypdfium2."""
    return ctypes.cast(handle, pointer).value or 0


class Room:
    """Room for so many numbers in each of some rows, which PDFium fills in: `at` gives the
    addresses of a column, row by row, `columns` what stands in them then."""

    def __init__(self, kind: Any, width: int, rows: int) -> None:
        self._numbers = (kind * (width * rows))()
        self._width = width
        size = ctypes.sizeof(kind)
        first = ctypes.addressof(self._numbers)
        end, step = first + width * rows * size, width * size
        self.at = [range(first + i * size, end, step) for i in range(width)]

    def columns(self) -> list[list[Any]]:
        return [self._numbers[i :: self._width] for i in range(self._width)]


def call(function: Callable[..., Any], *arguments: Iterable[Any]) -> None:
    """Calls a function row by row for what it writes into its room, not for what it returns."""
    deque(map(function, *arguments), maxlen=0)


_of_char = (pointer, _int)
size_at = _function(raw.FPDFText_GetFontSize, ctypes.c_double, *_of_char)
code_at = _function(raw.FPDFText_GetUnicode, _uint, *_of_char)
generated_at = _function(raw.FPDFText_IsGenerated, _int, *_of_char)
text_object_at = _function(raw.FPDFText_GetTextObject, pointer, *_of_char)
box_at = _function(raw.FPDFText_GetLooseCharBox, _int, *_of_char, pointer)
matrix_at = _function(raw.FPDFText_GetMatrix, _int, *_of_char, pointer)
origin_at = _function(raw.FPDFText_GetCharOrigin, _int, *_of_char, pointer, pointer)
mode_of = _function(raw.FPDFTextObj_GetTextRenderMode, _int, pointer)
font_of = _function(raw.FPDFTextObj_GetFont, pointer, pointer)

count_objects = _function(raw.FPDFPage_CountObjects, _int, pointer)
object_at = _function(raw.FPDFPage_GetObject, pointer, pointer, _int)
count_inner = _function(raw.FPDFFormObj_CountObjects, _int, pointer)
inner_at = _function(raw.FPDFFormObj_GetObject, pointer, pointer, ctypes.c_ulong)
kind_of = _function(raw.FPDFPageObj_GetType, _int, pointer)
object_matrix = _function(raw.FPDFPageObj_GetMatrix, _int, pointer, pointer)
object_bounds = _function(raw.FPDFPageObj_GetBounds, _int, *[pointer] * 5)
transparent = _function(raw.FPDFPageObj_HasTransparency, _int, pointer)
fill_of = _function(raw.FPDFPageObj_GetFillColor, _int, *[pointer] * 5)
stroke_of = _function(raw.FPDFPageObj_GetStrokeColor, _int, *[pointer] * 5)
stroke_width = _function(raw.FPDFPageObj_GetStrokeWidth, _int, pointer, pointer)

draw_mode = _function(raw.FPDFPath_GetDrawMode, _int, pointer, pointer, pointer)
count_segments = _function(raw.FPDFPath_CountSegments, _int, pointer)
segment_at = _function(raw.FPDFPath_GetPathSegment, pointer, pointer, _int)
segment_point = _function(raw.FPDFPathSegment_GetPoint, _int, pointer, pointer, pointer)
segment_kind = _function(raw.FPDFPathSegment_GetType, _int, pointer)
segment_closes = _function(raw.FPDFPathSegment_GetClose, _int, pointer)

_key = ctypes.c_char_p
annotation_at = _function(raw.FPDFPage_GetAnnot, pointer, pointer, _int)
close_annotation = _function(raw.FPDFPage_CloseAnnot, None, pointer)
annotation_flags = _function(raw.FPDFAnnot_GetFlags, _int, pointer)
annotation_rect = _function(raw.FPDFAnnot_GetRect, _int, pointer, pointer)
annotation_kind = _function(raw.FPDFAnnot_GetSubtype, _int, pointer)
has_key = _function(raw.FPDFAnnot_HasKey, _int, pointer, _key)
value_type = _function(raw.FPDFAnnot_GetValueType, _int, pointer, _key)
string_value = _function(
    raw.FPDFAnnot_GetStringValue, ctypes.c_ulong, pointer, _key, pointer, ctypes.c_ulong
)
number_value = _function(raw.FPDFAnnot_GetNumberValue, _int, pointer, _key, pointer)

#: UTF-16 strings up to so many bytes are had in one call.
_SHORT = 256


def strings(annotations: Sequence[int], key: bytes) -> list[str]:
    """The string that each annotation has under a key; "" without one."""
    room = ctypes.create_string_buffer(_SHORT * len(annotations))
    first = ctypes.addressof(room)
    at = range(first, first + len(room), _SHORT)
    sizes = list(map(string_value, annotations, repeat(key), at, repeat(_SHORT)))
    try:
        text = room.raw.decode("utf-16-le")
    except UnicodeDecodeError:
        text = ""
    if 2 * len(text) < len(room) or max(sizes, default=0) > _SHORT:
        return [string(annotation, key) for annotation in annotations]
    starts = range(0, len(text), _SHORT // 2)
    return [
        text[start : start + size // 2 - 1] if size > 2 else ""
        for start, size in zip(starts, sizes, strict=True)
    ]


def string(annotation: int, key: bytes) -> str:
    """The same of one annotation."""
    length: int = string_value(annotation, key, 0, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    string_value(annotation, key, ctypes.addressof(buffer), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")


Colour = tuple[int, int, int, int]
BLACK: Colour = (0, 0, 0, 255)


def fill_colours(objects: Sequence[int]) -> list[Colour]:
    """Red, green, blue, opacity of each; black where it is no plain colour."""
    return _colours(fill_of, objects)


def stroke_colours(objects: Sequence[int]) -> list[Colour]:
    return _colours(stroke_of, objects)


def _colours(getter: Callable[..., Any], objects: Sequence[int]) -> list[Colour]:
    room = Room(_uint, 4, len(objects))
    known = list(map(getter, objects, *room.at))
    colours: list[Colour] = list(zip(*room.columns(), strict=True))
    return (
        colours if all(known) else [c if k else BLACK for c, k in zip(colours, known, strict=True)]
    )


clip_of = _function(raw.FPDFPageObj_GetClipPath, pointer, pointer)
count_clips = _function(raw.FPDFClipPath_CountPaths, _int, pointer)
count_clip_segments = _function(raw.FPDFClipPath_CountPathSegments, _int, pointer, _int)
clip_segment_at = _function(raw.FPDFClipPath_GetPathSegment, pointer, pointer, _int, _int)
