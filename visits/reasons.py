"""Why a talk is held, and why it leaves a duty open: the member's open duties beside the talk on the form."""

from dataclasses import dataclass
from datetime import date, timedelta

from duties.board.words import CARE, Line, names_of, sees_basis, short
from duties.engine.models import Action, Duty, DutyQuerySet
from duties.policy.schema import OnDate, OnEvent
from members.enums import SENSITIVE_EVENTS
from members.models import Event, Person
from visits.models import Talk

OF_TRIGGER = {"quota": Talk.Subject.YEARLY, "date": Talk.Subject.BIRTHDAY, "event": Talk.Subject.EVENT}


@dataclass(frozen=True)
class Reason:
    """One choice of the form: its value, its words, and the event it answers."""

    value: str
    label: str
    subject: Talk.Subject
    event: Event | None = None


def open_talks(member: Person, account, day: date) -> DutyQuerySet:
    """The talks that ``member`` is owed on ``day``, as far as ``account`` may see them."""
    return Duty.objects.visible_to(account).open_on(day).filter(member=member, rule__action=Action.TALK)


def reasons_for(member: Person, account, day: date, *, chosen: str = "") -> list[Reason]:
    """The choices for ``member``: open duties, the most urgent first, then what needs no duty.

    :param chosen: what a form sent back holds. It stays a choice though its duty has been closed meanwhile, be it by
        the first click of two.
    """
    reasons = [
        _of_duty(duty, account) for duty in open_talks(member, account, day).with_sources().order_by("due_on", "pk")
    ]
    known = {reason.value for reason in reasons}
    spare = [Reason(subject.value, subject.label, subject) for subject in (Talk.Subject.YEARLY, Talk.Subject.OTHER)]
    if chosen == Talk.Subject.BIRTHDAY:
        spare.append(Reason(chosen, Talk.Subject.BIRTHDAY.label, Talk.Subject.BIRTHDAY))
    elif chosen not in known:
        spare.extend(_of_past_event(chosen, member, account))
    return reasons + [reason for reason in spare if reason.value not in known]


def value_of(duty: Duty) -> str:
    """The choice that stands for a duty."""
    return f"event:{duty.event_id}" if duty.event_id else OF_TRIGGER[duty.rule.spec["trigger"]["kind"]].value


def event_label(event: Event, account, path: str, day: date) -> str:
    """The event a talk answered, in words that its reader may know: ``11-09 无故不参加组织生活``."""
    sees = sees_basis(account, event.kind in SENSITIVE_EVENTS, path, event.person_id)
    return f"{short(event.occurred_on, day)} {event.get_kind_display() if sees else CARE}"


def why_open(line: Line, *, on: date, talker: Person, collective: bool) -> str:
    """Why a talk on ``on`` leaves the duty of ``line`` open, in the words of its window and of whose turn it is."""
    duty, rule = line.duty, line.duty.rule.parsed
    last = duty.due_on
    if isinstance(rule.trigger, OnDate):
        last += timedelta(days=rule.trigger.closes_days_after)
    if on < duty.counts_from or (on > last and not isinstance(rule.trigger, OnEvent)):
        until = "以后" if isinstance(rule.trigger, OnEvent) else f"至 {short(last, on)}"
        return f"{short(duty.counts_from, on)} {until}谈的才算"
    if collective and not rule.collective_counts:
        return "集体谈话不算，要单独谈"
    if talker.pk not in {person.pk for person in duty.responsible}:
        return f"由{names_of(duty.responsible)}谈才算" if duty.responsible else "现在没有责任人"
    return "这次不办结"


def _of_duty(duty: Duty, account) -> Reason:
    subject = OF_TRIGGER[duty.rule.spec["trigger"]["kind"]]
    if not sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id):
        return Reason(value_of(duty), CARE, subject, duty.event)
    what = duty.event.get_kind_display() if duty.event_id else duty.rule.title
    return Reason(value_of(duty), f"{what}（{duty.rule.clause.printed}）", subject, duty.event)


def _of_past_event(chosen: str, member: Person, account) -> list[Reason]:
    kind, _, number = chosen.partition(":")
    if kind != "event" or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return []
    events = Event.objects.visible_to(account).standing().filter(person=member, pk=int(number))
    return [Reason(chosen, Talk.Subject.EVENT.label, Talk.Subject.EVENT, event) for event in events]
