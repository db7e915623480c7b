"""The procedure of a regulation as a table of state × action × actor. Pure.

A state is a word of :class:`Stage`, the code of the step that is awaited, or that code with ``/objected`` while an
objection to a notice is open. What the table does not name is refused.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import dropwhile, islice, takewhile
from typing import NamedTuple

from django.db.models import TextChoices

from fund.regulation.schema import Regulation, Step
from fund.regulation.words import HANDS, LEVELS, Hand, StepKind
from members.enums import OrganisationKind, Role


class Stage(TextChoices):
    """Where an application stands when no step is awaited. The last four are over for good."""

    DRAFT = "@draft", "草稿"
    RETURNED = "@returned", "退回修改"
    WITHDRAWN = "@withdrawn", "已撤回"
    REFUSED = "@refused", "不予帮扶"
    DIED = "@died", "申请人去世，终止"
    CLOSED = "@closed", "已办结"


OVER = (Stage.WITHDRAWN, Stage.REFUSED, Stage.DIED, Stage.CLOSED)


class Move(TextChoices):
    """What can be done to an application."""

    SUBMIT = "submit", "提交"
    WITHDRAW = "withdraw", "撤回"
    PASS = "pass", "通过"
    RETURN = "return", "退回"
    REFUSE = "refuse", "不予帮扶"
    OBJECT = "object", "登记异议"
    DISMISS = "dismiss", "答复异议，继续公示"
    REPOST = "repost", "更正名单，重新公示"
    FAIL = "fail", "登记发放失败"
    DEATH = "death", "登记去世"


class Actor(NamedTuple):
    """Who acts: the holder of a role at an organisation of a kind above the member; :data:`APPLICANT` is no role."""

    role: Role | None
    at: OrganisationKind | None

    @property
    def label(self) -> str:
        return f"{OrganisationKind(self.at).label}的{Role(self.role).label}" if self.role else "申请人"


APPLICANT = Actor(None, None)
"""The member, or who files for them; what they may do needs no post."""


class StepRefused(Exception):
    """An action that is not possible; the text says why and what to do."""


OBJECTED = "/objected"


def actors_of(step: Step) -> list[Actor]:
    """Who may take a step."""
    return [Actor(role, step.at) for role in step.by]


def path(regulation: Regulation, *, levels: Collection[OrganisationKind] = LEVELS, urgent: bool = False) -> list[Step]:
    """The steps an application goes through, in order.

    :param levels: the kinds of organisation above the member; one that may be skipped falls away without its.
    :param urgent: by the urgent path.
    :raises StepRefused: where there is no urgent path, or nobody to take a step that may not be skipped.
    """
    if urgent and regulation.urgent is None:
        raise StepRefused("办法里没有紧急程序，请按一般程序办理。")
    codes = regulation.urgent.steps if urgent else regulation.codes
    steps = [regulation.step(code) for code in codes]
    kept = [step for step in steps if not step.skipped or step.at in levels]
    if missing := [step.title for step in kept if step.at not in levels]:
        raise StepRefused(f"上面没有办理“{'、'.join(missing)}”的党组织，请核对隶属关系或资金管理办法。")
    return kept


Table = dict[tuple[str, str, Actor], str]


def table(regulation: Regulation, *, levels: Collection[OrganisationKind] = LEVELS, urgent: bool = False) -> Table:
    """All that is possible: ``(state, action, actor)`` to the state after. For the arguments see :func:`path`."""
    steps = path(regulation, levels=levels, urgent=urgent)
    after = [*(step.code for step in steps[1:]), Stage.CLOSED]
    rows: Table = {}
    for state in (Stage.DRAFT, Stage.RETURNED):
        rows[state, Move.SUBMIT, APPLICANT] = steps[0].code
        rows[state, Move.WITHDRAW, APPLICANT] = Stage.WITHDRAWN
        for actor in actors_of(steps[0]):
            rows[state, Move.DEATH, actor] = Stage.DIED
    unpaid = True
    for step, then in zip(steps, after, strict=True):
        if step.kind == StepKind.RECEIPT:
            unpaid = False
        _rows_of(rows, step, then, steps, unpaid=unpaid)
    return rows


def _rows_of(rows: Table, step: Step, then: str, steps: list[Step], *, unpaid: bool) -> None:
    """What is possible while ``step`` is awaited. ``unpaid``: no money has gone out yet."""
    state = step.code
    if unpaid:
        rows[state, Move.WITHDRAW, APPLICANT] = Stage.WITHDRAWN
    for actor in actors_of(step):
        rows[state, Move.PASS, actor] = then
        if unpaid:
            rows[state, Move.DEATH, actor] = Stage.DIED
        if step.kind in (StepKind.REVIEW, StepKind.DECISION):
            rows[state, Move.RETURN, actor] = Stage.RETURNED
            rows[state, Move.REFUSE, actor] = Stage.REFUSED
        if step.kind == StepKind.RECEIPT:
            rows[state, Move.FAIL, actor] = next(each.code for each in steps if each.kind == StepKind.PAYMENT)
        if step.kind == StepKind.NOTICE:
            _rows_of_notice(rows, state, actor, unpaid=unpaid)
    if step.kind == StepKind.NOTICE and unpaid:
        rows[state + OBJECTED, Move.WITHDRAW, APPLICANT] = Stage.WITHDRAWN
        for later in reopened_from(steps, state):
            rows.update(((later, Move.OBJECT, actor), state + OBJECTED) for actor in actors_of(step))


def reopened_from(steps: Sequence[Step], notice: str) -> list[str]:
    """The states in which an objection to a notice that is over opens it again: those after it, as long as nobody
    decided since, nothing else is shown and no money went out.
    """
    after = dropwhile(lambda step: step.code != notice, steps)
    open_ = takewhile(lambda step: step.kind in (StepKind.REVIEW, StepKind.PAYMENT), islice(after, 1, None))
    return [step.code for step in open_]


def _rows_of_notice(rows: Table, state: str, actor: Actor, *, unpaid: bool) -> None:
    """An objection stops the notice until it is answered; upheld, it ends or sends back what was not
    paid yet. What was paid can only be paid back, which is the books' matter.
    """
    rows[state, Move.OBJECT, actor] = state + OBJECTED
    rows[state + OBJECTED, Move.DISMISS, actor] = state
    rows[state + OBJECTED, Move.REPOST, actor] = state
    if unpaid:
        rows[state + OBJECTED, Move.RETURN, actor] = Stage.RETURNED
        rows[state + OBJECTED, Move.REFUSE, actor] = Stage.REFUSED
        rows[state + OBJECTED, Move.DEATH, actor] = Stage.DIED


def states(regulation: Regulation) -> list[str]:
    """All states an application under this regulation can be in."""
    notices = [step.code + OBJECTED for step in regulation.steps if step.kind == StepKind.NOTICE]
    return [*Stage, *regulation.codes, *notices]


def label_of(regulation: Regulation, state: str) -> str:
    """A state as a page says it."""
    if state in Stage.values:
        return Stage(state).label
    code = state.removesuffix(OBJECTED)
    return f"待{regulation.step(code).title}" + ("（异议待答复）" if code != state else "")


def next_step(
    regulation: Regulation,
    state: str,
    action: str,
    actor: Actor,
    *,
    levels: Collection[OrganisationKind] = LEVELS,
    urgent: bool = False,
) -> str:
    """The state after an action. Persons are :func:`check_hands`'s matter, days of a notice its caller's.

    :raises StepRefused: if the action is not possible in this state, or not for this actor.
    """
    rows = table(regulation, levels=levels, urgent=urgent)
    if (found := rows.get((state, action, actor))) is not None:
        return found
    where, what = label_of(regulation, state), Move(action).label
    if state in OVER:
        raise StepRefused(f"这份申请{where}，不能再{what}。")
    able = [who.label for (each, deed, who) in rows if (each, deed) == (state, action)]
    if able:
        raise StepRefused(f"{actor.label}不能办“{what}”，现在是“{where}”，由{'、'.join(able)}办理。")
    possible = dict.fromkeys(Move(deed).label for (each, deed, _who) in rows if each == state)
    if not possible:
        raise StepRefused(f"这份申请不走“{where}”这一步，不能{what}。")
    raise StepRefused(f"现在是“{where}”，不能{what}；可以办的是：{'、'.join(possible)}。")


class Taken(NamedTuple):
    """Somebody's part in one application so far: a hand, and the step it was taken at (empty of the application)."""

    person: object
    hand: Hand | None
    step: str = ""


def check_hands(step: Step, person: object, earlier: Iterable[Taken]) -> None:
    """Refuse somebody who has had a part in the application that this step has to be free of.

    Separate persons apply, review, decide and pay, whatever the regulation says; who applied, or filed for the member,
    records neither the decision nor the notice, receipt or visit either. A reviewer may vote in the deciding body, so
    votes are checked by recusal (:func:`~fund.regulation.reckoning.majority`), and voters are barred from paying.

    :param earlier: what was done so far, the voters of the decision with :attr:`Hand.DECIDE`.
    :raises StepRefused: naming the part they had.
    """
    hand = HANDS.get(step.kind)
    for taken in earlier:
        if taken.person != person:
            continue
        if taken.hand == Hand.APPLY:
            raise StepRefused(f"申请人和代填人不能办“{step.title}”，请换一个人。")
        if hand and taken.hand and taken.hand != hand:
            raise StepRefused(f"办过“{taken.hand.label}”的人不能再办“{step.title}”，请换一个人。")
        if taken.step in step.apart_from:
            raise StepRefused(f"办法规定“{step.title}”与前面的步骤由不同的人办理，请换一个人。")
