"""Running the statements: the nightly sweep over all rules, and the narrowed run when a fact changes.

Sweep and facts take turns: a sweep holds the engine's lock for one rule at a time, a fact holds it shared and locks
its people in order of id (SQLite has one writer anyway).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Count, F, Min, OuterRef, Q, Subquery

from base import audit
from base.dates import DAWN
from base.dates import today as today_in_china
from base.facts import Fact
from duties.engine import statements
from duties.engine.dialect import PEOPLE_AT_ONCE
from duties.engine.models import Duty, Record, State, SweptRule
from duties.engine.periods import Period, ever, periods
from duties.engine.spells import EVERYBODY, Circle
from duties.policy.adoption import rebuild_reach
from duties.policy.models import Policy, Reach, Rule
from duties.policy.schema import Holds, HoldsPost, InCategory, ObjectPost, OfKind, OnDate, OnEvent, Tied
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post, Tie

LOCK = 20260701


class SweepRefused(Exception):
    """A sweep that must not run; the text is the sentence the user reads."""


@dataclass
class RuleReport:
    """What one sweep changed for one rule, as net numbers of duties."""

    policy: str
    rule: str
    opened: int = 0
    closed: int = 0
    voided: int = 0


@dataclass
class Report:
    """What one sweep changed. ``only_reported`` lists rules already swept for a later day: nothing was done to them."""

    on: date
    by_rule: list[RuleReport] = field(default_factory=list)
    only_reported: list[str] = field(default_factory=list)

    @property
    def opened(self) -> int:
        return sum(rule.opened for rule in self.by_rule)

    @property
    def closed(self) -> int:
        return sum(rule.closed for rule in self.by_rule)

    @property
    def voided(self) -> int:
        return sum(rule.voided for rule in self.by_rule)


def take_turn(alone: bool) -> None:
    """Take the engine's lock until the transaction ends: a sweep and a wide fact alone, a narrow fact shared."""
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [LOCK])


def active_rules():
    """The rules that reach anybody, or did when last swept, each with ``reach_from``, ``swept_on`` and ``behind``."""
    rules = Rule.objects.annotate(reach_from=Min("reach__since"), swept_on=F("swept__on"), behind=F("swept__behind"))
    rules = rules.filter(Q(reach_from__isnull=False) | Q(swept_on__isnull=False))
    return rules.select_related("policy").order_by("policy__code", "position", "pk")


def listed_periods(rule: Rule, since: date, on: date) -> list[Period]:
    """The periods of ``rule`` from ``since`` to ``on`` in which it reaches somebody."""
    return periods(rule.parsed.trigger, max(since, rule.reach_from), on) if rule.reach_from else []


def sweep(*, on: date, today: date, ahead: bool = False) -> Report:
    """Bring all duties to the day ``on``. May run late, twice, after a crash: the result is that of one clean run.

    :param on: the day to sweep for; earlier than the last sweep it only reports.
    :param ahead: allow a day after ``today`` (demos and tests).
    :raises SweepRefused: for a day after today without ``ahead``.
    """
    if on > today and not ahead:
        raise SweepRefused(f"巡检日 {on} 晚于今天 {today}。演示和测试可加 --ahead。")
    report = Report(on)
    for rule in active_rules():
        done = _sweep_rule(rule.pk, on=on, today=today)
        if done is None:
            report.only_reported.append(rule.code)
        else:
            report.by_rule.append(done)
    return report


@transaction.atomic
def _sweep_rule(pk: int, *, on: date, today: date) -> RuleReport | None:
    """Sweep one rule; ``None`` if a later day was swept already."""
    take_turn(alone=True)
    rule = active_rules().get(pk=pk)  # read under the lock: another sweep may just have run
    if rule.swept_on and on < rule.swept_on:
        return None
    before = _states(rule)
    if rule.swept_on is None or rule.behind or on != today:
        run_whole(rule, on)
    else:
        for period in listed_periods(rule, rule.swept_on, on):
            if boundary_passed(rule, period, rule.swept_on, on):
                run_period(rule, period, on, EVERYBODY)
    SweptRule.objects.update_or_create(rule=rule, defaults={"on": on, "behind": on < today})
    after = _states(rule)
    return RuleReport(
        rule.policy.code,
        rule.code,
        opened=sum(after.values()) - sum(before.values()),
        closed=after.get(State.DONE, 0) - before.get(State.DONE, 0),
        voided=after.get(State.VOID, 0) - before.get(State.VOID, 0),
    )


def run_whole(rule: Rule, on: date) -> None:
    """Run all periods of a rule for everybody, and remove what no fact asks for any more."""
    listed = listed_periods(rule, DAWN, on)
    for period in listed:
        run_period(rule, period, on, EVERYBODY)
        remove_surplus(rule, period, on, EVERYBODY)
    others = Duty.objects.filter(rule=rule).exclude(period__in=[period.code for period in listed])
    _remove(rule, others.values_list("pk", "key"))


def _states(rule: Rule) -> dict[str, int]:
    return dict(Duty.objects.filter(rule=rule).values_list("state").annotate(Count("pk")))


def boundary_passed(rule: Rule, period: Period, last: date, on: date) -> bool:
    """Whether a day in ``(last, on]`` can change a duty of the period without any fact being entered.

    Such days are the window's own and the ends of the intervals its conditions read. A date rule and an interval
    have somebody's window at every day.
    """
    if last >= on:
        return False
    trigger = rule.parsed.trigger
    if isinstance(trigger, OnDate):
        return True
    if period.code == "interval":
        return Category.objects.filter(kind=trigger.category).exists()
    one = timedelta(days=1)
    if ever(trigger) is None and any(last < day <= on for day in (period.opens, period.due + one)):
        return True
    if rule.parsed.force == "可以" and Duty.objects.open().filter(rule=rule, due_on__gte=last, due_on__lt=on).exists():
        return True
    ends = [(source, end) for source in _intervals(rule) for end in ("since", "until")]
    if isinstance(trigger, OnEvent):
        ends.append((Event.objects.all(), "occurred_on"))  # one entered ahead of its day
    return any(source.filter(**{f"{end}__gt": last, f"{end}__lte": on}).exists() for source, end in ends)


_READ = {
    InCategory: (Category,), Tied: (Tie,), HoldsPost: (Post,), ObjectPost: (Post, Lineage), OfKind: (Organisation,),
}  # fmt: skip


def _intervals(rule: Rule) -> list:
    """The rows in whose intervals the duties of ``rule`` hold."""
    spec = rule.parsed
    models = {model for condition in spec.target for model in _READ.get(type(condition), (Membership,))}
    if isinstance(spec.trigger, Holds):
        models.add(Tie)
    return [Reach.objects.filter(rule=rule), *(model.objects.all() for model in models)]


def run_period(rule: Rule, period: Period, on: date, circle: Circle) -> None:
    """Open and settle one period, for some people or all."""
    values = statements.parameters(rule, period, on)
    if circle == EVERYBODY and connection.vendor == "postgresql":
        # Stale statistics make the planner choose nested loops over the whole population (performance.md §1).
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = off")
            statements.run(statements.open_statement(rule, circle), values)
            settle_period(rule, period, on, circle)
            cursor.execute("SET LOCAL enable_nestloop = on")
    else:
        statements.run(statements.open_statement(rule, circle), values)
        settle_period(rule, period, on, circle)


def settle_period(rule: Rule, period: Period, on: date, circle: Circle) -> None:
    """Only close, re-open, void, move: for facts that change credit but not existence."""
    statements.run(statements.settle_statement(rule, circle), statements.parameters(rule, period, on))


def remove_surplus(rule: Rule, period: Period, on: date, circle: Circle) -> None:
    """Remove the duties of a period whose fact is gone, leaving an audit row."""
    values = statements.parameters(rule, period, on)
    _remove(rule, statements.rows(statements.surplus_statement(rule, circle), values))


def _remove(rule: Rule, surplus) -> None:
    surplus = list(surplus)
    if surplus:
        Duty.objects.filter(pk__in=[pk for pk, _ in surplus]).delete()
        keys = [key for _, key in surplus[:100]]
        audit.write(audit.Act.REMOVE, f"rule:{rule.pk}", removed=len(surplus), keys=keys)


def reads(rule: Rule, kind: Fact, of: str = "") -> bool:
    """Whether the duties of ``rule`` depend on facts of this kind (and, if given, of this kind of it)."""
    spec = rule.parsed
    match kind:
        case Fact.PERSON:
            return isinstance(spec.trigger, OnDate) and not spec.trigger.of_category
        case Fact.MEMBERSHIP:
            return spec.selected or spec.subject in ("member", "pair")
        case Fact.EVENT | Fact.CATEGORY | Fact.TIE | Fact.RECORD:
            named = _kinds_read(rule, kind)
            return bool(named) and (not of or of in named)
    return True


def _kinds_read(rule: Rule, kind: Fact) -> set[str]:
    """Which kinds of event, category, tie or record the rule asks about."""
    spec = rule.parsed
    trigger = spec.trigger
    match kind:
        case Fact.EVENT:
            return set(trigger.events) if isinstance(trigger, OnEvent) else set()
        case Fact.RECORD:
            return set() if isinstance(trigger, Holds) else set(spec.actions)
        case Fact.CATEGORY:
            named = {each.kind for each in spec.target if isinstance(each, InCategory)}
            return named | {getattr(trigger, "category", None)} - {None}
    named = {each.kind for each in spec.target if isinstance(each, Tied)}
    return named | {getattr(trigger, "tie", None), spec.responsible.tie} - {None}


def brings(rule: Rule, kind: Fact) -> bool:
    """Whether a fact of this kind can bring a duty of ``rule`` into being or take it away; others change credit."""
    match kind:
        case Fact.MEMBERSHIP | Fact.PERSON | Fact.CATEGORY | Fact.EVENT:
            return True
        case Fact.POST:
            return _names(rule, HoldsPost)
        case Fact.TIE:
            return _names(rule, Tied) or isinstance(rule.parsed.trigger, Holds)
    return False


def _names(rule: Rule, condition: type) -> bool:
    return any(isinstance(each, condition) for each in rule.parsed.target)


def fact_changed(
    kind: Fact,
    *,
    since: date,
    people: Collection[int] | None,
    organisations: Collection[int] | None,
    of: str = "",
) -> None:
    """Settle, in the fact's own transaction, all that the fact touches (the listener of :mod:`base.facts`)."""
    if kind == Fact.ORGANISATION:
        _organisations_changed()
        return
    if kind == Fact.ADOPTION:
        SweptRule.objects.update(behind=True)
        return
    circle = _circle(kind, people, organisations)
    if circle != EVERYBODY:
        locked = Person.objects.select_for_update(no_key=True).filter(pk__in=circle.people)
        list(locked.order_by("pk").values_list("pk"))
    for rule in active_rules():
        if reads(rule, kind, of):
            _settle_fact(rule, kind, since, circle)


def _settle_fact(rule: Rule, kind: Fact, since: date, circle: Circle) -> None:
    on = _day_of(rule)
    if rule.parsed.selected and kind == Fact.MEMBERSHIP:
        circle = EVERYBODY  # a membership corrected away no longer says in which organisation it was
    for period in listed_periods(rule, since, on):
        if brings(rule, kind):
            run_period(rule, period, on, circle)
            remove_surplus(rule, period, on, circle)
        elif rule.swept_on != on:
            run_period(rule, period, on, circle)  # what exists may have changed since the sweep
        else:
            settle_period(rule, period, on, circle)


def _day_of(rule: Rule) -> date:
    """The day for which a fact settles: today, or the last swept day if that is later (a demo, a test)."""
    return max(today_in_china(), rule.swept_on or DAWN)


def _circle(kind: Fact, people: Collection[int] | None, organisations: Collection[int] | None) -> Circle:
    """The people and organisations whose duties a fact can change.

    A post concerns its holder and every member at or below its organisation who has a record: the nearest holder
    may change for each of them, and with it the credit of talks long held. An organisation is concerned by what
    concerns its members.
    """
    if people is None or organisations is None or len(people) > PEOPLE_AT_ONCE:
        return EVERYBODY
    concerned, places = set(people), set(organisations)
    if kind == Fact.POST:
        below = Record.objects.filter(member__memberships__organisation__lineage__ancestor__in=organisations)
        concerned |= set(below.values_list("member", flat=True).distinct())
        if len(concerned) > PEOPLE_AT_ONCE:
            return EVERYBODY
        places |= set(Lineage.objects.filter(ancestor__in=organisations).values_list("organisation", flat=True))
    places |= set(Membership.objects.filter(person__in=concerned).values_list("organisation", flat=True))
    return Circle(sorted(concerned), sorted(places))


def _organisations_changed() -> None:
    """The tree moved: derive reach anew and run the rules concerned from the beginning."""
    for policy in Policy.objects.filter(adoptions__isnull=False).distinct():
        rebuild_reach(policy)
    here = Organisation.objects.filter(pk=OuterRef("organisation")).values("path")
    Record.objects.exclude(path=F("organisation__path")).update(path=Subquery(here))
    for rule in active_rules().filter(swept_on__isnull=False):
        run_whole(rule, _day_of(rule))
