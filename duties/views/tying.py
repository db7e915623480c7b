"""Making good a state that a rule asks for: a tie by hand, begun from the duty that waits for it."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from base.dates import today
from duties.board.words import describe, sees_basis, with_words
from duties.engine.models import Duty
from duties.engine.rehearse import Outcome, observe
from duties.policy.schema import Holds
from duties.views.entering import duty_asked_for, said_closed
from members.bonds import BY_HAND
from members.enums import Capability
from members.office_forms import TieNew
from members.permissions import check_may_record
from members.views.bonds import enter_tie, recorded, register_url, said_tie, tie_form


def duty_tie(request):
    """Whom the leader of the duty contacts is picked first; then the form of ties, with leader and kind filled in.

    Of a duty about a member only who stands by him is still to be said. A kind of tie that a register writes ends in
    the register's form, which comes back here as the form of ties does.
    """
    check_may_record(request.user)
    duty = duty_of_tie(request)
    if duty is None:
        raise Http404
    keep, chosen = {"duty": request.GET["duty"]}, duty.member_id or request.GET.get("member")
    if not chosen:
        return render(request, "duties/tie_pick.html", {"line": _line(request, duty), "ref": keep["duty"]})
    member, kind = recorded(request, chosen), duty.rule.parsed.trigger.tie
    if kind in settings.TIE_REGISTERS:
        filled = {"to": str(duty.actor_id)} if duty.actor_id else {}
        return redirect(register_url(kind, member, keep | filled))
    there = why_page(request)
    return tie_form(
        request, member, lambda form: _begin(request, duty, member, form, there), kind=kind,
        to=duty.actor, back=there, keep=keep | {"member": str(member.person_id)},
        about=f"{duty.actor or member.person}：{duty.rule.title}",
    )  # fmt: skip


def duty_of_tie(request) -> Duty | None:
    """The duty named in the address, which waits for a tie by hand; of another kind it does not exist."""
    duty = duty_asked_for(request)
    if duty is not None and not _waits_for_a_tie(request.user, duty):
        raise Http404
    return duty


def why_page(request) -> str:
    """The page that says why there is the duty that the address names."""
    return f"{reverse('duty_why')}?{urlencode({'duty': request.GET['duty']})}"


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
    messages.success(request, f"{said_tie(entered)}，{said_of(duty, outcome)}。")
    return there


def said_of(duty: Duty, outcome: Outcome) -> str:
    """What a tie did to the duty for whose sake it was begun; where the state does not hold yet, what is missing."""
    if outcome.closed:
        return said_closed(outcome)
    return f"没有办结应办：要有 {duty.rule.parsed.trigger.at_least} 名才够"
