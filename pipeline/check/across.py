"""What the forms of one application say of each other (requirements X1–X18).

A rule says nothing where a form is not there, came twice with different content, or left a value
blank: each form's own rules speak of that.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.check import contacts, copies
from pipeline.check.case import Case, CaseFinding, CaseRule
from pipeline.check.clients import years_in
from pipeline.check.form import first_day
from pipeline.check.messages import shorten
from pipeline.check.staff import staff_of
from pipeline.values import show, show_date

#: Where each form names the institution.
NAMED_AT = (
    ("1", "/name"), ("1", "/applicant"), ("2", "/organisation"), ("3", "/organisation"),
    ("4", "/organisation"), ("5", "/applicant"),
)  # fmt: skip
DATED_AT = (("1", "/filled_on"), ("3", "/filled_on"), ("4", "/filled_on"), ("5", "/dated"))


def findings(case: Case) -> list[CaseFinding]:
    return [found for rule in RULES for found in rule(case)]


def same_name(case: Case) -> Iterator[CaseFinding]:
    """第八条 申报核心服务机构需提交下列材料. X9: every form names the same institution; brackets and
    blanks apart."""
    named = [(a, p, n) for a, p in NAMED_AT if (n := case.value(a, p))]
    if not named:
        return
    annex, pointer, name = named[0]
    for other, where, found in named[1:]:
        if copies.plain_text(found) != copies.plain_text(name):
            details = {
                "found": shorten(found), "where": case.words(annex, pointer), "name": shorten(name),
            }  # fmt: skip
            yield case.find("name-differs", other, where, case.spot(annex, pointer), **details)


def staff_within_count(case: Case) -> Iterator[CaseFinding]:
    """第七条（三） 拥有10人以上专职服务人员. X1: the listed are among the 职工."""
    total = case.value("1", "/staff_count")
    listed = len([r for r in case.rows("3", "staff") if case.value("3", f"{r}/name")])
    if total is not None and listed > total:
        details = {"found": listed, "limit": show(total), "where": case.words("1", "/staff_count")}
        yield case.find(
            "staff-over-count", "3", "/staff", case.spot("1", "/staff_count"), **details
        )


def insured_agree(case: Case) -> Iterator[CaseFinding]:
    """第七条（三） 不少于3人具有社会保险. X2: 提供社保证明人数 is the number of those marked in annex 3."""
    yield from _count_agrees(case, "insured-count-differs", "/insured_staff_count", "insured")


def qualified_agree(case: Case) -> Iterator[CaseFinding]:
    """第七条（三） 本科及以上学历或中级以上技术职称. X3: the head count is that of annex 3."""
    yield from _count_agrees(case, "qualified-count-differs", "/qualified_staff_count", "qualified")


def _count_agrees(case: Case, code: str, pointer: str, of: str) -> Iterator[CaseFinding]:
    told, staff = case.value("1", pointer), staff_of(case)
    if told is None or staff is None or not case.rows("3", "staff"):
        return
    counted = getattr(staff, of)
    if not counted.low <= told <= counted.high:
        details = {"found": show(told), "counted": str(counted)}
        yield case.find(code, "1", pointer, case.spot("3", "/staff"), **details)


def clients_within_served(case: Case) -> Iterator[CaseFinding]:
    """第八条（四） 上一年度服务对象名单. X4: the listed are among 服务企业数 of that year."""
    column = _last_year(case)
    served = case.value("1", f"{column}/enterprises_served") if column else None
    named = {
        copies.plain_text(n)
        for r in case.rows("4", "clients")
        if (n := case.value("4", f"{r}/enterprise"))
    }
    if column and served is not None and len(named) > served:
        pointer = f"{column}/enterprises_served"
        details = {"found": len(named), "limit": show(served), "where": case.words("1", pointer)}
        yield case.find("clients-over-served", "4", "/clients", case.spot("1", pointer), **details)


def fees_within_income(case: Case) -> Iterator[CaseFinding]:
    """第八条（四） 收费及减免情况. X5: what clients paid is part of 服务收入 of that year."""
    column = _last_year(case)
    income = case.value("1", f"{column}/service_income") if column else None
    fees = sum(
        case.value("4", f"{row}/{key}") or 0
        for row in case.rows("4", "clients")
        for key in ("uncontracted_fee", "contract_fee")
    )
    if column and income is not None and fees > income:
        pointer = f"{column}/service_income"
        details = {
            "found": show(round(fees, 6)), "limit": show(income), "where": case.words("1", pointer),
        }  # fmt: skip
        yield case.find("fees-over-income", "4", "/clients", case.spot("1", pointer), **details)


def _last_year(case: Case) -> str | None:
    """Where annex 1 tells of the year whose clients annex 4 lists."""
    year = case.applied_on.year - case.number("client_list_year")
    columns = (f"/operations/{index}" for index in (0, 1))
    return next((c for c in columns if case.value("1", f"{c}/year") == year), None)


def served_after_founding(case: Case) -> Iterator[CaseFinding]:
    """第七条（一） 正常运营时间三年以上. X8: nobody serves before being established."""
    established = case.value("1", "/established_on")
    if established is None:
        return
    for row in case.rows("4", "clients"):
        period = case.value("4", f"{row}/period")
        years = years_in(period or "")
        if years and max(years) < first_day(established).year:
            details = {"found": shorten(period), "limit": show_date(established)}
            founded = case.spot("1", "/established_on")
            yield case.find("period-before-founding", "4", f"{row}/period", founded, **details)


def dated_by_now(case: Case) -> Iterator[CaseFinding]:
    """第八条 申报材料. X14: nothing is dated after the day on which it came."""
    for annex, pointer in DATED_AT:
        dated = case.value(annex, pointer)
        if dated is not None and first_day(dated) > case.received_on:
            details = {"found": show_date(dated), "limit": show_date(case.received_on.isoformat())}
            yield case.find("dated-after-receipt", annex, pointer, **details)


def own_phone_for_clients(case: Case) -> Iterator[CaseFinding]:
    """第八条（四） 服务对象名单及联系方式. X16: a client is not reached at the applicant's own number."""
    own = {
        digits: pointer
        for pointer in ("/principal_phone", "/contact_phone")
        for digits in _phones(case.value("1", pointer))
    }
    for row in case.rows("4", "clients"):
        pointer = f"{row}/contact_phone"
        for digits in _phones(case.value("4", pointer)):
            if digits in own:
                details = {"where": case.words("1", own[digits])}
                spot = case.spot("1", own[digits])
                yield case.find("client-phone-own", "4", pointer, spot, **details)
                break


def _phones(text: str | None) -> list[str]:
    return [contacts.digits(number) for number in contacts.numbers(text or "")]


def served_itself(case: Case) -> Iterator[CaseFinding]:
    """第八条（四） 服务对象名单. X17: the applicant is no client of its own."""
    name = case.value("1", "/name")
    for row in case.rows("4", "clients") if name else ():
        client = case.value("4", f"{row}/enterprise")
        if client and copies.plain_text(client) == copies.plain_text(name):
            itself = case.spot("1", "/name")
            yield case.find("client-is-applicant", "4", f"{row}/enterprise", itself)


def nominee_agrees(case: Case) -> Iterator[CaseFinding]:
    """第九条（二） 填写推荐汇总表. X10, X11: what annex 6 says of the applicant is what annex 1 says."""
    name = case.value("1", "/name")
    for row in case.rows("6", "nominees") if name else ():
        nominee = case.value("6", f"{row}/name")
        if nominee and copies.plain_text(nominee) == copies.plain_text(name):
            for key in ("main_service", "contact", "contact_phone"):
                yield from _nominee_field(case, row, key)


def _nominee_field(case: Case, row: str, key: str) -> Iterator[CaseFinding]:
    told, own = case.value("6", f"{row}/{key}"), case.value("1", f"/{key}")
    if told is None or own is None:
        return
    same = _phones(told) == _phones(own) if key == "contact_phone" else told == own
    if not same:
        details = {"found": shorten(told), "own": shorten(own), "where": case.words("1", f"/{key}")}
        code = "nominee-service-differs" if key == "main_service" else "nominee-contact-differs"
        yield case.find(code, "6", f"{row}/{key}", case.spot("1", f"/{key}"), **details)


RULES: tuple[CaseRule, ...] = (
    same_name,
    staff_within_count,
    insured_agree,
    qualified_agree,
    clients_within_served,
    fees_within_income,
    served_after_founding,
    dated_by_now,
    own_phone_for_clients,
    served_itself,
    nominee_agrees,
)
