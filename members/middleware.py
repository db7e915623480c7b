"""Every request knows who acts in it, for the audit; every session has a clock."""

from django.contrib.auth import logout
from django.shortcuts import redirect
from django.utils import timezone

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
