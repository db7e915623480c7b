"""Pages of 党务公开: the board, one disclosure, and opening something."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.models import SelectionNotice
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.board.refs import ref_of
from duties.engine.models import Action, Duty
from duties.engine.rehearse import observe
from duties.permissions import may_withdraw
from duties.views.entering import duty_asked_for, recording_places, said_closed, settled
from fund.applying.showing import papers_on
from ledgers.disclosing import disclose
from ledgers.forms import DisclosureForm, OpennessFilter
from ledgers.models import Disclosure
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end

PAGE = 50
OWED = 20
"""What policy still asks to be opened, shown above the list."""


@require_safe
def openness(request):
    """What is open to the reader, the latest first; what is on public notice; what policy still asks to be opened."""
    account, chosen, day = request.user, OpennessFilter(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Disclosure.objects.visible_to(account).with_place()
    if here:
        found = found.filter(deed__record__path__gte=here.path, deed__record__path__lt=path_end(here.path))
    found = found.filter(topic=chosen.value("topic")) if chosen.value("topic") else found
    if chosen.value("state") != "all":
        found = found.on(day)
    rows, after = newest_first(
        found, request.GET.get("after", ""), size=PAGE, day="deed__record__on", key="deed__record__pk"
    )
    first = "after" not in request.GET
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here, "day": day,
        "organisations": organisation_choices(account, here), "first": first,
        "may_record": account.scope.may(Capability.RECORD), "views": account.scope.may(Capability.VIEW),
        "owed": _owed(account, day) if first else [],
        "papers": papers_on(day) if first else [],
        "selected": _selected(account, day) if first else [],
    }  # fmt: skip
    return render(request, "ledgers/openness.html", context)


def _owed(account, day) -> list[tuple[Duty, str]]:
    """The duties of organisations to open something, each with what names it in an address."""
    if not account.scope.may(Capability.RECORD):
        return []
    rows = Duty.objects.visible_to(account, Capability.RECORD).open().filter(rule__action=Action.DISCLOSURE)
    rows = rows.filter(member=None, rule__sensitive=False, opens_on__lte=day, closes_on__gte=day).select_related(
        "rule", "organisation"
    )
    return [(duty, ref_of(duty, account, hidden=False)) for duty in rows.order_by("due_on", "path", "pk")[:OWED]]


def _selected(account, day) -> list[SelectionNotice]:
    """Notices of selections that hang today."""
    rows = SelectionNotice.objects.visible_to(account).filter(from_on__lte=day, until_on__gte=day)
    return list(rows.select_related("selection__organisation").order_by("-from_on", "-pk"))


def disclosure_new(request):
    """The form of one organisation; where several could open something, first which."""
    check_may_record(request.user)
    account, day = request.user, today()
    duty, places = duty_asked_for(request), recording_places(account)
    asked = request.POST.get("organisation") or request.GET.get("organisation") or (duty and duty.organisation_id)
    if not asked and len(places) != 1:
        return render(request, "ledgers/disclosure_pick.html", {"organisations": places})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(asked or places[0].pk))
    initial = {"once": new_key(), "organisation": here.pk, "on": day}
    form = DisclosureForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _open(form, request, here, day)):
        return redirect(where)
    context = {
        "form": form, "here": here, "several": len(places) > 1, "settled": settled(duty),
        "cancel_url": reverse("openness"),
    }  # fmt: skip
    return render(request, "ledgers/disclosure_new.html", context, status=422 if form.errors else 200)


def _open(form: DisclosureForm, request, here: Organisation, day) -> str:
    me = request.user.person
    with observe(actors=[me.pk], organisations=[here.pk]) as outcome:
        made = disclose(by=request.user, organisation=here, people=[me], told=form.told(), today=day)
    messages.success(request, f"“{made.title}”已公开，{said_closed(outcome)}。")
    return reverse("disclosure", args=[made.pk])


@require_safe
def disclosure(request, pk: int):
    """One disclosure, as it is read and printed."""
    account = request.user
    rows = Disclosure.objects.visible_to(account).select_related("deed__record__organisation").defer("deed__note")
    found = get_object_or_404(rows, pk=number(pk))
    record = found.deed.record
    context = {
        "found": found, "record": record, "day": today(),
        "may_withdraw": record.withdrawn_on is None and may_withdraw(account, record),
        "views": account.scope.may(Capability.VIEW, record.path),
    }  # fmt: skip
    return render(request, "ledgers/disclosure.html", context)
