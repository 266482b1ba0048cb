"""The promise of annex 5 as it stands, as somebody changed it, and as a recogniser misread it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow, read
from pipeline.document import Paragraph, Run
from pipeline.extract import extract

SAMPLE = Path(__file__).parent / "samples" / "附件5-真实性声明.docx"
#: A character and how sure the recogniser was of it; … stands for nothing.
Read = tuple[str, str, float]


def told(*changes: Read, scan: bool = True) -> tuple[Any, list[Any]]:
    """`text_intact` of the sample, with the first of each word replaced, and what is said of it."""
    (document,) = read.read(SAMPLE)
    blocks = []
    rest = list(changes)
    for block in document.blocks:
        assert isinstance(block, Paragraph)
        place = block.place._replace(scan="grey" if scan else None)
        runs: list[Run] = [Run(block.text)]
        for change in [c for c in rest if c[0] in block.text]:
            old, new, sure = change
            at = next(i for i, run in enumerate(runs) if old in run.text)
            before, _, after = runs[at].text.partition(old)
            runs[at : at + 1] = [Run(before), Run(new, sure=sure), Run(after)]
            rest.remove(change)
        blocks.append(replace(block, runs=tuple(run for run in runs if run.text), place=place))
    assert not rest
    (record,) = extract(replace(document, blocks=tuple(blocks)), flow.plans())
    found = [f for f in record.findings if f.pointer == "/text_intact"]
    return record.data["text_intact"], found


def test_the_promise_as_printed_is_intact() -> None:
    assert told() == (True, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("申报材料相关", "申报材料", 0.99), "“交的申报材料”之后缺“相关”"),
        (("无欺瞒", "欺瞒", 0.99), "之后缺“无”"),
        (("愿意", "不愿意", 0.99), "之后多“不”"),
    ],
)
@pytest.mark.parametrize("scan", [True, False])
def test_a_word_left_out_or_put_in_is_found(change: Read, said: str, scan: bool) -> None:
    intact, (finding,) = told(change, scan=scan)
    assert intact is False
    assert (finding.severity, finding.code) == ("error", "text-changed")
    assert said in finding.message


def test_what_the_recogniser_doubted_is_taken_for_misread() -> None:
    intact, (finding,) = told(("申报材料相关", "甲报材料相关", 0.6))
    assert intact is True
    assert (finding.severity, finding.code) == ("warning", "text-unclear")
    assert "“申”作“甲”" in finding.message


@pytest.mark.parametrize(
    "changes",
    [
        [("申报材料相关", "中报材料相关", 0.999)],  # read as surely as what stands there
        [("无欺瞒", "欺瞒", 0.5)],  # beside ink that nothing was read of
        [("愿意", "愿意但涉及经费部分除外", 0.6)],  # nothing printed that it could be
    ],
)
def test_what_only_the_paper_can_tell_is_null_and_pointed_at(changes: list[Read]) -> None:
    intact, (finding,) = told(*changes)
    assert intact is None
    assert (finding.severity, finding.code) == ("warning", "text-unclear")


def test_a_sure_change_counts_beside_doubtful_ones() -> None:
    intact, (finding,) = told(("申报材料相关", "甲报材料相关", 0.6), ("愿意", "不愿意", 0.99))
    assert intact is False
    assert "多“不”" in finding.message and "甲" not in finding.message
