"""The one writer of workbooks: a titled sheet, printable on A4, wide on A3, very wide on several of them beside each
other, whose texts are never formulas.

openpyxl makes the shell: everything but the rows, once for a workbook. The rows, of any number, are poured into it as
XML (rows.py) and written out as they come. It knows nothing of members: whoever declares a ledger hands over headings
and rows. Reading is elsewhere.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from io import BytesIO
from itertools import islice
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break
from openpyxl.worksheet.worksheet import Worksheet

from base.rows import Body, Pen, clean_text, height_of, lines_of, literal

SHEET_ROWS = 1_048_000
"""Rows of the body on one sheet, a little under what a sheet holds; the rest goes on to a further sheet."""
SHEET_BYTES = 2_000_000_000
"""XML of one sheet: past two gigabytes its entry in the archive would need a form that not every program reads."""
AT_ONCE = 500
"""Rows turned into XML together: enough to be quick, few enough to be small."""

SHEET_PART = "xl/worksheets/sheet{}.xml"
_SHEET_PART = re.compile(SHEET_PART.format("[0-9]+"))
_DIMENSION = re.compile(rb"<dimension [^>]*>")
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Format(StrEnum):
    """How a column is aligned; how a cell is stored follows its value, whatever the column."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    MONEY = "money"

    @property
    def numeric(self) -> bool:
        return self in (Format.NUMBER, Format.MONEY)


NUMBER_FORMATS = {Format.TEXT: "@", Format.DATE: "yyyy-mm-dd", Format.NUMBER: "General", Format.MONEY: "0.00"}
"""``@`` keeps a text a text even when somebody edits the cell and presses Enter. Sums of money have no commas: saved as
text they would come back with them."""


A4, A3 = 9, 8
WIDEST = {A4: 220, A3: 320}
"""Half-width characters that a page prints beside each other in some seven points; fewer are hard to read."""
BESIDE = 240
"""Of a sheet that takes several pages beside each other, the most that one of them holds."""
A3_INSIDE, CHARACTER = 390, 2.5
"""Millimetres that a page of A3 prints across, and of a half-width character where the fonts are wide: breaks between
pages stand where they are, so a page has to hold its columns with any font.
"""
KEPT, KEPT_WIDEST = 3, 60
"""Columns that stand on each page of a sheet that takes several beside each other, unless they are too wide for it."""
_HAIR = Side(style="thin", color="000000")
GRID = Border(left=_HAIR, right=_HAIR, top=_HAIR, bottom=_HAIR)
TITLE_FONT = Font(name="宋体", size=18, bold=True)
BOLD_FONT = Font(name="宋体", size=10.5, bold=True)
BODY_FONT = Font(name="宋体", size=10.5)
ALIGNMENTS = {
    Format.TEXT: Alignment(vertical="center", wrap_text=True),
    Format.DATE: Alignment(horizontal="center", vertical="center"),
    Format.NUMBER: Alignment(horizontal="right", vertical="center", indent=1),
    Format.MONEY: Alignment(horizontal="right", vertical="center", indent=1),
}
"""Numbers stand off the line on their right, or they run into the text of the next column."""
WRONG = PatternFill("solid", start_color="FFC7CE")
DOUBTFUL = PatternFill("solid", start_color="FFEB9C")
RETURNED_WIDTH = 20
MAX_COMMENTS = 10_000
"""Comments of one workbook; each is a drawing of its own. Cells past them are only coloured."""
LAST_NARROW = 0x2E7F
"""Characters past this one take the room of two."""
AGAIN = "说明：（接上行）"
TITLE_HEIGHT = 30
HEAD_ROWS = 3
"""Title, caption and headings."""


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
    signers: Sequence[str] = ("审核人",)
    paper: str = ""
    """The number under which the paper is filed."""
    warning: str = ""
    """What is to be known before it is passed on: said at the end, to which the line under the title points."""

    @property
    def caption(self) -> str:
        """The line under the title."""
        filed = f"　　档案号：{self.paper}" if self.paper else ""
        warned = "　　含未脱敏的个人信息，用途见表尾" if self.warning else ""
        return f"编制单位：{self.unit}　　期间：{self.period}　　数据截至：{self.as_of}{filed}{warned}"

    @property
    def signature(self) -> str:
        """The line under the rows; the reader of sheets knows it for no row. Whoever checks signs by hand."""
        day = self.signed_on.isoformat() if self.signed_on else ""
        by_hand = "".join(f"{signer}：　　　　　　　　" for signer in self.signers)
        return f"填表人：{self.filled_by:　<8}{by_hand}日期：{day}"


def sheet_name(title: str, number: int = 1) -> str:
    """A name every program accepts: at most 31 characters, none of ``[]:*?/\\``, no apostrophe at either end."""
    suffix = f"（{number}）" if number > 1 else ""
    name = _NOT_IN_SHEET_NAMES.sub("", title).strip().strip("'")[: 31 - len(suffix)].strip().strip("'")
    return (name or "台账") + suffix


def write_workbook(sheet: Sheet, file: BinaryIO | None = None) -> BinaryIO:
    """Write ``sheet`` as an xlsx file, reading its rows once and keeping none.

    Texts that no cell can hold as they are go out cut or cleaned, and a line at the end says how many.

    :param file: where to, open in binary; without one the workbook, some 100 bytes for each row of 20 cells, is kept in
        memory.
    :returns: the file, rewound to its start.
    """
    file = file or BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        _write_pages(archive, sheet)
    file.seek(0)
    return file


def _write_pages(archive: ZipFile, sheet: Sheet) -> None:
    rows, number = iter(sheet.rows), 1
    paper = _Paper(sheet)
    body = Body(paper.pens, [each.width if each.format == Format.TEXT else 0 for each in sheet.headings])
    batch = _some(rows, 0)
    while True:
        shell = Shell(paper.book)
        before, after = shell.around(number)
        with archive.open(SHEET_PART.format(number), "w") as part, ThreadPoolExecutor(1) as packer:
            packed = packer.submit(part.write, before)
            done = size = 0
            while batch and done < SHEET_ROWS and size < SHEET_BYTES:
                xml = body.xml(HEAD_ROWS + done + 1, batch)
                size, done = size + len(xml), done + len(batch)
                packed.result()
                packed = packer.submit(part.write, xml)  # packed beside the next batch, on another core
                batch = _some(rows, done)
            packed.result()
            if not batch:
                part.write(_foot(sheet, body, HEAD_ROWS + done + 1, paper))
            part.write(after)
        if not batch:
            break
        number += 1
        paper.add_page()
    shell.pack(archive)


def _some(rows: Iterator[Sequence], done: int) -> list[Sequence]:
    """The next rows, no more than the sheet can take that has ``done``; if it is full, than the next sheet can."""
    return list(islice(rows, min(AT_ONCE, SHEET_ROWS - done or SHEET_ROWS)))


def _foot(sheet: Sheet, body: Body, number: int, paper: "_Paper") -> bytes:
    """Under the last row: the totals, a blank row, the line for signatures, and what is to be said of the cells."""
    totals = body.xml(number, [sheet.totals]) if sheet.totals else b""
    number += bool(sheet.totals) + 1
    before = f'<c s="{paper.line}"/>' * paper.kept
    first, last = paper.blocks[0]
    room = sum(each.width for each in sheet.headings[first:last])
    said = [sheet.signature, *_folded(body.remark, room), *_folded(sheet.warning, room)]
    lines = [before + body.text(each, paper.line) for each in said]
    rows = [f'<row r="{place}">{line}</row>' for place, line in enumerate(lines, number)]
    return totals + "".join(rows).encode()


def _folded(text: str, room: int) -> list[str]:
    """A line under the rows, in as many as the page has room for; each begins so that a reader takes it for no row."""
    lines, line, width = [], "", 0
    for letter in text:
        if width + 2 > max(room, len(AGAIN) * 4):
            lines.append(line)
            line, width = AGAIN, 2 * len(AGAIN)
        line += letter
        width += 2 if ord(letter) > LAST_NARROW else 1
    return [*lines, line] if line else lines


class Shell:
    """A workbook as openpyxl made it, taken apart to be put around rows it never saw."""

    def __init__(self, book: Workbook):
        file = BytesIO()
        book.save(file)
        self.parts = ZipFile(file)

    def around(self, number: int) -> tuple[bytes, bytes]:
        """The XML of sheet ``number`` before and after the place for further rows. What it says of its size is cut."""
        before, end, after = self.parts.read(SHEET_PART.format(number)).partition(b"</sheetData>")
        return _DIMENSION.sub(b"", before), end + after

    def pack(self, archive: ZipFile) -> None:
        """Put everything but the sheets themselves into ``archive``."""
        for name in self.parts.namelist():
            if not _SHEET_PART.fullmatch(name):
                archive.writestr(name, self.parts.read(name))


class _Paper:
    """The workbook of a ledger without its rows: pages with head and print set-up, and the styles of their rows."""

    def __init__(self, sheet: Sheet):
        self.sheet = sheet
        self.blocks = _blocks([each.width for each in sheet.headings])
        self.book = _blank_book()
        self.add_page()
        page = self.book.worksheets[0]
        self.line = _styled(page).style_id
        self.pens = [
            Pen(
                *(
                    _styled(page, alignment=ALIGNMENTS[each.format], border=GRID, kind=kind).style_id
                    for kind in (Format.TEXT, Format.DATE, each.format if each.format.numeric else Format.NUMBER)
                )
            )
            for each in sheet.headings
        ]

    @property
    def kept(self) -> int:
        """How many columns stand on each page; none where one page is enough."""
        return self.blocks[0][0]

    def add_page(self):
        """Another page, the same as the ones before but for its name."""
        page = self.book.create_sheet(sheet_name(self.sheet.title, len(self.book.worksheets) + 1))
        self._print_setup(page)
        self._head(page)

    def _print_setup(self, page: Worksheet):
        page.page_setup.orientation = "landscape"
        widths = [each.width for each in self.sheet.headings]
        page.page_setup.paperSize = A3 if sum(widths) > WIDEST[A4] else A4
        page.sheet_properties.pageSetUpPr.fitToPage = len(self.blocks) == 1
        if len(self.blocks) == 1:
            page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
        else:
            widest = sum(widths[: self.kept]) + max(sum(widths[first:last]) for first, last in self.blocks)
            page.page_setup.scale = min(100, int(100 * A3_INSIDE / (widest * CHARACTER)))
            page.page_setup.pageOrder = "overThenDown"
            page.print_title_cols = f"A:{get_column_letter(self.kept)}"
            for _first, last in self.blocks[:-1]:
                page.col_breaks.append(Break(id=last))
        page.print_options.horizontalCentered = True
        page.page_margins.left = page.page_margins.right = 0.4
        page.print_title_rows = f"1:{HEAD_ROWS}"
        page.freeze_panes = f"A{HEAD_ROWS + 1}"
        page.sheet_format.defaultRowHeight, page.sheet_format.customHeight = height_of(1), True
        page.oddFooter.center.text = "第 &P 页 共 &N 页"
        page.oddFooter.left.text = "含未脱敏的个人信息" if self.sheet.warning else None
        for place, heading in enumerate(self.sheet.headings, 1):
            page.column_dimensions[get_column_letter(place)].width = heading.width

    def _head(self, page: Worksheet):
        across = Alignment(horizontal="centerContinuous", vertical="center")
        title, caption = [], []
        for _ in range(self.kept):
            title.append(_styled(page))
            caption.append(_styled(page))
        for number, (first, last) in enumerate(self.blocks):
            words = f"{self.sheet.title}（续 {number}）" if number else self.sheet.title
            title.append(_styled(page, words, font=TITLE_FONT, alignment=across))
            title += [_styled(page, alignment=across) for _ in range(first + 1, last)]
            caption += [_styled(page, self.sheet.caption), *(_styled(page) for _ in range(first + 1, last))]
        page.append(title)
        page.append(caption)
        middle = Alignment(horizontal="center", vertical="center", wrap_text=True)
        page.append([_styled(page, h.text, font=BOLD_FONT, alignment=middle, border=GRID) for h in self.sheet.headings])
        deepest = max(lines_of(each.text, each.width) for each in self.sheet.headings)
        heights = (TITLE_HEIGHT, height_of(1), height_of(deepest))
        for place, height in enumerate(heights, 1):
            page.row_dimensions[place].height = height


def _blocks(widths: Sequence[int]) -> list[tuple[int, int]]:
    """The columns of each page from first to behind the last, without those that stand on each; one for one page."""
    total = sum(widths)
    if total <= WIDEST[A3]:
        return [(0, len(widths))]
    kept = KEPT if sum(widths[:KEPT]) <= KEPT_WIDEST else 1
    rest, room = total - sum(widths[:kept]), BESIDE - sum(widths[:kept])
    pages = -(-rest // max(room, 1))
    starts, done = [kept], 0
    for place in range(kept, len(widths)):
        if done >= rest * len(starts) / pages:
            starts.append(place)
        done += widths[place]
    ends = [*starts[1:], len(widths)]
    return list(zip(starts, ends, strict=True)) if len(starts) > 1 else [(0, len(widths))]


def _blank_book() -> Workbook:
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = ""
    return book


def _styled(page: Worksheet, text: str = "", *, kind: Format = Format.TEXT, font: Font = BODY_FONT, **looks) -> Cell:
    """A cell for ``page``, which it is not put on, with a text that stays one."""
    cell = Cell(page, row=1, column=1)
    cell.font, cell.number_format = font, NUMBER_FORMATS[kind]
    for name, look in looks.items():
        setattr(cell, name, look)
    cell.value = literal(clean_text(text))
    cell.data_type = "s"  # openpyxl takes "=…" for a formula and "#N/A" for an error
    return cell


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
    paper = _ReturnedPaper(title, top)
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open(SHEET_PART.format(1), "w") as part:
            part.write(Shell(paper.book).around(1)[0])
            for number, (texts, marks) in enumerate(lines, len(top) + 1):
                part.write(paper.row(number, texts, marks))
            shell = Shell(paper.book)  # once more, for by now it knows the comments
            part.write(shell.around(1)[1])
        shell.pack(archive)
    file.seek(0)
    return file


class _ReturnedPaper:
    """The workbook of rows that go back: their head, and the comments on their cells."""

    def __init__(self, title: str, top: Sequence[Sequence[str]]):
        self.book = _blank_book()
        self.page = page = self.book.create_sheet(sheet_name(title))
        page.freeze_panes = f"A{len(top) + 1}"
        for place in range(1, max(map(len, top)) + 1):
            page.column_dimensions[get_column_letter(place)].width = RETURNED_WIDTH
        for above in top[:-1]:
            page.append([_styled(page, text) for text in above])
        page.append([_styled(page, text, font=BOLD_FONT) for text in top[-1]])
        self.plain = _styled(page).style_id
        self.marked = {wrong: _styled(page, fill=fill).style_id for wrong, fill in ((True, WRONG), (False, DOUBTFUL))}
        self.body = Body(())
        self.comments = 0

    def row(self, number: int, texts: Sequence[str], marks: dict[int, Mark]) -> bytes:
        """One row as XML; its marks are noted on the page as comments, while there is room for them."""
        for place, mark in marks.items():
            self.comments += 1
            if self.comments <= MAX_COMMENTS:
                comment = Comment(literal(clean_text(mark.text)), "导入检查", width=320, height=90)
                self.page.cell(number, place + 1).comment = comment
        styles = {place: self.marked[mark.wrong] for place, mark in marks.items()}
        padded = [*texts, *[""] * (max(marks, default=0) + 1 - len(texts))]
        cells = [self.body.text(text, styles.get(place, self.plain)) for place, text in enumerate(padded)]
        return f'<row r="{number}">{"".join(cells)}</row>'.encode()
