"""Ages of children: the allowance of a dead member's children, and the protection of those under fourteen. Pure.

豫水组〔2020〕55号第十一条 and 院党字〔2020〕89号第六部分: every year a sum from retained dues goes to the children
under age (未成年子女生活补助金) of members who died on duty. Under age is who is not yet eighteen (民法典第十七条).
Neither text goes on for those at school, so nothing here does. Of a child whose birth is known to the month or year
the latest day counts: in doubt a child is younger, cared for longer and protected longer.
"""

from datetime import date

from base.cells import last_of
from base.dates import anniversary, completed_years, last_day
from members.enums import Precision

OF_AGE = 18
"""成年 (民法典第十七条)."""

PROTECTED_BELOW = 14
"""All that is kept of a younger child is sensitive; a guardian has to agree (个人信息保护法第二十八、三十一条)."""


def last_day_under_age(born_on: date, precision: str = Precision.DAY) -> date:
    """The eve of the eighteenth birthday. Born on 29 February, one comes of age on a 28th: never in a leap year."""
    born = last_of(born_on, precision)
    return last_day(anniversary(born, born.year + OF_AGE))


def allowance_years(born_on: date, died_on: date, precision: str = Precision.DAY) -> range:
    """The calendar years in which an allowance is due to a child: those with a day on which it is under age.

    :param died_on: the day the parent died; a child born after it begins with its own birth.
    :returns: empty for a child that was of age already.
    """
    end = last_day_under_age(born_on, precision)
    begin = max(born_on, died_on)
    return range(begin.year, end.year + 1) if begin <= end else range(0)


def is_under_fourteen(born_on: date, on: date, precision: str = Precision.DAY) -> bool:
    """Whether a child is, or may still be, under fourteen on a day; what is kept of it then needs special care."""
    return completed_years(last_of(born_on, precision), on) < PROTECTED_BELOW
