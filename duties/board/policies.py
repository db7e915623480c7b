"""Policies, rules and texts as their pages show them: sentences, who adopted what, what stands open.

Policy has no scope: everybody signed in reads it. What organisations did with it, and how many duties it made, is
told within the reader's scope alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.conf import settings
from django.db.models import Count, F, Q, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.functional import cached_property

from base.dates import FAR, last_day
from duties.board import sentences
from duties.board.asked import Asked
from duties.board.groups import Group
from duties.policy.answers import ANSWERS, KIND_LABELS, MECHANISMS
from duties.policy.documents import paragraphs
from duties.policy.models import Adjustment, Adoption, Clause, Document, Policy, Responsibility, Rule, places_of, upward
from duties.policy.schema import RuleSpec
from duties.policy.texts import Paragraph
from duties.policy.units import in_force
from members.enums import Capability
from members.models import Organisation

ENTERING = {"event_new", "deed_new"}
"""Pages that answer a clause and open only to those who record."""


def address(name: str, *args) -> str:
    """Where a page stands, empty where the product has none of this name (yet) or it needs what we do not have."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def all_policies() -> QuerySet[Policy]:
    """All policies: they bind whoever adopts them and are hidden from nobody. Those without a day come last."""
    return Policy.objects.order_by(F("issued_on").asc(nulls_last=True), "code")


def deciding(account) -> list[Organisation]:
    """The organisations of the account's own posts for which it decides on policy."""
    held = [each.organisation for each in account.scope.holdings if each.allows(Capability.POLICY)]
    return list({each.pk: each for each in held}.values())


class Reader:
    """Whose page it is: the organisations they belong to, and what of policy they may see and decide."""

    def __init__(self, account, day: date):
        self.account, self.day = account, day
        self.places = places_of(account.scope)
        self.above = upward(self.places)
        self.views = account.scope.may(Capability.VIEW)
        self.decides = account.scope.may(Capability.POLICY)
        self.records = account.scope.may(Capability.RECORD)

    @property
    def here(self) -> str:
        """The path of the organisation the reader's pages are about; empty for who belongs to none."""
        home = self.account.scope.home
        return home.path if home else next(iter(self.places), "")

    def concerned(self) -> Q:
        """Rows of organisations in scope, and of those that decide for the reader from above."""
        return self.account.scope.q("organisation__path", Capability.VIEW) | Q(organisation__path__in=self.above)

    @cached_property
    def followed(self) -> frozenset[int]:
        """The policies somebody in scope, or above, follows or is to follow."""
        rows = Adoption.objects.filter(self.concerned(), until__gt=self.day)
        return frozenset(rows.order_by().values_list("policy", flat=True))

    def label(self, organisation: Organisation) -> str:
        """The organisation by name where the reader knows it by a post or as a member, else 上级."""
        path = organisation.path
        known = path in self.places or self.account.scope.may(Capability.VIEW, path)
        return organisation.label if known else "上级"

    def decides_for(self, organisation: Organisation) -> bool:
        return self.account.scope.may(Capability.POLICY, organisation.path)

    def in_force(self, rules: Q) -> dict[int, Adjustment]:
        """For each rule adjusted at the reader's organisation or above, the nearest adjustment of the day."""
        rows = Adjustment.objects.on(self.day).filter(rules, organisation__path__in=upward([self.here]))
        rows = rows.select_related("organisation").order_by("organisation__path", "since", "pk")
        return {row.rule_id: row for row in rows}


# How much stands open -------------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """How many duties of a rule stand in the reader's scope; ``told`` is false where the number would tell too much."""

    open: int = 0
    overdue: int = 0
    missed: int = 0
    done: int = 0
    told: bool = True

    @property
    def running(self) -> int:
        return self.open + self.overdue + self.missed


_COLUMNS = {
    Group.SOON: "open", Group.LATER: "open", Group.LAPSED: "open", Group.LATE: "overdue", Group.MISSED: "missed",
    Group.DONE: "done",
}  # fmt: skip


def standing(account, day: date) -> dict[int, Standing]:
    """For each rule how many duties stand in scope, from the counts kept. What is hidden from the reader is left out,
    on the page as in the number: else the number would tell what the list does not.
    """
    asked, found = Asked(account, day), defaultdict(Standing)
    sensitive_seen = account.scope.may(Capability.SENSITIVE)
    for pk, rule in asked.rules.items():
        if rule.sensitive and not sensitive_seen:
            found[pk].told = False
    for cell, group, hidden, n in asked.cells:
        column = _COLUMNS.get(group)
        if column and not hidden:
            setattr(found[cell.rule], column, getattr(found[cell.rule], column) + n)
    return found


# All policies ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """One adoption in words."""

    adoption: Adoption
    label: str
    since: date
    last: date | None
    runs: bool
    end_url: str = ""
    done_url: str = ""


@dataclass
class PolicyLine:
    policy: Policy
    clauses: int
    rules: int
    taken: list[Taken] = field(default_factory=list)

    @property
    def shown(self) -> list[Taken]:
        return self.taken[:ADOPTIONS_SHOWN]

    @property
    def more(self) -> int:
        return len(self.taken) - len(self.shown)


ADOPTIONS_SHOWN = 3


def policy_lines(reader: Reader) -> list[PolicyLine]:
    """All policies with how many clauses and rules they have and who follows them; three queries, however many. Those
    that are followed come first, then documents with a number.
    """
    counted = {
        model: dict(model.objects.order_by().values_list("policy").annotate(n=Count("pk"))) for model in (Clause, Rule)
    }
    lines = {
        policy.pk: PolicyLine(policy, counted[Clause].get(policy.pk, 0), counted[Rule].get(policy.pk, 0))
        for policy in all_policies()
    }
    for taken in _taken(reader, Q(until__gt=reader.day)):
        lines[taken.adoption.policy_id].taken.append(taken)
    return sorted(lines.values(), key=lambda line: (not line.taken, not line.policy.number))


def _taken(reader: Reader, wanted: Q) -> list[Taken]:
    """Adoptions that concern the reader, the highest organisation first."""
    rows = Adoption.objects.filter(wanted).filter(reader.concerned()).select_related("organisation")
    found = []
    for row in rows.order_by("organisation__path", "since", "pk"):
        runs = row.since <= reader.day < row.until
        may_end = row.until > reader.day and reader.decides_for(row.organisation)
        end_url = address("adoption_end", row.pk) if may_end else ""
        done_url = address(settings.ALREADY_DONE, row.pk) if runs and reader.records else ""
        last = last_day(row.until) if row.until < FAR else None
        found.append(Taken(row, reader.label(row.organisation), row.since, last, runs, end_url, done_url))
    return found


# One policy -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RuleLine:
    """A rule as a sentence, with the way to its page and to adjusting it."""

    rule: Rule
    spec: RuleSpec
    sentence: sentences.Sentence
    adjusted: str
    adjust_url: str
    standing: Standing | None = None


@dataclass(frozen=True)
class AnswerLine:
    """What answers a clause besides rules. ``waits``: a later version of the product brings it."""

    kind: str
    title: str
    mechanism: str
    url: str
    waits: bool


@dataclass
class ClauseBlock:
    clause: Clause
    rules: list[RuleLine]
    answers: list[AnswerLine]
    units: Responsibility | None = None


def clause_blocks(clauses: Iterable[Clause], reader: Reader, counted: dict | None = None) -> list[ClauseBlock]:
    """Clauses in order, each with its rules as sentences and what else answers it; two queries, however many."""
    clauses = list(clauses)
    adjustments = reader.in_force(Q(rule__clause__in=clauses))
    by_clause = defaultdict(list)
    for rule in Rule.objects.filter(clause__in=clauses).order_by("position", "pk"):
        by_clause[rule.clause_id].append(rule_line(rule, reader, adjustments.get(rule.pk), counted))
    return [ClauseBlock(each, by_clause[each.pk], _answers(each, reader)) for each in clauses]


def rule_line(rule: Rule, reader: Reader, adjustment: Adjustment | None, counted: dict | None = None) -> RuleLine:
    spec = rule.under(adjustment)
    said = f"{reader.label(adjustment.organisation)}自 {adjustment.since} 起调整" if adjustment else ""
    url = address("rule_adjust", rule.pk) if reader.decides and rule.policy_id in reader.followed else ""
    return RuleLine(rule, spec, sentences.sentence(spec), said, url, counted[rule.pk] if counted is not None else None)


def _answers(clause: Clause, reader: Reader) -> list[AnswerLine]:
    found: dict[str, AnswerLine] = {}
    for mechanism, names in clause.spec.get("answers", {}).items():
        for name in names:
            answer = ANSWERS.get(name)
            if answer is None or name in found:
                continue
            opens = reader.views and (
                answer.page not in ENTERING or reader.account.scope.may(Capability.RECORD)
            )  # fmt: skip
            url = address(answer.page) if answer.page and opens else ""
            title, kind = MECHANISMS[mechanism][0], KIND_LABELS[answer.kind]
            found[name] = AnswerLine(kind, answer.title, title, url, answer.issue is not None)
    return list(found.values())


def policy_page(policy: Policy, reader: Reader) -> dict:
    """Document, clauses, rules, adoptions and texts of one policy."""
    clauses = list(policy.clauses.order_by("position", "pk"))
    blocks, units = clause_blocks(clauses, reader), in_force(policy, reader.here, reader.day)
    for block in blocks:
        block.units = units.get(block.clause.pk)
    return {
        "policy": policy,
        "blocks": blocks,
        "taken": _taken(reader, Q(policy=policy)),
        "documents": documents(policy, reader),
        "adopt_url": address("policy_adopt", policy.pk) if reader.decides else "",
        "decides": reader.decides,
        "views": reader.views,
    }


def documents(policy: Policy, reader: Reader) -> list[Document]:
    """The texts that the reader may read, the nearest to the reader's organisation first; without their words."""
    rows = Document.objects.visible_to(reader.account).filter(policy=policy).select_related("organisation", "policy")
    near = upward([reader.here])
    found = list(rows.defer("text").order_by("organisation__path", "pk"))
    for each in found:
        each.label = reader.label(each.organisation)
    return sorted(found, key=lambda each: (each.organisation.path not in near, -len(each.organisation.path)))


# One rule -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One adjustment of a rule in words."""

    label: str
    said: str
    since: date
    last: date | None
    basis: str


def rule_page(rule: Rule, reader: Reader) -> dict:
    """A rule whole: sentence, conditions, numbers, what was adjusted, how it is counted, what stands open."""
    adjustment = reader.in_force(Q(rule=rule)).get(rule.pk)
    spec = rule.under(adjustment)
    changes = Adjustment.objects.filter(rule=rule).filter(reader.concerned()).select_related("organisation")
    return {
        "rule": rule,
        "line": rule_line(rule, reader, adjustment),
        "spec": spec,
        "mechanism": MECHANISMS.get(rule.mechanism, (rule.mechanism,))[0],
        "conditions": sentences.conditions(spec),
        "numbers": sentences.numbers(spec, adjustment, reader.label(adjustment.organisation) if adjustment else ""),
        "changes": [
            Change(
                reader.label(row.organisation), sentences.adjusted(row), row.since,
                last_day(row.until) if row.until < FAR else None, row.basis,
            )
            for row in changes.order_by("-since", "organisation__path", "pk")
        ],
        "counting": sentences.counting(spec),
        "standing": standing(reader.account, reader.day)[rule.pk] if reader.views else None,
        "views": reader.views,
        "of_members": spec.subject != "organisation",
        "replaced": rule.replaced().select_related("policy").order_by("pk").first() if rule.replaces else None,
    }  # fmt: skip


# The text beside the rules --------------------------------------------------------------------------------------------


@dataclass
class Passage:
    """Paragraphs that follow one another under one clause, or under none."""

    block: ClauseBlock | None
    paragraphs: list[tuple[int, Paragraph]]
    anchor: str = ""


def text_page(document: Document, reader: Reader) -> dict:
    """The paragraphs of a text, those of a clause together, beside its rules and how many duties they made."""
    clauses = list(document.policy.clauses.order_by("position", "pk"))
    counted = standing(reader.account, reader.day) if reader.views else None
    blocks = {block.clause.code: block for block in clause_blocks(clauses, reader, counted)}
    passages: list[Passage] = []
    met: set[str] = set()
    for number, paragraph in enumerate(paragraphs(document), start=1):
        if not passages or paragraph.starts or paragraph.clause != _code(passages[-1]):
            block = blocks.get(paragraph.clause or "")
            first = block is not None and paragraph.clause not in met
            met |= {paragraph.clause or ""}
            passages.append(Passage(block, [], f"c{block.clause.pk}" if first else ""))
        passages[-1].paragraphs.append((number, paragraph))
    missing = [block.clause for code, block in blocks.items() if code not in met]
    document.label = reader.label(document.organisation)
    return {
        "document": document, "policy": document.policy, "passages": passages, "missing": missing,
        "may_assign": reader.decides_for(document.organisation),
    }  # fmt: skip


def _code(passage: Passage) -> str | None:
    return passage.block.clause.code if passage.block else None


def text_of_clause(clause: Clause, reader: Reader) -> str:
    """Where the nearest text has the clause, if one is attached and a paragraph of it begins the clause."""
    near = documents(clause.policy, reader)
    if not near or not any(each.starts and each.clause == clause.code for each in paragraphs(near[0])):
        return ""
    return f"{reverse('policy_text', args=[clause.policy_id, near[0].pk])}#c{clause.pk}"
