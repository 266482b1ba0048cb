"""The holes of a form as fields of a PDF: what each is called, what stands in it, how it is filled.

The name of a field is the JSON Pointer of its value (`/uscc`, `/staff/0/name`), so that a form
filled in by any program says which value is which. The boxes of one choice are one field; of
several choices (premises) each box is its own, named by the choice: `/premises/租用`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipeline.annex import Annex, FieldSpec
from pipeline.errors import TemplateError
from pipeline.render import fill
from pipeline.tags import LoopStart, Tag

Json = Any

#: text: typed; list: chosen from a list; radio: one box of several; check: a box by itself;
#: tick: a whole cell that is ticked or not.
Control = Literal["text", "list", "radio", "check", "tick"]

#: How to write it, for the kinds that have a form of their own.
_HINTS = {
    "date": "如：2024年9月1日", "year": "四位年份，如：2024", "count": "填整数", "percent": "填0～100的数字",
    "uscc": "18位", "amount": "", "mark": "点击打勾", "flag": "从列表中选", "choice": "只选一项",
    "choices": "可多选",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a loop: the loop, the entry's number from 0, its values."""

    loop: LoopStart
    number: int
    values: fill.Row


@dataclass(frozen=True, slots=True)
class Hole:
    """One field, or one box of a field: `name` is the field's; `text` is what stands in it, `stub`
    what the blank form prints; `option`: what a box or tick means; `on`: it is ticked."""

    name: str
    spec: FieldSpec
    control: Control
    tip: str
    text: str = ""
    stub: str = ""
    option: str = ""
    on: bool = False
    options: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        return self.text or self.stub

    @property
    def is_prose(self) -> bool:
        return self.spec.kind in ("text", "name") and self.control == "text"


@dataclass(frozen=True)
class Holes:
    """The holes of one form and its data; `entry` where they stand in a loop."""

    annex: Annex
    data: Mapping[str, Json]
    entry: Entry | None = None

    def of(self, tag: Tag) -> Hole | str:
        """The hole of a tag. What only a seal or a signature can say is no hole: it is printed."""
        pointer = self._pointer(tag)
        spec = self.annex.field(pointer)
        if spec is None:
            raise TemplateError(
                f"附件{self.annex.number}的模板 {self.annex.template.name} 里的标签"
                f"“{{{{ {tag.path} }}}}”没有对应的项。",
                remedy="请核对拼写。",
            )
        row = self.entry.values if self.entry else None
        text = fill.text_of(tag, self.data, row)
        if spec.kind == "picture":
            return text
        tip = _tip(self.annex, pointer, spec)
        if tag.filter == "box":
            return _box(pointer, spec, tag, tip, on=text == fill.TICKED)
        if tag.filter == "tick":
            return Hole(pointer, spec, "tick", tip, option=fill.TICK, on=bool(text))
        stub = tag.arguments[0] if tag.filter in ("date", "blank") and tag.arguments else ""
        if fill.value_of(tag, self.data, row) is None:
            text = ""
        options = tag.arguments if tag.filter == "either" else spec.choices
        control: Control = "list" if options else "text"
        return Hole(pointer, spec, control, tip, text, stub, options=options)

    def _pointer(self, tag: Tag) -> str:
        keys = tag.keys
        if self.entry and keys[0] == self.entry.loop.variable:
            keys = (self.entry.loop.name, str(self.entry.number), *keys[1:])
        return "/" + "/".join(keys)


def _box(pointer: str, spec: FieldSpec, tag: Tag, tip: str, *, on: bool) -> Hole:
    option = tag.arguments[0]
    if spec.kind == "choices":
        return Hole(f"{pointer}/{option}", spec, "check", f"{tip}：{option}", option=option, on=on)
    return Hole(pointer, spec, "radio", tip, option=option, on=on)


def _tip(annex: Annex, pointer: str, spec: FieldSpec) -> str:
    """The field in the words of the form, and how to write it: 第5行“年龄”（岁；填整数）."""
    words = annex.words(pointer).removeprefix(f"附件{annex.number}").strip()
    title = (
        words.removeprefix("“").removesuffix("”")
        if words.count("“") == 1 and words[0] == "“"
        else words
    )
    limit = spec.extra("word-limit")
    notes = [spec.unit, _HINTS.get(spec.kind, ""), f"{limit}字以内" if limit else ""]
    told = "；".join(note for note in notes if note)
    return f"{title}（{told}）" if told else title
