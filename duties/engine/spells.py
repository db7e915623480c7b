"""Which duties exist: the target, the window and the reach of a rule as SQL.

A *spell* is a stretch in which the rule's whole target and its reach hold for a subject within the window. A duty
exists if such a day came; the text in ``docs/engine.md`` is the law of this module. The oracle of the tests says the
same in plain Python.

Values are always parameters; names of tables and columns come from the models, words of the rule from the closed
lists of the schema.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from duties.engine.dialect import (
    among,
    anniversary,
    counting,
    day,
    greatest,
    least,
    month_end,
    nothing,
    plus_count,
    plus_days,
    without_end,
    year_of,
)
from duties.engine.models import Duty, Record, RecordPerson, Waiver
from duties.policy.models import Reach, Rule
from duties.policy.schema import (
    Holds,
    HoldsPost,
    InCategory,
    InStanding,
    ObjectPost,
    OfKind,
    OnDate,
    OnEvent,
    Quota,
    Tied,
)
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post, Tie

T = {model.__name__: model._meta.db_table for model in (
    Duty, Record, RecordPerson, Waiver, Reach,
    Category, Event, Lineage, Membership, Organisation, Person, Post, Tie,
)}  # fmt: skip


@dataclass(frozen=True)
class Circle:
    """Whom a run concerns: people and organisations by primary key, or everybody (``None``)."""

    people: list[int] | None = None
    organisations: list[int] | None = None

    def sql(self, rule: Rule, member: str, actor: str, organisation: str) -> str:
        """``AND …`` that keeps the subjects of the circle, given the columns that hold them."""
        match rule.parsed.subject:
            case "member":
                return among(member, self.people)
            case "actor":
                return among(actor, self.people)
            case "organisation":
                return among(organisation, self.organisations)
        if self.people is None:
            return ""
        return f"AND ({among(member, self.people)[4:]} OR {among(actor, self.people)[4:]})"


EVERYBODY = Circle()


def quoted(words: Iterable) -> str:
    """Constants of a validated pack as the inside of an SQL list."""
    return ", ".join("'" + str(word).replace("'", "''").replace("%", "%%") + "'" for word in words)


def held(alias: str, on: str) -> str:
    """Whether the interval of ``alias`` holds on a day."""
    return f"{alias}.since <= {on} AND {alias}.until > {on}"


def of_kinds(kinds: Iterable, organisation: str) -> str:
    """``AND`` the organisation is of one of these kinds; nothing where none is named."""
    if not kinds:
        return ""
    of_kind = f"ok.id = {organisation} AND ok.kind IN ({quoted(kinds)})"
    return f"AND EXISTS (SELECT 1 FROM {T['Organisation']} ok WHERE {of_kind})"


# Conditions. Each is a table that is joined, with the interval that counts; and what it means on one day. -------------


@dataclass(frozen=True)
class Part:
    """One named condition: the join it adds (the first of a rule: what its table must meet), the aliases whose
    intervals count, and whether it holds for the subject of ``x`` on ``x.held_to``.
    """

    name: str
    aliases: tuple[str, ...]
    holds: str
    join: str = ""
    within: str = ""


def parts(rule: Rule) -> list[Part]:
    """The conditions in their listed order; the first is the table the join begins with."""
    spec = rule.parsed
    if spec.selected:
        return [_some_member(rule)]
    found = [_PARTS[type(condition)](condition, rule) for condition in spec.target]
    if isinstance(spec.trigger, Quota) and spec.trigger.per == "interval":
        found.append(_row_of(spec.trigger))
    return found


def _exists(table: str, alias: str, where: str) -> str:
    return f"EXISTS (SELECT 1 FROM {T[table]} {alias} WHERE {where} AND {held(alias, 'x.held_to')})"


def _standing(condition: InStanding, rule: Rule) -> Part:
    within = f"m.standing IN ({quoted(condition.standings)})"
    holds = _exists("Membership", "m", f"m.person_id = x.member_id AND {within}")
    return Part("standing", ("m",), holds, within=within)


def _category(condition: InCategory, rule: Rule) -> Part:
    grades = f"AND c.grade IN ({quoted(condition.grades)})" if condition.grades else ""
    where = f"c.kind = '{condition.kind}' {grades}"
    holds = _exists("Category", "c", f"c.person_id = x.member_id AND {where}")
    return Part("category", ("c",), holds, join=f"JOIN {T['Category']} c ON c.person_id = m.person_id AND {where}")


def _tie(condition: Tied, rule: Rule) -> Part:
    pair = rule.parsed.subject == "pair"
    where = f"t.kind = '{condition.kind}' AND t.to_id IS NOT NULL"
    holds = _exists("Tie", "t", f"t.person_id = x.member_id AND {where} {'AND t.to_id = x.actor_id' if pair else ''}")
    join = f"JOIN {T['Tie']} t ON t.person_id = m.person_id AND {where} {'AND t.to_id = a.person_id' if pair else ''}"
    return Part("tie", ("t",), holds, join=join)


def _post(condition: HoldsPost, rule: Rule) -> Part:
    within = matching_post(condition, "a")
    holds = _exists("Post", "a", f"a.person_id = x.actor_id AND {within}")
    if rule.parsed.subject == "pair":
        join = f"JOIN {T['Post']} a ON {within} AND a.person_id <> m.person_id"
        return Part("post", ("a",), holds, join=join)
    return Part("post", ("a",), holds, within=within)


def matching_post(condition: HoldsPost | ObjectPost, alias: str) -> str:
    """Whether the post ``alias`` is of the condition's roles, at an organisation of its kinds."""
    return f"{alias}.role IN ({quoted(condition.roles)}) {of_kinds(condition.at, alias + '.organisation_id')}"


def acting_post(rule: Rule, alias: str) -> str:
    """Whether the post ``alias`` is the one for which an actor or a pair owes."""
    return matching_post(next(each for each in rule.parsed.target if isinstance(each, HoldsPost)), alias)


def _object(condition: ObjectPost, rule: Rule) -> Part:
    where = (
        f"bl.organisation_id = b.organisation_id AND bl.ancestor_id = a.organisation_id"
        f" AND bl.distance {'= 0' if condition.where == 'same' else '>= 1'} AND {matching_post(condition, 'b')}"
    )
    held_then = " AND ".join(held(alias, "x.held_to") for alias in ("a", "b", "bl"))
    holds = (
        f"EXISTS (SELECT 1 FROM {T['Post']} a, {T['Post']} b, {T['Lineage']} bl WHERE a.person_id = x.actor_id"
        f" AND {acting_post(rule, 'a')} AND b.person_id = x.member_id AND {where} AND {held_then})"
    )
    join = f"JOIN {T['Post']} b ON b.person_id = m.person_id JOIN {T['Lineage']} bl ON {where}"
    return Part("object", ("b", "bl"), holds, join=join)


def _kind(condition: OfKind, rule: Rule) -> Part:
    within = f"o.kind IN ({quoted(condition.kinds)})"
    return Part("kind", ("o",), _exists("Organisation", "o", f"o.id = x.organisation_id AND {within}"), within=within)


def _row_of(trigger: Quota) -> Part:
    """The category row from whose start an interval is counted: while it runs, the acts are due."""
    name = "'m' || f.person_id || ':c' || f.id || ':%%'"
    where = f"f.person_id = x.member_id AND f.kind = '{trigger.category}' AND x.key LIKE {name}"
    return Part("category", ("f",), _exists("Category", "f", where))


def _some_member(rule: Rule) -> Part:
    """The whole target of an occasion with coverage ``selected``: it is some member's, not one member's."""
    found = [_PARTS[type(condition)](condition, rule) for condition in rule.parsed.target]
    aliases = tuple(alias for part in found for alias in part.aliases)
    join = " ".join(part.join for part in found)
    held_then = " AND ".join(held(alias, "x.held_to") for alias in aliases)
    holds = (
        f"EXISTS (SELECT 1 FROM {T['Membership']} m {join}"
        f" WHERE m.organisation_id = x.organisation_id AND {found[0].within} AND {held_then})"
    )
    return Part("standing", aliases, holds, join=join, within=found[0].within)


_PARTS = {
    InStanding: _standing, InCategory: _category, Tied: _tie, HoldsPost: _post, ObjectPost: _object, OfKind: _kind,
}  # fmt: skip


def reasons(rule: Rule) -> str:
    """``WHEN … THEN 'name'`` for each condition in order: the first that does not hold on ``x.held_to``."""
    return " ".join(f"WHEN NOT {part.holds} THEN '{part.name}'" for part in parts(rule))


# Windows: how a trigger places its duties in time. --------------------------------------------------------------------


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


def window(rule: Rule) -> Window:
    """The trigger of ``rule`` as SQL over its subject."""
    trigger = rule.parsed.trigger
    if isinstance(trigger, OnEvent):
        return Window(
            source=f"JOIN {T['Event']} e ON e.person_id = m.person_id", key="'e' || e.id", event="e.id",
            opens="e.occurred_on", due=plus_days("e.occurred_on", trigger.within_days), closes=without_end(),
            where=f"e.kind IN ({quoted(trigger.events)}) AND e.withdrawn_on IS NULL",
            having="MIN(begins) = counts_from",
        )  # fmt: skip
    if isinstance(trigger, OnDate):
        return _category_date(trigger) if trigger.of_category else _personal_date(trigger)
    if isinstance(trigger, Quota) and trigger.per == "interval":
        return _interval(trigger)
    return Window(opens=day("opens"), due=day("due"), closes=day("closes"))


def _personal_date(trigger: OnDate) -> Window:
    fact = f"p.{trigger.fact}"
    precision = f"p.{trigger.fact.removesuffix('_on')}_precision"
    yearly = trigger.every == "year"
    on = anniversary(fact, f"(%(year)s - {year_of(fact)})" if yearly else str(trigger.at_years))
    later = f"AND {year_of(fact)} < %(year)s" if yearly else ""
    due = f"CASE WHEN {precision} = 'month' THEN {month_end(on)} ELSE {on} END"
    return Window(
        source=f"JOIN {T['Person']} p ON p.id = m.person_id",
        key="%(period)s" if yearly else f"'{trigger.at_years}y'",
        opens=plus_days(on, -trigger.opens_days_before),
        due=due,
        closes=plus_days(f"({due})", trigger.closes_days_after),
        where=f"{fact} IS NOT NULL AND {precision} <> 'year' {later}",
    )


def _category_date(trigger: OnDate) -> Window:
    fact = f"f.{trigger.fact.removeprefix('category_')}"
    due = plus_days(fact, trigger.shift_days)
    known = "AND f.until < '9999-12-31'" if trigger.fact == "category_until" else ""
    return Window(
        source=f"JOIN {T['Category']} f ON f.person_id = m.person_id",
        key="'c' || f.id", opens=plus_days(due, -trigger.opens_days_before), due=due,
        closes=plus_days(due, trigger.closes_days_after),
        where=f"f.kind = '{trigger.category}' {known}",
    )  # fmt: skip


def _interval(trigger: Quota) -> Window:
    due = plus_count("f.since", f"n.k * {trigger.days} - 1")
    return Window(
        source=(
            f"JOIN {T['Category']} f ON f.person_id = m.person_id AND f.kind = '{trigger.category}'"
            f" JOIN {counting('%(most)s')} n ON TRUE"
        ),
        key="'c' || f.id || ':' || n.k",
        opens=plus_count("f.since", f"(n.k - 1) * {trigger.days}"),
        due=due,
        closes=due,
    )


def reference(rule: Rule, due: str) -> str:
    """The day on which holding is judged: today where late counts, else the lesser of today and the due day."""
    return day("today") if rule.parsed.late_counts else least(day("today"), due)


# Spells ---------------------------------------------------------------------------------------------------------------


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
    member = Subject("Membership", "m", "'m' || m.person_id", "m.person_id", null, "m.organisation_id")
    if spec.selected:
        return Subject("Membership", "m", "'o' || m.organisation_id", null, null, "m.organisation_id")
    match spec.subject:
        case "actor":
            return Subject("Post", "a", "'a' || a.person_id", null, "a.person_id", "a.organisation_id")
        case "pair":
            key = "'m' || m.person_id || ':a' || a.person_id"
            return Subject("Membership", "m", key, "m.person_id", "a.person_id", "a.organisation_id")
        case "organisation":
            return Subject("Organisation", "o", "'o' || o.id", null, null, "o.id")
    if spec.responsible.addressee:
        return Subject(member.table, "m", member.key, member.member, "e.addressee_id", member.organisation)
    return member


def _raw(rule: Rule, circle: Circle, *, frame: Window | None) -> str:
    """Every spell as it comes from the joins: subject, fact, dates, and the stretch ``begins`` … ``ends``."""
    who, found = subject(rule), parts(rule)
    aliases = ["r", *(alias for part in found for alias in part.aliases)]
    begins, ends = [f"{alias}.since" for alias in aliases], [f"{alias}.until" for alias in aliases]
    more = " ".join(part.join for part in sorted(found, key=lambda part: part.name != "post"))
    columns = f"{who.member} AS member_id, {who.actor} AS actor_id, {who.organisation} AS organisation_id"
    source, where, key = "", "TRUE", who.key
    if frame:
        begins.append(frame.opens)
        source, where, key = frame.source, frame.where, f"{who.key} || ':' || {frame.key}"
        columns += f", {frame.event or nothing('bigint')} AS event_id, {frame.due} AS due_on"
        columns += f", {frame.opens} AS counts_from, {frame.closes} AS closes_on"
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
    return f"""
      SELECT key, member_id, actor_id, event_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS opens_on,
             due_on, closes_on, counts_from, {held_to} AS held_to
      FROM ({_raw(rule, circle, frame=frame)}) AS spell
      WHERE begins < ends AND begins <= {reference(rule, "due_on")}
      GROUP BY key, member_id, actor_id, event_id, due_on, closes_on, counts_from
      HAVING {frame.having}"""


def _runs(rule: Rule, circle: Circle) -> str:
    """``w`` of a standing rule: spells merged into runs, the last one that has begun, opened anew when the state
    was lost.
    """
    trigger = rule.parsed.trigger
    before = "PARTITION BY key ORDER BY begins, ends ROWS BETWEEN UNBOUNDED PRECEDING AND"
    last = least(day("today"), plus_days("ends", -1))
    opens = greatest("begins", f"COALESCE({ceased(trigger, 'run', last)}, begins)")
    return f"""
      SELECT key, member_id, actor_id, {nothing("bigint")} AS event_id, organisation_id, opens_on,
             {plus_days("opens_on", trigger.within_days)} AS due_on, {without_end()} AS closes_on,
             opens_on AS counts_from, ends AS held_to
      FROM (
        SELECT run.*, {opens} AS opens_on
        FROM (
          SELECT key, member_id, actor_id, MIN(organisation_id) AS organisation_id, MIN(begins) AS begins,
                 MAX(ends) AS ends, ROW_NUMBER() OVER (PARTITION BY key ORDER BY MIN(begins) DESC) AS latest
          FROM (
            SELECT marked.*, SUM(fresh) OVER ({before} CURRENT ROW) AS run
            FROM (
              SELECT spell.*, CASE WHEN begins <= MAX(ends) OVER ({before} 1 PRECEDING) THEN 0 ELSE 1 END AS fresh
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


def holds_on(trigger: Holds, row: str, on: str) -> str:
    """Whether the state of a standing rule holds for the subject of ``row`` on a day."""
    return f"{_count(trigger, row, held('u', on))} >= {trigger.at_least}"


def ceased(trigger: Holds, row: str, last: str) -> str:
    """The latest day up to ``last`` on which the state no longer held, having held the day before."""
    before = _count(trigger, row, "u.since < t.until AND u.until >= t.until")
    return (
        f"(SELECT MAX(t.until) FROM {T['Tie']} t WHERE {_ties_of(trigger, row, 't')} AND t.until <= {last}"
        f" AND {before} >= {trigger.at_least} AND {_count(trigger, row, held('u', 't.until'))} < {trigger.at_least})"
    )


def began(trigger: Holds, row: str, today: str) -> str:
    """The latest day up to ``today`` on which the state began to hold."""
    before = _count(trigger, row, "u.since < t.since AND u.until >= t.since")
    return (
        f"(SELECT MAX(t.since) FROM {T['Tie']} t WHERE {_ties_of(trigger, row, 't')} AND t.since <= {today}"
        f" AND {_count(trigger, row, held('u', 't.since'))} >= {trigger.at_least} AND {before} < {trigger.at_least})"
    )
