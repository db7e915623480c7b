"""The ledgers of the registers: what they print for whom, which rows belong to a period, what a new row becomes."""

from dataclasses import replace
from datetime import date
from itertools import chain

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from base.fields import in_yuan
from base.models import AuditRow
from care.codes import HealthState
from care.entries import Given, close_entry, open_entry
from care.models import CLOSED, Entry, RegisterCode
from care.registers import REGISTERS
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract
from ledgers.headings import OFFICIAL
from ledgers.jobs import LEDGER_EXPORT, extract_parameters
from ledgers.ledger import Reader
from ledgers.registers import GROUP, ledger_of
from ledgers.spelling import Spelling, yes_or_no, yes_word
from ledgers.taking import import_ledger, plan_ledger, read_ledger
from members.bonds import begin_tie
from members.enums import EventKind, OrganisationKind, Role, TieKind
from members.models import Category, Membership
from members.services import register_event
from tests import world
from tests.ledgers.rows import TODAY
from tests.ledgers.taking import account_of, cells_of, exported, importer, planned, said, taken
from tests.members.sheets import workbook

DIFFICULTY, ILLNESS = REGISTERS["difficulty"], REGISTERS["illness"]
SINCE = date(2026, 3, 2)
FAMILY = [{"name": "吴春梅", "relation": "配偶", "born": "1973-02", "work": "无业", "income": 80000, "health": ""}]
FACTS = {
    "causes": ["unemployed", "own_illness"], "economy": "low_income", "civil": "borderline",
    "civil_until": "2027-01-31", "own_income": 91550, "family": FAMILY, "needs": "就业",
    "benefits": [{"kind": "allowance", "since": "2026-01-01", "last": None}],
}  # fmt: skip
ROW = {
    "党组织": "河源第一党支部", "姓名": "李建国", "自": "2026-03-02", "等次": "一般困难",
    "生活困难原因": "下岗，本人大病", "本人月收入（元）": "1,200.50元",
}  # fmt: skip


def opened(person, register=DIFFICULTY, since=SINCE, facts=FACTS, grade="一般困难"):
    return open_entry(
        by=None, register=register, person=person, since=since, given=Given(facts, grade if register.grades else ""),
        today=TODAY,
    )  # fmt: skip


def table(account, organisation, code="difficulty", first=date(2026, 1, 1), last=TODAY):
    ledger = LEDGERS[code]
    headings = [heading.text for heading in ledger.headings]
    reader = Reader(account, TODAY)
    rows = ledger.rows(reader, organisation, first, last)
    return [dict(zip(headings, cells, strict=True)) for _row, cells in ledger.table(rows, reader)]


# What is declared


def test_every_register_has_a_ledger_but_the_one_that_nobody_carries_out():
    ledgers = {code for code, ledger in LEDGERS.items() if ledger.group == GROUP}
    assert ledgers == set(REGISTERS) - CLOSED
    assert RegisterCode.PSYCHOLOGY not in LEDGERS


def test_official_headings_are_those_of_facts_there_are():
    for code, facts in OFFICIAL.items():
        if code in REGISTERS:
            assert set(facts) <= set(REGISTERS[code].form.facts()), code


def test_the_ledger_of_difficulty_has_the_official_columns():
    assert [heading.text for heading in LEDGERS["difficulty"].headings] == [
        "序号", "党组织", "姓名", "性别", "出生年月", "入党时间", "等次", "致困原因", "主要致困原因", "原因简述",
        "经济状况", "民政认定类别", "民政认定到期", "特殊情形", "年度统计项目", "具体困难情况", "健康状况",
        "本人收入来源", "本人月收入（元）", "家庭成员", "居住情况", "生产生活情况", "困难与需求", "帮扶措施",
        "享受帮扶情况", "备注", "自", "至", "组织认定日期", "认定单位", "下次复核", "退出原因", "现在所在",
    ]  # fmt: skip


# What is printed


@pytest.fixture
def secretary(cast):
    return world.account(cast.secretary)


def test_an_entry_is_a_row_in_words_days_and_yuan(cast, secretary):
    opened(cast.li)
    [row] = table(secretary, cast.branch)
    filled = {heading: cell for heading, cell in row.items() if cell not in (None, "")}
    assert filled == {
        "序号": 1, "党组织": "河源第一党支部", "姓名": "李建国", "出生年月": "1980-05", "入党时间": "1998-07-01",
        "等次": "一般困难", "致困原因": "失业、本人重病", "经济状况": "低收入", "民政认定类别": "低保边缘家庭",
        "民政认定到期": date(2027, 1, 31), "本人月收入（元）": 915.5,
        "家庭成员": "吴春梅（配偶，1973-02，无业，800.00 元）",
        "困难与需求": "就业", "享受帮扶情况": "低保（2026-01-01）", "自": SINCE,
        "下次复核": date(2026, 8, 29),
    }  # fmt: skip


def test_private_facts_are_for_those_who_may_read_them_and_never_ones_own(cast, secretary):
    opened(cast.li)
    private = ("本人月收入（元）", "家庭成员", "困难与需求")
    for reader in (account_of(cast, Role.INSPECTOR), account_of(cast, Role.DEPUTY_SECRETARY, name="副书记")):
        [row] = table(reader, cast.branch)
        assert [row[heading] for heading in private] == [None, None, None]
        assert row["致困原因"] == "失业、本人重病"
    opened(cast.secretary)
    own, other = sorted(table(secretary, cast.branch), key=lambda row: row["姓名"] != "王海燕")
    assert (own["困难与需求"], other["困难与需求"]) == (None, "就业")


def test_who_keeps_in_touch_with_a_household_stands_in_its_row(cast, secretary):
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=SINCE, today=TODAY)
    opened(cast.li, REGISTERS["household"], facts={"cause": "抢险", "family": []})
    begin_tie(person=cast.li, kind=TieKind.CONTACT, to=cast.commissioner, since=SINCE, today=TODAY)
    [row] = table(secretary, cast.branch, "household")
    assert (row["联系人"], row["至"], row["退出原因"]) == ("张伟", None, "")


def test_who_wrote_an_entry_reads_it_whole(cast):
    writer = world.account(cast.commissioner)
    open_entry(by=writer, register=DIFFICULTY, person=cast.li, since=SINCE, given=Given(FACTS, "一般困难"), today=TODAY)
    opened(cast.zhao)
    assert {row["姓名"]: row["困难与需求"] for row in table(writer, cast.branch)} == {"李建国": "就业", "赵秀兰": None}


def test_the_rows_are_those_in_force_on_some_day_of_the_period(cast, secretary):
    entry = opened(cast.li)
    close_entry(by=None, entry=entry, last=date(2026, 6, 30), why="已经脱困", note="", today=TODAY)

    def rows(first, last):
        return table(secretary, cast.branch, first=first, last=last)

    assert rows(date(2026, 1, 1), date(2026, 3, 1)) == []
    assert len(rows(date(2026, 1, 1), date(2026, 3, 2))) == 1
    [row] = rows(date(2026, 6, 30), TODAY)
    assert (row["至"], row["退出原因"]) == (date(2026, 6, 30), "已经脱困")
    assert rows(date(2026, 7, 1), TODAY) == []


def test_a_death_ends_a_row_the_day_before(cast, secretary):
    opened(cast.li)
    register_event(by=None, person=cast.li, kind=EventKind.DEATH, occurred_on=date(2026, 10, 1), today=TODAY)
    [row] = table(secretary, cast.branch, first=date(2026, 9, 30))
    assert (row["至"], row["退出原因"]) == (date(2026, 9, 30), "去世")
    assert table(secretary, cast.branch, first=date(2026, 10, 1)) == []


def test_an_entry_goes_with_its_member_and_says_where_it_began(cast, secretary):
    opened(cast.li)
    Membership.objects.filter(person=cast.li).update(until=date(2026, 9, 1))
    world.join(cast.li, cast.sibling, since=date(2026, 9, 1))
    assert table(secretary, cast.branch) == []
    [row] = table(world.account(cast.sibling_secretary), cast.sibling)
    assert (row["党组织"], row["现在所在"]) == ("河源第一党支部", "河源第二党支部")


@pytest.mark.parametrize("many", [1, 50])
def test_a_ledger_takes_as_many_queries_for_fifty_entries_as_for_one(
    cast, secretary, many, django_assert_max_num_queries
):
    people = [world.member(f"党员{number}", cast.branch) for number in range(many)]
    Entry.objects.bulk_create(
        Entry(register="difficulty", person=each, since=SINCE, entered_on=TODAY, private={"needs": "药"})
        for each in people
    )
    assert secretary.scope
    with django_assert_max_num_queries(2):
        assert [row["困难与需求"] for row in table(secretary, cast.branch)] == ["药"] * many


# Whom it is offered


def test_the_ledger_of_a_sensitive_register_is_there_for_those_who_may_see_it(cast, sign_in):
    opened(cast.li, ILLNESS, facts={"state": "住院", "what": "胃"})
    period = {"organisation": cast.branch.pk, "first": "2026-01-01", "last": "2026-11-23"}
    may, may_not = sign_in(world.account(cast.secretary)), sign_in(account_of(cast, Role.INSPECTOR))
    assert "重病党员台账" in may.get(reverse("ledgers")).content.decode()
    assert "李建国" in may.get(reverse("ledger", args=["illness"])).content.decode()
    listed = may_not.get(reverse("ledgers")).content.decode()
    assert "重病党员台账" not in listed
    assert "困难党员台账" in listed
    assert may_not.get(reverse("ledger", args=["illness"])).status_code == 403
    assert may_not.post(reverse("ledger_export", args=["illness"]), period).status_code == 403


def test_who_may_record_but_not_see_sensitive_things_brings_none_in(cast, sign_in):
    client = sign_in(account_of(cast, Role.DEPUTY_SECRETARY, cast.branch))
    assert client.get(reverse("ledger_import", args=["difficulty"])).status_code == 200
    for page in ("ledger_import", "ledger_template"):
        assert client.get(reverse(page, args=["illness"])).status_code == 403


def test_a_job_asks_again_whether_the_ledger_may_be_read(cast):
    inspector = account_of(cast, Role.INSPECTOR)
    extract = Extract(LEDGERS["illness"], inspector, cast.branch, SINCE, TODAY, None)
    with pytest.raises(PermissionDenied, match="组织部查看"):
        LEDGER_EXPORT.check(inspector.pk, extract_parameters(extract))


def test_private_facts_stand_in_the_workbook_whose_making_is_audited_and_not_on_the_page(cast, sign_in):
    opened(cast.li)
    account = world.account(cast.secretary)
    body = sign_in(account).get(reverse("ledger", args=["difficulty"])).content.decode()
    assert "失业、本人重病" in body
    assert "不公开的 10 列只在导出里" in body
    assert "吴春梅" not in body
    assert AuditRow.objects.filter(act="export").count() == 0
    row = next(row for row in cells_of(exported("difficulty", account, cast.branch)) if row[0] == 1)
    assert "吴春梅（配偶，1973-02，无业，800.00 元）" in row
    [audited] = AuditRow.objects.filter(act="export")
    assert audited.detail["ledger"] == "difficulty"


def test_the_list_groups_the_registers(cast, sign_in):
    body = sign_in(world.account(cast.secretary)).get(reverse("ledgers")).content.decode()
    assert body.index("办理记录台账") < body.index("<h2>帮扶台账</h2>") < body.index("困难党员台账")


# What a new row becomes


def sheet_of(*rows):
    """A sheet with the headings of its rows alone."""
    headings = list(dict.fromkeys(chain(*rows)))
    return workbook([[row.get(each) for each in headings] for row in rows], headings=headings)


def kept():
    return Entry.objects.get()


def test_a_new_row_is_an_entry_with_its_facts_read_in_their_spellings(cast, secretary):
    done = taken("difficulty", sheet_of(ROW), importer(secretary))
    assert said(done) == []
    assert done.report().counts()["created"] == 1
    entry = kept()
    assert entry.facts["causes"] == ["own_illness", "unemployed"]
    assert in_yuan(entry.private["own_income"]) == "1200.50"
    assert (entry.since, entry.grade, entry.review_on) == (SINCE, "一般困难", date(2026, 8, 29))
    assert entry.entered_by == cast.secretary
    again = taken("difficulty", sheet_of(ROW), importer(secretary))
    assert again.report().counts() == {"created": 0, "updated": 0, "unchanged": 1, "refused": 0}, said(again)


def test_a_superior_brings_recognised_entries_and_a_branch_is_told_that_it_cannot(cast, secretary):
    row = ROW | {"组织认定日期": "2026-04-01", "认定单位": "局党委"}
    done = taken("difficulty", sheet_of(row), importer(secretary))
    assert said(done) == [(2, "组织认定日期", "not_recognised")]
    assert kept().recognised_on is None
    other = row | {"姓名": "赵秀兰"}
    taken("difficulty", sheet_of(other), importer(account_of(cast, Role.DEPARTMENT_CLERK)))
    found = Entry.objects.get(person=cast.zhao)
    assert (found.recognised_on, found.recognised_by) == (date(2026, 4, 1), "局党委")
    assert Category.objects.filter(person=cast.zhao, kind="hardship", grade="一般困难").exists()


def test_a_row_that_is_over_is_entered_and_ended(cast, secretary):
    row = ROW | {"至": "2026-06-30", "退出原因": "已经脱困"}
    assert said(taken("difficulty", sheet_of(row), importer(secretary))) == []
    assert (kept().last, kept().closed_as) == (date(2026, 6, 30), "已经脱困")


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"生活困难原因": "缺钱"}, "生活困难原因"), ({"生活困难原因": ""}, "生活困难原因"),
        ({"等次": "很困难"}, "等次"),
        ({"本人月收入（元）": "很少"}, "本人月收入（元）"), ({"自": "2026-12-01"}, "自"),
        ({"至": "2026-06-30"}, "退出原因"), ({"退出原因": "其他"}, "至"),
        ({"至": "2026-06-30", "退出原因": "去世"}, "退出原因"), ({"下次复核": "2026-01-01"}, "下次复核"),
        ({"组织认定日期": "2026-04-01"}, "认定单位"),
        ({"民政认定到期": "年底"}, "民政认定到期"),
    ],
)  # fmt: skip
def test_a_cell_that_makes_no_sense_is_refused_in_the_preview(cast, wrong, column):
    by = importer(account_of(cast, Role.DEPARTMENT_CLERK))
    plan = planned("difficulty", sheet_of(ROW | wrong), by)
    assert plan.report().counts()["refused"] == 1
    assert {name for _row, name, _code in said(plan)} == {column}


def test_who_stands_in_the_register_is_not_entered_again(cast, secretary):
    opened(cast.li)
    plan = planned("difficulty", sheet_of(ROW | {"自": "2026-05-01"}), importer(secretary))
    assert said(plan) == [(2, "自", "refused_since")]
    assert "已在困难党员台账里" in plan.report().findings[0].message


def test_a_known_row_that_says_otherwise_sends_to_its_page(cast, secretary):
    opened(cast.li)
    plan = planned("difficulty", sheet_of(ROW | {"生活困难原因": "失业"}), importer(secretary))
    assert (2, "生活困难原因", "differs") in said(plan)
    assert "打开那一条修改" in plan.report().findings[0].message


def test_tables_are_not_read_and_that_is_said(cast, secretary):
    done = taken("difficulty", sheet_of(ROW | {"家庭成员": "吴春梅（配偶）"}), importer(secretary))
    assert said(done) == [(2, "家庭成员", "not_taken")]
    assert kept().private["family"] == []


def test_a_member_who_moved_on_is_entered_where_he_is(cast, secretary):
    Membership.objects.filter(person=cast.li).update(until=date(2026, 9, 1))
    world.join(cast.li, cast.sibling, since=date(2026, 9, 1))
    plan = planned("difficulty", sheet_of(ROW), importer(secretary))
    assert said(plan) == [(2, "姓名", "not_yours")]


def test_what_a_service_refuses_at_the_end_leaves_nothing_of_its_row(cast, secretary):
    """Two rows of one member in a sheet: the second is refused in writing, the first stays."""
    rows = [ROW, ROW | {"自": "2026-05-01"}]
    done = taken("difficulty", sheet_of(*rows), importer(secretary))
    assert said(done) == [(3, "姓名", "refused_in_writing")]
    assert kept().since == SINCE


def test_an_entry_that_cannot_be_ended_is_not_opened_either(cast, secretary, monkeypatch):
    def refuse(**how):
        raise ValidationError("已定到别的日子")

    monkeypatch.setattr("ledgers.register_entries.close_entry", refuse)
    row = ROW | {"至": "2026-06-30", "退出原因": "已经脱困"}
    done = taken("difficulty", sheet_of(row), importer(secretary))
    assert said(done) == [(2, "姓名", "refused_in_writing")]
    assert Entry.objects.count() == 0


@pytest.mark.parametrize("many", [1, 50])
def test_a_plan_takes_as_many_queries_for_fifty_rows_as_for_one(cast, secretary, many, django_assert_max_num_queries):
    rows = [ROW | {"姓名": world.member(f"党员{number}", cast.branch).name} for number in range(many)]
    by = importer(secretary)
    data = sheet_of(*rows)
    assert secretary.scope
    with django_assert_max_num_queries(8):
        assert planned("difficulty", data, by).report().counts()["created"] == many


# Ties, whose registers the ledgers take as they come


def tied(kind):
    return ledger_of(replace(ILLNESS, code=RegisterCode.PAIRING, title="结对", tie=kind, kinds=lambda entry: {}))


def brought(ledger, by, *rows, act=import_ledger):
    return act(importer=by, ledger=ledger, sheet=read_ledger(ledger, sheet_of(*rows)), today=TODAY)


def test_the_other_end_of_a_tie_is_a_key_and_found_by_name(cast, secretary):
    ledger = tied(TieKind.PAIRING)
    row = {"党组织": "河源第一党支部", "姓名": "李建国", "自": SINCE, "现在的情况": "住院", "帮扶人": "张伟"}
    assert said(brought(ledger, importer(secretary), row)) == []
    assert kept().tie.to == cast.commissioner
    again = brought(ledger, importer(secretary), row, row | {"帮扶人": "王海燕"}, act=plan_ledger)
    assert again.report().counts() == {"created": 1, "updated": 0, "unchanged": 1, "refused": 0}, said(again)
    for wrong in ("李建国", "张伟、王海燕", "无此人", ""):
        plan = brought(ledger, importer(secretary), row | {"帮扶人": wrong}, act=plan_ledger)
        assert [column for _row, column, _code in said(plan)] == ["帮扶人"], wrong


def test_the_other_end_may_be_an_organisation_above_or_in_view(cast, secretary):
    ledger = tied(TieKind.SENDER)
    world.organisation("0103", OrganisationKind.BRANCH, cast.committee, name="测站党支部")
    row = {"党组织": "河源第一党支部", "姓名": "李建国", "自": SINCE, "现在的情况": "住院"}
    plan = brought(ledger, importer(secretary), row | {"派出单位": "云河水文局党委"}, act=plan_ledger)
    assert [entry.given["to"] for entry in plan.entries] == [cast.committee]
    plan = brought(ledger, importer(secretary), row | {"派出单位": "测站党支部"}, act=plan_ledger)
    assert said(plan) == [(2, "派出单位", "unknown_place")]


# Spellings


def test_the_official_lists_are_read_in_their_spellings_and_others_by_their_labels():
    health = Spelling.of([("", "未填"), *HealthState.choices])
    assert health.one("大病") == "serious"
    assert health.one("残疾") is None
    assert health.one(" ") == ""
    assert Spelling.of([("甲", "甲"), ("乙", "乙、丙")]).several("乙、丙；甲，丁") == (["甲", "乙"], ["丁"])
    assert Spelling.of([("甲", "甲")]).several("无") == ([], [])
    assert Spelling.of([("甲", "甲"), ("甲乙", "甲乙")]).labels_of("甲乙、甲") == "甲、甲乙"


def test_yes_and_no_are_read_as_people_write_them():
    assert [yes_or_no(text) for text in ("是", "√", "", "否", "也许")] == [True, True, False, False, None]
    assert [yes_word(text) for text in ("有", "", "无", "8")] == ["是", "", "否", "8"]
