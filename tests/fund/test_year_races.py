"""Who makes the first row of a book's year waits for others who make it, and must keep nobody waiting meanwhile."""

import time
from threading import Thread

import pytest
from django.db import OperationalError, connection, connections, transaction

from fund import journal
from fund.models import BookYear
from tests.fund.money import opened
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
YEAR = 2027


@pytest.fixture
def books(transactional_db):
    cast = Cast()
    upper, lower = opened(cast.committee), opened(cast.branch)
    BookYear.objects.create(fund=upper, year=YEAR)
    return upper, lower


def keeps_waiting(books, locking) -> bool:
    """Whether ``locking`` holds the upper book's year while it waits for another to make the lower's."""
    upper, lower = books

    def lock():
        try:
            with transaction.atomic():
                locking({(upper.pk, YEAR), (lower.pk, YEAR)})
        finally:
            connections.close_all()

    other = Thread(target=lock)
    try:
        with transaction.atomic():
            BookYear.objects.create(fund=lower, year=YEAR)
            other.start()
            _until_one_waits()
            try:
                with transaction.atomic():
                    BookYear.objects.select_for_update(nowait=True).get(fund=upper, year=YEAR)
            except OperationalError:
                return True
            return False
    finally:
        other.join(20)
        assert not other.is_alive()


def _until_one_waits() -> None:
    asked = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock'"
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT PG_STAT_CLEAR_SNAPSHOT()")
            cursor.execute(asked)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_no_year_is_held_while_another_is_made(books):
    assert not keeps_waiting(books, journal.lock_years)
    assert BookYear.objects.filter(year=YEAR).count() == 2


def test_made_one_by_one_a_year_is_held(books):
    def one_by_one(wanted):
        for fund, year in sorted(wanted):
            BookYear.objects.get_or_create(fund_id=fund, year=year)
            BookYear.objects.select_for_update().get(fund=fund, year=year)

    assert keeps_waiting(books, one_by_one)
