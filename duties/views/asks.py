"""What members ask: the list, one of them with its decision, asking for help or for a correction, taking it back."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from base.drafts import drafted
from base.keyset import newest_first
from base.once import new_key, submitted
from duties.ask_forms import CorrectionForm, DeclineForm, HelpForm
from duties.asking import ask_correction, ask_help, decide_correction, may_read, may_take_back, take_back
from duties.board.asks import known_to, told
from duties.board.refs import ref_of
from duties.board.words import form_of
from duties.engine.models import Duty, State
from duties.forms import TAKEN_BACK, WithdrawForm
from members.contact import FIELDS, MASKS, given_fields
from members.enums import LIVING, Capability, EventKind
from members.models import Event, Membership
from members.office_forms import ActForm
from members.permissions import check_may_record, check_may_record_about, may_record_at
from members.views.acts import bound, carried_out, status_of

PAGE = 50


@require_safe
def asks(request):
    """What was asked that the account may know of, newest first, each with how far it has come."""
    account, day = request.user, today()
    rows, after = newest_first(known_to(account), request.GET.get("after", ""), size=PAGE, day="occurred_on")
    context = {
        "rows": told(rows, account, day), "after": after, "first": "after" not in request.GET, "day": day,
        "own": _own(account) is not None, "may_record": account.scope.may(Capability.RECORD),
    }  # fmt: skip
    return render(request, "duties/asks.html", context)


def _own(account) -> Membership | None:
    """The account's own living membership."""
    if account.person is None:
        return None
    stays = account.person.memberships.on(today()).filter(standing__in=LIVING)
    return stays.select_related("person", "organisation").order_by("pk").first()


def _member(account) -> Membership:
    """:raises PermissionDenied: for somebody who is no member; of others the branch enters it."""
    own = _own(account)
    if own is None:
        raise PermissionDenied("这里由党员本人提出。替别的同志登记，请从他的页面点“登记事由”。")
    return own


def help_new(request):
    """Asking for help, for oneself, as of today."""
    account, day = request.user, today()
    membership = _member(account)
    form = HelpForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    form = drafted(form, account=account.pk, key="help", now=timezone.now())
    if where := submitted(request, form, lambda: _ask_help(form, request, day)):
        return redirect(where)
    context = {"form": form, "membership": membership, "full_path": request.get_full_path()}
    return render(request, "duties/help_new.html", context, status=422 if form.errors else 200)


def _ask_help(form: HelpForm, request, day) -> str:
    given = form.cleaned_data
    event = ask_help(by=request.user, what=given["what"], words=given["words"], today=day)
    return _asked(request, event, "已经提给支部")


def _asked(request, event: Event, said: str) -> str:
    due = event.duties.order_by("due_on", "pk").values_list("due_on", flat=True).first()
    messages.success(request, f"{said}{f'，最迟 {due:%m-%d} 前答复您' if due else ''}。")
    return reverse("ask", args=[event.pk])


def correction_new(request):
    """Asking that one's own telephone or address be corrected: what is known, masked, beside what it is now."""
    account, day = request.user, today()
    membership = _member(account)
    form = CorrectionForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    form = drafted(form, account=account.pk, key="correction", now=timezone.now())
    if where := submitted(request, form, lambda: _ask_correction(form, request, day)):
        return redirect(where)
    known = [(form[name], _hint(form, name, getattr(membership.person, name))) for name in FIELDS]
    context = {"form": form, "known": known, "full_path": request.get_full_path()}
    return render(request, "duties/correction_new.html", context, status=422 if form.errors else 200)


def _hint(form: CorrectionForm, name: str, value: str) -> str:
    return f"现在登记的：{_masked(name, value)}。{form.fields[name].help_text}"


def _masked(name: str, value: str) -> str:
    return MASKS[name](value) or "没有登记"


def _ask_correction(form: CorrectionForm, request, day) -> str:
    event = ask_correction(by=request.user, typed=form.cleaned_data, today=day)
    return _asked(request, event, "已经提给支部核实")


@require_safe
def ask(request, pk: int):
    """One thing asked, for whoever may know of it; of a correction, who may record finds the decision here."""
    return _page(request, get_object_or_404(known_to(request.user), pk=pk), today())


@require_POST
def ask_decide(request, pk: int):
    """Confirming a correction, which writes the member's file, or declining it with a reason."""
    account, day = request.user, today()
    check_may_record(account)
    event = get_object_or_404(known_to(account).filter(kind=EventKind.CORRECTION), pk=pk)
    check_may_record_about(account, event.person)
    if not may_record_at(account, _path(account, event)):
        raise PermissionDenied("更正由党员所在支部或上级核实。")
    forms = _forms(request)
    if where := carried_out(request, forms, {act: _decision(request, event, act, day) for act in forms}):
        return redirect(where)
    return _page(request, event, day, forms)


def _forms(request) -> dict:
    return {act: bound(request, act, form) for act, form in (("confirm", ActForm), ("decline", DeclineForm))}


def _path(account, event: Event) -> str:
    """Where the member stands, as far as the account sees it; else a path at which nobody holds anything."""
    here = Membership.objects.on(today()).visible_to(account).filter(person=event.person_id)
    return here.order_by("pk").values_list("path", flat=True).first() or "-"


def _page(request, event: Event, day, forms: dict | None = None):
    account, path = request.user, _path(request.user, event)
    (line,) = told([event], account, day)
    own, corrects = event.person_id == account.person_id, event.kind == EventKind.CORRECTION
    decides = line.waits and not own and may_record_at(account, path)
    forms = forms or _forms(request)
    if reads := may_read(account, event, path):
        audit.write(audit.Act.READ, f"event:{event.pk}", field="correction" if corrects else "note")
    context = {
        "ask": line, "event": event, "own": own, "may_read": reads, "forms": forms, "decides": decides,
        "corrects": corrects, "rows": _values(event, reads=reads) if corrects else [],
        "answers": _forms_of(account, event) if decides and not corrects else [],
        "may_take_back": line.waits and may_take_back(account, event),
    }  # fmt: skip
    return render(request, "duties/ask.html", context, status=status_of(forms))


def _decision(request, event: Event, act: str, day):
    def decide(form) -> str:
        reason = form.cleaned_data.get("reason", "")
        decide_correction(by=request.user, event=event, confirm=act == "confirm", reason=reason, today=day)
        done = "已改好，名册资料已经更新" if act == "confirm" else "已答复不改，本人看得到原因"
        messages.success(request, f"{event.person.name}的联系方式：{done}。")
        return reverse("ask", args=[event.pk])

    return decide


def _values(event: Event, *, reads: bool) -> list[tuple[str, str, str]]:
    """Of each field that is asked about: its name, what is known, masked; the new value, masked once decided."""
    masked = not reads or event.correction.decided_on
    return [
        (FIELDS[name], _masked(name, getattr(event.person, name)), MASKS[name](value) if masked else value)
        for name, value in given_fields(event.correction).items()
    ]


def _forms_of(account, event: Event) -> list[tuple[str, str]]:
    """The forms in which the open duty is answered: each address and its name once."""
    duties = Duty.objects.visible_to(account, Capability.RECORD).filter(event=event, state=State.OPEN)
    duty = duties.select_related("rule").order_by("due_on", "pk").first()
    if duty is None:
        return []
    ref = ref_of(duty, account, hidden=False)
    return list(dict.fromkeys(form_of(duty.rule, action, ref) for action in duty.rule.parsed.actions))


def ask_withdraw(request, pk: int):
    """Taking back what one asked; once it is answered, the service refuses."""
    event = get_object_or_404(known_to(request.user), pk=pk)
    if not may_take_back(request.user, event):
        raise PermissionDenied("申请由本人或登记的人撤回。")
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _take_back(form, request, event), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "event": event, "back": reverse("ask", args=[pk])}
    return render(request, "duties/ask_withdraw.html", context, status=422 if form.is_bound else 200)


def _take_back(form: WithdrawForm, request, event: Event) -> str:
    take_back(by=request.user, event=event, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回。")
    return reverse("ask", args=[event.pk])
