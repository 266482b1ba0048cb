"""People: what can be no name; annex 3, 服务人员: each person once, of an age to work."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.check.form import Form
from pipeline.check.messages import shown
from pipeline.findings import Finding

#: A telephone number, or one of an identity card, has so many digits.
_FEWEST_DIGITS = 7


def digits_in_names(form: Form) -> Iterator[Finding]:
    """姓名, 联系人: no name holds digits; a number belongs in a column of its own."""
    for pointer, text, spec in form.of_kind("name"):
        digits = sum(ch.isdecimal() for ch in text) if spec.extra("person") else 0
        if digits:
            code = "phone-in-name" if digits >= _FEWEST_DIGITS else "digits-in-name"
            yield form.find(code, pointer, value=shown(text))


def ages(form: Form) -> Iterator[Finding]:
    """第七条（三） 专职服务人员. The text names no age: one outside the usual is asked about."""
    low, high = form.number("staff_age_min"), form.number("staff_age_max")
    for row in form.row_pointers("staff"):
        age = form.value(f"{row}/age")
        if age is not None and not low <= age <= high:
            yield form.find("age-unusual", f"{row}/age", found=age, low=low, high=high)


def insured_pensioners(form: Form) -> Iterator[Finding]:
    """第七条（三） 不少于3人具有社会保险. Who draws a pension is no longer insured."""
    low, high = form.number("pension_age"), form.number("staff_age_max")
    for row in form.row_pointers("staff"):
        age = form.value(f"{row}/age")
        if age is not None and low <= age <= high and form.value(f"{row}/insured"):
            yield form.find("age-insured", f"{row}/age", found=age, limit=low)


def repeated_people(form: Form) -> Iterator[Finding]:
    """第七条（三） 拥有10人以上专职服务人员: a person counts once. Namesakes differ in age."""
    seen: dict[tuple[str, int], int] = {}
    for number, row in enumerate(form.row_pointers("staff"), start=1):
        name, age = form.value(f"{row}/name"), form.value(f"{row}/age")
        if name is None or age is None:
            continue
        first = seen.setdefault(("".join(name.split()), age), number)
        if first != number:
            yield form.find("person-repeated", f"{row}/name", row=first)
