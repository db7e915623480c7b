"""Yearly plans of care: begun from policies or last year's, approved, followed, copied. Today is 2026-11-23."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.models import CarePlan
from awards.planning import (
    Item,
    approve_plan,
    change_plan,
    draw_up,
    drop_plan,
    of_last_year,
    progress_of,
    progress_of_all,
    proposed,
    reopen_plan,
)
from duties.deeds import record_deed
from duties.engine.models import Action, Duty
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.enums import Role
from tests.duties.acts import once_in, sweep_on, talk
from tests.world import account, person, post

TODAY = date(2026, 11, 23)
LIST, NEW = "/care-plans/", "/care-plans/new/"
ITEMS = [
    Item("走访困难党员", "visit", "困难党员", 4, date(2026, 12, 31), "书记"),
    Item("学习文件", who="组织委员"),
    Item("同每名党员谈一次", "talk"),
]
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """The cast under a policy that asks every organisation for a plan."""
    policy = load_pack("sichuan-arts-science-2020")
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


def drawn(cast, items=ITEMS, year=2026, organisation=None):
    return draw_up(by=None, organisation=organisation or cast.branch, year=year, items=items, today=TODAY)


def approved(cast, plan, on=date(2026, 11, 20)):
    return approve_plan(by=None, plan=plan, on=on, people=[cast.secretary], meeting="支委会", today=TODAY)


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict if hasattr(no.value, "error_dict") else {"": no.value.messages}


def owed(world):
    return Duty.objects.get(rule__code="yearly-plan", organisation=world.branch, period="2026")


def test_policies_propose_one_item_for_each_action(world):
    items = proposed(world.branch, 2026)
    actions = [item.action for item in items]
    assert len(set(actions)) == len(actions)
    plan = next(item for item in items if item.action == Action.PLAN)
    assert (plan.what, plan.times, plan.due_on, plan.who) == ("列入年度党建工作计划", 1, date(2026, 12, 31), "书记")
    assert proposed(world.other_branch, 2026) == []
    assert Action.ASSESSMENT not in actions
    assert Action.ASSESSMENT in {item.action for item in proposed(world.committee, 2026)}
    assert all(item.what.count("、") < 3 for item in items)


def test_a_plan_is_of_its_year_and_of_an_organisation_that_was_there(world):
    said = refusal(lambda: drawn(world, items=[Item("学习"), Item("走访", "visit", due_on=date(2027, 1, 5))]))
    assert said["items"] == ["第 2 项“走访”的日期 2027-01-05 不在 2026 年，请改成当年的日子。"]
    world.branch.founded_on = date(2026, 11, 10)
    world.branch.save()
    assert "2026-11-10 才成立，没有 2025 年的计划" in refusal(lambda: drawn(world, year=2025))["year"][0]
    plan = drawn(world)
    assert "早于河源第一党支部成立" in refusal(lambda: approved(world, plan, on=date(2026, 11, 9)))["on"][0]
    assert approved(world, plan)


def test_approving_closes_the_duty_and_giving_back_opens_it(world):
    plan = drawn(world)
    assert owed(world).state == "open"
    approved(world, plan)
    assert owed(world).state == "done"
    reopen_plan(by=None, plan=plan, reason="漏了一项", today=TODAY)
    assert owed(world).state == "open"
    assert approved(world, plan, on=date(2026, 11, 21)).approved_on == date(2026, 11, 21)


def test_what_was_done_is_counted_of_the_year_and_below(world):
    plan = drawn(world, organisation=world.general)
    for member, leader in ((world.li, world.secretary), (world.sun, world.sibling_secretary)):
        talk(member, leader, on=date(2026, 11, 3))
    talk(world.li, world.secretary, on=date(2025, 11, 3))
    visits, study, talks = progress_of(plan)
    assert (visits.done, visits.left, study.done, talks.done, talks.left) == (0, 4, None, 2, 0)
    open_talks = Duty.objects.open().filter(rule__action="talk", path__startswith=world.general.path)
    assert talks.owed == open_talks.filter(due_on__year=2026).count() > 0
    assert f"organisation={world.general.pk}" in talks.url


def test_many_plans_cost_as_many_queries_as_one(world):
    plans = [drawn(world), drawn(world, organisation=world.sibling), drawn(world, organisation=world.general)]
    talk(world.li, world.secretary, on=date(2026, 11, 3))
    with CaptureQueriesContext(connection) as queries:
        found = progress_of_all(plans)
    assert len(queries) == 3
    assert [found[plan.pk][2].done for plan in plans] == [1, 0, 1]
    assert found[plans[0].pk] == progress_of(plans[0])


def test_next_year_copies_last_years(world):
    plan = drawn(world, [Item("闰日的事", "visit", due_on=date(2026, 2, 28)), *ITEMS])
    first, visit, *_ = of_last_year(world.branch, 2027)
    assert (first.due_on, visit.due_on, visit.who) == (date(2027, 2, 28), date(2027, 12, 31), "书记")
    plan.items.filter(position=1).update(due_on=date(2024, 2, 29))
    assert of_last_year(world.branch, 2027)[0].due_on == date(2027, 2, 28)
    assert of_last_year(world.sibling, 2027) == []


def test_what_cannot_be_gets_a_sentence(world):
    plan = drawn(world)
    assert "已经有了" in refusal(lambda: drawn(world))["year"][0]
    assert "年度要在" in refusal(lambda: drawn(world, year=2029))["year"][0]
    assert "刚被别人改过" in refusal(lambda: change_plan(by=None, plan=plan, items=ITEMS, version=9))[""][0]
    assert "最多 40 项" in refusal(lambda: change_plan(by=None, plan=plan, items=ITEMS * 14, version=1))[""][0]
    assert "晚于今天" in refusal(lambda: approved(world, plan, on=date(2026, 11, 24)))["on"][0]
    assert "上一年或当年" in refusal(lambda: approved(world, plan, on=date(2024, 11, 24)))["on"][0]
    empty = drawn(world, [], organisation=world.sibling)
    assert "还没有事项" in refusal(lambda: approved(world, empty))[""][0]
    approved(world, plan)
    assert "退回草稿" in refusal(lambda: change_plan(by=None, plan=plan, items=ITEMS, version=1))[""][0]
    assert "退回草稿" in refusal(lambda: drop_plan(by=None, plan=plan))[""][0]
    assert "请写为什么要改" in refusal(lambda: reopen_plan(by=None, plan=plan, reason="", today=TODAY))["reason"][0]
    drop_plan(by=None, plan=empty)
    assert CarePlan.objects.count() == 1


def test_a_secretary_draws_up_changes_approves_and_prints(world, sign_in):
    browser = sign_in(account(world.secretary))
    page = browser.get(NEW)
    sent = {"once": once_in(page), "organisation": world.branch.pk, "year": "2026", "begin": "policy"}
    edit = browser.post(NEW, sent)
    plan = CarePlan.objects.get()
    assert edit.url == browser.post(NEW, sent).url == reverse("care_plan_edit", args=[plan.pk])
    form = browser.get(edit.url)
    assert "列入年度党建工作计划" in form.text
    rows = {
        "once": once_in(form), "version": "1", "items-rows": "2", "items-0-what": "走访困难党员",
        "items-0-action": "visit",
        "items-0-times": "4", "items-0-due_on": "2026-12-31", "items-0-who": "书记", "items-1-what": "学文件",
    }  # fmt: skip
    refused = browser.post(edit.url, rows | {"items-0-times": "很多", "items-1-what": "", "items-1-who": "金丝雀"})
    assert refused.status_code == 422
    assert "几次请填" in refused.text
    assert "金丝雀" in refused.text
    shown = browser.post(edit.url, rows, follow=True)
    assert "还差 4 次" in shown.text
    approve = {"act": "approve", "on": "2026-11-20", "people": [world.secretary.pk], "meeting": "支委会"}
    address = reverse("care_plan", args=[plan.pk])
    assert browser.post(address, approve | {"people": []}).status_code == 422
    said = browser.post(address, approve | {"once": once_in(shown)}, follow=True).text
    assert "计划已批准，办结 1 件应办" in said
    assert "2026-11-20 批准，支委会" in said
    assert "走访困难党员" in browser.get(reverse("care_plan_print", args=[plan.pk])).text
    assert "河源第一党支部" in browser.get(LIST, {"year": "2026"}).text
    assert "还没有计划" in browser.get(LIST, {"year": "2025"}).text
    assert browser.get(edit.url).url == address
    assert browser.post(address, {"act": "reopen", "reason": "漏了"}).url == edit.url
    assert browser.post(address, {"act": "drop", "once": "x"}).url == LIST
    assert not CarePlan.objects.exists()


def test_out_of_scope_does_not_exist_and_who_only_looks_changes_nothing(world, sign_in):
    plan = drawn(world)
    pages = [reverse(name, args=[plan.pk]) for name in ("care_plan", "care_plan_edit", "care_plan_print")]
    sibling = sign_in(account(world.sibling_secretary))
    assert [sibling.get(page).status_code for page in pages] == [404] * 3
    assert sibling.get(NEW, {"organisation": world.branch.pk}).status_code == 404
    assert "河源第一" not in sibling.get(LIST).text
    inspector = person("督查员")
    post(inspector, world.committee, Role.INSPECTOR)
    looks = sign_in(account(inspector))
    assert [looks.get(page).status_code for page in pages] == [200, 403, 200]
    looks.post(pages[0], {"act": "drop"})
    assert CarePlan.objects.filter(pk=plan.pk).exists()
    assert looks.get(NEW).status_code == 403
    assert "删去草稿" not in looks.get(pages[0]).text


def test_the_record_of_the_plan_is_a_deed_like_any_other(world):
    plan = approved(world, drawn(world))
    assert (plan.record.action, plan.record.organisation, plan.record.deed.paper) == ("plan", world.branch, "支委会")
    with pytest.raises(ValidationError):
        record_deed(
            by=None, action="plan", organisation=world.branch, on=date(2026, 11, 20), people=[world.secretary],
            note=plan.record.deed.note, today=TODAY,
        )  # fmt: skip


def test_the_deed_of_a_plan_is_taken_back_with_it(world, sign_in):
    plan = approved(world, drawn(world))
    asked = sign_in(account(world.secretary)).get(reverse("deed_withdraw", args=[plan.record.deed.pk]))
    assert asked["Location"] == f"/care-plans/{plan.pk}/"
