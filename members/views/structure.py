"""Keeping the tree of organisations on pages: editing, moving, ending one, and entering a new one below it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from base.dates import FAR, today
from base.once import new_key, submitted
from members.asked import number
from members.enums import Capability, OrganisationKind
from members.models import Organisation
from members.office_forms import ActForm, OrganisationEdit, OrganisationEnd, OrganisationMove, OrganisationNew
from members.organisations import FIELDS, HOLDS_STILL
from members.structure import (
    edit_organisation,
    end_organisation,
    found_organisation,
    move_organisation,
    reopen_organisation,
    stamp,
    still_holds,
)
from members.views.acts import bound, carried_out, status_of


def organisation_edit(request, pk: int):
    """What an organisation says, where it stands, and its end: one form each."""
    within = Organisation.objects.visible_to(request.user, Capability.IMPORT)
    here = get_object_or_404(within, pk=number(pk))
    ended = here.until != FAR
    forms = {"reopen": bound(request, "reopen", ActForm)} if ended else _forms(request, here, within)
    acts = {
        "edit": lambda form: _edit(request, here, form),
        "move": lambda form: _move(request, here, form),
        "end": lambda form: _end(request, here, form),
        "reopen": lambda form: _reopen(request, here),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    context = {"here": here, "ended": ended, "forms": forms, "back": _page(here)}
    return render(request, "members/organisation_edit.html", context, status=status_of(forms))


def _forms(request, here: Organisation, within):
    others = within.on(today()).exclude(pk__in=within.within(here)).order_by("path")
    said = {"seen": stamp(here), **{name: getattr(here, name) for name in FIELDS}}
    forms = {
        "edit": bound(request, "edit", OrganisationEdit, initial=said),
        "end": bound(request, "end", OrganisationEnd, initial={"on": today()}),
    }
    if others.exists():
        forms["move"] = bound(request, "move", OrganisationMove, organisations=others, initial={"on": today()})
    return forms


def _page(here: Organisation) -> str:
    return reverse("organisation", args=[here.pk])


def _edit(request, here: Organisation, form: OrganisationEdit) -> str:
    changed = edit_organisation(
        organisation=here, given=form.fields_given(), seen=form.cleaned_data["seen"], today=today()
    )
    messages.success(request, "已保存。" if changed else "和原来一样，没有要改的。")
    here.kind = form.cleaned_data["kind"]
    if still_holds(here, today()):
        messages.warning(request, HOLDS_STILL)
    return _page(here)


def _move(request, here: Organisation, form: OrganisationMove) -> str:
    to, on = form.cleaned_data["to"], form.cleaned_data["on"]
    move_organisation(organisation=here, to=to, on=on, today=today())
    messages.success(request, f"{here.label}自 {on} 起在{to.label}之下，下级一并过去，应办事项已重新计算。")
    return _page(here)


def _end(request, here: Organisation, form: OrganisationEnd) -> str:
    on = form.cleaned_data["on"]
    end_organisation(organisation=here, on=on, today=today())
    messages.success(request, f"{here.label}自 {on} 起撤销。")
    return _page(here)


def _reopen(request, here: Organisation) -> str:
    reopen_organisation(organisation=here, today=today())
    messages.success(request, f"{here.label}的撤销已撤回。")
    return _page(here)


def organisation_new(request, pk: int):
    """A new organisation below one in scope."""
    within = Organisation.objects.visible_to(request.user, Capability.IMPORT).on(today())
    above = get_object_or_404(within, pk=number(pk))
    form = OrganisationNew(
        request.POST if request.method == "POST" else None, initial={"once": new_key(), "kind": _usual_below(above)}
    )  # fmt: skip
    if where := submitted(request, form, lambda: _found(request, above, form)):
        return redirect(where)
    context = {"above": above, "form": form, "back": _page(above)}
    return render(request, "members/organisation_new.html", context, status=422 if form.errors else 200)


def _usual_below(above: Organisation) -> OrganisationKind:
    return OrganisationKind.GROUP if above.kind == OrganisationKind.BRANCH else OrganisationKind.BRANCH


def _found(request, above: Organisation, form: OrganisationNew) -> str:
    here = found_organisation(
        parent=above, code=form.cleaned_data["code"], given=form.fields_given(), today=today()
    )  # fmt: skip
    messages.success(request, f"{here.label}已设在{above.label}之下。")
    return _page(here)
