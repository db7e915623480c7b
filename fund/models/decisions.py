"""Meetings that decide, what they decided, and what is to be paid to whom because of it."""

from django.db import models
from django.db.models import F, Q

from base.sealed import SealedTextField
from care.models import Facts
from fund.models.applications import Application
from fund.models.books import Fund, OfFundQuerySet, Reservation, Voucher
from fund.regulation.words import Body
from members.models import Organisation, Person
from members.scope import ScopedQuerySet


class Meeting(models.Model):
    """集体研究: one meeting that decided on applications, as its minutes say.

    Written by :mod:`fund.applying.deciding`.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="meetings")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    body = models.CharField("会议", max_length=32, choices=Body)
    title = models.CharField("会议名称", max_length=80)
    on = models.DateField("日期")
    minutes = models.CharField("纪要号", max_length=60)
    at = models.DateTimeField("录入时间")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="录入人")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "集体研究会议"
        constraints = [models.UniqueConstraint(fields=["fund", "body", "minutes"], name="one_meeting_for_its_minutes")]

    def __str__(self):
        return f"meeting {self.pk}"


class Attendee(models.Model):
    """应到人员: somebody entitled to vote in a meeting, and whether they came. Needs no account."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendees")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.CharField("职务", max_length=120, blank=True)
    present = models.BooleanField("到会", default=True)

    class Meta:
        verbose_name = "应到人员"
        constraints = [models.UniqueConstraint(fields=["meeting", "person"], name="one_seat_for_a_person")]

    def __str__(self):
        return f"{self.person_id} in meeting {self.meeting_id}"


class Decision(models.Model):
    """研究决定: what a meeting decided on one application. Only grows.

    ``snapshot`` is what was decided upon: who, where, class, what was asked and proposed; ``digest`` closes it with the
    outcome by a key, so that neither can be changed unseen.
    """

    class Outcome(models.TextChoices):
        AGREED = "agreed", "同意"
        REFUSED = "refused", "不同意"
        RETURNED = "returned", "退回补正"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="decisions")
    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    round = models.PositiveSmallIntegerField("第几次提交")
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    fen = models.PositiveBigIntegerField("核定金额（分）", default=0)
    entitled = models.PositiveSmallIntegerField("应到")
    present = models.PositiveSmallIntegerField("实到（不含回避）")
    agree = models.PositiveSmallIntegerField("同意")
    against = models.PositiveSmallIntegerField("反对", default=0)
    abstain = models.PositiveSmallIntegerField("弃权", default=0)
    recused = models.JSONField("回避", default=list, help_text="人员主键")
    reason = SealedTextField("理由", blank=True)
    snapshot = Facts("研究时的情况")
    digest = models.CharField("校验值", max_length=120)

    class Meta:
        verbose_name = "研究决定"
        constraints = [
            models.UniqueConstraint(fields=["application", "round"], name="one_decision_for_a_round"),
            models.CheckConstraint(
                condition=Q(present__lte=F("entitled")) & Q(present=F("agree") + F("against") + F("abstain")),
                name="as_many_votes_as_came",
            ),
            models.CheckConstraint(
                condition=(Q(outcome="agreed") & Q(fen__gt=0)) | (~Q(outcome="agreed") & Q(fen=0)),
                name="a_sum_where_it_was_agreed",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"decision {self.pk} on application {self.application_id}"


class Grant(models.Model):
    """应发款: what one fund owes one member because somebody decided so. Where funds share, one for each.

    Its money is its reservation; ``decision`` is empty for what a run decided (children, old members). It is paid to
    the account the meeting saw, unless a payment failed and ``payee`` corrects it.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="grants")
    person = models.ForeignKey(Person, models.PROTECT, related_name="grants")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="grants")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="grants")
    reservation = models.OneToOneField(Reservation, models.PROTECT, related_name="grant")
    fen = models.PositiveBigIntegerField("金额（分）")
    payee = Facts("更正后的收款账户")
    payee_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="更正人")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "应发款"
        constraints = [
            models.UniqueConstraint(fields=["decision", "fund"], name="one_grant_of_a_fund"),
            models.CheckConstraint(
                condition=Q(application__isnull=True, decision__isnull=True)
                | Q(application__isnull=False, decision__isnull=False),
                name="a_decision_for_an_application",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"grant {self.pk}"

    @property
    def for_family(self) -> bool:
        """Whether it is the family's of a dead member: a child's allowance."""
        return hasattr(self, "allowance") and self.allowance.kind == "children"

    @property
    def whom(self) -> str:
        """Whose hands it goes into: the member's, or those of a child's guardian."""
        return self.payee["holder"] if self.for_family else self.person.name


class Way(models.TextChoices):
    """How money is handed over."""

    BANK = "bank", "银行转账"
    CASH = "cash", "现金"


class Batch(models.Model):
    """发放批次: grants that are paid together by one list for the bank."""

    class State(models.TextChoices):
        LISTED = "listed", "待银行处理"
        DONE = "done", "已回单"
        DROPPED = "dropped", "已作废"

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="batches")
    on = models.DateField("日期")
    state = models.CharField("状态", max_length=12, choices=State, default=State.LISTED)
    slip = models.CharField("银行回单号", max_length=60, blank=True)
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = OfFundQuerySet.as_manager()

    class Meta:
        verbose_name = "发放批次"

    def __str__(self):
        return f"batch {self.pk}"


class PaymentQuerySet(ScopedQuerySet):
    """Payments lie where the fund they were paid from stands."""

    scope_path = "grant__fund__organisation__path"


class Payment(models.Model):
    """发放: one grant handed over, or listed to be. Money is its voucher's; a payment that failed is reversed there.

    ``payee`` holds name, account and bank as they were paid to. Of cash two others are present (``witnesses``); whoever
    takes it for the member says who they are and why (``substitute``).
    """

    class State(models.TextChoices):
        LISTED = "listed", "已列入批次"
        PAID = "paid", "已发放"
        RECEIVED = "received", "已签收"
        FAILED = "failed", "发放失败"
        DROPPED = "dropped", "未发出"

    grant = models.ForeignKey(Grant, models.PROTECT, related_name="payments")
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="payments")
    way = models.CharField("方式", max_length=8, choices=Way)
    state = models.CharField("状态", max_length=12, choices=State)
    on = models.DateField("发放日期", null=True)
    payee = Facts("收款人")
    witnesses = models.ManyToManyField(Person, related_name="+", verbose_name="在场人")
    slip = models.CharField("回单号", max_length=60, blank=True)
    voucher = models.OneToOneField(Voucher, models.PROTECT, null=True, related_name="payment")
    paid_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="经办人")
    received_on = models.DateField("签收日期", null=True)
    substitute = Facts("代领")
    failed_on = models.DateField("失败日期", null=True)
    failure = models.CharField("失败原因", max_length=120, blank=True)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        verbose_name = "发放"
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(state__in=("listed", "paid", "received")), name="one_payment_of_a_grant"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("listed", "dropped"))
                | Q(voucher__isnull=False, on__isnull=False),
                name="a_voucher_for_what_was_paid",
            ),
        ]  # fmt: skip

    def __str__(self):
        return f"payment {self.pk}"
