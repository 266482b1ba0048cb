"""The catalogue: an edition (one regulation) → its annexes, each a template and a schema.

`schemas/<edition>/annex-N.json` is JSON Schema 2020-12. Beside the standard words it carries,
for each field, what the form needs:

    title           the Chinese label as printed
    x-kind          how raw text becomes a value (`values.KINDS`)
    x-unit, x-unit-words    the unit, and the ways people write it
    x-article       the article of the regulation that the field serves
    x-aliases       other labels that people's own layouts use
    x-required      blank means 缺项
    x-person        the name of a person
    x-word-limit    字数 limit, inclusive
    x-true, x-false, x-synonyms, x-choices    the words that mean a value
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pipeline import settings
from pipeline.errors import DataError, UsageError

Json = Any


@dataclass(frozen=True, slots=True, eq=False)
class FieldSpec:
    """One field of a form. `pattern` is its pointer with `-` for any row: `/staff/-/age`."""

    pattern: str
    title: str
    kind: str
    schema: Mapping[str, Json]

    def extra(self, word: str, default: Json = None) -> Json:
        return self.schema.get(f"x-{word}", default)

    @property
    def unit(self) -> str:
        return str(self.extra("unit", ""))

    def in_unit(self, unit: str) -> FieldSpec:
        """The same field on a form that asks it in another unit."""
        return replace(self, schema={**self.schema, "x-unit": unit})

    @property
    def article(self) -> str:
        return str(self.extra("article", ""))

    @property
    def required(self) -> bool:
        return bool(self.extra("required", False))

    @property
    def labels(self) -> tuple[str, ...]:
        """The printed label and the other names people give it."""
        return (self.title, *self.extra("aliases", ()))

    @property
    def choices(self) -> tuple[str, ...]:
        named = self.extra("choices")
        if named:
            return tuple(named)
        return tuple(c for c in self.schema.get("enum", ()) if isinstance(c, str))


@dataclass(frozen=True, eq=False)
class Annex:
    """One annex of an edition: its schema, its fields, its template."""

    edition: str
    number: str
    schema: Mapping[str, Json]
    template: Path

    @property
    def title(self) -> str:
        return str(self.schema["title"])

    @property
    def titles(self) -> tuple[str, ...]:
        return (self.title, *self.schema.get("x-aliases", ()))

    @property
    def short(self) -> str:
        return str(self.schema["x-short"])

    @property
    def regulation(self) -> str:
        return str(self.schema["x-regulation"])

    @property
    def article(self) -> str:
        return str(self.schema.get("x-article", ""))

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        """Every leaf of the form by its pattern, in the order of the schema."""
        return {spec.pattern: spec for spec in _leaves("", self.schema, self.schema)}

    @cached_property
    def tables(self) -> dict[str, Mapping[str, Json]]:
        """The arrays whose rows people add: name → schema of a row."""
        return {
            name: _resolve(part["items"], self.schema)
            for name, part in self.schema["properties"].items()
            if part.get("type") == "array" and "minItems" not in part
        }

    def field(self, pointer: str) -> FieldSpec | None:
        """The field a pointer names: `/staff/3/age` → the one with pattern `/staff/-/age`."""
        return self.fields.get(pointer) or self.fields.get(pattern_of(pointer))

    def empty(self) -> dict[str, Json]:
        """`data` of a form with nothing in it."""
        blank: dict[str, Json] = _empty(self.schema, self.schema)
        return blank

    def complete(self, data: Mapping[str, Json]) -> dict[str, Json]:
        """The data with every key of the annex: what is missing is blank.

        Raises DataError for a key that the annex does not have.
        """
        filled = copy.deepcopy(dict(data))
        _complete(filled, self.schema, self.schema, self, "")
        return filled

    def words(self, pointer: str) -> str:
        """A pointer in the words of the form: `/staff/4/education` → 附件3 第5行“学历”."""
        head = f"附件{self.number}"
        keys = pointer.split("/")[1:]
        if not keys:
            return head
        spec = self.field(pointer)
        title = spec.title if spec else str(self._part(keys[0]).get("title", keys[0]))
        if len(keys) > 1 and keys[0] in self.tables:
            row = f"第{int(keys[1]) + 1}行"
            return f"{head} {row}“{title}”" if spec else f"{head} {row}"
        if len(keys) > 1 and keys[1].isdigit():
            group = self._part(keys[0]).get("title", "")
            return f"{head} “{group}”第{int(keys[1]) + 1}个年度的“{title}”"
        return f"{head} “{title}”"

    def _part(self, key: str) -> Mapping[str, Json]:
        part: Mapping[str, Json] = self.schema["properties"].get(key, {})
        return part


def pattern_of(pointer: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "/-", pointer)


def _resolve(part: Mapping[str, Json], root: Mapping[str, Json]) -> Mapping[str, Json]:
    """A schema part with its `$ref` into `$defs` unfolded; its own words win."""
    reference = part.get("$ref")
    if reference is None:
        return part
    base = root["$defs"][reference.removeprefix("#/$defs/")]
    return {**base, **{key: value for key, value in part.items() if key != "$ref"}}


def _leaves(
    pointer: str, part: Mapping[str, Json], root: Mapping[str, Json]
) -> Iterator[FieldSpec]:
    part = _resolve(part, root)
    if part.get("type") == "object":
        for key, child in part["properties"].items():
            yield from _leaves(f"{pointer}/{key}", child, root)
    elif "items" in part:
        if "minItems" in part:
            for index in range(part["minItems"]):
                yield from _leaves(f"{pointer}/{index}", part["items"], root)
        else:
            yield from _leaves(f"{pointer}/-", part["items"], root)
    else:
        yield FieldSpec(pointer, part["title"], part["x-kind"], part)


def _empty(part: Mapping[str, Json], root: Mapping[str, Json]) -> Json:
    part = _resolve(part, root)
    if part.get("type") == "object":
        return {key: _empty(child, root) for key, child in part["properties"].items()}
    if "items" in part:
        return [_empty(part["items"], root) for _ in range(part.get("minItems", 0))]
    if part.get("x-kind") == "choices":
        return []
    return part.get("default")


def _complete(
    data: Json, part: Mapping[str, Json], root: Mapping[str, Json], annex: Annex, pointer: str
) -> None:
    """Fill in, in place, every key that `data` lacks; deeper shape errors are the schema's."""
    part = _resolve(part, root)
    if part.get("type") == "object" and isinstance(data, dict):
        unknown = [key for key in data if key not in part["properties"]]
        if unknown:
            raise DataError(
                f"{annex.words(pointer)}没有这些项：{'、'.join(map(str, unknown))}。",
                remedy=f"可用的键是：{'、'.join(part['properties'])}。",
            )
        for key, child in part["properties"].items():
            if key not in data:
                data[key] = _empty(child, root)
            else:
                _complete(data[key], child, root, annex, f"{pointer}/{key}")
    elif "items" in part and isinstance(data, list):
        for index, item in enumerate(data):
            _complete(item, part["items"], root, annex, f"{pointer}/{index}")


@cache
def catalogue(edition: str = settings.DEFAULT_EDITION) -> dict[str, Annex]:
    """The annexes of an edition by number, in order. UsageError if there is no such edition."""
    folder = settings.schemas_dir() / edition
    templates = settings.templates_dir() / "annexes" / edition
    if not folder.is_dir():
        known = "、".join(sorted(p.name for p in settings.schemas_dir().iterdir() if p.is_dir()))
        raise UsageError(f"没有名为“{edition}”的办法版本。", remedy=f"现有：{known}。")
    found = {}
    for path in sorted(folder.glob("annex-*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        number = str(schema["x-annex"])
        found[number] = Annex(edition, number, schema, templates / f"annex-{number}.docx")
    return found
