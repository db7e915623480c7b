"""What happened to an organisation, as its list shows it: the event in words, with the duties that followed."""

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from duties.board.words import CARE, Line, describe, page_of_task, sees_basis, with_words
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


KEY = re.compile(r"[a-z]+(:[0-9a-z]+)+")
"""A source that the product wrote, not people."""


def source_words(event: Event) -> str:
    """What an event came from, in words: as people wrote it, else as the thing behind it is called."""
    if page := page_of_task(event):
        return page[2]
    unknown = "" if KEY.fullmatch(event.source) else event.source
    return settings.SOURCE_WORDS.get(event.source.partition(":")[0], unknown)


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
        label, source = (event.get_kind_display(), source_words(event)) if sees else (CARE, "")
        rows.append(Happened(event, label, source, of_event[event.pk], may))
    return rows
