"""Filing an application for less dues, changing it, taking it back, stopping or ending it, its reason and its paper."""

from collections.abc import Callable
from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from base import audit
from base.dates import last_day, months_later, today
from base.drafts import drafted
from base.once import answered, new_key, submitted
from duties import reveal
from fund.applying.prefilling import known_causes
from fund.forms.relief import EndForm, ReliefForm, SerialForm, WhyForm, terms_of
from fund.models import DuesRelief, ReliefKind, ReliefMove, ReliefState
from fund.permissions import check_may_reveal_reason, may_reveal_reason
from fund.relief.filing import (
    amend_relief,
    check_party,
    end_relief,
    file_relief,
    is_party,
    may_close,
    stop_relief,
    withdraw_relief,
)
from fund.relief.steps import why_stopped
from fund.relief.telling import lines_of, reads_opinions
from fund.relief.turns import TITLES, line_of, places_of
from fund.views.relief import relief_asked_for
from fund.views.whose import whose
from members.asked import number
from members.enums import Capability
from members.models import Membership
from members.views.acts import DONE


def relief_new(request):
    """Asking for less dues, for oneself or for a member; ``again`` names the approved one that is to go on."""
    account, day = request.user, today()
    stay = whose(request, day)
    if stay is None:
        return render(request, "fund/relief_pick.html", {"person": account.person})
    before, own = _before(request, stay), stay.person_id == account.person_id
    initial = {"once": new_key(), "member": stay.person_id, "applied_on": day, **_begun(before, stay, day)}
    form = ReliefForm(request.POST if request.method == "POST" else None, own=own, day=day, initial=initial)
    form = drafted(form, account=account.pk, key=f"relief:m{stay.person_id}", now=timezone.now())

    def done() -> str:
        row = file_relief(by=account, person=stay.person, asking=form.asking(), now=timezone.now(), renews=before)
        messages.success(request, f"已提交（{row.label}），等支部讨论。")
        return reverse("relief", args=[row.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    running = DuesRelief.objects.visible_to(account).running().filter(person=stay.person_id).first()
    context = {
        "form": form, "person": stay.person, "membership": stay, "own": own, "running": running, "before": before,
        "full_path": request.get_full_path(),
    }  # fmt: skip
    return render(request, "fund/relief_form.html", context, status=422 if form.errors else 200)


def _before(request, stay: Membership) -> DuesRelief | None:
    """The approved one that is to go on; one of somebody else does not exist."""
    if "again" not in request.GET:
        return None
    rows = DuesRelief.objects.visible_to(request.user).approved().filter(person=stay.person_id)
    return get_object_or_404(rows, pk=number(request.GET["again"]))


def _begun(before: DuesRelief | None, stay: Membership, day: date) -> dict:
    """What a form begins with: what was approved last, or what the register of difficulties knows."""
    if before is None:
        first = months_later(day.replace(day=1), 1)
        return {
            "reason": known_causes(stay, day), **terms_of(ReliefKind.LESS, None, first, months_later(first, 12))
        }  # fmt: skip
    since = max(before.granted_until, day.replace(day=1))
    terms = terms_of(before.granted_kind, before.granted_fen, since, months_later(since, 12))
    return {"reason": before.reason, **terms}


def relief_edit(request, pk: int):
    """Changing what came back, and handing it in again."""
    found, account, day = relief_asked_for(request, pk), request.user, today()
    check_party(account, found)
    if request.method == "POST" and (where := answered(request, repeated=DONE)):
        return redirect(where)
    if found.state != ReliefState.RETURNED:
        raise PermissionDenied(f"{found.label}现在是“{found.get_state_display()}”，不能再改。")
    own = found.person_id == account.person_id
    initial = {
        "once": new_key(), "serial": found.serial, "member": found.person_id, "reason": found.reason,
        "relative": found.relative, "applied_on": found.applied_on, "filer": found.filer,
        **terms_of(found.kind, found.fen, found.since, found.until),
    }  # fmt: skip
    form = ReliefForm(request.POST if request.method == "POST" else None, own=own, day=day, initial=initial)

    def done() -> str:
        serial = form.cleaned_data["serial"] or 0
        amend_relief(by=account, relief=found, asking=form.asking(), serial=serial, now=timezone.now())
        messages.success(request, f"已重新提交（{found.label}），等支部讨论。")
        return reverse("relief", args=[pk])

    if where := submitted(request, form, done):
        return redirect(where)
    if not own:
        audit.write(audit.Act.READ, f"relief:{pk}", field="reason")
    told = [each for each in lines_of(found, account) if each.step.move == ReliefMove.RETURN]
    context = {
        "form": form, "relief": found, "person": found.person, "own": own, "back_said": told[-1].said if told else "",
        "full_path": request.get_full_path(),
    }  # fmt: skip
    return render(request, "fund/relief_form.html", context, status=422 if form.errors else 200)


def _act(request, found: DuesRelief, form: SerialForm, act: Callable[[], str], words: dict):
    """A page with one form about an application."""

    def done() -> str:
        messages.success(request, act())
        return reverse("relief", args=[found.pk])

    if where := submitted(request, form, done, repeated=DONE):
        return redirect(where)
    context = {"form": form, "relief": found, **words}
    return render(request, "fund/relief_act.html", context, status=422 if form.errors else 200)


def _sent(request, found: DuesRelief) -> dict:
    return {
        "data": request.POST if request.method == "POST" else None,
        "initial": {"once": new_key(), "serial": found.serial},
    }


def relief_withdraw(request, pk: int):
    """Taking an application back, with a reason, before it is decided."""
    found = relief_asked_for(request, pk)
    check_party(request.user, found)
    form = WhyForm(**_sent(request, found))

    def act() -> str:
        given = form.cleaned_data
        withdraw_relief(by=request.user, relief=found, now=timezone.now(), **_why(given))
        return f"已撤回{found.label}。"

    words = {"title": "撤回这件申请", "label": "撤回", "about": "撤回以后不再往下办。想再申请，要重新填一件。"}
    return _act(request, found, form, act, words)


def relief_stop(request, pk: int):
    """Closing an application of a member who died or left."""
    found = relief_asked_for(request, pk)
    if not may_close(request.user, found):
        raise PermissionDenied("终止由所在党组织的书记、副书记、组织委员或组织部办理，不办自己的。")
    form = WhyForm(**_sent(request, found))

    def act() -> str:
        stop_relief(by=request.user, relief=found, now=timezone.now(), **_why(form.cleaned_data))
        return f"已终止{found.label}。"

    about = why_stopped(found, today()) or "只有申请人去世或者组织关系已经转出的，才终止。"
    return _act(request, found, form, act, {"title": "终止这件申请", "label": "终止", "about": about})


def relief_end(request, pk: int):
    """Ending an approved relief before its time."""
    found = relief_asked_for(request, pk)
    if not may_close(request.user, found):
        raise PermissionDenied("提前结束由所在党组织的书记、副书记、组织委员或组织部办理，不办自己的。")
    if request.method == "POST" and (where := answered(request, repeated=DONE)):
        return redirect(where)
    if found.state != ReliefState.APPROVED:
        raise PermissionDenied(f"{found.label}现在是“{found.get_state_display()}”，没有要结束的减免。")
    form = EndForm(relief=found, **_sent(request, found))

    def act() -> str:
        resumes = form.cleaned_data["resumes"]
        end_relief(by=request.user, relief=found, resumes=resumes, now=timezone.now(), **_why(form.cleaned_data))
        return f"{found.person.name}从 {resumes.year} 年 {resumes.month} 月起恢复交纳党费。"

    words = {
        "title": "提前结束减免",
        "label": "提前结束",
        "about": f"批准的是：{found.granted}。困难已经解决的，从选的那个月起照常交纳。",
    }
    return _act(request, found, form, act, words)


def _why(given: dict) -> dict:
    return {"reason": given["reason"], "serial": given["serial"]}


def relief_reveal(request, pk: int):
    """Ask why, then show the reason once and leave the audit row."""
    found = relief_asked_for(request, pk)
    check_may_reveal_reason(request.user, found)
    here, back = (reverse(name, args=[pk]) for name in ("relief_reveal", "relief"))

    def opened(reason: str) -> str:
        audit.write(audit.Act.REVEAL, f"relief:{pk}", reason=reason, field="reason")
        return found.reason

    return reveal.answered(request, reveal.Hidden(found.label, "理由", "reason", "******", here, back), opened)


@require_safe
def relief_print(request, pk: int):
    """党费减免审批表 on A4: steps taken printed, those to come left blank to sign. Audited."""
    account, day, found = request.user, today(), relief_asked_for(request, pk)
    reads = is_party(account, found) or may_reveal_reason(account, found)
    audit.write(audit.Act.PRINT, f"relief:{pk}", reason_printed=reads)
    lines = lines_of(found, account)
    last = max(each.step.serial for each in lines if each.step.move == ReliefMove.FILE)
    said = {each.step.stage: each for each in lines if each.step.serial > last and each.step.stage}
    places = places_of(line_of(found.organisation, day))
    context = {
        "relief": found, "person": found.person, "day": day, "reads": reads, "kinds": ReliefKind,
        "boxes": [(each, title, said.get(each)) for each, title in TITLES.items() if each in places or each in said],
        "opinions": reads_opinions(account, found), "last": last_day(found.until),
        "file": reads or account.scope.may(Capability.VIEW, found.path),
    }  # fmt: skip
    return render(request, "fund/relief_print.html", context)
