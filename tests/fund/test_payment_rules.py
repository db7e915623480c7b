"""What a payment is refused: the wrong day, the wrong hands."""

from datetime import date, timedelta

import pytest

from fund.applying import filing, paying
from members.enums import Role
from tests.fund.money import NOW, balances, broken, refusal
from tests.fund.office import Office, later
from tests.world import post

pytestmark = pytest.mark.django_db

OTHER = filing.Account("李建国", "农业银行", "6228480000001111222")


@pytest.fixture
def office(cast):
    return Office(cast)


def test_nothing_is_paid_on_a_day_before_its_decision_or_its_notice_was_over(office):
    row = office.passed()
    grant, by = row.grants.get(), office.by(office.cashier)
    ends = row.notice_lines.get().notice.ends_on
    for on in (date(2025, 2, 1), NOW.date(), ends):
        said = refusal(paying.list_batch, by=by, fund=office.fund, grants=[grant], on=on, now=later(10))
        assert f"{ends + timedelta(days=1)} 起才能发放" in said["on"][0]
        said = refusal(paying.pay_cash, by=by, grant=grant, on=on, witnesses=office.board[:2], now=later(10))
        assert "起才能发放" in said["on"][0]
    paying.pay_by_bank(by=by, grant=grant, slip="JH1", on=ends + timedelta(days=1), now=later(10))
    assert broken() == set()


def test_nothing_comes_back_before_it_was_paid(office):
    payment = office.paid(office.passed())
    given = {
        "grant": payment.grant,
        "by": office.by(office.cashier),
        "amount": 1_000,
        "reason": "多发",
        "now": later(12),
    }
    assert "才发放" in refusal(paying.pay_back, on=payment.on - timedelta(days=1), **given)["on"][0]
    paying.pay_back(on=payment.on, **given)
    assert balances(office.fund) == {"available": 4_801_000, "spent": 199_000}


def test_who_pays_does_not_say_to_which_account(office):
    payment = office.paid(office.passed())
    post(office.cashier, office.cast.committee, Role.DEPARTMENT_CLERK)
    post(office.second_clerk, office.cast.committee, Role.CASHIER)
    cashier, clerk = office.by(office.cashier), office.by(office.second_clerk)
    paying.fail(by=cashier, payment=payment, reason="账号有误", on=later(10).date(), now=later(10))
    given = {"grant": payment.grant, "account": OTHER, "reason": "抄错"}
    assert "请换一个人" in refusal(paying.correct_payee, by=cashier, **given)["__all__"][0]
    paying.correct_payee(by=clerk, **given)
    pay = {"grant": payment.grant, "slip": "JH2", "on": later(11).date(), "now": later(11)}
    assert "更正李建国收款账户的人" in refusal(paying.pay_by_bank, by=clerk, **pay)["__all__"][0]
    assert paying.pay_by_bank(by=cashier, **pay).payee["number"] == OTHER.number
    assert broken() == set()


def test_nobody_says_to_which_account_his_own_money_goes(office):
    row = office.passed()
    post(row.person, office.cast.committee, Role.DEPARTMENT_CLERK)
    payment, own = office.paid(row), office.by(row.person)
    paying.fail(by=office.by(office.cashier), payment=payment, reason="账号有误", on=later(10).date(), now=later(10))
    said = refusal(paying.correct_payee, by=own, grant=payment.grant, account=OTHER, reason="换卡")
    assert "申请人" in said["__all__"][0]
