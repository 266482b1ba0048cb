"""Working days and months: how long seven working days are, and when a month ends.

Working days come from the State Council's yearly notices: the `chinesecalendar` library, and a
calendar file an office can add for years the library does not know. A year that neither knows
is refused with what is known so far, never guessed. Months and years count by 民法典:

- 第二百条: calendar units are the Gregorian ones;
- 第二百零一条: the day on which a period begins is not counted, it runs from the next day;
- 第二百零二条: a period of months or years ends on the corresponding day of its last month, or
  on that month's last day where there is none;
- 第二百零三条: where the last day is a legal holiday, the day after the holiday is the last;
- 第二百零四条: unless law or agreement says otherwise.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone
from pathlib import Path
from typing import Literal

import chinese_calendar
import yaml

from pipeline.errors import DataError

Policy = Literal["next_day", "same_day"]

ONE_DAY = timedelta(days=1)
#: Days are those of Beijing time (民法典第二百零三条: 截止时间), wherever the machine stands.
CHINA = timezone(timedelta(hours=8))


class UnknownYearError(DataError):
    """The working days of a year are not known yet. `known` are the days counted so far."""

    code = "calendar-unknown"

    def __init__(self, year: int, known: tuple[date, ...] = ()) -> None:
        counted = f"；目前已数到第{len(known)}个工作日（{cn_date(known[-1])}）" if known else ""
        super().__init__(
            f"{year}年的放假调休安排尚未掌握，暂不能计算工作日{counted}。",
            remedy="国务院办公厅公布该年安排后，请把它写入日历文件再算。",
        )
        self.year = year
        self.known = known


def cn_date(day: date) -> str:
    """2026年11月3日: month and day without leading zeros (GB/T 9704-2012 §7.3.5.4)."""
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True)
class Year:
    """The exceptions of one year: weekdays off, and weekend days on which work is made up."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class WorkCalendar:
    """Working days: those of a user file, else those of the library."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """UnknownYearError where nobody has published the year."""
        own = self.years.get(day.year)
        if own is not None:
            return day in own.workdays or (day.weekday() < 5 and day not in own.holidays)
        return bool(chinese_calendar.is_workday(self._known(day)))

    def is_public_holiday(self, day: date) -> bool:
        """A day of a named holiday (春节, 国庆节 …), not a mere weekend."""
        own = self.years.get(day.year)
        if own is not None:
            return day in own.holidays
        off, name = chinese_calendar.get_holiday_detail(self._known(day))
        return bool(off and name)

    def _known(self, day: date) -> date:
        if not _library_knows(day.year):
            raise UnknownYearError(day.year)
        return day

    def roll(self, day: date) -> date:
        """The day itself, or the first working day after it (民法典第二百零三条)."""
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def working_days(self, first: date, count: int) -> tuple[date, ...]:
        """`count` working days from `first` on, itself included where it is one."""
        days: list[date] = []
        day = first
        while len(days) < count:
            try:
                if self.is_workday(day):
                    days.append(day)
            except UnknownYearError as error:
                raise UnknownYearError(error.year, tuple(days)) from None
            day += ONE_DAY
        return tuple(days)


def _library_knows(year: int) -> bool:
    """Whether the library has that year's notice: it lists at least its New Year's Day."""
    return date(year, 1, 1) in chinese_calendar.constants.holidays


def load_calendar(path: Path | None = None) -> WorkCalendar:
    """The calendar with a user file's years before the library's.

    The file is YAML or JSON: each year with its `holidays` (休) and `workdays` (调休上班), as days
    `2027-01-01` or ranges `2027-02-05/2027-02-11`.
    """
    if path is None:
        return WorkCalendar()
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"读不到日历文件：{path}。") from error
    except yaml.YAMLError as error:
        raise DataError(f"日历文件不是正确的 YAML 或 JSON：{path}。") from error
    if not isinstance(content, dict):
        raise DataError(f"日历文件应按年份分列 holidays 与 workdays：{path}。")
    return WorkCalendar({_year_number(key): _year(key, value) for key, value in content.items()})


def _year_number(key: object) -> int:
    if not str(key).isdigit():
        raise DataError(f"日历文件里的年份写错了：{key}。", remedy="应写作四位数字，如 2027。")
    return int(str(key))


def _year(key: object, value: object) -> Year:
    if not isinstance(value, dict):
        raise DataError(f"日历文件里 {key} 年没有 holidays 与 workdays。")
    year = Year(
        frozenset(day for item in value.get("holidays") or () for day in _days(item)),
        frozenset(day for item in value.get("workdays") or () for day in _days(item)),
    )
    strays = sorted(day for day in year.holidays | year.workdays if day.year != _year_number(key))
    if strays:
        raise DataError(f"日历文件里 {key} 年之下写了别的年份的日子：{strays[0]}。")
    return year


def _days(item: object) -> list[date]:
    """One day, or every day of a range `first/last`."""
    if isinstance(item, date):
        return [item]
    try:
        first, _, last = str(item).partition("/")
        start, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError as error:
        raise DataError(
            f"日历文件里的日期写错了：{item}。",
            remedy="应写作 2027-02-05 或 2027-02-05/2027-02-11。",
        ) from error
    return [start + timedelta(days=i) for i in range((end - start).days + 1)]


# --- publicity ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """The working days of a publicity period, first and last included."""

    days: tuple[date, ...]
    calendar: WorkCalendar

    @property
    def first(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]

    @property
    def stretches(self) -> list[tuple[date, date]]:
        """The period in stretches parted by public holidays; a mere weekend parts nothing."""
        found = [(self.days[0], self.days[0])]
        for before, day in zip(self.days, self.days[1:], strict=False):
            if self._holiday_between(before, day):
                found.append((day, day))
            else:
                found[-1] = (found[-1][0], day)
        return found

    def _holiday_between(self, before: date, after: date) -> bool:
        between = (before + timedelta(days=i) for i in range(1, (after - before).days))
        return any(self.calendar.is_public_holiday(day) for day in between)

    def spelled(self) -> str:
        """As notices print it: `2023年9月28日、10月7日至10日（5个工作日）`."""
        parts: list[str] = []
        year: int | None = None
        for start, end in self.stretches:
            opening = f"{start.month}月{start.day}日" if start.year == year else cn_date(start)
            parts.append(opening + (f"至{_short(end, start)}" if end != start else ""))
            year = end.year
        return f"{'、'.join(parts)}（{len(self.days)}个工作日）"


def _short(day: date, after: date) -> str:
    """The end of a stretch without the year, or year and month, that its start has said."""
    if day.year != after.year:
        return cn_date(day)
    return f"{day.day}日" if day.month == after.month else f"{day.month}月{day.day}日"


def publicity_period(
    posted_on: date | None = None,
    first_day: date | None = None,
    policy: Policy = "next_day",
    *,
    days: int,
    calendar: WorkCalendar | None = None,
) -> Period:
    """The period of `days` working days for which a list is made public.

    From `first_day` as the notice states it; else from `posted_on` by policy: `next_day` begins
    on the first working day after posting (民法典第二百零一条: the day itself is not counted),
    `same_day` counts the day of posting. Reading R9-days; both occur in real notices.
    """
    calendar = calendar or WorkCalendar()
    if first_day is None:
        if posted_on is None:
            raise DataError("算公示期需要 posted_on（发布日期）或 first_day（公示起始日）。")
        first_day = posted_on + ONE_DAY if policy == "next_day" else posted_on
    elif posted_on is not None and first_day < posted_on:
        raise DataError(
            f"公示起始日 first_day（{first_day}）早于发布日期 posted_on（{posted_on}）。"
        )
    elif not calendar.is_workday(first_day):
        raise DataError(f"公示起始日 first_day（{first_day}）不是工作日。")
    return Period(calendar.working_days(first_day, days), calendar)


# --- months and years -----------------------------------------------------------------------


def add_months(start: date, months: int) -> date:
    """The last day of a period of months that began on `start` (民法典第二百零一、二百零二条):
    its corresponding day, or the month's last day: 2025-11-30 + 3 → 2026-02-28."""
    index = start.year * 12 + start.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(start.day, gregorian.monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """As `add_months`; 29 February ends on 28 February of a common year."""
    return add_months(start, years * 12)


def months_deadline(start: date, months: int, calendar: WorkCalendar | None = None) -> date:
    """The last day to act within `months` of `start`, put off to the next working day where it
    falls on a day of rest (民法典第二百零三条)."""
    return (calendar or WorkCalendar()).roll(add_months(start, months))


def filing_due(year: int, month: int, days: int, calendar: WorkCalendar | None = None) -> date:
    """The last day to file for a month: `days` days after its end, put off as above."""
    end = date(year, month, gregorian.monthrange(year, month)[1])
    return (calendar or WorkCalendar()).roll(end + timedelta(days=days))
