"""What goes from one holder of a post to the next: what is that post's turn, what was promised, who is stood by."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from base import drafts
from base.dates import FAR, last_day
from duties.board.groups import live, rules_for
from duties.board.merging import together
from duties.board.words import Line, describe, is_missed, with_words
from duties.engine.models import Duty, handed_to
from duties.engine.responsible import TooMany, owed_by
from members.enums import SYSTEM_ROLES, Capability, Role
from members.models import Membership, Person, Post, Tie
from members.scope import Holding, Scope, sealed_at

AHEAD = 60
"""Days ahead that a hand-over looks at first."""

MOST = 300
"""Duties that a hand-over lists."""


@dataclass(frozen=True)
class Bond:
    """One tie that leads to the holder; ``until`` is its last day, ``None`` where it has no end yet."""

    tie: Tie
    until: date | None
    may_end: bool


@dataclass(frozen=True)
class Handover:
    """Everything of one post on one day; duties that one act would close are one line, the numbers are of duties.

    ``stands_in``: so much is its turn that it cannot be listed.
    """

    late: list[Line]
    soon: list[Line]
    later: list[Line]
    missed: list[Line]
    count: int
    stands_in: bool
    handed: list[Line]
    arranged: list[Line]
    bonds: list[Bond]
    drafts: int
    most: int = MOST

    @property
    def sections(self) -> list[tuple[str, list[Line], int]]:
        """The lists in the order of the page: title, lines, how many duties these stand for."""
        listed = (
            ("逾期", self.late),
            (f"{AHEAD} 天内到期", self.soon),
            ("以后到期", self.later),
            ("已错过，办过没登记的可以补录", self.missed),
            ("已转给别人办的", self.handed),
            ("另外安排由本人去的", self.arranged),
        )
        return [(title, lines, sum(len(line.all) for line in lines)) for title, lines in listed if lines]


def posts_to_hand_over(account) -> QuerySet[Post]:
    """The party posts whose hand-over the account may see: its own, and those of where it may record."""
    scope = account.scope
    mine = Q(person=scope.person) if scope.person else Q(pk__in=[])
    within = scope.q("organisation__path", Capability.RECORD)
    return Post.objects.filter(mine | within).exclude(role__in=SYSTEM_ROLES).select_related("organisation", "person")


LATELY = timedelta(days=90)
"""How long after its end a post's hand-over is offered to whoever held it."""


def own_handovers(account, day: date) -> list[Post]:
    """The party posts of the account's person that are held, or were lately, with their organisations."""
    if not account.person_id:
        return []
    own = Post.objects.filter(person=account.person_id, since__lte=day, until__gt=day - LATELY)
    own = own.exclude(role__in=SYSTEM_ROLES).select_related("organisation")
    return list(own.order_by("-until", "since", "pk"))


def beside(account, post: Post, day: date) -> tuple[Post | None, Post | None]:
    """Who held the post before, and who holds it after, as far as ``account`` may see their hand-overs."""
    others = _alike(posts_to_hand_over(account), post)
    before = others.filter(until__lte=day, since__lt=post.since).order_by("-until", "-pk").first()
    return before, _after(others, post, day)


def _alike(posts: QuerySet[Post], post: Post) -> QuerySet[Post]:
    """The same post as others held or hold it."""
    return posts.filter(organisation=post.organisation_id, role=post.role).exclude(person=post.person_id)


def _after(others: QuerySet[Post], post: Post, day: date) -> Post | None:
    return others.on(day).filter(since__gte=post.since).order_by("-since", "-pk").first()


def handover(account, post: Post, day: date, now: datetime) -> Handover:
    """What there is to hand over of ``post``, as far as ``account`` may see it."""
    duties, stands_in = _turn(account, post, day)
    count = duties.count()
    lines = describe(with_words(duties).order_by("due_on", "rule", "path", "pk")[:MOST], account, day)
    shown = {line.duty.pk for line in lines}
    lines = together(lines, day, own=post.until > day)
    running = [line for line in lines if not is_missed(line.duty, day)]
    soon = day + timedelta(days=AHEAD)
    account_of = getattr(post.person, "account", None)
    handed = _named(account, day, shown, rule__delegations__given_by=post.person, rule__delegations__key=F("key"))
    shown |= {each.duty.pk for line in handed for each in line.all}
    return Handover(
        late=[line for line in running if line.duty.due_on < day],
        soon=[line for line in running if day <= line.duty.due_on <= soon],
        later=[line for line in running if line.duty.due_on > soon],
        missed=[line for line in lines if is_missed(line.duty, day)],
        count=count, stands_in=stands_in,
        handed=handed,
        arranged=_named(account, day, shown, rule__arrangements__person=post.person, rule__arrangements__key=F("key")),
        bonds=_bonds(account, post.person, day),
        drafts=drafts.waiting(account=account_of.pk, now=now) if account_of else 0,
    )  # fmt: skip


def _turn(account, post: Post, day: date) -> tuple[QuerySet[Duty], bool]:
    """The running duties that are the post's turn, and whether they are too many to be told."""
    within = Duty.objects.visible_to(account).filter(live(day))
    holds, own = Holding(Role(post.role), post.organisation), _scope(post.person_id, day)
    try:
        if post.until > day:
            turn = owed_by(_scope(post.person_id, day, holds), rules_for(account).values())
        else:
            after = _after(_alike(Post.objects.all(), post), post, day)
            whose = _scope(after.person_id if after else post.person_id, day, holds)
            turn = owed_by(whose, rules_for(account).values())
            turn |= Q(actor=post.person_id) | Q(pk__in=handed_to(own))
    except TooMany:
        return within.filter(Q(actor=post.person_id) | Q(pk__in=handed_to(own))), True
    return within.filter(turn), False


def _scope(person: int, day: date, *holdings: Holding) -> Scope:
    """The scope of somebody as if he held these posts alone."""
    led: dict[str, set[int]] = {}
    for kind, member in Tie.objects.on(day).filter(to=person).order_by("kind", "person").values_list("kind", "person"):
        led.setdefault(kind, set()).add(member)
    return Scope(day, person, holdings, tuple((kind, tuple(sorted(members))) for kind, members in led.items()))


def _named(account, day: date, shown: set[int], **condition) -> list[Line]:
    """What somebody handed on or promised, of what runs and is not listed already."""
    duties = Duty.objects.visible_to(account).filter(live(day), **condition).exclude(pk__in=shown)
    return together(describe(with_words(duties).order_by("due_on", "pk")[:MOST], account, day), day, own=False)


def _bonds(account, person: Person, day: date) -> list[Bond]:
    """The ties that lead to the person, of members whom the reader sees."""
    stays = Membership.objects.on(day).visible_to(account).filter(person=OuterRef("person"))
    ends = Membership.objects.on(day).visible_to(account, Capability.RECORD).filter(person=OuterRef("person"))
    ties = Tie.objects.on(day).filter(Exists(stays), to=person).annotate(may_end=Exists(ends))
    ties = ties.select_related("person").defer(*sealed_at("person")).order_by("kind", "person__name", "pk")
    return [
        Bond(tie, None if tie.until == FAR else last_day(tie.until), tie.may_end and tie.person_id != account.person_id)
        for tie in ties
    ]
