"""Periods of a rule: the stretches of time in which one key stands for one subject. Pure, no database."""

from dataclasses import dataclass
from datetime import date, timedelta

from base.dates import DAWN, FAR
from duties.policy.schema import OnDate, OnEvent, Quota


@dataclass(frozen=True)
class Period:
    """``code`` names it in the key; it opens on ``opens``, is due on ``due``, and nothing counts after ``closes``."""

    code: str
    year: int
    opens: date
    due: date
    closes: date


EVER = Period("event", 0, DAWN, FAR, FAR)
"""An event rule has one period: its keys carry the event."""


def period_of(trigger: Quota | OnEvent | OnDate, year: int) -> Period:
    """The period of a yearly trigger that is named after ``year``."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    if isinstance(trigger, Quota):
        return Period(str(year), year, first, last, last)
    before, after = timedelta(days=trigger.opens_days_before), timedelta(days=trigger.closes_days_after)
    return Period(str(year), year, first - before, last, last + after)


def periods(trigger: Quota | OnEvent | OnDate, first: date, last: date) -> list[Period]:
    """The periods any day of which lies in ``first … last`` (both included), in order."""
    if isinstance(trigger, OnEvent):
        return [EVER]
    years = range(first.year - 1, last.year + 2)
    return [p for p in (period_of(trigger, year) for year in years) if p.opens <= last and p.closes >= first]
