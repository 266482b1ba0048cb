"""Rows of plain cells are read as if each had been parsed: both ways, the same document."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import read
from pipeline.document import Document, Grid
from pipeline.errors import UnreadableError
from pipeline.read import xlsx_rows

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}"><sheetData>'
TAIL = '</sheetData><mergeCells><mergeCell ref="B2:C3"/></mergeCells></worksheet>'
FORMATS = (
    "yyyy/m/d",
    "0.0%",
    '0!.0,"万"',
    "0000-0000000",
    '[=1]"√";[=0]"×"',
    ";;;",
    '#,##0.00"元"',
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts>'
    + "".join(
        f'<numFmt numFmtId="{200 + n}" formatCode="{code.replace(chr(34), "&quot;")}"/>'
        for n, code in enumerate(FORMATS)
    )
    + '</numFmts><fonts><font/><font><b/></font><font><strike/></font><font><name val="Wingdings"/></font></fonts>'
    "<cellXfs>"
    + "".join(f'<xf numFmtId="0" fontId="{n}"/>' for n in range(4))
    + "".join(f'<xf numFmtId="{200 + n}" fontId="0"/>' for n in range(len(FORMATS)))
    + "</cellXfs></styleSheet>"
)
STRINGS = (
    f'<sst xmlns="{MAIN}"><si><t>甲</t></si><si><t>1.38E+10</t></si><si><r><rPr><b/></rPr><t>粗</t></r><r><t>体</t></r></si>'
    "<si><t>一\n二</t></si><si/></sst>"
)
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'{RELATIONS}<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="表" r:id="a"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'{RELATIONS}<Relationship Id="a" Type="{OFFICE}/worksheet" Target="worksheets/a.xml"/>'
    f'<Relationship Id="b" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="c" Type="{OFFICE}/sharedStrings" Target="strings.xml"/></Relationships>',
    "xl/styles.xml": STYLES,
    "xl/strings.xml": STRINGS,
}  # fmt: skip

#: How a cell is written, `{at}` for where, `{s}` for the style, `{}` for what is in it.
PLAIN = (
    '<c r="{at}"{s} t="inlineStr"><is><t>{text}</t></is></c>',
    '<c r="{at}"{s} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>',
    '<c r="{at}"{s}><v>{number}</v></c>',
    '<c r="{at}"{s} t="n"><v>{number}</v></c>',
    '<c r="{at}"{s}/>',
    '<c r="{at}"{s}></c>',
    '<c r="{at}"{s} t="s"><v>{index}</v></c>',
)
UNUSUAL = (
    '<c t="inlineStr" r="{at}"><is><t>{text}</t></is></c>',
    '<c r="{at}" t="inlineStr"><is><r><t>{text}</t></r></is></c>',
    '<c r="{at}" t="inlineStr"><is><t>{text}</t><rPh sb="0" eb="1"><t>x</t></rPh></is></c>',
    '<c r="{at}" t="str"><f>A1</f><v>{text}</v></c>',
    '<c r="{at}"><f>A1</f></c>',
    '<c r="{at}" t="b"><v>1</v></c>',
    '<c r="{at}" t="e"><v>#REF!</v></c>',
    '<c r="{at}" t="d"><v>2024-09-01</v></c>',
    '<c r="{at}" t="inlineStr"><v>{number}</v></c>',
    '<c r="{at}"><is><t>{text}</t></is></c>',
    '<c r="{at}" t="s"><v>99</v></c>',
    "<c><v>{number}</v></c>",
    '<c r="{at}"><!-- x --><v>{number}</v></c>',
    "<c r=\"{at}\"><v><![CDATA[<row r='9'>]]></v></c>",
)
TEXTS = (
    "甲", "13800000000", "A&amp;B &lt;C&gt;", "&amp;lt;", " 两 端 ", "\u3000全角", "a>b", "甲\n乙", "&#20013;", "&#x4e2d;",
    "&#10;甲", "&#0;", "\uf0fe是", "_x000D_甲", "_x4E2D_", "1.38E+10", "1E10", "9138E12345", "", "&#13;", "甲\r\n乙", "２０", "²",
)  # fmt: skip
NUMBERS = (
    "0", "5", "12", "14.5", "0.35199999999999998", "45000", "45000.5", "60", "1", "13812345678", "1.38E+10", "123456789012345678",
    "-3", "007", "1.50", " 7 ", "x", "", "1e400", "0.00001", "999999999.99999", "٣",
)  # fmt: skip
ROWS = (
    '<row r="{n}">', '<row r="{n}" spans="1:3" ht="19.5" customHeight="1">', '<row r="{n}" hidden="1">', '<row r="{n}" ht="0">',
    "<row>", "\n<row r=\"{n}\">", '<row r="{n}" hidden="0">', '<row r="{n}" x:dyDescent="0.2">',
)  # fmt: skip


def cell(written: str, style: int, text: str, number: str, at: str) -> str:
    own = f' s="{style}"' if style else ""
    return written.format(at=at, s=own, text=text, number=number, index=len(text) % 5)


def row(start: str, n: int, cells: list[tuple[str, int, str, str]]) -> str:
    inner = "".join(cell(*one, f"{'ABCD'[at]}{n}") for at, one in enumerate(cells))
    return f"{start.format(n=n)}{inner}</row>"


def cells(written: tuple[str, ...]) -> st.SearchStrategy[tuple[str, int, str, str]]:
    return st.tuples(
        st.sampled_from(written),
        st.integers(0, 11),
        st.sampled_from(TEXTS),
        st.sampled_from(NUMBERS),
    )


@st.composite
def sheets(draw: st.DrawFn) -> str:
    found = []
    for n in range(1, draw(st.integers(1, 5)) + 1):
        one = cells(PLAIN if draw(st.booleans()) else PLAIN + UNUSUAL)
        start = ROWS[0] if draw(st.booleans()) else draw(st.sampled_from(ROWS))
        found.append(row(start, draw(st.integers(n, n + 1)), draw(st.lists(one, max_size=4))))
    return "".join(found)


def written_to(path: Path, rows: str | bytes, head: str = HEAD) -> Path:
    content = rows if isinstance(rows, bytes) else f"{head}{rows}{TAIL}".encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in PARTS.items():
            archive.writestr(name, part)
        archive.writestr("xl/worksheets/a.xml", content)
    return path


def shown(documents: list[Document]) -> list[Any]:
    """All that a reader can ask of a document."""
    found: list[Any] = []
    for document in documents:
        for block in document.blocks:
            assert isinstance(block, Grid)
            held = [
                (c.row, c.column, c.rowspan, c.colspan, c.text, c.place, c.paragraphs)
                for c in block.cells
            ]
            found.append((block.rows, block.columns, block.place, block.hidden_rows, held))
        found.append((document.findings, document.struck))
    return found


def outcome(path: Path) -> Any:
    try:
        return shown(read.read(path))
    except UnreadableError as error:
        return type(error), str(error)


def read_both(path: Path) -> tuple[Any, Any, int]:
    """The document with lifting, without it, and how many rows were lifted."""
    folders: list[Any] = []
    fold = xlsx_rows.Folder.fold

    def watched(self: Any, data: bytes) -> bytes:
        folders.append(self)
        return fold(self, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(xlsx_rows.Folder, "fold", watched)
        patch.setattr(xlsx_rows, "WORTHWHILE", 0)
        lifted = outcome(path)
    plain = outcome(path)  # so small a file is parsed whole
    return lifted, plain, sum(len(folder.rows) for folder in folders)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


@settings(deadline=None)  # how long it takes is the machine's affair
@given(rows=sheets())
def test_lifted_or_parsed_the_document_is_the_same(folder: Path, rows: str) -> None:
    lifted, parsed, _ = read_both(written_to(folder / "a.xlsx", rows))
    assert lifted == parsed


@pytest.mark.parametrize("style", range(12))
def test_every_plain_cell_says_the_same(tmp_path: Path, style: int) -> None:
    said = [
        *((text, "5") for text in TEXTS if "&#0;" not in text),
        *(("甲", n) for n in NUMBERS if n != "x"),
    ]
    rows = "".join(
        row(ROWS[0], n, [(how, style, text, number) for how in PLAIN[:4]])
        for n, (text, number) in enumerate(said, start=1)
    )
    lifted, parsed, count = read_both(written_to(tmp_path / "a.xlsx", rows))
    assert lifted == parsed
    assert isinstance(parsed, list)
    assert style in (2, 6, 8) or count > 10  # what is struck, scaled or chosen is noted where it is


@pytest.mark.parametrize("how", PLAIN)
def test_plain_rows_are_lifted(tmp_path: Path, how: str) -> None:
    rows = "".join(row(ROWS[n % 2], n, [(how, 0, "甲 A&amp;B", "14.5")] * 3) for n in (1, 2, 3))
    lifted, parsed, count = read_both(written_to(tmp_path / "a.xlsx", rows))
    assert lifted == parsed
    assert count == 3


@pytest.mark.parametrize("how", UNUSUAL)
def test_no_other_row_is_lifted(tmp_path: Path, how: str) -> None:
    rows = "".join(row(ROWS[0], n, [(how, 0, "甲", "5")] * 2) for n in (1, 2))
    lifted, parsed, count = read_both(written_to(tmp_path / "a.xlsx", rows))
    assert lifted == parsed
    assert count == 0


ONE = row(ROWS[0], 1, [(PLAIN[0], 0, "甲", "5")])


@pytest.mark.parametrize(
    ("rows", "head"),
    [
        (f"<!-- {ONE} -->{ONE}", HEAD),
        (f"<?x {ONE}?>{ONE}", HEAD),
        (f'<row r="3"/>{ONE}', HEAD),
        (f'<row pipeline-rows="0 1"/>{ONE}', HEAD),
        (ONE.replace("<row ", '<row xmlns="urn:other" '), HEAD),
        (ONE.replace('r="1"', 'r="1" r="2"'), HEAD),
        (ONE.replace("甲", "\x01"), HEAD),
        (ONE.replace("甲", "]]>"), HEAD),
        (ONE.replace("甲", "&nbsp;"), HEAD),
        (ONE.replace("</is></c>", "</is>"), HEAD),
        (ONE.replace("</c>", "</c></c>"), HEAD),
        (ONE, HEAD.replace("UTF-8", "GBK")),
        (ONE, HEAD.replace("<sheetData>", "<!DOCTYPE a><sheetData>")),
        (ONE, HEAD.replace("xmlns=", "xmlns:x=")),
    ],
)
def test_what_looks_like_rows_is_left_alone(tmp_path: Path, rows: str, head: str) -> None:
    lifted, parsed, _ = read_both(written_to(tmp_path / "a.xlsx", rows, head))
    assert lifted == parsed


def test_broken_files_break_alike(tmp_path: Path) -> None:
    rng = random.Random(7)
    rows = "".join(
        row(rng.choice(ROWS[:2]), n, [
            (rng.choice(PLAIN), rng.randrange(12), rng.choice(TEXTS), rng.choice(NUMBERS)) for _ in range(3)
        ])
        for n in range(1, 20)
    )  # fmt: skip
    content = f"{HEAD}{rows}{TAIL}".encode()
    for n in range(150):
        at, length = rng.randrange(len(HEAD), len(content)), rng.randrange(1, 40)
        piece = rng.choice([b"", b"<", b"\xff", content[at : at + 9] * 2, b"</c>", b"/"])
        path = written_to(tmp_path / f"{n % 2}.xlsx", content[:at] + piece + content[at + length :])
        lifted, parsed, _ = read_both(path)
        assert lifted == parsed
