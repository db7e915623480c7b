"""The form of an activity, and what its list is narrowed by."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef

from base.fields import PicturesField, RowsField, TextField, YuanField
from base.money import Source
from base.once import OnceField
from duties.filters import Narrowing
from duties.forms import CLERKS
from members.acting import actors_for
from members.enums import LIVING, Capability
from members.models import Membership, Organisation, Person
from members.scope import path_end
from visits.activities import LONGEST, MOST_PRESENT, TOO_MANY, Held
from visits.forms.choices import Day, say, told_apart
from visits.models import Activity

MOST_NAMED = 120
"""Of more members than these none is offered by name; how many took part is enough."""

NUMBER = "人数请填整数，例如 30。"


def _number(label: str) -> forms.IntegerField:
    messages = {**dict.fromkeys(("invalid", "min_value"), NUMBER), "max_value": TOO_MANY}
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=MOST_PRESENT, error_messages=messages,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip


class ActivityForm(forms.Form):
    """One activity of one organisation: what, when, where, who took part, for how many others, paid from what."""

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="种类", choices=Activity.Kind.choices, widget=forms.RadioSelect)
    title = TextField(
        label="什么活动", required=False, max_length=60, help_text="列表和台账里都看得见，不写个人情况。",
        widget=forms.TextInput(attrs={"placeholder": "例如：重阳节登山、敬老院义诊"}),
    )  # fmt: skip
    on = Day(label="哪天")
    place = TextField(label="在哪里", required=False, max_length=60)
    members = RowsField(
        Person.objects.none(), label="参加的党员", required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选参加的党员。"),
    )  # fmt: skip
    present = _number("参加的党员人数")
    helped = _number("服务群众人数")
    group = TextField(
        label="哪些群众", required=False, max_length=60,
        widget=forms.TextInput(attrs={"placeholder": "例如：社区独居老人"}), help_text="只写是哪一类人，不写姓名。",
    )  # fmt: skip
    money = YuanField(label="经费（元）", required=False)
    source = forms.ChoiceField(label="款源", required=False, choices=[("", "没有花钱"), *Source.choices])
    people = forms.TypedMultipleChoiceField(label="谁组织的", coerce=int, widget=forms.CheckboxSelectMultiple)
    text = TextField(
        label="做了什么", required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="加密保存，组织的人和能在这里登记的人能看。",
    )  # fmt: skip

    pictures = PicturesField()

    def __init__(self, data=None, *, account, here: Organisation, day: date, **more):
        super().__init__(data, **more)
        self.here = here
        self.fields["people"].choices = actors_for(here, account, day, also=CLERKS)
        self.fields["members"].queryset = offered(here, account, day)
        self.fields["members"].label_from_instance = lambda person: _where(person, here)
        if not self.fields["members"].queryset.exists():
            del self.fields["members"]
        say(self, {
            "kind": "请选是哪一种活动。", "on": "请填日期，例如 2026-11-20。", "people": "请勾选是谁组织的。",
            "source": "请从列表里选款源。",
        })  # fmt: skip

    def activity(self) -> dict:
        """The activity as the service takes it."""
        given = self.cleaned_data
        names = ("kind", "title", "place", "present", "helped", "group", "money", "source", "text")
        return {
            "organisation": self.here, "on": given["on"], "held": Held(**{name: given[name] for name in names}),
            "people": list(Person.objects.filter(pk__in=given["people"]).order_by("pk")),
            "members": list(given.get("members", [])),
        }  # fmt: skip


def offered(here: Organisation, account, day: date):
    """The living members at or below ``here``, each with the branch; nobody where they are too many to be ticked."""
    stays = (
        Membership.objects.on(day)
        .visible_to(account, Capability.RECORD)
        .filter(path__gte=here.path, path__lt=path_end(here.path), standing__in=LIVING)
    )
    many = stays.order_by().values("pk")[: MOST_NAMED + 1].count() > MOST_NAMED
    if many:
        return Person.objects.none()
    stay = stays.filter(person=OuterRef("pk"))
    people = Person.objects.filter(pk__in=stays.values("person"))
    twins = people.filter(name=OuterRef("name")).exclude(pk=OuterRef("pk"))
    people = people.annotate(
        has_twin=Exists(twins), at=stay.values("organisation")[:1], branch=stay.values("organisation__short_name")[:1]
    )
    return people.only("name", "birth_on").order_by("branch", "name", "pk")


def _where(person: Person, here: Organisation) -> str:
    label = told_apart(person)
    return label if person.at == here.pk else f"{label}　{person.branch}"


class ActivityFilter(Narrowing):
    """The list's filters: kind, organisation, what it was called."""

    kind = forms.ChoiceField(choices=[("", "全部种类"), *Activity.Kind.choices], required=False, label="种类")
