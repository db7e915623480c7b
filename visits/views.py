"""Pages of talks: the list, the form with what it will close, one talk, and taking it back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base.dates import today
from base.once import new_key, submitted
from duties.board.refs import asked_for
from duties.board.words import describe, with_words
from duties.engine.models import Duty, State
from duties.engine.rehearse import observe, rehearse
from duties.filters import Narrowing
from duties.forms import TAKEN_BACK, WithdrawForm
from members.asked import member_asked_for
from members.enums import Capability
from members.models import Membership, Organisation
from members.permissions import check_may_record, check_may_record_about
from visits.forms import TalkForm
from visits.lists import closed_by, last_with, narrowed, page_of, with_people
from visits.models import Talk
from visits.permissions import check_may_withdraw, may_read, may_withdraw
from visits.reasons import event_label, open_talks, reasons_for, value_of, why_open
from visits.services import GRACE, record_talk, withdraw_talk

NOTHING_YET = {"waiting": True, "refused": "", "lines": [], "late": 0, "many": False, "left": []}
"""The panel beside the form before anything is known."""

LEFT = 4
"""Duties that the talk leaves open, as many as the panel beside the form has room for."""


def talks(request):
    """Talks in scope, newest first: day, member, talker; never the text."""
    account, chosen = request.user, Narrowing(request.GET)
    organisations = Organisation.objects.visible_to(account).order_by("path")
    number, name = chosen.value("organisation"), chosen.value("q")
    here = get_object_or_404(organisations, pk=number) if number else None
    found = narrowed(Talk.objects.visible_to(account), here=here, name=name)
    rows, after = page_of(found, request.GET.get("after", ""))
    context = {
        "rows": rows,
        "after": after,
        "filter": chosen,
        "query": chosen.query(),
        "organisations": organisations,
        "here": here,
        "first": "after" not in request.GET,
        "day": today(),
        "may_record": account.scope.may(Capability.RECORD),
    }
    return render(request, "visits/talks.html", context)


def talk_new(request):
    """The form of a talk; without a member, the picker. ``preview`` answers what saving would close.

    To a browser without JavaScript it answers with the whole page, as it was filled in.
    """
    check_may_record(request.user)
    account, day = request.user, today()
    duty = _duty(request)
    membership = member_asked_for(request, day, named=duty and duty.member_id)
    if membership is None:
        return render(request, "visits/talk_pick.html", {"target": "talk_new"})
    check_may_record_about(account, membership.person)
    form = _form(request, membership, duty, day)
    if form.has_error("others", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    closes = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", closes)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(reverse("talk_new") if "again" in request.POST else where)
    context = {
        "form": form,
        "membership": membership,
        "closes": closes,
        "settled": duty.get_state_display() if duty and duty.state not in (State.OPEN, State.LAPSED) else "",
        "day": day,
        "last": last_with(Talk.objects.visible_to(account), membership.person),
        "cancel_url": reverse("member", args=[membership.person_id]),
    }
    return render(request, "visits/talk_new.html", context, status=422 if form.errors else 200)


def _duty(request) -> Duty | None:
    """The duty named in the address; one out of scope does not exist."""
    if not (named := request.GET.get("duty", "")):
        return None
    within = Duty.objects.visible_to(request.user, Capability.RECORD).select_related("rule")
    return get_object_or_404(asked_for(within, request.user, named))


def _form(request, membership: Membership, duty: Duty | None, day) -> TalkForm:
    reasons = reasons_for(membership.person, request.user, day, chosen=request.POST.get("reason", ""))
    initial = {
        "once": new_key(), "member": membership.person_id, "on": day,
        "reason": value_of(duty) if duty else reasons[0].value,
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    return TalkForm(
        data, account=request.user, membership=membership, reasons=reasons, day=day, initial=initial
    )  # fmt: skip


def _record(form: TalkForm, request, day) -> str:
    """Record the talk, say what it closed, and give the address of the talk with the member the form is about."""
    talk = form.talk()
    with observe([member.pk for member in talk["members"]]) as outcome:
        talks = record_talk(by=request.user, **talk, today=day)
    person = form.membership.person
    said = f"集体谈话已登记，{len(talks)} 人各一条" if len(talks) > 1 else f"与{person.name}的谈话已登记"
    closed = f"办结 {len(outcome.closed)} 件应办" if outcome.closed else "没有办结应办，照样留档"
    messages.success(request, f"{said}，{closed}。")
    (own,) = (each for each in talks if each.record.member_id == person.pk)
    return reverse("talk", args=[own.pk])


def _closes(form: TalkForm, account, day) -> dict:
    """What saving the form as it stands would close; the words still missing do not matter for that."""
    if not form.is_valid():
        return NOTHING_YET
    talk = form.talk()
    talk["text"] = talk["text"] or "…"
    members = [member.pk for member in talk["members"]]
    try:
        outcome = rehearse(lambda: record_talk(by=account, **talk, today=day), members=members)
    except ValidationError as refused:
        return NOTHING_YET | {"waiting": False, "refused": " ".join(refused.messages)}
    closing = [duty.pk for duty in outcome.closed]
    closed = with_words(Duty.objects.visible_to(account).filter(pk__in=closing)).order_by("due_on", "pk")
    left = with_words(open_talks(form.membership.person, account, day).exclude(pk__in=closing))
    lines = describe(left.order_by("due_on", "pk")[:LEFT], account, day)
    (talker,) = talk["talkers"]
    collective = talk["means"] == Talk.Means.COLLECTIVE
    return NOTHING_YET | {
        "waiting": False, "lines": describe(closed, account, day), "late": (day - talk["on"]).days,
        "many": len(members) > 1,
        "left": [(line, why_open(line, on=talk["on"], talker=talker, collective=collective)) for line in lines],
    }  # fmt: skip


def talk(request, pk: int):
    """One talk: when, who, which duties it closed; the text only for those who may read it."""
    account = request.user
    found = get_object_or_404(with_people(Talk.objects.visible_to(account)), pk=pk)
    closed = with_words(closed_by(found, account)).order_by("due_on", "pk")
    event = found.record.event
    context = {
        "talk": found, "record": found.record, "lines": describe(closed, account, today()), "day": today(),
        "may_read": may_read(account, found),
        "event": event_label(event, account, found.record.path, today()) if event else "",
        "withdrawn": f"已于 {found.record.withdrawn_on} 撤回。{found.record.withdrawn_reason}",
        "may_withdraw": found.record.withdrawn_on is None and may_withdraw(account, found),
    }  # fmt: skip
    return render(request, "visits/talk.html", context)


def talk_withdraw(request, pk: int):
    """Taking a talk back: within ten minutes without a word, later with a reason."""
    found = get_object_or_404(with_people(Talk.objects.visible_to(request.user)), pk=pk)
    check_may_withdraw(request.user, found)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    needs_reason = timezone.now() - found.record.entered_at > GRACE
    context = {
        "form": form,
        "talk": found,
        "record": found.record,
        "needs_reason": needs_reason,
        "back": reverse("talk", args=[pk]),
    }
    return render(request, "visits/talk_withdraw.html", context, status=422 if form.is_bound else 200)


def _withdraw(form: WithdrawForm, request, found: Talk) -> str:
    reason = form.cleaned_data["reason"]
    with observe([found.record.member_id]) as outcome:
        withdraw_talk(by=request.user, talk=found, reason=reason, today=today(), now=timezone.now())
    reopened = len(outcome.reopened)
    messages.success(request, f"已撤回，{reopened} 件应办重新打开。" if reopened else "已撤回，没有应办因此重新打开。")
    return reverse("talk", args=[found.pk])
