"""Which kinds of event policy reads in an organisation: those from which duties follow there."""

from datetime import date

from duties.policy.models import Reach
from members.models import Organisation


def kinds_read(organisation: Organisation, day: date, *, per: str = "member") -> frozenset[str]:
    """The kinds that a rule reaching the organisation on ``day`` waits for; one query.

    :param per: ``member`` for what happens to members, ``organisation`` for what happens to the organisation itself.
    """
    reached = Reach.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    lists = reached.filter(rule__spec__trigger__kind="event", rule__spec__trigger__counted_per=per).order_by("pk")
    return frozenset(kind for some in lists.values_list("rule__spec__trigger__events", flat=True) for kind in some)
