"""The ledgers of activities and contact points: what they print, to whom, what comes in. Today is 2026-11-23."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledgers.declarations import LEDGERS
from ledgers.ledger import Reader
from members.enums import Role
from tests import world
from tests.ledgers.rows import TODAY
from tests.ledgers.taking import HELD, activity, contact_point, importer, planned, said, sheet_of, taken
from visits.models import Activity, ContactPoint

WALK = {
    "日期": "2026-10-18", "组织": "河源第一党支部", "种类": "文体", "活动": "登山", "地点": "东山", "组织人": "王海燕",
    "参加党员数": "12人", "参加党员": "李建国、赵秀兰", "经费(元)": "600", "款源": "党建经费", "做了什么": "同行",
}  # fmt: skip
POINT = {"领导": "高远", "联系点": "河源第一党支部", "自": "2026-03-01", "至": ""}


@pytest.fixture
def clerk(cast):
    return importer(world.account(cast.clerk))


def table(code, account, organisation) -> list[dict]:
    """The rows of the year as dictionaries by heading."""
    ledger, reader = LEDGERS[code], Reader(account, TODAY)
    rows = ledger.table(ledger.rows(reader, organisation, date(2026, 1, 1), TODAY), reader)
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def test_an_activity_is_one_row_and_its_words_are_for_few(cast):
    activity(cast, "community", "送米面", on=date(2026, 9, 17), members=[cast.li], helped=6, group="社区困难户",
             money=120_050, source="dues", text="金丝雀")  # fmt: skip
    [row] = table("activities", world.account(cast.secretary), cast.branch)
    assert row == {
        "序号": 1, "日期": date(2026, 9, 17), "组织": "河源第一党支部", "种类": "帮扶群众", "活动": "送米面",
        "地点": "", "组织人": "王海燕", "参加党员数": 1, "参加党员": "李建国", "服务群众数": 6,
        "哪些群众": "社区困难户", "经费(元)": Decimal("1200.50"), "款源": "留存党费", "做了什么": "金丝雀",
        "是否补录": "补录",
    }  # fmt: skip
    inspector = world.person("督查员")
    world.post(inspector, cast.committee, Role.INSPECTOR)
    [row] = table("activities", world.account(inspector), cast.committee)
    assert row["做了什么"] == ""
    assert table("activities", world.account(cast.sibling_secretary), cast.sibling) == []


def test_a_sheet_of_activities_is_taken_with_names_sum_and_source(cast, clerk):
    assert taken("activities", sheet_of("activities", WALK), clerk).report().counts()["created"] == 1
    made = Activity.objects.get()
    assert (made.kind, made.present, made.money, made.source, made.text) == ("culture", 12, 60_000, "special", "同行")
    assert (made.record.organisation, made.record.member) == (cast.branch, None)
    named = made.participants.order_by("pk").values_list("person", flat=True)
    assert set(named) == {cast.li.pk, cast.zhao.pk}


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"种类": "喝茶"}, "种类", "bad_kind"),
        ({"种类": ""}, "种类", "missing_kind"),
        ({"活动": ""}, "活动", "refused_title"),
        ({"日期": "2026-12-01"}, "日期", "refused_on"),
        ({"组织": "外单位党支部"}, "组织", "unknown_branch"),
        ({"参加党员": "李建国、路人"}, "参加党员", "unknown_member"),
        ({"参加党员": "孙德福"}, "参加党员", "refused_members"),
        ({"参加党员数": "1"}, "参加党员数", "refused_present"),
        ({"参加党员数": "很多"}, "参加党员数", "bad_present"),
        ({"参加党员数": "100000"}, "参加党员数", "refused_present"),
        ({"种类": "帮扶群众"}, "服务群众数", "refused_helped"),
        ({"经费(元)": "六百"}, "经费(元)", "bad_money"),
        ({"款源": ""}, "款源", "refused_source"),
        ({"款源": "天上"}, "款源", "bad_source"),
        ({"组织人": "路人"}, "组织人", "unknown_actor"),
    ],
)
def test_what_cannot_be_entered_is_said_at_its_cell(cast, clerk, changed, column, code):
    plan = planned("activities", sheet_of("activities", WALK | changed), clerk)
    assert (column, code) in {each[1:] for each in said(plan)}
    assert plan.entries == []


def test_the_same_activity_twice_in_a_sheet_is_said_at_its_day(cast, clerk):
    plan = planned("activities", sheet_of("activities", WALK, WALK), clerk)
    assert ("日期", "repeated") in {each[1:] for each in said(plan)}


def test_a_contact_point_is_a_row_with_what_was_done_in_the_period(cast):
    HELD["contact-points"](cast)
    running, ended = table("contact-points", world.account(cast.clerk), cast.committee)
    assert running == {
        "序号": 1, "领导": "高远", "领导所在党支部": "机关党支部", "职务": "云河水文局党委书记",
        "联系点": "河源第一党支部", "自": date(2025, 3, 1), "至": None, "参加支部活动": "",
        "到联系点讲党课": "2026-07-08", "调研报告": "",
    }  # fmt: skip
    assert (ended["联系点"], ended["至"], ended["到联系点讲党课"]) == ("河源第二党支部", date(2026, 8, 31), "")


def test_a_sheet_of_contact_points_is_taken(cast, clerk):
    ended = POINT | {"联系点": "010102", "自": "2026-01-05", "至": "2026-06-30"}
    plan = taken("contact-points", sheet_of("contact-points", POINT, ended), clerk)
    assert plan.report().counts()["created"] == 2
    point = ContactPoint.objects.get(organisation=cast.sibling)
    assert (point.leader, point.since, point.until) == (cast.committee_secretary, date(2026, 1, 5), date(2026, 7, 1))


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"联系点": "外单位党支部"}, "联系点", "unknown_point"),
        ({"联系点": ""}, "联系点", "unknown_point"),
        ({"领导": "王海燕"}, "领导", "refused_leader"),
        ({"领导": "路人"}, "领导", "unknown_member"),
        ({"自": "2026-12-01"}, "自", "refused_since"),
        ({"至": "2026-02-01"}, "至", "refused_last"),
    ],
)
def test_what_is_no_contact_point_is_said_at_its_cell(cast, clerk, changed, column, code):
    plan = planned("contact-points", sheet_of("contact-points", POINT | changed), clerk)
    assert (column, code) in {each[1:] for each in said(plan)}
    assert plan.entries == []


@pytest.mark.parametrize("code", list(HELD))
def test_ten_rows_cost_what_two_cost(cast, code):
    account = world.account(cast.clerk)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            table(code, account, cast.committee)
        return len(queries)

    HELD[code](cast)
    asked()
    few = asked()
    for n in range(8):
        activity(cast, "culture", f"第 {n} 次", on=date(2026, 5, 4), members=[cast.li])
    contact_point(cast.committee_secretary, cast.direct, since=date(2026, 2, 1))
    contact_point(cast.general_secretary, cast.sibling, since=date(2026, 2, 1))
    assert asked() == few
