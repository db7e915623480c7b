"""Whatever is done in whatever order, the books hold, and equal a plain model of them."""

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from base.money import Source
from fund import services
from fund.journal import WAYS
from fund.models import Act, BookAccount, Reservation, Voucher
from fund.sealing import seal
from tests.fund.money import DESK, NOW, broken, keep, opened

pytestmark = pytest.mark.django_db

SOURCES = (Source.DUES, Source.FISCAL)
sums = st.integers(1, 900)
which = st.integers(0, 9)
steps = st.one_of(
    st.tuples(st.just("receive"), st.sampled_from(SOURCES), sums),
    st.tuples(st.just("reserve"), st.sampled_from(SOURCES), sums),
    st.tuples(st.sampled_from(["release", "spend", "repay"]), which, sums),
    st.tuples(st.just("pass_down"), st.sampled_from(SOURCES), sums),
    st.tuples(st.just("reverse"), which, sums),
    st.tuples(st.just("budget"), st.sampled_from([2025, 2026]), sums),
)


def one(rows, place: int):
    found = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None


def walk(funds, desk, step):
    """Carry out one step; what is refused is refused whole."""
    name, what, amount = step
    upper, lower = funds
    place = upper if amount % 2 else lower
    if name == "receive":
        services.receive(place, desk, source=what, amount=amount)
    elif name == "reserve":
        services.reserve(place, desk, source=what, use="hardship", amount=amount, subject="application:1")
    elif name == "pass_down":
        services.pass_down(upper, lower, desk, source=what, amount=amount)
    elif name == "budget":
        services.set_budget(place, what, amount)
    elif name == "reverse":
        if voucher := one(Voucher.objects, what):
            services.reverse(voucher, desk, words="记错")
    elif kept := one(Reservation.objects, what):
        getattr(services, name)(kept, desk, amount=amount)


def expected() -> Counter:
    """The balances, computed from the acts alone."""
    sums_ = Counter()
    for voucher in Voucher.objects.select_related("taken").order_by("pk"):
        taken, given_ = WAYS[Act(voucher.act)]
        if voucher.reverses_id:
            taken, given_ = given_, taken
        sums_[voucher.fund_id, str(taken), voucher.taken.source] -= voucher.amount
        sums_[voucher.fund_id, str(given_), voucher.taken.source] += voucher.amount
    return sums_


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(walked=st.lists(st.tuples(st.booleans(), steps), min_size=5, max_size=25))
def test_any_walk_leaves_books_that_hold(cast, walked):
    with transaction.atomic():
        mark = transaction.savepoint()
        funds = opened(cast.committee), opened(cast.branch)
        for fund in funds:
            services.receive(fund, DESK, source=Source.DUES, amount=1_000)
        keep(funds[0], 400)
        for late, step in walked:
            desk = replace(DESK, on=date(2025, 12, 31)) if late else DESK
            try:
                with transaction.atomic():
                    walk(funds, desk, step)
            except ValidationError:
                continue
        seal(now=NOW)
        assert broken() == set()
        sums_ = expected()
        for each in BookAccount.objects.order_by("pk"):
            assert each.balance == sums_[each.fund_id, each.kind, each.source]
        transaction.savepoint_rollback(mark)
