"""The forms of talks. They offer only what the account may choose; the service checks what a talk may be."""

from datetime import date, timedelta

from django import forms
from django.db.models import Exists, OuterRef

from base.fields import TextField
from base.once import OnceField
from duties.forms import WHOM
from members.enums import Capability, Role, Standing
from members.models import Membership, Organisation, Person, Post
from visits.models import Talk
from visits.reasons import Reason

TALKING_ROLES = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER, Role.GROUP_LEADER,
)  # fmt: skip
BACK = timedelta(days=400)
"""Posts that ended not longer ago than this are offered as talkers, for late entries."""


def talkers_for(membership: Membership, account, day: date) -> list[tuple[int, str]]:
    """Who may have talked with the member: oneself first, then holders of posts from the branch upward."""
    chain = Organisation.objects.filter(
        descent__organisation=membership.organisation_id, descent__since__lte=day, descent__until__gt=day
    )
    posts = Post.objects.filter(organisation__in=chain, role__in=TALKING_ROLES, since__lte=day, until__gt=day - BACK)
    posts = posts.exclude(person=membership.person_id).select_related("person", "organisation")
    found = {}
    for post in posts.order_by("-organisation__path", "role", "-until", "pk"):
        words = f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）"
        found.setdefault(post.person_id, words if post.until > day else words[:-1] + f"，至 {post.until}）")
    me = account.person
    if me and me.pk != membership.person_id:
        found = {me.pk: found.get(me.pk, f"{me.name}（{account.scope.title}）"), **found}
    return list(found.items())


def told_apart(person: Person) -> str:
    """The name, with the month of birth where another of the branch has the same name."""
    return f"{person.name}（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else person.name


class TalkForm(forms.Form):
    """One talk with ``membership``'s member, or one collective talk with others of the branch besides."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    on = forms.DateField(label="谈话日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    talker = forms.TypedChoiceField(label="谈话人", coerce=int)
    means = forms.ChoiceField(
        label="方式", choices=Talk.Means.choices, widget=forms.RadioSelect, initial=Talk.Means.FACE
    )
    others = forms.ModelMultipleChoiceField(
        Person.objects.none(), label="同时参加的人", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="只在方式是“集体”时用；每人各记一条。",
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选同时参加的人。"),
    )  # fmt: skip
    reason = forms.ChoiceField(label="为什么谈")
    text = TextField(
        label="谈了什么", required=False, strip=True, max_length=20_000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写要点：思想、工作、生活。加密保存，只有谈话人、本支部书记和组织委员能看，上级只见次数。",
    )  # fmt: skip
    wish = TextField(
        label="本人诉求", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="没有就空着。同样加密保存。",
    )  # fmt: skip
    place = TextField(label="地点", required=False, max_length=60)

    def __init__(self, data=None, *, account, membership: Membership, reasons: list[Reason], day: date, **more):
        super().__init__(data, **more)
        self.account, self.membership, self.reasons = account, membership, {reason.value: reason for reason in reasons}
        self.fields["talker"].choices = talkers_for(membership, account, day)
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in reasons]
        here = Membership.objects.on(day).visible_to(account, Capability.RECORD)
        here = here.filter(organisation=membership.organisation_id).exclude(standing=Standing.DEAD)
        here = here.exclude(person__in=[membership.person_id, account.person_id])
        twins = Person.objects.filter(name=OuterRef("name"), pk__in=here.values("person")).exclude(pk=OuterRef("pk"))
        colleagues = Person.objects.filter(pk__in=here.values("person")).annotate(has_twin=Exists(twins))
        self.fields["others"].queryset = colleagues.only("name", "birth_on").order_by("name", "pk")
        self.fields["others"].label_from_instance = told_apart
        sentences = {
            "on": "请填谈话日期，例如 2026-11-20。", "talker": "请选谈话人。", "means": "请选谈话方式。",
            "reason": "请选为什么谈。",
        }  # fmt: skip
        for required, words in sentences.items():
            self.fields[required].error_messages |= {"required": words, "invalid": words, "invalid_choice": words}

    def clean(self):
        """A talk held while the member stood elsewhere is for the branch of that day to enter."""
        given = super().clean()
        if given.get("on"):
            then = Membership.objects.on(given["on"]).filter(person__in=self._members())
            elsewhere = then.exclude(self.account.scope.q("path", Capability.RECORD)).select_related("person")
            for stay in elsewhere.order_by("pk")[:1]:
                words = f"{given['on']} 时{stay.person.name}的组织关系不在你的范围内，那次谈话由当时所在支部登记。"
                self.add_error("on", words)
        return given

    def _members(self) -> list[Person]:
        return [self.membership.person, *self.cleaned_data.get("others", [])]

    def talk(self) -> dict:
        """The talk as the service takes it."""
        given = self.cleaned_data
        reason = self.reasons[given["reason"]]
        talker = Person.objects.get(pk=given["talker"])
        return {
            "members": self._members(), "on": given["on"], "means": given["means"], "subject": reason.subject,
            "event": reason.event, "text": given["text"], "wish": given["wish"], "place": given["place"],
            "talkers": [talker],
        }  # fmt: skip
