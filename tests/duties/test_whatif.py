"""What a change of policy is said to do is what the next sweep does; looking leaves nothing behind."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from base.dates import FAR
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Duty, State
from duties.engine.sweep import sweep
from duties.engine.whatif import AHEAD, Change, Effect, what_if
from duties.policy.adjusting import adjust
from duties.policy.adoption import adopt, end_adoption
from duties.policy.deciding import concerned
from duties.policy.models import Adoption
from members.enums import CategoryKind, EventKind, OrganisationKind, Role, TieKind
from members.models import Category, Event, Tie
from tests.duties.acts import adopt_pack, happen, sweep_on, take_post, talk, waive
from tests.duties.pack import RULES, load_rules
from tests.duties.rules import a_rule
from tests.world import member, organisation

TODAY = date(2026, 11, 23)
SINCE = date(2026, 1, 1)


@pytest.fixture
def world(cast):
    """The cast, with one fact of every kind that a rule can read."""
    told = {"since": date(2026, 2, 1), "until": FAR}
    for someone, kind, more in (
        (cast.li, CategoryKind.HARDSHIP, {"grade": "一级"}),
        (cast.zhao, CategoryKind.ELDERLY, {}),
        (cast.sun, CategoryKind.SERIOUS_ILLNESS, {}),
        (cast.li, CategoryKind.DISCIPLINED, {"until": date(2026, 12, 20)}),
        (cast.li, CategoryKind.INJURED, {"since": date(2026, 11, 10)}),
        (cast.sun, CategoryKind.BEREAVED, {}),
    ):
        Category.objects.create(person=someone, kind=kind, **{**told, **more})
    for someone, kind, to in (
        (cast.zhao, TieKind.LEADER_CONTACT, cast.secretary),
        (cast.secretary, TieKind.LEADER_CONTACT, cast.general_secretary),
        (cast.sun, TieKind.CONTACT, cast.sibling_secretary),
    ):
        Tie.objects.create(person=someone, kind=kind, to=to, since=date(2026, 3, 1))
    for kind in (EventKind.HONOUR, EventKind.SETBACK, EventKind.ILLNESS, EventKind.ABSENCE):
        happen(cast.li, kind, date(2026, 11, 20))
    happen(cast.sun, EventKind.SETBACK, date(2026, 11, 18))
    Event.objects.create(
        person=cast.li, kind=EventKind.REQUEST, occurred_on=date(2026, 11, 20), entered_on=TODAY,
        addressee=cast.secretary,
    )  # fmt: skip
    take_post(cast.commissioner, cast.branch, Role.DEPUTY_SECRETARY, since=date(2026, 1, 1))
    talk(cast.zhao, cast.secretary, on=date(2026, 3, 2))
    talk(cast.li, cast.secretary, on=date(2026, 11, 21))
    member("韩冬", cast.branch, since=date(2027, 1, 10), joined=date(2009, 1, 12))
    member("卫冬", cast.branch, since=date(2026, 12, 15), joined=date(2011, 3, 5))
    return cast


def snapshot() -> dict:
    """The duties as they stand: (state, due day, path) by rule and key."""
    columns = ("rule", "key", "state", "due_on", "path")
    return {(rule, key): rest for rule, key, *rest in Duty.objects.values_list(*columns)}


def seen(before: dict, after: dict, on: date = TODAY) -> Counter:
    """What really became of the duties by the day ``on``, told as :class:`Change` tells it."""
    found: Counter = Counter()
    for name in before.keys() | after.keys():
        (was, due, place), (state, new_due, path) = before.get(name, (None,) * 3), after.get(name, (None,) * 3)
        late = False
        if state is None:
            effect, path, new_due = Effect.GOES if was == State.OPEN else Effect.LOSES, place, due
        elif state == State.OPEN and was == State.OPEN:
            effect = Effect.MOVES if due != new_due else None
        elif state == State.OPEN:
            effect = Effect.REOPENS if was else Effect.OPENS
        elif was in (None, State.OPEN, State.VOID) and state == State.DONE:
            effect = Effect.CLOSES
        else:
            effect = Effect.VOIDS if (was, state) == (State.OPEN, State.VOID) else None
        if effect:
            late = state is not None and new_due < on
            found[name[0], effect, path, f"{new_due:%Y-%m}", late] += 1
    return found


def told(changes: list[Change], *, ahead: bool = False) -> Counter:
    found: Counter = Counter()
    for each in changes:
        if (each.effect == Effect.AHEAD) == ahead:
            found[each.rule, each.effect, each.path, each.month, each.late] += each.n
    return found


def opening(after: date = TODAY) -> Counter:
    """The duties that open in the days to come, once a sweep has come so far."""
    later = Duty.objects.filter(opens_on__gt=after)
    found: Counter = Counter()
    for rule, path, due in later.values_list("rule", "organisation__path", "due_on"):
        found[rule, Effect.AHEAD, path, f"{due:%Y-%m}", False] += 1
    return found


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def tried(act, policy, on: date | None = None) -> list[Change]:
    """What looking says; nothing may be left of it."""
    before, duties = rows(), snapshot()
    changes = what_if(act, rules=lambda: concerned([policy.code]), today=TODAY, on=on)
    assert rows() == before
    assert snapshot() == duties
    return changes


def days_later(until: date, act: Callable[[], object] = lambda: None) -> tuple[dict, Counter]:
    """The duties of the day ``until`` and what opens in the 90 days after it, if ``act`` is done today; taken back."""
    with transaction.atomic():
        act()
        sweep_on(until)
        duties = snapshot()
        sweep_on(until + AHEAD)
        ahead = opening(until)
        transaction.set_rollback(True)
    return duties, ahead


def told_and_seen(policy, until: date) -> tuple[list[Change], Counter]:
    """What looking says of ending the adoption of a policy on a day to come, held against what then happens.

    :returns: what was said, and what is there no more that would have opened.
    """
    adoption = Adoption.objects.get(policy=policy)

    def ending():
        end_adoption(by=None, adoption=adoption, until=until, today=TODAY)

    changes = tried(ending, policy, on=until)
    (without, ahead_without), (ended, ahead) = days_later(until), days_later(until, ending)
    real = seen(without, ended, on=until)
    unopened = Counter()
    for rule, effect, path, month, late in list(real):
        if effect in (Effect.GOES, Effect.LOSES):
            unopened[rule, Effect.AHEAD, path, month, False] += real.pop((rule, effect, path, month, late))
    assert told(changes) == real
    later = Counter(ahead)
    later.subtract(ahead_without)
    later.subtract(unopened)
    assert told(changes, ahead=True) == Counter({cell: n for cell, n in later.items() if n})
    return changes, unopened


def adopting(organisation, policy, since=SINCE):
    return lambda: adopt(by=None, organisation=organisation, policy=policy, since=since, today=TODAY)


@pytest.mark.parametrize("code", RULES)
def test_what_adopting_is_said_to_open_opens_with_the_next_sweep(world, code):
    """One rule of each kind that the schema can say."""
    policy = load_rules([code], "p0" if code == "talk-yearly" else "p1")
    changes = tried(adopting(world.committee, policy), policy)
    before = snapshot()
    adopting(world.committee, policy)()
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    sweep_on(TODAY + AHEAD)
    assert told(changes, ahead=True) == opening()
    assert changes or code in NOTHING


NOTHING = {"event-death", "fifty-years", "own-asked", "own-event", "picked"}
"""Rules for which nothing has happened in this world, and a proposal that nobody picked."""


def test_every_effect_but_moving_is_met_when_an_adoption_ends(world):
    policy = load_rules(RULES, "p0")
    adopting(world.committee, policy)()
    sweep_on(TODAY)
    waive(Duty.objects.open().filter(rule__code="talk-twice").order_by("pk").first())
    adoption = Adoption.objects.get()
    for until, effects in ((TODAY, {Effect.VOIDS}), (date(2026, 2, 1), {Effect.VOIDS, Effect.GOES, Effect.LOSES})):
        before = snapshot()

        def ending(until=until):
            end_adoption(by=None, adoption=adoption, until=until, today=TODAY)

        changes = tried(ending, policy)
        ending()
        sweep_on(TODAY)
        assert told(changes) == seen(before, snapshot())
        assert {each.effect for each in changes} - {Effect.AHEAD} >= effects
        assert all(each.n < 0 for each in changes if each.effect == Effect.AHEAD)


@pytest.mark.parametrize("until", [date(2026, 12, 10), date(2027, 1, 1)])
def test_what_ending_on_a_day_to_come_is_said_to_do_happens_when_the_day_comes(world, until):
    """One rule of each kind that the schema can say; some duties are open now, some open before the day, some on it."""
    policy = load_rules(RULES, "p0")
    adopting(world.committee, policy)()
    sweep_on(TODAY)
    waive(Duty.objects.open().filter(rule__code="talk-twice").order_by("pk").first())
    open_now = set(Duty.objects.open().values_list("rule", "key"))
    changes, unopened = told_and_seen(policy, until)
    assert {each.effect for each in changes} == {Effect.VOIDS, Effect.AHEAD}
    assert all(each.n < 0 for each in changes if each.effect == Effect.AHEAD)
    assert bool(unopened) == (until == date(2027, 1, 1)), "the duties of 2027 would have opened on that day"
    if until == date(2027, 1, 1):
        end_adoption(by=None, adoption=Adoption.objects.get(), until=until, today=TODAY)
        sweep_on(until)
        void = set(Duty.objects.filter(state=State.VOID, closed_on=until).values_list("rule", "key"))
        assert void - open_now, "what opens between now and then is told too"


def test_with_a_nearer_rule_ended_on_a_day_to_come_the_farther_one_is_told_to_come_back(world):
    farther = load_rules(["talk-yearly"], "p0")
    adopting(world.committee, farther)()
    nearer = load_rules(["talk-twice"], "p1")
    adopting(world.general, nearer)()
    sweep_on(TODAY)
    back = farther.rules.get().pk
    changes, _ = told_and_seen(nearer, date(2026, 12, 10))
    effects = {each.effect for each in changes if each.rule == back}
    assert effects == {Effect.OPENS, Effect.CLOSES, Effect.AHEAD}
    assert all(each.path.startswith(world.general.path) for each in changes)
    assert sum(each.n for each in changes if (each.rule, each.effect) == (back, Effect.AHEAD)) > 0


def test_a_farther_duty_that_the_nearer_rule_voided_is_told_to_open_again(world):
    farther = load_rules(["talk-yearly"], "p0")
    adopting(world.committee, farther)()
    nearer = load_rules(["talk-twice"], "p1")
    adopting(world.general, nearer, date(2026, 10, 1))()
    sweep_on(TODAY)
    changes, _ = told_and_seen(nearer, date(2026, 12, 10))
    assert Effect.REOPENS in {each.effect for each in changes if each.rule == farther.rules.get().pk}


def test_ending_tells_nothing_of_what_another_adoption_still_asks_for(world):
    policy = load_rules(["talk-yearly", "event-talk"], "p0")
    adopting(world.committee, policy)()
    adopting(world.general, policy)()
    sweep_on(TODAY)
    inner = Adoption.objects.get(organisation=world.general)
    until = date(2026, 12, 10)
    assert tried(lambda: end_adoption(by=None, adoption=inner, until=until, today=TODAY), policy, on=until) == []


def test_an_adoption_taken_up_again_reopens_what_was_void(world):
    policy = load_rules(["talk-yearly", "report-half"], "p0")
    adopting(world.committee, policy)()
    end_adoption(by=None, adoption=Adoption.objects.get(), until=TODAY - timedelta(days=3), today=TODAY)
    sweep_on(TODAY)
    before = snapshot()
    changes = tried(adopting(world.committee, policy, TODAY - timedelta(days=3)), policy)
    adopting(world.committee, policy, TODAY - timedelta(days=3))()
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    assert Effect.REOPENS in {each.effect for each in changes}


def test_a_rule_that_takes_the_place_of_another_takes_its_duties(world):
    farther = load_rules(["talk-yearly"], "p0")
    adopting(world.committee, farther)()
    sweep_on(TODAY)
    nearer = load_rules(["talk-twice"], "p1")
    before = snapshot()
    changes = tried(adopting(world.general, nearer), nearer)
    adopting(world.general, nearer)()
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    assert {each.effect for each in changes if each.rule == farther.rules.get().pk} >= {Effect.GOES}
    assert all(each.path.startswith(world.general.path) for each in changes)


def test_numbers_changed_move_reopen_and_close(world):
    policy = load_rules(["talk-yearly", "event-talk"], "p0")
    adopting(world.committee, policy)()
    sweep_on(TODAY)

    def stricter():
        facts_will_change(alone=True)
        for code, name, number in (("talk-yearly", "times", 2), ("event-talk", "within_days", 2)):
            rule = policy.rules.get(code=code)
            rule.spec["trigger"][name] = number
            rule.save()
        facts_changed(Fact.ADOPTION, since=SINCE, people=None, organisations=None)

    before = snapshot()
    changes = tried(stricter, policy)
    stricter()
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    assert {each.effect for each in changes} >= {Effect.REOPENS}


def test_a_change_that_was_not_swept_yet_is_told_with_the_next_one(world):
    policy = load_rules(["talk-yearly"], "p0")
    adopting(world.committee, policy)()
    sweep_on(TODAY)
    rule = policy.rules.get()
    facts_will_change(alone=True)
    rule.spec["trigger"]["times"] = 2
    rule.save()
    facts_changed(Fact.ADOPTION, since=SINCE, people=None, organisations=None)
    before = snapshot()
    changes = tried(lambda: None, policy)
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    assert {each.effect for each in changes} >= {Effect.REOPENS}


def test_what_the_days_since_the_last_sweep_did_is_told(world):
    Category.objects.filter(kind=CategoryKind.SERIOUS_ILLNESS).update(until=date(2026, 11, 22))
    policy = load_rules(["visit-interval"], "p0")
    adopting(world.committee, policy)()
    before_the_end = date(2026, 11, 21)
    sweep(on=before_the_end, today=before_the_end)
    before = snapshot()
    changes = tried(lambda: None, policy)
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())
    assert {each.effect for each in changes} == {Effect.VOIDS}


def test_before_the_start_day_nothing_opens_and_earlier_talks_count(world):
    policy = load_rules(["talk-yearly", "actor-quarter"], "p0")
    changes = tried(adopting(world.committee, policy, TODAY), policy)
    assert {each.month for each in changes if each.effect == Effect.OPENS} == {"2026-12"}
    closed = [each for each in changes if each.effect == Effect.CLOSES]
    assert sum(each.n for each in closed) == 2
    assert {each.path for each in closed} == {world.branch.path}


def test_what_begins_later_is_told_for_the_days_to_come_alone(world):
    policy = load_rules(["talk-yearly"], "p0")
    changes = tried(adopting(world.committee, policy, date(2027, 1, 1)), policy)
    assert {each.effect for each in changes} == {Effect.AHEAD}
    assert {each.month for each in changes} == {"2027-12"}
    assert tried(adopting(world.committee, policy, date(2027, 6, 1)), policy) == []


def test_one_statement_for_a_rule_and_period_however_many_members(world, django_assert_num_queries):
    policy = load_rules(["talk-yearly"], "p0")
    with CaptureQueriesContext(connection) as few:
        what_if(adopting(world.committee, policy), rules=lambda: concerned([policy.code]), today=TODAY)
    place = organisation("010199", OrganisationKind.BRANCH, world.general)
    for n in range(20):
        member(f"新人{n}", place)
    with django_assert_num_queries(len(few)):
        what_if(adopting(world.committee, policy), rules=lambda: concerned([policy.code]), today=TODAY)


def test_a_real_pack_is_told_as_it_opens(world):
    """The pack of the demo, for everybody."""
    before = snapshot()
    adoption = adopt_pack(world.committee, whole=True)
    policy = adoption.policy
    end_adoption(by=None, adoption=adoption, until=date(2026, 1, 2), today=TODAY)
    Adoption.objects.all().delete()
    changes = tried(adopting(world.committee, policy), policy)
    adopting(world.committee, policy)()
    sweep_on(TODAY)
    assert told(changes) == seen(before, snapshot())


def test_what_opens_ahead_with_other_numbers_is_told(cast):
    trigger = {
        "kind": "quota", "times": 1, "per": "semester", "counted_per": "member",
        "semesters": [["02-15", "07-15"], ["09-01", "01-20"]],
    }  # fmt: skip
    rule = a_rule(cast.committee, trigger, action="talk")
    sweep_on(TODAY)

    def act():
        told = {"by": None, "organisation": cast.general, "rule": rule, "since": TODAY, "today": TODAY}
        adjust(**told, numbers={"times": 2})

    changes = what_if(act, rules=lambda: [rule.pk], today=TODAY)
    below = cast.branch.path[: len(cast.general.path)]
    assert {(each.effect, each.month, each.path.startswith(below)) for each in changes} == {
        (Effect.ANEW, "2027-07", True)
    }
    assert sum(each.n for each in changes) == 6
