"""Who adopts, adjusts or ends policy above is heard of below: one message each, with what it opened, nobody's name."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from base.jobs import run_waiting
from duties.engine.models import Duty, State
from duties.notices import outbox
from duties.notices.decisions import PATIENCE, tell
from duties.notices.models import Decision, Kind, Message, Notice
from duties.policy.adjusting import adjust, end_adjustment
from duties.policy.adoption import adopt, end_adoption
from duties.policy.models import Adoption, Policy, Rule
from members.enums import Role
from members.models import Account, Person, Post
from tests.duties.acts import sweep_on
from tests.duties.pack import load_rules
from tests.duties.reading import body, plain
from tests.duties.test_adopting_pages import adopt_on_page, seen_in
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
Act = Decision.Act


@pytest.fixture
def policy(db) -> Policy:
    return load_rules(["talk-yearly", "report-half"], "p0")


@pytest.fixture
def office(cast):
    """Everybody has an account who decides on policy, and some who do not."""
    cast.head = member("何琳", cast.direct)
    post(cast.head, cast.committee, Role.DEPARTMENT_HEAD)
    for someone in (
        cast.secretary, cast.sibling_secretary, cast.direct_secretary, cast.general_secretary, cast.committee_secretary,
        cast.clerk, cast.head, cast.outsider, cast.commissioner, cast.li,
    ):  # fmt: skip
        account(someone, f"u{someone.pk}")
    return cast


def send():
    return outbox.send_waiting(today=TODAY)


def told() -> set[str]:
    return set(Message.objects.order_by("pk").values_list("recipient__name", flat=True))


def places(someone) -> dict[str, int]:
    content = Message.objects.get(recipient=someone).content
    return {each["place"]: each["opened"] for each in content["places"]}


def tell_of(act, office, policy, **more):
    about = {"by": office.clerk.account, "organisation": office.committee, "on": TODAY} | more
    return tell(act, policy=policy, today=TODAY, now=timezone.now(), **about)


def test_who_decides_below_is_told_once_the_duties_are_there_and_the_one_who_did_it_is_not(office, policy, sign_in):
    adopt_on_page(sign_in(office.clerk.account), policy, office.committee)
    assert Notice.objects.count() == 6
    assert send().sent == 0, "the duties are not there yet"
    run_waiting()
    assert send().sent == 6
    assert send().sent == 0
    assert told() == {"王海燕", "陈晓明", "马玉珍", "周启明", "高远", "何琳"}
    opened = {each: Duty.objects.filter(path__startswith=each.path, state=State.OPEN).count()
              for each in (office.branch, office.general, office.committee)}  # fmt: skip
    assert places(office.secretary) == {"河源第一党支部": opened[office.branch]}
    assert places(office.general_secretary) == {"河源局党总支": opened[office.general]}
    assert places(office.committee_secretary) == {"云河水文局党委": opened[office.committee]}
    assert min(opened.values()) > 0


def test_the_message_says_what_who_and_since_when_leads_to_the_policy_and_names_nobody(office, policy, sign_in):
    adopt_on_page(sign_in(office.clerk.account), policy, office.committee)
    run_waiting()
    send()
    browser = sign_in(office.secretary.account)
    page = body(browser.get(f"/messages/{Message.objects.get(recipient=office.secretary).pk}/"))
    shown = plain(page.partition("<main")[2])
    assert f"云河水文局党委自 2026-01-01 起采用《{policy.title}》" in shown
    assert f"新列出 {places(office.secretary)['河源第一党支部']} 件待办" in shown
    assert reverse("policy", args=[policy.pk]) in page
    assert [name for name in Person.objects.order_by("pk").values_list("name", flat=True) if name in shown] == []
    listed = plain(body(browser.get("/messages/")))
    assert f"制度变动 云河水文局党委自 2026-01-01 起采用《{policy.title}》" in listed


def test_two_clicks_and_two_senders_tell_it_once(office, policy, sign_in):
    browser = sign_in(office.clerk.account)
    _page, sent = adopt_on_page(browser, policy, office.committee)
    browser.post(reverse("policy_adopt", args=[policy.pk]), sent)
    assert (Decision.objects.count(), Notice.objects.count()) == (1, 6)
    sweep_on(TODAY)
    send()
    Notice.objects.update(state=Notice.State.PENDING, not_before=timezone.now())
    send()
    assert Message.objects.count() == 6


def test_two_decisions_of_a_day_are_two_messages(office, policy):
    adopt(by=None, organisation=office.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    for _ in range(2):
        tell_of(Act.ADOPT, office, policy)
    sweep_on(TODAY)
    assert send().sent == 12
    assert Message.objects.filter(recipient=office.secretary, kind=Kind.DECISION).count() == 2


def test_who_left_or_died_meanwhile_is_told_nothing_and_the_next_day_is_not_too_late(office, policy):
    adopt(by=None, organisation=office.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    tell_of(Act.ADOPT, office, policy)
    Post.objects.filter(person=office.sibling_secretary).update(until=TODAY)
    Account.objects.filter(person=office.direct_secretary).update(is_active=False)
    sweep_on(TODAY)
    sent = outbox.send_waiting(today=TODAY + timedelta(days=1))
    assert (sent.sent, sent.dropped) == (4, 2)


def test_a_sweep_that_never_comes_is_not_waited_for_beyond_two_days(office, policy):
    adopt(by=None, organisation=office.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    tell_of(Act.ADOPT, office, policy)
    assert send().sent == 0
    Decision.objects.update(entered_at=timezone.now() - PATIENCE)
    assert send().sent == 6
    assert places(office.secretary) == {"河源第一党支部": 0}


def adjust_on_page(browser, rule, here, **given):
    url = f"{reverse('rule_adjust', args=[rule.pk])}?organisation={here.pk}"
    fresh = browser.get(url)
    sent = {"organisation": here.pk, "once": fresh.context["form"]["once"].value(), **given}
    page = browser.post(url, {**sent, "look": "1"})
    return browser.post(url, {**sent, "seen": seen_in(page)})


def test_an_adjustment_is_told_where_its_rule_reaches_and_says_of_which_rule(office, policy, sign_in):
    adopt(by=None, organisation=office.general, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    rule = Rule.objects.get(code="talk-yearly")
    before = Duty.objects.count()
    response = adjust_on_page(sign_in(office.general_secretary.account), rule, office.general, times="2",
                              since="2026-11-23", basis="总支会议")  # fmt: skip
    assert response.status_code == 302, plain(body(response))
    run_waiting()
    send()
    assert Duty.objects.count() == before
    assert told() == {"王海燕", "陈晓明"}, "not the committee above, not the one who did it"
    mine = Message.objects.get(recipient=office.secretary)
    shown = plain(body(sign_in(office.secretary.account).get(f"/messages/{mine.pk}/")))
    assert f"河源局党总支自 2026-11-23 起调整《{policy.title}》的“{rule.title}”" in shown
    assert "现在没有因此新列出的待办" in shown
    assert "已经列出的不变" in shown
    assert "总支会议" not in shown


def test_a_rule_that_does_not_reach_a_place_is_not_told_there(office, policy):
    rule = Rule.objects.get(code="talk-yearly")
    for here in (office.branch, office.committee):
        adopt(by=None, organisation=here, policy=policy, since=date(2026, 1, 1), today=TODAY)
    end_adoption(by=None, adoption=Adoption.objects.get(organisation=office.committee), until=TODAY, today=TODAY)
    adjust(by=None, organisation=office.branch, rule=rule, numbers={"times": 2}, since=TODAY, today=TODAY)
    sweep_on(TODAY)
    tell_of(Act.ADJUST, office, policy, rule=rule, on=TODAY + timedelta(days=1))
    send()
    assert told() == {"王海燕"}


def test_the_end_says_what_became_void_and_where_it_goes_on(office, policy, sign_in):
    for here in (office.branch, office.committee):
        adopt(by=None, organisation=here, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    above = Adoption.objects.get(organisation=office.committee)
    end_adoption(by=None, adoption=above, until=TODAY, today=TODAY)
    tell_of(Act.END, office, policy)
    sweep_on(TODAY)
    send()
    sibling = Message.objects.get(recipient=office.sibling_secretary)
    (line,) = sibling.content["places"]
    assert line["voided"] == Duty.objects.filter(path=office.sibling.path, state=State.VOID).count() > 0
    assert f"作废 {line['voided']} 件" in plain(
        body(sign_in(office.sibling_secretary.account).get(f"/messages/{sibling.pk}/"))
    )
    mine = Message.objects.get(recipient=office.secretary)
    assert (mine.content["places"][0]["voided"], mine.content["places"][0]["still"]) == (0, True)
    assert "照旧执行" in plain(body(sign_in(office.secretary.account).get(f"/messages/{mine.pk}/")))


def test_an_adjustment_that_ends_is_told_too(office, policy, sign_in):
    adopt(by=None, organisation=office.general, policy=policy, since=date(2026, 1, 1), today=TODAY)
    rule = Rule.objects.get(code="talk-yearly")
    made = adjust(by=None, organisation=office.general, rule=rule, numbers={"times": 2}, since=date(2026, 6, 1),
                  today=TODAY)  # fmt: skip
    end_adjustment(by=None, adjustment=made, until=TODAY, today=TODAY)
    tell_of(Act.DROP, office, policy, rule=rule, organisation=office.general)
    sweep_on(TODAY)
    send()
    mine = Message.objects.get(recipient=office.secretary)
    shown = plain(body(sign_in(office.secretary.account).get(f"/messages/{mine.pk}/")))
    assert f"不再用对《{policy.title}》“{rule.title}”的调整" in shown


def test_telling_fifty_branches_takes_as_many_queries_as_one(office, policy):
    adopt(by=None, organisation=office.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)

    def queries() -> tuple[int, int]:
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as putting:
            tell_of(Act.ADOPT, office, policy)
        people = list(Notice.objects.order_by("pk").values_list("recipient", flat=True))
        with CaptureQueriesContext(connection) as finding:
            outbox.COMPOSERS[Kind.DECISION].contents(TODAY, people)
        return len(putting), len(finding)

    few = queries()
    more = Person.objects.bulk_create(Person(name=f"书记{n}") for n in range(50))
    Post.objects.bulk_create(
        Post(person=each, organisation=office.sibling, role=Role.SECRETARY, since=date(2026, 1, 1)) for each in more
    )
    Account.objects.bulk_create(Account(username=f"s{n}", person=each) for n, each in enumerate(more))
    assert queries() == few
    assert Notice.objects.count() == 56


@pytest.mark.parametrize("kind", [Kind.DIGEST, Kind.REVIEW])
def test_what_is_told_by_the_day_is_still_told_once_a_day(office, kind):
    for _ in range(2):
        outbox.enqueue(kind, day=TODAY, now=timezone.now())
    assert Notice.objects.filter(recipient=office.secretary).count() == (kind == Kind.DIGEST)
