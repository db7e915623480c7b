"""Forms of leaders' contact points."""

from django import forms

from base.once import OnceField
from members.models import Organisation, Person, Post
from visits.forms.choices import Day, say


class ContactPointForm(forms.Form):
    """Whose contact point an organisation is, since when."""

    once = OnceField()
    organisation = forms.IntegerField(widget=forms.HiddenInput)
    leader = forms.TypedChoiceField(label="哪位领导的联系点", coerce=int, widget=forms.RadioSelect)
    since = Day(label="自哪天起")

    def __init__(self, data=None, *, here: Organisation, leaders: dict[Person, list[Post]], **more):
        super().__init__(data, **more)
        self.leaders = {person.pk: person for person in leaders}
        self.fields["leader"].choices = [(person.pk, _titled(person, posts)) for person, posts in leaders.items()]
        say(self, {
            "leader": "请从列表里选一位，只列在上级党组织任职的同志。", "since": "请填自哪天起，例如 2026-03-01。",
        })  # fmt: skip

    def given(self) -> dict:
        """As the service takes it."""
        return {"leader": self.leaders[self.cleaned_data["leader"]], "since": self.cleaned_data["since"]}


def _titled(person: Person, posts: list[Post]) -> str:
    return f"{person.name}（{'、'.join(f'{post.organisation.label}{post.get_role_display()}' for post in posts)}）"
