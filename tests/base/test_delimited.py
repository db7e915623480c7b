"""Text files: every encoding the field writes, every separator, nothing replaced, nothing computed."""

import pytest

from base.delimited import lines_of
from base.limits import MAX_COLUMNS, MAX_ROWS, SheetRefused
from base.reading import Column, read_sheet

NAMES = "䶮㛃𬱖·买买提"
TEXT = f"姓名,出生日期\r\n{NAMES},1980-05-01\r\n"
COLUMNS = (Column("name", ("姓名",), required=True), Column("born", ("出生日期",)))


def rows(data: bytes) -> list:
    return [cells for _number, cells, _formulas in lines_of(data)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_names_come_whole_in_every_encoding_with_every_separator(encoding, separator):
    data = TEXT.replace(",", separator).encode(encoding)
    assert rows(data) == [["姓名", "出生日期"], [NAMES, "1980-05-01"]]
    assert read_sheet(data, COLUMNS).rows[0].values == {"name": NAMES, "born": "1980-05-01"}


@pytest.mark.parametrize(("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"", "gbk")])
def test_both_orders_of_utf_16_and_plain_gbk_are_read(mark, encoding):
    assert rows(mark + "姓名,出生日期\n王强,1980".encode(encoding)) == [["姓名", "出生日期"], ["王强", "1980"]]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param("王强".encode() + b"\xff", id="utf-8 with a stray byte"),
        pytest.param("王强,x".encode("gbk")[:3], id="gbk cut"),
        pytest.param("王强".encode("utf-16")[:-1], id="utf-16 cut"),
        pytest.param("王强,x".encode("utf-16-le"), id="utf-16 without mark"),
        pytest.param(b"a,b\0c", id="nul"),
    ],
)
def test_what_does_not_decode_whole_is_refused_and_never_replaced(data):
    with pytest.raises(SheetRefused, match="csv"):
        list(lines_of(data))


def test_the_separator_is_what_stands_between_most_cells_and_not_inside_quotes():
    assert rows('姓名;住址\n王强;"某市,某区,某街,1号"\n'.encode()) == [["姓名", "住址"], ["王强", "某市,某区,某街,1号"]]
    assert rows("sep=;\n姓名;a,b,c\n".encode()) == [["姓名", "a,b,c"]]


def test_rows_keep_their_number_past_blank_lines_and_breaks_in_cells():
    lines = list(lines_of('姓名,住址\n\n王强,"某市\n某区"\n李丽,x\n'.encode()))
    assert [(number, cells[0]) for number, cells, _formulas in lines] == [(1, "姓名"), (3, "王强"), (4, "李丽")]


def test_a_formula_is_never_computed_and_a_text_kept_as_text_is_one():
    data = '姓名,号码\n"=HYPERLINK(""http://x"")","=""41000019800501001X"""\n'.encode()
    assert list(lines_of(data))[1] == (2, ["", "41000019800501001X"], [0])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (("a," * MAX_COLUMNS + "a").encode(), "表太大"),
        (b"a,b\n" * (MAX_ROWS + 1), "表太大"),
        (b'a,b\n"c,d\n', "第 2 行附近"),
        (b'a,b\nc,"d"e\n', "引号不成对"),
        (b"a,b\n" + b"c" * 200_000, "一格里的内容太长"),
    ],
)
def test_what_is_too_large_or_badly_quoted_is_refused_with_the_place(data, says):
    with pytest.raises(SheetRefused, match=says):
        list(lines_of(data))
