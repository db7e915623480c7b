"""Which visits wait to be booked, and what was booked and is to be reversed.

A visit of a festival campaign, within the sum that a meeting decided for it, is booked on that meeting's minutes; of
any other visit whoever books it writes the minutes that set the standard.
"""

from django.db.models import Prefetch, QuerySet

from base.money import Source
from duties.engine.models import RecordPerson
from fund.models import Fund, RecordSpending
from fund.services import INCOME
from members.enums import Capability
from visits.models import Visit

KEEPS = Capability.KEEP_BOOKS

ACTORS = Prefetch(
    "record__actors", RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk")
)
"""Who went."""


def waiting(account) -> QuerySet[Visit]:
    """Visits whose money is the fund's and is in no books yet, since there are books; none of what one was given."""
    first = Fund.objects.visible_to(account, KEEPS).order_by("opened_on").values_list("opened_on", flat=True).first()
    rows = Visit.objects.visible_to(account, KEEPS).filter(account.scope.q("record__path", KEEPS), money__gt=0)
    rows = rows.filter(source__in=(*INCOME, Source.FUND), record__withdrawn_on__isnull=True, record__spending=None)
    rows = rows.exclude(record__member=account.person_id)
    return rows.filter(record__on__gte=first) if first else rows.none()


def to_reverse(account) -> QuerySet[RecordSpending]:
    """What was booked for visits that were withdrawn since."""
    rows = RecordSpending.objects.visible_to(account, KEEPS).filter(reversed_on=None)
    return rows.filter(record__withdrawn_on__isnull=False)


def minutes_of(visit: Visit) -> str:
    """The minutes that decided the sum of a visit: those of its campaign, if it kept within what was listed for it."""
    row = getattr(visit, "candidacy", None)
    if row is None or row.campaign.decided_on is None or not row.fen or visit.money > row.fen:
        return ""
    return row.campaign.minutes
