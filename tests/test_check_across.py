"""What the forms of one application say of each other: a faultless one is silent, each fault speaks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from applications import case, documents

from pipeline.check import across
from pipeline.check.packet import assess
from pipeline.reading import ReturnedFile, ReturnedPacket

NOMINEE = {"no": 1, "name": "株洲市瓷岸舟金融信息服务有限公司", "contact": "邬澄宁", "contact_phone": "16600001126", "main_service": "融资促进"}  # fmt: skip

FAULTS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"3/organisation": "株洲市瓷岸舟金融服务公司"}, "name-differs", "annex-3.json", "/organisation"),
    ({"1/applicant": "株洲市瓷岸舟公司"}, "name-differs", "annex-1.json", "/applicant"),
    ({"1/staff_count": 11}, "staff-over-count", "annex-3.json", "/staff"),
    ({"1/insured_staff_count": 9}, "insured-count-differs", "annex-1.json", "/insured_staff_count"),
    ({"1/qualified_staff_count": 7}, "qualified-count-differs", "annex-1.json", "/qualified_staff_count"),
    ({"1/operations/1/enterprises_served": 2}, "clients-over-served", "annex-4.json", "/clients"),
    ({"1/operations/1/service_income": 5}, "fees-over-income", "annex-4.json", "/clients"),
    ({"4/clients/1/period": "2008.3-2008.9"}, "period-before-founding", "annex-4.json", "/clients/1/period"),
    ({"4/filled_on": "2025-10-01"}, "dated-after-receipt", "annex-4.json", "/filled_on"),
    ({"4/clients/2/contact_phone": "166-0000-1126"}, "client-phone-own", "annex-4.json", "/clients/2/contact_phone"),
    ({"4/clients/2/enterprise": "株洲市瓷岸舟金融信息服务有限公司"}, "client-is-applicant", "annex-4.json", "/clients/2/enterprise"),
]  # fmt: skip


def test_a_faultless_application_is_silent() -> None:
    assert across.findings(case()) == []


@pytest.mark.parametrize(("changes", "code", "document", "pointer"), FAULTS)
def test_each_contradiction_is_told_where_it_stands(
    changes: dict[str, Any], code: str, document: str, pointer: str
) -> None:
    (found,) = across.findings(case(changes))
    assert (found.finding.code, found.document, found.finding.pointer) == (code, document, pointer)
    assert found.finding.message.startswith("附件") and found.finding.article
    assert "{" not in found.finding.message


@pytest.mark.parametrize(
    "name",
    [
        "株洲市瓷岸舟金融信息服务有限公司 ",
        "株洲市瓷岸舟金融信息服务（有限）公司",
        "株洲市瓷岸舟金融信息服务(有限)公司",
    ],
)
def test_brackets_and_blanks_make_no_other_name(name: str) -> None:
    assert across.findings(case({"2/organisation": name})) == []


def test_a_month_of_filling_in_is_not_after_its_own_month() -> None:
    assert across.findings(case({"3/filled_on": "2025-09"})) == []
    codes = [f.finding.code for f in across.findings(case(received=date(2025, 9, 1)))]
    assert codes == ["dated-after-receipt"] * codes.count("dated-after-receipt") and codes


def test_a_form_that_is_not_there_is_not_compared() -> None:
    assert across.findings(case({"3/organisation": "别家"}, without=("3",))) == []
    assert across.findings(case({"1/staff_count": 1}, without=("1",))) == []


def test_who_is_in_doubt_makes_no_count_differ() -> None:
    doubted = {"3": ("/staff/0/insured",)}
    for told in (9, 10):
        assert across.findings(case({"1/insured_staff_count": told}, doubted)) == []
    (found,) = across.findings(case({"1/insured_staff_count": 8}, doubted))
    assert "9至10人" in found.finding.message


def test_the_bureaus_summary_says_what_the_application_says() -> None:
    def of(**changes: str) -> list[str]:
        forms = documents()
        row = {**NOMINEE, **changes}
        data = {"organisation": "株洲市工业和信息化局", "nominees": [row]}
        forms["annex-6.json"] = {"annex": "6", "data": data, "issues": []}
        found = across.findings(type(case()).of(forms, date(2025, 9, 20), "hunan-2024-299"))
        return [f"{f.finding.code} {f.finding.pointer}" for f in found]

    assert of() == []
    assert of(main_service="技术创新") == ["nominee-service-differs /nominees/0/main_service"]
    assert of(contact="邓榆宇") == ["nominee-contact-differs /nominees/0/contact"]
    assert of(contact_phone="166 0000 1126") == []
    assert of(name="别家有限公司", main_service="技术创新") == []


def test_two_copies_of_one_annex_with_other_content_are_compared_with_nothing() -> None:
    forms = documents()
    other = documents({"3/organisation": "别家有限公司"})["annex-3.json"]
    both = type(case()).of({**forms, "annex-3-2.json": other}, date(2025, 9, 20), "hunan-2024-299")
    assert both.ambiguous == ("3",) and across.findings(both) == []
    same = type(case()).of(
        {**forms, "annex-3-2.json": forms["annex-3.json"]}, date(2025, 9, 20), "hunan-2024-299"
    )
    assert same.ambiguous == () and same.files["3"] == "annex-3.json"


def test_a_contradiction_is_something_to_correct_and_stands_in_the_packet() -> None:
    forms = documents({"1/staff_count": 11})
    files = tuple(
        ReturnedFile(
            f"附件{form['annex']}.docx", "0" * 64, 1, ({**form, "source": {"file": name}},)
        )
        for name, form in forms.items()
    )
    assessment = assess(ReturnedPacket("某公司", "0" * 64, "2025-09-20T01:00:00+00:00", files))
    (issue,) = assessment.as_json()["issues"]
    assert issue["code"] == "staff-over-count" and issue["document"] == "annex-3.json"
    assert issue["related"] == [{"document": "annex-1.json", "pointer": "/staff_count"}]
    assert issue in assessment.errors and assessment.outcome == "to_correct"
