"""What is said of a PDF as a whole: scans, fonts without Unicode, damage, dynamic forms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.findings import Finding, in_ranges
from pipeline.read.pdf_page import Page
from pipeline.read.pdf_sheet import Sheet

#: Pages of one file that are read from their pictures: a long audit report among the forms must not
#: take the whole day.
MAX_SCANS = 60
#: A scan whose characters are mostly less sure than this cannot be trusted as a whole.
POOR = 0.8


def damage(name: str, *, damaged: bool) -> Iterator[Finding]:
    if damaged:
        message = (
            f"PDF 文件“{name}”有损坏，可能缺字缺页，读到的内容须逐项对照原件。"
            "请重新导出或重新发送。"
        )
        yield Finding("error", "damaged", "", message)


def findings_of(
    sheets: Sequence[Sheet], *, has_xfa: bool, scans: int = MAX_SCANS
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
