"""A form as docx: the annex's own template, its holes filled by docxtpl.

The environment is sandboxed, escapes what it prints, and treats a missing name as an error;
docxtpl's own defaults lose `A&B<C` silently and print missing names as blanks. A value is never
template code: it is put in after the template was compiled.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2 import TemplateError as JinjaError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup, escape

from pipeline.annex import Annex
from pipeline.errors import TemplateError
from pipeline.values import show, show_date

Json = Any

TICKED, EMPTY_BOX, TICK = "☑", "□", "√"
#: Same input, same bytes: zip members carry the oldest date that a zip can hold.
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)


def render(annex: Annex, data: Mapping[str, Json]) -> bytes:
    """The filled form; `data` has every key of the annex (`Annex.complete`) and fits its schema.

    Raises TemplateError for a broken template, naming it.
    """
    template = DocxTemplate(str(annex.template))
    try:
        template.render(dict(data), jinja_env=_environment(), autoescape=True)
    except JinjaError as error:
        raise TemplateError(
            f"附件{annex.number}的模板 {annex.template.name} 有误：{error}。",
            remedy="请核对模板里的标签。",
        ) from error
    stream = io.BytesIO()
    template.save(stream)
    return _reproducible(stream.getvalue())


def _environment() -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        autoescape=True, undefined=StrictUndefined, finalize=_print
    )
    environment.filters.update(
        date=_date, blank=_blank, box=_box, tick=_tick, either=_either, rows=_rows
    )
    return environment


def _print(value: Json) -> Markup:
    """A value as the text of a run. To docxtpl `\\a` means “new paragraph”: each line of a text
    becomes a paragraph of the form's own look. `{_{` and the like, which docxtpl would turn into
    `{{`, are kept apart by writing the underscore as a character reference."""
    text = str(escape(show(value))).replace("\n", "\a")
    for pair in ("{_", "_}", "%_"):
        text = text.replace(pair, pair.replace("_", "&#95;"))
    return Markup(text)


def _date(value: str | None, stub: str = "") -> str:
    return show_date(value) or stub


def _blank(value: Json, stub: str) -> Json:
    return stub if value is None else value


def _box(value: Json, option: str) -> str:
    ticked = option in value if isinstance(value, list) else option == value
    return TICKED if ticked else EMPTY_BOX


def _tick(value: bool | None) -> str:
    return TICK if value else ""


def _either(value: bool | None, yes: str, no: str) -> str:
    if value is None:
        return ""
    return yes if value else no


class _BlankRow(dict[str, Json]):
    """A row in which every field is blank."""

    def __missing__(self, key: str) -> None:
        return None


def _rows(entries: list[Json], least: int) -> list[Json]:
    """The entries, and blank rows up to the number that the printed form has."""
    return [*entries, *([_BlankRow()] * (least - len(entries)))]


def _reproducible(docx: bytes) -> bytes:
    """The same package with its members' dates fixed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return out.getvalue()
