"""Pages of 督办: the list, sending one about a figure, one notice, its answer, accepting, sending and taking back."""

from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.dates import today
from base.keyset import newest_first
from base.once import new_key, pressed, submitted
from duties.board.words import describe, with_words
from duties.engine.models import Duty, Waiver
from duties.filters import Narrowing
from duties.forms import TAKEN_BACK, WithdrawForm
from duties.permissions import check_may_withdraw, may_withdraw
from duties.views.withdrawing import withdraw
from ledgers.indicators import FIGURES, KINDS, Asked, Span
from ledgers.permissions import check_may_read
from ledgers.supervision.acts import (
    TONES,
    Stage,
    answer,
    check_may_answer,
    check_may_decide,
    may_answer,
    may_decide,
    may_read,
    send,
    send_back,
    sender_of,
    settle,
    stage,
    take_back,
    withdraw_answer,
)
from ledgers.supervision.forms import AnswerForm, BackForm, SupervisionForm
from ledgers.supervision.models import Supervision
from ledgers.views.indicators import years_up_to
from members.asked import number
from members.directory import organisation_choices
from members.enums import Capability, OrganisationKind
from members.models import Organisation
from members.office_forms import ActForm
from members.scope import path_end, sealed_at

PAGE = 50

OFFERED = 50
"""Duties that can be named one by one."""

USUAL = timedelta(days=7)
"""Until when an answer is asked for before anybody chose."""

NOT_BELOW = "督办由上级发给下级，发给自己的上级和本组织的不行；党小组的事由所在党支部答复。"


@require_safe
def supervisions(request):
    """Notices in scope, newest first: to whom, what, by when, how each stands."""
    account, chosen, day = request.user, Narrowing(request.GET), today()
    check_may_read(account)
    where = chosen.value("organisation")
    here = get_object_or_404(Organisation.objects.visible_to(account), pk=where) if where else None
    found = Supervision.objects.visible_to(account).with_names()
    if here:
        found = found.filter(path__gte=here.path, path__lt=path_end(here.path))
    rows, after = newest_first(found, request.GET.get("after", ""), size=PAGE, day="issued_on")
    context = {
        "rows": [(each, *_stands(each, day)) for each in rows], "after": after, "first": "after" not in request.GET,
        "here": here, "organisations": organisation_choices(account, here), "query": chosen.query(), "day": day,
        "may_send": _supervised(account).exists(),
    }  # fmt: skip
    return render(request, "ledgers/supervisions.html", context)


def _supervised(account) -> QuerySet[Organisation]:
    """To whom the account could send a notice at all: what reports and stands below a post of its own."""
    own = [h.organisation.pk for h in account.scope.holdings if h.allows(Capability.RECORD)]
    below = Organisation.objects.visible_to(account, Capability.RECORD).on(account.scope.day)
    return below.exclude(pk__in=own).exclude(kind=OrganisationKind.GROUP)


def _stands(notice: Supervision, day) -> tuple[Stage, str]:
    now = stage(notice, day)
    return now, TONES.get(now, "")


def supervision_new(request):
    """Sending a notice to an organisation below, about one of its figures or about anything."""
    account, day = request.user, today()
    if not account.scope.may(Capability.RECORD):
        raise PermissionDenied("督办由上级党组织的书记、副书记、组织委员和组织部发出。")
    given = request.POST if request.method == "POST" else request.GET
    named = request.POST.get("organisation") or request.GET.get("organisation")
    if not named:
        below = [each for each in organisation_choices(account, None) if sender_of(account, each)]
        return render(request, "ledgers/supervision_pick.html", {"organisations": below})
    within = Organisation.objects.visible_to(account, Capability.RECORD)
    here = get_object_or_404(within, pk=number(named))
    sender = sender_of(account, here)
    if sender is None:
        raise PermissionDenied(NOT_BELOW)
    kind = given.get("kind", "")
    kind = kind if kind in KINDS else ""
    years = {str(each): each for each in years_up_to(day)}
    asked = Asked(account, Span(years.get(given.get("year", ""), day.year), day))
    lines = []
    if kind:
        rows = with_words(asked.rows_behind(here, kind, "late")).order_by("due_on", "pk")[:OFFERED]
        lines = describe(rows, account, day)
    figures = _figures(asked, here, kind)
    initial = {
        "once": new_key(), "organisation": here.pk, "kind": kind, "year": asked.span.year, "due_on": day + USUAL,
        "subject": f"{KINDS[kind][0]}过期没办" if figures.get("late") else "",
    }  # fmt: skip
    data = request.POST if request.method == "POST" else None
    form = SupervisionForm(data, years=years.values(), lines=lines, initial=initial)
    if where := submitted(request, form, lambda: _send(form, request, (here, sender), figures, day)):
        return redirect(where)
    context = {
        "form": form, "here": here, "sender": sender, "figures": _named(figures), "span": asked.span,
        "kind": KINDS[kind][0] if kind else "",
        "cancel_url": f"{reverse('indicators')}?{urlencode({'organisation': here.pk, 'year': asked.span.year})}",
    }  # fmt: skip
    return render(request, "ledgers/supervision_new.html", context, status=422 if form.errors else 200)


def _figures(asked: Asked, here: Organisation, kind: str) -> dict[str, int]:
    if not kind:
        return {}
    (figures,) = asked.figures([here])
    return {name: figures.of(kind)[name] for name in ("due", "done", "late")}


def _named(figures: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(name, FIGURES[name], figures[name]) for name in ("due", "done", "late") if name in figures]


def _send(form: SupervisionForm, request, places: tuple[Organisation, Organisation], figures: dict, day) -> str:
    here, sender = places
    made = send(by=request.user, organisation=here, sender=sender, wanted=form.wanted(figures), today=day)
    messages.success(request, f"督办已发给{here.label}，{made.event.due_on:%m-%d} 前答复，已进入对方的应办清单。")
    return reverse("supervision", args=[made.pk])


def _one(request, pk: int) -> Supervision:
    return get_object_or_404(Supervision.objects.visible_to(request.user).with_names(), pk=pk)


@require_safe
def supervision(request, pk: int):
    """One notice: what it asks, the figure and the duties it names as they stand now, and every answer."""
    notice, account, day = _one(request, pk), request.user, today()
    now, tone = _stands(notice, day)
    reads = may_read(account, notice)
    if reads:
        audit.write(audit.Act.READ, f"supervision:{notice.pk}", field="text")
    named = Q(pk__in=[])
    for rule, key in notice.named.order_by("pk").values_list("rule", "key"):
        named |= Q(rule=rule, key=key)
    duties = with_words(Duty.objects.visible_to(account).filter(named)).order_by("due_on", "pk")
    asked = Asked(account, Span(notice.year or day.year, day))
    context = {
        "notice": notice, "stage": now, "tone": tone, "day": day, "reads": reads,
        "text": notice.text if reads else "", "answers": _answers(notice) if reads else [],
        "lines": describe(duties, account, day), "kind": KINDS[notice.kind][0] if notice.kind in KINDS else "",
        "then": _named(notice.figures),
        "now": _named(_figures(asked, notice.organisation, notice.kind if notice.kind in KINDS else "")),
        "query": urlencode({"organisation": notice.organisation_id, "year": asked.span.year}),
        "may_answer": now in (Stage.OPEN, Stage.LATE) and may_answer(account, notice),
        "may_withdraw": now == Stage.ANSWERED and may_answer(account, notice)
        and may_withdraw(account, notice.standing.record),
        "may_decide": may_decide(account, notice), "waits": now in (Stage.OPEN, Stage.LATE),
        "answered": now == Stage.ANSWERED, "waiver": _waiver(notice) if now == Stage.WAIVED else None,
        "settle": ActForm(initial={"once": new_key()}),
    }  # fmt: skip
    return render(request, "ledgers/supervision.html", context)


def _waiver(notice: Supervision) -> Waiver | None:
    (duty,) = notice.event.duties.all()
    return duty.rule.waivers.filter(key=duty.key).first()


def _answers(notice: Supervision) -> list:
    return list(notice.answers.all().select_related("by").defer(None).defer(*sealed_at("by")).order_by("pk"))


def supervision_answer(request, pk: int):
    """The organisation's answer; saving closes its duty."""
    notice = _one(request, pk)
    check_may_answer(request.user, notice)
    form = AnswerForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _answer(form, request, notice)):
        return redirect(where)
    context = {"form": form, "notice": notice, "text": notice.text, "back": reverse("supervision", args=[pk])}
    return render(request, "ledgers/supervision_answer.html", context, status=422 if form.is_bound else 200)


def supervision_answer_withdraw(request, pk: int):
    """The organisation's side takes its answer back, with the record, as long as nobody above has accepted it."""
    notice = get_object_or_404(Supervision.objects.visible_to(request.user).with_names(), answers=pk)
    made = next(each for each in notice.answers.all() if each.pk == pk)
    check_may_answer(request.user, notice)
    check_may_withdraw(request.user, made.record)
    back = reverse("supervision", args=[notice.pk])
    if request.method != "POST" and (stage(notice, today()) != Stage.ANSWERED or not made.stands):
        return redirect(back)  # which says how the notice stands

    def also() -> str:
        withdraw_answer(made=made, today=today())
        return "这件督办重新等待答复。"

    return withdraw(request, made.record, f"{notice.subject}的答复", back, note="督办重新等待答复。", also=also)


def _answer(form: AnswerForm, request, notice: Supervision) -> str:
    said = {"person": request.user.person, "text": form.cleaned_data["text"]}
    made = answer(by=request.user, notice=notice, **said, today=today())
    messages.success(request, f"已答复，应办清单里的这一件已经办结{'（逾期答复）' if made.late else ''}。")
    return reverse("supervision", args=[notice.pk])


@require_POST
def supervision_settle(request, pk: int):
    """Accepting the answer: one button on the notice."""
    notice = _one(request, pk)
    check_may_decide(request.user, notice)
    where = pressed(request, ActForm(request.POST), lambda: _settle(request, notice))
    return redirect(where or reverse("supervision", args=[pk]))


def _settle(request, notice: Supervision) -> str:
    settle(by=request.user, notice=notice, today=today())
    messages.success(request, "已认可这份答复。")
    return reverse("supervision", args=[notice.pk])


def supervision_back(request, pk: int):
    """Sending an answer back with a reason and a day."""
    notice, day = _one(request, pk), today()
    check_may_decide(request.user, notice)
    initial = {"once": new_key(), "due_on": max(notice.event.due_on, day + USUAL)}
    form = BackForm(request.POST if request.method == "POST" else None, initial=initial)
    if where := submitted(request, form, lambda: _back(form, request, notice, day)):
        return redirect(where)
    context = {"form": form, "notice": notice, "back": reverse("supervision", args=[pk])}
    return render(request, "ledgers/supervision_back.html", context, status=422 if form.is_bound else 200)


def _back(form: BackForm, request, notice: Supervision, day) -> str:
    given = form.cleaned_data
    send_back(by=request.user, notice=notice, reason=given["reason"], due_on=given["due_on"], today=day)
    messages.success(request, f"答复已退回，{given['due_on']} 前重新答复。")
    return reverse("supervision", args=[notice.pk])


def supervision_withdraw(request, pk: int):
    """Taking a notice back before it is answered; its duty goes."""
    notice = _one(request, pk)
    check_may_decide(request.user, notice)
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if where := submitted(request, form, lambda: _withdraw(form, request, notice), repeated=TAKEN_BACK):
        return redirect(where)
    context = {"form": form, "notice": notice, "back": reverse("supervision", args=[pk])}
    return render(request, "ledgers/supervision_withdraw.html", context, status=422 if form.is_bound else 200)


def _withdraw(form: WithdrawForm, request, notice: Supervision) -> str:
    take_back(by=request.user, notice=notice, reason=form.cleaned_data["reason"], today=today())
    messages.success(request, "已撤回这件督办，对方的应办一并取消。")
    return reverse("supervision", args=[notice.pk])
