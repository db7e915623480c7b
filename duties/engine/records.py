"""Entering and withdrawing records: what floors above call when something was done for a member."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Record, RecordPerson
from members.models import Event, Organisation, Person, Post

GRACE = timedelta(minutes=10)
"""So long after entry a record is withdrawn without a reason: a slip of the finger."""


@transaction.atomic
def enter_record(
    *,
    by,
    organisation: Organisation,
    member: Person | None,
    action: str,
    on: date,
    people: list[Person],
    today: date,
    collective: bool = False,
    quantity=1,
    event: Event | None = None,
) -> Record:
    """Write one record and settle the duties it closes, in one transaction.

    :param by: the acting account, ``None`` for a command.
    :param organisation: where the member stood on the day.
    :param people: who acted; their posts of the day are printed beside them, credit is derived anew each time.
    :returns: the record. Checks of form and permission are the caller's.
    """
    facts_will_change()
    record = Record.objects.create(
        organisation=organisation, path=organisation.path, member=member, action=action, on=on, quantity=quantity,
        collective=collective, event=event, entered_on=today, entered_by=by and by.person,
    )  # fmt: skip
    printed = printed_posts(people, on)
    RecordPerson.objects.bulk_create(
        RecordPerson(record=record, person=person, printed_post=printed.get(person.pk, "")) for person in people
    )
    audit.write(audit.Act.WRITE, f"record:{record.pk}", action=action, on=str(on))
    _settle(record)
    return record


@transaction.atomic
def withdraw_record(*, by, record: Record, reason: str, today: date) -> None:
    """Withdraw a record; the duties it closed open again unless another record closes them."""
    facts_will_change()
    record.withdrawn_on, record.withdrawn_reason = today, reason
    record.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    audit.write(audit.Act.WITHDRAW, f"record:{record.pk}", reason=reason)
    _settle(record)


@transaction.atomic
def take_back(*, by, record: Record, reason: str, today: date, now: datetime) -> None:
    """Withdraw a record; the duties it closed open again.

    :param reason: may be empty within :data:`GRACE` of entry.
    :raises ValidationError: when withdrawn already, or later without a reason.
    """
    facts_will_change()
    record = Record.objects.select_for_update().get(pk=record.pk)
    if record.withdrawn_on:
        raise ValidationError(f"这条记录已于 {record.withdrawn_on} 撤回。")
    if now - record.entered_at > GRACE and not reason.strip():
        raise ValidationError({"reason": "登记已过十分钟，请写为什么撤回，一句话也可以。"})
    withdraw_record(by=by, record=record, reason=reason, today=today)


def same_people(record: Record, people: list[Person]) -> bool:
    """Whether exactly these people acted in the record, fetched with its actors."""
    return {actor.person_id for actor in record.actors.all()} == {person.pk for person in people}


def _settle(record: Record) -> None:
    people = set(record.actors.values_list("person", flat=True)) | {record.member_id} - {None}
    facts_changed(Fact.RECORD, since=record.on, people=people, organisations=[record.organisation_id], of=record.action)


def printed_posts(people: list[Person], on: date) -> dict[int, str]:
    """The posts of the people on the day, as printed in the record."""
    printed: dict[int, list[str]] = {}
    posts = Post.objects.on(on).filter(person__in=people).select_related("organisation").order_by("since", "pk")
    for post in posts:
        printed.setdefault(post.person_id, []).append(f"{post.organisation.label}{post.get_role_display()}")
    return {person: "、".join(titles)[:60] for person, titles in printed.items()}
