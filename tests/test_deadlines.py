"""Working days, publicity periods and months: requirements R9-days, R17.1, 民法典 200–204."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.deadlines import (
    UnknownYearError,
    WorkCalendar,
    add_months,
    add_years,
    filing_due,
    load_calendar,
    months_deadline,
    publicity_period,
)
from pipeline.errors import DataError

ISO = date.fromisoformat


@pytest.mark.parametrize(
    ("posted", "policy", "last"),
    [
        ("2020-07-20", "same_day", "2020-07-28"),
        ("2025-07-01", "same_day", "2025-07-09"),
        ("2025-07-01", "next_day", "2025-07-10"),
        ("2025-09-26", "same_day", "2025-10-11"),
        ("2025-09-26", "next_day", "2025-10-13"),
        ("2026-02-09", "same_day", "2026-02-24"),
        ("2026-02-09", "next_day", "2026-02-25"),
        ("2026-04-30", "same_day", "2026-05-12"),
        ("2026-04-30", "next_day", "2026-05-13"),
        ("2026-09-24", "same_day", "2026-10-10"),
        ("2026-09-24", "next_day", "2026-10-12"),
        ("2026-09-30", "same_day", "2026-10-14"),
        ("2026-09-30", "next_day", "2026-10-15"),
        ("2026-12-23", "same_day", "2026-12-31"),
    ],
)
def test_the_seventh_working_day_is_the_one_found_by_hand(posted, policy, last):
    assert publicity_period(ISO(posted), policy=policy, days=7).last == ISO(last)


def test_an_unknown_year_is_refused_with_the_days_known_so_far():
    with pytest.raises(UnknownYearError) as refused:
        publicity_period(date(2026, 12, 23), policy="next_day", days=7)
    assert refused.value.year == 2027
    assert refused.value.known[-1] == date(2026, 12, 31)
    assert len(refused.value.known) == 6
    assert "2027年" in str(refused.value)
    assert "第6个工作日（2026年12月31日）" in str(refused.value)


@pytest.mark.parametrize(
    ("first", "days", "spelled"),
    [
        # The Ministry's own words of 27 September 2023.
        ("2023-09-28", 5, "2023年9月28日、10月7日至10日（5个工作日）"),
        ("2024-10-09", 10, "2024年10月9日至21日（10个工作日）"),
        ("2023-11-10", 10, "2023年11月10日至23日（10个工作日）"),
        ("2023-11-07", 3, "2023年11月7日至9日（3个工作日）"),
        ("2026-10-27", 7, "2026年10月27日至11月4日（7个工作日）"),
        ("2025-12-26", 7, "2025年12月26日至31日、2026年1月4日至6日（7个工作日）"),
        ("2026-02-12", 4, "2026年2月12日至14日、2月24日（4个工作日）"),
    ],
)
def test_a_period_is_spelled_as_notices_spell_it(first, days, spelled):
    assert publicity_period(first_day=ISO(first), days=days).spelled() == spelled


def test_the_stated_first_day_must_be_a_working_day_and_not_before_posting():
    with pytest.raises(DataError, match="不是工作日"):
        publicity_period(first_day=date(2026, 11, 7), days=7)
    with pytest.raises(DataError, match="早于发布日期"):
        publicity_period(date(2026, 11, 4), date(2026, 11, 3), days=7)
    with pytest.raises(DataError, match="posted_on"):
        publicity_period(days=7)


@pytest.mark.parametrize(
    ("period", "due"),
    [
        ((2025, 12), "2026-01-12"),
        ((2026, 1), "2026-02-10"),
        ((2026, 4), "2026-05-11"),
        ((2026, 9), "2026-10-10"),  # a Saturday on which work is made up
        ((2026, 10), "2026-11-10"),
    ],
)
def test_monthly_filing_is_due_on_the_tenth_or_the_next_working_day(period, due):
    assert filing_due(*period, days=10) == ISO(due)


def test_months_end_on_the_corresponding_day_or_the_last_of_the_month():
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2025, 11, 30), 3) == date(2026, 2, 28)
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert add_months(date(2025, 12, 15), 1) == date(2026, 1, 15)
    assert add_years(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert add_years(date(2026, 12, 1), 3) == date(2029, 12, 1)


def test_a_deadline_on_a_day_of_rest_is_put_off():
    assert months_deadline(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert months_deadline(date(2026, 4, 10), 6) == date(2026, 10, 10)  # made-up Saturday
    assert months_deadline(date(2026, 4, 11), 6) == date(2026, 10, 12)  # Sunday
    assert months_deadline(date(2025, 9, 3), 1) == date(2025, 10, 9)  # in the National Day week


def test_a_calendar_file_makes_a_further_year_known(tmp_path: Path):
    path = tmp_path / "2027.yaml"
    path.write_text(
        "2027:\n  holidays: [2027-01-01, 2027-02-05/2027-02-11]\n  workdays: [2027-01-02]\n",
        encoding="utf-8",
    )
    calendar = load_calendar(path)
    assert not calendar.is_workday(date(2027, 1, 1))
    assert calendar.is_workday(date(2027, 1, 2))  # a Saturday
    assert not calendar.is_workday(date(2027, 2, 8))  # a Monday
    period = publicity_period(date(2026, 12, 23), days=7, calendar=calendar)
    assert period.spelled() == "2026年12月24日至31日、2027年1月2日（7个工作日）"
    assert months_deadline(date(2026, 12, 5), 2, calendar) == date(2027, 2, 12)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("2027: [2027-01-01]", "holidays"),
        ("2027:\n  holidays: [五月一日]", "五月一日"),
        ("2027:\n  holidays: [2028-01-01]", "别的年份"),
        ("明年:\n  holidays: []", "年份写错"),
        ("- 2027-01-01", "按年份"),
        ("{", "YAML"),
    ],
)
def test_a_faulty_calendar_file_is_told_in_words(tmp_path: Path, content, message):
    path = tmp_path / "calendar.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_calendar(path)


def test_a_weekend_parts_no_period_but_a_holiday_does():
    calendar = WorkCalendar()
    assert not calendar.is_public_holiday(date(2026, 11, 7))
    assert calendar.is_public_holiday(date(2026, 10, 1))
