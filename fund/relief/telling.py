"""What pages say of an application for less dues: how far it is, what each step said, which rows a list holds."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from fund.applying.progress import Mark
from fund.models import DuesRelief, ReliefMove, ReliefState, ReliefStep
from fund.models.relief import RUNNING, SOON, WAITING
from fund.relief.filing import is_party
from fund.relief.turns import ROLES, TITLES, line_of, places_of
from members.enums import Capability
from members.scope import sealed_at

ONE = timedelta(days=1)

TOLD = (ReliefMove.RETURN, ReliefMove.REFUSE, ReliefMove.WITHDRAW, ReliefMove.STOP, ReliefMove.END)
"""Moves whose reason the member is told."""


def with_words(rows: QuerySet[DuesRelief]) -> QuerySet[DuesRelief]:
    """All that a row of a list shows; what is sealed stays so."""
    return rows.select_related("person", "organisation").defer("reason", "relative", *sealed_at("person"))


def narrowed(rows: QuerySet[DuesRelief], state: str, day: date) -> QuerySet[DuesRelief]:
    """Those in a state of the list's filter."""
    approved = rows.approved()
    by_day = {
        "runs": approved.filter(granted_since__lte=day, granted_until__gt=day),
        "soon": approved.filter(granted_since__lte=day, granted_until__gt=day, granted_until__lte=day + SOON + ONE),
        "ended": rows.filter(state=ReliefState.APPROVED, granted_until__lte=day),
    }
    return by_day[state] if state in by_day else rows.filter(state=state)


def awaiting(account) -> QuerySet[DuesRelief]:
    """Those whose step waits at an organisation in which the account holds a post for it, and that it may take."""
    scope, mine = account.scope, Q(pk__in=[])
    for stage in WAITING:
        seats = {each.organisation.pk for each in scope.holdings if each.role in ROLES[stage]}
        had = ReliefStep.objects.filter(person=scope.person or 0).exclude(stage=stage).values("relief")
        mine |= Q(state=stage, waiting__organisation__in=seats) & ~Q(pk__in=had)
    rows = DuesRelief.objects.visible_to(account).filter(mine)
    return rows.exclude(person=scope.person or 0).exclude(filed_by=scope.person or 0)


def state_of(row: DuesRelief, day: date) -> tuple[str, str]:
    """The state in words, of what was approved as the day finds it; and its tone."""
    if force := row.force_on(day):
        return force.value, {"执行中": "ok", "尚未开始": "ok", "即将到期": "soon"}.get(force.value, "open")
    tone = {ReliefState.REFUSED: "late", ReliefState.RETURNED: "soon"}.get(row.state, "open")
    return row.get_state_display(), tone


def own_reliefs(account, day: date) -> list[tuple[DuesRelief, str, str]]:
    """The account's own that run or are not over, each with its state in words and the tone; one query."""
    rows = with_words(DuesRelief.objects.visible_to(account)).filter(person=account.person_id)
    held = Q(state=ReliefState.APPROVED, granted_until__gt=day)
    return [(row, *state_of(row, day)) for row in rows.filter(Q(state__in=RUNNING) | held).order_by("-pk")]


@dataclass(frozen=True)
class Line:
    """One step as a reader reads it; ``said`` is empty for who may not."""

    step: ReliefStep
    title: str
    said: str


def reads_opinions(account, row: DuesRelief) -> bool:
    """What was said at a step: for those who record where it was filed, never the member."""
    return account.scope.may(Capability.RECORD, row.path) and account.person_id != row.person_id


def lines_of(row: DuesRelief, account) -> list[Line]:
    """The steps taken, in order; the member is told why it came back, was refused or ended."""
    steps = row.steps.select_related("person", "organisation").defer(*sealed_at("person")).order_by("serial")
    opinions, party = reads_opinions(account, row), is_party(account, row)
    return [
        Line(
            each, f"{TITLES[each.stage]}：{each.get_move_display()}" if each.stage else each.get_move_display(),
            each.opinion if opinions or (party and _told(each, row)) else "",
        )
        for each in steps
    ]  # fmt: skip


def _told(step: ReliefStep, row: DuesRelief) -> bool:
    ended = step.move == ReliefMove.AGAINST and step.stage == ReliefState.BRANCH
    return ended or step.move in TOLD


_NOW = {
    ReliefState.BRANCH: "等支部讨论", ReliefState.GENERAL: "等党总支提出意见", ReliefState.COMMITTEE: "等党委审批",
    ReliefState.RETURNED: "退回来了，请改好再交",
}  # fmt: skip


def marks_of(row: DuesRelief, lines: list[Line], day: date) -> list[Mark]:
    """How far it is: what was said since it was last handed in, what is waited for, what comes."""
    last = max(each.step.serial for each in lines if each.step.move == ReliefMove.FILE)
    marks = []
    for each in lines:
        if each.step.serial < last:
            continue
        back, ends = each.step.move == ReliefMove.RETURN, each.step.move in (*TOLD[1:], ReliefMove.AGAINST)
        marks.append(Mark("back" if back else "end" if ends else "past", each.title, each.step.on))
    if row.state in _NOW:
        marks.append(Mark("now", _NOW[row.state]))
    if row.waits:
        places = places_of(line_of(row.organisation, day))
        ahead = [TITLES[each] for each in WAITING[WAITING.index(row.state) + 1 :] if each in places]
        marks += [Mark("ahead", "、".join(ahead))] if ahead else []
    return marks
