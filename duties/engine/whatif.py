"""What a change of policy would do to duties, found by looking: SELECTs over a reach that is taken back, nothing kept.

The change is carried out, the next sweep is computed without being run, and all of it is rolled back. No Python loop
over members: one statement for a rule and a period, grouped by where its rows stand and by the month of the due day.

Of a change that takes effect on a day to come the duties of that day are computed twice, without it and with it, and
compared: they stand in a table of this transaction alone.
"""

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import CharField, Count
from django.db.models.functions import Cast, Substr

from base.dates import DAWN
from base.facts import facts_together
from duties.engine import statements
from duties.engine.conditions import EVERYBODY, Circle, T
from duties.engine.dialect import day
from duties.engine.models import Duty, State
from duties.engine.nights import Night
from duties.engine.periods import Period
from duties.engine.spells import spells
from duties.engine.sweep import active_rules, listed_periods, looking, take_turn
from duties.policy.models import Rule

AHEAD = timedelta(days=90)
"""How far the days to come are looked at."""


class Effect(StrEnum):
    """What becomes of a duty."""

    OPENS = "opens"
    REOPENS = "reopens"
    CLOSES = "closes"
    MOVES = "moves"
    VOIDS = "voids"
    GOES = "goes"
    LOSES = "loses"
    AHEAD = "ahead"
    ANEW = "anew"


@dataclass(frozen=True)
class Change:
    """So many duties of a rule that stand at ``path``, due in ``month`` (2026-11), to which the same happens.

    GOES: an open one is taken away, for nothing asks for it any more; LOSES: one that was closed likewise. CLOSES: what
    was done already closes it. AHEAD: opens in the next 90 days; fewer than without the change where ``n`` is negative.
    ANEW: opens then in either case, with other numbers or due on another day.

    :ivar late: whether it is overdue on the day of the change.
    """

    rule: int
    effect: Effect
    path: str
    month: str
    n: int
    late: bool = False


class _TakenBack(Exception):
    """Ends the transaction in which a change was tried out."""


def what_if(
    act: Callable[[], object], *, rules: Callable[[], Collection[int]], today: date, on: date | None = None
) -> list[Change]:  # fmt: skip
    """What the next sweep would do after ``act``, which is taken back.

    :param act: writes adoptions or adjustments and derives the reach, as a service does; what it raises is raised.
    :param rules: primary keys of the rules whose reach or numbers it can change; asked before the act and after it,
        which may load rules.
    :param on: the day from which the change holds, where that is a day to come: what it does is looked at as of that
        day, beside what would be without it, everything else as it is today.
    :returns: the changes in the order of rules.
    """
    found: list[Change] = []
    with suppress(_TakenBack), looking(), transaction.atomic(), facts_together():  # a block that fails tells no facts
        take_turn(alone=True)
        _plan_as_the_sweep_does()
        later = on is not None and on > today
        seen_from = on if later else today
        if later:
            statements.run(_THEN, {})
        there = {rule.pk: rule for rule in active_rules().filter(pk__in=rules())}
        before = {}
        for rule in there.values():
            before[rule.pk] = _ahead(rule, seen_from)
            if later:
                _lay_out(rule, on, changed=0)
        act()
        for rule in active_rules().filter(pk__in=rules()):
            found += _then(rule, on) if later else _now(rule, there.get(rule.pk), today)
            found += _differing(rule, before.get(rule.pk, Counter()), _ahead(rule, seen_from))
        raise _TakenBack
    return found


def _plan_as_the_sweep_does() -> None:
    """See :func:`duties.engine.sweep.run_period`; the setting goes with the transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")


# Today


def _now(rule: Rule, was: Rule | None, today: date) -> list[Change]:
    """What the next sweep would change.

    :param was: the rule before the act. Where its duties were judged for the day, and by the words it still has, those
        whose dates and numbers remain stand as they would.
    """
    on = max(today, rule.swept_on or today)
    settled = was is not None and was.swept_on == on and not was.behind and was.spec == rule.spec
    return _today(rule, on, settled=settled)


def _today(rule: Rule, on: date, *, settled: bool) -> list[Change]:
    """What a whole run of the rule for ``on`` would change."""
    listed = listed_periods(rule, DAWN, on)
    numbers: Counter = Counter()
    for period in listed:
        for was, state, moved, late, path, month, n in _run(rule, period, on, settled):
            if effect := _effect(was, state, bool(moved)):
                numbers[effect, path, month, bool(late)] += n
    for state, path, month, n in _unlisted(rule, listed):
        numbers[_effect(state, None, False), path, month, False] += n
    return _changes(rule, numbers)


def _changes(rule: Rule, numbers: Counter) -> list[Change]:
    return [Change(rule.pk, effect, path, month, n, late) for (effect, path, month, late), n in sorted(numbers.items())]


def _effect(was: str | None, state: str | None, moved: bool) -> Effect | None:
    """What it means that a duty of the state ``was`` (``None``: none is there) comes to be of another."""
    if state is None:
        return Effect.GOES if was == State.OPEN else Effect.LOSES
    if state == State.OPEN:
        if was == State.OPEN:
            return Effect.MOVES if moved else None
        return Effect.REOPENS if was else Effect.OPENS
    if was in (None, State.OPEN, State.VOID) and state == State.DONE:
        return Effect.CLOSES
    return Effect.VOIDS if (was, state) == (State.OPEN, State.VOID) else None


def _run(rule: Rule, period: Period, on: date, settled: bool) -> list[tuple]:
    """(was, state, moved, late, path, month, number) of the duties of a period that would change; without a state
    those that nothing asks for any more.
    """
    differing = f"WHERE d.id IS NULL OR NOT ({statements.same(rule)})" if settled else ""
    stored = f"{T['Duty']} d ON d.rule_id = %(rule)s AND d.key = w.key"
    asked = f"""SELECT COALESCE(d.id, -w.n) AS id, w.key, w.member_id, w.actor_id, w.event_id,
             COALESCE(d.organisation_id, w.organisation_id) AS organisation_id, w.opens_on, w.counts_from, w.due_on,
             w.closes_on, w.held_to, w.adjustment_id, d.state AS was,
             CASE WHEN d.due_on <> w.due_on THEN 1 ELSE 0 END AS moved
      FROM (SELECT w.*, ROW_NUMBER() OVER () AS n FROM w) AS w LEFT JOIN {stored} {differing}"""
    grouped = f"""path, {_month("due_on")} AS month, COUNT(*)"""
    late = f"CASE WHEN due_on < {day('today')} THEN 1 ELSE 0 END AS late"
    statement = f"""
    WITH w AS MATERIALIZED ({spells(rule, EVERYBODY)}),
    {statements.settled(rule, asked, keep=("was", "moved", "due_on"))}
    SELECT was, state, moved, {late}, {grouped} FROM y
    WHERE was IS NULL OR was <> state OR moved = 1 GROUP BY was, state, moved, 4, path, month
    UNION ALL
    SELECT d.state AS was, CAST(NULL AS varchar(8)) AS state, 0 AS moved, 0 AS late, {grouped} FROM {T["Duty"]} d
    WHERE d.rule_id = %(rule)s AND d.period = %(period)s AND NOT EXISTS (SELECT 1 FROM w WHERE w.key = d.key)
    GROUP BY d.state, path, month"""
    return statements.rows(statement, statements.parameters(rule, period, on))


def _month(expression: str) -> str:
    return f"SUBSTR(CAST({expression} AS varchar(10)), 1, 7)"


def _unlisted(rule: Rule, listed: list[Period]) -> list[tuple]:
    """(state, path, month, number) of the duties of periods in which the rule would reach nobody any more."""
    others = Duty.objects.filter(rule=rule).exclude(period__in=[period.code for period in listed])
    month = Substr(Cast("due_on", CharField(max_length=10)), 1, 7)
    grouped = others.annotate(month=month).values("state", "path", "month").annotate(n=Count("pk")).order_by()
    return list(grouped.values_list("state", "path", "month", "n"))


# A day to come

_THEN = """CREATE TEMPORARY TABLE what_if_then
    (changed int, rule_id bigint, key varchar(80), state varchar(8), path varchar(200), due_on date)"""
"""The duties of that day without the change (0) and with it (1); it goes with the transaction."""


def _lay_out(rule: Rule, on: date, *, changed: int) -> None:
    """Write down the duties that the day ``on`` would have, of the periods that are not over by then: of the others
    nothing changes that holds from that day.
    """
    asked = """SELECT w.n AS id, w.key, w.member_id, w.actor_id, w.event_id, w.organisation_id, w.opens_on,
             w.counts_from, w.due_on, w.closes_on, w.held_to, w.adjustment_id
      FROM (SELECT w.*, ROW_NUMBER() OVER () AS n FROM w) AS w"""
    statement = f"""
    INSERT INTO what_if_then
    WITH w AS MATERIALIZED ({spells(rule, EVERYBODY)}), {statements.settled(rule, asked, keep=("key", "due_on"))}
    SELECT %(changed)s, %(rule)s, key, state, path, due_on FROM y"""
    for period in listed_periods(rule, on, on):
        statements.run(statement, statements.parameters(rule, period, on) | {"changed": changed})


def _then(rule: Rule, on: date) -> list[Change]:
    """What the change makes of the duties that the day ``on`` would have."""
    _lay_out(rule, on, changed=1)
    before, after = "CASE WHEN changed = 0 THEN {} END", "CASE WHEN changed = 1 THEN {} END"
    statement = f"""
    SELECT was, state, moved, CASE WHEN due_on < {day("today")} THEN 1 ELSE 0 END AS late, path,
           {_month("due_on")} AS month, COUNT(*)
    FROM (
      SELECT MAX({before.format("state")}) AS was, MAX({after.format("state")}) AS state,
             COALESCE(MAX({after.format("path")}), MAX(path)) AS path,
             COALESCE(MAX({after.format("due_on")}), MAX(due_on)) AS due_on,
             CASE WHEN MIN(due_on) <> MAX(due_on) THEN 1 ELSE 0 END AS moved
      FROM what_if_then WHERE rule_id = %(rule)s GROUP BY key) AS both_days
    WHERE was IS NULL OR state IS NULL OR was <> state OR moved = 1 GROUP BY was, state, moved, 4, path, month"""
    numbers: Counter = Counter()
    for was, state, moved, late, path, month, n in statements.rows(statement, {"rule": rule.pk, "today": on}):
        if effect := _effect(was, state, bool(moved)):
            numbers[effect, path, month, bool(late)] += n
    return [
        Change(rule.pk, Effect.AHEAD, each.path, each.month, -each.n)  # it would have opened on that very day
        if each.effect in (Effect.GOES, Effect.LOSES) else each
        for each in _changes(rule, numbers)
    ]  # fmt: skip


# The days ahead


def _ahead(rule: Rule, today: date) -> Counter:
    """How many duties open in the days to come, by path, due day and whose numbers they have."""
    numbers: Counter = Counter()
    until = today + AHEAD
    for period in listed_periods(rule, today + timedelta(days=1), until):
        # Nothing opens that has been due; who has no part in what these days bring, for them nothing opens either.
        circle = Night(min(until, period.due)).circle(rule, period, today)
        if circle is None:
            continue
        values = statements.parameters(rule, period, until) | {"now": today}
        for *cell, n in statements.rows(_opening(rule, circle), values):
            numbers[tuple(cell)] += n
    return numbers


def _opening(rule: Rule, circle: Circle) -> str:
    due = "CAST(w.due_on AS varchar(10))"
    return f"""
    WITH w AS MATERIALIZED ({spells(rule, circle)})
    SELECT o.path, {due} AS due, COALESCE(w.adjustment_id, 0) AS numbers, COUNT(*)
    FROM w JOIN {T["Organisation"]} o ON o.id = w.organisation_id WHERE w.opens_on > {day("now")}
    GROUP BY o.path, due, numbers"""


def _differing(rule: Rule, before: Counter, after: Counter) -> list[Change]:
    more, fewer = Counter(), Counter()
    for path, due, numbers in before.keys() | after.keys():
        differing = after[path, due, numbers] - before[path, due, numbers]
        (more if differing > 0 else fewer)[path, due[:7]] += abs(differing)
    found = []
    for cell in sorted(more.keys() | fewer.keys()):
        if net := more[cell] - fewer[cell]:
            found.append(Change(rule.pk, Effect.AHEAD, *cell, net))
        if anew := min(more[cell], fewer[cell]):
            found.append(Change(rule.pk, Effect.ANEW, *cell, anew))
    return found
