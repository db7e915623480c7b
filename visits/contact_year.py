"""What leaders did for their contact points in a year.

The year's three facts are records like any other: taking part in the life of a branch as an ordinary member, a lesson
at the contact point, a written report. Duties that a policy makes of them bind the leader and are told elsewhere.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F
from django.urls import reverse
from django.utils.http import urlencode

from base.dates import FAR, last_day
from duties.engine.models import Action, Record
from members.enums import Capability
from members.models import Membership, Organisation, Post
from visits.models import ContactPoint

FACTS = {
    Action.BRANCH_LIFE: "参加支部活动",
    Action.LECTURE: "到联系点讲党课",
    Action.RESEARCH: "调研报告",
}
"""What a leader does in a year, with its heading."""

AT_THE_POINT = frozenset({Action.LECTURE})
"""Of these only what was done at the contact point or below it counts for it."""


@dataclass(frozen=True)
class Done:
    """One thing the leader did: when, where, and its page, empty where the reader may not open it."""

    on: date
    where: str
    url: str = ""


@dataclass(frozen=True)
class Fact:
    """One of the three of a year: what was done of it, and the form where more is entered, empty for who may not."""

    label: str
    done: list[Done]
    enter: str = ""


@dataclass(frozen=True)
class Line:
    """A contact point in a year: the leader's posts and branch of today, the three facts, what is missing of them.

    ``last`` is its last day, if it has ended; of an ended one nothing is missing. ``home`` is empty where the reader
    does not look at that branch.
    """

    point: ContactPoint
    posts: str
    facts: list[Fact]
    last: date | None
    runs: bool
    may_change: bool
    home: str = ""
    missing: list[str] = field(default_factory=list)


def lines_of(points: Iterable[ContactPoint], account, first: date, last: date, day: date) -> list[Line]:
    """The contact points in the order given, with what was done from ``first`` to ``last``, as of ``day``; three
    queries, however many they are.

    Whoever may know of a contact point is told what was done for it; a record opens only where it is in scope.

    :param account: the reader, ``None`` for a command.
    """
    points = list(points)
    year = _Year(account, day, {point.leader_id for point in points}, first, last)
    return [year.line(point) for point in points]


def may_change(account, point: ContactPoint) -> bool:
    """Whether the account may give, end and take back contact points there."""
    return account is not None and account.scope.may(Capability.RECORD, point.organisation.path)


class _Year:
    """The leaders' posts and branches of a day, and what they did in a year."""

    def __init__(self, account, day: date, leaders: Collection[int], first: date, last: date):
        self.account, self.day = account, day
        self.posts, self.done = defaultdict(list), defaultdict(list)
        posts = Post.objects.on(day).filter(person__in=leaders).select_related("organisation")
        for post in posts.order_by("since", "pk"):
            self.posts[post.person_id].append(f"{post.organisation.label}{post.get_role_display()}")
        stays = Membership.objects.on(day).filter(person__in=leaders).select_related("organisation").order_by("pk")
        self.homes = {stay.person_id: stay.organisation for stay in stays}
        done = Record.objects.standing().filter(member=None, action__in=FACTS, on__range=(first, last))
        done = done.filter(actors__person__in=leaders).select_related("organisation", "deed").defer("deed__note")
        for record in done.annotate(leader=F("actors__person")).order_by("on", "pk"):
            self.done[record.leader, record.action].append(record)

    def line(self, point: ContactPoint) -> Line:
        facts, runs = [self._fact(point, action) for action in FACTS], point.until > self.day
        home = self.homes.get(point.leader_id)
        return Line(
            point, "、".join(self.posts[point.leader_id]), facts, None if point.until == FAR else last_day(point.until),
            runs, may_change(self.account, point), home.label if home and self._may_name(home) else "",
            [fact.label for fact in facts if runs and not fact.done],
        )  # fmt: skip

    def _fact(self, point: ContactPoint, action: Action) -> Fact:
        records = self.done[point.leader_id, action]
        if action in AT_THE_POINT:
            records = [each for each in records if each.path.startswith(point.organisation.path)]
        return Fact(FACTS[action], [self._told(each) for each in records], self._form(point, action))

    def _told(self, record: Record) -> Done:
        deed = getattr(record, "deed", None)
        opens = deed and self.account and self.account.scope.may(Capability.VIEW, record.path)
        return Done(record.on, record.organisation.label, reverse("deed", args=[deed.pk]) if opens else "")

    def _form(self, point: ContactPoint, action: Action) -> str:
        """The deed form filled in: at the leader's own branch for its life, else at the contact point."""
        home = self.homes.get(point.leader_id) if action == Action.BRANCH_LIFE else None
        place = next((each for each in (home, point.organisation) if each and self._may_record(each)), None)
        if place is None:
            return ""
        asked = {"organisation": place.pk, "action": action.value, "people": point.leader_id}
        return f"{reverse('deed_new')}?{urlencode(asked)}"

    def _may_name(self, home: Organisation) -> bool:
        """A leader comes from elsewhere: of which branch he is a member is told to those who look at it."""
        return self.account is None or self.account.scope.may(Capability.VIEW, home.path)

    def _may_record(self, place: Organisation) -> bool:
        return self.account is not None and self.account.scope.may(Capability.RECORD, place.path)
