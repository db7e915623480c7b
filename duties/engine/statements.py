"""The statements of the engine: open, settle, remove, each one set for one rule and one period."""

from datetime import date

from django.db import connection
from django.db.models import Min

from duties.engine.conditions import Circle, T, acting_post, held, reasons
from duties.engine.credit import credit
from duties.engine.dialect import day, greatest, least, nothing, plus_days
from duties.engine.periods import Period
from duties.engine.spells import began, holds_on, spells
from duties.engine.windows import reference
from duties.policy.models import Rule
from duties.policy.schema import Holds
from members.models import Category

_DATES = ("opens_on", "counts_from", "due_on", "closes_on", "held_to")


def _whose(rule: Rule) -> tuple[str, ...]:
    return ("actor_id", "adjustment_id") if rule.variants else ("actor_id",)


def same(rule: Rule) -> str:
    """Whether the stored duty ``d`` has the dates, the actor and the numbers of ``w``."""
    equal = [f"d.{column} = w.{column}" for column in _DATES]
    return " AND ".join(equal + [f"d.{column} IS NOT DISTINCT FROM w.{column}" for column in _whose(rule)])


def open_statement(rule: Rule, circle: Circle) -> str:
    """Opens what exists and is not there, moves what is there with other dates; identical rows are left alone.

    In the order of members, who mostly stand in the order of the tree: so each index grows at neighbouring places.
    """
    update = ", ".join(f"{column} = excluded.{column}" for column in (*_DATES, *_whose(rule), "rule_version"))
    return f"""
    WITH w AS ({spells(rule, circle)})
    INSERT INTO {T["Duty"]} (rule_id, rule_version, period, key, organisation_id, path, member_id, actor_id, event_id,
                             opens_on, counts_from, due_on, closes_on, held_to, state, closed_by_id, closed_on, reason,
                             silent, adjustment_id)
    SELECT %(rule)s, %(version)s, %(period)s, w.key, w.organisation_id, o.path, w.member_id, w.actor_id,
           w.event_id, w.opens_on, w.counts_from, w.due_on, w.closes_on, w.held_to, 'open',
           {nothing("bigint")}, {nothing("date")}, '', FALSE, w.adjustment_id
    FROM w JOIN {T["Organisation"]} o ON o.id = w.organisation_id
    WHERE NOT EXISTS (SELECT 1 FROM {T["Duty"]} d WHERE d.rule_id = %(rule)s AND d.key = w.key AND {same(rule)})
    ORDER BY w.member_id, w.actor_id, w.organisation_id, w.key
    ON CONFLICT (rule_id, key) DO UPDATE SET {update}"""


def surplus_statement(rule: Rule, circle: Circle) -> str:
    """The duties of a period whose fact is gone: (id, key)."""
    return f"""
    WITH w AS ({spells(rule, circle)})
    SELECT d.id, d.key FROM {T["Duty"]} d
    WHERE d.rule_id = %(rule)s AND d.period = %(period)s {_of(rule, circle)}
      AND d.key NOT IN (SELECT key FROM w)"""


def _of(rule: Rule, circle: Circle) -> str:
    return circle.sql(rule, "d.member_id", "d.actor_id", "d.organisation_id")


def settle_statement(rule: Rule, circle: Circle) -> str:
    """Closes, re-opens, voids, lapses and carries the organisation of the duties of a period.

    Order of states: done, waived, void, lapsed (可以 past its day), open; of a standing rule: void, waived, done,
    open.
    """
    stored = f"""SELECT d.id, d.key, d.member_id, d.actor_id, d.event_id, d.organisation_id, d.opens_on, d.counts_from,
             d.due_on, d.closes_on, d.held_to, d.adjustment_id
      FROM {T["Duty"]} d WHERE d.rule_id = %(rule)s AND d.period = %(period)s {_of(rule, circle)}"""
    return f"""
    WITH {settled(rule, stored)}
    UPDATE {T["Duty"]} SET state = y.state, closed_by_id = y.record_id, closed_on = y.closed_on, reason = y.reason,
                           organisation_id = y.organisation_id, path = y.path
    FROM y WHERE {T["Duty"]}.id = y.id AND (
      {T["Duty"]}.state <> y.state OR {T["Duty"]}.closed_by_id IS DISTINCT FROM y.record_id
      OR {T["Duty"]}.closed_on IS DISTINCT FROM y.closed_on OR {T["Duty"]}.reason <> y.reason
      OR {T["Duty"]}.organisation_id <> y.organisation_id OR {T["Duty"]}.path <> y.path)"""


def settled(rule: Rule, duties: str, keep: tuple[str, ...] = ()) -> str:
    """The steps from ``s`` to ``y``: how each of some duties stands and where.

    :param duties: a SELECT of the duties with their dates: those that are stored, or those that a change would bring.
    :param keep: further columns of it that ``y`` hands on.
    """
    steps = _by_state(rule) if isinstance(rule.parsed.trigger, Holds) else _by_records(rule)
    more = "".join(f", x.{column}" for column in keep)
    return f"""s AS MATERIALIZED (
      SELECT d.*, {reference(rule, "d.due_on")} AS judged_on, {least(day("today"), "d.closes_on")} AS ripe_to
      FROM ({duties}) AS d
    ), {steps}, y AS MATERIALIZED (
      SELECT x.id, x.state, x.record_id,
             CASE x.state WHEN 'done' THEN x.on_day WHEN 'void' THEN x.held_to END AS closed_on,
             CASE WHEN x.state <> 'void' THEN '' {reasons(rule)} ELSE 'reach' END AS reason,
             o.id AS organisation_id, o.path AS path{more}
      FROM x {_standing(rule)} JOIN {T["Organisation"]} o ON o.id = COALESCE({_stands_in(rule)}, x.organisation_id)
    )"""


def _by_records(rule: Rule) -> str:
    lapsed = f"WHEN {day('today')} > s.due_on THEN 'lapsed'" if rule.parsed.force == "可以" else ""
    return f"""{credit(rule)}, x AS MATERIALIZED (
      SELECT s.*, c.record_id, c.on_day,
             CASE WHEN c.record_id IS NOT NULL THEN 'done' WHEN v.id IS NOT NULL THEN 'waived'
                  WHEN s.held_to <= s.judged_on THEN 'void' {lapsed} ELSE 'open' END AS state,
             CASE WHEN c.record_id IS NOT NULL THEN {greatest("c.on_day", "s.opens_on")}
                  ELSE {least("s.judged_on", plus_days("s.held_to", -1))} END AS stands_on
      FROM s LEFT JOIN c ON c.id = s.id LEFT JOIN {T["Waiver"]} v ON v.rule_id = %(rule)s AND v.key = s.key
    )"""


def _by_state(rule: Rule) -> str:
    """A standing rule asks no record: it is done while the state holds, in the organisation of today."""
    since = greatest("s.opens_on", f"COALESCE({began(rule, 's', day('today'))}, s.opens_on)")
    return f"""x AS MATERIALIZED (
      SELECT s.*, {nothing("bigint")} AS record_id, {since} AS on_day,
             CASE WHEN s.held_to <= s.judged_on THEN 'void' WHEN v.id IS NOT NULL THEN 'waived'
                  WHEN {holds_on(rule, "s", day("today"))} THEN 'done' ELSE 'open' END AS state,
             {least("s.judged_on", plus_days("s.held_to", -1))} AS stands_on
      FROM s LEFT JOIN {T["Waiver"]} v ON v.rule_id = %(rule)s AND v.key = s.key
    )"""


def _standing(rule: Rule) -> str:
    """Joins the membership that holds on ``x.stands_on``: for nearly all the answer of :func:`_stands_in`, as a set."""
    if rule.parsed.subject != "member":
        return ""
    return f"LEFT JOIN {T['Membership']} n ON n.person_id = x.member_id AND {held('n', 'x.stands_on')}"


def _stands_in(rule: Rule) -> str:
    """The organisation in which the subject of ``x`` stood on ``x.stands_on``, or last stood before that day."""
    match rule.parsed.subject:
        case "organisation":
            return "x.organisation_id"
        case "member":
            return (
                f"n.organisation_id, (SELECT m.organisation_id FROM {T['Membership']} m WHERE m.person_id = x.member_id"
                f" AND m.since <= x.stands_on ORDER BY m.since DESC LIMIT 1)"
            )
    posts = (
        f"SELECT a.organisation_id FROM {T['Post']} a"
        f" JOIN {T['Reach']} r ON r.rule_id = %(rule)s AND r.organisation_id = a.organisation_id"
        f" WHERE a.person_id = x.actor_id AND {acting_post(rule, 'a')}"
        f" AND a.since <= x.stands_on AND r.since <= x.stands_on"
    )
    # SQLite sees no outer column in the ORDER BY of a subquery inside UPDATE … FROM, hence two of them.
    both, first = "AND a.until > x.stands_on AND r.until > x.stands_on", "ORDER BY a.since DESC, a.id LIMIT 1"
    return f"({posts} {both} {first}), ({posts} {first})"


def parameters(rule: Rule, period: Period, today: date) -> dict:
    """All named values of the statements. ``most`` bounds how many intervals have begun since a category's start;
    where organisations adjusted the rule, the days of each adjustment stand beside those of the pack.
    """
    values = {"rule": rule.pk, "version": rule.version, "period": period.code, "year": period.year, "today": today}
    found = dict(period.by) or {None: period}
    for pk in (None, *rule.variants):
        mine, end = found.get(pk, None if period.by else period), "" if pk is None else f"_{pk}"
        for name in ("opens", "due", "closes"):
            values[name + end] = mine and getattr(mine, name)
    trigger = rule.parsed.trigger
    if period.code == "interval":
        first = Category.objects.filter(kind=trigger.category).aggregate(first=Min("since"))["first"]
        days = min([trigger.days, *(spec.trigger.days for spec in rule.variants.values())])
        values["most"] = max(0, (today - first).days // days + 1) if first else 0
    return values


def run(statement: str, values: dict) -> int:
    """Execute one statement, giving only the values it names; returns the number of rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _named(statement, values))
        return cursor.rowcount


def rows(statement: str, values: dict) -> list[tuple]:
    """Execute one SELECT and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _named(statement, values))
        return cursor.fetchall()


def _named(statement: str, values: dict) -> dict:
    return {name: value for name, value in values.items() if f"%({name})s" in statement}
