"""Oneself: what is owed to one and by whom, one's own file, what one asked, own posts, large type, signing out."""

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from base.dates import today
from duties.board.groups import live
from duties.board.handing_over import own_handovers
from duties.board.own import own_page
from duties.board.roster import seniority_of
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty
from members.accounts import choose_type, reads_large
from members.enums import LIVING, Capability
from members.revealing import FIELDS, reveal, secret_of

ROWS = 50
"""More by one name than anybody keeps."""

LARGE_TYPE = "large_type"
"""The cookie of 大字版, for the pages before signing in; the account remembers it for all others."""

BY_HIMSELF = "本人查看"
"""The reason in the audit when somebody opens his own file."""


@require_safe
def me(request):
    """One's own page, with or without a post."""
    person, day = request.user.person, today()
    memberships = person.memberships.on(day).select_related("organisation", "person") if person else None
    membership = memberships.order_by("pk").first() if person else None
    context = {
        "person": person,
        "membership": membership,
        "seniority": seniority_of(membership, day) if membership else person and person.seniority(day),
        "holdings": request.user.scope.holdings,
        "handovers": own_handovers(request.user, day),
        "day": day,
        "lines": _by_name(request.user, day),
        "own": membership
        and membership.standing in LIVING
        and own_page(request.user, membership, day, everything="all" in request.GET),
    }
    return render(request, "duties/me.html", context)


def _by_name(account, day) -> list[Line]:
    """What binds this very person (a request to answer, members to stand by), for whoever has no board."""
    if account.scope.may(Capability.VIEW):
        return []
    bound = Duty.objects.visible_to(account).filter(live(day))
    return describe(with_words(bound).order_by("due_on", "pk")[:ROWS], account, day)


def me_reveal(request):
    """One sealed value of one's own file, shown once; it leaves an audit row like any other. A GET shows the mask."""
    field = request.POST.get("field") or request.GET.get("field", "")
    person = request.user.person
    secret = secret_of(person, field) if person and field in FIELDS else None
    if secret is None:
        raise Http404
    value = reveal(by=request.user, secret=secret, reason=BY_HIMSELF) if request.method == "POST" else ""
    if not value and not request.htmx:
        return redirect("me")
    template = "duties/_own_value.html" if request.htmx else "duties/own_value.html"
    response = render(request, template, {"field": field, "secret": secret, "value": value})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def large_type(request):
    """Switch 大字版 on or off for this account, and for the sign-in page of this browser."""
    large = not reads_large(request.user)
    choose_type(by=request.user, large=large)
    response = redirect("me")
    if large:
        year = 365 * 24 * 3600
        response.set_cookie(
            LARGE_TYPE, "1", max_age=year, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(LARGE_TYPE)
    return response
