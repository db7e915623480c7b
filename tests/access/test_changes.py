"""Who is in reach changes with the facts, on the next request: a post ended, a member transferred, a branch moved."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from members.enums import EventKind, Role
from members.models import Account, Post
from members.services import receive_member
from members.structure import move_organisation
from tests.access.browsing import Browser
from tests.access.town import TODAY
from tests.conftest import NOW
from tests.duties.acts import end_post, take_post
from tests.world import member as new_member

pytestmark = pytest.mark.anywhere


@pytest.fixture
def statuses(town):
    """How each of the browsers is answered, in one word."""

    def asked(page: str, thing, *browsers: Browser) -> list[str]:
        return [browser.ask("GET", reverse(page, args=[thing.pk])).kind for browser in browsers]

    return asked


def test_a_post_that_ended_opens_nothing_with_the_next_request(town, statuses):
    browser, about = Browser(town, "secretary"), town.people["branch.plain"]
    assert statuses("member", about, browser) == ["ok"]
    end_post(town.people["secretary"], town.places["branch"], until=TODAY)
    assert statuses("member", about, browser) == ["404"]
    assert browser.ask("GET", reverse("members")).kind == "403"
    assert browser.ask("POST", f"{reverse('talk_new')}?member={about.pk}").kind == "403"


def test_a_post_opens_on_its_first_day_and_not_before(town, statuses):
    about = town.people["branch.plain"]
    assert statuses("member", about, Browser(town, "upcoming")) == ["404"]
    with time_machine.travel(NOW + timedelta(days=1), tick=False):
        assert statuses("member", about, Browser(town, "upcoming")) == ["ok"]


def test_a_post_given_is_there_with_the_next_request(town, statuses):
    browser, about = Browser(town, "member"), town.people["sibling.plain"]
    assert statuses("member", about, browser) == ["404"]
    take_post(town.people["member"], town.places["sibling"], Role.GROUP_LEADER, since=TODAY)
    assert statuses("member", about, browser) == ["ok"]
    assert browser.ask("GET", f"{reverse('talk_new')}?member={about.pk}").kind == "403"


def test_an_account_closed_is_out_with_the_next_request(town, statuses):
    browser = Browser(town, "secretary")
    Account.objects.filter(pk=town.accounts["secretary"].pk).update(is_active=False)
    assert statuses("member", town.people["branch.plain"], browser) == ["sign in"]


def test_a_member_received_elsewhere_leaves_only_what_was(town, statuses):
    """The new branch has the file; the old one keeps the talks it held, and sees none of the new."""
    about, old = town.people["branch.plain"], Browser(town, "secretary")
    head = new_member("新书记", town.places["sibling"])
    Post.objects.create(person=head, organisation=town.places["sibling"], role=Role.SECRETARY, since=TODAY)
    general = Browser(town, "general_secretary")
    receive_member(by=None, person=about, to=town.places["sibling"], on=TODAY, today=TODAY)
    assert statuses("member", about, old, general) == ["404", "ok"]
    (held,) = town.of("talk", "branch")
    assert old.ask("GET", reverse("talk", kwargs=held.path)).kind == "ok"
    assert old.ask("GET", f"{reverse('talk_new')}?member={about.pk}").kind == "404"
    moved = about.events.get(kind=EventKind.TRANSFER_IN)
    assert statuses("event_withdraw", moved, old) == ["404"]
    assert about.name not in old.ask("GET", reverse("members")).text


def test_a_branch_that_moved_is_in_reach_of_its_new_heads_alone(town, statuses):
    about, talk = town.people["branch.plain"], town.of("talk", "branch")[0]
    old, new = Browser(town, "general_secretary"), Browser(town, "other_clerk")
    below = town.people["group.plain"]
    assert statuses("member", about, old, new) == statuses("member", below, old, new) == ["ok", "404"]
    move_organisation(organisation=town.places["branch"], to=town.places["other"], on=TODAY, today=TODAY)
    assert statuses("member", about, old, new) == statuses("member", below, old, new) == ["404", "ok"]
    assert statuses("organisation", town.places["branch"], old, new) == ["404", "ok"]
    assert [each.ask("GET", reverse("talk", kwargs=talk.path)).kind for each in (old, new)] == ["404", "ok"]
    assert about.name not in old.ask("GET", reverse("members")).text
