"""Making good a state that a rule asks for: a tie by hand, begun from the duty that waits for it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from base.dates import today
from duties.board.words import describe, sees_basis, with_words
from duties.engine.models import Duty
from duties.engine.rehearse import observe
from duties.policy.schema import Holds
from duties.views.entering import duty_asked_for, said_closed
from members.bonds import BY_HAND
from members.enums import Capability
from members.office_forms import TieNew
from members.permissions import check_may_record
from members.views.bonds import enter_tie, recorded, said_tie, tie_form


def duty_tie(request):
    """Whom the leader of the duty contacts is picked first; then the form of ties, with leader and kind filled in.

    Of a duty about a member only who stands by him is still to be said.
    """
    check_may_record(request.user)
    duty = duty_asked_for(request)
    if duty is None or not _waits_for_a_tie(request.user, duty):
        raise Http404
    keep, chosen = {"duty": request.GET["duty"]}, duty.member_id or request.GET.get("member")
    there = f"{reverse('duty_why')}?{urlencode(keep)}"
    if not chosen:
        return render(request, "duties/tie_pick.html", {"line": _line(request, duty), "ref": keep["duty"]})
    member = recorded(request, chosen)
    return tie_form(
        request, member, lambda form: _begin(request, duty, member, form, there), kind=duty.rule.parsed.trigger.tie,
        to=duty.actor, back=there, keep=keep | {"member": str(member.person_id)},
        about=f"{duty.actor or member.person}：{duty.rule.title}",
    )  # fmt: skip


def _waits_for_a_tie(account, duty: Duty) -> bool:
    trigger = duty.rule.parsed.trigger
    asks = isinstance(trigger, Holds) and trigger.tie in BY_HAND
    return asks and sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id)


def _line(request, duty: Duty):
    named = with_words(Duty.objects.visible_to(request.user, Capability.RECORD).filter(pk=duty.pk))
    return describe(named.order_by("pk"), request.user, today())[0]


def _begin(request, duty: Duty, member, form: TieNew, there: str) -> str:
    with observe([member.person_id], actors=[int(form.cleaned_data["to"])]) as outcome:
        entered = enter_tie(member, form)
    messages.success(request, f"{said_tie(entered)}，{said_closed(outcome) if outcome.closed else _short(duty)}。")
    return there


def _short(duty: Duty) -> str:
    """What is said where the state does not hold yet."""
    return f"没有办结应办：要有 {duty.rule.parsed.trigger.at_least} 名才够"
