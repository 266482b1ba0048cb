"""Pieces drawn on a page: lines of words, and fields with what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pipeline.document import Box
from pipeline.render.layout import VerticalAlign
from pipeline.render.pdf_lines import LEADING, Fitted, Glyph, Line, Spot, fit
from pipeline.render.pdf_pieces import FieldPiece, Piece, TextPiece, spot_fitted, style_of
from pipeline.render.pdf_sheet import PAD, Rule, Sheet, Widget, Words

#: The size in which people type prose under a heading.
_PROSE_SIZE = 10.5
#: Where a line's text stands in its height: the share of the size above the baseline.
_ASCENT = 0.86


def draw(piece: Piece, x: float, top: float, height: float, sheet: Sheet) -> None:
    """A paragraph from `top` on, in so much height."""
    if isinstance(piece, FieldPiece):
        draw_field(
            piece, x, top, height, sheet, "top" if piece.hole.spec.kind == "text" else "center"
        )
        return
    y = top + piece.look.before
    for line in piece.lines:
        line_height = piece.line_height(line)
        draw_line(piece, line, x, y, line_height, sheet)
        y += line_height


def draw_field(
    piece: FieldPiece, x: float, top: float, height: float, sheet: Sheet, valign: VerticalAlign
) -> None:
    """A field as large as its place; one of a single line is no higher than that line."""
    fitted = piece.within(height)
    bottom = top + height - piece.look.after
    x += piece.inset
    box = Box(x - PAD, top + piece.look.before, x + piece.width + PAD, bottom)
    if not piece.multiline and piece.hole.control != "tick":
        box = _as_high_as_a_line(box, piece.style.size, valign)
    size = _typing_size(piece, box, fitted) if piece.multiline else 0.0
    align = "left" if piece.look.align == "both" else piece.look.align
    sheet.widgets.append(
        Widget(piece.hole, box, piece.style, fitted, align, valign, piece.multiline, size)
    )


def _as_high_as_a_line(box: Box, size: float, valign: VerticalAlign) -> Box:
    """PDF readers make text as large as the field is high: a field of one line is no higher."""
    height = min(1.5 * size, box.bottom - box.top)
    spare = box.bottom - box.top - height
    top = box.top + spare * {"top": 0.0, "center": 0.5, "bottom": 1.0}[valign]
    return Box(box.x0, top, box.x1, top + height)


def _typing_size(piece: FieldPiece, box: Box, fitted: Fitted) -> float:
    """The size of what people type over several lines: what stands there keeps its size; a blank
    holds the words that its limit allows, or two lines of a name."""
    if fitted.lines:
        return fitted.size
    width, height = box.x1 - box.x0 - 2 * PAD, box.bottom - box.top - 2 * PAD
    if piece.hole.spec.kind != "text":
        return round(min(piece.style.size, height / (2 * LEADING)), 1)
    limit = piece.hole.spec.extra("word-limit")
    if not limit:
        return min(piece.style.size, _PROSE_SIZE)
    return fit("字" * int(limit), piece.style, width, height, LEADING * piece.style.size).size


def draw_line(
    piece: TextPiece, line: Line, x: float, top: float, height: float, sheet: Sheet
) -> None:
    """A line of printed words and the fields among them, its words spread where it is justified."""
    spare = piece.width - line.x - line.width + line.blank
    align = piece.look.align
    x += line.x + {"center": spare / 2, "right": spare}.get(align, 0.0)
    gap = _gap(line, spare) if align == "both" and not line.last else 0.0
    size = style_of(piece.look.font, piece.look).size
    baseline = top + (height - size) / 2 + _ASCENT * size
    for is_words, group in groupby(line.items, lambda item: isinstance(item, Glyph)):
        items = list(group)
        if is_words:
            run = tuple(item for item in items if isinstance(item, Glyph))
            sheet.words.append(Words(x, baseline, run, gap))
            _underline(run, x, baseline, gap, sheet)
            x += gap * len(run)
        for item in items:
            if isinstance(item, Spot):
                _draw_spot(item, x, top, height, sheet)
            x += item.width


def _gap(line: Line, spare: float) -> float:
    """What is added between glyphs so that the line is full; a line far from full stays as it is."""
    count = sum(isinstance(item, Glyph) for item in line.items) - 1
    return spare / count if count > 0 and 0 < spare < 0.2 * line.width else 0.0


def _underline(run: Sequence[Glyph], x: float, baseline: float, gap: float, sheet: Sheet) -> None:
    for glyph in run:
        if glyph.style.underline:
            y = baseline + 0.12 * glyph.style.size
            sheet.rules.append(Rule(x, y, x + glyph.width, y, 0.5))
        x += glyph.width + gap


def _draw_spot(spot: Spot, x: float, top: float, height: float, sheet: Sheet) -> None:
    size = spot.style.size
    if spot.hole.control in ("radio", "check"):
        y = top + (height - size) / 2
        box = Box(x, y, x + size, y + size)
        sheet.widgets.append(Widget(spot.hole, box, spot.style, Fitted((), size, size)))
        return
    fitted = spot_fitted(spot)
    full = Box(x, top, x + spot.width, top + height)
    multiline = len(fitted.lines) > 1
    box = full if multiline else _as_high_as_a_line(full, 0.9 * size, "center")
    valign: VerticalAlign = "center"
    sheet.widgets.append(
        Widget(spot.hole, box, spot.style, fitted, "left" if spot.stretchy else "center", valign, multiline,
               fitted.size if multiline else 0.0)
    )  # fmt: skip
