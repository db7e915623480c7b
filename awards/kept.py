"""What the services of this floor check alike: versions, reasons, where a member stood, who is dead."""

from datetime import date

from django.core.exceptions import ValidationError

from awards.models.kept import Kept
from base.dates import FAR, PARTY_FOUNDED
from members.enums import Standing
from members.models import Membership, Organisation, Person
from members.services import membership_on


def still(row: Kept, *related: str) -> Kept:
    """The row as it stands now, locked, with what is related to it.

    :raises ValidationError: if it was taken back meanwhile.
    """
    found = type(row).objects.select_for_update(of=("self",)).select_related(*related).get(pk=row.pk)
    if found.withdrawn_on:
        raise ValidationError(f"这一条已于 {found.withdrawn_on} 撤回。")
    return found


def check_version(row: Kept, version: int) -> None:
    """:raises ValidationError: if somebody changed the row since the reader saw it."""
    if row.version != version:
        raise ValidationError("这一条刚被别人改过，没有覆盖。请打开那一页看过再改。")


def check_reason(reason: str, what: str) -> None:
    """:raises ValidationError: without a reason."""
    if not reason.strip():
        raise ValidationError({"reason": f"请写为什么{what}，一句话也可以。"})


def take_back(row: Kept, reason: str, today: date, *also: str) -> None:
    """Mark a row as taken back, from :func:`still`; ``also``: further fields of it that changed.

    :raises ValidationError: without a reason.
    """
    check_reason(reason, "撤回")
    row.withdrawn_on, row.withdrawn_reason = today, reason.strip()
    row.save(update_fields=["withdrawn_on", "withdrawn_reason", *also])


def known_place(person: Person, on: date, *, field: str) -> Organisation:
    """Where a member stood on the day; of what is old, where he next stood as far as is known.

    :param field: the form field a refusal belongs to.
    :raises ValidationError: if he never stood anywhere from that day on.
    """
    if stay := membership_on(person, on):
        return stay.organisation
    later = Membership.objects.filter(person=person, since__gt=on).select_related("organisation").order_by("since")
    if (stay := later.first()) is None:
        raise ValidationError({field: [f"{person.name}在 {on} 没有组织关系，请核对日期或先导入名册。"]})
    return stay.organisation


def before_founding(place: Organisation, on: date) -> str:
    """That an organisation did not exist on the day; empty if it did, as far as is known."""
    founded = place.founded_on or PARTY_FOUNDED
    return f"{on} 早于{place.label}成立的 {founded}，请核对年份。" if on < founded else ""


def died_on(person: Person) -> date | None:
    """The day of death of somebody dead."""
    dead = Membership.objects.filter(person=person, standing=Standing.DEAD, until=FAR)
    return dead.values_list("since", flat=True).first()
