"""Word documents as other hands leave them: what each says, and what is said of it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from PIL import Image

from pipeline import flow
from pipeline.document import Document, Paragraph, Place, Source
from pipeline.extract import combined
from pipeline.extract.taken import Record
from pipeline.flow import read_file
from pipeline.read import read as read_documents
from pipeline.read import scan
from tests.corpus.pictures import seal, signature
from tests.returned import STAFF, STAFF_HEAD, Rows, one, pointed, write_docx

APPLICATION = "湖南省中小微企业核心服务机构申请表"
CLIENT_HEADS = (
    ("序号", "服务企业情况", "", "", "", "服务性质", "", "合同服务情况", "", "", "费用减免情况", "服务企业联系方式", ""),
    ("", "服务企业名称", "所在行业", "服务内容", "服务时间", "机构自身提供服务", "依托专业机构提供服务", "未签服务合同收费金额（万元）", "已签服务合同", "", "", "联系人", "联系电话"),
    ("", "", "", "", "", "", "", "", "合同服务金额（万元）", "合同期限", "", "", ""),
)  # fmt: skip
CLIENTS = [
    (str(n), f"长沙{name}电子有限公司", "电子信息", "管理咨询", "2024.3-2024.5", "√", "", "0.5", "", "", "减免20%", "李敏", "13877770001")
    for n, name in enumerate("金木水火", start=1)
]  # fmt: skip
SIGNED = "填报单位：长沙星火服务中心      填报时间：2025年5月18日"
FORM = (
    ("机构名称", "长沙星火服务中心"), ("统一社会信用代码", "91430100MA4L16JJ8X"), ("地址", "长沙市麓谷大道658号"),
    ("所属区县", "岳麓区"), ("法定代表人", "张磊"), ("成立日期", "2015年3月20日"), ("企业负责人", "张磊"),
    ("联系电话", "13877770001"), ("企业联系人", "李敏"), ("联系电话", "13877770002"), ("电子信箱", "a@b.cn"),
    ("企业网址", "www.b.cn"), ("职工人数", "35"), ("提供社保证明人数", "30"),
    ("本科及以上学历或中级以上技术职称专业人员", "28"), ("注册资本（万元）", "500"), ("总资产（万元）", "1280.5"),
    ("服务设施（万元）", "320"),
)  # fmt: skip


# ---------------------------------------------------------------- tables


def test_the_head_printed_once_more_is_no_entry_whatever_it_says(tmp_path: Path) -> None:
    rows = [*CLIENT_HEADS, *CLIENTS[:2], *CLIENT_HEADS, *CLIENTS[2:]]
    reading = one(write_docx(tmp_path / "对象.docx", "服务机构服务对象情况表", SIGNED, rows), "4")
    assert [row["enterprise"] for row in reading["data"]["clients"]] == [r[1] for r in CLIENTS]
    assert pointed(reading) == set()


def test_a_line_with_its_labels_below_the_heads_is_no_entry(tmp_path: Path) -> None:
    line = ("填报单位：长沙星火服务中心", "填报时间：2025年5月18日", *[""] * 11)
    rows = [*CLIENT_HEADS, line, *CLIENTS]
    reading = one(write_docx(tmp_path / "对象.docx", "服务机构服务对象情况表", rows), "4")
    assert [row["enterprise"] for row in reading["data"]["clients"]] == [r[1] for r in CLIENTS]
    assert reading["data"]["organisation"] == "长沙星火服务中心"
    assert pointed(reading) == set()


def test_people_below_one_another_in_one_row_are_people(tmp_path: Path) -> None:
    people = [*STAFF[:2], ("3", "赵丙", "41", "会计", "大专", "", "无"), *STAFF[3:]]
    columns = tuple("\n".join(texts) for texts in zip(*people, strict=True))
    path = write_docx(
        tmp_path / "名单.docx", "服务机构服务人员基本情况表", SIGNED, (STAFF_HEAD, columns)
    )
    reading = one(path, "3")
    assert [person["name"] for person in reading["data"]["staff"]] == [p[1] for p in people]
    assert reading["data"]["staff"][2]["title"] is None
    assert not pointed(reading)


def test_people_in_one_row_and_two_items_in_one_column_are_told_apart(tmp_path: Path) -> None:
    head = ("序号", "单位名称", "联系人及联系电话", "主要服务项目")
    row = ("（1）\n（2）\n（3）", "甲\n乙\n丙", "张甲13800001111\n李乙13800001112\n赵丙13800001113",
           "技术创新\n融资促进\n政务服务")  # fmt: skip
    title = "湖南省中小微企业核心服务机构推荐汇总表"
    reading = one(
        write_docx(tmp_path / "汇总.docx", title, "填报单位：长沙市工信局", (head, row)), "6"
    )
    found = [(n["no"], n["contact"], n["contact_phone"]) for n in reading["data"]["nominees"]]
    assert found == [
        (1, "张甲", "13800001111"), (2, "李乙", "13800001112"), (3, "赵丙", "13800001113")
    ]  # fmt: skip
    assert not pointed(reading)


def test_a_number_pasted_with_characters_of_no_width_keeps_its_frame(tmp_path: Path) -> None:
    rows = (STAFF_HEAD, *((f"\u200b（{row[0]}）\ufeff", *row[1:]) for row in STAFF))
    reading = one(
        write_docx(tmp_path / "名单.docx", "服务机构服务人员基本情况表", SIGNED, rows), "3"
    )
    assert [person["no"] for person in reading["data"]["staff"]] == [1, 2, 3, 4, 5, 6]
    assert not pointed(reading)


def test_people_in_one_row_who_cannot_be_told_apart_are_pointed_at(tmp_path: Path) -> None:
    row = ("1\n2\n3", "王甲\n李乙\n赵丙", "35\n36", "会计", "本科\n大专", "", "有\n有\n无")
    path = write_docx(
        tmp_path / "名单.docx", "服务机构服务人员基本情况表", SIGNED, (STAFF_HEAD, row)
    )
    assert "/staff" in pointed(one(path, "3"))


def test_a_list_in_lines_that_were_never_split(tmp_path: Path) -> None:
    def listed(part: str, *rows: Sequence[str]) -> dict[str, Any]:
        lines = [part.join(row) for row in (STAFF_HEAD, *rows)]
        title = "服务机构服务人员基本情况表"
        return one(write_docx(tmp_path / "名单.docx", "附件3", title, SIGNED, *lines), "3")

    for part in ("\t", ",", "、", "  "):
        reading = listed(part, *STAFF)
        assert [person["name"] for person in reading["data"]["staff"]] == [row[1] for row in STAFF]
        assert reading["data"]["organisation"] == "长沙星火服务中心"
        assert not pointed(reading)
    uneven = listed(" ", *STAFF[:2], ("3", "赵 丙", "41", "会计", "大专", "", "无"))
    assert pointed(uneven) & {"/staff/0", "/staff/1", "/staff/2"} == {"/staff/2"}


def test_a_row_of_dots_is_no_entry(tmp_path: Path) -> None:
    rows = [STAFF_HEAD, *STAFF, ("……",) * 7]
    reading = one(
        write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, rows), "3"
    )
    assert len(reading["data"]["staff"]) == len(STAFF)
    assert pointed(reading) == set()


def test_a_value_in_a_table_of_its_own_is_read_though_nothing_else_is_in_its_row(
    tmp_path: Path,
) -> None:
    path = write_docx(
        tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, [STAFF_HEAD, *STAFF]
    )
    document = docx.Document(str(path))
    for cell, text in zip(document.tables[0].rows[-1].cells, STAFF[-1], strict=True):
        cell.text = ""
        cell.add_table(1, 1).cell(0, 0).text = text
    document.save(str(path))
    assert [row["name"] for row in one(path, "3")["data"]["staff"]] == [row[1] for row in STAFF]


@pytest.mark.parametrize("yes", ["（√）", "[√]", "✅", "√"])
def test_a_mark_in_brackets_is_a_mark(tmp_path: Path, yes: str) -> None:
    rows = [CLIENT_HEADS[0], CLIENT_HEADS[1], CLIENT_HEADS[2], (*CLIENTS[0][:5], "（ ）", yes, *CLIENTS[0][7:])]  # fmt: skip
    reading = one(write_docx(tmp_path / "对象.docx", "服务机构服务对象情况表", SIGNED, rows), "4")
    client = reading["data"]["clients"][0]
    assert (client["by_self"], client["by_partner"]) == (False, True)


def test_a_kind_of_service_with_a_remark_behind_it(tmp_path: Path) -> None:
    rows = [
        ("序号", "单位名称", "联系人", "联系电话", "主要服务项目"),
        ("1", "长沙星火服务中心", "李敏", "13877770001", "其它服务（法律政策服务）"),
    ]
    path = write_docx(tmp_path / "汇总.docx", "湖南省中小微企业核心服务机构推荐汇总表", "填报单位：长沙市工业和信息化局", rows)  # fmt: skip
    assert one(path, "6")["data"]["nominees"][0]["main_service"] == "其它服务"


@pytest.mark.parametrize("label", ["时间：", "填表日期："])
def test_a_short_label_of_the_date(tmp_path: Path, label: str) -> None:
    line = f"填报单位：长沙星火服务中心      {label}2025年5月18日"
    rows = [STAFF_HEAD, *STAFF]
    reading = one(write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", line, rows), "3")
    assert reading["data"]["filled_on"] == "2025-05-18"


def test_people_as_columns_are_people(tmp_path: Path) -> None:
    rows = list(zip(STAFF_HEAD, *STAFF, strict=True))
    reading = one(
        write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, rows), "3"
    )
    assert [row["name"] for row in reading["data"]["staff"]] == [row[1] for row in STAFF]
    assert [row["no"] for row in reading["data"]["staff"]] == list(range(1, len(STAFF) + 1))
    assert reading["provenance"]["/staff/1/name"]["where"] == "表1 第2行 第3列"
    assert pointed(reading) == set()


@pytest.mark.parametrize(
    "row",
    [
        ("例", "张三", "35", "经理", "本科", "工程师", "有"),
        ("", "以下空白", "", "", "", "", ""),
        ("单位负责人", "张三", "", "填表人", "李四", "联系电话", "13877770001"),
        ("二", "技术部", "", "", "", "", ""),
    ],
)
def test_rows_that_are_no_people(tmp_path: Path, row: tuple[str, ...]) -> None:
    rows = [STAFF_HEAD, *STAFF, row]
    reading = one(
        write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, rows), "3"
    )
    assert [person["name"] for person in reading["data"]["staff"]] == [r[1] for r in STAFF]
    assert pointed(reading) == set()


def test_a_cell_over_two_columns_is_given_in_both_and_pointed_at(tmp_path: Path) -> None:
    rows = [STAFF_HEAD, *STAFF]
    path = write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, rows)
    document = docx.Document(str(path))
    cells = document.tables[0].rows[2].cells
    cells[4].text, cells[5].text = "本科/经济师", ""
    cells[4].merge(cells[5])
    document.save(str(path))
    reading = one(path, "3")
    assert {"/staff/1/education", "/staff/1/title"} <= pointed(reading)


def test_numbers_with_their_word(tmp_path: Path) -> None:
    rows = [STAFF_HEAD, *((f"No.{row[0]}", *row[1:]) for row in STAFF)]
    reading = one(
        write_docx(tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, rows), "3"
    )
    assert [row["no"] for row in reading["data"]["staff"]] == list(range(1, len(STAFF) + 1))


# ---------------------------------------------------------------- annex 1


def form(tmp_path: Path, *blocks: str | Rows) -> dict[str, Any]:
    return one(write_docx(tmp_path / "申请表.docx", APPLICATION, *blocks), "1")


@pytest.mark.parametrize("hint", ["（必填）", "\nLegal Representative", "(全称)"])
def test_a_hint_behind_a_label_is_no_value(tmp_path: Path, hint: str) -> None:
    rows = [
        (f"{label}：{hint}" if label == "法定代表人" else label, value) for label, value in FORM
    ]
    reading = form(tmp_path, rows)
    assert reading["data"]["legal_representative"] == "张磊"
    assert "/legal_representative" not in pointed(reading)


def test_years_above_their_columns_need_no_label(tmp_path: Path) -> None:
    years = [
        ("近两年经营情况", "2023年", "2024年"),
        ("服务收入（万元）", "560", "610.5"),
        ("服务利润（万元）", "62", "70"),
    ]
    operations = form(tmp_path, FORM, years)["data"]["operations"]
    assert [(o["year"], o["service_income"]) for o in operations] == [(2023, 560), (2024, 610.5)]


def test_a_value_behind_the_column_of_its_year_is_pointed_at(tmp_path: Path) -> None:
    years = [("年度", "2023", "2024", ""), ("服务收入（万元）", "560", "", "630"), ("服务利润（万元）", "62", "71", "")]  # fmt: skip
    reading = form(tmp_path, FORM, years)
    assert reading["data"]["operations"][1]["service_income"] is None
    assert "/operations/1/service_income" in pointed(reading)


def test_a_column_of_section_names_is_no_value_of_a_blank(tmp_path: Path) -> None:
    rows = [("基本信息", label, "" if label == "电子信箱" else value) for label, value in FORM]
    assert "/email" not in pointed(form(tmp_path, rows))


def test_what_is_asked_last_may_stand_in_lines_below_the_table(tmp_path: Path) -> None:
    lines = ("推荐单位意见：同意推荐。", "　　　　盖章", "　　2025年6月3日")
    found = form(tmp_path, FORM, *lines)["data"]["recommendation"]
    assert found == {"opinion": "同意推荐。", "dated": "2025-06-03"}


def test_a_hole_in_a_cell_of_its_own_ends_the_value_before_it(tmp_path: Path) -> None:
    rows = [("服务设施（万元）", "320", "仪器设备", "131台（套），占总资产的12％")]
    data = form(tmp_path, FORM[:-1], rows)["data"]
    assert (data["service_assets"], data["equipment_count"]) == (320, 131)
    assert data["equipment_asset_share"] == 12


def test_labels_in_frames_are_labels(tmp_path: Path) -> None:
    lines = [text for label, value in FORM for text in (f"【{label}】", value)]
    data = form(tmp_path, *lines)["data"]
    assert (data["address"], data["service_assets"]) == ("长沙市麓谷大道658号", 320)
    assert data["contact_phone"] == "13877770002"


def test_an_address_of_two_kinds_is_one_value(tmp_path: Path) -> None:
    both = "注册地址：长沙市岳麓区1号；办公地址：长沙市芙蓉区2号"
    rows = [(label, both if label == "地址" else value) for label, value in FORM]
    assert form(tmp_path, rows)["data"]["address"] == both


@pytest.mark.parametrize("label", ["企业联系人", "企业联系人及联系电话", "企业联系人\n及电话"])
def test_a_person_and_the_telephone_in_one_cell_are_told_apart(tmp_path: Path, label: str) -> None:
    rows = [
        (label, f"{value}  13877770002") if value == "李敏" else (own, value) for own, value in FORM
    ]
    reading = form(tmp_path, [row for row in rows if row[1] != "13877770002"])
    data = reading["data"]
    assert (data["contact"], data["contact_phone"]) == ("李敏", "13877770002")
    assert not pointed(reading) & {"/contact", "/contact_phone"}


@pytest.mark.parametrize(
    "cell", ["李敏 13877770009", "李敏（手机：13877770009）", "李敏QQ13877770009"]
)
def test_a_telephone_beside_a_name_is_pointed_at_where_the_form_has_another(
    tmp_path: Path, cell: str
) -> None:
    rows = [(label, cell if value == "李敏" else value) for label, value in FORM]
    assert "/contact" in pointed(form(tmp_path, rows))


def test_the_name_before_its_telephone_is_pointed_at(tmp_path: Path) -> None:
    phone = "13877770002"
    rows = [(label, f"李敏 {phone}" if value == phone else value) for label, value in FORM]
    assert "/contact_phone" in pointed(form(tmp_path, rows))


def test_what_is_told_apart_is_doubted_once_each() -> None:
    annex = flow.plans()["1"].annex
    taken = Record(annex, {"contact": None, "contact_phone": None})
    spec, place = annex.field("/contact"), Place(page=1, confidence=0.6, scan="grey")
    assert spec is not None
    taken.take("/contact", spec, "李敏 电话13877770002", place)
    taken.find("warning", "label-missing", "/contact_phone", "表中没有找到。")
    combined.people(taken)
    assert taken.data == {"contact": "李敏", "contact_phone": "13877770002"}
    assert [f.pointer for f in taken.findings] == ["/contact", "/contact_phone"]


@pytest.mark.parametrize(
    ("raw", "colour", "said"),
    [("2024年9月", "grey", 1), ("2024年9月17日", "grey", 0), ("2024年9月", None, 0)],
)
def test_a_scanned_date_without_its_day_is_pointed_at(
    raw: str, colour: str | None, said: int
) -> None:
    annex = flow.plans()["1"].annex
    spec, place = annex.field("/filled_on"), Place(page=1, scan=colour)
    assert spec is not None
    taken = Record(annex, {"filled_on": None})
    taken.take("/filled_on", spec, raw, place)
    assert taken.data["filled_on"] and len(taken.findings) == said


@pytest.mark.parametrize(("line", "end"), [("2024年9月", "26日"), ("2024年", "9月26日")])
def test_a_date_whose_end_stands_on_the_next_line_is_whole(
    tmp_path: Path, line: str, end: str
) -> None:
    head = f"申请单位（盖章）：长沙星火服务中心    填报日期：{line}"
    path = write_docx(
        tmp_path / "申请表.docx", "湖南省中小微企业核心服务机构申请表", head, end, FORM
    )
    assert one(path, "1")["data"]["filled_on"] == "2024-09-26"


def test_a_telephone_belongs_to_the_person_it_stands_behind(tmp_path: Path) -> None:
    def phones(rows: Rows) -> tuple[object, object]:
        data = form(tmp_path, rows)["data"]
        return data["principal_phone"], data["contact_phone"]

    at = next(n for n, row in enumerate(FORM) if row[0] == "企业负责人")
    principal, contact = FORM[at : at + 2], FORM[at + 2 : at + 4]
    before, after = FORM[:at], FORM[at + 4 :]
    assert phones((*before, *contact, *principal, *after)) == ("13877770001", "13877770002")
    assert phones((*before, *principal, *after)) == ("13877770001", None)
    assert phones((*before, *contact, *after)) == (None, "13877770002")


@pytest.mark.parametrize(
    "seal",
    [
        "盖   章", "（盖章）", "（盖 章）：", "长沙市工业和信息化局（盖章）",
        "推荐单位（盖章）：长沙市工业和信息化局\n日期：",
    ],
)  # fmt: skip
def test_the_word_for_the_seal_is_no_part_of_the_opinion(tmp_path: Path, seal: str) -> None:
    opinion = f"同意推荐。\n\n{seal}\n          2025年6月12日"
    data = form(tmp_path, [*FORM, ("推荐单位意见", opinion)])["data"]
    assert data["recommendation"] == {"opinion": "同意推荐。", "dated": "2025-06-12"}


def test_an_opinion_that_ends_with_the_office_s_name_is_whole(tmp_path: Path) -> None:
    opinion = "同意推荐。\n长沙市工业和信息化局\n盖   章\n2025年6月12日"
    data = form(tmp_path, [*FORM, ("推荐单位意见", opinion)])["data"]
    assert data["recommendation"]["opinion"] == "同意推荐。\n长沙市工业和信息化局"


def test_a_cell_that_speaks_of_another_annex_is_not_its_title(tmp_path: Path) -> None:
    data = form(tmp_path, FORM, "", [("机构简介", "见申请报告"), ("服务活动开展情况及业绩", "详见申请报告")])["data"]  # fmt: skip
    assert (data["profile"], data["achievements"]) == ("见申请报告", "详见申请报告")


TYPED = (
    "申请单位（盖章）：长沙星火服务中心          填报日期：2025年5月18日", "机构名称：长沙星火服务中心",
    "机构性质：事业单位□ 民非组织☑ 社会团体□ 私人企业□ 国有企业□ 其他企业□", "统一社会信用代码：91430100MA4L16JJ8X",
    "地址：长沙市麓谷大道658号    所属区县：岳麓区", "法定代表人：张磊", "成立日期：2015年3月20日", "企业负责人：张磊",
    "联系电话：13877770001", "企业联系人：李敏", "联系电话：手机：13877770002", "电子信箱：a@b.cn", "企业网址：",
    "职工人数：35人", "提供社保证明人数：30人", "本科及以上学历或中级以上技术职称专业人员：28人",
    "注册资本（万元）：500    总资产（万元）：1280.5    服务设施（万元）：320",
    "仪器设备：86台（套），占总资产的25％。", "场地面积：680平米，", "性质：租用☑ 自有□，", "自有场地占总面积的0％。",
    "机构简介（1000字以内）：", "本中心成立于2015年。", "联系电话：0731-88888888，传真相同。",
    "主要服务项目（只勾选一项）：", "□数字化转型 ☑技术创新 □品牌提升 □融资促进 □创业创新",
    "□知识产权保护 □政务服务 □市场开拓 □其它服务", "服务活动开展情况及业绩：2023年服务企业210家。", "典型案例一：某企业。",
)  # fmt: skip
YEARS = (
    ("近两年经营情况：", "2023年：服务收入（万元）：1,560.8，服务利润（万元）：62，服务企业数：210，服务活动数：28", "2024年：服务收入（万元）：688，服务利润（万元）：75.5，服务企业数：265，服务活动数：35"),
    ("近两年经营情况", "年度：2023年    2024年", "服务收入（万元）：1560.8    688", "服务利润（万元）：62    75.5", "服务企业数（家）：210    265", "服务活动数（场/次）：28    35"),
    ("近两年经营情况", [("年度", "2023年", "2024年"), ("服务收入（万元）", "1560.8", "688"), ("服务利润（万元）", "62", "75.5"), ("服务企业数（家）", "210", "265"), ("服务活动数（场/次）", "28", "35")]),
)  # fmt: skip
OPINION = ("推荐单位意见：", "同意推荐。", "盖   章", "2025年6月12日")


def test_a_label_typed_behind_the_last_box_of_another_is_one(tmp_path: Path) -> None:
    """As a print has it where the line with the boxes is full."""
    joined = (*TYPED[:2], TYPED[2] + TYPED[3], *TYPED[4:])
    data = form(tmp_path, *joined, *YEARS[0], *OPINION)["data"]
    assert (data["institution_type"], data["uscc"]) == ("民非组织", "91430100MA4L16JJ8X")


@pytest.mark.parametrize("years", YEARS)
def test_a_form_typed_as_plain_text_is_read_like_one_in_cells(
    tmp_path: Path, years: tuple[Any, ...]
) -> None:
    reading = form(tmp_path, *TYPED, *years, *OPINION)
    data = reading["data"]
    assert data["applicant"] == data["name"] == "长沙星火服务中心"
    assert (data["filled_on"], data["established_on"]) == ("2025-05-18", "2015-03-20")
    assert (data["institution_type"], data["main_service"]) == ("民非组织", "技术创新")
    assert (data["address"], data["county"]) == ("长沙市麓谷大道658号", "岳麓区")
    assert (data["principal_phone"], data["contact_phone"]) == ("13877770001", "13877770002")
    assert (data["email"], data["website"]) == ("a@b.cn", None)
    assert (data["registered_capital"], data["total_assets"], data["service_assets"]) == (
        500,
        1280.5,
        320,
    )
    assert (data["equipment_count"], data["equipment_asset_share"]) == (86, 25)
    assert (data["floor_area"], data["premises"], data["owned_area_share"]) == (680, ["租用"], 0)
    assert data["profile"] == "本中心成立于2015年。\n联系电话：0731-88888888，传真相同。"
    assert data["achievements"] == "2023年服务企业210家。\n典型案例一：某企业。"
    assert [tuple(year.values()) for year in data["operations"]] == [
        (2023, 1560.8, 62, 210, 28), (2024, 688, 75.5, 265, 35)
    ]  # fmt: skip
    assert data["recommendation"] == {"opinion": "同意推荐。", "dated": "2025-06-12"}
    assert pointed(reading) <= {"/institution_type", "/uscc"}  # the code is of a company


def test_holes_that_share_a_cell_may_share_a_line_when_they_are_typed(tmp_path: Path) -> None:
    first = next(at for at, line in enumerate(TYPED) if line.startswith("仪器设备"))
    line = "    ".join(TYPED[first - 1 : first + 4])
    data = form(tmp_path, *TYPED[: first - 1], line, *TYPED[first + 4 :])["data"]
    assert (data["service_assets"], data["equipment_count"], data["floor_area"]) == (320, 86, 680)
    assert (data["premises"], data["owned_area_share"]) == (["租用"], 0)


def test_a_long_text_in_plain_text_that_speaks_like_the_form_is_pointed_at(tmp_path: Path) -> None:
    lines = list(TYPED)
    lines.insert(lines.index("联系电话：0731-88888888，传真相同。"), "主要服务项目：技术创新。")
    reading = form(tmp_path, *lines, *OPINION)
    assert "主要服务项目：技术创新。" in reading["data"]["profile"]
    assert "/profile" in pointed(reading)


def test_a_label_on_a_line_of_its_own_above_its_value_in_one_cell(tmp_path: Path) -> None:
    cells = [f"{label}\n{value}" for label, value in FORM]
    rows = list(zip(cells[::2], cells[1::2], strict=True))
    reading = form(
        tmp_path, rows, [("机构简介\n（1000字以内）\n本中心成立于2015年。\n第二段。", "")]
    )
    data = reading["data"]
    plain = form(tmp_path, FORM)["data"]
    assert data["profile"] == "本中心成立于2015年。\n第二段。"
    assert {k: v for k, v in data.items() if k != "profile"} == {
        k: v for k, v in plain.items() if k != "profile"
    }


def test_a_telephone_in_its_labels_cell_is_that_of_the_person_it_stands_behind(
    tmp_path: Path,
) -> None:
    cells = [f"{label}：{value}" for label, value in FORM]
    at = cells.index("法定代表人：张磊") + 1
    rows = [(cell,) for cell in [*cells[:at], "联系电话：0731-11111111", *cells[at:]]]
    data = form(tmp_path, rows)["data"]
    assert (data["principal_phone"], data["contact_phone"]) == ("13877770001", "13877770002")
    del rows[rows.index(("联系电话：13877770001",))]
    reading = form(tmp_path, rows)
    assert reading["data"]["principal_phone"] is None
    assert reading["data"]["contact_phone"] == "13877770002"
    assert "/principal_phone" in pointed(reading)


def test_hints_below_a_label_are_no_values(tmp_path: Path) -> None:
    hinted = [(f"{label}\n如实填写", value) for label, value in FORM]
    plain = form(tmp_path, FORM)["data"]
    assert form(tmp_path, hinted)["data"] == plain


# ---------------------------------------------------------------- annex 2

OUTLINE = (
    ("background", "申请单位的基本情况", "本中心成立于2015年。"),
    ("management", "管理运营情况", "制度健全，流程规范。"),
    ("services", "近两年来的服务情况", "两年服务企业475家。"),
    ("achievements", "主要服务业绩及促进中小企业专精特新发展的贡献", "案例一\t培育专精特新企业12家。"),
    ("support", "获得各级政府扶持的情况", "2023年获服务券补贴20万元。"),
    ("plans", "2023年工作总结及2024年工作计划", "今年计划服务企业100家。"),
)  # fmt: skip
BODY = [
    line
    for number, (_, head, text) in enumerate(OUTLINE, start=1)
    for line in (f"{number}.{head}；", text)
]
NAMES = ("长沙星火服务中心", "湖南省中小企业服务中心（湖南省中小企业公共服务平台）")


def report(tmp_path: Path, *lines: str) -> dict[str, Any]:
    reading = one(write_docx(tmp_path / "报告.docx", *lines), "2")
    assert [reading["data"][key] for key, _, _ in OUTLINE] == [text for _, _, text in OUTLINE]
    assert pointed(reading) <= {"/organisation"}
    return reading


def test_a_title_that_speaks_of_the_report_is_no_name(tmp_path: Path) -> None:
    title = "关于申报湖南省中小微企业核心服务机构的申请报告"
    assert report(tmp_path, "附件2", title, *BODY)["data"]["organisation"] is None


def test_a_report_in_one_paragraph_with_line_breaks(tmp_path: Path) -> None:
    report(tmp_path, "附件2", "申请报告", "\n".join(BODY))


@pytest.mark.parametrize("name", NAMES)
def test_the_name_in_the_title_or_below_the_closing_remark(tmp_path: Path, name: str) -> None:
    in_title = report(tmp_path, f"{name}申请报告", *BODY)
    signed = report(tmp_path, "申请报告", *BODY, "以上内容不超过3000字。", f"{name}（盖章）", "2024年9月20日")  # fmt: skip
    assert in_title["data"]["organisation"] == signed["data"]["organisation"] == name


# ---------------------------------------------------------------- annex 5

PROMISE = (
    "本单位已了解湖南省中小微企业核心服务机构申请规定及申报要求，现向贵单位申报本年度湖南省中小微企业核心服务机构。本单位已认真准备了申报材料，并对本次申报郑重承诺如下：",
    "一、本单位所提交的申报材料相关内容完整、真实、准确，无欺瞒和作假行为，电子申报资料和纸质材料一致。",
    "二、在申报过程中，本单位将积极配合组织的相关调查和评审工作。",
    "如违反上述承诺，本单位愿意承担由此带来的一切后果及相关法律责任。",
)


def test_the_promise_in_one_paragraph_is_intact(tmp_path: Path) -> None:
    whole = "".join(PROMISE)
    path = write_docx(tmp_path / "声明.docx", "真实性声明", whole, "申请单位盖章：长沙星火服务中心")
    assert one(path, "5")["data"]["text_intact"] is True


def test_the_promise_with_its_clauses_numbered_by_word_is_intact(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "声明.docx", "真实性声明", "湖南省工业和信息化厅：", *PROMISE, "申请单位盖章：长沙星火服务中心", "日期：2024年9月20日")  # fmt: skip
    document = docx.Document(str(path))
    numbering = document.part.numbering_part.element
    for kind in ("abstractNum", "num"):
        for old in numbering.findall(qn(f"w:{kind}")):
            numbering.remove(old)
    numbering.append(parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl></w:abstractNum>'
    ))  # fmt: skip
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="7"><w:abstractNumId w:val="7"/></w:num>')
    )
    for paragraph in document.paragraphs[3:5]:
        paragraph.text = paragraph.text[2:]
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = 7
    document.save(str(path))
    assert one(path, "5")["data"]["text_intact"] is True


# ---------------------------------------------------------------- struck out, unseen


def test_text_struck_through_is_left_out_and_its_field_pointed_at(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "申请表.docx", APPLICATION, FORM)
    document = docx.Document(str(path))
    cells = {row.cells[0].text: row.cells[1] for row in document.tables[0].rows}
    run = cells["法定代表人"].paragraphs[0].insert_paragraph_before().add_run("李四")
    run.font.strike = True
    cells["职工人数"].paragraphs[0].runs[0].font.strike = True
    document.save(str(path))
    reading = one(path, "1")
    assert reading["data"]["legal_representative"] == "张磊"
    assert reading["data"]["staff_count"] is None
    assert {"/legal_representative", "/staff_count"} <= pointed(reading)
    assert "/name" not in pointed(reading)


def test_a_row_struck_through_is_no_entry_and_the_table_is_pointed_at(tmp_path: Path) -> None:
    path = write_docx(
        tmp_path / "人员.docx", "服务机构服务人员基本情况表", SIGNED, [STAFF_HEAD, *STAFF]
    )
    document = docx.Document(str(path))
    for cell in document.tables[0].rows[2].cells:
        cell.paragraphs[0].runs[0].font.strike = True
    document.save(str(path))
    reading = one(path, "3")
    assert len(reading["data"]["staff"]) == len(STAFF) - 1
    assert "/staff" in pointed(reading)


def test_characters_of_no_width_are_no_part_of_codes_numbers_and_phones(tmp_path: Path) -> None:
    plain = form(tmp_path, FORM)["data"]
    pasted = [(label, f"\u202d{value[:2]}\u200b{value[2:]}\u202c") for label, value in FORM]
    data = form(tmp_path, pasted)["data"]
    for key in (
        "uscc",
        "established_on",
        "principal_phone",
        "email",
        "staff_count",
        "total_assets",
    ):
        assert data[key] == plain[key]


# ---------------------------------------------------------------- several annexes in one file


@pytest.mark.parametrize(
    "titles",
    [
        ("附件2", "长沙星火服务中心2024年申请报告"),
        ("附2", "长沙星火服务中心", "核心服务机构申请报告"),
        ("关于申报湖南省中小微企业核心服务机构的申请报告", "长沙星火服务中心"),
    ],
)
def test_a_report_behind_another_annex_is_a_document_of_its_own(
    tmp_path: Path, titles: tuple[str, ...]
) -> None:
    path = write_docx(
        tmp_path / "材料.docx", "附1", APPLICATION, FORM, *titles, *BODY, "附3",
        "服务机构服务人员基本情况表", SIGNED, [STAFF_HEAD, *STAFF],
    )  # fmt: skip
    form, report, staff = read_file(path)
    assert [form["annex"], report["annex"], staff["annex"]] == ["1", "2", "3"]
    assert report["data"]["organisation"] == "长沙星火服务中心"
    assert report["data"]["plans"] == OUTLINE[-1][2]
    assert len(staff["data"]["staff"]) == len(STAFF)


# ---------------------------------------------------------------- reports once more


def test_items_numbered_like_the_headings_are_no_headings(tmp_path: Path) -> None:
    items = "1.制度建设；\n2.服务流程；\n3.人员激励。"
    lines = [line for n, (_, head, text) in enumerate(OUTLINE, start=1) for line in (f"{n}.{head}", *(items.split("\n") if n == 2 else [text]))]  # fmt: skip
    reading = one(write_docx(tmp_path / "报告.docx", "申请报告", NAMES[0], *lines), "2")
    assert reading["data"]["management"] == items
    assert pointed(reading) == set()


def test_a_name_on_the_cover_only(tmp_path: Path) -> None:
    contents = [f"{head}\t{n}" for n, (_, head, _) in enumerate(OUTLINE, start=1)]
    front = ("核心服务机构申请报告", NAMES[0], "目  录", *contents, "核心服务机构申请报告")
    assert report(tmp_path, *front, *BODY)["data"]["organisation"] == NAMES[0]


def test_a_table_among_the_prose_is_read_row_by_row(tmp_path: Path) -> None:
    table = [("年度", "服务企业数"), ("2022", "265"), ("2023", "308")]
    blocks: list[str | Rows] = [*BODY]
    blocks.insert(6, table)
    reading = one(write_docx(tmp_path / "报告.docx", "申请报告", NAMES[0], *blocks), "2")
    rows = "\n".join("\t".join(row) for row in table)
    assert reading["data"]["services"] == f"{OUTLINE[2][2]}\n{rows}"


SIGNATURE_LINES = ("申请单位盖章：长沙星火服务中心", "法定代表人签字：", "日期：2024年9月20日")


def declaration(tmp_path: Path, pictures: dict[int, bytes]) -> dict[str, Any]:
    """The promise with pictures in paragraphs, by number from 0."""
    lines = ("附件5", "真实性声明", "湖南省工业和信息化厅：", *PROMISE, *SIGNATURE_LINES)
    path = write_docx(tmp_path / "声明.docx", *lines)
    document = docx.Document(str(path))
    for number, picture in pictures.items():
        document.paragraphs[number].add_run().add_picture(io.BytesIO(picture))
    document.save(str(path))
    data: dict[str, Any] = one(path, "5")["data"]
    return data


def test_a_seal_may_hang_on_any_paragraph(tmp_path: Path) -> None:
    for number in (1, 6, 7, 9):
        data = declaration(tmp_path, {number: seal(Random(1))})
        assert (data["sealed"], data["signed"], data["text_intact"]) == (True, None, True)


def test_a_signature_hangs_below_the_promise_and_a_letterhead_is_none(tmp_path: Path) -> None:
    assert declaration(tmp_path, {6: signature(Random(1))})["signed"] is True
    assert declaration(tmp_path, {8: signature(Random(1))})["signed"] is True
    assert declaration(tmp_path, {0: signature(Random(1))})["signed"] is None


@pytest.mark.parametrize(
    ("size", "text", "seen"), [(900, "附件3", 1), (300, "附件3", 0), (900, "正文。" * 60, 0)]
)
def test_pictures_of_pages_in_place_of_text_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, text: str, seen: int
) -> None:
    pages: list[Any] = []

    def read_pictures(pictures: Sequence[Any], source: Source) -> Document:
        pages.extend(pictures)
        return Document(source, (Paragraph.of("图中的字"),))

    monkeypatch.setattr(scan.scan_engine, "require", lambda: None)
    monkeypatch.setattr(scan.pdf, "read_pictures", read_pictures)
    Image.new("RGB", (size, size), "white").save(tmp_path / "页.png")
    document = docx.Document()
    document.add_paragraph(text)
    document.add_picture(str(tmp_path / "页.png"))
    document.save(str(tmp_path / "扫描.docx"))
    [read] = read_documents(tmp_path / "扫描.docx")
    assert [p.text for p in read.paragraphs if p.text] == [text, *["图中的字"] * seen]
    assert len(pages) == seen
