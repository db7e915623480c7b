"""The duty board and the explanation of one duty."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from duties.board import lists
from duties.board.lists import TAB_LABELS, Tab
from duties.board.refs import asked_for
from duties.board.words import describe, explain, with_words
from duties.engine.models import Duty
from duties.filters import BoardFilter
from members.models import Organisation


@require_safe
def duty_board(request):
    """All duties in scope by tab, filtered, fifty at a time; the first of each group under its heading."""
    account, day = request.user, today()
    chosen = BoardFilter(request.GET)
    usual = Tab.MINE if lists.owes(account) else Tab.HERE
    tab = Tab(request.GET["tab"]) if request.GET.get("tab") in list(Tab) else usual
    organisations = Organisation.objects.visible_to(account).order_by("path")
    number = chosen.value("organisation")
    here = get_object_or_404(organisations, pk=number) if number else None
    due, name = chosen.value("due"), chosen.value("q")
    duties = lists.narrowed(Duty.objects.visible_to(account), day, here=here, due=due, name=name)
    tally = lists.tally(duties, account, day, chosen=chosen.value("rule"), tab=tab)
    rows = lists.of_tab(duties.filter(lists.of_rule(chosen.value("rule"), account)), tab, account, day)
    page = lists.page_of(rows, tab, day, request.GET.get("after", ""))
    audit.search(request, "duties", name, found=tally.tabs[tab])
    context = {
        "filter": chosen,
        "tab": tab,
        "tabs": [(value, label, tally.tabs[value]) for value, label in TAB_LABELS.items()],
        "groups": lists.in_groups(describe(page.rows, account, day), tally, tab),
        "count": tally.tabs[tab],
        "rules": tally.rules,
        "organisations": organisations,
        "here": here,
        "ahead": tab in (Tab.MINE, Tab.HERE),
        "query": chosen.query(tab=tab),
        "keep": chosen.query(),
        "bare": f"?tab={tab}",
        "first": "after" not in request.GET,
        "after": page.after,
    }
    return render(request, "duties/duty_board.html", context)


@require_safe
def duty_why(request):
    """Which clause asks for this duty, how its days were computed, how it ends: under its row, or as a page."""
    account = request.user
    within = with_words(Duty.objects.visible_to(account))
    duty = get_object_or_404(asked_for(within, account, request.GET.get("duty", "")))
    (line,) = describe([duty], account, today())
    template = "duties/_why.html" if request.htmx else "duties/duty_why.html"
    return render(request, template, {"why": explain(line)})
