"""Why one talks or visits: every kind of event can be the reason, whatever rule asks. Today is 2026-11-23."""

from datetime import date

import pytest

from duties.engine.models import Action, Duty, State
from members.enums import EventKind, Role
from tests.duties.acts import happen, sweep_on
from tests.duties.rules import a_rule
from tests.visits.filling import fill, fill_visit
from tests.world import account, member, post
from visits.models import Talk
from visits.reasons import closed_by_action

TODAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


@pytest.fixture
def secretary(cast, sign_in):
    return sign_in(account(cast.secretary))


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind not in (EventKind.REQUEST, EventKind.DEATH)])
def test_a_talk_answers_the_event_of_any_kind_that_a_rule_names(cast, secretary, kind):
    a_rule(cast.committee, {"kind": "event", "events": [kind], "within_days": 7, "answers": True}, action="talk")
    sweep_on(TODAY)
    event = happen(cast.li, kind, date(2026, 11, 20))
    page = secretary.get("/talks/new/", {"member": cast.li.pk}).content.decode()
    assert f'<option value="event:{event.pk}" selected>{kind.label}（第1项）' in page
    secretary.post("/talks/new/", fill(secretary, cast.li, reason=f"event:{event.pk}"))
    duty = Duty.objects.get(event=event)
    assert (duty.state, duty.closed_by.talk.subject) == (State.DONE, Talk.Subject.EVENT)


def test_what_happened_of_late_can_be_the_reason_though_nothing_asks_for_it(cast, secretary):
    ill = happen(cast.li, EventKind.HOSPITAL, date(2026, 11, 20))
    happen(cast.li, EventKind.HOSPITAL, date(2026, 5, 20))
    page = secretary.get("/visits/new/", {"member": cast.li.pk}).context["form"]
    offered = [value for value, _label in page.fields["reason"].choices if value.startswith("event:")]
    assert offered == [f"event:{ill.pk}"]
    secretary.post("/visits/new/", fill_visit(secretary, cast.li, reason=f"event:{ill.pk}"))
    assert cast.li.records.get().event == ill


def test_a_reason_is_told_to_those_who_may_know(cast, sign_in):
    happen(cast.li, EventKind.HOSPITAL, date(2026, 11, 20))
    deputy = member("何静", cast.branch)
    post(deputy, cast.branch, Role.DEPUTY_SECRETARY)
    page = sign_in(account(deputy)).get("/talks/new/", {"member": cast.li.pk}).content.decode()
    assert "11-20 关怀事项" in page
    assert "患病住院" not in page


def test_a_visit_counts_for_the_branch_and_for_who_went(cast, secretary):
    heads = [{"condition": "post", "roles": ["secretary"], "at": ["branch"]}]
    quarter = {"kind": "quota", "times": 1, "per": "quarter", "counted_per": "actor"}
    a_rule(cast.committee, quarter, target=heads, action="visit")
    sweep_on(TODAY)
    sent = fill_visit(secretary, cast.li)
    assert "1 件" in secretary.post("/visits/new/", sent | {"preview": "1"}).content.decode()
    done = secretary.post("/visits/new/", sent, follow=True).content.decode()
    assert "办结 1 件应办" in done


def test_rules_of_policies_adopted_nowhere_close_nothing(cast):
    rule = a_rule(cast.committee, {"kind": "quota", "times": 1, "per": "year", "counted_per": "member"}, action="talk")
    assert closed_by_action(Action.TALK) == [rule.pk]
    rule.policy.adoptions.all().delete()
    assert closed_by_action(Action.TALK) == []
