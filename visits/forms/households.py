"""The form of one trip to several members: a line for each, only the ticked ones count."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django import forms

from base.fields import TextField, YuanField
from base.money import Source
from base.once import OnceField
from duties.engine.models import Action, Duty
from members.acting import actors_for, stood_elsewhere
from members.models import Membership, Organisation, Person
from visits.forms.choices import Anyway, Day, check_posts, fellows, people_of, say, told_apart
from visits.forms.visits import KINDS
from visits.models import Visit
from visits.reasons import is_anothers, of_duty
from visits.visiting import Household, Seen

OF_LINE = {"text": "c12", "met": "c4", "wish": "c8", "money": "c4", "gift": "c4", "gift_value": "c4"}
"""The fields of one line, with their widths; their names end in the member's number."""


@dataclass(frozen=True)
class VisitLine:
    """One member's line: the tick, what a visit could close, the fields."""

    membership: Membership
    owed: list[str]
    tick: forms.BoundField
    fields: list[tuple[str, forms.BoundField]]
    """Width and field."""

    @property
    def errors(self) -> list[str]:
        return [error for _width, field in self.fields for error in field.errors]


class SeveralVisitsForm(forms.Form):
    """Visits to several members of one branch by the same people on one day.

    :param stays: the members who have a line.
    :param owed: the open duties a visit to them could close, the most urgent first.
    """

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    on = Day(label="哪天去的")
    people = forms.TypedMultipleChoiceField(label="谁去的", coerce=int, widget=forms.CheckboxSelectMultiple)
    others = fellows()
    anyway = Anyway()
    how = forms.ChoiceField(label="在哪里", widget=forms.RadioSelect, initial=Visit.How.HOME)
    source = forms.ChoiceField(
        label="慰问金从哪里出", required=False, choices=[("", "没有给钱"), *Source.choices],
        error_messages={"invalid_choice": "请从列表里选慰问金从哪里出。"},
    )  # fmt: skip

    def __init__(
        self, data=None, *, account, here: Organisation, stays: list[Membership], owed: list[Duty], day: date, **more
    ):
        super().__init__(data, **more)
        self.account, self.stays = account, stays
        self.owed: dict[int, list[Duty]] = defaultdict(list)
        for duty in owed:
            self.owed[duty.member_id].append(duty)
        self.fields["people"].choices = actors_for(here, account, day)
        acting = [pk for pk, _words in self.fields["people"].choices]
        self.fields["others"].queryset = people_of(here, account, day, but=acting)
        self.fields["others"].label_from_instance = told_apart
        self.fields["others"].label = KINDS[Action.VISIT].labels["others"]
        self.fields["how"].choices = [(how.value, how.label) for how in KINDS[Action.VISIT].hows]
        say(self, {"on": "请填日期，例如 2026-11-20。", "people": "请勾选是谁。", "how": "请选在哪里。"})
        for stay in stays:
            self.fields[f"tick_{stay.person_id}"] = forms.BooleanField(label=stay.person.name, required=False)
            self.fields |= {f"{name}_{stay.person_id}": field for name, field in _of_line(stay.person.name)}

    def clean(self):
        given = super().clean()
        for stay in self.stays:
            pk = stay.person_id
            written = any(given.get(f"{name}_{pk}") is not None for name in ("money", "gift_value"))
            written = written or any(given.get(f"{name}_{pk}") for name in ("text", "gift", "wish"))
            if written and not given.get(f"tick_{pk}"):
                self.add_error(f"text_{pk}", f"写了内容但没有勾选{stay.person.name}。要登记请勾选，不登记请删去。")
        if given.get("on"):
            ticked = [stay.person for stay in self._ticked()]
            for pk, words in stood_elsewhere(self.account, ticked, given["on"], what="走访").items():
                self.add_error(f"text_{pk}", words)
            check_posts(self, ticked)
        return given

    def _ticked(self) -> list[Membership]:
        return [stay for stay in self.stays if self.cleaned_data.get(f"tick_{stay.person_id}")]

    def trip(self) -> dict:
        """The visits as the service takes them; each answers what is most urgent and not for somebody else to do."""
        given = self.cleaned_data
        people = [*Person.objects.filter(pk__in=given["people"]).order_by("pk"), *given["others"]]
        return {
            "seen": [self._household(stay.person) for stay in self._ticked()], "on": given["on"], "people": people,
            "field": field_of,
        }  # fmt: skip

    def _household(self, member: Person) -> Household:
        given = {name: self.cleaned_data.get(f"{name}_{member.pk}") for name in OF_LINE}
        source = self.cleaned_data.get("source", "") if given["money"] is not None else ""
        reason = None
        for duty in self.owed[member.pk]:
            if not is_anothers(duty, self.account.person_id):
                reason = of_duty(duty, Action.VISIT, self.account)
                break
        seen = Seen(self.cleaned_data["how"], occasion=reason.subject if reason else "", source=source, **given)
        return Household(member, seen, reason.event if reason else None)

    def lines(self) -> list[VisitLine]:
        """The lines as the page lays them out, those first whom a visit is owed."""
        return [
            VisitLine(
                stay, [of_duty(duty, Action.VISIT, self.account).label for duty in self.owed[stay.person_id]],
                self[f"tick_{stay.person_id}"],
                [(width, self[f"{name}_{stay.person_id}"]) for name, width in OF_LINE.items()],
            )
            for stay in sorted(self.stays, key=lambda stay: not self.owed[stay.person_id])
        ]  # fmt: skip


def field_of(member: Person, name: str) -> str:
    """The field of the form that stands for a field of a member's visit."""
    if name == "source":
        return name
    return f"{name if name in OF_LINE else 'text'}_{member.pk}"


def _of_line(name: str):
    """The fields of one member's line."""

    def typed(label: str, hint: str, longest: int, widget=forms.TextInput, **attrs) -> TextField:
        given = widget(attrs={"placeholder": hint, **attrs})
        return TextField(label=f"{name}：{label}", required=False, max_length=longest, widget=given)

    met = [(each.value, f"见到{each.label}") for each in Visit.Met]
    yield "met", forms.ChoiceField(label=f"{name}：见到谁", choices=met, initial=Visit.Met.MEMBER, required=False)
    yield "text", typed("看到什么、需要什么", "看到什么、需要什么", 20_000, forms.Textarea, rows=2)
    for field, label in (("money", "慰问金（元）"), ("gift_value", "慰问品价值（元）")):
        sum_ = YuanField(label=f"{name}：{label}", required=False)
        sum_.widget.attrs["placeholder"] = label
        yield field, sum_
    yield "gift", typed("慰问品", "慰问品，可不填", 200)
    yield "wish", typed("诉求", "本人或家属的诉求，可不填", 2_000)
