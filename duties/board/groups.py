"""What the board calls its lists and groups, and which duties are in each: conditions on the duty table, which hold for
the cells of the counts as well.
"""

from datetime import date, timedelta
from enum import IntEnum, StrEnum

from django.db.models import Case, Q, Value, When

from duties.board.words import SOON_DAYS
from duties.engine.counts import OPTIONAL
from duties.engine.models import Duty, DutyQuerySet, State
from duties.engine.responsible import owed_by, turns
from duties.policy.models import Rule
from members.models import Organisation
from members.scope import path_end


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
_MAY = Q(rule__in=OPTIONAL)


def owed(account) -> Q:
    """The duties that are this account's turn, as a condition; kept on the account, since rail and page both ask."""
    if not owes(account):
        return Q(pk__in=[])
    if "owed" not in account.__dict__:
        account.__dict__["owed"] = owed_by(account.scope, rules_for(account).values())
    return account.__dict__["owed"]


def rules_for(account) -> dict[int, Rule]:
    """The rules of every policy that is or was adopted, by number, with what a list asks of them; read once for a page.

    Of the packs most are adopted nowhere, and no duty comes from those.
    """
    if "rules" not in account.__dict__:
        named = Rule.objects.adopted().only("title", "position", "action", "sensitive", "force", "spec")
        account.__dict__["rules"] = named.in_bulk()
    return account.__dict__["rules"]


def responsible_roles(account) -> frozenset[str]:
    """The roles whose turn some rule says it is."""
    return frozenset(role for turn in turns(rules_for(account).values()) for role in turn.roles)


def comes_first(account) -> bool:
    """Whether the account holds a post that a rule names first, not only one that stands in for it."""
    held = {holding.role for holding in account.scope.holdings}
    return any(turn.roles[0] in held for turn in turns(rules_for(account).values()))


def owes(account) -> bool:
    """Whether policy makes the account responsible, by a post or by name: its pages open on its own duties."""
    held = {holding.role for holding in account.scope.holdings}
    if held and held & responsible_roles(account):
        return True
    if "bound" not in account.__dict__:
        account.__dict__["bound"] = Duty.objects.open().filter(Duty.objects.bound_to(account.scope)).exists()
    return account.__dict__["bound"]


def live(day: date) -> Q:
    """On the board: open, or optional and past its day for not more than a week.

    What was owed to the living is not asked for the dead: nobody is reminded of them as if they lived.
    """
    still = Q(due_on__gte=day) | Q(silent=False)
    lapsed = Q(state=State.LAPSED, due_on__gte=day - timedelta(days=SOON_DAYS))
    return (Q(state=State.OPEN) | lapsed) & still


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
