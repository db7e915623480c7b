"""Rewards, allowances and welfare: what was given to whom, on what basis, out of which money. None of it is booked."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from base.fields import in_yuan
from base.money import Source
from members.enums import Capability
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import Scope, ScopedQuerySet, sealed_at


class AllowanceKind(models.TextChoices):
    """奖励补贴的种类 (S2 三(一)1, 3; 村级办法 A, B; 局办法 三二)."""

    PART_TIME = "part_time", "兼职书记工作补贴"
    INNOVATION = "innovation", "创新成果奖"
    REWARD = "reward", "先进奖励"
    STAFF = "staff", "职工福利"
    VILLAGE = "village", "村干部待遇"
    OTHER = "other", "其他"


SOURCES = tuple(each for each in Source if each not in (Source.DUES, Source.FUND))
"""What it may be paid from: dues and the care fund are for those in need, not for this."""


class AllowanceQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        within = scope.q("path", capability)
        return within | Q(person=scope.person) if capability == Capability.VIEW and scope.person else within

    def standing(self):
        return self.filter(withdrawn_on__isnull=True)

    def with_names(self):
        """All that a list shows."""
        people = ("person", "entered_by")
        return self.select_related("organisation", *people).defer(*sealed_at(*people))

    def told(self):
        """Those of which the member's time line tells."""
        return self.standing()


class Allowance(models.Model):
    """奖励补贴: a sum or a thing given once, or for a stretch of time. Written by :mod:`awards.giving`.

    ``organisation``: where the member stood on the day, or the organisation that it was given to.
    """

    kind = models.CharField("种类", max_length=12, choices=AllowanceKind)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="allowances")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="allowances")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    on = models.DateField("发放日期", db_column="on_day")
    since = models.DateField("自", null=True)
    last = models.DateField("至", null=True)
    words = models.CharField("事由", max_length=100, blank=True)
    fen = models.PositiveBigIntegerField("金额（分）", null=True)
    gift = models.CharField("实物或待遇", max_length=100, blank=True)
    source = models.CharField("款源", max_length=16, choices=[(each.value, each.label) for each in SOURCES], blank=True)
    approval = models.CharField("审批依据", max_length=100)
    paper = models.CharField("凭证编号", max_length=60, blank=True)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)

    objects = AllowanceQuerySet.as_manager()

    class Meta:
        verbose_name = "奖励补贴"
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0) | ~Q(gift=""), name="something_is_given"),
            models.CheckConstraint(condition=Q(last=None) | Q(since__lte=F("last")), name="allowance_interval"),
        ]
        indexes = [models.Index(fields=["path", "on"], name="allowances_in_subtree")]

    def __str__(self):
        return f"{self.kind} of {self.person_id or self.organisation_id} on {self.on}"

    @property
    def whose(self) -> str:
        return self.person.name if self.person else self.organisation.label

    @property
    def what(self) -> str:
        """The sum, the thing, or both."""
        return "，".join(filter(None, (f"{in_yuan(self.fen)} 元" if self.fen else "", self.gift)))

    @property
    def period(self) -> str:
        """The stretch of time it is for; empty where it is for none."""
        return f"{self.since} 至 {self.last}" if self.since and self.last else ""

    def story(self) -> list[tuple[date, str, str]]:
        """Its day on the member's time line."""
        return [(self.on, self.get_kind_display(), self.what)]
