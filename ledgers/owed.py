"""应办事项台账: what was due or closed in a period; or what stood open on one day, and how far it then was.

Nothing is brought in by it: duties follow from policy and facts.
"""

from datetime import date

from django.db.models import CharField, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.urls import reverse
from django.utils.http import urlencode

from base.writing import Format
from duties.board.refs import ref_of
from duties.board.words import CARE, VOID_REASONS, names_of, sees_duty, when
from duties.engine.models import Duty, RecordPerson, State, Waiver
from duties.engine.responsible import attach_responsible
from ledgers.ledger import AsOf, Column, Ledger, Part, Pick, Reader
from members.models import Organisation
from members.scope import path_end


def people_of(path: str) -> Prefetch:
    """The people of records at this relation, with their names alone."""
    return Prefetch(path, RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk"))


def actors_of(record) -> str:
    """Who did what a record says, in one cell."""
    return names_of(actor.person for actor in record.actors.all())


def _duties(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Duties due or closed in the period, or open on a day, in the ledger of where each stands today."""
    duties = Duty.objects.all() if reader.account is None else Duty.objects.visible_to(reader.account)
    waived = Waiver.objects.filter(rule=OuterRef("rule"), key=OuterRef("key"))
    duties = duties.annotate(waiver_reason=Subquery(waived.values("reason")[:1]))
    if reader.as_of:
        stood = Value(State.OPEN.value, output_field=CharField())
        duties = duties.annotate(waived_on=Subquery(waived.values("given_on")[:1])).filter(_stood_open(reader.day))
    else:
        stood = F("state")
        duties = duties.filter(Q(due_on__range=(first, last)) | Q(closed_on__range=(first, last)))
    return (
        duties.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .with_sources()
        .select_related(None)  # what thousands of rows share is fetched once, in queries of its own
        .select_related("member", "actor", "event", "closed_by")
        .prefetch_related("rule__clause__policy", "organisation", people_of("closed_by__actors"))
        .annotate(stood=stood)
        .order_by("path", "due_on", "pk")
    )


def _stood_open(day: date) -> Q:
    """Duties that could be done by a day and were not closed on it; what closed them later is left aside."""
    after = Q(state__in=(State.DONE, State.VOID), closed_on__gt=day) | Q(state=State.WAIVED, waived_on__gt=day)
    return Q(opens_on__lte=day) & (Q(state=State.OPEN) | after | Q(state=State.LAPSED, closes_on__gte=day))


def _sees(duty: Duty, reader: Reader) -> bool:
    """Whether it may be called by its name: today, whatever day is looked at."""
    return reader.account is None or all(
        sees_duty(reader.account, duty, day) for day in {reader.day, reader.account.scope.day}
    )


def called(duty: Duty, reader: Reader) -> str:
    """What is to be done, for whoever may know it."""
    return duty.rule.title if _sees(duty, reader) else CARE


def _clause(duty: Duty, reader: Reader) -> str:
    clause = duty.rule.clause
    return f"{clause.policy.number} {clause.printed}" if _sees(duty, reader) else ""


def _state(duty: Duty, reader: Reader) -> str:
    if duty.state == State.OPEN and duty.due_on < reader.day:
        return when(duty, reader.day)[0]
    return duty.get_state_display()


def _who(duty: Duty, reader: Reader) -> str:
    """Whose turn it is today; for what is done, who did it. What needs no doing any more is nobody's turn."""
    if duty.state == State.OPEN:
        return names_of(duty.responsible) or "无人任职"
    return actors_of(duty.closed_by) if duty.closed_by else ""


def _outcome(duty: Duty, reader: Reader) -> str:
    """What closed it, or why it needs no closing."""
    if not _sees(duty, reader):
        return ""
    if duty.state == State.WAIVED:
        return duty.waiver_reason
    if duty.state == State.VOID:
        return VOID_REASONS.get(duty.reason, duty.reason)
    record = duty.closed_by
    if record is None:
        return ""
    marks = "".join(mark for mark, holds in (("（集体）", record.collective), ("（补录）", record.late)) if holds)
    return f"{record.get_action_display()}：{actors_of(record)}{marks}"


def _why(duty: Duty, reader: Reader) -> str:
    ref = ref_of(duty, reader.account, hidden=not _sees(duty, reader))
    return f"{reverse('duty_why')}?{urlencode({'duty': ref})}"


def _with_responsible(batch: list[Duty], reader: Reader) -> list[Duty]:
    if reader.as_of:
        for duty in batch:
            duty.state, duty.closed_by, duty.closed_on = State.OPEN, None, None
    attach_responsible([duty for duty in batch if duty.state == State.OPEN], reader.day)
    return batch


DUTIES = Ledger(
    code="duties",
    title="应办事项台账",
    period="到期日或办结（作废）日在期间内的应办；填了“截至”的，列那天已经可办、还没有办结的。"
    "党组织是这件应办现在所在的党组织；责任人，待办的是今天（截至那天）轮到谁，已办结的是谁办的。",
    as_of=AsOf.OFFERED,
    rows=_duties,
    columns=(
        Column("党组织", "organisation.label", 22, part=Part.KEY, name="branch"),
        Column("党员", "member.name", 10, part=Part.KEY, name="name"),
        Column("要做的事", called, 20, leads=True, part=Part.KEY, name="what"),
        Column("依据", _clause, 26, part=Part.COMPUTED),
        Column("约束力", "rule.get_force_display", 8, part=Part.COMPUTED),
        Column("责任人", _who, 14, part=Part.COMPUTED),
        Column("可办起", "opens_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("到期", "due_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("状态", _state, 12, part=Part.COMPUTED),
        Column("办结日期", "closed_on", 12, Format.DATE, part=Part.COMPUTED),
        Column("办结记录/原因", _outcome, 26, part=Part.COMPUTED),
    ),
    tally=(
        ("{} 件", Count("pk")),
        ("办结 {} 件", Count("pk", filter=Q(stood=State.DONE))),
    ),
    picks={state: Pick(state.label, Q(stood=state)) for state in (State.WAIVED, State.VOID)},
    prepare=_with_responsible,
    link=_why,
    subject="member",
)
