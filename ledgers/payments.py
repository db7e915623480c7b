"""资金发放台账: every payment out of the care funds: whom, how much, by which decision, how it went, who signed.

Nothing is brought in by it: payments are made on the cashier's desk.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Count, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from base.writing import Format
from fund.models import Payment
from fund.paydesk import masked_account
from ledgers.ledger import Column, Ledger, Part, Reader
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end, sealed_at

GONE = (Payment.State.PAID, Payment.State.RECEIVED)


def _payments(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """Payments of the period out of the funds of the organisation and those below it."""
    rows = Payment.objects.all()
    if reader.account is not None:
        rows = Payment.objects.visible_to(reader.account, Capability.READ_BOOKS)
    fund = "grant__fund__organisation__path"
    away = ["grant__application__content", "grant__decision__reason", "grant__decision__snapshot"]
    return (
        rows.filter(**{f"{fund}__gte": organisation.path, f"{fund}__lt": path_end(organisation.path)})
        .filter(on__range=(first, last))
        .select_related(
            "batch", "voucher", "paid_by", "grant__person", "grant__reservation", "grant__application__organisation",
            "grant__decision__meeting", "grant__allowance__run", "grant__allowance__organisation",
        )
        .defer(*sealed_at("grant__person", "paid_by"), *away)
        .order_by("-on", "-pk")
    )  # fmt: skip


def _where(row: Payment, reader: Reader) -> str:
    if row.grant.application:
        return row.grant.application.organisation.label
    return row.grant.allowance.organisation.label if hasattr(row.grant, "allowance") else ""


def _by(row: Payment, reader: Reader) -> str:
    """The minutes by which it is paid."""
    if row.grant.decision:
        return row.grant.decision.meeting.minutes
    return row.grant.allowance.run.minutes if hasattr(row.grant, "allowance") else ""


def _fen(row: Payment, reader: Reader) -> Decimal:
    return Decimal(row.grant.fen) / 100


def _voucher(row: Payment, reader: Reader) -> str:
    return f"{row.voucher.year}-{row.voucher.number}" if row.voucher else ""


def _account(row: Payment, reader: Reader) -> str:
    return masked_account(row.payee.get("number", ""))


def _signed(row: Payment, reader: Reader) -> str:
    if not row.received_on:
        return ""
    return f"{row.substitute['name']}（{row.substitute['relation']}）代领" if row.substitute else row.grant.whom


def _slip(row: Payment, reader: Reader) -> str:
    return row.slip or (row.batch.slip if row.batch else "")


PAYMENTS = Ledger(
    code="payments",
    title="资金发放台账",
    period="发放日期在期间内的发放，银行退回的也列；党组织是设立这笔资金的党组织，账号只写首尾四位。",
    rows=_payments,
    columns=(
        Column("发放日期", "on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("凭证号", _voucher, 12, part=Part.COMPUTED),
        Column("姓名", "grant.whom", 10, part=Part.KEY, name="name", leads=True),
        Column("所在党组织", _where, 24, part=Part.COMPUTED),
        Column("金额(元)", _fen, 12, Format.MONEY, part=Part.VALUE, name="money"),
        Column("款源", "grant.reservation.get_source_display", 14, part=Part.COMPUTED),
        Column("会议纪要号", _by, 20, part=Part.COMPUTED),
        Column("发放方式", "get_way_display", 10, part=Part.VALUE, name="way"),
        Column("收款账号", _account, 20, part=Part.COMPUTED),
        Column("回单号", _slip, 16, part=Part.COMPUTED),
        Column("状态", "get_state_display", 10, part=Part.COMPUTED),
        Column("签收日期", "received_on", 12, Format.DATE, part=Part.VALUE, name="received_on"),
        Column("签收人", _signed, 16, part=Part.COMPUTED),
        Column("经办人", "paid_by.name", 10, part=Part.COMPUTED),
        Column("退回原因", "failure", 20, part=Part.COMPUTED),
    ),
    subject="grant__person",
    needs=Capability.READ_BOOKS,
    tally=(
        ("{} 笔", Count("pk")),
        ("已发放 {} 笔", Count("pk", filter=Q(state__in=GONE))),
        ("{} 元", Coalesce(Sum(Cast("grant__fen", FloatField()), filter=Q(state__in=GONE)), 0.0) / 100.0),
    ),
    link=lambda row, _: reverse("grant", args=[row.grant_id]),
)
