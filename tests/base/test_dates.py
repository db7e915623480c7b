"""Anniversaries and whole years, day by day over two centuries."""

from calendar import isleap
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.dates import DAWN, FAR, anniversary, completed_years, last_day, months_later

YEARS = range(1900, 2101)


@pytest.mark.parametrize("born", [date(1921, 7, 1), date(1949, 10, 1), date(1976, 12, 31), date(2000, 1, 1)])
def test_an_ordinary_day_keeps_its_anniversary_in_every_year(born):
    assert [anniversary(born, year) for year in YEARS] == [date(year, born.month, born.day) for year in YEARS]


def test_the_29th_of_february_falls_on_the_28th_in_common_years():
    leap_day = date(1956, 2, 29)
    for year in YEARS:
        assert anniversary(leap_day, year) == date(year, 2, 29 if isleap(year) else 28), year
    assert anniversary(leap_day, 1900) == date(1900, 2, 28)
    assert anniversary(leap_day, 2000) == date(2000, 2, 29)


@pytest.mark.parametrize(
    ("start", "on", "years"),
    [
        (date(1976, 7, 1), date(2026, 6, 30), 49),
        (date(1976, 7, 1), date(2026, 7, 1), 50),
        (date(1976, 7, 1), date(2026, 7, 2), 50),
        (date(1956, 2, 29), date(2026, 2, 27), 69),
        (date(1956, 2, 29), date(2026, 2, 28), 70),
        (date(1956, 2, 29), date(2024, 2, 28), 67),
        (date(1956, 2, 29), date(2024, 2, 29), 68),
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 23), date(2020, 1, 1), 0),
    ],
)
def test_whole_years_turn_on_the_anniversary(start, on, years):
    assert completed_years(start, on) == years


@given(
    start=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    on=st.dates(date(1900, 1, 1), date(2100, 12, 31)),
)
def test_whole_years_are_the_anniversaries_that_have_come(start, on):
    come = sum(anniversary(start, year) <= on for year in range(start.year + 1, on.year + 1))
    assert completed_years(start, on) == come


@given(st.dates(DAWN + timedelta(days=1), FAR))
def test_the_last_day_of_a_half_open_interval_is_the_day_before_its_end(until):
    assert until - last_day(until) == timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 3, 10), 12, date(2025, 3, 10)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 29), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), -12, date(2023, 2, 28)),
        (date(2024, 8, 31), 18, date(2026, 2, 28)),
        (date(2024, 12, 1), 1, date(2025, 1, 1)),
    ],
)
def test_a_term_of_months_ends_with_the_corresponding_day_or_the_last_of_the_month(day, months, later):
    assert months_later(day, months) == later


@given(day=st.dates(date(1930, 1, 1), date(2050, 12, 31)), months=st.integers(-400, 400))
def test_months_later_moves_by_whole_months(day, months):
    moved = months_later(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1
