"""Which duties exist: the target, the window and the reach of a rule as SQL.

A *spell* is a stretch in which the rule's whole target and its reach hold for a subject within the window. A duty
exists if such a day came; the text in ``docs/engine.md`` is the law of this module. The oracle of the tests says the
same in plain Python.
"""

from dataclasses import dataclass

from duties.engine.conditions import Circle, T, held, parts
from duties.engine.dialect import day, greatest, least, nothing, plus_count, plus_days, without_end
from duties.engine.windows import Window, number, reference, window
from duties.policy.models import Rule
from duties.policy.schema import Holds


@dataclass(frozen=True)
class Subject:
    """Whom a key stands for: the table the join begins with, and the columns of the duty."""

    table: str
    alias: str
    key: str
    member: str
    actor: str
    organisation: str


def subject(rule: Rule) -> Subject:
    """The subject of ``rule`` as SQL."""
    spec, null = rule.parsed, nothing("bigint")
    addressee = "e.addressee_id" if spec.responsible.addressee else null
    member = Subject("Membership", "m", "'m' || m.person_id", "m.person_id", addressee, "m.organisation_id")
    if spec.selected:
        return Subject("Membership", "m", "'o' || m.organisation_id", null, null, "m.organisation_id")
    match spec.subject:
        case "actor":
            return Subject("Post", "a", "'a' || a.person_id", null, "a.person_id", "a.organisation_id")
        case "pair":
            key = "'m' || m.person_id || ':a' || a.person_id"
            return Subject("Membership", "m", key, "m.person_id", "a.person_id", "a.organisation_id")
        case "organisation":
            return Subject("Organisation", "o", "'o' || o.id", null, _bound() if names_holders(rule) else null, "o.id")
    return member


def names_holders(rule: Rule) -> bool:
    """Whether it is about events of an organisation, whose addressees are named as holders of posts."""
    return rule.parsed.responsible.addressee and rule.parsed.subject == "organisation"


LATELY = 90
"""Days before its event within which an addressee held his post; ends of posts are often entered later."""


def _bound() -> str:
    """Whom an organisation's event binds: its addressee. One who held a post there or above, then or lately, only while
    he holds one; then whoever holds that post, if anybody does.
    """

    def posts(alias: str, first: str, last: str, more: str) -> str:
        """Posts held on one of the days, at what is the organisation or above it on the last of them."""
        line = f"{alias}l"
        return (
            f"{T['Post']} {alias}, {T['Lineage']} {line} WHERE {line}.ancestor_id = {alias}.organisation_id"
            f" AND {line}.organisation_id = o.id AND {held(line, last)}"
            f" AND {alias}.since <= {last} AND {alias}.until > {first} AND {more}"
        )

    def then(more: str) -> str:
        mine = f"a.person_id = e.addressee_id{more}"
        return f"EXISTS (SELECT 1 FROM {posts('a', plus_days('e.occurred_on', -LATELY), 'e.occurred_on', mine)})"

    def now(what: str, more: str) -> str:
        return f"SELECT {what} FROM {posts('b', day('today'), day('today'), more)}"

    same = then(" AND a.organisation_id = b.organisation_id AND a.role = b.role")
    return f"""CASE
        WHEN EXISTS ({now("1", "b.person_id = e.addressee_id")}) THEN e.addressee_id
        WHEN {then("")} THEN ({now("b.person_id", same)} ORDER BY bl.distance, b.since, b.id LIMIT 1)
        ELSE e.addressee_id END"""


def _raw(rule: Rule, circle: Circle, *, frame: Window | None) -> str:
    """Every spell as it comes from the joins: subject, fact, dates, and the stretch ``begins`` … ``ends``."""
    who, found = subject(rule), parts(rule)
    aliases = ["r", *(alias for part in found for alias in part.aliases)]
    begins, ends = [f"{alias}.since" for alias in aliases], [f"{alias}.until" for alias in aliases]
    begins += [part.since for part in found if part.since]
    more = " ".join(part.join for part in sorted(found, key=lambda part: part.name != "post"))
    columns = f"{who.member} AS member_id, {who.actor} AS actor_id, {who.organisation} AS organisation_id"
    source, where, key = "", "TRUE", who.key
    if frame:
        begins.append(frame.opens)
        source, where, key = frame.source, frame.where, f"{who.key} || ':' || {frame.key}"
        columns += f", {frame.event or nothing('bigint')} AS event_id, {frame.due} AS due_on"
        columns += f", {frame.opens} AS counts_from, {frame.closes} AS closes_on"
    if rule.variants:
        columns += ", r.adjustment_id"
    narrow = circle.sql(rule, who.member, who.actor, who.organisation)
    return f"""
      SELECT {key} AS key, {columns}, {greatest(*begins)} AS begins, {least(*ends)} AS ends
      FROM {T[who.table]} {who.alias} {source} {more}
      JOIN {T["Reach"]} r ON r.rule_id = %(rule)s AND r.organisation_id = {who.organisation}
      WHERE {found[0].within} AND {where} {narrow}"""


def spells(rule: Rule, circle: Circle) -> str:
    """``w``: one row for each key that exists, with its dates and the first day its target no longer holds."""
    if isinstance(rule.parsed.trigger, Holds):
        return _runs(rule, circle)
    frame = window(rule)
    held_to = "MAX(ends)"
    if not rule.parsed.late_counts:  # what happens to the target after the due day changes nothing
        held_to = least(held_to, plus_days("due_on", 1))
    if rule.variants:
        return _first_of_variants(rule, circle, frame)
    return f"""
      SELECT key, member_id, actor_id, event_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS opens_on,
             due_on, closes_on, counts_from, {held_to} AS held_to, {nothing("bigint")} AS adjustment_id
      FROM ({_raw(rule, circle, frame=frame)}) AS spell
      WHERE begins < ends AND begins <= {reference(rule, "due_on")}
      GROUP BY key, member_id, actor_id, event_id, due_on, closes_on, counts_from
      HAVING {frame.having}"""


_OWN = "COALESCE(adjustment_id, 0)"
"""Orders the pack's numbers before those of adjustments, alike on both engines."""


def _first_of_variants(rule: Rule, circle: Circle, frame: Window) -> str:
    """As :func:`spells`, where organisations adjusted the rule: a duty has the numbers with which it opened, those of
    its first spell (of several that begin on one day, of the one due first).
    """
    of_first = ", ".join(
        f"MIN(CASE WHEN n = 1 THEN {name} END) AS {name}"
        for name in ("due_on", "closes_on", "counts_from", "adjustment_id")
    )
    held_to = "w.held_to" if rule.parsed.late_counts else least("w.held_to", plus_days("w.due_on", 1))
    order = f"begins, due_on, closes_on, {_OWN}"
    return f"""
      SELECT w.key, w.member_id, w.actor_id, w.event_id, w.organisation_id, w.opens_on, w.due_on, w.closes_on,
             w.counts_from, {held_to} AS held_to, w.adjustment_id
      FROM (
        SELECT key, member_id, actor_id, event_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS opens_on,
               {of_first}, MAX(ends) AS held_to
        FROM (
          SELECT spell.*, ROW_NUMBER() OVER (PARTITION BY key ORDER BY {order}) AS n
          FROM ({_raw(rule, circle, frame=frame)}) AS spell
          WHERE begins < ends AND begins <= {reference(rule, "due_on")}) AS numbered
        GROUP BY key, member_id, actor_id, event_id) AS w
      WHERE {"w.opens_on = w.counts_from" if frame.event else "TRUE"}"""


def _runs(rule: Rule, circle: Circle) -> str:
    """``w`` of a standing rule: spells merged into runs, the last one that has begun, opened anew when the state
    was lost. Where organisations adjusted it, the numbers of today hold: those of the last spell that has begun.
    """
    trigger = rule.parsed.trigger
    before = "PARTITION BY key ORDER BY begins, ends ROWS BETWEEN UNBOUNDED PRECEDING AND"
    last = least(day("today"), plus_days("ends", -1))
    opens = greatest("begins", f"COALESCE({ceased(rule, 'run', last)}, begins)")
    due = plus_days("opens_on", trigger.within_days)
    latest = nothing("bigint")
    if rule.variants:
        due = plus_count("opens_on", number(rule, "within_days", "adjustment_id"))
        begun = f"CASE WHEN begins <= {day('today')} THEN begins END"
        latest = f"FIRST_VALUE(adjustment_id) OVER (PARTITION BY key ORDER BY {begun} DESC NULLS LAST, {_OWN})"
    return f"""
      SELECT key, member_id, actor_id, {nothing("bigint")} AS event_id, organisation_id, opens_on,
             {due} AS due_on, {without_end()} AS closes_on,
             opens_on AS counts_from, ends AS held_to, adjustment_id
      FROM (
        SELECT run.*, {opens} AS opens_on
        FROM (
          SELECT key, member_id, actor_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS begins,
                 MAX(ends) AS ends, ROW_NUMBER() OVER (PARTITION BY key ORDER BY MIN(begins) DESC) AS latest,
                 MIN(set_by) AS adjustment_id
          FROM (
            SELECT marked.*, SUM(fresh) OVER ({before} CURRENT ROW) AS run
            FROM (
              SELECT spell.*, CASE WHEN begins <= MAX(ends) OVER ({before} 1 PRECEDING) THEN 0 ELSE 1 END AS fresh,
                     {latest} AS set_by
              FROM ({_raw(rule, circle, frame=None)}) AS spell WHERE begins < ends) AS marked) AS numbered
          GROUP BY key, member_id, actor_id, run HAVING MIN(begins) <= {day("today")}) AS run
        WHERE latest = 1) AS opened"""


def _ties_of(trigger: Holds, row: str, alias: str) -> str:
    """The ties that count for the subject of ``row``."""
    if trigger.counted_per == "actor":
        return f"{alias}.kind = '{trigger.tie}' AND {alias}.to_id = {row}.actor_id"
    return f"{alias}.kind = '{trigger.tie}' AND {alias}.person_id = {row}.member_id AND {alias}.to_id IS NOT NULL"


def _count(trigger: Holds, row: str, interval: str) -> str:
    return f"(SELECT COUNT(*) FROM {T['Tie']} u WHERE {_ties_of(trigger, row, 'u')} AND {interval})"


def holds_on(rule: Rule, row: str, on: str) -> str:
    """Whether the state of a standing rule holds for the subject of ``row`` on a day."""
    wanted = number(rule, "at_least", f"{row}.adjustment_id")
    return f"{_count(rule.parsed.trigger, row, held('u', on))} >= {wanted}"


def ceased(rule: Rule, row: str, last: str) -> str:
    """The latest day up to ``last`` on which the state no longer held, having held the day before."""
    trigger, wanted = rule.parsed.trigger, number(rule, "at_least", f"{row}.adjustment_id")
    before = _count(trigger, row, "u.since < t.until AND u.until >= t.until")
    return (
        f"(SELECT MAX(t.until) FROM {T['Tie']} t WHERE {_ties_of(trigger, row, 't')} AND t.until <= {last}"
        f" AND {before} >= {wanted} AND {_count(trigger, row, held('u', 't.until'))} < {wanted})"
    )


def began(rule: Rule, row: str, today: str) -> str:
    """The latest day up to ``today`` on which the state began to hold."""
    trigger, wanted = rule.parsed.trigger, number(rule, "at_least", f"{row}.adjustment_id")
    before = _count(trigger, row, "u.since < t.since AND u.until >= t.since")
    return (
        f"(SELECT MAX(t.since) FROM {T['Tie']} t WHERE {_ties_of(trigger, row, 't')} AND t.since <= {today}"
        f" AND {_count(trigger, row, held('u', 't.since'))} >= {wanted} AND {before} < {wanted})"
    )
