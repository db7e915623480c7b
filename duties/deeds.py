"""Recording what has no form of its own: a report, a plan, a lecture, a review, a greeting of an organisation."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from base.facts import facts_will_change
from duties.engine.models import Deed, Record
from duties.engine.records import enter_record, same_people
from members.models import Event, Membership, Organisation, Person
from members.services import check_stay, membership_on

LONGEST = 2_000
"""Characters of the note."""

WHAT = "办理"
"""What a deed is called in a sentence."""


@transaction.atomic
def record_deed(
    *,
    by,
    action: str,
    on: date,
    people: list[Person],
    note: str,
    today: date,
    member: Person | None = None,
    organisation: Organisation | None = None,
    paper: str = "",
    event: Event | None = None,
) -> Deed:
    """Record that something was done for a member, or by an organisation for nobody in particular.

    :param by: the acting account, ``None`` for a command.
    :param people: who did it; credit follows the posts they held on the day.
    :param organisation: where a deed about nobody lies; one about a member lies where the member stood on the day.
    :param event: the event it answers, if a duty asks for that.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    facts_will_change()
    member, organisation = _locked(member, organisation)
    stay = membership_on(member, on) if member else None
    about = Q(member=member) if member else Q(member__isnull=True, organisation=organisation)
    refused = amiss(member, stay, people, note, on=on, today=today)
    refused = refused or _event_gone(event) or _entered(about, action, on, people, note)
    if refused:
        raise ValidationError(refused)
    record = enter_record(
        by=by, organisation=stay.organisation if stay else organisation, member=member, action=action, on=on,
        people=people, today=today, event=event,
    )  # fmt: skip
    return Deed.objects.create(record=record, note=note.strip(), paper=paper.strip())


def _locked(member: Person | None, organisation: Organisation | None) -> tuple[Person | None, Organisation | None]:
    """Whom or what it is about, after the engine's lock and under its own: acts on one take turns."""
    if member is not None:
        return Person.objects.select_for_update(no_key=True).get(pk=member.pk), None
    return None, Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def amiss(
    member: Person | None, stay: Membership | None, people: list[Person], note: str, *, on: date, today: date
) -> dict[str, list[str]]:
    """What is wrong with a deed apart from having been entered before, by form field.

    :param stay: where the member stood on the day; what is done for the dead is done for their families.
    """
    refused = {}
    if not people:
        refused["people"] = ["请勾选是谁办的。"]
    if member and member.pk in {person.pk for person in people}:
        refused["people"] = [f"{member.name}不能给自己办，请另选办理人。"]
    if not note.strip():
        refused["note"] = ["请写办了什么，一句话也可以。"]
    elif len(note) > LONGEST:
        refused["note"] = [f"写了 {len(note)} 个字，最多 {LONGEST} 个，请写短一些。"]
    if member:
        try:
            check_stay(member, stay, on, today, field="on", what=WHAT, dead=True)
        except ValidationError as no:
            refused |= no.message_dict
    elif on > today:
        refused["on"] = [f"{WHAT}日期 {on} 晚于今天，请改成今天或以前。"]
    return refused


def _event_gone(event: Event | None) -> dict[str, list[str]]:
    """Whether the event has been taken back meanwhile."""
    if event and Event.objects.filter(pk=event.pk, withdrawn_on__isnull=False).exists():
        return {"__all__": ["这件事由已经撤回，不用再办。做过的照样可以登记：请从“办理记录”重新打开这张表。"]}
    return {}


def _entered(about: Q, action: str, on: date, people: list[Person], note: str) -> dict[str, list[str]]:
    """Whether the same stands already: same act, subject, day, people and words."""
    same = Record.objects.standing().filter(about, action=action, on=on, deed__isnull=False)
    for record in same.select_related("deed").prefetch_related("actors").order_by("pk"):
        if same_people(record, people) and record.deed.note.strip() == note.strip():
            words = f"{on} 的“{record.get_action_display()}”已登记过，没有再记一条。要补充请先撤回那一条，再登记一次。"
            return {"note": [words]}
    return {}
