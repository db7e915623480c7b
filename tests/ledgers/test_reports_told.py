"""情况报告: who sent one is told what became of it, once for each step, while he may read it; none of its words."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.notices import outbox
from duties.notices.models import Kind, Message, Notice
from ledgers.reporting.acts import Said, answer, complete, receive, send, send_back, take_back
from ledgers.reporting.models import Report
from members.models import Account, Post
from tests.duties.reading import body
from tests.ledgers.test_reports import WORDS, known, lived  # noqa: F401  a fixture

TODAY = date(2026, 11, 23)
TITLE = "测站供暖改造推迟"
ANSWER = "已请局里协调周边供暖。"
pytestmark = pytest.mark.django_db


@pytest.fixture
def report(lived) -> Report:  # noqa: F811
    said = Said("matter", TITLE, WORDS, TODAY)
    return send(by=known(lived.secretary), organisation=lived.branch, said=said, today=TODAY)


def told(cast) -> list[str]:
    """What the sender's inbox says after a round of the outbox."""
    outbox.send_waiting(today=TODAY)
    rows = Message.objects.filter(recipient=cast.secretary, kind=Kind.OUTCOME).order_by("pk")
    return [row.content["said"] for row in rows]


def test_each_step_is_told_once_and_a_second_return_anew(lived, report):  # noqa: F811
    above, own = known(lived.general_secretary), known(lived.secretary)
    due = TODAY + timedelta(days=3)
    begins = f"你 2026-11-23 报给{lived.general.label}的重要情况 {report.pk} 号"
    assert told(lived) == []
    send_back(by=above, report=report, reason="涉及几个测站", due_on=due, today=TODAY)
    assert told(lived) == [f"{begins}退回补充，请在 2026-11-26 前补充再报。"]
    complete(by=own, report=report, text="涉及两个测站。", today=TODAY)
    send_back(by=above, report=report, reason="哪两个", due_on=due, today=TODAY)
    assert len(told(lived)) == 2
    complete(by=own, report=report, text="上游和下游。", today=TODAY)
    receive(by=above, report=report, today=TODAY)
    assert told(lived)[2:] == [f"{begins}已签收。"]
    answer(by=above, report=report, text=ANSWER, today=TODAY)
    assert told(lived)[3:] == [f"{begins}已答复。"]
    assert len(told(lived)) == 4


def test_an_answer_that_receives_too_is_one_message(lived, report):  # noqa: F811
    answer(by=known(lived.general_secretary), report=report, text=ANSWER, today=TODAY)
    assert len(told(lived)) == 1


def test_the_message_leads_to_the_report_and_holds_none_of_its_words(lived, report, sign_in):  # noqa: F811
    answer(by=known(lived.general_secretary), report=report, text=ANSWER, today=TODAY)
    told(lived)
    message = Message.objects.get(kind=Kind.OUTCOME)
    client = sign_in(known(lived.secretary))
    page = body(client.get(f"/messages/{message.pk}/"))
    assert f'href="/reports/{report.pk}/"' in page
    assert client.get(f"/reports/{report.pk}/").status_code == 200
    for words in (TITLE, WORDS, ANSWER):
        assert words not in page
        assert words not in str(message.content)
    assert message.content["said"] in body(client.get("/messages/"))
    other = sign_in(known(lived.sibling_secretary))
    assert other.get(f"/messages/{message.pk}/").status_code == 404


def test_who_lost_access_before_it_is_sent_is_told_nothing(lived, report):  # noqa: F811
    receive(by=known(lived.general_secretary), report=report, today=TODAY)
    Post.objects.filter(person=lived.secretary).update(until=TODAY)
    assert told(lived) == []
    assert Notice.objects.get(kind=Kind.OUTCOME).state == Notice.State.DROPPED


def test_of_one_that_was_taken_back_nothing_is_told(lived, report):  # noqa: F811
    send_back(by=known(lived.general_secretary), report=report, reason="哪几个", due_on=TODAY, today=TODAY)
    take_back(by=known(lived.secretary), report=report, reason="写错了", today=TODAY)
    assert told(lived) == []


def test_who_is_closed_or_did_it_himself_is_told_nothing(lived, report):  # noqa: F811
    receive(by=known(lived.secretary), report=report, today=TODAY)
    assert not Notice.objects.filter(kind=Kind.OUTCOME).exists()
    answer(by=known(lived.general_secretary), report=report, text=ANSWER, today=TODAY)
    Account.objects.filter(person=lived.secretary).update(is_active=False)
    assert told(lived) == []


def test_an_outcome_of_yesterday_is_still_told(lived, report):  # noqa: F811
    receive(by=known(lived.general_secretary), report=report, today=TODAY)
    Notice.objects.filter(kind=Kind.OUTCOME).update(day=TODAY - timedelta(days=1))
    assert len(told(lived)) == 1


def test_many_reports_of_one_sender_cost_as_much_as_one(lived, report):  # noqa: F811
    above = known(lived.general_secretary)
    receive(by=above, report=report, today=TODAY)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            outbox.COMPOSERS[Kind.OUTCOME].contents(TODAY, {lived.secretary.pk})
        return len(queries)

    one = asked()
    for n in range(3):
        more = send(by=known(lived.secretary), organisation=lived.branch, said=Said("matter", f"另{n}", WORDS, TODAY),
                    today=TODAY)  # fmt: skip
        receive(by=above, report=more, today=TODAY)
    assert asked() == one
