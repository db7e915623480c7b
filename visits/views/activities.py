"""Pages of activities: the list, the form with what it will close, one activity, its print, and taking it back."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from base.pictures import pictures_of, subject_of
from duties.board.records import closed_by
from duties.board.words import describe, with_words
from duties.engine.rehearse import observe
from duties.permissions import may_read_deed, may_withdraw
from duties.views.entering import NOTHING_YET, panel, recording_places, said_closed
from duties.views.withdrawing import withdraw
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end, sealed_at
from visits.activities import record_activity
from visits.forms.activities import ActivityFilter, ActivityForm
from visits.lists import PAGE
from visits.models import Activity, Participant
from visits.views.pictures import keep_pictures


@require_safe
def activities(request):
    """Activities in scope, newest first: day, what, how many, who organised; never what was written of it."""
    account, chosen = request.user, ActivityFilter(request.GET)
    where, kind = chosen.value("organisation"), chosen.value("kind")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Activity.objects.visible_to(account).with_people()
    if here:
        found = found.filter(record__path__gte=here.path, record__path__lt=path_end(here.path))
    found = found.filter(kind=kind) if kind else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="record__on", key="record__pk")
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET, "day": today(),
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "visits/activities.html", context)


def activity_new(request):
    """The form; where several organisations could have held it, first which. ``preview`` answers what saving closes."""
    check_may_record(request.user)
    account, day = request.user, today()
    places = recording_places(account)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if not asked and len(places) != 1:
        return render(request, "visits/activity_pick.html", {"organisations": places})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked or places[0].pk))
    form = _form(request, here, day)
    if form.has_error("members", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    beside = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", beside)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(where)
    context = {
        "form": form, "here": here, "closes": beside, "several": len(places) > 1, "cancel_url": reverse("activities"),
    }  # fmt: skip
    return render(request, "visits/activity_new.html", context, status=422 if form.errors else 200)


def _form(request, here: Organisation, day) -> ActivityForm:
    account = request.user
    initial = {
        "once": new_key(), "organisation": here.pk, "on": day, "people": [account.person_id],
        "kind": request.GET.get("kind", ""),
    }  # fmt: skip
    sent = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    form = ActivityForm(**sent, account=account, here=here, day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"activity:o{here.pk}", now=timezone.now())


def _circle(activity: dict) -> dict:
    """Whose duties the activity can close."""
    return {"actors": [each.pk for each in activity["people"]], "organisations": [activity["organisation"].pk]}


def _record(form: ActivityForm, request, day) -> str:
    activity = form.activity()
    with observe([], **_circle(activity)) as outcome:
        made = record_activity(by=request.user, **activity, today=day)
        keep_pictures(form.cleaned_data["pictures"], of=made, by=request.user)
    messages.success(request, f"{made.get_kind_display()}已登记，{said_closed(outcome)}。")
    return reverse("activity", args=[made.pk])


def _closes(form: ActivityForm, account, day) -> dict:
    """What saving the form as it stands would close; for that its name does not matter."""
    if not form.is_valid():
        return NOTHING_YET
    activity = form.activity()
    activity["held"] = replace(activity["held"], title=activity["held"].title or "…")
    return panel(
        lambda: record_activity(by=account, **activity, today=day), on=activity["on"], account=account, day=day,
        **_circle(activity),
    )  # fmt: skip


def _activity(request, pk: int) -> Activity:
    return get_object_or_404(Activity.objects.visible_to(request.user).with_people(), pk=number(pk))


def _page(request, pk: int) -> dict:
    """What the page and the print of an activity show; the text only for those who may read it, which is audited."""
    account, day = request.user, today()
    found = _activity(request, pk)
    record = found.record
    named = Participant.objects.visible_to(account).filter(activity=found).select_related("person", "organisation")
    if reads := may_read_deed(account, record):
        audit.write(audit.Act.READ, f"record:{record.pk}", field="text")
    return {
        "activity": found, "record": record, "day": day, "may_read": reads,
        "named": list(named.defer(*sealed_at("person")).order_by("organisation__path", "person__name", "pk")),
    }  # fmt: skip


@require_safe
def activity(request, pk: int):
    """One activity: when, where, who took part, what it cost, which duties it closed."""
    account, context = request.user, _page(request, pk)
    record, day = context["record"], context["day"]
    closed = with_words(closed_by(record, account)).order_by("due_on", "pk")
    context |= {
        "lines": describe(closed, account, day), "pictures": pictures_of(subject_of(record)),
        "withdrawn": f"已于 {record.withdrawn_on} 撤回。{record.withdrawn_reason}",
        "may_withdraw": record.withdrawn_on is None and may_withdraw(account, record),
    }  # fmt: skip
    return render(request, "visits/activity.html", context)


@require_safe
def activity_print(request, pk: int):
    """The activity as an A4 form."""
    return render(request, "visits/activity_print.html", _page(request, pk))


def activity_withdraw(request, pk: int):
    """Taking an activity back: within ten minutes without a word, later with a reason."""
    found = _activity(request, pk)
    return withdraw(request, found.record, f"“{found.title}”", reverse("activity", args=[found.pk]))
