"""What is done with the money of a fund, and each refusal with its sentence and field."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from base.audit import Act as Audited
from base.models import AuditRow
from base.money import Source
from fund import services
from fund.journal import Move
from fund.journal import post as post_moves
from fund.models import Act, BookYear, Fund, Use, Voucher
from members.enums import Role
from tests.fund.money import DAY, DESK, balances, broken, funded, keep, opened, refusal
from tests.world import account, person, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund(cast):
    yield funded(cast.committee)
    assert broken() == set()


def test_money_is_received_reserved_spent_and_released(fund):
    kept = keep(fund, 300_000)
    assert balances(fund) == {"available": 200_000, "reserved": 300_000}
    services.spend(kept, DESK, amount=120_000)
    services.release(kept, DESK, amount=180_000)
    assert balances(fund) == {"available": 380_000, "spent": 120_000}
    services.repay(kept, DESK, amount=20_000)
    assert balances(fund) == {"available": 400_000, "spent": 100_000}
    vouchers = Voucher.objects.order_by("number")
    assert [(each.number, each.act) for each in vouchers] == [
        (1, Act.RECEIVE), (2, Act.RESERVE), (3, Act.SPEND), (4, Act.RELEASE), (5, Act.REPAY),
    ]  # fmt: skip
    assert BookYear.objects.get().used == 100_000


def test_what_is_not_there_is_refused_in_words_and_leaves_nothing(fund):
    said = refusal(keep, fund, 600_000)
    assert said == {"amount": ["留存党费可用 5,000.00，不够这笔 6,000.00。请换来源或减少金额。"]}
    assert Voucher.objects.count() == 1
    kept = keep(fund, 100_000)
    assert "待付 1,000.00，不够这笔 1,000.01" in refusal(services.spend, kept, DESK, amount=100_001)["amount"][0]
    assert "待付 1,000.00" in refusal(services.release, kept, DESK, amount=100_001)["amount"][0]
    assert "已付 0.00" in refusal(services.repay, kept, DESK, amount=1)["amount"][0]
    assert [each.number for each in Voucher.objects.order_by("pk")] == [1, 2]


@pytest.mark.parametrize("amount", [0, -1, 10**10 + 1])
def test_a_sum_is_more_than_nothing_and_no_slip_of_the_keys(fund, amount):
    assert set(refusal(services.receive, fund, DESK, source=Source.DUES, amount=amount)) == {"amount"}
    assert set(refusal(keep, fund, amount)) == {"amount"}


def test_one_source_never_pays_for_another(fund):
    services.receive(fund, DESK, source=Source.MEMBERS, amount=90_000, donor="李建国", receipt="A1")
    assert set(refusal(keep, fund, 100_000, source=Source.MEMBERS)) == {"amount"}
    keep(fund, 90_000, source=Source.MEMBERS)
    assert balances(fund) == {"available": 500_000}
    assert balances(fund, Source.MEMBERS) == {"reserved": 90_000}


def test_a_source_is_spent_on_what_it_may_be_spent_on(fund):
    assert refusal(keep, fund, 100, use=Use.ELDERLY) == {"use": ["留存党费不能用于老党员生活补贴。请换来源。"]}
    services.restrict(fund, Source.DUES, [Use.ELDERLY])
    keep(fund, 100, use=Use.ELDERLY)
    assert set(refusal(keep, fund, 100)) == {"use"}
    assert AuditRow.objects.filter(act=Audited.EDIT, subject=f"fund:{fund.pk}").count() == 1
    assert set(refusal(services.restrict, fund, Source.OWN, [])) == {"source"}
    assert set(refusal(services.receive, fund, DESK, source=Source.UNION, amount=1)) == {"source"}


def test_a_donation_has_a_receipt_a_donor_and_keeps_its_earmark(fund):
    give = {"source": Source.MEMBERS, "amount": 50_000}
    assert set(refusal(services.receive, fund, DESK, **give, receipt="A1")) == {"donor"}
    assert set(refusal(services.receive, fund, DESK, **give, donor="赵秀兰")) == {"receipt"}
    assert set(refusal(services.receive, fund, DESK, **give, donor="赵秀兰", receipt="A1", earmark="x")) == {"earmark"}
    more = {"donor": "赵秀兰", "receipt": "A1", "earmark": Use.ILLNESS, "anonymous": True}
    voucher = services.receive(fund, DESK, **give, **more)
    assert voucher.donation.public_name == "匿名"
    assert voucher.donation.donor == "赵秀兰"
    assert "A1 已经用过" in refusal(services.receive, fund, DESK, **give, **more)["receipt"][0]
    assert set(refusal(services.receive, fund, DESK, source=Source.DUES, amount=1, donor="某人")) == {"source"}
    # Earmarked money is there for its use alone.
    assert set(refusal(keep, fund, 100, source=Source.MEMBERS)) == {"amount"}
    wrong = refusal(keep, fund, 100, source=Source.MEMBERS, use=Use.VISIT, earmark=Use.ILLNESS)
    assert wrong == {"earmark": ["这笔钱指定用于重病补助，不能用于走访慰问。请换来源。"]}
    keep(fund, 50_000, source=Source.MEMBERS, use=Use.ILLNESS, earmark=Use.ILLNESS)


def test_a_budget_bounds_what_is_reserved_and_is_never_below_it(fund):
    services.set_budget(fund, 2026, 100_000)
    kept = keep(fund, 80_000)
    assert "2026 年预算还剩 200.00，不够这笔 300.00" in refusal(keep, fund, 30_000)["amount"][0]
    assert "已经占用 800.00" in refusal(services.set_budget, fund, 2026, 79_999)["amount"][0]
    assert set(refusal(services.set_budget, fund, 2026, -1)) == {"amount"}
    services.release(kept, DESK, amount=80_000)
    keep(fund, 100_000)


def test_money_passed_down_is_one_sum_in_two_books_and_keeps_its_source(fund, cast):
    lower = opened(cast.branch)
    upper_voucher, lower_voucher = services.pass_down(fund, lower, DESK, source=Source.DUES, amount=200_000)
    assert (lower_voucher.upper, lower_voucher.number) == (upper_voucher, 1)
    assert balances(fund)["available"] == 300_000
    assert balances(lower) == {"available": 200_000}
    assert set(refusal(services.pass_down, fund, lower, DESK, source=Source.DUES, amount=300_001)) == {"amount"}
    assert set(refusal(services.pass_down, lower, fund, DESK, source=Source.DUES, amount=1)) == {"lower"}
    assert set(refusal(services.pass_down, fund, fund, DESK, source=Source.DUES, amount=1)) == {"lower"}
    assert len(services.reverse(lower_voucher, DESK, words="拨错单位")) == 2
    assert balances(lower) == {}
    assert set(refusal(services.reverse, upper_voucher, DESK, words="又一次")) == {"voucher"}


def test_a_voucher_is_reversed_once_by_its_opposite(fund):
    kept = keep(fund, 100_000)
    paid = services.spend(kept, DESK, amount=100_000)
    assert set(refusal(services.reverse, paid, DESK, words=" ")) == {"words"}
    [back] = services.reverse(paid, DESK, words="银行退票")
    assert (back.reverses, back.taken, back.given) == (paid, paid.given, paid.taken)
    assert balances(fund) == {"available": 400_000, "reserved": 100_000}
    assert "2026 年第 3 号已经冲销过" in refusal(services.reverse, paid, DESK, words="再来")["voucher"][0]
    assert "本身是冲销" in refusal(services.reverse, back, DESK, words="再来")["voucher"][0]
    services.spend(kept, DESK, amount=100_000)
    income = Voucher.objects.get(number=1)
    assert "不够这笔 5,000.00" in refusal(services.reverse, income, DESK, words="记错")["amount"][0]
    early = replace(DESK, on=DAY - timedelta(days=1))
    assert set(refusal(services.reverse, Voucher.objects.get(number=2), early, words="记错")) == {"on"}


def test_several_sums_are_entered_together_or_not_at_all(fund, cast):
    """A 30/70 split over two funds: the lower one is short, so the upper one gives nothing either."""
    lower = opened(cast.branch)
    services.receive(lower, DESK, source=Source.DUES, amount=60_000)
    moves = [Move(each, Act.HAND_DOWN, Source.DUES, sum_) for each, sum_ in ((fund, 30_000), (lower, 70_000))]
    assert "可用 600.00，不够这笔 700.00" in refusal(post_moves, DESK, moves)["amount"][0]
    assert Voucher.objects.count() == 2
    assert balances(fund) == {"available": 500_000}


def test_each_year_has_its_own_numbers_and_days_are_days_that_were(fund):
    last_year = replace(DESK, on=date(2025, 12, 31))
    voucher = services.receive(fund, last_year, source=Source.FISCAL, amount=100)
    assert (voucher.year, voucher.number) == (2025, 1)
    for day in (DAY + timedelta(days=1), date(2024, 12, 31)):
        wrong = replace(DESK, on=day)
        assert set(refusal(services.receive, fund, wrong, source=Source.DUES, amount=1)) == {"on"}


def test_books_are_opened_once_and_seen_by_those_whose_scope_it_is(fund, cast):
    assert set(refusal(opened, cast.committee)) == {"organisation"}
    head, stranger = person("钱部长"), person("外人")
    post(head, cast.committee, Role.DEPARTMENT_HEAD)
    post(stranger, cast.other, Role.DEPARTMENT_HEAD)
    assert list(Fund.objects.visible_to(account(head))) == [fund]
    assert list(Voucher.objects.visible_to(account(stranger))) == []
