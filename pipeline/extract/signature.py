"""The signature at the end of a report: name and date are no part of its last section."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.document import Place
from pipeline.extract import match

Part = tuple[str, Place]

_SEAL = r"[（(](?:盖章|公章|签章|单位公章|单位盖章|加盖公章|章)[）)]"
_LABELLED = re.compile(
    r"^\s*(?:(?:申请|申报|填报)?单位(?:名称)?|法定代表人|日\s*期|时\s*间)\s*[（(]?(?:公章|盖章|签章|签字|签名)?[）)]?\s*[：:].*$"
    rf"|^\s*{_SEAL}\s*$"
)
_NAME = re.compile(
    r"^\s*[^。；;，,！？：:\n]{4,40}(?:公司|中心|协会|学会|商会|联盟|基金会|研究院|研究所|事务所|合作社|院|所|会|集团|部|社|园|基地|平台|厂|站|校|行)"
    rf"(?:[（(](?!盖章|公章|签章)[^（）()]{{2,30}}[）)])?\s*(?:{_SEAL})?\s*$"
)
_DAY = (
    r"(?:[\d〇○零一二三四五六七八九]{2,4}\s*年\s*[\d一二三四五六七八九十]{0,3}\s*月(?:\s*+(?:[\d一二三四五六七八九十]{1,3}\s*+)?[日号])?"
    r"|\d{2,4}\s*[./\-]\s*\d{1,2}(?:\s*[./\-]\s*\d{1,2})?)"
)
_DATE = re.compile(rf"^\s*{_DAY}\s*$")
_NAME_AND_DATE = re.compile(rf"^(?P<name>.*?)(?<!\s)\s++{_DAY}\s*$")


def is_name(text: str) -> bool:
    """A line that is the name of an institution and nothing else."""
    return bool(_NAME.match(text))


def name_before(text: str, title: str) -> str:
    """`某某中心2024年申请报告` → 某某中心; "" where no institution's name stands before the title."""
    before = re.sub(rf"{match.loosely(title).pattern}\s*$", "", text.strip())
    name = re.sub(r"20\d\d\s*年度?\s*$", "", before).strip()
    return name if is_name(name) else ""


def without_seal(text: str) -> str:
    """`某某中心（盖章）` → 某某中心."""
    return re.sub(rf"(?<!\s)\s*{_SEAL}\s*$", "", text.strip())


def bare_name(text: str, labels: Sequence[str]) -> str:
    """`申请单位：某某中心（盖章）` → 某某中心; a line without label is left as it is, but for a
    seal's place."""
    for label in labels:
        start = re.match(
            rf"\s*{match.loosely(label).pattern}\s*(?:[（(][^）)]*[）)])?\s*[：:]", text
        )
        if start:
            return without_seal(text[start.end() :])
    return without_seal(text) if is_name(text) else text


def cut(body: list[Part]) -> tuple[list[Part], Part | None]:
    """The body without the signature at its end, and who signed. A name alone is a signature
    only above a date or with a seal's place."""
    end = len(body)
    signer: Part | None = None
    while end:
        text, place = body[end - 1]
        one_line = _NAME_AND_DATE.match(text)
        if one_line and is_name(one_line["name"]):
            signer = (one_line["name"], place)
        elif is_name(text) and (end < len(body) or without_seal(text) != text.strip()):
            if signer is not None:
                break
            signer = (text, place)
        elif _LABELLED.match(text):
            signer = (text, place) if "单位" in re.split("[：:]", text)[0] else signer
        elif not _DATE.match(text):
            break
        end -= 1
    return body[:end], signer
