"""Which member a form is about, as the address or the sent form names them. Out of scope is 404, like not existing."""

from datetime import date

from django.http import Http404
from django.shortcuts import get_object_or_404

from base.numbers import whole_number
from members.enums import Capability
from members.models import Membership


def number(text: object) -> int:
    """A primary key as somebody may have typed it into an address; anything else does not exist."""
    try:
        return whole_number(text)
    except ValueError as wrong:
        raise Http404 from wrong


def member_asked_for(request, day: date, *, named: int | None = None) -> Membership | None:
    """Where the member stands whom the sent form, else ``named``, else the address asks for; ``None`` if none does."""
    asked = request.POST.get("member") or named or request.GET.get("member")
    if not asked:
        return None
    within = Membership.objects.on(day).visible_to(request.user, Capability.RECORD)
    return get_object_or_404(within.select_related("person", "organisation"), person=number(asked))
