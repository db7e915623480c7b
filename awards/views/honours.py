"""Pages of honours: the list, the form, one honour with its print, correcting, revoking and taking it back."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.honours import HonourFilter, HonourForm, RestoreForm, RevokeForm, Whose
from awards.honours import change_honour, grant_honour, restore_honour, revoke_honour, withdraw_honour
from awards.models import Honour, HonourKind
from awards.permissions import check_may_change, may_change
from awards.treatment import of_member
from awards.views.subjects import act_page, asked_for, one, pick
from base.dates import FAR, today
from base.keyset import newest_first
from base.once import answered, new_key, submitted
from duties.board.records import closed_by
from duties.board.words import describe, with_words
from duties.engine.rehearse import observe
from duties.forms import WithdrawForm
from duties.views.entering import duty_asked_for, said_closed
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability, EventKind
from members.models import Event, Membership, Organisation
from members.permissions import check_may_record
from members.scope import path_end, sealed_at

PAGE = 50
LEADS = {
    EventKind.HONOUR: HonourKind.PARTY,
    EventKind.COMMENDATION: HonourKind.PRAISE,
    EventKind.MERIT: HonourKind.TIMELY,
}
"""Events from which an honour may be entered, and of which kind it is then, until somebody says otherwise."""


@require_safe
def honours(request):
    """Honours in scope, the latest first, of members and organisations; revoked and withdrawn ones are marked."""
    account, chosen, day = request.user, HonourFilter(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = _narrowed(Honour.objects.visible_to(account), chosen, here, day)
    found = found.select_related("person", "organisation").defer(*sealed_at("person"))
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="granted_on")
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here, "day": day,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/honours.html", context)


def _narrowed(found, chosen: HonourFilter, here: Organisation | None, day: date):
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    for name in ("kind", "level"):
        found = found.filter(**{name: chosen.value(name)}) if chosen.value(name) else found
    if year := chosen.value("year"):
        found = found.filter(granted_on__range=(date(int(year), 1, 1), date(int(year), 12, 31)))
    if name := chosen.value("q"):
        found = found.filter(person__name__startswith=name)
    if of := chosen.value("of"):
        found = found.filter(person__isnull=of == "places")
    states = {"held": {"until__gt": day}, "revoked": {"until__lt": FAR}}
    return found.standing().filter(**states[state]) if (state := chosen.value("state")) else found


def honour_new(request):
    """The form of an honour of one member or organisation; without either, the pick page."""
    check_may_record(request.user)
    if request.method == "POST" and (where := answered(request)):
        return redirect(where)
    account, day = request.user, today()
    event, about = _opened_from(request)
    whose = asked_for(request, **about)
    if whose is None:
        return pick(request, "honour_new", title="登记荣誉表彰", crumb="荣誉表彰", list="honours",
                    note="表彰、称号、表扬都在这里登记，类别、谈话和节日走访随着来。先选是谁的荣誉。")  # fmt: skip
    form = HonourForm(
        request.POST if request.method == "POST" else None, account=account, whose=whose, day=day,
        initial=_initial(request, event, day),
    )  # fmt: skip
    if where := submitted(request, form, lambda: _grant(form, request, whose, day)):
        return redirect(where)
    context = {"form": form, "whose": whose, "cancel_url": _back(whose), "title": f"登记{whose.name}的荣誉"}
    return render(request, "awards/honour_new.html", context, status=422 if form.errors else 200)


def _opened_from(request) -> tuple[Event | None, dict]:
    """The event from which the form was opened, and whom it is about: as a duty or an event in the address says.

    Out of scope is 404.
    """
    if duty := duty_asked_for(request):
        event = duty.event if duty.event_id and duty.event.kind in LEADS else None
        return event, _about(duty.member_id, duty.organisation_id)
    if not (asked := request.GET.get("event")):
        return None, {}
    within = Event.objects.visible_to(request.user, Capability.RECORD).standing().filter(kind__in=LEADS)
    event = get_object_or_404(within, pk=number(asked))
    return event, _about(event.person_id, event.organisation_id)


def _about(member: int | None, organisation: int | None) -> dict:
    return {"member": member} if member else {"organisation": organisation}


def _initial(request, event: Event | None, day: date) -> dict:
    initial = {"once": new_key(), "granted_on": day, "people": [request.user.person_id], "kind": ""}
    if event:
        merit = event.kind == EventKind.MERIT
        initial |= {"kind": LEADS[event.kind], "merit": event.pk if merit else ""}
        initial |= {} if merit else {"granted_on": event.occurred_on}
    return initial


def _back(whose: Whose) -> str:
    return reverse("member_honours", args=[whose.person.pk]) if whose.person else reverse("honours")


def _grant(form: HonourForm, request, whose: Whose, day: date) -> str:
    merit = form.commends()
    with observe(
        [whose.person.pk] if whose.person else [], organisations=[whose.place.pk],
        actors=[each.pk for each in merit.people] if merit else [],
    ) as outcome:  # fmt: skip
        made = grant_honour(by=request.user, given=form.granted(), merit=merit, today=day, **whose.subject)
    lines = describe(outcome.opened, request.user, day)
    opened = f"生成 {len(lines)} 件应办：{'、'.join(f'{line.what}（{line.due}）' for line in lines)}" if lines else ""
    closed = said_closed(outcome) if merit else ""
    messages.success(request, f"{'，'.join(filter(None, ('已登记', opened, closed)))}。")
    return reverse("honour", args=[made.pk])


def _page(request, pk: int) -> dict:
    found = one(
        Honour.objects.visible_to(request.user),
        pk,
        "person",
        "organisation",
        "grantor",
        "entered_by",
        "record",
        "event",
    )
    return {"honour": found, "day": today(), "whose": found.whose}


@require_safe
def honour(request, pk: int):
    """One honour: who granted what on which paper, whether it stands, what is due to the member."""
    account, context = request.user, _page(request, pk)
    found, day = context["honour"], context["day"]
    stays = Membership.objects.on(day).visible_to(account).filter(person=found.person_id or 0)
    stay = stays.select_related("person", "organisation").order_by("pk").first()
    if found.person_id and (stay or found.person_id == account.person_id):
        context |= of_member(account, found.person, stay, day)
    if found.record:
        context["closed"] = describe(
            with_words(closed_by(found.record, account)).order_by("due_on", "pk"), account, day
        )
    context |= {"may_change": may_change(account, found), "stay": stay}
    return render(request, "awards/honour.html", context)


@require_safe
def honour_print(request, pk: int):
    """The honour as an A4 form."""
    context = _page(request, pk)
    stays = Membership.objects.on(today()).visible_to(request.user).filter(person=context["honour"].person_id or 0)
    context["stay"] = stays.select_related("organisation").order_by("pk").first()
    return render(request, "awards/honour_print.html", context)


def honour_change(request, pk: int):
    """Correcting what was typed wrongly; category, event and commendation follow."""
    found = one(Honour.objects.visible_to(request.user), pk, "person", "organisation", "grantor")
    check_may_change(request.user, found)
    day, whose = today(), Whose(found.organisation, found.person)
    names = ("kind", "title", "level", "granted_by", "granted_on", "document", "evidence", "version",
             "is_posthumous")  # fmt: skip
    initial = {name: getattr(found, name) for name in names} | {"once": new_key(), "grantor": found.grantor_id}
    form = HonourForm(
        request.POST if request.method == "POST" else None, account=request.user, whose=whose, day=day, changing=True,
        initial=initial,
    )  # fmt: skip
    if where := submitted(request, form, lambda: _change(form, request, found, day)):
        return redirect(where)
    context = {
        "form": form, "whose": whose, "cancel_url": reverse("honour", args=[pk]), "title": f"改正{whose.name}的荣誉",
        "changing": True,
    }  # fmt: skip
    return render(request, "awards/honour_new.html", context, status=422 if form.errors else 200)


def _change(form: HonourForm, request, found: Honour, day: date) -> str:
    version = form.cleaned_data["version"] or 0
    change_honour(by=request.user, honour=found, given=form.granted(), version=version, today=day)
    messages.success(request, "已改正，类别和应办随着改。")
    return reverse("honour", args=[found.pk])


def honour_revoke(request, pk: int):
    """An honour is revoked on some paper."""
    found = one(Honour.objects.visible_to(request.user), pk, "person", "organisation", "event")
    return act_page(
        request, found, RevokeForm, lambda **given: revoke_honour(honour=found, **given),
        said="已登记撤销，礼遇到那天为止。", title="撤销荣誉", label="登记撤销", what=found.title, crumb=found.title,
        note="有文件撤销的荣誉在这里登记。登记错了的请用“撤回”。", initial={"on": today()},
        back=reverse("honour", args=[pk]),
    )  # fmt: skip


def honour_restore(request, pk: int):
    """Taking back a revocation that was entered wrongly."""
    found = one(Honour.objects.visible_to(request.user), pk, "person", "organisation", "event")
    return act_page(
        request, found, RestoreForm, lambda **given: restore_honour(honour=found, **given), said="已恢复，礼遇照旧。",
        title="恢复这项荣誉", label="恢复", what=found.title, crumb=found.title,
        note="撤销登记错了的才恢复。", back=reverse("honour", args=[pk]),
    )  # fmt: skip


def honour_withdraw(request, pk: int):
    """Taking back an honour that was entered wrongly."""
    found = one(Honour.objects.visible_to(request.user), pk, "person", "organisation", "event")
    return act_page(
        request, found, WithdrawForm, lambda **given: withdraw_honour(honour=found, **given),
        said="已撤回，随它登记的类别、事由和应办一并取消。", title="撤回这一条", label="撤回", what=found.title,
        back=reverse("honour", args=[pk]), crumb=found.title,
        note="登记错了的才撤回，撤回后划去保留。有文件撤销的荣誉请用“撤销”。",
    )  # fmt: skip
