"""Whoever is killed half-way, process or connection: the books hold, and the form sent again has one effect."""

import os
import random
import signal
import time
from multiprocessing import get_context
from threading import Event, Thread

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from base.models import OnceKey
from base.money import Source
from base.once import once
from fund import journal, services
from fund.models import BookAccount, Fund, Kind, Voucher
from tests.fund.money import DESK, balances, broken, funded, keep
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ENOUGH = 20
"""Seconds."""


@pytest.fixture
def kept(transactional_db):
    fund = funded(Cast().committee, 100_000)
    BookAccount.objects.create(fund=fund, kind=Kind.SPENT, source=Source.DUES)  # what is paid needs one message then
    return keep(fund, 90_000)


def pay(reservation, key: str) -> bool:
    """What the form ``key`` asks for; whether it was done just now."""
    act = lambda: services.spend(reservation, DESK, amount=1_000, words=key) and "/"  # noqa: E731
    return once(key, act)[1]


def paid(key: str) -> int:
    return Voucher.objects.filter(words=key).count()


def killed_at(moment: str, reservation, key: str) -> None:
    """Have another process send the form, and kill it by SIGKILL where it says that it has come to ``moment``."""

    def work(there):
        def stop(*_given):
            there.send(moment)
            time.sleep(ENOUGH)

        def written(statements):
            found = together(statements)
            return stop() if "INSERT" in statements[-1][0] else found

        together, at_once = journal.together, journal._at_once
        if moment == "entered":
            journal._at_once = lambda *given: at_once(*given) and stop()
        elif moment != "committed":
            journal._at_once = lambda *given: []
        if moment == "locked":
            journal._write = stop
        elif moment == "written":
            journal.together = written
        pay(reservation, key)
        stop()

    connection.close()
    here, there = get_context("fork").Pipe(duplex=False)
    child = get_context("fork").Process(target=work, args=(there,))
    child.start()
    assert here.poll(ENOUGH)
    assert here.recv() == moment
    os.kill(child.pid, signal.SIGKILL)
    child.join(ENOUGH)
    assert child.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("moment", ["entered", "locked", "written", "committed"])
def test_a_worker_killed_leaves_clean_books_and_the_form_sent_again_has_one_effect(kept, moment):
    killed_at(moment, kept, "a-form")
    assert paid("a-form") == (moment == "committed")
    assert broken() == set()
    assert pay(kept, "a-form") == (moment != "committed")
    assert pay(kept, "a-form") is False
    assert paid("a-form") == 1
    assert balances(kept.fund)["spent"] == 1_000
    assert broken() == set()


def test_a_worker_killed_while_the_server_still_works_for_it_has_entered_nothing(kept):
    """Its one message waits for the lock on the year; nobody is there any more to have what it enters committed."""

    def work(there):
        at_once = journal._at_once

        def told(*given):
            there.send("asks")
            there.recv()
            return at_once(*given)

        journal._at_once = told
        pay(kept, "a-form")

    def others(more=""):
        with connection.cursor() as cursor:
            cursor.execute("SELECT PG_STAT_CLEAR_SNAPSHOT()")  # a transaction sees others as it first saw them
            cursor.execute(f"SELECT COUNT(*) FROM pg_stat_activity WHERE {OTHERS} {more}")
            return cursor.fetchone()[0]

    def until(wanted, ask):
        end = time.monotonic() + ENOUGH
        while ask() != wanted:
            assert time.monotonic() < end
            time.sleep(0.02)

    connection.close()
    here, there = get_context("fork").Pipe()
    child = get_context("fork").Process(target=work, args=(there,))
    child.start()
    assert here.poll(ENOUGH)
    with transaction.atomic():
        journal.lock_years({(kept.fund_id, DESK.on.year)})
        here.send("go on")
        until(1, lambda: others("AND wait_event_type = 'Lock'"))
        os.kill(child.pid, signal.SIGKILL)
        child.join(ENOUGH)
    until(0, others)
    assert paid("a-form") == 0
    assert broken() == set()
    assert pay(kept, "a-form") is True
    assert broken() == set()


OTHERS = "backend_type = 'client backend' AND datname = CURRENT_DATABASE() AND pid <> PG_BACKEND_PID()"


def terminate(pid: int, *, ready: Event | None = None, delay: float = 0) -> None:
    """End a connection from another one, so many seconds after that one is open."""
    other = connection.copy("terminator")
    with other.cursor() as cursor:
        cursor.execute("SELECT 1")
        if ready:
            ready.set()
        time.sleep(delay)
        cursor.execute("SELECT PG_TERMINATE_BACKEND(%s)", [pid])
    other.close()


def test_a_commit_whose_answer_was_lost_is_not_done_again(kept, monkeypatch):
    """The server has committed and dies before it can say so: the clerk sees an error and sends the form again."""

    def commit(self):
        real(self)
        terminate(self.connection.info.backend_pid)
        with self.wrap_database_errors:
            self.connection.execute("SELECT 1")

    real = type(connections["default"])._commit
    with monkeypatch.context() as patch:
        patch.setattr(type(connections["default"]), "_commit", commit)
        with pytest.raises(OperationalError):
            pay(kept, "a-form")
    connection.close()
    assert paid("a-form") == 1
    assert pay(kept, "a-form") is False
    assert paid("a-form") == 1
    assert balances(kept.fund)["spent"] == 1_000
    assert broken() == set()


def test_connections_ended_at_any_moment_lose_nothing_and_double_nothing(kept):
    dice, failed = random.Random(8), 0
    for turn in range(40):
        start = time.monotonic()
        pay(kept, f"before-{turn}")  # so that there is a connection, and it is known how long a posting takes
        took = time.monotonic() - start
        pid, ready = connection.connection.info.backend_pid, Event()
        moment = {"ready": ready, "delay": dice.uniform(0, took)}
        ending = Thread(target=terminate, args=[pid], kwargs=moment)
        ending.start()
        ready.wait(ENOUGH)
        try:
            pay(kept, f"form-{turn}")
        except DatabaseError:
            failed += 1
        ending.join(ENOUGH)
        connection.close()
        pay(kept, f"form-{turn}")
    assert failed >= 3
    assert OnceKey.objects.count() == 80
    assert [turn for turn in range(40) if paid(f"form-{turn}") != 1] == []
    assert balances(Fund.objects.get())["spent"] == 80_000
    assert broken() == set()
