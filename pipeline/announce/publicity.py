"""公示: the list of those to be certified, made public for seven working days (第九条（四）)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.announce.facts import Facts
from pipeline.announce.fonts import FontSet
from pipeline.announce.letter import Letter, check, listing, set_letter, values_of
from pipeline.announce.wording import Wording
from pipeline.deadlines import Period, WorkCalendar, cn_date, publicity_period


def typeset(
    data: Mapping[str, Any],
    wording: Wording,
    fonts: FontSet,
    calendar: WorkCalendar | None = None,
) -> bytes:
    facts = check(data, wording)
    values = {
        **values_of(facts, wording),
        "period": period_of(facts, wording, calendar).spelled(),
    }
    dated = facts.dated or facts.posted_on
    assert dated is not None, "needs dated|posted_on"
    letter = Letter(
        title=wording.entry("title", **values),
        paragraphs=wording.paragraphs("body", **values),
        issuer=wording.entry("issuer"),
        dated=cn_date(dated),
        listing=listing(wording, values),
    )
    return set_letter(letter, fonts, wording.terms)


def period_of(facts: Facts, wording: Wording, calendar: WorkCalendar | None = None) -> Period:
    return publicity_period(
        facts.posted_on,
        facts.first_day,
        facts.policy,
        days=int(wording.number("working_days")),
        calendar=calendar,
    )
