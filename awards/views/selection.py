"""Pages of yearly selections: the list, beginning one, one selection with its nominees, its places, its papers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.selection import PlacesForm, ProposeForm, SelectionNew, june, usual_titles
from awards.models import Level, Nominee, Selection, SelectionNotice
from awards.selecting.opening import not_ready, open_selection
from awards.selecting.permits import check_may_run, may_run
from awards.selecting.places import nominators, propose_places, set_places, shares, totals_of
from awards.selecting.reading import (
    endorsers_for,
    lines_of,
    posted_notices,
    progress,
    shares_for,
    steps,
    tally,
    with_facts,
    with_words,
)
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from members.enums import Capability, OrganisationKind
from members.models import Organisation
from members.views.acts import bound, carried_out, status_of

PAGE = 20
PLACES = 50
NOMINEES = 200
"""Nominees that a page or a paper lists at once; a committee nominates tens."""


def selection_asked_for(request, pk: int) -> Selection:
    """A selection the account may know of; any other does not exist."""
    rows = Selection.objects.visible_to(request.user).select_related("organisation")
    return get_object_or_404(rows, pk=pk)


@require_safe
def selections(request):
    """Selections that the account may know of, the latest first."""
    account = request.user
    rows = Selection.objects.visible_to(account).select_related("organisation")
    rows = rows.prefetch_related("titles", posted_notices(account))
    page, after = newest_first(rows, request.GET.get("after", ""), size=PAGE, day="opened_on")
    context = {
        "rows": page, "after": after, "first": "after" not in request.GET,
        "may_open": account.scope.may(Capability.RECORD), "day": today(),
    }  # fmt: skip
    return render(request, "awards/selections.html", context)


def selection_new(request):
    """Beginning a selection: who selects, until when branches nominate, which titles and how many of each."""
    account, day = request.user, today()
    if not account.scope.may(Capability.RECORD):
        raise PermissionDenied("评选由评选单位的书记、副书记、组织委员和组织部开始。")
    places = Organisation.objects.on(day).visible_to(account, Capability.RECORD)
    places = places.exclude(kind__in=(OrganisationKind.GROUP, OrganisationKind.LEADING_GROUP)).order_by("path")
    first = places.first()
    level = Level.BRANCH if first and first.kind == OrganisationKind.BRANCH else Level.UNIT
    opened_on, nominate_by = june(day)
    initial = {
        "once": new_key(), "year": day.year, "title": f"{day.year} 年“两优一先”评选", "opened_on": opened_on,
        "nominate_by": nominate_by, "titles": usual_titles(level),
    }  # fmt: skip
    form = SelectionNew(request.POST if request.method == "POST" else None, organisations=places, initial=initial)

    def done() -> str:
        made = open_selection(by=account, **form.asked(), today=day)
        messages.success(request, f"{made.title}已开始，推荐名额按党员人数分好了，请核对后请支部推荐。")
        return reverse("selection_places", args=[made.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    return render(request, "awards/selection_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def selection(request, pk: int):
    """One selection: its steps, its nominees as far as the account sees them, and what can be done now."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    mine = Nominee.objects.visible_to(account).filter(title__selection=found)
    rows = list(with_words(mine).order_by("title__position", "path", "pk")[:NOMINEES])
    runs = may_run(account, found)
    whole = account.scope.may(Capability.VIEW, found.organisation.path)
    context = {
        "selection": found, "steps": steps(found), "rows": rows, "counts": tally(mine), "runs": runs, "whole": whole,
        "titles": found.titles.order_by("position"), "day": day, "notices": notices_of(account, found),
        "shares": shares_for(account, found, day) if found.nominating and not runs else [],
        "progress": progress(shares(found, nominators(found.organisation, day))) if whole else [],
        "endorsers": endorsers_for(account, found) if found.nominating else [],
        "why_not_ready": not_ready(found) if runs and found.nominating else [],
        "meetings": found.meetings.order_by("pk") if whole else [],
    }  # fmt: skip
    return render(request, "awards/selection.html", context)


def notices_of(account, found: Selection):
    """The notices of a selection that the account may read."""
    return SelectionNotice.objects.visible_to(account).filter(selection=found).order_by("pk")


def selection_places(request, pk: int):
    """How many each organisation may nominate: proposed by members, each number open to change."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    check_may_run(account, found)
    places, titles = nominators(found.organisation, day), list(found.titles.order_by("position"))
    start = request.GET.get("after", "")
    ahead = [each for each in places if each.path > start]
    page, totals = ahead[:PLACES], totals_of(found)
    forms = {
        "places": bound(request, "places", PlacesForm, shares=shares(found, page)),
        "propose": bound(request, "propose", ProposeForm, titles=titles, totals=totals),
    }
    acts = {
        "places": lambda form: _set(request, found, form, day),
        "propose": lambda form: _propose(request, found, form, day),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {
        "selection": found, "forms": forms, "titles": [(each, totals.get(each.pk, 0)) for each in titles],
        "after": page[-1].path if len(ahead) > PLACES else "", "first": not start,
    }  # fmt: skip
    return render(request, "awards/selection_places.html", context, status=status_of(forms))


def _set(request, found: Selection, form: PlacesForm, day) -> str:
    set_places(by=request.user, selection=found, numbers=form.numbers(), today=day)
    messages.success(request, "推荐名额已保存。")
    return reverse("selection", args=[found.pk])


def _propose(request, found: Selection, form: ProposeForm, day) -> str:
    propose_places(by=request.user, selection=found, totals=form.totals(), today=day)
    messages.success(request, "已按正式党员人数重新分好。")
    return reverse("selection_places", args=[found.pk])


# Papers

PAPERS = {"nominees": "推荐对象汇总表", "awarded": "表彰名单"}


@require_safe
def selection_sheet(request, pk: int, kind: str):
    """推荐对象汇总表 with votes and years in the Party, or 表彰名单 under the document's number, on A4."""
    account, day = request.user, today()
    found = selection_asked_for(request, pk)
    rows = with_words(Nominee.objects.visible_to(account).filter(title__selection=found)).standing()
    if kind == "awarded":
        rows = rows.filter(state=Nominee.State.AWARDED)
    rows = list(rows.order_by("title__position", "path", "pk")[:NOMINEES])
    context = {
        "selection": found, "kind": kind, "paper": PAPERS[kind], "day": day,
        "lines": with_facts(rows, found.awarded_on or day),
    }  # fmt: skip
    return render(request, "awards/selection_sheet.html", context)


@require_safe
def selection_notice(request, pk: int):
    """The 公示 as it hangs, to be read inside sign-in and printed for the wall."""
    account = request.user
    rows = SelectionNotice.objects.visible_to(account).select_related("selection__organisation")
    notice = get_object_or_404(rows, pk=pk)
    context = {
        "notice": notice, "selection": notice.selection, "rows": lines_of(notice), "day": today(),
        "may_open": Selection.objects.visible_to(account).filter(pk=notice.selection_id).exists(),
    }  # fmt: skip
    return render(request, "awards/selection_notice.html", context)
