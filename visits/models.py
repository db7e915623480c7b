"""A talk: the part of a record that only its talkers and the branch secretary may read."""

from django.db import models

from base.sealed import SealedTextField
from duties.engine.models import Record
from members.enums import Capability
from members.scope import Scope, ScopedQuerySet


class Talk(models.Model):
    """谈心谈话: points down to its record. Written by :mod:`visits.services`; text is sealed."""

    class Means(models.TextChoices):
        FACE = "face", "面谈"
        PHONE = "phone", "电话"
        VIDEO = "video", "视频"
        COLLECTIVE = "collective", "集体"

    class Subject(models.TextChoices):
        YEARLY = "yearly", "年度谈心谈话"
        BIRTHDAY = "birthday", "政治生日"
        EVENT = "event", "因事由谈话"
        OTHER = "other", "日常谈心"

    record = models.OneToOneField(Record, models.CASCADE, related_name="talk")
    means = models.CharField("方式", max_length=12, choices=Means, default=Means.FACE)
    subject = models.CharField("为什么谈", max_length=12, choices=Subject)
    place = models.CharField("地点", max_length=60, blank=True)
    text = SealedTextField("谈了什么")
    wish = SealedTextField("诉求", blank=True)

    class TalkQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            return scope.q("record__path", capability) | models.Q(record__member=scope.person)

    objects = TalkQuerySet.as_manager()

    class Meta:
        verbose_name = "谈心谈话"

    def __str__(self):
        return f"talk of record {self.record_id}"
