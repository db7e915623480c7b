"""Which kinds of event policy reads in an organisation: those from which duties follow there."""

from datetime import date

from duties.policy.models import Reach
from members.models import Organisation


def kinds_read(organisation: Organisation, day: date) -> frozenset[str]:
    """The kinds that a rule reaching the organisation on ``day`` waits for; one query."""
    reached = Reach.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    lists = reached.filter(rule__spec__trigger__kind="event").order_by("pk")
    return frozenset(kind for some in lists.values_list("rule__spec__trigger__events", flat=True) for kind in some)
