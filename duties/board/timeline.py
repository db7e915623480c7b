"""What happened to and for one member, newest first: facts with the duties they opened, records with those closed, and
when categories of care and ties began and ended.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import F, Prefetch, Q

from base.dates import DAWN, last_day
from duties.board.leading import Lead, leads
from duties.board.records import action_label, page_of, with_pages
from duties.board.words import CARE, SOON_DAYS, Line, describe, is_missed, names_of, sees_basis, short, with_words
from duties.engine.models import Action, Duty, Record, RecordPerson, State
from members.bonds import CARED_FOR, category_words, remembers_sanctions
from members.enums import ON_PAGES_OF_THEIR_OWN, SANCTIONS, SENSITIVE_EVENTS, Capability, EventKind
from members.models import Category, Event, Person
from members.permissions import may_withdraw_event
from members.scope import sealed_at

SHOWN = 40
"""Entries on the first page; the rest is one link away."""


@dataclass
class Entry:
    """One thing on the time line. ``kind`` is fact, rec, bond or end; ``duties`` are those it opened or closed.

    ``page`` with ``page_pk`` is the page of its own that a record or a task has.
    """

    on: date
    kind: str
    label: str
    text: str
    by: str = ""
    late_entry: str = ""
    duties: list[Line] = field(default_factory=list)
    event: Event | None = None
    has_note: bool = False
    may_withdraw: bool = False
    page: str = ""
    page_pk: int | None = None
    lead: Lead | None = None
    action: str = ""


@dataclass(frozen=True)
class Story:
    """A member's page: what is to come, the time line, and how often each action was done this year."""

    ahead: list[Line]
    entries: list[Entry]
    talks: int
    visits: int
    events: int


def story(account, person: Person, path: str, day: date, *, died_on: date | None) -> Story:
    """Everything ``account`` may know of ``person``, standing at ``path`` on ``day``.

    :param died_on: the day of death, if the person is dead: what was owed to the living is then no longer ahead.
    """
    duties = with_words(Duty.objects.visible_to(account).filter(member=person)).order_by("due_on", "pk")
    lines = describe(duties, account, day)
    of_event, of_record = defaultdict(list), defaultdict(list)
    for line in lines:
        of_event[line.duty.event_id].append(line)
        of_record[line.duty.closed_by_id].append(line)
    entries = [
        *_facts(account, person, path, day, of_event, died_on=died_on),
        *_records(account, person, day, of_record),
        *_named(account, person, day),
        *_told(account, person),
        *_categories(account, person, path, day),
        *_ties(person, day),
        *_ends(lines),
    ]
    entries.sort(key=lambda entry: entry.on, reverse=True)
    ahead = [line for line in lines if _is_ahead(line, day, died_on)]
    ahead.sort(key=lambda line: (is_missed(line.duty, day), line.duty.due_on))
    this_year = [entry for entry in entries if entry.on.year == day.year]
    done = [entry.action for entry in this_year]
    events = sum(entry.kind == "fact" for entry in this_year)
    return Story(ahead, entries, talks=done.count(Action.TALK), visits=done.count(Action.VISIT), events=events)


def _is_ahead(line: Line, day: date, died_on: date | None) -> bool:
    duty = line.duty
    if died_on and duty.opens_on < died_on:
        return False
    if duty.state == State.LAPSED:
        return (day - duty.due_on).days <= SOON_DAYS
    return duty.state == State.OPEN and duty.opens_on <= day


def _facts(account, person: Person, path: str, day: date, of_event: dict, *, died_on: date | None) -> Iterable[Entry]:
    """What happened."""
    events = Event.objects.visible_to(account).standing().filter(person=person).select_related("entered_by")
    events = list(events.order_by("occurred_on", "pk"))
    seen = {event.pk for event in events if sees_basis(account, event.kind in SENSITIVE_EVENTS, path, person.pk)}
    asked = {pk: {line.duty.rule.parsed.action for line in lines} for pk, lines in of_event.items()}
    told = [event for event in events if event.pk in seen]
    lead = leads(account, person, path, told, died_on=died_on, asked=asked)
    for event in events:
        sees, task = event.pk in seen, event.kind == EventKind.TASK
        yield Entry(
            on=event.occurred_on, kind="fact", label="事由" if sees else CARE,
            text=EventKind(event.kind).label if sees else "情形只给有权限的人看",
            by=f"{event.entered_by.name} {short(event.entered_on, day)} 登记" if event.entered_by else "",
            late_entry=f"补录 {short(event.entered_on, day)}" if event.late else "",
            duties=of_event[event.pk], event=event, page="task", page_pk=event.pk if task else None,
            has_note=sees and bool(event.note) and event.kind not in ON_PAGES_OF_THEIR_OWN,
            may_withdraw=may_withdraw_event(account, event, path), lead=lead.get(event.pk),
        )  # fmt: skip


def _records(account, person: Person, day: date, of_record: dict) -> Iterable[Entry]:
    actors = Prefetch("actors", RecordPerson.objects.select_related("person").order_by("pk"))
    records = with_pages(Record.objects.visible_to(account).standing().filter(member=person).prefetch_related(actors))
    for record in records.order_by("on", "pk"):
        page, page_pk = page_of(record)
        yield Entry(
            on=record.on, kind="rec", action=record.action, label=action_label(record, account),
            text="集体" if record.collective else "",
            by=names_of(actor.person for actor in record.actors.all()),
            late_entry=f"补录 {short(record.entered_on, day)}" if record.late else "", duties=of_record[record.pk],
            page=page, page_pk=page_pk,
        )  # fmt: skip


def _named(account, person: Person, day: date) -> Iterable[Entry]:
    """Records about others or about nobody that name the member as having taken part."""
    actors = Prefetch("actors", RecordPerson.objects.select_related("person").order_by("pk"))
    for page, row, named in settings.NAMED_IN:
        mine = Q(**{f"{named}__person": person})
        if person.pk != account.person_id:
            mine &= account.scope.q(f"{named}__organisation__path", Capability.VIEW)
        records = Record.objects.standing().filter(mine).prefetch_related(actors)
        records = records.annotate(row=F(row), title=F(f"{row}__title"))
        for record in records.order_by("on", "pk"):
            yield Entry(
                on=record.on, kind="rec", label="参加活动", text=record.title,
                by=names_of(actor.person for actor in record.actors.all()),
                late_entry=f"补录 {short(record.entered_on, day)}" if record.late else "", page=page,
                page_pk=record.row,
            )  # fmt: skip


def _told(account, person: Person) -> Iterable[Entry]:
    """What rows of the floors above tell of the member."""
    for rows, page in settings.TOLD_BY:
        for row in getattr(person, rows).visible_to(account).told().order_by("pk"):
            for on, label, text in row.story():
                yield Entry(on=on, kind="rec", label=label, text=text, page=page, page_pk=row.pk)


def _categories(account, person: Person, path: str, day: date) -> Iterable[Entry]:
    """Categories that began, changed their grade or ended; of a sensitive one its hidden name alone."""
    sensitive = sees_basis(account, True, path, person.pk)
    rows = list(person.categories.filter(since__lte=day).order_by("since", "pk"))
    if not remembers_sanctions(account, path, person.pk):
        rows = _without_past_sanctions(rows, day)
    ended = {(row.kind, row.until): row for row in rows}
    began = {(row.kind, row.since) for row in rows}
    for row in rows:
        (what,) = category_words([row], sensitive=sensitive)
        grade = f"（{row.grade}）" if row.grade and what != CARED_FOR else ""
        before = ended.get((row.kind, row.since))
        if before and grade and before.grade:
            yield Entry(on=row.since, kind="bond", label="等次调整", text=f"{what}：{before.grade}改为{row.grade}")
        elif not before and row.since > DAWN:
            yield Entry(on=row.since, kind="bond", label="列入", text=f"{what}{grade}")
        if row.until <= day and (row.kind, row.until) not in began:
            yield Entry(on=last_day(row.until), kind="bond", label="调出", text=f"{what}{grade}")


def _without_past_sanctions(rows: list[Category], day: date) -> list[Category]:
    """The rows, in order, without the sanctions that are over; what led without a gap to a running one stays."""
    kept, joins = [], {(row.kind, row.since) for row in rows if row.until > day}
    for row in reversed(rows):
        if row.kind not in SANCTIONS or row.until > day or (row.kind, row.until) in joins:
            kept.append(row)
            joins.add((row.kind, row.since))
    return kept[::-1]


def _ties(person: Person, day: date) -> Iterable[Entry]:
    """Ties that began and ended."""
    rows = person.ties.filter(since__lte=day).select_related("to", "to_organisation").defer(*sealed_at("to"))
    for row in rows.order_by("since", "pk"):
        kind, other = row.get_kind_display(), str(row.to or row.to_organisation)
        if row.since > DAWN:
            yield Entry(on=row.since, kind="bond", label=kind, text=other)
        if row.until <= day:
            yield Entry(on=last_day(row.until), kind="bond", label=f"{kind}结束", text=other)


def _ends(lines: list[Line]) -> Iterable[Entry]:
    """Duties that ended without a record and hang on no event of the time line."""
    for line in lines:
        duty = line.duty
        if duty.state in (State.WAIVED, State.VOID) and duty.event_id is None:
            yield Entry(on=duty.closed_on or duty.due_on, kind="end", label=line.when, text=line.what, by=line.why)
