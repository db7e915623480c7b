"""党龄: from which day a member's years in the Party count, by the historical table (domain.md 2.1). Pure.

The years begin with full membership (党章 Art 7), except where the rules of the time knew no probation: then they
begin with joining. A missing day is never guessed: the years are unknown, and a note says what is missing.
"""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from itertools import pairwise

from base.dates import completed_years, months_later


class Probation(Enum):
    """What the rules of a time said about probation (预备期)."""

    NONE = "none"
    """Full member from the day of joining: 转正日期 is empty or the same day."""
    CLASS = "class"
    """None for workers, peasants and soldiers, three months for others: from 转正日期 where there is one."""
    SOME = "some"
    """A term of probation: the years count from 转正日期 and from nothing else."""


@dataclass(frozen=True)
class Regime:
    """The rules under which people joined between two days, both included."""

    first: date
    last: date
    probation: Probation
    joined_by: str
    disputed: bool = False
    """Sources put the border differently (the congress, or the day the charter was adopted): a person has to decide.
    Where 转正日期 is the day of joining, both sources count alike and nothing is left to decide."""


REGIMES = (
    Regime(date(1921, 7, 1), date(1923, 6, 9), Probation.NONE, "上级党委批准"),
    Regime(date(1923, 6, 10), date(1927, 4, 26), Probation.SOME, "上级党委批准为预备"),
    Regime(date(1927, 4, 27), date(1928, 6, 17), Probation.CLASS, "上级党委批准"),
    Regime(date(1928, 6, 18), date(1945, 4, 22), Probation.NONE, "上级党委批准"),
    Regime(date(1945, 4, 23), date(1956, 9, 14), Probation.SOME, "上级党委批准"),
    Regime(date(1956, 9, 15), date(1969, 3, 31), Probation.SOME, "支部大会通过"),
    Regime(date(1969, 4, 1), date(1969, 4, 13), Probation.NONE, "上级党委批准", disputed=True),
    Regime(date(1969, 4, 14), date(1977, 8, 11), Probation.NONE, "上级党委批准"),
    Regime(date(1977, 8, 12), date(1977, 8, 18), Probation.SOME, "上级党委批准为预备", disputed=True),
    Regime(date(1977, 8, 19), date(1982, 9, 5), Probation.SOME, "上级党委批准为预备"),
    Regime(date(1982, 9, 6), date.max, Probation.SOME, "支部大会通过"),
)
"""Every day since the founding lies in exactly one regime (checked below)."""

EARLIEST_JOINING = REGIMES[0].first

for _one, _next in pairwise(REGIMES):
    if _one.last.toordinal() + 1 != _next.first.toordinal():
        raise ImportError(f"REGIMES leave a gap after {_one.last}")

NO_PROBATION = "当时无预备期"
PROBATIONARY = "预备期不计党龄"
NOT_YET = "当日尚未入党"
LATER_FULL = "当时无预备期，转正日期却晚于入党日期，待核"
MISSING_FULL = "缺转正日期，待核"
MISSING_BOTH = "缺入党日期和转正日期，待核"
DISPUTED = "入党时有无预备期说法不一，待人工认定"
BY_CLASS = "当时按成分定预备期，缺转正日期，待核"
CONTRADICTORY = "转正日期早于入党日期，待核"
BEFORE_FOUNDING = "入党日期早于建党，待核"


@dataclass(frozen=True)
class Seniority:
    """党龄 on a day: completed years, the day they count from, and what a reader has to know.

    ``years`` is ``None`` when they do not count (probation) or are not known; the page then shows "—" and the note.
    """

    years: int | None
    since: date | None
    note: str = ""


def regime_of(joined_on: date) -> Regime | None:
    """The rules under which somebody joined; ``None`` before the founding."""
    return next((regime for regime in REGIMES if regime.first <= joined_on <= regime.last), None)


def no_probation(joined_on: date) -> bool:
    """Whether 转正日期 may be empty or the day of joining: regimes without probation, and the disputed days."""
    regime = regime_of(joined_on)
    return regime is not None and (regime.disputed or regime.probation is not Probation.SOME)


def seniority(*, joined_on: date | None, full_on: date | None, correction_months: int = 0, on: date) -> Seniority:
    """党龄 on a day.

    :param joined_on: 入党日期, when the branch (or then: the committee) accepted the member.
    :param full_on: 转正日期; empty for probationary members, and where no probation was known.
    :param correction_months: 党龄校正值, signed, in months: positive lengthens.
    :param on: the day asked for: today for lists, 1 July for medals, 31 December for statistics.
    """
    start, note = _start(joined_on, full_on, on)
    if start is None:
        return Seniority(None, None, note)
    since = months_later(start, -correction_months)
    if correction_months:
        correction = f"含校正 {correction_months:+d} 个月"
        note = f"{note}，{correction}" if note else correction
    return Seniority(completed_years(since, on), since, note)


def _start(joined_on: date | None, full_on: date | None, on: date) -> tuple[date | None, str]:
    """The day the years begin, or ``None`` with the reason."""
    if joined_on is None:
        return _from_full(full_on, on) if full_on else (None, MISSING_BOTH)
    if wrong := _contradiction(joined_on, full_on, on):
        return None, wrong
    return _by_regime(regime_of(joined_on), joined_on, full_on, on)


def _contradiction(joined_on: date, full_on: date | None, on: date) -> str:
    """Why the two days cannot be counted from at all, or nothing."""
    if joined_on < EARLIEST_JOINING:
        return BEFORE_FOUNDING
    if joined_on > on:
        return NOT_YET
    return CONTRADICTORY if full_on and full_on < joined_on else ""


def _by_regime(regime: Regime, joined_on: date, full_on: date | None, on: date) -> tuple[date | None, str]:
    if regime.disputed:
        return (joined_on, NO_PROBATION) if full_on == joined_on else (None, DISPUTED)
    if regime.probation is Probation.NONE:
        return (joined_on, NO_PROBATION) if full_on in (None, joined_on) else (None, LATER_FULL)
    if full_on:
        return _from_full(full_on, on)
    return None, BY_CLASS if regime.probation is Probation.CLASS else _without_full(joined_on, on)


def _from_full(full_on: date, on: date) -> tuple[date | None, str]:
    return (full_on, "") if full_on <= on else (None, PROBATIONARY)


def _without_full(joined_on: date, on: date) -> str:
    """A year of probation explains why there is no 转正日期; after it the day is missing (细则 Art 32)."""
    return PROBATIONARY if completed_years(joined_on, on) < 1 else MISSING_FULL
