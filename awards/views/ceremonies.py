"""Pages of ceremonies: the list, the form with what it will close, one ceremony, its roll, and taking it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.ceremonies import record_ceremony, take_back_ceremony
from awards.forms.ceremonies import CeremonyFilter, CeremonyForm
from awards.models import Ceremony, CeremonyRecord
from awards.permissions import may_withdraw
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.engine.models import Action, Duty
from duties.engine.rehearse import observe
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.views.entering import NOTHING_YET, duty_asked_for, panel, recording_places, said_closed, settled
from members.asked import member_asked_for, number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end

PAGE = 50


@require_safe
def ceremonies(request):
    """Ceremonies in scope, newest first: day, what, who led, how many were there."""
    account, chosen = request.user, CeremonyFilter(request.GET)
    where, kind = chosen.value("organisation"), chosen.value("kind")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Ceremony.objects.visible_to(account).with_attendance().select_related("organisation")
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    found = found.filter(kind=kind) if kind else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="on")
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET, "day": today(),
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/ceremonies.html", context)


def ceremony_new(request):
    """The form; where several organisations could have held it, first which. ``preview`` answers what saving closes."""
    check_may_record(request.user)
    account, day = request.user, today()
    duty = duty_asked_for(request)
    here, chosen = _here(request, duty, day)
    places = recording_places(account)
    if here is None and len(places) != 1:
        kind = request.GET.get("kind", "")
        return render(request, "awards/ceremony_pick.html", {"organisations": places, "kind": kind})
    form = _form(request, here or places[0], duty, chosen, day)
    if form.has_error("members", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    beside = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", beside)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(where)
    context = {
        "form": form, "here": form.here, "closes": beside, "several": len(places) > 1, "settled": settled(duty),
        "cancel_url": reverse("ceremonies"),
    }  # fmt: skip
    return render(request, "awards/ceremony_new.html", context, status=422 if form.errors else 200)


def _here(request, duty: Duty | None, day) -> tuple[Organisation | None, list[int]]:
    """The organisation as sent, as named, of the duty or of the member named; and who is ticked beforehand."""
    within = Organisation.objects.visible_to(request.user, Capability.RECORD)
    if asked := request.POST.get("organisation") or request.GET.get("organisation"):
        return get_object_or_404(within, pk=number(asked)), []
    if duty and duty.member_id is None:
        return get_object_or_404(within, pk=duty.organisation_id), []
    stay = member_asked_for(request, day, named=duty and duty.member_id)
    return (stay.organisation, [stay.person_id]) if stay else (None, [])


def _form(request, here: Organisation, duty: Duty | None, chosen: list[int], day) -> CeremonyForm:
    account = request.user
    initial = {
        "once": new_key(), "organisation": here.pk, "on": day, "people": [account.person_id], "members": chosen,
        "leader": account.person.name if account.person else "", "kind": _kind(duty) or request.GET.get("kind", ""),
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    return CeremonyForm(data, account=account, here=here, day=day, initial=initial)


def _kind(duty: Duty | None) -> str:
    """The ceremony that a duty asks for."""
    if duty is None:
        return ""
    if duty.rule.action == Action.GREETING:
        return Ceremony.Kind.BIRTHDAY
    return Ceremony.Kind.ADMISSION if duty.event_id else Ceremony.Kind.RENEWAL


def _circle(ceremony: dict) -> dict:
    """Whose duties the ceremony can close."""
    return {
        "members": [each.pk for each in ceremony["members"]], "actors": [each.pk for each in ceremony["people"]],
        "organisations": [ceremony["organisation"].pk],
    }  # fmt: skip


def _record(form: CeremonyForm, request, day) -> str:
    given = form.ceremony()
    with observe(**_circle(given)) as outcome:
        made = record_ceremony(by=request.user, **given, today=day)
    messages.success(request, f"{made.get_kind_display()}已登记，参加 {made.present} 人，{said_closed(outcome)}。")
    return reverse("ceremony", args=[made.pk])


def _closes(form: CeremonyForm, account, day) -> dict:
    """What saving the form as it stands would close."""
    if not form.is_valid():
        return NOTHING_YET
    given = form.ceremony()
    act = record_ceremony
    beside = panel(
        lambda: act(by=account, **given, today=day), on=given["on"], account=account, day=day, **_circle(given)
    )
    return beside | {"many": True}


@require_safe
def ceremony(request, pk: int):
    """One ceremony: when, where, who led the oath, and who was there, as far as the account may see them."""
    account = request.user
    found, made = _ceremony(account, pk)
    standing = [each.record for each in made if each.record.withdrawn_on is None]
    context = {
        "ceremony": found, "rows": _by_member(made), "count": len({r.member_id for r in standing} - {None}),
        "day": today(), "stands": bool(standing), "writer": made[0].record,
        "may_withdraw": bool(standing) and may_withdraw(account, found, standing),
    }  # fmt: skip
    return render(request, "awards/ceremony.html", context)


@require_safe
def ceremony_print(request, pk: int):
    """The roll of a ceremony, to be signed."""
    found, made = _ceremony(request.user, pk)
    rows = [each for each in _by_member(made) if each.withdrawn_on is None]
    context = {"ceremony": found, "rows": rows, "writer": made[0].record, "day": today()}
    return render(request, "awards/ceremony_print.html", context)


def _ceremony(account, pk: int) -> tuple[Ceremony, list[CeremonyRecord]]:
    made = CeremonyRecord.objects.visible_to(account).with_people()
    made = made.order_by("record__path", "record__member__name", "pk")
    found = Ceremony.objects.visible_to(account).select_related("organisation")
    found = get_object_or_404(found.prefetch_related(Prefetch("made", made, to_attr="seen")), pk=pk)
    return found, found.seen


def _by_member(made: list[CeremonyRecord]) -> list:
    """The record of each member, one where both a birthday and an oath are recorded."""
    return list({each.record.member_id: each.record for each in made if each.record.member_id}.values())


def ceremony_withdraw(request, pk: int, person: int | None = None):
    """Taking back a whole ceremony, or one member who was not there after all."""
    account = request.user
    found, made = _ceremony(account, pk)
    records = [each.record for each in made if person in (None, each.record.member_id)]
    if not records:
        raise Http404
    if not may_withdraw(account, found, records):
        raise PermissionDenied("仪式由录入人或党组织书记撤回，本人的由别人撤回。")
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _take_back(form, request, found, records), repeated=TAKEN_BACK):
        return redirect(where)
    standing = {record.member_id for record in records if record.withdrawn_on is None} - {None}
    context = {
        "form": form, "ceremony": found, "back": reverse("ceremony", args=[pk]), "count": len(standing),
        "whose": records[0].member.name if person else "",
    }  # fmt: skip
    return render(request, "awards/ceremony_withdraw.html", context, status=422 if form.is_bound else 200)


def _take_back(form: WithdrawForm, request, found: Ceremony, records: list) -> str:
    members = [record.member_id for record in records if record.member_id]
    actors = {actor.person_id for record in records for actor in record.actors.all()}
    with observe(members, actors=actors, organisations=[found.organisation_id]) as outcome:
        take_back_ceremony(
            by=request.user, ceremony=found, records=records, reason=form.cleaned_data["reason"], today=today()
        )
    reopened = len(outcome.reopened)
    messages.success(request, f"已撤回，{reopened} 件应办重新打开。" if reopened else "已撤回，没有应办因此重新打开。")
    return reverse("ceremony", args=[found.pk])
