"""What rows of this floor have in common that are typed, corrected and taken back: by whom, in which version."""

from django.db import models

from members.enums import Capability
from members.models import Membership, Person
from members.scope import Scope, ScopedQuerySet


class KeptQuerySet(ScopedQuerySet):
    """Rows about a member or about an organisation, which lie where the member stood or where the organisation is."""

    def scoped(self, scope: Scope, capability: Capability) -> models.Q:
        """Those of members who stand within today, and what lies within; to look at, one's own besides."""
        stays = Membership.objects.on(scope.day).filter(person=models.OuterRef("person"))
        seen = models.Q(models.Exists(stays.filter(scope.q("path", capability)))) | scope.q("path", capability)
        return seen | models.Q(person=scope.person) if capability == Capability.VIEW and scope.person else seen

    def standing(self):
        """Those that were not taken back as entered wrongly."""
        return self.filter(withdrawn_on__isnull=True)


class Kept(models.Model):
    """Entered on a day by somebody; corrected, its version grows; taken back, it stays to be read."""

    version = models.PositiveIntegerField("版次", default=1)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_on = models.DateField("撤回日期", null=True)
    withdrawn_reason = models.CharField("撤回理由", max_length=200, blank=True)

    class Meta:
        abstract = True

    @property
    def whose(self) -> str:
        """The name of the member or of the organisation it is about."""
        return self.person.name if self.person_id else self.organisation.label
