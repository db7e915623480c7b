"""What follows a talk or a visit, the same on the pages of both: promises, addenda, and taking it back with them."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from base.dates import today
from base.once import new_key, submitted
from duties.engine.models import Action, Record
from duties.views.withdrawing import withdraw
from members.enums import Capability
from members.scope import sealed_at
from visits.addenda import act_of, add_words
from visits.contents import holds
from visits.forms.after import AddendumForm
from visits.models import Talk, Visit
from visits.permissions import may_add, may_read
from visits.promises import promises_of, take_back_promises

FORMS = {
    Action.TALK: "talk_new", Action.VISIT: "visit_new", Action.GREETING: "greeting_new",
    Action.CONDOLENCE: "condolence_new",
}  # fmt: skip
"""The form in which each is entered."""


def following(account, act: Talk | Visit, day: date, *, reads: bool) -> dict:
    """What :file:`visits/_addenda.html`, :file:`_held.html` and :file:`_promises.html` show.

    :param act: fetched by :func:`visits.lists.with_people`.
    :param reads: whether the account reads what was said; it then reads the addenda and what was promised.
    """
    record = act.record
    addenda = list(record.addenda.select_related("by").defer(*sealed_at("by")).order_by("pk")) if reads else []
    promises = promises_of(act, day)
    return {
        "addenda": addenda,
        "holds": holds(act, addenda) if reads else "",
        "add_url": reverse("addendum_new", args=[record.pk]) if may_add(account, record) else "",
        "promises": [(task, task.event.note if reads else task.words(account)) for task in promises],
        "again": again_url(account, act) if reads and record.withdrawn_on else "",
    }


def again_url(account, act: Talk | Visit) -> str:
    """The form filled with what a withdrawn talk or visit said; empty for those who may enter none."""
    record = act.record
    if record.member_id == account.person_id or not account.scope.may(Capability.RECORD):
        return ""
    return f"{reverse(FORMS[record.action])}?{urlencode({'member': record.member_id, 'instead': act.pk})}"


def instead_of(request, acts) -> Talk | Visit | None:
    """The talk or visit with whose words the form is to be filled, as the address names it by ``instead``.

    :param acts: those the account may see, fetched by :func:`visits.lists.with_people`; one whose words it may not
        read does not exist.
    """
    if not (named := request.GET.get("instead")):
        return None
    if not named.isascii() or not named.isdigit() or len(named) > 18:
        raise Http404
    found = get_object_or_404(acts, pk=int(named))
    if not may_read(request.user, found.record):
        raise Http404
    return found


def withdraw_act(request, act: Talk | Visit, what: str, back: str):
    """The page that takes a talk or a visit back, and its running promises with it."""
    day = today()
    running = sum(task.running for task in promises_of(act, day))

    def also() -> str:
        count = take_back_promises(by=request.user, act=act, today=day)
        return f"答应的 {count} 件事一并撤回。" if count else ""

    return withdraw(
        request, act.record, what, back, note=running and f"答应的 {running} 件事还没有办完，一并撤回。", also=also
    )


def addendum_new(request, pk: int):
    """Adding words to a talk or a visit; what was written stays."""
    account, records = request.user, Record.objects.visible_to(request.user).filter(action__in=FORMS)
    record = get_object_or_404(records.select_related("member", "talk", "visit").prefetch_related("actors"), pk=pk)
    if not may_add(account, record):
        raise PermissionDenied("补记由当时在场的人、登记人和本支部书记、组织委员写；已撤回的不再补记。")
    act = act_of(record)
    back = reverse(act._meta.model_name, args=[act.pk])
    form = AddendumForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})

    def add() -> str:
        add_words(by=account, record=record, text=form.cleaned_data["text"], today=today())
        messages.success(request, "已补记。")
        return back

    if where := submitted(request, form, add, repeated="这段补记已经保存过，没有再记一次。"):
        return redirect(where)
    context = {"form": form, "record": record, "back": back}
    return render(request, "visits/addendum_new.html", context, status=422 if form.errors else 200)
