"""A duty in words, the same on the desk, the board, a member's page and beside a form: when, who, what, why, clause.

Sentences are built here and nowhere else; templates only lay them out. Whoever may not see a sensitive basis reads
“关怀事项”, without clause, kind or reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Prefetch

from duties.board.phrases import VERBS, ends, numbers, short, who, why
from duties.board.refs import ref_of
from duties.engine.models import Duty, DutyQuerySet, RecordPerson, State, Waiver
from duties.engine.responsible import attach_responsible
from duties.policy.models import Clause, Force
from duties.policy.schema import Holds
from members.enums import Capability, EventKind

CARE = "关怀事项"
"""What a sensitive duty or event is called before those who may not see its basis."""

SOON_DAYS = 7
"""Due within this many days is shown as soon; an optional duty past its day stays on the board as long."""

VOID_REASONS = {
    "standing": "人员类别变了，这件事不再适用",
    "category": "已不在这一关怀对象类别，这件事不再适用",
    "tie": "联系关系已经结束，这件事不再适用",
    "post": "责任人已不任这个职务",
    "object": "对象的职务变了，这件事不再适用",
    "kind": "组织类别变了，这件事不再适用",
    "reach": "所在组织不再执行这项制度",
}


@dataclass(frozen=True)
class Line:
    """One duty as a row. ``ref`` names it in links (see refs.py); ``tone`` is late, soon, ok, muted or empty."""

    duty: Duty
    ref: str
    when: str
    due: str
    tone: str
    who: str
    what: str
    why: str
    clause: Clause | None = None
    own: bool = False
    names: str = ""
    late_entry: str = ""
    form: str = ""
    label: str = ""
    care: bool = False

    @property
    def is_late(self) -> bool:
        return self.tone == "late"


def with_words(duties: DutyQuerySet) -> DutyQuerySet:
    """The fetch plan of :func:`describe`."""
    actors = RecordPerson.objects.select_related("person").order_by("pk")
    return duties.with_sources().prefetch_related(Prefetch("closed_by__actors", actors))


def describe(duties: Collection[Duty], account, day: date) -> list[Line]:
    """The duties as lines for ``account`` on ``day``, in the order given.

    :param duties: fetched with :func:`with_words`; at most three more queries are made, however many they are.
    """
    duties = list(duties)
    attach_responsible([duty for duty in duties if duty.state in (State.OPEN, State.LAPSED)], day)
    waived = [duty for duty in duties if duty.state == State.WAIVED]
    waivers = {}
    if waived:
        rows = Waiver.objects.filter(rule__in={d.rule_id for d in waived}, key__in=[d.key for d in waived])
        waivers = {(row.rule_id, row.key): row for row in rows.select_related("given_by").order_by("pk")}
    return [_line(duty, account, day, waivers.get((duty.rule_id, duty.key))) for duty in duties]


def sees_basis(account, sensitive: bool, path: str, person: int | None) -> bool:
    """Whether the basis of a sensitive duty or event at ``path`` about ``person`` may be shown to ``account``."""
    if not sensitive:
        return True
    return person != account.person_id and account.scope.may(Capability.SENSITIVE, path)


def is_missed(duty: Duty, day: date) -> bool:
    """Whether nothing done from ``day`` on can close the duty: its period is over."""
    return duty.state == State.OPEN and duty.closes_on < day


def when(duty: Duty, day: date) -> tuple[str, str]:
    """How far away the due day is, and the tone in which to say it."""
    days = (duty.due_on - day).days
    if is_missed(duty, day):
        return "已错过", "late"
    if days < 0:
        return _past(duty, -days)
    if days <= SOON_DAYS:
        return (f"还有 {days} 天" if days else "今天"), "soon"
    return f"还有 {days} 天", ""


def _past(duty: Duty, days: int) -> tuple[str, str]:
    if duty.state == State.LAPSED or duty.rule.force == Force.MAY:
        return f"已过 {days} 天", "muted"
    return f"逾期 {days} 天", "late"


def names_of(people) -> str:
    return "、".join(person.name for person in people)


def _line(duty: Duty, account, day: date, waiver: Waiver | None) -> Line:
    sees = sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id)
    said = _CLOSED[duty.state](duty, day, waiver) if duty.state in _CLOSED else _running(duty, account, day, sees)
    untold = {"why": ""} if duty.state in (State.WAIVED, State.VOID) else {}  # the reason would tell the basis
    basis = {"what": CARE, "care": True, **untold}
    if sees:
        own = "within_days" in duty.rule.parsed.own_numbers
        basis = {"what": duty.rule.title, "clause": duty.rule.clause, "own": own and duty.state not in _CLOSED}
    return Line(
        duty=duty, ref=ref_of(duty, account, hidden=not sees),
        who=str(duty.member or duty.actor or duty.organisation), **{"why": "", **said, **basis},
    )  # fmt: skip


def _running(duty: Duty, account, day: date, sees: bool) -> dict:
    said, tone = when(duty, day)
    sentence = why(duty) if sees else "依据和情形只给有权限的人看"
    if duty.state == State.LAPSED:
        sentence += "，可以不办"
    elif is_missed(duty, day):
        sentence += "；当时办过没登记的可以补录"
    form, label = settings.ACTION_FORMS.get(duty.rule.action, ("", "")) if _may_act(duty, account) else ("", "")
    return {
        "when": said, "tone": tone, "due": f"{short(duty.due_on, day)} 到期", "why": sentence,
        "names": names_of(duty.responsible), "form": form, "label": label,
    }  # fmt: skip


def _may_act(duty: Duty, account) -> bool:
    """Whether a form is offered: an act closes the duty, and there is a member whom it is about."""
    if duty.member_id is None or isinstance(duty.rule.parsed.trigger, Holds):
        return False
    return duty.member_id != account.person_id and account.scope.may(Capability.RECORD, duty.path)


def _done(duty: Duty, day: date, waiver: Waiver | None) -> dict:
    record = duty.closed_by
    if record is None:  # a state that holds
        return {
            "when": State.DONE.label, "tone": "ok", "due": short(duty.closed_on, day),
            "names": duty.actor.name if duty.actor else "", "why": f"{short(duty.closed_on, day)} 起符合要求",
        }  # fmt: skip
    people = names_of(actor.person for actor in record.actors.all())
    return {
        "when": State.DONE.label, "tone": "ok", "due": short(record.on, day), "names": people,
        "why": f"{short(record.on, day)} {VERBS[record.action][0]}" + (f"，{people}" if people else ""),
        "late_entry": f"补录 {short(record.entered_on, day)}" if record.late else "",
    }  # fmt: skip


def _waived(duty: Duty, day: date, waiver: Waiver) -> dict:
    giver = waiver.given_by.name if waiver.given_by else "系统"
    return {
        "when": State.WAIVED.label, "tone": "muted", "due": short(waiver.given_on, day), "names": giver,
        "why": f"{giver}：{waiver.reason}",
    }  # fmt: skip


def _void(duty: Duty, day: date, waiver: Waiver | None) -> dict:
    return {
        "when": State.VOID.label, "tone": "muted", "due": short(duty.closed_on, day),
        "why": VOID_REASONS.get(duty.reason, "条件不再成立"),
    }  # fmt: skip


_CLOSED = {State.DONE: _done, State.WAIVED: _waived, State.VOID: _void}


@dataclass(frozen=True)
class Explanation:
    """How a duty came about and how it ends: the three columns of the why fragment."""

    line: Line
    facts: tuple[str, ...]
    numbers: tuple[tuple[str, bool], ...]
    ends: tuple[str, ...]


def explain(line: Line) -> Explanation:
    """Explain a line whose basis the reader may see; for a hidden basis everything but the days stays empty."""
    duty = line.duty
    if line.care:
        return Explanation(line, (), (), ("由责任人按时限与本人联系并登记。",))
    now = f"，现在是{line.names}" if line.names and duty.state == State.OPEN else ""
    facts = (_fact(duty), f"责任人：{_whose_turn(duty)}{now}")
    return Explanation(line, facts, numbers(duty), tuple(ends(duty)))


def _whose_turn(duty: Duty) -> str:
    return duty.actor.name if duty.actor else who(duty.rule.parsed.responsible)


def _fact(duty: Duty) -> str:
    if duty.event:
        by = f"，{duty.event.entered_by.name} 登记" if duty.event.entered_by else ""
        return f"事由：{duty.event.occurred_on:%Y-%m-%d} {EventKind(duty.event.kind).label}{by}"
    return f"事实：{why(duty)}"
