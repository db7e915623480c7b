"""资金管理办法: what a fund follows, in sentences; following another one from a day on; what it followed before."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

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


def fund_regulation(request):
    """The regulation of one fund, and its history; for those who manage the fund the form to follow another."""
    account, now, day = request.user, timezone.now(), today()
    check_reads_books(account)
    funds = Fund.objects.visible_to(account, Capability.READ_BOOKS).select_related("organisation").order_by("pk")
    fund = fund_asked_for(request, funds)
    if fund is None:
        return render(request, "fund/regulation.html", {"fund": None, "funds": [], "form": None})
    rows = list(fund.regulations.select_related("entered_by").order_by("-since"))
    sent = request.method == "POST"
    if sent:
        check_may_manage(account, fund)
    form = None
    if may_manage(account, fund):
        form = FollowForm(
            request.POST if sent else None, request.FILES if sent else None, day=day, initial={"once": new_key()}
        )

        def done() -> str:
            row = follow(by=account, fund=fund, text=form.whole(), since=form.cleaned_data["since"], now=now)
            messages.success(request, f"已采用《{row.title}》，自 {row.since} 起提交的申请按它办。")
            return f"{reverse('fund_regulation')}?fund={fund.pk}&row={row.pk}"

        if where := submitted(request, form, done, repeated=AGAIN):
            return redirect(where)
    shown = _shown(request, rows) or regulation_on(fund, day) or (rows[-1] if rows else None)
    context = {
        "fund": fund, "funds": list(funds), "rows": rows, "shown": shown, "form": form, "day": day,
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
