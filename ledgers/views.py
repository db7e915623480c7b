"""Pages of the ledgers: the list, one ledger, and its workbook."""

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.forms import LedgerFilter
from ledgers.permissions import check_may_export, check_may_read, may_export
from members.models import Organisation


def _this_year(organisation):
    day = today()
    return {"organisation": organisation.pk, "first": day.replace(month=1, day=1), "last": day}


def _ledger(code):
    if code not in LEDGERS:
        raise Http404
    return LEDGERS[code]


@require_safe
def ledgers(request):
    """Every ledger with its rows of this year so far, for the organisation one stands for."""
    check_may_read(request.user)
    organisation = request.user.scope.home
    period = _this_year(organisation)
    extracts = [
        Extract(each, request.user, organisation, period["first"], period["last"], timezone.now())
        for each in LEDGERS.values()
    ]
    return render(request, "ledgers/ledgers.html", {"extracts": extracts, "organisation": organisation})


def _asked(request, code, data):
    """The filter as asked for and, if it is in order, the extract. An organisation out of scope does not exist."""
    ledger = _ledger(code)
    check_may_read(request.user)
    organisations = list(Organisation.objects.visible_to(request.user).order_by("path", "pk"))
    asked = {**_this_year(request.user.scope.home), **data.dict()}
    form = LedgerFilter(asked, organisations=organisations)
    if "organisation" in form.errors:
        raise Http404
    if not form.is_valid():
        return form, None
    found = form.cleaned_data
    return form, Extract(ledger, request.user, found["organisation"], found["first"], found["last"], timezone.now())


def _page(request, code, form, extract):
    allowed = extract and may_export(request.user, extract.organisation)
    context = {"ledger": LEDGERS[code], "form": form, "extract": extract, "may_export": allowed}
    if extract:
        context["rows"] = extract.preview()
    template = "ledgers/_ledger.html" if request.htmx else "ledgers/ledger.html"
    return render(request, template, context, status=200 if extract else 422)


@require_safe
def ledger(request, code):
    """One ledger: filter, first rows, and the button that exports them all."""
    return _page(request, code, *_asked(request, code, request.GET))


@require_POST
def ledger_export(request, code):
    """The ledger as a workbook; the audit row is there before the file."""
    form, extract = _asked(request, code, request.POST)
    if extract is None:
        return _page(request, code, form, None)
    check_may_export(request.user, extract.organisation)
    response = FileResponse(export(extract), as_attachment=True, filename=extract.file_name)
    response["Cache-Control"] = "no-store"
    return response
