"""The cashier's desk: what is to be paid, and one of it: whom, how much, by which decision, what was tried."""

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base import audit
from base.capitals import in_capitals
from base.dates import today
from base.keyset import beyond, newest_first
from base.once import new_key, submitted
from fund.applying.paying import (
    check_may_pay,
    correct_payee,
    end_for_the_dead,
    list_batch,
    pay_back,
    pay_by_bank,
    pay_cash,
)
from fund.forms.payments import BackForm, BatchForm, PayeeForm, PayForm, WhyForm
from fund.models import Batch, Fund, Grant, Payment, Way
from fund.paydesk import AWAY, WITNESSES, counts, open_grants, told, with_words, witnesses
from fund.permissions import check_may_manage
from members.enums import Capability
from members.office_forms import ActForm
from members.scope import sealed_at

PAGE = 100
"""Rows of the desk; as many can be ticked for one batch."""
WAITING = 50
"""Grants below them that may not be paid yet."""
MOST = 1000
"""Rows of a printed sheet."""
READ = Capability.READ_BOOKS
PAID_BEFORE = "这一笔刚才已经办过，没有再发一次。"

TABS = {"due": "待发放", "batches": "已列批次", "unsigned": "待签收", "done": "已发放"}


def grant_asked_for(request, pk: int) -> Grant:
    """A grant of a fund whose books the account reads, with its words; any other does not exist."""
    found = get_object_or_404(with_words(Grant.objects.visible_to(request.user, READ)), pk=pk)
    return told([found], today())[0]


@require_safe
def payments(request):
    """The desk, a tab at a time."""
    if not request.user.scope.may(READ):
        raise PermissionDenied("待发放由出纳和管资金的人看。")
    show = request.GET.get("show", "")
    show = show if show in TABS else "due"
    return _desk(request, show)


def _desk(request, show: str, *, form: BatchForm | None = None):
    account, day = request.user, today()
    grants = open_grants(account)
    tabs = counts(account, *grants)
    context = {
        "show": show, "tabs": [(code, label, tabs.get(code)) for code, label in TABS.items()], "day": day,
        "pays": account.scope.may(Capability.PAY), "first": "after" not in request.GET, "query": f"show={show}",
        "several": Fund.objects.visible_to(account, READ).count() > 1, "form": form,
    }  # fmt: skip
    context |= _due(request, *grants, day) if show == "due" else LISTS[show](request, show)
    if show == "due":
        ticked = form.data.getlist("grant") if form else []
        context["ticked"] = {int(pk) for pk in ticked if pk.isascii() and pk.isdigit() and len(pk) < 19}
        context["once"] = form["once"].value() if form else new_key()
    return render(request, "fund/payments.html", context, status=422 if form else 200)


def _due(request, ready, waiting, day: date) -> dict:
    """What may be paid, by number, and below what may not yet."""
    after = request.GET.get("after", "")
    if after.isascii() and after.isdigit() and len(after) < 19:
        ready = ready.filter(beyond(("pk",), (int(after),)))
    rows = list(with_words(ready).order_by("pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    later = list(with_words(waiting).order_by("pk")[:WAITING]) if "after" not in request.GET else []
    told([*rows, *later], day)
    return {"rows": rows, "later": later, "after": str(rows[-1].pk) if more else "", "most": WAITING}


def _batches(request, show: str) -> dict:
    """Batches, the latest first, each with its rows and sum."""
    batches = Batch.objects.visible_to(request.user, READ).select_related("fund__organisation", "entered_by")
    batches = batches.defer(*sealed_at("entered_by")).prefetch_related("payments__grant")
    rows, after = newest_first(batches, request.GET.get("after", ""), size=20, day="on")
    for row in rows:
        row.count, row.fen = len(row.payments.all()), sum(each.grant.fen for each in row.payments.all())
    return {"rows": rows, "after": after}


def _paid(request, show: str) -> dict:
    """What went out: not signed for yet, or all that was signed for, failed or was dropped."""
    states = (Payment.State.PAID,) if show == "unsigned" else (Payment.State.RECEIVED, Payment.State.FAILED)
    paid = Payment.objects.visible_to(request.user, READ).filter(state__in=states)
    paid = paid.select_related("grant__person", "grant__application__organisation", "grant__allowance", "batch")
    away = [f"grant__{each}" for each in AWAY if not each.startswith("decision")]
    rows, after = newest_first(paid.defer(*away), request.GET.get("after", ""), size=50, day="on")
    return {"rows": rows, "after": after}


LISTS = {"batches": _batches, "unsigned": _paid, "done": _paid}


# One grant


@require_safe
def grant(request, pk: int):
    """One grant: whom, how much, by which decision, and every payment of it."""
    found = grant_asked_for(request, pk)
    tried = found.payments.select_related("paid_by", "batch", "voucher").prefetch_related(WITNESSES)
    path = found.fund.organisation.path
    scope = request.user.scope
    back = found.payments.filter(state__in=(Payment.State.PAID, Payment.State.RECEIVED)).exists()
    context = {
        "grant": found, "capitals": in_capitals(found.fen), "day": today(),
        "payments": tried.defer(*sealed_at("paid_by")).order_by("pk"), "pays": scope.may(Capability.PAY, path),
        "corrects": scope.may(Capability.FUND, path) and (found.tries or found.run) and found.standing is None,
        "open": found.standing is None and not found.holds and found.reservation.unpaid > 0, "may_go_back": back,
        "once": new_key(),
    }  # fmt: skip
    return render(request, "fund/grant.html", context)


def payment_new(request, pk: int):
    """Paying one grant: the bank's slip and a press, or cash before two others."""
    account, day = request.user, today()
    found = grant_asked_for(request, pk)
    check_may_pay(account, found.fund)
    offered = witnesses(found.fund, day, but=[account.person_id, found.person_id])
    by_bank = bool(found.account["number"])
    initial = {"once": new_key(), "on": day, "way": Way.BANK if by_bank else Way.CASH}
    data = request.POST if request.method == "POST" else None
    form = PayForm(data, offered=offered, by_bank=by_bank, initial=initial)
    if where := submitted(request, form, lambda: _pay(request, form, found), repeated=PAID_BEFORE):
        return redirect(where)
    context = {"grant": found, "form": form, "capitals": in_capitals(found.fen), "day": day, "few": len(offered) < 2}
    return render(request, "fund/payment_new.html", context, status=422 if form.errors else 200)


def _pay(request, form: PayForm, found: Grant) -> str:
    given = {"by": request.user, "grant": found, "on": form.cleaned_data["on"], "now": timezone.now()}
    if form.cleaned_data["way"] == Way.BANK:
        pay_by_bank(slip=form.cleaned_data["slip"], **given)
    else:
        pay_cash(witnesses=form.witnesses(), **given)
    messages.success(request, f"{found.whom} {found.fen // 100:,}.{found.fen % 100:02} 元已发放，等签收。")
    return reverse("payments")


def grant_payee(request, pk: int):
    """Another account, after the bank refused the one that was decided upon. The organisation department's."""
    found = grant_asked_for(request, pk)
    check_may_manage(request.user, found.fund)
    initial = {"once": new_key(), "holder": found.account["holder"], "bank": found.account["bank"]}
    form = PayeeForm(request.POST if request.method == "POST" else None, initial=initial)

    def done() -> str:
        correct_payee(by=request.user, grant=found, account=form.account(), reason=form.cleaned_data["reason"])
        messages.success(request, "收款账户已更正，出纳可以重新发放。")
        return reverse("grant", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    words = {"title": "更正收款账户", "button": "更正", "hint": "银行退回以后才更正。账号加密保存，改了什么记入审计。"}
    return _act(request, found, form, **words)


def grant_back(request, pk: int):
    """A sum given back: it is available again."""
    found = grant_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    form = BackForm(request.POST if request.method == "POST" else None, initial={"once": new_key(), "on": today()})

    def done() -> str:
        said = form.cleaned_data
        voucher = pay_back(
            by=request.user, grant=found, amount=said["amount"], reason=said["reason"], on=said["on"],
            now=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"退回已记账，凭证 {voucher.year}-{voucher.number:03}。")
        return reverse("grant", args=[found.pk])

    if where := submitted(request, form, done):
        return redirect(where)
    words = {"title": "登记退款", "button": "登记退款", "hint": "发过的钱退还一部分或全部，回到可用余额，不再欠谁。"}
    return _act(request, found, form, **words)


def grant_account(request, pk: int):
    """The whole number of the account, once, for a reason that stays in the audit."""
    found = grant_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if form.is_valid():
        audit.write(audit.Act.REVEAL, f"grant:{found.pk}", reason=form.cleaned_data["reason"], field="account")
        response = render(request, "fund/grant_account.html", {"grant": found})
    else:
        words = {"title": "查看收款账号", "button": "查看", "hint": "查看会写入审计：谁、什么时候、为什么。"}
        response = _act(request, found, form, **words)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def grant_ended(request, pk: int):
    """What was granted to somebody who died before it was paid ends; what was kept is available again."""
    found = grant_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    form = ActForm(request.POST)

    def done() -> str:
        end_for_the_dead(by=request.user, grant=found, now=timezone.now())
        messages.success(request, f"已登记终止，预留的 {found.fen // 100:,}.{found.fen % 100:02} 元回到可用余额。")
        return reverse("payments")

    if (where := submitted(request, form, done)) is None:
        for said in form.non_field_errors():
            messages.error(request, said)
    return redirect(where or reverse("grant", args=[found.pk]))


def _act(request, found: Grant, form, **words):
    context = {"grant": found, "form": form, "capitals": in_capitals(found.fen), "day": today(), **words}
    return render(request, "fund/grant_act.html", context, status=422 if form.errors else 200)


# Several


@require_POST
def batch_new(request):
    """The ticked grants listed for the bank; refused, the ticks come back."""
    account = request.user
    if not account.scope.may(Capability.PAY):
        raise PermissionDenied("发放由管这笔资金的出纳办理。")
    grants = Grant.objects.visible_to(account, Capability.PAY).select_related("fund__organisation")
    form = BatchForm(request.POST, grants=grants)
    if where := submitted(request, form, lambda: _list(request, form), repeated="这些刚才已经列入批次，没有再列一次。"):
        return redirect(where)
    return _desk(request, "due", form=form)


def _list(request, form: BatchForm) -> str:
    chosen = list(form.cleaned_data["grant"].order_by("pk"))
    on = form.cleaned_data["on"]
    batch = list_batch(by=request.user, fund=chosen[0].fund, grants=chosen, on=on, now=timezone.now())
    messages.success(request, f"{len(chosen)} 笔已列入批次 {batch.pk}。请下载清单交银行，付成以后登记回单。")
    return reverse("batch", args=[batch.pk])


@require_safe
def payments_sheet(request):
    """发放签领表 of what is ticked, else of all that may be paid: signed by hand, before cash or the bank."""
    if not request.user.scope.may(READ):
        raise PermissionDenied("签领表由出纳和管资金的人打印。")
    ready, _waiting = open_grants(request.user)
    asked = [int(pk) for pk in request.GET.getlist("grant") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    rows = with_words(ready.filter(pk__in=asked) if asked else ready).order_by("pk")[: MOST + 1]
    return sheet(request, told(rows, today()), crumbs=reverse("payments"))


def sheet(request, rows: list[Grant], **more):
    """The printed sheet of these grants."""
    total = sum(row.fen for row in rows[:MOST])
    funds = list(dict.fromkeys(row.fund.organisation.name for row in rows))
    context = {
        "rows": rows[:MOST], "total": total, "capitals": in_capitals(total), "more": len(rows) > MOST, "most": MOST,
        "day": today(), "unit": "、".join(funds), "batch": None, **more,
    }  # fmt: skip
    return render(request, "fund/payments_sheet.html", context)
