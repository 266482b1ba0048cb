"""Annex 1, 申请表: fields that must agree with each other (X2, X3, X6, X7, X8, X15)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.check.form import Form, first_day
from pipeline.check.messages import shorten
from pipeline.findings import Finding
from pipeline.values import show, show_date

_MONEY_KIND = "amount"


def established_before_filled(form: Form) -> Iterator[Finding]:
    """第七条（一） 正常运营时间三年以上. X8: nobody applies before being established."""
    established, filled = form.value("/established_on"), form.filled_on
    if established is not None and filled is not None and first_day(established) > filled:
        details = {"found": show_date(established), "limit": show_date(form.value("/filled_on"))}
        yield form.find("established-after-filled", "/established_on", **details)


def years_of_operations(form: Form) -> Iterator[Finding]:
    """附件1 近两年经营情况. X15: the two years before that of filling in, in either order."""
    years = [form.value(f"/operations/{index}/year") for index in (0, 1)]
    if years[0] is not None and years[0] == years[1]:
        yield form.find("operations-year-repeated", "/operations/1/year", found=years[1])
        return
    if form.filled_on is None:
        return
    expected = [form.filled_on.year - back for back in form.number("operations_years")]
    for index, year in enumerate(years):
        if year is not None and year not in expected:
            details = {
                "found": year,
                "filled": show_date(form.value("/filled_on")),
                "expected": "、".join(f"{one}年" for one in sorted(expected)),
            }
            yield form.find("operations-year", f"/operations/{index}/year", **details)


def premises_and_share(form: Form) -> Iterator[Finding]:
    """第七条（三） 固定的服务场地. X7: 租用 alone owns nothing, 自有 alone all, both a part."""
    chosen, share = form.value("/premises"), form.value("/owned_area_share")
    if not chosen or share is None:
        return
    words = form.regulation.table("premises")
    rented, owned = words["rented"] in chosen, words["owned"] in chosen
    details = {**words, "found": show(share)}
    if rented and owned and share in (0, 100):
        yield form.find("owned-share-both", "/owned_area_share", **details)
    elif rented and not owned and share > 0:
        yield form.find("owned-share-rented", "/owned_area_share", **details)
    elif owned and not rented and share != 100:
        yield form.find("owned-share-owned", "/owned_area_share", **details)


def service_assets_within_total(form: Form) -> Iterator[Finding]:
    """第七条（三） 100万元以上服务资产. X6: they are part of 总资产."""
    yield from _at_most(
        form, "service-assets-over-total", "/service_assets", "/total_assets", "total_title"
    )


def insured_within_staff(form: Form) -> Iterator[Finding]:
    """第七条（三） 不少于3人具有社会保险. X2: they are among the staff."""
    yield from _at_most(
        form, "insured-over-staff", "/insured_staff_count", "/staff_count", "staff_title"
    )


def qualified_within_staff(form: Form) -> Iterator[Finding]:
    """第七条（三） 本科及以上学历或中级以上技术职称专业人员. X3: they are among the staff."""
    yield from _at_most(
        form, "qualified-over-staff", "/qualified_staff_count", "/staff_count", "staff_title"
    )


def _at_most(form: Form, code: str, part: str, whole: str, named: str) -> Iterator[Finding]:
    found, limit = form.value(part), form.value(whole)
    if found is not None and limit is not None and found > limit:
        details = {"found": show(found), "limit": show(limit), named: form.title(whole)}
        yield form.find(code, part, **details)


def amounts_in_yuan(form: Form) -> Iterator[Finding]:
    """附件1 注册资本（万元）…: an amount in the billions of an institution with small turnover, or
    with few people, was probably filled in in 元."""
    for pointer, value, _ in form.of_kind(_MONEY_KIND):
        if value >= form.number("suspicious_amount") and _too_much(form, value):
            yield form.find("amount-unit", pointer, found=shorten(show(value)))


def _too_much(form: Form, value: float) -> bool:
    incomes = [form.value(f"/operations/{index}/service_income") for index in (0, 1)]
    turnover = max((income for income in incomes if income is not None), default=0)
    staff = form.value("/staff_count")
    per_head = value / staff if staff else 0
    return bool(
        turnover < form.number("small_turnover")
        or per_head >= form.number("suspicious_amount_per_head")
    )
