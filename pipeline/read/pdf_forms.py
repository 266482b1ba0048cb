"""What people put on top of a PDF page: form fields, typed notes, ticks by pen, stamps.

Their text is not part of the page's text, so it is placed on the page as glyphs and then read
by position like the rest. A field or note that a viewer does not show is left out.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

import pypdfium2.raw as raw

from pipeline.document import Box, Field, Place
from pipeline.read.pdf_notes import CHOSEN, TYPED, Note, read_notes
from pipeline.read.pdf_page import TANGLED, Glyph, Image, Page, Strip
from pipeline.read.pdf_paint import red_of_pixels

_BOXES = frozenset("□○〇◯☐▢⬜❑❏◻")
_MARKS = (raw.FPDF_ANNOT_HIGHLIGHT, raw.FPDF_ANNOT_UNDERLINE)


def add_annotations(page: Page, source: Any) -> list[Field]:
    """Puts what annotations show on the page; the form fields found, with their values."""
    notes = read_notes(page, source)
    if notes:
        if any(note.kind in _MARKS for note in notes):
            page.glyphs = page.glyphs  # each may be marked
        printed = Printed(page)
        for note in notes:
            _place(page, source, note, printed)
        printed.done()
    return _fields(page, notes)


#: One printed glyph: the page's nth piece, and the nth glyph of that.
Spot = tuple[int, int]


class Printed:
    """The glyphs that the page itself prints, by their places."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._rows: dict[float, list[int]] = {}
        for i, (_, _, _, baseline, size, *_) in enumerate(page.pieces):
            self._rows.setdefault(baseline - 0.36 * size, []).append(i)
        self._levels = sorted(self._rows)
        self._changed: dict[int, list[Glyph]] = {}

    def within(self, box: Box, around: float = 0.0) -> list[Spot]:
        """Which glyphs have their middle in a box, or so near to it, in the order of the file."""
        x0, top, x1, bottom = box
        x0, x1, top, bottom = x0 - around, x1 + around, top - around, bottom + around
        found: list[Spot] = []
        first, last = bisect_left(self._levels, top), bisect_right(self._levels, bottom)
        for level in self._levels[first:last]:
            for i in self._rows[level]:
                piece = self._page.pieces[i]
                if piece.x0 <= x1 and piece.x1 >= x0:
                    own = enumerate(self._glyphs(i))
                    found += [(i, k) for k, g in own if x0 <= (g.x0 + g.x1) / 2 <= x1]
        return sorted(found) if len(found) > 1 else found

    def at(self, spot: Spot) -> Glyph:
        return self._glyphs(spot[0])[spot[1]]

    def put(self, spot: Spot, glyph: Glyph) -> None:
        """Another glyph in place of one that is printed."""
        piece, index = spot
        if isinstance(self._page.pieces[piece], Strip):
            self._changed.setdefault(piece, list(self._glyphs(piece)))[index] = glyph
        else:
            self._page.pieces[piece] = glyph

    def done(self) -> None:
        """Strips of which glyphs were replaced are none any more."""
        for piece, glyphs in sorted(self._changed.items(), reverse=True):
            self._page.pieces[piece : piece + 1] = glyphs

    def _glyphs(self, index: int) -> list[Glyph]:
        if index in self._changed:
            return self._changed[index]
        piece = self._page.pieces[index]
        return piece.glyphs if isinstance(piece, Strip) else [piece]


# -- fields -----------------------------------------------------------------------------------


def _fields(page: Page, notes: Iterable[Note]) -> list[Field]:
    fields: list[Field] = []
    for _, box, text, field_type, name in notes:
        if not name or not (field_type in CHOSEN or (text and field_type in TYPED)):
            continue
        place = Place(page=page.number, box=page.frame.shown(box))
        fields.append(Field(name, text or "Off" if field_type in CHOSEN else text, place))
    return fields


# -- onto the page ----------------------------------------------------------------------------


def _place(page: Page, source: Any, note: Note, printed: Printed) -> None:
    if note.field_type in CHOSEN:
        _place_tick_box(page, note, printed)
    elif note.field_type in TYPED or note.kind == raw.FPDF_ANNOT_FREETEXT:
        if note.text.strip():
            _place_typed(page, note, printed)
    elif note.kind == raw.FPDF_ANNOT_INK:
        _place_ink(page, note)
    elif note.kind == raw.FPDF_ANNOT_STAMP or note.field_type == raw.FPDF_FORMFIELD_SIGNATURE:
        _place_stamp(page, source, note)
    elif note.kind in _MARKS:
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
    x0, top, x1, bottom = box
    if printed.within(Box(x0, min(top, glyph.top - 1), x1, bottom)):
        if _stands_already(note, printed):
            return
        glyph = _typed_over(glyph, box, printed)
    page.pieces.append(glyph)


def _stands_already(note: Note, printed: Printed) -> bool:
    """Whether the page's own text at the field shows its value: a form flattened by half."""
    under = "".join([printed.at(spot).text for spot in printed.within(note.box)])
    return bool(under.strip()) and _plain(note.text) in _plain(under)


def _typed_over(glyph: Glyph, box: Box, printed: Printed) -> Glyph:
    """Less sure where printed words stand under what is typed, as far as its lines reach."""
    lines = glyph.text.split("\n")
    width = max(sum(_em(char) for char in line) for line in lines) * glyph.size
    taken = Box(
        box.x0, glyph.top - 1, min(box.x1, box.x0 + 2 + width),
        min(box.bottom, glyph.top + len(lines) * 1.3 * glyph.size),
    )  # fmt: skip
    over = [at for at in printed.within(taken) if printed.at(at).text[0].isalnum()]
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
    near = [(at, printed.at(at)) for at in printed.within(note.box, around=14.0)]
    under = [i for i, g in near if g.text in _BOXES and _overlap(g, note.box)]
    if under:
        printed.put(under[0], printed.at(under[0])._replace(text=text))
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
    for i, glyph in enumerate(page.glyphs):
        if _inside(glyph.middle, note.box):
            page.pieces[i] = glyph._replace(shade=True) if highlight else glyph._replace(mark=True)
