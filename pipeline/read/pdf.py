"""PDF with text → Document, by PDFium: what stands where decides, not the order in the file.

open → take each page apart → find its tables → lines of cells and of the body → paragraphs.
Pages that hold no text that could be read (scans, fonts without Unicode) are named in findings;
`pages_without_text` tells which they are.
"""

from __future__ import annotations

import importlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.document import (
    Block,
    Box,
    Cell,
    Document,
    Doubt,
    Field,
    Grid,
    Paragraph,
    Picture,
    Place,
    Scan,
    Source,
)
from pipeline.errors import ProtectedError, UnreadableError, UnsafeError
from pipeline.findings import Finding, in_ranges
from pipeline.read import pdf_text, scan_engine
from pipeline.read.pdf_bounds import refuse_bombs
from pipeline.read.pdf_chars import UNMAPPED
from pipeline.read.pdf_forms import add_annotations
from pipeline.read.pdf_join import doubt_last_row, is_printed_below, join_cut_row
from pipeline.read.pdf_page import TANGLED, Glyph, Image, Page, PartFrame, Piece, Strip, glyphs_of
from pipeline.read.pdf_paint import load_page
from pipeline.read.pdf_phrases import Bands, phrases_of
from pipeline.read.pdf_rules import (
    Locator,
    Rule,
    Slot,
    Table,
    boxes_of,
    join_rules,
    tables_of,
    touching_groups,
)
from pipeline.read.pdf_spread import pages_on
from pipeline.read.pdf_text import Line, Margins
from pipeline.read.pdf_unruled import Columns, undrawn_rules
from pipeline.reading import uncollected

MAX_PAGES = 500
#: 200 inches, the limit of PDF 1.6 (ISO 32000-1, annex C).
MAX_SIDE = 14_400.0
#: A page with more unmapped characters than this share cannot be trusted.
UNMAPPED_SHARE = 0.2
#: Less text than this over a whole-page picture is a scan with something typed on it.
SCAN_TEXT = 50
#: Pages of one file that are read from their pictures, at this resolution and size (in points and
#: pixels); a long audit report among the forms must not take the whole day.
MAX_SCANS = 60
SCAN_DPI = 200
SCAN_LONGEST = 3400
#: What is said of a cell in which nothing of the writing could be recognised.
UNREAD = Doubt("scan-unread", "此处有字迹或印迹，但无法识别，请对照原件核对。", lost=True)
#: A scan whose characters are mostly less sure than this cannot be trusted as a whole.
POOR = 0.8
#: Text this near to the page's upper or lower edge can be header or footer; this and what follows
#: in points of a page as high as A4, others are printed larger or smaller.
HEAD_EDGE, FOOT_EDGE = 60.0, 90.0
#: A footer begins so near to the lower edge, and so far (in em) from what stands around it.
FOOTER, FOOTER_APART = 66.0, 2.5
#: So many tables of one cell on a page are no tables but frames.
FRAMES = 6
#: A box with so many rows, or so many texts on a line, is a list or a form with level rules only.
BOX_ROWS, BOX_TEXTS = 3, 4
#: What is said of a line that stands as footers do, on one page only.
AS_FOOTER = Doubt("as-footer", "写在页面最下方，可能是页脚而不是填写的内容，请核对。")

_SIGNED = re.compile(r"：|:(?!//)|\d{4}|年.*月")
#: With these a footer says where an office is to be found.
_ADDRESSED = re.compile(r"\s*(?:联系电话|电话|传真|网址|邮编|邮政编码|地址|E-?mail)", re.IGNORECASE)
#: What browsers print at the edges: the time and the address.
_BROWSED = re.compile(
    r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4},?\s*(?:[上下]午\s*)?\d{1,2}:\d{2}.*|(?:file|https?)://.*"
)
_PAGE_NUMBER = re.compile(
    r"[-—–－\s]*(?:第\s*)?\d{1,3}(?:\s*页)?(?:\s*[/／,，、]?\s*(?:共\s*)?\d{1,3}(?:\s*页)?)?[-—–－\s]*"
)
#: The number of the page within a header or footer, which else is the same on every page.
_NUMBER_IN = re.compile(r"第\s*\d{1,3}\s*页|\d{1,3}\s*[/／]\s*\d{1,3}|(?<!\S)\d{1,3}(?!\S)")


@uncollected()
def read(path: Path, source: Source, scans: int = MAX_SCANS) -> list[Document]:
    """The one Document of a PDF file; no more than `scans` pages are read from their pictures.

    Raises ProtectedError (asks for a password), UnreadableError (broken), UnsafeError (bounds).
    """
    damaged = refuse_bombs(path, source.file)
    with _opened(path, source.file) as pdf:
        sheets = _recognised(pdf, _sheets_of(pdf), scans)
        has_xfa = pdf.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
    findings = _findings(sheets, has_xfa=has_xfa, scans=scans)
    return [_document(source, sheets, [*_damage(source.file, damaged=damaged), *findings])]


def read_pictures(pictures: Iterable[tuple[Any, bool]], source: Source) -> Document:
    """The Document that pictures of pages make, as in a PDF of them: blue, green, red arrays, each
    with whether its file could hold colour."""
    sheets = [
        _sheet_of(page_of_picture(picture, number, colour=colour), [])
        for number, (picture, colour) in enumerate(pictures, 1)
    ]
    return _document(source, sheets, _findings(sheets, has_xfa=False))


def _document(source: Source, sheets: list[_Sheet], findings: Iterable[Finding]) -> Document:
    furniture = _take_furniture(sheets)
    _rule_lists(sheets)
    _join_cut_rows(sheets)
    blocks = tuple(_blocks(sheets))
    fields = tuple(f for sheet in sheets for f in sheet.fields)
    return Document(source, blocks, furniture, fields, tuple(findings))


def pages_without_text(path: Path, name: str | None = None) -> tuple[int, ...]:
    """The pages (from 1) that must be read as pictures: scans, and text without Unicode."""
    refuse_bombs(path, name or path.name)
    with _opened(path, name or path.name) as pdf:
        sheets = _sheets_of(pdf)
    return tuple(dict.fromkeys(s.page.number for s in sheets if s.is_scan or s.is_unmapped))


# -- opening ----------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    try:
        pdf = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            raise ProtectedError(
                f"PDF 文件“{name}”设有打开密码，无法读取。", remedy="请取消密码后重新提交。"
            ) from error
        raise _broken(name) from error
    try:
        _check_bounds(pdf, name)
        yield pdf
    except pdfium.PdfiumError as error:
        raise _broken(name) from error
    finally:
        pdf.close()


def _broken(name: str) -> UnreadableError:
    return UnreadableError(
        f"PDF 文件“{name}”已损坏或不完整，无法读取。", remedy="请重新导出或重新发送。"
    )


def _check_bounds(pdf: Any, name: str) -> None:
    if len(pdf) == 0:
        raise _broken(name)
    if len(pdf) > MAX_PAGES:
        raise UnsafeError(
            f"PDF 文件“{name}”有 {len(pdf)} 页，超过 {MAX_PAGES} 页的上限。",
            remedy="请拆分后重新提交。",
        )
    for index in range(len(pdf)):
        width, height = pdf.get_page_size(index)
        if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
            raise UnsafeError(
                f"PDF 文件“{name}”第 {index + 1} 页的页面尺寸不正常。",
                remedy="请按 A4 纸重新导出。",
            )


# -- one page ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sheet:
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


# -- pages that are pictures ------------------------------------------------------------------


def _recognised(pdf: Any, sheets: list[_Sheet], scans: int) -> list[_Sheet]:
    """The sheets, those without text read from their pictures, where the extra `ocr` is installed."""
    wanted = [i for i, sheet in enumerate(sheets) if sheet.is_scan or sheet.is_unmapped]
    if not wanted or not scan_engine.available():
        return sheets
    if pdf.formenv is None and pdf.get_formtype() != raw.FORMTYPE_NONE:
        pdf.init_forms()  # for what fields show
    seen = {i: _seen(pdf, sheets[i]) for i in wanted[:scans]}
    return [one for i, sheet in enumerate(sheets) for one in seen.get(i, [sheet])]


def _seen(pdf: Any, sheet: _Sheet) -> list[_Sheet]:
    """What the picture of a sheet shows: one sheet, or two that lie side by side."""
    source = pdf[sheet.page.number - 1]
    try:
        scale = min(SCAN_DPI / 72, SCAN_LONGEST / max(source.get_size()))
        picture, colour = picture_of(source, scale), _holds_colour(source)
    finally:
        source.close()
    part = isinstance(sheet.page.frame, PartFrame)
    pages: list[Page] = importlib.import_module("pipeline.read.scan_page").pages_of(
        picture,
        sheet.page.number,
        colour=colour,
        scale=1 / scale,
        within=sheet.page.frame.shown(sheet.page.box) if part else None,
    )
    if part:
        pages[0].part = sheet.page.part
    return [_sheet_of(page, [] if i else sheet.fields) for i, page in enumerate(pages)]


def picture_of(page: Any, scale: float) -> Any:
    """A page as it looks, at `scale` pixels a point."""
    return page.render(scale=scale, draw_annots=True, rev_byteorder=False).to_numpy()[..., :3]


def _holds_colour(page: Any) -> bool:
    """Whether any picture on a page is stored in colours and not in greys."""
    images = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    metas = [image.get_metadata() for image in images]
    return not metas or any(
        m.bits_per_pixel > 8 and m.colorspace != raw.FPDF_COLORSPACE_DEVICEGRAY for m in metas
    )


def page_of_picture(picture: Any, number: int, *, colour: bool) -> Page:
    """What a picture of a page shows; the module that sees needs the extra `ocr`."""
    module = importlib.import_module("pipeline.read.scan_page")
    page: Page = module.page_of(picture, number, colour=colour)
    return page


def pages_in(picture: Any) -> list[Any]:
    """The pages that a picture shows: two where they lie side by side."""
    module = importlib.import_module("pipeline.read.scan_turn")
    return [page for page, _ in module.pages_in(picture)]


def _mostly_pictures(page: Page) -> bool:
    area = sum(_area(image.box) for image in page.images)
    return area > 0.3 * page.frame.width * page.frame.height


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.bottom - box.top)


def _sheets_of(pdf: Any) -> list[_Sheet]:
    """The pages of a file taken apart; where two stand on one, each is a sheet."""
    sheets: list[_Sheet] = []
    for index in range(len(pdf)):
        source = pdf[index]
        try:
            page = load_page(source, index + 1)
            fields = add_annotations(page, source)
        finally:
            source.close()
        groups = touching_groups(join_rules(page.rules))
        _add_drawn_boxes(page, groups)
        pages = pages_on(page)
        if len(pages) == 1:
            sheets.append(_sheet_of(page, fields, groups))
        else:
            sheets += (_sheet_of(one, [] if one.part else fields) for one in pages)
    return sheets


def _sheet_of(
    page: Page, fields: list[Field], groups: Sequence[list[Rule]] | None = None
) -> _Sheet:
    """A page's tables with the text in them, and its body; `groups` are its rules, joined and
    grouped by what touches, where that is known."""
    if groups is None:
        groups = touching_groups(join_rules(page.rules))
    tables = [table for table in tables_of(groups) if not _is_page_border(table, page)]
    tables = _without_frames(tables, page)
    inner_first = sorted(range(len(tables)), key=lambda i: _area(tables[i].box))
    locators = [(i, Locator(tables[i])) for i in inner_first]
    _mark_looks(page, [locator for _, locator in locators])
    sheet = _Sheet(page, tables, fields=fields)
    key = page.key
    cells, body = _deal(page.pieces, tables, locators)
    sheet.cell_lines = [
        [pdf_text.lines_of(pieces, key) if pieces else [] for pieces in table] for table in cells
    ]
    sheet.body = pdf_text.lines_of(body, key)
    boxes = [i for i, table in enumerate(tables) if _is_box(table, sheet.cell_lines[i])]
    return _sheet_without(sheet, boxes) if boxes else sheet


def _is_box(table: Table, cells: Sequence[list[Line]]) -> bool:
    """Whether a table is but a box with level rules: one column, whose rows hold texts beside each
    other."""
    if table.columns > 1:
        return False
    beside = [max(map(pdf_text.texts_on, lines), default=0) for lines in cells]
    least = 2 if table.rows >= BOX_ROWS else BOX_TEXTS
    return 2 * sum(count >= least for count in beside) >= table.rows


def _sheet_without(sheet: _Sheet, boxes: Sequence[int]) -> _Sheet:
    """The sheet with the text of some tables in its body."""
    freed = [n for i in boxes for lines in sheet.cell_lines[i] for n in lines]
    kept = [i for i in range(len(sheet.tables)) if i not in boxes]
    return replace(
        sheet,
        tables=[sheet.tables[i] for i in kept],
        cell_lines=[sheet.cell_lines[i] for i in kept],
        body=sorted([*sheet.body, *freed], key=lambda line: line.box.top),
    )


def _add_drawn_boxes(page: Page, groups: Sequence[list[Rule]]) -> None:
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
    for run in pdf_text.unbroken(pieces):
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


# -- header and footer ------------------------------------------------------------------------


def _take_furniture(sheets: list[_Sheet]) -> tuple[Paragraph, ...]:
    """Takes page numbers, and what stands at the same edge of several pages, out of the bodies."""
    edge_texts = Counter(
        _at_height(line) for s in sheets for line in s.body if _at_edge(line, s.page)
    )
    taken: list[Paragraph] = []
    for sheet in sheets:
        kept: list[Line] = []
        for line in sheet.body:
            text = line.text.strip()
            number = _PAGE_NUMBER.fullmatch(text)
            if _at_edge(line, sheet.page) and (
                (number and _stands_apart(line, sheet))
                or (not number and edge_texts[_at_height(line)] > 1)
                or _BROWSED.fullmatch(text)
            ):
                place = Place(page=sheet.page.number, box=sheet.page.frame.shown(line.box))
                taken.append(Paragraph(line.runs, place))
            else:
                kept.append(line)
        sheet.body = kept
    return tuple(taken)


def _at_height(line: Line) -> tuple[str, int]:
    """What stands on a line, but for the number of the page, and about where."""
    return _NUMBER_IN.sub("#", line.text.strip()), round(line.box.top / 6)


def _as_footer(line: Line, sheet: _Sheet) -> bool:
    """Whether a line stands by itself in the lower margin, as a footer does that is on no other
    page: it may be one, or the end of what was written. A label and a date are no footer."""
    foot = sheet.page.frame.height - FOOTER * _unit(sheet.page)
    if line.box.top < foot:
        return False
    if _SIGNED.search(line.text) and not _ADDRESSED.match(line.text):
        return False
    apart = FOOTER_APART * line.size
    others = [n.box for n in sheet.body if n is not line] + [t.box for t in sheet.tables]
    return bool(others) and all(
        box.bottom < line.box.top - apart or box.top > line.box.bottom + apart for box in others
    )


def _stands_apart(line: Line, sheet: _Sheet) -> bool:
    """Whether no other line is close: the last figure of a number that wraps is no page number."""
    return all(
        other is line
        or max(other.box.top - line.box.bottom, line.box.top - other.box.bottom) > 0.4 * line.size
        for other in sheet.body
    )


def _at_edge(line: Line, page: Page) -> bool:
    unit = _unit(page)
    return line.box.bottom < HEAD_EDGE * unit or line.box.top > page.frame.height - FOOT_EDGE * unit


def _unit(page: Page) -> float:
    """How much larger a page is than A4."""
    return max(page.frame.width, page.frame.height) / 842


# -- lists without rules ----------------------------------------------------------------------


def _rule_lists(sheets: list[_Sheet]) -> None:
    """Puts the rules on pages that show a list without them, and reads these again."""
    columns: Columns | None = None
    upper: _Sheet | None = None
    for sheet in sheets:
        page, found = sheet.page, None
        if not sheet.tables:
            found = undrawn_rules(sheet.body, page.rules, page.frame.width, columns)
            lost = columns and not found and sheet.body and columns.go_on(sheet.body)
            if upper is not None and (lost or (found and found.doubts_before)):
                doubt_last_row((upper.tables[-1], upper.cell_lines[-1]))
        columns, upper = (found.columns, sheet) if found else (None, None)
        if found:
            glyphs = _in_file_order(sheet, found.doubtful)
            ruled = replace(page, pieces=list(glyphs), rules=[*page.rules, *found.rules])
            again = _sheet_of(ruled, sheet.fields)
            sheet.tables, sheet.cell_lines, sheet.body = again.tables, again.cell_lines, again.body


def _in_file_order(sheet: _Sheet, doubtful: frozenset[int]) -> list[Glyph]:
    """The glyphs of a page's body in the order of the file, those of doubtful lines less sure."""
    order = {id(glyph): i for i, glyph in enumerate(sheet.page.glyphs)}
    last = len(order)
    placed = [
        (order.get(id(glyph), last), glyph._replace(sure=TANGLED) if i in doubtful else glyph)
        for i, line in enumerate(sheet.body)
        for glyph in line.row
    ]
    return [glyph for _, glyph in sorted(placed, key=lambda item: item[0])]


# -- rows over two pages ----------------------------------------------------------------------


def _join_cut_rows(sheets: Sequence[_Sheet]) -> None:
    """Makes rows whole that a page break cuts; a table left without rows is taken away."""
    upper: _Sheet | None = None
    for sheet in sheets:
        _join_below(sheet)
        if upper is not None and _follows_on(upper, sheet):
            last = (upper.tables[-1], upper.cell_lines[-1])
            rest = join_cut_row(last, (sheet.tables[0], sheet.cell_lines[0]))
            if rest is not None:
                sheet.tables[0], sheet.cell_lines[0] = rest
                if not rest[0].cells:
                    del sheet.tables[0], sheet.cell_lines[0]
                    if not sheet.tables and not sheet.body:
                        continue  # the row may go on over a third page
        upper = sheet


def _join_below(sheet: _Sheet) -> None:
    """The same where two pages stand below each other on one, each with its part of a list."""
    order = sorted(range(len(sheet.tables)), key=lambda i: sheet.tables[i].box.top)
    left: list[int] = []
    for i in order:
        own = (sheet.tables[i], sheet.cell_lines[i])
        if left:
            above = (sheet.tables[left[-1]], sheet.cell_lines[left[-1]])
            rest = join_cut_row(above, own) if is_printed_below(above, own) else None
            if rest is not None:
                sheet.tables[i], sheet.cell_lines[i] = rest
        if sheet.tables[i].cells:
            left.append(i)
    if len(left) < len(order):
        kept = sorted(left)
        sheet.tables = [sheet.tables[i] for i in kept]
        sheet.cell_lines = [sheet.cell_lines[i] for i in kept]


def _follows_on(upper: _Sheet, sheet: _Sheet) -> bool:
    """Whether nothing stands between the last table of one page and the first of the next, but
    in the margins."""
    if not upper.tables or not sheet.tables:
        return False
    end, start = upper.tables[-1].box.bottom, sheet.tables[0].box.top
    foot = upper.page.frame.height - FOOTER * _unit(upper.page)
    head = HEAD_EDGE * _unit(sheet.page)
    return all(line.box.top < end or line.box.top > foot for line in upper.body) and all(
        line.box.top > start or line.box.bottom < head for line in sheet.body
    )


# -- blocks -----------------------------------------------------------------------------------


def _blocks(sheets: Sequence[_Sheet]) -> list[Block]:
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
        lone = len(group) == 1 and _as_footer(group[0], by_key[group[0].page])
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

    sheet: _Sheet
    at: int


def _groups(sheets: Sequence[_Sheet]) -> Iterator[list[Line] | _TableOn]:
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
            if isinstance(item, Line) and not _as_footer(item, sheet):
                lines.append(item)
                continue
            yield lines
            lines = []
            yield [item] if isinstance(item, Line) else item
    yield lines


def _in_order(sheet: _Sheet) -> list[Line | _TableOn]:
    items: list[tuple[float, int, Line | _TableOn]] = [
        (line.box.top, i, line) for i, line in enumerate(sheet.body)
    ]
    items += [(table.box.top, i, _TableOn(sheet, i)) for i, table in enumerate(sheet.tables)]
    return [item for _, _, item in sorted(items, key=lambda entry: entry[:2])]


def _margins_for(lines: Sequence[Line], sheets: Sequence[_Sheet]) -> Margins:
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


def _grid(sheet: _Sheet, index: int, number: int) -> Grid:
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


def _sureness_in(block: pdf_text.Block, sheets: Mapping[int, _Sheet]) -> tuple[float, Scan | None]:
    """The same for a paragraph of the body, and whether one of its pages is a scan."""
    scans = (sheets[line.page].page.scan for line in block.lines)
    return _sureness(block.lines), next((scan for scan in scans if scan), None)


# -- pictures ---------------------------------------------------------------------------------


def _owner(sheet: _Sheet, image: Image) -> tuple[Table, int] | None:
    """The cell in which a picture's middle lies."""
    x, y = (image.box.x0 + image.box.x1) / 2, (image.box.top + image.box.bottom) / 2
    for table in sorted(sheet.tables, key=lambda table: _area(table.box)):
        index = Locator(table).at(x, y)
        if index is not None:
            return table, index
    return None


def _with_free_pictures(blocks: list[Block], sheets: Sequence[_Sheet]) -> list[Block]:
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


# -- findings ---------------------------------------------------------------------------------


def _damage(name: str, *, damaged: bool) -> Iterator[Finding]:
    if damaged:
        message = (
            f"PDF 文件“{name}”有损坏，可能缺字缺页，读到的内容须逐项对照原件。"
            "请重新导出或重新发送。"
        )
        yield Finding("error", "damaged", "", message)


def _findings(
    sheets: Sequence[_Sheet], *, has_xfa: bool, scans: int = MAX_SCANS
) -> Iterator[Finding]:
    unmapped = [sheet.page.number for sheet in sheets if sheet.is_unmapped]
    pictures = [s.page.number for s in sheets if s.is_scan and not s.is_unmapped]
    mend = "请安装识别组件（pip install 'pipeline[ocr]'）后重读，或请对方重新提交 docx 原件。"
    if any(sheet.page.scan for sheet in sheets):
        mend = f"一个文件最多识别 {MAX_SCANS} 页，请拆分后重新提交。"
    if unmapped:
        message = (
            f"{_page_list(unmapped)}的字体没有文字编码，复制出来是乱码，须按扫描件识别。{mend}"
        )
        yield Finding("error", "no-unicode-map", "", message)
    if pictures:
        message = f"{_page_list(pictures)}是扫描件或图片，没有可读取的文字。{mend}"
        if scans < MAX_SCANS and len(pictures) < len(sheets):
            message = (
                f"{_page_list(pictures)}是扫描件或图片，没有识别（按文件名只识别前 {scans} 页）；"
                "其中如有附件表格，请另外单独提交。"
            )
        yield Finding("error", "scan", "", message)
    read = [sheet.page.number for sheet in sheets if sheet.page.scan]
    if read:
        message = f"{_page_list(read)}是扫描件或图片，文字由程序识别，存疑之处已逐项指出。"
        yield Finding("info", "scan-read", "", message)
    poor = [sheet.page.number for sheet in sheets if sheet.page.scan and _is_poor(sheet.page)]
    if poor:
        message = f"{_page_list(poor)}字迹不清，识别很不可靠。请以 200 dpi 以上平整扫描后重新提交。"
        yield Finding("warning", "scan-poor", "", message)
    lost = sum(sheet.page.unmapped for sheet in sheets if not sheet.is_unmapped)
    if lost:
        message = f"有 {lost} 个字没有文字编码，读出为“\ufffd”。请对照原件核对这些字。"
        yield Finding("warning", "unmapped-characters", "", message)
    if has_xfa:
        message = "这是 XFA 动态表单，页面上的内容可能不是所填内容。请打印为普通 PDF 或提交 docx。"
        yield Finding("error", "xfa", "", message)


def _is_poor(page: Page) -> bool:
    """Whether half of what was recognised on a page is doubtful."""
    sure = sorted(glyph.sure for glyph in page.glyphs)
    return bool(sure) and sure[len(sure) // 2] < POOR


def _page_list(pages: Sequence[int]) -> str:
    return f"第{in_ranges(pages)}页"
