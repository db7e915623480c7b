"""What happened to an organisation, as its list shows it: the event in words, with the duties that followed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from duties.board.words import CARE, Line, describe, sees_basis, with_words
from duties.engine.models import Duty
from members.enums import SENSITIVE_EVENTS
from members.models import Event, Organisation
from members.permissions import may_withdraw_event


@dataclass(frozen=True)
class Happened:
    """One event of an organisation; ``label`` and ``source`` say no more than the reader may know."""

    event: Event
    label: str
    source: str
    lines: list[Line]
    may_withdraw: bool


def of_organisation(events: Collection[Event], account, here: Organisation, day: date) -> list[Happened]:
    """The events of one organisation in the order given; as many queries for fifty as for one.

    :param events: fetched with who entered them.
    """
    duties = Duty.objects.visible_to(account).filter(event__in=[event.pk for event in events])
    of_event = defaultdict(list)
    for line in describe(with_words(duties).order_by("due_on", "pk"), account, day):
        of_event[line.duty.event_id].append(line)
    rows = []
    for event in events:
        sees = sees_basis(account, event.kind in SENSITIVE_EVENTS, here.path, None)
        may = event.withdrawn_on is None and may_withdraw_event(account, event, here.path)
        label, source = (event.get_kind_display(), event.source) if sees else (CARE, "")
        rows.append(Happened(event, label, source, of_event[event.pk], may))
    return rows
