"""Filing an application for less dues, by the member or for him; changing it, taking it back, ending what was approved.

Every function is one transaction under the row's lock; :mod:`fund.relief.steps` takes the steps in between.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef

from base import audit
from base.dates import civil_day, months_later
from base.facts import facts_will_change
from fund.applying.filing import may_file_for
from fund.models import DuesRelief, Filer, ReliefKind, ReliefMove, ReliefState
from fund.models.relief import WAITING
from fund.relief.force import cut
from fund.relief.steps import (
    Terms,
    check_serial,
    end_wait,
    locked,
    overlapping,
    terms_amiss,
    wait,
    why_stopped,
    write_step,
)
from fund.relief.turns import line_of, places_of
from members.enums import Capability, Standing
from members.models import Membership, Person
from members.services import membership_on

PAYS = (Standing.FULL, Standing.PROBATIONARY)
"""Who pays dues."""


@dataclass(frozen=True)
class Asking:
    """What is asked and why; ``relative``: name and relation of who fills it in for the member."""

    terms: Terms
    reason: str
    applied_on: date
    filer: str = Filer.SELF
    relative: str = ""


@transaction.atomic
def file_relief(
    *, by, person: Person, asking: Asking, now: datetime, renews: DuesRelief | None = None
) -> DuesRelief:  # fmt: skip
    """File an application of a living member; it waits for the branch.

    :param by: the member, or whoever records where the member stands.
    :raises PermissionDenied: for anybody else.
    :raises ValidationError: keyed by form field.
    """
    facts_will_change()
    today = civil_day(now)
    person = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    stay = membership_on(person, today)
    if not may_file_for(by, stay):
        raise PermissionDenied("申请由党员本人提出，或由所在党组织的书记、副书记、组织委员代填。")
    if running := DuesRelief.objects.running().filter(person=person).first():
        said = f"{person.name}已有一件党费减免申请（{running.label}），{running.get_state_display()}，不能再开一件。"
        raise ValidationError(said)
    row = DuesRelief(
        person=person, organisation=stay.organisation, path=stay.path, filed_by=by.person, filed_on=today, renews=renews
    )  # fmt: skip
    _fill(by, row, asking, stay, today)
    row.save()
    _send(by, row, today)
    audit.write(audit.Act.WRITE, f"relief:{row.pk}", person=person.pk)
    return row


@transaction.atomic
def amend_relief(*, by, relief: DuesRelief, asking: Asking, serial: int, now: datetime) -> DuesRelief:
    """Hand an application in once more after it was sent back, changed or not.

    :raises PermissionDenied: for all but the member and who filed it.
    :raises ValidationError: keyed by form field.
    """
    row, today = locked(relief), civil_day(now)
    check_serial(row, serial)
    check_party(by, row)
    if row.state != ReliefState.RETURNED:
        raise ValidationError(f"{row.label}现在是“{row.get_state_display()}”，不能再改。要改请先撤回，重新申请。")
    stay = membership_on(row.person, today)
    if stay is None or stay.standing == Standing.DEAD:
        raise ValidationError(why_stopped(row, today))
    row.organisation, row.path, row.filed_on = stay.organisation, stay.path, today
    row.branch_by = row.general_by = row.decided_by = None
    _fill(by, row, asking, stay, today)
    _send(by, row, today)
    audit.write(audit.Act.EDIT, f"relief:{row.pk}", move=str(ReliefMove.FILE))
    return row


def _fill(by, row: DuesRelief, asking: Asking, stay: Membership, today: date) -> None:
    """Take over what is asked.

    :raises ValidationError: for what is amiss.
    """
    refused = {name: [said] for name, said in terms_amiss(asking.terms).items()}
    if stay.standing not in PAYS:
        raise ValidationError(
            f"{row.person.name}自 {stay.since} 起是“{stay.get_standing_display()}”，不能申请党费减免。"
        )
    if not asking.reason.strip():
        refused["reason"] = ["请写为什么交纳有困难，一两句话也可以。"]
    if asking.applied_on > today:
        refused["applied_on"] = [f"申请日期 {asking.applied_on} 晚于今天，请改成今天或以前。"]
    if asking.filer == Filer.RELATIVE and not asking.relative.strip():
        refused["relative"] = ["亲属代填的，请写代填人的姓名和与本人的关系。"]
    if (asking.filer == Filer.SELF) and by.person_id != row.person_id:
        refused["filer"] = ["不是本人在填，请选党支部代填或者亲属代填。"]
    if not refused and (other := overlapping(row, asking.terms)):
        refused["since"] = [f"{row.person.name}已有批准的减免：{other.granted}，月份重叠，请从到期以后的月份申请。"]
    if ReliefState.COMMITTEE not in places_of(line_of(stay.organisation, today)):
        raise ValidationError(f"{stay.organisation.label}没有所属的党支部或者党委，不能在这里申请。请核对隶属关系。")
    if refused:
        raise ValidationError(refused)
    terms = asking.terms
    row.kind, row.since, row.until = terms.kind, terms.since, terms.until
    row.fen = terms.fen if terms.kind == ReliefKind.LESS else None
    row.reason, row.applied_on, row.filer = asking.reason.strip(), asking.applied_on, asking.filer
    row.relative = asking.relative.strip() if asking.filer == Filer.RELATIVE else ""


def _send(by, row: DuesRelief, today: date) -> None:
    row.state = ReliefState.BRANCH
    write_step(
        by=by, row=row, move=ReliefMove.FILE, on=max(row.applied_on, _last_on(row)), today=today, kind=row.kind,
        fen=row.fen, since=row.since, until=row.until,
    )  # fmt: skip
    wait(by=by, row=row, today=today)
    row.save()


def _last_on(row: DuesRelief) -> date:
    last = row.steps.order_by("serial").last()
    return last.on if last else row.applied_on


def is_party(account, relief: DuesRelief) -> bool:
    """Whether it is one's own application, or one filed it."""
    return account.person_id is not None and account.person_id in (relief.person_id, relief.filed_by_id)


def check_party(by, relief: DuesRelief) -> None:
    if not is_party(by, relief):
        raise PermissionDenied("修改和撤回由申请人或代填人办理。")


@transaction.atomic
def withdraw_relief(*, by, relief: DuesRelief, reason: str, serial: int, now: datetime) -> DuesRelief:
    """Take an application back before it is decided.

    :raises ValidationError: without a reason; where it was decided or is over.
    """
    row, today = locked(relief), civil_day(now)
    check_serial(row, serial)
    check_party(by, row)
    if row.state not in (*WAITING, ReliefState.RETURNED):
        raise ValidationError(f"{row.label}现在是“{row.get_state_display()}”，不能再撤回。")
    return _over(by, row, ReliefMove.WITHDRAW, reason, today)


@transaction.atomic
def stop_relief(*, by, relief: DuesRelief, reason: str, serial: int, now: datetime) -> DuesRelief:
    """Close an application on which nothing can be decided any more: the member died or left.

    :param by: whoever records where it was filed; ``None`` for the clock.
    :raises ValidationError: without a reason; where the member lives and stands below the committee.
    """
    row, today = locked(relief), civil_day(now)
    check_serial(row, serial)
    if by is not None and not may_close(by, row):
        raise PermissionDenied("终止由所在党组织的书记、副书记、组织委员或组织部办理，不办自己的。")
    if row.state not in (*WAITING, ReliefState.RETURNED):
        raise ValidationError(f"{row.label}现在是“{row.get_state_display()}”，不用终止。")
    if not why_stopped(row, today):
        raise ValidationError(f"{row.person.name}的组织关系还在这里，申请照常办。不要了的，请申请人撤回。")
    return _over(by, row, ReliefMove.STOP, reason, today)


def _month_after(day: date) -> date:
    """The first day of the first month that begins on a day or after it."""
    return day if day.day == 1 else months_later(day.replace(day=1), 1)


ENDS = {ReliefMove.WITHDRAW: ReliefState.WITHDRAWN, ReliefMove.STOP: ReliefState.STOPPED}


def _over(by, row: DuesRelief, move: ReliefMove, reason: str, today: date) -> DuesRelief:
    if not reason.strip():
        raise ValidationError({"reason": f"请写为什么{move.label}，一句话也可以。"})
    row.state = ENDS[move]
    step = write_step(by=by, row=row, move=move, on=today, today=today, opinion=reason.strip())
    end_wait(by=by, row=row, step=step, today=today)
    row.save()
    audit.write(audit.Act.EDIT, f"relief:{row.pk}", move=str(move))
    return row


def may_close(account, relief: DuesRelief) -> bool:
    """Ending or stopping: whoever records where it was filed, for others."""
    return account.person_id != relief.person_id and account.scope.may(Capability.RECORD, relief.path)


@transaction.atomic
def end_relief(*, by, relief: DuesRelief, resumes: date, reason: str, serial: int, now: datetime) -> DuesRelief:
    """End an approved relief before its time: from the month ``resumes`` on the member pays as before.

    :param by: whoever records where it was filed, not the member himself.
    :raises ValidationError: keyed by form field; where a later one goes on from it.
    """
    row, today = locked(relief), civil_day(now)
    check_serial(row, serial)
    if not may_close(by, row):
        raise PermissionDenied("提前结束由所在党组织的书记、副书记、组织委员或组织部办理，不办自己的。")
    if row.state != ReliefState.APPROVED or row.granted_until <= max(today, row.granted_since):
        raise ValidationError("这件减免不在执行，不用提前结束。")
    later = DuesRelief.objects.approved().filter(person=row.person, granted_since__gte=row.granted_until)
    if following := later.order_by("granted_since").first():
        raise ValidationError(f"后面还批准了一件（{following.granted}），请先结束那一件。")
    if not row.granted_since <= resumes < row.granted_until:
        raise ValidationError({"resumes": f"请从 {row.granted.rpartition('，')[2]} 里选恢复交纳的月份。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么提前结束，例如已经找到工作。"})
    return _ended(by, row, resumes, reason, today)


def _ended(by, row: DuesRelief, resumes: date, reason: str, today: date) -> DuesRelief:
    cut(row, resumes)
    row.granted_until, row.ended_on = resumes, today
    write_step(by=by, row=row, move=ReliefMove.END, on=today, today=today, opinion=reason.strip())
    row.save()
    audit.write(audit.Act.EDIT, f"relief:{row.pk}", move=str(ReliefMove.END), resumes=str(resumes))
    return row


def left_on(row: DuesRelief, day: date) -> date | None:
    """Since when the member of an approved relief, if living, stands no longer below the committee that approved it;
    ``None`` where he does.
    """
    stay = membership_on(row.person, day)
    if not why_stopped(row, day) or (stay is not None and stay.standing == Standing.DEAD):
        return None
    here = places_of(line_of(row.organisation, day)).get(ReliefState.COMMITTEE, row.organisation)
    stays = Membership.objects.filter(person=row.person, path__startswith=here.path, until__lte=day)
    return stays.order_by("-until").values_list("until", flat=True).first()


def end_of_the_left(*, now: datetime) -> int:
    """What the clock does: end what was approved of members who left the committee, from the first month that begins
    after they did; those it had before are asked for where they are now.

    :returns: how many. Done twice it changes nothing.
    """
    today, ended = civil_day(now), 0
    still = Membership.objects.on(today).filter(person=OuterRef("person"), organisation=OuterRef("organisation"))
    moved = DuesRelief.objects.approved().filter(~Exists(still), granted_until__gt=today)
    for pk in moved.order_by("-granted_since", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(DuesRelief(pk=pk))
            left = left_on(row, today)
            resumes = left and max(_month_after(left), row.granted_since)
            if resumes and resumes < row.granted_until:
                _ended(None, row, resumes, f"组织关系已于 {left} 转出，不再由原党委减免。", today)
                ended += 1
    return ended


def stop_of_the_dead(*, now: datetime) -> int:
    """What the clock does: stop the applications of members who died. Done twice it changes nothing.

    :returns: how many.
    """
    today, stopped = civil_day(now), 0
    dead = Membership.objects.on(today).filter(standing=Standing.DEAD).values("person")
    for row in DuesRelief.objects.running().filter(person__in=dead).order_by("pk"):
        stop_relief(by=None, relief=row, reason="申请人去世", serial=row.serial, now=now)
        stopped += 1
    return stopped
