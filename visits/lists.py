"""Which talks a page lists, and the fetch plan of one."""

from datetime import date

from django.db.models import Prefetch, Q

from duties.engine.models import Duty, DutyQuerySet, RecordPerson
from members.models import Organisation, Person
from members.scope import path_end, sealed_at
from visits.models import Talk

PAGE = 50


def with_people(talks):
    """All that a talk shows: member, branch, writer, the event it answers, who talked."""
    actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person"))
    return (
        talks.select_related("record__member", "record__organisation", "record__entered_by", "record__event")
        .prefetch_related(Prefetch("record__actors", actors.order_by("pk")))
        .defer(*sealed_at("record__member", "record__entered_by"), "record__event__note")
    )


def narrowed(talks, *, here: Organisation | None, name: str):
    """Those at or below ``here``, with members whose name contains ``name``."""
    if here:
        talks = talks.filter(record__path__gte=here.path, record__path__lt=path_end(here.path))
    return talks.filter(record__member__name__contains=name) if name else talks


def page_of(talks, after: str) -> tuple[list[Talk], str]:
    """Fifty talks, newest first, after the cursor ``after`` (day~number), and the next cursor, empty on the last."""
    day, _, number = after.partition("~")
    try:
        seen = Q(record__on__lt=date.fromisoformat(day)) | Q(record__on=day, pk__lt=int(number))
    except ValueError:
        seen = Q()
    rows = list(with_people(talks).filter(seen).defer("text", "wish").order_by("-record__on", "-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return rows, f"{rows[-1].record.on}~{rows[-1].pk}" if more else ""


def closed_by(talk: Talk, account) -> DutyQuerySet:
    """The duties that ``talk`` closed, as far as ``account`` may see them; the member sees those about himself."""
    own = talk.record.member_id == account.person_id
    within = Duty.objects.filter(member=account.person_id) if own else Duty.objects.visible_to(account)
    return within.filter(closed_by=talk.record)


def last_with(talks, member: Person) -> Talk | None:
    """The latest talk with ``member`` that was not withdrawn, without its text."""
    standing = talks.filter(record__member=member, record__withdrawn_on__isnull=True).select_related("record")
    return standing.defer("text", "wish").order_by("-record__on", "-pk").first()
