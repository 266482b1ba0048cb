"""Rows of repeated mark-up are read as if each had been parsed: both ways, the same document."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import read
from pipeline.document import Document, Grid
from pipeline.errors import UnreadableError
from pipeline.read import docx_rows

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    f'<w:document xmlns:w="{W}" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml">'
    "<w:body>"
)
STYLES = (
    f'<w:styles xmlns:w="{W}">'
    '<w:style w:type="paragraph" w:default="1" w:styleId="a"/>'
    '<w:style w:type="paragraph" w:styleId="Bold"><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Counted">'
    '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style></w:styles>'
)
NUMBERING = (
    f'<w:numbering xmlns:w="{W}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
    '<w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    "_rels/.rels": f'{RELATIONS}<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
    "word/_rels/document.xml.rels": f'{RELATIONS}<Relationship Id="s" Type="{OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="n" Type="{OFFICE}/numbering" Target="numbering.xml"/></Relationships>',
    "word/styles.xml": STYLES,
    "word/numbering.xml": NUMBERING,
}  # fmt: skip

#: What a cell may hold, `{}` for a text. Of the first ones rows are lifted, of the others not.
LIFTED = (
    "<w:p><w:r><w:t>{}</w:t></w:r></w:p>",
    "<w:p/>",
    "<w:p><w:r><w:t/></w:r></w:p>",
    '<w:p w14:paraId="00A1B2C3"><w:r w:rsidR="00FF0011"><w:t xml:space="preserve">{}</w:t></w:r></w:p>',
    '<w:p><w:pPr><w:pStyle w:val="Bold"/></w:pPr><w:r><w:t>{}</w:t></w:r><w:proofErr/><w:r><w:t>{}</w:t></w:r></w:p>',
    "<w:p><w:r><w:t>{}</w:t></w:r><w:r><w:rPr><w:u/></w:rPr><w:t>{}</w:t></w:r><w:r><w:t>{}</w:t></w:r></w:p>",
    "<w:p><w:r><w:t>{}</w:t></w:r></w:p>\n<w:p><w:r><w:t xml:space='preserve'>{}</w:t><w:t>{}</w:t></w:r></w:p>",
    '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p>',
    '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p>',
    "<w:tcPr><w:vMerge/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p>",
    '<w:tcPr><w:tcW w:w="900" w:type="dxa"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p>',
)  # fmt: skip
PARSED = (
    '<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>',
    '<w:p><w:pPr><w:pStyle w:val="Counted"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>',
    "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{}</w:t></w:r></w:p>",
    "<w:p><w:r><w:rPr><w:strike/></w:rPr><w:t>{}</w:t></w:r></w:p>",
    '<w:p><w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>{}</w:t></w:r></w:p>',
    "<w:p><w:r><w:t>{}</w:t><w:br/><w:t>{}</w:t></w:r></w:p>",
    "<w:p><w:del><w:r><w:delText>{}</w:delText></w:r></w:del><w:r><w:t>{}</w:t></w:r></w:p>",
    "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p><w:p/>",
    "<w:p><w:r><w:t><![CDATA[<w:tr>]]>{}</w:t></w:r></w:p>",
    "<w:p><!-- <w:tc> --><w:r><w:t>{}</w:t></w:r></w:p>",
    '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:t>{}</w:t></w:r></w:p>',
    "<w:sdt><w:sdtContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    '<w:tcPr><w:hMerge w:val="continue"/></w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p>',
)
#: A table in a cell: its rows are plain themselves, the one around them is not.
NESTED = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
TEXTS = (
    "", "甲", "13800000000", "A&amp;B &lt;C&gt;", "&amp;lt;", " 两 端 ", "\u3000全角", "a>b", "甲\n乙",
    "&#20013;", "&#9;x", "\uf0fe是", "√", "\t", "]]&gt;", 'w:rsidR="00000000"', " w:rsidR=\"00000000\">",
    "\u00a0", "甲\u2028乙", "\U0001f5f9",
)  # fmt: skip
ROWS = ("<w:tr>", '<w:tr w:rsidR="00AB12CD" w14:textId="77777777">', "<w:tr><w:trPr><w:hidden/></w:trPr>",
        "<w:tr><w:trPr><w:del/></w:trPr>", '<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>',
        "<w:tr><w:tblPrEx/>", "\n  <w:tr>")  # fmt: skip


def text_of(markup: str, texts: list[str]) -> str:
    return markup.format(*texts)


def row(start: str, cells: list[tuple[str, list[str]]]) -> str:
    inner = "".join(f"<w:tc>{text_of(markup, texts)}</w:tc>" for markup, texts in cells)
    return f"{start}{inner}</w:tr>"


def written(path: Path, body: str, head: str = HEAD) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)
        archive.writestr("word/document.xml", f"{head}{body}</w:body></w:document>")
    return path


def shown(documents: list[Document]) -> list[Any]:
    """All that a reader can ask of a document."""
    found: list[Any] = []
    for document in documents:
        for block in document.blocks:
            if isinstance(block, Grid):
                cells = [
                    (c.row, c.column, c.rowspan, c.colspan, c.text, c.place, c.paragraphs)
                    for c in block.cells
                ]
                found.append((block.rows, block.columns, block.place, block.hidden_rows, cells))
            else:
                found.append(block)
        found.append((document.findings, document.struck))
    return found


def read_both(path: Path, patch: pytest.MonkeyPatch) -> tuple[Any, Any, int]:
    """The document with lifting, without it, and how many rows were lifted."""
    folders: list[Any] = []
    fold = docx_rows.Folder.fold

    def watched(self: Any, data: bytes) -> bytes:
        folders.append(self)
        return fold(self, data)

    with patch.context() as inner:
        inner.setattr(docx_rows.Folder, "fold", watched)
        inner.setattr(docx_rows, "WORTHWHILE", 0)
        lifted = outcome(path)
    plain = outcome(path)  # so small a file is parsed whole
    return lifted, plain, sum(len(folder.rows) for folder in folders)


def outcome(path: Path) -> Any:
    try:
        return shown(read.read(path))
    except UnreadableError as error:
        return type(error), str(error)


def cells(markups: tuple[str, ...]) -> st.SearchStrategy[tuple[str, list[str]]]:
    texts = st.lists(st.sampled_from(TEXTS), min_size=3, max_size=3)
    return st.tuples(st.sampled_from(markups), texts)


def tables(markups: tuple[str, ...]) -> st.SearchStrategy[str]:
    rows = st.builds(row, st.sampled_from(ROWS), st.lists(cells(markups), min_size=1, max_size=4))
    return st.lists(rows, min_size=1, max_size=5).map(
        lambda r: f"<w:tbl>{''.join(r)}</w:tbl><w:p/>"
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rows")


def test_a_row_like_one_of_a_table_inside_keeps_its_own_columns(folder: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t></w:t></w:r></w:p></w:tc>"
    inner = f"<w:tc><w:tbl><w:tr>{cell}</w:tr></w:tbl><w:p/></w:tc>"
    table = f"<w:tbl><w:tr>{cell}{inner}</w:tr><w:tr>{cell}</w:tr></w:tbl><w:p/>"
    lifted, parsed, _ = read_both(written(folder / "a.docx", table), pytest.MonkeyPatch())
    assert lifted == parsed


@given(table=tables((*LIFTED, *PARSED, NESTED)))
def test_lifted_or_parsed_the_document_is_the_same(folder: Path, table: str) -> None:
    path = written(folder / "a.docx", table)
    lifted, parsed, _ = read_both(path, pytest.MonkeyPatch())
    assert lifted == parsed


@pytest.mark.parametrize("markup", LIFTED)
def test_each_plain_cell_is_lifted(tmp_path: Path, markup: str) -> None:
    table = f"<w:tbl>{row('<w:tr>', [(markup, ['甲', ' 乙', 'A&amp;B'])] * 2) * 3}</w:tbl>"
    lifted, parsed, rows = read_both(written(tmp_path / "a.docx", table), pytest.MonkeyPatch())
    assert lifted == parsed
    assert rows == 3


@pytest.mark.parametrize("markup", PARSED)
def test_no_other_cell_is_lifted(tmp_path: Path, markup: str) -> None:
    table = f"<w:tbl>{row('<w:tr>', [(markup, ['甲', ' 乙', 'A&amp;B'])] * 2) * 3}</w:tbl>"
    lifted, parsed, rows = read_both(written(tmp_path / "a.docx", table), pytest.MonkeyPatch())
    assert lifted == parsed
    assert rows == 0


PLAIN = f"<w:tbl>{row('<w:tr>', [(LIFTED[0], ['甲'])]) * 3}</w:tbl>"


@pytest.mark.parametrize(
    ("body", "head"),
    [
        (f"<!-- {PLAIN} -->{PLAIN}", HEAD),
        (f"<w:p><w:r><w:t><![CDATA[{PLAIN}]]></w:t></w:r></w:p>{PLAIN}", HEAD),
        (f"<?x {PLAIN}?>{PLAIN}", HEAD),
        (PLAIN.replace("<w:tbl>", '<w:tbl xmlns:w="urn:other">'), HEAD),
        (PLAIN.replace("甲", "\x01"), HEAD),
        (PLAIN.replace("甲", "甲<"), HEAD),
        (PLAIN.replace("甲", "]]>"), HEAD),
        (PLAIN.replace("甲", "&nbsp;"), HEAD),
        (PLAIN.replace("甲", "&#1;"), HEAD),
        (PLAIN.replace("<w:tbl>", '<w:tbl><w:tr pipeline-rows="0 3"/>'), HEAD),
        (PLAIN, HEAD.replace("UTF-8", "GBK")),
        (PLAIN, HEAD.replace("xmlns:w=", "xmlns:v=")),
        (PLAIN + "</w:tr>", HEAD),
        (PLAIN.replace("</w:tc></w:tr>", "</w:tr>", 1), HEAD),
    ],
)  # fmt: skip
def test_what_looks_like_rows_is_left_alone(tmp_path: Path, body: str, head: str) -> None:
    lifted, parsed, _ = read_both(written(tmp_path / "a.docx", body, head), pytest.MonkeyPatch())
    assert lifted == parsed


@pytest.mark.parametrize("state", ["0", "1"])
def test_a_check_box_around_a_table_counts_in_it(tmp_path: Path, state: str) -> None:
    box = f'<w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="{state}"/></w14:checkbox></w:sdtPr>'
    body = f"{box}<w:sdtContent>{PLAIN}</w:sdtContent></w:sdt>"
    lifted, parsed, rows = read_both(written(tmp_path / "a.docx", body), pytest.MonkeyPatch())
    assert lifted == parsed
    assert rows == 3


def test_broken_files_break_alike(tmp_path: Path) -> None:
    rng = random.Random(7)
    body = "".join(
        row(rng.choice(ROWS), [(rng.choice(LIFTED), rng.choices(TEXTS, k=3)) for _ in range(3)])
        for _ in range(30)
    )
    content = f"{HEAD}<w:tbl>{body}</w:tbl></w:body></w:document>".encode()
    for n in range(150):
        at, length = rng.randrange(len(HEAD), len(content)), rng.randrange(1, 40)
        broken = (
            content[:at]
            + rng.choice([b"", b"<", b"\xff", content[at : at + 9] * 2])
            + content[at + length :]
        )
        path = tmp_path / f"{n % 2}.docx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, part in PARTS.items():
                archive.writestr(name, part)
            archive.writestr("word/document.xml", broken)
        lifted, parsed, _ = read_both(path, pytest.MonkeyPatch())
        assert lifted == parsed
