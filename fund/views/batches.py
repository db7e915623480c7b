"""Batches for the bank and what became of each payment: the list, the slip, receipts, what the bank sent back."""

from django.contrib import messages
from django.http import FileResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from base.capitals import in_capitals
from base.dates import today
from base.once import new_key, submitted
from fund.applying.masking import masked_account
from fund.applying.paying import check_may_pay, drop_batch, fail, receive, settle_batch
from fund.banklist import bank_list
from fund.forms.payments import SELF, FailForm, ReceiveForm, SettleForm, WhyForm
from fund.models import Batch, Payment, Way
from fund.paydesk import WITNESSES, told, with_words
from fund.views.payments import READ, grant_asked_for, sheet
from members.enums import Capability
from members.office_forms import ActForm
from members.scope import sealed_at


def batch_asked_for(request, pk: int) -> Batch:
    """A batch of a fund whose books the account reads; any other does not exist."""
    rows = Batch.objects.visible_to(request.user, READ).select_related("fund__organisation", "entered_by")
    return get_object_or_404(rows.defer(*sealed_at("entered_by")), pk=pk)


def _payments(batch: Batch) -> list[Payment]:
    """The rows of a batch in the order of the list, with masked accounts."""
    rows = batch.payments.select_related("grant__person", "grant__application__organisation", "grant__allowance")
    away = [*sealed_at("grant__person"), "grant__application__content"]
    found = list(rows.defer(*away).order_by("grant", "pk"))
    for row in found:
        row.masked = masked_account(row.payee["number"])
    return found


@require_safe
def batch(request, pk: int):
    """One batch: its list, the file for the bank, the slip."""
    found = batch_asked_for(request, pk)
    return _page(request, found, None)


def batch_settle(request, pk: int):
    """The bank's slip for a batch."""
    found = batch_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    if request.method != "POST":
        return redirect("batch", pk=found.pk)
    rows = _payments(found)
    form = SettleForm(request.POST, payments=rows)

    def done() -> str:
        said = form.cleaned_data
        failed = form.failed()
        settle_batch(by=request.user, batch=found, slip=said["slip"], on=said["on"], now=timezone.now(), failed=failed)
        bad = f"，{len(failed)} 笔没有付成，可以重新发放" if failed else ""
        messages.success(request, f"回单已登记，{len(rows) - len(failed)} 笔已发放{bad}。")
        return reverse("batch", args=[found.pk])

    if where := submitted(request, form, done, repeated="这个批次的回单刚才已经登记过。"):
        return redirect(where)
    return _page(request, found, form, rows=rows)


def _page(request, found: Batch, form: SettleForm | None, *, rows: list[Payment] | None = None):
    rows, day = _payments(found) if rows is None else rows, today()
    pays = request.user.scope.may(Capability.PAY, found.fund.organisation.path)
    if pays and form is None and found.state == Batch.State.LISTED:
        form = SettleForm(None, payments=rows, initial={"once": new_key(), "on": day})
    total = sum(row.grant.fen for row in rows)
    context = {
        "batch": found, "rows": rows, "form": form, "pays": pays, "total": total, "capitals": in_capitals(total),
        "day": day, "lines": form.lines() if form else [(row, None, None) for row in rows], "once": new_key(),
        "unsigned": sum(1 for row in rows if row.state == Payment.State.PAID),
    }  # fmt: skip
    return render(request, "fund/batch.html", context, status=422 if form is not None and form.errors else 200)


def batch_list(request, pk: int):
    """The list for the bank with whole account numbers: asked for with a reason, which stays in the audit."""
    found = batch_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})
    if form.is_valid():
        rows = [row for row in _payments(found) if row.state != Payment.State.DROPPED]
        reason = form.cleaned_data["reason"]
        file = bank_list(by=request.user, batch=found, payments=rows, reason=reason, day=today())
        response = FileResponse(file, as_attachment=True, filename=f"银行代发清单-批次{found.pk}.xlsx")
        response["Cache-Control"] = "no-store"
        return response
    words = {"title": "下载银行清单", "button": "下载", "hint": "清单里账号是全的，下载记入审计。办完请从电脑上删掉。"}
    return _act(request, found, form, **words)


def batch_drop(request, pk: int):
    """Taking a list back that did not go to the bank."""
    found = batch_asked_for(request, pk)
    check_may_pay(request.user, found.fund)
    form = WhyForm(request.POST if request.method == "POST" else None, initial={"once": new_key()})

    def done() -> str:
        drop_batch(by=request.user, batch=found, reason=form.cleaned_data["reason"])
        messages.success(request, f"批次 {found.pk} 已作废，里面的回到待发放。")
        return reverse("payments")

    if where := submitted(request, form, done):
        return redirect(where)
    words = {"title": f"作废批次 {found.pk}", "button": "作废", "hint": "已经交给银行的不要作废，登记回单。"}
    return _act(request, found, form, **words)


def _act(request, found: Batch, form, **words):
    context = {"batch": found, "form": form, **words}
    return render(request, "fund/batch_act.html", context, status=422 if form.errors else 200)


@require_POST
def batch_arrived(request, pk: int):
    """Every payment of a batch that is not signed for yet: the bank's slip is its receipt."""
    found = batch_asked_for(request, pk)
    check_may_pay(request.user, found.fund)

    def done() -> str:
        rows = found.payments.filter(state=Payment.State.PAID).select_related("grant__application").order_by("grant")
        for row in rows:
            receive(by=request.user, payment=row, on=today(), slip=found.slip, now=timezone.now())
        messages.success(request, f"{len(rows)} 笔已凭回单 {found.slip} 登记签收。")
        return reverse("batch", args=[found.pk])

    form = ActForm(request.POST)
    if (where := submitted(request, form, done)) is None:
        for said in form.non_field_errors():
            messages.error(request, said)
    return redirect(where or reverse("batch", args=[found.pk]))


@require_safe
def batch_sheet(request, pk: int):
    """发放签领表 of a batch."""
    found = batch_asked_for(request, pk)
    from_list = found.payments.exclude(state=Payment.State.DROPPED).values("grant")
    grants = with_words(found.fund.grants.filter(pk__in=from_list)).order_by("pk")
    return sheet(request, told(grants, today()), batch=found, crumbs=reverse("batch", args=[found.pk]))


# One payment


def payment_asked_for(request, pk: int) -> Payment:
    """A payment of a fund whose books the account reads; any other does not exist."""
    rows = Payment.objects.visible_to(request.user, READ).select_related("batch", "paid_by", "voucher")
    found = get_object_or_404(rows.defer(*sealed_at("paid_by")).prefetch_related(WITNESSES), pk=pk)
    found.grant = grant_asked_for(request, found.grant_id)
    return found


def payment_receive(request, pk: int):
    """That the money arrived: signed for by the member or a substitute, or by the bank's slip."""
    found = payment_asked_for(request, pk)
    check_may_pay(request.user, found.grant.fund)
    slip = found.batch.slip if found.batch else ""
    initial = {"once": new_key(), "on": today(), "receiver": SELF, "slip": slip}
    form = ReceiveForm(request.POST if request.method == "POST" else None, initial=initial)

    def done() -> str:
        receive(by=request.user, payment=found, now=timezone.now(), **form.given())
        messages.success(request, f"{found.grant.whom}的签收已登记。")
        return f"{reverse('payments')}?show=unsigned"

    if where := submitted(request, form, done):
        return redirect(where)
    context = {"payment": found, "grant": found.grant, "form": form, "capitals": in_capitals(found.grant.fen)}
    return render(request, "fund/payment_receive.html", context, status=422 if form.errors else 200)


def payment_fail(request, pk: int):
    """The bank sent it back: the voucher is reversed, the sum may be paid anew."""
    found = payment_asked_for(request, pk)
    check_may_pay(request.user, found.grant.fund)
    form = FailForm(request.POST if request.method == "POST" else None, initial={"once": new_key(), "on": today()})

    def done() -> str:
        said = form.cleaned_data
        fail(by=request.user, payment=found, reason=said["reason"], on=said["on"], now=timezone.now())
        messages.success(request, "已登记银行退回，原凭证已红冲，可以重新发放。账号有误的请组织部更正。")
        return reverse("grant", args=[found.grant_id])

    if where := submitted(request, form, done):
        return redirect(where)
    context = {
        "grant": found.grant, "form": form, "capitals": in_capitals(found.grant.fen), "title": "登记银行退回",
        "button": "登记退回", "hint": "原来的凭证按原样冲回，钱重新预留给本人。", "day": today(),
    }  # fmt: skip
    return render(request, "fund/grant_act.html", context, status=422 if form.errors else 200)


@require_safe
def payment_slip(request, pk: int):
    """领款单 of one payment."""
    found = payment_asked_for(request, pk)
    context = {
        "payment": found, "grant": found.grant, "capitals": in_capitals(found.grant.fen), "day": today(),
        "in_cash": found.way == Way.CASH,
    }  # fmt: skip
    return render(request, "fund/payment_slip.html", context)
