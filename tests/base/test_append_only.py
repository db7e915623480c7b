"""The audit's tables refuse in the database itself what nobody may do to them; both engines."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from base import audit
from base.append_only import guards, lifts
from base.audit_seals import seal
from base.models import AuditRow, AuditSeal

pytestmark = pytest.mark.django_db

TABLES = ("base_auditrow", "base_auditseal")


@pytest.fixture(autouse=True)
def sealed_row(db):
    audit.write(audit.Act.WRITE, "record:8")
    seal(now=timezone.now())


def contents():
    return [*AuditRow.objects.order_by("pk").values_list(), *AuditSeal.objects.order_by("pk").values_list()]


def run(statement: str):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = '2020-01-01 00:00:00+00'",
        "UPDATE {table} SET {column} = {column} WHERE 1 = 1",
        "DELETE FROM {table}",
        pytest.param("TRUNCATE {table}", marks=pytest.mark.postgresql),
        pytest.param("TRUNCATE {table} CASCADE", marks=pytest.mark.postgresql),
    ],
)
def test_raw_sql_changes_and_removes_nothing(table, statement):
    before = contents()
    with pytest.raises(IntegrityError, match="only grows"):
        run(statement.format(table=table, column="at"))
    assert contents() == before


def test_the_orm_is_refused_too():
    row = AuditRow.objects.get()
    row.actor = "别人"
    for act in (row.save, row.delete, AuditSeal.objects.get().delete, AuditRow.objects.all().delete):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            act()


def test_a_row_is_not_put_in_the_place_of_another():
    """SQLite's REPLACE removes what is in its way without asking the trigger on DELETE."""
    if connection.vendor == "sqlite":
        columns = ", ".join(field.column for field in AuditRow._meta.fields if field.column != "reason")
        replace = f"REPLACE INTO base_auditrow ({columns}, reason) SELECT {columns}, 'x' FROM base_auditrow"
        with pytest.raises(IntegrityError, match="only grows"):
            run(replace)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditRow.objects.create(pk=AuditRow.objects.get().pk, actor="x", act="write", subject="x")


@pytest.mark.postgresql
def test_a_session_that_calls_itself_a_replica_is_refused_too():
    with pytest.raises(IntegrityError, match="only grows"):
        run("SET LOCAL session_replication_role = replica; DELETE FROM base_auditrow")


def test_without_the_guards_it_would_have_gone_through():
    """The negative control: it is the triggers that refuse, and nothing else."""
    with transaction.atomic():
        for table in TABLES:
            for statement in lifts(connection.vendor, table):
                run(statement)
            run(f"DELETE FROM {table}")
        assert contents() == []
        transaction.set_rollback(True)
    assert len(contents()) == 2


def test_lifting_and_guarding_again_gives_the_same_refusal():
    for table, key in zip(TABLES, ("id", "number"), strict=True):
        for statement in (*lifts(connection.vendor, table), *guards(connection.vendor, table, key)):
            run(statement)
        with pytest.raises(IntegrityError, match="only grows"):
            run(f"DELETE FROM {table}")
