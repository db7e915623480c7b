"""How the machinery stands: the engines that turn the clock, what they did last, the outbox, the broker."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min
from kombu.exceptions import OperationalError

from base.audit_seals import last_verification
from base.clock import Every, last_beat
from base.models import ClockRun, Heartbeat, Job
from config.celery import app
from config.timetable import TIMETABLE
from duties.engine.models import SweptRule
from duties.notices.models import Notice
from fund.models import BookCheck

SILENT = timedelta(minutes=15)
"""An engine not heard of for so long is thought dead."""

ENGINES = {"beat": "定时引擎", "worker": "后台进程", "tick": "每小时补办", "demo": "演示时钟"}


@dataclass(frozen=True)
class Engine:
    """One engine, as the page shows it; ``late`` where it should have been heard of since."""

    label: str
    at: datetime
    host: str
    late: bool


@dataclass(frozen=True)
class Line:
    """One entry of the timetable: when it was last done, and whether its newest time was missed or went wrong.

    ``found``: what a check that was done has found, if it found anything.
    """

    label: str
    done_at: datetime | None
    error: str
    missed: bool
    found: str


@dataclass(frozen=True)
class Health:
    """What the system administrator's page shows."""

    engines: list[Engine]
    lines: list[Line]
    swept_on: date | None
    behind: int
    waiting: int
    oldest: datetime | None
    dead: list[Notice]
    dead_count: int
    jobs: int
    redis: str


def healthy() -> bool:
    """Whether the database answers and can be written to."""
    try:
        with transaction.atomic():
            Heartbeat.objects.filter(pk=0).update(host="")
    except DatabaseError:
        return False
    return True


def ready(now: datetime) -> bool:
    """Whether the product can do its whole work: nothing left to migrate, and the clock turns."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    heard = [beat for beat in map(last_beat, ENGINES) if beat]
    return bool(heard) and now - max(heard) <= SILENT


def report(now: datetime, today: date) -> Health:
    """Everything the page shows, in a fixed number of queries."""
    unsent = Notice.objects.unsent()
    dead = Notice.objects.dead()
    swept = SweptRule.objects.order_by("on").values_list("on", flat=True)
    return Health(
        engines=_engines(now),
        lines=_lines(now),
        swept_on=swept.first(),
        behind=swept.filter(on__lt=today).count(),
        waiting=unsent.count(),
        oldest=unsent.aggregate(oldest=Min("enqueued_at"))["oldest"],
        dead=list(dead.order_by("-ended_at", "-pk")[:20]),
        dead_count=dead.count(),
        jobs=Job.objects.filter(state__in=(Job.State.WAITING, Job.State.RUNNING)).count(),
        redis=broker(),
    )


def broker() -> str:
    """Whether the broker answers, in a word."""
    if not settings.REDIS_URL:
        return "没有配置"
    try:
        with app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, interval_start=0, timeout=1)
    except (OperationalError, OSError):
        return "连不上"
    return "正常"


def _engines(now: datetime) -> list[Engine]:
    beats = Heartbeat.objects.order_by("pk")
    hourly = {"tick": timedelta(hours=1)}
    return [
        Engine(ENGINES.get(beat.engine, beat.engine), beat.at, beat.host,
               now - beat.at > SILENT + hourly.get(beat.engine, timedelta(0)))
        for beat in beats
    ]  # fmt: skip


def _lines(now: datetime) -> list[Line]:
    runs = {(run.entry, run.slot): run for run in ClockRun.objects.filter(entry__in=TIMETABLE).order_by("pk")}
    last = {}
    for run in sorted((each for each in runs.values() if each.finished_at), key=lambda each: each.finished_at):
        last[run.entry] = run.finished_at
    began = min((run.started_at for run in runs.values() if run.started_at), default=now)
    found, lines = _found(), []
    for name, entry in TIMETABLE.items():
        slot = entry.when.newest(now)
        run = runs.get((name, slot.name))
        done = run is not None and run.finished_at is not None
        due = not isinstance(entry.when, Every) and now - slot.begins > SILENT
        asked = slot.begins >= began or now < slot.begins + entry.expires  # not what was due before there was a clock
        missed = due and asked and not done
        lines.append(Line(entry.label, last.get(name), run.error if run else "", missed, found.get(name, "")))
    return lines


def _found() -> dict[str, str]:
    """What the newest check of the books and of the audit found wrong, by entry of the timetable."""
    found = {}
    books = BookCheck.objects.order_by("-pk").first()
    if books and books.breaks:
        codes = "、".join(sorted({each["code"] for each in books.breaks}))
        found["check_books"] = f"没有通过：{codes} 不成立。请运行 check_books 看是哪一号，并告诉财务和审计"
    seals = last_verification()
    if seals and not seals.detail["holds"]:
        found["verify_audit"] = "没有通过。请运行 verify_audit 看是哪一条，并告诉审计员"
    return found
