"""Whom the adopted rules of a festival name: by the SQL with which the engine opens their duties, as of its day."""

import re
from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from base.calendar import Occasion, YearUnknown, day_of
from duties.engine.conditions import Circle, T
from duties.engine.models import Action
from duties.engine.periods import Period
from duties.engine.spells import spells
from duties.engine.statements import parameters
from duties.engine.sweep import active_rules, listed_periods
from duties.policy.models import Reach, Rule
from duties.policy.schema import Dated, InCategory, InStanding, Tied
from members.enums import SENSITIVE_CATEGORIES, CategoryKind, Standing, TieKind
from members.models import Organisation, Person
from members.scope import path_end
from visits.models import Campaign

ACTS = (Action.VISIT, Action.AID)
"""What a campaign does for its candidates."""


def rules_of(organisation: Organisation, occasion: str, day: date) -> list[Rule]:
    """The rules that name somebody to be visited on the festival of ``day`` at the organisation or below, in the order
    of their documents.

    A rule about all members names nobody in particular: the branch picks and adds by hand.
    """
    below = {"organisation__path__gte": organisation.path, "organisation__path__lt": path_end(organisation.path)}
    reach = Reach.objects.filter(rule=OuterRef("pk"), since__lte=day, until__gt=day, **below)
    rules = active_rules().filter(
        Exists(reach), action__in=ACTS, spec__trigger__kind="occasion", spec__trigger__occasion=occasion
    )
    return [rule for rule in rules.select_related("policy", "clause") if _names_some(rule)]


def _names_some(rule: Rule) -> bool:
    spec = rule.parsed
    picks = any(isinstance(each, InCategory | Tied | Dated) for each in spec.target)
    return picks and (spec.selected or spec.subject in ("member", "pair"))


def of_family(rule: Rule) -> bool:
    """Whether the rule is about the families of the dead."""
    return any(isinstance(each, InStanding) and Standing.DEAD in each.standings for each in rule.parsed.target)


# Groups


@dataclass(frozen=True)
class Group:
    """Rules that name the same sort of people: one tag, one standard. ``sensitive``: telling of health or sanctions."""

    code: str
    label: str
    rules: tuple[int, ...]
    sensitive: bool


BY_HAND = Group("hand", "手工加入", (), sensitive=False)
"""Whoever no rule names."""


def groups_of(rules: Iterable[Rule]) -> list[Group]:
    """The groups of the rules, in the order of their first rule: by category, else by tie, else each rule its own."""
    found: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        found[_sort(rule)].append(rule)
    return [
        Group(
            code, label, tuple(rule.pk for rule in same),
            code in SENSITIVE_CATEGORIES or any(rule.sensitive for rule in same),
        )
        for (code, label), same in found.items()
    ]  # fmt: skip


def _sort(rule: Rule) -> tuple[str, str]:
    for condition in rule.parsed.target:
        if isinstance(condition, InCategory):
            return str(condition.kind), CategoryKind(condition.kind).label
    for condition in rule.parsed.target:
        if isinstance(condition, Tied):
            return f"tie-{condition.kind}", TieKind(condition.kind).label
    return f"rule-{rule.pk}", rule.title


# The statement


@dataclass(frozen=True)
class Below(Circle):
    """Members who stand at an organisation or below it, for a rule that is asked of a part of the tree."""

    path: str = ""

    def sql(self, rule: Rule, member: str, actor: str, organisation: str) -> str:
        within = f"b.path >= '{self.path}' AND b.path < '{path_end(self.path)}'"  # digits of our own
        return f"AND {organisation} IN (SELECT b.id FROM {T['Organisation']} b WHERE {within})"


@dataclass(frozen=True)
class Named:
    """A SELECT of (member_id, rule_id, family) and its values: each member once for each rule that names him."""

    sql: str
    values: tuple

    @classmethod
    def by(cls, rules: list[Rule], organisation: Organisation, day: date) -> "Named":
        """Whom the rules name below the organisation on the festival of ``day``, as far as facts are known now."""
        parts, values = [], []
        for rule in rules:
            asked = _of_each(rule)
            period = _around(rule, day)
            sql, mine = positional(spells(asked, Below(path=organisation.path)), parameters(asked, period, period.due))
            family = 1 if of_family(rule) else 0
            once = "DISTINCT " if rule.parsed.subject == "pair" else ""
            parts.append(f"SELECT {once}member_id, {rule.pk} AS rule_id, {family} AS family FROM ({sql}) AS w")
            values += mine
        nobody = f"SELECT id AS member_id, id AS rule_id, 0 AS family FROM {T['Person']} WHERE 1 = 0"
        return cls(" UNION ALL ".join(parts) or nobody, tuple(values))

    def people(self) -> RawSQL:
        """Their numbers, for ``filter(person__in=…)``."""
        return RawSQL(f"SELECT member_id FROM ({self.sql}) AS named", self.values)

    def each(self) -> str:
        """One row a member: (member_id, reasons, family); ``reasons`` as a candidate keeps them."""
        return f"""SELECT member_id, ',' || {_listed("rule_id")} || ',' AS reasons, MAX(family) AS family
          FROM ({self.sql}) AS named GROUP BY member_id"""


def _of_each(rule: Rule) -> Rule:
    """The rule as one about each member of its target, where it asks an organisation to visit some of them."""
    spec = rule.parsed
    if not spec.selected:
        return rule
    everyone = copy(rule)
    trigger = spec.trigger.model_copy(update={"coverage": "all"})
    everyone.__dict__["parsed"] = spec.model_copy(update={"trigger": trigger})
    return everyone


def _around(rule: Rule, day: date) -> Period:
    """The period of the rule about the festival of ``day``."""
    return next(period for period in listed_periods(rule, day, day) if period.year == day.year)


def positional(sql: str, values: dict) -> tuple[str, list]:
    """A statement with named values as one with values in order."""
    asked = re.findall(r"%\((\w+)\)s", sql)
    return re.sub(r"%\(\w+\)s", "%s", sql), [values[name] for name in asked]


def _listed(number: str) -> str:
    """The numbers of a group as one text, with commas between."""
    if connection.vendor == "postgresql":
        return f"STRING_AGG(CAST({number} AS varchar(20)), ',' ORDER BY {number})"
    return f"GROUP_CONCAT({number}, ',')"


def named_by(campaign: Campaign) -> Named:
    """Whom the rules of the campaign name today."""
    rules = rules_of(campaign.organisation, campaign.occasion, campaign.day)
    return Named.by(rules, campaign.organisation, campaign.day)


def unnamed_people(campaign: Campaign) -> QuerySet[Person]:
    """Those whom the rules name and who are no candidates, listed or left out."""
    candidates = campaign.candidates.values("person")
    return Person.objects.filter(pk__in=named_by(campaign).people()).exclude(pk__in=candidates)


def festivals(day: date) -> list[tuple[Occasion, int, date]]:
    """The festivals of this year and the next, with their days: (occasion, year, day)."""
    found = []
    for occasion in Occasion:
        for year in (day.year, day.year + 1):
            try:
                found.append((occasion, year, day_of(occasion, year)))
            except YearUnknown:
                continue
    return found
