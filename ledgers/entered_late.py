"""看事不看数: how much of what was recorded in a year was entered late, and with how many people it was done.

Facts beside the figures of :mod:`ledgers.indicators`: late entry is allowed and counts for nobody and against nobody.
It is counted from the records themselves, so it is asked for beside the page and not on its way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, F, Q, QuerySet

from duties.board.records import SENSITIVE_ACTIONS
from duties.engine.models import Record
from ledgers.indicators import Asked
from members.enums import Capability
from members.models import LATE_DAYS, PATH_SEGMENT, Organisation
from members.scope import path_end

LATE = Q(entered_on__gt=F("on") + timedelta(days=LATE_DAYS))


@dataclass(frozen=True)
class Entered:
    """Of one organisation and all below it: records of the year, those entered late, how many members they tell of."""

    organisation: Organisation
    records: int
    late: int
    people: int


def records_of(asked: Asked, path: str) -> QuerySet[Record]:
    """What was done at and below ``path`` in the year, as far as the reader may know that it was."""
    account, span = asked.account, asked.span
    rows = Record.objects.visible_to(account).standing().filter(
        path__gte=path, path__lt=path_end(path), on__range=(date(span.year, 1, 1), span.as_of)
    )  # fmt: skip
    sensitive = Q(action__in=SENSITIVE_ACTIONS, member__isnull=False)
    if account.scope.may(Capability.SENSITIVE, path):
        return rows.exclude(sensitive & Q(member=account.person_id)) if account.person_id else rows
    return rows.exclude(sensitive)


def entered(asked: Asked, organisations: Sequence[Organisation]) -> list[Entered]:
    """The counts of each, in the order given; one query."""
    rows = records_of(asked, _shared([each.path for each in organisations]))
    sums = {}
    for each in organisations:
        here = Q(path__gte=each.path, path__lt=path_end(each.path))
        sums |= {
            f"n{each.pk}": Count("pk", filter=here), f"l{each.pk}": Count("pk", filter=here & LATE),
            f"p{each.pk}": Count("member", filter=here, distinct=True),
        }  # fmt: skip
    found = rows.order_by().aggregate(**sums)
    return [Entered(each, *(found[f"{name}{each.pk}"] for name in "nlp")) for each in organisations]


def _shared(paths: Sequence[str]) -> str:
    """The path of the nearest organisation above them all."""
    first, last = min(paths), max(paths)
    return first[: max(end for end in range(0, len(first) + 1, PATH_SEGMENT) if first[:end] == last[:end])]
