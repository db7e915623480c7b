"""Civil dates: the far end of an open interval, anniversaries, today in China. No database here.

All intervals of the product are half open, ``since <= day < until``, and ``until`` is never null.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta

from django.utils import timezone

FAR = date(9999, 12, 31)
"""``until`` of an interval that has not ended."""

DAWN = date(1900, 1, 1)
"""``since`` of an interval whose beginning nobody knows."""

PARTY_FOUNDED = date(1921, 7, 1)
"""No organisation whose day of founding is unknown is older, and nothing was done in one before."""


def today() -> date:
    """The civil day in China. Only views, tasks and commands may ask; services are told the day."""
    return timezone.localdate()


def civil_day(now: datetime) -> date:
    """The civil day in China of a moment that one was told."""
    return timezone.localdate(now)


def anniversary(day: date, year: int) -> date:
    """The anniversary of ``day`` in ``year``; 29 February falls on the 28th in common years (民法典 202 条)."""
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def months_later(day: date, months: int) -> date:
    """The corresponding day ``months`` months later (earlier, if negative); the month's last day where there is none.

    It is the last day of a term of so many months that begins with ``day``; that day itself is not counted
    (民法典 201、202 条).
    """
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def completed_years(start: date, on: date) -> int:
    """Whole years from ``start`` to ``on``, by anniversaries; negative never, 0 before the first."""
    return max(0, on.year - start.year - (on < anniversary(start, on.year)))


def month_end(day: date) -> date:
    """The last day of the month of ``day``."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def last_day(day: date) -> date:
    """The last day of a half-open interval that ends at ``day``."""
    return day - timedelta(days=1)
