"""The member list and the search behind pickers."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board import roster
from duties.filters import MemberFilter, Narrowing, NumberForm
from members.counting import counts_of, counts_under
from members.directory import organisation_choices
from members.enums import Capability
from members.finding import MOST, by_number
from members.models import Membership, Organisation


@require_safe
def members(request):
    """Members in scope by organisation, fifty at a time, found by name, organisation, standing or what is missing."""
    account, day = request.user, today()
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("党员名册由有查阅职责的同志查看。你自己的情况在“我的”里。")
    chosen = MemberFilter(request.GET)
    number = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    everyone = Membership.objects.on(day).visible_to(account)
    found = roster.narrowed(everyone, chosen.cleaned_data, here=here)
    rows, after = roster.page_of(roster.with_columns(found, account, day), account, day, request.GET.get("after", ""))
    counts = counts_of(account)
    count, more = roster.count(found, chosen.cleaned_data, counts_under([here.path]) if here else counts)
    audit.search(request, "members", chosen.value("q"), found=count)
    context = {
        "filter": chosen,
        "organisations": organisation_choices(account, here),
        "here": here,
        "query": chosen.query(),
        "first": "after" not in request.GET,
        "not_found": f"没有找到“{chosen.value('q')}”",
        "may_import": account.scope.may(Capability.IMPORT),
        "may_record": account.scope.may(Capability.RECORD),
        "counts": counts,
        "count": count,
        "more": more,
        "rows": rows,
        "after": after,
        "day": day,
    }
    return render(request, "duties/members.html", context)


@require_safe
def member_search(request):
    """At most eight living members found by ``q``, as links back to the page that asks (``for``)."""
    account, day = request.user, today()
    chosen = Narrowing(request.GET)
    q = chosen.value("q")
    rule = roster.rule_asked(request.GET.get("for", ""), request.GET.get("rule", ""))
    may = Membership.objects.on(day).visible_to(account, Capability.VIEW if rule else Capability.RECORD)
    hits = roster.search(may, q) if q else []
    audit.search(request, "members", q, found=len(hits))
    asked, duty = request.GET.get("for", ""), request.GET.get("duty", "")
    target = roster.target_of(asked, duty)
    context = {
        "q": q, "hits": hits, "day": day, "target": target, "rule": rule, "refusal": chosen.refusal,
        "asked": asked if target else "", "duty": duty,
    }  # fmt: skip
    template = "duties/_member_hits.html" if request.htmx else "duties/member_search.html"
    return render(request, template, context)


def member_by_number(request):
    """Members in scope by the end of the identity number. Only a POST carries it; neither page nor audit repeats it."""
    account, day = request.user, today()
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("按身份证号找人由有查阅职责的同志办理。")
    form, found = NumberForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        found = by_number(Membership.objects.on(day).visible_to(account), number)
        audit.write(audit.Act.SEARCH, "members", found=len(found), letters=len(number))
        form = NumberForm()
    context = {"form": form, "found": found, "day": day, "most": MOST}
    response = render(request, "duties/member_by_number.html", context, status=422 if form.is_bound else 200)
    response["Cache-Control"] = "no-store"
    return response
