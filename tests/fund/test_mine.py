"""Whose turn it is, asked of all applications at once, is what is asked of each alone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fund.applying import noticing
from fund.applying.mine import awaiting
from fund.applying.steps import hands_of
from fund.applying.turns import awaited, barred_from, line_of, places_of, steps_of, turn_of
from fund.models import Application
from fund.regulation.steps import StepRefused, check_hands
from members.enums import Role
from members.models import Account, Post
from tests.fund.money import NOW
from tests.fund.office import Office, later
from tests.world import account, member, post

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def office(cast):
    return Office(cast)


def one_by_one(account) -> set[int]:
    """The oracle: each application in view asked alone."""
    rows = Application.objects.visible_to(account).order_by("pk")
    return {row.pk for row in rows if _mine(row, account.person)}


def _mine(row: Application, person) -> bool:
    line = line_of(row.organisation, row.fund, TODAY)
    if not line or row.editable:
        return False
    step = awaited(row, steps_of(row, places_of(line)))
    if step is None or turn_of(step, line, TODAY, but=barred_from(row, step)).role_of(person.pk) is None:
        return False
    try:
        check_hands(step, person.pk, hands_of(row))
    except StepRefused:
        return False
    return True


def everybody(office) -> list[Account]:
    """Whoever holds a post, and a member without one."""
    holders = {held.person_id: held.person for held in Post.objects.select_related("person").order_by("pk")}
    return [office.by(each) for each in [*holders.values(), office.cast.li]]


def scattered(office) -> None:
    """Applications in many states: reviewed, decided, paid, of a secretary himself, filed by one, and returned."""
    cast = office.cast
    office.ready(cast.zhao)
    third = member("刘洋", cast.branch)
    first, second, posted = office.decided(*(office.ready(each) for each in (cast.li, cast.commissioner, third)))
    notice = office.posted(first, second)
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
    office.paid(office.fresh(second))
    office.posted(posted)
    office.submitted(cast.secretary)
    office.submitted(cast.sun, by=cast.sibling_secretary)
    office.submitted(cast.direct_secretary)
    office.drafted(cast.general_secretary)
    row = office.submitted(member("何平", cast.branch))
    office.reviewed(row, cast.secretary)


def agree(office) -> int:
    """Compare both for everybody; how much was found in all."""
    found = 0
    for each in everybody(office):
        at_once = set(awaiting(each).values_list("pk", flat=True))
        assert at_once == one_by_one(each), each.person.name
        found += len(at_once)
    return found


def test_all_at_once_is_each_alone(office):
    scattered(office)
    assert agree(office) > 8


@pytest.mark.parametrize("gone", ["secretary", "commissioner", "general_secretary", "clerk", "committee_secretary"])
def test_a_vacancy_goes_upward_in_both(office, gone):
    scattered(office)
    Post.objects.filter(person=getattr(office.cast, gone)).delete()
    agree(office)


def test_with_all_of_the_branch_gone_the_next_above_has_it(office):
    scattered(office)
    cast = office.cast
    Post.objects.filter(organisation__in=[cast.branch, cast.sibling]).delete()
    agree(office)
    general = set(awaiting(office.by(cast.general_secretary)).values_list("person", flat=True))
    assert {cast.secretary.pk, cast.sun.pk} <= general


def test_with_nobody_below_it_the_committee_has_it(office, cast):
    Post.objects.filter(organisation=cast.branch).delete()
    Post.objects.filter(organisation=cast.general).delete()
    office.submitted(cast.li)
    agree(office)
    assert awaiting(office.by(cast.committee_secretary)).count() == 1


def test_who_took_a_step_from_which_the_next_is_apart_is_not_asked_again(office, cast):
    post(cast.secretary, cast.general, Role.ORGANISATION_COMMISSIONER)
    row = office.reviewed(office.submitted(cast.li), cast.secretary)
    assert row.state == "general-review"
    agree(office)
    assert not awaiting(office.by(cast.secretary)).exists()
    assert awaiting(office.by(cast.general_secretary)).get() == row


def test_it_takes_three_queries_however_much_waits(office, cast):
    someone = office.by(cast.clerk)
    office.reviewed(office.reviewed(office.submitted(cast.li), cast.secretary), cast.general_secretary)
    for number in range(4):
        row = office.submitted(member(f"人{number}", cast.branch))
        office.reviewed(office.reviewed(row, cast.secretary), cast.general_secretary)
    assert someone.scope.holdings  # asked once a request
    with CaptureQueriesContext(connection) as queries:
        assert awaiting(someone).count() == 5
    assert len(queries) == 3


def test_where_nothing_waits_it_takes_one_query(office, cast, django_assert_num_queries):
    """Most pages of most people: the rail asks on each."""
    someone = office.by(cast.clerk)
    assert someone.scope.holdings
    with django_assert_num_queries(1):
        assert awaiting(someone).count() == 0


def test_nobody_without_a_post_costs_a_query(office, cast, django_assert_num_queries):
    someone = account(member("周全", cast.branch))
    assert not someone.scope.holdings
    with django_assert_num_queries(0):
        assert not awaiting(someone).exists()
