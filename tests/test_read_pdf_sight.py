"""PDF pages as people see them: covered, overprinted, doubled, cut; every border there is."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path
from random import Random

import pikepdf
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Box, Document
from pipeline.extract.taken import SURE
from pipeline.read import pdf
from pipeline.read.pdf_join import Filled, join_cut_row, repeated_heads
from pipeline.read.pdf_lines import lines_of
from pipeline.read.pdf_page import Glyph
from pipeline.read.pdf_rules import Rule, find_tables, rules_of_dots
from pipeline.read.pdf_sight import Stretch, watermarks
from tests.drawn import Read, drawn, in_cell, read, ruled, texts, written

__all__ = ["read"]


def sure(document: Document) -> list[bool]:
    """Whether each cell of the tables is sure."""
    return [cell.place.confidence >= SURE for grid in document.grids for cell in grid.cells]


# -- borders ------------------------------------------------------------------------------------


def test_dots_in_a_row_are_a_rule_and_chance_is_none() -> None:
    line = [Box(100 + 1.5 * i, 50, 100.75 + 1.5 * i, 50.75) for i in range(100)]
    column = [Box(100, 50 + 1.5 * i, 100.75, 50.75 + 1.5 * i) for i in range(40)]
    found = rules_of_dots([*line, *column, Box(300, 300, 301, 301), Box(302, 300, 303, 301)])
    assert [(r.horizontal, r.start, r.end) for r in found] == [
        (True, 100, 249.25),
        (False, 50, 109.25),
    ]


def test_a_table_of_dots_and_one_of_filled_frames(read: Read) -> None:
    def dotted(canvas: Canvas) -> None:
        for y in (600, 620, 640):
            for i in range(200):
                canvas.rect(100 + 1.5 * i, y, 0.75, 0.75, stroke=0, fill=1)
        for x in (100, 250, 399.25):
            for i in range(27):
                canvas.rect(x, 600 + 1.5 * i, 0.75, 0.75, stroke=0, fill=1)

    def framed(canvas: Canvas) -> None:
        for x in (100, 251):
            path = canvas.beginPath()
            path.rect(x, 600, 149, 20)
            path.rect(x + 0.5, 600.5, 148, 19)
            canvas.drawPath(path, stroke=0, fill=1, fillMode=0)  # even-odd

    first, second = read(drawn(dotted, framed)).grids
    assert (first.rows, first.columns) == (2, 2)
    assert (second.rows, len(second.cells)) == (1, 2)


# -- what can be seen ---------------------------------------------------------------------------


def test_what_is_painted_over_is_gone_and_what_is_written_again_is_there(
    read: Read,
) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 300], [600, 620])
        canvas.drawString(106, 606, "2023年9月1日")
        canvas.setFillGray(1)
        canvas.rect(104, 603, 80, 14, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(106, 606, "2024年9月1日")  # most of it in the old places

    assert texts(read(drawn(draw))) == ["2024年9月1日"]


def test_a_ground_under_text_and_a_highlight_over_it_hide_nothing(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 300], [600, 620])
        canvas.setFillColorRGB(0.2, 0.3, 0.6)
        canvas.rect(100, 600, 100, 20, stroke=0, fill=1)
        canvas.setFillGray(1)
        canvas.drawString(106, 606, "机构名称")  # white on blue
        canvas.setFillGray(0)
        canvas.drawString(206, 606, "甲中心")
        canvas.setFillColorRGB(1, 1, 0, alpha=0.4)
        canvas.rect(204, 603, 40, 14, stroke=0, fill=1)

    assert texts(read(drawn(draw))) == ["机构名称", "甲中心"]


def test_a_cover_ends_where_its_clip_does(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 300], [600, 620])
        canvas.drawString(106, 606, "张三")
        canvas.drawString(206, 606, "李四")
        clip = canvas.beginPath()
        clip.rect(100, 600, 100, 20)
        canvas.saveState()
        canvas.clipPath(clip, stroke=0, fill=0)
        canvas.setFillGray(1)
        canvas.rect(0, 500, 595, 300, stroke=0, fill=1)
        canvas.restoreState()

    assert texts(read(drawn(draw))) == ["", "李四"]


def test_white_on_white_is_nothing(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 300], [600, 620])
        canvas.setFillGray(1)
        canvas.drawString(110, 606, "看不见的字")
        canvas.setFillGray(0)
        canvas.drawString(106, 606, "张三")

    assert texts(read(drawn(draw))) == ["张三"]


@pytest.mark.parametrize("shift", [0.0, 0.35])
def test_bold_by_writing_twice_is_written_once(read: Read, shift: float) -> None:
    text = "湖南某某办公设备一一有限公司11100"
    lines = [(6.0 + d, 20.0, text) for d in (0.0, shift)]
    document = read(in_cell(*lines, width=300))
    assert texts(document) == [text]
    assert sure(document) == [True]


@pytest.mark.parametrize("shift", [(0.0, 0.0), (2.0, 3.0), (4.0, 6.5)])
def test_text_over_other_text_is_not_sure(read: Read, shift: tuple[float, float]) -> None:
    document = read(in_cell((6, 20, "张三丰年"), (6 + shift[0], 20 + shift[1], "李四光明")))
    assert sure(document) == [False]
    beside = read(in_cell((6, 20, "张三丰年"), (60, 20, "李四光明"), (6, 34, "王五")))
    assert sure(beside) == [True]


def test_text_on_a_printed_line_is_sure(read: Read) -> None:
    document = read(in_cell((6, 20, "__________"), (9, 20, "张三")))
    assert [text.strip("_") for text in texts(document)] == ["张三"]
    assert sure(document) == [True]


def test_text_that_runs_off_the_page_is_not_sure(read: Read) -> None:
    document = read(
        drawn(
            written(
                (406, 606, "湖南某某企业服务中心有限责任公司长沙分公司"),
                xs=[400, 594],
                ys=[600, 620],
            )
        )
    )
    assert sure(document) == [False]


def test_a_mark_that_hangs_out_of_the_table_stays_with_its_line(read: Read) -> None:
    assert texts(
        read(
            drawn(
                written(
                    (104, 606, "甲乙丙丁戊己庚辛壬癸、"),
                    (104, 590, "子丑"),
                    xs=[100, 206],
                    ys=[580, 620],
                )
            )
        )
    ) == ["甲乙丙丁戊己庚辛壬癸、子丑"]


def test_pale_words_across_the_table_are_its_watermark(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setFillGray(0.8)
        for y in (606, 646):
            canvas.drawString(120, y, "内部资料严禁外传")
        canvas.setFillGray(0.6)
        canvas.drawString(206, 666, "有")  # pale, but in its place
        canvas.setFillGray(0)
        ruled(canvas, [100, 150, 200, 300], [600, 620, 640, 660, 680])
        for y in (606, 626, 646, 666):
            canvas.drawString(104, y, "张三")
            canvas.drawString(154, y, "本科")

    cells = texts(read(drawn(draw)))
    assert cells == ["张三", "本科", "有", *["张三", "本科", ""] * 3]


def test_a_pale_title_is_no_watermark() -> None:
    title = {1: Stretch("申请表", Box(200, 50, 300, 70), 20.0)}
    assert watermarks(title, [(100.0, 200.0)], 10.5, [Rule(True, 100, 50, 500)]) == set()


# -- numbers over lines -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("0731-82887072", "13841181258", "0731-82887072\n13841181258"),
        ("13841181258", "13841181259", "13841181258\n13841181259"),
        ("1384118125", "8、0731-83821905", "13841181258、0731-83821905"),
        ("0731-8288", "7072", "0731-82887072"),
    ],
)
def test_numbers_on_two_lines_are_two_or_one(
    read: Read,
    first: str,
    second: str,
    expected: str,
) -> None:
    """In a column that the first line fills, and in one that it does not."""
    for width in (6 + 5.9 * len(first) + 6, 150):
        found = texts(read(in_cell((6, 20, first), (6, 34, second), width=width)))
        if (first, second) == ("0731-8288", "7072") and width == 150:
            continue  # with room to spare, nobody could say
        assert found == [expected]


def test_a_numbered_line_behind_a_full_one_is_a_heading(read: Read) -> None:
    full = "建立健全了服务管理制度等十二项制度。"
    document = read(in_cell((4, 20, full), (4, 36, "五、获得各级政府扶持的情况"), width=200))
    assert texts(document) == [f"{full}\n五、获得各级政府扶持的情况"]


# -- rows cut by the page -----------------------------------------------------------------------


Rows = list[list[str]]


def table(rows: Rows, *, open_top: bool = False, open_bottom: bool = False) -> Filled:
    """A ruled table of three columns with one line of text in each cell."""
    xs, ys = [0.0, 40.0, 140.0, 300.0], [20.0 * i for i in range(len(rows) + 1)]
    rules = [Rule(True, y, 0, 300) for y in ys] + [Rule(False, x, 0, ys[-1]) for x in xs]
    if open_top:
        rules.pop(0)
    if open_bottom:
        rules.pop(len(ys) - 1)
    (found,) = find_tables(rules)
    lines = [
        lines_of(_glyphs(text, xs[c] + 4, ys[r] + 15), 1)
        for r, row in enumerate(rows)
        for c, text in enumerate(row)
    ]
    return found, lines


def _glyphs(text: str, x: float, y: float) -> list[Glyph]:
    return [Glyph(char, x + 10 * i, x + 10 * i + 10, y, 10.0) for i, char in enumerate(text)]


def said(filled: Filled) -> Rows:
    cells = ["".join(line.text for line in lines) for lines in filled[1]]
    return [cells[i : i + 3] for i in range(0, len(cells), 3)]


HEAD = ["序号", "姓名", "职务"]


@pytest.mark.parametrize(
    ("upper", "lower", "expected"),
    [
        # The running number tells, whatever stands in the other cells.
        ([["7", "甲", "主"], ["8", "乙", "主任"]], [["", "", "兼顾问"], ["9", "丙", "师"]], ["8", "乙", "主任兼顾问"]),
        ([["7", "甲", "主"], ["8", "", "主任"]], [["", "乙", ""], ["9", "丙", "师"]], ["8", "乙", "主任"]),
        ([["7", "甲", "主"], ["", "", "主任"]], [["8", "乙", "兼顾问"]], ["8", "乙", "主任兼顾问"]),
        ([["7", "甲", "主"], ["8", "乙", "主任"]], [["9", "丙", "师"], ["10", "丁", "师"]], None),
        ([["7", "甲", "主"], ["8", "乙", "主任"]], [["", "丙", "师"], ["10", "丁", "师"]], None),
    ],
)  # fmt: skip
def test_running_numbers_prove_a_cut_row(
    upper: Rows, lower: Rows, expected: list[str] | None
) -> None:
    first, second = table([HEAD, *upper]), table([HEAD, *lower])
    rest = join_cut_row(first, second)
    assert (rest is not None) == (expected is not None)
    assert said(first)[-1] == (expected or upper[-1])


def test_rows_that_are_alike_are_no_head_printed_again() -> None:
    def rows(first: int) -> Rows:
        names = (f"长沙市雨花区韶山路{n}号公司" for n in range(first, first + 3))
        return [[str(first + i), name, "咨询"] for i, name in enumerate(names)]

    first, second = table([HEAD, *rows(1)]), table([HEAD, *rows(4)])
    assert repeated_heads(first, second) == 1
    scanned = [[line._replace(sure=0.9) for line in lines] for lines in second[1]]
    assert repeated_heads(first, (second[0], scanned)) == 1


def test_a_row_without_a_rule_at_the_break_is_cut() -> None:
    first = table([["甲", "乙", "丙"]], open_bottom=True)
    second = table([["丁", "戊", "己"], ["庚", "辛", "壬"]], open_top=True)
    assert join_cut_row(first, second) is not None
    assert said(first) == [["甲丁", "乙戊", "丙己"]]


def test_where_nothing_proves_it_both_parts_are_not_sure() -> None:
    first = table([HEAD, ["甲", "乙" * 9, "丙"]])  # its second cell is full, its third is not
    second = table([HEAD, ["", "丁", "己"], ["庚", "辛", "壬"]])
    assert join_cut_row(first, second) is None
    doubtful = [line.sure < SURE for lines in first[1][3:6] for line in lines]
    assert doubtful == [True] * 3
    assert [line.sure < SURE for lines in second[1][6:] for line in lines] == [False] * 3


def test_a_total_on_the_next_page_is_no_rest_of_a_row() -> None:
    first, second = (
        table([HEAD, ["1", "甲", "丙"], ["2", "乙", "丁"]]),
        table([["", "合计", "5.3"]]),
    )
    assert join_cut_row(first, second) is None
    assert all(line.sure >= SURE for lines in (*first[1], *second[1]) for line in lines)


def test_rules_by_themselves_hold_a_row_that_fills_the_page() -> None:
    (found,) = find_tables([Rule(False, x, 40, 700) for x in (50.0, 150.0, 400.0)])
    assert (found.rows, found.columns, found.open_top, found.open_bottom) == (1, 2, True, True)
    assert find_tables([Rule(False, x, 40, 700) for x in (50.0, 400.0)]) == []


# -- typed on top -------------------------------------------------------------------------------


def noted(content: bytes, *notes: tuple[tuple[float, float, float, float], str]) -> bytes:
    """The first page with FreeText notes on it."""
    with pikepdf.open(io.BytesIO(content)) as file:
        file.pages[0].Annots = pikepdf.Array(
            file.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FreeText, F=4,
                    Rect=pikepdf.Array(rect), Contents=pikepdf.String(text),
                    DA=pikepdf.String("/Helv 9 Tf 0 g"),
                )
            )
            for rect, text in notes
        )  # fmt: skip
        out = io.BytesIO()
        file.save(out)
    return out.getvalue()


def test_notes_side_by_side_stay_in_their_cells(read: Read) -> None:
    xs = [100.0, 200.0, 230.0, 300.0]
    random = Random(1)
    blank = drawn(lambda canvas: ruled(canvas, xs, [600, 620]))
    for words in (("甲公司", "√", "0"), ("9", "√", "13877770001")):
        places = [(a + 1 + random.uniform(-1, 1), 601, b - 1, 619) for a, b in pairwise(xs)]
        document = read(noted(blank, *zip(places, words, strict=True)))
        assert texts(document) == list(words)


def test_a_note_over_printed_words_is_not_sure(read: Read) -> None:
    printed = in_cell((6, 20, "张三"), width=300)
    over = read(noted(printed, ((104, 674, 300, 694), "李四")))
    assert sure(over) == [False]
    beside = read(noted(printed, ((150, 674, 300, 694), "李四")))
    assert sure(beside) == [True]


def test_numbers_that_run_on_outweigh_a_missing_rule() -> None:
    first = table([HEAD, ["1", "甲", "丙"], ["2", "乙", "丁"]], open_bottom=True)
    second = table([["3", "戊", "己"], ["4", "庚", "辛"]], open_top=True)
    assert join_cut_row(first, second) is None


def test_a_row_without_a_rule_below_that_goes_on_nowhere_is_not_sure() -> None:
    """Its rest may have been printed into the head of the next page."""
    first = table([HEAD, ["1", "甲", "丙"], ["2", "乙", "丁"]], open_bottom=True)
    second = table([["3", "戊", "己"], ["4", "庚", "辛"]])
    assert join_cut_row(first, second) is None
    assert [line.sure < SURE for lines in first[1][6:] for line in lines] == [True] * 3
    assert all(line.sure >= SURE for lines in (*first[1][:6], *second[1]) for line in lines)


def test_what_does_not_fit_its_cell_is_cut_off_and_the_rest_is_not_sure(read: Read) -> None:
    """Sheets printed with rows too low for their text: nobody sees what stands in the next cell."""

    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 300], [600, 620, 640])
        canvas.drawString(106, 626, "2023.7.1-")
        canvas.saveState()
        clip = canvas.beginPath()
        clip.rect(200, 620, 100, 20)
        canvas.clipPath(clip, stroke=0, fill=0)
        for y, text in ((626, "本中心成立"), (612, "于二〇一二年"), (598, "在株洲市")):
            canvas.drawString(206, y, text)
        canvas.restoreState()
        canvas.drawString(206, 606, "389.66")

    document = read(drawn(draw))
    assert texts(document) == ["2023.7.1-", "本中心成立", "", "389.66"]
    assert sure(document) == [True, False, True, True]


def test_a_clip_that_hides_nothing_says_nothing(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 300], [600, 620])
        clip = canvas.beginPath()
        clip.rect(100, 600, 105 + 5 * 10.5, 20)  # as narrow as the text: its spaces reach beyond
        canvas.clipPath(clip, stroke=0, fill=0)
        canvas.drawString(206, 606, "本中心成立  ")

    assert sure(read(drawn(draw))) == [True, True]


@pytest.mark.parametrize(
    ("alpha", "whole"), [(255, False), (120, True), (0, True)], ids=["opaque", "thin", "clear"]
)
def test_text_under_a_picture_put_over_it_is_not_sure(read: Read, alpha: int, whole: bool) -> None:
    """A patch or a stamp; what stands under a picture that hides nothing is plainly seen."""

    def draw(canvas: Canvas) -> None:
        ruled(canvas, [100, 200, 300], [600, 620, 640])
        for i, text in enumerate("甲乙丙丁"):
            canvas.drawString(106 + 100 * (i % 2), 626 - 20 * (i // 2), text)
        patch = Image.new("RGBA", (80, 40), (255, 255, 255, alpha))
        canvas.drawImage(ImageReader(patch), 201, 601, 40, 19, mask="auto")

    document = read(drawn(draw))
    assert texts(document) == ["甲", "乙", "丙", "丁"]
    assert sure(document) == [True, True, True, whole]


def test_text_under_a_picture_of_the_whole_page_is_not_seen(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(100, 700, "本中心成立于二〇一二年")
        page = Image.new("RGB", (600, 800), "white")
        canvas.drawImage(ImageReader(page), 0, 0, 595, 842)

    path = tmp_path / "file.pdf"
    path.write_bytes(drawn(draw))
    assert pdf.pages_without_text(path) == (1,)
