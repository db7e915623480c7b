"""资金管理办法: what a fund follows, in sentences; following another one from a day on; what it followed before."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from base.once import new_key, submitted
from fund.applying.filing import regulation_on
from fund.forms.regulations import FollowForm
from fund.models import Fund, FundRegulation
from fund.permissions import check_may_manage, may_manage
from fund.regulating import follow
from fund.regulation.telling import tell
from fund.views.meetings import check_reads_books, fund_asked_for
from members.asked import number
from members.enums import Capability

AGAIN = "这份办法刚才已经采用，没有再记一次。"


def _funds(request):
    """The funds whose books the account reads, and the one that is asked for."""
    account = request.user
    check_reads_books(account)
    funds = Fund.objects.visible_to(account, Capability.READ_BOOKS).select_related("organisation").order_by("pk")
    return list(funds), fund_asked_for(request, funds)


@require_safe
def fund_regulation(request):
    """The regulation of one fund, and its history; for those who manage the fund the form to follow another."""
    funds, fund = _funds(request)
    if fund is None:
        return render(request, "fund/regulation.html", {"fund": None, "funds": [], "form": None})
    manages = may_manage(request.user, fund)
    return _page(request, funds, fund, FollowForm(day=today(), initial={"once": new_key()}) if manages else None)


@require_POST
def fund_regulation_follow(request, pk: int):
    """Having a fund follow another regulation."""
    account = request.user
    check_reads_books(account)
    funds = Fund.objects.visible_to(account, Capability.READ_BOOKS).select_related("organisation").order_by("pk")
    fund = get_object_or_404(funds, pk=pk)
    check_may_manage(account, fund)
    form = FollowForm(request.POST, request.FILES, day=today())

    def done() -> str:
        given = {"text": form.whole(), "since": form.cleaned_data["since"], "now": timezone.now()}
        row = follow(by=account, fund=fund, **given)
        messages.success(request, f"已采用《{row.title}》，自 {row.since} 起提交的申请按它办。")
        return f"{reverse('fund_regulation')}?fund={fund.pk}&row={row.pk}"

    where = submitted(request, form, done, repeated=AGAIN)
    return redirect(where) if where else _page(request, list(funds), fund, form)


def _page(request, funds: list[Fund], fund: Fund, form: FollowForm | None):
    day, rows = today(), list(fund.regulations.select_related("entered_by").order_by("-since"))
    shown = _shown(request, rows) or regulation_on(fund, day) or (rows[-1] if rows else None)
    context = {
        "fund": fund, "funds": funds, "rows": rows, "shown": shown, "form": form, "day": day,
        "current": regulation_on(fund, day), "sections": tell(shown.parsed) if shown else [],
        "spec": shown.parsed.regulation if shown else None,
    }  # fmt: skip
    return render(request, "fund/regulation.html", context, status=422 if form and form.errors else 200)


def _shown(request, rows: list[FundRegulation]) -> FundRegulation | None:
    """The row of the history that the address asks for."""
    asked = request.GET.get("row")
    if not asked:
        return None
    found = next((each for each in rows if each.pk == number(asked)), None)
    if found is None:
        raise Http404
    return found
