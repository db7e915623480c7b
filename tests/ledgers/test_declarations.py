"""A ledger says what happened, to those who may know it, in as many queries for fifty rows as for one."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.writing import Heading
from duties.engine.models import Duty, State, Waiver
from duties.engine.records import withdraw_record
from ledgers.declarations import DUTIES, LEDGERS, REQUESTS, STUDY, TALKS, VISITS
from ledgers.ledger import Column, Ledger, Part, Reader, register
from members.enums import EventKind, Role
from members.models import Membership, Standing
from tests import world
from tests.ledgers.rows import TODAY, event, in_force, talk
from visits.models import Talk

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


def table(ledger, account, organisation, first=YEAR[0], last=YEAR[1]):
    """The rows as dictionaries by heading."""
    rows = ledger.table(ledger.rows(Reader(account, TODAY), organisation, first, last), Reader(account, TODAY))
    return [dict(zip([h.text for h in ledger.headings], cells, strict=True)) for _row, cells in rows]


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


@pytest.fixture
def inspector(cast):
    someone = world.person("督查员")
    world.post(someone, cast.committee, Role.INSPECTOR)
    return world.account(someone)


# 声明本身


ON, NAME = Column("时间", "pk", part=Part.KEY, name="on"), Column("姓名", "pk", part=Part.KEY, name="name")


def declare(*columns):
    return Ledger("x", "台账", "", None, [ON, NAME, *columns], (), None, "member")


def column(heading, **more):
    return Column(heading, "pk", **{"part": Part.VALUE, **more})


def test_a_heading_given_twice_refuses_to_import():
    with pytest.raises(ImportError, match="表头有重复"):
        declare(column("时间"))
    with pytest.raises(ImportError, match="表头有重复"):
        declare(column("序号"))
    with pytest.raises(ImportError, match="表头有重复"):
        declare(column("地点", also=("姓名",)))


def test_a_column_that_does_not_say_what_it_is_to_an_import_refuses_to_import():
    with pytest.raises(ImportError, match="“地点”没有说导入时算什么"):
        declare(column("地点", part=None))


@pytest.mark.parametrize("kept", [[ON], [NAME], [column("时间", name="on"), NAME]])
def test_a_ledger_whose_rows_cannot_be_told_refuses_to_import(kept):
    with pytest.raises(ImportError, match=r"行认不出来，缺 (on|name)"):
        Ledger("x", "台账", "", None, kept, (), None, "member")


def test_a_code_given_twice_refuses_to_import():
    with pytest.raises(ImportError, match="代号有重复"):
        register(declare(), declare(column("地点")))


def test_the_headings_are_those_of_the_working_tables():
    assert [h.text for h in DUTIES.headings] == [
        "序号", "党组织", "党员", "要做的事", "依据", "约束力", "责任人", "可办起", "到期", "状态", "办结日期",
        "办结记录/原因",
    ]  # fmt: skip
    assert [h.text for h in TALKS.headings] == [
        "序号", "时间", "谈话人", "谈话对象", "所在党支部", "方式", "类别", "事由", "谈到", "是否补录", "是否有诉求",
        "办结情况", "本人确认", "办结的应办",
    ]  # fmt: skip
    assert [h.text for h in REQUESTS.headings] == [
        "序号", "申请日期", "申请人", "所在支部", "约谈领导", "受理人", "应安排截止日", "实际谈话时间",
        "是否超期及原因", "结果",
    ]  # fmt: skip
    assert [h.text for h in VISITS.headings] == [
        "序号", "走访时间", "种类", "节日", "事由", "走访对象", "对象类别", "所在党支部", "地点/方式", "走访人员",
        "见到谁", "慰问金(元)", "款源", "慰问品", "慰问品价值(元)", "是否补录", "是否有诉求", "跟进情况",
        "办结情况",
    ]  # fmt: skip
    assert [h.text for h in STUDY.headings] == [
        "序号", "学习日期", "学习主题", "党员", "所在党支部", "学时", "组织人", "是否补录",
    ]  # fmt: skip
    assert list(LEDGERS)[:6] == ["duties", "talks", "requests", "visits", "campaigns", "study"]
    assert all(isinstance(h, Heading) for ledger in LEDGERS.values() for h in ledger.headings)


# 谈心谈话台账


def test_a_talk_is_a_row_with_what_it_closed(cast, secretary):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 20), entered=TODAY, wish="想换岗位", means="phone")

    [row] = table(TALKS, secretary, cast.branch)

    assert row == {
        "序号": 1, "时间": date(2026, 11, 20), "谈话人": "王海燕", "谈话对象": "李建国", "所在党支部": "河源第一党支部",
        "方式": "电话", "类别": "年度谈心谈话", "事由": "", "谈到": "", "是否补录": "补录", "是否有诉求": "有",
        "办结情况": "", "本人确认": "", "办结的应办": "年度谈心谈话",
    }  # fmt: skip


def test_one_talk_that_closes_two_duties_names_both(cast, secretary):
    in_force(cast.committee)
    talk(cast.commissioner, cast.branch, [cast.secretary], on=date(2026, 11, 5))

    [row] = table(TALKS, secretary, cast.branch)

    assert row["办结的应办"] == "政治生日、年度谈心谈话"
    assert row["是否补录"] == ""
    assert row["是否有诉求"] == "无"


def test_a_talk_with_two_talkers_names_both(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary, cast.commissioner])

    [row] = table(TALKS, secretary, cast.branch)

    assert row["谈话人"] == "王海燕、张伟"


def test_talks_come_newest_first_and_numbered(cast, secretary):
    for day in (3, 9, 5):
        talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, day))

    rows = table(TALKS, secretary, cast.branch)

    assert [(row["序号"], row["时间"].day) for row in rows] == [(1, 9), (2, 5), (3, 3)]


def test_both_days_of_the_period_count(cast, secretary):
    for day in (date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1)):
        talk(cast.li, cast.branch, [cast.secretary], on=day)

    rows = table(TALKS, secretary, cast.branch, date(2026, 4, 1), date(2026, 6, 30))

    assert [row["时间"] for row in rows] == [date(2026, 6, 30), date(2026, 4, 1)]


def test_a_withdrawn_talk_is_not_in_the_ledger(cast, secretary):
    told = talk(cast.li, cast.branch, [cast.secretary])
    withdraw_record(by=None, record=told.record, reason="记错了人", today=TODAY)

    assert table(TALKS, secretary, cast.branch) == []


def test_neither_text_nor_wish_of_a_talk_leaves_the_database(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary], wish="想换岗位")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        rows = table(TALKS, secretary, cast.branch)

    selected = " ".join(q["sql"].split("FROM")[0] for q in queries)
    assert '"visits_talk"."text"' not in selected
    assert "谈了工作" not in str(rows)
    assert "想换岗位" not in str(rows)


def test_the_occasion_is_named_to_those_who_may_know_it(cast, secretary, inspector):
    warned = event(cast.li, EventKind.TENDENCY, date(2026, 11, 10))
    honoured = event(cast.zhao, EventKind.HONOUR, date(2026, 11, 11))
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 20), event=warned, subject=Talk.Subject.EVENT)
    talk(cast.zhao, cast.branch, [cast.secretary], on=date(2026, 11, 19), event=honoured, subject=Talk.Subject.EVENT)

    assert [row["事由"] for row in table(TALKS, secretary, cast.branch)] == [
        f"{EventKind.TENDENCY.label}（2026-11-10）", "获得功勋荣誉表彰（2026-11-11）",
    ]  # fmt: skip
    assert [row["事由"] for row in table(TALKS, inspector, cast.branch)] == [
        "关怀事项", "获得功勋荣誉表彰（2026-11-11）",
    ]  # fmt: skip


# 应办事项台账


def test_an_open_duty_is_a_row_with_its_clause_and_whose_turn_it_is(cast, secretary):
    in_force(cast.committee)

    row = next(
        row for row in table(DUTIES, secretary, cast.branch) if row["党员"] == "李建国" and row["状态"] == "待办"
    )

    assert row | {"序号": 0} == {
        "序号": 0, "党组织": "河源第一党支部", "党员": "李建国", "要做的事": "年度谈心谈话",
        "依据": "豫水组〔2020〕55号 第6项", "约束力": "应当", "责任人": "王海燕", "可办起": date(2026, 1, 1),
        "到期": date(2026, 12, 31), "状态": "待办", "办结日期": None, "办结记录/原因": "",
    }  # fmt: skip


def test_the_secretarys_own_talk_is_owed_by_the_level_above(cast, secretary):
    in_force(cast.committee)

    rows = [row for row in table(DUTIES, secretary, cast.branch) if row["党员"] == "王海燕" and row["状态"] == "待办"]

    assert [row["责任人"] for row in rows] == ["周启明"]


def test_a_done_duty_says_by_whom_and_when(cast, secretary):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 18), entered=TODAY)

    row = next(r for r in table(DUTIES, secretary, cast.branch) if r["状态"] == "已办结")

    assert (row["党员"], row["办结日期"], row["办结记录/原因"]) == (
        "李建国",
        date(2026, 11, 18),
        "谈心谈话：王海燕（补录）",
    )


def test_an_overdue_duty_says_for_how_long(cast, secretary):
    in_force(cast.committee)
    event(cast.li, EventKind.TRANSFER_IN, date(2026, 11, 1))

    row = next(r for r in table(DUTIES, secretary, cast.branch) if r["要做的事"] == "转接组织关系谈话")

    assert (row["到期"], row["状态"]) == (date(2026, 11, 11), "逾期 12 天")


def test_a_void_duty_says_why(cast, secretary):
    in_force(cast.committee)
    Membership.objects.filter(person=cast.li).update(until=date(2026, 6, 1))
    world.join(cast.li, cast.branch, since=date(2026, 6, 1), standing=Standing.SUSPENDED)
    Duty.objects.filter(member=cast.li, period="2026", rule__code="yearly-talk").update(
        state=State.VOID, closed_on=date(2026, 6, 1), reason="standing"
    )

    row = next(r for r in table(DUTIES, secretary, cast.branch) if r["状态"] == "作废")

    assert (row["办结日期"], row["办结记录/原因"]) == (date(2026, 6, 1), "人员类别变了，这件事不再适用")


def test_a_waived_duty_gives_the_reason_of_its_waiver(cast, secretary):
    in_force(cast.committee)
    duty = Duty.objects.get(member=cast.li, rule__code="yearly-talk")
    Waiver.objects.create(rule=duty.rule, key=duty.key, reason="长期住院，家属代谈", given_on=TODAY)
    Duty.objects.filter(pk=duty.pk).update(state=State.WAIVED)

    row = next(r for r in table(DUTIES, secretary, cast.branch) if r["状态"] == "免办")

    assert row["办结记录/原因"] == "长期住院，家属代谈"


def test_a_duty_belongs_to_the_period_in_which_it_is_due_or_was_closed(cast, secretary):
    in_force(cast.committee)
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 3, 10))

    def due_or_done(first, last):
        rows = table(DUTIES, secretary, cast.branch, first, last)
        return [(row["党员"], row["到期"]) for row in rows if row["要做的事"] == "年度谈心谈话"]

    assert due_or_done(date(2026, 3, 10), date(2026, 3, 10)) == [("李建国", date(2026, 12, 31))]
    assert due_or_done(date(2026, 3, 11), date(2026, 12, 30)) == []
    assert len(due_or_done(date(2026, 12, 31), date(2026, 12, 31))) == 4


def test_a_sensitive_duty_is_a_matter_of_care_to_those_who_may_not_read_its_basis(cast, secretary, inspector):
    in_force(cast.committee)
    event(cast.li, EventKind.PUNISHMENT, date(2026, 11, 10))
    talk(cast.li, cast.branch, [cast.secretary], on=date(2026, 11, 12))

    def sensitive(account):
        return [r for r in table(DUTIES, account, cast.branch) if r["到期"] == date(2026, 11, 17)]

    [seen], [veiled] = sensitive(secretary), sensitive(inspector)
    assert (seen["要做的事"], seen["依据"]) == ("受处理处分后谈话", "豫水组〔2020〕55号 第6项")
    assert (veiled["要做的事"], veiled["依据"], veiled["办结记录/原因"]) == ("关怀事项", "", "")
    assert veiled["党员"] == "李建国"
    [talked] = table(TALKS, inspector, cast.branch)
    assert talked["办结的应办"] == "关怀事项、年度谈心谈话"


# 范围


def test_a_sibling_branch_is_not_in_the_ledger(cast, secretary):
    in_force(cast.committee)
    talk(cast.sun, cast.sibling, [cast.sibling_secretary])
    talk(cast.li, cast.branch, [cast.secretary])

    for organisation in (cast.branch, cast.general, cast.committee):
        assert [row["谈话对象"] for row in table(TALKS, secretary, organisation)] == ["李建国"]
        assert {row["党组织"] for row in table(DUTIES, secretary, organisation)} == {"河源第一党支部"}


def test_the_department_sees_its_whole_subtree_and_nothing_beside_it(cast):
    in_force(cast.committee)
    in_force(cast.other)
    clerk = world.account(cast.clerk)
    talk(cast.sun, cast.sibling, [cast.sibling_secretary])
    talk(cast.li, cast.branch, [cast.secretary])
    talk(cast.outsider, cast.other_branch, [cast.outsider])

    assert {row["谈话对象"] for row in table(TALKS, clerk, cast.committee)} == {"孙德福", "李建国"}
    assert {row["谈话对象"] for row in table(TALKS, clerk, cast.sibling)} == {"孙德福"}
    assert table(TALKS, clerk, cast.other) == []
    assert {row["党组织"] for row in table(DUTIES, clerk, cast.committee)} == {
        "河源第一党支部", "河源第二党支部", "机关党支部",
    }  # fmt: skip


def test_whoever_a_sensitive_matter_is_about_does_not_read_its_basis(cast, secretary):
    in_force(cast.committee)
    happened = event(cast.secretary, EventKind.TREATMENT, date(2026, 11, 10))
    talk(cast.secretary, cast.branch, [cast.general_secretary], on=date(2026, 11, 12), event=happened)

    [row] = [r for r in table(DUTIES, secretary, cast.branch) if r["到期"] == date(2026, 11, 17)]
    assert (row["要做的事"], row["依据"]) == ("关怀事项", "")
    [row] = table(TALKS, secretary, cast.branch)
    assert (row["事由"], row["办结的应办"]) == ("关怀事项", "关怀事项、年度谈心谈话")


def test_a_command_reads_everything(cast):
    talk(cast.outsider, cast.other_branch, [cast.secretary])

    assert len(table(TALKS, None, cast.other)) == 1


def test_no_sealed_field_of_a_member_is_opened_for_a_ledger_of_talks(cast, secretary):
    talk(cast.li, cast.branch, [cast.secretary])

    with CaptureQueriesContext(connection) as queries:
        table(TALKS, secretary, cast.branch)

    assert not [q for q in queries if '"id_number"' in q["sql"]]


# 查询数


@pytest.mark.parametrize("ledger", [DUTIES, TALKS])
def test_a_ledger_takes_as_many_queries_for_fifty_rows_as_for_few(cast, ledger):
    clerk = world.account(cast.clerk)
    talk(cast.li, cast.branch, [cast.secretary])
    for number in range(50):
        someone = world.member(f"党员{number}", cast.sibling)
        talk(someone, cast.sibling, [cast.sibling_secretary, cast.general_secretary])
    in_force(cast.committee)
    table(ledger, clerk, cast.direct)  # reads the clerk's posts, once for a request

    with CaptureQueriesContext(connection) as few:
        assert 1 <= len(table(ledger, clerk, cast.branch)) < 10
    with CaptureQueriesContext(connection) as many:
        assert len(table(ledger, clerk, cast.committee)) > 50

    assert len(many) == len(few) <= 9
