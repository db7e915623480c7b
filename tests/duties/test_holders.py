"""A task of an organisation names the holder of a post: when that ends, it falls to the next, else to who leads."""

from datetime import date, timedelta

import pytest
import time_machine

from duties.board.asked import has_own_list
from duties.engine.models import Duty
from duties.engine.responsible import attach_responsible
from duties.engine.sweep import sweep
from duties.tasks import assign_task, tasks_of
from members.appointments import begin_post, correct_post, end_post, withdraw_post
from members.enums import EventKind, Role
from members.models import Account, Post
from members.services import register_event
from tests.duties.reading import body
from tests.visits.campaigns import make_tasks_duties
from tests.world import account, member

TODAY = date(2026, 11, 23)
YESTERDAY = TODAY - timedelta(days=1)
DUE = date(2026, 12, 20)
WHAT = "把名册核对一遍"
pytestmark = pytest.mark.django_db


@pytest.fixture
def town(cast):
    make_tasks_duties(cast)
    return cast


def given(to, organisation, source="任务"):
    return assign_task(by=None, what=WHAT, to=to, due_on=DUE, today=TODAY, organisation=organisation, source=source)


def has(event, day=TODAY) -> list:
    """Whose turn the task is."""
    (duty,) = attach_responsible(list(Duty.objects.filter(event=event).with_sources()), day)
    return duty.responsible


def ended(person, last=YESTERDAY) -> Post:
    return end_post(by=None, post=person.posts.get(until__gt=TODAY), last=last, today=TODAY)


def begun(person, organisation, role) -> Post:
    return begin_post(by=None, person=person, organisation=organisation, role=role, since=TODAY, today=TODAY)


def test_it_falls_to_who_leads_and_then_to_who_holds_the_post(town):
    event = given(town.secretary, town.branch)
    assert has(event) == [town.secretary]
    ended(town.secretary)
    assert has(event) == [town.commissioner]
    begun(town.li, town.branch, Role.SECRETARY)
    assert has(event) == [town.li]
    ended(town.commissioner)
    withdraw_post(by=None, post=town.li.posts.get(), reason="登错")
    assert has(event) == [town.general_secretary], "nobody leads the branch"


def test_what_named_the_clerk_goes_to_the_next_clerk_and_not_to_the_secretary(town):
    event = given(town.clerk, town.committee)
    begun(town.sun, town.committee, Role.DEPARTMENT_CLERK)
    assert has(event) == [town.clerk]
    ended(town.clerk)
    assert has(event) == [town.sun]
    ended(town.sun, TODAY)
    with time_machine.travel(f"{DUE} 09:00+0800", tick=False):
        sweep(on=DUE, today=DUE)
        assert has(event, DUE) == [town.committee_secretary]


def test_who_holds_another_post_there_or_above_keeps_it(town):
    event = given(town.secretary, town.branch)
    begun(town.secretary, town.general, Role.DEPUTY_SECRETARY)
    end_post(by=None, post=town.secretary.posts.get(organisation=town.branch), last=YESTERDAY, today=TODAY)
    begun(town.li, town.branch, Role.SECRETARY)
    assert has(event) == [town.secretary]


def test_who_was_asked_as_a_person_keeps_it_and_one_about_a_member_stays_with_whom_it_names(town):
    event = given(town.zhao, town.committee)
    ended(town.clerk)
    assert has(event) == [town.zhao]
    other = assign_task(by=None, what=WHAT, to=town.secretary, due_on=DUE, today=TODAY, member=town.li)
    ended(town.secretary)
    assert has(other) == [town.secretary]


def test_a_post_given_back_binds_again(town):
    event = given(town.secretary, town.branch)
    post = ended(town.secretary)
    correct_post(by=None, post=post, since=post.since, last=None, today=TODAY)
    assert has(event) == [town.secretary]


def test_who_dies_has_it_no_more(town):
    event = given(town.secretary, town.branch)
    register_event(by=None, person=town.secretary, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    assert has(event) == [town.commissioner]


def test_a_post_that_ends_on_a_later_day_lets_go_in_that_night(town):
    event = given(town.secretary, town.branch)
    begun(town.li, town.branch, Role.SECRETARY)
    ended(town.secretary, TODAY + timedelta(days=2))
    after = TODAY + timedelta(days=3)
    assert has(event) == [town.secretary]
    with time_machine.travel(f"{after} 09:00+0800", tick=False):
        sweep(on=after, today=after)
        assert has(event, after) == [town.li]


def test_the_lists_of_tasks_show_who_has_it_now(town, sign_in):
    event = given(town.secretary, town.branch, source="tests:1")
    old, heir = sign_in(account(town.secretary)), sign_in(account(town.li))
    assert f"/tasks/{event.pk}/" in body(old.get("/tasks/?whose=mine"))
    ended(town.secretary)
    begun(town.li, town.branch, Role.SECRETARY)
    assert f"/tasks/{event.pk}/" not in body(old.get("/tasks/?whose=mine"))
    assert old.get(f"/tasks/{event.pk}/").status_code == 404
    page = body(heir.get("/tasks/?whose=mine"))
    assert f"/tasks/{event.pk}/" in page
    assert town.li.name in page
    assert town.secretary.name not in page
    assert WHAT in body(heir.get(f"/tasks/{event.pk}/"))
    (task,) = tasks_of("tests:1", today=TODAY)
    assert task.to == town.li


def test_a_newcomer_to_another_post_changes_nothing(town):
    event = given(town.secretary, town.branch)
    begun(member("许明", town.branch), town.branch, Role.PUBLICITY_COMMISSIONER)
    assert has(event) == [town.secretary]


def test_who_stands_in_opens_on_the_branch_until_something_is_his_turn(town):
    def opens_on_own(person) -> bool:
        return has_own_list(Account.objects.get(person=person), TODAY)

    account(town.secretary), account(town.commissioner)
    given(town.secretary, town.branch)
    assert opens_on_own(town.secretary)
    assert not opens_on_own(town.commissioner)
    ended(town.secretary)
    assert opens_on_own(town.commissioner)
