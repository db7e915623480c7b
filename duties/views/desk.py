"""The workbench: what to do today, the month's birthdays, coverage, gaps."""

from django.conf import settings
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from base.dates import today
from duties.board import desk as board
from duties.board.lists import owes
from duties.filters import Narrowing
from duties.views.me import me
from members.enums import Capability, OrganisationKind
from members.models import Organisation
from members.views.sign_in import first_page


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
    own = owes(account) and any(holding.organisation == here for holding in account.scope.holdings)
    duties, around = (board.duties_of(account, here, own=each) for each in (own, False))
    whole = not own or here.kind not in (OrganisationKind.BRANCH, OrganisationKind.GROUP)
    birthdays, birthday_count = board.birthdays(account, here, day)
    context = {
        "here": here,
        "own": own,
        "within": "" if own else f"&organisation={here.pk}",
        "forms": settings.QUICK_FORMS,
        "day": day,
        "tab": "mine" if own else "here",
        "urgent": board.urgent(duties, account, day),
        "branches": [each for each in board.branches_with_overdue(around, day) if each != here],
        "birthdays": birthdays,
        "birthday_count": birthday_count,
        "coverage": board.coverage(around if whole else duties, day),
        "whole": whole,
        "gap": board.gap_count(account, here, day),
        "may_record": account.scope.may(Capability.RECORD, here.path),
    }
    return render(request, "duties/desk.html", context)
