"""Adopting a policy and ending that: first what it would do, then the decision."""

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from base.dates import FAR, today
from base.once import new_key
from duties.board.outlook import adopted_above, deciders, offered, only_proposals, policies
from duties.notices.models import Decision
from duties.policy.adoption import end_adoption, starts_here
from duties.policy.deciding import WORKING_RULES, adopt_policy, brings_working_rules, concerned
from duties.policy.models import Adoption, Policy
from duties.policy_forms import AdoptForm, AdoptionEndForm
from duties.views.deciding import SEE_AGAIN, decided, looked_at, page_of, spread
from members.permissions import check_decides_policy, check_may_decide_policy
from members.services import HOLDS_MEMBERS


def policy_adopt(request, pk: int):
    """Which organisation, from which day; what that would open; then the adoption."""
    account, day = request.user, today()
    check_decides_policy(account)
    policy = get_object_or_404(policies(), pk=pk)
    form = _form(request, day)
    if where := decided(request, form, lambda: _adopt(request, form, policy, day)):
        return redirect(where)
    context = {"policy": policy, "form": form, "back": page_of(policy), "see_again": "", "outlook": None}
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        codes = [policy.code, WORKING_RULES]
        context |= {
            "outlook": looked_at(
                form, lambda: _adopted(account, given, policy, day), rules=lambda: concerned(codes),
                here=given["organisation"], policies=codes, day=day,
            ),
            "see_again": SEE_AGAIN if getattr(form, "seen_again", False) else "", "seen": form.sight(),
            **_beside(given, policy, day),
        }  # fmt: skip
    return render(request, "duties/policy_adopt.html", context, status=422 if form.errors else 200)


def _form(request, day) -> AdoptForm:
    asked = request.POST.get("organisation") or request.GET.get("organisation") or ""
    choices = offered(request.user, day, asked)
    chosen = asked if asked.isdigit() else next((each.pk for each in choices), None)
    initial = {"once": new_key(), "organisation": chosen, "since": day}
    data = request.POST if request.method == "POST" else None
    return AdoptForm(data, within=deciders(request.user, day), offered=choices, day=day, initial=initial)


def _adopted(account, given: dict, policy: Policy, day) -> list[Adoption]:
    return adopt_policy(
        by=account, organisation=given["organisation"], policy=policy, since=given["since"], today=day
    )  # fmt: skip


def _beside(given: dict, policy: Policy, day) -> dict:
    """What else the page says of the adoption: adopted above already, the start day, the working rules."""
    here = given["organisation"]
    above = [each for each in adopted_above(here, policy, given["since"]) if each.organisation_id != here.pk]
    return {
        "here": here, "since": given["since"], "above": above[:1], "day": day, "starts": starts_here(here),
        "too_early": here.start_day != FAR and given["since"] < here.start_day,
        "working": brings_working_rules(here, policy), "proposals": only_proposals(policy),
    }  # fmt: skip


def _adopt(request, form: AdoptForm, policy: Policy, day) -> str:
    given = form.cleaned_data
    adopted = _adopted(request.user, given, policy, day)
    also = f"，{adopted[1].policy.quoted}一并采用" if len(adopted) > 1 else ""
    messages.success(request, f"{given['organisation'].label}自 {given['since']} 起采用{policy.quoted}{also}。")
    alone = given["organisation"].kind in HOLDS_MEMBERS
    where = reverse(settings.ALREADY_DONE, args=[adopted[0].pk]) if alone else page_of(policy)
    about = {"here": given["organisation"], "on": given["since"], "day": day}
    return spread(request.user, Decision.Act.ADOPT, policy, where, **about)


def adoption_end(request, pk: int):
    """From which day the policy binds no longer, what becomes void with that, why; then the end."""
    account, day = request.user, today()
    found = Adoption.objects.visible_to(account).select_related("policy", "organisation")
    adoption = get_object_or_404(found, pk=pk)
    here, policy = adoption.organisation, adoption.policy
    check_may_decide_policy(account, here)
    initial = {"once": new_key(), "until": max(day, adoption.since)}
    form = AdoptionEndForm(
        request.POST if request.method == "POST" else None, since=adoption.since, day=day, initial=initial
    )  # fmt: skip
    form.fields["reason"].required = "look" not in request.POST
    if where := decided(request, form, lambda: _end(request, form, adoption, day)):
        return redirect(where)
    context = {"adoption": adoption, "form": form, "back": page_of(policy), "see_again": "", "outlook": None}
    if form.is_bound and "until" not in form.errors and form.cleaned_data.get("until"):
        until = form.cleaned_data["until"]
        context |= {
            "outlook": looked_at(
                form, lambda: end_adoption(by=account, adoption=adoption, until=until, today=day),
                rules=lambda: concerned([policy.code]), here=here, policies=[policy.code], day=day, on=until,
            ),
            "see_again": SEE_AGAIN if getattr(form, "seen_again", False) else "", "seen": form.sight(),
        }  # fmt: skip
    return render(request, "duties/adoption_end.html", context, status=422 if form.errors else 200)


def _end(request, form: AdoptionEndForm, adoption: Adoption, day) -> str:
    given = form.cleaned_data
    end_adoption(by=request.user, adoption=adoption, until=given["until"], reason=given["reason"], today=day)
    messages.success(request, f"{adoption.organisation.label}从 {given['until']} 起不再执行{adoption.policy.quoted}。")
    about = {"here": adoption.organisation, "on": given["until"], "day": day}
    return spread(request.user, Decision.Act.END, adoption.policy, page_of(adoption.policy), **about)
