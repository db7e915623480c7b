"""The workbench: what to do today, the month's birthdays, coverage, gaps."""

from django.conf import settings
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import today
from duties.board import desk as board
from duties.board.asked import Asked, has_own_list, stands_in
from duties.filters import Narrowing
from duties.views.me import me
from members.counting import counts_under
from members.enums import Capability, OrganisationKind, Role
from members.models import Organisation
from members.scope import Holding
from members.views.sign_in import first_page


def _catch_up(account, here: Organisation, day) -> tuple[str, str] | None:
    """The policy of late and the page for talks held before it, for the branch's own secretary."""
    if Holding(Role.SECRETARY, here) not in account.scope.holdings:
        return None
    adoption = board.to_catch_up(account, here, day)
    return adoption and (
        adoption.policy.title,
        f"{reverse(settings.ALREADY_DONE, args=[adoption.pk])}?organisation={here.pk}",
    )


@require_safe
def desk(request):
    """The workbench of the first post, or of another organisation in scope; without a post, one's own page."""
    account, day = request.user, today()
    if not account.scope.may(Capability.VIEW):
        page = first_page(account)
        return me(request) if page == "desk" else redirect(page)
    here = account.scope.home
    if asked := Narrowing(request.GET).value("organisation"):
        here = get_object_or_404(Organisation.objects.visible_to(account), pk=asked)
    own = has_own_list(account, day) and any(holding.organisation == here for holding in account.scope.holdings)
    asked = Asked(account, day, here=here)
    leaf = here.kind in (OrganisationKind.BRANCH, OrganisationKind.GROUP)
    members = counts_under([here.path])
    birthdays, birthday_count = board.birthdays(account, here, day, living=members.living)
    context = {
        "here": here,
        "own": own,
        "stands_in": stands_in(account, day),
        "within": "" if own else f"&organisation={here.pk}",
        "forms": settings.QUICK_FORMS,
        "day": day,
        "tab": "mine" if own else "here",
        "urgent": board.urgent(asked, own=own),
        "below": board.below_with_overdue(here, day),
        "birthdays": birthdays,
        "birthday_count": birthday_count,
        "coverage": board.coverage(asked, own=own and leaf),
        "whole": not (own and leaf),
        "gap": members.missing,
        "may_record": account.scope.may(Capability.RECORD, here.path),
        "catch_up": _catch_up(account, here, day),
    }
    return render(request, "duties/desk.html", context)
