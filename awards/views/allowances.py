"""Pages of rewards, allowances and welfare: the list with its sheet to sign, the form, one, taking back."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.allowances import AllowanceFilter, AllowanceForm
from awards.giving import give, withdraw_allowance
from awards.models import Allowance
from awards.models.allowances import AllowanceQuerySet
from awards.permissions import may_withdraw_allowance
from base.capitals import in_capitals
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.views.entering import recording_places
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end

PAGE = 50
SHEET = 200
"""Rows of one sheet to sign; who has more narrows the list."""


def _asked(request) -> tuple[AllowanceQuerySet, AllowanceFilter, Organisation | None]:
    """The rows that the list is narrowed to."""
    account, chosen = request.user, AllowanceFilter(request.GET)
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Allowance.objects.visible_to(account).with_names()
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    if kind := chosen.value("kind"):
        found = found.filter(kind=kind)
    if year := chosen.value("year"):
        found = found.filter(on__range=(date(year, 1, 1), date(year, 12, 31)))
    return found, chosen, here


@require_safe
def allowances(request):
    """What was given in scope, newest first; a member what he was given himself."""
    account = request.user
    found, chosen, here = _asked(request)
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="on")
    day = today()
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
        "years": [day.year, day.year - 1, day.year - 2], "chosen_year": chosen.value("year"),
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/allowances.html", context)


@require_safe
def allowance_sheet(request):
    """The rows of the list as a sheet to sign, A4 landscape."""
    found, chosen, here = _asked(request)
    found = found.standing()
    rows = list(found.order_by("path", "person__name", "pk")[: SHEET + 1])
    total = found.order_by().aggregate(n=Sum("fen"))["n"] or 0
    context = {
        "rows": rows[:SHEET], "more": len(rows) > SHEET, "most": SHEET, "here": here or request.user.scope.home,
        "total": total, "capitals": in_capitals(total) if total else "", "day": today(), "query": chosen.query(),
    }  # fmt: skip
    return render(request, "awards/allowance_sheet.html", context)


def allowance_new(request):
    """The form; where several organisations could have given it, first which. ``check`` only shows whom it names."""
    check_may_record(request.user)
    account, day = request.user, today()
    places = recording_places(account)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if not asked and len(places) != 1:
        return render(request, "awards/allowance_pick.html", {"organisations": places})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked or places[0].pk))
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    initial = {"once": new_key(), "organisation": here.pk, "on": day}
    form = AllowanceForm(*sent, account=account, here=here, initial=initial)
    saves = form.is_valid() and not form.shown and form.settled()
    if saves and (where := submitted(request, form, lambda: _give(form, request, here, day))):
        return redirect(where)
    context = {
        "form": form, "here": here, "several": len(places) > 1, "cancel_url": reverse("allowances"),
        "sure": len(form.members) if form.is_bound else 0,
    }  # fmt: skip
    return render(request, "awards/allowance_new.html", context, status=422 if form.errors else 200)


def _give(form: AllowanceForm, request, here: Organisation, day: date) -> str:
    made = give(by=request.user, benefit=form.benefit(), organisation=here, people=form.members, today=day)
    said = f"已登记 {len(made)} 条" if len(made) > 1 else f"{made[0].whose}的{made[0].get_kind_display()}已登记"
    messages.success(request, f"{said}。要一起签领，按种类和年度筛选后打印签领表。")
    return reverse("allowance", args=[made[0].pk]) if len(made) == 1 else reverse("allowances")


def _one(request, pk: int) -> Allowance:
    return get_object_or_404(Allowance.objects.visible_to(request.user).with_names(), pk=number(pk))


@require_safe
def allowance(request, pk: int):
    """One: what, to whom, on what basis, out of which money."""
    found = _one(request, pk)
    may = found.withdrawn_on is None and may_withdraw_allowance(request.user, found)
    return render(request, "awards/allowance.html", {"found": found, "may_withdraw": may})


def allowance_withdraw(request, pk: int):
    """Taking one back, with a reason."""
    found = _one(request, pk)
    if not may_withdraw_allowance(request.user, found):
        raise PermissionDenied("奖励补贴由登记的人或能在那里登记的人撤回，给你本人的由别人撤回。")
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, found), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "found": found, "back": reverse("allowance", args=[pk])}
    return render(request, "awards/allowance_withdraw.html", context, status=422 if form.is_bound else 200)


def _withdraw(form: WithdrawForm, request, found: Allowance) -> str:
    withdraw_allowance(by=request.user, allowance=found, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, f"{found.whose}的{found.get_kind_display()}已撤回。")
    return reverse("allowance", args=[found.pk])
