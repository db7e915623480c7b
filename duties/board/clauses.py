"""A clause and its rules as readable rows: when, who, within which days, and who set the number."""

from dataclasses import dataclass

from django.db.models import QuerySet

from duties.board.words import VERBS
from duties.policy.models import Clause, Rule
from duties.policy.schema import InStanding, OnDate, OnEvent
from members.enums import CategoryKind, EventKind, Standing


@dataclass(frozen=True)
class RuleRow:
    """One rule as a sentence in columns; ``limits`` pairs each number's words with whether we set it ourselves."""

    title: str
    occasion: str
    whom: str
    who: str
    limits: tuple[tuple[str, bool], ...]
    force: str


def clauses() -> QuerySet[Clause]:
    """All clauses with their policy; policy has no scope, everyone may read what binds everyone."""
    return Clause.objects.select_related("policy").order_by("policy__code", "position", "pk")


def clause_page(clause: Clause) -> dict:
    """What the clause's page shows: the clause, its neighbours and its rules."""
    rules = clause.rules.order_by("position", "pk")
    neighbours = clauses().filter(policy=clause.policy)
    return {"clause": clause, "clauses": neighbours, "rules": [rule_row(rule) for rule in rules]}


def rule_row(rule: Rule) -> RuleRow:
    """The rule in words."""
    spec = rule.parsed
    occasion, limits = _trigger(rule)
    whom = "、".join(_condition(condition) for condition in spec.target)
    return RuleRow(rule.title, occasion, whom, f"支部{spec.responsible.role.label}", limits, rule.get_force_display())


def _trigger(rule: Rule) -> tuple[str, tuple[tuple[str, bool], ...]]:
    spec = rule.parsed
    trigger, own = spec.trigger, spec.own_numbers
    noun, verb = VERBS[rule.action]
    if isinstance(trigger, OnEvent):
        kinds = "或".join(f"“{EventKind(kind).label}”" for kind in trigger.events)
        return f"登记{kinds}", ((f"{trigger.within_days} 天内{noun}", "within_days" in own),)
    if isinstance(trigger, OnDate):
        return "每年入党纪念日", (
            (f"提前 {trigger.opens_days_before} 天", "opens_days_before" in own),
            (f"过后 {trigger.closes_days_after} 天内仍可办", "closes_days_after" in own),
        )
    return "每年", ((f"至少{verb} {trigger.times} 次，12-31 前", "times" in own),)


def _condition(condition) -> str:
    if isinstance(condition, InStanding):
        return "和".join(Standing(standing).label for standing in condition.standings)
    grades = "、".join(condition.grades)
    return CategoryKind(condition.kind).label + (f"（{grades}）" if grades else "")
