"""The forms of ceremonies and of the words of greetings, and what their lists are narrowed by."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef

from awards.ceremonies import MOST_PRESENT, TAKE_PART, Held
from awards.greeting_texts import LONGEST
from awards.models import Ceremony
from base.fields import RowsField, TextField
from base.once import OnceField
from duties.filters import Narrowing
from duties.forms import CLERKS
from members.acting import actors_for
from members.enums import Capability
from members.models import Membership, Organisation, Person
from members.office_forms import day_field
from members.scope import path_end

MOST_NAMED = 150
"""Of more members than these none is offered by name; how many took part is enough."""


class CeremonyForm(forms.Form):
    """One ceremony of one organisation: what, when, where, who led the oath, who organised it, who was there."""

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label="种类", choices=Ceremony.Kind.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选是哪一种。"),
    )  # fmt: skip
    on = day_field("哪天")
    place = TextField(
        label="地点", required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "例如：支部活动室"})
    )
    leader = TextField(
        label="领誓人", required=False, max_length=60, help_text="宣誓、重温誓词的写，可以是上级领导或老党员。"
    )
    ways = forms.MultipleChoiceField(
        label="做了什么", required=False, choices=Ceremony.Way.choices, widget=forms.CheckboxSelectMultiple,
        help_text="集体政治生日的勾选。勾了重温誓词的，宣誓也一并记上。",
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), "请从列表里勾选做了什么。"),
    )  # fmt: skip
    members = RowsField(
        Person.objects.none(), label="谁参加了", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选谁参加了。"),
    )  # fmt: skip
    present = forms.IntegerField(
        label="参加人数", required=False, min_value=0, widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={
            **dict.fromkeys(("invalid", "min_value"), "人数请填整数，例如 30。"),
            "max_value": f"一次最多登记 {MOST_PRESENT} 人，请核对是不是多写了几位。",
        },
    )  # fmt: skip
    sure = forms.BooleanField(label="我已核实，照样登记", required=False)
    people = forms.TypedMultipleChoiceField(
        label="谁组织的", coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("required", "invalid_choice", "invalid_list"), "请从列表里勾选是谁组织的。"),
    )  # fmt: skip

    def __init__(self, data=None, *, account, here: Organisation, day: date, **more):
        super().__init__(data, **more)
        self.here = here
        self.fields["people"].choices = actors_for(here, account, day, also=CLERKS)
        offered = _offered(here, account, day)
        self.fields["members"].queryset = offered
        self.fields["members"].label_from_instance = lambda person: _told_apart(person, here)
        if not offered.exists():
            del self.fields["members"]

    def ceremony(self) -> dict:
        """The ceremony as the service takes it."""
        given = self.cleaned_data
        held = {name: given[name] for name in ("kind", "place", "leader", "present", "sure")}
        return {
            "organisation": self.here, "on": given["on"], "held": Held(**held, ways=tuple(given["ways"])),
            "people": list(Person.objects.filter(pk__in=given["people"]).order_by("pk")),
            "members": list(given.get("members", [])),
        }  # fmt: skip


def _offered(here: Organisation, account, day: date):
    """The members in good standing at or below ``here``, each with the branch; nobody where they are too many to be
    ticked. Oneself is entered by somebody else.
    """
    stays = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    stays = stays.filter(path__gte=here.path, path__lt=path_end(here.path), standing__in=TAKE_PART)
    if stays.order_by().values("pk")[: MOST_NAMED + 1].count() > MOST_NAMED:
        return Person.objects.none()
    stay = stays.filter(person=OuterRef("pk"))
    people = Person.objects.filter(pk__in=stays.values("person")).exclude(pk=account.person_id)
    twins = people.filter(name=OuterRef("name")).exclude(pk=OuterRef("pk"))
    people = people.annotate(
        has_twin=Exists(twins), at=stay.values("organisation")[:1], branch=stay.values("organisation__short_name")[:1]
    )
    return people.only("name", "birth_on").order_by("branch", "name", "pk")


def _told_apart(person: Person, here: Organisation) -> str:
    """The name, with the month of birth where another has the same, and the branch where it is another."""
    twin = f"（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else ""
    return f"{person.name}{twin}{'' if person.at == here.pk else f'　{person.branch}'}"


class CeremonyFilter(Narrowing):
    """The list's filters: kind, organisation."""

    kind = forms.ChoiceField(choices=[("", "全部种类"), *Ceremony.Kind.choices], required=False, label="种类")


class GreetingTextForm(forms.Form):
    """An organisation's own words of one kind."""

    once = OnceField()
    text = TextField(
        label="文案", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"max_length": f"最多 {LONGEST} 个字，请写短一些。"},
    )  # fmt: skip
