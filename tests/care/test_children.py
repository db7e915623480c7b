"""Children's ages: the last day under age, the years of the allowance, the protection of those under fourteen."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.dates import completed_years
from care.children import allowance_years, is_under_fourteen, last_day_under_age
from members.enums import Precision


@pytest.mark.parametrize(
    ("born", "precision", "last"),
    [
        (date(2008, 3, 15), Precision.DAY, date(2026, 3, 14)),
        (date(2008, 1, 1), Precision.DAY, date(2025, 12, 31)),
        (date(2008, 12, 31), Precision.DAY, date(2026, 12, 30)),
        (date(2008, 2, 29), Precision.DAY, date(2026, 2, 27)),
        (date(2010, 3, 1), Precision.DAY, date(2028, 2, 29)),
        (date(2008, 2, 1), Precision.MONTH, date(2026, 2, 27)),
        (date(2008, 4, 1), Precision.MONTH, date(2026, 4, 29)),
        (date(2008, 1, 1), Precision.YEAR, date(2026, 12, 30)),
    ],
)
def test_one_is_under_age_until_the_eve_of_the_eighteenth_birthday(born, precision, last):
    assert last_day_under_age(born, precision) == last


@pytest.mark.parametrize(
    ("born", "died", "precision", "years"),
    [
        (date(2008, 3, 15), date(2023, 6, 1), Precision.DAY, [2023, 2024, 2025, 2026]),
        (date(2008, 1, 1), date(2023, 6, 1), Precision.DAY, [2023, 2024, 2025]),
        (date(2008, 1, 2), date(2023, 6, 1), Precision.DAY, [2023, 2024, 2025, 2026]),
        (date(2008, 3, 15), date(2026, 3, 14), Precision.DAY, [2026]),
        (date(2008, 3, 15), date(2026, 3, 15), Precision.DAY, []),
        (date(2008, 3, 15), date(2030, 1, 1), Precision.DAY, []),
        (date(2024, 2, 1), date(2023, 6, 1), Precision.DAY, list(range(2024, 2043))),  # born after its father died
        (date(2008, 1, 1), date(2025, 6, 1), Precision.YEAR, [2025, 2026]),
    ],
)
def test_an_allowance_is_due_in_each_year_with_a_day_under_age(born, died, precision, years):
    assert list(allowance_years(born, died, precision)) == years


@pytest.mark.parametrize(
    ("born", "on", "precision", "protected"),
    [
        (date(2012, 11, 23), date(2026, 11, 22), Precision.DAY, True),
        (date(2012, 11, 23), date(2026, 11, 23), Precision.DAY, False),
        (date(2012, 2, 29), date(2026, 2, 27), Precision.DAY, True),
        (date(2012, 2, 29), date(2026, 2, 28), Precision.DAY, False),
        (date(2012, 11, 1), date(2026, 11, 29), Precision.MONTH, True),
        (date(2012, 11, 1), date(2026, 11, 30), Precision.MONTH, False),
        (date(2012, 1, 1), date(2026, 12, 30), Precision.YEAR, True),
        (date(2012, 1, 1), date(2026, 12, 31), Precision.YEAR, False),
    ],
)
def test_a_child_is_protected_until_it_is_surely_fourteen(born, on, precision, protected):
    assert is_under_fourteen(born, on, precision) == protected


births = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@given(births)
def test_on_the_last_day_one_is_seventeen_and_on_the_next_eighteen(born):
    last = last_day_under_age(born)
    assert [completed_years(born, last), completed_years(born, last + timedelta(days=1))] == [17, 18]


@given(birth=births, precision=st.sampled_from(Precision), on=births)
def test_in_doubt_a_child_is_never_taken_for_older(birth, precision, on):
    first = {"day": birth, "month": birth.replace(day=1), "year": birth.replace(month=1, day=1)}[precision]
    assert last_day_under_age(first, precision) >= last_day_under_age(birth)
    assert is_under_fourteen(first, on, precision) >= is_under_fourteen(birth, on)
