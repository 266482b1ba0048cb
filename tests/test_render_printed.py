"""Forms that LibreOffice has turned into PDF: what is read is what was filled in, or it is told.

A page does not show everything: a space at a line's end, marks of direction, characters that no
font has. Those are never lost silently: the version code in the footer no longer fits, or the
value itself is pointed at.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from pipeline import flow
from pipeline.reading import Reading
from pipeline.render import docx
from tests import strategies
from tests.strategies import ANNEXES
from tests.test_render_docx import HOSTILE, LAW, with_text

Json = Any

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here"),
]

EXAMPLES = 15
#: A page shows these whole, wherever a line ends: no white space, nothing invisible, no emoji
#: that several characters make up.
SHOWN = [text for text in HOSTILE if not re.search(r"[\s\u200d\u200f\u202e]", text)]
PROSE = "\n".join(
    f"{year}年，我中心服务中小微企业{year - 1990}家次，数字化诊断（含A&B改造）{year % 7}项；开展“送政策”活动。" * 3
    for year in range(2015, 2024)
)[:1000]  # fmt: skip


def printed(forms: Mapping[str, bytes], folder: Path) -> dict[str, Reading]:
    """What is read in each form once it is a PDF, by name."""
    for name, form in forms.items():
        (folder / f"{name}.docx").write_bytes(form)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    files = [str(folder / f"{name}.docx") for name in forms]
    subprocess.run([*command, *files], check=True, capture_output=True, timeout=600)
    found: dict[str, Reading] = {}
    for name in forms:
        (found[name],) = flow.read_paths([folder / f"{name}.pdf"])
    return found


def leaves(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    if isinstance(value, (dict, list)):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, f"{pointer}/{key}")
    else:
        yield pointer, value


def silent(data: Json, reading: Reading) -> dict[str, tuple[Json, Json]]:
    """What is read otherwise than it was filled in, and nothing tells."""
    if any(finding.code == "version-mismatch" for finding in reading.findings):
        return {}
    told = {finding.pointer for finding in reading.findings} - {""}
    here, there = dict(leaves(data)), dict(leaves(reading.data))
    return {
        pointer: (here.get(pointer), there.get(pointer))
        for pointer in here.keys() | there.keys()
        if here.get(pointer) != there.get(pointer)
        and not any(pointer == p or pointer.startswith(f"{p}/") for p in told)
    }


@pytest.mark.parametrize("number", ANNEXES)
def test_whatever_is_filled_in_is_read_on_the_page_or_told(number: str, tmp_path: Path) -> None:
    given_data: dict[str, Json] = {}

    @settings(LAW, max_examples=EXAMPLES)
    @given(strategies.data(number))
    def collect(data: dict[str, Json]) -> None:
        given_data[f"any-{len(given_data)}"] = data

    collect()
    for at, text in enumerate(HOSTILE):
        given_data[f"hostile-{at}"] = with_text(number, text)
    annex = ANNEXES[number]
    found = printed({n: docx.render(annex, d) for n, d in given_data.items()}, tmp_path)
    assert {reading.annex for reading in found.values()} == {number}
    lost = {n: s for n, d in given_data.items() if (s := silent(d, found[n]))}
    assert lost == {}
    whole = {name for name, data in given_data.items() if found[name].data == data}
    shown = {f"hostile-{HOSTILE.index(text)}" for text in SHOWN}
    assert len(shown) > len(HOSTILE) / 2
    assert shown - whole == set()


@pytest.mark.parametrize(("number", "key"), [("1", "profile"), ("2", "services")])
def test_a_thousand_characters_in_lines_are_read_whole_on_the_page(
    number: str, key: str, tmp_path: Path
) -> None:
    data = {**ANNEXES[number].empty(), key: PROSE}
    (reading,) = printed({"prose": docx.render(ANNEXES[number], data)}, tmp_path).values()
    assert reading.data[key] == PROSE
    assert reading.version is not None and reading.version["matches"]


@pytest.mark.parametrize(
    ("number", "name", "date"),
    [
        ("1", "applicant", "filled_on"),
        ("3", "organisation", "filled_on"),
        ("5", "applicant", "dated"),
    ],
)
def test_a_name_of_any_length_is_read_whole_and_so_is_the_date_with_it(
    number: str, name: str, date: str, tmp_path: Path
) -> None:
    """A long name goes on under itself, or pushes the date over the end of the line."""
    whole = "湖南省中小企业公共服务平台有限责任公司长沙分公司数字化转型与知识产权综合服务中心"
    wanted = {f"{length}": (whole[:length], "2024-09-26") for length in range(14, len(whole), 2)}
    forms = {
        key: docx.render(ANNEXES[number], {**ANNEXES[number].empty(), name: said, date: day})
        for key, (said, day) in wanted.items()
    }
    found = printed(forms, tmp_path)
    assert {key: (found[key].data[name], found[key].data[date]) for key in found} == wanted


def test_a_value_changed_after_printing_is_told_by_the_code(tmp_path: Path) -> None:
    """Else the first test would prove nothing."""
    data = {**ANNEXES["6"].empty(), "organisation": "甲市工信局"}
    (reading,) = printed({"form": docx.render(ANNEXES["6"], data)}, tmp_path).values()
    assert silent(data, reading) == {}
    assert silent({**data, "organisation": "乙市工信局"}, reading).keys() == {"/organisation"}
