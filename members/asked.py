"""Which member a form is about, as the address or the sent form names them. Out of scope is 404, like not existing."""

from datetime import date

from django.http import Http404
from django.shortcuts import get_object_or_404

from members.enums import Capability
from members.models import Membership


def number(text: object) -> int:
    """A primary key as somebody may have typed it into an address; anything else does not exist."""
    digits = str(text)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
        raise Http404
    return int(digits)


def member_asked_for(request, day: date, *, named: int | None = None) -> Membership | None:
    """Where the member stands whom the sent form, else ``named``, else the address asks for; ``None`` if none does."""
    asked = request.POST.get("member") or named or request.GET.get("member")
    if not asked:
        return None
    within = Membership.objects.on(day).visible_to(request.user, Capability.RECORD)
    return get_object_or_404(within.select_related("person", "organisation"), person=number(asked))
