"""Article 7: for each condition, what the forms say of it. Never an approval.

A verdict is `met` (the forms say so), `not_met`, `doubt` (a person has to look: a value was read
with doubt, or the forms leave it open) or `cannot_tell` (no form asks for it: other evidence does).
One condition is one function; its title, article, words and evidence are in `conditions.yaml`, its
numbers in `regulation.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pipeline import settings
from pipeline.check import uscc
from pipeline.check.case import Case, Spot
from pipeline.check.form import first_day, last_day
from pipeline.check.staff import Range, staff_of
from pipeline.deadlines import add_years, cn_date
from pipeline.regulation import BrokenDataError, load_yaml
from pipeline.values import show, show_date

Json = Any
State = Literal["met", "not_met", "doubt", "cannot_tell"]
STATE_WORDS: Mapping[State, str] = {
    "met": "表内符合",
    "not_met": "不符合",
    "doubt": "存疑",
    "cannot_tell": "凭表无法判断",
}

FILE = "conditions.yaml"


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of article 7: `proof` is what shows it beside the forms; `words`: why a verdict
    is what it is, by code."""

    id: str
    title: str
    article: str
    text: str
    proof: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says: the verdict, the code of its reason, what fills the braces, the values."""

    state: State
    code: str
    spots: tuple[Spot, ...] = ()
    details: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A condition and what is said of it; `spots`: the values it rests on."""

    condition: Condition
    state: State
    reason: str
    spots: tuple[Spot, ...]

    def as_json(self) -> dict[str, Json]:
        return {
            "kind": "condition",
            "id": self.condition.id,
            "title": self.condition.title,
            "article": self.condition.article,
            "text": self.condition.text,
            "state": self.state,
            "reason": self.reason,
            "proof": self.condition.proof,
            "values": [spot.as_json() for spot in self.spots],
        }


def verdicts(case: Case) -> list[Verdict]:
    """Every condition of the edition, in the order of the article."""
    return [_verdict(condition, case) for condition in conditions(case.edition)]


def _verdict(condition: Condition, case: Case) -> Verdict:
    rule = RULES.get(condition.id)
    outcome = rule(case) if rule else Outcome("cannot_tell", "no-field")
    details = {"day": _applied(case), **(outcome.details or {})}
    return Verdict(
        condition, outcome.state, _filled(condition, outcome.code, details), outcome.spots
    )


@cache
def conditions(edition: str) -> tuple[Condition, ...]:
    """The conditions of article 7. BrokenDataError names an entry that is broken."""
    path = settings.schemas_dir() / edition / FILE
    raw = load_yaml(path)
    common = raw.get("words") or {}
    try:
        return tuple(
            Condition(**{**entry, "words": {**common, **entry.get("words", {})}})
            for entry in raw["conditions"]
        )
    except (KeyError, TypeError) as error:
        raise BrokenDataError(
            f"认定条件文件 {FILE} 有误：{error}。", remedy=f"请按原格式改正：{path}。"
        ) from error


def _filled(condition: Condition, code: str, details: Mapping[str, Json]) -> str:
    try:
        return condition.words[code].format(**details)
    except (KeyError, IndexError, ValueError) as error:
        raise BrokenDataError(
            f"认定条件文件 {FILE} 里“{condition.id}”的“{code}”缺少或花括号有误。",
            remedy=f"可用的名称：{'、'.join(details)}。",
        ) from error


# ---------------------------------------------------------------- the conditions


def legal_person(case: Case) -> Outcome:
    """第七条（一） 具有独立法人资格: the code's check characters, and what its prefix and the name say."""
    code, name = case.value("1", "/uscc"), case.value("1", "/name") or ""
    spots = _spots(case, "/uscc", "/name")
    if code is None:
        written = "1" in case.forms and "/uscc" in case.forms["1"].refused
        return Outcome("not_met", "wrong-code", spots) if written else _blank(case, "/uscc")
    if not uscc.well_formed(code) or not uscc.checks(code) or not uscc.organisation_checks(code):
        return Outcome("not_met", "wrong-code", spots)
    table = case.regulation.table("not_legal_persons")
    if uscc.prefix(code) in table["prefixes"]:
        details = {"prefix": uscc.prefix(code), "kind": table["prefixes"][uscc.prefix(code)]}
        return Outcome("doubt", "prefix", spots, details)
    suffix = next((word for word in table["suffixes"] if name.endswith(word)), None)
    if suffix:
        return Outcome("doubt", "branch", spots, {"suffix": suffix})
    return _firm(case, Outcome("met", "met", spots), "/uscc", "/name")


def years_of_operation(case: Case) -> Outcome:
    """第七条（一） 正常运营时间三年以上: 成立日期 and three years, not after the day of application.
    A month alone counts from its last day; from its first it is only possible."""
    established = case.value("1", "/established_on")
    if established is None:
        return _blank(case, "/established_on")
    years = case.number("operating_years_min")
    due, possible = (add_years(day(established), years) for day in (last_day, first_day))
    spots = _spots(
        case,
        "/established_on",
        "/filled_on",
        "/operations/0/service_income",
        "/operations/1/service_income",
    )
    details = {"established": show_date(established), "years": years, "due": cn_date(due)}
    if possible > case.applied_on:
        return _firm(
            case, Outcome("not_met", "too-young", spots, details), "/established_on", "/filled_on"
        )
    if due > case.applied_on:
        return Outcome("doubt", "month-only", spots, details)
    if not all(case.value("1", f"/operations/{index}/service_income") for index in (0, 1)):
        return Outcome("doubt", "no-income", spots, details)
    return _firm(case, Outcome("met", "met", spots, details), "/established_on", "/filled_on")


def floor_area(case: Case) -> Outcome:
    """第七条（三） 150平方米以上固定的服务场地."""
    area = case.value("1", "/floor_area")
    if area is None:
        return _blank(case, "/floor_area")
    least = case.number("floor_area_min")
    details = {"found": show(area), "least": least}
    state, code = _at_least(area, least)
    return _firm(case, Outcome(state, code, _spots(case, "/floor_area"), details), "/floor_area")


def service_assets(case: Case) -> Outcome:
    """第七条（三） 100万元以上服务资产: 服务设施 shows it, 总资产 only that it is possible."""
    service, total = case.value("1", "/service_assets"), case.value("1", "/total_assets")
    least = case.number("service_assets_min")
    spots = _spots(case, "/service_assets", "/total_assets")
    details = {
        "service": _or_blank(service, "万元"),
        "total": _or_blank(total, "万元"),
        "least": least,
    }
    if service is not None and service >= least:
        return _firm(case, Outcome("met", "met", spots, details), "/service_assets")
    if total is not None and total < least:
        return _firm(case, Outcome("not_met", "not_met", spots, details), "/total_assets")
    if total is None and service is None:
        return _blank(case, "/service_assets")
    return Outcome("doubt", "audit", spots, details)


def full_time_staff(case: Case) -> Outcome:
    """第七条（三） 拥有10人以上专职服务人员: complete rows of annex 3 without 兼职 and the like."""
    staff = staff_of(case)
    if staff is None:
        return _no_form(case, "3")
    least, total = case.number("full_time_staff_min"), case.value("1", "/staff_count")
    spots = (case.spot("3", "/staff"), *_spots(case, "/staff_count"))
    details = {"found": str(staff.full_time), "least": least, "total": _or_blank(total, "人")}
    state, code = _range_at_least(staff.full_time, least)
    if state == "not_met" and total is not None and total >= least:
        state, code = "doubt", "partial-list"
    return _firm(case, Outcome(state, code, spots, details), "/staff", annex="3")


def insured_staff(case: Case) -> Outcome:
    """第七条（三） 不少于3人具有社会保险: the lesser of 提供社保证明人数 and the marks in annex 3."""
    staff = staff_of(case)
    if staff is None:
        return _no_form(case, "3")
    told, least = case.value("1", "/insured_staff_count"), case.number("insured_staff_min")
    spots = (case.spot("3", "/staff"), *_spots(case, "/insured_staff_count"))
    details = {"found": str(staff.insured), "told": _or_blank(told, "人"), "least": least}
    counted = (
        staff.insured
        if told is None
        else Range(min(staff.insured.low, told), min(staff.insured.high, told))
    )
    state, code = _range_at_least(counted, least)
    return _firm(case, Outcome(state, code, spots, details), "/staff", annex="3")


def qualified_share(case: Case) -> Outcome:
    """第七条（三） 本科及以上学历或中级以上技术职称专业人员的比例占60%以上, of the full-time staff, in
    whole numbers: 100·q ≥ 60·n."""
    staff = staff_of(case)
    if staff is None:
        return _no_form(case, "3")
    share, people = case.number("qualified_share_min"), staff.full_time
    spots = (case.spot("3", "/staff"),)
    if not people.high:
        return Outcome("cannot_tell", "no-rows", spots)
    details = {"found": str(staff.qualified), "people": str(people), "share": share}
    # Who is in doubt may count below the line and not above it, so both ends are looked at apart.
    if 100 * staff.qualified.low >= share * people.high:
        return _firm(case, Outcome("met", "met", spots, details), "/staff", annex="3")
    if 100 * staff.qualified.high < share * max(people.low, staff.qualified.high):
        return _firm(case, Outcome("not_met", "not_met", spots, details), "/staff", annex="3")
    return Outcome("doubt", "doubt", spots, details)


def management(case: Case) -> Outcome:
    """第七条（四） 健全的管理制度、规范的服务流程、合理的收费标准: whether annex 2 speaks of it; how good
    that is, a person judges."""
    if "2" not in case.forms:
        return _no_form(case, "2")
    if case.value("2", "/management") is None:
        return Outcome("doubt", "nothing-said", (case.spot("2", "/management"),))
    return Outcome("cannot_tell", "judge", (case.spot("2", "/management"),))


RULES: Mapping[str, Callable[[Case], Outcome]] = {
    "R7.1a": legal_person,
    "R7.1c": years_of_operation,
    "R7.3a": floor_area,
    "R7.3b": service_assets,
    "R7.3d": full_time_staff,
    "R7.3e": insured_staff,
    "R7.3f": qualified_share,
    "R7.4": management,
}


# ---------------------------------------------------------------- what they share


def _at_least(found: float, least: float) -> tuple[State, str]:
    """以上 includes the number (民法典第一千二百五十九条)."""
    return ("met", "met") if found >= least else ("not_met", "not_met")


def _range_at_least(found: Range, least: int) -> tuple[State, str]:
    if found.low >= least:
        return "met", "met"
    return ("not_met", "not_met") if found.high < least else ("doubt", "doubt")


def _firm(case: Case, outcome: Outcome, *pointers: str, annex: str = "1") -> Outcome:
    """A verdict resting on values at which nothing points; else a person looks first."""
    if outcome.state in ("met", "not_met") and any(case.doubts(annex, p) for p in pointers):
        words = "、".join(case.words(annex, p) for p in pointers if case.doubts(annex, p))
        return Outcome(
            "doubt", "doubted-value", outcome.spots, {**(outcome.details or {}), "where": words}
        )
    return outcome


def _blank(case: Case, pointer: str) -> Outcome:
    if "1" not in case.forms:
        return _no_form(case, "1")
    details = {"where": case.words("1", pointer)}
    return Outcome("cannot_tell", "blank", _spots(case, pointer), details)


def _no_form(case: Case, annex: str) -> Outcome:
    code = "two-forms" if annex in case.ambiguous else "no-form"
    return Outcome("cannot_tell", code, (), {"annex": annex})


def _spots(case: Case, *pointers: str) -> tuple[Spot, ...]:
    return tuple(_filled_spots(case, pointers)) if "1" in case.forms else ()


def _filled_spots(case: Case, pointers: Iterable[str]) -> Iterable[Spot]:
    return (case.spot("1", p) for p in pointers if case.value("1", p) is not None)


def _applied(case: Case) -> str:
    """The day by which age counts, and which day that is."""
    named = "/filled_on" if case.value("1", "/filled_on") else None
    title = case.forms["1"].title(named) if named else "收到材料之日"
    return f"{title}{cn_date(case.applied_on)}"


def _or_blank(value: Json, unit: str) -> str:
    return "未填" if value is None else f"{show(value)}{unit}"
