"""A regulation as people read it: its parts in sentences, which numbers are one's own, where it is said. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from base.dates import FAR
from base.money import Source
from fund.regulation.reckoning import yuan
from fund.regulation.schema import Basis, Part, Regulation, Standard, Step
from fund.regulation.words import DayCount
from members.enums import CategoryKind, OrganisationKind, Role

PURPOSES = {"aid": "帮扶", "care": "关怀", "incentive": "激励"}
OCCASIONS = {"death": "去世", "illness": "患病", "festival": "节日"}


@dataclass(frozen=True)
class Line:
    """One sentence; ``own``: a number in it was set by the organisation (自定)."""

    words: str
    own: bool
    basis: tuple[Basis, ...]


@dataclass(frozen=True)
class Section:
    title: str
    lines: tuple[Line, ...]


def tell(regulation: Regulation) -> list[Section]:
    """All of a regulation, in the order in which an application meets it; empty sections left out."""
    titles = {each.code: each.title for each in regulation.classes}
    urgent = [regulation.urgent] if regulation.urgent else []
    sections = [
        Section("设在哪里、钱从哪来", _lines([regulation.fund], _fund)),
        Section("帮扶谁", _lines(regulation.classes, _class)),
        Section("标准", _lines(regulation.standards, lambda each: _standard(each, titles))),
        Section("封顶", _lines(regulation.caps, lambda each: f"{each.per.label}最多 {yuan(each.fen)} 元。")),
        Section("再次帮扶", _lines([regulation.look_back] if regulation.look_back else [], _look_back)),
        Section("不予帮扶", _lines(regulation.exclusions, _exclusion)),
        Section("步骤", _lines(regulation.steps, _step)),
        Section("公示", _lines([each.notice for each in regulation.steps if each.notice], _notice)),
        Section("多少钱由谁定", _lines(regulation.bands, _band)),
        Section("怎样表决", _lines(regulation.votings, _voting)),
        Section("各级分担", _lines([regulation.shares] if regulation.shares else [], _shares)),
        Section("紧急情况", _lines(urgent, lambda each: _urgent(each, regulation))),
        Section("申请以外的慰问", _lines(regulation.gifts, _gift)),
    ]
    return [each for each in sections if each.lines]


def _lines(parts: Iterable[Part], words) -> tuple[Line, ...]:
    return tuple(Line(words(each), bool(each.own_numbers), tuple(each.basis)) for each in parts)


def _and(labels: Iterable[str]) -> str:
    return "、".join(labels)


def _levels(levels: Iterable[str]) -> str:
    return _and(OrganisationKind(each).label for each in levels)


def _fund(each) -> str:
    uses = _and(PURPOSES[purpose] for purpose in each.purposes)
    sources = _and(Source(source).label for source in each.sources)
    kept = "不单设资金，在预算里列支" if each.is_budget else "设立专项资金"
    return f"{_levels(each.established_at)}{kept}，用于{uses}，来源有{sources}。"


def _class(each) -> str:
    kinds = f"，属于{_and(CategoryKind(kind).label for kind in each.kinds)}" if each.kinds else ""
    years = f"，党龄满 {each.party_years} 年" if each.party_years else ""
    return f"{each.title}{kinds}{years}。要交：{_and(each.evidence)}。"


def _standard(each: Standard, titles: dict[str, str]) -> str:
    of = f"{titles[each.of]}（{each.grade}）" if each.grade else titles[each.of]
    until = f"，到 {each.until} 前" if each.until != FAR else ""
    if each.fen:
        sum_ = f"{yuan(each.fen)} 元"
    elif each.lowest:
        sum_ = f"{yuan(each.lowest)} 至 {yuan(each.highest)} 元"
    else:
        sum_ = "由集体研究确定"
    return f"{of}：{sum_}，自 {each.since} 起{until}。"


def _look_back(each) -> str:
    after = "不再安排" if each.exception == "never" else "原则上不再安排，确需帮扶的写明例外理由"
    return f"{each.months} 个月内已帮扶 {each.times} 次的，{after}。"


def _exclusion(each) -> str:
    months = f"（{each.months} 个月）" if each.months else ""
    after = "，研究决定的会议写明理由可以例外" if each.may_override else ""
    return f"{each.ground.label}{months}，不予帮扶{after}。"


def _step(each: Step) -> str:
    who = f"{OrganisationKind(each.at).label}的{_and(Role(role).label for role in each.by)}"
    meeting = f"，经{'或'.join(body.label for body in each.meeting)}研究" if each.meeting else ""
    within = f"，{each.within_days} 天内" if each.within_days else ""
    skipped = "；上面没有这一级的跳过" if each.skipped else ""
    return f"{each.title}（{each.kind.label}）：{who}办理{meeting}{within}{skipped}。"


def _notice(each) -> str:
    through = "只数工作日" if each.count == DayCount.WORKING else "休息日也数"
    return f"{OrganisationKind(each.level).label}公示 {each.days} 个{each.count.label}，从张贴次日起算，{through}。"


def _band(each) -> str:
    return (
        f"{yuan(each.up_to)} 元以内（含）由{each.body.label}研究。" if each.up_to else f"其余由{each.body.label}研究。"
    )


def _voting(each) -> str:
    return f"{each.body.label}：应到{each.quorum.label}到会才开，应到{each.majority.label}赞成才通过；回避的不算到会。"


def _shares(each) -> str:
    parts = _and(f"{OrganisationKind(one.level).label} {one.percent}%" for one in each.portions)
    return f"{parts}，除不尽的一分由上一级承担。"


def _urgent(each, regulation: Regulation) -> str:
    steps = " → ".join(regulation.step(code).title for code in each.steps)
    most = f"，最多 {yuan(each.up_to)} 元" if each.up_to else ""
    body = f"，由{each.body.label}研究" if each.body else ""
    again = "，不受再次帮扶的限制" if each.ignores_look_back else ""
    return f"{steps}{most}{body}{again}，{each.completed_within_days} 天内补齐手续。"


def _gift(each) -> str:
    sources = _and(Source(source).label for source in each.sources)
    return f"{OCCASIONS[each.occasion]}{each.force}慰问，可用{sources}。"
