"""A connection that checked a foreign key while a table was tiny keeps a plan that reads the whole table for every row.

PostgreSQL gives such a plan up when the table is analysed, which is after the transaction that filled it. So whoever
copies very many rows in has the connection forget its plans.
"""

from datetime import date

import pytest
from django.db import connection

from base.append_only import lifts
from base.many import insert_many
from members.models import Membership, Person
from tests.conftest import ONLY_GROW
from tests.world import member, organisation

SINCE = date(2020, 1, 1)
MANY = 3_000
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]


def execute(*statements: str) -> list[tuple]:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def check_keys() -> int:
    """Check what a commit would check; how many people were read one after another for it."""
    asked = "SELECT COALESCE(SUM(seq_tup_read), 0)::int FROM pg_stat_xact_user_tables WHERE relname = 'members_person'"
    [[before]] = execute(asked)
    execute("SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED")
    [[after]] = execute(asked)
    return after - before


@pytest.fixture
def branch():
    """Ten members, checked often enough for the connection to keep its plan."""
    guards = [statement for table, _key in ONLY_GROW for statement in lifts("postgresql", table)]
    execute(*guards)  # lifted here, and put back with the test
    execute("TRUNCATE members_person CASCADE")  # what other tests left behind makes the file of the table large
    branch = organisation("0")
    for n in range(10):
        member(f"某{n}", branch, since=SINCE)
    execute("ANALYZE", "DISCARD PLANS")
    assert check_keys() > 10, "a small table is read whole"
    return branch


PEOPLE = [{"name": f"众{n}", "joined_on": SINCE} for n in range(MANY)]


def stays(branch, people: list[int]) -> list[dict]:
    stay = {"organisation_id": branch.pk, "path": branch.path, "since": SINCE, "standing": "full"}
    return [{"person_id": number, **stay} for number in people]


def test_rows_copied_in_are_checked_by_index(branch):
    insert_many(Membership, stays(branch, insert_many(Person, PEOPLE)))
    assert check_keys() < 10 * MANY


def test_without_forgetting_they_are_not(branch):
    people = Person.objects.bulk_create(Person(**each) for each in PEOPLE)
    Membership.objects.bulk_create(Membership(**each) for each in stays(branch, [each.pk for each in people]))
    assert check_keys() > MANY * MANY / 3
