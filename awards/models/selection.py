"""年度评选: what one organisation selects in a year, for which titles, and how many each organisation may nominate."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from awards.models.honours import Level
from duties.engine.models import Record
from members.enums import Capability
from members.models import Lineage, Membership, Organisation, Person
from members.scope import Scope, ScopedQuerySet


def around(scope: Scope, field: str = "organisation") -> Q:
    """Organisations to which the account's person belongs as a member, as a condition on ``field``."""
    if scope.person is None:
        return Q(pk__in=[])
    stays = Membership.objects.on(scope.day).filter(person=scope.person)
    above = Lineage.objects.filter(
        organisation__in=stays.values("organisation"), since__lte=scope.day, until__gt=scope.day
    )
    return Q(**{f"{field}__in": above.values("ancestor")})


class SelectionQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """To look at: of one's own organisations and those below, those in which one's own have places or stand, and
        whose outcome was posted where one is a member. To act: those of one's own organisations.
        """
        led = scope.q("organisation__path", capability)
        if capability != Capability.VIEW:
            return led
        places = TitleQuota.objects.filter(scope.q("organisation__path", capability), title__selection=OuterRef("pk"))
        names = SelectionTitle.objects.filter(scope.q("nominees__path", capability), selection=OuterRef("pk"))
        posted = Selection.objects.filter(pk=OuterRef("pk"), notices__isnull=False)
        return led | Q(Exists(places)) | Q(Exists(names)) | (around(scope) & Q(Exists(posted)))


class Selection(models.Model):
    """评选: one organisation selects whom it commends in a year. Written by :mod:`awards.selecting`.

    ``opened_on`` is the first day on which a branch can have met about it. ``asked_on``: the day from which branches
    have it as a task. ``record`` closes the organisation's own duty of the year.
    """

    class Stage(models.TextChoices):
        OPEN = "open", "推荐"
        REVIEW = "review", "复核"
        DECIDED = "decided", "集体研究"
        NOTICE = "notice", "公示"
        AWARDED = "awarded", "已表彰"
        CALLED_OFF = "off", "已撤销"

    ENDED = (Stage.AWARDED, Stage.CALLED_OFF)

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="selections")
    year = models.PositiveSmallIntegerField("年度")
    title = models.CharField("评选名称", max_length=60)
    opened_on = models.DateField("启动日期")
    nominate_by = models.DateField("推荐截止")
    asked_on = models.DateField("请支部推荐日期", null=True)
    stage = models.CharField("阶段", max_length=8, choices=Stage, default=Stage.OPEN)
    awarded_on = models.DateField("表彰日期", null=True)
    document = models.CharField("表彰文号", max_length=60, blank=True)
    record = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="selection")
    entered_on = models.DateField("建立日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = SelectionQuerySet.as_manager()

    class Meta:
        verbose_name = "年度评选"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "year", "title"], name="one_selection_of_a_name_a_year")
        ]
        indexes = [models.Index(fields=["opened_on", "id"], name="selections_by_day")]

    def __str__(self):
        return f"selection {self.year} of {self.organisation_id}"

    @property
    def nominating(self) -> bool:
        return self.stage == self.Stage.OPEN

    @property
    def ended(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.stage in self.ENDED


class SelectionTitle(models.Model):
    """评选称号: one title of a selection, for members or for organisations; ``quota`` of them are chosen at most."""

    class Of(models.TextChoices):
        MEMBERS = "members", "党员"
        ORGANISATIONS = "organisations", "党组织"

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="titles")
    name = models.CharField("称号", max_length=30)
    of = models.CharField("评选谁", max_length=16, choices=Of)
    level = models.CharField("层级", max_length=8, choices=Level)
    quota = models.PositiveSmallIntegerField("表彰名额")
    position = models.PositiveSmallIntegerField("顺序")

    class Meta:
        verbose_name = "评选称号"
        constraints = [models.UniqueConstraint(fields=["selection", "name"], name="a_title_once_in_a_selection")]

    def __str__(self):
        return self.name

    @property
    def of_members(self) -> bool:
        return self.of == self.Of.MEMBERS


class TitleQuota(models.Model):
    """推荐名额: how many one organisation may nominate for one title; no reason exceeds the committee's number."""

    title = models.ForeignKey(SelectionTitle, models.CASCADE, related_name="quotas")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField("推荐名额")

    class Meta:
        verbose_name = "推荐名额"
        constraints = [models.UniqueConstraint(fields=["title", "organisation"], name="one_quota_of_a_title")]

    def __str__(self):
        return f"{self.number} of title {self.title_id} for {self.organisation_id}"
