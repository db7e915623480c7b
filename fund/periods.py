"""Periods a statement is about: a year and its parts. Dates alone, no database."""

from calendar import monthrange
from datetime import date

PARTS = (
    ("year", "全年"), ("h1", "上半年"), ("h2", "下半年"), ("q1", "一季度"), ("q2", "二季度"), ("q3", "三季度"),
    ("q4", "四季度"),
)  # fmt: skip
_MONTHS = {"year": (1, 12), "h1": (1, 6), "h2": (7, 12), "q1": (1, 3), "q2": (4, 6), "q3": (7, 9), "q4": (10, 12)}


def span(year: int, part: str) -> tuple[date, date]:
    """The first and the last day of a part of a year."""
    first, last = _MONTHS[part]
    return date(year, first, 1), date(year, last, monthrange(year, last)[1])


def month_of(text: str) -> tuple[date, date]:
    """The first and the last day of a month written ``2026-11``."""
    first = date(int(text[:4]), int(text[5:]), 1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def said(first: date, last: date) -> str:
    """A period as a document says it: ``2026 年度``, ``2026 年上半年``, else from day to day."""
    for part, label in PARTS:
        if span(first.year, part) == (first, last):
            return f"{first.year} 年{'度' if part == 'year' else label}"
    return f"{_said(first)}至{_said(last)}"


def _said(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
