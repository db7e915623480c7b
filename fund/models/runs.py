"""What is paid without an application: allowances that a register says are due, and money that visits gave."""

from django.db import models
from django.db.models import F, Q

from base.money import Source
from care.models import Entry, Facts
from duties.engine.models import Record
from fund.models.books import Fund, OfFundQuerySet, Reservation, Voucher
from fund.models.decisions import Grant
from fund.regulation.words import Body
from members.models import Organisation, Person


class AllowanceRun(models.Model):
    """补助发放: the allowances of one kind that fell due in a year or a month, decided together.

    ``month`` is 0 for what is paid by the year. A draft is prepared from the registers as often as one likes; what a
    body decided stays. The voters are counts, as the minutes say. Written by :mod:`fund.running`.
    """

    class Kind(models.TextChoices):
        CHILDREN = "children", "未成年子女生活补助"
        ELDERLY = "elderly", "老党员生活补贴"

    class State(models.TextChoices):
        DRAFT = "draft", "待集体研究"
        DECIDED = "decided", "已研究"
        DROPPED = "dropped", "已作废"

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="runs")
    kind = models.CharField("补助", max_length=12, choices=Kind)
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份", default=0)
    source = models.CharField("款源", max_length=16, choices=Source)
    each = models.PositiveBigIntegerField("每人（分）", null=True, help_text="子女的由本单位定；老党员的按档次")
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    prepared_on = models.DateField("编制日期")
    prepared_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="编制人")
    body = models.CharField("会议", max_length=32, choices=Body, blank=True)
    decided_on = models.DateField("研究日期", null=True)
    minutes = models.CharField("纪要号", max_length=60, blank=True)
    entitled = models.PositiveSmallIntegerField("应到", default=0)
    present = models.PositiveSmallIntegerField("实到", default=0)
    agree = models.PositiveSmallIntegerField("同意", default=0)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "补助发放"
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "kind", "year", "month"], condition=Q(state="draft"), name="one_draft_of_a_run"
            ),
            models.CheckConstraint(
                condition=~Q(state="decided") | (Q(decided_on__isnull=False) & ~Q(minutes="")),
                name="a_run_was_decided_by_a_body",
            ),
            models.CheckConstraint(
                condition=Q(agree__lte=F("present")) & Q(present__lte=F("entitled")), name="no_more_votes_than_came"
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"run {self.pk}"

    @property
    def title(self) -> str:
        """2026 年 11 月老党员生活补贴."""
        return f"{self.year} 年{f' {self.month} 月' if self.month else ''}{self.get_kind_display()}"


class AllowanceLine(models.Model):
    """补助名单: one allowance, or why somebody in the register has none in this run (``left_out``).

    ``person`` is the old member, or the dead member whose child it is; ``subject`` tells the children of one apart
    without a name. ``to`` holds who is paid, for a child its guardian. With a grant it counts, once for its time.
    """

    run = models.ForeignKey(AllowanceRun, models.CASCADE, related_name="lines")
    kind = models.CharField("补助", max_length=12, choices=AllowanceRun.Kind)
    year = models.PositiveSmallIntegerField("年度")
    month = models.PositiveSmallIntegerField("月份", default=0)
    subject = models.CharField("属于", max_length=60, help_text="例如 m5；不含姓名")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    fen = models.PositiveBigIntegerField("金额（分）", default=0)
    reason = models.CharField("依据", max_length=120, blank=True)
    left_out = models.CharField("为什么没有列入", max_length=120, blank=True)
    to = Facts("领款人")
    grant = models.OneToOneField(Grant, models.PROTECT, null=True, related_name="allowance")

    class Meta:
        verbose_name = "补助名单"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject", "year", "month"], condition=Q(grant__isnull=False),
                name="one_allowance_a_time",
            ),
            models.CheckConstraint(
                condition=Q(fen__gt=0, left_out="") | (Q(fen=0) & ~Q(left_out="")), name="a_sum_or_why_none"
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"line {self.pk} of run {self.run_id}"


class RecordSpending(models.Model):
    """走访记账: the money of one visit as the books have it; reversed when the visit was withdrawn."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="spending")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="spendings")
    reservation = models.OneToOneField(Reservation, models.PROTECT, related_name="spending")
    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="spending")
    minutes = models.CharField("依据纪要号", max_length=60)
    booked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="记账人")
    reversed_on = models.DateField("冲销日期", null=True)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "走访记账"

    def __str__(self):
        return f"spending of record {self.record_id}"
