"""The step that is waited for as a duty of the organisation it waits at: an event that only a step ends."""

from datetime import date

from base.facts import facts_will_change
from duties.deeds import record_deed
from fund.models import Application, Taken
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED, Move
from members.enums import EventKind, Role
from members.models import Organisation
from members.services import tell_event, withdraw_event, write_event

_PAYS = (Role.CASHIER, Role.ACCOUNTANT)
_OFFICE = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD)


def event_kind(step: Step) -> EventKind:
    """Whose duty a step is, by who takes it."""
    if set(step.by) & set(_PAYS):
        return EventKind.FUND_PAYMENT
    return EventKind.FUND_OFFICE if set(step.by) & set(_OFFICE) else EventKind.FUND_REVIEW


def source_of(application: Application) -> str:
    """How the events of an application name it."""
    return f"application:{application.pk}:step"


def wait(
    *, by, application: Application, step: Step | None, organisation: Organisation | None, taken: Taken, today: date
) -> None:
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
    if step is None:
        return
    application.waiting = write_event(
        by=by, kind=event_kind(step), on=today, note=f"{application.label} {step.title}", today=today,
        organisation=organisation, due_on=application.due_on, source=source_of(application),
    )  # fmt: skip


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
