"""Leaders' contact points: giving a leader one, ending it, taking it back."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from base.dates import FAR, last_day
from duties.engine.responsible import holding
from members.enums import Standing
from members.models import Lineage, Membership, Organisation, Person, Post
from visits.models import ContactPoint


def offered(organisation: Organisation, day: date) -> dict[Person, list[Post]]:
    """Whose contact point the organisation may be on ``day``: the holders of party posts anywhere above it."""
    above = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day, distance__gt=0)
    return holding(list(above.order_by("distance").values_list("ancestor", flat=True)), day)


@transaction.atomic
def begin_contact_point(
    *, by, leader: Person, organisation: Organisation, since: date, last: date | None = None, today: date
) -> ContactPoint:
    """Make the organisation the leader's contact point from ``since`` on, to the end of ``last`` if that is known.

    :param by: the acting account, ``None`` for a command.
    :raises ValidationError: keyed by form field: for a leader without a post above it on that day, somebody dead, a day
        to come, and what is so already.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    until = FAR if last is None else last + timedelta(days=1)
    if refused := amiss(leader, organisation, since, last, today=today):
        raise ValidationError(refused)
    point = ContactPoint.objects.create(leader=leader, organisation=organisation, since=since, until=until)
    _tell(point, audit.Act.WRITE)
    return point


def amiss(
    leader: Person, organisation: Organisation, since: date, last: date | None, *, today: date
) -> dict[str, list[str]]:
    """What stands in the way of a new contact point, by form field."""
    if refused := _bad_days(since, last, today):
        return refused
    if leader not in offered(organisation, since):
        said = f"{leader.name}在 {since} 没有在{organisation.label}的上级党组织任职，请核对日期或先登记任职。"
        return {"leader": [said]}
    dead = Membership.objects.filter(person=leader, standing=Standing.DEAD, since__lte=last or today).order_by("since")
    if died := dead.first():
        return {"leader": [f"{leader.name}已于 {died.since} 去世，请另选一位。"]}
    alike = ContactPoint.objects.filter(leader=leader, organisation=organisation).during(since, last or FAR)
    if other := alike.order_by("since", "pk").first():
        until = "" if other.until == FAR else f"到 {last_day(other.until)} "
        said = f"{organisation.label}自 {other.since} 起{until}已是{leader.name}的联系点，不必再登记。"
        return {"leader": [said]}
    return {}


def _bad_days(since: date, last: date | None, today: date) -> dict[str, list[str]]:
    if since > today:
        return {"since": [f"开始日期 {since} 晚于今天，到了那天再登记。"]}
    if last and last < since:
        return {"last": [f"最后一天 {last} 早于开始的 {since}，两个日期可能填反了。"]}
    if last and last > today:
        return {"last": [f"最后一天 {last} 晚于今天，到了那天再登记结束。"]}
    return {}


@transaction.atomic
def end_contact_point(*, by, point: ContactPoint, last: date, today: date) -> None:
    """End it: ``last`` is its last day.

    :raises ValidationError: for a day to come or before it began, or if it ended already.
    """
    point = _still(point)
    if point.until != FAR:
        raise ValidationError(f"这个联系点已于 {last_day(point.until)} 结束。")
    if last > today:
        raise ValidationError({"last": f"最后一天 {last} 晚于今天，到了那天再办。"})
    if last < point.since:
        raise ValidationError({"last": f"最后一天 {last} 早于开始的 {point.since}。从未有过的，请用“撤销”。"})
    point.until = last + timedelta(days=1)
    point.save(update_fields=["until"])
    _tell(point, audit.Act.EDIT)


@transaction.atomic
def withdraw_contact_point(*, by, point: ContactPoint, reason: str) -> None:
    """Take back one that never was; its audit row keeps what it said.

    :raises ValidationError: without a reason, or if somebody took it back meanwhile.
    """
    point = _still(point)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤销，一句话也可以。"})
    _tell(point, audit.Act.WITHDRAW, reason=reason)
    point.delete()


def _still(point: ContactPoint) -> ContactPoint:
    found = ContactPoint.objects.select_for_update().filter(pk=point.pk).first()
    if found is None:
        raise ValidationError("这一条刚被别人撤销，没有再办一次。")
    return found


def _tell(point: ContactPoint, act: audit.Act, *, reason: str = "") -> None:
    audit.write(
        act, f"contact_point:{point.pk}", reason=reason, person=point.leader_id, organisation=point.organisation_id,
        since=str(point.since), until=str(point.until),
    )  # fmt: skip
