"""The weekly review for those above: how each organisation directly below stands. Numbers only."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from duties.engine import counts
from duties.engine.counts import OPTIONAL, late
from duties.engine.models import State
from duties.notices.digest import gone, is_yearly_talk, reachable
from duties.policy.models import Rule
from members.enums import OrganisationKind, Role
from members.models import PATH_SEGMENT, Account, Organisation, Post

ABOVE = (Role.SECRETARY, Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK)
"""Who is told how those below stand."""

LEAVES = (OrganisationKind.BRANCH, OrganisationKind.GROUP)
"""Kinds with nothing below them that keeps duties of its own."""


def posts(day: date) -> QuerySet[Post]:
    """The posts of those who are told."""
    return Post.objects.on(day).filter(role__in=ABOVE).exclude(organisation__kind__in=LEAVES)


def recipients(day: date) -> QuerySet[Account]:
    """Accounts in use of those who hold such a post."""
    return reachable(day).filter(Exists(posts(day).filter(person=OuterRef("person"))))


def contents(day: date, people: Collection[int] | None = None) -> dict[int, dict]:
    """What each of them is told on ``day``; the number of queries does not grow with their number.

    :param people: only these, by primary key; ``None`` means everybody.
    """
    held = posts(day) if people is None else posts(day).filter(person__in=people)
    held = list(held.select_related("organisation").order_by("organisation__path", "pk"))
    below = _directly_below({post.organisation.path for post in held}, day)
    rows = _rows([each for some in below.values() for each in some], day)
    told = defaultdict(dict)
    for post in held:
        here = post.organisation
        if lines := [rows[each.pk] for each in below[here.path] if each.pk in rows]:
            told[post.person_id][here.pk] = {"organisation": here.pk, "place": here.label, "rows": lines}
    return {person: {"places": list(places.values()), "gone": gone(day)} for person, places in told.items()}


def _directly_below(paths: set[str], day: date) -> dict[str, list[Organisation]]:
    below = defaultdict(list)
    if paths:
        rows = Organisation.objects.on(day).filter(path__gt=min(paths)).order_by("path")
        for each in rows.only("pk", "path", "name", "short_name"):
            if each.path[:-PATH_SEGMENT] in paths:
                below[each.path[:-PATH_SEGMENT]].append(each)
    return below


def _rows(organisations: list[Organisation], day: date) -> dict[int, dict]:
    """The numbers of each organisation with all below it; those in which nothing is owed at all are left out."""
    yearly = [rule.pk for rule in Rule.objects.order_by("position", "pk") if is_yearly_talk(rule)]
    talks = Q(rule__in=yearly, period=str(day.year))
    asked = {
        "late": late(day),
        "missed": Q(state=State.OPEN, due_on__lt=day, closes_on__lt=day, silent=False) & ~Q(rule__in=OPTIONAL),
        "done": talks & Q(state=State.DONE),
        "total": talks & Q(state__in=(State.OPEN, State.DONE)),
    }
    numbers = {name: counts.each(organisations, wanted) for name, wanted in asked.items()}
    rows = {}
    for each in organisations:
        row = {name: numbers[name][each.pk] for name in asked}
        if any(row.values()):
            rule = yearly[0] if len(yearly) == 1 else None
            rows[each.pk] = {"organisation": each.pk, "place": each.label, "rule": rule, **row}
    return rows
