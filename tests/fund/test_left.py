"""An application whose branch has left the fund's committee: it is still brought to its end, and stops nobody else."""

import pytest

from fund.applying import filing, noticing, paying
from fund.applying.steps import end_of_the_dead
from fund.models import Payment
from fund.regulation.steps import Stage
from members.enums import EventKind
from members.models import Lineage, OrganisationParent
from members.services import register_event
from tests.fund.money import NOW, broken
from tests.fund.office import Office, later
from tests.world import member

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    return Office(cast)


def left(organisation, on):
    OrganisationParent.objects.filter(organisation=organisation).update(until=on)
    Lineage.objects.filter(organisation=organisation, distance__gt=0).update(until=on)


def test_what_the_bank_has_is_settled_and_the_rest_goes_its_way(office):
    row, other = office.passed(), office.submitted(office.cast.secretary)
    by, on = office.by(office.cashier), later(10).date()
    batch = paying.list_batch(by=by, fund=office.fund, grants=row.grants.all(), on=on, now=later(10))
    left(office.cast.branch, later(11).date())
    paying.settle_batch(by=by, batch=batch, slip="JH3", on=later(12).date(), now=later(12))
    paying.receive(by=by, payment=batch.payments.get(), on=later(12).date(), now=later(12))
    assert batch.payments.get().state == Payment.State.RECEIVED
    filing.withdraw(
        by=office.by(other.person), application=other, serial=other.serial, reason="已转出", now=later(12)
    )  # fmt: skip
    assert office.fresh(other).state == Stage.WITHDRAWN
    assert broken() == set()


def test_a_notice_is_posted_for_a_branch_that_left(office):
    (row,) = office.decided(office.ready())
    left(office.cast.branch, later(1).date())
    notice = office.posted(row, now=later(2))
    assert noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(12)) == 1


def test_one_that_cannot_be_ended_stops_no_other(office):
    first, second = office.submitted(), office.submitted(member("田野", office.cast.direct))
    Lineage.objects.filter(organisation=first.organisation, ancestor=office.cast.committee).delete()
    for row in (first, second):
        register_event(
            by=None, person=row.person, kind=EventKind.DEATH, occurred_on=NOW.date(), today=NOW.date()
        )  # fmt: skip
    assert end_of_the_dead(now=later(1)) == 1
    assert [office.fresh(row).state for row in (first, second)] == ["branch-review", Stage.DIED]
