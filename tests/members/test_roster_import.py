"""Importing the roster: the shared sheets whole, changes, transfers, standings, what is refused, how many queries."""

from datetime import date

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from base.dates import DAWN, FAR
from base.facts import Fact
from base.models import AuditRow
from base.reading import SheetRefused
from members.enums import EventKind, OrganisationKind, Standing
from members.models import Event, Membership, Organisation, Person
from members.organisations import import_organisations, read_organisations
from members.roster import apply as roster_apply
from members.roster.apply import import_roster, read_roster
from members.roster.plan import plan_roster
from tests.members.sheets import DATA, HEADINGS, id_number, roster_row, workbook
from tests.world import account, join, organisation, person

TODAY = date(2026, 11, 23)


@pytest.fixture
def facts(monkeypatch):
    """What the import tells the engine: kind, first day, how many people."""
    told = []
    monkeypatch.setattr(
        roster_apply, "facts_changed", lambda kind, *, since, people: told.append((kind, since, len(people)))
    )
    return told


@pytest.fixture
def tree(db):
    import_organisations(by=None, sheet=read_organisations((DATA / "organisations.xlsx").read_bytes()), today=TODAY)


def bring(*rows, by=None, as_of=TODAY, headings=HEADINGS, above=()):
    return import_roster(
        by=by, sheet=read_roster(workbook(rows, headings=headings, above=above)), as_of=as_of, today=TODAY
    )


def bring_file(name: str, *, today=TODAY):
    return import_roster(by=None, sheet=read_roster((DATA / name).read_bytes()), as_of=today, today=today)


def counts(plan) -> tuple[int, int, int, int]:
    return tuple(plan.report().counts().values())


def codes(plan, level=None) -> list[tuple[int, str, str]]:
    found = [f for f in plan.findings if level in (None, f.level)]
    return [(f.row, f.column, f.code) for f in found]


def stays(serial=1) -> list[tuple]:
    rows = Membership.objects.filter(person=Person.objects.holding(id_number(serial)).get()).order_by("since")
    return list(rows.values_list("organisation__code", "standing", "since", "until"))


# The shared sheets


def test_the_shared_roster_comes_in_whole_and_only_once(tree, facts):
    plan = bring_file("roster.xlsx")
    assert (counts(plan), plan.findings) == ((360, 0, 0, 0), [])
    assert Membership.objects.filter(standing=Standing.PROBATIONARY).count() == 15
    someone = Person.objects.holding("420000199805022258").get()
    assert (someone.name, someone.sex, someone.ethnicity, someone.education) == ("邹国刚", "男", "土家族", "大专")
    assert (someone.phone, someone.address) == ("18401757228", "某市某区77号院25号楼")
    assert (someone.joined_on, someone.full_on) == (date(2021, 7, 17), date(2022, 7, 17))
    stay = someone.memberships.get()
    assert (stay.organisation.code, stay.since, stay.until) == ("410010101", date(2021, 7, 17), FAR)
    assert stay.path == Organisation.objects.get(code="410010101").path
    assert {kind for kind, *_ in facts} == {Fact.MEMBERSHIP}
    assert facts[0][2] == 360
    facts.clear()
    assert counts(bring_file("roster.xlsx")) == (0, 0, 360, 0)
    assert (facts, Event.objects.count()) == ([], 0)


def test_the_official_sheet_says_the_same_in_its_own_order(tree):
    assert counts(bring_file("roster-official.xlsx")) == (180, 0, 0, 0)
    assert counts(bring_file("roster.xlsx")) == (180, 0, 180, 0)
    assert counts(bring_file("roster-official.xlsx")) == (0, 0, 180, 0)


def test_a_real_id_number_never_lies_open_in_the_database(tree):
    bring_file("roster.xlsx")
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone, address FROM members_person")
        for row in cursor.fetchall():
            assert all(value.startswith("dev$") for value in row)


# Reading one row


def test_titles_above_the_header_and_a_total_below_are_no_rows(cast):
    plan = bring(roster_row(), ["合计", "1 人"], above=(["党员花名册"], ["填报单位：某局"]))
    assert (counts(plan), plan.findings) == ((1, 0, 0, 0), [])
    assert plan.rows[0].row.number == 4


def test_a_branch_is_known_by_name_short_name_or_code(cast):
    cast.branch.name, cast.branch.short_name = "中共河源第一支部委员会", "河源一支部"
    cast.branch.save()
    named = ("中共河源第一支部委员会", "河源一支部", "010101", " 河源 一支部　")
    plan = bring(*(roster_row(serial=n, 所在党支部=name) for n, name in enumerate(named, 1)))
    assert counts(plan) == (4, 0, 0, 0)
    assert codes(plan) == [(5, "所在党支部", "trailing_space_branch")]


def test_a_branch_that_cannot_be_told_refuses_its_row(cast):
    organisation("0103", parent=cast.committee, name="河源第一党支部")
    plan = bring(
        roster_row(serial=1),
        roster_row(serial=2, 所在党支部="010101"),
        roster_row(serial=3, 所在党支部="不存在支部"),
        roster_row(serial=4, 所在党支部="河源局党总支"),
        roster_row(serial=5, 所在党支部=None),
    )
    assert codes(plan) == [
        (2, "所在党支部", "ambiguous_branch"),
        (4, "所在党支部", "unknown_branch"),
        (5, "所在党支部", "not_a_branch"),
        (6, "所在党支部", "missing_branch"),
    ]
    assert counts(plan) == (1, 0, 0, 4)


@pytest.mark.parametrize(
    ("given", "column", "code"),
    [
        ({"姓名": "  "}, "姓名", "blank_name"),
        ({"姓名": '=HYPERLINK("x","王强")'}, "姓名", "formula_name"),
        ({"公民身份证号": None}, "公民身份证号", "id_missing"),
        ({"公民身份证号": 4.10000198e17}, "公民身份证号", "id_as_number"),
        ({"公民身份证号": id_number(1)[:17] + "Z"}, "公民身份证号", "bad_id"),
        ({"公民身份证号": id_number(1)[:16] + "9" + id_number(1)[17]}, "公民身份证号", "bad_check_digit"),
        ({"性别": "女"}, "性别", "gender_conflict"),
        ({"性别": "?"}, "性别", "bad_sex"),
        ({"人员类别": "积极分子"}, "人员类别", "bad_category"),
        ({"人员类别": None}, "人员类别", "bad_category"),
        ({"加入党组织日期": "2031-07-01"}, "加入党组织日期", "future_join"),
        ({"加入党组织日期": "1921-06-30"}, "加入党组织日期", "early_join"),
        ({"加入党组织日期": "09/14/12"}, "加入党组织日期", "bad_date"),
        ({"加入党组织日期": "1979-06-10"}, "加入党组织日期", "join_before_birth"),
        ({"转为正式党员日期": "2005-06-09"}, "转为正式党员日期", "full_before_join"),
        ({"转为正式党员日期": "2026-11-24"}, "转为正式党员日期", "future_full"),
        ({"人员类别": "预备党员"}, "转为正式党员日期", "probation_with_full_date"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_refused_and_its_neighbours_are_not(cast, given, column, code):
    plan = bring(roster_row(**given), roster_row("李丽", 2))
    assert codes(plan, "error") == [(2, column, code)]
    assert counts(plan) == (1, 0, 0, 1)
    assert not Person.objects.filter(name="王强").exists()
    assert Person.objects.filter(name="李丽").exists()


MORE = (*HEADINGS, "出生日期", "党籍状态", "是否为失联党员", "是否为流动党员", "外出流向")


def wide(*more, **given):
    return [*roster_row(**given), *more]


@pytest.mark.parametrize(
    ("row", "column", "code", "level"),
    [
        (wide("1980-06-09"), "出生日期", "birth_conflict", "warning"),
        (wide("2026-12-01"), "出生日期", "future_birth", "error"),
        (wide("1990-05-01", 加入党组织日期="2006-05-01"), "加入党组织日期", "minor_join", "warning"),
        (wide("2006-01-01", 加入党组织日期="2005-05-01"), "加入党组织日期", "join_before_birth", "error"),
        (wide(None, "出党"), "党籍状态", "bad_status", "error"),
        (wide(None, None, "也许"), "是否为失联党员", "bad_yes_no", "error"),
        (wide(None, 加入党组织日期="2005.06"), "加入党组织日期", "month_only", "warning"),
        (wide(None, 加入党组织日期="2005.06.10"), "加入党组织日期", "dot_date", "repaired"),
        (wide(None, 联系电话="1380000001"), "联系电话", "short_phone", "warning"),
        (wide(None, 联系电话="138000000011"), "联系电话", "bad_phone", "warning"),
        (wide(None, 联系电话="１３８００００００１１"), "联系电话", "full_width_phone", "repaired"),
        (wide(None, 姓名="王　强"), "姓名", "spaces_in_name", "repaired"),
        (wide(None, 公民身份证号="'" + id_number(1)), "公民身份证号", "lower_x", "repaired"),
        (wide(None, 转为正式党员日期=None), "转为正式党员日期", "missing_full_date", "warning"),
    ],
)  # fmt: skip
def test_what_is_odd_is_said_once_and_with_its_level(cast, row, column, code, level):
    plan = bring(row, headings=MORE)
    found = [(f.column, f.code, f.level) for f in plan.findings if f.code != "birth_conflict" or code == f.code]
    assert found == [(column, code, level)]
    assert counts(plan) == ((0, 0, 0, 1) if level == "error" else (1, 0, 0, 0))


@pytest.mark.parametrize(
    ("joined", "full", "odd"),
    [
        ("2005-06-10", "2006-06-10", False),
        ("2005-06-10", "2006-07-09", False),
        ("2005-06-10", "2006-06-09", True),
        ("2005-06-10", "2006-07-10", True),
        ("2005-06-10", "2006-12-09", True),
        ("2005-06-10", "2006-12-10", False),
        ("2005-06-10", "2007-07-09", False),
        ("2005-06-10", "2007-07-10", True),
        ("2008-02-29", "2009-02-28", False),
        ("1970-06-18", "1970-06-18", False),
        ("1970-06-18", None, False),
        ("1970-06-18", "1971-06-18", False),
        ("1970-06-18", "1975-06-18", True),
        ("1950-06-18", "1950-12-18", False),
        ("2005-06-10", "2005-06-10", True),
    ],
)
def test_a_probation_of_unusual_length_is_asked_about(cast, joined, full, odd):
    born = date(1930, 5, 1)
    plan = bring(roster_row(公民身份证号=id_number(1, born=born), 加入党组织日期=joined, 转为正式党员日期=full))
    assert [code for _, _, code in codes(plan)] == (["unusual_probation"] if odd else [])


def test_of_a_repeated_number_the_first_row_stays(cast):
    plan = bring(roster_row("王强", 1), roster_row("李四", 3), roster_row("王小强", 1), roster_row("王大强", 1))
    assert codes(plan) == [(4, "公民身份证号", "duplicate_id"), (5, "公民身份证号", "duplicate_id")]
    assert "第 2 行" in plan.findings[0].message
    assert sorted(Person.objects.filter(name__contains="强").values_list("name", flat=True)) == ["王强"]


def test_fifteen_digits_find_their_eighteen_digit_twin(cast):
    bring(roster_row())
    plan = bring(roster_row(公民身份证号=id_number(1)[:6] + id_number(1)[8:17]))
    assert counts(plan) == (0, 0, 1, 0)
    assert codes(plan) == [(2, "公民身份证号", "id_15")]


def test_names_are_kept_whole(cast):
    names = ("张𬭎", "买买提·艾力", "John Smith")
    bring(*(roster_row(name, serial) for serial, name in enumerate(names, 1)))
    assert set(Person.objects.filter(name__in=names).values_list("name", flat=True)) == set(names)


def test_numbers_that_excel_made_of_phones_are_text_again(cast):
    bring(roster_row(联系电话=13800138000))
    assert Person.objects.get(name="王强").phone == "13800138000"


def test_birth_and_sex_come_from_the_number_where_the_sheet_has_none(cast):
    bring(roster_row(性别=None))
    someone = Person.objects.get(name="王强")
    assert (someone.sex, someone.birth_on) == ("男", date(1980, 5, 1))


# Standing and the first stay


@pytest.mark.parametrize(
    ("given", "more", "standing"),
    [
        ({}, (None, "正常", "否"), Standing.FULL),
        ({"人员类别": "预备党员", "转为正式党员日期": None}, (None, None, None), Standing.PROBATIONARY),
        ({}, (None, "停止党籍", "否"), Standing.SUSPENDED),
        ({}, (None, "停止党籍", "是"), Standing.SUSPENDED),
        ({}, (None, "正常", "是"), Standing.LOST),
    ],
)
def test_standing_is_read_from_three_columns(cast, given, more, standing):
    bring(wide(*more, **given), headings=MORE)
    assert stays() == [("010101", standing, date(2005, 6, 10), FAR)]


def test_without_a_day_of_joining_the_first_stay_has_no_known_beginning(cast):
    bring(roster_row(加入党组织日期=None))
    assert stays() == [("010101", Standing.FULL, DAWN, FAR)]


# A later roster


def test_changed_fields_are_written_and_empty_cells_leave_what_is_there(cast, facts):
    bring(wide(None, None, None, "是", "广东省"), headings=MORE)
    facts.clear()
    plan = bring(roster_row(联系电话="13911112222", 转为正式党员日期=None))
    assert counts(plan) == (0, 1, 0, 0)
    assert [(c.label, c.old, c.new) for c in plan.rows[0].changes] == [("联系电话", "138****0001", "139****2222")]
    someone = Person.objects.get(name="王强")
    assert (someone.phone, someone.full_on, someone.floating_to) == ("13911112222", date(2006, 6, 10), "广东省")
    assert facts == []


def test_who_floats_no_more_has_no_destination(cast):
    bring(wide(None, None, None, "是", "广东省"), headings=MORE)
    bring(wide(None, None, None, "否", None), headings=MORE)
    assert Person.objects.filter(name="王强", floating=False, floating_to="").exists()


def test_a_new_day_of_joining_is_told_to_the_engine(cast, facts):
    bring(roster_row())
    facts.clear()
    bring(roster_row(加入党组织日期="2005-06-01", 转为正式党员日期="2006-06-01"))
    assert facts == [(Fact.PERSON, DAWN, 1)]
    assert stays() == [("010101", Standing.FULL, date(2005, 6, 10), FAR)]


def test_another_name_under_the_same_number_is_asked_about(cast):
    bring(roster_row("王强"))
    plan = bring(roster_row("赵刚"))
    assert codes(plan, "warning") == [(2, "姓名", "name_differs")]
    assert Person.objects.holding(id_number(1)).get().name == "赵刚"


def test_a_member_in_another_branch_has_moved_there_as_of_the_day_asked(cast, facts):
    bring(roster_row())
    facts.clear()
    day = date(2026, 11, 1)
    plan = bring(roster_row(所在党支部="河源第二党支部"), as_of=day)
    assert (counts(plan), len(plan.transfers)) == ((0, 1, 0, 0), 1)
    assert stays() == [
        ("010101", Standing.FULL, date(2005, 6, 10), day),
        ("010102", Standing.FULL, day, FAR),
    ]
    event = Event.objects.get()
    assert (event.kind, event.occurred_on, event.entered_on) == (EventKind.TRANSFER_IN, day, TODAY)
    assert (event.source, event.person.name) == ("名册导入", "王强")
    assert facts == [(Fact.MEMBERSHIP, day, 1), (Fact.EVENT, day, 1)]
    assert counts(bring(roster_row(所在党支部="河源第二党支部"), as_of=day)) == (0, 0, 1, 0)
    assert Event.objects.count() == 1


def test_a_stay_that_began_that_day_or_later_is_corrected_in_place(cast):
    day = date(2026, 11, 1)
    bring(roster_row())
    bring(roster_row(所在党支部="河源第二党支部"), as_of=day)
    for as_of in (day, date(2026, 10, 1)):
        branch = {day: "机关党支部"}.get(as_of, "河源第一党支部")
        plan = bring(roster_row(所在党支部=branch), as_of=as_of)
        assert (counts(plan), plan.transfers) == ((0, 1, 0, 0), [])
    assert [row[0] for row in stays()] == ["010101", "010101"]
    assert [row[2] for row in stays()] == [date(2005, 6, 10), day]
    assert Event.objects.count() == 1


def test_becoming_full_holds_from_the_day_it_happened(cast, facts):
    bring(roster_row(人员类别="预备党员", 加入党组织日期="2025-06-10", 转为正式党员日期=None))
    facts.clear()
    bring(roster_row(加入党组织日期="2025-06-10", 转为正式党员日期="2026-06-10"))
    assert stays() == [
        ("010101", Standing.PROBATIONARY, date(2025, 6, 10), date(2026, 6, 10)),
        ("010101", Standing.FULL, date(2026, 6, 10), FAR),
    ]
    assert facts == [(Fact.MEMBERSHIP, date(2026, 6, 10), 1), (Fact.PERSON, DAWN, 1)]


def test_becoming_full_before_the_stay_began_corrects_it(cast):
    someone = person("王强", id_number=id_number(1), joined=date(2005, 6, 10), full=None)
    join(someone, cast.branch, since=date(2020, 1, 1), standing=Standing.PROBATIONARY)
    bring(roster_row())
    assert stays() == [("010101", Standing.FULL, date(2020, 1, 1), FAR)]


@pytest.mark.parametrize(
    ("as_of", "between"),
    [
        (date(2026, 9, 1), ("010101", Standing.FULL, date(2026, 6, 10), date(2026, 9, 1))),
        (date(2026, 3, 1), ("010102", Standing.PROBATIONARY, date(2026, 3, 1), date(2026, 6, 10))),
    ],
)
def test_becoming_full_and_moving_each_hold_from_their_own_day(cast, as_of, between):
    bring(roster_row(人员类别="预备党员", 加入党组织日期="2025-06-10", 转为正式党员日期=None))
    bring(
        roster_row(加入党组织日期="2025-06-10", 转为正式党员日期="2026-06-10", 所在党支部="河源第二党支部"),
        as_of=as_of,
    )
    first, middle, last = stays()
    assert first[:2] == ("010101", Standing.PROBATIONARY)
    assert middle == between
    assert last == ("010102", Standing.FULL, max(as_of, date(2026, 6, 10)), FAR)


def test_losing_touch_holds_from_the_day_asked(cast):
    bring(wide(), headings=MORE[: len(HEADINGS)])
    bring(wide(None, "正常", "是"), headings=MORE)
    assert stays()[-1] == ("010101", Standing.LOST, TODAY, FAR)


def test_the_dead_are_not_brought_back_by_a_roster(cast):
    bring(roster_row())
    someone = Person.objects.get(name="王强")
    someone.memberships.update(until=date(2026, 5, 1))
    join(someone, cast.branch, since=date(2026, 5, 1), standing=Standing.DEAD)
    plan = bring(roster_row(联系电话="13911112222"))
    assert codes(plan) == [(2, "公民身份证号", "dead_person")]
    assert "撤回" in plan.findings[0].message
    assert stays()[-1][1] == Standing.DEAD
    assert Person.objects.get(name="王强").phone == "13800000001"


def test_who_had_left_and_stands_in_the_roster_has_come_back(cast):
    bring(roster_row())
    Person.objects.get(name="王强").memberships.update(until=date(2026, 5, 1))
    plan = bring(roster_row(所在党支部="河源第二党支部"), as_of=date(2026, 4, 1))
    assert (counts(plan), len(plan.transfers)) == ((0, 1, 0, 0), 1)
    assert stays()[-1] == ("010102", Standing.FULL, date(2026, 5, 1), FAR)
    assert Event.objects.get().occurred_on == date(2026, 5, 1)


def test_a_person_who_was_no_member_becomes_one(cast):
    person("王强", id_number=id_number(1))
    plan = bring(roster_row())
    assert counts(plan) == (0, 1, 0, 0)
    assert stays() == [("010101", Standing.FULL, date(2005, 6, 10), FAR)]
    assert Event.objects.count() == 0


def test_members_whom_the_sheet_does_not_name_are_left_alone(cast):
    before = list(Membership.objects.order_by("pk").values())
    bring(roster_row())
    assert list(Membership.objects.exclude(person__name="王强").order_by("pk").values()) == before


def test_a_day_after_today_is_refused(cast):
    with pytest.raises(SheetRefused, match="晚于今天"):
        bring(roster_row(), as_of=date(2026, 11, 24))


# Whole or not at all


def everything() -> dict:
    """Every row of every table of ours, for comparing before with after."""
    ours = [model for model in apps.get_models() if model._meta.app_label not in {"sessions", "contenttypes"}]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in ours}


@pytest.mark.parametrize(
    "step",
    ["facts_will_change", "plan_roster", "_write_people", "_write_stays", "_write_events", "_tell", "audit.write"],
)
def test_a_failure_at_any_step_changes_nothing(world, monkeypatch, step):
    """After each step, of an import that creates, changes and moves people under policy."""
    bring(roster_row(), roster_row("李丽", 2))
    before = everything()
    owner, name = (roster_apply.audit, "write") if step == "audit.write" else (roster_apply, step)
    real = getattr(owner, name)

    def fail(*given, **more):
        real(*given, **more)
        raise RuntimeError("power cut")

    monkeypatch.setattr(owner, name, fail)
    with pytest.raises(RuntimeError, match="power cut"):
        bring(
            roster_row(所在党支部="河源第二党支部"), roster_row("李丽", 2, 加入党组织日期="2005-06-11"),
            roster_row("新人", 3), as_of=date(2026, 11, 1),
        )  # fmt: skip
    assert everything() == before


def test_two_at_the_same_time_are_told_to_try_again(cast, monkeypatch):
    """The other import's people are not seen by the plan, and stand in the table when this one writes."""
    sheet = read_roster(workbook([roster_row()]))
    plan = plan_roster(by=None, sheet=sheet, as_of=TODAY, today=TODAY)
    bring(roster_row())
    monkeypatch.setattr(roster_apply, "plan_roster", lambda **_: plan)
    with pytest.raises(SheetRefused, match="请再试一次"):
        import_roster(by=None, sheet=sheet, as_of=TODAY, today=TODAY)


def test_a_plan_writes_nothing(cast):
    sheet = read_roster(workbook([roster_row()]))
    plan = plan_roster(by=None, sheet=sheet, as_of=TODAY, today=TODAY)
    assert counts(plan) == (1, 0, 0, 0)
    assert not Person.objects.filter(name="王强").exists()
    assert not AuditRow.objects.exists()


def test_the_import_leaves_one_audit_row_without_names(cast):
    bring(roster_row(), roster_row(serial=2, 人员类别="?"))
    row = AuditRow.objects.get()
    assert (row.act, row.detail["created"], row.detail["refused"]) == ("import", 1, 1)
    assert "王强" not in str(row.detail)


def statements_for(number: int, start: int) -> tuple[int, int]:
    """How often a roster of transfers and changed phones reads, and how often it writes."""
    rows = [roster_row(f"人{n}", n) for n in range(start, start + number)]
    bring(*rows)
    moved = [
        roster_row(f"人{n}", n, 所在党支部="河源第二党支部", 联系电话="13900000000")
        for n in range(start, start + number)
    ]
    with CaptureQueriesContext(connection) as captured:
        bring(*moved)
    reads = sum(query["sql"].startswith("SELECT") for query in captured)
    return reads, len(captured) - reads


def test_statements_do_not_grow_with_the_rows_but_with_their_batches(cast):
    (few_reads, few), (reads, writes) = statements_for(20, 1), statements_for(300, 100)
    assert reads == few_reads <= 20  # PostgreSQL also reads the next primary keys
    # SQLite takes fewer rows in one statement than PostgreSQL; a statement for each row would be 1,200 more
    assert writes <= few + 40


# Scope


def test_an_account_imports_only_into_branches_where_it_may(cast):
    clerk = account(cast.clerk)
    plan = bring(roster_row(), roster_row("李丽", 2, 所在党支部="外单位党支部"), by=clerk)
    assert codes(plan) == [(3, "所在党支部", "unknown_branch")]
    assert "范围" in plan.findings[0].message
    assert counts(plan) == (1, 0, 0, 1)


def test_who_is_a_member_elsewhere_is_refused_without_saying_where(cast):
    someone = person("王强", id_number=id_number(1))
    join(someone, cast.other_branch, since=date(2010, 1, 1))
    plan = bring(roster_row(), by=account(cast.clerk))
    assert codes(plan) == [(2, "公民身份证号", "out_of_scope")]
    assert "外单位" not in plan.findings[0].message
    assert stays() == [("0201", Standing.FULL, date(2010, 1, 1), FAR)]


def test_who_comes_from_elsewhere_brings_nothing_to_read(cast):
    """Somebody left a branch outside the importer's scope: what was known there is replaced, not shown."""
    someone = person("王小强", id_number=id_number(1), phone="13700001234")
    join(someone, cast.other_branch, since=date(2010, 1, 1), until=date(2026, 5, 1))
    plan = bring(roster_row(), by=account(cast.clerk))
    assert counts(plan) == (0, 1, 0, 0)
    said = str(plan.rows[0].changes) + str(plan.findings)
    assert [secret for secret in ("王小强", "137", "1234", "外单位") if secret in said] == []
    assert [row[0] for row in stays()] == ["0201", "010101"]


def test_a_transfer_names_who_brought_the_roster(cast):
    clerk = account(cast.clerk)
    bring(roster_row(), by=clerk)
    bring(roster_row(所在党支部="河源第二党支部"), by=clerk)
    assert Event.objects.get().entered_by == cast.clerk


def test_a_group_holds_members_too(cast):
    organisation("01010101", OrganisationKind.GROUP, cast.branch, name="第一党小组")
    assert counts(bring(roster_row(所在党支部="第一党小组"))) == (1, 0, 0, 0)
