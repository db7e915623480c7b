"""One's own drafts of forms, and one's own jobs."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from base import drafts, job_files
from base import jobs as work
from base.models import Job
from base.once import new_key, once


@require_POST
def draft_save(request):
    """Keep what was typed so far; static/js/app.js sends it every few seconds."""
    try:
        drafts.save(
            account=request.user.pk, key=request.POST.get("draft", ""), sent=request.POST, now=timezone.now()
        )  # fmt: skip
    except drafts.DraftRefused as refused:
        raise Http404 from refused
    return HttpResponse(status=204)


@require_POST
def draft_drop(request):
    """Forget a draft and open its form again, empty."""
    drafts.drop(account=request.user.pk, key=request.POST.get("draft", ""))
    back = request.POST.get("next", "")
    ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if ours else "desk")


def _own(request, pk: int) -> Job:
    """The account's own job. Of others, and of one that has had its day, nothing is to be seen."""
    return get_object_or_404(work.of_account(request.user.pk, now=timezone.now()), pk=pk)


@require_safe
def jobs(request):
    """One's own jobs, and the kinds that one may ask for here."""
    found = work.of_account(request.user.pk, now=timezone.now())
    offered = [(kind, new_key()) for kind in work.offered().values() if work.may(kind, request.user.pk)]
    return render(request, "jobs/jobs.html", {"jobs": found, "offered": offered})


@require_POST
def job_ask(request, kind):
    """Ask for a kind of work that the page of jobs offers; who may not have it reads why."""
    offered = work.offered()
    if kind not in offered:
        raise Http404
    offered[kind].check(request.user.pk, {})
    return begun(request, request.POST.get("once", ""), offered[kind], dict)


def begun(
    request, key: str, kind: work.Kind, parameters: Callable[[], dict], title: str = "", *, shared: bool = False
) -> HttpResponse:
    """Ask for long work on behalf of a form, once, and go to its page; a full queue is answered with a sentence.

    :param key: the form's ``once`` key.
    :param parameters: makes the job's parameters; not called for a form that was sent before.
    :param title: what the reader sees, instead of the kind's own title.
    :param shared: whether an unfinished job that was asked for the same is shown instead of a second one. The caller's
        ``parameters`` change nothing then, and see to it that two who ask at once take turns.
    """

    def act() -> str:
        if shared and (same := _unfinished(request, kind, parameters())):
            messages.info(request, "同样的任务已经在做，没有再做一份。")
            return reverse("job", args=[same.pk])
        work.check_room(request.user.pk)  # before a file is kept in place of the one that another job waits for
        asked = work.ask(
            account=request.user.pk, kind=kind.code, title=title or kind.title, parameters=parameters(),
            now=timezone.now(),
        )  # fmt: skip
        return reverse("job", args=[asked.pk])

    try:
        where, _fresh = once(key.replace("\0", "") or new_key(), act)
    except work.JobRefused as refused:
        messages.warning(request, str(refused))
        return redirect("jobs")
    return redirect(where)


def _unfinished(request, kind: work.Kind, parameters: dict) -> Job | None:
    """The account's own job of this kind and these parameters that waits or runs."""
    own = work.of_account(request.user.pk, now=timezone.now()).filter(kind=kind.code, cancelling=False)
    running = own.filter(state__in=work.UNFINISHED)
    return next((job for job in running if work.parameters_of(job) == parameters), None)


@require_safe
def job(request, pk):
    """How far a job is; asks again by itself until it has ended, and then goes where its result is shown."""
    job = _own(request, pk)
    if job.state == Job.State.DONE and job.where and "stay" not in request.GET:
        return HttpResponseClientRedirect(job.where) if request.htmx else redirect(job.where)
    context = {"job": job, "told": job_files.told(job), "said": work.answer_of(job).get("said", "")}
    return render(request, "jobs/_job.html" if request.htmx else "jobs/job.html", context)


@require_safe
def job_file(request, pk):
    """The file a job left; whoever may not have it any more does not find it."""
    job = _own(request, pk)
    if not job.file_name:
        raise Http404
    try:
        chunks = work.fetch(job)
    except (PermissionDenied, FileNotFoundError) as gone:
        raise Http404 from gone
    response = StreamingHttpResponse(chunks, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, job.file_name)
    response["Content-Length"] = job.size
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def job_cancel(request, pk):
    """Stop a job that waits or runs."""
    if not work.cancel(_own(request, pk), now=timezone.now()):
        messages.info(request, "这个任务已经结束，没有可取消的。")
    return redirect("job", pk)


@require_POST
def job_retry(request, pk):
    """Have a job that failed or was cancelled wait again."""
    try:
        work.retry(_own(request, pk), now=timezone.now())
    except work.JobRefused as refused:
        messages.warning(request, str(refused))
    return redirect("job", pk)
