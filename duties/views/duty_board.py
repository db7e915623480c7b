"""The duty board and the explanation of one duty."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.once import new_key
from duties.board import lists
from duties.board.asked import NAMED, Asked, has_own_list, named, stands_in, tally
from duties.board.groups import TAB_LABELS, Tab
from duties.board.merging import together
from duties.board.refs import asked_for
from duties.board.words import describe, explain, with_words
from duties.engine.models import Duty
from duties.engine.responsible import holding
from duties.filters import BoardFilter
from duties.forms import ArrangeForm
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation


@require_safe
def duty_board(request):
    """All duties in scope by tab, filtered, fifty at a time; the first of each group under its heading."""
    account, day = request.user, today()
    chosen = BoardFilter(request.GET)
    usual = Tab.MINE if has_own_list(account, day) else Tab.HERE
    too_many = stands_in(account, day)
    tabs = {tab: label for tab, label in TAB_LABELS.items() if not (too_many and tab == Tab.MINE)}
    tab = Tab(request.GET["tab"]) if request.GET.get("tab") in list(tabs) else usual
    number = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    name = chosen.value("q")
    people = named(account, name) if name else None
    asked = Asked(account, day, here=here, due=chosen.value("due"), people=people, rule=chosen.value("rule"))
    counted = tally(asked, tab)
    page = lists.page_of(asked, tab, request.GET.get("after", ""))
    audit.search(request, "duties", name, found=counted.tabs[tab])
    lines = together(describe(page.rows, account, day), day, own=tab == Tab.MINE)
    context = {
        "filter": chosen,
        "tab": tab,
        "tabs": [(value, label, counted.tabs[value]) for value, label in tabs.items()],
        "groups": lists.in_groups(lines, counted, tab),
        "merges": any(line.others for line in lines),
        "ticks": tab in (Tab.MINE, Tab.HERE) and any(line.may_answer or line.may_waive for line in lines),
        "restores": tab == Tab.CLOSED and any(line.may_waive for line in lines),
        "may_waive": account.scope.may(Capability.POLICY),
        "arranging": _arranging(account, day),
        "count": counted.tabs[tab],
        "rules": counted.rules,
        "organisations": organisation_choices(account, here),
        "stands_in": too_many,
        "most": NAMED if people and len(people) > NAMED else 0,
        "here": here,
        "ahead": tab in (Tab.MINE, Tab.HERE),
        "query": chosen.query(tab=tab),
        "keep": chosen.query(),
        "bare": f"?tab={tab}",
        "first": "after" not in request.GET,
        "after": page.after,
    }
    return render(request, "duties/duty_board.html", context)


def _arranging(account, day) -> ArrangeForm:
    """The form in the bar: it offers who holds a party post beside the reader, whoever is ticked then."""
    places = list(dict.fromkeys(h.organisation.pk for h in account.scope.holdings if h.allows(Capability.RECORD)))
    return ArrangeForm(offered=holding(places, day) if places else {}, initial={"once": new_key(), "on": day})


@require_safe
def duty_why(request):
    """Which clause asks for this duty, how its days were computed, how it ends: under its row, or as a page."""
    account = request.user
    within = with_words(Duty.objects.visible_to(account))
    duty = get_object_or_404(asked_for(within, account, request.GET.get("duty", "")))
    (line,) = describe([duty], account, today())
    template = "duties/_why.html" if request.htmx else "duties/duty_why.html"
    return render(request, template, {"why": explain(line)})
