"""Layouts that other people make of the same forms: what they say, and what is said of them.

Each document is built here by python-docx or openpyxl, and looks like none of our templates.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.annex import catalogue
from pipeline.document import Box, Cell, Document, Grid, Paragraph, Phrase, Place, Run, Source
from pipeline.extract import extract, placed, typed
from pipeline.extract.taken import Record
from pipeline.flow import plans, read_file
from pipeline.render.docx import render as render_docx
from tests.returned import STAFF, STAFF_HEAD, Rows, one, pointed, write_docx

OUTLINE = (
    ("background", "申请单位的基本情况", "本中心成立于2015年。"),
    ("management", "管理运营情况", "制度健全，流程规范。"),
    ("services", "近两年来的服务情况", "两年服务企业475家。"),
    ("achievements", "主要服务业绩及促进中小企业专精特新发展的贡献", "培育专精特新企业12家。"),
    ("support", "获得各级政府扶持的情况", "2023年获服务券补贴20万元。"),
    ("plans", "上一年度工作总结及本年度工作计划", "今年计划服务企业100家。"),
)
REWORDED = ("机构概况", "运营管理情况", "2023-2024年服务情况", "服务业绩与贡献", "获得扶持情况", "2024年工作总结和2025年工作计划")  # fmt: skip
CLIENT_HEAD = ("序号", "服务企业名称", "所在行业", "服务内容", "服务时间", "机构自身提供服务", "依托专业机构提供服务", "未签服务合同收费金额（万元）", "合同服务金额（万元）", "合同期限", "费用减免情况", "服务企业联系人", "服务企业联系电话")  # fmt: skip
CLIENT = ("1", "长沙金瑞电子有限公司", "电子信息", "管理咨询", "2024.3-2024.5", "√", "", "0.5", "", "", "减免20%", "李敏", "13877770001")  # fmt: skip
SIGNED = ("填报单位：长沙星火服务中心      填报时间：2025年5月18日",)


def write_xlsx(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([text or None for text in row])
    book.save(path)
    return path


def test_a_cell_that_a_scanned_table_lacks_is_pointed_at() -> None:
    rows = [STAFF_HEAD, *STAFF]
    cells = [
        Cell(i, j, 1, 1, text, Place(page=1, row=i + 1, column=j + 1, scan="grey"))
        for i, row in enumerate(rows)
        for j, text in enumerate(row)
        if (i, j) != (2, 6)  # its border was not found
    ]
    place = Place(page=1, table=1)
    blocks = (
        Paragraph.of("服务机构服务人员基本情况表", place),
        Grid(len(rows), 7, tuple(cells), place),
    )
    document = Document(Source("扫描.pdf", "", "pdf"), blocks)
    (record,) = extract(document, plans())
    assert [one["insured"] for one in record.data["staff"]] == [True, None, *[True] * 4]
    assert [f.pointer for f in record.findings if f.code == "cell-lost"] == ["/staff/1/insured"]


def scanned(*pages: Rows) -> Record:
    """What is read of a list that was scanned, a table to a page."""

    def grid(page: int, rows: Rows) -> Grid:
        cells = [
            Cell(i, j, 1, 1, text, Place(page=page, row=i + 1, column=j + 1, scan="grey"))
            for i, row in enumerate(rows)
            for j, text in enumerate(row)
        ]
        return Grid(len(rows), len(rows[0]), tuple(cells), Place(page=page, table=1))

    title = Paragraph.of("服务机构服务人员基本情况表", Place(page=1))
    grids = (grid(page, rows) for page, rows in enumerate(pages, start=1))
    document = Document(Source("扫描.pdf", "", "pdf"), (title, *grids))
    (record,) = extract(document, plans())
    return record


def test_a_row_without_a_number_on_a_new_page_may_be_the_rest_of_one() -> None:
    rest = ("", "王庚辛", "35", "咨询师", "本科", "经济师", "有")
    record = scanned([STAFF_HEAD, *STAFF], [rest, ("7", *rest[1:])])
    assert len(record.data["staff"]) == 8
    assert [f.pointer for f in record.findings if f.code == "row-cut"] == ["/staff"]
    whole = scanned([STAFF_HEAD, *STAFF], [("7", *rest[1:]), rest])
    assert not [f for f in whole.findings if f.code == "row-cut"]


def test_a_rest_of_a_scanned_table_that_does_not_fit_is_pointed_at() -> None:
    record = scanned([STAFF_HEAD, *STAFF], [("7", "王庚", "35 咨询师")])
    assert len(record.data["staff"]) == 6
    assert [f.pointer for f in record.findings if f.code == "table-left"] == ["/staff"]


# ---------------------------------------------------------------- annex 2


def report(tmp_path: Path, *lines: str) -> dict[str, Any]:
    return one(write_docx(tmp_path / "报告.docx", *lines), "2")


def is_whole(reading: dict[str, Any]) -> None:
    said = {key: reading["data"][key] for key, _, _ in OUTLINE}
    assert said == {key: text for key, _, text in OUTLINE}
    assert reading["data"]["organisation"] == "长沙星火服务中心"
    assert pointed(reading) == set()


@pytest.mark.parametrize("mark", ["：", "。", "  ", "——"])
def test_headings_run_into_their_text(tmp_path: Path, mark: str) -> None:
    lines = [f"{n}、{head}{mark}{text}" for n, (_, head, text) in enumerate(OUTLINE, start=1)]
    is_whole(report(tmp_path, "核心服务机构申请报告", "长沙星火服务中心", *lines))


def test_headings_longer_than_a_line_are_no_part_of_the_text(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, (_, head, text) in enumerate(OUTLINE, start=1):
        cut = {3: "（包括：主要服务内容、服务对象、规模、方式、收费\n等）；", 4: "\n"}.get(
            number, "；"
        )
        head = head[:-2] + "\n" + head[-2:] if cut == "\n" else head + cut
        lines += [*f"{number}.{head}".split("\n"), text]
    is_whole(report(tmp_path, "核心服务机构申请报告", "长沙星火服务中心", *lines))


def test_reworded_headings_are_known_by_words_and_number(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, head, (_, _, text) in zip("一二三四五六", REWORDED, OUTLINE, strict=True):
        lines += [f"{number}、{head}", text]
    is_whole(report(tmp_path, "核心服务机构申请报告", "长沙星火服务中心", *lines))


def test_cover_contents_and_introduction_are_no_part_of_it(tmp_path: Path) -> None:
    heads = [f"{n}、{head}" for n, (_, head, _) in zip("一二三四五六", OUTLINE, strict=True)]
    body = [
        line for head, (_, _, text) in zip(heads, OUTLINE, strict=True) for line in (head, text)
    ]
    front = ("核心服务机构申请报告", "申请单位：长沙星火服务中心（盖章）", "联系人：李敏", "目  录")
    intro = "根据认定管理办法要求，我单位现提出申请，有关情况报告如下："
    is_whole(report(tmp_path, *front, *heads, "核心服务机构申请报告", intro, *body))


def test_sub_headings_that_read_like_headings_belong_to_the_text(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, (_, head, text) in zip("一二三四五六", OUTLINE, strict=True):
        lines += [f"{number}、{head}", "1.服务情况", "2.管理情况", text]
    reading = report(tmp_path, "核心服务机构申请报告", "长沙星火服务中心", *lines)
    for key, _, text in OUTLINE:
        assert reading["data"][key] == f"1.服务情况\n2.管理情况\n{text}"


def test_a_seventh_heading_is_pointed_at(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, (_, head, text) in zip("一二三四五六", OUTLINE, strict=True):
        lines += [f"{number}、{head}", text]
    lines += ["七、其他需要说明的情况", "无其他情况。"]
    reading = report(tmp_path, "核心服务机构申请报告", "长沙星火服务中心", *lines)
    assert pointed(reading) == {"/plans"}


# ---------------------------------------------------------------- tables


def staff(path: Path) -> list[dict[str, Any]]:
    reading = one(path, "3")
    assert pointed(reading) == set()
    rows: list[dict[str, Any]] = reading["data"]["staff"]
    return rows


NAMES = [row[1] for row in STAFF]


@pytest.mark.parametrize("by_rows", [True, False])
def test_two_people_side_by_side_come_in_the_order_of_their_numbers(
    tmp_path: Path, by_rows: bool
) -> None:
    pairs = (
        zip(STAFF[::2], STAFF[1::2], strict=True)
        if by_rows
        else zip(STAFF[:3], STAFF[3:], strict=True)
    )
    rows = [STAFF_HEAD * 2, *(left + right for left, right in pairs)]
    path = write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", *SIGNED, rows)
    assert [row["name"] for row in staff(path)] == NAMES


@pytest.mark.parametrize(
    "title", ["服务机构服务人员基本情况表（续表）", "服务机构服务人员基本情况表"]
)
def test_a_table_continued_under_its_title_is_one_document(tmp_path: Path, title: str) -> None:
    blocks = ("服务机构服务人员基本情况表", *SIGNED, [STAFF_HEAD, *STAFF[:4]])
    path = write_docx(tmp_path / "人员.docx", *blocks, title, *SIGNED, [STAFF_HEAD, *STAFF[4:]])
    assert [row["name"] for row in staff(path)] == NAMES


def test_rows_that_number_columns_average_or_sign_are_no_people(tmp_path: Path) -> None:
    numbers = tuple("1234567")
    average = ("平均年龄", "", "35", "", "", "", "")
    signed = ("单位负责人（签字）：", "", "", "填表人：", "", "填表日期：", "")
    rows = [STAFF_HEAD, numbers, *STAFF, average, signed]
    path = write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", *SIGNED, rows)
    assert [row["name"] for row in staff(path)] == NAMES


def test_heads_in_two_languages_and_numbers_in_brackets(tmp_path: Path) -> None:
    head = ("No.\n序号", "姓名\nName", "年龄\nAge", "职务\nPosition", "学历\nEducation", "职称\nTitle", "社保证明\nInsurance")  # fmt: skip
    rows = [head, *((f"（{row[0]}）", *row[1:]) for row in STAFF)]
    path = write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", *SIGNED, rows)
    assert [(row["no"], row["name"]) for row in staff(path)] == list(enumerate(NAMES, start=1))


def test_two_annexes_below_one_another_in_one_sheet(tmp_path: Path) -> None:
    rows = [
        ("附件3",), ("服务机构服务人员基本情况表",), SIGNED, STAFF_HEAD, *STAFF, (),
        ("附件4",), ("服务机构服务对象情况表",), SIGNED, CLIENT_HEAD, CLIENT,
    ]  # fmt: skip
    first, second = read_file(write_xlsx(tmp_path / "表.xlsx", rows))
    assert (first["annex"], second["annex"]) == ("3", "4")
    assert [row["name"] for row in first["data"]["staff"]] == NAMES
    assert [row["enterprise"] for row in second["data"]["clients"]] == ["长沙金瑞电子有限公司"]
    assert pointed(first) | pointed(second) == set()


def test_two_tables_without_titles_are_two_annexes(tmp_path: Path) -> None:
    bare = write_docx(tmp_path / "表.docx", [STAFF_HEAD, *STAFF], "", [CLIENT_HEAD, CLIENT])
    sheet = write_xlsx(tmp_path / "表.xlsx", [STAFF_HEAD, *STAFF, (), CLIENT_HEAD, CLIENT])
    for path in (bare, sheet):
        first, second = read_file(path)
        assert (first["annex"], second["annex"]) == ("3", "4")
        assert [row["name"] for row in first["data"]["staff"]] == NAMES
        assert len(second["data"]["clients"]) == 1


@pytest.mark.parametrize(("yes", "no"), [("●", "○"), ("√", "/"), ("自身", "")])
def test_marks_of_the_kind_of_service(tmp_path: Path, yes: str, no: str) -> None:
    rows = [CLIENT_HEAD, (*CLIENT[:5], yes, no, *CLIENT[7:])]
    reading = one(write_docx(tmp_path / "对象.docx", "服务机构服务对象情况表", *SIGNED, rows), "4")
    client = reading["data"]["clients"][0]
    assert (client["by_self"], client["by_partner"]) == (True, False)
    assert pointed(reading) == set()


def test_a_label_added_behind_the_name_is_no_part_of_it(tmp_path: Path) -> None:
    rows = [("序号", "单位名称", "联系人", "联系电话", "主要服务项目"), ("1", "长沙星火服务中心", "李敏", "13877770001", "技术创新")]  # fmt: skip
    line = "填报单位（盖章）：长沙市工业和信息化局          填报日期：2025年6月12日"
    path = write_docx(tmp_path / "汇总.docx", "湖南省中小微企业核心服务机构推荐汇总表", line, rows)
    assert one(path, "6")["data"]["organisation"] == "长沙市工业和信息化局"


@pytest.mark.parametrize(
    "rows",
    [
        [("序号", "姓名", "性别", "学历", "专业", "岗位"), ("1", "张三", "男", "本科", "电子", "工程师")],
        [("序号", "单位名称", "姓名", "联系电话", "签名"), ("1", "某公司", "张三", "13811112222", "")],
        [("序号", "合同名称", "供应商", "合同金额（万元）", "合同期限", "联系人", "联系电话"), ("1", "甲", "乙", "10", "一年", "李四", "13811112222")],
    ],
)  # fmt: skip
def test_a_list_of_other_things_is_no_annex(tmp_path: Path, rows: Rows) -> None:
    (reading,) = read_file(write_docx(tmp_path / "台账.docx", "台账", rows))
    assert reading["annex"] is None


# ---------------------------------------------------------------- annex 1

FIELDS = (
    ("机构名称", "长沙星火服务中心"), ("统一社会信用代码", "91430100MA4L16JJ8X"), ("地址", "长沙市麓谷大道658号"),
    ("所属区县", "岳麓区"), ("法定代表人", "张磊"), ("成立日期", "2015年3月20日"), ("企业负责人", "张磊"),
    ("联系电话", "13877770001"), ("企业联系人", "李敏"), ("联系电话", "13877770002"), ("电子信箱", "a@b.cn"),
    ("企业网址", "www.b.cn"), ("职工人数", "35"), ("提供社保证明人数", "30"),
    ("本科及以上学历或中级以上技术职称专业人员", "28"), ("注册资本（万元）", "500"), ("总资产（万元）", "1280.5"),
    ("服务设施（万元）", "320"),
)  # fmt: skip
SAID = {
    "name": "长沙星火服务中心", "county": "岳麓区", "principal_phone": "13877770001",
    "contact_phone": "13877770002", "established_on": "2015-03-20", "service_assets": 320,
}  # fmt: skip


def form(tmp_path: Path, rows: Rows) -> dict[str, Any]:
    reading = one(
        write_docx(tmp_path / "申请表.docx", "湖南省中小微企业核心服务机构申请表", rows), "1"
    )
    data: dict[str, Any] = reading["data"]
    return data


def test_labels_above_their_values(tmp_path: Path) -> None:
    rows: list[tuple[str, ...]] = []
    for start in range(0, len(FIELDS), 3):
        part = FIELDS[start : start + 3]
        rows += [tuple(label for label, _ in part), tuple(value for _, value in part)]
    data = form(tmp_path, rows)
    assert {key: data[key] for key in SAID} == SAID


def test_labels_said_once_more_before_the_value_or_cut_in_two_cells(tmp_path: Path) -> None:
    again = form(tmp_path, [(label, f"{label}：{value}") for label, value in FIELDS])
    assert {key: again[key] for key in SAID} == SAID
    cut = [
        (label[:2], label[2:], value) if len(label) == 4 else (label, value, "")
        for label, value in FIELDS
    ]
    data = form(tmp_path, cut)
    assert {key: data[key] for key in SAID} == SAID


def test_equipment_and_premises_in_cells_of_their_own(tmp_path: Path) -> None:
    apart = [
        ("仪器设备", "86台（套）"), ("占总资产的", "25％"), ("场地面积", "680平米"),
        ("性质", "租用☑ 自有□"), ("自有场地占总面积的", "0％"),
    ]  # fmt: skip
    data = form(tmp_path, [*FIELDS, *apart])
    assert (data["equipment_count"], data["equipment_asset_share"]) == (86, 25)
    assert (data["floor_area"], data["premises"], data["owned_area_share"]) == (680, ["租用"], 0)


OPERATIONS = (
    ("年度", "服务收入（万元）", "服务利润（万元）", "服务企业数（家）", "服务活动数（场/次）"),
    ("2022年", "500", "50", "180", "20"),
    ("2023年", "560.8", "62", "210", "28"),
    ("2024年", "688", "75.5", "265", "35"),
)


def years(data: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(year.values()) for year in data["operations"]]


LAST_TWO = [(2023, 560.8, 62, 210, 28), (2024, 688, 75.5, 265, 35)]


def test_years_as_rows(tmp_path: Path) -> None:
    rows = [(label, value, "", "", "") for label, value in FIELDS]
    data = form(tmp_path, [*rows, OPERATIONS[0], *OPERATIONS[2:]])
    assert years(data) == LAST_TWO


def test_three_years_give_the_last_two_and_are_pointed_at(tmp_path: Path) -> None:
    rows = [(label, value, "", "") for label, value in FIELDS]
    rows += list(zip(*OPERATIONS, strict=True))
    path = write_docx(tmp_path / "申请表.docx", "湖南省中小微企业核心服务机构申请表", rows)
    reading = one(path, "1")
    assert years(reading["data"]) == LAST_TWO
    assert "/operations" in pointed(reading)


def test_a_sheet_without_merged_cells_keeps_its_years_apart(tmp_path: Path) -> None:
    rows: list[tuple[str, ...]] = [("湖南省中小微企业核心服务机构申请表",), *FIELDS]
    rows += [
        ("近两年经营情况" if number == 0 else "", label, first, "", "", second)
        for number, (label, _, first, second) in enumerate(zip(*OPERATIONS, strict=True))
    ]
    data = one(write_xlsx(tmp_path / "申请表.xlsx", rows), "1")["data"]
    assert years(data) == LAST_TWO


def test_an_opinion_that_says_what_the_form_prints_behind_it_is_whole(tmp_path: Path) -> None:
    annex = catalogue()["1"]
    for opinion in ("盖", "盖章", "同意推荐，盖章有效。", "同意。\n盖 章"):
        data = annex.complete({"recommendation": {"opinion": opinion, "dated": "2024-09-01"}})
        path = tmp_path / "a.docx"
        path.write_bytes(render_docx(annex, data))
        (read,) = read_file(path)
        assert read["data"]["recommendation"] == data["recommendation"]


@pytest.mark.parametrize(
    "blanks", ["\u3000" * 60, " " * 3000, "\u3000 " * 1500, "1" * 80, "年　月　" * 500]
)
def test_long_blanks_before_a_date_take_no_time(blanks: str) -> None:
    from pipeline.extract.form import _DATE_TAIL

    started = time.process_time()
    _DATE_TAIL.search(f"同意推荐。{blanks}盖章")
    assert time.process_time() - started < 2
    tail = _DATE_TAIL.search(f"同意推荐。{blanks.replace('1', ' ')}2024年 9 月 26 日 ")
    assert tail is not None and tail[0].strip().endswith("26 日")


def test_labels_without_number_in_one_paragraph_take_no_time() -> None:
    plan = plans()["1"]
    text = "  ".join(["联系电话：甲"] * 1500)
    started = time.process_time()
    assert typed.labels(plan, [Paragraph.of(text)]) == {"联系电话"}
    assert time.process_time() - started < 5


def test_long_texts_without_rules_take_no_time() -> None:
    """Lines of two texts, as close to each other at their border as anywhere."""

    def phrase(text: str, x: float, y: float) -> Phrase:
        box = Box(x, y, x + 10.5 * len(text), y + 10.5)
        return Phrase((Run(text),), Place(page=1, box=box), 1, box)

    names = ("机构名称", "企业负责人", "职工人数", "成立日期")
    said = [phrase(name, 50, 20 + 30 * n) for n, name in enumerate(names)]
    said += [phrase(f"服务企业第{n}家", 160, 200 + 12 * n) for n in range(800)]
    said += [phrase("机构简介", 50, 200), phrase("服务活动开展情况及业绩", 20, 5000)]
    plan = plans()["1"]
    started = time.process_time()
    laid = placed.lay(plan, [Paragraph((Run("x"),), Place(), phrases=tuple(said))])
    assert laid is not None and time.process_time() - started < 10


def test_a_head_printed_again_in_part_is_no_entry_and_has_the_same_columns(tmp_path: Path) -> None:
    """Of three rows printed at the top of each page the last may be missing, and what stands in the
    middle of merged cells is not shown."""
    groups = ("", "服务企业情况", "", "", "", "服务性质", "", "合同服务情况", "", "", "", "", "")
    again = ("", "服务企业名称", "", "", "", "机构自身提供服务", "依托专业机构提供服务", "未签服务合同收费金额（万元）", "合同服务金额（万元）", "", "费用减免情况", "服务企业联系人", "服务企业联系电话")  # fmt: skip
    second = ("2", "长沙金丰电子有限公司", *CLIENT[2:])
    third = ("3", "长沙金鼎电子有限公司", *CLIENT[2:])
    path = write_docx(
        tmp_path / "附件4.docx", "服务机构服务对象情况表", *SIGNED,
        [groups, CLIENT_HEAD, CLIENT], "（续）", [groups, second], "（续）", [groups, again, third],
    )  # fmt: skip
    (line,) = read_file(path)
    clients = line["data"]["clients"]
    assert [client["no"] for client in clients] == [1, 2, 3]
    assert all(client["industry"] == "电子信息" for client in clients)
    assert not [i for i in line["issues"] if i["code"] in ("column-missing", "spread-cell")]
