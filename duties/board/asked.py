"""What a reader asks of the board, and how much of it there is: read from the counts, without counting."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, Value, When

from base.dates import FAR
from duties.board.groups import Group, Tab, comes_first, grouped, live, owed, owes, rules_for
from duties.board.merging import closing, merged, subject
from duties.board.refs import basis_seen_by
from duties.board.words import CARE, SOON_DAYS
from duties.engine import counts
from duties.engine.counts import Cell
from duties.engine.models import Duty, DutyQuerySet, State
from duties.engine.responsible import TooMany
from duties.policy.models import Force, Rule
from members.enums import Capability
from members.models import Membership, Organisation, Person, Post
from members.scope import path_end

NAMED = 200
"""People whose duties a list looks through; who types a single letter is asked to type more."""

OWN = 5_000
"""Duties of one's own that a page counts. Who has more stands in for nearly all heads below, not entered yet."""

STANDS_IN = (
    "轮到你办的太多，不再单列“我负责的”，下面是本组织和下级的全部。下级没有登记书记的，事情都归到你这里；"
    "登记他们的任职以后，各归各办。"
)


@dataclass(frozen=True)
class Choice:
    """One rule in the filter; ``value`` is its number, or ``care`` for all whose basis the reader may not see."""

    value: str
    label: str


@dataclass
class Tally:
    """How many rows each tab and each group has, and which rules occur."""

    tabs: dict[Tab, int] = field(default_factory=dict)
    groups: dict[Group, int] = field(default_factory=dict)
    rules: list[Choice] = field(default_factory=list)


@dataclass(frozen=True)
class Asked:
    """What a reader asks of the board. ``people``: only duties of these members or leaders; ``None`` for all.

    :param here: only at or below this organisation; ``None`` for all that the reader's posts cover.
    :param due: of those that run only what is due within so many days, or overdue; empty for all.
    :param rule: the choice of the filter: a rule's number, ``care``, or empty.
    """

    account: Any
    day: date
    here: Organisation | None = None
    due: str = ""
    people: tuple[int, ...] | None = None
    rule: str = ""

    @cached_property
    def paths(self) -> list[str]:
        """The subtrees that are asked about, none inside another."""
        return [self.here.path] if self.here else self.account.scope.paths(Capability.VIEW)

    @cached_property
    def last_due(self) -> date:
        return self.day + timedelta(days=int(self.due)) if self.due else FAR

    @property
    def duties(self) -> DutyQuerySet:
        """The rows within, whatever the chosen rule and the days: what has ended is not asked by its due day."""
        within = Q(pk__in=[])
        for path in self.paths:
            within |= Q(path__gte=path, path__lt=path_end(path))
        duties = Duty.objects.filter(within)
        return duties if self.people is None else duties.filter(_about(self.people))

    @property
    def mine(self) -> list["Own"]:
        """The rows that are the reader's turn, by post or by name, in the order of the list."""
        rows = own_rows(self.account, self.day)
        if self.here:
            rows = [row for row in rows if row.path.startswith(self.here.path)]
        if self.people is not None:
            people = {*self.people}
            rows = [row for row in rows if not people.isdisjoint(row.about)]
        return [row for row in rows if row.due_on <= self.last_due]

    @property
    def mine_together(self) -> list[list["Own"]]:
        """The rows that are the reader's turn, those that one act would close as one; in the order of the list."""
        chosen = (row for row in self.mine if self.chosen(row.rule, row.hidden))
        return merged(chosen, lambda row: (subject(*row.about, row.path), row.closed_by))

    @cached_property
    def cells(self) -> list[tuple[Cell, Group | None, bool, int]]:
        """How many duties stand in each cell, in which group, and whether their basis is hidden from the reader."""
        seeing, rules = self.account.scope.paths(Capability.SENSITIVE), self.rules
        sensitive = {pk for pk, rule in rules.items() if rule.sensitive}
        found: Counter = Counter()
        for path in self.paths:
            told, seen = counts.cells(path), Counter()
            known = any(path.startswith(each) for each in seeing)
            for each in [] if known else [each for each in seeing if each.startswith(path)]:
                seen.update(counts.cells(each))
            for cell, n in told.items():
                hidden = n - seen[cell] if not known and cell.rule in sensitive else 0
                found[cell, False] += n - hidden
                if hidden:
                    found[cell, True] += hidden
        for cell, n in (self._own_hidden() if any(cell.rule in sensitive for cell, _ in found) else {}).items():
            found[cell, False] -= n
            found[cell, True] += n
        last = self.last_due
        return [
            (cell, group_of(cell, self.day, rules[cell.rule]), hidden, n)
            for (cell, hidden), n in found.items()
            if n and (cell.due_on <= last or cell.state not in counts.RUNNING)
        ]

    def _own_hidden(self) -> Counter:
        """What is sensitive about the reader himself he never sees, though his post covers it."""
        if not self.account.person_id:
            return Counter()
        sensitive = [pk for pk, rule in self.rules.items() if rule.sensitive]
        own = counts.counted(Duty.objects.filter(member=self.account.person_id, rule__in=sensitive))
        seeing = self.account.scope.paths(Capability.SENSITIVE)
        found = Counter()
        for (path, cell), n in own.items():
            if any(path.startswith(each) for each in self.paths) and any(path.startswith(each) for each in seeing):
                found[cell] += n
        return found

    @property
    def rules(self) -> dict[int, Rule]:
        return rules_for(self.account)

    def chosen(self, rule: int, hidden: bool) -> bool:
        """Whether the rule filter keeps it; it must not tell what the row itself hides."""
        return self.rule in ("", "care" if hidden else str(rule))


def group_of(cell: Cell, day: date, rule: Rule) -> Group | None:
    """The group of a cell; ``None`` for what is on no list."""
    if cell.state == State.DONE:
        return Group.DONE
    if cell.state in (State.WAIVED, State.VOID):
        return Group.CLOSED
    if cell.due_on >= day:
        return Group.SOON if cell.due_on <= day + timedelta(days=SOON_DAYS) else Group.LATER
    if cell.silent or (cell.state == State.LAPSED and cell.due_on < day - timedelta(days=SOON_DAYS)):
        return None
    if cell.state == State.LAPSED or rule.force == Force.MAY:
        return Group.LAPSED
    return Group.MISSED if cell.closes_on < day else Group.LATE


class Own(NamedTuple):
    """One duty that is somebody's turn: what a list needs to count it and, field by field, to order it.

    ``about``: member and actor; ``closed_by``: the actions of which one alone would close it today.
    """

    group: Group
    due_on: date
    rule: int
    path: str
    pk: int
    hidden: bool
    about: tuple[int | None, int | None]
    closed_by: frozenset[str]


def own_rows(account, day: date) -> list[Own]:
    """The running duties that are the account's turn, in the order of a list; read once for a page, rail included.

    They are those of a branch and of the heads one level down, so few enough to be counted and ordered here; one lean
    statement costs less than the composing of several that count and sort. Of too many there is none.
    """
    return _own(account, day) or []


def has_own_list(account, day: date) -> bool:
    """Whether the account's pages open on its own duties: not for who only stands in, while nothing is his turn."""
    return owes(account) and _own(account, day) is not None and (comes_first(account) or bool(_own(account, day)))


def stands_in(account, day: date) -> str:
    """What is said where more is the account's turn than a list of its own can hold; empty where it is not."""
    return STANDS_IN if owes(account) and _own(account, day) is None else ""


def _own(account, day: date) -> list[Own] | None:
    if "own_rows" not in account.__dict__:
        try:
            account.__dict__["own_rows"] = _read_own(account, day)
        except TooMany:
            account.__dict__["own_rows"] = None
    return account.__dict__["own_rows"]


def _read_own(account, day: date) -> list[Own]:
    rules, seeing = rules_for(account), account.scope.paths(Capability.SENSITIVE)
    duties = Duty.objects.filter(live(day), owed(account)).order_by()
    rows = list(
        duties.values_list(
            "due_on", "rule", "period", "state", "closes_on", "silent", "counts_from", "path", "pk", "member", "actor"
        )[: OWN + 1]
    )  # fmt: skip
    if len(rows) > OWN:
        raise TooMany
    found, groups, closed_by = [], {}, {pk: closing(rule) for pk, rule in rules.items()}
    for *days, counts_from, path, pk, member, actor in rows:
        cell = tuple(days)
        due_on, rule = cell[0], rules[cell[1]]
        if cell not in groups:
            groups[cell] = group_of(Cell(*cell), day, rule)
        if group := groups[cell]:
            seen = not rule.sensitive or (member != account.person_id and any(map(path.startswith, seeing)))
            running = seen and group <= Group.LATER and counts_from <= day
            acts = closed_by[rule.pk] if running else frozenset()
            found.append(Own(group, due_on, rule.pk, path, pk, not seen, (member, actor), acts))
    return sorted(found)


def named(account, name: str) -> tuple[int, ...]:
    """The first people in scope whom ``name`` means, by number: members now or once, holders of posts, those tied.

    One more than :data:`NAMED` of them says that there are too many.
    """
    scope = account.scope
    stays = Membership.objects.filter(scope.q("path", Capability.VIEW), person=OuterRef("pk"))
    posts = Post.objects.filter(scope.q("organisation__path", Capability.VIEW), person=OuterRef("pk"))
    led = {member for _kind, members in scope.tied for member in members}
    people = Person.objects.matching(name).filter(Exists(stays) | Exists(posts) | Q(pk__in=led))
    return tuple(people.order_by("pk").values_list("pk", flat=True)[: NAMED + 1])


def _about(people: Collection[int]) -> Q:
    return Q(member__in=people) | Q(actor__in=people)


def of_rule(chosen: str, account) -> Q:
    """The rows of one choice of the filter, without letting it tell what the row itself hides."""
    if not chosen:
        return Q()
    sees = basis_seen_by(account)
    if chosen == "care":
        return Q(rule__sensitive=True) & ~sees
    return Q(rule=int(chosen)) & (Q(rule__sensitive=False) | sees)


def tally(asked: Asked, tab: Tab) -> Tally:
    """What each tab and each group of ``tab`` holds: read from the counts; counted are only the reader's own duties,
    and those of the few people asked for.
    """
    counted = Tally(dict.fromkeys(Tab, 0), dict.fromkeys(Group, 0))
    rows = Counter((row.rule, row.hidden, True, row.group) for row in asked.mine)
    if asked.people is None:
        for cell, group, hidden, n in asked.cells:
            rows[cell.rule, hidden, False, group] += n
    else:
        rows.update(_counted(asked))
    occurring: dict[str, tuple] = {}
    for (rule, hidden, mine, group), n in rows.items():
        if group is None or n <= 0:
            continue
        known = asked.rules[rule]
        choice = Choice("care", CARE) if hidden else Choice(str(rule), known.title)
        occurring[choice.value] = min(occurring.get(choice.value, (known.position, rule, choice)),
                                      (known.position, rule, choice), key=lambda each: each[:2])  # fmt: skip
        if asked.chosen(rule, hidden):
            on = Tab.MINE if mine else _TABS.get(group, Tab.HERE)
            counted.tabs[on] += n
            counted.groups[group] += n if on == tab else 0
    counted.rules = _told_apart([choice for _, _, choice in sorted(occurring.values(), key=lambda each: each[:2])])
    return counted


def _told_apart(choices: list[Choice]) -> list[Choice]:
    """Rules of several policies that are called the same, with the policy behind the name."""
    named = Counter(choice.label for choice in choices)
    alike = [choice.value for choice in choices if named[choice.label] > 1]
    policies = {
        str(pk): number or title
        for pk, number, title in Rule.objects.filter(pk__in=alike).values_list("pk", "policy__number", "policy__title")
    }
    return [
        Choice(each.value, f"{each.label}（{policies[each.value]}）") if each.value in policies else each
        for each in choices
    ]


_TABS = {Group.DONE: Tab.DONE, Group.CLOSED: Tab.CLOSED}


def _counted(asked: Asked) -> dict[tuple, int]:
    """The rows of a few people counted by rule, hidden basis, false and group."""
    ended = Q(state__in=(State.DONE, State.WAIVED, State.VOID))
    hidden = Q(rule__sensitive=True) & ~basis_seen_by(asked.account)
    running = live(asked.day) & Q(due_on__lte=asked.last_due)
    rows = grouped(asked.duties.filter(running | ended), asked.day).annotate(hidden=_flag(hidden))
    rows = rows.values_list("rule", "hidden", "group").annotate(n=Count("pk")).order_by()
    return {(rule, hidden, False, Group(group)): n for rule, hidden, group, n in rows}


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
