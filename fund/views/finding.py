"""Which fund a page is about. Out of scope is 404, like not existing; what is not allowed is 403, in a sentence."""

from django.shortcuts import get_object_or_404

from fund.journal import Desk
from fund.models import Fund, Voucher
from fund.permissions import check_reads_books
from members.asked import number
from members.enums import Capability

READS = Capability.READ_BOOKS


def funds(request):
    """The funds whose books the account reads, in tree order."""
    return Fund.objects.visible_to(request.user, READS).select_related("organisation").order_by("organisation__path")


def fund_asked_for(request) -> tuple[Fund | None, list[Fund]]:
    """The fund that ``?fund=`` names, else the topmost the account reads; and all of these."""
    check_reads_books(request.user)
    found = list(funds(request))
    if asked := request.GET.get("fund"):
        return get_object_or_404(funds(request), pk=number(asked)), found
    return (found[0] if found else None), found


def fund_of(request, pk: int) -> Fund:
    return get_object_or_404(funds(request), pk=number(pk))


def voucher_of(request, pk: int) -> Voucher:
    found = Voucher.objects.visible_to(request.user, READS).with_sides()
    return get_object_or_404(found, pk=number(pk))


def desk_of(request, on, now) -> Desk:
    """Who enters what happened on a day."""
    return Desk(on=on, now=now, account=request.user.pk)
