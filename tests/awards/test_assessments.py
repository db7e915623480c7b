"""Yearly assessments of secretaries: what they close, what follows, who sees them. Today is 2026-11-23."""

from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from awards.assessing import Judged, correct_assessment, record_assessment, withdraw_assessment
from awards.models import Assessment
from base.models import AuditRow
from duties.deeds import record_deed
from duties.engine.models import Action, Duty, Record
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from duties.tasks import TaskState, tasks_of
from members.enums import EventKind, Role
from members.models import Event
from tests.duties.acts import die, once_in, sweep_on
from tests.world import account, organisation, post

TODAY = date(2026, 11, 23)
LIST, NEW = "/assessments/", "/assessments/new/"
SAID = "抓手不多，台账没有跟上"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """The cast under the policy that asks for assessments, and the product's own clocks."""
    for code in ("sichuan-arts-science-2020", "working-rules"):
        policy = load_pack(code)
        adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    sweep_on(TODAY)
    return cast


def judged(world, **more) -> Judged:
    given = Judged(2026, "good", world.secretary, date(2026, 11, 20), [world.committee_secretary], remarks=SAID)
    return replace(given, **more)


BAD = {"grade": "fair", "mend_by": date(2027, 1, 31), "talk_by": date(2026, 12, 10)}


def bad(world, **more) -> Judged:
    return judged(world, **{"talker": world.committee_secretary, **BAD, **more})


def assessed(world, given=None, by=None) -> Assessment:
    return record_assessment(
        by=by, organisation=world.branch, assessor=world.committee, judged=given or judged(world), today=TODAY
    )


def refusal(call) -> dict:
    with pytest.raises(ValidationError) as no:
        call()
    return no.value.message_dict


def owed(world):
    return Duty.objects.get(rule__code="secretary-assessment", organisation=world.committee, period="2026")


def test_an_assessment_closes_what_the_committee_owes_and_taking_it_back_opens_it(world):
    assert owed(world).state == "open"
    made = assessed(world)
    assert (owed(world).state, made.record.action, made.record.organisation) == ("done", "assessment", world.committee)
    assert SAID not in made.record.deed.note
    assert not Event.objects.filter(kind=EventKind.TASK).exists()
    withdraw_assessment(by=None, assessment=made, reason="登错了", today=TODAY)
    assert owed(world).state == "open"
    assert assessed(world).pk != made.pk


def test_a_bad_grade_gives_a_talk_and_a_day_to_mend_and_shows_when_they_are_done(world):
    made = assessed(world, bad(world))
    talk, mend = tasks_of(made.source, today=TODAY)
    assert (talk.event.addressee, talk.about, talk.event.due_on) == (
        world.committee_secretary, world.committee, date(2026, 12, 10),
    )  # fmt: skip
    assert (mend.event.addressee, mend.about, mend.event.due_on) == (world.secretary, world.branch, date(2027, 1, 31))
    assert {talk.state, mend.state} == {TaskState.OPEN}
    record_deed(
        by=None, action=Action.HANDLING, on=TODAY, people=[world.secretary], note="补齐了", today=TODAY,
        organisation=world.branch, event=mend.event,
    )  # fmt: skip
    assert [task.state for task in tasks_of(made.source, today=TODAY)] == [TaskState.OPEN, TaskState.DONE]
    withdraw_assessment(by=None, assessment=made, reason="登错了", today=TODAY)
    assert [task.state for task in tasks_of(made.source, today=TODAY)] == [TaskState.WITHDRAWN, TaskState.DONE]


def test_of_long_ago_nothing_is_asked_any_more(world):
    given = bad(world, year=2025, on=date(2026, 1, 20), mend_by=date(2026, 3, 31), talker=None, talk_by=None)
    made = assessed(world, given)
    assert (made.mend_by, tasks_of(made.source, today=TODAY)) == (date(2026, 3, 31), [])


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"on": date(2026, 11, 24)}, "on", "晚于今天"),
        ({"year": 2024}, "year", "当年或上一年"),
        ({"year": 2027}, "year", "当年或上一年"),
        ({"people": []}, "people", "请勾选是谁主持"),
        ({"grade": "fair"}, "mend_by", "请填整改期限"),
        ({"grade": "poor", "mend_by": date(2026, 11, 1)}, "mend_by", "早于考核"),
        ({"grade": "poor", "mend_by": date(2026, 12, 1)}, "talker", "请选谁来谈"),
        ({**BAD, "talk_by": date(2026, 11, 22)}, "talk_by", "今天或以后"),
        ({"remarks": "长" * 2001}, "remarks", "2001"),
    ],
)
def test_what_cannot_be_gets_a_sentence(world, given, field, words):
    assert words in refusal(lambda: assessed(world, judged(world, **given)))[field][0]
    assert not Record.objects.exists()


def test_who_did_not_lead_it_is_not_assessed_nor_does_anybody_assess_himself(world):
    assert "没有任" in refusal(lambda: assessed(world, judged(world, secretary=world.li)))["secretary"][0]
    own = judged(world, people=[world.secretary])
    assert "自己不登记" in refusal(lambda: assessed(world, own))["people"][0]
    assert "自己不登记" in refusal(lambda: assessed(world, by=account(world.secretary)))["people"][0]
    wrong = lambda: record_assessment(  # noqa: E731
        by=None, organisation=world.branch, assessor=world.sibling, judged=judged(world), today=TODAY
    )
    assert "不是河源第一党支部的上级" in refusal(wrong)["assessor"][0]
    die(world.secretary, date(2026, 11, 10))
    assert "去世" in refusal(lambda: assessed(world))["secretary"][0]


def test_once_a_year_and_corrected_by_another(world):
    made = assessed(world)
    assert "已于 2026-11-20 考核" in refusal(lambda: assessed(world, judged(world, grade="poor")))["year"][0]
    other = correct_assessment(by=None, assessment=made, judged=judged(world, grade="excellent"), today=TODAY)
    made.refresh_from_db()
    assert (made.withdrawn_on, other.grade) == (TODAY, "excellent")
    assert owed(world).state == "done"


def test_the_secretary_above_and_nobody_beside_sees_it(world, sign_in):
    made = assessed(world, bad(world))
    page = reverse("assessment", args=[made.pk])
    post(world.zhao, world.branch, Role.DEPUTY_SECRETARY)
    for key in ("secretary", "clerk", "committee_secretary"):
        browser = sign_in(account(getattr(world, key)))
        text = browser.get(page).text
        assert SAID in text
        assert "限期整改" in text
        assert "河源第一党支部" in browser.get(LIST).text
        assert SAID in browser.get(reverse("assessment_print", args=[made.pk])).text
    for key in ("zhao", "commissioner", "li", "sibling_secretary", "general_secretary", "outsider"):
        browser = sign_in(account(getattr(world, key)))
        assert browser.get(page).status_code == 404
        assert "一般" not in browser.get(LIST).text
        assert browser.get(reverse("assessment_withdraw", args=[made.pk])).status_code == 404
    assert AuditRow.objects.filter(act="read", subject=f"assessment:{made.pk}").count() == 6


def test_who_owes_the_talk_reads_the_assessment_until_it_is_taken_back(world, sign_in):
    """A commissioner of the committee looks over nothing; the task leads both him and the secretary back."""
    post(world.li, world.committee, Role.COMMISSIONER)
    made = assessed(world, bad(world, talker=world.li), by=account(world.clerk))
    page = reverse("assessment", args=[made.pk])
    talker = sign_in(account(world.li))
    assert SAID in talker.get(page).text
    talk, mend = tasks_of(made.source, today=TODAY)
    assert f'href="{page}"' in talker.get(reverse("task", args=[talk.event.pk])).text
    assert f'href="{page}"' in sign_in(account(world.secretary)).get(reverse("task", args=[mend.event.pk])).text
    post(world.zhao, world.branch, Role.DEPUTY_SECRETARY)
    beside = sign_in(account(world.zhao)).get(reverse("task", args=[mend.event.pk]))
    assert (beside.status_code, page in beside.text) == (200, False)
    assert talker.get(reverse("assessment_withdraw", args=[made.pk])).status_code == 403
    withdraw_assessment(by=None, assessment=made, reason="登错了", today=TODAY)
    assert talker.get(page).status_code == 404


def test_a_good_grade_asks_for_no_mending_and_says_so(world):
    given = judged(world, mend_by=date(2027, 1, 31), talker=world.committee_secretary)
    said = refusal(lambda: assessed(world, given))
    assert sorted(said) == ["mend_by", "talker"]
    assert "考核“良好”的不用约谈提醒和限期整改" in said["mend_by"][0]


def test_the_time_line_tells_those_who_may_know(world, sign_in):
    assessed(world)
    page = f"/members/{world.secretary.pk}/"
    assert "2026 年度：良好" in sign_in(account(world.secretary)).get(page).text
    assert "2026 年度：良好" in sign_in(account(world.clerk)).get(page).text
    assert "年度：良好" not in sign_in(account(world.commissioner)).get(page).text


def fill(client, world, **more) -> dict:
    page = client.get(NEW, {"organisation": world.branch.pk})
    assert page.status_code == 200
    return {
        "once": once_in(page), "organisation": world.branch.pk, "assessor": world.committee.pk, "year": "2026",
        "secretary": world.secretary.pk, "on": "2026-11-20", "people": [world.committee_secretary.pk],
        "grade": "good", "remarks": SAID, **more,
    }  # fmt: skip


def test_a_clerk_enters_one_corrects_it_and_takes_it_back(world, sign_in):
    clerk = sign_in(account(world.clerk))
    assert "还没有考核的" in clerk.get(LIST).text
    sent = fill(clerk, world)
    first = clerk.post(NEW, sent)
    assert clerk.post(NEW, sent).url == first.url
    [made] = Assessment.objects.all()
    assert "办结 1 件应办" in clerk.get(first.url).text or made.record
    assert f'?organisation={world.branch.pk}"' not in clerk.get(LIST).text
    page = clerk.get(NEW, {"instead": made.pk})
    assert SAID in page.text
    clerk.post(NEW, sent | {"once": once_in(page), "instead": made.pk, "grade": "excellent"})
    assert list(Assessment.objects.order_by("pk").values_list("grade", "withdrawn_on")) == [
        ("good", TODAY), ("excellent", None),
    ]  # fmt: skip
    new = Assessment.objects.standing().get()
    address = reverse("assessment_withdraw", args=[new.pk])
    once = once_in(clerk.get(address))
    assert clerk.post(address, {"once": once, "reason": " "}).status_code == 422
    assert "已撤回" in clerk.post(address, {"once": once, "reason": "登错了"}, follow=True).text
    assert clerk.get(NEW, {"instead": new.pk}).status_code == 404


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"grade": "poor"}, "请填整改期限"),
        ({"grade": "第一名"}, "请选等次"),
        ({"secretary": "999999"}, "请从列表里选被考核的书记"),
        ({"people": ["x"]}, "请从列表里勾选谁主持考核"),
        ({"assessor": "乱"}, "请从列表里选考核的党组织"),
        ({"on": "昨天"}, "考核日期写法不对"),
    ],
)
def test_wrong_input_loses_nothing(world, sign_in, given, words):
    clerk = sign_in(account(world.clerk))
    refused = clerk.post(NEW, fill(clerk, world, **given))
    assert refused.status_code == 422
    assert words in refused.text
    assert SAID in refused.text
    assert not Assessment.objects.exists()


def test_a_branch_secretary_enters_none_and_out_of_scope_does_not_exist(world, sign_in):
    secretary = sign_in(account(world.secretary))
    assert secretary.get(NEW).status_code == 403
    general = sign_in(account(world.general_secretary))
    assert general.get(NEW, {"organisation": world.branch.pk}).status_code == 200
    assert general.get(NEW, {"organisation": world.direct.pk}).status_code == 404
    assert general.get(NEW, {"organisation": world.general.pk}).status_code == 404
    assert sign_in(account(world.clerk)).get(NEW, {"organisation": world.other_branch.pk}).status_code == 404


def test_the_list_costs_the_same_however_many(world, sign_in):
    clerk = sign_in(account(world.clerk))

    def cost() -> int:
        clerk.get(LIST)
        with CaptureQueriesContext(connection) as queries:
            assert clerk.get(LIST).status_code == 200
        return len(queries)

    places = [organisation(f"0109{n:02}", parent=world.committee) for n in range(60)]
    assessed(world)
    few = cost()
    for place in places:
        Assessment.objects.create(
            organisation=place, assessor=world.committee, path=world.committee.path, secretary=world.li, year=2026,
            grade="good", on=date(2026, 6, 1), entered_on=TODAY,
        )  # fmt: skip
    assert cost() == few <= 20
    after = clerk.get(LIST).context["after"]
    assert len(clerk.get(LIST, {"after": after}).context["rows"]) == 11


def test_the_deed_of_an_assessment_is_taken_back_with_it(world, sign_in):
    made = assessed(world)

    page = sign_in(account(world.clerk)).get(reverse("deed_withdraw", args=[made.record.deed.pk]))

    assert page["Location"] == reverse("assessment_withdraw", args=[made.pk])
    assert owed(world).state == "done"


def test_what_is_taken_back_with_more_than_itself_has_a_page_for_it():
    for row, page, said in settings.WITHDRAWN_WITH.values():
        assert Record._meta.get_field(row).one_to_one
        assert reverse(page, args=[1])
        assert said.endswith("请在这里办。")
