"""Importing organisations: the shared sheet whole, parents in any order, what is refused, what a second time does."""

from datetime import date

import pytest

from base.dates import DAWN, FAR
from base.facts import Fact
from base.models import AuditRow
from members import organisations as importing
from members.enums import OrganisationKind, Role
from members.models import Lineage, Membership, Organisation, OrganisationParent
from members.organisations import import_organisations, read_organisations
from tests.members.sheets import DATA, workbook
from tests.world import account, member, post

TODAY = date(2026, 11, 23)
HEADINGS = ("党组织编码", "党组织名称", "组织类别", "上级党组织编码", "联系电话")


@pytest.fixture
def facts(monkeypatch):
    """What the import tells the engine."""
    told = []
    monkeypatch.setattr(importing, "facts_changed", lambda kind, **more: told.append((kind, more["since"])))
    return told


def bring(*rows, by=None, headings=HEADINGS, today=TODAY):
    sheet = read_organisations(workbook(rows, headings=headings))
    return import_organisations(by=by, sheet=sheet, today=today)


def codes(report) -> list[tuple[int, str, str]]:
    return [(finding.row, finding.column, finding.code) for finding in report.findings]


def at(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


@pytest.mark.django_db
def test_the_shared_sheet_comes_in_whole_and_only_once(facts):
    sheet = read_organisations((DATA / "organisations.xlsx").read_bytes())
    report = import_organisations(by=None, sheet=sheet, today=TODAY)
    assert (report.counts(), report.findings) == ({"created": 19, "updated": 0, "unchanged": 0, "refused": 0}, [])
    branch = at("410010101")
    assert (branch.name, branch.short_name) == ("中共汝宁水文局水质科支部委员会1", "汝宁水质科支部1")
    assert (branch.kind, branch.founded_on) == (OrganisationKind.BRANCH, date(2009, 7, 1))
    assert at("41001").phone == "0371-60000001"
    lineage = Lineage.objects.filter(organisation=branch).order_by("distance")
    assert list(lineage.values_list("ancestor__code", "distance")) == [("410010101", 0), ("4100101", 1), ("41001", 2)]
    assert branch.path.startswith(at("4100101").path)
    assert len(branch.path) == 15
    assert facts == [(Fact.ORGANISATION, DAWN)]
    again = import_organisations(by=None, sheet=sheet, today=TODAY)
    assert again.counts() == {"created": 0, "updated": 0, "unchanged": 19, "refused": 0}
    assert len(facts) == 1


@pytest.mark.django_db
def test_parents_may_stand_below_their_children():
    report = bring(
        ("111", "第一支部", "党支部", "11", None),
        ("11", "总支", "党总支", "1", None),
        ("1", "党委", "党委", None, None),
    )
    assert report.created == 3
    assert at("111").path == "000010000100001"


@pytest.mark.django_db
def test_each_wrong_row_is_refused_alone():
    report = bring(
        ("1", "党委", "党委", None, None),
        ("12", "第二支部", "支队", "1", None),
        ("13", "第三支部", "党支部", "9", None),
        ("1", "又一个党委", "党委", None, None),
        ("15", "", "党支部", "1", None),
        (None, "无编码支部", "党支部", "1", None),
        (4.1e17, "数字编码支部", "党支部", "1", None),
        ("17", "甲", "党总支", "18", None),
        ("18", "乙", "党总支", "17", None),
        ("19", "在圈下面的", "党支部", "18", None),
        ("20", "自己的上级", "党总支", "20", None),
        ("21", "支部下面的总支", "党总支", "22", None),
        ("22", "好支部", "党支部", "1", None),
        ("23", "小组", "党小组", "22", None),
        ("24", "日期不对", "党支部", "1", None),
    )
    assert codes(report) == [
        (3, "组织类别", "unknown_kind"),
        (4, "上级党组织编码", "unknown_parent"),
        (5, "党组织编码", "duplicate_code"),
        (6, "党组织名称", "missing_name"),
        (7, "党组织编码", "missing_code"),
        (8, "党组织编码", "code_as_number"),
        (9, "上级党组织编码", "circle"),
        (10, "上级党组织编码", "circle"),
        (11, "上级党组织编码", "unknown_parent"),
        (12, "上级党组织编码", "circle"),
        (13, "上级党组织编码", "bad_parent"),
    ]
    assert report.counts() == {"created": 4, "updated": 0, "unchanged": 0, "refused": 11}
    assert sorted(Organisation.objects.values_list("code", flat=True)) == ["1", "22", "23", "24"]


def test_a_circle_through_what_is_known_is_refused(cast):
    report = bring(("01", "云河水文局党委", "党委", "0101", None))
    assert codes(report) == [(2, "上级党组织编码", "circle")]


def test_changed_fields_are_written_and_empty_cells_leave_what_is_there(cast, facts):
    cast.branch.phone = "0371-1"
    cast.branch.save()
    report = bring(("010101", "河源第一党支部（新）", "党支部", "0101", None))
    assert report.counts() == {"created": 0, "updated": 1, "unchanged": 0, "refused": 0}
    assert (at("010101").name, at("010101").phone) == ("河源第一党支部（新）", "0371-1")
    assert facts == []


def test_only_another_kind_or_place_makes_the_rules_run(cast, facts):
    bring(("0102", "机关党支部", "党支部", "01", "0371-2"))
    assert facts == []
    bring(("0102", "机关党总支", "党总支", "01", None))
    assert facts == [(Fact.ORGANISATION, DAWN)]


def test_a_new_parent_holds_from_today_and_carries_the_subtree(cast, facts):
    report = bring(("0101", "河源局党总支", "党总支", "02", None))
    assert report.counts() == {"created": 0, "updated": 1, "unchanged": 0, "refused": 0}
    rows = OrganisationParent.objects.filter(organisation=cast.general).order_by("since")
    assert list(rows.values_list("parent__code", "since", "until")) == [("01", DAWN, TODAY), ("02", TODAY, FAR)]
    branch = at("010101")
    assert branch.path.startswith(at("02").path)
    assert Membership.objects.get(person=cast.li).path == branch.path
    above = Lineage.objects.filter(organisation=cast.branch, distance=2).order_by("since")
    assert list(above.values_list("ancestor__code", "since", "until")) == [("01", DAWN, TODAY), ("02", TODAY, FAR)]
    assert facts == [(Fact.ORGANISATION, TODAY)]


def test_two_organisations_may_change_places(cast):
    report = bring(("0101", "河源局党总支", "党总支", "0102", None), ("0102", "机关党总支", "党总支", None, None))
    assert report.counts() == {"created": 0, "updated": 2, "unchanged": 0, "refused": 0}
    assert at("010101").path.startswith(at("0102").path)
    assert len(at("0102").path) == 5


def test_an_account_imports_only_below_where_it_may(cast):
    clerk = account(cast.clerk)
    report = bring(
        ("010103", "河源第三党支部", "党支部", "0101", None),
        ("01010301", "第一小组", "党小组", "010103", None),
        ("0202", "别处的支部", "党支部", "02", None),
        ("03", "自立的党委", "党委", None, None),
        ("0201", "外单位党支部", "党支部", "01", None),
        ("0101", "河源局党总支", "党总支", "02", None),
        by=clerk,
    )
    assert report.counts() == {"created": 2, "updated": 0, "unchanged": 0, "refused": 4}
    assert {code for _, _, code in codes(report)} == {"out_of_scope"}


def test_the_import_leaves_one_audit_row(cast):
    bring(("0103", "新支部", "党支部", "01", None))
    row = AuditRow.objects.get(act=AuditRow.Act.IMPORT)
    assert row.detail == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0}


def test_a_post_above_sees_what_moved_under_it(cast):
    """Scope follows the path of today at once."""
    chief = account(member("外单位书记", cast.other))
    post(chief.person, cast.other, Role.SECRETARY)
    assert cast.branch not in Organisation.objects.visible_to(chief)
    bring(("0101", "河源局党总支", "党总支", "02", None))
    del chief.scope
    assert cast.branch in Organisation.objects.visible_to(chief)
