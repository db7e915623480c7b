"""党员名册, 党组织名册, 任职台账: what stood on a day, from dated rows. Today is 2026-11-23."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.dates import FAR
from members.enums import CategoryKind, OrganisationKind, Role, Standing
from members.models import Category, Membership, Post
from members.tree import place, rebuild_lineage
from tests import world
from tests.ledgers.rows import TODAY, printed

pytestmark = pytest.mark.anywhere

MOVED = date(2026, 6, 1)


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


@pytest.fixture
def clerk(cast):
    return world.account(cast.clerk)


@pytest.fixture
def moved(cast):
    """李建国 moves to the sibling branch on 1 June."""
    Membership.objects.filter(person=cast.li).update(until=MOVED)
    world.join(cast.li, cast.sibling, since=MOVED)


def names(rows, heading="姓名"):
    return [row[heading] for row in rows]


# 党员名册


def test_a_member_is_a_row_under_the_headings_of_the_national_system(cast, secretary):
    cast.li.__dict__.update(
        id_number="410105197003152239", phone="13800002207", address="河南省郑州市金水区纬五路 1 号",
        sex="男", ethnicity="汉族", education="大学", job="测报员",
    )  # fmt: skip
    cast.li.save()
    Category.objects.create(person=cast.li, kind=CategoryKind.HARDSHIP, since=MOVED, basis="认定")
    rows = printed("members", secretary, cast.branch, held_on=TODAY)
    assert next(row for row in rows if row["姓名"] == "李建国") | {"序号": 0} == {
        "序号": 0, "姓名": "李建国", "身份证号": "410***********2239", "所在党支部": "河源第一党支部",
        "人员类别": "正式党员", "性别": "男", "民族": "汉族", "出生日期": "1980-05-01", "学历": "大学",
        "加入党组织日期": "1998-07-01", "转为正式党员日期": "1999-07-01", "党龄": 27, "工作岗位": "测报员",
        "关怀类别": "生活困难", "联系电话": "138****2207", "家庭住址": "河南省郑州市****", "自": date(1998, 7, 1),
        "至": None,
    }  # fmt: skip
    assert len(rows) == 4


def test_the_roster_of_a_day_holds_who_then_stood_here(cast, secretary, clerk, moved):
    before = printed("members", secretary, cast.branch, held_on=MOVED - timedelta(days=1))
    assert "李建国" in names(before)
    assert "李建国" not in names(printed("members", secretary, cast.branch, held_on=MOVED))
    [then] = [r for r in printed("members", clerk, cast.committee, held_on=date(2026, 5, 31)) if r["姓名"] == "李建国"]
    [now] = [r for r in printed("members", clerk, cast.committee, held_on=TODAY) if r["姓名"] == "李建国"]
    assert (then["所在党支部"], now["所在党支部"]) == ("河源第一党支部", "河源第二党支部")


def test_a_period_has_a_row_for_each_time_a_member_stood_otherwise(cast, clerk, moved):
    rows = [row for row in printed("members", clerk, cast.committee) if row["姓名"] == "李建国"]
    assert [(row["所在党支部"], row["自"], row["至"]) for row in rows] == [
        ("河源第一党支部", date(1998, 7, 1), date(2026, 5, 31)), ("河源第二党支部", MOVED, None),
    ]  # fmt: skip


def test_of_who_moved_out_of_view_no_more_is_told_than_that_he_was_here(cast, secretary, moved):
    cast.li.phone, cast.li.job = "13800002207", "测报员"
    cast.li.save()
    Category.objects.create(person=cast.li, kind=CategoryKind.HARDSHIP, since=date(2026, 1, 1), basis="认定")
    [row] = [r for r in printed("members", secretary, cast.branch, held_on=date(2026, 5, 31)) if r["姓名"] == "李建国"]
    assert (row["人员类别"], row["联系电话"], row["工作岗位"], row["关怀类别"]) == ("正式党员", "", "", "")


def test_the_dead_are_no_members_from_the_day_on_and_probation_counts_no_years(cast, secretary):
    Membership.objects.filter(person=cast.zhao).update(until=MOVED)
    world.join(cast.zhao, cast.branch, since=MOVED, standing=Standing.DEAD)
    new = world.member("新同志", cast.branch, joined=date(2026, 3, 1), full=None, standing=Standing.PROBATIONARY)
    assert "赵秀兰" in names(printed("members", secretary, cast.branch, held_on=date(2026, 5, 31)))
    now = printed("members", secretary, cast.branch, held_on=MOVED)
    assert "赵秀兰" not in names(now)
    [row] = [row for row in now if row["姓名"] == new.name]
    assert (row["人员类别"], row["党龄"], row["转为正式党员日期"]) == ("预备党员", None, "")


def test_the_roster_shows_a_scope_its_own(cast, secretary):
    assert names(printed("members", secretary, cast.sibling, held_on=TODAY)) == []
    assert {row["所在党支部"] for row in printed("members", secretary, cast.committee, held_on=TODAY)} == {
        "河源第一党支部"
    }


def test_sanctions_are_no_kind_of_care_and_illness_is_veiled(cast, secretary):
    world.post(cast.commissioner, cast.branch, Role.GROUP_LEADER)
    for kind in (CategoryKind.DISCIPLINED, CategoryKind.SERIOUS_ILLNESS):
        Category.objects.create(person=cast.li, kind=kind, since=MOVED, basis="认定")
    for account, words in ((secretary, "重病"), (world.account(cast.commissioner), "关怀对象")):
        [row] = [r for r in printed("members", account, cast.branch, held_on=TODAY) if r["姓名"] == "李建国"]
        assert row["关怀类别"] == words


# 党组织名册


def test_an_organisation_is_a_row_with_who_led_it_and_how_many_it_had(cast, clerk):
    cast.branch.unit_name, cast.branch.term_ends_on, cast.branch.phone = "河源局", date(2027, 3, 1), "0371-6"
    cast.branch.save()
    rows = printed("organisations", clerk, cast.committee, held_on=TODAY)
    assert names(rows, "党组织编码") == ["01", "0101", "010101", "010102", "0102"]
    assert rows[2] | {"序号": 0} == {
        "序号": 0, "党组织编码": "010101", "党组织名称": "河源第一党支部", "党组织简称": "河源第一党支部",
        "组织类别": "党支部", "上级党组织": "河源局党总支", "单位名称": "河源局", "成立日期": None,
        "届满日期": date(2027, 3, 1), "书记": "王海燕", "副书记和委员": "张伟（组织委员）", "党员数": 4,
        "其中预备党员": 0, "联系电话": "0371-6",
    }  # fmt: skip
    assert [row["党员数"] for row in rows] == [10, 6, 4, 2, 4]
    assert rows[0]["上级党组织"] == ""
    assert "林清" not in str(rows), "the department's clerk holds no party post"


def test_the_organisations_of_a_day_are_led_and_placed_as_they_were(cast, clerk, moved):
    Post.objects.filter(person=cast.secretary).update(until=MOVED)
    world.post(cast.commissioner, cast.branch, since=MOVED)
    place(cast.sibling, cast.committee, since=MOVED)
    cast.sibling.save()
    rebuild_lineage()
    new = world.organisation("0103", OrganisationKind.BRANCH, cast.committee, name="新支部")
    new.since = MOVED
    new.save()

    def on(day):
        return {row["党组织编码"]: row for row in printed("organisations", clerk, cast.committee, held_on=day)}

    then, now = on(date(2026, 5, 31)), on(MOVED)
    assert (then["010101"]["书记"], now["010101"]["书记"]) == ("王海燕", "张伟")
    assert (then["010101"]["党员数"], now["010101"]["党员数"]) == (4, 3)
    assert (then["010102"]["上级党组织"], now["010102"]["上级党组织"]) == ("河源局党总支", "云河水文局党委")
    assert ("0103" in then, "0103" in now) == (False, True)


# 任职台账


def test_posts_of_a_day_are_those_held_on_it(cast, clerk):
    cast.secretary.phone = "13800002207"
    cast.secretary.save()
    Post.objects.filter(person=cast.secretary).update(until=MOVED)
    world.post(cast.li, cast.branch, since=MOVED)

    def on(day):
        rows = printed("posts", clerk, cast.branch, held_on=day)
        return [(row["姓名"], row["职务"]) for row in rows]

    assert on(date(2026, 5, 31)) == [("王海燕", "书记"), ("张伟", "组织委员")]
    assert on(MOVED) == [("张伟", "组织委员"), ("李建国", "书记")]
    [ended, *_rest] = printed("posts", clerk, cast.branch)
    assert ended | {"序号": 0} == {
        "序号": 0, "党组织名称": "河源第一党支部", "姓名": "王海燕", "职务": "书记", "任职日期": date(2020, 1, 1),
        "免职日期": date(2026, 5, 31), "性别": "", "组织关系所在": "河源第一党支部", "联系电话": "138****2207",
    }  # fmt: skip


def test_system_posts_are_none_of_the_party(cast, clerk):
    rows = printed("posts", clerk, cast.committee, held_on=TODAY)
    assert "林清" not in names(rows)
    assert {row["职务"] for row in rows} == {"书记", "组织委员"}


@pytest.mark.parametrize("code", ["members", "organisations", "posts"])
def test_more_rows_cost_no_more_queries(cast, clerk, code):
    printed(code, clerk, cast.direct, held_on=TODAY)
    with CaptureQueriesContext(connection) as few:
        assert printed(code, clerk, cast.direct, held_on=TODAY)
    for number in range(30):
        here = world.organisation(f"09{number:02}", OrganisationKind.BRANCH, cast.committee)
        world.post(world.member(f"党员{number}", here), here, until=FAR)
    with CaptureQueriesContext(connection) as many:
        assert len(printed(code, clerk, cast.committee, held_on=TODAY)) > 30
    assert len(many) == len(few) <= 4
