"""What a member's honours make of him: the category 功勋荣誉, one row for each grade, and ties to who granted them.

Made anew from all honours at each act, under the member's lock; :mod:`members.bonds` tells the engine.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from awards.models.honours import Honour
from base.dates import FAR, last_day
from members.bonds import begin_category, begin_tie, end_category, withdraw_category, withdraw_tie
from members.enums import CategoryKind, Standing, TieKind
from members.models import Category, Membership, Person, Tie

SOURCE = "honours"
"""What the categories name as their source that follow from honours."""

LIVING = (Standing.FULL, Standing.PROBATIONARY)

Span = tuple[date, date]


def settle(person: Person, today: date) -> None:
    """Make categories and ties what the member's honours say, and nothing else."""
    spans = _spans(person)
    grades, grantors = defaultdict(list), defaultdict(list)
    for honour, span in spans:
        for grade in honour.grades:
            grades[grade].append(span)
        if honour.grantor_id:
            grantors[honour.grantor].append(span)
    _settle_categories(
        person, {(grade, since): until for grade, rows in grades.items() for since, until in _joined(rows)}
    )
    _settle_ties(person, {(to, *span) for to, rows in grantors.items() for span in _joined(rows)}, today)


def _spans(person: Person) -> list[tuple[Honour, Span]]:
    """The honours that count, each with the days on which it stood and the member was one, as far as is known."""
    stays = Membership.objects.filter(person=person, standing__in=LIVING).order_by("since")
    known = list(stays.values_list("since", "until"))
    found = []
    for honour in (
        Honour.objects.standing().filter(person=person).select_related("grantor").order_by("granted_on", "pk")
    ):
        begins = [max(since, honour.granted_on) for since, until in known if until > honour.granted_on]
        if honour.counts and begins and begins[0] < honour.until:
            found.append((honour, (begins[0], honour.until)))
    return found


def _joined(spans: Iterable[Span]) -> list[Span]:
    """What overlaps or touches is one stretch."""
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


def _settle_categories(person: Person, wanted: dict[tuple[str, date], date]) -> None:
    """Rows that stay keep their number; what is wrong is taken back or shortened before others grow or begin."""
    rows = Category.objects.filter(person=person, kind=CategoryKind.HONOUREE).select_related("person")
    longer = []
    for row in rows.filter(source=SOURCE).order_by("since", "pk"):
        until = wanted.pop((row.grade, row.since), None)
        if until is None:
            withdraw_category(category=row, reason="荣誉表彰已改")
        elif until < row.until:
            end_category(category=row, last=last_day(until))
        elif until > row.until:
            longer.append((row, until))
    grown = {(row.grade, row.since): until for row, until in longer}
    for (grade, since), until in sorted({**wanted, **grown}.items()):  # what was entered by hand makes room
        for other in rows.filter(grade=grade, since__lt=until, until__gt=since).exclude(source=SOURCE):
            withdraw_category(category=other, reason="改由荣誉表彰登记产生")
    for row, until in longer:
        end_category(category=row, last=_last(until))
    for (grade, since), until in sorted(wanted.items()):
        begin_category(
            person=person, kind=CategoryKind.HONOUREE, grade=grade, since=since, last=_last(until),
            basis="荣誉表彰登记", today=since, source=SOURCE,
        )  # fmt: skip


def _settle_ties(person: Person, wanted: set, today: date) -> None:
    """Who granted what still stands is told of a death: ties of this kind follow from honours alone."""
    for tie in Tie.objects.filter(person=person, kind=TieKind.GRANTOR).select_related("person", "to_organisation"):
        span = (tie.to_organisation, tie.since, tie.until)
        if span in wanted:
            wanted.discard(span)
        else:
            withdraw_tie(tie=tie, reason="荣誉表彰已改")
    for to, since, until in sorted(wanted, key=lambda each: (each[1], each[0].pk)):
        begin_tie(person=person, kind=TieKind.GRANTOR, to=to, since=since, last=_last(until), today=today)


def _last(until: date) -> date | None:
    return None if until == FAR else last_day(until)
