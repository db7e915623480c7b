"""To which register an event may lead: the link from what happened to the form that keeps whom it befell in view.

The registers stand on a floor above. Which event leads where says ``config.settings.EVENT_REGISTERS``; the form is
known by the name of its address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse

from members.enums import EventKind
from members.models import Event, Person
from members.permissions import may_record_at


@dataclass(frozen=True)
class Lead:
    """A link to the form of a register, filled in from an event."""

    url: str
    label: str


def leads(account, person: Person, path: str, events: Iterable[Event], *, died_on: date | None) -> dict[int, Lead]:
    """By event of a member at ``path``, the register it may lead to, for whoever may enter the member there.

    None where the member stands in that register since, or stood in it when it happened; of the dead only the death
    itself leads anywhere. The events are those of which the account knows what they are.
    """
    if person.pk == account.person_id or not may_record_at(account, path):
        return {}
    asked = [each for each in events if each.kind in settings.EVENT_REGISTERS]
    asked = [each for each in asked if died_on is None or each.kind == EventKind.DEATH]
    kept = asked and list(
        person.entries.filter(withdrawn_on__isnull=True).order_by("pk").values_list("register", "until")
    )
    found = {}
    for event in asked:
        register, label = settings.EVENT_REGISTERS[event.kind]
        if not any(code == register and until > event.occurred_on for code, until in kept):
            found[event.pk] = Lead(f"{reverse(settings.REGISTER_FORM)}?register={register}&event={event.pk}", label)
    return found
