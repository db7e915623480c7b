"""What a ledger is: a title, the rows as a scoped queryset, columns as (heading, value, width, format, part).

Pages, workbook, import and commands follow from a declaration; a wrong one refuses to import.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice
from operator import attrgetter
from typing import Any

from django.db.models import Aggregate, F, Q, QuerySet

from base.dates import PARTY_FOUNDED
from base.reading import Column as Read
from base.writing import Format, Heading
from duties.board.words import sees_basis
from ledgers.entries import Entering
from members.enums import Capability
from members.models import LATE_DAYS, Membership, Organisation

SHORT = 14
"""Columns up to this width hold names, days and words: they do not wrap on the page."""

AT_ONCE = 1000
"""Rows fetched, with all that belongs to them, in one go."""


YEARS_AHEAD = 10


def years(day: date) -> range:
    """The years in which a period may lie: from that in which the Party was founded to some after ``day``."""
    return range(PARTY_FOUNDED.year, day.year + YEARS_AHEAD + 1)


@dataclass(frozen=True)
class Reader:
    """Who reads a ledger and on which day; no account means a command run by those who run the machine.

    :param as_of: whether what held on ``day`` is asked for, and not what a period holds.
    :param unmasked: whether what is masked may leave as it is, for members whom the account may reveal.
    """

    account: Any | None
    day: date
    as_of: bool = False
    unmasked: bool = False

    def sees(self, sensitive: bool, path: str, person: int | None) -> bool:
        """Whether the basis of a matter at ``path`` about ``person`` may be printed."""
        return self.account is None or sees_basis(self.account, sensitive, path, person)

    def revealed(self, people: set[int]) -> set[int]:
        """Those of the people whose masked values may leave as they are: who stand today where the account reveals."""
        if not (self.unmasked and self.account):
            return set()
        stays = Membership.objects.on(self.account.scope.day).visible_to(self.account, Capability.REVEAL)
        return set(stays.filter(person__in=people).values_list("person", flat=True))


class AsOf(StrEnum):
    """Whether a ledger can show what held on one day. ``FIRST``: it opens with that, not with a period."""

    NEVER = "never"
    OFFERED = "offered"
    FIRST = "first"


class Part(StrEnum):
    """What a column is to an import. ``KEY``: it says which row this is. ``VALUE``: a fact that somebody typed.
    ``COMPUTED``: it follows from others and is never taken from a sheet."""

    KEY = "key"
    VALUE = "value"
    COMPUTED = "computed"


@dataclass(frozen=True)
class Column:
    """One column: its heading, where its value comes from, its width and format, its part in an import.

    ``value`` is a path of attributes as a template writes it (``member.name``), or a function of row and reader.
    ``name`` is what an entry calls it; ``also`` are other headings under which people write it.
    """

    heading: str
    value: str | Callable[[Any, Reader], Any]
    width: int = 12
    format: Format = Format.TEXT
    leads: bool = False
    """Whether the page links the row from this column."""
    part: Part | None = None
    name: str = ""
    also: tuple[str, ...] = ()
    hides: bool = False
    """Whether it is left empty for a reader who may not know what it says."""
    sealed: bool = False
    """Whether it stands in the workbook alone, whose making is audited, and not on the page."""
    meaning: Callable[[str], str] | None = None
    """What its text, without spaces, compares as; where nothing is said, as it stands."""
    bare: str = ""
    """The path of what ``value`` masks; read for an unmasked export alone."""

    @property
    def short(self) -> bool:
        """Whether its text stays on one line."""
        return self.width <= SHORT

    def read(self, row: Any, reader: Reader, *, revealed: bool = False) -> Any:
        value = self.bare if revealed and self.bare else self.value
        if callable(value):
            return value(row, reader)
        for name in value.split("."):
            row = row and getattr(row, name)
        return row() if callable(row) else row


@dataclass(frozen=True)
class Pick:
    """Some of a ledger's rows that may be looked at alone: how they are called, and which they are."""

    label: str
    rows: Q


ENTERED_LATE = {"late": Pick("补录", Q(record__entered_on__gt=F("record__on") + timedelta(days=LATE_DAYS)))}
"""Of a ledger of records: those entered later than they may be without a label."""


@dataclass(frozen=True)
class Ledger:
    """One 台账. Its first column, the running number, is not declared: every ledger has it.

    :param rows: the rows of a period as ``reader`` may see them: (reader, organisation, first day, last day),
        both days included, in order, with everything the columns read.
    :param period: which day of a row decides that it belongs to a period, as a sentence.
    :param tally: words with a gap, and what fills it; the first counts the rows.
    :param prepare: completes a batch of rows with what no join brings.
    :param link: the page a row leads to.
    :param subject: the relation that leads to the member a row is about; none where no row is about anybody.
    :param entering: how new rows are entered; without it all rows are derived, and none is.
    :param group: the heading under which the list of ledgers shows it, among others with the same ``period``.
    :param sensitive: whether its very rows are for those who may see sensitive bases.
    :param needs: what else its rows are for, besides those who look at members.
    :param as_of: whether it can show what held on one day.
    :param picks: what of its rows may be looked at alone, by code.
    """

    code: str
    title: str
    period: str
    rows: Callable[[Reader, Organisation, date, date], QuerySet]
    columns: Sequence[Column]
    tally: Sequence[tuple[str, Aggregate]]
    link: Callable[[Any, Reader], str]
    subject: str = ""
    prepare: Callable[[list, Reader], list] = lambda batch, reader: batch
    entering: Entering | None = None
    group: str = ""
    sensitive: bool = False
    needs: Capability = Capability.VIEW
    as_of: AsOf = AsOf.NEVER
    picks: Mapping[str, Pick] = field(default_factory=dict)

    NUMBER = Heading("序号", 6, Format.NUMBER)

    def __post_init__(self):
        names = [self.NUMBER.text]
        names += [heading for column in self.reads for heading in column.headings]
        if len(set(names)) != len(names):
            raise ImportError(f"台账 {self.code} 的表头有重复：{'、'.join(names)}")
        for column in self.columns:
            if column.part is None:
                raise ImportError(f"台账 {self.code} 的“{column.heading}”没有说导入时算什么")
        nameless = not self.subject or (self.entering and self.entering.nobody)
        needed = {"on"} if nameless else {"on", "name"}
        missing = needed - {column.name for column in self.keys}
        if missing:
            raise ImportError(f"台账 {self.code} 的行认不出来，缺 {'、'.join(sorted(missing))}")

    @property
    def headings(self) -> list[Heading]:
        return [self.NUMBER, *(Heading(c.heading, c.width, c.format) for c in self.columns)]

    @property
    def sealed(self) -> list[Column]:
        """The columns that stand in the workbook alone."""
        return [column for column in self.columns if column.sealed]

    @property
    def masked(self) -> list[Column]:
        """The columns that an unmasked export leaves as they are."""
        return [column for column in self.columns if column.bare]

    @property
    def keys(self) -> list[Column]:
        """The columns that say which row it is."""
        return [column for column in self.columns if column.part == Part.KEY]

    @property
    def computed(self) -> list[Column]:
        return [column for column in self.columns if column.part == Part.COMPUTED]

    @property
    def only(self) -> Sequence[tuple[Read, str]]:
        """What only an import reads, and what it is for."""
        return self.entering.only if self.entering else ()

    @property
    def reads(self) -> list[Read]:
        """What an import looks for in a sheet."""
        printed = [
            Read(column.name or column.heading, (column.heading, *column.also), required=column.part == Part.KEY)
            for column in self.columns
        ]
        return printed + [read for read, _use in self.only]

    def table(
        self, rows: Iterable, reader: Reader, columns: Sequence[Column] | None = None
    ) -> Iterator[tuple[Any, list]]:
        """Each row with its printed values, a batch at a time: as many queries for one row as for a batch.

        :param columns: which of its columns; all of them where none are named.
        """
        columns = self.columns if columns is None else columns
        source = iter(rows)
        about = attrgetter(f"{self.subject.replace('__', '.')}_id") if self.masked else None
        number = 0
        while batch := list(islice(source, AT_ONCE)):
            revealed = reader.revealed({about(row) for row in batch}) if about and reader.unmasked else set()
            for row in self.prepare(batch, reader):
                number += 1
                open_ = bool(revealed) and about(row) in revealed
                yield row, [number, *(column.read(row, reader, revealed=open_) for column in columns)]


def register(*ledgers: Ledger) -> dict[str, Ledger]:
    """The ledgers by code, in the order given; a code given twice refuses to import."""
    known = {ledger.code: ledger for ledger in ledgers}
    if len(known) != len(ledgers):
        raise ImportError(f"台账代号有重复：{'、'.join(ledger.code for ledger in ledgers)}")
    return known
