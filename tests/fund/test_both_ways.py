"""Whether PostgreSQL enters sums in one message or row by row: the same is entered, and the same refused."""

import random
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from base.money import Source
from fund import journal, services
from fund.journal import BINDS, Desk, Move
from fund.models import Act, BookAccount, BookYear, MonthTotal, Reservation, Voucher
from tests.fund.money import DESK, broken, funded, keep, opened, refusal

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db]

ASKED = 250
LATE = replace(DESK, on=date(2025, 12, 31), account=7)


@pytest.fixture
def funds(cast):
    upper, lower = funded(cast.committee, 9_000), opened(cast.branch)
    services.pass_down(upper, lower, DESK, source=Source.DUES, amount=3_000)
    for fund in (upper, lower):
        services.receive(fund, LATE, source=Source.DUES, amount=500)
        services.set_budget(fund, 2026, 3_000)
        kept = [keep(fund, amount) for amount in (900, 600)]
        services.spend(kept[0], DESK, amount=400)
        services.repay(kept[0], DESK, amount=100)
    return upper, lower


def state() -> list:
    """All that a posting writes but keys of vouchers, which are used up by what was undone."""
    found = [list(model.objects.order_by("pk").values_list()) for model in (BookYear, BookAccount, Reservation)]
    found.append(sorted(MonthTotal.objects.values_list("fund", "year", "month", "act", "use", "amount", "vouchers")))
    names = [each.name for each in Voucher._meta.concrete_fields if each.name not in ("id", "upper")]
    return [*found, list(Voucher.objects.order_by("pk").values_list(*names, "upper__fund", "upper__number"))]


def told(vouchers: list[Voucher]) -> list[tuple]:
    """What the vouchers handed back say of themselves, and of their accounts."""
    names = [each.attname for each in Voucher._meta.concrete_fields if each.name not in ("id", "upper")]
    return [
        (*(getattr(each, name) for name in names), each.upper and each.upper.number, each.taken.balance,
         each.given.balance, each.taken.kind, each.given.earmark, each.fund, each.reservation, each._state.adding)
        for each in vouchers
    ]  # fmt: skip


def outcome(way, desk: Desk, moves: list[Move]) -> tuple:
    """What comes of the moves this way: the vouchers, empty if refused, and the books; undone again."""
    mark = transaction.savepoint()
    try:
        with transaction.atomic():
            vouchers = way(desk, moves)
    except (ValidationError, IntegrityError, journal._Unopened):
        vouchers = []
    if vouchers:
        assert [each.pk for each in vouchers] == list(Voucher.objects.order_by("pk").values_list("pk", flat=True))[
            -len(vouchers) :
        ]
    found = told(vouchers), state()
    transaction.savepoint_rollback(mark)
    return found


def drawn(dice: random.Random, funds, kept: list[Reservation], entered: list[Voucher]) -> list[Move]:
    """One to four sums, some too large, of one act or of several."""
    acts, moves = dice.choices(list(Act), k=dice.choice((1, 1, 4))), []
    for _each in range(dice.randint(1, 4)):
        act, amount = dice.choice(acts), dice.choice((1, 100, 300, 500, 2_500))
        fund, words = dice.choice(funds), f"第{len(moves)}号 100% '引号'"
        if dice.random() < 0.2:
            old = dice.choice(entered)
            moves.append(services._opposite(old, words))
        elif act in BINDS:
            row = dice.choice(kept)
            moves.append(Move(row.fund, act, row.source, amount, row.earmark, row, words=words))
        elif act in (Act.HAND_DOWN, Act.GET_DOWN):
            moves.append(Move(funds[0], Act.HAND_DOWN, Source.DUES, amount, words=words))
            moves.append(Move(funds[1], Act.GET_DOWN, Source.DUES, amount, below=True))
        else:
            moves.append(Move(fund, act, dice.choice((Source.DUES, Source.DUES, Source.FISCAL)), amount))
    return [replace(each, below=each.below and place > 0) for place, each in enumerate(moves)]


def test_both_enter_the_same_and_refuse_the_same(funds):
    dice, seen = random.Random(8), Counter()
    kept = list(Reservation.objects.select_related("fund").order_by("pk"))
    entered = list(Voucher.objects.select_related("fund", "taken", "given", "reservation__fund").order_by("pk"))
    for turn in range(ASKED):
        moves, desk = drawn(dice, funds, kept, entered), dice.choice((DESK, DESK, LATE))
        one, many = outcome(journal._at_once, desk, moves), outcome(journal._post, desk, moves)
        mixed = any(min(each) < 0 < max(each) for each in journal._changes(moves).values())
        if one[0] or not mixed:
            assert one == many, f"{turn}: {moves}"
        seen["mixed" if mixed and not one[0] else "done" if one[0] else "refused", len(moves) > 1] += 1
    assert min(seen[what, several] for what in ("done", "refused") for several in (True, False)) >= ASKED / 20
    assert seen["mixed", True]
    assert broken() == set()


def test_what_is_enough_only_in_the_end_is_refused_on_the_way(funds):
    """The books show every moment, and the second sum does not make up for the first."""
    row = Reservation.objects.select_related("fund").order_by("pk")[0]
    moves = [Move(row.fund, Act.SPEND, row.source, 700, "", row), Move(row.fund, Act.REPAY, row.source, 700, "", row)]
    before = state()
    assert "不够这笔 7.00" in refusal(journal.post, DESK, moves)["amount"][0]
    assert state() == before


def test_after_a_refusal_the_same_form_enters_what_may_be(funds):
    """The one message is undone by itself; the transaction around it goes on, and so do its numbers."""
    before = BookYear.objects.get(fund=funds[0], year=2026).last
    with transaction.atomic():
        with pytest.raises(ValidationError, match="预算还剩"):
            keep(funds[0], 3_000)
        services.receive(funds[0], DESK, source=Source.DUES, amount=1)
    assert BookYear.objects.get(fund=funds[0], year=2026).last == before + 1
    assert broken() == set()
