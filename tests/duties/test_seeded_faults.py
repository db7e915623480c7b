"""The random worlds find what is broken: the engine is broken in one place at a time, and they must notice."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType

import pytest
from django.db.models import BooleanField, Value

from base.facts import Fact
from duties.engine import nights, statements
from duties.engine import sweep as engine
from duties.policy.schema import Tied
from members.models import Person
from tests.duties.living import Different, Scene, play
from tests.duties.test_random_worlds import over
from tests.duties.worlds import worlds

WITHIN = 300
"""So many worlds may be tried."""
pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@dataclass
class Fault:
    """What is broken, towards what the worlds are bent, and how: a text in the statements, or a function."""

    name: str
    rule: str
    text: str = ""
    instead: str = ""
    function: str = ""
    module: ModuleType = engine
    broken: Callable | None = None
    bent: dict = field(default_factory=dict)


def _nothing(*given):
    return ()


def _by_condition_only(original):
    def reads(rule, kind, *of):
        tied = any(isinstance(condition, Tied) for condition in rule.parsed.target)
        return original(rule, kind, *of) and (kind != Fact.TIE or tied)

    return reads


def _of_the_holder_only(original):
    def circle(kind, people, organisations):
        return original(Fact.RECORD if kind == Fact.POST else kind, people, organisations)

    return circle


FAULTS = [
    Fault("withdrawn records count", "talk-yearly", r"k\.withdrawn_on IS NULL", "TRUE"),
    Fault("withdrawn events stand", "event-talk", r"e\.withdrawn_on IS NULL", "TRUE"),
    Fault("the day an event states is not read", "event-talk", r"COALESCE\(e\.due_on, ", "COALESCE(NULL, "),
    Fault("a post counts on the day it ended", "talk-yearly", r"p\.until > k\.on_day", "p.until >= k.on_day",
          bent={"aims": ["turn"], "disturbances": ["post", "leave"]}),
    Fault("the secretary is his own secretary", "talk-yearly", r"\bp\.person_id <> k\.about_id", "TRUE"),
    Fault("a member talks with himself", "talk-yearly", r"q\.person_id <> k\.about_id", "TRUE"),
    Fault("credit from any post", "talk-yearly", r"p\.role IN \([^)]*\)", "TRUE", bent={"aims": ["other"]}),
    Fault("what is done after a void revives", "event-answered", r"OR k\.on_day < s\.held_to", "OR TRUE",
          bent={"aims": ["right"], "disturbances": ["change"]}),
    Fault("acts before the window count", "newyear-may", r"k\.on_day >= [st]\.(counts_from|first)", "TRUE"),
    Fault("acts after the window count", "newyear-may", r"k\.on_day <= [st]\.(ripe_to|last)", "TRUE",
          bent={"aims": ["edge"]}),
    Fault("the first by number closes", "report-half", r"ORDER BY k\.on_day, k\.id", "ORDER BY k.id",
          bent={"aims": ["right"]}),
    Fault("collective acts always count", "pair-below", r"AND NOT k\.collective", ""),
    Fault("void a day late", "talk-monthly-may", r"s\.held_to <= s\.judged_on", "s.held_to < s.judged_on",
          bent={"disturbances": ["leave", "change"]}),
    Fault("a waiver hides what was done", "report-half", r"c\.record_id IS NOT NULL THEN 'done' WHEN v\.id IS NOT NULL",
          "v.id IS NOT NULL THEN 'waived' WHEN c.record_id IS NOT NULL THEN 'done' WHEN v.id IS NOT NULL",
          bent={"aims": ["right"], "disturbances": ["waive"]}),
    Fault("any record answers an event", "event-answered", r"AND k\.event_id = s\.event_id", ""),
    Fault("below means here too", "pair-below", r"bl\.distance >= 1", "bl.distance >= 0"),
    Fault("dates that moved stay", "talk-yearly", r"held_to = excluded\.held_to, ", ""),
    Fault("what is open stays where it opened", "talk-yearly",
          r"ELSE (LEAST|MIN)\(s\.judged_on, [^)]*\)\s*\)", "ELSE s.opens_on"),
    Fault("one of two is enough", "actor-quarter", r"n = 2", "n = 1"),
    Fault("half the sum is enough", "report-sum", r"(>=|<) 3\b", r"\1 2"),
    Fault("a month is its first day", "full-yearly", r"_precision = 'month'", "_precision = 'moon'"),
    Fault("a loss is not noticed", "leader-contacts", r"COALESCE\(\(SELECT MAX\(t\.until\)",
          "COALESCE((SELECT CASE WHEN FALSE THEN MAX(t.until) END"),
    Fault("numbers of one's own are not looked at", "event-talk", r"CASE r\.adjustment_id", "CASE -1",
          bent={"disturbances": ["number"]}),
    Fault("the numbers of the last spell hold", "talk-monthly-may", r"ORDER BY begins, due_on", "ORDER BY begins DESC",
          bent={"disturbances": ["number", "start"]}),
    Fault("a handed duty is done by anybody", "event-talk", r"q\.person_id = g\.to_id", "TRUE",
          bent={"aims": ["other"], "disturbances": ["hand on"]}),
    Fault("what was handed on is not done by him", "event-talk", r"g\.key = s\.key", "FALSE",
          bent={"aims": ["handed"], "disturbances": ["hand on"]}),
    Fault("a leader further up does not count", "any-leader", r"l\.ancestor_id AND p\.role",
          "m.organisation_id AND p.role"),
    Fault("nobody stands in", "either-head", r"p\.role IN \('deputy_secretary', 'commissioner'\)",
          "p.role IN ('deputy_secretary')"),
    Fault("of object and tie one is enough", "pair-both", r"AND t\.to_id = a\.person_id", ""),
    Fault("old enough with the month", "aged-half", r"CASE g\.birth_precision WHEN 'month'",
          "CASE g.birth_precision WHEN 'moon'"),
    Fault("nothing is removed", "event-talk", function="remove_surplus", broken=lambda _: lambda *given: None),
    Fault("a post concerns its holder only", "talk-yearly", function="_circle", broken=_of_the_holder_only,
          bent={"aims": ["right"], "disturbances": ["post"]}),
    Fault("a tie concerns targets only", "visit-interval", function="reads", broken=_by_condition_only,
          bent={"aims": ["right"], "disturbances": ["new tie"]}),
    Fault("ends of conditions pass unseen", "event-talk", function="_read", module=nights, broken=lambda _: _nothing,
          bent={"aims": ["self"], "disturbances": ["leave", "change"]}),
    Fault("no day passes", "talk-yearly", function="_turns", module=nights, broken=lambda _: lambda *given: False),
    Fault("nobody's own day comes", "full-yearly", function="_own_days", module=nights, broken=lambda _: _nothing),
    Fault("nobody grows old", "aged-half", function="_come_of_age", module=nights,
          broken=lambda _: lambda *given: Person.objects.none().values_list("pk", flat=True)),
    Fault("what is behind is forgotten", "talk-yearly", function="active_rules",
          broken=lambda rules: lambda: rules().annotate(behind=Value(False, BooleanField())),
          bent={"disturbances": ["policy"]}),
    Fault("facts settle for today alone", "talk-monthly-may", function="_day_of",
          broken=lambda _: lambda rule: engine.today_in_china()),
]  # fmt: skip


def plant(fault: Fault, monkeypatch) -> list[str]:
    """Break the engine; the list tells afterwards that the broken place was passed."""
    passed = []
    if fault.function:
        broken = fault.broken(getattr(fault.module, fault.function))
        monkeypatch.setattr(fault.module, fault.function, lambda *given: passed.append(fault.name) or broken(*given))
        return passed
    for name in ("run", "rows"):
        sound = getattr(statements, name)

        def run(statement, values, sound=sound):
            wrong, times = re.subn(fault.text, fault.instead, statement)
            passed.extend([fault.name] * times)
            return sound(wrong, values)

        monkeypatch.setattr(statements, name, run)
    return passed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found(fault, monkeypatch):
    play_there = partial(play, Scene())
    passed = plant(fault, monkeypatch)
    with pytest.raises(Different):
        over(worlds(fault.rule, **fault.bent), play_there, WITHIN, shrink=False)
    assert passed
