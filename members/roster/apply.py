"""Carrying out what a roster asks for: all acceptable rows in one transaction, or none."""

from collections import namedtuple
from collections.abc import Callable
from datetime import date

from django.db import transaction

from base import audit
from base.dates import DAWN, FAR
from base.facts import Fact, facts_changed, facts_will_change
from base.many import BATCH, insert_many, no_collection, update_many
from base.reading import Sheet, SheetRefused, read_sheet
from members.derived import NameKey
from members.enums import EventKind
from members.imports import raced
from members.models import Event, Membership, Person
from members.roster.columns import COLUMNS, PRECISIONS
from members.roster.plan import Outcome, Plan, Planned, plan_roster

SOURCE = "名册导入"


def read_roster(data: bytes) -> Sheet:
    """:raises SheetRefused: if the file is no roster."""
    with no_collection():
        return read_sheet(data, COLUMNS)


def import_roster(
    *, by, sheet: Sheet, as_of: date, today: date, told: Callable[[str], None] = lambda phase: None
) -> Plan:
    """Plan anew and write the acceptable rows; members whom the sheet does not name are left alone.

    :param by: the account that imports, or ``None`` for a command.
    :param as_of: the day on which members have changed branches.
    :param told: is called with a word for each step; what it raises undoes everything.
    :returns: the plan as it was carried out.
    :raises SheetRefused: for an ``as_of`` after ``today``, or when another import wrote the same people meanwhile.
    """
    check_as_of(as_of, today)
    with no_collection(), raced(), transaction.atomic():
        facts_will_change(alone=True)
        told("逐行比对")
        plan = plan_roster(by=by, sheet=sheet, as_of=as_of, today=today, locked=True)
        told("写入党员")
        _write_people(plan)
        _write_stays(plan)
        events = _write_events(plan, by, today)
        told("更新应办事项")
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


Named = namedtuple("Named", "pk name")
"""As much of a newcomer as the keys of a name are made from."""


def _write_people(plan: Plan) -> None:
    created, updated = plan.of(Outcome.CREATED), plan.of(Outcome.UPDATED)
    keys = insert_many(Person, [each.newcomer for each in created])
    for each, key in zip(created, keys, strict=True):
        each.key = key
    changed = [each for each in updated if each.fields]
    update_many(Person, [each.known for each in changed], sorted({name for each in changed for name in each.fields}))
    NameKey.objects.keep((Named(each.key, each.row.name) for each in created), new=True)
    NameKey.objects.keep(each.known for each in changed if "name" in each.fields)


def _write_stays(plan: Plan) -> None:
    """Ends and corrections first: nobody has two memberships that end at once, not even for a moment."""
    stays = [stay for each in plan.rows if each.since < FAR for stay in each.stays]
    update_many(Membership, [stay for stay in stays if stay.pk], ["organisation", "standing", "until", "path"])
    begun = [{name: getattr(stay, name) for name in _STAY} for stay in stays if not stay.pk]
    first = [_first_stay(each) for each in plan.of(Outcome.CREATED)]
    insert_many(Membership, begun + first)


_STAY = ("person_id", "organisation_id", "standing", "since", "until", "path")


def _first_stay(each: Planned) -> dict:
    here = each.organisation
    return dict(zip(_STAY, (each.key, here.pk, each.row.standing, each.since, FAR, here.path), strict=True))


def _write_events(plan: Plan, by, today: date) -> list[Event]:
    events = [
        Event(
            person=each.known, kind=EventKind.TRANSFER_IN, occurred_on=each.moved_on, entered_on=today,
            entered_by_id=by.person_id if by is not None else None, source=SOURCE,
        )
        for each in plan.transfers
    ]  # fmt: skip
    return Event.objects.bulk_create(events, batch_size=BATCH)


def _tell(plan: Plan, events: list[Event]) -> None:
    """Settle what follows: where people are, the days by which those known before are counted, the transfers."""
    moved = [each for each in plan.rows if each.since < FAR]
    dated = [each for each in plan.of(Outcome.UPDATED) if set(each.fields) & set(PRECISIONS)]
    if moved:
        facts_changed(Fact.MEMBERSHIP, since=min(each.since for each in moved), people=_people(moved))
    if dated:
        facts_changed(Fact.PERSON, since=DAWN, people=_people(dated))
    if events:
        facts_changed(Fact.EVENT, since=min(e.occurred_on for e in events), people=[e.person_id for e in events])


def _people(rows: list[Planned]) -> list[int]:
    return sorted(each.key for each in rows)
