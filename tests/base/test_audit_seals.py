"""The seals of the audit: made once, whoever makes them, and every tampering is named by its number."""

import json
import random
import sqlite3
from datetime import timedelta
from io import StringIO
from threading import Event as Signal
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from base import audit, audit_seals
from base.append_only import lifts
from base.audit_seals import Break, Unsettled, What, anchor_of, last_seal, seal, verify
from base.models import AuditRow, AuditSeal

Act = audit.Act


def write(count=1, **more):
    for number in range(count):
        audit.write(Act.WRITE, f"record:{number}", reason=f"理由{number}", **{"action": "talk", "n": number, **more})


def sql(statement: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.fixture
def sealed(db, monkeypatch):
    """Twenty-four rows under six seals, and two rows under none; the guards are off, as for an owner of the tables."""
    monkeypatch.setattr(audit_seals, "BATCH", 4)
    write(24)
    seal(now=timezone.now())
    write(2)
    for table in ("base_auditrow", "base_auditseal"):
        for statement in lifts(connection.vendor, table):
            sql(statement)
    return list(AuditRow.objects.order_by("pk"))


# 封存


@pytest.mark.django_db
def test_a_seal_closes_the_rows_since_the_last_and_a_second_run_does_nothing():
    write(3)
    assert seal(now=timezone.now()) == 3
    assert seal(now=timezone.now()) == 0
    write(2)
    assert seal(now=timezone.now()) == 2
    one, two = AuditSeal.objects.order_by("number")
    assert (one.number, one.rows, two.number, two.rows) == (1, 3, 2, 2)
    assert (two.first, two.previous) == (one.last + 1, one.digest)
    assert verify().breaks == []


@pytest.mark.django_db
def test_without_rows_there_is_no_seal():
    assert seal(now=timezone.now()) == 0
    assert not AuditSeal.objects.exists()
    assert verify() == audit_seals.Verdict()


@pytest.mark.django_db
def test_many_rows_lie_under_several_seals(monkeypatch):
    monkeypatch.setattr(audit_seals, "BATCH", 4)
    write(10)
    assert seal(now=timezone.now()) == 10
    assert list(AuditSeal.objects.order_by("number").values_list("rows", flat=True)) == [4, 4, 2]
    assert verify().seals == 3


@pytest.mark.django_db
def test_sealing_and_verifying_cost_the_same_however_many_rows_a_seal_closes():
    costs = []
    for rows in (2, 400):
        write(rows)
        for act in (lambda: seal(now=timezone.now()), lambda: verify(anchor_of(last_seal()))):
            with CaptureQueriesContext(connection) as queries:
                act()
            costs.append(len(queries))
    assert costs[2:] == [costs[0], costs[1] + 1], "one query more for each seal"


@pytest.mark.django_db
def test_a_gap_in_the_numbers_is_no_break():
    write(2)
    with transaction.atomic():
        write()
        transaction.set_rollback(True)
    if connection.vendor == "sqlite":  # there a number is given again to the next who asks
        sql("UPDATE sqlite_sequence SET seq = seq + 5 WHERE name = 'base_auditrow'")
    write(2)
    seal(now=timezone.now())
    assert AuditRow.objects.order_by("-pk").first().pk > AuditRow.objects.order_by("pk").first().pk + 3
    assert verify().breaks == []


# 核验


def found() -> set[tuple]:
    return {(each.kind, each.number, each.what) for each in verify().breaks}


def test_untouched_rows_hold(sealed):
    verdict = verify()
    assert (verdict.breaks, verdict.seals, verdict.rows, verdict.unsealed) == ([], 6, 24, 2)
    assert verdict.anchor == anchor_of(last_seal())


CHANGES = {
    "at": "at = '2020-01-01 00:00:00+00:00'", "account": "account = 7", "actor": "actor = '别人'",
    "address": "address = '192.0.2.9'", "act": "act = 'read'", "subject": "subject = 'record:99'",
    "reason": "reason = ''", "allowed": "allowed = NOT allowed",
    "detail": "detail = '{}'", "id": "id = 5000",
}  # fmt: skip


def test_every_column_of_a_row_is_covered():
    assert set(CHANGES) == {field.column for field in AuditRow._meta.fields}


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_row_is_named(sealed, column):
    row = sealed[9].pk
    sql(f"UPDATE base_auditrow SET {CHANGES[column]} WHERE id = %s", row)
    assert found() == {("row", row, What.MISSING if column == "id" else What.CHANGED)}


def test_a_removed_row_is_named(sealed):
    sql("DELETE FROM base_auditrow WHERE id = %s", sealed[9].pk)
    assert found() == {("row", sealed[9].pk, What.MISSING)}


@pytest.mark.parametrize("number", [-1, 0])
def test_a_row_put_in_below_the_first_is_named(sealed, number):
    AuditRow.objects.create(pk=number, actor="x", act="write", subject="x")
    assert found() == {("row", number, What.INSERTED)}


def test_a_row_put_into_a_gap_is_named(sealed):
    sql("UPDATE base_auditrow SET id = 5000 WHERE id = %s", sealed[9].pk)
    AuditRow.objects.create(pk=sealed[9].pk, actor="x", act="write", subject="x")
    assert found() == {("row", sealed[9].pk, What.CHANGED)}


def test_two_rows_that_changed_places_are_both_named(sealed):
    one, two = sealed[3].pk, sealed[17].pk
    for old, new in ((one, 7000), (two, one), (7000, two)):
        sql("UPDATE base_auditrow SET id = %s WHERE id = %s", new, old)
    assert found() == {("row", one, What.CHANGED), ("row", two, What.CHANGED)}


@pytest.mark.parametrize("column", ["first", "last", "rows", "at", "key", "marks", "previous", "digest"])
def test_a_changed_seal_is_named(sealed, column):
    kept = AuditSeal.objects.get(number=3)
    other = {"at": kept.at + timedelta(seconds=1), "marks": bytes(kept.marks)[24:], "key": "other"}.get(column)
    value = getattr(kept, column)
    AuditSeal.objects.filter(number=3).update(**{column: other or (value + 1 if isinstance(value, int) else "0" * 64)})
    assert ("seal", 3, What.NO_KEY if column == "key" else What.CHANGED) in found()


def test_a_removed_seal_is_named_and_its_rows_are_not_called_new(sealed):
    AuditSeal.objects.filter(number=3).delete()
    assert found() == {("seal", 3, What.MISSING)}


def test_the_first_seal_is_missed_too(sealed):
    AuditSeal.objects.filter(number=1).delete()
    assert ("seal", 1, What.MISSING) in found()


def test_the_newest_seals_are_missed_by_what_was_written_down(sealed):
    written = anchor_of(last_seal())
    AuditSeal.objects.filter(number__gte=5).delete()
    assert verify().breaks == []
    assert verify(written).breaks == [Break("seal", 6, What.MISSING)]
    seal(now=timezone.now() + timedelta(hours=1))
    assert Break("seal", 6, What.CHANGED) in verify(written).breaks


def test_what_the_last_verification_saw_must_still_be_there(sealed):
    call_command("verify_audit", stdout=StringIO())
    AuditSeal.objects.filter(number=6).delete()
    assert verify().breaks == [Break("seal", 6, What.MISSING)]


def test_who_has_only_the_database_cannot_seal_again(sealed, settings):
    """The rows are rewritten and sealed anew with a key of the forger's own, under the name of ours."""
    right = settings.SEAL_KEYS
    sql("UPDATE base_auditrow SET actor = '别人' WHERE id = %s", sealed[9].pk)
    AuditSeal.objects.filter(number__gte=3).delete()
    settings.SEAL_KEYS = ["dev:Zm9yZ2VkLWZvcmdlZC1mb3JnZWQtZm9yZ2VkLWZvcmc="]
    seal(now=timezone.now())
    settings.SEAL_KEYS = right
    assert ("seal", 3, What.CHANGED) in found()


def test_a_rotated_key_still_opens_what_it_sealed(sealed, settings):
    settings.SEAL_KEYS = ["new:bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0=", *settings.SEAL_KEYS]
    seal(now=timezone.now())
    assert set(AuditSeal.objects.values_list("key", flat=True)) == {"dev", "new"}
    assert found() == set()
    settings.SEAL_KEYS = settings.SEAL_KEYS[:1]
    assert ("seal", 1, What.NO_KEY) in found()


def test_chains_of_two_databases_do_not_mix(sealed):
    """A seal that holds by itself but follows another one than it did."""
    AuditSeal.objects.filter(number__gte=3).delete()
    good = AuditSeal.objects.get(number=2)
    AuditSeal.objects.filter(number=2).delete()
    AuditRow.objects.filter(pk__gt=sealed[3].pk).delete()
    write(4)
    seal(now=timezone.now() + timedelta(hours=1))
    write(4)
    seal(now=timezone.now() + timedelta(hours=2))
    AuditSeal.objects.filter(number=2).delete()
    good.save(force_insert=True)
    assert ("seal", 3, What.CHANGED) in found()


# 一千次


class Tamper:
    """One random act against rows or seals; each says what verification has to name at least."""

    def __init__(self, seed: int, rows: list[AuditRow]):
        self.dice = random.Random(seed)
        self.rows = [row.pk for row in rows[:24]]
        self.row = self.dice.choice(self.rows)
        self.seal = self.dice.randint(1, 6)

    def change(self):
        column = self.dice.choice(sorted(set(CHANGES) - {"id"}))
        hour, fraction = self.dice.randint(0, 9), self.dice.randint(1, 999_999)
        values = {
            "at": f"2026-11-2{self.dice.randint(0, 2)} 0{hour}:00:00.{fraction:06}",
            "account": self.dice.randint(1, 9**9), "allowed": False, "detail": json.dumps({"n": self.dice.random()}),
        }  # fmt: skip
        value = values.get(column, f"x{self.dice.randrange(10**9)}")
        sql(f"UPDATE base_auditrow SET {column} = %s WHERE id = %s", value, self.row)
        return ("row", self.row, What.CHANGED)

    def remove(self):
        sql("DELETE FROM base_auditrow WHERE id = %s", self.row)
        return ("row", self.row, What.MISSING)

    def insert(self):
        sql("UPDATE base_auditrow SET id = id + 100000 WHERE id = %s", self.row)
        AuditRow.objects.create(pk=self.row, actor="命令", act="write", subject=f"record:{self.dice.randint(0, 99)}")
        return ("row", self.row, What.CHANGED)

    def swap(self):
        other = self.dice.choice([each for each in self.rows if each != self.row])
        for old, new in ((self.row, 900_000), (other, self.row), (900_000, other)):
            sql("UPDATE base_auditrow SET id = %s WHERE id = %s", new, old)
        return ("row", self.row, What.CHANGED)

    def edit_seal(self):
        kept = AuditSeal.objects.get(number=self.seal)
        column = self.dice.choice(["first", "last", "rows", "at", "marks", "previous", "digest"])
        at = self.dice.randrange(len(kept.marks))
        marks = bytes(kept.marks)
        other = {
            "at": kept.at + timedelta(microseconds=self.dice.randint(1, 10**9)),
            "marks": marks[:at] + bytes([marks[at] ^ (1 << self.dice.randrange(8))]) + marks[at + 1 :],
            "previous": f"{self.dice.getrandbits(256):064x}", "digest": f"{self.dice.getrandbits(256):064x}",
        }.get(column, self.dice.randint(1000, 9999))  # fmt: skip
        AuditSeal.objects.filter(number=self.seal).update(**{column: other})
        return ("seal", self.seal, What.CHANGED)

    def remove_seal(self):
        AuditSeal.objects.filter(number=self.seal).delete()
        return ("seal", self.seal, What.MISSING)


ACTS = (Tamper.change, Tamper.remove, Tamper.insert, Tamper.swap, Tamper.edit_seal, Tamper.remove_seal)


@pytest.mark.parametrize("round_", range(4))
def test_of_a_thousand_tamperings_each_is_named(sealed, round_):
    """1,040 of them on SQLite; on PostgreSQL, where each costs more and none is another, every tenth."""
    anchor, missed = anchor_of(last_seal()), []
    for seed in range(round_ * 260, (round_ + 1) * 260, 10 if connection.vendor == "postgresql" else 1):
        with transaction.atomic():
            tamper = Tamper(seed, sealed)
            act = tamper.dice.choice(ACTS)
            named = act(tamper)
            if named not in {(each.kind, each.number, each.what) for each in verify(anchor).breaks}:
                missed.append((seed, act.__name__, named))
            transaction.set_rollback(True)
    assert missed == []
    assert verify(anchor).breaks == []


# 命令


def run(name, *args):
    out = StringIO()
    try:
        call_command(name, *args, stdout=out, stderr=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


@pytest.mark.django_db
def test_the_commands_seal_and_verify_and_say_so():
    assert run("seal_audit") == (0, "还没有审计记录，没有可封存的。\n")
    assert run("verify_audit")[0] == 0
    code, said = run("seal_audit")
    assert code == 0
    assert "封存 1 条，最后一号封条是第 1 号。" in said
    assert anchor_of(last_seal()) in said
    code, said = run("verify_audit", "--json")
    assert (code, json.loads(said)["holds"], json.loads(said)["rows"]) == (0, True, 1)
    row = AuditRow.objects.order_by("-pk").first()
    assert (row.act, row.subject, row.detail["holds"], row.detail["anchor"]) == (
        Act.VERIFY, "audit", True, anchor_of(last_seal()),
    )  # fmt: skip
    assert "没有新的审计记录" not in run("seal_audit")[1]
    assert "没有新的审计记录" in run("seal_audit")[1]


def test_a_broken_audit_ends_the_command_with_one_and_names_the_place(sealed):
    sql("UPDATE base_auditrow SET actor = '别人' WHERE id = %s", sealed[9].pk)
    code, said = run("verify_audit")
    assert code == 1
    assert f"审计记录第 {sealed[9].pk} 号被改动" in said
    code, said = run("verify_audit", "--json")
    document = json.loads(said)
    assert (code, document["holds"]) == (1, False)
    assert document["breaks"] == [{"kind": "row", "number": sealed[9].pk, "what": "changed"}]
    assert AuditRow.objects.order_by("-pk").first().detail["place"] == f"row:{sealed[9].pk}"


def test_an_anchor_may_be_given_and_must_be_one(sealed):
    assert run("verify_audit", "--anchor", anchor_of(last_seal()))[0] == 0
    assert run("verify_audit", "--anchor", "6:0000-0000-0000-0000")[0] == 1
    assert run("verify_audit", "--anchor", "9:0000-0000-0000-0000")[0] == 1
    with pytest.raises(CommandError, match="写法不对"):
        call_command("verify_audit", "--anchor", "就是它")


# 同时


def in_thread(act) -> Thread:
    def run():
        try:
            act()
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    return thread


@pytest.fixture
def late_writer(transactional_db):
    """Rows are sealed while a transaction that took a lower number has not committed; returns how the sealing went."""

    def play(patience: float) -> list:
        wrote, go_on, outcome = Signal(), Signal(), []

        def slow():
            with transaction.atomic():
                audit.write(Act.IMPORT, "roster")
                wrote.set()
                go_on.wait(20)

        def sealing():
            try:
                outcome.append(seal(now=timezone.now(), patience=patience))
            except Unsettled as refused:
                outcome.append(refused)

        slow_one = in_thread(slow)
        assert wrote.wait(20)
        audit.write(Act.WRITE, "record:1")
        sealer = in_thread(sealing)
        sealer.join(1.5)
        go_on.set()
        sealer.join()
        slow_one.join()
        return outcome

    return play


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sealing_waits_for_whoever_took_a_lower_number(late_writer):
    assert late_writer(patience=20) == [2]
    assert verify().breaks == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_sealing_gives_up_on_a_long_one_and_seals_nothing(late_writer):
    (outcome,) = late_writer(patience=0.5)
    assert isinstance(outcome, Unsettled)
    assert not AuditSeal.objects.exists()
    assert seal(now=timezone.now()) == 2
    assert verify().breaks == []


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_waiting_a_late_row_would_look_put_in(late_writer, monkeypatch):
    """The negative control."""
    monkeypatch.setattr(audit_seals, "_writers", set)
    assert late_writer(patience=20) == [1]
    assert [each.what for each in verify().breaks] == [What.INSERTED]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_those_who_write_later_are_not_waited_for(transactional_db, monkeypatch):
    """A house in which somebody is always writing gets its seals all the same."""
    seen = iter([{"3/1", "4/7"}, {"4/7", "5/2"}, {"5/2", "6/1"}])
    monkeypatch.setattr(audit_seals, "_writers", lambda: next(seen))
    write(2)
    assert seal(now=timezone.now(), patience=5) == 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_sealers_take_turns(transactional_db, monkeypatch):
    monkeypatch.setattr(audit_seals, "BATCH", 3)
    write(60)
    sealed = []
    threads = [in_thread(lambda: sealed.append(seal(now=timezone.now()))) for _ in range(4)]
    for thread in threads:
        thread.join()
    assert sum(sealed) == 60
    assert AuditSeal.objects.count() == 20
    assert verify().breaks == []


def test_on_sqlite_a_writer_keeps_the_sealer_out(tmp_path):
    """There no row appears below one that is there: whoever has taken a number is the only writer until the commit."""
    one, two = (sqlite3.connect(tmp_path / "one.sqlite3", isolation_level=None, timeout=0) for _ in range(2))
    one.execute("CREATE TABLE t (id integer PRIMARY KEY AUTOINCREMENT)")
    one.execute("BEGIN IMMEDIATE")
    one.execute("INSERT INTO t DEFAULT VALUES")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        two.execute("BEGIN IMMEDIATE")
    one.close()
    two.close()
