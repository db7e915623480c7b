"""Why a member has no duty of a rule, in words: each condition with the fact it looked at, and the first that fails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from base.calendar import Occasion
from base.dates import DAWN, FAR, anniversary, last_day
from duties.board.phrases import FACTS, in_full, named_period
from duties.board.sentences import NAMES, conditions
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty
from duties.engine.whynot import Answers, asked, happened, posts_held, window
from duties.policy.models import Adoption, Policy, Reach, Rule, upward
from duties.policy.schema import (
    Condition,
    Dated,
    Holds,
    HoldsPost,
    InCategory,
    ObjectPost,
    OnDate,
    OnEvent,
    OnOccasion,
    Quota,
    RuleSpec,
    Tied,
    Trigger,
)
from members.bonds import remembers_sanctions, sanctions_ended
from members.enums import (
    SANCTIONS,
    SENSITIVE_CATEGORIES,
    SENSITIVE_EVENTS,
    Capability,
    CategoryKind,
    EventKind,
    Precision,
    TieKind,
)
from members.models import Membership, Organisation, Tie
from members.scope import sealed_at

SHOWN = 20
"""Duties of one rule that are listed."""


@dataclass(frozen=True)
class Check:
    """One condition: how it is called, what it asks, whether it holds, and the fact it looked at."""

    name: str
    asks: str
    holds: bool
    fact: str


@dataclass(frozen=True)
class Said:
    """What the page says: the checks in order, one sentence, and the duties there are."""

    checks: list[Check]
    sentence: str
    lines: list[Line]


@dataclass(frozen=True)
class _Of:
    """Whom it is about, for whom it is said."""

    account: object
    membership: Membership
    day: date

    @property
    def person(self):
        return self.membership.person

    def categories(self, kind: str):
        """What is registered of a kind, as far as the reader may know; sanctions that are over are forgotten."""
        rows = self.person.categories.filter(kind=kind)
        over = kind in SANCTIONS and sanctions_ended(self.person, self.day)
        remembers = remembers_sanctions(self.account, self.membership.path, self.person.pk)
        return rows.none() if over and not remembers else rows

    def label(self, organisation: Organisation) -> str:
        """The organisation by name, unless it lies outside the reader's scope."""
        return organisation.label if self.account.scope.may(Capability.VIEW, organisation.path) else "范围外的党组织"


def is_sensitive(spec: RuleSpec) -> bool:
    """Whether a rule tells, of somebody it is asked about, what only those with the capability may know."""
    kinds = set(spec.trigger.events) if isinstance(spec.trigger, OnEvent) else set()
    return bool(spec.sensitive or kinds & SENSITIVE_EVENTS or spec.categories & SENSITIVE_CATEGORIES)


def why_not(rule: Rule, membership: Membership, account, day: date) -> Said:
    """The rule asked about a member, for ``account`` on ``day``. The caller checked scope and sensitivity."""
    of = _Of(account, membership, day)
    lines = _lines(rule, of)
    if rule.parsed.subject == "organisation":
        return Said([], f"这条规则按党组织计，不针对某一名党员。{_of_organisation(lines)}", lines)
    answers = asked(rule, membership.person, day)
    now = next((row for row in answers.reach if row.since <= day < row.until), None)
    trigger = rule.under(now and now.adjustment).trigger
    checks = [*_conditions(rule, of, answers), *_trigger(rule, trigger, of)]
    return Said(checks, _sentence(checks, lines, of.person.name), lines)


def rules_by_policy(rules: Iterable[Rule], membership: Membership, day: date) -> list[tuple[Policy, bool, list[Rule]]]:
    """The rules by policy, in their order, with whether the member's organisation follows it; those followed first."""
    adopted = Adoption.objects.on(day).filter(organisation__path__in=upward([membership.path]))
    followed = set(adopted.values_list("policy", flat=True))
    found: dict[Policy, list[Rule]] = {}
    for rule in rules:
        found.setdefault(rule.policy, []).append(rule)
    parts = [(policy, policy.pk in followed, own) for policy, own in found.items()]
    return sorted(parts, key=lambda part: not part[1])


def _lines(rule: Rule, of: _Of) -> list[Line]:
    duties = Duty.objects.visible_to(of.account).filter(rule=rule)
    match rule.parsed.subject:
        case "actor":
            duties = duties.filter(actor=of.person)
        case "organisation":
            duties = duties.filter(organisation=of.membership.organisation_id, member=None)
        case _:
            duties = duties.filter(member=of.person)
    return describe(with_words(duties).order_by("-due_on", "-pk")[:SHOWN], of.account, of.day)


def _of_organisation(lines: list[Line]) -> str:
    return "所在党组织的应办如下。" if lines else "所在党组织现在也没有这件应办。"


def _sentence(checks: list[Check], lines: list[Line], name: str) -> str:
    failing = next((check for check in checks if not check.holds), None)
    if lines:
        now = f"现在不再产生新的：{failing.name}不符合，{failing.fact}。" if failing else ""
        return f"{name}有这条规则的应办 {len(lines)} 件。{now}"
    if failing is None:
        return "条件都符合，却还没有这件应办：夜间巡检后会列出。明天仍没有的，请告诉管理员。"
    return f"{name}没有这件应办，第一条不符合的是{failing.name}：{failing.fact}。"


def _conditions(rule: Rule, of: _Of, answers: Answers) -> list[Check]:
    """The named conditions in their listed order, reach last."""
    spec, found = rule.parsed, []
    facts = [_fact(each, spec, of) for each in spec.target]
    if len(answers.conditions) > len(facts):  # the category row from which an interval is counted
        facts.append(_category_fact(spec.trigger.category, [], of))
    facts.append(_reach(rule, of, answers))
    holds = [*answers.conditions.values(), answers.reached]
    for (name, asks), held, fact in zip(conditions(spec), holds, facts, strict=True):
        found.append(Check(name, asks, held, fact))
    return found


def _fact(condition: Condition, spec: RuleSpec, of: _Of) -> str:
    if isinstance(condition, InCategory):
        return _category_fact(condition.kind, condition.grades, of)
    if isinstance(condition, Tied):
        return _tie_fact(condition.kind, of)
    if isinstance(condition, Dated):
        return _dated_fact(condition, of)
    if isinstance(condition, HoldsPost) and spec.subject == "pair":
        return "责任人须另有其人任这一职务"
    if isinstance(condition, HoldsPost | ObjectPost):
        return _posts_fact(of)
    since = f"，自 {of.membership.since}" if of.membership.since > DAWN else ""
    return f"现在是{of.membership.get_standing_display()}，在{of.membership.organisation.label}{since}"


def _until(day: date) -> str:
    return f"，到 {last_day(day)}" if day < FAR else ""


def _category_fact(kind: str, grades: list[str], of: _Of) -> str:
    label = CategoryKind(kind).label
    rows = list(of.categories(kind).order_by("-since", "-pk")[:1])
    if not rows:
        return f"没有登记为“{label}”"
    row = rows[0]
    grade = f"（{row.grade}）" if row.grade else ""
    return f"登记为“{label}”{grade}，自 {row.since}{_until(row.until)}"


def _tie_fact(kind: str, of: _Of) -> str:
    label = TieKind(kind).label
    ties = Tie.objects.on(of.day).filter(person=of.person, kind=kind, to__isnull=False)
    names = [tie.to.name for tie in ties.select_related("to").defer(*sealed_at("to")).order_by("since", "pk")]
    return f"{label}：{'、'.join(names)}" if names else f"没有登记{label}"


def _date_known(fact: str, of: _Of) -> tuple[date | None, str]:
    """A date of the person and how it is written; none is told as such."""
    on, (what, _unit) = getattr(of.person, fact), FACTS[fact]
    if on is None:
        return None, f"没有{what}日期"
    return on, f"{what} {in_full(on, getattr(of.person, fact.removesuffix('_on') + '_precision'))}"


def _dated_fact(condition: Dated, of: _Of) -> str:
    return _date_known(condition.fact, of)[1]


def _posts_fact(of: _Of) -> str:
    held = [f"{of.label(post.organisation)}{post.get_role_display()}" for post in posts_held(of.person, of.day)]
    return f"现任{'、'.join(held)}" if held else "现在没有职务"


def _reach(rule: Rule, of: _Of, answers: Answers) -> str:
    places = list(Organisation.objects.filter(pk__in=answers.places).order_by("path", "pk"))
    where = "、".join(dict.fromkeys(of.label(place) for place in places)) or of.membership.organisation.label
    spans = answers.reach
    if now := next((row for row in spans if row.since <= of.day < row.until), None):
        since, until = _lasting(spans, now)
        return f"{where}自 {since} 起执行{_until(until)}"
    if later := next((row for row in spans if row.since > of.day), None):
        return f"{where}从 {later.since} 起才执行：采用日或启用日还没有到"
    if spans:
        return f"{where}执行到 {last_day(spans[-1].until)}，以后停用"
    taker = Rule.objects.filter(replaces=f"{rule.policy.code}/{rule.code}", reach__organisation__in=places)
    if nearer := taker.select_related("policy").order_by("pk").first():
        return f"{where}执行的是代替它的《{nearer.policy.title}》“{nearer.title}”"
    if rule.parsed.proposal:
        return f"{where}没有选用这条建议"
    return f"{where}和上级都没有采用《{rule.policy.title}》"


def _lasting(spans: list[Reach], now: Reach) -> tuple[date, date]:
    """The whole stretch around one of its parts: where an adjustment begins, reach is only cut."""
    since, until = now.since, now.until
    for row in sorted(spans, key=lambda row: row.since, reverse=True):
        since = row.since if row.since < since <= row.until else since
    for row in sorted(spans, key=lambda row: row.since):
        until = row.until if row.since <= until < row.until else until
    return since, until


def _trigger(rule: Rule, trigger: Trigger, of: _Of) -> list[Check]:
    """What brings the duty about, with the numbers in force: an event, a known date, a window."""
    if isinstance(trigger, OnEvent):
        return [_event_check(rule, of)]
    if isinstance(trigger, OnDate):
        return _category_dates(trigger, of) if trigger.of_category else _personal_dates(trigger, of)
    if isinstance(trigger, Holds) or (isinstance(trigger, Quota) and trigger.per == "interval"):
        return []
    return [_window_check(trigger, of)]


def _event_check(rule: Rule, of: _Of) -> Check:
    kinds = rule.parsed.trigger.events
    asks = "登记了" + "或".join(f"“{EventKind(kind).label}”" for kind in kinds)
    found = happened(rule, of.person, kinds)
    if not found:
        return Check("事由", asks, False, "没有登记过这样的事由")
    if good := next((each for each in found if not each.missing), None):
        return Check("事由", asks, True, f"{good.event.occurred_on} {EventKind(good.event.kind).label}")
    last = found[0]
    named = {"reach": "制度覆盖", "standing": "人员类别", "category": "关怀类别", "tie": "联系关系", "dated": "年限"}
    lacking = named.get(last.missing, last.missing)
    said = f"{last.event.occurred_on} {EventKind(last.event.kind).label}，但那一天{lacking}不符合"
    return Check("事由", asks, False, said)


def _personal_dates(trigger: OnDate, of: _Of) -> list[Check]:
    on, said = _date_known(trigger.fact, of)
    what, _unit = FACTS[trigger.fact]
    precision = getattr(of.person, f"{trigger.fact.removesuffix('_on')}_precision")
    known = on is not None and precision != Precision.YEAR
    if on is not None and not known:
        said += "，只知道年份"
    checks = [Check("日期", f"知道{what}日期，至少到月", known, said)]
    if known:
        years = [of.day.year, of.day.year + 1] if trigger.every == "year" else [on.year + trigger.at_years]
        dues = [anniversary(on, year) for year in years if trigger.every != "year" or year > on.year]
        checks.append(_opening(dues, trigger, of.day))
    return checks


def _category_dates(trigger: OnDate, of: _Of) -> list[Check]:
    label, ends = CategoryKind(trigger.category).label, trigger.fact == "category_until"
    rows = of.categories(trigger.category).order_by("since", "pk")
    days = [row.until if ends else row.since for row in rows]
    days = [each for each in days if each < FAR]
    asks = f"登记了“{label}”，并知道{'到期' if ends else '开始'}日"
    if not days:
        return [Check("日期", asks, False, f"没有登记“{label}”的{'到期' if ends else '开始'}日")]
    dues = [each + timedelta(days=trigger.shift_days) for each in days]
    return [Check("日期", asks, True, "、".join(str(each) for each in days)), _opening(dues, trigger, of.day)]


def _opening(dues: list[date], trigger: OnDate, day: date) -> Check:
    """Whether the window around one of the days is open, or when the next opens."""
    before, after = timedelta(days=trigger.opens_days_before), timedelta(days=trigger.closes_days_after)
    asks = f"到了前 {trigger.opens_days_before} 天，没有过后 {trigger.closes_days_after} 天"
    for due in dues:
        if due - before <= day <= due + after:
            return Check("时间", asks, True, f"{due} 到期，{due - before} 起可办")
    if coming := next((due for due in sorted(dues) if due - before > day), None):
        return Check("时间", asks, False, f"下一次 {coming - before} 起，{coming} 到期")
    last = f"最近一次 {max(dues)}，已经过了" if dues else "还没有第一个周年"
    return Check("时间", asks, False, last)


def _window_check(trigger: Quota | OnOccasion, of: _Of) -> Check:
    now, coming = window(trigger, of.day)
    asks = "在可以办的时段里"
    if now:
        return Check("时间", asks, True, f"{_period(trigger, now.code)}，{now.opens} 至 {max(now.due, now.closes)}")
    said = f"下一次是 {_period(trigger, coming.code)}，{coming.opens} 起" if coming else "近期没有这样的时段"
    return Check("时间", asks, False, said)


def _period(trigger: Quota | OnOccasion, code: str) -> str:
    if isinstance(trigger, OnOccasion):
        return f"{code.rpartition('-')[2]} 年{Occasion(trigger.occasion).label}"
    return named_period(code, trigger.per)


if not {InCategory, Tied, Dated, HoldsPost, ObjectPost} <= set(NAMES):
    raise ImportError("NAMES must say every condition")
