"""The one writer of workbooks: a titled sheet, printable on A4, in which text can never become a formula.

It knows nothing of members: whoever declares a ledger hands over headings and rows. Reading is elsewhere.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from io import BytesIO
from itertools import chain, islice

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

CELL_LIMIT = 32_767
"""Characters one cell holds, counted as Excel counts: in UTF-16 units. Past it files are cut silently; we say so."""
CUT = "…（截断）"
SHEET_ROWS = 1_048_000
"""Rows of the body on one sheet, a little under what a sheet holds; the rest goes on to a further sheet."""
FIRST_EXCEL_DAY = date(1900, 3, 1)
"""Before this day the serial numbers of Excel disagree with the calendar; such dates go out as text."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Format(StrEnum):
    """How a column is aligned; how a cell is stored follows its value, whatever the column."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


NUMBER_FORMATS = {Format.TEXT: "@", Format.DATE: "yyyy-mm-dd", Format.NUMBER: "General"}
"""``@`` keeps a text a text even when somebody edits the cell and presses Enter."""


A4 = 9
_HAIR = Side(style="thin", color="000000")
GRID = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
TITLE_FONT = Font(name="宋体", size=18, bold=True)
BOLD_FONT = Font(name="宋体", size=10.5, bold=True)
BODY_FONT = Font(name="宋体", size=10.5)
ALIGNMENTS = {
    Format.TEXT: Alignment(vertical="center", wrap_text=True),
    Format.DATE: Alignment(horizontal="center", vertical="center"),
    Format.NUMBER: Alignment(horizontal="right", vertical="center"),
}
WRONG = PatternFill("solid", start_color="FFC7CE")
DOUBTFUL = PatternFill("solid", start_color="FFEB9C")
RETURNED_WIDTH = 20
MAX_COMMENTS = 10_000
"""Comments of one workbook; each is a drawing of its own. Cells past them are only coloured."""


@dataclass(frozen=True)
class Heading:
    """One column: its heading, its width in characters, what its cells mostly hold."""

    text: str
    width: int = 12
    format: Format = Format.TEXT


@dataclass
class Sheet:
    """What goes out: everything printed around the rows, and the rows, which may be a generator."""

    title: str
    unit: str
    period: str
    as_of: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence]
    filled_by: str = ""
    signed_on: date | None = None
    totals: Sequence = field(default_factory=tuple)

    @property
    def caption(self) -> str:
        """The line under the title."""
        return f"编制单位：{self.unit}　　期间：{self.period}　　数据截至：{self.as_of}"

    @property
    def signature(self) -> str:
        """The line under the rows; the reader of sheets knows it for no row. Whoever checks signs by hand."""
        day = self.signed_on.isoformat() if self.signed_on else ""
        return f"填表人：{self.filled_by:　<8}审核人：　　　　　　　　日期：{day}"


def clean_text(text: str) -> str:
    """``text`` as a cell can hold it: without control characters, cut with a mark where it is too long."""
    text = _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text) * 2 <= CELL_LIMIT:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= CELL_LIMIT * 2:
        return text
    return units[: (CELL_LIMIT - len(CUT)) * 2].decode("utf-16-le", errors="ignore") + CUT


def sheet_name(title: str, number: int = 1) -> str:
    """A name every program accepts: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at either end."""
    suffix = f"（{number}）" if number > 1 else ""
    name = _NOT_IN_SHEET_NAMES.sub("", title).strip().strip("'")[: 31 - len(suffix)].strip().strip("'")
    return (name or "台账") + suffix


def write_workbook(sheet: Sheet) -> BytesIO:
    """Write ``sheet`` as an xlsx file, reading its rows once and keeping none.

    :returns: the file, rewound to its start.
    """
    book = Workbook(write_only=True)
    book.properties.creator = ""
    file = BytesIO()
    try:
        _write_pages(book, sheet)
    finally:
        book.save(file)  # also when a row failed: saving is what removes openpyxl's temporary files
    file.seek(0)
    return file


def _write_pages(book: Workbook, sheet: Sheet) -> None:
    rows = iter(sheet.rows)
    first = next(rows, None)
    number = 1
    while True:
        page = _Page(book, sheet, number)
        page.body(chain([] if first is None else [first], islice(rows, SHEET_ROWS - 1)))
        first = next(rows, None)
        if first is None:
            break
        number += 1
    page.close()


@dataclass(frozen=True)
class Mark:
    """What is to be said about a cell that goes back: a comment, on red where the cell has to be mended."""

    text: str
    wrong: bool = True


def write_returned(
    *, title: str, top: Sequence[Sequence[str]], lines: Iterable[tuple[Sequence[str], dict[int, Mark]]]
) -> BytesIO:
    """Write rows back to whoever sent them: their columns as they were, every cell a text, some of them marked.

    :param top: the rows down to the header, which is the last of them.
    :param lines: the cells of each row, and its marks by place, counted from 0.
    :returns: the file, rewound to its start.
    """
    book = Workbook(write_only=True)
    book.properties.creator = ""
    file = BytesIO()
    try:
        _write_returned(book.create_sheet(sheet_name(title)), top, lines)
    finally:
        book.save(file)
    file.seek(0)
    return file


def _write_returned(paper, top: Sequence[Sequence[str]], lines: Iterable[tuple[Sequence[str], dict[int, Mark]]]):
    paper.freeze_panes = f"A{len(top) + 1}"
    for place in range(1, max(map(len, top)) + 1):
        paper.column_dimensions[get_column_letter(place)].width = RETURNED_WIDTH
    comments = 0

    def cell(text: str, mark: Mark | None = None, font: Font = BODY_FONT) -> WriteOnlyCell:
        nonlocal comments
        made = WriteOnlyCell(paper)
        made.font, made.number_format = font, NUMBER_FORMATS[Format.TEXT]
        if mark:
            made.fill = WRONG if mark.wrong else DOUBTFUL
            comments += 1
            if comments <= MAX_COMMENTS:
                made.comment = Comment(clean_text(mark.text), "导入检查", width=320, height=90)
        return _fill(made, clean_text(text))

    for above in top[:-1]:
        paper.append([cell(text) for text in above])
    paper.append([cell(text, font=BOLD_FONT) for text in top[-1]])
    for texts, marks in lines:
        width = max([len(texts), *(place + 1 for place in marks)])
        padded = [*texts, *[""] * (width - len(texts))]
        paper.append([cell(text, marks.get(place)) for place, text in enumerate(padded)])


class _Page:
    """One worksheet under construction.

    A styled cell costs fifty times a plain one, and a row is written out before the next is made: so each
    column keeps one cell for each kind of value and only changes what it holds.
    """

    def __init__(self, book: Workbook, sheet: Sheet, number: int):
        self.sheet = sheet
        self.paper = book.create_sheet(sheet_name(sheet.title, number))
        self._print_setup()
        self._head()
        self.pens = [
            {kind: self._cell("", alignment=ALIGNMENTS[heading.format], border=GRID, kind=kind) for kind in Format}
            for heading in sheet.headings
        ]

    def _print_setup(self):
        paper = self.paper
        paper.page_setup.orientation = "landscape"
        paper.page_setup.paperSize = A4
        paper.sheet_properties.pageSetUpPr.fitToPage = True
        paper.page_setup.fitToWidth = 1
        paper.page_setup.fitToHeight = 0
        paper.print_options.horizontalCentered = True
        paper.page_margins.left = paper.page_margins.right = 0.4
        paper.print_title_rows = "1:3"
        paper.freeze_panes = "A4"
        paper.oddFooter.center.text = "第 &P 页 共 &N 页"
        for place, heading in enumerate(self.sheet.headings, 1):
            paper.column_dimensions[get_column_letter(place)].width = heading.width

    def _head(self):
        across = Alignment(horizontal="centerContinuous", vertical="center")
        title = [self._cell(self.sheet.title, font=TITLE_FONT, alignment=across)]
        title += [self._cell("", alignment=across) for _ in self.sheet.headings[1:]]
        self.paper.append(title)
        self.paper.append([self._cell(self.sheet.caption)])
        middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
        self.paper.append(
            [self._cell(h.text, font=BOLD_FONT, alignment=middle, border=GRID) for h in self.sheet.headings]
        )

    def _cell(self, text: str, *, font=None, alignment=None, border=None, kind=Format.TEXT) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.paper)
        cell.font = font or BODY_FONT
        cell.number_format = NUMBER_FORMATS[kind]
        if alignment:
            cell.alignment = alignment
        if border:
            cell.border = border
        return _fill(cell, clean_text(text))

    def body(self, rows: Iterable[Sequence]):
        for row in rows:
            values = [_cell_value(value) for value in row]
            self.paper.append([_fill(pens[_kind(v)], v) for v, pens in zip(values, self.pens, strict=True)])

    def close(self):
        """Under the last row: the totals and the line for signatures."""
        if self.sheet.totals:
            self.body([self.sheet.totals])
        self.paper.append([])
        self.paper.append([self._cell(self.sheet.signature)])


def _cell_value(value) -> str | int | float | Decimal | date:
    """What is put into the cell: numbers and days as they are, everything else as clean text."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_EXCEL_DAY:
        return value
    return "" if value is None else clean_text(str(value))


def _kind(value) -> Format:
    if isinstance(value, str):
        return Format.TEXT
    return Format.DATE if isinstance(value, date) else Format.NUMBER


def _fill(cell: WriteOnlyCell, value) -> WriteOnlyCell:
    cell.value = value
    if isinstance(value, str):
        # openpyxl takes "=…" for a formula and "#N/A" for an error; here a text is a text.
        cell.data_type = "s"
    return cell
