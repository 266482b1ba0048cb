"""A form as the rules see it: its values by pointer, and the words for what they find.

Values that the schema refuses are blank here, so that no rule repeats what was said of them, and
a rule may rely on the type its field's kind promises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.annex import Annex, FieldSpec
from pipeline.check.messages import compose
from pipeline.findings import Finding
from pipeline.regulation import Regulation, regulation

Json = Any
Rule = Callable[["Form"], Iterator[Finding]]


@dataclass(frozen=True)
class Form:
    """`specs` and `values`: every leaf by its pointer, its field and what it holds, None for a
    blank; `rows`: how many rows a table has; `refused`: pointers of which the schema has spoken."""

    annex: Annex
    regulation: Regulation
    specs: Mapping[str, FieldSpec]
    values: Mapping[str, Json]
    rows: Mapping[str, int]
    refused: frozenset[str]

    @classmethod
    def of(cls, annex: Annex, data: Json, refused: Collection[str] = ()) -> Form:
        """The form of any data, however broken: what has not the annex's shape is blank."""
        tables = {name: _rows(data, name) for name in annex.tables}
        specs = dict(_leaves(annex, tables))
        values = {pointer: _unrefused(data, pointer, refused) for pointer in specs}
        counts = {name: len(rows) for name, rows in tables.items()}
        law = regulation(annex.edition)
        return cls(annex, law, specs, values, counts, frozenset(refused))

    def value(self, pointer: str) -> Json:
        return self.values.get(pointer)

    def title(self, pointer: str) -> str:
        spec = self.annex.field(pointer)
        return spec.title if spec else pointer

    def number(self, name: str) -> Json:
        """A number of the regulation, as in force on the day the form was filled."""
        return self.regulation.value(name, self.filled_on)

    @property
    def filled_on(self) -> date | None:
        """The last day that 填报日期 can mean (a month alone: its last)."""
        filled = self.value("/filled_on")
        return last_day(filled) if filled else None

    def row_pointers(self, table: str) -> list[str]:
        return [f"/{table}/{index}" for index in range(self.rows.get(table, 0))]

    def of_kind(self, *kinds: str) -> Iterator[tuple[str, Json, FieldSpec]]:
        """Every filled field of these kinds: pointer, value, field."""
        for pointer, spec in self.specs.items():
            value = self.values[pointer]
            if value is not None and spec.kind in kinds:
                yield pointer, value, spec

    def find(self, code: str, pointer: str, **details: Any) -> Finding:
        return compose(self.annex, code, pointer, **details)


def first_day(text: str) -> date:
    """`2024-09` → 2024-09-01, `2024-09-26` → itself."""
    return date.fromisoformat(text if len(text) > len("2024-09") else f"{text}-01")


def last_day(text: str) -> date:
    """`2024-09` → 2024-09-30, `2024-09-26` → itself."""
    day = first_day(text)
    if len(text) > len("2024-09"):
        return day
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _rows(data: Json, name: str) -> list[Json]:
    rows = data.get(name) if isinstance(data, dict) else None
    return rows if isinstance(rows, list) else []


def _leaves(annex: Annex, tables: Mapping[str, list[Json]]) -> Iterator[tuple[str, FieldSpec]]:
    for pattern, spec in annex.fields.items():
        for pointer in _pointers(pattern, tables):
            yield pointer, spec


def _unrefused(data: Json, pointer: str, refused: Collection[str]) -> Json:
    if refused and any(part in refused for part in _with_parents(pointer)):
        return None
    return value_at(data, pointer)


def _pointers(pattern: str, tables: Mapping[str, list[Json]]) -> Iterator[str]:
    if "/-/" not in pattern:
        yield pattern
        return
    table = pattern.split("/")[1]
    for index in range(len(tables.get(table, ()))):
        yield pattern.replace("/-/", f"/{index}/", 1)


def _with_parents(pointer: str) -> Iterator[str]:
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def value_at(data: Json, pointer: str) -> Json:
    """What stands at a pointer; None where the data does not reach so far."""
    for key in pointer.split("/")[1:]:
        if isinstance(data, list) and key.isdigit():
            data = data[int(key)] if int(key) < len(data) else None
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data
