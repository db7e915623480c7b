"""Showing a sealed value once: the audit row is written before the value leaves."""

from dataclasses import dataclass

from django.db import transaction

from base import audit
from base.numbers import whole_number
from members.enums import ON_PAGES_OF_THEIR_OWN, SENSITIVE_EVENTS
from members.models import Event, Person

FIELDS = {"id_number": "公民身份证号", "phone": "联系电话", "landline": "固定电话", "address": "家庭住址"}
"""Sealed fields of a person that a page masks, with their labels."""

NOTE = "note-"
"""The field of an event's note is this and the event's number."""


@dataclass(frozen=True)
class Secret:
    """One sealed value of a person: ``masked`` is what the page shows before, ``sensitive`` that its basis is too."""

    subject: str
    field: str
    label: str
    masked: str
    sensitive: bool
    row: Person | Event


def secret_of(person: Person, field: str) -> Secret | None:
    """The sealed value ``field`` of ``person``; ``None`` where there is no such field or it is empty."""
    if field in FIELDS:
        masked = {"id_number": person.masked_id, "address": person.masked_address, "phone": person.masked_phone}
        known = bool(getattr(person, field))
        mask = masked.get(field, "****")
        return Secret(f"person:{person.pk}", field, FIELDS[field], mask, False, person) if known else None
    event = _event_of(person, field)
    if event is None or not event.note:
        return None
    return Secret(f"event:{event.pk}", "note", "事由说明", "******", event.kind in SENSITIVE_EVENTS, event)


def _event_of(person: Person, field: str) -> Event | None:
    if not field.startswith(NOTE):
        return None
    try:
        noted = person.events.standing().exclude(kind__in=ON_PAGES_OF_THEIR_OWN)  # for those whom they name
        return noted.filter(pk=whole_number(field.removeprefix(NOTE))).first()
    except ValueError:
        return None


@transaction.atomic
def reveal(*, by, secret: Secret, reason: str) -> str:
    """The open value; leaves the audit row of who saw which field of whom and why."""
    audit.write(audit.Act.REVEAL, secret.subject, reason=reason, field=secret.field)
    return getattr(secret.row, secret.field)
