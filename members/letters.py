"""What goes between the organisation and one member: the code that opens an account, a correction asked for.

Models of this app, in a module of their own; :mod:`members.models` names them too.
"""

from django.db import models

from base.sealed import SealedTextField


class Invitation(models.Model):
    """A one-time code with which a member or the holder of a post opens an account. Only its digest is kept."""

    person = models.ForeignKey("members.Person", models.PROTECT, related_name="invitations")
    code_digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField("有效至")
    used_at = models.DateTimeField("使用时间", null=True)
    revoked_at = models.DateTimeField("作废时间", null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "开通邀请"

    def __str__(self):
        return f"invitation of {self.person_id}"


class Correction(models.Model):
    """更正联系方式: what a member says his telephone or address is, until the branch confirms or declines it.

    The event is the asking, with its duty; an empty field asks for nothing. Written by :mod:`duties.asking`; what was
    confirmed stands in the person from ``decided_on`` on, what was declined says why. It is read through its event.
    """

    event = models.OneToOneField("members.Event", models.PROTECT, related_name="correction")
    phone = SealedTextField("联系电话", blank=True)
    landline = SealedTextField("固定电话", blank=True)
    address = SealedTextField("家庭住址", blank=True)
    decided_on = models.DateField("核实日期", null=True)
    confirmed = models.BooleanField("已核实", default=False)
    reason = SealedTextField("没有改的原因", blank=True)

    class Meta:
        verbose_name = "更正联系方式"

    def __str__(self):
        return f"correction of event {self.event_id}"
