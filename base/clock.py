"""What falls due by the clock, and that it is done once. Which work there is, is ``config.timetable``'s matter.

The truth is the table of runs. Celery, the command ``tick`` and the demo's thread only ask, as often as they like,
whether a piece of work is due; whoever takes its row does it. So a nudge may be lost, come late, come twice, or come
from two machines at once.
"""

import logging
import os
import socket
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import sleep

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from base.models import ClockRun, Heartbeat

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(minutes=30)
"""Work that failed is tried again after so long, then after twice as long, and so on, at most after the longer one."""

SLACK = 0.8
"""Nudges come a little early or late: work that comes round is due after this share of its period."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Slot:
    """One time at which work is due; ``name`` tells it from the others."""

    name: str
    begins: datetime


@dataclass(frozen=True)
class Daily:
    """Every day at ``at``, by the clock in China."""

    at: time

    def newest(self, now: datetime) -> Slot:
        """The last time that has come by ``now``."""
        local = timezone.localtime(now)
        day = local.date() - timedelta(days=local.time() < self.at)
        return Slot(day.isoformat(), datetime.combine(day, self.at, tzinfo=local.tzinfo))


@dataclass(frozen=True)
class Weekly:
    """Every week on ``weekday`` (Monday is 1) at ``at``, by the clock in China."""

    weekday: int
    at: time

    def newest(self, now: datetime) -> Slot:
        """The last time that has come by ``now``."""
        local = timezone.localtime(now)
        day = local.date() - timedelta(days=(local.isoweekday() - self.weekday) % 7)
        if day == local.date() and local.time() < self.at:
            day -= timedelta(days=7)
        return Slot(f"{day:%G-W%V}", datetime.combine(day, self.at, tzinfo=local.tzinfo))


@dataclass(frozen=True)
class Every:
    """Round and round, every so many seconds. It has no slots: a clock put back must not stop it.

    ``together``: the work itself sees to it that several may be at it at once, and is never kept waiting here.
    """

    seconds: int
    together: bool = False

    def newest(self, now: datetime) -> Slot:
        """Always due; whether it is too early is told by its row."""
        return Slot("", now)


@dataclass(frozen=True)
class Entry:
    """One line of the timetable.

    ``work`` is told the moment and the civil day in China, and may be done twice without harm. ``expires``: how long
    after its time it is still worth doing. ``lease``: after this long whoever took it and has not said that it is done
    is thought dead. ``label`` is what the health page calls it.
    """

    name: str
    label: str
    work: Callable[[datetime, date], object]
    when: Daily | Weekly | Every
    expires: timedelta
    lease: timedelta


def run(entry: Entry, now: datetime, *, at_once: bool = False) -> bool:
    """Do the work if it is due and nobody has done it or is at it.

    :param at_once: for work that comes round: whether it is due again however short ago it was done.
    :returns: whether it was done here and now. What goes wrong is written down and tried again later, never raised.
    """
    slot = entry.when.newest(now)
    if slot.begins + entry.expires <= now:
        return False
    taken = claim(entry, slot, now, at_once=at_once)
    if taken is None:
        return False
    try:
        entry.work(now, timezone.localtime(now).date())
        _mine(taken).update(finished_at=timezone.now(), error="")
    except Exception as error:
        _failed(entry, taken, error)
        return False
    finally:
        _at_it.discard(taken.pk)
    return True


def claim(entry: Entry, slot: Slot, now: datetime, *, at_once: bool = False) -> ClockRun | None:
    """Take the slot's row, if it is free: of all who see it free at once, one gets it."""
    rows = ClockRun.objects.filter(entry=entry.name, slot=slot.name)
    row = rows.first()
    if row is None:
        ClockRun.objects.bulk_create([ClockRun(entry=entry.name, slot=slot.name)], ignore_conflicts=True)
        row = rows.get()
    if not _is_free(entry, row, now, at_once):
        return None
    taken = {"claims": row.claims + 1, "holder": _me(), "started_at": now, "lease_until": now + entry.lease}
    if not rows.filter(claims=row.claims).update(finished_at=None, **taken) and not _together(entry):
        return None
    _at_it.add(row.pk)
    return ClockRun(pk=row.pk, **taken)


def _together(entry: Entry) -> bool:
    return isinstance(entry.when, Every) and entry.when.together


def _is_free(entry: Entry, row: ClockRun, now: datetime, at_once: bool) -> bool:
    if row.started_at is None or (_together(entry) and row.finished_at is None):
        return True
    ahead = row.started_at > now  # taken by a clock that has been put back since
    if row.finished_at is None:
        return ahead or row.lease_until <= now or _is_gone(row)
    if not isinstance(entry.when, Every):
        return False
    return at_once or ahead or now - row.started_at >= timedelta(seconds=SLACK * entry.when.seconds)


def _mine(taken: ClockRun):
    """The row, while it has not been taken by somebody else since."""
    return ClockRun.objects.filter(pk=taken.pk, claims=taken.claims)


RECOVERY = 30
"""Seconds in which a crashed database is given time to come back before the failure itself is lost."""


def _failed(entry: Entry, taken: ClockRun, error: Exception) -> None:
    """Write the kind of error and where it arose; its words may hold what somebody entered."""
    where = "".join(traceback.format_tb(error.__traceback__))
    logger.error("%s failed: %s\n%s", entry.name, type(error).__name__, where)
    leave_broken_connection()
    pause = min(FIRST_PAUSE * 2 ** min(taken.claims - 1, 10), LONGEST_PAUSE)
    state = {"error": type(error).__name__[:60], "holder": "", "lease_until": timezone.now() + pause}
    if isinstance(entry.when, Every):
        state["finished_at"] = timezone.now()  # it comes round by itself
    for last in (*[False] * RECOVERY, True):
        try:
            _mine(taken).update(**state)
            return
        except OperationalError:  # the server is coming up again; whoever gives up here leaves the row to its lease
            if last:
                raise
            leave_broken_connection()
            sleep(1)


def leave_broken_connection() -> None:
    """After an error that may have been the connection's own: what is written next gets another one."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _me() -> str:
    return f"{_host()}:{os.getpid()}"


def _host() -> str:
    return socket.gethostname()[:80]


_at_it: set[int] = set()
"""The rows this process is at."""


def _is_gone(row: ClockRun) -> bool:
    """Whether the process that took a row ran on this machine and is no more: no need to wait for its lease to end.

    If it was this very process, whether it is at it no longer, but could not write that it failed.
    """
    host, _, pid = row.holder.rpartition(":")
    if host != _host() or not pid.isdecimal():
        return False
    if int(pid) == os.getpid():
        return row.pk not in _at_it
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def beat(engine: str, now: datetime) -> None:
    """Say that an engine is alive."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(engine=engine, at=now, host=_host())],
        update_conflicts=True, unique_fields=["engine"], update_fields=["at", "host"],
    )  # fmt: skip


def last_beat(engine: str) -> datetime | None:
    """When an engine last said that it is alive; ``None`` for one that never did."""
    return Heartbeat.objects.filter(engine=engine).values_list("at", flat=True).first()


def tidy(now: datetime) -> int:
    """Remove runs of more than a year ago; returns how many."""
    return ClockRun.objects.filter(finished_at__lt=now - timedelta(days=400)).exclude(slot="").delete()[0]


_senders: list[Callable[[str], None]] = []


def on_nudge(send: Callable[[str], None]) -> None:
    """Have ``send(name)`` called when work is asked for ahead of its time."""
    _senders.append(send)


def nudge(name: str) -> None:
    """Once this transaction is committed, have the entry ``name`` looked at at once rather than at its next time.

    Only a kindness: a nudge that is lost costs waiting until then, and never fails what the caller does.
    """
    for send in _senders:
        transaction.on_commit(lambda send=send: send(name), robust=True)
