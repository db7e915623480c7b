"""放假安排: the working days of years that do not come with the product."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse

from base.arranging import arrangements, days_of, missing, set_arrangement
from base.dates import today
from base.once import new_key, submitted
from base.workdays import ARRANGEMENTS
from members.enums import Capability
from members.office_forms import WorkdaysForm

AGAIN = "这一年的安排刚才已经保存，没有再记一次。"


def working_days(request):
    """The arrangements that are known, and the form for another year."""
    account, day = request.user, today()
    if not (account.scope.may(Capability.FUND) or account.scope.may(Capability.ACCOUNTS)):
        raise PermissionDenied("放假安排由组织部或系统管理员录入。")
    lacking = missing(day)
    begin = {"once": new_key(), "year": lacking[0] if lacking else max([*ARRANGEMENTS, *arrangements()]) + 1}
    form = WorkdaysForm(request.POST if request.method == "POST" else None, initial=begin)

    def done() -> str:
        said = form.cleaned_data
        days = {name: days_of(said[name], said["year"]) for name in ("off", "worked")}
        set_arrangement(by=account, year=said["year"], **days, basis=said["basis"], today=day)
        messages.success(request, f"{said['year']} 年的放假安排已保存，以后张贴的公示照它算。")
        return reverse("working_days")

    if where := submitted(request, form, done, repeated=AGAIN):
        return redirect(where)
    entered = arrangements()
    years = sorted({*ARRANGEMENTS, *entered}, reverse=True)
    lines = [(year, entered.get(year) or ARRANGEMENTS[year], year in entered) for year in years]
    context = {
        "form": form, "missing": lacking,
        "lines": [(year, sorted(each.off), sorted(each.worked), by_hand) for year, each, by_hand in lines],
    }  # fmt: skip
    return render(request, "members/working_days.html", context, status=422 if form.errors else 200)
