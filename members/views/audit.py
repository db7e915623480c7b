"""The audit, to read: the auditor's list and its workbook. And where a browser says that a page is being printed."""

from urllib.parse import urlencode

from django.http import FileResponse, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from members import audit_log
from members.audit_log import AuditFilter, check_may_read_audit
from members.middleware import page_of


@require_safe
def audit_list(request):
    """Rows newest first, by day, act, outcome, actor and subject. Reading them leaves a row, which is among them."""
    check_may_read_audit(request.user)
    return _page(request, AuditFilter(request.GET), request.GET.get("after", ""))


def _page(request, chosen: AuditFilter, after: str) -> HttpResponse:
    lines, following, asked = [], "", {}
    if valid := chosen.is_valid():
        asked = chosen.asked()
        audit.write(audit.Act.READ, "audit", asked=chosen.told())
        lines, following = audit_log.page_of(audit_log.narrowed(chosen), after)
    context = {
        "filter": chosen,
        "asked": asked.items(),
        "query": urlencode(asked),
        "state": audit_log.state(),
        "lines": lines,
        "after": following,
        "first": not after,
    }
    return render(request, "members/audit.html", context, status=200 if valid else 422)


@require_POST
def audit_export(request):
    """The filtered rows as a workbook; the audit row is there before the file."""
    check_may_read_audit(request.user)
    chosen = AuditFilter(request.POST)
    if not chosen.is_valid():
        return _page(request, chosen, "")
    file = audit_log.export(request.user, chosen, timezone.now())
    return FileResponse(file, as_attachment=True, filename=f"审计记录_{today()}.xlsx")


@require_POST
def printed(request):
    """A page of ours is being printed: the browser names its path, the row the page."""
    try:
        match = resolve(request.POST.get("path", ""))
    except Resolver404:
        return HttpResponseBadRequest()
    if match.url_name is None:
        return HttpResponseBadRequest()
    audit.write(audit.Act.PRINT, page_of(match))
    return HttpResponse(status=204)
