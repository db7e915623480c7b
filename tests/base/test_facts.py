"""Facts told together: once for each kind, at the end, and not at all of what failed."""

from datetime import date

import pytest

from base import facts
from base.facts import Fact, facts_changed, facts_together

EARLY, LATE = date(2025, 1, 1), date(2026, 1, 1)


@pytest.fixture
def told(monkeypatch):
    """What the engine is told: (kind, since, people, organisations, of)."""
    heard = []

    def listen(kind, *, since, people, organisations, of):
        heard.append((kind, since, people and sorted(people), organisations and sorted(organisations), of))

    monkeypatch.setattr(facts, "_listeners", [listen])
    return heard


def test_a_fact_by_itself_is_told_at_once(told):
    facts_changed(Fact.RECORD, since=LATE, people=[1], organisations=[7], of="talk")
    assert told == [(Fact.RECORD, LATE, [1], [7], "talk")]


def test_facts_of_one_kind_are_told_once_from_the_earliest_day_for_all_concerned(told):
    with facts_together():
        facts_changed(Fact.RECORD, since=LATE, people=[1], organisations=[7], of="talk")
        facts_changed(Fact.RECORD, since=EARLY, people=[2, 1], organisations=[8], of="talk")
        facts_changed(Fact.RECORD, since=LATE, people=[3], of="visit")
        assert told == []
    assert told == [(Fact.RECORD, EARLY, [1, 2], [7, 8], "talk"), (Fact.RECORD, LATE, [3], set(), "visit")]


def test_everybody_and_somebody_is_everybody(told):
    with facts_together():
        facts_changed(Fact.POST, since=LATE, people=[1], organisations=None)
        facts_changed(Fact.POST, since=LATE, people=None, organisations=[8])
    assert told == [(Fact.POST, LATE, None, None, "")]


def test_a_block_in_a_block_belongs_to_the_outer(told):
    with facts_together():
        with facts_together():
            facts_changed(Fact.TIE, since=LATE, people=[1])
        assert told == []
    assert len(told) == 1


def test_of_a_block_that_fails_nothing_is_told_and_the_next_fact_is(told):
    def fail():
        with facts_together():
            facts_changed(Fact.TIE, since=LATE, people=[1])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert told == []
    facts_changed(Fact.TIE, since=LATE, people=[2])
    assert len(told) == 1
