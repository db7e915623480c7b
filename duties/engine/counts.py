"""How many duties stand under each organisation, without counting them.

A *total* says, for an organisation and all below it, how many duties of a rule and period are in a state, open ones by
due day, done ones by the month in which they were done; the sweep makes them. A *change* is what a fact did since,
written in its own transaction: a signed number for the organisation where the duty stands. What holds now is the total
plus the changes below: exact at every level at any moment. Changes are only ever inserted, so facts never wait for each
other here; the sweep folds them into the totals.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Length

from base.dates import FAR, month_end
from duties.engine import dialect
from duties.engine.conditions import Circle
from duties.engine.models import Duty, DutyChange, DutyQuerySet, DutyTotal, State
from duties.policy.models import Force, Rule
from members.enums import Standing
from members.models import PATH_SEGMENT, Membership, Organisation
from members.scope import path_end

RUNNING = (State.OPEN, State.LAPSED)
"""Only of these the days are kept; of what is done its month, of what else has ended how many there are."""

COLUMNS = ("rule_id", "period", "state", "due_on", "closes_on", "silent")
"""What makes a cell."""


class Cell(NamedTuple):
    """Duties that a page need not tell apart. Of ended ones the days are far and ``silent`` is false; but of done ones
    ``due_on`` is the last day of the month in which they were done.
    """

    due_on: date
    rule: int
    period: str
    state: str
    closes_on: date
    silent: bool


# Reading


OPTIONAL = Rule.objects.filter(force=Force.MAY).values("pk")
"""The rules by which policy only allows: never overdue."""


def late(day: date) -> Q:
    """Overdue and still to be done, neither optional nor past the last day of an act: of cells and duties alike."""
    return Q(state=State.OPEN, due_on__lt=day, closes_on__gte=day, silent=False) & ~Q(rule__in=OPTIONAL)


def cells(path: str) -> Counter:
    """The duties at and below the organisation standing at ``path`` by cell, in one query whatever their number."""
    totals = DutyTotal.objects.filter(organisation__path=path)
    changes = DutyChange.objects.filter(path__gte=path, path__lt=path_end(path))
    both = [
        each.values_list("due_on", "rule", "period", "state", "closes_on", "silent", "n") for each in (totals, changes)
    ]
    found: Counter = Counter()
    for *cell, n in both[0].union(both[1], all=True):
        found[Cell._make(cell)] += n
    return Counter({cell: n for cell, n in found.items() if n})


def each(organisations: Iterable[Organisation], wanted: Q) -> dict[int, int]:
    """How many duties ``wanted`` (a condition on cells) stand at and below each organisation; two queries."""
    places = {organisation.path: organisation.pk for organisation in organisations}
    numbers = dict.fromkeys(places.values(), 0)
    totals = DutyTotal.objects.filter(wanted, organisation__in=places.values()).values_list("organisation")
    for pk, n in totals.annotate(n=Sum("n")).order_by():
        numbers[pk] += n
    lengths = {len(path) for path in places}
    changes = DutyChange.objects.filter(wanted, path__gte=min(places), path__lt=path_end(max(places))) if places else []
    for path, n in changes and changes.values_list("path").annotate(n=Sum("n")).order_by():
        for pk in {places.get(path[:length]) for length in lengths if length <= len(path)} - {None}:
            numbers[pk] += n
    return numbers


def by_rule(organisations: Iterable[Organisation], wanted: Mapping[str, Q]) -> dict[int, dict[int, Counter]]:
    """How many duties, open or done, each of ``wanted`` (conditions on cells, by name) holds at and below each
    organisation, by rule; two queries, however many organisations.
    """
    places = {organisation.path: organisation.pk for organisation in organisations}
    found: dict[int, dict[int, Counter]] = {pk: defaultdict(Counter) for pk in places.values()}
    if not places:
        return found
    sums = {name: Sum("n", filter=condition, default=0) for name, condition in wanted.items()}
    within = Q(state__in=(State.OPEN, State.DONE))
    totals = DutyTotal.objects.filter(within, organisation__in=places.values()).order_by()
    for pk, rule, *numbers in totals.values_list("organisation", "rule").annotate(**sums):
        found[pk][rule] = Counter(dict(zip(sums, numbers, strict=True)))
    lengths = {len(path) for path in places}
    changes = DutyChange.objects.filter(within, path__gte=min(places), path__lt=path_end(max(places))).order_by()
    for row in changes.values("path", "rule").annotate(**sums):
        path, rule = row.pop("path"), row.pop("rule")
        for pk in {places.get(path[:length]) for length in lengths if length <= len(path)} - {None}:
            found[pk][rule].update(row)
    return found


def done_in_months(path: str, wanted: Q) -> Counter:
    """Of the done duties ``wanted`` (a condition on cells) at and below the organisation standing at ``path`` how many
    were done in each month: by rule and the month's last day; two queries.
    """
    totals = DutyTotal.objects.filter(organisation__path=path)
    changes = DutyChange.objects.filter(path__gte=path, path__lt=path_end(path))
    found: Counter = Counter()
    for each in (totals, changes):
        rows = each.filter(wanted, state=State.DONE).order_by().values_list("rule", "due_on")
        for rule, month, n in rows.annotate(sum=Sum("n")):
            found[rule, month] += n
    return found


def number(paths: Collection[str], wanted: Q) -> int:
    """How many duties ``wanted`` (a condition on cells) stand at and below these paths, none inside another."""
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(path__gte=path, path__lt=path_end(path))
    sums = [
        rows.order_by().values(all=Value(1)).annotate(sum=Sum("n")).values_list("sum", flat=True)
        for rows in (
            DutyTotal.objects.filter(wanted, organisation__path__in=paths),
            DutyChange.objects.filter(wanted & below),
        )
    ]
    return sum(each or 0 for each in sums[0].union(sums[1], all=True))


def by_state(rule: Rule) -> Counter:
    """How many duties of a rule there are in each state."""
    tops = Organisation.objects.annotate(length=Length("path")).filter(length=PATH_SEGMENT)
    found: Counter = Counter()
    for source in (DutyTotal.objects.filter(organisation__in=tops), DutyChange.objects.all()):
        found.update(dict(source.filter(rule=rule).values_list("state").annotate(Sum("n")).order_by()))
    return found


# Writing: what one fact changes


def counted(duties: DutyQuerySet) -> Counter:
    """Some duties, not very many, counted: how many by the path where they stand and their cell."""
    found: Counter = Counter()
    columns = ("path", "due_on", "rule", "period", "state", "closes_on", "silent", "closed_on")
    for path, due_on, rule, period, state, closes_on, silent, closed_on in duties.order_by().values_list(*columns):
        if state in RUNNING:
            found[path, Cell(due_on, rule, period, state, closes_on, silent)] += 1
        else:
            done_in = month_end(closed_on) if state == State.DONE else FAR
            found[path, Cell(done_in, rule, period, state, FAR, False)] += 1
    return found


def standing(circle: Circle, rules: Collection[int]) -> Counter:
    """The duties of a circle, counted before a fact settles and after: the difference is what it did."""
    owed = Q()
    if circle.people is not None:
        owed = Q(member__in=circle.people) | Q(actor__in=circle.people)
        owed |= Q(organisation__in=circle.organisations, member__isnull=True)
    return counted(Duty.objects.filter(owed, rule__in=rules))


def write_changes(before: Counter, after: Counter) -> None:
    """Write down the difference between two :func:`standing`."""
    changed = {key: after[key] - before[key] for key in sorted(before.keys() | after.keys())}
    DutyChange.objects.bulk_create(
        DutyChange(
            path=path, rule_id=cell.rule, period=cell.period, state=cell.state, due_on=cell.due_on,
            closes_on=cell.closes_on, silent=cell.silent, n=n,
        )
        for (path, cell), n in changed.items() if n
    )  # fmt: skip


# Writing: what the sweep adds up

T = {model.__name__: model._meta.db_table for model in (Duty, DutyChange, DutyTotal, Organisation)}
_LEVELS = f"(SELECT DISTINCT LENGTH(path) AS length FROM {T['Organisation']})"
_UPWARD = f"""
    JOIN {_LEVELS} AS level ON level.length <= LENGTH(leaf.path)
    JOIN {T["Organisation"]} o ON o.path = SUBSTR(leaf.path, 1, level.length)
    GROUP BY o.id, leaf.rule_id, leaf.period, leaf.state, leaf.due_on, leaf.closes_on, leaf.silent"""
_INTO = f"INSERT INTO {T['DutyTotal']} (organisation_id, {', '.join(COLUMNS)}, n)"
_SELECT = f"SELECT o.id, {', '.join(f'leaf.{column}' for column in COLUMNS)}, SUM(leaf.n)"


def recount(rule: Rule) -> None:
    """Count the duties of a rule anew for every organisation. The caller holds the engine's lock alone."""
    DutyChange.objects.filter(rule=rule).delete()
    DutyTotal.objects.filter(rule=rule).delete()
    running = f"d.state IN ({', '.join(repr(str(state)) for state in RUNNING)})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH leaf AS (
              SELECT path, rule_id, period, state, due_on, closes_on, silent, COUNT(*) AS n
              FROM (SELECT d.path, d.rule_id, d.period, d.state, {running} AND d.silent AS silent,
                           CASE WHEN {running} THEN d.due_on
                                WHEN d.state = '{State.DONE}' THEN {dialect.month_end("d.closed_on")}
                                ELSE {dialect.day("far")} END AS due_on,
                           CASE WHEN {running} THEN d.closes_on ELSE %(far)s END AS closes_on
                    FROM {T["Duty"]} d WHERE d.rule_id = %(rule)s) AS each_duty
              GROUP BY path, rule_id, period, state, due_on, closes_on, silent
            ) {_INTO} {_SELECT} FROM leaf {_UPWARD}""",
            {"rule": rule.pk, "far": FAR},
        )


def fold() -> None:
    """Add the changes to the totals. The caller holds the engine's lock alone, so none comes in meanwhile."""
    if not DutyChange.objects.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH leaf AS (
              SELECT path, {", ".join(COLUMNS)}, SUM(n) AS n FROM {T["DutyChange"]}
              GROUP BY path, {", ".join(COLUMNS)} HAVING SUM(n) <> 0
            ) {_INTO} {_SELECT} FROM leaf {_UPWARD}
            ON CONFLICT (organisation_id, {", ".join(COLUMNS)}) DO UPDATE SET n = {T["DutyTotal"]}.n + excluded.n"""
        )
    DutyChange.objects.all().delete()
    DutyTotal.objects.filter(n=0).delete()


# Silence


def hush(duties: DutyQuerySet) -> None:
    """Mark those whose member died after they opened: they stay as they are, and nobody is reminded of them."""
    dead = Membership.objects.filter(standing=Standing.DEAD)
    died = Exists(dead.filter(person=OuterRef("member"), since__gt=OuterRef("opens_on")))
    duties.filter(silent=False, member__in=dead.values("person")).filter(died).update(silent=True)
    duties.filter(silent=True).filter(~died).update(silent=False)
