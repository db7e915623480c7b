"""Whose turn it is: the actor a duty binds; else those tied to the member; else the holders of the role at the
nearest organisation upward, own first, other than the member.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce

from duties.engine.models import Duty
from duties.policy.models import Rule
from members.models import Lineage, Person, Post, Tie
from members.scope import path_end, sealed_at


@dataclass(frozen=True)
class Turn:
    """How a rule says whose turn it is, apart from an actor: a role, at organisations of some kinds, or a tie."""

    role: str
    at: tuple[str, ...]
    tie: str | None

    @classmethod
    def of(cls, responsible: dict) -> "Turn":
        return cls(responsible["role"], tuple(responsible.get("at", ())), responsible.get("tie"))


def attach_responsible(duties: list[Duty], day: date) -> list[Duty]:
    """Give each duty ``responsible``: the list of people whose turn it is on ``day`` (empty in a vacancy to the top).

    At most three queries however many duties; ``with_sources`` must have been applied.
    """
    turns = {duty.pk: Turn.of(duty.rule.spec["responsible"]) for duty in duties}
    chains = _chains({duty.organisation_id for duty in duties}, day)
    holders = _holders({place for chain in chains.values() for place, _ in chain}, turns.values(), day)
    tied = _tied([duty for duty in duties if turns[duty.pk].tie], day)
    for duty in duties:
        turn = turns[duty.pk]
        if duty.actor:
            duty.responsible = [duty.actor]
        else:
            others = [each for each in tied[duty.member_id, turn.tie] if each.pk != duty.member_id]
            duty.responsible = others or _nearest(duty, turn, chains[duty.organisation_id], holders)
    return duties


def _chains(organisations: set[int], day: date) -> dict[int, list[tuple[int, str]]]:
    """The organisations upward of each, own first, with their kinds."""
    chains = defaultdict(list)
    lines = Lineage.objects.filter(organisation__in=organisations, since__lte=day, until__gt=day).order_by("distance")
    for organisation, ancestor, kind in lines.values_list("organisation", "ancestor", "ancestor__kind"):
        chains[organisation].append((ancestor, kind))
    return chains


def _holders(organisations: set[int], turns: Iterable[Turn], day: date) -> dict[tuple[int, str], list[Person]]:
    holders = defaultdict(list)
    posts = Post.objects.on(day).filter(organisation__in=organisations, role__in={turn.role for turn in turns})
    for post in posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk"):
        holders[post.organisation_id, post.role].append(post.person)
    return holders


def _tied(duties: list[Duty], day: date) -> dict[tuple[int | None, str | None], list[Person]]:
    tied = defaultdict(list)
    if duties:
        ties = Tie.objects.on(day).filter(person__in={duty.member_id for duty in duties}, to__isnull=False)
        for tie in ties.select_related("to").defer(*sealed_at("to")).order_by("since", "pk"):
            tied[tie.person_id, tie.kind].append(tie.to)
    return tied


def _nearest(duty: Duty, turn: Turn, chain: list[tuple[int, str]], holders: dict) -> list[Person]:
    for organisation, kind in chain:
        others = [person for person in holders[organisation, turn.role] if person.pk != duty.member_id]
        if others and (not turn.at or kind in turn.at):
            return others
    return []


def owed_by(person: int, day: date) -> Q:
    """Duties for which it is this person's turn on ``day``, as one condition on the duty table."""
    rules = defaultdict(list)
    for pk, responsible in Rule.objects.order_by("pk").values_list("pk", "spec__responsible"):
        rules[Turn.of(responsible)].append(pk)
    posts = list(Post.objects.on(day).filter(person=person).select_related("organisation").order_by("pk"))
    mine = Q(actor=person)
    for turn, pks in rules.items():
        theirs = _by_role(turn, [post for post in posts if post.role == turn.role], day)
        if turn.tie:
            ties = Tie.objects.on(day).filter(person=OuterRef("member"), kind=turn.tie, to__isnull=False)
            others = ties.exclude(to=F("person"))
            theirs = Exists(others.filter(to=person)) | (theirs & ~Exists(others))
        mine |= Q(rule__in=pks, actor__isnull=True) & ~Q(member=person) & theirs
    return mine


def _by_role(turn: Turn, posts: list[Post], day: date) -> Q:
    """Duties in the subtree of a post for which nobody but the member holds the role nearer."""
    mine = Q(pk__in=[])
    for post in posts:
        path = post.organisation.path
        if turn.at and post.organisation.kind not in turn.at:
            continue
        nearer = Post.objects.on(day).filter(
            role=post.role,
            organisation__path__gt=path,
            organisation__path__lt=path_end(path),
            organisation__descent__organisation=OuterRef("organisation"),
            organisation__descent__since__lte=day,
            organisation__descent__until__gt=day,
        )
        if turn.at:
            nearer = nearer.filter(organisation__kind__in=turn.at)
        nearer = nearer.exclude(person=Coalesce(OuterRef("member"), Value(0)))
        mine |= Q(path__gte=path, path__lt=path_end(path)) & ~Exists(nearer)
    return mine
