"""评选的推荐对象: who was nominated by which meeting, and what review, decision and notice made of it."""

from datetime import date

from django.db import models
from django.db.models import Q

from awards.models.honours import Honour
from awards.models.selection import Selection, SelectionTitle, around
from base.sealed import SealedTextField
from members.enums import Capability
from members.models import PATH_LENGTH, Organisation, Person
from members.scope import Scope, ScopedQuerySet


class SelectionMeeting(models.Model):
    """评选研究会议: a meeting that decided on the nominees of a selection, as its minutes say."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="meetings")
    body = models.CharField("会议", max_length=60)
    on = models.DateField("会议日期", db_column="on_day")
    expected = models.PositiveSmallIntegerField("应到")
    present = models.PositiveSmallIntegerField("实到")
    minutes = models.CharField("会议纪要编号", max_length=60)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "评选研究会议"

    def __str__(self):
        return f"{self.body} on {self.on}"


LEAST_DAYS = 5
"""Working days for which a selection is to be shown."""


class SelectionNoticeQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """For everybody who belongs to the organisation or sees it; nobody outside sign-in."""
        led = scope.q("selection__organisation__path", capability)
        if capability != Capability.VIEW:
            return led
        mine = Selection.objects.filter(around(scope)).values("pk")
        seen = Selection.objects.filter(Selection.objects.scoped(scope, capability)).values("pk")
        return led | Q(selection__in=mine) | Q(selection__in=seen)


class SelectionNotice(models.Model):
    """评选公示: who is to be commended, shown to the members of the organisation for some working days."""

    selection = models.ForeignKey(Selection, models.CASCADE, related_name="notices")
    from_on = models.DateField("公示起")
    until_on = models.DateField("公示止")
    days = models.PositiveSmallIntegerField("公示工作日")
    place = models.CharField("公示地点", max_length=60)
    contact = models.CharField("受理异议", max_length=100)
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = SelectionNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "评选公示"
        constraints = [
            models.CheckConstraint(condition=Q(from_on__lt=models.F("until_on")), name="selection_notice_days")
        ]

    def __str__(self):
        return f"notice of selection {self.selection_id} from {self.from_on}"

    @property
    def short(self) -> bool:
        """Whether it hung for fewer days than it should have; only one of the past can be entered so."""
        return self.days < LEAST_DAYS

    @property
    def days_words(self) -> str:
        """5 个工作日; 3 个工作日，不足 5 个."""
        return f"{self.days} 个工作日{f'，不足 {LEAST_DAYS} 个' if self.short else ''}"


class NomineeQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability) -> Q:
        """Where the nominee stands; to look at, one's own nomination besides."""
        here = scope.q("path", capability)
        return here | Q(person=scope.person) if capability == Capability.VIEW and scope.person else here

    def standing(self):
        """Those who take up a place of their organisation."""
        return self.exclude(state__in=Nominee.FREE)

    def waiting(self):
        """Those whom the general branch between has not recommended yet."""
        return self.filter(state=Nominee.State.NOMINATED, endorser__isnull=False, endorsed_on__isnull=True)

    def told(self):
        """Those of whom the time line of a member tells, with what :meth:`Nominee.story` reads."""
        return self.exclude(state=Nominee.State.WITHDRAWN).select_related("title__selection", "nominator", "meeting")


class Nominee(models.Model):
    """推荐对象: one member or organisation nominated for one title. Written by :mod:`awards.selecting`.

    ``nominator`` used a place of its own; ``organisation`` is where the member stands, or what is nominated itself.
    ``endorser`` is the general branch between, if there is one: it recommends in an order of its own (``rank``).
    ``chosen_by`` votes as said; empty, all who were there agreed. ``aside``: he stepped aside when it was about him.
    ``came_from``: the nominee of the selection below of whom this one was made.
    """

    class State(models.TextChoices):
        NOMINATED = "nominated", "已推荐"
        DECLINED = "declined", "总支未推荐"
        WITHDRAWN = "withdrawn", "推荐已撤回"
        PASSED = "passed", "复核通过"
        FAILED = "failed", "复核不通过"
        CHOSEN = "chosen", "拟表彰"
        LEFT = "left", "未入选"
        REMOVED = "removed", "已取消"
        AWARDED = "awarded", "已表彰"

    FREE = (State.WITHDRAWN, State.DECLINED)
    """Whoever is so leaves his place to another."""

    title = models.ForeignKey(SelectionTitle, models.CASCADE, related_name="nominees")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="nominations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    path = models.CharField(max_length=PATH_LENGTH, editable=False)
    nominator = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="推荐单位")
    state = models.CharField("状态", max_length=10, choices=State, default=State.NOMINATED)
    deeds = models.TextField("主要事迹")
    met_on = models.DateField("推荐会议日期")
    expected = models.PositiveSmallIntegerField("应到")
    present = models.PositiveSmallIntegerField("实到")
    agreed = models.PositiveSmallIntegerField("同意")
    minutes = models.CharField("推荐会议记录编号", max_length=60)
    endorser = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", verbose_name="审核总支")
    endorsed_on = models.DateField("总支审核日期", null=True)
    endorsed_minutes = models.CharField("总支会议记录编号", max_length=60, blank=True)
    rank = models.PositiveSmallIntegerField("总支推荐顺序", null=True)
    reviewed_on = models.DateField("复核日期", null=True)
    reviewed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    review = SealedTextField("复核意见", blank=True)
    meeting = models.ForeignKey(SelectionMeeting, models.SET_NULL, null=True, related_name="nominees")
    chosen_by = models.PositiveSmallIntegerField("研究同意票", null=True)
    aside = models.BooleanField("本人回避", default=False)
    notice = models.ForeignKey(SelectionNotice, models.SET_NULL, null=True, related_name="nominees")
    ended_on = models.DateField("取消日期", null=True)
    ended_words = SealedTextField("撤回、不推荐或取消的原因", blank=True)
    honour = models.OneToOneField(Honour, models.SET_NULL, null=True, related_name="nominee")
    raised_to = models.CharField("向上推荐到", max_length=60, blank=True)
    raised_on = models.DateField("向上推荐日期", null=True)
    came_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="raised_as")
    entered_on = models.DateField("录入日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    objects = NomineeQuerySet.as_manager()

    class Meta:
        verbose_name = "推荐对象"
        constraints = [
            models.UniqueConstraint(
                fields=["title", "person"], condition=~Q(state__in=["withdrawn", "declined"]) & Q(person__isnull=False),
                name="nobody_twice_for_a_title",
            ),
            models.UniqueConstraint(
                fields=["title", "organisation"],
                condition=~Q(state__in=["withdrawn", "declined"]) & Q(person__isnull=True),
                name="no_organisation_twice_for_a_title",
            ),
            models.CheckConstraint(
                condition=Q(agreed__lte=models.F("present"), present__lte=models.F("expected")), name="nominee_votes"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["title", "path", "id"], name="nominees_in_order")]

    def __str__(self):
        return f"nominee {self.pk} for title {self.title_id}"

    @property
    def whom(self) -> str:
        """张三, or the organisation: 河源第一党支部."""
        return self.person.name if self.person else self.organisation.label

    @property
    def votes(self) -> str:
        """应到 12 实到 11 同意 11."""
        return f"应到 {self.expected} 实到 {self.present} 同意 {self.agreed}"

    @property
    def waits(self) -> bool:
        """Whether the general branch between has not said yes or no."""
        return self.state == self.State.NOMINATED and self.endorser_id is not None and self.endorsed_on is None

    @property
    def said(self) -> str:
        """How it stands, in a word or two."""
        if self.state == self.State.AWARDED and self.honour and self.honour.is_posthumous:
            return "已追授"
        return "等总支审核" if self.waits else self.get_state_display()

    def story(self) -> list[tuple[date, str, str]]:
        """Its days on the time line of the member, each with a label and words; the honour tells of itself."""
        selection = self.title.selection
        said = f"{selection.title}，{self.title.name}"
        found = [(self.met_on, "评选推荐", f"{self.nominator.label}推荐，{said}")]
        if self.meeting and self.state in (self.State.CHOSEN, self.State.AWARDED):
            found.append((self.meeting.on, "评选研究", f"拟表彰，{said}"))
        if self.raised_on:
            found.append((self.raised_on, "向上推荐", f"推荐到{self.raised_to}，{self.title.name}"))
        return found


class SelectionObjection(models.Model):
    """评选异议: what somebody said against a nominee under notice, and what was answered. Upheld it removes him."""

    nominee = models.ForeignKey(Nominee, models.CASCADE, related_name="objections")
    received_on = models.DateField("收到日期")
    said_by = SealedTextField("反映人")
    words = SealedTextField("反映的问题")
    answer = SealedTextField("核查和答复", blank=True)
    answered_on = models.DateField("答复日期", null=True)
    upheld = models.BooleanField("属实", null=True)
    entered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "评选异议"
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, upheld__isnull=True)
                | Q(answered_on__isnull=False, upheld__isnull=False),
                name="selection_objection_answered_whole",
            )
        ]  # fmt: skip

    def __str__(self):
        return f"objection to nominee {self.nominee_id}"
