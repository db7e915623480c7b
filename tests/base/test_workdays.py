"""Working days by the State Council's arrangements; a year nobody told of is not guessed."""

from datetime import date, timedelta

import pytest

from base.calendar import YearUnknown
from base.workdays import ARRANGEMENTS, Arrangement, is_working_day, working_days_later


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday made up for 春节
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),  # a Monday, the last day of 春节
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),
        (date(2024, 2, 29), True),
        (date(2026, 1, 4), True),
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), True),
        (date(2020, 1, 31), False),
        (date(2020, 2, 1), False),
    ],
)
def test_days_off_and_make_up_days(day, worked):
    assert is_working_day(day) is worked


@pytest.mark.parametrize(
    ("posted", "days", "last"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        (date(2024, 2, 28), 1, date(2024, 2, 29)),
        (date(2025, 12, 30), 3, date(2026, 1, 5)),  # over the year's end, with a Sunday worked
    ],
)
def test_the_first_day_is_the_one_after(posted, days, last):
    assert working_days_later(posted, days) == last


def test_a_year_that_nobody_arranged_is_refused_with_what_to_do_and_can_be_brought():
    with pytest.raises(YearUnknown, match=r"2027 年的放假调休安排没有录入.*国务院办公厅"):
        working_days_later(date(2026, 12, 30), 5)
    assert working_days_later(date(2026, 12, 30), 1) == date(2026, 12, 31)
    brought = {2027: Arrangement(2027, frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))}
    assert working_days_later(date(2026, 12, 30), 3, brought) == date(2027, 1, 4)
    with pytest.raises(ValueError, match="至少是 1"):
        working_days_later(date(2026, 1, 5), 0)


def test_an_arrangement_holds_only_what_changes_a_day():
    for year, each in ARRANGEMENTS.items():
        assert each.year == year
        assert 17 <= len(each.off) <= 22
        assert not is_working_day(date(year, 10, 1))
        assert sum(is_working_day(date(year, 1, 1) + timedelta(days=n)) for n in range(365)) in range(245, 253)
    with pytest.raises(ValueError, match="别的年份"):
        Arrangement(2027, frozenset({date(2026, 1, 1)}), frozenset())
    with pytest.raises(ValueError, match="周一至周五"):
        Arrangement(2027, frozenset({date(2027, 1, 2)}), frozenset())
