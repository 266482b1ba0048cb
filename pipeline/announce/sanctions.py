"""暂停, 恢复, 整改, 撤销: what befalls a title in its time of validity (第十四、十七、十八、十九条).

Which cause or ground rests on which article, and what follows from it, stands in the wording's
`causes` and `grounds`; how many months or years, in the regulation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pipeline.announce.facts import Facts, label, refuse
from pipeline.announce.wording import Wording
from pipeline.deadlines import UnknownYearError, WorkCalendar, add_months, add_years
from pipeline.regulation import Regulation


def suspension(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """From when the title is suspended (`since`) and by when to report or mend (`deadline`), by
    the wording's `causes`."""
    cause = _chosen("cause", facts.cause, "causes", wording)
    key = str(cause["since"])
    since = getattr(facts, key, None)
    document = wording.entry("document")
    if since is None:
        refuse(document, [f"缺少 {key}（{label(key)}），{cause['name']}必需"])
    months = law.value(str(cause["months"]), since)
    return {"cause": facts.cause, "since": since, **_deadline(facts, since, months, calendar)}


def restoration(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """The cause that has gone; from when the title is used again (`since`)."""
    _chosen("cause", facts.cause, "causes", wording)
    return {"since": facts.effective_on or facts.dated}


def rectification(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """By when to mend (第十八条): months from the notice of suspension."""
    since = facts.suspended_on
    assert since is not None, "needs suspended_on"
    return _deadline(facts, since, law.value("rectification_months", since), calendar)


def _deadline(
    facts: Facts, since: date | None, months: int, calendar: WorkCalendar
) -> dict[str, Any]:
    """The last day: as stated, else the corresponding day, put off over days of rest. Where that
    year's days of rest are not known, `may_move` says that it may still be put off."""
    if facts.deadline or since is None:
        return {"deadline": facts.deadline, "may_move": False}
    last = add_months(since, months)
    try:
        return {"deadline": calendar.roll(last), "may_move": False}
    except UnknownYearError:
        return {"deadline": last, "may_move": True}


def revocation(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """For each ground of the wording its article and the last day of its ban (`bans`: a date, or
    None where the article states none: 第十八条)."""
    grounds = wording.mapping("grounds", ("article", "name"))
    refuse(
        wording.entry("document"),
        [
            f"institutions 第{number}家（{it.name}）的 ground（撤销的情形）应是下列之一：{_listed(grounds)}"
            for number, it in enumerate(facts.institutions, 1)
            if it.ground not in grounds
        ],
    )
    assert facts.dated is not None, "needs dated"
    bans = {name: _ban(ground, facts.dated, law) for name, ground in grounds.items()}
    used = [ground for name, ground in grounds.items()
            if any(it.ground == name for it in facts.institutions)]  # fmt: skip
    banned = any(bans[it.ground] for it in facts.institutions)
    unbanned = any(bans[it.ground] is None for it in facts.institutions)
    articles = list(dict.fromkeys(str(ground["article"]) for ground in used))
    return {
        "grounds": grounds,
        "bans": bans,
        "articles": articles,
        "some_banned": banned,
        "some_unbanned": unbanned,
    }


def _ban(ground: Mapping[str, Any], decided: date, law: Regulation) -> date | None:
    """The last day on which one may not apply: the corresponding day (R19.1)."""
    provision = ground.get("ban")
    return add_years(decided, law.value(str(provision), decided)) if provision else None


def _chosen(key: str, value: str | None, part: str, wording: Wording) -> Mapping[str, Any]:
    """The entry of the wording that a datum names."""
    choices = wording.mapping(part, ("name",))
    if value is None or value not in choices:
        refuse(
            wording.entry("document"), [f"{key}（{label(key)}）应是下列之一：{_listed(choices)}"]
        )
    return choices[str(value)]


def _listed(choices: Mapping[str, Mapping[str, Any]]) -> str:
    return "、".join(f"{key}（{entry['name']}）" for key, entry in choices.items())
