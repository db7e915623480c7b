"""Periods of a rule: the stretches of time in which one key stands for one subject. Pure, no database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from base.calendar import FIRST_YEAR, day_of
from base.dates import DAWN, FAR, anniversary
from duties.policy.schema import OnDate, OnOccasion, Quota, Trigger


@dataclass(frozen=True)
class Period:
    """``code`` names it in the key; it opens on ``opens``, is due on ``due``, and nothing counts after ``closes``."""

    code: str
    year: int
    opens: date
    due: date
    closes: date
    by: tuple[tuple[int | None, "Period"], ...] = ()
    """Where organisations adjusted the rule: the period of the pack (``None``) and of each adjustment; ``opens`` is
    then the first of their days, ``due`` and ``closes`` the last.
    """

    @property
    def places(self) -> list["Period"]:
        """The period as the pack and each adjustment have it."""
        return [period for _, period in self.by] or [self]


MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_CODES = {"year": "{year}", "half": "{year}-H{n}", "quarter": "{year}-Q{n}", "month": "{year}-{n:02}"}


def ever(trigger: Trigger) -> Period | None:
    """The one period of a trigger whose keys carry the fact themselves, else ``None``."""
    code = {"event": "event", "standing": "standing"}.get(trigger.kind)
    if isinstance(trigger, OnDate) and trigger.every == "once":
        code = "once"
    if isinstance(trigger, Quota) and trigger.per == "interval":
        code = "interval"
    return Period(code, 0, DAWN, FAR, FAR) if code else None


def of_year(trigger: Trigger, year: int) -> Iterator[Period]:
    """The periods that are named after ``year``, in order."""
    if isinstance(trigger, OnOccasion):
        if year >= FIRST_YEAR:  # no start day lies before the lunar table
            yield _around(trigger, year)
    elif isinstance(trigger, OnDate):
        before, after = timedelta(days=trigger.opens_days_before), timedelta(days=trigger.closes_days_after)
        first, last = date(year, 1, 1), date(year, 12, 31)
        yield Period(str(year), year, first - before, last, last + after)
    elif trigger.per == "semester":
        for n, (begins, ends) in enumerate(trigger.semesters, start=1):
            first, last = _month_day(begins, year), _month_day(ends, year + (ends < begins))
            yield Period(f"{year}-S{n}", year, first, last, last)
    else:
        yield from _calendar(trigger.per, year)


def _around(trigger: OnOccasion, year: int) -> Period:
    day = day_of(trigger.occasion, year)
    opens, due = day - timedelta(days=trigger.opens_days_before), day - timedelta(days=trigger.due_days_before)
    return Period(f"{trigger.occasion}-{year}", year, opens, due, day + timedelta(days=trigger.closes_days_after))


def _month_day(text: str, year: int) -> date:
    return anniversary(date(2000, int(text[:2]), int(text[3:])), year)


def _calendar(per: str, year: int) -> Iterator[Period]:
    months = MONTHS[per]
    for n in range(1, 12 // months + 1):
        first = date(year, (n - 1) * months + 1, 1)
        after = date(year + (n * months == 12), n * months % 12 + 1, 1)
        last = after - timedelta(days=1)
        yield Period(_CODES[per].format(year=year, n=n), year, first, last, last)


def periods(trigger: Trigger, first: date, last: date, variants: Mapping[int, Trigger] | None = None) -> list[Period]:
    """The periods any day of which lies in ``first … last`` (both included), in order.

    :param variants: the trigger as organisations adjusted it, by the number of the adjustment.
    """
    one = ever(trigger)
    if one:
        return [one]
    years = range(first.year - 1, last.year + 2)
    if variants:
        named = [period for year in years for period in _together({None: trigger, **variants}, year)]
    else:
        named = [period for year in years for period in of_year(trigger, year)]
    return [p for p in named if p.opens <= last and max(p.due, p.closes) >= first]


def _together(triggers: Mapping[int | None, Trigger], year: int) -> Iterator[Period]:
    """The periods of a year that any of the triggers has, each with what each of them makes of it."""
    found: dict[str, list[tuple[int | None, Period]]] = {}
    for pk, trigger in triggers.items():
        for period in of_year(trigger, year):
            found.setdefault(period.code, []).append((pk, period))
    for code, by in found.items():
        every = [period for _, period in by]
        first, due, last = min(p.opens for p in every), max(p.due for p in every), max(p.closes for p in every)
        yield Period(code, year, first, due, last, tuple(by))
