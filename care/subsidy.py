"""老党员生活补贴: who joined before the founding of the republic, in which tier, and what is paid on a day. Pure.

中办发〔2019〕11号第十三条: members of that time in the countryside, and those in towns who draw no retirement
benefits, are paid in full and on time, and the amounts rise regularly. The tier goes by the day of joining (入党日期),
not by full membership (domain.md 2.5). Amounts are local and change, so they are rows (:class:`Amount`), no constants.
The text knows no part of a month, so neither does this module: what is in force on the day asked for is the month's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from django.db.models import TextChoices

from base.cells import last_of
from base.dates import FAR
from members.enums import Precision
from members.standing import EARLIEST_JOINING


class Tier(TextChoices):
    """The time in which an old member joined."""

    FIRST = "first", "1937年7月6日前入党"
    SECOND = "second", "1937年7月7日至1945年9月2日入党"
    THIRD = "third", "1945年9月3日至1949年9月30日入党"


@dataclass(frozen=True)
class Days:
    """Two days and all between, both included."""

    first: date
    last: date


TIERS = {
    Tier.FIRST: Days(EARLIEST_JOINING, date(1937, 7, 6)),
    Tier.SECOND: Days(date(1937, 7, 7), date(1945, 9, 2)),
    Tier.THIRD: Days(date(1945, 9, 3), date(1949, 9, 30)),
}
"""Without a gap from the founding of the Party to the eve of the republic (checked below)."""
if list(TIERS) != list(Tier):
    raise ImportError("TIERS must name every Tier in order")
for _one, _next in pairwise(TIERS.values()):
    if _one.last + timedelta(days=1) != _next.first:
        raise ImportError(f"TIERS leave a gap after {_one.last}")


class TierUnclear(ValueError):
    """The day of joining is known too vaguely to say the tier; the text says what to do."""


def tier_of(joined_on: date, precision: str = Precision.DAY) -> Tier | None:
    """The tier of somebody who joined then; ``None`` for those who joined later, or before there was a Party.

    :param precision: how exactly the day is known; a month or year counts with all of its days.
    :raises TierUnclear: if those days lie on both sides of a border; nothing is guessed.
    """
    first, last = _tier_on(joined_on), _tier_on(last_of(joined_on, precision))
    if first != last:
        raise TierUnclear("入党日期只到年或月，分不清补贴档次，请查档案后补到日。")
    return first


def _tier_on(day: date) -> Tier | None:
    return next((tier for tier, days in TIERS.items() if days.first <= day <= days.last), None)


def is_entitled(tier: Tier | None, *, is_rural: bool, has_retirement_benefits: bool) -> bool:
    """Whether an old member is paid (中办发〔2019〕11号第十三条): in villages all, in towns those without 离退休待遇.

    Both are what an organisation found out of the member, not what a roster says.
    """
    return tier is not None and (is_rural or not has_retirement_benefits)


@dataclass(frozen=True)
class Amount:
    """What one tier is paid in a month, in whole fen, for ``since <= day < until``."""

    tier: Tier
    since: date
    fen: int
    until: date = FAR

    def __post_init__(self):
        if self.since >= self.until:
            raise ValueError("补贴标准的终止日期应晚于起始日期。")
        if self.fen <= 0:
            raise ValueError("补贴标准应大于零。")


def amount_on(amounts: Iterable[Amount], tier: Tier, day: date) -> int | None:
    """The monthly standard of a tier in force on a day, in fen; ``None`` where none is entered, which is not zero."""
    return next((each.fen for each in amounts if each.tier == tier and each.since <= day < each.until), None)


def subsidy_on(amounts: Iterable[Amount], tier: Tier, day: date, *, died_on: date | None = None) -> int | None:
    """What a member is paid for the month as of a day, in fen; 0 after death, ``None`` where no standard is entered.

    Whether the month of death is still paid depends on the day an organisation asks for: the text says nothing of it.
    """
    return 0 if died_on and day > died_on else amount_on(amounts, tier, day)
