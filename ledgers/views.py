"""Pages of the ledgers: the list, one ledger, and its workbook."""

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from base import audit
from base.dates import today
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.forms import LedgerFilter
from members.enums import Capability
from members.models import Organisation


def _check_may_read(account):
    """Ledgers are for those with a post that may view something."""
    if not account.scope.may(Capability.VIEW):
        raise PermissionDenied("台账由有查阅职责的同志查看。你自己的情况在“我的”里。")


def _this_year(organisation):
    day = today()
    return {"organisation": organisation.pk, "first": day.replace(month=1, day=1), "last": day}


def _ledger(code):
    if code not in LEDGERS:
        raise Http404
    return LEDGERS[code]


@require_GET
def ledgers(request):
    """Every ledger with its rows of this year so far, for the organisation one stands for."""
    _check_may_read(request.user)
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
    _check_may_read(request.user)
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
    may_export = extract and request.user.scope.may(Capability.EXPORT, extract.organisation.path)
    context = {"ledger": LEDGERS[code], "form": form, "extract": extract, "may_export": may_export}
    if extract:
        context["rows"] = extract.preview()
    template = "ledgers/_ledger.html" if request.htmx else "ledgers/ledger.html"
    return render(request, template, context, status=200 if extract else 422)


@require_GET
def ledger(request, code):
    """One ledger: filter, first rows, and the button that exports them all."""
    return _page(request, code, *_asked(request, code, request.GET))


@require_POST
def ledger_export(request, code):
    """The ledger as a workbook; the audit row is there before the file."""
    form, extract = _asked(request, code, request.POST)
    if extract is None:
        return _page(request, code, form, None)
    if not request.user.scope.may(Capability.EXPORT, extract.organisation.path):
        audit.write(audit.Act.DENY, f"organisation:{extract.organisation.pk}", allowed=False, ledger=code)
        raise PermissionDenied("你的职务可以查看这本台账，不能导出。需要时请这个党组织的书记导出。")
    response = FileResponse(export(extract), as_attachment=True, filename=extract.file_name)
    response["Cache-Control"] = "no-store"
    return response
