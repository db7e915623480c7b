"""Drafting a Spring Festival campaign over the whole province, beside a plain SELECT of the same people by hand."""

from datetime import date

from base.calendar import Occasion, day_of
from bench.database import ask, execute
from bench.life import enliven
from bench.measure import Promise, median, paired, seconds, shown
from duties.engine.conditions import quoted
from duties.policy.adoption import adopt
from duties.policy.models import Rule
from duties.policy.packs import load_pack
from duties.policy.schema import InCategory, InStanding
from members.models import Organisation
from visits.campaigns.checks import missed
from visits.campaigns.drafting import draft
from visits.campaigns.naming import rules_of
from visits.models import Campaign, Candidate

PROMISED = 100_000
"""From so many members on the promise holds."""

PACKS = ("central-2019", "seven-articles")
"""The poor, twice; the old and the ill: about five in a hundred members."""


def prepare(day: date) -> tuple[Organisation, list[Rule]]:
    """The province follows two policies; the rules of theirs that name somebody for the festival."""
    enliven(day)
    province = Organisation.objects.get(path="00001")
    for code in PACKS:
        adopt(by=None, organisation=province, policy=load_pack(code), since=date(day.year, 1, 1), today=day)
    execute("VACUUM ANALYZE")
    return province, rules_of(province, Occasion.SPRING_FESTIVAL, festival(day))


def festival(day: date) -> date:
    """The next 春节 after ``day``."""
    return next(on for year in (day.year, day.year + 1) if (on := day_of(Occasion.SPRING_FESTIVAL, year)) > day)


def plain(rules: list[Rule], day: date) -> str:
    """Whom the rules name, each with the rules that do, as somebody who knows the tables would ask for it once."""
    on = festival(day)
    asked = " UNION ALL ".join(_of(rule, on) for rule in rules)
    return f"""
      SELECT n.person_id, m.path, STRING_AGG(n.rule_id::text, ',' ORDER BY n.rule_id) FROM ({asked}) AS n
      JOIN members_membership m ON m.person_id = n.person_id AND m.since <= DATE '{day}' AND m.until > DATE '{day}'
      GROUP BY n.person_id, m.path ORDER BY m.path, n.person_id"""


def _of(rule: Rule, on: date) -> str:
    trigger = rule.parsed.trigger
    due = f"DATE '{on}' - {trigger.due_days_before}"
    joins, since, until = (
        "",
        ["m.since", "r.since", f"DATE '{on}' - {trigger.opens_days_before}"],
        ["m.until", "r.until"],
    )
    for each in rule.parsed.target:
        if isinstance(each, InStanding):
            standings = quoted(each.standings)
        elif isinstance(each, InCategory):
            grades = f"AND c.grade IN ({quoted(each.grades)})" if each.grades else ""
            joins += f" JOIN members_category c ON c.person_id = m.person_id AND c.kind = '{each.kind}' {grades}"
            since, until = [*since, "c.since"], [*until, "c.until"]
        else:
            raise SystemExit(f"{rule} asks what this measurement cannot say by hand: {each}")
    begins = f"GREATEST({', '.join(since)})"
    return f"""
      SELECT DISTINCT m.person_id, {rule.pk} AS rule_id FROM members_membership m
      JOIN policy_reach r ON r.rule_id = {rule.pk} AND r.organisation_id = m.organisation_id {joins}
      WHERE m.standing IN ({standings}) AND {begins} < LEAST({", ".join(until)}) AND {begins} <= {due}"""


def differing(rules: list[Rule], day: date) -> int:
    """How many people or reasons the draft and the plain SELECT do not have in common."""
    drafted = {
        (person, reasons.strip(","))
        for person, reasons in Candidate.objects.exclude(reasons="").values_list("person", "reasons")
    }
    return len(drafted ^ {(person, reasons) for person, _path, reasons in ask(plain(rules, day))})


def forget() -> None:
    """As if no campaign had been drafted."""
    execute("TRUNCATE visits_candidate, visits_campaign")


def measure(day: date, *, rounds: int):
    """Yield the promises of drafting, measured in the database of the connection."""
    province, rules = prepare(day)
    given = {"by": None, "organisation": province, "occasion": "spring", "year": festival(day).year, "today": day}
    campaign = draft(**given)
    if found := differing(rules, day):
        raise SystemExit(f"the draft and the plain SELECT differ in {found} people")
    listed, out = campaign.candidates.listed().count(), campaign.candidates.left_out().count()
    print(f"  {len(rules)} rules name {listed:,} members; {out:,} are left out with a reason", flush=True)
    taken: dict[str, list[float]] = {name: [] for name in ("select", "draft", "again", "missed")}
    for _round in range(rounds):
        forget()
        execute("ANALYZE visits_candidate")
        taken["select"].append(seconds(lambda: ask(plain(rules, day))))
        taken["draft"].append(seconds(lambda: draft(**given)))
        taken["again"].append(seconds(lambda: draft(**given)))
        campaign = Campaign.objects.get()
        taken["missed"].append(seconds(lambda mine=campaign: missed(mine).count()))
    told = {name: shown(median(times)) for name, times in taken.items()}
    what = f"campaign: drafting Spring Festival, {listed:,} candidates"
    [[members]] = ask("SELECT COUNT(*) FROM members_person")
    at_most = 3 if members >= PROMISED else None  # what every draft costs is not small beside a small query
    yield Promise(f"{what} ÷ the plain selecting query", paired(taken["draft"], taken["select"]), at_most=at_most,
                  n=rounds, detail=f"{told['draft']} ÷ {told['select']}")  # fmt: skip
    for name, words in (("again", "drafting it again"), ("missed", "the check that nobody is missed")):
        yield Promise(f"campaign: {words} ÷ the plain selecting query", paired(taken[name], taken["select"]), n=rounds,
                      detail=f"{told[name]} ÷ {told['select']}")  # fmt: skip
