"""The tags of a template: how a hole is written, and what an official may write there.

    {{ uscc }}                              a value
    {{ filled_on|date }}                    a date as 2024年9月26日
    {{ recommendation.dated|date("年 月 日") }}   a date, or that text in the blank form
    {{ equipment_count|blank("    ") }}     a value, or that text in the blank form
    {{ main_service|box("技术创新") }}      □ or ☑ for one choice
    {{ c.by_self|tick }}                    √ or nothing
    {{ s.insured|either("有", "无") }}      one of two words, or nothing
    {{ version_code }}                      the code of the values, in the footer
    {%tr for s in staff|rows(17) %} … {%tr endfor %}    a table row for each entry, 17 at least

Word likes to turn straight quotes into curly ones; both are understood.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from pipeline.errors import TemplateError

#: Filter → how many arguments it may take.
FILTERS: dict[str, tuple[int, int]] = {
    "": (0, 0),
    "date": (0, 1),
    "blank": (1, 1),
    "box": (1, 1),
    "tick": (0, 0),
    "either": (2, 2),
}

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%\s*(?:tr|p|tc|r)?\s*(.*?)\s*%\}", re.DOTALL)
_EXPRESSION = re.compile(
    r"""^\s*(?P<path>[A-Za-z_]\w*(?:\.\w+|\[\d+\])*)\s*
        (?:\|\s*(?P<filter>\w+)\s*(?:\((?P<arguments>.*)\))?)?\s*$""",
    re.DOTALL | re.VERBOSE,
)
_FOR = re.compile(r"^for\s+(\w+)\s+in\s+(\w+)\s*(?:\|\s*rows\(\s*(\d+)\s*\))?$")
_CURLY = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})


@dataclass(frozen=True, slots=True)
class Tag:
    """`{{ path|filter(arguments) }}`; `path` as written: `operations[0].year`, `s.name`."""

    path: str
    filter: str = ""
    arguments: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The path as JSON Pointer keys: `operations[0].year` → operations, 0, year."""
        return tuple(re.findall(r"\w+", self.path))


@dataclass(frozen=True, slots=True)
class LoopStart:
    """`{%tr for variable in name|rows(least) %}`"""

    variable: str
    name: str
    least: int = 0


@dataclass(frozen=True, slots=True)
class LoopEnd:
    """`{%tr endfor %}`"""


Segment = str | Tag


def has_tag(text: str) -> bool:
    return "{{" in text or "{%" in text


def segments(text: str) -> tuple[Segment, ...]:
    """Literal text and tags in turn: `共{{ n }}台` → ("共", Tag("n"), "台")."""
    found: list[Segment] = []
    end = 0
    for match in _TAG.finditer(text):
        if match.start() > end:
            found.append(text[end : match.start()])
        found.append(parse_tag(match.group(1)))
        end = match.end()
    if end < len(text):
        found.append(text[end:])
    for segment in found:
        if isinstance(segment, str) and ("{{" in segment or "}}" in segment):
            raise TemplateError(
                f"模板里的标签没有写完整：{segment.strip()[:60]}。", remedy="请补齐 {{ 与 }}。"
            )
    return tuple(found)


def parse_tag(inside: str) -> Tag:
    """The text between `{{` and `}}` as a Tag; TemplateError names what cannot be understood."""
    plain = inside.translate(_CURLY)
    match = _EXPRESSION.match(plain)
    if match is None:
        raise TemplateError(
            f"模板标签“{{{{{inside}}}}}”看不懂。", remedy="写法见 docs/templates.md。"
        )
    name = match["filter"] or ""
    if name not in FILTERS:
        raise TemplateError(
            f"模板标签“{{{{{inside}}}}}”用了没有的写法“{name}”。",
            remedy=f"可用的有：{'、'.join(f for f in FILTERS if f)}。",
        )
    arguments = _arguments(match["arguments"], inside)
    least, most = FILTERS[name]
    if not least <= len(arguments) <= most:
        raise TemplateError(f"模板标签“{{{{{inside}}}}}”括号里应有 {least}～{most} 项。")
    return Tag(match["path"], name, arguments)


def _arguments(text: str | None, inside: str) -> tuple[str, ...]:
    if text is None or not text.strip():
        return ()
    try:
        values = ast.literal_eval(f"({text},)")
    except (SyntaxError, ValueError) as error:
        raise TemplateError(f"模板标签“{{{{{inside}}}}}”括号里的文字要用引号括起来。") from error
    return tuple(str(value) for value in values)


def loop(text: str) -> LoopStart | LoopEnd | None:
    """The loop statement that a template row holds, if any."""
    match = _STATEMENT.search(text)
    if match is None:
        return None
    statement = match.group(1).translate(_CURLY)
    if statement == "endfor":
        return LoopEnd()
    start = _FOR.match(statement)
    if start is None:
        raise TemplateError(
            f"模板里的“{{% {statement} %}}”看不懂。",
            remedy="表格行的循环写作 {%tr for s in staff|rows(17) %} 与 {%tr endfor %}。",
        )
    return LoopStart(start[1], start[2], int(start[3] or 0))
