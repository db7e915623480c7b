"""Taking the steps of an application for less dues: what a meeting said, and what follows.

:func:`take` is the one writer of states. Under the row's lock it asks what the row waits for, whose turn that is, what
the person did in it before, that the member lives and stands below, and that nobody acted meanwhile.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from base import audit
from base.dates import civil_day
from base.facts import facts_will_change
from duties.deeds import record_deed
from duties.engine.records import printed_posts
from fund.applying.waiting import carry, named_for
from fund.models import DuesRelief, ReliefKind, ReliefMove, ReliefState, ReliefStep
from fund.models.relief import WAITING
from fund.relief.force import begin
from fund.relief.turns import TITLES, Turn, barred_from, line_of, places_of, turn_now
from members.enums import EventKind, Role, Standing
from members.services import membership_on, withdraw_event, write_event

MOST_MONTHS = 12
"""A relief lasts at most a year: it is decided anew each year."""

M = ReliefMove
MOVES: dict[str, tuple[ReliefMove, ...]] = {
    ReliefState.BRANCH: (M.PASS, M.AGAINST, M.RETURN),
    ReliefState.GENERAL: (M.PASS, M.AGAINST, M.RETURN),
    ReliefState.COMMITTEE: (M.APPROVE, M.REFUSE, M.RETURN),
}
"""What may be said at each step. A general branch that is against it reports it all the same."""

NEXT: dict[str, tuple[str, ...]] = {
    ReliefState.BRANCH: (ReliefState.GENERAL, ReliefState.COMMITTEE),
    ReliefState.GENERAL: (ReliefState.COMMITTEE,),
}
HANDS = {ReliefState.BRANCH: "branch_by", ReliefState.GENERAL: "general_by", ReliefState.COMMITTEE: "decided_by"}


@dataclass(frozen=True)
class Terms:
    """How much less for which whole months, half open: ``fen`` a month where something is still to be paid."""

    kind: str
    since: date
    until: date
    fen: int | None = None


@dataclass(frozen=True)
class Vote:
    """A meeting in figures."""

    entitled: int
    present: int
    agree: int
    against: int = 0
    abstain: int = 0


@dataclass(frozen=True)
class Said:
    """What is recorded of a step: the day, the meeting and its minutes, the branch's vote, the opinion or reason, and
    of an approval what is granted.
    """

    on: date
    opinion: str = ""
    body: str = ""
    minutes: str = ""
    vote: Vote | None = None
    terms: Terms | None = None


@dataclass
class _Act:
    by: object
    row: DuesRelief
    move: ReliefMove
    said: Said
    today: date
    stage: str
    turn: Turn | None = None
    role: Role | None = None
    refused: dict[str, list[str]] = field(default_factory=dict)

    def amiss(self, name: str, sentence: str) -> None:
        self.refused.setdefault(name, []).append(sentence)


def locked(relief: DuesRelief) -> DuesRelief:
    """The application as it stands now, after the engine's lock and under its own."""
    facts_will_change()
    rows = DuesRelief.objects.select_for_update(of=["self"])
    return rows.select_related("person", "organisation", "waiting__organisation").get(pk=relief.pk)


def check_serial(row: DuesRelief, serial: int) -> None:
    """Refuse who looked at an older state than the one that is."""
    if serial == row.serial:
        return
    last = row.steps.select_related("person").order_by("serial").last()
    who = last.person.name if last.person else "系统"
    raise ValidationError(
        f"{row.label}刚由{who}办过（{last.get_move_display()}），现在是“{row.get_state_display()}”。请看过再办。"
    )


@transaction.atomic
def take(*, by, relief: DuesRelief, move: ReliefMove, said: Said, serial: int, now: datetime) -> DuesRelief:
    """Record what a branch, a general branch or a committee said.

    :param serial: the number of the last step the actor saw.
    :raises PermissionDenied: where it is not the account's turn.
    :raises ValidationError: keyed by form field, where the state, the persons, the days or the figures forbid it.
    """
    row = locked(relief)
    check_serial(row, serial)
    if not row.waits:
        raise ValidationError(f"{row.label}现在是“{row.get_state_display()}”，没有要办的一步。")
    act = _Act(by, row, move, said, civil_day(now), row.state)
    _take_turn(act)
    _check_member(act)
    if move not in MOVES[act.stage]:
        raise ValidationError({"move": f"“{TITLES[act.stage]}”不能是“{ReliefMove(move).label}”。"})
    _check_day(act)
    _check_said(act)
    if act.refused:
        raise ValidationError(act.refused)
    setattr(row, HANDS[act.stage], by.person)
    row.state = _after(act)
    step = _write(act)
    _settle(act, step)
    return row


def _take_turn(act: _Act) -> None:
    row = act.row
    if act.by.person_id == row.person_id:
        raise PermissionDenied("自己的申请由别人办。")
    barred = barred_from(row, act.stage)
    act.turn = turn_now(row, act.today)
    if act.turn is None:
        raise ValidationError(f"{row.organisation.label}上面现在没有办“{TITLES[act.stage]}”的党组织，请核对隶属关系。")
    act.role = act.turn.role_of(act.by.person_id)
    if act.role is None:
        why = "你提交或者办过这件申请的另一步，这一步须由别人办：" if act.by.person_id in barred else ""
        raise PermissionDenied(f"{why}“{TITLES[act.stage]}”由{act.turn.words}登记。")


def why_stopped(row: DuesRelief, day: date) -> str:
    """Why nothing can be decided on it any more, as a sentence; empty where something can."""
    stay = membership_on(row.person, day)
    if stay is None:
        return f"{row.person.name}现在没有组织关系，这件申请不能再往下办。"
    if stay.standing == Standing.DEAD:
        return f"{row.person.name}已于 {stay.since} 去世，这件申请不能再往下办。"
    committee = places_of(line_of(row.organisation, day)).get(ReliefState.COMMITTEE)
    if committee is None or not stay.path.startswith(committee.path):
        return f"{row.person.name}的组织关系已转到{stay.organisation.label}，请到那里重新申请，这件不能再往下办。"
    return ""


def _check_member(act: _Act) -> None:
    if said := why_stopped(act.row, act.today):
        raise ValidationError(f"{said}请登记“终止”。")


def _check_day(act: _Act) -> None:
    on, before = act.said.on, act.row.steps.order_by("serial").last().on
    if on > act.today:
        act.amiss("on", f"日期 {on} 晚于今天，请改成今天或以前。")
    if on < before:
        act.amiss("on", f"上一步是 {before}，这一步不会早于那天，请核对日期。")


def _check_said(act: _Act) -> None:
    said = act.said
    if act.move in (M.AGAINST, M.RETURN, M.REFUSE) and not said.opinion.strip():
        act.amiss("opinion", "请写明理由，申请人要看到。")
    if act.move == M.RETURN:
        return
    if act.stage == ReliefState.BRANCH:
        _check_vote(act)
    if act.stage != ReliefState.GENERAL:
        for name, label in (("body", "什么会"), ("minutes", "纪要号")):
            if not getattr(said, name).strip():
                act.amiss(name, f"请写{label}。")
    if act.move == M.APPROVE:
        _check_terms(act)


def _check_terms(act: _Act) -> None:
    terms, row = act.said.terms, act.row
    for name, sentence in terms_amiss(terms).items():
        act.amiss(name, sentence)
    if terms and (other := overlapping(row, terms)):
        act.amiss("since", f"{row.person.name}已有批准的减免：{other.granted}，月份重叠，请改。")


def _check_vote(act: _Act) -> None:
    vote = act.said.vote
    if vote is None:
        act.amiss("entitled", "请写应到、实到和票数。")
        return
    voted = vote.agree + vote.against + vote.abstain
    if vote.present > vote.entitled:
        act.amiss("present", f"实到 {vote.present} 人，多于应到 {vote.entitled} 人，请核对。")
    elif vote.present * 2 <= vote.entitled:
        act.amiss("present", f"实到 {vote.present} 人，没有超过应到 {vote.entitled} 人的一半，不能表决。")
    elif voted != vote.present:
        act.amiss("agree", f"同意、反对、弃权合计 {voted} 票，实到 {vote.present} 人，请核对。")
    elif (vote.agree * 2 > vote.entitled) != (act.move == M.PASS):
        half = "超过" if act.move == M.AGAINST else "没有超过"
        act.amiss("agree", f"同意 {vote.agree} 票，{half}应到 {vote.entitled} 人的一半，和“{act.move.label}”对不上。")


def terms_amiss(terms: Terms | None) -> dict[str, str]:
    """What is wrong with what is asked or granted, by form field."""
    if terms is None:
        return {"kind": "请写批准少交还是免交、从哪个月到哪个月。"}
    if terms.until <= terms.since:
        return {"last": "最后一个月早于第一个月，两个可能填反了。"}
    months = (terms.until.year - terms.since.year) * 12 + terms.until.month - terms.since.month
    if months > MOST_MONTHS:
        return {"last": f"一次最多 {MOST_MONTHS} 个月，选了 {months} 个月。到期可以再申请。"}
    if terms.kind == ReliefKind.LESS and not terms.fen:
        return {"fen": "选了少交，请写每月交多少元；一分也不交的选免交。"}
    return {}


def overlapping(row: DuesRelief, terms: Terms) -> DuesRelief | None:
    """An approved relief of the member in the same months."""
    alike = DuesRelief.objects.approved().filter(person=row.person).exclude(pk=row.pk)
    return alike.filter(granted_since__lt=terms.until, granted_until__gt=terms.since).order_by("granted_since").first()


def _after(act: _Act) -> str:
    if act.move == M.RETURN:
        return ReliefState.RETURNED
    if act.move == M.APPROVE:
        return ReliefState.APPROVED
    if act.move == M.REFUSE or (act.move == M.AGAINST and act.stage == ReliefState.BRANCH):
        return ReliefState.REFUSED
    places = places_of(line_of(act.row.organisation, act.today))
    return next(stage for stage in NEXT[act.stage] if stage in places)


def _write(act: _Act) -> ReliefStep:
    said, vote = act.said, act.said.vote.__dict__ if act.said.vote and act.stage == ReliefState.BRANCH else {}
    terms = said.terms.__dict__ if act.move == M.APPROVE else {}
    return write_step(
        by=act.by, row=act.row, stage=act.stage, move=act.move, on=said.on, today=act.today,
        opinion=said.opinion.strip(), body=said.body.strip(), minutes=said.minutes.strip(), role=act.role,
        organisation=act.turn.organisation, **vote, **terms,
    )  # fmt: skip


def write_step(*, by, row: DuesRelief, move: ReliefMove, on: date, today: date, stage: str = "", **more) -> ReliefStep:
    """Write the next step of an application; whoever calls holds its lock and saves it."""
    row.serial += 1
    person = by and by.person
    post = printed_posts([person], today).get(person.pk, "") if more.get("role") else ""
    return ReliefStep.objects.create(
        relief=row, serial=row.serial, stage=stage, move=move, on=on, entered_on=today, account=by and by.pk,
        person=person, post=post, **more,
    )  # fmt: skip


def _settle(act: _Act, step: ReliefStep) -> None:
    row = act.row
    if row.state in (ReliefState.APPROVED, ReliefState.REFUSED):
        row.decided_on = act.said.on
    if row.state == ReliefState.APPROVED:
        terms = act.said.terms
        row.granted_kind, row.granted_fen = terms.kind, terms.fen
        row.granted_since, row.granted_until = terms.since, terms.until
        begin(row, basis=f"{act.turn.organisation.label} {act.said.minutes.strip()}", today=act.today)
    end_wait(by=act.by, row=row, step=step, today=act.today)
    wait(by=act.by, row=row, today=act.today)
    row.save()
    audit.write(audit.Act.EDIT, f"relief:{row.pk}", move=str(act.move), after=str(row.state))


# The step that is waited for, as a duty of the organisation it waits at


def wait(*, by, row: DuesRelief, today: date) -> None:
    """Open the duty of the step the row now waits for, if it waits for one; the caller saves the row."""
    if not row.waits:
        return
    row.waiting = write_event(
        by=by, kind=EventKind.DUES_RELIEF, on=today, today=today, source=f"relief:{row.pk}:step",
        **_whose(row, turn_now(row, today), today),
    )  # fmt: skip


HEADS = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD, Role.SECRETARY)
"""Whose turn the rule ``dues-relief`` says the duty is where it names nobody."""


def _whose(row: DuesRelief, turn: Turn, day: date) -> dict:
    """What the event of a waiting step says: where, to whom and of what."""
    return {
        "organisation": turn.desk, "addressee": named_for(turn.desk, turn.people, HEADS, day),
        "note": f"{row.label} {TITLES[row.state]}",
    }  # fmt: skip


def waits_follow(*, now: datetime) -> int:
    """What the clock does: bring the duties of waiting steps to whose turn they are after posts and the tree changed.

    :returns: how many were somebody else's. Done twice it changes nothing.
    """
    today, moved = civil_day(now), 0
    rows = DuesRelief.objects.filter(state__in=WAITING, waiting__isnull=False)
    for pk in rows.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(DuesRelief(pk=pk))
            turn = turn_now(row, today) if row.waits and row.waiting else None
            moved += bool(turn) and carry(row.waiting, kind=EventKind.DUES_RELIEF, **_whose(row, turn, today))
    return moved


def end_wait(*, by, row: DuesRelief, step: ReliefStep, today: date) -> None:
    """Close the duty of the step just taken by a record of who took it, or take it back where it falls away."""
    event, row.waiting = row.waiting, None
    if event is None:
        return
    words = f"党费减免申请{step.get_move_display()}"
    if step.role:
        record_deed(
            by=by, action="handling", on=today, people=[by.person], today=today, event=event,
            organisation=event.organisation, note=f"{row.label}：{words}（第 {step.serial} 步）",
        )  # fmt: skip
    else:
        withdraw_event(by=by, event=event, reason=words, today=today)
