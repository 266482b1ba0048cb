"""The shape of data: every fault named once, in Chinese, in the words of the form."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from corpus.people import applicant
from jsonschema import Draft202012Validator
from jsonschema.validators import extend

from pipeline.annex import Annex, catalogue
from pipeline.check import check, quick, schema
from pipeline.check.schema import findings, validator

ANNEXES = catalogue()
CLEAN = applicant(Random(7)).annexes


def put(data: Any, pointer: str, value: Any) -> Any:
    """A copy of the data with another value at a pointer."""
    changed = copy.deepcopy(data)
    *path, last = pointer.split("/")[1:]
    part = changed
    for key in path:
        part = part[int(key)] if isinstance(part, list) else part[key]
    part[int(last) if isinstance(part, list) else last] = value
    return changed


def found(number: str, pointer: str, value: Any) -> list[tuple[str, str]]:
    return [
        (finding.code, finding.pointer)
        for finding in findings(ANNEXES[number], put(CLEAN[number], pointer, value))
    ]


@pytest.mark.parametrize("number", ANNEXES)
def test_clean_data_has_the_shape_of_its_annex(number: str) -> None:
    assert findings(ANNEXES[number], CLEAN[number]) == []


@pytest.mark.parametrize("number", ANNEXES)
def test_an_empty_form_has_the_shape_of_its_annex(number: str) -> None:
    assert findings(ANNEXES[number], ANNEXES[number].empty()) == []


@pytest.mark.parametrize(
    ("number", "pointer", "value", "code"),
    [
        ("1", "/name", 5, "not-text"),
        ("1", "/name", "", "empty-text"),
        ("1", "/name", "——", "empty-text"),
        ("1", "/name", " 长沙公司", "outer-space"),
        ("1", "/name", "长沙\x07公司", "control-characters"),
        ("1", "/name", "长" * 201, "too-long"),
        ("1", "/filled_on", 20240901, "not-date"),
        ("1", "/filled_on", "2024年9月1日", "not-date"),
        ("1", "/filled_on", "2024-02-30", "date-impossible"),
        ("1", "/filled_on", "2024-09-01\n", "not-date"),
        ("1", "/institution_type", "个体户", "not-choice"),
        ("1", "/premises", ["自有", "租用"], "not-choices"),
        ("1", "/premises", "自有", "not-choices"),
        ("1", "/staff_count", "13", "not-integer"),
        ("1", "/staff_count", 13.5, "not-integer"),
        ("1", "/staff_count", True, "not-integer"),
        ("1", "/staff_count", -1, "too-small"),
        ("1", "/total_assets", "100万", "not-number"),
        ("1", "/total_assets", float("nan"), "not-number"),
        ("1", "/total_assets", 1e12, "too-large"),
        ("1", "/equipment_asset_share", 120, "percent-range"),
        ("1", "/operations/0/year", 23, "year-range"),
        ("1", "/operations", [], "wrong-length"),
        ("1", "/operations", None, "not-list"),
        ("1", "/recommendation", "同意", "not-object"),
        ("1", "/principal_phone", "１３９００００４１６４", "full-width"),
        ("1", "/principal_phone", "1.39E+10", "number-precision"),
        ("1", "/website", "无", "nil-word"),
        ("1", "/email", "a b@example.com", "inner-space"),
        ("1", "/uscc", "91430182MA4X2E7B8", "uscc-length"),
        ("1", "/uscc", "91430182MA4X2E7B8O", "uscc-characters"),
        ("3", "/staff", {}, "not-list"),
        ("3", "/staff/0", [], "not-object"),
        ("3", "/staff/0/name", "合计", "not-a-row"),
        ("3", "/staff/0/name", "麻\n潇", "control-characters"),
        ("3", "/staff/0/insured", "有", "not-flag"),
        ("4", "/clients/0/period", "同上", "not-a-row"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_shape_is_named_once(
    number: str, pointer: str, value: Any, code: str
) -> None:
    assert found(number, pointer, value) == [(code, pointer)]


def test_a_code_of_wrong_length_says_how_many_characters_were_found() -> None:
    data = put(CLEAN["1"], "/uscc", "91430182MA4X2E7B8")
    assert "应为18位，“91430182MA4X2E7B8”有17位" in findings(ANNEXES["1"], data)[0].message


def test_a_wrong_character_of_a_code_is_shown() -> None:
    data = put(CLEAN["1"], "/uscc", "91430182MA4X2E7BIO")
    assert "含有“IO”" in findings(ANNEXES["1"], data)[0].message


def test_a_message_names_the_row_and_the_label() -> None:
    data = put(CLEAN["3"], "/staff/4/education", 1)
    (finding,) = findings(ANNEXES["3"], data)
    assert finding.message.startswith("附件3 第5行“学历”：应填文字，现为1。")
    assert finding.article == "第七条（三）"


def test_a_long_value_is_shortened() -> None:
    (finding,) = findings(ANNEXES["1"], put(CLEAN["1"], "/filled_on", "二〇二四" * 100))
    assert len(finding.message) < 100


def test_a_missing_key_is_named_at_its_own_pointer() -> None:
    data = copy.deepcopy(CLEAN["1"])
    del data["uscc"]
    assert [(f.code, f.pointer) for f in findings(ANNEXES["1"], data)] == [("missing-key", "/uscc")]


def test_unknown_keys_are_named_together() -> None:
    data = {**CLEAN["6"], "phone": "1", "a/b": 2}
    (finding,) = findings(ANNEXES["6"], data)
    assert (finding.code, finding.pointer) == ("unknown-key", "")
    assert "“phone”、“a/b”" in finding.message


def test_data_that_is_no_object_is_refused_whole() -> None:
    assert [f.code for f in findings(ANNEXES["5"], [1])] == ["not-object"]


def test_a_row_with_nothing_in_it_is_no_row() -> None:
    row = dict.fromkeys(CLEAN["3"]["staff"][0]) | {"no": 1}
    assert found("3", "/staff/0", row) == [("empty-row", "/staff/0")]


def marks(by_self: Any, by_partner: Any) -> list[tuple[str, str]]:
    row = {**CLEAN["4"]["clients"][0], "by_self": by_self, "by_partner": by_partner}
    return found("4", "/clients/0", row)


def test_marks_are_both_given_or_both_blank() -> None:
    assert marks(True, False) == marks(True, True) == marks(None, None) == []
    assert marks(True, None) == [("service-mode-half", "/clients/0/by_partner")]
    assert marks(False, False) == [("service-mode", "/clients/0/by_self")]
    assert marks("√", False) == [("not-flag", "/clients/0/by_self")]


def test_the_validator_of_an_annex_is_built_once() -> None:
    assert validator(ANNEXES["1"]) is validator(ANNEXES["1"])


# ---------------------------------------------------------------- the quick test


def exact(annex: Annex) -> Any:
    """The validator as it would be without the quick test of rows."""
    words = {"pattern": schema._pattern}
    made: Any = extend(Draft202012Validator, words, type_checker=schema._types)  # type: ignore[no-untyped-call]
    return made(annex.schema, format_checker=schema._formats)


@pytest.mark.parametrize("number", ANNEXES)
def test_the_quick_test_says_what_the_validator_says(number: str) -> None:
    annex, asked = ANNEXES[number], exact(ANNEXES[number])
    holds = quick.test_of(annex.schema, annex.schema, schema.LEAVES)
    assert holds(CLEAN[number])
    for data in broken(annex, Random(number + "q"), 200):
        assert holds(data) == asked.is_valid(data), json.dumps(data)[:200]
        told = [(list(e.absolute_path), e.validator) for e in validator(annex).iter_errors(data)]
        assert told == [(list(e.absolute_path), e.validator) for e in asked.iter_errors(data)]


@pytest.mark.parametrize(
    "asked",
    [
        {"multipleOf": 2},
        {"not": {"multipleOf": 2}},
        {"const": 1},
        {"enum": ["a", 1]},
        {"$ref": "#/$defs/none"},
        {"additionalProperties": {"type": "null"}},
        {"items": {"contains": {}}},
    ],
)
def test_what_the_quick_test_does_not_know_it_leaves_to_the_validator(asked: Any) -> None:
    holds = quick.test_of(asked, {}, schema.LEAVES)
    assert not any(holds(value) for value in (None, 1, 2, "a", [], {}, {"x": 1}))


# ---------------------------------------------------------------- many broken inputs

_JUNK: tuple[Any, ...] = (
    None, True, -5, 3.7, 10**15, float("inf"), "", " ", "/", "——", "\x00", "a\tb", "无", "合计", "１２", "1e5", "X" * 1500,
    "2024-13-40", "2024-02-30", "a@b\n", "^[0-9]{18}$", [], [1], [None], ["租用", "租用"], {}, {"x": 1}, [[]], [{}],
)  # fmt: skip


def broken(annex: Annex, rng: Random, count: int) -> Iterator[Any]:
    for _ in range(count):
        data = copy.deepcopy(CLEAN[annex.number])
        for _ in range(rng.randint(1, 4)):
            data = _bent(data, rng)
        yield data
    yield from _JUNK


def _bent(data: Any, rng: Random) -> Any:
    if not isinstance(data, (dict, list)) or not data or rng.random() < 0.1:
        return copy.deepcopy(rng.choice(_JUNK))
    key: Any = rng.choice(list(data)) if isinstance(data, dict) else rng.randrange(len(data))
    if isinstance(data, dict) and rng.random() < 0.1:
        data[rng.choice(("x", "a/b", "~"))] = data.pop(key)
    else:
        data[key] = _bent(data[key], rng)
    return data


_SCHEMA_WORDS = re.compile(
    r"is not|does not|match|valid|required|property|pattern|type\b|enum|None|\bnull\b|\(\?|\\u|\\s|\{\d", re.IGNORECASE
)  # fmt: skip


@pytest.mark.parametrize("number", ANNEXES)
def test_broken_data_is_told_in_chinese_and_never_in_the_words_of_a_schema(number: str) -> None:
    for data in broken(ANNEXES[number], Random(number), 30):
        for finding in check(ANNEXES[number], data):
            said = re.sub(r"“[^”]*”", "", finding.message)  # what was found is quoted as it stands
            assert not _SCHEMA_WORDS.search(said), finding
            assert said.endswith("。") and said.startswith("附件"), finding


@pytest.mark.parametrize("number", ANNEXES)
def test_the_shape_is_told_once_a_field_and_misses_nothing(number: str) -> None:
    annex = ANNEXES[number]
    for data in broken(annex, Random(number + "a"), 30):
        told = [finding.pointer for finding in findings(annex, data)]
        assert len(told) == len(set(told))
        assert bool(told) is not validator(annex).is_valid(data), json.dumps(data)[:200]
