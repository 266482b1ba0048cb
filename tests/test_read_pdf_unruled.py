"""Lists that are printed without rules: columns by what is left free, rows by their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document, Source
from pipeline.extract.taken import SURE
from pipeline.flow import read_file
from pipeline.read import pdf
from tests.test_read_pdf import drawn

Read = Callable[[bytes], Document]
Row = Sequence[str]
XS = (50.0, 90.0, 190.0, 250.0, 340.0, 420.0, 500.0)
HEAD = ("序号", "姓  名", "年龄", "职  务", "学历", "职  称", "社保证明")
STAFF = [
    ("1", "王小明", "35", "项目部经理", "本科", "经济师", "有"),
    ("2", "阿布都热西提", "41", "咨询师", "硕士研究生", "", "有"),
    ("3", "李丽", "28", "", "大专", "助理工程师", "无"),
]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_bytes(content: bytes) -> Document:
        path = tmp_path / "file.pdf"
        path.write_bytes(content)
        (document,) = pdf.read(path, Source(path.name, "", "pdf"))
        return document

    return read_bytes


def put(canvas: Canvas, y: float, row: Row, xs: Sequence[float] = XS) -> None:
    for x, text in zip(xs, row, strict=True):
        canvas.drawString(x, y, text)


def titled(canvas: Canvas) -> None:
    canvas.drawString(50, 780, "附件3")
    canvas.drawString(200, 755, "服务机构服务人员基本情况表")
    canvas.drawString(50, 730, "填报单位：长沙星火服务中心      填报时间：2024年9月5日")


def rows_of(document: Document) -> list[list[str]]:
    return [[c.text for c in g.row_cells(r)] for g in document.grids for r in range(g.rows)]


def test_the_last_row_of_a_list_in_the_lower_margin_is_one(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        titled(canvas)
        for i, row in enumerate((HEAD, *STAFF)):
            put(canvas, 45 + 40 * (len(STAFF) - i), row)

    document = read(drawn(draw))
    assert [row[1] for row in rows_of(document)][-3:] == [row[1] for row in STAFF]
    assert not document.furniture


def test_a_wide_list_without_rules_or_numbers_is_one_page(read: Read) -> None:
    """Its rows go over the middle, on the same lines; so do those of running text at times."""
    rows = [(f"长沙第{n}服务公司", "张三", f"0731-8935{n:04}", "技术创新") for n in range(18)]

    def listed(canvas: Canvas) -> None:
        for i, row in enumerate(rows):
            put(canvas, 500 - 24 * i, row, (80, 290, 520, 680))

    def reports(canvas: Canvas) -> None:
        for i in range(18):
            put(canvas, 500 - 24 * i, ("湘" * 33, "资" * 33), (36, 458))

    def texts(draw: Callable[[Canvas], None]) -> list[str]:
        document = read(drawn(draw, size=(842, 595)))
        return [p.text for p in document.paragraphs] + ["".join(r) for r in rows_of(document)]

    assert any(
        "第3服务" in text and "89350003技术" in text.replace("\t", "") for text in texts(listed)
    )
    assert "".join(texts(reports)) == "湘" * 33 * 18 + "资" * 33 * 18


@pytest.mark.parametrize("level", [False, True])
def test_a_staff_list_without_upright_rules(level: bool, tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        titled(canvas)
        put(canvas, 700, HEAD)
        for i, row in enumerate(STAFF):
            put(canvas, 675 - 25 * i, row)
        for y in range(617, 718, 25) if level else ():
            canvas.line(45, y, 550, y)
        canvas.drawString(
            50, 560, "注：社保证明一栏请如实填写，并附社会保险机构出具的缴费证明复印件。"
        )

    path = tmp_path / "附件3.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    assert found["annex"] == "3"
    assert [tuple(x.values()) for x in found["data"]["staff"]] == [
        (1, "王小明", 35, "项目部经理", "本科", "经济师", True),
        (2, "阿布都热西提", 41, "咨询师", "硕士研究生", None, True),
        (3, "李丽", 28, None, "大专", "助理工程师", False),
    ]
    assert not [i for i in found["issues"] if i["code"] == "text-unclear"]


def test_rows_of_several_lines_set_in_the_middle(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 700, HEAD)
        for i, name in enumerate(("甲", "乙", "丙")):
            y = 660 - 50 * i
            put(canvas, y, (str(i + 1), f"王{name}", "35", "", "本科", "", "有"))
            canvas.drawString(XS[3], y + 7, "项目部经理兼")
            canvas.drawString(XS[3], y - 7, "首席咨询师")

    rows = rows_of(read(drawn(draw)))
    assert [row[0] for row in rows] == ["序号", "1", "2", "3"]
    assert [row[3] for row in rows[1:]] == ["项目部经理兼首席咨询师"] * 3


def test_lines_of_which_nobody_can_say_the_row_are_not_sure(read: Read) -> None:
    """Numbers every 28 points, lines every 14: above its number or below, who knows."""

    def draw(canvas: Canvas) -> None:
        put(canvas, 700, HEAD)
        for i in range(3):
            y = 660 - 28 * i
            put(canvas, y, (str(i + 1), "王甲", "35", "经理", "本科", "", "有"))
            canvas.drawString(XS[3], y - 14, "咨询师")

    (grid,) = read(drawn(draw)).grids
    doubtful = [c.row for c in grid.cells if c.column == 3 and c.place.confidence < SURE]
    assert doubtful == [1, 2, 3]


def test_a_list_goes_on_over_pages_with_and_without_its_head(read: Read) -> None:
    def page(first: int, count: int, head: bool) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            if head:
                put(canvas, 760, HEAD)
            for i in range(count):
                row = (str(first + i), "王甲", "35", "" if first > 5 else "经理", "本科", "", "有")
                put(canvas, 730 - 25 * i, row)
            canvas.drawString(280, 30, f"第 {first} 页")

        return draw

    rows = rows_of(read(drawn(page(1, 5, True), page(6, 4, False), page(10, 1, True))))
    numbers = [row[0] for row in rows if row[0] != "序号"]
    assert numbers == [str(n) for n in range(1, 11)]
    assert {len(row) for row in rows} == {7}


def test_heads_over_several_columns(read: Read) -> None:
    xs = (50.0, 90.0, 200.0, 270.0, 340.0, 420.0)

    def draw(canvas: Canvas) -> None:
        canvas.drawString(150, 724, "服务企业情况")  # over two columns
        canvas.drawString(300, 724, "服务性质")
        put(canvas, 700, ("序号", "服务企业名称", "所在行业", "自身", "依托", "联系人"), xs)
        for i in range(3):
            put(canvas, 675 - 25 * i, (str(i + 1), "长沙甲有限公司", "制造业", "√", "", "李敏"), xs)

    rows = rows_of(read(drawn(draw)))
    assert rows[0][1:3] == ["服务企业情况", "服务性质"] or "服务企业情况" in rows[0]
    assert rows[-1] == ["3", "长沙甲有限公司", "制造业", "√", "", "李敏"]


def test_numbered_paragraphs_and_tables_of_contents_are_no_lists(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        for i in range(5):
            canvas.drawString(50, 700 - 20 * i, f"{i + 1}")
            canvas.drawString(70, 700 - 20 * i, "本中心建有一站式服务平台，为企业提供各类服务。")

    assert list(read(drawn(draw)).grids) == []


def test_a_spread_label_over_narrow_figures_is_one_column(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 700, ("", *HEAD[1:]))
        canvas.drawString(45, 700, "序")
        canvas.drawString(72, 700, "号")
        for i, row in enumerate(STAFF):
            put(canvas, 675 - 25 * i, row, (60.5, *XS[1:]))

    rows = rows_of(read(drawn(draw)))
    assert rows[0][0].replace("\t", "") == "序号" and rows[1][0] == "1"
    assert {len(row) for row in rows} == {7}


def test_figures_set_apart_below_a_label_of_two_lines_are_one_column(read: Read) -> None:
    """And rows closed by rules drawn cell by cell are sure, the last of a page too; a figure that
    wraps at the foot of the page is no page number."""

    def draw(canvas: Canvas) -> None:
        put(canvas, 164, (*HEAD[:6], ""))
        canvas.drawString(XS[6], 170, "企业联系")
        canvas.drawString(XS[6] + 16, 158, "电话")
        for i, row in enumerate(STAFF):
            y = 130 - 40 * i
            put(canvas, y, (*row[:6], ""))
            canvas.drawString(XS[6], y + 6, "1390000378", charSpace=0.4)
            canvas.drawString(XS[6] + 25, y - 6, str(i))
        for y in range(30, 151, 40):
            for a, b in pairwise((45.0, *XS[1:], 560.0)):
                canvas.line(a, y, b, y)

    document = read(drawn(draw))
    assert [row[-1].replace("\n", "") for row in rows_of(document)] == [
        "企业联系电话",
        *(f"1390000378{i}" for i in range(3)),
    ]
    assert all(c.place.confidence >= SURE for g in document.grids for c in g.cells)
