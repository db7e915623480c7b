"""Study sessions: an hour of study is a record of each member who was there."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from duties.engine.models import Record
from members.enums import Capability
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import Scope, ScopedQuerySet


class StudySession(models.Model):
    """集中学习: one session of an organisation. Written by :mod:`awards.study`; withdrawn with its last attendance.

    A 轮训 is one of several ``days``; ``training`` is the record by which the organisation did what it owes.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="study_sessions")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    on = models.DateField("日期", db_column="on_day")
    title = models.CharField("主题", max_length=60)
    hours = models.DecimalField("学时", max_digits=3, decimal_places=1)
    organiser = models.ForeignKey(Person, models.PROTECT, related_name="organised_sessions")
    days = models.PositiveSmallIntegerField("天数", null=True)
    training = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="training_session")

    class StudySessionQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            there = Attendance.objects.filter(session=OuterRef("pk"), record__member=scope.person)
            return scope.q("path", capability) | Q(Exists(there))

        def with_attendance(self):
            """Each with ``there``: how many were at it, those taken back aside."""
            there = Attendance.objects.filter(session=OuterRef("pk"), record__withdrawn_on__isnull=True)
            number = there.order_by().values("session").annotate(n=Count("pk")).values("n")
            return self.annotate(there=Coalesce(Subquery(number), 0))

    objects = StudySessionQuerySet.as_manager()

    class Meta:
        verbose_name = "集中学习"
        indexes = [models.Index(fields=["path", "on"], name="study_in_subtree")]

    def __str__(self):
        return f"study of {self.organisation_id} on {self.on}"


class Attendance(models.Model):
    """参加学习: one member at one session; points down to the record that counts the hours."""

    session = models.ForeignKey(StudySession, models.CASCADE, related_name="attendances")
    record = models.OneToOneField(Record, models.CASCADE, related_name="attendance")

    class AttendanceQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            return scope.q("record__path", capability) | Q(record__member=scope.person)

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = "参加学习"

    def __str__(self):
        return f"record {self.record_id} of session {self.session_id}"
