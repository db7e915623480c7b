"""Layouts: how a superior wants a ledger to look, kept so that it is laid out once. Disclosures: what is open."""

from django.db import models
from django.db.models import Q

from awards.models.selection import around
from duties.engine.models import Deed
from ledgers.reporting.models import Report, SentBack
from ledgers.supervision.models import Answer, NamedDuty, Supervision
from members.enums import Capability
from members.models import PATH_SEGMENT, Organisation, Person
from members.scope import Scope, ScopedQuerySet

__all__ = ["Answer", "Disclosure", "Layout", "NamedDuty", "Report", "SentBack", "Supervision"]


class LayoutQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """To look at: those of an organisation within, and of one above: what a superior laid out is for all below."""
        within = scope.q("organisation__path", capability)
        if capability != Capability.VIEW:
            return within
        above = {path[:end] for path in scope.paths(capability) for end in range(5, len(path), 5)}
        return within | Q(organisation__path__in=above)


class Layout(models.Model):
    """版式: columns of a ledger, picked, ordered and renamed, under a title of its own; or a superior's own sheet.

    Written by :mod:`ledgers.layouts`. ``columns``: pairs of the ledger's own heading and the heading printed; of a
    superior's sheet ``book`` (an empty form: nobody stands in it) triples with the column of the sheet, counted from 1.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="layouts")
    ledger = models.CharField("台账", max_length=40)
    name = models.CharField("版式名称", max_length=40)
    title = models.CharField("表头标题", max_length=60, blank=True)
    columns = models.JSONField("列", default=list)
    signers = models.CharField("签名", max_length=60, blank=True)
    book = models.BinaryField("上级的表", null=True)
    sheet = models.CharField("工作表", max_length=60, blank=True)
    first_row = models.PositiveIntegerField("从第几行填", default=0)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = LayoutQuerySet.as_manager()

    class Meta:
        verbose_name = "版式"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "ledger", "name"], name="one_layout_a_name"),
        ]

    def __str__(self):
        return f"{self.name} of {self.ledger}"


class DisclosureQuerySet(ScopedQuerySet):
    scope_path = "deed__record__path"

    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """Those of the organisations within; to look at, also what is open today of those one belongs to, by membership
        or by a post.
        """
        within = scope.q(self.scope_path, capability)
        if capability != Capability.VIEW:
            return within
        at = {each.organisation.path for each in scope.holdings}
        above = {path[:end] for path in at for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)}
        mine = Q(deed__record__path__in=above) | around(scope, "deed__record__organisation")
        return within | (mine & self._open_on(scope.day))

    @staticmethod
    def _open_on(day) -> Q:
        return Q(deed__record__withdrawn_on=None, deed__record__on__lte=day, until_on__gte=day)

    def on(self, day):
        """What is open on a day."""
        return self.filter(self._open_on(day))

    def with_place(self):
        """All that a list shows."""
        return self.select_related("deed__record__organisation").defer("text", "deed__note")


class Disclosure(models.Model):
    """党务公开: what an organisation told its members and those below it. Written by :mod:`ledgers.disclosing`.

    ``deed`` says of which organisation, from which day and by whom, closes what policy asks of the organisation, and
    is what is taken back.
    """

    class Topic(models.TextChoices):
        ELECTION = "election", "换届选举"
        MATTER = "matter", "重要事项"
        ADMISSION = "admission", "发展党员"
        DUES = "dues", "党费收缴、使用和管理"
        FUND = "fund", "关怀帮扶资金"
        COMMENDATION = "commendation", "评选表彰"
        CARE = "care", "关怀帮扶"
        OTHER = "other", "其他党务"

    deed = models.OneToOneField(Deed, models.CASCADE, related_name="disclosure")
    topic = models.CharField("公开什么", max_length=12, choices=Topic)
    title = models.CharField("标题", max_length=60)
    text = models.TextField("内容")
    until_on = models.DateField("公开到")
    place = models.CharField("还在哪里公开", max_length=60, blank=True)

    objects = DisclosureQuerySet.as_manager()

    class Meta:
        verbose_name = "党务公开"

    def __str__(self):
        return f"disclosure {self.pk}"
