"""What an entry does outside its own rows besides categories: the tie it makes, and whether its member is away."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError

from base.dates import FAR
from care.models import Entry
from care.register import Register
from members.away import keep_away
from members.bonds import begin_tie, end_tie, withdraw_tie
from members.models import Organisation, Person, Tie


def begin_entry_tie(
    register: Register, person: Person, to: Person | Organisation | None, *, since: date, today: date
) -> Tie:
    """The tie of a new entry. To a person, one that a hand began and that still runs goes on as the entry's.

    It does from ``since``; what was before stays.

    :raises ValidationError: as :func:`members.bonds.begin_tie`, of ``to`` or of ``since``; and for nobody.
    """
    if not register.other:
        return begin_tie(person=person, kind=register.tie, to=to, since=since, today=today)
    if to is None:
        raise ValidationError({"to": "请选是哪一位。"})
    alike = Tie.objects.filter(person=person, kind=register.tie, to=to, entry=None, until__gt=max(since, today))
    for tie in alike.select_related("person", "to").order_by("pk"):
        if tie.since >= since:
            withdraw_tie(tie=tie, reason=f"转入{register.title}")
        else:
            end_tie(tie=tie, last=since - timedelta(days=1), today=today)
    try:
        return begin_tie(person=person, kind=register.tie, to=to, since=since, today=today)
    except ValidationError as refused:
        field = "to" if "to" in refused.message_dict else "since"
        raise ValidationError({field: refused.messages}) from refused


def mark_away(register: Register, person: Person) -> None:
    """Have the member's own row say whether the member is away and where to, as the entry that is open has it."""
    if register.away_to:
        rows = Entry.objects.standing().filter(register=register.code, person=person, until=FAR)
        still = rows.order_by("since", "pk").last()
        keep_away(person=person, to=register.away_to(still) if still else None)
