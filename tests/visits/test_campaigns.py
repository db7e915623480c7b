"""Festival campaigns from the draft to the summary: what the rules name, what people decide, what is refused."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from base.models import AuditRow
from base.money import Source
from duties.engine.models import Action, Record, State
from duties.tasks import TaskState, tasks_of
from members.appointments import begin_post, end_post
from members.enums import EventKind, OrganisationKind, Role
from members.services import register_event
from members.tree import place
from tests.duties.acts import die, duty, move, sweep_on, withdraw
from tests.visits.campaigns import (
    EVE,
    PLAN,
    SPRING,
    TODAY,
    belongs,
    decided,
    drafted,
    handed,
    of,
    planned,
)
from tests.world import account, member, organisation
from visits.campaigns.alarms import hand_source
from visits.campaigns.drafting import draft, draft_what_is_due, due_by
from visits.campaigns.handing import give_back, take_back_tick
from visits.campaigns.names import add_by_hand, ask_branches, confirm_names, confirm_source, restore, strike
from visits.campaigns.reading import summary_words
from visits.campaigns.running import close, decide, every_morning, not_ready
from visits.campaigns.sums import Standard, assign, budget_lines, set_plan
from visits.models import Campaign, Candidate, Visit
from visits.visiting import Seen, record_visit

Out = Candidate.Out
pytestmark = pytest.mark.django_db


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict if hasattr(no.value, "error_dict") else {"__all__": no.value.messages}


def names(rows) -> set[str]:
    return set(rows.values_list("person__name", flat=True))


# The draft


def test_a_draft_names_whom_the_rules_name_and_says_why_others_are_left_out(peopled, clerk):
    campaign = drafted(peopled, clerk)
    assert (campaign.title, campaign.day, campaign.deliver_by) == ("2027 年春节走访慰问", SPRING, EVE)
    assert names(campaign.candidates.listed()) == {"李建国", "孙德福", "赵秀兰", "张伟"}
    assert len(of(campaign, peopled.zhao).rules) == 2
    assert of(campaign, peopled.li).organisation == peopled.branch
    left = of(campaign, peopled.general_secretary)
    assert (left.out, left.reasons) == (Out.UNRECOGNISED, "")


def test_drafted_again_it_adds_what_is_new_and_undoes_nobodys_choice(peopled, clerk):
    campaign = drafted(peopled, clerk)
    strike(by=clerk, candidate=of(campaign, peopled.li), reason="家属已另作安排", today=TODAY)
    add_by_hand(by=clerk, campaign=campaign, person=peopled.secretary, reason="照顾病重家人", today=TODAY)
    before = campaign.candidates.count()
    belongs(peopled.general_secretary)  # recognised meanwhile
    belongs(peopled.direct_secretary)
    again = drafted(peopled, clerk)
    assert again.pk == campaign.pk
    assert campaign.candidates.count() == before + 1
    assert of(campaign, peopled.li).out == Out.STRUCK
    assert of(campaign, peopled.li).out_words == "家属已另作安排"
    assert of(campaign, peopled.secretary).is_listed
    assert of(campaign, peopled.general_secretary).is_listed
    assert of(campaign, peopled.direct_secretary).is_listed


def test_whom_no_rule_names_any_more_and_who_died_or_left_are_left_out_with_a_word(peopled, clerk):
    campaign = drafted(peopled, clerk)
    ended = peopled.sun.categories.get()
    ended.until = date(2026, 12, 1)
    ended.save()
    die(peopled.li, date(2026, 11, 22))
    move(peopled.zhao, peopled.other_branch, date(2026, 11, 20))
    drafted(peopled, clerk)
    found = dict(campaign.candidates.left_out().values_list("person__name", "out"))
    assert found == {"李建国": Out.DEAD, "孙德福": Out.UNNAMED, "赵秀兰": Out.LEFT, "周启明": Out.UNRECOGNISED}


def test_whoever_moved_is_for_the_new_branch_to_confirm(peopled, clerk):
    campaign = planned(peopled, clerk)
    confirm_names(by=clerk, campaign=campaign, organisation=peopled.committee, struck={}, today=TODAY)
    add_by_hand(by=clerk, campaign=campaign, person=peopled.secretary, reason="家中遭灾", today=TODAY)
    for each in (peopled.li, peopled.secretary):
        move(each, peopled.direct, TODAY)
    drafted(peopled, clerk)
    assert names(campaign.candidates.unconfirmed()) == {"李建国", "王海燕"}
    assert {of(campaign, each).organisation for each in (peopled.li, peopled.secretary)} == {peopled.direct}


def test_who_died_since_the_last_festival_is_named_as_left_out(peopled, clerk):
    seen = Seen(how="home", occasion="july", met="member", money=50000, source=Source.DUES, text="看望")
    record_visit(
        by=clerk, action=Action.VISIT, member=peopled.commissioner, on=date(2026, 6, 28), people=[peopled.secretary],
        seen=seen, today=TODAY,
    )  # fmt: skip
    peopled.commissioner.ties.all().delete()
    die(peopled.commissioner, date(2026, 9, 1))
    assert of(drafted(peopled, clerk), peopled.commissioner).out == Out.DEAD


def test_two_committees_do_not_list_the_same_person(peopled, clerk):
    upper = organisation("00", OrganisationKind.COMMITTEE, name="省委")
    place(peopled.committee, upper, since=date(2020, 1, 1))
    mine = drafted(peopled, clerk)
    peopled.committee.refresh_from_db()
    upper.refresh_from_db()
    theirs = draft(by=None, organisation=upper, occasion="spring", year=2027, today=TODAY)
    assert theirs.candidates.filter(out=Out.DOUBLE).count() == mine.candidates.listed().count() == 4
    assert not theirs.candidates.listed().exists()
    said = refusal(lambda: restore(by=clerk, candidate=of(theirs, peopled.li), today=TODAY))
    assert "不重复慰问" in said["__all__"][0]


def test_refused_drafts_say_what_to_do(peopled, clerk):
    def asked(**more):
        given = {"organisation": peopled.committee, "occasion": "spring", "year": 2027, "today": TODAY}
        return refusal(lambda: draft(by=clerk, **(given | more)))

    assert "不是党委" in asked(organisation=peopled.branch)["organisation"][0]
    assert "已经到了" in asked(year=2026)["occasion"][0]
    assert "没有哪一条" in asked(occasion="ninth", year=2027)["occasion"][0]


def test_the_clock_drafts_when_the_festival_is_near_and_leaves_what_went_on_alone(town, clerk):
    assert due_by(date(2026, 12, 1)) == []
    assert {(each[1], each[2]) for each in due_by(date(2026, 12, 23))} == {("newyear", 2027), ("spring", 2027)}
    with time_machine.travel("2026-12-23 01:00:00+00:00", tick=False):
        sweep_on(date(2026, 12, 23))
        new_year, spring = draft_what_is_due(today=date(2026, 12, 23))
        assert (new_year.entered_by, spring.stage) == (None, "draft")
        assert names(spring.candidates.listed()) == {"李建国", "孙德福", "赵秀兰", "张伟"}
        assert names(new_year.candidates.listed()) == {"李建国", "孙德福", "赵秀兰"}
        ask_branches(by=clerk, campaign=spring, due_on=date(2027, 1, 7), today=date(2026, 12, 23))
        assert [each.pk for each in draft_what_is_due(today=date(2026, 12, 23))] == [new_year.pk]
        assert Campaign.objects.count() == 2


# Sums


def test_the_highest_standard_of_a_name_holds_unless_it_has_a_sum_of_its_own(peopled, clerk):
    campaign = planned(peopled, clerk)
    sums = {each[0]: each[1:] for each in campaign.candidates.values_list("person__name", "fen", "source", "gift")}
    assert sums["李建国"] == (80000, "dues", "")
    assert sums["赵秀兰"] == (120000, "fiscal", "米、油")
    assert sums["张伟"] == (None, "", "台历")
    set_plan(by=clerk, campaign=campaign, budget={"dues": 300000, "fiscal": 300000}, standards=PLAN, today=TODAY)
    assign(by=clerk, candidates=[of(campaign, peopled.li)], fen=100000, source=Source.FISCAL, today=TODAY)
    lower = PLAN | {"hardship": Standard(60000, Source.DUES)}
    set_plan(by=clerk, campaign=campaign, budget={"dues": 300000, "fiscal": 300000}, standards=lower, today=TODAY)
    campaign.refresh_from_db()
    assert (of(campaign, peopled.li).fen, of(campaign, peopled.sun).fen) == (100000, 60000)
    lines = {line.source: (line.planned, line.left) for line in budget_lines(campaign)}
    assert lines == {"dues": (60000, 240000), "fiscal": (220000, 80000)}


def test_no_more_is_planned_than_the_budget_has_and_nothing_is_lost(peopled, clerk):
    campaign = planned(peopled, clerk)
    said = refusal(lambda: set_plan(by=clerk, campaign=campaign, budget={Source.DUES: 100000, Source.FISCAL: 200000},
                                    standards=PLAN, today=TODAY))  # fmt: skip
    assert said == {"budget_dues": [
        "留存党费预算 1000.00 元，计划要用 1600.00 元，多出 600.00 元。请调低标准、换一个来源或增加预算。"
    ]}  # fmt: skip
    campaign.refresh_from_db()
    assert campaign.budget == {"dues": 300000, "fiscal": 200000}
    li = of(campaign, peopled.li)

    def assigned(**more):
        return refusal(lambda: assign(by=clerk, candidates=[li], today=TODAY, **more))

    assert "多出" in assigned(fen=9_000_000, source="dues")["fen"][0]
    assert "从哪里来" in assigned(fen=1)["source"][0]
    assert "至少写一样" in assigned()["visitor"][0]
    assert "自己" in assigned(visitor=peopled.li)["visitor"][0]
    assert of(campaign, peopled.li).fen == 80000


# Names


def test_added_by_hand_with_a_reason_struck_with_one_and_restored(peopled, clerk):
    campaign = planned(peopled, clerk)

    def added(person, reason="家中遭灾"):
        return add_by_hand(by=clerk, campaign=campaign, person=person, reason=reason, today=TODAY)

    assert set(refusal(lambda: added(peopled.secretary, " "))) == {"reason"}
    assert "不在云河水文局党委" in refusal(lambda: added(peopled.outsider))["member"][0]
    assert "已经在名单里" in refusal(lambda: added(peopled.li))["member"][0]
    row = added(peopled.secretary)
    assert (row.added, row.reasons, row.is_listed) == ("家中遭灾", "", True)
    assert refusal(lambda: strike(by=clerk, candidate=row, reason="", today=TODAY)) == {
        "reason": ["请写为什么，一句话也可以。"]
    }
    strike(by=clerk, candidate=row, reason="另有安排", today=TODAY)
    assert of(campaign, peopled.secretary).out == Out.STRUCK
    assert not AuditRow.objects.filter(reason__contains="另有安排").exists()
    assert restore(by=clerk, candidate=row, today=TODAY).is_listed
    left = of(campaign, peopled.general_secretary)
    assert "还没有组织认定" in refusal(lambda: restore(by=clerk, candidate=left, today=TODAY))["__all__"][0]


def test_branches_are_asked_by_a_task_and_their_yes_does_it(town, clerk):
    campaign = planned(town, clerk)
    asked = ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY)
    assert (asked.tasks, asked.without) == (2, ())
    tasks = {task.about: task for task in tasks_of(confirm_source(campaign), today=TODAY)}
    assert tasks[town.branch].event.addressee == town.secretary
    assert tasks[town.sibling].event.addressee == town.sibling_secretary
    secretary = account(town.secretary)
    li = of(campaign, town.li)
    said = refusal(lambda: confirm_names(by=secretary, campaign=campaign, organisation=town.branch,
                                         struck={li.pk: ""}, today=TODAY))  # fmt: skip
    assert set(said) == {f"reason_{li.pk}"}
    assert confirm_names(by=secretary, campaign=campaign, organisation=town.branch,
                         struck={li.pk: "本人谢绝"}, today=TODAY) == 2  # fmt: skip
    assert (of(campaign, town.li).out, of(campaign, town.li).out_words) == (Out.BRANCH, "本人谢绝")
    assert of(campaign, town.zhao).confirmed_by == town.secretary
    assert of(campaign, town.sun).confirmed_on is None
    states = {task.about: task.state for task in tasks_of(confirm_source(campaign), today=TODAY)}
    assert states == {town.branch: TaskState.DONE, town.sibling: TaskState.OPEN}
    assert ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY).tasks == 0


def test_a_new_secretary_has_the_task_of_the_one_before_and_does_it(town, clerk):
    campaign = planned(town, clerk)
    ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY)
    end_post(by=None, post=town.secretary.posts.get(), last=TODAY - timedelta(days=1), today=TODAY)
    heir = member("许明", town.branch)
    begin_post(by=None, person=heir, organisation=town.branch, role=Role.SECRETARY, since=TODAY, today=TODAY)

    def task():
        (found,) = (each for each in tasks_of(confirm_source(campaign), today=TODAY) if each.about == town.branch)
        return found

    assert task().to == heir
    confirm_names(by=account(heir), campaign=campaign, organisation=town.branch, struck={}, today=TODAY)
    assert (task().state, task().done_by) == (TaskState.DONE, heir.name)


def test_nobody_confirms_his_own_name(peopled, clerk):
    belongs(peopled.secretary)
    campaign = planned(peopled, clerk)
    confirm_names(by=account(peopled.secretary), campaign=campaign, organisation=peopled.branch, struck={}, today=TODAY)
    assert names(campaign.candidates.unconfirmed()) == {"王海燕", "孙德福"}
    confirm_names(by=clerk, campaign=campaign, organisation=peopled.branch, struck={}, today=TODAY)
    assert names(campaign.candidates.unconfirmed()) == {"孙德福"}


# The decision


def test_it_is_decided_when_all_said_yes_and_then_everybody_has_a_visitor_and_a_task_due_on_the_eve(town, clerk):
    campaign = planned(town, clerk)
    assert any("还没有支部确认" in said for said in not_ready(campaign, TODAY))

    def refused(minutes):
        return refusal(lambda: decide(by=clerk, campaign=campaign, on=TODAY, minutes=minutes, today=TODAY))

    assert "会议纪要编号" in refused("")["minutes"][0]
    assert all(name in refused("1号")["__all__"][0] for name in ("李建国", "孙德福", "还没有支部确认"))
    campaign = decided(town, clerk)
    assert of(campaign, town.commissioner).visitor == town.committee_secretary
    assert of(campaign, town.li).visitor == town.secretary
    tasks = {task.event.addressee: task for task in tasks_of(hand_source(campaign), today=TODAY)}
    assert set(tasks) == {town.secretary, town.sibling_secretary, town.committee_secretary}
    assert {task.event.due_on for task in tasks.values()} == {EVE}
    said = refusal(lambda: strike(by=clerk, candidate=of(campaign, town.li), reason="不", today=TODAY))
    assert "集体研究确定" in said["__all__"][0]
    said = refusal(lambda: assign(by=clerk, candidates=[of(campaign, town.li)], fen=1, source="dues", today=TODAY))
    assert "集体研究确定" in said["fen"][0]


def test_the_undelivered_is_overdue_on_the_festival(town, clerk):
    campaign = decided(town, clerk)
    handed(campaign, town.sun, clerk)
    with time_machine.travel("2027-02-06 02:00:00+00:00", tick=False):
        states = {task.event.addressee: task.state for task in tasks_of(hand_source(campaign), today=SPRING)}
    assert states[town.sibling_secretary] == TaskState.DONE
    assert states[town.secretary] == TaskState.OVERDUE


# Handing over

SON = {"receiver": "substitute", "substitute": "孙强", "relation": "长子"}


def alarm(campaign, visitor, day) -> TaskState:
    tasks = tasks_of(hand_source(campaign), today=day)
    (state,) = [each.state for each in tasks if each.event.addressee == visitor]
    return state


def test_one_tick_records_the_visit_and_closes_the_festivals_duty_and_the_task(town, clerk):
    with time_machine.travel("2027-01-20 02:00:00+00:00", tick=False):
        day = date(2027, 1, 20)
        sweep_on(day)
        campaign = decided(town, clerk)
        assert duty("hardship-spring", town.sun, "spring-2027").state == State.OPEN
        row = handed(campaign, town.sun, clerk, day, **SON)
        assert duty("hardship-spring", town.sun, "spring-2027").state == State.DONE
        visit = Visit.objects.get()
        assert (visit.money, visit.source, visit.occasion) == (80000, "dues", "spring")
        assert visit.text == "春节走访，慰问金由孙强（长子）代领。"
        assert [each.person for each in visit.record.actors.all()] == [town.sibling_secretary]
        assert (row.given_to, row.is_handed) == ("孙强（长子）代领", True)
        campaign.refresh_from_db()
        assert campaign.stage == "handing"
        assert handed(campaign, town.sun, clerk, day, **SON).pk == row.pk
        assert "没有再发一次" in refusal(lambda: handed(campaign, town.sun, clerk, day))["__all__"][0]
        assert Visit.objects.count() == 1
        assert alarm(campaign, town.sibling_secretary, day) == TaskState.DONE
        take_back_tick(by=clerk, candidate=row, reason="", today=day, now=timezone.now())
        assert duty("hardship-spring", town.sun, "spring-2027").state == State.OPEN
        assert not of(campaign, town.sun).is_handed
        assert alarm(campaign, town.sibling_secretary, day) == TaskState.OPEN


def test_ticks_that_cannot_be_are_refused_with_a_sentence(town, clerk):
    campaign = planned(town, clerk)
    assert "还没有集体研究" in refusal(lambda: handed(campaign, town.li, clerk))["__all__"][0]
    campaign = decided(town, clerk)
    unsaid = refusal(lambda: handed(campaign, town.li, clerk, receiver="substitute"))
    assert set(unsaid) == {"substitute", "relation"}
    assert "才集体研究" in refusal(lambda: handed(campaign, town.li, clerk, on=TODAY - timedelta(days=1)))["on"][0]
    assert "晚于今天" in refusal(lambda: handed(campaign, town.li, clerk, on=TODAY + timedelta(days=1)))["on"][0]
    assert "本人" in refusal(lambda: handed(campaign, town.zhao, account(town.zhao)))["__all__"][0]
    assert "没有列入" in refusal(lambda: handed(campaign, town.general_secretary, clerk))["__all__"][0]
    assert not Visit.objects.exists()


def test_a_candidate_who_died_yesterday_gets_a_sentence_and_nothing_is_lost(town, clerk):
    campaign = decided(town, clerk)
    yesterday = TODAY - timedelta(days=1)
    register_event(by=clerk, person=town.li, kind=EventKind.DEATH, occurred_on=yesterday, today=TODAY)
    said = refusal(lambda: handed(campaign, town.li, clerk))["__all__"][0]
    assert "2026-11-22 去世" in said
    assert "吊唁慰问" in said
    assert not Visit.objects.exists()
    assert give_back(by=clerk, candidates=[of(campaign, town.li)], reason="本人去世", today=TODAY) == 1
    assert of(campaign, town.li).returned_words == "本人去世"


def test_of_the_dead_the_family_is_visited_and_somebody_signs_for_it(town, clerk):
    die(town.commissioner, date(2026, 11, 1))
    campaign = planned(town, clerk)
    row = add_by_hand(by=clerk, campaign=campaign, person=town.commissioner, reason="因公去世，看望家属", today=TODAY)
    assert row.family
    campaign = decided(town, clerk)
    assert "代领" in refusal(lambda: handed(campaign, town.commissioner, clerk))["receiver"][0]
    row = handed(campaign, town.commissioner, clerk, receiver="substitute", substitute="刘敏", relation="配偶")
    assert (row.visit.met, row.visit.met_name) == ("family", "刘敏")


def test_a_visit_withdrawn_on_its_own_page_is_not_handed_over(town, clerk):
    campaign = decided(town, clerk)
    row = handed(campaign, town.li, clerk)
    withdraw(Record.objects.get(pk=row.visit.record_id))
    assert campaign.candidates.outstanding().filter(person=town.li).exists()
    again = handed(campaign, town.li, clerk)
    assert again.visit_id != row.visit_id
    handed(campaign, town.zhao, clerk)
    assert alarm(campaign, town.secretary, TODAY) == TaskState.DONE
    withdraw(Record.objects.get(pk=again.visit.record_id))
    for _twice in range(2):
        every_morning(today=TODAY)
        assert alarm(campaign, town.secretary, TODAY) == TaskState.OPEN, "the clock brings the task in step"


# Closing


def test_it_is_not_closed_with_money_outstanding(town, clerk):
    campaign = decided(town, clerk)
    handed(campaign, town.sun, clerk)
    said = refusal(lambda: close(by=clerk, campaign=campaign, summary="", today=TODAY))["__all__"][0]
    assert said.startswith("还有 3 人没有发到：")
    assert "李建国" in said
    handed(campaign, town.li, clerk)
    handed(campaign, town.zhao, clerk)
    rest = [of(campaign, town.commissioner)]
    assert set(refusal(lambda: give_back(by=clerk, candidates=rest, reason="", today=TODAY))) == {"reason"}
    give_back(by=clerk, candidates=rest, reason="本人外出", today=TODAY)
    assert not [task for task in tasks_of(hand_source(campaign), today=TODAY) if task.running]
    closed = close(by=clerk, campaign=campaign, summary="都送到了", today=TODAY)
    assert (closed.stage, closed.closed_on) == ("closed", TODAY)
    assert summary_words(closed) == "列入 4 人，发到 3 人，退回 1 人；慰问金 2,800.00 元。未列入 1 人，都写明了原因。"
    assert "已于" in refusal(lambda: close(by=clerk, campaign=campaign, summary="", today=TODAY))["__all__"][0]
    row = of(campaign, town.sun)
    said = refusal(lambda: take_back_tick(by=clerk, candidate=row, reason="错", today=TODAY, now=timezone.now()))
    assert "已经收尾" in said["__all__"][0]
