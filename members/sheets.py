"""What a sheet would do, row by row, and how its preview shows it. Writes nothing."""

from dataclasses import dataclass, field
from enum import StrEnum

from base.cells import text_of
from base.reading import CellReader, Finding, Level, Sheet
from base.sealed import mask_id
from members.imports import ImportReport

SHOWN = 300
"""Rows of one list on the page; the counts always say how many there are."""


class Outcome(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Change:
    """One line of the preview: what changes, from what, to what."""

    label: str
    old: str
    new: str


@dataclass
class Line:
    """What one acceptable row would do: whose row it is, where it stands in the tree, what it changes."""

    cells: CellReader
    name: str
    outcome: Outcome
    where: str = ""
    changes: list[Change] = field(default_factory=list)


@dataclass
class SheetPlan:
    """What writing a sheet would do. ``lines`` are its acceptable rows, in the order of the sheet."""

    sheet: Sheet
    readers: list[CellReader]
    lines: list[Line] = field(default_factory=list)

    def of(self, outcome: Outcome) -> list[Line]:
        return [line for line in self.lines if line.outcome == outcome]

    @property
    def refused(self) -> list[CellReader]:
        return [reader for reader in self.readers if reader.refused]

    def report(self) -> ImportReport:
        return ImportReport(
            created=len(self.of(Outcome.CREATED)), updated=len(self.of(Outcome.UPDATED)),
            unchanged=len(self.of(Outcome.UNCHANGED)), refused=len(self.readers) - len(self.lines),
            findings=[finding for reader in self.readers for finding in reader.findings],
        )  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """One finding with whose row it is and what the cell holds, masked where it is sealed."""

    finding: Finding
    name: str
    cell: str


@dataclass(frozen=True)
class Tab:
    """One list of the preview, with its number of rows."""

    code: str
    label: str
    count: int


class Preview:
    """What the page shows of a plan: counts, and one list at a time."""

    limit = SHOWN

    def __init__(self, plan: SheetPlan, chosen: str = ""):
        self.plan = plan
        self.report = plan.report()
        self.tabs = [
            Tab("refused", "有错", self.report.refused),
            Tab("warnings", "请确认", len({remark.finding.row for remark in self._remarks(Level.WARNING)})),
            Tab("updated", "有变化", self.report.updated),
            Tab("created", "新增", self.report.created),
            Tab("unchanged", "不变", self.report.unchanged),
            Tab("repaired", "已修正", len({remark.finding.row for remark in self._remarks(Level.REPAIRED)})),
        ]
        wanted = [tab.code for tab in self.tabs if tab.count] or ["refused"]
        self.tab = chosen if chosen in [tab.code for tab in self.tabs] else wanted[0]
        levels = {"refused": Level.ERROR, "warnings": Level.WARNING, "repaired": Level.REPAIRED}
        found = self._remarks(levels[self.tab]) if self.tab in levels else []
        lines = [] if self.tab in levels else plan.of(Outcome(self.tab))
        self.remarks, self.lines = found[:SHOWN], lines[:SHOWN]
        self.shown_of = size if (size := len(found) + len(lines)) > SHOWN else 0
        """How many the chosen list has, where the page shows fewer; else 0."""

    @property
    def rows(self) -> int:
        return len(self.plan.sheet.rows)

    @property
    def writable(self) -> int:
        """How many rows would be written."""
        return self.report.created + self.report.updated

    def _remarks(self, level: Level) -> list[Remark]:
        names = {heading: name for name, heading in self.plan.sheet.headings.items()}
        found = []
        for cells in self.plan.readers:
            values = cells.row.values
            for finding in cells.findings:
                if finding.level == level:
                    name = names.get(finding.column, "")
                    text = text_of(values.get(name))
                    cell = mask_id(text) if name == "id_number" else text[:40]
                    found.append(Remark(finding, text_of(values.get("name"))[:40] or "（无名称）", cell))
        return found
