"""Two who act on one application at once: the first counts, the other reads what happened (A1, A2)."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections

from fund.applying import filing, reviewing, steps
from fund.applying.reviewing import Review, review
from fund.models import Application
from fund.regulation.steps import Move, Stage
from tests.fund.money import NOW
from tests.fund.office import Office
from tests.world import Cast

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def office(transactional_db):
    return Office(Cast())


@pytest.fixture
def row(office) -> Application:
    """An application that waits for the department, where two may review it."""
    row = office.reviewed(office.submitted(), office.cast.secretary)
    return office.reviewed(row, office.cast.general_secretary)


def at_once(*acts) -> list[BaseException | None]:
    """Each act on a connection of its own, started together; what each failed with."""
    failed, start = [None] * len(acts), Barrier(len(acts))

    def run(number, act):
        try:
            start.wait(20)
            act()
        except BaseException as failure:
            failed[number] = failure
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert not any(each.is_alive() for each in threads)
    return failed


def says(office, row, someone, move, fen=200_000):
    by = office.by(someone)
    said = Review(move, "看过。", fen if move == Move.PASS else None)
    return lambda: review(by=by, application=row, review=said, serial=row.serial, now=NOW)


def taken_then(row) -> list[str]:
    return list(row.taken.filter(serial__gt=row.serial).order_by("serial").values_list("move", flat=True))


def test_of_two_who_pass_it_at_once_one_counts(office, row):
    failed = at_once(*(says(office, row, who, Move.PASS) for who in (office.clerk, office.second_clerk)))
    (refused,) = filter(None, failed)
    assert isinstance(refused, ValidationError)
    assert "办过“组织部复核”，现在是“待集体研究”" in refused.messages[0]
    assert taken_then(row) == ["pass"]
    assert office.fresh(row).state == "decision"


@pytest.mark.parametrize("times", range(6))
def test_of_pass_and_refuse_at_once_the_first_stands(office, row, times):
    acts = [says(office, row, office.clerk, Move.PASS), says(office, row, office.second_clerk, Move.REFUSE)]
    failed = at_once(*(acts if times % 2 else acts[::-1]))
    assert [type(each) for each in failed if each] == [ValidationError]
    (move,) = taken_then(row)
    assert office.fresh(row).state == {"pass": "decision", "refuse": Stage.REFUSED}[move]


def test_of_a_review_and_a_withdrawal_at_once_the_first_stands(office, row):
    own = office.by(row.person)
    failed = at_once(
        says(office, row, office.clerk, Move.PASS),
        lambda: filing.withdraw(by=own, application=row, serial=row.serial, reason="不申请了", now=NOW),
    )
    assert [type(each) for each in failed if each] == [ValidationError]
    assert len(taken_then(row)) == 1


def test_without_the_lock_both_come_to_write_and_only_the_database_stops_one(office, row, monkeypatch):
    """The negative control: both read before either writes."""
    both = Barrier(2)

    def unlocked(application):
        return Application.objects.select_related("regulation", "fund__organisation", "organisation", "person").get(
            pk=application.pk
        )

    def read(application):
        found = unlocked(application)
        both.wait(20)
        return found

    monkeypatch.setattr(reviewing, "locked", read)
    monkeypatch.setattr(steps, "locked", unlocked)
    failed = at_once(*(says(office, row, who, Move.PASS) for who in (office.clerk, office.second_clerk)))
    assert [type(each) for each in failed if each] == [IntegrityError]
