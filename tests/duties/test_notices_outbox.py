"""The outbox: told once, whatever dies in between; nothing late, nobody who is gone; a bad row holds up no other."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import IntegrityError, connections
from django.utils import timezone

from duties.notices import outbox
from duties.notices.models import Kind, Message, Notice
from members.models import Post
from tests.conftest import NOW
from tests.duties.acts import adopt_pack, die, sweep_on
from tests.world import Cast, account

TODAY = date(2026, 11, 23)
State = Notice.State


def fill(cast) -> None:
    for someone in (cast.secretary, cast.sibling_secretary, cast.general_secretary, cast.committee_secretary):
        account(someone)


@pytest.fixture
def office(world):
    fill(world)
    return world


def enqueue(kind=Kind.DIGEST, day=TODAY):
    outbox.enqueue(kind, day=day, now=timezone.now())


def states() -> list[str]:
    return sorted(Notice.objects.values_list("state", flat=True).order_by("pk"))


def test_everybody_is_told_once(office):
    enqueue()
    enqueue()
    assert Notice.objects.count() == 4
    sent = outbox.send_waiting(today=TODAY)
    assert (sent.sent, sent.dropped, sent.failed) == (4, 0, 0)
    enqueue()
    assert outbox.send_waiting(today=TODAY).sent == 0
    assert Message.objects.count() == 4
    assert Message.objects.unread().count() == 4


def test_the_database_itself_holds_one_a_day(office):
    enqueue()
    row = Notice.objects.order_by("pk").first()
    with pytest.raises(IntegrityError):
        Notice.objects.create(
            recipient=row.recipient, kind=row.kind, day=row.day, not_before=NOW, enqueued_at=NOW
        )  # fmt: skip


def test_who_died_or_left_between_the_two_is_told_nothing(office):
    enqueue()
    die(office.secretary, TODAY)
    Post.objects.filter(person=office.sibling_secretary).update(until=TODAY)
    office.general_secretary.account.is_active = False
    office.general_secretary.account.save()
    sent = outbox.send_waiting(today=TODAY)
    assert (sent.sent, sent.dropped) == (1, 3)
    assert Message.objects.get().recipient == office.committee_secretary


def test_what_was_done_meanwhile_is_not_told(office):
    enqueue()
    before = outbox.COMPOSERS[Kind.DIGEST].contents(TODAY, None)[office.secretary.pk]["groups"]["later"]["n"]
    Post.objects.filter(person=office.secretary).update(until=TODAY)
    Post.objects.create(person=office.secretary, organisation=office.sibling, role="secretary", since=TODAY)
    outbox.send_waiting(today=TODAY)
    now = Message.objects.get(recipient=office.secretary).content["groups"]["later"]["n"]
    assert now != before


def test_of_a_day_gone_by_nobody_is_told(office):
    enqueue(day=date(2026, 11, 22))
    enqueue()
    outbox.send_waiting(today=TODAY)
    assert set(Message.objects.values_list("day", flat=True).order_by("pk")) == {TODAY}
    assert states() == [State.DROPPED] * 4 + [State.SENT] * 4


class Broken:
    """A channel in which one recipient's row is poison."""

    def __init__(self, recipient):
        self.recipient, self.inbox, self.tried = recipient, outbox.Inbox(), 0

    def deliver(self, notice, content, now):
        self.inbox.deliver(notice, content, now)
        if notice.recipient == self.recipient:
            self.tried += 1
            raise ValueError(content)


def test_one_bad_row_is_tried_eight_times_and_holds_up_no_other(office, monkeypatch):
    poison = Broken(office.secretary)
    monkeypatch.setitem(outbox.CHANNELS, "inbox", poison)
    enqueue()
    now = NOW
    for seconds in (0, 10, 20, 40, 80, 160, 320, 640):
        now += timedelta(seconds=seconds)
        with time_machine.travel(now - timedelta(seconds=1), tick=False):
            assert outbox.send_waiting(today=TODAY).sent == 0
            assert poison.tried == (0, 10, 20, 40, 80, 160, 320, 640).index(seconds)
        with time_machine.travel(now, tick=False):
            outbox.send_waiting(today=TODAY)
    assert Message.objects.count() == 3, "what the channel did before it failed is undone"
    dead = Notice.objects.dead().get()
    assert (dead.recipient, dead.tries, dead.error) == (office.secretary, 8, "ValueError")
    assert poison.tried == 8
    monkeypatch.setitem(outbox.CHANNELS, "inbox", outbox.Inbox())
    with time_machine.travel(now, tick=False):
        assert outbox.retry_dead(by=None, now=timezone.now()) == 1
        assert outbox.send_waiting(today=TODAY).sent == 1
    assert Message.objects.count() == 4


def test_what_cannot_be_composed_fails_as_well_and_comes_back(office, monkeypatch):
    def fails(day, people):
        raise RuntimeError

    enqueue()
    with monkeypatch.context() as patch:
        patch.setitem(outbox.COMPOSERS, Kind.DIGEST, outbox.Composer(None, fails))
        assert outbox.send_waiting(today=TODAY).failed == 4
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        assert outbox.send_waiting(today=TODAY).sent == 4


def test_a_sender_that_dies_is_followed_when_its_lease_is_over(office):
    enqueue()
    assert len(outbox.claim(NOW)) == 4
    assert outbox.send_waiting(today=TODAY).sent == 0
    with time_machine.travel(NOW + outbox.LEASE, tick=False):
        assert outbox.send_waiting(today=TODAY).sent == 4


def test_a_sender_that_comes_to_life_again_tells_nothing_twice(office, monkeypatch):
    enqueue()
    late = outbox.claim(NOW)
    with time_machine.travel(NOW + outbox.LEASE, tick=False):
        assert outbox.send_waiting(today=TODAY).sent == 4
    done = outbox.Sent()
    monkeypatch.setitem(outbox.CHANNELS, "inbox", Broken(None))
    outbox._send(late, TODAY, {}, done)
    assert Message.objects.count() == 4
    assert done.failed == 0


def test_what_is_begun_eight_times_without_an_end_is_given_up(office):
    enqueue()
    now = NOW
    for _ in range(8):
        assert len(outbox.claim(now)) == 4
        now += outbox.LEASE
    assert outbox.claim(now) == []
    assert states() == [State.DEAD] * 4


def test_a_lease_given_by_a_clock_since_put_back_is_no_lease(office):
    enqueue()
    outbox.claim(NOW + timedelta(hours=2))
    assert outbox.send_waiting(today=TODAY).sent == 4


def test_many_are_told_in_batches(office, monkeypatch):
    asked = []
    contents = outbox.COMPOSERS[Kind.DIGEST].contents

    def counted(day, people):
        asked.append(people)
        return contents(day, people)

    monkeypatch.setattr(outbox, "BATCH", 2)
    monkeypatch.setitem(outbox.COMPOSERS, Kind.DIGEST, outbox.Composer(None, counted))
    Notice.objects.bulk_create(
        Notice(recipient_id=pk, kind=Kind.DIGEST, day=TODAY, not_before=NOW, enqueued_at=NOW)
        for pk in (office.secretary.pk, office.sibling_secretary.pk, office.general_secretary.pk)
    )
    assert outbox.send_waiting(today=TODAY).sent == 3
    assert asked[0] is None
    assert len(asked) == 1, "found out once for all"


def test_old_notices_go_and_messages_stay(office):
    enqueue()
    outbox.send_waiting(today=TODAY)
    assert outbox.tidy(today=TODAY + timedelta(days=30)) == 0
    assert outbox.tidy(today=TODAY + timedelta(days=31)) == 4
    assert Message.objects.count() == 4


@pytest.fixture
def many(transactional_db):
    cast = Cast()
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    fill(cast)
    return cast


class Counting:
    """A channel that leaves the house: it tells how often it was asked."""

    def __init__(self):
        self.told = []

    def deliver(self, notice, content, now):
        self.told.append(notice.recipient_id)


def two_senders(monkeypatch) -> list[int]:
    """Two senders that claim at the same moment; whom the channel was asked to tell."""
    channel, barrier = Counting(), Barrier(2)
    monkeypatch.setitem(outbox.CHANNELS, "inbox", channel)
    enqueue()

    def send():
        try:
            barrier.wait(20)
            outbox.send_waiting(today=TODAY)
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(channel.told)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_tell_everybody_once(many, monkeypatch):
    for _ in range(5):
        Notice.objects.all().delete()
        assert two_senders(monkeypatch) == sorted(
            [many.secretary.pk, many.sibling_secretary.pk, many.general_secretary.pk, many.committee_secretary.pk]
        )


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_without_the_token_they_tell_twice(many, monkeypatch):
    """The negative control: no rows locked while they are chosen, and no token asked for at the end."""
    barrier = Barrier(2)

    def careless(now):
        rows = list(Notice.objects.unsent().order_by("pk"))
        if rows:
            barrier.wait(20)
        return rows

    monkeypatch.setattr(outbox, "claim", careless)
    monkeypatch.setattr(outbox, "_held", lambda notice: Notice.objects.filter(pk=notice.pk))
    told = two_senders(monkeypatch)
    assert len(told) == 8 > len(set(told))
