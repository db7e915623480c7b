"""What a document asks for once something has happened to a member, as a table; and how such a table is tried."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from django.db import transaction

from base.facts import Fact, facts_changed, facts_will_change
from members.enums import EventKind, Standing
from members.models import Event, Person
from tests.duties.scenarios.stage import Owed, Stage

ONE_DAY = timedelta(days=1)


class After(NamedTuple):
    """After ``kind``: what must be done within so many days, by which rule, resting on which clause as printed."""

    kind: str
    rule: str
    clause: str
    days: int
    action: str = "talk"
    or_by: tuple[str, ...] = ()
    collective: bool = False
    """Whether several members at once may be spoken to."""
    anyone: bool = False
    """Whether it counts whoever did it."""

    def owed(self, stage: Stage, on: date, state: str = "open") -> Owed:
        due = on + timedelta(days=self.days)
        return Owed(self.rule, self.clause, self.action, due, state, stage.li.name, (stage.secretary.name,))


@transaction.atomic
def all_happen(stage: Stage, people: Iterable[Person], kinds: Iterable[str], on: date) -> None:
    """Each of these events to each of these people on one day, entered at once."""
    facts_will_change()
    people = list(people)
    Event.objects.bulk_create(
        Event(person=each, kind=kind, occurred_on=on, entered_on=stage.today) for each in people for kind in kinds
    )
    facts_changed(Fact.EVENT, since=on, people=[each.pk for each in people])


def of(stage: Stage, rules: set[str], state: str | None = None) -> Counter:
    """What is owed to 李党员 by these rules."""
    return Counter(each for each in stage.owed(stage.li, state=state) if each.rule in rules)


def each_opens_its_duty_and_nothing_else_does(stage: Stage, table: list[After], on: date, start: date) -> None:
    """All of the table happens to 李党员. The same before the start, to people of another standing or of none, and
    everything that the table does not name, opens nothing.
    """
    kinds = list(dict.fromkeys(row.kind for row in table))
    suspended = stage.member("停籍党员", standing=Standing.SUSPENDED)
    lost = stage.member("失联党员", standing=Standing.LOST)
    others = [stage.zhang, suspended, lost, stage.outsider("群众")]
    before = Counter(stage.owed(state=None))
    all_happen(stage, [stage.zhang], kinds, start - ONE_DAY)
    all_happen(stage, [suspended, lost, others[-1]], kinds, on)
    all_happen(stage, [stage.zhang], [each for each in EventKind if each not in kinds], on)
    assert Counter(stage.owed(state=None)) == before
    all_happen(stage, [stage.li], kinds, on)
    assert Counter(stage.owed(state=None)) - before == Counter(row.owed(stage, on) for row in table)


def only_the_right_record_closes_it(stage: Stage, table: list[After], on: date) -> None:
    """By the member himself, by those of another branch and of the committee, the day before it happened, to several at
    once where that may not count: nothing closes. By the branch's secretary, half a year late, each act closes its own.
    """
    table = [row for row in table if not row.anyone]
    rules = {row.rule for row in table}
    actions = list(dict.fromkeys(action for row in table for action in (row.action, *row.or_by)))
    together = {action for row in table if row.collective for action in (row.action, *row.or_by)}
    standing = of(stage, rules, "open")
    for action in actions:
        stage.does(action, stage.li, stage.zhang, stage.sibling_secretary, stage.deputy, about=stage.li, on=on)
        stage.does(action, stage.secretary, about=stage.li, on=on - ONE_DAY)
        if action not in together:
            stage.does(action, stage.secretary, about=stage.li, on=on, collective=True)
    assert of(stage, rules, "open") == standing
    stage.on(on + timedelta(days=183))
    for done, action in enumerate(actions, 1):
        stage.does(action, stage.secretary, about=stage.li, collective=action in together)
        still = [row for row in table if not {row.action, *row.or_by} & set(actions[:done])]
        assert of(stage, rules, "open") == Counter(row.owed(stage, on) for row in still), action
    assert of(stage, rules) == Counter(row.owed(stage, on, "done") for row in table)


def due(stage: Stage, whom, *, state: str | None = "open") -> list[tuple]:
    """(rule, due day, those whose turn it is …) of what is owed to or by somebody."""
    return [(each.rule, each.due, *each.turn) for each in stage.owed(whom, state=state)]
