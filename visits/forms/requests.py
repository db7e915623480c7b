"""The forms of requests for a talk: asking, arranging, another day, why it was late."""

from datetime import date

from django import forms

from base.fields import TextField
from base.once import OnceField
from duties.forms import WHOM
from members.models import Post
from visits.forms.choices import Day, say
from visits.requesting import LONGEST_REASON


class RequestForm(forms.Form):
    """Whom a member asks for a talk, and why if he likes to say."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    addressee = forms.TypedChoiceField(label="想找谁谈", coerce=int, widget=forms.RadioSelect)
    on = Day(label="哪天提出的", help_text="期限从这一天算起。")
    reason = TextField(
        label="想谈什么", required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不写也可以。加密保存，只有被约的人、登记的人和本人能看。",
    )  # fmt: skip

    def __init__(self, data=None, *, leaders: list[Post], own: bool, day: date, **more):
        """:param own: whether one asks for oneself: then it is asked today."""
        super().__init__(data, **more)
        self.day, self.leaders = day, {}
        for post in leaders:
            self.leaders.setdefault(post.person_id, post)
        self.fields["addressee"].choices = [
            (pk, f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）")
            for pk, post in self.leaders.items()
        ]
        sentences = {"addressee": "请选想找谁谈。"}
        if own:
            del self.fields["on"]
        else:
            sentences["on"] = "请填提出的日期，例如 2026-11-20。"
        say(self, sentences)

    def asked(self) -> dict:
        """The request as the service takes it."""
        given = self.cleaned_data
        addressee = self.leaders[given["addressee"]].person
        return {"addressee": addressee, "on": given.get("on", self.day), "reason": given["reason"]}


class ArrangeTalkForm(forms.Form):
    """On which day a requested talk will be, and where."""

    once = OnceField()
    on = Day(label="安排在哪天")
    place = TextField(label="地点", required=False, max_length=60)

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        say(self, {"on": "请填安排在哪天，例如 2026-12-03。"})


class WishForm(forms.Form):
    """Which other day would suit."""

    once = OnceField()
    on = Day(label="哪天方便")

    def __init__(self, data=None, **more):
        super().__init__(data, **more)
        say(self, {"on": "请填哪天方便，例如 2026-12-03。"})


class LateForm(forms.Form):
    """Why a requested talk was held late."""

    once = OnceField()
    late_reason = TextField(
        label="超期的原因", required=False, max_length=LONGEST_REASON, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="本人看得到，也写入台账，不写病情、处分。",
    )  # fmt: skip
