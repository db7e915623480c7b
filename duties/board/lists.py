"""Which duties a page lists: whose they are, in which group, in which order, a page at a time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby

from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, Value, When

from duties.board.words import CARE, SOON_DAYS, Line
from duties.engine.models import Duty, DutyQuerySet, State
from duties.engine.responsible import owed_by
from duties.policy.models import Force
from members.enums import Capability, Role, Standing
from members.models import Membership, Organisation
from members.scope import path_end

PAGE = 50
"""Rows of a list page."""


class Tab(StrEnum):
    MINE = "mine"
    HERE = "here"
    DONE = "done"
    CLOSED = "closed"


TAB_LABELS = {Tab.MINE: "我负责的", Tab.HERE: "本组织", Tab.DONE: "已办结", Tab.CLOSED: "免办与作废"}


class Group(StrEnum):
    """Groups of the board; their values sort in the order of the page."""

    LATE = "1late"
    SOON = "2soon"
    LATER = "3later"
    LAPSED = "4lapsed"
    MISSED = "5missed"


GROUP_LABELS = {
    Group.LATE: ("逾期", "late"),
    Group.SOON: (f"{SOON_DAYS} 天内", "soon"),
    Group.LATER: ("以后", ""),
    Group.LAPSED: ("已过，可以不办", ""),
    Group.MISSED: ("已错过，往年没谈", ""),
}
_QUOTA = Q(rule__spec__trigger__kind="quota")
_MAY = Q(rule__force=Force.MAY)


def owed(account) -> Q:
    """The duties that are this account's turn, as a condition; kept on the account, since rail and page both ask."""
    if "owed" not in account.__dict__:
        account.__dict__["owed"] = owed_by(account.person_id, account.scope.day)
    return account.__dict__["owed"]


def owes(account) -> bool:
    """Whether the account holds the post that policy makes responsible: its pages open on its own duties."""
    return any(holding.role == Role.SECRETARY for holding in account.scope.holdings)


def live(day: date) -> Q:
    """On the board: open and begun, or optional and past its day for not more than a week.

    What was owed to the living is not asked for the dead: nobody is reminded of them as if they lived.
    """
    dead = Membership.objects.on(day).filter(person=OuterRef("member"), standing=Standing.DEAD)
    running = Q(state=State.OPEN, opens_on__lte=day)
    lapsed = Q(state=State.LAPSED, due_on__gte=day - timedelta(days=SOON_DAYS))
    return (running | lapsed) & ~Exists(dead.filter(since__gt=OuterRef("opens_on")))


def under(organisation: Organisation) -> Q:
    """Rows with a path at or below the organisation."""
    return Q(path__gte=organisation.path, path__lt=path_end(organisation.path))


def grouped(duties: DutyQuerySet, day: date) -> DutyQuerySet:
    """Annotate each with its ``group`` on ``day``."""
    past = Q(due_on__lt=day)
    return duties.annotate(
        group=Case(
            When(Q(state=State.LAPSED) | (past & _MAY), then=Value(Group.LAPSED)),
            When(past & _QUOTA, then=Value(Group.MISSED)),
            When(past, then=Value(Group.LATE)),
            When(due_on__lte=day + timedelta(days=SOON_DAYS), then=Value(Group.SOON)),
            default=Value(Group.LATER),
        )
    )


def late(day: date) -> Q:
    """Overdue and still to be done: neither optional nor a quota whose year is over."""
    return Q(state=State.OPEN, due_on__lt=day) & ~_MAY & ~_QUOTA


@dataclass
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


def of_rule(chosen: str, account) -> Q:
    """The rows of one choice of the filter, without letting it tell what the row itself hides."""
    if not chosen:
        return Q()
    sees = account.scope.q("path", Capability.SENSITIVE) & ~Q(member=account.person_id)
    if chosen == "care":
        return Q(rule__sensitive=True) & ~sees
    return Q(rule=int(chosen)) & (Q(rule__sensitive=False) | sees)


def narrowed(
    duties: DutyQuerySet, day: date, *, here: Organisation | None, due: str = "", name: str = ""
) -> DutyQuerySet:
    """What the filters other than the rule leave.

    :param here: only at or below this organisation.
    :param due: only those due within so many days, or overdue.
    """
    if here:
        duties = duties.filter(under(here))
    if due:
        duties = duties.filter(due_on__lte=day + timedelta(days=int(due)))
    return duties.filter(member__name__contains=name) if name else duties


def tally(duties: DutyQuerySet, account, day: date, *, chosen: str, tab: Tab) -> Tally:
    """Count, in one query, what each tab and each group of ``tab`` holds.

    :param duties: what the other filters leave.
    :param chosen: the rule chosen in the filter, as :func:`of_rule` reads it.
    """
    sees = account.scope.q("path", Capability.SENSITIVE) & ~Q(member=account.person_id)
    rows = (
        grouped(duties, day)
        .annotate(
            mine=_flag(owed(account)),
            live=_flag(live(day)),
            hidden=_flag(Q(rule__sensitive=True) & ~sees),
        )
        .values_list("rule_id", "rule__title", "rule__position", "hidden", "mine", "live", "state", "group")
        .annotate(n=Count("pk"))
        .order_by("rule__position", "rule_id")
    )
    counted = Tally(dict.fromkeys(Tab, 0), dict.fromkeys(Group, 0))
    choices: dict[str, str] = {}
    for rule, title, _position, hidden, mine, is_live, state, group, n in rows:
        value = "care" if hidden else str(rule)
        choices.setdefault(value, CARE if hidden else title)
        if chosen in ("", value):
            _count(counted, tab, _tabs(state, mine, is_live), group, n)
    counted.rules = [Choice(value, label) for value, label in choices.items()]
    return counted


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _tabs(state: str, mine: bool, is_live: bool) -> Iterable[Tab]:
    if state == State.DONE:
        yield Tab.DONE
    elif state in (State.WAIVED, State.VOID):
        yield Tab.CLOSED
    elif is_live:
        yield Tab.HERE
        if mine:
            yield Tab.MINE


def _count(counted: Tally, tab: Tab, tabs: Iterable[Tab], group: str, n: int) -> None:
    for each in tabs:
        counted.tabs[each] += n
        if each == tab:
            counted.groups[Group(group)] += n


def of_tab(duties: DutyQuerySet, tab: Tab, account, day: date) -> DutyQuerySet:
    """The rows of a tab in its order: running ones by group and due day, ended ones newest first."""
    if tab == Tab.DONE:
        return duties.filter(state=State.DONE).order_by("-closed_on", "-pk")
    if tab == Tab.CLOSED:
        return duties.filter(state__in=(State.WAIVED, State.VOID)).order_by("-pk")
    duties = duties.filter(live(day))
    if tab == Tab.MINE:
        duties = duties.filter(owed(account))
    return grouped(duties, day).order_by("group", "due_on", "pk")


@dataclass(frozen=True)
class Section:
    """One group of the board on this page; ``count`` is how many it holds on all pages."""

    label: str
    tone: str
    count: int
    lines: list[Line]


def in_groups(lines: list[Line], counted: Tally, tab: Tab) -> list[Section]:
    """The lines of a page under the headings of their groups; ended ones have no heading."""
    if tab in (Tab.DONE, Tab.CLOSED):
        return [Section("", "", len(lines), lines)] if lines else []
    sections = []
    for group, some in groupby(lines, key=lambda line: Group(line.duty.group)):
        label, tone = GROUP_LABELS[group]
        sections.append(Section(label, tone, counted.groups[group], list(some)))
    return sections


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, and the cursor of the next page, empty on the last."""

    rows: list[Duty]
    after: str


def page_of(duties: DutyQuerySet, tab: Tab, after: str) -> Page:
    """The page after the cursor ``after``; an unreadable cursor gives the first page."""
    rows = list(duties.filter(_beyond(tab, after))[: PAGE + 1])
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    return Page(rows, _cursor(tab, rows[-1]) if more else "")


def _cursor(tab: Tab, duty: Duty) -> str:
    if tab == Tab.DONE:
        return f"{duty.closed_on}~{duty.pk}"
    if tab == Tab.CLOSED:
        return str(duty.pk)
    return f"{duty.group}~{duty.due_on}~{duty.pk}"


def _beyond(tab: Tab, after: str) -> Q:
    parts = after.split("~")
    try:
        pk = int(parts[-1])
        if tab == Tab.CLOSED:
            return Q(pk__lt=pk)
        if tab == Tab.DONE:
            on = date.fromisoformat(parts[0])
            return Q(closed_on__lt=on) | Q(closed_on=on, pk__lt=pk)
        group, due = Group(parts[0]), date.fromisoformat(parts[1])
    except (ValueError, IndexError):
        return Q()
    return Q(group__gt=group) | Q(group=group, due_on__gt=due) | Q(group=group, due_on=due, pk__gt=pk)
