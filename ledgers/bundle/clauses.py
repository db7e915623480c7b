"""The policies in force in a period as sheets: which they are, what their rules ask, and the matrix of clauses."""

from collections.abc import Iterator

from django.db.models import Q

from base.dates import FAR, last_day
from base.writing import Format, Heading, Sheet
from duties.board.clauses import rule_row
from duties.policy.models import Adoption, Policy, Reach, upward
from ledgers.bundle.asked import Asked
from ledgers.declarations import LEDGERS
from ledgers.evidence import FIGURES, ClauseEvidence, PolicyEvidence, RuleEvidence
from members.enums import Capability
from members.scope import path_end

TEXT, DAY, NUMBER = Format.TEXT, Format.DATE, Format.NUMBER
POLICIES = (
    Heading("序号", 6, NUMBER), Heading("制度", 40), Heading("文号", 20), Heading("发文机关", 20),
    Heading("发文日期", 12, DAY), Heading("采用的党组织", 22), Heading("采用自", 12, DAY), Heading("至", 12),
    Heading("条款", 8, NUMBER), Heading("规则", 8, NUMBER),
)  # fmt: skip
RULES = (
    Heading("条款", 10), Heading("要点（自行归纳）", 44), Heading("要做的事", 20), Heading("什么时候", 22),
    Heading("对谁", 22), Heading("谁办", 24), Heading("期限和数量", 22), Heading("约束力", 8), Heading("约束谁", 12),
)  # fmt: skip
MATRIX = (
    Heading("条款", 10), Heading("要求", 36), Heading("要做的事", 22), Heading("约束力", 8), Heading("佐证", 24),
    Heading("到期", 8, NUMBER), Heading("办结", 8, NUMBER), Heading("逾期后办结", 10, NUMBER),
    Heading("在办", 8, NUMBER), Heading("缺项", 8, NUMBER), Heading("结论", 18),
)  # fmt: skip
CLOSED = "限有权限的同志"


def name_of(policy: Policy) -> str:
    return f"{policy.number} {policy.title}" if policy.number else policy.title


def _sheet(asked: Asked, title: str, headings: tuple[Heading, ...], rows, totals=()) -> Sheet:
    return Sheet(
        title, asked.organisation.name, asked.period, asked.as_of, headings, rows,
        filled_by=asked.account.person.name, signed_on=asked.reader.day, totals=totals,
    )  # fmt: skip


# Which policies


def policy_list(asked: Asked) -> Sheet:
    """Every adoption that holds at the organisation, above or below, on some day of the period."""
    here = asked.organisation.path
    places = Q(organisation__path__in=upward([here])) | Q(
        organisation__path__gte=here, organisation__path__lt=path_end(here)
    )
    counts = {
        each.policy.pk: (len(each.clauses), sum(len(clause.rules) for clause in each.clauses))
        for each in asked.policies
    }
    rows = Adoption.objects.filter(places, policy__in=counts, since__lte=asked.last, until__gt=asked.first)
    rows = rows.select_related("policy", "organisation").order_by("organisation__path", "since", "pk")
    order = {pk: place for place, pk in enumerate(counts)}
    found = sorted(rows, key=lambda each: order[each.policy_id])
    return _sheet(asked, "制度文件清单", POLICIES, _adopted(asked, found, counts))


def _adopted(asked: Asked, adoptions: list[Adoption], counts: dict) -> Iterator[list]:
    for number, each in enumerate(adoptions, 1):
        policy, place = each.policy, each.organisation
        known = asked.eyes.scope.may(Capability.VIEW, place.path)
        until = "" if each.until == FAR else str(last_day(each.until))
        yield [
            number, policy.title, policy.number, policy.issuer, policy.issued_on, place.label if known else "上级",
            each.since, until, *counts[policy.pk],
        ]  # fmt: skip


# What they ask


def rule_sheet(asked: Asked, each: PolicyEvidence) -> Sheet:
    """One policy, clause by clause in our own words, with the rules that reach the organisation or one below it."""
    here = asked.organisation
    rules = [one.rule for clause in each.clauses for one in clause.rules]
    reach = Reach.objects.filter(
        rule__in=rules, organisation=here, since__lte=asked.last, until__gt=asked.first
    )  # fmt: skip
    own = {row.rule_id: row.adjustment for row in reach.select_related("adjustment").order_by("since", "pk")}
    return _sheet(asked, name_of(each.policy), RULES, _asks(each, own))


def _asks(each: PolicyEvidence, own: dict) -> Iterator[list]:
    for line in each.clauses:
        clause = line.clause
        gist = f"{clause.heading}。{clause.gist}"
        if not line.rules:
            yield [clause.printed, gist, *[""] * 7]
        for place, one in enumerate(line.rules):
            row = rule_row(one.rule, one.rule.under(own.get(one.rule.pk)))
            limits = "；".join(f"{words}（本单位设定）" if ours else words for words, ours in row.limits)
            yield [
                clause.printed, "" if place else gist, row.title, row.occasion, row.whom, row.who, limits, row.force,
                "本组织" if one.rule.pk in own else "下级组织",
            ]  # fmt: skip


# What was done


def matrix_sheet(asked: Asked, each: PolicyEvidence) -> Sheet:
    """条款 → 做了什么 → 佐证 → 缺项 of one policy: a row for each rule, and one for a clause without rules."""
    sums = [sum(getattr(line.figures, name) for line in each.clauses) for name in FIGURES]
    totals = ["合计", "", "", "", "", *sums, f"缺项 {sums[-1]} 件" if sums[-1] else "没有缺项"]
    titles = {ledger.code: ledger.title for ledger in asked.ledgers}
    return _sheet(asked, f"条款佐证 {name_of(each.policy)}", MATRIX, _matrix(each, titles), totals)


def _matrix(each: PolicyEvidence, titles: dict[str, str]) -> Iterator[list]:
    for line in each.clauses:
        clause = line.clause
        asks = f"{clause.heading}。{clause.gist}"
        if not line.rules:
            yield [clause.printed, asks, "", "", _answers(line), *[None] * 5, verdict_of(line)]
        for place, one in enumerate(line.rules):
            rule, figures = one.rule, one.figures
            basis = titles.get(one.ledger, CLOSED)
            if not place and line.answers:
                basis = f"{basis}、{_answers(line)}"
            counted = [None] * 5 if figures is None else [getattr(figures, name) for name in FIGURES]
            yield [
                clause.printed, "" if place else asks, rule.title, rule.get_force_display(), basis, *counted,
                _said(one),
            ]  # fmt: skip


def _answers(line: ClauseEvidence) -> str:
    return "、".join(title for title, _url in line.answered)


def _said(one: RuleEvidence) -> str:
    figures = one.figures
    if figures is None:
        return CLOSED
    if figures.gap:
        return f"缺 {figures.gap} 件"
    if not figures.due:
        return "本期无此事"
    return f"还有 {figures.running} 件在办" if figures.running else "齐"


def verdict_of(line: ClauseEvidence) -> str:
    """What is to be said of a clause as a whole."""
    figures = line.figures
    if figures.gap:
        return f"缺 {figures.gap} 件"
    if line.withheld:
        return f"部分{CLOSED}"
    if not line.rules:
        return "" if line.answers else "原则要求"
    if not figures.due:
        return "本期无此事"
    return f"还有 {figures.running} 件在办" if figures.running else "齐"


def evidence_of(line: ClauseEvidence) -> list[tuple[str, str]]:
    """Where the records of a clause stand: code and title of each ledger, once."""
    codes = dict.fromkeys(one.ledger for one in line.rules if one.figures)
    return [(code, LEDGERS[code].title) for code in codes]
