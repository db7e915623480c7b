"""Pages of talks: the list, the form with what it will close, one talk, and taking it back."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.board.records import closed_by, event_label
from duties.board.words import describe, with_words
from duties.engine.models import Action, Duty
from duties.engine.rehearse import observe
from duties.filters import Narrowing
from duties.permissions import may_withdraw
from duties.views.entering import NOTHING_YET, duty_asked_for, said_closed, settled
from members.asked import member_asked_for
from members.directory import organisation_choices
from members.enums import Capability, Standing
from members.models import Membership, Organisation
from members.permissions import check_may_record, check_may_record_about
from visits.answering import explain_late
from visits.confirming import WITH_CONFIRMATIONS, Says
from visits.forms.talks import TalkForm
from visits.likeness import check_alike
from visits.lists import last_with, narrowed, page_of, with_people
from visits.models import Talk
from visits.permissions import may_add, may_read_talk
from visits.promises import promise, promised_again
from visits.reasons import reasons_for, value_of
from visits.services import record_talk
from visits.views.entering import closes
from visits.views.following import following, instead_of, withdraw_act

AGAIN = ("means", "place", "minutes", "text", "wish", "opinion", "reply")
"""What a talk that is entered once more takes over."""


@require_safe
def talks(request):
    """Talks in scope, newest first: day, member, talker; never the text."""
    account, chosen = request.user, Narrowing(request.GET)
    number, name = chosen.value("organisation"), chosen.value("q")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    found = narrowed(Talk.objects.visible_to(account).prefetch_related(WITH_CONFIRMATIONS), here=here, name=name)
    rows, after = page_of(found, request.GET.get("after", ""))
    audit.search(request, "talks", name, found=len(rows))
    context = {
        "rows": rows,
        "after": after,
        "filter": chosen,
        "query": chosen.query(),
        "organisations": organisation_choices(account, here),
        "here": here,
        "first": "after" not in request.GET,
        "day": today(),
        "may_record": account.scope.may(Capability.RECORD),
    }
    return render(request, "visits/talks.html", context)


def talk_new(request):
    """The form of a talk; without a member, the picker. ``preview`` answers what saving would close.

    To a browser without JavaScript it answers with the whole page, as it was filled in.
    """
    check_may_record(request.user)
    account, day = request.user, today()
    duty = duty_asked_for(request)
    before = instead_of(request, with_people(Talk.objects.visible_to(account)))
    named = duty.member_id if duty else before and before.record.member_id
    membership = member_asked_for(request, day, named=named)
    if membership is None:
        return render(request, "visits/talk_pick.html", {"target": "talk_new"})
    check_may_record_about(account, membership.person)
    form = _form(request, membership, duty, before, day)
    if form.has_error("others", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    panel = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", panel)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(reverse("talk_new") if "again" in request.POST else where)
    context = {
        "form": form,
        "membership": membership,
        "closes": panel,
        "settled": settled(duty),
        "alike": "alike" in request.POST or form.has_error("text", "alike"),
        "day": day,
        "last": last_with(Talk.objects.visible_to(account), membership.person),
        "cancel_url": reverse("member", args=[membership.person_id]),
    }
    return render(request, "visits/talk_new.html", context, status=422 if form.errors else 200)


def _form(request, membership: Membership, duty: Duty | None, before: Talk | None, day) -> TalkForm:
    """The form, filled with what a duty asks for, or with what ``before`` said, a talk that is entered once more."""
    chosen = request.POST.get("reason", "") or (_reason_of(before) if before else "")
    reasons = reasons_for(membership, Action.TALK, request.user, day, chosen=chosen)
    initial = {
        "once": new_key(), "member": membership.person_id,
        "on": day if membership.standing != Standing.DEAD else None,
        "reason": value_of(duty, Action.TALK) if duty else reasons[0].value,
    }  # fmt: skip
    key = f"talk:m{membership.person_id}"
    if before:
        talker = before.record.actors.all()[:1]
        initial |= {name: getattr(before, name) for name in AGAIN}
        initial |= {"themes": before.themes.split(","), "promises": promised_again(before, day)}
        initial |= {"on": before.record.on, "reason": chosen, "talker": talker[0].person_id if talker else None}
        key += f":t{before.pk}"
    data = request.POST if request.method == "POST" else None
    form = TalkForm(data, account=request.user, membership=membership, reasons=reasons, day=day, initial=initial)
    return drafted(form, account=request.user.pk, key=key, now=timezone.now())


def _reason_of(talk: Talk) -> str:
    """The choice under which the talk was entered."""
    return f"event:{talk.record.event_id}" if talk.record.event_id else talk.subject


def _record(form: TalkForm, request, day) -> str:
    """Record the talk, say what it closed, and give the address of the talk with the member the form is about."""
    talk = form.talk()
    if "alike" not in request.POST:
        check_alike(by=request.user, said=form.said(), on=talk["on"], field=lambda _: "text", today=day)
    actors = [talker.pk for talker in talk["talkers"]]
    with observe([member.pk for member in talk["members"]], actors=actors) as outcome:
        talks = record_talk(by=request.user, **talk, today=day)
        reason = form.cleaned_data.get("late_reason", "")
        explain_late(by=request.user, event=talk["event"], on=talk["on"], reason=reason)
    person = form.membership.person
    said = f"集体谈话已登记，{len(talks)} 人各一条" if len(talks) > 1 else f"与{person.name}的谈话已登记"
    (own,) = (each for each in talks if each.record.member_id == person.pk)
    promise(by=request.user, act=own, promises=form.promises(), today=day)
    messages.success(request, f"{said}，{said_closed(outcome)}。")
    return reverse("talk", args=[own.pk])


def _closes(form: TalkForm, account, day) -> dict:
    """What saving the form as it stands would close; the words still missing do not matter for that."""
    if not form.is_valid():
        return NOTHING_YET
    talk = form.talk()
    talk["text"] = talk["text"] or "…"
    return closes(
        lambda: record_talk(by=account, **talk, today=day), form.given(), [member.pk for member in talk["members"]],
        account=account, day=day, membership=form.membership,
    )  # fmt: skip


@require_safe
def talk(request, pk: int):
    """One talk: when, who, which duties it closed; the text only for those who may read it."""
    account = request.user
    found = get_object_or_404(with_people(Talk.objects.visible_to(account)), pk=pk)
    record = found.record
    closed = with_words(closed_by(record, account)).order_by("due_on", "pk")
    if reads := may_read_talk(account, record):
        audit.write(audit.Act.READ, f"record:{record.pk}", field="text")
    context = {
        "talk": found, "record": record, "lines": describe(closed, account, today()), "day": today(),
        "may_read": reads,
        "event": event_label(record.event, account, record.path, today()) if record.event else "",
        "withdrawn": f"已于 {record.withdrawn_on} 撤回。{record.withdrawn_reason}",
        "may_withdraw": record.withdrawn_on is None and may_withdraw(account, record),
        **following(account, found, today(), reads=reads), **_confirming(account, found),
    }  # fmt: skip
    return render(request, "visits/talk.html", context)


def _confirming(account, talk: Talk) -> dict:
    """What the member said of the record, and whether the reader can say or note something more."""
    record = talk.record
    said, own = list(record.confirmations.order_by("-says", "pk")), record.member_id == account.person_id
    may = record.withdrawn_on is None if own else may_add(account, record)
    waits = may and not any((each.says == Says.PAPER) != own for each in said)
    return {"said": said, "own": own, "confirm_url": reverse("talk_confirm", args=[talk.pk]) if waits else ""}


def talk_withdraw(request, pk: int):
    """Taking a talk back: within ten minutes without a word, later with a reason."""
    found = get_object_or_404(with_people(Talk.objects.visible_to(request.user)), pk=pk)
    return withdraw_act(request, found, f"与{found.record.member.name}的谈话", reverse("talk", args=[pk]))
