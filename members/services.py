"""Facts about members: something happened, a member died, was received elsewhere; something happened to an
organisation; and taking that back.

Each service is one transaction: it locks the person (or the organisation), writes the fact and its audit row, and
tells the engine.
``ValidationError`` carries the sentence the reader sees, keyed by the field of the form.
"""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from base import audit
from base.dates import FAR, last_day
from base.facts import Fact, facts_changed, facts_will_change
from members.enums import NO_DUES, OF_PEOPLE, CategoryKind, EventKind, OrganisationKind, Standing
from members.models import Category, Event, Membership, Organisation, Person, Post, Tie
from members.permissions import knows_event

HOLDS_MEMBERS = (OrganisationKind.BRANCH, OrganisationKind.GROUP)
"""Kinds of organisation a membership can be in."""


def membership_on(person: Person, day: date) -> Membership | None:
    """Where the person's membership was on ``day``, with its organisation."""
    return memberships_on([person], day).get(person.pk)


def memberships_on(people: Collection[Person], day: date) -> dict[int, Membership]:
    """Where each of the people stood on ``day``, by person; one query. Who had no membership is missing."""
    stays = Membership.objects.on(day).select_related("organisation").filter(person__in=people).order_by("pk")
    return {stay.person_id: stay for stay in stays}


def check_member_on(person: Person, day: date, today: date, *, field: str, what: str) -> Membership:
    """The membership in which something could happen to a living member on ``day``.

    :param field: the form field the refusal belongs to.
    :param what: the noun of the sentence, 谈话 or 事由.
    :raises ValidationError: for a day to come, before joining, after death, or outside every organisation.
    """
    return check_stay(person, membership_on(person, day), day, today, field=field, what=what)


def check_stay(
    person: Person,
    membership: Membership | None,
    day: date,
    today: date,
    *,
    field: str,
    what: str,
    dead: bool = False,
) -> Membership:
    """As :func:`check_member_on` for a membership looked up already.

    :param dead: whether it may concern the family of somebody dead.
    """
    if day > today:
        raise ValidationError({field: f"{what}日期 {day} 晚于今天，请改成今天或以前。"})
    if person.joined_on and day < person.joined_on:
        raise ValidationError({field: f"{what}日期 {day} 早于{person.name}入党的 {person.joined_on}，请核对日期。"})
    if membership is None:
        raise ValidationError({field: f"{person.name}在 {day} 没有组织关系，请核对日期或先导入名册。"})
    if membership.standing == Standing.DEAD and not dead:
        raise ValidationError({field: f"{person.name}已于 {membership.since} 去世，{day} 不能再登记{what}。"})
    return membership


def _locked(person: Person, kind: str) -> Person:
    """The person, after the engine's lock and under a lock of their own: two acts on one person take turns.

    A death ends posts, and a post concerns many: it takes the engine's lock alone.
    """
    facts_will_change(alone=kind == EventKind.DEATH)
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


@transaction.atomic
def register_event(
    *,
    by,
    person: Person,
    kind: EventKind,
    occurred_on: date,
    note: str = "",
    addressee: Person | None = None,
    today: date,
) -> Event:
    """Enter that something happened to a member; its duties open in the same transaction.

    A death turns the membership to 去世 at the same branch from that day on and ends the posts. A leaving (转出)
    changes nothing else: the branch stays responsible until the member is received (党员教育管理工作条例 25 条).

    :param by: the acting account, ``None`` for a command.
    :param addressee: whom a request for a talk asks; such a request has one, and nothing else does.
    :raises ValidationError: as :func:`check_member_on`; for a transfer in, which :func:`receive_member` enters, and
        for a task, which has a service of its own; for a second death, a second leaving while the first waits, and
        what was entered already.
    """
    person = _locked(person, kind)
    _check_addressee(person, kind, addressee)
    if kind == EventKind.TASK:
        raise ValidationError({"kind": "帮扶任务要写明谁办、哪天前办，请用“布置任务”登记。"})
    if kind == EventKind.TRANSFER_IN:
        raise ValidationError({"kind": "转入要写明转到哪个支部，请用“组织关系转入”办理。"})
    if kind == EventKind.DEATH:
        _check_alive(person)
    membership = check_member_on(person, occurred_on, today, field="occurred_on", what="事由")
    if by is None or by.person_id != person.pk:  # what one asks oneself waits or is answered: its service knows
        _check_new(by, membership, kind, occurred_on, addressee)
    if kind == EventKind.DUES:
        _check_owes_dues(person, occurred_on, note)
    if kind == EventKind.TRANSFER_OUT:
        _check_not_leaving(person, membership)
    if kind == EventKind.DEATH:
        if membership.until != FAR:
            raise ValidationError(
                {"occurred_on": f"{person.name}在 {membership.until} 以后还有组织关系变动，请先核对去世日期。"}
            )
        _change(membership, membership.organisation, Standing.DEAD, occurred_on)
        _posts(person, held_to=FAR, now=occurred_on)
        _ties(person, held_to=FAR, now=occurred_on)
    return write_event(by=by, person=person, kind=kind, on=occurred_on, note=note, addressee=addressee, today=today)


@transaction.atomic
def receive_member(*, by, person: Person, to: Organisation, on: date, note: str = "", today: date) -> Event:
    """Receive a member into ``to`` from ``on`` on: the membership moves, the transfer is an event of the new branch.

    The caller has made sure that the person and ``to`` lie within the enterer's scope.

    :raises ValidationError: for a body that holds no members, the present branch, or a day outside the membership.
    """
    person = _locked(person, EventKind.TRANSFER_IN)
    membership = check_member_on(person, on, today, field="occurred_on", what="转入")
    if to.kind not in HOLDS_MEMBERS:
        raise ValidationError({"to": f"{to.label}是{to.get_kind_display()}，组织关系要落在党支部。请选党支部。"})
    if membership.until != FAR:
        raise ValidationError({"occurred_on": f"{person.name}在 {membership.until} 已有新的组织关系，请改成那天以后。"})
    if to.pk == membership.organisation_id:
        raise ValidationError({"to": f"{person.name}的组织关系本来就在{to.label}。"})
    if on <= membership.since:
        raise ValidationError({"occurred_on": f"{person.name}在现支部自 {membership.since} 起，转入日期应晚于这一天。"})
    _change(membership, to, membership.standing, on)
    return write_event(by=by, person=person, kind=EventKind.TRANSFER_IN, on=on, note=note, today=today)


def _check_addressee(person: Person, kind: EventKind, addressee: Person | None) -> None:
    """A request for a talk asks somebody else; no other event asks anybody."""
    if (kind == EventKind.REQUEST) != (addressee is not None):
        asked = "请选想约谁谈。" if addressee is None else "只有约谈申请才写约谁谈，请去掉。"
        raise ValidationError({"addressee": asked})
    if addressee == person:
        raise ValidationError({"addressee": f"{person.name}不能约自己谈话，请另选一位。"})


def _check_alive(person: Person) -> None:
    death = Membership.objects.filter(person=person, standing=Standing.DEAD, until=FAR).first()
    if death:
        raise ValidationError(
            {"kind": f"{person.name}已于 {death.since} 登记去世，不必再登记。日期登错了，请先撤回那一条。"}
        )


def _check_new(by, membership: Membership, kind: EventKind, on: date, addressee: Person | None) -> None:
    """The same event twice is one too many. Of one its enterer may not know of, nothing is said."""
    same = Event.objects.standing().filter(person=membership.person_id, kind=kind, occurred_on=on)
    same = same.filter(addressee=addressee)
    if any(by is None or knows_event(by, event, membership.path) for event in same):
        what = f"{membership.person.name} {on} 的“{EventKind(kind).label}”"
        raise ValidationError({"kind": f"{what}已登记过，没有再记一条。要改请先撤回那一条。"})


def _check_owes_dues(person: Person, on: date, note: str) -> None:
    """Whoever was freed of dues pays them as he should by paying nothing; whoever pays less may still owe that."""
    relief = Category.objects.on(on).filter(person=person, kind=CategoryKind.DUES_RELIEF).first()
    if relief is None:
        return
    span = f"{person.name} {relief.since} 至 {last_day(relief.until)}"
    said = f"登记的是“{EventKind.DUES.label}”，但{span} 经批准{relief.grade}党费"
    if relief.grade == NO_DUES:
        raise ValidationError({"kind": f"{said}，这一天没有交不算不正常。日期或事由不对的请改。"})
    if not note.strip():
        raise ValidationError({"note": f"{said}。减少以后的数额也没有交的，请在说明里写清楚，再登记。"})


def _check_not_leaving(person: Person, membership: Membership) -> None:
    leaving = Event.objects.standing().filter(
        person=person, kind=EventKind.TRANSFER_OUT, occurred_on__gte=membership.since, occurred_on__lt=membership.until
    )
    known = leaving.order_by("occurred_on", "pk").first()
    if known:
        raise ValidationError(
            {"kind": f"{person.name}已于 {known.occurred_on} 登记转出，正等对方支部接收，不必再登记。"}
        )


def _change(membership: Membership, to: Organisation, standing: Standing, on: date) -> None:
    """From ``on`` the person stands so in ``to``; a membership that would last no day is corrected instead."""
    if membership.since == on:
        membership.standing, membership.organisation, membership.path = standing, to, to.path
        membership.save(update_fields=["standing", "organisation", "path"])
    else:
        membership.until = on
        membership.save(update_fields=["until"])
        Membership.objects.create(person=membership.person, organisation=to, standing=standing, since=on, path=to.path)
    facts_changed(Fact.MEMBERSHIP, since=on, people=[membership.person_id])


def write_event(
    *,
    by,
    kind: EventKind,
    on: date,
    note: str,
    today: date,
    person: Person | None = None,
    organisation: Organisation | None = None,
    addressee: Person | None = None,
    due_on: date | None = None,
    source: str = "登记",
) -> Event:
    """Write an event of a person or of an organisation, audit it and tell the engine; inside the caller's transaction,
    which has checked it and holds the locks.
    """
    event = Event.objects.create(
        person=person, organisation=organisation, kind=kind, occurred_on=on, due_on=due_on, entered_on=today, note=note,
        addressee=addressee, entered_by=by and by.person, source=source,
    )  # fmt: skip
    about = {"person": person.pk} if person else {"organisation": organisation.pk}
    stated = {"due": str(due_on)} if due_on else {}
    audit.write(audit.Act.WRITE, f"event:{event.pk}", on=str(on), **about, **stated)
    tell_event(event)
    return event


def tell_event(event: Event) -> None:
    """Tell the engine that an event was entered, withdrawn, or states another day."""
    people = [event.person_id] if event.person_id else []
    organisations = [event.organisation_id] if event.organisation_id else []
    facts_changed(
        Fact.EVENT, since=event.occurred_on, people=people, organisations=organisations, of=event.kind
    )  # fmt: skip


def locked_event(event: Event) -> Event:
    """The event as it stands now, after the engine's lock and under the lock of whom or what it is about."""
    if event.person is not None:
        _locked(event.person, event.kind)
    else:
        facts_will_change()
        Organisation.objects.select_for_update(no_key=True).get(pk=event.organisation_id)
    return Event.objects.select_for_update().get(pk=event.pk)


@transaction.atomic
def register_organisation_event(
    *, by, organisation: Organisation, kind: EventKind, occurred_on: date, source: str = "", today: date
) -> Event:
    """Enter that something happened to an organisation as a whole; what it then owes opens in the same transaction.

    :param by: the acting account, ``None`` for a command.
    :param source: on which paper or meeting that rests; nobody's name.
    :raises ValidationError: for a kind that only happens to people, a day to come or on which the organisation did not
        stand, and what was entered already.
    """
    organisation = _locked_organisation(organisation)
    if kind in OF_PEOPLE:
        raise ValidationError({"kind": f"“{EventKind(kind).label}”是个人的事，请到党员名下登记。"})
    if occurred_on > today:
        raise ValidationError({"occurred_on": f"事由日期 {occurred_on} 晚于今天，请改成今天或以前。"})
    if not Organisation.objects.on(occurred_on).filter(pk=organisation.pk).exists():
        raise ValidationError({"occurred_on": f"{organisation.label}在 {occurred_on} 不在党组织名册里，请核对日期。"})
    same = Event.objects.standing().filter(
        person__isnull=True, organisation=organisation, kind=kind, occurred_on=occurred_on
    )
    if any(by is None or knows_event(by, event, organisation.path) for event in same):
        what = f"{organisation.label} {occurred_on} 的“{EventKind(kind).label}”"
        raise ValidationError({"kind": f"{what}已登记过，没有再记一条。要改请先撤回那一条。"})
    event = Event.objects.create(
        organisation=organisation, kind=kind, occurred_on=occurred_on, entered_on=today,
        entered_by=by and by.person, source=source.strip(),
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"event:{event.pk}", organisation=organisation.pk, on=str(occurred_on))
    tell_event(event)
    return event


def _locked_organisation(organisation: Organisation) -> Organisation:
    """The organisation, after the engine's lock and under its own: two acts on one take turns."""
    facts_will_change()
    return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)


@transaction.atomic
def withdraw_event(*, by, event: Event, reason: str, today: date) -> None:
    """Take an event back: its duties go, and a death or a transfer is undone.

    :raises ValidationError: without a reason, when it was withdrawn already, or when later changes rest on it.
    """
    event = locked_event(event)
    if event.withdrawn_on:
        raise ValidationError(f"这条事由已于 {event.withdrawn_on} 撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    if event.kind in (EventKind.DEATH, EventKind.TRANSFER_IN):
        _undo_change(event.person, event)
    event.withdrawn_on, event.withdrawn_reason = today, reason
    event.save(update_fields=["withdrawn_on", "withdrawn_reason"])
    audit.write(audit.Act.WITHDRAW, f"event:{event.pk}", reason=reason)
    tell_event(event)


def _undo_change(person: Person, event: Event) -> None:
    """Take back the change of membership that began with the event; the row before it goes on."""
    latest = Membership.objects.filter(person=person, until=FAR).first()
    before = Membership.objects.filter(person=person, until=event.occurred_on).first()
    died = event.kind == EventKind.DEATH
    if (
        latest is None
        or before is None
        or latest.since != event.occurred_on
        or (latest.standing == Standing.DEAD) != died
        or (before.organisation_id == latest.organisation_id) != died
    ):
        raise ValidationError("这之后组织关系又有变动，不能直接撤回。请先撤回后面的变动。")
    latest.delete()
    before.until = FAR
    before.save(update_fields=["until"])
    left = [latest.organisation_id]
    facts_changed(Fact.MEMBERSHIP, since=event.occurred_on, people=[person.pk], organisations=left)
    if died:
        _posts(person, held_to=event.occurred_on, now=FAR)
        _ties(person, held_to=event.occurred_on, now=FAR)


def _posts(person: Person, *, held_to: date, now: date) -> None:
    """End the running posts of the dead, or give back those that ended on the day of a mistaken death."""
    posts = Post.objects.filter(person=person, until=held_to, since__lt=now)
    organisations = list(posts.values_list("organisation", flat=True))
    if organisations:
        since = min(held_to, now)
        posts.update(until=now)
        facts_changed(Fact.POST, since=since, people=[person.pk], organisations=organisations)


def _ties(person: Person, *, held_to: date, now: date) -> None:
    """End the ties between people, in both directions, when one of them died, or give back those that ended so."""
    ties = Tie.objects.filter(Q(person=person) | Q(to=person), to__isnull=False, until=held_to, since__lt=now)
    ends = list(ties.order_by("pk").values_list("person", "to"))
    if ends:
        ties.update(until=now)
        people = sorted({each for pair in ends for each in pair})
        facts_changed(Fact.TIE, since=min(held_to, now), people=people)
