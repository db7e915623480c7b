"""The sweep of a rule for everybody: the engine beside the same statements written by hand on the same table."""

from datetime import date, timedelta

from django.db.models import F

from bench.database import ask, execute
from bench.measure import Promise, median, paired, seconds, shown
from duties.engine.models import Duty, DutyChange, DutyTotal, RecordPerson, SweptRule
from duties.engine.sweep import sweep
from duties.policy.adoption import adopt
from duties.policy.models import Clause, Policy, Rule
from duties.policy.packs import load_pack
from members.models import Membership, Organisation

PACK, TALK = "henan-water-2020", "yearly-talk"
COLUMNS = (
    "rule_id, rule_version, period, key, organisation_id, path, member_id, actor_id, event_id, opens_on, counts_from,"
    " due_on, closes_on, held_to, state, closed_by_id, closed_on, reason,"
    " silent"
)


def adopt_one_rule(day: date) -> Rule:
    """The yearly talk with each member, alone in a policy of its own, adopted by the province."""
    rule = load_pack(PACK).rules.get(code=TALK)
    policy = Policy.objects.create(code="alone", title="alone", number="1", issuer="bench")
    clause = Clause.objects.create(policy=policy, code="1", printed="1", heading="1", gist="1", position=0)
    rule.pk, rule.policy, rule.clause = None, policy, clause
    rule.save(force_insert=True)
    province = Organisation.objects.get(path="00001")
    adopt(by=None, organisation=province, policy=policy, since=date(day.year, 1, 1), today=day)
    execute("ANALYZE")
    return rule


def forget(rule: Rule) -> None:
    """As before the first run: no duty, and a planner that knows there is none."""
    for model in (Duty, DutyTotal, DutyChange):
        execute(f"TRUNCATE {model._meta.db_table}")
    SweptRule.objects.all().delete()
    execute("VACUUM ANALYZE engine_duty, engine_dutytotal, engine_dutychange")


# The comparisons ------------------------------------------------------------------------------------------------------

OPEN_BY_HAND = f"""
INSERT INTO engine_duty ({COLUMNS})
SELECT %(rule)s, %(version)s, %(period)s, 'm' || s.person_id || ':' || %(period)s, s.organisation_id, s.path,
       s.person_id, NULL, NULL, s.opens_on, %(first)s, %(last)s, %(last)s, s.held_to,
       CASE WHEN v.id IS NOT NULL THEN 'waived' WHEN s.held_to <= %(today)s THEN 'void' ELSE 'open' END, NULL,
       CASE WHEN v.id IS NULL AND s.held_to <= %(today)s THEN s.held_to END,
       CASE WHEN v.id IS NULL AND s.held_to <= %(today)s THEN 'standing' ELSE '' END, FALSE
FROM (
  SELECT m.person_id, MIN(GREATEST(m.since, r.since, %(first)s::date)) AS opens_on,
         LEAST(MAX(LEAST(m.until, r.until)), %(last)s::date + 1) AS held_to,
         (ARRAY_AGG(m.organisation_id ORDER BY m.since DESC))[1] AS organisation_id,
         (ARRAY_AGG(m.path ORDER BY m.since DESC))[1] AS path
  FROM members_membership m JOIN policy_reach r ON r.rule_id = %(rule)s AND r.organisation_id = m.organisation_id
  WHERE m.standing IN ('full', 'probationary')
    AND GREATEST(m.since, r.since, %(first)s::date) < LEAST(m.until, r.until)
    AND GREATEST(m.since, r.since, %(first)s::date) <= %(today)s
  GROUP BY m.person_id) AS s
LEFT JOIN engine_waiver v ON v.rule_id = %(rule)s AND v.key = 'm' || s.person_id || ':' || %(period)s
ON CONFLICT (rule_id, key) DO NOTHING"""

CLOSE_BY_HAND = """
UPDATE engine_duty d
SET state = 'done', closed_by_id = c.id, closed_on = c.on_day, reason = '', organisation_id = c.organisation_id,
    path = c.path
FROM (
  SELECT DISTINCT ON (e.id) e.id AS duty, k.id, k.on_day, k.organisation_id, k.path
  FROM (
    SELECT DISTINCT ON (k.id) k.id, k.member_id, k.on_day, m.organisation_id, m.path, l.ancestor_id AS turn
    FROM engine_record k
    JOIN members_membership m ON m.person_id = k.member_id AND m.since <= k.on_day AND m.until > k.on_day
    JOIN members_lineage l ON l.organisation_id = m.organisation_id AND l.since <= k.on_day AND l.until > k.on_day
    JOIN members_post p ON p.organisation_id = l.ancestor_id AND p.role = 'secretary' AND p.person_id <> k.member_id
         AND p.since <= k.on_day AND p.until > k.on_day
    WHERE k.action = 'talk' AND k.withdrawn_on IS NULL AND NOT k.collective AND k.on_day BETWEEN %(first)s AND %(today)s
    ORDER BY k.id, l.distance) AS k
  JOIN engine_recordperson q ON q.record_id = k.id AND q.person_id <> k.member_id
  JOIN members_post p ON p.person_id = q.person_id AND p.organisation_id = k.turn AND p.role = 'secretary'
       AND p.since <= k.on_day AND p.until > k.on_day
  JOIN engine_duty e ON e.rule_id = %(rule)s AND e.period = %(period)s AND e.member_id = k.member_id
       AND (e.held_to > %(today)s OR k.on_day < e.held_to)
  ORDER BY e.id, k.on_day, k.id) AS c
WHERE d.id = c.duty"""


def values(rule: Rule, day: date) -> dict:
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    return {"rule": rule.pk, "version": rule.version, "period": str(day.year), "first": first, "last": last,
            "today": day}  # fmt: skip


def by_hand(rule: Rule, day: date) -> None:
    """What somebody who knows this rule, this world and PostgreSQL would write."""
    given = values(rule, day)
    execute("BEGIN")
    execute("SET LOCAL enable_nestloop = off")
    execute(OPEN_BY_HAND, given)
    execute(CLOSE_BY_HAND, given)
    execute("COMMIT")


def in_bulk(rule: Rule, day: date) -> None:
    """The ORM's way of opening and closing: the talks in a dictionary, a row in memory for each member.

    It has less to do than the engine: it credits only the member's own secretary, and neither carries nor voids.
    """
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    talks = RecordPerson.objects.filter(
        record__action="talk", record__on__range=(first, day), record__withdrawn_on__isnull=True,
        person__posts__role="secretary", person__posts__organisation=F("record__organisation"),
        person__posts__since__lte=F("record__on"), person__posts__until__gt=F("record__on"),
    ).exclude(person=F("record__member"))  # fmt: skip
    done = {}
    rows = talks.order_by("-record__on", "-record").values_list("record__member", "record", "record__on")
    for member, record, on in rows:
        done[member] = (record, on)
    members = Membership.objects.on(day).filter(standing__in=("full", "probationary")).select_related("organisation")
    duties = []
    for each in members.iterator(chunk_size=5000):
        record, on = done.get(each.person_id, (None, None))
        duties.append(
            Duty(rule=rule, rule_version=rule.version, period=str(day.year), key=f"m{each.person_id}:{day.year}",
                 organisation_id=each.organisation_id, path=each.path, member_id=each.person_id, counts_from=first,
                 opens_on=max(first, each.since), due_on=last, closes_on=last, closed_by_id=record, closed_on=on,
                 state="done" if record else "open")
        )  # fmt: skip
    Duty.objects.bulk_create(duties, batch_size=5000, ignore_conflicts=True)


def engine(rule: Rule, day: date) -> None:
    sweep(on=day, today=day)


def same_rows(rule: Rule, day: date) -> int:
    """How many rows either way of sweeping gives that the other does not. Numbers of rows are not compared."""
    columns = COLUMNS.removeprefix("rule_id, rule_version, ")
    forget(rule)
    engine(rule, day)
    execute(f"CREATE TEMP TABLE theirs AS SELECT {columns} FROM engine_duty")
    forget(rule)
    by_hand(rule, day)
    mine, theirs = f"SELECT {columns} FROM engine_duty", f"SELECT {columns} FROM theirs"
    differing = ask(f"SELECT COUNT(*) FROM (({mine} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {mine})) AS either")
    execute("DROP TABLE theirs")
    return differing[0][0]


# The measurement ------------------------------------------------------------------------------------------------------


def first_run(rule: Rule, day: date, act) -> float:
    forget(rule)
    return seconds(lambda: act(rule, day))


def again(rule: Rule, day: date, *, behind: bool = False, swept: date | None = None) -> float:
    """The engine's run after a first one, on the statistics of an empty table."""
    if swept:
        SweptRule.objects.update(on=swept)
    SweptRule.objects.update(behind=behind)
    return seconds(lambda: engine(rule, day))


def measure(day: date, *, rounds: int):
    """Yield the promises of the sweep, measured in the database of the connection."""
    rule = adopt_one_rule(day)
    if differing := same_rows(rule, day):
        raise SystemExit(f"the engine and the hand-written statements differ in {differing} rows")
    acts = {
        "engine": lambda: first_run(rule, day, engine),
        "once more": lambda: again(rule, day),
        "quiet night": lambda: again(rule, day, swept=day - timedelta(days=1)),
        "everything again": lambda: again(rule, day, behind=True),
        "by hand": lambda: first_run(rule, day, by_hand),
        "bulk": lambda: first_run(rule, day, in_bulk),
    }
    # Always in this order: the second runs belong to the engine's first one.
    taken = {name: [] for name in acts}
    for _round in range(rounds):
        for name, act in acts.items():
            taken[name].append(act())
    first, hand, bulk = taken["engine"], taken["by hand"], taken["bulk"]
    told = {name: shown(median(times)) for name, times in taken.items()}
    yield Promise("sweep, first run ÷ written by hand", paired(first, hand), at_most=1.5, n=rounds,
                  detail=f"{told['engine']} ÷ {told['by hand']}")  # fmt: skip
    yield Promise("bulk_create(ignore_conflicts) ÷ sweep, first run (both open and close)", paired(bulk, first),
                  at_least=3, n=rounds, detail=f"{told['bulk']} ÷ {told['engine']}")  # fmt: skip
    for name in ("once more", "quiet night"):
        yield Promise(f"sweep, {name} ÷ first run", paired(taken[name], first), at_most=0.15, n=rounds,
                      detail=f"{told[name]} ÷ {told['engine']}")  # fmt: skip
    yield Promise("sweep, everything again on stale statistics ÷ first run", paired(taken["everything again"], first),
                  n=rounds, detail=f"{told['everything again']} ÷ {told['engine']}")  # fmt: skip
