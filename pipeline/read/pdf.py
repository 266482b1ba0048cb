"""PDF with text → Document, by PDFium: what stands where decides, not the order in the file.

open → take each page apart → find its tables → lines of cells and of the body → paragraphs.
Pages that hold no text that could be read (scans, fonts without Unicode) are named in findings;
`pages_without_text` tells which they are.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from pipeline.document import Document, Source
from pipeline.errors import ProtectedError, UnreadableError, UnsafeError
from pipeline.findings import Finding
from pipeline.read import scan_engine
from pipeline.read.pdf_across import join_cut_rows, rule_lists
from pipeline.read.pdf_blocks import blocks_of
from pipeline.read.pdf_bounds import refuse_bombs
from pipeline.read.pdf_findings import MAX_SCANS, damage, findings_of
from pipeline.read.pdf_forms import add_annotations
from pipeline.read.pdf_furniture import take_furniture
from pipeline.read.pdf_page import Page, PartFrame
from pipeline.read.pdf_paint import load_page
from pipeline.read.pdf_rules import join_rules, touching_groups
from pipeline.read.pdf_sheet import Sheet, add_drawn_boxes, sheet_of
from pipeline.read.pdf_spread import pages_on
from pipeline.reading import uncollected

MAX_PAGES = 500
#: 200 inches, the limit of PDF 1.6 (ISO 32000-1, annex C).
MAX_SIDE = 14_400.0
#: The resolution at which pages are looked at as pictures, and the longest side of these, pixels.
SCAN_DPI = 200
SCAN_LONGEST = 3400


@uncollected()
def read(path: Path, source: Source, scans: int = MAX_SCANS) -> list[Document]:
    """The one Document of a PDF file; no more than `scans` pages are read from their pictures.

    Raises ProtectedError (asks for a password), UnreadableError (broken), UnsafeError (bounds).
    """
    damaged = refuse_bombs(path, source.file)
    with _opened(path, source.file) as pdf:
        sheets = _recognised(pdf, _sheets_of(pdf), scans)
        has_xfa = pdf.get_formtype() in (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
    findings = findings_of(sheets, has_xfa=has_xfa, scans=scans)
    return [_document(source, sheets, [*damage(source.file, damaged=damaged), *findings])]


def read_pictures(pictures: Iterable[tuple[Any, bool]], source: Source) -> Document:
    """The Document that pictures of pages make, as in a PDF of them: blue, green, red arrays, each
    with whether its file could hold colour."""
    sheets = [
        sheet_of(page_of_picture(picture, number, colour=colour), [])
        for number, (picture, colour) in enumerate(pictures, 1)
    ]
    return _document(source, sheets, findings_of(sheets, has_xfa=False))


def _document(source: Source, sheets: list[Sheet], findings: Iterable[Finding]) -> Document:
    furniture = take_furniture(sheets)
    rule_lists(sheets)
    join_cut_rows(sheets)
    blocks = tuple(blocks_of(sheets))
    fields = tuple(f for sheet in sheets for f in sheet.fields)
    return Document(source, blocks, furniture, fields, tuple(findings))


def pages_without_text(path: Path, name: str | None = None) -> tuple[int, ...]:
    """The pages (from 1) that must be read as pictures: scans, and text without Unicode."""
    refuse_bombs(path, name or path.name)
    with _opened(path, name or path.name) as pdf:
        sheets = _sheets_of(pdf)
    return tuple(dict.fromkeys(s.page.number for s in sheets if s.is_scan or s.is_unmapped))


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


def _recognised(pdf: Any, sheets: list[Sheet], scans: int) -> list[Sheet]:
    """The sheets, those without text read from their pictures, where the extra `ocr` is installed."""
    wanted = [i for i, sheet in enumerate(sheets) if sheet.is_scan or sheet.is_unmapped]
    if not wanted or not scan_engine.available():
        return sheets
    if pdf.formenv is None and pdf.get_formtype() != raw.FORMTYPE_NONE:
        pdf.init_forms()  # for what fields show
    seen = {i: _seen(pdf, sheets[i]) for i in wanted[:scans]}
    return [one for i, sheet in enumerate(sheets) for one in seen.get(i, [sheet])]


def _seen(pdf: Any, sheet: Sheet) -> list[Sheet]:
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
    return [sheet_of(page, [] if i else sheet.fields) for i, page in enumerate(pages)]


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


def _sheets_of(pdf: Any) -> list[Sheet]:
    """The pages of a file taken apart; where two stand on one, each is a sheet."""
    sheets: list[Sheet] = []
    for index in range(len(pdf)):
        source = pdf[index]
        try:
            page = load_page(source, index + 1)
            fields = add_annotations(page, source)
        finally:
            source.close()
        groups = touching_groups(join_rules(page.rules))
        add_drawn_boxes(page, groups)
        pages = pages_on(page)
        if len(pages) == 1:
            sheets.append(sheet_of(page, fields, groups))
        else:
            sheets += (sheet_of(one, [] if one.part else fields) for one in pages)
    return sheets
