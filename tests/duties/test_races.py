"""Two connections on PostgreSQL: what one has not committed the other must not miss; each with its negative control."""

from datetime import date, timedelta
from threading import Event as Signal
from threading import Thread

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.db.models import QuerySet

from base.facts import Fact, facts_changed, facts_will_change
from duties.engine import sweep as engine
from duties.engine.models import Duty, State
from duties.engine.records import enter_record
from duties.engine.whatif import Effect, what_if
from duties.policy import adoption
from duties.policy.adoption import adopt
from duties.policy.deciding import concerned
from members import services
from members.enums import EventKind
from members.models import Category, Event, Tie
from tests.conftest import NOW
from tests.duties.acts import adopt_pack, duty, end_post, happen, sweep_on, take_post, talk, unhappen
from tests.duties.pack import load_rules
from tests.world import Cast, member, post
from visits.services import record_talk

TODAY = NOW.date()
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return Cast()


def somebody_waits() -> bool:
    """Whether a connection to this database waits for a lock that another holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity"
            " WHERE datname = CURRENT_DATABASE() AND wait_event_type = 'Lock')"
        )
        return cursor.fetchone()[0]


def together(first, second, reached: Signal, go_on: Signal) -> list[BaseException]:
    """Run ``first`` until it says ``reached``, then ``second`` until it is done or waits; then let ``first`` go on."""
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
    assert reached.wait(60)
    threads[1].start()
    while threads[1].is_alive() and not somebody_waits():
        threads[1].join(0.05)
    go_on.set()
    for thread in threads:
        thread.join(60)
    return failures


def while_sweeping(rule: str, act, monkeypatch) -> None:
    """The first sweep has run the statements of a rule, not yet committed, when ``act`` is done."""
    reached, go_on = Signal(), Signal()
    states, calls = engine.counts.by_state, []

    def paused(swept):
        counted = states(swept)
        calls.append(swept.code)
        if calls.count(rule) == 2 and not reached.is_set():
            reached.set()
            go_on.wait(60)
        return counted

    monkeypatch.setattr(engine.counts, "by_state", paused)
    assert together(lambda: sweep_on(TODAY), act, reached, go_on) == []


@pytest.fixture
def unlocked(monkeypatch):
    """The negative control: neither sweep nor fact waits for the other."""
    monkeypatch.setattr(engine, "take_turn", lambda alone: None)
    monkeypatch.setattr("base.facts._before", [])


def sweep_the_next_night() -> None:
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        sweep_on(date(2026, 11, 24))


def withdrawn_while_sweeping(cast, monkeypatch) -> Event:
    event = happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    adopt_pack(cast.committee)
    while_sweeping("talk-on-honour", lambda: unhappen(event), monkeypatch)
    return event


def test_an_event_withdrawn_during_a_sweep_leaves_no_duty(cast, monkeypatch):
    event = withdrawn_while_sweeping(cast, monkeypatch)
    assert not Duty.objects.filter(event=event).exists()


def test_without_the_engines_lock_it_leaves_one_and_the_next_night_does_not_heal_it(cast, unlocked, monkeypatch):
    event = withdrawn_while_sweeping(cast, monkeypatch)
    sweep_the_next_night()
    assert Duty.objects.filter(event=event).exists()


@pytest.fixture
def second(cast):
    """The rules are swept for today; then another committee adopts them, so that they are swept whole once more.

    Here the lock alone helps: the day is swept, so a fact that cannot bring a duty only settles those it sees.
    """
    cast.upper = member("吴越", cast.other_branch)
    post(cast.upper, cast.other)
    policy = load_rules(["talk-yearly", "visit-interval"], "p0")
    for committee in (cast.committee, cast.other):
        adopt(by=None, organisation=committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
        if committee == cast.committee:
            sweep_on(TODAY)
    return cast


def talked_while_sweeping(cast, monkeypatch) -> str:
    while_sweeping("talk-yearly", lambda: talk(cast.outsider, cast.upper, on=TODAY), monkeypatch)
    return duty("talk-yearly", cast.outsider).state


def test_a_talk_during_a_sweep_closes_what_the_sweep_opens(second, monkeypatch):
    assert talked_while_sweeping(second, monkeypatch) == State.DONE


def test_without_the_engines_lock_the_talk_is_lost(second, unlocked, monkeypatch):
    assert talked_while_sweeping(second, monkeypatch) == State.OPEN
    sweep_the_next_night()
    assert duty("talk-yearly", second.outsider).state == State.OPEN


@transaction.atomic
def tie(member, to):
    facts_will_change()
    Tie.objects.create(person=member, kind="contact", to=to, since=date(2026, 11, 1))
    facts_changed(Fact.TIE, since=date(2026, 11, 1), people=[member.pk, to.pk])


def tied_while_sweeping(cast, monkeypatch) -> str:
    """Somebody visited a sick member; that he is the contact is entered while the duty is being opened."""
    ill = Category.objects.create(person=cast.outsider, kind="serious_illness", since=date(2026, 11, 1))
    enter_record(by=None, organisation=cast.other_branch, member=cast.outsider, action="visit", on=date(2026, 11, 9),
                 people=[cast.clerk], today=TODAY)  # fmt: skip
    while_sweeping("visit-interval", lambda: tie(cast.outsider, cast.clerk), monkeypatch)
    return duty("visit-interval", cast.outsider, f"c{ill.pk}:1").state


def test_a_tie_entered_during_a_sweep_counts(second, monkeypatch):
    assert tied_while_sweeping(second, monkeypatch) == State.DONE


def test_without_the_engines_lock_the_tie_is_lost(second, unlocked, monkeypatch):
    assert tied_while_sweeping(second, monkeypatch) == State.OPEN


def posted_while_talking(cast) -> list[BaseException]:
    """A new secretary's post is entered, not yet committed, when the upper one's talk, right in a vacancy, is."""
    reached, go_on = Signal(), Signal()

    def enter_post():
        with transaction.atomic():
            take_post(cast.commissioner, cast.branch, since=date(2026, 2, 1))
            reached.set()
            go_on.wait(60)

    return together(enter_post, lambda: talk(cast.li, cast.general_secretary, on=TODAY), reached, go_on)


@pytest.fixture
def vacant(cast):
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    end_post(cast.secretary, cast.branch, date(2026, 2, 1))
    return cast


def test_a_post_and_the_first_talk_it_takes_credit_from_find_each_other(vacant):
    assert posted_while_talking(vacant) == []
    assert duty("yearly-talk", vacant.li).state == State.OPEN


def test_were_a_post_to_share_the_lock_they_would_not(vacant, monkeypatch):
    monkeypatch.setattr("base.facts._before", [lambda alone: engine.take_turn(alone=False)])
    assert posted_while_talking(vacant) == []
    assert duty("yearly-talk", vacant.li).state == State.DONE


def died_while_talking(cast, monkeypatch) -> list[BaseException]:
    """An upper secretary's death is being entered when a collective talk with him and a member below is."""
    adopt_pack(cast.committee)
    for spoken_to in (cast.li, cast.commissioner):
        talk(spoken_to, cast.secretary, on=date(2026, 3, 1))
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


@pytest.fixture
def reaching(cast):
    """A policy of two rules that another committee adopted: rows of reach that every look at it derives anew."""
    policy = load_rules(["talk-yearly", "visit-interval"], "p0")
    adopt(by=None, organisation=cast.other, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return policy


def look(policy, organisation) -> int:
    """How many duties would open, were the organisation to adopt the policy."""

    def act():
        adopt(by=None, organisation=organisation, policy=policy, since=date(2026, 1, 1), today=TODAY)

    changes = what_if(act, rules=lambda: concerned([policy.code]), today=TODAY)
    return sum(each.n for each in changes if each.effect == Effect.OPENS)


def looked_at_once(cast, policy, monkeypatch) -> tuple[list[BaseException], dict[str, int]]:
    """Two look at adopting one policy, and find its rows in opposite orders; what went wrong, what they saw."""
    reached, go_on, derive, seen = Signal(), Signal(), adoption._derive, {}

    def derived(rules):
        mine = rules if not reached.is_set() else rules[::-1]
        for rule in mine:
            derive([rule])
            if mine is rules and rules:
                reached.set()
                go_on.wait(60)

    monkeypatch.setattr(adoption, "_derive", derived)

    def looking(organisation):
        seen[organisation.name] = look(policy, organisation)

    acts = [lambda: looking(cast.branch), lambda: looking(cast.committee)]
    return together(*acts, reached, go_on), seen


def test_two_who_look_at_one_policy_both_see_what_it_would_do(cast, reaching, monkeypatch):
    failures, seen = looked_at_once(cast, reaching, monkeypatch)
    assert failures == []
    assert seen == {cast.branch.name: 4, cast.committee.name: 10}
    assert not Duty.objects.filter(member__in=[cast.li, cast.sun]).exists()


def test_without_the_order_of_rules_they_would_wait_for_each_other_for_ever(cast, reaching, monkeypatch):
    monkeypatch.setattr(adoption, "_lock", lambda rules: None)
    failures, _seen = looked_at_once(cast, reaching, monkeypatch)
    assert "deadlock" in str(failures)


def talked_while_looking(cast, policy, monkeypatch) -> list[str]:
    """A talk in a branch is entered while somebody looks at what its adopting a policy would do; which ended first."""
    reached, go_on, starts_here, ended = Signal(), Signal(), adoption.starts_here, []

    def paused(organisation):
        reached.set()
        go_on.wait(60)
        ended.append("look")
        return starts_here(organisation)

    def talking():
        talk(cast.li, cast.secretary, on=TODAY)
        ended.append("talk")

    monkeypatch.setattr(adoption, "starts_here", paused)
    assert together(lambda: look(policy, cast.branch), talking, reached, go_on) == []
    return ended


def test_nobody_who_enters_a_talk_waits_for_one_who_looks(cast, reaching, monkeypatch):
    assert talked_while_looking(cast, reaching, monkeypatch) == ["talk", "look"]


def test_were_the_key_of_the_branch_locked_he_would(cast, reaching, monkeypatch):
    lock = QuerySet.select_for_update
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, no_key=False, **given: lock(rows, **given))
    assert talked_while_looking(cast, reaching, monkeypatch) == ["look", "talk"]
