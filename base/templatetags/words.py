"""Template words every page may use (built in): short dates, days left, masks."""

from datetime import date

from django import template

register = template.Library()


@register.filter
def short_day(day: date | None, today: date) -> str:
    """``11-23`` in rows of this year, ``2026-11-23`` elsewhere."""
    if day is None:
        return ""
    return day.strftime("%m-%d") if day.year == today.year else day.isoformat()
