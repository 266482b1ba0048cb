"""A small writer of WordprocessingML: raw XML, so that every odd thing people do can be written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from .model import Cell, Doc, Para, Piece, Row, Table

NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
}
ROOT = " ".join(f'xmlns:{k}="{v}"' for k, v in NAMESPACES.items()) + ' mc:Ignorable="w14"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WHO = 'w:author="办事员" w:date="2024-09-20T09:00:00Z"'

#: (format, text) of the automatic numberings that `Para.numbering` names.
NUMBERINGS = (
    ("decimal", "%1."),
    ("chineseCounting", "%1、"),
    ("chineseCounting", "（%1）"),
    ("decimal", "%1"),
)


@dataclass
class _Package:
    """What is collected while the body is written."""

    doc: Doc
    links: list[str] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)
    ids: int = 100

    def new_id(self) -> int:
        self.ids += 1
        return self.ids


def write(docs: Sequence[Doc]) -> bytes:
    """One docx of one annex, or of several one after another, each beginning a page."""
    package = _Package(docs[0])
    body = ""
    for index, doc in enumerate(docs):
        package.doc = doc
        body += _blocks(doc.blocks, package)
        section = _section(doc, index)
        if index < len(docs) - 1:
            body += f"<w:p><w:pPr>{section}</w:pPr></w:p>"
        else:  # a body never ends in a table: LibreOffice loses such a one when it writes .doc
            body += ("<w:p/>" if body.endswith("</w:tbl>") else "") + section
    return _zip(package, body, docs)


def _section(doc: Doc, index: int) -> str:
    width, height = (16838, 11906) if doc.landscape else (11906, 16838)
    turned = ' w:orient="landscape"' if doc.landscape else ""
    refs = ""
    if doc.header:
        refs += f'<w:headerReference w:type="default" r:id="rIdH{index}"/>'
    if doc.footer:
        refs += f'<w:footerReference w:type="default" r:id="rIdF{index}"/>'
    return (
        f'<w:sectPr>{refs}<w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        '<w:pgMar w:top="1304" w:right="1247" w:bottom="1304" w:left="1247" w:header="851" w:footer="992" w:gutter="0"/>'
        '<w:docGrid w:type="lines" w:linePitch="312"/></w:sectPr>'
    )


def _blocks(blocks: Sequence[Para | Table], package: _Package) -> str:
    return "".join(
        _para(block, package) if isinstance(block, Para) else _table(block, package)
        for block in blocks
    )


def _para(para: Para, package: _Package) -> str:
    props = ""
    if para.numbering:
        number, level = para.numbering
        props += f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number + 1}"/></w:numPr>'
    if para.role == "title":
        props += '<w:spacing w:before="120" w:after="120"/>'
    if para.indent:
        props += '<w:ind w:firstLineChars="200" w:firstLine="480"/>'
    if para.align:
        props += f'<w:jc w:val="{para.align}"/>'
    pieces = "".join(_piece(piece, para, package) for piece in para.pieces)
    xml = f"<w:p>{f'<w:pPr>{props}</w:pPr>' if props else ''}{pieces}</w:p>"
    if para.sdt:
        return f'<w:sdt><w:sdtPr><w:id w:val="{package.new_id()}"/></w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>'
    return xml


def _look(piece: Piece, para: Para, package: _Package) -> str:
    font, size = para.font or package.doc.font, int((para.size or package.doc.size) * 2)
    if "font" in piece.extra and piece.kind == "run":
        return f'<w:rPr><w:rFonts w:ascii="{piece.extra["font"]}" w:hAnsi="{piece.extra["font"]}"/><w:sz w:val="{size}"/></w:rPr>'
    bold = "<w:b/>" if piece.bold else ""
    highlight = '<w:highlight w:val="yellow"/>' if piece.highlight else ""
    underline = '<w:u w:val="single"/>' if piece.underline else ""
    return (
        f'<w:rPr><w:rFonts w:ascii="Times New Roman" w:eastAsia="{font}" w:hAnsi="Times New Roman" w:hint="eastAsia"/>'
        f'{bold}<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>{highlight}{underline}</w:rPr>'
    )


def _content(text: str, tag: str = "w:t") -> str:
    parts = []
    for i, line in enumerate(text.split("\n")):
        if i:
            parts.append("<w:br/>")
        for j, stretch in enumerate(line.split("\t")):
            if j:
                parts.append("<w:tab/>")
            if stretch:
                parts.append(f'<{tag} xml:space="preserve">{escape(stretch)}</{tag}>')
    return "".join(parts)


def _piece(piece: Piece, para: Para, package: _Package) -> str:
    look = _look(piece, para, package)
    if piece.kind == "mark":
        return str(piece.extra["xml"])
    if piece.kind in _KINDS:
        xml = _KINDS[piece.kind](piece, look, package)
    elif not piece.text:
        return ""
    else:
        tag = "w:delText" if "del" in piece.wrap else "w:t"
        xml = f"<w:r>{look}{_content(piece.text, tag)}</w:r>"
    for wrap in reversed(piece.wrap):
        xml = _wrap(wrap, xml, piece, package)
    return xml


def _wrap(wrap: str, xml: str, piece: Piece, package: _Package) -> str:
    if wrap in ("ins", "del", "moveFrom", "moveTo"):
        return f'<w:{wrap} w:id="{package.new_id()}" {WHO}>{xml}</w:{wrap}>'
    if wrap == "sdt":
        props = f'<w:alias w:val="填写"/><w:id w:val="{package.new_id()}"/><w:text/>'
        return f"<w:sdt><w:sdtPr>{props}</w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>"
    if wrap == "link":
        package.links.append(piece.extra["target"])
        return f'<w:hyperlink r:id="rIdL{len(package.links)}" w:history="1">{xml}</w:hyperlink>'
    if wrap == "linkfield":
        return _field(f" HYPERLINK {quoteattr(piece.extra['target'])} ", xml)
    if wrap == "smartTag":
        return f'<w:smartTag w:uri="urn:schemas-microsoft-com:office:smarttags" w:element="date">{xml}</w:smartTag>'
    raise ValueError(wrap)


def _field(code: str, result: str, data: str = "") -> str:
    return (
        f'<w:r><w:fldChar w:fldCharType="begin">{data}</w:fldChar></w:r>'
        f'<w:r><w:instrText xml:space="preserve">{escape(code)}</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _sym(piece: Piece, look: str, package: _Package) -> str:
    return (
        f'<w:r>{look}<w:sym w:font="{piece.extra["font"]}" w:char="{piece.extra["char"]}"/></w:r>'
    )


def _checkbox(piece: Piece, look: str, package: _Package) -> str:
    on = piece.extra["ticked"]
    glyphs = piece.extra.get("glyphs", ("☐", "☒"))
    return (
        f'<w:sdt><w:sdtPr><w:id w:val="{package.new_id()}"/><w14:checkbox><w14:checked w14:val="{int(on)}"/>'
        f'<w14:checkedState w14:val="{ord(glyphs[1]):04X}" w14:font="MS Gothic"/>'
        f'<w14:uncheckedState w14:val="{ord(glyphs[0]):04X}" w14:font="MS Gothic"/></w14:checkbox></w:sdtPr>'
        '<w:sdtContent><w:r><w:rPr><w:rFonts w:ascii="MS Gothic" w:eastAsia="MS Gothic" w:hAnsi="MS Gothic" w:hint="eastAsia"/></w:rPr>'
        f"<w:t>{glyphs[on]}</w:t></w:r></w:sdtContent></w:sdt>"
    )


def _formtext(piece: Piece, look: str, package: _Package) -> str:
    data = (
        f'<w:ffData><w:name w:val="Text{package.new_id()}"/><w:enabled/><w:textInput/></w:ffData>'
    )
    return _field(" FORMTEXT ", f"<w:r>{look}{_content(piece.text)}</w:r>", data)


def _formcheck(piece: Piece, look: str, package: _Package) -> str:
    state = f'<w:default w:val="0"/><w:checked w:val="{int(piece.extra["ticked"])}"/>'
    data = f'<w:ffData><w:name w:val="Check{package.new_id()}"/><w:enabled/><w:checkBox><w:sizeAuto/>{state}</w:checkBox></w:ffData>'
    return _field(" FORMCHECKBOX ", "", data)


def _vml(text: str, look: str, package: _Package) -> str:
    return (
        f'<w:pict><v:shape id="box{package.new_id()}" style="width:150pt;height:22pt" type="#_x0000_t202" stroked="f">'
        f"<v:textbox><w:txbxContent><w:p><w:r>{look}{_content(text)}</w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>"
    )


def _vmlbox(piece: Piece, look: str, package: _Package) -> str:
    return f"<w:r>{_vml(piece.text, look, package)}</w:r>"


def _textbox(piece: Piece, look: str, package: _Package) -> str:
    """As Word writes it: the drawing, and the same text once more as VML for old programs."""
    number = package.new_id()
    shape = (
        '<wps:wsp><wps:cNvSpPr txBox="1"/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="1900000" cy="280000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/></wps:spPr><wps:txbx><w:txbxContent>'
        f'<w:p><w:r>{look}{_content(piece.text)}</w:r></w:p></w:txbxContent></wps:txbx><wps:bodyPr lIns="0" tIns="0"/></wps:wsp>'
    )
    inline = (
        '<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="1900000" cy="280000"/>'
        f'<wp:docPr id="{number}" name="文本框 {number}"/><wp:cNvGraphicFramePr/><a:graphic>'
        f'<a:graphicData uri="{NAMESPACES["wps"]}">{shape}</a:graphicData></a:graphic></wp:inline>'
    )
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{inline}</w:drawing></mc:Choice>'
        f"<mc:Fallback>{_vml(piece.text, look, package)}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def _picture(piece: Piece, look: str, package: _Package) -> str:
    package.images.append(piece.extra["png"])
    number, name = len(package.images), piece.extra.get("name", "图片 1")
    cx, cy = piece.extra.get("size", (1440000, 1440000))
    graphic = (
        f'<wp:docPr id="{number + 900}" name="{name}"/><wp:cNvGraphicFramePr/><a:graphic>'
        f'<a:graphicData uri="{NAMESPACES["pic"]}"><pic:pic><pic:nvPicPr><pic:cNvPr id="{number + 900}" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="rIdP{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic>"
    )
    if piece.extra.get("floating"):
        return (
            '<w:r><w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" relativeHeight="9" behindDoc="1" locked="0" layoutInCell="1" allowOverlap="1">'
            '<wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column"><wp:posOffset>1900000</wp:posOffset></wp:positionH>'
            '<wp:positionV relativeFrom="paragraph"><wp:posOffset>-500000</wp:posOffset></wp:positionV>'
            f'<wp:extent cx="{cx}" cy="{cy}"/><wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>{graphic}</wp:anchor></w:drawing></w:r>'
        )
    return f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>{graphic}</wp:inline></w:drawing></w:r>'


_KINDS: dict[str, Callable[[Piece, str, _Package], str]] = {
    "sym": _sym, "checkbox": _checkbox, "formtext": _formtext, "formcheck": _formcheck,
    "textbox": _textbox, "vmlbox": _vmlbox, "picture": _picture,
}  # fmt: skip


def _table(table: Table, package: _Package) -> str:
    borders = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in table.widths)
    rows, open_cells = "", {}
    for index, (row, line) in enumerate(zip(table.rows, table.placed(), strict=True)):
        for column, cell in line:
            if cell.rowspan > 1:
                open_cells[column] = (cell, index + cell.rowspan)
        covered = [
            (c, cell)
            for c, (cell, end) in open_cells.items()
            if index < end and (c, cell) not in line
        ]
        cells = sorted(
            [*((c, cell, False) for c, cell in line), *((c, cell, True) for c, cell in covered)],
            key=lambda x: x[0],
        )
        rows += _row(
            row,
            "".join(
                _cell(cell, table.widths[c : c + cell.colspan], cont, package)
                for c, cell, cont in cells
            ),
            package,
        )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(table.widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>'
    )


def _row(row: Row, cells: str, package: _Package) -> str:
    props = f'<w:trHeight w:val="{row.height}" w:hRule="atLeast"/>' if row.height else ""
    if row.role == "head":
        props += "<w:tblHeader/>"
    if row.hidden:
        props += "<w:hidden/>"
    if row.tracked:
        props += f'<w:{row.tracked} w:id="{package.new_id()}" {WHO}/>'
    xml = f"<w:tr>{f'<w:trPr>{props}</w:trPr>' if props else ''}{cells}</w:tr>"
    if row.sdt:
        return f'<w:sdt><w:sdtPr><w:id w:val="{package.new_id()}"/></w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>'
    return xml


def _cell(cell: Cell, widths: Sequence[int], continued: bool, package: _Package) -> str:
    props = f'<w:tcW w:w="{sum(widths)}" w:type="dxa"/>'
    if cell.colspan > 1:
        props += f'<w:gridSpan w:val="{cell.colspan}"/>'
    if cell.rowspan > 1:
        props += "<w:vMerge/>" if continued else '<w:vMerge w:val="restart"/>'
    props += '<w:vAlign w:val="center"/>'
    inner = "<w:p/>" if continued else _blocks(cell.blocks, package)
    if not continued and (not cell.blocks or isinstance(cell.blocks[-1], Table)):
        inner += "<w:p/>"
    xml = f"<w:tc><w:tcPr>{props}</w:tcPr>{inner}</w:tc>"
    if cell.sdt and not continued:
        return f'<w:sdt><w:sdtPr><w:id w:val="{package.new_id()}"/></w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>'
    return xml


def _numbering() -> str:
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{i}"><w:multiLevelType w:val="singleLevel"/><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{kind}"/><w:suff w:val="nothing"/><w:lvlText w:val="{text}"/><w:lvlJc w:val="left"/></w:lvl></w:abstractNum>'
        for i, (kind, text) in enumerate(NUMBERINGS)
    )
    numbers = "".join(
        f'<w:num w:numId="{i + 1}"><w:abstractNumId w:val="{i}"/></w:num>'
        for i in range(len(NUMBERINGS))
    )
    return f'{HEAD}<w:numbering xmlns:w="{NAMESPACES["w"]}">{kinds}{numbers}</w:numbering>'


STYLES = (
    f'{HEAD}<w:styles xmlns:w="{NAMESPACES["w"]}"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Times New Roman" w:eastAsia="宋体" w:hAnsi="Times New Roman"/>'
    '<w:sz w:val="21"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/></w:style></w:styles>'
)


def _zip(package: _Package, body: str, docs: Sequence[Doc]) -> bytes:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    parts: dict[str, bytes | str] = {
        "word/document.xml": f"{HEAD}<w:document {ROOT}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/numbering.xml": _numbering(),
    }
    overrides = {f"/word/{name}.xml": f"{kind}.{tail}+xml" for name, tail in (
        ("document", "document.main"), ("styles", "styles"), ("numbering", "numbering"))}  # fmt: skip
    relations = [("rIdS", "styles", "styles.xml", ""), ("rIdN", "numbering", "numbering.xml", "")]
    for index, doc in enumerate(docs):
        for letter, tag, text in (("H", "hdr", doc.header), ("F", "ftr", doc.footer)):
            if text:
                name = f"{'header' if letter == 'H' else 'footer'}{index}"
                parts[f"word/{name}.xml"] = (
                    f'{HEAD}<w:{tag} {ROOT}><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p></w:{tag}>'
                )
                overrides[f"/word/{name}.xml"] = f"{kind}.{name[:6]}+xml"
                relations.append((f"rId{letter}{index}", name[:6], f"{name}.xml", ""))
    for number, target in enumerate(package.links, 1):
        relations.append((f"rIdL{number}", "hyperlink", target, ' TargetMode="External"'))
    for number, png in enumerate(package.images, 1):
        parts[f"word/media/image{number}.png"] = png
        relations.append((f"rIdP{number}", "image", f"media/image{number}.png", ""))
    parts["word/_rels/document.xml.rels"] = _relations(relations)
    parts["_rels/.rels"] = _relations([("rId1", "officeDocument", "word/document.xml", "")])
    types = "".join(
        f'<Override PartName="{name}" ContentType="{value}"/>' for name, value in overrides.items()
    )
    parts["[Content_Types].xml"] = (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>{types}</Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            info = zipfile.ZipInfo(name, (2024, 9, 20, 9, 0, 0))
            archive.writestr(info, parts[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _relations(relations: Sequence[tuple[str, str, str, str]]) -> str:
    lines = "".join(
        f'<Relationship Id="{i}" Type="{RELATIONS}/{kind}" Target={quoteattr(target)}{mode}/>'
        for i, kind, target, mode in relations
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'
