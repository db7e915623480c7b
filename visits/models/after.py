"""What follows a talk or a visit: words added to it, what the member says of it; and what is
agreed on before a talk that a member asked for. Rows point to the record or the request; what was written stays."""

from django.db import models
from django.db.models import Q

from base.sealed import SealedTextField
from duties.engine.models import Record
from members.models import Event, Person
from visits.models.acts import DIGEST


class Addendum(models.Model):
    """补记: words added to a talk or a visit afterwards, never changed. Written by :mod:`visits.addenda`."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="addenda")
    text = SealedTextField("补记内容")
    written_on = models.DateField("补记日期")
    written_at = models.DateTimeField("补记时间", auto_now_add=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="补记人")
    digest = models.CharField(**DIGEST)

    class Meta:
        verbose_name = "补记"

    def __str__(self):
        return f"addendum {self.pk} of record {self.record_id}"


class Confirmation(models.Model):
    """本人确认: what the member says of the record of a talk with him, or that he signed it on paper; once each.

    Written by :mod:`visits.confirming`.
    """

    class Says(models.TextChoices):
        AGREES = "agrees", "本人确认"
        DIFFERS = "differs", "本人有不同意见"
        PAPER = "paper", "纸质签字已存"

    record = models.ForeignKey(Record, models.CASCADE, related_name="confirmations")
    says = models.CharField("怎么说", max_length=8, choices=Says)
    on = models.DateField("日期", db_column="on_day")
    text = SealedTextField("不对的地方", blank=True)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="谁")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "本人确认"
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=Q(says="paper"), name="paper_kept_once"),
            models.UniqueConstraint(fields=["record"], condition=~Q(says="paper"), name="confirmed_once"),
        ]

    def __str__(self):
        return f"{self.says} to record {self.record_id}"


class RequestAnswer(models.Model):
    """约谈答复: where a requested talk will be, another day that somebody would like, why it was held late.

    The day itself is the duty's arrangement, and who talks instead its delegation. Written by :mod:`visits.answering`.
    """

    event = models.OneToOneField(Event, models.CASCADE, related_name="request_answer")
    place = models.CharField("地点", max_length=60, blank=True)
    wished_on = models.DateField("另提的日子", null=True)
    wished_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="谁提的")
    late_reason = models.CharField("超期原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "约谈答复"

    def __str__(self):
        return f"answer to event {self.event_id}"
