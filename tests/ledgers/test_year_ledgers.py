"""Ledgers that add up a year or tell of notices: a fact changes, and so does its cell. Today is 2026-11-23."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.models import SelectionNotice
from care.entries import Given, close_entry, open_entry, recognise_entry
from care.registers import REGISTERS
from fund.applying import noticing
from fund.journal import Desk
from fund.models import PublicNotice
from fund.services import receive, reverse, spend
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract
from members.bonds import begin_tie
from members.enums import Role, TieKind
from tests import world
from tests.awards.selections import awarded
from tests.fund.money import DESK, NOW, funded, keep, opened
from tests.fund.office import Office, later
from tests.ledgers.rows import TODAY, in_force, printed
from tests.ledgers.taking import study, visit

pytestmark = pytest.mark.anywhere


@pytest.fixture
def clerk(cast):
    return world.account(cast.clerk)


# 学时


def of(rows, name, heading="党员"):
    [row] = [row for row in rows if row[heading] == name]
    return row


def test_the_hours_of_a_year_grow_with_each_session(cast, clerk):
    study(cast, cast.li, cast.zhao, on=date(2026, 11, 20), hours="2.5")
    study(cast, cast.li, on=date(2025, 11, 20), hours="3", title="去年")
    row = of(printed("study-hours", clerk, cast.branch), "李建国")
    assert row | {"序号": 0} == {
        "序号": 0, "党员": "李建国", "年度截止": date(2026, 12, 31),
        "所在党支部": "河源第一党支部", "免学": "",
        "人员类别": "正式党员", "集中学习次数": 1, "完成学时": row["完成学时"], "应学学时": None, "还差学时": None,
    }  # fmt: skip
    assert float(row["完成学时"]) == 2.5
    study(cast, cast.li, on=date(2026, 11, 21), hours="4", title="党章第三章")
    row = of(printed("study-hours", clerk, cast.branch), "李建国")
    assert (float(row["完成学时"]), row["集中学习次数"]) == (6.5, 2)
    last_year = of(printed("study-hours", clerk, cast.branch, last=date(2025, 6, 30)), "李建国")
    assert float(last_year["完成学时"]) == 3.0
    assert len(printed("study-hours", clerk, cast.branch)) == 4, "who studied nothing has a row too"


def test_what_is_asked_of_a_member_stands_beside_his_hours(cast, clerk):
    in_force(cast.committee)
    asked = of(printed("study-hours", clerk, cast.branch), "李建国")["应学学时"]
    study(cast, cast.li, on=date(2026, 11, 20), hours="2.5")
    row = of(printed("study-hours", clerk, cast.branch), "李建国")
    assert row["应学学时"] == asked
    assert (row["还差学时"] or 0) == max((asked or 0) - row["完成学时"], 0)


# 收支公开表


def test_a_book_of_a_year_tells_sources_uses_and_what_is_left(cast, clerk):
    fund = funded(cast.branch, 500_000)
    spend(keep(fund, 100_000), DESK, amount=60_000)
    row = printed("statements", clerk, cast.committee)[0]
    told = {heading: value for heading, value in row.items() if value not in (None, "")}
    assert told == {
        "序号": 1, "年度截止": date(2026, 12, 31), "党组织": "河源第一党支部", "上年结余": 0, "收入：留存党费": 5000,
        "本年收入": 5000, "支出：生活困难补助": 600, "本年支出": 600, "支出笔数": 1, "年末结余": 4400,
    }  # fmt: skip
    at = datetime(2026, 11, 23, 2, tzinfo=UTC)
    whole = Extract(LEDGERS["statements"], clerk, cast.committee, date(2026, 1, 1), TODAY, at)
    assert whole.totals == ["1 行", "1 本账", "收入 5,000.00 元", "支出 600.00 元"]
    assert whole.preview()
    assert whole.totals[2:] == ["收入 5,000.00 元", "支出 600.00 元"], "beside the first rows too"
    given = receive(fund, DESK, source="members", amount=7_050, donor="甲", receipt="1", words="捐赠")
    assert float(printed("statements", clerk, cast.committee)[0]["收入：党员捐赠"]) == 70.5
    reverse(given, DESK, words="金额记错")
    row = printed("statements", clerk, cast.committee)[0]
    assert (row["收入：党员捐赠"], row["年末结余"]) == (None, 4400)


def test_what_a_year_leaves_is_what_the_next_begins_with(cast, clerk):
    fund = opened(cast.branch)
    receive(fund, Desk(date(2025, 5, 1), NOW), source="dues", amount=500_000)
    receive(fund, DESK, source="dues", amount=100_000)
    first, second = printed("statements", clerk, cast.branch, first=date(2025, 12, 31))
    assert (first["年末结余"], second["上年结余"], second["本年收入"], second["年末结余"]) == (5000, 5000, 1000, 6000)


def test_books_are_for_who_reads_books_of_them(cast):
    funded(cast.branch)
    world.post(cast.li, cast.branch, Role.GROUP_LEADER)
    assert printed("statements", world.account(cast.li), cast.branch) == []
    assert printed("statements", world.account(cast.sibling_secretary), cast.branch) == []


# 公示


def test_a_notice_tells_how_many_how_long_and_what_came_of_it(cast, clerk):
    office = Office(cast)
    notice = office.posted(*office.decided(office.ready(cast.li)))
    PublicNotice.objects.filter(pk=notice.pk).update(place="办公楼一楼")
    [row] = printed("notices", clerk, cast.committee)
    told = {
        "张贴日期",
        "公示标题",
        "党组织",
        "公示人数",
        "拟帮扶金额(元)",
        "张贴地点",
        "异议件数",
        "公示结果",
        "结果日期",
    }
    assert {heading: row[heading] for heading in told} == {
        "张贴日期": TODAY, "公示标题": "关于拟帮扶对象的公示", "党组织": "云河水文局党委", "公示人数": 1,
        "拟帮扶金额(元)": 2000, "张贴地点": "办公楼一楼", "异议件数": None, "公示结果": "公示中", "结果日期": None,
    }  # fmt: skip
    assert "李建国" not in str(row)
    noticing.finish_notice(by=office.by(cast.clerk), notice=notice, result="", now=later(10))
    [row] = printed("notices", clerk, cast.committee)
    assert row["结果日期"] == TODAY + timedelta(days=10)
    assert row["公示结果"] not in ("", "公示中")


def test_a_selection_notice_is_a_row_in_the_ledger_of_who_selects(cast, clerk):
    awarded(cast)
    [row] = printed("selection-notices", clerk, cast.committee)
    shown = SelectionNotice.objects.get()
    assert (row["公示起"], row["公示止"], row["公示对象数"]) == (shown.from_on, shown.until_on, shown.nominees.count())
    assert (row["评选"], row["状态"], row["异议件数"]) == (shown.selection.title, "期满", None)
    SelectionNotice.objects.update(place="一楼大厅", until_on=TODAY)
    [row] = printed("selection-notices", clerk, cast.committee)
    assert (row["公示地点"], row["状态"]) == ("一楼大厅", "公示中")
    assert printed("selection-notices", world.account(cast.outsider), cast.other) == []


# 困难党员汇总


@pytest.fixture
def difficult(cast):
    cast.li.__dict__.update(
        id_number="410105197003152239", phone="13800002207", address="河南省郑州市金水区纬五路 1 号"
    )
    cast.li.save()
    facts = {
        "causes": _causes()[:1], "civil": "allowance",
        "detail": "配偶长期透析", "own_income": 300_000, "remark": "常联系",
        "family": [{"name": "吴春梅", "relation": "spouse", "income": 100_000}], "measures": "每季度走访",
    }  # fmt: skip
    return open_entry(
        by=None, register=REGISTERS["difficulty"], person=cast.li, since=date(2026, 3, 2),
        given=Given(facts, "特别困难"), today=TODAY,
    )  # fmt: skip


def _causes() -> list[str]:
    return [value for value, _label in REGISTERS["difficulty"].form.facts()["causes"].choices]


def national(account, organisation, **more):
    [row] = printed("difficulty-national", account, organisation, **more)
    return row


def test_the_merged_form_takes_each_cell_from_where_it_is_kept(cast, clerk, difficult):
    row = national(clerk, cast.committee)
    assert (row["所在党组织"], row["姓名"], row["困难程度"]) == ("河源第一党支部", "李建国", "特别困难")
    assert (row["身份证号"], row["联系电话"]) == ("410***********2239", "138****2207")
    assert (row["家庭人口"], row["家庭人均月收入(元)"], row["是否低保"]) == (2, 2000, "是")
    assert (row["具体困难情况"], row["备注"], row["帮扶措施"]) == ("配偶长期透析", "常联系", "每季度走访")
    assert [row[h] for h in ("组织认定日期", "帮扶责任人", "本年帮扶次数", "本年帮扶金额(元)", "脱困日期及原因")] == [
        None, "", None, None, "",
    ]  # fmt: skip
    recognise_entry(by=None, entry=difficult, on=date(2026, 4, 1), organisation="局党委", grade="一般困难", today=TODAY)
    begin_tie(person=cast.li, kind=TieKind.PAIRING, to=cast.zhao, since=date(2026, 4, 1), today=TODAY)
    visit(cast, cast.li, on=date(2026, 5, 1), money=50_000, source="dues")
    visit(cast, cast.li, on=date(2025, 5, 1), money=70_000, source="dues")
    office = Office(cast)
    office.paid(office.passed(cast.li))
    row = national(clerk, cast.committee, last=date(2026, 12, 31))
    assert (row["组织认定日期"], row["困难程度"], row["帮扶责任人"]) == (date(2026, 4, 1), "一般困难", "赵秀兰")
    assert row["本年帮扶次数"] >= 1
    assert row["本年帮扶金额(元)"] == 500 + 2000
    difficult.refresh_from_db()
    close_entry(by=None, entry=difficult, last=date(2026, 10, 1), why="已经脱困", note="", today=TODAY)
    assert national(clerk, cast.committee)["脱困日期及原因"] == "2026-10-01 已经脱困"


def test_of_help_only_what_was_given_by_the_day_counts(cast, clerk, difficult):
    visit(cast, cast.li, on=date(2026, 5, 1), money=50_000, source="dues")
    visit(cast, cast.li, on=date(2026, 9, 1), money=20_000, source="dues")
    row = national(clerk, cast.committee, held_on=date(2026, 6, 30))
    assert (row["本年帮扶次数"], row["本年帮扶金额(元)"]) == (1, 500)
    assert printed("difficulty-national", clerk, cast.committee, held_on=date(2026, 3, 1)) == []


def test_what_is_private_is_empty_for_who_may_not_know_it(cast, difficult):
    inspector = world.person("督查员")
    world.post(inspector, cast.committee, Role.INSPECTOR)
    row = national(world.account(inspector), cast.committee)
    private = ("健康状况", "家庭人口", "家庭人均月收入(元)", "具体困难情况", "备注")
    assert {row[heading] for heading in private} == {None}


@pytest.mark.parametrize("code", ["study-hours", "statements", "notices", "difficulty-national"])
def test_more_rows_cost_no_more_queries(cast, clerk, code):
    """Each further row of its kind is another member's, another book's, another notice's."""

    def more(people, places):
        if code == "statements":
            for each in places:
                fund = funded(each)
                spend(keep(fund, 10_000), DESK, amount=10_000)
        elif code == "study-hours":
            study(cast, *people, on=date(2026, 11, 20), title=people[0].name)
        elif code == "notices":
            [row] = PublicNotice.objects.all()[:1] or [office.posted(*office.decided(office.ready(cast.li)))]
            for number, _person in enumerate(people):
                row.pk, row.token = None, f"t{people[0].pk}{number}"
                row.save()
        else:
            for person in people:
                given = Given({"causes": _causes()[:1]}, "特别困难")
                open_entry(
                    by=None, register=REGISTERS["difficulty"], person=person, since=date(2026, 3, 2), given=given,
                    today=TODAY,
                )  # fmt: skip

    office = Office(cast) if code == "notices" else None
    printed(code, clerk, cast.committee)
    more([cast.li], [cast.branch])
    counts = []
    for number, places in ((1, []), (8, [cast.sibling, cast.direct])):
        more([world.member(f"党员{number}-{n}", cast.branch) for n in range(number)], places)
        with CaptureQueriesContext(connection) as queries:
            rows = printed(code, clerk, cast.committee)
        counts.append((len(queries), len(rows)))
    (first, few), (second, many) = counts
    assert many > few
    assert first == second <= 12
