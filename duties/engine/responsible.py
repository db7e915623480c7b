"""Whose turn it is: whom it was handed on to; else the actor a duty binds; else those tied to the member; else the
holders of the role at the nearest organisation upward, own first, other than the member; where nobody there holds it,
of the first role instead of it that is held there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from itertools import product

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q

from duties.engine.models import Delegation, Duty, handed_to
from duties.policy.models import Rule
from members.enums import SYSTEM_ROLES, Role
from members.models import Lineage, Membership, Organisation, OrganisationParent, Person, Post, Tie
from members.scope import Scope, sealed_at


@dataclass(frozen=True)
class Turn:
    """How a rule says whose turn it is, apart from an actor: roles in their order, at organisations of some kinds, or a
    tie.
    """

    roles: tuple[str, ...]
    at: tuple[str, ...]
    tie: str | None

    @classmethod
    def of(cls, responsible: dict) -> "Turn":
        roles = (responsible["role"], *responsible.get("instead", ()))
        return cls(roles, tuple(responsible.get("at", ())), responsible.get("tie"))


def attach_responsible(duties: list[Duty], day: date) -> list[Duty]:
    """Give each duty ``responsible``: the list of people whose turn it is on ``day`` (empty in a vacancy to the top),
    and ``delegation``: how it was handed on, ``None`` where it was not.

    At most four queries however many duties; ``with_sources`` must have been applied.
    """
    handed = _handed(duties)
    turns = {duty.pk: Turn.of(duty.rule.spec["responsible"]) for duty in duties}
    chains = _chains({duty.organisation_id for duty in duties}, day)
    places = {place for chain in chains.values() for place in chain}
    holders = _holders(places, turns.values(), day)
    kinds = _kinds(places, *(turn.at for turn in turns.values()))
    tied = _tied([duty for duty in duties if turns[duty.pk].tie], day)
    for duty in duties:
        turn, duty.delegation = turns[duty.pk], handed.get((duty.rule_id, duty.key))
        if duty.delegation:
            duty.responsible = [duty.delegation.to]
        elif duty.actor:
            duty.responsible = [duty.actor]
        else:
            others = [each for each in tied[duty.member_id, turn.tie] if each.pk != duty.member_id]
            duty.responsible = others or _nearest(duty, turn, chains[duty.organisation_id], holders, kinds)
    return duties


def _handed(duties: list[Duty]) -> dict[tuple[int, str], Delegation]:
    """How some of the duties were handed on, by rule and key."""
    if not duties:
        return {}
    rows = Delegation.objects.filter(rule__in={duty.rule_id for duty in duties}, key__in=[duty.key for duty in duties])
    rows = rows.select_related("to", "given_by").defer(*sealed_at("to", "given_by")).order_by("pk")
    return {(row.rule_id, row.key): row for row in rows}


def _chains(organisations: set[int], day: date) -> dict[int, list[int]]:
    """The organisations upward of each, own first."""
    chains = defaultdict(list)
    lines = Lineage.objects.filter(organisation__in=organisations, since__lte=day, until__gt=day).order_by("distance")
    for organisation, ancestor in lines.values_list("organisation", "ancestor"):
        chains[organisation].append(ancestor)
    return chains


def _kinds(places: Collection[int], *at: tuple[str, ...]) -> dict[int, str]:
    """The kinds of the places, where a turn comes only at some of them."""
    return dict(Organisation.objects.filter(pk__in=places).values_list("pk", "kind")) if any(at) else {}


def _holders(organisations: set[int], turns: Iterable[Turn], day: date) -> dict[tuple[int, str], list[Person]]:
    holders = defaultdict(list)
    roles = {role for turn in turns for role in turn.roles}
    posts = Post.objects.on(day).filter(organisation__in=organisations, role__in=roles)
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


def _nearest(duty: Duty, turn: Turn, chain: list[int], holders: dict, kinds: dict[int, str]) -> list[Person]:
    here = (organisation for organisation in chain if not turn.at or kinds[organisation] in turn.at)
    for organisation, role in product(here, turn.roles):
        if others := [person for person in holders[organisation, role] if person.pk != duty.member_id]:
            return others
    return []


def turns(rules: Iterable[Rule]) -> dict[Turn, list[int]]:
    """The rules, by number, that say alike whose turn it is."""
    found = defaultdict(list)
    for rule in rules:
        found[Turn.of(rule.spec["responsible"])].append(rule.pk)
    return found


PLACES = 2_000
"""Organisations of one's own that are looked for."""


class TooMany(Exception):
    """More is somebody's turn than can be told one by one: next to nobody below holds the role."""


def owed_by(scope: Scope, rules: Iterable[Rule]) -> Q:
    """Duties for which it is the turn of the scope's person on its day, as one condition on the duty table.

    It names organisations and members by number, so that however large the tree is, an index finds the rows. The number
    of queries grows with the levels of the tree alone.

    :param rules: all rules.
    :raises TooMany: where the person stands in for more than :data:`PLACES` organisations.
    """
    tied, asked = dict(scope.tied), defaultdict(Q)
    free = Q(actor__isnull=True) & ~Q(member=scope.person)
    mine = Q(actor=scope.person)
    for turn, pks in turns(rules).items():
        of_post = Q(rule__in=pks)
        if turn.tie:
            mine |= free & Q(rule__in=pks, member__in=tied.get(turn.tie, ()))
            others = Tie.objects.on(scope.day).filter(person=OuterRef("member"), kind=turn.tie, to__isnull=False)
            of_post &= ~Exists(others.exclude(to=F("person")))
        asked[turn.roles, turn.at] |= of_post
    for ground, of_post in zip(_Ground(scope, asked).conditions(), asked.values(), strict=True):
        mine |= free & ground & of_post
    if not Delegation.objects.exists():
        return mine
    handed = Delegation.objects.filter(rule=OuterRef("rule"), key=OuterRef("key"))
    return (mine & ~Exists(handed)) | Q(pk__in=handed_to(scope))


def doers(duties: Iterable[Duty], day: date) -> dict[Person, list[Post]]:
    """Who could do all of these in place of those whose turn it is: the holders of party posts on ``day`` where the
    duties stand or above, nearest first, but nobody whom one of them is about. Three queries at most.
    """
    duties = list(duties)
    chains = _chains({duty.organisation_id for duty in duties}, day)
    shared = [place for place in next(iter(chains.values()), []) if all(place in each for each in chains.values())]
    return holding(shared, day, but={duty.member_id for duty in duties})


def holding(places: list[int], day: date, *, but: Collection[int | None] = ()) -> dict[Person, list[Post]]:
    """Who holds party posts in the places on ``day``, in the order of the places, each with their posts there."""
    posts = Post.objects.on(day).filter(organisation__in=places).exclude(role__in=SYSTEM_ROLES)
    posts = posts.select_related("person", "organisation").defer(*sealed_at("person")).order_by("since", "pk")
    roles = list(Role)
    found: dict[Person, list[Post]] = {}
    for post in sorted(posts, key=lambda each: (places.index(each.organisation_id), roles.index(Role(each.role)))):
        if post.person_id not in but:
            found.setdefault(post.person, []).append(post)
    return found


class _Heads:
    """Who stands before the scope's person where the turn of some roles comes to a place: the holders of any of them;
    in a place where he holds one himself, of those before his own. The turn comes only at places of the kinds ``at``.

    ``places`` are those where nobody is before him; ``tops`` where one alone is, who may be the one a duty is about.
    """

    def __init__(self, scope: Scope, roles: tuple[str, ...], at: tuple[str, ...]):
        self.order = {role: number for number, role in reversed(list(enumerate(roles)))}
        self.at = at
        self.own: dict[int, int] = {}
        for each in scope.holdings:
            if each.role in self.order and (not at or each.organisation.kind in at):
                place, order = each.organisation.pk, self.order[each.role]
                self.own[place] = min(order, self.own.get(place, order))
        self.edge = set(self.own)
        self.free: set[int] = set()
        self.places: set[int] = set()
        self.tops: dict[int, int] = {}

    def comes_to(self, places: Iterable[int], kinds: dict[int, str]) -> set[int]:
        """Those of the places where the turn may come to somebody before the person."""
        may = (place for place in places if self.own.get(place, 1))
        return {place for place in may if not self.at or kinds[place] in self.at}

    def stand_at(self, place: int, posts: dict[int, list[tuple[int, str]]]) -> set[int]:
        """Who is before the person in a place to which it :meth:`comes_to`."""
        first = self.own.get(place, len(self.order))
        return {person for person, role in posts[place] if self.order.get(role, first) < first}

    def look(self, ground: "_Ground") -> None:
        """Judge the places of the edge."""
        held = {place: self.stand_at(place, ground.posts) for place in self.comes_to(self.edge, ground.kinds)}
        self.tops |= {place: min(heads) for place, heads in held.items() if len(heads) == 1}
        self.free = self.edge - {place for place, heads in held.items() if heads}
        self.places |= self.free
        if len(self.places) > PLACES:
            raise TooMany

    def pairs(self, ground: "_Ground", stays: list[tuple[int, int]], chains: dict[int, list[int]]) -> set:
        """The heads of ``tops``, each with the organisations he is or was in from which up to his own no other stands.

        That is where duties about him stand: the engine takes the organisation of a duty from a membership.
        """
        heads, found = set(self.tops.values()), set()
        own = [(head, home) for head, home in stays if head in heads]
        asked = self.comes_to({place for _head, home in own for place in chains[home]}, ground.kinds)
        for head, home in own:
            for place in chains[home]:
                if place in asked and self.stand_at(place, ground.posts) - {head}:
                    break
                if self.tops.get(place) == head:
                    found.add((head, home))
                    break
        return found


class _Ground:
    """Where the turn comes to the scope's person: for all roles together, one walk down the tree from his own posts.

    ``posts`` and ``kinds`` are those of the places seen on the way.
    """

    def __init__(self, scope: Scope, turns: Collection[tuple[tuple[str, ...], tuple[str, ...]]]):
        self.day = scope.day
        self.heads = [_Heads(scope, *turn) for turn in turns]
        self.roles = {role for roles, _at in turns for role in roles}
        self.kinds = {each.organisation.pk: each.organisation.kind for each in scope.holdings}
        self.posts: dict[int, list[tuple[int, str]]] = {}

    def conditions(self) -> list[Q]:
        """For each turn the duties in whose organisation it comes to the person: those of every member where nobody is
        before him; where somebody is, only those about this head himself, if he is alone before him all on the way.
        """
        self._walk()
        stays = self._stays()
        chains = _chains({place for _head, place in stays}, self.day)
        around = {place for chain in chains.values() for place in chain}
        self.kinds |= _kinds(around - self.kinds.keys(), *(each.at for each in self.heads))
        self._learn(around - self.posts.keys())
        return [self._condition(each, each.pairs(self, stays, chains)) for each in self.heads]

    def _condition(self, heads: _Heads, pairs: set[tuple[int, int]]) -> Q:
        members = {member for member, _place in pairs}
        apart = Q(_Among("member", among=members)) & Q(_Among("member", "organisation", among=pairs))
        return Q(_Among("organisation", among=heads.places)) | apart

    def _walk(self) -> None:
        while any(each.edge for each in self.heads):
            self._learn(set().union(*(each.comes_to(each.edge, self.kinds) for each in self.heads)))
            for each in self.heads:
                each.look(self)
            below = self._below(set().union(*(each.free for each in self.heads)))
            for each in self.heads:
                each.edge = {child for place in each.free for child in below[place]}

    def _learn(self, places: Collection[int]) -> None:
        """Who holds any of the roles there."""
        self.posts |= {place: [] for place in places}
        posts = Post.objects.on(self.day).filter(_Among("organisation", among=places), role__in=self.roles).order_by()
        for place, person, role in posts.values_list("organisation", "person", "role"):
            self.posts[place].append((person, role))

    def _below(self, places: set[int]) -> dict[int, list[int]]:
        """What stands directly below each."""
        found = defaultdict(list)
        lines = OrganisationParent.objects.filter(
            _Among("parent", among=places), since__lte=self.day, until__gt=self.day
        )
        for place, child, kind in lines.order_by().values_list("parent", "organisation", "organisation__kind"):
            found[place].append(child)
            self.kinds[child] = kind
        return found

    def _stays(self) -> list[tuple[int, int]]:
        """Where those before him are or were members."""
        tops = {head for each in self.heads for head in each.tops.values()}
        stays = Membership.objects.filter(_Among("person", among=tops)).order_by()
        return list(stays.values_list("person", "organisation"))


class _Among(Func):
    """Whether a column holds one of many numbers, or two columns one of many pairs.

    They are written into the statement: thousands of parameters would take longer to prepare than the answer.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, *columns: str, among: Collection):
        super().__init__(*columns, among=among)

    def as_sql(self, compiler, connection, **more):
        if not self.extra["among"]:
            raise EmptyResultSet
        if len(self.source_expressions) == 1:
            listed = ", ".join(str(int(one)) for one in sorted(self.extra["among"]))
        else:
            listed = "VALUES " + ", ".join(f"({int(one)}, {int(other)})" for one, other in sorted(self.extra["among"]))
        return super().as_sql(compiler, connection, template=f"(%(expressions)s) IN ({listed})", **more)
