"""What is done to an entry: recognising, reviewing, the steps of a procedure, ending, taking back."""

from datetime import date

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from base.dates import today
from care.entries import (
    close_entry,
    recognise_entry,
    review_entry,
    step_entry,
    unstep_entry,
    withdraw_entry,
)
from care.forms import Close, Recognise, Review, StepTaken, lookers
from care.models import Entry
from care.permissions import check_may_recognise, may_recognise
from care.register import Register, Step, taken_steps
from care.views.registers import back_to, recorded
from members.acting import actors_for
from members.models import Membership
from members.office_forms import ActForm, ReasonForm
from members.views.acts import bound, carried_out, status_of


def entry_act(request, pk: int):
    """What is done to an entry: recognising, reviewing, ending, taking back; each a form of its own on one page."""
    account, day = request.user, today()
    found, kind, stay = recorded(request, pk)
    forms = {"withdraw": bound(request, "withdraw", ReasonForm)}
    if found.until > day:
        forms["close"] = bound(request, "close", Close, register=kind, initial={"last": day})
        if kind.review_days and (found.recognised_on or not kind.recognised):
            people = actors_for(stay.organisation, account, day, but=found.person)
            forms["review"] = bound(request, "review", Review, initial={"on": day, "people": [account.person_id]})
            forms["review"].fields["people"].choices = forms["close"].fields["people"].choices = people
        if kind.recognised and not found.recognised_on and may_recognise(account, stay.path):
            place = account.scope.home
            initial = {"on": day, "organisation": place.label if place else "", "grade": found.grade}
            forms["recognise"] = bound(request, "recognise", Recognise, register=kind, initial=initial)
    if step := _next_step(kind, found):
        forms["step"] = bound(
            request, "step", StepTaken, initial={"code": step.code, "on": day, "people": [account.person_id]}
        )
        forms["step"].fields["people"].choices = actors_for(stay.organisation, account, day, but=found.person)
        if not step.action:
            del forms["step"].fields["people"]
    if kind.procedure and taken_steps(found):
        forms["unstep"] = bound(request, "unstep", ActForm)
    acts = {
        "recognise": lambda form: _recognise(request, found, stay, form, day),
        "review": lambda form: _review(request, found, form, day),
        "step": lambda form: _step(request, found, form, day),
        "unstep": lambda form: _unstep(request, found, day),
        "close": lambda form: _close(request, found, form, day),
        "withdraw": lambda form: _withdraw(request, found, form, day),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {
        "entry": found, "register": kind, "membership": stay, "forms": forms, "day": day, "step": step,
        "taken": taken_steps(found),
    }  # fmt: skip
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


def _next_step(kind: Register, found: Entry) -> Step | None:
    return kind.procedure.next(found) if kind.procedure and not found.closed_as else None


def _step(request, found: Entry, form: StepTaken, day: date) -> str:
    said = form.cleaned_data
    after = step_entry(
        by=request.user, entry=found, code=said["code"], on=said["on"], people=lookers(form), note=said["note"],
        today=day,
    )  # fmt: skip
    messages.success(request, f"已登记：{after.changes.latest('pk').words}。")
    return back_to(request, after)


def _unstep(request, found: Entry, day: date) -> str:
    unstep_entry(by=request.user, entry=found, today=day)
    messages.success(request, "已退回一步，它留下的办理记录也已撤回。")
    return reverse("entry_act", args=[found.pk])


def _close(request, found: Entry, form: Close, day: date) -> str:
    said = form.cleaned_data
    close_entry(
        by=request.user, entry=found, last=said["last"], why=said["why"], note=said["note"], people=lookers(form),
        today=day,
    )  # fmt: skip
    messages.success(request, f"已退出，到 {said['last']} 为止。条目留存备查。")
    return back_to(request, found)


def _withdraw(request, found: Entry, form: ReasonForm, day: date) -> str:
    withdraw_entry(by=request.user, entry=found, reason=form.cleaned_data["reason"], today=day)
    messages.success(request, "已撤销，就当没有列过。")
    return reverse("register", args=[found.register])
