"""A form on A4 as a workbook: facts in a grid, tables, paragraphs; small enough to be built whole.

Text can never become a formula, as in :mod:`base.writing`, whose fonts and borders it shares. It knows nothing of
members: whoever makes a form hands over words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from base.rows import clean_text, height_of, lines_of, literal
from base.writing import A4, BODY_FONT, BOLD_FONT, GRID, TITLE_FONT, Heading, sheet_name

UNITS = 24
"""Columns of the grid; everything on the form spans some of them."""
UPRIGHT, WIDE = 4.0, 5.8
"""Width of one of them on an upright page and on a wide one."""
LABEL = 3
"""Columns of the grid that a label spans."""
PADDING = 4
"""Points around the text of a row, besides those of any sheet."""
SHORT = 10
"""Half-width characters up to which a cell of a table stands in the middle."""

_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_PART = Font(name="宋体", size=12, bold=True)


@dataclass(frozen=True)
class Facts:
    """Pairs of label and words, two beside each other; one whose label is in ``wide`` has a row to itself."""

    pairs: Sequence[tuple[str, str]]
    wide: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """Rows under headings, as wide as their headings ask; ``title`` stands above."""

    title: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence]


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Paper:
    """One form. ``caption`` stands under the title, ``foot`` at the end, for whoever signs."""

    title: str
    caption: str
    parts: Sequence[Facts | Table | Words]
    foot: str = ""
    wide: bool = False


def write_paper(paper: Paper, file: BinaryIO) -> None:
    """Write the form as an xlsx file of one sheet."""
    book = Workbook()
    book.properties.creator = ""
    page = book.active
    page.title = sheet_name(paper.title)
    grid = _Grid(page, WIDE if paper.wide else UPRIGHT)
    _print_setup(page, wide=paper.wide)
    grid.line(paper.title, TITLE_FONT, _MIDDLE, height=36)
    grid.line(paper.caption, BODY_FONT, _LEFT)
    for part in paper.parts:
        _WRITERS[type(part)](grid, part)
    if paper.foot:
        grid.line("", BODY_FONT, _LEFT)
        grid.line(paper.foot, BODY_FONT, _LEFT)
    book.save(file)


def _print_setup(page: Worksheet, *, wide: bool) -> None:
    page.page_setup.orientation = "landscape" if wide else "portrait"
    page.page_setup.paperSize = A4
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.5
    page.sheet_view.showGridLines = False
    page.oddFooter.center.text = "第 &P 页 共 &N 页"


class _Grid:
    """The page, filled from above: each row a few cells, each of which spans columns of the grid."""

    def __init__(self, page: Worksheet, unit: float):
        self.page, self.unit, self.row = page, unit, 0
        self._known: dict[tuple[int, int, bool], StyleArray] = {}
        for place in range(1, UNITS + 1):
            page.column_dimensions[get_column_letter(place)].width = unit

    def _looks(self, font: Font, alignment: Alignment, *, framed: bool) -> StyleArray:
        """How cells of one kind look: said once, for openpyxl compares each with all it knows."""
        key = (id(font), id(alignment), framed)
        if key not in self._known:
            cell = Cell(self.page, row=1, column=1)
            cell.font, cell.alignment, cell.number_format = font, alignment, "@"
            if framed:
                cell.border = GRID
            self._known[key] = cell._style
        return self._known[key]

    def line(self, text: str, font: Font, alignment: Alignment, height: float = 0) -> None:
        """One cell across the page, without a frame."""
        self.cells([(UNITS, text, font, alignment)], framed=False, height=height)

    def cells(self, cells: Iterable[tuple[int, str, Font, Alignment]], *, framed: bool = True, height: float = 0):
        """One row: spans and texts, which together are as wide as the page."""
        self.row += 1
        place, lines = 1, 1
        for span, given, font, alignment in cells:
            text = clean_text(given)
            looks = self._looks(font, alignment, framed=framed)
            for covered in range(place, place + span):
                self.page.cell(self.row, covered)._style = looks
            cell = self.page.cell(self.row, place)
            cell.value = literal(text)
            cell.data_type = "s"
            self.page.merged_cells.add(f"{cell.coordinate}:{get_column_letter(place + span - 1)}{self.row}")
            lines = max(lines, lines_of(text, int(span * self.unit)))
            place += span
        self.page.row_dimensions[self.row].height = height or height_of(lines) + PADDING


def _facts(grid: _Grid, facts: Facts) -> None:
    half = UNITS // 2 - LABEL
    waiting: list[tuple[str, str]] = []

    def row(pairs: list[tuple[str, str]], span: int) -> None:
        cells = []
        for label, text in pairs:
            cells += [(LABEL, label, BOLD_FONT, _MIDDLE), (span, text, BODY_FONT, _LEFT)]
        grid.cells(cells)

    for label, text in facts.pairs:
        if label not in facts.wide:
            waiting.append((label, text))
            if len(waiting) == 2:
                row(waiting, half)
                waiting.clear()
            continue
        if waiting:
            row([waiting.pop()], UNITS - LABEL)
        row([(label, text)], UNITS - LABEL)
    if waiting:
        row(waiting, UNITS - LABEL)


def _table(grid: _Grid, table: Table) -> None:
    if table.title:
        grid.line(table.title, _PART, _LEFT, height=26)
    spans = _spans([each.width for each in table.headings])
    grid.cells([(span, each.text, BOLD_FONT, _MIDDLE) for span, each in zip(spans, table.headings, strict=True)])
    for row in table.rows:
        texts = ["" if cell is None else str(cell) for cell in row]
        grid.cells(
            (span, text, BODY_FONT, _LEFT if lines_of(text, SHORT) > 1 else _MIDDLE)
            for span, text in zip(spans, texts, strict=True)
        )


def _spans(widths: list[int]) -> list[int]:
    """The columns of the grid dealt out by width, at least one to each."""
    free, total = UNITS - len(widths), sum(widths)
    spans = [1 + free * width // total for width in widths]
    for place in sorted(range(len(widths)), key=lambda each: -widths[each])[: UNITS - sum(spans)]:
        spans[place] += 1
    return spans


def _words(grid: _Grid, words: Words) -> None:
    grid.line(words.text, BODY_FONT, _LEFT)


_WRITERS = {Facts: _facts, Table: _table, Words: _words}
