"""What the books of a fund add up to: on a day, over a period, by month. Sums are whole fen.

Whole months are read from :class:`~fund.models.MonthTotal`; only the days a period takes from a month in part are added
up from vouchers, by the database. So a page costs the same however long the journal is.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Case, F, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from base.money import Source
from fund.journal import WAYS
from fund.models import Act, Fund, Kind, MonthTotal, Use, Voucher

_POT = ("act", "source", "earmark", "use")


@dataclass(frozen=True)
class Total:
    """What the vouchers of one act, source, earmark and use add up to, in fen and in number; reversals count against.

    ``month`` is 0 where months were added together.
    """

    act: str
    source: str
    earmark: str
    use: str
    amount: int
    vouchers: int
    month: int = 0

    def changes(self, *kinds: Kind) -> int:
        """By how much the accounts of these kinds grew."""
        taken, given = WAYS[Act(self.act)]
        return self.amount * ((given in kinds) - (taken in kinds))


def _months(fund: Fund, first: date | None, last: date) -> QuerySet:
    """The totals of the months from that of ``first``, or from the beginning, to that of ``last``."""
    rows = MonthTotal.objects.filter(fund=fund, year__lte=last.year).exclude(year=last.year, month__gt=last.month)
    if first:
        rows = rows.filter(year__gte=first.year).exclude(year=first.year, month__lt=first.month)
    return rows


def _days(fund: Fund, first: date, last: date) -> Iterator[Total]:
    """The vouchers of some days, added up by the database."""
    sign = Case(When(reverses=None, then=1), default=-1)
    pots = {
        "source": F("taken__source"),
        "earmark": F("taken__earmark"),
        "use": Coalesce("reservation__use", Value("")),
    }
    rows = Voucher.objects.filter(fund=fund, on__range=(first, last)).values("act", **pots)
    for row in rows.annotate(fen=Sum(sign * F("amount")), n=Sum(sign)).order_by(*_POT):
        yield Total(*(row[name] for name in _POT), row["fen"], row["n"])


def totals(fund: Fund, last: date, first: date | None = None) -> list[Total]:
    """What was entered for the days from ``first``, or from the beginning, to ``last``, both included."""
    found: list[Total] = []
    begin, end = first, last
    if first and (first.year, first.month) == (last.year, last.month) and not (_begins(first) and _ends(last)):
        return list(_days(fund, first, last))
    if first and not _begins(first):
        found += _days(fund, first, _month_end(first))
        begin = _month_end(first) + timedelta(days=1)
    if not _ends(last):
        found += _days(fund, last.replace(day=1), last)
        end = last.replace(day=1) - timedelta(days=1)
    if begin is None or begin <= end:
        rows = _months(fund, begin, end).values(*_POT).annotate(fen=Sum("amount"), n=Sum("vouchers"))
        found += [Total(*(row[name] for name in _POT), row["fen"], row["n"]) for row in rows.order_by(*_POT)]
    return found


def by_month(fund: Fund, year: int) -> list[Total]:
    """What was entered for each month of a year."""
    rows = MonthTotal.objects.filter(fund=fund, year=year).order_by("month", *_POT)
    return [Total(*row) for row in rows.values_list(*_POT, "amount", "vouchers", "month")]


def held(found: Iterable[Total]) -> int:
    """What lies in the fund, available or reserved."""
    return sum(each.changes(Kind.AVAILABLE, Kind.RESERVED) for each in found)


def balance(fund: Fund, on: date) -> int:
    """What the fund held at the end of a day: what its bank account ought to show."""
    return held(totals(fund, on))


def _begins(day: date) -> bool:
    return day.day == 1


def _ends(day: date) -> bool:
    return day == _month_end(day)


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


@dataclass
class Line:
    """One source over a period: before + income − passed − spent − reserved = available."""

    source: str = ""
    before: int = 0
    received: int = 0
    got: int = 0
    passed: int = 0
    spent: int = 0
    reserved: int = 0
    earmarked: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    """What is available for one use alone, by use."""

    @property
    def label(self) -> str:
        return Source(self.source).label if self.source else "合计"

    restriction: str = ""
    """What alone it may be spent on, in words."""

    @property
    def income(self) -> int:
        """What came in, from outside and from the fund above."""
        return self.received + self.got

    @property
    def out(self) -> int:
        """What was spent, less what came back of it, and what was passed down."""
        return self.passed + self.spent

    @property
    def held(self) -> int:
        """What lies in the fund at the end, available or reserved."""
        return self.before + self.income - self.out

    @property
    def available(self) -> int:
        return self.held - self.reserved

    @property
    def earmarks(self) -> list[tuple[str, int]]:
        """What of it serves one use alone: (the use, fen)."""
        return [(Use(use).label, fen) for use, fen in sorted(self.earmarked.items()) if fen]

    def add(self, each: Total) -> None:
        if each.act == Act.RECEIVE:
            self.received += each.amount
        elif each.act == Act.GET_DOWN:
            self.got += each.amount
        elif each.act == Act.HAND_DOWN:
            self.passed += each.amount
        self.spent += each.changes(Kind.SPENT)
        self._keep(each)

    def begin(self, each: Total) -> None:
        self.before += each.changes(Kind.AVAILABLE, Kind.RESERVED)
        self._keep(each)

    def _keep(self, each: Total) -> None:
        self.reserved += each.changes(Kind.RESERVED)
        if each.earmark:
            self.earmarked[each.earmark] += each.changes(Kind.AVAILABLE)


def lines(before: Iterable[Total], within: Iterable[Total]) -> tuple[list[Line], Line]:
    """Each source that ever had money, in the order of sources, and all of them together."""
    found: dict[str, Line] = {}
    whole = Line()
    for each in before:
        for line in (found.setdefault(each.source, Line(each.source)), whole):
            line.begin(each)
    for each in within:
        for line in (found.setdefault(each.source, Line(each.source)), whole):
            line.add(each)
    return [found[source] for source in Source if source in found], whole


@dataclass
class Month:
    """One month of a year: what came in, what went out (spent or passed down), what was there at its end."""

    month: int
    income: int = 0
    out: int = 0
    held: int = 0


def months(before: int, within: Iterable[Total], last: int) -> list[Month]:
    """The months of a year to ``last``, of what was there before and what each brought."""
    year = {number: Month(number) for number in range(1, last + 1)}
    for each in within:
        here = year[each.month]
        here.income += each.amount * (each.act in (Act.RECEIVE, Act.GET_DOWN))
        here.out += each.changes(Kind.SPENT) + each.amount * (each.act == Act.HAND_DOWN)
    for each in year.values():
        each.held = before = before + each.income - each.out
    return list(year.values())


@dataclass
class Spent:
    """What was spent on one use over a period: fen, and how many payments."""

    use: str
    amount: int = 0
    payments: int = 0

    @property
    def label(self) -> str:
        return Use(self.use).label


def by_use(within: Iterable[Total]) -> list[Spent]:
    """What was spent on each use, in the order of uses. What came back counts against the sum, not the payments."""
    found: dict[str, Spent] = {}
    for each in within:
        if each.act in (Act.SPEND, Act.REPAY):
            row = found.setdefault(each.use, Spent(each.use))
            row.amount += each.changes(Kind.SPENT)
            row.payments += each.vouchers * (each.act == Act.SPEND)
    return [found[use] for use in Use if use in found]
