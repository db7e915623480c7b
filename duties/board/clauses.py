"""A clause and its rules as readable rows: when, who, within which days, and who set the number."""

from dataclasses import dataclass

from django.db.models import QuerySet

from duties.board import phrases
from duties.policy.models import Clause, Rule


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
    by = phrases.who(rule.parsed.responsible)
    return RuleRow(
        rule.title, phrases.occasion_of(rule), phrases.whom(rule), by, phrases.limits(rule), rule.get_force_display()
    )
