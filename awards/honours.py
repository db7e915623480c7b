"""Granting honours, revoking them, and taking back what was entered wrongly (中办发〔2019〕11号 五; M03–M06).

A member's honours decide the category 功勋荣誉: one row for each grade, from the first day one of them stands. It is
made anew from all of them at each act, under the member's lock; :mod:`members.bonds` tells the engine. What happened
on the day is an event, so the talk that a policy asks for is due at once.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models.honours import Honour, HonourKind, Level
from base import audit
from base.dates import FAR, last_day
from base.facts import facts_together, facts_will_change
from members.bonds import begin_category, begin_tie, end_category, withdraw_category
from members.enums import CategoryKind, EventKind, Standing, TieKind
from members.models import Category, Event, Membership, Organisation, Person, Tie
from members.services import membership_on, withdraw_event, write_event

SOURCE = "honours"
"""What the categories name as their source that follow from honours."""


@dataclass(frozen=True)
class Granted:
    """What a form says of an honour."""

    kind: HonourKind
    title: str
    level: Level
    granted_by: str
    granted_on: date
    document: str = ""
    evidence: str = ""
    grantor: Organisation | None = None
    """The organisation that granted it, where it is one of ours."""


@transaction.atomic
def grant_honour(
    *, by, given: Granted, today: date, person: Person | None = None, organisation: Organisation | None = None
) -> Honour:
    """Enter an honour of a member or of an organisation, with what follows from it.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field: for a day to come, the same honour twice, a member who joined later.
    """
    if (person is None) == (organisation is None):
        raise ValueError("an honour is of one member or of one organisation")
    facts_will_change()
    if person:
        person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
        place = _place(person, given.granted_on, today)
    else:
        place = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    _check(person, place, given, today)
    with facts_together():
        honour = Honour.objects.create(
            person=person, organisation=place, path=place.path, **{**given.__dict__, "title": given.title.strip()},
            event=_happened(by, person, place, given, today), entered_on=today, entered_by=by.person if by else None,
        )  # fmt: skip
        audit.write(audit.Act.WRITE, f"honour:{honour.pk}", **_about(honour), on=str(honour.granted_on))
        _settle(honour, today)
    return honour


@transaction.atomic
def revoke_honour(*, by, honour: Honour, on: date, reason: str, today: date) -> None:
    """An honour is revoked from ``on``: it stays to be read, and treatment ends.

    :raises ValidationError: keyed by form field: if it no longer stands, for a day outside it, without a basis.
    """
    honour = _locked(honour)
    if honour.revoked_on:
        raise ValidationError(f"这项荣誉已于 {honour.revoked_on} 撤销。")
    if not honour.granted_on < on <= today:
        raise ValidationError({"on": f"撤销日期要在授予（{honour.granted_on}）以后、今天以前，请核对。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写撤销的依据，例如哪份文件。"})
    honour.until, honour.revoked_reason = on, reason.strip()
    honour.save(update_fields=["until", "revoked_reason"])
    audit.write(audit.Act.EDIT, f"honour:{honour.pk}", **_about(honour), until=str(on))
    with facts_together():
        _settle(honour, today)


@transaction.atomic
def withdraw_honour(*, by, honour: Honour, reason: str, today: date) -> None:
    """Take back an honour that was entered wrongly, with the event that it registered.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    honour = _locked(honour)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    event, honour.event = honour.event, None
    honour.withdrawn_on, honour.withdrawn_reason = today, reason.strip()
    honour.save(update_fields=["event", "withdrawn_on", "withdrawn_reason"])
    audit.write(audit.Act.WITHDRAW, f"honour:{honour.pk}", reason=reason, **_about(honour))
    with facts_together():
        others = Honour.objects.standing().filter(event=event)
        if event and not event.withdrawn_on and event.source == SOURCE and not others.exists():
            withdraw_event(by=by, event=event, reason=reason, today=today)
        _settle(honour, today)


def _locked(honour: Honour) -> Honour:
    """The honour as it stands, after the engine's lock and under the lock of whose it is.

    :raises ValidationError: if it was taken back meanwhile.
    """
    facts_will_change()
    if honour.person_id:
        Person.objects.select_for_update(no_key=True).get(pk=honour.person_id)
    else:
        Organisation.objects.select_for_update(no_key=True).get(pk=honour.organisation_id)
    honour = Honour.objects.select_for_update(of=("self",)).select_related("person", "organisation", "event").get(
        pk=honour.pk
    )  # fmt: skip
    if honour.withdrawn_on:
        raise ValidationError(f"这一条已于 {honour.withdrawn_on} 撤回。")
    return honour


def _about(honour: Honour) -> dict[str, int]:
    return {"person": honour.person_id} if honour.person_id else {"organisation": honour.organisation_id}


def _place(person: Person, on: date, today: date) -> Organisation:
    """Where a member stood on the day; of an old honour, where he first stood as far as is known."""
    if stay := membership_on(person, on):
        return stay.organisation
    first = Membership.objects.filter(person=person, since__gt=on).select_related("organisation").order_by("since")
    if (stay := first.first()) is None:
        raise ValidationError({"granted_on": f"{person.name}在 {on} 没有组织关系，请核对日期或先导入名册。"})
    return stay.organisation


def _check(person: Person | None, place: Organisation, given: Granted, today: date) -> None:
    refused = {}
    if not given.title.strip():
        refused["title"] = "请写荣誉名称。"
    if not given.granted_by.strip():
        refused["granted_by"] = "请写授予单位。"
    if given.granted_on > today:
        refused["granted_on"] = f"授予日期 {given.granted_on} 晚于今天，授予了再登记。"
    elif person and person.joined_on and given.kind == HonourKind.PARTY and given.granted_on < person.joined_on:
        refused["granted_on"] = f"{person.name} {person.joined_on} 才入党，党内表彰不会更早，请核对日期。"
    elif person and (died := _died(person)) and given.granted_on >= died:
        refused["granted_on"] = f"{person.name}已于 {died} 去世；追授的请写在“佐证材料”里，授予日期写去世以前。"
    same = Honour.objects.standing().filter(title=given.title.strip(), level=given.level, granted_on=given.granted_on)
    if same.filter(person=person, **({} if person else {"organisation": place})).exists():
        refused["title"] = f"{given.granted_on} 的“{given.title.strip()}”已登记过，没有再记一条。"
    if refused:
        raise ValidationError(refused)


def _died(person: Person) -> date | None:
    dead = Membership.objects.filter(person=person, standing=Standing.DEAD, until=FAR)
    return dead.values_list("since", flat=True).first()


def _happened(by, person: Person | None, place: Organisation, given: Granted, today: date) -> Event | None:
    """The event of the day, entered already or now; none for a day on which the member stood nowhere as far as known.

    A praise is a praise, all else an honour, as the lists of occasions for a talk tell them apart.
    """
    kind = EventKind.COMMENDATION if given.kind == HonourKind.PRAISE else EventKind.HONOUR
    there = Event.objects.standing().filter(kind=kind, occurred_on=given.granted_on)
    about = {"person": person} if person else {"person": None, "organisation": place}
    if event := there.filter(**about).first():
        return event
    if person:
        stay = membership_on(person, given.granted_on)
        known = stay is not None and stay.standing != Standing.DEAD
    else:
        known = Organisation.objects.on(given.granted_on).filter(pk=place.pk).exists()
    whose = {"person": person} if person else {"organisation": place}
    return write_event(
        by=by, kind=kind, on=given.granted_on, note="", source=SOURCE, today=today, **whose
    ) if known else None  # fmt: skip


def _settle(honour: Honour, today: date) -> None:
    """Make the category and the tie to who granted it what the member's honours say, and nothing else."""
    if honour.person_id is None:
        return
    person = honour.person
    stays = Membership.objects.filter(person=person, standing__in=_LIVING).order_by("since")
    first = stays.values_list("since", flat=True).first()
    if first is None:
        return
    standing = [each for each in Honour.objects.standing().filter(person=person) if each.until > first]
    _settle_categories(person, _grades(standing, first))
    for each in standing:
        since = max(each.granted_on, first)
        tied = Tie.objects.filter(person=person, kind=TieKind.GRANTOR, to_organisation=each.grantor_id)
        if each.counts and each.grantor_id and not tied.exists():
            begin_tie(person=person, kind=TieKind.GRANTOR, to=each.grantor, since=since, today=today)


_LIVING = (Standing.FULL, Standing.PROBATIONARY)


def _grades(honours: list[Honour], first: date) -> dict[tuple[str, date], date]:
    """Until when each grade holds, by grade and first day: what overlaps or touches is one stretch."""
    spans = defaultdict(list)
    for each in honours:
        for grade in each.grades if each.counts else ():
            spans[grade].append((max(each.granted_on, first), each.until))
    wanted = {}
    for grade, rows in spans.items():
        since, until = None, None
        for start, end in sorted(rows):
            if since is None or start > until:
                since, until = start, end
            until = max(until, end)
            wanted[grade, since] = until
    return wanted


def _settle_categories(person: Person, wanted: dict[tuple[str, date], date]) -> None:
    """Rows that stay keep their number; what is wrong is taken back or shortened before others grow or begin."""
    rows = Category.objects.filter(person=person, kind=CategoryKind.HONOUREE).select_related("person")
    longer = []
    for row in rows.filter(source=SOURCE).order_by("since", "pk"):
        until = wanted.pop((row.grade, row.since), None)
        if until is None:
            withdraw_category(category=row, reason="荣誉表彰已改")
        elif until < row.until:
            end_category(category=row, last=last_day(until))
        elif until > row.until:
            longer.append((row, until))
    grown = {(row.grade, row.since): until for row, until in longer}
    for (grade, since), until in sorted({**wanted, **grown}.items()):  # what was entered by hand makes room
        for other in rows.filter(grade=grade, since__lt=until, until__gt=since).exclude(source=SOURCE):
            withdraw_category(category=other, reason="改由荣誉表彰登记产生")
    for row, until in longer:
        end_category(category=row, last=_last(until))
    for (grade, since), until in sorted(wanted.items()):
        begin_category(
            person=person, kind=CategoryKind.HONOUREE, grade=grade, since=since, last=_last(until),
            basis="荣誉表彰登记", today=since, source=SOURCE,
        )  # fmt: skip


def _last(until: date) -> date | None:
    return None if until == FAR else last_day(until)
