"""Every kind of document: its example in the docs is complete, its wording follows its article."""

from __future__ import annotations

import copy
import csv
import io
import re
import shutil
import time
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pdfplumber
import pypdfium2
import pytest
import yaml
from docx.oxml.ns import qn
from test_announce_documents import EXAMPLES, near, searchable

from pipeline.announce import KINDS, formats_of, typeset
from pipeline.announce.facts import RECORDS, label
from pipeline.announce.filings import run_length
from pipeline.announce.fonts import font_set
from pipeline.announce.lines import type_of
from pipeline.announce.page import HEIGHT, INNER, MM, PITCH, TOP, WIDTH
from pipeline.announce.parts import Month
from pipeline.announce.tables import cell_lines
from pipeline.announce.wording import cn_months, load_wording
from pipeline.errors import DataError, TemplateError, UsageError
from pipeline.settings import DATA_VARIABLE, templates_dir

DOCS = Path(__file__).parent.parent / "docs" / "announce.md"
LETTERS = [kind for kind in KINDS if "docx" in formats_of(kind)]


CONDITION = EXAMPLES["opinion"]["conditions"][0]
PASSED = EXAMPLES["acceptance"]["items"][0]
ENTRY = EXAMPLES["database"]["institutions"][0]


def changed(kind: str, **changes: Any) -> dict[str, Any]:
    """The example of a kind with changes; None takes a key away."""
    data = copy.deepcopy(EXAMPLES[kind]) | changes
    return {key: value for key, value in data.items() if value is not None}


@cache
def package(kind: str) -> bytes:
    """The example of a kind as docx."""
    return typeset(kind, EXAMPLES[kind], file_format="docx")


@cache
def text(kind: str) -> str:
    return searchable(typeset(kind, EXAMPLES[kind]))


def needs(kind: str) -> list[str]:
    path = templates_dir() / "notices" / "hunan-2024-299" / f"{kind}.yaml"
    found: list[str] = yaml.safe_load(path.read_text(encoding="utf-8"))["needs"]
    return found


def test_every_kind_has_an_example_in_the_docs() -> None:
    assert list(EXAMPLES) == list(KINDS)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if needs(kind)])
def test_every_missing_datum_is_named_with_its_meaning(kind: str) -> None:
    with pytest.raises(DataError) as refused:
        typeset(kind, {})
    for need in needs(kind):
        for key in need.split("|"):
            assert f"{key}（{label(key)}）" in str(refused.value)


def test_a_form_without_data_is_a_blank_form() -> None:
    found = searchable(typeset("change_form", {}))
    assert "机构名称：统一社会信用代码：联系人及电话：变更事项" in found
    assert [kind for kind in KINDS if not needs(kind)] == ["change_form"]


def test_a_missing_name_is_told_once() -> None:
    with pytest.raises(DataError) as refused:
        typeset("reminder", changed("reminder", institution={"name": " ", "city": "长沙市"}))
    assert str(refused.value).count("单位名称") == 1


@pytest.mark.parametrize("kind", LETTERS)
def test_no_hole_is_left_open_and_no_sentence_ends_twice(kind: str) -> None:
    found = text(kind)
    for fault in ("{{", "}}", "None", "。。", "，，", "（）", "［表］", "Undefined"):
        assert fault not in found, fault


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("receipt", ["收件回执", "2026年6月15日9时30分收到，共3件", "申请报告（附件2）", "有缺页"]),
        (
            "correction",
            ["补正通知书", "下列3项需要补正", "第九条（二）", "第八条（六）", "2026年6月29日前（含当日）",
             "收件人（签字）", "王明", "0731-88955001"],
        ),
        (
            "recommendation",
            ["长沙市工业和信息化局文件", "签发人：李堃", "湖南省工业和信息化厅：", "2家机构",
             "填报单位：长沙市工业和信息化局（盖章）", "（联系人：中小企业科，联系电话：0731-88666001）"],
        ),
        ("change", ["第十三条", "湖南𬱖喆数字科技有限公司", "2026.10.20", "现予备案", "有效期不变"]),
        ("reminder", ["第十七条", "2026年9月至10月（共2个月）", "连续3个月未按规定填报的，将给予通报"]),
        ("criticism", ["第十七条", "2026年6月至10月", "连续6个月", "暂停或取消推荐资格"]),
        ("suspension", ["第十八条", "自本通知印发之日（2026年11月23日）起", "2027年5月23日前", "法定休假日"]),
        ("rectification", ["第十八条", "下列2项问题", "最迟不超过2027年5月23日", "将撤销称号"]),
        ("restoration", ["第十八条", "自2027年5月10日起恢复", "仍为2026年12月1日至2029年11月30日"]),
        ("revocation", ["第十八条、第十九条（三）", "协助收回标牌"]),
        ("expiry", ["第十一条", "2027年有效期届满的1家机构", "期满当年再次按首次申报递交申请"]),
        (
            "call",
            ["于2026年5月11日至2026年6月30日（含当日）", "2025年度会计报表和审计报告", "典型案例3例以上",
             "纸质2份", "公示七个工作日", "不收取任何费用", "附件：1.湖南省中小微企业核心服务机构申请表",
             "6.湖南省中小微企业核心服务机构推荐汇总表"],
        ),
        (
            "opinion",
            ["湖南省工业和信息化厅：", "第九条（二）", "条件申报值佐证结论", "租赁合同，至2029年5月",
             "初审意见：材料真实、完整，符合认定条件，同意推荐。", "长沙市工业和信息化局2026年7月3日"],
        ),
        (
            "rejection",
            ["长沙第四家服务有限公司：", "其中2项不符合认定条件，决定不予推荐", "租赁合同载明120平方米",
             "书面陈述意见", "收件人（签字）"],
        ),
        ("review", ["专家评审表", "不符合□", "第七条（五）", "没有利害关系", "专家（签字）"]),
        ("visit", ["实地考察记录", "考察时间：2026年8月18日", "考察地点：长沙市岳麓区", "考察人员（签字）"]),
        ("plaque_register", ["编号单位名称所属市州领取人（签字）日期", "HN2026-0002"]),
        ("change_form", ["变更备案申请表", "第十三条，在变更之日起一个月内", "法定代表人（签字）", "原推荐单位审核意见"]),
        ("change_opinion", ["第十三条", "审核意见：材料齐全，情况属实，同意变更。", "现报请备案"]),
        ("acceptance", ["第十八条", "验收结论：合格。该机构已按规定完成整改，建议恢复其称号。"]),
        (
            "summary",
            ["第十八条", "共2家，服务企业372家（次），开展服务活动43场（次）", "1家机构有未按规定填报的月份，共2个月",
             "合格1家，基本合格1家", "附件：2026年度核心服务机构服务和检查情况表"],
        ),
    ],
)  # fmt: skip
def test_a_document_says_what_it_must(kind: str, wanted: list[str]) -> None:
    for words in wanted:
        assert words in text(kind), words


# --- articles -------------------------------------------------------------------------------


def revoked(ground: str) -> str:
    one = {**EXAMPLES["revocation"]["institutions"][0], "ground": ground}
    return cells(typeset("revocation", changed("revocation", institutions=[one])))


def cells(pdf: bytes) -> str:
    """The text of the list, which is turned, line by line as it is read."""
    return re.sub(r"\s", "", pypdfium2.PdfDocument(pdf)[2].get_textpage().get_text_range())


def test_failed_rectification_carries_no_ban_the_other_grounds_three_years() -> None:
    assert "该条未规定" in revoked("unrectified")
    assert "不得再次申报。" not in searchable(
        typeset("revocation", changed("revocation", institutions=[
            EXAMPLES["revocation"]["institutions"][0]]))
    )  # fmt: skip
    for ground in ("unfiled", "fraud", "evaluation", "complaints", "violation", "unfit"):
        assert "2029.11.23" in revoked(ground), ground
        assert "该条未规定" not in revoked(ground)


def test_an_unknown_ground_is_refused_with_those_there_are() -> None:
    one = {**EXAMPLES["revocation"]["institutions"][0], "ground": "late"}
    with pytest.raises(DataError, match=r"第1家.*ground.*unfiled（.*unfit（"):
        typeset("revocation", changed("revocation", institutions=[one]))


def test_an_appeal_is_a_paragraph_where_there_is_one() -> None:
    words = "对本决定有异议的，可以在收到本通知后向我厅陈述意见"
    assert f"四、{words}。" in searchable(
        typeset("revocation", changed("revocation", appeal=words))
    )
    assert words not in text("revocation")


def test_a_major_change_suspends_from_its_own_day() -> None:
    data = changed("suspension", cause="major_change", changed_on="2025-11-30")
    found = searchable(typeset("suspension", data))
    assert "发生调整情况之日（2025年11月30日）起" in found
    # The corresponding day, 28 February 2026, is a working Saturday of that year.
    assert "即2026年2月28日前（含当日）" in found
    assert "法定休假日" not in found


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("suspension", {"cause": "major_change"}, r"缺少 changed_on（发生调整的日期）"),
        ("suspension", {"cause": "why"}, r"cause（事由）应是下列之一：major_change（"),
        ("restoration", {"cause": "why"}, r"cause（事由）应是下列之一"),
        ("reminder", {"periods": ["2026-13"]}, r"periods（未填报的月份）各月应写作 2026-08"),
        ("reminder", {"periods": "2026-08"}, r"periods（未填报的月份）应是文字的列表"),
        ("receipt", {"files": [{"name": "甲", "copies": -1}]}, r"files 第1份的 copies（份数）"),
        ("receipt", {"received_at": "2026-06-15 9点"}, r"received_at（收到时间）应写作"),
        ("correction", {"items": [{"problem": "甲"}]}, r"items 第1项缺少 place（材料或位置）"),
        ("correction", {"institution": {"uscc": "1"}}, r"缺少 institution.name（机构的单位名称）"),
        ("correction", {"institution": "甲公司"}, r"institution（机构）应是一个对象"),
        ("change", {"changes": [{"before": "甲"}]}, r"changes 第1项缺少 after（变更后）"),
        ("expiry", {"year": 2026}, r"第1家.*valid_to（有效期止）不在2026年"),
        ("revocation", {"dated": "9999-12-31"}, r"dated（成文日期）年份应在1949至2100之间"),
        (
            "call",
            {"window_close": "2026-05-10"},
            r"window_close（申报截止日期）2026-05-10 早于 window_open",
        ),
        (
            "opinion",
            {"conditions": [CONDITION | {"conclusion": "还行"}]},
            r"第1项的 conclusion（结论）应是下列之一",
        ),
        ("rejection", {"conditions": [CONDITION]}, r"没有一项的结论是不符合"),
        ("opinion", {"conditions": [{"condition": "甲"}]}, r"第1项缺少 claimed（申报值）"),
        ("acceptance", {"conclusion": "通过"}, r"conclusion（验收结论）应是下列之一：合格、不合格"),
        (
            "acceptance",
            {"items": [PASSED, PASSED | {"result": "不合格"}]},
            r"是合格，items 里却有不是合格的",
        ),
        ("summary", {"institutions": [{"name": "甲"}]}, r"第1家缺少 satisfaction（服务满意度）"),
        (
            "database",
            {"institutions": [ENTRY | {"state": "撤销"}]},
            r"要写明 state_on（状态日期）和 state_article",
        ),
        ("database", {"institutions": [ENTRY | {"state": "好"}]}, r"state（状态）应是下列之一"),
        ("database", {"valid_to": None}, r"缺少 valid_to（有效期止）"),
    ],
)
def test_wrong_data_is_told_in_words(kind: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        typeset(kind, changed(kind, **changes))


def test_too_few_months_in_a_row_are_no_reason_for_a_circular() -> None:
    one = {"name": "甲公司", "city": "长沙市", "periods": ["2026-06", "2026-08", "2026-09"]}
    with pytest.raises(DataError, match=r"连续2个月，不足3个月，不能通报（第十七条）"):
        typeset("criticism", changed("criticism", institutions=[one]))


def test_a_reminder_says_what_comes_next() -> None:
    long = [f"2026-{month:02d}" for month in range(7, 11)]
    found = searchable(typeset("reminder", changed("reminder", periods=long)))
    assert "你单位已连续4个月未按规定填报" in found
    assert "将给予通报" not in found


def test_a_run_is_of_the_last_months() -> None:
    months = [Month(2025, 11), Month(2025, 12), Month(2026, 2), Month(2026, 3), Month(2026, 4)]
    assert run_length(months) == 3
    assert run_length([]) == 0
    assert run_length([Month(2025, 12), Month(2026, 1)]) == 2


@pytest.mark.parametrize(
    ("months", "said"),
    [
        ([(2026, 8)], "2026年8月"),
        ([(2026, 8), (2026, 10)], "2026年8月、10月"),
        ([(2025, 12), (2026, 1), (2026, 3)], "2025年12月至2026年1月、3月"),
        ([(2025, 12), (2026, 2), (2026, 3), (2026, 4)], "2025年12月、2026年2月至4月"),
    ],
)
def test_months_are_said_as_notices_say_them(months: list[tuple[int, int]], said: str) -> None:
    assert cn_months([Month(*month) for month in months]) == said


# --- tables ---------------------------------------------------------------------------------


def test_all_findings_of_a_round_are_in_one_notice_and_text_goes_on_on_the_grid() -> None:
    items = [
        {"place": f"附件1 第{i}栏", "problem": "未填写。" * (i % 5 + 1), "article": "第八条（一）",
         "remedy": "填写后重新提交。"} for i in range(1, 61)
    ]  # fmt: skip
    pages = pdfplumber.open(
        io.BytesIO(typeset("correction", changed("correction", items=items)))
    ).pages
    numbers = [row[0] for page in pages for table in page.extract_tables() for row in table]
    assert [n for n in numbers if n != "序号"] == [str(i) for i in range(1, 61)]
    assert numbers.count("序号") == len([page for page in pages if page.extract_tables()])
    last = next(page for page in pages if "逐项补正" in page.extract_text())
    lines = {round(last.height - c["matrix"][5], 2) for c in last.chars if near(c["size"], 16)}
    for baseline in lines:
        place = (baseline - TOP - 0.88 * 16) / PITCH
        assert near(place, round(place), 0.01)


def test_a_row_taller_than_a_page_is_parted_and_nothing_is_lost() -> None:
    items = [
        {
            "place": "附件2",
            "problem": "很长的问题，" * 400,
            "article": "第八条（二）",
            "remedy": "改。",
        }
    ]
    pdf = typeset("correction", changed("correction", items=items))
    assert searchable(pdf).count("很长的问题") == 400
    for page in pdfplumber.open(io.BytesIO(pdf)).pages:
        assert max((line["bottom"] for line in page.lines), default=0) < TOP + HEIGHT + 1


def test_a_landscape_list_is_turned_with_its_head_at_the_left_and_its_number_upright() -> None:
    many = [
        {"name": f"第{i}公司", "uscc": f"{i:018d}", "city": "长沙市", "ground": "fraud",
         "facts": "经查，申报材料中的审计报告系伪造。"} for i in range(40)
    ]  # fmt: skip
    pdf = typeset("revocation", changed("revocation", institutions=many))
    turned = [
        page for page in pdfplumber.open(io.BytesIO(pdf)).pages
        if any(abs(c["matrix"][1]) > 0.5 for c in page.chars)
    ]  # fmt: skip
    assert len(turned) > 1
    for page in turned:
        sideways = [c for c in page.chars if abs(c["matrix"][1]) > 0.5]
        upright = [c for c in page.chars if abs(c["matrix"][1]) < 0.5]
        assert {c["matrix"][1] > 0 for c in sideways} == {True}
        assert min(c["x0"] for c in sideways) > INNER - 1
        assert max(c["x1"] for c in sideways) < INNER + WIDTH + 1
        assert min(c["top"] for c in sideways) > TOP - 1
        assert max(c["bottom"] for c in sideways) < TOP + HEIGHT + 1
        head = [c for c in sideways if c["fontname"].endswith("NotoSansSC-Regular")
                and near(c["size"], 10.5)]  # fmt: skip
        names = [c for c in sideways if near(c["size"], 10.5) and c not in head]
        assert max(c["x0"] for c in head) < min(c["x1"] for c in names)
        assert "".join(c["text"] for c in upright).replace(" ", "").strip("—").isdigit()


def test_totals_are_given_below_a_long_list() -> None:
    cities = ("长沙市", "株洲市", "湘潭市")
    many = [
        {"name": f"湖南第{i}号服务有限公司", "city": cities[i % 3 if i < 50 else 0],
         "main_service": ("市场开拓", "融资促进")[i % 2]} for i in range(60)
    ]  # fmt: skip
    found = searchable(typeset("publicity", changed("publicity", institutions=many)))
    assert "按推荐单位统计推荐单位（市州）家数长沙市27株洲市17湘潭市16合计60" in found
    assert "按主要服务项目统计主要服务项目家数市场开拓30融资促进30合计60" in found
    assert "统计" not in text("publicity")


def test_names_of_two_characters_take_the_room_of_three() -> None:
    page = pdfplumber.open(io.BytesIO(typeset("recommendation", EXAMPLES["recommendation"]))).pages[
        2
    ]
    assert "王\u3000明" in "".join(c["text"] for c in page.chars)


def test_a_title_keeps_the_name_of_the_institution_whole() -> None:
    page = pdfplumber.open(io.BytesIO(typeset("rectification", EXAMPLES["rectification"]))).pages[0]
    titles = [c for c in page.chars if near(c["size"], 22)]
    lines = {round(c["matrix"][5]): "" for c in titles}
    for c in titles:
        lines[round(c["matrix"][5])] += c["text"]
    assert any("湖南𬱖喆数字科技有限公司" in line for line in lines.values())


def test_a_table_of_a_letter_is_as_wide_as_its_text() -> None:
    page = pdfplumber.open(io.BytesIO(typeset("receipt", EXAMPLES["receipt"]))).pages[0]
    across = [line for line in page.lines if near(line["top"], line["bottom"], 0.1)]
    assert near(min(line["x0"] for line in across), INNER, 0.5 * MM)
    assert near(max(line["x1"] for line in across), INNER + WIDTH, 0.5 * MM)


def test_a_day_without_time_is_a_moment_too() -> None:
    found = searchable(typeset("receipt", changed("receipt", received_at="2026-06-15", dated=None)))
    assert "已于2026年6月15日收到" in found
    assert date(2026, 6, 15).isoformat() not in found


@pytest.mark.slow
def test_five_thousand_institutions_are_one_list() -> None:
    """Every one of them, in the order of the cities, under a head on every page, in equal time."""
    cities = ("株洲市", "长沙市", "湘西州", "衡阳市")
    many = [
        {"name": f"湖南第{i}号服务有限公司", "city": cities[i % 4], "main_service": "市场开拓"}
        for i in range(5000)
    ]
    start = time.process_time()
    typeset("publicity", changed("publicity", institutions=many[:1000]))
    short = time.process_time() - start
    pdf = typeset("publicity", changed("publicity", institutions=many))
    assert time.process_time() - start - short < 10 * short
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    listed = [page for page in pages if "主要服务项目" in page and "市场开拓" in page]
    assert all("序号" in page for page in listed[:-1])
    whole = re.sub(r"\s", "", "".join(pages))
    places = [whole.index(f"湖南第{i}号服务有限公司{cities[i % 4]}") for i in (1, 4997, 3, 4999, 0)]
    assert places == sorted(places)
    assert "长沙市1250衡阳市1250株洲市1250湘西州1250合计5000" in re.sub(r"—\d+—.*?数", "", whole)


# --- docx -----------------------------------------------------------------------------------


def word_text(kind: str) -> str:
    """All text of the docx, white space apart, as an official's Word shows it."""
    document = docx.Document(io.BytesIO(package(kind)))
    return re.sub(r"\s", "", "".join(t.text or "" for t in document.element.iter(qn("w:t"))))


@pytest.mark.parametrize("kind", LETTERS)
def test_the_docx_says_what_the_pdf_says(kind: str) -> None:
    found = word_text(kind)
    pdf = re.sub(r"—\d+—", "", text(kind))
    for mark in ("湖南省工业和信息化厅文件", "长沙市工业和信息化局文件"):
        pdf = pdf.replace(mark, "")  # it is printed on the office's paper
    for piece in re.split(r"[，。：；（）、《》“”]", pdf):
        assert piece in found or len(piece) > 30, piece


@pytest.mark.parametrize("kind", LETTERS)
def test_the_docx_names_the_offices_fonts_and_is_the_same_every_time(kind: str) -> None:
    assert package(kind) == typeset(kind, EXAMPLES[kind], file_format="docx")
    with zipfile.ZipFile(io.BytesIO(package(kind))) as archive:
        styles = archive.read("word/styles.xml").decode()
        body = archive.read("word/document.xml").decode()
    for name in ("仿宋_GB2312", "方正小标宋简体", "黑体"):
        assert f'w:eastAsia="{name}"' in styles
    assert body.count("<w:tblHeader/>") == body.count("<w:tbl>") + body.count("<w:tbl ")


def test_the_docx_has_the_standards_page_and_numbers() -> None:
    document = docx.Document(io.BytesIO(package("notice")))
    section = document.sections[0]
    sides = [section.top_margin, section.left_margin, section.bottom_margin, section.right_margin]
    assert [round(side.mm) for side in sides] == [37, 28, 35, 26]
    assert document.settings.odd_and_even_pages_header_footer
    turned = docx.Document(io.BytesIO(package("revocation")))
    assert [s.orientation for s in turned.sections] == [0, 1, 0]


def test_a_plaque_is_no_word_file() -> None:
    with pytest.raises(UsageError, match="标牌只有 PDF，没有 Word 文件"):
        typeset("plaque", EXAMPLES["plaque"], file_format="docx")


def test_a_control_character_is_told() -> None:
    with pytest.raises(DataError, match=r"officer（经办人）含有看不见的控制字符"):
        typeset("receipt", changed("receipt", officer="王\x0b明"))


# --- what forms and opinions leave open -----------------------------------------------------


def test_a_form_is_one_page_to_fill_in_and_unsigned() -> None:
    for kind in ("review", "visit", "change_form", "plaque_register"):
        assert len(pypdfium2.PdfDocument(typeset(kind, EXAMPLES[kind]))) == 1, kind
        assert "湖南省工业和信息化厅20" not in text(kind)


def test_a_form_without_changes_has_rows_for_the_pen() -> None:
    pdf = typeset("change_form", changed("change_form", changes=None))
    (table,) = pdfplumber.open(io.BytesIO(pdf)).pages[0].extract_tables()
    assert len(table) == 5
    assert not any((cell or "").strip() for row in table[1:] for cell in row)


def test_what_an_expert_reviews_may_be_told_with_what_was_claimed() -> None:
    data = changed("review", conditions=[CONDITION])
    assert "申报：2019年3月12日成立" in searchable(typeset("review", data))


def test_a_late_application_and_a_late_acceptance_are_said() -> None:
    late = changed("change_opinion", received_at="2026-11-23")
    assert "其中名称的变更，申请时已超过变更之日起一个月的期限" in searchable(
        typeset("change_opinion", late)
    )
    # The corresponding day, 20 November, is a Friday; the change of 10 September ends on Saturday
    # 10 October, on which work is made up.
    on_time = changed("change_opinion", received_at="2026-11-20")
    assert "超过" not in searchable(typeset("change_opinion", on_time))
    assert "超过期限" in searchable(
        typeset("acceptance", changed("acceptance", dated="2027-06-01"))
    )
    assert "超过期限" not in text("acceptance")


def test_a_failed_acceptance_proposes_no_restoration() -> None:
    failed = changed("acceptance", conclusion="不合格", items=[PASSED | {"result": "不合格"}])
    found = searchable(typeset("acceptance", failed))
    assert "验收结论：不合格。该机构未按规定完成整改，建议依照上述规定撤销其称号。" in found
    assert "恢复其称号" not in found


# --- the public database --------------------------------------------------------------------

#: What an office's file may hold beside the public part (requirements R12.1).
PRIVATE = {"contact": "王明", "facts": "台账不完整", "ground": "fraud", "result": "不合格"}


def public(file_format: Any, **entry: Any) -> bytes:
    data = changed("database", institutions=[ENTRY | PRIVATE | entry])
    return typeset("database", data, file_format=file_format)


def public_rows(**entry: Any) -> list[dict[str, str]]:
    lines = public("csv", **entry).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(lines)))


def public_sheet(**entry: Any) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(public("xlsx", **entry))).active
    assert sheet is not None
    return [list(row) for row in sheet.iter_rows()]


def test_the_public_database_has_what_the_public_may_know_and_no_more() -> None:
    (row,) = public_rows(state="撤销", state_on="2026-11-23", state_article="第十九条（四）")
    assert row["统一社会信用代码"] == ENTRY["uscc"]
    assert (row["状态"], row["状态日期"], row["依据"]) == ("撤销", "2026-11-23", "第十九条（四）")
    assert (row["有效期起"], row["有效期止"]) == ("2026-12-01", "2029-11-30")
    sheet = "".join(str(cell.value) for line in public_sheet() for cell in line)
    page = public("html").decode()
    for private in PRIVATE.values():
        assert private not in str(row.values()) + sheet + page


def test_no_column_can_be_written_that_shows_what_is_not_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(templates_dir() / "notices", tmp_path / "templates" / "notices")
    (tmp_path / "schemas").symlink_to(templates_dir().parent / "schemas")
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path))
    path = tmp_path / "templates/notices/hunan-2024-299/database.yaml"
    wording = path.read_text(encoding="utf-8")
    path.write_text(wording.replace("{{ it.phone }}", "{{ it.contact }}"), encoding="utf-8")
    with pytest.raises(TemplateError, match=r"database.yaml.*contact"):
        public("csv")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_no_cell_is_a_formula(start: str) -> None:
    harm = f"{start}HYPERLINK(1)"
    (row,) = public_rows(name=harm, phone=harm)
    assert row["单位名称"] == row["联系电话"] == "'" + harm
    cells = public_sheet(name=harm)[1]
    assert cells[0].value == "'" + harm
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_the_page_of_the_database_shows_markup_as_text() -> None:
    page = public("html", name="<script>alert(1)</script>").decode()
    assert "&lt;script&gt;alert" in page
    assert page.count("<script>") == 1
    assert "http" not in page, "it needs no network"


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "html"])
def test_the_same_data_are_the_same_file(file_format: Any) -> None:
    assert public(file_format) == public(file_format)


def test_the_database_is_in_the_order_of_the_cities() -> None:
    cities = ("怀化市", "长沙市", "株洲市")
    several = [
        ENTRY | {"name": f"{city}服务中心", "uscc": f"{i:018d}", "city": city}
        for i, city in enumerate(cities)
    ]
    lines = typeset("database", changed("database", institutions=several)).decode("utf-8-sig")
    listed = [row["所属市州"] for row in csv.DictReader(io.StringIO(lines))]
    assert listed == ["长沙市", "株洲市", "怀化市"]


def test_a_database_is_no_letter() -> None:
    with pytest.raises(UsageError, match="只有 CSV、Excel 文件、网页，没有 PDF"):
        typeset("database", EXAMPLES["database"], file_format="pdf")


# --- names in lists -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("株洲堃䶮知识产权代理事务所（普通合伙）", ["株洲堃䶮知识产权代理事务所", "（普通合伙）"]),
        ("湖南某某数字科技网络信息有限公司", ["湖南某某数字科技网络信息", "有限公司"]),
        ("湖" * 30, ["湖" * 14, "湖" * 14, "湖" * 2]),
    ],
)
def test_a_name_in_a_list_keeps_its_words_whole(name: str, lines: list[str]) -> None:
    terms = load_wording("notice").terms
    type_ = type_of(font_set(), "仿宋", 12.0)
    assert [line.text for line in cell_lines(name, type_, 14.4 * 12, terms)] == lines


def test_a_landscape_page_of_the_docx_has_its_number_where_the_others_have_it() -> None:
    """In the margin that is the foot of the upright paper, read with the paper upright."""
    document = docx.Document(io.BytesIO(package("revocation")))
    upright, turned, last = document.sections
    for section, directions in ((upright, []), (turned, ["tbRl"]), (last, [])):
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            found = [e.get(qn("w:val")) for e in footer._element.iter(qn("w:textDirection"))]
            assert found == directions
            assert side in [e.get(qn("w:val")) for e in footer._element.iter(qn("w:jc"))]
    (place,) = turned.footer._element.iter(qn("w:tblpPr"))
    x, y = (int(place.get(qn(f"w:tblp{axis}"))) / 20 / MM for axis in "XY")
    assert x + 14 / MM == pytest.approx(297 - 37 - 225 - 7, abs=0.5)
    assert y == pytest.approx(28 + 14 / MM, abs=0.5)


def test_a_code_in_a_list_is_set_smaller_rather_than_parted() -> None:
    type_ = type_of(font_set(), "仿宋", 10.5)
    code = "91430100MAMWMWMW0X"
    natural = cell_lines(code, type_, 1000.0)[0].width
    for share in (0.99, 0.9, 0.82):
        (line,) = cell_lines(code, type_, natural * share)
        assert line.text == code
        assert line.width <= natural * share
    assert len(cell_lines(code, type_, natural * 0.5)) > 1


def test_no_code_of_a_list_is_parted() -> None:
    codes = [f"91430100MA{'MWHK'[i % 4] * 4}WWW{i}" for i in range(8)]
    many = [{**EXAMPLES["notice"]["institutions"][0], "name": f"第{i}公司", "uscc": code}
            for i, code in enumerate(codes)]  # fmt: skip
    pdf = typeset("notice", changed("notice", institutions=many))
    pages = pdfplumber.open(io.BytesIO(pdf)).pages
    cells = [
        cell for page in pages for table in page.extract_tables() for row in table for cell in row
    ]
    assert [cell for cell in cells if cell in codes] == codes


def test_a_very_long_name_is_written_in_both_formats() -> None:
    long = EXAMPLES["suspension"]["institution"] | {"name": "湖南" + "字" * 300 + "有限公司"}
    data = changed("suspension", institution=long)
    assert typeset("suspension", data, file_format="docx").startswith(b"PK")
    assert typeset("suspension", data).startswith(b"%PDF")


def test_a_title_that_has_ended_is_not_published_as_valid() -> None:
    with pytest.raises(
        DataError, match=r"第1家（.+）的有效期已于 2029-11-30 届满，state（状态）却是有效"
    ):
        typeset("database", changed("database", dated="2029-12-01"))


@pytest.mark.parametrize("kind", ["change_form", "correction", "recommendation"])
def test_in_word_too_what_is_signed_stays_together(kind: str) -> None:
    """From the signature on every paragraph but the last is kept with the next."""
    document = docx.Document(io.BytesIO(package(kind)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    first = {"change_form": "申请单位（盖章）", "correction": "湖南省工业和信息化厅",
             "recommendation": "长沙市工业和信息化局"}[kind]  # fmt: skip
    last = {
        "change_form": "原推荐单位（盖章）",
        "correction": "收件人",
        "recommendation": "（联系人",
    }[kind]
    end = next(n for n, text in enumerate(texts) if text.startswith(last))
    start = max(n for n, text in enumerate(texts[:end]) if text.startswith(first))
    assert start < end
    kept = [p.paragraph_format.keep_with_next for p in document.paragraphs[start : end + 1]]
    assert all(kept[:-1]) and not kept[-1]


def needed_by_docs(kind: str) -> tuple[set[str], set[str]]:
    """The keys that the kind's section of the docs calls 必需, of the data and of each row."""
    section = DOCS.read_text("utf-8").split("\n## ")[1 + list(KINDS).index(kind)]
    whole = re.search(r"^必需：(.+)$", section, re.M)
    each = re.search(r"^`\w+` 每.必需：(.+)$", section, re.M)
    found = [set(re.findall(r"`([\w.]+)`", match[1] if match else "")) for match in (whole, each)]
    return found[0], found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_the_docs_call_necessary_what_the_wording_needs(kind: str) -> None:
    wording = load_wording(kind)
    rows = wording.text("rows") or "institutions"
    always = RECORDS[rows].always if rows in RECORDS else ()
    whole, each = needed_by_docs(kind)
    assert whole == {key for need in needs(kind) for key in need.split("|")}
    listed = rows in {key for need in needs(kind) for key in need.split("|")}
    assert each == ({*always, *wording.names("needs_each")} if listed else set())
