"""Recording study sessions and rotation training, and taking them back, whole or one member's attendance."""

from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum

from awards.models import Attendance, StudySession
from base.facts import facts_together, facts_will_change
from duties.deeds import record_deed
from duties.engine.models import Action, Record
from duties.engine.records import enter_record, withdraw_record
from members.models import Membership, Organisation, Person
from members.services import HOLDS_MEMBERS, check_stay, memberships_on

DAY = 24
"""Hours of one day."""
MOST_HOURS = 80
"""Hours of one session, a training of several days among them."""


@transaction.atomic
def record_study(
    *,
    by,
    organisation: Organisation,
    members: list[Person],
    on: date,
    title: str,
    hours: Decimal,
    organiser: Person,
    today: date,
) -> StudySession:
    """Record that members of an organisation studied together: one record each, its quantity the hours. The record
    lies where the member stood that day.

    :param by: the acting account, ``None`` for a command.
    :param organiser: who led the session: the one who acted in every record.
    :raises ValidationError: keyed by form field: for nobody, a day to come, somebody who was not of the
        organisation that day, and somebody whose hours of this session stand already.
    """
    facts_will_change()
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=[member.pk for member in members])
    everyone = list(locked.order_by("pk"))
    stays = _check(organisation, everyone, on, today)
    _check_new(organisation, everyone, on, title)
    _check_day(everyone, on, hours)
    session = StudySession.objects.create(
        organisation=organisation, path=organisation.path, on=on, title=title, hours=hours, organiser=organiser
    )
    with facts_together():
        for member in everyone:
            record = enter_record(
                by=by, organisation=stays[member.pk].organisation, member=member, action=Action.STUDY, on=on,
                people=[organiser], today=today, collective=True, quantity=hours,
            )  # fmt: skip
            Attendance.objects.create(session=session, record=record)
    return session


@transaction.atomic
def record_training(*, by, days: int, organisation: Organisation, on: date, today: date, **held) -> StudySession:
    """Record that an organisation trained members for some days from ``on`` on: the session with everybody's hours,
    and the deed by which it did what it owes. ``held`` as :func:`record_study` takes it.

    :raises ValidationError: as :func:`record_study`; where the last day is still to come.
    """
    last = on + timedelta(days=days - 1)
    if last > today:
        raise ValidationError({"days": f"培训到 {last} 才结束，结束以后再登记。"})
    facts_will_change()
    with facts_together():
        session = record_study(by=by, organisation=organisation, on=on, today=today, **held)
        said = f"集中轮训“{session.title}”，{days} 天，{len(held['members'])} 人参加。"
        deed = record_deed(
            by=by, action=Action.TRAINING, organisation=organisation, on=last, people=[session.organiser], note=said,
            today=today,
        )  # fmt: skip
        session.days, session.training = days, deed.record
        session.save(update_fields=["days", "training"])
    return session


def _check(organisation: Organisation, members: list[Person], on: date, today: date) -> dict[int, Membership]:
    """Where each stood that day."""
    if not members:
        raise ValidationError({"members": "请勾选谁参加了。"})
    stays = memberships_on(members, on)
    for member in members:
        stay = check_stay(member, stays.get(member.pk), on, today, field="on", what="学习")
        if not stay.path.startswith(organisation.path):
            here = "本支部" if organisation.kind in HOLDS_MEMBERS else organisation.label
            words = f"{member.name}在 {on} 不是{here}的党员，请去掉；那次学习由当时所在支部登记。"
            raise ValidationError({"members": words})
    return stays


def _check_new(organisation: Organisation, members: list[Person], on: date, title: str) -> None:
    """The same session twice is one too many; a member forgotten the first time may be entered later."""
    same = Attendance.objects.filter(session__organisation=organisation, session__on=on, session__title=title)
    same = same.filter(record__member__in=members, record__withdrawn_on__isnull=True).select_related("record__member")
    names = [attendance.record.member.name for attendance in same.order_by("pk")]
    if names:
        words = f"{on} 的“{title}”已登记过{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}，没有再记一次。"
        raise ValidationError({"members": f"{words}请去掉已登记的人。"})


def _check_day(members: list[Person], on: date, hours: Decimal) -> None:
    """Sessions of one day that together are longer than it; a training of several days counts by itself."""
    held = Record.objects.standing().filter(member__in=members, action=Action.STUDY, on=on, quantity__lte=DAY)
    of_day = held.values("member", "member__name").annotate(sum=Sum("quantity")).order_by("member")
    names = [each["member__name"] for each in of_day if hours <= DAY < each["sum"] + hours]
    if names:
        said = f"{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}"
        raise ValidationError({"hours": f"{said}在 {on} 已登记的学时加上这次，超过 {DAY} 学时，请核对。"})


@transaction.atomic
def take_back_study(*, by, records: list[Record], reason: str, today: date) -> None:
    """Withdraw the records of a session, or of one who was not there after all; a training goes with its last.

    :raises ValidationError: without a reason, or when nothing of it stands any more.
    """
    facts_will_change()
    standing = Record.objects.select_for_update().standing().filter(pk__in=[record.pk for record in records])
    found = list(standing.order_by("pk"))
    if not found:
        raise ValidationError("这些学时已经撤回。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么撤回，一句话也可以。"})
    for record in found:
        withdraw_record(by=by, record=record, reason=reason, today=today)
    trained = StudySession.objects.filter(attendances__record__in=found, training__withdrawn_on__isnull=True)
    emptied = trained.exclude(attendances__record__withdrawn_on__isnull=True).distinct()
    for session in emptied.filter(training__isnull=False).select_related("training"):
        withdraw_record(by=by, record=session.training, reason=reason, today=today)
