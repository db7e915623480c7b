"""Formulas of a superior's workbook follow the rows that are put in: what they refer to below moves down with it, and a
range over the rows is stretched to the last one filled. So is what is printed, coloured, checked and filtered.
"""

import re
from dataclasses import dataclass

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError
from openpyxl.worksheet.cell_range import CellRange, MultiCellRange
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.print_settings import PrintArea
from openpyxl.worksheet.worksheet import Worksheet

_CELL = r"(\$?[A-Za-z]{0,3}\$?)(\d{1,7})"
LAST_ROW = 1_048_576
_REFERENCE = re.compile(rf"(?:('(?:[^']|'')+'|[^'!]+)!)?{_CELL}(?::{_CELL})?")
"""A cell or a range, perhaps of a named sheet; a range may be of whole rows."""


@dataclass(frozen=True)
class Grown:
    """What was done to a sheet: rows were filled from ``first`` to ``last``, and what stood from ``below`` on was moved
    down by ``more`` rows.
    """

    first: int
    below: int
    last: int
    more: int

    def moved(self, row: int) -> int:
        return row + self.more if row >= self.below else row

    def ended(self, start: int, end: int) -> int:
        """Where a range ends now: one over all the rows, or up to the last there was, holds all filled."""
        over = self.first <= end < self.below and (start <= self.first or end == self.below - 1)
        return max(end, self.last) if over else self.moved(end)


def follow(workbook, page: Worksheet, grown: Grown) -> None:
    """Write the formulas of all sheets anew that refer to the rows of ``page``."""
    for sheet in workbook.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                if isinstance(cell.value, ArrayFormula):
                    cell.value.text = followed(cell.value.text or "", sheet.title, page.title, grown)
                    if sheet is page:
                        cell.value.ref = _followed(cell.value.ref, page.title, page.title, grown)
                elif isinstance(cell.value, str):
                    cell.value = followed(cell.value, sheet.title, page.title, grown)


def stretch(page: Worksheet, grown: Grown) -> None:
    """Let what is printed, coloured by a condition, checked when typed, and filtered reach over all rows filled."""
    page.print_area = [_stretched(each.coord, grown) for each in printed(page)]
    formats = ConditionalFormattingList()
    for each in page.conditional_formatting:
        for rule in each.rules:
            rule.formula = [_written(one, page, grown) for one in rule.formula]
            formats.add(_stretched(str(each.sqref), grown), rule)
    page.conditional_formatting = formats
    for each in page.data_validations.dataValidation:
        each.sqref = MultiCellRange(_stretched(str(each.sqref), grown))
        each.formula1, each.formula2 = (one and _written(one, page, grown) for one in (each.formula1, each.formula2))
    if page.auto_filter.ref:  # often drawn over the headings alone
        ref = CellRange(page.auto_filter.ref)
        ref.max_row = max(ref.max_row, grown.first)
        page.auto_filter.ref = _stretched(ref.coord, grown)


def printed(page: Worksheet) -> list[CellRange]:
    """The ranges that are printed, from above; none where all is."""
    return sorted(PrintArea.from_string(page.print_area).ranges, key=lambda each: each.max_row)


def _stretched(said: str, grown: Grown) -> str:
    """Ranges with a space between them, after the sheet grew."""
    found = []
    for each in MultiCellRange(said).ranges:
        each.max_row, each.min_row = min(LAST_ROW, grown.ended(each.min_row, each.max_row)), grown.moved(each.min_row)
        found.append(each.coord)
    return " ".join(found)


def _written(formula: str, page: Worksheet, grown: Grown) -> str:
    """A formula of a condition, which is kept without its sign."""
    return followed(f"={formula}", page.title, page.title, grown)[1:]


def followed(formula: str, on: str, of: str, grown: Grown) -> str:
    """A formula that stands on the sheet ``on`` after the sheet ``of`` grew; one that cannot be read stays as it is."""
    try:
        tokens = Tokenizer(formula)
    except TokenizerError:
        return formula
    for token in tokens.items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            token.value = _followed(token.value, on, of, grown)
    return tokens.render()


def _followed(said: str, on: str, of: str, grown: Grown) -> str:
    found = _REFERENCE.fullmatch(said)
    if not found:
        return said
    sheet, column, row, to_column, to_row = found.groups()
    if (sheet.strip("'").replace("''", "'") if sheet else on) != of:
        return said
    start = int(row)
    where = f"{sheet}!" if sheet else ""
    if to_row is None:
        return f"{where}{column}{grown.moved(start)}"
    return f"{where}{column}{grown.moved(start)}:{to_column}{grown.ended(start, int(to_row))}"
