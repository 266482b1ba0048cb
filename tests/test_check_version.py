"""The version code: it stands for the values, and a change after printing is noticed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline import read
from pipeline.check.version import check_version
from pipeline.render import docx
from pipeline.version import footer, printed_code, version_code
from tests import strategies
from tests.test_render_docx import LAW, read_back

ANNEXES = strategies.ANNEXES


def furniture(path: Path) -> str:
    return "\n".join(p.text for document in read.read(path) for p in document.furniture)


@pytest.mark.parametrize("number", ANNEXES)
def test_the_code_of_what_was_read_is_the_printed_one(number: str, tmp_path: Path) -> None:
    @settings(LAW, max_examples=strategies.examples(10))
    @given(strategies.data(number))
    def law(data: dict[str, Any]) -> None:
        path = tmp_path / "form.docx"
        path.write_bytes(docx.render(ANNEXES[number], data))
        ((_, back),) = read_back(path)
        check, finding = check_version(ANNEXES[number], back, furniture(path))
        assert finding is None
        assert (check is None) == (version_code(ANNEXES[number], data) == "")
        assert check is None or check.matches

    law()


def test_a_blank_form_carries_none() -> None:
    for annex in ANNEXES.values():
        assert footer(annex, annex.empty()) == ""


def test_a_change_after_printing_is_told() -> None:
    annex = ANNEXES["1"]
    data = {**annex.empty(), "name": "甲中心", "total_assets": 12.0}
    printed = footer(annex, data)
    check, finding = check_version(annex, {**data, "total_assets": 12}, printed)
    assert check is not None and check.matches and finding is None
    check, finding = check_version(annex, {**data, "total_assets": 12.5}, printed)
    assert check is not None and not check.matches
    assert finding is not None
    assert (finding.severity, finding.code, finding.pointer) == ("info", "version-mismatch", "")
    assert finding.article == "附件5 一" and check.printed in finding.message


def test_blanks_and_seals_make_no_difference_but_places_do() -> None:
    annex = ANNEXES["5"]
    data = {**annex.empty(), "applicant": "甲"}
    assert version_code(annex, {**data, "sealed": True}) == version_code(annex, {"applicant": "甲"})
    one = {"operations": [{"year": 2022}, {}]}
    other = {"operations": [{}, {"year": 2022}]}
    assert version_code(ANNEXES["1"], one) != version_code(ANNEXES["1"], other)
    assert version_code(ANNEXES["3"], {"organisation": "甲"}) != version_code(
        ANNEXES["4"], {"organisation": "甲"}
    )


@pytest.mark.parametrize("text", ["校验码：1O7B-lI9Z", "第1页  校 验 码: 107b－119z 共2页"])
def test_a_printed_code_is_found_and_mistaken_signs_are_understood(text: str) -> None:
    assert printed_code(text) == "107B-119Z"
    assert printed_code("校验码：12345-67890") is None
