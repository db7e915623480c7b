"""Registering an event in one form that says beforehand what it will open, and taking it back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.board.kinds import kinds_read
from duties.board.leading import leads
from duties.board.words import describe, sees_basis
from duties.engine.rehearse import observe, rehearse
from duties.forms import TAKEN_BACK, EventForm, WithdrawForm
from duties.views.entering import recording_places
from members.asked import member_asked_for
from members.enums import SENSITIVE_EVENTS, Capability, EventKind
from members.models import Event, Membership, Person
from members.permissions import check_may_record, check_may_record_about, check_may_withdraw_event
from members.services import receive_member, register_event, withdraw_event


def event_new(request):
    """The form of an event; without a member, the picker. ``preview`` answers what it would open and void.

    To a browser without JavaScript it answers with the whole page, as it was filled in.
    """
    check_may_record(request.user)
    day = today()
    membership = member_asked_for(request, day)
    if membership is None:
        places = recording_places(request.user)
        return render(request, "duties/event_pick.html", {"target": "event_new", "organisations": places})
    check_may_record_about(request.user, membership.person)
    preview = "preview" in request.POST
    if preview and request.htmx:
        return render(request, "duties/_event_opens.html", {"opens": _opens(request, membership, day)})
    form = _form(request, membership, day, rehearsing=preview)
    if not preview and (where := submitted(request, form, lambda: _register(form, request, membership, day))):
        return redirect(where)
    context = {
        "form": form,
        "membership": membership,
        "kinds": form.grouped(kinds_read(membership.organisation, day)),
        "opens": {**_opens(request, membership, day), "form": form} if form.is_bound else {"waiting": True},
        "cancel_url": reverse("member", args=[membership.person_id]),
    }
    return render(request, "duties/event_new.html", context, status=422 if form.errors else 200)


def _form(request, membership: Membership, day, *, rehearsing: bool = False) -> EventForm:
    asked = {"kind": request.GET.get("kind"), "member": membership.person_id}
    initial = {"once": new_key(), "occurred_on": day, **asked}
    data = request.POST if request.method == "POST" else None
    form = EventForm(data, account=request.user, rehearsing=rehearsing, initial=initial)
    return drafted(form, account=request.user.pk, key=f"event:m{membership.person_id}", now=timezone.now())


def _enter(form: EventForm, account, membership: Membership, day) -> Event:
    given = form.cleaned_data
    kind = EventKind(given["kind"])
    common = {"by": account, "person": membership.person, "note": given["note"], "today": day}
    if kind == EventKind.TRANSFER_IN:
        return receive_member(to=given["to"], on=given["occurred_on"], **common)
    return register_event(kind=kind, occurred_on=given["occurred_on"], **common)


def _opens(request, membership: Membership, day) -> dict:
    """What registering the form as it was sent would open, close and void; a death not yet confirmed counts."""
    account, form = request.user, _form(request, membership, day, rehearsing=True)
    if not form.is_valid():
        return {"waiting": True}
    try:
        act = rehearse(lambda: _enter(form, account, membership, day), members=[membership.person_id])
    except ValidationError as refused:
        return {"refused": " ".join(refused.messages)}
    return {
        "opened": describe(act.opened, account, day), "voided": describe(act.voided, account, day),
        "closed": len(act.closed), "leaving": form.cleaned_data["kind"] == EventKind.TRANSFER_OUT, "form": form,
    }  # fmt: skip


def _register(form: EventForm, request, membership: Membership, day) -> str:
    with observe([membership.person_id]) as outcome:
        event = _enter(form, request.user, membership, day)
    lines = describe(outcome.opened, request.user, day)
    said = "、".join(f"{line.what}（{line.due}）" for line in lines)
    closed = f"已有的谈话办结了 {len(outcome.closed)} 件。" if outcome.closed else ""
    opened = f"已登记，生成 {len(lines)} 件应办：{said}。" if lines else "已登记，没有要新办的事。"
    messages.success(request, format_html("{}{}{}", opened, closed, _lead(request.user, membership, event)))
    return reverse("member", args=[membership.person_id])


def _lead(account, membership: Membership, event: Event) -> str:
    """The link to the register to which the event may lead, for those who may know what it is."""
    if not sees_basis(account, event.kind in SENSITIVE_EVENTS, membership.path, membership.person_id):
        return ""
    died_on = event.occurred_on if event.kind == EventKind.DEATH else None
    found = leads(account, membership.person, membership.path, [event], died_on=died_on).get(event.pk)
    return format_html(' <a href="{}">{}</a>', found.url, found.label) if found else ""


def event_withdraw(request, pk: int):
    """Taking an event back: its duties go; a death or a transfer is undone."""
    account = request.user
    events = Event.objects.visible_to(account, Capability.RECORD).select_related("person", "organisation")
    found = get_object_or_404(events, pk=pk)
    path, back = _place_of(request, found)
    check_may_withdraw_event(account, found, path)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found, back), repeated=TAKEN_BACK):
        return redirect(where)
    sees = sees_basis(account, found.kind in SENSITIVE_EVENTS, path, found.person_id)
    context = {
        "form": form, "event": found, "what": found.get_kind_display() if sees else "关怀事项", "back": back,
        "whose": found.person.name if found.person else found.organisation.label,
    }  # fmt: skip
    return render(request, "duties/event_withdraw.html", context, status=422 if form.is_bound else 200)


def _place_of(request, event: Event) -> tuple[str, str]:
    """Where the event lies, as a path, and the page on which it stands."""
    if event.person_id is None:
        return event.organisation.path, reverse("organisation_events", args=[event.organisation_id])
    here = Membership.objects.on(today()).visible_to(request.user, Capability.RECORD)
    here = get_object_or_404(here.select_related("organisation"), person=event.person_id)
    return here.organisation.path, reverse("member", args=[event.person_id])


def _withdraw(form: WithdrawForm, request, found: Event, back: str) -> str:
    withdraw_event(by=request.user, event=found, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回，它引出的应办一并取消。")
    gone = found.person_id and not Person.objects.visible_to(request.user).filter(pk=found.person_id).exists()
    return reverse("members") if gone else back
