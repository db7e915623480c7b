"""Long work: done once or not at all, it stops when asked, survives its worker, leaves its result to one account."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
import time_machine
from cryptography.exceptions import InvalidTag
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from base import audit, job_files, jobs
from base.audit import Origin, origin
from base.jobs import ATTEMPTS, LEASE, JobRefused, Kind, Result, Work
from base.models import AuditRow, Draft, Job

SECRET = "组织部林清要的那一份"
ASKER, OTHER = 7, 8
State = Job.State


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.JOBS = tmp_path / "jobs"
    return settings.JOBS


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """The test's own kinds of work, forgotten after it."""
    monkeypatch.setattr(jobs, "_kinds", {})


def kind(run, *, code="count", check=lambda account, parameters: None, **more) -> Kind:
    return jobs.register(Kind(code, "数一数", run, check, **more))


def ask(account=ASKER, code="count", **parameters) -> Job:
    return jobs.ask(account=account, kind=code, title="数一数", parameters=parameters, now=timezone.now())


def now_of(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def in_rows() -> str:
    """The table as the database holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM base_job")
        return repr(cursor.fetchall())


def nothing(work: Work) -> Result:
    return Result()


def file_of(text: bytes):
    def run(work: Work) -> Result:
        work.file.write(text)
        return Result(file_name="结果.xlsx")

    return run


# Asking and running

pytestmark = pytest.mark.django_db


def test_what_was_asked_for_is_run_with_its_parameters_and_leaves_a_file():
    given = []

    def run(work: Work) -> Result:
        given.append((work.account, work.parameters, work.today.isoformat()))
        return file_of(b"abc")(work)

    kind(run)
    job = ask(organisation=5)
    assert now_of(job).state == State.WAITING
    assert jobs.run_waiting() == 1
    job = now_of(job)
    assert given == [(ASKER, {"organisation": 5}, "2026-11-23")]
    assert (job.state, job.file_name, job.size, job.attempts) == (State.DONE, "结果.xlsx", 3, 1)
    assert b"".join(jobs.fetch(job)) == b"abc"
    assert jobs.run_waiting() == 0


def test_jobs_run_in_the_order_in_which_they_were_asked_for_and_no_more_than_the_limit():
    ran = []
    kind(lambda work: ran.append(work.parameters["n"]) or Result())
    for number in range(3):
        with time_machine.travel(timezone.now() + timedelta(seconds=number), tick=False):
            ask(account=number, n=number)
    assert jobs.run_waiting(limit=2) == 2
    assert ran == [0, 1]


def test_parameters_title_and_answer_are_sealed():
    kind(lambda work: Result(answer={"said": SECRET}))
    job = jobs.ask(account=ASKER, kind="count", title=SECRET, parameters={"who": SECRET}, now=timezone.now())
    assert SECRET not in in_rows()
    jobs.run_waiting()
    assert jobs.answer_of(now_of(job)) == {"said": SECRET}
    assert now_of(job).title == SECRET
    assert SECRET not in in_rows()
    assert json.dumps(SECRET) not in in_rows()


def test_the_result_lies_sealed_on_the_disk_and_nothing_else_stays(folder):
    kind(file_of(SECRET.encode()))
    ask()
    jobs.run_waiting()
    assert [path.suffix for path in folder.iterdir()] == [".result"]
    assert all(SECRET.encode() not in path.read_bytes() for path in folder.iterdir())
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


@pytest.mark.parametrize("size", [0, 1, job_files.CHUNK - 1, job_files.CHUNK, job_files.CHUNK + 1, 3 * job_files.CHUNK])
def test_a_result_of_any_size_comes_back_as_it_was(size):
    data = os.urandom(size)
    kind(file_of(data))
    job = ask()
    jobs.run_waiting()
    assert b"".join(jobs.fetch(now_of(job))) == data
    assert now_of(job).size == size


def _cut(sealed: bytes) -> bytes:
    first = int.from_bytes(sealed[:4], "big")
    return sealed[: 4 + first]


def _swap(sealed: bytes) -> bytes:
    first = 4 + int.from_bytes(sealed[:4], "big")
    return sealed[first : 2 * first] + sealed[:first] + sealed[2 * first :]


@pytest.mark.parametrize(
    "change", [_cut, _swap, lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])], ids=["cut", "swapped", "changed"]
)
def test_a_result_that_was_changed_does_not_open(folder, change):
    kind(file_of(os.urandom(2 * job_files.CHUNK + 5)))
    job = ask()
    jobs.run_waiting()
    path = next(folder.iterdir())
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(InvalidTag):
        b"".join(jobs.fetch(now_of(job)))


def test_the_result_of_one_job_does_not_open_as_that_of_another(folder):
    kind(file_of(b"abc"))
    first, second = ask(), ask(account=OTHER)
    jobs.run_waiting()
    first, second = now_of(first), now_of(second)
    os.replace(folder / f"{first.pk}-{first.claim}.result", folder / f"{second.pk}-{second.claim}.result")
    with pytest.raises(InvalidTag):
        b"".join(jobs.fetch(second))


# Who


def test_the_audit_names_whoever_asked_for_what_the_job_does_and_for_the_download():
    kind(lambda work: audit.write(audit.Act.EXPORT, "organisation:1") or file_of(b"abc")(work))
    token = origin.set(Origin(ASKER, "林清 组织部干事", "10.0.0.7"))
    try:
        job = ask()
    finally:
        origin.reset(token)
    jobs.run_waiting()
    jobs.fetch(now_of(job))
    rows = list(AuditRow.objects.order_by("pk").values_list("act", "subject", "actor", "account"))
    who = ("林清 组织部干事", ASKER)
    subject = f"job:{job.pk}"
    assert rows == [("write", subject, *who), ("export", "organisation:1", *who), ("export", subject, "命令", None)]


def _refuse(_account, _parameters):
    raise PermissionDenied("你的职务已经变了。")


def test_a_right_that_ended_before_the_run_fails_the_job_with_its_sentence():
    kind(file_of(b"abc"), check=_refuse)
    job = ask()
    jobs.run_waiting()
    assert (now_of(job).state, now_of(job).error) == (State.FAILED, "你的职务已经变了。")


def test_a_right_that_ended_after_the_run_keeps_the_file_shut():
    kind(file_of(b"abc"))
    job = ask()
    jobs.run_waiting()
    kind(file_of(b"abc"), check=_refuse)
    with pytest.raises(PermissionDenied):
        jobs.fetch(now_of(job))
    assert not AuditRow.objects.filter(act="export").exists()


def test_an_account_has_three_unfinished_jobs_at_most_and_one_of_a_kind_running():
    kind(nothing)
    for _ in range(3):
        ask()
    with pytest.raises(JobRefused, match="已有 3 个任务"):
        ask()
    assert ask(account=OTHER).state == State.WAITING
    first = jobs.claim(now=timezone.now())
    second = jobs.claim(now=timezone.now())
    assert (first.account, second.account) == (ASKER, OTHER)
    assert jobs.claim(now=timezone.now()) is None
    jobs.run(first)
    assert jobs.claim(now=timezone.now()).account == ASKER


# What goes wrong


def test_work_that_is_refused_says_why_and_work_that_breaks_says_nothing_of_its_data(caplog):
    def refuse(work):
        raise JobRefused("上传的名册已过期，请重新上传。")

    def fail(work):
        raise ValueError(SECRET)

    kind(refuse, code="refused")
    kind(fail, code="broken")
    refused, broken = ask(code="refused"), ask(code="broken")
    jobs.run_waiting()
    assert now_of(refused).error == "上传的名册已过期，请重新上传。"
    assert now_of(broken).state == State.FAILED
    assert "程序出了差错" in now_of(broken).error
    assert "ValueError" in caplog.text
    assert "in fail" in caplog.text
    assert SECRET not in caplog.text + in_rows()


def test_a_job_that_failed_is_tried_again_when_asked():
    tries = []

    def run(work):
        tries.append(1)
        if len(tries) == 1:
            raise ValueError
        return Result(where="/")

    kind(run)
    job = ask()
    jobs.run_waiting()
    assert jobs.run_waiting() == 0
    assert jobs.retry(now_of(job), now=timezone.now())
    assert not jobs.retry(now_of(job), now=timezone.now())
    jobs.run_waiting()
    assert (now_of(job).state, now_of(job).error, now_of(job).where) == (State.DONE, "", "/")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_fails_gives_the_job_back_three_times_at_most():
    tries = []

    def run(work):
        tries.append(1)
        raise OperationalError("connection lost")

    kind(run)
    job = ask()
    assert jobs.run_waiting() == ATTEMPTS
    assert len(tries) == ATTEMPTS
    assert now_of(job).state == State.FAILED
    assert "中途断了 3 次" in now_of(job).error


def test_whole_work_leaves_nothing_when_it_fails_and_parts_do():
    def run(work):
        Draft.objects.create(account=1, key=work.parameters["key"], text="…", at=work.now)
        raise JobRefused("不行。")

    kind(run, code="whole", whole=True)
    kind(run, code="parts")
    ask(code="whole", key="whole")
    ask(code="parts", key="parts")
    jobs.run_waiting()
    assert list(Draft.objects.values_list("key", flat=True)) == ["parts"]


# Stopping


def test_a_job_that_waits_is_cancelled_at_once():
    kind(nothing)
    job = ask()
    assert jobs.cancel(job, now=timezone.now())
    assert now_of(job).state == State.CANCELLED
    assert jobs.run_waiting() == 0
    assert not jobs.cancel(now_of(job), now=timezone.now())


@pytest.mark.parametrize("whole", [True, False])
def test_a_job_that_runs_stops_at_its_next_word_and_leaves_nothing(folder, whole):
    reached = []

    def run(work):
        Draft.objects.create(account=1, key="a", text="…", at=work.now)
        jobs.cancel(now_of(job), now=timezone.now())
        reached.append(job_files.stop_wished(now_of(job)))
        work.progress("数", 1, 2)
        reached.append("further")

    kind(run, whole=whole)
    job = ask()
    jobs.run_waiting()
    assert reached == [True]
    assert now_of(job).state == State.CANCELLED
    assert Draft.objects.count() == (0 if whole else 1)
    assert list(folder.iterdir()) == []


def test_work_that_never_looks_is_still_not_written_after_a_wish_to_stop(folder):
    def run(work):
        Draft.objects.create(account=1, key="a", text="…", at=work.now)
        job_files.wish_stop(now_of(job))
        return file_of(b"abc")(work)

    kind(run, whole=True)
    job = ask()
    jobs.run_waiting()
    assert now_of(job).state == State.CANCELLED
    assert not Draft.objects.exists()
    assert list(folder.iterdir()) == []


def test_a_cancelled_job_may_be_tried_again():
    kind(nothing)
    job = ask()
    jobs.cancel(job, now=timezone.now())
    assert jobs.retry(now_of(job), now=timezone.now())
    jobs.run_waiting()
    assert now_of(job).state == State.DONE


# Progress


def test_progress_tells_of_every_few_hundred_rows_and_never_says_all_before_the_end():
    seen = []

    def run(work):
        for row in work.progress.each(range(1200), "写入", 1200):
            if row in (0, 700, 1199):
                told = job_files.told(now_of(job))
                seen.append((told.phase, told.done, told.total, told.percent))
        return Result()

    kind(run)
    job = ask()
    jobs.run_waiting()
    assert seen == [("写入", 0, 1200, 0), ("写入", 500, 1200, 41), ("写入", 1000, 1200, 83)]
    assert job_files.Told("写入", 1200, 1200).percent == 99


def test_progress_is_seen_by_another_process_while_the_work_holds_its_transaction():
    seen = []
    look = "import pathlib, sys; print(next(pathlib.Path(sys.argv[1]).glob('*.progress')).read_text())"

    def run(work):
        Draft.objects.create(account=1, key="a", text="…", at=work.now)
        work.progress("写入", 30, 60)
        seen.append(subprocess.check_output([sys.executable, "-c", look, str(job_files.folder())]))
        return Result()

    kind(run, whole=True)
    ask()
    jobs.run_waiting()
    assert b'"done": 30, "total": 60' in seen[0]


# A worker that dies


def left_by_the_dead() -> Job:
    """A job whose worker told a little and then was no more."""
    job = jobs.claim(now=timezone.now())
    job_files.tell(job, job_files.Told("写入", 1, 2), now=timezone.now())
    return job


def test_a_job_whose_worker_died_is_taken_again_when_its_lease_is_over():
    kind(file_of(b"abc"))
    job = ask()
    left_by_the_dead()
    assert jobs.run_waiting() == 0
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1), tick=False):
        assert jobs.run_waiting() == 1
    assert (now_of(job).state, now_of(job).attempts) == (State.DONE, 2)


def test_a_worker_that_shows_signs_of_life_keeps_its_job():
    kind(nothing)
    ask()
    job = left_by_the_dead()
    later = timezone.now() + LEASE + timedelta(seconds=1)
    job_files.beat(job, now=later)
    assert jobs.claim(now=later) is None
    assert jobs.claim(now=later + LEASE + timedelta(seconds=1)).pk == job.pk


def test_a_run_shows_signs_of_life_while_its_work_says_nothing(monkeypatch):
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=0.2))
    beats, beat = [], job_files.beat
    monkeypatch.setattr(job_files, "beat", lambda job, *, now: beats.append(1) or beat(job, now=now))

    def run(work):
        began = len(beats)
        time.sleep(0.5)
        return Result(answer={"beats": len(beats) - began})

    kind(run)
    job = ask()
    jobs.run_waiting()
    assert jobs.answer_of(now_of(job))["beats"] >= 2


def test_a_job_that_dies_three_times_is_given_up_with_a_sentence():
    kind(nothing)
    job, at = ask(), timezone.now()
    for _ in range(ATTEMPTS):
        assert jobs.claim(now=at).pk == job.pk
        at += LEASE + timedelta(seconds=1)
    assert jobs.claim(now=at) is None
    assert now_of(job).state == State.FAILED
    assert "中途断了 3 次" in now_of(job).error


def test_a_wish_to_stop_a_job_whose_worker_died_is_granted_by_the_next_taker():
    kind(nothing)
    job, at = ask(), timezone.now()
    jobs.claim(now=at)
    assert jobs.cancel(now_of(job), now=at)
    assert jobs.claim(now=at + LEASE + timedelta(seconds=1)) is None
    assert now_of(job).state == State.CANCELLED


@pytest.mark.parametrize("whole", [True, False])
def test_a_run_that_lost_its_job_to_another_ends_nothing(folder, whole):
    """The slow one thought dead: its work is rolled back where it is whole, its file is gone, the other's stands."""
    runs = []

    def run(work):
        runs.append(1)
        if len(runs) == 1:
            Draft.objects.create(account=1, key="slow", text="…", at=work.now)
            Job.objects.filter(pk=job.pk).update(lease_until=work.now - LEASE)
            job_files.beat(now_of(job), now=work.now - 2 * LEASE)
            assert jobs.run_waiting() == 1
            return file_of(b"slow")(work)
        return file_of(b"quick")(work)

    kind(run, whole=whole)
    job = ask()
    jobs.run_waiting()
    assert len(runs) == 2
    if not whole:  # in one transaction the quick run is part of the slow one's, and goes with it: see the race below
        assert (now_of(job).state, b"".join(jobs.fetch(now_of(job)))) == (State.DONE, b"quick")
        assert len(list(folder.iterdir())) == 1
    else:
        assert not Draft.objects.exists()


def test_a_slow_run_does_not_end_the_job_under_the_one_that_is_at_it_now():
    taken = []

    def run(work):
        if not taken:
            job_files.beat(now_of(job), now=work.now - 2 * LEASE)
            taken.append(jobs.claim(now=work.now + LEASE + timedelta(seconds=1)))
            return file_of(b"slow")(work)
        return file_of(b"quick")(work)

    kind(run)
    job = ask()
    jobs.run_waiting(limit=1)
    assert (now_of(job).state, now_of(job).claim) == (State.RUNNING, taken[0].claim)
    jobs.run(taken[0])
    assert b"".join(jobs.fetch(now_of(job))) == b"quick"


# After a day


def test_a_result_is_there_for_a_day_and_then_nowhere(folder):
    kind(file_of(b"abc"))
    job = ask()
    jobs.run_waiting()
    end = timezone.now() + jobs.KEPT_FOR
    assert job in jobs.of_account(ASKER, now=end - timedelta(seconds=1))
    assert job not in jobs.of_account(ASKER, now=end)
    assert job not in jobs.of_account(OTHER, now=timezone.now())
    with time_machine.travel(end, tick=False):
        call_command("tidy")
    assert not Job.objects.exists()
    assert list(folder.iterdir()) == []


def test_tidy_removes_what_dead_runs_left_after_a_day_and_nothing_that_is_in_use(folder):
    kind(file_of(b"abc"))
    job = ask()
    jobs.run_waiting()
    ask(code="count")
    running = left_by_the_dead()
    (folder / f"{job.pk}-{'0' * 32}.result").write_bytes(b"x")
    (folder / f"{job.pk}-{'1' * 32}.result").write_bytes(b"x")
    old = (timezone.now() - timedelta(days=2)).timestamp()
    for path in folder.iterdir():
        os.utime(path, times=(old, old))
    fresh = folder / f"{job.pk}-{'1' * 32}.result"
    os.utime(fresh, times=(timezone.now().timestamp(),) * 2)
    assert jobs.tidy(now=timezone.now()) == 0
    kept = {path.name for path in folder.iterdir()}
    assert kept == {f"{job.pk}-{now_of(job).claim}.result", f"{running.pk}-{running.claim}.progress", fresh.name}


def test_the_command_runs_what_waits(capsys):
    kind(nothing)
    ask()
    call_command("run_jobs")
    assert capsys.readouterr().out == "运行了 1 个任务。\n"


# Two at once, on PostgreSQL


def race(act, times=2) -> list:
    """Run ``act`` in so many threads, each with its own connection."""
    results, failures = [], []

    def run():
        try:
            results.append(act())
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    return results


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_of_eight_takers_at_once_each_gets_another_job():
    kind(nothing)
    asked = [ask(account=number).pk for number in range(8)]
    ready = Barrier(8)

    def take():
        ready.wait()
        return jobs.claim(now=timezone.now()).pk

    assert sorted(race(take, 8)) == asked


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_claim_two_takers_would_run_the_same_job():
    """The race's negative control: looking first and writing afterwards."""
    kind(nothing)
    job, looked = ask(), Barrier(2)

    def take():
        with transaction.atomic():
            found = Job.objects.filter(state=State.WAITING).get()
            looked.wait()
            Job.objects.filter(pk=found.pk).update(state=State.RUNNING)
            return found.pk

    assert race(take) == [job.pk, job.pk]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_jobs_of_one_account_and_kind_never_run_at_once():
    kind(nothing)
    for _ in range(2):
        ask()
    ready = Barrier(2)

    def take():
        ready.wait()
        return jobs.claim(now=timezone.now())

    assert sum(job is not None for job in race(take)) == 1
    assert Job.objects.filter(state=State.RUNNING).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_cancelling_from_another_connection_stops_whole_work_and_it_leaves_nothing():
    working, told = Barrier(2), Barrier(2)

    def run(work):
        Draft.objects.create(account=1, key="a", text="…", at=work.now)
        working.wait(30)
        told.wait(30)
        for done in range(100):
            work.progress("写入", done, 100)
        return Result()

    def stop():
        working.wait(30)
        try:
            assert job_files.told(now_of(job)).phase == "开始"
            jobs.cancel(now_of(job), now=timezone.now())
        finally:
            connections.close_all()
            told.wait(30)

    kind(run, whole=True)
    job = ask()
    stopper = Thread(target=stop)
    stopper.start()
    jobs.run_waiting()
    stopper.join(30)
    assert now_of(job).state == State.CANCELLED
    assert not Draft.objects.exists()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_the_slow_run_of_a_job_that_was_taken_again_is_rolled_back():
    slow_wrote, quick_done = Barrier(2), Barrier(2)
    runs = []

    def run(work):
        runs.append(work)
        mine = len(runs)
        Draft.objects.create(account=mine, key="a", text="…", at=work.now)
        if mine == 1:
            slow_wrote.wait(30)
            quick_done.wait(30)
        return Result(where=f"/{mine}/")

    def quick():
        slow_wrote.wait(30)
        try:
            later = timezone.now() + LEASE + timedelta(seconds=1)
            jobs.run(jobs.claim(now=later))
        finally:
            connections.close_all()
            quick_done.wait(30)

    kind(run, whole=True)
    job = ask()
    second = Thread(target=quick)
    second.start()
    jobs.run_waiting(limit=1)
    second.join(30)
    assert (now_of(job).state, now_of(job).where) == (State.DONE, "/2/")
    assert list(Draft.objects.values_list("account", flat=True)) == [2]


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whole", [True, False])
def test_a_connection_cut_in_mid_work_gives_the_job_back_and_the_next_run_does_it(whole):
    tries = []

    def run(work):
        tries.append(1)
        Draft.objects.get_or_create(account=1, key="a", defaults={"text": "…", "at": work.now})
        if len(tries) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return Result()

    kind(run, whole=whole)
    job = ask()
    assert jobs.run_waiting() == 2
    assert (now_of(job).state, now_of(job).attempts) == (State.DONE, 2)
    assert Draft.objects.count() == 1


KILLED = """
import django, time, time_machine
django.setup()
time_machine.travel({now!r}, tick=False).start()
from django.conf import settings
settings.JOBS = {folder!r}
from django.utils import timezone
from base import jobs
from base.jobs import Kind, Result
from base.models import Draft

def run(work):
    Draft.objects.create(account=1, key="dead", text="x", at=work.now)
    work.progress("写入", 1, 2)
    print("working", flush=True)
    time.sleep(600)

jobs._kinds.clear()
jobs.register(Kind("count", "数一数", run, lambda account, parameters: None, whole={whole!r}))
jobs.run_waiting()
"""


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("whole", [True, False])
def test_a_worker_killed_in_mid_work_costs_nothing_but_time(folder, whole):
    """A real process on the same database, killed with SIGKILL; another takes its job and does it once."""

    def run(work):
        Draft.objects.get_or_create(account=1, key="done", defaults={"text": "…", "at": work.now})
        return file_of(b"abc")(work)

    kind(run, whole=whole)
    job = ask()
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    script = KILLED.format(folder=str(folder), whole=whole, now=timezone.now().isoformat())
    environ = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    with subprocess.Popen([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE) as worker:
        assert worker.stdout.readline() == b"working\n"
        assert now_of(job).state == State.RUNNING
        assert job_files.told(now_of(job)).done == 1
        worker.send_signal(signal.SIGKILL)
    assert jobs.run_waiting() == 0
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1), tick=False):
        assert jobs.run_waiting() == 1
    assert (now_of(job).state, now_of(job).attempts) == (State.DONE, 2)
    assert b"".join(jobs.fetch(now_of(job))) == b"abc"
    assert sorted(Draft.objects.values_list("key", flat=True)) == (["done"] if whole else ["dead", "done"])
