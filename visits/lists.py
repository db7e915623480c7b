"""Which talks and visits a page lists, and the fetch plan of one: rows that point down to their record."""

from collections.abc import Collection
from datetime import date

from django.db.models import Max, Prefetch, QuerySet

from base.keyset import newest_first
from duties.board.words import sees_basis
from duties.engine.models import Action, Record, RecordPerson
from members.bonds import category_words
from members.enums import SANCTIONS
from members.finding import called
from members.models import Category, Organisation, Person
from members.scope import path_end, sealed_at
from visits.models import OfRecordQuerySet, Talk, Visit

PAGE = 50

SEALED = {Talk: ("text", "opinion", "wish", "reply"), Visit: ("text", "wish", "promised")}
"""What lists leave sealed."""


def with_people(rows: OfRecordQuerySet) -> OfRecordQuerySet:
    """All that a talk or a visit shows: member, branch, writer, the event it answers, who acted."""
    actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person"))
    return (
        rows.select_related("record__member", "record__organisation", "record__entered_by", "record__event")
        .prefetch_related(Prefetch("record__actors", actors.order_by("pk")))
        .defer(*sealed_at("record__member", "record__entered_by"), "record__event__note")
    )


def narrowed(rows: OfRecordQuerySet, *, here: Organisation | None, name: str) -> OfRecordQuerySet:
    """Those at or below ``here``, with members found by ``name``."""
    if here:
        rows = rows.filter(record__path__gte=here.path, record__path__lt=path_end(here.path))
    return rows.filter(record__member__in=called(name)[-1]) if name else rows


def page_of(rows: OfRecordQuerySet, after: str) -> tuple[list, str]:
    """Fifty talks or visits, newest first, after the cursor ``after``, and the next cursor, empty on the last."""
    return after_cursor(with_people(rows).defer(*SEALED[rows.model]), after, day="record__on", key="record__pk")


def after_cursor(rows: QuerySet, after: str, *, day: str, key: str = "pk") -> tuple[list, str]:
    """Fifty rows, newest first, after the cursor ``after``, and the next cursor."""
    return newest_first(rows, after, size=PAGE, day=day, key=key)


def last_visits(members: Collection[int | None]) -> dict[int, date]:
    """The day of the last visit to each of the members, whoever paid it; one query."""
    visited = Record.objects.standing().filter(action=Action.VISIT, member__in=members)
    return dict(visited.values_list("member").annotate(Max("on")).order_by("member"))


def kinds_then(account, record: Record) -> list[str]:
    """The kinds of care in which the member of a record was on its day, in words that ``account`` may read; sanctions,
    which are forgotten one day, are none.
    """
    kinds = Category.objects.on(record.on).filter(person=record.member_id).exclude(kind__in=SANCTIONS)
    kinds = kinds.order_by("kind", "pk")
    return category_words(kinds, sensitive=sees_basis(account, True, record.path, record.member_id))


def last_with(rows: OfRecordQuerySet, member: Person):
    """The latest talk or visit with ``member`` that was not withdrawn, without its text."""
    standing = rows.filter(record__member=member, record__withdrawn_on__isnull=True).select_related("record")
    return standing.defer(*SEALED[rows.model]).order_by("-record__on", "-pk").first()
