"""党费减免: what was asked, every step that was taken, and for how long a member pays less or nothing. No money moves.

Only :mod:`fund.relief` writes here. The database itself keeps steps from being changed or removed, one member from
having two applications under way, and one person from recording two different steps of one application.
"""

from datetime import date, timedelta
from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from base.dates import last_day
from base.sealed import SealedTextField
from fund.models.applications import Filer
from fund.regulation.reckoning import yuan
from members.enums import NO_DUES, Capability, Role
from members.models import PATH_LENGTH, Event, Organisation, Person
from members.scope import Scope, ScopedQuerySet

SOON = timedelta(days=30)
"""So long before its last day a relief is said to end soon, as the rule ``dues-relief-ends`` tells of it."""


class ReliefKind(models.TextChoices):
    """What is asked or granted."""

    LESS = "less", "少交"
    NONE = "none", NO_DUES


class ReliefState(models.TextChoices):
    """Where an application stands: what it waits for, or how it ended."""

    BRANCH = "branch", "待支部讨论"
    GENERAL = "general", "待总支提出意见"
    COMMITTEE = "committee", "待党委审批"
    RETURNED = "returned", "已退回修改"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "未批准"
    WITHDRAWN = "withdrawn", "已撤回"
    STOPPED = "stopped", "已终止"


WAITING = (ReliefState.BRANCH, ReliefState.GENERAL, ReliefState.COMMITTEE)
RUNNING = (*WAITING, ReliefState.RETURNED)


class ReliefMove(models.TextChoices):
    """What a step did."""

    FILE = "file", "申请"
    PASS = "pass", "同意"
    AGAINST = "against", "不同意"
    RETURN = "return", "退回修改"
    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不批准"
    WITHDRAW = "withdraw", "撤回"
    STOP = "stop", "终止"
    END = "end", "提前结束"


class Force(StrEnum):
    """What of an approved relief a day finds."""

    AHEAD = "尚未开始"
    RUNS = "执行中"
    ENDS_SOON = "即将到期"
    OVER = "已到期"
    CUT = "已提前结束"


def months_words(since: date, until: date) -> str:
    """2026-12 至 2027-11, of whole months, half open."""
    return f"{since:%Y-%m} 至 {last_day(until):%Y-%m}"


def terms_words(kind: str, fen: int | None, since: date, until: date) -> str:
    """免交，2026-12 至 2027-11; of who pays less with how much a month."""
    paid = f"，每月交 {yuan(fen)} 元" if fen else ""
    return f"{ReliefKind(kind).label}{paid}，{months_words(since, until)}"


class DuesReliefQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """To look at: where the member stood when it was filed; one's own and those one filed."""
        here = scope.q("path", capability)
        if capability != Capability.VIEW or scope.person is None:
            return here
        return here | Q(person=scope.person) | Q(filed_by=scope.person)

    def running(self):
        """Those on which nothing was decided yet."""
        return self.filter(state__in=RUNNING)

    def approved(self):
        """Those that were approved and not ended before they began."""
        return self.filter(state=ReliefState.APPROVED, granted_until__gt=F("granted_since"))

    def told(self):
        """Those of which the time line of a member tells."""
        return self


class DuesRelief(models.Model):
    """党费减免申请: a member asks to pay less (``fen`` a month) or no dues, for whole months, half open.

    ``organisation`` is where the member stood when it was last filed, ``applied_on`` the day of his application,
    ``filed_on`` that of the entry, ``serial`` the number of the last step. ``granted_*`` is what was decided; an end
    before its time moves ``granted_until``. While it is in force the member belongs to the category 党费减免.
    ``branch_by``, ``general_by`` and ``decided_by`` recorded the steps since it was last filed.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="dues_reliefs", verbose_name="党员")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="dues_reliefs")
    path = models.CharField(max_length=PATH_LENGTH)
    kind = models.CharField("减免方式", max_length=4, choices=ReliefKind)
    fen = models.PositiveBigIntegerField("每月交纳（分）", null=True)
    since = models.DateField("自")
    until = models.DateField("至")
    reason = SealedTextField("理由")
    filer = models.CharField("填写人", max_length=12, choices=Filer)
    relative = SealedTextField("代填的亲属", blank=True)
    filed_by = models.ForeignKey(Person, models.PROTECT, related_name="filed_reliefs")
    applied_on = models.DateField("申请日期")
    filed_on = models.DateField("录入日期")
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals")
    state = models.CharField("状态", max_length=12, choices=ReliefState, default=ReliefState.BRANCH)
    serial = models.PositiveIntegerField("最后一步", default=0)
    waiting = models.ForeignKey(Event, models.PROTECT, null=True, related_name="dues_reliefs")
    branch_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    general_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField("审批日期", null=True)
    granted_kind = models.CharField("批准方式", max_length=4, choices=ReliefKind, blank=True)
    granted_fen = models.PositiveBigIntegerField("批准每月交纳（分）", null=True)
    granted_since = models.DateField("批准自", null=True)
    granted_until = models.DateField("批准至", null=True)
    ended_on = models.DateField("提前结束日期", null=True)

    objects = DuesReliefQuerySet.as_manager()

    class Meta:
        verbose_name = "党费减免申请"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state__in=RUNNING), name="one_running_relief"
            ),
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="relief_months"),
            models.CheckConstraint(
                condition=Q(kind=ReliefKind.NONE, fen__isnull=True)
                | Q(kind=ReliefKind.LESS, fen__isnull=False, fen__gt=0),
                name="less_dues_are_a_sum",
            ),
            models.CheckConstraint(
                condition=~Q(state=ReliefState.APPROVED)
                | Q(decided_by__isnull=False, granted_since__isnull=False, granted_until__gte=F("granted_since")),
                name="an_approval_says_what",
            ),
            models.CheckConstraint(
                condition=~(
                    Q(branch_by=F("person")) | Q(general_by=F("person")) | Q(decided_by=F("person"))
                    | Q(branch_by=F("filed_by")) | Q(general_by=F("filed_by")) | Q(decided_by=F("filed_by"))
                ),
                name="nobody_steps_in_his_own_relief",
            ),
            models.CheckConstraint(
                condition=~(
                    Q(branch_by=F("general_by")) | Q(branch_by=F("decided_by")) | Q(general_by=F("decided_by"))
                ),
                name="one_step_of_a_relief_each",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["path", "id"], name="reliefs_in_subtree"),
            models.Index(fields=["person", "id"], name="reliefs_of_person"),
        ]

    def __str__(self):
        return f"relief {self.pk}"

    @property
    def label(self) -> str:
        """减免 12 号: names nobody."""
        return f"减免 {self.pk} 号"

    @property
    def asked(self) -> str:
        return terms_words(self.kind, self.fen, self.since, self.until)

    @property
    def granted(self) -> str:
        """What was approved; empty where nothing was, or where it ended before it began."""
        if not self.granted_since or self.granted_since == self.granted_until:
            return ""
        return terms_words(self.granted_kind, self.granted_fen, self.granted_since, self.granted_until)

    @property
    def waits(self) -> bool:
        return self.state in WAITING

    def force_on(self, day: date) -> Force | None:
        """What an approved relief is on a day; ``None`` for any other."""
        if self.state != ReliefState.APPROVED:
            return None
        if self.ended_on and day >= self.granted_until:
            return Force.CUT
        if day >= self.granted_until:
            return Force.OVER
        if day < self.granted_since:
            return Force.AHEAD
        return Force.ENDS_SOON if last_day(self.granted_until) - SOON <= day else Force.RUNS

    def story(self) -> list[tuple[date, str, str]]:
        """Its days on the time line of the member: asked, decided, ended before its time. Not the reason."""
        found = [(self.applied_on, "申请党费减免", self.asked)]
        if self.state == ReliefState.APPROVED:
            found.append((self.decided_on, "批准党费减免", self.granted or ReliefKind(self.granted_kind).label))
        elif self.state == ReliefState.REFUSED:
            found.append((self.decided_on, "党费减免", "未批准"))
        if self.ended_on:
            found.append((self.ended_on, "提前结束党费减免", f"{self.granted_until} 起恢复交纳"))
        return found


class ReliefStep(models.Model):
    """党费减免经过: one step taken, in order. Only grows; ``unique (relief, serial)`` lets one of two at once through.

    ``on`` is the day of the meeting or of the act, ``entered_on`` that of the entry. The vote and the minutes are
    those of the body; ``kind`` to ``until`` what was asked or approved by it.
    """

    relief = models.ForeignKey(DuesRelief, models.PROTECT, related_name="steps")
    serial = models.PositiveIntegerField("序号")
    stage = models.CharField("在哪一步", max_length=12, choices=ReliefState, blank=True)
    move = models.CharField("办法", max_length=12, choices=ReliefMove)
    on = models.DateField("日期")
    entered_on = models.DateField("录入日期")
    account = models.BigIntegerField("账号", null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    role = models.CharField("职务", max_length=32, choices=Role, blank=True)
    post = models.CharField("当时职务", max_length=120, blank=True)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    body = models.CharField("会议", max_length=60, blank=True)
    minutes = models.CharField("纪要号", max_length=60, blank=True)
    entitled = models.PositiveSmallIntegerField("应到", null=True)
    present = models.PositiveSmallIntegerField("实到", null=True)
    agree = models.PositiveSmallIntegerField("同意", null=True)
    against = models.PositiveSmallIntegerField("反对", null=True)
    abstain = models.PositiveSmallIntegerField("弃权", null=True)
    opinion = SealedTextField("意见", blank=True)
    kind = models.CharField("减免方式", max_length=4, choices=ReliefKind, blank=True)
    fen = models.PositiveBigIntegerField("每月交纳（分）", null=True)
    since = models.DateField("自", null=True)
    until = models.DateField("至", null=True)

    class Meta:
        verbose_name = "党费减免经过"
        constraints = [models.UniqueConstraint(fields=["relief", "serial"], name="one_step_for_a_serial_of_a_relief")]

    def __str__(self):
        return f"step {self.serial} of relief {self.relief_id}"

    @property
    def vote(self) -> str:
        """应到 5 实到 4，同意 4，反对 0，弃权 0; empty where none was taken."""
        if self.entitled is None:
            return ""
        counted = f"同意 {self.agree}，反对 {self.against}，弃权 {self.abstain}"
        return f"应到 {self.entitled} 实到 {self.present}，{counted}"

    @property
    def terms(self) -> str:
        """What was asked or approved by this step."""
        return terms_words(self.kind, self.fen, self.since, self.until) if self.since else ""

    @property
    def late(self) -> bool:
        """Whether it was entered on a later day than it happened."""
        return self.entered_on > self.on
