"""Behind a wall: opens files that strangers made, in a process of its own with little memory and little time.

The library that reads workbooks ends the whole process when a few bytes ask it for a terabyte; no limit set
beforehand catches every way to ask. So :func:`lines_in` starts this module as ``python -m base.unpacking``, hands it
the file on its standard input and takes rows from its output, some of them as one JSON value a line. Nothing touches
the disk.
"""

import io
import json
import re
import resource
import subprocess
import sys
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Timer
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from base.delimited import Line, lines_of
from base.limits import (
    BLANK_ROWS_END,
    CLOCK_SECONDS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ENTRIES,
    MAX_RATIO,
    MAX_ROWS,
    MAX_TEXT,
    MAX_UNPACKED,
    MEGABYTE,
    MEMORY,
    RATIO_FROM,
    SECONDS,
    TOO_LARGE,
    SheetRefused,
)

BROKEN = "文件已损坏，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。"
INCOMPLETE = "文件不完整，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。"
SWOLLEN = "文件解开后大得不正常，为安全起见不读。请把要导入的表复制到新工作簿再上传。"
LOCKED = "文件设了打开密码，读不出来。请去掉密码另存后再上传。"
_END = "end"
_AT_ONCE = 100
"""Rows that are told as one value."""


def lines_in(data: bytes) -> Iterator[Line]:
    """The rows of a workbook's first visible sheet, or of a text file, that hold something; at most the limits.

    :raises SheetRefused: for a file that is neither, or that the process behind the wall could not digest.
    """
    process = subprocess.Popen(  # noqa: S603  our own module, no shell, no argument of anybody's
        [sys.executable, "-E", "-s", "-m", __spec__.name],
        cwd=Path(__file__).parent.parent, env={},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    clock = Timer(CLOCK_SECONDS, process.kill)
    clock.start()
    try:
        # It may end before it has read everything; what it said until then counts.
        with suppress(BrokenPipeError), closing(process.stdin) as pipe:
            pipe.write(data)
        said = None
        thaw = json.JSONDecoder(object_hook=_thawed).decode
        for answer in process.stdout:
            said = thaw(answer.decode())
            if isinstance(said, list):
                yield from map(tuple, said)
        if said != _END:
            raise SheetRefused(said if isinstance(said, str) else SWOLLEN)
    finally:
        clock.cancel()
        process.kill()
        process.stdout.close()
        process.wait()


def _thawed(frozen: dict) -> Any:
    """The values JSON has no word for."""
    [(kind, text)] = frozen.items()
    return _THAW[kind](text)


_THAW = {"day": date.fromisoformat, "moment": datetime.fromisoformat, "other": str}


@lru_cache(maxsize=10_000)
def _frozen(value: Any) -> dict:
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, date) else {"other": str(value)}


def main() -> None:
    """Read a file from standard input and write its rows; the last line is "end", or the sentence of refusal."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    data = sys.stdin.buffer.read()
    lines, text = opened(data), 0
    try:
        while some := list(islice(lines, _AT_ONCE)):
            text += sum(len(cell) for _number, cells, _places in some for cell in cells if isinstance(cell, str))
            if text > MAX_TEXT:
                raise SheetRefused(TOO_LARGE)
            _say(some)
        _say(_END)
    except SheetRefused as refusal:
        _say(str(refusal))


def _say(value: Any) -> None:
    sys.stdout.buffer.write(json.dumps(value, ensure_ascii=False, default=_frozen).encode() + b"\n")


def opened(data: bytes) -> Iterator[Line]:
    """The rows of a file, read here and now.

    :raises SheetRefused: as :func:`lines_in`.
    """
    if data.startswith(b"PK"):
        yield from _until_blank(_lines_of_workbook(data))
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SheetRefused(LOCKED)
        raise SheetRefused("这是旧格式的 .xls 文件（改了扩展名也一样）。请在 Excel 里另存为 .xlsx 再上传。")
    if data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SheetRefused("这其实是网页或 XML 文件，只是用了表格的扩展名。请在 Excel 里打开后另存为 .xlsx 再上传。")
    yield from _until_blank(lines_of(data))


def _until_blank(lines: Iterator[Line]) -> Iterator[Line]:
    """Up to a thousand blank rows: what stands below is no part of the table."""
    last = 0
    for line in lines:
        if line[0] - last > BLANK_ROWS_END:
            return
        last = line[0]
        yield line


def _lines_of_workbook(data: bytes) -> Iterator[Line]:
    archive = _open(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [
            (place, each.name)
            for place, each in enumerate(book.sheets_metadata)
            if each.visible == SheetVisibleEnum.Visible and each.typ == SheetTypeEnum.WorkSheet
        ]
        if not sheets:
            raise SheetRefused("工作簿里没有可见的工作表，请把要导入的表取消隐藏后再上传。")
        place, name = sheets[0]
        part, from_1904 = _part_of(archive, place)
        formulas = {} if _plainly_within(archive, part) else _measure(archive, part)
        for number, cells, places in _lines_of_sheet(book.get_sheet_by_name(name), formulas):
            yield number, [_unclear(cell) for cell in cells] if from_1904 else cells, places
    except (CalamineError, zipfile.BadZipFile, ParseError, DefusedXmlException, LookupError, ValueError, OSError,
            StopIteration, RuntimeError, zlib.error) as error:  # fmt: skip
        raise SheetRefused(BROKEN) from error


def _lines_of_sheet(sheet, formulas: dict[int, set[int]]) -> Iterator[Line]:
    """Its rows that hold something, from the first column on; a row may hold formulas without results alone."""
    left = [""] * (sheet.start[1] if sheet.start else 0)
    number = 0
    for number, right in enumerate(sheet.iter_rows() if sheet.start else (), 1):
        cells, places = left + right, sorted(formulas.pop(number)) if number in formulas else []
        while cells and cells[-1] == "":
            cells.pop()
        if cells or places:
            yield number, cells, places
    for below in sorted(row for row in formulas if row > number):
        yield below, [], sorted(formulas[below])


def _open(data: bytes) -> zipfile.ZipFile:
    """The workbook as an archive, after everything that can be told without parsing it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise SheetRefused(INCOMPLETE) from error
    _weigh(archive, len(data))
    names = set(archive.namelist())
    if "xl/vbaProject.bin" in names:
        raise SheetRefused("文件里有宏，不能导入。请在 Excel 里另存为不含宏的 .xlsx 再上传。")
    if "xl/workbook.xml" not in names:
        raise SheetRefused("这不是 Excel 工作簿（.xlsx），请在 Excel 里另存为 .xlsx 再上传。")
    return archive


def _weigh(archive: zipfile.ZipFile, packed: int) -> None:
    """Refuse what would unpack to far more than it looks; sizes are checked against the contents too."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    swollen = unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or swollen:
        raise SheetRefused(SWOLLEN)
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused(LOCKED)
    try:
        broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise SheetRefused(INCOMPLETE) from error
    if broken:
        raise SheetRefused(INCOMPLETE)


def _unclear(cell: Any) -> Any:
    """A number that might be a day counted from 1904 becomes a text, which is no day to whoever reads it."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() and abs(cell) < 110_000 else cell


def _part_of(archive: zipfile.ZipFile, place: int) -> tuple[str, bool]:
    """The archive's name of the ``place``-th sheet, and whether the workbook counts its days from 1904."""
    book = fromstring(archive.read("xl/workbook.xml"))
    links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    sheets = [each for each in book.iter() if each.tag.endswith("}sheet")]
    wanted = next(value for key, value in sheets[place].attrib.items() if key.endswith("}id"))
    target = next(each.attrib["Target"] for each in links.iter() if each.attrib.get("Id") == wanted)
    from_1904 = any(
        each.tag.endswith("}workbookPr") and each.attrib.get("date1904", "0") not in {"0", "false"}
        for each in book.iter()
    )
    return (target.lstrip("/") if target.startswith("/") else f"xl/{target}"), from_1904


_AT_COLUMN = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,6}"')
_AT_ROW = re.compile(rb'<c r="[A-Z]{1,3}([0-9]{1,6})"')
_BARE = re.compile(rb'<c(?: [st]="\w+")* ?/?>')
"""A cell that does not say where it is: right of the one before it."""
_LINE = re.compile(rb'<row r="([0-9]{1,7})"')
_MARK = re.compile(rb"<(row|c r|c)[\s/>=]")
_ODD = re.compile(rb"<f[\s/>]"), re.compile(rb":(?:c|row|f)"), re.compile(rb"\0")
"""Formulas, tags with a prefix, another encoding."""


def _plainly_within(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a glance shows that a sheet is within the limits: no formula, and of each row all cells say where they
    are, or none does.

    Nearly every honest sheet is so, and the pattern engine tells it several times as fast as :func:`_measure`, which
    has the last word on all others.
    """
    cells = 0
    columns: set[bytes] = set()
    rows: set[bytes] = {b"0"}
    shapes: set[bytes] = set()
    shape = b""
    for piece in _pieces(archive, part):
        found, bare, lines = _AT_COLUMN.findall(piece), len(_BARE.findall(piece)), _LINE.findall(piece)
        marks = b"".join(_MARK.findall(piece))
        plain = marks.count(b"c") == len(found) + bare and marks.count(b"row") == len(lines)
        cells += len(found) + bare
        if not plain or cells > MAX_CELLS or any(odd.search(piece) for odd in _ODD):
            return False
        columns.update(found)
        rows.update(_AT_ROW.findall(piece), lines)
        *whole, shape = (shape + marks).split(b"row")
        shapes.update(whole)
    shapes.add(shape)
    counted = {(shape.count(b"c"), shape.count(b"c r")) for shape in shapes}
    if any(0 < placed < several for several, placed in counted):
        return False
    width = max(0, *(several for several, placed in counted if not placed), *(_column_number(at) + 1 for at in columns))
    height = max(map(int, rows))
    return width <= MAX_COLUMNS and height <= MAX_ROWS and width * height <= MAX_CELLS


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part a megabyte at a time, no tag cut in two."""
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(MEGABYTE):
            rest += chunk
            cut = max(rest.rfind(b"<"), 0)
            yield rest[:cut]
            rest = rest[cut:]
            if len(rest) > MEGABYTE:
                raise SheetRefused(TOO_LARGE)
        yield rest


_TAG = re.compile(rb"<(?:\w+:)?(row|c|f|v|is)\b([^>]*)>")
_CONTENT = re.compile(rb"<(?:\w+:)?(?:f|v|is)\b")
_REF = re.compile(rb"""\br=["']([A-Z]*)([0-9]+)["']""")
SHEET_ROWS = 1_048_576


def _measure(archive: zipfile.ZipFile, part: str) -> dict[int, set[int]]:
    """The cells with formulas: by row, counted from 1, their columns, from 0. Refuses a sheet past the limits.

    Runs before the parser, which lays out one dense rectangle around the cells with content. Cells that are only
    styled span nothing: a sheet with borders to its last row may be read.
    """
    formulas: dict[int, set[int]] = defaultdict(set)
    row, column = 0, -1
    cells = last_row = last_column = 0
    for tag, attributes in _tags(archive, part):
        if tag in {b"row", b"c"}:
            ref = _REF.search(attributes)
            if tag == b"row":
                row, column = (int(ref[2]) if ref else row + 1), -1
            else:
                cells += 1
                column = _column_number(ref[1]) if ref else column + 1
                row = int(ref[2]) if ref else row
            if row > SHEET_ROWS or cells > MAX_CELLS:
                raise SheetRefused(TOO_LARGE)
            continue
        if tag == b"f":
            formulas[row].add(column)
        last_row, last_column = max(last_row, row), max(last_column, column)
        if last_row > MAX_ROWS or last_column >= MAX_COLUMNS or last_row * (last_column + 1) > MAX_CELLS:
            raise SheetRefused(TOO_LARGE)
    return formulas


def _tags(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    """Rows, cells and contents, a piece at a time; pieces in which nothing has content are passed over."""
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(MEGABYTE):
            if b"\0" in chunk:
                raise SheetRefused("表格的编码不是 UTF-8，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。")
            rest += chunk
            cut = max(rest.rfind(b"<"), 0)
            if _CONTENT.search(rest, 0, cut):
                yield from _TAG.findall(rest, 0, cut)
            rest = rest[cut:]
            if len(rest) > MEGABYTE:
                raise SheetRefused(TOO_LARGE)
        yield from _TAG.findall(rest)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters[:8]:
        number = number * 26 + letter - 64
    return number - 1


if __name__ == "__main__":
    main()
