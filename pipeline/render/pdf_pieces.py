"""The paragraphs of a form as pieces: printed words among which fields stand, or one field.

Fields and tabs in running text are as wide as their line lets them be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.render.layout import Font, LaidParagraph
from pipeline.render.pdf_fonts import chain
from pipeline.render.pdf_holes import Hole, Holes
from pipeline.render.pdf_lines import (
    LEADING,
    Fitted,
    Item,
    Line,
    Spot,
    Style,
    Tab,
    break_lines,
    fit,
    fit_line,
    glyphs,
    narrowed,
    set_value,
)
from pipeline.render.pdf_sheet import PAD
from pipeline.tags import Tag

#: Prose is set down to this size so that it stays on the page where it begins.
SHRINK_TO_STAY = 9.0
#: What a blank in running text is wide at least, in characters.
_LEAST_SPOT = 2.2
_TAB_STEP = 21.0


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A paragraph of printed words, among which fields may stand."""

    look: LaidParagraph
    lines: tuple[Line, ...]
    width: float

    @property
    def height(self) -> float:
        return self.look.before + sum(map(self.line_height, self.lines)) + self.look.after

    def line_height(self, line: Line) -> float:
        spots = [spot_height(item) for item in line.items if isinstance(item, Spot)]
        return max(leading_of(self.look, style_of(self.look.font, self.look).size), *spots, 0.0)


@dataclass(frozen=True, slots=True)
class FieldPiece:
    """A paragraph that is one field. Its text is `width` wide; the field reaches over it at both
    sides by what PDF readers leave free."""

    look: LaidParagraph
    hole: Hole
    style: Style
    width: float
    inset: float
    fitted: Fitted

    @property
    def multiline(self) -> bool:
        return self.hole.is_prose or len(self.fitted.lines) > 1

    @property
    def first(self) -> float:
        return self.look.first_line if self.hole.spec.kind == "text" else 0.0

    @property
    def leading(self) -> float:
        return leading_of(self.look, self.style.size)

    @property
    def height(self) -> float:
        lines = max(self.fitted.height, self.leading)
        return (
            self.look.before
            + lines
            + (2 * PAD if len(self.fitted.lines) > 1 else 0)
            + self.look.after
        )

    def within(self, height: float, least: float | None = None) -> Fitted:
        """The value set so that it fits the height, before and after apart."""
        room = height - self.look.before - self.look.after - (2 * PAD if self.multiline else 0)
        if self.fitted.height <= room + 0.01:
            return self.fitted
        if least is None:
            return fit(self.hole.shown, self.style, self.width, room, self.leading, self.first)
        return fit(self.hole.shown, self.style, self.width, room, self.leading, self.first, least)


Piece = TextPiece | FieldPiece


def piece_of(look: LaidParagraph, holes: Holes, width: float, inset: float = 0.0) -> Piece:
    """`inset`: what a field's text keeps from the sides, in a cell with borders. Outside of tables
    its lines end where those of printed text do."""
    runs = [run for run in look.runs if run.segment]
    inner = width - look.left - look.right
    if len(runs) == 1 and isinstance(runs[0].segment, Tag):
        hole = holes.of(runs[0].segment)
        if isinstance(hole, Hole) and hole.control in ("text", "list", "tick"):
            style = style_of(runs[0].font, look)
            return _field_piece(look, hole, style, inner - 2 * inset, inset)
    items = _stretched(_items(look, holes), look, inner)
    return TextPiece(look, tuple(break_lines(items, inner, look.first_line)), inner)


def _field_piece(
    look: LaidParagraph, hole: Hole, style: Style, width: float, inset: float
) -> FieldPiece:
    leading = leading_of(look, style.size)
    if hole.is_prose:
        first = look.first_line if hole.spec.kind == "text" else 0.0
        fitted = set_value(hole.shown, style, width, leading, first)
        if len(fitted.lines) == 2 and hole.spec.kind == "name":
            fitted = narrowed(hole.shown, style, width, leading) or fitted
    else:
        fitted = fit_line(_value(hole), style, width, leading)
    return FieldPiece(look, hole, style, width, inset, fitted)


def _value(hole: Hole) -> str:
    if hole.control == "tick":
        return hole.option
    return hole.shown


def style_of(font: Font, look: LaidParagraph) -> Style:
    """How a run is set, with the faces that stand in where the first lacks a character."""
    return Style(chain(font.name), font.size, font.bold, font.underline)


def leading_of(look: LaidParagraph, size: float) -> float:
    """From line to line, as the paragraph asks."""
    rule, value = look.line.rule, look.line.value
    if rule == "exact":
        return value
    if rule == "atLeast":
        return max(value, LEADING * size)
    return 1.3 * size * value


def _items(look: LaidParagraph, holes: Holes) -> list[Item]:
    items: list[Item] = []
    open_end: int | None = None  # a field that nothing but the end or a tab follows
    for run in look.runs:
        style = style_of(run.font, look)
        part = holes.of(run.segment) if isinstance(run.segment, Tag) else run.segment
        if isinstance(part, Hole):
            open_end = len(items)
            items.append(_spot(part, style))
            continue
        if not isinstance(run.segment, Tag) and part and not part.startswith("\t"):
            open_end = None
        if part.startswith("\t"):
            _stretch(items, open_end)
            open_end = None
        items += [Tab(g.style) if g.char == "\t" else g for g in glyphs(part, style)]
    _stretch(items, open_end if look.align in ("left", "both") else None)
    return items


def _spot(hole: Hole, style: Style) -> Spot:
    if hole.control in ("radio", "check"):
        return Spot(hole, style, style.size)
    texts = [glyphs(text, style) for text in (hole.stub, hole.text)]
    width = max(sum(glyph.width for glyph in text) for text in texts) + 2 * PAD
    return Spot(hole, style, max(width, _LEAST_SPOT * style.size))


def _stretch(items: list[Item], at: int | None) -> None:
    if at is not None:
        spot = items[at]
        if isinstance(spot, Spot) and spot.hole.control == "text":
            items[at] = replace(spot, stretchy=True)


def _stretched(items: Sequence[Item], look: LaidParagraph, width: float) -> list[Item]:
    """Fields and tabs as wide as their line lets them be."""
    x, done = look.first_line, list[Item]()
    stops = [stop.position - look.left for stop in look.tabs]
    parts = [
        list(part) for tab, part in groupby(items, lambda item: isinstance(item, Tab)) if not tab
    ]
    tabs = [item for item in items if isinstance(item, Tab)]
    for number, part in enumerate(parts):
        last = number >= len(tabs)
        stop = width if last else _next_stop(x, part, stops)
        set_ = _widened(part, stop - x - (0.0 if last else 0.5 * tabs[number].style.size), width)
        done += set_
        x += sum(item.width for item in set_)
        if not last:
            done.append(replace(tabs[number], width=max(stop - x, 0.0)))
            x = max(stop, x)
    return done


def _next_stop(x: float, part: Sequence[Item], stops: Sequence[float]) -> float:
    printed = sum(item.width for item in part if not (isinstance(item, Spot) and item.stretchy))
    end = x + printed
    return next((stop for stop in stops if stop > end), (end // _TAB_STEP + 1) * _TAB_STEP)


def _widened(part: Sequence[Item], room: float, line: float) -> list[Item]:
    printed = sum(item.width for item in part if not (isinstance(item, Spot) and item.stretchy))
    done: list[Item] = []
    for item in part:
        if isinstance(item, Spot):
            least = _LEAST_SPOT * item.style.size
            item = replace(
                item, width=max(room - printed, least) if item.stretchy else min(item.width, line)
            )
        done.append(item)
    return done


def spot_fitted(spot: Spot) -> Fitted:
    """What stands in a field among words, set in its width."""
    leading = LEADING * spot.style.size
    return fit_line(spot.hole.shown, spot.style, spot.width - 2 * PAD, leading)


def spot_height(spot: Spot) -> float:
    """What a field asks of its line: more than one where its value takes several."""
    if spot.hole.control != "text":
        return 0.0
    fitted = spot_fitted(spot)
    return fitted.height + 2 * PAD if len(fitted.lines) > 1 else 0.0
