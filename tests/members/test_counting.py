"""The numbers of members that pages read are what counting would find, after whatever happened."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from base.dates import FAR
from base.facts import Fact, facts_changed
from members.counting import COUNTED, Counts, counts_of, counts_under, rebuild_counts, recount, without_full_date
from members.derived import MemberCount
from members.enums import LIVING, EventKind, Standing
from members.models import Event, Membership, Organisation, Person
from members.services import receive_member, register_event, withdraw_event
from members.tree import place
from tests.world import Cast, account, member, organisation, post

DAY = date(2026, 11, 23)
NOW = {"today": DAY}


def counted(path: str) -> Counts:
    """By hand: every membership of the day below ``path``."""
    rows = list(Membership.objects.on(DAY).filter(path__startswith=path).select_related("person"))
    missing = set(Membership.objects.filter(without_full_date()).values_list("pk", flat=True))
    return Counts(
        living=sum(row.standing in LIVING for row in rows),
        probationary=sum(row.standing == Standing.PROBATIONARY for row in rows),
        suspended=sum(row.standing == Standing.SUSPENDED for row in rows),
        missing=sum(row.pk in missing for row in rows),
    )


def assert_exact() -> None:
    for path in Organisation.objects.values_list("path", flat=True):
        assert counts_under([path]) == counted(path), path


def kept() -> set:
    return set(MemberCount.objects.values_list("organisation", "whole", *COUNTED))


def test_the_kept_numbers_are_those_of_the_cast(cast):
    assert counts_under([cast.committee.path]).living == 10
    assert counts_under([cast.committee.path, cast.other.path]).living == 11
    assert_exact()


def test_an_account_is_told_of_its_scope_alone(cast):
    assert counts_of(account(cast.secretary)).living == 4
    assert counts_of(account(cast.clerk)).living == 10
    assert counts_of(account(cast.li)) == Counts()


def test_a_person_who_holds_two_posts_counts_both_and_none_twice(cast):
    post(cast.secretary, cast.direct)
    post(cast.secretary, cast.general)
    assert counts_of(account(cast.secretary)).living == counted(cast.committee.path).living


def test_a_death_a_move_and_both_taken_back(cast):
    death = register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 11, 1), **NOW)
    assert counts_under([cast.branch.path]).living == 3
    assert_exact()
    withdraw_event(by=None, event=death, reason="登错了", **NOW)
    assert counts_under([cast.branch.path]).living == 4
    move = receive_member(by=None, person=cast.li, to=cast.other_branch, on=date(2026, 11, 2), **NOW)
    assert [counts_under([each.path]).living for each in (cast.branch, cast.other)] == [3, 2]
    withdraw_event(by=None, event=move, reason="登错了", **NOW)
    assert [counts_under([each.path]).living for each in (cast.branch, cast.other)] == [4, 1]
    assert_exact()


def test_a_date_of_full_membership_that_comes_in_is_missing_no_more(cast):
    someone = member("钱七", cast.branch, full=None)
    assert counts_under([cast.committee.path]).missing == 1
    Person.objects.filter(pk=someone.pk).update(full_on=date(2006, 6, 10))
    facts_changed(Fact.PERSON, since=date(2006, 6, 10), people=[someone.pk])
    assert counts_under([cast.committee.path]).missing == 0


def test_a_moved_organisation_takes_its_members_along(cast):
    place(cast.general, cast.other)
    facts_changed(Fact.ORGANISATION, since=DAY, people=None, organisations=None)
    assert [counts_under([each.path]).living for each in (cast.committee, cast.other)] == [4, 7]
    assert_exact()


def test_counting_anew_says_the_same_as_keeping_up(cast):
    member("钱七", cast.sibling, full=None)
    member("孙八", cast.sibling, standing=Standing.SUSPENDED)
    register_event(by=None, person=cast.sun, kind=EventKind.DEATH, occurred_on=date(2026, 11, 1), **NOW)
    told = kept()
    rebuild_counts(DAY)
    assert {row for row in kept() if any(row[2:])} == {row for row in told if any(row[2:])}


def test_very_many_people_are_counted_at_once(cast, monkeypatch):
    monkeypatch.setattr("members.counting.MANY", 1)
    Membership.objects.filter(person__in=[cast.li, cast.sun]).update(standing=Standing.SUSPENDED)
    facts_changed(Fact.MEMBERSHIP, since=DAY, people=[cast.li.pk, cast.sun.pk])
    assert counts_under([cast.committee.path]).suspended == 2
    assert_exact()


@pytest.mark.parametrize("branches", [1, 20])
def test_a_count_anew_takes_as_many_statements_for_many_branches(cast, branches, django_assert_max_num_queries):
    made = [organisation(f"0103{n:02}", parent=cast.committee) for n in range(branches)]
    for each in made:
        Membership.objects.filter(person=member("某", each)).update(standing=Standing.DEAD)
    with django_assert_max_num_queries(7):
        recount([each.pk for each in made], DAY)
    assert_exact()


class History(TestCase):
    @settings(max_examples=15, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from(["die", "move", "back", "stop", "tree"]), st.integers(0, 99)), max_size=8)
    )
    def test_after_any_history_the_numbers_are_exact(self, history):
        cast = Cast()
        for kind, dice in history:
            self.happen(cast, kind, dice)
            assert_exact()

    def happen(self, cast, kind, dice):
        people = [cast.li, cast.zhao, cast.sun, cast.commissioner]
        who, to = people[dice % 4], [cast.branch, cast.sibling, cast.direct, cast.other_branch][dice // 4 % 4]
        stay = Membership.objects.get(person=who, until=FAR)
        on = max(date(2026, 1, 1), stay.since) + (date(2026, 1, 2) - date(2026, 1, 1))
        alive = stay.standing != Standing.DEAD
        if kind == "die" and alive:
            register_event(by=None, person=who, kind=EventKind.DEATH, occurred_on=on, **NOW)
        elif kind == "move" and alive and to.pk != stay.organisation_id:
            to.refresh_from_db()
            receive_member(by=None, person=who, to=to, on=on, **NOW)
        elif kind == "back" and (last := Event.objects.standing().filter(person=who).order_by("pk").last()):
            withdraw_event(by=None, event=last, reason="登错了", **NOW)
        elif kind == "stop" and alive:
            Membership.objects.filter(pk=stay.pk).update(standing=Standing.SUSPENDED)
            facts_changed(Fact.MEMBERSHIP, since=on, people=[who.pk])
        elif kind == "tree":
            cast.general.refresh_from_db()
            place(cast.general, [cast.committee, cast.other][dice % 2])
            facts_changed(Fact.ORGANISATION, since=DAY, people=None, organisations=None)
