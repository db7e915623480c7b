"""The years in the Party as the database counts them, held against the table in Python: every regime, every border."""

from datetime import date, timedelta
from itertools import product

import pytest

from base.dates import completed_years, months_later
from members.counted import counted_july_year, counted_since
from members.enums import Precision
from members.models import Person
from members.standing import REGIMES

pytestmark = pytest.mark.django_db
ON = date(2080, 1, 1)
"""Late enough that everybody in the table has joined and is a full member."""

BORDERS = sorted({
    day
    for regime in REGIMES
    for edge in (regime.first, min(regime.last, date(2020, 6, 30)))
    for day in (edge - timedelta(days=1), edge, edge + timedelta(days=1))
})  # fmt: skip
LEAPS = [date(1976, 2, 29), date(1968, 2, 29), date(1976, 3, 31), date(1976, 12, 31), date(1976, 7, 1)]
LATER = (None, -1, 0, 1, 365, 730)
"""Days from joining to full membership; ``None``: the day is not known."""


def people(*, months: int) -> dict[int, Person]:
    made = [
        Person(
            name=f"某{number}", joined_on=joined, seniority_months=months,
            full_on=None if later is None else joined + timedelta(days=later),
        )
        for number, (joined, later) in enumerate(product([*BORDERS, *LEAPS], LATER))
    ]  # fmt: skip
    made += [Person(name="无", seniority_months=months)]
    made += [Person(name="只有转正", full_on=date(1976, 8, 31), seniority_months=months)]
    return {each.pk: each for each in Person.objects.bulk_create(made)}


@pytest.mark.parametrize("months", [0, -1, 1, 13, -30, 6])
def test_the_database_counts_from_the_same_day_as_the_table(db, months):
    made = people(months=months)
    found = Person.objects.filter(pk__in=made).annotate(counted=counted_since()).order_by("pk")
    for person in found:
        assert person.counted == made[person.pk].seniority(ON).since, (person.joined_on, person.full_on, months)


@pytest.mark.parametrize("months", [0, 5, -7])
def test_the_first_of_july_with_fifty_years_is_that_of_the_table(db, months):
    made = people(months=months)
    found = Person.objects.filter(pk__in=made).annotate(july=counted_july_year()).order_by("pk")
    for person in found:
        since = made[person.pk].seniority(ON).since
        assert (person.july is None) == (since is None)
        if since is not None:
            years = [completed_years(since, date(person.july + 50 + more, 7, 1)) for more in (-1, 0)]
            assert years[0] < 50 <= years[1], (since, person.july)


@pytest.mark.parametrize(
    ("full", "precision", "july"),
    [
        (date(1976, 7, 1), Precision.DAY, 1976),
        (date(1976, 7, 2), Precision.DAY, 1977),
        (date(1976, 6, 1), Precision.MONTH, 1976),
        (date(1976, 7, 1), Precision.MONTH, 1977),
        (date(1976, 1, 1), Precision.YEAR, 1977),
        (date(1975, 1, 1), Precision.YEAR, 1976),
        (date(1980, 1, 1), Precision.YEAR, 1981),
        (date(1976, 2, 29), Precision.DAY, 1976),
    ],
)
def test_a_day_known_to_the_month_or_year_counts_once_it_is_sure(db, full, precision, july):
    person = Person.objects.create(name="某", full_on=full, full_precision=precision)
    assert Person.objects.annotate(july=counted_july_year()).get(pk=person.pk).july == july


def test_a_correction_moves_over_the_ends_of_months(db):
    for day, months in (
        (date(1976, 3, 31), 1),
        (date(1975, 3, 31), 1),
        (date(1976, 2, 29), 12),
        (date(1976, 1, 31), -1),
    ):
        person = Person.objects.create(name="某", full_on=day, seniority_months=months)
        found = Person.objects.annotate(counted=counted_since()).get(pk=person.pk).counted
        assert found == months_later(day, -months)


def test_the_way_to_the_person_may_lead_through_another_row(cast):
    found = Person.objects.annotate(counted=counted_since()).get(pk=cast.zhao.pk).counted
    through = cast.zhao.memberships.annotate(counted=counted_since("person__")).get().counted
    assert found == through == date(1970, 6, 18)
