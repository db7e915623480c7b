"""What members ask of the Party: a talk, help, a correction of how they are reached; and how far each has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse

from duties.board.phrases import short
from duties.board.records import action_label
from duties.board.words import names_of
from duties.engine.models import Duty, Record, RecordPerson, State, Waiver
from members.enums import EventKind
from members.models import Event, Membership
from members.scope import sealed_at

ASKED_HERE = (EventKind.HELP, EventKind.CORRECTION)
"""What is asked and answered on the pages of this floor; a talk is asked for one floor above."""

KINDS = (*ASKED_HERE, EventKind.REQUEST)


@dataclass(frozen=True)
class Ask:
    """One thing asked: ``said`` is how far it is, in ``tone`` (ok, late, soon, muted); ``page`` where it stands."""

    event: Event
    said: str
    tone: str
    page: str
    waits: bool

    @property
    def what(self) -> str:
        """What was asked for, without whom and why."""
        if self.event.addressee:
            return f"约{self.event.addressee.name}谈话"
        return self.event.get_kind_display()


def asks() -> QuerySet[Event]:
    """Everything members asked, with all that :func:`told` reads; why they asked stays sealed."""
    actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
    records = Record.objects.standing().prefetch_related(Prefetch("actors", actors)).order_by("on", "pk")
    duties = Duty.objects.select_related("closed_by", "rule").order_by("due_on", "pk")
    duties = duties.prefetch_related(Prefetch("closed_by__actors", actors))
    rows = Event.objects.filter(kind__in=KINDS).select_related("person", "addressee", "entered_by", "correction")
    rows = rows.prefetch_related(Prefetch("records", records), Prefetch("duties", duties))
    sealed = ("note", "correction__phone", "correction__landline", "correction__address")
    return rows.defer(*sealed, *sealed_at("person", "addressee", "entered_by"))


def known_to(account) -> QuerySet[Event]:
    """What the account may know of: within its scope, its own, and what it entered for others."""
    if account.person_id is None:
        return asks().none()
    own = Q(person=account.person_id) | Q(entered_by=account.person_id)
    here = Membership.objects.on(account.scope.day).visible_to(account).filter(person=OuterRef("person"))
    return asks().filter(own | Exists(here), kind__in=ASKED_HERE)


def told(events: Iterable[Event], account, day: date) -> list[Ask]:
    """How far each has come, in words that ``account`` may read; events as :func:`asks` fetches them."""
    events = list(events)
    waived = {duty.pk: duty for event in events for duty in event.duties.all() if duty.state == State.WAIVED}
    reasons = _reasons(waived.values())
    return [_told(event, account, day, reasons) for event in events]


def _reasons(duties: Iterable[Duty]) -> dict[tuple[int, str], Waiver]:
    duties = list(duties)
    if not duties:
        return {}
    rows = Waiver.objects.filter(rule__in={duty.rule_id for duty in duties}, key__in=[duty.key for duty in duties])
    return {(row.rule_id, row.key): row for row in rows.order_by("pk")}


def _told(event: Event, account, day: date, reasons: dict) -> Ask:
    said, tone = _said(event, account, day, reasons)
    page = reverse(settings.ASK_PAGES[event.kind], args=[event.pk])
    return Ask(event, said, tone, page, waits=tone in ("soon", "late"))


def _said(event: Event, account, day: date, reasons: dict) -> tuple[str, str]:
    if event.withdrawn_on:
        return f"{short(event.withdrawn_on, day)} 已撤回", "muted"
    if record := answer_to(event):
        people = names_of(actor.person for actor in record.actors.all())
        return f"{short(record.on, day)} {_answered(event, record, account)}{'，' if people else ''}{people}", "ok"
    duty = next(iter(event.duties.all()), None)
    if duty and (waiver := reasons.get((duty.rule_id, duty.key))):
        return f"{short(waiver.given_on, day)} 没有办：{waiver.reason}", "muted"
    if duty is None or duty.state != State.OPEN:
        return "等支部答复", "soon"
    if duty.due_on < day:
        return f"还没答复，应在 {short(duty.due_on, day)} 前", "late"
    return f"{short(duty.due_on, day)} 前答复", "soon"


def _answered(event: Event, record: Record, account) -> str:
    if event.kind == EventKind.CORRECTION:
        return "已核实改好" if event.correction.confirmed else "没有改"
    return "已谈" if event.kind == EventKind.REQUEST else f"已办：{action_label(record, account)}"


def answer_to(event: Event) -> Record | None:
    """The record that answered: what closed its duty, else the first that names it (of a request: by whom it asks)."""
    closed = next((duty.closed_by for duty in event.duties.all() if duty.closed_by), None)
    if closed or event.kind != EventKind.REQUEST:
        return closed or next(iter(event.records.all()), None)
    asked = (r for r in event.records.all() if event.addressee_id in {actor.person_id for actor in r.actors.all()})
    return next(asked, None)
