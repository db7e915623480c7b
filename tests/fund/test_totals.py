"""What the books add up to over any period, against sums made by hand; the drawing of a year. Today is 2026-11-23."""

import random
from datetime import date, timedelta

import pytest

from base.money import Source
from fund import services
from fund.chart import FLOOR, drawn
from fund.models import Act, Kind, Use, Voucher
from fund.periods import month_of, said, span
from fund.totals import Month, balance, by_month, held, lines, months, totals
from tests.fund.money import broken, keep, opened
from tests.fund.test_books_pages import on

FIRST, LAST = date(2025, 1, 1), date(2026, 11, 23)


def random_day(dice) -> str:
    return (FIRST + timedelta(days=dice.randrange((LAST - FIRST).days + 1))).isoformat()


def by_hand(fund, first, last) -> dict[tuple, int]:
    """The same from the vouchers, one by one."""
    found: dict[tuple, int] = {}
    for each in Voucher.objects.filter(fund=fund).select_related("taken", "reservation").order_by("pk"):
        if first <= each.on <= last:
            use = each.reservation.use if each.reservation else ""
            key = (each.act, each.taken.source, each.taken.earmark, use)
            found[key] = found.get(key, 0) + (-1 if each.reverses_id else 1) * each.amount
    return {key: fen for key, fen in found.items() if fen}


def added(found) -> dict[tuple, int]:
    sums: dict[tuple, int] = {}
    for each in found:
        key = (each.act, each.source, each.earmark, each.use)
        sums[key] = sums.get(key, 0) + each.amount
    return {key: fen for key, fen in sums.items() if fen}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_any_period_adds_up_to_its_vouchers(cast, seed):
    dice, fund = random.Random(seed), opened(cast.committee)
    for number in range(40):
        source = dice.choice([Source.DUES, Source.FISCAL])
        earmark = dice.choice(["", "", Use.CHILDREN])
        made = services.receive(
            fund, on(random_day(dice)), source=source, amount=dice.randint(1_000, 9_000), earmark=earmark
        )
        if number % 5 == 0:
            services.reverse(made, on(LAST.isoformat()), words="记错")
        elif number % 3 == 0 and not earmark:
            kept = keep(fund, 900, source=source, subject=f"application:{number}")
            services.spend(kept, on(random_day(dice)), amount=500)
            services.repay(kept, on(random_day(dice)), amount=100)
    assert broken() == set()
    edges = [FIRST, LAST, date(2025, 1, 31), date(2025, 2, 1), date(2025, 12, 31), date(2026, 1, 1)]
    edges += [date.fromisoformat(random_day(dice)) for _ in range(12)]
    for first in edges:
        assert added(totals(fund, first)) == by_hand(fund, date.min, first), first
        for last in (each for each in edges if each >= first):
            assert added(totals(fund, last, first)) == by_hand(fund, first, last), (first, last)
    pots = fund.accounts.filter(kind__in=(Kind.AVAILABLE, Kind.RESERVED)).values_list("balance", flat=True)
    assert balance(fund, LAST) == sum(pots)
    found, whole = lines(totals(fund, date(2025, 12, 31)), by_month(fund, 2026))
    assert whole.held == sum(pots)
    for line in found:
        there = fund.accounts.filter(source=line.source)
        assert line.available == sum(there.filter(kind=Kind.AVAILABLE).values_list("balance", flat=True))
        assert line.reserved == sum(there.filter(kind=Kind.RESERVED).values_list("balance", flat=True))
    year = months(held(totals(fund, date(2025, 12, 31))), by_month(fund, 2026), 11)
    assert [each.held for each in year] == [balance(fund, month_of(f"2026-{each.month:02}")[1]) for each in year]
    assert {each.act for each in by_month(fund, 2026)} <= set(Act)


def test_periods_are_said_as_documents_say_them():
    assert said(*span(2026, "year")) == "2026 年度"
    assert said(*span(2026, "h2")) == "2026 年下半年"
    assert said(*span(2024, "q1")) == "2024 年一季度"
    assert span(2024, "q1")[1] == date(2024, 3, 31)
    assert said(date(2026, 2, 1), date(2026, 2, 28)) == "2026 年 2 月 1 日至2026 年 2 月 28 日"
    assert month_of("2024-02") == (date(2024, 2, 1), date(2024, 2, 29))


def test_a_year_is_drawn_to_scale_from_the_floor():
    chart = drawn([Month(1, income=30_000_000, out=15_000_000, held=15_000_000), Month(2, income=-5, held=14_999_995)])
    assert chart.unit == "万元"
    assert chart.axis[0] == (f"{FLOOR:.1f}", "0")
    assert chart.axis[-1][1] == "30"
    tall = {bar["kind"]: float(bar["tall"]) for bar in chart.bars}
    assert tall["in"] == 2 * tall["out"]
    assert len(chart.bars) == 2, "what came back has no bar downward"
    assert all(float(bar["y"]) + float(bar["tall"]) == pytest.approx(FLOOR, abs=0.11) for bar in chart.bars)
    assert chart.last["held"] == "15"


def test_a_year_without_money_and_one_with_very_much_are_drawn_too():
    assert drawn([Month(1)]).bars == []
    assert drawn([]).line == ""
    assert drawn([Month(1, income=123_456_700_000_000)]).axis[-1][1] == "150,000,000"
    assert drawn([Month(1, income=12_345)]).unit == "元"
