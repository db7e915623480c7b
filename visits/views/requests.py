"""Pages of 约谈: asking a leader for a talk, for oneself or for a member; the list; one request; taking it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.board.refs import ref_of
from duties.engine.models import Duty
from duties.forms import TAKEN_BACK, WithdrawForm
from members.asked import member_asked_for
from members.enums import LIVING, Capability, Standing
from members.models import Event, Membership
from members.permissions import check_may_record
from visits.forms.requests import RequestForm
from visits.lists import after_cursor
from visits.requesting import (
    known_to,
    leaders_of,
    may_read_reason,
    may_take_back,
    request_talk,
    take_back_request,
    waits,
)
from visits.views.answering import duty_of, may_do


@require_safe
def talk_requests(request):
    """The requests the account may know of, newest first, each with how far it has come."""
    account = request.user
    rows, after = after_cursor(known_to(account), request.GET.get("after", ""), day="occurred_on")
    context = {
        "rows": rows,
        "after": after,
        "first": "after" not in request.GET,
        "own": _own(account) is not None,
        "may_record": account.scope.may(Capability.RECORD),
        "day": today(),
    }
    return render(request, "visits/talk_requests.html", context)


def _own(account) -> Membership | None:
    """The account's own living membership."""
    if account.person is None:
        return None
    stays = account.person.memberships.on(today()).filter(standing__in=LIVING)
    return stays.select_related("person", "organisation").order_by("pk").first()


def _whose(request) -> Membership:
    """Who asks: the member named, if the account may record about him, else oneself."""
    account = request.user
    if member_named := request.POST.get("member") or request.GET.get("member"):
        own = _own(account)
        if own and str(own.person_id) == member_named:
            return own
        check_may_record(account)
        asked = member_asked_for(request, today())
        if asked.standing == Standing.DEAD:
            raise PermissionDenied(f"{asked.person.name}已于 {asked.since} 去世，不再登记约谈。")
        return asked
    own = _own(account)
    if own is None:
        raise PermissionDenied("约谈由党员本人提出，或由书记代为登记：请从这位党员的页面进来。")
    return own


def talk_request_new(request):
    """Asking for a talk: whom, and why if one likes to say. For oneself it is asked today."""
    account, day = request.user, today()
    membership = _whose(request)
    own = membership.person_id == account.person_id
    leaders = leaders_of(membership, day)
    initial = {
        "once": new_key(), "member": membership.person_id, "on": day,
        "addressee": leaders[0].person_id if leaders else None,
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = RequestForm(data, leaders=leaders, own=own, day=day, initial=initial)
    form = drafted(form, account=account.pk, key=f"request:m{membership.person_id}", now=timezone.now())
    if where := submitted(request, form, lambda: _ask(form, request, membership, day)):
        return redirect(where)
    context = {
        "form": form,
        "membership": membership,
        "own": own,
        "leaders": leaders,
        "cancel_url": reverse("me") if own else reverse("member", args=[membership.person_id]),
    }
    return render(request, "visits/talk_request_new.html", context, status=422 if form.errors else 200)


def _ask(form: RequestForm, request, membership: Membership, day) -> str:
    asked = request_talk(by=request.user, person=membership.person, **form.asked(), today=day)
    whom = asked.addressee.name
    due = asked.duties.order_by("due_on", "pk").values_list("due_on", flat=True).first()
    until = f"，最迟 {due:%m-%d} 前安排" if due else ""
    messages.success(request, f"已约{whom}谈话{until}。")
    return reverse("talk_request", args=[asked.pk])


@require_safe
def talk_request(request, pk: int):
    """One request: who asks whom since when, whether a talk has answered it; the reason only for those concerned."""
    account = request.user
    found = get_object_or_404(known_to(account), pk=pk)
    duty = Duty.objects.visible_to(account, Capability.RECORD).filter(event=found).order_by("due_on", "pk").first()
    answers = may_do(account, found)
    may_talk = duty and waits(found) and found.person_id != account.person_id
    if reads := may_read_reason(account, found):
        audit.write(audit.Act.READ, f"event:{found.pk}", field="note")
    context = {
        "asked": found,
        "may_read": reads,
        "may_take_back": waits(found) and may_take_back(account, found),
        "talk": f"{reverse('talk_new')}?duty={ref_of(duty, account, hidden=False)}" if may_talk else "",
        "own": found.person_id == account.person_id,
        "day": today(),
        "waits": waits(found),
        "answer": getattr(found, "request_answer", None),
        "hand_on": _hand_on(account, found) if answers["may_arrange"] else "",
        **answers,
    }
    return render(request, "visits/talk_request.html", context)


def _hand_on(account, found: Event) -> str:
    """The form that hands the duty of a request on to another leader."""
    return f"{reverse('duty_hand_on')}?{urlencode({'duty': ref_of(duty_of(account, found), account, hidden=False)})}"


def talk_request_withdraw(request, pk: int):
    """Taking a request back; once a talk has answered it, the service refuses."""
    found = get_object_or_404(known_to(request.user), pk=pk)
    if not may_take_back(request.user, found):
        raise PermissionDenied("约谈申请由本人或登记的人撤回。")
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _take_back(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "asked": found, "back": reverse("talk_request", args=[pk])}
    return render(request, "visits/talk_request_withdraw.html", context, status=422 if form.is_bound else 200)


def _take_back(form: WithdrawForm, request, found: Event) -> str:
    take_back_request(by=request.user, request=found, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回这次约谈。")
    return reverse("talk_requests")
