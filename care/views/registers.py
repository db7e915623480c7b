"""The registers: all of them, one, the form of an entry, its page, and what is done to it."""

from datetime import date

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from care.entries import (
    Given,
    amend_entry,
    give_way,
    open_entry,
    review_changed,
)
from care.forms import EntryFilter, Review, lookers, shaped, with_review
from care.lists import LACKS_CONTACT, counts, entries_of, gone_of, lacking_contact, narrowed, page_of, state_of
from care.models import OF_THE_DEAD, Entry
from care.permissions import (
    check_may_change,
    check_may_enter,
    check_may_keep,
    check_may_open,
    may_enter,
    may_keep,
    may_open,
    may_recognise,
    reads_private,
)
from care.register import EntryForm, Register
from care.registers import REGISTERS
from care.settling import source_of
from care.stages import stages_of
from care.suggestions import gaps, suggested
from care.views.other_end import KEPT, OtherEnd, other_end
from duties.board.words import describe, with_words
from duties.engine.models import Duty, Record, State
from duties.engine.rehearse import observe
from duties.tasks import tasks_of
from duties.views.entering import said_closed
from duties.views.tying import said_of, why_page
from members.acting import actors_for
from members.asked import member_asked_for, number
from members.bonds import ties_by_hand
from members.directory import organisation_choices
from members.enums import Capability, Standing
from members.models import Event, Membership, Organisation, Person
from members.permissions import check_may_record_about
from members.scope import sealed_at
from members.views.acts import bound
from members.views.bonds import said_tie

DONE_SHOWN = 20


@require_safe
def registers(request):
    """The registers that the account may look into, each with how many stand in it."""
    account, day = request.user, today()
    mine = [each for each in REGISTERS.values() if may_open(account, each.code)]
    if not mine:
        check_may_open(account, next(iter(REGISTERS)))
    found = counts(account, mine, day)
    return render(request, "care/registers.html", {"rows": [(each, found.get(each.code, {})) for each in mine]})


def _register(code: str) -> Register:
    if code not in REGISTERS:
        raise Http404
    return REGISTERS[code]


@require_safe
def register(request, code: str):
    """One register: who stands in it, narrowed by state, organisation and name; nothing private."""
    account, day, kind = request.user, today(), _register(code)
    check_may_open(account, kind.code)
    chosen = EntryFilter(request.GET)
    where, name, state = (chosen.value(each) for each in ("organisation", "q", "state"))
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = narrowed(Entry.objects.visible_to(account), kind, state=state, here=here, name=name, day=day)
    rows, after = page_of(found, kind, day, request.GET.get("after", ""))
    audit.search(request, f"register-{code}", name, found=len(rows))
    enters, plain = may_enter(account, kind.code), not request.GET
    context = {
        "register": kind, "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET, "day": day,
        "may_enter": enters, "gaps": gaps(account, kind, day) if plain else [],
        "suggested": suggested(account, kind, day) if enters and plain else [],
        "page": kind.page if account.scope.may(Capability.POLICY) else None,
    }  # fmt: skip
    return render(request, "care/register.html", context)


def entry_new(request):
    """The form of a new entry of ``register``; without a ``member`` the picker. ``event``: what led to it.

    Of a register about ties whoever stands by the member is found by ``name``, or named by number (``to``); ``duty``:
    which waits for such a tie, one comes back to it; ``instead``: the entry whose place the new one takes.
    """
    kind = _register(request.POST.get("register") or request.GET.get("register", ""))
    account, day = request.user, today()
    check_may_enter(account, kind.code)
    event = _event(request)
    membership = member_asked_for(request, day, named=event and event.person_id)
    if membership is None:
        return _pick(request, kind, day)
    check_may_enter(account, kind.code, membership.path)
    check_may_record_about(account, membership.person)
    _check_living(kind, membership)
    other = other_end(request, kind, membership, day)
    form = _form(request, kind, membership, event, other)
    if where := submitted(request, form, lambda: _open(request, membership.person, event, form, other)):
        return redirect(where)
    context = {
        "form": form, "register": kind, "membership": membership, "event": event, "day": day, "other": other,
        "keep": {each: request.GET[each] for each in KEPT if each in request.GET},
        "sections": _laid_out(form), "others": entries_of(account, membership.person_id, day),
        "full_path": request.get_full_path(),
        "cancel_url": why_page(request) if other.duty else reverse("register", args=[kind.code]),
        **_choosing(form),
    }  # fmt: skip
    return render(request, "care/entry_form.html", context, status=422 if form.errors else 200)


def _check_living(kind: Register, membership: Membership) -> None:
    """The dead are told of before anybody fills in a long form; so are the living where it is about a family."""
    name, dead = membership.person.name, membership.standing == Standing.DEAD
    if dead and kind.code not in OF_THE_DEAD:
        raise PermissionDenied(f"{name}已于 {membership.since} 去世，不再列入{kind.title}。")
    if not dead and kind.code in OF_THE_DEAD:
        raise PermissionDenied(f"{name}没有登记去世。家庭的档案建在去世的党员名下。")


def _event(request) -> Event | None:
    """The event that led to the entry, if it is named and in view."""
    asked = request.POST.get("event") or request.GET.get("event")
    if not asked:
        return None
    return get_object_or_404(Event.objects.visible_to(request.user, Capability.RECORD).standing(), pk=number(asked))


def _pick(request, kind: Register, day: date):
    """Whom the entry is about: the picker, or for a register about families, the dead."""
    dead = []
    if kind.code in OF_THE_DEAD:
        stays = Membership.objects.on(day).visible_to(request.user, Capability.RECORD).filter(standing=Standing.DEAD)
        dead = stays.exclude(person__entries__register=kind.code).select_related("person", "organisation")
        dead = dead.defer(*sealed_at("person")).order_by("-since", "-pk")[:50]
    return render(
        request, "care/entry_pick.html", {"register": kind, "dead": dead, "of_dead": kind.code in OF_THE_DEAD}
    )


def _form(request, kind: Register, membership: Membership, event: Event | None, other: OtherEnd) -> EntryForm:
    initial = {
        "once": new_key(), "since": event.occurred_on if event else today(), "place": membership.person.floating_to,
        **({"name": other.name, "to": other.chosen} if kind.other else {}),
    }  # fmt: skip
    form = kind.form(request.POST if request.method == "POST" else None, initial=initial)
    form = shaped(form, kind, new=True, private=True, found=other.found)
    form.limit(request.user, membership, today())
    key = f"entry:{kind.code}:m{membership.person_id}"
    return drafted(form, account=request.user.pk, key=key, now=timezone.now())


def _laid_out(form: EntryForm) -> list[tuple[str, list, bool]]:
    """The form's facts, section by section, as bound fields; whether a section stands open: the first one, and any in
    which something is asked for, known or refused.
    """
    sections = ((each.title, [form[name] for name in each.names if name in form.fields]) for each in form.sections)
    told = enumerate((title, fields) for title, fields in sections if fields)
    return [(title, fields, not number or any(map(_stands_open, fields))) for number, (title, fields) in told]


def _stands_open(field: BoundField) -> bool:
    return bool(field.field.required or field.errors or field.value())


def _choosing(form: EntryForm) -> dict:
    """The fields that choose among people and organisations, if the form has them."""
    return {
        name: form[field] if field in form.fields else None for name, field in (("end", "to"), ("carers", "carers"))
    }


def _given(form: EntryForm) -> Given:
    said = form.cleaned_data
    review_on, carers = said.get("review_on"), said.get("carers")
    return Given(form.given(), grade=said.get("grade", ""), review_on=review_on, carers=carers)


def _open(request, person: Person, event: Event | None, form: EntryForm, other: OtherEnd) -> str:
    kind, since = _register(request.POST["register"]), form.cleaned_data["since"]
    to, day = other.person(form) or form.end(), today()
    with observe([person.pk], actors=[to.pk] if kind.other else []) as outcome:
        entry = open_entry(
            by=request.user, register=kind, person=person, since=since, given=_given(form), today=day, event=event,
            to=to,
        )  # fmt: skip
        if other.instead:
            give_way(by=request.user, entry=other.instead, to=entry, today=day)
    if not kind.other:
        waits = "，等上级认定" if kind.recognised else ""
        messages.success(request, f"{person.name}自 {since} 起列入{kind.title}{waits}。")
    else:
        closed = said_of(other.duty, outcome) if other.duty else said_closed(outcome) if outcome.closed else ""
        messages.success(request, f"{said_tie(entry.tie)}{'，' if closed else ''}{closed}。")
    return why_page(request) if other.duty else back_to(request, entry)


def back_to(request, entry: Entry) -> str:
    """The entry's page, or where it is past and the account does not see it any more, the register's."""
    if Entry.objects.visible_to(request.user).filter(pk=entry.pk).exists():
        return reverse("entry", args=[entry.pk])
    return reverse("register", args=[entry.register])


def _entry(request, pk: int, capability: Capability = Capability.VIEW) -> tuple[Entry, Register, Membership]:
    """An entry in view with its register and where the member stands today; out of scope is 404."""
    rows = Entry.objects.visible_to(request.user, capability).select_related(
        "person", "tie__to", "tie__to_organisation", "entered_by", "event"
    )
    entry = get_object_or_404(rows.defer(*sealed_at("person", "tie__to", "entered_by")), pk=pk)
    stays = Membership.objects.on(today()).visible_to(request.user, capability)
    stay = stays.select_related("organisation").get(person=entry.person_id)
    return entry, REGISTERS[entry.register], stay


def recorded(request, pk: int) -> tuple[Entry, Register, Membership]:
    """An entry that the account may change: in scope to record, not about oneself, not taken back."""
    entry, kind, stay = _entry(request, pk, Capability.RECORD)
    check_may_keep(request.user, entry, stay.path)
    check_may_record_about(request.user, entry.person)
    if entry.withdrawn_on:
        raise Http404
    return entry, kind, stay


@require_safe
def entry(request, pk: int):
    """One entry: what is known, what was and is to be done, who stands by the member, how it came about."""
    account, day = request.user, today()
    found, kind, stay = _entry(request, pk)
    private = reads_private(account, found, stay.path)
    if private and kind.form.private:
        audit.write(audit.Act.READ, f"entry:{found.pk}", field="private")
    context = {
        "entry": found, "register": kind, "membership": stay, "day": day, "state": state_of(kind, found, day),
        "sections": _sections(kind, found, stay, day, private=private), "private": private,
        "withheld": kind.withheld(), "steps": kind.procedure.of(found) if kind.procedure and private else [],
        "lacks": LACKS_CONTACT if lacking_contact(kind, [found], day) else "",
        "runs": found.withdrawn_on is None and found.until > day, "gone": gone_of([found], day).get(found.pk, ""),
        "forms": settings.ENTRY_FORMS.get(found.register, ()),
        "notice": _notice(kind, found, stay, day), **_beside(account, found, stay, day),
    }  # fmt: skip
    context |= {
        "stages": stages_of(kind, found, context["changes"], context["times"], day),
        "review": _review_form(request, kind, found, stay, day) if context["may_change"] and context["runs"] else None,
    }
    return render(request, "care/entry.html", context)


def _notice(kind: Register, found: Entry, stay: Membership, day: date) -> str:
    runs = found.withdrawn_on is None and found.until > day
    return kind.notice(found, stay, day) if kind.notice and runs else ""


def _review_form(request, kind: Register, found: Entry, stay: Membership, day: date) -> Review | None:
    """The form of a review, where the register has reviews and the entry counts."""
    if not kind.review_days or (kind.recognised and not found.recognised_on):
        return None
    account = request.user
    form = bound(request, "review", Review, initial={"on": day, "people": [account.person_id]})
    form.fields["people"].choices = actors_for(stay.organisation, account, day, but=found.person)
    return form


def _sections(kind: Register, found: Entry, stay: Membership, day: date, *, private: bool) -> list:
    """The facts in sections, and for those who read the private ones what follows from them."""
    title, lines = kind.follows(found, stay, day) if kind.follows and private else ("", [])
    return [*kind.sections_of(found, private=private, day=day), *([(title, lines)] if lines else [])]


def _beside(account, found: Entry, stay: Membership, day: date) -> dict:
    """What stands beside the facts: duties ahead, what was done, ties, changes, other times, and what may be done."""
    duties = Duty.objects.visible_to(account).filter(member=found.person_id, state=State.OPEN, opens_on__lte=day)
    done = Record.objects.visible_to(account).standing().filter(
        member=found.person_id, on__gte=found.since, on__lt=found.until
    )  # fmt: skip
    may = found.withdrawn_on is None and may_keep(account, found, stay.path) and found.person_id != account.person_id
    return {
        "ahead": describe(with_words(duties).order_by("due_on", "pk"), account, day),
        "tasks": [(task, task.words(account)) for task in tasks_of(source_of(found), today=day)],
        "times": done.count(),
        "done": done.prefetch_related("actors__person").order_by("-on", "-pk")[:DONE_SHOWN],
        "ties": ties_by_hand(found.person).on(day).defer(*sealed_at("person", "to")),
        "carers": found.carers.only("name").order_by("pk"),
        "changes": list(found.changes.select_related("by").defer(*sealed_at("by")).order_by("-pk")),
        "others": [each for each in entries_of(account, found.person_id, day) if each.pk != found.pk],
        "may_change": may,
        "may_recognise": may and not found.recognised_on and may_recognise(account, stay.path),
    }  # fmt: skip


def entry_edit(request, pk: int):
    """What is known now, from a day on; with ``review`` it is a review that found it changed. Private facts stand in
    the form only for those who may read them.
    """
    account, day = request.user, today()
    found, kind, stay = recorded(request, pk)
    private = reads_private(account, found, stay.path)
    check_may_change(found, private=private)
    known = {**found.facts, **(found.private if private else {})}
    initial = {
        **known, "once": new_key(), "version": found.version, "on": day, "grade": found.grade,
        "review_on": found.review_on, "carers": list(found.carers.order_by("pk").values_list("pk", flat=True)),
    }  # fmt: skip
    form = kind.form(request.POST if request.method == "POST" else None, initial=initial)
    form = shaped(form, kind, new=False, private=private)
    form.limit(account, stay, day)
    review = "review" in request.GET and bool(kind.review_days) and found.until > day
    if review:
        form = with_review(form, actors_for(stay.organisation, account, day, but=found.person))
        form.initial["lookers"] = [account.person_id]
    form = drafted(form, account=account.pk, key=f"entry:{kind.code}:e{found.pk}", now=timezone.now())
    if where := submitted(request, form, lambda: _amend(request, found, form, day)):
        return redirect(where)
    context = {
        "form": form, "register": kind, "membership": stay, "entry": found, "day": day, "sections": _laid_out(form),
        "full_path": request.get_full_path(), "cancel_url": reverse("entry", args=[pk]), "review": review,
        **_choosing(form),
    }  # fmt: skip
    return render(request, "care/entry_form.html", context, status=422 if form.errors else 200)


def _amend(request, found: Entry, form: EntryForm, day: date) -> str:
    said = form.cleaned_data
    told = {"by": request.user, "entry": found, "given": _given(form), "on": said["on"], "today": day}
    told["version"] = said["version"] or 0
    if "lookers" in form.fields:
        after = review_changed(**told, people=lookers(form), note=said["looked"])
        messages.success(request, f"已保存，算一次复核，下次 {after.review_on}。")
    else:
        amend_entry(**told)
        messages.success(request, "已保存。")
    return back_to(request, found)


@require_safe
def entry_print(request, pk: int):
    """The entry as a form on A4 with places to sign; what the reader may not read stays empty. Audited."""
    account, day = request.user, today()
    found, kind, stay = _entry(request, pk)
    private = reads_private(account, found, stay.path)
    audit.write(audit.Act.PRINT, f"entry:{found.pk}", private=private)
    context = {
        "entry": found, "register": kind, "membership": stay, "day": day, "private": private,
        "sections": _sections(kind, found, stay, day, private=private), "changes": found.changes.order_by("pk"),
    }  # fmt: skip
    return render(request, "care/entry_print.html", context)


@require_safe
def member_entries(request, pk: int):
    """In which registers a member stands and stood, and in which he can be entered."""
    account, day = request.user, today()
    within = Membership.objects.on(day).visible_to(account).select_related("person", "organisation")
    stay = get_object_or_404(within, person=number(pk))
    rows = [(REGISTERS[each.register], each, *state_of(REGISTERS[each.register], each, day))
            for each in entries_of(account, stay.person_id, day)]  # fmt: skip
    dead = stay.standing == Standing.DEAD
    open_ = [
        each for each in REGISTERS.values()
        if may_enter(account, each.code, stay.path) and (each.code in OF_THE_DEAD) == dead
        and stay.person_id != account.person_id
    ]  # fmt: skip
    return render(request, "care/member_entries.html", {"membership": stay, "rows": rows, "open": open_, "day": day})
