"""The pages of festival campaigns: what the department, a secretary and a visitor see and do. Today is 2026-11-23."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from base.models import AuditRow
from duties.engine.models import Action, Record
from duties.tasks import tasks_of
from members.enums import Role
from tests.duties.acts import die, once_in
from tests.visits.campaigns import TODAY, confirmed, drafted, handed, make_tasks_duties, of, planned
from tests.world import account, member, post
from visits.campaigns.alarms import hand_source
from visits.campaigns.handing import Handed, hand_over
from visits.campaigns.names import ask_branches, confirm_source, strike
from visits.campaigns.naming import BY_HAND
from visits.campaigns.running import decide, not_ready
from visits.campaigns.sums import apply_standards, assign
from visits.models import Campaign, Candidate, Visit

pytestmark = pytest.mark.django_db
HEADINGS = """
序号 姓名 身份证号 所在支部 慰问类别 金额（元） 发放方式 开户行 账号 领取人签名 代领人及关系 联系电话 日期
"""
HTMX = {"hx-request": "true"}


@pytest.fixture
def town(peopled):
    return peopled


@pytest.fixture
def working(town):
    """Tasks become duties, so that branches can be asked and visitors reminded."""
    make_tasks_duties(town)
    return town


@pytest.fixture
def by(town):
    return account(town.clerk)


@pytest.fixture
def clerk(by, sign_in):
    return sign_in(by)


@pytest.fixture
def secretary(town, sign_in):
    return sign_in(account(town.secretary))


def page(client, campaign, rest="", **query) -> str:
    answer = client.get(f"/campaigns/{campaign.pk}/{rest}", query)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def sent(client, campaign, rest, **data):
    """Send the form of a page with its own key; the answer is followed."""
    url = f"/campaigns/{campaign.pk}/{rest}"
    return client.post(url, {"once": once_in(client.get(url)), **data}, follow=True)


def said(answer) -> str:
    return answer.content.decode()


def plan_of(campaign, **more) -> dict:
    codes = ("honouree", "hardship", "tie-leader_contact", BY_HAND.code)
    standards = {f"standard_{code}": "800" for code in codes} | {f"source_{code}": "dues" for code in codes}
    return {"budget_dues": "5,000", **standards, **more}


# The list and the start


def test_a_campaign_is_started_by_hand_and_stands_in_the_list(town, clerk, secretary):
    assert "还没有节日走访" in said(clerk.get("/campaigns/"))
    assert secretary.get("/campaigns/new/").status_code == 403
    form = clerk.get("/campaigns/new/")
    data = {"once": once_in(form), "organisation": town.committee.pk, "occasion": "spring-2027"}
    refused = clerk.post("/campaigns/new/", data | {"occasion": "spring-2020"})
    assert refused.status_code == 422
    assert "请从列表里选节日" in said(refused)
    nobody = clerk.post("/campaigns/new/", data | {"occasion": "army-2027"})
    assert nobody.status_code == 422
    assert "没有哪一条写明八一走访哪些人" in said(nobody)
    started = clerk.post("/campaigns/new/", data, follow=True)
    assert "2027 年春节走访慰问已摸底，按制度提名 4 人" in said(started)
    campaign = Campaign.objects.get()
    assert started.redirect_chain == [(f"/campaigns/{campaign.pk}/", 302)]
    row = said(clerk.get("/campaigns/"))
    assert all(words in row for words in ("2027 年春节走访慰问", "还有 75 天", "摸底", ">4</td>"))
    assert ">3</td>" in said(secretary.get("/campaigns/")), "a branch counts its own names"


def test_who_sees_which_campaign(town, by, sign_in):
    campaign = drafted(town, by)
    outsider, li = sign_in(account(town.outsider)), sign_in(account(town.li))
    for client in (outsider, li):
        assert "2027" not in said(client.get("/campaigns/"))
        assert client.get(f"/campaigns/{campaign.pk}/").status_code == 404
    inspector = member("郑督查", town.direct)
    post(inspector, town.committee, Role.INSPECTOR)
    reader = sign_in(account(inspector))
    body = page(reader, campaign)
    assert "李建国" in body
    assert "请支部确认" not in body
    assert reader.post(f"/campaigns/{campaign.pk}/next/", {"act": "again"}).status_code == 403


# One campaign


def test_the_department_reads_who_why_how_much_and_what_is_missing(town, by, clerk):
    campaign = planned(town, by)
    assign(by=by, candidates=[of(campaign, town.sun)], visitor=town.sibling_secretary, today=TODAY)
    body = page(clerk, campaign)
    assert all(words in body for words in ("还有 75 天", "摸底", "2027-01-07 前", "请支部确认（4 人）"))
    assert body.count('class="btn btn-primary"') == 1
    names = re.findall(r'<tr id="name-\d+">.*?</tr>', body, re.S)
    told = dict(zip(("张伟", "李建国", "赵秀兰", "孙德福", "周启明"), [None] * 5, strict=True))
    for name in told:
        (told[name],) = [row for row in names if f"<b>{name}</b>" in row]
    assert all(
        words in told["赵秀兰"] for words in ("生活困难", "功勋荣誉", "1,200.00", "米、油", "待支部", "/clauses/")
    )
    assert "陈晓明" in told["孙德福"]
    assert "未认定" in told["周启明"]
    order = [names.index(told[each]) for each in ("孙德福", "周启明")]
    assert order == [3, 4], "in the order of the tree, then who is left out"
    assert 'aria-label="计划 2,800.00 元，预算 5,000.00 元"' in body
    assert body.index("河源第一党支部</a></td>") < body.index("河源第二党支部</a></td>")
    assert f'hx-get="/campaigns/{campaign.pk}/checks/"' in body


def test_the_list_is_narrowed_by_branch_reason_state_and_name(town, by, clerk):
    campaign = planned(town, by)

    def listed(**query) -> set[str]:
        rows = re.findall(r'<tr id="name-\d+">.*?</tr>', page(clerk, campaign, **query), re.S)
        return {re.search(r"<b>(.*?)</b>", row)[1] for row in rows}

    assert listed(organisation=town.sibling.pk) == {"孙德福"}
    assert listed(reason="honouree", state="unconfirmed") == {"赵秀兰"}
    assert listed(state="out") == {"周启明"}
    assert listed(state="confirmed") == set()
    assert listed(state="nobody", q="李建国") == {"李建国"}
    assert clerk.get(f"/campaigns/{campaign.pk}/?organisation={town.other.pk}").status_code == 404


def test_a_page_costs_the_same_however_many_names_and_goes_on_by_key(town, by, clerk):
    campaign = planned(town, by)
    page(clerk, campaign)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            page(clerk, campaign)
        return len(seen)

    few = queries()
    rule = Candidate.objects.get(person=town.li).reasons
    more = [member(f"党员{n}", town.sibling) for n in range(60)]
    Candidate.objects.bulk_create(
        Candidate(campaign=campaign, person=each, organisation=town.sibling, path=town.sibling.path, reasons=rule,
                  drafted=1, fen=80000, source="dues", visitor=town.secretary)
        for each in more
    )  # fmt: skip
    assert queries() == few
    body = page(clerk, campaign)
    after = re.search(r"after=([^\"]+)\"", body)[1]
    behind = page(clerk, campaign, after=after.replace("%7E", "~"))
    first, second = (set(re.findall(r'id="name-(\d+)"', each)) for each in (body, behind))
    assert (len(second), len(first & second)) == (14, 0)


def test_checks_come_by_themselves_and_each_count_opens_its_names(town, by, clerk, secretary):
    campaign = planned(town, by)
    fragment = said(clerk.get(f"/campaigns/{campaign.pk}/checks/", headers=HTMX))
    assert "<h1>" not in fragment
    assert all(words in fragment for words in ("不漏", "不重", "不错", '?only=visitor">4 人</a>没有走访人'))
    body = page(clerk, campaign, "checks/", only="visitor")
    assert all(words in body for words in ("4 人没有走访人", "李建国", "河源第二党支部"))
    assert secretary.get(f"/campaigns/{campaign.pk}/checks/").status_code == 404


# Sums


def test_standards_and_budget_are_set_and_what_is_too_much_is_refused_with_nothing_lost(town, by, clerk, secretary):
    campaign = drafted(town, by)
    refused = sent(clerk, campaign, "plan/", **plan_of(campaign, budget_dues="1000"))
    assert refused.status_code == 422
    assert "留存党费预算 1000.00 元，计划要用 3200.00 元" in said(refused)
    assert 'value="800"' in said(refused)
    odd = sent(clerk, campaign, "plan/", **plan_of(campaign, standard_hardship="八百", source_hardship="stolen"))
    assert all(words in said(odd) for words in ("金额请写成 1200", "请从列表里选来源"))
    nowhere = sent(clerk, campaign, "plan/", **plan_of(campaign, source_hardship=""))
    assert "请选这笔钱从哪里来" in said(nowhere)
    assert "预算和标准已保存" in said(sent(clerk, campaign, "plan/", **plan_of(campaign)))
    assert set(campaign.candidates.listed().values_list("fen", "source")) == {(80000, "dues")}
    assert secretary.get(f"/campaigns/{campaign.pk}/plan/").status_code == 403


def test_ticked_names_are_given_a_visitor_a_sum_or_struck_and_taken_back(town, by, clerk, secretary):
    campaign = planned(town, by)
    url, li, zhao = f"/campaigns/{campaign.pk}/names/", of(campaign, town.li), of(campaign, town.zhao)
    assert "还没有勾选人" in said(clerk.post(url, {"act": "visitor", "ask": "1"}, follow=True))
    assert clerk.post(url, {"act": "visitor", "ask": "1", "name": [987654]}).status_code == 404
    assert secretary.post(url, {"act": "visitor", "name": [li.pk]}).status_code == 403
    form = clerk.post(url, {"act": "visitor", "ask": "1", "name": [li.pk, zhao.pk], "back": "state=nobody&q=李"})
    assert all(words in said(form) for words in ("定走访人", "2 人", "王海燕（河源第一党支部书记）"))
    once = once_in(form)
    assert clerk.post(url, {"act": "visitor", "name": [li.pk], "once": "k", "visitor": 987654}).status_code == 422
    data = {
        "act": "visitor",
        "name": [li.pk, zhao.pk],
        "once": once,
        "visitor": town.secretary.pk,
        "back": "state=nobody",
    }
    done = clerk.post(url, data)
    assert done.headers["location"] == f"/campaigns/{campaign.pk}/?state=nobody"
    assert clerk.post(url, data, follow=True).status_code == 200
    assert set(campaign.candidates.filter(visitor=town.secretary)) == {li, zhao}
    unsaid = clerk.post(url, {"act": "sum", "name": [li.pk], "once": "s", "fen": "", "source": "", "gift": ""})
    assert "至少写一样" in said(unsaid)
    clerk.post(url, {"act": "sum", "name": [li.pk], "once": "t", "fen": "1000.50", "source": "dues", "gift": "棉被"})
    assert of(campaign, town.li).money == "1,000.50 元，留存党费"
    silent = clerk.post(url, {"act": "strike", "name": [li.pk], "once": "u", "reason": " "})
    assert (silent.status_code, "请写为什么" in said(silent)) == (422, True)
    clerk.post(url, {"act": "strike", "name": [li.pk], "once": "v", "reason": "本人婉谢"})
    assert "本人婉谢" in page(clerk, campaign, state="out")
    back = clerk.post(f"{url}{li.pk}/restore/", {"once": "w"}, follow=True)
    assert "李建国已列入" in said(back)
    again = clerk.post(f"{url}{of(campaign, town.general_secretary).pk}/restore/", {"once": "x"}, follow=True)
    assert "还没有组织认定" in said(again)


def test_somebody_is_added_with_a_reason_by_the_department_or_suggested_by_the_branch(town, by, clerk, secretary):
    campaign = planned(town, by)
    assert f'value="campaign:{campaign.pk}"' in page(clerk, campaign, "names/new/")
    hits = said(clerk.get(f"/members/search/?for=campaign:{campaign.pk}&q=马玉珍"))
    assert f"/campaigns/{campaign.pk}/names/new/?member={town.direct_secretary.pk}" in hits
    url = f"names/new/?member={town.direct_secretary.pk}"
    silent = sent(clerk, campaign, url, member=town.direct_secretary.pk, reason="")
    assert "请写为什么" in said(silent)
    done = sent(clerk, campaign, url, member=town.direct_secretary.pk, reason="家中遭灾")
    assert "马玉珍已加入名单" in said(done)
    assert all(words in page(clerk, campaign, q="马玉珍") for words in ("手工加入", "家中遭灾"))
    twice = clerk.post(f"/campaigns/{campaign.pk}/{url}", {"member": town.direct_secretary.pk, "reason": "再加"})
    assert "已经在名单里" in said(twice)
    assert secretary.get(f"/campaigns/{campaign.pk}/{url}").status_code == 404, "another branch's member"
    mine = member("钱文海", town.branch)
    assert "已加入名单" in said(
        sent(secretary, campaign, f"names/new/?member={mine.pk}", member=mine.pk, reason="大病初愈")
    )


# The branches


def seen(body) -> list[str]:
    """The names that a page of confirmation shows, by number."""
    return re.findall(r'name="seen" value="(\d+)"', body)


def test_a_secretary_confirms_all_from_the_desk_in_two_clicks_or_strikes_one(working, town, by, secretary):
    campaign = planned(town, by)
    ask_branches(by=by, campaign=campaign, due_on=TODAY + timedelta(days=5), today=TODAY)
    desk = said(secretary.get("/"))
    assert f'href="/campaigns/{campaign.pk}/confirm/">去确认</a>' in desk
    body = page(secretary, campaign, "confirm/")
    assert all(name in body for name in ("李建国", "赵秀兰", "张伟"))
    assert "孙德福" not in body
    li, zhao = of(campaign, town.li), of(campaign, town.zhao)
    data = {"organisation": town.branch.pk, f"strike_{li.pk}": "on", "seen": seen(body)}
    stale = sent(secretary, campaign, "confirm/", **data | {"seen": [li.pk]})
    assert "名单刚才变了：" in said(stale)
    assert not campaign.candidates.filter(confirmed_on__isnull=False).exists()
    refused = sent(secretary, campaign, "confirm/", **data)
    assert refused.status_code == 422
    assert "不列入李建国，请写为什么" in said(refused)
    assert re.search(rf'name="strike_{li.pk}"[^>]* checked', said(refused))
    foreign = secretary.post(f"/campaigns/{campaign.pk}/confirm/", {"organisation": town.sibling.pk})
    assert foreign.status_code == 404
    done = sent(secretary, campaign, "confirm/", **data, **{f"reason_{li.pk}": "本人婉谢"})
    assert "河源第一党支部已确认 2 人，1 人不列入" in said(done)
    assert (of(campaign, town.li).out, of(campaign, town.zhao).confirmed_by) == ("branch", town.secretary)
    assert zhao.pk in set(campaign.candidates.listed().values_list("pk", flat=True))
    assert "没有待你确认的人" in page(secretary, campaign, "confirm/")
    assert "去确认" not in said(secretary.get("/"))


def test_the_department_asks_reminds_and_enters_what_the_meeting_decided(working, town, by, clerk):
    campaign = planned(town, by)
    late = sent(clerk, campaign, "next/", act="ask", due_on="2027-02-20")
    assert "慰问金要在 2027-02-05 前发到手" in said(late)
    assert "已请 2 个支部确认，12-20 前" in said(sent(clerk, campaign, "next/", act="ask", due_on="2026-12-20"))
    assert "都已经请过" in said(sent(clerk, campaign, "next/", act="ask", due_on="2026-12-20"))
    body = page(clerk, campaign)
    assert re.search(r'<button class="btn btn-primary"[^>]*disabled[^>]*>登记集体研究', body)
    assert "孙德福还没有支部确认" in body
    assert "提醒支部确认（4 人）" in body
    early = sent(clerk, campaign, "next/", act="decide", on="2026-11-23", minutes="18")
    assert "还没有支部确认" in said(early)
    for branch in (town.branch, town.sibling):
        shown = seen(page(clerk, campaign, f"confirm/?organisation={branch.pk}"))
        sent(clerk, campaign, f"confirm/?organisation={branch.pk}", organisation=branch.pk, seen=shown)
    silent = sent(clerk, campaign, "next/", act="decide", on="2026-11-24", minutes="")
    assert all(words in said(silent) for words in ("晚于今天", "请写会议纪要编号"))
    assert 'value="2026-11-24"' in said(silent)
    done = sent(clerk, campaign, "next/", act="decide", on="2026-11-23", minutes="党委会〔2026〕18号")
    assert "集体研究已登记" in said(done)
    assert "打印签领表" in said(done)
    assert "名单已经定了" in page(clerk, campaign, "next/")


# On the day


@pytest.fixture
def day_of_visit(working, town, by):
    campaign = confirmed(town, by)
    assign(by=by, candidates=campaign.candidates.listed().filter(organisation=town.branch), visitor=town.secretary,
           today=TODAY)  # fmt: skip
    return decide(by=by, campaign=campaign, on=TODAY, minutes="党委会〔2026〕18号", today=TODAY)


def tick(client, campaign, row, *, headers=None, once="key", **more):
    data = {"once": once, "candidate": row.pk, "whose": "mine", "receiver": "self", **more}
    return client.post(f"/campaigns/{campaign.pk}/hand/", data, headers=headers or {}, follow=not headers)


def test_one_press_hands_over_once_and_can_be_taken_back(town, day_of_visit, secretary):
    campaign, li = day_of_visit, of(day_of_visit, town.li)
    body = page(secretary, campaign, "hand/")
    assert body.count('value="self"') == 3
    assert "去发放" in page(secretary, campaign)
    done = tick(secretary, campaign, li)
    assert "李建国：已登记发放，本人" in said(done)
    tick(secretary, campaign, li)
    assert Visit.objects.get().money_words == "800.00 元，留存党费"
    undo = secretary.post(f"/campaigns/{campaign.pk}/names/{li.pk}/undo/", {"once": "u", "whose": "mine"}, follow=True)
    assert "发放登记已撤回" in said(undo)
    assert Record.objects.get(action=Action.VISIT).withdrawn_on == TODAY
    line = said(tick(secretary, campaign, li, headers=HTMX, once="k2"))
    assert "<h1>" not in line
    assert "已发放 11-23" in line
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        late = secretary.post(f"/campaigns/{campaign.pk}/names/{li.pk}/undo/", {"once": "v"})
        assert (late.status_code, "登记已过十分钟" in said(late)) == (422, True)


def test_a_substitute_needs_a_name_and_what_is_refused_stays_on_the_page(town, day_of_visit, secretary):
    campaign, li = day_of_visit, of(day_of_visit, town.li)
    refused = tick(secretary, campaign, li, receiver="substitute", relation="长子", on="2026-11-24")
    assert refused.status_code == 422
    assert "请写代领人姓名" in said(refused)
    assert 'value="长子"' in said(refused)
    fragment = tick(secretary, campaign, li, receiver="substitute", headers=HTMX, once="f")
    assert (fragment.status_code, "请写代领人与本人的关系" in said(fragment)) == (422, True)
    assert not Visit.objects.exists()
    done = tick(secretary, campaign, li, receiver="substitute", substitute="李强", relation="长子", means="transfer")
    assert "李强（长子）代领" in said(done)
    assert secretary.post(f"/campaigns/{campaign.pk}/hand/", {"candidate": 987654}).status_code == 404


def test_whoever_died_yesterday_is_not_ticked_off(town, day_of_visit, secretary):
    campaign, li = day_of_visit, of(day_of_visit, town.li)
    die(town.li, date(2026, 11, 22))
    body = page(secretary, campaign, "hand/")
    assert "李建国已于 11-22 去世" in body
    assert f"/condolences/new/?member={town.li.pk}" in body
    refused = tick(secretary, campaign, li)
    assert refused.status_code == 422
    assert "李建国已于 2026-11-22 去世，不能再按走访本人发放" in said(refused)
    assert not Visit.objects.exists()


def test_a_visitor_without_any_page_of_his_own_sees_and_ticks_his_names_alone(town, by, day_of_visit, sign_in):
    campaign = day_of_visit
    assign(by=by, candidates=[of(campaign, town.sun)], visitor=town.general_secretary, today=TODAY)
    visitor = sign_in(account(town.sun))
    assert visitor.get(f"/campaigns/{campaign.pk}/hand/").status_code == 404
    assign(by=by, candidates=[of(campaign, town.li)], visitor=town.sun, today=TODAY)
    body = page(visitor, campaign, "hand/")
    assert "李建国" in body
    assert "赵秀兰" not in body
    assert "/members/" not in page(visitor, campaign)
    assert "已登记发放" in said(tick(visitor, campaign, of(campaign, town.li)))
    assert visitor.post(f"/campaigns/{campaign.pk}/hand/", {"candidate": of(campaign, town.zhao).pk}).status_code == 404


# Paper and the end


def test_the_sheets_print_masked_numbers_and_the_sum_in_capitals(town, by, day_of_visit, clerk, secretary):
    campaign = day_of_visit
    town.li.id_number, town.li.phone = "41010219700501123X", "13900001234"
    town.li.save()
    handed(campaign, town.li, by, receiver="substitute", substitute="李强", relation="长子")
    sheet = page(clerk, campaign, "sheet/")
    for heading in HEADINGS.split():
        assert f">{heading}</th>" in sheet
    assert all(
        words in sheet for words in ("410***********123X", "李强（长子）", "贰仟捌佰元整", "2,800.00 元", "制表：")
    )
    assert "41010219700501123X" not in sheet
    assert "13900001234" not in sheet
    mine = page(secretary, campaign, "sheet/")
    assert "孙德福" not in mine
    rota = page(clerk, campaign, "rota/")
    assert rota.count("<article") == 2
    assert rota.index("王海燕") < rota.index("张伟")
    assert page(clerk, campaign, "sheet/", organisation=town.sibling.pk).count("<tr><td>") == 1


def test_it_is_closed_when_all_is_handed_over_or_returned(town, by, day_of_visit, clerk, secretary):
    campaign = day_of_visit
    body = page(clerk, campaign, "summary/")
    assert re.search(r'type="submit" disabled>收尾', body)
    early = clerk.post(f"/campaigns/{campaign.pk}/summary/", {"act": "close", "once": "c", "summary": "走访中了解到"})
    assert early.status_code == 422
    assert "还有 4 人没有发到" in said(early)
    assert "走访中了解到</textarea>" in said(early)
    for person in (town.li, town.zhao, town.sun):
        handed(campaign, person, by)
    url = f"/campaigns/{campaign.pk}/names/"
    back = {"act": "return", "name": [of(campaign, town.commissioner).pk], "once": "r", "reason": "外出学习"}
    assert "1 人的已登记退回" in said(clerk.post(url, back, follow=True))
    assert page(clerk, campaign).count(">收尾</a>") == 1
    done = clerk.post(
        f"/campaigns/{campaign.pk}/summary/", {"act": "close", "once": "d", "summary": "都送到了"}, follow=True
    )
    assert all(words in said(done) for words in ("已收尾", "发到 3 人", "外出学习", "都送到了", "/ledgers/campaigns/"))
    assert AuditRow.objects.filter(subject=f"campaign:{campaign.pk}", act="read").exists()
    assert "已收尾" in page(clerk, campaign)
    assert secretary.get(f"/campaigns/{campaign.pk}/summary/").status_code == 404


def test_what_was_handed_over_is_taken_back_as_a_tick_and_never_once_closed(day_of_visit, town, secretary):
    row = of(day_of_visit, town.li)
    hand_over(by=None, candidate=row, handed=Handed(TODAY), today=TODAY)
    visit = of(day_of_visit, town.li).visit
    undo = f"/campaigns/{day_of_visit.pk}/names/{row.pk}/undo/"
    for method in (secretary.get, secretary.post):
        assert method(f"/visits/{visit.pk}/withdraw/").headers["Location"] == undo
    assert of(day_of_visit, town.li).is_handed


def test_a_branch_does_not_undo_what_the_committee_struck(working, town, by, secretary):
    campaign = planned(town, by)
    strike(by=by, candidate=of(campaign, town.li), reason="党委研究不列入", today=TODAY)
    said_no = sent(secretary, campaign, f"names/new/?member={town.li.pk}", member=town.li.pk, reason="还是列上")
    assert "定为不列入" in said(said_no)
    assert of(campaign, town.li).out == "struck"


def test_a_standard_that_is_cleared_pays_nobody(working, town, by):
    campaign = planned(town, by)
    assert campaign.candidates.filter(fen__isnull=False, own_sum=False).exists()
    campaign.standards = {}
    apply_standards(campaign, [])
    assert not campaign.candidates.filter(fen__isnull=False, own_sum=False).exists()


def test_another_visitor_after_the_decision_has_the_task_and_the_first_has_none(day_of_visit, town, by):
    other = member("接手", town.branch)
    mine = day_of_visit.candidates.listed().filter(visitor=town.secretary)
    assign(by=by, candidates=mine, visitor=other, today=TODAY)
    running = {task.event.addressee for task in tasks_of(hand_source(day_of_visit), today=TODAY) if task.running}
    assert other in running
    assert town.secretary not in running


def test_when_no_name_of_a_branch_is_left_its_task_goes(working, town, by):
    campaign = planned(town, by)
    ask_branches(by=by, campaign=campaign, due_on=TODAY + timedelta(days=5), today=TODAY)

    def places() -> set:
        return {task.event.organisation for task in tasks_of(confirm_source(campaign), today=TODAY) if task.running}

    assert places() == {town.branch, town.sibling}
    for row in campaign.candidates.listed().filter(organisation=town.sibling):
        strike(by=by, candidate=row, reason="并到别处", today=TODAY)
    assert places() == {town.branch}


def test_the_dead_are_seen_before_the_meeting(working, town, by):
    campaign = confirmed(town, by)
    die(town.li, TODAY)
    assert any("李建国" in words and "去世" in words for words in not_ready(campaign, TODAY))
