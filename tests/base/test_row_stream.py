"""What is streamed into a workbook is what three readers read back, in the same small memory however many rows."""

import re
import subprocess
import sys
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from python_calamine import CalamineWorkbook

from base import rows as row_stream
from base import writing
from base.reading import Column, read_sheet
from base.rows import CELL_LIMIT, CUT, FIRST_EXCEL_DAY, WHOLE, Body, Pen, clean_text, height_of, lines_of
from base.writing import AGAIN, BODY_FONT, GRID, Format, Heading, Mark, Sheet, write_returned, write_workbook

NASTY = [
    "", " ", "  前后有空格  ", "一\n二", "\n", "\t", "a\tb", "<&>\"'", "]]>", "&amp;", "&#65;", "a|b", "| ", "%s", "{}",
    "_x0041_", "_x005F_", "_x005F_x0041_", "_xZZZZ_", "_x000D_", "__x0041__", "</t></is></c>", "'引号",
    "=1+1", "#N/A", "123", "1E5", "TRUE", "2026-01-01", "𠮷", "👨\u200d👩", "\u200b零宽", "\u3000全角空格", "\u2028",
    "é", "\ue000", "\x85", "\xa0",
]  # fmt: skip

texts = st.sampled_from(NASTY) | st.text(max_size=12)
days = st.dates(min_value=date(1800, 1, 1))
numbers = (
    st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.decimals(allow_nan=True, allow_infinity=True)
    | st.decimals(min_value=-(10**9), max_value=10**9, places=2)
)
"""Of every kind, also those a workbook cannot hold as they are."""
values = st.none() | st.booleans() | texts | days | numbers
kinds = st.sampled_from(
    [values, texts, st.none() | texts, days, st.none() | days, numbers, st.integers(-999, 999), st.none()]
)
"""Most columns are of one kind, as those of a ledger."""


@st.composite
def tables(draw):
    columns = draw(st.lists(kinds, min_size=1, max_size=4))
    return draw(st.lists(st.tuples(*columns), min_size=1, max_size=8))


def book(rows, **more):
    headings = [Heading(f"列{place}") for place in range(len(rows[0]) if rows else 1)]
    return write_workbook(Sheet("台账", "单位", "期间", "截至", headings, rows, **more))


def meant(value):
    """What a reader finds where ``value`` was written, said once more without the writer."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if value is None:
        return ""
    if isinstance(value, int | float | Decimal):
        finite = Decimal(str(value)).is_finite()
        return float(value) if finite and abs(value) < 10**15 else str(value)
    if isinstance(value, date) and value >= date(1900, 3, 1):
        return value
    return clean_text(str(value))


def by_openpyxl(file):
    """The body; openpyxl leaves the escapes of a text as they stand, and gives a day as a moment."""
    for row in openpyxl.load_workbook(file).active.iter_rows(min_row=4, values_only=True):
        yield [
            cell.date() if isinstance(cell, datetime) else float(cell) if isinstance(cell, int) else unescape(cell)
            if isinstance(cell, str) else "" if cell is None else cell
            for cell in row
        ]  # fmt: skip


def by_calamine(file):
    yield from (
        CalamineWorkbook.from_filelike(BytesIO(file.getvalue()))
        .get_sheet_by_index(0)
        .to_python(skip_empty_area=False)[3:]
    )


@settings(deadline=None, max_examples=150)
@given(tables())
@example([(text,) for text in NASTY])
@example([(None,), (FIRST_EXCEL_DAY,), (date(9999, 12, 31),)])
@example(
    [(Decimal("sNaN"),), (Decimal("NaN"),), (float("nan"),), (WHOLE,), (-WHOLE,), (WHOLE - 1,), (Decimal("1E+3"),)]
)
def test_two_readers_read_the_cells_that_were_meant(table):
    file = book(table)

    wanted = [[meant(value) for value in row] for row in table]
    assert [each[: len(table[0])] for each in by_openpyxl(file)][: len(table)] == wanted
    assert [each[: len(table[0])] for each in by_calamine(file)][: len(table)] == wanted


def test_a_column_tells_the_same_whether_it_goes_whole_or_cell_by_cell(monkeypatch):
    table = [(1, "李建国", date(2026, 1, 2), Decimal("2.50"), None), (None, "", None, None, None)]
    quick = Body([Pen(1, 2, 3)] * 5).xml(4, table)

    monkeypatch.setattr(row_stream, "_QUICK", {})

    assert Body([Pen(1, 2, 3)] * 5).xml(4, table) == quick


def test_what_could_not_go_out_is_counted_and_said_under_the_signature():
    long = "好" * (CELL_LIMIT + 1)

    file = book([("a\x00b", long), ("c\x07d", "好"), ("e", long)], filled_by="林清")

    page = openpyxl.load_workbook(file).active
    said = f"说明：2 个单元格的内容超过 32,767 个字，只写到这里，末尾有“{CUT}”；2 个单元格里看不见的控制字符没有写出。"
    under = [row[0] for row in page.iter_rows(max_col=1, values_only=True)]
    signed = next(place for place, text in enumerate(under) if "填表人：林清" in str(text))
    folded = under[signed + 1 :]
    assert "".join(line.removeprefix(AGAIN) for line in folded) == said, "folded, so that no page cuts it"
    read = read_sheet(book([("a\x00b", "x"), ("c", "d")]).getvalue(), [Column("0", ("列0",)), Column("1", ("列1",))])
    assert [row.values for row in read.rows] == [{"0": "ab", "1": "x"}, {"0": "c", "1": "d"}]


def test_nothing_is_said_where_nothing_was_lost():
    page = openpyxl.load_workbook(book([("a\r\nb", "_x0041_ & <好>")])).active

    assert "说明" not in str([cell.value for cell in page["A"]])


def test_rows_look_as_their_columns_say_on_every_sheet(monkeypatch):
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)
    headings = [Heading("文字"), Heading("日期", 12, Format.DATE), Heading("数", 8, Format.NUMBER)]
    rows = [["李", date(2026, 1, 2), number] for number in range(7)]

    opened = openpyxl.load_workbook(
        write_workbook(Sheet("台账", "单位", "期间", "截至", headings, rows, totals=["合计", "", 7]))
    )

    assert [page.max_row for page in opened] == [6, 6, 7]
    for page in opened:
        assert [cell.value for cell in page[3]] == ["文字", "日期", "数"]
        assert (page.freeze_panes, page.print_title_rows, page.oddFooter.center.text) == (
            "A4",
            "$1:$3",
            "第 &P 页 共 &N 页",
        )
        assert [cell.number_format for cell in page[4]] == ["@", "yyyy-mm-dd", "General"]
        assert [cell.alignment.horizontal for cell in page[4]] == [None, "center", "right"]
        assert {(cell.font.name, cell.font.size, cell.border.left.style) for cell in page[4]} == {
            ("宋体", 10.5, "thin")
        }
    assert BODY_FONT.name == "宋体"
    assert GRID.left.style == "thin"
    assert [cell.border.top.style for cell in opened.worksheets[2][5]] == ["thin"] * 3


def test_a_sheet_ends_before_its_xml_is_too_large(monkeypatch):
    monkeypatch.setattr(writing, "SHEET_BYTES", 1)
    monkeypatch.setattr(writing, "AT_ONCE", 2)

    opened = openpyxl.load_workbook(book([(number,) for number in range(5)]))

    assert [[cell.value for cell in page["A"][3:5]] for page in opened] == [[0, 1], [2, 3], [4, None]]


def test_a_full_last_sheet_is_followed_by_no_empty_one(monkeypatch):
    monkeypatch.setattr(writing, "SHEET_ROWS", 3)

    assert len(openpyxl.load_workbook(book([(number,) for number in range(6)])).sheetnames) == 2


def test_a_program_knows_the_file_for_a_workbook_and_finds_it_whole():
    with zipfile.ZipFile(book([(1,)])) as archive:
        assert archive.testzip() is None
        assert {"[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml"} <= set(archive.namelist())
        assert b"<dimension" not in archive.read("xl/worksheets/sheet1.xml")


def test_what_writing_fails_on_reaches_the_caller():
    class Full:
        def __init__(self, file):
            self.file = file

        def write(self, data):
            raise OSError(28, "No space left on device")

        def __getattr__(self, name):
            return getattr(self.file, name)

    with pytest.raises(OSError, match="No space left"):
        write_workbook(Sheet("台账", "", "", "", [Heading("列")], [("x",)]), Full(book([(1,)])))


def test_rows_that_go_back_keep_their_cells_their_marks_and_no_more_comments_than_there_is_room(monkeypatch):
    monkeypatch.setattr(writing, "MAX_COMMENTS", 2)
    lines = [
        (["=1+1", "坏"], {1: Mark("写错了")}),
        (["短"], {2: Mark("存疑", wrong=False)}),
        (["又", "坏"], {1: Mark("再错")}),
    ]

    page = openpyxl.load_workbook(write_returned(title="退回", top=[["名册"], ["甲", "乙", "丙"]], lines=lines)).active

    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=3)] == [
        ["=1+1", "坏", None], ["短", None, None], ["又", "坏", None],
    ]  # fmt: skip
    assert (page["B3"].fill.start_color.rgb, page["C4"].fill.start_color.rgb) == ("00FFC7CE", "00FFEB9C")
    assert [page[place].comment and page[place].comment.text for place in ("B3", "C4", "B5")] == [
        "写错了",
        "存疑",
        None,
    ]
    assert page["B5"].fill.start_color.rgb == "00FFC7CE"
    assert page["A2"].font.bold
    assert not page["A3"].font.bold


MEASURE = """
import re
from base.writing import Heading, Sheet, write_workbook
rows = ((n, "王建国", "河源第一党支部", n * 2, "谈了工作和生活") * 4 for n in range({number}))
with open({file!r}, "w+b") as file:
    write_workbook(Sheet("台账", "", "", "", [Heading(str(n)) for n in range(20)], rows), file)
print(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""


@pytest.mark.anywhere
def test_ten_times_the_rows_take_no_more_memory(tmp_path):
    def peak(number):
        program = MEASURE.format(number=number, file=str(tmp_path / "out.xlsx"))
        return int(subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout)

    few, many = peak(5_000), peak(50_000)

    assert many < few + 10 * 1024
    assert many < 100 * 1024


def test_a_row_is_as_high_as_its_texts_need_in_the_columns_that_wrap():
    long = "一二三四五六七八九十"  # twenty half-width characters
    rows = [("短", 1, "a"), (long, 2, "a"), ("短", 3, "a\nb\nc"), ("abcdefghij", 4, None), (None, long, "a")]
    xml = Body([Pen(1, 2, 3)] * 3, [10, 0, 10]).xml(4, rows).decode()

    heights = {int(number): float(ht or 0) for number, ht in re.findall(r'<row r="(\d+)"(?: ht="([\d.]+)")?>', xml)}

    assert heights == {4: 0, 5: height_of(2), 6: height_of(3), 7: 0, 8: 0}
    assert 'ht="' not in Body([Pen(1, 2, 3)] * 3).xml(4, rows).decode()
    assert height_of(1_000) == 409
    assert [lines_of(each, 10) for each in ("", "abcdefghij", "abcdefghijk", "好" * 5, "好" * 6)] == [1, 1, 2, 1, 2]
