"""Header and footer of a PDF: what stands in the margins is no text of the form."""

from __future__ import annotations

import re
from collections import Counter

from pipeline.document import Paragraph, Place
from pipeline.read.pdf_lines import Line
from pipeline.read.pdf_page import Page
from pipeline.read.pdf_sheet import Sheet, unit_of

#: Text this near to the page's upper or lower edge can be header or footer; this and what follows
#: in points of a page as high as A4, others are printed larger or smaller.
HEAD_EDGE, FOOT_EDGE = 60.0, 90.0
#: A footer begins so near to the lower edge, and so far (in em) from what stands around it.
FOOTER, FOOTER_APART = 66.0, 2.5
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


def take_furniture(sheets: list[Sheet]) -> tuple[Paragraph, ...]:
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


def as_footer(line: Line, sheet: Sheet) -> bool:
    """Whether a line stands by itself in the lower margin, as a footer does that is on no other
    page: it may be one, or the end of what was written. A label and a date are no footer."""
    foot = sheet.page.frame.height - FOOTER * unit_of(sheet.page)
    if line.box.top < foot:
        return False
    if _SIGNED.search(line.text) and not _ADDRESSED.match(line.text):
        return False
    apart = FOOTER_APART * line.size
    others = [n.box for n in sheet.body if n is not line] + [t.box for t in sheet.tables]
    return bool(others) and all(
        box.bottom < line.box.top - apart or box.top > line.box.bottom + apart for box in others
    )


def _stands_apart(line: Line, sheet: Sheet) -> bool:
    """Whether no other line is close: the last figure of a number that wraps is no page number."""
    return all(
        other is line
        or max(other.box.top - line.box.bottom, line.box.top - other.box.bottom) > 0.4 * line.size
        for other in sheet.body
    )


def _at_edge(line: Line, page: Page) -> bool:
    unit = unit_of(page)
    return line.box.bottom < HEAD_EDGE * unit or line.box.top > page.frame.height - FOOT_EDGE * unit
