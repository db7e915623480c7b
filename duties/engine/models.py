"""Duty, record and waiver: what is to be done, what was done, what need not be done."""

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from base.dates import FAR
from base.sealed import SealedTextField
from duties.policy.models import Adjustment, Rule
from duties.policy.schema import RuleSpec
from members.enums import Capability
from members.models import LATE_DAYS, PATH_LENGTH, Category, Event, Organisation, Person
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
    PLAN = "plan", "制定年度计划"
    TRAINING = "training", "组织集中培训"
    SELECTION = "selection", "评选表彰"
    ASSESSMENT = "assessment", "考核评议"
    DISCLOSURE = "disclosure", "公开公示"
    REVIEW = "review", "复核更新台账"
    OATH = "oath", "入党宣誓、重温誓词"
    LECTURE = "lecture", "讲党课"
    BRANCH_LIFE = "branch_life", "参加支部活动"
    RESEARCH = "research", "撰写调研报告"
    COMMEND = "commend", "及时表彰表扬"
    INVITATION = "invitation", "邀请参加活动"
    SERVICE = "service", "上门服务"
    AID = "aid", "给予补助帮助"
    REFERRAL = "referral", "心理疏导"
    REMINDER = "reminder", "提醒"
    CLEARING = "clearing", "澄清正名"
    HANDLING = "handling", "办理答复"


HANDED = 1_000
"""The latest duties handed on to one person that are looked for."""


def handed_to(scope: Scope) -> tuple[int, ...]:
    """The duties that were handed on to the scope's person, by number; read once for a page.

    Numbers, so that an index finds the rows beside those of a subtree; a join of the whole table would not.
    """
    if "handed" not in scope.__dict__:
        found = ()
        if scope.person:
            given = Duty.objects.filter(rule__delegations__to=scope.person, rule__delegations__key=F("key"))
            found = tuple(given.order_by("-pk").values_list("pk", flat=True)[:HANDED])
        scope.__dict__["handed"] = found
    return scope.__dict__["handed"]


class DutyQuerySet(ScopedQuerySet):
    scope_path = "path"

    def scoped(self, scope: Scope, capability: Capability):
        """Those in the subtree; to look at, also those the person owes by name (see :meth:`bound_to`). What was done
        about sanctions that are forgotten never was.
        """
        here = scope.q("path", capability)
        bound = self.bound_to(scope) if capability == Capability.VIEW else Q(pk__in=[])
        remembers = set(scope.paths(capability)) <= set(scope.of_committees().paths(Capability.SENSITIVE))
        return here | (bound & ~self.forgotten(scope)) if remembers else (here | bound) & ~self.forgotten(scope)

    @staticmethod
    def forgotten(scope: Scope) -> Q:
        """What was done about sanctions that are all over, see :meth:`members.models.CategoryQuerySet.forgotten`."""
        of_sanctions = Q(rule__in=Rule.objects.filter(sanction=True).values("pk")) & ~Q(state=State.OPEN)
        return of_sanctions & Category.objects.forgotten(scope, "member")

    @staticmethod
    def bound_to(scope: Scope) -> Q:
        """Duties that bind this very person: as actor, as addressee, through the tie that the rule names, or because
        somebody handed them on to them.
        """
        bound = Q(actor=scope.person) if scope.person else Q(pk__in=[])
        if handed := handed_to(scope):
            bound |= Q(pk__in=handed)
        for kind, members in scope.tied:
            rules = Rule.objects.filter(spec__responsible__tie=kind)
            led = set(members) - {scope.person}
            bound |= Q(rule__in=rules.values("pk"), actor__isnull=True, member__in=led)
        return bound

    def open(self):
        return self.filter(state=State.OPEN)

    def open_on(self, day: date):
        """Open duties whose window has begun."""
        return self.open().filter(opens_on__lte=day)

    def overdue_on(self, day: date):
        return self.open().filter(due_on__lt=day)

    def with_sources(self):
        """All that a duty row shows: rule, clause, policy, member, event, organisation."""
        sources = ("rule__clause__policy", "member", "actor", "event", "organisation", "closed_by", "adjustment")
        rows = self.select_related(*sources)
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
    actor = models.ForeignKey(
        Person, models.CASCADE, null=True, db_constraint=False, db_index=False, related_name="owed_duties"
    )
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
        "Record", models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="closed_duties"
    )
    closed_on = models.DateField("办结或作废日期", null=True)
    reason = models.CharField("作废原因", max_length=24, default="")
    adjustment = models.ForeignKey(
        Adjustment, models.SET_NULL, null=True, db_constraint=False, db_index=False, related_name="+",
        help_text="开出时本单位自定的数字",
    )  # fmt: skip
    silent = models.BooleanField("当事人已去世，不再提醒", default=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = "应办事项"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="one_duty_once")]
        indexes = [
            models.Index(fields=["rule", "period"], name="duty_of_period"),
            models.Index(fields=["path", "state", "due_on"], name="duty_in_subtree"),
            models.Index(
                fields=["rule", "due_on", "path", "id"], condition=Q(state=State.OPEN), name="open_duty_by_cell"
            ),
            models.Index(fields=["closed_on", "id"], condition=Q(state=State.DONE), name="done_duty_by_day"),
            models.Index(fields=["member"], condition=Q(silent=True), name="silent_duty"),
            # Few duties bind an actor or come from an event, and none is closed when it opens: what most rows lack
            # costs them nothing.
            models.Index(fields=["actor"], condition=Q(actor__isnull=False), name="duty_of_actor"),
            models.Index(fields=["event"], condition=Q(event__isnull=False), name="duty_of_event"),
            models.Index(fields=["closed_by"], condition=Q(closed_by__isnull=False), name="duty_closed_by"),
        ]

    def __str__(self):
        return f"{self.rule_id} {self.key} {self.state}"

    @cached_property
    def spec(self) -> RuleSpec:
        """The rule with the numbers that the duty has: those of its organisation where it set its own."""
        return self.rule.under(self.adjustment)


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
        indexes = [
            models.Index(fields=["member", "action", "on"], name="record_of_member"),
            models.Index(fields=["path", "on"], name="record_in_subtree"),
            models.Index(fields=["on", "id"], name="record_by_day"),
        ]

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


class Deed(models.Model):
    """办理: what is said about a record whose action has no form of its own (a report, a lecture, a yearly plan).

    Written by :mod:`duties.deeds`. The note may name people and reasons, so it is sealed.
    """

    record = models.OneToOneField(Record, models.CASCADE, related_name="deed")
    note = SealedTextField("办了什么")
    paper = models.CharField("文件或材料编号", max_length=60, blank=True)

    class DeedQuerySet(ScopedQuerySet):
        scope_path = "record__path"

        def scoped(self, scope: Scope, capability: Capability):
            return scope.q("record__path", capability) | Q(record__member=scope.person)

        def with_people(self):
            """All that a deed shows but its note: whom it is about, where it lies, who acted, who wrote it."""
            actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
            rows = self.select_related("record__member", "record__organisation", "record__entered_by", "record__event")
            rows = rows.prefetch_related(models.Prefetch("record__actors", actors))
            return rows.defer("note", *sealed_at("record__member", "record__entered_by"), "record__event__note")

    objects = DeedQuerySet.as_manager()

    class Meta:
        verbose_name = "办理记录"

    def __str__(self):
        return f"deed of record {self.record_id}"


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


class Delegation(models.Model):
    """转办: one duty handed to another post-holder, whose act closes it too. Keyed by (rule, key)."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="delegations")
    key = models.CharField(max_length=60)
    to = models.ForeignKey(Person, models.PROTECT, related_name="delegated_to")
    reason = models.CharField("说明", max_length=200, blank=True)
    given_on = models.DateField("日期")
    given_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "转办"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="delegated_once")]

    def __str__(self):
        return f"delegation {self.rule_id} {self.key}"


class Arrangement(models.Model):
    """安排: when somebody means to do it, and who goes. Only shown; it changes no duty. Keyed by (rule, key)."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="arrangements")
    key = models.CharField(max_length=60)
    on = models.DateField("安排在", db_column="on_day")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="arranged", help_text="谁去")
    given_on = models.DateField("日期")
    given_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "安排"
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="arranged_once")]
        indexes = [models.Index(fields=["on"], name="arranged_by_day")]

    def __str__(self):
        return f"arrangement {self.rule_id} {self.key}"


class DutyCell(models.Model):
    """Duties that a page need not tell apart, and their number. See :mod:`duties.engine.counts`."""

    rule = models.ForeignKey(Rule, models.CASCADE, db_constraint=False, related_name="+")
    period = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State)
    due_on = models.DateField(default=FAR)
    closes_on = models.DateField(default=FAR)
    silent = models.BooleanField(default=False)
    n = models.IntegerField()

    class Meta:
        abstract = True


class DutyTotal(DutyCell):
    """The number of a cell at an organisation and all below it, as the sweep last added it up.

    On PostgreSQL the index of ``one_total_once`` holds the number too (migration 0010): sums read nothing else.
    """

    organisation = models.ForeignKey(
        Organisation, models.CASCADE, db_constraint=False, db_index=False, related_name="duty_totals"
    )

    class Meta:
        verbose_name = "应办事项汇总"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "rule", "period", "state", "due_on", "closes_on", "silent"],
                name="one_total_once",
            )
        ]

    def __str__(self):
        return f"{self.organisation_id} {self.rule_id} {self.state} {self.n}"


class DutyChange(DutyCell):
    """What a fact added to (or took from) a cell, where the duty stands, since the totals were made. Inserted only."""

    path = models.CharField(max_length=PATH_LENGTH)

    class Meta:
        verbose_name = "应办事项变动"
        indexes = [models.Index(fields=["path"], name="duty_change_in_subtree")]

    def __str__(self):
        return f"{self.path} {self.rule_id} {self.state} {self.n:+d}"


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
