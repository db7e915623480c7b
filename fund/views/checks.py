"""What the last runs of ``check_books`` said of the books one reads; asking for another run."""

from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from base.once import new_key
from base.views import begun
from fund.checking import CHECKED
from fund.jobs import BOOK_CHECK, may_ask
from fund.permissions import check_reads_books
from fund.reading import checks

RUNS = 14


@require_safe
def book_checks(request):
    """The last runs, each with the breaks it found, by fund, year and number."""
    check_reads_books(request.user)
    context = {
        "runs": checks(request.user, RUNS), "once": new_key(), "may_ask": may_ask(request.user),
        "checked": CHECKED,
    }  # fmt: skip
    return render(request, "fund/checks.html", context)


@require_POST
def book_check_ask(request):
    """Ask for a run beside the pages."""
    BOOK_CHECK.check(request.user.pk, {})
    return begun(request, request.POST.get("once", ""), BOOK_CHECK, dict)
