"""The one writer of steps: checks state, turn and persons under the application's lock, and writes what follows.

Deciding, posting and paying have services of their own, which come here with ``through``; without it their steps are
refused, so that no address leads past a meeting, a notice or the books.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from base.facts import facts_will_change
from duties.engine.records import printed_posts
from fund.applying.turns import Turn, awaited, awaited_on, barred_from, line_of, places_of, steps_of, turn_of
from fund.applying.waiting import follow, wait
from fund.journal import Desk
from fund.models import Application, Part, Payment, Taken
from fund.regulation.schema import Step
from fund.regulation.steps import (
    APPLICANT,
    OBJECTED,
    OVER,
    Actor,
    Move,
    Stage,
    StepRefused,
    check_hands,
    next_step,
)
from fund.regulation.steps import Taken as Had
from fund.regulation.words import HANDS, Hand, StepKind
from fund.services import release_all
from members.enums import Capability, Role, Standing
from members.models import Membership, Organisation
from members.services import membership_on

log = logging.getLogger(__name__)

ELSEWHERE = {
    StepKind.DECISION: "集体研究的结果在“上会”里登记，一次会议可以定多件。",
    StepKind.NOTICE: "公示在“公示”里张贴和登记结果。",
    StepKind.PAYMENT: "发放在“待发放”里办理。",
    StepKind.RECEIPT: "签收在“待发放”里登记。",
}
"""Where the steps are taken that have services of their own."""

LEAVING = (Stage.RETURNED, Stage.REFUSED, Stage.WITHDRAWN, Stage.DIED)
"""States in which nothing is kept for the application any more."""

LEAST_DAYS, URGENT_DAYS = 15, 3
"""Days within which a step is to be taken where the regulation states none."""


@dataclass
class Doing:
    """What is said with a step: an opinion, the sum in fen proposed or decided, and what it settled in figures.

    ``on``: the day it was done, if that is not today; both days are kept, so that late entry shows.
    """

    opinion: str = ""
    fen: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    on: date | None = None


@dataclass
class _Act:
    """One step as it is being taken."""

    by: Any
    row: Application
    move: Move
    now: datetime
    doing: Doing
    line: list[Organisation]
    steps: list[Step]
    step: Step | None
    role: Role | None = None
    before: str = ""

    @property
    def today(self) -> date:
        return civil_day(self.now)


def locked(application: Application) -> Application:
    """The application as it stands now, after the engine's lock and under its own."""
    facts_will_change()
    rows = Application.objects.select_for_update(of=["self"])
    return rows.select_related("regulation", "fund__organisation", "organisation", "person").get(pk=application.pk)


def locked_all(applications: Iterable[Application]) -> list[Application]:
    """As :func:`locked`, of several, in one order whoever asks."""
    return [locked(each) for each in sorted(applications, key=lambda each: each.pk)]


def check_serial(application: Application, serial: int | None) -> None:
    """Refuse who decided on an older state than the one that is.

    :raises ValidationError: saying who did what meanwhile.
    """
    if serial is None or serial == application.serial:
        return
    last = application.taken.select_related("person").order_by("serial").last()
    who = last.person.name if last and last.person else "系统"
    what = f"{who}办过“{last.title}”" if last else "改过"
    raise ValidationError(f"{application.label} 刚由{what}，现在是“{application.state_words}”。请看过再办。")


@transaction.atomic
def take_step(
    *, by, application: Application, move: Move, now: datetime, serial: int | None = None, doing: Doing | None = None,
    through: StepKind | None = None, notice: str = "",
) -> Taken:  # fmt: skip
    """Do ``move`` to an application: the one way in which its state changes.

    :param by: the acting account; ``None`` for the clock, which only ends what belongs to somebody dead.
    :param serial: the number of the last step the actor saw; refused if another was taken meanwhile.
    :param through: which service calls, for the steps of :data:`ELSEWHERE`.
    :param notice: the notice that an objection opens again, where another step is awaited already.
    :raises PermissionDenied: where it is not the account's turn.
    :raises ValidationError: where the state, the persons or the days do not allow it.
    """
    row = locked(application)
    check_serial(row, serial)
    today = civil_day(now)
    line = line_of(row.organisation, row.fund, today)
    if not line:
        raise ValidationError(f"{row.organisation.label}现在不在{row.fund.organisation.label}下面，请核对隶属关系。")
    places = places_of(line)
    try:
        steps = steps_of(row, places)
        step = next((each for each in steps if each.code == notice), None) if notice else awaited(row, steps)
        act = _Act(by, row, move, now, doing or Doing(), line, steps, step, before=row.state)
        turn = turn_of(act.step, line, today, but=barred_from(row, act.step)) if act.step else None
        actor, act.role = _actor(by, row, turn, move, through)
        gone = act.step and not notice and not row.editable and act.step.code != row.state.removesuffix(OBJECTED)
        state = act.step.code if gone else row.state
        after = next_step(row.regulation.parsed, state, move, actor, levels=places.keys(), urgent=row.urgent)
        _check_through(act.step, move, through)
        if by is not None and actor is not APPLICANT:
            check_hands(act.step, by.person_id, hands_of(row))
    except StepRefused as refused:
        raise ValidationError(str(refused)) from refused
    _check_alive(act)
    _check_days(row, act.doing.on, today)
    row.state = after
    taken = _written(act)
    _part(act)
    _leave(act)
    _move_on(act, taken)
    return taken


def _actor(by, row: Application, turn: Turn | None, move: Move, through: StepKind | None) -> tuple[Actor, Role | None]:
    """As whom the account acts, and the post that lets it. Who pays was asked by the service: where funds share, the
    cashier of each pays his part, and whoever comes last sends the application on.
    """
    if move in (Move.SUBMIT, Move.WITHDRAW):
        own = by is not None and by.person_id in (row.person_id, row.filed_by_id)
        if not own and not (move == Move.WITHDRAW and may_clear(by, row)):
            raise PermissionDenied("提交和撤回由申请人或代填人办理。")
        return APPLICANT, None
    if turn is None:
        return APPLICANT, None  # it is over: the table says so
    if by is None:
        if move != Move.DEATH:
            raise PermissionDenied("这一步要由人办理。")
        return Actor(turn.step.by[0], turn.step.at), None
    role = turn.role_of(by.person_id)
    if role is None and by.person_id not in (row.person_id, row.filed_by_id):
        role = turn.kept_out_as(by.person_id)  # which part bars him is said by check_hands
    if role is None and through == turn.step.kind and through in (StepKind.PAYMENT, StepKind.RECEIPT):
        role = turn.step.by[0]
        return Actor(role, turn.step.at), role
    if role is None:
        who = turn.who(named=True)
        said = f"由{turn.organisation.label}的{who}办理" if turn.people else who
        raise PermissionDenied(f"“{turn.step.title}”{said}。")
    return Actor(role if role in turn.step.by else turn.step.by[0], turn.step.at), role


def may_clear(by, row: Application) -> bool:
    """Whether an account may take back what others filed for a member and nobody works on: a draft, or what was sent
    back. Whoever filed it may be gone, and another of the class is not begun beside it.
    """
    if by is None or by.person_id is None or not row.editable or row.filed_by_id == row.person_id:
        return False
    return by.scope.may(Capability.RECORD, row.path)


def _check_through(step: Step | None, move: Move, through: StepKind | None) -> None:
    """Refuse a decision, a notice or a payment that did not come by its own service."""
    if step is None or step.kind not in ELSEWHERE or move in (Move.SUBMIT, Move.WITHDRAW, Move.DEATH):
        return
    if through != step.kind:
        raise StepRefused(ELSEWHERE[step.kind])


def check_own_step(by, row: Application, kind: StepKind, today: date) -> None:
    """Refuse an account that had a part in the application that the step awaited has to be free of; or where another
    kind of step is awaited.

    :raises ValidationError: with the sentence.
    """
    step = awaited_on(row, line_of(row.organisation, row.fund, today))
    if step is None or step.kind != kind or row.state != step.code:
        raise ValidationError(f"{row.label} 现在是“{row.state_words}”，不是{kind.label}的时候。")
    try:
        check_hands(step, by.person_id, hands_of(row))
    except StepRefused as refused:
        raise ValidationError(str(refused)) from refused


def hands_of(application: Application) -> list[Had]:
    """Who had which part in it so far."""
    parts = application.parts.order_by("pk").values_list("person", "hand", "step")
    had = [Had(person, Hand(hand), step) for person, hand, step in parts]
    return had + [Had(person, None, step) for person, step in application.taken.values_list("person", "step")]


def _check_alive(act: _Act) -> None:
    row, stay = act.row, membership_on(act.row.person, act.today)
    dead = stay is not None and stay.standing == Standing.DEAD
    if act.move == Move.DEATH and not dead:
        raise ValidationError(f"{row.person.name}还没有登记去世。请先登记事由“去世”，申请随之终止。")
    if dead and act.move not in (Move.DEATH, Move.WITHDRAW, Move.FAIL) and _unpaid(row):
        raise ValidationError(
            f"{row.person.name}已于 {stay.since} 去世，这件申请不能再往下办。请登记“去世终止”；慰问家属另行研究。"
        )


def _unpaid(row: Application) -> bool:
    return not row.grants.filter(payments__state__in=(Payment.State.PAID, Payment.State.RECEIVED)).exists()


def _check_days(row: Application, on: date | None, today: date) -> None:
    if on is None:
        return
    if on > today:
        raise ValidationError({"on": f"日期 {on} 晚于今天，请改成今天或以前。"})
    last = row.taken.order_by("serial").last()
    if last and on < last.on:
        raise ValidationError({"on": f"上一步“{last.title}”是 {last.on}，这一步不会早于那天，请核对日期。"})


def _written(act: _Act) -> Taken:
    row, step, by, doing = act.row, act.step, act.by, act.doing
    row.serial += 1
    submits = act.move == Move.SUBMIT
    return Taken.objects.create(
        application=row, serial=row.serial, round=row.round, step="" if submits else step.code,
        title="申请" if submits else step.title, move=act.move, before=act.before, after=row.state,
        on=doing.on or act.today, at=act.now, account=by and by.pk, person=by and by.person, role=act.role or "",
        post=printed_posts([by.person], act.today).get(by.person_id, "") if act.role else "", fen=doing.fen,
        opinion=doing.opinion.strip(), facts=doing.facts,
    )  # fmt: skip


def _part(act: _Act) -> None:
    """Note the hand that was had; the database refuses a second one of the same person."""
    if act.by is None:
        return
    if act.move == Move.SUBMIT:
        for person in {act.row.person_id, act.by.person_id}:
            act.row.parts.get_or_create(person_id=person, defaults={"hand": Hand.APPLY})
    elif (hand := HANDS.get(act.step.kind)) and act.move in (Move.PASS, Move.RETURN, Move.REFUSE):
        give_part(act.row, act.by.person_id, hand, act.step.code)


def give_part(row: Application, person: int, hand: Hand, step: str) -> None:
    """Note that a person had a hand in it, once.

    :raises ValidationError: if they had another.
    """
    part, _fresh = Part.objects.get_or_create(application=row, person_id=person, defaults={"hand": hand, "step": step})
    if part.hand != hand:
        raise ValidationError(f"办过“{Hand(part.hand).label}”的人不能再办“{hand.label}”，请换一个人。")


def _leave(act: _Act) -> None:
    """Give back what was kept for an application that leaves the way."""
    row = act.row
    if row.state not in LEAVING:
        return
    if row.grants.filter(payments__state=Payment.State.LISTED).exists():
        said = f"{row.label} 已列入银行发放批次，请先由出纳登记回单或作废，再办“{act.move.label}”。"
        raise ValidationError(said)
    if act.move == Move.WITHDRAW and not _unpaid(row):
        raise ValidationError(f"{row.label} 已发出一部分，不能再撤回。不要的，请把钱退给出纳，登记退款。")
    kept = row.grants.filter(reservation__unpaid__gt=0).select_related("reservation__fund").order_by("reservation")
    desk, words = Desk(act.today, act.now, act.by and act.by.pk), f"{row.label} {act.move.label}"
    release_all([grant.reservation for grant in kept], desk, words=words)
    row.granted = row.decided_on = None


def _move_on(act: _Act, taken: Taken) -> None:
    """Set day and duty of what is waited for next."""
    row, rests = act.row, act.row.state in (Stage.DRAFT, Stage.RETURNED)
    following = None if rests else awaited(row, act.steps)
    row.ended_on = act.today if row.state in OVER else None
    days = following and (following.within_days or (row.urgent and URGENT_DAYS) or LEAST_DAYS)
    row.due_on = act.today + timedelta(days=days) if following else None
    turn = turn_of(following, act.line, act.today, but=barred_from(row, following)) if following else None
    wait(by=act.by, application=row, turn=turn, taken=taken, today=act.today)
    row.save()
    audit.write(audit.Act.EDIT, f"application:{row.pk}", move=str(act.move), after=row.state)


def end_of_the_dead(*, now: datetime) -> int:
    """What the clock does: end the unpaid applications of members who died and give back what was kept for them.

    :returns: how many. Done twice it changes nothing; one listed for the bank waits for its slip, and one that cannot
        be ended keeps nobody else's waiting.
    """
    today, ended = civil_day(now), 0
    dead = Membership.objects.on(today).filter(standing=Standing.DEAD)
    rows = Application.objects.running().filter(person__in=dead.values("person")).order_by("pk")
    for row in rows.exclude(grants__payments__state__in=(Payment.State.LISTED, Payment.State.PAID)).exclude(
        grants__payments__state=Payment.State.RECEIVED
    ):
        try:
            take_step(by=None, application=row, move=Move.DEATH, now=now)
        except ValidationError:
            log.warning("application %s of somebody dead could not be ended", row.pk)
        else:
            ended += 1
    return ended


def waiting_follows(*, now: datetime) -> int:
    """What the clock does: bring the duties of waiting steps to whose turn they are after posts and the tree changed.

    :returns: how many were somebody else's. Done twice it changes nothing.
    """
    today, moved = civil_day(now), 0
    for pk in Application.objects.running().filter(waiting__isnull=False).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(Application(pk=pk))
            line = line_of(row.organisation, row.fund, today)
            step = awaited_on(row, line) if row.waiting_id else None
            if step and not row.editable:
                moved += follow(row, turn_of(step, line, today, but=barred_from(row, step)), today)
    return moved
