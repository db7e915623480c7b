"""审核: what a branch, a general branch or the department says of an application."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from base.dates import civil_day
from fund.applying.flags import earlier_help, own_grounds, spent_on
from fund.applying.steps import Doing, check_serial, locked, take_step
from fund.applying.turns import awaited_on, line_of
from fund.models import Application, Taken
from fund.regulation.reckoning import (
    NotRegulated,
    barring,
    beyond_caps,
    beyond_standard,
    majority,
    standard_for,
    who_decides,
    within_look_back,
)
from fund.regulation.schema import Regulation, Step
from fund.regulation.steps import Move
from fund.regulation.words import Body, StepKind


@dataclass(frozen=True)
class Vote:
    """A meeting that reviewed, in figures: who was entitled, who came and did not step aside, and how they voted."""

    body: str
    on: date
    entitled: int
    present: int
    agree: int
    against: int = 0
    abstain: int = 0
    recused: int = 0
    minutes: str = ""


@dataclass(frozen=True)
class Review:
    """What a reviewer says.

    ``grounds``: of :class:`~fund.regulation.words.Ground` that were found; ``aside``: the reason for each that is set
    aside, and for help within the look-back (``look_back``).
    """

    move: Move
    opinion: str = ""
    fen: int | None = None
    vote: Vote | None = None
    grounds: tuple[str, ...] = ()
    aside: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def review(*, by, application: Application, review: Review, serial: int, now: datetime) -> Taken:
    """Enter a review: pass with a sum, send back, or refuse; with reasons for what asks for one.

    :raises ValidationError: keyed by ``fen``, ``opinion``, ``vote`` or ``aside``; as
        :func:`fund.applying.steps.take_step`.
    """
    row = locked(application)
    check_serial(row, serial)
    today = civil_day(now)
    step = _review_step(row, today)
    if review.move not in (Move.PASS, Move.RETURN, Move.REFUSE):
        raise ValidationError("审核只有通过、退回和不予帮扶三种意见。")
    refused: dict[str, list[str]] = {}
    if review.move != Move.PASS and not review.opinion.strip():
        refused["opinion"] = ["退回或不同意的，请写明理由，申请人要看到。"]
    if step.meeting and (said := vote_amiss(row.regulation.parsed, step, review.vote, review.move, today)):
        refused["vote"] = [said]
    if review.move == Move.PASS:
        refused |= sum_amiss(row, review.fen, review.grounds, review.aside, today)
    if refused:
        raise ValidationError(refused)
    facts = {"grounds": list(review.grounds), "aside": review.aside}
    if step.meeting:
        vote = review.vote
        facts["vote"] = {**vote.__dict__, "on": str(vote.on), "body_words": Body(vote.body).label}
    doing = Doing(review.opinion, review.fen if review.move == Move.PASS else None, facts)
    doing.on = review.vote.on if step.meeting else None
    return take_step(by=by, application=row, move=review.move, now=now, serial=serial, doing=doing)


def _review_step(row: Application, today: date) -> Step:
    step = awaited_on(row, line_of(row.organisation, row.fund, today))
    if step is None or step.kind != StepKind.REVIEW or row.editable:
        raise ValidationError(f"现在是“{row.state_words}”，不是审核的时候。")
    return step


def vote_amiss(regulation: Regulation, step: Step, vote: Vote | None, move: Move, today: date) -> str:
    """What is wrong with the vote of a review, as a sentence; empty if nothing is."""
    if vote is None:
        return f"“{step.title}”要开会研究，请写会议日期、应到、实到和票数。"
    said = ""
    if vote.body not in step.meeting:
        said = "请选是什么会研究的：" + "、".join(body.label for body in step.meeting) + "。"
    elif vote.on > today:
        said = f"会议日期 {vote.on} 晚于今天，请改成今天或以前。"
    elif vote.present + vote.recused > vote.entitled:
        said = f"实到和回避合计 {vote.present + vote.recused} 人，多于应到 {vote.entitled} 人，请核对。"
    return said or _not_adopted(regulation, vote, move)


def _not_adopted(regulation: Regulation, vote: Vote, move: Move) -> str:
    try:
        outcome = majority(
            regulation, Body(vote.body), entitled=range(vote.entitled), present=range(vote.present), agree=vote.agree,
            against=vote.against, abstain=vote.abstain,
        )  # fmt: skip
    except (NotRegulated, ValueError) as wrong:
        return str(wrong)
    wanted = outcome.is_adopted if move == Move.PASS else outcome.is_quorate
    return "" if wanted else outcome.why


def sum_amiss(
    row: Application, fen: int | None, grounds: tuple[str, ...], aside: dict[str, str], today: date, *,
    on: date | None = None, beside: Collection[tuple[Application, int]] = (),
) -> dict[str, list[str]]:  # fmt: skip
    """What stands in the way of granting ``fen``, by form field; the same for a review and for a decision.

    :param on: the day of the decision, whose year's caps it counts against; ``beside`` as
        :func:`fund.applying.flags.spent_on`.
    :param grounds: what the reviewer found; what the system knows is added.
    """
    regulation, refused = row.regulation.parsed, {}
    if not fen or fen <= 0:
        return {"fen": ["请写核定金额。"]}
    said = []
    try:
        said += filter(None, [beyond_standard(standard_for(regulation, row.kind, today, grade=row.grade), fen)])
        who_decides(regulation, fen, urgent=row.urgent)
    except NotRegulated as wrong:
        said.append(str(wrong))
    said += beyond_caps(regulation.caps, fen, spent_on(row, on or today, beside))
    if said:
        refused["fen"] = said
    found = barring(regulation, {*grounds, *own_grounds(row, today)}, aside)
    also = [on or today for other, _fen in beside if other.person_id == row.person_id]
    found += look_back_amiss(row, aside.get("look_back", ""), today, also)
    if found:
        refused["aside"] = found
    return refused


def look_back_amiss(row: Application, reason: str, today: date, also: Collection[date] = ()) -> list[str]:
    """Why earlier help stands in the way, as sentences; empty where it does not, or a reason was given that may be.

    :param also: the days of help that is being decided on with it.
    """
    regulation = row.regulation.parsed
    if regulation.look_back is None or (row.urgent and regulation.urgent and regulation.urgent.ignores_look_back):
        return []
    helped = [each.decided_on for each in earlier_help(row)]
    days = within_look_back(regulation.look_back, today, [*helped, *also])
    if not days:
        return []
    said = f"{regulation.look_back.months} 个月内已获帮扶（{'、'.join(str(day) for day in days)}）"
    if regulation.look_back.exception == "never":
        return [f"{said}，按办法不再帮扶。"]
    return [] if reason.strip() else [f"{said}，原则上不再安排；确需帮扶的请写明这次为什么例外。"]


def reasons_for(row: Application, grounds: Collection[str], reason: str, today: date) -> dict[str, str]:
    """``reason`` for each thing that it sets aside, as :class:`Review` keeps them: what was found, what the system
    knows, and help within the look-back.
    """
    if not reason.strip():
        return {}
    found = {*grounds, *own_grounds(row, today)}
    aside = [each.ground for each in row.regulation.parsed.exclusions if each.ground in found]
    aside += ["look_back"] if look_back_amiss(row, "", today) else []
    return {str(each): reason.strip() for each in aside}
