"""Running the statements: the nightly sweep over all rules, and the narrowed run when a fact changes.

Sweep and facts take turns: a sweep holds the engine's lock for one rule at a time, a fact holds it shared and locks
its people in order of id (SQLite has one writer anyway).
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, Subquery

from base import audit
from base.dates import DAWN
from base.dates import today as today_in_china
from base.facts import Fact
from duties.engine import counts, statements
from duties.engine.conditions import EVERYBODY, Circle
from duties.engine.dialect import PEOPLE_AT_ONCE
from duties.engine.models import Delegation, Duty, Record, State, SweptRule
from duties.engine.nights import Night, few
from duties.engine.periods import Period, periods
from duties.engine.spells import names_holders
from duties.policy.adoption import rebuild_reach
from duties.policy.models import Adjustment, Policy, Reach, Rule
from duties.policy.schema import Dated, Holds, HoldsPost, InCategory, OnDate, OnEvent, Tied
from members.counting import catch_up
from members.models import Lineage, Membership, Organisation, Person

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


_looking: ContextVar[bool] = ContextVar("looking", default=False)


@contextmanager
def looking() -> Iterator[None]:
    """While a change is tried out and will be taken back: it holds the lock as a narrow fact does and stops nobody."""
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


def take_turn(alone: bool) -> None:
    """Take the engine's lock until the transaction ends: a sweep and a wide fact alone, a narrow fact shared."""
    if connection.vendor == "postgresql":
        function = "pg_advisory_xact_lock" if alone and not _looking.get() else "pg_advisory_xact_lock_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {function}(%s)", [LOCK])


def active_rules():
    """The rules that reach anybody, or did when last swept, each with ``reach_from``, ``swept_on`` and ``behind``."""
    first = Reach.objects.filter(rule=OuterRef("pk")).order_by("since").values("since")[:1]
    rules = Rule.objects.annotate(
        reach_from=Subquery(first), swept_on=F("swept__on"), behind=F("swept__behind"),
        adjusted=Exists(Adjustment.objects.filter(rule=OuterRef("pk"))),
        handed=Exists(Delegation.objects.filter(rule=OuterRef("pk"))),
    )  # fmt: skip
    rules = rules.filter(Q(reach_from__isnull=False) | Q(swept_on__isnull=False))
    return rules.select_related("policy").order_by("policy__code", "position", "pk")


def listed_periods(rule: Rule, since: date, on: date) -> list[Period]:
    """The periods of ``rule`` from ``since`` to ``on`` in which it reaches somebody."""
    if not rule.reach_from:
        return []
    variants = {pk: spec.trigger for pk, spec in rule.variants.items()}
    return periods(rule.parsed.trigger, max(since, rule.reach_from), on, variants)


def sweep(*, on: date, today: date, ahead: bool = False) -> Report:
    """Bring all duties to the day ``on``. May run late, twice, after a crash: the result is that of one clean run.

    :param on: the day to sweep for; earlier than the last sweep it only reports.
    :param ahead: allow a day after ``today`` (demos and tests).
    :raises SweepRefused: for a day after today without ``ahead``.
    """
    if on > today and not ahead:
        raise SweepRefused(f"巡检日 {on} 晚于今天 {today}。演示和测试可加 --ahead。")
    report = Report(on)
    last = SweptRule.objects.aggregate(last=Max("on"))["last"]
    night = Night(on)
    for rule in active_rules():
        done = _sweep_rule(rule.pk, night, today=today)
        if done is None:
            report.only_reported.append(rule.code)
        else:
            report.by_rule.append(done)
    with transaction.atomic():
        take_turn(alone=True)
        counts.fold()
        if on == today:
            catch_up(last, today)
    return report


def fold_counts() -> None:
    """Add what changed since to the totals, between two sweeps, so that reading them stays cheap on a busy day."""
    with transaction.atomic():
        take_turn(alone=True)
        counts.fold()


@transaction.atomic
def _sweep_rule(pk: int, night: Night, *, today: date) -> RuleReport | None:
    """Sweep one rule; ``None`` if a later day was swept already."""
    take_turn(alone=True)
    on = night.on
    rule = active_rules().get(pk=pk)  # read under the lock: another sweep may just have run
    if rule.swept_on and on < rule.swept_on:
        return None
    whole = rule.swept_on is None or rule.behind or on != today
    before, after = _run_for_all(rule, on) if whole else _run_night(rule, night)
    progress = {"on": on, "behind": on < today}
    if rule.swept_on is None:
        SweptRule.objects.create(rule=rule, **progress)
    else:
        SweptRule.objects.filter(rule=rule).update(**progress)
    return RuleReport(
        rule.policy.code,
        rule.code,
        opened=after.total() - before.total(),
        closed=after[State.DONE] - before[State.DONE],
        voided=after[State.VOID] - before[State.VOID],
    )


def _run_for_all(rule: Rule, on: date) -> tuple[Counter, Counter]:
    """Run all there is of a rule; how many duties were in which state before and after."""
    before = counts.by_state(rule)
    run_whole(rule, on)
    count_again(rule)
    return before, counts.by_state(rule)


def _run_night(rule: Rule, night: Night) -> tuple[Counter, Counter]:
    """Run what the days since the last sweep can have changed, for those whom they concern."""
    before, after = Counter(), Counter()
    concerned = [
        (period, circle)
        for period in listed_periods(rule, rule.swept_on, night.on)
        if (circle := night.circle(rule, period, rule.swept_on)) is not None
    ]
    if any(circle == EVERYBODY for _, circle in concerned):
        before = counts.by_state(rule)
        changed = [run_period(rule, period, night.on, circle) for period, circle in concerned]
        if any(changed):
            count_again(rule)
            return before, counts.by_state(rule)
        return before, before
    for period, circle in concerned:
        had = counts.standing(circle, [rule.pk])
        run_period(rule, period, night.on, circle)
        counts.hush(Duty.objects.filter(_about(circle), rule=rule))
        has = counts.standing(circle, [rule.pk])
        counts.write_changes(had, has)
        before.update(_states(had))
        after.update(_states(has))
    return before, after


def _states(counted: Counter) -> Counter:
    found: Counter = Counter()
    for (_path, cell), n in counted.items():
        found[cell.state] += n
    return found


def _about(circle: Circle) -> Q:
    return Q(member__in=circle.people) | Q(actor__in=circle.people)


def count_again(rule: Rule) -> None:
    """After a run for everybody, under the engine's lock alone."""
    counts.hush(Duty.objects.filter(rule=rule))
    counts.recount(rule)


def run_whole(rule: Rule, on: date) -> None:
    """Run all periods of a rule for everybody, and remove what no fact asks for any more."""
    listed = listed_periods(rule, DAWN, on)
    afresh = not Duty.objects.filter(rule=rule).exists()
    for period in listed:
        run_period(rule, period, on, EVERYBODY)
        if not afresh:
            remove_surplus(rule, period, on, EVERYBODY)
    if afresh:
        return
    others = Duty.objects.filter(rule=rule).exclude(period__in=[period.code for period in listed])
    _remove(rule, others.values_list("pk", "key"))


def run_period(rule: Rule, period: Period, on: date, circle: Circle) -> int:
    """Open and settle one period, for some people or all; returns how many rows were written."""
    values = statements.parameters(rule, period, on)
    if circle != EVERYBODY or connection.vendor != "postgresql" or few(rule):
        opened = statements.run(statements.open_statement(rule, circle), values)
        return opened + settle_period(rule, period, on, circle)
    # Stale statistics make the planner choose nested loops over the whole population (performance.md §1).
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        opened = statements.run(statements.open_statement(rule, circle), values)
        settled = settle_period(rule, period, on, circle)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return opened + settled


def settle_period(rule: Rule, period: Period, on: date, circle: Circle) -> int:
    """Only close, re-open, void, move: for facts that change credit but not existence; returns the rows written."""
    return statements.run(statements.settle_statement(rule, circle), statements.parameters(rule, period, on))


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
            of_person = isinstance(spec.trigger, OnDate) and not spec.trigger.of_category
            return of_person or any(isinstance(each, Dated) for each in spec.target)
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
    """Whether a fact of this kind can bring a duty of ``rule`` into being, take it away or say whom it binds; others
    change credit.
    """
    match kind:
        case Fact.MEMBERSHIP | Fact.PERSON | Fact.CATEGORY | Fact.EVENT:
            return True
        case Fact.POST:
            return _names(rule, HoldsPost) or names_holders(rule)
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
        SweptRule.objects.filter(_of_policy(of)).update(behind=True)
        return
    rules = [rule for rule in active_rules() if reads(rule, kind, of)]
    circle = _circle(kind, people, organisations)
    if circle == EVERYBODY:
        for rule in rules:
            _settle_fact(rule, kind, since, circle)
            count_again(rule)
        return
    locked = Person.objects.select_for_update(no_key=True).filter(pk__in=circle.people)
    list(locked.order_by("pk").values_list("pk"))
    # A membership corrected away no longer says in which organisation it was.
    wide = [rule for rule in rules if kind == Fact.MEMBERSHIP and rule.parsed.selected]
    _settle_counted(wide, kind, since, EVERYBODY)
    _settle_counted([rule for rule in rules if rule not in wide], kind, since, circle)


def _of_policy(of: str) -> Q:
    """The rules that an adoption of a policy, or an adjustment of one rule (``policy/rule``), can concern."""
    policy, _, code = of.partition("/")
    if code:
        return Q(rule__policy__code=policy, rule__code=code)
    replaced = Rule.objects.filter(policy__code=policy).exclude(replaces="").values_list("replaces", flat=True)
    wanted = Q(rule__policy__code=policy) if policy else Q()
    for each in replaced:
        whose, _, which = each.partition("/")
        wanted |= Q(rule__policy__code=whose, rule__code=which)
    return wanted


def _settle_counted(rules: list[Rule], kind: Fact, since: date, circle: Circle) -> None:
    """Settle the rules for a circle, and write down what that changed in the counts."""
    if not rules:
        return
    numbers = [rule.pk for rule in rules]
    before = counts.standing(circle, numbers)
    there = {(cell.rule, cell.period) for _path, cell in before}
    for rule in rules:
        _settle_fact(rule, kind, since, circle, there)
    if circle.people is not None:
        counts.hush(Duty.objects.filter(_about(circle)))
    counts.write_changes(before, counts.standing(circle, numbers))


def _settle_fact(rule: Rule, kind: Fact, since: date, circle: Circle, there: Collection | None = None) -> None:
    """:param there: by rule and period, where the circle has duties; only these can change where none is brought."""
    on = _day_of(rule)
    for period in listed_periods(rule, since, on):
        if brings(rule, kind):
            run_period(rule, period, on, circle)
            remove_surplus(rule, period, on, circle)
        elif rule.swept_on != on:
            run_period(rule, period, on, circle)  # what exists may have changed since the sweep
        elif there is None or (rule.pk, period.code) in there:
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
        count_again(rule)
