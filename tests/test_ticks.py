"""Which boxes are ticked: a mark belongs to the word its template's boxes stand beside."""

from __future__ import annotations

import pytest

from pipeline.document import Run
from pipeline.extract.ticks import read_boxes, read_choice

AFTER = ("事业单位", "民非组织", "社会团体", "私人企业", "国有企业", "其他企业")
BEFORE = (
    "数字化转型",
    "技术创新",
    "品牌提升",
    "融资促进",
    "创业创新",
    "知识产权保护",
    "政务服务",
    "市场开拓",
    "其它服务",
)


def after(text: str) -> tuple[list[str], str]:
    reading = read_boxes([Run(text)], AFTER, before=False)
    return [AFTER[i] for i in reading.chosen], reading.code


def before(text: str) -> tuple[list[str], str]:
    reading = read_boxes([Run(text)], BEFORE, before=True, synonyms={"其他服务": "其它服务"})
    return [BEFORE[i] for i in reading.chosen], reading.code


ALL_AFTER = "事业单位{} 民非组织{} 社会团体{} 私人企业{} 国有企业{} 其他企业{}"
ALL_BEFORE = "".join("{}" + word + " " for word in BEFORE)


@pytest.mark.parametrize("tick", [*"☑☒■●√✓✔×✗", "V", "是", "[√]", "（√）"])
def test_every_tick_is_understood_on_either_side(tick: str) -> None:
    for index, word in enumerate(AFTER):
        marks = ["□"] * 6
        marks[index] = tick
        assert after(ALL_AFTER.format(*marks)) == ([word], "")
    for index, word in enumerate(BEFORE):
        marks = ["□"] * 9
        marks[index] = tick
        assert before(ALL_BEFORE.format(*marks)) == ([word], "")


def test_a_tick_between_two_words_without_boxes_belongs_by_the_template() -> None:
    assert after("事业单位√民非组织") == (["事业单位"], "")
    assert before("技术创新√品牌提升") == (["品牌提升"], "")


def test_boxes_on_the_other_side_are_seen() -> None:
    assert after("□事业单位 ☑民非组织 □社会团体 □私人企业 □国有企业 □其他企业") == (
        ["民非组织"],
        "",
    )


def test_a_tick_beside_a_printed_box_is_taken_and_pointed_at() -> None:
    assert after("√事业单位□ 民非组织□ 社会团体□") == (["事业单位"], "tick-unclear")
    assert after("事业单位□ √民非组织□ 社会团体□") == (["民非组织"], "tick-unclear")


def test_nothing_ticked_is_nothing() -> None:
    assert after(ALL_AFTER.format(*["□"] * 6)) == ([], "")


def test_only_the_chosen_word_left_is_chosen() -> None:
    assert after("民非组织") == (["民非组织"], "")
    assert before("其他服务") == (["其它服务"], "")


def test_only_the_word_with_its_empty_box_is_pointed_at() -> None:
    assert after("民非组织□") == (["民非组织"], "tick-empty")


def test_emphasis_alone_is_given_and_pointed_at() -> None:
    runs = [Run("事业单位□ "), Run("民非组织", bold=True), Run("□ 社会团体□")]
    reading = read_boxes(runs, AFTER, before=False)
    assert (reading.chosen, reading.code) == ((1,), "tick-emphasis")


def test_two_ticked_is_no_answer_and_names_both() -> None:
    reading = read_boxes([Run("☑技术创新 ☑品牌提升 □融资促进")], BEFORE, before=True)
    parsed = read_choice(reading, BEFORE)
    assert parsed.value is None and parsed.problem is not None
    assert "技术创新" in parsed.problem.text and "品牌提升" in parsed.problem.text


def test_other_words_are_pointed_at() -> None:
    assert after("股份公司") == ([], "not-choice")


def test_crosses_beside_one_tick_say_no() -> None:
    assert after("事业单位×  民非组织×  社会团体×  私人企业√  国有企业×  其他企业×") == (
        ["私人企业"],
        "",
    )
    assert before("×技术创新 √品牌提升 ×融资促进") == (["品牌提升"], "")


@pytest.mark.parametrize("boxes", ["√□", "□√"])
def test_a_tick_that_touches_its_own_box_is_clear(boxes: str) -> None:
    assert after(f"事业单位□  民非组织{boxes}  社会团体□") == (["民非组织"], "")
    assert before(f"□技术创新  {boxes}品牌提升  □融资促进") == (["品牌提升"], "")


@pytest.mark.parametrize(
    ("on", "off"), [("★", "☆"), ("◆", "◇"), ("▲", "△"), ("⊠", "□"), ("Ｖ", "□"), ("☆", "□")]
)
def test_filled_beside_hollow(on: str, off: str) -> None:
    marks = [off, on, off, off, off, off]
    assert after(ALL_AFTER.format(*marks)) == (["民非组织"], "")
