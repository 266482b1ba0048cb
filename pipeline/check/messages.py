"""The wording of findings: `schemas/<edition>/messages.yaml`, code → severity and text.

A finding reads `附件1 “总资产”：` and then its text; an official may change the wording.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, cast, get_args

from pipeline import settings
from pipeline.annex import Annex
from pipeline.findings import Finding, Severity
from pipeline.regulation import BrokenDataError, load_yaml

FILE = "messages.yaml"
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Message:
    """How a finding of one code reads, and how grave it is; `article` where it is not the
    field's own."""

    severity: Severity
    text: str
    article: str = ""


@cache
def messages(edition: str = settings.DEFAULT_EDITION) -> dict[str, Message]:
    """Every message of an edition by its code. BrokenDataError names an entry that is broken."""
    path = settings.schemas_dir() / edition / FILE
    found = {}
    for code, part in load_yaml(path).items():
        severity = part.get("severity") if isinstance(part, dict) else None
        if severity not in get_args(Severity) or not part.get("text"):
            raise BrokenDataError(
                f"措辞文件 {FILE} 的“{code}”应有 severity（error、warning、info 之一）和 text。",
                remedy=f"请改正后再运行：{path}。",
            )
        article = str(part.get("article", ""))
        found[code] = Message(cast(Severity, severity), str(part["text"]), article)
    return found


def compose(annex: Annex, code: str, pointer: str, **details: Any) -> Finding:
    """The finding of a code at a pointer: `details` fill the braces of its text."""
    message = _message(annex.edition, code)
    spec = annex.field(pointer)
    article = message.article or (spec.article if spec else "") or annex.article
    text = _filled(message.text, code, details)
    return Finding(message.severity, code, pointer, f"{annex.words(pointer)}：{text}", article)


def _message(edition: str, code: str) -> Message:
    found = messages(edition).get(code)
    if found is None:
        raise BrokenDataError(
            f"措辞文件 {FILE} 里没有“{code}”。", remedy="请从原来的文件里补回这一条。"
        )
    return found


def _filled(text: str, code: str, details: dict[str, Any]) -> str:
    try:
        return text.format(**details)
    except (KeyError, IndexError, ValueError) as error:
        raise BrokenDataError(
            f"措辞文件 {FILE} 的“{code}”里花括号有误：{text}",
            remedy=f"可用的名称：{'、'.join(details) or '无'}。",
        ) from error


def shown(value: Any) -> str:
    """A value as a message quotes it: text in “ ”, shortened, on one line."""
    if isinstance(value, str):
        return f"“{shorten(value)}”"
    if isinstance(value, dict):
        return "一组“键：值”"
    if isinstance(value, list):
        return "一个列表"
    if value is None:
        return "空白"
    return shorten(json.dumps(value, ensure_ascii=False))


def shorten(text: str) -> str:
    """At most `SHOWN` characters of a text, on one line and printable."""
    line = "".join(ch if ch.isprintable() else " " for ch in text)
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"
