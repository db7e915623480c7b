"""Which duties a page lists: whose they are, in which group, in which order, a page at a time."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from itertools import groupby

from django.db.models import BooleanField, Case, Count, Exists, Min, OuterRef, Q, Value, When

from base.numbers import whole_number
from duties.board.refs import basis_seen_by
from duties.board.words import CARE, SOON_DAYS, Line, with_words
from duties.engine.models import Duty, DutyQuerySet, State
from duties.engine.responsible import owed_by
from duties.policy.models import Force, Rule
from members.enums import Role, Standing
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


class Group(IntEnum):
    """Groups of the board in the order of the page; what has ended comes after them."""

    LATE = 1
    SOON = 2
    LATER = 3
    LAPSED = 4
    MISSED = 5
    DONE = 6
    CLOSED = 7


GROUP_LABELS = {
    Group.LATE: ("逾期", "late"),
    Group.SOON: (f"{SOON_DAYS} 天内", "soon"),
    Group.LATER: ("以后", ""),
    Group.LAPSED: ("已过，可以不办", ""),
    Group.MISSED: ("已错过，当时没办", ""),
}
RESPONSIBLE = frozenset({Role.SECRETARY})
"""The roles that rules make responsible; a pack that names another one belongs in here (a test watches)."""


_MAY = Q(rule__in=Rule.objects.filter(force=Force.MAY).values("pk"))


def owed(account) -> Q:
    """The duties that are this account's turn, as a condition; kept on the account, since rail and page both ask."""
    if not owes(account):
        return Q(pk__in=[])
    if "owed" not in account.__dict__:
        account.__dict__["owed"] = owed_by(account.person_id, account.scope.day)
    return account.__dict__["owed"]


def owes(account) -> bool:
    """Whether policy makes the account responsible, by a post or by name: its pages open on its own duties."""
    if any(holding.role in RESPONSIBLE for holding in account.scope.holdings):
        return True
    if "bound" not in account.__dict__:
        account.__dict__["bound"] = Duty.objects.open().filter(Duty.objects.bound_to(account.scope)).exists()
    return account.__dict__["bound"]


def live(day: date) -> Q:
    """On the board: open and begun, or optional and past its day for not more than a week.

    What was owed to the living is not asked for the dead: nobody is reminded of them as if they lived.
    """
    dead = Membership.objects.on(day).filter(person=OuterRef("member"), standing=Standing.DEAD)
    still = Q(due_on__gte=day) | ~Exists(dead.filter(since__gt=OuterRef("opens_on")))
    lapsed = Q(state=State.LAPSED, due_on__gte=day - timedelta(days=SOON_DAYS))
    return (Q(state=State.OPEN, opens_on__lte=day) | lapsed) & still


def under(organisation: Organisation) -> Q:
    """Rows with a path at or below the organisation."""
    return Q(path__gte=organisation.path, path__lt=path_end(organisation.path))


def grouped(duties: DutyQuerySet, day: date) -> DutyQuerySet:
    """Annotate each with its ``group`` on ``day``."""
    past = Q(due_on__lt=day)
    return duties.annotate(
        group=Case(
            When(state=State.DONE, then=Value(Group.DONE)),
            When(state__in=(State.WAIVED, State.VOID), then=Value(Group.CLOSED)),
            When(Q(state=State.LAPSED) | (past & _MAY), then=Value(Group.LAPSED)),
            When(closes_on__lt=day, then=Value(Group.MISSED)),
            When(past, then=Value(Group.LATE)),
            When(due_on__lte=day + timedelta(days=SOON_DAYS), then=Value(Group.SOON)),
            default=Value(Group.LATER),
        )
    )


def late(day: date) -> Q:
    """Overdue and still to be done: neither optional nor past the last day of an act that counts."""
    return Q(state=State.OPEN, due_on__lt=day, closes_on__gte=day) & ~_MAY


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
    sees = basis_seen_by(account)
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
    return duties.filter(Q(member__name__contains=name) | Q(actor__name__contains=name)) if name else duties


def tally(duties: DutyQuerySet, account, day: date, *, chosen: str, tab: Tab) -> Tally:
    """Count, in one query, what each tab and each group of ``tab`` holds.

    :param duties: what the other filters leave.
    :param chosen: the rule chosen in the filter, as :func:`of_rule` reads it.
    """
    sees = basis_seen_by(account)
    ended = Q(state__in=(State.DONE, State.WAIVED, State.VOID))
    rows = (
        grouped(duties.filter(live(day) | ended), day)
        .annotate(mine=_flag(~ended & owed(account)), hidden=_flag(Q(rule__sensitive=True) & ~sees))
        .values("rule_id", "hidden", "mine", "group")
        .annotate(n=Count("pk"), title=Min("rule__title"), position=Min("rule__position"))
        .order_by("position", "rule_id")
    )
    counted = Tally(dict.fromkeys(Tab, 0), dict.fromkeys(Group, 0))
    choices: dict[str, str] = {}
    for row in rows:
        value = "care" if row["hidden"] else str(row["rule_id"])
        choices.setdefault(value, CARE if row["hidden"] else row["title"])
        if chosen in ("", value):
            for each in _tabs(row["group"], row["mine"]):
                counted.tabs[each] += row["n"]
                counted.groups[row["group"]] += row["n"] if each == tab else 0
    counted.rules = [Choice(value, label) for value, label in choices.items()]
    return counted


def _flag(condition: Q) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _tabs(group: int, mine: bool) -> tuple[Tab, ...]:
    """The tabs on which a row of the group stands."""
    if group in (Group.DONE, Group.CLOSED):
        return (Tab.DONE if group == Group.DONE else Tab.CLOSED,)
    return (Tab.HERE, Tab.MINE) if mine else (Tab.HERE,)


_ORDERS = {
    Tab.MINE: ("group", "due_on", "pk"),
    Tab.HERE: ("group", "due_on", "pk"),
    Tab.DONE: ("-closed_on", "-pk"),
    Tab.CLOSED: ("-pk",),
}
"""Running duties by group and due day, ended ones newest first."""


def of_tab(duties: DutyQuerySet, tab: Tab, account, day: date) -> DutyQuerySet:
    """The rows of a tab in its order."""
    if tab == Tab.DONE:
        duties = duties.filter(state=State.DONE)
    elif tab == Tab.CLOSED:
        duties = duties.filter(state__in=(State.WAIVED, State.VOID))
    else:
        duties = duties.filter(live(day) & owed(account) if tab == Tab.MINE else live(day))
    return grouped(duties, day).order_by(*_ORDERS[tab])


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


def page_of(duties: DutyQuerySet, tab: Tab, day: date, after: str) -> Page:
    """The page after the cursor ``after``; an unreadable cursor gives the first page.

    The page is chosen by numbers first and fetched whole then, so that sorting carries no text along.
    """
    chosen = duties.filter(_beyond(tab, after)).values("pk")[: PAGE + 1]
    rows = list(grouped(with_words(Duty.objects.filter(pk__in=chosen)), day).order_by(*_ORDERS[tab]))
    cursor = _cursor(tab, rows[PAGE - 1]) if len(rows) > PAGE else ""
    return Page(rows[:PAGE], cursor)


def _cursor(tab: Tab, duty: Duty) -> str:
    if tab == Tab.DONE:
        return f"{duty.closed_on}~{duty.pk}"
    if tab == Tab.CLOSED:
        return str(duty.pk)
    return f"{duty.group}~{duty.due_on}~{duty.pk}"


def _beyond(tab: Tab, after: str) -> Q:
    parts = after.split("~")
    try:
        pk = whole_number(parts[-1])
        if tab == Tab.CLOSED:
            return Q(pk__lt=pk)
        if tab == Tab.DONE:
            on = date.fromisoformat(parts[0])
            return Q(closed_on__lt=on) | Q(closed_on=on, pk__lt=pk)
        group, due = Group(whole_number(parts[0])), date.fromisoformat(parts[1])
    except (ValueError, IndexError):
        return Q()
    return Q(group__gt=group) | Q(group=group, due_on__gt=due) | Q(group=group, due_on=due, pk__gt=pk)
