"""Yearly plans of care: what an organisation means to do in a year. What was done is counted, not stored."""

from datetime import date

from django.db import models

from duties.engine.models import Action, Record
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import ScopedQuerySet


class CarePlan(models.Model):
    """年度关怀计划: of one organisation for one year, a draft until it is approved. Written by :mod:`awards.planning`.

    ``record`` closes what the organisation owes by drawing up a plan.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="care_plans")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    year = models.PositiveSmallIntegerField("年度")
    approved_on = models.DateField("批准日期", null=True)
    meeting = models.CharField("批准的会议或文号", max_length=60, blank=True)
    record = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="care_plan")
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField("版次", default=1)

    class CarePlanQuerySet(ScopedQuerySet):
        scope_path = "path"

    objects = CarePlanQuerySet.as_manager()

    class Meta:
        verbose_name = "年度关怀计划"
        constraints = [models.UniqueConstraint(fields=["organisation", "year"], name="one_plan_a_year")]
        indexes = [models.Index(fields=["path", "year"], name="plans_in_subtree")]

    def __str__(self):
        return f"plan of {self.organisation_id} for {self.year}"

    @property
    def first(self) -> date:
        return date(self.year, 1, 1)

    @property
    def last(self) -> date:
        return date(self.year, 12, 31)


class PlanItem(models.Model):
    """计划事项: one thing that the plan names; ``action``: which records tell that it was done, none if they cannot."""

    plan = models.ForeignKey(CarePlan, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    what = models.CharField("做什么", max_length=200)
    action = models.CharField("怎样算办了", max_length=24, choices=Action, blank=True)
    whom = models.CharField("对谁", max_length=60, blank=True)
    times = models.PositiveSmallIntegerField("几次", null=True)
    due_on = models.DateField("哪天前", null=True)
    who = models.CharField("谁负责", max_length=60, blank=True)

    class PlanItemQuerySet(ScopedQuerySet):
        scope_path = "plan__path"

    objects = PlanItemQuerySet.as_manager()

    class Meta:
        verbose_name = "计划事项"
        constraints = [models.UniqueConstraint(fields=["plan", "position"], name="one_item_a_place")]

    def __str__(self):
        return f"item {self.position} of plan {self.plan_id}"
