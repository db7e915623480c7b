"""Pages of visits, greetings and condolences: the list, the three forms, one visit, and taking it back."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from base.pictures import pictures_of, subject_of
from duties.board.records import closed_by
from duties.board.words import describe, sees_basis, with_words
from duties.engine.models import Action, Duty
from duties.engine.rehearse import observe
from duties.permissions import may_withdraw
from duties.views.entering import NOTHING_YET, duty_asked_for, said_closed, settled
from members.asked import member_asked_for
from members.directory import organisation_choices
from members.enums import Capability, Standing
from members.models import Membership, Organisation
from members.permissions import check_may_record, check_may_record_about
from members.scope import sealed_at
from visits.campaigns.handing import tick_of
from visits.forms.choices import check_paid
from visits.forms.visits import KINDS, VisitFilter, VisitForm
from visits.lists import PAGE, last_with, narrowed, page_of, with_people
from visits.models import Visit
from visits.permissions import may_read
from visits.promises import promise, promised_again
from visits.reasons import USUAL, of_death, reasons_for, value_of, why_visited
from visits.upward import KINDS as KINDS_UPWARD
from visits.upward import is_honoured
from visits.views.entering import closes
from visits.views.following import following, instead_of, withdraw_act
from visits.views.pictures import keep_pictures
from visits.visiting import NOUNS, birthday_words, record_visit

AGAIN = ("how", "met", "met_name", "text", "wish", "promised", "money", "source", "gift", "gift_value")
"""What the form of a visit entered once more is filled with."""


@require_safe
def visits(request):
    """Visits, greetings and condolences in scope, newest first: day, member, who went, why; never what was seen."""
    account, chosen, day = request.user, VisitFilter(request.GET), today()
    number, name, kind = (chosen.value(each) for each in ("organisation", "q", "kind"))
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=number) if number else None
    found = narrowed(Visit.objects.visible_to(account), here=here, name=name)
    rows, after = page_of(found.filter(record__action=kind) if kind else found, request.GET.get("after", ""))
    audit.search(request, "visits", name, found=len(rows))
    context = {
        "rows": [(visit, why_visited(visit, account, day)) for visit in rows],
        "after": after,
        "filter": chosen,
        "query": chosen.query(),
        "organisations": organisation_choices(account, here),
        "here": here,
        "first": "after" not in request.GET,
        "day": day,
        "may_record": account.scope.may(Capability.RECORD),
    }
    return render(request, "visits/visits.html", context)


def visit_new(request):
    """The form of a visit to a member, or to the family of a dead one."""
    return _new(request, Action.VISIT, "visit_new")


def greeting_new(request):
    """The form of a greeting on a political birthday: by what means, and save."""
    return _new(request, Action.GREETING, "greeting_new")


def condolence_new(request):
    """The form of a condolence with the family of a dead member; without one, the dead in scope to choose from."""
    return _new(request, Action.CONDOLENCE, "condolence_new")


def _new(request, action: Action, name: str):
    """The form of one of the three; without a member, the picker. ``preview`` answers what saving would close."""
    check_may_record(request.user)
    account, day = request.user, today()
    duty = duty_asked_for(request)
    before = instead_of(request, with_people(Visit.objects.visible_to(account).filter(record__action=action)))
    named = duty.member_id if duty else before and before.record.member_id
    membership = member_asked_for(request, day, named=named)
    if action == Action.CONDOLENCE and (membership is None or membership.standing != Standing.DEAD):
        return _pick_of_the_dead(request, membership, day)
    if membership is None:
        return render(request, "visits/visit_pick.html", {"target": name, "kind": KINDS[action]})
    check_may_record_about(account, membership.person)
    _check_may_greet(action, membership)
    form = _form(request, action, membership, duty, before)
    if form.has_error("others", "invalid_choice"):
        raise Http404
    preview = "preview" in request.POST
    panel = _closes(form, account, day) if preview else NOTHING_YET
    if preview and request.htmx:
        return render(request, "components/_closes.html", panel)
    if not preview and (where := submitted(request, form, lambda: _record(form, request, day))):
        return redirect(reverse(name) if "again" in request.POST else where)
    context = {
        "form": form,
        "name": name,
        "kind": KINDS[action],
        "membership": membership,
        "dead": membership.standing == Standing.DEAD,
        "birthday": birthday_words(membership.person, duty.due_on if duty else day),
        "closes": panel,
        "settled": settled(duty),
        "day": day,
        "upward": _reported_upward(form, membership),
        "last": last_with(Visit.objects.visible_to(account), membership.person),
        "cancel_url": reverse("member", args=[membership.person_id]),
    }
    return render(request, "visits/visit_new.html", context, status=422 if form.errors else 200)


def _reported_upward(form: VisitForm, membership: Membership) -> int | None:
    """The event of an honoured member's last illness or death, which is reported level by level."""
    events = [reason.event for reason in form.reasons.values() if reason.event and reason.event.kind in KINDS_UPWARD]
    return events[0].pk if events and is_honoured(membership.person_id, events[0].occurred_on) else None


def _pick_of_the_dead(request, membership: Membership | None, day):
    """Whose family is condoled with: members who died, the latest first. A living member has no such form."""
    dead = Membership.objects.on(day).visible_to(request.user, Capability.RECORD).filter(standing=Standing.DEAD)
    dead = dead.select_related("person", "organisation").defer(*sealed_at("person")).order_by("-since", "-pk")
    context = {"dead": dead[:PAGE], "day": day, "living": membership and membership.person}
    return render(request, "visits/condolence_pick.html", context)


def _check_may_greet(action: Action, membership: Membership) -> None:
    if action == Action.GREETING and membership.standing == Standing.DEAD:
        raise PermissionDenied(f"{membership.person.name}已于 {membership.since} 去世，不再登记祝贺。")


def _form(request, action: Action, membership: Membership, duty: Duty | None, before: Visit | None) -> VisitForm:
    """The form, filled with what a duty asks for, or with what ``before`` said, a visit that is entered once more."""
    account, day = request.user, today()
    chosen = request.POST.get("reason", "") or (_reason_of(before) if before else "")
    if action == Action.CONDOLENCE:
        reasons = [of_death(membership.person, account)]
    else:
        reasons = reasons_for(membership, action, account, day, chosen=chosen)
    initial = {
        "once": new_key(), "member": membership.person_id, "on": day, "people": [account.person_id],
        "how": None if action == Action.GREETING else Visit.How.HOME,
        "reason": value_of(duty, action) if duty else reasons[0].value,
    }  # fmt: skip
    if request.GET.get("met") == Visit.Met.FAMILY:
        initial["met"] = Visit.Met.FAMILY
    key = f"{action}:m{membership.person_id}"
    if before:
        initial |= {name: getattr(before, name) for name in AGAIN}
        initial |= {"on": before.record.on, "reason": chosen, "promises": promised_again(before, day)}
        initial |= {name: [actor.person_id for actor in before.record.actors.all()] for name in ("people", "others")}
        key += f":v{before.pk}"
    sent = {"data": request.POST, "files": request.FILES} if request.method == "POST" else {}
    form = VisitForm(
        **sent, action=action, account=account, membership=membership, reasons=reasons, day=day, initial=initial
    )  # fmt: skip
    return drafted(form, account=account.pk, key=key, now=timezone.now())


def _reason_of(visit: Visit) -> str:
    """The choice under which the visit was entered."""
    return f"event:{visit.record.event_id}" if visit.record.event_id else visit.occasion or USUAL


def _record(form: VisitForm, request, day) -> str:
    person = form.membership.person
    went = form.visit()
    check_paid(form, [person] if went["seen"].money else [])
    with observe([person.pk], actors=[each.pk for each in went["people"]]) as outcome:
        visit = record_visit(by=request.user, **went, today=day)
        promise(by=request.user, act=visit, promises=form.promises(), today=day)
        keep_pictures(form.cleaned_data["pictures"], of=visit, by=request.user)
    messages.success(request, f"对{person.name}的{NOUNS[form.action]}已登记，{said_closed(outcome)}。")
    return reverse("visit", args=[visit.pk])


def _closes(form: VisitForm, account, day) -> dict:
    """What saving the form as it stands would close; for that words, place, posts and promises do not matter."""
    if set(form.errors) - {"how", "anyway", "promises"}:
        return NOTHING_YET
    visit = form.visit()
    seen = visit["seen"]
    words = {"text": seen.text or "…"}
    if form.action == Action.CONDOLENCE:
        words["met_name"] = seen.met_name or "…"
    visit["seen"] = replace(seen, **words)
    return closes(
        lambda: record_visit(by=account, **visit, today=day), form.given(), [form.membership.person_id],
        account=account, day=day, membership=form.membership,
    )  # fmt: skip


@require_safe
def visit(request, pk: int):
    """One visit: when, who, what was given, which duties it closed; the text only for those who may read it."""
    account, day = request.user, today()
    found = get_object_or_404(with_people(Visit.objects.visible_to(account)), pk=pk)
    record = found.record
    closed = with_words(closed_by(record, account)).order_by("due_on", "pk")
    if reads := may_read(account, record):
        audit.write(audit.Act.READ, f"record:{record.pk}", field="text")
    context = {
        "visit": found, "record": record, "lines": describe(closed, account, day), "day": day,
        "what": _called(record), "kind": KINDS[record.action], "why": why_visited(found, account, day),
        "may_read": reads, "pictures": pictures_of(subject_of(record)),
        "where": reads or sees_basis(account, found.how == Visit.How.HOSPITAL, record.path, record.member_id),
        "withdrawn": f"已于 {record.withdrawn_on} 撤回。{record.withdrawn_reason}",
        "may_withdraw": record.withdrawn_on is None and may_withdraw(account, record),
        **following(account, found, day, reads=reads),
    }  # fmt: skip
    return render(request, "visits/visit.html", context)


def visit_withdraw(request, pk: int):
    """Taking a visit, a greeting or a condolence back; of one by which a campaign handed something over, the tick."""
    found = get_object_or_404(with_people(Visit.objects.visible_to(request.user)), pk=pk)
    ticked = tick_of(found)
    if ticked:
        return redirect("campaign_undo", ticked.campaign_id, ticked.pk)
    return withdraw_act(request, found, _called(found.record), reverse("visit", args=[pk]))


def _called(record) -> str:
    """How the record is called on its page: 对李建国的走访."""
    return f"对{record.member.name}的{NOUNS[record.action]}"
