"""A superior's own workbook as superiors make them: merged cells, headings over two lines, totals, damage."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.worksheet.datavalidation import DataValidation

from base.limits import SheetRefused
from ledgers.declarations import LEDGERS
from ledgers.filled_formulas import Grown, followed
from ledgers.filling import fill, match
from ledgers.models import Layout
from tests.ledgers.rows import talk
from tests.ledgers.test_layouts import sent, superior
from tests.world import account

TALKS = LEDGERS["talks"]


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def sheet(*rows: list, merged: tuple[str, ...] = ()) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for each in merged:
        book.active.merge_cells(each)
    return saved(book)


def filled(data: bytes, n: int):
    """The sheet with ``n`` rows of running numbers and texts under what was matched."""
    found = match(TALKS, data)
    columns = [(0 if own == "序号" else 1, place) for own, _heading, place in found.found]
    rows = [[number, f"第{number}"] for number in range(1, n + 1)]
    return load_workbook(fill(data, found.sheet, found.first_row, columns, rows)).active


def test_a_cell_merged_down_past_the_rows_is_parted():
    data = sheet(
        ["序号", "被谈话人", "谈话时间", "填报说明"], [], [], [], ["填表人："], [], [], [], [],
        merged=("D2:D9", "A5:B5"),
    )  # fmt: skip
    page = filled(data, 6)
    assert [page.cell(row, 1).value for row in range(2, 9)] == [1, 2, 3, 4, 5, 6, "填表人："]
    assert {str(each) for each in page.merged_cells.ranges} == {"A8:B8"}


def test_headings_over_two_lines_are_joined():
    data = sheet(
        ["序号", "谈话", None, "谈话地点"], [None, "被谈话人", "谈话时间"], [], ["填表人："],
        merged=("A1:A2", "B1:C1", "D1:D2"),
    )  # fmt: skip
    found = match(TALKS, data)
    assert [(own, place) for own, _heading, place in found.columns if place < 4] == [
        ("序号", 1), ("谈话对象", 2), ("时间", 3)
    ]  # fmt: skip
    assert found.first_row == 3
    assert [heading for *_, heading, place in found.columns if place == 4] == ["谈话地点"]
    page = filled(data, 3)
    assert [page.cell(row, 1).value for row in range(1, 7)] == ["序号", None, 1, 2, 3, "填表人："]
    assert {str(each) for each in page.merged_cells.ranges} == {"A1:A2", "B1:C1", "D1:D2"}


def test_headings_that_are_all_merged_down_are_filled_below():
    data = sheet(["序号", "被谈话人"], [], ["填表人："], merged=("A1:A2", "B1:B2"))
    assert match(TALKS, data).first_row == 3
    page = filled(data, 2)
    assert [page.cell(row, 1).value for row in range(1, 6)] == ["序号", None, 1, 2, "填表人："]


def test_a_total_under_the_rows_counts_all_that_are_filled():
    data = sheet(["台账"], ["序号", "被谈话人"], [], [], ["合计", "=COUNTA(B3:B4)"], ["人均", "=B5/2"])
    page = filled(data, 30)
    assert (page["B33"].value, page["B34"].value) == ("=COUNTA(B3:B32)", "=B33/2")


@pytest.mark.parametrize(
    ("formula", "on", "then"),
    [
        ("=COUNTA(B3:B7)", "表", "=COUNTA(B3:B41)"),
        ("=COUNTA($B$3:B$7)", "表", "=COUNTA($B$3:B$41)"),
        ("=SUM(B8,B2)+B7", "表", "=SUM(B42,B2)+B7"),
        ("=SUM(B8:B9)", "表", "=SUM(B42:B43)"),
        ("=SUM(B3:B9)", "表", "=SUM(B3:B43)"),
        ('=SUM(表!B3:B7)&"B3:B7"', "别的", '=SUM(表!B3:B41)&"B3:B7"'),
        ("=SUM('表'!B3:B7)", "别的", "=SUM('表'!B3:B41)"),
        ("=SUM(B3:B7)", "别的", "=SUM(B3:B7)"),
        ("=SUM(B:B)+SUM(3:7)", "表", "=SUM(B:B)+SUM(3:41)"),
        ("=LOG10(B8)", "表", "=LOG10(B42)"),
    ],
)
def test_formulas_follow_the_rows(formula, on, then):
    assert followed(formula, on, "表", Grown(first=3, below=8, last=41, more=34)) == then


def test_a_range_over_the_first_rows_alone_holds_all_that_are_filled():
    assert followed("=SUM(B3:B5)", "表", "表", Grown(first=3, below=20, last=12, more=0)) == "=SUM(B3:B12)"


def drawn(**more) -> bytes:
    """A sheet titled with a comma: headings in line 2, three empty rows, a line to sign; what is printed, coloured,
    checked and filtered ends with the empty rows.
    """
    book = Workbook()
    page = book.active
    page.title = "附件2,表 一"
    for row in (["台账"], ["序号", "被谈话人"], [], [], [], ["填表人："]):
        page.append(row)
    page.print_area = more.get("printed", "A1:B6")
    red = PatternFill(bgColor="FF0000")
    page.conditional_formatting.add("B3:B5", FormulaRule(formula=['AND($B3<>"",ROW()<ROW($A$6))'], fill=red))
    page.conditional_formatting.add("A3", FormulaRule(formula=["$A3>2"], fill=red))
    page.conditional_formatting.add("A1:B2", FormulaRule(formula=["TRUE"], fill=red))
    page.conditional_formatting.add("A6", FormulaRule(formula=["$A6=1"], fill=red))
    checked = DataValidation(type="list", formula1="$A$6:$A$6")
    checked.add("B3:B5")
    page.add_data_validation(checked)
    page.auto_filter.ref = more.get("filtered", "A2:B5")
    return saved(book)


def test_what_is_printed_coloured_checked_and_filtered_reaches_over_all_rows():
    page = filled(drawn(), 30)
    assert page["A33"].value == "填表人："
    assert page.print_area == "'附件2,表 一'!$A$1:$B$33"
    coloured = {str(each.sqref): [rule.formula for rule in each.rules] for each in page.conditional_formatting}
    assert coloured == {
        "B3:B32": [['AND($B3<>"",ROW()<ROW($A$33))']], "A3:A32": [["$A3>2"]], "A1:B2": [["TRUE"]],
        "A33": [["$A33=1"]],
    }  # fmt: skip
    assert all(rule.dxf.fill for each in page.conditional_formatting for rule in each.rules)
    (checked,) = page.data_validations.dataValidation
    assert (str(checked.sqref), checked.formula1) == ("B3:B32", "$A$33:$A$33")
    assert page.auto_filter.ref == "A2:B32"


def test_a_filter_over_the_headings_alone_holds_the_rows_too():
    assert filled(drawn(filtered="A2:B2"), 30).auto_filter.ref == "A2:B32"


def test_fewer_rows_than_the_sheet_has_room_for_move_nothing():
    page = filled(drawn(), 2)
    assert page.print_area == "'附件2,表 一'!$A$1:$B$6"
    assert {str(each.sqref) for each in page.conditional_formatting} == {"B3:B5", "A3:A4", "A1:B2", "A6"}
    assert page.auto_filter.ref == "A2:B5"


def test_a_sheet_that_prints_all_goes_on_printing_all():
    page = filled(sheet(["序号", "被谈话人"], [], ["填表人："]), 9)
    assert page.print_area == ""
    assert page.auto_filter.ref is None


def test_a_warning_is_printed_with_the_rows():
    found = match(TALKS, drawn())
    columns = [(1, place) for _own, _heading, place in found.found]
    book = fill(drawn(), found.sheet, found.first_row, columns, [[1, "甲"]] * 30, warning="说明：未脱敏")
    page = load_workbook(book).active
    assert page["A35"].value == "说明：未脱敏"
    assert page.print_area == "'附件2,表 一'!$A$1:$B$35"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [("xl/styles.xml", b"</styleSheet>", b"</styleSheet><"), ("xl/workbook.xml", b'sheetId="1"', b'sheetId="abc"')],
)
def test_a_damaged_workbook_is_refused_with_a_sentence(part, old, new):
    sound, file = ZipFile(BytesIO(superior("被谈话人"))), BytesIO()
    with ZipFile(file, "w") as broken:
        for name in sound.namelist():
            data = sound.read(name)
            broken.writestr(name, data.replace(old, new) if name == part else data)
    with pytest.raises(SheetRefused, match="这不是 xlsx 工作簿"):
        match(TALKS, file.getvalue())


def test_what_cannot_be_filled_gets_a_sentence():
    with pytest.raises(SheetRefused, match="填不进去"):
        fill(superior("被谈话人"), "附件2", 4, [(1, 1)], [["少一个值"]])


@pytest.mark.django_db
def test_a_kept_sheet_that_takes_no_rows_leads_back_to_the_ledger(cast, sign_in):
    client = sign_in(account(cast.secretary))
    talk(cast.li, cast.branch, [cast.secretary])
    sent(client, superior("序号", "被谈话人"))
    Layout.objects.update(book=b"PK\x03\x04rubbish")
    answer = client.post("/ledgers/talks/export/", {"layout": Layout.objects.get().pk})
    assert answer.status_code == 422
    assert "这不是 xlsx 工作簿" in answer.content.decode()
