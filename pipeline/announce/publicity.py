"""公示: the list of those to be certified, made public for seven working days (第九条（四）)."""

from __future__ import annotations

from typing import Any

from pipeline.announce.facts import Facts
from pipeline.announce.wording import Wording
from pipeline.deadlines import WorkCalendar, publicity_period
from pipeline.regulation import Regulation


def values(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """The `period`, spelled out as notices print it; the day under the text (`signed_on`): one
    JSON file may serve the later documents of a round, whose `dated` comes after the posting."""
    days = law.value("publicity_days", facts.posted_on or facts.first_day)
    period = publicity_period(
        facts.posted_on, facts.first_day, facts.policy, days=days, calendar=calendar
    )
    dates = [day for day in (facts.dated, facts.posted_on) if day]
    return {"period": period.spelled(), "signed_on": min(dates)}
