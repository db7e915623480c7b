"""What the forms share: days, and who of the branch was there."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef

from members.enums import Capability, Standing
from members.models import Membership, Organisation, Person


class Day(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **more):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def people_of(organisation: Organisation, account, day: date, *, but: list[int | None]):
    """The living members of ``organisation``, each with ``has_twin``: whether another of them has the same name."""
    here = Membership.objects.on(day).visible_to(account, Capability.RECORD)
    here = here.filter(organisation=organisation).exclude(standing=Standing.DEAD).exclude(person__in=but)
    twins = Person.objects.filter(name=OuterRef("name"), pk__in=here.values("person")).exclude(pk=OuterRef("pk"))
    people = Person.objects.filter(pk__in=here.values("person")).annotate(has_twin=Exists(twins))
    return people.only("name", "birth_on").order_by("name", "pk")


def told_apart(person: Person) -> str:
    """The name, with the month of birth where another of the branch has the same name."""
    return f"{person.name}（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else person.name


def say(form: forms.Form, sentences: dict[str, str]) -> None:
    """Give each field its own sentence for what is missing or was never offered."""
    for name, words in sentences.items():
        messages = form.fields[name].error_messages
        messages |= dict.fromkeys(("required", "invalid", "invalid_choice", "invalid_list", "invalid_pk_value"), words)
