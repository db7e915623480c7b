"""Writing entries: opening, changing, recognising, reviewing, ending and taking them back.

Each act is one transaction: it locks the member, writes the entry, its change, the categories that follow from it and
the audit row; :mod:`members.bonds` tells the engine. ``ValidationError`` carries the sentence the reader sees, by
field.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import FAR, last_day
from base.facts import facts_will_change
from care.models import OF_THE_DEAD, Change, Entry
from care.register import STEPS, Register, taken_steps, what_changed
from care.registers import REGISTERS
from care.settling import alike, settle, settle_together, source_of
from care.tied import begin_entry_tie, mark_away
from duties.deeds import record_deed
from duties.engine.models import Action, Record
from duties.engine.records import withdraw_record
from members.bonds import BY_HAND, end_tie, withdraw_category, withdraw_tie
from members.enums import Standing
from members.models import Category, Event, Membership, Organisation, Person
from members.services import membership_on

What = Change.What
STALE = "这一条刚被别人改过，请打开最新的再改；你填的还在下面。"


@dataclass(frozen=True)
class Given:
    """What a form says of an entry: facts by name, as :func:`care.register.packed` keeps them."""

    facts: dict[str, Any] = field(default_factory=dict)
    grade: str = ""
    review_on: date | None = None
    carers: list[int] | None = None
    """Who cares, by number; ``None``: as before."""


@transaction.atomic
def open_entry(
    *,
    by,
    register: Register,
    person: Person,
    since: date,
    given: Given,
    today: date,
    event: Event | None = None,
    to: Person | Organisation | None = None,
) -> Entry:
    """Put a member into a register from ``since`` on.

    :param by: the acting account, ``None`` for a command.
    :param event: what made it necessary, if that is registered.
    :param to: the other end of the tie, for a register about ties.
    :raises ValidationError: for a day to come or on which the member was none, for the dead or living where the
        register is about the others, for a member who stands in it already, and for what the register itself refuses.
    """
    person = _locked(person)
    facts, private = register.split(given.facts)
    entry = Entry(
        register=register.code, person=person, grade=given.grade, since=since, facts=facts, private=private,
        review_on=given.review_on or _review(register, since), event=event, entered_on=today,
        entered_by=by.person if by else None,
    )  # fmt: skip
    _check_begin(register, entry, today)
    _check_facts(register, entry, today)
    entry.until = _until(register, entry)
    _check_alone(register, entry)
    if register.tie:
        entry.tie = begin_entry_tie(register, person, to, since=since, today=today)
    entry.save()
    entry.carers.set(given.carers or [])
    _kept(entry, What.OPENED, on=since, by=by, today=today, act=audit.Act.WRITE)
    settle(register, entry, since)
    return entry


@transaction.atomic
def amend_entry(*, by, entry: Entry, given: Given, on: date, version: int, today: date) -> Entry:
    """Write what is known now; what follows from it for grade and categories holds from ``on``.

    Facts that ``given`` does not name stay as they are.

    :raises ValidationError: if somebody changed the entry meanwhile, if nothing differs, for a day outside the entry.
    """
    entry, register = _mine(entry)
    if entry.version != version:
        raise ValidationError(STALE)
    if not entry.since <= on <= today:
        raise ValidationError({"on": f"变化的日期要在 {entry.since} 到今天之间。"})
    facts, private = register.split(given.facts)
    before = ({**entry.facts, **entry.private}, entry.grade, entry.review_on)
    entry.facts, entry.private = {**entry.facts, **facts}, {**entry.private, **private}
    entry.grade, entry.review_on = given.grade, given.review_on or entry.review_on
    after = ({**entry.facts, **entry.private}, entry.grade, entry.review_on)
    carers = set(entry.carers.order_by("pk").values_list("pk", flat=True))
    others = given.carers is not None and set(given.carers) != carers
    if before == after and not others:
        raise ValidationError("内容和原来一样，没有要改的。")
    _check_facts(register, entry, today)
    if (register.ends or register.together) and not entry.closed_as:
        entry.until = _until(register, entry)
        _check_alone(register, entry)
    entry.version += 1
    entry.save()
    said = what_changed(register, before, after)
    if others:
        entry.carers.set(given.carers)
        said = "、".join(filter(None, ("关怀人", said)))
    _kept(entry, What.AMENDED, on=on, by=by, today=today, words=said[:200])
    settle(register, entry, on)
    return entry


@transaction.atomic
def recognise_entry(*, by, entry: Entry, on: date, organisation: str, grade: str, today: date) -> Entry:
    """A superior recognises the entry: from ``on`` it counts, in ``grade``.

    :raises ValidationError: for one recognised before, a day before it began or to come, and without saying who did.
    """
    entry, register = _mine(entry)
    refused = {}
    if entry.recognised_on:
        raise ValidationError(f"已于 {entry.recognised_on} 认定，没有再认定一次。")
    if not entry.since <= on <= today:
        refused["on"] = f"认定日期要在 {entry.since} 到今天之间。"
    if not organisation.strip():
        refused["organisation"] = "请写认定单位。"
    if refused:
        raise ValidationError(refused)
    entry.recognised_on, entry.recognised_by = on, organisation.strip()
    entry.grade = grade or entry.grade
    entry.version += 1
    entry.save()
    said = "，".join(each for each in (entry.recognised_by, entry.grade) if each)
    _kept(entry, What.RECOGNISED, on=on, by=by, today=today, words=said)
    settle(register, entry, on)
    return entry


@transaction.atomic
def review_entry(
    *, by, entry: Entry, on: date, people: list[Person], note: str, today: date, found: str = "仍然如此"
) -> Entry:
    """Look at an entry anew and find it as it was: a record of the review, and the day of the next one.

    :param found: how it was found to be.
    :raises ValidationError: for a day before it began, and as :func:`duties.deeds.record_deed`.
    """
    entry, register = _mine(entry)
    if on < entry.since:
        raise ValidationError({"on": f"复核日期 {on} 早于登记的 {entry.since}，请核对。"})
    _record_review(by=by, entry=entry, on=on, people=people, note=note, today=today, day="on")
    entry.review_on = _review(register, on)
    entry.version += 1
    entry.save()
    said = f"{found}，下次 {entry.review_on}" if entry.review_on else found
    _kept(entry, What.REVIEWED, on=on, by=by, today=today, words=said)
    return entry


@transaction.atomic
def review_changed(
    *, by, entry: Entry, given: Given, version: int, on: date, people: list[Person], note: str, today: date
) -> Entry:
    """Look at an entry anew and find it changed: what is known now, and the review, as one act.

    :raises ValidationError: as :func:`amend_entry` and :func:`review_entry`; what concerns ``note`` and ``people`` is
        keyed ``looked`` and ``lookers``, as the form of both has them.
    """
    amended = amend_entry(by=by, entry=entry, given=given, on=on, version=version, today=today)
    try:
        return review_entry(by=by, entry=amended, on=on, people=people, note=note, today=today, found="有变化")
    except ValidationError as no:
        raise _renamed(no, {"note": "looked", "people": "lookers"}) from no


@transaction.atomic
def close_entry(
    *, by, entry: Entry, last: date, why: str, note: str, today: date, people: Sequence[Person] = ()
) -> Entry:
    """End an entry: ``last`` is its last day.

    :param people: who looked; then the end is a review too, of that day.
    :raises ValidationError: for a day to come or before it began, for an end later than the one it has, for no reason.
    """
    entry, register = _mine(entry)
    refused = {}
    if not entry.since <= last <= today:
        refused["last"] = f"最后一天要在 {entry.since} 到今天之间。从未有过的，请用“撤销”。"
    elif last_day(entry.until) <= last:
        refused["last"] = f"已定到 {last_day(entry.until)} 为止，不用再办。"
    if why not in register.closings:
        refused["why"] = "请选为什么退出。"
    if refused:
        raise ValidationError(refused)
    if people and register.review_days:
        said = "。".join(filter(None, (why, note.strip())))
        _record_review(by=by, entry=entry, on=last, people=list(people), note=said, today=today, day="last")
    entry.until, entry.closed_as, entry.closed_note = last + timedelta(days=1), why, note.strip()
    entry.version += 1
    entry.save()
    if entry.tie and entry.tie.until > entry.until:
        end_tie(tie=entry.tie, last=last, today=today)
    _kept(entry, What.CLOSED, on=last, by=by, today=today, words=why)
    settle(register, entry, entry.until)
    return entry


@transaction.atomic
def give_way(*, by, entry: Entry, to: Entry, today: date) -> Entry:
    """End an entry the day before another of the same register takes its place.

    :raises ValidationError: where that one began no later, and as :func:`close_entry`.
    """
    if to.since <= entry.since:
        raise ValidationError({"since": f"接替的要晚于原来的 {entry.since} 开始。从未有过的，请用“撤销”。"})
    why, last = REGISTERS[entry.register].replaced, to.since - timedelta(days=1)
    return close_entry(by=by, entry=entry, last=last, why=why, note="", today=today)


@transaction.atomic
def withdraw_entry(*, by, entry: Entry, reason: str, today: date) -> Entry:
    """Take back an entry that never was, with the categories and the tie it made.

    :raises ValidationError: without a reason.
    """
    entry, register = _mine(entry)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤销，一句话也可以。"})
    entry.withdrawn_on, entry.withdrawn_reason = today, reason.strip()
    for category in Category.objects.filter(source=source_of(entry)).select_related("person").order_by("pk"):
        withdraw_category(category=category, reason=reason)
    if entry.tie:
        tie, entry.tie = entry.tie, None
        withdraw_tie(tie=tie, reason=reason)
    entry.version += 1
    entry.save()
    _kept(entry, What.WITHDRAWN, on=today, by=by, today=today, act=audit.Act.WITHDRAW)
    mark_away(register, entry.person)
    if register.together:
        settle_together(register, entry)
    return entry


def amiss(
    register: Register, entry: Entry, stay: Membership | None, others: Iterable[Entry], today: date
) -> dict[str, list[str]]:
    """What :func:`open_entry` would refuse of an entry not saved yet, by field; asks the database for nothing itself.

    :param stay: where the member stood on the day it begins.
    :param others: the member's standing entries in the register, in order.
    """
    try:
        _check_stay(register, entry, stay, today)
        _check_facts(register, entry, today)
        if not (register.several or register.tie in BY_HAND):
            entry.until = _until(register, entry)
            _check_others(register, entry, others)
    except ValidationError as no:
        return no.message_dict if hasattr(no, "error_dict") else {"since": no.messages}
    return {}


@transaction.atomic
def step_entry(*, by, entry: Entry, code: str, on: date, people: list[Person], note: str, today: date) -> Entry:
    """Take the next step of an entry's procedure; one that leaves a record writes it.

    :param code: which step is meant.
    :param people: who did it, for a step that leaves a record.
    :raises ValidationError: if it is not that step's turn, for a day to come or before the step before, for what the
        procedure refuses, without words, and as :func:`duties.deeds.record_deed`.
    """
    entry, register = _mine(entry)
    procedure = register.procedure
    step = procedure and procedure.next(entry)
    if step is None or step.code != code:
        raise ValidationError("这一步已经办过，或者还没有轮到。请重新打开这一页再办。")
    taken = taken_steps(entry)
    first = max([entry.since, *(date.fromisoformat(each["on"]) for each in taken)])
    refused = {}
    if not first <= on <= today:
        refused["on"] = f"{step.label}的日期要在 {first} 到今天之间。"
    elif wrong := procedure.check(entry, step, on):
        refused["on"] = wrong
    if not note.strip():
        refused["note"] = "请写一句怎么办的。"
    if refused:
        raise ValidationError(refused)
    said = f"{procedure.title}：{step.label}"
    made = {"step": step.code, "on": on.isoformat(), "note": note.strip()}
    if step.action:
        about = {"note": said, "member": entry.person, "today": today}
        made["record"] = record_deed(by=by, action=step.action, on=on, people=people, **about).record_id
    _keep_steps(entry, register, [*taken, made])
    _kept(entry, What.AMENDED, on=on, by=by, today=today, words=said)
    settle(register, entry, on)
    return entry


@transaction.atomic
def unstep_entry(*, by, entry: Entry, today: date) -> Entry:
    """Take back the last step of an entry's procedure, entered by mistake, and the record that it left.

    :raises ValidationError: if none was taken.
    """
    entry, register = _mine(entry)
    taken = taken_steps(entry)
    if not register.procedure or not taken:
        raise ValidationError("还没有办过哪一步。")
    step = next(each for each in register.procedure.steps if each.code == taken[-1]["step"])
    for record in Record.objects.standing().filter(pk=taken[-1].get("record")).order_by("pk"):
        withdraw_record(by=by, record=record, reason=f"退回{step.label}", today=today)
    _keep_steps(entry, register, taken[:-1])
    _kept(entry, What.AMENDED, on=today, by=by, today=today, words=f"{register.procedure.title}：退回{step.label}")
    settle(register, entry, today)
    return entry


def _keep_steps(entry: Entry, register: Register, steps: list[dict]) -> None:
    entry.private = {**entry.private, STEPS: steps}
    if not entry.closed_as:
        entry.until = _until(register, entry)
    entry.version += 1
    entry.save()


def _locked(person: Person) -> Person:
    facts_will_change()
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def _mine(entry: Entry) -> tuple[Entry, Register]:
    """The entry as it is now, under the lock of its member.

    :raises ValidationError: if it was taken back.
    """
    _locked(entry.person)
    found = Entry.objects.select_for_update(of=("self",)).select_related("person", "tie").get(pk=entry.pk)
    if found.withdrawn_on:
        raise ValidationError(f"这一条已于 {found.withdrawn_on} 撤销，不能再办。")
    return found, REGISTERS[found.register]


def _record_review(*, by, entry: Entry, on: date, people: list[Person], note: str, today: date, day: str) -> None:
    """:param day: the form's field that gives the day."""
    try:
        record_deed(by=by, action=Action.REVIEW, on=on, people=people, note=note, today=today, member=entry.person)
    except ValidationError as no:
        raise _renamed(no, {"on": day}) from no


def _renamed(no: ValidationError, names: dict[str, str]) -> ValidationError:
    """A refusal keyed by the fields that another form has for the same."""
    if not hasattr(no, "error_dict"):
        return no
    return ValidationError({names.get(name, name): words for name, words in no.message_dict.items()})


def _review(register: Register, day: date) -> date | None:
    return day + timedelta(days=register.review_days) if register.review_days else None


def _until(register: Register, entry: Entry) -> date:
    """Where an entry ends by what is known, the member's other entries included where they bear on it."""
    if register.together:
        return next(each.until for each in register.together(alike(register, entry)) if each.entry is entry)
    last = register.ends(entry) if register.ends else None
    return last + timedelta(days=1) if last else FAR


def _check_begin(register: Register, entry: Entry, today: date) -> None:
    _check_stay(register, entry, membership_on(entry.person, entry.since), today)


def _check_stay(register: Register, entry: Entry, stay: Membership | None, today: date) -> None:
    since, name = entry.since, entry.person.name
    if since > today:
        raise ValidationError({"since": f"开始日期 {since} 晚于今天，到了那天再登记。"})
    if stay is None:
        raise ValidationError({"since": f"{name}在 {since} 没有组织关系，请核对日期或先导入名册。"})
    dead = stay.standing == Standing.DEAD
    if dead and register.code not in OF_THE_DEAD:
        raise ValidationError({"since": f"{name}已于 {stay.since} 去世，不能再列入{register.title}。"})
    if not dead and register.code in OF_THE_DEAD:
        raise ValidationError({"since": f"{name}在 {since} 没有登记去世。家庭的档案建在去世的党员名下。"})


def _check_facts(register: Register, entry: Entry, today: date) -> None:
    known = {**entry.facts, **entry.private}
    labels = {name: str(field_.label) for name, field_ in register.form.facts().items() if name in register.form.past}
    if late := {
        name: f"{label} {known[name]} 晚于今天，请核对。"
        for name, label in labels.items()
        if (known.get(name) or "") > today.isoformat()
    }:
        raise ValidationError(late)
    if register.grades and entry.grade not in register.grades:
        raise ValidationError({"grade": "请从列表里选等次。"})
    if entry.review_on and entry.review_on < entry.since:
        raise ValidationError({"review_on": f"下次复核 {entry.review_on} 早于登记的 {entry.since}，请核对。"})
    if register.check and (refused := register.check(entry, today)):
        raise ValidationError(refused)


def _check_alone(register: Register, entry: Entry) -> None:
    if register.several or register.tie in BY_HAND:
        return
    others = Entry.objects.standing().filter(person=entry.person, register=register.code).exclude(pk=entry.pk)
    _check_others(register, entry, others.order_by("since", "pk"))


def _check_others(register: Register, entry: Entry, others: Iterable[Entry]) -> None:
    other = next((each for each in others if each.since < entry.until and each.until > entry.since), None)
    if other:
        until = f"到 {other.last}" if other.last else "还在册"
        said = f"{entry.person.name}自 {other.since} 起已在{register.title}里，{until}。"
        raise ValidationError({"since": f"{said}请打开那一条修改，不必再登记。"})


def _kept(entry: Entry, what: What, *, on: date, by, today: date, words: str = "", act=audit.Act.EDIT) -> None:
    person = by.person if by else None
    Change.objects.create(entry=entry, what=what, on=on, entered_on=today, by=person, words=words)
    audit.write(act, source_of(entry), person=entry.person_id, what=what.value)
