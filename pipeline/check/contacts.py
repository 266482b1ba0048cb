"""How to reach people: telephone numbers, e-mail and web addresses. Only plausibility is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from unicodedata import normalize

import phonenumbers

from pipeline.check.form import Form
from pipeline.check.messages import shorten, shown
from pipeline.findings import Finding

# ---------------------------------------------------------------- telephones

_SEPARATORS = re.compile(r"[、/;,|\n]|或|和|及")
_WHOLE_BEFORE = r"(?:(?<=\d{8})|(?<=0\d{3}-\d{7})|(?<=(?<!\d)[2-9]\d{6}))"
_EXTENSION = re.compile(
    rf"(?:(?:(?<![-—–―\s])[-—–―\s]+)?(?:转|分机|ext\.?|x|#)|{_WHOLE_BEFORE}[-—–―]+)[:\s]*\d{{1,6}}$",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[\u4e00-\u9fff]+|(?:tel|phone|mobile|fax)\.?|:", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_FREE_CALL = re.compile(r"[48]00\d{7}")
_SERVICE_LINE = re.compile(r"1(?:0|1|2)\d{1,3}|9[56]\d{3,4}")
_LOCAL = re.compile(r"[2-9]\d{6,7}")
_AREA = re.compile(r"0(?:10|2\d|[3-9]\d{2})")
_TAIL = re.compile(r"\d{1,4}")


def phones(form: Form) -> Iterator[Finding]:
    """第八条（四） 服务对象名单及联系方式: each number of a cell could be a telephone number."""
    areas = form.regulation.table("area_codes")
    for pointer, text, _ in form.of_kind("phone"):
        doubts = [(number, doubt(number, areas)) for number in numbers(text) or [text]]
        wrong = next(((number, reason) for number, reason in doubts if reason), None)
        if wrong:
            yield form.find("phone-format", pointer, number=shorten(wrong[0]), reason=wrong[1])
        else:
            yield from _without_area(form, pointer, [number for number, _ in doubts])


def _without_area(form: Form, pointer: str, found: list[str]) -> Iterator[Finding]:
    local = next((number for number in found if _LOCAL.fullmatch(digits(number))), None)
    if local:
        yield form.find("phone-area-code", pointer, number=local)


def numbers(text: str) -> list[str]:
    """The numbers of a cell: `13900004164/0731-89353763` → both; a tail such as `…763/64` or an
    extension is part of the number before it. Words beside them are no part of a number."""
    return list(_numbers(text))


@lru_cache(1 << 14)
def _numbers(text: str) -> tuple[str, ...]:
    if text.isascii() and text.isdecimal():
        return (text,)
    found: list[str] = []
    for part in _SEPARATORS.split(_half_width(text)):
        for number in _apart(part.strip()):
            if not (found and _TAIL.fullmatch(number)):
                found.append(number)
    return tuple(found)


def _half_width(text: str) -> str:
    return normalize("NFKC", text)


def _apart(part: str) -> list[str]:
    """White space parts two numbers, but it also groups the digits of one."""
    part = re.sub(r"\(\s*\)", " ", _WORDS.sub(" ", _EXTENSION.sub("", part))).strip()
    pieces = [piece for piece in part.split() if any(ch.isdigit() for ch in piece)]
    whole = all(len(digits(piece)) >= 7 for piece in pieces)
    if len(pieces) > 1 and whole:
        return [_EXTENSION.sub("", piece) for piece in pieces]
    return [part] if part else []


def digits(number: str) -> str:
    """The national digits: without +86 or 0086, and without what people put between them."""
    bare = re.sub(r"[\s()\-—–―.·]", "", number)
    return re.sub(r"^(?:(?:\+|00)86|86(?=1\d{10}$))", "", bare)


def doubt(number: str, areas: Mapping[str, list[int]]) -> str:
    """Why a number cannot be one that rings in Hunan or elsewhere; "" if it can.

    `areas`: Hunan's area codes with the lengths of their local numbers.
    """
    if _MOBILE.fullmatch(number):
        return ""
    if number.startswith("+") and not number.startswith("+86"):
        return "" if _possible_abroad(number) else "位数与该国家或地区不符"
    national = digits(number)
    if not national.isdigit():
        return "含有不是数字的字符"
    if any(form.fullmatch(national) for form in (_MOBILE, _FREE_CALL, _SERVICE_LINE, _LOCAL)):
        return ""
    return _landline_doubt(national, areas) if national.startswith("0") else _other_doubt(national)


def _landline_doubt(national: str, areas: Mapping[str, list[int]]) -> str:
    area = _AREA.match(national)
    if area is None:
        return "区号不存在"
    local = national[area.end() :]
    lengths = areas.get(area[0])
    if lengths is not None:
        usual = "位或".join(map(str, lengths))
        fits = len(local) in lengths
        return "" if fits else f"区号{area[0]}的号码应为{usual}位，现为{len(local)}位"
    possible = len(local) in (7, 8) and phonenumbers.is_possible_number(
        phonenumbers.parse(national, "CN")
    )
    return "" if possible else f"区号后有{len(local)}位，一般为7位或8位"


def _other_doubt(national: str) -> str:
    if national.startswith("1") and len(national) != 11:
        return f"手机号码应为11位，现为{len(national)}位"
    return f"共{len(national)}位，不是手机号码，也不是带区号的固定电话"


def _possible_abroad(number: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


# ---------------------------------------------------------------- addresses

_SEVERAL = re.compile(r"[、;,；，]|/(?=[^/\s]+@)")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+=?^_`{|}~-]+@(?:[\w-]+\.)+(?:[A-Za-z]{2,}|[\u4e00-\u9fff]{2,})"
)
_URL = re.compile(
    r"(?:https?://)?(?:(?:[\w-]+\.)+(?:[A-Z]{2,}|[\u4e00-\u9fff]{2,}|xn--[\w-]+)|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)


def emails(form: Form) -> Iterator[Finding]:
    """第八条（一） 电子信箱: each address of the cell has a name, @ and a domain."""
    for pointer, text, _ in form.of_kind("email"):
        parts = [part for part in _SEVERAL.split(text) if part]
        if not all(_EMAIL.fullmatch(part) and ".." not in part for part in parts):
            yield form.find("email-format", pointer, value=shown(text))


def urls(form: Form) -> Iterator[Finding]:
    """第八条（一） 企业网址: an address that a browser could open."""
    for pointer, text, _ in form.of_kind("url"):
        parts = [part for part in re.split(r"[、;；，]", text) if part]
        if not all(_URL.fullmatch(part) for part in parts):
            yield form.find("url-format", pointer, value=shown(text))
