"""Every request knows who acts in it, for the audit; every session has a clock."""

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.utils import timezone

from base import audit
from base.audit import Origin, origin

STARTED = "started_at"
"""When the session began, in seconds; set at sign-in."""

SEEN = "seen_at"
"""When the session was last written because its account was there, in seconds."""

LONGEST = 8 * 3600
"""A session ends this many seconds after sign-in, however busy it was."""

TOUCH = 60
"""A busy session is written once in so many seconds: an idle limit of half an hour needs no write for each page."""


def origin_of(request) -> Origin:
    """Who acts in the request: account number, printed name, address."""
    account = request.user if request.user.is_authenticated else None
    name = str(account.person or account) if account else "未登录"
    return Origin(account.pk if account else None, name, request.META.get("REMOTE_ADDR", ""))


class OriginMiddleware:
    """Sets the audit's origin for the request."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        token = origin.set(origin_of(request))
        try:
            return self.get_response(request)
        finally:
            origin.reset(token)


NUMBERED = ("member", "organisation")
"""What a form or an address may be about besides the number in its path."""

LARGEST = 10**9
"""No row of ours has a larger number; what is longer may be the number of somebody's papers, and is not kept."""


def page_of(match) -> str:
    """A page as the audit names it: its URL name, and the number in its address: ``member_reveal:5``."""
    numbers = [value for value in match.kwargs.values() if isinstance(value, int) and value < LARGEST]
    return ":".join(map(str, [match.url_name, *numbers]))[:60]


def write_denial(request, status: int, exception: Exception | None = None) -> None:
    """Write that an account was refused a page or an act; strangers are only sent to the sign-in page.

    :param exception: what refused; :class:`base.audit.Denied` says itself what it was about.
    """
    if not request.user.is_authenticated:
        return
    given = {**request.GET.dict(), **request.POST.dict()}
    asked = {name: given[name] for name in NUMBERED if given.get(name, "").isdecimal() and len(given[name]) < 10}
    match = request.resolver_match
    subject = getattr(exception, "subject", page_of(match))
    detail = {"status": status, "page": match.url_name, **asked, **getattr(exception, "detail", {})}
    audit.write(audit.Act.DENY, subject, allowed=False, **detail)


class DenialMiddleware:
    """One audit row for each refusal: what lies outside one's scope or is not there, and what one may not do.

    An address that is no page of ours is nobody's object and leaves none.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, Http404 | PermissionDenied):
            write_denial(request, 404 if isinstance(exception, Http404) else 403, exception)


class SessionClockMiddleware:
    """Keeps the idle limit of ``SESSION_COOKIE_AGE`` running, and ends every session after :data:`LONGEST`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.user.is_authenticated:
            return self.get_response(request)
        session, now = request.session, timezone.now().timestamp()
        if now - session.setdefault(STARTED, now) >= LONGEST:
            logout(request)
            # A form sent too late is refused further on, by the page that gives back what was written.
            return self.get_response(request) if request.method == "POST" else redirect("sign_in")
        if now - session.get(SEEN, 0) >= TOUCH:
            session[SEEN] = now
        return self.get_response(request)
