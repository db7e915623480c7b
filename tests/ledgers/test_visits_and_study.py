"""The ledgers of visits and of study: what they print, to whom, in how many queries. Today is 2026-11-23."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from awards.study import record_study
from duties.engine.models import Action
from duties.policy.adoption import adopt
from duties.policy.packs import load_pack
from ledgers.declarations import STUDY, VISITS, Reader
from members.enums import CategoryKind, EventKind, Role
from members.models import Category
from tests import world
from tests.ledgers.rows import TODAY, event, in_force
from visits.models import Visit
from visits.promises import Promise, promise
from visits.visiting import Seen, record_visit

CANARY = "金丝雀"


def table(ledger, account, organisation):
    """The rows of the year as dictionaries by heading."""
    rows = ledger.table(
        ledger.rows(Reader(account, TODAY), organisation, date(2026, 1, 1), TODAY), Reader(account, TODAY)
    )
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


def visit(member, *people, on=TODAY, action=Action.VISIT, how="home", met="member", event=None, **more):
    seen = Seen(how, met=met, **{"text": f"{CANARY}一", "wish": f"{CANARY}二", "promised": f"{CANARY}三", **more})
    return record_visit(
        by=None, action=action, member=member, on=on, people=list(people), seen=seen, today=TODAY, event=event
    )


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


@pytest.fixture
def inspector(cast):
    someone = world.person("督查员")
    world.post(someone, cast.committee, Role.INSPECTOR)
    return world.account(someone)


def test_a_visit_is_a_row_with_what_was_given_and_what_it_closed(cast, secretary):
    in_force(cast.committee)
    working = load_pack("working-rules")
    adopt(by=None, organisation=cast.committee, policy=working, since=date(2026, 1, 1), today=TODAY)
    fell_ill = event(cast.li, EventKind.ILLNESS, date(2026, 11, 16))
    visit(
        cast.li, cast.secretary, cast.commissioner, on=date(2026, 11, 18), how="hospital", event=fell_ill,
        money=50_000, source="dues", gift="牛奶", gift_value=6_650,
    )  # fmt: skip

    for kind in (CategoryKind.HARDSHIP, CategoryKind.SERIOUS_ILLNESS, CategoryKind.DISCIPLINED):
        Category.objects.create(person=cast.li, kind=kind, since=date(2026, 11, 1))
    seen = Visit.objects.get()
    told = Promise("送饭", cast.commissioner, date(2026, 11, 30))
    promise(by=None, act=seen, promises=[told], today=TODAY)

    [row] = table(VISITS, secretary, cast.branch)

    assert row == {
        "序号": 1, "走访时间": date(2026, 11, 18), "种类": "走访慰问", "节日": "", "事由": "身患严重疾病（2026-11-16）",
        "走访对象": "李建国", "所在党支部": "河源第一党支部", "地点/方式": "医院", "走访人员": "王海燕、张伟",
        "见到谁": "本人", "慰问金(元)": 500, "款源": "留存党费", "慰问品": "牛奶", "慰问品价值(元)": Decimal("66.5"),
        "是否补录": "补录", "是否有诉求": "有",
        "对象类别": "生活困难、重病", "跟进情况": "1 件：在办", "办结情况": "重病走访",
    }  # fmt: skip


def test_illness_and_hospital_are_for_those_who_may_know(cast, inspector):
    in_force(cast.committee)
    fell_ill = event(cast.li, EventKind.ILLNESS, date(2026, 11, 16))
    visit(cast.li, cast.secretary, how="hospital", event=fell_ill)
    Category.objects.create(person=cast.li, kind=CategoryKind.SERIOUS_ILLNESS, since=date(2026, 11, 1))

    [row] = table(VISITS, inspector, cast.branch)

    assert (row["事由"], row["地点/方式"], row["办结情况"]) == ("关怀事项", "", "关怀事项")
    assert row["对象类别"] == "关怀对象"


def test_a_festival_and_a_greeting_are_named(cast, secretary):
    visit(cast.li, cast.secretary, occasion="spring")
    visit(cast.zhao, cast.secretary, action=Action.GREETING, how="card", met="")

    rows = {row["走访对象"]: row for row in table(VISITS, secretary, cast.branch)}

    assert (rows["李建国"]["节日"], rows["李建国"]["种类"]) == ("春节", "走访慰问")
    assert (rows["赵秀兰"]["地点/方式"], rows["赵秀兰"]["种类"]) == ("贺卡", "政治生日祝贺")


def test_nothing_sealed_leaves_the_database(cast, secretary):
    visit(cast.li, cast.secretary)

    with CaptureQueriesContext(connection) as queries:
        rows = table(VISITS, secretary, cast.branch)

    selected = " ".join(q["sql"].split("FROM")[0] for q in queries)
    assert not [name for name in ("text", "promised") if f'"visits_visit"."{name}"' in selected]
    assert CANARY not in str(rows)


def test_another_branch_has_no_row_of_it(cast):
    visit(cast.li, cast.secretary)

    assert table(VISITS, world.account(cast.sibling_secretary), cast.committee) == []


def study(cast, *members, on=date(2026, 11, 20), hours="2.5", title="党章第一章"):
    return record_study(
        by=None, organisation=cast.branch, members=list(members), on=on, title=title, hours=Decimal(hours),
        organiser=cast.secretary, today=TODAY,
    )  # fmt: skip


def test_each_member_at_a_session_is_a_row_of_study(cast, secretary):
    study(cast, cast.li, cast.zhao)

    rows = table(STUDY, secretary, cast.branch)

    assert rows[0] == {
        "序号": 1, "学习日期": date(2026, 11, 20), "学习主题": "党章第一章", "党员": "李建国",
        "所在党支部": "河源第一党支部", "学时": Decimal("2.50"), "组织人": "王海燕", "是否补录": "补录",
    }  # fmt: skip
    assert [row["党员"] for row in rows] == ["李建国", "赵秀兰"]
    assert table(STUDY, world.account(cast.sibling_secretary), cast.committee) == []


@pytest.mark.parametrize("ledger", [VISITS, STUDY], ids=["visits", "study"])
def test_fifty_rows_take_no_more_queries_than_one(cast, secretary, ledger):
    def enter(members):
        for member in members:
            visit(member, cast.secretary)
        study(cast, *members, title=f"{len(members)} 人的学习")

    enter([cast.li])
    table(ledger, secretary, cast.branch)  # what is read once for an account, not with each table
    with CaptureQueriesContext(connection) as few:
        assert len(table(ledger, secretary, cast.branch)) == 1
    enter([world.member(f"党员{number}", cast.branch) for number in range(50)])
    with CaptureQueriesContext(connection) as many:
        assert len(table(ledger, secretary, cast.branch)) == 51
    assert len(many) == len(few)


def test_the_tallies_count_visits_members_and_hours(cast, sign_in):
    study(cast, cast.li, cast.zhao)
    visit(cast.li, cast.secretary, money=50_000, source="self")
    assert Visit.objects.count() == 1
    browser = sign_in(world.account(cast.secretary))
    totals = {code: browser.get(f"/ledgers/{code}/").context["extract"].totals for code in ("study", "visits")}
    assert totals["study"] == ["2 人次", "共 5 学时"]
    assert totals["visits"] == ["1 次", "对象 1 人", "走访 1 次", "祝贺 0 次", "吊唁 0 次", "慰问金 500.00 元"]
