"""Facts in one word each: every act writes its row and tells the engine, as a service would."""

import re
from datetime import date

from django.db import transaction

from base.dates import FAR, today
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Duty, SweptRule, Waiver
from duties.engine.records import enter_record, withdraw_record
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.models import Rule
from duties.policy.packs import load_pack
from members.enums import EventKind, Role, Standing
from members.models import Event, Membership, Post

PACK = "henan-water-2020"
OWED_BY_ALL = ("study-hours", "leader-contacts", "yearly-selection", "rotation-training", "yearly-assessment")
"""Rules that everybody owes at once, whatever happened; left out where a test counts what is owed."""


def adopt_pack(organisation, since=date(2026, 1, 1), *, whole=False):
    policy = load_pack(PACK)
    if not whole:
        Rule.objects.filter(policy=policy, code__in=OWED_BY_ALL).delete()
    return adopt(by=None, organisation=organisation, policy=policy, since=since, today=today())


def sweep_on(day: date):
    return sweep(on=day, today=today(), ahead=True)


def talk(member, *people, on, entered=None, collective=False):
    here = Membership.objects.on(on).get(person=member).organisation
    return enter_record(
        by=None, organisation=here, member=member, action="talk", on=on, people=list(people),
        today=entered or today(), collective=collective,
    )  # fmt: skip


def withdraw(record):
    withdraw_record(by=None, record=record, reason="试验", today=today())


@transaction.atomic
def happen(member, kind: EventKind, on: date) -> Event:
    facts_will_change()
    event = Event.objects.create(person=member, kind=kind, occurred_on=on, entered_on=today())
    facts_changed(Fact.EVENT, since=on, people=[member.pk])
    return event


@transaction.atomic
def unhappen(event: Event):
    facts_will_change()
    event.withdrawn_on = today()
    event.save()
    facts_changed(Fact.EVENT, since=event.occurred_on, people=[event.person_id])


@transaction.atomic
def move(member, to, on: date, standing=None):
    """End the present membership on ``on`` and begin one in ``to`` (or none)."""
    facts_will_change()
    now = Membership.objects.get(person=member, until=FAR)
    now.until = on
    now.save()
    if to is not None:
        Membership.objects.create(
            person=member, organisation=to, standing=standing or now.standing, since=on, path=to.path
        )
    facts_changed(Fact.MEMBERSHIP, since=on, people=[member.pk])


def die(member, on: date):
    move(member, Membership.objects.get(person=member, until=FAR).organisation, on, Standing.DEAD)


@transaction.atomic
def take_post(person, organisation, role=Role.SECRETARY, *, since, until=FAR):
    facts_will_change(alone=True)
    Post.objects.create(person=person, organisation=organisation, role=role, since=since, until=until)
    facts_changed(Fact.POST, since=since, people=[person.pk], organisations=[organisation.pk])


@transaction.atomic
def end_post(person, organisation, until: date, role=Role.SECRETARY):
    facts_will_change(alone=True)
    Post.objects.filter(person=person, organisation=organisation, role=role).update(until=until)
    facts_changed(Fact.POST, since=until, people=[person.pk], organisations=[organisation.pk])


@transaction.atomic
def waive(duty: Duty):
    facts_will_change()
    Waiver.objects.create(rule=duty.rule, key=duty.key, reason="试验", given_on=today())
    people = {duty.member_id, duty.actor_id} - {None}
    facts_changed(Fact.WAIVER, since=duty.opens_on, people=people, organisations=[duty.organisation_id])


def duty(rule: str, member, suffix="2026") -> Duty:
    return Duty.objects.get(rule__code=rule, key=f"m{member.pk}:{suffix}")


def table() -> set[tuple]:
    """All duties as what two histories are compared by."""
    columns = ("rule__code", "key", "organisation", "opens_on", "counts_from", "due_on", "held_to", "state", "reason")
    return set(Duty.objects.values_list(*columns, "closed_by", "closed_on", "path"))


def rebuilt(on: date) -> set[tuple]:
    """The duties of one clean run for ``on`` over the facts as they stand now."""
    Duty.objects.all().delete()
    SweptRule.objects.all().delete()
    sweep_on(on)
    return table()


def once_in(response) -> str:
    """The once-key of the form on a page."""
    return re.search(r'name="once" value="([^"]+)"', response.content.decode())[1]
