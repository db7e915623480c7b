"""Ceremonies: an oath taken together, a political birthday kept together."""

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from duties.engine.models import Action, Record, RecordPerson
from members.enums import Capability
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import Scope, ScopedQuerySet, sealed_at


class Ceremony(models.Model):
    """宣誓和集体政治生日: one ceremony of one organisation. Written by :mod:`awards.ceremonies`.

    ``ways`` says what was done on a political birthday, separated by commas. Withdrawn with the last of its records.
    """

    class Kind(models.TextChoices):
        ADMISSION = "admission", "入党宣誓"
        RENEWAL = "renewal", "重温入党誓词"
        BIRTHDAY = "birthday", "集体政治生日"

    class Way(models.TextChoices):
        OATH = "oath", "重温誓词"
        STUDY = "study", "集体学习"
        FORUM = "forum", "座谈"
        ADVICE = "advice", "征求意见"
        CARD = "card", "送贺卡"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="ceremonies")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    on = models.DateField("日期", db_column="on_day")
    place = models.CharField("地点", max_length=60, blank=True)
    leader = models.CharField("领誓人", max_length=60, blank=True)
    ways = models.CharField("做了什么", max_length=60, blank=True)
    present = models.PositiveIntegerField("参加人数", default=0)

    class CeremonyQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            """Those of the organisations within, and those at which a member within or oneself was."""
            within = Q(record__member=scope.person or 0) | scope.q("record__path", capability)
            there = CeremonyRecord.objects.filter(within, ceremony=OuterRef("pk"))
            return scope.q("path", capability) | Exists(there)

        def with_attendance(self):
            """Each with ``stands``, whether anything of it does, and ``there``: how many are named, those taken back
            aside.
            """
            left = CeremonyRecord.objects.filter(ceremony=OuterRef("pk"), record__withdrawn_on__isnull=True).order_by()
            there = left.values("ceremony").annotate(n=Count("record__member", distinct=True)).values("n")
            return self.annotate(there=Coalesce(Subquery(there), 0), stands=Exists(left))

    objects = CeremonyQuerySet.as_manager()

    class Meta:
        verbose_name = "宣誓和集体政治生日"
        indexes = [models.Index(fields=["path", "on"], name="ceremony_in_subtree")]

    def __str__(self):
        return f"{self.kind} of {self.organisation_id} on {self.on}"

    @property
    def way_words(self) -> str:
        """What was done, in words: 重温誓词、座谈."""
        return "、".join(self.Way(each).label for each in self.ways.split(",") if each)

    @property
    def actions(self) -> tuple[Action, ...]:
        """What its records count as. Where the oath was renewed on a political birthday, both."""
        if self.kind != self.Kind.BIRTHDAY:
            return (Action.OATH,)
        return (Action.GREETING, Action.OATH) if self.Way.OATH in self.ways.split(",") else (Action.GREETING,)


class CeremonyRecord(models.Model):
    """仪式记录: one record a ceremony made: of the organisation itself, or of one member who was there."""

    ceremony = models.ForeignKey(Ceremony, models.CASCADE, related_name="made")
    record = models.OneToOneField(Record, models.CASCADE, related_name="ceremony_record")

    class CeremonyRecordQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            """Of one's own members and oneself, and everybody at a ceremony of one's own organisations."""
            own = scope.q("record__path", capability) | Q(record__member=scope.person or 0)
            return own | scope.q("ceremony__path", capability)

        def with_people(self):
            """Each with its record: whom it is about, where he stood, who organised it, who wrote it."""
            actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
            rows = self.select_related("record__member", "record__entered_by", "record__organisation")
            rows = rows.prefetch_related(models.Prefetch("record__actors", actors))
            return rows.defer(*sealed_at("record__member", "record__entered_by"))

    objects = CeremonyRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "仪式记录"

    def __str__(self):
        return f"record {self.record_id} of ceremony {self.ceremony_id}"


class GreetingText(models.Model):
    """祝贺文案: the words an organisation greets its members with; the nearest upward holds.

    Written by :mod:`awards.greeting_texts`, which knows the placeholders and what holds where nobody wrote any.
    """

    class Kind(models.TextChoices):
        JOINED = "joined", "入党当天"
        POLITICAL = "political", "政治生日"
        FIFTY = "fifty", "入党满 50 年"
        NATURAL = "natural", "生日"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="greeting_texts")
    kind = models.CharField("种类", max_length=12, choices=Kind)
    text = models.CharField("文案", max_length=500)
    written_on = models.DateField("日期")
    written_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class GreetingTextQuerySet(ScopedQuerySet):
        scope_path = "organisation__path"

    objects = GreetingTextQuerySet.as_manager()

    class Meta:
        verbose_name = "祝贺文案"
        constraints = [models.UniqueConstraint(fields=["organisation", "kind"], name="one_greeting_text_a_kind")]

    def __str__(self):
        return f"{self.kind} of {self.organisation_id}"
