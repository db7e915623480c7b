"""Proving the books: each invariant is one SELECT that finds the rows which break it, whoever wrote them.

They read the tables and trust no code; each sees one moment, so money may move meanwhile. Names are those of the
invariants agreed for the fund (trust.md, I1 to I12).
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import connection

from fund.invariants import FROZEN, OF_APPLICATIONS, RATIO, Invariant, astray, rewritten
from fund.models import BookCheck, Voucher
from fund.sealing import broken

_SIDES = """
    WITH sides AS (
        SELECT id, fund_id, year, number, taken_id AS account_id, -amount AS change, taken_balance AS noted
        FROM fund_voucher
        UNION ALL
        SELECT id, fund_id, year, number, given_id, amount, given_balance FROM fund_voucher
    )
"""
_PREFIX = f"""{_SIDES}, running AS (
        SELECT sides.*, SUM(change) OVER (PARTITION BY account_id ORDER BY id) AS balance FROM sides
    )
"""
_OUTSIDE = "('income', 'passed')"


def _bound(code: str, words: str, *, column: str, signs: str, table: str, join: str, year: str) -> Invariant:
    """A counter that is the sum of the vouchers of some acts, of which reversals count against."""
    sums = f"""
        COALESCE(SUM(CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END * e.amount * CASE e.act {signs} ELSE 0 END), 0)
    """
    return Invariant(
        code, words,
        f"SELECT c.fund_id, c.{year}, 0, c.id FROM {table} c {join}"
        f" GROUP BY c.id, c.fund_id, c.{year}, c.{column} HAVING c.{column} <> {sums}",
    )  # fmt: skip


_OF_RESERVATION = {
    "table": "fund_reservation", "join": "LEFT JOIN fund_voucher e ON e.reservation_id = c.id", "year": "year",
}  # fmt: skip

INVARIANTS = (
    Invariant(
        "I1", "每号凭证在一个账、一种款源、一种指定用途之内，从一个科目到另一个科目，合计为零",
        """
        SELECT e.fund_id, e.year, e.number, e.id FROM fund_voucher e
        LEFT JOIN fund_bookaccount t ON t.id = e.taken_id LEFT JOIN fund_bookaccount g ON g.id = e.given_id
        WHERE e.amount <= 0 OR t.id IS NULL OR g.id IS NULL OR t.id = g.id OR t.fund_id <> e.fund_id
            OR g.fund_id <> e.fund_id OR t.source <> g.source OR t.earmark <> g.earmark
        """,
    ),
    Invariant(
        "I2", "每个账全部科目合计为零",
        "SELECT fund_id, 0, 0, SUM(balance) FROM fund_bookaccount GROUP BY fund_id, source, earmark"
        " HAVING SUM(balance) <> 0",
    ),
    Invariant(
        "I3", "任何时刻任何科目不为负",
        f"""{_PREFIX}
        SELECT r.fund_id, r.year, r.number, r.account_id FROM running r JOIN fund_bookaccount a ON a.id = r.account_id
        WHERE r.balance < 0 AND a.kind NOT IN {_OUTSIDE}
        UNION ALL
        SELECT fund_id, 0, 0, id FROM fund_bookaccount WHERE balance < 0 AND kind NOT IN {_OUTSIDE}
        """,
    ),
    Invariant(
        "I4", "科目余额等于凭证之和，每号凭证记下的余额也是",
        f"""{_PREFIX}
        SELECT fund_id, year, number, account_id FROM running WHERE balance <> noted
        UNION ALL
        SELECT a.fund_id, 0, 0, a.id FROM fund_bookaccount a LEFT JOIN sides s ON s.account_id = a.id
        GROUP BY a.id, a.fund_id, a.balance HAVING a.balance <> COALESCE(SUM(s.change), 0)
        """,
    ),
    _bound(
        "I4-unpaid", "预留的待付数等于凭证之和", column="unpaid",
        signs="WHEN 'reserve' THEN 1 WHEN 'release' THEN -1 WHEN 'spend' THEN -1", **_OF_RESERVATION,
    ),
    _bound(
        "I4-spent", "预留的已付数等于凭证之和", column="spent",
        signs="WHEN 'spend' THEN 1 WHEN 'repay' THEN -1", **_OF_RESERVATION,
    ),
    _bound(
        "I4-used", "预算占用数等于凭证之和", column="used",
        signs="WHEN 'reserve' THEN 1 WHEN 'release' THEN -1 WHEN 'repay' THEN -1", table="fund_bookyear", year="year",
        join="LEFT JOIN fund_reservation v ON v.fund_id = c.fund_id AND v.year = c.year"
        " LEFT JOIN fund_voucher e ON e.reservation_id = v.id",
    ),
    Invariant(
        "I4-month", "月度发生额等于凭证之和",
        """
        WITH signed AS (
            SELECT e.*, CASE WHEN e.reverses_id IS NULL THEN 1 ELSE -1 END AS n FROM fund_voucher e
        ), sums AS (
            SELECT e.fund_id, e.year, CAST(SUBSTR(CAST(e."on" AS TEXT), 6, 2) AS INTEGER) AS month, e.act, t.source,
                t.earmark, COALESCE(v.use, '') AS use, e.n, e.n * e.amount AS amount
            FROM signed e JOIN fund_bookaccount t ON t.id = e.taken_id
            LEFT JOIN fund_reservation v ON v.id = e.reservation_id
            UNION ALL
            SELECT fund_id, year, month, act, source, earmark, use, -vouchers, -amount FROM fund_monthtotal
        )
        SELECT fund_id, year, 0, MIN(month) FROM sums GROUP BY fund_id, year, month, act, source, earmark, use
        HAVING SUM(n) <> 0 OR SUM(amount) <> 0
        """,
    ),
    Invariant(
        "I4-pot", "动用预留的凭证与预留同账、同款源、同指定用途",
        """
        SELECT e.fund_id, e.year, e.number, e.id FROM fund_voucher e
        JOIN fund_bookaccount t ON t.id = e.taken_id LEFT JOIN fund_reservation v ON v.id = e.reservation_id
        WHERE (e.act IN ('reserve', 'release', 'spend', 'repay')
                AND (v.id IS NULL OR v.fund_id <> e.fund_id OR v.source <> t.source OR v.earmark <> t.earmark))
            OR (v.id IS NOT NULL AND e.act IN ('receive', 'hand_down', 'get_down'))
        """,
    ),
    Invariant(
        "I6", "每号至多冲销一次，冲销恰是原来的反向，不冲销冲销",
        """
        SELECT e.fund_id, e.year, e.number, e.id FROM fund_voucher e LEFT JOIN fund_voucher o ON o.id = e.reverses_id
        WHERE e.reverses_id IS NOT NULL AND (o.id IS NULL OR o.reverses_id IS NOT NULL OR o.act <> e.act
            OR o.taken_id <> e.given_id OR o.given_id <> e.taken_id OR o.amount <> e.amount
            OR (SELECT COUNT(*) FROM fund_voucher s WHERE s.reverses_id = o.id) > 1)
        """,
    ),
    Invariant(
        "I6-pair", "上下级拨付两边都有，金额和款源一致",
        """
        SELECT e.fund_id, e.year, e.number, e.id FROM fund_voucher e
        JOIN fund_bookaccount t ON t.id = e.taken_id LEFT JOIN fund_voucher u ON u.id = e.upper_id
        LEFT JOIN fund_bookaccount s ON s.id = u.taken_id
        WHERE (e.act = 'get_down' AND (u.id IS NULL OR u.act <> 'hand_down' OR u.amount <> e.amount
                OR s.source <> t.source OR s.earmark <> t.earmark
                OR (u.reverses_id IS NULL) <> (e.reverses_id IS NULL)))
            OR (e.act = 'hand_down' AND NOT EXISTS (SELECT 1 FROM fund_voucher l WHERE l.upper_id = e.id))
        """,
    ),
    Invariant(
        "I11-gaps", "每账每年的凭证号从一号起不缺不重",
        """
        SELECT e.fund_id, e.year, MAX(e.number), COUNT(*) FROM fund_voucher e
        LEFT JOIN fund_bookyear y ON y.fund_id = e.fund_id AND y.year = e.year
        GROUP BY e.fund_id, e.year, y.last
        HAVING MIN(e.number) <> 1 OR MAX(e.number) <> COUNT(*) OR COUNT(DISTINCT e.number) <> COUNT(*)
            OR y.last IS NULL OR y.last <> COUNT(*)
        UNION ALL
        SELECT y.fund_id, y.year, y.last, 0 FROM fund_bookyear y WHERE y.last > 0
            AND NOT EXISTS (SELECT 1 FROM fund_voucher e WHERE e.fund_id = y.fund_id AND e.year = y.year)
        """,
    ),
    Invariant(
        "I12", "预留与支出不超过收入，也不超过预算",
        f"""
        SELECT fund_id, 0, 0, MIN(id) FROM fund_bookaccount GROUP BY fund_id, source, earmark
        HAVING SUM(CASE WHEN kind IN ('reserved', 'spent') THEN balance ELSE 0 END)
            > -SUM(CASE WHEN kind IN {_OUTSIDE} THEN balance ELSE 0 END)
        UNION ALL
        SELECT fund_id, year, 0, id FROM fund_bookyear WHERE used < 0 OR used > budget
        """,
    ),
)  # fmt: skip

SEALED = ("I11-seals", "封存的凭证没有被改动")

CHECKED = [(each.code, each.words) for each in (*INVARIANTS, *OF_APPLICATIONS)] + [SEALED, RATIO, FROZEN]
"""Code and words of all that is checked."""

KEPT = 200
"""Breaks that the row of a run names."""


@dataclass(frozen=True)
class Broken:
    """One row where an invariant does not hold. ``year`` and ``number`` are 0 where no single voucher is meant."""

    code: str
    words: str
    fund: int
    year: int
    number: int
    detail: str


def check() -> Iterator[Broken]:
    """Every row that breaks an invariant."""
    with connection.cursor() as cursor:
        for each in (*INVARIANTS, *OF_APPLICATIONS):
            cursor.execute(each.sql)
            for fund, year, number, detail in cursor.fetchall():
                yield Broken(each.code, each.words, fund, year, number, str(detail))
    code, words = SEALED
    for fund, year, number, what in broken():
        yield Broken(code, words, fund, year, number, what)
    for (code, words), found in ((RATIO, astray()), (FROZEN, rewritten())):
        for fund, decision in found:
            yield Broken(code, words, fund, 0, 0, f"研究决定 {decision}")


def run(*, now: datetime) -> tuple[BookCheck, list[Broken]]:
    """Check, and keep what was found."""
    vouchers, breaks = Voucher.objects.count(), list(check())
    kept = [asdict(each) for each in breaks[:KEPT]]
    return BookCheck.objects.create(at=now, vouchers=vouchers, found=len(breaks), breaks=kept), breaks
