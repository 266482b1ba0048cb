"""认定通知: the document that certifies (第九条（五）, 第十一条), with the list as its 附件; and
到期名单, which says whose title ends in a year."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.announce.facts import Facts, refuse
from pipeline.announce.wording import Wording
from pipeline.deadlines import ONE_DAY, WorkCalendar, add_years
from pipeline.regulation import Regulation


def values(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """The years of validity where they are whole."""
    return {"validity_years": whole_years(facts.valid_from, facts.valid_to)}


def expiring(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """Nothing more; but every title of the list must end in the year it is for."""
    refuse(
        wording.entry("document"),
        [
            f"institutions 第{number}家（{it.name}）的 valid_to（有效期止）不在{facts.year}年："
            f"{it.valid_to}"
            for number, it in enumerate(facts.institutions, 1)
            if it.valid_to is not None and it.valid_to.year != facts.year
        ],
    )
    return {}


def whole_years(start: date | None, end: date | None) -> int | None:
    """The whole years from `start` to `end`, its last day; None where it is no whole number, for
    the end of a title is set by the notice and need not be (R11.1)."""
    if start is None or end is None:
        return None
    years = end.year - start.year
    ends = (add_years(start, years), add_years(start, years) - ONE_DAY)
    return years if years > 0 and end in ends else None
