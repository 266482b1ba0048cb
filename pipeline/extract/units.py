"""The unit of money that a returned form asks: its labels may say another than the printed one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.annex import FieldSpec
from pipeline.document import Block
from pipeline.extract.chunks import texts
from pipeline.extract.taken import Record
from pipeline.values import stated_unit

#: A line above a table: 单位：元, （金额单位：万元）.
_UNIT_LINE = re.compile(r"^[（(]?\s*+(?:(?:金额|货币|计量)\s*+)?单位\s*[：:]\s*\S{1,12}$")


def of_line(blocks: Sequence[Block]) -> str:
    """The unit that a line of its own says for the whole form; "" if there is none."""
    lines = (text.strip() for text in texts(blocks) if "单位" in text)
    return next((u for t in lines if _UNIT_LINE.match(t) and (u := stated_unit(t))), "")


def asked(spec: FieldSpec, label: str, line: str) -> FieldSpec:
    """The field in the unit that its label says, else the line above."""
    if spec.kind != "amount":
        return spec
    unit = stated_unit(label) or line
    return spec.in_unit(unit) if unit and unit != spec.unit else spec


def contradict(spec: FieldSpec, label: str, line: str) -> bool:
    """The label says one unit and the line above the table another."""
    said = stated_unit(label) if spec.kind == "amount" and line else ""
    return said not in ("", line)


def point_at(pointer: str, spec: FieldSpec, taken: Record) -> None:
    text = "表上另写的金额单位与这一栏不同，按栏目的单位读取，请核对。"
    taken.find("warning", "unit-unclear", pointer, text, spec.article)
