"""The page of a sign-in sheet: names are pasted or uploaded, looked at, and entered as one session."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from awards.forms.roll import RollForm
from awards.study import record_study, record_training
from base.dates import today
from base.once import new_key, submitted
from duties.engine.rehearse import observe
from duties.views.entering import recording_places, said_closed
from members.asked import number
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record


def study_roll(request):
    """The form; where several organisations could have held it, first which. ``check`` only shows whom it names."""
    check_may_record(request.user)
    account, day = request.user, today()
    places = recording_places(account)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if not asked and len(places) != 1:
        return render(request, "awards/roll_pick.html", {"organisations": places})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked or places[0].pk))
    initial = {"once": new_key(), "organisation": here.pk, "on": day, "organiser": account.person_id}
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = RollForm(*sent, account=account, here=here, day=day, initial=initial)
    saves = form.is_valid() and not form.shown and form.settled()
    if saves and (where := submitted(request, form, lambda: _record(form, request, here, day))):
        return redirect(where)
    context = {
        "form": form, "here": here, "several": len(places) > 1, "cancel_url": reverse("studies"),
        "sure": len(form.members) if form.is_bound else 0,
    }  # fmt: skip
    return render(request, "awards/roll.html", context, status=422 if form.errors else 200)


def _record(form: RollForm, request, here: Organisation, day) -> str:
    session = form.session()
    act = record_training if "days" in session else record_study
    circle = {"actors": [session["organiser"].pk], "organisations": [here.pk]}
    with observe([member.pk for member in session["members"]], **circle) as outcome:
        held = act(by=request.user, organisation=here, **session, today=day)
    messages.success(
        request, f"已登记 {len(session['members'])} 人各 {held.hours.normalize():f} 学时，{said_closed(outcome)}。"
    )
    return reverse("study", args=[held.pk])
