"""The outbox: who is to be told waits in the database until told, by whichever sender takes it, once.

A sender takes some for a short while (:data:`LEASE`) under a token of its own, and ends each in a transaction that
holds only while the token stands; whoever was killed in between is followed by the next sender. What is said is found
out now: who has died, lost the post or done the work meanwhile is told nothing.
"""

import logging
import secrets
import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from base import audit
from base.clock import leave_broken_connection
from duties.notices import decisions, digest, outcomes, review
from duties.notices.models import Kind, Message, Notice

LEASE = timedelta(seconds=30)
"""So long a notice stays with a sender that says nothing more."""

BATCH = 500
"""Notices taken at a time."""

TRIES = 8
"""After so many a notice is left to a person."""

PAUSE = timedelta(seconds=10)
"""After a failure; after each further one twice as long."""

KEPT = timedelta(days=30)
"""How long a notice that has ended is kept; the message it became stays."""

State = Notice.State
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Composer:
    """How one kind of message comes about: whose accounts it goes to on a day (``None`` for what no day brings), and
    what it says to which person; of decisions and outcomes, to each person by decision or thing.
    """

    recipients: Callable | None
    contents: Callable[[date, Collection[int] | None], dict[int, dict]]


COMPOSERS = {
    Kind.DIGEST: Composer(digest.recipients, digest.contents),
    Kind.REVIEW: Composer(review.recipients, review.contents),
    Kind.DECISION: Composer(None, decisions.contents),
    Kind.OUTCOME: Composer(None, outcomes.contents),
}


class Channel(Protocol):
    """A way on which a notice reaches its recipient. Called inside the transaction that ends the notice.

    A channel that leaves the house must hand on the notice's key (recipient, kind, day, decision, about): after a death
    between its answer and the commit it is called again.
    """

    def deliver(self, notice: Notice, content: dict, now: datetime) -> None: ...


class Inbox:
    """The product's own pages."""

    def deliver(self, notice: Notice, content: dict, now: datetime) -> None:
        message = Message(recipient_id=notice.recipient_id, kind=notice.kind, day=notice.day)
        message.content, message.sent_at = content, now
        message.decision_id, message.about = notice.decision_id, notice.about
        Message.objects.bulk_create([message], ignore_conflicts=True)


CHANNELS: dict[str, Channel] = {"inbox": Inbox()}


@dataclass
class Sent:
    """What one round of sending came to."""

    sent: int = 0
    dropped: int = 0
    failed: int = 0


def enqueue(kind: Kind, *, day: date, now: datetime) -> None:
    """Put everybody into the outbox who may have to be told on ``day``; twice, or two at once, change nothing."""
    people = COMPOSERS[kind].recipients(day).order_by("person").values_list("person", flat=True)
    rows = (Notice(recipient_id=person, kind=kind, day=day, not_before=now, enqueued_at=now) for person in people)
    Notice.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


def send_waiting(*, today: date) -> Sent:
    """Send what waits until nothing does. Any number of senders may do so at once.

    :param today: notices of other days are dropped: nobody is told late how things stood. Decisions and
        outcomes still hold.
    """
    done, whole = Sent(), {}
    while True:
        if _due(timezone.now())[: BATCH + 1].count() > BATCH:
            # More than one batch: what everybody is told is found out once, not once for each batch.
            whole = whole or {kind: composer.contents(today, None) for kind, composer in COMPOSERS.items()}
        batch = claim(timezone.now())
        if not batch:
            return done
        _send(batch, today, whole, done)


def _due(now: datetime) -> QuerySet[Notice]:
    """What a sender may take now: of a decision nothing before its duties are there."""
    due, unripe = Notice.objects.due(now), decisions.not_swept(now)
    return due.exclude(decision__in=unripe) if unripe else due


def claim(now: datetime) -> list[Notice]:
    """Take a batch for :data:`LEASE`; what was begun too often without an end is given up."""
    with transaction.atomic():
        due = _due(now).order_by("not_before", "pk").select_for_update(skip_locked=True)
        chosen = list(due.values_list("pk", "tries")[:BATCH])
        worn = [pk for pk, tries in chosen if tries >= TRIES]
        Notice.objects.filter(pk__in=worn).update(state=State.DEAD, error="Abandoned", ended_at=now)
        taken = Notice.objects.filter(pk__in=[pk for pk, tries in chosen if tries < TRIES])
        token = secrets.token_hex(8)
        taken.update(state=State.SENDING, token=token, tries=F("tries") + 1, lease_until=now + LEASE)
        return list(taken.filter(token=token).order_by("pk"))


def _send(batch: list[Notice], today: date, whole: dict, done: Sent) -> None:
    people = {notice.recipient_id for notice in batch}
    told, broken = {}, {}
    for kind in {notice.kind for notice in batch}:
        try:
            told[kind] = whole.get(kind) or COMPOSERS[kind].contents(today, people)
        except Exception as error:
            broken[kind] = error
    alive = set(digest.reachable(today).filter(person__in=people).values_list("person", flat=True))
    for notice in batch:
        if notice.kind in broken:
            _failed(notice, broken[notice.kind], done)
            continue
        content = told[notice.kind].get(notice.recipient_id, {})
        one = notice.decision_id or notice.about
        content = content.get(one) if one else content
        right = (one or notice.day == today) and notice.recipient_id in alive
        _end(notice, content if right else None, done)


def _end(notice: Notice, content: dict | None, done: Sent) -> None:
    """Tell it, or drop it, unless another sender has it by now. One that cannot be told does not hold up the others."""
    state, now = State.SENT if content else State.DROPPED, timezone.now()
    try:
        with transaction.atomic():
            if not _held(notice).update(state=state, ended_at=now, error=""):
                return
            if content:
                CHANNELS[notice.channel].deliver(notice, content, now)
    except Exception as error:
        _failed(notice, error, done)
    else:
        done.sent += state == State.SENT
        done.dropped += state == State.DROPPED


def _held(notice: Notice):
    """The row, while this sender's token stands on it."""
    return Notice.objects.filter(pk=notice.pk, state=State.SENDING, token=notice.token)


def _failed(notice: Notice, error: Exception, done: Sent) -> None:
    """Try again after 10, 20, 40 … seconds; in the end leave it to a person. The error's words are not kept."""
    where = "".join(traceback.format_tb(error.__traceback__)[-3:])
    logger.error("notice %s failed: %s\n%s", notice.pk, type(error).__name__, where)
    leave_broken_connection()
    done.failed += 1
    now, name = timezone.now(), type(error).__name__[:60]
    if notice.tries >= TRIES:
        _held(notice).update(state=State.DEAD, error=name, ended_at=now)
    else:
        pause = PAUSE * 2 ** (notice.tries - 1)
        _held(notice).update(state=State.PENDING, error=name, not_before=now + pause, lease_until=None)


@transaction.atomic
def retry_dead(*, by, now: datetime) -> int:
    """Let everything that was given up wait again; of days gone by it will be dropped.

    :param by: the system administrator who asks.
    :returns: how many there were.
    """
    again = Notice.objects.dead().update(
        state=State.PENDING, tries=0, not_before=now, lease_until=None, ended_at=None, error=""
    )
    audit.write(audit.Act.EDIT, "outbox", retried=again)
    return again


def tidy(*, today: date) -> int:
    """Remove notices that have ended and are old; what could not be sent stays until somebody has seen to it."""
    old = Notice.objects.filter(day__lt=today - KEPT, state__in=(State.SENT, State.DROPPED))
    return old.delete()[0]
