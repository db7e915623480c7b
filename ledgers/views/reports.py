"""Pages of 情况报告: the list, writing one, one of them on the screen and on paper, the summaries of those below."""

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from care.reporting import above
from duties.views.entering import duty_asked_for, settled
from ledgers.indicators import FIGURES, Asked, Span
from ledgers.permissions import check_may_read
from ledgers.reporting.acts import (
    TAKEN,
    TONES,
    WRITES,
    Said,
    Stage,
    check_may_write,
    may_decide,
    may_read,
    may_write,
    send,
    stage,
    writes_for,
)
from ledgers.reporting.acts import check_may_read as check_may_read_words
from ledgers.reporting.forms import WHAT, ReportFilter, ReportForm
from ledgers.reporting.models import Report
from ledgers.reporting.summaries import NAMES, gathered, kept, lines_of, parts_of, summaries_of, title_of, words
from ledgers.views.indicators import asked_of, years_up_to
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.office_forms import ActForm
from members.permissions import check_may_record
from members.scope import path_end

PAGE = 50
Kind = Report.Kind


@require_safe
def reports(request):
    """Reports in scope, the latest first: from whom, to whom, of which kind, how each stands."""
    account, chosen, day = request.user, ReportFilter(request.GET), today()
    check_may_read(account)
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Report.objects.visible_to(account).with_names()
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    if chosen.value("kind"):
        found = found.filter(kind=chosen.value("kind"))
    if way := chosen.value("way"):
        own = [h.organisation.pk for h in account.scope.holdings if h.allows(Capability.VIEW)]
        found = found.filter(Q(superior__in=own) if way == "in" else Q(organisation__in=own))
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="sent_on")
    context = {
        "rows": [(each, *stands(each)) for each in rows], "after": after, "first": "after" not in request.GET,
        "here": here, "organisations": organisation_choices(account, here), "query": chosen.query(), "day": day,
        "filter": chosen, "may_write": bool(writes_for(account)),
    }  # fmt: skip
    return render(request, "ledgers/reports.html", context)


def stands(report: Report) -> tuple[Stage, str]:
    """How it stands, and in which tone a page says so."""
    now = stage(report)
    return now, TONES.get(now, "")


def one(request, pk: int) -> Report:
    """One report with its names; out of scope it does not exist."""
    return get_object_or_404(Report.objects.visible_to(request.user).with_names(), pk=pk)


def report_new(request):
    """Writing a report; first for which organisation and of which kind, where that is not said."""
    check_may_record(request.user)
    account, day = request.user, today()
    places, duty = writes_for(account), duty_asked_for(request)
    given = request.POST if request.method == "POST" else request.GET
    asked = given.get("organisation") or request.GET.get("organisation") or (duty and duty.organisation_id)
    if not asked and len(places) == 1:
        asked = places[0].pk
    here = None
    if asked:
        within = Organisation.objects.visible_to(account, Capability.RECORD)
        here = get_object_or_404(within, pk=number(asked))
        check_may_write(account, here)
    kind = given.get("kind", "") or (Kind.VISITS if duty else "")
    if here is None or kind not in Kind.values:
        context = {
            "organisations": places, "here": here, "kinds": [(k, k.label, WHAT[k]) for k in Kind],
            "refused": "" if places else WRITES, "years": years_up_to(day)[:2], "summary": Kind.SUMMARY,
        }  # fmt: skip
        return render(request, "ledgers/report_pick.html", context)
    below = _handed_on(request, given, here)
    span = Span(day.year - 1 if given.get("year") == str(day.year - 1) else day.year, day)
    form = _form(request, here, kind, span, below)
    if where := submitted(request, form, lambda: _send(form, request, here, span, below)):
        return redirect(where)
    context = {
        "form": form, "here": here, "kind": Kind(kind), "superior": above(here), "below": below, "span": span,
        "figures": _figures(kind, kept(account, here, span) if kind == Kind.SUMMARY else {}),
        "names": [FIGURES[name] for name in NAMES],
        "settled": settled(duty), "full_path": request.get_full_path(), "cancel_url": reverse("reports"),
    }  # fmt: skip
    return render(request, "ledgers/report_new.html", context, status=422 if form.errors else 200)


def _figures(kind: str, figures: dict) -> dict:
    return {"lines": lines_of(figures), "whole": figures.get("whole", True)} if kind == Kind.SUMMARY else {}


def _handed_on(request, given, here: Organisation) -> Report | None:
    """The report from below that is handed on; one that was not sent to the organisation does not exist. A summary is
    none of them: the organisation writes its own.
    """
    if not given.get("below"):
        return None
    rows = Report.objects.visible_to(request.user).with_names().filter(superior=here).exclude(kind=Kind.SUMMARY)
    below = get_object_or_404(rows, pk=number(given["below"]))
    check_may_read_words(request.user, below)
    return below


def _form(request, here: Organisation, kind: str, span: Span, below: Report | None) -> ReportForm:
    account, first = request.user, {}
    if below:
        audit.write(audit.Act.READ, f"report:{below.pk}", field="text")
        first = {"title": below.title, "text": below.text, "happened_on": below.happened_on, "below": below.pk}
    elif kind == Kind.SUMMARY and request.method != "POST":
        first = {"title": title_of(span.year), "text": words(account, here, span)}
    initial = {
        "once": new_key(), "organisation": here.pk, "kind": kind, "year": span.year, "happened_on": span.day, **first,
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = ReportForm(data, kind=kind, superior=above(here), initial=initial)
    about = f"report:o{here.pk}:{kind}" + (f":{span.year}" if kind == Kind.SUMMARY else "")
    about += f":r{below.pk}" if below else ""
    return drafted(form, account=account.pk, key=about, now=timezone.now())


def _said(form: ReportForm, account, here: Organisation, span: Span) -> Said:
    if form.cleaned_data["kind"] != Kind.SUMMARY:
        return form.said()
    return form.said(happened_on=span.as_of, year=span.year, figures=kept(account, here, span), figures_on=span.day)


def _send(form: ReportForm, request, here: Organisation, span: Span, below: Report | None) -> str:
    said = _said(form, request.user, here, span)
    made = send(by=request.user, organisation=here, said=said, today=span.day, below=below)
    late = "，已标明补报" if made.late else ""
    if made.superior is None:
        messages.success(request, f"已留底{late}。请打印出来报给{made.to}。")
    elif made.event:
        messages.success(request, f"已报给{made.to}{late}，进入对方的应办清单，等待签收。")
    else:
        messages.warning(
            request, f"已报给{made.to}{late}。对方没有登记任职或没有采用制度，应办清单里没有这一件，请另外告知。"
        )
    return reverse("report", args=[made.pk])


@require_safe
def report(request, pk: int):
    """One report: what it says, how far it has come, what came back, and what may be done with it."""
    found, account, day = one(request, pk), request.user, today()
    now, tone = stands(found)
    reads, decides = may_read(account, found), may_decide(account, found)
    own = may_write(account, found.organisation)
    if reads:
        audit.write(audit.Act.READ, f"report:{pk}", field="text")
    known = set(Report.objects.visible_to(account).filter(below=found).values_list("pk", flat=True))
    context = {
        "report": found, "stage": now, "tone": tone, "day": day, "reads": reads, **_words(found, reads),
        "figures": _then_and_now(account, found, day), "waits": now == Stage.WAITING,
        "may_receive": decides and now == Stage.WAITING,
        "may_answer": decides and now in (Stage.WAITING, Stage.RECEIVED),
        "may_complete": own and now == Stage.RETURNED,
        "may_withdraw": own and now in (Stage.WAITING, Stage.RETURNED, Stage.SENT),
        "may_hand_on": reads and now in TAKEN and found.kind != Kind.SUMMARY and may_write(account, found.superior),
        "upper": [(each, each.pk in known) for each in found.handed_on.standing().with_names().order_by("pk")],
        "receive": ActForm(initial={"once": new_key()}),
    }  # fmt: skip
    return render(request, "ledgers/report.html", context)


def _words(found: Report, reads: bool) -> dict:
    """The sealed words, for those who read them."""
    if not reads:
        return {"text": "", "answer": "", "returns": []}
    returns = found.returns.all().defer(None).order_by("-pk")
    return {"text": found.text, "answer": found.answer, "returns": list(returns)}


def _then_and_now(account, found: Report, day) -> dict:
    """The figures of a summary as they stood when it was written, beside those of now as the reader may know them."""
    if found.kind != Kind.SUMMARY:
        return {}
    asked = Asked(account, Span(found.year, day))
    (now,) = asked.figures([found.organisation])
    return {
        "lines": lines_of(found.figures, now), "whole": found.figures.get("whole", True), "now": True,
        "names": [FIGURES[name] for name in NAMES],
        "query": urlencode({"organisation": found.organisation_id, "year": found.year}),
    }  # fmt: skip


@require_safe
def report_print(request, pk: int):
    """One report on A4, with a place for the seal and the answer; for those who read its words."""
    found, account = one(request, pk), request.user
    check_may_read_words(account, found)
    audit.write(audit.Act.PRINT, f"report:{pk}")
    context = {
        "report": found, "text": found.text, "answer": found.answer, "stage": stage(found),
        "figures": {"lines": lines_of(found.figures)} if found.kind == Kind.SUMMARY else {},
        "names": [FIGURES[name] for name in NAMES], "day": today(),
    }  # fmt: skip
    return render(request, "ledgers/report_print.html", context)


@require_safe
def report_summaries(request):
    """Of one year who below has sent a summary and who not yet, with the figures of the engine for all of them."""
    asked, here = asked_of(request)
    account, span = request.user, asked.span
    every = parts_of(account, here, span)
    rows = every.filter(code__gt=request.GET.get("after", "").replace("\0", "")).order_by("code")
    parts = list(rows[: PAGE + 1])
    after = parts[PAGE - 1].code if len(parts) > PAGE else ""
    whole, lines = gathered(asked, here, parts[:PAGE])
    sent = Report.objects.standing().visible_to(account).filter(
        kind=Kind.SUMMARY, year=span.year, organisation__in=every.values("pk")
    )  # fmt: skip
    count, done = every.count(), sent.count()
    context = {
        "here": here, "span": span, "years": years_up_to(span.day),
        "organisations": organisation_choices(account, here),
        "rows": [(each, stands(each.report) if each.report else ("", "")) for each in lines], "after": after,
        "first": "after" not in request.GET, "whole": whole.whole, "names": [FIGURES[name] for name in NAMES],
        "count": count, "sent": done, "unsent": count - done, "own": summaries_of([here], span.year).get(here.pk),
        "may_write": may_write(account, here), "withheld": asked.withholds(here.path),
        "more": urlencode({"organisation": here.pk, "year": span.year}), "kind": Kind.SUMMARY,
    }  # fmt: skip
    return render(request, "ledgers/report_summaries.html", context)
