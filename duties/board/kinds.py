"""Which kinds of event policy reads in an organisation: those from which duties follow there."""

from datetime import date

from duties.policy.models import Reach
from members.models import Organisation


def kinds_read(organisation: Organisation, day: date, *, per: str = "member") -> frozenset[str]:
    """The kinds that a rule reaching the organisation on ``day`` waits for; one query.

    :param per: ``member`` for what happens to members, ``organisation`` for what happens to the organisation itself.
    """
    reached = Reach.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    reached = reached.filter(rule__spec__trigger__kind="event").order_by("pk")
    triggers = reached.values_list("rule__spec__trigger", flat=True)
    return frozenset(kind for each in triggers if each.get("counted_per", "member") == per for kind in each["events"])
