"""What a change of policy would do, as a page lays it out: in all, by rule, by organisation below, by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from duties.engine.whatif import Change, Effect
from duties.policy.adjusting import NAMES
from duties.policy.models import Adjustment, Adoption, Policy, Rule
from members.directory import CHOICES
from members.enums import Capability, OrganisationKind
from members.models import PATH_SEGMENT, Lineage, Organisation
from members.scope import sealed_at

PLACES = 50
"""Organisations with a line of their own, in the order of the tree; the rest are one line."""

COLUMNS = {
    "opens": "列出应办", "late": "其中已过期", "closes": "已办过，直接办结", "moves": "到期日改动",
    "voids": "作废或取消", "loses": "已办的不再计入", "ahead": "之后 90 天列出",
    "anew": "之后 90 天按新数字列出",
}  # fmt: skip
"""What is counted, in the order of the columns; only those in which there is anything are shown."""

_COUNTED = {
    Effect.OPENS: "opens", Effect.REOPENS: "opens", Effect.CLOSES: "closes", Effect.MOVES: "moves",
    Effect.VOIDS: "voids", Effect.GOES: "voids", Effect.LOSES: "loses", Effect.AHEAD: "ahead",
    Effect.ANEW: "anew",
}  # fmt: skip


class Numbers(dict):
    """How many duties there are of each column."""

    def __init__(self):
        super().__init__(dict.fromkeys(COLUMNS, 0))

    def count(self, change: Change) -> None:
        self[_COUNTED[change.effect]] += change.n
        if change.late and change.effect in (Effect.OPENS, Effect.REOPENS):
            self["late"] += change.n


@dataclass(frozen=True)
class Row:
    """One line of a table: what it is about, a word beside it, its numbers."""

    label: str
    numbers: Numbers
    note: str = ""


@dataclass(frozen=True)
class Outlook:
    """What the page says before anything is saved.

    :ivar on: the day that was looked at, where it is one to come; else ``None``.
    :ivar back: the policies, other than those decided on, of which duties open.
    """

    total: Numbers
    rules: list[Row]
    places: list[Row]
    months: list[Row]
    on: date | None = None
    back: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(self.total.values())

    @property
    def columns(self) -> list[tuple[str, str]]:
        """The columns in which some row has a number, with their headings."""
        rows = [*self.rules, *self.places, *self.months]
        return [(name, label) for name, label in COLUMNS.items() if any(row.numbers[name] for row in rows)]

    @property
    def figures(self) -> list[tuple[str, str, str]]:
        """The total of each column: its name, heading and number."""
        return [(name, label, _said(self.total[name])) for name, label in self.columns]

    def tables(self) -> list[tuple[str, str, list[tuple[str, str, list[str]]]]]:
        """Each table: its title, the heading of its first column, its rows with their numbers in order."""
        named = (
            ("按规则", "要做的事", self.rules),
            ("按党组织", "党组织", self.places),
            ("按到期月份", "月份", self.months),
        )
        return [
            (
                title,
                head,
                [(row.label, row.note, [_said(row.numbers[name]) for name, _ in self.columns]) for row in rows],
            )
            for title, head, rows in named
        ]


def _said(n: int) -> str:
    return f"少 {-n:,}" if n < 0 else f"{n:,}"


def outlook(
    changes: Iterable[Change], here: Organisation, policies: Iterable[str], on: date | None = None
) -> Outlook:  # fmt: skip
    """The changes added up.

    :param here: the organisation that decides; what stands below it has the lines.
    :param policies: codes of the policies it decides on; of other rules the page says whose they are.
    :param on: the day that was looked at, where it is one to come.
    """
    total, by_rule, by_place, by_month = Numbers(), {}, {}, {}
    for change in changes:
        total.count(change)
        for found, key in ((by_rule, change.rule), (by_place, _child(change.path, here)), (by_month, change.month)):
            found.setdefault(key, Numbers()).count(change)
    rules = Rule.objects.filter(pk__in=by_rule).select_related("policy", "clause")
    rows, back = [], []
    for rule in rules.order_by("policy__code", "position", "pk"):
        own, numbers = rule.policy.code in policies, by_rule[rule.pk]
        rows.append(Row(rule.title, numbers, rule.clause.printed if own else rule.policy.title))
        if not own and max(numbers["opens"], numbers["closes"], numbers["ahead"]) > 0:
            back.append(rule.policy.quoted)
    months = [Row(f"{int(key[:4])} 年 {int(key[5:])} 月", by_month[key]) for key in sorted(by_month)]
    return Outlook(total, rows, _places(by_place, here), months, on, tuple(dict.fromkeys(back)))


def _child(path: str, here: Organisation) -> str:
    """The organisation directly below ``here`` under which the path lies: itself for its own, empty for others."""
    return path[: len(here.path) + PATH_SEGMENT] if path.startswith(here.path) else ""


def _places(by_place: dict[str, Numbers], here: Organisation) -> list[Row]:
    names = {each.path: each.label for each in Organisation.objects.filter(path__in=by_place)}
    names |= {here.path: f"{here.label}本级"}
    ordered = sorted(by_place, key=lambda path: (not path, path))
    rows = [Row(names.get(path, "别处的党组织"), by_place[path]) for path in ordered[:PLACES]]
    if rest := ordered[PLACES:]:
        together = Numbers()
        for path in rest:
            for name, n in by_place[path].items():
                together[name] += n
        rows.append(Row(f"其余 {len(rest)} 个", together))
    return rows


def policies() -> QuerySet[Policy]:
    """All policies; what binds everyone may be read by everyone."""
    return Policy.objects.order_by("code")


def only_proposals(policy: Policy) -> bool:
    """Whether nothing of the policy holds before it is picked."""
    parsed = [rule.parsed for rule in policy.rules.order_by("pk")]
    return bool(parsed) and all(each.proposal for each in parsed)


def rules() -> QuerySet[Rule]:
    """All rules with their clause and policy, likewise."""
    return Rule.objects.select_related("policy", "clause").order_by("policy__code", "position", "pk")


def deciders(account, day: date) -> QuerySet[Organisation]:
    """The organisations for which the account decides on policy; a party group follows its branch."""
    found = Organisation.objects.visible_to(account, Capability.POLICY).on(day)
    return found.exclude(kind=OrganisationKind.GROUP).order_by("path")


def offered(
    account, day: date, asked: str = "", *, within: QuerySet[Organisation] | None = None
) -> list[Organisation]:  # fmt: skip
    """Those of :func:`deciders` to choose from: all where they are few, else the top ones, what is directly below them,
    and the one asked for.
    """
    within = deciders(account, day) if within is None else within
    few = list(within[: CHOICES + 1])
    if len(few) <= CHOICES:
        return few
    tops = {path: len(path) + PATH_SEGMENT for path in account.scope.paths(Capability.POLICY)}
    return [
        each
        for each in within
        if str(each.pk) == asked or any(each.path.startswith(p) and len(each.path) <= end for p, end in tops.items())
    ]


def following(account, policy: Policy, day: date) -> QuerySet[Organisation]:
    """Those of :func:`deciders` that follow the policy on a day."""
    adopting = Adoption.objects.on(day).filter(policy=policy).values("organisation")
    lines = Lineage.objects.filter(ancestor__in=adopting, since__lte=day, until__gt=day)
    return deciders(account, day).filter(pk__in=lines.values("organisation"))


@dataclass(frozen=True)
class Past:
    """One adjustment of a rule that concerns the organisation: its own, or one from above."""

    adjustment: Adjustment
    numbers: list[tuple[str, str]]
    own: bool
    running: bool


def history(rule: Rule, here: Organisation, day: date) -> list[Past]:
    """The adjustments of the rule at the organisation and above it, the latest first."""
    upward = Lineage.objects.filter(organisation=here, since__lte=day, until__gt=day).values("ancestor")
    rows = Adjustment.objects.filter(rule=rule, organisation__in=upward).select_related("organisation", "entered_by")
    return [
        Past(each, said_numbers(each.numbers), each.organisation_id == here.pk, each.until > day)
        for each in rows.defer(*sealed_at("entered_by")).order_by("-since", "-pk")
    ]


def said_numbers(numbers: dict) -> list[tuple[str, str]]:
    """The numbers of an adjustment with what they are called."""
    return [(NAMES[name], _semesters(value) if name == "semesters" else str(value)) for name, value in numbers.items()]


def _semesters(pairs) -> str:
    return "；".join(f"{begins} 至 {ends}" for begins, ends in pairs)


def adopted_above(organisation: Organisation, policy: Policy, day: date) -> list[Adoption]:
    """The adoptions by which the policy reaches the organisation on a day, the nearest first."""
    lines = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    how_far = dict(lines.values_list("ancestor", "distance"))
    found = Adoption.objects.on(day).filter(policy=policy, organisation__in=how_far).select_related("organisation")
    return sorted(found.order_by("pk"), key=lambda adoption: how_far[adoption.organisation_id])
