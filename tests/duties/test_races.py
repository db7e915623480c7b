"""Two connections on PostgreSQL: what one has not committed the other must not miss; each with its negative control."""

from datetime import date, timedelta
from threading import Event as Signal
from threading import Thread

import pytest
import time_machine
from django.db import connections, transaction

from duties.engine import sweep as engine
from duties.engine.models import Duty, State
from members import services
from members.enums import EventKind
from members.models import Event
from tests.conftest import NOW
from tests.duties.acts import adopt_pack, duty, end_post, happen, sweep_on, take_post, talk, unhappen
from tests.world import Cast
from visits.services import record_talk

TODAY = NOW.date()
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return Cast()


def together(first, second, reached: Signal, go_on: Signal) -> list[BaseException]:
    """Run ``first`` until it says ``reached``, then ``second`` beside it; after a while let ``first`` go on."""
    failures = []

    def run(act):
        try:
            act()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(act,)) for act in (first, second)]
    threads[0].start()
    assert reached.wait(20)
    threads[1].start()
    threads[1].join(1.5)  # done, or waiting for the lock that first holds
    go_on.set()
    for thread in threads:
        thread.join(30)
    return failures


def withdrawn_while_sweeping(cast, monkeypatch) -> Event:
    """The first sweep has opened the duty of an event, not yet committed, when the event is withdrawn."""
    reached, go_on = Signal(), Signal()
    states, calls = engine._states, []

    def paused(rule):
        counted = states(rule)
        calls.append(rule.code)
        if calls.count("talk-on-honour") == 2 and not reached.is_set():
            reached.set()
            go_on.wait(20)
        return counted

    event = happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    adopt_pack(cast.committee)
    monkeypatch.setattr(engine, "_states", paused)
    assert together(lambda: sweep_on(TODAY), lambda: unhappen(event), reached, go_on) == []
    return event


def test_an_event_withdrawn_during_a_sweep_leaves_no_duty(cast, monkeypatch):
    event = withdrawn_while_sweeping(cast, monkeypatch)
    assert not Duty.objects.filter(event=event).exists()


def test_without_the_engines_lock_it_leaves_one_and_the_next_night_does_not_heal_it(cast, monkeypatch):
    monkeypatch.setattr(engine, "take_turn", lambda alone: None)
    monkeypatch.setattr("base.facts._before", [])
    event = withdrawn_while_sweeping(cast, monkeypatch)
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        sweep_on(date(2026, 11, 24))
    assert Duty.objects.filter(event=event).exists()


def posted_while_talking(cast) -> list[BaseException]:
    """A new secretary's post is entered, not yet committed, when the first talk with a member by him is."""
    reached, go_on = Signal(), Signal()

    def enter_post():
        with transaction.atomic():
            take_post(cast.commissioner, cast.branch, since=date(2026, 2, 1))
            reached.set()
            go_on.wait(20)

    return together(enter_post, lambda: talk(cast.li, cast.commissioner, on=TODAY), reached, go_on)


@pytest.fixture
def vacant(cast):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    end_post(cast.secretary, cast.branch, date(2026, 2, 1))
    return cast


def test_a_post_and_the_first_talk_it_gives_credit_for_find_each_other(vacant):
    assert posted_while_talking(vacant) == []
    assert duty("yearly-talk", vacant.li).state == State.DONE


def test_were_a_post_to_share_the_lock_they_would_not(vacant, monkeypatch):
    monkeypatch.setattr("base.facts._before", [lambda alone: engine.take_turn(alone=False)])
    assert posted_while_talking(vacant) == []
    assert duty("yearly-talk", vacant.li).state == State.OPEN


def died_while_talking(cast, monkeypatch) -> list[BaseException]:
    """An upper secretary's death is being entered when a collective talk with him and a member below is."""
    adopt_pack(cast.committee)
    for member in (cast.li, cast.commissioner):
        talk(member, cast.secretary, on=date(2026, 3, 1))
    sweep_on(TODAY)
    reached, go_on = Signal(), Signal()
    change = services._change

    def paused(*given):
        change(*given)
        reached.set()
        go_on.wait(3)

    monkeypatch.setattr(services, "_change", paused)
    return together(
        lambda: services.register_event(
            by=None, person=cast.general_secretary, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY
        ),
        lambda: record_talk(
            by=None, members=[cast.li, cast.general_secretary], on=date(2026, 11, 20), means="collective",
            subject="other", text="集体谈话", talkers=[cast.secretary], today=TODAY,
        ),
        reached, go_on,
    )  # fmt: skip


def test_a_death_and_a_collective_talk_take_turns(cast, monkeypatch):
    assert died_while_talking(cast, monkeypatch) == []


def test_were_a_death_to_share_the_lock_the_two_would_wait_for_each_other_for_ever(cast, monkeypatch):
    monkeypatch.setattr("base.facts._before", [lambda alone: engine.take_turn(alone=False)])
    assert "deadlock" in str(died_while_talking(cast, monkeypatch))
