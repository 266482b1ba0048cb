"""A form set on pages: the blocks of a layout become words, rules and fields, each in its place.

Rows are as high as the template says and grow with what stands in them; a row that a page has no
room for goes to the next one, under the repeated head of its table. A field cannot run over two
pages: prose that is longer than a page is set smaller. Lengths are points, from the page's top
left corner.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from pipeline.document import Box
from pipeline.render import fill
from pipeline.render.layout import (
    SIDES,
    Align,
    Edges,
    Font,
    LaidCell,
    LaidParagraph,
    LaidRow,
    LaidTable,
    Layout,
    PageSetup,
    VerticalAlign,
)
from pipeline.render.pdf_fonts import chain
from pipeline.render.pdf_holes import Entry, Hole, Holes
from pipeline.render.pdf_lines import (
    LEADING,
    Fitted,
    Glyph,
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
from pipeline.tags import Tag

#: Between a field's edge and its text: what PDF readers leave too.
PAD = 2.0
#: What a blank in running text is wide at least, in characters.
_LEAST_SPOT = 2.2
#: Lines that prose under a heading has room for, and the size people type it in.
_PROSE_LINES, _PROSE_SIZE = 7, 10.5
#: Prose is set down to this size so that it stays on the page where it begins.
_SHRINK_TO_STAY = 9.0
#: Where a line's text stands in its height: the share of the size above the baseline.
_ASCENT = 0.86
_TAB_STEP = 21.0


# ---------------------------------------------------------------- what stands on a page


@dataclass(frozen=True, slots=True)
class Words:
    """Glyphs from `x` on a baseline; `gap` is added between any two."""

    x: float
    baseline: float
    glyphs: tuple[Glyph, ...]
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    x0: float
    y0: float
    x1: float
    y1: float
    width: float


@dataclass(frozen=True, slots=True)
class Widget:
    """A field in its place, its value set; `multiline`: people may type several lines, in `size`
    (0: as large as the field has room for)."""

    hole: Hole
    box: Box
    style: Style
    fitted: Fitted
    align: Align = "left"
    valign: VerticalAlign = "center"
    multiline: bool = False
    size: float = 0.0


@dataclass(slots=True)
class Sheet:
    """One page."""

    words: list[Words] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    widgets: list[Widget] = field(default_factory=list)


def flow(layout: Layout, holes: Holes, version_code: str) -> list[Sheet]:
    """The pages of a form."""
    pages = _Pages(layout.page)
    for kept in _kept_together(layout, holes, pages.width):
        if isinstance(kept, LaidTable):
            _place_table(kept, holes, pages)
        else:
            _place_pieces(kept, pages)
    for sheet in pages.sheets:
        _place_margins(layout, holes, version_code, sheet)
    return pages.sheets


class _Pages:
    """The pages so far, and how far down the last one is filled."""

    def __init__(self, setup: PageSetup) -> None:
        self.setup = setup
        self.left, self.width = setup.margins.left, setup.text_width
        self.top, self.bottom = setup.margins.top, setup.height - setup.margins.bottom
        self.sheets = [Sheet()]
        self.y = self.top

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def room(self) -> float:
        return self.bottom - self.y

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def is_fresh(self) -> bool:
        return self.y == self.top

    def turn(self) -> None:
        self.sheets.append(Sheet())
        self.y = self.top


# ---------------------------------------------------------------- paragraphs


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
        spots = [_spot_height(item) for item in line.items if isinstance(item, Spot)]
        return max(_leading(self.look, _style(self.look.font, self.look).size), *spots, 0.0)


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
        return _leading(self.look, self.style.size)

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
            style = _style(runs[0].font, look)
            return _field_piece(look, hole, style, inner - 2 * inset, inset)
    items = _stretched(_items(look, holes), look, inner)
    return TextPiece(look, tuple(break_lines(items, inner, look.first_line)), inner)


def _field_piece(
    look: LaidParagraph, hole: Hole, style: Style, width: float, inset: float
) -> FieldPiece:
    leading = _leading(look, style.size)
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


def _style(font: Font, look: LaidParagraph) -> Style:
    return Style(chain(font.name), font.size, font.bold, font.underline)


def _leading(look: LaidParagraph, size: float) -> float:
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
        style = _style(run.font, look)
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


def _spot_fitted(spot: Spot) -> Fitted:
    leading = LEADING * spot.style.size
    return fit_line(spot.hole.shown, spot.style, spot.width - 2 * PAD, leading)


def _spot_height(spot: Spot) -> float:
    if spot.hole.control != "text":
        return 0.0
    fitted = _spot_fitted(spot)
    return fitted.height + 2 * PAD if len(fitted.lines) > 1 else 0.0


# ---------------------------------------------------------------- paragraphs on the page


def _kept_together(layout: Layout, holes: Holes, width: float) -> Iterator[list[Piece] | LaidTable]:
    """Tables, and paragraphs with those that must stay on the page of the next."""
    kept: list[Piece] = []
    for block in layout.blocks:
        if isinstance(block, LaidTable):
            if kept:
                yield kept
            kept = []
            yield block
            continue
        kept.append(piece_of(block, holes, width))
        if not block.keep_next:
            yield kept
            kept = []
    if kept:
        yield kept


def _place_pieces(pieces: Sequence[Piece], pages: _Pages) -> None:
    """Paragraphs that stay together; a single one may break between its lines."""
    if pieces[0].look.page_break_before and not pages.is_fresh:
        pages.turn()
    heights = [_body_height(piece) for piece in pieces]
    if (
        sum(heights) > pages.room
        and not pages.is_fresh
        and not _shrinks(pieces, heights, pages.room)
    ):
        if len(pieces) == 1 and isinstance(pieces[0], TextPiece):
            _place_lines(pieces[0], pages)
            return
        pages.turn()
    over = sum(heights) - pages.room
    for piece, height in zip(pieces, heights, strict=True):
        given = height - max(over, 0.0) if isinstance(piece, FieldPiece) else height
        _draw(piece, pages.left + piece.look.left, pages.y, given, pages.sheet)
        pages.y += given


def _body_height(piece: Piece) -> float:
    """Prose under a heading has room for some lines also where it is blank."""
    if isinstance(piece, FieldPiece) and piece.hole.spec.kind == "text":
        least = piece.look.before + _PROSE_LINES * piece.leading + piece.look.after
        return max(piece.height, least)
    return piece.height


def _shrinks(pieces: Sequence[Piece], heights: Sequence[float], room: float) -> bool:
    """Whether a little smaller type keeps the prose on the page."""
    over = sum(heights) - room
    for piece, height in zip(pieces, heights, strict=True):
        if isinstance(piece, FieldPiece) and height - over >= _PROSE_LINES * piece.leading:
            return piece.within(height - over, _SHRINK_TO_STAY).height <= height - over - 2 * PAD
    return False


def _place_lines(piece: TextPiece, pages: _Pages) -> None:
    pages.y += piece.look.before
    for line in piece.lines:
        height = piece.line_height(line)
        if height > pages.room and not pages.is_fresh:
            pages.turn()
        _draw_line(piece, line, pages.left + piece.look.left, pages.y, height, pages.sheet)
        pages.y += height
    pages.y += piece.look.after


def _draw(piece: Piece, x: float, top: float, height: float, sheet: Sheet) -> None:
    if isinstance(piece, FieldPiece):
        _draw_field(
            piece, x, top, height, sheet, "top" if piece.hole.spec.kind == "text" else "center"
        )
        return
    y = top + piece.look.before
    for line in piece.lines:
        line_height = piece.line_height(line)
        _draw_line(piece, line, x, y, line_height, sheet)
        y += line_height


def _draw_field(
    piece: FieldPiece, x: float, top: float, height: float, sheet: Sheet, valign: VerticalAlign
) -> None:
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


def _draw_line(
    piece: TextPiece, line: Line, x: float, top: float, height: float, sheet: Sheet
) -> None:
    spare = piece.width - line.x - line.width + line.blank
    align = piece.look.align
    x += line.x + {"center": spare / 2, "right": spare}.get(align, 0.0)
    gap = _gap(line, spare) if align == "both" and not line.last else 0.0
    size = _style(piece.look.font, piece.look).size
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
    fitted = _spot_fitted(spot)
    full = Box(x, top, x + spot.width, top + height)
    multiline = len(fitted.lines) > 1
    box = full if multiline else _as_high_as_a_line(full, 0.9 * size, "center")
    valign: VerticalAlign = "center"
    sheet.widgets.append(
        Widget(spot.hole, box, spot.style, fitted, "left" if spot.stretchy else "center", valign, multiline,
               fitted.size if multiline else 0.0)
    )  # fmt: skip


# ---------------------------------------------------------------- tables


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with what stands in it."""

    laid: LaidCell
    pieces: tuple[Piece, ...]
    borders: Edges

    @property
    def height(self) -> float:
        margins = self.laid.margins
        return sum(piece.height for piece in self.pieces) + margins.top + margins.bottom


@dataclass(frozen=True, slots=True)
class _Row:
    cells: tuple[_Cell, ...]
    look: LaidRow

    @property
    def height(self) -> float:
        if self.look.rule == "exact":
            return self.look.height
        return max([self.look.height, *(c.height for c in self.cells if c.laid.rowspan == 1)])


def _place_table(table: LaidTable, holes: Holes, pages: _Pages) -> None:
    left = pages.left + (table.left if table.align == "left" else (pages.width - table.width) / 2)
    xs = [left]
    for width in table.columns:
        xs.append(xs[-1] + width)
    groups = list(_groups(_rows(table, holes, xs)))
    head = [group for group in groups if all(row.look.header for row in group)]
    head_height = sum(sum(_heights(group, pages.height)) for group in head)
    edges = _Borders(pages.sheet)
    for group in groups:
        heights = _heights(group, pages.height - (0 if group in head else head_height))
        if sum(heights) > pages.room + 0.01 and not pages.is_fresh:
            stay = _squeezed(group, heights, pages.room)
            if stay is None:
                edges.draw()
                pages.turn()
                edges = _Borders(pages.sheet)
                for repeated in [] if group in head else head:
                    _draw_group(repeated, _heights(repeated, pages.height), xs, edges, pages)
            heights = stay or heights
        _draw_group(group, heights, xs, edges, pages)
    edges.draw()


def _rows(table: LaidTable, holes: Holes, xs: Sequence[float]) -> Iterator[_Row]:
    if table.loop is None:
        for row in table.rows:
            yield _row(row, holes, xs)
        return
    for row in table.head:
        yield _row(row, holes, xs)
    assert table.body is not None
    entries = list(fill.loop_rows(table.loop.start, holes.data))
    for number, values in enumerate(entries):
        ends = number == len(entries) - 1 and not table.tail
        own = replace(holes, entry=Entry(table.loop.start, number, values))
        yield _row(table.body, own, xs, None if ends else table.loop.between)
    for row in table.tail:
        yield _row(row, holes, xs)


def _row(row: LaidRow, holes: Holes, xs: Sequence[float], below: float | None = None) -> _Row:
    """`below`: the border under the row, where it is not the template's own."""
    cells = []
    for cell in row.cells:
        width = (
            xs[cell.column + cell.colspan]
            - xs[cell.column]
            - cell.margins.left
            - cell.margins.right
        )
        borders = cell.borders if below is None else replace(cell.borders, bottom=below)
        pieces = tuple(piece_of(paragraph, holes, width, PAD) for paragraph in cell.paragraphs)
        cells.append(_Cell(cell, pieces, borders))
    return _Row(tuple(cells), row)


def _groups(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows that stay on one page: under a merged cell, or kept with the next."""
    group: list[_Row] = []
    open_rows = 0
    for row in rows:
        group.append(row)
        spans = max((cell.laid.rowspan for cell in row.cells), default=1)
        open_rows = max(open_rows - 1, spans - 1)
        kept = any(p.look.keep_next for cell in row.cells for p in cell.pieces)
        if open_rows <= 0 and not kept:
            yield group
            group = []
    if group:
        yield group


def _heights(group: Sequence[_Row], room: float) -> list[float]:
    """The rows' heights: each holds its cells, the last what a merged cell lacks; together no
    more than a page has room for."""
    heights = [row.height for row in group]
    for number, row in enumerate(group):
        for cell in row.cells:
            end = number + cell.laid.rowspan
            if cell.laid.rowspan > 1:
                heights[end - 1] += max(cell.height - sum(heights[number:end]), 0.0)
    over = sum(heights) - room
    if over > 0:
        highest = max(range(len(heights)), key=heights.__getitem__)
        heights[highest] -= over
    return heights


def _squeezed(group: Sequence[_Row], heights: list[float], room: float) -> list[float] | None:
    """A single row of prose made to fit the page by slightly smaller type, if that is enough."""
    if len(group) != 1 or room < group[0].look.height:
        return None
    row = group[0]
    for cell in row.cells:
        inner = room - cell.laid.margins.top - cell.laid.margins.bottom
        for piece in cell.pieces:
            rest = inner - sum(p.height for p in cell.pieces if p is not piece)
            if isinstance(piece, FieldPiece) and piece.hole.spec.kind == "text":
                if piece.within(rest, _SHRINK_TO_STAY).height > rest - 2 * PAD:
                    return None
            elif rest < piece.height:
                return None
    return [room]


def _draw_group(
    group: Sequence[_Row],
    heights: Sequence[float],
    xs: Sequence[float],
    edges: _Borders,
    pages: _Pages,
) -> None:
    ys = [pages.y]
    for height in heights:
        ys.append(ys[-1] + height)
    for number, row in enumerate(group):
        for cell in row.cells:
            laid = cell.laid
            box = Box(
                xs[laid.column], ys[number], xs[laid.column + laid.colspan],
                ys[min(number + laid.rowspan, len(group))],
            )  # fmt: skip
            edges.add(box, cell.borders)
            _draw_cell(cell, box, pages.sheet)
    pages.y = ys[-1]


def _draw_cell(cell: _Cell, box: Box, sheet: Sheet) -> None:
    margins = cell.laid.margins
    x, y = box.x0 + margins.left, box.top + margins.top
    inner = box.bottom - margins.bottom - y
    heights = [piece.height for piece in cell.pieces]
    spare = inner - sum(heights)
    wide = [n for n, piece in enumerate(cell.pieces) if isinstance(piece, FieldPiece)]
    if wide:
        heights[wide[0]] += spare  # the field takes what is left over, or yields what is lacking
    else:
        y += max(spare, 0.0) * {"top": 0.0, "center": 0.5, "bottom": 1.0}[cell.laid.valign]
    for piece, height in zip(cell.pieces, heights, strict=True):
        left = x + piece.look.left
        if isinstance(piece, FieldPiece):
            alone = len(cell.pieces) == 1
            valign = cell.laid.valign if alone else "top"
            _draw_field(piece, left, y, height, sheet, valign)
        else:
            _draw(piece, left, y, height, sheet)
        y += height


class _Borders:
    """The borders of a table's cells on one page; where two cells meet, the wider line is drawn."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._widths: dict[tuple[float, float, float, float], float] = {}

    def add(self, box: Box, borders: Edges) -> None:
        x0, top, x1, bottom = (round(v, 2) for v in (box.x0, box.top, box.x1, box.bottom))
        lines = {
            "top": (x0, top, x1, top), "left": (x0, top, x0, bottom),
            "bottom": (x0, bottom, x1, bottom), "right": (x1, top, x1, bottom),
        }  # fmt: skip
        for side in SIDES:
            width = getattr(borders, side)
            if width:
                self._widths[lines[side]] = max(width, self._widths.get(lines[side], 0.0))

    def draw(self) -> None:
        """Wide lines last, so that thin ones do not cut into them."""
        for line, width in sorted(self._widths.items(), key=lambda item: (item[1], item[0])):
            self._sheet.rules.append(Rule(*line, width))


# ---------------------------------------------------------------- header and footer


def _place_margins(layout: Layout, holes: Holes, version_code: str, sheet: Sheet) -> None:
    """Header and footer, which hold printed words and perhaps the version code, never a field."""
    setup = layout.page
    y = setup.header
    for look in layout.header:
        y += _draw_margin(look, setup, y, version_code, sheet)
    y = setup.height - setup.footer - sum(_leading(look, look.font.size) for look in layout.footer)
    for look in layout.footer:
        y += _draw_margin(look, setup, y, version_code, sheet)


def _draw_margin(
    look: LaidParagraph, setup: PageSetup, top: float, version_code: str, sheet: Sheet
) -> float:
    items: list[Item] = []
    for run in look.runs:
        text = version_code if isinstance(run.segment, Tag) else run.segment
        items += [
            g for g in glyphs(text.replace("\t", " "), _style(run.font, look)) if g.char != "\n"
        ]
    piece = TextPiece(look, tuple(break_lines(items, setup.text_width)), setup.text_width)
    _draw(piece, setup.margins.left, top, piece.height, sheet)
    return piece.height
