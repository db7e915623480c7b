"""Pages of secretaries' assessments: the list with who is still to be assessed, the form, one, its print."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.assessing import (
    assessors_of,
    correct_assessment,
    record_assessment,
    secretaries_of,
    withdraw_assessment,
)
from awards.forms.assessments import AssessmentForm
from awards.models.assessments import Assessment
from awards.permissions import check_may_assess, may_assess, may_withdraw_assessment, unassessed
from base import audit
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.engine.rehearse import observe
from duties.filters import Narrowing
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.tasks import tasks_of
from duties.views.entering import said_closed
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end

PAGE = 50


@require_safe
def assessments(request):
    """Assessments the account may know of, newest first; never in the order of grades."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Assessment.objects.visible_to(account).with_names()
    if here:
        found = found.filter(organisation__path__gte=here.path, organisation__path__lt=path_end(here.path))
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and 2000 <= int(asked) <= day.year else None
    found = found.filter(year=year) if year else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="on")
    assesses = may_assess(account)
    query = "&".join(filter(None, (chosen.query(), f"year={year}" if year else "")))
    context = {
        "rows": rows, "after": after, "query": query, "here": here, "first": "after" not in request.GET, "day": day,
        "year": year or day.year, "years": [day.year, day.year - 1, day.year - 2], "chosen_year": year,
        "organisations": organisation_choices(account, here), "assesses": assesses,
        "left": unassessed(account, year or day.year, here) if assesses else [],
    }  # fmt: skip
    return render(request, "awards/assessments.html", context)


def assessment_new(request):
    """The form for one organisation's secretary; ``instead`` names an assessment that it corrects."""
    check_may_assess(request.user)
    account, day = request.user, today()
    named = request.POST.get("instead") or request.GET.get("instead")
    old = _one(request, named) if named else None
    if old and (old.withdrawn_on or not may_withdraw_assessment(account, old)):
        raise Http404
    asked = old.organisation_id if old else request.POST.get("organisation") or request.GET.get("organisation")
    if not asked:
        return render(request, "awards/assessment_pick.html", {"left": unassessed(account, day.year, None), "day": day})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked))
    assessors = [old.assessor] if old else assessors_of(here, account)
    if not assessors:
        raise Http404
    data = request.POST if request.method == "POST" else None
    more = {"account": account, "here": here, "assessors": assessors, "day": day}
    form = AssessmentForm(data, **more, initial=_initial(old, here, assessors, account, day))
    if where := submitted(request, form, lambda: _record(form, request, here, old, day)):
        return redirect(where)
    context = {"form": form, "here": here, "old": old, "cancel_url": reverse("assessments")}
    return render(request, "awards/assessment_new.html", context, status=422 if form.errors else 200)


def _initial(old: Assessment | None, here: Organisation, assessors, account, day) -> dict:
    held = {"once": new_key(), "organisation": here.pk}
    if old is None:
        posts = secretaries_of(here, day.year)
        last = posts[0].person_id if posts else None
        return held | {"assessor": assessors[-1].pk, "year": day.year, "on": day, "people": [account.person_id],
                       "secretary": last}  # fmt: skip
    plain = {name: getattr(old, name) for name in ("year", "grade", "on", "meeting", "remarks", "mend_by")}
    acted = old.record.actors.order_by("pk").values_list("person", flat=True) if old.record else []
    return held | plain | {
        "instead": old.pk, "assessor": old.assessor_id, "secretary": old.secretary_id, "people": list(acted),
    }  # fmt: skip


def _record(form: AssessmentForm, request, here: Organisation, old: Assessment | None, day) -> str:
    judged, assessor = form.judged(), form.assessor_chosen
    circle = {"actors": [each.pk for each in judged.people], "organisations": [assessor.pk]}
    with observe([], **circle) as outcome:
        if old:
            made = correct_assessment(by=request.user, assessment=old, judged=judged, today=day)
        else:
            made = record_assessment(
                by=request.user, organisation=here, assessor=assessor, judged=judged, today=day
            )  # fmt: skip
    messages.success(request, f"{here.label} {made.year} 年度的考核已登记，{said_closed(outcome)}。")
    return reverse("assessment", args=[made.pk])


def _one(request, pk) -> Assessment:
    rows = Assessment.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("organisation", "assessor", "secretary", "record"), pk=number(pk))


def _page(request, pk: int) -> dict:
    found, day = _one(request, pk), today()
    if found.remarks:
        audit.write(audit.Act.READ, f"assessment:{found.pk}", field="remarks", person=found.secretary_id)
    people = [actor.person.name for actor in found.record.actors.select_related("person").order_by("pk")]
    return {"found": found, "day": day, "people": people, "tasks": tasks_of(found.source, today=day)}


@require_safe
def assessment(request, pk: int):
    """One assessment, with what was asked of whom afterwards and whether it is done."""
    context = _page(request, pk)
    found = context["found"]
    context["may_change"] = found.withdrawn_on is None and may_withdraw_assessment(request.user, found)
    return render(request, "awards/assessment.html", context)


@require_safe
def assessment_print(request, pk: int):
    """The assessment as an A4 form."""
    return render(request, "awards/assessment_print.html", _page(request, pk))


def assessment_withdraw(request, pk: int):
    """Taking an assessment back, with a reason."""
    found = _one(request, pk)
    if not may_withdraw_assessment(request.user, found):
        raise PermissionDenied("考核由登记的人或考核的党组织撤回，被考核的书记不能撤回。")
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "found": found, "back": reverse("assessment", args=[pk])}
    return render(request, "awards/assessment_withdraw.html", context, status=422 if form.is_bound else 200)


def _withdraw(form: WithdrawForm, request, found: Assessment) -> str:
    withdraw_assessment(by=request.user, assessment=found, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "考核已撤回，没办完的谈话和整改一并撤回。")
    return reverse("assessment", args=[found.pk])
