"""变更: the form an institution fills in, and the opinion of the bureau that recommended it
(第十三条)."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.announce.facts import Change, Facts
from pipeline.announce.wording import Wording
from pipeline.deadlines import UnknownYearError, WorkCalendar, add_months, months_deadline
from pipeline.regulation import Regulation


def form(facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar) -> dict[str, Any]:
    """The rows of the form: what is known, else empty ones for the pen."""
    empty = [Change("\u3000\n\u3000", "")] * int(wording.number("blank_rows"))
    return {"changed": facts.changes or empty}


def opinion(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """`late`: what was applied for after the month that the article gives."""
    months = law.value("name_change_months", facts.dated)
    applied = facts.received_at.day if facts.received_at else None
    late = [
        change.item
        for change in facts.changes
        if change.changed_on
        and applied
        and applied > _last_day(change.changed_on, months, calendar)
    ]
    return {"late": late}


def _last_day(changed: date, months: int, calendar: WorkCalendar) -> date:
    """Where a year's days of rest are not known, the day is not put off."""
    try:
        return months_deadline(changed, months, calendar)
    except UnknownYearError:
        return add_months(changed, months)
