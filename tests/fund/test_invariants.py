"""Each invariant of applications finds the row somebody put in past all guards, and nothing in clean books."""

import pytest

from fund import services
from fund.applying import deciding, noticing, paying, steps
from fund.models import Payment
from members.enums import Role
from tests.fund.money import NOW, broken, unguarded
from tests.fund.office import Office, later
from tests.world import post

pytestmark = pytest.mark.django_db

FAULTS = {
    "I5": (
        "UPDATE fund_grant SET fen = fen + 1",
        "UPDATE fund_payment SET state = 'dropped'",
        "UPDATE fund_payment SET voucher_id = (SELECT MIN(id) FROM fund_voucher)",
    ),
    "I7": ("UPDATE fund_decision SET fen = fen + 1",),
    "I9": (
        "UPDATE fund_publicnotice SET result_on = NULL",
        "UPDATE fund_publicnotice SET ends_on = '2026-12-03'",
        "UPDATE fund_publicnotice SET taken_down_on = '2026-11-25'",
        "DELETE FROM fund_taken WHERE move = 'submit'",
        "UPDATE fund_meeting SET \"on\" = '2026-12-04'",
        "UPDATE fund_taken SET move = 'return' WHERE step LIKE '%review'",
        "UPDATE fund_objection SET answered_on = NULL, outcome = ''",
    ),
    "I10": (
        "UPDATE fund_part SET hand = 'review' WHERE hand = 'apply'",
        "UPDATE fund_taken SET person_id = (SELECT person_id FROM fund_application) WHERE step = 'department-review'",
        "DELETE FROM fund_part WHERE hand = 'pay'",
        "UPDATE fund_part SET hand = 'pay' WHERE person_id = (SELECT MIN(person_id) FROM fund_attendee)",
        "UPDATE fund_application SET filed_by_id = (SELECT paid_by_id FROM fund_payment)",
    ),
    "I11-decisions": (
        "UPDATE fund_decision SET agree = agree - 1, against = 1",
        "UPDATE fund_decision SET outcome = 'refused', fen = 0",
    ),
}


def paid(cast) -> Office:
    """An office with one application paid after an objection was dismissed."""
    office = Office(cast)
    (row,) = office.decided(office.ready())
    notice = office.posted(row)
    by = office.by(office.clerk)
    told = noticing.object_to(
        by=by, line=notice.lines.get(), received_on=NOW.date(), who="匿名", contact="", text="……", now=NOW
    )
    noticing.answer(by=by, objection=told, outcome="dismissed", words="经查不实。", now=NOW)
    noticing.finish_notice(by=by, notice=notice, result="", now=later(10))
    office.paid(row)
    return office


def test_clean_books_break_nothing(cast):
    paid(cast)
    assert Payment.objects.get().state == "paid"
    assert broken() == set()


@pytest.mark.parametrize(("code", "fault"), [(code, fault) for code, faults in FAULTS.items() for fault in faults])
def test_a_fault_put_in_past_the_guards_is_found(cast, code, fault):
    paid(cast)
    with unguarded(fault):
        assert code in broken()


def test_parts_that_do_not_follow_the_shares_are_found(cast, monkeypatch):
    """Negative control: with the split patched the money is booked all the same, and the check finds it."""
    office = Office(cast, "urban-management")
    lower = services.open_fund(cast.general, on=office.fund.opened_on)
    services.receive(lower, office.desk(), source="special", amount=1_000_000)
    row = office.ready(fen=100_001, asking=office.asking(100_001, kind=office.first_class()))
    monkeypatch.setattr(deciding, "portions_of", lambda *_given: {lower: 50_000, office.fund: 50_001})
    pots = {office.fund.pk: deciding.Pot("dues"), lower.pk: deciding.Pot("special")}
    result = office.result(row, fen=100_001, pots=pots)
    deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=[result], now=NOW)
    assert broken() == {"I7-ratio"}


def test_without_the_checks_of_hands_who_reviewed_pays_and_is_found(cast, monkeypatch):
    """Negative control of the separation of hands."""
    office = Office(cast)
    row = office.passed()
    post(office.clerk, cast.committee, Role.CASHIER)
    for module, name in (
        (steps, "check_hands"), (steps, "give_part"), (paying, "check_own_step"), (paying, "give_part"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, lambda *_given: None)
    office.paid_of(row, office.fund, office.clerk)
    assert broken() == {"I10"}
