"""A clause and its rules as readable rows: when, who, within which days, and who set the number."""

from dataclasses import dataclass

from django.db.models import QuerySet

from duties.board import phrases
from duties.board.policies import Reader, clause_blocks, text_of_clause
from duties.policy.models import Clause, Rule
from duties.policy.schema import RuleSpec


@dataclass(frozen=True)
class RuleRow:
    """One rule as a sentence in columns; ``limits`` pairs each number's words with whether we set it ourselves."""

    rule: Rule
    title: str
    occasion: str
    whom: str
    who: str
    limits: tuple[tuple[str, bool], ...]
    force: str


def clauses() -> QuerySet[Clause]:
    """All clauses with their policy; policy has no scope, everyone may read what binds everyone."""
    return Clause.objects.select_related("policy").order_by("policy__code", "position", "pk")


def rules() -> QuerySet[Rule]:
    """All rules with clause and policy, in the order of their documents."""
    return Rule.objects.select_related("policy", "clause__policy").order_by("policy__code", "position", "pk")


def clause_page(clause: Clause, reader: Reader) -> dict:
    """What the clause's page shows: the clause, its neighbours, its rules, what else answers it, where its text is."""
    (block,) = clause_blocks([clause], reader)
    neighbours = list(clauses().filter(policy=clause.policy))
    place = neighbours.index(clause)
    return {
        "clause": clause,
        "clauses": neighbours,
        "rules": [rule_row(line.rule, line.spec) for line in block.rules],
        "answers": block.answers,
        "text_url": text_of_clause(clause, reader),
        "before": neighbours[place - 1] if place else None,
        "after": neighbours[place + 1] if place + 1 < len(neighbours) else None,
    }


def rule_row(rule: Rule, spec: RuleSpec) -> RuleRow:
    """The rule in words, with the numbers of ``spec``."""
    by = phrases.who(rule.parsed)
    return RuleRow(
        rule, rule.title, phrases.occasion_of(rule), phrases.whom(rule), by, phrases.limits(rule, spec),
        rule.get_force_display(),
    )  # fmt: skip
