"""Raw text → value: what converts, what is pointed at, what is refused; and back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pipeline.annex import catalogue
from pipeline.extract.row_values import _DITTO
from pipeline.values import PHONE_LABEL, parse, show, show_date, trim

ANNEXES = catalogue()


def read(annex: str, pointer: str, raw: str) -> tuple[Any, str]:
    spec = ANNEXES[annex].field(pointer)
    assert spec is not None
    parsed = parse(raw, spec)
    return parsed.value, parsed.problem.code if parsed.problem else ""


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("508.6", 508.6, ""),
        ("５０８．６", 508.6, ""),
        ("1,200.5万元", 1200.5, ""),
        ("5086000元", 508.6, ""),
        ("￥500万", 500, ""),
        ("0.5亿", 5000, ""),
        ("3百万", 300, ""),
        ("三百万元", 300, ""),
        ("一万零五百万", 10500, ""),
        ("伍佰万元整", 500, ""),
        ("壹仟万圆整", 1000, ""),
        ("500（万元）", 500, ""),
        ("1亿2000万元", 12000, ""),
        ("十二亿三千万元", 123000, ""),
        ("120万5千元", 120.5, ""),
        ("3000万元（认缴）", 3000, "remark"),
        ("500万元，其中实缴300万元", 500, "remark"),
        ("无", None, ""),
        ("——", None, ""),
        ("约100", 100, "approximate"),
        ("100余万元", 100, "approximate"),
        ("￥30,000.00", 30000, "unit-unclear"),
        ("30,000.00", 30000, ""),
        ("￥3,500", 3500, ""),
        ("￥1,250.00", 1250, ""),
        ("1,493.19", 1493.19, ""),
        ("￥147.06", 147.06, ""),
        ("￥30,000.00元", 3, ""),
        ("(12.5)", -12.5, "bracketed"),
        ("100-200", None, "range"),
        ("USD 30", None, "currency"),
        ("若干", None, "not-number"),
    ],
)
def test_money_is_in_ten_thousand_yuan(raw: str, value: object, code: str) -> None:
    assert read("1", "/total_assets", raw) == (value, code)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("147台（套）", 147, ""),
        ("一百四十七", 147, ""),
        ("12.0", 12, ""),
        ("12.5", None, "not-integer"),
        ("约20", 20, "approximate"),
        ("共20台", 20, ""),
        ("20台（含租用5台）", 20, "remark"),
        ("62%", None, "ratio"),
    ],
)
def test_counts_are_whole(raw: str, value: object, code: str) -> None:
    assert read("1", "/equipment_count", raw) == (value, code)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [("35％", 35, ""), ("百分之三十五", 35, ""), ("12.5", 12.5, ""), ("0.35", 0.35, "ratio")],
)
def test_shares_are_percentages(raw: str, value: object, code: str) -> None:
    assert read("1", "/owned_area_share", raw) == (value, code)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("2024年9月26日", "2024-09-26", ""),
        ("二〇二四年九月一日", "2024-09-01", ""),
        ("2024年九月十五日", "2024-09-15", ""),
        ("贰零贰肆年玖月壹拾伍日", "2024-09-15", ""),
        ("2024。9。15", "2024-09-15", ""),
        ("2024--09--15", "2024-09-15", ""),
        ("2024–09–15", "2024-09-15", ""),
        ("2024—9—15", "2024-09-15", ""),
        ("2024年9月15日上午", "2024-09-15", ""),
        ("二〇二四年十十月一日", None, "not-date"),
        ("二○二四年十二月三十一日", "2024-12-31", ""),
        ("24.9.15", "2024-09-15", ""),
        ("2024/9/1", "2024-09-01", ""),
        ("2024-09-01 00:00:00", "2024-09-01", ""),
        ("2024/9/1 0:00", "2024-09-01", ""),
        ("2024/9/11 10:30", "2024-09-11", ""),
        ("20240901", "2024-09-01", ""),
        ("45540", "2024-09-05", ""),
        ("2024 年 9 月", "2024-09", ""),
        ("　　　年        月        日", None, ""),
        ("2024年2月30日", None, "date-impossible"),
        ("2024年13月1日", None, "date-impossible"),
        ("九月", None, "not-date"),
        ("2024", None, "not-date"),
    ],
)
def test_dates_are_iso(raw: str, value: object, code: str) -> None:
    assert read("1", "/established_on", raw) == (value, code)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2023", 2023),
        ("2023年度", 2023),
        ("二〇二三", 2023),
        ("202_", None),
        ("202_3", 2023),
        ("23", 2023),
        ("22年", 2022),
    ],
)
def test_years(raw: str, value: object) -> None:
    assert read("1", "/operations/0/year", raw) == (value, "")


@pytest.mark.parametrize("raw", ["1.38E+10", "9.14301E+17", "1.38e10"])
def test_lost_digits_are_refused(raw: str) -> None:
    assert read("1", "/contact_phone", raw) == (None, "number-precision")
    assert read("1", "/uscc", raw) == (None, "number-precision")


def test_an_amount_in_scientific_notation_may_have_lost_its_end() -> None:
    assert read("1", "/total_assets", "1.28E+05元") == (12.8, "number-precision")
    assert read("1", "/total_assets", "1.28E3") == (1280, "number-precision")


def test_a_label_before_the_only_number_is_no_part_of_it() -> None:
    assert read("6", "/nominees/0/contact_phone", "电话：0731—8935376") == ("0731-8935376", "")
    assert read("1", "/contact_phone", "0731—89353763") == ("0731-89353763", "")
    assert read("6", "/nominees/0/contact_phone", "'13900004164") == ("13900004164", "")
    both = "手机:13900004164、办公电话:0731-89353763"
    assert read("6", "/nominees/0/contact_phone", both) == (both, "")


@pytest.mark.parametrize("raw", ["a@b.cn\nc@d.com", "a@b.cn； c@d.com", "a@b.cn  c@d.com"])
def test_two_e_mail_addresses_stay_two(raw: str) -> None:
    assert read("1", "/email", raw) == ("a@b.cn;c@d.com", "")


def test_the_schemas_refuse_the_words_that_the_reader_takes_away() -> None:
    """A pattern has to hold the words itself; so they stand twice, and must be the same."""
    for number, pointer in (("1", "/contact_phone"), ("4", "/clients/-/contact_phone"), ("6", "/nominees/-/contact_phone")):  # fmt: skip
        assert f"(?!(?:{PHONE_LABEL}):?" in ANNEXES[number].fields[pointer].schema["pattern"]
    for number, pointer in (("3", "/staff/-/name"), ("4", "/clients/-/contact_phone"), ("6", "/nominees/-/name")):  # fmt: skip
        pattern = re.compile(ANNEXES[number].fields[pointer].schema["pattern"])
        assert not any(pattern.search(word) for word in _DITTO)


def test_what_shows_nowhere_is_no_part_of_names_and_texts() -> None:
    assert read("1", "/name", "\u2060") == read("1", "/profile", "\u00ad") == (None, "")
    assert read("1", "/name", "\u200b星火\u200b服务中心\ufeff") == ("星火服务中心", "")
    assert read("1", "/profile", "第一\u00ad段。\u2060\n第二段。") == ("第一段。\n第二段。", "")
    assert read("6", "/nominees/0/main_service", "\u200b融资促进") == ("融资促进", "")


def test_codes_are_half_width_capitals_without_gaps() -> None:
    assert read("1", "/uscc", " ９１４３ 0182 ma4x 2e7b 80 ") == ("91430182MA4X2E7B80", "")


def test_text_keeps_its_breaks_and_loses_its_indents() -> None:
    assert read("1", "/profile", "　　第一段。\n　　第二段。　") == ("第一段。\n第二段。", "")


def test_names_broken_in_a_narrow_cell_are_one() -> None:
    assert read("1", "/name", "湖南某某\n服务中心") == ("湖南某某服务中心", "")
    assert read("1", "/name", "Hunan Service\nCenter") == ("Hunan Service Center", "")


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [
        ("有", True, ""),
        ("√", True, ""),
        ("未缴", False, ""),
        ("—", None, ""),
        ("已缴6个月", True, "flag-words"),
        ("待定", None, "not-flag"),
    ],
)
def test_flags_by_the_words_of_the_field(raw: str, value: object, code: str) -> None:
    assert read("3", "/staff/0/insured", raw) == (value, code)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (508.6, "508.6"),
        (850.0, "850"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (-0.5, "-0.5"),
        (None, ""),
        (7, "7"),
    ],
)
def test_numbers_are_shown_in_plain_decimals(value: object, text: str) -> None:
    assert show(value) == text


def test_dates_are_shown_as_people_write_them() -> None:
    assert show_date("2024-09-06") == "2024年9月6日"
    assert show_date("2024-09") == "2024年9月"


def test_a_name_that_only_says_as_above_is_pointed_at() -> None:
    assert read("1", "/principal", "同上") == ("同上", "ditto")
    assert read("1", "/principal", "同 上。") == ("同 上。", "ditto")
    assert read("1", "/principal", "同上善") == ("同上善", "")


@pytest.mark.parametrize(
    ("raw", "trimmed"),
    [
        ("____张三____ ", "张三"),
        (" ＿＿ 张三 ＿＿", "张三"),
        ("_张三_ ", "_张三_"),
        ("__ \n __", ""),
        ("联系人" + "_" * 200 + "张三 ", "联系人" + "_" * 200 + "张三"),  # in time, too
    ],
)
def test_the_rule_of_a_blank_is_no_part_of_what_stands_on_it(raw: str, trimmed: str) -> None:
    assert trim(raw) == trimmed
