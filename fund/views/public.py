"""公示 outside sign-in: what hangs today, for everybody to read. Nothing but :class:`fund.applying.showing.Paper`."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from base.dates import today
from fund.applying.showing import papers_on


def _unkept(response):
    """For nobody's cache and no search: after its last day it is to be gone everywhere."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response


@login_not_required
@require_safe
def public_notices(request):
    """The notices that hang today."""
    day = today()
    return _unkept(render(request, "fund/public_notices.html", {"papers": papers_on(day), "day": day}))


@login_not_required
@require_safe
def public_notice(request, token: str):
    """One notice, as on the wall; gone with its last day, or as soon as it is taken down."""
    day = today()
    papers = papers_on(day, token)
    if not papers:
        raise Http404
    return _unkept(render(request, "fund/public_notice.html", {"paper": papers[0], "day": day}))
