"""银行代发清单: what the bank is to pay, as a workbook whose account numbers are texts, so that none loses a digit."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from django.db import transaction

from base import audit
from base.writing import Format, Heading, Sheet, write_workbook
from fund.models import Batch, Payment

PURPOSE = "关怀帮扶资金"
"""What the bank and whoever reads a statement of account learn of it."""

HEADINGS = (
    Heading("序号", 6, Format.NUMBER), Heading("户名", 12), Heading("账号", 26), Heading("开户行", 28),
    Heading("金额（元）", 14, Format.MONEY), Heading("用途", 16), Heading("编号", 10),
)  # fmt: skip


@transaction.atomic
def bank_list(*, by, batch: Batch, payments: Sequence[Payment], reason: str, day: date) -> BinaryIO:
    """The workbook of a batch with whole account numbers; leaves the audit row of who took it and why."""
    audit.write(audit.Act.EXPORT, f"batch:{batch.pk}", reason=reason, rows=len(payments))
    sheet = Sheet(
        title="银行代发清单", unit=batch.fund.organisation.name, period=f"批次 {batch.pk}", as_of=batch.on.isoformat(),
        headings=HEADINGS, rows=[_row(number, each) for number, each in enumerate(payments, 1)],
        filled_by=by.person.name, signed_on=day,
        totals=("合计", "", "", "", Decimal(sum(each.grant.fen for each in payments)) / 100, "", ""),
    )  # fmt: skip
    return write_workbook(sheet)


def _row(number: int, payment: Payment) -> tuple:
    to = payment.payee
    digits = "".join(to["number"].split())
    return number, to["holder"], digits, to["bank"], Decimal(payment.grant.fen) / 100, PURPOSE, str(payment.pk)
