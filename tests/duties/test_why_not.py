"""Why somebody owes, or is owed, nothing: each condition with its fact, the first that fails, who may ask."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from duties.engine.models import Duty
from duties.engine.whynot import asked
from duties.policy.models import Adjustment, Adoption, Policy, Reach, Rule
from members.enums import CategoryKind, EventKind, Precision, Role, TieKind
from members.models import Category, Tie
from tests.duties.acts import adopt_pack, happen, sweep_on, take_post
from tests.duties.reading import body, plain
from tests.duties.rules import MEMBERS, a_rule
from tests.world import account, member, person, post

TODAY = date(2026, 11, 23)


@pytest.fixture
def secretary(world, sign_in):
    return sign_in(account(world.secretary, "wang"))


def url(code: str, someone) -> str:
    return f"{reverse('why_not', args=[Rule.objects.get(code=code).pk])}?member={someone.pk}"


def read(browser, code: str, someone) -> str:
    return plain(body(browser.get(url(code, someone))))


def test_the_first_condition_that_fails_is_said_in_one_sentence(world, secretary):
    page = read(secretary, "elderly-visits", world.li)
    assert "李建国没有这件应办，第一条不符合的是关怀类别：没有登记为“老党员”。" in page
    assert "人员类别 正式党员和预备党员 符合 现在是正式党员，在河源第一党支部，自 1998-07-01" in page
    assert "制度覆盖" in page
    assert "河源第一党支部自 2026-01-01 起执行" in page


def test_a_category_that_ended_says_until_when(world, secretary):
    Category.objects.create(person=world.li, kind=CategoryKind.ELDERLY, since=date(2020, 1, 1), until=date(2026, 6, 1))
    assert "登记为“老党员”，自 2020-01-01，到 2026-05-31" in read(secretary, "elderly-visits", world.li)


def test_duties_there_are_lead_to_their_explanation(world, secretary):
    response = secretary.get(url("yearly-talk", world.li))
    duty = Duty.objects.get(rule__code="yearly-talk", member=world.li)
    assert "李建国有这条规则的应办 1 件。" in plain(body(response))
    assert f"{reverse('duty_why')}?duty={duty.rule_id}%3A{duty.key.replace(':', '%3A')}" in body(response)
    assert "2026 年，2026-01-01 至 2026-12-31" in plain(body(response))


def test_an_event_rule_says_that_no_such_event_is_registered(world, secretary):
    page = read(secretary, "talk-on-honour", world.li)
    assert "第一条不符合的是事由：没有登记过这样的事由。" in page


def test_an_event_on_a_day_without_the_policy_says_what_lacked(world, secretary):
    happen(world.li, EventKind.HONOUR, date(2025, 12, 1))
    page = read(secretary, "talk-on-honour", world.li)
    assert "2025-12-01 获得功勋荣誉表彰，但那一天制度覆盖不符合" in page


def test_a_withdrawn_event_is_none(world, secretary):
    event = happen(world.li, EventKind.HONOUR, date(2026, 11, 20))
    assert "2026-11-20 获得功勋荣誉表彰" in read(secretary, "talk-on-honour", world.li)
    type(event).objects.filter(pk=event.pk).update(withdrawn_on=TODAY)
    assert "没有登记过这样的事由" in read(secretary, "talk-on-honour", world.li)


def test_a_date_known_to_the_year_only_makes_no_birthday(world, secretary):
    world.li.joined_precision = Precision.YEAR
    world.li.save()
    page = read(secretary, "political-birthday", world.li)
    assert "入党 1998，只知道年份" in page


def test_a_birthday_says_when_its_window_comes(world, secretary):
    page = read(secretary, "political-birthday", world.li)
    assert "下一次 2027-06-24 起，2027-07-01 到期" in page


def test_an_occasion_says_which_window_comes_next(world, secretary):
    Category.objects.create(person=world.li, kind=CategoryKind.HARDSHIP, since=date(2020, 1, 1))
    page = read(secretary, "hardship-spring", world.li)
    assert "李建国没有这件应办，第一条不符合的是时间：下一次是 2027 年春节，2027-01-07 起。" in page


def test_the_window_is_that_of_the_numbers_in_force(world, secretary):
    Category.objects.create(person=world.li, kind=CategoryKind.HARDSHIP, since=date(2020, 1, 1))
    rule = Rule.objects.get(code="hardship-spring")
    changed = Adjustment.objects.create(
        rule=rule,
        organisation=world.branch,
        since=date(2026, 6, 1),
        numbers={"opens_days_before": 10},
        entered_on=TODAY,
    )
    rule.reach.filter(organisation=world.branch).update(adjustment=changed)
    assert "下一次是 2027 年春节，2027-01-27 起" in read(secretary, "hardship-spring", world.li)


def test_an_adjustment_does_not_look_like_the_beginning(world, secretary):
    rule = Rule.objects.get(code="yearly-talk")
    reach = rule.reach.get(organisation=world.branch)
    began = f"自 {reach.since} 起执行 "
    assert began in read(secretary, "yearly-talk", world.li) + " "
    Reach.objects.create(rule=rule, organisation=world.branch, since=date(2026, 11, 1), until=reach.until)
    rule.reach.filter(pk=reach.pk).update(until=date(2026, 11, 1))
    assert began in read(secretary, "yearly-talk", world.li) + " "


def test_an_adoption_yet_to_come_and_one_that_ended(world, secretary):
    Adoption.objects.all().delete()
    rule = a_rule(world.branch, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"},
                  since=date(2027, 3, 1), code="later")  # fmt: skip
    assert "河源第一党支部从 2027-03-01 起才执行" in read(secretary, "later", world.li)
    rule.reach.update(since=date(2026, 1, 1), until=date(2026, 7, 1))
    assert "河源第一党支部执行到 2026-06-30，以后停用" in read(secretary, "later", world.li)
    rule.reach.all().delete()
    assert "和上级都没有采用《later》" in read(secretary, "later", world.li)


def test_of_an_actors_rule_the_person_is_the_actor(cast, sign_in):
    post(person("远方"), cast.other_branch)
    a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "actor"}, code="lecture",
           action="lecture", target=[{"condition": "post", "roles": ["secretary"], "at": ["branch"]}])  # fmt: skip
    sweep_on(TODAY)
    browser = sign_in(account(cast.general_secretary))
    assert "李建国没有这件应办，第一条不符合的是任职：现在没有职务。" in read(browser, "lecture", cast.li)
    assert "王海燕有这条规则的应办 4 件" in read(browser, "lecture", cast.secretary)
    assert "现任河源第一党支部书记" in read(browser, "lecture", cast.secretary)


def test_a_post_outside_the_readers_scope_is_not_named(cast, sign_in):
    take_post(cast.li, cast.other_branch, Role.COMMISSIONER, since=date(2026, 1, 1))
    a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "actor"}, code="lecture",
           action="lecture", target=[{"condition": "post", "roles": ["secretary"]}])  # fmt: skip
    page = read(sign_in(account(cast.secretary)), "lecture", cast.li)
    assert "现任范围外的党组织委员" in page
    assert "外单位" not in page


PAIR = {"kind": "quota", "times": 1, "per": "year", "counted_per": "pair"}


def a_pair(cast, link: dict, code="pair"):
    acting = {"condition": "post", "roles": ["secretary"], "at": ["general_branch"]}
    return a_rule(cast.committee, PAIR, code=code, action="talk", target=[MEMBERS, acting, link])


def test_a_pair_asks_whether_there_is_an_actor_with_whom_all_holds(cast):
    rule = a_pair(cast, {"condition": "object", "roles": ["secretary"], "where": "below"})
    sweep_on(TODAY)
    for someone in (cast.secretary, cast.li, cast.sibling_secretary, cast.direct_secretary, cast.outsider):
        answers = asked(rule, someone, TODAY)
        owed = Duty.objects.filter(rule=rule, member=someone).exists()
        assert (answers.missing == "") == owed, someone
    assert asked(rule, cast.li, TODAY).conditions == {"standing": True, "post": True, "object": False}
    assert asked(rule, cast.direct_secretary, TODAY).missing == "object"


def test_a_pair_by_tie_needs_the_tie_to_an_actor(cast):
    rule = a_pair(cast, {"condition": "tie", "kind": "leader_contact"})
    Tie.objects.create(person=cast.li, kind=TieKind.LEADER_CONTACT, to=cast.clerk, since=date(2026, 1, 1))
    Tie.objects.create(person=cast.zhao, kind=TieKind.LEADER_CONTACT, to=cast.general_secretary, since=date(2026, 1, 1))
    assert asked(rule, cast.li, TODAY).missing == "tie"
    assert asked(rule, cast.zhao, TODAY).missing == ""
    cast.general_secretary.posts.update(until=date(2026, 2, 1))
    assert asked(rule, cast.zhao, TODAY).conditions == {"standing": True, "post": False, "tie": False}


def test_what_is_said_agrees_with_the_duties_there_are(cast):
    """Of rules by period about members: a condition is missing exactly where no duty is."""
    Category.objects.create(person=cast.zhao, kind=CategoryKind.ELDERLY, since=date(2020, 1, 1))
    adopt_pack(cast.committee)
    sweep_on(TODAY)
    periodic = [rule for rule in Rule.objects.order_by("pk") if rule.parsed.trigger.kind == "quota"]
    periodic = [rule for rule in periodic if rule.parsed.subject == "member" and rule.parsed.trigger.per != "interval"]
    compared = set()
    for rule in periodic:
        for someone in (cast.li, cast.zhao, cast.secretary, cast.outsider):
            owed = Duty.objects.filter(rule=rule, member=someone).exists()
            assert (asked(rule, someone, TODAY).missing == "") == owed, (rule, someone)
            compared.add(owed)
    assert compared == {True, False}


def test_an_interval_asks_for_the_row_it_counts_from(world, secretary):
    rule = Rule.objects.get(code="household-visits")
    assert asked(rule, world.li, TODAY).missing == "standing"
    assert "因公牺牲家庭" in read(secretary, "household-visits", world.li)


def test_a_rule_of_organisations_concerns_no_member(cast, sign_in):
    a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "half", "counted_per": "organisation"}, code="plan",
           action="plan", target=[{"condition": "kind", "kinds": ["branch"]}])  # fmt: skip
    sweep_on(TODAY)
    page = read(sign_in(account(cast.secretary)), "plan", cast.li)
    assert "这条规则按党组织计，不针对某一名党员。所在党组织的应办如下。" in page


# Who may ask


def test_what_is_sensitive_is_not_found_by_who_may_not_see_the_basis(world, secretary, sign_in):
    deputy = member("何静", world.branch)
    post(deputy, world.branch, Role.DEPUTY_SECRETARY)
    happen(world.li, EventKind.TENDENCY, date(2026, 11, 20))
    hidden = sign_in(account(deputy))
    assert hidden.get(url("talk-on-tendency", world.li)).status_code == 404
    assert hidden.get(url("yearly-talk", world.li)).status_code == 200
    assert "2026-11-20 有苗头性倾向性问题" in read(secretary, "talk-on-tendency", world.li)
    assert "苗头性" not in body(hidden.get(reverse("member_rules", args=[world.li.pk])))
    assert f"/rules/{Rule.objects.get(code='talk-on-tendency').pk}/" not in body(
        hidden.get(reverse("member_rules", args=[world.li.pk]))
    )


def test_nobody_asks_a_sensitive_rule_about_himself(world, secretary):
    happen(world.secretary, EventKind.TENDENCY, date(2026, 11, 20))
    assert secretary.get(url("talk-on-tendency", world.secretary)).status_code == 404
    assert secretary.get(url("yearly-talk", world.secretary)).status_code == 200


def test_a_rule_not_marked_but_about_a_sensitive_event_or_category_is_guarded_too(cast, sign_in):
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    a_rule(cast.committee, {"kind": "event", "events": ["setback", "illness"], "within_days": 3}, code="unmarked")
    a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "half", "counted_per": "member"}, code="ill",
           target=[MEMBERS, {"condition": "category", "kind": "serious_illness"}])  # fmt: skip
    browser, seeing = sign_in(account(deputy)), sign_in(account(cast.secretary))
    for code in ("unmarked", "ill"):
        assert browser.get(url(code, cast.li)).status_code == 404
        assert seeing.get(url(code, cast.li)).status_code == 200


def test_out_of_scope_and_not_there_look_alike(world, sign_in):
    browser = sign_in(account(world.sibling_secretary))
    rule = Rule.objects.get(code="yearly-talk").pk
    asked_for = [url("yearly-talk", world.li), reverse("member_rules", args=[world.li.pk])]
    asked_for += [f"/rules/{rule}/why-not/?member={each}" for each in ("999999", "x")]
    asked_for += ["/rules/999999/why-not/?member=1"]
    assert [browser.get(each).status_code for each in asked_for] == [404] * 5


def test_a_member_without_a_post_is_told_who_looks_at_duties(world, sign_in):
    response = sign_in(account(world.li)).get(url("yearly-talk", world.li))
    assert response.status_code == 403
    assert "党员的应办由有查阅职责的同志查看" in body(response)


def test_without_a_member_one_is_sent_to_the_rules_own_page(world, secretary):
    rule = Rule.objects.get(code="yearly-talk")
    assert secretary.get(reverse("why_not", args=[rule.pk])).url == reverse("rule", args=[rule.pk])


def test_the_members_page_leads_to_the_rules_and_they_to_the_answer(world, secretary):
    assert reverse("member_rules", args=[world.li.pk]) in body(secretary.get(reverse("member", args=[world.li.pk])))
    page = body(secretary.get(reverse("member_rules", args=[world.li.pk])))
    assert url("elderly-visits", world.li) in page
    assert page.count("/why-not/?member=") == Rule.objects.count()


def test_the_rules_of_policies_that_are_followed_here_stand_first(world, secretary):
    theirs = a_rule(world.sibling, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, code="theirs")
    Policy.objects.filter(pk=theirs.policy_id).update(code="aaa", title="别家的办法")
    own = Adoption.objects.get(organisation=world.committee).policy
    page = plain(body(secretary.get(reverse("member_rules", args=[world.li.pk]))))
    assert page.index(own.title) < page.index("别家的办法 河源第一党支部没有采用")


def test_the_picker_of_a_rule_finds_whoever_may_be_looked_at(world, sign_in):
    inspector = person("郑督查")
    post(inspector, world.committee, Role.INSPECTOR)
    browser, rule = sign_in(account(inspector)), Rule.objects.get(code="yearly-talk").pk
    found = body(browser.get(reverse("member_search"), {"for": "why_not", "rule": rule, "q": "李建"}))
    assert f"/rules/{rule}/why-not/?member={world.li.pk}" in found
    assert "李建国" not in body(browser.get(reverse("member_search"), {"for": "talk_new", "q": "李建"}))
    assert AuditRow.objects.filter(act=AuditRow.Act.SEARCH).exists()


def test_asking_takes_as_many_queries_whoever_is_there(world, secretary):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert secretary.get(url("yearly-talk", world.li)).status_code == 200
        return len(queries)

    count()
    few = count()
    for serial in range(20):
        post(member(f"某{serial}", world.branch), world.branch, Role.COMMISSIONER)
    sweep_on(TODAY)
    assert count() == few


def test_asking_writes_nothing(world, secretary):
    before = (AuditRow.objects.count(), Duty.objects.count())
    for rule in Rule.objects.order_by("pk"):
        assert secretary.get(f"{reverse('why_not', args=[rule.pk])}?member={world.li.pk}").status_code == 200, rule
    assert (AuditRow.objects.count(), Duty.objects.count()) == before


def test_every_rule_of_the_whole_pack_can_be_asked_about_everybody(cast, sign_in):
    adopt_pack(cast.committee, whole=True)
    browser = sign_in(account(cast.general_secretary))
    for rule in Rule.objects.order_by("pk"):
        for someone in (cast.li, cast.secretary):
            assert browser.get(f"{reverse('why_not', args=[rule.pk])}?member={someone.pk}").status_code == 200, rule
