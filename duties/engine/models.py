"""Duty, record and waiver: what is to be done, what was done, what need not be done."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from base.dates import FAR
from duties.policy.models import Rule
from members.enums import Capability
from members.models import LATE_DAYS, PATH_LENGTH, Event, Organisation, Person, Tie
from members.scope import Scope, ScopedQuerySet, sealed_at


class State(models.TextChoices):
    OPEN = "open", "待办"
    DONE = "done", "已办结"
    WAIVED = "waived", "免办"
    VOID = "void", "作废"
    LAPSED = "lapsed", "已过期，可不办"


class Action(models.TextChoices):
    """What closes a duty; each has one form, named in ``config.settings.ACTION_FORMS``."""

    TALK = "talk", "谈心谈话"
    VISIT = "visit", "走访慰问"
    GREETING = "greeting", "政治生日祝贺"
    CONDOLENCE = "condolence", "吊唁慰问"
    STUDY = "study", "集中学习"
    REPORT = "report", "报送情况"


class DutyQuerySet(ScopedQuerySet):
    scope_path = "path"

    def scoped(self, scope: Scope, capability: Capability):
        """Those in the subtree; to look at, also those the person owes by name (see :meth:`bound_to`)."""
        here = scope.q("path", capability)
        return here | self.bound_to(scope) if capability == Capability.VIEW else here

    @staticmethod
    def bound_to(scope: Scope) -> Q:
        """Duties that bind this very person: as actor, as addressee, or through the tie that the rule names."""
        bound = Q(actor=scope.person) if scope.person else Q(pk__in=[])
        for kind in scope.tied:
            ties = Tie.objects.on(scope.day).filter(person=OuterRef("member"), to=scope.person, kind=kind)
            rules = Rule.objects.filter(spec__responsible__tie=kind)
            bound |= Q(rule__in=rules.values("pk"), actor__isnull=True) & ~Q(member=scope.person) & Exists(ties)
        return bound

    def open(self):
        return self.filter(state=State.OPEN)

    def open_on(self, day: date):
        """Open duties whose window has begun."""
        return self.open().filter(opens_on__lte=day)

    def overdue_on(self, day: date):
        return self.open().filter(due_on__lt=day)

    def due_within(self, day: date, days: int):
        """Open on ``day``, due on it or in the ``days`` after it."""
        return self.open_on(day).filter(due_on__gte=day, due_on__lte=date.fromordinal(day.toordinal() + days))

    def with_sources(self):
        """All that a duty row shows: rule, clause, policy, member, event, organisation."""
        rows = self.select_related("rule__clause__policy", "member", "actor", "event", "organisation", "closed_by")
        return rows.defer(*sealed_at("member", "actor"), "event__note")


class Duty(models.Model):
    """应办事项: one thing one role owes one member by one date, because one clause says so.

    Written by the engine's statements only; a function of policy, facts, records, waivers and the day.
    Overdue is not a column: ask :meth:`DutyQuerySet.overdue_on`. ``closes_on`` is the last day of an act that counts,
    FAR where late acts count without limit. Nothing refers to a duty's primary key; (rule, key) is its name.
    """

    rule = models.ForeignKey(Rule, models.CASCADE, db_constraint=False, db_index=False, related_name="duties")
    rule_version = models.PositiveIntegerField(default=1)
    period = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, models.CASCADE, db_constraint=False, related_name="duties")
    path = models.CharField(max_length=PATH_LENGTH, default="")
    member = models.ForeignKey(Person, models.CASCADE, null=True, db_constraint=False, related_name="duties")
    actor = models.ForeignKey(Person, models.CASCADE, null=True, db_constraint=False, related_name="owed_duties")
    event = models.ForeignKey(
        Event, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="duties"
    )
    opens_on = models.DateField("可办起")
    counts_from = models.DateField("计入起")
    due_on = models.DateField("到期")
    closes_on = models.DateField("最晚可办", default=FAR)
    held_to = models.DateField("条件成立至", default=FAR)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    closed_by = models.ForeignKey(
        "Record", models.SET_NULL, null=True, db_constraint=False, related_name="closed_duties"
    )
    closed_on = models.DateField("办结或作废日期", null=True)
    reason = models.CharField("作废原因", max_length=24, default="")

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "应办事项"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="one_duty_once")]
        indexes = [
            models.Index(fields=["rule", "period"], name="duty_of_period"),
            models.Index(fields=["path", "state", "due_on"], name="duty_in_subtree"),
        ]

    def __str__(self):
        return f"{self.rule_id} {self.key} {self.state}"


class Record(models.Model):
    """关怀记录: something was done for a member (or by an organisation) on a day. Withdrawn, never deleted.

    Talks and visits of the floors above point down to it. Which duties it closes is derived, never stored here.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="records")
    path = models.CharField(max_length=PATH_LENGTH)
    member = models.ForeignKey(Person, models.PROTECT, null=True, related_name="records")
    action = models.CharField("办法", max_length=24, choices=Action)
    on = models.DateField("日期", db_column="on_day")
    quantity = models.DecimalField("数量", max_digits=8, decimal_places=2, default=1)
    collective = models.BooleanField("集体", default=False)
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="records")
    entered_at = models.DateTimeField("录入时间", auto_now_add=True)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="entered_records")
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)
    people = models.ManyToManyField(Person, through="RecordPerson", related_name="+")

    class RecordQuerySet(ScopedQuerySet):
        scope_path = "path"

        def scoped(self, scope: Scope, capability: Capability):
            return scope.q("path", capability) | Q(member=scope.person)

        def standing(self):
            """Records that were not withdrawn."""
            return self.filter(withdrawn_on__isnull=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = "关怀记录"
        indexes = [models.Index(fields=["member", "action", "on"], name="record_of_member")]

    def __str__(self):
        return f"{self.action} {self.member_id} {self.on}"

    @property
    def late(self) -> bool:
        return (self.entered_on - self.on).days > LATE_DAYS


class RecordPerson(models.Model):
    """Who acted in a record, with the post as it was printed when entered. Credit never reads the printed post."""

    record = models.ForeignKey(Record, models.CASCADE, related_name="actors")
    person = models.ForeignKey(Person, models.PROTECT, related_name="acted")
    printed_post = models.CharField("当时职务", max_length=60, blank=True)

    class Meta:
        verbose_name = "办理人"
        constraints = [models.UniqueConstraint(fields=["record", "person"], name="acted_once_in_a_record")]

    def __str__(self):
        return f"{self.person_id} in {self.record_id}"


class Waiver(models.Model):
    """免办: somebody answered for not doing this. Keyed by (rule, key), so it survives the duty's re-opening."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="waivers")
    key = models.CharField(max_length=60)
    reason = models.CharField("理由", max_length=200)
    given_on = models.DateField("日期")
    given_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "免办"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="waived_once")]

    def __str__(self):
        return f"waiver {self.rule_id} {self.key}"


class SweptRule(models.Model):
    """How far the sweep has come with a rule: the last day it ran for.

    ``behind`` says that the next sweep must not trust that day: it was a day before its today, so facts of the days
    between were judged too early, or policy changed since.
    """

    rule = models.OneToOneField(Rule, models.CASCADE, related_name="swept")
    on = models.DateField(db_column="on_day")
    behind = models.BooleanField(default=False)

    class Meta:
        verbose_name = "巡检进度"

    def __str__(self):
        return f"{self.rule_id} {self.on}"
