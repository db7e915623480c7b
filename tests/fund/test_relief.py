"""Less dues: filed, discussed by the branch, seen by the general branch, decided by the committee; what follows."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from duties.engine.models import Duty, Record
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from fund.models import DuesRelief, Filer, Force, ReliefState, ReliefStep
from fund.relief.filing import (
    amend_relief,
    end_of_the_left,
    end_relief,
    file_relief,
    stop_of_the_dead,
    stop_relief,
    withdraw_relief,
)
from fund.relief.steps import Terms, Vote
from members.enums import CategoryKind, EventKind, Role
from members.models import Category
from members.services import receive_member, register_event
from tests.fund.dues import DEC, NEXT_DEC, NONE, TODAY, Dues, M, by
from tests.fund.money import NOW
from tests.world import member, post

pytestmark = pytest.mark.django_db


def refusal(act) -> dict:
    with pytest.raises(ValidationError) as refused:
        act()
    said = refused.value
    return said.message_dict if hasattr(said, "error_dict") else {"": said.messages}


@pytest.fixture
def dues(cast) -> Dues:
    return Dues(cast)


def categories(person) -> list[tuple]:
    rows = Category.objects.filter(person=person, kind=CategoryKind.DUES_RELIEF).order_by("since")
    return [(row.grade, row.since, row.until) for row in rows]


# The way


def test_a_member_asks_the_branch_discusses_the_general_branch_says_and_the_committee_decides(dues, cast):
    row = dues.filed()
    assert (row.state, row.waiting.organisation, row.asked) == (
        ReliefState.BRANCH, cast.branch, "少交，每月交 1.00 元，2026-12 至 2027-11",
    )  # fmt: skip
    row = dues.step(row, cast.secretary)
    assert (row.state, row.waiting.organisation) == (ReliefState.GENERAL, cast.general)
    row = dues.step(row, cast.general_secretary, M.AGAINST, opinion="再想想办法。")
    assert (row.state, row.waiting.organisation) == (ReliefState.COMMITTEE, cast.committee)
    row = dues.step(row, cast.clerk, M.APPROVE, terms=NONE, body="党委会", minutes="云水党纪〔2026〕22号")
    assert (row.state, row.waiting, row.granted) == (ReliefState.APPROVED, None, "免交，2026-12 至 2027-11")
    steps = row.steps.order_by("serial").values_list("serial", "stage", "move", "person", "minutes", "agree")
    assert list(steps) == [
        (1, "", "file", cast.li.pk, "", None),
        (2, "branch", "pass", cast.secretary.pk, "城北二支〔2026〕11号", 4),
        (3, "general", "against", cast.general_secretary.pk, "城北二支〔2026〕11号", None),
        (4, "committee", "approve", cast.clerk.pk, "云水党纪〔2026〕22号", None),
    ]
    assert categories(cast.li) == [("免交", DEC, NEXT_DEC)]
    told = DuesRelief.objects.get(pk=row.pk).story()
    assert [label for _on, label, _words in told] == ["申请党费减免", "批准党费减免"]


def test_where_there_is_no_general_branch_the_committee_follows_the_branch(dues, cast):
    someone = member("罗岚", cast.direct)
    row = dues.step(dues.filed(someone), cast.direct_secretary)
    assert (row.state, row.waiting.organisation) == (ReliefState.COMMITTEE, cast.committee)


def test_a_branch_that_is_against_ends_it_and_says_why(dues, cast):
    row = dues.filed()
    none = refusal(lambda: dues.step(row, cast.secretary, M.AGAINST, vote=Vote(5, 4, 1, 3), opinion=" "))
    assert "请写明理由" in none["opinion"][0]
    row = dues.step(row, cast.secretary, M.AGAINST, vote=Vote(5, 4, 1, 3), opinion="收入稳定，暂不减免。")
    assert (row.state, row.decided_on, row.waiting) == (ReliefState.REFUSED, TODAY, None)
    assert dues.filed().pk != row.pk  # another may be begun


def test_a_committee_that_refuses_leaves_no_category(dues, cast):
    row = dues.step(dues.at_committee(), cast.clerk, M.REFUSE)
    assert (row.state, categories(cast.li)) == (ReliefState.REFUSED, [])


def test_what_came_back_is_changed_and_goes_the_whole_way_again_through_the_same_hands(dues, cast):
    row = dues.step(dues.at_committee(), cast.clerk, M.RETURN, body="", minutes="", opinion="请写清收入。")
    assert row.state == ReliefState.RETURNED
    asking = dues.asking(NONE, reason="下岗，只有低保。")
    with pytest.raises(PermissionDenied, match="由申请人或代填人办理"):
        amend_relief(by=by(cast.zhao), relief=row, asking=asking, serial=row.serial, now=NOW)
    row = amend_relief(by=by(cast.li), relief=row, asking=asking, serial=row.serial, now=NOW)
    assert (row.state, row.asked, row.reason) == (ReliefState.BRANCH, "免交，2026-12 至 2027-11", "下岗，只有低保。")
    for someone, move in ((cast.secretary, M.PASS), (cast.general_secretary, M.PASS), (cast.clerk, M.APPROVE)):
        row = dues.step(row, someone, move, terms=NONE)
    assert row.state == ReliefState.APPROVED


@pytest.mark.parametrize("state", ["branch", "returned"])
def test_who_filed_it_takes_it_back_with_a_reason_and_its_duty_goes(dues, cast, state):
    row = dues.filed()
    if state == "returned":
        row = dues.step(row, cast.secretary, M.RETURN)
    assert withdraws(row, cast.li, " ")["reason"]
    with pytest.raises(PermissionDenied):
        withdraw_relief(by=by(cast.secretary), relief=row, reason="不要了", serial=row.serial, now=NOW)
    event = row.waiting
    row = withdraw_relief(by=by(cast.li), relief=row, reason="找到工作了", serial=row.serial, now=NOW)
    assert (row.state, row.waiting) == (ReliefState.WITHDRAWN, None)
    if event:
        event.refresh_from_db()
        assert event.withdrawn_on == TODAY
    assert "不能再撤回" in withdraws(row, cast.li, "再撤")[""][0]


def withdraws(row, who, reason) -> dict:
    return refusal(lambda: withdraw_relief(by=by(who), relief=row, reason=reason, serial=row.serial, now=NOW))


# What is asked and said


@pytest.mark.parametrize(
    ("more", "field", "said"),
    [
        ({"terms": Terms("less", DEC, NEXT_DEC)}, "fen", "请写每月交多少元"),
        ({"terms": Terms("none", DEC, date(2028, 1, 1))}, "last", "最多 12 个月，选了 13 个月"),
        ({"terms": Terms("none", NEXT_DEC, DEC)}, "last", "填反了"),
        ({"terms": Terms("none", DEC, DEC)}, "last", "填反了"),
        ({"reason": " "}, "reason", "请写为什么"),
        ({"applied_on": TODAY + timedelta(days=1)}, "applied_on", "晚于今天"),
        ({"filer": Filer.RELATIVE}, "relative", "姓名和与本人的关系"),
    ],
)
def test_what_is_asked_is_a_sum_and_months_with_a_reason(dues, more, field, said):
    assert said in refusal(lambda: dues.filed(**more))[field][0]
    assert DuesRelief.objects.count() == 0


def test_twelve_months_are_a_year_and_a_relative_is_named(dues, cast):
    row = dues.filed(writer=cast.secretary, terms=NONE, relative="李梅，女儿")
    assert (row.filer, row.relative, row.until) == (Filer.BRANCH, "", NEXT_DEC)
    withdraw_relief(by=by(cast.secretary), relief=row, reason="重填", serial=1, now=NOW)
    row = file_relief(
        by=by(cast.li), person=cast.li, asking=dues.asking(filer=Filer.RELATIVE, relative="李梅，女儿"), now=NOW
    )
    assert DuesRelief.objects.get(pk=row.pk).relative == "李梅，女儿"


@pytest.mark.parametrize(
    ("vote", "move", "field", "said"),
    [
        (None, M.PASS, "entitled", "请写应到"),
        (Vote(5, 6, 6), M.PASS, "present", "多于应到"),
        (Vote(4, 2, 2), M.PASS, "present", "没有超过应到 4 人的一半"),
        (Vote(5, 4, 3), M.PASS, "agree", "合计 3 票，实到 4 人"),
        (Vote(5, 4, 2, 1, 1), M.PASS, "agree", "没有超过应到 5 人的一半，和“同意”对不上"),
        (Vote(5, 4, 3, 1), M.AGAINST, "agree", "超过应到 5 人的一半，和“不同意”对不上"),
    ],
)
def test_a_vote_counts_by_those_entitled_and_agrees_with_what_was_said(dues, vote, move, field, said):
    row = dues.filed()
    assert said in refusal(lambda: dues.step(row, dues.cast.secretary, move, vote=vote))[field][0]
    assert ReliefStep.objects.count() == 1


@pytest.mark.parametrize("vote", [Vote(5, 3, 3), Vote(5, 5, 3, 2), Vote(1, 1, 1)])
def test_more_than_half_of_those_entitled_are_enough(dues, cast, vote):
    assert dues.step(dues.filed(), cast.secretary, vote=vote).state == ReliefState.GENERAL


def test_days_run_forward_and_a_late_entry_is_told(dues, cast):
    row = dues.filed(applied_on=date(2026, 11, 10))
    assert "晚于今天" in refusal(lambda: dues.step(row, cast.secretary, on=date(2026, 11, 24)))["on"][0]
    assert "不会早于那天" in refusal(lambda: dues.step(row, cast.secretary, on=date(2026, 11, 9)))["on"][0]
    dues.step(row, cast.secretary, on=date(2026, 11, 12))
    assert [each.late for each in row.steps.order_by("serial")] == [True, True]


def test_a_body_and_its_minutes_are_named_where_a_meeting_decides(dues, cast):
    row = dues.filed()
    assert set(refusal(lambda: dues.step(row, cast.secretary, body="", minutes=" "))) == {"body", "minutes"}
    row = dues.step(row, cast.secretary)
    row = dues.step(row, cast.general_secretary, body="", minutes="")
    assert set(refusal(lambda: dues.step(row, cast.clerk, M.APPROVE, body="", minutes=""))) == {"body", "minutes"}
    assert "last" in refusal(lambda: dues.step(row, cast.clerk, M.APPROVE, terms=Terms("none", DEC, date(2028, 2, 1))))
    assert "move" in refusal(lambda: dues.step(row, cast.clerk, M.PASS))


# Separate persons


def test_nobody_steps_in_his_own_nor_in_two_steps_nor_where_he_filed(dues, cast):
    row = dues.filed(cast.secretary)
    with pytest.raises(PermissionDenied, match="自己的申请由别人办"):
        dues.step(row, cast.secretary)
    row = dues.step(row, cast.commissioner)
    withdraw_relief(by=by(cast.secretary), relief=row, reason="不要了", serial=row.serial, now=NOW)
    row = dues.filed(writer=cast.secretary)
    with pytest.raises(PermissionDenied, match="这一步须由别人办"):
        dues.step(row, cast.secretary)
    with pytest.raises(PermissionDenied, match="“支部讨论”由"):
        dues.step(row, cast.clerk)


def test_who_recorded_the_branch_does_not_record_the_approval_even_after_it_came_back(dues, cast):
    post(cast.secretary, cast.committee, Role.DEPARTMENT_CLERK)
    row = dues.at_committee()
    with pytest.raises(PermissionDenied, match="须由别人办"):
        dues.step(row, cast.secretary, M.APPROVE)
    row = dues.step(row, cast.clerk, M.RETURN)
    row = amend_relief(by=by(cast.li), relief=row, asking=dues.asking(), serial=row.serial, now=NOW)
    row = dues.step(dues.step(row, cast.commissioner), cast.general_secretary)
    with pytest.raises(PermissionDenied, match="须由别人办"):
        dues.step(row, cast.secretary, M.APPROVE)
    assert dues.step(row, cast.clerk, M.APPROVE).state == ReliefState.APPROVED


def test_the_database_itself_keeps_hands_apart_steps_as_they_are_and_one_under_way(dues, cast):
    row = dues.at_committee()
    for hands in (
        {"decided_by": cast.secretary}, {"decided_by": cast.general_secretary}, {"decided_by": cast.li},
        {"branch_by": cast.general_secretary}, {"filed_by": cast.secretary}, {"fen": None}, {"state": "approved"},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            DuesRelief.objects.filter(pk=row.pk).update(**hands)
    with pytest.raises(IntegrityError), transaction.atomic():
        DuesRelief.objects.create(
            person=cast.li, organisation=cast.branch, path=cast.branch.path, kind="none", since=DEC, until=NEXT_DEC,
            reason="再来一件", filer="self", filed_by=cast.li, applied_on=TODAY, filed_on=TODAY,
        )  # fmt: skip
    for act in (lambda: row.steps.update(agree=5), lambda: row.steps.all().delete()):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            act()


def test_a_stale_page_is_told_what_was_done_meanwhile(dues, cast):
    row = dues.filed()
    dues.step(row, cast.secretary)
    told = refusal(lambda: dues.step(row, cast.commissioner, serial=1))[""][0]
    assert told == f"减免 {row.pk} 号刚由{cast.secretary.name}办过（同意），现在是“待总支提出意见”。请看过再办。"


def test_a_second_is_not_begun_beside_one_under_way_nor_over_months_already_granted(dues, cast):
    row = dues.filed()
    assert "不能再开一件" in refusal(dues.filed)[""][0]
    withdraw_relief(by=by(cast.li), relief=row, reason="重填", serial=1, now=NOW)
    dues.approved()
    assert (
        "月份重叠" in refusal(lambda: dues.filed(terms=Terms("none", date(2027, 11, 1), date(2028, 3, 1))))["since"][0]
    )
    assert dues.filed(terms=Terms("none", NEXT_DEC, date(2028, 3, 1))).pk


def test_others_ask_for_nobody(dues, cast):
    for someone in (cast.zhao, cast.outsider):
        with pytest.raises(PermissionDenied, match="由党员本人提出"):
            dues.filed(writer=someone)


# Death and leaving


def test_of_who_died_nothing_is_decided_and_the_clock_stops_it(dues, cast):
    row = dues.filed()
    register_event(by=by(cast.secretary), person=cast.li, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    assert "去世" in refusal(lambda: dues.step(row, cast.secretary))[""][0]
    assert (stop_of_the_dead(now=NOW), stop_of_the_dead(now=NOW)) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.waiting) == (ReliefState.STOPPED, None)


def test_of_who_left_nothing_is_decided_and_the_branch_stops_it(dues, cast):
    row = dues.at_committee()
    assert "照常办" in stops(row, cast.secretary)[""][0]
    receive_member(by=None, person=cast.li, to=cast.other_branch, on=TODAY, today=TODAY)
    assert "组织关系已转到" in refusal(lambda: dues.step(row, cast.clerk, M.APPROVE))[""][0]
    with pytest.raises(PermissionDenied):
        stop_relief(by=by(cast.zhao), relief=row, reason="转走了", serial=row.serial, now=NOW)
    assert (
        stop_relief(by=by(cast.secretary), relief=row, reason="转走了", serial=row.serial, now=NOW).state == "stopped"
    )


def stops(row, who) -> dict:
    return refusal(lambda: stop_relief(by=by(who), relief=row, reason="转走了", serial=row.serial, now=NOW))


def test_who_moved_within_the_committee_is_decided_upon_all_the_same(dues, cast):
    row = dues.at_committee()
    receive_member(by=None, person=cast.li, to=cast.sibling, on=TODAY, today=TODAY)
    assert dues.step(row, cast.clerk, M.APPROVE).state == ReliefState.APPROVED


def test_who_left_the_committee_is_freed_until_the_end_of_that_month(dues, cast):
    row = dues.approved()
    on = date(2027, 3, 10)
    receive_member(by=None, person=cast.li, to=cast.other_branch, on=on, today=on)
    now = NOW.replace(year=2027, month=3, day=11)
    assert (end_of_the_left(now=now), end_of_the_left(now=now)) == (1, 0)
    row.refresh_from_db()
    assert (row.granted_until, row.ended_on) == (date(2027, 4, 1), now.date())
    assert row.force_on(date(2027, 3, 31)) in (Force.RUNS, Force.ENDS_SOON)
    assert row.force_on(date(2027, 4, 1)) == Force.CUT
    assert categories(cast.li) == [("少交", DEC, date(2027, 4, 1))]
    last = row.steps.order_by("serial").last()
    assert (last.person, last.opinion) == (None, "组织关系已于 2027-03-10 转出，不再由原党委减免。")


def test_who_left_before_it_began_never_had_it_and_a_renewal_goes_with_it(dues, cast):
    dues.approved()
    dues.approved(terms=Terms("less", NEXT_DEC, date(2028, 12, 1), 100))
    receive_member(by=None, person=cast.li, to=cast.other_branch, on=TODAY, today=TODAY)
    assert end_of_the_left(now=NOW) == 2
    assert categories(cast.li) == []


def test_who_moved_within_the_committee_or_died_keeps_what_was_approved(dues, cast):
    rows = [dues.approved(), dues.approved(cast.zhao)]
    receive_member(by=None, person=cast.li, to=cast.sibling, on=TODAY, today=TODAY)
    register_event(by=None, person=cast.zhao, kind=EventKind.DEATH, occurred_on=TODAY, today=TODAY)
    assert end_of_the_left(now=NOW) == 0
    assert DuesRelief.objects.filter(pk__in=[row.pk for row in rows], granted_until=NEXT_DEC).count() == 2


# In force


def test_in_force_it_runs_ends_soon_and_is_over_by_the_day_alone(dues):
    row = dues.approved()
    found = {
        date(2026, 11, 30): Force.AHEAD, DEC: Force.RUNS, date(2027, 10, 30): Force.RUNS,
        date(2027, 10, 31): Force.ENDS_SOON, date(2027, 11, 30): Force.ENDS_SOON, NEXT_DEC: Force.OVER,
    }  # fmt: skip
    assert {day: row.force_on(day) for day in found} == found


def unpaid(cast, on, note="") -> dict:
    return refusal(
        lambda: register_event(by=by(cast.secretary), person=cast.li, kind=EventKind.DUES, occurred_on=on, note=note,
                               today=date(2028, 1, 1))
    )  # fmt: skip


def test_who_was_freed_of_dues_is_not_said_to_pay_none(dues, cast):
    dues.approved(terms=NONE)
    for on in (DEC, date(2027, 11, 30)):
        said = unpaid(cast, on, "没有交")["kind"][0]
        assert said.startswith("登记的是“不正常交纳党费”，但李建国 2026-12-01 至 2027-11-30 经批准免交党费")
    for on in (date(2026, 11, 30), NEXT_DEC):
        register_event(by=None, person=cast.li, kind=EventKind.DUES, occurred_on=on, today=date(2028, 1, 1))


def test_who_pays_less_is_said_to_pay_none_only_with_words(dues, cast):
    dues.approved()
    assert "减少以后的数额也没有交的" in unpaid(cast, DEC)["note"][0]
    register_event(
        by=None, person=cast.li, kind=EventKind.DUES, occurred_on=DEC, note="一元也没有交", today=date(2028, 1, 1)
    )


def test_it_ends_before_its_time_from_a_month_on_and_dues_are_owed_again(dues, cast):
    row = dues.approved()
    for resumes in (date(2026, 11, 1), NEXT_DEC):
        assert "resumes" in ends(row, cast.secretary, resumes)
    assert "reason" in ends(row, cast.secretary, date(2027, 3, 1), " ")
    with pytest.raises(PermissionDenied):
        end_relief(by=by(cast.li), relief=row, resumes=date(2027, 3, 1), reason="好了", serial=row.serial, now=NOW)
    row = end_relief(
        by=by(cast.secretary), relief=row, resumes=date(2027, 3, 1), reason="找到工作", serial=row.serial, now=NOW
    )
    assert categories(cast.li) == [("少交", DEC, date(2027, 3, 1))]
    assert (row.force_on(date(2027, 2, 28)), row.force_on(date(2027, 3, 1))) == (Force.ENDS_SOON, Force.CUT)
    register_event(by=None, person=cast.li, kind=EventKind.DUES, occurred_on=date(2027, 3, 5), today=date(2028, 1, 1))


def ends(row, who, resumes, reason="找到工作") -> dict:
    return refusal(
        lambda: end_relief(by=by(who), relief=row, resumes=resumes, reason=reason, serial=row.serial, now=NOW)
    )


def test_ended_before_it_began_it_never_was(dues, cast):
    row = dues.approved()
    row = end_relief(by=by(cast.secretary), relief=row, resumes=DEC, reason="找到工作", serial=row.serial, now=NOW)
    assert (categories(cast.li), row.granted) == ([], "")
    assert "不在执行" in ends(row, cast.secretary, DEC)[""][0]
    assert dues.approved().state == ReliefState.APPROVED  # nothing overlaps


AUTUMN = NOW + timedelta(days=355)
"""13 November 2027."""


def test_what_goes_on_as_it_was_goes_on_in_one_stretch_and_another_sum_begins_one(dues, cast):
    first = dues.approved()
    again = dues.approved(terms=Terms("less", NEXT_DEC, date(2028, 12, 1), 50), now=AUTUMN, renews=first)
    assert categories(cast.li) == [("少交", DEC, date(2028, 12, 1))]
    assert "请先结束那一件" in ends(first, cast.secretary, date(2027, 3, 1))[""][0]
    end_relief(
        by=by(cast.secretary), relief=again, resumes=NEXT_DEC, reason="退休金涨了", serial=again.serial, now=AUTUMN
    )
    assert categories(cast.li) == [("少交", DEC, NEXT_DEC)]
    dues.approved(terms=Terms("none", NEXT_DEC, date(2028, 12, 1)), now=AUTUMN)
    assert categories(cast.li) == [("少交", DEC, NEXT_DEC), ("免交", NEXT_DEC, date(2028, 12, 1))]


# As duties


@pytest.fixture
def ruled(dues, cast) -> Dues:
    policy = load_pack("working-rules")
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=date(2026, 1, 1))
    sweep(on=TODAY, today=TODAY)
    return dues


def owed(rule: str) -> list[tuple]:
    rows = Duty.objects.filter(rule__code=rule).select_related("organisation").order_by("pk")
    return [(each.organisation, each.state, each.due_on) for each in rows]


def test_the_waiting_step_is_a_duty_of_the_organisation_it_waits_at(ruled, cast):
    until = TODAY + timedelta(days=15)
    row = ruled.filed()
    assert owed("dues-relief") == [(cast.branch, "open", until)]
    row = ruled.step(row, cast.secretary)
    assert owed("dues-relief") == [(cast.branch, "done", until), (cast.general, "open", until)]
    row = ruled.step(row, cast.general_secretary)
    withdraw_relief(by=by(cast.li), relief=row, reason="不要了", serial=row.serial, now=NOW)
    assert [state for _place, state, _due in owed("dues-relief")] == ["done", "done"]
    assert Record.objects.filter(action="handling", member=None).count() == 2


def test_thirty_days_before_its_end_the_branch_is_told_until_it_goes_on_or_somebody_reminds(ruled, cast):
    first = ruled.approved()
    sweep(on=date(2027, 10, 30), today=date(2027, 10, 30))
    assert owed("dues-relief-ends") == []
    sweep(on=date(2027, 10, 31), today=date(2027, 10, 31))
    assert owed("dues-relief-ends") == [(cast.branch, "open", date(2027, 11, 30))]
    ruled.approved(terms=Terms("less", NEXT_DEC, date(2028, 12, 1), 100), now=AUTUMN, renews=first)
    assert owed("dues-relief-ends") == []


def test_the_dead_are_not_reminded_of_its_end(ruled, cast):
    ruled.approved()
    died = date(2027, 11, 5)
    sweep(on=date(2027, 11, 1), today=date(2027, 11, 1))
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=died, today=died)
    sweep(on=died, today=died)
    assert [state for _place, state, _due in owed("dues-relief-ends")] == ["void"]
