"""Adjusting a rule: an organisation sets numbers for itself and all below it; of a proposal: it picks it.

What the clause gives may only be made stricter. What it leaves open the organisation that adopted the policy sets as it
sees fit; below it only stricter than what holds there: a lower body may add, never subtract.
"""

from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from pydantic import ValidationError

from base import audit
from base.facts import Fact, facts_changed, facts_will_change
from duties.policy.adoption import rebuild_reach_of
from duties.policy.models import Adjustment, Adoption, Reach, Rule
from duties.policy.schema import RuleSpec
from duties.policy.strength import stricter
from members.models import Lineage, Organisation

NAMES = {
    "times": "次数", "sum": "数量", "days": "间隔天数", "within_days": "期限天数", "opens_days_before": "提前天数",
    "due_days_before": "到期提前天数", "closes_days_after": "过后仍可办天数", "at_least": "至少几名",
    "semesters": "学期起止",
}  # fmt: skip
"""What the numbers of a trigger are called."""


class AdjustmentRefused(Exception):
    """An adjustment that cannot be; the text is the sentence the user reads, ``number`` which number it is about."""

    def __init__(self, sentence: str, number: str = ""):
        super().__init__(sentence)
        self.number = number


@transaction.atomic
def adjust(
    *, by, organisation: Organisation, rule: Rule, numbers: dict, since: date, basis: str = "", today: date
) -> Adjustment:
    """Set numbers of ``rule`` for ``organisation`` and all below it from ``since`` on; duties that are open keep the
    numbers with which they opened, those that open from then on have the new ones. The next sweep does it.

    :param numbers: names and values of :attr:`RuleSpec.adjustable` (semesters as a list of month-day pairs); empty to
        pick a proposal with the pack's own numbers. Numbers left out are those of the pack.
    :param basis: which decision set them.
    :raises AdjustmentRefused: where the rule does not reach the organisation, or for a number that may not be.
    """
    facts_will_change(alone=True)
    rules = Rule.objects.select_for_update(of=("self",), no_key=True)
    rule = rules.select_related("policy", "clause").get(pk=rule.pk)
    if not _adopted(rule, organisation, since):
        raise AdjustmentRefused(f"{organisation.label}在 {since} 没有采用{rule.policy.title}，先采用，再调整。")
    if not numbers and not rule.parsed.proposal:
        raise AdjustmentRefused("没有改动任何数字。要恢复制度包里的数字，请停用现有的调整。")
    check_numbers(rule, organisation, numbers, since)
    later = Adjustment.objects.filter(rule=rule, organisation=organisation, until__gt=since)
    if later.filter(since__gte=since).exists():
        first = later.filter(since__gte=since).order_by("since").first()
        raise AdjustmentRefused(f"已有一次自 {first.since} 起的调整，新的调整应从它之后的一天起。", "since")
    later.update(until=since)
    adjustment = Adjustment.objects.create(
        rule=rule, organisation=organisation, since=since, numbers=numbers, basis=basis, entered_on=today,
        entered_by=by and by.person,
    )  # fmt: skip
    _spread(rule, organisation, since)
    told = {"rule": str(rule), "numbers": numbers, "since": str(since)}
    audit.write(audit.Act.ADOPT, f"organisation:{organisation.pk}", **told, on=str(today))
    return adjustment


@transaction.atomic
def end_adjustment(*, by, adjustment: Adjustment, until: date, today: date) -> None:
    """Have the numbers of the pack (or of the adjustment above) hold again from ``until`` on; a proposal is dropped.

    :raises AdjustmentRefused: for a day on or before the adjustment began.
    """
    facts_will_change(alone=True)
    adjustments = Adjustment.objects.select_for_update(of=("self",), no_key=True)
    adjustment = adjustments.select_related("organisation").get(pk=adjustment.pk)
    if until <= adjustment.since:
        raise AdjustmentRefused(f"这次调整自 {adjustment.since} 起，停用日期应晚于这一天。", "until")
    since, adjustment.until = min(adjustment.until, until), until
    adjustment.save(update_fields=["until"])
    rule = Rule.objects.select_related("policy").get(pk=adjustment.rule_id)
    _spread(rule, adjustment.organisation, since)
    subject = f"organisation:{adjustment.organisation_id}"
    audit.write(audit.Act.ADOPT, subject, rule=str(rule), until=str(until), on=str(today))


def in_force(rule: Rule, organisation: Organisation, day: date) -> RuleSpec:
    """The rule as it holds at the organisation on a day: with the numbers of the nearest adjustment."""
    reached = Reach.objects.filter(rule=rule, organisation=organisation, since__lte=day, until__gt=day)
    found = reached.select_related("adjustment").first()
    return rule.under(found and found.adjustment)


def check_numbers(rule: Rule, organisation: Organisation, numbers: dict, since: date) -> RuleSpec:
    """The rule with the numbers.

    :raises AdjustmentRefused: for one beyond the schema, looser than the clause, or looser than what holds from above.
    """
    above = from_above(rule, organisation, since)
    for name in rule.parsed.adjustable:
        number = numbers.get(name, getattr(rule.parsed.trigger, name))
        if name != "semesters" and number not in (may := allowed(rule, name, above)):
            raise AdjustmentRefused(may.refusal, name)
    try:
        wanted = rule.parsed.adjusted(numbers)
    except ValidationError as error:
        fault = error.errors()[0]
        name = next((part for part in reversed(fault["loc"]) if part in NAMES), "")
        raise AdjustmentRefused(f"{fault['msg'].removeprefix('Value error, ')}。", str(name)) from error
    except ValueError as error:
        raise AdjustmentRefused(str(error)) from error
    fewest = len(getattr((above or rule.parsed).trigger, "semesters", []))
    if len(getattr(wanted.trigger, "semesters", [])) < fewest:
        raise AdjustmentRefused(f"每学期要办的事，学期不能少于 {fewest} 个。", "semesters")
    return wanted


@dataclass(frozen=True)
class Allowed:
    """The numbers that one number of a rule may be, ``low`` and ``high`` included, and why not beyond."""

    low: int
    high: int
    open: bool = True
    """Whether the clause leaves it to the organisation."""
    why: str = ""

    def __contains__(self, number) -> bool:
        return isinstance(number, int) and self.low <= number <= self.high

    @property
    def refusal(self) -> str:
        """The sentence for a number that is not among them."""
        some = f"请填 {self.low} 到 {self.high} 的整数" if self.low < self.high else f"只能填 {self.low}"
        return f"{some}：{self.why}。" if self.why else f"{some}。"

    @property
    def hint(self) -> str:
        """The sentence beside the field."""
        some = f"可填 {self.low} 到 {self.high}" if self.low < self.high else f"只能填 {self.low}"
        return f"{self.why or ('条文没有写，本单位定' if self.open else '条文写明的')}：{some}。"


def allowed(rule: Rule, name: str, above: RuleSpec | None) -> Allowed:
    """What one number of a rule may be: within what the schema bears, not looser than the clause, nor than ``above``.

    :param above: the rule as it holds from above, see :func:`from_above`.
    """
    trigger = rule.parsed.trigger
    told = type(trigger).model_json_schema()["properties"][name]
    bounds = next(each for each in told.get("anyOf", [told]) if "minimum" in each)
    found = Allowed(bounds["minimum"], bounds["maximum"], open=name not in of_clause(rule))
    if not found.open:
        found = _within(found, rule.parsed, name, "条文写明是 {}，本单位只能更严，不能放宽")
    return _within(found, above, name, "上级定的是 {}，下级只能更严，不能放宽") if above else found


def _within(found: Allowed, than: RuleSpec, name: str, sentence: str) -> Allowed:
    """The same, less what would be looser than ``than``."""
    number, way = getattr(than.trigger, name) or 0, stricter(than.trigger, name)
    if way > 0 and number > found.low:
        return replace(found, low=number, why=sentence.format(number))
    if way < 0 and number < found.high:
        return replace(found, high=number, why=sentence.format(number))
    return found


def of_clause(rule: Rule) -> set[str]:
    """The numbers the clause itself gives."""
    return {name for name, setter in rule.parsed.set_by.items() if setter == "clause"}


def from_above(rule: Rule, organisation: Organisation, day: date) -> RuleSpec | None:
    """The rule as an organisation above has it that adopted the policy; ``None`` where none above did."""
    upward = Lineage.objects.filter(organisation=organisation, distance__gte=1, since__lte=day, until__gt=day)
    ancestors = list(upward.order_by("distance").values_list("ancestor", flat=True))
    if not Adoption.objects.on(day).filter(policy=rule.policy_id, organisation__in=ancestors).exists():
        return None
    rows = Adjustment.objects.on(day).filter(rule=rule, organisation__in=ancestors)
    set_by = {row.organisation_id: row for row in rows.order_by("pk")}
    return rule.under(next((set_by[each] for each in ancestors if each in set_by), None))


def _adopted(rule: Rule, organisation: Organisation, day: date) -> bool:
    upward = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    running = Adoption.objects.on(day).filter(policy=rule.policy_id)
    return running.filter(organisation__in=upward.values("ancestor")).exists()


def _spread(rule: Rule, organisation: Organisation, since: date) -> None:
    """Derive reach anew; the next sweep runs the rule from the beginning."""
    rebuild_reach_of(rule)
    facts_changed(Fact.ADOPTION, since=since, people=None, organisations=[organisation.pk], of=str(rule))
