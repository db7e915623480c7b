"""The ledger of requests for a talk, and what that of talks says of promises and confirmations. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from ledgers.declarations import REQUESTS, TALKS, Reader
from members.enums import Role
from members.models import Event
from tests import world
from tests.ledgers.rows import TODAY, in_force, talk
from tests.ledgers.taking import importer, planned, said, sheet_of, taken
from visits.answering import explain_late
from visits.confirming import confirm
from visits.promises import Promise, promise, take_back_promises
from visits.requesting import request_talk
from visits.services import record_talk

CANARY = "想换岗位金丝雀"
ROW = {"申请日期": "2026-11-02", "申请人": "李建国", "所在支部": "河源第一党支部", "约谈领导": "王海燕"}


@pytest.fixture
def secretary(cast):
    in_force(cast.committee)
    return world.account(cast.secretary)


def table(ledger, account, organisation):
    """The rows of the year as dictionaries by heading."""
    reader = Reader(account, TODAY)
    rows = ledger.table(ledger.rows(reader, organisation, date(2026, 1, 1), TODAY), reader)
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def ask(cast, whom, on):
    return request_talk(by=None, person=whom, addressee=cast.secretary, on=on, reason=CANARY, today=TODAY)


def answer(cast, asked, on):
    record_talk(
        by=None, members=[asked.person], on=on, means="face", subject="request", text="谈了岗位",
        talkers=[cast.secretary], today=TODAY, event=asked,
    )  # fmt: skip


def test_each_request_is_a_row_with_its_days_and_why_it_was_late(cast, secretary):
    late, in_time = ask(cast, cast.li, date(2026, 11, 2)), ask(cast, cast.zhao, date(2026, 11, 3))
    ask(cast, cast.commissioner, date(2026, 11, 10))
    answer(cast, in_time, date(2026, 11, 8))
    answer(cast, late, date(2026, 11, 11))
    explain_late(by=secretary, event=late, on=date(2026, 11, 11), reason="汛后检查")

    waits, second, first = table(REQUESTS, world.account(cast.clerk), cast.committee)

    assert first == {
        "序号": 3, "申请日期": date(2026, 11, 2), "申请人": "李建国", "所在支部": "河源第一党支部",
        "约谈领导": "王海燕", "受理人": "王海燕", "应安排截止日": date(2026, 11, 9), "实际谈话时间": date(2026, 11, 11),
        "是否超期及原因": "超期 2 天：汛后检查", "结果": "已谈",
    }  # fmt: skip
    assert (second["是否超期及原因"], second["结果"]) == ("否", "已谈")
    assert (waits["是否超期及原因"], waits["结果"]) == ("超期 6 天，还没有谈", "等安排")
    assert CANARY not in str([first, second, waits])


def test_a_request_is_in_the_ledger_of_its_branch_and_costs_the_same_for_many(cast, secretary):
    ask(cast, cast.li, date(2026, 11, 2))
    ask(cast, cast.sun, date(2026, 11, 2))
    table(REQUESTS, secretary, cast.branch)
    counts = []
    for more in ((), (cast.zhao, cast.commissioner)):
        for whom in more:
            ask(cast, whom, date(2026, 11, 4))
        with CaptureQueriesContext(
            connection,
        ) as caught:
            rows = table(REQUESTS, secretary, cast.branch)
        counts.append((len(rows), len(caught)))
    assert [rows for rows, _queries in counts] == [1, 3]
    assert counts[0][1] == counts[1][1]


def test_a_sheet_of_history_enters_requests(cast, secretary):
    by = importer(world.account(cast.clerk))
    data = sheet_of("requests", ROW | {"约谈事由": CANARY}, ROW | {"申请人": "赵秀兰", "约谈领导": "孙德福"})
    assert [finding[2:] for finding in said(planned("requests", data, by))][:1] != []
    done = taken("requests", data, by).report()
    assert done.counts() == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    made = Event.objects.get()
    assert (made.person, made.addressee, made.occurred_on, made.note) == (
        cast.li, cast.secretary, date(2026, 11, 2), CANARY,
    )  # fmt: skip
    assert taken("requests", data, by).report().counts()["unchanged"] == 1


def test_talks_say_how_their_promises_stand_and_what_the_member_says(cast, secretary):
    policy = load_pack("working-rules")
    adopt(by=None, organisation=cast.committee, policy=policy, since=date(2026, 1, 1), today=TODAY)
    one, two, three = (talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, day)) for day in (20, 19, 18))
    for told, what in ((one, "联系工会"), (two, "联系医院")):
        given = [Promise(what, cast.secretary, TODAY), Promise(what, cast.commissioner, TODAY)]
        promise(by=secretary, act=told, promises=given, today=TODAY)
    take_back_promises(by=secretary, act=two, today=TODAY)
    confirm(by=world.account(cast.li), record=three.record, right=True, text="", today=TODAY)
    rows = table(TALKS, secretary, cast.branch)
    assert [(row["办结情况"], row["本人确认"]) for row in rows] == [("2 件：在办", ""), ("", ""), ("", "本人确认")]
    late = Reader(secretary, date(2026, 11, 24))
    [row, *_] = TALKS.table(TALKS.rows(late, cast.branch, date(2026, 1, 1), TODAY), late)
    assert "2 件：逾期 2 件" in row[1]


def test_themes_go_out_and_come_in(cast, secretary):
    row = {
        "时间": "2026-03-05",
        "谈话人": "王海燕",
        "谈话对象": "李建国",
        "所在党支部": "河源第一党支部",
        "谈到": "生活，思想",
    }
    row |= {"意见建议": CANARY, "谈话人答复": "再研究"}
    assert taken("talks", sheet_of("talks", row), importer(secretary)).report().counts()["created"] == 1
    [told] = table(TALKS, secretary, cast.branch)
    assert told["谈到"] == "思想、生活"
    assert CANARY not in str(told)
    wrong = planned("talks", sheet_of("talks", row | {"时间": "2026-03-06", "谈到": "天气"}), importer(secretary))
    assert "“天气”认不出，请写成：思想、工作、生活。" in str(wrong)


def test_an_inspector_sees_days_and_no_reason(cast, secretary):
    ask(cast, cast.li, date(2026, 11, 2))
    inspector = world.person("督查员")
    world.post(inspector, cast.committee, Role.INSPECTOR)
    [row] = table(REQUESTS, world.account(inspector), cast.committee)
    assert CANARY not in str(row)
