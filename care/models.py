"""What the registers keep: entries, each a dated episode of one member, and what changed in them."""

import json
from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from base.dates import FAR, last_day
from base.sealed import SealedTextField
from care.subsidy import Tier
from duties.engine.models import Record
from members.enums import Capability, Standing
from members.models import Event, Membership, Organisation, Person, Tie
from members.scope import Scope, ScopedQuerySet, path_end


class RegisterCode(models.TextChoices):
    """The registers. What each asks and which categories it writes stands in :mod:`care.registers`."""

    DIFFICULTY = "difficulty", "困难党员"
    ILLNESS = "illness", "重病党员"
    HOUSEHOLD = "household", "因公牺牲家庭"
    INJURED = "injured", "因公伤残党员"
    ELDERLY = "elderly", "老党员"
    PAIRING = "pairing", "结对帮扶"
    LEADER = "leader", "领导直接联系"
    FLOATING = "floating", "流动党员"
    LOST = "lost", "失联党员"
    DISCIPLINE = "discipline", "受处分党员帮教"
    POSTING = "posting", "艰苦边远和派出党员"
    PSYCHOLOGY = "psychology", "心理关怀"
    ASSIGNMENT = "assignment", "无职党员设岗定责"


SENSITIVE = frozenset({
    RegisterCode.ILLNESS, RegisterCode.INJURED, RegisterCode.DISCIPLINE, RegisterCode.PSYCHOLOGY,
})  # fmt: skip
"""Registers whose very entries are shown only to those with :attr:`Capability.SENSITIVE`: health and sanctions."""

FORGOTTEN = frozenset({RegisterCode.DISCIPLINE})
"""Registers whose entries vanish when they end or are taken back: only a committee's own still see them then."""

SEVERAL = (RegisterCode.DISCIPLINE,)
"""Registers in which a member may stand several times at once."""

CLOSED = frozenset({RegisterCode.PSYCHOLOGY})
"""Registers whose content is for the writer and the carers of an entry alone; such entries stand in no ledger."""

OF_THE_DEAD = frozenset({RegisterCode.HOUSEHOLD})
"""Registers about the families of the dead; every other entry of a member ends with the member's death."""


class Facts(SealedTextField):
    """A JSON object, sealed as one text."""

    def get_prep_value(self, value):
        return super().get_prep_value(json.dumps(value or {}, ensure_ascii=False, sort_keys=True))

    def from_db_value(self, value, expression, connection):
        return json.loads(super().from_db_value(value, expression, connection) or "{}")


class EntryQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """Entries about members who stand within today; of the sensitive registers also only with the right for
        these, and never about oneself; of those to be forgotten the past ones only with that right at a committee. Of
        the closed ones those too of which one is a carer.
        """
        stays = Membership.objects.on(scope.day).filter(person=OuterRef("person"))
        within = Exists(stays.filter(scope.q("path", capability)))
        told = Exists(stays.filter(scope.q("path", Capability.SENSITIVE)))
        above = Exists(stays.filter(scope.of_committees().q("path", Capability.SENSITIVE)))
        past = Q(register__in=FORGOTTEN) & (Q(until__lte=scope.day) | Q(withdrawn_on__isnull=False))
        carers = self.model.carers.through.objects.filter(entry=OuterRef("pk"), person=scope.person)
        cares = Q(register__in=CLOSED) & Q(Exists(carers))
        open_ = ~Q(register__in=SENSITIVE) | ((Q(told) | cares) & ~Q(person=scope.person))
        return Q(within) & open_ & (~past | Q(above))

    def standing(self):
        """Entries that were not withdrawn."""
        return self.filter(withdrawn_on__isnull=True)

    def running(self, day: date):
        """Entries in force on a day; a death ends those about the living."""
        dead = Membership.objects.on(day).filter(person=OuterRef("person"), standing=Standing.DEAD)
        rows = self.standing().filter(since__lte=day, until__gt=day)
        return rows.filter(Q(register__in=OF_THE_DEAD) | ~Q(Exists(dead)))

    def below(self, path: str, day: date):
        """Entries about members who stand at ``path`` or below on a day."""
        stays = Membership.objects.on(day).filter(person=OuterRef("person"))
        return self.filter(Exists(stays.filter(path__gte=path, path__lt=path_end(path))))


class Entry(models.Model):
    """台账条目: from when to when a member stands in a register, in which grade, and what is known about it.

    Written by :mod:`care.entries`. ``facts`` is for whoever may see the entry, ``private`` for those who care for the
    member; both hold what the register's form asks, by its field names. The entry's categories follow from it.
    """

    register = models.CharField("台账", max_length=16, choices=RegisterCode)
    person = models.ForeignKey(Person, models.PROTECT, related_name="entries")
    grade = models.CharField("等次", max_length=24, blank=True)
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)
    recognised_on = models.DateField("组织认定日期", null=True)
    recognised_by = models.CharField("认定单位", max_length=60, blank=True)
    review_on = models.DateField("下次复核", null=True)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="entries")
    tie = models.OneToOneField(Tie, models.SET_NULL, null=True, related_name="entry")
    facts = models.JSONField("情况", default=dict)
    private = Facts("不公开的情况")
    carers = models.ManyToManyField(Person, related_name="+", verbose_name="关怀人")
    closed_as = models.CharField("退出原因", max_length=40, blank=True)
    closed_note = SealedTextField("退出说明", blank=True)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField("版次", default=1)
    withdrawn_on = models.DateField("撤销日期", null=True)
    withdrawn_reason = models.CharField("撤销理由", max_length=200, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "台账条目"
        constraints = [
            models.CheckConstraint(condition=Q(since__lt=F("until")), name="entry_interval"),
            models.UniqueConstraint(
                fields=["person", "register"],
                condition=Q(until=FAR, withdrawn_on=None, tie=None) & ~Q(register__in=SEVERAL), name="one_open_entry",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["register", "since"], name="entries_of_register")]

    def __str__(self):
        return f"{self.register} of {self.person_id}"

    @property
    def last(self) -> date | None:
        """The last day, if that is known."""
        return None if self.until == FAR else last_day(self.until)


class Change(models.Model):
    """变更: what was done to an entry and when; says which facts changed, never what they are. Append only."""

    class What(models.TextChoices):
        OPENED = "opened", "登记"
        AMENDED = "amended", "修改"
        RECOGNISED = "recognised", "组织认定"
        REVIEWED = "reviewed", "复核"
        CLOSED = "closed", "退出"
        REOPENED = "reopened", "恢复"
        WITHDRAWN = "withdrawn", "撤销"

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="changes")
    what = models.CharField("变更", max_length=12, choices=What)
    on = models.DateField("日期")
    entered_on = models.DateField("录入日期")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    words = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "台账变更"

    def __str__(self):
        return f"{self.what} of entry {self.entry_id}"


class SubsidyAmount(models.Model):
    """补贴标准: what old members of one tier are paid in a month, from a day on until the next row of the tier.

    Kept by whoever decides on policy, for his organisation and all below it that keep none of their own; written by
    :mod:`care.amounts`. ``fen`` is whole fen.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    tier = models.CharField("档次", max_length=8, choices=Tier)
    since = models.DateField("自")
    fen = models.PositiveIntegerField("每月（分）")
    basis = models.CharField("依据", max_length=120)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class SubsidyAmountQuerySet(ScopedQuerySet):
        scope_path = "organisation__path"

    objects = SubsidyAmountQuerySet.as_manager()

    class Meta:
        verbose_name = "补贴标准"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "tier", "since"], name="one_amount_a_day"),
            models.CheckConstraint(condition=Q(fen__gt=0), name="amount_is_positive"),
        ]

    def __str__(self):
        return f"{self.tier} of {self.organisation_id} since {self.since}"


class DifficultyReport(models.Model):
    """困难党员上报表: the figures of one organisation for one half-year, as of a day. No names.

    Written by :mod:`care.reporting`. ``figures``: numbers by the codes of :data:`care.figures.LAYOUT`; ``missing``:
    who below had not confirmed when it was confirmed. ``record`` closes the organisation's duty to report.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "待确认"
        CONFIRMED = "confirmed", "已确认上报"
        RETURNED = "returned", "已退回"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="difficulty_reports")
    half = models.CharField("半年", max_length=7)
    as_of = models.DateField("数据截至")
    figures = models.JSONField("数字", default=dict)
    missing = models.JSONField("未确认的下级", default=list)
    state = models.CharField("状态", max_length=12, choices=State, default=State.DRAFT)
    prepared_on = models.DateField("填报日期")
    prepared_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_on = models.DateField("确认日期", null=True)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    returned_reason = models.CharField("退回理由", max_length=200, blank=True)
    record = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="difficulty_report")

    class DifficultyReportQuerySet(ScopedQuerySet):
        scope_path = "organisation__path"

    objects = DifficultyReportQuerySet.as_manager()

    class Meta:
        verbose_name = "困难党员上报表"
        constraints = [models.UniqueConstraint(fields=["organisation", "half"], name="one_report_a_half")]

    def __str__(self):
        return f"{self.half} of {self.organisation_id}"
