"""催报提醒 and 通报: months that were not filed (第十七条)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pipeline.announce.facts import Facts, refuse
from pipeline.announce.parts import Month
from pipeline.announce.wording import Wording
from pipeline.deadlines import WorkCalendar
from pipeline.regulation import Regulation


def reminder(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """`run`: how many of the months, up to the last, follow each other; `next`: what comes next,
    a 通报 or a revocation."""
    run = run_length(facts.periods)
    circular = law.value("circular_after_months", facts.dated)
    return {"run": run, "next": "circular" if run < circular else "revocation"}


def criticism(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """`runs` by institution; each must have as many months in a row as a 通报 needs."""
    least = law.value("circular_after_months", facts.dated)
    article = law.provision("circular_after_months").article
    runs = {it.name: run_length(it.periods) for it in facts.institutions}
    refuse(
        wording.entry("document"),
        [
            f"institutions 第{number}家（{it.name}）的 periods（未填报的月份）连续{runs[it.name]}个月，"
            f"不足{least}个月，不能通报（{article}）"
            for number, it in enumerate(facts.institutions, 1)
            if runs[it.name] < least
        ],
    )
    return {"runs": runs}


def run_length(periods: Sequence[Month]) -> int:
    """The months in a row up to the last: 5, 6, 8, 9, 10 → 3. The periods are in order."""
    run = min(1, len(periods))
    for before, month in pairwise(periods):
        run = run + 1 if follows(before, month) else 1
    return run


def follows(before: Month, month: Month) -> bool:
    return month.year * 12 + month.month == before.year * 12 + before.month + 1
