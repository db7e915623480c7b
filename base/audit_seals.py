"""Sealing the audit in batches, and showing afterwards that nobody touched it.

A seal closes a run of rows: it holds a keyed digest of each and one over all of them and the seal before, so that a row
changed, removed or put in between is named by its number. The key comes from ``SEAL_KEYS``, which the database does not
hold: whoever has only the database can break seals but not make them. ``docs/audit.md`` says what this does not show.
"""

import hmac
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from struct import Struct

from django.db import connection, transaction
from django.db.models import Max, QuerySet, TextField
from django.db.models.functions import Cast

from base.audit import Act
from base.models import AuditRow, AuditSeal
from base.sealed import sealing_key

BATCH = 1_000
"""Rows under one seal at most."""

PURPOSE = "audit.seal"
MARK = Struct(">q16s")
"""A row's number and the first half of its digest, as a seal keeps them."""

ANCHOR = re.compile(r"(\d{1,9}):([0-9a-f]{4}(?:-?[0-9a-f]{4}){3,15})")
_COLUMNS = ("pk", "at_text", "account", "actor", "address", "act", "subject", "reason", "allowed", "detail_text")


class Unsettled(Exception):
    """Somebody is still writing rows whose numbers lie among those to be sealed."""


class What(StrEnum):
    """What is wrong with a row or a seal."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    NO_KEY = "no_key"


@dataclass(frozen=True)
class Break:
    """One place where the audit does not hold: ``row`` or ``seal``, its number, what is wrong."""

    kind: str
    number: int
    what: What


@dataclass
class Verdict:
    """What a verification found; ``anchor`` is that of the last seal."""

    seals: int = 0
    rows: int = 0
    unsealed: int = 0
    anchor: str = ""
    breaks: list[Break] = field(default_factory=list)


def seal(*, now: datetime, patience: float = 10) -> int:
    """Seal what is not sealed yet, and return how many rows that were. Twice does nothing; two at once take turns.

    :param patience: how many seconds to wait for transactions that are writing audit rows.
    :raises Unsettled: if one of them takes longer; nothing was sealed then.
    """
    horizon, sealed = _settled(patience), 0
    while rows := _seal_next(horizon, now):
        sealed += rows
    return sealed


def _settled(patience: float) -> int:
    """The number up to which every row there will ever be is there already.

    Numbers are given out before the commit: a row may appear below one that has long been there. So whoever was writing
    when the highest number was read has to be done; those who come later get higher numbers and are not waited for.
    SQLite has one writer, whose numbers come in the order of the commits.
    """
    horizon = AuditRow.objects.aggregate(last=Max("pk"))["last"] or 0
    if connection.vendor != "postgresql":
        return horizon
    writing = _writers()
    for _ in range(int(patience * 10)):
        if not writing:
            break
        time.sleep(0.1)
        writing &= _writers()
    if writing:
        raise Unsettled
    return horizon


def _writers() -> set[str]:
    """The transactions of others that have begun to write audit rows: each holds this lock until its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT virtualtransaction FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE datname = current_database() AND relation = %s::regclass"
            " AND mode = 'RowExclusiveLock' AND pid IS DISTINCT FROM pg_backend_pid()",
            [AuditRow._meta.db_table],
        )
        return {transaction_id for (transaction_id,) in cursor.fetchall()}


@transaction.atomic
def _seal_next(horizon: int, now: datetime) -> int:
    """Put the next seal on at most :data:`BATCH` rows up to ``horizon``; returns how many it closed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {AuditSeal._meta.db_table} IN EXCLUSIVE MODE")
    before = last_seal()
    found = list(_rows().filter(pk__gt=before.last if before else 0, pk__lte=horizon)[:BATCH])
    if not found:
        return 0
    name, key = sealing_key(PURPOSE)
    new = AuditSeal(
        number=before.number + 1 if before else 1, first=found[0][0], last=found[-1][0], rows=len(found), at=now,
        key=name, marks=b"".join(MARK.pack(row[0], _mark(row, key)) for row in found),
        previous=before.digest if before else "",
    )  # fmt: skip
    new.digest = _digest(new, key)
    new.save(force_insert=True)
    return len(found)


def _rows() -> QuerySet:
    """Rows in the form that is sealed; moment and detail as the database spells them, whatever stands there."""
    spelled = {"at_text": Cast("at", TextField()), "detail_text": Cast("detail", TextField())}
    return AuditRow.objects.annotate(**spelled).order_by("pk").values_list(*_COLUMNS)


def _mark(row: tuple, key: bytes) -> bytes:
    return hmac.digest(key, _spelled(row), "sha256")[:16]


def _digest(new: AuditSeal, key: bytes) -> str:
    at = new.at.astimezone(UTC).isoformat()
    head = _spelled([new.number, new.first, new.last, new.rows, at, new.key, new.previous])
    return hmac.digest(key, head + b"\n" + bytes(new.marks), "sha256").hex()


def _spelled(values) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=repr).encode("utf-8", "replace")


def anchor_of(sealed: AuditSeal | None) -> str:
    """A seal in one line that can be written on paper: ``17:3f9a-02c4-77be-d81e``; empty without a seal."""
    if sealed is None:
        return ""
    return f"{sealed.number}:{'-'.join(sealed.digest[start : start + 4] for start in range(0, 16, 4))}"


def last_seal() -> AuditSeal | None:
    return AuditSeal.objects.defer("marks").order_by("-number").first()


def verify(anchor: str = "") -> Verdict:
    """Compute every digest again and compare.

    :param anchor: a seal as :func:`anchor_of` wrote it down earlier; without one, what the last verification saw. It is
        the only thing by which the removal of the newest seals shows.
    """
    verdict, before = Verdict(), None
    for sealed in AuditSeal.objects.order_by("number").iterator(chunk_size=20):
        broken = list(_broken(sealed, before))
        verdict.breaks += broken
        verdict.seals += 1
        verdict.rows += sealed.rows
        before = sealed
    verdict.breaks += _unanchored(anchor or _anchored_before())
    verdict.anchor = anchor_of(before)
    verdict.unsealed = AuditRow.objects.filter(pk__gt=before.last if before else 0).count()
    return verdict


def _broken(sealed: AuditSeal, before: AuditSeal | None) -> Iterator[Break]:
    """What is wrong with a seal or, if it holds itself, with its rows."""
    follows = sealed.number == (before.number + 1 if before else 1)
    if not follows:
        yield Break("seal", before.number + 1 if before else 1, What.MISSING)
    known = sealing_key(PURPOSE, sealed.key)
    if known is None:
        yield Break("seal", sealed.number, What.NO_KEY)
        return
    _name, key = known
    chained = not follows or sealed.previous == (before.digest if before else "")
    if not chained or not hmac.compare_digest(_digest(sealed, key), sealed.digest):
        yield Break("seal", sealed.number, What.CHANGED)
        return
    there = _rows().filter(pk__lte=sealed.last)
    if not follows:
        there = there.filter(pk__gte=sealed.first)
    elif before:
        there = there.filter(pk__gt=before.last)
    yield from _differing(dict(MARK.iter_unpack(sealed.marks)), {row[0]: _mark(row, key) for row in there})


def _differing(kept: dict[int, bytes], found: dict[int, bytes]) -> Iterator[Break]:
    for number in sorted(kept.keys() | found.keys()):
        if number not in found:
            yield Break("row", number, What.MISSING)
        elif number not in kept:
            yield Break("row", number, What.INSERTED)
        elif kept[number] != found[number]:
            yield Break("row", number, What.CHANGED)


def _unanchored(anchor: str) -> list[Break]:
    """The seal that was written down, if it is gone or another one bears its number."""
    parts = ANCHOR.fullmatch(anchor)
    if parts is None:
        return []
    number, digest = int(parts[1]), parts[2].replace("-", "")
    sealed = AuditSeal.objects.filter(pk=number).values_list("digest", flat=True).first()
    if sealed is None:
        return [Break("seal", number, What.MISSING)]
    return [] if sealed.startswith(digest) else [Break("seal", number, What.CHANGED)]


def last_verification() -> AuditRow | None:
    """The row that the last verification left."""
    return AuditRow.objects.filter(act=Act.VERIFY).order_by("-pk").first()


def _anchored_before() -> str:
    last = last_verification()
    return str(last.detail.get("anchor", "")) if last else ""
