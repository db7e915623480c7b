"""节日走访慰问: a campaign before a festival, whom it is about and why, and what became of each name."""

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, OuterRef, Q

from base.calendar import Occasion
from base.money import Source, money_words
from base.sealed import SealedTextField
from members.enums import Capability
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import Scope, ScopedQuerySet, path_end
from visits.models.acts import Visit

OCCASIONS = [(each.value, each.label) for each in Occasion]


class CampaignQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """To look at: of one's own organisations and those below, and where names of one's own stand in it. To act:
        those that one's own organisations run.
        """
        run = scope.q("organisation__path", capability)
        if capability != Capability.VIEW:
            return run
        names = Candidate.objects.filter(Candidate.objects.scoped(scope, capability), campaign=OuterRef("pk"))
        return run | Q(Exists(names))

    def running(self):
        return self.exclude(stage__in=Campaign.ENDED)


class Campaign(models.Model):
    """节日走访: what one committee does before one festival. Drafted by :mod:`visits.campaigns.drafting`, led by
    :mod:`visits.campaigns.running`. ``day`` is the festival, ``deliver_by`` its eve: by then all money is handed over.

    ``budget``: fen by source. ``standards``: by the code of a group (:class:`visits.campaigns.naming.Group`)
    ``{"fen": …, "source": …, "gift": …}``. ``drafts`` counts how often the rules were asked. One that was called off
    keeps its names, is nobody's to act on, and begins anew when it is drafted by hand.
    """

    class Stage(models.TextChoices):
        DRAFT = "draft", "摸底"
        CONFIRMING = "confirming", "支部确认"
        DECIDED = "decided", "集体研究"
        HANDING = "handing", "发放走访"
        CLOSED = "closed", "已收尾"
        CALLED_OFF = "off", "已撤销"

    ENDED = (Stage.CLOSED, Stage.CALLED_OFF)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="campaigns")
    occasion = models.CharField("节日", max_length=12, choices=OCCASIONS)
    year = models.PositiveSmallIntegerField("年份")
    day = models.DateField("节日当天")
    deliver_by = models.DateField("发放截止")
    stage = models.CharField("阶段", max_length=12, choices=Stage, default=Stage.DRAFT)
    budget = models.JSONField("预算", default=dict)
    standards = models.JSONField("标准", default=dict)
    drafts = models.PositiveIntegerField("摸底次数", default=0)
    drafted_on = models.DateField("最近摸底", null=True)
    confirm_by = models.DateField("支部确认期限", null=True)
    asked_on = models.DateField("请支部确认日期", null=True)
    decided_on = models.DateField("集体研究日期", null=True)
    minutes = models.CharField("会议纪要编号", max_length=60, blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", verbose_name="登记集体研究的人")
    closed_on = models.DateField("收尾日期", null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    summary = SealedTextField("小结", blank=True)
    entered_on = models.DateField("建立日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", help_text="系统摸底的为空")

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "节日走访"
        constraints = [models.UniqueConstraint(fields=["organisation", "occasion", "year"], name="one_campaign_once")]
        indexes = [models.Index(fields=["day", "id"], name="campaign_by_day")]

    def __str__(self):
        return f"{self.occasion}-{self.year} of {self.organisation_id}"

    @property
    def title(self) -> str:
        """2027 年春节走访慰问; 春节 of 2027 is prepared in 2026 (domain.md 2.10)."""
        return f"{self.year} 年{Occasion(self.occasion).label}走访慰问"

    @property
    def drafting(self) -> bool:
        """Whether names and sums may still change: before they were decided."""
        return self.stage in (self.Stage.DRAFT, self.Stage.CONFIRMING)

    @property
    def paying(self) -> bool:
        """Whether what was decided is being handed over."""
        return self.stage in (self.Stage.DECIDED, self.Stage.HANDING)

    @property
    def ended(self) -> bool:
        """Whether nothing is to be done any more: closed, or called off."""
        return self.stage in self.ENDED


HANDED = Q(visit__isnull=False, visit__record__withdrawn_on__isnull=True)
"""Whether the visit stands: a record withdrawn on the visit's own page counts as not handed over."""

NOT_HANDED = Q(visit__isnull=True) | Q(visit__record__withdrawn_on__isnull=False)


class CandidateQuerySet(ScopedQuerySet):
    scope_path = "path"

    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """Where the member stands; to look at, those too whom one is to visit. Of a campaign nobody sees his own name
        by being in it.
        """
        here = scope.q("path", capability)
        if capability != Capability.VIEW or scope.person is None:
            return here
        return here | Q(visitor=scope.person)

    def of(self, campaign: Campaign):
        return self.filter(campaign=campaign)

    def below(self, organisation: Organisation):
        """Those who stand at the organisation or below."""
        return self.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))

    def listed(self):
        return self.filter(out="")

    def left_out(self):
        return self.exclude(out="")

    def unconfirmed(self):
        """Listed, and the branch has not said yes."""
        return self.listed().filter(confirmed_on__isnull=True)

    def handed(self):
        return self.listed().filter(HANDED)

    def outstanding(self):
        """Listed, neither handed over nor returned."""
        return self.listed().filter(NOT_HANDED, returned_on__isnull=True)

    def named_by(self, rules: Collection[int]):
        """Those whom at least one of these rules names, by its number."""
        return self.filter(reduce(or_, (Q(reasons__contains=f",{int(pk)},") for pk in rules), Q(pk__in=[])))


class Candidate(models.Model):
    """慰问对象: one member in one campaign, once. Written by :mod:`visits.campaigns`.

    ``path`` and ``organisation`` are where the member stood when last looked. ``reasons`` are the numbers of the rules
    that name him, ``,3,17,``; whoever was added by hand has ``added`` instead. ``out`` says why he is not listed, empty
    where he is. ``by_hand``: somebody decided that, and no draft changes it. ``own_sum``: the sum was set for him
    alone, and no standard changes it. Sums are whole fen. ``family``: the member is dead, it is the family's.
    """

    class Out(models.TextChoices):
        UNRECOGNISED = "unrecognised", "未认定"
        DEAD = "dead", "去世"
        DOUBLE = "double", "重复"
        UNNAMED = "unnamed", "规则不再提名"
        LEFT = "left", "已不在本组织"
        BRANCH = "branch", "支部不列入"
        STRUCK = "struck", "不列入"

    class Receiver(models.TextChoices):
        SELF = "self", "本人"
        SUBSTITUTE = "substitute", "代领"

    class Means(models.TextChoices):
        CASH = "cash", "现金"
        TRANSFER = "transfer", "转账"

    campaign = models.ForeignKey(Campaign, models.CASCADE, db_index=False, related_name="candidates")
    person = models.ForeignKey(Person, models.PROTECT, related_name="candidacies")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    path = models.CharField(max_length=PATH_LENGTH)
    reasons = models.CharField("提名的规则", max_length=200, blank=True)
    drafted = models.PositiveIntegerField("第几次摸底提名", default=0)
    family = models.BooleanField("慰问家属", default=False)
    out = models.CharField("未列入", max_length=12, choices=Out, blank=True)
    out_words = SealedTextField("未列入说明", blank=True)
    added = SealedTextField("手工加入理由", blank=True)
    by_hand = models.BooleanField("由人决定", default=False)
    fen = models.PositiveBigIntegerField("慰问金（分）", null=True)
    source = models.CharField("款源", max_length=16, choices=Source, blank=True)
    own_sum = models.BooleanField("单独定的金额", default=False)
    gift = models.CharField("慰问品", max_length=60, blank=True)
    visitor = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="to_visit")
    confirmed_on = models.DateField("支部确认", null=True)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, db_index=False, related_name="+")
    visit = models.OneToOneField(Visit, models.SET_NULL, null=True, related_name="candidacy")
    received_on = models.DateField("领取日期", null=True)
    receiver = models.CharField("领取人", max_length=12, choices=Receiver, blank=True)
    substitute = models.CharField("代领人", max_length=60, blank=True)
    relation = models.CharField("与本人关系", max_length=20, blank=True)
    means = models.CharField("发放方式", max_length=12, choices=Means, blank=True)
    returned_on = models.DateField("退回日期", null=True)
    returned_words = SealedTextField("退回理由", blank=True)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        verbose_name = "慰问对象"
        constraints = [models.UniqueConstraint(fields=["campaign", "person"], name="nobody_twice_in_a_campaign")]
        indexes = [
            models.Index(fields=["campaign", "path", "id"], name="candidates_in_order"),
            models.Index(fields=["visitor"], condition=Q(visitor__isnull=False), name="candidates_of_visitor"),
        ]

    def __str__(self):
        return f"{self.person_id} in {self.campaign_id}"

    @property
    def rules(self) -> list[int]:
        """The numbers of the rules that name the member."""
        return [int(pk) for pk in self.reasons.split(",") if pk]

    @property
    def is_listed(self) -> bool:
        return not self.out

    @property
    def is_handed(self) -> bool:
        """Whether it was handed over; fetched with the visit's record."""
        return self.visit is not None and self.visit.record.withdrawn_on is None

    @property
    def money(self) -> str:
        """800.00 元，留存党费; empty where no money is meant."""
        return money_words(self.fen, self.source)

    @property
    def given_to(self) -> str:
        """本人, or the substitute and what he is to the member: 赵强（长子）代领."""
        if self.receiver != self.Receiver.SUBSTITUTE:
            return self.get_receiver_display() if self.receiver else ""
        return f"{self.substitute}（{self.relation}）代领"
