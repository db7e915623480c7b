"""Error pages, each says what happened and where to go; and how the machinery stands."""

import logging
import re
import secrets

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from base.once import new_key, once
from config.health import healthy, ready, report
from duties.notices.outbox import retry_dead
from members.enums import Capability
from members.middleware import write_denial

WRITTEN = {
    "text": "谈了什么",
    "wish": "本人诉求",
    "promised": "答应的事",
    "met_name": "见到谁",
    "money": "慰问金",
    "gift_value": "慰问品价值",
    "gift": "慰问品",
    "title": "学习主题",
    "place": "地点",
    "note": "说明",
    "reason": "理由",
    "other": "其他原因",
}
"""The fields of all forms that hold what somebody wrote; passwords, numbers and names are none of them."""

CHOICE = re.compile(r"[a-z_]+(:\d+)?")
"""What the value of a choice looks like, where a form's choice has the name of another form's text."""

LINE = re.compile(r"_[0-9]+$")
"""What the name of a field ends in where a form has one for each member."""

logger = logging.getLogger(__name__)


METHODS = ("GET", "HEAD", "POST")
"""What pages are asked by; each says itself which of them it takes."""


class ErrorPagesMiddleware:
    """Shows our page for what a view does not find, in development and in the demo as well; refuses other methods."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request) if request.method in METHODS else HttpResponseNotAllowed(METHODS)

    def process_exception(self, request, exception):
        return not_found(request, exception) if isinstance(exception, Http404) else None


@requires_csrf_token
def not_found(request, exception):
    """There is no such page, or it lies outside the reader's scope: the two look alike."""
    return render(request, "404.html", status=404)


@requires_csrf_token
def forbidden(request, exception: PermissionDenied):
    """In scope but not allowed: the sentence of the check that refused; to htmx without the page around it."""
    template = "errors/_forbidden.html" if request.htmx else "403.html"
    return render(request, template, {"sentence": str(exception)}, status=403)


def failed(request):
    """Something of ours broke: a number under which the log has it, nothing else. No database, no context."""
    number = secrets.token_hex(4)
    logger.error("error page %s for %s", number, request.path)
    return HttpResponseServerError(render_to_string("500.html", {"number": number}))


@requires_csrf_token
def csrf_failure(request, reason=""):
    """The page was open too long, or came from elsewhere. What was written comes back to be copied.

    What htmx asked for is a corner of a page that still shows what was written: there the sentence is enough.
    """
    write_denial(request, 403)
    if request.htmx:
        return render(request, "errors/_csrf.html", status=403)
    sent = [(WRITTEN.get(LINE.sub("", name)), text.strip()) for name, text in request.POST.items()]
    written = [(label, text) for label, text in sent if label and text and not CHOICE.fullmatch(text)]
    response = render(request, "errors/csrf.html", {"written": written}, status=403)
    response["Cache-Control"] = "no-store"
    return response


@login_not_required
@require_safe
def healthz(request):
    """Whether this process can serve (200) or not (503), for balancers; ``?ready`` asks after the clock as well.

    A silent clock does not make it unfit to serve: restarting the pages would not wind it up.
    """
    fine = healthy() and ("ready" not in request.GET or ready(timezone.now()))
    response = HttpResponse("ok\n" if fine else "not ok\n", content_type="text/plain", status=200 if fine else 503)
    response["Cache-Control"] = "no-store"
    return response


def check_may_see_health(account) -> None:
    """:raises PermissionDenied: for everybody but system administrators."""
    if not account.scope.may(Capability.ACCOUNTS):
        raise PermissionDenied("运行情况由系统管理员查看。")


@require_safe
def health(request):
    """Engines, timetable, outbox: what the system administrator looks after. No business data."""
    check_may_see_health(request.user)
    return render(request, "health.html", {"health": report(timezone.now(), today()), "once": new_key()})


@require_POST
def health_retry(request):
    """Let what could not be sent wait again."""
    check_may_see_health(request.user)

    def again() -> str:
        retried = retry_dead(by=request.user, now=timezone.now())
        messages.info(request, f"{retried} 条重新等待发送。" if retried else "没有要重新发送的。")
        return reverse("health")

    once(request.POST.get("once") or new_key(), again)
    return redirect("health")
