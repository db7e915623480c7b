"""Pages of what was named after models: the list, the form, one naming, correcting, ending and taking it back."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from awards.forms.namings import NamingEnd, NamingFilter, NamingForm
from awards.models import Naming
from awards.namings import ALWAYS_BASE, change_naming, end_naming, enter_naming, withdraw_naming
from awards.permissions import check_may_change, may_change
from awards.views.subjects import act_page, asked_for, one, pick
from base.dates import FAR, today
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.forms import WithdrawForm
from duties.views.entering import recording_places
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_record
from members.scope import path_end, sealed_at

PAGE = 50

PICK = {
    "title": "登记命名", "crumb": "命名", "list": "namings", "member_label": "以党员的名字命名",
    "note": "以先进典型名义命名的团队、工作室、班组、活动室。以党员命名的先找到他，其他的选是哪个党组织命名的。",
    "places": "由哪个党组织命名（典型不在册的）",
}  # fmt: skip


@require_safe
def namings(request):
    """Namings in scope, the latest first."""
    account, chosen, day = request.user, NamingFilter(request.GET), today()
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Naming.objects.visible_to(account).select_related("organisation", "person").defer(*sealed_at("person"))
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    found = found.filter(what=chosen.value("what")) if chosen.value("what") else found
    states = {"held": {"until__gt": day}, "ended": {"until__lt": FAR}}
    found = found.standing().filter(**states[chosen.value("state")]) if chosen.value("state") else found
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="decided_on")
    context = {
        "rows": rows, "after": after, "filter": chosen, "query": chosen.query(), "here": here, "day": day,
        "organisations": organisation_choices(account, here), "first": "after" not in request.GET,
        "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "awards/namings.html", context)


def naming_new(request):
    """The form of a naming by one organisation, after a member that the address may name; without either, the picker.

    Who names is chosen on the form's way in: the member's branch, until another organisation is chosen.
    """
    check_may_record(request.user)
    whose = asked_for(request)
    if whose is None:
        return pick(request, "naming_new", **PICK)
    here, day = _by(request, whose), today()
    initial = {"once": new_key(), "decided_on": day, "after": whose.person.name if whose.person else ""}
    initial |= {"rank": Naming.Rank.BASE} if here.kind in ALWAYS_BASE else {}
    form = NamingForm(request.POST if request.method == "POST" else None, person=whose.person, initial=initial)
    if where := submitted(request, form, lambda: _enter(form, request, here, day)):
        return redirect(where)
    context = {
        "form": form, "here": here, "person": whose.person, "cancel_url": reverse("namings"), "title": "登记命名",
        "places": recording_places(request.user) if whose.person else [],
    }  # fmt: skip
    return render(request, "awards/naming_new.html", context, status=422 if form.errors else 200)


def _by(request, whose) -> Organisation:
    """Which organisation names: as chosen beside a member, else the one the form is about."""
    if whose.person is None or not (asked := request.GET.get("by")):
        return whose.place
    within = Organisation.objects.visible_to(request.user, Capability.RECORD)
    return get_object_or_404(within, pk=number(asked))


def _enter(form: NamingForm, request, here: Organisation, day: date) -> str:
    made = enter_naming(by=request.user, organisation=here, named=form.named(), today=day)
    basis = f"依据{made.clause.policy.quoted}{made.clause.printed}" if made.clause else "没有制度允许，已记下理由"
    messages.success(request, f"已登记{made.name}，{basis}。")
    return reverse("naming", args=[made.pk])


@require_safe
def naming(request, pk: int):
    """One naming: what, after whom, by whom, on which clause."""
    found = one(
        Naming.objects.visible_to(request.user), pk, "person", "organisation", "honour", "clause__policy", "entered_by"
    )
    context = {"naming": found, "day": today(), "may_change": may_change(request.user, found)}
    return render(request, "awards/naming.html", context)


def naming_change(request, pk: int):
    """Correcting what was typed wrongly."""
    found = one(Naming.objects.visible_to(request.user), pk, "person", "organisation")
    check_may_change(request.user, found)
    names = ("what", "after", "name", "rank", "decided_on", "document", "reason", "version")
    initial = {name: getattr(found, name) for name in names} | {"once": new_key(), "honour": found.honour_id}
    form = NamingForm(request.POST if request.method == "POST" else None, person=found.person, initial=initial)
    if where := submitted(request, form, lambda: _change(form, request, found, today())):
        return redirect(where)
    context = {
        "form": form, "here": found.organisation, "person": found.person, "places": [], "title": "改正命名",
        "cancel_url": reverse("naming", args=[pk]),
    }  # fmt: skip
    return render(request, "awards/naming_new.html", context, status=422 if form.errors else 200)


def _change(form: NamingForm, request, found: Naming, day: date) -> str:
    version = form.cleaned_data["version"] or 0
    change_naming(by=request.user, naming=found, named=form.named(), version=version, today=day)
    messages.success(request, "已改正。")
    return reverse("naming", args=[found.pk])


def naming_end(request, pk: int):
    """It is no longer so called."""
    found = one(Naming.objects.visible_to(request.user), pk, "organisation")
    return act_page(
        request, found, NamingEnd, lambda **given: end_naming(naming=found, **given), said="已登记结束。",
        title="结束命名", label="结束", what=found.name, note="名称不再用了、典型出了问题的，在这里登记结束。",
        back=reverse("naming", args=[pk]), crumb=found.name, initial={"last": today()},
    )  # fmt: skip


def naming_withdraw(request, pk: int):
    """Taking back a naming that was entered wrongly."""
    found = one(Naming.objects.visible_to(request.user), pk, "organisation")
    return act_page(
        request, found, WithdrawForm, lambda **given: withdraw_naming(naming=found, **given), said="已撤回，划去保留。",
        title="撤回这一条", label="撤回", what=found.name, note="登记错了的才撤回，撤回后划去保留。",
        back=reverse("naming", args=[pk]), crumb=found.name,
    )  # fmt: skip
