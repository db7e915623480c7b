"""The form of a study session."""

from datetime import date
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from base.fields import RowsField, TextField
from base.once import OnceField
from members.enums import LIVING, Capability
from members.models import Membership, Organisation, Person

HOURS = "学时请填 0.5 到 24，半小时一档，例如 2 或 1.5。"


class HoursField(forms.DecimalField):
    """Hours of study. What is far from any (1e999) is refused before the steps are counted."""

    def to_python(self, value):
        hours = super().to_python(value)
        if hours is not None and not (hours.is_finite() and hours.adjusted() < 3):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return hours


class StudyForm(forms.Form):
    """One session of one branch: when, what, how long, led by whom, who was there."""

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    on = forms.DateField(
        label="学习日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=dict.fromkeys(("required", "invalid"), "请填学习日期，例如 2026-11-20。"),
    )  # fmt: skip
    title = TextField(label="学习主题", max_length=60, error_messages={"required": "请写学了什么，例如：党章第一章。"})
    hours = HoursField(
        label="学时", min_value=Decimal("0.5"), max_value=24, max_digits=3, decimal_places=1,
        step_size=Decimal("0.5"),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value", "step_size", "max_digits", "max_decimal_places",
             "max_whole_digits"), HOURS,
        ),
    )  # fmt: skip
    organiser = forms.ModelChoiceField(
        Person.objects.none(), label="谁组织的", empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "请选谁组织的。"),
    )  # fmt: skip
    members = RowsField(
        Person.objects.none(), label="谁参加了", widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "请勾选谁参加了。",
            **dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选谁参加了。"),
        },
    )  # fmt: skip

    def __init__(self, data=None, *, account, here: Organisation, day: date, **more):
        super().__init__(data, **more)
        stays = Membership.objects.on(day).visible_to(account, Capability.RECORD)
        stays = stays.filter(organisation=here, standing__in=LIVING).values("person")
        people = Person.objects.filter(pk__in=stays)
        twins = people.filter(name=OuterRef("name")).exclude(pk=OuterRef("pk"))
        people = people.annotate(has_twin=Exists(twins)).only("name", "birth_on").order_by("name", "pk")
        self.fields["members"].queryset = people.exclude(pk=account.person_id)
        self.fields["members"].label_from_instance = _told_apart
        leading = Person.objects.filter(pk__in=[account.person_id]) | Person.objects.filter(pk__in=stays)
        self.fields["organiser"].queryset = leading.only("name").order_by("name", "pk")

    def session(self) -> dict:
        """The session as the service takes it."""
        names = ("on", "title", "hours", "organiser")
        return {name: self.cleaned_data[name] for name in names} | {"members": list(self.cleaned_data["members"])}


def _told_apart(person: Person) -> str:
    """The name, with the month of birth where another of the branch has the same name."""
    return f"{person.name}（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else person.name
