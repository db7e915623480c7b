"""督查指标 as a workbook: the figures and columns of the page, of all organisations it would show on its pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from django.utils import timezone

from base import audit
from base.writing import Format, Heading, Sheet, write_workbook
from ledgers.extract import NOT_IN_FILE_NAMES
from ledgers.indicators import KINDS, Asked, Figures
from members.models import Organisation

_PLACE, _MEMBERS, _LATE = (
    Heading("党组织", 24),
    Heading("党员", 8, Format.NUMBER),
    Heading("过期没办", 10, Format.NUMBER),
)
_COLUMNS = {"done": "已办结", "due": "应办", "before": "上年同期", "may": "可以办的已办"}
"""What the page says of each kind, in its order; the last two only where there is something to say."""
_ALWAYS = ("done", "due")


@dataclass(frozen=True)
class IndicatorSheet:
    """One organisation and those put beside it.

    :param found: the figures of each, as :meth:`ledgers.indicators.Asked.figures` gives them.
    :param living: how many members each has. :param beside: in a word, with whom it is put side by side.
    """

    asked: Asked
    here: Organisation
    found: Sequence[Figures]
    living: Mapping[int, int]
    beside: str
    at: datetime

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Kind and figure of each column."""
        told = {
            (kind, name) for each in self.found for kind in KINDS for name in _COLUMNS if each.of(kind)[name]
        }  # fmt: skip
        shown = [kind for kind in KINDS if any((kind, name) in told for name in ("due", "may", "before"))]
        return [(kind, name) for kind in shown for name in _COLUMNS if name in _ALWAYS or (kind, name) in told]

    @property
    def file_name(self) -> str:
        whose = NOT_IN_FILE_NAMES.sub("", self.here.label[:60])
        return f"督查指标_{whose}_{self.asked.span.year}.xlsx"

    def sheet(self) -> Sheet:
        columns, span = self.columns, self.asked.span
        withheld = any(self.asked.withholds(each.organisation.path) for each in self.found)
        left_out = "，不含限有权限的同志看的事项" if withheld else ""
        headings = [Heading(f"{KINDS[kind][0]} {_COLUMNS[name]}", 10, Format.NUMBER) for kind, name in columns]
        local = timezone.localtime(self.at)
        return Sheet(
            title=f"{span.year} 年督查指标", unit=self.here.name,
            period=f"{span.year} 年，与{self.beside}并排{left_out}",
            as_of=f"{span.as_of}（{local:%Y-%m-%d %H:%M} 导出）", headings=[_PLACE, _MEMBERS, *headings, _LATE],
            rows=[
                [
                    each.organisation.label, self.living.get(each.organisation.pk, 0),
                    *(each.of(kind)[name] for kind, name in columns), each.whole["late"],
                ]
                for each in self.found
            ],
            filled_by=self.asked.account.person.name, signed_on=local.date(),
        )  # fmt: skip

    def export(self) -> BytesIO:
        """The workbook; its audit row is written before it."""
        audit.write(
            audit.Act.EXPORT, f"organisation:{self.here.pk}", ledger="indicators", year=self.asked.span.year,
            rows=len(self.found),
        )  # fmt: skip
        file = BytesIO()
        write_workbook(self.sheet(), file)
        return file
