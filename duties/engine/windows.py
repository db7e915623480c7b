"""How a trigger places its duties in time, as SQL: the fact it joins, the end of the key, the days.

Where organisations adjusted a rule, a number is that of the adjustment with which the rule reaches them.
"""

from dataclasses import dataclass

from duties.engine.conditions import T, quoted
from duties.engine.dialect import (
    anniversary,
    counting,
    day,
    least,
    month_end,
    plus_count,
    plus_days,
    without_end,
    year_of,
)
from duties.policy.models import Rule
from duties.policy.schema import OnDate, OnEvent, Quota


@dataclass(frozen=True)
class Window:
    """SQL for the fact a trigger joins, the end of the key, the event, and the days."""

    opens: str
    due: str
    closes: str
    source: str = ""
    key: str = "%(period)s"
    event: str = ""
    where: str = "TRUE"
    having: str = "TRUE"


def number(rule: Rule, name: str, adjustment: str = "r.adjustment_id") -> str:
    """A number of the trigger as SQL: the pack's, or where organisations set it, that of the adjustment."""
    return _by_adjustment(
        {pk: str(getattr(spec.trigger, name)) for pk, spec in rule.variants.items()},
        str(getattr(rule.parsed.trigger, name)),
        adjustment,
    )


def _by_adjustment(set_by: dict[int, str], usual: str, adjustment: str = "r.adjustment_id") -> str:
    cases = " ".join(f"WHEN {pk} THEN {value}" for pk, value in set_by.items() if value != usual)
    return f"CASE {adjustment} {cases} ELSE {usual} END" if cases else usual


def _shifted(on: str, rule: Rule, name: str, sign: int = 1) -> str:
    """The date as many days after (or before) ``on`` as the number ``name`` says."""
    if not rule.variants:
        return plus_days(on, sign * getattr(rule.parsed.trigger, name))
    return plus_count(on, number(rule, name) if sign > 0 else f"-({number(rule, name)})")


def window(rule: Rule) -> Window:
    """The trigger of ``rule`` as SQL over its subject."""
    trigger = rule.parsed.trigger
    if isinstance(trigger, OnEvent):
        ours = "e.person_id = m.person_id" if trigger.counted_per == "member" else "e.organisation_id = o.id"
        return Window(
            source=f"JOIN {T['Event']} e ON {ours}", key="'e' || e.id", event="e.id",
            opens="e.occurred_on", due=f"COALESCE(e.due_on, {_shifted('e.occurred_on', rule, 'within_days')})",
            closes=without_end(),
            where=f"e.kind IN ({quoted(trigger.events)}) AND e.withdrawn_on IS NULL",
            having="MIN(begins) = counts_from",
        )  # fmt: skip
    if isinstance(trigger, OnDate):
        return _category_date(rule) if trigger.of_category else _personal_date(rule)
    if isinstance(trigger, Quota) and trigger.per == "interval":
        return _interval(rule)
    opens, due, closes = (
        _by_adjustment({pk: day(f"{name}_{pk}") for pk in rule.variants}, day(name))
        for name in ("opens", "due", "closes")
    )
    where = f"{opens} IS NOT NULL" if rule.variants else "TRUE"  # another may have more semesters
    return Window(opens=opens, due=due, closes=closes, where=where)


def _personal_date(rule: Rule) -> Window:
    trigger = rule.parsed.trigger
    fact = f"p.{trigger.fact}"
    precision = f"p.{trigger.fact.removesuffix('_on')}_precision"
    yearly = trigger.every == "year"
    on = anniversary(fact, f"(%(year)s - {year_of(fact)})" if yearly else str(trigger.at_years))
    later = f"AND {year_of(fact)} < %(year)s" if yearly else ""
    due = f"CASE WHEN {precision} = 'month' THEN {month_end(on)} ELSE {on} END"
    return Window(
        source=f"JOIN {T['Person']} p ON p.id = m.person_id",
        key="%(period)s" if yearly else f"'{trigger.at_years}y'",
        opens=_shifted(on, rule, "opens_days_before", -1),
        due=due,
        closes=_shifted(f"({due})", rule, "closes_days_after"),
        where=f"{fact} IS NOT NULL AND {precision} <> 'year' {later}",
    )


def _category_date(rule: Rule) -> Window:
    trigger = rule.parsed.trigger
    fact = f"f.{trigger.fact.removeprefix('category_')}"
    due = plus_days(fact, trigger.shift_days)
    known = "AND f.until < '9999-12-31'" if trigger.fact == "category_until" else ""
    return Window(
        source=f"JOIN {T['Category']} f ON f.person_id = m.person_id",
        key="'c' || f.id", opens=_shifted(due, rule, "opens_days_before", -1), due=due,
        closes=_shifted(due, rule, "closes_days_after"),
        where=f"f.kind = '{trigger.category}' {known}",
    )  # fmt: skip


def _interval(rule: Rule) -> Window:
    trigger, days = rule.parsed.trigger, number(rule, "days")
    due = plus_count("f.since", f"n.k * ({days}) - 1")
    return Window(
        source=(
            f"JOIN {T['Category']} f ON f.person_id = m.person_id AND f.kind = '{trigger.category}'"
            f" JOIN {counting('%(most)s')} n ON TRUE"
        ),
        key="'c' || f.id || ':' || n.k",
        opens=plus_count("f.since", f"(n.k - 1) * ({days})"),
        due=due,
        closes=due,
    )


def reference(rule: Rule, due: str) -> str:
    """The day on which holding is judged: today where late counts, else the lesser of today and the due day."""
    return day("today") if rule.parsed.late_counts else least(day("today"), due)
