"""Lists that are printed without rules: columns by what is left free, rows by their numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from reportlab.pdfgen.canvas import Canvas

from pipeline.document import Document
from pipeline.extract.taken import SURE
from pipeline.flow import read_file
from tests.drawn import Read, drawn, read, ruled

__all__ = ["read"]
Row = Sequence[str]
Cells = tuple[tuple[int, ...], list[tuple[str, ...]]]
XS = (50.0, 90.0, 190.0, 250.0, 340.0, 420.0, 500.0)
HEAD = ("序号", "姓  名", "年龄", "职  务", "学历", "职  称", "社保证明")
STAFF = [
    ("1", "王小明", "35", "项目部经理", "本科", "经济师", "有"),
    ("2", "阿布都热西提", "41", "咨询师", "硕士研究生", "", "有"),
    ("3", "李丽", "28", "", "大专", "助理工程师", "无"),
]


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
    """Texts just between two numbers: of the one above or the one below, who knows."""

    def draw(canvas: Canvas) -> None:
        put(canvas, 700, HEAD)
        for i in range(3):
            y = 660 - 28 * i
            put(canvas, y, (str(i + 1), "王甲", "35", "", "本科", "", "有"))
            canvas.drawString(XS[3], y - 14, "咨询师")

    (grid,) = read(drawn(draw)).grids
    doubtful = [c.row for c in grid.cells if c.column == 3 and c.place.confidence < SURE]
    assert doubtful == [1, 2]


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


def tight(canvas: Canvas, number: int, y: float, *, middle: bool) -> None:
    """A row of two lines, as close to the next as its lines are to each other."""
    canvas.drawString(50, y - (6 if middle else 0), str(number))
    canvas.drawString(100, y, f"长沙第{number}新材料科技")
    canvas.drawString(100, y - 12, "有限公司")
    canvas.drawString(250, y - (6 if middle else 0), "王小明")
    canvas.drawString(350, y, "工程师")
    canvas.drawString(350, y - 12, "（中级）")


@pytest.mark.parametrize("middle", [False, True])
def test_tight_rows_are_parted_by_the_height_of_their_numbers(middle: bool, read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        put(canvas, 700, ("序号", "单位名称", "联系人", "职称"), (50, 100, 250, 350))
        for n in range(6):
            tight(canvas, n + 1, 670 - 24 * n, middle=middle)

    rows = rows_of(read(drawn(draw)))[-6:]
    assert [row[3].replace("\n", "") for row in rows] == ["工程师（中级）"] * 6
    assert [row[1].replace("\n", "") for row in rows] == [
        f"长沙第{n}新材料科技有限公司" for n in range(1, 7)
    ]


def test_the_rest_of_a_row_below_a_repeated_head(tmp_path: Path) -> None:
    """The second page begins with the last lines of a row; its level rules are longer than its texts."""
    xs = (50.0, 100.0, 330.0, 420.0, 500.0)
    head = ("序号", "单位名称", "联系人", "联系电话", "主要服务项目")

    def row(canvas: Canvas, number: int, y: float) -> None:
        put(
            canvas,
            y,
            (str(number), f"长沙第{number}新材料科技研究院", "王小明", "13800001234", "技术创新"),
            xs,
        )

    def first(canvas: Canvas) -> None:
        canvas.drawString(50, 780, "附件6")
        canvas.drawString(150, 755, "湖南省中小微企业核心服务机构推荐汇总表")
        put(canvas, 120, head, xs)
        for n in range(3):
            canvas.line(40, 113 - 20 * n, 575, 113 - 20 * n)
            row(canvas, n + 1, 100 - 20 * n)

    def second(canvas: Canvas) -> None:
        put(canvas, 780, head, xs)
        canvas.line(40, 773, 575, 773)
        canvas.drawString(100, 760, "有限公司")
        for n in range(3):
            canvas.line(40, 753 - 20 * n, 575, 753 - 20 * n)
            row(canvas, n + 4, 740 - 20 * n)

    path = tmp_path / "附件6.pdf"
    path.write_bytes(drawn(first, second))
    (found,) = read_file(path)
    assert [(n["no"], n["name"]) for n in found["data"]["nominees"]] == [
        (n, f"长沙第{n}新材料科技研究院" + ("有限公司" if n == 3 else "")) for n in range(1, 7)
    ]


def test_a_numbered_list_with_a_gap_in_the_middle_of_a_wide_page_is_one_page(read: Read) -> None:
    """Its right half has texts of two lines, which lie on no line of the left half."""

    def draw(canvas: Canvas) -> None:
        for n in range(14):
            y = 500 - 30 * n
            put(canvas, y, (str(n + 1), f"长沙第{n}服务公司", "技术创新"), (60, 110, 260))
            put(canvas, y + 6, ("2024.1.1-", "减免一"), (520, 640))
            put(canvas, y - 6, ("2024.12.31", "万元"), (520, 640))
            canvas.drawString(720, y, f"1380000{n:04}")

    document = read(drawn(draw, size=(842, 595)))
    assert {block.place.page for block in document.blocks} == {1}
    texts = [p.text for p in document.paragraphs] + ["".join(r) for r in rows_of(document)]
    assert any("第3服务" in text and "13800000003" in text.replace("\t", "") for text in texts)


def test_the_rest_of_the_last_row_alone_on_the_last_page_is_pointed_at(read: Read) -> None:
    """Below the head once more: without a number it makes no list."""

    def first(canvas: Canvas) -> None:
        titled(canvas)
        put(canvas, 110, HEAD)
        for i, row in enumerate(STAFF):
            put(canvas, 85 - 25 * i, row)

    def last(canvas: Canvas) -> None:
        put(canvas, 780, HEAD)
        canvas.drawString(XS[3], 755, "兼咨询师")

    (grid,) = read(drawn(first, last)).grids
    doubtful = {c.row for c in grid.cells if c.text and c.place.confidence < SURE}
    assert doubtful == {len(STAFF)}


def test_a_head_over_two_columns_alone_on_its_line_is_no_title(read: Read) -> None:
    xs = (50.0, 110.0, 260.0, 340.0, 420.0, 500.0)

    def draw(canvas: Canvas) -> None:
        canvas.drawString(110, 720, "服务企业情况")
        canvas.drawString(420, 720, "联系方式")
        canvas.drawString(268, 705, "已签服务合同各项情况")
        put(canvas, 690, ("序号", "企业名称", "金额", "期限", "联系人", "电话"), xs)
        for n in range(3):
            row = (str(n + 1), f"长沙第{n}公司", "3.5", "一年", "王小明", "13800001234")
            put(canvas, 665 - 20 * n, row, xs)

    document = read(drawn(draw))
    assert rows_of(document)[-1] == ["3", "长沙第2公司", "3.5", "一年", "王小明", "13800001234"]
    assert not list(document.paragraphs)


# -- forms ----------------------------------------------------------------------------------------

INTRO = ("本中心成立于2015年，主要为中小微企业提供数字化转", "型、技术创新等服务，累计服务企业1200余家。", "建有一站式服务平台。")  # fmt: skip
#: Label, value, label, value …, each the lines of its cell; where the cells of the row begin.
FORM: list[Cells] = [
    ((50, 140, 300, 400), [("机构名称",), ("长沙星火服务中心",), ("机构性质",), ("事业单位□ 民非组织√", "社会团体□ 私人企业□", "国有企业□ 其他企业□")]),
    ((50, 140), [("统一社会", "信用代码"), ("52430000MJJ523456K",)]),
    ((50, 140, 300, 400), [("地址",), ("长沙市岳麓区麓谷大道", "1号3栋"), ("所属区县",), ("岳麓区",)]),
    ((50, 140, 300, 400), [("法定代表人",), ("王小明",), ("成立日期",), ("2015年3月1日",)]),
    ((50, 140, 300, 400), [("企业负责人",), ("王小明",), ("联系电话",), ("0731-88881234",)]),
    ((50, 140, 300, 400), [("企业联系人",), ("李丽",), ("联系电话",), ("13800001234",)]),
    ((50, 120, 200, 280, 360, 500), [("职工人数",), ("35",), ("提供社保证", "明人数"), ("30",), ("本科及以上学历或中级", "以上技术职称专业人员"), ("28",)]),
    ((50, 140), [("机构简介", "（1000字", "以内）"), INTRO]),
    ((50, 140), [("主要服务项目", "（只勾选一项）"), ("□数字化转型 √技术创新 □品牌提升",)]),
]  # fmt: skip


HEAD_LINES = ("申请单位（盖章）：长沙星火服务中心      填报日期：2024年9月5日",)


def form(
    canvas: Canvas,
    *,
    rules: bool = False,
    pad: float = 5.0,
    head: Sequence[str] = HEAD_LINES,
    cells: Sequence[Cells] = FORM,
    heights: Mapping[int, float] = MappingProxyType({}),
    values: str = "middle",
) -> None:
    """The form, each text in the middle of its row, or its values at the `top` or the `bottom` of
    rows of some `heights`; the second row stands beside the lines of 机构性质, which is as high as
    both."""
    canvas.drawString(50, 790, "附件1")
    canvas.drawString(180, 765, "湖南省中小微企业核心服务机构申请表")
    for n, line in enumerate(head):
        canvas.drawString(50, 740 - 15 * n, line)
    top = 740.0 - 15 * len(head)
    for number, (xs, row) in enumerate(cells):
        height = 15.0 * max(len(c) for i, c in enumerate(row) if number or i < 2) + 2 * pad
        height = heights.get(number, height)
        for i, (x, lines) in enumerate(zip(xs, row, strict=True)):
            middle = top - height / 2 if number or i < 2 else top - height / 2 - 15 - pad
            if i % 2 and number in heights:
                room = (height - 15 * len(lines)) / 2 - pad
                middle += {"top": room, "bottom": -room}.get(values, 0.0)
            for n, line in enumerate(lines):
                canvas.drawString(x, middle + 7.5 * (len(lines) - 1) - 15 * n - 4, line)
        top -= height
        if rules:
            canvas.line(45, top, 300 if number == 0 else 560, top)


@pytest.mark.parametrize("rules", [False, True])
def test_a_form_without_upright_rules(rules: bool, tmp_path: Path) -> None:
    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(lambda canvas: form(canvas, rules=rules)))
    (found,) = read_file(path)
    data = found["data"]
    assert (data["applicant"], data["filled_on"]) == ("长沙星火服务中心", "2024-09-05")
    assert (data["name"], data["institution_type"]) == ("长沙星火服务中心", "民非组织")
    assert (data["uscc"], data["county"]) == ("52430000MJJ523456K", "岳麓区")
    assert data["address"] == "长沙市岳麓区麓谷大道1号3栋"
    assert (data["principal_phone"], data["contact_phone"]) == ("0731-88881234", "13800001234")
    counts = ("staff_count", "insured_staff_count", "qualified_staff_count")
    assert [data[key] for key in counts] == [35, 30, 28]
    assert data["profile"] == "".join(INTRO[:2]) + "\n" + INTRO[2]
    assert data["main_service"] == "技术创新"
    assert not [i for i in found["issues"] if i["code"] == "text-mixed"]


def test_a_head_line_that_wraps_above_a_form_without_rules(tmp_path: Path) -> None:
    name = "长沙星火企业管理咨询" * 3 + "服务中心有限责任公司"
    head = (f"申请单位（盖章）：{name[:38]}", f"{name[38:]}      填报日期：2024年9月5日")
    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(lambda canvas: form(canvas, rules=False, head=head)))
    (found,) = read_file(path)
    assert (found["data"]["applicant"], found["data"]["filled_on"]) == (name, "2024-09-05")


@pytest.mark.parametrize(
    ("lines", "doubtful"),
    [
        (("联系电话：0731-99999999",), False),
        (("地址：株洲市天元区分中心",), False),
        (("主要服务项目", "数字化转型，培训。"), False),
        (("", "主要服务项目", "数字化转型，培训。"), True),
        (("电子信箱：other@x.cn",), True),
        (("仪器设备", "共120台。"), True),
    ],
)
def test_a_line_of_a_text_that_reads_like_a_label(
    lines: tuple[str, ...], doubtful: bool, tmp_path: Path
) -> None:
    """It is text; where the form has that label nowhere else, the text is pointed at."""
    said = ("本中心成立于2015年。", *lines)
    rows = [(xs, [*row[:1], said] if row[1] == INTRO else row) for xs, row in FORM]
    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(lambda canvas: form(canvas, cells=rows)))
    (found,) = read_file(path)
    assert found["data"]["profile"].replace("\n", "") == "".join(said)
    assert (found["data"]["main_service"], found["data"]["email"]) == ("技术创新", None)
    mixed = {i["pointer"] for i in found["issues"] if i["code"] == "text-mixed"}
    assert ("/profile" in mixed) == doubtful


def test_labels_in_a_column_of_values(tmp_path: Path) -> None:
    """The labels of the years stand where other rows have their values, close to each other."""
    names = ("年度", "服务收入（万元）", "服务利润（万元）", "服务企业数（家）", "服务活动数（场/次）")  # fmt: skip
    values = (("2022年", "2023年"), ("560", "630.5"), ("62", "71"), ("320", "410"), ("18", "25"))

    def draw(canvas: Canvas) -> None:
        form(canvas)
        for n, (name, (one, other)) in enumerate(zip(names, values, strict=True)):
            put(canvas, 330 - 18 * n, (name, one, other), (140, 280, 400))
        canvas.drawString(50, 294, "近两年经营情况")

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    assert [tuple(year.values()) for year in found["data"]["operations"]] == [
        (2022, 560, 62, 320, 18),
        (2023, 630.5, 71, 410, 25),
    ]
    assert not [i for i in found["issues"] if i["code"] == "text-mixed"]


ACTS = ("开展培训20场，服务企业300家。", "组织对接活动15次。", "获省级表彰。")


@pytest.mark.parametrize(
    ("heights", "values", "sure"),
    [
        ({7: 90, 8: 90}, "top", True),
        ({7: 150, 8: 120}, "top", True),
        ({7: 100, 8: 60}, "top", True),
        ({7: 60, 8: 150}, "top", True),
        ({7: 90, 8: 90}, "middle", True),
        ({3: 40, 4: 40, 5: 40}, "middle", True),
        ({7: 90, 8: 90}, "bottom", False),
        ({7: 100, 8: 60}, "bottom", False),
    ],
)
def test_long_texts_at_the_top_of_cells_without_rules(
    heights: dict[int, float], values: str, sure: bool, tmp_path: Path
) -> None:
    """Labels stand in the middle of their cells and texts at the top, as the official form has it;
    where texts stand at no height that others have, they are pointed at."""
    label = ("服务活动开", "展情况及业", "绩")
    cells = [*FORM[:8], ((50, 140), [label, ACTS]), *FORM[8:]]
    path = tmp_path / "附件1.pdf"
    path.write_bytes(
        drawn(lambda canvas: form(canvas, cells=cells, heights=heights, values=values))
    )
    (found,) = read_file(path)
    mixed = {i["pointer"] for i in found["issues"] if i["code"] == "text-mixed"}
    assert mixed.issuperset(() if sure else ("/profile", "/achievements"))
    if sure:
        said = [found["data"][key].replace("\n", "") for key in ("profile", "achievements")]
        assert (said, mixed) == (["".join(INTRO), "".join(ACTS)], set())


def read_form(tmp_path: Path, *draws: Callable[[Canvas], object]) -> dict[str, Any]:
    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(*draws))
    (found,) = read_file(path)
    return found


def mixed(found: dict[str, Any]) -> set[str]:
    return {i["pointer"] for i in found["issues"] if i["code"] == "text-mixed"}


def test_a_level_rule_parts_rows_wherever_their_texts_stand(tmp_path: Path) -> None:
    cells = [*FORM[:8], ((50, 140), [("服务活动开", "展情况及业", "绩"), ACTS]), *FORM[8:]]
    heights = {7: 90.0, 8: 90.0}
    found = read_form(
        tmp_path,
        lambda canvas: form(canvas, rules=True, cells=cells, heights=heights, values="bottom"),
    )
    said = [found["data"][key].replace("\n", "") for key in ("profile", "achievements")]
    assert (said, mixed(found)) == (["".join(INTRO), "".join(ACTS)], set())


def test_short_values_at_the_top_of_high_rows_stay_with_their_labels(tmp_path: Path) -> None:
    heights = {n: 15.0 * max(map(len, row)) + 10 for n, (_, row) in enumerate(FORM) if n}
    heights |= dict.fromkeys((3, 4, 5), 40.0)
    found = read_form(tmp_path, lambda canvas: form(canvas, heights=heights, values="top"))
    keys = ("legal_representative", "principal_phone", "contact", "contact_phone")
    assert [found["data"][key] for key in keys] == [
        "王小明",
        "0731-88881234",
        "李丽",
        "13800001234",
    ]


@pytest.mark.parametrize("more", [0, 1, 8])
def test_a_text_without_rules_goes_on_on_the_next_page(more: int, tmp_path: Path) -> None:
    label, said = (
        ("服务活动开", "展情况及业", "绩"),
        [f"第{n}次培训，服务企业{n}0家。" for n in range(1, 23 + more)],
    )

    def first(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:8])
        for n, line in enumerate(said[:22]):
            canvas.drawString(140, 360 - 15 * n, line)
        for n, line in enumerate(label):
            canvas.drawString(50, 215 - 15 * n, line)

    def second(canvas: Canvas) -> None:
        for n, line in enumerate(said[22:]):
            canvas.drawString(140, 780 - 15 * n, line)
        put(canvas, 760 - 15 * more, ("主要服务项目", "□数字化转型 √技术创新 □品牌提升"), (50, 140))

    found = read_form(tmp_path, first, second)
    assert found["data"]["achievements"].replace("\n", "") == "".join(said)
    assert found["data"]["main_service"] == "技术创新"
    assert mixed(found) == set()


def test_holes_of_one_row_each_with_its_printed_words(tmp_path: Path) -> None:
    """场地面积 begins where values of other rows do, and is not 仪器设备 once more."""

    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:6])
        put(canvas, 440, ("仪器设备： 147台（套），", "场地面积： 260平米，"), (50, 400))
        put(canvas, 422, ("占总资产的12％。", "性质：租用□ 自有√，"), (50, 400))
        canvas.drawString(400, 404, "自有场地占总面积的100％。")

    data = read_form(tmp_path, draw)["data"]
    assert (data["equipment_count"], data["equipment_asset_share"]) == (147, 12)
    assert (data["floor_area"], data["owned_area_share"]) == (260, 100)


def test_a_long_text_left_blank_takes_nothing_from_the_row_above(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:6])
        put(canvas, 440, ("仪器设备： 147台（套），", "场地面积： 260平米，"), (50, 300))
        put(canvas, 422, ("占总资产的12％。", "性质：租用□ 自有√，"), (50, 300))
        canvas.drawString(300, 404, "自有场地占总面积的100％。")
        for n, line in enumerate(("机构简介", "（1000字以", "内）")):
            canvas.drawString(50, 345 - 15 * n, line)
        put(canvas, 245, ("主要服务项目", "□数字化转型 √技术创新 □品牌提升"), (50, 140))

    data = read_form(tmp_path, draw)["data"]
    assert (data["owned_area_share"], data["profile"]) == (100, None)


def test_paragraphs_of_a_text_without_rules(tmp_path: Path) -> None:
    """A line may end a character early; a paragraph begins behind a short line, or is set in."""

    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:6])
        canvas.drawString(50, 370, "机构简介")
        lines = ((161, "甲" * 28), (140, "乙" * 30), (140, "丙" * 29), (161, "丁" * 28), (140, "戊" * 5), (140, "己" * 9))  # fmt: skip
        for n, (x, line) in enumerate(lines):
            canvas.drawString(x, 410 - 15 * n, line)

    said = read_form(tmp_path, draw)["data"]["profile"]
    assert said == f"{'甲' * 28}{'乙' * 30}{'丙' * 29}\n{'丁' * 28}{'戊' * 5}\n{'己' * 9}"


def test_a_line_as_near_to_one_row_as_to_the_next_is_pointed_at(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:6])
        put(canvas, 430, ("电子信箱", "service@changsha-"), (50, 140))
        canvas.drawString(140, 415, "spark.cn")
        put(canvas, 400, ("职工人数", "35"), (50, 140))

    assert "/email" in mixed(read_form(tmp_path, draw))


def test_labels_in_other_words_and_with_more_words_on_further_lines(tmp_path: Path) -> None:
    rows = [
        ((50, 140), [("统一社会", "信用代码", "证号"), ("52430000MJJ523456K",)]) if n == 1
        else ((50, 200), [("本科以上学历或中级", "以上技术职称人员"), ("28",)]) if n == 6
        else row
        for n, row in enumerate(FORM)
    ]  # fmt: skip
    found = read_form(tmp_path, lambda canvas: form(canvas, cells=rows))
    assert found["data"]["uscc"] == "52430000MJJ523456K"
    assert found["data"]["qualified_staff_count"] == 28


def test_a_spread_label_and_words_parted_at_the_end_of_a_line(tmp_path: Path) -> None:
    said = ("Building 3, Lugu Avenue", "Yuelu District")
    rows = [row if n != 2 else ((50, 140), [("地      址",), said]) for n, row in enumerate(FORM)]
    found = read_form(tmp_path, lambda canvas: form(canvas, cells=rows))
    assert found["data"]["address"] == " ".join(said)


def test_text_beside_a_label_and_below_it_is_pointed_at(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:6], pad=12)
        put(canvas, 330, ("电子信箱", "a@b.cn"), (50, 140))
        canvas.drawString(50, 312, "c@d.cn")

    assert "/email" in mixed(read_form(tmp_path, draw))


def test_values_of_several_rows_close_to_each_other_are_no_tall_text(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        form(canvas, cells=FORM[:5])
        put(canvas, 460, ("企业联系人", "李丽", "联系电话", "13800001234"), (50, 140, 300, 400))
        put(canvas, 445, ("电子信箱", "a@b.cn", "企业网址", "www.b.cn"), (50, 140, 300, 400))
        put(canvas, 430, ("职工人数", "35", "提供社保证明人数", "30"), (50, 140, 225, 340))
        put(canvas, 430, ("本科及以上学历或中级", "28"), (380, 500))
        canvas.drawString(380, 415, "以上技术职称专业人员")

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    data = found["data"]
    assert (data["contact"], data["contact_phone"]) == ("李丽", "13800001234")
    assert (data["email"], data["website"]) == ("a@b.cn", "www.b.cn")
    counts = ("staff_count", "insured_staff_count", "qualified_staff_count")
    assert [data[key] for key in counts] == [35, 30, 28]


def test_lines_that_may_belong_to_either_row_of_a_form_are_pointed_at(tmp_path: Path) -> None:
    """Lines at one distance, and the label of the second row in the middle of no number of them."""

    def draw(canvas: Canvas) -> None:
        form(canvas, rules=False)
        canvas.drawString(50, 330, "服务活动开展情况及业绩")
        for n in range(9):
            canvas.drawString(230, 420 - 15 * n, f"开展活动{n}次。")

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    assert "/achievements" in {i["pointer"] for i in found["issues"]}


def test_the_years_of_a_form_without_rules_keep_their_columns(tmp_path: Path) -> None:
    """年度 begins about where the lines of the texts do; one year has no profit; the label beside the
    rows stands at the height of one with a unit on its second line."""

    def draw(canvas: Canvas) -> None:
        form(canvas)
        for n, line in enumerate(("开展活动若干场次，服务企业多家。",) * 4):
            canvas.drawString(140, 330 - 15 * n, line)
        canvas.drawString(50, 307, "服务活动开展")
        canvas.drawString(50, 292, "情况及业绩")
        for x, y, text in (
            (148, 250, "年    度"), (290, 250, "2022年"), (430, 250, "2023年"),
            (145, 230, "服务收入（万元）"), (290, 230, "560"), (430, 230, "612"),
            (145, 210, "服务利润"), (145, 195, "（万元）"), (430, 202, "71"),
            (50, 210, "近两年经营"), (50, 195, "情况"),
            (145, 175, "服务企业数（家）"), (290, 175, "88"), (430, 175, "97"),
        ):  # fmt: skip
            canvas.drawString(x, y, text)

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    years = [
        (o["year"], o["service_income"], o["service_profit"], o["enterprises_served"])
        for o in found["data"]["operations"]
    ]
    assert years == [(2022, 560, None, 88), (2023, 612, 71, 97)]


def test_a_label_behind_a_full_line_of_a_typed_form(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        lines = [
            "附件1",
            "湖南省中小微企业核心服务机构申请表",
            "机构名称：长沙星火服务中心",
            "地址：长沙市岳麓区",
        ]
        lines += [
            "所属区县：岳麓区",
            "法定代表人：王小明",
            "企业负责人：李丽",
            "机构简介（1000字以内）：",
        ]
        lines += ["湘" * 40 + "。", "主要服务项目：√技术创新", "推荐单位意见：同意推荐。"]  # fmt: skip
        for n, line in enumerate(lines):
            canvas.drawString(50, 780 - 20 * n, line)

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    assert found["data"]["profile"] == "湘" * 40 + "。"
    assert found["data"]["main_service"] == "技术创新"


def test_labels_close_to_the_value_before_in_a_typed_form(tmp_path: Path) -> None:
    """A tab that had no room left parts them."""

    def draw(canvas: Canvas) -> None:
        lines = ["附件1", "湖南省中小微企业核心服务机构申请表", "机构名称：长沙星火服务中心"]
        lines += [
            "地址：长沙市岳麓区1号3栋所属区县：岳麓区",
            "法定代表人：王小明成立日期：2015年3月1日",
        ]
        lines += ["企业负责人：李丽", "电子信箱：a@hn.cn"]
        for n, line in enumerate(lines):
            canvas.drawString(50, 780 - 20 * n, line)

    path = tmp_path / "附件1.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    data = found["data"]
    assert (data["address"], data["county"]) == ("长沙市岳麓区1号3栋", "岳麓区")
    assert (data["legal_representative"], data["established_on"]) == ("王小明", "2015-03-01")


def test_boxes_around_values_are_no_tables(read: Read) -> None:
    """As browsers print the fields of a form: in cells, and behind a label on a line."""

    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 745, "填报单位：")
        canvas.rect(102, 740, 200, 18)
        canvas.drawString(108, 745, "长沙星火服务中心")
        for x in (50, 200, 400):
            canvas.line(x, 600, x, 700)
        for y in (600, 650, 700):
            canvas.line(50, y, 400, y)
        for n, (label, value) in enumerate((("机构名称", "星火中心"), ("地址", "长沙市"))):
            canvas.drawString(60, 670 - 50 * n, label)
            canvas.rect(210, 664 - 50 * n, 180, 18)
            canvas.drawString(215, 670 - 50 * n, value)

    document = read(drawn(draw))
    assert rows_of(document) == [["机构名称", "星火中心"], ["地址", "长沙市"]]
    assert [p.text for p in document.paragraphs] == ["填报单位：长沙星火服务中心"]


# -- what printing adds ---------------------------------------------------------------------------


def printed(canvas: Canvas, *numbers: int, start: float = 700.0) -> None:
    """The head of annex 6 and these rows of it, ruled."""
    xs = [50.0, 100.0, 320.0, 400.0, 490.0, 570.0]
    rows = [("序号", "单位名称", "联系人", "联系电话", "主要服务项目")]
    rows += [
        (str(n), f"长沙第{n}服务中心", "王小明", f"138000012{n:02}", "技术创新") for n in numbers
    ]
    for i, row in enumerate(rows):
        put(canvas, start - 20 * i, row, [x + 4 for x in xs[:-1]])
    ruled(canvas, xs, [start + 14 - 20 * i for i in range(len(rows) + 1)])


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_row_that_is_printed_below_the_head_of_every_page_is_one(
    everywhere: bool, tmp_path: Path
) -> None:
    """A sheet's rows to repeat at the top (顶端标题行) were chosen with the first entry among them."""

    def first(canvas: Canvas) -> None:
        canvas.drawString(50, 780, "附件6")
        canvas.drawString(150, 755, "湖南省中小微企业核心服务机构推荐汇总表")
        printed(canvas, 1, 2, 3)

    path = tmp_path / "附件6.pdf"
    path.write_bytes(
        drawn(
            first,
            lambda canvas: printed(canvas, 1, 4, 5, start=780),
            lambda canvas: printed(canvas, *([1] if everywhere else []), 6, 7, start=780),
        )
    )
    (found,) = read_file(path)
    numbers = [n["no"] for n in found["data"]["nominees"]]
    (said,) = (i for i in found["issues"] if i["code"] == "printed-again")
    assert said["severity"] == ("info" if everywhere else "warning")
    assert numbers == ([1, 2, 3, 4, 5, 6, 7] if everywhere else [1, 2, 3, 1, 4, 5, 6, 7])


def test_a_namesake_at_the_top_of_the_second_page_is_a_person(tmp_path: Path) -> None:
    """Without numbers, one page more tells nothing: the entry stays, and is pointed at."""
    head = ("姓名", "职务", "学历", "职称")
    xs = [50.0, 150.0, 300.0, 430.0, 560.0]

    def page(*names: str) -> Callable[[Canvas], None]:
        def draw(canvas: Canvas) -> None:
            canvas.drawString(150, 780, "服务机构服务人员基本情况表")
            rows = [head, *((name, "咨询师", "本科", "经济师") for name in names)]
            for i, row in enumerate(rows):
                put(canvas, 700 - 20 * i, row, [x + 4 for x in xs[:-1]])
            ruled(canvas, xs, [714 - 20 * i for i in range(len(rows) + 1)])

        return draw

    path = tmp_path / "附件3.pdf"
    path.write_bytes(drawn(page("张伟", "李丽", "王芳"), page("张伟", "赵强")))
    (found,) = read_file(path)
    assert [p["name"] for p in found["data"]["staff"]] == ["张伟", "李丽", "王芳", "张伟", "赵强"]
    (said,) = (i for i in found["issues"] if i["code"] == "printed-again")
    assert said["severity"] == "warning"


def test_a_tick_behind_a_text_too_long_for_its_cell_stands_in_the_next(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        ruled(canvas, [50, 100, 200], [700, 720])
        canvas.drawString(52, 705, "2024.3-24.6")
        canvas.drawString(52 + canvas.stringWidth("2024.3-24.6", "Sans", 10.5), 705, "√")

    assert rows_of(read(drawn(draw))) == [["2024.3-24.6", "√"]]


def test_a_list_in_a_box_with_level_rules(tmp_path: Path) -> None:
    """The last page holds one row of it."""

    def boxed(canvas: Canvas, top: float, rows: Sequence[Row]) -> None:
        for i, row in enumerate(rows):
            put(canvas, top - 20 * i - 14, row)
            canvas.line(45, top - 20 * i, 550, top - 20 * i)
        canvas.rect(45, top - 20 * len(rows), 505, 20 * len(rows))

    def first(canvas: Canvas) -> None:
        titled(canvas)
        boxed(canvas, 715, (HEAD, *STAFF))

    path = tmp_path / "附件3.pdf"
    last = ("4", "赵倩", "33", "专员", "本科", "", "有")
    path.write_bytes(drawn(first, lambda canvas: boxed(canvas, 790, [last])))
    (found,) = read_file(path)
    assert [x["name"] for x in found["data"]["staff"]] == ["王小明", "阿布都热西提", "李丽", "赵倩"]
    assert not [i for i in found["issues"] if i["code"] == "text-unclear"]


def test_a_list_whose_columns_cannot_be_told_is_known_by_its_title(tmp_path: Path) -> None:
    def draw(canvas: Canvas) -> None:
        titled(canvas)
        canvas.drawString(50, 700, "序号姓名年龄职务学历职称社保证明")
        canvas.drawString(50, 685, "1王小明35经理本科经济师有")

    path = tmp_path / "附件3.pdf"
    path.write_bytes(drawn(draw))
    (found,) = read_file(path)
    assert (found["annex"], found["data"]["staff"]) == ("3", [])
    assert "/staff" in {i["pointer"] for i in found["issues"] if i["code"] == "table-missing"}


@pytest.mark.parametrize("head", [True, False])
def test_a_row_cut_between_two_pages_on_one_sheet_is_made_whole(head: bool, read: Read) -> None:
    """Two pages of a list below each other, printed two on a sheet."""
    xs = [50.0, 100.0, 320.0, 570.0]

    def part(canvas: Canvas, top: float, *rows: Row) -> None:
        for i, row in enumerate(rows):
            put(canvas, top - 20 * i, row, [x + 4 for x in xs[:-1]])
        ruled(canvas, xs, [top + 14 - 20 * i for i in range(len(rows) + 1)])

    def draw(canvas: Canvas) -> None:
        heads = [("序号", "单位名称", "联系人")]
        part(canvas, 780, *heads, ("1", "长沙第一服务中心", "李丽"), ("2", "长沙第二服务", "王明"))
        canvas.drawString(280, 440, "第 1 页")
        rows = [("", "中心", ""), ("3", "长沙第三服务中心", "赵倩")]
        part(canvas, 380, *(heads if head else []), *rows)

    rows = rows_of(read(drawn(draw)))
    assert [row[1].replace("\n", "") for row in rows if row[0].isdecimal()] == [
        "长沙第一服务中心",
        "长沙第二服务中心",
        "长沙第三服务中心",
    ]
    assert all(row[0] for row in rows)


def test_where_an_office_is_found_alone_in_the_lower_margin_is_pointed_at(read: Read) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(50, 700, "本年度计划服务企业一百家。")
        canvas.drawString(200, 40, "联系电话：0731-88881234")

    first, last = read(drawn(draw)).paragraphs
    assert first.place.doubt is None
    assert last.place.doubt is not None and last.place.doubt.code == "as-footer"


def test_rows_beside_one_label_in_a_box_with_level_rules(read: Read) -> None:
    """The rules between the rows end at the label beside them all."""

    def draw(canvas: Canvas) -> None:
        canvas.rect(45, 600, 505, 100)
        canvas.line(45, 620, 550, 620)
        for n in range(4):
            canvas.line(150, 680 - 20 * n, 550, 680 - 20 * n)
            put(canvas, 685 - 20 * n, (f"第{n}项内容", f"{n}12", f"{n}34"), (155, 300, 430))
        canvas.drawString(60, 655, "近两年情况")
        put(canvas, 605, ("推荐意见", "同意推荐。"), (60, 155))

    document = read(drawn(draw))
    assert not list(document.grids)
    assert [p.text for p in document.paragraphs][-1].startswith("推荐意见")


def test_the_rest_of_a_text_that_stands_in_a_cell_of_its_own_on_the_next_page_is_pointed_at(
    tmp_path: Path,
) -> None:
    """A text in a table of its own inside the cell, which a page's end has cut."""
    pairs = [
        (label, value)
        for _, row in FORM[2:7]
        for label, value in zip(map("".join, row[::2]), map("".join, row[1::2]), strict=True)
    ]

    def first(canvas: Canvas) -> None:
        canvas.drawString(180, 765, "湖南省中小微企业核心服务机构申请表")
        rows = [*pairs, ("机构简介（1000字以内）", INTRO[0])]
        for n, row in enumerate(rows):
            put(canvas, 700 - 20 * n, row, (54, 254))
        ruled(canvas, [50, 250, 550], [714 - 20 * n for n in range(len(rows) + 1)])

    def second(canvas: Canvas) -> None:
        canvas.drawString(254, 780, INTRO[1])
        ruled(canvas, [50, 150, 250, 500, 550], [794, 774])
        put(canvas, 760, ("主要服务项目（只勾选一项）", "√技术创新 □品牌提升"), (54, 254))
        ruled(canvas, [50, 250, 550], [774, 754])

    found = read_form(tmp_path, first, second)
    assert found["data"]["main_service"] == "技术创新"
    said = [i["pointer"] for i in found["issues"] if i["code"] == "text-left-over"]
    assert said == ["/profile"]
