"""Whom periodic rules ask to be visited, with the last visit to each (M21)."""

from datetime import date

from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.keyset import beyond
from base.numbers import whole_number
from duties.board.words import describe, with_words
from duties.engine.models import Duty
from duties.filters import Narrowing
from members.directory import organisation_choices
from members.finding import called
from members.models import Organisation
from members.scope import path_end
from visits.lists import PAGE, last_visits
from visits.reasons import periodic_visits

ORDER = ("due_on", "pk")


def _after(cursor: str) -> Q:
    """The rows behind the cursor (day~number); all of them for one that cannot be read."""
    on, _, number = cursor.partition("~")
    try:
        return beyond(ORDER, (date.fromisoformat(on), whole_number(number)))
    except ValueError:
        return Q()


@require_safe
def visits_due(request):
    """Open duties of rules that ask for visits in every period, the most urgent first, each with the last visit."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    number, name = chosen.value("organisation"), chosen.value("q")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    found = Duty.objects.visible_to(account).open_on(day).filter(closes_on__gte=day)  # what can still be done
    found = found.filter(rule__in=periodic_visits().values("pk"), member__isnull=False)
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    if name:
        found = found.filter(member__in=called(name)[-1])
    rows = list(with_words(found.filter(_after(request.GET.get("after", "")))).order_by(*ORDER)[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    audit.search(request, "visits_due", name, found=len(rows))
    last = last_visits({duty.member_id for duty in rows})
    context = {
        "rows": [(line, last.get(line.duty.member_id)) for line in describe(rows, account, day)],
        "after": f"{rows[-1].due_on}~{rows[-1].pk}" if more else "",
        "filter": chosen, "query": chosen.query(), "organisations": organisation_choices(account, here), "here": here,
        "first": "after" not in request.GET, "day": day,
    }  # fmt: skip
    return render(request, "visits/visits_due.html", context)
