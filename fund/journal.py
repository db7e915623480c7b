"""The journal's one writer: numbers vouchers without gaps, keeps every balance at or above zero, locks in one order.

The rows of :class:`~fund.models.BookYear`, of accounts and of reservations are locked in this order, each by key, for
all sums of a call together; so whoever moves money in several books in one transaction does it in one :func:`post`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F

from base.dates import civil_day
from base.fields import MOST_YUAN
from base.money import Source
from fund.models import Act, BookAccount, BookYear, Fund, Kind, Reservation, Voucher
from fund.models.books import OUTSIDE

WAYS = {
    Act.RECEIVE: (Kind.INCOME, Kind.AVAILABLE),
    Act.HAND_DOWN: (Kind.AVAILABLE, Kind.PASSED),
    Act.GET_DOWN: (Kind.PASSED, Kind.AVAILABLE),
    Act.RESERVE: (Kind.AVAILABLE, Kind.RESERVED),
    Act.RELEASE: (Kind.RESERVED, Kind.AVAILABLE),
    Act.SPEND: (Kind.RESERVED, Kind.SPENT),
    Act.REPAY: (Kind.SPENT, Kind.AVAILABLE),
}
"""Between which accounts of one source each act moves its sum."""

BINDS = {Act.RESERVE: (1, 0, 1), Act.RELEASE: (-1, 0, -1), Act.SPEND: (-1, 1, 0), Act.REPAY: (0, -1, -1)}
"""What an act adds to ``unpaid`` and ``spent`` of its reservation and to ``used`` of the budget year."""

_TOTAL = "(fund_id, year, month, act, source, earmark, use, amount, vouchers)"
_ADDS = """
    ON CONFLICT (fund_id, year, month, act, source, earmark, use) DO UPDATE SET
        amount = fund_monthtotal.amount + EXCLUDED.amount, vouchers = fund_monthtotal.vouchers + EXCLUDED.vouchers
"""


@dataclass(frozen=True)
class Desk:
    """Who enters what happened on which day, and the moment of the voucher. ``account``: its number, or ``None``."""

    on: date
    now: datetime
    account: int | None = None


@dataclass(frozen=True)
class Move:
    """One sum in fen within one fund, source and earmark; with ``reverses`` it goes the way back."""

    fund: Fund
    act: Act
    source: str
    amount: int
    earmark: str = ""
    reservation: Reservation | None = None
    reverses: Voucher | None = None
    words: str = ""
    below: bool = False

    @property
    def way(self) -> tuple[Kind, Kind]:
        """The kinds of account it is taken from and given to."""
        taken, given = WAYS[self.act]
        return (given, taken) if self.reverses else (taken, given)

    def place(self, kind: Kind) -> tuple:
        return self.fund.pk, kind, self.source, self.earmark

    @property
    def bound(self) -> tuple[int, int, int]:
        """What it adds to its reservation's ``unpaid`` and ``spent`` and to its year's ``used``."""
        sign = -self.amount if self.reverses else self.amount
        unpaid, spent, used = BINDS.get(self.act, (0, 0, 0))
        return sign * unpaid, sign * spent, sign * used


def said(fen: int) -> str:
    """``1,200.00``"""
    return f"{fen // 100:,}.{fen % 100:02}"


@transaction.atomic
def post(desk: Desk, moves: Sequence[Move]) -> list[Voucher]:
    """Enter the sums, all or none, in the order given.

    A move ``below`` is the lower book's side of the move before it.

    :raises ValidationError: keyed by ``amount``, ``on`` or ``source``, if a day, a sum or a balance does not allow it.
    """
    for move in moves:
        refuse_day(move.fund, desk)
        if not 0 < move.amount <= MOST_YUAN * 100:
            raise ValidationError({"amount": "金额要大于零，不超过一亿元。请核对。"})
    years = lock_years({(move.fund.pk, year) for move in moves for year in _years(desk, move)})
    accounts = _locked_accounts({move.place(kind) for move in moves for kind in move.way})
    kept = _locked_reservations({move.reservation.pk for move in moves if move.reservation})
    vouchers: list[Voucher] = []
    for move in moves:
        _bind(move, kept, years)
        vouchers.append(_enter(desk, move, years[move.fund.pk, desk.on.year], accounts, vouchers))
    BookYear.objects.bulk_update(years.values(), ["last", "used"])
    _add_up(desk, moves)
    return vouchers


def refuse_day(fund: Fund, desk: Desk) -> None:
    """:raises ValidationError: on ``on``, for a day that is not over the books: to come, or before they were opened."""
    if desk.on > civil_day(desk.now):
        raise ValidationError({"on": "日期在今天以后，还没有发生的不能记账。请改日期。"})
    if desk.on < fund.opened_on:
        raise ValidationError({"on": f"资金 {fund.opened_on:%Y-%m-%d} 设立，不能记在此前。请改日期。"})


def _years(desk: Desk, move: Move) -> set[int]:
    return {desk.on.year} | ({move.reservation.year} if move.reservation else set())


def lock_years(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], BookYear]:
    """The years' rows, locked until the transaction ends. ``wanted``: (fund's key, year)."""
    found = {}
    for fund, year in sorted(wanted):
        rows = BookYear.objects.select_for_update().filter(fund=fund, year=year).order_by("pk")
        if not (row := rows.first()):
            BookYear.objects.get_or_create(fund_id=fund, year=year)
            row = rows.get()
        found[fund, year] = row
    return found


def _locked_accounts(wanted: set[tuple]) -> dict[tuple, BookAccount]:
    there = BookAccount.objects.filter(fund__in={place[0] for place in wanted})
    keys = {tuple(place): pk for pk, *place in there.values_list("pk", "fund", "kind", "source", "earmark")}
    for fund, kind, source, earmark in sorted(wanted - keys.keys()):
        new, _fresh = BookAccount.objects.get_or_create(fund_id=fund, kind=kind, source=source, earmark=earmark)
        keys[fund, kind, source, earmark] = new.pk
    locked = BookAccount.objects.select_for_update().filter(pk__in=[keys[place] for place in wanted]).order_by("pk")
    return {(each.fund_id, each.kind, each.source, each.earmark): each for each in locked}


def _locked_reservations(keys: set[int]) -> dict[int, Reservation]:
    rows = Reservation.objects.select_for_update().filter(pk__in=keys).order_by("pk")
    return {each.pk: each for each in rows}


def _bind(move: Move, kept: dict[int, Reservation], years: dict[tuple[int, int], BookYear]) -> None:
    """Count the sum against its reservation and its year's budget."""
    if move.reservation is None:
        return
    row = kept[move.reservation.pk]
    unpaid, spent, used = move.bound
    if row.unpaid + unpaid < 0:
        raise ValidationError(
            {"amount": f"这笔预留待付 {said(row.unpaid)}，不够这笔 {said(move.amount)}。请核对是否已经支付或解除。"}
        )
    if row.spent + spent < 0:
        raise ValidationError(
            {"amount": f"这笔预留已付 {said(row.spent)}，不够退 {said(move.amount)}。请核对是否已经退过。"}
        )
    if row.unpaid + unpaid + row.spent + spent > row.amount:
        raise ValidationError({"amount": "冲销后会超过原来预留的金额。请重新预留。"})
    row.unpaid, row.spent = row.unpaid + unpaid, row.spent + spent
    row.save(update_fields=["unpaid", "spent"])
    year = years[move.fund.pk, row.year]
    year.used += used
    if used > 0 and year.budget is not None and year.used > year.budget:
        free = said(max(0, year.budget - year.used + used))
        raise ValidationError(
            {"amount": f"{year.year} 年预算还剩 {free}，不够这笔 {said(move.amount)}。请减少金额或先调整预算。"}
        )


def _add_up(desk: Desk, moves: Sequence[Move]) -> None:
    """Add the sums to the totals of the day's month, which the locks on the years hold still."""
    sums, counts = Counter(), Counter()
    for move in moves:
        use = move.reservation.use if move.reservation else ""
        words = (str(each) for each in (move.act, move.source, move.earmark, use))
        key = (move.fund.pk, desk.on.year, desk.on.month, *words)
        sign = -1 if move.reverses else 1
        sums[key] += sign * move.amount
        counts[key] += sign
    values = [value for key in sums for value in (*key, sums[key], counts[key])]
    row = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO fund_monthtotal {_TOTAL} VALUES {', '.join([row] * len(sums))} {_ADDS}", values)


def _enter(
    desk: Desk, move: Move, year: BookYear, accounts: dict[tuple, BookAccount], before: list[Voucher]
) -> Voucher:
    taken, given = (accounts[move.place(kind)] for kind in move.way)
    if taken.kind not in OUTSIDE and taken.balance < move.amount:
        raise ValidationError(
            {
                "amount": f"{Source(move.source).label}{Kind(taken.kind).label} {said(taken.balance)}，"
                f"不够这笔 {said(move.amount)}。请换来源或减少金额。"
            }
        )
    for account, change in ((taken, -move.amount), (given, move.amount)):
        BookAccount.objects.filter(pk=account.pk).update(balance=F("balance") + change)
        account.balance += change
    year.last += 1
    return Voucher.objects.create(
        fund=move.fund, year=year.year, number=year.last, act=move.act, on=desk.on, at=desk.now, account=desk.account,
        taken=taken, given=given, amount=move.amount, taken_balance=taken.balance, given_balance=given.balance,
        reservation=move.reservation, reverses=move.reverses, upper=before[-1] if move.below else None,
        words=move.words,
    )  # fmt: skip
