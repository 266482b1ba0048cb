"""Habits of spreadsheets: what stands below a table, units of the form's own, cells in doubt."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import xlsxwriter

from pipeline import flow
from pipeline.document import Paragraph, Place
from pipeline.extract.unsplit import split
from pipeline.flow import read_file

Cells = Sequence[Sequence[object]]

STAFF_TITLES = (["附件3"], ["服务机构服务人员基本情况表"])
STAFF_LINE = ["填报单位：长沙星火服务中心", None, None, "填报时间：", None, None, "2025年5月18日"]
STAFF_HEAD = ["序号", "姓  名", "年龄", "职  务", "学历", "职  称", "社保证明"]
STAFF = [
    [1, "王甲", 35, "主任", "本科", "经济师", "有"],
    [2, "李乙", 41, "会计", "大专", None, "无"],
    [3, "赵丙", 28, "咨询师", "本科", None, "有"],
]
CLIENT_HEAD = [
    "序号", "服务企业名称", "所在行业", "服务内容", "服务时间", "机构自身提供服务", "依托专业机构提供服务",
    "未签服务合同收费金额（万元）", "合同服务金额（万元）", "合同期限", "费用减免情况", "服务企业联系人", "服务企业联系电话",
]  # fmt: skip
CLIENT = [1, "长沙金瑞电子有限公司", "电子信息", "管理咨询", "2024.3-2024.5", "√", None, 0.5, None, None, "减免20%", "李敏", "13877770001"]  # fmt: skip


def book(path: Path, rows: Cells, formats: Mapping[str, str] | None = None) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(list(row))
    for cell, code in (formats or {}).items():
        workbook.active[cell].number_format = code
    workbook.save(path)
    return path


def staff(path: Path, *, rows: Cells = (), below: Cells = (), line: Sequence[object] = ()) -> Path:
    return book(path, [*STAFF_TITLES, line or STAFF_LINE, STAFF_HEAD, *(rows or STAFF), *below])


def clients(path: Path, *rows: Sequence[object], head: Sequence[str] = CLIENT_HEAD, line: str = "") -> Path:  # fmt: skip
    lines = [["服务机构服务对象情况表"], ["填报单位：长沙星火服务中心    填报时间：2025年5月18日"]]
    return book(path, [*lines, *([[line]] if line else []), head, *(rows or [CLIENT])])


def one(path: Path) -> dict[str, Any]:
    [reading] = read_file(path)
    return reading


def test_rows_in_which_formulas_left_nothing_but_zeros_are_no_entries(tmp_path: Path) -> None:
    reading = one(
        staff(tmp_path / "名单.xlsx", below=[[4, 0, 0, 0, 0, None, 0], [0] * 7, [5, "0.00"]])
    )
    assert [person["name"] for person in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert "/staff" not in doubts(reading)


def doubts(reading: dict[str, Any]) -> set[str]:
    return {i["pointer"] for i in reading["issues"] if i["severity"] != "info"}


# ---------------------------------------------------------------- below and beside the table


def test_another_table_below_the_list_is_no_part_of_it_and_pointed_at(tmp_path: Path) -> None:
    other = [
        ["附：证书清单"],
        ["序号", "姓名", "证书名称", "证书编号", "发证机关"],
        [1, "王甲", "工程师证", "B1", "省人社厅"],
    ]
    reading = one(
        book(tmp_path / "a.xlsx", [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF, *other])
    )
    assert [person["name"] for person in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert [i["code"] for i in reading["issues"] if i["pointer"] == "/staff"] == ["table-left"]
    assert "第9行起" in next(i["message"] for i in reading["issues"] if i["pointer"] == "/staff")


def test_a_list_that_goes_on_below_in_another_order_is_read_by_its_own_heads(
    tmp_path: Path,
) -> None:
    again = [[row[i] for i in (0, 2, 1, 3, 4, 5, 6)] for row in (STAFF_HEAD, STAFF[2])]
    again[0].append("备注")
    reading = one(
        book(tmp_path / "a.xlsx", [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF[:2], *again])
    )
    found = [(person["name"], person["age"]) for person in reading["data"]["staff"]]
    assert found == [("王甲", 35), ("李乙", 41), ("赵丙", 28)]


BELOW: dict[str, Cells] = {
    "a date at the right": [[None] * 4 + ["2025年5月30日"]],
    "the blank for a date": [[None] * 4 + ["   年   月   日"]],
    "seal and date": [[None] * 3 + ["（盖章）"], [None] * 3 + ["2025年6月1日"]],
    "the unit's name and the date": [[], [None] * 5 + ["长沙星火服务中心"], [None] * 5 + ["2025.6.1"]],
    "a note in cells of its own": [["注", "以上人员均为专职人员"]],
    "labels for a hand to write behind": [["审核：", None, "批准："]],
    "makers in cells": [["填表人", "王甲", "审核人", "李乙"]],
    "counts": [["人数合计", 3, None, None, None, "本科及以上", 2]],
    "a count of a kind": [["合  计", "3人"]],
    "notes in rows of their own": [["说明", "1.本表由单位填写。"], [None, "2.请附证明材料。"]],
}  # fmt: skip


@pytest.mark.parametrize("habit", BELOW)
def test_what_stands_below_a_table_is_no_row(tmp_path: Path, habit: str) -> None:
    reading = one(staff(tmp_path / "a.xlsx", below=BELOW[habit]))
    assert [row["name"] for row in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert doubts(reading) == set()


def test_the_first_column_without_a_head_counts_the_rows(tmp_path: Path) -> None:
    rows = [*STAFF_TITLES, STAFF_LINE, [None, *STAFF_HEAD[1:]], *STAFF]
    reading = one(book(tmp_path / "a.xlsx", rows))
    assert [row["no"] for row in reading["data"]["staff"]] == [1, 2, 3]


def test_numbers_in_circles_and_ditto_marks_with_blanks(tmp_path: Path) -> None:
    rows = [["①", *STAFF[0][1:]], ["②", "李乙", 41, "同  上", "同上。", None, "有"]]
    reading = one(staff(tmp_path / "a.xlsx", rows=rows))
    first, second = reading["data"]["staff"]
    assert (first["no"], second["no"], second["position"]) == (1, 2, "主任")
    assert second["education"] == "本科"


def test_a_label_without_its_colon(tmp_path: Path) -> None:
    line = ["填报单位长沙星火服务中心          填报时间2025年5月18日"]
    reading = one(staff(tmp_path / "a.xlsx", line=line))
    assert reading["data"]["organisation"] == "长沙星火服务中心"
    assert reading["data"]["filled_on"] == "2025-05-18"
    assert doubts(reading) == set()


def test_a_table_with_a_column_for_each_person(tmp_path: Path) -> None:
    line = ["填报单位：长沙星火服务中心    填报时间：2025年5月18日"]
    turned = [list(column) for column in zip(STAFF_HEAD, *STAFF, strict=True)]
    reading = one(book(tmp_path / "a.xlsx", [*STAFF_TITLES, line, *turned]))
    assert reading["annex"] == "3"
    assert reading["data"]["organisation"] == "长沙星火服务中心"
    assert [list(row.values()) for row in reading["data"]["staff"]] == [
        [*row[:6], row[6] == "有"] for row in STAFF
    ]


@pytest.mark.parametrize(("yes", "no"), [(True, False), ("yes", "No"), ("有。", "无。"), ("有社保", "无社保"), ("社保已缴", "未交"), ("正常缴纳", "未缴")])  # fmt: skip
def test_words_for_insured(tmp_path: Path, yes: object, no: object) -> None:
    rows = [[*row[:6], yes if row[6] == "有" else no] for row in STAFF]
    reading = one(staff(tmp_path / "a.xlsx", rows=rows))
    assert [row["insured"] for row in reading["data"]["staff"]] == [True, False, True]
    assert doubts(reading) == set()


def test_a_remark_above_the_head_line_is_no_part_of_the_name(tmp_path: Path) -> None:
    rows = [*STAFF_TITLES, ["（本表可续行）"], ["填报单位：", "长沙星火服务中心"], ["填报时间：", "2025年5月18日"], STAFF_HEAD, *STAFF]  # fmt: skip
    reading = one(book(tmp_path / "a.xlsx", rows))
    assert reading["data"]["organisation"] == "长沙星火服务中心"


def test_two_annexes_below_one_another_in_a_text_file(tmp_path: Path) -> None:
    nominees = [["附件6"], ["湖南省中小微企业核心服务机构推荐汇总表"], ["填报单位：长沙市工业和信息化局"], ["序号", "单位名称", "联系人", "联系电话", "主要服务项目"], [1, "长沙星火服务中心", "李敏", '="0731-85556666"', "技术创新"]]  # fmt: skip
    rows = [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF, [], *nominees]
    path = tmp_path / "材料.csv"
    with path.open("w", encoding="gb18030", newline="") as stream:
        csv.writer(stream).writerows([["" if v is None else v for v in row] for row in rows])
    staff_list, list_6 = read_file(path)
    assert [len(staff_list["data"]["staff"]), staff_list["annex"]] == [3, "3"]
    assert list_6["data"]["nominees"][0]["contact_phone"] == "0731-85556666"
    assert staff_list["provenance"]["/staff/0/name"]["where"] == "工作表“材料” B5"


def test_two_annexes_beside_one_another(tmp_path: Path) -> None:
    left = [["附件3"], [STAFF_TITLES[1][0]], ["填报单位：长沙星火服务中心 填报时间：2025年5月18日"], STAFF_HEAD, *STAFF]  # fmt: skip
    right = [["附件6"], ["湖南省中小微企业核心服务机构推荐汇总表"], ["填报单位：长沙市工业和信息化局"], ["序号", "单位名称", "联系人", "联系电话", "主要服务项目"], [1, "长沙星火服务中心", "李敏", "0731-85556666", "技术创新"]]  # fmt: skip
    rows = [
        [*one, *[None] * (8 - len(one)), *other]
        for one, other in zip_longest(left, right, fillvalue=[])
    ]
    first, second = read_file(book(tmp_path / "a.xlsx", rows))
    assert (first["annex"], len(first["data"]["staff"])) == ("3", 3)
    assert first["data"]["organisation"] == "长沙星火服务中心"
    assert second["data"]["organisation"] == "长沙市工业和信息化局"
    assert [row["no"] for row in second["data"]["nominees"]] == [1]


def test_one_column_parted_in_two_is_one_answer(tmp_path: Path) -> None:
    """Without merged cells, as a text file has it."""
    head = [[*STAFF_HEAD, None], [None] * 6 + ["有", "无"]]
    rows = [[*row[:6], "√" if row[6] == "有" else None, None if row[6] == "有" else "√"] for row in STAFF]  # fmt: skip
    reading = one(book(tmp_path / "a.xlsx", [*STAFF_TITLES, STAFF_LINE, *head, *rows]))
    assert [row["name"] for row in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert [row["insured"] for row in reading["data"]["staff"]] == [True, None, True]


def test_a_column_in_two_is_read_together_and_pointed_at(tmp_path: Path) -> None:
    head = [*CLIENT_HEAD[:4], "服务时间（起）", "服务时间（止）", *CLIENT_HEAD[5:]]
    row = [*CLIENT[:4], "2024.3", "2024.5", *CLIENT[5:]]
    reading = one(clients(tmp_path / "a.xlsx", row, head=head))
    assert reading["data"]["clients"][0]["period"] == "2024.3-2024.5"
    assert doubts(reading) == {"/clients/0/period"}


def test_check_boxes_in_cells_are_ticks(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet = workbook.add_worksheet()
    for r, row in enumerate([*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF]):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    for r, row in enumerate(STAFF, start=4):
        sheet.insert_checkbox(r, 6, row[6] == "有")
    workbook.close()
    reading = one(path)
    assert [row["insured"] for row in reading["data"]["staff"]] == [True, False, True]
    assert reading["provenance"]["/staff/0/insured"]["text"] == "☑"


@pytest.mark.parametrize(("column", "pointers"), [("F", {"/staff"}), ("H", set())])
def test_a_hidden_column_is_read_and_the_table_pointed_at(
    tmp_path: Path, column: str, pointers: set[str]
) -> None:
    """A column that nobody asks may be hidden."""
    rows = [[*row, f"4301021990010112{n}X"] for n, row in enumerate(STAFF, start=10)]
    path = book(tmp_path / "a.xlsx", [*STAFF_TITLES, STAFF_LINE, [*STAFF_HEAD, "身份证号"], *rows])
    workbook = openpyxl.load_workbook(path)
    workbook.active.column_dimensions[column].hidden = True
    workbook.save(path)
    reading = one(path)
    assert reading["data"]["staff"][0]["title"] == "经济师"
    assert doubts(reading) == pointers


def test_names_of_groups_in_the_column_of_names_are_no_rows(tmp_path: Path) -> None:
    rows = [[None, "管理人员"], *STAFF[:2], [None, "技术部（1人）"], STAFF[2]]
    reading = one(staff(tmp_path / "a.xlsx", rows=rows))
    assert [row["name"] for row in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert doubts(reading) == set()


def test_sums_without_a_word_are_pointed_at(tmp_path: Path) -> None:
    reading = one(clients(tmp_path / "a.xlsx", CLIENT, [*[None] * 7, 0.5, 12]))
    assert "/clients/1" in doubts(reading)
    reading = one(staff(tmp_path / "b.xlsx", rows=[*STAFF, [4, None, 36]]))
    assert "/staff/3" in doubts(reading)


def two_sheets(path: Path, first: Cells, second: Cells) -> Path:
    workbook = openpyxl.Workbook()
    for row in first:
        workbook.active.append(list(row))
    other = workbook.create_sheet("续")
    for row in second:
        other.append(list(row))
    workbook.save(path)
    return path


GOING_ON: dict[str, Cells] = {"with heads": [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD], "without": []}


@pytest.mark.parametrize("heads", GOING_ON)
def test_a_table_that_goes_on_in_the_next_sheet_is_one(tmp_path: Path, heads: str) -> None:
    first = [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF[:2]]
    reading = one(two_sheets(tmp_path / "a.xlsx", first, [*GOING_ON[heads], STAFF[2]]))
    assert [row["name"] for row in reading["data"]["staff"]] == ["王甲", "李乙", "赵丙"]
    assert doubts(reading) == set()


def test_two_lists_in_two_sheets_stay_two(tmp_path: Path) -> None:
    first = [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF]
    path = two_sheets(tmp_path / "a.xlsx", first, first)
    assert [len(reading["data"]["staff"]) for reading in read_file(path)] == [3, 3]


def test_columns_whose_labels_are_much_alike_may_change_places(tmp_path: Path) -> None:
    head = [*CLIENT_HEAD[:11], CLIENT_HEAD[12], CLIENT_HEAD[11]]
    row = [*CLIENT[:11], CLIENT[12], CLIENT[11]]
    [client] = one(clients(tmp_path / "a.xlsx", row, head=head))["data"]["clients"]
    assert (client["contact"], client["contact_phone"]) == ("李敏", "13877770001")


STACKED: dict[str, tuple[list[object], int, bool]] = {
    "two people": (["1\n2", "王甲\n李乙", "35\n41", "主任\n会计", "本科", "", "有\n无"], 1, True),
    "two people, blanks": (["1\n2", "王甲\n李乙", "35\n41", "", "", "", "有\n无"], 2, False),
    "a name wrapped": (["1\n2", "买买提\n吐尔逊", "", "", "", "", ""], 1, True),
    "a number wrapped": ([1, "王甲", "4\n0", "主任", "本科", "", "有"], 1, False),
}


@pytest.mark.parametrize("habit", STACKED)
def test_lines_below_one_another_in_the_cells_of_a_row(tmp_path: Path, habit: str) -> None:
    row, entries, doubted = STACKED[habit]
    reading = one(staff(tmp_path / "a.xlsx", rows=[row]))
    assert len(reading["data"]["staff"]) == entries
    said = [i for i in reading["issues"] if i["code"] == "stacked-rows"]
    assert [i["pointer"] for i in said] == (["/staff"] if doubted else [])  # rows behind it shift
    assert all("第1行" in i["message"] for i in said)


# ---------------------------------------------------------------- units


def test_money_in_the_unit_that_the_head_asks(tmp_path: Path) -> None:
    head = [text.replace("（万元）", "（元）") for text in CLIENT_HEAD]
    row = [*CLIENT[:7], 5000, "2万元", "2024.1-2024.12", *CLIENT[10:]]
    [client] = one(clients(tmp_path / "a.xlsx", row, head=head))["data"]["clients"]
    assert (client["uncontracted_fee"], client["contract_fee"]) == (0.5, 2)


@pytest.mark.parametrize(("unit", "fee"), [("（万元）", 5000), ("（元）", 0.5), ("单位：元", 0.5)])
def test_units_in_a_row_below_the_heads_are_no_entry(tmp_path: Path, unit: str, fee: float) -> None:
    head = [text.replace("（万元）", "") for text in CLIENT_HEAD]
    units = [unit if "金额" in text else None for text in head]
    row = [*CLIENT[:7], 5000, *CLIENT[8:]]
    [client] = one(clients(tmp_path / "a.xlsx", units, row, head=head))["data"]["clients"]
    assert (client["no"], client["uncontracted_fee"]) == (1, fee)


def test_money_in_the_unit_of_a_line_above(tmp_path: Path) -> None:
    head = [text.replace("（万元）", "") for text in CLIENT_HEAD]
    row = [*CLIENT[:7], 5000, *CLIENT[8:]]
    reading = one(clients(tmp_path / "a.xlsx", row, head=head, line="金额单位：元"))
    assert reading["data"]["clients"][0]["uncontracted_fee"] == 0.5
    assert doubts(reading) == set()


def test_two_units_are_pointed_at(tmp_path: Path) -> None:
    reading = one(clients(tmp_path / "a.xlsx", line="单位：元"))
    assert reading["data"]["clients"][0]["uncontracted_fee"] == 0.5
    assert doubts(reading) == {"/clients/0/uncontracted_fee"}


def test_money_in_another_currency_by_its_head_is_refused(tmp_path: Path) -> None:
    head = [text.replace("（万元）", "（万美元）") for text in CLIENT_HEAD]
    reading = one(clients(tmp_path / "a.xlsx", head=head))
    assert reading["data"]["clients"][0]["uncontracted_fee"] is None
    assert "/clients/0/uncontracted_fee" in doubts(reading)


# ---------------------------------------------------------------- cells in doubt


def test_text_from_a_date_cell_is_as_shown(tmp_path: Path) -> None:
    row = [*CLIENT[:4], date(2024, 5, 8), *CLIENT[5:]]
    path = clients(tmp_path / "a.xlsx", row)
    workbook = openpyxl.load_workbook(path)
    workbook.active["E4"].number_format = 'yyyy"年"m"月"'
    workbook.save(path)
    reading = one(path)
    assert reading["data"]["clients"][0]["period"] == "2024年5月"
    assert doubts(reading) == set()


@pytest.mark.parametrize(("column", "key"), [(2, "age"), (3, "position"), (6, "insured")])
@pytest.mark.parametrize("content", ["=Sheet9!A1", "#REF!"])
def test_a_cell_without_a_value_is_pointed_at(
    tmp_path: Path, column: int, key: str, content: str
) -> None:
    rows = [[*row] for row in STAFF]
    rows[1][column] = content
    reading = one(staff(tmp_path / "a.xlsx", rows=rows))
    assert reading["data"]["staff"][1][key] is None
    assert f"/staff/1/{key}" in doubts(reading)
    assert reading["provenance"][f"/staff/1/{key}"]["text"] == content


def test_the_same_as_a_cell_without_a_value_has_none(tmp_path: Path) -> None:
    rows = [[*row] for row in STAFF]
    rows[0][3], rows[1][3] = "#N/A", "同上"
    reading = one(staff(tmp_path / "a.xlsx", rows=rows))
    assert reading["data"]["staff"][1]["position"] is None
    assert "/staff/1/position" in doubts(reading)


def test_rows_of_formulas_without_values_are_no_rows(tmp_path: Path) -> None:
    blank = [["=ROW()-4", None, "=YEAR(NOW())-1980"]] * 5
    reading = one(staff(tmp_path / "a.xlsx", rows=[*STAFF, *blank]))
    assert len(reading["data"]["staff"]) == 3
    assert doubts(reading) == set()


def test_struck_text_is_left_out_and_its_fields_are_pointed_at(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    workbook = xlsxwriter.Workbook(str(path))
    sheet, struck = workbook.add_worksheet(), workbook.add_format({"font_strikeout": True})
    gone = [4, "孙丁", 30, "会计", "本科", "会计师", "有"]
    for r, row in enumerate([*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF, gone]):
        for c, value in enumerate(row):
            sheet.write(r, c, value, struck if row is gone else None)
    sheet.write_rich_string(4, 3, struck, "副", "主任")
    sheet.write_string(4, 5, "会计师", struck)
    workbook.close()
    reading = one(path)
    first, *_ = rows = reading["data"]["staff"]
    assert (len(rows), first["position"], first["title"]) == (3, "主任", None)
    assert {"/staff/0/position", "/staff/0/title", "/staff"} <= doubts(reading)


def test_a_long_number_in_a_column_that_nobody_asks_is_no_fault(tmp_path: Path) -> None:
    rows = [[*row, 430102199001011234] for row in STAFF]
    path = book(tmp_path / "a.xlsx", [*STAFF_TITLES, STAFF_LINE, [*STAFF_HEAD, "身份证号"], *rows])
    reading = one(path)
    assert len(reading["data"]["staff"]) == 3
    assert doubts(reading) == set()


# ---------------------------------------------------------------- each line in one cell

UNSPLIT_HEAD = "，".join("".join(text.split()) for text in STAFF_HEAD)


def unsplit(path: Path, *lines: str, head: str = UNSPLIT_HEAD) -> dict[str, Any]:
    line = "填报单位：长沙星火服务中心  填报时间：2025年5月18日"
    return one(book(path, [*STAFF_TITLES, [line], [head], *([line] for line in lines)]))


def test_lines_of_a_list_that_are_parted_otherwise_than_its_head(tmp_path: Path) -> None:
    reading = unsplit(
        tmp_path / "a.xlsx",
        "1，王甲，35，主任，本科，经济师，有",
        "2\t李乙\t41\t会计\t大专\t\t无",
        "3、赵丙、28、咨询师、本科、助理工程师、有",
        "4  孙丁  30  会计  本科  会计师  有",
    )
    found = [(row["no"], row["name"], row["insured"]) for row in reading["data"]["staff"]]
    assert found == [(1, "王甲", True), (2, "李乙", False), (3, "赵丙", True), (4, "孙丁", True)]
    assert doubts(reading) == set()


@pytest.mark.parametrize("line", ["2李乙41会计大专无", "2 李乙 41 会计 大专 无", "李乙", "3，赵丙，28，本科", "2李乙41会计大专无。", "3，赵丙、28、咨询师、本科、助理、经济师、有", "李乙有限公司"])  # fmt: skip
def test_a_line_of_a_list_that_cannot_be_parted_is_pointed_at(tmp_path: Path, line: str) -> None:
    first, last = "1，王甲，35，主任，本科，经济师，有", "3，赵丙，28，咨询师，本科，助理工程师，有"
    reading = unsplit(tmp_path / "a.xlsx", first, line, last)
    assert len(reading["data"]["staff"]) == 3
    assert "/staff/1" in doubts(reading)


def test_lines_beside_the_entries_of_a_list_are_none(tmp_path: Path) -> None:
    reading = unsplit(
        tmp_path / "a.xlsx",
        "一、管理人员",
        "1，王甲，35，主任，本科，经济师，有",
        "技术部（1人）",
        "服务机构服务人员基本情况表",
        "2，李乙，41，会计，大专，，无",
        "合计 2人",
        "注：1、以上人员均为专职。",
        "2、请附证明材料",
        "负责人签字：        填表人：王甲",
        "第 1 页 共 1 页",
        "长沙星火服务中心",
        "2025年5月18日",
    )
    assert [row["name"] for row in reading["data"]["staff"]] == ["王甲", "李乙"]
    assert doubts(reading) == set()


def test_two_lists_below_one_another_whose_lines_are_in_one_cell_each(tmp_path: Path) -> None:
    row = "，".join("" if cell is None else str(cell) for cell in CLIENT)
    path = tmp_path / "材料.docx"
    document = docx.Document()
    for text in [
        *(title for [title] in STAFF_TITLES),
        UNSPLIT_HEAD,
        "1，王甲，35，主任，本科，经济师，有",
        "附件4",
        "服务机构服务对象情况表",
        "，".join(CLIENT_HEAD),
        row,
    ]:
        document.add_paragraph(text)
    document.save(path)
    first, second = read_file(path)
    assert [row["name"] for row in first["data"]["staff"]] == ["王甲"]
    assert [row["contact"] for row in second["data"]["clients"]] == ["李敏"]


def test_what_is_lost_in_a_cell_stays_lost_whatever_else_is_doubted(tmp_path: Path) -> None:
    titles = [["湖南省中小微企业核心服务机构推荐汇总表"], ["填报单位：长沙市工业和信息化局"]]
    head = ["序号", "单位名称", "联系人及联系电话", "主要服务项目"]
    path = book(tmp_path / "a.xlsx", [*titles, head, [1, "甲公司", "#N/A", "融资促进"]])
    reading = one(path)
    [nominee] = reading["data"]["nominees"]
    assert (nominee["contact"], nominee["contact_phone"]) == (None, None)
    assert {"/nominees/0/contact", "/nominees/0/contact_phone"} <= doubts(reading)


# ---------------------------------------------------------------- one column for several


TELEPHONES: dict[str, tuple[str | None, str | None]] = {
    "李敏 13877770001": ("李敏", "13877770001"),
    "买买提·吐尔逊：0731-89353763转801": ("买买提·吐尔逊", "0731-89353763转801"),
    "（0731）89353763/13877770003  王甲": ("王甲", "(0731)89353763/13877770003"),
    "李敏 电话13877770001": ("李敏", "13877770001"),
    "李敏手机：13877770001": ("李敏", "13877770001"),
    "座机 0731-89353763 李敏": ("李敏", "0731-89353763"),
    "李敏（13877770001）": ("李敏", "13877770001"),
    "李敏(电话：0731-89353763)": ("李敏", "0731-89353763"),
    "李 敏 13877770001": ("李 敏", "13877770001"),
    "John Smith 13877770001": ("John Smith", "13877770001"),
    "李敏": ("李敏", None),
    "13877770001": (None, "13877770001"),
    "电话：13877770001": (None, "13877770001"),
    "— 13877770001": (None, "13877770001"),
    "李敏 /": ("李敏", None),
    "李敏—0731-89353763": ("李敏", "0731-89353763"),
}
NO_TELEPHONES = [
    "李敏 QQ13877770001", "李敏邮箱 13877770001", "李敏 王甲 13877770001", "李敏手机", "李敏 138", "李敏 1@qq.com",
]  # fmt: skip


def nominees(path: Path, *cells: str) -> dict[str, Any]:
    titles = [["湖南省中小微企业核心服务机构推荐汇总表"], ["填报单位：长沙市工业和信息化局"]]
    head = ["序号", "单位名称", "联系人及联系电话", "主要服务项目"]
    rows = [[n, f"湖南{n}号有限公司", cell, "融资促进"] for n, cell in enumerate(cells, start=1)]
    return one(book(path, [*titles, head, *rows]))


def test_people_and_their_telephones_in_one_column_are_told_apart(tmp_path: Path) -> None:
    reading = nominees(tmp_path / "汇总.xlsx", *TELEPHONES)
    found = [(n["contact"], n["contact_phone"]) for n in reading["data"]["nominees"]]
    assert dict(zip(TELEPHONES, found, strict=True)) == TELEPHONES
    said = {i["code"] for i in reading["issues"] if "contact" in i["pointer"]}
    assert said == {"missing"}


def test_a_column_of_people_is_pointed_at_where_it_says_something_else(tmp_path: Path) -> None:
    reading = nominees(tmp_path / "汇总.xlsx", *NO_TELEPHONES)
    for n in range(len(NO_TELEPHONES)):
        assert {f"/nominees/{n}/contact", f"/nominees/{n}/contact_phone"} <= doubts(reading)


def test_education_and_title_in_one_column_are_told_apart_or_pointed_at(tmp_path: Path) -> None:
    head = ["序号", "姓名", "年龄", "职务", "学历/职称", "社保证明"]
    cells = ["本科/经济师", "大专 / —", "硕士", "硕士 研究生", "本科、学士"]
    rows = [
        [n, f"王{'甲乙丙丁戊'[n - 1]}", 35, "主任", cell, "有"]
        for n, cell in enumerate(cells, start=1)
    ]
    reading = one(book(tmp_path / "人员.xlsx", [*STAFF_TITLES, STAFF_LINE, head, *rows]))
    found = [(n["education"], n["title"]) for n in reading["data"]["staff"]]
    assert found[:2] == [("本科", "经济师"), ("大专", None)]
    assert doubts(reading) == {
        f"/staff/{n}/{key}" for n in (2, 3, 4) for key in ("education", "title")
    }


@pytest.mark.parametrize(
    ("head", "cell", "fees"),
    [
        ("未签服务合同收费金额/合同服务金额（元）", "20000/30000", (2, 3)),
        ("未签服务合同收费金额（元）/合同服务金额（元）", "20000/30000", (2, 3)),
        ("未签服务合同收费金额（元）/合同服务金额（万元）", "20000/30000", (2, 30000)),
        ("未签服务合同收费金额/合同服务金额：元", "20000/30000", (2, 3)),
        ("未签服务合同收费金额、合同服务金额（万元）", "2、3", (2, 3)),
    ],
)
def test_the_unit_of_a_head_for_several_columns(
    tmp_path: Path, head: str, cell: str, fees: tuple[int, int]
) -> None:
    heads, row = [*CLIENT_HEAD[:7], head, *CLIENT_HEAD[9:]], [*CLIENT[:7], cell, *CLIENT[9:]]
    [client] = one(clients(tmp_path / "a.xlsx", row, head=heads))["data"]["clients"]
    assert (client["uncontracted_fee"], client["contract_fee"]) == fees


def test_a_comma_between_digits_parts_no_two_amounts(tmp_path: Path) -> None:
    head = [*CLIENT_HEAD[:7], "未签服务合同收费金额，合同服务金额", *CLIENT_HEAD[9:]]
    reading = one(clients(tmp_path / "a.xlsx", [*CLIENT[:7], "1,200", *CLIENT[9:]], head=head))
    assert {"/clients/0/uncontracted_fee", "/clients/0/contract_fee"} <= doubts(reading)


def test_the_nature_of_a_service_in_words(tmp_path: Path) -> None:
    head = [*CLIENT_HEAD[:5], "服务性质", *CLIENT_HEAD[7:]]
    words = [
        "机构自身提供服务",
        "依托专业机构",
        "自身服务、依托专业机构提供服务",
        "√",
        "机构自身提供",
    ]
    rows = [
        [n, f"长沙{n}号有限公司", *CLIENT[2:5], word, *CLIENT[7:]]
        for n, word in enumerate(words, start=1)
    ]
    reading = one(clients(tmp_path / "对象.xlsx", *rows, head=head))
    found = [(n["by_self"], n["by_partner"]) for n in reading["data"]["clients"]]
    assert found[:3] == [(True, False), (False, True), (True, True)]
    assert (found[3], found[4]) == ((None, None), (None, None))
    told = [i["message"] for i in reading["issues"] if "/by_" in i["pointer"]]
    assert len(told) == 4
    assert all("“机构自身提供服务”或“依托专业机构提供服务”" in text for text in told)
    assert not any(
        p.startswith(("/clients/0/by", "/clients/1/by", "/clients/2/by")) for p in doubts(reading)
    )


@pytest.mark.parametrize("name", ["人员.xls", "人员.xlsx", "人员.et"])
def test_text_with_tabs_under_the_name_of_a_sheet(tmp_path: Path, name: str) -> None:
    rows = [*STAFF_TITLES, STAFF_LINE, STAFF_HEAD, *STAFF]
    lines = ["\t".join("" if cell is None else str(cell) for cell in row) for row in rows]
    (tmp_path / name).write_bytes("\r\n".join(lines).encode("gb18030"))
    assert [person["name"] for person in one(tmp_path / name)["data"]["staff"]] == [
        "王甲",
        "李乙",
        "赵丙",
    ]


def test_long_prose_with_commas_is_no_list_and_takes_no_time() -> None:
    prose = [Paragraph.of(f"第{n}段，甲，乙，丙，丁，戊，己", Place()) for n in range(4000)]
    tables = [plan.table for plan in flow.plans().values() if plan.table is not None]
    started = time.process_time()
    assert split(prose, tables, 0.6) == tuple(prose)
    assert time.process_time() - started < 20  # each line a table of all below it: minutes


@pytest.mark.parametrize("head", ["序", "No.", "号码", None])
def test_a_first_column_that_counts_is_the_rows_numbers(tmp_path: Path, head: str | None) -> None:
    reading = one(
        book(tmp_path / "人员.xlsx", [*STAFF_TITLES, STAFF_LINE, [head, *STAFF_HEAD[1:]], *STAFF])
    )
    assert [person["no"] for person in reading["data"]["staff"]] == [1, 2, 3]


def test_a_column_under_another_name_is_read_by_its_place_and_pointed_at(tmp_path: Path) -> None:
    head = [*STAFF_HEAD[:3], "担任角色", *STAFF_HEAD[4:]]
    reading = one(book(tmp_path / "人员.xlsx", [*STAFF_TITLES, STAFF_LINE, head, *STAFF]))
    assert [person["position"] for person in reading["data"]["staff"]] == ["主任", "会计", "咨询师"]
    assert [i["code"] for i in reading["issues"] if i["pointer"] == "/staff"] == ["column-renamed"]
