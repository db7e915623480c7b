"""The step that is waited for as a duty of the organisation whose turn it is: an event that only a step ends."""

from collections.abc import Collection
from datetime import date

from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from duties.deeds import record_deed
from fund.applying.turns import Turn
from fund.models import Application, Taken
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED, Move
from members.enums import EventKind, Role
from members.models import Event, Organisation, Person, Post
from members.services import tell_event, withdraw_event, write_event

_PAYS = (Role.CASHIER, Role.ACCOUNTANT)
_OFFICE = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD)
HEADS = {
    EventKind.FUND_REVIEW: (Role.SECRETARY,),
    EventKind.FUND_OFFICE: (*_OFFICE, Role.SECRETARY),
    EventKind.FUND_PAYMENT: _PAYS,
}
"""Whose turn the rules of ``working-rules`` say the duty is where it names nobody."""


def event_kind(step: Step) -> EventKind:
    """Whose duty a step is, by who takes it."""
    if set(step.by) & set(_PAYS):
        return EventKind.FUND_PAYMENT
    return EventKind.FUND_OFFICE if set(step.by) & set(_OFFICE) else EventKind.FUND_REVIEW


def source_of(application: Application) -> str:
    """How the events of an application name it."""
    return f"application:{application.pk}:step"


def wait(*, by, application: Application, turn: Turn | None, taken: Taken, today: date) -> None:
    """End the duty of the step just taken and open that of the next; ``application`` is saved by the caller.

    An objection leaves the duty as it is, for the notice still waits; unless it waited no longer.
    """
    facts_will_change()
    here = taken.before.removesuffix(OBJECTED) == taken.step
    if application.waiting and here and taken.move in (Move.OBJECT, Move.DISMISS, Move.REPOST):
        return
    if application.waiting:
        _end(by, application, taken, today)
    application.waiting = None
    if turn is None:
        return
    application.waiting = write_event(
        by=by, kind=event_kind(turn.step), on=today, note=f"{application.label} {turn.step.title}", today=today,
        organisation=turn.desk, addressee=addressee_of(turn, today), due_on=application.due_on,
        source=source_of(application),
    )  # fmt: skip


def addressee_of(turn: Turn, day: date) -> Person | None:
    """Whom the duty of a step names."""
    return named_for(turn.desk, turn.people, HEADS[event_kind(turn.step)], day)


def named_for(
    organisation: Organisation, people: Collection[Person], roles: Collection[str], day: date
) -> Person | None:
    """The first of ``people``, who may take a step at an organisation, where a duty of ``roles`` would else come to
    somebody who may not; ``None`` where it comes to them anyway.
    """
    posts = Post.objects.on(day).filter(organisation=organisation, role__in=roles).order_by()
    held: dict[str, set[int]] = {}
    for role, person in posts.values_list("role", "person"):
        held.setdefault(role, set()).add(person)
    heads = next((held[role] for role in roles if role in held), set())
    return None if heads and heads <= {person.pk for person in people} else next(iter(people), None)


def follow(application: Application, turn: Turn, day: date) -> bool:
    """Bring the duty of the step awaited to whose turn it is now; whether it was anybody else's."""
    return carry(
        application.waiting, organisation=turn.desk, addressee=addressee_of(turn, day),
        kind=event_kind(turn.step), note=f"{application.label} {turn.step.title}",
    )  # fmt: skip


def carry(event: Event, *, organisation: Organisation, addressee: Person | None, kind: str, note: str) -> bool:
    """Have an event that waits stand elsewhere or name another; whether it did not already."""
    before = (event.kind, event.organisation_id, event.addressee_id)
    if before == (kind, organisation.pk, addressee and addressee.pk):
        return False
    event.kind, event.organisation, event.addressee, event.note = kind, organisation, addressee, note
    event.save(update_fields=["kind", "organisation", "addressee", "note"])
    audit.write(audit.Act.EDIT, f"event:{event.pk}", organisation=organisation.pk)
    tell_event(event)
    if before[:2] != (kind, organisation.pk):
        facts_changed(Fact.EVENT, since=event.occurred_on, people=[], organisations=[before[1]], of=before[0])
    return True


def _end(by, application: Application, taken: Taken, today: date) -> None:
    done = taken.move in (Move.PASS, Move.RETURN, Move.REFUSE, Move.FAIL)
    if not done or by is None or by.person is None:
        withdraw_event(by=by, event=application.waiting, reason=f"资金申请{Move(taken.move).label}", today=today)
        return
    record_deed(
        by=by, action="handling", on=today, people=[by.person], today=today, event=application.waiting,
        organisation=application.waiting.organisation,
        note=f"资金申请 {application.label}：{taken.title}，{Move(taken.move).label}（第 {taken.serial} 步）",
    )  # fmt: skip


def wait_until(application: Application, due_on: date) -> None:
    """Give the step that is waited for another last day."""
    application.due_on = due_on
    application.save(update_fields=["due_on"])
    if event := application.waiting:
        event.due_on = due_on
        event.save(update_fields=["due_on"])
        tell_event(event)
