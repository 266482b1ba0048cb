"""The version code (校验码): eight signs that stand for the values of a form.

Annex 5 has the applicant promise that the paper and the electronic copy agree. A prefilled form
carries the code of its values in the footer; whoever holds either copy can compare. The code is
the head of the SHA-256 of the values in a canonical form: JSON with sorted keys, without white
space, numbers in one spelling (after RFC 8785), blanks left out, so that it depends on nothing
but what stands in the form. What only a seal, a signature or the printed wording decide is not
part of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.annex import Annex

Json = Any

#: What stands before the code on a form.
LABEL = "校验码："

#: Crockford's base 32: no I, L, O, U, so that nobody mistakes one sign for another.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN = str.maketrans("ILO", "110")
_PRINTED = re.compile(
    r"校\s*验\s*码\s*[：:]\s*([0-9A-Za-z]{4})\s*[-－—–‐]\s*([0-9A-Za-z]{4})(?![0-9A-Za-z])"
)
_BLANKS: tuple[Json, ...] = (None, [], {})
_NOT_VALUES = frozenset({"picture", "wording"})


def version_code(annex: Annex, data: Mapping[str, Json]) -> str:
    """`XXXX-XXXX` for the values of a form; "" for a form with nothing in it."""
    values = _values(annex, data)
    if not values:
        return ""
    named = {"edition": annex.edition, "annex": annex.number, "data": values}
    canonical = json.dumps(named, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    number = int.from_bytes(hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).digest()[:5])
    signs = "".join(_SIGNS[number >> shift & 31] for shift in range(35, -1, -5))
    return f"{signs[:4]}-{signs[4:]}"


def footer(annex: Annex, data: Mapping[str, Json]) -> str:
    """What a form prints in its footer: `校验码：XXXX-XXXX`, or "" for a blank form."""
    code = version_code(annex, data)
    return f"{LABEL}{code}" if code else ""


def printed_codes(text: str) -> list[str]:
    """The codes that stand in footers, as `version_code` spells them."""
    return [
        f"{first}-{last}".upper().translate(_MISTAKEN) for first, last in _PRINTED.findall(text)
    ]


def printed_code(text: str) -> str | None:
    """The first code that stands in a footer's text."""
    return next(iter(printed_codes(text)), None)


def _values(annex: Annex, data: Mapping[str, Json]) -> dict[str, Json]:
    left_out = {
        pattern.strip("/") for pattern, spec in annex.fields.items() if spec.kind in _NOT_VALUES
    }
    kept = {
        key: _columns(annex, key, value) if key in annex.tables else _canonical(value)
        for key, value in data.items()
        if key not in left_out
    }
    return {key: value for key, value in kept.items() if value not in _BLANKS}


def _columns(annex: Annex, name: str, rows: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """A table as its columns: a name for each column and not for each cell of thousands. Blank
    rows at its end are no values."""
    filled = len(rows)
    while filled and not any(value is not None for value in rows[filled - 1].values()):
        filled -= 1
    rows = rows[:filled]
    columns: dict[str, Json] = {}
    for key in annex.tables[name]["properties"]:
        values = [row.get(key) for row in rows]
        kinds = set(map(type, values))
        if float in kinds:
            values = [_whole(v) if type(v) is float else v for v in values]
        if kinds - {type(None)}:
            columns[key] = values
    return columns


def _canonical(value: Json) -> Json:
    """Blanks left out, whole numbers as integers. Entries of a list keep their places."""
    if isinstance(value, float):
        return _whole(value)
    if isinstance(value, dict):
        kept = {key: _canonical(part) for key, part in value.items()}
        return {key: part for key, part in kept.items() if part not in _BLANKS}
    if isinstance(value, list):
        entries = [_canonical(part) for part in value]
        return entries if any(entry not in _BLANKS for entry in entries) else []
    return value


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number
