"""What a cell may hold, said to the applicant: drop-down lists, limits, prompts (data validation).

Labels, units and limits come from the schema, options from the template. A rule helps who fills
the form in; what comes back is checked again when it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from pipeline.annex import FieldSpec
from pipeline.tags import Tag

#: Limits of a spreadsheet (ECMA-376 part 1, 18.3.1.32): characters of a title, a message, a list.
_TITLE, _MESSAGE, _LIST = 32, 255, 255
#: 1900-01-01 and 2099-12-31 as spreadsheet days: what `values.parse_date` believes.
_FIRST_DAY, _LAST_DAY = 1, 73050


@dataclass(frozen=True, slots=True)
class Rule:
    """One data validation. `kind` "none" only prompts; `style` "stop" refuses, "warning" asks
    again; `free`: anything else may be typed too."""

    kind: str
    title: str
    prompt: str = ""
    error: str = ""
    first: str = ""
    second: str = ""
    style: str = "stop"
    free: bool = False

    def xml(self, cells: Sequence[str]) -> str:
        parts = [f'<dataValidation type="{self.kind}" allowBlank="1" sqref="{" ".join(cells)}"']
        if self.style != "stop":
            parts.append(f'errorStyle="{self.style}"')
        if self.prompt:
            parts.append(f'showInputMessage="1" promptTitle={_attribute(self.title, _TITLE)}')
            parts.append(f"prompt={_attribute(self.prompt, _MESSAGE)}")
        if self.kind != "none" and not self.free:
            parts.append(f'showErrorMessage="1" errorTitle={_attribute(self.title, _TITLE)}')
            parts.append(f"error={_attribute(self.error, _MESSAGE)}")
        formulas = f"<formula1>{escape(self.first)}</formula1>" if self.first else ""
        formulas += f"<formula2>{escape(self.second)}</formula2>" if self.second else ""
        return f"{' '.join(parts)}>{formulas}</dataValidation>"


def _attribute(text: str, most: int) -> str:
    return quoteattr(text[:most], {"\n": "&#10;"})


def mixed(title: str) -> Rule:
    """A cell with printed words between its holes."""
    return Rule("none", title, "请填在印好的文字之间，不要删去这些文字。")


def boxes(spec: FieldSpec, options: Sequence[str]) -> Rule:
    """Printed boxes, one to be ticked: the list offers the words, and a word chosen there counts
    as much as a box ticked by hand."""
    prompt = "请从下拉列表中选一项，或把所选项的□改为☑。只能选一项。"
    return Rule("list", spec.title, prompt, first=_list(options), free=True)


def rule(spec: FieldSpec, tag: Tag) -> Rule | None:
    """The rule of a cell that holds one tag and nothing else."""
    options = _options(spec, tag)
    if options and (listed := _list(options)):
        error = (
            f"请选“{'”或“'.join(options)}”，或留空。"
            if len(options) < 4
            else "请从下拉列表中选一项。"
        )
        return Rule("list", spec.title, f"请从下拉列表中选：{'、'.join(options)}。", error, listed)
    if "minimum" in spec.schema and "maximum" in spec.schema:
        return _number(spec)
    if spec.kind == "date":
        return Rule(
            "date", spec.title, "请填年月日，如2024年9月26日；只到月的，填2024年9月。",
            "这里应填日期，如2024年9月26日。仍按所填的保留吗？",
            str(_FIRST_DAY), str(_LAST_DAY), "warning",
        )  # fmt: skip
    return _text(spec)


def _options(spec: FieldSpec, tag: Tag) -> tuple[str, ...]:
    if tag.filter == "either":
        return tag.arguments
    if tag.filter == "tick":
        return ("√",)
    return spec.choices if spec.kind == "choice" else ()


def _list(options: Sequence[str]) -> str:
    """The options as a list formula; empty where a spreadsheet could not hold them."""
    joined = ",".join(options)
    if len(joined) > _LIST or any(mark in option for option in options for mark in ',"'):
        return ""
    return f'"{joined}"'


def _number(spec: FieldSpec) -> Rule:
    low, high = spec.schema["minimum"], spec.schema["maximum"]
    whole = spec.kind in ("count", "year")
    what = "整数" if whole else "数字"
    unit = f"，单位：{spec.unit}（只填数字，不写单位）" if spec.unit else ""
    if spec.kind == "year":
        what = "四位年份"
    return Rule(
        "whole" if whole else "decimal", spec.title, f"请填{what}{unit}。",
        f"“{spec.title}”应是{low}至{high}之间的{what}{unit}。", str(low), str(high),
    )  # fmt: skip


_PROMPTS = {
    "uscc": "请填18位代码：数字和大写字母，不留空格。",
    "phone": "请填手机号，或区号-号码；两个号码用顿号分开。",
    "email": "请填电子信箱地址，如 abc@example.com。",
    "url": "请填网址，如 https://www.example.com。没有的填“无”。",
}


def _text(spec: FieldSpec) -> Rule | None:
    limit = spec.extra("word-limit")
    if limit:
        prompt = f"{limit}字以内。分段请按 Alt+Enter。"
        error = f"“{spec.title}”超过了{limit}字。仍按所填的保留吗？"
        return Rule("textLength", spec.title, prompt, error, "0", str(limit), "warning")
    if spec.kind == "uscc":
        return Rule(
            "textLength", spec.title, _PROMPTS["uscc"], "统一社会信用代码应是18位，请核对。", "18", "18",
            "warning",
        )  # fmt: skip
    longest = spec.schema.get("maxLength")
    if longest is None:
        return None
    error = f"“{spec.title}”不超过{longest}字。"
    return Rule("textLength", spec.title, _PROMPTS.get(spec.kind, ""), error, "0", str(longest))
