"""Answering a request for a talk: arranging a day and a place, wishing another day, agreeing to it, why it was late."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from base.dates import today
from base.once import new_key, submitted
from duties.engine.models import Duty
from members.models import Event
from visits.answering import agree_day, arrange_talk, explain_late, wish_day
from visits.forms.requests import ArrangeTalkForm, LateForm, WishForm
from visits.models import RequestAnswer
from visits.permissions import may_answer_request
from visits.requesting import known_to, late_by, may_take_back, waits

LEADERS = "约谈由被约的人、受托的人或所在党组织书记、组织委员安排。"
SIDES = "改日子由约谈的人、被约的人或所在党组织提出。"


def duty_of(account, request: Event) -> Duty | None:
    """The duty of a request, as far as the account sees it."""
    duties = Duty.objects.visible_to(account).filter(event=request).select_related("rule")
    return duties.order_by("due_on", "pk").first()


def _asked(request, pk: int, *, sides: bool = False) -> Event:
    """The request in question; what only leaders do is refused to others, unless both sides may."""
    found = get_object_or_404(known_to(request.user), pk=pk)
    leads = may_answer_request(request.user, found, duty_of(request.user, found))
    if not leads and not (sides and may_take_back(request.user, found)):
        raise PermissionDenied(SIDES if sides else LEADERS)
    return found


def _page(request, found: Event, form: forms.Form, act: Callable[[], str], *, title: str, label: str, sub: str):
    """A small form about a request; ``act`` returns the sentence that is said when it is done."""
    back = reverse("talk_request", args=[found.pk])

    def done() -> str:
        messages.success(request, act())
        return back

    if where := submitted(request, form, done):
        return redirect(where)
    context = {"form": form, "asked": found, "back": back, "title": title, "label": label, "sub": sub}
    return render(request, "visits/talk_request_act.html", context, status=422 if form.errors else 200)


def _data(request):
    return request.POST if request.method == "POST" else None


def talk_request_arrange(request, pk: int):
    """On which day the talk will be, and where; whoever asked sees it on his own page."""
    found, day = _asked(request, pk), today()
    answer = getattr(found, "request_answer", None) or RequestAnswer()
    initial = {
        "once": new_key(), "on": answer.wished_on or found.arranged_on or max(day, found.answer_by or day),
        "place": answer.place,
    }  # fmt: skip
    form = ArrangeTalkForm(_data(request), initial=initial)

    def act() -> str:
        given = form.cleaned_data
        arrange_talk(by=request.user, request=found, on=given["on"], place=given["place"], today=day)
        late = found.answer_by and given["on"] > found.answer_by
        more = f"比应安排的 {found.answer_by} 晚，谈完要写原因。" if late else "谈完登记了才算办结。"
        return f"已安排在 {given['on']}，{found.person.name}看得到。{more}"

    sub = f"应在 {found.answer_by} 前谈。" if found.answer_by else ""
    return _page(request, found, form, act, title="安排谈话", label="安排", sub=sub)


def talk_request_wish(request, pk: int):
    """Another day; the other side agrees to it or names another."""
    found = _asked(request, pk, sides=True)
    answer = getattr(found, "request_answer", None)
    initial = {"once": new_key(), "on": answer and answer.wished_on}
    form = WishForm(_data(request), initial=initial)

    def act() -> str:
        wish_day(by=request.user, request=found, on=form.cleaned_data["on"], today=today())
        return f"已提出改到 {form.cleaned_data['on']}，等对方同意。"

    sub = f"现在安排在 {found.arranged_on}。" if found.arranged_on else "还没有安排。"
    return _page(request, found, form, act, title="另提一天", label="提出", sub=f"{sub}对方同意以后才改。")


@require_POST
def talk_request_agree(request, pk: int):
    """Agreeing to the day that the other side wished."""
    found = _asked(request, pk, sides=True)
    answer = getattr(found, "request_answer", None)
    if answer and answer.wished_by_id == request.user.person_id:
        messages.warning(request, "这一天是你自己提的，要等对方同意。")
        return redirect("talk_request", pk=pk)
    try:
        on = agree_day(by=request.user, request=found, today=today())
        messages.success(request, f"已定在 {on}。")
    except ValidationError as no:
        messages.warning(request, " ".join(no.messages))
    return redirect("talk_request", pk=pk)


def talk_request_late(request, pk: int):
    """Why the talk was held late, where it was entered without."""
    found = _asked(request, pk)
    answer = getattr(found, "request_answer", None)
    initial = {"once": new_key(), "late_reason": answer.late_reason if answer else ""}
    form = LateForm(_data(request), initial=initial)

    def act() -> str:
        if not late_by(found):
            raise ValidationError("这次约谈没有超期，不用写原因。")
        explain_late(by=request.user, event=found, on=found.answered_on, reason=form.cleaned_data["late_reason"])
        return "已写明原因，台账里也有了。"

    sub = f"应在 {found.answer_by} 前谈，{found.answered_on} 才谈。" if late_by(found) else ""
    return _page(request, found, form, act, title="超期的原因", label="保存", sub=sub)


def may_do(account, asked: Event) -> dict[str, bool]:
    """What the page of a request offers the account."""
    duty, running = duty_of(account, asked), waits(asked)
    leads, asks = may_answer_request(account, asked, duty), may_take_back(account, asked)
    answer = getattr(asked, "request_answer", None)
    wished = running and answer and answer.wished_on
    return {
        "may_arrange": running and leads and duty is not None,
        "may_wish": running and duty is not None and (asks or leads) and not wished,
        "may_agree": bool(wished and answer.wished_by_id != account.person_id and (asks or leads)),
        "may_explain": bool(leads and late_by(asked) and not (answer and answer.late_reason)),
    }
