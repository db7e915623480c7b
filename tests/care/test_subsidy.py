"""Tiers of the old members' subsidy by the day, vague days, who is paid, amounts by day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.dates import FAR
from care.subsidy import TIERS, Amount, Tier, TierUnclear, amount_on, is_entitled, subsidy_on, tier_of
from members.enums import Precision

RISES = date(2026, 1, 1)
TABLE = (
    Amount(Tier.FIRST, date(2024, 1, 1), 90_000, RISES),
    Amount(Tier.FIRST, RISES, 95_050),
    Amount(Tier.THIRD, RISES, 70_000, date(2027, 1, 1)),
)


@pytest.mark.parametrize(
    ("joined", "tier"),
    [
        (date(1921, 6, 30), None),
        (date(1921, 7, 1), Tier.FIRST),
        (date(1937, 7, 6), Tier.FIRST),
        (date(1937, 7, 7), Tier.SECOND),
        (date(1945, 9, 2), Tier.SECOND),
        (date(1945, 9, 3), Tier.THIRD),
        (date(1949, 9, 30), Tier.THIRD),
        (date(1949, 10, 1), None),
        (date(2020, 7, 1), None),
    ],
)
def test_the_tier_goes_by_the_day_of_joining(joined, tier):
    assert tier_of(joined) == tier


@given(st.dates(date(1921, 7, 1), date(1949, 9, 30)))
def test_every_day_before_the_republic_lies_in_one_tier_and_says_so(day):
    assert [tier for tier, days in TIERS.items() if days.first <= day <= days.last] == [tier_of(day)]


@pytest.mark.parametrize(
    ("joined", "precision", "tier"),
    [
        (date(1937, 6, 1), Precision.MONTH, Tier.FIRST),
        (date(1945, 8, 1), Precision.MONTH, Tier.SECOND),
        (date(1949, 9, 1), Precision.MONTH, Tier.THIRD),
        (date(1949, 10, 1), Precision.MONTH, None),
        (date(1938, 1, 1), Precision.YEAR, Tier.SECOND),
        (date(1948, 1, 1), Precision.YEAR, Tier.THIRD),
        (date(1950, 1, 1), Precision.YEAR, None),
    ],
)
def test_a_vague_day_is_enough_where_all_its_days_agree(joined, precision, tier):
    assert tier_of(joined, precision) == tier


@pytest.mark.parametrize(
    ("joined", "precision"),
    [
        (date(1937, 7, 1), Precision.MONTH),
        (date(1945, 9, 1), Precision.MONTH),
        (date(1937, 1, 1), Precision.YEAR),
        (date(1945, 1, 1), Precision.YEAR),
        (date(1949, 1, 1), Precision.YEAR),
    ],
)
def test_a_vague_day_across_a_border_is_never_guessed(joined, precision):
    with pytest.raises(TierUnclear, match="请查档案"):
        tier_of(joined, precision)


@pytest.mark.parametrize(
    ("tier", "is_rural", "benefits", "paid"),
    [
        (Tier.THIRD, True, False, True),
        (Tier.THIRD, True, True, True),
        (Tier.THIRD, False, False, True),
        (Tier.THIRD, False, True, False),
        (None, True, False, False),
    ],
)
def test_paid_are_those_in_villages_and_those_in_towns_without_benefits(tier, is_rural, benefits, paid):
    assert is_entitled(tier, is_rural=is_rural, has_retirement_benefits=benefits) == paid


@pytest.mark.parametrize(
    ("tier", "day", "fen"),
    [
        (Tier.FIRST, date(2023, 12, 31), None),
        (Tier.FIRST, date(2024, 1, 1), 90_000),
        (Tier.FIRST, date(2025, 12, 31), 90_000),
        (Tier.FIRST, date(2026, 1, 1), 95_050),
        (Tier.FIRST, date(2099, 1, 1), 95_050),
        (Tier.SECOND, date(2026, 6, 1), None),
        (Tier.THIRD, date(2026, 12, 31), 70_000),
        (Tier.THIRD, date(2027, 1, 1), None),
    ],
)
def test_the_standard_is_that_of_the_day_and_unknown_is_not_zero(tier, day, fen):
    assert amount_on(TABLE, tier, day) == fen
    assert amount_on(reversed(TABLE), tier, day) == fen


def test_the_subsidy_stops_with_death():
    died = date(2026, 5, 20)
    days = [died - timedelta(days=1), died, died + timedelta(days=1)]
    assert [subsidy_on(TABLE, Tier.FIRST, day, died_on=died) for day in days] == [95_050, 95_050, 0]
    assert subsidy_on(TABLE, Tier.FIRST, FAR - timedelta(days=1)) == 95_050
    assert subsidy_on(TABLE, Tier.SECOND, died) is None


@pytest.mark.parametrize("wrong", [{"fen": 0}, {"fen": -1}, {"fen": 1, "until": date(2026, 1, 1)}])
def test_a_standard_is_more_than_nothing_for_at_least_a_day(wrong):
    with pytest.raises(ValueError, match="补贴标准"):
        Amount(Tier.FIRST, date(2026, 1, 1), **wrong)


@given(
    turns=st.lists(st.dates(date(2000, 1, 1), date(2040, 1, 1)), min_size=2, max_size=8, unique=True),
    day=st.dates(date(1999, 1, 1), date(2041, 1, 1)),
)
def test_of_standards_that_follow_each_other_exactly_one_holds_from_the_first_to_the_last(turns, day):
    turns = sorted(turns)
    table = [Amount(Tier.SECOND, since, fen, until) for fen, (since, until) in enumerate(pairwise(turns), 1)]
    assert amount_on(table, Tier.SECOND, day) == (sum(turn <= day for turn in turns) % len(turns) or None)
