"""Template words every page may use (built in): short dates, days left, masks."""

from datetime import date

from django import template
from django.forms import CheckboxInput, Select

from base.cells import day_text
from base.fields import in_yuan

register = template.Library()


@register.filter
def short_day(day: date | None, today: date) -> str:
    """``11-23`` in rows of this year, ``2026-11-23`` elsewhere."""
    if day is None:
        return ""
    return day.strftime("%m-%d") if day.year == today.year else day.isoformat()


@register.filter
def control(field):
    """The widget of a bound field, with the class its kind wants."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        kind = "form-check-input"
    else:
        kind = "form-select" if isinstance(widget, Select) else "form-control"
    return field.as_widget(attrs={"class": f"{widget.attrs.get('class', '')} {kind}".strip()})


@register.filter
def yuan(fen: int | None) -> str:
    """``1200.50`` for 120050 fen; empty for none."""
    return "" if fen is None else in_yuan(fen)


@register.filter
def figure(fen: int | None) -> str:
    """``82,400.00`` for 8240000 fen: a sum as a page shows it to be read; empty for none."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02}" if fen >= 0 else f"-{figure(-fen)}"


@register.filter
def weekday(day: date) -> str:
    """``周一``."""
    return f"周{'一二三四五六日'[day.weekday()]}"


@register.filter
def age(person, day: date) -> int | str:
    """Completed years of a person's age on a day; empty where the birth date is missing."""
    years = person.age(day)
    return "" if years is None else years


@register.filter
def known(person, name: str) -> str:
    """``{{ person|known:"joined_on" }}``: a person's date as exactly as it is known, 1985-06-15 or 1985年6月."""
    return day_text(getattr(person, name), getattr(person, name.replace("_on", "_precision")))


@register.filter
def indented(organisation, top) -> str:
    """The organisation's label, indented by its level below ``top``."""
    return "　" * max(0, organisation.level - top.level) + organisation.label
