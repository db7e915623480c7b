"""The ledgers of assessments, allowances and yearly plans: what they print, what comes in. Today is 2026-11-23."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.models import Allowance
from ledgers.declarations import LEDGERS
from ledgers.ledger import Reader
from tests import world
from tests.ledgers.rows import TODAY
from tests.ledgers.taking import HELD, importer, planned, said, sheet_of, taken

CARD = {
    "发放日期": "2026-09-20", "党组织": "河源第一党支部", "姓名": "李建国", "种类": "职工福利", "事由": "中秋",
    "金额(元)": "300元", "款源": "工会", "审批依据": "工会第 3 次会议",
}  # fmt: skip


@pytest.fixture
def clerk(cast):
    return importer(world.account(cast.clerk))


def table(code, account, organisation) -> list[dict]:
    ledger, reader = LEDGERS[code], Reader(account, TODAY)
    rows = ledger.table(ledger.rows(reader, organisation, date(2026, 1, 1), TODAY), reader)
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def test_an_assessment_is_printed_for_those_above_and_for_oneself(cast):
    HELD["assessments"](cast)
    rows = table("assessments", world.account(cast.clerk), cast.committee)
    assert [(row["书记"], row["等次"], row["整改期限"]) for row in rows] == [
        ("马玉珍", "较差", date(2026, 3, 31)), ("王海燕", "良好", None),
    ]  # fmt: skip
    assert [row["书记"] for row in table("assessments", world.account(cast.secretary), cast.branch)] == ["王海燕"]
    assert table("assessments", world.account(cast.commissioner), cast.branch) == []
    assert "说了几句" not in str(rows)


def test_an_allowance_comes_in_with_sum_and_source_or_for_the_organisation(cast, clerk):
    prize = {**CARD, "姓名": "", "种类": "创新奖", "事由": "微党课", "款源": "党建经费", "实物或待遇": "奖牌"}
    assert taken("allowances", sheet_of("allowances", CARD, prize), clerk).report().counts()["created"] == 2
    rows = Allowance.objects.order_by("kind").values_list("kind", "person", "organisation", "fen", "source", "gift")
    assert list(rows) == [
        ("innovation", None, cast.branch.pk, 30_000, "special", "奖牌"),
        ("staff", cast.li.pk, cast.branch.pk, 30_000, "union", ""),
    ]  # fmt: skip
    [first, second] = table("allowances", world.account(cast.secretary), cast.branch)
    assert {first["姓名"], second["姓名"]} == {None, "李建国"}
    assert first["金额(元)"] == Decimal(300)


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"种类": "红包"}, "种类", "bad_kind"),
        ({"款源": "党费"}, "款源", "refused_source"),
        ({"款源": ""}, "款源", "refused_source"),
        ({"金额(元)": "很多"}, "金额(元)", "bad_money"),
        ({"金额(元)": "", "款源": ""}, "金额(元)", "refused_fen"),
        ({"审批依据": ""}, "审批依据", "refused_approval"),
        ({"发放日期": "2026-12-01"}, "发放日期", "refused_on"),
        ({"期间从": "2026-02-01", "期间到": "2026-01-01"}, "期间到", "refused_last"),
        ({"种类": "兼职书记工作补贴"}, "种类", "doubt"),
    ],
)
def test_what_the_page_refuses_is_refused_at_its_cell(cast, clerk, changed, column, code):
    assert (2, column, code) in said(planned("allowances", sheet_of("allowances", CARD | changed), clerk))


def test_a_sheet_is_warned_of_the_same_kind_for_the_same_time_within_itself_too(cast, clerk):
    year = {"期间从": "2026-01-01", "期间到": "2026-08-31"}
    rows = [CARD | year, CARD | year | {"事由": "又一次", "期间从": "2026-08-31", "期间到": "2026-09-30"}]
    plan = taken("allowances", sheet_of("allowances", *rows), clerk)
    assert (plan.report().counts()["created"], said(plan)) == (2, [(3, "种类", "doubt")])
    again = planned("allowances", sheet_of("allowances", rows[0] | {"事由": "再一次"}), clerk)
    assert (2, "种类", "doubt") in said(again)


def test_a_plan_prints_what_was_done_in_as_many_queries_for_two_as_for_one(cast):
    HELD["care-plans"](cast)
    account = world.account(cast.general_secretary)
    table("care-plans", account, cast.branch)
    with CaptureQueriesContext(connection) as one:
        assert len(table("care-plans", account, cast.branch)) == 2
    with CaptureQueriesContext(connection) as two:
        rows = table("care-plans", account, cast.general)
    assert len(rows) == 4
    assert len(one) == len(two)
    assert (rows[0]["做什么"], rows[0]["今年办了"], rows[0]["还差"]) == ("走访", 0, "还差 4 次")
    assert rows[1]["今年办了"] is None
