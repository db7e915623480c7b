"""Why somebody owes, or is owed, nothing: the target of a rule asked condition by condition on one day.

The conditions are the engine's own (:func:`duties.engine.spells.parts`), so what is said here is what the statements
do. It reads; it opens and settles nothing.
"""

from dataclasses import dataclass, field
from datetime import date

from django.db import connection

from base.dates import FAR
from duties.engine.conditions import T, acting_post, held, parts
from duties.engine.dialect import day as day_of
from duties.engine.dialect import nothing
from duties.engine.periods import Period, periods
from duties.policy.models import Reach, Rule
from duties.policy.schema import OnEvent, Quota, Trigger
from members.models import Event, Membership, Person, Post

LOOKED_AT = 5
"""Of many events the latest few are looked at, each on its day."""


@dataclass(frozen=True)
class Answers:
    """What holds for somebody on a day: the named conditions in their order, then reach.

    ``places``: the organisations that reach is asked of: the member's, or those of the actor's posts.
    """

    conditions: dict[str, bool]
    reach: list[Reach] = field(default_factory=list)
    places: tuple[int, ...] = ()
    reached: bool = False

    @property
    def missing(self) -> str:
        """The first condition that does not hold, ``reach`` if all do and the rule does not reach there, else empty."""
        return next((name for name, holds in self.conditions.items() if not holds), "" if self.reached else "reach")


def asked(rule: Rule, person: Person, day: date) -> Answers:
    """The conditions of ``rule`` for ``person`` on ``day``: as the member, or of an actor's rule as the actor.

    Of a pair, whether there is an actor with whom this and all conditions before it hold. Not for rules whose subject
    is an organisation.
    """
    names, holds = zip(*_conditions(rule), strict=True)
    values = {"person": person.pk, "day": day}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(holds)} FROM ({_subjects(rule)}) x", values)
        found = cursor.fetchone()
    conditions = dict(zip(names, map(bool, found), strict=True))
    places = _places(rule, person, day)
    reach = list(
        Reach.objects.filter(rule=rule, organisation__in=places).select_related("adjustment").order_by("since", "pk")
    )
    reached = any(row.since <= day < row.until for row in reach)
    return Answers(conditions, reach, places, reached)


def _conditions(rule: Rule) -> list[tuple[str, str]]:
    """Name and SQL of each condition over the rows ``x``; a row may not come at all, which no condition survives."""
    found, before = [], []
    last_is_row = isinstance(rule.parsed.trigger, Quota) and rule.parsed.trigger.per == "interval"
    every = parts(rule)
    for place, part in enumerate(every):
        holds = _row(rule.parsed.trigger) if last_is_row and place == len(every) - 1 else part.holds
        before.append(holds)
        together = " AND ".join(before) if rule.parsed.subject == "pair" else holds
        name = part.name if part.name not in dict(found) else f"{part.name}_row"
        found.append((name, f"COALESCE(MAX(CASE WHEN {together} THEN 1 ELSE 0 END), 0)"))
    return found


def _row(trigger: Quota) -> str:
    """Whether a row of the category runs from whose start an interval is counted; the key would name which."""
    where = f"f.person_id = x.member_id AND f.kind = '{trigger.category}' AND {held('f', 'x.held_to')}"
    return f"EXISTS (SELECT 1 FROM {T['Category']} f WHERE {where})"


def _subjects(rule: Rule) -> str:
    """The rows ``x`` of which the conditions are asked: one; of a pair one for each actor there could be."""
    person, null = "CAST(%(person)s AS bigint)", nothing("bigint")
    rest = f"{null} AS organisation_id, {day_of('day')} AS held_to, '' AS key"
    match rule.parsed.subject:
        case "actor":
            return f"SELECT {null} AS member_id, {person} AS actor_id, {rest}"
        case "pair":
            # With no candidate at all there still is a row, so that the conditions on the member are answered.
            actors = (
                f"SELECT a.person_id FROM {T['Post']} a WHERE {acting_post(rule, 'a')} AND {held('a', day_of('day'))}"
            )
            actors += " AND a.person_id <> %(person)s"
            return f"SELECT {person} AS member_id, p.person_id AS actor_id, {rest} FROM ({actors} UNION SELECT 0) p"
    return f"SELECT {person} AS member_id, {null} AS actor_id, {rest}"


def _places(rule: Rule, person: Person, day: date) -> tuple[int, ...]:
    """Of which organisations reach is asked: where a member stands; of actors and pairs, where the actor's post is."""
    if rule.parsed.subject == "member":
        rows = Membership.objects.on(day).filter(person=person)
        return tuple(rows.order_by("pk").values_list("organisation", flat=True))
    where = f"{acting_post(rule, 'a')} AND {held('a', day_of('day'))}"
    if rule.parsed.subject == "actor":
        where += " AND a.person_id = %(person)s"
    else:
        where += f" AND {_linked(rule)}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT a.organisation_id FROM {T['Post']} a WHERE {where} ORDER BY 1",
            {"person": person.pk, "day": day},
        )
        return tuple(row[0] for row in cursor.fetchall())


def _linked(rule: Rule) -> str:
    """Whether the actor of the post ``a`` has to do with the member, by all conditions of a pair."""
    every = " AND ".join(part.holds for part in parts(rule) if part.name in ("object", "tie"))
    values = f"CAST(%(person)s AS bigint) AS member_id, a.person_id AS actor_id, {day_of('day')} AS held_to"
    return f"a.person_id <> %(person)s AND EXISTS (SELECT 1 FROM (SELECT {values}) x WHERE {every})"


@dataclass(frozen=True)
class Happened:
    """An event of the rule's kinds, and which condition did not hold on its day (``reach``, or empty)."""

    event: Event
    missing: str


def happened(rule: Rule, person: Person, kinds: list[str]) -> list[Happened]:
    """The latest events of these kinds that were not withdrawn, each with what its own day lacked."""
    if not isinstance(rule.parsed.trigger, OnEvent):
        return []
    events = Event.objects.standing().filter(person=person, kind__in=kinds).order_by("-occurred_on", "-pk")
    events = events.defer("note")[:LOOKED_AT]
    return [Happened(event, asked(rule, person, event.occurred_on).missing) for event in events]


def window(trigger: Trigger, day: date) -> tuple[Period | None, Period | None]:
    """Of an occasion or a quota: the period that is open on ``day``, and the next that begins after it."""
    near = periods(trigger, day, date(min(day.year + 1, FAR.year), 12, 31))
    now = next((each for each in near if each.opens <= day <= max(each.due, each.closes)), None)
    return now, next((each for each in near if each.opens > day), None)


def posts_held(person: Person, day: date) -> list[Post]:
    """The posts somebody holds on a day, as a condition looks at them."""
    posts = Post.objects.on(day).filter(person=person).select_related("organisation")
    return list(posts.order_by("since", "pk"))
