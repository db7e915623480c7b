"""Importing the roster on a page: upload, preview, write, result; one address, the stage in the query string.

What is larger than :data:`LARGE` is checked and written by jobs, and the pages show what these have stored.
"""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from base.cells import BROKEN, text_of
from base.dates import today
from base.jobs import Kind, answer_of, ended
from base.limits import MEGABYTE
from base.models import Job
from base.once import new_key, once
from base.reading import SheetRefused
from base.uploads import Upload, keep, kept
from base.views import begun
from members.forms import RosterUpload, RosterWrite
from members.jobs import GONE, ROSTER_CHECK, ROSTER_WRITE, check_importer
from members.roster.apply import import_roster, read_roster
from members.roster.plan import plan_roster
from members.roster.preview import Preview
from members.roster.refused import export_refused
from members.roster.stored import restored

RESULT = "roster_result"
"""Where the session keeps which upload was written last and its counts; never a name."""

LARGE = MEGABYTE // 8
"""Bytes of a file that a page no longer reads by itself: one to three thousand rows."""


@require_http_methods(["GET", "HEAD", "POST"])
def roster_import(request):
    """The first stage, or the one that the request is for. Only for those who may import somewhere."""
    check_importer(request.user)
    given = request.POST if request.method == "POST" else request.GET
    if "upload" not in given:
        return _receive(request) if request.method == "POST" else _upload_page(request, _upload_form())
    upload = _kept(request, given["upload"])
    if upload is None:
        return redirect("roster_import")
    if len(upload.data) > LARGE:
        return _large(request, upload)
    if request.method == "POST":
        return _write(request, upload)
    written = request.session.get(RESULT, {}).get("upload") == upload.token
    return _result(request, upload) if written and "done" in request.GET else _preview(request, upload)


@require_POST
def roster_refused(request):
    """The rows of the account's own upload that are not taken, marked, to be mended and uploaded again."""
    check_importer(request.user)
    upload, day = _kept(request, request.POST.get("upload", "")), today()
    if upload is None:
        return redirect("roster_import")
    plan = plan_roster(by=request.user, sheet=read_roster(upload.data), as_of=day, today=day)
    if not plan.refused:
        messages.info(request, "这份名册没有要退回的行。")
        return redirect(f"{reverse('roster_import')}?{urlencode({'upload': upload.token})}")
    response = FileResponse(export_refused(plan), as_attachment=True, filename=f"名册退回-{day}.xlsx")
    response["Cache-Control"] = "no-store"
    return response


def _kept(request, token: str) -> Upload | None:
    """The account's own upload; without it the reader is told why."""
    upload = kept(token, owner=request.user.pk, now=timezone.now())
    if upload is None:
        messages.warning(request, GONE)
    return upload


def _upload_form() -> RosterUpload:
    return RosterUpload(initial={"once": new_key()})


def _upload_page(request, form: RosterUpload, status: int = 200) -> HttpResponse:
    return render(request, "members/roster_upload.html", {"form": form}, status=status)


def _receive(request) -> HttpResponse:
    """Refuse what is no roster; keep what is one, and go to its preview."""
    form = RosterUpload(request.POST, request.FILES)
    if not form.is_valid():
        return _upload_page(request, form, status=422)
    file = form.cleaned_data["file"]
    if file.size > LARGE:
        return _ask(
            request, form.cleaned_data["once"], ROSTER_CHECK, lambda: _keep(request, file, file.read()), today()
        )
    data = file.read()
    try:
        read_roster(data)
    except SheetRefused as refusal:
        form.add_error("file", str(refusal))
        return _upload_page(request, form, status=422)
    return redirect(f"{reverse('roster_import')}?{urlencode({'upload': _keep(request, file, data)})}")


def _keep(request, file, data: bytes) -> str:
    name = BROKEN.sub("", text_of(file.name))
    return keep(owner=request.user.pk, filename=name, data=data, now=timezone.now())


def _ask(request, once_key: str, kind: Kind, upload: Callable[[], str], as_of: date) -> HttpResponse:
    """Go to the page of a job on an upload, which is kept only if the form was not sent before."""
    return begun(request, once_key, kind, lambda: {"upload": upload(), "as_of": as_of.isoformat()})


def _large(request, upload: Upload) -> HttpResponse:
    """The stages of an upload that jobs work on."""
    day = today()
    if request.method == "POST":
        form = RosterWrite(request.POST, today=day)
        if form.is_valid():
            kind = ROSTER_CHECK if "check" in request.POST else ROSTER_WRITE
            return _ask(request, form.cleaned_data["once"], kind, lambda: upload.token, form.cleaned_data["as_of"])
        for sentence in form.errors.get("as_of", ()):
            messages.warning(request, sentence)
    given = request.POST if request.method == "POST" else request.GET
    job = ended(request.user.pk, given.get("job", ""), upload=upload.token, now=timezone.now())
    return _stored(request, upload, job) if job else redirect("jobs")


def _stored(request, upload: Upload, job: Job) -> HttpResponse:
    """The preview or the result as the job has stored it."""
    preview = restored(answer_of(job), request.GET.get("tab", ""))
    context = {"upload": upload, "preview": preview, "job": job if job.file_name else None}
    if job.kind == ROSTER_WRITE.code:
        context |= {"counts": {**preview["report"], "transfers": preview["transfers"]}}
        context["preview"] = restored(answer_of(job), "refused")
        return render(request, "members/roster_result.html", context)
    as_of = date.fromisoformat(preview["as_of"])
    form = RosterWrite({"as_of": as_of, "upload": upload.token, "once": new_key()}, today=today())
    return render(request, "members/roster_preview.html", {**context, "as_of": as_of, "form": form})


def _preview(request, upload: Upload, form: RosterWrite | None = None) -> HttpResponse:
    """What writing would do, as of the day chosen. A refused form comes back with its day."""
    day = today()
    refused = form is not None
    form = form or RosterWrite({"as_of": day, **request.GET.dict(), "once": new_key()}, today=day)
    as_of = form.cleaned_data["as_of"] if form.is_valid() else day
    plan = plan_roster(by=request.user, sheet=read_roster(upload.data), as_of=as_of, today=day)
    preview = Preview(plan, request.GET.get("tab", ""))
    context = {"form": form, "upload": upload, "as_of": as_of, "preview": preview, "job": None}
    return render(request, "members/roster_preview.html", context, status=422 if refused or form.errors else 200)


def _write(request, upload: Upload) -> HttpResponse:
    """Carry the preview out, once."""
    day = today()
    form = RosterWrite(request.POST, today=day)
    if not form.is_valid():
        return _preview(request, upload, form)
    as_of = form.cleaned_data["as_of"]

    def act() -> str:
        plan = import_roster(by=request.user, sheet=read_roster(upload.data), as_of=as_of, today=day)
        counts = plan.report().counts()
        request.session[RESULT] = {"upload": upload.token, "transfers": len(plan.transfers), **counts}
        return f"{reverse('roster_import')}?{urlencode({'upload': upload.token, 'as_of': as_of, 'done': 1})}"

    try:
        where, _fresh = once(form.cleaned_data["once"] or new_key(), act)
    except SheetRefused as refusal:
        form.add_error(None, str(refusal))
        return _preview(request, upload, form)
    return redirect(where)


def _result(request, upload: Upload) -> HttpResponse:
    """What was written, and what was not: rows refused then are refused still."""
    day = today()
    plan = plan_roster(by=request.user, sheet=read_roster(upload.data), as_of=day, today=day)
    context = {"upload": upload, "counts": request.session[RESULT], "preview": Preview(plan, "refused"), "job": None}
    return render(request, "members/roster_result.html", context)
