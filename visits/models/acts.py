"""What was said and done face to face: the part of a record that only those who were there and the branch may read."""

from django.db import models

from base.calendar import Occasion
from base.money import Source, money_words
from base.sealed import SealedTextField
from duties.engine.models import Record
from members.enums import Capability
from members.scope import Scope, ScopedQuerySet


class OfRecordQuerySet(ScopedQuerySet):
    """Rows that point down to a record lie where it lies; the member sees those about himself."""

    def scoped(self, scope: Scope, capability: Capability):
        return scope.q("record__path", capability) | models.Q(record__member=scope.person)


class Talk(models.Model):
    """谈心谈话: points down to its record. Written by :mod:`visits.services`; text is sealed."""

    class Means(models.TextChoices):
        FACE = "face", "面谈"
        PHONE = "phone", "电话"
        VIDEO = "video", "视频"
        COLLECTIVE = "collective", "集体"

    class Subject(models.TextChoices):
        YEARLY = "yearly", "年度谈心谈话"
        REGULAR = "regular", "定期谈心谈话"
        BIRTHDAY = "birthday", "政治生日"
        EVENT = "event", "因事由谈话"
        REQUEST = "request", "党员约谈"
        OTHER = "other", "日常谈心"

    record = models.OneToOneField(Record, models.CASCADE, related_name="talk")
    means = models.CharField("方式", max_length=12, choices=Means, default=Means.FACE)
    subject = models.CharField("为什么谈", max_length=12, choices=Subject)
    place = models.CharField("地点", max_length=60, blank=True)
    text = SealedTextField("谈了什么")
    wish = SealedTextField("诉求", blank=True)

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "谈心谈话"

    def __str__(self):
        return f"talk of record {self.record_id}"


class Visit(models.Model):
    """走访慰问: a visit, a greeting on a political birthday, or a condolence; the record's action says which.

    Written by :mod:`visits.visiting`. Sums are whole fen; ``money`` is what was handed over, and ``source`` what it was
    paid from, which only rows of before may leave open. Books of money are kept elsewhere.
    """

    class How(models.TextChoices):
        HOME = "home", "家中"
        HOSPITAL = "hospital", "医院"
        FUNERAL = "funeral", "告别仪式"
        ELSEWHERE = "elsewhere", "其他地方"
        CARD = "card", "贺卡"
        MESSAGE = "message", "短信"
        FACE = "face", "当面"
        PHONE = "phone", "电话"
        OATH = "oath", "重温誓词"

    class Met(models.TextChoices):
        MEMBER = "member", "本人"
        FAMILY = "family", "家属"
        BOTH = "both", "本人和家属"

    record = models.OneToOneField(Record, models.CASCADE, related_name="visit")
    occasion = models.CharField(
        "节日", max_length=12, blank=True, choices=[(each.value, each.label) for each in Occasion]
    )
    how = models.CharField("方式", max_length=12, choices=How)
    met = models.CharField("见到谁", max_length=8, blank=True, choices=Met)
    met_name = models.CharField("家属姓名", max_length=60, blank=True)
    money = models.PositiveBigIntegerField("慰问金（分）", null=True, blank=True)
    source = models.CharField("款源", max_length=16, blank=True, choices=Source)
    gift = models.CharField("慰问品", max_length=200, blank=True)
    gift_value = models.PositiveBigIntegerField("慰问品价值（分）", null=True, blank=True)
    text = SealedTextField("情况", blank=True)
    wish = SealedTextField("诉求", blank=True)
    promised = SealedTextField("答应的事", blank=True)

    objects = OfRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "走访慰问"

    def __str__(self):
        return f"visit of record {self.record_id}"

    @property
    def money_words(self) -> str:
        """500.00 元，留存党费; empty where no money was given."""
        return money_words(self.money, self.source)
