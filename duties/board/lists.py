"""The rows of a list page: a page at a time, in the order of the board, wherever in the list that is."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nsmallest
from itertools import groupby
from typing import NamedTuple

from django.db.models import Q

from base.keyset import beyond
from base.numbers import whole_number
from duties.board.asked import Asked, Tally, of_rule
from duties.board.groups import GROUP_LABELS, Group, Tab, grouped, live
from duties.board.words import Line, with_words
from duties.engine import counts
from duties.engine.models import Duty, DutyQuerySet, State
from members.models import PATH_LENGTH

PAGE = 50
"""Rows of a list page."""


_RUNNING = ("group", "due_on", "rule", "path", "pk")
_ORDERS = {Tab.MINE: _RUNNING, Tab.HERE: _RUNNING, Tab.DONE: ("-closed_on", "-pk"), Tab.CLOSED: ("-pk",)}
"""Running duties by group and due day, ended ones newest first."""


@dataclass(frozen=True)
class Section:
    """One group of the board on this page; ``count`` is how many it holds on all pages."""

    label: str
    tone: str
    anchor: str
    count: int
    lines: list[Line]


def in_groups(lines: list[Line], counted: Tally, tab: Tab) -> list[Section]:
    """The lines of a page under the headings of their groups; ended ones have no heading."""
    if tab in (Tab.DONE, Tab.CLOSED):
        return [Section("", "", "", len(lines), lines)] if lines else []
    sections = []
    for group, some in groupby(lines, key=lambda line: Group(line.duty.group)):
        label, tone = GROUP_LABELS[group]
        sections.append(Section(label, tone, group.name.lower(), counted.groups[group], list(some)))
    return sections


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, and the cursor of the next page, empty on the last.

    A list of one's own has fifty lines, with the rows that one act closes together; others have fifty rows.
    """

    rows: list[Duty]
    after: str


def page_of(asked: Asked, tab: Tab, after: str = "") -> Page:
    """The page after the cursor ``after``; an unreadable cursor gives the first page.

    The page is chosen by numbers first and fetched whole then, so that sorting carries no text along. The numbers come
    here in between: with the choice as a subquery PostgreSQL joined every duty with all that a row shows.
    """
    last = _read_cursor(tab, after)
    ends = None
    if tab == Tab.MINE:
        lines = asked.mine_together
        begun = bisect_right(lines, tuple(last), key=lambda line: line[0][: len(last)]) if last else 0
        shown, more = lines[begun : begun + PAGE], lines[begun + PAGE :]
        chosen = [row.pk for line in shown for row in line]
        ends = shown[-1][0].pk if more else 0
    elif tab == Tab.HERE and asked.people is None:
        chosen = first_of(asked, (Group.LATE, Group.SOON, Group.LATER, Group.LAPSED, Group.MISSED), PAGE + 1, last)
    else:
        chosen = _rows_of(asked, tab)
        chosen = chosen.filter(beyond(_ORDERS[tab], last)) if last else chosen
        chosen = list(chosen.values_list("pk", flat=True)[: PAGE + 1])
    found = grouped(with_words(Duty.objects.filter(pk__in=chosen)), asked.day).order_by(*_ORDERS[tab])
    rows = list(found)
    if ends is None:
        return Page(rows[:PAGE], _cursor(tab, rows[PAGE - 1]) if len(rows) > PAGE else "")
    return Page(rows, next((_cursor(tab, row) for row in rows if row.pk == ends), ""))


def _rows_of(asked: Asked, tab: Tab) -> DutyQuerySet:
    kept = asked.duties.filter(~Duty.objects.forgotten(asked.account.scope))
    match tab:
        case Tab.DONE:
            duties = kept.filter(state=State.DONE)
        case Tab.CLOSED:
            duties = kept.filter(state__in=(State.WAIVED, State.VOID))
        case Tab.HERE:
            duties = asked.duties.filter(live(asked.day), due_on__lte=asked.last_due)
    return grouped(duties.filter(of_rule(asked.rule, asked.account)), asked.day).order_by(*_ORDERS[tab])


class Stretch(NamedTuple):
    """The rows of one rule due on one day in one group: they follow each other by path and number."""

    group: Group
    due_on: date
    rule: int


def first_of(asked: Asked, groups: Collection[Group], most: int, last: Sequence = ()) -> list[int]:
    """The first rows of some groups, by number, after the row that ``last`` names in the order of a running list.

    The counts say how many rows each stretch has, so that only as many stretches are read as the page needs, each from
    an index: a page costs the same in a branch and in a province, at the top of the list and deep in it.
    """
    stretches: Counter = Counter()
    for cell, group, hidden, n in asked.cells:
        if group in groups and asked.chosen(cell.rule, hidden):
            stretches[Stretch(group, cell.due_on, cell.rule)] += n
    begun = Stretch(*last[:3]) if last else None
    parts, whole, room = [], [], most
    ahead = (stretch for stretch, n in stretches.items() if n > 0 and (begun is None or stretch >= begun))
    for stretch in nsmallest(most + 2, ahead):  # each has a row at least
        n = stretches[stretch]
        if stretch == begun:
            parts.append(_of(asked, [stretch]).filter(beyond(("path", "pk"), last[3:])))
        elif n <= room:
            whole.append(stretch)
            room -= n
        else:
            parts.append(_of(asked, [stretch]))
            break
    parts.append(_of(asked, whole))
    return [pk for part in parts for pk in part.order_by("path", "pk").values_list("pk", flat=True)[:most]]


def _of(asked: Asked, stretches: Sequence[Stretch]) -> DutyQuerySet:
    """The rows of some stretches; without any, none, and without asking."""
    day = asked.day
    states = {
        Group.LATE: Q(state=State.OPEN, closes_on__gte=day, silent=False),
        Group.MISSED: Q(state=State.OPEN, closes_on__lt=day, silent=False),
        Group.LAPSED: Q(state__in=counts.RUNNING, silent=False),
    }
    wanted = Q(pk__in=[])
    for each in stretches:
        wanted |= Q(rule=each.rule, due_on=each.due_on) & states.get(each.group, Q(state=State.OPEN))
    return asked.duties.filter(wanted, of_rule(asked.rule, asked.account))


def _cursor(tab: Tab, duty: Duty) -> str:
    return "~".join(str(getattr(duty, _COLUMN.get(name, name))) for name in _names(tab))


_COLUMN = {"rule": "rule_id"}


def _names(tab: Tab) -> list[str]:
    return [name.removeprefix("-") for name in _ORDERS[tab]]


def _read_cursor(tab: Tab, after: str) -> list:
    """The values of a cursor, in the order of the tab; empty for one that is garbled."""
    reads = {"pk": whole_number, "rule": whole_number, "path": _path, "group": lambda text: Group(whole_number(text))}
    try:
        return [
            reads.get(name, date.fromisoformat)(part) for name, part in zip(_names(tab), after.split("~"), strict=True)
        ]
    except ValueError:
        return []


def _path(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) <= PATH_LENGTH):
        raise ValueError(text)
    return text
