"""Two people put one member into one register at once (PostgreSQL): one entry stands, the other gets a sentence."""

from datetime import date
from threading import Event as Signal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from care import entries
from care.entries import Given, open_entry
from care.models import Entry
from care.registers import REGISTERS
from members.models import Person
from tests.conftest import NOW
from tests.duties.test_races import together
from tests.world import Cast

TODAY = NOW.date()
pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast(transactional_db):
    return Cast()


def entered_twice(cast, monkeypatch) -> list[BaseException]:
    """The first has found the member in no entry, not yet written its own, when the second begins."""
    reached, go_on, alone = Signal(), Signal(), entries._check_alone

    def paused(register, entry):
        alone(register, entry)
        if not reached.is_set():
            reached.set()
            go_on.wait(60)

    monkeypatch.setattr(entries, "_check_alone", paused)

    def enter() -> None:
        given = Given({"causes": ["illness"]}, "一般困难")
        open_entry(
            by=None, register=REGISTERS["difficulty"], person=cast.li, since=date(2026, 11, 1), given=given, today=TODAY
        )

    return together(enter, enter, reached, go_on)


def test_the_second_is_told_of_the_first(cast, monkeypatch):
    (refused,) = entered_twice(cast, monkeypatch)
    assert isinstance(refused, ValidationError)
    assert "已经在" in str(refused) or "在册" in str(refused)
    assert Entry.objects.count() == 1


def test_without_the_members_lock_the_database_refuses(cast, monkeypatch):
    """The negative control: the sentence needs the lock; the constraint keeps the books right all the same."""
    monkeypatch.setattr(entries, "_locked", lambda person: Person.objects.get(pk=person.pk))
    monkeypatch.setattr("base.facts._before", [])
    (refused,) = entered_twice(cast, monkeypatch)
    assert isinstance(refused, IntegrityError)
    assert Entry.objects.count() == 1
