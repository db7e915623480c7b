"""A step whose own holders may not take it: who takes it instead, what the page says, on whose desk it lies."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from duties.board.asked import own_rows
from duties.engine.models import Duty
from duties.engine.responsible import attach_responsible
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack, shipped_packs
from fund.applying.mine import awaiting
from fund.applying.steps import waiting_follows
from fund.applying.telling import now_of
from fund.applying.waiting import HEADS
from fund.relief.steps import HEADS as RELIEF_HEADS
from fund.relief.steps import waits_follow
from members.enums import OrganisationKind, Role
from members.models import Lineage, Post
from members.tree import place, rebuild_lineage
from tests.fund.dues import Dues, M
from tests.fund.money import NOW, broken
from tests.fund.office import Office, later
from tests.fund.test_left import left
from tests.fund.test_mine import agree
from tests.world import member, organisation, post

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def office(cast):
    made = Office(cast)
    adopt(
        by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY
    )  # fmt: skip
    return made


@pytest.fixture
def small(office):
    """An office of one clerk, who belongs to a branch of his own committee."""
    Post.objects.filter(person__in=[office.head, office.second_clerk]).delete()
    return office


def at_the_office(office, who, **more):
    """An application that waits for the department."""
    row = office.submitted(who, **more)
    return office.reviewed(row, office.cast.direct_secretary)


def duty(row) -> Duty:
    """The duty of the step that is waited for, with whose turn it is."""
    found = Duty.objects.with_sources().get(event=row.waiting, state="open")
    return attach_responsible([found], TODAY)[0]


def desk(someone) -> set[int]:
    return {row.pk for row in own_rows(Office.by(someone), TODAY)}


def why(row) -> str:
    return now_of(row, TODAY).turn.why(named=True)


def test_the_clerks_own_application_goes_to_who_leads_where_he_is_alone(small, sign_in):
    secretary, clerk = small.cast.committee_secretary, small.clerk
    row = at_the_office(small, clerk)
    assert row.state == "department-review"
    assert awaiting(small.by(secretary)).get() == row
    assert not awaiting(small.by(clerk)).exists()
    assert agree(small) == 1
    owed = duty(row)
    assert (owed.organisation, owed.responsible) == (small.cast.committee, [secretary])
    assert owed.pk in desk(secretary)
    assert owed.pk not in desk(clerk)
    said = "云河水文局党委的林清（组织部干事）是申请人、代填人，或者办过别的步骤，按规定转由别人办。"
    page = sign_in(small.by(secretary)).get(f"/fund/applications/{row.pk}/").content.decode()
    assert said in page
    assert "你的意见" in page
    assert said in sign_in(small.by(clerk)).get(f"/me/applications/{row.pk}/").content.decode()
    row = small.reviewed(row, secretary)
    assert (row.state, row.taken.order_by("serial").last().role) == ("decision", Role.SECRETARY)
    assert broken() == set()


def test_with_a_colleague_the_colleague_has_it_and_nothing_is_explained(office):
    row = at_the_office(office, office.clerk)
    assert duty(row).responsible == [office.second_clerk]
    assert why(row) == ""
    assert agree(office) == 2, "the head may as well"


def test_a_step_that_is_nobodys_own_names_nobody(office):
    row = at_the_office(office, member("何平", office.cast.direct))
    assert row.waiting.addressee is None
    assert set(duty(row).responsible) == {office.clerk, office.second_clerk}


def test_who_had_another_part_is_passed_by_too(small):
    post(small.clerk, small.cast.direct)
    small.cast.direct_secretary.posts.all().delete()
    row = small.reviewed(small.submitted(member("何平", small.cast.direct)), small.clerk)
    assert duty(row).responsible == [small.cast.committee_secretary]
    assert "林清（组织部干事）" in why(row)
    assert agree(small) == 1
    with pytest.raises(ValidationError, match="由不同的人办理"):
        small.reviewed(row, small.clerk)


def test_the_organisation_above_has_it_where_nobody_leads_either(small):
    upper = organisation("00", OrganisationKind.COMMITTEE, name="云河流域党委")
    place(small.cast.committee, upper, since=TODAY)
    rebuild_lineage()
    above = member("方正", organisation("0001", parent=upper))
    post(above, upper, Role.DEPUTY_SECRETARY)
    small.cast.committee_secretary.posts.all().delete()
    row = at_the_office(small, small.clerk)
    assert (duty(row).organisation, duty(row).responsible) == (small.cast.committee, [above])
    assert duty(row).pk in desk(above)
    assert awaiting(small.by(above)).get() == row
    agree(small)


def test_where_nobody_may_the_page_says_who_has_to_be_entered(small):
    small.cast.committee_secretary.posts.all().delete()
    row = at_the_office(small, small.clerk)
    assert why(row).endswith("云河水文局党委和上级没有别人可以办，请先登记能办的人的任职。")
    with pytest.raises(PermissionDenied, match="还没有人任这些职务"):
        small.reviewed(row, small.clerk)


def test_money_is_not_handed_on_to_who_leads(office):
    row = office.passed()
    assert set(now_of(row, later(10).date()).turn.people) == {office.cashier}
    Post.objects.filter(person=office.cashier).delete()
    assert now_of(row, later(10).date()).turn.people == {}
    assert not awaiting(office.by(office.cast.committee_secretary)).exists()


def test_what_waits_follows_whose_turn_it_is(small):
    row = at_the_office(small, small.clerk)
    before = duty(row)
    new = member("方正", small.cast.direct)
    post(new, small.cast.committee, Role.DEPARTMENT_HEAD)
    assert (waiting_follows(now=NOW), waiting_follows(now=NOW)) == (1, 0)
    row = small.fresh(row)
    assert duty(row).responsible == [new]
    assert desk(new)
    assert not desk(small.cast.committee_secretary)
    assert duty(row).due_on == before.due_on


def test_what_waits_at_a_branch_that_has_nobody_any_more_goes_up(office):
    row = office.submitted()
    assert duty(row).organisation == office.cast.branch
    Post.objects.filter(organisation=office.cast.branch).update(until=TODAY)
    assert waiting_follows(now=NOW) == 1
    owed = duty(office.fresh(row))
    assert (owed.organisation, owed.responsible) == (office.cast.general, [office.cast.general_secretary])
    assert "河源第一党支部还没有人任书记、副书记、组织委员，按规定转由河源局党总支办。" in why(row)


def test_without_a_secretary_the_commissioner_has_the_duty(office):
    Post.objects.filter(person=office.cast.secretary).delete()
    assert duty(office.submitted()).responsible == [office.cast.commissioner]


def test_what_a_branch_that_left_asked_for_is_somebodys(office):
    rows = [office.submitted(), office.ready(office.cast.zhao), office.passed(member("刘洋", office.cast.branch))]
    left(office.cast.branch, TODAY)
    assert agree(office) == 2 + 4 + 1
    assert rows[0] in awaiting(office.by(office.cast.secretary))
    assert rows[1] in awaiting(office.by(office.head))
    assert rows[2] in awaiting(office.by(office.cashier))


def test_a_level_that_is_gone_is_passed_over_in_the_list_too(office):
    row = office.reviewed(office.submitted(), office.cast.secretary)
    assert row.state == "general-review"
    Lineage.objects.filter(organisation=office.cast.branch, ancestor=office.cast.general).update(until=TODAY)
    assert agree(office) == 3
    assert awaiting(office.by(office.clerk)).get() == row
    assert waiting_follows(now=NOW) == 1
    assert duty(office.fresh(row)).organisation == office.cast.committee


def test_the_heads_are_those_of_the_rules():
    rules = {rule.code: rule for rule in shipped_packs()[0]["working-rules"].rules}
    for kind, roles in HEADS.items():
        assert rules[kind.replace("_", "-")].responsible.heads == roles
    assert rules["dues-relief"].responsible.heads == RELIEF_HEADS


# Less dues


def test_less_dues_go_to_the_next_too(cast, office):
    dues = Dues(cast)
    Post.objects.filter(person__in=[office.head, office.second_clerk]).delete()
    row = dues.step(dues.filed(cast.clerk), cast.direct_secretary)
    assert duty(row).responsible == [cast.committee_secretary]
    new = member("方正", cast.direct)
    post(new, cast.committee, Role.DEPARTMENT_HEAD)
    assert (waits_follow(now=NOW), waits_follow(now=NOW)) == (1, 0)
    row.refresh_from_db()
    assert duty(row).responsible == [new]
    assert dues.step(row, new, M.APPROVE).state == "approved"
