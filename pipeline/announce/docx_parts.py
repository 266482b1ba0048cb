"""Word, as far as an official letter needs it: paragraphs, runs and tables as WordprocessingML.

Texts are built as strings and parsed once, so that a list of thousands of rows is quick. Lengths
are points where they come in and twentieths of a point (twips) in the file (ECMA-376 Part 1, §17).
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from pipeline.announce.facts import BLANK
from pipeline.announce.fonts import EXPECTED, Role
from pipeline.announce.tables import Column, column_edges

#: Latin and digits beside Chinese, as offices set them.
LATIN = "Times New Roman"
#: Of every part of the file: the same letter gives the same bytes.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def twips(points: float) -> int:
    return round(points * 20)


def fonts_xml(role: Role) -> str:
    name = quoteattr(EXPECTED[role])
    latin = quoteattr(LATIN if role in ("仿宋", "楷体", "宋体") else EXPECTED[role])
    return f"<w:rFonts w:ascii={latin} w:hAnsi={latin} w:eastAsia={name} w:cs={latin} w:hint='eastAsia'/>"


#: What is left to fill in is marked, so that nobody sends it as it is.
MARKED = "<w:highlight w:val='yellow'/>"


def run(text: str, role: Role | None = None, size: float | None = None) -> str:
    """A run; a line break in the text is one in Word. Without role and size: the style's own."""
    properties = fonts_xml(role) if role else ""
    if size:
        properties += f"<w:sz w:val='{round(size * 2)}'/><w:szCs w:val='{round(size * 2)}'/>"
    known, *rest = text.split(BLANK)
    found = _run(known, properties)
    for part in rest:
        found += _run(BLANK, properties + MARKED) + _run(part, properties)
    return found


def _run(text: str, properties: str) -> str:
    parts = [f"<w:t xml:space='preserve'>{escape(part)}</w:t>" for part in text.split("\n")]
    return f"<w:r><w:rPr>{properties}</w:rPr>{'<w:br/>'.join(parts)}</w:r>"


def paragraph(runs: str, style: str, properties: str = "") -> str:
    """`properties` are further elements of `w:pPr`, in the schema's order."""
    return f"<w:p><w:pPr><w:pStyle w:val={quoteattr(style)}/>{properties}</w:pPr>{runs}</w:p>"


def indent(*, left: float = 0.0, right: float = 0.0, hanging: float = 0.0) -> str:
    return (
        f"<w:ind w:left='{twips(left)}' w:leftChars='0' w:right='{twips(right)}' w:rightChars='0'"
        f" w:hanging='{twips(hanging)}' w:firstLineChars='0'/>"
    )


def spacing(before: float) -> str:
    return f"<w:spacing w:before='{twips(before)}'/>"


def page_field(text_before: str, text_after: str) -> str:
    """The page number between two texts."""
    field = "".join(
        f"<w:r>{part}</w:r>"
        for part in (
            "<w:fldChar w:fldCharType='begin'/>",
            "<w:instrText xml:space='preserve'> PAGE </w:instrText>",
            "<w:fldChar w:fldCharType='separate'/>",
            "<w:t>1</w:t>",
            "<w:fldChar w:fldCharType='end'/>",
        )
    )
    return run(text_before) + field + run(text_after)


def turned(
    runs: str, style: str, align: str, x: float, y: float, width: float, height: float
) -> str:
    """A text that runs down a box on the page, turned clockwise: a table that floats."""
    place = (
        f"<w:tblpPr w:leftFromText='0' w:rightFromText='0' w:vertAnchor='page' w:horzAnchor='page'"
        f" w:tblpX='{twips(x)}' w:tblpY='{twips(y)}'/>"
    )
    across = f"w:w='{twips(width)}' w:type='dxa'"
    cell = (
        f"<w:tcPr><w:tcW {across}/><w:textDirection w:val='tbRl'/><w:vAlign w:val='center'/></w:tcPr>"
        + paragraph(runs, style, f"<w:jc w:val='{align}'/>")
    )
    return (
        f"<w:tbl><w:tblPr>{place}<w:tblW {across}/><w:tblLayout w:type='fixed'/>{_NO_MARGINS}"
        f"</w:tblPr><w:tblGrid><w:gridCol w:w='{twips(width)}'/></w:tblGrid><w:tr><w:trPr>"
        f"<w:trHeight w:val='{twips(height)}' w:hRule='exact'/></w:trPr><w:tc>{cell}</w:tc></w:tr>"
        "</w:tbl>"
    )


_NO_MARGINS = (
    "<w:tblCellMar><w:left w:w='0' w:type='dxa'/><w:right w:w='0' w:type='dxa'/></w:tblCellMar>"
)


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], size: float, width: float
) -> str:
    """A ruled table whose head is repeated on every page and whose rows are not broken."""
    edges = column_edges(columns, width)
    widths = [twips(b - a) for a, b in itertools.pairwise(edges)]
    grid = "".join(f"<w:gridCol w:w='{w}'/>" for w in widths)
    head = _row([c.title for c in columns], ["center"] * len(columns), widths, size, "表头", True)
    aligns = [column.align for column in columns]
    body = "".join(_row(row, aligns, widths, size, "表格", False) for row in rows)
    return (
        f"<w:tbl><w:tblPr><w:tblW w:w='{sum(widths)}' w:type='dxa'/><w:jc w:val='center'/>{_BORDERS}"
        f"<w:tblLayout w:type='fixed'/>{_MARGINS}</w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid>{head}{body}</w:tbl>"
    )


_BORDERS = "<w:tblBorders>{}</w:tblBorders>".format(
    "".join(
        f"<w:{side} w:val='single' w:sz='4' w:space='0' w:color='auto'/>"
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
)
_MARGINS = (
    "<w:tblCellMar><w:top w:w='57' w:type='dxa'/><w:left w:w='57' w:type='dxa'/>"
    "<w:bottom w:w='57' w:type='dxa'/><w:right w:w='57' w:type='dxa'/></w:tblCellMar>"
)


def _row(
    texts: Sequence[str],
    aligns: Sequence[str],
    widths: Sequence[int],
    size: float,
    style: str,
    is_head: bool,
) -> str:
    properties = "<w:cantSplit/>" + ("<w:tblHeader/>" if is_head else "")
    cells = "".join(
        f"<w:tc><w:tcPr><w:tcW w:w='{width}' w:type='dxa'/><w:vAlign w:val='center'/></w:tcPr>"
        + paragraph(run(text, size=size), style, f"<w:jc w:val='{align}'/>")
        + "</w:tc>"
        for text, align, width in zip(texts, aligns, widths, strict=True)
    )
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


#: A line of the 版记: 4号 on 8.5 mm.
IMPRINT_LINE = 21.0
#: Between a line and the rule below or above it (points).
RULE_ROOM = 2.5


def imprint(
    copies: str, copies_lines: int, printer: str, printed: str, size: tuple[float, float]
) -> list[str]:
    """版记 at the foot of a 版心 of the given width and height: a framed paragraph each for the
    copies, which take `copies_lines`, and the printer, ruled above, between and below.

    A frame each, for LibreOffice forgets the place of a frame of two paragraphs.
    """
    width, height = size
    tabs = f"<w:tabs><w:tab w:val='right' w:pos='{twips(width - IMPRINT_LINE / 2)}'/></w:tabs>"
    last = run(printer) + "<w:r><w:tab/></w:r>" + run(f"{printed}印发")
    top = height - IMPRINT_LINE - 3 * RULE_ROOM
    rules = _rule("top", 6 if copies else 8) + _rule("bottom", 8)
    framed = [_framed(last, top, width, rules, tabs)]
    if copies:
        above = top - copies_lines * IMPRINT_LINE - 2 * RULE_ROOM
        framed.insert(0, _framed(run(copies), above, width, _rule("top", 8), ""))
    return framed


def _framed(runs: str, y: float, width: float, rules: str, tabs: str) -> str:
    frame = (
        f"<w:framePr w:w='{twips(width)}' w:hSpace='0' w:wrap='around' w:vAnchor='margin'"
        f" w:hAnchor='margin' w:x='1' w:y='{twips(y)}'/>"
    )
    return paragraph(runs, "版记", f"{frame}<w:pBdr>{rules}</w:pBdr>{tabs}")


def _rule(side: str, weight: int) -> str:
    """A border of a paragraph; the weight in eighths of a point."""
    return f"<w:{side} w:val='single' w:sz='{weight}' w:space='2' w:color='auto'/>"


def same_bytes(package: bytes) -> bytes:
    """The package with all its times set alike."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return out.getvalue()
