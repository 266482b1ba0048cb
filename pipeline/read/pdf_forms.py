"""What people put on top of a PDF page: form fields, typed notes, ticks by pen, stamps.

Their text is not part of the page's text, so it is placed on the page as glyphs and then read
by position like the rest. A field or note that a viewer does not show is left out.
"""

from __future__ import annotations

import codecs
import ctypes
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.document import Box, Field, Place
from pipeline.read import pdf_native as native
from pipeline.read.pdf_page import TANGLED, Glyph, Image, Page
from pipeline.read.pdf_paint import red_of_pixels

_HIDDEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TYPED = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
_CHOSEN = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
_BOXES = frozenset("□○〇◯☐▢⬜❑❏◻")
MAX_ANNOTATIONS = 20_000


class Note(NamedTuple):
    """One annotation: what kind, where in the reading frame, the text it shows."""

    kind: int
    box: Box
    text: str
    field_type: int = -1
    name: str = ""


def add_annotations(page: Page, source: Any) -> list[Field]:
    """Puts what annotations show on the page; the form fields found, with their values."""
    notes = list(read_notes(page, source))
    if notes:
        page.glyphs = glyphs = page.glyphs
        printed = Printed(glyphs)
        for note in notes:
            _place(page, source, note, printed)
    return _fields(page, notes)


def read_notes(page: Page, source: Any) -> Iterator[Note]:
    """What is asked of every annotation is asked of all in one go: a form has thousands."""
    count = min(raw.FPDFPage_GetAnnotCount(source.raw), MAX_ANNOTATIONS)
    handle = native.address(source.raw)
    annotations = [a for a in map(native.annotation_at, repeat(handle), range(count)) if a]
    try:
        rects = native.Room(ctypes.c_float, 4, len(annotations))
        for annotation, placed, flags, kind, (left, top, right, bottom) in zip(
            annotations,
            list(map(native.annotation_rect, annotations, rects.at[0])),
            map(native.annotation_flags, annotations),
            map(native.annotation_kind, annotations),
            zip(*rects.columns(), strict=True),
            strict=True,
        ):
            if placed and not flags & _HIDDEN:
                box = page.frame.box(left, bottom, right, top)
                yield _note(source, annotation, kind, box)
    finally:
        native.call(native.close_annotation, annotations)


def _note(source: Any, annotation: int, kind: int, box: Box) -> Note:
    if kind != raw.FPDF_ANNOT_WIDGET:
        return Note(kind, box, _lines(_string(annotation, b"Contents")))
    field_kind = _string(annotation, b"FT")
    if not field_kind or native.has_key(annotation, b"Parent"):
        return _inheriting(source, annotation, kind, box)
    field_type = _field_type(annotation, field_kind)
    key = b"AS" if field_type in _CHOSEN else b"V"
    text = _string(annotation, key)
    if native.value_type(annotation, key) not in _TEXTS and native.has_key(annotation, key):
        return _inheriting(source, annotation, kind, box)
    if field_type not in _CHOSEN:
        text = _lines(text)
    return Note(kind, box, text, field_type, _string(annotation, b"T"))


_TEXTS = (raw.FPDF_OBJECT_STRING, raw.FPDF_OBJECT_NAME)
_PUSH, _RADIO = 1 << 16, 1 << 15


def _field_type(annotation: int, kind: str) -> int:
    """What kind of field a widget is that says so itself (ISO 32000-1, 12.7.4)."""
    flags = 0
    if kind == "Btn":
        native.number_value(annotation, b"Ff", _number_at)
        flags = int(_number.value) if native.has_key(annotation, b"Ff") else 0
    if kind == "Btn" and not flags & _PUSH:
        return int(_CHOSEN[1] if flags & _RADIO else _CHOSEN[0])
    return _TYPES.get(kind, -1)


_TYPES: dict[str, int] = {
    "Tx": raw.FPDF_FORMFIELD_TEXTFIELD,
    "Ch": raw.FPDF_FORMFIELD_COMBOBOX,  # or a list box: read alike
    "Sig": raw.FPDF_FORMFIELD_SIGNATURE,
}

_number = ctypes.c_float()
_number_at = ctypes.addressof(_number)


def _inheriting(source: Any, annotation: int, kind: int, box: Box) -> Note:
    """A widget that has its field's kind, name or value from above: only the form's own reader,
    which takes its time over every page, follows that."""
    if source.pdf.formenv is None and source.pdf.get_formtype() != raw.FORMTYPE_NONE:
        source.pdf.init_forms()
    formenv = source.pdf.formenv
    handle = ctypes.cast(annotation, raw.FPDF_ANNOTATION)
    if formenv is None:
        return Note(kind, box, _lines(_string(annotation, b"Contents")))
    field_type = raw.FPDFAnnot_GetFormFieldType(formenv, handle)
    name = _wide(raw.FPDFAnnot_GetFormFieldName, formenv, handle)
    if field_type in _CHOSEN:
        text = _string(annotation, b"AS")
    else:
        text = _lines(_wide(raw.FPDFAnnot_GetFormFieldValue, formenv, handle))
    return Note(kind, box, text, field_type, name)


def _wide(getter: Any, formenv: Any, annotation: Any) -> str:
    """A UTF-16 string that PDFium hands out in two calls: first its length, then itself."""
    length = getter(formenv, annotation, None, 0)
    if length <= 2:
        return ""
    buffer = ctypes.create_string_buffer(length)
    getter(formenv, annotation, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")


_SHORT = 512
_short = ctypes.create_string_buffer(_SHORT)
_short_at, _short_view = ctypes.addressof(_short), memoryview(_short).cast("B")


def _string(annotation: int, key: bytes) -> str:
    length: int = native.string_value(annotation, key, _short_at, _SHORT)
    if length <= 2:
        return ""
    if length <= _SHORT:
        return codecs.utf_16_le_decode(_short_view[: length - 2], "replace")[0]
    buffer = ctypes.create_string_buffer(length)
    native.string_value(annotation, key, ctypes.addressof(buffer), length)
    return buffer.raw[: length - 2].decode("utf-16-le", "replace")


def _lines(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip("\n")


class Printed:
    """The glyphs that the page itself prints, by their places."""

    BAND = 16.0

    def __init__(self, glyphs: list[Glyph]) -> None:
        self.glyphs = glyphs
        bands: dict[int, list[tuple[float, float, int]]] = {}
        for i, (_, x0, x1, baseline, size, *_) in enumerate(glyphs):
            x, y = (x0 + x1) / 2, baseline - 0.36 * size
            bands.setdefault(int(y // self.BAND), []).append((x, y, i))
        self._bands = {number: sorted(band) for number, band in bands.items()}

    def within(self, box: Box, around: float = 0.0) -> list[int]:
        """Which glyphs have their middle in a box, or so near to it, in the order of the file."""
        x0, top, x1, bottom = box
        x0, x1, top, bottom = x0 - around, x1 + around, top - around, bottom + around
        found: list[int] = []
        for number in range(int(top // self.BAND), int(bottom // self.BAND) + 1):
            if band := self._bands.get(number):
                near = band[bisect_left(band, (x0,)) : bisect_right(band, (x1, math.inf))]
                found += [i for _, y, i in near if top <= y <= bottom]
        return sorted(found)


# -- fields -----------------------------------------------------------------------------------


def _fields(page: Page, notes: Iterable[Note]) -> list[Field]:
    return [
        Field(
            note.name,
            note.text or "Off" if note.field_type in _CHOSEN else note.text,
            _where(page, note),
        )
        for note in notes
        if note.name and (note.field_type in _CHOSEN or (note.field_type in _TYPED and note.text))
    ]


def _where(page: Page, note: Note) -> Place:
    return Place(page=page.number, box=page.frame.shown(note.box))


# -- onto the page ----------------------------------------------------------------------------


def _place(page: Page, source: Any, note: Note, printed: Printed) -> None:
    if note.field_type in _CHOSEN:
        _place_tick_box(page, note, printed)
    elif note.field_type in _TYPED or note.kind == raw.FPDF_ANNOT_FREETEXT:
        if note.text.strip():
            _place_typed(page, note, printed)
    elif note.kind == raw.FPDF_ANNOT_INK:
        _place_ink(page, note)
    elif note.kind == raw.FPDF_ANNOT_STAMP or note.field_type == raw.FPDF_FORMFIELD_SIGNATURE:
        _place_stamp(page, source, note)
    elif note.kind in (raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE):
        _mark(page, note)


def typed_glyph(text: str, box: Box) -> Glyph:
    """A whole value as one glyph: its own line breaks stay, its lines are nobody else's."""
    height = box.bottom - box.top
    lines = text.count("\n") + 1
    size = min(max(height / lines * 0.8, 4.0), 10.5)
    one_line = lines == 1 and height < 2.2 * size
    baseline = (box.top + box.bottom) / 2 + 0.36 * size if one_line else box.top + size
    return Glyph(text, box.x0, box.x1, baseline, size)


def _place_typed(page: Page, note: Note, printed: Printed) -> None:
    glyph, box = typed_glyph(note.text, note.box), note.box
    if printed.within(box._replace(top=min(box.top, glyph.top - 1))):
        if _stands_already(note, printed):
            return
        glyph = _typed_over(glyph, box, printed)
    page.pieces.append(glyph)


def _stands_already(note: Note, printed: Printed) -> bool:
    """Whether the page's own text at the field shows its value: a form flattened by half."""
    under = "".join([printed.glyphs[i].text for i in printed.within(note.box)])
    return bool(under.strip()) and _plain(note.text) in _plain(under)


def _typed_over(glyph: Glyph, box: Box, printed: Printed) -> Glyph:
    """Less sure where printed words stand under what is typed, as far as its lines reach."""
    lines = glyph.text.split("\n")
    width = max(sum(_em(char) for char in line) for line in lines) * glyph.size
    taken = Box(
        box.x0, glyph.top - 1, min(box.x1, box.x0 + 2 + width),
        min(box.bottom, glyph.top + len(lines) * 1.3 * glyph.size),
    )  # fmt: skip
    over = [i for i in printed.within(taken) if printed.glyphs[i].text[0].isalnum()]
    return glyph._replace(sure=TANGLED) if over else glyph


def _em(char: str) -> float:
    return 0.5 if char < "\u2e80" else 1.0


def _plain(text: str) -> str:
    return "".join(text.split())


def _inside(point: tuple[float, float], box: Box) -> bool:
    return box.x0 <= point[0] <= box.x1 and box.top <= point[1] <= box.bottom


def _place_tick_box(page: Page, note: Note, printed: Printed) -> None:
    """A check box or radio button as the character it looks like, in place of a printed box."""
    text = "□" if note.text in ("", "Off") else "☑"
    near = [(i, printed.glyphs[i]) for i in printed.within(note.box, around=14.0)]
    under = [i for i, g in near if g.text in _BOXES and _overlap(g, note.box)]
    if under:
        page.pieces[under[0]] = printed.glyphs[under[0]] = printed.glyphs[under[0]]._replace(
            text=text
        )
        return
    size = min(max(note.box.bottom - note.box.top, 4.0), 14.0)
    middle = (note.box.top + note.box.bottom) / 2
    page.pieces.append(Glyph(text, note.box.x0, note.box.x1, middle + 0.36 * size, size))


def _overlap(glyph: Glyph, box: Box) -> bool:
    middle = ((box.x0 + box.x1) / 2, (box.top + box.bottom) / 2)
    around = Box(glyph.x0, glyph.top, glyph.x1, glyph.bottom)
    return _inside(glyph.middle, box) or _inside(middle, around)


def _place_ink(page: Page, note: Note) -> None:
    """A short stroke by pen is a tick; a longer one is handwriting, which no text tells."""
    width, height = note.box.x1 - note.box.x0, note.box.bottom - note.box.top
    if max(width, height) > 36.0:
        page.images.append(Image(note.box, "ink", 0.0))
        return
    size = min(max(height, 6.0), 12.0)
    middle = (note.box.top + note.box.bottom) / 2
    page.pieces.append(Glyph("√", note.box.x0, note.box.x1, middle + 0.36 * size, size))


def _place_stamp(page: Page, source: Any, note: Note) -> None:
    width, height = note.box.x1 - note.box.x0, note.box.bottom - note.box.top
    if min(width, height) >= 8.0:
        page.images.append(Image(note.box, "stamp", _red_shown(page, source, note.box)))


def _red_shown(page: Page, source: Any, box: Box) -> float | None:
    """The share of red where a stamp stands, by drawing that part of the page."""
    shown, frame = page.frame.shown(box), page.frame
    width, height = source.get_size()
    crop = (shown.x0, height - shown.bottom, width - shown.x1, shown.top)
    if min(crop) < 0 or max(frame.width, frame.height) > 5000:
        return None
    picture = source.render(scale=1, crop=crop, may_draw_forms=False).to_pil()
    return red_of_pixels(picture)


def _mark(page: Page, note: Note) -> None:
    highlight = note.kind == raw.FPDF_ANNOT_HIGHLIGHT
    page.glyphs = [
        (g._replace(shade=True) if highlight else g._replace(mark=True))
        if _inside(g.middle, note.box)
        else g
        for g in page.glyphs
    ]
