"""The public statement of a period, and the comparison with the bank."""

from django.contrib import messages
from django.db.models import Sum
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from fund.forms.books import BankForm, StatementFilter
from fund.models import BankCheck, BookAccount, Kind
from fund.periods import said
from fund.permissions import check_keeps, may_keep
from fund.reading import bank_lines, years_of
from fund.services import compare_with_bank
from fund.statement import DONORS, Statement
from fund.views.finding import READS, desk_of, fund_of

SHOWN = 24
"""Comparisons shown; one a month makes two years."""


@require_safe
def fund_statement(request, pk: int):
    """收支公开表 of a year, a part of it, or from one day to another."""
    here, day = fund_of(request, pk), today()
    form = StatementFilter(request.GET, years=years_of(here, day))
    valid = form.is_valid()
    first, last = form.days
    context = {
        "fund": here, "form": form, "statement": Statement(here, first, last), "period": said(first, last),
        "day": day, "most": DONORS, "unfinished": last >= day,
    }  # fmt: skip
    return render(request, "fund/statement.html", context, status=200 if valid else 422)


@require_safe
def fund_bank(request, pk: int):
    """What was compared with the bank."""
    here, day = fund_of(request, pk), today()
    rows = BankCheck.objects.visible_to(request.user, READS).filter(fund=here).order_by("-on", "-pk")[:SHOWN]
    pots = BookAccount.objects.visible_to(request.user, READS).filter(
        fund=here, kind__in=(Kind.AVAILABLE, Kind.RESERVED)
    )
    context = {
        "fund": here, "rows": bank_lines(rows), "day": day, "balance": pots.aggregate(n=Sum("balance", default=0))["n"],
        "may_keep": may_keep(request.user, here),
    }  # fmt: skip
    return render(request, "fund/bank.html", context)


def fund_bank_new(request, pk: int):
    """Comparing the books of a day with the bank's statement."""
    here = fund_of(request, pk)
    check_keeps(request.user, here)
    form = BankForm(request.POST or None, initial={"once": new_key(), "on": today()})

    def act() -> str:
        data = form.cleaned_data
        desk = desk_of(request, data["on"], timezone.now())
        row = compare_with_bank(here, desk, bank=data["bank"], words=data["words"])
        messages.success(request, f"{row.on} 对账已保存，{'相符' if not row.difference else '有差额，已记说明'}。")
        return reverse("fund_bank", args=[here.pk])

    if where := submitted(request, form, act):
        return redirect(where)
    return render(request, "fund/bank_new.html", {"fund": here, "form": form}, status=422 if form.errors else 200)
