"""The pages of fifty years: the list, the forecast and its names, a step for many, single acts, paper, time line."""

from datetime import date

import pytest
import time_machine
from django.urls import reverse

from awards.fifty.listing import Award, draw_list, enter_award
from awards.models import Medal, Stage
from duties.engine.models import Duty
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from members.bonds import begin_category
from members.enums import CategoryKind, EventKind, Standing
from members.models import Account, Event
from tests.awards.test_fifty import TODAY, YEAR, listed, old, step, through
from tests.duties.acts import die, sweep_on
from tests.world import account

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk))


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


def body(browser, name, *args, status=200, **query) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == status
    return answer.content.decode()


def sent(page: str, **more) -> dict:
    """What the form of a page would send, as far as these tests need it: its key and the members it shows."""
    once = page.split('name="once" value="')[1].split('"', maxsplit=1)[0]
    seen = [part.split('"')[0] for part in page.split('name="seen" value="')[1:]]
    return {"once": once, "seen": seen, **more}


# To look at


def test_the_list_says_days_years_and_how_they_came_about(cast, clerk):
    listed(cast)
    page = body(clerk, "medals")
    for words in (
        "赵秀兰",
        "1970-06-18",
        "<b>57</b>",
        "当时无预备期",
        "待支部核查",
        "往年漏发，补入",
        "河源第一党支部",
    ):
        assert words in page
    assert "赵秀兰" not in body(clerk, "medals", organisation=cast.sibling.pk)
    assert "没有符合条件" in body(clerk, "medals", stage="approved")


def test_a_branch_sees_its_own_and_another_tree_nothing(cast, secretary, sign_in):
    medal = listed(cast)
    assert "赵秀兰" in body(secretary, "medals")
    stranger = sign_in(account(cast.outsider))
    assert "赵秀兰" not in body(stranger, "medals")
    for name in ("medal", "medal_end", "medal_back", "medal_withdraw"):
        body(stranger, name, medal.pk, status=404)
    body(stranger, "medals", status=404, organisation=cast.branch.pk)
    body(stranger, "fifty_names", status=404, organisation=cast.branch.pk)


def test_a_member_sees_the_medal_once_it_was_handed_over(cast, sign_in):
    medal = listed(cast)
    herself = sign_in(account(cast.zhao))
    body(herself, "medal", medal.pk, status=404)
    through(medal)
    step("hand", medal, words="")
    page = body(herself, "medal", medal.pk)
    assert "已颁发" in page
    assert "一贯表现良好" not in page
    assert "无不同意见" not in page


def test_the_forecast_leads_to_names(cast, clerk):
    old(cast, "陶文瑞", date(1977, 3, 20))
    old(cast, "段秀芝", date(1969, 4, 5))
    page = body(clerk, "fifty", organisation=cast.committee.pk)
    assert f"which={YEAR}&amp;organisation={cast.general.pk}" in page
    assert "下一个七一前要核实" in page
    assert "陶文瑞" in body(clerk, "fifty_names", which=YEAR)
    assert "赵秀兰" in body(clerk, "fifty_names", which="past")
    assert "入党时有无预备期说法不一" in body(clerk, "fifty_names", which="soon")
    assert {"陶文瑞", "赵秀兰"} <= {n for n in ("陶文瑞", "赵秀兰") if n in body(clerk, "fifty_names", which="list")}
    body(clerk, "fifty_names", which="2020", status=404)
    body(clerk, "fifty_names", which="甲", status=404)


def test_beside_the_list_stand_a_few_lines_of_the_forecast(cast, clerk):
    answer = clerk.get(reverse("fifty"), headers={"HX-Request": "true"})
    assert "已过 50 年还没颁发" in answer.content.decode()
    assert "<html" not in answer.content.decode()


@pytest.mark.parametrize("name", ["medals", "fifty_names"])
def test_a_list_takes_as_many_queries_for_many(cast, clerk, name, django_assert_max_num_queries):
    for number in range(30):
        old(cast, f"某{number}", date(1974, 3, 1 + number % 28))
    draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY)
    body(clerk, name)
    with django_assert_max_num_queries(40):
        body(clerk, name, which="past")


def test_pages_go_on(cast, clerk):
    for number in range(60):
        old(cast, f"某{number:02d}", date(1974, 3, 1 + number % 28))
    draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY)
    for name, query in (("medals", {}), ("fifty_names", {"which": "past"})):
        first = clerk.get(reverse(name), query).context
        second = clerk.get(reverse(name), {**query, "after": first["after"]}).context
        assert len(first["rows"]) == 50
        assert len(second["rows"]) == 11
        assert {row.pk for row in first["rows"]}.isdisjoint({row.pk for row in second["rows"]})


# The list and its questions


def test_one_button_lists_whoever_is_eligible_once(cast, clerk):
    page = body(clerk, "medals")
    given = {"once": sent(page)["once"], "organisation": cast.committee.pk}
    for _ in range(2):
        assert clerk.post(reverse("medals_draw", args=[YEAR]), given).status_code == 302
    assert Medal.objects.get().person == cast.zhao
    assert clerk.post(reverse("medals_draw", args=[2030]), {"organisation": cast.committee.pk}).status_code == 302
    assert "现在列的是 2027 年" in body(clerk, "medals")


def test_a_branch_draws_up_no_list(cast, secretary):
    given = {"organisation": cast.branch.pk}
    assert secretary.post(reverse("medals_draw", args=[YEAR]), given).status_code == 403
    assert secretary.post(reverse("fifty_ask"), given).status_code == 403
    assert not Medal.objects.exists()


def test_one_button_makes_duties_of_missing_days(cast, clerk, secretary):
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    old(cast, "邹祥云", date(1966, 1, 15))
    assert clerk.post(reverse("fifty_ask"), {"organisation": cast.committee.pk}).status_code == 302
    assert Duty.objects.get(event__kind=EventKind.DATA_QUESTION).due_on == date(2027, 5, 31)
    assert Event.objects.get().source == "fifty:2027"


def test_what_waits_stands_on_the_desk_and_leads_to_the_list(cast, secretary):
    adopt(by=None, organisation=cast.committee, policy=load_pack("working-rules"), since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    listed(cast)
    desk = secretary.get(reverse("duty_board")).content.decode()
    assert "核查光荣在党50年人选" in desk
    assert reverse("medals_year", args=[YEAR]) in desk


# A step


def test_a_branch_verifies_and_leaves_one_out_with_a_reason(cast, secretary):
    other = old(cast, "陶文瑞", date(1974, 3, 20))
    first = listed(cast)
    second = Medal.objects.get(person=other)
    url = reverse("medal_step", args=[YEAR, "verify"])
    page = body(secretary, "medal_step", YEAR, "verify")
    assert "一贯表现良好" in page
    given = sent(page, on="2026-11-23") | {
        f"take_{first.pk}": "on", f"opinion_{first.pk}": "一贯表现良好，带头参加活动", f"out_{second.pk}": "正在核查",
    }  # fmt: skip
    for _ in range(2):
        assert secretary.post(url, given).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.stage, first.opinion) == (Stage.VERIFIED, "一贯表现良好，带头参加活动")
    assert second.stage == Stage.DEFERRED
    assert [each.by for each in first.steps.filter(stage=Stage.VERIFIED)] == [cast.secretary]


def test_what_is_refused_comes_back_with_what_was_typed(cast, secretary):
    medal = listed(cast)
    page = body(secretary, "medal_step", YEAR, "verify")
    given = sent(page, on="2026-11-24") | {f"take_{medal.pk}": "on", f"opinion_{medal.pk}": "写了一句"}
    back = secretary.post(reverse("medal_step", args=[YEAR, "verify"]), given)
    assert back.status_code == 422
    assert "晚于今天" in back.content.decode()
    assert "写了一句" in back.content.decode()
    nobody = secretary.post(reverse("medal_step", args=[YEAR, "verify"]), sent(page, on="2026-11-23"))
    assert "还没有勾选人" in nobody.content.decode()
    assert Medal.objects.get().stage == Stage.LISTED


def test_a_list_that_changed_meanwhile_is_not_decided_unseen(cast, secretary):
    medal = listed(cast)
    page = body(secretary, "medal_step", YEAR, "verify")
    through(medal, "verify")
    given = sent(page, on="2026-11-23") | {f"take_{medal.pk}": "on"}
    back = secretary.post(reverse("medal_step", args=[YEAR, "verify"]), given)
    assert back.status_code == 422
    assert "名单刚才有变动" in back.content.decode()


def test_a_secretary_takes_no_step_of_the_committee_nor_about_herself(cast, secretary):
    cast.secretary.joined_on = cast.secretary.full_on = date(1970, 1, 1)
    cast.secretary.save()
    draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY)
    page = body(secretary, "medal_step", YEAR, "verify")
    assert "赵秀兰" in page
    assert "王海燕</b>" not in page
    through(Medal.objects.get(person=cast.zhao), "verify")
    assert "没有等这一步的人" in body(secretary, "medal_step", YEAR, "recommend")
    mine = Medal.objects.get(person=cast.secretary)
    body(secretary, "medal_end", mine.pk, status=403)
    body(secretary, "medal_back", mine.pk, status=403)


def test_the_whole_way_in_the_browser(cast, clerk, secretary, sign_in):
    medal = listed(cast)
    ways = [("verify", secretary), ("recommend", clerk), ("ask", clerk), ("review", clerk), ("approve", clerk)]
    said = {"words": "局纪委", "means": "home", "document": "云党〔2026〕9 号"}
    said |= {f"take_{medal.pk}": "on", f"opinion_{medal.pk}": "一贯表现良好", f"medal_number_{medal.pk}": "豫50-1"}
    for code, browser in ways:
        given = sent(body(browser, "medal_step", YEAR, code), on="2026-11-23", **said)
        assert browser.post(reverse("medal_step", args=[YEAR, code]), given).status_code == 302, code
    given = sent(body(secretary, "medal_step", YEAR, "hand"), on="2026-11-23", **said)
    early = secretary.post(reverse("medal_step", args=[YEAR, "hand"]), given)
    assert (early.status_code, "最早填 2027-01-01" in early.content.decode()) == (422, True)
    with time_machine.travel("2027-06-26 10:00+0800", tick=False):
        again = sign_in(Account.objects.get(person=cast.secretary))
        given = sent(body(again, "medal_step", YEAR, "hand"), on="2027-06-26", **said)
        assert again.post(reverse("medal_step", args=[YEAR, "hand"]), given).status_code == 302
    medal.refresh_from_db()
    assert (medal.stage, medal.means, medal.document, medal.medal_number) == (
        Stage.HANDED, "home", "云党〔2026〕9 号", "豫50-1",
    )  # fmt: skip
    page = body(clerk, "medal", medal.pk)
    assert "登记走访" in page
    assert page.count("局纪委") >= 2
    member = body(clerk, "member", cast.zhao.pk)
    assert "颁发纪念章，上门颁发，编号 豫50-1" in member


def test_a_running_punishment_is_a_flag_for_those_who_may_know(cast, clerk, sign_in):
    begin_category(
        person=cast.zhao, kind=CategoryKind.DISCIPLINED, grade="警告", since=date(2026, 5, 1), basis="决定", today=TODAY
    )
    medal = listed(cast)
    assert "处分影响期" in body(clerk, "medals")
    assert "处分影响期" in body(clerk, "medal", medal.pk)
    deputy = sign_in(account(cast.commissioner))
    assert "处分影响期" not in body(deputy, "medals")
    through(medal)
    assert Medal.objects.get().stage == Stage.APPROVED, "a person decides"


@pytest.mark.parametrize(("standing", "word"), [(Standing.SUSPENDED, "停止党籍"), (Standing.LOST, "失联党员")])
def test_an_interrupted_standing_is_a_flag(cast, clerk, standing, word):
    old(cast, "曹广义", date(1970, 1, 1), standing=standing)
    draw_list(by=None, organisation=cast.committee, year=YEAR, today=TODAY)
    rows = {row.person.name: row.flags for row in clerk.get(reverse("medals")).context["rows"]}
    assert rows["曹广义"] == [word]


def test_the_approver_is_asked_about_the_dead(cast, clerk):
    medal = through(listed(cast), "verify", "recommend", "ask", "review")
    die(cast.zhao, TODAY)
    page = body(clerk, "medal_step", YEAR, "approve")
    assert "去世，不再颁发" in page
    given = sent(page, on="2026-11-23") | {f"take_{medal.pk}": "on"}
    back = clerk.post(reverse("medal_step", args=[YEAR, "approve"]), given)
    assert back.status_code == 422
    assert "由亲属领取，还是不再颁发" in back.content.decode()
    clerk.post(reverse("medal_step", args=[YEAR, "approve"]), given | {f"dead_{medal.pk}": "died"})
    assert Medal.objects.get().stage == Stage.DIED


# Single acts


def test_one_whose_day_is_disputed_is_added_by_a_person(cast, clerk):
    someone = old(cast, "段秀芝", date(1969, 4, 5))
    assert "先选是哪位党员" in body(clerk, "medal_new")
    page = body(clerk, "medal_new", member=someone.pk)
    assert "待人工认定" in page
    given = sent(page, member=someone.pk)
    back = clerk.post(reverse("medal_new"), given)
    assert back.status_code == 422
    given |= {"since": "1969-04-05", "basis": "入党志愿书"}
    for _ in range(2):
        assert clerk.post(reverse("medal_new"), given).status_code == 302
    medal = Medal.objects.get()
    assert (medal.since, medal.basis) == (date(1969, 4, 5), "入党志愿书")
    assert "认定：入党志愿书" in body(clerk, "medals")


def test_a_probationary_member_is_refused_in_a_sentence(cast, clerk):
    someone = old(cast, "何静", date(1970, 4, 5), standing=Standing.PROBATIONARY)
    given = sent(body(clerk, "medal_new", member=someone.pk), member=someone.pk)
    back = clerk.post(reverse("medal_new"), given)
    assert back.status_code == 422
    assert "预备期不计党龄" in back.content.decode()


def test_a_past_award_is_entered_and_taken_back(cast, clerk):
    page = body(clerk, "award_new", member=cast.zhao.pk)
    given = sent(page, member=cast.zhao.pk, on="2021-06-28", medal_number="豫50-7", means="ceremony")
    assert clerk.post(reverse("award_new"), given | {"on": "2019-07-01"}).status_code == 422
    assert clerk.post(reverse("award_new"), given).status_code == 302
    medal = Medal.objects.get()
    assert (medal.stage, medal.year, medal.medal_number) == (Stage.HANDED, 2021, "豫50-7")
    page = body(clerk, "medal_withdraw", medal.pk)
    assert clerk.post(reverse("medal_withdraw", args=[medal.pk]), sent(page, reason="")).status_code == 422
    assert clerk.post(reverse("medal_withdraw", args=[medal.pk]), sent(page, reason="登错")).status_code == 302
    medal.refresh_from_db()
    assert medal.withdrawn_reason == "登错"
    assert "撤回：登错" in body(clerk, "medal", medal.pk)


def test_a_step_is_taken_back_and_an_ending_too(cast, clerk, secretary):
    medal = through(listed(cast), "verify")
    page = body(secretary, "medal_back", medal.pk)
    assert secretary.post(reverse("medal_back", args=[medal.pk]), sent(page, reason="再核")).status_code == 302
    medal.refresh_from_db()
    assert medal.stage == Stage.LISTED
    page = body(clerk, "medal_end", medal.pk)
    given = sent(page, stage="refused", on="2026-11-23", reason="受处分")
    assert clerk.post(reverse("medal_end", args=[medal.pk]), given).status_code == 302
    assert "受处分" in body(clerk, "medal", medal.pk)
    page = body(clerk, "medal_back", medal.pk)
    clerk.post(reverse("medal_back", args=[medal.pk]), sent(page, reason="复议"))
    medal.refresh_from_db()
    assert medal.stage == Stage.LISTED


# Paper


def test_the_roster_and_the_sheet_to_sign(cast, clerk):
    medal = through(listed(cast))
    roster = body(clerk, "medals_print", YEAR)
    for words in ("颁发名册", "基层党委审核", "健在", "一贯表现良好", "2026-11-23", "补发"):
        assert words in roster
    step("hand", medal, rows={medal.pk: {"medal_number": "豫50-9", "receiver": "赵明", "relation": "儿子"}})
    sheet = body(clerk, "medals_sheet", YEAR)
    assert "豫50-9" in sheet
    assert "赵明（儿子）" in sheet
    body(clerk, "medals_print", 1999, status=404)


def test_the_rail_leads_here(cast, secretary):
    enter_award(by=None, person=cast.zhao, award=Award(date(2021, 6, 28)), today=TODAY)
    assert f'href="{reverse("medals")}"' in body(secretary, "medals_year", 2021)


def test_who_is_under_a_sanction_is_weighed_and_not_passed_with_the_others(cast, secretary):
    listed(cast)
    page = body(secretary, "medal_step", YEAR, "verify")
    assert ("checked" in page, "一贯表现良好" in page) == (True, True)
    begin_category(
        person=cast.zhao, kind=CategoryKind.DISCIPLINED, grade="警告", since=date(2026, 5, 1), basis="决定", today=TODAY
    )
    page = body(secretary, "medal_step", YEAR, "verify")
    assert ("checked" in page, "一贯表现良好" in page) == (False, False)
