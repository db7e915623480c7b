"""A worker and a beat as they run in production, on the private Redis and the private PostgreSQL."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from base import clock
from base.models import ClockRun, Heartbeat, OnceKey
from config import celery
from config.timetable import TIMETABLE
from duties.engine.models import SweptRule
from duties.notices import outbox
from duties.notices.models import Kind, Message, Notice
from tests.duties.acts import adopt_pack
from tests.world import Cast, account

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
PATIENCE = 40
"""Seconds that a machine under load is given; on an idle one all of this takes a few."""


@pytest.fixture(autouse=True)
def the_real_time(frozen_today):
    """The processes here know no frozen clock, so the test must not have one either."""
    with time_machine.travel(time_machine.escape_hatch.datetime.datetime.now(UTC)):
        yield


@pytest.fixture
def cast(transactional_db):
    """A small world whose people were told this morning: what they are told here, the test says."""
    cast = Cast()
    adopt_pack(cast.committee)
    account(cast.secretary)
    now = timezone.now()
    for entry in ("digest", "review"):
        slot = TIMETABLE[entry].when.newest(now).name
        ClockRun.objects.create(
            entry=entry, slot=slot, claims=1, started_at=now, lease_until=now, finished_at=now, holder="nobody"
        )
    return cast


@pytest.fixture
def folder():
    """A folder whose path is short enough for a socket."""
    made = tempfile.mkdtemp()
    yield Path(made)
    shutil.rmtree(made)


class Processes:
    """What a test has started, ended with it."""

    def __init__(self, folder: Path):
        self.folder, self.started = folder, []

    def start(self, *command: str, **more: str) -> subprocess.Popen:
        log = (self.folder / f"{len(self.started)}.log").open("wb")
        with log:
            process = subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=os.environ | more, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(process)
        return process

    def celery(self, *words: str, redis: str) -> subprocess.Popen:
        database = connection.settings_dict
        host = database["HOST"] or database["OPTIONS"].get("host", "")
        url = f"postgres://{database['USER']}@/{database['NAME']}?host={host}"
        program = [sys.executable, "-m", "celery", "-A", "config", *words]
        return self.start(*program, DATABASE_URL=url, REDIS_URL=redis, DJANGO_DEBUG="1", DJANGO_DEMO="0")

    def worker(self, redis: str) -> subprocess.Popen:
        return self.celery("worker", "-c", "2", "--without-gossip", "--without-mingle", redis=redis)

    def beat(self, redis: str) -> subprocess.Popen:
        return self.celery("beat", "-s", str(self.folder / "beat"), "--pidfile=", redis=redis)

    def kill(self, process: subprocess.Popen) -> None:
        """As a machine without power ends it: with all its children."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                self.kill(process)

    def said(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def processes(folder):
    started = Processes(folder)
    yield started
    started.end()


def wait_for(true, processes: Processes) -> None:
    end = time.perf_counter() + PATIENCE
    while not true():
        assert time.perf_counter() < end, processes.said()
        time.sleep(0.1)


@pytest.fixture
def redis() -> str:
    """The private Redis, a database of it for each process of the suite."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return f"{os.environ['REDIS_URL']}?virtual_host={number + 1}"


def today():
    return timezone.localtime().date()


def enqueue(someone) -> None:
    now = timezone.now()
    Notice.objects.create(recipient=someone, kind=Kind.DIGEST, day=today(), not_before=now, enqueued_at=now)


def swept() -> bool:
    return ClockRun.objects.filter(entry="sweep", finished_at__isnull=False).exists()


def test_beat_and_worker_turn_the_clock_by_themselves(cast, processes, redis):
    processes.worker(redis)
    processes.beat(redis)
    wait_for(swept, processes)
    assert set(SweptRule.objects.order_by("pk").values_list("on", flat=True)) == {today()}
    enqueue(cast.secretary)
    wait_for(Message.objects.filter(day=today()).exists, processes)
    assert set(Heartbeat.objects.order_by("pk").values_list("engine", flat=True)) == {"beat", "worker"}
    told = Message.objects.get().content
    assert told["groups"]
    assert "王海燕" not in processes.said()


def test_what_a_dead_worker_was_at_is_begun_anew_at_once(cast, processes, redis):
    """Without waiting for the lease, which here lasts an hour: its process is known to be gone."""
    gone = processes.start("true")
    gone.wait()
    slot = TIMETABLE["sweep"].when.newest(timezone.now()).name
    now, hour = timezone.now(), timedelta(hours=1)
    ClockRun.objects.create(
        entry="sweep", slot=slot, claims=1, holder=f"{socket.gethostname()}:{gone.pid}", started_at=now,
        lease_until=now + hour,
    )  # fmt: skip
    processes.worker(redis)
    processes.beat(redis)
    wait_for(swept, processes)
    assert ClockRun.objects.get(entry="sweep").claims == 2


def own_redis(processes: Processes, folder: Path) -> subprocess.Popen:
    path = folder / "redis.sock"
    kept = ["--save", "", "--appendonly", "no", "--dir", str(folder)]
    server = processes.start("redis-server", "--port", "0", "--unixsocket", str(path), *kept)
    wait_for(path.exists, processes)
    return server


def test_with_redis_gone_and_come_back_everything_is_delivered(cast, processes, folder):
    url = f"redis+socket://{folder / 'redis.sock'}"
    server = own_redis(processes, folder)
    processes.worker(url)
    processes.beat(url)
    wait_for(swept, processes)
    processes.kill(server)
    (folder / "redis.sock").unlink()
    enqueue(cast.secretary)
    outbox.enqueue(Kind.DIGEST, day=today(), now=timezone.now())
    time.sleep(2)
    assert Message.objects.count() == 0, "it waits in the database"
    own_redis(processes, folder)
    wait_for(Message.objects.exists, processes)
    assert Message.objects.count() == 1


def written_in(seconds: float, monkeypatch, url: str) -> bool:
    """Whether a write that nudges is committed, and comes back within so many seconds."""
    app = celery.Celery("elsewhere", broker=url, set_as_current=False)
    app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    app.conf.task_publish_retry_policy = settings.CELERY_TASK_PUBLISH_RETRY_POLICY
    monkeypatch.setattr(celery, "app", app)
    monkeypatch.setattr(clock, "_senders", [celery.Nudger()])
    begun = time.perf_counter()
    with transaction.atomic():
        OnceKey.objects.create(key="written")
        clock.nudge("jobs")
    took = time.perf_counter() - begun
    return OnceKey.objects.filter(key="written").exists() and took < seconds


def test_where_redis_is_down_a_write_is_committed_within_two_seconds(monkeypatch, transactional_db, folder):
    assert written_in(2, monkeypatch, f"redis+socket://{folder / 'nothing.sock'}")


def test_where_redis_hangs_a_write_is_committed_within_three_seconds(monkeypatch, transactional_db, folder):
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.bind(str(folder / "deaf.sock"))
        deaf.listen()
        assert written_in(3, monkeypatch, f"redis+socket://{folder / 'deaf.sock'}")


def test_where_redis_runs_the_nudge_arrives(monkeypatch, cast, processes, redis):
    enqueue(cast.secretary)
    processes.worker(redis)
    monkeypatch.setattr(celery.app.conf, "broker_url", redis)
    celery.Nudger()("sweep")
    wait_for(swept, processes)
    celery.Nudger()("outbox")
    wait_for(Message.objects.exists, processes)
