"""Pages of the half-yearly report upward: an organisation's reports, a new one, one of them with what is done to it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from care.figures import Half, annual_sentence, lines_of
from care.forms import ReportNew, ReportReturn
from care.models import DifficultyReport, RegisterCode
from care.permissions import check_may_open, may_recognise
from care.reporting import (
    KINDS,
    confirm_report,
    merged,
    parts_of,
    prepare_report,
    refresh_report,
    reports_of,
    return_report,
)
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.office_forms import ActForm
from members.permissions import check_may_record, may_record_at
from members.views.acts import bound, carried_out, status_of

State = DifficultyReport.State


def _here(request, capability: Capability = Capability.VIEW) -> Organisation:
    """The organisation asked for, else the one the account's work is about."""
    within = Organisation.objects.visible_to(request.user, capability)
    asked = request.GET.get("organisation") or request.POST.get("organisation")
    if asked:
        return get_object_or_404(within, pk=number(asked))
    first = within.filter(kind__in=KINDS).order_by("path").first() or within.order_by("path").first()
    if first is None:
        raise Http404
    return first


def _half(asked: str, reports: list[DifficultyReport], day) -> Half:
    try:
        return Half.read(asked)
    except ValueError:
        return Half.read(reports[0].half) if reports else Half.of(day)


@require_safe
def difficulty_reports(request):
    """The reports of one organisation, the latest first, and for one half-year who below has reported what."""
    account, day = request.user, today()
    check_may_open(account, RegisterCode.DIFFICULTY)
    here = _here(request)
    mine = DifficultyReport.objects.visible_to(account).filter(organisation=here)
    reports = list(mine.select_related("confirmed_by").order_by("-half"))
    half = _half(request.GET.get("half", ""), reports, day)
    parts = parts_of(here, day)
    given = reports_of(parts, half.code)
    context = {
        "here": here, "half": half, "day": day, "organisations": organisation_choices(account, here),
        "reports": [(Half.read(each.half), each) for each in reports],
        "parts": [(each, given.get(each.pk)) for each in parts], "over": half != Half.of(day),
        "may_prepare": may_record_at(account, here.path) and here.kind in KINDS,
    }  # fmt: skip
    return render(request, "care/reports.html", context)


def difficulty_report_new(request):
    """Drawing up the report of one organisation as of a day."""
    account, day = request.user, today()
    check_may_record(account)
    here = _here(request, Capability.RECORD)
    form = ReportNew(request.POST if request.method == "POST" else None, initial={"once": new_key(), "as_of": day})
    if where := submitted(request, form, lambda: _prepare(request, here, form, day)):
        return redirect(where)
    return render(request, "care/report_new.html", {"form": form, "here": here}, status=422 if form.errors else 200)


def _prepare(request, here: Organisation, form: ReportNew, day) -> str:
    made = prepare_report(by=request.user, organisation=here, as_of=form.cleaned_data["as_of"], today=day)
    messages.success(request, "已按台账算好，核对以后请确认上报。")
    return reverse("difficulty_report", args=[made.pk])


def difficulty_report(request, pk: int):
    """One report, on a sheet to print: its figures beside the register's, and confirming, refreshing, returning it."""
    account, day = request.user, today()
    rows = DifficultyReport.objects.visible_to(account).select_related("organisation", "confirmed_by")
    report = get_object_or_404(rows, pk=pk)
    forms, acts = _acts(request, report, day)
    if where := carried_out(request, forms, acts):
        return redirect(where)
    _said, now, missing = merged(report.organisation, report.as_of, day)
    parts = parts_of(report.organisation, day)
    given = reports_of(parts, report.half)
    context = {
        "report": report, "half": Half.read(report.half), "sections": lines_of(report.figures, now), "forms": forms,
        "sentence": annual_sentence(report.figures), "parts": [(each, given.get(each.pk)) for each in parts],
        "missing": report.missing if report.state == State.CONFIRMED else [each.label for each in missing],
        "differs": any(line.difference for _title, _remark, lines in lines_of(report.figures, now) for line in lines),
        "day": day, "waiting": report.figures.get("waiting", 0),
    }  # fmt: skip
    return render(request, "care/report.html", context, status=status_of(forms))


def _acts(request, report: DifficultyReport, day) -> tuple[dict, dict]:
    """The forms that the account may send about a report as it stands, and what each does."""
    account, path, forms = request.user, report.organisation.path, {}
    if may_record_at(account, path) and report.state != State.CONFIRMED:
        forms["refresh"] = bound(request, "refresh", ReportNew, initial={"as_of": report.as_of})
    if may_record_at(account, path) and report.state == State.DRAFT:
        forms["confirm"] = bound(request, "confirm", ActForm)
    if may_recognise(account, path) and report.state == State.CONFIRMED:
        forms["return"] = bound(request, "return", ReportReturn)
    back = reverse("difficulty_report", args=[report.pk])

    def refresh(form) -> str:
        refresh_report(by=account, report=report, as_of=form.cleaned_data["as_of"], today=day)
        messages.success(request, "已重新计算，核对以后请确认上报。")
        return back

    def confirm(_form) -> str:
        confirm_report(by=account, report=report, today=day)
        messages.success(request, "已确认上报，这半年的报送应办随之办结。")
        return back

    def give_back(form) -> str:
        return_report(by=account, report=report, reason=form.cleaned_data["reason"], today=day)
        messages.success(request, f"已退回{report.organisation.label}。")
        return back

    return forms, {"refresh": refresh, "confirm": confirm, "return": give_back}
