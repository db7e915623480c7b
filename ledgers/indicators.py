"""督查指标: of each organisation how much of what policy asks was done in a year, by kind (central measures 18; M54).

Nothing is ranked, scored or coloured by organisation: the rows stand in the order of their codes. The figures are sums
of the counts that the engine keeps, so a province costs what a branch does; :func:`rows_behind` says the same of the
duties themselves. Of whatever the reader may not know neither tells anything.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from base.dates import FAR, month_end
from duties.engine import counts
from duties.engine.models import Duty, DutyQuerySet, State
from duties.policy.models import Force, Rule
from members.derived import MemberCount
from members.enums import Capability
from members.models import Organisation, OrganisationParent
from members.scope import path_end

OWN_DAYS = ("event", "standing", "interval", "once")
"""Periods that no year names: what is done is of the year in which it was done, the rest of that in which it is due."""

ALL = "all"
"""Stands for every kind."""

FIGURES = {
    "due": "应办",
    "done": "已办结",
    "late": "过期没办",
    "missed": "过期没办，已过最晚的一天",
    "may": "“可以”办的，已办",
    "before": "上年同期办结",
}
"""What each figure is called."""

_MONEY = frozenset({"M45", "M46", "M47", "M48", "M49"})
_BY_ACTION = {
    "visit": "visits", "condolence": "visits", "talk": "talks", "greeting": "birthdays", "oath": "birthdays",
    "study": "study", "training": "study", "lecture": "study", "branch_life": "study", "research": "study",
    "review": "registers", "service": "visits", "aid": "visits", "referral": "visits", "invitation": "visits",
}  # fmt: skip
KINDS = {
    "talks": ("谈心谈话", "按年、季、学期要谈的"),
    "occasions": ("必谈必访", "遇到事由要谈、要去看的"),
    "visits": ("走访帮扶", "节日和定期走访，补助、上门服务、疏导"),
    "registers": ("台账复核", "困难党员等台账的复核更新"),
    "birthdays": ("政治生日", "祝贺、重温誓词"),
    "study": ("学习教育", "集中学习、培训、党课"),
    "fund": ("资金党费", "资金申请和党费减免每一步的办理"),
    "work": ("组织工作", "报告、计划、评选、考核、公开、澄清和交办的任务"),
}
"""The columns in their order: what each is called, and what is in it. Every rule belongs to exactly one."""


def kind_of(rule: Rule) -> str:
    """The column of a rule."""
    if rule.mechanism in _MONEY:
        return "fund"
    if rule.action in ("talk", "visit", "condolence") and rule.spec["trigger"]["kind"] == "event":
        return "occasions"
    return _BY_ACTION.get(rule.action, "work")


@dataclass(frozen=True)
class Span:
    """One year as it is seen on a day."""

    year: int
    day: date

    @property
    def last(self) -> date:
        return date(self.year, 12, 31)

    @property
    def as_of(self) -> date:
        """The day for which the figures hold: today, or the end of a year that is over."""
        return min(self.day, self.last)

    @property
    def elapsed(self) -> float:
        """How much of the year is over, in hundredths."""
        return round(100 * self.as_of.timetuple().tm_yday / self.last.timetuple().tm_yday, 1)

    @property
    def point(self) -> date:
        """The same point a year before: the end of the month, for the counts keep the months of what was done."""
        return month_end(date(self.year - 1, self.as_of.month, 1))

    def months(self) -> list[date]:
        """The ends of the months begun so far."""
        return [month_end(date(self.year, month, 1)) for month in range(1, self.as_of.month + 1)]


def conditions(span: Span, done_in: str) -> dict[str, Q]:
    """What each figure holds, of cells and of duties alike; what is cheap to ask is asked first.

    :param done_in: the field that says when something was done: ``due_on`` of a cell, ``closed_on`` of a duty.
    """
    done, left = Q(state=State.DONE), Q(state=State.OPEN, silent=False)
    mine = _of_year(span.year, done_in, with_earlier=span.year == span.day.year)
    return {
        "due": (done | left) & mine,
        "done": done & mine,
        "late": left & Q(due_on__lt=span.day) & mine,
        "missed": left & Q(due_on__lt=span.day, closes_on__lt=span.day) & mine,
        "before": done_by(span.year - 1, span.point, done_in),
    }


def done_by(year: int, day: date, done_in: str) -> Q:
    """Of a year what was done by the end of a month."""
    return Q(**{"state": State.DONE, f"{done_in}__lte": day}) & _of_year(year, done_in)


def _of_year(year: int, done_in: str, *, with_earlier: bool = False) -> Q:
    first, last = date(year, 1, 1), date(year, 12, 31)
    done = Q(**{"state": State.DONE, f"{done_in}__range": (first, last)})
    left = Q(state=State.OPEN, due_on__lte=last) & (Q() if with_earlier else Q(due_on__gte=first))
    named = Q(period__startswith=str(year)) | Q(period__endswith=f"-{year}")
    return (Q(period__in=OWN_DAYS) & (done | left)) | named


@dataclass
class Figures:
    """Of one organisation and all below it: the figures of each kind."""

    organisation: Organisation
    kinds: Mapping[str, Counter] = field(default_factory=dict)

    def of(self, kind: str) -> Counter:
        return self.whole if kind == ALL else self.kinds.get(kind, Counter())

    @cached_property
    def whole(self) -> Counter:
        return sum(self.kinds.values(), Counter())


@dataclass(frozen=True)
class Asked:
    """Who asks, of which year."""

    account: Any
    span: Span

    @cached_property
    def rules(self) -> dict[int, Rule]:
        """The rules of every policy that is or was followed."""
        named = Rule.objects.adopted().only("mechanism", "action", "sensitive", "sanction", "force", "spec")
        return named.in_bulk()

    def told(self, path: str) -> dict[int, Rule]:
        """Those of whose duties at and below ``path`` the reader may know how many there are."""
        scope = self.account.scope
        sensitive = scope.may(Capability.SENSITIVE, path)
        sanctions = scope.of_committees().may(Capability.SENSITIVE, path)
        return {
            pk: rule for pk, rule in self.rules.items()
            if (sensitive or not rule.sensitive) and (sanctions or not rule.sanction)
        }  # fmt: skip

    def withholds(self, path: str) -> bool:
        """Whether something is left out there."""
        return len(self.told(path)) < len(self.rules)

    def below(self, here: Organisation) -> QuerySet[Organisation]:
        """What stands directly below, as far as the reader may see it."""
        return self._children(OrganisationParent.objects.filter(parent=here, until=FAR))

    def sisters(self, here: Organisation) -> QuerySet[Organisation]:
        """What stands beside it under the same organisation, as far as the reader may see it."""
        above = OrganisationParent.objects.filter(organisation=here, until=FAR).values("parent")
        return self._children(OrganisationParent.objects.filter(parent__in=above, until=FAR)).exclude(pk=here.pk)

    def above(self, here: Organisation) -> Organisation | None:
        """What stands directly above, if the reader may see it."""
        line = OrganisationParent.objects.filter(organisation=here, until=FAR).values("parent")
        return Organisation.objects.visible_to(self.account).filter(pk__in=line).first()

    def _children(self, lines: QuerySet[OrganisationParent]) -> QuerySet[Organisation]:
        visible = Organisation.objects.visible_to(self.account).on(self.span.day)
        return visible.filter(pk__in=lines.values("organisation"))

    def figures(self, organisations: Iterable[Organisation], leaving_out: Collection[str] = ()) -> list[Figures]:
        """The figures of each, in the order given; four queries, however many they are.

        :param leaving_out: figures that nobody will look at.
        """
        organisations = list(organisations)
        cells, rows = (
            {name: each for name, each in conditions(self.span, done_in).items() if name not in leaving_out}
            for done_in in ("due_on", "closed_on")
        )
        found = counts.by_rule(organisations, cells)
        own = self._own({name: Count("pk", filter=each) for name, each in rows.items()})
        return [self._summed(each, found[each.pk], own) for each in organisations]

    def months(self, organisation: Organisation) -> dict[str, dict[date, int]]:
        """Of each kind what was done by the end of each month, of this year so far and the whole of the year before."""
        told = {pk: kind_of(rule) for pk, rule in self.told(organisation.path).items() if rule.force != Force.MAY}
        result: dict[str, dict[date, int]] = {kind: {} for kind in KINDS}
        for span in (Span(self.span.year - 1, self.span.day), self.span):
            found = counts.done_in_months(organisation.path, _of_year(span.year, "due_on"))
            found.subtract(self._own_months(organisation, span.year))
            done: Counter = Counter()
            for (rule, month), n in found.items():
                done[told.get(rule), month] += n
            for kind in KINDS:
                result[kind] |= {
                    day: sum(n for (of, month), n in done.items() if of == kind and month <= day)
                    for day in span.months()
                }
        return result

    def _own_months(self, organisation: Organisation, year: int) -> Counter:
        """What is sensitive about the reader himself, by rule and month."""
        own = self._own_rows(organisation.path).filter(_of_year(year, "closed_on"), state=State.DONE)
        return Counter((rule, month_end(on)) for rule, on in own.values_list("rule", "closed_on"))

    def _own(self, sums: Mapping[str, Count]) -> dict[tuple[str, int], Counter]:
        """What is sensitive about the reader himself, which is told to him nowhere, by where it stands and rule."""
        rows = self._own_rows().values("path", "rule").annotate(**sums)
        return {(row.pop("path"), row.pop("rule")): Counter(row) for row in rows}

    def _own_rows(self, path: str = "") -> DutyQuerySet:
        sensitive = [pk for pk, rule in self.rules.items() if rule.sensitive]
        rows = Duty.objects.filter(member=self.account.person_id or 0, rule__in=sensitive).order_by()
        return rows.filter(path__gte=path, path__lt=path_end(path)) if path else rows

    def _summed(self, organisation: Organisation, found: Mapping[int, Counter], own: Mapping) -> Figures:
        kinds: dict[str, Counter] = {kind: Counter() for kind in KINDS}
        for pk, rule in self.told(organisation.path).items():
            if pk in found:
                told = _less(found[pk], own, organisation, pk)
                kinds[kind_of(rule)].update({"may": told["done"]} if rule.force == Force.MAY else told)
        return Figures(organisation, kinds)

    def rows_behind(self, organisation: Organisation, kind: str, figure: str) -> DutyQuerySet:
        """The duties that one figure counts."""
        optional = figure == "may"
        rules = [
            pk for pk, rule in self.told(organisation.path).items()
            if kind in (ALL, kind_of(rule)) and (rule.force == Force.MAY) == optional
        ]  # fmt: skip
        rows = Duty.objects.visible_to(self.account).filter(
            conditions(self.span, "closed_on")["done" if optional else figure], rule__in=rules,
            path__gte=organisation.path, path__lt=path_end(organisation.path),
        )  # fmt: skip
        return rows.exclude(member=self.account.person_id, rule__sensitive=True) if self.account.person_id else rows


def living_in(organisations: Iterable[Organisation]) -> dict[int, int]:
    """How many members each has with all below it; one query."""
    rows = MemberCount.objects.filter(organisation__in=[each.pk for each in organisations], whole=True)
    return dict(rows.values_list("organisation", "living"))


def _less(found: Mapping[str, int], own: Mapping[tuple[str, int], Counter], place: Organisation, rule: int) -> Counter:
    """The figures of a rule without what is hidden from the reader."""
    told = Counter(found)
    for (path, of), hidden in own.items():
        if of == rule and path.startswith(place.path):
            told.subtract(hidden)
    return told
