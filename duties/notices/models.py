"""The outbox and the inbox: who is to be told something, and what they were told; decisions on policy to be told of."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from duties.policy.models import Policy, Rule
from members.enums import Capability
from members.models import Organisation, Person
from members.scope import Scope, ScopedQuerySet

FAR_LEASE = timedelta(minutes=10)
"""No lease reaches this far ahead: one that does was given by a clock that has been put back since."""


class Kind(models.TextChoices):
    DIGEST = "digest", "每日提醒"
    REVIEW = "review", "每周情况"
    DECISION = "decision", "制度变动"
    OUTCOME = "outcome", "办理结果"


class Decision(models.Model):
    """制度决定: an organisation adopted a policy, adjusted a rule of it or ended that; those below are told.

    Written by :mod:`duties.notices.decisions` in the transaction of the decision. ``last_duty`` is the highest number
    of a duty there was then: what the next sweep opens stands above it.
    """

    class Act(models.TextChoices):
        ADOPT = "adopt", "采用"
        END = "end", "停用"
        ADJUST = "adjust", "调整"
        DROP = "drop", "停用调整"

    act = models.CharField("决定", max_length=8, choices=Act)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    on = models.DateField("从哪天起", db_column="on_day")
    entered_at = models.DateTimeField("录入时间")
    last_duty = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = "制度决定"

    def __str__(self):
        return f"{self.organisation_id} {self.act} {self.policy_id}"


class Notice(models.Model):
    """One person is to be told of one kind of thing on one day, of one decision, or of what became of something
    (``about``, see :mod:`duties.notices.outcomes`), through one channel. What, is found out when it is.

    Written by :mod:`duties.notices.outbox` alone. The unique key, not the sender, sees to it that it is told once.
    """

    class State(models.TextChoices):
        PENDING = "pending", "等待发送"
        SENDING = "sending", "正在发送"
        SENT = "sent", "已发送"
        DROPPED = "dropped", "不必发送"
        DEAD = "dead", "没有发出"

    recipient = models.ForeignKey(Person, models.PROTECT, related_name="notices")
    kind = models.CharField("种类", max_length=8, choices=Kind)
    day = models.DateField("日期")
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="notices")
    about = models.CharField("哪一件", max_length=40, blank=True, default="")
    channel = models.CharField("途径", max_length=8, default="inbox")
    state = models.CharField("状态", max_length=8, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    not_before = models.DateTimeField("最早发送")
    lease_until = models.DateTimeField("租期至", null=True)
    token = models.CharField("认领", max_length=16, blank=True)
    enqueued_at = models.DateTimeField("放入时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    error = models.CharField("出错", max_length=60, blank=True, help_text="异常的类名，不含其文字")

    class NoticeQuerySet(models.QuerySet):
        def due(self, now: datetime):
            """Those a sender may take: their time has come, or whoever took them has been gone too long."""
            left = Q(lease_until__lte=now) | Q(lease_until__gt=now + FAR_LEASE)
            pending = Q(state=Notice.State.PENDING, not_before__lte=now)
            return self.filter(pending | Q(left, state=Notice.State.SENDING))

        def unsent(self):
            """What still waits or is being sent."""
            return self.filter(state__in=(Notice.State.PENDING, Notice.State.SENDING))

        def dead(self):
            """What was tried too often and is left to a person."""
            return self.filter(state=Notice.State.DEAD)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "待发消息"
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "day", "channel"],
                condition=Q(decision__isnull=True, about=""),
                name="told_once_a_day",
            ),
            models.UniqueConstraint(fields=["recipient", "decision", "channel"], name="told_once_of_a_decision"),
            models.UniqueConstraint(
                fields=["recipient", "about", "channel"], condition=~Q(about=""), name="told_once_of_an_outcome"
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                condition=Q(state__in=("pending", "sending", "dead")),
                name="unsent_notices",
            ),
            models.Index(fields=["day"], name="notices_by_day"),
        ]

    def __str__(self):
        return f"{self.kind} {self.day} to {self.recipient_id} ({self.state})"


class MessageQuerySet(ScopedQuerySet):
    def scoped(self, scope: Scope, capability: Capability):
        """One's own, and nobody else's whatever post they hold."""
        return Q(recipient=scope.person) if scope.person else Q(pk__in=[])

    def unread(self):
        return self.filter(read_at__isnull=True)


class Message(models.Model):
    """What one person was told on one day, of one decision, or of what became of something: as it stood then, in
    counts and days; nobody's name.

    Written when its notice is sent; only ``read_at`` changes afterwards.
    """

    recipient = models.ForeignKey(Person, models.PROTECT, related_name="messages")
    kind = models.CharField("种类", max_length=8, choices=Kind)
    day = models.DateField("日期")
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="messages")
    about = models.CharField("哪一件", max_length=40, blank=True, default="")
    content = models.JSONField("内容")
    sent_at = models.DateTimeField("送达时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "消息"
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "day"],
                condition=Q(decision__isnull=True, about=""),
                name="one_message_a_day",
            ),
            models.UniqueConstraint(fields=["recipient", "decision"], name="one_message_of_a_decision"),
            models.UniqueConstraint(
                fields=["recipient", "about"], condition=~Q(about=""), name="one_message_of_an_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="messages_newest_first"),
            models.Index(fields=["recipient"], condition=Q(read_at__isnull=True), name="unread_messages"),
        ]

    def __str__(self):
        return f"{self.kind} {self.day} of {self.recipient_id}"
