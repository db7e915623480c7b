"""What must hold of applications, decisions and payments, each as one SELECT that finds the rows which break it.

Names are those agreed for the fund (trust.md, I5 to I10). What no SELECT can say, shares and digests, is computed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from fund.applying.deciding import holds
from fund.models import Decision, Grant
from fund.regulation.reckoning import share


@dataclass(frozen=True)
class Invariant:
    """``sql`` gives fund, year and number (0 where none is meant) of what breaks it, and a detail."""

    code: str
    words: str
    sql: str


_PAID = "p.state IN ('paid', 'received')"
_OF_APPLICATION = """
    FROM fund_payment p JOIN fund_grant g ON g.id = p.grant_id JOIN fund_decision d ON d.id = g.decision_id
    JOIN fund_meeting m ON m.id = d.meeting_id JOIN fund_application a ON a.id = g.application_id
"""
_ASIDE = """
    (',' || REPLACE(REPLACE(REPLACE(CAST(d.recused AS TEXT), '[', ''), ']', ''), ' ', '') || ',')
        LIKE '%,' || w.person_id || ',%'
"""

OF_APPLICATIONS = (
    Invariant(
        "I5", "每笔应发款至多发放一次，金额就是预留和决定的金额",
        f"""
        SELECT g.fund_id, 0, 0, g.id FROM fund_grant g JOIN fund_reservation r ON r.id = g.reservation_id
        WHERE g.fen <> r.amount OR g.fund_id <> r.fund_id
            OR (SELECT COUNT(*) FROM fund_payment p WHERE p.grant_id = g.id AND {_PAID}) > 1
        UNION ALL
        SELECT g.fund_id, 0, 0, p.id FROM fund_payment p JOIN fund_grant g ON g.id = p.grant_id
        LEFT JOIN fund_voucher v ON v.id = p.voucher_id
        WHERE {_PAID} AND (v.id IS NULL OR v.act <> 'spend' OR v.reverses_id IS NOT NULL OR v.amount <> g.fen
            OR v.reservation_id <> g.reservation_id OR EXISTS (SELECT 1 FROM fund_voucher o WHERE o.reverses_id = v.id))
        UNION ALL
        SELECT v.fund_id, v.year, v.number, v.id FROM fund_voucher v
        JOIN fund_grant g ON g.reservation_id = v.reservation_id
        WHERE v.act = 'spend' AND v.reverses_id IS NULL
            AND NOT EXISTS (SELECT 1 FROM fund_voucher o WHERE o.reverses_id = v.id)
            AND NOT EXISTS (SELECT 1 FROM fund_payment p WHERE p.voucher_id = v.id AND {_PAID})
        """,
    ),
    Invariant(
        "I7", "各级分担的合计等于决定的金额",
        """
        SELECT m.fund_id, 0, 0, d.id FROM fund_decision d JOIN fund_meeting m ON m.id = d.meeting_id
        LEFT JOIN fund_grant g ON g.decision_id = d.id
        GROUP BY m.fund_id, d.id, d.fen HAVING d.fen <> COALESCE(SUM(g.fen), 0)
        """,
    ),
    Invariant(
        "I8", "同一张表只生效一次",
        "SELECT 0, 0, 0, MIN(id) FROM base_oncekey GROUP BY key HAVING COUNT(*) > 1",
    ),
    Invariant(
        "I9", "发放之前申请、审核、集体研究齐全，公示期满，没有未答复的异议",
        f"""
        SELECT g.fund_id, 0, 0, p.id {_OF_APPLICATION}
        WHERE {_PAID} AND (
            d.outcome <> 'agreed' OR d.application_id <> a.id OR m."on" > p."on"
            OR NOT EXISTS (SELECT 1 FROM fund_taken t WHERE t.application_id = a.id AND t.round = d.round
                AND t.move = 'submit')
            OR (SELECT COUNT(*) FROM fund_taken t WHERE t.application_id = a.id AND t.round = d.round
                AND t.move = 'pass' AND t.at <= m.at) < 2
            OR (NOT a.urgent AND NOT EXISTS (
                SELECT 1 FROM fund_noticeline l JOIN fund_publicnotice n ON n.id = l.notice_id
                WHERE l.application_id = a.id AND l.round = d.round AND n.taken_down_on IS NULL
                    AND n.result_on IS NOT NULL AND n.posted_on < n.ends_on AND n.ends_on < p."on"
            ))
            OR (NOT a.urgent AND EXISTS (
                SELECT 1 FROM fund_objection o JOIN fund_noticeline l ON l.id = o.line_id
                WHERE l.application_id = a.id AND l.round = d.round
                    AND (o.answered_on IS NULL OR o.answered_on > p."on" OR COALESCE(o.ends_on, o.answered_on) > p."on")
            ))
        )
        """,
    ),
    Invariant(
        "I10", "申请、审核、决定、发放各由不同的人",
        f"""
        SELECT a.fund_id, 0, 0, w.id FROM fund_part w JOIN fund_application a ON a.id = w.application_id
        WHERE w.hand <> 'apply' AND (w.person_id = a.person_id OR w.person_id = a.filed_by_id)
            OR (SELECT COUNT(*) FROM fund_part o WHERE o.application_id = w.application_id
                AND o.person_id = w.person_id) > 1
        UNION ALL
        SELECT a.fund_id, 0, 0, t.id FROM fund_taken t JOIN fund_application a ON a.id = t.application_id
        WHERE t.move NOT IN ('submit', 'withdraw') AND (t.person_id = a.person_id OR t.person_id = a.filed_by_id)
        UNION ALL
        SELECT g.fund_id, 0, 0, p.id FROM fund_payment p JOIN fund_grant g ON g.id = p.grant_id
        WHERE {_PAID} AND g.application_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM fund_part w WHERE w.application_id = g.application_id AND w.person_id = p.paid_by_id
                AND w.hand = 'pay')
        UNION ALL
        SELECT m.fund_id, 0, 0, w.id FROM fund_attendee s JOIN fund_meeting m ON m.id = s.meeting_id
        JOIN fund_decision d ON d.meeting_id = m.id
        JOIN fund_part w ON w.application_id = d.application_id AND w.person_id = s.person_id
        WHERE s.present AND w.hand IN ('apply', 'pay') AND NOT {_ASIDE}
        """,
    ),
)  # fmt: skip

RATIO = ("I7-ratio", "分担按办法定的比例，余一分的归规定的一级")
FROZEN = ("I11-decisions", "研究决定没有被改动")


def astray() -> Iterator[tuple[int, int]]:
    """Fund and decision where the parts of a sum do not follow the shares of the regulation it was decided by.

    Where a level did not exist the highest bears its part too; then there are fewer parts, and their sum is I7's.
    """
    borne: dict[int, list[int]] = {}
    rows = Grant.objects.filter(decision__isnull=False).order_by("pk")
    for decision, fen in rows.values_list("decision", "fen"):
        borne.setdefault(decision, []).append(fen)
    decisions = Decision.objects.filter(outcome=Decision.Outcome.AGREED).select_related("application__regulation")
    for decision in decisions.defer("snapshot", "reason", "application__content").order_by("pk"):
        shares, parts = decision.application.regulation.parsed.shares, sorted(borne.get(decision.pk, []))
        wanted = sorted(part for part in share(shares, decision.fen).values() if part) if shares else [decision.fen]
        if parts != wanted and (len(parts) == len(wanted) or not shares):
            yield decision.application.fund_id, decision.pk


def rewritten() -> Iterator[tuple[int, int]]:
    """Fund and decision that no longer say what was entered."""
    for decision in Decision.objects.select_related("meeting").order_by("pk").iterator(chunk_size=500):
        if holds(decision) is False:
            yield decision.meeting.fund_id, decision.pk
