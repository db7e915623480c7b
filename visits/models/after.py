"""What follows a talk or a visit: words added to it. Each row points to the record; what was written stays."""

from django.db import models

from base.sealed import SealedTextField
from duties.engine.models import Record
from members.models import Person
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
