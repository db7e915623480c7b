"""Recording and withdrawing talks. One transaction each; duties close and open again inside it."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from base.facts import facts_will_change
from duties.engine.models import Action, Record
from duties.engine.records import enter_record, withdraw_record
from members.models import Event, Person
from members.services import check_member_on
from visits.models import Talk

GRACE = timedelta(minutes=10)
"""So long after entry a talk is withdrawn without a reason: a slip of the finger."""


@transaction.atomic
def record_talk(
    *,
    by,
    members: list[Person],
    on: date,
    means: str,
    subject: str,
    text: str,
    talkers: list[Person],
    today: date,
    place: str = "",
    wish: str = "",
    event: Event | None = None,
) -> list[Talk]:
    """Record a talk with one member, or one talk with several of them (集体): one record each.

    :param by: the acting account, ``None`` for a command.
    :param talkers: who talked; credit follows the posts they held on the day.
    :param event: the event the talk answers, if it was chosen as the reason; it is kept with its own member's record.
    :returns: the talks in the order of their members' keys.
    :raises ValidationError: keyed by form field, with the sentence the reader sees.
    """
    if not members:
        raise ValidationError({"member": "请选谈话对象。"})
    facts_will_change()
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=[member.pk for member in members])
    everyone = list(locked.order_by("pk"))
    collective = means == Talk.Means.COLLECTIVE
    refused = _refused(everyone, talkers, text, collective=collective)
    stays = {}
    for member in everyone:
        try:
            stays[member.pk] = check_member_on(member, on, today, field="on", what="谈话")
        except ValidationError as no:
            refused |= no.message_dict
    refused = refused or _entered(everyone, on, talkers, text)
    if refused:
        raise ValidationError(refused)
    talks = []
    for member in everyone:
        record = enter_record(
            by=by, organisation=stays[member.pk].organisation, member=member, action=Action.TALK, on=on,
            people=talkers, today=today, collective=collective,
            event=event if event and event.person_id == member.pk else None,
        )  # fmt: skip
        talks.append(
            Talk.objects.create(record=record, means=means, subject=subject, place=place, text=text, wish=wish)
        )
    return talks


def _refused(members: list[Person], talkers: list[Person], text: str, *, collective: bool) -> dict[str, list[str]]:
    """What is wrong with the talk apart from its day, by form field."""
    refused = {}
    if not talkers:
        refused["talker"] = ["请选谈话人。"]
    for member in members:
        if member.pk in {talker.pk for talker in talkers}:
            refused["talker"] = [f"{member.name}不能与自己谈话，请另选谈话人。"]
    if not text.strip():
        refused["text"] = ["请写谈了什么，一句话也可以。"]
    if len(members) > 1 and not collective:
        refused["means"] = ["一次与几个人谈，方式请选“集体”；分别谈的请分别登记。"]
    return refused


def _entered(members: list[Person], on: date, talkers: list[Person], text: str) -> dict[str, list[str]]:
    """Whether the same talk stands already: same day, talkers and words with any of the members."""
    talks = Talk.objects.filter(record__member__in=members, record__on=on, record__withdrawn_on__isnull=True)
    for talk in talks.select_related("record__member").prefetch_related("record__actors").order_by("pk"):
        actors = {actor.person_id for actor in talk.record.actors.all()}
        if actors == {talker.pk for talker in talkers} and talk.text.strip() == text.strip():
            which = f"与{talk.record.member.name} {on} 的谈话"
            return {"text": [f"{which}已登记过，没有再记一条。要补充请先撤回那一条，再登记一次。"]}
    return {}


@transaction.atomic
def withdraw_talk(*, by, talk: Talk, reason: str, today: date, now: datetime) -> None:
    """Withdraw a talk; the duties it closed open again.

    :param reason: may be empty within :data:`GRACE` of entry.
    :raises ValidationError: when withdrawn already, or later without a reason.
    """
    facts_will_change()
    record = Record.objects.select_for_update().get(pk=talk.record_id)
    if record.withdrawn_on:
        raise ValidationError(f"这次谈话已于 {record.withdrawn_on} 撤回。")
    if now - record.entered_at > GRACE and not reason.strip():
        raise ValidationError({"reason": "登记已过十分钟，请写为什么撤回，一句话也可以。"})
    withdraw_record(by=by, record=record, reason=reason, today=today)
