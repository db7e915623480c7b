"""Reading sheets that people bring: which file is one, where its header is, what its cells say.

A file that cannot be read at all is refused with one sentence (:class:`SheetRefused`); a cell that cannot be
read becomes a :class:`Finding` of its row and refuses that row alone. Nothing here knows a member.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from base.cells import Unreadable, day_of, plain, squeezed, text_of

MEGABYTE = 1024 * 1024
MAX_BYTES = 20 * MEGABYTE
MAX_UNPACKED = 200 * MEGABYTE
MAX_RATIO = 100
RATIO_FROM = 5 * MEGABYTE
"""Below this unpacked size a high ratio is only a very regular small sheet."""
MAX_ENTRIES = 2_000
MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELLS = 5_000_000
HEADER_WITHIN = 10
BLANK_ROWS_END = 1_000


class SheetRefused(Exception):
    """The whole file is refused; the text is the sentence the reader sees."""


class Level(StrEnum):
    """``repaired``: taken as if it had been right. ``warning``: taken and reported. ``error``: the row is refused."""

    REPAIRED = "repaired"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What is to be said about one cell: row and heading as in the file, a stable code, a Chinese sentence."""

    row: int
    column: str
    code: str
    level: Level
    message: str

    def as_dict(self) -> dict:
        return asdict(self)

    def __str__(self):
        return f"第 {self.row} 行“{self.column}”：{self.message}"


@dataclass(frozen=True)
class Column:
    """One thing a sheet may say, and the headings under which people write it, the preferred one first."""

    name: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass
class Row:
    """One row of data: its number in the sheet, the values under known headings, and which of them are formulas."""

    number: int
    values: dict[str, Any]
    formulas: frozenset[str] = frozenset()


@dataclass
class Sheet:
    """A sheet that was read: headings as the file writes them, the headings nobody asked for, its rows of data."""

    header_row: int
    headings: dict[str, str]
    ignored: list[str]
    rows: list[Row] = field(default_factory=list)


@dataclass
class CellReader:
    """Reads the cells of one row and gathers what is to be said about them."""

    row: Row
    headings: dict[str, str]
    findings: list[Finding] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return any(finding.level == Level.ERROR for finding in self.findings)

    def say(self, name: str, code: str, level: Level, message: str) -> None:
        """Add a finding on the cell under column ``name``."""
        self.findings.append(Finding(self.row.number, self.headings.get(name, name), code, level, message))

    def wrong(self, name: str, code: str, message: str) -> None:
        self.say(name, code, Level.ERROR, message)

    def raw(self, name: str) -> Any:
        """The value as the file holds it; a formula without a computed value is an error of its row."""
        value = self.row.values.get(name)
        if name in self.row.formulas and value in (None, ""):
            self.wrong(name, f"formula_{name}", "单元格里是没有结果的公式，请改成写死的内容。")
            return None
        return value

    def text(self, name: str, *, longest: int) -> str:
        """Trimmed text, at most ``longest`` characters."""
        text = text_of(self.raw(name))
        if len(text) > longest:
            self.wrong(name, "too_long", f"内容有 {len(text)} 个字，最多 {longest} 个，请缩短。")
            return ""
        return text

    def day(self, name: str) -> date | None:
        """A civil day. A readable but unusual spelling is reported as repaired, a year and month as a warning."""
        try:
            read = day_of(self.raw(name))
        except Unreadable as refusal:
            self.wrong(name, "bad_date", str(refusal))
            return None
        if read.how == "month_only":
            self.say(name, "month_only", Level.WARNING, f"“{read.text}”只有年和月，没有写入日期，请补全到日。")
        elif read.how:
            self.say(name, read.how, Level.REPAIRED, f"“{read.text}”按 {read.day} 读入。")
        return read.day


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read the first visible sheet of a workbook.

    :param data: the bytes of an ``.xlsx`` file.
    :param columns: what the sheet may say; the header is the row among the first ten that knows most of it.
    :raises SheetRefused: for a file that is no such workbook, is too large, or lacks required headings.
    """
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
        formulas = _measure(archive, _part_of(archive, place))
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except SheetRefused:
        raise
    except (CalamineError, zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError, OSError) as error:
        raise SheetRefused("文件已损坏，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。") from error
    return _with_header(rows, columns, formulas)


def _open(data: bytes) -> zipfile.ZipFile:
    """The workbook as an archive, after everything that can be told without parsing it."""
    if not data:
        raise SheetRefused("文件是空的（0 字节），请重新导出后上传。")
    if len(data) > MAX_BYTES:
        raise SheetRefused(f"文件有 {len(data) // MEGABYTE} MB，最多 {MAX_BYTES // MEGABYTE} MB，请分成几份上传。")
    _sniff(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError) as error:
        raise SheetRefused("文件不完整，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。") from error
    _weigh(archive, len(data))
    names = set(archive.namelist())
    if "xl/vbaProject.bin" in names:
        raise SheetRefused("文件里有宏，不能导入。请在 Excel 里另存为不含宏的 .xlsx 再上传。")
    if "xl/workbook.xml" not in names:
        raise SheetRefused("这不是 Excel 工作簿（.xlsx），请在 Excel 里另存为 .xlsx 再上传。")
    return archive


def _sniff(data: bytes) -> None:
    """Refuse what is not a zip archive, and say what it seems to be."""
    if data.startswith(b"PK\x03\x04"):
        return
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise SheetRefused("文件设了打开密码，读不出来。请去掉密码另存后再上传。")
        raise SheetRefused("这是旧格式的 .xls 文件（改了扩展名也一样）。请在 Excel 里另存为 .xlsx 再上传。")
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<"):
        raise SheetRefused("这其实是网页或 XML 文件，只是用了表格的扩展名。请在 Excel 里打开后另存为 .xlsx 再上传。")
    raise SheetRefused("这不是 Excel 工作簿（.xlsx）。请在 Excel 里打开后另存为 .xlsx 再上传。")


def _weigh(archive: zipfile.ZipFile, packed: int) -> None:
    """Refuse what would unpack to far more than it looks; sizes are checked against the contents too."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    swollen = unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or swollen:
        raise SheetRefused("文件解开后大得不正常，为安全起见不读。请把要导入的表复制到新工作簿再上传。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SheetRefused("文件设了打开密码，读不出来。请去掉密码另存后再上传。")
    try:
        broken = archive.testzip()
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, RuntimeError, ValueError) as error:
        raise SheetRefused("文件不完整，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。") from error
    if broken:
        raise SheetRefused("文件不完整，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。")


def _part_of(archive: zipfile.ZipFile, place: int) -> str:
    """The archive's name of the ``place``-th sheet."""
    book = fromstring(archive.read("xl/workbook.xml"))
    links = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    sheets = [each for each in book.iter() if each.tag.endswith("}sheet")]
    wanted = next(value for key, value in sheets[place].attrib.items() if key.endswith("}id"))
    target = next(each.attrib["Target"] for each in links.iter() if each.attrib.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


_TAG = re.compile(rb"<(?:\w+:)?(row|c|f)\b([^>]*)>")
_REF = re.compile(rb"""\br=["']([A-Z]*)([0-9]+)["']""")


def _measure(archive: zipfile.ZipFile, part: str) -> set[tuple[int, int]]:
    """The (row, column) of cells with formulas, counted from 0; refuses a sheet larger than the limits.

    Runs before the parser, which lays the sheet out as one dense rectangle: a single cell in the last
    corner of a tiny file would otherwise take all memory.
    """
    formulas: set[tuple[int, int]] = set()
    row = column = -1
    cells = 0
    for tag, attributes in _tags(archive, part):
        if tag == b"f":
            formulas.add((row, column))
            continue
        ref = _REF.search(attributes)
        if tag == b"row":
            row, column = (int(ref[2]) - 1 if ref else row + 1), -1
        else:
            cells += 1
            column = _column_number(ref[1]) if ref else column + 1
            row = int(ref[2]) - 1 if ref else row
        if row >= MAX_ROWS or column >= MAX_COLUMNS or cells > MAX_CELLS:
            raise SheetRefused(
                f"表太大：最多 {MAX_ROWS // 10_000} 万行、{MAX_COLUMNS} 列。"
                "请删去多余的行列（包括看起来是空的），或把数据复制到新工作簿再上传。"
            )
    return formulas


def _tags(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    with archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(MEGABYTE):
            if b"\0" in chunk:
                raise SheetRefused("表格的编码不是 UTF-8，读不出来。请用 Excel 打开后另存为 .xlsx 再上传。")
            rest += chunk
            cut = rest.rfind(b"<")
            yield from _TAG.findall(rest, 0, max(cut, 0))
            rest = rest[max(cut, 0) :]
        yield from _TAG.findall(rest)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _heading(value: Any) -> str:
    """A heading without spaces, line breaks and full-width forms."""
    return squeezed(plain(text_of(value)))


def _match(cells: list, columns: Sequence[Column]) -> dict[str, int]:
    """Which column stands where in a row of headings; of several headings for one thing the preferred one."""
    known = {_heading(h): (c.name, rank) for c in columns for rank, h in enumerate(c.headings)}
    found: dict[str, tuple[int, int]] = {}
    for place, value in enumerate(cells[:MAX_COLUMNS]):
        heading = _heading(value)
        name, rank = known.get(heading) or known.get(re.sub(r"\([^)]*\)$", "", heading)) or ("", 0)
        if name and (name not in found or rank < found[name][0]):
            found[name] = (rank, place)
    return {name: place for name, (_rank, place) in found.items()}


def _with_header(rows: list[list], columns: Sequence[Column], formulas: set[tuple[int, int]]) -> Sheet:
    matches = [_match(cells, columns) for cells in rows[:HEADER_WITHIN]]
    best = max(matches, key=len, default={})
    wanted = "、".join(column.headings[0] for column in columns if column.required)
    if len(best) < 2:
        raise SheetRefused(f"前 {HEADER_WITHIN} 行里没有找到表头。表头里要有：{wanted}。")
    at = matches.index(best)
    missing = [column.headings[0] for column in columns if column.required and column.name not in best]
    if missing:
        raise SheetRefused(f"表头（第 {at + 1} 行）缺少这些列：{'、'.join(missing)}。请补上后再上传。")
    _refuse_twins(rows[at], best, at)
    heads = {name: squeezed(text_of(rows[at][place])) for name, place in best.items()}
    used = set(best.values())
    others = [_heading(value) for place, value in enumerate(rows[at]) if place not in used and _heading(value)]
    sheet = Sheet(header_row=at + 1, headings=heads, ignored=others)
    sheet.rows = list(_data_rows(rows, at + 1, best, formulas))
    if not sheet.rows:
        raise SheetRefused(f"表头（第 {at + 1} 行）下面没有数据。")
    return sheet


def _refuse_twins(cells: list, found: dict[str, int], at: int) -> None:
    texts = [_heading(value) for value in cells]
    for place in found.values():
        if texts.count(texts[place]) > 1:
            raise SheetRefused(f"表头（第 {at + 1} 行）里“{texts[place]}”出现了不止一次，请只留一列。")


_FOOT = re.compile(r"(合计|总计|小计|共计|注[:：]|备注[:：]|说明[:：]|填表人|填报人|制表|审核人|审核[:：]|负责人)")


def _data_rows(rows: list[list], begin: int, found: dict[str, int], formulas: set[tuple[int, int]]) -> Iterator[Row]:
    """Rows of data: without blank ones, totals and signature lines; ends after a thousand blank rows."""
    blank = 0
    last = max([len(rows), *(row + 1 for row, _column in formulas)])
    for at in range(begin, last):
        cells = rows[at] if at < len(rows) else []
        formula_columns = frozenset(name for name, place in found.items() if (at, place) in formulas)
        first = next((text for text in map(text_of, cells) if text), "")
        if not first and not formula_columns:
            blank += 1
            if blank >= BLANK_ROWS_END:
                return
            continue
        blank = 0
        if _FOOT.match(squeezed(first)) is None:
            values = {name: cells[place] for name, place in found.items() if place < len(cells)}
            yield Row(at + 1, values, formula_columns)
