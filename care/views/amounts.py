"""The standards of the old members' subsidy, as those who decide on policy keep them."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse

from base.dates import today
from base.fields import in_yuan
from care.amounts import amounts_at, kept_at, set_amount, withdraw_amount
from care.forms import AmountNew, AmountWithdraw
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_decides_policy
from members.views.acts import bound, carried_out, status_of


def subsidy_amounts(request):
    """What is paid now, what was and will be; a form for the next standard, one for what was entered wrongly."""
    account, day = request.user, today()
    check_decides_policy(account)
    here = Organisation.objects.visible_to(account, Capability.POLICY).get(
        path=account.scope.paths(Capability.POLICY)[0]
    )
    rows = kept_at(here.path)
    own = [row for row in rows if row.organisation_id == here.pk]
    forms = {"set": bound(request, "set", AmountNew, initial={"since": day})}
    if own:
        forms["withdraw"] = bound(request, "withdraw", AmountWithdraw, rows=own)
    acts = {
        "set": lambda form: _set(request, here, form, day),
        "withdraw": lambda form: _withdraw(request, here, form),
    }
    if where := carried_out(request, forms, acts):
        return redirect(where)
    now = {(each.tier, each.since) for each in amounts_at(here.path) if each.since <= day < each.until}
    lines = [(row, in_yuan(row.fen), (row.tier, row.since) in now) for row in rows]
    above = rows[0].organisation if rows and not own else None
    context = {"here": here, "lines": lines, "above": above, "forms": forms, "day": day}
    return render(request, "care/subsidy_amounts.html", context, status=status_of(forms))


def _set(request, here: Organisation, form: AmountNew, day) -> str:
    said = form.cleaned_data
    row = set_amount(by=request.user, organisation=here, today=day, **{name: said[name] for name in _GIVEN})
    messages.success(request, f"已保存：{row.get_tier_display()}，自 {row.since} 起每月 {in_yuan(row.fen)} 元。")
    return reverse("subsidy_amounts")


_GIVEN = ("tier", "since", "fen", "basis")


def _withdraw(request, here: Organisation, form: AmountWithdraw) -> str:
    said = form.cleaned_data
    withdraw_amount(by=request.user, amount=said["amount"], organisation=here, reason=said["reason"])
    messages.success(request, "已撤销这一条标准。")
    return reverse("subsidy_amounts")
