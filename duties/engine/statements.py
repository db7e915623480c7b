"""The statements of the engine: open, settle, remove, each one set for one rule and one period.

A *spell* is a stretch in which the rule's whole target and its reach hold for a person within the window.
A duty exists if such a day came; its text in architecture.md ("Rulings") is the law of this module. The oracle of
the tests says the same in plain Python.

Values are always parameters; names of tables and columns come from the models.
"""

from dataclasses import dataclass

from django.db import connection

from duties.engine.dialect import among, anniversary, day, greatest, least, nothing, plus_days, year_of
from duties.engine.models import Duty, Record, RecordPerson, Waiver
from duties.engine.periods import Period
from duties.policy.models import Reach, Rule
from duties.policy.schema import InCategory, InStanding, OnDate, OnEvent
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post

T = {model.__name__: model._meta.db_table for model in (
    Duty, Record, RecordPerson, Waiver, Reach, Category, Event, Lineage, Membership, Organisation, Person, Post
)}  # fmt: skip


@dataclass(frozen=True)
class Join:
    """One named condition as SQL: a table to join to the membership ``m``, and whose interval counts."""

    name: str
    table: str
    alias: str
    where: str


def conditions(rule: Rule) -> list[Join]:
    """The rule's target in its listed order, ``standing`` first (it is the membership itself)."""
    return [_condition(condition) for condition in rule.parsed.target]


def _condition(condition: InStanding | InCategory) -> Join:
    if isinstance(condition, InStanding):
        standings = ", ".join(f"'{standing.value}'" for standing in condition.standings)
        return Join("standing", T["Membership"], "m", f"m.standing IN ({standings})")
    grades = f" AND c.grade IN ({', '.join(_quoted(grade) for grade in condition.grades)})" if condition.grades else ""
    return Join(
        "category", T["Category"], "c", f"c.person_id = m.person_id AND c.kind = '{condition.kind.value}'{grades}"
    )


def _quoted(text: str) -> str:
    """A constant of a validated pack as an SQL literal."""
    return "'" + text.replace("'", "''").replace("%", "%%") + "'"


@dataclass(frozen=True)
class Window:
    """How a trigger places its duties in time: SQL for key, sources and days."""

    source: str
    key: str
    event: str
    opens: str
    due: str
    counts_from: str
    where: str = "TRUE"
    having: str = "TRUE"


def window(rule: Rule) -> Window:
    """The trigger of ``rule`` as SQL over the membership ``m``."""
    trigger = rule.parsed.trigger
    member = "'m' || m.person_id || ':' || "
    if isinstance(trigger, OnEvent):
        kinds = ", ".join(f"'{kind.value}'" for kind in trigger.events)
        return Window(
            source=f"{T['Event']} e JOIN {T['Membership']} m ON m.person_id = e.person_id",
            key=member + "'e' || e.id", event="e.id",
            opens="e.occurred_on", due=plus_days("e.occurred_on", trigger.within_days), counts_from="e.occurred_on",
            where=f"e.kind IN ({kinds}) AND e.withdrawn_on IS NULL",
            having="MIN(begins) = counts_from",
        )  # fmt: skip
    if isinstance(trigger, OnDate):
        fact = f"p.{trigger.fact}"
        on = anniversary(fact)
        opens = plus_days(on, -trigger.opens_days_before)
        return Window(
            source=f"{T['Membership']} m JOIN {T['Person']} p ON p.id = m.person_id",
            key=member + "%(period)s", event=nothing("bigint"), opens=opens, due=on, counts_from=opens,
            where=f"{fact} IS NOT NULL AND {year_of(fact)} < %(year)s",
        )  # fmt: skip
    return Window(
        source=f"{T['Membership']} m", key=member + "%(period)s", event=nothing("bigint"),
        opens=day("opens"), due=day("due"), counts_from=day("opens"),
    )  # fmt: skip


def reference(rule: Rule, due: str) -> str:
    """The day on which holding is judged: today where late counts, else the lesser of today and the due day."""
    return day("today") if rule.parsed.late_counts else least(day("today"), due)


def spells(rule: Rule, people: list[int] | None) -> str:
    """``w``: one row for each key that exists, with its dates and the first day its target no longer holds."""
    frame, joins = window(rule), conditions(rule)
    aliases = ["r", *(join.alias for join in joins)]
    begins = greatest(*(f"{alias}.since" for alias in aliases), frame.opens)
    ends = least(*(f"{alias}.until" for alias in aliases))
    held_to = "MAX(ends)"
    if not rule.parsed.late_counts:  # what happens to the target after the due day changes nothing
        held_to = least(held_to, plus_days("due_on", 1))
    more = " ".join(f"JOIN {join.table} {join.alias} ON {join.where}" for join in joins[1:])
    return f"""
      SELECT key, member_id, event_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS opens_on,
             due_on, counts_from, {held_to} AS held_to
      FROM (SELECT {frame.key} AS key, m.person_id AS member_id, {frame.event} AS event_id, m.organisation_id,
                   {begins} AS begins, {ends} AS ends, {frame.due} AS due_on, {frame.counts_from} AS counts_from
            FROM {frame.source}
            JOIN {T["Reach"]} r ON r.rule_id = %(rule)s AND r.organisation_id = m.organisation_id
            {more}
            WHERE {joins[0].where} AND {frame.where} {among("m.person_id", people)}) AS spell
      WHERE begins < ends AND begins <= {reference(rule, "due_on")}
      GROUP BY key, member_id, event_id, due_on, counts_from
      HAVING {frame.having}"""


def open_statement(rule: Rule, people: list[int] | None) -> str:
    """Opens what exists and is not there, moves what is there with other dates; identical rows are left alone."""
    moved = ("opens_on", "counts_from", "due_on", "held_to")
    same = " AND ".join(f"d.{column} = w.{column}" for column in moved)
    update = ", ".join(f"{column} = excluded.{column}" for column in (*moved, "rule_version"))
    return f"""
    WITH w AS ({spells(rule, people)})
    INSERT INTO {T["Duty"]} (rule_id, rule_version, period, key, organisation_id, path, member_id, actor_id, event_id,
                             opens_on, counts_from, due_on, held_to, state, closed_by_id, closed_on, reason)
    SELECT %(rule)s, %(version)s, %(period)s, w.key, w.organisation_id, '', w.member_id, {nothing("bigint")},
           w.event_id, w.opens_on, w.counts_from, w.due_on, w.held_to, 'open',
           {nothing("bigint")}, {nothing("date")}, ''
    FROM w
    WHERE NOT EXISTS (SELECT 1 FROM {T["Duty"]} d WHERE d.rule_id = %(rule)s AND d.key = w.key AND {same})
    ON CONFLICT (rule_id, key) DO UPDATE SET {update}"""


def surplus_statement(rule: Rule, people: list[int] | None) -> str:
    """The duties of a period whose fact is gone: (id, key)."""
    return f"""
    WITH w AS ({spells(rule, people)})
    SELECT d.id, d.key FROM {T["Duty"]} d
    WHERE d.rule_id = %(rule)s AND d.period = %(period)s {among("d.member_id", people)}
      AND d.key NOT IN (SELECT key FROM w)"""


def settle_statement(rule: Rule, people: list[int] | None) -> str:
    """Closes, re-opens, voids, lapses and carries the organisation of the duties of a period.

    Order of states: done, waived, void, lapsed (可以 past its day), open.
    """
    spec = rule.parsed
    times = spec.trigger.times if spec.trigger.kind == "quota" else 1
    judged = reference(rule, "d.due_on")
    ripe = least(day("today"), "d.due_on")
    if spec.late_counts:
        ripe = day("today")
    elif isinstance(spec.trigger, OnDate):
        ripe = least(day("today"), plus_days("d.due_on", spec.trigger.closes_days_after))
    lapsed = f"WHEN {day('today')} > s.due_on THEN 'lapsed'" if spec.force == "可以" else ""
    reasons = " ".join(f"WHEN NOT {_holds(join)} THEN '{join.name}'" for join in conditions(rule))
    return f"""
    WITH s AS MATERIALIZED (
      SELECT d.id, d.key, d.member_id, d.event_id, d.organisation_id, d.opens_on, d.counts_from, d.due_on, d.held_to,
             {judged} AS judged_on, {ripe} AS ripe_to
      FROM {T["Duty"]} d WHERE d.rule_id = %(rule)s AND d.period = %(period)s {among("d.member_id", people)}
    ), {_credit(rule)}, c AS MATERIALIZED (
      SELECT id, record_id, on_day FROM (
        SELECT s.id, k.id AS record_id, k.on_day, ROW_NUMBER() OVER (PARTITION BY s.id ORDER BY k.on_day, k.id) AS n
        FROM s JOIN counting k ON k.member_id = s.member_id AND k.on_day >= s.counts_from AND k.on_day <= s.ripe_to
             AND (s.held_to > s.judged_on OR k.on_day < s.held_to)) AS credit
      WHERE n = {times}
    ), x AS MATERIALIZED (
      SELECT s.*, c.record_id, c.on_day,
             CASE WHEN c.record_id IS NOT NULL THEN 'done' WHEN v.id IS NOT NULL THEN 'waived'
                  WHEN s.held_to <= s.judged_on THEN 'void' {lapsed} ELSE 'open' END AS state,
             CASE WHEN c.record_id IS NOT NULL THEN {greatest("c.on_day", "s.opens_on")}
                  ELSE {least("s.judged_on", plus_days("s.held_to", -1))} END AS stands_on
      FROM s LEFT JOIN c ON c.id = s.id LEFT JOIN {T["Waiver"]} v ON v.rule_id = %(rule)s AND v.key = s.key
    ), y AS MATERIALIZED (
      SELECT x.id, x.state, x.record_id,
             CASE x.state WHEN 'done' THEN x.on_day WHEN 'void' THEN x.held_to END AS closed_on,
             CASE WHEN x.state <> 'void' THEN '' {reasons} ELSE 'reach' END AS reason,
             o.id AS organisation_id, o.path AS path
      FROM x LEFT JOIN {T["Membership"]} m
                  ON m.person_id = x.member_id AND m.since <= x.stands_on AND m.until > x.stands_on
             JOIN {T["Organisation"]} o ON o.id = COALESCE(m.organisation_id, x.organisation_id)
    )
    UPDATE {T["Duty"]} SET state = y.state, closed_by_id = y.record_id, closed_on = y.closed_on, reason = y.reason,
                           organisation_id = y.organisation_id, path = y.path
    FROM y WHERE {T["Duty"]}.id = y.id AND (
      {T["Duty"]}.state <> y.state OR {T["Duty"]}.closed_by_id IS DISTINCT FROM y.record_id
      OR {T["Duty"]}.closed_on IS DISTINCT FROM y.closed_on OR {T["Duty"]}.reason <> y.reason
      OR {T["Duty"]}.organisation_id <> y.organisation_id OR {T["Duty"]}.path <> y.path)"""


def _holds(join: Join) -> str:
    """Whether a condition held for ``x``'s member on the day the whole target ceased to hold."""
    if join.alias == "m":
        where = f"m.person_id = x.member_id AND {join.where}"
    else:
        where = join.where.replace("m.person_id", "x.member_id")
    alias = join.alias
    return (
        f"EXISTS (SELECT 1 FROM {join.table} {alias} WHERE {where}"
        f" AND {alias}.since <= x.held_to AND {alias}.until > x.held_to)"
    )


def _credit(rule: Rule) -> str:
    """``counting``: the records that count for members of ``s``, each judged once.

    Two steps, both materialised: whose turn it was is dear to ask, and a planner with stale statistics would ask it
    of every record for every duty (30 s for 360 members and 370 talks, measured; so asked, under 0.4 s).
    """
    collective = "" if rule.parsed.collective_counts else "AND NOT k.collective"
    return f"""near AS MATERIALIZED (
      SELECT k.id, k.member_id, k.on_day
      FROM (SELECT member_id, MIN(counts_from) AS first, MAX(ripe_to) AS last FROM s GROUP BY member_id) AS t
      JOIN {T["Record"]} k ON k.member_id = t.member_id AND k.on_day >= t.first AND k.on_day <= t.last
      WHERE k.action = %(action)s AND k.withdrawn_on IS NULL {collective}
    ), counting AS MATERIALIZED (
      SELECT k.id, k.member_id, k.on_day FROM near k WHERE {_by_the_responsible(rule)}
    )"""


def _by_the_responsible(rule: Rule) -> str:
    """Whether one who acted in ``k`` held the role (or one that goes with it) where the responsible stood that day.

    That is the nearest organisation upward, own first, in which someone other than the member holds the role:
    one sentence for the secretary's own talk, for the vacancy and for the missing level.
    """
    responsible = rule.parsed.responsible
    roles = ", ".join(f"'{role.value}'" for role in (responsible.role, *responsible.also))
    held = "{0}.since <= k.on_day AND {0}.until > k.on_day"
    return f"""EXISTS (
        SELECT 1 FROM {T["RecordPerson"]} a
        JOIN {T["Membership"]} m ON m.person_id = k.member_id AND {held.format("m")}
        JOIN {T["Lineage"]} l ON l.organisation_id = m.organisation_id AND {held.format("l")}
        JOIN {T["Post"]} p ON p.organisation_id = l.ancestor_id AND p.person_id = a.person_id
             AND p.role IN ({roles}) AND {held.format("p")}
        WHERE a.record_id = k.id AND a.person_id <> k.member_id AND l.distance = (
          SELECT MIN(l2.distance) FROM {T["Lineage"]} l2
          JOIN {T["Post"]} p2 ON p2.organisation_id = l2.ancestor_id AND p2.role = '{responsible.role.value}'
               AND p2.person_id <> k.member_id AND {held.format("p2")}
          WHERE l2.organisation_id = m.organisation_id AND {held.format("l2")}))"""


def parameters(rule: Rule, period: Period, today) -> dict:
    """All named values of the statements."""
    return {
        "rule": rule.pk, "version": rule.version, "action": rule.action, "period": period.code, "year": period.year,
        "opens": period.opens, "due": period.due, "today": today,
    }  # fmt: skip


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
