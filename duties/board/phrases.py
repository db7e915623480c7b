"""Sentences about rules: when something is due, why, what its numbers are, how it ends. One place for every trigger."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from base.calendar import Occasion, day_of
from duties.engine.models import Action, Duty
from duties.policy.models import Force, Rule
from duties.policy.schema import (
    Condition,
    Dated,
    Holds,
    HoldsPost,
    InCategory,
    InStanding,
    ObjectPost,
    OfKind,
    OnDate,
    OnEvent,
    OnOccasion,
    Quota,
    Responsible,
    RuleSpec,
    Tied,
)
from members.enums import CategoryKind, EventKind, OrganisationKind, Precision, Role, Standing, TieKind
from members.models import Event

VERBS = {
    Action.TALK: ("谈话", "谈"), Action.VISIT: ("走访", "走访"), Action.GREETING: ("祝贺", "祝贺"),
    Action.CONDOLENCE: ("吊唁慰问", "吊唁"), Action.STUDY: ("学习", "学"), Action.REPORT: ("报送", "报送"),
    Action.PLAN: ("制定计划", "制定"), Action.TRAINING: ("集中培训", "组织"), Action.SELECTION: ("评选表彰", "评选"),
    Action.ASSESSMENT: ("考核评议", "考核"), Action.DISCLOSURE: ("公开", "公开"), Action.REVIEW: ("复核", "复核"),
    Action.OATH: ("宣誓", "宣誓"), Action.LECTURE: ("讲党课", "讲"), Action.BRANCH_LIFE: ("参加活动", "参加"),
    Action.RESEARCH: ("调研报告", "写"), Action.COMMEND: ("表彰表扬", "表彰"), Action.INVITATION: ("邀请", "邀请"),
    Action.SERVICE: ("上门服务", "服务"), Action.AID: ("补助帮助", "补助"), Action.REFERRAL: ("心理疏导", "疏导"),
    Action.REMINDER: ("提醒", "提醒"), Action.CLEARING: ("澄清正名", "澄清"), Action.HANDLING: ("办理答复", "办理"),
}  # fmt: skip
"""How an action is said in a sentence: as a noun after a number of days, as a verb before a number of times."""

FACTS = {"joined_on": ("入党", "周年"), "full_on": ("转正", "周年"), "birth_on": ("出生", "岁")}
"""What a person's date is the date of, and how its anniversaries are counted."""

PERIODS = {
    "year": "每年", "half": "每半年", "semester": "每学期", "quarter": "每季度", "month": "每月",
}  # fmt: skip
SUBJECTS = {"member": "每名党员", "actor": "每名责任人", "pair": "与每名对象", "organisation": "每个组织"}


def short(day: date, beside: date) -> str:
    """``11-23`` beside a day of the same year, else ``2026-11-23``."""
    return f"{day:%m-%d}" if day.year == beside.year else f"{day:%Y-%m-%d}"


def in_full(day: date, precision: str) -> str:
    """A person's date as exactly as it is known: 1998-07-01, 1998-07, 1998."""
    return {Precision.DAY: f"{day:%Y-%m-%d}", Precision.MONTH: f"{day:%Y-%m}", Precision.YEAR: f"{day:%Y}"}[precision]


def amount(trigger: Quota | OnOccasion, verb: str) -> str:
    """``至少谈一次``, ``学满 32 学时``, by what the trigger asks."""
    if getattr(trigger, "sum", None):
        return f"{verb}满 {trigger.sum} 学时" if verb == "学" else f"{verb}满 {trigger.sum}"
    return f"至少{verb}一次" if trigger.times == 1 else f"至少{verb} {trigger.times} 次"


def named_period(code: str, per: str) -> str:
    """A period in words: ``2026 年``, ``2026 年第 4 季度``, ``2026 年下半年``."""
    year, _, part = code.partition("-")
    if not part:
        return f"{year} 年"
    number = int(part.lstrip("HQS"))
    words = {
        "half": ("上半年", "下半年")[number - 1] if per == "half" else "",
        "quarter": f"第 {number} 季度", "month": f"{number} 月", "semester": f"第 {number} 个学期",
    }  # fmt: skip
    return f"{year} 年{words[per]}"


def why(duty: Duty) -> str:
    """The fact and the number from which the duty follows, as one sentence."""
    return _WHY[type(duty.spec.trigger)](duty)


def _why_event(duty: Duty) -> str:
    trigger, noun = duty.spec.trigger, VERBS[duty.rule.action][0]
    if duty.event.due_on:
        return f"{event_words(duty.event, duty.due_on)}，{short(duty.event.due_on, duty.due_on)} 前{noun}"
    return f"{event_words(duty.event, duty.due_on)}，{trigger.within_days} 天内{noun}"


def _why_date(duty: Duty) -> str:
    trigger = duty.spec.trigger
    if trigger.of_category:
        kind = CategoryKind(trigger.category).label
        on, ends = duty.due_on - timedelta(days=trigger.shift_days), trigger.fact == "category_until"
        return f"{kind} {on:%Y-%m-%d} {'到期' if ends else '起'}"
    what, unit = FACTS[trigger.fact]
    on = getattr(duty.member, trigger.fact)
    if on is None:
        return f"{what}纪念日"
    years = trigger.at_years or int(duty.period) - on.year
    precision = getattr(duty.member, trigger.fact.removesuffix("_on") + "_precision")
    month = "（只知道月份，本月内办）" if precision == Precision.MONTH else ""
    return f"{in_full(on, precision)} {what}，{years} {unit}{month}"


def _why_quota(duty: Duty) -> str:
    trigger, verb = duty.spec.trigger, VERBS[duty.rule.action][1]
    if trigger.per == "interval":
        times = duty.key.rpartition(":")[2]
        return f"{CategoryKind(trigger.category).label}，每 {trigger.days} 天{amount(trigger, verb)}，第 {times} 期"
    return f"{named_period(duty.period, trigger.per)}{SUBJECTS[trigger.counted_per]}{amount(trigger, verb)}"


def _why_occasion(duty: Duty) -> str:
    trigger, verb = duty.spec.trigger, VERBS[duty.rule.action][1]
    year = int(duty.period.rpartition("-")[2])
    day = f"{trigger.occasion.label}（{day_of(trigger.occasion, year):%Y-%m-%d}）"
    return f"{day}前后，{'本组织' if trigger.coverage == 'selected' else ''}{amount(trigger, verb)}"


def _why_standing(duty: Duty) -> str:
    trigger = duty.spec.trigger
    kind = TieKind(trigger.tie).label
    if trigger.counted_per == "actor":
        return f"{kind}党员应不少于 {trigger.at_least} 名"
    return f"应有{kind}不少于 {trigger.at_least} 名"


_WHY = {OnEvent: _why_event, OnDate: _why_date, Quota: _why_quota, OnOccasion: _why_occasion, Holds: _why_standing}


def event_words(event: Event, beside: date) -> str:
    """``11-09 登记“无故不参加组织生活”``; an event entered on a later day says both days."""
    kind = EventKind(event.kind).label
    if event.occurred_on == event.entered_on:
        return f"{short(event.occurred_on, beside)} 登记“{kind}”"
    return f"{short(event.occurred_on, beside)} “{kind}”（{short(event.entered_on, beside)} 登记）"


def numbers(duty: Duty) -> tuple[tuple[str, bool], ...]:
    """The numbers and days of a duty, each with whether the organisation set it itself."""
    own, trigger = duty.spec.own_numbers, duty.spec.trigger
    due = f"{duty.due_on:%Y-%m-%d} 到期"
    if isinstance(trigger, OnEvent) and duty.event.due_on:
        return ((f"事由里写明的期限，{due}", False),)
    if isinstance(trigger, OnEvent):
        return ((f"事由后 {trigger.within_days} 天内，{due}", "within_days" in own),)
    if isinstance(trigger, Holds):
        lost = f"缺了之后 {trigger.within_days} 天内补上，{due}"
        return ((f"不少于 {trigger.at_least} 名", "at_least" in own), (lost, "within_days" in own))
    if isinstance(trigger, OnDate):
        return (
            (due.replace("到期", "当天" if duty.closes_on > duty.due_on else "到期"), False),
            (f"提前 {trigger.opens_days_before} 天提醒", "opens_days_before" in own),
            (f"过后 {trigger.closes_days_after} 天内仍可办结", "closes_days_after" in own),
        )
    if isinstance(trigger, OnOccasion):
        return (
            (f"提前 {trigger.opens_days_before} 天起，{due}", bool({"opens_days_before", "due_days_before"} & {*own})),
            (f"最晚 {duty.closes_on:%Y-%m-%d} 仍可办结", "closes_days_after" in own),
        )
    every = f"每 {trigger.days} 天" if trigger.per == "interval" else PERIODS[trigger.per]
    return ((f"{every}{amount(trigger, VERBS[duty.rule.action][1])}，{due}", bool(own)),)


def ends(duty: Duty) -> list[str]:
    """How a duty comes to be done, in one or two sentences."""
    spec = duty.spec
    verb, trigger = VERBS[duty.rule.action][1], spec.trigger
    said = "或".join(VERBS[action][0] for action in spec.actions)
    if isinstance(trigger, OnEvent):
        sentences = [f"事由当天或以后{said}并登记，即办结；过了期限再办也算，照实补录。"]
    elif isinstance(trigger, Holds):
        sentences = [f"登记的{TieKind(trigger.tie).label}够 {trigger.at_least} 名，即办结；以后缺了会重新提醒。"]
    elif isinstance(trigger, Quota):
        sentences = [_ends_quota(duty, said, verb)]
    else:
        sentences = [f"{duty.counts_from:%Y-%m-%d} 至 {duty.closes_on:%Y-%m-%d} {said}并登记，即办结。"]
    if spec.force == Force.MAY.label:
        sentences.append("条文写的是“可以”，过期不算逾期。")
    return sentences


def _ends_quota(duty: Duty, said: str, verb: str) -> str:
    trigger = duty.spec.trigger
    if trigger.per == "year":
        return f"{duty.period} 年内{said}并登记，即办结；当年{verb}过的可以补录。"
    window = f"{duty.counts_from:%Y-%m-%d} 至 {duty.due_on:%Y-%m-%d}"
    return f"{window} {said}并登记，即办结；这段时间{verb}过的可以补录。"


# A rule on its clause's page ------------------------------------------------------------------------------------------


def occasion_of(rule: Rule) -> str:
    """What brings the duties of a rule about, as a column of the clause's page."""
    trigger = rule.parsed.trigger
    if isinstance(trigger, OnEvent):
        return "登记" + "或".join(f"“{EventKind(kind).label}”" for kind in trigger.events)
    if isinstance(trigger, OnOccasion):
        return Occasion(trigger.occasion).label
    if isinstance(trigger, Holds):
        return "一直保持"
    if isinstance(trigger, Quota):
        return f"每 {trigger.days} 天" if trigger.per == "interval" else PERIODS[trigger.per]
    if trigger.of_category:
        return CategoryKind(trigger.category).label + ("开始" if trigger.fact == "category_since" else "到期")
    what, unit = FACTS[trigger.fact]
    return f"每年{what}纪念日" if trigger.every == "year" else f"{what}满 {trigger.at_years} {unit}"


def limits(rule: Rule, spec: RuleSpec | None = None) -> tuple[tuple[str, bool], ...]:
    """The numbers of a rule (or those of ``spec``, as adjusted), each with whether the organisation set it."""
    spec = spec or rule.parsed
    trigger, own = spec.trigger, spec.own_numbers
    noun, verb = VERBS[rule.action]
    if isinstance(trigger, OnEvent):
        return ((f"{within(trigger)}{noun}", "within_days" in own),)
    if isinstance(trigger, Holds):
        kept = f"{TieKind(trigger.tie).label}不少于 {trigger.at_least} 名"
        return ((kept, "at_least" in own), (f"缺了 {trigger.within_days} 天内补上", "within_days" in own))
    if isinstance(trigger, Quota):
        return ((f"{SUBJECTS[trigger.counted_per]}{amount(trigger, verb)}", bool(own)),)
    before = (f"提前 {trigger.opens_days_before} 天", "opens_days_before" in own)
    after = (f"过后 {trigger.closes_days_after} 天内仍可办", "closes_days_after" in own)
    if isinstance(trigger, OnOccasion):
        due = f"当天前 {trigger.due_days_before} 天到期" if trigger.due_days_before else "当天到期"
        some = ((f"每个组织{amount(trigger, verb)}", False),) if trigger.coverage == "selected" else ()
        return (*some, before, (due, "due_days_before" in own), *((after,) if trigger.closes_days_after else ()))
    return (before, after)


def within(trigger: OnEvent) -> str:
    """In which time after an event something is asked; a task states its own day."""
    if EventKind.TASK in trigger.events:
        return f"按写明的期限（没有写明的 {trigger.within_days} 天内）"
    return f"{trigger.within_days} 天内" if trigger.within_days else "当天"


def named_in(trigger: OnEvent) -> str:
    """Whom an event names, as the subject of a sentence."""
    return "被约谈的人" if set(trigger.events) == {EventKind.REQUEST} else "写明的承办人"


def whom(rule: Rule) -> str:
    """The target of a rule in words."""
    return "，".join(condition_words(condition) for condition in rule.parsed.target)


def condition_words(condition: Condition) -> str:
    """One condition of a target in words."""
    return _CONDITIONS[type(condition)](condition)


GRADES = 3
"""So many grades of a category are named in a sentence; of more, the first two and how many they are."""


def category_of(condition: InCategory) -> str:
    """A category with its grades, as short as a sentence can bear; :func:`condition_words` names them all."""
    kind, grades = CategoryKind(condition.kind).label, condition.grades
    if len(grades) > GRADES:
        return f"{kind}（{'、'.join(grades[:2])}等 {len(grades)} 种等级）"
    return kind + (f"（{'、'.join(grades)}）" if grades else "")


def _category(condition: InCategory) -> str:
    kind, grades = CategoryKind(condition.kind).label, condition.grades
    if not grades:
        return kind
    return f"{kind}，等级是{'、'.join(grades)}" + ("中的一种" if len(grades) > 1 else "")


def _dated(condition: Dated) -> str:
    what, unit = FACTS[condition.fact]
    if condition.before:
        return f"{condition.before:%Y-%m-%d} 以前{what}"
    return f"年满 {condition.years} 岁" if unit == "岁" else f"{what}满 {condition.years} 周年"


def _object(condition: ObjectPost) -> str:
    return f"对象是{'本级' if condition.where == 'same' else '下级'}{_posts(condition)}"


_CONDITIONS = {
    InStanding: lambda condition: listed(Standing(standing).label for standing in condition.standings),
    InCategory: _category,
    Tied: lambda condition: f"有{TieKind(condition.kind).label}的",
    Dated: _dated,
    OfKind: lambda condition: "、".join(OrganisationKind(kind).label for kind in condition.kinds),
    HoldsPost: lambda condition: f"责任人是{_posts(condition)}",
    ObjectPost: _object,
}


def _posts(condition: HoldsPost | ObjectPost) -> str:
    at = "、".join(OrganisationKind(kind).label for kind in condition.at)
    return at + roles(condition.roles)


def listed(words: Iterable[str]) -> str:
    """``甲``, ``甲和乙``, ``甲、乙和丙``."""
    *first, last = words
    return f"{'、'.join(first)}和{last}" if first else last


_COMMISSIONERS = (
    Role.ORGANISATION_COMMISSIONER, Role.PUBLICITY_COMMISSIONER, Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER,
)  # fmt: skip


def roles(of: Sequence[str]) -> str:
    """Roles by name; the commissioners of every kind together are 委员."""
    every = {*_COMMISSIONERS} <= {*of}
    kept = [role for role in of if not every or role not in _COMMISSIONERS or role == Role.COMMISSIONER]
    return "、".join(Role(role).label for role in kept)


def heads(by: Responsible) -> str:
    """The roles whose turn it can be, in their order."""
    return "或".join(Role(role).label for role in by.heads)


def others(by: Responsible) -> str:
    """Who may do it besides him whose turn it is, as a clause; empty where nobody may."""
    if by.anyone:
        return "不论谁办的都算"
    if by.upward:
        places = "、".join(OrganisationKind(kind).label for kind in by.at) or "党组织"
        return f"本级和上级{places}的{roles(by.acting)}办的也算"
    return f"同一党组织的{roles(by.also)}办的也算" if by.also else ""


def who(spec: RuleSpec) -> str:
    """Whose turn a rule says it is."""
    responsible = spec.responsible
    place = "、".join(OrganisationKind(kind).label for kind in responsible.at)
    nearest = f"{place or '最近一级组织的'}{heads(responsible)}"
    if responsible.upward:
        return f"{nearest}，{others(responsible)}"
    if responsible.addressee:
        return f"{named_in(spec.trigger)}；没有写明的，{nearest}"
    if responsible.tie:
        return f"{TieKind(responsible.tie).label}；没有的，{nearest}"
    return nearest


if set(VERBS) != set(Action):
    raise ImportError("VERBS must say every Action")
