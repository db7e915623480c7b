"""Yearly plans of care: drawn up from what the adopted policies ask or from last year's, approved, followed (M53).

Approving is a record of the organisation, so it closes the duty to have a plan. How far an item is is counted from the
records of its action in the year, at the organisation and below.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import ExtractYear
from django.urls import reverse
from django.utils.http import urlencode

from awards.kept import before_founding
from awards.models.plans import CarePlan, PlanItem
from base import audit
from base.dates import anniversary
from base.facts import facts_will_change
from duties.deeds import record_deed
from duties.engine.models import Action, Duty, Record
from duties.engine.records import withdraw_record
from duties.policy.deciding import WORKING_RULES
from duties.policy.models import Reach
from duties.policy.schema import OfKind, Quota
from members.enums import Role
from members.models import Organisation, Person
from members.scope import path_end

MOST = 40
"""Items of one plan."""

STALE = "计划刚被别人改过，请打开最新的再改；你填的还在下面。"

LISTS = {
    Action.TALK: "talks", Action.VISIT: "visits", Action.GREETING: "visits", Action.CONDOLENCE: "visits",
    Action.STUDY: "studies",
}  # fmt: skip
"""The list in which the records of an action stand; those of all others are deeds."""

_TIMES_A_YEAR = {"year": 1, "half": 2, "quarter": 4, "month": 12}


@dataclass(frozen=True)
class Item:
    """One item as a form says it."""

    what: str
    action: str = ""
    whom: str = ""
    times: int | None = None
    due_on: date | None = None
    who: str = ""


@dataclass(frozen=True)
class Progress:
    """How far an item is: records of its action, duties of it that are still open, and where to look."""

    item: PlanItem
    done: int | None = None
    owed: int = 0
    url: str = ""

    @property
    def left(self) -> int:
        """How many of what was planned are wanting."""
        return max((self.item.times or 0) - (self.done or 0), 0)


def proposed(organisation: Organisation, year: int) -> list[Item]:
    """What the policies that hold there in the year ask, one item for each action; nothing of the product's own."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    reach = Reach.objects.filter(organisation=organisation, since__lte=last, until__gt=first)
    reach = reach.exclude(rule__policy__code=WORKING_RULES).select_related("rule", "adjustment")
    found: dict[str, Item] = {}
    titles: dict[str, dict[str, None]] = {}
    for each in reach.order_by("rule__policy", "rule__position", "pk"):
        rule, spec = each.rule, each.rule.under(each.adjustment)
        if any(isinstance(asked, OfKind) and organisation.kind not in asked.kinds for asked in spec.target):
            continue
        before = found.get(rule.action) or Item("", rule.action, due_on=last, who=Role(spec.responsible.role).label)
        titles.setdefault(rule.action, {})[rule.title] = None
        found[rule.action] = replace(before, times=_more(before.times, _times(spec.trigger)))
    return [replace(item, what=_said(list(titles[action]))) for action, item in found.items()][:MOST]


def _said(titles: list[str]) -> str:
    """The first of what is asked, and how much it is in all."""
    more = f"等 {len(titles)} 项" if len(titles) > NAMED else ""
    return f"{'、'.join(titles[:NAMED])}{more}"[:200]


NAMED = 3
"""So many of what is asked are named in one item."""


def _times(trigger) -> int | None:
    """How often in a year an organisation itself owes it; nothing where it depends on people."""
    if isinstance(trigger, Quota) and trigger.counted_per == "organisation" and trigger.times:
        return trigger.times * _TIMES_A_YEAR.get(trigger.per, 1)
    return None


def _more(one: int | None, other: int | None) -> int | None:
    return max(filter(None, (one, other)), default=None)


def of_last_year(organisation: Organisation, year: int) -> list[Item]:
    """Last year's items, a year later."""
    rows = PlanItem.objects.filter(plan__organisation=organisation, plan__year=year - 1).order_by("position")
    return [
        Item(row.what, row.action, row.whom, row.times, row.due_on and anniversary(row.due_on, year), row.who)
        for row in rows
    ]


@transaction.atomic
def draw_up(*, by, organisation: Organisation, year: int, items: Sequence[Item], today: date) -> CarePlan:
    """Begin the plan of an organisation for a year.

    :raises ValidationError: for a year far away, or where there is one.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    if not today.year - 1 <= year <= today.year + 1:
        raise ValidationError({"year": f"计划的年度要在 {today.year - 1} 到 {today.year + 1} 之间。"})
    if organisation.founded_on and year < organisation.founded_on.year:
        raise ValidationError(
            {"year": f"{organisation.label} {organisation.founded_on} 才成立，没有 {year} 年的计划。"}
        )
    if CarePlan.objects.filter(organisation=organisation, year=year).exists():
        raise ValidationError({"year": f"{organisation.label} {year} 年的计划已经有了，请打开那一份。"})
    plan = CarePlan.objects.create(
        organisation=organisation, path=organisation.path, year=year, entered_on=today,
        entered_by=by.person if by else None,
    )  # fmt: skip
    _write(plan, items)
    _tell(plan, audit.Act.WRITE)
    return plan


@transaction.atomic
def change_plan(*, by, plan: CarePlan, items: Sequence[Item], version: int) -> CarePlan:
    """Write the items of a draft anew.

    :raises ValidationError: if somebody changed or approved it meanwhile, for too many, or one of another year.
    """
    plan = _draft(plan)
    if plan.version != version:
        raise ValidationError(STALE)
    _write(plan, items)
    plan.version += 1
    plan.save(update_fields=["version"])
    _tell(plan, audit.Act.EDIT)
    return plan


@transaction.atomic
def approve_plan(*, by, plan: CarePlan, on: date, people: list[Person], meeting: str, today: date) -> CarePlan:
    """The organisation decided on it: its duty to have a plan is done.

    :raises ValidationError: keyed by form field: for a day to come or of another year, an empty plan; as
        :func:`duties.deeds.record_deed`.
    """
    facts_will_change()
    plan = _draft(plan)
    count = plan.items.count()
    if not count:
        raise ValidationError("计划里还没有事项，写好再批准。")
    if early := before_founding(plan.organisation, on):
        raise ValidationError({"on": f"批准日期 {early}"})
    if on <= today and not plan.year - 1 <= on.year <= plan.year:
        raise ValidationError({"on": f"{plan.year} 年的计划要在上一年或当年批准，请核对日期。"})
    deed = record_deed(
        by=by, action=Action.PLAN, organisation=plan.organisation, on=on, people=people, today=today,
        note=f"批准 {plan.year} 年度关怀帮扶计划，{count} 项。", paper=meeting,
    )  # fmt: skip
    plan.approved_on, plan.meeting, plan.record = on, meeting.strip(), deed.record
    plan.save(update_fields=["approved_on", "meeting", "record"])
    _tell(plan, audit.Act.EDIT, on=str(on))
    return plan


@transaction.atomic
def reopen_plan(*, by, plan: CarePlan, reason: str, today: date) -> CarePlan:
    """Take the approval back, so that it can be changed and approved anew.

    :raises ValidationError: without a reason, or if it is a draft.
    """
    facts_will_change()
    plan = _locked(plan)
    if plan.approved_on is None:
        raise ValidationError("计划还没有批准，可以直接改。")
    if not reason.strip():
        raise ValidationError({"reason": "请写为什么要改，一句话也可以。"})
    if plan.record and plan.record.withdrawn_on is None:
        withdraw_record(by=by, record=plan.record, reason=reason, today=today)
    plan.approved_on, plan.meeting, plan.record = None, "", None
    plan.save(update_fields=["approved_on", "meeting", "record"])
    _tell(plan, audit.Act.EDIT, reason=reason)
    return plan


@transaction.atomic
def drop_plan(*, by, plan: CarePlan) -> None:
    """Throw a draft away; its audit row remains."""
    plan = _draft(plan)
    _tell(plan, audit.Act.WITHDRAW)
    plan.delete()


def progress_of(plan: CarePlan) -> list[Progress]:
    """How far each item of a plan is; three queries, however many there are."""
    return progress_of_all([plan])[plan.pk]


def progress_of_all(plans: Sequence[CarePlan]) -> dict[int, list[Progress]]:
    """How far each item of each plan is, by plan; three queries, however many plans there are."""
    found: dict[int, list[PlanItem]] = {plan.pk: [] for plan in plans}
    for item in PlanItem.objects.filter(plan__in=found).order_by("plan", "position"):
        found[item.plan_id].append(item)
    actions = {item.action for items in found.values() for item in items if item.action}
    done = _counted(Record.objects.standing().filter(action__in=actions), plans, "on", "action")
    owed = _counted(Duty.objects.open().filter(rule__action__in=actions), plans, "due_on", "rule__action")
    return {
        plan.pk: [
            Progress(
                item, done[plan.pk].get(item.action, 0), owed[plan.pk].get(item.action, 0), _list_of(plan, item.action)
            )
            if item.action
            else Progress(item)
            for item in found[plan.pk]
        ]
        for plan in plans
    }


def _counted(rows, plans: Sequence[CarePlan], day: str, action: str) -> dict[int, dict[str, int]]:
    """How many rows of each action lie in the year of each plan, at its organisation and below."""
    places = sorted({plan.path for plan in plans})
    within = Q(pk__in=[])
    for place in places:
        if not any(place != other and place.startswith(other) for other in places):
            within |= Q(path__gte=place, path__lt=path_end(place))
    years = (min(plan.first for plan in plans), max(plan.last for plan in plans))
    rows = rows.filter(within, **{f"{day}__range": years}).annotate(year=ExtractYear(day)).order_by()
    counted: dict[int, dict[str, int]] = {plan.pk: {} for plan in plans}
    for path, year, name, n in rows.values_list("path", "year", action).annotate(n=Count("pk")):
        for plan in plans:
            if plan.year == year and path.startswith(plan.path):
                counted[plan.pk][name] = counted[plan.pk].get(name, 0) + n
    return counted


def _list_of(plan: CarePlan, action: str) -> str:
    query = {"organisation": plan.organisation_id}
    if action not in LISTS:
        query["action"] = action
    return f"{reverse(LISTS.get(action, 'deeds'))}?{urlencode(query)}"


def _write(plan: CarePlan, items: Sequence[Item]) -> None:
    if len(items) > MOST:
        raise ValidationError(f"一份计划最多 {MOST} 项，请合并几项。")
    if odd := next(
        ((n, item) for n, item in enumerate(items, 1) if item.due_on and item.due_on.year != plan.year), None
    ):
        said = f"第 {odd[0]} 项“{odd[1].what}”的日期 {odd[1].due_on} 不在 {plan.year} 年，请改成当年的日子。"
        raise ValidationError({"items": said})
    plan.items.all().delete()
    PlanItem.objects.bulk_create(PlanItem(plan=plan, position=n, **vars(item)) for n, item in enumerate(items, 1))


def _locked(plan: CarePlan) -> CarePlan:
    """The plan as it stands, under the lock of its organisation.

    :raises ValidationError: if it was thrown away.
    """
    Organisation.objects.select_for_update(no_key=True).get(pk=plan.organisation_id)
    found = CarePlan.objects.select_related("organisation", "record").filter(pk=plan.pk).first()
    if found is None:
        raise ValidationError("这份计划刚被别人删去，没有再改。")
    return found


def _draft(plan: CarePlan) -> CarePlan:
    found = _locked(plan)
    if found.approved_on:
        raise ValidationError(f"计划已于 {found.approved_on} 批准；要改请先退回草稿。")
    return found


def _tell(plan: CarePlan, act: audit.Act, *, reason: str = "", **more) -> None:
    audit.write(act, f"care_plan:{plan.pk}", reason=reason, organisation=plan.organisation_id, year=plan.year, **more)
