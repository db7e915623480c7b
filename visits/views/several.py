"""Talks held one by one on one day: a line for each member of a branch, saved together or not at all."""

from dataclasses import replace

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.board.records import Given
from duties.engine.models import Action
from duties.engine.rehearse import observe
from duties.views.entering import NOTHING_YET, said_closed
from members.asked import number
from members.enums import LIVING, Capability
from members.models import Membership, Organisation
from members.permissions import check_may_record
from members.scope import sealed_at
from members.services import HOLDS_MEMBERS
from visits.forms.talks import SeveralTalksForm, text_field
from visits.likeness import check_alike
from visits.reasons import open_for
from visits.services import record_talks
from visits.views.entering import closes


def talk_several(request):
    """One form, a line for each member of a branch; ``preview`` answers what the ticked lines would close."""
    account, day = request.user, today()
    check_may_record(account)
    branches = Organisation.objects.visible_to(account, Capability.RECORD).filter(kind__in=HOLDS_MEMBERS)
    branches = branches.order_by("path")
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    here = get_object_or_404(branches, pk=number(asked)) if asked else _only(branches)
    if here is None:
        return render(request, "visits/talk_several_pick.html", {"branches": branches})
    form = _form(request, here, day)
    preview = "preview" in request.POST
    panel = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", panel)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(where)
    context = {
        "form": form,
        "lines": form.lines(),
        "here": here,
        "closes": panel,
        "alike": "alike" in request.POST or any(form.has_error(name, "alike") for name in form.errors),
        "several": len(branches) > 1,
        "cancel_url": reverse("talks"),
    }
    return render(request, "visits/talk_several.html", context, status=422 if form.errors else 200)


def _only(branches) -> Organisation | None:
    """The branch, if there is but one to choose from."""
    first = list(branches[:2])
    return first[0] if len(first) == 1 else None


def _form(request, here: Organisation, day) -> SeveralTalksForm:
    account = request.user
    stays = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    stays = stays.filter(organisation=here, standing__in=LIVING).exclude(person=account.person_id)
    stays = list(stays.select_related("person").defer(*sealed_at("person")).order_by("person__name", "pk"))
    owed = open_for(stays, Action.TALK, account, day).filter(member__isnull=False).with_sources()
    initial = {"once": new_key(), "organisation": here.pk, "on": day, "talker": account.person_id}
    data = request.POST if request.method == "POST" else None
    form = SeveralTalksForm(data, account=account, here=here, stays=stays, owed=list(owed), day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"talks:o{here.pk}", now=timezone.now())


def _talks(form: SeveralTalksForm) -> dict:
    given = form.cleaned_data
    return {
        "said": form.said(), "on": given["on"], "means": given["means"], "talkers": form.talkers(),
        "field": text_field,
    }  # fmt: skip


def _record(form: SeveralTalksForm, request, day) -> str:
    talks = _talks(form)
    if "alike" not in request.POST:
        check_alike(by=request.user, said=talks["said"], on=talks["on"], field=text_field, today=day)
    actors = [talker.pk for talker in talks["talkers"]]
    with observe([each.member.pk for each in talks["said"]], actors=actors) as outcome:
        held = record_talks(by=request.user, **talks, today=day)
    messages.success(request, f"{len(held)} 次谈话已登记，{said_closed(outcome)}。")
    return reverse("talks")


def _closes(form: SeveralTalksForm, account, day) -> dict:
    """What saving the ticked lines would close; the words still missing do not matter for that."""
    if not form.is_valid():
        return NOTHING_YET
    talks = _talks(form)
    talks["said"] = [replace(each, text=each.text or "…") for each in talks["said"]]
    if not talks["said"]:
        return NOTHING_YET
    return closes(
        lambda: record_talks(by=account, **talks, today=day), Given(Action.TALK, talks["on"], talks["talkers"]),
        [each.member.pk for each in talks["said"]], account=account, day=day,
    )  # fmt: skip
