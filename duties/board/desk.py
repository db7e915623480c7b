"""The workbench's figures and lists: what is urgent, this month's birthdays, coverage beside the time gone, gaps.

Each figure has its list: the pages link them by the same filters.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import ExtractDay

from base.dates import anniversary
from duties.board.lists import late, live, owed, owes, under
from duties.board.phrases import short
from duties.board.roster import count_of, without_full_date
from duties.board.words import SOON_DAYS, Line, describe, with_words
from duties.engine.models import Action, Duty, DutyQuerySet, State
from duties.policy.models import Rule
from members.enums import LIVING, Capability, Precision, Standing
from members.models import Membership, Organisation
from members.scope import sealed_at

ROWS = 8
"""Rows of each section; the heading's number opens the whole list."""

NAMES = 12
"""Names of those not yet talked with; the rest are in the list."""


@dataclass(frozen=True)
class Urgent:
    """What is overdue and what is due soon, with the counts of all."""

    late: list[Line]
    soon: list[Line]
    late_count: int
    soon_count: int
    live_count: int

    @property
    def first(self) -> Line | None:
        return next(iter(self.late + self.soon), None)


def duties_of(account, organisation: Organisation, *, own: bool) -> DutyQuerySet:
    """The duties a desk speaks of: all under the organisation, or those among them that are the account's turn."""
    duties = Duty.objects.visible_to(account).filter(under(organisation))
    return duties.filter(owed(account)) if own else duties


def urgent(duties: DutyQuerySet, account, day: date) -> Urgent:
    """Overdue and due within seven days, each with at most :data:`ROWS` rows."""
    soon = Q(state=State.OPEN, due_on__gte=day, due_on__lte=day + timedelta(days=SOON_DAYS))
    running = duties.filter(live(day))
    counts = running.aggregate(late=Count("pk", filter=late(day)), soon=Count("pk", filter=soon), live=Count("pk"))
    rows = [*_first(running.filter(late(day))), *_first(running.filter(soon))]
    lines = describe(rows, account, day)
    overdue = [line for line in lines if line.duty.due_on < day]
    return Urgent(overdue, lines[len(overdue) :], counts["late"], counts["soon"], counts["live"])


def _first(duties: DutyQuerySet) -> DutyQuerySet:
    """The first rows by due day, chosen by number and then fetched whole."""
    chosen = duties.order_by("due_on", "pk").values("pk")[:ROWS]
    return with_words(Duty.objects.filter(pk__in=chosen)).order_by("due_on", "pk")


@dataclass(frozen=True)
class Birthday:
    """One member's political birthday this month; ``state`` and ``tone`` say how far it has come."""

    on: date
    membership: Membership
    years: int
    state: str
    tone: str

    @property
    def by_month(self) -> bool:
        """Whether only the month is known: the list of the month, never a false day."""
        return self.membership.person.joined_precision == Precision.MONTH


def birthdays(account, organisation: Organisation, day: date) -> tuple[list[Birthday], int]:
    """The political birthdays of the month of ``day`` under the organisation, and how many there are in all."""
    rules = Rule.objects.filter(spec__trigger__fact="joined_on", spec__trigger__every="year").values("pk")
    told = Duty.objects.filter(rule__in=rules, member=OuterRef("person"), period=str(day.year)).order_by("-pk")
    people = (
        Membership.objects.on(day)
        .visible_to(account)
        .filter(under(organisation))
        .filter(standing__in=(Standing.FULL, Standing.PROBATIONARY))
        .filter(person__joined_on__month=day.month, person__joined_on__year__lt=day.year)
        .exclude(person__joined_precision=Precision.YEAR)
        .select_related("person")
        .defer(*sealed_at("person"))
        .annotate(state=Subquery(told.values("state")[:1]), done_on=Subquery(told.values("closed_on")[:1]))
        .annotate(day_of_month=ExtractDay("person__joined_on"))
        .order_by("day_of_month", "path", "pk")
    )
    rows = list(people)
    shown = rows
    if len(rows) > ROWS * 2:
        # A department's month is long: those still to come, the last of the month if none is.
        shown = [row for row in rows if row.day_of_month >= day.day][:ROWS] or rows[-ROWS:]
    return [_birthday(row, day) for row in shown], len(rows)


def _birthday(row: Membership, day: date) -> Birthday:
    on = anniversary(row.person.joined_on, day.year)
    if row.state == State.DONE:
        state, tone = f"已办 {short(row.done_on, day)}", "ok"
    elif row.state == State.OPEN:
        state, tone = "待办", "open"
    elif on > day:
        state, tone = "还没到", "open"
    else:
        state, tone = "已过", "open"
    return Birthday(on, row, day.year - row.person.joined_on.year, state, tone)


@dataclass(frozen=True)
class Coverage:
    """How many of those owed a talk this year have had it, beside the share of the year that is gone."""

    rule: int
    done: int
    total: int
    elapsed: float
    missing: list[Duty]

    @property
    def left(self) -> int:
        """How many are still to be talked with."""
        return self.total - self.done

    @property
    def share(self) -> float:
        return round(100 * self.done / self.total, 1)


def coverage(duties: DutyQuerySet, day: date) -> Coverage | None:
    """Coverage of the yearly talk with each member in ``day``'s year; ``None`` where nobody is owed one."""
    rules = Rule.objects.filter(spec__trigger__counted_per="member", spec__trigger__per="year", action=Action.TALK)
    yearly = duties.filter(rule__in=rules.values("pk"), period=str(day.year), state__in=(State.OPEN, State.DONE))
    rows = yearly.values_list("rule").annotate(done=Count("pk", filter=Q(state=State.DONE)), total=Count("pk"))
    first = rows.order_by("rule__position", "rule").first()
    if first is None:
        return None
    rule, done, total = first
    missing = yearly.filter(rule=rule, state=State.OPEN).select_related("member").order_by("path", "pk")
    missing = missing.defer(*sealed_at("member"))
    elapsed = round(100 * day.timetuple().tm_yday / (366 if isleap(day.year) else 365), 1)
    return Coverage(rule, done, total, elapsed, list(missing[:NAMES]))


def gap_count(account, organisation: Organisation, day: date) -> int:
    """How many full members under the organisation lack the date on which they became full members."""
    return (
        Membership.objects.on(day).visible_to(account).filter(under(organisation)).filter(without_full_date()).count()
    )


def branches_with_overdue(duties: DutyQuerySet, day: date) -> list[Organisation]:
    """The organisations in which something is overdue, in the order of the tree, each with ``overdue``."""
    counts = dict(duties.filter(late(day)).values_list("organisation").annotate(Count("pk")).order_by("organisation"))
    organisations = list(Organisation.objects.filter(pk__in=counts).order_by("path"))
    for organisation in organisations:
        organisation.overdue = counts[organisation.pk]
    return organisations


def counts_for_rail(account, day: date) -> tuple[int, int]:
    """Overdue duties and living members of the account's scope, in one query."""
    if not account.scope.may(Capability.VIEW):
        return 0, 0
    overdue = Duty.objects.visible_to(account).filter(late(day))
    if owes(account):
        overdue = overdue.filter(owed(account))
    members = Membership.objects.on(day).visible_to(account).filter(standing__in=LIVING)
    both = Organisation.objects.filter(pk=account.scope.home.pk).annotate(
        overdue=count_of(overdue), members=count_of(members)
    )
    row = both.values_list("overdue", "members").get()
    return row[0] or 0, row[1] or 0
