"""Word documents as people leave them: for every habit the exact text that a reader must see.

Documents are built from raw XML, so that each holds one habit and nothing else.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.document import Cell, Document, Grid, Paragraph, Place, Source
from pipeline.errors import (
    PipelineError,
    ProtectedError,
    UnreadableError,
    UnsafeError,
    UnsupportedError,
)
from pipeline.read import docx
from pipeline.read.ooxml import LIMITS, red_share, symbol

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wpg="http://schemas.microsoft.com/office/word/2010/wordprocessingGroup" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'

Made = Callable[..., Document]


def package(body: str, parts: dict[str, str | bytes] | None = None, rels: str = "") -> bytes:
    """A docx of the smallest kind; `parts` are added, `rels` go into the document's relations."""
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships {RELS}><Relationship Id="d" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": f"<Relationships {RELS}>{rels}</Relationships>",
    }
    files.update(parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def relation(id_: str, kind: str, target: str, mode: str = "") -> str:
    extra = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"{extra}/>'


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(body: str, parts: dict[str, str | bytes] | None = None, rels: str = "") -> Document:
        path = tmp_path / "a.docx"
        path.write_bytes(package(body, parts, rels))
        [document] = docx.read(path, Source("a.docx", "0", "docx"))
        return document

    return make


def r(text: str, properties: str = "") -> str:
    look = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{look}<w:t xml:space="preserve">{text}</w:t></w:r>'


def p(inner: str = "", properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def tc(inner: str = "", properties: str = "") -> str:
    """A cell; plain text is put into a paragraph."""
    content = inner if inner.startswith("<") else p(r(inner)) if inner else p()
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def tr(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def tbl(*rows: str, widths: tuple[int, ...] = ()) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def span(n: int) -> str:
    return f'<w:gridSpan w:val="{n}"/>'


def width(twips: int) -> str:
    return f'<w:tcW w:w="{twips}" w:type="dxa"/>'


def texts(document: Document) -> list[str]:
    return [block.text for block in document.blocks if isinstance(block, Paragraph)]


def shape(grid: Grid) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in grid.cells]


def only_grid(document: Document) -> Grid:
    [grid] = document.grids
    return grid


# ------------------------------------------------------------------------------- text of a run


def asked(text: str) -> str:
    """A legacy field to type into."""
    begin, separate, end = (
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")
    )
    return f"{begin}<w:r><w:instrText> FORMTEXT </w:instrText></w:r>{separate}{r(text)}{end}"


INLINE = {
    "runs split anywhere": (r("91430") + r("100MA4") + r("L16"), "91430100MA4L16"),
    "accepted insertion": (r("职工") + f"<w:ins>{r('13')}</w:ins>" + r("人"), "职工13人"),
    "deletion": (r("13") + "<w:del><w:r><w:delText>12</w:delText></w:r></w:del>", "13"),
    "plain text inside a deletion": (f"<w:del>{r('旧')}</w:del>{r('新')}", "新"),
    "insertion later deleted": (f"<w:ins><w:del>{r('旧')}</w:del>{r('新')}</w:ins>", "新"),
    "moved here, moved away": (f"<w:moveFrom>{r('甲')}</w:moveFrom><w:moveTo>{r('乙')}</w:moveTo>", "乙"),
    "hidden": (r("见") + r("不见", "<w:vanish/>"), "见"),
    "hidden switched off": (r("见", '<w:vanish w:val="0"/>'), "见"),
    "hyperlink": (f'<w:hyperlink r:id="x">{r("www.a.cn")}</w:hyperlink>', "www.a.cn"),
    "smart tag": (f"<w:smartTag>{r('2024年')}<w:smartTag>{r('9月')}</w:smartTag></w:smartTag>", "2024年9月"),
    "custom xml": (f"<w:customXml>{r('甲')}</w:customXml>", "甲"),
    "tab, break, page break": ("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:br w:type=\"page\"/><w:cr/><w:t>d</w:t></w:r>", "a\tb\nc\nd"),
    "tab with alignment": ("<w:r><w:t>a</w:t><w:ptab/><w:t>b</w:t></w:r>", "a\tb"),
    "hyphens": ("<w:r><w:t>0731</w:t><w:noBreakHyphen/><w:t>89</w:t><w:softHyphen/><w:t>35</w:t></w:r>", "0731-8935"),
    "space not preserved": ("<w:r><w:t> 甲 </w:t></w:r>", "甲"),
    "space preserved": (r(" 甲 "), " 甲 "),
    "line end in the file is a space": (r("甲\n乙"), "甲 乙"),
    "ruby": ("<w:r><w:ruby><w:rt><w:r><w:t>yuè</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>岳</w:t></w:r></w:rubyBase></w:ruby></w:r>" + r("麓"), "岳麓"),
    "formula": ("<m:oMath><m:r><m:t>150</m:t></m:r><m:sSup><m:e><m:r><m:t>m</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>", "150m2"),
    "footnote mark and comment mark": (r("甲") + '<w:commentRangeStart w:id="1"/><w:r><w:footnoteReference w:id="1"/><w:commentReference w:id="1"/></w:r>', "甲"),
    "alternate content once": (f'<mc:AlternateContent><mc:Choice Requires="w14">{r("甲")}</mc:Choice><mc:Fallback>{r("甲")}</mc:Fallback></mc:AlternateContent>', "甲"),
    # fields
    "simple field": (f'<w:fldSimple w:instr="DATE">{r("2024年9月")}</w:fldSimple>', "2024年9月"),
    "field code out, result in": ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>' + r("9月26日") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>' + r("止"), "9月26日止"),
    "field in a field's code": ('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText><w:fldChar w:fldCharType="begin"/><w:instrText>X</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>no</w:t><w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="separate"/><w:t>yes</w:t><w:fldChar w:fldCharType="end"/></w:r>', "yes"),
    "legacy check box ticked": ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMCHECKBOX </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>' + r("租用"), "☑租用"),
    "legacy check box empty": ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/><w:checked w:val="0"/></w:checkBox></w:ffData></w:fldChar><w:instrText> FORMCHECKBOX </w:instrText><w:fldChar w:fldCharType="end"/></w:r>' + r("租用"), "☐租用"),
    "legacy check box by its default": ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/></w:checkBox></w:ffData></w:fldChar><w:fldChar w:fldCharType="end"/></w:r>', "☑"),
    "legacy text field": ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:textInput/></w:ffData></w:fldChar><w:instrText>FORMTEXT</w:instrText><w:fldChar w:fldCharType="separate"/></w:r>' + r("张三") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "张三"),
    "text field that LibreOffice wrote thrice, by way of RTF": (asked("优惠20%") + r("优惠") + asked("优惠20%") + r("20%0") + asked("优惠20%"), "优惠20%"),
    "legacy drop-down": ('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="私人企业"/><w:listEntry w:val="国有企业"/></w:ddList></w:ffData></w:fldChar><w:instrText>FORMDROPDOWN</w:instrText><w:fldChar w:fldCharType="separate"/></w:r>' + r("?") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>', "国有企业"),
    "enclosed tick (带圈字符)": ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> eq \\o\\ac(□,</w:instrText></w:r><w:r><w:instrText>√)</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>' + r("自有"), "☑自有"),
    "enclosed tick with an empty result": ('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>eq \\o\\ac(□,√)</w:instrText><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>' + r("自有"), "☑自有"),
    "enclosed number": ('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>eq \\o\\ac(○,3)</w:instrText><w:fldChar w:fldCharType="end"/></w:r>', "③"),
    "symbol field": ('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText> SYMBOL 254 \\f "Wingdings" \\s 10</w:instrText><w:fldChar w:fldCharType="end"/></w:r>', "☑"),
    # symbols
    "w:sym ticked": ('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>' + r("自有"), "☑自有"),
    "w:sym of every kind": ("".join(f'<w:r><w:sym w:font="Wingdings" w:char="{c}"/></w:r>' for c in ("F0FE", "F0FD", "F078", "F0A8", "F06F", "F0FC", "F0FB", "F06E")), "☑☒☒□□✓✗■"),
    "w:sym of Wingdings 2": ("".join(f'<w:r><w:sym w:font="Wingdings 2" w:char="{c}"/></w:r>' for c in ("F052", "F050", "F051", "F053", "F054", "F0A3")), "☑✓☒☒☒□"),
    "w:sym without the private offset": ('<w:r><w:sym w:font="Wingdings 2" w:char="0052"/></w:r>', "☑"),
    "letter in Wingdings 2": (r("R", '<w:rFonts w:ascii="Wingdings 2" w:hAnsi="Wingdings 2"/>') + r("R"), "☑R"),
    "letters in Wingdings": (r("þ¨ü", '<w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/>'), "☑□✓"),
    "private character, font named": (r("\uf0a3", '<w:rFonts w:hAnsi="Wingdings 2"/>'), "□"),
    "private character, font not named": (r("\uf0fe自有\uf0a8"), "☑自有□"),
    "Chinese in a Wingdings run": (r("自有", '<w:rFonts w:ascii="Wingdings"/>'), "自有"),
    "root sign of Symbol": ('<w:r><w:sym w:font="Symbol" w:char="F0D6"/></w:r>', "√"),
    "symbol of Word 2016": ('<w:r><mc:AlternateContent><mc:Choice Requires="w16se"><w16se:symEx xmlns:w16se="http://schemas.microsoft.com/office/word/2015/wordml/symex" w16se:font="Segoe UI Symbol" w16se:char="1F5F9"/></mc:Choice><mc:Fallback><w:t>x</w:t></mc:Fallback></mc:AlternateContent></w:r>', "🗹"),
    "alternative of text": ('<w:r><mc:AlternateContent><mc:Choice Requires="w14"><w:t>甲</w:t></mc:Choice><mc:Fallback><w:t>乙</w:t></mc:Fallback></mc:AlternateContent></w:r>', "甲"),
    # content controls
    "content control": (f"<w:sdt><w:sdtPr/><w:sdtContent>{r('张三')}</w:sdtContent></w:sdt>", "张三"),
    "control in a control": (f"<w:sdt><w:sdtContent><w:sdt><w:sdtContent>{r('张三')}</w:sdtContent></w:sdt></w:sdtContent></w:sdt>", "张三"),
    "unfilled control": (r("姓名：") + f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('单击此处输入文字。')}</w:sdtContent></w:sdt>", "姓名："),
    "check box control ticked": (f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>{r("☒")}</w:sdtContent></w:sdt>' + r("自有"), "☑自有"),
    "check box control empty": (f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox></w:sdtPr><w:sdtContent>{r("□")}</w:sdtContent></w:sdt>', "☐"),
    "check box control with a symbol": ('<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:sym w:font="Wingdings 2" w:char="F052"/></w:r></w:sdtContent></w:sdt>', "☑"),
    "check box control with a glyph of its own": (f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>{r("★")}</w:sdtContent></w:sdt>', "☑"),
}  # fmt: skip


@pytest.mark.parametrize("habit", INLINE)
def test_text_of_a_paragraph(made: Made, habit: str) -> None:
    inner, expected = INLINE[habit]
    assert texts(made(p(inner))) == [expected]


@pytest.mark.parametrize("habit", INLINE)
def test_text_of_a_cell_is_the_same(made: Made, habit: str) -> None:
    inner, expected = INLINE[habit]
    assert [c.text for c in only_grid(made(tbl(tr(tc(p(inner)))))).cells] == [expected]


def test_looks_by_which_a_choice_is_marked(made: Made) -> None:
    document = made(
        p(
            r("粗", "<w:b/>")
            + r("不粗", '<w:b w:val="0"/>')
            + r("线", '<w:u w:val="single"/>')
            + r("无线", '<w:u w:val="none"/>')
            + r("亮", '<w:highlight w:val="yellow"/>')
            + r("底", '<w:shd w:val="clear" w:fill="FFFF00"/>')
            + r("白底", '<w:shd w:val="clear" w:fill="FFFFFF"/>')
        )
    )
    [paragraph] = document.paragraphs
    assert [(run.text, run.bold, run.underline, run.highlight) for run in paragraph.runs] == [
        ("粗", True, False, False),
        ("不粗", False, False, False),
        ("线", False, True, False),
        ("无线", False, False, False),
        ("亮底", False, False, True),
        ("白底", False, False, False),
    ]


STYLES = f"""<w:styles {NAMESPACES}>
<w:style w:type="paragraph" w:default="1" w:styleId="a"/>
<w:style w:type="paragraph" w:styleId="base"><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="heading"><w:basedOn w:val="base"/></w:style>
<w:style w:type="paragraph" w:styleId="secret"><w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="character" w:styleId="strong"><w:basedOn w:val="ring"/><w:rPr><w:b/></w:rPr></w:style>
<w:style w:type="character" w:styleId="ring"><w:basedOn w:val="strong"/></w:style>
<w:style w:type="paragraph" w:styleId="item"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="subitem"><w:basedOn w:val="item"/></w:style>
</w:styles>"""


def test_bold_and_hidden_come_from_styles_too(made: Made) -> None:
    document = made(
        p(r("标题"), '<w:pStyle w:val="heading"/>')
        + p(r("强", '<w:rStyle w:val="strong"/>') + r("弱"))
        + p(r("藏"), '<w:pStyle w:val="secret"/>'),
        {"word/styles.xml": STYLES},
        relation("s", "styles", "styles.xml"),
    )
    looks = [[(run.text, run.bold) for run in paragraph.runs] for paragraph in document.paragraphs]
    assert looks == [[("标题", True)], [("强", True), ("弱", False)], []]


def test_a_control_that_libreoffice_writes_several_times_is_one(made: Made) -> None:
    def control(*texts: str) -> str:
        said = "".join(f"<w:t>{text}</w:t>" for text in texts)
        return f"<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent><w:r>{said}</w:r></w:sdtContent></w:sdt>"

    echoes = control("2025年9月") + control("年", "2025年9月") + control("2025年9月")
    assert texts(made(p(echoes))) == ["2025年9月"]
    assert texts(made(p(control("张三") + r("、") + control("张三")))) == ["张三、张三"]
    assert texts(made(p(control("张三") + control("李四")))) == ["张三李四"]


def test_an_input_field_that_libreoffice_writes_several_times_is_one(made: Made) -> None:
    def field(text: str) -> str:
        marks = [
            f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
            for kind in ("begin", "separate", "end")
        ]
        code = '<w:r><w:instrText> FILLIN ""</w:instrText></w:r>'
        return marks[0] + code + marks[1] + r(text) + marks[2]

    echoes = (
        r("年龄：")
        + field("35 岁")
        + r("岁")
        + field("35 岁")
        + field("35 岁")
        + r("，")
        + field("本科")
    )
    assert texts(made(p(echoes))) == ["年龄：35 岁，本科"]


def test_struck_text_is_left_out_and_its_place_told(made: Made) -> None:
    document = made(p(r("机构性质")) + p(r("租用", "<w:strike/>") + r("自有")))
    assert texts(document) == ["机构性质", "自有"]
    assert document.struck == {Place(paragraph=2)}


def test_a_clean_document_has_no_findings(made: Made) -> None:
    assert made(p(r("甲", "<w:b/><w:u w:val='single'/>"))).findings == ()


def test_a_field_left_open_does_not_swallow_what_follows(made: Made) -> None:
    document = made(p('<w:r><w:fldChar w:fldCharType="begin"/></w:r>' + r("甲")) + p(r("乙")))
    assert texts(document)[1] == "乙"


def test_a_field_over_paragraphs_gives_all_of_them(made: Made) -> None:
    document = made(
        p('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC</w:instrText><w:fldChar w:fldCharType="separate"/></w:r>' + r("一"))
        + p(r("二") + '<w:r><w:fldChar w:fldCharType="end"/></w:r>')
        + p(r("三"))
    )  # fmt: skip
    assert texts(document) == ["一", "二", "三"]


# ------------------------------------------------------------------------------------- blocks


def test_blocks_stand_in_order_through_every_wrapper(made: Made) -> None:
    document = made(
        p(r("1"))
        + f"<w:sdt><w:sdtPr/><w:sdtContent>{p(r('2'))}{tbl(tr(tc('3')))}</w:sdtContent></w:sdt>"
        + f"<w:customXml><w:customXml>{p(r('4'))}</w:customXml></w:customXml>"
        + f"<mc:AlternateContent><mc:Choice>{p(r('5'))}</mc:Choice><mc:Fallback>{p(r('x'))}</mc:Fallback></mc:AlternateContent>"
        + "<w:sectPr/>"
    )
    assert [b.text if isinstance(b, Paragraph) else b.cells[0].text for b in document.blocks] == list("12345")  # fmt: skip


def test_an_unfilled_block_control_is_a_blank_paragraph(made: Made) -> None:
    prompt = f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{p(r('请输入'))}</w:sdtContent></w:sdt>"
    assert texts(made(prompt)) == [""]
    [cell] = only_grid(made(tbl(tr(tc(prompt))))).cells
    assert cell.text == ""


def test_a_check_box_control_around_a_whole_paragraph(made: Made) -> None:
    box = f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent>{p(r("☒"))}</w:sdtContent></w:sdt>'
    assert texts(made(box + p(r("☒")))) == ["☑", "☒"]


def test_a_deleted_paragraph_end_joins_two_paragraphs(made: Made) -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    assert texts(made(p(r("甲"), gone) + p(r("乙")) + p(r("丙")))) == ["甲乙", "丙"]


def test_a_wholly_deleted_paragraph_leaves_nothing(made: Made) -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    assert texts(made(p(f"<w:del>{r('甲')}</w:del>", gone) + p(r("乙")))) == ["乙"]


def test_a_paragraph_end_deleted_before_a_table_keeps_its_text(made: Made) -> None:
    document = made(p(r("甲"), "<w:rPr><w:del/></w:rPr>") + tbl(tr(tc("乙"))))
    assert sorted(texts(document)) == ["甲"]


def test_places_count_from_one(made: Made) -> None:
    document = made(p(r("甲")) + tbl(tr(tc("a"), tc("b")), tr(tc("c"), tc("d"))) + p(r("乙")))
    assert [paragraph.place.where for paragraph in document.paragraphs] == ["第1段", "第2段"]
    [grid] = document.grids
    assert [cell.place.where for cell in grid.cells][2:] == ["表1 第2行 第1列", "表1 第2行 第2列"]
    assert grid.cells[3].paragraphs[0].place == grid.cells[3].place


def test_headers_and_footers_are_kept_apart(made: Made) -> None:
    document = made(
        p(r("正文")),
        {
            "word/header1.xml": f"<w:hdr {NAMESPACES}>{p(r('长沙市某机构'))}{p()}</w:hdr>",
            "word/footer1.xml": f"<w:ftr {NAMESPACES}>{tbl(tr(tc('第1页')))}</w:ftr>",
        },
        relation("h", "header", "header1.xml") + relation("f", "footer", "footer1.xml"),
    )
    assert texts(document) == ["正文"]
    assert [paragraph.text for paragraph in document.furniture] == ["长沙市某机构", "第1页"]


def text_box(inner: str, vertical: str = "") -> str:
    """As Word writes it: a drawing, and the same again in VML for old readers; `vertical`: to what
    and how far below it floats (`page 300000`), if it does."""
    relative, _, offset = vertical.partition(" ")
    outer, position = "inline", ""
    if vertical:
        outer = "anchor"
        position = f'<wp:positionV relativeFrom="{relative}"><wp:posOffset>{offset}</wp:posOffset></wp:positionV>'
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>'
        f'<wp:{outer}>{position}<wp:docPr id="1" name="b"/><a:graphic><a:graphicData>'
        f"<wps:wsp><wps:txbx><w:txbxContent>{inner}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:{outer}></w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{inner}</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def test_a_text_box_follows_its_paragraph_once(made: Made) -> None:
    document = made(p(r("前") + text_box(p(r("框一")) + p(r("框二"))) + r("后")) + p(r("末")))
    assert texts(document) == ["前后", "框一", "框二", "末"]


def test_a_text_box_in_the_blank_of_a_line_is_a_word_of_it(made: Made) -> None:
    one, two, year = (text_box(p(r(text))) for text in ("某某中心", "2024年9月1日", "2023"))
    document = made(
        p(r("填报单位：") + one + r("  填报时间：") + two + r(" "))
        + p(year + r("年"))
        + p(r("前文") + one + r("后文"))
    )
    assert texts(document) == [
        "填报单位：某某中心  填报时间： ", "2024年9月1日", "2023年", "前文后文", "某某中心",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("vertical", "lines", "doubtful"),
    [
        ("page 300000", ["填报单位：甲公司", "正本"], False),
        ("paragraph 900000", ["填报单位：甲公司", "正本"], False),
        ("paragraph -20000", ["填报单位：正本甲公司"], True),
    ],
)
def test_a_text_box_that_floats(
    vertical: str, lines: list[str], doubtful: bool, made: Made
) -> None:
    """What hangs in a corner of the page is none of the words where it is anchored; what lies over
    the line may be one."""
    document = made(p(r("填报单位：") + text_box(p(r("正本")), vertical) + r("甲公司")))
    assert texts(document) == lines
    assert any(b.place.doubt for b in document.blocks) is doubtful


def test_a_vml_text_box(made: Made) -> None:
    box = f"<w:r><w:pict><v:shape><v:textbox><w:txbxContent>{p(r('框'))}</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
    assert texts(made(p(box))) == ["框"]


def test_text_boxes_in_a_group_and_in_each_other(made: Made) -> None:
    inner = text_box(p(r("里")))
    group = f"<w:r><w:drawing><wp:anchor><wpg:wgp><wps:wsp><wps:txbx><w:txbxContent>{p(r('外') + inner)}</w:txbxContent></wps:txbx></wps:wsp></wpg:wgp></wp:anchor></w:drawing></w:r>"
    assert texts(made(p(group))) == ["外", "里"]


def test_alternatives_inside_a_drawing_count_once(made: Made) -> None:
    box = f"<wps:wsp><wps:txbx><w:txbxContent>{p(r('框'))}</w:txbxContent></wps:txbx></wps:wsp>"
    both = f"<mc:AlternateContent><mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    drawn = f"<w:r><w:drawing><wp:anchor><wpg:wgp>{both}</wpg:wgp></wp:anchor></w:drawing></w:r>"
    assert texts(made(p(drawn))) == ["框"]


def test_a_text_box_in_a_cell_belongs_to_the_cell(made: Made) -> None:
    [cell] = only_grid(made(tbl(tr(tc(p(r("甲") + text_box(p(r("乙"))))))))).cells
    assert cell.text == "甲\n乙" and cell.place.doubt is None


def test_a_text_box_that_floats_over_the_text_of_a_cell_is_pointed_at(made: Made) -> None:
    box = text_box(p(r("（受理）")), "page 300000")
    [cell] = only_grid(made(tbl(tr(tc(p(r("高级") + box + r("工程师"))))))).cells
    assert cell.text == "高级工程师\n（受理）"
    assert cell.place.doubt is not None and cell.place.doubt.code == "floating-box"
    [alone] = only_grid(made(tbl(tr(tc(p(text_box(p(r("工程师")), "page 300000"))))))).cells
    assert alone.text == "工程师" and alone.place.doubt is None


def test_a_file_put_into_a_document_is_read_at_its_place(made: Made) -> None:
    inner = package(p(r("乙")) + tbl(tr(tc("丙"))) + '<w:altChunk r:id="x"/>', rels=CHUNK)
    body = p(r("甲")) + '<w:altChunk r:id="x"/>' + p(r("丁"))
    document = made(body, {"word/chunk.docx": inner}, CHUNK)
    assert texts(document) == ["甲", "乙", "丁"]
    [cell] = only_grid(document).cells
    assert (cell.text, cell.place.where) == ("丙", "第1段")
    assert "embedded-file" in {finding.code for finding in document.findings}  # the one within


CHUNK = relation("x", "aFChunk", "chunk.docx")


def test_of_very_many_files_put_into_a_document_the_first_are_read_and_it_is_said(
    made: Made,
) -> None:
    inner = package(p(r("乙")))
    document = made('<w:altChunk r:id="x"/>' * 50, {"word/chunk.docx": inner}, CHUNK)
    assert texts(document) == ["乙"] * 20
    assert [finding.code for finding in document.findings] == ["embedded-file"]


def test_an_embedded_foreign_file_is_pointed_at(made: Made) -> None:
    document = made(p(r("甲")) + '<w:altChunk r:id="x"/>')
    assert [finding.code for finding in document.findings] == ["embedded-file"]


# ------------------------------------------------------------------------------------ numbers


def numbering(levels: str, more: str = "") -> dict[str, str | bytes]:
    return {
        "word/numbering.xml": f'<w:numbering {NAMESPACES}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        f'<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>{more}</w:numbering>',
        "word/styles.xml": STYLES,
    }


def level(n: int, fmt: str, text: str, extra: str = "") -> str:
    return f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{fmt}"/>{extra}<w:lvlText w:val="{text}"/></w:lvl>'


def item(text: str, at: int = 0, num: int = 1) -> str:
    return p(r(text), f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{num}"/></w:numPr>')


NUMBERING_RELS = relation("n", "numbering", "numbering.xml") + relation("s", "styles", "styles.xml")


def numbers(document: Document) -> list[str]:
    return [paragraph.number for paragraph in document.paragraphs]


FORMATS = {
    "decimal": ["1", "2", "3"],
    "decimalZero": ["01", "02", "03"],
    "chineseCounting": ["一", "二", "三"],
    "chineseCountingThousand": ["一", "二", "三"],
    "japaneseCounting": ["一", "二", "三"],
    "chineseLegalSimplified": ["壹", "贰", "叁"],
    "ideographTraditional": ["甲", "乙", "丙"],
    "ideographZodiac": ["子", "丑", "寅"],
    "decimalEnclosedCircle": ["①", "②", "③"],
    "decimalEnclosedCircleChinese": ["①", "②", "③"],
    "decimalEnclosedParen": ["⑴", "⑵", "⑶"],
    "decimalEnclosedFullstop": ["⒈", "⒉", "⒊"],
    "decimalFullWidth": ["１", "２", "３"],
    "upperLetter": ["A", "B", "C"],
    "lowerLetter": ["a", "b", "c"],
    "upperRoman": ["I", "II", "III"],
    "lowerRoman": ["i", "ii", "iii"],
    "numberInDash": ["- 1 -", "- 2 -", "- 3 -"],
    "none": ["", "", ""],
}


@pytest.mark.parametrize("name", FORMATS)
def test_automatic_numbers(made: Made, name: str) -> None:
    document = made(
        item("a") + item("b") + item("c"), numbering(level(0, name, "%1")), NUMBERING_RELS
    )
    assert numbers(document) == FORMATS[name]


def test_chinese_numbers_beyond_ten(made: Made) -> None:
    document = made(
        item("x") * 21, numbering(level(0, "chineseCounting", "（%1）")), NUMBERING_RELS
    )
    assert [numbers(document)[i] for i in (9, 10, 18, 19, 20)] == [
        "（十）", "（十一）", "（十九）", "（二十）", "（二十一）",
    ]  # fmt: skip


def test_levels_restart_and_show_the_ones_above(made: Made) -> None:
    levels = level(0, "chineseCounting", "%1、") + level(1, "decimal", "%1.%2", "<w:isLgl/>")
    document = made(
        item("a") + item("b", 1) + item("c", 1) + item("d") + item("e", 1),
        numbering(levels),
        NUMBERING_RELS,
    )
    assert numbers(document) == ["一、", "1.1", "1.2", "二、", "2.1"]


def test_a_second_list_restarts_where_it_says_so(made: Made) -> None:
    more = (
        '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        '<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>'
    )
    document = made(
        item("a") + item("b") + item("c", num=2) + item("d", num=2) + item("e", num=3),
        numbering(level(0, "decimal", "%1."), more),
        NUMBERING_RELS,
    )
    assert numbers(document) == ["1.", "2.", "1.", "2.", "3."]


def test_numbers_come_from_styles_and_can_be_switched_off(made: Made) -> None:
    document = made(
        p(r("a"), '<w:pStyle w:val="item"/>')
        + p(r("b"), '<w:pStyle w:val="subitem"/>')
        + p(r("c"), '<w:pStyle w:val="item"/><w:numPr><w:numId w:val="0"/></w:numPr>')
        + p(r("d")),
        numbering(level(0, "decimal", "%1.")),
        NUMBERING_RELS,
    )
    assert numbers(document) == ["1.", "2.", "", ""]


def test_a_deleted_paragraph_takes_no_number(made: Made) -> None:
    num = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    gone = p(f"<w:del>{r('x')}</w:del>", num + "<w:rPr><w:del/></w:rPr>")
    document = made(
        item("a") + gone + item("b"), numbering(level(0, "decimal", "%1")), NUMBERING_RELS
    )
    assert numbers(document) == ["1", "2"]


def test_a_bullet_in_a_symbol_font_is_what_is_seen(made: Made) -> None:
    box = '<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="\uf0a8"/><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr></w:lvl>'
    assert numbers(made(item("a"), numbering(box), NUMBERING_RELS)) == ["□"]


def test_a_cell_with_only_an_automatic_number_reads_as_it(made: Made) -> None:
    num = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    rows = [tr(tc(p("", num)), tc(name)) for name in ("甲", "乙")]
    grid = only_grid(made(tbl(*rows), numbering(level(0, "decimal", "%1")), NUMBERING_RELS))
    assert [cell.text for cell in grid.cells] == ["1", "甲", "2", "乙"]


# ------------------------------------------------------------------------------------- tables


def test_merged_cells_are_one(made: Made) -> None:
    grid = only_grid(
        made(
            tbl(
                tr(tc("标题", span(3))),
                tr(tc("甲", '<w:vMerge w:val="restart"/>'), tc("1"), tc("2")),
                tr(tc("看不见", "<w:vMerge/>"), tc("3", span(2))),
                tr(tc("", '<w:vMerge w:val="continue"/>'), tc("4"), tc("5")),
            )
        )
    )
    assert (grid.rows, grid.columns) == (4, 3)
    assert shape(grid) == [
        (0, 0, 1, 3, "标题"),
        (1, 0, 3, 1, "甲"),
        (1, 1, 1, 1, "1"),
        (1, 2, 1, 1, "2"),
        (2, 1, 1, 2, "3"),
        (3, 1, 1, 1, "4"),
        (3, 2, 1, 1, "5"),
    ]


def test_two_merges_below_each_other_stay_two(made: Made) -> None:
    start, go = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    grid = only_grid(made(tbl(*(tr(tc(t, m)) for t, m in [("a", start), ("", go), ("b", start), ("", go)]))))  # fmt: skip
    assert shape(grid) == [(0, 0, 2, 1, "a"), (2, 0, 2, 1, "b")]


def test_a_merge_that_continues_nothing_is_a_cell(made: Made) -> None:
    assert shape(only_grid(made(tbl(tr(tc("甲", "<w:vMerge/>")))))) == [(0, 0, 1, 1, "甲")]


def test_old_horizontal_merge(made: Made) -> None:
    grid = only_grid(
        made(
            tbl(
                tr(tc("甲", '<w:hMerge w:val="restart"/>'), tc("", "<w:hMerge/>"), tc("乙")),
                tr(tc("1"), tc("2"), tc("3")),
            )
        )
    )
    assert shape(grid)[:2] == [(0, 0, 1, 2, "甲"), (0, 2, 1, 1, "乙")]


def test_rows_that_begin_late_and_end_early(made: Made) -> None:
    grid = only_grid(
        made(
            tbl(
                tr(tc("a"), tc("b"), tc("c")),
                tr(tc("d"), properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
            )
        )
    )
    assert shape(grid)[3:] == [(1, 1, 1, 1, "d")]
    assert grid.columns == 3


def test_rows_whose_spans_do_not_add_up_are_laid_by_width(made: Made) -> None:
    grid = only_grid(
        made(
            tbl(
                tr(tc("名称", width(2000)), tc("甲公司", width(6010))),
                tr(*(tc(t, width(2000)) for t in ("人数", "13", "资产", "99"))),
                tr(tc("", width(4000)), tc("右", width(3990))),
            )
        )
    )
    assert shape(grid) == [
        (0, 0, 1, 1, "名称"),
        (0, 1, 1, 3, "甲公司"),
        (1, 0, 1, 1, "人数"),
        (1, 1, 1, 1, "13"),
        (1, 2, 1, 1, "资产"),
        (1, 3, 1, 1, "99"),
        (2, 0, 1, 2, ""),
        (2, 2, 1, 2, "右"),
    ]


def test_a_title_whose_span_was_forgotten_covers_the_table(made: Made) -> None:
    grid = only_grid(made(tbl(tr(tc("标题")), tr(tc("a"), tc("b"), tc("c")))))
    assert shape(grid)[0] == (0, 0, 1, 3, "标题")


def test_columns_that_no_cell_uses_do_not_count(made: Made) -> None:
    grid = only_grid(made(tbl(tr(tc("a", span(1_000_000)), tc("b", span(2))))))
    assert (grid.columns, shape(grid)) == (2, [(0, 0, 1, 1, "a"), (0, 1, 1, 1, "b")])


def test_rows_inserted_and_deleted_under_tracking(made: Made) -> None:
    grid = only_grid(
        made(
            tbl(
                tr(tc("留")),
                tr(tc("删"), properties='<w:del w:id="1"/>'),
                tr(tc(p(f"<w:ins>{r('增')}</w:ins>")), properties='<w:ins w:id="2"/>'),
            )
        )
    )
    assert shape(grid) == [(0, 0, 1, 1, "留"), (1, 0, 1, 1, "增")]


def test_hidden_rows_are_read_and_noted(made: Made) -> None:
    grid = only_grid(made(tbl(tr(tc("a")), tr(tc("b"), properties="<w:hidden/>"))))
    assert [cell.text for cell in grid.cells] == ["a", "b"]
    assert grid.hidden_rows == {1}


def test_controls_around_rows_cells_and_contents(made: Made) -> None:
    def control(inner: str, properties: str = "") -> str:
        return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"

    prompt = "<w:showingPlcHdr/>"
    grid = only_grid(
        made(
            tbl(
                tr(tc("a"), control(tc("b"))),
                control(control(tr(tc("c"), tc(control(p(r("d"))))))),
                tr(tc("e"), control(tc("单击此处输入"), prompt)),
            )
        )
    )
    assert shape(grid) == [
        (0, 0, 1, 1, "a"), (0, 1, 1, 1, "b"), (1, 0, 1, 1, "c"), (1, 1, 1, 1, "d"),
        (2, 0, 1, 1, "e"), (2, 1, 1, 1, ""),
    ]  # fmt: skip


def test_a_table_alone_in_a_layout_cell_is_lifted_out(made: Made) -> None:
    inner = tbl(tr(tc("姓名"), tc("张三")))
    outer, lifted = made(tbl(tr(tc(inner + p())))).grids
    assert [cell.text.strip() for cell in outer.cells] == [""]
    assert [cell.text for cell in lifted.cells] == ["姓名", "张三"]
    assert lifted.place.table == 2


def test_a_table_beside_a_label_stays_in_its_cell_too(made: Made) -> None:
    inner = tbl(tr(tc("年度"), tc("收入")), tr(tc("2023"), tc("712")))
    outer, lifted = made(tbl(tr(tc("经营情况"), tc(p(r("如下：")) + inner + p(r("完")))))).grids
    assert outer.cells[1].text == "如下：\n年度\t收入\n2023\t712\n完"
    assert [cell.text for cell in lifted.cells] == ["年度", "收入", "2023", "712"]


def test_a_table_that_is_too_large_is_refused(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.read.ooxml.LIMITS", type(LIMITS)(slots=5))
    with pytest.raises(UnsafeError):
        made(tbl(*(tr(tc("a"), tc("b")) for _ in range(3))))


# ----------------------------------------------------------------------------------- pictures


def png(pixel: tuple[int, int, int, int], size: tuple[int, int] = (40, 40)) -> bytes:
    """A picture of one colour in the middle, white around."""
    wide, high = size

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # fmt: skip

    def at(x: int, y: int) -> bytes:
        inside = wide // 4 < x < wide * 3 // 4 and high // 4 < y < high * 3 // 4
        return bytes(pixel if inside else (255, 255, 255, 255))

    rows = b"".join(b"\0" + b"".join(at(x, y) for x in range(wide)) for y in range(high))
    head = struct.pack(">IIBBBBB", wide, high, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")  # fmt: skip


RED, BLACK, CLEAR_RED = (220, 20, 30, 255), (20, 20, 20, 255), (220, 20, 30, 0)


def test_the_share_of_red_tells_a_seal_from_a_signature() -> None:
    assert red_share(png(RED)) == 1.0
    assert red_share(png(BLACK)) == 0.0
    assert red_share(png((255, 180, 180, 255))) == 1.0, "thin, pale ink"
    assert red_share(png(CLEAR_RED)) == 0.0, "nothing to be seen"
    assert red_share(b"no picture") is None
    assert red_share(png(RED)[:60]) is None


def test_a_picture_of_too_many_pixels_is_not_decoded() -> None:
    bomb = bytearray(png(RED))
    bomb[16:24] = struct.pack(">II", 30_000, 30_000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
    assert red_share(bytes(bomb)) is None


DRAWING = '<w:r><w:drawing><wp:anchor><wp:docPr id="1" name="公章" {hidden}/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="i1"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:anchor></w:drawing></w:r>'
MEDIA: dict[str, str | bytes] = {"word/media/image1.png": png(RED)}
MEDIA_RELS = relation("i1", "image", "media/image1.png")


def test_a_picture_belongs_to_its_paragraph(made: Made) -> None:
    document = made(p(r("盖章：") + DRAWING.format(hidden="")) + p(), MEDIA, MEDIA_RELS)
    first, second = document.paragraphs
    assert [(picture.name, picture.red) for picture in first.pictures] == [("公章", 1.0)]
    assert second.pictures == ()


def test_a_picture_in_vml_and_in_an_object(made: Made) -> None:
    image = '<w:r><w:{0}><v:shape><v:imagedata r:id="i1" o:title=""/></v:shape></w:{0}></w:r>'
    document = made(tbl(tr(tc(p(image.format("pict"))), tc(p(image.format("object"))))), MEDIA, MEDIA_RELS)  # fmt: skip
    assert [[x.name for x in cell.pictures] for cell in only_grid(document).cells] == [["image1.png"]] * 2  # fmt: skip


def test_a_hidden_picture_is_not_seen(made: Made) -> None:
    document = made(p(DRAWING.format(hidden='hidden="1"')), MEDIA, MEDIA_RELS)
    assert [paragraph.pictures for paragraph in document.paragraphs] == [()]


def test_a_picture_outside_the_file_is_not_fetched(made: Made) -> None:
    document = made(
        p(DRAWING.format(hidden="")), {}, relation("i1", "image", "http://example.invalid/a.png", "External")
    )  # fmt: skip
    [paragraph] = document.paragraphs
    assert [(picture.name, picture.red) for picture in paragraph.pictures] == [("公章", None)]
    assert [(f.severity, f.code) for f in document.findings] == [("info", "external-link")]


# ------------------------------------------------------------------------------------- safety


def broken(tmp_path: Path, data: bytes) -> list[Document]:
    path = tmp_path / "b.docx"
    path.write_bytes(data)
    return docx.read(path, Source("b.docx", "0", "docx"))


def test_strict_documents_read_the_same(tmp_path: Path) -> None:
    data = package(p(r("甲", "<w:b/>")) + tbl(tr(tc("乙"))))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            text = text.replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            new.writestr(name, text)
    [document] = broken(tmp_path, out.getvalue())
    assert texts(document) == ["甲"]
    assert [cell.text for cell in only_grid(document).cells] == ["乙"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(tmp_path: Path, codec: str) -> None:
    text = f'<?xml version="1.0" encoding="{codec}"?><!DOCTYPE x [<!ENTITY a "b">]><w:document {NAMESPACES}><w:body>{p("&a;")}</w:body></w:document>'
    with pytest.raises(UnsafeError, match="DOCTYPE"):
        broken(tmp_path, package("", {"word/document.xml": text.encode(codec)}))


@pytest.mark.parametrize("limit", ["members", "inflated", "part", "elements"])
def test_too_much_of_anything_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr("pipeline.read.ooxml.LIMITS", type(LIMITS)(**{limit: 3}))
    with pytest.raises(UnsafeError):
        broken(tmp_path, package(p(r("甲"))))


def test_macros_are_noted_and_the_text_is_read(made: Made) -> None:
    document = made(p(r("甲")), {"word/vbaProject.bin": b"macro"})
    assert texts(document) == ["甲"]
    assert [finding.code for finding in document.findings] == ["macros"]


def test_a_password_is_told_from_an_old_format(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000
    with pytest.raises(ProtectedError):
        broken(tmp_path, ole + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100)
    with pytest.raises(UnsupportedError):
        broken(tmp_path, ole)


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    data = bytearray(package(p(r("甲"))))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    with pytest.raises(ProtectedError):
        broken(tmp_path, bytes(data))


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"hello", package("")[:200], package("<w:p>"), package("", {"word/document.xml": b"\0"})],
    ids=["empty", "only a mark", "text", "cut", "not well-formed", "not XML"],
)  # fmt: skip
def test_a_damaged_file_has_a_plain_reason(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        broken(tmp_path, data)
    assert "b.docx" in str(caught.value)


def test_a_package_without_a_document_is_named_incomplete(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(UnreadableError, match="缺少"):
        broken(tmp_path, out.getvalue())


def test_deep_nesting_is_no_crash(made: Made) -> None:
    body = p(r("芯"))
    for _ in range(60):
        body = tbl(tr(f"<w:tc>{body}</w:tc>"))
    assert "芯" in texts(made("<w:customXml>" * 200 + p(r("芯")) + "</w:customXml>" * 200))
    assert made(body).blocks
    with pytest.raises(UnreadableError):
        made("<w:customXml>" * 5000 + "</w:customXml>" * 5000)


def rich_document() -> bytes:
    """One document with most habits in it, as a seed for mutation."""
    body = "".join(p(inner) for inner, _ in INLINE.values())
    start = '<w:vMerge w:val="restart"/>'
    table = tbl(
        tr(tc("a", span(2) + width(3000)), tc("b", start + width(1000))),
        tr(tc("c", width(1500)), tc("d", width(1500)), tc("", "<w:vMerge/>" + width(1000))),
        tr(tc(tbl(tr(tc("n")))), properties='<w:gridBefore w:val="1"/>'),
    )
    parts = numbering(level(0, "chineseCounting", "%1、")) | MEDIA
    return package(
        body + table + item("x") + p(DRAWING.format(hidden="") + text_box(p(r("t")))),
        parts,
        NUMBERING_RELS + MEDIA_RELS,
    )


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The package with one part damaged: bytes changed, cut, doubled, or a number blown up."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        victim = rng.choice([n for n in old.namelist() if n.endswith((".xml", ".rels", ".png"))])
        for name in old.namelist():
            content = old.read(name)
            if name == victim:
                content = damage(content, rng)
            new.writestr(name, content)
    return out.getvalue()


def damage(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(max(len(content), 1))
    piece = content[at : at + rng.randrange(1, 40)]
    return rng.choice(
        [
            content[:at],
            content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :],
            content.replace(piece, b""),
            content.replace(piece, piece * 2),
            content.replace(b'="1"', f'="{rng.choice(["", "-1", "x", "99999999999", "1e9", "½"])}"'.encode()),
            content.replace(b'="0"', b'="-7"'),
            content.replace(b'w:val="2"', b'w:val="70000"'),
        ]
    )  # fmt: skip


SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.docx"))


@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 300), marks=pytest.mark.slow)])
def test_no_damage_makes_more_than_a_plain_reason(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        data = rng.choice([rich_document(), *(path.read_bytes() for path in SAMPLES)])
        if seed % 3 == 0:
            at = rng.randrange(len(data))
            bad = data[:at] if seed % 2 else data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]
        else:
            bad = mutated(data, rng)
        try:
            [document] = broken(tmp_path, bad)
        except PipelineError as error:
            assert "b.docx" in str(error), seed
        else:
            assert all(isinstance(cell, Cell) for grid in document.grids for cell in grid.cells), (
                seed
            )

    # -------------------------------------------------------------------------------------- speed


def test_symbols_not_in_the_tables_stay_as_they_are() -> None:
    assert symbol("Wingdings", 0xF021) == "\uf021"
    assert symbol("宋体", 0x41) == "A"
