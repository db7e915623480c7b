"""The refused rows of a sheet as a workbook: the upload's own columns, the bad cells marked, to be mended.

It holds nothing but what the upload held; the sentences never say what is known elsewhere.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO

from base.cells import text_of
from base.reading import CellReader, Level, Sheet
from base.writing import Mark, write_returned


def returned(sheet: Sheet, rows: Iterable[CellReader]) -> BytesIO:
    """The given rows under the rows down to the header as they stood in the upload. The audit row is the caller's."""
    top = [[text_of(cell) for cell in cells] for cells in sheet.top]
    return write_returned(title="退回的行", top=top, lines=_lines(sheet, rows))


def _lines(sheet: Sheet, rows: Iterable[CellReader]) -> Iterator[tuple[list[str], dict[int, Mark]]]:
    places = {heading: sheet.places[name] for name, heading in sheet.headings.items()}
    for cells in rows:
        yield [text_of(cell) for cell in cells.row.cells], _marks(cells, places)


def _marks(cells: CellReader, places: dict[str, int]) -> dict[int, Mark]:
    """The errors and doubts of a row by the place of their cell; what was repaired needs no mending.

    What is to be said of a column that the upload lacks stands at the row's first cell.
    """
    marks: dict[int, Mark] = {}
    for finding in cells.findings:
        if finding.level == Level.REPAIRED:
            continue
        place, wrong = places.get(finding.column, 0), finding.level == Level.ERROR
        before = marks.get(place)
        text = f"{before.text}\n{finding.message}" if before else f"原表第 {finding.row} 行：{finding.message}"
        marks[place] = Mark(text, wrong or bool(before and before.wrong))
    return marks
