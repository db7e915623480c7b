"""What the forms share: days, who of the branch was there, whether they held a post."""

from datetime import date

from django import forms
from django.db.models import Exists, OuterRef

from base.fields import RowsField
from duties.board.words import names_of
from members.enums import SYSTEM_ROLES, Capability, Standing
from members.models import Membership, Organisation, Person, Post, Tie
from visits.visiting import paid_on


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


def fellows() -> RowsField:
    """The other members of the branch who went along."""
    return RowsField(
        Person.objects.none(), required=False, widget=forms.CheckboxSelectMultiple,
        error_messages=dict.fromkeys(("invalid_list", "invalid_pk_value"), "请从列表里勾选同去的党员。"),
    )  # fmt: skip


class Anyway(forms.BooleanField):
    """The tick that saves a visit of people who held no post, or money given twice; shown once it is asked for."""

    asked = False

    def __init__(self):
        super().__init__(label="确实如此，照样保存", required=False)


def check_posts(form: forms.Form, members: list[Person]) -> None:
    """Ask once more where none of those who went held a post that day nor stands by one of the members.

    Credit follows posts and ties (domain.md 2.8): such a visit is kept and closes nothing.

    :param form: cleaned, with ``on``, ``people``, ``others`` and ``anyway``.
    """
    given = form.cleaned_data
    went = [*Person.objects.filter(pk__in=given.get("people", [])), *given.get("others", [])]
    if not went or not given.get("on"):
        return
    posts = Post.objects.on(given["on"]).filter(person__in=went).exclude(role__in=SYSTEM_ROLES)
    ties = Tie.objects.on(given["on"]).filter(person__in=members, to__in=went)
    if posts.exists() or ties.exists():
        return
    form.fields["anyway"].asked = True
    if not given.get("anyway"):
        said = f"{given['on']} 那天{names_of(went)}没有登记任职，也不是联系人，这次只留档，办结不了应办。"
        form.add_error("anyway", f"{said}日期或人选错了请改；确实如此，勾选这一项再保存。")


def check_paid(form: forms.Form, paying: list[Person]) -> None:
    """Ask once more where somebody was given money on the same day already: the same visit in other words, perhaps.

    Part of the act, not of the form, which sent a second time would otherwise find itself.

    :param form: valid, with ``on`` and ``anyway``.
    :raises ValidationError: keyed ``anyway``.
    """
    on, again = form.cleaned_data["on"], paid_on(form.cleaned_data["on"], paying)
    form.fields["anyway"].asked |= bool(again)
    if again and not form.cleaned_data["anyway"]:
        said = f"{on} 已经登记过给{names_of(again)}的慰问金。重复了请取消；确实又给了一次，勾选这一项再保存。"
        raise forms.ValidationError({"anyway": said})


def told_apart(person: Person) -> str:
    """The name, with the month of birth where another of the branch has the same name."""
    return f"{person.name}（{person.birth_on:%Y-%m} 生）" if person.has_twin and person.birth_on else person.name


def say(form: forms.Form, sentences: dict[str, str]) -> None:
    """Give each field its own sentence for what is missing or was never offered."""
    for name, words in sentences.items():
        messages = form.fields[name].error_messages
        messages |= dict.fromkeys(("required", "invalid", "invalid_choice", "invalid_list", "invalid_pk_value"), words)
