"""Runs of allowances: which there were, preparing one, its list with what is unclear, and what a body decided."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.capitals import in_capitals
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from fund.forms.payments import WhyForm
from fund.forms.runs import DecideRunForm, RunForm
from fund.models import AllowanceRun, Fund
from fund.running import decide_run, drop_run, prepare
from members.enums import Capability
from members.scope import sealed_at

MOST = 1000
"""Lines of one run that the page shows; the sum is of all."""


def _check_may(account) -> None:
    if not account.scope.may(Capability.FUND):
        raise PermissionDenied("补助由组织部编制，交集体研究，再由出纳发放。")


def run_asked_for(request, pk: int) -> AllowanceRun:
    """A run of a fund that the account manages; any other does not exist."""
    _check_may(request.user)
    rows = AllowanceRun.objects.visible_to(request.user, Capability.FUND)
    rows = rows.select_related("fund__organisation", "prepared_by").defer(*sealed_at("prepared_by"))
    return get_object_or_404(rows, pk=pk)


@require_safe
def runs(request):
    """Runs of the funds in scope, the latest first."""
    _check_may(request.user)
    rows = AllowanceRun.objects.visible_to(request.user, Capability.FUND).select_related("fund__organisation")
    paid = Q(lines__fen__gt=0)
    rows = rows.annotate(
        people=Count("lines", filter=paid), total=Sum("lines__fen", default=0), unclear=Count("lines", filter=~paid)
    )
    found, after = newest_first(rows, request.GET.get("after", ""), size=20, day="prepared_on")
    context = {"rows": found, "after": after, "first": "after" not in request.GET, "day": today()}
    return render(request, "fund/runs.html", context)


def run_new(request):
    """Preparing a run from the register."""
    account, day = request.user, today()
    _check_may(account)
    funds = Fund.objects.visible_to(account, Capability.FUND).select_related("organisation").order_by("pk")
    initial = {"once": new_key(), "year": day.year, "month": day.month, "kind": AllowanceRun.Kind.ELDERLY}
    form = RunForm(request.POST if request.method == "POST" else None, funds=funds, day=day, initial=initial)

    def done() -> str:
        made = prepare(by=account, now=timezone.now(), **form.asked())
        messages.success(request, f"{made.title}名单已编制。请核对，交集体研究以后登记结果。")
        return reverse("run", args=[made.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    return render(request, "fund/run_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def run(request, pk: int):
    """One run: who has how much and why, who has nothing and why not, what was decided."""
    return _page(request, run_asked_for(request, pk), None)


def _page(request, found: AllowanceRun, form: DecideRunForm | None):
    lines = found.lines.select_related("person", "organisation", "grant__reservation")
    lines = lines.prefetch_related("grant__payments").defer(*sealed_at("person")).order_by("organisation__path", "pk")
    granted = list(lines.filter(fen__gt=0))
    total = sum(line.fen for line in granted)
    draft = found.state == AllowanceRun.State.DRAFT
    if draft and form is None:
        form = DecideRunForm(None, initial={"once": new_key(), "on": today(), "total": total, "body": "committee"})
    context = {
        "run": found, "lines": granted[:MOST], "left_out": list(lines.filter(fen=0)[:MOST]), "count": len(granted),
        "total": total, "capitals": in_capitals(total), "form": form, "day": today(), "most": MOST,
    }  # fmt: skip
    return render(request, "fund/run.html", context, status=422 if form is not None and form.errors else 200)


def run_decide(request, pk: int):
    """What a body decided on a run."""
    found = run_asked_for(request, pk)
    if request.method != "POST":
        return redirect("run", pk=found.pk)
    form = DecideRunForm(request.POST)

    def done() -> str:
        decided = decide_run(by=request.user, run=found, now=timezone.now(), **form.decided())
        messages.success(request, f"{decided.title}已登记集体研究，钱已预留，出纳可以发放。")
        return reverse("run", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    return _page(request, found, form)


def run_drop(request, pk: int):
    """Taking a draft back."""
    found = run_asked_for(request, pk)
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})

    def done() -> str:
        drop_run(by=request.user, run=found, reason=form.cleaned_data["reason"])
        messages.success(request, f"{found.title}名单已作废。")
        return reverse("runs")

    if where := submitted(request, form, done):
        return redirect(where)
    return render(request, "fund/run_drop.html", {"run": found, "form": form}, status=422 if form.errors else 200)
