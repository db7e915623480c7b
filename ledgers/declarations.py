"""Ledgers as declarations: a title, the rows as a scoped queryset, columns as (heading, value, width, format).

A new ledger is a new declaration; pages, workbook and command follow from it. Wrong declarations refuse to import.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import (
    Aggregate,
    BooleanField,
    Case,
    Count,
    FloatField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.http import urlencode

from awards.models import Attendance
from base.writing import Format, Heading
from duties.board.refs import ref_of
from duties.board.words import CARE, VOID_REASONS, names_of, sees_basis, when
from duties.engine.models import Duty, RecordPerson, State, Waiver
from duties.engine.responsible import attach_responsible
from members.enums import SENSITIVE_EVENTS
from members.models import Organisation
from members.scope import path_end, sealed_at
from visits.models import Talk, Visit

SHORT = 14
"""Columns up to this width hold names, days and words: they do not wrap on the page."""

AT_ONCE = 1000
"""Rows fetched, with all that belongs to them, in one go."""


@dataclass(frozen=True)
class Reader:
    """Who reads a ledger and on which day; no account means a command run by those who run the machine."""

    account: Any | None
    day: date

    def sees(self, sensitive: bool, path: str, person: int | None) -> bool:
        """Whether the basis of a matter at ``path`` about ``person`` may be printed."""
        return self.account is None or sees_basis(self.account, sensitive, path, person)


@dataclass(frozen=True)
class Column:
    """One column: its heading, where its value comes from, how wide and in what format it prints.

    ``value`` is a path of attributes as a template writes it (``member.name``), or a function of row and reader.
    """

    heading: str
    value: str | Callable[[Any, Reader], Any]
    width: int = 12
    format: Format = Format.TEXT
    leads: bool = False
    """Whether the page links the row from this column."""

    @property
    def short(self) -> bool:
        """Whether its text stays on one line."""
        return self.width <= SHORT

    def read(self, row: Any, reader: Reader) -> Any:
        if callable(self.value):
            return self.value(row, reader)
        for name in self.value.split("."):
            row = row and getattr(row, name)
        return row() if callable(row) else row


@dataclass(frozen=True)
class Ledger:
    """One 台账. Its first column, the running number, is not declared: every ledger has it.

    :param rows: the rows of a period as ``reader`` may see them: (account or None, organisation, first day, last day),
        both days included, in order, with everything the columns read.
    :param period: which day of a row decides that it belongs to a period, as a sentence.
    :param tally: words with a gap, and what fills it; the first counts the rows.
    :param prepare: completes a batch of rows with what no join brings.
    :param link: the page a row leads to.
    """

    code: str
    title: str
    period: str
    rows: Callable[[Any | None, Organisation, date, date], QuerySet]
    columns: Sequence[Column]
    tally: Sequence[tuple[str, Aggregate]]
    link: Callable[[Any, Reader], str]
    prepare: Callable[[list, Reader], list] = lambda batch, reader: batch

    NUMBER = Heading("序号", 6, Format.NUMBER)

    def __post_init__(self):
        names = [heading.text for heading in self.headings]
        if len(set(names)) != len(names):
            raise ImportError(f"台账 {self.code} 的表头有重复：{'、'.join(names)}")

    @property
    def headings(self) -> list[Heading]:
        return [self.NUMBER, *(Heading(c.heading, c.width, c.format) for c in self.columns)]

    def table(self, rows: Iterable, reader: Reader) -> Iterator[tuple[Any, list]]:
        """Each row with its printed values, a batch at a time: as many queries for one row as for a batch."""
        source = iter(rows)
        number = 0
        while batch := list(islice(source, AT_ONCE)):
            for row in self.prepare(batch, reader):
                number += 1
                yield row, [number, *(column.read(row, reader) for column in self.columns)]


def register(*ledgers: Ledger) -> dict[str, Ledger]:
    """The ledgers by code, in the order given; a code given twice refuses to import."""
    known = {ledger.code: ledger for ledger in ledgers}
    if len(known) != len(ledgers):
        raise ImportError(f"台账代号有重复：{'、'.join(ledger.code for ledger in ledgers)}")
    return known


def _actors(record) -> str:
    return names_of(actor.person for actor in record.actors.all())


# 应办事项台账


def _duties(account, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Duties due in the period or closed in it; where the duty stands today decides whose ledger it is in."""
    duties = Duty.objects.all() if account is None else Duty.objects.visible_to(account)
    waived = Waiver.objects.filter(rule=OuterRef("rule"), key=OuterRef("key"))
    return (
        duties.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))
        .filter(Q(due_on__range=(first, last)) | Q(closed_on__range=(first, last)))
        .with_sources()
        .prefetch_related(_people("closed_by__actors"))
        .annotate(waiver_reason=Subquery(waived.values("reason")[:1]))
        .order_by("due_on", "path", "pk")
    )


def _people(path: str) -> Prefetch:
    return Prefetch(path, RecordPerson.objects.select_related("person").only("record", "person__name").order_by("pk"))


def _sees(duty: Duty, reader: Reader) -> bool:
    return reader.sees(duty.rule.sensitive, duty.path, duty.member_id)


def _what(duty: Duty, reader: Reader) -> str:
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
    return _actors(duty.closed_by) if duty.closed_by else ""


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
    return f"{record.get_action_display()}：{_actors(record)}{marks}"


def _why(duty: Duty, reader: Reader) -> str:
    ref = ref_of(duty, reader.account, hidden=not _sees(duty, reader))
    return f"{reverse('duty_why')}?{urlencode({'duty': ref})}"


def _with_responsible(batch: list[Duty], reader: Reader) -> list[Duty]:
    attach_responsible([duty for duty in batch if duty.state == State.OPEN], reader.day)
    return batch


DUTIES = Ledger(
    code="duties",
    title="应办事项台账",
    period="到期日或办结（作废）日在期间内的应办；党组织是这件应办现在所在的党组织；责任人，待办的是今天轮到谁，已办结的是谁办的。",
    rows=_duties,
    columns=(
        Column("党组织", "organisation.label", 22),
        Column("党员", "member.name", 10),
        Column("要做的事", _what, 20, leads=True),
        Column("依据", _clause, 26),
        Column("约束力", "rule.get_force_display", 8),
        Column("责任人", _who, 14),
        Column("可办起", "opens_on", 12, Format.DATE),
        Column("到期", "due_on", 12, Format.DATE),
        Column("状态", _state, 12),
        Column("办结日期", "closed_on", 12, Format.DATE),
        Column("办结记录/原因", _outcome, 26),
    ),
    tally=(
        ("{} 件", Count("pk")),
        ("办结 {} 件", Count("pk", filter=Q(state=State.DONE))),
    ),
    prepare=_with_responsible,
    link=_why,
)


# 谈心谈话台账


def _talks(account, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Talks held in the period, without those withdrawn; neither text nor wish leaves the database."""
    talks = Talk.objects.all() if account is None else Talk.objects.visible_to(account)
    closed = Duty.objects.select_related("rule").order_by("due_on", "pk")
    return (
        talks.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "record__event")
        .prefetch_related(_people("record__actors"), Prefetch("record__closed_duties", closed))
        .annotate(has_wish=Case(When(wish="", then=Value(False)), default=Value(True), output_field=BooleanField()))
        .defer("text", "wish", *sealed_at("record__member"), "record__event__note")
        .order_by("-record__on", "-pk")
    )


def _occasion(row: Talk | Visit, reader: Reader) -> str:
    event = row.record.event
    if event is None:
        return ""
    if not reader.sees(event.kind in SENSITIVE_EVENTS, row.record.path, row.record.member_id):
        return CARE
    return f"{event.get_kind_display()}（{event.occurred_on}）"


def _closed(row: Talk | Visit, reader: Reader) -> str:
    return "、".join(dict.fromkeys(_what(duty, reader) for duty in row.record.closed_duties.all()))


TALKS = Ledger(
    code="talks",
    title="谈心谈话台账",
    period="谈话日期在期间内的谈话，不含谈话内容，不含已撤回的；党支部是记录所在的党组织。",
    rows=_talks,
    columns=(
        Column("时间", "record.on", 12, Format.DATE, leads=True),
        Column("谈话人", lambda talk, _: _actors(talk.record), 14),
        Column("谈话对象", "record.member.name", 10),
        Column("所在党支部", "record.organisation.label", 24),
        Column("方式", "get_means_display", 8),
        Column("类别", "get_subject_display", 14),
        Column("事由", _occasion, 24),
        Column("是否补录", lambda talk, _: "补录" if talk.record.late else "", 10),
        Column("是否有诉求", lambda talk, _: "有" if talk.has_wish else "无", 12),
        Column("办结情况", _closed, 26),
    ),
    tally=(
        ("{} 次", Count("pk")),
        ("谈话对象 {} 人", Count("record__member", distinct=True)),
    ),
    link=lambda talk, _: reverse("talk", args=[talk.pk]),
)


# 走访慰问台账


def _visits(account, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Visits, greetings and condolences of the period, without those withdrawn; nothing sealed leaves the database."""
    visits = Visit.objects.all() if account is None else Visit.objects.visible_to(account)
    closed = Duty.objects.select_related("rule").order_by("due_on", "pk")
    return (
        visits.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "record__event")
        .prefetch_related(_people("record__actors"), Prefetch("record__closed_duties", closed))
        .annotate(has_wish=Case(When(wish="", then=Value(False)), default=Value(True), output_field=BooleanField()))
        .defer("text", "wish", "promised", *sealed_at("record__member"), "record__event__note")
        .order_by("-record__on", "-pk")
    )


def _place(visit: Visit, reader: Reader) -> str:
    """Where or by what means; that it was a hospital is for those who may know."""
    sees = reader.sees(visit.how == Visit.How.HOSPITAL, visit.record.path, visit.record.member_id)
    return visit.get_how_display() if sees else ""


VISITS = Ledger(
    code="visits",
    title="走访慰问台账",
    period="日期在期间内的走访、政治生日祝贺和吊唁，不含看到的情况和答应的事，不含已撤回的；党支部是记录所在的党组织。",
    rows=_visits,
    columns=(
        Column("走访时间", "record.on", 12, Format.DATE, leads=True),
        Column("种类", "record.get_action_display", 14),
        Column("节日", "get_occasion_display", 8),
        Column("事由", _occasion, 24),
        Column("走访对象", "record.member.name", 10),
        Column("所在党支部", "record.organisation.label", 24),
        Column("地点/方式", _place, 10),
        Column("走访人员", lambda visit, _: _actors(visit.record), 14),
        Column("见到谁", "get_met_display", 10),
        Column("慰问金", "money", 16),
        Column("慰问品", "gift", 16),
        Column("是否补录", lambda visit, _: "补录" if visit.record.late else "", 10),
        Column("是否有诉求", lambda visit, _: "有" if visit.has_wish else "无", 12),
        Column("办结情况", _closed, 26),
    ),
    tally=(
        ("{} 次", Count("pk")),
        ("走访对象 {} 人", Count("record__member", distinct=True)),
    ),
    link=lambda visit, _: reverse("visit", args=[visit.pk]),
)


# 集中学习台账


def _studies(account, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The hours of each member at each session of the period, without those withdrawn."""
    hours = Attendance.objects.all() if account is None else Attendance.objects.visible_to(account)
    return (
        hours.filter(record__path__gte=organisation.path, record__path__lt=path_end(organisation.path))
        .filter(record__on__range=(first, last), record__withdrawn_on__isnull=True)
        .select_related("record__organisation", "record__member", "session__organiser")
        .defer(*sealed_at("record__member", "session__organiser"))
        .order_by("-record__on", "-session", "record__member__name", "pk")
    )


STUDY = Ledger(
    code="study",
    title="集中学习台账",
    period="学习日期在期间内的学时，每人每次一行，不含已撤回的；党支部是记录所在的党组织。",
    rows=_studies,
    columns=(
        Column("学习日期", "record.on", 12, Format.DATE, leads=True),
        Column("学习主题", "session.title", 26),
        Column("党员", "record.member.name", 10),
        Column("所在党支部", "record.organisation.label", 24),
        Column("学时", "record.quantity", 8, Format.NUMBER),
        Column("组织人", "session.organiser.name", 10),
        Column("是否补录", lambda attendance, _: "补录" if attendance.record.late else "", 10),
    ),
    tally=(
        ("{} 人次", Count("pk")),
        ("共 {} 学时", Sum(Cast("record__quantity", FloatField()), default=0.0)),
    ),
    link=lambda attendance, _: reverse("study", args=[attendance.session_id]),
)

LEDGERS = register(DUTIES, TALKS, VISITS, STUDY)
"""Every ledger by its code."""
