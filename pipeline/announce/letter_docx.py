"""A letter as a Word file, for the office's own red-head paper.

The same content as the PDF with the office's own fonts named (`fonts.EXPECTED`), styled so that an
official can go on editing. The red mark and rule are on the paper: the file leaves them their
room and prints the number where it belongs. Line and page breaks are Word's; 版记 stands at the
foot of the last page, whose being even is for the official to see to.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt

from pipeline.announce import docx_parts as word
from pipeline.announce.blocks import MARK_DROP, MARK_SIZE, heading
from pipeline.announce.fonts import FontSet, Role
from pipeline.announce.letter import Imprint, Letter, Listing, Table, annex_mark, whole_names
from pipeline.announce.lines import Span, set_paragraph, text_width, type_of
from pipeline.announce.page import (
    CELL,
    HEIGHT,
    INNER,
    MM,
    PAGE_HEIGHT,
    PAGE_NUMBER_DROP,
    PAGE_WIDTH,
    PITCH,
    SIZE_2,
    SIZE_3,
    SIZE_4,
    TOP,
    WIDTH,
    body_type,
    grid_line,
)
from pipeline.announce.titles import break_title

#: The styles: face, size, justification, first-line indent in characters.
STYLES: dict[str, tuple[Role, float, str, int]] = {
    "公文标题": ("小标宋", SIZE_2, "center", 0),
    "公文正文": ("仿宋", SIZE_3, "both", 2),
    "公文顶格": ("仿宋", SIZE_3, "both", 0),
    "公文署名": ("仿宋", SIZE_3, "right", 0),
    "公文居中": ("仿宋", SIZE_3, "center", 0),
    "附件标记": ("黑体", SIZE_3, "left", 0),
    "表头": ("黑体", 12.0, "center", 0),
    "表格": ("仿宋", 12.0, "center", 0),
    "版记": ("仿宋", SIZE_4, "left", 1),
    "页码": ("宋体", SIZE_4, "left", 0),
}
KEEP = "<w:keepNext/>"
#: Styles whose lines are as high as their text, not those of the grid.
LOOSE = frozenset({"表头", "表格", "页码"})
#: More characters than this no property of a Word file has.
LONGEST_PROPERTY = 255
#: The dash of a page number lies 7 mm below the 版心; Word counts from the page's foot.
FOOTER_DISTANCE = PAGE_HEIGHT - TOP - HEIGHT - 9.5 * MM
#: The box of a landscape page's number: its left, top, width and height on the turned page.
TURNED_NUMBER = (
    PAGE_HEIGHT - TOP - HEIGHT - PAGE_NUMBER_DROP - SIZE_4,
    INNER + SIZE_4,
    2 * SIZE_4,
    WIDTH - 2 * SIZE_4,
)


def letter_docx(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> bytes:
    """The letter as docx; the same letter gives the same bytes."""
    document = Document()
    _styles(document)
    _page(document.sections[0], landscape=False)
    document.settings.odd_and_even_pages_header_footer = True
    _footers(document.sections[0])
    end = document.element.body.sectPr
    terms = terms | whole_names(letter, fonts)
    for xml in _letter(letter, fonts, terms):
        end.addprevious(_parsed(xml))
    if letter.listing:
        _listing(document, letter, letter.listing, fonts, terms)
    if letter.imprint:
        _imprint(document, letter.imprint, fonts)
    _properties(document, letter)
    out = io.BytesIO()
    document.save(out)
    return word.same_bytes(out.getvalue())


def _properties(document: Any, letter: Letter) -> None:
    properties = document.core_properties
    properties.title = letter.title.replace("|", "")[:LONGEST_PROPERTY]
    properties.author = letter.issuer[:LONGEST_PROPERTY]
    properties.subject = letter.number[:LONGEST_PROPERTY]
    properties.comments = ""
    properties.created = properties.modified = datetime(2000, 1, 1)


# --- page and styles ------------------------------------------------------------------------


def _page(section: Any, *, landscape: bool) -> None:
    """The 版心 of GB/T 9704 §5.2.1; a landscape page is turned with its head at the binding edge."""
    right, bottom = PAGE_WIDTH - INNER - WIDTH, PAGE_HEIGHT - TOP - HEIGHT
    margins = (INNER, bottom, right, TOP) if landscape else (TOP, INNER, bottom, right)
    sides = ("top_margin", "left_margin", "bottom_margin", "right_margin")
    for side, margin in zip(sides, margins, strict=True):
        setattr(section, side, Pt(margin))
    size = (PAGE_HEIGHT, PAGE_WIDTH) if landscape else (PAGE_WIDTH, PAGE_HEIGHT)
    section.page_width, section.page_height = (Pt(side) for side in size)
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.footer_distance = Pt(FOOTER_DISTANCE if not landscape else right - 9.5 * MM)


def _styles(document: Any) -> None:
    for name, (role, size, align, indented) in STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = None
        style.quick_style = True
        pitch = word.IMPRINT_LINE if name == "版记" else PITCH
        lead = "" if name in LOOSE else f" w:line='{word.twips(pitch)}' w:lineRule='exact'"
        first = (
            f"<w:ind w:firstLine='{word.twips(indented * CELL)}' w:firstLineChars='{indented}00'/>"
        )
        style.element.append(
            parse_xml(
                f"<w:pPr {nsdecls('w')}><w:kinsoku/><w:overflowPunct w:val='0'/>"
                f"<w:autoSpaceDE/><w:autoSpaceDN/><w:snapToGrid w:val='0'/>"
                f"<w:spacing w:before='0' w:after='0'{lead}/>"
                f"{first if indented else ''}<w:jc w:val='{align}'/></w:pPr>"
            )
        )
        style.element.append(
            parse_xml(
                f"<w:rPr {nsdecls('w')}>{word.fonts_xml(role)}<w:sz w:val='{round(size * 2)}'/>"
                f"<w:szCs w:val='{round(size * 2)}'/><w:lang w:val='en-US' w:eastAsia='zh-CN'/></w:rPr>"
            )
        )


def _footers(section: Any, *, landscape: bool = False) -> None:
    """— 1 —: right on odd pages and left on even ones, one character in (§7.5); on a landscape page
    where it stands on the others, turned with the paper (§7.3.7)."""
    number = word.page_field("— ", " —")
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        element = footer._element
        for paragraph in element.findall(qn("w:p")):
            element.remove(paragraph)
        if landscape:
            element.append(_parsed(word.turned(number, "页码", align, *TURNED_NUMBER)))
            element.append(_parsed(word.paragraph("", "页码")))
        else:
            properties = word.indent(left=SIZE_4, right=SIZE_4) + f"<w:jc w:val='{align}'/>"
            element.append(_parsed(word.paragraph(number, "页码", properties)))


def _parsed(xml: str) -> Any:
    """An element with the namespace that its text leaves unsaid."""
    name, rest = xml[:6], xml[6:]
    return parse_xml(
        f"{name} {nsdecls('w')}{rest}" if name == "<w:tbl" else f"<w:p {nsdecls('w')}{xml[4:]}"
    )


# --- the letter -----------------------------------------------------------------------------


def _letter(letter: Letter, fonts: FontSet, terms: frozenset[str]) -> Iterator[str]:
    if letter.mark:
        yield from _head(letter)
    yield _title(letter.title, fonts, terms)
    if letter.subtitle:
        yield word.paragraph(word.run(letter.subtitle), "公文居中")
    yield _blank()
    if letter.addressees:
        yield word.paragraph(word.run("，".join(letter.addressees) + "："), "公文顶格")
    yield from _body(letter.paragraphs)
    yield from _enclosures(letter.enclosed)
    if letter.issuer:
        yield from _signature(letter, fonts)
    if letter.remark:
        keep = KEEP if letter.receipt else ""
        yield word.paragraph(word.run(f"（{letter.remark}）"), "公文正文", keep)
    yield from _receipt(letter.receipt)


def _head(letter: Letter) -> Iterator[str]:
    """Room for the printed mark, the number on its line, two lines down to the title. A paragraph
    and not mere space above: at a page's top Word drops that."""
    room = grid_line(MARK_DROP + MARK_SIZE + 2 * PITCH)
    exact = f"<w:spacing w:line='{word.twips(room)}' w:lineRule='exact'/>"
    yield word.paragraph("", "公文居中", exact)
    if letter.signer:
        tabs = f"<w:tabs><w:tab w:val='right' w:pos='{word.twips(WIDTH - CELL)}'/></w:tabs>"
        runs = word.run(letter.number) + "<w:r><w:tab/></w:r>" + word.run("签发人：")
        runs += word.run(letter.signer, "楷体")
        yield word.paragraph(runs, "公文顶格", tabs + word.indent(left=CELL))
    else:
        yield word.paragraph(word.run(letter.number), "公文居中")
    for _ in range(3):
        yield _blank()


def _title(text: str, fonts: FontSet, terms: frozenset[str], width: float = WIDTH) -> str:
    lines = break_title(text, type_of(fonts, "小标宋", SIZE_2), width, terms)
    return word.paragraph(word.run("\n".join(lines)), "公文标题")


def _blank() -> str:
    return word.paragraph("", "公文顶格", KEEP)


def _body(parts: Sequence[str | Table]) -> Iterator[str]:
    for number, part in enumerate(parts, 1):
        if isinstance(part, Table):
            yield word.table(part.columns, part.rows, part.size, WIDTH)
            continue
        head, role = heading(part)
        runs = word.run(head, role) if head else ""
        # A heading stays with its text, and the end of the body with the signature.
        keep = KEEP if head == part or number == len(parts) else ""
        yield word.paragraph(runs + word.run(part[len(head) :]), "公文正文", keep)


def _enclosures(names: Sequence[str]) -> Iterator[str]:
    if names:
        yield _blank()
    for number, name in enumerate(names, 1):
        label = "附件：" if number == 1 else "　　　"
        label += f"{number}. " if len(names) > 1 else ""
        hanging = (4.25 if len(names) > 1 else 3) * CELL
        place = KEEP + word.indent(left=2 * CELL + hanging, hanging=hanging)
        yield word.paragraph(word.run(label + name), "公文顶格", place)


def _signature(letter: Letter, fonts: FontSet) -> Iterator[str]:
    """As `blocks.signature`: issuer centred over a date four characters in, below a seal's room."""
    body = body_type(fonts)
    name, date_ = text_width(letter.issuer, body), text_width(letter.dated, body)
    if letter.sealed:
        date_in = 4 * CELL
        name_in = max(0.0, date_in + (date_ - name) / 2)
    else:
        wide = max(name, date_ + 2 * CELL)
        name_in, date_in = 2 * CELL + wide - name, wide - date_
    yield _blank()
    if letter.sealed:
        yield _blank()
    for text, inset in ((letter.issuer, name_in), (letter.dated, date_in)):
        keep = KEEP if text == letter.issuer or letter.remark or letter.receipt else ""
        yield word.paragraph(word.run(text), "公文署名", keep + word.indent(right=inset))


def _receipt(texts: Sequence[str]) -> Iterator[str]:
    rule = "<w:pBdr><w:top w:val='single' w:sz='6' w:space='8' w:color='auto'/></w:pBdr>"
    if texts:
        yield _blank()
    for number, text in enumerate(texts, 1):
        keep = KEEP if number < len(texts) else ""  # it stays together
        yield word.paragraph(word.run(text), "公文顶格", keep + (rule if number == 1 else ""))


# --- annex and 版记 ---------------------------------------------------------------------------


def _listing(
    document: Any, letter: Letter, listing: Listing, fonts: FontSet, terms: frozenset[str]
) -> None:
    """附件 in a section of its own, which may be landscape."""
    section = document.add_section(WD_SECTION.NEW_PAGE)
    _page(section, landscape=listing.landscape)
    _footers(section, landscape=listing.landscape)
    width = HEIGHT if listing.landscape else WIDTH
    end = document.element.body.sectPr
    for xml in _listing_parts(listing, annex_mark(letter), fonts, terms, width):
        end.addprevious(_parsed(xml))
    if listing.landscape and letter.imprint:
        last = document.add_section(WD_SECTION.NEW_PAGE)
        _page(last, landscape=False)
        _footers(last)


def _listing_parts(
    listing: Listing, mark: str, fonts: FontSet, terms: frozenset[str], width: float
) -> Iterator[str]:
    yield word.paragraph(word.run(mark), "附件标记")
    yield _blank()
    yield _title(listing.title, fonts, terms, width)
    yield _blank()
    if listing.note:
        yield word.paragraph(word.run(listing.note), "公文顶格", KEEP)
    table = listing.table
    yield word.table(table.columns, table.rows, table.size, width)
    for title, total in listing.totals:
        yield word.paragraph(word.run(title), "附件标记", KEEP + word.spacing(SIZE_3))
        yield word.table(total.columns, total.rows, total.size, width)


def _imprint(document: Any, note: Imprint, fonts: FontSet) -> None:
    copies = f"抄送：{'，'.join(note.copies_to)}。" if note.copies_to else ""
    end = document.element.body.sectPr
    lines = len(set_paragraph([Span(copies, type_of(fonts, "仿宋", SIZE_4))], WIDTH - 2 * SIZE_4))
    framed = word.imprint(copies, lines, note.printer, note.printed, (WIDTH, HEIGHT))
    # A frame goes with the paragraph that follows it, and does not touch a table.
    for xml in (word.paragraph("", "页码"), *framed, word.paragraph("", "页码")):
        end.addprevious(_parsed(xml))
