"""Rows of 督办: the notice, the duties it names, and each answer. No score, no consequence: words and days."""

from django.db import models
from django.db.models import Q

from base.sealed import SealedTextField
from duties.engine.models import Duty, Record
from duties.policy.models import Rule
from members.models import PATH_LENGTH, Event, Organisation, Person
from members.scope import ScopedQuerySet, sealed_at


class SupervisionQuerySet(ScopedQuerySet):
    scope_path = "path"

    def with_names(self):
        """All that a list shows; the words are left sealed."""
        answers = Answer.objects.select_related("by").defer("text", "reason", *sealed_at("by")).order_by("pk")
        rows = self.select_related("organisation", "sender", "event")
        duties = Duty.objects.only("event", "rule", "key", "state")
        rows = rows.prefetch_related(models.Prefetch("answers", answers), models.Prefetch("event__duties", duties))
        return rows.defer("text", "event__note")


class Supervision(models.Model):
    """督办: an organisation above asks one below to account for something by a day. Written by
    :mod:`ledgers.supervision.acts`.

    ``event`` is the task that makes it a duty of the organisation. ``figures``: those of the indicators that it names
    (``kind`` in ``year``), as they stood when it was sent.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="supervisions")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    sender = models.ForeignKey(Organisation, models.PROTECT, related_name="supervisions_sent")
    subject = models.CharField("督办事项", max_length=60)
    text = SealedTextField("督办内容")
    kind = models.CharField("指标", max_length=12, blank=True)
    year = models.PositiveSmallIntegerField("年度", null=True)
    figures = models.JSONField("发出时的数", default=dict)
    issued_on = models.DateField("发出日期")
    issued_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="supervision")
    settled_on = models.DateField("认可日期", null=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = SupervisionQuerySet.as_manager()

    class Meta:
        verbose_name = "督办"
        indexes = [models.Index(fields=["path", "issued_on"], name="supervision_in_subtree")]

    def __str__(self):
        return f"supervision of {self.organisation_id} {self.issued_on}"

    @property
    def standing(self) -> "Answer | None":
        """The answer that still stands; of rows fetched with :meth:`SupervisionQuerySet.with_names`."""
        return next((each for each in reversed(self.answers.all()) if each.stands), None)


class NamedDuty(models.Model):
    """点名的应办: one duty that a notice names; by rule and key, as nothing refers to a duty's number."""

    supervision = models.ForeignKey(Supervision, models.CASCADE, related_name="named")
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="+")
    key = models.CharField(max_length=60)

    class Meta:
        verbose_name = "点名的应办"
        constraints = [models.UniqueConstraint(fields=["supervision", "rule", "key"], name="named_once")]

    def __str__(self):
        return f"{self.rule_id} {self.key}"


class Answer(models.Model):
    """督办答复: what the organisation said, with the record that closed its duty; sent back or withdrawn, it stays and
    the next follows.
    """

    supervision = models.ForeignKey(Supervision, models.CASCADE, related_name="answers")
    text = SealedTextField("答复")
    on = models.DateField("答复日期", db_column="on_day")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    due_on = models.DateField("当时的期限")
    record = models.OneToOneField(Record, models.PROTECT, related_name="supervision_answer")
    returned_on = models.DateField("退回日期", null=True)
    returned_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = SealedTextField("退回原因", blank=True)
    withdrawn_on = models.DateField("撤回日期", null=True)

    class Meta:
        verbose_name = "督办答复"
        constraints = [
            models.UniqueConstraint(
                fields=["supervision"], condition=Q(returned_on=None, withdrawn_on=None), name="one_standing_answer"
            )
        ]

    def __str__(self):
        return f"answer of {self.supervision_id} {self.on}"

    @property
    def stands(self) -> bool:
        """Whether it was neither sent back nor withdrawn."""
        return self.returned_on is None and self.withdrawn_on is None

    @property
    def late(self) -> bool:
        return self.on > self.due_on
