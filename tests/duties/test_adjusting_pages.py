"""Setting numbers of a rule, picking a proposal, ending that: looked at first, looser never. Today is 2026-11-23."""

from datetime import date

import pytest
from django.urls import reverse

from base.audit import Act
from base.dates import FAR
from base.jobs import run_waiting
from base.models import AuditRow, Job
from duties.engine.models import Duty, State
from duties.policy.adjusting import adjust, in_force
from duties.policy.adoption import adopt
from duties.policy.models import Adjustment, Policy, Rule
from members.enums import EventKind, Role
from tests.duties.acts import happen, sweep_on
from tests.duties.pack import load_rules
from tests.duties.reading import body, plain
from tests.world import account, member, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def policy(cast) -> Policy:
    """Adopted by the committee: days after an event that the clause leaves open, talks it counts, a proposal."""
    policy = load_rules(["event-talk", "talk-yearly", "picked", "study-semester"], "p0")
    rule = policy.rules.get(code="event-talk")
    rule.spec["set_by"]["within_days"] = "organisation"
    rule.save()
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return policy


@pytest.fixture
def clerk(cast, sign_in):
    return sign_in(account(cast.clerk, "lin"))


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary, "wang"))


def page(policy, code: str, here=None, **more) -> str:
    url = reverse("rule_adjust", args=[policy.rules.get(code=code).pk])
    asked = {**({"organisation": here.pk} if here else {}), **more}
    return url + ("?" + "&".join(f"{name}={value}" for name, value in asked.items()) if asked else "")


def filled(browser, url) -> dict:
    """What the browser would send of the form as it is shown."""
    form = browser.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in sent.items() if value is not None}


def decide(browser, url, **given):
    """Look, then save."""
    sent = {**filled(browser, url), **given}
    looked = browser.post(url, {**sent, "look": "1"})
    assert looked.status_code == 200, plain(body(looked))
    sent |= {"seen": looked.context["seen"]}
    return looked, browser.post(url, sent), sent


def test_a_number_the_clause_leaves_open_is_set_and_holds_for_what_opens_from_then_on(cast, policy, clerk):
    url = page(policy, "event-talk", cast.committee)
    shown = plain(body(clerk.get(url)))
    assert "期限天数 条文没有写，本单位定：可填 0 到 366。" in shown
    assert "还没有调整过" in shown
    happen(cast.li, EventKind.HONOUR, date(2026, 11, 20))
    looked, saved, _ = decide(clerk, url, within_days=30, since="2026-11-01", basis="2026-11-19 党委会")
    numbers = looked.context["outlook"].total
    assert (numbers["moves"], numbers["opens"]) == (1, 0)
    adjustment = Adjustment.objects.get()
    assert (adjustment.numbers, adjustment.since, adjustment.basis) == (
        {"within_days": 30}, date(2026, 11, 1), "2026-11-19 党委会",
    )  # fmt: skip
    assert adjustment.entered_by == cast.clerk
    assert saved.url == reverse("job", args=[Job.objects.get().pk])
    run_waiting()
    assert Duty.objects.get(rule__code="event-talk").due_on == date(2026, 12, 20)
    again = plain(body(clerk.get(url)))
    assert "期限天数 30" in again
    assert "2026-11-19 党委会" in again
    assert AuditRow.objects.filter(act=Act.ADOPT, detail__numbers={"within_days": 30}).count() == 1


def test_looking_at_it_and_a_double_click(cast, policy, clerk):
    url = page(policy, "event-talk", cast.committee)
    looked = clerk.post(url, {**filled(clerk, url), "within_days": 3, "look": "1"})
    assert looked.status_code == 200, "the basis may still be missing"
    assert not Adjustment.objects.exists()
    refused = clerk.post(url, {**filled(clerk, url), "within_days": 3, "seen": looked.context["seen"]})
    assert refused.status_code == 422
    assert "请写是哪次会议或哪份文件定的" in body(refused)
    assert 'value="3"' in body(refused)
    _, saved, sent = decide(clerk, url, within_days=3, basis="支委会")
    assert clerk.post(url, sent).url == saved.url
    assert Adjustment.objects.count() == 1


def test_what_was_changed_after_looking_is_looked_at_again(cast, policy, clerk):
    url = page(policy, "event-talk", cast.committee)
    sent = {**filled(clerk, url), "within_days": 3, "basis": "党委会"}
    looked = clerk.post(url, {**sent, "look": "1"})
    again = clerk.post(url, {**sent, "within_days": 4, "seen": looked.context["seen"]})
    assert "和刚才看的不一样了" in body(again)
    assert not Adjustment.objects.exists()


def test_what_the_clause_gives_may_only_be_stricter(cast, policy, clerk):
    rule = policy.rules.get(code="talk-yearly")
    rule.spec["trigger"]["times"], rule.spec["set_by"]["times"] = 2, "clause"
    rule.save()
    url = page(policy, "talk-yearly", cast.committee)
    assert "条文写明是 2，本单位只能更严，不能放宽：可填 2 到 366。" in body(clerk.get(url))
    refused = clerk.post(url, {**filled(clerk, url), "times": 1, "basis": "党委会", "look": "1"})
    assert refused.status_code == 422
    assert "条文写明是 2，本单位只能更严，不能放宽" in field_error(refused, "times")
    assert "党委会" in body(refused)
    looked, _, _ = decide(clerk, url, times=3, basis="党委会")
    assert in_force(Rule.objects.get(pk=rule.pk), cast.branch, TODAY).trigger.times == 3
    assert looked.context["outlook"].total["voids"] == 0


def field_error(response, name: str) -> str:
    return " ".join(response.context["form"].errors.get(name, []))


def test_below_only_stricter_than_what_holds_from_above(cast, policy, clerk, secretary):
    decide(clerk, page(policy, "event-talk", cast.committee), within_days=10, basis="党委会")
    url = page(policy, "event-talk")
    assert filled(secretary, url)["within_days"] == 10
    refused = secretary.post(url, {**filled(secretary, url), "within_days": 12, "look": "1"})
    assert "请填 0 到 10 的整数：上级定的是 10，下级只能更严，不能放宽" in field_error(refused, "within_days")
    decide(secretary, url, within_days=5, basis="支委会")
    rule = policy.rules.get(code="event-talk")
    assert in_force(rule, cast.branch, TODAY).trigger.within_days == 5
    assert in_force(rule, cast.sibling, TODAY).trigger.within_days == 10
    shown = body(secretary.get(url))
    assert shown.count("&amp;end=") == 1, "what was decided above is not one's to end"
    assert cast.clerk.name not in shown


@pytest.mark.parametrize(
    ("given", "name", "said"),
    [
        ({"within_days": ""}, "within_days", "请填 0 到 366 的整数"),
        ({"within_days": "三"}, "within_days", "请填 0 到 366 的整数"),
        ({"within_days": "-1"}, "within_days", "请填 0 到 366 的整数"),
        ({"within_days": "400"}, "within_days", "请填 0 到 366 的整数"),
        ({"within_days": "7"}, "__all__", "没有改动任何数字"),
        ({"within_days": "5", "since": "2024-01-01"}, "since", "前后一年以内"),
        ({"within_days": "5", "since": "昨天"}, "since", "请填从哪天起"),
    ],
)
def test_bad_numbers_are_refused_at_their_field_and_nothing_is_lost(cast, policy, clerk, *, given, name, said):
    url = page(policy, "event-talk", cast.committee)
    refused = clerk.post(url, {**filled(clerk, url), "basis": "党委会定", **given, "look": "1"})
    assert refused.status_code == 422
    assert said in field_error(refused, name)
    assert "党委会定" in body(refused)


def test_semesters_are_a_small_table(cast, policy, clerk):
    url = page(policy, "study-semester", cast.committee)
    sent = filled(clerk, url)
    assert [sent[f"semester_{n}_{end}"] for n in (1, 2) for end in ("from", "to")] == [
        "02-29", "07-15", "09-01", "01-20",
    ]  # fmt: skip
    for bad, name, said in (
        ({"semester_1_from": "13-01"}, "semester_1_from", "没有这一天"),
        ({"semester_3_from": "08-01"}, "semester_3_to", "起止两天都要写"),
        ({f"semester_{n}_{end}": "" for n in (1, 2) for end in ("from", "to")}, "semester_1_from", "至少要写一段"),
    ):
        refused = clerk.post(url, {**sent, "basis": "党委会", **bad, "look": "1"})
        assert refused.status_code == 422
        assert said in field_error(refused, name)
    decide(clerk, url, semester_1_from="3-1", semester_2_to="1 月 10 日", since="2026-08-15", basis="党委会")
    assert Adjustment.objects.get().numbers == {"semesters": [["03-01", "07-15"], ["09-01", "01-10"]]}
    assert "03-01 至 07-15；09-01 至 01-10" in body(clerk.get(url))
    run_waiting()
    due = Duty.objects.filter(rule__code="study-semester", period="2026-S2").values_list("due_on", flat=True)
    assert set(due) == {date(2027, 1, 10)}


def test_a_proposal_is_picked_and_dropped_again(cast, policy, clerk):
    url = page(policy, "picked", cast.general)
    assert "选用“picked”" in plain(body(clerk.get(url)))
    looked, _, _ = decide(clerk, url, since="2026-11-23", basis="党总支会议")
    assert looked.context["outlook"].total["opens"] == 6
    assert "选用，列出 6 件" in plain(body(looked))
    run_waiting()
    assert Duty.objects.filter(rule__code="picked", state=State.OPEN).count() == 6
    shown = plain(body(clerk.get(url)))
    assert "选用，数字照制度" in shown
    assert "不再选用" in shown
    ending = page(policy, "picked", cast.general, end=Adjustment.objects.get().pk)
    sent = filled(clerk, ending) | {"organisation": cast.general.pk, "until": "2026-12-01"}
    looked = clerk.post(ending, {**sent, "look": "1"})
    assert looked.status_code == 200
    saved = clerk.post(ending, {**sent, "seen": looked.context["seen"]})
    assert saved.status_code == 302
    assert Adjustment.objects.get().until == date(2026, 12, 1)


def test_ending_gives_back_the_numbers_of_the_pack(cast, policy, clerk):
    decide(clerk, page(policy, "event-talk", cast.committee), within_days=2, since="2026-11-01", basis="党委会")
    adjustment = Adjustment.objects.get()
    url = page(policy, "event-talk", cast.committee, end=adjustment.pk)
    refused = clerk.post(url, {**filled(clerk, url), "until": "2026-11-01", "look": "1"})
    assert refused.status_code == 422
    assert "自 2026-11-01 起，停用日期应晚于这一天" in body(refused)
    adjustment.refresh_from_db()
    assert adjustment.until == FAR
    _, saved, sent = decide(clerk, url, until="2026-11-23")
    assert clerk.post(url, sent).url == saved.url
    assert in_force(policy.rules.get(code="event-talk"), cast.branch, TODAY).trigger.within_days == 7


def test_who_decides_for_many_chooses_first(cast, policy, clerk):
    shown = body(clerk.get(page(policy, "event-talk")))
    for place in (cast.committee, cast.branch, cast.sibling):
        assert f"?organisation={place.pk}" in shown
    assert cast.other.label not in shown


def test_out_of_scope_is_not_found_and_without_the_right_it_is_said(cast, policy, secretary, sign_in):
    for url in (
        page(policy, "event-talk", cast.sibling), page(policy, "event-talk", cast.other),
        reverse("rule_adjust", args=[999_999]), page(policy, "event-talk") + "?organisation=x",
    ):  # fmt: skip
        assert secretary.get(url).status_code == 404
        assert secretary.post(url, {}).status_code == 404
    rule = policy.rules.get(code="event-talk")
    above = adjust(
        by=None, organisation=cast.committee, rule=rule, numbers={"within_days": 4}, since=TODAY, today=TODAY
    )  # fmt: skip
    assert secretary.get(page(policy, "event-talk", cast.branch, end=above.pk)).status_code == 404
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    for url in (page(policy, "event-talk"), page(policy, "event-talk", cast.branch)):
        assert (
            sign_in(account(deputy, "he") if url == page(policy, "event-talk") else deputy.account).get(url).status_code
            == 403
        )


def test_where_the_policy_is_not_adopted_the_page_says_so(cast, policy, sign_in):
    outsider = sign_in(account(cast.outsider))
    shown = body(outsider.get(page(policy, "event-talk")))
    assert "还没有采用这项制度" in shown
    url = page(policy, "event-talk", cast.other_branch)
    assert "先采用，再调整" in body(outsider.get(url))
    refused = outsider.post(
        url,
        {"within_days": 3, "since": "2026-11-23", "basis": "支委会", "organisation": cast.other_branch.pk, "look": "1"},
    )
    assert refused.status_code == 422
    assert not Adjustment.objects.exists()
