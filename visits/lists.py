"""Which talks and visits a page lists, and the fetch plan of one: rows that point down to their record."""

from datetime import date
from functools import reduce

from django.db.models import Prefetch, Q, QuerySet

from duties.engine.models import Duty, DutyQuerySet, Record, RecordPerson
from members.models import Organisation, Person
from members.scope import path_end, sealed_at
from visits.models import OfRecordQuerySet, Talk, Visit

PAGE = 50

SEALED = {Talk: ("text", "wish"), Visit: ("text", "wish", "promised")}
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
    """Those at or below ``here``, with members whose name contains ``name``."""
    if here:
        rows = rows.filter(record__path__gte=here.path, record__path__lt=path_end(here.path))
    return rows.filter(record__member__name__contains=name) if name else rows


def page_of(rows: OfRecordQuerySet, after: str) -> tuple[list, str]:
    """Fifty talks or visits, newest first, after the cursor ``after``, and the next cursor, empty on the last."""
    return after_cursor(with_people(rows).defer(*SEALED[rows.model]), after, day="record__on")


def after_cursor(rows: QuerySet, after: str, *, day: str) -> tuple[list, str]:
    """Fifty rows, newest first, after the cursor ``after`` (day~number), and the next cursor, empty on the last.

    :param day: the field by which they are ordered, the key after it.
    """
    on, _, number = after.partition("~")
    try:
        seen = Q(**{f"{day}__lt": date.fromisoformat(on)}) | Q(**{day: on, "pk__lt": int(number)})
    except ValueError:
        seen = Q()
    found = list(rows.filter(seen).order_by(f"-{day}", "-pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return found, f"{reduce(getattr, day.split('__'), found[-1])}~{found[-1].pk}" if more else ""


def closed_by(record: Record, account) -> DutyQuerySet:
    """The duties that ``record`` closed, as far as ``account`` may see them; the member sees those about himself."""
    own = record.member_id == account.person_id
    within = Duty.objects.filter(member=account.person_id) if own else Duty.objects.visible_to(account)
    return within.filter(closed_by=record)


def last_with(rows: OfRecordQuerySet, member: Person):
    """The latest talk or visit with ``member`` that was not withdrawn, without its text."""
    standing = rows.filter(record__member=member, record__withdrawn_on__isnull=True).select_related("record")
    return standing.defer(*SEALED[rows.model]).order_by("-record__on", "-pk").first()
