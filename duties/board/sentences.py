"""A rule as one full sentence, its numbers with who set each, and how it is counted.

Everything comes from the typed rule and the adjustment in force, nothing from the text of a document.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from base.calendar import Occasion
from duties.board.phrases import (
    FACTS,
    PERIODS,
    VERBS,
    category_of,
    condition_words,
    heads,
    listed,
    named_in,
    others,
    roles,
    within,
)
from duties.engine.models import Action
from duties.policy.models import Adjustment
from duties.policy.schema import (
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
    RuleSpec,
    Tied,
)
from members.enums import CategoryKind, EventKind, OrganisationKind, Standing, TieKind


@dataclass(frozen=True)
class Piece:
    """Some words of a sentence; ``own`` where they hold a number that the organisation set (自定)."""

    text: str
    own: bool = False


Sentence = tuple[Piece, ...]

DOES = {
    Action.TALK: ("与{}谈话", "开展谈心谈话"), Action.VISIT: ("走访{}", "开展走访慰问"),
    Action.GREETING: ("向{}祝贺", "开展祝贺"), Action.CONDOLENCE: ("吊唁{}并慰问亲属", "开展吊唁慰问"),
    Action.STUDY: ("组织{}集中学习", "组织集中学习"), Action.REPORT: ("报送{}的情况", "报送情况"),
    Action.PLAN: ("为{}制定计划", "制定年度计划"), Action.TRAINING: ("组织{}集中培训", "组织集中培训"),
    Action.SELECTION: ("对{}评选表彰", "开展评选表彰"), Action.ASSESSMENT: ("对{}考核评议", "开展考核评议"),
    Action.DISCLOSURE: ("公开{}的情况", "公开情况"), Action.REVIEW: ("复核{}的台账", "复核更新台账"),
    Action.OATH: ("组织{}宣誓", "组织宣誓、重温誓词"), Action.LECTURE: ("给{}讲党课", "讲党课"),
    Action.BRANCH_LIFE: ("与{}一起参加支部活动", "参加支部活动"), Action.RESEARCH: ("为{}写调研报告", "写调研报告"),
    Action.COMMEND: ("表彰表扬{}", "开展表彰表扬"), Action.INVITATION: ("邀请{}参加活动", "邀请参加活动"),
    Action.SERVICE: ("为{}上门服务", "开展上门服务"), Action.AID: ("给予{}补助帮助", "给予补助帮助"),
    Action.REFERRAL: ("为{}安排心理疏导", "安排心理疏导"), Action.REMINDER: ("提醒{}", "提醒"),
    Action.CLEARING: ("为{}澄清正名", "澄清正名"), Action.HANDLING: ("为{}办理并答复", "办理答复"),
}  # fmt: skip
"""What is done, with somebody and without."""

if set(DOES) != set(Action):
    raise ImportError("DOES must say every Action")

NUMBERS = {
    "times": ("次数", "次"), "sum": ("合计", "学时"), "days": ("每隔", "天"), "within_days": ("期限", "天"),
    "at_least": ("不少于", "名"), "at_years": ("满", "年"), "shift_days": ("与起止日相差", "天"),
    "opens_days_before": ("提前", "天"), "due_days_before": ("到期日", "天前"),
    "closes_days_after": ("过后仍可办", "天"), "semesters": ("学期起止", ""),
}  # fmt: skip
"""How each number of a trigger is called, and its unit."""


def sentence(spec: RuleSpec) -> Sentence:
    """Who, does what, for whom, when, within which days, with which force: one sentence, ending in a full stop."""
    return (*_SENTENCES[type(spec.trigger)](spec), Piece(f"{_besides(spec)}。"))


def said(pieces: Sentence) -> str:
    """The sentence as plain text, the numbers an organisation set marked in brackets."""
    return "".join(f"{piece.text}（自定）" if piece.own else piece.text for piece in pieces)


def _event(spec: RuleSpec) -> Iterator[Piece]:
    trigger = spec.trigger
    kinds = "或".join(f"“{EventKind(kind).label}”" for kind in trigger.events)
    subject = _kinds(spec) if spec.subject == "organisation" else members(spec).replace("已去世", "")
    stated = EventKind.TASK in trigger.events
    since = "" if stated else "从事由当天起 " if trigger.within_days else "事由"
    yield Piece(f"登记{subject}{kinds}后，{since}")
    yield Piece(within(trigger), "within_days" in spec.own_numbers)
    yield Piece(f"，{turn(spec)}{spec.force}{does(spec, '' if spec.subject == 'organisation' else '本人')}")
    yield Piece("，只有写明是答复这件事的记录才算" if trigger.answers else "，过期补办也算")


def _date(spec: RuleSpec) -> Iterator[Piece]:
    trigger, own = spec.trigger, spec.own_numbers
    if trigger.of_category:
        yield from _of_category(spec)
    else:
        what, unit = FACTS[trigger.fact]
        yield Piece(members(spec))
        if trigger.every == "year":
            yield Piece(f"{what}纪念日" if unit == "周年" else "生日")
        else:
            yield Piece(f"{what}满 {trigger.at_years} {unit}", "at_years" in own)
        yield from _around(trigger, own)
    yield Piece(f"，{turn(spec)}{spec.force}{does(spec, '家属' if _dead(spec) else '本人')}")


def _of_category(spec: RuleSpec) -> Iterator[Piece]:
    """The last day as counted from the start or the end of a category row, and the days about it."""
    trigger, own = spec.trigger, spec.own_numbers
    kind, subject = CategoryKind(trigger.category).label, members(spec)
    for each in spec.target:
        if isinstance(each, InCategory) and each.kind == trigger.category:  # its grades, said once
            kind, subject = category_of(each), members(spec, without=each)
    point = "期满" if trigger.fact == "category_until" else "开始"
    days = trigger.shift_days
    yield Piece(f"{subject}“{kind}”{point}{'后 ' if days > 0 else '前 ' if days else '当天'}")
    if days:
        yield Piece(f"{abs(days)} 天", "shift_days" in own)
    yield Piece("为限")
    if trigger.opens_days_before:
        yield Piece("，提前 ")
        yield Piece(f"{trigger.opens_days_before} 天", "opens_days_before" in own)
        yield Piece("列出")
    yield from _afterwards(trigger, own)


def _around(trigger: OnDate | OnOccasion, own: list[str]) -> Iterator[Piece]:
    """From how many days before the day just named to how many after."""
    before, due = trigger.opens_days_before, getattr(trigger, "due_days_before", 0)
    if before:
        yield Piece("前 ")
        yield Piece(f"{before} 天", "opens_days_before" in own)
        yield Piece("起，前 " if due else "起，当天到期")
        if due:
            yield Piece(f"{due} 天", "due_days_before" in own)
            yield Piece("到期")
    else:
        yield Piece("当天")
    yield from _afterwards(trigger, own)


def _afterwards(trigger: OnDate | OnOccasion, own: list[str]) -> Iterator[Piece]:
    if trigger.closes_days_after:
        yield Piece("，过后 ")
        yield Piece(f"{trigger.closes_days_after} 天内", "closes_days_after" in own)
        yield Piece("仍可办")


def _quota(spec: RuleSpec) -> Iterator[Piece]:
    trigger, own = spec.trigger, spec.own_numbers
    if trigger.per == "interval":
        yield Piece(f"“{CategoryKind(trigger.category).label}”类别期间，")
        yield Piece(f"每 {trigger.days} 天", "days" in own)
    else:
        yield Piece(PERIODS[trigger.per])
    whom = {"actor": "", "organisation": "", "pair": _objects(spec)}.get(spec.subject, _each(spec))
    yield Piece(f"，{turn(spec)}{spec.force}{does(spec, whom)}")
    yield _amount(trigger, own)


def _amount(trigger: Quota | OnOccasion, own: list[str]) -> Piece:
    if getattr(trigger, "sum", None):
        return Piece(f"满 {trigger.sum} 学时", "sum" in own)
    return Piece(f"至少 {trigger.times} 次", "times" in own)


def _occasion(spec: RuleSpec) -> Iterator[Piece]:
    trigger, own = spec.trigger, spec.own_numbers
    yield Piece(Occasion(trigger.occasion).label)
    yield from _around(trigger, own)
    if spec.selected:
        yield Piece(f"，每个有{members(spec)}的党组织（由{_role(spec)}负责）{spec.force}{does(spec, '其中的同志')}")
    elif spec.subject == "organisation":
        yield Piece(f"，{turn(spec)}{spec.force}{does(spec, '')}")
    else:
        yield Piece(f"，{turn(spec)}{spec.force}{does(spec, _each(spec))}")
    yield _amount(trigger, own)


def _holds(spec: RuleSpec) -> Iterator[Piece]:
    trigger, own, kind = spec.trigger, spec.own_numbers, TieKind(spec.trigger.tie).label
    number = Piece(f"不少于 {trigger.at_least} 名", "at_least" in own)
    if spec.subject == "actor":
        yield Piece(f"每名{_acting(spec)}名下“{kind}”的党员{spec.force}始终")
        yield number
        yield Piece("，缺了 ")
    else:
        yield Piece(f"{_each(spec)}{spec.force}始终有")
        yield number
        yield Piece(f"登记为“{kind}”的同志，由{turn(spec)}负责，缺了 ")
    yield Piece(f"{trigger.within_days} 天内", "within_days" in own)
    yield Piece("补上")


_SENTENCES = {OnEvent: _event, OnDate: _date, Quota: _quota, OnOccasion: _occasion, Holds: _holds}


def _besides(spec: RuleSpec) -> str:
    """What else counts, after the main clause."""
    more = []
    if spec.or_by:
        more.append("、".join(VERBS[action][0] for action in spec.or_by) + "也算")
    if spec.collective_counts:
        more.append("集体进行的也算")
    if also := others(spec.responsible):
        more.append(also)
    return "".join(f"；{each}" for each in more)


def does(spec: RuleSpec, whom: str) -> str:
    """What is done to ``whom``, or by itself."""
    with_somebody, alone = DOES[Action(spec.action)]
    return with_somebody.format(whom) if whom else alone


def turn(spec: RuleSpec) -> str:
    """Who acts, as the subject of the sentence."""
    by = spec.responsible
    if spec.subject in ("actor", "pair"):
        return f"每名{_acting(spec)}"
    nearest = _role(spec) if by.at else f"所在党组织的{_role(spec)}"
    if spec.subject == "organisation" and not spec.selected:
        who = f"{named_in(spec.trigger)}或{_role(spec)}" if by.addressee else _role(spec)
        return f"每个{_kinds(spec)}（由{who}负责）"
    if by.addressee:
        return f"{named_in(spec.trigger)}（没有写明的，由{nearest}）"
    return f"登记为“{TieKind(by.tie).label}”的同志（没有的，由{nearest}）" if by.tie else nearest


def _role(spec: RuleSpec) -> str:
    """Whose turn it is by role, with the kinds of organisation if any are named."""
    by = spec.responsible
    return "、".join(OrganisationKind(kind).label for kind in by.at) + heads(by)


def members(spec: RuleSpec, without: InCategory | None = None) -> str:
    """The members a rule is about, as a noun.

    :param without: a category that is said elsewhere in the sentence.
    """
    found = {type(condition): condition for condition in spec.target}
    standings = found[InStanding].standings if InStanding in found else []
    noun = listed(_STANDS.get(each, Standing(each).label) for each in standings) if standings else "党员"
    more = []
    if isinstance(spec.trigger, Quota) and spec.trigger.per == "interval":
        more.append("这一类别")
    if InCategory in found and found[InCategory] != without:
        more.append(f"“{category_of(found[InCategory])}”类别")
    more += [condition_words(found[Dated])] if Dated in found else []
    if Tied in found and spec.subject != "pair":
        more.append(f"登记了“{TieKind(found[Tied].kind).label}”")
    return f"{'且'.join(more)}的{noun}" if more else noun


_STANDS = {Standing.DEAD: "已去世党员", Standing.SUSPENDED: "停止党籍党员"}


def _dead(spec: RuleSpec) -> bool:
    """Whether it is about those who died: then whoever acts meets the family."""
    return any(isinstance(each, InStanding) and [*each.standings] == [Standing.DEAD] for each in spec.target)


def _each(spec: RuleSpec) -> str:
    """Each member a rule is about; of the dead their family."""
    return f"每名{members(spec)}{'的家属' if _dead(spec) else ''}"


def _objects(spec: RuleSpec) -> str:
    """Whom each actor of a pair has to do with."""
    found = {type(condition): condition for condition in spec.target}
    tied = f"自己“{TieKind(found[Tied].kind).label}”的" if Tied in found else ""
    if ObjectPost not in found:
        return f"{tied}每名{members(spec)}"
    held = found[ObjectPost]
    return f"{tied}{'本级' if held.where == 'same' else '下级'}每名{_roles(held)}"


def _acting(spec: RuleSpec) -> str:
    return "、".join(_roles(each) for each in spec.target if isinstance(each, HoldsPost))


def _roles(condition: HoldsPost | ObjectPost) -> str:
    at = "、".join(OrganisationKind(kind).label for kind in condition.at)
    return f"{at}{'的' if len(condition.at) > 1 else ''}{roles(condition.roles)}"


def _kinds(spec: RuleSpec) -> str:
    named = [kind for each in spec.target if isinstance(each, OfKind) for kind in each.kinds]
    return "、".join(OrganisationKind(kind).label for kind in named) or "党组织"


# The rule's own page --------------------------------------------------------------------------------------------------


def conditions(spec: RuleSpec) -> list[tuple[str, str]]:
    """The conditions in their listed order, each as (its name, what it asks); reach comes last."""
    asked = [(NAMES[type(each)], condition_words(each)) for each in spec.target]
    if isinstance(spec.trigger, Quota) and spec.trigger.per == "interval":
        asked.append(("关怀类别", CategoryKind(spec.trigger.category).label))
    return [*asked, ("制度覆盖", "所在党组织或上级采用了这项制度，并已到启用日")]


NAMES = {
    InStanding: "人员类别", InCategory: "关怀类别", Tied: "联系关系", Dated: "年限", HoldsPost: "任职",
    ObjectPost: "对象的职务", OfKind: "组织类别",
}  # fmt: skip
"""How a condition is called."""


@dataclass(frozen=True)
class Number:
    """One number of a rule: how it is called, what it is, who set it."""

    label: str
    value: str
    setter: str
    own: bool


def numbers(spec: RuleSpec, adjustment: Adjustment | None, adjuster: str) -> list[Number]:
    """The numbers in force, each with who set it; an adjustment is named with its day and basis.

    :param spec: the rule under the adjustment.
    :param adjuster: how the organisation that adjusted is called before the reader.
    """
    changed = adjustment.numbers if adjustment else {}
    by = ""
    if adjustment:
        by = f"{adjuster}自 {adjustment.since} 起调整" + (f"，{adjustment.basis}" if adjustment.basis else "")
    found = []
    for name in spec.trigger.numbers:
        own = name in spec.own_numbers
        setter = "条文没有写，由本单位设定" if own else "条文写明，不能放宽"
        setter = by if name in changed else setter
        found.append(Number(NUMBERS[name][0], _valued(name, getattr(spec.trigger, name)), setter, own))
    if semesters := getattr(spec.trigger, "semesters", []):
        spans, own = _valued("semesters", semesters), "semesters" in changed
        found.append(Number("学期起止", spans, by if own else "随制度包", own))
    return found


def _valued(name: str, value) -> str:
    """A number of a trigger with its unit."""
    if name == "semesters":
        return "；".join(f"{begins} 至 {ends}" for begins, ends in value)
    return "当天" if name == "due_days_before" and not value else f"{value} {NUMBERS[name][1]}"


def adjusted(adjustment: Adjustment) -> str:
    """What an adjustment sets, in words; of a proposal that was only picked, that."""
    words = [f"{NUMBERS[name][0]} {_valued(name, value)}" for name, value in adjustment.numbers.items()]
    return "，".join(words) or "选用这条建议"


SUBJECTS = {
    "member": "按党员计：每名符合条件的党员一件。",
    "actor": "按责任人计：每名任这个职务的同志一件，由他本人办。",
    "pair": "按责任人和对象计：责任人与每名对象各一件，由责任人本人办。",
    "organisation": "按党组织计：每个党组织一件，不针对某一名党员。",
}


def counting(spec: RuleSpec) -> list[str]:
    """How it is counted: for whom, whose turn, collective or not, what late means."""
    told = [SUBJECTS[spec.subject]]
    if spec.selected:
        told[0] = "按党组织计：每个有这类党员的党组织一件，走访其中的同志即可，不要求人人走到。"
    if spec.subject == "member":
        told.append(f"轮到谁：{turn(spec)}。与他自己有关的、职务空缺的，由上一级党组织的{heads(spec.responsible)}办。")
    if spec.subject == "member" and spec.responsible.instead:
        told.append("写了几种职务的，同一级只有其中一种也可以办；都有人任职的，轮到写在前面的，其他人办的也算。")
    if spec.subject != "organisation":
        told.append("集体进行的也算。" if spec.collective_counts else "集体进行的不算，要一对一办。")
    trigger = spec.trigger
    if isinstance(trigger, Holds):
        told.append("只看登记的联系关系够不够，不需要另外登记办理；缺了重新计时。")
    elif isinstance(trigger, OnEvent):
        told.append("期限从事由当天算起，过期算逾期，以后补办仍能办结。")
    elif isinstance(trigger, Quota):
        told.append("期内没有办，期末过后就是错过；当时办过、没有登记的可以补录。")
    else:
        told.append("到期后过了最晚的一天就是错过；当时办过、没有登记的可以补录。")
    if spec.force == "可以":
        told.append("条文写的是“可以”，过期不算逾期，一周后不再列出。")
    return told
