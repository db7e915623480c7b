"""The journal's one writer: numbers vouchers without gaps, keeps every balance at or above zero, locks in one order.

The rows of :class:`~fund.models.BookYear`, of accounts and of reservations are locked in this order, each in its own
order, for all sums of a call together; so whoever moves money in several books in one transaction does it in one
:func:`post`. PostgreSQL enters them all in one message, and its constraints refuse what may not be
(:mod:`fund.posting`): whoever waits for the same account waits for nothing else (docs/performance.md). What was refused
there, and everything on SQLite, is locked, judged here, which says why not, and written. Hence plain SQL.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from base.dates import civil_day
from base.fields import MOST_YUAN
from base.money import Source
from base.together import together
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

_TOTAL = ("fund_id", "year", "month", "act", "source", "earmark", "use", "amount", "vouchers")
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

    @cached_property
    def sides(self) -> tuple[tuple, tuple]:
        """The places of the accounts it is taken from and given to: the fund's key, kind, source and earmark."""
        taken, given = self.way
        fund = self.fund.pk
        return (fund, taken, self.source, self.earmark), (fund, given, self.source, self.earmark)

    @property
    def bound(self) -> tuple[int, int, int]:
        """What it adds to its reservation's ``unpaid`` and ``spent`` and to its year's ``used``."""
        sign = -self.amount if self.reverses else self.amount
        unpaid, spent, used = BINDS.get(self.act, (0, 0, 0))
        return sign * unpaid, sign * spent, sign * used


def said(fen: int) -> str:
    """``1,200.00``"""
    return f"{fen // 100:,}.{fen % 100:02}"


class _Unopened(Exception):
    """A year or an account that is posted to has no row yet."""


def post(desk: Desk, moves: Sequence[Move]) -> list[Voucher]:
    """Enter the sums, all or none, in the order given.

    A move ``below`` is the lower book's side of the move before it.

    :raises ValidationError: keyed by ``amount``, ``on`` or ``source``, if a day, a sum or a balance does not allow it.
    """
    for move in moves:
        refuse_day(move.fund, desk)
        if not 0 < move.amount <= MOST_YUAN * 100:
            raise ValidationError({"amount": "金额要大于零，不超过一亿元。请核对。"})
    if vouchers := _at_once(desk, moves):
        return vouchers
    try:
        return _post(desk, moves)
    except _Unopened:
        _open(desk, moves)
        return _post(desk, moves)


def _at_once(desk: Desk, moves: Sequence[Move]) -> list[Voucher]:
    """Enter the sums in one message; where there is no such way, or the database refuses, none is entered."""
    changes = _changes(moves)
    # What is allowed at the end was allowed all along only where nothing goes up and down.
    if connection.vendor != "postgresql" or any(min(each) < 0 < max(each) for each in changes.values()):
        return []
    vouchers = [_blank(desk, move) for move in moves]
    years, places = _years(desk, moves), _places(moves)
    asked = _asked(desk, moves, years, places, changes)
    with connection.cursor() as cursor:
        cursor.execute(_POST, (desk.on, desk.now, desk.account, json.dumps(asked)))
        lasts, ids, balances, keys = cursor.fetchone()
    if keys is None:
        return []
    accounts = {key: BookAccount(pk, *key, held) for key, pk, held in zip(places, ids, balances, strict=True)}
    last = dict(zip(years, lasts, strict=True))
    for move, voucher in zip(moves, vouchers, strict=True):
        _take(move, voucher, accounts)
        last[voucher.fund_id, voucher.year] += 1
        voucher.number = last[voucher.fund_id, voucher.year]
    _entered(moves, vouchers, keys)
    return vouchers


_POST = "SELECT lasts, ids, balances, keys FROM fund_post(%s, %s, %s, %s)"


def _changes(moves: Sequence[Move]) -> dict[tuple, list[int]]:
    """What the sums add, one by one, to accounts by place, to years by (fund, year), to reservations by (key, name)."""
    found = defaultdict(list)
    for move in moves:
        taken, given = move.sides
        found[taken].append(-move.amount)
        found[given].append(move.amount)
        if row := move.reservation:
            counters = (row.pk, "unpaid"), (row.pk, "spent"), (move.fund.pk, row.year)
            for counter, more in zip(counters, move.bound, strict=True):
                found[counter].append(more)
    return found


def _asked(desk: Desk, moves: Sequence[Move], years, places, changes: dict[tuple, list[int]]) -> dict[str, list]:
    """What :mod:`fund.posting` is asked to enter."""
    numbers, on = _numbers(desk, moves), desk.on.year
    change = {key: sum(each) for key, each in changes.items()}
    nth = {key: n for keys in (years, places) for n, key in enumerate(keys, 1)}
    return {
        "years": [{"fund": f, "year": y, "vouchers": numbers[f, y], "used": change.get((f, y), 0)} for f, y in years],
        "accounts": [
            {"fund": f, "kind": k, "source": s, "earmark": e, "change": change[f, k, s, e]} for f, k, s, e in places
        ],
        "reservations": [{"id": r, "unpaid": change[r, "unpaid"], "spent": change[r, "spent"]} for r in _kept(moves)],
        "totals": [dict(zip(_TOTAL, row, strict=True)) for row in _totals(desk, moves)],
        "vouchers": [
            {
                "fund": move.fund.pk, "act": move.act, "amount": move.amount, "words": move.words, "below": move.below,
                "reservation": move.reservation and move.reservation.pk,
                "reverses": move.reverses and move.reverses.pk, "book": nth[move.fund.pk, on],
                "taken": nth[move.sides[0]], "given": nth[move.sides[1]],
            }
            for move in moves
        ],
    }  # fmt: skip


@transaction.atomic
def _post(desk: Desk, moves: Sequence[Move]) -> list[Voucher]:
    vouchers = [_blank(desk, move) for move in moves]  # before anybody has to wait for it
    years, accounts, kept = _locked(desk, moves)
    used = {key: year.used for key, year in years.items()}
    for move, voucher in zip(moves, vouchers, strict=True):
        _bind(move, kept, years)
        _refuse_overdraft(move, accounts)
        _take(move, voucher, accounts)
    for voucher in reversed(vouchers):
        year = years[voucher.fund_id, voucher.year]
        voucher.number, year.last = year.last, year.last - 1
    changed = [each for key, each in years.items() if each.used != used[key]]
    more = [("UPDATE fund_bookyear SET used = %s WHERE id = %s", (each.used, each.pk)) for each in changed]
    _write(moves, vouchers, accounts.values(), kept.values(), [*more, _add_totals(_totals(desk, moves))])
    return vouchers


def refuse_day(fund: Fund, desk: Desk) -> None:
    """:raises ValidationError: on ``on``, for a day that is not over the books: to come, or before they were opened."""
    if desk.on > civil_day(desk.now):
        raise ValidationError({"on": "日期在今天以后，还没有发生的不能记账。请改日期。"})
    if desk.on < fund.opened_on:
        raise ValidationError({"on": f"资金 {fund.opened_on:%Y-%m-%d} 设立，不能记在此前。请改日期。"})


def lock_years(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], BookYear]:
    """The years' rows, locked until the transaction ends. ``wanted``: (fund's key, year).

    What is missing is made before the first is locked: who makes one waits for others who do, and must hold nothing.
    """
    asked, rows = sorted(wanted), BookYear.objects.order_by("pk")
    there = rows.filter(fund__in={fund for fund, _ in asked}, year__in={year for _, year in asked})
    there = set(there.values_list("fund", "year"))
    _make_years(each for each in asked if each not in there)
    return {(fund, year): rows.select_for_update().get(fund=fund, year=year) for fund, year in asked}


def _make_years(wanted: Iterable[tuple[int, int]]) -> None:
    years = [BookYear(fund_id=fund, year=year) for fund, year in wanted]
    BookYear.objects.bulk_create(years, ignore_conflicts=True)


def _numbers(desk: Desk, moves: Sequence[Move]) -> dict[tuple[int, int], int]:
    """How many numbers are taken, by (fund's key, year)."""
    return Counter((move.fund.pk, desk.on.year) for move in moves)


def _years(desk: Desk, moves: Sequence[Move]) -> list[tuple[int, int]]:
    """The book years whose rows are locked, as (fund's key, year), in the order of locking."""
    own = {(move.fund.pk, desk.on.year) for move in moves}
    return sorted(own | {(move.fund.pk, move.reservation.year) for move in moves if move.reservation})


def _places(moves: Sequence[Move]) -> list[tuple]:
    """The places whose accounts are locked, in the order of locking."""
    return sorted({side for move in moves for side in move.sides})


def _kept(moves: Sequence[Move]) -> list[int]:
    """The keys of the reservations that are locked, in the order of locking."""
    return sorted({move.reservation.pk for move in moves if move.reservation})


def _open(desk: Desk, moves: Sequence[Move]) -> None:
    """Make rows for years and accounts that have none; empty ones say nothing, so they may stay if a sum is refused."""
    _make_years(_years(desk, moves))
    accounts = [BookAccount(fund_id=f, kind=k, source=s, earmark=e) for f, k, s, e in _places(moves)]
    BookAccount.objects.bulk_create(accounts, ignore_conflicts=True)


def _locked(desk: Desk, moves: Sequence[Move]) -> tuple[dict, dict, dict]:
    """The rows of years by (fund, year), of accounts by place, of reservations by key; the numbers are taken.

    :raises _Unopened: if one is missing.
    """
    numbers = _numbers(desk, moves)
    years = {key: BookYear(fund_id=key[0], year=key[1]) for key in _years(desk, moves)}
    accounts = {key: BookAccount(**dict(zip(_PLACE, key, strict=True))) for key in _places(moves)}
    keys = _kept(moves)
    found = together(
        [(_NUMBERS, (numbers[key], *key)) for key in years]
        + [(_ACCOUNT + _lock(), key) for key in accounts]
        + [(_RESERVATION + _lock(), (key,)) for key in keys]
    )
    if not all(found):
        raise _Unopened
    rows = iter(each for [each] in found)
    for year in years.values():
        year.pk, year.last, year.used, year.budget = next(rows)
    for account in accounts.values():
        account.pk, account.balance = next(rows)
    return years, accounts, {key: Reservation(pk=key, **dict(zip(_KEPT, next(rows), strict=True))) for key in keys}


_NUMBERS = """
    UPDATE fund_bookyear SET last = last + %s WHERE fund_id = %s AND year = %s RETURNING id, last, used, budget
"""
_PLACE = ("fund_id", "kind", "source", "earmark")
_ACCOUNT = f"SELECT id, balance FROM fund_bookaccount WHERE {' AND '.join(f'{name} = %s' for name in _PLACE)}"
_KEPT = ("year", "amount", "unpaid", "spent")
_RESERVATION = f"SELECT {', '.join(_KEPT)} FROM fund_reservation WHERE id = %s"


def _lock() -> str:
    """The end of a statement whose row is locked; SQLite has one writer anyway."""
    return " FOR UPDATE" if connection.vendor == "postgresql" else ""


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
    year = years[move.fund.pk, row.year]
    year.used += used
    if used > 0 and year.budget is not None and year.used > year.budget:
        free = said(max(0, year.budget - year.used + used))
        raise ValidationError(
            {"amount": f"{year.year} 年预算还剩 {free}，不够这笔 {said(move.amount)}。请减少金额或先调整预算。"}
        )


def _totals(desk: Desk, moves: Sequence[Move]) -> list[tuple]:
    """What the sums add to the totals of the day's month, which the locks on the years hold still."""
    sums, counts = Counter(), Counter()
    for move in moves:
        use = move.reservation.use if move.reservation else ""
        words = (str(each) for each in (move.act, move.source, move.earmark, use))
        key = (move.fund.pk, desk.on.year, desk.on.month, *words)
        sign = -1 if move.reverses else 1
        sums[key] += sign * move.amount
        counts[key] += sign
    return [(*key, sums[key], counts[key]) for key in sums]


def _add_totals(rows: Sequence[tuple]) -> tuple[str, list]:
    """The statement that adds to them."""
    row = f"({', '.join(['%s'] * len(_TOTAL))})"
    statement = f"INSERT INTO fund_monthtotal ({', '.join(_TOTAL)}) VALUES {', '.join([row] * len(rows))} {_ADDS}"
    return statement, [value for each in rows for value in each]


def _blank(desk: Desk, move: Move) -> Voucher:
    """The voucher of a sum as far as it is known before anything is locked."""
    known = {
        "fund_id": move.fund.pk, "year": desk.on.year, "act": move.act, "on": desk.on, "at": desk.now,
        "account": desk.account, "amount": move.amount, "reverses_id": move.reverses and move.reverses.pk,
        "words": move.words,
    }  # fmt: skip
    voucher = Voucher(None, *map(known.get, _COLUMNS))  # by name it takes Django three times as long
    voucher.fund, voucher.reservation = move.fund, move.reservation
    return voucher


def _refuse_overdraft(move: Move, accounts: dict[tuple, BookAccount]) -> None:
    """:raises ValidationError: on ``amount``, if the account it is taken from does not hold it."""
    taken = accounts[move.sides[0]]
    if taken.kind not in OUTSIDE and taken.balance < move.amount:
        raise ValidationError(
            {
                "amount": f"{Source(move.source).label}{Kind(taken.kind).label} {said(taken.balance)}，"
                f"不够这笔 {said(move.amount)}。请换来源或减少金额。"
            }
        )


def _take(move: Move, voucher: Voucher, accounts: dict[tuple, BookAccount]) -> None:
    """Take the sum from one account and give it to the other; the voucher says what they hold after it."""
    taken, given = map(accounts.get, move.sides)
    taken.balance -= move.amount
    given.balance += move.amount
    voucher.taken, voucher.taken_balance = taken, taken.balance
    voucher.given, voucher.given_balance = given, given.balance


def _write(moves: Sequence[Move], vouchers: list[Voucher], accounts, kept, more: list[tuple]) -> None:
    """Write what was judged, and what ``more`` statements say; the vouchers have keys then."""
    found = together(
        [("UPDATE fund_bookaccount SET balance = %s WHERE id = %s", (each.balance, each.pk)) for each in accounts]
        + [("UPDATE fund_reservation SET unpaid = %s, spent = %s WHERE id = %s", (each.unpaid, each.spent, each.pk))
           for each in kept]
        + more
        + [_insert(voucher, vouchers[place - 1] if move.below else None)
           for place, (move, voucher) in enumerate(zip(moves, vouchers, strict=True))]
    )  # fmt: skip
    _entered(moves, vouchers, [key for [[key]] in found[-len(vouchers) :]])


def _entered(moves: Sequence[Move], vouchers: Sequence[Voucher], keys: Sequence[int]) -> None:
    """Let the vouchers know that they are in the database."""
    for place, (move, voucher, key) in enumerate(zip(moves, vouchers, keys, strict=True)):
        voucher.pk, voucher._state.adding = key, False
        if move.below:
            voucher.upper = vouchers[place - 1]


_COLUMNS = [field.attname for field in Voucher._meta.concrete_fields if not field.primary_key]
_ON, _AT, _UP = map(_COLUMNS.index, ("on", "at", "upper_id"))
_VALUES = ["%s"] * len(_COLUMNS)
_INSERT = f"""INSERT INTO fund_voucher ("{'", "'.join(_COLUMNS)}") VALUES (%s) RETURNING id"""
_UPPER = "(SELECT id FROM fund_voucher WHERE fund_id = %s AND year = %s AND number = %s)"
_BELOW = _INSERT.replace("%s", ", ".join([*_VALUES[:_UP], _UPPER, *_VALUES[_UP + 1 :]]))
_INSERT = _INSERT.replace("%s", ", ".join(_VALUES))


def _insert(voucher: Voucher, upper: Voucher | None) -> tuple:
    """The statement that writes one voucher; the upper one has no key yet, so its number names it."""
    values = [getattr(voucher, name) for name in _COLUMNS]
    values[_ON] = connection.ops.adapt_datefield_value(voucher.on)
    values[_AT] = connection.ops.adapt_datetimefield_value(voucher.at)
    if upper is None:
        return _INSERT, tuple(values)
    values[_UP : _UP + 1] = upper.fund_id, upper.year, upper.number
    return _BELOW, tuple(values)
