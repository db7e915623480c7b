"""督查指标: figures of an organisation beside those below it or beside it, and the duties behind each of them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from base.keyset import newest_first
from duties.board.records import action_label
from duties.board.words import describe, with_words
from ledgers.curves import drawn
from ledgers.entered_late import LATE, entered, records_of
from ledgers.indicator_sheet import IndicatorSheet
from ledgers.indicators import ALL, FIGURES, KINDS, Asked, Figures, Span, living_in
from ledgers.permissions import check_may_export, check_may_read, may_export
from ledgers.supervision.acts import sender_of
from members.directory import organisation_choices, page_after
from members.models import Organisation

YEARS = 5
"""The years that are offered."""

BESIDE = {"below": "下级", "sisters": "同级"}
"""With whom an organisation is put side by side."""

AT_ONCE = 20
"""Organisations of one page."""

PAGE = 50
"""Duties of one page."""


@dataclass(frozen=True)
class Square:
    """One kind of one organisation: the numbers, how far the bar goes, and where the numbers lead."""

    title: str
    due: int
    done: int
    may: int
    before: int
    width: float
    url: str
    query: str

    @property
    def last(self) -> str:
        """Where what was done a year before is listed."""
        return f"{self.url}before/?{self.query}"


@dataclass(frozen=True)
class Row:
    organisation: Organisation
    members: int
    squares: list[Square]
    late: int
    query: str
    here: bool


def asked_of(request) -> tuple[Asked, Organisation]:
    """The year and the organisation asked for; one out of scope does not exist, a garbled year is this one."""
    account, day = request.user, today()
    check_may_read(account)
    given = request.POST if request.method == "POST" else request.GET
    text = given.get("organisation", "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else account.scope.home.pk
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number)
    year = given.get("year", "")
    known = {str(each): each for each in years_up_to(day)}
    return Asked(account, Span(known.get(year, day.year), day)), here


def years_up_to(day) -> list[int]:
    return list(range(day.year, day.year - YEARS, -1))


@require_safe
def indicators(request):
    """How much of what policy asks was done, kind by kind, for an organisation and those below or beside it."""
    asked, here = asked_of(request)
    beside, others, after = _beside(request, asked, here)
    found = asked.figures([here, *(each for each in others if each != here)], leaving_out=["missed"])
    shown = [kind for kind in KINDS if any(_tells(figures, kind) for figures in found)]
    rows = _rows(found, shown, asked.span, here)
    months = asked.months(here)
    curves = [
        drawn(KINDS[kind][0], list(months[kind].values())[12:], list(months[kind].values())[:12], asked.span.elapsed)
        for kind in shown if any(months[kind].values())
    ]  # fmt: skip
    context = {
        "here": here, "span": asked.span, "years": years_up_to(asked.span.day), "beside": beside, "ways": BESIDE,
        "parent": asked.above(here), "kinds": [(kind, *KINDS[kind]) for kind in shown], "rows": rows, "after": after,
        "first": "after" not in request.GET, "seen": request.GET.get("after", ""),
        "curves": curves, "month": len(asked.span.months()),
        "withheld": any(asked.withholds(figures.organisation.path) for figures in found),
        "organisations": organisation_choices(request.user, here),
        "may_supervise": sender_of(request.user, here) is not None,
        "may_export": may_export(request.user, here),
        "more": urlencode({"organisation": here.pk, "year": asked.span.year, "beside": beside}),
    }  # fmt: skip
    return render(request, "ledgers/indicators.html", context)


def _way(given, asked: Asked, here: Organisation) -> tuple[str, QuerySet[Organisation]]:
    """With whom it is put side by side: those below, or those beside."""
    way = given.get("beside", "")
    way = way if way in BESIDE else "below" if asked.below(here).exists() else "sisters"
    return way, asked.below(here) if way == "below" else asked.sisters(here)


def _beside(request, asked: Asked, here: Organisation) -> tuple[str, list[Organisation], str]:
    """Those put beside it in the order of their codes, a page of them; and the code of the last."""
    way, rows = _way(request.GET, asked, here)
    found = list(rows.filter(code__gt=request.GET.get("after", "").replace("\0", "")).order_by("code")[: AT_ONCE + 1])
    return way, found[:AT_ONCE], found[AT_ONCE - 1].code if len(found) > AT_ONCE else ""


def _tells(figures: Figures, kind: str) -> bool:
    told = figures.of(kind)
    return any(told[name] for name in ("due", "may", "before"))


def _rows(found: list[Figures], kinds: list[str], span: Span, here: Organisation) -> list[Row]:
    living = living_in(each.organisation for each in found)
    urls = {kind: reverse("indicator_rows", args=[kind, "due"]).removesuffix("due/") for kind in kinds}
    rows = []
    for each in found:
        place = each.organisation
        query = urlencode({"organisation": place.pk, "year": span.year})
        squares = [
            Square(KINDS[kind][0], told["due"], told["done"], told["may"], told["before"],
                   round(100 * told["done"] / told["due"], 1) if told["due"] else 0, urls[kind], query)
            for kind in kinds for told in [each.of(kind)]
        ]  # fmt: skip
        rows.append(Row(place, living.get(place.pk, 0), squares, each.whole["late"], query, place == here))
    return rows


@require_safe
def indicator_rows(request, kind: str, figure: str):
    """The duties that one figure counts, in the order of the tree."""
    asked, here = asked_of(request)
    if kind not in (ALL, *KINDS) or figure not in FIGURES:
        raise Http404
    (figures,) = asked.figures([here])
    page, after = page_after(
        with_words(asked.rows_behind(here, kind, figure)), "path", request.GET.get("after", ""), size=PAGE
    )
    context = {
        "title": f"{KINDS[kind][0] if kind != ALL else '全部事项'}：{FIGURES[figure]}", "here": here,
        "lines": describe(page, request.user, asked.span.day), "after": after, "span": asked.span, "figure": figure,
        "kind": kind if kind != ALL else "", "may_supervise": sender_of(request.user, here) is not None,
        "query": urlencode({"organisation": here.pk, "year": asked.span.year}), "count": figures.of(kind)[figure],
    }  # fmt: skip
    return render(request, "ledgers/indicator_rows.html", context)


@require_POST
def indicators_export(request):
    """The page as a workbook, with all that it would show on further pages; the audit row is there before the file."""
    asked, here = asked_of(request)
    check_may_export(request.user, here)
    way, rows = _way(request.POST, asked, here)
    found = asked.figures([here, *rows.exclude(pk=here.pk).order_by("code")])
    made = IndicatorSheet(
        asked, here, found, living_in(each.organisation for each in found), BESIDE[way], timezone.now()
    )
    response = FileResponse(made.export(), as_attachment=True, filename=made.file_name)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
def indicators_entered(request):
    """How much of what was recorded was entered late, for the organisations of a page of indicators."""
    asked, here = asked_of(request)
    beside, others, _after = _beside(request, asked, here)
    rows = entered(asked, [here, *(each for each in others if each != here)])
    living = living_in(each.organisation for each in rows)
    context = {
        "here": here, "span": asked.span, "beside": beside,
        "rows": [(each, living.get(each.organisation.pk, 0)) for each in rows],
    }  # fmt: skip
    template = "ledgers/_indicators_entered.html" if request.htmx else "ledgers/indicators_entered.html"
    return render(request, template, context)


@require_safe
def indicators_late(request):
    """The records of a year that were entered late, the latest first: where, what, when, when entered."""
    asked, here = asked_of(request)
    found = records_of(asked, here.path).filter(LATE).select_related("organisation")
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="on")
    context = {
        "here": here, "span": asked.span, "after": after, "first": "after" not in request.GET,
        "rows": [(each, action_label(each, request.user), (each.entered_on - each.on).days) for each in rows],
        "query": urlencode({"organisation": here.pk, "year": asked.span.year}),
    }  # fmt: skip
    return render(request, "ledgers/indicators_late.html", context)
