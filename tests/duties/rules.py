"""A policy of one rule, adopted at once: what a test of a single trigger needs."""

from datetime import date

from base.dates import today
from duties.policy.adoption import adopt
from duties.policy.models import Clause, Force, Policy, Rule
from duties.policy.schema import RuleSpec

MEMBERS = {"condition": "standing", "standings": ["full", "probationary"]}
_FORCES = {label: value for value, label in Force.choices}


def a_rule(organisation, trigger: dict, *, since=date(2026, 1, 1), code="r", **more) -> Rule:
    """Adopt at ``organisation`` a policy with one rule; every number is the clause's."""
    spec = {
        "code": code, "title": code, "clause": "1", "mechanism": "M15", "force": "应当", "action": "visit",
        "responsible": {"role": "secretary"}, "target": [MEMBERS], "trigger": trigger,
    } | more  # fmt: skip
    spec["set_by"] = dict.fromkeys(_numbers(spec), "clause")
    parsed = RuleSpec.model_validate(spec)
    policy = Policy.objects.create(code=f"p-{code}", title=code, number=code, issuer="试验")
    clause = Clause.objects.create(policy=policy, code="1", printed="第1项", heading=code, gist=code, position=0)
    rule = Rule.objects.create(
        policy=policy, clause=clause, code=code, title=code, mechanism=parsed.mechanism, action=parsed.action,
        force=_FORCES[parsed.force], sensitive=parsed.sensitive, replaces=parsed.replaces or "",
        spec=parsed.model_dump(mode="json", by_alias=True) | {"own_numbers": []},
    )  # fmt: skip
    adopt(by=None, organisation=organisation, policy=policy, since=since, today=today())
    return rule


def _numbers(spec: dict) -> list[str]:
    """The numbers of the trigger, as the schema asks for them in ``set_by``."""
    trigger = spec["trigger"]
    every = {
        "occasion": ("opens_days_before", "due_days_before", "closes_days_after"),
        "date": ("opens_days_before", "closes_days_after", *({"at_years", "shift_days"} & set(trigger))),
        "quota": tuple({"times", "sum", "days"} & set(trigger)),
        "event": ("within_days",),
        "standing": ("at_least", "within_days"),
    }
    return list(every[trigger["kind"]])
