"""Data that the schemas admit, for property tests: every kind of field, with hostile strings."""

from __future__ import annotations

import datetime
import os
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipeline.annex import Annex, FieldSpec, catalogue

ANNEXES = catalogue()


def examples(full: int) -> int:
    """How many examples a law is tried on: all in `make test`, a few in `make check`."""
    return 3 if os.environ.get("QUICK") else full


#: Characters of every sort that people and attackers type.
_CHARACTERS = st.one_of(
    st.sampled_from("湖南省长沙市某企业服务中心甲乙丙堃喆䶮𬱖，。；：“”（）〔〕—…·％℃①Ⅳ㎡"),
    st.sampled_from("abcXYZ0189 ０１ＡＢ&<>\"'{}%#_-+=@/\\|~`^$!?*()[].,;:"),
    st.sampled_from("😀👩‍👩‍👧\u200f\u200e\u202eאبé ñ\u00a0\u3000"),
    st.characters(exclude_categories=("Cs", "Cc", "Cn")),
)
_HOSTILE = st.sampled_from(
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "{{7*7}}", "{% for x in y %}", "{_{ a }_}", "{_% b %_}", "<w:p>", "</w:t>",
        "&amp;", "A&B<C", "]]>", "#{x}", "${x}", "机构名称", "联系电话", "□是", "√", "A\u200fB", "𬱖喆", "无", "是",
    ]
)  # fmt: skip
_LINE = st.one_of(_HOSTILE, st.text(_CHARACTERS, min_size=1, max_size=40))
_PROSE = st.lists(_LINE, min_size=1, max_size=5).map("\n".join)

_NUMBERS = st.one_of(
    st.integers(0, 10**8),
    st.decimals(0, 10**6, places=2, allow_nan=False).map(float),
    st.floats(0, 10**9, allow_nan=False, width=64),
)
_DATES = st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31))

_BY_KIND: dict[str, st.SearchStrategy[Any]] = {
    "name": _LINE,
    "text": _PROSE,
    "uscc": st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18),
    "phone": st.one_of(
        st.from_regex(r"\A(0731-8[0-9]{7}|1[3-9][0-9]{9})(、1[3-9][0-9]{9})?\Z"), _LINE
    ),
    "email": st.one_of(st.emails(), _LINE),
    "url": st.one_of(st.just("https://例子.example.com/a?b=c&d=<e>"), _LINE),
    "count": st.integers(0, 10**8),
    "amount": _NUMBERS,
    "number": _NUMBERS,
    "percent": st.one_of(st.integers(0, 100), st.floats(0, 100, allow_nan=False)),
    "year": st.integers(1949, 2099),
    "date": st.one_of(_DATES.map(str), _DATES.map(lambda d: str(d)[:7])),
    "flag": st.booleans(),
    "mark": st.booleans(),
    "picture": st.booleans(),
    "wording": st.just(True),
}


def _field(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.kind == "choices":
        return st.sampled_from(spec.schema["enum"])
    if spec.kind == "choice":
        return st.one_of(st.none(), st.sampled_from(spec.choices))
    if spec.kind == "wording":
        return st.just(True)
    values = _BY_KIND[spec.kind]
    if "minimum" in spec.schema:
        low, high = spec.schema["minimum"], spec.schema["maximum"]
        if low < 0:
            values = st.one_of(values, _NUMBERS.map(lambda n: -n))
        values = values.filter(lambda n: low <= n <= high)
    if "pattern" in spec.schema:
        values = values.filter(Draft202012Validator(dict(spec.schema)).is_valid)
    return st.one_of(st.none(), values)


def _build(annex: Annex, part: dict[str, Any], pointer: str) -> st.SearchStrategy[Any]:
    spec = annex.fields.get(pointer)
    if spec is not None:
        return _field(spec)
    if part.get("type") == "object":
        return st.fixed_dictionaries(
            {
                key: _build(annex, child, f"{pointer}/{key}")
                for key, child in part["properties"].items()
            }
        )
    if "minItems" in part:
        return st.tuples(
            *(_build(annex, part["items"], f"{pointer}/{i}") for i in range(part["minItems"]))
        ).map(list)
    rows = _build(annex, part["items"], f"{pointer}/-").filter(
        Draft202012Validator({**part["items"], "$defs": annex.schema["$defs"]}).is_valid
    )
    return st.lists(rows, max_size=4)


def data(number: str) -> st.SearchStrategy[dict[str, Any]]:
    """Whatever data the schema of an annex admits, complete."""
    annex = ANNEXES[number]
    return _build(annex, dict(annex.schema), "").filter(
        Draft202012Validator(dict(annex.schema)).is_valid
    )
