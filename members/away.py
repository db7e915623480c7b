"""Members who are away from home (流动党员): what their own row says of it, besides what the roster brings."""

from django.db import transaction

from base import audit
from members.models import Person


@transaction.atomic
def keep_away(*, person: Person, to: str | None) -> None:
    """Note that a member is away, and where to; ``None``: back home. Nothing happens if it is noted already.

    :param person: locked by the caller, whose act this is part of.
    """
    floating, where = to is not None, (to or "")[:80]
    row = Person.objects.only("floating", "floating_to").get(pk=person.pk)
    if (row.floating, row.floating_to) == (floating, where):
        return
    Person.objects.filter(pk=person.pk).update(floating=floating, floating_to=where)
    audit.write(audit.Act.EDIT, f"person:{person.pk}", field="floating")
