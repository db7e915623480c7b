"""The pages of the calendar: a month, and one day of it."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from base.dates import today
from config.calendar.month import day_asked, day_of_calendar, month_asked, month_of, neighbours
from duties.filters import Narrowing
from members.directory import organisation_choices
from members.models import Organisation


@require_safe
def calendar(request):
    """What is planned and done in a month, or on one day of it, within the scope of the account."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    if asked := request.GET.get("day"):
        return _day(request, asked, here, day)
    first = month_asked(request.GET.get("month", ""), day)
    before, after = neighbours(first)
    context = {
        "first": first, "days": month_of(first, account, day, here=here), "day": day, "here": here,
        "before": before, "before_url": _url(here, month=f"{before:%Y-%m}"),
        "after": after, "after_url": _url(here, month=f"{after:%Y-%m}"), "now_url": _url(here),
        "this_month": (first.year, first.month) == (day.year, day.month),
        "keep": f"&organisation={here.pk}" if here else "", "organisations": organisation_choices(account, here),
    }  # fmt: skip
    return render(request, "calendar/month.html", context)


def _day(request, asked: str, here: Organisation | None, day):
    on = day_asked(asked)
    if on is None:
        raise Http404
    context = {
        "on": on, "sections": day_of_calendar(on, request.user, day, here=here), "here": here,
        "month_url": _url(here, month=f"{on:%Y-%m}"),
    }  # fmt: skip
    return render(request, "calendar/day.html", context)


def _url(here: Organisation | None, **asked: str) -> str:
    more = asked | ({"organisation": here.pk} if here else {})
    return f"{reverse('calendar')}?{urlencode(more)}" if more else reverse("calendar")
