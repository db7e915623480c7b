"""The workbench's figures and lists: what is urgent, this month's birthdays, coverage beside the time gone, gaps.

Each figure has its list: the pages link them by the same filters. All figures are read from the summaries of the
nucleus and the roster, so a province's workbench opens as quickly as a branch's.
"""

from calendar import isleap
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import ExtractDay

from base.dates import anniversary
from duties.board.asked import Asked, has_own_list, own_rows, tally
from duties.board.groups import Group, Tab, rules_for, under
from duties.board.lists import first_of
from duties.board.merging import together
from duties.board.phrases import short
from duties.board.words import SOON_DAYS, Line, describe, with_words
from duties.engine import counts
from duties.engine.counts import late
from duties.engine.models import Action, Duty, Record, State
from duties.policy.models import Adoption, Rule
from members.counting import counts_of
from members.enums import Capability, Precision, Standing
from members.models import Lineage, Membership, Organisation, OrganisationParent
from members.scope import sealed_at

ROWS = 8
"""Rows of each section; the heading's number opens the whole list."""

NAMES = 12
"""Names of those not yet talked with; the rest are in the list. Where several times as many are left, no names."""

NAMED = 500
"""Members among whom the workbench looks for the birthdays of the month."""


@dataclass(frozen=True)
class Urgent:
    """What is overdue and what is due soon, with the counts of all."""

    late: list[Line]
    soon: list[Line]
    late_count: int
    soon_count: int
    live_count: int
    day: date

    @property
    def first(self) -> Line | None:
        return next(iter(self.late + self.soon), None)

    @property
    def merges(self) -> bool:
        """Whether some lines stand for several duties."""
        return any(line.others for line in self.late + self.soon)

    @property
    def late_left(self) -> int:
        """How many overdue duties are not among the lines."""
        return self.late_count - sum(each.duty.due_on < self.day for each in self._shown)

    @property
    def soon_left(self) -> int:
        """How many that are due soon are not among the lines."""
        last = self.day + timedelta(days=SOON_DAYS)
        return self.soon_count - sum(self.day <= each.duty.due_on <= last for each in self._shown)

    @property
    def _shown(self) -> list[Line]:
        return [each for line in self.late + self.soon for each in line.all]


def urgent(asked: Asked, *, own: bool) -> Urgent:
    """Overdue and due within seven days, each with at most :data:`ROWS` rows.

    :param own: only what is the reader's turn; else all under the organisation asked for.
    """
    tab = Tab.MINE if own else Tab.HERE
    numbers = tally(asked, tab)
    late, soon = numbers.groups[Group.LATE], numbers.groups[Group.SOON]
    wanted = [group for group, n in ((Group.LATE, late), (Group.SOON, soon)) if n]
    chosen = (
        _first_own(asked, wanted) if own else [pk for group in wanted for pk in first_of(asked, [group], ROWS)[:ROWS]]
    )
    rows = with_words(Duty.objects.filter(pk__in=chosen)).order_by("due_on", "rule", "path", "pk")
    lines = together(describe(rows, asked.account, asked.day), asked.day, own=own)
    overdue = [line for line in lines if line.duty.due_on < asked.day]
    return Urgent(overdue, lines[len(overdue) :], late, soon, numbers.tabs[tab], asked.day)


PERIODS = ("year", "half", "semester", "quarter")
"""Periods long enough for a talk of before to count."""

FRESH = timedelta(days=60)
"""So long after it was entered an adoption asks for the talks that were held before it."""


def to_catch_up(account, organisation: Organisation, day: date) -> Adoption | None:
    """An adoption of late, before which talks may have been held in the branch that nobody entered yet."""
    upward = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day).values("ancestor")
    fresh = Adoption.objects.on(day).filter(organisation__in=upward, entered_on__gt=day - FRESH).order_by("pk")
    for adoption in fresh.select_related("policy"):
        entered = adoption.entered_on
        late = Record.objects.standing().filter(organisation=organisation, action=Action.TALK, on__lt=entered)
        owed = Duty.objects.visible_to(account).open_on(day).filter(path=organisation.path, closes_on__gte=day)
        owed = owed.filter(rule__policy=adoption.policy_id, rule__sensitive=False, counts_from__lt=entered)
        periodic = owed.filter(
            rule__action=Action.TALK, rule__spec__trigger__kind="quota", rule__spec__trigger__times=1,
            rule__spec__trigger__counted_per="member", rule__spec__trigger__per__in=PERIODS,
        )  # fmt: skip
        if not late.filter(entered_on__gte=entered).exists() and periodic.exists():
            return adoption
    return None


def _first_own(asked: Asked, groups: list[Group]) -> list[int]:
    """The rows of the first lines of each group, by number, with what one act would close with them."""
    lines = asked.mine_together
    firsts = [line for group in groups for line in [line for line in lines if line[0].group == group][:ROWS]]
    return [row.pk for line in firsts for row in line]


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


def birthdays(account, organisation: Organisation, day: date, *, living: int) -> tuple[list[Birthday], int | None]:
    """The political birthdays of the month of ``day`` under the organisation, and how many there are in all.

    :param living: its members. Of more than :data:`NAMED` neither is told: the list of members has them, page by page.
    """
    if living > NAMED:
        return [], None
    yearly = [pk for pk, rule in rules_for(account).items() if _asks(rule, fact="joined_on", every="year")]
    told = Duty.objects.filter(rule__in=yearly, member=OuterRef("person"), period=str(day.year)).order_by("-pk")
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


def coverage(asked: Asked, *, own: bool) -> Coverage | None:
    """Coverage of the yearly talk with each member in this year; ``None`` where nobody is owed one.

    :param own: leaves out the reader himself, with whom his superior talks.
    """
    here = [asked.rules[pk] for pk in {cell.rule for cell, _group, _hidden, _n in asked.cells}]
    talks = [rule for rule in here if rule.action == Action.TALK and _asks(rule, counted_per="member", per="year")]
    if not talks:
        return None
    rule = min(talks, key=lambda each: (each.position, each.pk))
    numbers: Counter = Counter()
    for cell, _group, _hidden, n in asked.cells:
        if cell.rule == rule.pk and cell.period == str(asked.day.year):
            numbers[cell.state] += n
    of_year = asked.duties.filter(rule=rule, period=str(asked.day.year))
    of_year = of_year.select_related("member").defer(*sealed_at("member")).order_by("path", "pk")
    missing = []
    if 0 < numbers[State.OPEN] <= NAMES * 4:
        mine = Q(member=asked.account.person_id) if own else Q(pk__in=[])
        for duty in of_year.filter(Q(state=State.OPEN) | mine):
            if own and duty.member_id == asked.account.person_id:
                numbers[duty.state] -= 1
            else:
                missing.append(duty)
    elif own:
        numbers.subtract(of_year.filter(member=asked.account.person_id).values_list("state", flat=True))
    done, left = numbers[State.DONE], numbers[State.OPEN]
    if not done + left:
        return None
    day = asked.day
    elapsed = round(100 * day.timetuple().tm_yday / (366 if isleap(day.year) else 365), 1)
    return Coverage(rule.pk, done, done + left, elapsed, missing[:NAMES])


def _asks(rule: Rule, **wanted: str) -> bool:
    """Whether the trigger of a rule says so."""
    trigger = rule.spec["trigger"]
    return all(trigger.get(name) == value for name, value in wanted.items())


def below_with_overdue(organisation: Organisation, day: date) -> list[Organisation]:
    """What stands directly below and has something overdue at or under it, in the order of the tree, each with
    ``overdue``.
    """
    line = OrganisationParent.objects.filter(parent=organisation, since__lte=day, until__gt=day)
    below = list(Organisation.objects.filter(pk__in=line.values("organisation")).order_by("path"))
    numbers = counts.each(below, late(day))
    for each in below:
        each.overdue = numbers[each.pk]
    return [each for each in below if each.overdue]


def counts_for_rail(account, day: date) -> tuple[int, int]:
    """Overdue duties and living members of the account's scope, in one query."""
    if not account.scope.may(Capability.VIEW):
        return 0, 0
    if has_own_list(account, day):
        overdue = sum(row.group == Group.LATE for row in own_rows(account, day))
    else:
        overdue = counts.number(account.scope.paths(Capability.VIEW), late(day))
    return overdue, counts_of(account).living
