"""Recording study sessions and taking them back, whole or one member's attendance."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.models import Attendance, StudySession
from base.facts import facts_together, facts_will_change
from duties.engine.models import Action, Record
from duties.engine.records import enter_record, withdraw_record
from members.models import Organisation, Person
from members.services import check_stay, memberships_on


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
    """Record that members of a branch studied together: one record each, its quantity the hours.

    :param by: the acting account, ``None`` for a command.
    :param organiser: who led the session: the one who acted in every record.
    :raises ValidationError: keyed by form field: for nobody, a day to come, somebody who was not of the branch that
        day, and somebody whose hours of this session stand already.
    """
    facts_will_change()
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=[member.pk for member in members])
    everyone = list(locked.order_by("pk"))
    _check(organisation, everyone, on, today)
    _check_new(organisation, everyone, on, title)
    session = StudySession.objects.create(
        organisation=organisation, path=organisation.path, on=on, title=title, hours=hours, organiser=organiser
    )
    with facts_together():
        for member in everyone:
            record = enter_record(
                by=by, organisation=organisation, member=member, action=Action.STUDY, on=on, people=[organiser],
                today=today, collective=True, quantity=hours,
            )  # fmt: skip
            Attendance.objects.create(session=session, record=record)
    return session


def _check(organisation: Organisation, members: list[Person], on: date, today: date) -> None:
    if not members:
        raise ValidationError({"members": "请勾选谁参加了。"})
    stays = memberships_on(members, on)
    for member in members:
        stay = check_stay(member, stays.get(member.pk), on, today, field="on", what="学习")
        if stay.organisation_id != organisation.pk:
            words = f"{member.name}在 {on} 不是本支部的党员，请去掉；那次学习由当时所在支部登记。"
            raise ValidationError({"members": words})


def _check_new(organisation: Organisation, members: list[Person], on: date, title: str) -> None:
    """The same session twice is one too many; a member forgotten the first time may be entered later."""
    same = Attendance.objects.filter(session__organisation=organisation, session__on=on, session__title=title)
    same = same.filter(record__member__in=members, record__withdrawn_on__isnull=True).select_related("record__member")
    names = [attendance.record.member.name for attendance in same.order_by("pk")]
    if names:
        words = f"{on} 的“{title}”已登记过{'、'.join(names[:5])}{'等' if len(names) > 5 else ''}，没有再记一次。"
        raise ValidationError({"members": f"{words}请去掉已登记的人。"})


@transaction.atomic
def take_back_study(*, by, records: list[Record], reason: str, today: date) -> None:
    """Withdraw the records of a session, or of one who was not there after all.

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
