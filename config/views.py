"""Error pages: each says what happened and where to go, nothing else."""

import logging
import re
import secrets

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

from members.middleware import write_denial

WRITTEN = {
    "text": "谈了什么",
    "wish": "本人诉求",
    "promised": "答应的事",
    "met_name": "见到谁",
    "money": "慰问金",
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
