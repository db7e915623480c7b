"""Honours: what was granted to members and organisations, by whom, on which paper, and whether it still stands."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from awards.models.kept import Kept, KeptQuerySet
from base.cells import squeezed
from base.dates import FAR
from duties.engine.models import Record
from members.models import PATH_LENGTH, Event, Organisation, Person


class Level(models.TextChoices):
    """表彰层级, the highest first. Labels are the grades that policy packs name."""

    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省部级"
    BUREAU = "bureau", "厅局级"
    COUNTY = "county", "县处级"
    UNIT = "unit", "本单位"
    BRANCH = "branch", "支部"


class HonourKind(models.TextChoices):
    """荣誉种类 (central measures 5; 豫水组〔2020〕55号 二; 院党字〔2020〕89号 二)."""

    MEDAL = "medal", "勋章和荣誉称号"
    PARTY = "party", "党内表彰"
    WORK = "work", "行政表彰奖励"
    TEACHER = "teacher", "教学名师"
    TALENT = "talent", "人才称号"
    TIMELY = "timely", "及时性表彰"
    PRAISE = "praise", "表扬"


PLAIN_TITLES = ("优秀共产党员", "优秀党务工作者", "优秀党组织书记")
"""Titles that policy packs name as grades whatever the level."""


class HonourQuerySet(KeptQuerySet):
    """``standing`` leaves revoked ones in: they stood once."""

    def held(self, day: date):
        """Honours in force on a day."""
        return self.standing().filter(granted_on__lte=day, until__gt=day)

    def told(self):
        """Those of which the time line of a member tells."""
        return self.standing()


class Honour(Kept):
    """荣誉表彰: one title granted to one member or one organisation. Written by :mod:`awards.honours`.

    ``organisation``: the organisation honoured, or where the member stood that day (today, if that is not known).
    ``until``: the day a revocation takes effect. A member's honours decide the category 功勋荣誉 with its grades.
    ``record``: the commendation for an event of merit that it was, which closes what policy asks for then.
    ``is_posthumous``: granted to a member who had died; nothing is owed to him for it.
    """

    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="honours")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="honours")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    kind = models.CharField("种类", max_length=8, choices=HonourKind)
    title = models.CharField("荣誉名称", max_length=60)
    level = models.CharField("层级", max_length=8, choices=Level)
    granted_by = models.CharField("授予单位", max_length=60)
    grantor = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="honours_granted")
    granted_on = models.DateField("授予日期")
    is_posthumous = models.BooleanField("追授", default=False)
    until = models.DateField("至", default=FAR)
    document = models.CharField("文号", max_length=60, blank=True)
    evidence = models.CharField("佐证材料", max_length=200, blank=True)
    event = models.ForeignKey(Event, models.SET_NULL, null=True, related_name="honours")
    record = models.OneToOneField(Record, models.SET_NULL, null=True, related_name="honour")
    revoked_reason = models.CharField("撤销荣誉的依据", max_length=200, blank=True)

    objects = HonourQuerySet.as_manager()

    class Meta:
        verbose_name = "荣誉表彰"
        constraints = [
            models.CheckConstraint(condition=Q(granted_on__lt=F("until")), name="honour_interval"),
            models.UniqueConstraint(
                fields=["person", "title", "level", "granted_on"],
                condition=Q(withdrawn_on=None, person__isnull=False), name="same_honour_once",
            ),
            models.UniqueConstraint(
                fields=["organisation", "title", "level", "granted_on"],
                condition=Q(withdrawn_on=None, person__isnull=True), name="same_honour_of_organisation_once",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["path", "granted_on"], name="honours_in_subtree")]

    def __str__(self):
        return f"{self.title} of {self.person_id or self.organisation_id}"

    @property
    def revoked_on(self) -> date | None:
        """The day from which it no longer stands."""
        return None if self.until == FAR else self.until

    @property
    def counts(self) -> bool:
        """Whether it makes its holder one of those to be honoured at festivals: a praise or a branch's own does not."""
        return self.kind != HonourKind.PRAISE and self.level != Level.BRANCH

    @property
    def grades(self) -> tuple[str, ...]:
        """The grades of the category 功勋荣誉 that follow from it, in the words of the packs."""
        found = [Level(self.level).label]
        if self.kind in (HonourKind.TEACHER, HonourKind.TALENT):
            found.append(f"{_GRADE[Level(self.level)]}{HonourKind(self.kind).label}")
        found += [title for title in PLAIN_TITLES if title in squeezed(self.title)]
        return tuple(found)

    def story(self) -> list[tuple[date, str, str]]:
        """Its days on the time line of the member, each with a label and words."""
        said = f"{'追授' if self.is_posthumous else ''}{self.title}（{self.get_level_display()}，{self.granted_by}）"
        found = [(self.granted_on, self.get_kind_display(), said)]
        return found + ([(self.until, "荣誉撤销", self.title)] if self.revoked_on else [])


_GRADE = {
    Level.NATIONAL: "国家级", Level.PROVINCE: "省级", Level.BUREAU: "市级", Level.COUNTY: "县级", Level.UNIT: "校级",
    Level.BRANCH: "支部",
}  # fmt: skip
