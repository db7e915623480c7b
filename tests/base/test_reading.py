"""Reading sheets: which files are refused and with what sentence, where the header is, what cells say."""

import io
import zipfile
from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from base import reading
from base.cells import Unreadable, day_of, day_text, telephone_of, text_of
from base.limits import MAX_ENTRIES, MAX_ROWS
from base.reading import CellReader, Column, Row, SheetRefused, read_sheet

COLUMNS = (
    Column("name", ("姓名",), required=True),
    Column("born", ("出生日期", "出生年月")),
    Column("phone", ("手机号", "联系电话")),
)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def workbook(*lines) -> bytes:
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    return saved(book)


def refusal(data: bytes) -> str:
    with pytest.raises(SheetRefused) as refused:
        read_sheet(data, COLUMNS)
    return str(refused.value)


def repacked(data: bytes, **changed: bytes) -> bytes:
    """The workbook with some parts replaced, by the end of their names without the suffix."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            stem = name.rsplit("/", 1)[-1].split(".")[0]
            target.writestr(name, changed.get(stem, source.read(name)))
    return out.getvalue()


GOOD = workbook(("姓名", "出生日期"), ("王强", "1980-05-01"))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(b"", "空的", id="empty"),
        pytest.param(OLE, "旧格式的 .xls", id="renamed xls"),
        pytest.param(OLE + "EncryptedPackage".encode("utf-16-le"), "打开密码", id="encrypted"),
        pytest.param(b"<html><table><tr><td>x</td></tr></table></html>", "网页", id="html"),
        pytest.param(b"\xef\xbb\xbf  <?xml version='1.0'?><Workbook/>", "网页或 XML", id="spreadsheet xml"),
        pytest.param(b"\x00\x01\x02" * 99, "不是 Excel 工作簿", id="binary"),
        pytest.param(GOOD[:400], "不完整", id="cut off"),
        pytest.param(b"PK\x05\x06" + b"\0" * 18, "不是 Excel 工作簿", id="empty archive"),
    ],
)
def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(data, says):
    sentence = refusal(data)
    assert says in sentence
    assert sentence.endswith("。")


def test_another_kind_of_archive_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "不是 Excel 工作簿" in refusal(out.getvalue())


def test_macros_are_refused():
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert "宏" in refusal(out.getvalue())


def test_a_file_over_the_limit_is_refused_unread(monkeypatch):
    monkeypatch.setattr(reading, "MAX_BYTES", len(GOOD) - 1)
    assert "请分成几份" in refusal(GOOD)


def test_a_zip_bomb_is_refused_by_its_declared_size():
    bomb = repacked(GOOD, sheet1=b"<worksheet>" + b" " * (30 * reading.MEGABYTE) + b"</worksheet>")
    assert len(bomb) < 100_000
    assert "大得不正常" in refusal(bomb)


def test_too_many_parts_are_refused():
    out = io.BytesIO(GOOD)
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(MAX_ENTRIES):
            archive.writestr(f"xl/media/{number}", b"")
    assert "大得不正常" in refusal(out.getvalue())


def test_a_part_whose_content_is_not_what_it_declares_is_refused():
    at = GOOD.index(b"xl/worksheets/sheet1.xml") + len("xl/worksheets/sheet1.xml") + 20
    assert "文件" in refusal(GOOD[:at] + bytes([GOOD[at] ^ 0xFF]) + GOOD[at + 1 :])


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param('<row r="1048576"><c r="A1048576"><v>1</v></c></row>', id="last row"),
        pytest.param('<row r="1"><c r="XFD1"><v>1</v></c></row>', id="last column"),
        pytest.param('<row r="1">' + "<c><v>1</v></c>" * 201 + "</row>", id="columns without names"),
        pytest.param("<row><c><v>1</v></c></row>" * (MAX_ROWS + 1), id="rows without numbers"),
        pytest.param(
            '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999"><c r="GR99999"><v>1</v></c></row>', id="area"
        ),
    ],
)
def test_a_small_file_with_a_huge_sheet_is_refused_before_it_is_laid_out(cells):
    assert "表太大" in refusal(repacked(GOOD, sheet1=SHEET.format(cells).encode()))


def test_entities_are_refused():
    book = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><workbook>&a;</workbook>'
    assert refusal(repacked(GOOD, workbook=book)).endswith("再上传。")


def test_a_sheet_in_another_encoding_is_refused():
    assert "编码" in refusal(repacked(GOOD, sheet1=SHEET.format("").encode("utf-16")))


def test_the_first_visible_sheet_is_read():
    book = Workbook()
    book.active.append(["姓名", "出生日期"])
    book.active.append(["藏起来的", "1980-05-01"])
    book.active.sheet_state = "hidden"
    page = book.create_sheet("名册")
    page.append(["姓名", "出生日期"])
    page.append(["王强", "1980-05-01"])
    book.active = 1
    assert [row.values["name"] for row in read_sheet(saved(book), COLUMNS).rows] == ["王强"]


def test_the_header_is_found_under_titles():
    data = workbook(
        ("党员信息汇总表",),
        ("填报单位：某局", None, "姓名不在这里"),
        ("序号", "姓 名", "出生\n年月"),
        (1, "王强", "1980-05-01"),
    )
    sheet = read_sheet(data, COLUMNS)
    assert (sheet.header_row, sheet.headings) == (3, {"name": "姓名", "born": "出生年月"})
    assert (sheet.rows[0].number, sheet.rows[0].values["name"]) == (4, "王强")
    assert sheet.ignored == ["序号"]


def test_a_header_below_the_tenth_row_is_not_looked_for():
    assert "前 10 行里没有找到表头" in refusal(workbook(*[("说明",)] * 10, ("姓名", "出生日期"), ("王强", "x")))


def test_missing_headings_are_listed():
    sentence = refusal(workbook(("出生日期", "联系电话"), ("1980-05-01", "1")))
    assert "缺少这些列：姓名" in sentence
    assert "第 1 行" in sentence


def test_a_heading_that_stands_twice_is_refused():
    assert "“姓名”出现了不止一次" in refusal(workbook(("姓名", "姓名", "出生日期"), ("王强", "王强", "x")))


def test_of_two_headings_for_one_thing_the_preferred_one_is_read():
    sheet = read_sheet(workbook(("姓名", "联系电话", "手机号"), ("王强", "0371-60000001", "13800000001")), COLUMNS)
    assert sheet.rows[0].values["phone"] == "13800000001"
    assert sheet.ignored == ["联系电话"]


def test_a_header_without_data_is_refused():
    assert "没有数据" in refusal(workbook(("姓名", "出生日期")))


def test_totals_blank_rows_and_signatures_are_no_data():
    rows = [
        ("王强", None),
        (None, None),
        ("合 计", "1 人"),
        ("填表人：李四", None),
        ("注：以上属实", None),
    ]
    sheet = read_sheet(workbook(("姓名", "出生日期"), *rows), COLUMNS)
    assert [row.number for row in sheet.rows] == [2]


def test_reading_ends_after_a_thousand_blank_rows():
    book = Workbook()
    page = book.active
    page.append(["姓名", "出生日期"])
    page.append(["王强", "x"])
    page.cell(1002, 1, "还在")
    page.cell(2003, 1, "太远")
    assert [row.number for row in read_sheet(saved(book), COLUMNS).rows] == [2, 1002]


def cell(value, *, formula=False) -> CellReader:
    return CellReader(Row(7, [value], {"born": 0}, (0,) if formula else ()), {"born": "出生日期"})


def test_a_header_of_two_rows_is_one_whichever_row_knows_more():
    upper, lower = ("姓名", "出生", "", "备注"), ("", "出生日期", "手机号", "")
    for top, below in ((upper, lower), (("姓名", "", "手机号"), ("", "出生日期", ""))):
        sheet = read_sheet(workbook(("花名册",), top, below, ("王强", "1980-05-01", "13800000001")), COLUMNS)
        assert sheet.rows[0].values == {"name": "王强", "born": "1980-05-01", "phone": "13800000001"}
        assert (sheet.header_row, len(sheet.top), sheet.rows[0].number) == (2, 3, 4)


def test_a_row_of_data_is_no_second_header():
    sheet = read_sheet(workbook(("姓名", "出生日期"), ("王强", "手机号")), COLUMNS)
    assert [row.values for row in sheet.rows] == [{"name": "王强", "born": "手机号"}]


def test_what_stands_above_is_kept_in_its_place():
    sheet = read_sheet(workbook(("花名册",), (None,), ("姓名", "出生日期", "备注"), ("王强", "x", "y")), COLUMNS)
    assert sheet.top == [["花名册"], [], ["姓名", "出生日期", "备注"]]
    assert (sheet.places, sheet.labels["phone"]) == ({"name": 0, "born": 1}, "手机号")
    assert sheet.rows[0].cells == ["王强", "x", "y"]


def test_days_of_a_workbook_that_counts_from_1904_are_right_or_refused():
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    book.active.append(["姓名", "出生日期"])
    book.active.append(["王强", date(1980, 5, 1)])
    book.active.append(["李丽", 29341])
    first, second = read_sheet(saved(book), COLUMNS).rows
    assert first.values["born"] == date(1980, 5, 1)
    with pytest.raises(Unreadable):
        day_of(second.values["born"])


def test_damaged_texts_refuse_the_row_once():
    for damaged in ("王\x00强", "王\ufffd强", "王\ud800", "\x9b2J"):
        reader = cell(damaged)
        assert (reader.raw("born"), reader.raw("born")) == (None, None)
        assert [(f.code, f.level) for f in reader.findings] == [("broken_text", "error")]


def test_what_nobody_sees_in_a_cell_is_not_read():
    reader = cell("\ufeff王\x07\u202e强\u200b\x1b\n（ 大 ）\x0b")
    assert (reader.text("born", longest=9), reader.findings) == ("王强\n（ 大 ）", [])


def test_a_month_is_no_day_where_a_day_is_needed():
    reader = cell("1985.07")
    assert reader.day("born") is None
    assert [(f.code, f.level) for f in reader.findings] == [("month_only", "warning")]


def test_a_month_is_taken_or_completed_where_one_will_do():
    reader = cell("1985.07")
    assert reader.partial_day("born").last == date(1985, 7, 31)
    assert "按 1985年7月 写入" in reader.findings[0].message
    reader = cell("1985.07")
    assert reader.partial_day("born", elsewhere=date(1985, 7, 15)).day == date(1985, 7, 15)
    assert [f.level for f in reader.findings] == ["repaired"]


def test_formulas_are_seen():
    data = workbook(("姓名", "出生日期"), ('=HYPERLINK("x","王强")', "=A1"))
    assert read_sheet(data, COLUMNS).rows[0].formulas == {"name", "born"}


def test_a_formula_without_its_result_refuses_the_row():
    reader = cell("", formula=True)
    assert reader.day("born") is None
    assert [(f.code, f.level, f.row, f.column) for f in reader.findings] == [("formula_born", "error", 7, "出生日期")]


def test_a_formula_with_its_result_is_read():
    reader = cell(date(1980, 5, 1), formula=True)
    assert reader.day("born") == date(1980, 5, 1)
    assert reader.findings == []


DAY = date(2015, 6, 5)


@pytest.mark.parametrize(
    ("value", "how"),
    [
        (DAY, ""), (datetime(2015, 6, 5, 8, 30, tzinfo=UTC), ""), ("2015-06-05", ""), ("2015-6-5", ""),
        ("2015.06.05", "dot_date"), ("2015.6.5", "dot_date"), ("2015/6/5", "slash_date"),
        ("2015年6月5日", "chinese_date"), ("2015年06月05日", "chinese_date"), ("20150605", "compact_date"),
        (20150605.0, "compact_date"), (20150605, "compact_date"), (42160.0, "serial_date"),
        (" ２０１５．０６．０５ ", "dot_date"), ("2015-06-05 00:00:00", ""), ("2015\u200b-06-05", ""),
    ],
)  # fmt: skip
def test_days_are_read_in_all_their_spellings(value, how):
    read = day_of(value)
    assert (read.day, read.how) == (DAY, how)


@pytest.mark.parametrize("value", ["1985.07", "1985年7月", "1985年07", "1985-07", "1985/7", "１９８５．７", 1985.07])
def test_a_year_and_month_are_read_as_far_as_they_go(value):
    read = day_of(value)
    assert (read.day, read.how, read.precision, read.last) == (
        date(1985, 7, 1), "month_only", "month", date(1985, 7, 31),
    )  # fmt: skip
    assert day_text(read.day, read.precision) == "1985年7月"


@pytest.mark.parametrize("value", ["1985", "1985年", 1985, 1985.0])
def test_a_year_alone_is_read_as_a_year_and_never_as_a_serial_day(value):
    read = day_of(value)
    assert (read.day, read.how, read.precision, read.last) == (
        date(1985, 1, 1), "year_only", "year", date(1985, 12, 31),
    )  # fmt: skip
    assert day_text(read.day, read.precision) == "1985年"


@pytest.mark.parametrize(
    "value",
    [
        "09/14/12", "65-3-15", "1965.2.30", "20150230", "五十年代", "2015-06-05 08:30", "2015-13", 1965.0 * 1000,
        1985.1, 2958466.0, 12.0, -1.0, time(8, 30), True, "١٩٦٥-٠٣-١٥", float("nan"), float("inf"),
    ],
)  # fmt: skip
def test_what_is_unclear_is_never_guessed(value):
    with pytest.raises(Unreadable, match=r"。$"):
        day_of(value)


def test_an_empty_cell_is_no_day():
    assert [day_of(value).day for value in (None, "", "  ")] == [None, None, None]


@given(st.dates(date(1900, 3, 1), date(2100, 12, 31)))
def test_a_serial_day_is_the_day_excel_shows(day):
    serial = (day - date(1899, 12, 30)).days
    assert day_of(float(serial)).day == (date(serial, 1, 1) if 1900 <= serial < 2100 else day)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers()))
def test_no_cell_breaks_the_reader(value):
    text_of(value)
    telephone_of(value)
    reader = cell(value)
    reader.day("born")
    reader.text("born", longest=10)


def test_numbers_that_were_text_come_back_as_text():
    assert text_of(13800138000.0) == "13800138000"
    assert telephone_of("１３８ ００１３ ８０００") == ("13800138000", True)
    assert telephone_of(13800138000.0) == ("13800138000", False)


def test_too_long_a_text_refuses_the_row():
    reader = cell("长" * 11)
    assert reader.text("born", longest=10) == ""
    assert reader.refused
