"""The preview of a roster as the page shows it: counts, and one list at a time. Writes nothing, asks nothing."""

from dataclasses import dataclass

from base.cells import text_of
from base.reading import Finding, Level, Row
from base.sealed import mask_address, mask_id, mask_phone
from members.models import Membership
from members.roster.columns import COLUMNS
from members.roster.plan import Outcome, Plan, Planned

SHOWN = 300
"""Rows of one list on the page; the counts always say how many there are."""

_MASKS = {"id_number": mask_id, "phone": mask_phone, "landline": mask_phone, "address": mask_address}


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
    unit: str = "行"


class Preview:
    """What the page shows of a plan."""

    limit = SHOWN

    def __init__(self, plan: Plan, chosen: str = ""):
        self.plan = plan
        self.report = plan.report()
        codes = [tab.code for tab in self.tabs]
        wanted = [tab.code for tab in self.tabs if tab.count]
        self.tab = chosen if chosen in codes else (wanted or codes)[0]

    @property
    def tabs(self) -> list[Tab]:
        return [
            Tab("refused", "有错", self.report.refused),
            Tab("warnings", "请确认", len(self._rows_with(Level.WARNING))),
            Tab("updated", "有变化", self.report.updated),
            Tab("created", "新增", self.report.created),
            Tab("absent", "名册里没有", len(self.plan.absent), "人"),
            Tab("repaired", "已修正", len(self._rows_with(Level.REPAIRED))),
            Tab("columns", "列的对应", len(self.plan.sheet.headings), "列"),
        ]

    @property
    def writable(self) -> int:
        """How many rows would be written."""
        return self.report.created + self.report.updated

    @property
    def rows(self) -> int:
        return len(self.plan.sheet.rows)

    @property
    def remarks(self) -> list[Remark]:
        """The findings of the chosen list."""
        levels = {"refused": Level.ERROR, "warnings": Level.WARNING, "repaired": Level.REPAIRED}
        return self._remarks(levels[self.tab])[:SHOWN] if self.tab in levels else []

    @property
    def planned(self) -> list[Planned]:
        """The rows of the chosen list that would be written."""
        outcomes = {"updated": Outcome.UPDATED, "created": Outcome.CREATED}
        return self.plan.of(outcomes[self.tab])[:SHOWN] if self.tab in outcomes else []

    @property
    def absent(self) -> list[Membership]:
        """Members whom the roster does not name, by branch."""
        return self.plan.absent[:SHOWN]

    @property
    def shown_of(self) -> int:
        """How many the chosen list has, where the page shows fewer; else 0."""
        sizes = {
            "updated": self.report.updated, "created": self.report.created, "absent": len(self.plan.absent),
        }  # fmt: skip
        levels = {"refused": Level.ERROR, "warnings": Level.WARNING, "repaired": Level.REPAIRED}
        size = sizes.get(self.tab) or (len(self._remarks(levels[self.tab])) if self.tab in levels else 0)
        return size if size > SHOWN else 0

    @property
    def transfers(self) -> int:
        """How many members change their branch."""
        return len(self.plan.transfers)

    @property
    def absent_count(self) -> int:
        return len(self.plan.absent)

    @property
    def header_row(self) -> int:
        return self.plan.sheet.header_row

    @property
    def ignored(self) -> list[str]:
        """Headings that nobody asked for."""
        return self.plan.sheet.ignored

    @property
    def columns(self) -> list[tuple[str, str]]:
        """What stands under which heading of the file."""
        known = {column.name: column.headings[0] for column in COLUMNS}
        return [(heading, known[name]) for name, heading in self.plan.sheet.headings.items()]

    def _remarks(self, level: Level) -> list[Remark]:
        rows = [*self.plan.refused, *(planned.row for planned in self.plan.rows)]
        names = {heading: name for name, heading in self.plan.sheet.headings.items()}
        found = []
        for row in rows:
            for finding in row.cells.findings:
                if finding.level == level:
                    cell = self._cell(row.cells.row, names.get(finding.column, ""))
                    found.append(Remark(finding, row.name or "（无姓名）", cell))
        return sorted(found, key=lambda remark: remark.finding.row)

    def _rows_with(self, level: Level) -> set[int]:
        return {finding.row for finding in self.plan.findings if finding.level == level}

    @staticmethod
    def _cell(row: Row, name: str) -> str:
        text = text_of(row.value(name))
        return _MASKS[name](text) if name in _MASKS else text[:40]
