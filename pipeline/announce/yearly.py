"""年度申报通知 and 年度总结和检查情况报告: what the year begins and ends with (第十条, 第十八条)."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

from pipeline.announce.facts import Facts, label, refuse
from pipeline.announce.wording import Wording
from pipeline.deadlines import WorkCalendar
from pipeline.regulation import Regulation


def call(facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar) -> dict[str, Any]:
    """Nothing more; but the days must follow each other."""
    keys = ("dated", "window_open", "window_close", "bureau_due")
    days = [(key, getattr(facts, key)) for key in keys]
    refuse(
        wording.entry("document"),
        [
            f"{after}（{label(after)}）{late} 早于 {before}（{label(before)}）{early}"
            for (before, early), (after, late) in pairwise(days)
            if late < early
        ],
    )
    return {}


def summary(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """The sums of the list; how many had which `results`."""
    unfiled = [it for it in facts.institutions if it.periods]
    return {
        "enterprises_served": sum(it.enterprises_served or 0 for it in facts.institutions),
        "activities": sum(it.activities or 0 for it in facts.institutions),
        "unfiled": len(unfiled),
        "unfiled_months": sum(len(it.periods) for it in unfiled),
        "results": list(Counter(it.result for it in facts.institutions).items()),
    }
