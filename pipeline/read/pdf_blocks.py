"""The pages of a PDF as blocks: paragraphs and grids in reading order, and the pictures in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from pipeline.document import Block, Box, Cell, Doubt, Grid, Paragraph, Picture, Place, Scan
from pipeline.read import pdf_text
from pipeline.read.pdf_chars import UNMAPPED
from pipeline.read.pdf_furniture import as_footer
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import Image, Page
from pipeline.read.pdf_phrases import Bands, phrases_of
from pipeline.read.pdf_rules import Locator, Slot, Table
from pipeline.read.pdf_sheet import Sheet, area_of
from pipeline.read.pdf_text import Margins

#: What is said of a cell in which nothing of the writing could be recognised.
UNREAD = Doubt("scan-unread", "此处有字迹或印迹，但无法识别，请对照原件核对。", lost=True)
#: What is said of a line that stands as footers do, on one page only.
AS_FOOTER = Doubt("as-footer", "写在页面最下方，可能是页脚而不是填写的内容，请核对。")


def blocks_of(sheets: Sequence[Sheet]) -> list[Block]:
    """Paragraphs and grids in reading order; a paragraph may run over to the next page."""
    blocks: list[Block] = []
    counts: Counter[str] = Counter()
    by_key = {sheet.page.key: sheet for sheet in sheets}
    bands = {sheet.page.key: Bands(sheet.page, sheet.body) for sheet in sheets if sheet.body}
    for group in _groups(sheets):
        if isinstance(group, _TableOn):
            counts["table"] += 1
            blocks.append(_grid(group.sheet, group.at, counts["table"]))
            continue
        lone = len(group) == 1 and as_footer(group[0], by_key[group[0].page])
        doubt = AS_FOOTER if lone else None
        for block in pdf_text.paragraphs_of(group, _margins_for(group, sheets)):
            counts["paragraph"] += 1
            page = by_key[block.page].page
            sure, scan = _sureness_in(block, by_key)
            place = Place(
                page=page.number,
                paragraph=counts["paragraph"],
                box=page.frame.shown(block.box),
                confidence=sure,
                scan=scan,
                doubt=doubt,
            )
            phrases = phrases_of(block.lines, bands)
            blocks.append(Paragraph(block.runs, place, phrases=phrases))
    return _with_free_pictures(blocks, sheets)


class _TableOn(NamedTuple):
    """The nth table of a sheet."""

    sheet: Sheet
    at: int


def _groups(sheets: Sequence[Sheet]) -> Iterator[list[Line] | _TableOn]:
    """Tables, and the lines between two tables; pages of another width begin a new group, and what
    may be a footer is one."""
    lines: list[Line] = []
    width = 0.0
    for sheet in sheets:
        if lines and abs(width - sheet.page.frame.width) > 1.0:
            yield lines
            lines = []
        width = sheet.page.frame.width
        for item in _in_order(sheet):
            if isinstance(item, Line) and not as_footer(item, sheet):
                lines.append(item)
                continue
            yield lines
            lines = []
            yield [item] if isinstance(item, Line) else item
    yield lines


def _in_order(sheet: Sheet) -> list[Line | _TableOn]:
    items: list[tuple[float, int, Line | _TableOn]] = [
        (line.box.top, i, line) for i, line in enumerate(sheet.body)
    ]
    items += [(table.box.top, i, _TableOn(sheet, i)) for i, table in enumerate(sheet.tables)]
    return [item for _, _, item in sorted(items, key=lambda entry: entry[:2])]


def _margins_for(lines: Sequence[Line], sheets: Sequence[Sheet]) -> Margins:
    """The margins of the body on all pages as wide as the one where the lines stand, and set from
    the same place on: the parts of a file can come from several hands."""
    if not lines:
        return Margins(0.0, 0.0, 0.0)
    own = next(sheet for sheet in sheets if sheet.page.key == lines[0].page)
    width, left = own.page.frame.width, min(line.box.x0 for line in own.body)
    wide = [s.body for s in sheets if s.body and abs(s.page.frame.width - width) <= 1.0]
    alike = [body for body in wide if abs(min(n.box.x0 for n in body) - left) <= 3.0]
    chosen = alike if len(own.body) > 2 else wide  # a few lines need not begin at the margin
    return pdf_text.body_margins([line for body in chosen for line in body], width)


def _grid(sheet: Sheet, index: int, number: int) -> Grid:
    table, page = sheet.tables[index], sheet.page
    images: dict[int, list[Image]] = {}
    for image in page.images:
        owner = _owner(sheet, image)
        if owner is not None and owner[0] is table:
            images.setdefault(owner[1], []).append(image)
    cells = tuple(
        [
            _cell(page, slot, lines, number, images.get(i, ()))
            for i, (slot, lines) in enumerate(
                zip(table.cells, sheet.cell_lines[index], strict=True)
            )
        ]
    )
    place = Place(page=page.number, table=number, box=page.frame.shown(table.box))
    return Grid(table.rows, table.columns, cells, place)


def _cell(page: Page, slot: Slot, lines: list[Line], number: int, images: Sequence[Image]) -> Cell:
    row, column, rowspan, colspan, box = slot
    sure = 1.0 if not lines else lines[0].sure if len(lines) == 1 else _sureness(lines)
    doubt = UNREAD if page.scan and _is_unread(lines) else None
    place = _place((
        None, page.number, number, row + 1, column + 1, None, page.frame.shown(box), sure,
        page.scan, doubt,
    ))  # fmt: skip
    if not lines and not images:
        return Cell(row, column, rowspan, colspan, (), place)
    if len(lines) == 1 and not images and lines[0].is_plain:
        return Cell(row, column, rowspan, colspan, lines[0].text.strip(" "), place)
    blocks = pdf_text.paragraphs_of(lines, pdf_text.cell_margins(lines, box))
    if len(blocks) == 1:
        paragraphs = [Paragraph(blocks[0].runs, place)]
    else:
        paragraphs = [
            Paragraph(block.runs, _inside(place, i, page, block.box))
            for i, block in enumerate(blocks, 1)
        ]
    for image in images:
        if not paragraphs:
            paragraphs.append(Paragraph((), place))
        nearest = min(range(len(paragraphs)), key=lambda i: _distance(paragraphs[i], image, page))
        paragraphs[nearest] = _with_picture(paragraphs[nearest], image)
    return Cell(row, column, rowspan, colspan, tuple(paragraphs), place)


#: `Place._make` without its count of the parts.
_place = partial(tuple.__new__, Place)


def _inside(cell: Place, number: int, page: Page, box: Box) -> Place:
    """The place of the nth paragraph of a cell."""
    return Place(
        page=cell.page,
        table=cell.table,
        row=cell.row,
        column=cell.column,
        paragraph=number,
        box=page.frame.shown(box),
        confidence=cell.confidence,
        scan=cell.scan,
    )


def _is_unread(lines: Sequence[Line]) -> bool:
    """Whether nothing was recognised of the writing in a cell."""
    return bool(lines) and all(set(line.text.strip()) == {UNMAPPED} for line in lines)


def _sureness(lines: Iterable[Line]) -> float:
    """How sure the least sure of some lines is."""
    return min([line.sure for line in lines], default=1.0)


def _sureness_in(block: pdf_text.Block, sheets: Mapping[int, Sheet]) -> tuple[float, Scan | None]:
    """The same for a paragraph of the body, and whether one of its pages is a scan."""
    scans = (sheets[line.page].page.scan for line in block.lines)
    return _sureness(block.lines), next((scan for scan in scans if scan), None)


def _owner(sheet: Sheet, image: Image) -> tuple[Table, int] | None:
    """The cell in which a picture's middle lies."""
    x, y = (image.box.x0 + image.box.x1) / 2, (image.box.top + image.box.bottom) / 2
    for table in sorted(sheet.tables, key=lambda table: area_of(table.box)):
        index = Locator(table).at(x, y)
        if index is not None:
            return table, index
    return None


def _with_free_pictures(blocks: list[Block], sheets: Sequence[Sheet]) -> list[Block]:
    """Gives pictures outside tables to the nearest paragraph of their page, or one of their own."""
    for sheet in sheets:
        for image in sheet.page.images:
            if _owner(sheet, image) is not None:
                continue
            near = [
                (_distance(block, image, sheet.page), i)
                for i, block in enumerate(blocks)
                if isinstance(block, Paragraph) and block.place.page == sheet.page.number
            ]
            if near:
                i = min(near)[1]
                paragraph = blocks[i]
                assert isinstance(paragraph, Paragraph)
                blocks[i] = _with_picture(paragraph, image)
            else:
                place = Place(page=sheet.page.number, box=sheet.page.frame.shown(image.box))
                blocks.append(_with_picture(Paragraph((), place), image))
    return blocks


def _with_picture(paragraph: Paragraph, image: Image) -> Paragraph:
    picture = Picture(image.name, image.red)
    return replace(paragraph, pictures=(*paragraph.pictures, picture))


def _distance(paragraph: Paragraph, image: Image, page: Page) -> float:
    """From a picture's middle to a paragraph's box, in points."""
    box, shown = paragraph.place.box, page.frame.shown(image.box)
    if box is None:
        return 0.0
    x, y = (shown.x0 + shown.x1) / 2, (shown.top + shown.bottom) / 2
    across = max(box.x0 - x, 0.0, x - box.x1)
    down = max(box.top - y, 0.0, y - box.bottom)
    return across + 2.0 * down
