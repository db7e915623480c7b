"""Celery as the kill rounds start it: what is due once a day is due at any hour; ``BENCH_FAULT`` breaks a guard.

``BENCH_QUICK=5`` makes pauses, leases and beat's rounds a fifth as long, for a test that must not wait.
"""

import os
import time as clocks
from dataclasses import replace
from datetime import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")
django.setup()

from django.utils import timezone  # noqa: E402  after django.setup()

from base import clock  # noqa: E402
from base.clock import Daily, Every  # noqa: E402
from config import tasks  # noqa: E402
from config.celery import app  # noqa: E402  what `celery -A` looks for
from config.timetable import DAY, TIMETABLE  # noqa: E402
from duties.engine import statements, sweep  # noqa: E402
from duties.notices import digest, outbox  # noqa: E402
from duties.notices.models import Notice  # noqa: E402

PAUSE = 3
"""Seconds for which a broken guard leaves its gap open, so that a kill falls into it also in a small world."""

for name in ("sweep", "digest", "review"):
    TIMETABLE[name] = replace(TIMETABLE[name], when=Daily(time(0)), expires=DAY)


def done_when_taken() -> None:
    """The clock notes work as done when somebody takes it, as a scheduler does that keeps no lease."""
    claim = clock.claim

    def claimed(entry, slot, now, *, at_once=False):
        taken = claim(entry, slot, now, at_once=at_once)
        if taken:
            clock._mine(taken).update(finished_at=now)
        return taken

    clock.claim = claimed


def no_transaction() -> None:
    """The sweep's statements commit one by one, and the opening one trusts that nothing is there (nor does a key)."""
    opening, settling = statements.open_statement, statements.settle_statement

    def open_blindly(rule, circle):
        text = opening(rule, circle)
        return text[: text.rindex("WHERE NOT EXISTS")]

    def settle_late(rule, circle):
        clocks.sleep(PAUSE / 10)
        return settling(rule, circle)

    statements.open_statement, statements.settle_statement = open_blindly, settle_late
    sweep._sweep_rule = sweep._sweep_rule.__wrapped__


def _a_batch(first, second):
    """A sender that does one thing to the whole batch, then the other, each in transactions of its own."""

    def send(batch, today, whole, done) -> None:
        people = {notice.recipient_id for notice in batch}
        contents = {kind: outbox.COMPOSERS[kind].contents(today, people) for kind in {notice.kind for notice in batch}}
        alive = set(digest.reachable(today).filter(person__in=people).values_list("person", flat=True))
        told = [(notice, contents[notice.kind].get(notice.recipient_id)) for notice in batch]
        told = [(notice, content if notice.recipient_id in alive else None) for notice, content in told]
        first(told)
        clocks.sleep(PAUSE)
        second(told)

    outbox._send = send


def _mark(told) -> None:
    for notice, content in told:
        state = Notice.State.SENT if content else Notice.State.DROPPED
        Notice.objects.filter(pk=notice.pk).update(state=state, ended_at=timezone.now())


def _tell(told) -> None:
    for notice, content in told:
        if content:
            outbox.CHANNELS[notice.channel].deliver(notice, content, timezone.now())


FAULTS = {
    "done-when-taken": done_when_taken,
    "no-transaction": no_transaction,
    "told-then-marked": lambda: _a_batch(_tell, _mark),
    "marked-then-told": lambda: _a_batch(_mark, _tell),
}
"""The negative controls."""

if quick := int(os.environ.get("BENCH_QUICK") or 0):
    clock.FIRST_PAUSE, outbox.PAUSE, outbox.LEASE = (
        each / quick for each in (clock.FIRST_PAUSE, outbox.PAUSE, outbox.LEASE)
    )
    TIMETABLE["outbox"] = replace(TIMETABLE["outbox"], when=Every(20 // quick))
    tasks.PACE //= quick
    app.conf.beat_schedule = {entry.name: tasks.rhythm(entry) for entry in TIMETABLE.values()}

if fault := os.environ.get("BENCH_FAULT"):
    FAULTS[fault]()
