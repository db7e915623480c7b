"""Sealing the journal in batches, by book and year, as :mod:`base.audit_seals` seals the audit.

Numbers of a book's year are given out under its lock and committed in their order, so a batch is a run of numbers that
are all there, and sealing waits for nobody. The newest vouchers, until they are sealed, are held by the guards alone.
"""

import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from base.sealed import sealing_key
from fund.journal import lock_years
from fund.models import BookYear, JournalSeal, Voucher

BATCH = 1_000
"""Vouchers under one seal at most."""

PURPOSE = "fund.journal.seal"
MARK = 16
"""Bytes of a voucher's digest that a seal keeps."""

_COLUMNS = (
    "number", "pk", "act", "on_text", "at_text", "account", "taken", "given", "amount", "taken_balance",
    "given_balance", "reservation", "reverses", "upper", "words", "donation__receipt", "donor_text",
    "donation__anonymous",
)  # fmt: skip


def seal(*, now: datetime) -> int:
    """Seal what is not sealed yet; returns how many vouchers that were. Twice does nothing."""
    sealed = Coalesce(Max("fund__seals__last", filter=Q(fund__seals__year=F("year"))), 0)
    open_years = BookYear.objects.annotate(sealed=sealed).filter(last__gt=F("sealed")).order_by("fund", "year")
    return sum(_seal_year(each.fund_id, each.year, now) for each in open_years)


def _seal_year(fund: int, year: int, now: datetime) -> int:
    count = 0
    while batch := _seal_next(fund, year, now):
        count += batch
    return count


@transaction.atomic
def _seal_next(fund: int, year: int, now: datetime) -> int:
    lock_years({(fund, year)})
    before = _seals(fund, year).last()
    rows = list(_rows(fund, year).filter(number__gt=before.last if before else 0)[:BATCH])
    if not rows:
        return 0
    name, key = sealing_key(PURPOSE)
    new = JournalSeal(
        fund_id=fund, year=year, first=rows[0][0], last=rows[-1][0], at=now, key=name,
        marks=b"".join(_mark(row, key) for row in rows), previous=before.digest if before else "",
    )  # fmt: skip
    new.digest = _digest(new, key)
    new.save(force_insert=True)
    return len(rows)


def broken() -> Iterator[tuple[int, int, int, str]]:
    """What the seals do not hold of any more: (fund, year, number, what is wrong)."""
    for fund, year in JournalSeal.objects.order_by("fund", "year").values_list("fund", "year").distinct():
        yield from ((fund, year, number, what) for number, what in _broken_in(fund, year))


def _broken_in(fund: int, year: int) -> Iterator[tuple[int, str]]:
    before = None
    for each in _seals(fund, year).iterator(chunk_size=20):
        follows = each.first == (before.last + 1 if before else 1)
        known = sealing_key(PURPOSE, each.key)
        if known is None:
            yield each.first, f"封条的密钥 {each.key} 不在 SEAL_KEYS 里"
            return
        chained = each.previous == (before.digest if before else "")
        if not (follows and chained and hmac.compare_digest(_digest(each, known[1]), each.digest)):
            yield each.first, "封条被改动或不见了"
            return
        yield from _differing(each, known[1])
        before = each


def _differing(each: JournalSeal, key: bytes) -> Iterator[tuple[int, str]]:
    marks = bytes(each.marks)
    rows = _rows(each.fund_id, each.year).filter(number__gte=each.first, number__lte=each.last)
    found = {row[0]: _mark(row, key) for row in rows}
    for place, number in enumerate(range(each.first, each.last + 1)):
        if number not in found:
            yield number, "不见了"
        elif found[number] != marks[place * MARK : (place + 1) * MARK]:
            yield number, "封存以后被改动"


def _seals(fund: int, year: int) -> QuerySet:
    return JournalSeal.objects.filter(fund=fund, year=year).order_by("first")


def _rows(fund: int, year: int) -> QuerySet:
    """Vouchers in the form that is sealed; days, moments and donors as the database has them, whatever stands there."""
    spelled = {
        f"{name}_text": Cast(column, TextField())
        for name, column in (("on", "on"), ("at", "at"), ("donor", "donation__donor"))
    }
    found = Voucher.objects.filter(fund=fund, year=year).annotate(**spelled)
    return found.order_by("number").values_list(*_COLUMNS)


def _mark(row: tuple, key: bytes) -> bytes:
    return hmac.digest(key, _spelled(row), "sha256")[:MARK]


def _digest(new: JournalSeal, key: bytes) -> str:
    at = new.at.astimezone(UTC).isoformat()
    head = _spelled([new.fund_id, new.year, new.first, new.last, at, new.key, new.previous])
    return hmac.digest(key, head + b"\n" + bytes(new.marks), "sha256").hex()


def _spelled(values) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=repr).encode("utf-8", "replace")
