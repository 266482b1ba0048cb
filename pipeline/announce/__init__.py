"""announce: official documents are typeset.

    JSON data → facts (checked) → wording (text with holes) → Letter → lines → page → PDF
                                                                     └→ docx, for red-head paper

`typeset` is the whole of it for callers. A kind of document is one file of wording under
`templates/notices/`, and where that speaks of more than the data, a function in `compose.VALUES`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pipeline.errors import UsageError
from pipeline.settings import DEFAULT_EDITION

Format = Literal["pdf", "docx", "csv", "xlsx", "html"]

#: The kinds of document, in the order of the work, and what each is called.
KINDS: dict[str, str] = {
    "call": "年度申报通知",
    "receipt": "收件回执",
    "correction": "补正通知书",
    "opinion": "初审意见",
    "rejection": "不予推荐告知书",
    "recommendation": "推荐函",
    "review": "专家评审表",
    "visit": "实地考察记录",
    "publicity": "公示",
    "notice": "认定通知",
    "plaque": "标牌",
    "plaque_register": "标牌领取登记表",
    "database": "信息数据库公开部分",
    "change_form": "变更备案申请表",
    "change_opinion": "变更审核意见",
    "change": "变更备案通知",
    "reminder": "催报提醒",
    "criticism": "通报",
    "suspension": "暂停通知",
    "rectification": "整改通知",
    "acceptance": "整改验收意见",
    "restoration": "恢复通知",
    "revocation": "撤销通知",
    "summary": "年度总结和检查情况报告",
    "expiry": "到期名单",
}

#: The formats of each kind, the usual one first; those not named here are letters.
FORMATS: dict[str, tuple[Format, ...]] = {
    "plaque": ("pdf",),
    "database": ("csv", "xlsx", "html"),
}
FORMAT_WORDS: dict[Format, str] = {
    "pdf": "PDF",
    "docx": "Word 文件",
    "csv": "CSV",
    "xlsx": "Excel 文件",
    "html": "网页",
}
LETTER: tuple[Format, ...] = ("pdf", "docx")


def formats_of(kind: str) -> tuple[Format, ...]:
    """In which formats a kind of document is made, the usual one first."""
    if kind not in KINDS:
        raise UsageError(f"没有“{kind}”这种文件。", remedy=f"可用的是：{'、'.join(KINDS)}。")
    return FORMATS.get(kind, LETTER)


def typeset(
    kind: str,
    data: Mapping[str, Any],
    *,
    font_map: Path | None = None,
    calendar: Path | None = None,
    file_format: Format | None = None,
    edition: str = DEFAULT_EDITION,
    for_printer: bool = False,
    key: Path | None = None,
) -> bytes:
    """A document of a kind (`KINDS`); the same data give the same bytes.

    `data` is the JSON object of `pipeline announce --from`; `font_map` names the office's own
    fonts, `calendar` working days of years the program does not know. Of a plaque `for_printer`
    gives the printer's file instead of a proof, and `key` signs its QR code. DataError names every key
    that is missing or wrong, and a character no font has; TemplateError a broken wording.
    """
    usual, *others = formats_of(kind)
    file_format = file_format or usual
    if file_format not in (usual, *others):
        shown = "、".join(FORMAT_WORDS[known] for known in (usual, *others))
        raise UsageError(f"{KINDS[kind]}只有 {shown}，没有 {FORMAT_WORDS[file_format]}。")
    from pipeline.announce.compose import Rules, compose
    from pipeline.announce.fonts import font_set
    from pipeline.announce.letter import set_letter
    from pipeline.announce.wording import load_wording
    from pipeline.deadlines import load_calendar

    fonts, wording = font_set(font_map), load_wording(kind, edition)
    if kind == "database":
        from pipeline.announce import database

        return database.export(data, wording, file_format)
    if kind == "plaque":
        from pipeline.announce import plaque

        options = plaque.Options(for_printer, key)
        return plaque.typeset(data, wording, fonts, edition, options)
    letter = compose(kind, data, wording, Rules(edition, load_calendar(calendar)))
    if file_format == "docx":
        from pipeline.announce.letter_docx import letter_docx

        return letter_docx(letter, fonts, wording.terms)
    return set_letter(letter, fonts, wording.terms)


def doubts(kind: str, data: Mapping[str, Any], edition: str = DEFAULT_EDITION) -> list[str]:
    """What is allowed in the data and yet looks wrong, one sentence each: a credit code whose check
    character is wrong, a key that nothing reads, a city of no such name, what was left to fill in."""
    from pipeline.announce.scrutiny import look_over
    from pipeline.announce.wording import load_wording
    from pipeline.regulation import regulation

    years = regulation(edition).value("title_years")
    return look_over(data, load_wording(kind, edition), years)


def substitutions(font_map: Path | None = None) -> list[str]:
    """Which fonts an office expects are stood in for by others, one line each."""
    from pipeline.announce.fonts import font_set

    return font_set(font_map).substitutions()
