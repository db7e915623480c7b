"""Deeds: the plain form that closes whatever has no form of its own, the list, one deed. Today is 2026-11-23."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from base.models import AuditRow
from duties.board.refs import ref_of
from duties.board.words import describe, with_words
from duties.deeds import record_deed
from duties.engine.models import Action, Deed, Duty, Record, State
from duties.engine.rehearse import rehearse
from duties.policy.schema import PLAIN_ACTIONS
from members.enums import EventKind, Role, TieKind
from members.models import Tie
from tests.duties.acts import happen, once_in, sweep_on, unhappen
from tests.duties.rules import a_rule
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
YEARLY = {"kind": "quota", "times": 1, "per": "year"}
BRANCHES = [{"condition": "kind", "kinds": ["branch"]}]
HEADS = [{"condition": "post", "roles": ["secretary"], "at": ["branch"]}]
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(cast):
    return account(cast.secretary)


@pytest.fixture
def browser(secretary, sign_in):
    return sign_in(secretary)


def owed(cast, *, per="member", **more):
    """The duty of a rule that asks for one act a year: of Li, of the secretary, of the branch."""
    target = {"organisation": {"target": BRANCHES}, "actor": {"target": HEADS}}.get(per, {})
    rule = a_rule(cast.committee, YEARLY | {"counted_per": per}, **target, **more)
    sweep_on(TODAY)
    key = {"member": f"m{cast.li.pk}", "organisation": f"o{cast.branch.pk}", "actor": f"a{cast.secretary.pk}"}[per]
    return Duty.objects.get(rule=rule, key=f"{key}:2026")


def line_of(duty, who):
    return describe(with_words(Duty.objects.filter(pk=duty.pk)), who, TODAY)[0]


def page_of(browser, duty, who):
    return browser.get(line_of(duty, who).url)


def sent(page, **more):
    """The form of a page as a browser sends it, filled in."""
    form = page.context["form"]
    given = {name: form[name].value() for name in ("member", "organisation", "action", "on", "people")}
    given |= {"once": once_in(page), "note": "办好了", "paper": ""} | more
    return {name: value for name, value in given.items() if value is not None}


def enter(cast, action="report", *, on=date(2026, 11, 20), note="报送了情况", by=None, **about):
    about = about or {"organisation": cast.branch}
    return record_deed(by=by, action=action, on=on, people=[cast.secretary], note=note, today=TODAY, **about)


def test_every_plain_action_has_its_form_and_its_page():
    assert settings.PLAIN_ACTIONS == PLAIN_ACTIONS
    assert set(settings.ACTION_FORMS) == set(settings.RECORD_PAGES) == set(Action)


@pytest.mark.parametrize("action", ["selection", "assessment", "plan", "training"])
def test_what_has_pages_of_its_own_is_begun_there(cast, secretary, browser, action):
    """Awarding, assessing, approving and training close it; elsewhere than here it may still be entered plainly."""
    duty = owed(cast, per="organisation", action=action)
    line = line_of(duty, secretary)
    assert not line.url.startswith(reverse("deed_new"))
    assert browser.get(line.url).status_code == 200
    assert line.label in browser.get(reverse("duty_board")).content.decode()


@pytest.mark.parametrize(
    ("per", "action"),
    [("member", "service"), ("organisation", "report"), ("organisation", "visit"), ("actor", "lecture")],
)  # fmt: skip
def test_the_button_of_a_duty_leads_to_a_form_that_closes_it(cast, secretary, browser, per, action):
    duty = owed(cast, per=per, action=action)
    page = page_of(browser, duty, secretary)
    assert page.status_code == 200
    given = sent(page)
    assert given["action"] == action
    assert given["people"] == [cast.secretary.pk]
    url = line_of(duty, secretary).url
    assert '保存后将办结 <span class="count">1 件' in browser.post(url, given | {"preview": "1"}).content.decode()
    assert not Record.objects.exists()
    done = browser.post(url, given, follow=True)
    assert "已登记，办结 1 件应办。" in done.content.decode()
    duty.refresh_from_db()
    assert duty.state == State.DONE
    record = duty.closed_by
    assert (record.member_id, record.organisation) == (cast.li.pk if per == "member" else None, cast.branch)
    assert record.deed.note == "办好了"
    assert line_of(duty, secretary).url == ""


def test_a_clerk_enters_what_binds_somebody_else_and_it_is_his(cast, sign_in):
    duty = owed(cast, per="actor", action="lecture")
    clerk = account(cast.clerk)
    browser = sign_in(clerk)
    page = page_of(browser, duty, clerk)
    given = sent(page)
    assert given["people"] == [cast.secretary.pk]
    browser.post(page.wsgi_request.get_full_path(), given)
    duty.refresh_from_db()
    assert duty.state == State.DONE
    assert [actor.person for actor in duty.closed_by.actors.all()] == [cast.secretary]
    assert duty.closed_by.entered_by == cast.clerk


def test_what_binds_a_leader_to_talk_leads_to_the_form_of_talks(cast, secretary, browser):
    duty = owed(cast, per="actor", action="talk")
    assert line_of(duty, secretary).url.partition("?")[0] == "/talks/new/"
    assert "登记谈话" in page_of(browser, duty, secretary).content.decode()


def test_a_member_s_page_leads_to_what_was_done(cast, browser):
    deed = enter(cast, "service", member=cast.zhao)
    page = browser.get(f"/members/{cast.zhao.pk}/").content.decode()
    assert f'href="/deeds/{deed.pk}/"' in page


def test_a_double_click_enters_once(cast, secretary, browser):
    page = page_of(browser, owed(cast, per="organisation", action="report"), secretary)
    for _ in range(2):
        assert browser.post(page.wsgi_request.get_full_path(), sent(page)).status_code == 302
    assert Deed.objects.count() == 1


def test_a_duty_that_wants_an_answer_is_closed_through_its_own_form_alone(cast, secretary, browser):
    trigger = {"kind": "event", "events": ["data_question"], "within_days": 7, "answers": True}
    rule = a_rule(cast.committee, trigger, action="handling")
    sweep_on(TODAY)
    event = happen(cast.li, EventKind.DATA_QUESTION, date(2026, 11, 20))
    duty = Duty.objects.get(rule=rule)
    enter(cast, "handling", member=cast.li)
    duty.refresh_from_db()
    assert duty.state == State.OPEN
    page = page_of(browser, duty, secretary)
    browser.post(page.wsgi_request.get_full_path(), sent(page, note="入党日期核对过了"))
    duty.refresh_from_db()
    assert (duty.state, duty.closed_by.event) == (State.DONE, event)
    assert "资料待核实" in browser.get(reverse("deed", args=[duty.closed_by.deed.pk])).content.decode()


def test_an_event_taken_back_meanwhile_is_not_answered(cast):
    event = happen(cast.li, EventKind.DATA_QUESTION, date(2026, 11, 20))
    unhappen(event)
    with pytest.raises(Exception, match="已经撤回"):
        enter(cast, "handling", member=cast.li, event=event)
    assert not Record.objects.exists()


def test_what_is_wrong_comes_back_with_what_was_typed(cast, browser):
    page = browser.get("/deeds/new/", {"organisation": cast.branch.pk, "action": "plan"})
    given = sent(page, on="2026-11-24", paper="支字3号", note="  ")
    back = browser.post("/deeds/new/", given)
    body = back.content.decode()
    assert back.status_code == 422
    assert all(words in body for words in ("晚于今天", "请写办了什么", "支字3号", 'value="plan" selected'))
    long = browser.post("/deeds/new/", sent(page, note="长" * 2_001))
    assert "写了 2001 个字，最多 2000 个" in long.content.decode()
    assert not Record.objects.exists()


def test_the_same_twice_is_refused_and_another_is_not(cast):
    enter(cast)
    with pytest.raises(Exception, match="已登记过"):
        enter(cast)
    enter(cast, note="又报送了一次")
    enter(cast, organisation=cast.sibling)
    assert Deed.objects.count() == 3


def test_nobody_enters_what_is_done_for_oneself(cast, browser):
    assert browser.get("/deeds/new/", {"member": cast.secretary.pk}).status_code == 403
    with pytest.raises(Exception, match="不能给自己办"):
        enter(cast, "service", member=cast.secretary)


def test_out_of_scope_is_not_there(cast, browser):
    deed = enter(cast, organisation=cast.other_branch)
    for url in ("/deeds/new/?organisation={0.other_branch.pk}", "/deeds/new/?member={0.outsider.pk}"):
        assert browser.get(url.format(cast)).status_code == 404
    assert browser.get(reverse("deed", args=[deed.pk])).status_code == 404


def test_without_anything_named_the_form_asks_whom_it_is_about(cast, browser):
    body = browser.get("/deeds/new/").content.decode()
    assert f"/deeds/new/?organisation={cast.branch.pk}" in body
    assert "为党员办的" in body


def test_the_note_is_for_who_acted_and_who_may_record_there(cast, sign_in, browser):
    deed = enter(cast, "aid", member=cast.li, note="送去补助", by=account(cast.commissioner))
    post(cast.zhao, cast.branch, Role.GROUP_LEADER)
    page = reverse("deed", args=[deed.pk])
    assert "送去补助" in browser.get(page).content.decode()
    assert AuditRow.objects.filter(subject=f"record:{deed.record_id}", act="read").count() == 1
    for reader in (cast.zhao, cast.li):
        seen = sign_in(account(reader)).get(page)
        assert seen.status_code == 200
        assert "送去补助" not in seen.content.decode()


def test_what_tells_of_a_member_reads_care_to_those_who_may_not_know(cast, sign_in, browser):
    enter(cast, "referral", member=cast.li)
    enter(cast, "referral", organisation=cast.branch, note="联系了咨询机构")
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)

    def labels(who, **asked):
        return [label for _deed, label in who.get("/deeds/", asked).context["rows"]]

    assert labels(browser) == ["心理疏导", "心理疏导"]
    other = sign_in(account(deputy))
    assert sorted(labels(other)) == ["关怀事项", "心理疏导"]
    assert labels(other, action="referral") == ["心理疏导"]
    assert "心理疏导" not in other.get(f"/members/{cast.li.pk}/").content.decode()
    assert "心理疏导" in browser.get(f"/members/{cast.li.pk}/").content.decode()


def test_a_withdrawn_deed_opens_its_duty_again(cast, secretary, browser):
    duty = owed(cast, per="organisation", action="report")
    page = page_of(browser, duty, secretary)
    where = browser.post(page.wsgi_request.get_full_path(), sent(page)).url
    form = browser.get(f"{where}withdraw/")
    done = browser.post(f"{where}withdraw/", {"once": once_in(form), "reason": ""}, follow=True)
    assert "1 件应办重新打开" in done.content.decode()
    duty.refresh_from_db()
    assert duty.state == State.OPEN
    assert "已撤回" in browser.get("/deeds/").content.decode()


def test_the_panel_says_why_the_duty_stays_open(cast, secretary, browser):
    duty = owed(cast, per="organisation", action="report")
    page = page_of(browser, duty, secretary)
    url = page.wsgi_request.get_full_path()
    other = browser.post(url, sent(page, action="plan", preview="1")).content.decode()
    assert "要报送情况才算" in other
    early = browser.post(url, sent(page, on="2025-12-31", preview="1")).content.decode()
    assert "以后" in early or "至 2026" in early or "至 12-31" in early


def test_the_list_is_narrowed_and_paged(cast, browser, monkeypatch):
    monkeypatch.setattr("duties.views.deeds.PAGE", 2)
    for days in range(3):
        enter(cast, on=TODAY - timedelta(days=days), note=f"第 {days} 次")
    enter(cast, "plan", on=TODAY, note="计划")
    first = browser.get("/deeds/", {"action": "report"})
    assert [deed.record.on for deed, _ in first.context["rows"]] == [TODAY, TODAY - timedelta(days=1)]
    rest = browser.get("/deeds/", {"action": "report", "after": first.context["after"]})
    assert [deed.record.on for deed, _ in rest.context["rows"]] == [TODAY - timedelta(days=2)]
    assert browser.get("/deeds/", {"organisation": cast.other_branch.pk}).status_code == 404
    assert browser.get("/deeds/", {"after": "garbled"}).status_code == 200


def test_a_list_of_many_costs_what_a_list_of_one_costs(cast, browser, django_assert_num_queries):
    enter(cast)
    browser.get("/deeds/")
    with connection.execute_wrapper(counter := Counter()):
        browser.get("/deeds/")
    for number in range(19):
        enter(cast, member=cast.li, note=f"第 {number} 次")
    with django_assert_num_queries(counter.n):
        assert len(browser.get("/deeds/").context["rows"]) == 20


class Counter:
    """How many statements ran."""

    def __init__(self):
        self.n = 0

    def __call__(self, execute, *how):
        self.n += 1
        return execute(*how)


def test_a_duty_of_several_branches_is_rehearsed_for_members_actors_and_organisations(cast):
    owed(cast, per="organisation", action="report")
    a_rule(cast.committee, YEARLY | {"counted_per": "actor"}, target=HEADS, action="report", code="actors")
    sweep_on(TODAY)
    act = {"act": lambda: enter(cast)}
    assert len(rehearse(**act, organisations=[cast.branch.pk]).closed) == 1
    both = rehearse(**act, organisations=[cast.branch.pk], actors=[cast.secretary.pk])
    assert {duty.rule.code for duty in both.closed} == {"r", "actors"}
    assert rehearse(**act, organisations=[cast.sibling.pk]).closed == []
    assert not Record.objects.exists()


def test_a_state_that_must_hold_leads_to_where_ties_are_entered(cast, secretary):
    trigger = {"kind": "standing", "tie": "contact", "at_least": 1, "counted_per": "member", "within_days": 7}
    rule = a_rule(cast.committee, trigger, action="talk")
    sweep_on(TODAY)
    duty = Duty.objects.get(rule=rule, member=cast.li)
    assert line_of(duty, secretary).url == f"/duties/tie/?duty={rule.pk}%3Am{cast.li.pk}"
    assert line_of(duty, account(cast.zhao)).url == ""
    Tie.objects.create(person=cast.li, kind=TieKind.CONTACT, to=cast.zhao, since=TODAY)


def test_of_a_hidden_duty_the_form_tells_no_more_than_the_list(cast, sign_in):
    duty = owed(cast, action="referral", sensitive=True)
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    who = account(deputy)
    assert ref_of(duty, who, hidden=True) != f"{duty.rule_id}:{duty.key}"
    page = page_of(sign_in(who), duty, who)
    assert page.status_code == 200
    assert page.context["form"]["action"].value() == ""
    assert page.context["duty"].what == "关怀事项"
    named = sign_in(who).get("/deeds/new/", {"duty": f"{duty.rule_id}:{duty.key}"})
    assert named.status_code == 404
