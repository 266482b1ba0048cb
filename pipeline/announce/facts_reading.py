"""From the JSON of `pipeline announce --from` to checked `Facts`.

Everything that is missing or wrong is told at once, by its JSON key and what it means, so that
one look at the message mends the file.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pipeline.announce import parts
from pipeline.announce.facts import (
    BLANK,
    INSTITUTION,
    KEYS,
    ONE_INSTITUTION,
    PLACEHOLDER,
    RECORDS,
    Facts,
    Institution,
    Key,
    Record,
    label,
    refuse,
)
from pipeline.errors import DataError


def read_facts(
    data: Mapping[str, Any],
    *,
    needs: Iterable[str],
    needs_each: Iterable[str],
    document: str,
    rows: str = "institutions",
    blanks: Iterable[str] = (),
) -> Facts:
    """Checks a document's data. `needs` are the keys it cannot do without (`a|b`: one of them,
    `institution.uscc`: one of the institution's), `needs_each` those of every object of the list
    `rows`; `blanks` may be left as `BLANK`. DataError with every fault found."""
    if not isinstance(data, Mapping):
        raise DataError(f"{document}的数据应是一个 JSON 对象（花括号），现在不是。")
    needs = tuple(needs)
    reader = _Reader(data, rows, tuple(needs_each), frozenset(blanks), needs)
    facts = reader.facts()
    faults = _missing(data, needs) + reader.faults + _contradictions(facts)
    refuse(document, faults)
    return facts


def _absent(value: object) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _missing(data: Mapping[str, Any], needs: Iterable[str]) -> list[str]:
    faults = []
    for need in needs:
        keys = need.split("|")
        if all(_absent(_at(data, key)) for key in keys):
            lacking = "缺少 " + " 或 ".join(f"{key}（{label(key)}）" for key in keys)
            faults.append(lacking + _misspelt(data, keys))
    return faults


def _misspelt(data: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Keys of the data that may have been meant."""
    unknown = [key for key in data if key not in {*KEYS, *RECORDS, "institution"}]
    close = {found for key in keys for found in difflib.get_close_matches(key, unknown, 1, 0.7)}
    return f"（数据里有 {'、'.join(sorted(close))}，是不是写错了键名？）" if close else ""


def _at(data: Mapping[str, Any], key: str) -> Any:
    """The value at `a` or `a.b`."""
    head, _, rest = key.partition(".")
    value = data.get(head)
    if rest and isinstance(value, Mapping):
        return value.get(rest)
    return None if rest else value


class _Reader:
    """Turns JSON values into facts and gathers the faults on the way."""

    def __init__(
        self,
        data: Mapping[str, Any],
        rows: str,
        needs_each: Sequence[str],
        blanks: frozenset[str],
        needs: Sequence[str],
    ) -> None:
        self.data, self.rows, self.needs_each, self.blanks = data, rows, needs_each, blanks
        self.needs = needs
        self.faults: list[str] = []

    def facts(self) -> Facts:
        found = {key: self._value(key, how) for key, how in KEYS.items()}
        found |= {key: self._list(key, record) for key, record in RECORDS.items()}
        found["institution"] = self._institution()
        return Facts(**{key: value for key, value in found.items() if value is not None})

    def _value(self, key: str, how: Key) -> Any:
        value = self.data.get(key)
        if _absent(value):
            return None
        if value == BLANK and key in self.blanks:
            return BLANK
        try:
            return how.parse(value)
        except ValueError as error:
            self.faults.append(f"{key}（{how.label}）{error}：{parts.shown(value)}")
            return None

    def _institution(self) -> Institution | None:
        item = self.data.get("institution")
        if _absent(item):
            return None
        # Its name is told to be missing once, where the document needs it.
        needed = () if "institution.name" in self.needs else ("name",)
        fields = self._record(item, "institution（机构）", ONE_INSTITUTION, needed)
        return Institution(**fields) if "name" in fields else None

    def _list(self, key: str, record: Record) -> tuple[Any, ...]:
        value = self.data.get(key)
        if _absent(value):
            return ()
        if not isinstance(value, list):
            self.faults.append(f"{key}（{record.label}）应是列表（方括号）：{parts.shown(value)}")
            return ()
        needed = (*record.always, *(self.needs_each if key == self.rows else ()))
        found = [
            self._record(item, f"{key} 第{i}{record.unit}", record, needed)
            for i, item in enumerate(value, 1)
        ]
        return tuple(record.made(**fields) for fields in found if fields)

    def _record(
        self, item: Any, where: str, record: Record, needed: Sequence[str]
    ) -> dict[str, Any]:
        """The values of one object of a list; {} where it cannot be used."""
        if not isinstance(item, Mapping):
            self.faults.append(f"{where}应是一个对象（花括号）：{parts.shown(item)}")
            return {}
        found: dict[str, Any] = {}
        faults = []
        for key, how in record.keys.items():
            if _absent(item.get(key)):
                if key in needed:
                    faults.append(f"{where}缺少 {key}（{how.label}）")
                continue
            try:
                found[key] = how.parse(item[key])
            except ValueError as error:
                faults.append(f"{where}的 {key}（{how.label}）{error}：{parts.shown(item[key])}")
        self.faults += faults
        return {} if faults else found


def _contradictions(facts: Facts) -> list[str]:
    faults = []
    if facts.valid_from and facts.valid_to and facts.valid_to <= facts.valid_from:
        faults.append(
            f"valid_to（有效期止）{facts.valid_to} 不晚于 valid_from（有效期起）{facts.valid_from}"
        )
    return faults + _repeated(facts.institutions)


def _repeated(institutions: Sequence[Institution]) -> list[str]:
    """Institutions that stand in the list twice, and certificate numbers given twice."""
    faults: list[str] = []
    told: set[tuple[int, int]] = set()
    for key in ("uscc", "name", "certificate_no"):
        seen: dict[str, int] = {}
        for number, institution in enumerate(institutions, 1):
            value = getattr(institution, key)
            if not value or PLACEHOLDER in value:
                continue
            first = seen.setdefault(value, number)
            if first != number and (first, number) not in told:
                told.add((first, number))
                faults.append(
                    f"institutions 第{first}家与第{number}家重复：{INSTITUTION[key].label}都是 {value}"
                )
    return faults
