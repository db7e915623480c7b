"""Pages of deeds: the list, the plain form with what it will close, one deed, and taking it back."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.board.records import Given, action_label, closed_by, event_label, of_action, why_open
from duties.board.words import Line, describe, sees_basis, with_words
from duties.deeds import record_deed
from duties.engine.models import Deed, Duty, Record
from duties.engine.rehearse import observe
from duties.filters import DeedFilter
from duties.forms import About, DeedForm
from duties.permissions import may_read_deed, may_withdraw
from duties.views.entering import NOTHING_YET, duty_asked_for, panel, recording_places, said_closed, settled
from duties.views.withdrawing import withdraw
from members.asked import member_asked_for, number
from members.directory import organisation_choices
from members.enums import Capability, EventKind
from members.models import Organisation
from members.permissions import check_may_record, check_may_record_about
from members.scope import path_end

PAGE = 50


@require_safe
def deeds(request):
    """Deeds in scope, newest first: day, what, about whom, who; never the note."""
    account, chosen = request.user, DeedFilter(request.GET)
    where, action = chosen.value("organisation"), chosen.value("action")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Deed.objects.visible_to(account).with_people()
    if here:
        found = found.filter(record__path__gte=here.path, record__path__lt=path_end(here.path))
    found = of_action(found, action, account) if action else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="record__on", key="record__pk")
    context = {
        "rows": [(deed, action_label(deed.record, account)) for deed in rows],
        "after": after,
        "filter": chosen,
        "query": chosen.query(),
        "organisations": organisation_choices(account, here),
        "here": here,
        "first": "after" not in request.GET,
        "day": today(),
        "may_record": account.scope.may(Capability.RECORD),
    }
    return render(request, "duties/deeds.html", context)


def deed_new(request):
    """The plain form; without a member, an organisation or a duty, the picker. ``preview`` answers what saving closes.

    To a browser without JavaScript it answers with the whole page, as it was filled in.
    """
    check_may_record(request.user)
    account, day = request.user, today()
    about = _about(request, day)
    if about is None:
        return render(
            request, "duties/deed_pick.html", {"target": "deed_new", "organisations": recording_places(account)}
        )
    if about.membership:
        check_may_record_about(account, about.person)
    if about.duty and about.duty.event and about.duty.event.kind == EventKind.CORRECTION:
        return redirect("ask", about.duty.event_id)  # the decision writes the person, and the record with it
    if about.duty and (page := _page_instead(about.duty)):
        return redirect(*page)
    form = _form(request, about, day)
    preview = "preview" in request.POST
    beside = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", beside)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(where)
    context = {
        "form": form, "about": about, "closes": beside, "settled": settled(about.duty), "day": day,
        "duty": _line(about, account, day), "full_path": request.get_full_path(),
        "cancel_url": reverse("member", args=[about.membership.person_id]) if about.membership else reverse("deeds"),
    }  # fmt: skip
    return render(request, "duties/deed_new.html", context, status=422 if form.errors else 200)


def _page_instead(duty: Duty) -> tuple[str, int] | None:
    """The page of the floors above on which the duty is done instead, with its number."""
    if duty.event is None:
        return None
    if duty.rule.mechanism in settings.MECHANISM_PAGES and duty.event.person_id:
        return settings.MECHANISM_PAGES[duty.rule.mechanism], duty.event_id
    kind, _, number_ = duty.event.source.partition(":")
    return (settings.SOURCE_PAGES[kind], int(number_.partition(":")[0])) if kind in settings.SOURCE_PAGES else None


def _about(request, day) -> About | None:
    """What the form is about: as the duty says, else as sent, else as named in the address."""
    account, duty = request.user, duty_asked_for(request)
    hidden = duty is not None and not sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id)
    membership = None
    if duty is None or duty.member_id:
        membership = member_asked_for(request, day, named=duty and duty.member_id)
    if membership:
        same = duty and duty.member_id == membership.person_id
        return About(membership.organisation, membership, duty if same else None, hidden)
    asked = duty.organisation_id if duty else request.POST.get("organisation") or request.GET.get("organisation")
    if not asked:
        return None
    place = get_object_or_404(Organisation.objects.visible_to(account, Capability.RECORD), pk=number(asked))
    return About(place, duty=duty, hidden=hidden)


def _form(request, about: About, day) -> DeedForm:
    account, duty = request.user, about.duty
    asked = request.GET.get("action", "")
    first = about.actions[0] if duty and not about.hidden else asked if asked in about.actions else ""
    initial = {
        "once": new_key(), "on": day, "action": first, "member": about.membership and about.membership.person_id,
        "organisation": None if about.membership else about.organisation.pk,
        "people": [duty.actor_id if duty and duty.actor_id else request.GET.get("people") or account.person_id],
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = DeedForm(data, account=account, about=about, day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"deed:{about.key}", now=timezone.now())


def _line(about: About, account, day) -> Line | None:
    """The duty from which the form was opened, in words."""
    if about.duty is None:
        return None
    named = with_words(Duty.objects.visible_to(account, Capability.RECORD).filter(pk=about.duty.pk))
    return next(iter(describe(named.order_by("pk"), account, day)), None)


def _circle(deed: dict) -> dict:
    """Whose duties the deed can close."""
    return {
        "members": [deed["member"].pk] if deed["member"] else [], "actors": [each.pk for each in deed["people"]],
        "organisations": [deed["organisation"].pk] if deed["organisation"] else [],
    }  # fmt: skip


def _record(form: DeedForm, request, day) -> str:
    deed = form.deed()
    with observe(**_circle(deed)) as outcome:
        made = record_deed(by=request.user, **deed, today=day)
    messages.success(request, f"已登记，{said_closed(outcome)}。")
    return reverse("deed", args=[made.pk])


def _closes(form: DeedForm, account, day) -> dict:
    """What saving the form as it stands would close; the words still missing do not matter for that."""
    if not form.is_valid():
        return NOTHING_YET
    deed, duty = form.deed(), form.about.duty
    deed["note"] = deed["note"] or "…"
    given = Given(deed["action"], deed["on"], deed["people"], deed["event"])

    def left(closing: list[int]) -> list[tuple[Line, str]]:
        line = None if duty is None or duty.pk in closing or settled(duty) else _line(form.about, account, day)
        return [(line, why_open(line, given))] if line else []

    return panel(
        lambda: record_deed(by=account, **deed, today=day),
        on=deed["on"], account=account, day=day, left=left, **_circle(deed),
    )  # fmt: skip


@require_safe
def deed(request, pk: int):
    """One deed: when, who, which duties it closed; the note only for those who may read it."""
    account, day = request.user, today()
    found = get_object_or_404(Deed.objects.visible_to(account).with_people(), pk=pk)
    record = found.record
    closed = with_words(closed_by(record, account)).order_by("due_on", "pk")
    if reads := may_read_deed(account, record):
        audit.write(audit.Act.READ, f"record:{record.pk}", field="note")
    context = {
        "deed": found, "record": record, "lines": describe(closed, account, day), "day": day, "may_read": reads,
        "what": _called(record, account), "label": action_label(record, account),
        "event": event_label(record.event, account, record.path, day) if record.event else "",
        "withdrawn": f"已于 {record.withdrawn_on} 撤回。{record.withdrawn_reason}",
        "may_withdraw": record.withdrawn_on is None and may_withdraw(account, record),
    }  # fmt: skip
    return render(request, "duties/deed.html", context)


def deed_withdraw(request, pk: int):
    """Taking a deed back: within ten minutes without a word, later with a reason. What was entered with more than
    itself is taken back on the page of that.
    """
    found = get_object_or_404(Deed.objects.visible_to(request.user).with_people(), pk=pk)
    row, page, said = settings.WITHDRAWN_WITH.get(found.record.action, ("", "", ""))
    if found.record.withdrawn_on is None and (whole := getattr(found.record, row, None)):
        messages.info(request, said)
        return redirect(page, whole.pk)
    return withdraw(request, found.record, _called(found.record, request.user), reverse("deed", args=[pk]))


def _called(record: Record, account) -> str:
    """How the deed is called on its page: 李建国：报送情况."""
    return f"{record.member.name if record.member else record.organisation.label}：{action_label(record, account)}"
