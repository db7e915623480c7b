"""The messy roster against its key: what each prepared row must come to, in which column, and what is then known."""

import json
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from members.enums import Precision
from members.identity import check_digit
from members.models import Person
from members.organisations import import_organisations, read_organisations
from members.roster.apply import import_roster, read_roster
from members.roster.plan import plan_roster
from members.roster.refused import export_refused
from tests.members.sheets import DATA

TODAY = date(2026, 11, 23)
KEY = json.loads((DATA / "roster-messy.key.json").read_text(encoding="utf-8"))
MESSY = (DATA / "roster-messy.xlsx").read_bytes()
COLUMNS = {
    "dot_date": "加入党组织日期", "compact_date": "出生日期", "month_only": "加入党组织日期",
    "full_width_phone": "联系电话",
    "spaces_in_name": "姓名", "trailing_space_branch": "所在党支部", "lower_x": "身份证号",
    "bad_check_digit": "身份证号", "id_as_number": "身份证号", "gender_conflict": "性别",
    "birth_conflict": "出生日期", "unknown_branch": "所在党支部", "full_before_join": "转为正式党员日期",
    "future_join": "加入党组织日期", "blank_name": "姓名", "short_phone": "联系电话", "formula_name": "姓名",
    "minor_join": "加入党组织日期", "probation_with_full_date": "转为正式党员日期", "duplicate_id": "身份证号",
}  # fmt: skip
"""In which column each thing stands that the key names."""
ERRORS = {int(row) for row, said in KEY.items() if said["level"] == "error"}


@pytest.fixture
def tree(db):
    import_organisations(by=None, sheet=read_organisations((DATA / "organisations.xlsx").read_bytes()), today=TODAY)


def bring(data: bytes):
    return import_roster(by=None, sheet=read_roster(data), as_of=TODAY, today=TODAY)


def test_the_messy_roster_comes_out_as_its_key_says(tree):
    plan = bring(MESSY)
    found = [(f.row, f.column, f.code, f.level) for f in plan.findings]
    assert found == [
        (int(row), COLUMNS[said["code"]], said["code"], said["level"])
        for row, said in sorted(KEY.items(), key=lambda item: int(item[0]))
    ]
    assert {row.number for row in plan.refused} == ERRORS
    created = 121 - len(ERRORS)
    assert plan.report().counts() == {"created": created, "updated": 0, "unchanged": 0, "refused": len(ERRORS)}
    assert all(f.message.endswith("。") for f in plan.findings)


def test_what_was_repaired_is_known_as_if_it_had_been_right(tree):
    plan = bring(MESSY)
    known = {each.row.number: Person.objects.get(pk=each.key) for each in plan.rows}
    assert [known[row].joined_on for row in (3, 4)] == [date(2021, 7, 17), date(2010, 2, 11)]
    assert [known[row].joined_precision for row in (3, 9, 10)] == [Precision.DAY, Precision.MONTH, Precision.MONTH]
    assert known[9].joined_on == date(1997, 4, 1)
    assert known[6].birth_on == date(1987, 6, 22)
    assert all(known[row].phone.isascii() and len(known[row].phone) == 11 for row in (12, 13))
    assert all(" " not in known[row].name for row in (15, 16))
    assert [known[row].id_number for row in (21, 22)] == ["420000197712152134", "410000194310139871"]


def test_the_same_file_again_changes_nothing(tree):
    first = bring(MESSY)
    before = list(Person.objects.order_by("pk").values())
    second = bring(MESSY)
    counts = {"created": 0, "updated": 0, "unchanged": len(first.rows), "refused": len(ERRORS)}
    assert second.report().counts() == counts
    assert list(Person.objects.order_by("pk").values()) == before


def mended(data: bytes) -> bytes:
    """The refused workbook with every red cell put right, as somebody with the papers at hand would."""
    book = load_workbook(BytesIO(data))
    page = book.active
    headings = [cell.value for cell in page[2]]
    at = {heading: headings.index(heading) + 1 for heading in headings}
    for number, cells in enumerate(page.iter_rows(min_row=3), 3):
        red = {headings[cell.column - 1] for cell in cells if cell.fill.start_color.rgb == "00FFC7CE"}
        sex = page.cell(number, at["性别"]).value
        if "身份证号" in red:
            born = page.cell(number, at["出生日期"]).value.replace("-", "")
            first = f"420000{born}{900 + number - number % 2 + (sex == '男')}"
            page.cell(number, at["身份证号"]).value = first + check_digit(first)
        if "性别" in red:
            page.cell(number, at["性别"]).value = "女" if sex == "男" else "男"
        if "所在党支部" in red:
            page.cell(number, at["所在党支部"]).value = "中共陈留水文局第二支部委员会4"
        if "姓名" in red:
            page.cell(number, at["姓名"]).value = "补写的姓名"
        if "加入党组织日期" in red:
            page.cell(number, at["加入党组织日期"]).value = "2015-06-15"
            page.cell(number, at["转为正式党员日期"]).value = "2016-06-15"
        if "转为正式党员日期" in red:
            page.cell(number, at["转为正式党员日期"]).value = None
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_the_refused_rows_go_out_and_once_mended_all_come_in(tree):
    plan = bring(MESSY)
    returned = export_refused(plan).getvalue()
    unmended = plan_roster(by=None, sheet=read_roster(returned), as_of=TODAY, today=TODAY)
    assert len(unmended.refused) == len(ERRORS) - 1, "only the row that repeated another may stand as it is"
    after = bring(mended(returned))
    assert [str(finding) for finding in after.findings if finding.level == "error"] == []
    assert after.report().counts()["refused"] == 0
    assert Person.objects.count() == 121
