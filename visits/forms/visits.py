"""The forms of visits, greetings and condolences: one set of fields, of which each kind shows its own."""

from dataclasses import dataclass
from datetime import date

from django import forms

from base.fields import PicturesField, RowsField, TextField, YuanField
from base.money import Source
from base.once import OnceField
from duties.board.records import Given
from duties.engine.models import Action
from duties.filters import Narrowing
from duties.forms import WHOM
from members.acting import actors_for, stood_elsewhere
from members.enums import Standing
from members.models import Membership, Person
from visits.forms.choices import Day, people_of, say, told_apart
from visits.models import Visit
from visits.reasons import Reason
from visits.visiting import NOUNS, Seen

How, Met = Visit.How, Visit.Met


@dataclass(frozen=True)
class Kind:
    """How the form of one action looks: its title, whom it concerns, where or by what means, its fields' labels."""

    title: str
    whom: str
    hows: tuple[str, ...]
    labels: dict[str, str]


KINDS = {
    Action.VISIT: Kind("登记走访", "走访对象", (How.HOME, How.HOSPITAL, How.ELSEWHERE), {
        "on": "哪天去的", "how": "在哪里", "met": "见到谁", "met_name": "家属姓名和关系", "reason": "为什么去",
        "others": "同去的其他党员", "text": "看到什么、需要什么", "wish": "本人或家属的诉求", "promised": "答应了什么",
        "money": "慰问金（元）", "source": "款源", "gift": "慰问品", "gift_value": "慰问品价值（元）",
    }),
    Action.GREETING: Kind("登记祝贺", "祝贺对象", (How.CARD, How.MESSAGE, How.FACE, How.PHONE, How.OATH), {
        "on": "哪天祝贺的", "how": "怎样祝贺", "text": "祝贺的话",
    }),
    Action.CONDOLENCE: Kind("登记吊唁", "去世的同志", (How.HOME, How.FUNERAL, How.ELSEWHERE), {
        "on": "哪天去的", "how": "在哪里", "met_name": "见到哪几位亲属", "others": "同去的其他党员",
        "wish": "亲属的意愿和困难", "promised": "帮助料理了什么",
        "money": "慰问金（元）", "source": "款源", "gift": "慰问品", "gift_value": "慰问品价值（元）",
    }),
}  # fmt: skip
"""The three kinds; a field without a label is not on the form. Nothing else tells them apart here."""


class VisitForm(forms.Form):
    """One visit, greeting or condolence for ``membership``'s member."""

    once = OnceField()
    member = forms.IntegerField(widget=forms.HiddenInput, error_messages=WHOM)
    on = Day()
    people = forms.TypedMultipleChoiceField(label="谁去的", coerce=int, widget=forms.CheckboxSelectMultiple)
    others = RowsField(
        Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选同去的党员。"),
    )  # fmt: skip
    how = forms.ChoiceField(widget=forms.RadioSelect)
    met = forms.ChoiceField(choices=Met.choices, widget=forms.RadioSelect)
    met_name = TextField(required=False, max_length=60)
    reason = forms.ChoiceField()
    text = TextField(required=False, max_length=20_000, widget=forms.Textarea(attrs={"rows": 4}))
    wish = TextField(required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}))
    promised = TextField(required=False, max_length=2_000, widget=forms.Textarea(attrs={"rows": 2}))
    money = YuanField(required=False)
    source = forms.ChoiceField(required=False, choices=[("", "没有给钱"), *Source.choices])
    gift = TextField(
        required=False, max_length=200, widget=forms.TextInput(attrs={"placeholder": "例如：米、油各一份"})
    )
    gift_value = YuanField(required=False)
    pictures = PicturesField()

    def __init__(
        self, data=None, *, action: Action, account, membership: Membership, reasons: list[Reason], day: date, **more
    ):
        super().__init__(data, **more)
        self.action, self.account, self.membership = action, account, membership
        self.reasons = {reason.value: reason for reason in reasons}
        labels = {"once": "", "member": "", "pictures": "照片"}
        labels["people"] = "谁祝贺的" if action == Action.GREETING else "谁去的"
        labels |= KINDS[action].labels
        self.fields = {name: field for name, field in self.fields.items() if name in labels}
        for name, field in self.fields.items():
            field.label = labels[name]
        person = membership.person
        self.fields["people"].choices = actors_for(membership.organisation, account, day, but=person)
        self.fields["how"].choices = [(how.value, how.label) for how in KINDS[action].hows]
        sentences = {"on": "请填日期，例如 2026-11-20。", "people": "请勾选是谁。", "how": f"请选{labels['how']}。"}
        if "others" in labels:
            acting = [pk for pk, _words in self.fields["people"].choices]
            self.fields["others"].queryset = people_of(membership.organisation, account, day, but=[person.pk, *acting])
            self.fields["others"].label_from_instance = told_apart
        if "reason" in labels:
            self.fields["reason"].choices = [(reason.value, reason.label) for reason in reasons]
            self.fields["met"].initial = Met.FAMILY if membership.standing == Standing.DEAD else Met.MEMBER
            sentences |= {"reason": "请选为什么去。", "met": "请选见到谁。"}
        if "source" in labels:
            sentences["source"] = "请从列表里选款源。"
        say(self, sentences)

    def clean(self):
        given = super().clean()
        if given.get("on"):
            what = NOUNS[self.action]
            elsewhere = stood_elsewhere(self.account, [self.membership.person], given["on"], what=what)
            for words in elsewhere.values():
                self.add_error("on", words)
        return given

    def visit(self) -> dict:
        """The visit as the service takes it."""
        given = self.cleaned_data
        reason = self.reasons[given["reason"]] if "reason" in given else next(iter(self.reasons.values()), None)
        words = {name: given.get(name, "") for name in ("met_name", "source", "gift", "text", "wish", "promised")}
        sums = {name: given.get(name) for name in ("money", "gift_value")}
        met = Met.FAMILY if self.action == Action.CONDOLENCE else given.get("met", "")
        people = [*Person.objects.filter(pk__in=given["people"]).order_by("pk"), *given.get("others", [])]
        return {
            "action": self.action, "member": self.membership.person, "on": given["on"], "people": people,
            "seen": Seen(given.get("how", ""), occasion=reason.subject if reason else "", met=met, **words, **sums),
            "event": reason.event if reason else None,
        }  # fmt: skip

    def given(self) -> Given:
        """What decides which duties the visit closes."""
        visit = self.visit()
        return Given(self.action, visit["on"], visit["people"], visit["event"])


class VisitFilter(Narrowing):
    """The list's filters: kind, organisation, member's name."""

    kind = forms.ChoiceField(
        choices=[("", "走访、祝贺、吊唁"), *((action.value, noun) for action, noun in NOUNS.items())], required=False,
        label="种类",
    )  # fmt: skip
