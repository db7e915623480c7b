"""What the forms offer: who may have acted, who of the branch was there; and whose branch a day belongs to."""

from datetime import date, timedelta

from django import forms
from django.db.models import Exists, OuterRef

from members.enums import Capability, Role, Standing
from members.models import Membership, Organisation, Person, Post

ACTING_ROLES = (
    Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER,
    Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER, Role.GROUP_LEADER,
)  # fmt: skip
BACK = timedelta(days=400)
"""Posts that ended not longer ago than this are offered, for late entries."""


class Day(forms.DateField):
    """A day, picked or typed."""

    def __init__(self, **more):
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def actors_for(organisation: Organisation, account, day: date, *, but: Person | None = None) -> list[tuple[int, str]]:
    """Who may have acted for members of ``organisation``: oneself first, then holders of posts from it upward.

    :param but: the member it was done for, who cannot have.
    """
    chain = Organisation.objects.filter(
        descent__organisation=organisation, descent__since__lte=day, descent__until__gt=day
    )
    posts = Post.objects.filter(organisation__in=chain, role__in=ACTING_ROLES, since__lte=day, until__gt=day - BACK)
    posts = posts.exclude(person=but).select_related("person", "organisation")
    found = {}
    for post in posts.order_by("-organisation__path", "role", "-until", "pk"):
        words = f"{post.person.name}（{post.organisation.label}{post.get_role_display()}）"
        found.setdefault(post.person_id, words if post.until > day else words[:-1] + f"，至 {post.until}）")
    me = account.person
    if me and me != but:
        found = {me.pk: found.get(me.pk, f"{me.name}（{account.scope.title}）"), **found}
    return list(found.items())


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


def stood_elsewhere(account, people: list[Person], on: date, *, what: str) -> dict[int, str]:
    """What is done while a member stands elsewhere is for the branch of that day to enter: the sentence, by person."""
    then = Membership.objects.on(on).filter(person__in=people)
    elsewhere = then.exclude(account.scope.q("path", Capability.RECORD)).select_related("person").order_by("pk")
    return {
        stay.person_id: f"{on} 时{stay.person.name}的组织关系不在你的范围内，那次{what}由当时所在支部登记。"
        for stay in elsewhere
    }


def say(form: forms.Form, sentences: dict[str, str]) -> None:
    """Give each field its own sentence for what is missing or was never offered."""
    for name, words in sentences.items():
        messages = form.fields[name].error_messages
        messages |= dict.fromkeys(("required", "invalid", "invalid_choice", "invalid_list", "invalid_pk_value"), words)
