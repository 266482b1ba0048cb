"""The staff of annex 3, counted for articles 7 and 8: who is full-time, insured, qualified.

Every number is a range: what is certain, and what it could be at most once a person has settled
what is in doubt. A range of one number is certain.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.check import ranks
from pipeline.check.case import Case
from pipeline.values import show

ANNEX, TABLE = "3", "staff"


@dataclass(frozen=True, slots=True)
class Range:
    """From `low`, which is certain, to `high`, which is possible."""

    low: int
    high: int

    @property
    def certain(self) -> bool:
        return self.low == self.high

    def __str__(self) -> str:
        return show(self.low) if self.certain else f"{show(self.low)}至{show(self.high)}"


@dataclass(frozen=True, slots=True)
class Staff:
    """Full-time people, those of them with 社保证明, those with the education or title asked for."""

    full_time: Range
    insured: Range
    qualified: Range


def staff_of(case: Case) -> Staff | None:
    """Annex 3 counted; None where it is not there."""
    if ANNEX not in case.forms:
        return None
    marks = [
        _marks(case, row) for row in case.rows(ANNEX, TABLE) if case.value(ANNEX, f"{row}/name")
    ]
    return Staff(
        _range([full for full, _, _ in marks]),
        _range([_both(full, insured) for full, insured, _ in marks]),
        _range([_both(full, qualified) for full, _, qualified in marks]),
    )


def _marks(case: Case, row: str) -> tuple[ranks.Counts, ranks.Counts, ranks.Counts]:
    """Of one person: full-time, insured, qualified."""
    insured: ranks.Counts = "yes" if case.value(ANNEX, f"{row}/insured") else "no"
    if case.doubts(ANNEX, f"{row}/insured"):
        insured = "doubt"
    education = _rank(case, f"{row}/education", "education")
    title = _rank(case, f"{row}/title", "titles")
    return _full_time(case, row), insured, ranks.either(education, title)


def _full_time(case: Case, row: str) -> ranks.Counts:
    """专职 unless the row says otherwise (兼职, 实习, 返聘 …)."""
    words = " ".join(str(case.value(ANNEX, f"{row}/{key}") or "") for key in ("position", "title"))
    table = [*case.regulation.table("part_time"), {"counts": "yes", "words": [""]}]
    return ranks.counts(words, table) if words.strip() else "yes"


def _rank(case: Case, pointer: str, table: str) -> ranks.Counts:
    if case.doubts(ANNEX, pointer):
        return "doubt"
    return ranks.counts(case.value(ANNEX, pointer), case.regulation.table(table))


def _both(one: ranks.Counts, other: ranks.Counts) -> ranks.Counts:
    if "no" in (one, other):
        return "no"
    return "doubt" if "doubt" in (one, other) else "yes"


def _range(marks: list[ranks.Counts]) -> Range:
    sure = marks.count("yes")
    return Range(sure, sure + marks.count("doubt"))
