"""What a night has to do: whose duties the passing of days can change, without any fact being entered.

Most nights that is nobody, or few: those whose own days come round, whose membership, category or tie begins or ends.
Only where a period turns for all, or what changes concerns organisations, is a rule run for everybody.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from base.dates import anniversary
from duties.engine.conditions import EVERYBODY, Circle
from duties.engine.dialect import PEOPLE_AT_ONCE
from duties.engine.models import Duty
from duties.engine.periods import Period, ever
from duties.engine.spells import names_holders
from duties.policy.models import Reach, Rule
from duties.policy.schema import Dated, Holds, HoldsPost, InCategory, ObjectPost, OfKind, OnDate, OnEvent, Quota, Tied
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post, Tie

ONE = timedelta(days=1)


class Night:
    """The days in ``(last, on]``: for each period of a rule, the circle whose duties they can change.

    One object serves a whole sweep, so that what many rules ask of memberships is asked once. A fact that is entered
    meanwhile settles its own duties.
    """

    def __init__(self, on: date):
        self.on = on
        self.people_of = cache(self._people_of)

    def circle(self, rule: Rule, period: Period, last: date) -> Circle | None:
        """Whom the period has to be run for; ``None``: for nobody."""
        if last >= self.on:
            return None
        if _turns(rule, period, last, self.on) or self._wide(rule, last):
            return EVERYBODY
        people = self._people(rule, last)
        if people is None or len(people) > PEOPLE_AT_ONCE:
            return EVERYBODY
        if not people:
            return None
        places = Membership.objects.filter(person__in=people).order_by().values_list("organisation", flat=True)
        return Circle(sorted(people), sorted(set(places)))

    def _wide(self, rule: Rule, last: date) -> bool:
        """Whether something begins or ends that concerns organisations and all in them."""
        sources = [Reach.objects.filter(rule=rule)]
        sources += [model.objects.all() for model in wide(rule)]
        if names_holders(rule):
            sources += [Lineage.objects.all(), _posts_named()]
        if any(_within(source, end, last, self.on).exists() for source in sources for end in ("since", "until")):
            return True
        if not isinstance(rule.parsed.trigger, OnEvent) or rule.parsed.subject != "organisation":
            return False
        return _within(Event.objects.filter(person=None), "occurred_on", last, self.on).exists()

    def _people(self, rule: Rule, last: date) -> set[int] | None:
        """Those whose own days come round; ``None`` if they are too many to be named."""
        found: set[int] = set()
        for model, kind in _read(rule):
            told = self.people_of(model, kind, last)
            if told is None:
                return None
            found |= told
        for people in _own_days(rule, last, self.on):
            found |= set(people[: PEOPLE_AT_ONCE + 1])
        return found - {None}

    def _people_of(self, model, kind: str, last: date) -> frozenset[int | None] | None:
        """Whose rows of a table (and a kind) begin or end."""
        rows = model.objects.filter(kind=kind) if kind else model.objects.all()
        found: set[int | None] = set()
        ends = ("occurred_on",) if model is Event else ("since", "until")
        for end in ends:
            names = ("person", "to") if model is Tie else ("person",)
            for row in _within(rows, end, last, self.on).order_by().values_list(*names)[: PEOPLE_AT_ONCE + 1]:
                found |= set(row)
        return frozenset(found) if len(found) <= PEOPLE_AT_ONCE else None


def _posts_named() -> QuerySet:
    """The posts of those whom events of organisations name, and those of whoever held or holds the same."""
    named = Event.objects.filter(person=None, addressee__isnull=False).order_by().values("addressee")
    same = Post.objects.filter(organisation=OuterRef("organisation"), role=OuterRef("role"), person__in=named)
    return Post.objects.filter(Exists(same))


def _within(rows: QuerySet, name: str, last: date, on: date) -> QuerySet:
    return rows.filter(**{f"{name}__gt": last, f"{name}__lte": on})


def _turns(rule: Rule, period: Period, last: date, on: date) -> bool:
    """Whether the period opens for all, or was due for all the day before."""
    if ever(rule.parsed.trigger) is not None or isinstance(rule.parsed.trigger, OnDate):
        return False
    return any(last < day <= on for each in period.places for day in (each.opens, each.due + ONE))


_WIDE = {HoldsPost: (Post,), ObjectPost: (Post, Lineage), OfKind: (Organisation,)}


def wide(rule: Rule) -> set[type]:
    """The tables whose rows concern more than one person, in whose intervals the duties of ``rule`` hold."""
    return {model for condition in rule.parsed.target for model in _WIDE.get(type(condition), ())}


def _read(rule: Rule) -> Iterator[tuple[type, str]]:
    """The tables, with the kind, in whose people's intervals the duties of ``rule`` hold."""
    spec = rule.parsed
    for condition in spec.target:
        match condition:
            case InCategory():
                yield Category, condition.kind
            case Tied():
                yield Tie, condition.kind
            case Dated() | HoldsPost() | ObjectPost() | OfKind():
                pass
            case _:
                yield Membership, ""
    if isinstance(spec.trigger, Holds):
        yield Tie, spec.trigger.tie
    if isinstance(spec.trigger, OnEvent):
        for kind in spec.trigger.events:  # one entered ahead of its day
            yield Event, kind


def _own_days(rule: Rule, last: date, on: date) -> Iterator[QuerySet]:
    """People for whom a day of their own comes round: a window that opens, or was due the day before; an age; an
    optional duty that lapses.
    """
    spec = rule.parsed
    trigger = spec.trigger
    if isinstance(trigger, OnDate):
        yield _by_category_date(rule, last, on) if trigger.of_category else _by_personal_date(rule, last, on)
    if isinstance(trigger, Quota) and trigger.per == "interval":
        yield Category.objects.filter(kind=trigger.category).order_by().values_list("person", flat=True).distinct()
    for condition in spec.target:
        if isinstance(condition, Dated) and condition.years:
            yield _come_of_age(condition, last, on)
    if spec.force == "可以":
        lapsing = Duty.objects.open().filter(rule=rule, due_on__gte=last, due_on__lt=on).order_by()
        yield lapsing.values_list("member", flat=True)
        yield lapsing.values_list("actor", flat=True)


def _days(last: date, on: date) -> list[date]:
    return [last + timedelta(days=n) for n in range(1, (on - last).days + 1)]


def _triggers(rule: Rule) -> list:
    return [rule.parsed.trigger, *(spec.trigger for spec in rule.variants.values())]


def _by_personal_date(rule: Rule, last: date, on: date) -> QuerySet:
    """Whose window opens or was due; known to the month, it is due on the last day of the month."""
    shifts = {each.opens_days_before for each in _triggers(rule)}
    days = [day + timedelta(days=shift) for day in _days(last, on) for shift in shifts]
    days += [day - ONE for day in _days(last, on)]
    fact = rule.parsed.trigger.fact
    anniversaries = {(day.month, day.day) for day in days} | {(day.month, 1) for day in days if (day + ONE).day == 1}
    if (2, 28) in anniversaries:
        anniversaries.add((2, 29))
    wanted = Q(pk__in=[])
    for month in sorted({month for month, _ in anniversaries}):
        of_month = [day for each, day in anniversaries if each == month]
        wanted |= Q(**{f"{fact}__month": month, f"{fact}__day__in": sorted(of_month)})
    return Person.objects.filter(wanted).order_by().values_list("pk", flat=True)


def _by_category_date(rule: Rule, last: date, on: date) -> QuerySet:
    trigger = rule.parsed.trigger
    end = trigger.fact.removeprefix("category_")
    before = max(each.opens_days_before for each in _triggers(rule))
    first, final = last - timedelta(days=trigger.shift_days + 1), on + timedelta(days=before - trigger.shift_days)
    rows = Category.objects.filter(kind=trigger.category, **{f"{end}__gte": first, f"{end}__lte": final})
    return rows.order_by().values_list("person", flat=True)


def _come_of_age(condition: Dated, last: date, on: date) -> QuerySet:
    """Who reached the years; known to the month or year, on its last day."""
    fact, precision = condition.fact, f"{condition.fact.removesuffix('_on')}_precision"
    first = anniversary(last, last.year - condition.years) - ONE
    final = anniversary(on, on.year - condition.years) + ONE
    exactly = Q(**{precision: "day", f"{fact}__gte": first, f"{fact}__lte": final})
    vaguely = ~Q(**{precision: "day"}) & Q(**{f"{fact}__gte": first - timedelta(days=366), f"{fact}__lte": final})
    return Person.objects.filter(exactly | vaguely).order_by().values_list("pk", flat=True)


def few(rule: Rule) -> bool:
    """Whether the rule is about so few events, categories or ties that a plan of nested loops is a quick one."""
    sources = [model.objects.filter(kind=kind) for model, kind in _read(rule) if kind]
    trigger = rule.parsed.trigger
    if getattr(trigger, "category", None):
        sources.append(Category.objects.filter(kind=trigger.category))
    if isinstance(trigger, OnEvent):  # any of its kinds brings a duty
        events = Event.objects.filter(kind__in=trigger.events)
        sources = [source for source in sources if source.model is not Event] + [events]
    return any(source.order_by()[: PEOPLE_AT_ONCE + 1].count() <= PEOPLE_AT_ONCE for source in sources)
