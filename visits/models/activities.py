"""What an organisation held or did for many at once."""

from django.db import models
from django.db.models import Exists, OuterRef, Q

from base.money import Source, money_words
from base.sealed import SealedTextField
from duties.engine.models import Action, Record, RecordPerson
from members.enums import Capability
from members.models import Organisation, Person
from members.scope import Scope, ScopedQuerySet, sealed_at


class Activity(models.Model):
    """活动: something an organisation held or did as a whole; points down to its one record, which is about nobody.

    Members who took part are named or counted; people outside the Party are only ever a number and a word on who they
    are. Written by :mod:`visits.activities`. Money is whole fen.
    """

    class Kind(models.TextChoices):
        CULTURE = "culture", "文体活动"
        HEALTH = "health", "体检和健康服务"
        VOLUNTEER = "volunteer", "志愿服务"
        COMMUNITY = "community", "帮扶群众"

    record = models.OneToOneField(Record, models.CASCADE, related_name="activity")
    kind = models.CharField("种类", max_length=12, choices=Kind)
    title = models.CharField("活动", max_length=60)
    place = models.CharField("地点", max_length=60, blank=True)
    present = models.PositiveIntegerField("参加的党员人数", default=0)
    helped = models.PositiveIntegerField("服务群众人数", default=0)
    group = models.CharField("哪些群众", max_length=60, blank=True)
    money = models.PositiveBigIntegerField("经费（分）", null=True, blank=True)
    source = models.CharField("款源", max_length=16, blank=True, choices=Source)
    text = SealedTextField("做了什么", blank=True)

    class ActivityQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            """Where the record lies, and those that name a member within or oneself."""
            within = Q(person=scope.person or 0) | scope.q("organisation__path", capability)
            named = Participant.objects.filter(within, activity=OuterRef("pk"))
            return scope.q("record__path", capability) | Exists(named)

        def with_people(self):
            """All that an activity shows but its text: where it lies, who organised it, who wrote it."""
            actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
            rows = self.select_related("record__organisation", "record__entered_by")
            rows = rows.prefetch_related(models.Prefetch("record__actors", actors))
            return rows.defer("text", *sealed_at("record__entered_by"))

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = "活动"

    def __str__(self):
        return f"activity of record {self.record_id}"

    @property
    def money_words(self) -> str:
        """500.00 元，留存党费; empty where no money was spent."""
        return money_words(self.money, self.source)


ACTIONS = {
    Activity.Kind.CULTURE: Action.INVITATION,
    Activity.Kind.HEALTH: Action.INVITATION,
    Activity.Kind.VOLUNTEER: Action.SERVICE,
    Activity.Kind.COMMUNITY: Action.AID,
}
"""What the record of each kind counts as: what is held for members invites them, help for others is service or aid."""


class Participant(models.Model):
    """参加活动: one member named in an activity, and where the member stood that day."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, models.PROTECT, related_name="took_part")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class ParticipantQuerySet(ScopedQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            """Of one's own members and oneself, and everybody of an activity of one's own organisations."""
            own = Q(person=scope.person or 0) | scope.q("organisation__path", capability)
            return own | scope.q("activity__record__path", capability)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = "参加活动"
        constraints = [models.UniqueConstraint(fields=["activity", "person"], name="took_part_once")]

    def __str__(self):
        return f"{self.person_id} in {self.activity_id}"
