"""The regulation and its wording as data: what stands there, and what happens when it is broken."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from pipeline.annex import catalogue
from pipeline.check import messages
from pipeline.check.messages import BrokenDataError, compose
from pipeline.errors import UsageError
from pipeline.regulation import load, regulation

CHECK = Path(messages.__file__).parent


def test_the_numbers_of_the_text_are_there() -> None:
    law = regulation()
    wanted = {
        "floor_area_min": 150, "service_assets_min": 100, "full_time_staff_min": 10, "insured_staff_min": 3,
        "qualified_share_min": 60, "operating_years_min": 3, "publicity_days": 7, "title_years": 3,
        "name_change_months": 1, "major_change_months": 3, "monthly_filing_days": 10, "circular_after_months": 3,
        "revocation_after_months": 6, "filing_ban_years": 3, "rectification_months": 6, "annual_summary_due": "03-31",
        "complaints_max": 5, "complaints_years": 1, "revocation_ban_years": 3,
        "effective_from": date(2024, 8, 22), "effective_to": date(2029, 8, 22),
    }  # fmt: skip
    assert {name: law.value(name) for name in wanted} == wanted


def test_every_provision_cites_an_article_and_quotes_it() -> None:
    for provision in regulation().provisions.values():
        assert re.match(r"第[一二三四五六七八九十]+条", provision.article), provision.name
        assert provision.text


MINIMAL = """
regulation: 某号
title: 某办法
dated: 2024-08-22
printed: 2024-09-09
provisions:
  area: {article: 第七条, text: 150平方米以上, unit: 平方米, values: [{since: 2024-08-22, value: 150}, {since: 2016-01-01, value: 100}]}
tables: {}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "regulation.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_number_is_the_one_in_force_on_the_day(tmp_path: Path) -> None:
    law = load(written(tmp_path, MINIMAL))
    assert [law.value("area", day) for day in (None, date(2024, 8, 22), date(2024, 8, 21))] == [
        150,
        150,
        100,
    ]
    assert law.value("area", date(2000, 1, 1)) == 100


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: 某办法", "", "缺少“title”"),
        ("dated: 2024-08-22", "dated: 去年", "的日期“去年”"),
        ("article: 第七条, ", "", "provisions 的“area”缺少“article”"),
        ("values: [", "values: [{value: 1}, ", "逐项写出 since 和 value"),
        ("tables: {}", "tables: []", "provisions 和 tables"),
        ("tables: {}", "tables: {", "不是合格的 YAML"),
    ],
)
def test_a_broken_file_is_refused_with_what_to_mend(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(UsageError) as raised:
        load(written(tmp_path, MINIMAL.replace(old, new)))
    assert said in str(raised.value) and "regulation.yaml" in str(raised.value)


def test_a_file_that_is_not_there_or_holds_no_mapping_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="打不开"):
        load(tmp_path / "regulation.yaml")
    with pytest.raises(UsageError, match="名称: 内容"):
        load(written(tmp_path, "- 1"))


def test_an_unknown_name_is_an_error_that_names_it() -> None:
    with pytest.raises(UsageError, match="nothing_such"):
        regulation().value("nothing_such")


# ---------------------------------------------------------------- wording


def literals() -> set[str]:
    """Every string in the code of `check` that could be the code of a message."""
    found = set()
    for path in CHECK.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found | {"percent-range", "year-range"}  # put together from the kind of the field


def test_every_wording_is_used() -> None:
    assert set(messages.messages()) <= literals()


def test_every_wording_is_a_sentence() -> None:
    assert all(message.text.endswith("。") for message in messages.messages().values())


def test_a_code_without_wording_is_an_error_that_names_it() -> None:
    with pytest.raises(BrokenDataError, match="no-such-code"):
        compose(catalogue()["1"], "no-such-code", "/uscc")


def test_a_brace_that_nothing_fills_is_an_error_that_names_it() -> None:
    with pytest.raises(BrokenDataError, match="花括号"):
        compose(catalogue()["1"], "too-small", "/uscc", value=1)


def test_no_number_of_the_regulation_stands_in_the_code() -> None:
    for path in CHECK.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant):
                assert node.value not in (150, 1000, 3000), path
