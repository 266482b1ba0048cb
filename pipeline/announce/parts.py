"""Single values of a document's data: JSON → what the wording speaks of.

Each function gives the value or raises a ValueError that says, in Chinese, what it should be.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from pipeline.deadlines import Policy

#: Years that a document of today can speak of.
FIRST_YEAR, LAST_YEAR = 1949, 2100
POLICIES: tuple[Policy, ...] = ("next_day", "same_day")


class Month(NamedTuple):
    year: int
    month: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A day, and the time of day where one is given (`14:05`)."""

    day: date
    time: str = ""


def shown(value: object) -> str:
    """A value as a message quotes it: a text bare, all else as it stands in the JSON."""
    quoted = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return quoted if len(quoted) <= 40 else quoted[:40] + "…"


def text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("应是文字（引号之内）")
    # A name broken over two lines in the source is one name.
    found = re.sub(r"(?<!\s)\s*[\r\n]\s*", "", value.strip()).replace("\t", " ")
    if not found.isprintable() and re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", found):
        raise ValueError("含有看不见的控制字符")
    return found


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("应是文字的列表（方括号）")
    return tuple(text(item) for item in value)


def day(value: Any) -> date:
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise ValueError("不是日历上有的日子") from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(f"年份应在{FIRST_YEAR}至{LAST_YEAR}之间")
        return found
    raise ValueError("应写作 2026-11-23 的样子")


def moment(value: Any) -> Moment:
    """A day, or a day and time `2026-11-23T14:05` (seconds and zone are dropped)."""
    if not isinstance(value, str):
        raise ValueError("应写作 2026-11-23 或 2026-11-23T14:05 的样子")
    if len(value) == 10:
        return Moment(day(value))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("应写作 2026-11-23 或 2026-11-23T14:05 的样子") from None
    return Moment(found.date(), f"{found:%H:%M}")


def year(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        raise ValueError("应是数字，不加引号")
    if isinstance(value, bool) or not isinstance(value, int) or not 2000 <= value <= 2100:
        raise ValueError("应是四位年份的数字，如 2026")
    return value


def count(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        raise ValueError("应是整数，不加引号")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("应是不小于零的整数")
    return value


def percent(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("应是0至100的数字")
    return value


def months(value: Any) -> tuple[Month, ...]:
    """Months `2026-08`, in the order of time, each once."""
    return tuple(sorted({_month(item) for item in texts(value)}))


def _month(value: str) -> Month:
    match = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", value)
    if match is None:
        raise ValueError("各月应写作 2026-08 的样子")
    return Month(int(match[1]), int(match[2]))


def policy(value: Any) -> Policy:
    for known in POLICIES:
        if value == known:
            return known
    raise ValueError("应是 next_day（发布次日起算）或 same_day（发布当日起算）")


def number(value: Any) -> str:
    """GB/T 9704-2012 §7.2.5: 年份、发文顺序号用阿拉伯数字; 年份用六角括号〔〕括入; 不编虚位、不加“第”."""
    found = text(value)
    if not re.fullmatch(r"\S*[^\s\d〔〕]〔\d{4}〕[1-9]\d*号", found):
        raise ValueError(
            "应写作“湘工信中小服务〔2026〕12号”的样子（六角括号，序号不带“第”和前导零）"
        )
    return found


def postcode(value: Any) -> str:
    found = text(value)
    if not re.fullmatch(r"\d{6}", found):
        raise ValueError("应是六位数字")
    return found
