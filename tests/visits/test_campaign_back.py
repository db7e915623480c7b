"""A festival campaign step by step back, and what of it may still be mended: returns, deadlines, visitors who died."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from base.models import AuditRow
from duties.tasks import TaskState, tasks_of
from ledgers.campaigns import CAMPAIGNS
from ledgers.ledger import Reader as LedgerReader
from members.enums import OrganisationKind
from members.tree import place
from tests.duties.acts import die, once_in, sweep_on, withdraw
from tests.visits.campaigns import TODAY, confirmed, decided, drafted, handed, of, planned
from tests.world import account, organisation
from visits.campaigns.alarms import hand_source
from visits.campaigns.drafting import draft, draft_what_is_due
from visits.campaigns.handing import give_back, keep_after_all, take_back_tick
from visits.campaigns.names import add_by_hand, ask_branches, confirm_source
from visits.campaigns.running import close, decide, every_morning, not_ready, step_back
from visits.campaigns.sums import assign, set_plan
from visits.models import Campaign, Candidate

Stage = Campaign.Stage
pytestmark = pytest.mark.django_db


def refusal(call) -> str:
    with pytest.raises(ValidationError) as no:
        call()
    return " ".join(no.value.messages)


def running(source: str) -> set:
    return {task.event.addressee for task in tasks_of(source, today=TODAY) if task.running}


def back(campaign, by, reason="登记错了", **more):
    return step_back(by=by, campaign=campaign, reason=reason, today=TODAY, **more)


def returned(campaign, by, *people):
    give_back(by=by, candidates=[of(campaign, each) for each in people], reason="本人外出", today=TODAY)


# One step back


def test_a_closed_campaign_is_handed_over_again_and_keeps_its_summary(town, clerk, sign_in):
    campaign = decided(town, clerk)
    everybody = (town.li, town.zhao, town.sun, town.commissioner)
    returned(campaign, clerk, *everybody)
    close(by=clerk, campaign=campaign, summary="都说明了", today=TODAY)
    assert "请写为什么撤回" in refusal(lambda: back(campaign, clerk, " "))
    opened = back(campaign, clerk)
    assert (opened.stage, opened.closed_on, opened.closed_by, opened.summary) == ("handing", None, None, "都说明了")
    assert opened.minutes
    row = AuditRow.objects.get(subject=f"campaign:{campaign.pk}", act="withdraw")
    assert (row.reason, row.detail["stage"]) == ("登记错了", "closed")
    assert "都说明了</textarea>" in page(sign_in(clerk), campaign, "summary/").content.decode()
    keep_after_all(by=clerk, candidate=of(campaign, town.li), today=TODAY)
    assert handed(campaign, town.li, clerk).is_handed


def test_a_decision_is_taken_back_while_nothing_is_handed_over_and_the_tasks_go(town, clerk):
    campaign = decided(town, clerk)
    assert running(hand_source(campaign))
    undone = back(campaign, clerk)
    assert (undone.stage, undone.decided_on, undone.decided_by, undone.minutes) == ("confirming", None, None, "")
    assert running(hand_source(campaign)) == set()
    assert not campaign.candidates.unconfirmed().exists(), "the branches said yes, and that stands"
    assign(by=clerk, candidates=[of(campaign, town.li)], fen=100000, source="dues", today=TODAY)
    again = decide(by=clerk, campaign=campaign, on=TODAY, minutes="19", today=TODAY)
    assert (again.stage, again.minutes) == ("decided", "19")
    assert town.secretary in running(hand_source(campaign))


def test_a_decision_stands_while_something_is_handed_over_or_returned(town, clerk):
    campaign = decided(town, clerk)
    handed(campaign, town.li, clerk)
    returned(campaign, clerk, town.sun)
    said = refusal(lambda: back(campaign, clerk))
    assert "李建国的已经登记发放" in said
    assert "孙德福的已经登记退回" in said
    campaign.refresh_from_db()
    assert campaign.stage == "handing"
    take_back_tick(by=clerk, candidate=of(campaign, town.li), reason="", today=TODAY, now=timezone.now())
    keep_after_all(by=clerk, candidate=of(campaign, town.sun), today=TODAY)
    assert back(campaign, clerk).stage == "confirming"


def test_of_a_visit_withdrawn_elsewhere_nothing_is_left_on_the_name(town, clerk):
    campaign = decided(town, clerk)
    withdraw(handed(campaign, town.li, clerk).visit.record)
    back(campaign, clerk)
    row = of(campaign, town.li)
    assert (row.visit, row.received_on, row.receiver) == (None, None, "")


def test_before_the_decision_it_is_called_off_and_a_draft_by_hand_begins_anew(town, clerk):
    campaign = planned(town, clerk)
    ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY)
    off = back(campaign, clerk)
    assert (off.stage, off.ended, off.get_stage_display()) == ("off", True, "已撤销")
    assert running(confirm_source(campaign)) == set()
    assert not Campaign.objects.running().exists()
    for call in (
        lambda: back(campaign, clerk),
        lambda: add_by_hand(by=clerk, campaign=campaign, person=town.secretary, reason="遭灾", today=TODAY),
        lambda: ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY),
        lambda: set_plan(by=clerk, campaign=campaign, budget={}, standards={}, today=TODAY),
        lambda: assign(by=clerk, candidates=[of(campaign, town.li)], visitor=town.secretary, today=TODAY),
        lambda: decide(by=clerk, campaign=campaign, on=TODAY, minutes="1", today=TODAY),
        lambda: handed(campaign, town.li, clerk),
        lambda: close(by=clerk, campaign=campaign, summary="", today=TODAY),
    ):
        assert "撤销" in refusal(call)
    again = drafted(town, clerk)
    assert (again.pk, again.stage, again.asked_on) == (campaign.pk, "draft", None)
    assert ask_branches(by=clerk, campaign=again, due_on=date(2026, 12, 20), today=TODAY).tasks == 2


def test_the_clock_leaves_alone_what_was_called_off(town, clerk):
    day = date(2026, 12, 23)
    sweep_on(day)
    off = back(drafted(town, clerk), clerk)
    assert [each.occasion for each in draft_what_is_due(today=day)] == ["newyear"]
    every_morning(today=day)
    assert "由人重新开始" in refusal(lambda: drafted(town, None))
    off.refresh_from_db()
    assert (off.stage, off.drafts) == ("off", 1)


def test_what_was_called_off_does_not_stand_in_another_committees_way(peopled, clerk):
    upper = organisation("00", OrganisationKind.COMMITTEE, name="省委")
    place(peopled.committee, upper, since=date(2020, 1, 1))
    mine = drafted(peopled, clerk)
    upper.refresh_from_db()

    def theirs():
        return draft(by=clerk, organisation=upper, occasion="spring", year=2027, today=TODAY)

    assert theirs().candidates.listed().count() == 0
    back(mine, clerk)
    assert theirs().candidates.listed().count() == 4


def test_a_ledger_prints_no_name_of_what_was_called_off(peopled, clerk):
    back(drafted(peopled, clerk), clerk)
    asked = CAMPAIGNS.rows(LedgerReader(clerk, TODAY), peopled.committee, date(2027, 1, 1), date(2027, 12, 31))
    assert not list(asked)


def test_a_step_is_not_taken_back_that_did_not_stand_on_the_page(town, clerk):
    campaign = confirmed(town, clerk)
    decide(by=clerk, campaign=campaign, on=TODAY, minutes="18", today=TODAY)
    assert "刚才已经到了“集体研究”" in refusal(lambda: back(campaign, clerk, seen="confirming"))


# The page


def page(client, campaign, rest="back/"):
    return client.get(f"/campaigns/{campaign.pk}/{rest}")


def test_the_page_asks_why_says_what_becomes_of_it_and_lets_only_the_department_in(town, clerk, sign_in):
    campaign, browser = decided(town, clerk), sign_in(clerk)
    assert "撤回这一步" in page(browser, campaign, "").content.decode()
    form = page(browser, campaign)
    assert "研究日期和纪要编号清空" in form.content.decode()
    data = {"once": once_in(form), "seen": "decided", "reason": ""}
    url = f"/campaigns/{campaign.pk}/back/"
    refused = browser.post(url, data)
    assert (refused.status_code, "请写为什么" in refused.content.decode()) == (422, True)
    done = browser.post(url, data | {"reason": "纪要编号登错"}, follow=True).content.decode()
    assert "现在是“支部确认”" in done
    assert sign_in(account(town.secretary)).get(url).status_code == 403


def test_what_cannot_be_taken_back_says_why_and_has_no_button(town, clerk, sign_in):
    campaign, browser = decided(town, clerk), sign_in(clerk)
    handed(campaign, town.li, clerk)
    said = page(browser, campaign).content.decode()
    assert "李建国的已经登记发放" in said
    assert 'name="reason"' not in said


def test_what_was_called_off_is_shown_so_and_drafted_anew_from_its_page(town, clerk, sign_in):
    campaign, browser = back(drafted(town, clerk), clerk), sign_in(clerk)
    said = page(browser, campaign, "").content.decode()
    assert "已撤销，名单留档，不再办理" in said
    for gone in ("撤回这一步", "撤销这次走访", "标准和预算", "各支部发放", 'name="name"', 'name="act"'):
        assert gone not in said
    assert "已撤销" in browser.get("/campaigns/").content.decode()
    form = page(browser, campaign, "next/")
    assert 'id="ask"' not in form.content.decode()
    browser.post(f"/campaigns/{campaign.pk}/next/", {"act": "again", "once": once_in(form)})
    campaign.refresh_from_db()
    assert campaign.stage == "draft"


# Returns


def test_a_return_is_taken_back_until_the_campaign_is_closed(town, clerk):
    campaign = decided(town, clerk)
    everybody = (town.li, town.zhao, town.sun, town.commissioner)
    returned(campaign, clerk, *everybody)
    assert running(hand_source(campaign)) == set()
    row = keep_after_all(by=clerk, candidate=of(campaign, town.sun), today=TODAY)
    assert (row.returned_on, row.returned_words) == (None, "")
    assert running(hand_source(campaign)) == {town.sibling_secretary}
    assert "没有登记退回" in refusal(lambda: keep_after_all(by=clerk, candidate=row, today=TODAY))
    returned(campaign, clerk, town.sun)
    close(by=clerk, campaign=campaign, summary="", today=TODAY)
    assert "收尾" in refusal(lambda: keep_after_all(by=clerk, candidate=row, today=TODAY))


def test_the_list_takes_a_return_back_by_one_button(town, clerk, sign_in):
    campaign, browser = decided(town, clerk), sign_in(clerk)
    returned(campaign, clerk, town.sun)
    url = f"/campaigns/{campaign.pk}/names/{of(campaign, town.sun).pk}/unreturn/"
    secretary = sign_in(account(town.sibling_secretary))
    assert url in page(browser, campaign, "").content.decode()
    assert url not in page(secretary, campaign, "").content.decode()
    assert secretary.post(url, {"once": "a"}).status_code == 403
    assert "孙德福的退回已撤回" in browser.post(url, {"once": "b"}, follow=True).content.decode()
    assert "没有登记退回" in browser.post(url, {"once": "c"}, follow=True).content.decode()


# What was decided


def test_neither_sum_nor_gift_changes_after_the_decision(town, clerk):
    campaign = decided(town, clerk)
    li = of(campaign, town.li)
    for given in ({"fen": 1, "source": "dues"}, {"gift": "茅台"}, {"gift": ""}):
        said = refusal(lambda given=given: assign(by=clerk, candidates=[li], today=TODAY, **given))
        assert "集体研究确定，不能再改" in said
    assert (of(campaign, town.li).fen, of(campaign, town.li).gift) == (80000, "")
    assert assign(by=clerk, candidates=[li], visitor=town.commissioner, today=TODAY) == 1


def test_a_visitor_who_died_or_left_is_named_with_whom_he_was_to_visit(town, clerk):
    campaign = confirmed(town, clerk)
    sent = {town.sun: [town.li, town.zhao], town.direct_secretary: [town.sun]}
    for visitor, names in sent.items():
        assign(by=clerk, candidates=[of(campaign, each) for each in names], visitor=visitor, today=TODAY)
    die(town.sun, TODAY - timedelta(days=1))
    town.direct_secretary.posts.all().delete()
    town.direct_secretary.memberships.all().delete()
    died = "走访人孙德福已经去世，原定去看李建国、赵秀兰，请改定走访人。"
    left = "走访人马玉珍现在没有组织关系，也没有任职，原定去看孙德福，请改定走访人。"
    assert {died, left} <= set(not_ready(campaign, TODAY))
    assert died in refusal(lambda: decide(by=clerk, campaign=campaign, on=TODAY, minutes="18", today=TODAY))


# Deadlines


def test_asked_again_with_another_day_the_running_tasks_are_moved(town, clerk):
    campaign = planned(town, clerk)
    first, second = date(2026, 12, 20), date(2026, 12, 28)
    ask_branches(by=clerk, campaign=campaign, due_on=first, today=TODAY)
    again = ask_branches(by=clerk, campaign=campaign, due_on=second, today=TODAY)
    assert (again.tasks, again.moved) == (0, 2)
    tasks = tasks_of(confirm_source(campaign), today=TODAY)
    assert {(task.event.due_on, task.state) for task in tasks} == {(second, TaskState.OPEN)}
    campaign.refresh_from_db()
    assert campaign.confirm_by == second
    assert ask_branches(by=clerk, campaign=campaign, due_on=second, today=TODAY).moved == 0
    yesterday = TODAY - timedelta(days=1)
    assert "已经过去" in refusal(lambda: ask_branches(by=clerk, campaign=campaign, due_on=yesterday, today=TODAY))


def test_the_page_says_that_days_were_moved_and_offers_nobody_to_remind_when_all_said_yes(town, clerk, sign_in):
    campaign, browser = planned(town, clerk), sign_in(clerk)
    ask_branches(by=clerk, campaign=campaign, due_on=date(2026, 12, 20), today=TODAY)
    url = f"/campaigns/{campaign.pk}/next/"

    def asked(due_on):
        data = {"act": "ask", "once": once_in(browser.get(url)), "due_on": due_on}
        return browser.post(url, data, follow=True).content.decode()

    assert "2 个支部在办的期限改了，12-28 前" in asked("2026-12-28")
    assert "请填确认期限。" in asked("")
    assert "确认期限的年份不对，请核对。" in asked("1026-12-28")
    Candidate.objects.filter(campaign=campaign).update(confirmed_on=TODAY)
    assert "提醒支部确认" not in browser.get(url).content.decode()
    Campaign.objects.update(stage="draft")
    assert "（0 人）" not in browser.get(url).content.decode()
    assert "（0 人）" not in browser.get(f"/campaigns/{campaign.pk}/").content.decode()


# Small things said and shown


def test_a_name_that_was_not_handed_over_has_nothing_to_take_back(town, clerk, sign_in):
    campaign, browser = decided(town, clerk), sign_in(clerk)
    url = f"/campaigns/{campaign.pk}/names/{of(campaign, town.li).pk}/undo/"
    shown = browser.get(url)
    assert (shown.status_code, shown.url.partition("?")[0]) == (302, f"/campaigns/{campaign.pk}/hand/")
    sent = browser.post(url, {"once": "a"}, follow=True).content.decode()
    assert "还没有登记发放，没有可撤回的" in sent
    assert "撤回李建国的发放登记" not in sent


def test_a_branch_reads_that_it_does_not_confirm_the_sums(town, clerk, sign_in):
    campaign = planned(town, clerk)
    said = sign_in(account(town.secretary)).get(f"/campaigns/{campaign.pk}/confirm/").content.decode()
    assert "金额由党委集体研究定" in said


def test_only_who_may_begin_one_reads_how_campaigns_begin(town, clerk, sign_in):
    words = "系统按期自己摸底"
    assert words in sign_in(clerk).get("/campaigns/").content.decode()
    assert words not in sign_in(account(town.li)).get("/campaigns/").content.decode()


def test_a_task_to_confirm_is_called_by_what_it_is(town, clerk, sign_in):
    campaign = planned(town, clerk)
    ask_branches(by=clerk, campaign=campaign, due_on=TODAY + timedelta(days=5), today=TODAY)
    task = next(each for each in tasks_of(confirm_source(campaign), today=TODAY) if each.about == town.branch)
    secretary = sign_in(account(town.secretary))
    body = secretary.get(f"/tasks/{task.event.pk}/").content.decode()
    assert "<h1>确认节日走访名单</h1>" in body
    for url in ("/", "/tasks/", f"/tasks/{task.event.pk}/"):
        shown = secretary.get(url).content.decode()
        assert "确认2027 年春节走访慰问名单" in shown
        assert "任务：确认2027" not in shown
        assert "河源第一党支部的帮扶任务" not in shown
