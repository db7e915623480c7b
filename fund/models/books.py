"""The books of a fund: accounts, the journal, what is set aside, the years. Sums are whole fen everywhere.

Only :mod:`fund.journal` writes vouchers and balances. The database itself keeps the vouchers, donations and seals from
being changed or removed, a voucher from leaving its fund, source and earmark, and a balance from going below zero.
"""

from django.db import models
from django.db.models import F, Q

from base.money import Source
from base.sealed import SealedTextField
from fund.regulation.words import Use
from members.models import Organisation
from members.scope import ScopedQuerySet


class Kind(models.TextChoices):
    """What an account of the books stands for. Those of :data:`OUTSIDE` are the world around and may be negative."""

    INCOME = "income", "收入"
    PASSED = "passed", "上下级拨付"
    AVAILABLE = "available", "可用"
    RESERVED = "reserved", "已预留"
    SPENT = "spent", "已支出"


OUTSIDE = (Kind.INCOME, Kind.PASSED)


class Act(models.TextChoices):
    """What a voucher of the journal records."""

    RECEIVE = "receive", "收入"
    HAND_DOWN = "hand_down", "下拨"
    GET_DOWN = "get_down", "收到下拨"
    RESERVE = "reserve", "预留"
    RELEASE = "release", "解除预留"
    SPEND = "spend", "支出"
    REPAY = "repay", "退回"


class FundQuerySet(ScopedQuerySet):
    scope_path = "organisation__path"


class OfFundQuerySet(ScopedQuerySet):
    """Rows of a fund lie where its organisation stands."""

    scope_path = "fund__organisation__path"


class VoucherQuerySet(OfFundQuerySet):
    def with_sides(self):
        """With all that a line of the journal says; the donor stays sealed."""
        return self.select_related(
            "fund__organisation", "taken", "given", "reservation", "reverses", "reversal", "donation",
            "upper__fund__organisation", "lower__fund__organisation",
        ).defer("donation__donor")  # fmt: skip


class Fund(models.Model):
    """专项资金: the books of one organisation. Written by :func:`fund.services.open_fund`."""

    organisation = models.OneToOneField(Organisation, models.PROTECT, related_name="fund", verbose_name="党组织")
    opened_on = models.DateField("设立日期")

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金"

    def __str__(self):
        return f"fund of organisation {self.organisation_id}"


class AllowedUse(models.Model):
    """款源用途: one thing that money of a source may be spent on. What is not listed is refused."""

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="allowed_uses")
    source = models.CharField("款源", max_length=16, choices=Source)
    use = models.CharField("用途", max_length=16, choices=Use)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "款源用途"
        constraints = [models.UniqueConstraint(fields=["fund", "source", "use"], name="one_row_for_an_allowed_use")]

    def __str__(self):
        return f"{self.source} of fund {self.fund_id} for {self.use}"


class BookYear(models.Model):
    """年度账: one year of a fund: its budget, what of it is bound, its last number.

    Its row is the lock under which all vouchers of the year are numbered.
    """

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("最后一号", default=0)
    budget = models.PositiveBigIntegerField("预算（分）", null=True, help_text="空：没有核定，不限")
    used = models.BigIntegerField("已占用预算（分）", default=0, help_text="预留的和支出的，减去解除的和退回的")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "年度账"
        constraints = [
            models.UniqueConstraint(fields=["fund", "year"], name="one_book_for_a_year"),
            models.CheckConstraint(
                condition=Q(used__gte=0) & (Q(budget__isnull=True) | Q(used__lte=F("budget"))), name="within_the_budget"
            ),
        ]

    def __str__(self):
        return f"{self.year} of fund {self.fund_id}"


class BookAccount(models.Model):
    """科目: what lies in one place of a fund, of one source and earmark. ``balance`` is the sum of its vouchers."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="accounts")
    kind = models.CharField("科目", max_length=12, choices=Kind)
    source = models.CharField("款源", max_length=16, choices=Source)
    earmark = models.CharField("指定用途", max_length=16, choices=Use, blank=True)
    balance = models.BigIntegerField("余额（分）", default=0)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "资金科目"
        constraints = [
            models.UniqueConstraint(fields=["fund", "kind", "source", "earmark"], name="one_account_for_a_source"),
            models.CheckConstraint(condition=Q(kind__in=OUTSIDE) | Q(balance__gte=0), name="no_balance_below_zero"),
        ]

    def __str__(self):
        return f"{self.kind} of {self.source} in fund {self.fund_id}"

    @property
    def is_outside(self) -> bool:
        """Whether it stands for the world around, so that its balance says nothing of what there is."""
        return self.kind in OUTSIDE


class Reservation(models.Model):
    """预留: what was decided for somebody or something and is kept for it. ``unpaid`` waits, ``spent`` was paid."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="reservations")
    source = models.CharField("款源", max_length=16, choices=Source)
    earmark = models.CharField("指定用途", max_length=16, choices=Use, blank=True)
    use = models.CharField("用途", max_length=16, choices=Use)
    year = models.PositiveSmallIntegerField("预算年度")
    subject = models.CharField("属于", max_length=60, db_index=True, help_text="例如 application:8；不含姓名")
    amount = models.PositiveBigIntegerField("预留（分）")
    unpaid = models.BigIntegerField("待付（分）", default=0)
    spent = models.BigIntegerField("已付（分）", default=0)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "预留"
        constraints = [
            models.CheckConstraint(
                condition=Q(unpaid__gte=0, spent__gte=0, amount__gte=F("unpaid") + F("spent")),
                name="no_more_than_was_reserved",
            )
        ]

    def __str__(self):
        return f"reservation {self.pk} for {self.subject}"


class Voucher(models.Model):
    """凭证: one sum, taken out of one account and put into another, so that every voucher sums to zero.

    ``taken_balance`` and ``given_balance`` are what the two accounts hold after it. Corrected only by a voucher that
    ``reverses`` it, once. A sum passed down is two vouchers, one in each book; the lower names the upper as ``upper``.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="vouchers")
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("凭证号")
    act = models.CharField("事项", max_length=12, choices=Act)
    on = models.DateField("日期")
    at = models.DateTimeField("记账时间")
    account = models.BigIntegerField("记账人", null=True, help_text="账号主键；命令为空")
    taken = models.ForeignKey(BookAccount, models.PROTECT, related_name="taken_vouchers", verbose_name="自")
    given = models.ForeignKey(BookAccount, models.PROTECT, related_name="given_vouchers", verbose_name="至")
    amount = models.PositiveBigIntegerField("金额（分）")
    taken_balance = models.BigIntegerField("自科目余额（分）")
    given_balance = models.BigIntegerField("至科目余额（分）")
    reservation = models.ForeignKey(Reservation, models.PROTECT, null=True, related_name="vouchers")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversal", verbose_name="冲销")
    upper = models.OneToOneField("self", models.PROTECT, null=True, related_name="lower", verbose_name="上级凭证")
    words = models.CharField("摘要", max_length=120, blank=True, help_text="不含姓名与号码")

    objects = VoucherQuerySet.as_manager()

    class Meta:
        verbose_name = "记账凭证"
        constraints = [
            models.UniqueConstraint(fields=["fund", "year", "number"], name="one_voucher_for_a_number"),
            models.CheckConstraint(condition=Q(amount__gt=0) & ~Q(taken=F("given")), name="a_voucher_moves_a_sum"),
        ]
        indexes = [models.Index(fields=["fund", "on", "id"], name="vouchers_by_day")]

    def __str__(self):
        return f"voucher {self.year}-{self.number} of fund {self.fund_id}"

    @property
    def label(self) -> str:
        """Its number as people say it: ``2026-214``."""
        return f"{self.year}-{self.number}"


class Donation(models.Model):
    """捐赠: who gave the money of a voucher, and under which receipt. Append-only as the voucher is."""

    voucher = models.OneToOneField(Voucher, models.PROTECT, related_name="donation")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="donations")
    receipt = models.CharField("收据号", max_length=40)
    donor = SealedTextField("捐赠人")
    anonymous = models.BooleanField("公开时匿名", default=False)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "捐赠"
        constraints = [models.UniqueConstraint(fields=["fund", "receipt"], name="one_donation_for_a_receipt")]

    def __str__(self):
        return f"donation of voucher {self.voucher_id}"

    @property
    def public_name(self) -> str:
        """The donor as a public notice may say it."""
        return "匿名" if self.anonymous else self.donor


class JournalSeal(models.Model):
    """凭证封条: a run of numbers of one book and year, closed by a keyed digest of each and one over all."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="seals")
    year = models.PositiveSmallIntegerField("年度")
    first = models.PositiveIntegerField("第一号")
    last = models.PositiveIntegerField("最后一号")
    at = models.DateTimeField("封存时间")
    key = models.CharField("密钥", max_length=40, help_text="SEAL_KEYS 中的代号")
    marks = models.BinaryField("逐号摘要")
    previous = models.CharField("上一封条摘要", max_length=64, blank=True)
    digest = models.CharField("摘要", max_length=64)

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "凭证封条"
        constraints = [models.UniqueConstraint(fields=["fund", "year", "first"], name="one_seal_for_a_run")]

    def __str__(self):
        return f"seal of {self.first} to {self.last} in {self.year} of fund {self.fund_id}"


class BookCheck(models.Model):
    """账簿核验: what ``check_books`` found when it last ran."""

    at = models.DateTimeField("核验时间")
    vouchers = models.PositiveIntegerField("凭证数")
    found = models.PositiveIntegerField("不符处数", default=0)
    breaks = models.JSONField("不符之处", default=list, blank=True, help_text="最先的几处")

    class Meta:
        verbose_name = "账簿核验"

    def __str__(self):
        return f"check of {self.at:%F %T}"
