"""Annex 4, 服务对象: how each was served, for what money, when, and whom to ask."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.check import contacts
from pipeline.check.form import Form
from pipeline.check.messages import shorten
from pipeline.findings import Finding
from pipeline.values import half_width, is_nil, show


def service_mode(form: Form) -> Iterator[Finding]:
    """附件4 服务性质: 机构自身提供服务, 依托专业机构提供服务, at least one of the two."""
    for row in form.row_pointers("clients"):
        marks = (f"{row}/by_self", f"{row}/by_partner")
        if form.refused.isdisjoint((row, *marks)) and not any(map(form.value, marks)):
            titles = {"self_title": form.title(marks[0]), "partner_title": form.title(marks[1])}
            yield form.find("service-mode", marks[0], **titles)


def contract_terms(form: Form) -> Iterator[Finding]:
    """附件4 已签服务合同: 合同服务金额（万元） and 合同期限 belong together."""
    for row in form.row_pointers("clients"):
        fee, term = f"{row}/contract_fee", f"{row}/contract_term"
        if form.value(fee) and _blank(form, term):
            yield form.find("contract-without-term", term, fee_title=form.title(fee))
        if not is_nil(form.value(term) or "") and _blank(form, fee):
            yield form.find("term-without-contract", fee, term_title=form.title(term))


def _blank(form: Form, pointer: str) -> bool:
    return form.value(pointer) is None and pointer not in form.refused


def one_fee(form: Form) -> Iterator[Finding]:
    """附件4 未签服务合同收费金额, 已签服务合同: one service is paid with a contract or without."""
    for row in form.row_pointers("clients"):
        free, signed = f"{row}/uncontracted_fee", f"{row}/contract_fee"
        if form.value(free) and form.value(signed):
            yield form.find(
                "both-fees",
                free,
                free_title=form.title(free),
                free=show(form.value(free)),
                signed_title=form.title(signed),
                signed=show(form.value(signed)),
            )


def fees_in_yuan(form: Form) -> Iterator[Finding]:
    """附件4 合同服务金额（万元）…: so much for one service was probably filled in in 元."""
    for pointer, value, _ in form.of_kind("amount"):
        if pointer.startswith("/clients/") and value >= form.number("suspicious_fee"):
            yield form.find("amount-unit", pointer, found=shorten(show(value)))


def shared_phones(form: Form) -> Iterator[Finding]:
    """第八条（四） 服务对象名单及联系方式. X16: one number for many clients."""
    rows_of: dict[str, list[int]] = {}
    for index, row in enumerate(form.row_pointers("clients")):
        for number in set(
            map(contacts.digits, contacts.numbers(form.value(f"{row}/contact_phone") or ""))
        ):
            rows_of.setdefault(number, []).append(index)
    for number, rows in rows_of.items():
        named = _clients_named(form, rows)
        if named >= form.number("shared_phone_min"):
            listed = "、".join(str(index + 1) for index in rows)
            details = {"number": shorten(number), "found": named, "rows": shorten(listed)}
            yield form.find("phone-shared", f"/clients/{rows[0]}/contact_phone", **details)


def _clients_named(form: Form, rows: list[int]) -> int:
    """Different clients in these rows: one that was served thrice has one telephone."""
    return len({form.value(f"/clients/{index}/enterprise") for index in rows})


# ---------------------------------------------------------------- 服务时间

_CHINESE_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:(?!\d)|(?=(?:0[1-9]|1[0-2])(?:\d{2})?(?!\d)))")
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})年(?!内|期|限)")
_CHINESE_YEAR = re.compile(r"[一二][〇○零一二三四五六七八九]{3}(?=年)")


def service_periods(form: Form) -> Iterator[Finding]:
    """第八条（四） 上一年度服务对象名单. Only a period that certainly lies outside is asked about."""
    if form.filled_on is None:
        return
    wanted = form.filled_on.year - form.number("client_list_year")
    open_words = form.regulation.table("open_ended")
    for row in form.row_pointers("clients"):
        text = form.value(f"{row}/period")
        if text is not None and not may_touch(wanted, text, open_words):
            yield form.find("period-outside", f"{row}/period", found=shorten(text), year=wanted)


def may_touch(wanted: int, text: str, open_words: list[str]) -> bool:
    """Whether a period as people write it may touch a year: `2023.5-2023.6`, `2022年至今`,
    `全年` (no year said: it may)."""
    years = years_in(text)
    if not years:
        return True
    open_ended = any(word in text for word in open_words)
    return min(years) <= wanted and (open_ended or wanted <= max(years))


def years_in(text: str) -> list[int]:
    """The years a text names for certain; a bare `23.5` may be a month and a day."""
    plain = half_width(text)
    plain = _CHINESE_YEAR.sub(lambda match: match[0].translate(_CHINESE_DIGITS), plain)
    full = [int(year) for year in _YEAR.findall(plain)]
    return full + [2000 + int(year) for year in _SHORT_YEAR.findall(plain)]
