"""Error pages: each says what happened and where to go, nothing else."""

import logging
import secrets

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import requires_csrf_token

logger = logging.getLogger(__name__)


class ErrorPagesMiddleware:
    """Shows our page for what a view does not find, in development and in the demo as well."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return not_found(request, exception) if isinstance(exception, Http404) else None


@requires_csrf_token
def not_found(request, exception):
    """There is no such page, or it lies outside the reader's scope: the two look alike."""
    return render(request, "404.html", status=404)


@requires_csrf_token
def forbidden(request, exception: PermissionDenied):
    """In scope but not allowed: the sentence of the check that refused."""
    return render(request, "403.html", {"sentence": str(exception)}, status=403)


def failed(request):
    """Something of ours broke: a number under which the log has it, nothing else. No database, no context."""
    number = secrets.token_hex(4)
    logger.error("error page %s for %s", number, request.path)
    return HttpResponseServerError(render_to_string("500.html", {"number": number}))


@requires_csrf_token
def csrf_failure(request, reason=""):
    """The page was open too long, or came from elsewhere; what was typed is still in the browser's form."""
    return render(request, "errors/csrf.html", status=403)
