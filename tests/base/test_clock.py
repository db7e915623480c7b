"""Slots and claims: what is due is done once, whoever asks and however often, and made up for when it was missed."""

import os
from datetime import datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import OperationalError, connection, connections
from django.utils import timezone

from base import clock
from base.clock import Daily, Entry, Every, Weekly, run
from base.models import ClockRun, Heartbeat
from tests.conftest import NOW

CHINA = ZoneInfo("Asia/Shanghai")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def entry(done: list, when=None, *, expires=DAY, lease=10 * MINUTE) -> Entry:
    def work(now, today):
        done.append(today.isoformat())

    return Entry("work", "工作", work, when or Daily(time(0, 2)), expires, lease)


def at(text: str) -> datetime:
    """A moment in Universal Time."""
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("when", "now", "slot"),
    [
        (Daily(time(0, 0)), "2026-11-22 15:59:59", "2026-11-22"),
        (Daily(time(0, 0)), "2026-11-22 16:00:00", "2026-11-23"),
        (Daily(time(7, 30)), "2026-11-22 23:29:59", "2026-11-22"),
        (Daily(time(7, 30)), "2026-11-22 23:30:00", "2026-11-23"),
        (Daily(time(23, 59)), "2026-12-31 15:59:00", "2026-12-31"),
        (Weekly(1, time(7, 40)), "2026-11-22 23:39:00", "2026-W47"),
        (Weekly(1, time(7, 40)), "2026-11-22 23:40:00", "2026-W48"),
        (Weekly(1, time(7, 40)), "2026-11-29 15:00:00", "2026-W48"),
        (Weekly(1, time(7, 40)), "2026-12-31 16:00:00", "2026-W53"),
        (Every(20), "2026-11-22 16:00:00", ""),
    ],
)
def test_the_newest_time_that_has_come(when, now, slot):
    newest = when.newest(at(now))
    assert newest.name == slot
    assert newest.begins <= at(now)


def test_a_slot_is_done_once(db):
    done = []
    assert run(entry(done), NOW)
    assert not run(entry(done), NOW + HOUR)
    assert done == ["2026-11-23"]
    row = ClockRun.objects.get()
    assert (row.slot, row.claims, row.error, bool(row.finished_at)) == ("2026-11-23", 1, "", True)


def test_at_midnight_in_china_the_new_day_begins(db):
    done = []
    run(entry(done, Daily(time(0, 0))), at("2026-11-22 15:59:59"))
    run(entry(done, Daily(time(0, 0))), at("2026-11-22 16:00:00"))
    assert done == ["2026-11-22", "2026-11-23"]


def test_days_that_were_missed_are_covered_by_the_next(db):
    done = []
    run(entry(done), NOW)
    run(entry(done), NOW + 3 * DAY)
    assert done == ["2026-11-23", "2026-11-26"], "one run: the work is a function of the day"


def test_what_has_no_worth_any_more_is_not_made_up_for(db):
    done = []
    digest = entry(done, Daily(time(7, 30)), expires=14 * HOUR)
    assert not run(digest, datetime(2026, 11, 23, 21, 30, tzinfo=CHINA))
    assert not run(digest, datetime(2026, 11, 24, 6, 0, tzinfo=CHINA))
    assert run(digest, datetime(2026, 11, 24, 21, 29, tzinfo=CHINA))
    assert done == ["2026-11-24"]


def test_while_somebody_is_at_it_nobody_else_begins(db):
    slot = entry([]).when.newest(NOW)
    assert clock.claim(entry([]), slot, NOW)
    done = []
    assert not run(entry(done), NOW + 9 * MINUTE)
    assert run(entry(done), NOW + 10 * MINUTE), "the lease has run out"
    assert ClockRun.objects.get().claims == 2


def test_whoever_lost_his_lease_cannot_end_the_others_work(db):
    slot = entry([]).when.newest(NOW)
    late = clock.claim(entry([]), slot, NOW)
    clock.claim(entry([]), slot, NOW + 10 * MINUTE)
    assert clock._mine(late).update(finished_at=NOW) == 0


def test_a_process_of_this_machine_that_is_no_more_is_followed_at_once(db):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    clock.claim(entry([]), entry([]).when.newest(NOW), NOW)
    ClockRun.objects.update(holder=f"{clock._host()}:{pid}")
    done = []
    assert run(entry(done), NOW + timedelta(seconds=1))
    assert done
    ClockRun.objects.update(holder=f"elsewhere:{pid}", finished_at=None)
    assert not run(entry(done), NOW + timedelta(seconds=2)), "of another machine nobody knows"


def test_what_fails_is_tried_again_after_a_while_and_its_words_are_not_kept(db, caplog):
    entered = "".join(["张三", "丰"])

    def fails(now, today):
        raise ValueError(entered)

    failing = Entry("work", "工作", fails, Daily(time(0, 2)), DAY, HOUR)
    assert not run(failing, NOW)
    row = ClockRun.objects.get()
    assert (row.error, row.finished_at, row.holder) == ("ValueError", None, "")
    done = []
    assert not run(entry(done), NOW + timedelta(seconds=9))
    assert run(entry(done), NOW + timedelta(seconds=10))
    assert ClockRun.objects.get().error == ""
    assert "ValueError" in caplog.text
    assert entered not in caplog.text


def test_a_process_that_could_not_even_write_its_failure_begins_anew(db, monkeypatch):
    def fails(now, today):
        raise OperationalError

    failing = Entry("work", "工作", fails, Daily(time(0, 2)), DAY, HOUR)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "_mine", fails)
        with pytest.raises(TypeError):
            run(failing, NOW)
    assert ClockRun.objects.get().holder, "as it was left"
    done = []
    assert run(entry(done), NOW + timedelta(seconds=1))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_cut_is_written_down_through_another():
    def cut(now, today):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert not run(Entry("work", "工作", cut, Daily(time(0, 2)), DAY, HOUR), NOW)
    row = ClockRun.objects.get()
    assert (row.error, row.holder, row.lease_until) == ("OperationalError", "", NOW + clock.FIRST_PAUSE)


def test_what_comes_round_is_done_as_often_as_it_says(db):
    done = []
    often = entry(done, Every(20))
    assert [run(often, NOW + timedelta(seconds=s)) for s in (0, 10, 20, 39, 41)] == [True, False, True, True, False]
    assert run(often, NOW + timedelta(seconds=42), at_once=True), "asked for ahead of its time"
    assert ClockRun.objects.count() == 1


def test_a_clock_put_back_stops_nothing_and_repeats_no_slot(db):
    done, rounds = [], []
    run(entry(done), NOW + 2 * HOUR)
    run(entry(rounds, Every(20)), NOW + 2 * HOUR)
    assert not run(entry(done), NOW)
    assert not run(entry(done), NOW - DAY + HOUR) or done[-1] == "2026-11-22"
    assert run(entry(rounds, Every(20)), NOW), "two hours of silence otherwise"


def test_taken_by_a_clock_put_back_since_it_is_free(db):
    clock.claim(entry([]), entry([]).when.newest(NOW), NOW + 2 * HOUR)
    assert run(entry([]), NOW)


def test_work_that_may_be_done_together_is_never_kept_waiting(db):
    together = entry([], Every(60, together=True))
    assert clock.claim(together, together.when.newest(NOW), NOW)
    assert run(together, NOW)


def test_a_heart_beats_in_one_row(db):
    clock.beat("beat", NOW)
    clock.beat("beat", NOW + MINUTE)
    assert Heartbeat.objects.get().at == NOW + MINUTE
    assert clock.last_beat("beat") == NOW + MINUTE
    assert clock.last_beat("worker") is None


def test_a_nudge_waits_for_the_commit(monkeypatch, django_capture_on_commit_callbacks, db):
    asked = []
    monkeypatch.setattr(clock, "_senders", [asked.append])
    with django_capture_on_commit_callbacks(execute=True):
        clock.nudge("jobs")
        assert asked == []
    assert asked == ["jobs"]


def both_at_once(monkeypatch) -> list:
    """Two ticks that have both seen the slot free before either takes it."""
    done, barrier = [], Barrier(2)
    is_free = clock._is_free

    def seen(*args):
        free = is_free(*args)
        barrier.wait(20)
        return free

    monkeypatch.setattr(clock, "_is_free", seen)

    def tick():
        try:
            with time_machine.travel(NOW, tick=False):
                run(entry(done), timezone.now())
        finally:
            connections.close_all()

    threads = [Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return done


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_two_ticks_at_once_one_does_it(monkeypatch):
    for _ in range(5):
        ClockRun.objects.all().delete()
        assert both_at_once(monkeypatch) == ["2026-11-23"]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_comparison_both_do_it(monkeypatch):
    """The negative control: a claim that does not look whether it was first."""
    monkeypatch.setattr(clock, "_together", lambda entry: True)
    assert both_at_once(monkeypatch) == ["2026-11-23", "2026-11-23"]
