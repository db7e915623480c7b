"""党内关怀帮扶专项资金申请审批表: what one application's file says, step by step, as its form on paper shows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Prefetch, QuerySet

from fund.applying.masking import masked_account
from fund.applying.turns import way_of
from fund.models import Application, Decision, Grant, NoticeLine, Payment, Taken
from fund.regulation.reckoning import yuan
from fund.regulation.schema import Step
from fund.regulation.steps import Move
from fund.regulation.words import StepKind
from members.models import Organisation


@dataclass(frozen=True)
class Box:
    """One step on the form: what was said, by whom in which post, on which day; all empty where it is still to come.

    ``lines`` stand for everybody who may see the form, ``closed`` for those who read opinions.
    """

    title: str
    kind: StepKind
    lines: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    who: str = ""
    on: date | None = None


def with_paper(rows: QuerySet[Application]) -> QuerySet[Application]:
    """The whole fetch plan of the form."""
    taken = Taken.objects.select_related("person").order_by("serial")
    decisions = Decision.objects.select_related("meeting__organisation").order_by("pk")
    lines = NoticeLine.objects.select_related("notice").prefetch_related("objections").order_by("pk")
    payments = Payment.objects.select_related("voucher", "paid_by").order_by("pk")
    grants = Grant.objects.select_related("fund__organisation", "reservation").order_by("pk")
    rows = rows.select_related("person", "organisation", "fund__organisation", "regulation", "filed_by")
    return rows.prefetch_related(
        Prefetch("taken", taken), Prefetch("decisions", decisions), Prefetch("notice_lines", lines),
        Prefetch("grants", grants.prefetch_related(Prefetch("payments", payments))),
    )  # fmt: skip


def boxes_of(row: Application, line: list[Organisation]) -> list[Box]:
    """The form's boxes in the order of the steps; of a step taken more than once the last time of the last round.

    :param line: as :func:`fund.applying.turns.line_of`.
    """
    return [_BOXES[step.kind](row, step) for step in way_of(row, line)]


def _last(row: Application, step: Step) -> Taken | None:
    found = [each for each in row.taken.all() if each.step == step.code and each.round == row.round]
    return found[-1] if found else None


def _signed(step: Step, taken: Taken, lines: Iterable[str], closed: Iterable[str] = ()) -> Box:
    who = taken.person.name if taken.person else ""
    said = [each for each in closed if each]
    return Box(step.title, step.kind, list(lines), said, f"{taken.post}　{who}" if taken.post else who, taken.on)


def _review(row: Application, step: Step) -> Box:
    taken = _last(row, step)
    if taken is None:
        return Box(step.title, step.kind)
    outcome = f"同意，建议 {yuan(taken.fen)} 元。" if taken.fen else f"{Move(taken.move).label}。"
    vote = taken.facts.get("vote")
    return _signed(step, taken, [outcome, *([_vote_words(vote)] if vote else [])], [taken.opinion])


def _vote_words(vote: dict) -> str:
    aside = f"，回避 {vote['recused']} 人" if vote.get("recused") else ""
    minutes = f"，纪要号：{vote['minutes']}" if vote.get("minutes") else ""
    return (
        f"{vote['on']} {vote.get('body_words', '')}研究：应到 {vote['entitled']} 人，实到 {vote['present']} 人{aside}；"
        f"同意 {vote['agree']}、反对 {vote['against']}、弃权 {vote['abstain']}{minutes}。"
    )


def _decision(row: Application, step: Step) -> Box:
    found = [each for each in row.decisions.all() if each.round == row.round]
    if not found:
        return Box(step.title, step.kind)
    decision, meeting = found[-1], found[-1].meeting
    aside = f"，回避 {len(decision.recused)} 人" if decision.recused else ""
    votes = (
        f"{meeting.organisation.label}{meeting.title}：应到 {decision.entitled} 人，"
        f"实到（不含回避）{decision.present} 人{aside}；"
        f"同意 {decision.agree}、反对 {decision.against}、弃权 {decision.abstain}。"
    )
    outcome = f"{decision.get_outcome_display()}" + (f"，核定 {yuan(decision.fen)} 元。" if decision.fen else "。")
    sources = [
        f"{each.fund.organisation.label} {yuan(each.fen)} 元（{each.reservation.get_source_display()}）"
        for each in row.grants.all()
        if each.decision_id == decision.pk
    ]
    paid_from = [f"资金来源：{'；'.join(sources)}。"] if sources else []
    lines = [votes, outcome, *paid_from, f"纪要号：{meeting.minutes}"]
    return Box(step.title, step.kind, lines, [decision.reason] if decision.reason else [], on=meeting.on)


def _notice(row: Application, step: Step) -> Box:
    found = [each for each in row.notice_lines.all() if each.round == row.round]
    if not found:
        return Box(step.title, step.kind)
    lines = []
    for each in found:
        notice, first = each.notice, each.notice.posted_on + timedelta(days=1)
        down = f"，{notice.taken_down_on} 撤下" if notice.taken_down_on else ""
        where = f"，张贴地点：{notice.place}" if notice.place else ""
        lines.append(f"{first} 至 {_until(each)}（{notice.days} 个{notice.get_count_display()}）{where}{down}。")
        objections = list(each.objections.all())
        if objections:
            said = "、".join(one.get_outcome_display() or "待答复" for one in objections)
            lines.append(f"异议 {len(objections)} 件：{said}。")
        elif notice.result_on:
            lines.append(f"公示期满，无异议（{notice.result_on} 登记）。")
    taken = _last(row, step)
    if taken and taken.move == Move.PASS:
        return _signed(step, taken, lines)
    return Box(step.title, step.kind, lines)


def _until(line: NoticeLine) -> date:
    """The last day of one row: an objection that was dismissed moved it."""
    return max([line.notice.ends_on, *(each.ends_on for each in line.objections.all() if each.ends_on)])


def _payments(row: Application) -> list[Payment]:
    return [each for grant in row.grants.all() for each in grant.payments.all() if each.on]


def _payment(row: Application, step: Step) -> Box:
    lines = []
    for each in _payments(row):
        voucher = f"凭证号 {each.voucher.year}-{each.voucher.number}" if each.voucher else ""
        slip = f"回单号 {each.slip}" if each.slip else ""
        account = masked_account(each.payee.get("number", "")) if each.way == "bank" else ""
        failed = f"{each.failed_on} 发放失败：{each.failure}" if each.failed_on else ""
        parts = [f"{each.on} {each.get_way_display()} {yuan(each.grant.fen)} 元", account, slip, voucher, failed]
        lines.append("，".join(part for part in parts if part) + "。")
    last = next(iter(reversed(_payments(row))), None)
    if last is None:
        return Box(step.title, step.kind)
    return Box(step.title, step.kind, lines, who=f"出纳　{last.paid_by.name}" if last.paid_by else "", on=last.on)


def _receipt(row: Application, step: Step) -> Box:
    found = [each for each in _payments(row) if each.received_on]
    if not found:
        return Box(step.title, step.kind)
    last, substitute = found[-1], found[-1].substitute
    if not substitute:
        return Box(step.title, step.kind, ["本人签收。"], on=last.received_on)
    by = f"{substitute['name']}（{substitute['relation']}）：{substitute['why']}"
    return Box(step.title, step.kind, ["由他人代领。"], [f"代领人{by}"], on=last.received_on)


def _return_visit(row: Application, step: Step) -> Box:
    taken = _last(row, step)
    return _signed(step, taken, ["已回访。"], [taken.opinion]) if taken else Box(step.title, step.kind)


_BOXES = {
    StepKind.REVIEW: _review, StepKind.DECISION: _decision, StepKind.NOTICE: _notice, StepKind.PAYMENT: _payment,
    StepKind.RECEIPT: _receipt, StepKind.RETURN_VISIT: _return_visit,
}  # fmt: skip
