"""Article 7 against the forms: met, not met, in doubt, or not to be told from a form."""

from __future__ import annotations

from typing import Any

import pytest
from applications import RECEIVED, case, documents

from pipeline.annex import catalogue
from pipeline.check import conditions, ranks
from pipeline.check.case import Case
from pipeline.check.staff import Range, staff_of
from pipeline.regulation import regulation
from pipeline.settings import DEFAULT_EDITION

NOT_ON_A_FORM = {"R7.1b", "R7.2a", "R7.2b", "R7.3c", "R7.4", "R7.5"}


def states(of: Case) -> dict[str, str]:
    return {v.condition.id: v.state for v in conditions.verdicts(of)}


def state(condition: str, changes: dict[str, Any], **rest: Any) -> str:
    return states(case(changes, **rest))[condition]


def test_a_good_application_meets_what_forms_can_show_and_the_rest_is_not_passed() -> None:
    found = states(case())
    assert {name for name, state in found.items() if state == "cannot_tell"} == NOT_ON_A_FORM
    assert {state for name, state in found.items() if name not in NOT_ON_A_FORM} == {"met"}


@pytest.mark.parametrize(
    ("condition", "changes", "expected"),
    [
        ("R7.1a", {"1/uscc": "91430281MAQG3T0UX8"}, "not_met"),
        ("R7.1a", {"1/uscc": "9143028"}, "not_met"),
        ("R7.1a", {"1/uscc": None}, "cannot_tell"),
        ("R7.1a", {"1/name": "某某服务有限公司长沙分公司"}, "doubt"),
        ("R7.1c", {"1/established_on": "2022-09-02"}, "met"),
        ("R7.1c", {"1/established_on": "2022-09-03"}, "not_met"),
        ("R7.1c", {"1/established_on": "2022-09"}, "doubt"),
        ("R7.1c", {"1/established_on": "2022-08"}, "met"),
        ("R7.1c", {"1/operations/0/service_income": 0}, "doubt"),
        ("R7.1c", {"1/operations/1/service_income": None}, "doubt"),
        ("R7.1c", {"1/established_on": "2020-02-29", "1/filled_on": "2023-02-28"}, "met"),
        ("R7.3a", {"1/floor_area": 150}, "met"),
        ("R7.3a", {"1/floor_area": 149.99}, "not_met"),
        ("R7.3a", {"1/floor_area": None}, "cannot_tell"),
        ("R7.3b", {"1/service_assets": 100}, "met"),
        ("R7.3b", {"1/service_assets": 99.9, "1/total_assets": 100}, "doubt"),
        ("R7.3b", {"1/service_assets": 99.9, "1/total_assets": 99.9}, "not_met"),
        ("R7.3b", {"1/service_assets": None, "1/total_assets": 500}, "doubt"),
        ("R7.3b", {"1/service_assets": None, "1/total_assets": None}, "cannot_tell"),
    ],
)
def test_the_line_itself_is_within(condition: str, changes: dict[str, Any], expected: str) -> None:
    assert state(condition, changes) == expected


def staff(*people: tuple[str | None, str | None], **more: Any) -> dict[str, Any]:
    rows = [
        {"no": n, "name": f"张{n}", "age": 40, "position": "职员", "education": education, "title": title, "insured": True, **more}
        for n, (education, title) in enumerate(people, 1)
    ]  # fmt: skip
    return {"3/staff": rows, "1/staff_count": len(rows), "1/insured_staff_count": len(rows)}


GRADUATE, SCHOOL, UNKNOWN = ("本科", None), ("大专", None), ("海归", None)


def test_ten_people_and_not_nine_unless_the_list_may_be_partial() -> None:
    assert state("R7.3d", staff(*[GRADUATE] * 10)) == "met"
    assert state("R7.3d", staff(*[GRADUATE] * 9)) == "not_met"
    assert state("R7.3d", {**staff(*[GRADUATE] * 9), "1/staff_count": 30}) == "doubt"
    assert state("R7.3d", {}, without=("3",)) == "cannot_tell"
    assert state("R7.3d", {"3/staff": []}) == "doubt"  # 12 人 stand in annex 1


def test_part_timers_do_not_count_and_the_rehired_are_in_doubt() -> None:
    ten = staff(*[GRADUATE] * 10)
    ten["3/staff"][0]["position"] = "顾问（兼职）"
    assert state("R7.3d", {**ten, "1/staff_count": 9}) == "not_met"
    ten["3/staff"][0]["position"] = "顾问（返聘）"
    assert state("R7.3d", ten) == "doubt"


def test_three_insured_by_the_lesser_of_the_two_forms() -> None:
    people = staff(*[GRADUATE] * 10, insured=False)
    for row in people["3/staff"][:3]:
        row["insured"] = True
    assert state("R7.3e", {**people, "1/insured_staff_count": 3}) == "met"
    assert state("R7.3e", {**people, "1/insured_staff_count": 2}) == "not_met"
    people["3/staff"][0]["insured"] = None
    assert state("R7.3e", {**people, "1/insured_staff_count": 3}) == "not_met"
    assert state("R7.3e", {**people, "1/insured_staff_count": 3}, issues={"3": ("/staff/0/insured",)}) == "doubt"  # fmt: skip


@pytest.mark.parametrize(("people", "least"), list(enumerate((6, 7, 8, 8, 9, 9, 10, 11, 11, 12, 12), 10)))  # fmt: skip
def test_sixty_per_cent_in_whole_people(people: int, least: int) -> None:
    def of(graduates: int) -> str:
        return state("R7.3f", staff(*[GRADUATE] * graduates, *[SCHOOL] * (people - graduates)))

    assert of(least) == "met" and of(least - 1) == "not_met"


def test_who_is_in_doubt_decides_nothing() -> None:
    assert state("R7.3f", staff(*[GRADUATE] * 6, *[UNKNOWN] * 4)) == "met"
    assert state("R7.3f", staff(*[GRADUATE] * 5, *[UNKNOWN] * 5)) == "doubt"
    assert state("R7.3f", staff(*[GRADUATE] * 2, *[UNKNOWN] * 3, *[SCHOOL] * 5)) == "not_met"
    assert state("R7.3f", {"3/staff": []}) == "cannot_tell"


def test_a_value_at_which_something_points_is_looked_at_first() -> None:
    assert state("R7.3a", {}, issues={"1": ("/floor_area",)}) == "doubt"
    assert state("R7.3d", {}, issues={"3": ("/staff",)}) == "doubt"  # hidden rows
    assert state("R7.3a", {"1/floor_area": 10}, issues={"1": ("/floor_area",)}) == "doubt"


def test_two_different_copies_of_a_form_decide_nothing() -> None:
    forms = {**documents(), "annex-1-2.json": documents({"1/floor_area": 10})["annex-1.json"]}
    found = Case.of(forms, RECEIVED, DEFAULT_EDITION)
    verdict = next(v for v in conditions.verdicts(found) if v.condition.id == "R7.3a")
    assert verdict.state == "cannot_tell" and "几份" in verdict.reason


def test_every_verdict_quotes_its_article_and_gives_a_reason() -> None:
    printed = (case(), case(without=("1", "2", "3", "4", "5")), case({"3/staff": []}))
    for verdict in (v for one in printed for v in conditions.verdicts(one)):
        told = verdict.as_json()
        assert told["article"].startswith("第七条") and told["reason"] and told["proof"]
        assert "{" not in told["reason"]


def test_the_conditions_are_quoted_from_the_regulation() -> None:
    law = regulation(DEFAULT_EDITION)
    quoted = {c.text for c in conditions.conditions(DEFAULT_EDITION)}
    for name in (
        "operating_years_min",
        "floor_area_min",
        "service_assets_min",
        "full_time_staff_min",
    ):
        assert law.provision(name).text in quoted


# ---------------------------------------------------------------- 学历、职称


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("本科", "yes"), ("大学本科（函授）", "yes"), ("硕士研究生", "yes"), ("博士", "yes"), ("大学", "yes"),
        ("专升本", "yes"), ("大学专科", "no"), ("大专", "no"), ("中专", "no"), ("本科在读", "no"),
        ("硕士在读", "doubt"), ("海归", "doubt"), (None, "no"), ("无", "no"), ("本 科", "yes"),
    ],
)  # fmt: skip
def test_degrees(text: str | None, expected: str) -> None:
    assert ranks.counts(text, regulation(DEFAULT_EDITION).table("education")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("工程师", "yes"), ("助理工程师", "no"), ("高级工程师", "yes"), ("高级工", "doubt"), ("中级工", "doubt"), ("中级", "yes"), ("中级会计师", "yes"), ("会计师", "yes"),
        ("初级会计师", "no"), ("助理会计师", "no"), ("注册会计师", "doubt"), ("律师", "doubt"),
        ("二级律师", "yes"), ("专利代理师", "doubt"), ("讲师", "yes"), ("副教授", "yes"),
        ("助理研究员", "yes"), ("研究实习员", "no"), ("主治医师", "yes"), ("技术员", "no"),
        ("高级技师", "doubt"), ("人力资源管理师", "doubt"), ("无", "no"), (None, "no"), ("其他", "doubt"),
    ],
)  # fmt: skip
def test_titles(text: str | None, expected: str) -> None:
    assert ranks.counts(text, regulation(DEFAULT_EDITION).table("titles")) == expected


def test_a_person_counts_once() -> None:
    one = staff_of(case(staff(("本科", "高级工程师"), ("大专", "工程师"), ("大专", None))))
    assert one is not None and one.qualified == Range(2, 2)


def test_the_tables_name_columns_that_the_forms_have() -> None:
    fields = catalogue(DEFAULT_EDITION)["3"].fields
    assert {"/staff/-/position", "/staff/-/education", "/staff/-/title"} <= set(fields)
