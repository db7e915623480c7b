"""Taking back a record: within ten minutes without a word, later with a reason."""

from collections.abc import Callable

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone

from base.dates import today
from base.once import new_key, submitted
from duties.engine.models import Record
from duties.engine.records import GRACE, take_back
from duties.engine.rehearse import observe
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.permissions import check_may_withdraw


def withdraw(request, record: Record, what: str, back: str, *, note: str = "", also: Callable[[], str] = lambda: ""):
    """The page that takes ``record`` back.

    :param what: how the record is called on the page: 与李建国的谈话.
    :param back: the record's own page.
    :param note: a sentence on what goes with it.
    :param also: takes that back too, in the same transaction; a sentence on it, or nothing.
    """
    check_may_withdraw(request.user, record)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _take_back(form, request, record, back, also), repeated=TAKEN_BACK):
        return redirect(where)
    context = {
        "form": form,
        "record": record,
        "what": what,
        "note": note,
        "needs_reason": timezone.now() - record.entered_at > GRACE,
        "back": back,
    }
    return render(request, "duties/record_withdraw.html", context, status=422 if form.is_bound else 200)


def _take_back(form: WithdrawForm, request, record: Record, back: str, also: Callable[[], str]) -> str:
    reason = form.cleaned_data["reason"]
    members, places = [each for each in (record.member_id,) if each], [record.organisation_id]
    actors = list(record.actors.order_by("pk").values_list("person", flat=True))
    with observe(members, actors=actors, organisations=places) as outcome:
        take_back(by=request.user, record=record, reason=reason, today=today(), now=timezone.now())
    reopened = len(outcome.reopened)
    said = f"已撤回，{reopened} 件应办重新打开。" if reopened else "已撤回，没有应办因此重新打开。"
    messages.success(request, f"{said}{also()}")
    return back
