"""The refused rows as a workbook: the upload's own columns, the bad cells marked, ready to be mended and sent again."""

from collections.abc import Iterator
from io import BytesIO

from base import audit
from base.cells import text_of
from base.reading import Level
from base.writing import Mark, write_returned
from members.roster.parse import RosterRow
from members.roster.plan import Plan


def export_refused(plan: Plan) -> BytesIO:
    """The rows that were not taken, under the rows down to the header as they stood in the upload.

    It holds nothing but what the upload held; the sentences never say what is known elsewhere.
    """
    audit.write(audit.Act.EXPORT, "roster", refused=len(plan.refused))
    top = [[text_of(cell) for cell in cells] for cells in plan.sheet.top]
    return write_returned(title="退回的行", top=top, lines=_lines(plan))


def _lines(plan: Plan) -> Iterator[tuple[list[str], dict[int, Mark]]]:
    places = {heading: plan.sheet.places[name] for name, heading in plan.sheet.headings.items()}
    for row in plan.refused:
        yield [text_of(cell) for cell in row.cells.row.cells], _marks(row, places)


def _marks(row: RosterRow, places: dict[str, int]) -> dict[int, Mark]:
    """The errors and doubts of a row by the place of their cell; what was repaired needs no mending."""
    marks: dict[int, Mark] = {}
    for finding in row.cells.findings:
        if finding.level == Level.REPAIRED or finding.column not in places:
            continue
        place, wrong = places[finding.column], finding.level == Level.ERROR
        before = marks.get(place)
        text = f"{before.text}\n{finding.message}" if before else f"原表第 {finding.row} 行：{finding.message}"
        marks[place] = Mark(text, wrong or bool(before and before.wrong))
    return marks
