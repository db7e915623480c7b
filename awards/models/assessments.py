"""Yearly assessments of secretaries: how they led party work in a year, as the organisation above judged it."""

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from base.sealed import SealedTextField
from duties.engine.models import Record
from members.enums import Capability, EventKind
from members.models import PATH_LENGTH, Event, Organisation, Person
from members.scope import Scope, ScopedQuerySet, sealed_at


class Grade(models.TextChoices):
    """考核等次. Words, never a number: nobody is ranked."""

    EXCELLENT = "excellent", "优秀"
    GOOD = "good", "良好"
    FAIR = "fair", "一般"
    POOR = "poor", "较差"


TO_MEND = (Grade.FAIR, Grade.POOR)
"""Grades after which the secretary is talked to and mends what was found by a day (S2 三(一)1)."""

NO_ALLOWANCE = (Grade.POOR,)
"""Grades with which a part-time secretary did not pass, so that no allowance for the year is due (S2 三(一)3)."""


SOURCE = "assessment:"
"""What the tasks that follow from an assessment name as their source, before its number."""


class AssessmentQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """For those who look over the organisation that assessed; to look at, for the secretary himself and for whom
        the reminder talk was given to.
        """
        above = scope.q("path", capability)
        if capability != Capability.VIEW or not scope.person:
            return above
        given = Event.objects.filter(addressee=scope.person, kind=EventKind.TASK, withdrawn_on__isnull=True)
        named = Concat(Value(SOURCE), Cast(OuterRef("pk"), models.CharField()))
        return above | Q(secretary=scope.person) | Exists(given.filter(source=named))

    def standing(self):
        return self.filter(withdrawn_on__isnull=True)

    def with_names(self):
        """All that a list shows."""
        people = ("secretary", "entered_by")
        rows = self.select_related("organisation", "assessor", *people)
        return rows.defer("remarks", *sealed_at(*people))

    def told(self):
        """Those of which the secretary's time line tells."""
        return self.standing().select_related("organisation")


class Assessment(models.Model):
    """书记考核: how the secretary of one organisation led party work in one year. Written by :mod:`awards.assessing`.

    ``path`` is that of ``assessor``, the organisation above that judged: nobody below it sees the row but the
    secretary and who owes him the talk. ``record`` closes what the assessor owes; reminder talk and mending are tasks
    whose source names it.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(Organisation, models.PROTECT, related_name="assessments_made")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    secretary = models.ForeignKey(Person, models.PROTECT, related_name="assessments")
    year = models.PositiveSmallIntegerField("年度")
    grade = models.CharField("等次", max_length=12, choices=Grade)
    on = models.DateField("考核日期", db_column="on_day")
    meeting = models.CharField("考核会议", max_length=60, blank=True)
    remarks = SealedTextField("考核意见", blank=True)
    mend_by = models.DateField("整改期限", null=True)
    record = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="assessment")
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = "书记考核"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "year"], condition=Q(withdrawn_on=None), name="one_assessment_a_year"
            )
        ]
        indexes = [models.Index(fields=["path", "on"], name="assessments_in_subtree")]

    def __str__(self):
        return f"assessment of {self.organisation_id} in {self.year}"

    @property
    def source(self) -> str:
        """What the tasks that follow from it name as their source."""
        return f"{SOURCE}{self.pk}"

    def story(self):
        """Its day on the secretary's time line."""
        return [(self.on, "书记考核", f"{self.organisation.label} {self.year} 年度：{self.get_grade_display()}")]
