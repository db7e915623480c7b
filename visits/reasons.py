"""Why a talk is held: the member's open duties, most urgent first, then the two reasons that need no duty."""

from dataclasses import dataclass
from datetime import date

from duties.board.words import sees_basis
from duties.engine.models import Action, Duty
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


def reasons_for(member: Person, account, day: date) -> list[Reason]:
    """The choices for ``member``, the most urgent open duty first; a hidden basis reads 关怀事项."""
    duties = Duty.objects.visible_to(account).open_on(day).filter(member=member, rule__action=Action.TALK)
    reasons = [_of_duty(duty, account) for duty in duties.with_sources().order_by("due_on", "pk")]
    known = {reason.value for reason in reasons}
    spare = [Reason(subject.value, subject.label, subject) for subject in (Talk.Subject.YEARLY, Talk.Subject.OTHER)]
    return reasons + [reason for reason in spare if reason.value not in known]


def value_of(duty: Duty) -> str:
    """The choice that stands for a duty."""
    return f"event:{duty.event_id}" if duty.event_id else OF_TRIGGER[duty.rule.spec["trigger"]["kind"]].value


def _of_duty(duty: Duty, account) -> Reason:
    subject = OF_TRIGGER[duty.rule.spec["trigger"]["kind"]]
    if not sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id):
        return Reason(value_of(duty), "关怀事项", subject, duty.event)
    what = duty.event.get_kind_display() if duty.event_id else duty.rule.title
    return Reason(value_of(duty), f"{what}（{duty.rule.clause.printed}）", subject, duty.event)
