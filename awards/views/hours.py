"""The page of study hours: of a branch's members, or of the branches below an organisation."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from awards.hours import branches_of, hours_of, members_of, own_hours, year_of
from base.dates import today
from base.keyset import beyond
from duties.filters import Narrowing
from members.directory import organisation_choices, page_after
from members.enums import Capability
from members.models import Organisation
from members.services import HOLDS_MEMBERS

PAGE = 50


@require_safe
def study_hours(request):
    """Hours of a year against what is asked: members of a branch, branches of what stands above; a member his own."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    year = year_of(request.GET.get("year", ""), day)
    visible = Organisation.objects.visible_to(account)
    where = chosen.value("organisation")
    here = get_object_or_404(visible, pk=where) if where else _home(account)
    after, first = request.GET.get("after", ""), "after" not in request.GET
    context = {
        "here": here, "year": year, "this_year": year == day.year, "first": first, "day": day,
        "organisations": organisation_choices(account, here), "may_record": account.scope.may(Capability.RECORD),
        "may_export": account.scope.may(Capability.EXPORT),
    }  # fmt: skip
    if here is None:
        context["own"] = own_hours(account.person, year) if account.person else None
    elif here.kind in HOLDS_MEMBERS:
        context["lines"], context["after"] = _members(year, here, day, after)
    else:
        below = visible.filter(path__startswith=here.path, kind__in=HOLDS_MEMBERS)
        rows, context["after"] = page_after(below, "path", after, size=PAGE)
        context["branches"] = branches_of(rows, year, day)
    chosen_here = f"organisation={here.pk}&" if where and here else ""
    context["query"] = f"{chosen_here}year={year}"
    return render(request, "awards/hours.html", context)


def _home(account) -> Organisation | None:
    home = account.scope.home
    return home if home and account.scope.may(Capability.VIEW, home.path) else None


def _members(year: int, here: Organisation, day, after: str):
    """Fifty members after the cursor ``after`` (number~name), by name."""
    rows = members_of(year, here, day)
    pk, _, name = after.partition("~")
    if name and pk.isascii() and pk.isdigit():
        rows = rows.filter(beyond(("person__name", "pk"), (name, int(pk))))
    found = list(rows.order_by("person__name", "pk")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return hours_of(found, year), f"{found[-1].pk}~{found[-1].person.name}" if more else ""
