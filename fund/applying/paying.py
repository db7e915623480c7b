"""发放: what was decided is handed over by the bank or in cash, signed for, and taken back where it failed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from base.facts import facts_will_change
from duties.deeds import record_deed
from fund.applying.filing import Account
from fund.applying.noticing import cleared_on
from fund.applying.owed import PAID, STANDING, payee_of
from fund.applying.steps import Doing, check_own_step, give_part, locked, locked_all, take_step
from fund.applying.turns import own_parties
from fund.journal import Desk
from fund.models import Act, Application, Batch, Fund, Grant, Payment, Voucher, Way, account_mark_of
from fund.regulation.steps import Move
from fund.regulation.words import Hand, StepKind
from fund.services import release_all, repay, reverse, spend_all
from members.enums import Capability, Standing
from members.models import Person
from members.services import memberships_on


@dataclass(frozen=True)
class Substitute:
    """Somebody who signs for the member: who they are to them, and why."""

    name: str
    relation: str
    why: str


def check_may_pay(account, fund: Fund) -> None:
    """Refuse whoever is not cashier of the fund."""
    if account.person_id is None or not account.scope.may(Capability.PAY, fund.organisation.path):
        raise PermissionDenied("发放由管这笔资金的出纳办理。")


@transaction.atomic
def correct_payee(*, by, grant: Grant, account: Account, reason: str) -> Grant:
    """Give a grant another account, after the bank refused the one that was decided upon; an allowance gets its first.

    The organisation department does it, not who pays.

    :raises ValidationError: keyed by ``number``, ``holder``, ``relation`` or ``reason``; where no payment failed.
    """
    [row] = _locked_grants([grant])
    if not by.scope.may(Capability.FUND, row.fund.organisation.path):
        raise PermissionDenied("收款账户由组织部更正，不由发放的人更正。")
    own = own_parties(row.application) if row.application else {row.person_id}
    if by.person_id in own or row.payments.filter(paid_by=by.person_id).exists():
        raise ValidationError("申请人、代填人和办过这笔发放的人不能更正收款账户，请换一个人。")
    if row.application and not row.payments.filter(state__in=(Payment.State.FAILED, Payment.State.DROPPED)).exists():
        raise ValidationError("还没有发放失败，收款账户以集体研究时的为准，不能改。")
    if row.payments.filter(state__in=STANDING).exists():
        raise ValidationError("这笔已经发放或列入批次，收款账户不能再改。")
    wrong = {
        name: [said]
        for name, said, good in (
            ("holder", "请写户名。", account.holder.strip()),
            ("number", "账号只有数字，请核对。", set(account.number.replace(" ", "") or "x") <= set("0123456789")),
            ("relation", "户名不是本人的，请写与本人的关系。", account.holder == row.person.name or account.relation),
            ("reason", "请写为什么更正。", reason.strip()),
        )
        if not good
    }
    if wrong:
        raise ValidationError(wrong)
    row.payee, row.payee_by = asdict(account), by.person
    row.save(update_fields=["payee", "payee_by"])
    if row.application:
        row.application.account_mark = account_mark_of(account.number)
        row.application.save(update_fields=["account_mark"])
    audit.write(audit.Act.EDIT, f"grant:{row.pk}", reason=reason, field="payee")
    return row


@transaction.atomic
def list_batch(*, by, fund: Fund, grants: Sequence[Grant], on: date, now: datetime) -> Batch:
    """List grants for the bank. Nothing is entered in the books before the bank's slip.

    :raises ValidationError: for what may not be paid now, or has no bank account.
    """
    check_may_pay(by, fund)
    rows, today = _locked_grants(grants), civil_day(now)
    if not rows:
        raise ValidationError("还没有选要发放的。")
    if on > today:
        raise ValidationError({"on": f"日期 {on} 晚于今天，请改成今天或以前。"})
    _check_payable(by, fund, rows, today)
    _check_paid_on(rows, on)
    payees = {grant.pk: payee_of(grant) for grant in rows}
    if without := [grant.person.name for grant in rows if not payees[grant.pk]["number"]]:
        raise ValidationError(f"{'、'.join(without)}没有登记银行账号，请先补上，或者用现金发放。")
    batch = Batch.objects.create(fund=fund, on=on, entered_by=by.person)
    Payment.objects.bulk_create(
        Payment(
            grant=grant, batch=batch, way=Way.BANK, state=Payment.State.LISTED, payee=payees[grant.pk],
            paid_by=by.person,
        )
        for grant in rows
    )  # fmt: skip
    audit.write(audit.Act.WRITE, f"batch:{batch.pk}", grants=[grant.pk for grant in rows])
    return batch


def _locked_grants(grants: Sequence[Grant]) -> list[Grant]:
    """The grants as they stand, after the locks of their applications."""
    locked_all([grant.application for grant in grants if grant.application_id])
    rows = Grant.objects.select_for_update(of=["self"]).filter(pk__in=[grant.pk for grant in grants])
    related = (
        "fund__organisation", "person", "application__regulation", "application__fund", "reservation__fund", "decision",
        "allowance__run",
    )  # fmt: skip
    return list(rows.select_related(*related).order_by("pk"))


def _check_payable(by, fund: Fund, rows: Sequence[Grant], today: date) -> None:
    stays = memberships_on([grant.person for grant in rows], today)
    for grant in rows:
        name = grant.person.name
        if grant.fund_id != fund.pk:
            raise ValidationError(f"{name}的这笔不从这个资金发放，请到相应的资金办理。")
        stay = stays.get(grant.person_id)
        if stay is not None and stay.standing == Standing.DEAD and not grant.for_family:
            raise ValidationError(f"{name}已于 {stay.since} 去世，不能再发给本人。请登记“去世终止”；慰问家属另行研究。")
        if grant.payments.filter(state__in=STANDING).exists():
            raise ValidationError(f"{name}的这笔已经发放或列入批次，没有再发一次。")
        if not grant.reservation.unpaid:
            raise ValidationError(f"{name}的这笔没有待付的预留，可能已经解除。请核对。")
        _check_hands(by, grant, today)


def _check_paid_on(rows: Sequence[Grant], on: date) -> None:
    """Refuse a day before the decision, or on which the notice still hung or an objection was not answered yet."""
    kept = Voucher.objects.filter(reservation__in=[grant.reservation_id for grant in rows], act=Act.RESERVE)
    decided = dict(kept.filter(reverses__isnull=True).values_list("reservation", "on"))
    cleared = cleared_on([grant.application_id for grant in rows])
    for grant in rows:
        day = max(decided[grant.reservation_id], cleared.get(grant.application_id, date.min))
        if on < day:
            said = f"{grant.person.name}的这笔 {day} 起才能发放（集体研究以后，公示期满），日期 {on} 早了，请核对。"
            raise ValidationError({"on": said})


def _check_hands(by, grant: Grant, today: date) -> None:
    """Whoever prepared a run, and whose money it is, does not pay it; of an application the step table says who. Nor
    does whoever said to which account.
    """
    if by.person_id == grant.payee_by_id:
        raise ValidationError(f"更正{grant.person.name}收款账户的人不能再办发放，请换一个人。")
    if grant.application:
        check_own_step(by, grant.application, StepKind.PAYMENT, today)
    elif by.person_id in (grant.person_id, getattr(grant, "allowance", None) and grant.allowance.run.prepared_by_id):
        raise ValidationError("编制这批补助的人和领款人本人不能办发放，请换一个人。")


@transaction.atomic
def settle_batch(
    *, by, batch: Batch, slip: str, on: date, now: datetime, failed: dict[int, str] | None = None
) -> Batch:  # fmt: skip
    """Enter the bank's slip: what it paid is spent in the books, what it refused may be paid again.

    :param failed: the reason by number of each payment the bank refused.
    :raises ValidationError: keyed by ``slip``, ``on`` or ``failed-<payment>``.
    """
    check_may_pay(by, batch.fund)
    facts_will_change()
    failed, today = failed or {}, civil_day(now)
    locked_all(Application.objects.filter(grants__payments__batch=batch).distinct())
    batch = Batch.objects.select_for_update(of=["self"]).select_related("fund__organisation").get(pk=batch.pk)
    _check_open(batch)
    if not slip.strip():
        raise ValidationError({"slip": "请写银行回单号。"})
    if on > today or on < batch.on:
        raise ValidationError({"on": f"回单日期要在 {batch.on} 到今天之间，请核对。"})
    if blank := [pk for pk, reason in failed.items() if not reason.strip()]:
        raise ValidationError({f"failed-{pk}": "请写银行退回的原因。" for pk in blank})
    rows = list(batch.payments.filter(state=Payment.State.LISTED).order_by("grant"))
    grants = {grant.pk: grant for grant in _locked_grants([row.grant for row in rows])}
    good = [row for row in rows if row.pk not in failed]
    _check_settled([grants[row.grant_id] for row in good], by, today)
    _spend(by, [(row, grants[row.grant_id]) for row in good], Desk(on, now, by.pk))
    for row in rows:
        if row.pk in failed:
            row.state, row.failed_on, row.failure = Payment.State.DROPPED, on, failed[row.pk].strip()[:120]
            row.save(update_fields=["state", "failed_on", "failure"])
    batch.state, batch.slip = Batch.State.DONE, slip.strip()
    batch.save(update_fields=["state", "slip"])
    audit.write(audit.Act.EDIT, f"batch:{batch.pk}", paid=len(good), failed=sorted(failed))
    for row in good:
        _passed(by, grants[row.grant_id], now)
    return batch


def _check_open(batch: Batch) -> None:
    if batch.state != Batch.State.LISTED:
        raise ValidationError(f"这个批次{batch.get_state_display()}，没有再办一次。")


def _check_settled(grants: Sequence[Grant], by, today: date) -> None:
    stays = memberships_on([grant.person for grant in grants], today)
    for grant in grants:
        stay = stays.get(grant.person_id)
        if stay is not None and stay.standing == Standing.DEAD and not grant.for_family:
            said = f"{grant.person.name}已于 {stay.since} 去世。请让银行退回，按“没有发出”登记，原因写去世。"
            raise ValidationError(said)
        _check_hands(by, grant, today)


@transaction.atomic
def pay_by_bank(*, by, grant: Grant, slip: str, on: date, now: datetime) -> Payment:
    """Enter one transfer that the bank has made: a batch of one with its slip.

    :raises ValidationError: as :func:`list_batch` and :func:`settle_batch`.
    """
    batch = list_batch(by=by, fund=grant.fund, grants=[grant], on=on, now=now)
    settle_batch(by=by, batch=batch, slip=slip, on=on, now=now)
    return batch.payments.get()


@transaction.atomic
def drop_batch(*, by, batch: Batch, reason: str) -> Batch:
    """Take a list back that did not go to the bank; its grants may be paid otherwise.

    :raises ValidationError: without a reason, or if it was settled.
    """
    check_may_pay(by, batch.fund)
    batch = Batch.objects.select_for_update(of=["self"]).select_related("fund__organisation").get(pk=batch.pk)
    _check_open(batch)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么作废。"})
    rows = batch.payments.filter(state=Payment.State.LISTED)
    rows.update(state=Payment.State.DROPPED, failure=reason.strip()[:120])
    batch.state = Batch.State.DROPPED
    batch.save(update_fields=["state"])
    audit.write(audit.Act.WITHDRAW, f"batch:{batch.pk}", reason=reason)
    return batch


@transaction.atomic
def pay_cash(*, by, grant: Grant, on: date, witnesses: Sequence[Person], now: datetime) -> Payment:
    """Hand a grant over in cash before two others.

    :raises ValidationError: keyed by ``on`` or ``witnesses``; for what may not be paid now.
    """
    [row], today = _locked_grants([grant]), civil_day(now)
    check_may_pay(by, row.fund)
    _check_payable(by, row.fund, [row], today)
    _check_paid_on([row], on)
    others = {person.pk for person in witnesses} - {by.person_id, row.person_id}
    if len(others) < 2:
        raise ValidationError({"witnesses": "现金发放要有经办人以外的两人在场，请选两位；领款人本人不算。"})
    payment = Payment(grant=row, way=Way.CASH, state=Payment.State.LISTED, payee={"holder": row.whom})
    payment.paid_by = by.person
    payment.save()
    payment.witnesses.set(others)
    _spend(by, [(payment, row)], Desk(on, now, by.pk))
    _passed(by, row, now)
    return payment


def _spend(by, rows: Sequence[tuple[Payment, Grant]], desk: Desk) -> None:
    """Spend what was set aside, all in one go, and note who paid."""
    sums = [(grant.reservation, grant.fen, _words(grant)) for _row, grant in rows]
    vouchers = spend_all(sums, desk) if sums else []
    for (row, grant), voucher in zip(rows, vouchers, strict=True):
        row.state, row.on, row.voucher, row.paid_by = Payment.State.PAID, desk.on, voucher, by.person
        row.save(update_fields=["state", "on", "voucher", "paid_by"])
        if grant.application:
            give_part(grant.application, by.person_id, Hand.PAY, "")
        audit.write(audit.Act.WRITE, f"payment:{row.pk}", grant=grant.pk, voucher=voucher.pk)


def _words(grant: Grant) -> str:
    if grant.application:
        return f"发放 {grant.application.label}"
    return f"发放 {grant.allowance.run.title}" if hasattr(grant, "allowance") else "发放"


def _passed(by, grant: Grant, now: datetime) -> None:
    """Once every fund has paid its part, the application goes on, and the help stands in the member's record."""
    if grant.application is None:
        _note_allowance(by, grant, now)
        return
    row = locked(grant.application)
    paid = Grant.objects.filter(decision__round=row.round, application=row)
    if paid.exclude(payments__state__in=PAID).exists():
        return
    taken = take_step(
        by=by, application=row, move=Move.PASS, now=now, through=StepKind.PAYMENT, doing=Doing(fen=row.granted)
    )  # fmt: skip
    today = civil_day(now)
    record_deed(
        by=by, action="aid", on=today, people=[by.person], today=today, member=row.person,
        note=f"专项资金 {row.label} 发放（第 {taken.serial} 步）",
    )  # fmt: skip


def _note_allowance(by, grant: Grant, now: datetime) -> None:
    """An allowance that was paid stands in the member's record as help given by whoever prepared the run."""
    if not hasattr(grant, "allowance"):
        return
    run, today = grant.allowance.run, civil_day(now)
    record_deed(
        by=by, action="aid", on=today, people=[run.prepared_by or by.person], today=today, member=grant.person,
        note=f"{run.title}发放（第 {grant.pk} 笔）",
    )  # fmt: skip


@transaction.atomic
def end_for_the_dead(*, by, grant: Grant, now: datetime) -> None:
    """End what was granted to a member who died before it was paid: what was kept is available again.

    :raises ValidationError: where nobody died, or it was paid or listed for the bank.
    """
    [row], today = _locked_grants([grant]), civil_day(now)
    check_may_pay(by, row.fund)
    if row.application:
        take_step(by=by, application=row.application, move=Move.DEATH, now=now, through=StepKind.PAYMENT)
        return
    stay = memberships_on([row.person], today).get(row.person_id)
    if stay is None or stay.standing != Standing.DEAD:
        raise ValidationError(f"{row.person.name}还没有登记去世。请先登记事由“去世”。")
    if row.payments.filter(state__in=STANDING).exists() or not row.reservation.unpaid:
        raise ValidationError(f"{row.person.name}的这笔已经发放、列入批次或者解除，不能终止。")
    release_all([row.reservation], Desk(today, now, by.pk), words="去世终止")
    audit.write(audit.Act.EDIT, f"grant:{row.pk}", ended=str(today))


@transaction.atomic
def receive(
    *, by, payment: Payment, on: date, slip: str = "", substitute: Substitute | None = None, now: datetime
) -> Payment:  # fmt: skip
    """Enter that the money arrived: signed for by the member, by somebody for them, or by the bank's slip.

    :raises ValidationError: keyed by ``on`` or ``substitute``; if it was entered, or the money did not go out.
    """
    row = locked(payment.grant.application) if payment.grant.application_id else None
    payment = (
        Payment.objects.select_for_update(of=["self"]).select_related("grant__fund__organisation").get(pk=payment.pk)
    )
    check_may_pay(by, payment.grant.fund)
    if payment.state != Payment.State.PAID:
        raise ValidationError(f"这笔{payment.get_state_display()}，不能登记签收。")
    if on > civil_day(now) or on < payment.on:
        raise ValidationError({"on": f"签收日期要在 {payment.on} 到今天之间，请核对。"})
    if substitute and not (substitute.name.strip() and substitute.relation.strip() and substitute.why.strip()):
        raise ValidationError({"substitute": "代领的请写代领人姓名、与本人的关系和代领的原因。"})
    payment.state, payment.received_on = Payment.State.RECEIVED, on
    payment.slip, payment.substitute = slip.strip(), substitute.__dict__ if substitute else {}
    payment.save(update_fields=["state", "received_on", "slip", "substitute"])
    audit.write(audit.Act.EDIT, f"payment:{payment.pk}", received=str(on))
    if (
        row
        and not row.grants.filter(decision__round=row.round).exclude(payments__state=Payment.State.RECEIVED).exists()
    ):
        take_step(by=by, application=row, move=Move.PASS, now=now, through=StepKind.RECEIPT, doing=Doing(on=on))
    return payment


@transaction.atomic
def fail(*, by, payment: Payment, reason: str, on: date, now: datetime) -> Payment:
    """The bank sent a payment back: its voucher is reversed, the sum is set aside again and may be paid anew; of what
    ended meanwhile, because the member died, it is available again.

    :raises ValidationError: keyed by ``reason`` or ``on``; if it was signed for or has failed.
    """
    row = locked(payment.grant.application) if payment.grant.application_id else None
    payment = (
        Payment.objects.select_for_update(of=["self"])
        .select_related("grant__fund__organisation", "voucher")
        .get(pk=payment.pk)
    )
    check_may_pay(by, payment.grant.fund)
    if payment.state != Payment.State.PAID:
        raise ValidationError(f"这笔{payment.get_state_display()}，不能登记发放失败。已签收后退回的请用“登记退回”。")
    if not reason.strip():
        raise ValidationError({"reason": "请写银行退回的原因。"})
    reverse(payment.voucher, Desk(on, now, by.pk), words=reason)
    payment.state, payment.failed_on, payment.failure = Payment.State.FAILED, on, reason.strip()[:120]
    payment.save(update_fields=["state", "failed_on", "failure"])
    audit.write(audit.Act.EDIT, f"payment:{payment.pk}", failed=str(on))
    if row and row.over:
        payment.grant.reservation.refresh_from_db()
        release_all([payment.grant.reservation], Desk(on, now, by.pk), words=f"{row.label} {row.state_words}")
    elif row:
        _back_to_payment(by, row, now, reason)
    return payment


def _back_to_payment(by, row: Application, now: datetime, reason: str) -> None:
    """Only from the receipt: while others of its grants still wait to be paid it never left the payment."""
    step = next((each for each in row.regulation.parsed.steps if each.code == row.state), None)
    if step and step.kind == StepKind.RECEIPT:
        take_step(
            by=by, application=row, move=Move.FAIL, now=now, through=StepKind.RECEIPT, doing=Doing(opinion=reason)
        )  # fmt: skip


@transaction.atomic
def pay_back(*, by, grant: Grant, amount: int, reason: str, on: date, now: datetime) -> Voucher:
    """The member, or whoever was paid, gives back a sum: it is available again, and owed to nobody.

    :raises ValidationError: keyed by ``reason``, ``amount`` or ``on``.
    """
    [row] = _locked_grants([grant])
    check_may_pay(by, row.fund)
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么退回。"})
    if (paid := row.payments.filter(state__in=PAID).first()) is None:
        raise ValidationError("这笔还没有发放，谈不上退回。")
    if on < paid.on:
        raise ValidationError({"on": f"这笔 {paid.on} 才发放，退回不会早于那天，请核对日期。"})
    voucher = repay(row.reservation, Desk(on, now, by.pk), amount=amount, words=_words(row).replace("发放", "退回"))
    audit.write(audit.Act.EDIT, f"grant:{row.pk}", repaid=amount, reason=reason)
    return voucher
