"""Adjusting rules: what an organisation may set, and what it changes."""

from datetime import date

import pytest

from base.dates import today
from duties.engine.models import Duty
from duties.policy.adjusting import AdjustmentRefused, adjust, end_adjustment, in_force
from duties.policy.models import Adjustment, Rule
from members.enums import EventKind
from tests.duties.acts import adopt_pack, happen, sweep_on
from tests.duties.rules import a_rule
from tests.world import account

pytestmark = pytest.mark.django_db
D = date
TODAY = D(2026, 11, 23)


def set_numbers(rule, organisation, since=TODAY, **numbers):
    return adjust(
        by=None, organisation=organisation, rule=rule, numbers=numbers, since=since, basis="党委会研究", today=today()
    )


@pytest.fixture
def honour(cast):
    adopt_pack(cast.committee)
    sweep_on(today())
    return Rule.objects.get(code="talk-on-honour")


def test_a_number_left_open_by_the_clause_may_be_set_as_one_likes(cast, honour):
    set_numbers(honour, cast.committee, within_days=30)
    sweep_on(today())
    happen(cast.li, EventKind.HONOUR, D(2026, 11, 23))
    assert Duty.objects.get(rule=honour).due_on == D(2026, 12, 23)
    assert in_force(honour, cast.branch, today()).trigger.within_days == 30


def test_below_who_adopted_numbers_only_become_stricter(cast, honour):
    said = "请填 0 到 15 的整数：上级定的是 15，下级只能更严，不能放宽"
    with pytest.raises(AdjustmentRefused, match=said) as refused:
        set_numbers(honour, cast.branch, within_days=16)
    assert refused.value.number == "within_days"
    set_numbers(honour, cast.branch, within_days=5)
    sweep_on(today())
    happen(cast.li, EventKind.HONOUR, D(2026, 11, 23))
    happen(cast.sun, EventKind.HONOUR, D(2026, 11, 23))
    due = dict(Duty.objects.filter(rule=honour).values_list("member__name", "due_on"))
    assert due == {"李建国": D(2026, 11, 28), "孙德福": D(2026, 12, 8)}


def test_a_number_left_out_is_the_packs_and_may_not_be_looser_than_above_either(cast):
    tie = {"kind": "standing", "tie": "contact", "at_least": 1, "counted_per": "member", "within_days": 30}
    rule = a_rule(cast.committee, tie)
    set_numbers(rule, cast.committee, within_days=10)
    with pytest.raises(AdjustmentRefused, match="请填 0 到 10 的整数：上级定的是 10") as refused:
        set_numbers(rule, cast.branch, at_least=2)
    assert refused.value.number == "within_days"


def test_what_the_clause_gives_may_be_raised_and_not_lowered(cast):
    adopt_pack(cast.committee, whole=True)
    hours = Rule.objects.get(code="study-hours")
    with pytest.raises(AdjustmentRefused, match="请填 32 到 10000 的整数：条文写明是 32，本单位只能更严，不能放宽"):
        set_numbers(hours, cast.committee, sum=31)
    set_numbers(hours, cast.committee, sum=40)
    assert in_force(hours, cast.committee, today()).trigger.sum == 40


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"within_days": -1}, "请填 0 到 366 的整数"),
        ({"within_days": 900}, "请填 0 到 366 的整数"),
        ({"within_days": "soon"}, "请填 0 到 366 的整数"),
        ({"times": 2}, "没有可调整的数字：times"),
        ({}, "没有改动任何数字"),
    ],
)
def test_numbers_that_cannot_be_are_refused(cast, honour, numbers, said):
    with pytest.raises(AdjustmentRefused, match=said):
        set_numbers(honour, cast.committee, **numbers)
    assert not Adjustment.objects.exists()


def test_only_where_the_policy_was_adopted(cast, honour):
    with pytest.raises(AdjustmentRefused, match="没有采用"):
        set_numbers(honour, cast.other, within_days=5)


def test_open_duties_keep_their_numbers_and_waivers_stay(cast, honour):
    happen(cast.li, EventKind.HONOUR, D(2026, 11, 20))
    before = Duty.objects.get(rule=honour)
    set_numbers(honour, cast.committee, within_days=3)
    sweep_on(today())
    after = Duty.objects.get(rule=honour)
    assert (after.pk, after.due_on) == (before.pk, before.due_on)


def test_a_later_adjustment_ends_the_one_before_and_its_end_brings_the_pack_back(cast, honour):
    first = set_numbers(honour, cast.committee, since=D(2026, 11, 1), within_days=10)
    second = set_numbers(honour, cast.committee, since=D(2026, 11, 10), within_days=5)
    first.refresh_from_db()
    assert first.until == D(2026, 11, 10)
    with pytest.raises(AdjustmentRefused, match="已有一次自 2026-11-10 起的调整"):
        set_numbers(honour, cast.committee, since=D(2026, 11, 5), within_days=7)
    end_adjustment(by=None, adjustment=second, until=D(2026, 11, 20), today=today())
    honour = Rule.objects.get(pk=honour.pk)
    days = [in_force(honour, cast.branch, D(2026, 11, day)).trigger.within_days for day in (5, 15, 20)]
    assert days == [10, 5, 15]


def test_semesters_are_the_organisations_own(cast):
    trigger = {
        "kind": "quota", "times": 1, "per": "semester", "counted_per": "member",
        "semesters": [["02-15", "07-15"], ["09-01", "01-20"]],
    }  # fmt: skip
    rule = a_rule(cast.committee, trigger, action="talk")
    set_numbers(rule, cast.general, since=D(2026, 1, 1), semesters=[["03-01", "07-31"], ["09-10", "01-31"]])
    with pytest.raises(AdjustmentRefused, match="学期不能少于 2 个"):
        set_numbers(rule, cast.general, semesters=[["01-01", "12-31"]])
    sweep_on(D(2026, 11, 23))
    due = {(d.member.name, d.key.split(":")[1], d.opens_on, d.due_on) for d in Duty.objects.with_sources()}
    assert ("李建国", "2026-S2", D(2026, 9, 10), D(2027, 1, 31)) in due
    assert ("周启明", "2026-S2", D(2026, 9, 1), D(2027, 1, 20)) in due


def test_a_proposal_reaches_whoever_picked_it(cast):
    trigger = {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}
    rule = a_rule(cast.committee, trigger, action="talk", proposal=True)
    sweep_on(today())
    assert not Duty.objects.exists()
    set_numbers(rule, cast.branch, since=D(2026, 1, 1))
    sweep_on(today())
    assert set(Duty.objects.values_list("organisation", flat=True)) == {cast.branch.pk}


def test_a_duty_says_its_own_numbers(cast, honour, sign_in):
    set_numbers(honour, cast.committee, within_days=4)
    sweep_on(today())
    happen(cast.li, EventKind.HONOUR, D(2026, 11, 23))
    owed = Duty.objects.get(rule=honour)
    page = sign_in(account(cast.secretary)).get("/duties/why/", {"duty": f"{owed.rule_id}:{owed.key}"}).content.decode()
    assert "事由后 4 天内，2026-11-27 到期" in page
