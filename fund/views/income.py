"""What comes in, and what goes down to a fund below; a donation's receipt and certificate; who gave in a year."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.capitals import in_capitals
from base.dates import today
from base.once import new_key, submitted
from fund.forms.books import IncomeForm, PassForm
from fund.models import BookAccount, Fund, Kind
from fund.periods import span
from fund.permissions import check_keeps
from fund.reading import years_of
from fund.services import pass_down, receive
from fund.statement import donations
from fund.views.finding import desk_of, fund_of, voucher_of
from fund.views.journal import ALREADY
from members.enums import Capability
from members.scope import path_end

MOST_DONORS = 500
"""Donations on one page of a year's donors."""


def fund_income(request, pk: int):
    """Entering one sum that came in."""
    here = fund_of(request, pk)
    check_keeps(request.user, here)
    form = IncomeForm(request.POST or None, initial={"once": new_key(), "on": today()})

    def act() -> str:
        given = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in ("once", "on")}
        made = receive(here, desk_of(request, form.cleaned_data["on"], timezone.now()), **given)
        messages.success(request, f"已记账，凭证号 {made.label}。")
        return reverse("voucher", args=[made.pk])

    if where := submitted(request, form, act, repeated=ALREADY):
        return redirect(where)
    return render(request, "fund/fund_income.html", {"form": form, "fund": here}, status=422 if form.errors else 200)


def fund_pass_down(request, pk: int):
    """Passing one sum down to a fund below."""
    here = fund_of(request, pk)
    check_keeps(request.user, here)
    path = here.organisation.path
    below = Fund.objects.visible_to(request.user, Capability.KEEP_BOOKS).select_related("organisation")
    below = below.filter(organisation__path__gt=path, organisation__path__lt=path_end(path))
    pots = BookAccount.objects.visible_to(request.user, Capability.KEEP_BOOKS).filter(fund=here, kind=Kind.AVAILABLE)
    pots = list(pots.order_by("source", "earmark"))
    initial = {"once": new_key(), "on": today()}
    form = PassForm(
        request.POST or None, below=below.order_by("organisation__path"), pots=pots, initial=initial
    )  # fmt: skip

    def act() -> str:
        desk = desk_of(request, form.cleaned_data["on"], timezone.now())
        upper, _lower = pass_down(here, form.cleaned_data["lower"], desk, **form.given())
        messages.success(request, f"已下拨，本级凭证号 {upper.label}，下级的账里同时记了收到。")
        return reverse("voucher", args=[upper.pk])

    if where := submitted(request, form, act, repeated=ALREADY):
        return redirect(where)
    context = {
        "form": form,
        "fund": here,
        "none_below": not form.fields["lower"].queryset.exists(),
        "no_money": not any(pot.balance for pot in pots),
    }
    return render(request, "fund/fund_pass_down.html", context, status=422 if form.errors else 200)


def _donated(request, pk: int) -> dict:
    """A donation as paper says it. That the donor was read is audited."""
    found = voucher_of(request, pk)
    donation = getattr(found, "donation", None)
    if donation is None:
        raise Http404
    audit.write(audit.Act.READ, f"voucher:{found.pk}", field="donor")
    return {
        "voucher": found, "donation": donation, "fund": found.fund, "day": today(),
        "capitals": in_capitals(found.amount), "reversal": getattr(found, "reversal", None),
    }  # fmt: skip


@require_safe
def donation_receipt(request, pk: int):
    """The receipt of a donation on paper."""
    return render(request, "fund/donation_receipt.html", _donated(request, pk))


@require_safe
def donation_certificate(request, pk: int):
    """The certificate of a donation on paper."""
    return render(request, "fund/donation_certificate.html", _donated(request, pk))


@require_safe
def fund_donors(request, pk: int):
    """Who gave in a year: inside with names, which is audited, or as it may be made public."""
    here, day = fund_of(request, pk), today()
    years = years_of(here, day)
    asked = request.GET.get("year", "")
    year = int(asked) if asked in map(str, years) else day.year
    public = "public" in request.GET
    if not public:
        audit.write(audit.Act.READ, f"fund:{here.pk}", field="donors", year=year)
    rows = list(donations(here, *span(year, "year"))[: MOST_DONORS + 1])
    context = {
        "fund": here, "rows": rows[:MOST_DONORS], "more": len(rows) > MOST_DONORS, "most": MOST_DONORS, "year": year,
        "years": years, "public": public, "day": day,
        "total": sum(each.voucher.amount for each in rows[:MOST_DONORS]),
    }  # fmt: skip
    return render(request, "fund/donors.html", context)
