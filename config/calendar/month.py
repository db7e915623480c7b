"""A month and a day of the calendar: what stands in them, counted everywhere, by name where it is little."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, QuerySet

from base.calendar import FIRST_YEAR, LAST_YEAR, Occasion, day_of
from config.calendar.kinds import KINDS, Kind, Word
from members.models import Organisation
from members.scope import path_end

NAMED = 60
"""Of more rows of one kind than these a month says only how many there are on each day."""

WORDS = 2
"""Names that one kind may put into one day; of more the number is said."""

LISTED = 100
"""Rows of one kind that the page of a day lists."""


@dataclass(frozen=True)
class Bit:
    """A line in a day: a name with its page, or a number that leads to the page of the day."""

    text: str
    url: str = ""
    planned: bool = False


@dataclass
class Day:
    """One day of a month: its festivals and what stands in it."""

    on: date
    festivals: list[str]
    now: bool = False
    bits: list[Bit] = field(default_factory=list)

    @property
    def marks(self) -> str:
        """How the page marks it: today, or a day on which there is nothing."""
        return "now" if self.now else "" if self.festivals or self.bits else "bare"


@dataclass(frozen=True)
class Section:
    """What stands in one day of one kind: the first rows by name, and how many more there are."""

    kind: Kind
    words: list[Word]
    more: int


def month_asked(text: str, day: date) -> date:
    """The first day of the month written ``2026-11``; of that of ``day`` for anything else or beyond the table."""
    try:
        asked = date.fromisoformat(f"{text}-01")
    except ValueError:
        return day.replace(day=1)
    return asked if FIRST_YEAR <= asked.year <= LAST_YEAR and len(text) == len("2026-11") else day.replace(day=1)


def day_asked(text: str) -> date | None:
    """The day written ``2026-11-07``, if there is such a day in the table."""
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        return None
    return asked if FIRST_YEAR <= asked.year <= LAST_YEAR else None


def neighbours(first: date) -> tuple[date, date]:
    """The first days of the months before and after."""
    return (first - timedelta(days=1)).replace(day=1), _last(first) + timedelta(days=1)


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def festivals(year: int) -> dict[date, list[str]]:
    """The festivals of a year by day."""
    found = defaultdict(list)
    for occasion in Occasion:
        found[day_of(occasion, year)].append(occasion.label)
    return found


def month_of(
    first: date, account, day: date, *, here: Organisation | None = None, kinds: Sequence[Kind] = KINDS
) -> list[Day]:
    """The days of the month that begins on ``first``, for ``account`` as of ``day``.

    As many queries for fifty rows as for one.

    :param here: an organisation to which all is narrowed.
    """
    keeps, last = festivals(first.year), _last(first)
    days = [Day(on, keeps.get(on, []), now=on == day) for on in _days(first, last)]
    for kind in kinds:
        rows = _within(kind, account, first, last, here)
        counts = dict(rows.order_by().values("at").annotate(n=Count("pk")).values_list("at", "n"))
        named = _named(kind, rows, sum(counts.values()), account, day)
        for each in days:
            each.bits.extend(_bits(kind, counts.get(each.on, 0), named.get(each.on, [])))
    return days


def day_of_calendar(
    on: date, account, day: date, *, here: Organisation | None = None, kinds: Sequence[Kind] = KINDS
) -> list[Section]:
    """What stands in one day, kind by kind, the empty ones left out."""
    sections = []
    for kind in kinds:
        rows = _within(kind, account, on, on, here)
        count = rows.count()
        if count:
            words = kind.words(rows.order_by("pk")[:LISTED], account, day)
            sections.append(Section(kind, words, count - len(words)))
    return sections


def _within(kind: Kind, account: Any, first: date, last: date, here: Organisation | None) -> QuerySet:
    rows = kind.rows(account, first, last)
    return rows.filter(**{f"{kind.path}__gte": here.path, f"{kind.path}__lt": path_end(here.path)}) if here else rows


def _named(kind: Kind, rows: QuerySet, count: int, account, day: date) -> dict[date, list[Word]]:
    if not (kind.named and 0 < count <= NAMED):
        return {}
    found = defaultdict(list)
    for word in kind.words(rows.order_by("at", "pk"), account, day):
        found[word.on].append(word)
    return found


def _bits(kind: Kind, count: int, words: list[Word]) -> list[Bit]:
    if 0 < len(words) <= WORDS:
        return [Bit(word.text, word.url, kind.planned) for word in words]
    return [Bit(f"{kind.label} {count} {kind.unit}", planned=kind.planned)] if count else []


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
