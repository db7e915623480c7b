"""One trip to several households: a line for each member of a branch, saved together or not at all."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.board.records import Given
from duties.engine.models import Action
from duties.engine.rehearse import observe
from duties.views.entering import NOTHING_YET, said_closed
from members.asked import number
from members.enums import LIVING, Capability
from members.models import Membership, Organisation
from members.permissions import check_may_record
from members.scope import sealed_at
from members.services import HOLDS_MEMBERS
from visits.forms.choices import check_paid
from visits.forms.households import SeveralVisitsForm
from visits.reasons import open_for
from visits.views.entering import closes
from visits.visiting import record_visits


def visit_several(request):
    """One form, a line for each living member of a branch; ``preview`` answers what the ticked lines would close."""
    account, day = request.user, today()
    check_may_record(account)
    branches = Organisation.objects.visible_to(account, Capability.RECORD).filter(kind__in=HOLDS_MEMBERS)
    branches = branches.order_by("path")
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    here = get_object_or_404(branches, pk=number(asked)) if asked else _only(branches)
    if here is None:
        return render(request, "visits/visit_several_pick.html", {"branches": branches})
    form = _form(request, here, day)
    if form.has_error("others", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    panel = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", panel)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(where)
    context = {
        "form": form, "lines": form.lines(), "here": here, "closes": panel, "several": len(branches) > 1,
        "cancel_url": reverse("visits"),
    }  # fmt: skip
    return render(request, "visits/visit_several.html", context, status=422 if form.errors else 200)


def _only(branches) -> Organisation | None:
    """The branch, if there is but one to choose from."""
    first = list(branches[:2])
    return first[0] if len(first) == 1 else None


def _form(request, here: Organisation, day) -> SeveralVisitsForm:
    account = request.user
    stays = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    stays = stays.filter(organisation=here, standing__in=LIVING).exclude(person=account.person_id)
    stays = list(stays.select_related("person").defer(*sealed_at("person")).order_by("person__name", "pk"))
    owed = open_for(stays, Action.VISIT, account, day).filter(member__isnull=False).with_sources()
    initial = {"once": new_key(), "organisation": here.pk, "on": day, "people": [account.person_id]}
    data = request.POST if request.method == "POST" else None
    form = SeveralVisitsForm(data, account=account, here=here, stays=stays, owed=list(owed), day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"visits:o{here.pk}", now=timezone.now())


def _record(form: SeveralVisitsForm, request, day) -> str:
    trip = form.trip()
    check_paid(form, [each.member for each in trip["seen"] if each.seen.money])
    actors = [each.pk for each in trip["people"]]
    with observe([each.member.pk for each in trip["seen"]], actors=actors) as outcome:
        visits = record_visits(by=request.user, **trip, today=day)
    messages.success(request, f"{len(visits)} 户走访已登记，{said_closed(outcome)}。")
    return reverse("visits")


def _closes(form: SeveralVisitsForm, account, day) -> dict:
    """What saving the ticked lines would close; the words still missing do not matter for that."""
    if set(form.errors) - {"anyway"}:
        return NOTHING_YET
    trip = form.trip()
    trip["seen"] = [replace(each, seen=replace(each.seen, text=each.seen.text or "…")) for each in trip["seen"]]
    if not trip["seen"]:
        return NOTHING_YET
    return closes(
        lambda: record_visits(by=account, **trip, today=day), Given(Action.VISIT, trip["on"], trip["people"]),
        [each.member.pk for each in trip["seen"]], account=account, day=day,
    )  # fmt: skip
