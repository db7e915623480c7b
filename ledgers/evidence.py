"""条款 → 做了什么 → 佐证 → 缺漏: for each policy that reached an organisation in a period, clause by clause, what
stands in the duties and ledgers of the organisation and all below it (central measures 18; M54).

A duty belongs to the period in which it is due, and what was done ahead of its day to that of the doing besides. A gap
is what was due by the end of the period, is not done to this day, and was no mere 可以: it is due in the period too,
while what lapsed is not, so what is due is done, to be done yet, or missing. Of a rule that the reader may not know of
nothing is told but that it is there.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Q

from duties.board.policies import address
from duties.engine.counts import OPTIONAL
from duties.engine.models import Duty, DutyQuerySet, State
from duties.policy.answers import ANSWERS
from duties.policy.models import Adoption, Clause, Policy, Reach, Rule
from ledgers.ledger import Reader
from members.enums import Capability
from members.models import Organisation
from members.scope import path_end

OWN = "working-rules"
"""The product's own clocks are no document that anybody is inspected for."""

RECORDED_IN = {"talk": "talks", "visit": "visits", "greeting": "visits", "condolence": "visits", "study": "study"}
"""The ledger in which the records of an action stand; of all others 办理记录台账."""


@dataclass(frozen=True)
class Figures:
    """Duties of one rule: due in the period, done, done after the day, to be done yet, and missing."""

    due: int = 0
    done: int = 0
    late: int = 0
    running: int = 0
    gap: int = 0


@dataclass(frozen=True)
class RuleEvidence:
    """One rule; without figures for whoever may not know of its duties."""

    rule: Rule
    figures: Figures | None

    @property
    def ledger(self) -> str:
        return RECORDED_IN.get(self.rule.action, "deeds")


@dataclass(frozen=True)
class ClauseEvidence:
    """One clause with its rules, and the names of what else answers it (:data:`duties.policy.answers.ANSWERS`)."""

    clause: Clause
    rules: list[RuleEvidence]
    answers: list[str]

    @property
    def figures(self) -> Figures:
        """Of all its rules together, as far as they may be known."""
        told = [each.figures for each in self.rules if each.figures]
        return Figures(**{name: sum(getattr(each, name) for each in told) for name in FIGURES})

    @property
    def withheld(self) -> bool:
        """Whether it has rules of whose duties the reader may not know."""
        return any(each.figures is None for each in self.rules)

    @property
    def answered(self) -> list[tuple[str, str]]:
        """What else answers it: the title and the page, if there is one to open."""
        known = [ANSWERS[name] for name in self.answers if name in ANSWERS]
        return [(each.title, address(each.page) if each.page else "") for each in known]


@dataclass(frozen=True)
class PolicyEvidence:
    policy: Policy
    clauses: list[ClauseEvidence] = field(default_factory=list)


def evidence(reader: Reader, organisation: Organisation, first: date, last: date) -> list[PolicyEvidence]:
    """The matrix of every policy that reached the organisation, or one below it, in the period; five queries.

    :param first, last: the period, both days included.
    """
    reached = Reach.objects.filter(
        rule=OuterRef("pk"), since__lte=last, until__gt=first,
        organisation__path__gte=organisation.path, organisation__path__lt=path_end(organisation.path),
    )  # fmt: skip
    rules = Rule.objects.exclude(policy__code=OWN).filter(Exists(reached)).order_by("position", "pk")
    by_clause: dict[int, list[Rule]] = defaultdict(list)
    for rule in rules:
        by_clause[rule.clause_id].append(rule)
    figures = _figures(reader, organisation, first, last, [rule.pk for each in by_clause.values() for rule in each])
    may_know = reader.account is None or reader.account.scope.may(Capability.SENSITIVE, organisation.path)
    found: dict[int, PolicyEvidence] = {}
    for clause in _clauses(organisation, first, last):
        told = [
            RuleEvidence(rule, None if rule.sensitive and not may_know else figures.get(rule.pk, Figures()))
            for rule in by_clause[clause.pk]
        ]
        names = [name for names in clause.spec.get("answers", {}).values() for name in names]
        line = ClauseEvidence(clause, told, [name for name in dict.fromkeys(names) if name != "principle"])
        found.setdefault(clause.policy_id, PolicyEvidence(clause.policy)).clauses.append(line)
    return list(found.values())


def _clauses(organisation: Organisation, first: date, last: date) -> Iterable[Clause]:
    """The clauses of policies adopted here, above or below on some day of the period, in the order of documents."""
    above = [organisation.path[:end] for end in range(5, len(organisation.path) + 1, 5)]
    here = Q(organisation__path__in=above)
    here |= Q(organisation__path__gte=organisation.path, organisation__path__lt=path_end(organisation.path))
    adopted = Adoption.objects.filter(here, policy=OuterRef("policy"), since__lte=last, until__gt=first)
    clauses = Clause.objects.exclude(policy__code=OWN).filter(Exists(adopted)).select_related("policy")
    return clauses.order_by(F("policy__issued_on").asc(nulls_last=True), "policy__code", "position", "pk")


def _figures(
    reader: Reader, organisation: Organisation, first: date, last: date, rules: list[int]
) -> dict[int, Figures]:
    counts = {name: Count("pk", filter=behind(name, reader.day, first, last)) for name in FIGURES}
    rows = within(reader, organisation).filter(rule__in=rules).order_by().values("rule")
    return {row.pop("rule"): Figures(**row) for row in rows.annotate(**counts)}


def within(reader: Reader, organisation: Organisation) -> DutyQuerySet:
    """The duties at and below an organisation that the reader may see."""
    duties = Duty.objects.all() if reader.account is None else Duty.objects.visible_to(reader.account)
    return duties.filter(path__gte=organisation.path, path__lt=path_end(organisation.path))


def missing(day: date, last: date) -> Q:
    """Gaps: due by ``last``, overdue on ``day`` and not done, whether it can still be done or was missed for good."""
    return Q(state=State.OPEN, due_on__lt=day, due_on__lte=last, silent=False) & ~Q(rule__in=OPTIONAL)


FIGURES = {
    "due": "期间内到期、提前办结和以前欠下的",
    "done": "已办结", "late": "其中逾期后办结", "running": "还在办", "gap": "缺漏",
}  # fmt: skip
"""What each figure is called."""


def behind(figure: str, day: date, first: date, last: date) -> Q:
    """The duties that a figure counts."""
    due = Q(due_on__range=(first, last)) | Q(state=State.DONE, due_on__gt=last, closed_on__range=(first, last))
    return {
        "due": due & Q(state__in=(State.DONE, State.OPEN)) | missing(day, last),
        "done": due & Q(state=State.DONE),
        "late": due & Q(state=State.DONE, closed_on__gt=F("due_on")),
        "running": due & Q(state=State.OPEN) & ~missing(day, last),
        "gap": missing(day, last),
    }[figure]
