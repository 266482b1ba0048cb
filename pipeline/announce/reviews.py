"""初审, 评审, 考察, 验收: what was found, condition by condition (第九条（二）（三）, 第十八条).

The words a conclusion may have stand in the wording; the regulation gives no marks, so there are
none here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.announce.facts import Condition, Facts, refuse
from pipeline.announce.sanctions import rectification
from pipeline.announce.wording import Wording
from pipeline.deadlines import WorkCalendar
from pipeline.regulation import Regulation


def opinion(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """Every conclusion is one of the wording's."""
    refuse(wording.entry("document"), _unknown(facts.conditions, wording.names("conclusions")))
    return {}


def rejection(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """`unmet_count`: the conditions that are not met; without one there is nothing to reject."""
    opinion(facts, wording, law, calendar)
    unmet = [it for it in facts.conditions if it.conclusion in wording.names("unmet")]
    if not unmet:
        told = "、".join(wording.names("unmet"))
        refuse(wording.entry("document"), [f"conditions（逐项条件）里没有一项的结论是{told}"])
    return {"unmet_count": len(unmet)}


def form(facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar) -> dict[str, Any]:
    """The rows of a form: the conditions told, else the wording's own `criteria`; and what stands
    in the cell to fill in (`verdict`)."""
    criteria = [
        Condition(str(item["condition"]), str(item["article"]))
        for item in wording.items("criteria", ("condition", "article"))
    ]
    return {"criteria": facts.conditions or criteria, "verdict": wording.entry("verdict")}


def acceptance(
    facts: Facts, wording: Wording, law: Regulation, calendar: WorkCalendar
) -> dict[str, Any]:
    """`passed`, and whether it came after the months the article gives (`late`, `deadline`). What
    has passed as a whole has passed in every part."""
    allowed, pass_ = wording.names("conclusions"), wording.entry("passed")
    faults = [
        f"items 第{number}项的 result（验收结果）应是下列之一：{'、'.join(allowed)}，现为{it.result}"
        for number, it in enumerate(facts.items, 1)
        if it.result not in allowed
    ]
    if facts.conclusion not in allowed:
        faults.append(f"conclusion（验收结论）应是下列之一：{'、'.join(allowed)}")
    elif facts.conclusion == pass_ and any(it.result != pass_ for it in facts.items):
        faults.append(f"conclusion（验收结论）是{pass_}，items 里却有不是{pass_}的")
    refuse(wording.entry("document"), faults)
    last = rectification(facts, wording, law, calendar)
    late = facts.dated is not None and facts.dated > last["deadline"]
    return {**last, "passed": facts.conclusion == pass_, "late": late}


def _unknown(conditions: Sequence[Condition], allowed: Sequence[str]) -> list[str]:
    return [
        f"conditions 第{number}项的 conclusion（结论）应是下列之一：{'、'.join(allowed)}，"
        f"现为{it.conclusion}"
        for number, it in enumerate(conditions, 1)
        if it.conclusion not in allowed
    ]
