"""Entering and withdrawing records: what floors above call when something was done for a member."""

from datetime import date

from django.db import transaction

from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Record, RecordPerson
from members.models import Event, Organisation, Person, Post


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
    printed = _printed_posts(people, on)
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


def _settle(record: Record) -> None:
    people = set(record.actors.values_list("person", flat=True)) | {record.member_id} - {None}
    facts_changed(Fact.RECORD, since=record.on, people=people, organisations=[record.organisation_id], of=record.action)


def _printed_posts(people: list[Person], on: date) -> dict[int, str]:
    """The posts of the people on the day, as printed in the record."""
    printed: dict[int, list[str]] = {}
    posts = Post.objects.on(on).filter(person__in=people).select_related("organisation").order_by("since", "pk")
    for post in posts:
        printed.setdefault(post.person_id, []).append(f"{post.organisation.label}{post.get_role_display()}")
    return {person: "、".join(titles)[:60] for person, titles in printed.items()}
