"""The few SQL words in which PostgreSQL and SQLite differ. Everything else the engine says is common to both."""

from datetime import date

from django.db import connection

from base.dates import FAR

PEOPLE_AT_ONCE = 1500
"""Beyond this many people a narrowed statement is no cheaper than the whole."""


def _postgres() -> bool:
    return connection.vendor == "postgresql"


def greatest(*parts: str) -> str:
    return _scalar("GREATEST", "MAX", parts)


def least(*parts: str) -> str:
    return _scalar("LEAST", "MIN", parts)


def _scalar(postgres: str, sqlite: str, parts: tuple[str, ...]) -> str:
    return parts[0] if len(parts) == 1 else f"{postgres if _postgres() else sqlite}({', '.join(parts)})"


def day(name: str) -> str:
    """A date parameter, typed where the engine of the database would have to guess."""
    return f"CAST(%({name})s AS date)" if _postgres() else f"%({name})s"


def without_end() -> str:
    """The far end of an interval that has none."""
    return constant(FAR)


def constant(on: date) -> str:
    """A fixed day."""
    return f"DATE '{on}'" if _postgres() else f"'{on}'"


def plus_days(expression: str, days: int) -> str:
    """The date ``days`` after ``expression``."""
    if days == 0:
        return expression
    return f"({expression} {days:+d})" if _postgres() else f"DATE({expression}, '{days:+d} days')"


def plus_count(expression: str, count: str) -> str:
    """The date as many days after ``expression`` as the SQL number ``count`` says."""
    return f"({expression} + CAST({count} AS int))" if _postgres() else f"DATE({expression}, ({count}) || ' days')"


def counting(most: str) -> str:
    """A table of one column ``k``: the numbers from 1 to ``most``."""
    if _postgres():
        return f"(SELECT k FROM GENERATE_SERIES(1, {most}) AS series(k))"
    return f"(WITH RECURSIVE up(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM up WHERE k < {most}) SELECT k FROM up)"


def year_of(expression: str) -> str:
    if _postgres():
        return f"CAST(EXTRACT(YEAR FROM {expression}) AS int)"
    return f"CAST(STRFTIME('%%Y', {expression}) AS int)"


def anniversary(expression: str, years: str) -> str:
    """The date ``years`` (an SQL number) after another; 29 February falls on the 28th in common years."""
    if _postgres():
        return f"CAST({expression} + MAKE_INTERVAL(years => {years}) AS date)"
    shift = f"({years}) || ' years'"
    last = f"DATE({expression}, 'start of month', {shift}, '+1 month', '-1 day')"
    return f"MIN(DATE({expression}, {shift}), {last})"


def month_end(expression: str) -> str:
    """The last day of the month of a date."""
    if _postgres():
        return f"CAST(DATE_TRUNC('month', {expression}) + INTERVAL '1 month' - INTERVAL '1 day' AS date)"
    return f"DATE({expression}, 'start of month', '+1 month', '-1 day')"


def nothing(kind: str) -> str:
    """A typed NULL."""
    return f"CAST(NULL AS {kind})"


def among(expression: str, people: list[int] | None) -> str:
    """Narrowing: ``AND expression IN (…)``; the numbers are ours, so they stand in the text."""
    return "" if people is None else f"AND {expression} IN ({', '.join(str(int(p)) for p in people) or 'NULL'})"
