"""Pages of 光荣在党50年 to look at: the list of a year, the forecast with its names, one medal, the sheets to print."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.fifty.permits import may_read, may_run, may_take, runs_somewhere, takes
from awards.fifty.reading import (
    AHEAD,
    alive,
    forecast,
    july_of,
    next_year,
    people_of,
    reaching,
    to_list,
    unknown,
    within,
)
from awards.fifty.review import stage_before, steps_of
from awards.fifty.steps import STEPS, WAITS
from awards.forms.fifty import MedalFilter
from awards.models.fifty import LEFT_OUT, RUNNING, Medal, MedalStep, Stage, first_of_july
from base.dates import today
from base.keyset import beyond
from base.once import new_key
from duties.engine.models import Action, Record
from members.bonds import category_words
from members.directory import organisation_choices
from members.enums import SANCTIONS, Capability, Standing
from members.models import Category, Membership, Organisation
from members.scope import path_end, sealed_at
from members.services import memberships_on

PAGE = 50
MOST = 200
"""Rows of a printed sheet."""

EARLIEST = 2021
LATEST = 2100


def year_asked_for(year: int) -> int:
    """A year in which there are medals; any other does not exist."""
    if not EARLIEST <= year <= LATEST:
        raise Http404
    return year


def place_asked_for(request, value) -> Organisation | None:
    return get_object_or_404(Organisation.objects.visible_to(request.user), pk=value) if value else None


def medals_of(account, year: int, here: Organisation | None) -> QuerySet[Medal]:
    """The standing rows of a year that the account sees, with all that a line prints."""
    rows = Medal.objects.visible_to(account).standing().filter(year=year)
    if here:
        rows = rows.filter(organisation__path__gte=here.path, organisation__path__lt=path_end(here.path))
    return rows.select_related("person", "organisation").defer(*sealed_at("person"))


def told(account, rows: list[Medal], day: date) -> list[Medal]:
    """Each row with where its member stands today, what is to be known of his years, and what a reviewer looks at.

    Two queries, however many there are. A running punishment is shown to those alone who may know of it.
    """
    stays = memberships_on([row.person_id for row in rows], day)
    found = Category.objects.on(day).filter(person__in=[row.person_id for row in rows], kind__in=SANCTIONS)
    sanctions: dict[int, list[Category]] = {}
    for each in found.order_by("since", "pk"):
        sanctions.setdefault(each.person_id, []).append(each)
    for row in rows:
        row.stay = stays.get(row.person_id)
        row.standing = row.stay.standing if row.stay else None
        row.is_dead = row.standing == Standing.DEAD
        row.reads = may_read(account, row)
        row.opinion = "" if row.person_id == account.person_id else row.opinion
        row.how = _how(row)
        row.flags = _flags(row, sanctions.get(row.person_id, []))
        row.opens = row.stay is not None and account.scope.may(Capability.VIEW, row.stay.path)
    return rows


def _how(row: Medal) -> str:
    """How the day came about from which the years count."""
    return f"认定：{row.basis}" if row.basis else row.person.seniority(first_of_july(row.year)).note


def _flags(row: Medal, sanctions: list[Category]) -> list[str]:
    found = []
    if row.is_dead:
        found.append(f"{row.stay.since} 去世")
    elif row.stay is None:
        found.append("已转出")
    elif row.standing != Standing.FULL:
        found.append(row.stay.get_standing_display())
    elif row.stay.organisation_id != row.organisation_id and row.stage in RUNNING:
        found.append(f"现在{row.stay.organisation.label}")
    if row.reads and row.stage in RUNNING:
        found += category_words(sanctions, sensitive=True)
    person = row.person
    if row.stage in RUNNING and "day" not in {person.joined_precision, person.full_precision} and not row.basis:
        found.append("日期未到日")
    return found


@require_safe
def medals(request, year: int | None = None):
    """The list of a year in the order of the tree, how far each is, and the steps that wait for the account."""
    account, day = request.user, today()
    year = year_asked_for(year or next_year(day))
    chosen = MedalFilter(request.GET)
    here = place_asked_for(request, chosen.value("organisation"))
    every = medals_of(account, year, here)
    counts = dict(every.order_by().values_list("stage").annotate(n=Count("pk")))
    rows = every.filter(stage=chosen.value("stage")) if chosen.value("stage") else every
    page, after = _page_of(rows, request.GET.get("after", ""))
    runs = runs_somewhere(account)
    waiting = [(step, n) for step in STEPS.values() if (n := _waiting(account, step, year))]
    context = {
        "year": year, "years": _years(account, year, day), "current": next_year(day), "rows": told(account, page, day),
        "after": after, "first": "after" not in request.GET, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "day": day, "waiting": waiting,
        "total": sum(counts.values()), "runs": runs, "once": new_key(), "views": account.scope.may(Capability.VIEW),
        "stages": [(step, counts.get(step.after, 0), step.due_on(year, date.min)) for step in STEPS.values()],
        "handed": counts.get(Stage.HANDED, 0), "left_out": sum(counts.get(each, 0) for each in LEFT_OUT),
        "places": run_places(account) if runs and year == next_year(day) else [],
    }  # fmt: skip
    return render(request, "awards/medals.html", context)


def run_places(account) -> list[Organisation]:
    """The organisations at whose posts the account runs the medals."""
    scope = account.scope.of_committees()
    paths = scope.paths(Capability.RECORD)
    return list(Organisation.objects.visible_to(account).filter(path__in=paths).order_by("path"))


def _waiting(account, step, year: int) -> int:
    rows = Medal.objects.running().filter(takes(account, committee=step.committee), year=year, stage=step.after)
    return rows.visible_to(account).count()


def _years(account, year: int, day: date) -> list[int]:
    found = Medal.objects.visible_to(account).standing().order_by().values_list("year", flat=True).distinct()
    return sorted({*found, year, next_year(day)}, reverse=True)


def _page_of(rows: QuerySet[Medal], after: str) -> tuple[list[Medal], str]:
    """Fifty rows in the order of the tree after the cursor (path~number), and the next cursor, empty on the last."""
    path, _, number = after.partition("~")
    seen = beyond(("organisation__path", "pk"), (path, int(number))) if path.isdigit() and number.isdigit() else Q()
    found = list(rows.filter(seen).order_by("organisation__path", "pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return found, f"{found[-1].organisation.path}~{found[-1].pk}" if more else ""


# The years ahead


def check_may_view(account) -> None:
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("预测和名单给能查阅党员的岗位看。")


@require_safe
def fifty(request):
    """How many reach fifty years by each 1 July of the next ten years, by organisation; beside a list, a few lines."""
    account, day = request.user, today()
    check_may_view(account)
    asked = place_asked_for(request, MedalFilter(request.GET).value("organisation"))
    alone = len(account.scope.paths(Capability.VIEW)) == 1
    here = asked or (account.scope.home if alone else None)
    made = forecast(account, here, day)
    if request.htmx:
        return render(request, "awards/_fifty_aside.html", {"made": made, "here": here})
    context = {
        "made": made, "here": here, "asked": asked, "day": day, "organisations": organisation_choices(account, here),
        "runs": runs_somewhere(account), "once": new_key(), "places": run_places(account), "current": next_year(day),
    }  # fmt: skip
    return render(request, "awards/fifty.html", context)


WHICH = {
    "past": "已过 50 年还没颁发",
    "soon": "资料不全，下一个七一前要核实",
    "unsure": "资料不全，十年内可能满 50 年",
}


@require_safe
def fifty_names(request):
    """The names behind a number of the forecast: of a year, of those who passed fifty years, of those not known."""
    account, day = request.user, today()
    check_may_view(account)
    here = place_asked_for(request, MedalFilter(request.GET).value("organisation"))
    which = request.GET.get("which", "past")
    rows, title, on = _behind(within(alive(day).visible_to(account), here), which, day)
    path, _, number = request.GET.get("after", "").partition("~")
    seen = beyond(("path", "person"), (path, int(number))) if path.isdigit() and number.isdigit() else Q()
    page = list(people_of(rows).filter(seen)[: PAGE + 1])
    more, page = len(page) > PAGE, page[:PAGE]
    for row in page:
        row.counted_as = row.person.seniority(on)
        row.reaches = july_of(row) if row.july is not None else None
        row.own = row.person_id == account.person_id
        row.may_add = which != "unsure" and not row.own and may_run(account, row.path)
    context = {
        "rows": page, "title": title, "here": here, "which": which, "on": on, "day": day, "current": next_year(day),
        "after": f"{page[-1].path}~{page[-1].person_id}" if more else "", "first": "after" not in request.GET,
        "query": f"which={which}" + (f"&organisation={here.pk}" if here else ""),
    }  # fmt: skip
    return render(request, "awards/fifty_names.html", context)


def _behind(rows: QuerySet[Membership], which: str, day: date) -> tuple[QuerySet[Membership], str, date]:
    """The members meant by ``which``, how they are called, and the 1 July on which their years are told."""
    first = next_year(day)
    if which == "past":
        return reaching(rows, last=first - 1), WHICH[which], first_of_july(first)
    if which == "list":
        return to_list(rows, first), f"{first} 年够条件、还没列入名单", first_of_july(first)
    if which in ("soon", "unsure"):
        year = first if which == "soon" else first + AHEAD - 1
        return unknown(rows, year), WHICH[which], first_of_july(year)
    if not (which.isdigit() and first <= int(which[:4]) < first + AHEAD and len(which) == 4):
        raise Http404
    return reaching(rows, first=int(which), last=int(which)), f"{which}-07-01 满 50 年", first_of_july(int(which))


# One medal


def medal_asked_for(request, pk: int) -> Medal:
    steps = Prefetch("steps", MedalStep.objects.select_related("by").defer(*sealed_at("by")).order_by("pk"))
    rows = Medal.objects.visible_to(request.user).select_related("person", "organisation", "entered_by")
    return get_object_or_404(rows.defer(*sealed_at("person", "entered_by")).prefetch_related(steps), pk=pk)


VISITS = (Action.VISIT, Action.GREETING)


@require_safe
def medal(request, pk: int):
    """One medal: the days and years, the steps taken with who took them, the hand-over, what may be done next."""
    account, day = request.user, today()
    found = medal_asked_for(request, pk)
    told(account, [found], day)
    step = None if found.withdrawn_on else WAITS.get(Stage(found.stage))
    before = stage_before(found)
    last = next((each for each in STEPS.values() if each.to == found.stage), None)
    visits = Record.objects.visible_to(account).standing().filter(
        member=found.person_id, on=found.handed_on, action__in=VISITS
    )  # fmt: skip
    context = {
        "medal": found, "step": step, "day": day, "on": first_of_july(found.year),
        "takes": step is not None and may_take(account, found, committee=step.committee),
        "runs": may_take(account, found, committee=True), "own": found.person_id == account.person_id,
        "backs": before is not None and not found.withdrawn_on
        and may_take(account, found, committee=last is None or last.committee),
        "visit": visits.order_by("pk").first() if found.handed_on else None,
        "visit_url": f"{reverse('visit_new')}?member={found.person_id}",
    }  # fmt: skip
    return render(request, "awards/medal.html", context)


# Paper


def _sheet(request, year: int, template: str, stages) -> object:
    account, day = request.user, today()
    check_may_view(account)
    year = year_asked_for(year)
    here = place_asked_for(request, MedalFilter(request.GET).value("organisation")) or account.scope.home
    rows = medals_of(account, year, here).filter(stage__in=stages).defer(None).prefetch_related("steps")
    page = list(rows.order_by("organisation__path", "pk")[: MOST + 1])
    more, page = len(page) > MOST, page[:MOST]
    for row in told(account, page, day):
        row.numbered = account.scope.may(Capability.VIEW, row.organisation.path)
        row.recommended_on = next(
            (each.on for each in reversed(steps_of(row)) if each.stage == Stage.RECOMMENDED and not each.back), None
        )
    context = {
        "rows": page, "year": year, "here": here, "more": more, "most": MOST, "day": day, "on": first_of_july(year),
    }  # fmt: skip
    return render(request, template, context)


@require_safe
def medals_print(request, year: int):
    """光荣在党50年名册, A4 landscape: all of a year but those who are left out."""
    return _sheet(request, year, "awards/medals_print.html", [each for each in Stage if each not in LEFT_OUT])


@require_safe
def medals_sheet(request, year: int):
    """颁发签收表: those approved and handed over, to be signed."""
    return _sheet(request, year, "awards/medals_sheet.html", [Stage.APPROVED, Stage.HANDED])
