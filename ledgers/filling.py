"""Filling a superior's own workbook: its headings are matched with a ledger's, its rows are filled, the rest stays.

The workbook keeps its formats, widths, merged titles and signature lines; only the cells under the headings that were
matched are written, and formulas follow the rows that are put in. openpyxl reads and writes it whole, so the number of
rows is bounded.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from base.cells import key_of, text_of
from base.limits import HEADER_WITHIN, SheetRefused
from base.rows import clean_text, literal
from base.unpacking import lines_in
from ledgers.filled_formulas import Grown, follow, printed, stretch
from ledgers.ledger import Ledger

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
WIDEST = 200
"""Columns of a sheet that is filled."""
LINES = 3
"""Lines over which headings may stand."""


@dataclass(frozen=True)
class Matched:
    """What a superior's sheet asks for.

    ``columns``: the ledger's heading (empty: none matched), the sheet's, its place counted from 1.
    """

    sheet: str
    first_row: int
    columns: list[tuple[str, str, int]]

    @property
    def found(self) -> list[tuple[str, str, int]]:
        return [each for each in self.columns if each[0]]

    @property
    def unknown(self) -> list[str]:
        """Headings that no column of the ledger fills."""
        return [heading for own, heading, _place in self.columns if not own]


def match(ledger: Ledger, data: bytes) -> Matched:
    """Find the line or lines of headings in the first visible sheet and say which column of the ledger each one is.

    :raises SheetRefused: for what is no workbook, is too large, or has no heading that the ledger knows.
    """
    if len(data) > MOST_BYTES:
        raise SheetRefused("上级的表超过 1 MB。请只留一张空表，去掉图片再上传。")
    for _line in lines_in(data):  # refuses what is none, or unpacks to more than a sheet is
        pass
    page = _page(_book(data))
    known = {key_of(ledger.NUMBER.text): ledger.NUMBER.text}
    for column in ledger.columns:
        for heading in (column.heading, *column.also):
            known.setdefault(key_of(heading), column.heading)
    best: list[tuple[str, str, int]] = []
    last = 0
    rows = min(page.max_row, HEADER_WITHIN)
    for lines in range(1, LINES + 1):
        for row in range(1, rows - lines + 2):
            cells = _headings(page, row, lines)
            read = [(known.get(key_of(text), ""), text, place) for text, place, _end in cells]
            if sum(bool(own) for own, *_ in read) > sum(bool(own) for own, *_ in best):
                best = read
                ends = [end for (own, *_), (*_, end) in zip(read, cells, strict=True) if own and end < row + LINES]
                last = max(row + lines - 1, *ends, 0)
    if not any(own and own != ledger.NUMBER.text for own, *_ in best):
        raise SheetRefused(
            f"前 {HEADER_WITHIN} 行里没有和“{ledger.title}”对得上的表头。"
            "请核对是不是这本台账的表，或先把表头改成台账里的叫法。"
        )
    once: set[str] = set()
    columns = []
    for own, heading, place in best:
        columns.append(("" if own in once else own, heading, place))
        once.add(own)
    return Matched(page.title, last + 1, columns)


def _headings(page: Worksheet, row: int, lines: int) -> list[tuple[str, int, int]]:
    """The headings that stand over some lines, of each column the lowest: its text, its column, the last row of its
    cell, which may be merged down.
    """
    ends = {(each.min_row, each.min_col): each.max_row for each in page.merged_cells.ranges}
    found = []
    for place in range(1, page.max_column + 1):
        for number in range(row + lines - 1, row - 1, -1):
            if text := text_of(page.cell(number, place).value):
                found.append((text, place, ends.get((number, place), number)))
                break
    return found


def fill(
    book: bytes,
    sheet: str,
    first_row: int,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence],
    *,
    warning: str = "",
) -> BytesIO:
    """The workbook with the rows filled in.

    :param columns: which value of a row goes to which column of the sheet: (its place in the row, the column).
    :param warning: a line to stand under all that there is.
    :raises SheetRefused: for more rows than such a sheet takes, and for a workbook that cannot be filled.
    """
    try:
        return _filled(book, sheet, first_row, columns, list(rows), warning=warning)
    except SheetRefused:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as broken:
        raise SheetRefused("上级的表填不进去。请另存成只有表头和签名栏的空表，再作为版式上传。") from broken


def _filled(
    book: bytes, sheet: str, first_row: int, columns: Sequence[tuple[str, int]], rows: list[Sequence], *, warning: str
) -> BytesIO:
    workbook = _book(book)
    page = workbook[sheet] if sheet in workbook.sheetnames else _page(workbook)
    if len(rows) > MOST_ROWS:
        raise SheetRefused(f"有 {len(rows):,} 行，上级的表一次最多填 {MOST_ROWS:,} 行。请缩短期间，或按支部分开导出。")
    free = _free_rows(page, first_row, [place for at, place in columns if at == 0])
    below, last = first_row + free, first_row + len(rows)
    for each in [one for one in page.merged_cells.ranges if one.max_row >= first_row and one.min_row < below]:
        _part(page, each)
    more = max(0, len(rows) - free)
    if more:
        _make_room(page, below, more)
    grown = Grown(first_row, below, last - 1, more)
    follow(workbook, page, grown)
    stretch(page, grown)
    for number, row in enumerate(rows, first_row):
        for at, place in columns:
            _put(page, number, place, row[at], first_row)
    if warning:
        _warn(page, max(page.max_row, last) + 2, warning)
    file = BytesIO()
    workbook.save(file)
    file.seek(0)
    return file


def _warn(page: Worksheet, number: int, warning: str) -> None:
    """A line under all that there is, printed with it."""
    _put(page, number, 1, warning, number)
    if areas := printed(page):
        areas[-1].max_row = number
        page.print_area = [each.coord for each in areas]


def _book(data: bytes):
    try:
        return load_workbook(BytesIO(data))
    except Exception as broken:  # what openpyxl raises over a damaged workbook is not a closed list
        raise SheetRefused("这不是 xlsx 工作簿。请用 WPS 或 Excel 另存为“.xlsx”再上传。") from broken


def _page(workbook) -> Worksheet:
    page = next((page for page in workbook.worksheets if page.sheet_state == "visible"), None)
    if page is None:
        raise SheetRefused("这个工作簿里没有看得见的表。")
    if page.max_column > WIDEST or page.max_row > 2 * MOST_ROWS:
        raise SheetRefused("这张表的行或列太多，不像是空表。请删掉多余的行和列再上传。")
    return page


def _free_rows(page: Worksheet, first_row: int, numbers: Sequence[int]) -> int:
    """How many rows from the first on are empty but for running numbers: up to one that says something, if any does."""
    for number, values in enumerate(page.iter_rows(min_row=first_row, values_only=True)):
        said = [(place, text_of(value)) for place, value in enumerate(values, 1)]
        if any(text and not (place in numbers and text.isdigit()) for place, text in said):
            return number
    return MOST_ROWS


def _part(page: Worksheet, merged: CellRange) -> None:
    """Make a merged cell single ones again that look like it."""
    style = page.cell(merged.min_row, merged.min_col)._style
    page.unmerge_cells(str(merged))
    for number, place in merged.cells:
        page.cell(number, place)._style = copy(style)


def _make_room(page: Worksheet, at: int, more: int) -> None:
    """Move what stands below down, with its formats, heights and merged cells, so that the rows fit above it."""
    last, wide = page.max_row, page.max_column
    merged = [each for each in page.merged_cells.ranges if each.min_row >= at]
    for each in merged:
        page.unmerge_cells(str(each))
    heights = {number: page.row_dimensions[number].height for number in range(at, last + 1)}
    for number in range(last, at - 1, -1):
        for place in range(1, wide + 1):
            old, new = page.cell(number, place), page.cell(number + more, place)
            new.value, old.value = old.value, None
            new._style, old._style = copy(old._style), copy(page.cell(max(at - 1, 1), place)._style)
        page.row_dimensions[number + more].height = heights[number]
    for each in merged:
        each.shift(row_shift=more)
        page.merge_cells(
            f"{get_column_letter(each.min_col)}{each.min_row}:{get_column_letter(each.max_col)}{each.max_row}"
        )


def _put(page: Worksheet, number: int, place: int, value: Any, like: int) -> None:
    cell = page.cell(number, place)
    if number != like and not cell.has_style:
        cell._style = copy(page.cell(like, place)._style)
    if isinstance(value, str):
        cell.value = literal(clean_text(value))
        cell.data_type = "s"
    else:
        cell.value = value
