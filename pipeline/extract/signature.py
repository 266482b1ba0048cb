"""The signature at the end of a report: name and date are no part of its last section."""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.document import Place

Part = tuple[str, Place]

_LABELLED = re.compile(
    r"^\s*(?:(?:申请|申报|填报)?单位(?:名称)?|法定代表人|日\s*期|时\s*间)\s*[（(]?(?:公章|盖章|签章|签字|签名)?[）)]?\s*[：:].*$"
    r"|^\s*[（(](?:公章|盖章|签章)[）)]\s*$"
)
_NAME = re.compile(
    r"^\s*[^。；;，,！？：:\n]{4,40}(?:公司|中心|协会|学会|商会|联盟|基金会|研究院|研究所|事务所|合作社|院|所|会|集团|部|社|园|基地|平台|厂|站|校|行)"
    r"\s*(?:[（(](?:盖章|公章|章)[）)])?\s*$"
)
_DATE = re.compile(
    r"^\s*(?:[\d〇○零一二三四五六七八九]{2,4}\s*年\s*[\d一二三四五六七八九十]{0,3}\s*月(?:\s*[\d一二三四五六七八九十]{0,3}\s*[日号])?"
    r"|\d{2,4}\s*[./\-]\s*\d{1,2}(?:\s*[./\-]\s*\d{1,2})?)\s*$"
)


def is_name(text: str) -> bool:
    """A line that is the name of an institution and nothing else."""
    return bool(_NAME.match(text))


def cut(body: list[Part], signer: Part | None) -> tuple[list[Part], Part | None]:
    """The body without the signature at its end, and the signer (the one known, if none signed).
    A name alone is a signature only above a date or a seal's place."""
    end = _while_at_end(
        body, len(body), lambda text: bool(_DATE.match(text) or _LABELLED.match(text))
    )
    signed = body[end:]
    if signed and end and is_name(body[end - 1][0]):
        end -= 1
        signed = body[end:]
    names = [part for part in signed if is_name(part[0]) or _names_unit(part[0])]
    return body[:end], signer or (names[0] if names else None)


def _names_unit(text: str) -> bool:
    return bool(_LABELLED.match(text)) and "单位" in text.split("：")[0]


def _while_at_end(body: list[Part], end: int, fits: Callable[[str], bool]) -> int:
    while end and fits(body[end - 1][0]):
        end -= 1
    return end
