"""Pages of leaders' contact points: the year's table, giving one, ending it or taking it back."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import FAR, last_day, today
from base.once import new_key, submitted
from duties.filters import Narrowing
from duties.views.entering import recording_places
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.office_forms import ReasonForm, TieEnd
from members.permissions import check_may_record
from members.scope import path_end
from members.views.acts import bound, carried_out, status_of
from visits.contact_points import begin_contact_point, end_contact_point, offered, withdraw_contact_point
from visits.contact_year import FACTS, lines_of, may_change
from visits.forms.contact_points import ContactPointForm
from visits.models import ContactPoint

SHOWN = 200
"""Contact points on one page; who sees more narrows to an organisation."""

YEARS = range(2000, 2100)


@require_safe
def contact_points(request):
    """Who has which contact point, and what of the year's three things was done for each, in the order of the tree."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, YEARS) else day.year
    first, last = date(year, 1, 1), date(year, 12, 31)
    found = ContactPoint.objects.visible_to(account).during(first, last).with_ends()
    if here:
        found = found.filter(organisation__path__gte=here.path, organisation__path__lt=path_end(here.path))
    rows = list(found[: SHOWN + 1])
    lines = lines_of(rows[:SHOWN], account, first, last, day)
    context = {
        "lines": lines, "facts": list(FACTS.values()), "many": SHOWN if len(rows) > SHOWN else 0, "year": year,
        "this_year": year == day.year, "here": here, "query": chosen.query(), "day": day,
        "missing": sum(bool(line.missing) for line in lines), "running": sum(line.runs for line in lines),
        "organisations": organisation_choices(account, here), "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "visits/contact_points.html", context)


def contact_point_new(request):
    """Whose contact point an organisation is; without one, the organisations to choose from."""
    check_may_record(request.user)
    account, day = request.user, today()
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if not asked:
        return render(request, "visits/contact_point_pick.html", {"organisations": recording_places(account)})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked))
    initial = {"once": new_key(), "organisation": here.pk, "since": day}
    data = request.POST if request.method == "POST" else None
    form = ContactPointForm(data, here=here, leaders=offered(here, day), initial=initial)
    if where := submitted(request, form, lambda: _begin(form, request, here, day)):
        return redirect(where)
    context = {"form": form, "here": here, "cancel_url": reverse("contact_points")}
    return render(request, "visits/contact_point_new.html", context, status=422 if form.errors else 200)


def _begin(form: ContactPointForm, request, here: Organisation, day: date) -> str:
    point = begin_contact_point(by=request.user, organisation=here, **form.given(), today=day)
    messages.success(request, f"{here.label}自 {point.since} 起是{point.leader.name}的联系点。")
    return reverse("contact_points")


def contact_point(request, pk: int):
    """Ending a contact point, or taking back one that never was."""
    account, day = request.user, today()
    within = ContactPoint.objects.visible_to(account).select_related("leader", "organisation")
    found = get_object_or_404(within, pk=number(pk))
    if not may_change(account, found):
        raise PermissionDenied("联系点由能在那里登记的人结束和撤销。")
    forms = {"withdraw": bound(request, "withdraw", ReasonForm)}
    if found.until == FAR:
        forms["end"] = bound(request, "end", TieEnd, initial={"last": day})
    acts = {
        "end": lambda form: _end(request, found, form.cleaned_data["last"], day),
        "withdraw": lambda form: _withdraw(request, found, form.cleaned_data["reason"]),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"point": found, "last": None if found.until == FAR else last_day(found.until), "forms": forms}
    return render(request, "visits/contact_point.html", context, status=status_of(forms))


def _end(request, point: ContactPoint, last: date, day: date) -> str:
    end_contact_point(by=request.user, point=point, last=last, today=day)
    messages.success(request, f"{point.organisation.label}不再是{point.leader.name}的联系点，到 {last} 为止。")
    return reverse("contact_points")


def _withdraw(request, point: ContactPoint, reason: str) -> str:
    withdraw_contact_point(by=request.user, point=point, reason=reason)
    messages.success(request, f"{point.leader.name}的联系点{point.organisation.label}已撤销，就当没有过。")
    return reverse("contact_points")
