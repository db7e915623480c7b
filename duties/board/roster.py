"""The member list: what narrows it, the columns it shows, a page at a time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import F, Func, IntegerField, Max, OuterRef, Prefetch, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode

from base.keyset import beyond
from duties.board.groups import live, under
from duties.board.lists import PAGE
from duties.board.refs import RULE
from duties.board.words import sees_basis
from duties.engine.counts import late
from duties.engine.models import Action, Duty, Record
from members.bonds import category_words
from members.counting import Counts, without_full_date
from members.derived import MemberCount
from members.enums import LIVING, Capability, Standing
from members.finding import called
from members.models import Category, Membership, Organisation
from members.scope import sealed_at
from members.standing import PROBATIONARY, Seniority

COUNTED = 1000
"""A filtered list says how many it has up to this number; beyond it, that there are more."""

HITS = 8
"""Hits of a picker: more are no help in telling people apart."""

CURSOR = re.compile(r"([0-9]+)~([0-9]{1,18})")
"""Path and number of a page's last row."""

LISTED = [field for field in sealed_at("person") if field != "person__phone"]
"""What a list has no need to unseal."""


def narrowed(people: QuerySet[Membership], chosen: dict, *, here: Organisation | None) -> QuerySet[Membership]:
    """What the filters leave. Without a standing the living are meant."""
    people = people.filter(under(here)) if here else people
    standing = chosen.get("standing")
    people = people.filter(standing=standing) if standing else people.filter(standing__in=LIVING)
    if month := chosen.get("month"):
        people = people.filter(person__joined_on__month=int(month))
    if chosen.get("missing"):
        # Rare in a large scope: the numbers kept know in which organisations to look.
        places = MemberCount.objects.filter(whole=False, missing__gt=0).values("organisation")
        people = people.filter(without_full_date(), organisation__in=places)
    return people.filter(person__in=called(chosen["q"])[-1]) if chosen.get("q") else people


def count(found: QuerySet[Membership], chosen: dict, counts: Counts) -> tuple[int, bool]:
    """How many the filters leave, and whether there are more: what is not kept is counted up to :data:`COUNTED`.

    :param counts: the numbers of the organisation chosen, or of all in scope.
    """
    kept = {
        (): counts.living,
        (("standing", Standing.PROBATIONARY),): counts.probationary,
        (("standing", Standing.SUSPENDED),): counts.suspended,
        (("missing", "full_on"),): counts.missing,
    }
    narrowing = tuple((name, chosen[name]) for name in ("standing", "month", "missing", "q") if chosen.get(name))
    if narrowing in kept:
        return kept[narrowing], False
    counted = found.order_by()[: COUNTED + 1].count()
    return min(counted, COUNTED), counted > COUNTED


def with_columns(people: QuerySet[Membership], account, day: date) -> QuerySet[Membership]:
    """All that a row shows, in one query and the categories' one: person, organisation, last talk, open duties."""
    talks = Record.objects.visible_to(account).standing().filter(action=Action.TALK, on__year=day.year)
    duties = Duty.objects.visible_to(account).filter(member=OuterRef("person"))
    categories = Category.objects.on(day).order_by("kind", "pk")
    return (
        people.select_related("person", "organisation")
        .defer(*LISTED)
        .prefetch_related(Prefetch("person__categories", categories, to_attr="categories_now"))
        .annotate(
            talked_on=Subquery(
                talks.filter(member=OuterRef("person"))
                .order_by()
                .values("member")
                .annotate(last=Max("on"))
                .values("last")
            ),
            duties=count_of(duties.filter(live(day))),
            overdue=count_of(duties.filter(late(day))),
        )
        .order_by("path", "pk")
    )


def count_of(rows: QuerySet) -> Subquery:
    """``SELECT COUNT(*)`` over ``rows`` as a column."""
    return Subquery(rows.annotate(n=Func(F("pk"), function="COUNT", output_field=IntegerField())).values("n"))


@dataclass(frozen=True)
class Row:
    """One member of the list with what is computed of them."""

    membership: Membership
    seniority: Seniority
    may_reveal: bool
    categories: list[str]

    @property
    def is_unsettled(self) -> bool:
        """Whether a full member's years cannot be counted from what is known."""
        return self.membership.standing == Standing.FULL and self.seniority.years is None


def categories_seen(categories: Iterable[Category], account, membership: Membership) -> list[str]:
    """The categories of a member in the words that ``account`` may read; of one's own the sensitive ones never."""
    sensitive = sees_basis(account, True, membership.path, membership.person_id)
    return category_words(categories, sensitive=sensitive)


def seniority_of(membership: Membership, day: date) -> Seniority:
    """党龄 of a member: none while on probation, whichever days are known (党章 Art 7)."""
    if membership.standing == Standing.PROBATIONARY:
        return Seniority(None, None, PROBATIONARY)
    return membership.person.seniority(day)


def page_of(people: QuerySet[Membership], account, day: date, after: str) -> tuple[list[Row], str]:
    """The page after the cursor ``after``, and the cursor of the next, empty on the last."""
    if seen := CURSOR.fullmatch(after):
        path, number = seen.groups()
        people = people.filter(beyond(("path", "pk"), (path, int(number))))
    rows = list(people[: PAGE + 1])
    cursor = f"{rows[PAGE - 1].path}~{rows[PAGE - 1].pk}" if len(rows) > PAGE else ""
    reveals = account.scope.paths(Capability.REVEAL)
    return [
        Row(
            row, seniority_of(row, day), any(row.path.startswith(path) for path in reveals),
            categories_seen(row.person.categories_now, account, row),
        )
        for row in rows[:PAGE]
    ], cursor  # fmt: skip


def search(people: QuerySet[Membership], q: str) -> list[Membership]:
    """The first few living members found by ``q``: the whole name first, then what begins with it, then the rest."""
    living = people.filter(standing__in=LIVING).select_related("person", "organisation").defer(*sealed_at("person"))
    hits: list[Membership] = []
    for circle in called(q):
        wider = living.filter(person__in=circle).exclude(pk__in=[hit.pk for hit in hits])
        hits += wider.order_by("path", "pk")[: HITS - len(hits)]
        if len(hits) == HITS:
            break
    return hits


NUMBERED = re.compile(r"([a-z]+):([0-9]{1,12})")
"""What a form is called that is about one thing besides the member: ``campaign:5``."""

REGISTER = re.compile(r"register:([a-z]+)")
"""A picker asks for the register in which the member is to be entered."""


def target_of(asked: str, duty: str = "") -> str:
    """To which a picker's hits lead, up to the member's number: a form of the closed list, else the member's page.

    :param duty: the name of the duty for which a tie is entered (``duty_tie``).
    """
    forms = {name for name, _label in settings.ACTION_FORMS.values()} | {*settings.PICKER_FORMS}
    if register := REGISTER.fullmatch(asked):
        return f"{reverse(settings.REGISTER_FORM)}?register={register[1]}&member="
    if (numbered := NUMBERED.fullmatch(asked)) and numbered[1] in settings.NUMBERED_FORMS:
        return f"{reverse(settings.NUMBERED_FORMS[numbered[1]], args=[int(numbered[2])])}?member="
    if asked == "duty_tie":
        return f"{reverse('duty_tie')}?{urlencode({'duty': duty[:400]})}&member="
    return f"{reverse(asked)}?member=" if asked in forms else ""


def rule_asked(asked: str, number: str) -> int | None:
    """The rule about which a picker asks why a member owes nothing (``for=why_not``)."""
    return int(number) if asked == "why_not" and RULE.fullmatch(number) else None
