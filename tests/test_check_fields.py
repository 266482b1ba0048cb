"""The single-field rules: for each a case that passes and a case that does not."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from corpus.people import applicant
from test_check_schema import put

from pipeline.annex import catalogue
from pipeline.check import check, contacts, uscc
from pipeline.check.clients import may_touch
from pipeline.check.prose import plain_count, word_count

ANNEXES = catalogue()
CLEAN = applicant(Random(7), clients=6).annexes
OPEN_ENDED = ["至今", "以来", "起", "长期"]


def codes(number: str, data: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.pointer) for finding in check(ANNEXES[number], data)]


def after(number: str, **changes: Any) -> list[tuple[str, str]]:
    """What is found once values have been changed: `staff_count=3`, `clients__0__period=…`."""
    data = CLEAN[number]
    for name, value in changes.items():
        data = put(data, "/" + name.replace("__", "/"), value)
    return codes(number, data)


@pytest.mark.parametrize("seed", range(25))
def test_clean_applicants_raise_no_alarm(seed: int) -> None:
    for number, data in applicant(Random(seed)).annexes.items():
        if number != "6":  # the other nominees are invented by chance and may repeat
            assert codes(number, data) == []


# ---------------------------------------------------------------- presence


@pytest.mark.parametrize("number", ANNEXES)
def test_a_form_with_nothing_in_it_gives_one_remark(number: str) -> None:
    (finding,) = check(ANNEXES[number], ANNEXES[number].empty())
    assert (finding.code, finding.pointer, finding.severity) == ("blank-form", "", "info")


def test_a_required_field_left_blank_is_missing() -> None:
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/county", None))
    assert (finding.code, finding.pointer, finding.severity) == ("missing", "/county", "warning")
    assert finding.message == "附件1 “所属区县”：没有填写。请补填。"


def test_a_field_that_the_form_does_not_insist_on_may_be_blank() -> None:
    assert after("1", website=None, email=None) == []


def test_a_required_cell_of_a_row_is_missing_in_its_row() -> None:
    assert after("3", staff__2__age=None) == [("missing", "/staff/2/age")]


def test_no_box_ticked_is_missing() -> None:
    assert after("1", premises=[]) == [("missing", "/premises")]


def test_a_list_without_rows_is_missing() -> None:
    assert after("3", staff=[]) == [("missing", "/staff")]


def test_what_the_reader_has_spoken_of_is_not_missing_as_well() -> None:
    data = put(CLEAN["1"], "/total_assets", None)
    assert check(ANNEXES["1"], data, ["/total_assets"]) == []
    empty = ANNEXES["5"].empty()
    assert [f.pointer for f in check(ANNEXES["5"], empty, ["/dated"])] == ["/applicant"]


def test_a_doubt_of_the_reader_does_not_silence_the_rules() -> None:
    data = put(CLEAN["1"], "/uscc", "91430182MA4X2E7B81")
    assert [f.code for f in check(ANNEXES["1"], data, ["/uscc"])] == ["uscc-checksum"]


# ---------------------------------------------------------------- credit codes


@pytest.mark.parametrize("code", ["91430182MA4X2E7B80", "52430281MJJ5318N7Q"])
def test_a_code_with_right_check_characters_passes(code: str) -> None:
    assert uscc.well_formed(code) and uscc.checks(code) and uscc.organisation_checks(code)


def test_a_code_of_a_department_with_a_letter_is_checked_too() -> None:
    body = "N2430104MF0000000"
    last = next(ch for ch in uscc.ALPHABET if uscc.checks(body + ch))
    assert uscc.well_formed(body + last)


def test_a_wrong_last_character_is_pointed_at_without_a_guess_at_the_right_one() -> None:
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/uscc", "91430182MA4X2E7B81"))
    assert (finding.code, finding.severity) == ("uscc-checksum", "error")
    assert "请对照营业执照" in finding.message and "7B80" not in finding.message


def test_a_wrong_organisation_code_is_pointed_at() -> None:
    body = "91430182MA4X2E7B9"
    code = body + next(ch for ch in uscc.ALPHABET if uscc.checks(body + ch))
    assert after("1", uscc=code, institution_type="私人企业") == [("uscc-organisation-checksum", "/uscc")]  # fmt: skip


def test_two_characters_changed_places_are_noticed_once() -> None:
    assert after("1", uscc="91430128MA4X2E7B80", institution_type="私人企业") == [("uscc-checksum", "/uscc")]  # fmt: skip


def test_the_kind_of_institution_agrees_with_its_code() -> None:
    assert after("1", uscc="52430281MJJ5318N7Q", institution_type="民非组织") == []
    wrong = after("1", uscc="52430281MJJ5318N7Q", institution_type="国有企业")
    assert wrong == [("uscc-institution-type", "/institution_type")]


# ---------------------------------------------------------------- contacts


@pytest.mark.parametrize(
    "text",
    [
        "16600005876", "18700002519", "139 0000 4164", "139-0000-4164", "+86 13900004164", "8613900004164",
        "0731-89353763", "073189353763", "(0731)89353763", "0731 8935 3763",
        "0730-8812345", "010-62341234", "020-81234567", "0755-81234567", "0791-8123456", "400-800-1234", "4008001234",
        "800-820-8820", "0731-89353763-801", "0731-89353763转801", "0731-89353763 ext. 801", "0731-89353763/64",
        "0731-89353763、13900004164", "13900004164 0731-89353763", "13900004164/13900004165",
        "办公:0731-89353763;手机:13900004164", "张三 13900004164", "13900004164(微信同号)", "12345", "+852 2123 4567",
    ],
)  # fmt: skip
def test_a_telephone_as_people_write_it_passes(text: str) -> None:
    assert after("1", contact_phone=text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1390000416", "手机号码应为11位，现为10位"),
        ("139000041644", "手机号码应为11位，现为12位"),
        ("12900004164", "共11位"),
        ("0731-8935376", "区号0731的号码应为8位，现为7位"),
        ("0736-881234", "应为7位或8位"),
        ("0120-12345678", "区号不存在"),
        ("13900004164、1390000416", "现为10位"),
        ("0731-8935O763", "含有不是数字的字符"),
        ("138****4164", "含有不是数字的字符"),
        ("见附件", "含有不是数字的字符"),
        ("+1 23", "位数与该国家或地区不符"),
    ],
)
def test_a_telephone_that_cannot_ring_is_asked_about(text: str, reason: str) -> None:
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/contact_phone", text))
    assert (finding.code, finding.severity) == ("phone-format", "warning")
    assert reason in finding.message


def test_a_telephone_without_area_code_is_a_remark() -> None:
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/contact_phone", "89353763"))
    assert (finding.code, finding.severity) == ("phone-area-code", "info")


def test_every_number_of_a_cell_is_taken() -> None:
    assert contacts.numbers("0731-89353763-801、13900004164 13900004165") == [
        "0731-89353763", "13900004164", "13900004165",
    ]  # fmt: skip
    assert contacts.numbers("（0731）89353763\n13900004164") == ["(0731)89353763", "13900004164"]


@pytest.mark.parametrize(
    "text", ["office@s01svc.example.com", "a_b.c+d@x-y.cn", "a@b.com;c@d.com", "li@公司.中国"]
)
def test_an_e_mail_address_passes(text: str) -> None:
    assert after("1", email=text) == []


@pytest.mark.parametrize(
    "text", ["office", "a@b", "a@@b.com", "a@b..com", "office#example.com", "a@b.com;x"]
)
def test_what_is_no_e_mail_address_is_asked_about(text: str) -> None:
    assert after("1", email=text) == [("email-format", "/email")]


@pytest.mark.parametrize(
    "text",
    [
        "www.example.com",
        "https://example.com/a?b=1",
        "HTTP://EXAMPLE.COM:8080",
        "青穗桥.公司",
        "10.0.0.1:80/x",
    ],
)
def test_a_web_address_passes(text: str) -> None:
    assert after("1", website=text) == []


@pytest.mark.parametrize(
    "text", ["公众号:青穗桥", "example", "http:/example.com", "www.example.com登录"]
)
def test_what_is_no_web_address_is_asked_about(text: str) -> None:
    assert after("1", website=text) == [("url-format", "/website")]


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("湖南省", 3),
        ("共2,600家", 3),
        ("V3.2版", 2),
        ("“一起益企”……", 8),
        ("Hello world", 2),
        ("增长 18%，达 3.5 亿元。", 9),
        ("ＡＢ", 2),
    ],
)
def test_words_are_counted_as_word_processors_count_them(text: str, words: int) -> None:
    assert word_count(text) == words <= plain_count(text)


def test_a_thousand_characters_pass_and_one_more_does_not() -> None:
    assert after("1", profile="服" * 1000) == []
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/profile", "服" * 1001))
    assert (finding.code, finding.pointer, finding.severity) == ("word-limit", "/profile", "error")
    assert "限1000字，现有1001字" in finding.message


def test_a_text_over_its_limit_in_plain_characters_only_is_a_remark() -> None:
    (finding,) = check(ANNEXES["1"], put(CLEAN["1"], "/achievements", "服" * 995 + "1234567890"))
    assert (finding.code, finding.severity) == ("word-limit-plain", "info")


def test_the_report_is_counted_as_a_whole() -> None:
    sections = ("background", "management", "services", "achievements", "support", "plans")
    assert after("2", **dict.fromkeys(sections, "服" * 500)) == []
    over = after("2", **dict.fromkeys(sections, "服" * 500) | {"plans": "服" * 501})
    assert over == [("word-limit", "")]


@pytest.mark.parametrize(
    ("number", "pointer", "text"),
    [
        ("1", "/name", "XX有限公司"),
        ("1", "/contact", "某某"),
        ("1", "/address", "××市XXX路"),
        ("1", "/county", "示例"),
        ("1", "/principal_phone", "138XXXXXXXX"),
        ("1", "/email", "xx@xx.com"),
        ("1", "/legal_representative", "单击或点击此处输入文字。"),
        ("4", "/clients/0/period", "202_年"),
        ("6", "/nominees/0/name", "某某公司"),
    ],
)
def test_sample_text_left_standing_is_an_error(number: str, pointer: str, text: str) -> None:
    assert codes(number, put(CLEAN[number], pointer, text)) == [("placeholder", pointer)]


def test_prose_and_names_that_only_look_like_sample_text_pass() -> None:
    prose = "为株洲市某装备制造企业、某某公司提供XX诊断，示例如下____。"
    assert after("1", profile=prose, email="maxx_y@fixx.com", name="EXXON湖南公司") == []


# ---------------------------------------------------------------- annex 1


def test_nobody_applies_before_being_established() -> None:
    assert after("1", established_on="2010-05", filled_on="2010-05-03", operations__0__year=2008, operations__1__year=2009) == []  # fmt: skip
    late = after("1", established_on="2031-01-01")
    assert late == [("established-after-filled", "/established_on")]


def test_the_two_years_come_in_either_order() -> None:
    year = int(CLEAN["1"]["filled_on"][:4])
    for first, second in ((year - 1, year - 2), (year - 2, year - 1)):
        assert after("1", operations__0__year=first, operations__1__year=second) == []


def test_years_that_are_not_the_last_two_are_asked_about() -> None:
    year = int(CLEAN["1"]["filled_on"][:4])
    same = after("1", operations__0__year=year - 1, operations__1__year=year - 1)
    assert same == [("operations-year-repeated", "/operations/1/year")]
    old = after("1", operations__0__year=year - 3, operations__1__year=year - 1)
    assert old == [("operations-year", "/operations/0/year")]


@pytest.mark.parametrize(
    ("premises", "share", "code"),
    [
        (["租用"], 0, None),
        (["租用"], None, None),
        (["租用"], 30, "owned-share-rented"),
        (["自有"], 100, None),
        (["自有"], 60, "owned-share-owned"),
        (["租用", "自有"], 60, None),
        (["租用", "自有"], 100, "owned-share-both"),
    ],
)
def test_premises_agree_with_the_share_that_is_owned(
    premises: list[str], share: int | None, code: str | None
) -> None:
    wanted = [(code, "/owned_area_share")] if code else []
    assert after("1", premises=premises, owned_area_share=share) == wanted


def test_service_assets_are_part_of_all_assets() -> None:
    assert after("1", service_assets=500, total_assets=500) == []
    assert after("1", service_assets=501, total_assets=500) == [("service-assets-over-total", "/service_assets")]  # fmt: skip
    assert after("1", service_assets=501, total_assets=None) == [("missing", "/total_assets")]


def test_the_insured_and_the_qualified_are_among_the_staff() -> None:
    assert after("1", staff_count=9, insured_staff_count=9, qualified_staff_count=9) == []
    assert after("1", staff_count=9, insured_staff_count=10, qualified_staff_count=10) == [
        ("insured-over-staff", "/insured_staff_count"),
        ("qualified-over-staff", "/qualified_staff_count"),
    ]


@pytest.mark.parametrize(
    ("number", "pointer", "value", "code"),
    [
        ("1", "legal_representative", "李敏 13877770009", "phone-in-name"),
        ("3", "staff__0__name", "430104199001011234", "phone-in-name"),
        ("3", "staff__0__name", "李敏2", "digits-in-name"),
        ("3", "staff__0__position", "35", "no-words"),
        ("4", "clients__0__contact", "李敏13877770009", "phone-in-name"),
        ("4", "clients__0__enterprise", "58同城长沙分公司", ""),
        ("6", "nominees__0__name", "13877770009", "no-words"),
        ("1", "profile", "（简要介绍机构情况，1000字以内）\n我中心成立于2010年。", "hint-in-text"),
        ("1", "profile", "（原名某某中心）我中心成立于2010年。", ""),
        ("1", "profile", "（请介绍机构概况）\n我中心成立于2010年。", "hint-in-text"),
        ("1", "profile", "（一）机构概况：2023年申请认定为平台（湘企〔2023〕5号）\n下文。", ""),
        ("1", "profile", "（原名某某中心，2023年申请更名）\n我中心成立于2010年。", ""),
    ],
)
def test_what_belongs_elsewhere_is_asked_about(
    number: str, pointer: str, value: str, code: str
) -> None:
    found = after(number, **{pointer: value})
    said = [c for c, where in found if where == "/" + pointer.replace("__", "/")]
    assert said == ([code] if code else [])


def test_a_fee_in_yuan_is_asked_about() -> None:
    assert ("amount-unit", "/clients/0/contract_fee") in after("4", clients__0__contract_fee=30000)
    assert "amount-unit" not in dict(after("4", clients__0__contract_fee=1200))


def test_an_amount_in_yuan_is_asked_about() -> None:
    assert after("1", registered_capital=999999) == []
    assert after("1", registered_capital=5086000) == [("amount-unit", "/registered_capital")]


# ---------------------------------------------------------------- annex 3


def test_an_unusual_age_is_asked_about() -> None:
    assert after("3", staff__0__age=16, staff__1__age=80, staff__1__insured=False) == []
    unusual = after("3", staff__0__age=15, staff__1__age=81)
    assert unusual == [("age-unusual", "/staff/0/age"), ("age-unusual", "/staff/1/age")]


def test_an_insured_pensioner_is_a_remark() -> None:
    assert after("3", staff__0__age=60, staff__0__insured=False) == []
    assert after("3", staff__0__age=60, staff__0__insured=True) == [("age-insured", "/staff/0/age")]


def test_a_person_stands_there_once() -> None:
    data = copy.deepcopy(CLEAN["3"])
    data["staff"].append({**data["staff"][0], "no": 99, "age": data["staff"][0]["age"] + 1})
    assert codes("3", data) == []
    data["staff"][-1] |= {"age": data["staff"][0]["age"]}
    assert codes("3", data) == [("person-repeated", f"/staff/{len(data['staff']) - 1}/name")]


# ---------------------------------------------------------------- annex 4


def test_each_client_was_served_in_one_way_at_least() -> None:
    assert after("4", clients__0__by_self=False, clients__0__by_partner=True) == []
    blank = after("4", clients__0__by_self=None, clients__0__by_partner=None)
    assert blank == after("4", clients__0__by_self=False, clients__0__by_partner=False)
    assert blank == [("service-mode", "/clients/0/by_self")]


def paid(free: Any, signed: Any, term: Any) -> list[tuple[str, str]]:
    row = {"uncontracted_fee": free, "contract_fee": signed, "contract_term": term}
    return codes("4", put(CLEAN["4"], "/clients/0", {**CLEAN["4"]["clients"][0], **row}))


def test_a_contract_has_an_amount_and_a_term() -> None:
    assert paid(0, 2, "一年") == paid(0.5, None, None) == paid(0, 0, None) == []
    assert paid(None, 0, "一年") == paid(1, None, "无") == []
    assert paid(None, 2, None) == [("contract-without-term", "/clients/0/contract_term")]
    assert paid(None, None, "一年") == [("term-without-contract", "/clients/0/contract_fee")]


def test_one_service_is_paid_once() -> None:
    assert paid(1, 2, "一年") == [("both-fees", "/clients/0/uncontracted_fee")]


@pytest.mark.parametrize(
    "text",
    [
        "2023.5-2023.6", "2022年11月至2023年2月", "2022.1-2024.12", "2023", "202305", "20230501-20230603", "全年", "5月",
        "23年5月", "二〇二三年五月", "2021年至今", "2020年起", "２０２３年", "3年", "2022.12，2023.3", "1年内", "23.5-23.6",
    ],
)  # fmt: skip
def test_a_period_that_may_touch_last_year_passes(text: str) -> None:
    assert may_touch(2023, text, OPEN_ENDED)


@pytest.mark.parametrize(
    "text", ["2022.5-2022.6", "2024年3月", "202205", "22年5月", "二〇二二年", "2024年至今"]
)
def test_a_period_that_certainly_lies_outside_does_not(text: str) -> None:
    assert not may_touch(2023, text, OPEN_ENDED)


def test_a_period_outside_last_year_is_asked_about() -> None:
    assert after("4", clients__0__period="1999.5-1999.6") == [
        ("period-outside", "/clients/0/period")
    ]
    assert after("4", clients__0__period="1999.5", filled_on=None) == [("missing", "/filled_on")]


def test_one_telephone_for_three_clients_is_a_remark() -> None:
    phones = {f"clients__{index}__contact_phone": "13900004164" for index in range(3)}
    names = {f"clients__{index}__enterprise": f"湖南客户{index}公司" for index in range(3)}
    assert after("4", **phones, **names) == [("phone-shared", "/clients/0/contact_phone")]
    phones["clients__2__contact_phone"] = "13900004165"
    assert after("4", **phones, **names) == []


def test_one_client_served_thrice_has_one_telephone() -> None:
    data = copy.deepcopy(CLEAN["4"])
    data["clients"] = [copy.deepcopy(data["clients"][0]) for _ in range(3)]
    assert codes("4", data) == []


# ---------------------------------------------------------------- annex 6


def test_an_institution_is_recommended_once() -> None:
    data = copy.deepcopy(CLEAN["6"])
    data["nominees"] = [
        {**data["nominees"][0], "name": name} for name in ("甲（湖南）中心", "乙中心")
    ]
    assert codes("6", data) == []
    data["nominees"][1]["name"] = "甲(湖南) 中心"
    assert codes("6", data) == [("nominee-repeated", "/nominees/1/name")]
