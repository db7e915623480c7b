"""What a member asks from his own page: help, and that his telephone or address be corrected; and its answer.

Asking is an event with its duty; the words and the new values are sealed. Help is answered by any record that names
it. A correction is answered by the decision alone, which writes the person and the record in one transaction.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base.facts import facts_will_change
from duties.board.asks import answer_to, asks, told
from duties.deeds import record_deed
from duties.engine.models import Action, Deed
from members.contact import FIELDS, checked, given_fields, write_contact
from members.enums import EventKind
from members.models import Correction, Event, Person
from members.permissions import may_record_at
from members.services import register_event, withdraw_event

HELP = (("hardship", "生活困难"), ("medical", "就医"), ("schooling", "就学"), ("other", "其他"))
"""What help is asked for; kept sealed with the words."""


@transaction.atomic
def ask_help(*, by, what: str, words: str, today: date) -> Event:
    """Ask for help, for oneself.

    :param what: one of :data:`HELP`.
    :raises ValidationError: while an earlier one waits, and as :func:`register_event`.
    """
    _check_none_waits(by, EventKind.HELP, today, "要补充的，请给支部打电话，或先撤回那一次再提。")
    note = "。".join(filter(None, (dict(HELP)[what], words.strip())))
    return _registered(by=by, person=by.person, kind=EventKind.HELP, occurred_on=today, note=note, today=today)


@transaction.atomic
def ask_correction(*, by, typed: dict[str, str], today: date) -> Event:
    """Ask that one's own fields of contact be corrected.

    :raises ValidationError: while an earlier one waits, as :func:`members.contact.checked`, and as
        :func:`register_event`.
    """
    _check_none_waits(by, EventKind.CORRECTION, today, "要再改，请先撤回那一次。")
    given = checked(Person.objects.get(pk=by.person_id), typed)
    event = _registered(by=by, person=by.person, kind=EventKind.CORRECTION, occurred_on=today, today=today)
    Correction.objects.create(event=event, **given)
    return event


def _registered(**what) -> Event:
    """As :func:`register_event`; the forms here have none of its fields."""
    try:
        return register_event(**what)
    except ValidationError as refused:
        raise ValidationError(refused.messages) from refused


def _check_none_waits(by, kind: EventKind, today: date, advice: str) -> None:
    """One at a time: the second click of two, and the impatient, read what became of the first."""
    facts_will_change()
    Person.objects.select_for_update(no_key=True).get(pk=by.person_id)
    mine = asks().standing().filter(person=by.person_id, kind=kind).order_by("pk")
    for ask in told(mine, by, today):
        if ask.waits:
            raise ValidationError(f"{ask.event.occurred_on} 提的还在办。{advice}")


@transaction.atomic
def take_back(*, by, event: Event, reason: str, today: date) -> None:
    """Take back what one asked; its duty goes.

    :raises ValidationError: when it was answered meanwhile, or taken back already.
    """
    event = _locked(event)
    if record := answer_to(event):
        raise ValidationError(f"{record.on} 已经答复过，不能再撤回。")
    withdraw_event(by=by, event=event, reason=reason.strip() or "不再需要", today=today)


@transaction.atomic
def decide_correction(*, by, event: Event, confirm: bool, reason: str = "", today: date) -> Deed:
    """Confirm a correction, which writes the person, or decline it with a reason that the member reads.

    :raises ValidationError: without a reason to decline, when it was decided or taken back meanwhile, and as
        :func:`record_deed`.
    """
    event = _locked(event)
    row = Correction.objects.select_for_update(of=("self",)).get(event=event)
    if event.withdrawn_on:
        raise ValidationError(f"{event.person.name}已于 {event.withdrawn_on} 撤回，不用再核实。")
    if row.decided_on:
        raise ValidationError(f"{row.decided_on} 已经核实过，没有再改一次。")
    if not confirm and not reason.strip():
        raise ValidationError({"reason": "请写为什么不改，一句话也可以，本人看得到。"})
    given = given_fields(row)
    if confirm:
        write_contact(by=by, person=event.person, values=given)
    row.decided_on, row.confirmed, row.reason = today, confirm, "" if confirm else reason.strip()
    row.save(update_fields=["decided_on", "confirmed", "reason"])
    what = "、".join(FIELDS[name] for name in given)
    note = f"核实本人提出的更正（第 {event.pk} 号）：{what}，{'已改。' if confirm else '没有改。'}"
    return record_deed(
        by=by, action=Action.HANDLING, on=today, people=[by.person], note=note, today=today, member=event.person,
        event=event,
    )  # fmt: skip


def _locked(event: Event) -> Event:
    """The event as it is now, after the engine's lock and that of its person."""
    facts_will_change()
    Person.objects.select_for_update(no_key=True).get(pk=event.person_id)
    return asks().get(pk=event.pk)


def may_read(account, event: Event, path: str) -> bool:
    """Why somebody asks and what is to be corrected: for himself, who entered it, and who may record where he is.

    :param path: where the member stands.
    """
    return account.person_id in {event.person_id, event.entered_by_id} or may_record_at(account, path)


def may_take_back(account, event: Event) -> bool:
    """Whoever asked, or who entered it for him."""
    return account.person_id in {event.person_id, event.entered_by_id}
