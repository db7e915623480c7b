"""Oneself: own data masked, own posts, large type, signing out."""

from django.conf import settings
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from base.dates import today
from duties.board.roster import seniority_of

LARGE_TYPE = "large_type"
"""The cookie of 大字版; it holds no more than that."""


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
        "day": day,
        "large": request.COOKIES.get(LARGE_TYPE) == "1",
    }
    return render(request, "duties/me.html", context)


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
