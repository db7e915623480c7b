"""The fund at a glance, opening one, what its money may be spent on, its yearly budget."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from fund.chart import drawn
from fund.forms.books import BudgetForm, OpenForm, UsesForm
from fund.models import AllowedUse, BankCheck, BookYear, Voucher
from fund.permissions import check_may_manage, check_opens_funds, may_keep, may_manage
from fund.reading import Year, checks, entries, sealed_to, years_of
from fund.services import open_fund, restrict, set_budget
from fund.views.finding import READS, fund_asked_for, fund_of
from members.enums import Capability

LATEST = 8
"""Vouchers on the first page."""


@require_safe
def fund(request):
    """One fund in one year: each source, budget, the months, the latest vouchers, what seals and the last check say."""
    here, choices = fund_asked_for(request)
    day = today()
    context = {"choices": choices, "may_open": request.user.scope.may(Capability.FUND), "day": day, "fund": here}
    if here is None:
        return render(request, "fund/fund_none.html", context)
    years = years_of(here, day)
    asked = request.GET.get("year", "")
    year = Year(here, int(asked) if asked in map(str, years) else day.year, day)
    latest = Voucher.objects.visible_to(request.user, READS).filter(fund=here, year=year.year).with_sides()
    seal, unsealed = sealed_to(here)
    [said] = checks(request.user) or [None]
    context |= {
        "bank": BankCheck.objects.visible_to(request.user, READS).filter(fund=here).order_by("-on", "-pk").first(),
        "year": year, "years": years, "chart": drawn(year.months), "now": timezone.localtime(),
        "latest": entries(latest.order_by("-number")[:LATEST]), "seal": seal, "unsealed": unsealed,
        "said": said, "broken": [each for each in said.breaks if each["fund"] == here.pk] if said else [],
        "may_keep": may_keep(request.user, here), "may_manage": may_manage(request.user, here),
    }  # fmt: skip
    return render(request, "fund/fund.html", context)


def fund_new(request):
    """Opening the books of an organisation, with the budget of the year where there is one."""
    check_opens_funds(request.user)
    day = today()
    initial = {"once": new_key(), "opened_on": day.replace(month=1, day=1)}
    form = OpenForm(request.POST or None, account=request.user, day=day, initial=initial)

    def act() -> str:
        data = form.cleaned_data
        made = open_fund(data["organisation"], on=data["opened_on"])
        if data["amount"] is not None:
            set_budget(made, day.year, data["amount"])
        messages.success(request, f"{made.organisation.label}的专项资金已设立。请核定各款源的用途，再记第一笔收入。")
        return reverse("fund_uses", args=[made.pk])

    if where := submitted(request, form, act, repeated="这项资金刚才已经设立，没有再设一次。"):
        return redirect(where)
    return render(request, "fund/fund_new.html", {"form": form}, status=422 if form.errors else 200)


def fund_uses(request, pk: int):
    """What money of each source may be spent on."""
    here = fund_of(request, pk)
    check_may_manage(request.user, here)
    now: dict[str, list[str]] = {}
    rows = AllowedUse.objects.visible_to(request.user, Capability.FUND).filter(fund=here).order_by("pk")
    for source, use in rows.values_list("source", "use"):
        now.setdefault(source, []).append(use)
    form = UsesForm(request.POST or None, initial={"once": new_key(), **now})

    def act() -> str:
        for field in form.sources:
            if set(wanted := form.cleaned_data[field.name]) != set(now.get(field.name, [])):
                restrict(here, field.name, wanted)
        messages.success(request, "款源用途已保存。已经预留的不受影响。")
        return f"{reverse('fund')}?fund={here.pk}"

    if where := submitted(request, form, act):
        return redirect(where)
    return render(request, "fund/fund_uses.html", {"form": form, "fund": here}, status=422 if form.errors else 200)


def fund_budget(request, pk: int):
    """The budget of this year or the next."""
    here, day = fund_of(request, pk), today()
    check_may_manage(request.user, here)
    years = BookYear.objects.visible_to(request.user, Capability.FUND).filter(fund=here).order_by("-year")
    this = next((each for each in years if each.year == day.year), None)
    initial = {"once": new_key(), "year": day.year, "amount": this.budget if this else None}
    form = BudgetForm(request.POST or None, day=day, initial=initial)

    def act() -> str:
        row = set_budget(here, form.cleaned_data["year"], form.cleaned_data["amount"])
        messages.success(request, f"{row.year} 年预算已核定。")
        return f"{reverse('fund')}?fund={here.pk}"

    if where := submitted(request, form, act):
        return redirect(where)
    context = {"form": form, "fund": here, "years": years}
    return render(request, "fund/fund_budget.html", context, status=422 if form.errors else 200)
