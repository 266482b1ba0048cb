"""The annotations of a PDF page as PDFium gives them: form fields with their values, and notes.

What is asked of an annotation is asked of all in one go: a form has thousands.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import Any, NamedTuple

import pypdfium2.raw as raw

from pipeline.document import Box
from pipeline.read import pdf_native as native
from pipeline.read.pdf_page import Page

TYPED = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
CHOSEN = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
_HIDDEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
MAX_ANNOTATIONS = 20_000


class Note(NamedTuple):
    """One annotation: what kind, where in the reading frame, the text it shows."""

    kind: int
    box: Box
    text: str
    field_type: int = -1
    name: str = ""


def read_notes(page: Page, source: Any) -> list[Note]:
    """What a viewer shows of the annotations of an open PDFium page, in the order of the file."""
    count = min(raw.FPDFPage_GetAnnotCount(source.raw), MAX_ANNOTATIONS)
    handle = native.address(source.raw)
    annotations = [a for a in map(native.annotation_at, repeat(handle), range(count)) if a]
    try:
        return list(_notes(page, source, annotations))
    finally:
        native.call(native.close_annotation, annotations)


def _notes(page: Page, source: Any, annotations: Sequence[int]) -> Iterator[Note]:
    rects = native.Room(ctypes.c_float, 4, len(annotations))
    placed = list(map(native.annotation_rect, annotations, rects.at[0]))
    kinds = list(map(native.annotation_kind, annotations))
    own = _fields(
        [a for a, kind in zip(annotations, kinds, strict=True) if kind == raw.FPDF_ANNOT_WIDGET]
    )
    for annotation, seen, flags, kind, (left, top, right, bottom) in zip(
        annotations,
        placed,
        map(native.annotation_flags, annotations),
        kinds,
        zip(*rects.columns(), strict=True),
        strict=True,
    ):
        if not seen or flags & _HIDDEN:
            continue
        box = page.frame.box(left, bottom, right, top)
        if kind != raw.FPDF_ANNOT_WIDGET:
            yield Note(kind, box, _lines(native.string(annotation, b"Contents")))
        elif annotation in own:
            yield _new(Note, (kind, box, *own[annotation]))
        else:
            yield _inheriting(source, annotation, kind, box)


#: A tuple of a class's fields made one, without the call for its defaults.
_new = tuple.__new__


def _fields(widgets: Sequence[int]) -> dict[int, tuple[str, int, str]]:
    """The text, kind and name of each widget that is a field by itself and says so."""
    said = zip(
        widgets,
        native.strings(widgets, b"FT"),
        map(native.has_key, widgets, repeat(b"Parent")),
        strict=True,
    )
    types = {w: _field_type(w, kind) for w, kind, inherits in said if kind and not inherits}
    texts: dict[int, str] = {}
    for key, chosen in ((b"AS", True), (b"V", False)):
        those = [w for w, field_type in types.items() if (field_type in CHOSEN) == chosen]
        values = native.strings(those, key)
        kinds = map(native.value_type, those, repeat(key))
        for widget, kind, text in zip(those, kinds, values, strict=True):
            if kind in _TEXTS or not native.has_key(widget, key):
                texts[widget] = text if chosen else _lines(text)
    names = dict(zip(texts, native.strings(list(texts), b"T"), strict=True))
    return {w: (text, types[w], names[w]) for w, text in texts.items()}


_TEXTS = (raw.FPDF_OBJECT_STRING, raw.FPDF_OBJECT_NAME)
_PUSH, _RADIO = 1 << 16, 1 << 15


def _field_type(annotation: int, kind: str) -> int:
    """What kind of field a widget is that says so itself (ISO 32000-1, 12.7.4)."""
    flags = 0
    if kind == "Btn":
        native.number_value(annotation, b"Ff", _number_at)
        flags = int(_number.value) if native.has_key(annotation, b"Ff") else 0
    if kind == "Btn" and not flags & _PUSH:
        return int(CHOSEN[1] if flags & _RADIO else CHOSEN[0])
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
        return Note(kind, box, _lines(native.string(annotation, b"Contents")))
    field_type = raw.FPDFAnnot_GetFormFieldType(formenv, handle)
    name = _wide(raw.FPDFAnnot_GetFormFieldName, formenv, handle)
    if field_type in CHOSEN:
        text = native.string(annotation, b"AS")
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


def _lines(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip("\n")
