"""Pages of study sessions: the list, the form with what it will close, one session, and taking it back."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.study import StudyForm
from awards.models import Attendance, StudySession
from awards.permissions import check_may_withdraw, may_withdraw
from awards.study import record_study, take_back_study
from base.dates import today
from base.keyset import beyond
from base.once import new_key, submitted
from duties.board.refs import asked_for
from duties.board.words import describe, with_words
from duties.engine.models import Duty, Record
from duties.engine.rehearse import observe, rehearse
from duties.filters import Narrowing
from duties.forms import TAKEN_BACK, WithdrawForm
from members.asked import member_asked_for, number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end, sealed_at
from members.services import HOLDS_MEMBERS

PAGE = 50
NOTHING_YET = {"waiting": True, "refused": "", "lines": [], "late": 0, "many": True, "left": []}
"""The panel beside the form before anything is known."""


@require_safe
def studies(request):
    """Sessions in scope, newest first, with how many were there."""
    account, chosen = request.user, Narrowing(request.GET)
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    sessions = StudySession.objects.visible_to(account)
    if here:
        sessions = sessions.filter(path__gte=here.path, path__lt=path_end(here.path))
    rows, after = _page_of(sessions, request.GET.get("after", ""))
    context = {
        "rows": rows, "after": after, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
        "day": today(), "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/studies.html", context)


def _page_of(sessions, after: str) -> tuple[list[StudySession], str]:
    """Fifty sessions after the cursor ``after`` (day~number), and the next cursor, empty on the last."""
    on, _, pk = after.partition("~")
    try:
        seen = beyond(("-on", "-pk"), (date.fromisoformat(on), int(pk)))
    except ValueError:
        seen = Q()
    plan = sessions.with_attendance().select_related("organisation", "organiser").defer(*sealed_at("organiser"))
    rows = list(plan.filter(seen).order_by("-on", "-pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return rows, f"{rows[-1].on}~{rows[-1].pk}" if more else ""


def study_new(request):
    """The form of a session of one branch; ``preview`` answers what saving would close."""
    account, day = request.user, today()
    check_may_record(account)
    here, branches = _branch(request, day)
    if here is None:
        return render(request, "awards/study_pick.html", {"branches": branches})
    initial = {"once": new_key(), "organisation": here.pk, "on": day, "organiser": account.person_id}
    data = request.POST if request.method == "POST" else None
    form = StudyForm(data, account=account, here=here, day=day, initial=initial)
    if form.has_error("members", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    panel = _closes(form, account, here, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", panel)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, here, day))):
        return redirect(where)
    context = {
        "form": form, "here": here, "closes": panel, "several": len(branches) > 1, "cancel_url": reverse("studies"),
    }  # fmt: skip
    return render(request, "awards/study_new.html", context, status=422 if form.errors else 200)


def _branch(request, day) -> tuple[Organisation | None, list[Organisation]]:
    """The branch the form is about: as sent, as named, of the member or the duty named, or the only one there is."""
    account = request.user
    branches = Organisation.objects.visible_to(account, Capability.RECORD).filter(kind__in=HOLDS_MEMBERS)
    branches = list(branches.order_by("path"))
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    if asked is None and (membership := member_asked_for(request, day, named=_member_of_duty(request))):
        asked = membership.organisation_id
    if asked is None:
        return (branches[0] if len(branches) == 1 else None), branches
    pk = number(asked)
    here = next((branch for branch in branches if branch.pk == pk), None)
    if here is None:
        raise Http404
    return here, branches


def _member_of_duty(request) -> int | None:
    if not (named := request.GET.get("duty", "")):
        return None
    within = Duty.objects.visible_to(request.user, Capability.RECORD)
    return get_object_or_404(asked_for(within, request.user, named)).member_id


def _record(form: StudyForm, request, here: Organisation, day) -> str:
    session = form.session()
    actors = [session["organiser"].pk]
    with observe([member.pk for member in session["members"]], actors=actors) as outcome:
        held = record_study(by=request.user, organisation=here, **session, today=day)
    closed = f"办结 {len(outcome.closed)} 件应办" if outcome.closed else "学时已累计，还没有办结应办"
    messages.success(request, f"已登记 {len(session['members'])} 人各 {held.hours:f} 学时，{closed}。")
    return reverse("study", args=[held.pk])


def _closes(form: StudyForm, account, here: Organisation, day) -> dict:
    """What saving the form as it stands would close."""
    if not form.is_valid():
        return NOTHING_YET
    session = form.session()
    members = [member.pk for member in session["members"]]
    act = record_study
    try:
        outcome = rehearse(
            lambda: act(by=account, organisation=here, **session, today=day),
            members=members, actors=[session["organiser"].pk],
        )  # fmt: skip
    except ValidationError as refused:
        return NOTHING_YET | {"waiting": False, "refused": " ".join(refused.messages)}
    closing = Duty.objects.visible_to(account).filter(pk__in=[duty.pk for duty in outcome.closed])
    lines = describe(with_words(closing).order_by("due_on", "pk"), account, day)
    return NOTHING_YET | {"waiting": False, "lines": lines, "late": (day - session["on"]).days}


@require_safe
def study(request, pk: int):
    """One session: when, what, how long, and who was there, as far as the account may see them."""
    account = request.user
    found, attendances = _session(account, pk)
    standing = [each.record for each in attendances if each.record.withdrawn_on is None]
    context = {
        "session": found, "attendances": attendances, "count": len(standing), "day": today(),
        "writer": attendances[0].record,
        "may_withdraw": bool(standing) and may_withdraw(account, found, standing),
    }  # fmt: skip
    return render(request, "awards/study.html", context)


def _session(account, pk: int) -> tuple[StudySession, list[Attendance]]:
    people = Attendance.objects.visible_to(account).select_related("record__member", "record__entered_by")
    people = people.defer(*sealed_at("record__member", "record__entered_by")).order_by("record__member__name", "pk")
    sessions = StudySession.objects.visible_to(account).select_related("organisation", "organiser")
    sessions = sessions.prefetch_related(Prefetch("attendances", people, to_attr="seen"))
    found = get_object_or_404(sessions.defer(*sealed_at("organiser")), pk=pk)
    return found, found.seen


def study_withdraw(request, pk: int, attendance: int | None = None):
    """Taking back a whole session, or one member's hours of it."""
    account = request.user
    found, attendances = _session(account, pk)
    chosen = [each for each in attendances if attendance in (None, each.pk)]
    if not chosen:
        raise Http404
    records = [each.record for each in chosen]
    check_may_withdraw(account, found, records)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _take_back(form, request, found, records), repeated=TAKEN_BACK):
        return redirect(where)
    context = {
        "form": form, "session": found, "back": reverse("study", args=[pk]),
        "whose": records[0].member.name if attendance else "",
        "count": sum(record.withdrawn_on is None for record in records),
    }  # fmt: skip
    return render(request, "awards/study_withdraw.html", context, status=422 if form.is_bound else 200)


def _take_back(form: WithdrawForm, request, found: StudySession, records: list[Record]) -> str:
    with observe([record.member_id for record in records], actors=[found.organiser_id]) as outcome:
        take_back_study(by=request.user, records=records, reason=form.cleaned_data["reason"], today=today())
    reopened = len(outcome.reopened)
    messages.success(request, f"已撤回，{reopened} 件应办重新打开。" if reopened else "已撤回，没有应办因此重新打开。")
    return reverse("study", args=[found.pk])
