"""Which records close a duty: whose turn it was on the record's day, and how many acts or how much it takes.

Credit is derived from posts, ties and memberships on the day of the record, never stored in it.
"""

from duties.engine.conditions import T, acting_post, dated, held, of_kinds, quoted
from duties.engine.windows import number
from duties.policy.models import Rule
from duties.policy.schema import Dated, InCategory, OnEvent


def credit(rule: Rule) -> str:
    """The steps from ``near`` to ``c``: for each duty of ``s`` the record that closes it.

    Every step is a set that is materialised and joined by number. Asked record by record, whose turn it was costs
    records × organisations in a whole run (it did not end within 100 s for 60,000 talks in 2,000 branches), and a
    planner with stale statistics would ask it of every record for every duty.
    """
    spec = rule.parsed
    columns, near = _near(rule)
    collective = "" if spec.collective_counts else "AND NOT k.collective"
    same = " AND ".join(f"k.{column} = s.{column}" for column in columns)
    answers = "AND k.event_id = s.event_id" if isinstance(spec.trigger, OnEvent) and spec.trigger.answers else ""
    subject = ", ".join(columns)
    return f"""near AS MATERIALIZED (
      SELECT k.id, {", ".join(f"t.{column}" for column in columns)}, k.member_id AS about_id,
             k.on_day, k.quantity, k.event_id
      FROM (SELECT {subject}, MIN(counts_from) AS first, MAX(ripe_to) AS last FROM s GROUP BY {subject}) AS t
      JOIN {near} AND k.on_day >= t.first AND k.on_day <= t.last
      WHERE k.action IN ({quoted(spec.actions)}) AND k.withdrawn_on IS NULL {collective}
    ), {_turns(rule)} counting AS MATERIALIZED (
      SELECT k.* FROM near k WHERE {_by_whom(rule)}
    ), c AS MATERIALIZED (
      SELECT id, record_id, on_day FROM (
        SELECT s.id, k.id AS record_id, k.on_day, k.quantity, s.adjustment_id,
               ROW_NUMBER() OVER in_order AS n, SUM(k.quantity) OVER in_order AS total
        FROM s JOIN {_records_that_count(rule)} k ON {same}
             AND k.on_day >= s.counts_from AND k.on_day <= s.ripe_to {answers}
             AND (s.held_to > s.judged_on OR k.on_day < s.held_to) {_by_the_right(rule)}
        WINDOW in_order AS (PARTITION BY s.id ORDER BY k.on_day, k.id ROWS UNBOUNDED PRECEDING)) AS credit
      WHERE {_enough(rule)}
    )"""


def _handed_on(rule: Rule) -> bool:
    """Whether any duty of the rule was handed to somebody; who reads many rules annotates them with ``handed``."""
    if hasattr(rule, "handed"):
        return rule.handed
    return rule.delegations.exists()


def _records_that_count(rule: Rule) -> str:
    """Where a duty was handed on, whose turn it was is asked duty by duty."""
    return "near" if _handed_on(rule) else "counting"


def _by_the_right(rule: Rule) -> str:
    """By whom it was handed to, besides those whose turn it is."""
    if not _handed_on(rule):
        return _by_the_addressee(rule)
    by_hand = (
        f"EXISTS (SELECT 1 FROM {T['Delegation']} g JOIN {T['RecordPerson']} q ON q.person_id = g.to_id"
        f" WHERE g.rule_id = %(rule)s AND g.key = s.key AND q.record_id = k.id"
        f" AND (k.about_id IS NULL OR q.person_id <> k.about_id))"
    )
    return f"AND ({by_hand} OR (k.id IN (SELECT id FROM counting) {_by_the_addressee(rule)}))"


def _near(rule: Rule) -> tuple[list[str], str]:
    """The columns that name the subject, and the join from subjects ``t`` to the records ``k`` that concern them."""
    records, acted = f"{T['Record']} k", f"{T['RecordPerson']} q ON q.person_id = t.actor_id JOIN {T['Record']} k"
    if rule.parsed.selected:
        member = rule.parsed.target[0]
        among = "".join(_ASKED[type(each)](each) for each in rule.parsed.target if type(each) in _ASKED)
        return ["organisation_id"], (
            f"{T['Membership']} m ON m.organisation_id = t.organisation_id"
            f" AND m.standing IN ({quoted(member.standings)})"
            f" JOIN {records} ON k.member_id = m.person_id AND {held('m', 'k.on_day')} {among}"
        )
    match rule.parsed.subject:
        case "actor":
            other = "(k.member_id IS NULL OR k.member_id <> t.actor_id)"
            return ["actor_id"], f"{acted} ON k.id = q.record_id AND {other}"
        case "pair":
            return ["member_id", "actor_id"], f"{acted} ON k.id = q.record_id AND k.member_id = t.member_id"
        case "organisation":
            return ["organisation_id"], f"{records} ON k.organisation_id = t.organisation_id AND k.member_id IS NULL"
    return ["member_id"], f"{records} ON k.member_id = t.member_id"


def _in_category(condition: InCategory) -> str:
    grades = f"AND c.grade IN ({quoted(condition.grades)})" if condition.grades else ""
    return (
        f" AND EXISTS (SELECT 1 FROM {T['Category']} c WHERE c.person_id = m.person_id AND c.kind = '{condition.kind}'"
        f" {grades} AND {held('c', 'k.on_day')})"
    )


def _then_dated(condition: Dated) -> str:
    where, since = dated(condition)
    then = f"AND {since} <= k.on_day" if since else ""
    return f" AND EXISTS (SELECT 1 FROM {T['Person']} g WHERE g.id = m.person_id AND {where} {then})"


_ASKED = {InCategory: _in_category, Dated: _then_dated}
"""What of the target a member must have met on the record's day, beside standing."""


def _enough(rule: Rule) -> str:
    """The n-th record, or the one with which the sum is reached; sums are exact to two decimals on both engines."""
    trigger = rule.parsed.trigger
    amount = getattr(trigger, "sum", None)
    if amount is None:
        return f"n = {number(rule, 'times', 'adjustment_id') if hasattr(trigger, 'times') else 1}"
    if rule.variants:
        amount = f"({number(rule, 'sum', 'adjustment_id')})"
    return f"ROUND(total, 2) >= {amount} AND ROUND(total - quantity, 2) < {amount}"


def _asks_whose_turn(rule: Rule) -> bool:
    """Whether credit depends on whose turn it was, and not only on the actor, on the organisation, or on nobody."""
    spec = rule.parsed
    if spec.subject in ("actor", "pair") or spec.responsible.anyone:
        return False
    return spec.selected or spec.subject == "member"


def _by_whom(rule: Rule) -> str:
    """Whether one whose turn it was on the record's day acted in ``k``."""
    if rule.parsed.subject in ("actor", "pair"):
        return (
            f"EXISTS (SELECT 1 FROM {T['Post']} a WHERE a.person_id = k.actor_id AND {acting_post(rule, 'a')}"
            f" AND {held('a', 'k.on_day')})"
        )
    if not _asks_whose_turn(rule) or rule.parsed.responsible.addressee:  # an addressee is asked duty by duty
        return "TRUE"
    return _by_the_responsible(rule)


def _by_the_addressee(rule: Rule) -> str:
    """An event's addressee, and nobody else, answers it; without an addressee it is the role's turn. What an
    organisation owes is closed by its own record, whoever acted.
    """
    if not rule.parsed.responsible.addressee or rule.parsed.subject == "organisation":
        return ""
    acted = (
        f"EXISTS (SELECT 1 FROM {T['RecordPerson']} q WHERE q.record_id = k.id AND q.person_id = s.actor_id"
        f" AND q.person_id <> k.about_id)"
    )
    return f"AND ({acted} OR (s.actor_id IS NULL AND {_by_the_responsible(rule)}))"


def _by_the_responsible(rule: Rule) -> str:
    """By those tied to the member that day; where nobody is, by the role."""
    if rule.parsed.responsible.tie is None:
        return "k.id IN (SELECT id FROM turn)"
    tied = "k.id IN (SELECT id FROM tied WHERE acted = 1)"
    return f"({tied} OR (k.id NOT IN (SELECT id FROM tied) AND k.id IN (SELECT id FROM turn)))"


def _turns(rule: Rule) -> str:
    """``turn``: the records in which somebody acted who held the role (or one that goes with it) where the
    responsible stood that day; ``tied``: those about members who were tied to somebody, and whether that one acted.

    The responsible stood at the nearest organisation upward, own first, in which someone other than the member held
    the role or one instead of it: one sentence for the secretary's own talk, for the vacancy and for the missing level.
    """
    if not _asks_whose_turn(rule):
        return ""
    responsible, on = rule.parsed.responsible, "k.on_day"
    roles = quoted(responsible.acting)
    steps = (
        _upward(rule, roles)
        if responsible.upward
        else f"""nearest AS MATERIALIZED (
      SELECT id, organisation_id FROM (
        SELECT k.id, l.ancestor_id AS organisation_id, ROW_NUMBER() OVER (PARTITION BY k.id ORDER BY l.distance) AS n
        FROM near k
        JOIN {T["Membership"]} m ON m.person_id = k.about_id AND {held("m", on)}
        JOIN {T["Lineage"]} l ON l.organisation_id = m.organisation_id AND {held("l", on)}
        JOIN {T["Post"]} p ON p.organisation_id = l.ancestor_id AND p.role IN ({quoted(responsible.heads)})
             AND p.person_id <> k.about_id AND {held("p", on)} {of_kinds(responsible.at, "p.organisation_id")}
        ) AS upward
      WHERE n = 1
    ), turn AS MATERIALIZED (
      SELECT DISTINCT k.id
      FROM near k JOIN nearest n ON n.id = k.id
      JOIN {T["Post"]} p ON p.organisation_id = n.organisation_id AND p.role IN ({roles}) AND {held("p", on)}
      JOIN {T["RecordPerson"]} q ON q.record_id = k.id AND q.person_id = p.person_id AND q.person_id <> k.about_id
    ),"""
    )
    if responsible.tie is None:
        return steps
    return f"""{steps} tied AS MATERIALIZED (
      SELECT k.id, MAX(CASE WHEN q.id IS NULL THEN 0 ELSE 1 END) AS acted
      FROM near k
      JOIN {T["Tie"]} t ON t.person_id = k.about_id AND t.kind = '{responsible.tie}' AND t.to_id IS NOT NULL
           AND t.to_id <> k.about_id AND {held("t", on)}
      LEFT JOIN {T["RecordPerson"]} q ON q.record_id = k.id AND q.person_id = t.to_id
      GROUP BY k.id
    ),"""


def _upward(rule: Rule, roles: str) -> str:
    """``turn`` where the holders of the roles at any organisation upward count."""
    at = of_kinds(rule.parsed.responsible.at, "p.organisation_id")
    return f"""turn AS MATERIALIZED (
      SELECT DISTINCT k.id
      FROM near k
      JOIN {T["Membership"]} m ON m.person_id = k.about_id AND {held("m", "k.on_day")}
      JOIN {T["Lineage"]} l ON l.organisation_id = m.organisation_id AND {held("l", "k.on_day")}
      JOIN {T["Post"]} p ON p.organisation_id = l.ancestor_id AND p.role IN ({roles}) AND {held("p", "k.on_day")} {at}
      JOIN {T["RecordPerson"]} q ON q.record_id = k.id AND q.person_id = p.person_id AND q.person_id <> k.about_id
    ),"""
