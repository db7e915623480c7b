"""What changes between the decision and the payment changes neither (A13)."""

import pytest
from django.db import transaction

from fund import services
from fund.applying import deciding, noticing
from fund.journal import Desk
from fund.regulating import follow, text_of
from members.enums import Role
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import Office, later
from tests.world import person, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast):
    return Office(cast)


def test_a_ratio_that_is_changed_after_the_decision_changes_nobodys_part(cast):
    """A13."""
    office = Office(cast, "urban-management")
    lower = services.open_fund(cast.general, on=office.fund.opened_on)
    services.receive(lower, Desk(office.fund.opened_on, NOW), source="special", amount=1_000_000)
    cashier = person("何平")
    post(cashier, cast.general, Role.CASHIER)
    asking = office.asking(100_000, kind=office.first_class())
    row = office.ready(fen=100_000, asking=asking)
    pots = {office.fund.pk: deciding.Pot("dues"), lower.pk: deciding.Pot("special")}
    result = office.result(row, fen=100_000, pots=pots)
    deciding.decide(by=office.by(office.head), sitting=office.sitting(), results=[result], now=NOW)
    text = text_of("urban-management")
    turned = text.replace("percent = 30", "percent = 50").replace("percent = 70", "percent = 50")
    assert turned != text
    follow(by=None, fund=office.fund, text=turned, since=later(1).date(), now=later(1))
    notice = office.posted(office.fresh(row), now=later(2))
    noticing.finish_notice(by=office.by(office.clerk), notice=notice, result="", now=later(20))
    office.paid_of(row, office.fund, office.cashier, now=later(20))
    office.paid_of(row, lower, cashier, now=later(20))
    assert (balances(office.fund)["spent"], balances(lower, "special")["spent"]) == (70_000, 30_000)
    assert office.fresh(row).state == "receipt"
    assert broken() == set()
    fresh = office.submitted(cast.zhao, asking=asking, now=later(21))
    assert [portion.percent for portion in fresh.regulation.parsed.shares.portions] == [50, 50]


def test_uses_and_budget_that_are_narrowed_after_the_decision_stop_no_payment_but_the_next_decision(office):
    """A13."""
    row, other = office.passed(), office.ready(office.cast.zhao)
    services.restrict(office.fund, "dues", ["visit"])
    refused = refusal(services.set_budget, office.fund, 2026, 199_999)
    assert "已经占用 2,000.00" in refused["amount"][0]
    services.set_budget(office.fund, 2026, 200_000)
    office.paid(row)
    with transaction.atomic(), pytest.raises(deciding.ValidationError, match="还不能保存"):
        office.decided(other, now=later(11), minutes="22")
    assert office.fresh(other).state == "decision"
    assert broken() == set()
