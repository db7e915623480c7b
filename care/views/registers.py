"""The registers: all of them, one, the form of an entry, its page, and what is done to it."""

from datetime import date

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
from care.entries import (
    Given,
    amend_entry,
    close_entry,
    open_entry,
    recognise_entry,
    review_changed,
    review_entry,
    source_of,
    withdraw_entry,
)
from care.forms import Close, EntryFilter, Recognise, Review, lookers, shaped, with_review
from care.lists import counts, entries_of, narrowed, page_of, state_of
from care.models import OF_THE_DEAD, Entry
from care.permissions import (
    check_may_enter,
    check_may_open,
    check_may_recognise,
    may_enter,
    may_open,
    may_recognise,
    reads_private,
)
from care.register import EntryForm, Register
from care.registers import REGISTERS
from care.stages import stages_of
from duties.board.words import describe, with_words
from duties.engine.models import Duty, Record, State
from duties.tasks import tasks_of
from members.acting import actors_for
from members.asked import member_asked_for, number
from members.bonds import ties_by_hand
from members.directory import organisation_choices
from members.enums import Capability, Standing
from members.models import Event, Membership, Organisation, Person
from members.office_forms import ReasonForm
from members.permissions import check_may_record_about
from members.scope import sealed_at
from members.views.acts import bound, carried_out, status_of

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
    context = {
        "register": kind, "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET, "day": day,
        "may_enter": may_enter(account, kind.code),
    }  # fmt: skip
    return render(request, "care/register.html", context)


def entry_new(request):
    """The form of a new entry of ``register``; without a ``member`` the picker. ``event``: what led to it."""
    kind = _register(request.POST.get("register") or request.GET.get("register", ""))
    account, day = request.user, today()
    check_may_enter(account, kind.code)
    event = _event(request)
    membership = member_asked_for(request, day, named=event and event.person_id)
    if membership is None:
        return _pick(request, kind, day)
    check_may_enter(account, kind.code, membership.path)
    check_may_record_about(account, membership.person)
    form = _form(request, kind, membership, event, day)
    if where := submitted(request, form, lambda: _open(request, membership.person, event, form)):
        return redirect(where)
    context = {
        "form": form, "register": kind, "membership": membership, "event": event, "day": day,
        "sections": _laid_out(form), "others": entries_of(account, membership.person_id, day),
        "full_path": request.get_full_path(), "cancel_url": reverse("register", args=[kind.code]),
    }  # fmt: skip
    return render(request, "care/entry_form.html", context, status=422 if form.errors else 200)


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


def _form(request, kind: Register, membership: Membership, event: Event | None, day: date) -> EntryForm:
    initial = {"once": new_key(), "since": event.occurred_on if event else day}
    form = kind.form(request.POST if request.method == "POST" else None, initial=initial)
    form = shaped(form, kind, new=True, private=True)
    key = f"entry:{kind.code}:m{membership.person_id}"
    return drafted(form, account=request.user.pk, key=key, now=timezone.now())


def _laid_out(form: EntryForm) -> list[tuple[str, list]]:
    """The form's facts, section by section, as bound fields."""
    sections = ((each.title, [form[name] for name in each.names if name in form.fields]) for each in form.sections)
    return [(title, fields) for title, fields in sections if fields]


def _given(form: EntryForm) -> Given:
    said = form.cleaned_data
    return Given(form.given(), grade=said.get("grade", ""), review_on=said.get("review_on"))


def _open(request, person: Person, event: Event | None, form: EntryForm) -> str:
    kind = _register(request.POST["register"])
    entry = open_entry(
        by=request.user, register=kind, person=person, since=form.cleaned_data["since"], given=_given(form),
        today=today(), event=event,
    )  # fmt: skip
    waits = "，等上级认定" if kind.recognised else ""
    messages.success(request, f"{person.name}自 {entry.since} 起列入{kind.title}{waits}。")
    return reverse("entry", args=[entry.pk])


def _entry(request, pk: int, capability: Capability = Capability.VIEW) -> tuple[Entry, Register, Membership]:
    """An entry in view with its register and where the member stands today; out of scope is 404."""
    rows = Entry.objects.visible_to(request.user, capability).select_related("person", "tie__to", "entered_by", "event")
    entry = get_object_or_404(rows.defer(*sealed_at("person", "tie__to", "entered_by")), pk=pk)
    stays = Membership.objects.on(today()).visible_to(request.user, capability)
    stay = stays.select_related("organisation").get(person=entry.person_id)
    return entry, REGISTERS[entry.register], stay


def recorded(request, pk: int) -> tuple[Entry, Register, Membership]:
    """An entry that the account may change: in scope to record, not about oneself, not taken back."""
    entry, kind, stay = _entry(request, pk, Capability.RECORD)
    check_may_enter(request.user, kind.code, stay.path)
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
        "withheld": kind.withheld(),
        "runs": found.withdrawn_on is None and found.until > day, **_beside(account, found, stay, day),
    }  # fmt: skip
    context |= {
        "stages": stages_of(kind, found, context["changes"], context["times"], day),
        "review": _review_form(request, kind, found, stay, day) if context["may_change"] and context["runs"] else None,
    }
    return render(request, "care/entry.html", context)


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
    may = (
        found.withdrawn_on is None
        and may_enter(account, found.register, stay.path)
        and found.person_id != account.person_id
    )
    return {
        "ahead": describe(with_words(duties).order_by("due_on", "pk"), account, day),
        "tasks": [(task, task.words(account)) for task in tasks_of(source_of(found), today=day)],
        "times": done.count(),
        "done": done.prefetch_related("actors__person").order_by("-on", "-pk")[:DONE_SHOWN],
        "ties": ties_by_hand(found.person).on(day).defer(*sealed_at("person", "to")),
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
    known = {**found.facts, **(found.private if private else {})}
    initial = {
        **known, "once": new_key(), "version": found.version, "on": day, "grade": found.grade,
        "review_on": found.review_on,
    }  # fmt: skip
    form = kind.form(request.POST if request.method == "POST" else None, initial=initial)
    form = shaped(form, kind, new=False, private=private)
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
    return reverse("entry", args=[found.pk])


def entry_act(request, pk: int):
    """What is done to an entry: recognising, reviewing, ending, taking back; each a form of its own on one page."""
    account, day = request.user, today()
    found, kind, stay = recorded(request, pk)
    forms = {"withdraw": bound(request, "withdraw", ReasonForm)}
    if found.until > day:
        forms["close"] = bound(request, "close", Close, register=kind, initial={"last": day})
        if kind.review_days:
            people = actors_for(stay.organisation, account, day, but=found.person)
            forms["review"] = bound(request, "review", Review, initial={"on": day, "people": [account.person_id]})
            forms["review"].fields["people"].choices = forms["close"].fields["people"].choices = people
        if kind.recognised and not found.recognised_on and may_recognise(account, stay.path):
            place = account.scope.home
            initial = {"on": day, "organisation": place.label if place else "", "grade": found.grade}
            forms["recognise"] = bound(request, "recognise", Recognise, register=kind, initial=initial)
    acts = {
        "recognise": lambda form: _recognise(request, found, stay, form, day),
        "review": lambda form: _review(request, found, form, day),
        "close": lambda form: _close(request, found, form, day),
        "withdraw": lambda form: _withdraw(request, found, form, day),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"entry": found, "register": kind, "membership": stay, "forms": forms, "day": day}
    return render(request, "care/entry_act.html", context, status=status_of(forms))


def _recognise(request, found: Entry, stay: Membership, form: Recognise, day: date) -> str:
    check_may_recognise(request.user, found, stay.path)
    said = form.cleaned_data
    recognise_entry(
        by=request.user, entry=found, on=said["on"], organisation=said["organisation"], grade=said.get("grade", ""),
        today=day,
    )  # fmt: skip
    messages.success(request, f"已认定，{found.person.name}自 {said['on']} 起计入。")
    return reverse("entry", args=[found.pk])


def _review(request, found: Entry, form: Review, day: date) -> str:
    said = form.cleaned_data
    after = review_entry(
        by=request.user, entry=found, on=said["on"], people=lookers(form), note=said["note"], today=day
    )  # fmt: skip
    messages.success(request, f"已复核，下次 {after.review_on}。")
    return reverse("entry", args=[found.pk])


def _close(request, found: Entry, form: Close, day: date) -> str:
    said = form.cleaned_data
    close_entry(
        by=request.user, entry=found, last=said["last"], why=said["why"], note=said["note"], people=lookers(form),
        today=day,
    )  # fmt: skip
    messages.success(request, f"已退出，到 {said['last']} 为止。条目留存备查。")
    return reverse("entry", args=[found.pk])


def _withdraw(request, found: Entry, form: ReasonForm, day: date) -> str:
    withdraw_entry(by=request.user, entry=found, reason=form.cleaned_data["reason"], today=day)
    messages.success(request, "已撤销，就当没有列过。")
    return reverse("register", args=[found.register])


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
