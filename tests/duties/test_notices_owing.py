"""What everybody owes, counted at once, is what each person's own board shows, person by person."""

from collections import Counter
from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.board import groups
from duties.engine.models import Duty
from duties.engine.responsible import attach_responsible, owed_by
from duties.notices.owing import Group, _statement, owing
from duties.policy.models import Rule
from members.enums import EventKind, OrganisationKind, Role, TieKind
from members.models import Account, Person, Post, Tie
from tests.conftest import NOW
from tests.duties.acts import adopt_pack, die, end_post, happen, sweep_on, take_post, talk
from tests.duties.rules import MEMBERS, a_rule
from tests.duties.test_triggers import tie
from tests.world import member, organisation, post

TODAY = date(2026, 11, 23)
ASKS = (groups.Group.LATE, groups.Group.SOON, groups.Group.LATER)


def one_by_one(day: date) -> dict[int, Counter]:
    """The same from the board's own words: for each person the duties that are his turn, by rule and group."""
    found, rules = {}, list(Rule.objects.order_by("pk"))
    for person in Person.objects.order_by("pk").values_list("pk", flat=True):
        with time_machine.travel(datetime.combine(day, NOW.timetz()), tick=False):
            turn = owed_by(Account(person_id=person).scope, rules)
        mine = groups.grouped(Duty.objects.filter(turn).filter(groups.live(day)), day)
        rows = Counter(mine.filter(group__in=ASKS).order_by("pk").values_list("rule", "group"))
        if rows:
            found[person] = rows
    return found


def row_by_row(day: date) -> dict[int, Counter]:
    """The same from what each row of the board says: whose turn it is."""
    rows = (
        groups.grouped(Duty.objects.filter(groups.live(day)), day).filter(group__in=ASKS).with_sources().order_by("pk")
    )
    found = {}
    for each in attach_responsible(list(rows), day):
        for person in {responsible.pk for responsible in each.responsible}:
            found.setdefault(person, Counter())[each.rule_id, each.group] += 1
    return found


def at_once(day: date, people=None) -> dict[int, Counter]:
    return {person: Counter(owed.by_rule) for person, owed in owing(day, people).items()}


@pytest.fixture
def muddle(cast):
    """Posts shared, vacant, doubled and held by the members themselves; ties; a missing level; a death."""
    group = organisation("01010101", OrganisationKind.GROUP, cast.branch)
    member("钱小组", group)
    deputy = member("吴副", cast.branch)
    post(deputy, cast.branch)  # two secretaries at once
    end_post(cast.sibling_secretary, cast.sibling, until=date(2026, 11, 1))  # a vacancy
    take_post(cast.general_secretary, cast.branch, since=date(2026, 11, 2))  # one person, two levels
    tie(cast.li, cast.commissioner, TieKind.CONTACT)
    tie(cast.sun, cast.clerk, TieKind.CONTACT)
    adopt_pack(cast.committee, whole=True)
    yearly = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    a_rule(cast.committee, yearly, responsible={"role": "secretary", "tie": "contact"}, code="tied")
    a_rule(cast.committee, yearly, responsible={"role": "secretary", "at": ["committee"]}, code="far")
    for code, heads in (
        ("office", [Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK]),  # only the second is there
        ("either", [Role.ORGANISATION_COMMISSIONER, Role.SECRETARY]),  # in the branch both, and both of it
        ("last", [Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.SECRETARY]),
    ):
        a_rule(cast.committee, yearly, responsible={"role": heads[0], "instead": heads[1:]}, code=code)
    for kind, on in ((EventKind.HONOUR, 5), (EventKind.TENDENCY, 20), (EventKind.ILLNESS, 21)):
        happen(cast.li, kind, date(2026, 11, on))
        happen(cast.secretary, kind, date(2026, 11, on))
    sweep_on(TODAY)
    die(cast.zhao, date(2026, 11, 20))
    talk(cast.li, cast.secretary, on=date(2026, 11, 22))
    return cast


def test_everybody_at_once_is_everybody_one_by_one(muddle):
    assert at_once(TODAY) == one_by_one(TODAY) == row_by_row(TODAY)
    assert len(at_once(TODAY)) > 6


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 12, 20), date(2027, 1, 3), date(2027, 2, 1)])
def test_on_other_days_too(muddle, day):
    sweep_on(day)
    assert at_once(day) == one_by_one(day)


def test_of_some_people_it_is_the_same(muddle):
    whole = at_once(TODAY)
    for person in Person.objects.order_by("pk"):
        assert at_once(TODAY, {person.pk}) == {pk: owed for pk, owed in whole.items() if pk == person.pk}
    some = set(list(whole)[:3])
    assert at_once(TODAY, some) == {person: whole[person] for person in some}
    assert at_once(TODAY, set()) == {}


def test_it_is_one_statement_however_many_owe(muddle):
    with CaptureQueriesContext(connection) as asked:
        owing(TODAY)
    said = [each["sql"].lstrip().split()[0] for each in asked]
    assert [word for word in said if word in ("SELECT", "WITH")] == ["SELECT", "WITH"], "the rules, and the statement"


def test_what_begins_today_is_counted_as_new(cast):
    a_rule(cast.committee, {"kind": "event", "events": ["honour"], "within_days": 5}, target=[MEMBERS], code="honour")
    sweep_on(TODAY)
    happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    happen(cast.zhao, EventKind.HONOUR, TODAY)
    mine = owing(TODAY)[cast.secretary.pk]
    assert (sum(mine.by_rule.values()), mine.fresh) == (2, 1)
    assert {group for _rule, group in mine.by_rule} == {Group.SOON}


def test_without_the_exclusion_of_the_member_it_would_differ(muddle, monkeypatch):
    """The comparison can fail: nobody talks with himself, and a comparison that missed it would show nothing."""
    monkeypatch.setattr("duties.notices.owing._statement", _careless)
    assert at_once(TODAY) != one_by_one(TODAY)


def _careless(rules, people):
    return _statement(rules, people).replace("AND holds.person <> counted.member", "")


def turns_of(code: str, day: date = TODAY) -> dict[str, list[str]]:
    rows = Duty.objects.filter(rule__code=code).with_sources().order_by("pk")
    return {each.member.name: [who.name for who in each.responsible] for each in attach_responsible(list(rows), day)}


def test_where_only_the_second_of_two_roles_is_held_it_is_his_turn_and_the_first_comes_before_him(muddle):
    assert set(map(tuple, turns_of("office").values())) == {("林清",), ()}, "nobody is there for the clerk himself"
    assert turns_of("office")["林清"] == []
    either = turns_of("either")
    assert either["李建国"] == ["张伟"], "secretaries are there too"
    assert either["张伟"] == ["王海燕", "吴副", "周启明"], "of what is about himself the next in order"
    assert either["孙德福"] == ["周启明"], "a vacancy goes upward whole"
    take_post(muddle.sun, muddle.committee, Role.DEPARTMENT_HEAD, since=TODAY)
    assert turns_of("office")["李建国"] == turns_of("office")["林清"] == ["孙德福"]
    assert turns_of("office")["孙德福"] == ["林清"]
    assert at_once(TODAY) == one_by_one(TODAY) == row_by_row(TODAY)


def test_without_their_order_it_would_differ(muddle, monkeypatch):
    sound = at_once(TODAY)
    monkeypatch.setattr("duties.notices.owing._statement", _in_no_order)
    assert at_once(TODAY) != sound
    monkeypatch.undo()
    monkeypatch.setattr("duties.engine.responsible._Heads.stand_at", lambda self, place, ground: set())
    assert one_by_one(TODAY) != sound


def _in_no_order(rules, people):
    return _statement(rules, people).replace(", heads.nth)", ")")


def test_without_ties_it_would_differ(muddle):
    before = at_once(TODAY)
    Tie.objects.all().delete()
    Post.objects.filter(role=Role.SECRETARY, organisation=muddle.branch, person=muddle.secretary).delete()
    assert at_once(TODAY) == one_by_one(TODAY) != before
