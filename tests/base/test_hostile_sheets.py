"""Hostile files (``tests/base/hostile_sheets.py``): each is refused in a sentence or read with findings.

The large families are read whole by ``python -m tests.base.hostile_sheets``; here the first of each stands for them.
"""

import pytest

from base.limits import SheetRefused
from members.models import Event, Membership, Person
from members.roster.apply import import_roster, read_roster
from tests.base.hostile_sheets import ANY, FAMILIES, FILE, LARGE, READ, ROWS, UNKNOWN, Hostile, hostile_files
from tests.conftest import NOW
from tests.world import account

pytestmark = pytest.mark.anywhere

TODAY = NOW.date()
CHEAP = 6
"""Files of one family that the suite reads."""


def small(name: str) -> list[Hostile]:
    """Every so-manieth file of a family, so that all its kinds are among them."""
    files = list(hostile_files(name))
    return files[:: -(-len(files) // CHEAP)]


def known() -> dict:
    return {model: list(model.objects.order_by("pk").values()) for model in (Person, Membership, Event)}


def outcome(each: Hostile, clerk) -> tuple[str, int]:
    """What came of importing a file, and how many rows were taken."""
    sheet, sentence = None, ""
    try:
        sheet = read_roster(each.data)
    except SheetRefused as refusal:
        sentence = str(refusal)
    if sheet is None:
        assert sentence.endswith("。"), each
        return FILE, 0
    plan = import_roster(by=clerk, sheet=sheet, as_of=TODAY, today=TODAY)
    assert all(finding.message.endswith("。") and finding.row > 0 for finding in plan.findings), each
    assert all(row.cells.refused for row in plan.refused), each
    return (READ, len(plan.rows)) if plan.rows else (ROWS, 0)


ALLOWED = {FILE: {FILE}, ROWS: {ROWS}, READ: {READ}, ANY: {FILE, ROWS}, UNKNOWN: {FILE, ROWS, READ}}


def check(each: Hostile, clerk) -> None:
    before = known()
    came, taken = outcome(each, clerk)
    assert came in ALLOWED[each.expected], f"{each}: {came}"
    if taken:
        Person.objects.exclude(pk__in=[row["id"] for row in before[Person]]).update(name="taken")
        return
    assert known() == before, each


@pytest.mark.parametrize("name", sorted(set(FAMILIES) - LARGE))
def test_small_hostile_files_are_refused_or_read_with_findings(cast, name):
    clerk = account(cast.clerk)
    for each in small(name):
        check(each, clerk)
        Membership.objects.filter(person__name="taken").delete()
        Person.objects.filter(name="taken").delete()


@pytest.mark.parametrize("name", sorted(LARGE))
def test_of_each_large_family_the_first_is_refused_or_read(cast, name):
    check(next(hostile_files(name)), account(cast.clerk))


def test_the_collection_is_as_large_as_it_says():
    assert len(FAMILIES) >= 25
    assert sum(1 for _ in hostile_files(*(set(FAMILIES) - LARGE))) >= 200
