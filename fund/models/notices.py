"""公示: what was shown to everybody and how long, and what was objected to it."""

from django.db import models
from django.db.models import F, Q

from base.sealed import SealedTextField
from fund.models.applications import Application
from fund.models.books import Fund, OfFundQuerySet
from fund.regulation.words import DayCount
from members.enums import Capability
from members.models import LATE_DAYS, Organisation, Person
from members.scope import Scope, ScopedQuerySet


class NoticeQuerySet(OfFundQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """For who reads the books of the fund, and who records where it is posted."""
        books = Capability.READ_BOOKS if capability == Capability.VIEW else capability
        return scope.q("fund__organisation__path", books) | scope.q("organisation__path", Capability.RECORD)


class PublicNotice(models.Model):
    """公示: one list posted for so many days, counted from the day after. Written by :mod:`fund.applying.noticing`.

    ``ends_on`` is its last day; an objection that was answered moves it. ``token`` is its address outside sign-in.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="notices")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    step = models.CharField("步骤", max_length=40)
    token = models.CharField("公开地址", max_length=40, unique=True)
    title = models.CharField("标题", max_length=80)
    words = models.CharField("程序", max_length=300, help_text="依据和程序，不含姓名")
    phone = models.CharField("监督电话", max_length=40)
    office = models.CharField("受理部门", max_length=60)
    place = models.CharField("张贴地点", max_length=80, blank=True)
    posted_on = models.DateField("张贴日期")
    posted_at = models.DateTimeField("录入时间")
    days = models.PositiveSmallIntegerField("天数")
    count = models.CharField("怎样数", max_length=12, choices=DayCount)
    ends_on = models.DateField("最后一天")
    taken_down_on = models.DateField("撤下日期", null=True)
    corrects = models.OneToOneField("self", models.PROTECT, null=True, related_name="corrected_by")
    posted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    result = models.CharField("公示结果", max_length=200, blank=True)
    result_on = models.DateField("结果日期", null=True)
    result_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "公示"
        constraints = [models.CheckConstraint(condition=Q(ends_on__gt=F("posted_on")), name="a_notice_takes_days")]

    def __str__(self):
        return f"notice {self.pk}"

    @property
    def label(self) -> str:
        """公示编号, under which ledgers and papers cite it: ``2026-31``."""
        return f"{self.posted_on.year}-{self.pk}"


class NoticeLine(models.Model):
    """公示名单: one row as it was shown, nothing else of the member. Only grows."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, related_name="notice_lines")
    round = models.PositiveSmallIntegerField("第几次提交")
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("姓名", max_length=60)
    branch = models.CharField("所在党组织", max_length=120)
    category = models.CharField("帮扶类别", max_length=120)
    fen = models.PositiveBigIntegerField("拟帮扶金额（分）")

    class Meta:
        verbose_name = "公示名单"
        constraints = [
            models.UniqueConstraint(fields=["notice", "number"], name="one_row_for_a_number"),
            models.UniqueConstraint(fields=["notice", "application"], name="one_row_for_an_application"),
        ]

    def __str__(self):
        return f"row {self.number} of notice {self.notice_id}"


class ObjectionQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """What was said, for who handles the notice, whatever is asked for; never about oneself or what one filed."""
        manages = scope.q("line__notice__fund__organisation__path", Capability.FUND)
        handles = manages | scope.q("line__notice__organisation__path", Capability.RECORD)
        if scope.person is None:
            return handles
        filed = Q(line__application__filed_by=scope.person, line__application__filed_by__isnull=False)
        return handles & ~Q(line__application__person=scope.person) & ~filed


class Objection(models.Model):
    """异议: what somebody said against a row of a notice, and what was answered in writing."""

    class Outcome(models.TextChoices):
        DISMISSED = "dismissed", "不成立，继续公示"
        CORRECTED = "corrected", "名单有误，更正后重新公示"
        RETURNED = "returned", "退回重新审核"
        UPHELD = "upheld", "成立，不予帮扶"

    line = models.ForeignKey(NoticeLine, models.PROTECT, related_name="objections")
    received_on = models.DateField("收到日期")
    entered_on = models.DateField("登记日期")
    by = SealedTextField("反映人")
    contact = SealedTextField("联系方式", blank=True)
    text = SealedTextField("反映内容")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_on = models.DateField("答复日期", null=True)
    answer = SealedTextField("答复", blank=True)
    outcome = models.CharField("结论", max_length=12, choices=Outcome, blank=True)
    ends_on = models.DateField("这一行公示到", null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = "公示异议"
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, outcome="")
                | (Q(answered_on__gte=F("received_on")) & ~Q(outcome="")),
                name="an_answer_after_what_was_said",
            )
        ]  # fmt: skip

    def __str__(self):
        return f"objection {self.pk}"

    @property
    def late(self) -> bool:
        """Whether it was entered later than a step may be without being labelled."""
        return (self.entered_on - self.received_on).days > LATE_DAYS
