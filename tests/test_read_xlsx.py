"""Workbooks and delimited text as people leave them: for every habit the exact cell text.

Workbooks are built from raw XML, so that each holds one habit and nothing else.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.document import Document, Grid, Paragraph, Source
from pipeline.errors import PipelineError, ProtectedError, UnreadableError, UnsafeError
from pipeline.read import delimited, xlsx
from pipeline.read.ooxml import LIMITS

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
R = f'xmlns:r="{OFFICE}"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'
DRAWN = (
    'xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" '
    f'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" {R}'
)

Made = Callable[..., list[Document]]


def styles(*codes: str, fonts: str = "", xfs: str = "") -> str:
    """Style n+1 shows numbers by the nth code; style 0 is General."""
    formats = "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code.replace("&", "&amp;").replace(chr(34), "&quot;").replace("<", "&lt;")}"/>'
        for n, code in enumerate(codes)
    )
    own = "".join(f'<xf numFmtId="{200 + n}" fontId="0"/>' for n in range(len(codes)))
    return (
        f"<styleSheet {MAIN}><numFmts>{formats}</numFmts><fonts><font/>{fonts}</fonts>"
        f'<cellXfs><xf numFmtId="0" fontId="0"/>{own}{xfs}</cellXfs></styleSheet>'
    )


def relation(id_: str, kind: str, target: str, mode: str = "") -> str:
    extra = f' TargetMode="{mode}"' if mode else ""
    return f'<Relationship Id="{id_}" Type="{OFFICE}/{kind}" Target="{target}"{extra}/>'


def package(
    *sheets: str,
    parts: dict[str, str | bytes] | None = None,
    strings: str = "",
    states: tuple[str, ...] = (),
    book: str = "",
    book_rels: str = "",
) -> bytes:
    """A workbook whose sheets are the given `worksheet` contents, named 表1, 表2 …"""
    names = "".join(
        f'<sheet name="表{n}" sheetId="{n}" state="{states[n - 1] if states else "visible"}" r:id="s{n}"/>'
        for n in range(1, len(sheets) + 1)
    )
    links = "".join(
        relation(f"s{n}", "worksheet", f"worksheets/sheet{n}.xml")
        for n in range(1, len(sheets) + 1)
    )
    files: dict[str, str | bytes] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f"<Relationships {RELS}>{relation('d', 'officeDocument', 'xl/workbook.xml')}</Relationships>",
        "xl/workbook.xml": f"<workbook {MAIN} {R}>{book}<sheets>{names}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships {RELS}>{links}{relation('t', 'styles', 'styles.xml')}{relation('g', 'sharedStrings', '/xl/sharedStrings.xml')}{book_rels}</Relationships>",
        "xl/styles.xml": styles(),
        "xl/sharedStrings.xml": f"<sst {MAIN}>{strings}</sst>",
    }
    for n, sheet in enumerate(sheets, 1):
        files[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {MAIN} {R}>{sheet}</worksheet>"
    files.update(parts or {})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def opened(tmp_path: Path, data: bytes) -> list[Document]:
    path = tmp_path / "b.xlsx"
    path.write_bytes(data)
    return xlsx.read(path, Source("b.xlsx", "0", "xlsx"))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    def make(*sheets: str, **options: object) -> list[Document]:
        return opened(tmp_path, package(*sheets, **options))  # type: ignore[arg-type]

    return make


def data(*rows: str) -> str:
    return f"<sheetData>{''.join(rows)}</sheetData>"


def row(number: int, *cells: str, extra: str = "") -> str:
    return f'<row r="{number}" {extra}>{"".join(cells)}</row>'


def n(reference: str, value: object, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}"><v>{value}</v></c>'


def t(reference: str, text: str, style: int = 0) -> str:
    return f'<c r="{reference}" s="{style}" t="inlineStr"><is><t>{text}</t></is></c>'


def merges(*references: str) -> str:
    items = "".join(f'<mergeCell ref="{reference}"/>' for reference in references)
    return f"<mergeCells>{items}</mergeCells>"


def grid_of(document: Document) -> Grid:
    [grid] = document.grids
    return grid


def first_text(documents: list[Document]) -> str:
    return grid_of(documents[0]).cells[0].text


def codes(document: Document) -> list[str]:
    """What the reader says: of the sheet, and of single cells, each once."""
    cells = [cell for grid in document.grids for cell in grid.cells]
    doubts = [cell.place.doubt.code for cell in cells if cell.place.doubt is not None]
    return [finding.code for finding in document.findings] + list(dict.fromkeys(doubts))


def shape(grid: Grid) -> list[tuple[int, int, int, int, str]]:
    return [(c.row, c.column, c.rowspan, c.colspan, c.text) for c in grid.cells]


# ------------------------------------------------------------------------------------- values

NUMBERS = {
    "integer": ("", "13", "13"),
    "integer stored as a float": ("", "13.0", "13"),
    "phone stored as a float": ("", "1.3812345678E10", "13812345678"),
    "phone in scientific format": ("0.00E+00", "13812345678", "13812345678"),
    "fifteen digits": ("", "123456789012345", "123456789012345"),
    "fraction with binary noise": ("", "0.35199999999999998", "0.352"),
    "sum with binary noise": ("", "0.30000000000000004", "0.3"),
    "typed fraction stays as typed": ("0.00", "508.625", "508.625"),
    "long fraction of a formula as shown": ("0.00", "33.333333333333336", "33.33"),
    "a nought that the format shows": ("0.00", "2024.1", "2024.10"),
    "negative": ('0.00_);[Red]("0.00")', "-12.5", "-12.50"),
    "tiny": ("", "1E-7", "0.0000001"),
    "zero": ("", "-0.0", "0"),
    "zero shown as a dash is a zero": ('_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', "0", "0"),
    "thousands": ("#,##0.00", "1234567.5", "1234567.50"),
    "per cent": ("0%", "0.35", "35%"),
    "per cent with a decimal": ("0.0%", "0.35199999999999998", "35.2%"),
    "unit in the format": ('0"人"', "13", "13人"),
    "yuan in the format": ('#,##0.00"元"', "5086000", "5086000元"),
    "currency sign": ("[$¥-804]#,##0.00", "12345.6", "¥12345.60"),
    "leading zeros": ("000000", "1", "000001"),
    "phone pattern": ("0000-0000000", "7311234567", "0731-1234567"),
    "General in Chinese": ('G/通用格式"岁"', "35", "35岁"),
    "words instead of numbers": ('[=1]"√";[=0]"×"', "1", "√"),
    "words for the other number": ('[=1]"√";[=0]"×"', "0", "×"),
    "number neither": ('[=1]"√";[=0]"×";General', "7", "7"),
    "a word for nought": ('"是";;"否"', "0", "否"),
    "a word for more than nought": ('"是";;"否"', "1", "是"),
    "text format": ("@", "35", "35"),
    "date": ("yyyy/m/d", "45561", "2024/9/26"),
    "Chinese date": ('yyyy"年"m"月"d"日"', "45561", "2024年9月26日"),
    "Chinese date with locale": ('[$-804]yyyy"年"m"月"d"日";@', "45561", "2024年9月26日"),
    "date in Chinese numerals": ('[DBNum1][$-804]yyyy"年"m"月"d"日"', "45561", "2024-09-26"),
    "long date of the system": (r"[$-F800]dddd\,\ mmmm\ dd\,\ yyyy", "45561", "2024-09-26"),
    "year and month": ('yyyy"年"m"月"', "45561", "2024年9月"),
    "year and month, dashed": (r"yyyy\-mm", "45561", "2024-09"),
    "year": ("yyyy", "45561", "2024"),
    "month and day": ('m"月"d"日"', "45561", "2024-09-26"),
    "weekday": ("[$-804]aaaa;@", "45561", "2024-09-26"),
    "date and time": ("yyyy/m/d h:mm", "45561.604166666664", "2024-09-26 14:30"),
    "date with a time that is not shown": ("yyyy/m/d", "45561.99999", "2024/9/26"),
    "time": ("h:mm", "0.604166666666667", "14:30"),
    "time with seconds": ("h:mm:ss", "0.604178240740741", "14:30:01"),
    "elapsed hours": ("[h]:mm", "1.5", "36:00"),
    "before the day that never was": ("yyyy/m/d", "59", "1900/2/28"),
    "after the day that never was": ("yyyy/m/d", "61", "1900/3/1"),
    "negative in a date format": ("yyyy/m/d", "-3", "-3"),
}  # fmt: skip


@pytest.mark.parametrize("habit", NUMBERS)
def test_numbers_as_a_person_reads_them(made: Made, habit: str) -> None:
    code, raw, expected = NUMBERS[habit]
    parts = {"xl/styles.xml": styles(code)} if code else {}
    documents = made(data(row(1, n("A1", raw, 1 if code else 0))), parts=parts)
    assert first_text(documents) == expected
    assert codes(documents[0]) == []


BUILT_IN = {14: "2024/9/26", 17: "2024-09", 31: "2024年9月26日", 57: "2024年9月", 58: "2024-09-26", 9: "4556100%", 1: "45561"}  # fmt: skip


@pytest.mark.parametrize("number", BUILT_IN)
def test_built_in_formats(made: Made, number: int) -> None:
    xf = f'<xf numFmtId="{number}" fontId="0"/>'
    documents = made(data(row(1, n("A1", 45561, 1))), parts={"xl/styles.xml": styles(xfs=xf)})
    assert first_text(documents) == BUILT_IN[number]


def test_dates_counted_from_1904(made: Made) -> None:
    documents = made(
        data(row(1, n("A1", 44099, 1))),
        parts={"xl/styles.xml": styles("yyyy/m/d")},
        book='<workbookPr date1904="1"/>',
    )
    assert first_text(documents) == "2024/9/26"


def test_a_bare_number_may_be_a_date_counted_from_1904(made: Made) -> None:
    [document] = made(data(row(1, n("A1", 44099), n("B1", 35))), book='<workbookPr date1904="1"/>')
    assert codes(document) == ["date-system"]
    assert grid_of(document).cells[1].place.doubt is None


def test_a_number_hidden_by_its_format_is_not_seen(made: Made) -> None:
    documents = made(
        data(row(1, n("A1", 5, 1), t("B1", "见"))), parts={"xl/styles.xml": styles(";;;")}
    )
    assert first_text(documents) == "见"


def test_scaled_numbers_keep_their_unit_and_are_pointed_at_without_one(made: Made) -> None:
    documents = made(
        data(row(1, n("A1", 5086000, 1), n("B1", 12345, 2), n("C1", 12000, 3))),
        parts={"xl/styles.xml": styles('0!.0000"万元"', '0!.0,"万"', "#,##0,")},
    )
    cells = grid_of(documents[0]).cells
    assert [cell.text for cell in cells] == ["508.6万元", "1.2345万", "12"]
    assert [cell.place.doubt and cell.place.doubt.code for cell in cells] == [
        None, None, "scaled-number",
    ]  # fmt: skip


def test_a_point_set_by_hand_stays_one_when_libreoffice_has_saved_it(made: Made) -> None:
    documents = made(
        data(row(1, n("A1", 20000, 1))), parts={"xl/styles.xml": styles(r'0\!.0,"万元"')}
    )
    assert first_text(documents) == "2万元"


def test_long_numbers_that_lost_their_end_are_pointed_at(made: Made) -> None:
    [document] = made(
        data(row(1, n("A1", "9.1430100000000000E+17"), t("B1", "1.38E+10"), t("C1", "9.14301E17")))
    )
    assert [cell.text for cell in grid_of(document).cells] == [
        "9.14301E+17", "1.38E+10", "9.14301E17",
    ]  # fmt: skip
    assert [c.place.doubt.code for c in grid_of(document).cells if c.place.doubt] == [
        "number-precision"
    ] * 3


SPECIAL = {
    "true": ('<c r="A1" t="b"><v>1</v></c>', "TRUE", []),
    "false": ('<c r="A1" t="b"><v>0</v></c>', "FALSE", []),
    "error": ('<c r="A1" t="e"><f>B9</f><v>#REF!</v></c>', "#REF!", ["cell-error"]),
    "formula with its value": ('<c r="A1"><f>1+1</f><v>2</v></c>', "2", []),
    "formula with text": ('<c r="A1" t="str"><f>B1</f><v>张三</v></c>', "张三", []),
    "ISO date": ('<c r="A1" t="d"><v>2024-09-26T00:00:00</v></c>', "2024-09-26", []),
    "cell without a reference": ("<c><v>7</v></c>", "7", []),
    "inline rich text": ('<c r="A1" t="inlineStr"><is><r><t>张</t></r><r><rPr/><t>三</t></r></is></c>', "张三", []),
    "phonetic guide": ('<c r="A1" t="inlineStr"><is><t>岳麓</t><rPh sb="0" eb="1"><t>yuelu</t></rPh></is></c>', "岳麓", []),
    "escaped line end": ('<c r="A1" t="inlineStr"><is><t>甲_x000D_\n乙</t></is></c>', "甲\n乙", []),
    "escaped underscore": ('<c r="A1" t="inlineStr"><is><t>a_x005F_x0041_</t></is></c>', "a_x0041_", []),
    "private symbol": (t("A1", "\uf0fe自有"), "☑自有", []),
}  # fmt: skip


@pytest.mark.parametrize("habit", SPECIAL)
def test_other_cells(made: Made, habit: str) -> None:
    cell, expected, found = SPECIAL[habit]
    documents = made(data(row(1, cell)))
    assert first_text(documents) == expected
    assert codes(documents[0]) == found


@pytest.mark.parametrize("empty", ["<v></v>", "<v/>", ""])
def test_a_formula_without_a_value_is_no_value_and_pointed_at(made: Made, empty: str) -> None:
    [document] = made(data(row(1, f'<c r="A1"><f>SUM(B1)</f>{empty}</c>', t("B1", "x"))))
    formula, other = grid_of(document).cells
    assert (formula.text, other.text) == ("=SUM(B1)", "x")
    assert formula.place.is_lost and not other.place.is_lost
    assert codes(document) == ["formula-no-value"]


def test_formulas_that_depend_on_the_day_are_lost_where_another_program_computed(
    tmp_path: Path,
) -> None:
    cells = (
        '<c r="A1"><f>TODAY()</f><v>46351</v></c>', '<c r="B1"><f>YEAR($A$1)-1980</f><v>46</v></c>',
        '<c r="C1"><f>B1+1</f><v>47</v></c>', '<c r="D1"><f>ROW()</f><v>1</v></c>',
    )  # fmt: skip
    path = tmp_path / "b.xlsx"
    path.write_bytes(package(data(row(1, *cells))))
    source = Source("b.xls", "0", "xls")
    for recalculated, lost in ((True, [True, True, True, False]), (False, [False] * 4)):
        [document] = xlsx.read(path, source, recalculated=recalculated)
        assert [cell.place.is_lost for cell in grid_of(document).cells] == lost


def test_shared_strings_with_looks(made: Made) -> None:
    strings = "<si><t>自有</t></si><si><r><t>租</t></r><r><rPr><b/></rPr><t>用</t></r></si><si/>"
    [document] = made(
        data(row(1, *(f'<c r="{c}1" t="s"><v>{i}</v></c>' for i, c in enumerate("ABC")))),
        strings=strings,
    )
    runs = [[(run.text, run.bold) for run in p.runs] for c in grid_of(document).cells for p in c.paragraphs]  # fmt: skip
    assert runs == [[("自有", False)], [("租", False), ("用", True)]]


def test_the_font_of_a_cell_marks_a_choice_or_draws_a_tick(made: Made) -> None:
    fonts = '<font><b/><u/></font><font><name val="Wingdings 2"/></font><font><strike/></font>'
    xfs = "".join(f'<xf numFmtId="0" fontId="{i}"/>' for i in (1, 2, 3))
    [document] = made(
        data(row(1, t("A1", "租用", 1), t("B1", "R", 2), t("C1", "自有", 3))),
        parts={"xl/styles.xml": styles(fonts=fonts, xfs=xfs)},
    )
    cells = grid_of(document).cells
    assert [cell.text for cell in cells] == ["租用", "☑", ""]
    assert document.struck == {cells[2].place}
    [run] = cells[0].paragraphs[0].runs
    assert (run.bold, run.underline) == (True, True)
    assert codes(document) == ["struck-text"]


def test_line_breaks_in_a_cell_are_paragraphs(made: Made) -> None:
    [cell] = grid_of(made(data(row(1, t("A1", "甲\n\n乙"))))[0]).cells
    assert [paragraph.text for paragraph in cell.paragraphs] == ["甲", "", "乙"]


# --------------------------------------------------------------------------------- the layout


def test_merged_cells_are_one_and_what_they_cover_is_not_seen(made: Made) -> None:
    [document] = made(
        data(
            row(1, t("A1", "标题"), t("B1", "看不见")),
            row(2, t("A2", "甲"), n("B2", 1)),
            row(3, n("B3", 2)),
        )
        + merges("A1:B1", "A2:A3")
    )
    assert shape(grid_of(document)) == [
        (0, 0, 1, 2, "标题"), (1, 0, 2, 1, "甲"), (1, 1, 1, 1, "1"), (2, 1, 1, 1, "2"),
    ]  # fmt: skip


def test_a_merge_far_beyond_what_is_used_is_cut_to_it(made: Made) -> None:
    [document] = made(
        data(row(1, t("A1", "标题")), row(2, t("A2", "a"), t("B2", "b"))) + merges("A1:XFD1")
    )
    assert shape(grid_of(document))[0] == (0, 0, 1, 2, "标题")


def test_merges_that_overlap_or_say_nothing_are_borne(made: Made) -> None:
    [document] = made(
        data(row(1, t("A1", "a"), t("B1", "b"), t("C1", "c"))) + merges("A1:B1", "B1:C1", "x", "C1")
    )
    assert [cell.text for cell in grid_of(document).cells] == ["a", "c"]


def test_places_are_those_of_the_sheet(made: Made) -> None:
    [document] = made(data(row(5, t("C5", "张三"))))
    [cell] = grid_of(document).cells
    assert (cell.row, cell.column) == (0, 0)
    assert cell.place.where == "工作表“表1” C5"


def test_blanks_inside_the_used_part_are_cells(made: Made) -> None:
    [document] = made(data(row(1, t("A1", "姓名"), t("C1", "电话")), row(3, n("A3", 1))))
    grid = grid_of(document)
    assert (grid.rows, grid.columns, len(grid.cells)) == (3, 3, 9)


def test_a_stray_cell_far_away_makes_no_large_grid(made: Made) -> None:
    [document] = made(
        '<dimension ref="A1:A1"/>'
        + data(row(1, t("A1", "姓名"), t("B1", "张三")), row(1_048_576, t("XFD1048576", "x")))
    )
    grid = grid_of(document)
    assert (grid.rows, grid.columns) == (3, 4)
    assert grid.cells[-1].place.where == "工作表“表1” XFD1048576"


def test_styled_blank_cells_do_not_count_as_used(made: Made) -> None:
    blanks = [row(i, f'<c r="Z{i}" s="0"/>') for i in range(2, 500)]
    [document] = made(data(row(1, t("A1", "x")), *blanks))
    assert (grid_of(document).rows, grid_of(document).columns) == (1, 1)


def test_hidden_rows_columns_and_sheets_are_read_and_pointed_at(made: Made) -> None:
    first, second, third = made(
        data(row(1, t("A1", "a")), row(2, t("A2", "b"), extra='hidden="1"')),
        '<cols><col min="2" max="2" hidden="1"/></cols>' + data(row(1, t("A1", "a"), t("B1", "b"))),
        data(row(1, t("A1", "c"))),
        states=("visible", "visible", "veryHidden"),
    )
    assert grid_of(first).hidden_rows == {1}
    assert [cell.text for cell in grid_of(first).cells] == ["a", "b"]
    assert codes(first) == []
    assert grid_of(second).hidden_columns == {1}
    assert codes(third) == ["hidden-sheet"]


def test_one_document_a_sheet_and_none_for_an_empty_one(made: Made) -> None:
    documents = made(data(row(1, t("A1", "a"))), data(), data(row(1, t("A1", "b"))))
    assert [grid_of(d).place.sheet for d in documents] == ["表1", "表3"]
    [empty] = made(data(), data(row(1, '<c r="A1" s="0"/>')))
    assert empty.blocks == ()


def test_many_cells_with_one_fault_are_one_finding(made: Made) -> None:
    cells = data(*(row(i, t(f"A{i}", "甲", 1)) for i in range(1, 50)))
    xf = '<xf numFmtId="0" fontId="1"/>'
    [document] = made(cells, parts={"xl/styles.xml": styles(fonts="<font><strike/></font>", xfs=xf)})  # fmt: skip
    [finding] = document.findings
    assert finding.code == "struck-text"
    assert len(document.struck) == 49


def test_header_text_is_kept_apart(made: Made) -> None:
    [document] = made(
        data(row(1, t("A1", "a")))
        + '<headerFooter><oddHeader>&amp;C&amp;"宋体,常规"&amp;12附件3</oddHeader><oddFooter>&amp;P</oddFooter></headerFooter>'
    )
    assert [paragraph.text for paragraph in document.furniture] == ["附件3"]


# ----------------------------------------------------------------------- pictures and the rest


def red_png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (20, 20), (220, 20, 30)).save(out, "PNG")
    return out.getvalue()


PICTURE = '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" name="公章"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed="i1"/></xdr:blipFill></xdr:pic>'


def drawing(inner: str) -> dict[str, str | bytes]:
    return {
        "xl/drawings/drawing1.xml": f"<xdr:wsDr {DRAWN}><xdr:twoCellAnchor><xdr:from><xdr:col>1</xdr:col><xdr:row>2</xdr:row></xdr:from>{inner}</xdr:twoCellAnchor></xdr:wsDr>",
        "xl/drawings/_rels/drawing1.xml.rels": f"<Relationships {RELS}>{relation('i1', 'image', '../media/image1.png')}</Relationships>",
        "xl/worksheets/_rels/sheet1.xml.rels": f"<Relationships {RELS}>{relation('d1', 'drawing', '../drawings/drawing1.xml')}</Relationships>",
        "xl/media/image1.png": red_png(),
    }


def test_a_picture_stands_in_the_cell_where_it_begins(made: Made) -> None:
    [document] = made(
        data(row(3, t("B3", "盖章"))) + '<drawing r:id="d1"/>', parts=drawing(PICTURE)
    )
    [cell] = grid_of(document).cells
    assert (cell.text, [(p.name, p.red) for p in cell.pictures]) == ("盖章", [("公章", 1.0)])


def test_a_picture_over_a_blank_cell_gives_it_a_cell(made: Made) -> None:
    [document] = made(data(row(1, t("A1", "甲"))) + '<drawing r:id="d1"/>', parts=drawing(PICTURE))
    grid = grid_of(document)
    held = grid.at(2, 1)
    assert held is not None
    assert held.place.where == "工作表“表1” B3"
    assert len(held.pictures) == 1


def test_a_picture_inside_a_cell_as_wps_keeps_it(made: Made) -> None:
    images = f'<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument/2017/etCustomData" {DRAWN}><etc:cellImage>{PICTURE.replace("公章", "ID_7")}</etc:cellImage></etc:cellImages>'
    [document] = made(
        data(row(1, '<c r="A1" t="str"><f>_xlfn.DISPIMG("ID_7",1)</f><v>=DISPIMG("ID_7",1)</v></c>')),
        parts={
            "xl/cellimages.xml": images,
            "xl/_rels/cellimages.xml.rels": f"<Relationships {RELS}>{relation('i1', 'image', 'media/image1.png')}</Relationships>",
            "xl/media/image1.png": red_png(),
        },
        book_rels='<Relationship Id="c" Type="http://www.wps.cn/officeDocument/2020/cellImage" Target="cellimages.xml"/>',
    )  # fmt: skip
    [cell] = grid_of(document).cells
    assert (cell.text, [p.red for p in cell.pictures]) == ("", [1.0])


def test_a_text_box_follows_the_grid(made: Made) -> None:
    box = "<xdr:sp><xdr:txBody><a:bodyPr/><a:p><a:r><a:t>填报</a:t></a:r><a:r><a:t>说明</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    [document] = made(data(row(1, t("A1", "a"))) + '<drawing r:id="d1"/>', parts=drawing(box))
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == ["填报说明"]


# ------------------------------------------------------------------------------------- safety


def test_macros_and_outside_links_are_noted_once(made: Made) -> None:
    first, second = made(
        data(row(1, t("A1", "a"))),
        data(row(1, t("A1", "b"))),
        parts={"xl/vbaProject.bin": b"x"},
        book_rels=relation("x", "externalLinkPath", "file:///c:/a.xlsx", "External"),
    )
    assert codes(first) == ["macros", "external-link"]
    assert codes(second) == []


def test_strict_workbooks_read_the_same(tmp_path: Path) -> None:
    out = io.BytesIO()
    made = package(data(row(1, t("A1", "甲"))))
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            text = text.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")  # fmt: skip
            text = text.replace(OFFICE.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships")  # fmt: skip
            new.writestr(name, text)
    assert first_text(opened(tmp_path, out.getvalue())) == "甲"


def test_a_doctype_and_a_password_are_told(tmp_path: Path) -> None:
    evil = f'<!DOCTYPE x [<!ENTITY a "b">]><worksheet {MAIN}/>'
    with pytest.raises(UnsafeError, match="DOCTYPE"):
        opened(tmp_path, package("", parts={"xl/worksheets/sheet1.xml": evil}))
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(ProtectedError):
        opened(tmp_path, ole)


def test_a_grid_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.read.ooxml.LIMITS", type(LIMITS)(slots=5))
    with pytest.raises(UnsafeError):
        opened(tmp_path, package(data(row(1, t("A1", "a"), t("C1", "b")), row(2, t("A2", "c")))))


BAD = {
    "string that is not there": '<c r="A1" t="s"><v>99</v></c>',
    "number that is none": '<c r="A1"><v>abc</v></c>',
    "reference that is none": '<c r="甲1"><v>1</v></c>',
    "style that is none": '<c r="A1" s="x"><v>1</v></c>',
}


@pytest.mark.parametrize("case", BAD)
def test_nonsense_has_a_plain_reason(tmp_path: Path, case: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        opened(tmp_path, package(data(row(1, BAD[case]))))
    assert "b.xlsx" in str(caught.value)


def rich_workbook() -> bytes:
    """One workbook with most habits in it, as a seed for mutation."""
    cells = [row(i + 10, cell.replace("A1", f"A{i + 10}")) for i, (cell, _, _) in enumerate(SPECIAL.values())]  # fmt: skip
    numbers = [n(f"{chr(65 + i % 26)}{1 + i // 26}", raw, i + 1) for i, (_, raw, _) in enumerate(NUMBERS.values())]  # fmt: skip
    sheet = data(row(1, *numbers[:26]), row(2, *numbers[26:]), row(3, t("A3", "x")), *cells)
    parts = drawing(PICTURE) | {"xl/styles.xml": styles(*(c or "0" for c, _, _ in NUMBERS.values()))}  # fmt: skip
    return package(sheet + merges("A3:B4", "C3:D9") + '<drawing r:id="d1"/>', parts=parts)


def damage(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(max(len(content), 1))
    piece = content[at : at + rng.randrange(1, 40)]
    wild = rng.choice(["", "-1", "x", "99999999999", "1e999", "nan", "½", "XFD1048577"])
    return rng.choice(
        [
            content[:at],
            content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :],
            content.replace(piece, b""),
            content.replace(piece, piece * 2),
            content.replace(b'r="A', f'r="{wild}'.encode()),
            content.replace(b"<v>", f"<v>{wild}".encode()),
            content.replace(b'="1"', f'="{wild}"'.encode()),
        ]
    )


def mutated(made: bytes, rng: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        victim = rng.choice([name for name in old.namelist() if not name.startswith("docProps")])
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, damage(content, rng) if name == victim else content)
    return out.getvalue()


SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.xlsx"))


@pytest.mark.parametrize("seeds", [range(60), pytest.param(range(60, 300), marks=pytest.mark.slow)])
def test_no_damage_makes_more_than_a_plain_reason(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        rng = random.Random(seed)
        whole = rng.choice([rich_workbook(), *(path.read_bytes() for path in SAMPLES)])
        if seed % 3 == 0:
            at = rng.randrange(len(whole))
            bad = (
                whole[:at] if seed % 2 else whole[:at] + bytes([whole[at] ^ 0x55]) + whole[at + 1 :]
            )
        else:
            bad = mutated(whole, rng)
        try:
            documents = opened(tmp_path, bad)
        except PipelineError as error:
            assert "b.xlsx" in str(error), seed
        else:
            assert documents, seed


def test_the_same_texts_as_openpyxl(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    rows = [["姓名", "年龄", "电话"], *([f"张{i}", i, 13_800_000_000 + i] for i in range(50))]
    for values in rows:
        book.active.append(values)
    out = io.BytesIO()
    book.save(out)
    [document] = opened(tmp_path, out.getvalue())
    texts = [cell.text for cell in grid_of(document).cells]
    assert texts == [str(value) for values in rows for value in values]


# ----------------------------------------------------------------------------- delimited text


def delimited_texts(tmp_path: Path, content: bytes) -> list[list[str]]:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    [document] = delimited.read(path, Source("a.csv", "0", "csv"))
    grid = grid_of(document)
    return [[cell.text for cell in grid.row_cells(r)] for r in range(grid.rows)]


TABLE = "姓名,电话\n张三,13800000001\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, codec: str) -> None:
    expected = [["姓名", "电话"], ["张三", "13800000001"]]
    assert delimited_texts(tmp_path, TABLE.encode(codec)) == expected


@pytest.mark.parametrize("mark", [",", "\t", ";", "|", "，"])
def test_delimiters(tmp_path: Path, mark: str) -> None:
    assert delimited_texts(tmp_path, TABLE.replace(",", mark).encode())[1] == ["张三", "13800000001"]  # fmt: skip


def test_quotes_line_ends_and_short_rows(tmp_path: Path) -> None:
    content = '标题\r\n"甲,乙","a\r\nb"\r\n\r\n'.encode()
    assert delimited_texts(tmp_path, content) == [["标题", ""], ["甲,乙", "a\nb"]]


def test_scientific_numbers_in_text_are_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("电话\n1.38E+10\n", encoding="utf-8")
    [document] = delimited.read(path, Source("a.csv", "0", "csv"))
    assert codes(document) == ["number-precision"]


def test_text_in_no_encoding_has_a_plain_reason(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="编码"):
        delimited_texts(tmp_path, b"\xff\xff\xff,\x81")


# --------------------------------------------------------------------------- form controls


def control(row: int, column: int, text: str, on: bool, kind: str = "Checkbox") -> str:
    """A check box as Excel draws it, its `<br>` left open."""
    state = "<x:Checked>1</x:Checked>" if on else ""
    return (
        f'<v:shape type="#_x0000_t201"><v:textbox><div><font>{text}<br></font></div></v:textbox>'
        f'<x:ClientData ObjectType="{kind}"><x:Anchor>{column}, 4, {row}, 2, 9, 9, 9, 9</x:Anchor>'
        f"{state}</x:ClientData></v:shape>"
    )


def test_check_boxes_that_lie_on_the_sheet_stand_in_their_cells(made: Made) -> None:
    drawn = "".join(
        [control(0, 1, "租用", False), control(0, 2, "自有", True), control(1, 0, "", True),
         control(2, 0, "旁注", True, kind="Note")]
    )  # fmt: skip
    links = f"<Relationships {RELS}>{relation('v', 'vmlDrawing', '../drawings/v.vml')}</Relationships>"  # fmt: skip
    names = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"'  # fmt: skip
    [document] = made(
        data(row(1, t("A1", "性质"), t("B1", "请选")), row(2, t("B2", "其它")))
        + merges("B1:C1")
        + '<legacyDrawing r:id="v"/>',
        parts={
            "xl/worksheets/_rels/sheet1.xml.rels": links,
            "xl/drawings/v.vml": f"<xml {names}>{drawn}</xml>",
        },
    )
    assert [cell.text for cell in grid_of(document).cells if cell.text] == [
        "性质", "请选 ☐租用 ☑自有", "☑", "其它",
    ]  # fmt: skip
