"""How far an application is, in the words of whoever made it: what was done, who looks at it now, what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet

from fund.applying.turns import Turn, awaited, barred_from, line_of, places_of, turn_of, way_of
from fund.models import Application, Payment, Taken
from fund.regulation.reckoning import yuan
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED, OVER, Move, Stage
from fund.regulation.words import StepKind
from members.enums import OrganisationKind, Role
from members.models import Organisation

SHOWN_FOR = timedelta(days=90)
"""So long an application that is over stays on one's own page."""

_OFFICE = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD)
_PLACES = {
    OrganisationKind.BRANCH: "支部",
    OrganisationKind.GENERAL_BRANCH: "党总支",
    OrganisationKind.COMMITTEE: "党委",
}
_NOW = {
    StepKind.DECISION: "等开会集体研究", StepKind.NOTICE: "公示，听大家的意见", StepKind.PAYMENT: "等着发钱",
    StepKind.RECEIPT: "等您签收", StepKind.RETURN_VISIT: "钱已发完，支部还会来看您",
}  # fmt: skip
_PAST = {
    StepKind.DECISION: "集体研究同意", StepKind.NOTICE: "公示期满", StepKind.PAYMENT: "钱已发放",
    StepKind.RECEIPT: "已签收", StepKind.RETURN_VISIT: "已回访",
}  # fmt: skip
_HEADLINES = {
    Stage.DRAFT: "还没有提交", Stage.RETURNED: "退回来了，请改好再交", Stage.WITHDRAWN: "已经撤回",
    Stage.REFUSED: "这次没有同意", Stage.DIED: "申请人去世，已终止", Stage.CLOSED: "已经办完",
}  # fmt: skip
ADMITTED = {
    "past": "check-lg", "now": "arrow-right", "ahead": "circle", "back": "arrow-return-left", "end": "x-lg",
}  # fmt: skip
"""The icon of each state of a mark."""


@dataclass(frozen=True)
class Mark:
    """One line of the way: ``state`` of :data:`ADMITTED`, what, and on which day."""

    state: str
    words: str
    on: date | None = None

    @property
    def icon(self) -> str:
        return ADMITTED[self.state]


@dataclass(frozen=True)
class Progress:
    """``headline``: where it stands; ``reason``: why it came back or was refused; ``until``: when ``step`` is due."""

    application: Application
    headline: str
    marks: list[Mark]
    reason: str = ""
    until: date | None = None
    step: Step | None = None


def with_progress(rows: QuerySet[Application]) -> QuerySet[Application]:
    """The whole fetch plan of :func:`progress_of`, but for where the organisation stands."""
    payments = Payment.objects.order_by("pk")
    return rows.select_related("fund__organisation", "organisation", "regulation", "person").prefetch_related(
        Prefetch("taken", Taken.objects.order_by("serial")), Prefetch("grants__payments", payments)
    )  # fmt: skip


def own_progress(account, day: date) -> list[Progress]:
    """The account's own applications that run or ended lately, newest first. The queries are the same for many."""
    rows = Application.objects.visible_to(account).filter(person=account.person_id)
    rows = with_progress(rows.filter(~Q(state__in=OVER) | Q(ended_on__gte=day - SHOWN_FOR)))
    return progress_of_all(rows.order_by("-pk"), day)


def progress_of_all(rows: Iterable[Application], day: date) -> list[Progress]:
    """As :func:`progress_of`, of several; each place's line is asked once."""
    lines: dict[tuple[int, int], list[Organisation]] = {}
    found = []
    for row in rows:
        where = (row.organisation_id, row.fund_id)
        if where not in lines:
            lines[where] = line_of(row.organisation, row.fund, day)
        found.append(progress_of(row, lines[where]))
    return found


def progress_of(row: Application, line: list[Organisation]) -> Progress:
    """How far it is.

    :param line: as :func:`fund.applying.turns.line_of`.
    """
    steps = way_of(row, line)
    step = None if row.state in Stage.values else awaited(row, steps)
    taken = [each for each in row.taken.all() if each.round == row.round]
    passed = {each.step: each for each in taken if each.move == Move.PASS}
    done = steps[: steps.index(step)] if step else [each for each in steps if each.code in passed]
    marks = [Mark("past", _past(row, each), passed[each.code].on) for each in done if each.code in passed]
    ahead = steps[steps.index(step) + 1 :] if step else [] if row.over else steps
    if step:
        marks.append(Mark("now", _now(row, step)))
    last = taken[-1] if taken else None
    reason = ""
    if last and row.state in (Stage.RETURNED, Stage.REFUSED, Stage.WITHDRAWN):
        reason = last.opinion
        marks.append(Mark("back" if row.state == Stage.RETURNED else "end", _HEADLINES[row.state], last.on))
    if ahead and row.state != Stage.RETURNED:
        marks.append(Mark("ahead", "、".join(each.title for each in ahead)))
    headline = _now(row, step) if step else _HEADLINES.get(row.state, row.state_words)
    return Progress(row, headline, marks, reason, row.due_on if step else None, step)


def _who(step: Step) -> str:
    return "组织部" if set(step.by) & set(_OFFICE) else _PLACES[step.at]


def _now(row: Application, step: Step) -> str:
    if row.state.endswith(OBJECTED):
        return "公示中有人提了意见，正在核实"
    if step.kind == StepKind.REVIEW:
        return f"{_who(step)}正在看"
    return _NOW[step.kind]


def _past(row: Application, step: Step) -> str:
    if step.kind == StepKind.REVIEW:
        return f"{_who(step)}同意"
    if step.kind == StepKind.DECISION and row.granted:
        return f"{_PAST[step.kind]}，核定 {yuan(row.granted)} 元"
    return _PAST[step.kind]


def turn_now(told: Progress, line: list[Organisation], day: date) -> Turn | None:
    """Whose turn it is; ``None`` while nobody's but one's own, or where there is no organisation to take the step.

    :param line: as :func:`fund.applying.turns.line_of`.
    """
    if told.step is None or told.step.at not in places_of(line):
        return None
    return turn_of(told.step, line, day, but=barred_from(told.application, told.step))
