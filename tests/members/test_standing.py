"""党龄 by the historical table: every regime, its borders, the disputed days, the correction, leap days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.dates import anniversary
from members.standing import (
    BEFORE_FOUNDING,
    BY_CLASS,
    CONTRADICTORY,
    DISPUTED,
    LATER_FULL,
    MISSING_BOTH,
    MISSING_FULL,
    NO_PROBATION,
    NOT_YET,
    PROBATIONARY,
    REGIMES,
    Probation,
    Seniority,
    no_probation,
    regime_of,
    seniority,
)

ON = date(2026, 11, 23)
JOINING, FULL = "joining", "full"

EMPTY_FULL_DATE = [
    # first and last day of each regime of the table → from joining, or why not
    (date(1921, 6, 30), BEFORE_FOUNDING),
    (date(1921, 7, 1), JOINING),
    (date(1923, 6, 9), JOINING),
    (date(1923, 6, 10), MISSING_FULL),
    (date(1927, 4, 26), MISSING_FULL),
    (date(1927, 4, 27), BY_CLASS),
    (date(1928, 6, 17), BY_CLASS),
    (date(1928, 6, 18), JOINING),
    (date(1945, 4, 22), JOINING),
    (date(1945, 4, 23), MISSING_FULL),
    (date(1956, 9, 14), MISSING_FULL),
    (date(1956, 9, 15), MISSING_FULL),
    (date(1969, 3, 31), MISSING_FULL),
    (date(1969, 4, 1), DISPUTED),
    (date(1969, 4, 13), DISPUTED),
    (date(1969, 4, 14), JOINING),
    (date(1973, 8, 24), JOINING),
    (date(1977, 8, 11), JOINING),
    (date(1977, 8, 12), DISPUTED),
    (date(1977, 8, 18), DISPUTED),
    (date(1977, 8, 19), MISSING_FULL),
    (date(1982, 9, 5), MISSING_FULL),
    (date(1982, 9, 6), MISSING_FULL),
    (date(2024, 11, 23), MISSING_FULL),
    (date(2025, 11, 23), MISSING_FULL),
    (date(2025, 11, 24), PROBATIONARY),
    (date(2026, 11, 23), PROBATIONARY),
    (date(2026, 11, 24), NOT_YET),
]


@pytest.mark.parametrize(("joined", "expected"), EMPTY_FULL_DATE, ids=str)
def test_without_a_full_date(joined, expected):
    found = seniority(joined_on=joined, full_on=None, on=ON)
    if expected == JOINING:
        assert (found.since, found.note) == (joined, NO_PROBATION)
        assert found.years == ON.year - joined.year - (anniversary(joined, ON.year) > ON)
    else:
        assert found == Seniority(None, None, expected)


A_YEAR_LATER = [
    (date(1921, 7, 1), LATER_FULL),
    (date(1923, 6, 9), LATER_FULL),
    (date(1923, 6, 10), FULL),
    (date(1927, 4, 26), FULL),
    (date(1927, 4, 27), FULL),
    (date(1928, 6, 17), FULL),
    (date(1928, 6, 18), LATER_FULL),
    (date(1945, 4, 22), LATER_FULL),
    (date(1945, 4, 23), FULL),
    (date(1956, 9, 14), FULL),
    (date(1956, 9, 15), FULL),
    (date(1969, 3, 31), FULL),
    (date(1969, 4, 1), DISPUTED),
    (date(1969, 4, 13), DISPUTED),
    (date(1969, 4, 14), LATER_FULL),
    (date(1977, 8, 11), LATER_FULL),
    (date(1977, 8, 12), DISPUTED),
    (date(1977, 8, 18), DISPUTED),
    (date(1977, 8, 19), FULL),
    (date(1982, 9, 5), FULL),
    (date(1982, 9, 6), FULL),
    (date(2025, 11, 23), FULL),
    (date(2025, 11, 24), PROBATIONARY),
]


@pytest.mark.parametrize(("joined", "expected"), A_YEAR_LATER, ids=str)
def test_with_a_full_date_a_year_later(joined, expected):
    full = anniversary(joined, joined.year + 1)
    found = seniority(joined_on=joined, full_on=full, on=ON)
    if expected == FULL:
        assert (found.since, found.note) == (full, "")
        assert found.years == ON.year - full.year - (anniversary(full, ON.year) > ON)
    else:
        assert found == Seniority(None, None, expected)


@pytest.mark.parametrize("day", [date(1969, 4, 1), date(1969, 4, 13), date(1977, 8, 12), date(1977, 8, 18)], ids=str)
def test_on_disputed_days_both_sources_agree_when_full_the_same_day(day):
    assert seniority(joined_on=day, full_on=day, on=ON).since == day


@pytest.mark.parametrize(
    ("day", "allowed"),
    [
        (date(1969, 3, 31), False), (date(1969, 4, 1), True), (date(1977, 8, 18), True), (date(1977, 8, 19), False),
        (date(1927, 4, 26), False), (date(1927, 4, 27), True), (date(1921, 6, 30), False),
    ],
)  # fmt: skip
def test_where_a_full_date_may_be_missing(day, allowed):
    assert no_probation(day) is allowed


def test_every_day_since_the_founding_lies_in_one_regime():
    day, last = date(1921, 7, 1), date(1990, 1, 1)
    while day < last:
        assert len([r for r in REGIMES if r.first <= day <= r.last]) == 1
        day += timedelta(days=1)
    assert regime_of(date(1921, 6, 30)) is None


@pytest.mark.parametrize(
    ("joined", "full", "on", "years"),
    [
        (date(2005, 6, 10), date(2006, 6, 10), date(2026, 6, 9), 19),
        (date(2005, 6, 10), date(2006, 6, 10), date(2026, 6, 10), 20),
        (date(2005, 6, 10), date(2006, 6, 10), date(2006, 6, 10), 0),
        (date(2007, 3, 1), date(2008, 2, 29), date(2025, 2, 27), 16),
        (date(2007, 3, 1), date(2008, 2, 29), date(2025, 2, 28), 17),
        (date(2007, 3, 1), date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2007, 3, 1), date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(1976, 2, 29), None, date(2026, 2, 28), 50),
        (date(1976, 7, 1), date(1976, 7, 1), date(2026, 6, 30), 49),
        (date(1976, 7, 1), date(1976, 7, 1), date(2026, 7, 1), 50),
    ],
)
def test_years_are_completed_anniversaries(joined, full, on, years):
    assert seniority(joined_on=joined, full_on=full, on=on).years == years


@pytest.mark.parametrize(
    ("months", "since", "years"),
    [
        (0, date(2006, 6, 10), 20),
        (6, date(2005, 12, 10), 20),
        (8, date(2005, 10, 10), 21),
        (-6, date(2006, 12, 10), 19),
        (-300, date(2031, 6, 10), 0),
    ],
)
def test_the_correction_is_signed_months(months, since, years):
    found = seniority(joined_on=date(2005, 6, 10), full_on=date(2006, 6, 10), correction_months=months, on=ON)
    assert (found.since, found.years) == (since, years)
    assert found.note == (f"含校正 {months:+d} 个月" if months else "")


def test_the_correction_keeps_the_other_note():
    found = seniority(joined_on=date(1970, 6, 18), full_on=None, correction_months=-3, on=ON)
    assert found == Seniority(56, date(1970, 9, 18), "当时无预备期，含校正 -3 个月")


def test_a_correction_from_a_leap_day_is_clamped():
    full = date(2004, 2, 29)
    assert seniority(joined_on=date(2003, 2, 28), full_on=full, correction_months=12, on=ON).since == date(2003, 2, 28)


def test_a_correction_gives_no_years_to_whom_they_do_not_count():
    found = seniority(joined_on=date(2026, 1, 5), full_on=None, correction_months=24, on=ON)
    assert found == Seniority(None, None, PROBATIONARY)


def test_without_any_day_nothing_is_known():
    assert seniority(joined_on=None, full_on=None, on=ON) == Seniority(None, None, MISSING_BOTH)


def test_a_full_date_alone_is_enough():
    assert seniority(joined_on=None, full_on=date(1990, 7, 1), on=ON).years == 36
    assert seniority(joined_on=None, full_on=date(2027, 7, 1), on=ON) == Seniority(None, None, PROBATIONARY)


def test_full_before_joining_is_a_contradiction_even_without_probation():
    for joined in (date(1994, 7, 1), date(1970, 7, 1), date(1969, 4, 5)):
        found = seniority(joined_on=joined, full_on=joined - timedelta(days=1), on=ON)
        assert found == Seniority(None, None, CONTRADICTORY)


joinings = st.dates(date(1921, 7, 1), date(2026, 11, 23))
spans = st.integers(0, 1500)


@given(joined=joinings, span=st.none() | spans, on=st.dates(date(1921, 7, 1), date(2080, 1, 1)))
def test_years_and_their_beginning_are_known_together(joined, span, on):
    full = None if span is None else joined + timedelta(days=span)
    found = seniority(joined_on=joined, full_on=full, on=on)
    assert (found.years is None) == (found.since is None)
    if found.since is None:
        assert found.note
    else:
        assert found.since in (joined, full)
        assert found.since <= on
        assert anniversary(found.since, found.since.year + found.years) <= on
        assert on < anniversary(found.since, found.since.year + found.years + 1)


@given(joined=joinings, span=spans, days=st.integers(0, 4000))
def test_years_never_shrink_with_time(joined, span, days):
    full = joined + timedelta(days=span)
    sooner = seniority(joined_on=joined, full_on=full, on=full)
    later = seniority(joined_on=joined, full_on=full, on=full + timedelta(days=days))
    assert (sooner.years is None) == (later.years is None)
    assert later.since == sooner.since
    assert (later.years or 0) >= (sooner.years or 0)


@given(joined=joinings, span=st.none() | spans)
def test_years_count_from_joining_only_where_the_rules_knew_no_probation(joined, span):
    full = None if span is None else joined + timedelta(days=span)
    found = seniority(joined_on=joined, full_on=full, on=date(2080, 1, 1))
    if found.since == joined != full:
        assert regime_of(joined).probation is Probation.NONE
        assert not regime_of(joined).disputed
