"""What the journal adds up to by month, kept beside it so that pages cost the same however long it is; bank checks."""

from django.db import models

from base.money import Source
from fund.models.books import Act, Fund, OfFundQuerySet, Use


class MonthTotal(models.Model):
    """月度发生额: what the vouchers of one act, source, earmark and use add up to in one month of a book.

    Derived: :mod:`fund.journal` adds each voucher to it, ``check_books`` compares. A reversal counts against what it
    undoes, in its own month; so ``amount`` and ``vouchers`` can be negative.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="totals")
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月")
    act = models.CharField("事项", max_length=12, choices=Act)
    source = models.CharField("款源", max_length=16, choices=Source)
    earmark = models.CharField("指定用途", max_length=16, choices=Use, blank=True)
    use = models.CharField("用途", max_length=16, choices=Use, blank=True)
    amount = models.BigIntegerField("发生额（分）")
    vouchers = models.IntegerField("笔数")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "月度发生额"
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "year", "month", "act", "source", "earmark", "use"], name="one_total_for_a_month"
            )
        ]

    def __str__(self):
        return f"{self.act} of {self.source} in {self.year}-{self.month} of fund {self.fund_id}"


class BankCheck(models.Model):
    """银行对账: what the books held at the end of a day and what the bank's statement says, with the difference said.

    Both sums stand as they were when it was entered; it is never changed, a further one is entered.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="bank_checks")
    on = models.DateField("截止日")
    books = models.BigIntegerField("账面余额（分）")
    bank = models.BigIntegerField("银行对账单余额（分）")
    words = models.CharField("差额说明", max_length=200, blank=True)
    at = models.DateTimeField("对账时间")
    account = models.BigIntegerField("对账人", null=True, help_text="账号主键")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "银行对账"
        indexes = [models.Index(fields=["fund", "on", "id"], name="bank_checks_by_day")]

    def __str__(self):
        return f"bank check of {self.on} of fund {self.fund_id}"

    @property
    def difference(self) -> int:
        """Bank less books, in fen."""
        return self.bank - self.books
