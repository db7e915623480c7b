"""Adopting and ending policies on pages: what would follow is shown first, nobody decides outside their own.

Today is 2026-11-23, a Monday.
"""

from datetime import date

import pytest
from django.urls import NoReverseMatch, reverse

from base.audit import Act
from base.dates import FAR
from base.jobs import run_waiting
from base.models import AuditRow, Job
from duties.engine.models import Duty, State
from duties.policy import deciding
from duties.policy.adoption import adopt, end_adoption
from duties.policy.models import Adoption, Policy, Reach
from members.enums import Role
from tests.duties.acts import PACK, once_in, sweep_on
from tests.duties.pack import load_rules
from tests.duties.reading import body, plain
from tests.world import account, member, post

OWN = Adoption.objects.exclude(policy__code="working-rules")
"""Beside what the product adopts of itself."""

TODAY = date(2026, 11, 23)


@pytest.fixture
def people(cast):
    cast.deputy = member("何静", cast.branch)
    post(cast.deputy, cast.branch, Role.DEPUTY_SECRETARY)
    return cast


@pytest.fixture
def policy(db) -> Policy:
    return load_rules(["talk-yearly", "report-half"], "p0")


@pytest.fixture
def clerk(people, sign_in):
    return sign_in(account(people.clerk, "lin"))


@pytest.fixture
def secretary(people, sign_in):
    return sign_in(account(people.secretary, "wang"))


def seen_in(response) -> str:
    return response.context["seen"]


def look(browser, url, **given):
    page = browser.post(url, {**given, "once": once_in(browser.get(url)), "look": "1"})
    assert page.status_code == 200, plain(body(page))
    return page


def adopt_on_page(browser, policy, organisation, since="2026-01-01"):
    """Look, then adopt; what the browser sent."""
    url, given = reverse("policy_adopt", args=[policy.pk]), {"organisation": organisation.pk, "since": since}
    page = look(browser, url, **given)
    sent = {**given, "once": once_in(page), "seen": seen_in(page)}
    return browser.post(url, sent), sent


def test_the_page_says_what_would_open_where_and_by_when_before_anything_is_saved(people, policy, clerk):
    url = reverse("policy_adopt", args=[policy.pk])
    page = look(clerk, url, organisation=people.committee.pk, since="2026-01-01")
    shown = plain(body(page))
    assert "19 件 列出应办" in shown
    assert "采用，列出 19 件" in shown
    for words in ("talk-yearly", "report-half", "河源局党总支", "机关党支部", "2026 年 12 月", "还没有保存"):
        assert words in shown, words
    assert "外单位" not in shown
    assert not Adoption.objects.exists()
    assert not Reach.objects.exists()
    assert not Duty.objects.exists()
    people.committee.refresh_from_db()
    assert people.committee.start_day == FAR
    assert "2026-01-01 就是它的启用日" in shown


def test_what_was_shown_is_what_the_job_after_adopting_lists(people, policy, clerk):
    response, _ = adopt_on_page(clerk, policy, people.committee)
    adoption = OWN.get()
    assert (adoption.organisation, adoption.since, adoption.entered_on) == (people.committee, date(2026, 1, 1), TODAY)
    job = Job.objects.get()
    assert response.url == reverse("job", args=[job.pk])
    assert not Duty.objects.exists()
    run_waiting()
    assert Duty.objects.filter(state=State.OPEN).count() == 19
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    assert job.where == page_of(policy)
    assert AuditRow.objects.filter(act=Act.ADOPT).count() == 2, "the policy, and the product's own working rules"


def page_of(policy) -> str:
    try:
        return reverse("policy", args=[policy.pk])
    except NoReverseMatch:
        return reverse("desk")


def test_nothing_is_adopted_that_was_not_looked_at(people, policy, clerk):
    url = reverse("policy_adopt", args=[policy.pk])
    given = {"organisation": people.committee.pk, "since": "2026-01-01"}
    page = look(clerk, url, **given)
    for changed in ({"since": "2026-06-01"}, {"organisation": people.direct.pk}, {"seen": ""}):
        sent = {**given, "once": once_in(page), "seen": seen_in(page), **changed}
        again = clerk.post(url, sent)
        assert "和刚才看的不一样了" in body(again)
        assert not Adoption.objects.exists()
        assert seen_in(again) != sent["seen"]


def test_a_double_click_adopts_once(people, policy, clerk):
    first, sent = adopt_on_page(clerk, policy, people.committee)
    second = clerk.post(reverse("policy_adopt", args=[policy.pk]), sent)
    assert second.url == first.url
    assert OWN.count() == Job.objects.count() == 1


def test_the_same_policy_twice_is_refused_with_a_sentence_and_another_one_is_not(people, policy, clerk):
    adopt_on_page(clerk, policy, people.committee)
    url = reverse("policy_adopt", args=[policy.pk])
    for extra in ({"look": "1"}, {}):
        page = clerk.post(url, {"organisation": people.committee.pk, "since": "2026-03-01", **extra})
        assert page.status_code == 422
        assert "已于 2026-01-01 采用《p0》，没有重复采用" in body(page)
        assert 'value="2026-03-01"' in body(page)
    other = load_rules(["talk-monthly-may"], "p1")
    adopt_on_page(clerk, other, people.committee)
    below = look(clerk, url, organisation=people.branch.pk, since="2026-11-23")
    assert "上级云河水文局党委已自 2026-01-01 起采用" in body(below)
    assert "启用日" not in body(below), "the branch started with the committee"
    assert OWN.count() == 2


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2024-12-31", "最早填 2025-01-01"), ("2027-11-25", "最晚填一年以后"), ("", "请填从哪天起"),
        ("11 月 3 日", "请填从哪天起"),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_is_refused_at_its_field(people, policy, clerk, since, said):
    url = reverse("policy_adopt", args=[policy.pk])
    page = clerk.post(url, {"organisation": people.direct.pk, "since": since, "look": "1"})
    assert page.status_code == 422
    assert said in body(page)
    assert f'<option value="{people.direct.pk}" selected' in body(page)


def test_of_a_past_day_the_page_says_what_that_means(people, policy, clerk):
    url = reverse("policy_adopt", args=[policy.pk])
    shown = plain(body(look(clerk, url, organisation=people.committee.pk, since="2026-01-01")))
    assert "到今天已经过期的会马上显示逾期" in shown
    assert "4 件 其中已过期" in shown
    today = plain(body(look(clerk, url, organisation=people.committee.pk, since="2026-11-23")))
    assert "到今天已经过期的会马上显示逾期" not in today
    adopt_on_page(clerk, policy, people.committee, "2026-11-23")
    other = load_rules(["talk-monthly-may"], "p1")
    page = look(clerk, reverse("policy_adopt", args=[other.pk]), organisation=people.committee.pk, since="2026-01-01")
    assert "启用日是 2026-11-23，这天以前到期的事不列出来" in plain(body(page))


def test_what_a_nearer_rule_takes_is_told_with_whose_it_is(people, clerk):
    farther = load_rules(["talk-yearly"], "p0")
    adopt(by=None, organisation=people.committee, policy=farther, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    nearer = load_rules(["talk-twice"], "p1")
    page = look(clerk, reverse("policy_adopt", args=[nearer.pk]), organisation=people.branch.pk, since="2026-01-01")
    rows = {row.label: row for row in page.context["outlook"].rules}
    assert rows["talk-yearly"].numbers["voids"] == rows["talk-twice"].numbers["opens"] == 5
    assert rows["talk-yearly"].note == "p0"


def test_with_the_first_policy_come_the_working_rules_and_only_with_the_first(people, policy, clerk, monkeypatch):
    """Their pack is stood for by one that exists."""
    monkeypatch.setattr(deciding, "WORKING_RULES", PACK)
    page = look(clerk, reverse("policy_adopt", args=[policy.pk]), organisation=people.committee.pk, since="2026-11-23")
    assert "《产品自带的办理时限》这里还没有采用，一并采用" in body(page)
    assert not Policy.objects.filter(code=PACK).exists()
    adopt_on_page(clerk, policy, people.committee, "2026-11-23")
    assert set(Adoption.objects.values_list("policy__code", "organisation", "since")) == {
        (code, people.committee.pk, TODAY) for code in ("p0", PACK)
    }
    Adoption.objects.filter(policy__code=PACK).update(until=date(2026, 11, 24))
    adopt_on_page(clerk, load_rules(["talk-monthly-may"], "p1"), people.direct, "2026-11-23")
    assert Adoption.objects.count() == 3


def test_a_branch_that_adopts_is_led_to_the_talks_it_held_before(people, policy, secretary):
    adopt_on_page(secretary, policy, people.branch)
    run_waiting()
    assert Job.objects.get().where == reverse("already_done", args=[OWN.get().pk])


def test_only_ones_own_organisations_are_offered_and_no_other_is_taken(people, policy, secretary):
    url = reverse("policy_adopt", args=[policy.pk])
    page = body(secretary.get(url))
    assert people.branch.label in page
    for other in (people.sibling, people.committee, people.other):
        assert f'<option value="{other.pk}"' not in page
        refused = secretary.post(url, {"organisation": other.pk, "since": "2026-11-23", "look": "1"})
        assert refused.status_code == 422
        assert "请从列表里选采用制度的党组织" in body(refused)


def test_who_may_not_decide_is_told_so(people, policy, sign_in):
    adoption = adopt(by=None, organisation=people.branch, policy=policy, since=date(2026, 1, 1), today=TODAY)
    for url in (reverse("policy_adopt", args=[policy.pk]), reverse("adoption_end", args=[adoption.pk])):
        for method in ("get", "post"):
            response = getattr(sign_in(people.deputy.account), method)(url)
            assert response.status_code == 403
            assert "由" in body(response)
            assert "书记和组织部办理" in body(response)


@pytest.fixture(autouse=True)
def accounts(people):
    account(people.deputy, "he")


def test_an_adoption_elsewhere_and_one_that_is_not_there_are_not_found(people, policy, secretary):
    adoption = adopt(by=None, organisation=people.sibling, policy=policy, since=date(2026, 1, 1), today=TODAY)
    for pk in (adoption.pk, 999_999):
        assert secretary.get(reverse("adoption_end", args=[pk])).status_code == 404
        assert secretary.post(reverse("adoption_end", args=[pk]), {"until": "2026-11-23"}).status_code == 404
    assert secretary.get(reverse("policy_adopt", args=[999_999])).status_code == 404


# Ending


@pytest.fixture
def adopted(people, policy) -> Adoption:
    adoption = adopt(by=None, organisation=people.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return adoption


def test_ending_says_how_many_become_void_and_where_and_then_they_do(people, adopted, clerk):
    url = reverse("adoption_end", args=[adopted.pk])
    page = look(clerk, url, until="2026-11-23")
    shown = plain(body(page))
    assert "从那一天起作废" in shown
    assert "停用，作废 15 件" in shown
    assert "少 15" in shown
    adopted.refresh_from_db()
    assert adopted.until == FAR
    sent = {"until": "2026-11-23", "once": once_in(page), "seen": seen_in(page)}
    refused = clerk.post(url, sent)
    assert refused.status_code == 422
    assert "请写为什么停用" in body(refused)
    sent["reason"] = "上级已另发文件"
    for _ in range(2):
        assert clerk.post(url, sent).url == reverse("job", args=[Job.objects.get().pk])
    adopted.refresh_from_db()
    assert adopted.until == TODAY
    run_waiting()
    assert Duty.objects.filter(state=State.VOID).count() == 15
    row = AuditRow.objects.filter(act=Act.ADOPT).order_by("pk").last()
    assert (row.reason, row.detail["until"]) == ("上级已另发文件", "2026-11-23")


def test_ending_on_a_day_to_come_lays_out_what_becomes_void_then(people, adopted, clerk):
    own = adopt(by=None, organisation=people.sibling, policy=adopted.policy, since=date(2026, 11, 23), today=TODAY)
    page = look(clerk, reverse("adoption_end", args=[adopted.pk]), until="2026-12-10")
    shown, outlook = plain(body(page)), page.context["outlook"]
    assert "先看到 2026-12-10 会怎样" in shown
    assert "在那以前办了的不作废" in shown
    assert sum(row.numbers["voids"] for row in outlook.places) == outlook.total["voids"]
    none = look(clerk, reverse("adoption_end", args=[own.pk]), until="2026-12-10")
    assert "2026-12-10 那天和之后 90 天里，没有应办因此" in body(none), "the committee's adoption still asks for it"
    end_adoption(by=None, adoption=adopted, until=date(2026, 12, 10), today=TODAY)
    sweep_on(date(2026, 12, 9))
    assert not Duty.objects.filter(state=State.VOID).exists()
    sweep_on(date(2026, 12, 10))
    assert Duty.objects.filter(state=State.VOID).count() == outlook.total["voids"] > 0


def test_ending_a_nearer_policy_says_which_farther_one_comes_back_with_its_numbers(people, clerk):
    farther, nearer = load_rules(["talk-yearly"], "p0"), load_rules(["talk-twice"], "p1")
    told = {"by": None, "since": date(2026, 1, 1), "today": TODAY}
    adopt(organisation=people.committee, policy=farther, **told)
    adoption = adopt(organisation=people.general, policy=nearer, **told)
    sweep_on(TODAY)
    for until in ("2026-11-23", "2026-12-10"):
        page = look(clerk, reverse("adoption_end", args=[adoption.pk]), until=until)
        assert f"改回照{farther.quoted}办" in plain(body(page))
        returning = [row for row in page.context["outlook"].rules if row.note == farther.title]
        assert [row.numbers["opens"] > 0 for row in returning] == [True]


def test_of_a_policy_of_proposals_the_page_says_that_each_is_picked(people, clerk):
    mixed = load_rules(["talk-yearly", "report-half"], "p0")
    url = reverse("policy_adopt", args=[mixed.pk])
    for rule in mixed.rules.order_by("pk"):
        assert "都是建议" not in body(look(clerk, url, organisation=people.committee.pk, since="2026-11-23"))
        rule.spec["proposal"] = True
        rule.save()
    assert "都是建议" in body(look(clerk, url, organisation=people.committee.pk, since="2026-11-23"))


@pytest.mark.parametrize(("until", "said"), [("2026-01-01", "停用日期要晚于这一天"), ("2028-01-01", "最晚填一年以后")])
def test_a_day_on_which_it_cannot_end_is_refused_at_its_field(adopted, clerk, until, said):
    page = clerk.post(reverse("adoption_end", args=[adopted.pk]), {"until": until, "reason": "写过的", "look": "1"})
    assert page.status_code == 422
    assert said in body(page)
    assert "写过的" in body(page)


def test_an_end_is_not_put_off(adopted, clerk):
    Adoption.objects.filter(pk=adopted.pk).update(until=date(2026, 12, 1))
    page = clerk.post(reverse("adoption_end", args=[adopted.pk]), {"until": "2026-12-31", "look": "1"})
    assert page.status_code == 422
    assert "已于 2026-12-01 停用" in body(page)


def test_more_than_fifty_places_are_one_line_for_the_rest(people, policy, clerk, monkeypatch):
    url, given = reverse("policy_adopt", args=[policy.pk]), {"organisation": people.committee.pk, "since": "2026-01-01"}
    every = look(clerk, url, **given).context["outlook"].places
    assert [row.label for row in every] == ["河源局党总支", "机关党支部"]
    monkeypatch.setattr("duties.board.outlook.PLACES", 1)
    outlook = look(clerk, url, **given).context["outlook"]
    assert [row.label for row in outlook.places] == ["河源局党总支", "其余 1 个"]
    for rows in (outlook.places, outlook.months, outlook.rules):
        assert sum(row.numbers["opens"] for row in rows) == outlook.total["opens"] == 19
