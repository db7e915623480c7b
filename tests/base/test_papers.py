"""A form on A4: what stands where, how high its rows are, and that no text in it can ever run."""

from io import BytesIO

import openpyxl
import pytest

from base.papers import UNITS, Facts, Paper, Table, Words, _spans, write_paper
from base.rows import height_of
from base.writing import Heading


def opened(*parts, **more):
    file = BytesIO()
    write_paper(Paper("审批表", "编号：2026-001", parts, **more), file)
    return openpyxl.load_workbook(BytesIO(file.getvalue())).active


def texts(page) -> list[list]:
    return [[cell.value for cell in row if cell.value not in (None, "")] for row in page.iter_rows()]


def test_facts_stand_in_pairs_and_long_ones_alone():
    page = opened(
        Facts([("姓名", "李建国"), ("性别", "男"), ("民族", "汉"), ("理由", "长"), ("年", "1")], frozenset({"理由"}))
    )
    assert texts(page)[2:] == [["姓名", "李建国", "性别", "男"], ["民族", "汉"], ["理由", "长"], ["年", "1"]]
    merged = {str(each) for each in page.merged_cells.ranges}
    assert {"A1:X1", "A3:C3", "D3:L3", "M3:O3", "P3:X3", "D5:X5"} <= merged
    assert page["E3"].border.top.style == "thin"
    assert page["A2"].border.top.style is None


def test_a_table_is_as_wide_as_the_page_and_its_rows_as_high_as_their_texts():
    headings = (Heading("序号", 5), Heading("办理人", 20), Heading("说明", 20))
    page = opened(Table("经过", headings, [[1, "林清", "好" * 60], [2, None, "短"]]), Words("完"), foot="签字：")
    assert texts(page)[2:] == [
        ["经过"],
        ["序号", "办理人", "说明"],
        ["1", "林清", "好" * 60],
        ["2", "短"],
        ["完"],
        [],
        ["签字："],
    ]
    assert page.row_dimensions[5].height > height_of(2)
    assert page.row_dimensions[6].height < height_of(2)


@pytest.mark.parametrize("widths", [[1], [5, 20, 20], [10] * 13, [1] * UNITS, [100, 1, 1]])
def test_columns_are_dealt_out_whole(widths):
    spans = _spans(widths)
    assert sum(spans) == UNITS
    assert min(spans) >= 1


def test_texts_stay_texts_and_forms_print_on_one_width():
    page = opened(Facts([("=1+1", "=cmd|'/C calc'!A0"), ("#N/A", "a\x00b_x0041_")]), wide=True)
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value} == {"s"}
    assert texts(page)[2] == ["=1+1", "=cmd|'/C calc'!A0", "#N/A", "ab_x005F_x0041_"]
    assert (page.page_setup.orientation, page.page_setup.fitToWidth, page.page_setup.fitToHeight) == ("landscape", 1, 0)
