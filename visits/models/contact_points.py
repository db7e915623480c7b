"""Which leader has which organisation as contact point."""

from django.db import models
from django.db.models import F, Q

from base.dates import FAR
from members.enums import Capability
from members.models import IntervalQuerySet, Organisation, Person
from members.scope import Scope, sealed_at


class ContactPoint(models.Model):
    """领导联系点: which leader has which organisation as contact point, for an interval.

    Written by :mod:`visits.contact_points`. What the leader did there are records; nothing of it is stored here.
    """

    leader = models.ForeignKey(Person, models.PROTECT, related_name="contact_points")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contact_leaders")
    since = models.DateField("自")
    until = models.DateField("至", default=FAR)

    class ContactPointQuerySet(IntervalQuerySet):
        def scoped(self, scope: Scope, capability: Capability):
            return scope.q("organisation__path", capability) | Q(leader=scope.person or 0)

        def during(self, first, last):
            """Those that held on some day from ``first`` to ``last``."""
            return self.filter(since__lte=last, until__gt=first)

        def with_ends(self):
            """With the leader and the organisation, in the order of the tree."""
            rows = self.select_related("leader", "organisation").defer(*sealed_at("leader"))
            return rows.order_by("organisation__path", "since", "pk")

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        verbose_name = "领导联系点"
        constraints = [models.CheckConstraint(condition=Q(since__lt=F("until")), name="contact_point_interval")]

    def __str__(self):
        return f"{self.leader_id} at {self.organisation_id}"
