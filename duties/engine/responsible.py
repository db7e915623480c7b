"""Whose turn it is: the holders of the role at the nearest organisation upward, own first, other than the member."""

from collections import defaultdict
from datetime import date

from django.db.models import Exists, OuterRef, Q

from duties.engine.models import Duty
from members.models import Lineage, Person, Post
from members.scope import path_end, sealed_at


def attach_responsible(duties: list[Duty], day: date) -> list[Duty]:
    """Give each duty ``responsible``: the list of people whose turn it is on ``day`` (empty in a vacancy to the top).

    Two queries however many duties; ``with_sources`` must have been applied.
    """
    ancestors = defaultdict(list)
    lines = Lineage.objects.filter(organisation__in={d.organisation_id for d in duties}, since__lte=day, until__gt=day)
    for organisation, ancestor in lines.order_by("distance").values_list("organisation", "ancestor"):
        ancestors[organisation].append(ancestor)
    holders = defaultdict(list)
    everyone = {ancestor for chain in ancestors.values() for ancestor in chain}
    roles = {_role(duty) for duty in duties}
    posts = (
        Post.objects.on(day)
        .filter(organisation__in=everyone, role__in=roles)
        .select_related("person")
        .defer(*sealed_at("person"))
    )
    for post in posts.order_by("since", "pk"):
        holders[post.organisation_id, post.role].append(post.person)
    for duty in duties:
        duty.responsible = _nearest(duty, ancestors[duty.organisation_id], holders)
    return duties


def _role(duty: Duty) -> str:
    return duty.rule.spec["responsible"]["role"]


def _nearest(duty: Duty, chain: list[int], holders: dict) -> list[Person]:
    for organisation in chain:
        others = [person for person in holders[organisation, _role(duty)] if person.pk != duty.member_id]
        if others:
            return others
    return []


def owed_by(person: int, day: date) -> Q:
    """Duties for which it is this person's turn on ``day``, as one condition on the duty table."""
    mine = Q(pk__in=[])
    for post in Post.objects.on(day).filter(person=person).select_related("organisation"):
        path = post.organisation.path
        nearer = Post.objects.on(day).filter(
            role=post.role,
            organisation__path__gt=path,
            organisation__path__lt=path_end(path),
            organisation__descent__organisation=OuterRef("organisation"),
            organisation__descent__since__lte=day,
            organisation__descent__until__gt=day,
        )
        mine |= (
            Q(path__gte=path, path__lt=path_end(path), rule__spec__responsible__role=post.role)
            & ~Q(member=person)
            & ~Exists(nearer.exclude(person=OuterRef("member")))
        )
    return mine
