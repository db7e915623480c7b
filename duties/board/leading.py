"""Where an event may lead beside its duties: to the register that keeps whom it befell in view, to a deed, to a form.

These stand on floors above. Which event leads where say ``EVENT_REGISTERS``, ``EVENT_DEEDS`` and ``EVENT_FORMS`` of the
settings; the forms are known by the names of their addresses.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse

from members.enums import EventKind
from members.models import Event, Person
from members.permissions import may_record_at


@dataclass(frozen=True)
class Lead:
    """A link to a form, filled in from an event."""

    url: str
    label: str


def leads(
    account,
    person: Person,
    path: str,
    events: Iterable[Event],
    *,
    died_on: date | None,
    asked: Mapping[int, Collection[str]] | None = None,
) -> dict[int, Lead]:
    """By event of a member at ``path``, where it may lead, for whoever may record there.

    To no register where the member stands in it since, or stood in it when it happened; of the dead only the death
    itself leads anywhere. The events are those of which the account knows what they are.

    :param asked: by event, what its duties ask for: what they do needs no link of its own.
    """
    if person.pk == account.person_id or not may_record_at(account, path):
        return {}
    told = [each for each in events if died_on is None or each.kind == EventKind.DEATH]
    return _to_deeds(told, asked or {}) | _to_registers(person, told) | _to_forms(told)


def _to_registers(person: Person, events: list[Event]) -> dict[int, Lead]:
    may = [each for each in events if each.kind in settings.EVENT_REGISTERS]
    entries = person.entries.filter(withdrawn_on__isnull=True).order_by("pk")
    kept = may and list(entries.values_list("register", "since", "until"))
    found = {}
    for event in may:
        register, label = settings.EVENT_REGISTERS[event.kind]
        several = register in settings.SEVERAL_ENTRIES
        if not any(
            code == register and until > event.occurred_on and (not several or since >= event.occurred_on)
            for code, since, until in kept
        ):
            found[event.pk] = Lead(f"{reverse(settings.REGISTER_FORM)}?register={register}&event={event.pk}", label)
    return found


def _to_deeds(events: list[Event], asked: Mapping[int, Collection[str]]) -> dict[int, Lead]:
    found = {}
    for event in events:
        action, label = settings.EVENT_DEEDS.get(event.kind, ("", ""))
        if action and action not in asked.get(event.pk, ()):
            found[event.pk] = Lead(f"{reverse('deed_new')}?member={event.person_id}&action={action}", label)
    return found


def _to_forms(events: list[Event]) -> dict[int, Lead]:
    """Events of which nothing is entered yet on the form that tells more."""
    may = [each for each in events if each.kind in settings.EVENT_FORMS]
    entered = set()
    for rows in {settings.EVENT_FORMS[each.kind][1] for each in may}:
        there = Event.objects.filter(pk__in=[each.pk for each in may], **{f"{rows}__isnull": False})
        entered |= set(there.values_list("pk", flat=True))
    found = {}
    for event in may:
        form, _rows, label = settings.EVENT_FORMS[event.kind]
        if event.pk not in entered:
            found[event.pk] = Lead(f"{reverse(form)}?event={event.pk}", label)
    return found
