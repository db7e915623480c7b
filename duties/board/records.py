"""Records as pages show them: what they closed, what they answered, what they are called."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import F, Q, QuerySet

from base.dates import FAR
from duties.board.phrases import VERBS, short
from duties.board.words import CARE, Line, names_of, sees_basis, sees_event
from duties.engine.models import Action, Duty, DutyQuerySet, Record
from duties.policy.schema import OnEvent
from members.enums import Capability
from members.models import Event, Person

SENSITIVE_ACTIONS = frozenset({Action.REFERRAL, Action.REMINDER, Action.CLEARING})
"""Acts whose very name tells of a member what only those with :attr:`Capability.SENSITIVE` may know."""


def closed_by(record: Record, account) -> DutyQuerySet:
    """The duties that ``record`` closed, as far as ``account`` may see them; the member sees those about himself."""
    own = record.member_id is not None and record.member_id == account.person_id
    within = Duty.objects.filter(member=account.person_id) if own else Duty.objects.visible_to(account)
    return within.filter(closed_by=record)


def action_label(record: Record, account) -> str:
    """What was done, in words that its reader may know."""
    sensitive = record.action in SENSITIVE_ACTIONS and record.member_id is not None
    sees = sees_basis(account, sensitive, record.path, record.member_id)
    return record.get_action_display() if sees else CARE


def with_pages(records: QuerySet) -> QuerySet:
    """The records with the numbers of the rows that point down to them, for :func:`page_of`."""
    rows = {row for pages in settings.RECORD_PAGES.values() for _page, row in pages}
    return records.annotate(**{_column(row): F(row) for row in sorted(rows)})


def page_of(record: Record) -> tuple[str, int | None]:
    """The page that shows a record of :func:`with_pages`, and the number it takes; nothing where there is none."""
    pages = ((page, getattr(record, _column(row))) for page, row in settings.RECORD_PAGES.get(record.action, ()))
    return next((found for found in pages if found[1] is not None), ("", None))


def _column(row: str) -> str:
    return f"{row.replace('__', '_')}_row"


def of_action(deeds: QuerySet, action: str, account) -> QuerySet:
    """Those of one action, without letting the filter tell what the row itself hides."""
    chosen = deeds.filter(record__action=action)
    if action not in SENSITIVE_ACTIONS:
        return chosen
    seen = account.scope.q("record__path", Capability.SENSITIVE) & ~Q(record__member=account.person_id)
    return chosen.filter(Q(record__member__isnull=True) | seen)


def event_label(event: Event, account, path: str, day: date) -> str:
    """The event a record answered, in words that its reader may know: ``11-09 无故不参加组织生活``."""
    return event_words(event, day, told=sees_event(account, event, path))


def event_words(event: Event, day: date, *, told: bool) -> str:
    told = event.get_kind_display() if told else CARE
    return f"{short(event.occurred_on, day)} {told}"


@dataclass(frozen=True)
class Given:
    """What the form says of the act, as far as it decides what the act closes."""

    action: str
    on: date
    people: list[Person]
    event: Event | None = None
    collective: bool = False


def why_open(line: Line, given: Given) -> str:
    """Why the act leaves the duty of ``line`` open: its window, whose turn it is, what it has to answer."""
    duty, rule = line.duty, line.duty.rule.parsed
    if given.action not in rule.actions:
        return f"要{Action(rule.action).label}才算"
    verb = VERBS[given.action][1]
    if not duty.counts_from <= given.on <= duty.closes_on:
        until = "以后" if duty.closes_on == FAR else f"至 {short(duty.closes_on, given.on)}"
        return f"{short(duty.counts_from, given.on)} {until}{verb}的才算"
    if given.collective and not rule.collective_counts:
        return "集体谈话不算，要单独谈"
    if isinstance(rule.trigger, OnEvent) and rule.trigger.answers and duty.event != given.event:
        return "要选它作为理由才算"
    if not rule.responsible.anyone and not {each.pk for each in given.people} & {each.pk for each in duty.responsible}:
        return f"由{names_of(duty.responsible)}{verb}才算" if duty.responsible else "现在没有责任人"
    return "这次不办结"
