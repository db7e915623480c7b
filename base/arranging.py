"""The State Council's arrangements of working days, entered by hand for years that do not come with the product."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.models import YearArrangement
from base.workdays import ARRANGEMENTS, Arrangement

FIRST, LAST = 2020, 2100
DUE = (12, 1)
"""From this day on a missing next year is told; the notice for a year comes in the autumn before it."""

_DAY = re.compile(r"(?:(\d{4})[-年./])?(\d{1,2})[-月./](\d{1,2})日?")
_RANGE = re.compile(rf"{_DAY.pattern}(?:\s*(?:至|到|~|—|–)\s*(?:{_DAY.pattern}|(\d{{1,2}})日?))?")


def arrangements() -> dict[int, Arrangement]:
    """Those entered by hand, by year; they come before those shipped."""
    return {row.year: _read(row) for row in YearArrangement.objects.order_by("year")}


def _read(row: YearArrangement) -> Arrangement:
    off, worked = (frozenset(map(date.fromisoformat, days)) for days in (row.off, row.worked))
    return Arrangement(row.year, off, worked)


def missing(day: date) -> list[int]:
    """The years that are asked for around a day and that nobody entered: its own, from December on the next."""
    wanted = [day.year, *([day.year + 1] if (day.month, day.day) >= DUE else [])]
    known = set(ARRANGEMENTS) | set(YearArrangement.objects.values_list("year", flat=True))
    return [year for year in wanted if year not in known]


def days_of(text: str, year: int) -> set[date]:
    """The days that a text names: ``1-1``, ``2月15日至23日``, ``2027-10-01``, one after the other.

    :raises ValidationError: for what is no day, or none of the year.
    """
    found: set[date] = set()
    for start in _RANGE.finditer(text):
        given, month, day, until_year, until_month, until_day, alone = start.groups()
        first = _date(given or year, month, day, start.group())
        last = first
        if alone or until_month:
            last = _date(until_year or first.year, until_month or month, alone or until_day, start.group())
        if first.year != year or last.year != year or last < first:
            raise ValidationError(f"“{start.group()}”不是 {year} 年里从前到后的日子，请核对。")
        found |= {first + timedelta(days=ahead) for ahead in range((last - first).days + 1)}
    rest = re.sub(r"[\s,，、;；。]+", "", _RANGE.sub("", text))
    if rest:
        raise ValidationError(f"“{rest[:20]}”看不懂，日子请写成 1-1 或 2-15至2-23 这样，用空格或顿号隔开。")
    return found


def _date(year, month, day, said: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as wrong:
        raise ValidationError(f"没有“{said}”这一天，请核对。") from wrong


@transaction.atomic
def set_arrangement(*, by, year: int, off: Iterable[date], worked: Iterable[date], basis: str, today: date) -> None:
    """Enter the arrangement of a year, or enter it anew. Days that notices were given already stay as they are.

    :param off: days off; Saturdays and Sundays among them are left out, being off anyhow.
    :raises ValidationError: keyed by ``year``, ``off``, ``worked`` or ``basis``.
    """
    if not FIRST <= year <= LAST:
        raise ValidationError({"year": f"年份请写 {FIRST} 到 {LAST} 之间的。"})
    weekdays = {day for day in off if day.weekday() <= 4}
    weekend = set(worked)
    if odd := sorted(day for day in weekend if day.weekday() <= 4):
        said = "、".join(f"{day:%m-%d}" for day in odd)
        raise ValidationError({"worked": f"{said} 是周一至周五，本来就上班。这里只写调休上班的周六、周日。"})
    if not weekdays:
        raise ValidationError({"off": "一年里总有放假的工作日，请照通知填。"})
    if not basis.strip():
        raise ValidationError({"basis": "请写通知的文号。"})
    given = {
        "off": sorted(map(str, weekdays)), "worked": sorted(map(str, weekend)), "basis": basis.strip(),
        "entered_on": today, "account": by.pk,
    }  # fmt: skip
    YearArrangement.objects.update_or_create(year=year, defaults=given)
    audit.write(audit.Act.WRITE, f"working-days:{year}", off=len(weekdays), worked=len(weekend))
