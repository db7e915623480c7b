"""Oneself: own data masked, own posts, large type, signing out."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from duties.board.groups import live
from duties.board.handing_over import own_handovers
from duties.board.roster import seniority_of
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty
from members.enums import Capability

ROWS = 50
"""More by one name than anybody keeps."""

LARGE_TYPE = "large_type"
"""The cookie of 大字版; it holds no more than that."""


@require_safe
def me(request):
    """One's own page, with or without a post."""
    person, day = request.user.person, today()
    memberships = person.memberships.on(day).select_related("organisation").order_by("pk") if person else []
    membership = next(iter(memberships), None)
    context = {
        "person": person,
        "membership": membership,
        "seniority": seniority_of(membership, day) if membership else person and person.seniority(day),
        "holdings": request.user.scope.holdings,
        "handovers": own_handovers(request.user, day),
        "day": day,
        "large": request.COOKIES.get(LARGE_TYPE) == "1",
        "lines": _by_name(request.user, day),
    }
    return render(request, "duties/me.html", context)


def _by_name(account, day) -> list[Line]:
    """What binds this very person (a request to answer, members to stand by), for whoever has no board."""
    if account.scope.may(Capability.VIEW):
        return []
    bound = Duty.objects.visible_to(account).filter(live(day))
    return describe(with_words(bound).order_by("due_on", "pk")[:ROWS], account, day)


@require_POST
def large_type(request):
    """Switch 大字版 on or off for this browser."""
    response = redirect("me")
    if request.COOKIES.get(LARGE_TYPE) == "1":
        response.delete_cookie(LARGE_TYPE)
    else:
        year = 365 * 24 * 3600
        response.set_cookie(
            LARGE_TYPE, "1", max_age=year, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    return response
