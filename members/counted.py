"""党龄 of many members at once: what :mod:`members.standing` says of one, as expressions of the database.

``since`` and ``july_year`` are NULL where the years are not known. Built from the same table of regimes; a test holds
both against each other on every boundary.
"""

from collections.abc import Callable

from django.db.models import Case, DateField, F, Func, IntegerField, Q, Value, When

from members.enums import Precision
from members.standing import EARLIEST_JOINING, REGIMES, Probation


class MonthsEarlier(Func):
    """A day so many months earlier; the month's last day where there is no such day (民法典 202 条)."""

    output_field = DateField()

    def as_sqlite(self, compiler, connection, **context):
        (day, of_day), (months, of_months) = (compiler.compile(each) for each in self.source_expressions)
        plain = f"DATE({day}, (-{months}) || ' months')"
        last = f"DATE({day}, 'start of month', (1 - {months}) || ' months', '-1 day')"
        return f"MIN({plain}, {last})", [*of_day, *of_months, *of_day, *of_months]

    def as_postgresql(self, compiler, connection, **context):
        (day, of_day), (months, of_months) = (compiler.compile(each) for each in self.source_expressions)
        return f"({day} - MAKE_INTERVAL(months => {months}))::date", [*of_day, *of_months]


class YearAfterDays(Func):
    """The calendar year in which the day lies that comes so many days after another."""

    output_field = IntegerField()

    def as_sqlite(self, compiler, connection, **context):
        (day, of_day), (days, of_days) = (compiler.compile(each) for each in self.source_expressions)
        return f"CAST(STRFTIME('%%Y', DATE({day}, ({days}) || ' days')) AS INTEGER)", [*of_day, *of_days]

    def as_postgresql(self, compiler, connection, **context):
        (day, of_day), (days, of_days) = (compiler.compile(each) for each in self.source_expressions)
        return f"EXTRACT(YEAR FROM ({day} + ({days})::int))::int", [*of_day, *of_days]


TO_NEW_YEAR = 183
"""Days from 2 July to the next New Year's Day, leap year or not: 1 July stays in its own year."""

_WAIT = {Precision.MONTH: TO_NEW_YEAR + 1, Precision.YEAR: TO_NEW_YEAR + 364}
"""Of a day known to the month or the year, the last day it can be is waited for."""


def counted_since(at: str = "") -> Case:
    """The day the years count from, the correction among them.

    :param at: the way to the person, ``person__``.
    """
    return _by_regime(at, lambda name: _corrected(at, name), DateField())


def counted_july_year(at: str = "") -> Case:
    """The first year on whose 1 July the years have surely begun: full years on a 1 July follow by adding."""

    def year(name: str) -> YearAfterDays:
        known = f"{at}{name.removesuffix('_on')}_precision"
        waits = (When(**{known: precision}, then=Value(days)) for precision, days in _WAIT.items())
        return YearAfterDays(_corrected(at, name), Case(*waits, default=Value(TO_NEW_YEAR)))

    return _by_regime(at, year, IntegerField())


def _corrected(at: str, name: str) -> Case:
    day, months = F(f"{at}{name}"), F(f"{at}seniority_months")
    return Case(When(**{f"{at}seniority_months": 0}, then=day), default=MonthsEarlier(day, months))


def _by_regime(at: str, of: Callable, kind) -> Case:
    """What ``of`` makes of 入党日期 or 转正日期, whichever the regime counts from; NULL where that is not known."""
    joined, full = f"{at}joined_on", f"{at}full_on"
    nothing = Value(None, output_field=kind)
    same = Q(**{full: F(joined)})
    none = _within(joined, lambda regime: regime.probation is Probation.NONE and not regime.disputed)
    disputed = _within(joined, lambda regime: regime.disputed)
    return Case(
        When(Q(**{f"{joined}__lt": EARLIEST_JOINING}) | Q(**{f"{full}__lt": F(joined)}), then=nothing),
        When(none & (same | Q(**{f"{full}__isnull": True})), then=of("joined_on")),
        When(none, then=nothing),
        When(disputed & same, then=of("joined_on")),
        When(disputed, then=nothing),
        default=of("full_on"),
        output_field=kind,
    )


def _within(joined: str, which: Callable) -> Q:
    """Whether somebody joined under one of these regimes."""
    found = Q()
    for regime in filter(which, REGIMES):
        found |= Q(**{f"{joined}__range": (regime.first, regime.last)})
    return found
