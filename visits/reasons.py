"""Why something is done for a member: the open duties beside the form, and what needs none."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from base.calendar import Occasion
from duties.board.records import event_label
from duties.board.words import CARE, sees_basis
from duties.engine.models import Action, Duty, DutyQuerySet
from duties.policy.models import Rule
from duties.policy.schema import OnDate, OnOccasion, Quota, RuleSpec
from members.enums import EventKind
from members.models import Event, Membership, Person
from visits.models import Talk, Visit

USUAL = "usual"
"""The choice of a visit that answers no event and keeps no festival."""


OF_LATE = timedelta(days=90)
"""So long an event that asks for nothing is offered as a reason."""

ANSWERED_ELSEWHERE = (EventKind.REQUEST, EventKind.DATA_QUESTION, EventKind.CORRECTION, EventKind.TASK)


@dataclass(frozen=True)
class Reason:
    """One choice of the form: its value, its words, and what is kept of it.

    ``subject`` is a talk's :class:`Talk.Subject` or a visit's occasion; ``event`` is the event it answers.
    """

    value: str
    label: str
    subject: str = ""
    event: Event | None = None


def closed_by_action(action: Action) -> list[int]:
    """The rules whose duties a record of ``action`` closes; a state that must hold is closed by no record."""
    specs = Rule.objects.adopted().exclude(spec__trigger__kind="standing").order_by("pk").values_list("pk", "spec")
    return [pk for pk, spec in specs if action in (spec["action"], *spec.get("or_by", ()))]


def periodic_visits() -> QuerySet[Rule]:
    """The rules that ask for visits in every period."""
    return Rule.objects.filter(spec__trigger__kind="quota", spec__action=Action.VISIT)


def open_for(members: list[Membership], action: Action, account, day: date) -> DutyQuerySet:
    """What ``action`` could close for the members on ``day``, as far as ``account`` may see it.

    Besides the duties about them: what their organisations or the account itself owe to whomever of them.
    """
    here = Q(member__in=[each.person_id for each in members])
    here |= Q(member=None, actor=None, organisation__in=[each.organisation_id for each in members])
    if account.person_id is not None:
        here |= Q(member=None, actor=account.person_id)
    duties = Duty.objects.visible_to(account).open_on(day)
    return duties.filter(here, rule__in=closed_by_action(action)).order_by("due_on", "pk")


def reasons_for(membership: Membership, action: Action, account, day: date, *, chosen: str = "") -> list[Reason]:
    """The choices for a member: open duties, the most urgent first, what needs no duty, what is for others to do.

    :param chosen: what a form sent back holds. It stays a choice though its duty has been closed meanwhile, be it by
        the first click of two.
    """
    duties = open_for([membership], action, account, day).with_sources()
    ours = [of_duty(duty, action, account) for duty in duties if not is_anothers(duty, account.person_id)]
    others = [of_duty(duty, action, account) for duty in duties if is_anothers(duty, account.person_id)]
    spare = _spare_talks(chosen) if action == Action.TALK else _spare_visits()
    free = _free_events(membership, action, account, day)
    past = _of_past_event(chosen, membership.person, action, account)
    reasons: dict[str, Reason] = {}
    for reason in [*ours, *spare, *free, *others, *past]:
        reasons.setdefault(reason.value, reason)
    return list(reasons.values())


def is_anothers(duty: Duty, person: int | None) -> bool:
    """Whether the duty binds somebody else."""
    return duty.actor_id not in (None, person)


def value_of(duty: Duty, action: Action) -> str:
    """The choice that stands for a duty."""
    if duty.event_id:
        return f"event:{duty.event_id}"
    spec = duty.rule.parsed
    return str(subject_of(spec) if action == Action.TALK else occasion_of(spec) or USUAL)


def subject_of(spec: RuleSpec) -> Talk.Subject:
    """What a talk is about that a rule without an event asks for."""
    trigger = spec.trigger
    if isinstance(trigger, Quota):
        return Talk.Subject.YEARLY if trigger.per == "year" else Talk.Subject.REGULAR
    if isinstance(trigger, OnDate) and trigger.fact == "joined_on":
        return Talk.Subject.BIRTHDAY
    return Talk.Subject.OTHER


def occasion_of(spec: RuleSpec) -> str:
    """The festival a rule is about, empty for every other rule."""
    return spec.trigger.occasion.value if isinstance(spec.trigger, OnOccasion) else ""


def why_visited(visit: Visit, account, day: date) -> str:
    """Why a visit was paid, in words that its reader may know."""
    record = visit.record
    if record.event:
        return event_label(record.event, account, record.path, day)
    if record.action == Action.GREETING and not visit.occasion:
        return Talk.Subject.BIRTHDAY.label
    return visit.get_occasion_display() or "平时"


def of_duty(duty: Duty, action: Action, account) -> Reason:
    """The choice that stands for a duty, in words that ``account`` may read."""
    value, spec = value_of(duty, action), duty.rule.parsed
    subject = _subject(duty.event) if action == Action.TALK and duty.event_id else ""
    subject = subject or (subject_of(spec) if action == Action.TALK else occasion_of(spec))
    if not sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id):
        return Reason(value, CARE, subject, duty.event)
    what = duty.event.get_kind_display() if duty.event_id else duty.rule.title
    return Reason(value, f"{what}（{duty.rule.clause.printed}）", subject, duty.event)


def _subject(event: Event) -> Talk.Subject:
    return Talk.Subject.REQUEST if event.kind == EventKind.REQUEST else Talk.Subject.EVENT


def _spare_talks(chosen: str) -> list[Reason]:
    subjects = [Talk.Subject.YEARLY, Talk.Subject.OTHER]
    subjects += [each for each in (Talk.Subject.BIRTHDAY, Talk.Subject.REGULAR) if each == chosen]
    return [Reason(subject.value, subject.label, subject) for subject in subjects]


def _spare_visits() -> list[Reason]:
    usual = Reason(USUAL, "平时走访")
    return [usual, *(Reason(each.value, f"{each.label}走访", each.value) for each in Occasion)]


def _free_events(membership: Membership, action: Action, account, day: date) -> list[Reason]:
    """What happened of late and asks for nothing here: somebody may talk or go all the same, and say why."""
    asked = Duty.objects.filter(event=OuterRef("pk"), member=OuterRef("person"))
    events = Event.objects.visible_to(account).standing().filter(~Exists(asked), person=membership.person)
    events = events.filter(occurred_on__range=(day - OF_LATE, day)).exclude(kind__in=ANSWERED_ELSEWHERE)
    found = []
    for event in events.defer("note").order_by("-occurred_on", "-pk"):
        label = event_label(event, account, membership.path, day)
        found.append(Reason(f"event:{event.pk}", label, _subject(event) if action == Action.TALK else "", event))
    return found


def of_death(member: Person, account) -> Reason:
    """Why one condoles: the member's death, as it was registered."""
    deaths = Event.objects.visible_to(account).standing().filter(person=member, kind=EventKind.DEATH)
    return Reason("death", EventKind.DEATH.label, event=deaths.order_by("-occurred_on", "-pk").first())


def _of_past_event(chosen: str, member: Person, action: Action, account) -> list[Reason]:
    kind, _, number = chosen.partition(":")
    if kind != "event" or not (number.isascii() and number.isdigit() and len(number) <= 18):
        return []
    label = Talk.Subject.EVENT.label if action == Action.TALK else "因事由走访"
    events = Event.objects.visible_to(account).standing().filter(person=member, pk=int(number))
    return [Reason(chosen, label, _subject(event) if action == Action.TALK else "", event) for event in events]
