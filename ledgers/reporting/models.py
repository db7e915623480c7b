"""Rows of 情况报告: the report and each time it was sent back to be completed."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from base.sealed import SealedTextField
from duties.engine.models import Record
from members.models import LATE_DAYS, PATH_LENGTH, Event, Organisation, Person
from members.scope import ScopedQuerySet, sealed_at


class ReportQuerySet(ScopedQuerySet):
    scope_path = "path"

    def with_names(self):
        """All that a list shows; the words are left sealed."""
        returns = SentBack.objects.defer("text", "reason").order_by("pk")
        people = ("sent_by", "received_by")
        rows = self.select_related("organisation", "superior", "event", "below__organisation", *people)
        rows = rows.prefetch_related(models.Prefetch("returns", returns))
        return rows.defer("text", "answer", "event__note", "below__text", "below__answer", *sealed_at(*people))

    def standing(self):
        """Those that were not taken back."""
        return self.filter(withdrawn_on=None)


class Report(models.Model):
    """情况报告: an organisation tells the one above it of something. Written by :mod:`ledgers.reporting.acts`.

    ``superior`` is the organisation above; where none stands in the product, ``outside`` names it in words and nothing
    is received here. ``event`` is the task that waits now: to receive it, or to complete it. ``figures``: of a yearly
    summary those of the indicators, as they stood on ``figures_on``. ``below``: the report that this one hands on.
    ``record``: what closes a duty to report, where a kind of report does.
    """

    class Kind(models.TextChoices):
        MATTER = "matter", "重要情况"
        ADVICE = "advice", "意见建议"
        SUMMARY = "summary", "年度总结"
        VISITS = "visits", "走访慰问情况"
        MEETING = "meeting", "会议研究情况"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reports_sent")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    superior = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="reports_received")
    outside = models.CharField("报送单位", max_length=60, blank=True)
    kind = models.CharField("种类", max_length=8, choices=Kind)
    title = models.CharField("标题", max_length=60)
    text = SealedTextField("内容")
    paper = models.CharField("文件编号", max_length=60, blank=True)
    happened_on = models.DateField("发生日期")
    year = models.PositiveSmallIntegerField("年度", null=True)
    figures = models.JSONField("报送时的数", default=dict)
    figures_on = models.DateField("数据截至", null=True)
    sent_on = models.DateField("报送日期")
    sent_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    below = models.ForeignKey("self", models.PROTECT, null=True, related_name="handed_on")
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="report")
    record = models.OneToOneField(Record, models.PROTECT, null=True, related_name="report")
    received_on = models.DateField("签收日期", null=True)
    received_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = SealedTextField("答复", blank=True)
    answered_on = models.DateField("答复日期", null=True)
    withdrawn_on = models.DateField("撤回日期", null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = "情况报告"
        indexes = [
            models.Index(fields=["path", "sent_on"], name="report_in_subtree"),
            models.Index(fields=["superior", "sent_on"], name="report_of_superior"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year"],
                condition=Q(kind="summary", withdrawn_on=None),
                name="one_summary_a_year",
            )
        ]

    def __str__(self):
        return f"report {self.pk} of {self.organisation_id}"

    @property
    def late(self) -> bool:
        """Whether it is 补报: told of later than a day or two after it happened. A summary is written afterwards,
        and what is handed on was told by the one below, late or not.
        """
        own = self.kind != self.Kind.SUMMARY and self.below_id is None
        return own and self.sent_on > self.happened_on + timedelta(days=LATE_DAYS)

    @property
    def to(self) -> str:
        """To whom it went."""
        return self.superior.label if self.superior else self.outside

    @property
    def sent_back(self) -> "SentBack | None":
        """The return that was not answered yet; of rows fetched with :meth:`ReportQuerySet.with_names`."""
        return next((each for each in self.returns.all() if each.resent_on is None), None)


class SentBack(models.Model):
    """退回补充: a report went back to be completed, with the words it had then; the next stand in the report."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="returns")
    text = SealedTextField("当时的内容")
    reason = SealedTextField("退回原因")
    returned_on = models.DateField("退回日期")
    returned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField("补充期限")
    resent_on = models.DateField("补充日期", null=True)

    class Meta:
        verbose_name = "退回补充"
        constraints = [models.UniqueConstraint(fields=["report"], condition=Q(resent_on=None), name="one_return_runs")]

    def __str__(self):
        return f"return of {self.report_id} {self.returned_on}"
