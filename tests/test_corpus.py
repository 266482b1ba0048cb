"""A seeded part of the corpus of returned documents through the reader, in seconds.

One document of each habit and format (of the clean habits one of each annex); the whole corpus is
`python -m tests.corpus.score`. A habit that the reader does not master yet stands in `NOT_YET`
and is run all the same; take it out when it passes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.corpus import score  # noqa: E402
from tests.corpus.habits import HABITS  # noqa: E402
from tests.corpus.people import ALPHABET  # noqa: E402

#: Habits that do not pass yet, each with what is wrong.
NOT_YET: dict[str, str] = {}

#: Nothing of these may happen in any document, whatever its habit.
FORBIDDEN = ("silent", "unsaid", "alarm", "unread", "raised")


def scored(name: str, folder: Path) -> score.Result:
    reader, result = score.load(score.READER), score.Result()
    for form in ("docx", "xlsx"):
        for number, case in enumerate(HABITS[name].sample(form)):
            path = folder / f"{name}-{number}.{form}"
            path.write_bytes(case.bytes())
            result.add(score.score_file(case.truths, path, reader, paper=False))
    return result


def parameters() -> list[object]:
    return [
        pytest.param(
            name,
            marks=[pytest.mark.xfail(reason=NOT_YET[name], strict=False)]
            if name in NOT_YET
            else [],
        )
        for name in HABITS
    ]


@pytest.mark.parametrize("name", parameters())
def test_habit_is_read_without_a_silent_error(name: str, tmp_path: Path) -> None:
    result = scored(name, tmp_path)
    assert sum(result.counts.values()) > 0
    assert not [str(fault) for fault in result.faults if fault.kind in FORBIDDEN]
    assert result.share >= HABITS[name].right, [str(fault) for fault in result.faults]


def test_each_habit_has_its_line_in_the_readme() -> None:
    readme = (ROOT / "tests/corpus/README.md").read_text("utf-8")
    missing = [h.name for h in HABITS.values() if f"| `{h.name}` | {h.note} |" not in readme]
    assert missing == []


def test_the_same_seed_gives_the_same_bytes_and_truth() -> None:
    for name, form in (
        ("mixed-clean", "docx"),
        ("formulas", "xlsx"),
        ("declaration-seal-and-signature", "docx"),
    ):
        first, second = (next(iter(HABITS[name].sample(form))) for _ in range(2))
        assert first.bytes() == second.bytes()
        assert first.truths == second.truths


def test_invented_credit_codes_have_both_check_characters_right() -> None:
    for name in ("clean-word", "clean-wps"):
        code = next(iter(HABITS[name].sample("docx"))).data["uscc"]
        body = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        assert ALPHABET[(31 - body % 31) % 31] == code[17]


def test_a_wrong_value_that_nothing_points_at_is_counted_as_silent() -> None:
    case = next(iter(HABITS["clean-word"].sample("xlsx")))
    told = {"annex": "1", "data": {**case.data, "staff_count": 999, "county": None}, "issues": []}
    told["issues"] = [{"severity": "error", "code": "x", "pointer": "/county", "message": "?"}]
    result = score.compare(case.truth, told, "x", paper=False)
    assert (result.counts["silent"], result.counts["pointed"], result.counts["alarm"]) == (1, 1, 0)
