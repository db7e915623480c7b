"""Many rows at once: they stand in the table as if each had been saved by itself, on either engine."""

import gc

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from base.dates import FAR
from base.many import BATCH, among, insert_many, no_collection, update_many
from members.enums import Precision, Standing
from members.models import Membership, Person
from tests.members.sheets import id_number
from tests.world import organisation, person

AWKWARD = "a\\b\tc\nd\"e'f\\N 𠮷·é"


def column(name: str, pk: int):
    """What the table really holds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM members_person WHERE id = %s", [pk])
        return cursor.fetchone()[0]


def test_rows_stand_as_if_each_had_been_saved(db):
    given = {"name": AWKWARD, "id_number": id_number(1), "phone": "13800002207", "birth_precision": Precision.MONTH}
    saved = Person.objects.create(**{**given, "id_number": id_number(2)})
    first, second = insert_many(Person, [given, {"name": "李"}])
    one, other = Person.objects.get(pk=first), Person.objects.get(pk=second)
    assert (one.name, one.phone, one.birth_precision, one.birth_on) == (AWKWARD, "13800002207", "month", None)
    assert (other.name, other.id_number, other.id_index, other.id_tail, other.seniority_months) == (
        "李",
        "",
        None,
        None,
        0,
    )
    assert Person.objects.holding(id_number(1)).get() == one
    same = ("phone", "id_number", "address")
    assert [column(name, first)[:4] for name in same] == [column(name, saved.pk)[:4] for name in same]
    assert (len({saved.pk, first, second}), Person.objects.create(name="王").pk not in (first, second)) == (3, True)


def test_none_are_no_statement(db):
    with CaptureQueriesContext(connection) as captured:
        assert insert_many(Person, []) == []
        update_many(Person, [], ["name"])
    assert len(captured) == 0


def test_what_the_table_refuses_is_refused(db):
    twice = [{"name": "王", "id_number": id_number(1)}, {"name": "李", "id_number": id_number(1)}]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(Person, twice)
    assert not Person.objects.exists()
    branch, someone = organisation("01"), person("王")
    backwards = {"person_id": someone.pk, "organisation_id": branch.pk, "standing": Standing.FULL, "path": branch.path}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_many(Membership, [{**backwards, "since": FAR}])


def test_only_the_fields_named_are_written(db):
    one, other = person("王", id_number=id_number(1), phone="1"), person("李", id_number=id_number(2), phone="2")
    one.phone, one.name, other.phone = "13900002222", "王强", "13900003333"
    update_many(Person, [one, other], ["phone"])
    assert list(Person.objects.order_by("pk").values_list("name", "phone")) == [
        ("王", "13900002222"),
        ("李", "13900003333"),
    ]
    assert list(Person.objects.holding(id_number(2))) == [other]


def test_many_values_are_one_parameter(db):
    people = [person(f"人{n}") for n in range(3)]
    with CaptureQueriesContext(connection) as captured:
        found = Person.objects.filter(
            pk__in=among([each.pk for each in people[:2]] + list(range(10**6, 10**6 + BATCH)))
        )
        assert list(found.order_by("pk")) == people[:2]
    assert len(captured) == 1
    assert Person.objects.filter(name__in=among(["人1", "人'2", '}"{'])).get() == people[1]
    assert not Person.objects.filter(pk__in=among([])).exists()


def test_the_collector_rests_only_meanwhile():
    with no_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
