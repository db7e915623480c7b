"""Finding people: by what was typed of a name; by the whole name, where no list may be browsed; by a number's end."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Exists, OuterRef, Q, QuerySet

from base.cells import legible
from base.sealed import blind_index
from members.derived import NameKey
from members.enums import LIVING, Capability
from members.models import Membership, Organisation, Person, Post
from members.scope import sealed_at
from members.search import asks_for_number, sound, written

MOST = 20
"""More people of one name, or of one end of the number, are not shown."""


@dataclass(frozen=True)
class Found:
    """A person of the name asked for, and the words that tell them from their namesakes."""

    person: Person
    where: str

    @property
    def label(self) -> str:
        return f"{self.person.name}（{self.where}）"


def called(q: str) -> list[QuerySet]:
    """The numbers of the people who match ``q``, for ``person__in``, in widening circles.

    The whole name first, then names that begin with it, then all that :meth:`PersonQuerySet.matching` finds.
    """
    people, keys = Person.objects.values("pk"), NameKey.objects.values("person")
    name, word = written(q), sound(q)
    if not name or asks_for_number(q):
        return [people.none()]
    if word:
        return [keys.filter(key=word), keys.beginning(word)]
    return [people.filter(name=name), people.filter(name__startswith=name), people.filter(name__part=name)]


def reached(account, capability: Capability) -> QuerySet[Person]:
    """Living members within the scope of the capability, and non-members who hold or held a post within."""
    scope = account.scope
    stays = Membership.objects.on(scope.day).filter(person=OuterRef("pk"))
    within = stays.filter(scope.q("path", capability), standing__in=LIVING)
    posts = Post.objects.filter(scope.q("organisation__path", capability), person=OuterRef("pk"))
    return Person.objects.filter(Exists(within) | (~Exists(stays) & Exists(posts)))


def helpers(account, member: Membership, *, in_post: bool = False) -> QuerySet[Person]:
    """Who can stand by a member: living members in view, and who holds a post at the member's branch or above.

    :param in_post: only those who hold a post.
    """
    scope = account.scope
    stays = Membership.objects.on(scope.day).filter(person=OuterRef("pk"))
    seen = stays.filter(scope.q("path", Capability.VIEW), standing__in=LIVING)
    above = Organisation.objects.filter(
        descent__organisation=member.organisation_id, descent__since__lte=scope.day, descent__until__gt=scope.day
    )
    posts = Post.objects.on(scope.day).filter(person=OuterRef("pk"))
    posts = posts.filter(Q(organisation__in=above) | scope.q("organisation__path", Capability.VIEW))
    people = Person.objects.filter(Exists(seen) | Exists(posts)).exclude(pk=member.person_id)
    return people.filter(Exists(Post.objects.on(scope.day).filter(person=OuterRef("pk")))) if in_post else people


def named(people: QuerySet[Person], name: str, day: date) -> list[Found]:
    """Those of the whole name: where they are members, which posts they hold, twins with the month of birth."""
    name = legible(name).strip().replace("\0", "")
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


def by_number(stays: QuerySet[Membership], ending: str) -> list[Membership]:
    """Those whose identity number ends so, dead or living; one more than :data:`MOST` if there are more.

    The index knows the last four characters. Only the numbers of those it finds are opened, to compare the rest.

    :param ending: at least four characters, a final x as ``X``.
    """
    alike = stays.filter(person__id_tail=blind_index(ending[-4:])).select_related("person", "organisation")
    alike = alike.defer(*(field for field in sealed_at("person") if field != "person__id_number"))
    found = (stay for stay in alike.order_by("path", "pk") if stay.person.id_number.endswith(ending))
    return list(islice(found, MOST + 1))
