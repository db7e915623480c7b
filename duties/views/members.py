"""The member list and the search behind pickers."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board import roster
from duties.filters import MemberFilter, Narrowing
from members.enums import Capability
from members.models import Membership, Organisation


@require_safe
def members(request):
    """Members in scope by organisation, fifty at a time, found by name, organisation, standing or what is missing."""
    account, day = request.user, today()
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("党员名册由有查阅职责的同志查看。你自己的情况在“我的”里。")
    chosen = MemberFilter(request.GET)
    organisations = Organisation.objects.visible_to(account).order_by("path")
    everyone = Membership.objects.on(day).visible_to(account)
    number = chosen.value("organisation")
    here = get_object_or_404(organisations, pk=number) if number else None
    found = roster.narrowed(everyone, chosen.cleaned_data, here=here)
    rows, after = roster.page_of(roster.with_columns(found, account, day), account, day, request.GET.get("after", ""))
    count = found.count()
    audit.search(request, "members", chosen.value("q"), found=count)
    context = {
        "filter": chosen,
        "organisations": organisations,
        "here": here,
        "query": chosen.query(),
        "first": "after" not in request.GET,
        "not_found": f"没有找到“{chosen.value('q')}”",
        "may_import": account.scope.may(Capability.IMPORT),
        "counts": roster.counts(everyone),
        "count": count,
        "rows": rows,
        "after": after,
        "day": day,
    }
    return render(request, "duties/members.html", context)


@require_safe
def member_search(request):
    """At most eight living members whose name contains ``q``, as links back to the page that asks (``for``)."""
    account, day = request.user, today()
    q = Narrowing(request.GET).value("q")
    may = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    hits = roster.search(may, q) if q else []
    audit.search(request, "members", q, found=len(hits))
    context = {"q": q, "hits": hits, "day": day, "target": roster.target_of(request.GET.get("for", ""))}
    template = "duties/_member_hits.html" if request.htmx else "duties/member_search.html"
    return render(request, template, context)
