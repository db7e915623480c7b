"""Finding a person by the whole name, for those who keep posts, accounts and ties: no list to browse, few columns."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from members.enums import LIVING, Capability
from members.models import Membership, Organisation, Person, Post

MOST = 20
"""More people of one name are not shown."""


@dataclass(frozen=True)
class Found:
    """A person of the name asked for, and the words that tell them from their namesakes."""

    person: Person
    where: str

    @property
    def label(self) -> str:
        return f"{self.person.name}（{self.where}）"


def reached(account, capability: Capability) -> QuerySet[Person]:
    """Living members within the scope of the capability, and non-members who hold or held a post within."""
    scope = account.scope
    stays = Membership.objects.on(scope.day).filter(person=OuterRef("pk"))
    within = stays.filter(scope.q("path", capability), standing__in=LIVING)
    posts = Post.objects.filter(scope.q("organisation__path", capability), person=OuterRef("pk"))
    return Person.objects.filter(Exists(within) | (~Exists(stays) & Exists(posts)))


def helpers(account, member: Membership) -> QuerySet[Person]:
    """Who can stand by a member: living members in view, and who holds a post at the member's branch or above."""
    scope = account.scope
    stays = Membership.objects.on(scope.day).filter(person=OuterRef("pk"))
    seen = stays.filter(scope.q("path", Capability.VIEW), standing__in=LIVING)
    above = Organisation.objects.filter(
        descent__organisation=member.organisation_id, descent__since__lte=scope.day, descent__until__gt=scope.day
    )
    posts = Post.objects.on(scope.day).filter(person=OuterRef("pk"))
    posts = posts.filter(Q(organisation__in=above) | scope.q("organisation__path", Capability.VIEW))
    return Person.objects.filter(Exists(seen) | Exists(posts)).exclude(pk=member.person_id)


def named(people: QuerySet[Person], name: str, day: date) -> list[Found]:
    """Those of the whole name: where they are members, which posts they hold, twins with the month of birth."""
    name = name.strip().replace("\0", "")
    rows = list(people.filter(name=name).only("name", "birth_on").order_by("pk")[:MOST]) if name else []
    where: dict[int, list[str]] = {row.pk: [] for row in rows}
    for stay in Membership.objects.on(day).filter(person__in=rows).select_related("organisation").order_by("pk"):
        where[stay.person_id].append(stay.organisation.label)
    for post in Post.objects.on(day).filter(person__in=rows).select_related("organisation").order_by("since", "pk"):
        where[post.person_id].append(f"{post.organisation.label}{post.get_role_display()}")
    said = {row.pk: "，".join(where[row.pk]) or "不在名册" for row in rows}
    twins = Counter(said.values())
    return [Found(row, said[row.pk] + (_born(row) if twins[said[row.pk]] > 1 else "")) for row in rows]


def _born(person: Person) -> str:
    return f"，{person.birth_on:%Y-%m} 生" if person.birth_on else ""
