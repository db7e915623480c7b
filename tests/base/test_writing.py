"""What goes out can be opened, printed and read back, and no text in it can ever run."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from base import writing
from base.reading import Column, read_sheet
from base.rows import CELL_LIMIT, CUT, clean_text
from base.writing import Format, Heading, Sheet, sheet_name, write_workbook

HEADINGS = (Heading("序号", 6, Format.NUMBER), Heading("日期", 12, Format.DATE), Heading("内容", 40))

HOSTILE = [
    "=1+1",
    '=HYPERLINK("http://evil.example","点我")',
    "=cmd|'/C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "{=1+1}",
    "#N/A",
    "#REF!",
    "1E5",
    "110101199003070036",
]


def sheet(rows, **more):
    words = {
        "title": "谈心谈话台账",
        "unit": "河源第一党支部",
        "period": "2026-01-01 至 2026-11-23",
        "as_of": "2026-11-23 09:41",
    }
    return Sheet(headings=HEADINGS, rows=rows, **(words | more))


def opened(*rows, **more):
    return openpyxl.load_workbook(write_workbook(sheet(rows, **more)))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_never_becomes_a_formula_wherever_it_stands(text):
    book = opened([text, text, text], title=text, unit=text, period=text, as_of=text, filled_by=text, totals=[text] * 3)

    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s"}
    body = book.active[4]
    assert [cell.value for cell in body] == [clean_text(text)] * 3
    assert {cell.number_format for cell in body} == {"@"}


def test_a_heading_that_looks_like_a_formula_is_text():
    book = openpyxl.load_workbook(write_workbook(Sheet("台账", "单位", "", "", [Heading("=1+1")], [])))

    assert (book.active["A3"].value, book.active["A3"].data_type) == ("=1+1", "s")


def test_no_file_of_ours_holds_a_formula_element():
    file = write_workbook(sheet([[text] * 3 for text in HOSTILE]))

    book = openpyxl.load_workbook(file)
    assert not [cell for row in book.active.iter_rows() for cell in row if cell.data_type in ("f", "e")]


def test_days_and_numbers_are_days_and_numbers_in_both_readers():
    rows = [[1, date(2026, 11, 23), "面谈"], [Decimal("2.50"), date(1970, 2, 28), None]]
    file = write_workbook(sheet(rows))

    page = openpyxl.load_workbook(BytesIO(file.getvalue())).active
    assert (page["A4"].value, page["B4"].value.date(), page["B4"].number_format) == (
        1,
        date(2026, 11, 23),
        "yyyy-mm-dd",
    )
    assert page["A5"].value == 2.5
    assert page["C5"].value is None
    read = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()
    assert read[3] == [1.0, date(2026, 11, 23), "面谈"]
    assert read[4] == [2.5, date(1970, 2, 28), ""]


def test_a_day_prints_as_a_day_and_a_number_as_a_number_in_any_column():
    page = opened([date(2026, 1, 2), 5, date(2026, 1, 3)]).active

    assert [cell.number_format for cell in page[4]] == ["yyyy-mm-dd", "General", "yyyy-mm-dd"]
    assert page["C4"].value.date() == date(2026, 1, 3)


def test_a_day_excel_cannot_count_goes_out_as_text():
    page = opened([1, date(1900, 1, 1), ""]).active

    assert (page["B4"].value, page["B4"].data_type) == ("1900-01-01", "s")


def test_yes_and_no_are_words():
    page = opened([True, None, False]).active

    assert (page["A4"].value, page["C4"].value) == ("是", "否")


def test_characters_no_file_may_hold_are_left_out():
    page = opened([1, None, "谈\x00话\x0b内\x1f容\ufffe\ud800完\x7f"]).active

    assert page["C4"].value == "谈话内容完"


def test_lines_inside_a_cell_are_kept():
    assert opened([1, None, "一\r\n二\r三"]).active["C4"].value == "一\n二\n三"


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark():
    whole, longer = "好" * CELL_LIMIT, "好" * (CELL_LIMIT + 1)

    page = opened([whole, None, longer]).active

    assert page["A4"].value == whole
    assert page["C4"].value == "好" * (CELL_LIMIT - len(CUT)) + CUT
    assert len(page["C4"].value) == CELL_LIMIT


def test_length_is_counted_as_excel_counts_it():
    text = clean_text("𠮷" * CELL_LIMIT)

    assert text.endswith(CUT)
    assert len(text.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert set(text.removesuffix(CUT)) == {"𠮷"}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("谈心谈话台账", "谈心谈话台账"),
        ("a[b]c:d*e?f/g\\h", "abcdefgh"),
        ("'引号'", "引号"),
        ("", "台账"),
        ("[]:*?/\\", "台账"),
        ("长" * 40, "长" * 31),
    ],
)
def test_sheet_names_are_such_as_excel_accepts(title, name):
    assert sheet_name(title) == name
    assert opened([1, None, ""], title=title).sheetnames == [name]


def test_the_sheet_says_whose_it_is_and_leaves_room_to_sign():
    page = opened([1, None, "x"], filled_by="林清", signed_on=date(2026, 11, 23)).active

    assert page["A1"].value == "谈心谈话台账"
    assert (
        page["A2"].value == "编制单位：河源第一党支部　　期间：2026-01-01 至 2026-11-23　　数据截至：2026-11-23 09:41"
    )
    assert [cell.value for cell in page[3]] == ["序号", "日期", "内容"]
    signature = page.cell(page.max_row, 1).value
    assert "填表人：林清" in signature
    assert "审核人：" in signature
    assert "日期：2026-11-23" in signature


def test_it_prints_on_a4_across_with_the_headings_on_every_page():
    page = opened([1, None, "x"]).active

    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$1:$3"
    assert page.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert page.freeze_panes == "A4"
    assert (page.column_dimensions["A"].width, page.column_dimensions["C"].width) == (6, 40)


def test_what_goes_out_comes_in_again_without_its_foot():
    file = write_workbook(sheet([[1, date(2026, 1, 2), "=1+1"]], totals=["合计", "", "1 条"], filled_by="林清"))

    read = read_sheet(file.getvalue(), [Column("day", ("日期",)), Column("text", ("内容",))])

    assert [row.values for row in read.rows] == [{"day": date(2026, 1, 2), "text": "=1+1"}]


def test_totals_stand_under_the_last_row():
    page = opened([1, None, "x"], totals=["合计", "", 1]).active

    assert [cell.value for cell in page[5]] == ["合计", None, 1]


def test_no_rows_still_make_a_sheet_with_its_headings():
    page = opened().active

    assert [cell.value for cell in page[3]] == ["序号", "日期", "内容"]
    assert page["A4"].value is None


def test_what_one_sheet_cannot_hold_goes_on_on_the_next(monkeypatch):
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)

    book = opened(*[[n, None, "x"] for n in range(7)])

    assert book.sheetnames == ["谈心谈话台账", "谈心谈话台账（2）", "谈心谈话台账（3）"]
    numbers = [page.cell(row, 1).value for page in book for row in range(4, 7)]
    assert numbers[:6] == [0, 1, 2, 3, 4, 5]
    assert book.worksheets[2]["A4"].value == 6
    assert "填表人" not in str([cell.value for cell in book.worksheets[0]["A"]])
    assert "填表人" in str([cell.value for cell in book.worksheets[2]["A"]])


def test_rows_are_read_once_and_one_at_a_time():
    seen = []

    def rows():
        for n in range(5):
            seen.append(n)
            yield [n, None, ""]

    write_workbook(sheet(rows()))

    assert seen == [0, 1, 2, 3, 4]


def test_a_row_that_does_not_fit_its_headings_is_an_error_and_leaves_no_file_behind(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(ValueError, match="zip"):
        write_workbook(sheet([[1, None, ""], [1, None]]))

    assert list(tmp_path.iterdir()) == []
