"""Three policies at once: a night's sweep of all their rules beside statements written by hand, and a quiet night."""

from datetime import date, timedelta

from bench.by_hand import by_hand
from bench.database import ask, execute
from bench.life import enliven
from bench.measure import Promise, median, paired, seconds, shown
from bench.sweep import COLUMNS, forget
from duties.engine.models import SweptRule
from duties.engine.sweep import active_rules, listed_periods, sweep
from duties.engine.whatif import what_if
from duties.policy.adjusting import adjust
from duties.policy.adoption import adopt
from duties.policy.models import Rule
from duties.policy.packs import load_pack
from members.models import Organisation

PACKS = ("central-2019", "henan-water-2020", "xinxiang-college-2020")


def adopt_three(day: date) -> list[Rule]:
    """The province follows three policies from New Year on; what happens to its members beside talks is added."""
    enliven(day)
    province = Organisation.objects.get(path="00001")
    for code in PACKS:
        adopt(by=None, organisation=province, policy=load_pack(code), since=date(day.year, 1, 1), today=day)
    execute("VACUUM ANALYZE")
    return list(active_rules())


def engine(day: date) -> None:
    sweep(on=day, today=day)


def hand(rules: list[Rule], day: date) -> None:
    for rule in rules:
        for period in listed_periods(rule, date(1900, 1, 1), day):
            by_hand(rule, period, day)


def differing(rules: list[Rule], day: date) -> dict[str, int]:
    """By rule, how many rows either way of sweeping gives that the other does not. Numbers of rows are not compared."""
    columns = COLUMNS.replace("rule_id, rule_version", "rule_id")
    forget(rules[0])
    engine(day)
    execute(f"CREATE TEMP TABLE theirs AS SELECT {columns} FROM engine_duty")
    forget(rules[0])
    hand(rules, day)
    mine, theirs = f"SELECT {columns} FROM engine_duty", f"SELECT {columns} FROM theirs"
    either = f"({mine} EXCEPT {theirs}) UNION ALL ({theirs} EXCEPT {mine})"
    found = dict(ask(f"SELECT rule_id, COUNT(*) FROM ({either}) AS either GROUP BY rule_id"))
    execute("DROP TABLE theirs")
    return {str(rule): found[rule.pk] for rule in rules if rule.pk in found}


def without_rows(rules: list[Rule]) -> list[str]:
    """Rules for which this world has no duty: what is measured about them says nothing."""
    there = {rule for [rule] in ask("SELECT DISTINCT rule_id FROM engine_duty")}
    return [str(rule) for rule in rules if rule.pk not in there]


TARGET = """
    SELECT COUNT(*) FROM members_membership m JOIN policy_reach r ON r.organisation_id = m.organisation_id
    WHERE r.rule_id = %(rule)s AND r.since <= %(day)s AND r.until > %(day)s
      AND m.since <= %(day)s AND m.until > %(day)s AND m.standing IN ('full', 'probationary')"""
"""How many members a rule about all members has in its target on a day."""


def look(rule: Rule, day: date) -> None:
    """See beforehand what another number of a rule that was swept today would do."""
    province = Organisation.objects.get(path="00001")

    def act():
        adjust(by=None, organisation=province, rule=rule, numbers={"times": 2}, since=day, today=day)

    what_if(act, rules=lambda: [rule.pk], today=day)


def measure(day: date, *, rounds: int):
    """Yield the promises of three policies, measured in the database of the connection."""
    rules = adopt_three(day)
    if found := differing(rules, day):
        raise SystemExit(f"the engine and the hand-written statements differ: {found}")
    [[duties]] = ask("SELECT COUNT(*) FROM engine_duty")
    without = ", ".join(without_rows(rules)) or "none"
    print(f"  {len(rules)} rules, {duties:,} duties; without any: {without}", flush=True)
    one = next(rule for rule in rules if str(rule) == "henan-water-2020/yearly-talk")
    others = [rule for rule in rules if rule != one]
    taken = {name: [] for name in ("one", "hand", "first", "again", "quiet", "look", "count")}
    for _round in range(rounds):
        forget(rules[0])
        taken["one"].append(seconds(lambda: hand([one], day)))
        taken["hand"].append(taken["one"][-1] + seconds(lambda: hand(others, day)))
        forget(rules[0])
        taken["first"].append(seconds(lambda: engine(day)))
        execute("ANALYZE")  # as the database's own clock does in a night
        taken["again"].append(seconds(lambda: engine(day)))
        SweptRule.objects.update(on=day - timedelta(days=1))
        taken["quiet"].append(seconds(lambda: engine(day)))
        taken["look"].append(seconds(lambda: look(one, day)))
        taken["count"].append(seconds(lambda: ask(TARGET, {"rule": one.pk, "day": day})))
    told = {name: shown(median(times)) for name, times in taken.items()}
    what = f"three policies, {len(rules)} rules"
    yield Promise(f"{what}: sweep with work ÷ written by hand", paired(taken["first"], taken["hand"]), at_most=1.5,
                  n=rounds, detail=f"{told['first']} ÷ {told['hand']}")  # fmt: skip
    yield Promise(f"{what}: sweep when nothing changed ÷ written by hand", paired(taken["quiet"], taken["hand"]),
                  at_most=0.15, n=rounds, detail=f"{told['quiet']} ÷ {told['hand']}")  # fmt: skip
    yield Promise(f"{what}: sweep once more on the same day ÷ written by hand", paired(taken["again"], taken["hand"]),
                  n=rounds, detail=f"{told['again']} ÷ {told['hand']}")  # fmt: skip
    for than, name, at_most in (("counting its target", "count", 3), ("that rule written by hand", "one", 0.5)):
        yield Promise(f"what another number of one rule would do ÷ {than}", paired(taken["look"], taken[name]),
                      at_most=at_most, n=rounds, detail=f"{told['look']} ÷ {told[name]}")  # fmt: skip
