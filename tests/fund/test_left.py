"""An application whose filer or whose branch has left: it is brought to its end all the same, and stops nobody."""

import pytest

from fund.applying import filing, noticing, paying
from fund.applying.mine import awaiting
from fund.applying.showing import waiting_for_notice
from fund.applying.steps import end_of_the_dead
from fund.models import Filer, Payment
from fund.regulation.steps import Move, Stage
from members.enums import EventKind, Role
from members.models import Lineage, OrganisationParent, Post
from members.services import register_event
from members.structure import move_organisation
from tests.duties.acts import once_in
from tests.fund.money import NOW, broken
from tests.fund.office import Office, later
from tests.world import member, post

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


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


def test_what_is_to_be_posted_for_a_branch_that_moved_stands_in_the_offices_list(office):
    (row,) = office.decided(office.ready())
    move_organisation(organisation=office.cast.branch, to=office.cast.other, on=TODAY, today=TODAY)
    (waiting,) = waiting_for_notice(office.by(office.clerk), TODAY)
    assert waiting.rows == [row]
    assert waiting_for_notice(office.by(office.cast.outsider), TODAY) == []
    assert awaiting(office.by(office.clerk)).get() == row


def test_the_general_branch_it_left_is_passed_over(office):
    row = office.reviewed(office.submitted(), office.cast.secretary)
    assert row.state == "general-review"
    move_organisation(organisation=office.cast.branch, to=office.cast.other, on=TODAY, today=TODAY)
    assert not awaiting(office.by(office.cast.general_secretary)).exists()
    assert awaiting(office.by(office.clerk)).get() == row
    row = office.reviewed(row, office.clerk, move=Move.REFUSE, opinion="组织关系已随支部转出。")
    assert row.state == Stage.REFUSED


def test_one_that_cannot_be_ended_stops_no_other(office):
    first, second = office.submitted(), office.submitted(member("田野", office.cast.direct))
    Lineage.objects.filter(organisation=first.organisation, ancestor=office.cast.committee).delete()
    for row in (first, second):
        register_event(
            by=None, person=row.person, kind=EventKind.DEATH, occurred_on=NOW.date(), today=NOW.date()
        )  # fmt: skip
    assert end_of_the_dead(now=later(1)) == 1
    assert [office.fresh(row).state for row in (first, second)] == ["branch-review", Stage.DIED]


def test_what_came_back_to_a_filer_who_is_gone_makes_room_for_another(office, sign_in):
    old, branch = office.cast.secretary, office.cast.branch
    row = office.submitted(by=old)
    row = office.reviewed(row, office.cast.commissioner, move=Move.RETURN, opinion="请补材料。")
    Post.objects.filter(person=old).update(until=NOW.date())
    new = member("方正", branch)
    post(new, branch, Role.SECRETARY)
    client, page = sign_in(office.by(new)), f"/fund/applications/{row.pk}/"
    assert f"{page}withdraw/" in client.get(page).content.decode()
    form = client.get(f"{page}withdraw/")
    given = {"once": once_in(form), "serial": row.serial, "reason": "由我重新填"}
    assert client.post(f"{page}withdraw/", given).headers["Location"] == page
    assert office.fresh(row).state == Stage.WITHDRAWN
    filing.draft(by=office.by(new), person=row.person, asking=office.asking(), filer=Filer.BRANCH, now=later(1))
    assert broken() == set()


def test_nobody_takes_back_what_is_being_worked_on_or_what_the_member_filed(office, sign_in):
    filed, own = office.submitted(by=office.cast.secretary), office.drafted(office.cast.secretary)
    client = sign_in(office.by(office.cast.commissioner))
    for row in (filed, own):
        page = f"/fund/applications/{row.pk}/"
        assert client.get(f"{page}withdraw/").status_code in (403, 404)
        assert f"{page}withdraw/" not in client.get(page).content.decode()


def test_a_level_that_is_gone_is_passed_over(office):
    row, other = (
        office.reviewed(office.submitted(who), office.cast.secretary) for who in (office.cast.li, office.cast.zhao)
    )
    assert {row.state, other.state} == {"general-review"}
    lines = Lineage.objects.filter(organisation=office.cast.branch, ancestor=office.cast.general)
    lines.update(until=NOW.date())
    row = office.reviewed(row, office.clerk)
    assert row.state == "decision"
    filing.withdraw(by=office.by(other.person), application=other, serial=other.serial, reason="不用了", now=NOW)
    assert office.fresh(other).state == Stage.WITHDRAWN


def test_somebody_dead_on_a_list_does_not_stop_the_others(office):
    rows = office.decided(*(office.ready(who) for who in (office.cast.li, office.cast.zhao)))
    notice = office.posted(*rows)
    on = later(3).date()
    register_event(by=None, person=office.cast.li, kind=EventKind.DEATH, occurred_on=on, today=on)
    assert noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10)) == 1
    assert [office.fresh(row).state for row in rows] == ["notice", "payment"]
    assert end_of_the_dead(now=later(10)) == 1
