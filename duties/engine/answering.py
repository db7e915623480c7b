"""Answering for duties otherwise than by a record: not doing them, handing them on, saying when they will be done.

Each is a row of its own keyed by (rule, key), so that it survives whatever happens to the duty's row. Who may is the
caller's to check; what cannot be is refused here, with the sentence the reader sees.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, Q

from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Arrangement, Delegation, Duty, State, Waiver
from duties.engine.responsible import doers
from duties.policy.schema import Holds
from members.models import Person

RUNNING = (State.OPEN, State.LAPSED)
AHEAD = timedelta(days=366)
"""How far ahead somebody may say when a duty will be done."""


@transaction.atomic
def waive(*, by, duties: Iterable[Duty], reason: str, today: date) -> None:
    """Answer for not doing these duties. Of what was waived meanwhile the first reason stands.

    :raises ValidationError: without a reason, or for one that is closed already.
    """
    facts_will_change()
    duties = _running(duties, "免办")
    if not reason.strip():
        raise ValidationError({"reason": "请写明为什么免办。"})
    Waiver.objects.bulk_create(
        [
            Waiver(rule_id=duty.rule_id, key=duty.key, reason=reason, given_on=today, given_by=by and by.person)
            for duty in duties
        ],
        ignore_conflicts=True,
    )
    _write(audit.Act.WAIVE, "waiver", Waiver, duties)
    _settle(duties)


@transaction.atomic
def take_back_waiver(*, by, duties: Iterable[Duty], today: date) -> int:
    """Have these duties be owed again; how many of them had been waived."""
    facts_will_change()
    return _take_back(Waiver, "waiver", list(duties))


@transaction.atomic
def hand_on(*, by, duties: Iterable[Duty], to: Person, reason: str, today: date) -> None:
    """Hand these duties on to somebody who holds a party post where they stand or above; it is their turn then.
    Of what was arranged the day stands; who goes is theirs to say.

    :raises ValidationError: for somebody else, whom a duty is about, or who owes it anyway; for a duty that is closed,
        that binds the holder of a post by name, or that asks for a state and not for an act.
    """
    facts_will_change()
    duties = _running(duties, "转办")
    for duty in duties:
        _check_hand_on(duty, to)
    if to not in doers(duties, today):
        raise ValidationError({"to": f"{to.name}在这些事所在的党组织和上级都没有任职，请从列表里选。"})
    _write_all(Delegation, duties, fields={"to": to, "reason": reason, "given_on": today, "given_by": by and by.person})
    Arrangement.objects.filter(named(duties)).update(person=None)
    _write(audit.Act.WRITE, "delegation", Delegation, duties)
    _settle(duties)


@transaction.atomic
def take_back_delegation(*, by, duties: Iterable[Duty], today: date) -> int:
    """Have these duties be the turn of those whose turn it was; how many of them had been handed on."""
    facts_will_change()
    return _take_back(Delegation, "delegation", list(duties))


@transaction.atomic
def arrange(*, by, duties: Iterable[Duty], on: date, person: Person | None, today: date) -> None:
    """Say when these duties will be done, and perhaps by whom; it changes no duty, and the latest word stands.

    :raises ValidationError: for a day gone by or too far ahead, a duty that is closed, or somebody who has no post
        where the duties stand or above.
    """
    duties = _running(duties, "安排")
    if not today <= on <= today + AHEAD:
        raise ValidationError({"on": "请选今天以后、一年以内的日期。已经办了的，直接登记。"})
    if person is not None and person not in doers(duties, today):
        raise ValidationError({"person": f"{person.name}在这些事所在的党组织和上级都没有任职，请从列表里选。"})
    given = {"on": on, "person": person, "given_on": today, "given_by": by and by.person}
    _write_all(Arrangement, duties, fields=given)
    _write(audit.Act.WRITE, "arrangement", Arrangement, duties)


@transaction.atomic
def drop_arrangement(*, by, duties: Iterable[Duty], today: date) -> int:
    """Forget when these duties were to be done; how many of them had been arranged."""
    rows = Arrangement.objects.filter(named(duties))
    return _remove(rows, "arrangement")


def named(duties: Iterable[Duty]) -> Q:
    """The rows keyed by (rule, key) that belong to these duties."""
    wanted = Q(pk__in=[])
    for duty in duties:
        wanted |= Q(rule=duty.rule_id, key=duty.key)
    return wanted


def binds_by_name(duty: Duty) -> bool:
    """Whether the clause binds the holder of a post himself: nobody else's act could be taken for his.

    An addressee is bound by the event and not by the clause; he may ask somebody else to answer.
    """
    return duty.actor_id is not None and not duty.rule.parsed.responsible.addressee


def asks_for_a_state(duty: Duty) -> bool:
    """Whether no act closes it but only that something holds."""
    return isinstance(duty.rule.parsed.trigger, Holds)


def _check_hand_on(duty: Duty, to: Person) -> None:
    if binds_by_name(duty):
        raise ValidationError("制度写明由任职的本人办，不能转给别人。")
    if asks_for_a_state(duty):
        raise ValidationError("这件事看的是有没有配齐，不是谁去办，不用转办。补齐以后自动消去。")
    if duty.member_id == to.pk:
        raise ValidationError({"to": f"有一件事是关于{to.name}本人的，不能转给本人。"})
    if duty.actor_id == to.pk:
        raise ValidationError({"to": f"有一件事本来就由{to.name}办，不用转。"})


def _running(duties: Iterable[Duty], what: str) -> list[Duty]:
    """The duties as they stand now, in their order.

    :raises ValidationError: where one is closed.
    """
    asked = list(duties)
    found = Duty.objects.filter(pk__in=[duty.pk for duty in asked]).select_related("rule", "member")
    found = {duty.pk: duty for duty in found}
    if any(duty.pk not in found or found[duty.pk].state not in RUNNING for duty in asked):
        raise ValidationError(f"有的事已经办结、免办或作废，不用{what}。请回到列表重新选。")
    return [found[duty.pk] for duty in asked]


def _write_all(model: type[Model], duties: list[Duty], *, fields: dict) -> None:
    """A row for each duty; one that is there already says the new thing."""
    model.objects.bulk_create(
        [model(rule_id=duty.rule_id, key=duty.key, **fields) for duty in duties],
        update_conflicts=True, unique_fields=["rule", "key"], update_fields=list(fields),
    )  # fmt: skip


def _write(act: audit.Act, subject: str, model: type[Model], duties: list[Duty]) -> None:
    numbers = sorted(model.objects.filter(named(duties)).values_list("pk", flat=True))
    _tell(act, subject, numbers)


def _tell(act: audit.Act, subject: str, numbers: list[int]) -> None:
    """One audit row for the act, by the numbers of its rows: rule and key would tell what a sensitive duty is about."""
    audit.write(act, f"{subject}:{numbers[0]}", n=len(numbers), numbers=" ".join(map(str, numbers)))


def _take_back(model: type[Model], subject: str, duties: list[Duty]) -> int:
    count = _remove(model.objects.filter(named(duties)), subject)
    if count:
        _settle(duties)
    return count


def _remove(rows, subject: str) -> int:
    numbers = sorted(rows.values_list("pk", flat=True))
    if numbers:
        rows.delete()
        _tell(audit.Act.WITHDRAW, subject, numbers)
    return len(numbers)


def _settle(duties: list[Duty]) -> None:
    facts_changed(
        Fact.WAIVER, since=min(min(duty.opens_on, duty.counts_from) for duty in duties),
        people={person for duty in duties for person in (duty.member_id, duty.actor_id)} - {None},
        organisations={duty.organisation_id for duty in duties},
    )  # fmt: skip
