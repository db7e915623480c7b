"""Applications for less dues: the list, and one of them with the step that waits for whoever reads it."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import last_day, months_later, today
from base.keyset import newest_first
from base.once import answered, new_key, submitted
from fund.forms.relief import ReliefFilter, SaidForm, terms_of
from fund.models import DuesRelief, ReliefMove, ReliefState
from fund.permissions import may_reveal_reason
from fund.relief.filing import is_party, may_close
from fund.relief.steps import take, why_stopped
from fund.relief.telling import awaiting, lines_of, marks_of, narrowed, state_of, with_words
from fund.relief.turns import TITLES, Turn, turn_now
from members.directory import organisation_choices
from members.enums import Capability
from members.finding import called
from members.models import Organisation
from members.scope import path_end, sealed_at
from members.views.acts import DONE

PAGE = 50
BODIES = {ReliefState.BRANCH: "支部党员大会", ReliefState.GENERAL: "", ReliefState.COMMITTEE: "党委会"}
"""What kind of meeting a form begins with."""


@require_safe
def reliefs(request):
    """Those in view, the latest first, by state, year, organisation and name; ``mine`` are those that wait for one."""
    account, day = request.user, today()
    chosen = ReliefFilter(request.GET, day=day)
    where, mine = chosen.value("organisation"), "mine" in request.GET
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    rows = awaiting(account) if mine else DuesRelief.objects.visible_to(account)
    if here:
        rows = rows.filter(path__gte=here.path, path__lt=path_end(here.path))
    if state := chosen.value("state"):
        rows = narrowed(rows, state, day)
    if year := chosen.value("year"):
        rows = rows.filter(applied_on__year=year)
    if name := chosen.value("q"):
        rows = rows.filter(person__in=called(name)[-1])
    found, after = newest_first(with_words(rows), request.GET.get("after", ""), size=PAGE, day="filed_on")
    audit.search(request, "reliefs", chosen.value("q"), found=len(found))
    context = {
        "rows": [(row, *state_of(row, day)) for row in found], "after": after, "first": "after" not in request.GET,
        "filter": chosen, "query": chosen.query(**({"mine": "1"} if mine else {})), "narrowed": chosen.query(),
        "here": here, "organisations": organisation_choices(account, here), "mine": mine,
        "views": account.scope.may(Capability.VIEW), "waiting": awaiting(account).count(),
    }  # fmt: skip
    return render(request, "fund/reliefs.html", context)


def relief_asked_for(request, pk: int) -> DuesRelief:
    """An application in view; any other does not exist."""
    rows = DuesRelief.objects.visible_to(request.user).select_related("person", "organisation", "filed_by", "renews")
    return get_object_or_404(rows.defer(*sealed_at("filed_by")), pk=pk)


@require_safe
def relief(request, pk: int):
    """One application: what is asked, how far it is, and the step that waits for whoever reads it."""
    return _page(request, relief_asked_for(request, pk), None)


def _page(request, found: DuesRelief, form: SaidForm | None, *, stale: bool = False):
    account, day = request.user, today()
    turn, why = _turn(found, day), found.waits and why_stopped(found, day)
    mine = turn is not None and turn.role_of(account.person_id) is not None
    if form is None and mine and not why:
        form = said_form(found, found.state, day, None)
    lines, party = lines_of(found, account), is_party(account, found)
    state, tone = state_of(found, day)
    if party and account.person_id != found.person_id:
        audit.write(audit.Act.READ, f"relief:{found.pk}", field="reason")
    context = {
        "relief": found, "state": state, "tone": tone, "party": party, "own": account.person_id == found.person_id,
        "reveals": may_reveal_reason(account, found), "lines": lines, "marks": marks_of(found, lines, day), "day": day,
        "turn": turn, "title": TITLES.get(found.state, ""), "form": form, "why": why, "stale": stale,
        "stage": form.stage if form else "",
        "opens_member": account.scope.may(Capability.VIEW, found.path),
        "may_edit": party and found.state == ReliefState.RETURNED,
        "may_withdraw": party and found.state in (*TITLES, ReliefState.RETURNED),
        "may_stop": bool(why) and may_close(account, found),
        "may_end": may_close(account, found) and _ends(found, day),
        "may_renew": _renews(account, found, day), "last": found.granted_until and last_day(found.granted_until),
        "renewal": found.renewals.visible_to(account).order_by("pk").last(),
    }  # fmt: skip
    return render(request, "fund/relief.html", context, status=422 if form is not None and form.errors else 200)


def _turn(found: DuesRelief, day: date) -> Turn | None:
    if not found.waits:
        return None
    return turn_now(found, day)


def _ends(found: DuesRelief, day: date) -> bool:
    return found.state == ReliefState.APPROVED and found.granted_until > max(day, found.granted_since)


def _renews(account, found: DuesRelief, day: date) -> bool:
    """Whether an approved relief that ends soon, or ended, is asked for anew from its page."""
    near = found.state == ReliefState.APPROVED and found.granted_until <= months_later(day, 2)
    able = near and (is_party(account, found) or account.scope.may(Capability.RECORD, found.path))
    return able and not why_stopped(found, day)


def said_form(found: DuesRelief, stage: str, day: date, data) -> SaidForm:
    """The form of a step, with what is asked filled in."""
    first = ReliefMove.APPROVE if stage == ReliefState.COMMITTEE else ReliefMove.PASS
    initial = {
        "once": new_key(), "serial": found.serial, "body": BODIES[stage], "move": first,
        **terms_of(found.kind, found.fen, found.since, found.until),
    }  # fmt: skip
    return SaidForm(data, stage=stage, day=day, initial=initial)


@require_POST
def relief_step(request, pk: int):
    """What a branch, a general branch or a committee said. A page that is no longer true keeps what was typed."""
    found, day = relief_asked_for(request, pk), today()
    if where := answered(request, repeated=DONE):
        return redirect(where)
    stage = request.POST.get("stage") if request.POST.get("stage") in TITLES else found.state
    stale = stage != found.state
    turn = _turn(found, day)
    if not stale and (turn is None or turn.role_of(request.user.person_id) is None):
        raise PermissionDenied(f"“{TITLES.get(found.state, '登记意见')}”由{turn.words if turn else '别人'}办。")
    if stale and not may_close(request.user, found):
        raise PermissionDenied("登记意见由所在党组织的书记、副书记、组织委员和组织部办，不办自己的。")
    form = said_form(found, stage, day, request.POST)

    def done() -> str:
        given = form.cleaned_data
        row = take(
            by=request.user, relief=found, move=ReliefMove(given["move"]), said=form.said(), serial=given["serial"],
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"已登记，{row.label}现在是“{row.get_state_display()}”。")
        return reverse("relief", args=[pk])

    if where := submitted(request, form, done):
        return redirect(where)
    return _page(request, found, form, stale=stale)
