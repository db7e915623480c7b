"""What a whole document makes of every event and of a festival, told as tables: rule, clause, action, days."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import transaction

from base.facts import Fact, facts_changed, facts_will_change
from duties.engine.models import Duty
from members.enums import EventKind, Standing
from members.models import Category, Event, Person
from tests.duties.scenarios.stage import Owed, Stage
from tests.world import member

DAY = timedelta(days=1)


def listed(stage: Stage, whom) -> dict[str, tuple]:
    """What stands open for somebody or an organisation: rule → clause, action, due day, whose turn."""
    owed = stage.owed(whom)
    assert len({each.rule for each in owed}) == len(owed), owed
    return {each.rule: (each.clause, each.action, each.due, *each.turn) for each in owed}


def opened_by(stage: Stage, whom, kind: str, on: date | None = None) -> list[Owed]:
    """The duties to somebody that an event brings."""
    before = Counter(stage.owed(whom))
    stage.happens(whom, kind, on or stage.today)
    return sorted((Counter(stage.owed(whom)) - before).elements(), key=lambda each: each.rule)


def by_event(stage: Stage, whom) -> dict[str, list[tuple]]:
    """What each kind of event of today opens: rule, clause, action, days until due. Kinds that open nothing are left
    out, so that a table of a document is compared with all events there are.
    """
    everything_happens(stage, whom)
    found = defaultdict(list)
    for duty in Duty.objects.open().with_sources().filter(member=whom, event__isnull=False).order_by("rule__code"):
        rule, days = duty.rule, (duty.due_on - stage.today).days
        found[duty.event.kind].append((rule.code, rule.clause.printed, rule.action, days))
    return dict(found)


@transaction.atomic
def everything_happens(stage: Stage, whom, on: date | None = None) -> None:
    """One event of each kind."""
    facts_will_change()
    on = on or stage.today
    for kind in EventKind:
        Event.objects.create(person=whom, kind=kind, occurred_on=on, entered_on=stage.today)
    facts_changed(Fact.EVENT, since=on, people=[whom.pk])


@transaction.atomic
def in_categories(stage: Stage, name: str, kinds: Iterable[str], standing=Standing.FULL) -> dict[str, Person]:
    """A member of the first branch in each of the categories, long since."""
    facts_will_change()
    people = {kind: member(f"{name}{kind}", stage.branch, standing=standing) for kind in kinds}
    for kind, someone in people.items():
        Category.objects.create(person=someone, kind=kind, grade="优秀共产党员", since=date(2025, 1, 1))
    facts_changed(Fact.MEMBERSHIP, since=date(1900, 1, 1), people=[each.pk for each in people.values()])
    return people


def turns(stage: Stage, whom, rules: Iterable[str]) -> set[tuple[str, ...]]:
    """Whose turn it is with the duties of these rules."""
    return {each.turn for each in stage.owed(whom) if each.rule in rules}


def rules_of(table: dict[str, list[tuple]], action: str) -> set[str]:
    """The rules of a table that ask for an action."""
    return {row[0] for rows in table.values() for row in rows if row[2] == action}


def try_festival(stage: Stage, table: dict[str, tuple[str, str]], opens: date, due: date, closes: date) -> None:
    """Everybody in a category is visited around a festival: ``table`` says by which rule and clause.

    Asked of each category: nothing the day before; on the first day the members in it, and nobody else, are owed a
    visit; none is credited for another action, another person's visit, or one outside the window, but one of a level
    above the branch is.
    """
    stage.on(opens - DAY)
    early, last, late = (in_categories(stage, name, table) for name in ("早访", "末访", "迟访"))
    lost = in_categories(stage, "失联", table, Standing.LOST)
    others = stage.zhang
    for someone in early.values():
        stage.does("visit", stage.secretary, about=someone)
    rules = {rule for rule, _clause in table.values()}
    assert not stage.rules() & rules, "nothing is due before the window"

    stage.on(opens)
    for category, (rule, clause) in table.items():
        for people in (early, last, late):
            assert _of(stage, people[category], rules) == {rule: (clause, due)}, f"{category}: {opens}"
        assert not _of(stage, lost[category], rules), f"{category}: another standing"
    assert not _of(stage, others, rules), "in no category"

    stage.on(closes)
    for someone in late.values():
        stage.does("talk", stage.secretary, about=someone)
        stage.does("visit", stage.zhang, stage.sibling_secretary, stage.head, about=someone)
        stage.does("visit", stage.secretary, about=someone, collective=True)
    for category, (rule, _clause) in table.items():
        stage.does("visit", stage.deputy, about=last[category])
        assert stage.one(last[category], rule, "done")

    stage.on(closes + DAY)
    for category, (rule, _clause) in table.items():
        stage.does("visit", stage.secretary, about=late[category])
        assert stage.one(late[category], rule).state == "open", f"{rule}: after the window"
        assert stage.one(early[category], rule).state == "open", f"{rule}: before the window"


def _of(stage: Stage, whom, rules: set[str]) -> dict[str, tuple[str, date]]:
    return {each.rule: (each.clause, each.due) for each in stage.owed(whom) if each.rule in rules}
