"""Marks on the applicant's own file: at the right place in each format, and nothing else changed."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pdfplumber
import pikepdf
import pypdf
import pypdfium2
import pytest
from lxml import etree

from pipeline import flow, mark, read
from pipeline.document import Box, Place
from pipeline.mark.pdf import user_space
from pipeline.read import office
from pipeline.read.docx_places import locate

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.corpus.habits import HABITS

SAMPLES = Path(__file__).parent / "samples"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
needs_office = pytest.mark.skipif(office.find() is None, reason="LibreOffice is not installed")

#: Habits in which the cell is not where a simple count would have it.
TWISTED = (
    "cells-shifted-widths", "nested-values", "nested-form", "text-boxes", "tracked-rows", "content-controls",
    "several-annexes", "smart-tags", "rows-many", "label-and-value-merged", "table-split",
)  # fmt: skip


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def origins(path: Path) -> dict[Place, set[str]]:
    """Every place of a file with what stands there."""
    found: dict[Place, set[str]] = {}
    for reading in flow.read_paths([path]):
        for origin in reading.origins.values():
            found.setdefault(origin.place, set()).add(plain(origin.text))
    return found


def marked(path: Path, places: dict[Place, Any], tmp_path: Path) -> Path:
    """A copy with a mark at each of the places."""
    given = [mark.Mark(place, f"标注{n}").as_json() for n, place in enumerate(places)]
    made = Path(flow.mark_file(str(path), path.name, given, str(tmp_path)))
    return made.rename(tmp_path / f"标注_{path.stem}{made.suffix}")


def data(path: Path) -> list[Any]:
    return [(line["annex"], line["data"]) for line in flow.read_file(path)]


def cases(form: str) -> list[Any]:
    names = [n for n, h in HABITS.items() if n.startswith(TWISTED) and form in h.forms]
    return [
        *(pytest.param(path, id=path.name) for path in sorted(SAMPLES.glob(f"*.{form}"))),
        *(pytest.param(name, id=name, marks=pytest.mark.slow) for name in names),
    ]


def written(case: Path | str, form: str, tmp_path: Path) -> Path:
    if isinstance(case, Path):
        return case
    path = tmp_path / f"{case}.{form}"
    path.write_bytes(next(iter(HABITS[case].cases(form, 1)))[2].bytes())
    return path


# ---------------------------------------------------------------- each format


@pytest.mark.parametrize("case", cases("docx"))
def test_every_place_of_a_docx_is_found_and_all_reads_the_same(
    case: Path | str, tmp_path: Path
) -> None:
    path = written(case, "docx", tmp_path)
    places = origins(path)
    spots = locate(path, path.name, list(places))
    assert set(spots) == set(places)
    copy = marked(path, places, tmp_path)
    root = xml(copy, "word/document.xml")
    for place, texts in places.items():
        kind, number = spots[place]
        element = list(root.iter(f"{W}{kind}"))[number]
        shown = plain("".join(element.itertext(f"{W}t", f"{W}sym")))
        for text in texts if kind == "tc" else ():
            assert text in shown or has_marks(element), (place, text, shown)
        assert list(element.iter(f"{W}commentReference"))
        assert element.find(f"{W}{kind}Pr/{W}shd").get(f"{W}fill") == mark.COLOUR
    assert data(copy) == data(path)


def has_marks(element: Any) -> bool:
    """Boxes and dropped text, whose letters are not in the text of the mark-up."""
    return any(
        next(element.iter(f"{W}{tag}"), None) is not None
        for tag in ("sym", "checkBox", "sdt", "del")
    )


def xml(path: Path, part: str) -> Any:
    with zipfile.ZipFile(path) as archive:
        return etree.fromstring(archive.read(part))


@pytest.mark.parametrize("case", cases("xlsx"))
def test_every_place_of_a_workbook_is_marked_and_all_reads_the_same(
    case: Path | str, tmp_path: Path
) -> None:
    path = written(case, "xlsx", tmp_path)
    places = origins(path)
    copy = marked(path, places, tmp_path)
    book = openpyxl.load_workbook(copy)
    for number, place in enumerate(places):
        cell = book[place.sheet].cell(place.row, place.column)
        assert cell.comment.text == f"标注{number}" and cell.comment.author == mark.AUTHOR
        assert cell.fill.fgColor.rgb == f"FF{mark.COLOUR}"
    assert data(copy) == data(path)


def test_every_place_of_a_pdf_is_highlighted_and_all_reads_the_same(tmp_path: Path) -> None:
    path = SAMPLES / "附件1-申请表.pdf"
    places = origins(path)
    copy = marked(path, places, tmp_path)
    with pdfplumber.open(copy) as pdf:
        for number, (place, texts) in enumerate(places.items()):
            page = pdf.pages[place.page - 1]
            annot = next(a for a in page.annots if a["contents"] == f"标注{number}")
            area = page.crop(
                (annot["x0"] - 1, annot["top"] - 1, annot["x1"] + 1, annot["bottom"] + 1)
            )
            shown = plain(area.extract_text())
            assert all(text[:5] in shown for text in texts), (place, texts, shown)
    assert data(copy) == data(path)


@pytest.mark.parametrize("turn", [0, 90])
def test_two_pages_on_one_page_of_a_pdf_are_read_and_marked_where_they_stand(
    tmp_path: Path, turn: int
) -> None:
    path = two_in_one(SAMPLES / "附件1-申请表.pdf", tmp_path / "二合一.pdf", turn)
    assert data(path) == data(SAMPLES / "附件1-申请表.pdf")
    places = origins(path)
    assert {place.page for place in places} == {1}
    copy = marked(path, places, tmp_path)
    with pypdfium2.PdfDocument(copy) as seen, pikepdf.open(copy) as notes:
        for number, (place, texts) in enumerate(places.items()):
            note = next(a for a in notes.pages[place.page - 1].Annots if f"标注{number}" == str(a.get("/Contents")))  # fmt: skip
            x0, y0, x1, y1 = (float(value) for value in note.Rect)
            page = seen[place.page - 1].get_textpage()
            shown = plain(page.get_text_bounded(x0 - 1, y0 - 1, x1 + 1, y1 + 1))
            assert all(text[:5] in shown for text in texts), (place, texts, shown)


def two_in_one(path: Path, target: Path, turn: int) -> Path:
    """Two pages a page, side by side and smaller, as printers do; the sheet lies turned."""
    whole, made = pypdf.PdfReader(path), pypdf.PdfWriter()
    for first in range(0, len(whole.pages), 2):
        sheet = pypdf.PageObject.create_blank_page(width=595, height=842)
        for i, page in enumerate(whole.pages[first : first + 2]):
            moved = pypdf.Transformation().scale(0.7).translate(421 * i, 0)
            sheet.merge_transformed_page(page, moved.rotate(90).translate(595, 0))
        if turn:
            sheet.rotate(turn)
        made.add_page(sheet)
    made.write(target)
    return target


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_boxes_find_their_way_back_on_turned_and_cropped_pages(turn: int) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(600, 800))
        page.cropbox = [50, 100, 550, 700]  # 500 × 600
        page.rotate(turn, relative=False)
        wide = 500 if turn % 180 == 0 else 600
        # The corner that is shown at the top left.
        corner = {0: (50, 700), 90: (50, 100), 180: (550, 100), 270: (550, 700)}[turn]
        x0, y0, x1, y1 = user_space(page, Box(0, 0, 30, 10))
        assert corner[0] in (x0, x1) and corner[1] in (y0, y1)
        x0, y0, x1, y1 = user_space(page, Box(0, 0, wide, 1))
        assert max(x1 - x0, y1 - y0) == wide


@needs_office
@pytest.mark.slow
def test_an_old_document_is_marked_in_what_it_was_turned_into(tmp_path: Path) -> None:
    import subprocess

    path = SAMPLES / "附件1-申请表.docx"
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(tmp_path / 'desk').as_uri()}", "--headless",
         "--convert-to", "doc", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True,
    )  # fmt: skip
    old = tmp_path / "附件1-申请表.doc"
    places = origins(old)
    copy = marked(old, places, tmp_path)
    assert copy.suffix == ".docx" and data(copy)[0][1] == data(old)[0][1]
    assert len(xml(copy, "word/comments1.xml")) == len(places)


def test_a_picture_is_marked_on_a_page_of_its_own_measure(tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (1654, 2339), "white").save(tmp_path / "扫描.png")
    place = Place(page=1, box=Box(100, 200, 300, 220))
    copy = marked(tmp_path / "扫描.png", {place: None}, tmp_path)
    with pdfplumber.open(copy) as pdf:
        (page,) = pdf.pages
        assert page.height == pytest.approx(842, abs=1) and page.width == pytest.approx(595, abs=1)
        annot = next(a for a in page.annots if a["contents"] == "标注0")
        assert annot["top"] == pytest.approx(200, abs=1) and annot["x1"] == pytest.approx(
            300, abs=1
        )


# ---------------------------------------------------------------- what is there already


def test_older_comments_of_a_docx_stay(tmp_path: Path) -> None:
    import docx

    document = docx.Document(SAMPLES / "附件1-申请表.docx")
    document.add_comment(document.paragraphs[0].runs, text="原有批注", author="张三")
    path = tmp_path / "表.docx"
    document.save(path)
    places = dict(list(origins(path).items())[:3])
    again = docx.Document(marked(path, places, tmp_path))
    assert [c.text for c in again.comments] == ["原有批注", "标注0", "标注1", "标注2"]
    assert len({c.comment_id for c in again.comments}) == 4


def test_older_notes_formulas_and_their_values_stay(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(SAMPLES / "附件3-服务人员.xlsx")
    sheet = book.worksheets[0]
    sheet["B5"].comment = openpyxl.comments.Comment("原有批注", "张三")
    sheet["H5"] = "=1+1"
    path = tmp_path / "表.xlsx"
    book.save(path)
    with_value(path, "H5", "2")
    places = {Place(sheet=sheet.title, row=5, column=column): None for column in (2, 3, 8)}
    copy = marked(path, places, tmp_path)
    seen = openpyxl.load_workbook(copy).worksheets[0]
    assert seen["B5"].comment.text == "原有批注\n标注0" and seen["C5"].comment.text == "标注1"
    assert seen["H5"].value == "=1+1"
    assert openpyxl.load_workbook(copy, data_only=True).worksheets[0]["H5"].value == 2
    assert data(copy) == data(path)


def with_value(path: Path, cell: str, value: str) -> None:
    """Gives a formula the value that a spreadsheet would have stored."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == "xl/worksheets/sheet1.xml":
                pattern = rb'(<c r="%s"[^>]*><f>[^<]*</f>)<v ?/?>(</v>)?' % cell.encode()
                content, times = re.subn(pattern, rb"\1<v>%s</v>" % value.encode(), content)
                assert times == 1
            new.writestr(info, content)
    path.write_bytes(out.getvalue())


def test_no_text_of_a_mark_becomes_a_formula_or_mark_up(tmp_path: Path) -> None:
    path = SAMPLES / "附件3-服务人员.xlsx"
    place = next(iter(origins(path)))
    given = [mark.Mark(place, '=HYPERLINK("x")<b>&amp;').as_json()]
    copy = flow.mark_file(str(path), path.name, given, str(tmp_path))
    cell = openpyxl.load_workbook(copy)[place.sheet].cell(place.row, place.column)
    assert cell.comment.text == '=HYPERLINK("x")<b>&amp;'
    assert data(Path(copy)) == data(path)


# ---------------------------------------------------------------- what is said


def issue(pointer: str, message: str, severity: str = "error") -> dict[str, str]:
    return {"severity": severity, "code": "x", "pointer": pointer, "message": message, "article": "第八条"}  # fmt: skip


def test_what_is_said_of_one_place_is_one_mark_and_remarks_are_none() -> None:
    document = {
        "issues": [issue("/a", "甲。"), issue("/a", "乙。", "warning"), issue("/b", "丙。", "info"), issue("", "丁。")],
        "places": {"/a": {"table": 1, "row": 2, "column": 3}},
    }  # fmt: skip
    one, whole = mark.marks_of([document])
    assert one.place == Place(table=1, row=2, column=3)
    assert one.text == "1. 【不符合】甲。（依据：第八条）\n2. 【存疑】乙。（依据：第八条）"
    assert whole.place is None and "丁" in whole.text


def test_too_many_marks_end_in_a_word_about_the_rest() -> None:
    pointers = [f"/{number}" for number in range(mark.MOST + 5)]
    document = {
        "issues": [issue(pointer, "甲。") for pointer in pointers],
        "places": {p: {"table": 1, "row": n, "column": 1} for n, p in enumerate(pointers)},
    }
    *_, whole = found = mark.marks_of([document])
    assert len(found) == mark.MOST + 1 and "另有 5 处" in whole.text and whole.place is None


def test_what_has_no_place_is_said_at_the_head_of_the_file(tmp_path: Path) -> None:
    for name in ("附件1-申请表.docx", "附件3-服务人员.xlsx", "附件1-申请表.pdf"):
        copy = marked(SAMPLES / name, {None: None}, tmp_path)  # type: ignore[dict-item]
        if copy.suffix == ".docx":
            root = xml(copy, "word/document.xml")
            first = next(root.iter(f"{W}p"))
            assert first.find(f".//{W}commentReference") is not None
        elif copy.suffix == ".xlsx":
            assert openpyxl.load_workbook(copy).worksheets[0]["A1"].comment.text == "标注0"
        else:
            with pdfplumber.open(copy) as pdf:
                assert next(a["contents"] for a in pdf.pages[0].annots) == "标注0"


def test_a_csv_cannot_be_marked_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "表.csv"
    path.write_text("序号,姓名\n1,甲\n", "utf-8")
    with pytest.raises(read.UnsupportedError, match="不能在其上加标注"):
        marked(path, {Place(row=1, column=1): None}, tmp_path)


def test_names_of_copies_are_plain_short_and_each_once() -> None:
    names = mark.Names()
    assert names.new("材料/附件1.docx", ".docx") == "标注_附件1.docx"
    assert names.new("旧/附件1.doc", ".docx") == "标注_附件1-2.docx"
    assert "\u202e" not in names.new("附件\u202excod.pdf", ".pdf")
    assert len(names.new("长" * 300 + ".docx", ".docx").encode()) <= 255
