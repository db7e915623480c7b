"""One ledger of one organisation for one period, as one reader sees it at one moment: page and workbook alike.

A layout picks and names its columns; in a superior's own sheet it also says where they go.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, BinaryIO

from django.db.models import Subquery, Value
from django.utils import timezone

from base import audit
from base.writing import LAST_NARROW, Heading, Sheet, write_workbook
from ledgers.filling import MOST_ROWS, fill
from ledgers.layouts import known_columns, laid_out
from ledgers.ledger import AT_ONCE, Column, Ledger, Reader
from ledgers.models import Layout
from members.models import Organisation

PREVIEW = 50
FEW = 10_000
"""Rows up to which a page says how many there are and what they come to; of more, the workbook says it."""
NOT_IN_FILE_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
"""What Windows takes in no file's name; titles of layouts are typed by hand."""


@dataclass(frozen=True)
class Extract:
    """:param account: the reader; ``None`` for a command. :param first, last: the period, both days included.
    :param layout: how a superior wants it; none: as declared. :param paper: the number under which the paper is filed.
    :param held_on: the day of which it shows what held, instead of the period.
    :param reason: why what is masked leaves as it is; without one it stays masked.
    :param pick: which of its rows alone, by code (:attr:`Ledger.picks`).
    :param handed_on: whether it goes to others than the reader: without the columns that are not for everybody.
    """

    ledger: Ledger
    account: Any | None
    organisation: Organisation
    first: date
    last: date
    at: datetime
    layout: Layout | None = None
    paper: str = ""
    held_on: date | None = None
    reason: str = ""
    handed_on: bool = False
    pick: str = ""

    @cached_property
    def columns(self) -> list[Column]:
        """The columns that go out, under the headings they have there."""
        return [each for each in laid_out(self.ledger, self.layout) if not (self.handed_on and each.hides)]

    @property
    def on_page(self) -> list[Column]:
        """Those of them that the page shows."""
        return [column for column in self.columns if not column.sealed]

    @property
    def title(self) -> str:
        return (self.layout and self.layout.title) or self.ledger.title

    @property
    def today(self) -> date:
        """The day on which it is made."""
        return timezone.localtime(self.at).date()

    @cached_property
    def reader(self) -> Reader:
        return Reader(self.account, self.held_on or self.today, bool(self.held_on), bool(self.reason))

    @property
    def masked(self) -> list[Column]:
        """Those of its columns that are masked unless a reason is given."""
        return [column for column in self.columns if column.bare]

    @property
    def opened(self) -> list[Column]:
        """Those of its columns that are not for everybody as they stand in it: what it masks no more, and what is told
        to some alone. None while all is masked.
        """
        return [column for column in self.columns if column.bare or column.hides] if self.reason else []

    @cached_property
    def rows(self):
        first, last = (self.held_on, self.held_on) if self.held_on else (self.first, self.last)
        rows = self.ledger.rows(self.reader, self.organisation, first, last)
        return rows.filter(self.ledger.picks[self.pick].rows) if self.pick else rows

    @cached_property
    def at_most(self) -> int:
        """How many rows there are; of more than :data:`FEW` one more than that, so that a million need no counting."""
        return self.rows.order_by().values("pk")[: FEW + 1].count()

    @property
    def many(self) -> bool:
        return self.at_most > FEW

    @property
    def amount(self) -> str:
        """How many rows there are, as a page says it."""
        return f"超过 {FEW:,}" if self.many else f"{self.at_most:,}"

    @cached_property
    def head(self) -> list:
        """The first rows; unless they are many, each with the numbers of the tally (``n0``, ``n1`` …)."""
        if self.many:
            return list(self.rows[:PREVIEW])
        counted = self.rows.order_by().values(all=Value(1))
        tally = {
            f"n{place}": Subquery(counted.annotate(n=aggregate).values("n"))
            for place, (_words, aggregate) in enumerate(self.ledger.tally)
        }
        return list(self.rows.annotate(**tally)[:PREVIEW])

    @cached_property
    def tally(self) -> list[tuple[str, int]]:
        """Each phrase of the ledger's tally with its number; from the first rows where they are there already."""
        phrases = [words for words, _aggregate in self.ledger.tally]
        if "head" in self.__dict__ and not self.many:
            row = self.head[0] if self.head else None
            numbers = [getattr(row, f"n{place}", 0) for place in range(len(phrases))]
        else:
            aggregates = {f"n{place}": aggregate for place, (_words, aggregate) in enumerate(self.ledger.tally)}
            numbers = self.rows.order_by().aggregate(**aggregates).values()
        return list(zip(phrases, numbers, strict=True))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.tally[0][1]

    @property
    def refused(self) -> str:
        """Why it does not go out in this layout; empty if it does."""
        if self.layout and self.layout.book and self.count > MOST_ROWS:
            return f"有 {self.count:,} 行，上级的表一次最多填 {MOST_ROWS:,} 行。请缩短期间，或按支部分开导出。"
        return ""

    @property
    def totals(self) -> list[str]:
        return [words.format(_figure(number, money=words.endswith("元"))) for words, number in self.tally]

    @property
    def summary(self) -> list[str]:
        """What a page says of all rows."""
        return [f"超过 {FEW:,} 行", "合计见导出的表"] if self.many else self.totals

    @property
    def period(self) -> str:
        days = f"截至 {self.held_on}" if self.held_on else f"{self.first} 至 {self.last}"
        return f"{days}，只列{self.picked}的" if self.pick else days

    @property
    def picked(self) -> str:
        """How the rows are called that alone are in it; empty where all are."""
        return self.ledger.picks[self.pick].label if self.pick else ""

    @property
    def warning(self) -> str:
        """That it holds what is masked elsewhere, and for what; empty where all is masked."""
        if not self.opened:
            return ""
        who = self.account.person.name
        what = "、".join(column.heading for column in self.opened)
        return (
            f"说明：本表含未脱敏的个人信息（{what}），{who} {self.as_of} 导出，用途：{self.reason}。"
            "只作这一用途，用后按规定保管或销毁。"
        )

    @property
    def as_of(self) -> str:
        return f"{timezone.localtime(self.at):%Y-%m-%d %H:%M}"

    @property
    def file_name(self) -> str:
        """Whose, what, when: no member's name. The header's encoding is the response's matter."""
        when = f"截至{self.held_on}" if self.held_on else f"{self.first}_{self.last}"
        whose = self.organisation.label[:60]
        name = "_".join(filter(None, [self.title, self.picked, whose, when, "未脱敏" if self.reason else ""]))
        return f"{NOT_IN_FILE_NAMES.sub('', name)}.xlsx"

    def preview(self) -> list[dict]:
        """The first rows: the number, the cells beside their columns, and the page the row leads to."""
        columns = self.on_page
        return [
            {
                "number": cells[0],
                "cells": list(zip(columns, cells[1:], strict=True)),
                "url": self.ledger.link(row, self.reader),
            }
            for row, cells in self.ledger.table(self.head, self.reader, columns)
        ]

    def sheet(self) -> Sheet:
        """All that is printed; the rows are fetched while they are written."""
        headings = [self.ledger.NUMBER, *(Heading(c.heading, c.width, c.format) for c in self.columns)]
        return Sheet(
            title=self.title,
            unit=self.organisation.name,
            period=self.period,
            as_of=self.as_of,
            headings=headings,
            rows=self.cells(),
            filled_by=self.account.person.name if self.account else "",
            signed_on=self.today,
            totals=_placed(self.totals, headings),
            signers=_signers(self.layout),
            paper=self.paper,
            warning=self.warning,
        )

    def cells(self) -> Iterator[list]:
        """All rows, each its number and the values of the columns, fetched while they are asked for."""
        rows = self.rows.iterator(chunk_size=AT_ONCE)
        return (cells for _row, cells in self.ledger.table(rows, self.reader, self.columns))


def _figure(number: float, *, money: bool) -> str:
    """A number as it is printed: money with two decimals, all else without needless noughts."""
    if money:
        return f"{number:,.2f}"
    return f"{number:,}" if number != int(number) else f"{int(number):,}"


def _placed(totals: list[str], headings: list[Heading]) -> list[str]:
    """The last row: each total in the next column that is wide enough for it; what finds none in the last of them."""
    cells, at = ["合计", *[""] * (len(headings) - 1)], 1
    for total in totals:
        wide = sum(2 if ord(letter) > LAST_NARROW else 1 for letter in total)
        fits = (place for place in range(at, len(headings)) if headings[place].width >= wide)
        place = next(fits, min(at, len(headings) - 1))
        cells[place] = "，".join(each for each in (cells[place], total) if each)
        at = place + 1
    return cells


def _signers(layout: Layout | None) -> tuple[str, ...]:
    named = tuple(each for each in re.split(r"[、，,\s]+", layout.signers) if each) if layout else ()
    return named or ("审核人",)


def export(extract: Extract, file: BinaryIO, watch: Callable[[Iterable], Iterable] = iter) -> None:
    """Write the extract into ``file`` as a workbook, and rewind it, in the same small memory however long it is.

    The audit row is written before the file, and stays if making it fails.

    :param watch: the rows pass through it on their way, to be counted or stopped.
    :raises SheetRefused: for more rows than a superior's own sheet takes.
    """
    layout = extract.layout
    audit.write(
        audit.Act.EXPORT,
        f"organisation:{extract.organisation.pk}",
        reason=extract.reason,
        ledger=extract.ledger.code,
        first=str(extract.first),
        last=str(extract.last),
        rows=extract.count,
        **({"layout": layout.pk} if layout else {}),
        **({"held_on": str(extract.held_on)} if extract.held_on else {}),
        **({"pick": extract.pick} if extract.pick else {}),
        **({"unmasked": "、".join(column.heading for column in extract.opened)} if extract.opened else {}),
    )
    if layout and layout.book:
        numbered = [extract.ledger.NUMBER.text, *(own for own, *_ in known_columns(extract.ledger, layout))]
        places = [(numbered.index(own), place) for own, _heading, place in layout.columns if own in numbered]
        filled = fill(
            bytes(layout.book), layout.sheet, layout.first_row, places, watch(extract.cells()), warning=extract.warning
        )
        shutil.copyfileobj(filled, file)
        file.seek(0)
        return
    sheet = extract.sheet()
    sheet.rows = watch(sheet.rows)
    write_workbook(sheet, file)
