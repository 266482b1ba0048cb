"""PDF: a highlight over the place, with what is said in its pop-up.

Source: ISO 32000-1, 12.5.6.10 (text markup), 12.5.6.4 (notes), 12.5.6.14 (pop-ups).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from pipeline.document import Box, Place
from pipeline.errors import UnreadableError
from pipeline.mark import AUTHOR, COLOUR, Mark, Spot

Rectangle = tuple[float, float, float, float]  # left, bottom, right, top in user space

_RGB = [int(COLOUR[i : i + 2], 16) / 255 for i in (0, 2, 4)]
#: The note at the head of the first page: points from its corner, and the side of its sign.
_EDGE, _SIGN = 12.0, 20.0
#: What cannot be seen is made so large, points.
_LEAST = 6.0
_PRINTED = 4


def mark(path: Path, marks: Sequence[Mark], _: Mapping[Place, Spot]) -> bytes:
    try:
        with pikepdf.open(path) as pdf:
            for one in marks:
                _mark(pdf, one)
            out = io.BytesIO()
            pdf.save(out, deterministic_id=True)
            return out.getvalue()
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise UnreadableError(
            "PDF 的内部结构不完整，不能加标注。", remedy="问题见核对报告。"
        ) from error


def _mark(pdf: pikepdf.Pdf, one: Mark) -> None:
    place = one.place
    number = (place.page if place and place.page else 1) - 1
    page = pdf.pages[number if number < len(pdf.pages) else 0]
    if place is None or place.box is None or number >= len(pdf.pages):
        sign = Box(_EDGE, _EDGE, _EDGE + _SIGN, _EDGE + _SIGN)
        note = _annotation("Text", one.text, user_space(page, sign), Name=Name.Note)
        _add(pdf, page, note)
        return
    rectangle = user_space(page, _visible(place.box))
    x0, y0, x1, y1 = rectangle
    corners = Array([x0, y1, x1, y1, x0, y0, x1, y0])
    highlight = _annotation("Highlight", one.text, rectangle, QuadPoints=corners)
    highlight.AP = Dictionary(N=_look(pdf, rectangle))
    _add(pdf, page, highlight)


def _visible(box: Box) -> Box:
    x1, bottom = max(box.x1, box.x0 + _LEAST), max(box.bottom, box.top + _LEAST)
    return Box(box.x0, box.top, x1, bottom)


def user_space(page: pikepdf.Page, box: Box) -> Rectangle:
    """Where a box of the page as it is shown (origin top left, turned by /Rotate) is on it."""
    left, bottom, right, top = _bounds(page)
    match int(page.rotation or 0) % 360:
        case 90:
            return left + box.top, bottom + box.x0, left + box.bottom, bottom + box.x1
        case 180:
            return right - box.x1, bottom + box.top, right - box.x0, bottom + box.bottom
        case 270:
            return right - box.bottom, top - box.x1, right - box.top, top - box.x0
        case _:
            return left + box.x0, top - box.bottom, left + box.x1, top - box.top


def _bounds(page: pikepdf.Page) -> Rectangle:
    media, crop = (_ordered(box) for box in (page.mediabox, page.cropbox))
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _ordered(box: Any) -> Rectangle:
    x0, y0, x1, y1 = (float(value) for value in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _annotation(kind: str, text: str, rectangle: Rectangle, **more: Any) -> Dictionary:
    return Dictionary(
        Type=Name.Annot, Subtype=Name(f"/{kind}"), Rect=Array(rectangle), C=Array(_RGB),
        Contents=String(text), T=String(AUTHOR), F=_PRINTED, **more,
    )  # fmt: skip


def _add(pdf: pikepdf.Pdf, page: pikepdf.Page, annotation: Dictionary) -> None:
    if Name.Annots not in page or not isinstance(page.Annots, Array):
        page.Annots = Array()
    made = pdf.make_indirect(annotation)
    _, _, x1, y1 = (float(v) for v in made.Rect)
    popup = Dictionary(
        Type=Name.Annot, Subtype=Name.Popup, Parent=made, Open=False,
        Rect=Array([x1, y1 - 120, x1 + 240, y1]),
    )  # fmt: skip
    made.Popup = pdf.make_indirect(popup)
    page.Annots.append(made)
    page.Annots.append(made.Popup)


def _look(pdf: pikepdf.Pdf, rectangle: Rectangle) -> pikepdf.Stream:
    """The colour laid over the page so that what is printed there shows through."""
    x0, y0, x1, y1 = rectangle
    red, green, blue = _RGB
    drawn = f"/G gs {red:.3f} {green:.3f} {blue:.3f} rg {x0} {y0} {x1 - x0} {y1 - y0} re f"
    return pdf.make_stream(
        drawn.encode(), Type=Name.XObject, Subtype=Name.Form, BBox=Array(rectangle),
        Resources=Dictionary(ExtGState=Dictionary(G=Dictionary(BM=Name.Multiply))),
    )  # fmt: skip
