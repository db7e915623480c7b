"""The duties of any history are those of one clean run, and those of the oracle.

``WORLDS=200 make test ARGS=tests/duties/test_random_worlds.py`` tries that many other worlds for each rule.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings

from tests.duties.living import Scene, play
from tests.duties.pack import RULES
from tests.duties.worlds import worlds

WORLDS = int(os.environ.get("WORLDS", "0"))
"""How many worlds for each rule; 0: the few that ``make test`` tries, always the same."""
pytestmark = pytest.mark.django_db


def over(strategy, check: Callable, examples: int, *, shrink: bool = True) -> None:
    """Have hypothesis try ``check`` on so many examples; a failing one is made small unless time is short."""
    phases = [Phase.generate, Phase.shrink] if shrink else [Phase.generate]

    @settings(
        max_examples=examples, derandomize=not WORLDS, database=None, deadline=None, phases=phases,
        report_multiple_bugs=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def every(example):
        check(example)

    every()


FEW, FEWER = 10, 3
"""How many that ``make test`` tries on SQLite, and on PostgreSQL, where each takes longer (docs/proof.md)."""

SELDOM = {"talk-twice": "done", "spring-selected": "done", "picked": "done"}
"""What asks for two acts, or has to be picked first, is seldom done in a few worlds."""


def how_many() -> int:
    return WORLDS or (FEWER if connection.vendor == "postgresql" else FEW)


@pytest.mark.parametrize("code", RULES)
def test_worlds_bent_towards_one_rule(code):
    scene, reached = Scene(), Counter()
    turns = bool(RULES[code].responsible.instead)
    over(worlds(code), lambda world: reached.update(play(scene, world, turns=turns)), how_many())
    missed = {state for state in ("open", "done") if not reached[code, state]}
    assert how_many() < FEW or missed <= {SELDOM.get(code)}, f"these worlds prove little: {reached}"


def test_worlds_of_any_rules():
    over(worlds(), partial(play, Scene(), turns=True), WORLDS or FEW)
