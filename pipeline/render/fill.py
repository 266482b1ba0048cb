"""What a hole prints: a tag evaluated for data, without a template engine.

The formats that draw a form anew (sheet, PDF page) print through these functions; the filters
mean what they mean in the docx, so that one form reads the same in every format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipeline import version
from pipeline.annex import Annex
from pipeline.errors import TemplateError
from pipeline.tags import LoopStart, Segment, Tag
from pipeline.values import show, show_date

Json = Any

TICKED, EMPTY_BOX, TICK = "☑", "□", "√"


#: What a template may print besides the fields of its annex: the code of the form's values.
VERSION_TAG = "version_code"


# ---------------------------------------------------------------- filters


def date(value: str | None, stub: str = "") -> str:
    return show_date(value) or stub


def blank(value: Json, stub: str) -> Json:
    return stub if value is None else value


def box(value: Json, option: str) -> str:
    ticked = option in value if isinstance(value, list) else option == value
    return TICKED if ticked else EMPTY_BOX


def tick(value: bool | None) -> str:
    return TICK if value else ""


def either(value: bool | None, yes: str, no: str) -> str:
    if value is None:
        return ""
    return yes if value else no


class BlankRow(dict[str, Json]):
    """A row in which every field is blank."""

    def __missing__(self, key: str) -> None:
        return None


def rows(entries: list[Json], least: int) -> list[Json]:
    """The entries, and blank rows up to the number that the printed form has."""
    return [*entries, *([BlankRow()] * (least - len(entries)))]


def with_rows(annex: Annex, data: Mapping[str, Json], least: int) -> Mapping[str, Json]:
    """The data with blank rows added to its tables until there are so many."""
    return {**data, **{name: rows(data[name], least) for name in annex.tables}}


#: Filter of `tags.FILTERS` → what it makes of a value and the tag's arguments.
FILTERS: dict[str, Callable[..., Json]] = {
    "": lambda value: value,
    "date": date,
    "blank": blank,
    "box": box,
    "tick": tick,
    "either": either,
}


# ---------------------------------------------------------------- tags

Row = Mapping[str, Mapping[str, Json]]


def value_of(tag: Tag, data: Mapping[str, Json], row: Row | None = None) -> Json:
    """The value a tag names, as data; `row`: the loop's variable → the entry.

    Raises TemplateError for a name that the data does not have.
    """
    first, *rest = tag.keys
    value: Json = row if row is not None and first in row else data
    try:
        for key in (first, *rest):
            value = value[int(key)] if isinstance(value, list) else value[key]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise TemplateError(
            f"模板标签“{tag.path}”没有对应的数据项。", remedy="请核对模板里的标签与数据项的名称。"
        ) from error
    return value


def text_of(tag: Tag, data: Mapping[str, Json], row: Row | None = None) -> str:
    """What a tag prints, exactly as in the docx; lines are kept apart by `\\n`."""
    return show(FILTERS[tag.filter](value_of(tag, data, row), *tag.arguments))


def text(segments: Iterable[Segment], data: Mapping[str, Json], row: Row | None = None) -> str:
    """Literal text and what the tags print, in turn."""
    return "".join(part if isinstance(part, str) else text_of(part, data, row) for part in segments)


def with_version(annex: Annex, data: Mapping[str, Json], tags: Iterable[Tag]) -> Mapping[str, Json]:
    """The data, with the version code if one of the tags asks for it."""
    if all(tag.path != VERSION_TAG for tag in tags):
        return data
    return {**data, VERSION_TAG: version.footer(annex, data)}


def loop_rows(start: LoopStart, data: Mapping[str, Json]) -> Iterator[Row]:
    """A loop's rows for `text_of`: its entries, then blank rows up to the printed number."""
    for entry in rows(data[start.name], start.least):
        yield {start.variable: entry}
