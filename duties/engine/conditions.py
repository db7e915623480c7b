"""The named conditions of a rule's target as SQL: each is a table that is joined, with the interval that counts, and
what it means on one day.

Values are always parameters; names of tables and columns come from the models, words of the rule from the closed
lists of the schema.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from duties.engine.dialect import among, anniversary, constant, month_end, plus_days
from duties.engine.models import Delegation, Duty, Record, RecordPerson, Waiver
from duties.policy.models import Reach, Rule
from duties.policy.schema import (
    Dated,
    HoldsPost,
    InCategory,
    InStanding,
    ObjectPost,
    OfKind,
    Quota,
    Tied,
)
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post, Tie

T = {model.__name__: model._meta.db_table for model in (
    Delegation, Duty, Record, RecordPerson, Waiver, Reach,
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


@dataclass(frozen=True)
class Part:
    """One named condition: the join it adds (the first of a rule: what its table must meet), the aliases whose
    intervals count, the day from which it holds where that is no interval, and whether it holds for the subject of
    ``x`` on ``x.held_to``.
    """

    name: str
    aliases: tuple[str, ...]
    holds: str
    join: str = ""
    within: str = ""
    since: str = ""


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


def _dated(condition: Dated, rule: Rule) -> Part:
    where, since = dated(condition)
    then = f"AND {since} <= x.held_to" if since else ""
    holds = f"EXISTS (SELECT 1 FROM {T['Person']} g WHERE g.id = x.member_id AND {where} {then})"
    return Part("dated", (), holds, join=f"JOIN {T['Person']} g ON g.id = m.person_id AND {where}", since=since)


def dated(condition: Dated) -> tuple[str, str]:
    """What the person ``g`` must meet, and the day from which he does (empty: always).

    Known to the month or year only, a date counts from the last day it may have been.
    """
    fact, precision = f"g.{condition.fact}", f"g.{condition.fact.removesuffix('_on')}_precision"
    on = anniversary(fact, str(condition.years)) if condition.years else fact
    last = (
        f"CASE {precision} WHEN 'month' THEN {month_end(on)}"
        f" WHEN 'year' THEN {plus_days(anniversary(on, '1'), -1)} ELSE {on} END"
    )
    if condition.before:
        return f"{fact} IS NOT NULL AND {last} < {constant(condition.before)}", ""
    return f"{fact} IS NOT NULL", last


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
    since = next((part.since for part in found if part.since), "")
    held_then = " AND ".join(held(alias, "x.held_to") for alias in aliases) + (
        f" AND {since} <= x.held_to" if since else ""
    )
    holds = (
        f"EXISTS (SELECT 1 FROM {T['Membership']} m {join}"
        f" WHERE m.organisation_id = x.organisation_id AND {found[0].within} AND {held_then})"
    )
    return Part("standing", aliases, holds, join=join, within=found[0].within, since=since)


_PARTS = {
    InStanding: _standing, InCategory: _category, Tied: _tie, Dated: _dated, HoldsPost: _post, ObjectPost: _object,
    OfKind: _kind,
}  # fmt: skip


def reasons(rule: Rule) -> str:
    """``WHEN … THEN 'name'`` for each condition in order: the first that does not hold on ``x.held_to``."""
    return " ".join(f"WHEN NOT {part.holds} THEN '{part.name}'" for part in parts(rule))
