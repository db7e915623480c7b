"""What one cell says: text, a civil day, digits. Pure functions over the values a sheet reader yields."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import Any

_BREAKS = (0x0B, 0x0C, 0x85, 0x2028, 0x2029)
_CONTROLS = [*range(0x01, 0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)]
_UNSEEN = [
    0x00AD, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF,
    *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080),
]  # fmt: skip

INVISIBLE = dict.fromkeys(_CONTROLS + _UNSEEN) | dict.fromkeys(_BREAKS, "\n")
"""What becomes of characters nobody sees: controls, zero-width ones that copying leaves behind and marks that turn the
direction of writing go, rare line breaks are ordinary ones. A NUL stays, for it is refused."""

BROKEN = re.compile("[\x00\x80-\x84\x86-\x9f\ud800-\udfff\ufffd-\uffff]")
"""What no text holds unless it was damaged: NUL, the controls that a wrong encoding makes of letters, half characters,
the mark of a lost character. A sheet is not read past them."""


def legible(text: str) -> str:
    """A text without what nobody sees in it: the one place where whatever is typed, pasted or read is cleaned."""
    return text if text.isprintable() else text.translate(INVISIBLE)


def is_clean(text: str) -> bool:
    """Whether a text surely holds neither broken nor invisible characters: the quick answer for nearly every cell."""
    return text.isprintable() and "\ufffd" not in text


_PRECISION = {"month_only": "month", "year_only": "year"}

SERIAL_ORIGIN = date(1899, 12, 30)
"""Day 0 of Excel's serial days, right from 1900-03-01 (serial 61) on."""


class Unreadable(ValueError):
    """A cell that cannot be read; the text is the sentence for its finding."""


@dataclass(frozen=True)
class ReadDay:
    """A day as read: the day, the spelling if it was unusual, and the text as it stood there.

    Of a year and month, or a year alone (``how`` is ``month_only``, ``year_only``), ``day`` is the first day.
    """

    day: date | None
    how: str = ""
    text: str = ""

    @cached_property
    def precision(self) -> str:
        return _PRECISION.get(self.how, "day")

    @cached_property
    def last(self) -> date | None:
        """The last day it may be."""
        return self.day and last_of(self.day, self.precision)


def last_of(day: date, precision: str) -> date:
    """The last day of the month or year that begins with ``day``; the day itself where it is known exactly."""
    month = 12 if precision == "year" else day.month
    return day if precision == "day" else date(day.year, month, monthrange(day.year, month)[1])


def day_text(day: date | None, precision: str) -> str:
    """``1985-06-15``, or as much as is known: ``1985年6月``, ``1985年``."""
    if day is None:
        return ""
    return {"month": f"{day.year}年{day.month}月", "year": f"{day.year}年"}.get(precision) or day.isoformat()


def text_of(value: Any) -> str:
    """The cell as trimmed text; numbers that Excel made of text come back without ``.0``."""
    if isinstance(value, str):
        return legible(value).strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def plain(text: str) -> str:
    """Full-width letters, digits and punctuation as ordinary ones (NFKC). Not for names: it changes rare characters."""
    return unicodedata.normalize("NFKC", text)


def squeezed(text: str) -> str:
    """Without any white space, inside or around."""
    return "".join(text.split())


@lru_cache(maxsize=10_000)
def key_of(text: str) -> str:
    """A text as a word to be looked up: plain, without any white space. A sheet says the same few over and over."""
    return squeezed(plain(text))


_FULL = re.compile(r"([0-9]{4})([-./年])([0-9]{1,2})[-./月]([0-9]{1,2})日?(?:[ T]0?0:00(?::00(?:\.0+)?)?)?")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH = re.compile(r"([0-9]{4})(?:[-./](0?[1-9]|1[0-2])|年(0?[1-9]|1[0-2])月?)")
_YEAR = re.compile(r"((?:19|20)[0-9]{2})年?")
_HOW = {"-": "", ".": "dot_date", "/": "slash_date", "年": "chinese_date"}


def day_of(value: Any) -> ReadDay:
    """Read a civil day from a date cell, a serial number or text.

    Accepted: ``2015-06-15``, ``2015.06.15``, ``2015/6/15``, ``2015年6月15日``, ``20150615``, serial days from
    1900-03-01 on. A year with a month (``1985.07``, ``1985年7月``), or a year alone, is read as its first day.

    :raises Unreadable: for anything else; two-digit years and unclear orders are never guessed.
    """
    if isinstance(value, datetime):
        return _of_date(value.date())
    if isinstance(value, date):
        return _of_date(value)
    if isinstance(value, time | timedelta | bool):
        raise Unreadable(f"“{value}”不是日期，请写成 2012-09-14 这样。")
    if isinstance(value, int | float):
        return _from_number(value)
    text = plain(text_of(value))
    return _from_text(text) if text else _of_date(None)


_of_date = lru_cache(maxsize=10_000)(ReadDay)
"""Rosters say the same days over and over."""


@lru_cache(maxsize=10_000)
def _from_text(text: str) -> ReadDay:
    if full := _FULL.fullmatch(text):
        return ReadDay(_civil(full[1], full[3], full[4], text), _HOW[full[2]], text)
    if compact := _COMPACT.fullmatch(text):
        return ReadDay(_civil(*compact.groups(), text), "compact_date", text)
    if month := _MONTH.fullmatch(text):
        return ReadDay(_civil(month[1], month[2] or month[3], "1", text), "month_only", text)
    if year := _YEAR.fullmatch(text):
        return ReadDay(_civil(year[1], "1", "1", text), "year_only", text)
    raise Unreadable(f"“{text[:20]}”看不出年、月、日，请写成 2012-09-14 这样。")


def _from_number(value: float) -> ReadDay:
    text = text_of(value)
    if float(value).is_integer():
        if year := _YEAR.fullmatch(text):  # as a serial day it would lie in 1905
            return ReadDay(_civil(year[1], "1", "1", text), "year_only", text)
        if 61 <= value < 110_000:
            return ReadDay(SERIAL_ORIGIN + timedelta(days=int(value)), "serial_date", text)
        if compact := _COMPACT.fullmatch(text):
            return ReadDay(_civil(*compact.groups(), text), "compact_date", text)
    if (month := _MONTH.fullmatch(text)) and len(text) == 7:
        return ReadDay(_civil(month[1], month[2], "1", text), "month_only", text)
    if re.fullmatch(r"(19|20)[0-9]{2}\.[0-9]", text):
        raise Unreadable(f"“{text}”是数字，末位的 0 可能已丢失，看不出是几月。请写成 2012-09-14 这样。")
    raise Unreadable(f"“{text[:20]}”不是日期，请写成 2012-09-14 这样。")


def _civil(year: str, month: str, day: str, text: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise Unreadable(f"没有“{text}”这一天，请核对。") from error


MOBILE = re.compile(r"1[0-9]{10}")
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?")


def telephone_of(value: Any) -> tuple[str, bool]:
    """A telephone number without spaces, full-width digits made plain; and whether it had to be repaired."""
    text = text_of(value)
    number = squeezed(plain(text))
    return number, number != text
