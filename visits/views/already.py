"""Talks that were held before a policy was adopted, entered in one grid, before the first red line."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from base.dates import today
from base.drafts import drafted
from base.once import new_key, submitted
from duties.engine.rehearse import observe
from duties.policy.models import Adoption
from members.asked import number
from members.models import Organisation
from members.permissions import check_may_record
from visits import already
from visits.forms.already import AlreadyForm


def already_done(request, pk: int):
    """A branch's members × what one talk closes: a day each, or nothing. All is saved or nothing."""
    account, day = request.user, today()
    check_may_record(account)
    adoption = get_object_or_404(already.adoptions(account), pk=pk)
    branches = already.branches(account, adoption, day)
    asked = request.POST.get("organisation") or request.GET.get("organisation")
    first = list(branches[:2])
    here = get_object_or_404(branches, pk=number(asked)) if asked else first[0] if len(first) == 1 else None
    if here is None:
        return render(request, "visits/already_pick.html", {"adoption": adoption, "branches": branches})
    form = _form(request, adoption, here, day)
    if where := submitted(request, form, lambda: _record(form, request, day)):
        return redirect(where)
    context = {
        "form": form, "adoption": adoption, "here": here, "several": len(first) > 1, "rules": form.grid.rules,
        "lines": form.lines(), "ended": len(form.grid.stays) - len(form.lines()), "day": day,
    }  # fmt: skip
    return render(request, "visits/already_done.html", context, status=422 if form.errors else 200)


def _form(request, adoption: Adoption, here: Organisation, day) -> AlreadyForm:
    account = request.user
    grid = already.grid(account, adoption, here, day)
    initial = {"once": new_key(), "talker": already.usual_talker(account, here, day)}
    data = request.POST if request.method == "POST" else None
    form = AlreadyForm(data, account=account, grid=grid, day=day, initial=initial)
    return drafted(form, account=account.pk, key=f"already:o{here.pk}", now=timezone.now())


def _record(form: AlreadyForm, request, day) -> str:
    held = form.held()
    with observe(sorted({each.member.pk for each in held})) as outcome:
        talks = already.record_already(by=request.user, held=held, talker=form.by(), today=day)
    messages.success(request, f"补录了 {len(talks)} 次谈话，办结 {len(outcome.closed)} 件应办。")
    if left := form.meant() - {duty.pk for duty in outcome.closed}:
        said = f"有 {len(left)} 件没有办结：那天不由所选的谈话人谈。登记错了的可以撤回，换谈话人再登记。"
        messages.warning(request, said)
    return reverse("talks")
