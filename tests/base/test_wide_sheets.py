"""How a sheet lies on paper: on A4, wide on A3, very wide on pages beside each other with the names on each."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest

from base.reading import Column, read_sheet
from base.writing import A3, A4, WIDEST, Format, Heading, Sheet, write_workbook

FIRST = (Heading("序号", 6, Format.NUMBER), Heading("党组织", 22), Heading("姓名", 10))


def wide(*widths: int) -> tuple[Heading, ...]:
    return (*FIRST, *(Heading(f"第{number}列", width) for number, width in enumerate(widths, 4)))


def page_of(headings, rows=(), **more):
    file = write_workbook(Sheet("困难党员台账", "河源第一党支部", "2026 年", "今天", headings, rows, **more))
    return openpyxl.load_workbook(BytesIO(file.getvalue())).active, file


def texts(page, row: int) -> dict[str, str]:
    return {cell.coordinate: cell.value for cell in page[row] if cell.value}


@pytest.mark.parametrize(("total", "paper"), [(WIDEST[A4], A4), (WIDEST[A4] + 1, A3), (WIDEST[A3], A3)])
def test_a_sheet_that_one_page_prints_legibly_lies_on_one(total, paper):
    page, _file = page_of(wide(total - 38))
    setup = page.page_setup
    assert (setup.paperSize, setup.fitToWidth, page.sheet_properties.pageSetUpPr.fitToPage) == (paper, 1, True)
    assert page.print_title_cols is None
    assert not page.col_breaks.brk
    assert texts(page, 1) == {"A1": "困难党员台账"}


def test_a_sheet_too_wide_for_that_lies_on_several_with_the_names_on_each():
    headings = wide(*[30] * 20)
    page, file = page_of(headings, [[1, "第一党支部", "李建国", *["字"] * 20]], filled_by="王海燕")
    assert page.page_setup.paperSize == A3
    assert not page.sheet_properties.pageSetUpPr.fitToPage
    assert page.print_title_cols == "$A:$C"
    assert page.print_title_rows == "$1:$3"
    assert page.page_setup.pageOrder == "overThenDown"
    # 600 characters beside the 38 that stand on each page
    breaks = [each.id for each in page.col_breaks.brk]
    assert breaks == [10, 17]
    widths = [each.width for each in headings]
    parts = [sum(widths[a:b]) + 38 for a, b in zip([3, *breaks], [*breaks, 23], strict=True)]
    assert max(parts) <= WIDEST[A3]
    assert page.page_setup.scale * max(parts) * 2.5 / 100 <= 400, "what A3 prints across, whatever the font"
    assert page.page_setup.scale > 60
    # the title stands on each page, whole
    assert texts(page, 1) == {"D1": "困难党员台账", "K1": "困难党员台账（续 1）", "R1": "困难党员台账（续 2）"}
    assert set(texts(page, 2)) == {"D2", "K2", "R2"}
    assert "填表人：王海燕" in page.cell(page.max_row, 4).value
    # and it comes in as ever
    read = read_sheet(file.getvalue(), [Column("name", ("姓名",)), Column("last", ("第23列",))])
    assert [row.values for row in read.rows] == [{"name": "李建国", "last": "字"}]


def test_a_long_line_under_the_rows_is_folded_and_taken_for_no_row():
    warning = f"说明：本表含未脱敏的个人信息（{'、'.join(['身份证号'] * 12)}），用途：报送。"
    headings = (*FIRST, Heading("内容", 40))
    page, file = page_of(headings, [[1, "第一党支部", "李建国", "字"]], warning=warning)
    lines = [cell.value for cell in page["A"] if str(cell.value).startswith("说明")]
    assert len(lines) > 1
    assert all(sum(2 if ord(each) > 127 else 1 for each in line) <= 78 for line in lines)
    assert "".join(line.removeprefix("说明：（接上行）") for line in lines) == warning
    read = read_sheet(file.getvalue(), [Column("name", ("姓名",)), Column("text", ("内容",))])
    assert [row.values for row in read.rows] == [{"name": "李建国", "text": "字"}]


def test_one_column_wider_than_any_page_is_left_to_it():
    page, _file = page_of((Heading("序号", 6), Heading("内容", 400)))
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert texts(page, 1) == {"A1": "困难党员台账"}


def test_money_has_two_decimals_and_no_commas():
    headings = (*FIRST, Heading("金额(元)", 12, Format.MONEY))
    page, _file = page_of(headings, [[1, "甲", "乙", Decimal("1200.5")], [2, "甲", date(2026, 1, 2), 30]])
    assert [page[f"D{row}"].number_format for row in (4, 5)] == ["0.00", "0.00"]
    assert [page[f"A{row}"].number_format for row in (4, 5)] == ["General", "General"]
    assert page["D4"].value == 1200.5
    assert page["C5"].number_format == "yyyy-mm-dd"
