"""The forms of talks: one talk, and several held one by one on one day."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django import forms

from base.fields import RowsField, TextField
from base.once import OnceField
from duties.board.records import Given
from duties.engine.models import Action, Duty
from duties.forms import WHOM
from duties.tasks import offered
from members.acting import actors_for, stood_elsewhere
from members.models import Membership, Organisation, Person
from visits.forms.after import promised, promises_field
from visits.forms.choices import Day, people_of, say, told_apart
from visits.models import Talk
from visits.promises import Promise
from visits.reasons import Reason, is_anothers, of_duty
from visits.requesting import LONGEST_REASON, overdue
from visits.services import Said

LONGEST = 20_000
"""Characters of what was talked about."""


class ThemesField(forms.MultipleChoiceField):
    """What was talked about: at least one theme."""

    def __init__(self):
        missing = "请勾选谈到了什么，思想、工作、生活至少一样。"
        super().__init__(
            label="谈到", choices=Talk.Theme.choices, widget=forms.CheckboxSelectMultiple,
            initial=[Talk.Theme.THOUGHT], error_messages=dict.fromkeys(("required", "invalid_choice"), missing),
        )  # fmt: skip


class TalkForm(forms.Form):
    """One talk with ``membership``'s member, or one collective talk with others of the branch besides."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    on = Day(label="谈话日期")
    talker = forms.TypedChoiceField(label="谈话人", coerce=int)
    means = forms.ChoiceField(
        label="方式", choices=Talk.Means.choices, widget=forms.RadioSelect, initial=Talk.Means.FACE
    )
    others = RowsField(
        Person.objects.none(), label="同时参加的人", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="只在方式是“集体”时用；每人各记一条。",
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选同时参加的人。"),
    )  # fmt: skip
    reason = forms.ChoiceField(label="为什么谈")
    late_reason = TextField(
        label="约谈超期的原因", required=False, max_length=LONGEST_REASON,
        help_text="谈话日期晚于应安排的日子才填。本人看得到，也写入台账，不写病情、处分。",
    )  # fmt: skip
    themes = ThemesField()
    text = TextField(
        label="谈了什么", required=False, strip=True, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="写要点：思想、工作、生活。加密保存，只有谈话人、本人、本支部书记和组织委员能看，上级只见次数。",
    )  # fmt: skip
    wish = TextField(
        label="本人诉求", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="没有就空着。同样加密保存。",
    )  # fmt: skip
    opinion = TextField(
        label="意见建议", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="对党组织、对工作的意见和建议。",
    )  # fmt: skip
    reply = TextField(
        label="当场答复", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    minutes = forms.IntegerField(
        label="谈了多少分钟", required=False, min_value=1, max_value=600,
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "min": None, "max": None}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), "请写 1 到 600 之间的整数。"),
    )  # fmt: skip
    place = TextField(label="地点", required=False, max_length=60)

    def __init__(self, data=None, *, account, membership: Membership, reasons: list[Reason], day: date, **more):
        super().__init__(data, **more)
        self.account, self.membership, self.reasons = account, membership, {reason.value: reason for reason in reasons}
        here, person = membership.organisation, membership.person
        self.fields["promises"] = promises_field(offered(membership, day))
        self.fields["talker"].choices = actors_for(here, account, day, but=person)
        self.fields["reason"].choices = [(reason.value, reason.label) for reason in reasons]
        self.fields["others"].queryset = people_of(here, account, day, but=[person.pk, account.person_id])
        self.fields["others"].label_from_instance = told_apart
        say(self, {
            "on": "请填谈话日期，例如 2026-11-20。", "talker": "请选谈话人。", "means": "请选谈话方式。",
            "reason": "请选为什么谈。",
        })  # fmt: skip
        if not overdue(reasons, day):
            del self.fields["late_reason"]

    def clean(self):
        given = super().clean()
        if given.get("on"):
            elsewhere = stood_elsewhere(self.account, self._members(), given["on"], what="谈话")
            for words in elsewhere.values():
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
            "event": reason.event, "talkers": [talker],
            **{name: given[name] for name in ("text", "themes", "wish", "opinion", "reply", "place", "minutes")},
        }  # fmt: skip

    def said(self) -> list[Said]:
        """What is compared with earlier talks: the words, once for all who were there."""
        return [Said(self.membership.person, self.cleaned_data["text"])]

    def promises(self) -> list[Promise]:
        """What was promised to the form's own member."""
        return promised(self.cleaned_data["promises"])

    def given(self) -> Given:
        """What decides which duties the talk closes."""
        talk = self.talk()
        collective = talk["means"] == Talk.Means.COLLECTIVE
        return Given(Action.TALK, talk["on"], talk["talkers"], talk["event"], collective)


@dataclass(frozen=True)
class TalkLine:
    """One member's line: the three fields, and what a talk with the member could close."""

    membership: Membership
    owed: list[str]
    tick: forms.BoundField
    text: forms.BoundField
    wish: forms.BoundField


class SeveralTalksForm(forms.Form):
    """Talks with several members of one branch, one by one on one day: a line for each, only the ticked ones count.

    :param stays: the members who have a line.
    :param owed: the open duties a talk with them could close, the most urgent first.
    """

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    themes = ThemesField()
    on = Day(label="谈话日期")
    talker = forms.TypedChoiceField(label="谈话人", coerce=int)
    means = forms.ChoiceField(
        label="方式", widget=forms.RadioSelect, initial=Talk.Means.FACE,
        choices=[choice for choice in Talk.Means.choices if choice[0] != Talk.Means.COLLECTIVE],
    )  # fmt: skip

    def __init__(
        self, data=None, *, account, here: Organisation, stays: list[Membership], owed: list[Duty], day: date, **more
    ):
        super().__init__(data, **more)
        self.account, self.stays = account, stays
        self.owed: dict[int, list[Duty]] = defaultdict(list)
        for duty in owed:
            self.owed[duty.member_id].append(duty)
        self.fields["talker"].choices = actors_for(here, account, day)
        say(self, {
            "on": "请填谈话日期，例如 2026-11-20。", "talker": "请选谈话人。", "means": "请选谈话方式。",
        })  # fmt: skip
        for stay in stays:
            pk, name = stay.person_id, stay.person.name
            self.fields[f"tick_{pk}"] = forms.BooleanField(label=name, required=False)
            self.fields[f"text_{pk}"] = TextField(
                label=f"与{name}谈了什么", required=False, max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 2, "placeholder": "谈了什么"}),
            )  # fmt: skip
            self.fields[f"wish_{pk}"] = TextField(
                label=f"{name}的诉求", required=False, max_length=2_000,
                widget=forms.TextInput(attrs={"placeholder": "本人诉求，可不填"}),
            )  # fmt: skip

    def clean(self):
        given = super().clean()
        for stay in self.stays:
            pk = stay.person_id
            if not given.get(f"tick_{pk}") and (given.get(f"text_{pk}") or given.get(f"wish_{pk}")):
                self.add_error(f"text_{pk}", f"写了内容但没有勾选{stay.person.name}。要登记请勾选，不登记请删去。")
        if given.get("on"):
            ticked = [stay.person for stay in self._ticked()]
            for pk, words in stood_elsewhere(self.account, ticked, given["on"], what="谈话").items():
                self.add_error(f"text_{pk}", words)
        return given

    def _ticked(self) -> list[Membership]:
        return [stay for stay in self.stays if self.cleaned_data.get(f"tick_{stay.person_id}")]

    def said(self) -> list[Said]:
        """The ticked lines; each talk is about what is most urgent for its member and not for somebody else to do."""
        given = self.cleaned_data
        return [
            Said(stay.person, given.get(f"text_{stay.person_id}", ""), given.get(f"wish_{stay.person_id}", ""),
                 *self._reason(stay.person_id), themes=given["themes"])
            for stay in self._ticked()
        ]  # fmt: skip

    def _reason(self, member: int) -> tuple:
        for duty in self.owed[member]:
            if not is_anothers(duty, self.cleaned_data["talker"]):
                reason = of_duty(duty, Action.TALK, self.account)
                return reason.subject, reason.event
        return Talk.Subject.OTHER, None

    def talkers(self) -> list[Person]:
        return [Person.objects.get(pk=self.cleaned_data["talker"])]

    def lines(self) -> list[TalkLine]:
        """The lines as the page lays them out."""
        return [
            TalkLine(
                stay, [of_duty(duty, Action.TALK, self.account).label for duty in self.owed[stay.person_id]],
                *(self[f"{name}_{stay.person_id}"] for name in ("tick", "text", "wish")),
            )
            for stay in self.stays
        ]  # fmt: skip


def text_field(member: Person) -> str:
    """The field in which the words about a member stand."""
    return f"text_{member.pk}"
