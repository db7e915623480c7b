"""The duties of a rule by statements written by hand: what somebody who knows this world and PostgreSQL would write.

One text for each family of rules, with the rule's own words in its blanks. In this world posts and the tree do not
change within the year, a category comes once to a member, and who left did not come back; nothing else is taken for
granted. Each family is two statements: one opens (and voids, lapses), one closes. Rules of pairs, occasions on which
some are selected and events of organisations are in none of the three policies and have none.
"""

from dataclasses import dataclass
from datetime import date

from bench.database import execute
from bench.sweep import COLUMNS
from duties.engine.periods import Period
from duties.policy.models import Rule
from duties.policy.schema import Dated, InCategory, InStanding, Tied

LARGE = {"quota", "date"}
"""Families whose statements are better off without nested loops when they concern all members."""


DIED = """LEFT JOIN members_membership z ON z.person_id = s.member_id AND z.standing = 'dead'
         AND z.since > s.opens_on AND z.since <= %(today)s"""
"""Nobody is reminded of the dead as if living: whether the member died after the duty opened."""


def sql_list(words) -> str:
    return ", ".join(f"'{word}'" for word in words)


@dataclass(frozen=True)
class Part:
    """A condition beside standing: its join, its interval, and its name in a void duty's reason."""

    name: str
    join: str
    since: str
    until: str


def parts_of(rule: Rule) -> list[Part]:
    found = []
    for condition in rule.parsed.target:
        if isinstance(condition, InCategory):
            grades = f" AND c.grade IN ({sql_list(condition.grades)})" if condition.grades else ""
            join = f"JOIN members_category c ON c.person_id = m.person_id AND c.kind = '{condition.kind}'{grades}"
            found.append(Part("category", join, "c.since", "c.until"))
        if isinstance(condition, Tied):
            join = f"JOIN members_tie t ON t.person_id = m.person_id AND t.kind = '{condition.kind}'"
            found.append(Part("tie", join, "t.since", "t.until"))
        if isinstance(condition, Dated):  # its day is known to the day in this world
            fact = f"b.{condition.fact}"
            day = f"CASE WHEN {fact} < DATE '{condition.before}' THEN DATE '0001-01-01' ELSE '9999-12-31' END"
            if condition.years:
                day = f"({fact} + MAKE_INTERVAL(years => {condition.years}))::date"
            found.append(Part("dated", "JOIN members_person b ON b.id = m.person_id", day, "DATE '9999-12-31'"))
    return found


@dataclass(frozen=True)
class Frame:
    """When a duty of the family opens, is due, and what stands in its key."""

    key: str = "%(period)s"
    opens: str = "%(opens)s::date"
    due: str = "%(due)s::date"
    closes: str = "%(closes)s::date"
    join: str = ""
    where: str = "TRUE"
    interval: Part | None = None


def frame_of(rule: Rule) -> Frame:
    trigger = rule.parsed.trigger
    if trigger.kind == "date" and trigger.of_category:
        fact = f"f.{trigger.fact.removeprefix('category_')}"
        join = "JOIN members_category f ON f.person_id = m.person_id"
        where = f"f.kind = '{trigger.category}' AND {fact} < '9999-12-31'"
        return _around(trigger, f"({fact} + {trigger.shift_days})", "'c' || f.id", join, where)
    if trigger.kind == "date":
        fact, yearly = f"p.{trigger.fact}", trigger.every == "year"
        years = f"%(year)s - EXTRACT(YEAR FROM {fact})::int" if yearly else str(trigger.at_years)
        where = f"EXTRACT(YEAR FROM {fact}) < %(year)s" if yearly else "TRUE"
        key = "%(period)s" if yearly else f"'{trigger.at_years}y'"
        due = f"({fact} + MAKE_INTERVAL(years => {years}))::date"
        return _around(trigger, due, key, "JOIN members_person p ON p.id = m.person_id", where)
    if trigger.kind == "quota" and trigger.per == "interval":
        opens, due = f"(f.since + (n.k - 1) * {trigger.days})", f"(f.since + n.k * {trigger.days} - 1)"
        most = f"GREATEST(0, (%(today)s::date - f.since) / {trigger.days} + 1)"
        join = (
            f"JOIN members_category f ON f.person_id = m.person_id AND f.kind = '{trigger.category}'"
            f" JOIN LATERAL GENERATE_SERIES(1, {most}) n(k) ON TRUE"
        )
        last = Part("category", "", "f.since", "f.until")
        return Frame("'c' || f.id || ':' || n.k", opens, due, due, join, interval=last)
    return Frame()


def _around(trigger, due: str, key: str, join: str, where: str) -> Frame:
    """Some days before a day, and some days after it."""
    opens, closes = f"({due} - {trigger.opens_days_before})", f"({due} + {trigger.closes_days_after})"
    return Frame(key, opens, due, closes, join, where)


def opening(rule: Rule) -> str:
    kind, subject = rule.parsed.trigger.kind, rule.parsed.subject
    if subject == "pair" or rule.parsed.selected or (kind == "event" and subject != "member"):
        raise SystemExit(f"nothing is written by hand for {rule}")
    if kind == "event":
        return _opening_of_events(rule)
    if subject == "organisation":
        return _opening_of_organisations(rule)
    if kind == "standing":
        return _standing_of_actors(rule) if subject == "actor" else _standing_of_members(rule)
    return _opening_of_members(rule)


def _insert(rule: Rule, spells: str, parts: list[Part]) -> str:
    """Insert what ``spells`` finds, where each member stood, with its state before any record is looked at."""
    lapsed = "WHEN %(today)s::date > s.due_on THEN 'lapsed'" if rule.parsed.force == "可以" else ""
    reasons = " ".join(f"WHEN s.{part.name}{n} <= s.held_to THEN '{part.name}'" for n, part in enumerate(parts))
    void = "v.id IS NULL AND s.held_to <= s.judged"
    on = "LEAST(s.judged, s.held_to - 1)"
    return f"""
    INSERT INTO engine_duty ({COLUMNS})
    SELECT %(rule)s, %(version)s, %(period)s, s.key, n.organisation_id, n.path, s.member_id, s.actor_id, s.event_id,
           s.opens_on, s.counts_from, s.due_on, s.closes_on, s.held_to,
           CASE WHEN v.id IS NOT NULL THEN 'waived' WHEN s.held_to <= s.judged THEN 'void' {lapsed} ELSE 'open' END,
           NULL, CASE WHEN {void} THEN s.held_to END,
           CASE WHEN NOT ({void}) THEN '' WHEN s.standing <= s.held_to THEN 'standing' {reasons} ELSE 'reach' END,
           z.person_id IS NOT NULL
    FROM ({spells}) AS s
    JOIN members_membership n ON n.person_id = s.member_id AND n.since <= {on} AND n.until > {on}
    LEFT JOIN engine_waiver v ON v.rule_id = %(rule)s AND v.key = s.key
    {DIED}
    ORDER BY s.member_id
    ON CONFLICT (rule_id, key) DO NOTHING"""


def _standings(rule: Rule) -> str:
    return sql_list(next(each for each in rule.parsed.target if isinstance(each, InStanding)).standings)


def _opening_of_members(rule: Rule) -> str:
    """Quotas, occasions and dates of members: the window cut with membership, reach and the other conditions."""
    frame, parts = frame_of(rule), parts_of(rule)
    parts += [frame.interval] if frame.interval else []
    begins = ", ".join(["m.since", "r.since", *(part.since for part in parts), frame.opens])
    ends = ", ".join(["m.until", "r.until", *(part.until for part in parts)])
    untils = "".join(f", MAX({part.until}) AS {part.name}{n}" for n, part in enumerate(parts))
    judged = f"LEAST(%(today)s::date, {frame.due})"
    spells = f"""
      SELECT 'm' || m.person_id || ':' || {frame.key} AS key, m.person_id AS member_id, NULL::bigint AS actor_id,
             NULL::bigint AS event_id, MIN(GREATEST({begins})) AS opens_on, {frame.opens} AS counts_from,
             {frame.due} AS due_on, {frame.closes} AS closes_on,
             LEAST(MAX(LEAST({ends})), {frame.due} + 1) AS held_to, {judged} AS judged,
             MAX(m.until) AS standing {untils}
      FROM members_membership m {" ".join(part.join for part in parts)} {frame.join}
      JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = m.organisation_id
      WHERE m.standing IN ({_standings(rule)}) AND {frame.where}
        AND GREATEST({begins}) < LEAST({ends}) AND GREATEST({begins}) <= {judged}
      GROUP BY 1, 2, 6, 7, 8, 10"""
    return _insert(rule, spells, parts)


def _opening_of_events(rule: Rule) -> str:
    """Everything must hold on the event's day; from there the target may end."""
    trigger, parts = rule.parsed.trigger, parts_of(rule)
    ends = ", ".join(["l.until", "r.until", *(part.until for part in parts)])
    same_day = "".join(f" AND {p.since} <= e.occurred_on AND {p.until} > e.occurred_on" for p in parts)
    untils = "".join(f", {part.until} AS {part.name}{n}" for n, part in enumerate(parts))
    actor = "e.addressee_id" if rule.parsed.responsible.addressee else "NULL::bigint"
    spells = f"""
      SELECT 'm' || e.person_id || ':e' || e.id AS key, e.person_id AS member_id, {actor} AS actor_id, e.id AS event_id,
             e.occurred_on AS opens_on, e.occurred_on AS counts_from, e.occurred_on + {trigger.within_days} AS due_on,
             DATE '9999-12-31' AS closes_on, LEAST({ends}) AS held_to, %(today)s::date AS judged,
             l.until AS standing {untils}
      FROM members_event e
      JOIN members_membership m ON m.person_id = e.person_id AND m.since <= e.occurred_on AND m.until > e.occurred_on
      JOIN LATERAL (SELECT MAX(l.until) AS until FROM members_membership l
                    WHERE l.person_id = e.person_id AND l.standing IN ({_standings(rule)})) l ON TRUE
      {" ".join(part.join for part in parts)}
      JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = m.organisation_id
           AND r.since <= e.occurred_on AND r.until > e.occurred_on
      WHERE e.kind IN ({sql_list(trigger.events)}) AND e.withdrawn_on IS NULL AND e.occurred_on <= %(today)s
        AND m.standing IN ({_standings(rule)}) {same_day}"""
    return _insert(rule, spells, parts)


def _opening_of_organisations(rule: Rule) -> str:
    """The organisation owes it; none is founded or ends within the year."""
    kinds = sql_list(rule.parsed.target[0].kinds)
    lapsed = "CASE WHEN %(today)s::date > %(due)s THEN 'lapsed' ELSE 'open' END"
    state = lapsed if rule.parsed.force == "可以" else "'open'"
    begins = "GREATEST(o.since, r.since, %(opens)s::date)"
    return f"""
    INSERT INTO engine_duty ({COLUMNS})
    SELECT %(rule)s, %(version)s, %(period)s, 'o' || o.id || ':' || %(period)s, o.id, o.path, NULL, NULL, NULL,
           {begins}, %(opens)s, %(due)s, %(closes)s, LEAST(o.until, r.until, %(due)s::date + 1), {state},
           NULL, NULL, '', FALSE
    FROM members_organisation o JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = o.id
    WHERE o.kind IN ({kinds}) AND {begins} <= LEAST(%(today)s::date, %(due)s)
    ON CONFLICT (rule_id, key) DO NOTHING"""


def _standing_of_members(rule: Rule) -> str:
    """So many ties from the member to a person; none of these ended in this world."""
    trigger, parts = rule.parsed.trigger, parts_of(rule)
    [part] = parts
    return f"""
    INSERT INTO engine_duty ({COLUMNS})
    SELECT %(rule)s, %(version)s, %(period)s, s.key, n.organisation_id, n.path, s.member_id, NULL, NULL, s.opens_on,
           s.opens_on, s.opens_on + {trigger.within_days}, DATE '9999-12-31', s.held_to,
           CASE WHEN s.held_to <= %(today)s THEN 'void' WHEN u.since IS NOT NULL THEN 'done' ELSE 'open' END, NULL,
           CASE WHEN s.held_to <= %(today)s THEN s.held_to
                WHEN u.since IS NOT NULL THEN GREATEST(s.opens_on, u.since) END,
           CASE WHEN s.held_to > %(today)s THEN '' WHEN s.standing <= s.held_to THEN 'standing'
                WHEN s.part <= s.held_to THEN '{part.name}' ELSE 'reach' END, z.person_id IS NOT NULL
    FROM (
      SELECT 'm' || m.person_id AS key, m.person_id AS member_id,
             MIN(GREATEST(m.since, r.since, {part.since})) AS opens_on,
             MAX(LEAST(m.until, r.until, {part.until})) AS held_to,
             MAX(m.until) AS standing, MAX({part.until}) AS part
      FROM members_membership m {part.join}
      JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = m.organisation_id
      WHERE m.standing IN ({_standings(rule)})
        AND GREATEST(m.since, r.since, {part.since}) < LEAST(m.until, r.until, {part.until})
        AND GREATEST(m.since, r.since, {part.since}) <= %(today)s
      GROUP BY m.person_id) AS s
    JOIN members_membership n ON n.person_id = s.member_id AND n.since <= LEAST(%(today)s, s.held_to - 1)
         AND n.until > LEAST(%(today)s, s.held_to - 1)
    LEFT JOIN LATERAL (
      SELECT t.since FROM members_tie t WHERE t.person_id = s.member_id AND t.kind = '{trigger.tie}'
        AND t.to_id IS NOT NULL AND t.since <= %(today)s AND t.until > %(today)s
      ORDER BY t.since OFFSET {trigger.at_least - 1} LIMIT 1) AS u ON TRUE
    {DIED}
    ON CONFLICT (rule_id, key) DO NOTHING"""


def _standing_of_actors(rule: Rule) -> str:
    """So many ties that lead to the holder of a post."""
    trigger, post = rule.parsed.trigger, rule.parsed.target[0]
    at = f"AND o.kind IN ({sql_list(post.at)})" if post.at else ""
    return f"""
    INSERT INTO engine_duty ({COLUMNS})
    SELECT %(rule)s, %(version)s, %(period)s, 'a' || s.person_id, o.id, o.path, NULL, s.person_id, NULL,
           s.opens_on, s.opens_on, s.opens_on + {trigger.within_days}, DATE '9999-12-31', s.held_to,
           CASE WHEN u.since IS NOT NULL THEN 'done' ELSE 'open' END, NULL,
           CASE WHEN u.since IS NOT NULL THEN GREATEST(s.opens_on, u.since) END, '', FALSE
    FROM (
      SELECT p.person_id, MIN(GREATEST(p.since, r.since)) AS opens_on, MAX(LEAST(p.until, r.until)) AS held_to,
             (ARRAY_AGG(p.organisation_id ORDER BY p.since DESC, p.id))[1] AS place
      FROM members_post p JOIN members_organisation o ON o.id = p.organisation_id
      JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = o.id
      WHERE p.role IN ({sql_list(post.roles)}) {at}
      GROUP BY p.person_id) AS s
    JOIN members_organisation o ON o.id = s.place
    LEFT JOIN LATERAL (
      SELECT t.since FROM members_tie t WHERE t.to_id = s.person_id AND t.kind = '{trigger.tie}'
        AND t.since <= %(today)s AND t.until > %(today)s
      ORDER BY t.since OFFSET {trigger.at_least - 1} LIMIT 1) AS u ON TRUE
    ON CONFLICT (rule_id, key) DO NOTHING"""


# Closing --------------------------------------------------------------------------------------------------------------


def closing(rule: Rule) -> str:
    spec = rule.parsed
    if spec.trigger.kind == "standing":
        return ""
    if spec.subject == "organisation":
        return _closing_of_organisations(rule)
    trigger, responsible = spec.trigger, spec.responsible
    judged = "%(today)s::date" if spec.late_counts else "LEAST(%(today)s::date, e.due_on)"
    answers = "AND k.event_id = e.event_id" if getattr(trigger, "answers", False) else ""
    steps, counted = _whose_turn(rule)
    if responsible.addressee:
        acted = "q.record_id = k.id AND q.person_id = e.actor_id"
        counted += f" AND EXISTS (SELECT 1 FROM engine_recordperson q WHERE {acted})"
    enough = f"x.n = {getattr(trigger, 'times', 1)}"
    if getattr(trigger, "sum", None):
        enough = f"x.total >= {trigger.sum} AND x.total - x.quantity < {trigger.sum}"
    return f"""
    WITH k AS MATERIALIZED (
      SELECT k.id, k.member_id, k.on_day, k.quantity, k.event_id FROM engine_record k
      WHERE k.action IN ({sql_list(spec.actions)}) AND k.withdrawn_on IS NULL AND k.on_day <= %(today)s
        {"" if spec.collective_counts else "AND NOT k.collective"}
        AND k.member_id IN (SELECT d.member_id FROM engine_duty d WHERE d.rule_id = %(rule)s AND d.period = %(period)s)
    ) {steps}
    UPDATE engine_duty d
    SET state = 'done', closed_by_id = c.id, closed_on = c.on_day, reason = '', organisation_id = n.organisation_id,
        path = n.path
    FROM (
      SELECT x.* FROM (
        SELECT e.id AS duty, e.opens_on, e.member_id, k.id, k.on_day, k.quantity, ROW_NUMBER() OVER w AS n,
               SUM(k.quantity) OVER w AS total
        FROM engine_duty e JOIN k ON k.member_id = e.member_id AND k.on_day BETWEEN e.counts_from AND e.closes_on
             {answers} AND (e.held_to > {judged} OR k.on_day < e.held_to)
        WHERE e.rule_id = %(rule)s AND e.period = %(period)s AND {counted}
        WINDOW w AS (PARTITION BY e.id ORDER BY k.on_day, k.id ROWS UNBOUNDED PRECEDING)) AS x
      WHERE {enough}) AS c
    JOIN members_membership n ON n.person_id = c.member_id AND n.since <= GREATEST(c.on_day, c.opens_on)
         AND n.until > GREATEST(c.on_day, c.opens_on)
    WHERE d.id = c.duty"""


def _whose_turn(rule: Rule) -> tuple[str, str]:
    """The steps that find by whom a record counts, and the condition on ``k``."""
    responsible = rule.parsed.responsible
    if responsible.anyone or responsible.addressee:
        return "", "TRUE"
    at, roles = "", sql_list(responsible.acting)
    if responsible.at:
        at = (
            f"AND p.organisation_id IN (SELECT id FROM members_organisation WHERE kind IN ({sql_list(responsible.at)}))"
        )
    upward = f"""
      SELECT k.id, k.member_id, k.on_day, l.ancestor_id AS turn, l.distance
      FROM k
      JOIN members_membership m ON m.person_id = k.member_id AND m.since <= k.on_day AND m.until > k.on_day
      JOIN members_lineage l ON l.organisation_id = m.organisation_id AND l.since <= k.on_day AND l.until > k.on_day
      JOIN members_post p ON p.organisation_id = l.ancestor_id AND p.person_id <> k.member_id {at}
           AND p.since <= k.on_day AND p.until > k.on_day"""
    turns = f"{upward} AND p.role IN ({roles})"
    if not responsible.upward:
        heads = f"{upward} AND p.role IN ({sql_list(responsible.heads)})"
        turns = f"SELECT DISTINCT ON (id) * FROM ({heads}) AS u ORDER BY id, distance"
    steps = f""", turn AS MATERIALIZED (
      SELECT DISTINCT s.id FROM ({turns}) AS s
      JOIN engine_recordperson q ON q.record_id = s.id AND q.person_id <> s.member_id
      JOIN members_post p ON p.person_id = q.person_id AND p.organisation_id = s.turn AND p.role IN ({roles})
           AND p.since <= s.on_day AND p.until > s.on_day)"""
    counted = "k.id IN (SELECT id FROM turn)"
    if responsible.tie:
        steps += f""", tied AS MATERIALIZED (
          SELECT k.id, BOOL_OR(q.id IS NOT NULL) AS acted
          FROM k JOIN members_tie t ON t.person_id = k.member_id AND t.kind = '{responsible.tie}'
               AND t.to_id IS NOT NULL AND t.since <= k.on_day AND t.until > k.on_day
          LEFT JOIN engine_recordperson q ON q.record_id = k.id AND q.person_id = t.to_id GROUP BY k.id)"""
        by_tie = "k.id IN (SELECT id FROM tied WHERE acted)"
        counted = f"({by_tie} OR (k.id NOT IN (SELECT id FROM tied) AND {counted}))"
    return steps, counted


def _closing_of_organisations(rule: Rule) -> str:
    spec = rule.parsed
    return f"""
    UPDATE engine_duty d SET state = 'done', closed_by_id = c.id, closed_on = c.on_day
    FROM (
      SELECT e.id AS duty, k.id, k.on_day, ROW_NUMBER() OVER (PARTITION BY e.id ORDER BY k.on_day, k.id) AS n
      FROM engine_duty e JOIN engine_record k ON k.organisation_id = e.organisation_id AND k.member_id IS NULL
           AND k.on_day BETWEEN e.counts_from AND LEAST(%(today)s, e.closes_on)
      WHERE e.rule_id = %(rule)s AND e.period = %(period)s AND k.withdrawn_on IS NULL
        AND k.action IN ({sql_list(spec.actions)}) {"" if spec.collective_counts else "AND NOT k.collective"}) AS c
    WHERE d.id = c.duty AND c.n = {spec.trigger.times}"""


MANY = 1_000
"""Rows from which on a closing is better off without nested loops."""


def by_hand(rule: Rule, period: Period, day: date) -> None:
    """Open and close one period of a rule."""
    given = {
        "rule": rule.pk, "version": rule.version, "period": period.code, "year": period.year, "opens": period.opens,
        "due": period.due, "closes": period.closes, "today": day,
    }  # fmt: skip
    everybody = rule.parsed.trigger.kind in LARGE and not parts_of(rule) and "category" not in frame_of(rule).join
    execute("BEGIN")
    if everybody:
        execute("SET LOCAL enable_nestloop = off")
    opened = execute(opening(rule), given)
    if opened > MANY:  # the planner does not know of them yet, and would compare each with each
        execute("SET LOCAL enable_nestloop = off")
    if statement := closing(rule):
        execute(statement, given)
    execute("COMMIT")
