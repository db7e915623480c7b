"""Answering a request for a talk before it is held: a day and a place, another day, why it was late.

The day is the duty's arrangement and who talks instead its delegation (:mod:`duties.engine.answering`), so that the
boards show them like any other.
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from base import audit
from duties.engine.answering import AHEAD, RUNNING, arrange
from duties.engine.models import Duty
from members.enums import EventKind, Standing
from members.models import Event
from members.services import membership_on
from visits.models import RequestAnswer
from visits.requesting import LONGEST_REASON, due_of, requests, waits
from visits.services import locked


@transaction.atomic
def arrange_talk(*, by, request: Event, on: date, place: str, today: date) -> None:
    """Say on which day the talk will be held and where; another day that somebody wished is settled by it.

    :raises ValidationError: for a day past or too far ahead, or if it was answered or taken back meanwhile.
    """
    found = _waiting(request)
    stay = membership_on(found.addressee, today)
    if stay and stay.standing == Standing.DEAD:
        raise ValidationError(f"{found.addressee.name}已于 {stay.since} 去世，请把这次约谈转给别人。")
    arrange(by=by, duties=_duties(found), on=on, person=None, today=today)
    _write(request, place=place.strip(), wished_on=None, wished_by=None)


@transaction.atomic
def wish_day(*, by, request: Event, on: date, today: date) -> None:
    """Say which other day would suit; the other side agrees or names another.

    :param by: the account of one of the two sides.
    :raises ValidationError: for a day past or too far ahead, the day that is arranged, or what was answered meanwhile.
    """
    found = _waiting(request)
    _duties(found)
    if not today <= on <= today + AHEAD:
        raise ValidationError({"on": "请选今天以后、一年以内的日期。"})
    if on == found.arranged_on:
        raise ValidationError({"on": f"本来就安排在 {on}，没有要改的。"})
    _write(request, wished_on=on, wished_by=by.person)


@transaction.atomic
def agree_day(*, by, request: Event, today: date) -> date:
    """The other side agrees to the day that was wished: it is arranged; the place stays. Returns the day.

    :raises ValidationError: when nothing is wished any more, the day is past, or it was answered meanwhile.
    """
    found = _waiting(request)
    answer = RequestAnswer.objects.filter(event=request).first()
    if answer is None or answer.wished_on is None:
        raise ValidationError("没有待定的日子，可能对方已经改过。请重新打开这一页。")
    if _asks(by.person_id, found) == _asks(answer.wished_by_id, found):
        raise ValidationError("这一天是本方提的，要等对方同意。")
    arrange_talk(by=by, request=found, on=answer.wished_on, place=answer.place, today=today)
    return answer.wished_on


@transaction.atomic
def explain_late(*, by, event: Event | None, on: date, reason: str) -> None:
    """Keep why the talk of ``on`` answers its request late; nothing for what is no request or in time.

    :raises ValidationError: keyed ``late_reason``, without a reason.
    """
    due = due_of(event) if event and event.kind == EventKind.REQUEST else None
    if due is None or on <= due:
        return
    if not reason.strip():
        late = (on - due).days
        said = f"约谈应在 {due} 前安排，{on} 谈晚了 {late} 天，请写原因，一句话也可以。"
        raise ValidationError({"late_reason": said})
    _write(event, late_reason=reason.strip()[:LONGEST_REASON])


def _asks(person: int | None, request: Event) -> bool:
    """Whether somebody is on the side of whoever asks: himself, or who entered it for him and is not asked."""
    return person in {request.person_id, request.entered_by_id} - {request.addressee_id}


def _waiting(request: Event) -> Event:
    """The request as it stands, under the lock of whoever asked."""
    locked([request.person])
    found = requests().get(pk=request.pk)
    if not waits(found):
        how = f"已于 {found.withdrawn_on} 撤回" if found.withdrawn_on else f"{found.answered_on} 已经谈过"
        raise ValidationError(f"这次约谈{how}，不用再安排。")
    return found


def _duties(request: Event) -> list[Duty]:
    duties = list(request.duties.filter(state__in=RUNNING).order_by("due_on", "pk"))
    if not duties:
        raise ValidationError("所在党组织还没有采用制度，约谈进不了应办清单，不能安排。谈过以后直接登记谈话。")
    return duties


def _write(request: Event, **given) -> None:
    RequestAnswer.objects.update_or_create(event=request, defaults=given)
    audit.write(audit.Act.WRITE, f"event:{request.pk}", answer=sorted(given))
