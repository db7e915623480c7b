"""Granting honours, correcting, revoking them, taking back what was entered wrongly (中办发〔2019〕11号 五; M03–M06).

What follows for the member, :mod:`awards.honourees` derives. What happened on the day is an event, so the talk that a
policy asks for is due at once; where the honour answers an event of merit, it is the commendation that policy asks for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.honourees import settle
from awards.kept import before_founding, check_reason, check_version, died_on, known_place, still, take_back
from awards.models.honours import Honour, HonourKind, Level
from base import audit
from base.cells import key_of
from base.dates import FAR
from base.facts import facts_together, facts_will_change
from duties.deeds import record_deed
from duties.engine.models import Action
from duties.engine.records import withdraw_record
from members.enums import EventKind, Standing
from members.models import Event, Organisation, Person
from members.services import membership_on, withdraw_event, write_event

SOURCE = "honours"
"""What the events name as their source that an honour registered."""


@dataclass(frozen=True)
class Granted:
    """What a form says of an honour. ``grantor``: the organisation that granted it, where it is one of ours."""

    kind: HonourKind
    title: str
    level: Level
    granted_by: str
    granted_on: date
    document: str = ""
    evidence: str = ""
    grantor: Organisation | None = None
    is_posthumous: bool = False

    def stripped(self) -> dict:
        """Its values as they are kept."""
        given = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value.strip() if isinstance(value, str) else value for name, value in given.items()}


@dataclass(frozen=True)
class Merit:
    """The event of merit that an honour answers, and who decided on it: their posts close what policy asks for."""

    event: Event
    people: Sequence[Person]


@transaction.atomic
def grant_honour(
    *, by, given: Granted, today: date, person: Person | None = None, organisation: Organisation | None = None,
    merit: Merit | None = None,
) -> Honour:  # fmt: skip
    """Enter an honour of a member or of an organisation, with what follows from it.

    :param by: the acting account, ``None`` for a command.
    :param merit: what it commends; the record of that is entered with it.
    :raises ValidationError: keyed by form field: for a day to come, the same honour twice, a member who joined later or
        had died, unless it is said to be posthumous.
    """
    if (person is None) == (organisation is None):
        raise ValueError("an honour is of one member or of one organisation")
    person, place = _locked_subject(person, organisation)
    place = known_place(person, given.granted_on, field="granted_on") if person else place
    if refused := amiss(person, place, given, today):
        raise ValidationError(refused)
    with facts_together():
        honour = Honour.objects.create(
            person=person, organisation=place, path=place.path, **given.stripped(), entered_on=today,
            event=_happened(by, person, place, given, today), entered_by=by.person if by else None,
        )  # fmt: skip
        audit.write(audit.Act.WRITE, f"honour:{honour.pk}", **_about(honour), on=str(honour.granted_on))
        if merit:
            _commend(by, honour, merit, today)
        _follow(honour, today)
    return honour


@transaction.atomic
def change_honour(*, by, honour: Honour, given: Granted, version: int, today: date) -> None:
    """Correct what was typed wrongly: category, event and commendation follow.

    :param version: the one the reader saw.
    :raises ValidationError: keyed by form field, as :func:`grant_honour`; if somebody changed it meanwhile.
    """
    honour = _locked(honour)
    check_version(honour, version)
    before = {name: getattr(honour, name) for name in given.stripped()}
    changed = sorted(name for name, value in given.stripped().items() if value != before[name])
    if not changed:
        raise ValidationError("和原来一样，没有要改的。")
    place = known_place(honour.person, given.granted_on, field="granted_on") if honour.person else honour.organisation
    refused = amiss(honour.person, place, given, today, but=honour)
    if given.granted_on >= honour.until:
        refused["granted_on"] = [f"授予日期要早于撤销的 {honour.until}。"]
    if refused:
        raise ValidationError(refused)
    with facts_together():
        for name, value in given.stripped().items():
            setattr(honour, name, value)
        honour.organisation, honour.path, honour.version = place, place.path, honour.version + 1
        if {"granted_on", "kind"} & set(changed):
            left, honour.event = honour.event, _happened(by, honour.person, place, given, today)
            honour.save()
            _let_go(by, left, "荣誉表彰已改", today)
        honour.save()
        audit.write(audit.Act.EDIT, f"honour:{honour.pk}", **_about(honour), fields="、".join(changed))
        if honour.record and {"granted_on", "title", "document"} & set(changed):
            _commend(by, honour, _uncommend(by, honour, "荣誉表彰已改", today), today)
        _follow(honour, today)


@transaction.atomic
def revoke_honour(*, by, honour: Honour, on: date, reason: str, today: date) -> None:
    """An honour is revoked from ``on``: it stays to be read, and treatment ends.

    :raises ValidationError: keyed by form field: if it no longer stands, for a day outside it, without a basis.
    """
    honour = _locked(honour)
    if honour.revoked_on:
        raise ValidationError(f"这项荣誉已于 {honour.revoked_on} 撤销。")
    if refused := amiss_with_revoking(honour.granted_on, on, reason, today):
        raise ValidationError(refused)
    _set_until(honour, on, reason.strip(), today)


@transaction.atomic
def restore_honour(*, by, honour: Honour, reason: str, today: date) -> None:
    """Take back a revocation that was entered wrongly: the honour stands as if it never had been revoked.

    :raises ValidationError: without a reason, or if it is not revoked.
    """
    honour = _locked(honour)
    if not honour.revoked_on:
        raise ValidationError("这项荣誉没有撤销，不用恢复。")
    check_reason(reason, "恢复")
    _set_until(honour, FAR, "", today, reason=reason)


def _set_until(honour: Honour, until: date, basis: str, today: date, *, reason: str = "") -> None:
    honour.until, honour.revoked_reason, honour.version = until, basis, honour.version + 1
    honour.save(update_fields=["until", "revoked_reason", "version"])
    audit.write(audit.Act.EDIT, f"honour:{honour.pk}", reason=reason, **_about(honour), until=str(until))
    with facts_together():
        _follow(honour, today)


@transaction.atomic
def withdraw_honour(*, by, honour: Honour, reason: str, today: date) -> None:
    """Take back an honour that was entered wrongly, with the event and the record that it registered.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    honour = _locked(honour)
    event, honour.event = honour.event, None
    with facts_together():
        take_back(honour, reason, today, "event")
        audit.write(audit.Act.WITHDRAW, f"honour:{honour.pk}", reason=reason, **_about(honour))
        _uncommend(by, honour, reason, today)
        _let_go(by, event, reason, today)
        _follow(honour, today)


def _locked_subject(person: Person | None, organisation: Organisation | None):
    """Whom or what an honour is of, after the engine's lock and under its own: acts on one take turns."""
    facts_will_change()
    if person:
        return Person.objects.select_for_update(no_key=True).get(pk=person.pk), None
    return None, Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


def _locked(honour: Honour) -> Honour:
    """The honour as it stands.

    :raises ValidationError: if it was taken back meanwhile.
    """
    _locked_subject(honour.person, honour.organisation)
    return still(honour, "person", "organisation", "event", "record")


def _about(honour: Honour) -> dict[str, int]:
    return {"person": honour.person_id} if honour.person_id else {"organisation": honour.organisation_id}


def _follow(honour: Honour, today: date) -> None:
    if honour.person:
        settle(honour.person, today)


def amiss(
    person: Person | None, place: Organisation, given: Granted, today: date, *, but: Honour | None = None
) -> dict[str, list[str]]:
    """What is wrong with an honour, by form field.

    :param but: the honour that is corrected, which is not the same one twice.
    """
    title, refused = given.title.strip(), {}
    if not title:
        refused["title"] = ["请写荣誉名称。"]
    if not given.granted_by.strip():
        refused["granted_by"] = ["请写授予单位。"]
    if given.granted_on > today:
        refused["granted_on"] = [f"授予日期 {given.granted_on} 晚于今天，授予了再登记。"]
    elif person and person.joined_on and given.kind == HonourKind.PARTY and given.granted_on < person.joined_on:
        refused["granted_on"] = [f"{person.name} {person.joined_on} 才入党，党内表彰不会更早，请核对日期。"]
    elif person is None and (early := before_founding(place, given.granted_on)):
        refused["granted_on"] = [f"授予日期 {early}"]
    if "granted_on" not in refused:
        refused |= _amiss_with_death(person, given)
    about = {"person": person} if person else {"person": None, "organisation": place}
    same = Honour.objects.standing().filter(level=given.level, granted_on=given.granted_on, **about)
    titles = same.exclude(pk=but and but.pk).values_list("title", flat=True)
    if key_of(title) in map(key_of, titles):
        refused["title"] = [f"{given.granted_on} 的“{title}”已登记过，没有再记一条。"]
    return refused


def _amiss_with_death(person: Person | None, given: Granted) -> dict[str, list[str]]:
    """An honour of after a death is posthumous, and said to be; no other is."""
    died = died_on(person) if person else None
    late = died is not None and given.granted_on >= died
    if late and not given.is_posthumous:
        return {"granted_on": [f"{person.name}已于 {died} 去世。去世以后追授的，请注明“追授”，日期照文件写。"]}
    if given.is_posthumous and not late:
        when = f"{person.name}那天还健在" if died else f"{person.name}没有登记去世" if person else "党组织没有追授"
        return {"is_posthumous": [f"{when}，不是追授，请改正。"]}
    return {}


def amiss_with_revoking(granted_on: date, on: date, reason: str, today: date) -> dict[str, list[str]]:
    """What is wrong with a revocation, by form field."""
    refused = {}
    if not granted_on < on <= today:
        refused["on"] = [f"撤销日期要在授予（{granted_on}）以后、今天以前，请核对。"]
    if not reason.strip():
        refused["reason"] = ["请写撤销的依据，例如哪份文件。"]
    return refused


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


def _let_go(by, event: Event | None, reason: str, today: date) -> None:
    """Take back the event of an honour that is not so any more, if it came with it and no other honour rests on it."""
    ours = event and event.source == SOURCE and not event.withdrawn_on
    if ours and not Honour.objects.standing().filter(event=event).exists():
        withdraw_event(by=by, event=event, reason=reason, today=today)


def _commend(by, honour: Honour, merit: Merit | None, today: date) -> None:
    """Enter the record that the member was commended for an event of merit.

    :raises ValidationError: keyed by form field.
    """
    if merit is None:
        return
    if merit.event.occurred_on > honour.granted_on:
        raise ValidationError({"granted_on": [f"授予日期早于表彰的那件事（{merit.event.occurred_on}），请核对。"]})
    try:
        deed = record_deed(
            by=by, action=Action.COMMEND, on=honour.granted_on, people=list(merit.people), member=honour.person,
            note=f"授予“{honour.title}”。", paper=honour.document, event=merit.event, today=today,
        )  # fmt: skip
    except ValidationError as no:
        columns = {"on": "granted_on", "note": "title"}
        raise ValidationError({columns.get(name, name): said for name, said in no.message_dict.items()}) from no
    honour.record = deed.record
    honour.save(update_fields=["record"])


def _uncommend(by, honour: Honour, reason: str, today: date) -> Merit | None:
    """Take back the record of the commendation; what it answered and who decided on it."""
    record = honour.record
    if record is None or record.withdrawn_on or record.event is None:
        return None
    people = [actor.person for actor in record.actors.select_related("person").order_by("pk")]
    withdraw_record(by=by, record=record, reason=reason, today=today)
    return Merit(record.event, people)
