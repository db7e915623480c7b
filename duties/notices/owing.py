"""What everybody owes today, counted for all people at once.

The law is that of :mod:`duties.engine.responsible`, which says it of one person, or of the duties of one page: whom
it was handed on to; else the actor a duty binds; else those tied to the member; else the holders of the role, or of the
first instead of it, at the nearest organisation upward, other than the member. Here duties are first counted by place,
rule and group, so that few rows climb the tree.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum

from django.db import connection, transaction

from duties.engine.conditions import T
from duties.engine.dialect import among
from duties.engine.dialect import day as typed
from duties.engine.models import Delegation, State
from duties.engine.responsible import Turn
from duties.policy.models import Force, Rule
from members.enums import OrganisationKind

SOON_DAYS = 7
"""Due within this many days is soon, as on the board."""


HANDED = Delegation._meta.db_table


class Group(IntEnum):
    """When something is due; the groups of the board that ask for an act."""

    LATE = 1
    SOON = 2
    LATER = 3


@dataclass
class Owing:
    """What one person owes: numbers by rule and group, and how many of them could not be done before today."""

    by_rule: dict[tuple[int, Group], int] = field(default_factory=dict)
    fresh: int = 0


def owing(day: date, people: Collection[int] | None = None) -> dict[int, Owing]:
    """What is each person's turn on ``day``, of what is open, has begun and can still be done.

    :param people: only of these, by primary key; ``None`` means of everybody.
    :returns: by primary key of the person; nobody is in it who owes nothing. One query, however many they are.
    """
    rules = list(Rule.objects.adopted().order_by("pk").values_list("pk", "spec__responsible", "force"))
    if not rules or (people is not None and not people):
        return {}
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The planner takes the counted rows for a single one, and would climb the tree anew for each of them.
            cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_statement(rules, people), {"day": day, "soon": day + timedelta(days=SOON_DAYS)})
        rows = cursor.fetchall()
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_nestloop = on")
    found = defaultdict(Owing)
    for person, rule, group, n, fresh in rows:
        found[person].by_rule[rule, Group(group)] = int(n)
        found[person].fresh += int(fresh)
    return dict(found)


def _statement(rules: list[tuple], people: Collection[int] | None) -> str:
    """The statement. Numbers and words of closed lists stand in its text, days are parameters."""
    turns = list(dict.fromkeys(Turn.of(responsible) for _pk, responsible, _force in rules))
    said = ", ".join(
        f"({int(pk)}, {turns.index(Turn.of(responsible))}, {int(force == Force.MAY)})"
        for pk, responsible, force in rules
    )
    heads = ", ".join(
        f"({number}, {_word(role)}, {order}, {_word(kind)}, {_word(turn.tie)})"
        for number, turn in enumerate(turns)
        for order, role in enumerate(turn.roles)
        for kind in turn.at or OrganisationKind.values
    )
    roles = ", ".join(sorted({_word(role) for turn in turns for role in turn.roles}))
    on, soon = typed("day"), typed("soon")
    named = "COALESCE(handed.to_id, duty.actor_id)"
    now = f"since <= {on} AND until > {on}"
    whose = "" if people is None else _of(people)
    return f"""
    WITH said (rule_id, turn, may) AS (VALUES {said}),
    heads (turn, role, nth, kind, tie) AS (VALUES {heads}),
    post AS (SELECT DISTINCT person_id, organisation_id, role FROM {T["Post"]} WHERE role IN ({roles}) AND {now}),
    holds AS (
      SELECT line.organisation_id AS place, line.distance, post.role, above.kind, post.person_id AS person
      FROM {T["Lineage"]} line
      JOIN post ON post.organisation_id = line.ancestor_id
      JOIN {T["Organisation"]} above ON above.id = line.ancestor_id
      WHERE line.since <= {on} AND line.until > {on}
    ),
    tied AS (
      SELECT DISTINCT person_id AS member, kind, to_id AS person FROM {T["Tie"]}
      WHERE {now} AND to_id IS NOT NULL AND to_id <> person_id
    ),
    bound AS (SELECT DISTINCT said.rule_id, tied.member FROM tied
              JOIN heads ON heads.tie = tied.kind JOIN said ON said.turn = heads.turn),
    counted AS (
      SELECT duty.rule_id, duty.organisation_id AS place, COALESCE(handed.to_id, duty.actor_id, 0) AS actor,
             CASE WHEN {named} IS NULL AND bound.member IS NOT NULL THEN 1 ELSE 0 END AS by_tie,
             CASE WHEN {named} IS NULL AND (bound.member IS NOT NULL OR head.person_id IS NOT NULL)
                  THEN duty.member_id ELSE 0 END AS member,
             CASE WHEN duty.due_on < {on} THEN {Group.LATE:d} WHEN duty.due_on <= {soon} THEN {Group.SOON:d}
                  ELSE {Group.LATER:d} END AS due,
             COUNT(*) AS n, SUM(CASE WHEN duty.opens_on = {on} THEN 1 ELSE 0 END) AS fresh
      FROM {T["Duty"]} duty
      JOIN said ON said.rule_id = duty.rule_id
      LEFT JOIN {HANDED} handed ON handed.rule_id = duty.rule_id AND handed.key = duty.key
      LEFT JOIN (SELECT DISTINCT person_id FROM post) head ON head.person_id = duty.member_id
      LEFT JOIN bound ON bound.rule_id = duty.rule_id AND bound.member = duty.member_id
      WHERE duty.state = '{State.OPEN}' AND duty.opens_on <= {on} AND duty.closes_on >= {on}
        AND (duty.due_on >= {on} OR (said.may = 0 AND NOT duty.silent)) {whose}
      GROUP BY 1, 2, 3, 4, 5, 6
    ),
    nearest AS (
      SELECT counted.*, holds.person, RANK() OVER (
               PARTITION BY counted.rule_id, counted.place, counted.member, counted.due
               ORDER BY holds.distance, heads.nth) AS step
      FROM counted
      JOIN said ON said.rule_id = counted.rule_id
      JOIN heads ON heads.turn = said.turn
      JOIN holds ON holds.place = counted.place AND holds.role = heads.role AND holds.kind = heads.kind
      WHERE counted.actor = 0 AND counted.by_tie = 0 AND holds.person <> counted.member
    ),
    turns (person, rule_id, due, n, fresh) AS (
      SELECT actor, rule_id, due, n, fresh FROM counted WHERE actor <> 0
      UNION ALL
      SELECT tied.person, counted.rule_id, counted.due, counted.n, counted.fresh FROM counted
      JOIN said ON said.rule_id = counted.rule_id
      JOIN (SELECT DISTINCT turn, tie FROM heads) heads ON heads.turn = said.turn
      JOIN tied ON tied.member = counted.member AND tied.kind = heads.tie
      WHERE counted.by_tie = 1
      UNION ALL
      SELECT person, rule_id, due, n, fresh FROM nearest WHERE step = 1
    )
    SELECT person, rule_id, due, SUM(n), SUM(fresh) FROM turns
    {"" if people is None else f"WHERE {among('person', people)[4:]}"}
    GROUP BY person, rule_id, due"""


def _of(people: Collection[int]) -> str:
    """Narrowing to duties that can be the turn of these people at all."""
    return f"""AND (
        duty.organisation_id IN (SELECT place FROM holds WHERE {among("person", people)[4:]})
        OR duty.member_id IN (SELECT member FROM tied WHERE {among("person", people)[4:]})
        OR {among("duty.actor_id", people)[4:]} OR {among("handed.to_id", people)[4:]})"""


def _word(text: str | None) -> str:
    """A word of a closed list as SQL has it."""
    if text is None:
        return "NULL"
    if not text.replace("_", "").isalpha():
        raise ValueError("not a word of a closed list")
    return f"'{text}'"
