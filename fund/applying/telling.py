"""What a page says of one application: whose turn it is, how it came so far, what is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from base.dates import civil_day
from fund.applying.steps import hands_of
from fund.applying.turns import Turn, awaited, barred_from, line_of, places_of, steps_of, turn_of
from fund.models import Application, Taken
from fund.regulation.reckoning import NotRegulated, standard_for, who_decides, yuan
from fund.regulation.schema import Step
from fund.regulation.steps import Move, StepRefused, check_hands
from fund.regulation.words import Ground, StepKind
from members.enums import OrganisationKind, Role
from members.scope import sealed_at

LATE = timedelta(days=2)
"""Entered later than this after it happened, a step is labelled 补录."""

BACK = (Move.RETURN, Move.REFUSE, Move.WITHDRAW, Move.OBJECT, Move.FAIL, Move.DEATH)
"""Moves that do not lead on."""


@dataclass(frozen=True)
class Now:
    """Where an application stands today: its steps, the one awaited, whose turn that is; why there is none."""

    steps: Sequence[Step] = ()
    step: Step | None = None
    turn: Turn | None = None
    amiss: str = ""

    def who(self, *, named: bool) -> str:
        """Whose turn it is, as :meth:`fund.applying.turns.Turn.who`; empty where it is nobody's."""
        return self.turn.who(named=named) if self.turn else ""


def now_of(row: Application, day: date) -> Now:
    """Where it stands on a day."""
    line = line_of(row.organisation, row.fund, day)
    if not line:
        return Now(amiss=f"{row.organisation.label}现在不在{row.fund.organisation.label}下面，请核对隶属关系。")
    try:
        steps = steps_of(row, places_of(line))
    except StepRefused as refused:
        return Now(amiss=str(refused))
    step = awaited(row, steps)
    if step is None or row.editable:
        return Now(steps, step)
    return Now(steps, step, turn_of(step, line, day, but=barred_from(row, step)))


def barred(row: Application, step: Step, person: int, taken: Sequence[Taken]) -> str:
    """Why somebody whose turn it is may not take it after all, as a sentence; empty if nothing bars them."""
    try:
        check_hands(step, person, hands_of(row))
    except StepRefused as refused:
        had = "、".join(dict.fromkeys(each.title for each in taken if each.person_id == person))
        return f"你办过“{had}”，这一步须由别人办。" if had else str(refused)
    return ""


def proposed(row: Application, taken: Sequence[Taken]) -> int:
    """The sum in fen that is proposed so far: the last one passed since it was submitted, else what is asked."""
    sums = [each.fen for each in taken if each.round == row.round and each.move == Move.PASS and each.fen]
    return row.granted or (sums[-1] if sums else row.asked)


def standard_words(row: Application, day: date) -> str:
    """重病 3,000.00 至 8,000.00; empty where the regulation has none."""
    try:
        standard = standard_for(row.regulation.parsed, row.kind, day, grade=row.grade)
    except NotRegulated:
        return ""
    if standard.fen:
        return f"{yuan(standard.fen)} 元"
    return f"{yuan(standard.lowest)} 至 {yuan(standard.highest)} 元" if standard.lowest else "由集体研究确定"


# The way


@dataclass(frozen=True)
class Stop:
    """One step of the way, taken or not: ``tone`` back, now, todo or empty; ``late``: when it was entered after all."""

    title: str
    by: str = ""
    on: date | None = None
    tone: str = ""
    late: date | None = None
    lines: list[str] = field(default_factory=list)
    said: str = ""


@dataclass(frozen=True)
class Reader:
    """What somebody reads of the way: ``opinions``, ``reasons`` of what was sent back or refused, ``sensitive``."""

    person: int | None
    opinions: bool = False
    reasons: bool = False
    sensitive: bool = False


def taken_of(row: Application) -> list[Taken]:
    """The steps taken, in order, with who took them."""
    rows = row.taken.select_related("person").defer(*sealed_at("person"))
    return list(rows.order_by("serial"))


def way_of(row: Application, taken: Sequence[Taken], now: Now, reader: Reader, fen: int) -> list[Stop]:
    """The way of an application: taken, awaited, to come.

    :param fen: the sum by which a body decides.
    """
    stops = [_past(each, row, reader) for each in taken]
    if row.over or now.step is None:
        return stops
    if row.editable:
        stops.append(Stop("修改后提交" if row.round else "提交", "申请人或代填人", tone="now"))
        return stops + [_ahead(step, row, fen) for step in now.steps]
    mine = now.turn is not None and now.turn.role_of(reader.person) is not None
    who, why = now.who(named=reader.reasons), now.turn.why(named=reader.reasons) if now.turn else ""
    stops.append(Stop(now.step.title, f"{who}{'，有你' if mine else ''}", row.due_on, "now", said=why))
    return stops + [_ahead(step, row, fen) for step in now.steps[list(now.steps).index(now.step) + 1 :]]


def _past(each: Taken, row: Application, reader: Reader) -> Stop:
    entered = civil_day(each.at)
    who = f"{each.person.name}{f'（{each.post}）' if each.post else ''}" if each.person else "系统"
    title = each.title
    if each.move != Move.SUBMIT:
        title += f"　{Move(each.move).label}"
    elif each.person_id == row.filed_by_id and row.filed_by_id != row.person_id:
        who += f"，{row.get_filer_display()}"
    reads = reader.opinions or (reader.reasons and each.move in (Move.RETURN, Move.REFUSE, Move.WITHDRAW))
    return Stop(
        f"{title} {yuan(each.fen)}" if each.fen else title, who, each.on, "back" if each.move in BACK else "",
        entered if entered - each.on > LATE else None, _figures(each, reader), each.opinion if reads else "",
    )  # fmt: skip


def _figures(each: Taken, reader: Reader) -> list[str]:
    """What a step settled in figures, and for those who handle it the grounds found and why they were set aside."""
    found, vote = [], each.facts.get("vote")
    if vote:
        against = "".join(f"，{word} {vote[name]}" for name, word in _VOTES if vote.get(name))
        found.append(
            f"{vote['body_words']}应到 {vote['entitled']} 实到 {vote['present']}，同意 {vote['agree']}{against}"
        )
        if vote.get("minutes"):
            found.append(f"会议记录 {vote['minutes']}")
    if reader.opinions:
        hidden = set() if reader.sensitive else {Ground.SANCTIONED}
        grounds = [Ground(ground).label for ground in each.facts.get("grounds", ()) if ground not in hidden]
        found += [f"发现：{'、'.join(grounds)}"] if grounds else []
        found += [f"例外理由：{why}" for why in dict.fromkeys(each.facts.get("aside", {}).values()) if why]
    return found


_VOTES = (("against", "反对"), ("abstain", "弃权"), ("recused", "回避"))


def _ahead(step: Step, row: Application, fen: int) -> Stop:
    """A step to come: who takes it, or what it takes."""
    if step.kind == StepKind.DECISION:
        try:
            said = f"{who_decides(row.regulation.parsed, fen, urgent=row.urgent).label}，个人不能定"
        except NotRegulated:
            said = "由会议定，个人不能定"
    elif step.kind == StepKind.NOTICE:
        said = f"{step.notice.days} 个{step.notice.count.label}"
    elif step.meeting:
        said = "或".join(body.label for body in step.meeting)
    else:
        said = f"{OrganisationKind(step.at).label}的{'、'.join(Role(role).label for role in step.by)}"
    if step.kind == StepKind.RETURN_VISIT and step.within_days:
        said += f"，{step.within_days} 天内"
    return Stop(step.title, said, tone="todo")


def waits_for(row: Application, now: Now, *, named: bool) -> str:
    """Who it waits for, as a sentence; empty when it is over. ``named`` as :meth:`Now.who` takes it."""
    if now.amiss or row.over:
        return now.amiss
    if row.editable:
        return "在等申请人或代填人提交。"
    return f"在等{now.who(named=named)}办“{now.step.title}”。" if now.step else f"现在是“{row.state_words}”。"
