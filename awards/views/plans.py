"""Pages of the yearly plan of care: the list, beginning one, one with what was done, its items, its print."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.plans import EMPTY, LAST_YEAR, POLICY, ApproveForm, PlanBegin, PlanForm, ReopenForm
from awards.models.plans import CarePlan
from awards.planning import (
    approve_plan,
    change_plan,
    draw_up,
    drop_plan,
    of_last_year,
    progress_of,
    proposed,
    reopen_plan,
)
from base.dates import today
from base.once import new_key, submitted
from duties.engine.rehearse import observe
from duties.filters import Narrowing
from duties.views.entering import recording_places, said_closed
from members.asked import number
from members.directory import organisation_choices, page_after
from members.enums import Capability
from members.models import Organisation
from members.office_forms import ActForm
from members.permissions import check_may_record, may_record_at
from members.scope import path_end
from members.views.acts import bound, carried_out, status_of

PAGE = 50


@require_safe
def care_plans(request):
    """The plans of a year in scope, in the order of the tree."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and 2000 <= int(asked) <= day.year + 1 else day.year
    found = CarePlan.objects.visible_to(account).filter(year=year).select_related("organisation")
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    rows, after = page_after(found, "path", request.GET.get("after", ""), size=PAGE)
    query = "&".join(filter(None, (chosen.query(), f"year={year}")))
    context = {
        "rows": rows, "after": after, "query": query, "here": here, "first": "after" not in request.GET,
        "year": year, "years": [day.year + 1, day.year, day.year - 1, day.year - 2],
        "organisations": organisation_choices(account, here), "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/care_plans.html", context)


def care_plan_new(request):
    """Of which organisation and year, and what it begins with."""
    check_may_record(request.user)
    account, day = request.user, today()
    places = recording_places(account)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if not asked and len(places) != 1:
        return render(request, "awards/care_plan_pick.html", {"organisations": places})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked or places[0].pk))
    initial = {"once": new_key(), "organisation": here.pk, "year": day.year, "begin": POLICY}
    form = PlanBegin(request.POST if request.method == "POST" else None, day=day, initial=initial)
    if where := submitted(request, form, lambda: _begin(form, request, here, day)):
        return redirect(where)
    context = {"form": form, "here": here, "several": len(places) > 1, "cancel_url": reverse("care_plans")}
    return render(request, "awards/care_plan_new.html", context, status=422 if form.errors else 200)


def _begin(form: PlanBegin, request, here: Organisation, day) -> str:
    year, begin = form.cleaned_data["year"], form.cleaned_data["begin"]
    items = {POLICY: proposed, LAST_YEAR: of_last_year, EMPTY: lambda here, year: []}[begin](here, year)
    plan = draw_up(by=request.user, organisation=here, year=year, items=items, today=day)
    if not items and begin != EMPTY:
        said = "上一年没有计划" if begin == LAST_YEAR else "这里还没有采用制度"
        messages.info(request, f"{said}，先给一份空白的。")
    return reverse("care_plan_edit", args=[plan.pk])


def _one(request, pk: int) -> CarePlan:
    return get_object_or_404(CarePlan.objects.visible_to(request.user).select_related("organisation"), pk=number(pk))


def _check_may_keep(account, plan: CarePlan) -> None:
    if not may_record_at(account, plan.path):
        raise PermissionDenied("年度关怀计划由本组织或上级能登记的同志起草和批准。")


def care_plan_edit(request, pk: int):
    """The items of a draft, all on one form."""
    plan = _one(request, pk)
    _check_may_keep(request.user, plan)
    if plan.approved_on and request.method != "POST":
        return redirect("care_plan", plan.pk)
    rows = plan.items.order_by("position").values("what", "action", "whom", "times", "due_on", "who")
    initial = {"once": new_key(), "version": plan.version, "items": list(rows)}
    form = PlanForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _change(form, request, plan)):
        return redirect(where)
    context = {"form": form, "plan": plan, "cancel_url": reverse("care_plan", args=[plan.pk])}
    return render(request, "awards/care_plan_edit.html", context, status=422 if form.errors else 200)


def _change(form: PlanForm, request, plan: CarePlan) -> str:
    items = form.given()
    change_plan(by=request.user, plan=plan, items=items, version=form.cleaned_data["version"])
    messages.success(request, f"草稿已保存，{len(items)} 项。研究通过后在这里批准。")
    return reverse("care_plan", args=[plan.pk])


def care_plan(request, pk: int):
    """One plan with what was done of each item; approving it, giving it back, throwing a draft away."""
    account, day = request.user, today()
    plan = _one(request, pk)
    may_keep = may_record_at(account, plan.path)
    forms = {}
    if may_keep and plan.approved_on:
        forms["reopen"] = bound(request, "reopen", ReopenForm)
    elif may_keep:
        given = partial(ApproveForm, account=account, here=plan.organisation, day=day)
        forms["approve"] = bound(request, "approve", given, initial={"on": day, "people": [account.person_id]})
        forms["drop"] = bound(request, "drop", ActForm)
    acts = {
        "approve": lambda form: _approve(form, request, plan, day),
        "reopen": lambda form: _reopen(form, request, plan, day),
        "drop": lambda form: _drop(request, plan),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"plan": plan, "lines": progress_of(plan), "forms": forms, "may_keep": may_keep, "day": day}
    return render(request, "awards/care_plan.html", context, status=status_of(forms))


def _approve(form: ApproveForm, request, plan: CarePlan, day) -> str:
    given = form.given()
    with observe([], actors=[each.pk for each in given["people"]], organisations=[plan.organisation_id]) as outcome:
        approve_plan(by=request.user, plan=plan, **given, today=day)
    messages.success(request, f"{plan.year} 年的计划已批准，{said_closed(outcome)}。")
    return reverse("care_plan", args=[plan.pk])


def _reopen(form: ReopenForm, request, plan: CarePlan, day) -> str:
    reopen_plan(by=request.user, plan=plan, reason=form.cleaned_data["reason"], today=day)
    messages.success(request, "计划已退回草稿，改好后重新批准。")
    return reverse("care_plan_edit", args=[plan.pk])


def _drop(request, plan: CarePlan) -> str:
    drop_plan(by=request.user, plan=plan)
    messages.success(request, "草稿已删去。")
    return reverse("care_plans")


@require_safe
def care_plan_print(request, pk: int):
    """The plan as an A4 form, with what was done so far."""
    plan, day = _one(request, pk), today()
    return render(request, "awards/care_plan_print.html", {"plan": plan, "lines": progress_of(plan), "day": day})
