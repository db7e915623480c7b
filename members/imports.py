"""What every import answers: how many rows became what, and what is to be said about cells."""

from dataclasses import dataclass, field

from django.db import IntegrityError

from base.reading import Finding, SheetRefused

SAME_TIME = "同一时间有另一份表在写入，这一份没有写入任何内容，请再试一次。"


@dataclass
class ImportReport:
    """Counts of rows and the findings, in the order of the sheet. A transfer counts as one update."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    findings: list[Finding] = field(default_factory=list)

    def counts(self) -> dict:
        return {
            "created": self.created, "updated": self.updated, "unchanged": self.unchanged, "refused": self.refused,
        }  # fmt: skip

    def as_dict(self) -> dict:
        return {**self.counts(), "findings": [finding.as_dict() for finding in self.findings]}

    def lines(self) -> list[str]:
        """For people: one line of counts, then one for each finding."""
        counts = f"新增 {self.created}，有变化 {self.updated}，不变 {self.unchanged}，未写入 {self.refused}。"
        return [counts, *(f"  {_LEVELS[finding.level]} {finding}" for finding in self.findings)]


_LEVELS = {"error": "[有错]", "warning": "[请确认]", "repaired": "[已修正]"}


class raced:
    """Turns the database's refusal of a second, simultaneous import into a sentence; stands around the transaction."""

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, IntegrityError):
            raise SheetRefused(SAME_TIME) from error
        return False
