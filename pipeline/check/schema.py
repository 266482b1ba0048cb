"""The shape of an annex's data: JSON Schema's errors in the words of the form.

`findings` says at most one thing of each field. It serves what was read and what is given to
`render --data` alike; a raw message of the validator never reaches anybody.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, TypeChecker
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

from pipeline.annex import Annex, FieldSpec
from pipeline.check import quick
from pipeline.check.fitness import Trouble, misfit
from pipeline.check.messages import compose, shown
from pipeline.findings import Finding

Json = Any

#: So many unknown keys are named.
SHOWN_KEYS = 5


def findings(annex: Annex, data: Json) -> list[Finding]:
    """Where the data does not have the shape of its annex: one finding a field, in reading order."""
    found: dict[str, Finding] = {}
    for error in validator(annex).iter_errors(data):
        for finding in _translated(annex, Fault.of(error)):
            found.setdefault(finding.pointer, finding)
    return list(found.values())


# ---------------------------------------------------------------- the validator

_formats = FormatChecker(formats=())


@_formats.checks("date-or-month")
def _is_date_or_month(value: object) -> bool:
    """A day or a month that the calendar has; the order of the characters is the pattern's."""
    if not isinstance(value, str):
        return True
    try:
        date.fromisoformat(value if value.count("-") == 2 else f"{value}-01")
    except ValueError:
        return False
    return True


def _is_finite_number(checker: TypeChecker, value: object) -> bool:
    """Python's JSON admits NaN and Infinity; no form does."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """As ECMA-262 reads it: `$` is the end, where Python would let a line break follow."""
    return re.compile(pattern.replace("$", r"\Z"))


def _pattern(
    validator: Validator, pattern: str, value: object, schema: Mapping[str, Json]
) -> Iterator[ValidationError]:
    if isinstance(value, str) and not _compiled(pattern).search(value):
        yield ValidationError("pattern")


_types = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_finite_number)


def _type_test(asked: str | list[str]) -> quick.Test:
    names = [asked] if isinstance(asked, str) else asked

    def holds(value: Json) -> bool:
        return any(_types.is_type(value, name) for name in names)

    by_type = {type(value): holds(value) for value in ("", 0, True, None)}  # alike for all of them
    return lambda value: by_type[type(value)] if type(value) in by_type else holds(value)


def _pattern_test(asked: str) -> quick.Test:
    search = _compiled(asked).search
    return lambda value: not isinstance(value, str) or search(value) is not None


def _format_test(asked: str) -> quick.Test:
    return lambda value: _formats.conforms(value, asked)


#: The words that are read here in their own way, for the quick test.
LEAVES = {"type": _type_test, "pattern": _pattern_test, "format": _format_test}

_Keyword = Callable[[Validator, Json, object, Mapping[str, Json]], Iterator[ValidationError]]


def _items_of(root: Mapping[str, Json]) -> _Keyword:
    """The word `items` within a schema: rows that are right at first glance are not looked at
    again."""
    tests: dict[int, quick.Test] = {}  # by the identity of a schema within `root`

    def items(
        validator: Validator, asked: Json, value: object, schema: Mapping[str, Json]
    ) -> Iterator[ValidationError]:
        if isinstance(value, list):
            holds = tests.get(id(asked))
            if holds is None:
                holds = tests[id(asked)] = quick.test_of(asked, root, LEAVES)
            for index, item in enumerate(value):
                if not holds(item):
                    yield from validator.descend(item, asked, path=index)  # type: ignore[attr-defined]

    return items


def _validator_class(root: Mapping[str, Json]) -> Callable[..., Validator]:
    made: Callable[..., Validator] = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        validators={"pattern": _pattern, "items": _items_of(root)},
        type_checker=_types,
    )
    return made


#: Validators by the identity of the schema they were built from, which they keep alive.
_built: dict[int, Validator] = {}


def validator(annex: Annex) -> Validator:
    """The annex's validator, built once."""
    known = _built.get(id(annex.schema))
    if known is None:
        known = _validator_class(annex.schema)(annex.schema, format_checker=_formats)
        _built[id(annex.schema)] = known
    return known


# ---------------------------------------------------------------- translation


@dataclass(frozen=True, slots=True)
class Fault:
    """An error of the validator: where, which keyword, what the keyword asks, what stands there,
    and the schema around the keyword."""

    pointer: str
    keyword: str
    asked: Json
    value: Json
    schema: Json

    @classmethod
    def of(cls, error: ValidationError) -> Fault:
        pointer = "".join(f"/{_escaped(key)}" for key in error.absolute_path)
        keyword = str(error.validator)
        return cls(pointer, keyword, error.validator_value, error.instance, error.schema)


def _escaped(key: str | int) -> str:
    return str(key).replace("~", "~0").replace("/", "~1")


def _translated(annex: Annex, fault: Fault) -> Iterator[Finding]:
    if fault.keyword == "required":
        yield from _missing_keys(annex, fault)
    elif fault.keyword == "additionalProperties":
        yield compose(annex, "unknown-key", fault.pointer, keys=_unknown_keys(fault))
    elif fault.keyword == "oneOf":
        yield from _marks(annex, fault)
    else:
        trouble = _trouble(annex, fault)
        yield compose(annex, trouble.code, fault.pointer, **trouble.details)


def _missing_keys(annex: Annex, fault: Fault) -> Iterator[Finding]:
    for key in fault.asked:
        if key not in fault.value:
            yield compose(annex, "missing-key", f"{fault.pointer}/{_escaped(key)}")


def _unknown_keys(fault: Fault) -> str:
    known = fault.schema.get("properties", {})
    unknown = [shown(str(key)) for key in fault.value if key not in known]
    return "、".join(unknown[:SHOWN_KEYS])


def _marks(annex: Annex, fault: Fault) -> Iterator[Finding]:
    """附件4 服务性质: only one mark of the two is given, or both are and neither is ticked."""
    names = list(fault.asked[0]["properties"])
    marks = {name: fault.value.get(name) for name in names}
    if not all(mark is None or isinstance(mark, bool) for mark in marks.values()):
        return  # a mark of another type has its own finding
    blank = [name for name, mark in marks.items() if mark is None]
    code, at = ("service-mode-half", blank[0]) if blank else ("service-mode", names[0])
    first, second = (_title(annex, f"{fault.pointer}/{name}") for name in names)
    details = {"self_title": first, "partner_title": second}
    yield compose(annex, code, f"{fault.pointer}/{at}", **details)


def _title(annex: Annex, pointer: str) -> str:
    spec = annex.field(pointer)
    return spec.title if spec else pointer


def _trouble(annex: Annex, fault: Fault) -> Trouble:
    """What an error about one value means: by its keyword, and by the field's kind."""
    spec = annex.field(fault.pointer)
    if fault.keyword == "not":
        return Trouble("empty-row", {})
    if spec is None:
        return _of_structure(fault)
    of_keyword = _BY_KEYWORD.get(fault.keyword)
    return of_keyword(fault, spec) if of_keyword else misfit(fault.value, spec)


def _of_structure(fault: Fault) -> Trouble:
    if fault.keyword in ("minItems", "maxItems"):
        return Trouble("wrong-length", {"limit": fault.asked, "found": len(fault.value)})
    code = "not-list" if fault.asked == "array" else "not-object"
    return Trouble(code, {"value": shown(fault.value)})


_TYPE_CODES = {"integer": "not-integer", "number": "not-number", "boolean": "not-flag"}


def _of_type(fault: Fault, spec: FieldSpec) -> Trouble:
    asked = str(fault.asked)
    code = next((code for name, code in _TYPE_CODES.items() if name in asked), "not-text")
    return Trouble("not-date" if spec.kind == "date" else code, {"value": shown(fault.value)})


def _of_range(fault: Fault, spec: FieldSpec) -> Trouble:
    value = shown(fault.value)
    if spec.kind in ("percent", "year"):
        bounds = {"low": spec.schema["minimum"], "high": spec.schema["maximum"]}
        return Trouble(f"{spec.kind}-range", {"value": value, **bounds})
    code = "too-small" if fault.keyword == "minimum" else "too-large"
    unit = spec.unit or spec.title
    return Trouble(code, {"value": value, "limit": fault.asked, "unit": unit})


def _of_choice(fault: Fault, spec: FieldSpec) -> Trouble:
    code = "not-choices" if spec.kind == "choices" else "not-choice"
    return Trouble(code, {"value": shown(fault.value), "choices": "、".join(spec.choices)})


def _of_length(fault: Fault, spec: FieldSpec) -> Trouble:
    return Trouble("too-long", {"found": len(fault.value), "limit": fault.asked})


_DATE_LOOK = re.compile(r"\d{4}-\d{2}(?:-\d{2})?", re.ASCII)


def _of_calendar(fault: Fault, spec: FieldSpec) -> Trouble:
    """A text of another look than a date is no date; only one that has the look is impossible."""
    code = "date-impossible" if _DATE_LOOK.fullmatch(fault.value) else "not-date"
    return Trouble(code, {"value": shown(fault.value)})


_BY_KEYWORD: Mapping[str, Callable[[Fault, FieldSpec], Trouble]] = {
    "type": _of_type,
    "minimum": _of_range,
    "maximum": _of_range,
    "enum": _of_choice,
    "maxLength": _of_length,
    "format": _of_calendar,
}
