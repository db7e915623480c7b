"""党员政治生日台账 and 宣誓台账: whose birthday, how it was kept, who was sworn in. Today is 2026-11-23."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.models import Ceremony
from duties.engine.models import Record
from ledgers.birthdays import BIRTHDAYS, OATHS
from ledgers.ledger import Reader
from members.enums import Standing
from tests.duties.acts import adopt_pack, sweep_on, talk
from tests.ledgers.rows import TODAY
from tests.ledgers.taking import ceremony, importer, lived_in, sheet_of, taken
from tests.world import account, member

pytestmark = pytest.mark.anywhere

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def table(ledger, reader, organisation, first=YEAR[0], last=YEAR[1]):
    reader = Reader(reader, TODAY)
    rows = ledger.table(ledger.rows(reader, organisation, first, last), reader)
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def test_the_columns_are_those_of_the_form(cast):
    assert [heading.text for heading in BIRTHDAYS.headings] == [
        "序号", "姓名", "所在支部", "入党日期", "转正日期", "党龄", "本年政治生日", "纪念方式", "谈话人", "完成时间",
        "佐证", "备注",
    ]  # fmt: skip


def test_each_birthday_says_how_it_was_kept(cast):
    lived_in(cast, "political-birthdays")
    adopt_pack(cast.committee)
    talked = member("谈过", cast.branch, joined=date(2001, 11, 20))
    member("还没", cast.branch, joined=date(2001, 11, 25))
    sweep_on(TODAY)
    talk(talked, cast.secretary, on=date(2026, 11, 20))
    rows = {row["姓名"]: row for row in table(BIRTHDAYS, account(cast.secretary), cast.branch)}
    zhang = rows["张伟"]
    assert (zhang["入党日期"], zhang["转正日期"], zhang["党龄"]) == ("2009-11-06", "2010-11-06", 16)
    assert (zhang["本年政治生日"], zhang["纪念方式"], zhang["谈话人"], zhang["完成时间"]) == (
        date(2026, 11, 6), "贺卡", "王海燕", date(2026, 11, 6),
    )  # fmt: skip
    assert zhang["佐证"] == f"政治生日祝贺记录 {Record.objects.get(on=date(2026, 11, 6)).pk}"
    assert rows["李建国"]["纪念方式"] == rows["赵秀兰"]["纪念方式"] == "集体（重温誓词、座谈）"
    assert (rows["谈过"]["纪念方式"], rows["谈过"]["备注"]) == ("谈心谈话", "")
    assert (rows["还没"]["纪念方式"], rows["还没"]["备注"]) == ("", "待办")
    assert (rows["孔月"]["入党日期"], rows["孔月"]["备注"]) == ("2001年3月", "只知道月份、已过期，可不办")


@pytest.mark.parametrize(
    ("first", "last", "joined", "on"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), date(2008, 2, 29), date(2026, 2, 28)),
        (date(2028, 2, 1), date(2028, 2, 28), date(2008, 2, 29), None),
        (date(2028, 2, 1), date(2028, 2, 29), date(2008, 2, 29), date(2028, 2, 29)),
        (date(2026, 3, 1), date(2026, 12, 31), date(2008, 2, 29), None),
        (date(2025, 12, 1), date(2026, 1, 31), date(2008, 12, 15), date(2025, 12, 15)),
        (date(2025, 12, 1), date(2026, 1, 31), date(2008, 1, 15), date(2026, 1, 15)),
        (date(2025, 12, 1), date(2026, 1, 31), date(2008, 6, 15), None),
        (date(2024, 1, 1), date(2026, 11, 23), date(2008, 12, 15), date(2025, 12, 15)),
        (date(2024, 1, 1), date(2026, 11, 23), date(2008, 6, 15), date(2026, 6, 15)),
        (date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 1), date(2026, 11, 19), date(2026, 11, 20), None),
        (date(2025, 1, 1), date(2025, 12, 31), date(2026, 11, 20), None),
    ],
)
def test_a_birthday_lies_in_a_period(cast, first, last, joined, on):
    someone = member("某人", cast.branch, joined=joined, full=None, standing=Standing.PROBATIONARY)
    rows = {row["姓名"]: row["本年政治生日"] for row in table(BIRTHDAYS, None, cast.branch, first, last)}
    assert rows.get(someone.name) == on


def test_nobody_gone_dead_or_suspended_stands_in_it(cast):
    for name, more in (
        ("停了", {"standing": Standing.SUSPENDED}),
        ("故人", {"standing": Standing.DEAD}),
        ("走了", {"until": date(2026, 10, 1)}),
        ("何年", {"joined_precision": "year"}),
    ):
        member(name, cast.branch, **more)
    found = {row["姓名"] for row in table(BIRTHDAYS, None, cast.branch)}
    assert found == {"王海燕", "张伟", "李建国", "赵秀兰"}


def test_the_ledger_takes_as_many_queries_for_fifty_rows_as_for_few(cast):
    lived_in(cast, "political-birthdays")
    clerk = account(cast.clerk)
    table(BIRTHDAYS, clerk, cast.branch)
    with CaptureQueriesContext(connection) as few:
        table(BIRTHDAYS, clerk, cast.branch)
    ceremony(
        cast, *(member(f"人{n}", cast.branch) for n in range(50)), on=date(2026, 7, 2), kind="birthday", ways=("card",)
    )
    with CaptureQueriesContext(connection) as many:
        assert len(table(BIRTHDAYS, clerk, cast.branch)) > 50
    assert len(many) == len(few)


def oath(cast, **more):
    row = {"日期": "2026-07-01", "种类": "重温誓词", "党员": "李建国", "所在党支部": cast.branch.name}
    return row | {"地点": "会议室", "领誓人": "高远", "组织人": "王海燕"} | more


def test_oaths_come_in_from_a_sheet_as_one_ceremony(cast):
    by = importer(account(cast.secretary))
    sheet = sheet_of("oaths", oath(cast), oath(cast, 党员="赵秀兰"))
    assert taken("oaths", sheet, by).report().counts()["created"] == 2
    made = Ceremony.objects.get()
    assert (made.kind, made.leader, made.place, made.present) == ("renewal", "高远", "会议室", 2)
    assert len(table(OATHS, by.account, cast.branch)) == 2


def test_the_oath_of_admission_of_a_long_standing_member_is_warned_of(cast):
    sheet = sheet_of("oaths", oath(cast, 种类="入党宣誓"))
    report = taken("oaths", sheet, importer(account(cast.secretary))).report()
    assert [(each.column, each.code) for each in report.findings] == [("种类", "doubt")]
    assert report.counts()["created"] == 1


@pytest.mark.parametrize("more", [{"领誓人": ""}, {"日期": "1990-07-01"}, {"日期": "2026-12-01"}, {"种类": "歃血"}])
def test_an_oath_that_cannot_have_been_taken_is_refused(cast, more):
    sheet = sheet_of("oaths", oath(cast, **more))
    report = taken("oaths", sheet, importer(account(cast.secretary))).report()
    assert report.counts()["refused"] == 1
    assert not Ceremony.objects.exists()
