"""What happens to an organisation as a whole is registered, listed and taken back; its duties follow."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from base.models import AuditRow
from duties.deeds import record_deed
from duties.engine.models import Duty, State
from members.enums import EventKind, Role
from members.models import Account, Event
from members.services import register_event, register_organisation_event, withdraw_event
from tests.duties.acts import sweep_on
from tests.duties.reading import body, plain
from tests.duties.rules import a_rule
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
BRANCHES = [{"condition": "kind", "kinds": ["branch"]}]


@pytest.fixture
def struck(cast):
    """A branch that a disaster strikes reports within ten days; who suffers one himself is visited."""
    trigger = {"kind": "event", "events": ["disaster"], "within_days": 10, "counted_per": "organisation"}
    a_rule(cast.committee, trigger, target=BRANCHES, action="report", code="report-disaster")
    sweep_on(TODAY)
    for someone in (cast.secretary, cast.commissioner, cast.clerk, cast.li, cast.sibling_secretary):
        account(someone, f"u{someone.pk}")
    return cast


@pytest.fixture
def secretary(struck, sign_in):
    return sign_in(struck.secretary.account)


def form_of(place) -> str:
    return f"{reverse('organisation_event_new')}?organisation={place.pk}"


def page_of(place) -> str:
    return reverse("organisation_events", args=[place.pk])


def registered(browser, place, **given):
    once = browser.get(form_of(place)).context["form"]["once"].value()
    sent = {"kind": "disaster", "occurred_on": "2026-11-20", "source": "防汛指〔2026〕7 号", "once": once, **given}
    return browser.post(form_of(place), sent)


def happen_to(place, kind=EventKind.DISASTER, on=date(2026, 11, 20), by=None, **more) -> Event:
    return register_organisation_event(by=by, organisation=place, kind=kind, occurred_on=on, today=TODAY, **more)


def test_the_form_says_what_will_open_and_saving_opens_it(struck, secretary):
    sent = {"kind": "disaster", "occurred_on": "2026-11-20", "preview": "1"}
    beside = plain(body(secretary.post(form_of(struck.branch), sent, headers={"HX-Request": "true"})))
    assert "登记后将生成 1 件应办" in beside
    assert not Event.objects.exists()
    answer = registered(secretary, struck.branch)
    assert answer.url == page_of(struck.branch)
    duty = Duty.objects.get()
    assert (duty.organisation, duty.member, duty.due_on, duty.state) == (
        struck.branch, None, date(2026, 11, 30), State.OPEN,
    )  # fmt: skip
    shown = plain(body(secretary.get(page_of(struck.branch))))
    assert "重大自然灾害或者事故 防汛指〔2026〕7 号" in shown
    assert "11-30 到期" in shown
    assert "补录" in shown, "entered three days after"
    event = Event.objects.get()
    assert (event.person, event.entered_by) == (None, struck.secretary)
    row = AuditRow.objects.get(act="write", subject=f"event:{event.pk}")
    assert row.detail == {"organisation": struck.branch.pk, "on": "2026-11-20"}


def test_without_javascript_the_whole_page_answers_with_what_was_filled_in(struck, secretary):
    sent = {"kind": "disaster", "occurred_on": "2026-11-20", "source": "某号", "preview": "1"}
    page = body(secretary.post(form_of(struck.branch), sent))
    assert "登记后将生成 1 件应办" in plain(page)
    assert 'value="某号"' in page
    assert not Event.objects.exists()


def test_the_report_closes_the_duty_also_one_made_before_the_event_was_entered(struck, secretary):
    record_deed(by=struck.secretary.account, action="report", on=date(2026, 11, 21), people=[struck.secretary],
                note="报送灾情", today=date(2026, 11, 21), organisation=struck.branch)  # fmt: skip
    registered(secretary, struck.branch)
    assert Duty.objects.get().state == State.DONE


def test_taking_it_back_takes_the_duty_and_leaves_the_row_with_its_reason(struck, secretary):
    registered(secretary, struck.branch)
    event = Event.objects.get()
    where = reverse("event_withdraw", args=[event.pk])
    assert "河源第一党支部" in plain(body(secretary.get(where)))
    assert "组织关系" not in plain(body(secretary.get(where)))[plain(body(secretary.get(where))).index("撤回事由") :]
    assert secretary.post(where, {"reason": ""}).status_code == 422
    answer = secretary.post(where, {"reason": "登到别的支部了", "once": "w"})
    assert answer.url == page_of(struck.branch)
    assert not Duty.objects.exists()
    assert "撤回：登到别的支部了" in plain(body(secretary.get(page_of(struck.branch))))
    assert f'href="{where}"' not in body(secretary.get(page_of(struck.branch)))


def test_a_double_click_registers_once_and_the_same_again_is_refused(struck, secretary):
    once = {"once": "k"}
    assert [registered(secretary, struck.branch, **once).status_code for _ in range(2)] == [302, 302]
    again = registered(secretary, struck.branch)
    assert again.status_code == 422
    assert "已登记过" in body(again)
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"occurred_on": "2026-11-24"}, "晚于今天"),
        ({"occurred_on": "some day"}, "写法不对"),
        ({"kind": "death"}, "请从列表里选"),
        ({"kind": ""}, "请从列表里选"),
    ],
)
def test_what_cannot_be_is_refused_and_keeps_what_was_typed(struck, secretary, given, says):
    answer = registered(secretary, struck.branch, **given)
    assert answer.status_code == 422
    assert says in body(answer)
    assert "防汛指〔2026〕7 号" in body(answer)
    assert not Event.objects.exists()


def test_what_happens_to_people_is_no_event_of_an_organisation_and_one_not_yet_there_has_none(struck):
    from_day = date(2026, 1, 1)
    with pytest.raises(Exception, match="个人的事"):
        happen_to(struck.branch, EventKind.DEATH)
    struck.branch.since = from_day
    struck.branch.save()
    with pytest.raises(Exception, match="不在党组织名册里"):
        happen_to(struck.branch, on=date(2025, 12, 31))


def test_an_event_of_a_member_opens_nothing_of_the_organisation_and_the_other_way_round(struck):
    register_event(by=None, person=struck.li, kind=EventKind.DISASTER, occurred_on=date(2026, 11, 20), today=TODAY)
    assert not Duty.objects.exists()
    happen_to(struck.sibling)
    assert [duty.organisation for duty in Duty.objects.order_by("pk")] == [struck.sibling]


def test_who_records_there_registers_and_nobody_else(struck, sign_in):
    deputy = sign_in(struck.commissioner.account)
    assert registered(deputy, struck.branch).status_code == 302
    assert deputy.get(form_of(struck.sibling)).status_code == 404
    assert deputy.get(page_of(struck.sibling)).status_code == 404
    plain_member = sign_in(struck.li.account)
    assert plain_member.get(form_of(struck.branch)).status_code == 403
    assert plain_member.get(page_of(struck.branch)).status_code == 404
    event = Event.objects.get()
    assert plain_member.get(reverse("event_withdraw", args=[event.pk])).status_code == 404
    assert sign_in(struck.sibling_secretary.account).get(reverse("event_withdraw", args=[event.pk])).status_code == 404
    assert sign_in(struck.clerk.account).get(reverse("event_withdraw", args=[event.pk])).status_code == 200


def test_a_sensitive_kind_is_called_so_only_to_who_may_know(struck, sign_in, secretary):
    happen_to(struck.branch, EventKind.COMPLAINT, by=struck.secretary.account, source="某号来信")
    assert "群众有不良反映 某号来信" in plain(body(secretary.get(page_of(struck.branch))))
    shown = plain(body(sign_in(struck.commissioner.account).get(page_of(struck.branch))))
    assert "关怀事项" in shown
    assert "不良反映" not in shown
    assert "来信" not in shown


def test_an_account_of_nobody_sees_no_event_of_an_organisation(struck):
    happen_to(struck.branch)
    assert not Event.objects.visible_to(Account(username="nobody")).exists()


def test_the_kinds_are_those_of_organisations_and_what_policy_waits_for(struck, secretary):
    trigger = {"kind": "event", "events": ["hired"], "within_days": 10, "counted_per": "organisation"}
    a_rule(struck.branch, trigger, target=BRANCHES, action="report", code="report-hired")
    kinds = dict(secretary.get(form_of(struck.branch)).context["form"].fields["kind"].choices)
    assert {"hired", "disaster", "honour"} <= set(kinds)
    assert not {"death", "illness", "request"} & set(kinds)


def test_the_pages_lead_to_each_other(struck, secretary):
    assert f'href="{page_of(struck.branch)}"' in body(secretary.get(reverse("organisation", args=[struck.branch.pk])))
    assert form_of(struck.branch) in body(secretary.get(reverse("event_new")))
    assert form_of(struck.branch) in body(secretary.get(page_of(struck.branch)))
    reader = member("何静", struck.branch)
    post(reader, struck.branch, Role.GROUP_LEADER)


def test_fifty_rows_take_as_many_queries_as_one(struck, secretary):
    def many(n):
        Event.objects.bulk_create(
            Event(organisation=struck.branch, kind="disaster", occurred_on=date(2026, 1, 1), entered_on=TODAY,
                  entered_by=struck.secretary)
            for _ in range(n)
        )  # fmt: skip
        sweep_on(TODAY)
        with CaptureQueriesContext(connection) as queries:
            page = body(secretary.get(page_of(struck.branch)))
        return len(queries), page.count("11-") + page.count('class="nowrap">01-01')

    secretary.get(page_of(struck.branch))
    few, _ = many(1)
    more, _ = many(59)
    assert more == few
    page = secretary.get(page_of(struck.branch))
    assert len(page.context["rows"]) == 50
    second = secretary.get(page_of(struck.branch), {"after": page.context["after"]})
    assert len(second.context["rows"]) == 10


def test_a_withdrawn_event_is_withdrawn_once(struck):
    event = happen_to(struck.branch)
    withdraw_event(by=struck.secretary.account, event=event, reason="登错", today=TODAY)
    with pytest.raises(Exception, match="撤回"):
        withdraw_event(by=struck.secretary.account, event=event, reason="登错", today=TODAY)
