"""The ledger of deeds: rows about members and about an organisation alone, out and in. Today is 2026-11-23."""

from datetime import date

import pytest

from duties.engine.models import Deed
from members.enums import Role
from tests import world
from tests.ledgers.taking import (
    account_of,
    cells_of,
    deed,
    exported,
    importer,
    lived_in,
    planned,
    said,
    sheet_of,
    taken,
)

REPORT = {
    "组织": "河源第一党支部", "日期": "2026-07-02", "事项": "报送情况", "对象": "", "办理人": "王海燕",
    "办了什么": "报送了半年情况", "文件编号": "支字 5 号",
}  # fmt: skip


@pytest.fixture
def secretary(cast):
    return importer(world.account(cast.secretary))


def test_a_row_without_a_name_is_entered_for_its_organisation(cast, secretary):
    aid = REPORT | {"事项": "给予补助帮助", "对象": "李建国", "办了什么": "送去补助", "文件编号": ""}
    assert taken("deeds", sheet_of("deeds", REPORT, aid), secretary).report().counts()["created"] == 2
    report, aid = Deed.objects.order_by("pk")
    assert (report.record.member, report.record.organisation) == (None, cast.branch)
    assert (report.note, report.paper, report.record.action) == ("报送了半年情况", "支字 5 号", "report")
    assert [actor.person for actor in report.record.actors.all()] == [cast.secretary]
    assert (aid.record.member, aid.note) == (cast.li, "送去补助")


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"组织": "河源第二党支部"}, "组织", "unknown_branch"),
        ({"组织": ""}, "组织", "unknown_branch"),
        ({"办理人": "路人"}, "办理人", "unknown_actor"),
        ({"日期": "2026-12-01"}, "日期", "refused_on"),
        ({"事项": "喝茶"}, "事项", "bad_action"),
        ({"对象": "李建国", "事项": "谈心谈话"}, "事项", "other_ledger"),
        ({"对象": "王海燕"}, "对象", "oneself"),
    ],
)
def test_what_cannot_be_entered_is_said_at_its_cell(cast, secretary, changed, column, code):
    plan = planned("deeds", sheet_of("deeds", REPORT | changed), secretary)
    assert (column, code) in {each[1:] for each in said(plan)}
    assert plan.entries == []


def test_the_same_row_twice_is_entered_once(cast, secretary):
    counts = taken("deeds", sheet_of("deeds", REPORT, REPORT), secretary).report().counts()
    assert (counts["created"], counts["refused"]) == (1, 1)
    assert taken("deeds", sheet_of("deeds", REPORT), secretary).report().counts()["unchanged"] == 1


def test_notes_are_printed_for_those_who_may_read_them(cast):
    lived_in(cast)
    told = {"报送上半年情况", "上门送药"}
    secretary, inspector = world.account(cast.secretary), account_of(cast, Role.INSPECTOR)
    printed = {who: {row[6] for row in cells_of(exported("deeds", who, cast.branch))} for who in (secretary, inspector)}
    assert told <= printed[secretary]
    assert not told & printed[inspector]
    assert not told & {row[6] for row in cells_of(exported("deeds", None, cast.branch))}


def test_what_tells_of_a_member_reads_care_to_an_inspector(cast):
    deed(cast, "referral", member=cast.li, on=date(2026, 5, 9), note="谈了一次")
    rows = cells_of(exported("deeds", account_of(cast, Role.INSPECTOR), cast.branch))
    assert "关怀事项" in {row[3] for row in rows}
    assert "心理疏导" not in {cell for row in rows for cell in row}
