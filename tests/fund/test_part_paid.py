"""An application that funds share, of which one part went out and the other did not yet."""

import pytest

from fund import services
from fund.applying import deciding, filing, noticing, paying
from fund.applying.steps import end_of_the_dead
from fund.journal import Desk
from fund.regulation.steps import Stage
from members.enums import EventKind, Role
from members.services import register_event
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import Office, later
from tests.world import person, post

pytestmark = pytest.mark.django_db


class Shared:
    """The upper fund has paid its 70,000 fen; the lower one keeps its 30,000."""

    def __init__(self, cast):
        self.office = office = Office(cast, "urban-management")
        self.lower = services.open_fund(cast.general, on=office.fund.opened_on)
        services.receive(self.lower, Desk(office.fund.opened_on, NOW), source="special", amount=1_000_000)
        row = office.ready(fen=100_000, asking=office.asking(100_000, kind=office.first_class()))
        pots = {office.fund.pk: deciding.Pot("dues"), self.lower.pk: deciding.Pot("special")}
        result = office.result(row, fen=100_000, pots=pots)
        deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=[result], now=NOW)
        notice = office.posted(office.fresh(row))
        noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(10))
        self.payment = office.paid_of(row, office.fund, office.cashier)
        self.row = office.fresh(row)
        self.lower_cashier = person("何平")
        post(self.lower_cashier, cast.general, Role.CASHIER)


@pytest.fixture
def shared(cast):
    return Shared(cast)


def test_it_is_not_taken_back(shared):
    office, row = shared.office, shared.row
    said = refusal(
        filing.withdraw, by=office.by(row.person), application=row, serial=row.serial, reason="不要了", now=later(11)
    )  # fmt: skip
    assert "已发出一部分" in said["__all__"][0]
    assert balances(shared.lower, "special")["reserved"] == 30_000


def test_of_the_dead_nothing_stays_set_aside_when_the_bank_sends_the_part_back(shared):
    office, row = shared.office, shared.row
    day = later(11).date()
    register_event(by=None, person=row.person, kind=EventKind.DEATH, occurred_on=day, today=day)
    assert end_of_the_dead(now=later(11)) == 0
    rest = row.grants.get(fund=shared.lower)
    paying.end_for_the_dead(by=office.by(shared.lower_cashier), grant=rest, now=later(11))
    assert office.fresh(row).state == Stage.DIED
    paying.fail(by=office.by(office.cashier), payment=shared.payment, reason="销户", on=day, now=later(11))
    assert balances(office.fund) == {"available": 5_000_000}
    assert balances(shared.lower, "special") == {"available": 1_000_000}
    assert broken() == set()
