"""“光荣在党50年”纪念章: who is proposed for which 1 July, how far the review is, and into whose hands it came.

中办《关于做好“光荣在党50年”纪念章颁发工作的通知》 (2021); 中办发〔2019〕11号 第六条.
"""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from base.dates import anniversary
from base.sealed import SealedTextField
from members.enums import Capability
from members.models import Membership, Organisation, Person
from members.scope import Scope, ScopedQuerySet

YEARS = 50
"""Full years in the Party."""


class Stage(models.TextChoices):
    """How far a member is on the way to the medal. The first six wait for somebody, the last four wait for nobody."""

    LISTED = "listed", "待支部核查"
    VERIFIED = "verified", "支部已核查"
    RECOMMENDED = "recommended", "党委已推荐"
    ASKED = "asked", "征求意见中"
    REVIEWED = "reviewed", "部门已审核"
    APPROVED = "approved", "已批准"
    HANDED = "handed", "已颁发"
    REFUSED = "refused", "不予颁发"
    DEFERRED = "deferred", "暂缓"
    DIED = "died", "去世未颁发"


RUNNING = (Stage.LISTED, Stage.VERIFIED, Stage.RECOMMENDED, Stage.ASKED, Stage.REVIEWED, Stage.APPROVED)
LEFT_OUT = (Stage.REFUSED, Stage.DEFERRED, Stage.DIED)


def first_of_july(year: int) -> date:
    """The day by which the years are counted."""
    return date(year, 7, 1)


class MedalQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """Of members who stand within today and of those who were proposed there; to look at, one's own once it was
        handed over.
        """
        stays = Membership.objects.on(scope.day).filter(person=OuterRef("person"))
        seen = Q(Exists(stays.filter(scope.q("path", capability)))) | scope.q("organisation__path", capability)
        return (
            seen | Q(person=scope.person, stage=Stage.HANDED)
            if capability == Capability.VIEW and scope.person
            else seen
        )

    def standing(self):
        """Rows that were not taken back as entered wrongly."""
        return self.filter(withdrawn_on__isnull=True)

    def live(self):
        """Those by which a member has the medal, or may still get it: one a person."""
        return self.standing().exclude(stage__in=LEFT_OUT)

    def running(self):
        return self.standing().filter(stage__in=RUNNING)

    def handed(self):
        return self.standing().filter(stage=Stage.HANDED)

    def told(self):
        """Those of which the time line of a member tells."""
        return self.handed()


class Medal(models.Model):
    """纪念章: one member proposed for the medal of one year, once. Written by :mod:`awards.fifty`.

    ``since``: the day the years count from, as it was when the member was listed, or as a person decided it;
    ``basis`` then says by which papers. The roster keeps the days of the national system: they are put right there.
    ``organisation``: the branch that verifies, where the member stood at the last step.
    """

    class Means(models.TextChoices):
        CEREMONY = "ceremony", "集中颁发"
        HOME = "home", "上门颁发"

    person = models.ForeignKey(Person, models.PROTECT, related_name="medals")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="medals")
    year = models.PositiveSmallIntegerField("年度")
    stage = models.CharField("进度", max_length=12, choices=Stage, default=Stage.LISTED)
    since = models.DateField("党龄起算日", null=True)
    basis = models.CharField("认定依据", max_length=200, blank=True)
    opinion = models.CharField("表现情况审核意见", max_length=200, blank=True)
    published_on = models.DateField("公示日期", null=True)
    document = models.CharField("批准文号", max_length=60, blank=True)
    medal_number = models.CharField("佩章编号", max_length=40, blank=True)
    certificate_number = models.CharField("证书编号", max_length=40, blank=True)
    handed_on = models.DateField("颁发日期", null=True)
    means = models.CharField("颁发方式", max_length=8, choices=Means, blank=True)
    receiver = models.CharField("代领人", max_length=60, blank=True)
    relation = models.CharField("与本人关系", max_length=20, blank=True)
    note = models.CharField("备注", max_length=200, blank=True)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)

    objects = MedalQuerySet.as_manager()

    class Meta:
        verbose_name = "纪念章"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(withdrawn_on=None) & ~Q(stage__in=LEFT_OUT), name="one_medal_a_person"
            ),
            models.UniqueConstraint(
                fields=["person", "year"], condition=Q(withdrawn_on=None), name="proposed_once_a_year"
            ),
            models.UniqueConstraint(
                fields=["medal_number"], condition=Q(withdrawn_on=None) & ~Q(medal_number=""), name="medal_number_once"
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.HANDED, handed_on__isnull=False)
                | ~Q(stage=Stage.HANDED) & Q(handed_on__isnull=True),
                name="handed_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["year", "stage"], name="medals_of_year")]

    def __str__(self):
        return f"medal {self.year} of {self.person_id} ({self.stage})"

    @property
    def years(self) -> int | None:
        """Full years on 1 July of its year."""
        on = first_of_july(self.year)
        if self.since is None:
            return None
        return on.year - self.since.year - (on < anniversary(self.since, on.year))

    @property
    def late(self) -> bool:
        """补发: whether an earlier 1 July would have done."""
        return self.years is not None and self.years > YEARS

    @property
    def received_by(self) -> str:
        if self.stage != Stage.HANDED:
            return ""
        return f"{self.receiver}（{self.relation}）" if self.receiver else "本人"

    def story(self) -> list[tuple[date, str, str]]:
        """Its day on the time line of the member."""
        said = "，".join(filter(None, (self.get_means_display(), self.medal_number and f"编号 {self.medal_number}")))
        return [(self.handed_on, "光荣在党50年", f"颁发纪念章{f'，{said}' if said else ''}")]


class MedalStep(models.Model):
    """审核步骤: one step of the review, who took it and when; rows are only added. ``back``: the stage returned to.

    ``words``: why, or what the bodies that were asked answered; sealed.
    """

    medal = models.ForeignKey(Medal, models.CASCADE, related_name="steps")
    stage = models.CharField("进度", max_length=12, choices=Stage)
    back = models.BooleanField("退回", default=False)
    on = models.DateField("日期", db_column="on_day")
    by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    words = SealedTextField("说明", blank=True)

    class Meta:
        verbose_name = "审核步骤"

    def __str__(self):
        return f"{self.stage} of {self.medal_id}"
