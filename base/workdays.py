"""Working days in China: Monday to Friday, less the days off and plus the make-up days the State Council arranged.

Frozen from the yearly notices 国务院办公厅关于某年部分节假日安排的通知
(2020 with the longer 春节 of 国办发明电〔2020〕1号), read off chinese-calendar 1.11.0 (MIT); 2026 was compared with the
notice of 2025-11-04. The notice for a year comes in the autumn before it. A year that is not in the table is never
guessed; those entered by hand (:mod:`base.arranging`) are passed in as ``more``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from base.calendar import YearUnknown


@dataclass(frozen=True)
class Arrangement:
    """What one year's notice changes: weekdays that are off, and Saturdays and Sundays that are worked.

    :raises ValueError: with a sentence, for days of another year, a weekend day off or a weekday worked.
    """

    year: int
    off: frozenset[date]
    worked: frozenset[date]

    def __post_init__(self):
        if any(day.year != self.year for day in self.off | self.worked):
            raise ValueError(f"{self.year} 年的放假安排里有别的年份的日子。")
        if any(day.weekday() > 4 for day in self.off) or any(day.weekday() < 5 for day in self.worked):
            raise ValueError("放假的日子只写周一至周五，调休上班的日子只写周六、周日。")


_TABLE = """
2020 0101 0124 0127 0128 0129 0130 0131 0406 0501 0504 0505 0625 0626 1001 1002 1005 1006 1007 1008
2020+ 0119 0426 0509 0628 0927 1010
2021 0101 0211 0212 0215 0216 0217 0405 0503 0504 0505 0614 0920 0921 1001 1004 1005 1006 1007
2021+ 0207 0220 0425 0508 0918 0926 1009
2022 0103 0131 0201 0202 0203 0204 0404 0405 0502 0503 0504 0603 0912 1003 1004 1005 1006 1007
2022+ 0129 0130 0402 0424 0507 1008 1009
2023 0102 0123 0124 0125 0126 0127 0405 0501 0502 0503 0622 0623 0929 1002 1003 1004 1005 1006
2023+ 0128 0129 0423 0506 0625 1007 1008
2024 0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 1001 1002 1003 1004 1007
2024+ 0204 0218 0407 0428 0511 0914 0929 1012
2025 0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008
2025+ 0126 0208 0427 0928 1011
2026 0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007
2026+ 0104 0214 0228 0509 0920 1010
"""


def _read(table: str) -> dict[int, Arrangement]:
    days = {}
    for line in table.split("\n")[1:-1]:
        head, *rest = line.split()
        year = int(head.removesuffix("+"))
        days[head] = frozenset(date(year, int(each[:2]), int(each[2:])) for each in rest)
    years = [int(head) for head in days if head.isdigit()]
    return {year: Arrangement(year, days[str(year)], days[f"{year}+"]) for year in years}


ARRANGEMENTS: Mapping[int, Arrangement] = _read(_TABLE)


def is_working_day(day: date, more: Mapping[int, Arrangement] | None = None) -> bool:
    """Whether ``day`` is worked.

    :param more: arrangements of years beside those shipped, by year; they come first.
    :raises base.calendar.YearUnknown: for a year that is in neither.
    """
    found = (more or {}).get(day.year) or ARRANGEMENTS.get(day.year)
    if found is None:
        raise YearUnknown(
            f"{day.year} 年的放假调休安排没有录入，工作日算不出来。请按国务院办公厅关于这一年的通知录入后再办。"
        )
    return day in found.worked or (day.weekday() < 5 and day not in found.off)


def working_days_later(day: date, days: int, more: Mapping[int, Arrangement] | None = None) -> date:
    """The ``days``-th working day after ``day``, which is not counted itself (民法典 201 条).

    :param days: one or more.
    :raises YearUnknown: as :func:`is_working_day`.
    """
    if days < 1:
        raise ValueError("工作日数至少是 1。")
    while days:
        day += timedelta(days=1)
        days -= is_working_day(day, more)
    return day
