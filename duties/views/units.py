"""责任分工: which unit leads and which assist, clause by clause: the table to print, and setting it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from base.dates import today
from base.once import new_key, submitted
from duties.board import policies as board
from duties.board.units import concerning, home_of, lines, may_set
from duties.policy.models import Policy
from duties.policy.units import adopts, digest, own_units, set_units, typed_before
from duties.policy_forms import UnitsForm
from members.asked import number
from members.enums import Capability
from members.models import Organisation
from members.permissions import check_may_decide_policy


@require_safe
def policy_units(request, pk):
    """The table of a policy as it holds at the reader's own organisation, or at the one asked for. Open to everyone
    whom it concerns: who looks at the organisation, and who belongs to it or below it.
    """
    reader = board.Reader(request.user, today())
    policy = get_object_or_404(board.all_policies(), pk=pk)
    asked = request.GET.get("organisation")
    here = get_object_or_404(concerning(reader), pk=number(asked)) if asked else home_of(reader)
    rows = lines(policy, here.path if here else "", reader)
    context = {
        "policy": policy, "here": here, "day": reader.day, "lines": rows, "placed": any(each.place for each in rows),
        "label": reader.label(here) if here else "", "places": may_set(policy, reader),
    }  # fmt: skip
    return render(request, "duties/policy_units.html", context)


def policy_units_edit(request, pk):
    """Set the units of every clause, for one organisation that adopted the policy."""
    account, day = request.user, today()
    if not account.scope.may(Capability.POLICY):
        raise PermissionDenied("责任分工由能决定采用制度的书记和组织部定。")
    policy = get_object_or_404(board.all_policies(), pk=pk)
    places = may_set(policy, board.Reader(account, day))
    here = _deciding(request, places)
    check_may_decide_policy(account, here)
    clauses, own = list(policy.clauses.order_by("position", "pk")), own_units(policy, here)
    form = UnitsForm(
        request.POST if request.method == "POST" else None, clauses=clauses, own=own,
        initial={"once": new_key(), "seen": digest(own)},
    )  # fmt: skip
    if where := submitted(request, form, lambda: _set(form, request, policy, here)):
        return redirect(where)
    context = {
        "policy": policy, "here": here, "form": form, "places": places, "adopts": adopts(policy, here, day),
        "known": typed_before(here.path), "seen": digest(own), "back": _table(policy, here),
    }  # fmt: skip
    return render(request, "duties/policy_units_edit.html", context, status=422 if form.errors else 200)


def _deciding(request, places: list[Organisation]) -> Organisation:
    if asked := request.GET.get("organisation"):
        return get_object_or_404(Organisation.objects.visible_to(request.user), pk=number(asked))
    first = next(iter(places), None) or next(iter(board.deciding(request.user)), None)
    if first is None:
        raise Http404
    return first


def _set(form: UnitsForm, request, policy: Policy, here: Organisation) -> str:
    changed = set_units(
        by=request.user, policy=policy, organisation=here, told=form.told(), seen=form.cleaned_data["seen"],
        today=today(),
    )  # fmt: skip
    messages.success(request, f"责任分工已保存，改了 {changed} 条。" if changed else "没有改动。")
    return _table(policy, here)


def _table(policy: Policy, here: Organisation) -> str:
    return f"{reverse('policy_units', args=[policy.pk])}?organisation={here.pk}"
