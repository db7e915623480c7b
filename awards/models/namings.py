"""Naming after a model, and the stories told of models (中办发〔2019〕11号 五; M06)."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from awards.models.honours import Honour
from awards.models.kept import Kept, KeptQuerySet
from base.dates import FAR
from duties.policy.models import Clause
from members.models import PATH_LENGTH, Organisation, Person


class ToldQuerySet(KeptQuerySet):
    def told(self):
        """Those of which the time line of a member tells."""
        return self.standing()


class Naming(Kept):
    """命名: a team, a room or a crew named after a model, by an organisation. Written by :mod:`awards.namings`.

    ``rank``: at which rank the organisation that named stands, which the roster does not say. ``clause``: what allowed
    it; where no adopted policy does, ``reason`` says why it was named all the same. ``until``: the day it ended.
    """

    class What(models.TextChoices):
        TEAM = "team", "工作团队"
        STUDIO = "studio", "工作室"
        CREW = "crew", "生产班组"
        ROOM = "room", "党员活动室"
        OTHER = "other", "其他"

    class Rank(models.TextChoices):
        CITY = "city", "地市级以上党组织"
        COUNTY = "county", "县处级党组织"
        BASE = "base", "基层党组织"

    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="namings")
    honour = models.ForeignKey(Honour, models.PROTECT, null=True, related_name="namings")
    after = models.CharField("以谁命名", max_length=30)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="namings")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    what = models.CharField("命名对象", max_length=8, choices=What)
    name = models.CharField("名称", max_length=60)
    rank = models.CharField("命名单位层级", max_length=8, choices=Rank)
    decided_on = models.DateField("决定日期")
    until = models.DateField("至", default=FAR)
    document = models.CharField("文号", max_length=60, blank=True)
    clause = models.ForeignKey(Clause, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField("没有制度允许仍命名的理由", max_length=200, blank=True)
    ended_reason = models.CharField("结束的原因", max_length=200, blank=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        verbose_name = "命名"
        constraints = [
            models.CheckConstraint(condition=Q(decided_on__lt=F("until")), name="naming_interval"),
            models.UniqueConstraint(
                fields=["organisation", "name", "decided_on"], condition=Q(withdrawn_on=None), name="same_naming_once"
            ),
        ]
        indexes = [models.Index(fields=["path", "decided_on"], name="namings_in_subtree")]

    def __str__(self):
        return f"{self.name} by {self.organisation_id}"

    @property
    def ended_on(self) -> date | None:
        """The day from which it is no longer so called."""
        return None if self.until == FAR else self.until

    def story(self) -> list[tuple[date, str, str]]:
        """Its days on the time line of the member after whom it was named."""
        by = self.organisation.label
        found = [(self.decided_on, "以他命名", f"{self.name}（{self.get_what_display()}，{by}）")]
        return found + ([(self.until, "命名结束", self.name)] if self.ended_on else [])


class Story(Kept):
    """典型宣传: a member or an organisation told of as a model, once, in one place. Written by :mod:`awards.stories`.

    ``organisation``: the one told of, or where the member stood that day.
    """

    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="stories")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="stories")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    title = models.CharField("标题", max_length=60)
    outlet = models.CharField("在哪里宣传", max_length=60)
    on = models.DateField("日期", db_column="on_day")
    reference = models.CharField("链接或期号", max_length=200, blank=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        verbose_name = "典型宣传"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "title", "outlet", "on"],
                condition=Q(withdrawn_on=None, person__isnull=False), name="same_story_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "title", "outlet", "on"],
                condition=Q(withdrawn_on=None, person__isnull=True), name="same_story_of_organisation_once",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["path", "on"], name="stories_in_subtree")]

    def __str__(self):
        return f"{self.title} of {self.person_id or self.organisation_id}"

    def story(self) -> list[tuple[date, str, str]]:
        """Its day on the time line of the member."""
        return [(self.on, "典型宣传", f"{self.title}（{self.outlet}）")]
