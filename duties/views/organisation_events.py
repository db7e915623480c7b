"""What happened to an organisation as a whole: the list, and registering it with what that will open."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.board.happened import of_organisation
from duties.board.kinds import kinds_read
from duties.board.words import describe
from duties.engine.rehearse import observe, rehearse
from duties.forms import OrganisationEventForm
from members.asked import number
from members.enums import Capability, EventKind
from members.models import Event, Organisation
from members.permissions import check_may_record
from members.services import register_organisation_event

PAGE = 50


@require_safe
def organisation_events(request, pk: int):
    """What happened to the organisation, newest first, each with the duties that followed."""
    account, day = request.user, today()
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number(pk))
    found = Event.objects.visible_to(account).filter(organisation=here, person=None).select_related("entered_by")
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="occurred_on")
    context = {
        "here": here, "rows": of_organisation(rows, account, here, day), "after": after, "day": day,
        "first": "after" not in request.GET, "may_record": account.scope.may(Capability.RECORD, here.path),
    }  # fmt: skip
    return render(request, "duties/organisation_events.html", context)


def organisation_event_new(request):
    """The form; without an organisation, the page on which one is picked. ``preview`` answers what it would open."""
    check_may_record(request.user)
    asked = request.GET.get("organisation")
    if not asked:
        return redirect("event_new")
    day = today()
    here = get_object_or_404(Organisation.objects.visible_to(request.user, Capability.RECORD), pk=number(asked))
    preview = "preview" in request.POST
    form = _form(request, here, day)
    opens = _opens(form, request, here, day)
    if preview and request.htmx:
        return render(request, "duties/_event_opens.html", {"opens": opens})
    if not preview and (where := submitted(request, form, lambda: _register(form, request, here, day))):
        return redirect(where)
    context = {"form": form, "here": here, "opens": opens, "back": _page(here)}
    return render(request, "duties/organisation_event_new.html", context, status=422 if form.errors else 200)


def _page(here: Organisation) -> str:
    return reverse("organisation_events", args=[here.pk])


def _form(request, here: Organisation, day) -> OrganisationEventForm:
    read = kinds_read(here, day, per="organisation")
    data = request.POST if request.method == "POST" else None
    form = OrganisationEventForm(data, read=read, initial={"once": new_key(), "occurred_on": day})
    return drafted(form, account=request.user.pk, key=f"event:o{here.pk}", now=timezone.now())


def _enter(form: OrganisationEventForm, account, here: Organisation, day) -> Event:
    given = form.cleaned_data
    return register_organisation_event(
        by=account, organisation=here, kind=EventKind(given["kind"]), occurred_on=given["occurred_on"],
        source=given["source"], today=day,
    )  # fmt: skip


def _opens(form: OrganisationEventForm, request, here: Organisation, day) -> dict:
    """What registering the form as it was sent would open and close."""
    if "preview" not in request.POST or not form.is_valid():
        return {"waiting": True}
    try:
        act = rehearse(lambda: _enter(form, request.user, here, day), organisations=[here.pk])
    except ValidationError as refused:
        return {"refused": " ".join(refused.messages)}
    opened, voided = (describe(duties, request.user, day) for duties in (act.opened, act.voided))
    return {"opened": opened, "voided": voided, "closed": len(act.closed)}


def _register(form: OrganisationEventForm, request, here: Organisation, day) -> str:
    with observe(organisations=[here.pk]) as outcome:
        _enter(form, request.user, here, day)
    lines = describe(outcome.opened, request.user, day)
    said = "、".join(f"{line.what}（{line.due}）" for line in lines)
    closed = f"已有的记录办结了 {len(outcome.closed)} 件。" if outcome.closed else ""
    opened = f"已登记，生成 {len(lines)} 件应办：{said}。" if lines else "已登记，没有要新办的事。"
    messages.success(request, opened + closed)
    return _page(here)
