"""A form as the rules see it: its values by pointer, and the words for what they find.

Values that the schema refuses are blank here, so that no rule repeats what was said of them, and
a rule may rely on the type its field's kind promises.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from pipeline.annex import Annex, FieldSpec
from pipeline.check.messages import compose
from pipeline.findings import Finding
from pipeline.regulation import Regulation, regulation

Json = Any
Rule = Callable[["Form"], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Column:
    """A field, everywhere it stands: once, or in each row of its table. `values`: what it holds at
    each of the pointers, None for a blank."""

    spec: FieldSpec
    pointers: Sequence[str]
    values: Sequence[Json]


@dataclass(frozen=True)
class Form:
    """`columns`: every field of the form; `rows`: how many rows a table has; `refused`: pointers of
    which the schema has spoken."""

    annex: Annex
    regulation: Regulation
    columns: Sequence[Column]
    rows: Mapping[str, int]
    refused: frozenset[str]

    @classmethod
    def of(cls, annex: Annex, data: Json, refused: Collection[str] = ()) -> Form:
        """The form of any data, however broken: what has not the annex's shape is blank."""
        spoken = frozenset(refused)
        columns = tuple(_column(spec, data, spoken) for spec in annex.fields.values())
        counts = {name: len(_rows(data, name)) for name in annex.tables}
        return cls(annex, regulation(annex.edition), columns, counts, spoken)

    @cached_property
    def values(self) -> Mapping[str, Json]:
        """Every leaf by its pointer."""
        return {
            pointer: value
            for column in self.columns
            for pointer, value in zip(column.pointers, column.values, strict=True)
        }

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
        for column in self.columns:
            if column.spec.kind in kinds:
                for pointer, value in zip(column.pointers, column.values, strict=True):
                    if value is not None:
                        yield pointer, value, column.spec

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


def _column(spec: FieldSpec, data: Json, refused: frozenset[str]) -> Column:
    table, has_rows, key = spec.pattern.partition("/-/")
    if not has_rows:
        return Column(spec, [table], [_unrefused(data, table, refused)])
    rows = _rows(data, table[1:])
    pointers = [f"{table}/{index}/{key}" for index in range(len(rows))]
    values = [row.get(key) if isinstance(row, dict) else None for row in rows]
    if any(pointer.startswith(table) for pointer in refused):
        values = [_unrefused(data, pointer, refused) for pointer in pointers]
    return Column(spec, pointers, values)


def _unrefused(data: Json, pointer: str, refused: Collection[str]) -> Json:
    if refused and any(part in refused for part in _with_parents(pointer)):
        return None
    return value_at(data, pointer)


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
