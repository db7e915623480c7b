"""Duties that one act would close are one line: the most urgent is shown, with the clauses of all.

Counts stay counts of duties. What an event asks an answer for, what binds an addressee, what asks for several acts or
for a state, what may be left undone and is past its day, and what hides its basis stands alone.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from duties.board.phrases import VERBS
from duties.board.words import Line, form_of
from duties.engine.models import Duty, State
from duties.policy.models import Force, Rule


def closing(rule: Rule) -> frozenset[str]:
    """The actions of which one alone closes a duty of the rule; empty where it takes more, or something else."""
    trigger, responsible = rule.spec["trigger"], rule.spec["responsible"]
    several = (trigger.get("times") or 1) > 1 or trigger.get("sum") is not None
    if several or trigger["kind"] == "standing" or trigger.get("answers") or responsible.get("addressee"):
        return frozenset()
    return frozenset([rule.spec["action"], *rule.spec.get("or_by", [])])


def subject(member: int | None, actor: int | None, path: str) -> tuple[str, Any]:
    """Whom an act is about: the member, a leader's own duty, or the organisation."""
    if member is not None:
        return "m", member
    return ("a", actor) if actor is not None else ("o", path)


@dataclass
class _Open:
    """A line that more may join: what would close all so far."""

    actions: frozenset[str]
    rows: list


def merged(rows: Iterable, told: Callable[[Any], tuple[Hashable, frozenset[str]]]) -> list[list]:
    """The rows that belong together, each with the first of them in front, in the order given.

    :param told: of a row whom an act would be about, and the actions that would close it; without actions it stands
        alone.
    """
    lines: list[list] = []
    known: dict[Hashable, list[_Open]] = defaultdict(list)
    for row in rows:
        whom, actions = told(row)
        for line in known[whom] if actions else ():
            if common := line.actions & actions:
                line.actions = common
                line.rows.append(row)
                break
        else:
            lines.append([row])
            if actions:
                known[whom].append(_Open(actions, lines[-1]))
    return lines


def together(lines: Iterable[Line], day: date, *, own: bool) -> list[Line]:
    """The lines, those that one act would close as one.

    :param own: whether all are the reader's turn; else only what is the turn of the same people is merged.
    """

    def told(line: Line) -> tuple[Hashable, frozenset[str]]:
        duty = line.duty
        whose = () if own else frozenset(person.pk for person in getattr(duty, "responsible", ()))
        return (subject(duty.member_id, duty.actor_id, duty.path), whose), _closing_now(line, day)

    return [_as_one(first, others) for first, *others in merged(lines, told)]


def _closing_now(line: Line, day: date) -> frozenset[str]:
    duty: Duty = line.duty
    running = duty.state == State.OPEN and duty.counts_from <= day <= duty.closes_on
    past = duty.rule.force == Force.MAY and duty.due_on < day
    return closing(duty.rule) if running and not past and not line.care else frozenset()


def _as_one(first: Line, others: list[Line]) -> Line:
    if not others:
        return first
    common = closing(first.duty.rule).intersection(*(closing(line.duty.rule) for line in others))
    action = first.duty.rule.action if first.duty.rule.action in common else min(common)
    said = f"一次{VERBS[action][0]}同时办结 {1 + len(others)} 件"
    line = replace(first, others=tuple(others), together=said)
    if not line.url or action == first.duty.rule.action:
        return line
    url, label = form_of(first.duty.rule, action, first.ref)
    return replace(line, url=url, label=label)
