"""Tables set on pages: rows as high as the template says that grow with what stands in them, groups
of rows that stay together, the head repeated on each page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.document import Box
from pipeline.render import fill
from pipeline.render.layout import SIDES, Edges, LaidCell, LaidRow, LaidTable
from pipeline.render.pdf_draw import draw, draw_field
from pipeline.render.pdf_holes import Entry, Holes
from pipeline.render.pdf_pieces import SHRINK_TO_STAY, FieldPiece, Piece, piece_of
from pipeline.render.pdf_sheet import PAD, Pages, Rule, Sheet


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


def place_table(table: LaidTable, holes: Holes, pages: Pages) -> None:
    """Its rows from here on; each further page begins with the head."""
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
                if piece.within(rest, SHRINK_TO_STAY).height > rest - 2 * PAD:
                    return None
            elif rest < piece.height:
                return None
    return [room]


def _draw_group(
    group: Sequence[_Row],
    heights: Sequence[float],
    xs: Sequence[float],
    edges: _Borders,
    pages: Pages,
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
            draw_field(piece, left, y, height, sheet, valign)
        else:
            draw(piece, left, y, height, sheet)
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
