"""One page of a PDF with its tables found and its text dealt out: to their cells, and to the body."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipeline.document import Box, Field
from pipeline.read import pdf_lines
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import Glyph, Page, Piece, Strip, glyphs_of
from pipeline.read.pdf_rules import (
    Locator,
    Rule,
    Table,
    boxes_of,
    join_rules,
    tables_of,
    touching_groups,
)

#: A page with more unmapped characters than this share cannot be trusted.
UNMAPPED_SHARE = 0.2
#: Less text than this over a whole-page picture is a scan with something typed on it.
SCAN_TEXT = 50
#: So many tables of one cell on a page are no tables but frames.
FRAMES = 6
#: A box with so many rows, or so many texts on a line, is a list or a form with level rules only.
BOX_ROWS, BOX_TEXTS = 3, 4


@dataclass(slots=True)
class Sheet:
    """A page with its tables found and its text dealt out: to cells, and to the body."""

    page: Page
    tables: list[Table]
    cell_lines: list[list[list[Line]]] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)

    @property
    def is_scan(self) -> bool:
        page = self.page
        if page.scan or not (page.covered or page.curves > 200 or _mostly_pictures(page)):
            return False
        inked = sum(len(glyph.text) for glyph in page.glyphs if glyph.text.strip())
        if page.covered:
            return inked < SCAN_TEXT or not (self.tables or inked >= 10 * SCAN_TEXT)
        return inked == 0

    @property
    def is_unmapped(self) -> bool:
        if not self.page.unmapped:
            return False
        inked = sum(1 for glyph in self.page.glyphs if glyph.text.strip())
        return inked > 0 and self.page.unmapped > UNMAPPED_SHARE * inked


def _mostly_pictures(page: Page) -> bool:
    area = sum(area_of(image.box) for image in page.images)
    return area > 0.3 * page.frame.width * page.frame.height


def area_of(box: Box) -> float:
    return (box.x1 - box.x0) * (box.bottom - box.top)


def sheet_of(page: Page, fields: list[Field], groups: Sequence[list[Rule]] | None = None) -> Sheet:
    """A page's tables with the text in them, and its body; `groups` are its rules, joined and
    grouped by what touches, where that is known."""
    if groups is None:
        groups = touching_groups(join_rules(page.rules))
    tables = [table for table in tables_of(groups) if not _is_page_border(table, page)]
    tables = _without_frames(tables, page)
    inner_first = sorted(range(len(tables)), key=lambda i: area_of(tables[i].box))
    locators = [(i, Locator(tables[i])) for i in inner_first]
    _mark_looks(page, [locator for _, locator in locators])
    sheet = Sheet(page, tables, fields=fields)
    key = page.key
    cells, body = _deal(page.pieces, tables, locators)
    sheet.cell_lines = [
        [pdf_lines.lines_of(pieces, key) if pieces else [] for pieces in table] for table in cells
    ]
    sheet.body = pdf_lines.lines_of(body, key)
    boxes = [i for i, table in enumerate(tables) if _is_box(table, sheet.cell_lines[i])]
    return _sheet_without(sheet, boxes) if boxes else sheet


def _is_box(table: Table, cells: Sequence[list[Line]]) -> bool:
    """Whether a table is but a box with level rules: one column, whose rows hold texts beside each
    other."""
    if table.columns > 1:
        return False
    beside = [max(map(pdf_lines.texts_on, lines), default=0) for lines in cells]
    least = 2 if table.rows >= BOX_ROWS else BOX_TEXTS
    return 2 * sum(count >= least for count in beside) >= len(cells)


def _sheet_without(sheet: Sheet, boxes: Sequence[int]) -> Sheet:
    """The sheet with the text of some tables in its body."""
    freed = [n for i in boxes for lines in sheet.cell_lines[i] for n in lines]
    kept = [i for i in range(len(sheet.tables)) if i not in boxes]
    return replace(
        sheet,
        tables=[sheet.tables[i] for i in kept],
        cell_lines=[sheet.cell_lines[i] for i in kept],
        body=sorted([*sheet.body, *freed], key=lambda line: line.box.top),
    )


def add_drawn_boxes(page: Page, groups: Sequence[list[Rule]]) -> None:
    """Tick boxes drawn with rules become the character they stand for."""
    for box in boxes_of(groups):
        size = box.bottom - box.top
        middle = (box.top + box.bottom) / 2
        printed = any(
            g.text in "□☑☒" and abs(g.middle[0] - (box.x0 + box.x1) / 2) < size / 2
            and abs(g.middle[1] - middle) < size / 2
            for g in page.glyphs
        )  # fmt: skip
        if not printed:
            page.pieces.append(Glyph("□", box.x0, box.x1, middle + 0.36 * size, size))


def _is_page_border(table: Table, page: Page) -> bool:
    """A frame round the whole page is decoration, not a table."""
    box = table.box
    return (
        len(table.cells) == 1
        and box.x1 - box.x0 > 0.88 * page.frame.width
        and box.bottom - box.top > 0.88 * page.frame.height
    )


def _without_frames(tables: list[Table], page: Page) -> list[Table]:
    """The tables less what only frames a text: within a cell, behind a label on its line, or around
    each value of a page, as the boxes of a form that was filled on a screen and printed."""
    frames = [table for table in tables if len(table.cells) == 1]
    if len(frames) < FRAMES:
        whole = [table for table in tables if len(table.cells) > 1]
        frames = [
            frame
            for frame in frames
            if any(_is_within(frame, table) for table in whole) or _is_behind_label(frame, page)
        ]
    return [table for table in tables if table not in frames]


def _is_within(frame: Table, table: Table) -> bool:
    """Whether a frame lies inside one cell of a table."""
    x0, top, x1, bottom = frame.box
    return any(
        box.x0 <= x0 and box.top <= top and x1 <= box.x1 and bottom <= box.bottom
        for *_, box in table.cells
    )


def _is_behind_label(frame: Table, page: Page) -> bool:
    """Whether a frame as high as a line or two has a colon just before it."""
    x0, top, _, bottom = frame.box
    return any(
        g.text in ("：", ":")
        and top < g.middle[1] < bottom < top + 3 * g.size
        and -0.5 * g.size < x0 - g.x1 < g.size
        for g in page.glyphs
    )


def _mark_looks(page: Page, locators: Sequence[Locator]) -> None:
    """Notes which glyphs are underlined or stand on colour."""
    lines = [r for r in page.rules if r.horizontal and not _is_border(r, locators)]
    if not lines and not page.shades:
        return
    pieces: list[Piece] = []
    for piece in page.pieces:
        _, x0, x1, baseline, size, *_ = piece
        under = [
            line
            for line in lines
            if -0.5 <= line.at - baseline <= 0.3 * size
            and line.start - 1 <= x1
            and x0 <= line.end + 1
        ]
        over = [box for box in page.shades if box.x0 <= x1 and x0 <= box.x1]
        over = [box for box in over if box.top <= baseline and baseline - size <= box.bottom]
        if under or over:
            pieces += [_marked(glyph, under, over) for glyph in glyphs_of([piece])]
        else:
            pieces.append(piece)
    page.pieces = pieces


def _marked(glyph: Glyph, lines: Iterable[Rule], shades: Iterable[Box]) -> Glyph:
    x, y = glyph.middle
    under = any(line.start - 1 <= x <= line.end + 1 for line in lines)
    shade = any(box.x0 <= x <= box.x1 and box.top <= y <= box.bottom for box in shades)
    if not (under or shade):
        return glyph
    return glyph._replace(mark=glyph.mark or under, shade=glyph.shade or shade)


def _is_border(rule: Rule, locators: Sequence[Locator]) -> bool:
    """Whether a horizontal rule is a border of cells."""
    _, at, start, _ = rule
    for locator in locators:
        xs, ys = locator.xs, locator.ys
        if xs[0] - 4.0 <= start <= xs[-1]:
            next_below = bisect_left(ys, at - 3.0)
            if next_below < len(ys) and ys[next_below] <= at + 3.0:
                return True
    return False


def _deal(
    pieces: Sequence[Piece], tables: Sequence[Table], locators: Sequence[tuple[int, Locator]]
) -> tuple[list[list[list[Piece]]], list[Piece]]:
    """Deals text out to the cells in which they lie (the innermost), or to the body.

    Text that runs over a border unbroken (a name too long for its cell, beside an empty one)
    stays with the cell from which it runs.
    """
    cells: list[list[list[Piece]]] = [[[] for _ in table.cells] for table in tables]
    body: list[Piece] = []
    for run in pdf_lines.unbroken(pieces):
        start, end = run[0], run[-1]
        x = start.ends[0] if isinstance(start, Strip) else (start.x0 + start.x1) / 2
        first = last = _owner_at(x, start.baseline - 0.36 * start.size, locators)
        if start is not end or isinstance(start, Strip):
            x = end.ends[1] if isinstance(end, Strip) else (end.x0 + end.x1) / 2
            last = _owner_at(x, end.baseline - 0.36 * end.size, locators)
        if first == last:
            (body if first is None else cells[first[0]][first[1]]).extend(run)
            continue
        glyphs = glyphs_of(run)
        owners = [_owner_at(*_middle(glyph), locators) for glyph in glyphs]
        inside = [(g, owner) for g, owner in zip(glyphs, owners, strict=True) if owner is not None]
        if 2 * len(inside) >= len(glyphs):  # a 标点 may hang out of the table
            owners = [_source_of(inside, tables)] * len(glyphs)
        for glyph, owner in zip(glyphs, owners, strict=True):
            (body if owner is None else cells[owner[0]][owner[1]]).append(glyph)
    return cells, body


_Owner = tuple[int, int]


def _middle(glyph: Glyph) -> tuple[float, float]:
    return (glyph.x0 + glyph.x1) / 2, glyph.baseline - 0.36 * glyph.size


def _owner_at(x: float, y: float, locators: Sequence[tuple[int, Locator]]) -> _Owner | None:
    for table, locator in locators:
        index = locator.at(x, y)
        if index is not None:
            return table, index
    return None


def _source_of(run: Sequence[tuple[Glyph, _Owner]], tables: Sequence[Table]) -> _Owner:
    """The cell that text over several cells comes from: at whose border it begins or ends."""
    (start, first), (end, last) = run[0], run[-1]
    left = start.x0 - tables[first[0]].cells[first[1]].box.x0
    right = tables[last[0]].cells[last[1]].box.x1 - end.x1
    if min(left, right) > 1.2 * start.size:
        return run[len(run) // 2][1]  # centred, it runs over on both sides
    return first if left <= right else last


def unit_of(page: Page) -> float:
    """How much larger a page is than A4."""
    return max(page.frame.width, page.frame.height) / 842
