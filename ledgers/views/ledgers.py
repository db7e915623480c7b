"""Pages of the ledgers: the list, one ledger, its workbook, and taking one in.

A sheet of more than :data:`LARGE` rows is checked and written by jobs, and the pages show what these have stored.
"""

from dataclasses import replace
from io import BytesIO

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from base.cells import BROKEN, text_of
from base.dates import today
from base.jobs import AT_ONCE, answer_of, of_account, parameters_of
from base.limits import SheetRefused
from base.models import Job
from base.once import new_key
from base.reading import Sheet
from base.uploads import keep
from base.views import begun
from ledgers.declarations import LEDGERS
from ledgers.extract import Extract, export
from ledgers.forms import LedgerFilter, UnmaskForm
from ledgers.jobs import LEDGER_CHECK, LEDGER_EXPORT, LEDGER_WRITE, extract_parameters, taking_parameters
from ledgers.ledger import AsOf, Ledger
from ledgers.models import Layout
from ledgers.people import Importer
from ledgers.permissions import (
    KEEPER,
    check_may_export,
    check_may_read,
    check_may_take_in,
    check_may_unmask,
    is_offered,
    may_export,
    may_lay_out,
    may_take_in,
    may_unmask,
)
from ledgers.stored import restored
from ledgers.taking import blank, import_ledger, plan_ledger, read_ledger
from members.enums import Capability
from members.office_forms import SheetWrite
from members.views.sheets import NONE_REFUSED, Kind, stages

LARGE = 1_000
"""Rows of a sheet up to which a page takes it in by itself."""


class LargeSheet(Exception):
    """A sheet of more rows than a page takes in by itself."""


def this_year(organisation) -> dict:
    """The filter as it stands before anybody chose: the organisation, from New Year to today."""
    day = today()
    return {"organisation": organisation.pk, "first": day.replace(month=1, day=1), "last": day}


def _opens_with(ledger: Ledger, organisation) -> dict:
    """The filter of a ledger as it stands before anybody chose."""
    as_of = {"held_on": today()} if ledger.as_of == AsOf.FIRST else {}
    return this_year(organisation) | as_of


def ledger_of(code):
    """The ledger; one that is not declared does not exist."""
    if code not in LEDGERS:
        raise Http404
    return LEDGERS[code]


@require_safe
def ledgers(request):
    """Every ledger with its rows of this year so far, for the organisation one stands for."""
    check_may_read(request.user)
    organisation = request.user.scope.home
    extracts = [
        Extract(
            each, request.user, at=timezone.now(), **_opens_with(each, organisation) | {"organisation": organisation}
        )
        for each in LEDGERS.values()
        if is_offered(request.user, each)
    ]
    return render(request, "ledgers/ledgers.html", {"extracts": extracts, "organisation": organisation})


def _asked(request, code, data):
    """The filter as asked for and, if it is in order, the extract. An organisation out of scope does not exist."""
    ledger = ledger_of(code)
    check_may_read(request.user, ledger)
    asked = {**_opens_with(ledger, request.user.scope.home), **data.dict()}
    layouts = Layout.objects.visible_to(request.user).filter(ledger=code).defer("book").order_by("name", "pk")
    form = LedgerFilter(asked, ledger=ledger, today=today(), account=request.user, layouts=layouts)
    if "organisation" in form.errors:
        raise Http404
    if not form.is_valid():
        return form, None
    return form, Extract(ledger, request.user, at=timezone.now(), **form.cleaned_data)


def _page(request, code, form, extract):
    allowed = extract and may_export(request.user, extract.organisation)
    context = {
        "ledger": LEDGERS[code], "form": form, "extract": extract, "may_export": allowed,
        "may_take_in": may_take_in(request.user, LEDGERS[code]), "may_lay_out": may_lay_out(request.user),
    }  # fmt: skip
    if extract:
        context |= {
            "rows": extract.preview(), "once": new_key(), "query": _query(extract),
            "may_unmask": extract.masked and may_unmask(request.user, extract.organisation),
        }  # fmt: skip
    template = "ledgers/_ledger.html" if request.htmx else "ledgers/ledger.html"
    return render(request, template, context, status=200 if extract else 422)


def _query(extract: Extract) -> str:
    """What was chosen, for the page that asks for the reason of an unmasked export."""
    chosen = {
        "organisation": extract.organisation.pk, "first": extract.first, "last": extract.last,
        **({"layout": extract.layout.pk} if extract.layout else {}),
        **({"paper": extract.paper} if extract.paper else {}),
        **({"pick": extract.pick} if extract.pick else {}),
        **({"held_on": extract.held_on or ""} if extract.ledger.as_of != AsOf.NEVER else {}),
    }  # fmt: skip
    return urlencode(chosen)


@require_safe
def ledger(request, code):
    """One ledger: filter, first rows, and the button that exports them all."""
    return _page(request, code, *_asked(request, code, request.GET))


@require_POST
def ledger_export(request, code):
    """The ledger as a workbook, or the job that makes a large one; the audit row is there before the file."""
    form, extract = _asked(request, code, request.POST)
    if extract is None:
        return _page(request, code, form, None)
    check_may_export(request.user, extract.organisation)
    if extract.refused:
        form.add_error("layout", extract.refused)
        return _page(request, code, form, None)
    return _sent(request, form, extract)


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_unmasked(request, code):
    """Asks what for, and sends the ledger with identity numbers, telephones and addresses as they are.

    What was chosen stands in the address, as on the ledger's page. The reason comes with the form alone: it stands in
    the audit, in the file, in no address and in no log.
    """
    form, extract = _asked(request, code, request.GET)
    if not ledger_of(code).masked:
        raise Http404
    if extract is None:
        return _page(request, code, form, None)
    check_may_unmask(request.user, extract.organisation, extract.ledger)
    asked = UnmaskForm(request.POST if request.method == "POST" else None)
    if refused := extract.refused or ("" if extract.masked else "这个版式里没有脱敏的列，请回到台账直接导出。"):
        form.add_error("layout", refused)
        return _page(request, code, form, None)
    if asked.is_valid():
        return _sent(request, form, replace(extract, reason=asked.cleaned_data["reason"].strip()))
    context = {
        "extract": extract, "ledger": extract.ledger, "form": asked, "once": new_key(), "query": _query(extract),
    }  # fmt: skip
    return render(request, "ledgers/unmasked.html", context, status=422 if asked.errors else 200)


def _sent(request, form, extract: Extract) -> HttpResponse:
    """The workbook, or the page of the job that makes it; the ledger's page where a superior's sheet takes none."""
    if extract.at_most > AT_ONCE:
        title = f"{extract.ledger.title}，{extract.organisation.label}，{extract.period}"
        return begun(request, request.POST.get("once", ""), LEDGER_EXPORT, lambda: extract_parameters(extract), title)
    file = BytesIO()
    try:
        export(extract, file)
    except SheetRefused as refused:
        form.add_error("layout", str(refused))
        return _page(request, extract.ledger.code, form, None)
    response = FileResponse(file, as_attachment=True, filename=extract.file_name)
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def ledger_import(request, code):
    """A sheet of this ledger taken in, a stage at a time; a large one by jobs."""
    ledger = ledger_of(code)
    check_may_take_in(request.user, ledger)
    given = request.POST if request.method == "POST" else request.GET
    job = _job(request, ledger, given["upload"], given.get("job")) if "upload" in given else None
    if job is not None:
        return _by_job(request, ledger, job)
    try:
        return stages(request, _kind(ledger, request.user))
    except LargeSheet:
        return redirect("jobs") if "upload" in given else _ask_check(request, ledger)


def _job(request, ledger, token: str, wanted: str | None) -> Job | None:
    """The account's own job on this upload that is wanted, or that last checked or wrote it; none of another scope."""
    done = of_account(request.user.pk, now=timezone.now()).filter(
        kind__in=(LEDGER_CHECK.code, LEDGER_WRITE.code), state=Job.State.DONE
    )
    asked = taking_parameters(ledger, token, request.user)
    found = [job for job in done.defer("answer") if parameters_of(job) == asked]
    return next((job for job in found if str(job.pk) == wanted), found[0] if found else None)


def _by_job(request, ledger, job: Job) -> HttpResponse:
    """The preview or the result as the job has stored it; the job that writes; the rows that were refused."""
    if request.method == "POST":
        if "refused" in request.POST and job.file_name:
            return redirect("job_file", job.pk)
        if "refused" in request.POST:
            messages.info(request, NONE_REFUSED)
            return redirect(job.where)
        title = f"写入{ledger.title}"
        return begun(request, request.POST.get("once", ""), LEDGER_WRITE, lambda: parameters_of(job), title)
    written = job.kind == LEDGER_WRITE.code
    upload, preview = restored(answer_of(job), "refused" if written else request.GET.get("tab", ""))
    context = {"kind": _kind(ledger, request.user), "upload": upload, "preview": preview}
    if written:
        return render(request, "members/sheet_result.html", {**context, "counts": preview["report"]})
    form = SheetWrite(initial={"once": new_key(), "upload": upload["token"]})
    return render(request, "members/sheet_preview.html", {**context, "form": form})


def _ask_check(request, ledger) -> HttpResponse:
    """Go to the page of a job on the file, which is kept only if the form was not sent before."""
    file = request.FILES["file"]

    def parameters() -> dict:
        file.seek(0)
        name = BROKEN.sub("", text_of(file.name))
        token = keep(owner=request.user.pk, filename=name, data=file.read(), now=timezone.now())
        return taking_parameters(ledger, token, request.user)

    return begun(request, request.POST.get("once", ""), LEDGER_CHECK, parameters, f"检查{ledger.title}")


@require_safe
def ledger_template(request, code):
    """The ledger without rows, with the columns that only an import reads."""
    ledger = ledger_of(code)
    check_may_take_in(request.user, ledger)
    file = blank(ledger, request.user.scope.home.name, timezone.localtime())
    return FileResponse(file, as_attachment=True, filename=f"{ledger.title}导入模板.xlsx")


def _kind(ledger, account) -> Kind:
    """The ledger as a kind of sheet. Rows are known within what the account views, entered within what it records.

    Its reader raises :class:`LargeSheet` for what is no page's work.
    """
    importer = Importer(account)

    def plan(*, by, sheet, today):
        return plan_ledger(importer=importer, ledger=ledger, sheet=sheet, today=today)

    def write(*, by, sheet, today):
        return import_ledger(importer=importer, ledger=ledger, sheet=sheet, today=today).report()

    def read(data: bytes) -> Sheet:
        sheet = read_ledger(ledger, data)
        if len(sheet.rows) > LARGE:
            raise LargeSheet
        return sheet

    needs = "、".join(column.heading for column in ledger.keys)
    return Kind(
        "ledger_import", ledger.title, needs, "", "ledger", read, plan, write,
        at={"code": ledger.code}, capability=Capability.RECORD, keeper=KEEPER, named="姓名",
        first_page="ledgers/import.html", updates=False,
        subject={"ledger": ledger, "once": new_key(), "large": LARGE},
    )  # fmt: skip
