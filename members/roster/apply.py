"""Carrying out what a roster asks for: all acceptable rows in one transaction, or none."""

from datetime import date

from django.db import transaction

from base import audit
from base.dates import DAWN, FAR
from base.facts import Fact, facts_changed, facts_will_change
from base.reading import Sheet, SheetRefused, read_sheet
from members.enums import EventKind
from members.imports import raced
from members.models import Event, Membership, Person
from members.roster.columns import COLUMNS, PRECISIONS
from members.roster.plan import Outcome, Plan, Planned, plan_roster

SOURCE = "名册导入"
_BATCH = 500


def read_roster(data: bytes) -> Sheet:
    """:raises SheetRefused: if the file is no roster."""
    return read_sheet(data, COLUMNS)


def import_roster(*, by, sheet: Sheet, as_of: date, today: date) -> Plan:
    """Plan anew and write the acceptable rows; members whom the sheet does not name are left alone.

    :param by: the account that imports, or ``None`` for a command.
    :param as_of: the day on which members have changed branches.
    :returns: the plan as it was carried out.
    :raises SheetRefused: for an ``as_of`` after ``today``, or when another import wrote the same people meanwhile.
    """
    check_as_of(as_of, today)
    with raced(), transaction.atomic():
        facts_will_change(alone=True)
        plan = plan_roster(by=by, sheet=sheet, as_of=as_of, today=today, locked=True)
        _write_people(plan)
        _write_stays(plan)
        events = _write_events(plan, by, today)
        _tell(plan, events)
        audit.write(
            audit.Act.IMPORT, "roster", transfers=len(plan.transfers), as_of=as_of.isoformat(),
            **plan.report().counts(),
        )  # fmt: skip
    return plan


def check_as_of(as_of: date, today: date) -> None:
    """:raises SheetRefused: for a day after today."""
    if as_of > today:
        raise SheetRefused(f"转接日期 {as_of} 晚于今天，请改成今天或以前。")


def _write_people(plan: Plan) -> None:
    Person.objects.bulk_create([each.person for each in plan.of(Outcome.CREATED)], batch_size=_BATCH)
    changed = [each for each in plan.of(Outcome.UPDATED) if each.fields]
    fields = sorted({name for each in changed for name in each.fields})
    if fields:
        Person.objects.bulk_update([each.person for each in changed], fields, batch_size=_BATCH)


def _write_stays(plan: Plan) -> None:
    """Ends and corrections first: nobody has two memberships that end at once, not even for a moment."""
    stays = [stay for each in plan.rows if each.since < FAR for stay in each.stays]
    known = [stay for stay in stays if stay.pk]
    Membership.objects.bulk_update(known, ["organisation", "standing", "until", "path"], batch_size=_BATCH)
    Membership.objects.bulk_create([stay for stay in stays if not stay.pk], batch_size=_BATCH)


def _write_events(plan: Plan, by, today: date) -> list[Event]:
    events = [
        Event(
            person=each.person, kind=EventKind.TRANSFER_IN, occurred_on=each.moved_on, entered_on=today,
            entered_by_id=by.person_id if by is not None else None, source=SOURCE,
        )
        for each in plan.transfers
    ]  # fmt: skip
    return Event.objects.bulk_create(events, batch_size=_BATCH)


def _tell(plan: Plan, events: list[Event]) -> None:
    """Settle what follows: where people are, the days they are counted by, the transfers."""
    moved = [each for each in plan.rows if each.since < FAR]
    dated = [each for each in plan.rows if each.outcome == Outcome.CREATED or set(each.fields) & set(PRECISIONS)]
    if moved:
        facts_changed(Fact.MEMBERSHIP, since=min(each.since for each in moved), people=_people(moved))
    if dated:
        facts_changed(Fact.PERSON, since=DAWN, people=_people(dated))
    if events:
        facts_changed(Fact.EVENT, since=min(e.occurred_on for e in events), people=[e.person_id for e in events])


def _people(rows: list[Planned]) -> list[int]:
    return sorted(each.person.pk for each in rows)
