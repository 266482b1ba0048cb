"""Data that is allowed and looks wrong is told with its place; contradictions are refused."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from test_announce_documents import DATA, EXAMPLES, data_with, searchable

from pipeline.announce import KINDS, doubts, formats_of, typeset
from pipeline.announce.scrutiny import uscc_fault
from pipeline.cli import pipeline
from pipeline.errors import DataError, UsageError

#: The contract's own example, as it stands there.
CONTRACT: dict[str, Any] = {
    "number": "湘工信中小服务〔2026〕12号", "dated": "2026-11-23", "year": 2026,
    "posted_on": "2026-11-02", "first_day": "2026-11-03",
    "valid_from": "2026-12-01", "valid_to": "2029-11-30",
    "addressees": ["各市州工信局"], "address": "…", "postcode": "410004", "email": "…",
    "contacts": [{"name": "中小企业服务处", "phone": "0731-…"}],
    "institutions": [
        {"name": "…", "uscc": "…", "city": "长沙市", "county": "岳麓区",
         "main_service": "数字化转型", "certificate_no": "…"}
    ],
}  # fmt: skip
RIGHT = "91430281MAQG3T0UX9"


def one(**changes: Any) -> dict[str, Any]:
    right = {"name": "甲公司", "uscc": RIGHT, "city": "长沙市", "main_service": "市场开拓"}
    return {"institutions": [right | changes]}


@pytest.mark.parametrize("kind", ["publicity", "notice", "plaque"])
def test_the_contracts_example_is_written_and_what_is_left_to_fill_is_told(
    kind: str, tmp_path: Path
) -> None:
    source, out = tmp_path / "data.json", tmp_path / "out.pdf"
    source.write_text(json.dumps(CONTRACT, ensure_ascii=False), encoding="utf-8")
    done = CliRunner().invoke(
        pipeline, ["announce", kind, "--from", str(source), "--out", str(out)]
    )
    assert done.exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert "存疑：institutions 第1家的 uscc（统一社会信用代码）好像还没有填：…。" in done.stderr
    assert "contacts 第1个的 phone（联系电话）" in done.stderr


def test_strict_writes_nothing_where_there_is_a_doubt(tmp_path: Path) -> None:
    source, out = tmp_path / "data.json", tmp_path / "out.pdf"
    source.write_text(json.dumps(CONTRACT, ensure_ascii=False), encoding="utf-8")
    done = CliRunner().invoke(
        pipeline,
        ["announce", "notice", "--strict", "--from", str(source), "--out", str(out)],
        standalone_mode=False,
    )
    assert isinstance(done.exception, DataError)
    assert done.exception.exit_code == 2
    assert "第1家的 uscc" in str(done.exception)
    assert not out.exists()


def test_data_without_fault_raise_no_doubt() -> None:
    assert doubts("notice", CONTRACT | one() | {"address": "甲路1号", "email": "a@b.cn",
                  "contacts": [{"name": "服务处", "phone": "0731-88955001"}]}) == []  # fmt: skip


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        (RIGHT, ""),
        (RIGHT[:-1] + "8", "第18位应为 9"),
        ("91430281MAQG3T1UX9", "校验位不符"),
        (RIGHT[:-1], "应是18位，现有17位"),
        (RIGHT.replace("M", "O"), "没有的字符“O”"),
    ],
)
def test_a_credit_code_is_checked_to_its_last_character(code: str, fault: str) -> None:
    assert (fault in uscc_fault(code)) if fault else not uscc_fault(code)


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        (one(uscc=RIGHT[:-1] + "8"), "institutions 第1家的 uscc（统一社会信用代码）的校验位不符"),
        (one(city="长沙"), "第1家的 city（所属市州）不是本省的市州：长沙。是不是想写 长沙市？"),
        (one(sity="长沙市"), "institutions 第1家的键名 sity 没有用处，不会印出。是不是想写 city？"),
        ({"adress": "甲"}, "键名 adress 没有用处，不会印出。是不是想写 address？"),
        ({"number": "湘工信中小服务〔2025〕12号"}, "number（发文字号）的年份与 dated"),
        ({"valid_to": "2028-11-30"}, "有效期 2026-12-01 至 2028-11-30 不是整3年。"),
        ({"deadline": "2026-11-01"}, "deadline（截止日期）2026-11-01 早于 dated"),
    ],
)
def test_a_doubt_names_its_place(changes: dict[str, Any], doubt: str) -> None:
    assert any(doubt in found for found in doubts("notice", DATA | changes))


def test_a_publicity_with_one_telephone_is_doubted() -> None:
    one_phone = data_with(contacts=DATA["contacts"][:1])
    assert any("机关纪委" in doubt for doubt in doubts("publicity", one_phone))
    assert not any("机关纪委" in doubt for doubt in doubts("publicity", DATA))


def test_the_institution_of_a_letter_is_looked_at_too() -> None:
    data = {"institution": {"name": "甲公司", "uscc": RIGHT[:-1] + "8"}}
    (doubt,) = doubts("receipt", data)
    assert doubt.startswith("institution（机构）的 uscc（统一社会信用代码）的校验位不符")


def test_a_misspelt_key_is_shown_beside_the_one_that_lacks() -> None:
    data = data_with(addressees=None, addresses=["各市州工信局"])
    with pytest.raises(DataError, match=r"缺少 addressees.*数据里有 addresses，是不是写错了键名"):
        typeset("notice", data)


@pytest.mark.parametrize("key", ["uscc", "name", "certificate_no"])
def test_what_must_be_one_institutions_own_is_given_once(key: str) -> None:
    institutions = [dict(institution) for institution in DATA["institutions"]]
    institutions[2][key] = institutions[0][key]
    with pytest.raises(DataError, match=f"第1家与第3家重复：.*{institutions[0][key][:8]}"):
        typeset("notice", data_with(institutions=institutions))


def test_a_publicity_bears_the_day_of_its_posting() -> None:
    """One file serves a whole round: the later notice's date is none for the publicity."""
    data = data_with(posted_on="2026-11-02", first_day="2026-11-03", dated="2026-11-23")
    assert "湖南省工业和信息化厅2026年11月2日" in searchable(typeset("publicity", data))
    data = data_with(posted_on="2026-11-02", first_day="2026-11-03", dated="2026-10-30")
    assert "湖南省工业和信息化厅2026年10月30日" in searchable(typeset("publicity", data))


#: What people and programs put where something else belongs.
JUNK: list[Any] = [
    None, "", 0, -1, 3.5, True, [], {}, "〔待填〕", "2026-02-30", "9999-12-31", "0001-01-01",
    "字" * 200, [1], ["2026-08"], [{}], [None], "=1+1", "\ud800", "🀄", "２０２６", "甲\n乙", "|",
    "{{ x }}", float("nan"),
]  # fmt: skip


def spoilt(data: Any, random: Random) -> Any:
    """The data with one value somewhere in them replaced."""
    data = copy.deepcopy(data)
    node = data
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = random.choice(keys)
        if isinstance(node[key], dict | list) and node[key] and random.random() < 0.7:
            node = node[key]
        else:
            node[key] = random.choice(JUNK)
            return data


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_stands_in_the_data_there_is_a_document_or_a_sentence(kind: str) -> None:
    random = Random(kind)
    for number in range(30):
        data = spoilt(EXAMPLES[kind], random)
        file_format = random.choice(formats_of(kind))
        try:
            doubts(kind, data)
            assert typeset(kind, data, file_format=file_format), number
        except UsageError as error:
            assert error.exit_code == 2 and str(error).strip()


@pytest.mark.parametrize("kind", ["acceptance", "change_opinion", "summary"])
def test_a_document_that_goes_up_wants_a_signer(kind):
    data = copy.deepcopy(EXAMPLES[kind])
    assert not doubts(kind, data)
    del data["signer"]
    (doubt,) = doubts(kind, data)
    assert doubt.startswith("没有 signer（签发人）。上行文应当标注签发人")


def test_stand_ins_are_told_of_what_was_typeset_with_them(tmp_path):
    (tmp_path / "库.json").write_text(json.dumps(EXAMPLES["database"]), "utf-8")
    (tmp_path / "错.json").write_text("{}", "utf-8")
    for kind, name in (("database", "库.json"), ("notice", "错.json")):
        told = CliRunner().invoke(pipeline, ["announce", kind, "--from", str(tmp_path / name)])
        assert "字体有代用" not in told.output
    (tmp_path / "表.json").write_text("{}", "utf-8")
    told = CliRunner().invoke(
        pipeline, ["announce", "change_form", "--from", str(tmp_path / "表.json")]
    )
    assert "字体有代用" in told.output


def test_a_letter_about_a_title_that_has_ended_is_doubted():
    data = copy.deepcopy(EXAMPLES["suspension"])
    data["institution"]["valid_to"] = data["dated"]
    assert not doubts("suspension", data)
    data["institution"]["valid_to"] = "2026-11-01"
    assert doubts("suspension", data) == [
        "institution（机构）的 valid_to（有效期止）2026-11-01 早于 dated（成文日期）2026-11-23。"
    ]


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("year", "2026", "year（年度）应是数字，不加引号：2026"),
        ("periods", ["2026-9"], '各月应写作 2026-08 的样子：["2026-9"]'),
        ("institution", [{"name": "甲"}], '应是一个对象（花括号）：[{"name": "甲"}]'),
        ("reply_days", "5", "应是整数，不加引号：5"),
    ],
)
def test_a_wrong_value_is_shown_as_it_stands_in_the_file(key, value, told):
    with pytest.raises(DataError, match=re.escape(told)):
        typeset("reminder", EXAMPLES["reminder"] | {key: value})
