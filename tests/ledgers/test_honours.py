"""The ledgers of honours, namings and stories: what they print, to whom, what comes in. Today is 2026-11-23."""

from datetime import date

import pytest

from awards.models import Honour
from base.dates import FAR
from ledgers.declarations import LEDGERS
from ledgers.ledger import Reader
from members.enums import CategoryKind
from members.models import Category
from tests import world
from tests.ledgers.rows import TODAY
from tests.ledgers.taking import HELD, importer, planned, said, sheet_of, taken

pytestmark = pytest.mark.anywhere

ROW = {
    "姓名": "李建国", "所在支部": "河源第一党支部", "荣誉名称": "优秀共产党员", "种类": "党内表彰", "层级": "省级",
    "授予单位": "省委", "文号": "豫〔2026〕6号", "授予日期": "2026-06-28", "佐证": "证书",
}  # fmt: skip


@pytest.fixture
def clerk(cast):
    return importer(world.account(cast.clerk))


def table(code, account, organisation) -> list[dict]:
    """The rows of the year as dictionaries by heading."""
    ledger, reader = LEDGERS[code], Reader(account, TODAY)
    rows = ledger.table(ledger.rows(reader, organisation, date(2026, 1, 1), TODAY), reader)
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def test_honours_of_members_and_organisations_are_rows_and_revoked_ones_are_marked(cast):
    HELD["honours"](cast)
    revoked, honour = table("honours", world.account(cast.secretary), cast.branch)
    assert honour == {
        "序号": 2, "姓名": "李建国", "所在支部": "河源第一党支部", "荣誉名称": "优秀共产党员", "种类": "党内表彰",
        "层级": "省部级", "授予单位": "=省委", "文号": "豫〔2026〕6号", "授予日期": date(2026, 6, 28),
        "追授": "", "是否撤销": "否", "撤销日期": None, "撤销依据": "", "佐证": "证书",
    }  # fmt: skip
    assert (revoked["姓名"], revoked["是否撤销"], revoked["撤销日期"]) == (None, "已撤销", date(2026, 9, 1))
    assert table("honours", world.account(cast.sibling_secretary), cast.sibling) == []


def test_namings_and_stories_are_rows(cast):
    for code in ("namings", "stories"):
        HELD[code](cast)
    account = world.account(cast.clerk)
    assert [row["依据"] for row in table("namings", account, cast.committee)] == ["没有制度允许：=局党委决定"] * 2
    assert {row["标题"] for row in table("stories", account, cast.committee)} == {"守在测站三十年", "支部的一天"}


def test_a_sheet_is_taken_with_revocations_and_what_was_before_the_roster(cast, clerk):
    place = ROW | {"姓名": "", "荣誉名称": "先进党支部", "撤销日期": "2026-9-1", "撤销依据": "局〔2026〕9号"}
    old = ROW | {"种类": "行政", "荣誉名称": "劳动模范", "授予日期": "1988-05-01", "层级": "国家级"}
    plan = taken("honours", sheet_of("honours", ROW, place, old), clerk)
    assert (plan.report().counts()["created"], said(plan)) == (3, [])
    honour = Honour.objects.get(person__isnull=True)
    assert (honour.organisation, honour.until, honour.revoked_reason) == (
        cast.branch,
        date(2026, 9, 1),
        "局〔2026〕9号",
    )
    rows = Category.objects.filter(person=cast.li, kind=CategoryKind.HONOUREE).order_by("grade")
    assert [(row.grade, row.since, row.until) for row in rows] == [
        ("优秀共产党员", date(2026, 6, 28), FAR), ("国家级", date(1998, 7, 1), FAR), ("省部级", date(2026, 6, 28), FAR),
    ]  # fmt: skip


def test_a_sheet_with_unseen_characters_and_spaces_names_what_is_known(cast, clerk):
    taken("honours", sheet_of("honours", ROW), clerk)
    odd = ROW | {"荣誉名称": "优秀\u200b \u202e共产党员", "授予单位": "\ufeff省委"}
    assert planned("honours", sheet_of("honours", odd), clerk).report().counts()["unchanged"] == 1
    other = planned("honours", sheet_of("honours", odd | {"授予日期": "2026-06-29"}), clerk)
    [entry] = other.entries
    assert (entry.given["given"].title, entry.given["given"].granted_by) == ("优秀 共产党员", "省委")


@pytest.mark.parametrize(
    ("changed", "column", "code"),
    [
        ({"种类": "喝茶"}, "种类", "bad_kind"),
        ({"种类": ""}, "种类", "bad_kind"),
        ({"层级": "宇宙级"}, "层级", "bad_level"),
        ({"荣誉名称": ""}, "荣誉名称", "refused_title"),
        ({"授予单位": ""}, "授予单位", "refused_granted_by"),
        ({"授予日期": "2026-12-01"}, "授予日期", "refused_granted_on"),
        ({"授予日期": "1990-01-01"}, "授予日期", "refused_granted_on"),
        ({"授予日期": ""}, "授予日期", "missing_day"),
        ({"姓名": "路人"}, "姓名", "unknown_member"),
        ({"姓名": "", "所在支部": "外单位党支部"}, "所在支部", "unknown_branch"),
        ({"撤销日期": "2026-01-01", "撤销依据": "文件"}, "撤销日期", "refused_on"),
        ({"撤销日期": "2026-10-01"}, "撤销依据", "refused_reason"),
    ],
)
def test_what_cannot_be_entered_is_said_at_its_cell(cast, clerk, changed, column, code):
    plan = planned("honours", sheet_of("honours", ROW | changed), clerk)
    assert (column, code) in {each[1:] for each in said(plan)}
    assert plan.entries == []
