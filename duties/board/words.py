"""A duty in words, the same on the desk, the board, a member's page and beside a form: when, who, what, why, clause.

Sentences are built here and nowhere else; templates only lay them out. Whoever may not see a sensitive basis reads
“关怀事项”, without clause, kind or reason.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.http import urlencode

from duties.board.permits import may_answer, may_read_task, may_waive
from duties.board.phrases import VERBS, ends, numbers, short, who, why
from duties.board.refs import ref_of
from duties.engine.answering import asks_for_a_state, binds_by_name
from duties.engine.models import Arrangement, Duty, DutyQuerySet, RecordPerson, State, Waiver
from duties.engine.responsible import attach_responsible
from duties.policy.models import Clause, Force, Rule
from duties.policy.schema import Holds
from members.bonds import BY_HAND, remembers_sanctions
from members.enums import FUND_STEPS, SENSITIVE_EVENTS, Capability, EventKind
from members.models import Event, Organisation, Person
from members.scope import sealed_at

CARE = "关怀事项"
"""What a sensitive duty or event is called before those who may not see its basis."""

SOON_DAYS = 7
"""Due within this many days is shown as soon; an optional duty past its day stays on the board as long."""

DEED_FORM = ("deed_new", "登记办理")
"""The plain form: for acts without one of their own, and for most of what an organisation itself owes."""

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
    """One duty as a row. ``ref`` names it in links (see refs.py); ``tone`` is late, soon, ok, muted or empty.

    ``url`` with ``label`` is the form in which the reader can record what closes it, empty where there is none.
    ``handed`` and ``arranged`` say to whom it was handed on and when it is to be done; ``others`` are the duties that
    the same act would close (see merging.py), ``together`` says so.
    """

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
    url: str = ""
    label: str = ""
    care: bool = False
    handed: str = ""
    arranged: str = ""
    arranged_tone: str = ""
    may_answer: bool = False
    may_hand_on: bool = False
    may_waive: bool = False
    others: tuple["Line", ...] = ()
    together: str = ""

    @property
    def closed(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.duty.state in _CLOSED

    @property
    def all(self) -> tuple["Line", ...]:
        """The line and those that the same act would close."""
        return (self, *self.others)

    @property
    def clauses(self) -> list[Clause]:
        """What asks for it: the clauses of all that the same act would close, each once."""
        return list(dict.fromkeys(line.clause for line in self.all if line.clause))


def with_words(duties: DutyQuerySet) -> DutyQuerySet:
    """The fetch plan of :func:`describe`."""
    actors = RecordPerson.objects.select_related("person").order_by("pk")
    return duties.with_sources().prefetch_related(Prefetch("closed_by__actors", actors))


def describe(duties: Collection[Duty], account, day: date) -> list[Line]:
    """The duties as lines for ``account`` on ``day``, in the order given.

    :param duties: fetched with :func:`with_words`; at most seven more queries are made, however many they are.
    """
    duties = list(duties)
    running = [duty for duty in duties if duty.state in (State.OPEN, State.LAPSED)]
    attach_responsible(running, day)
    told = _keyed(Waiver, [duty for duty in duties if duty.state == State.WAIVED], "given_by")
    told |= _keyed(Arrangement, running, "person")
    tasks = _tasks(duties, account)
    return [_line(duty, account, day, told.get((duty.rule_id, duty.key)), tasks.get(duty.event_id)) for duty in duties]


def _tasks(duties: list[Duty], account) -> dict[int, str]:
    """The first words of the tasks among these duties that the reader may read, by event; a step of the fund names
    nobody and is read by all.
    """
    told = [duty for duty in duties if duty.event and duty.event.kind in (EventKind.TASK, *FUND_STEPS)]
    read = [
        duty.event_id
        for duty in told
        if duty.event.kind != EventKind.TASK or may_read_task(account, duty.event, duty.path)
    ]
    notes = Event.objects.filter(pk__in=read).values_list("pk", "note") if read else ()
    return {pk: first_words(note) for pk, note in notes}


FIRST_WORDS = 24
"""Characters of a task that stand in a list."""


def first_words(note: str) -> str:
    """The beginning of a note: its first line, cut where it is long."""
    line = note.strip().partition("\n")[0].strip().rstrip("。；")
    return line if len(line) <= FIRST_WORDS else f"{line[: FIRST_WORDS - 1]}…"


def _keyed(model, duties: list[Duty], person: str) -> dict[tuple[int, str], Waiver | Arrangement]:
    """What somebody said about these duties, by rule and key."""
    if not duties:
        return {}
    rows = model.objects.filter(rule__in={duty.rule_id for duty in duties}, key__in=[duty.key for duty in duties])
    rows = rows.select_related(person).defer(*sealed_at(person)).order_by("pk")
    return {(row.rule_id, row.key): row for row in rows}


def sees_basis(account, sensitive: bool, path: str, person: int | None) -> bool:
    """Whether the basis of a sensitive duty or event at ``path`` about ``person`` may be shown to ``account``."""
    if not sensitive:
        return True
    return person != account.person_id and account.scope.may(Capability.SENSITIVE, path)


def sees_duty(account, duty: Duty, day: date) -> bool:
    """Whether a duty may be called by its name: what was missed outlives a punishment, its name does not."""
    if duty.rule.sanction and is_missed(duty, day) and not remembers_sanctions(account, duty.path, duty.member_id):
        return False
    return sees_basis(account, duty.rule.sensitive, duty.path, duty.member_id)


def sees_event(account, event: Event, path: str) -> bool:
    """Whether what happened may be told beside a record at ``path`` that answered it; of a punishment, which is
    forgotten one day, only to those who remember it then.
    """
    told = event.kind != EventKind.PUNISHMENT or remembers_sanctions(account, path, event.person_id)
    return told and sees_basis(account, event.kind in SENSITIVE_EVENTS, path, event.person_id)


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


def _line(duty: Duty, account, day: date, told: Waiver | Arrangement | None, task: str | None) -> Line:
    sees = sees_duty(account, duty, day)
    if duty.state in _CLOSED:
        said = _CLOSED[duty.state](duty, day, told) | {
            "may_waive": duty.state == State.WAIVED and may_waive(account, duty)
        }
    else:
        said = _running(duty, account, day, sees) | _answered(duty, account, day, told, sees=sees)
    untold = {"why": ""} if duty.state in (State.WAIVED, State.VOID) else {}  # the reason would tell the basis
    basis = {"what": CARE, "care": True, **untold}
    if sees:
        own = "within_days" in duty.rule.parsed.own_numbers and not (duty.event and duty.event.due_on)
        what = task_words(duty.event, duty.rule.title, task or "")
        basis = {"what": what, "clause": duty.rule.clause, "own": own and duty.state not in _CLOSED}
    return Line(
        duty=duty, ref=ref_of(duty, account, hidden=not sees),
        who=str(_about(duty)), **{"why": "", **said, **basis},
    )  # fmt: skip


def _about(duty: Duty) -> Person | Organisation:
    """Whom the duty is about; what an organisation owes is about it, whomever it binds."""
    of_organisation = duty.rule.spec["trigger"].get("counted_per") == "organisation"
    return duty.member or (None if of_organisation else duty.actor) or duty.organisation


def _running(duty: Duty, account, day: date, sees: bool) -> dict:
    said, tone = when(duty, day)
    sentence = why(duty) if sees else "依据和情形只给有权限的人看"
    if duty.state == State.LAPSED:
        sentence += "，可以不办"
    elif is_missed(duty, day):
        sentence += "；当时办过没登记的可以补录"
    url, label = _form(duty, account, sees)
    return {
        "when": said, "tone": tone, "due": f"{short(duty.due_on, day)} 到期", "why": sentence,
        "names": names_of(duty.responsible), "url": url, "label": label,
    }  # fmt: skip


SOURCE = re.compile(r"([a-z]+):([0-9]+):([a-z]+)")
"""What a task comes from, where it is closed on a page of its own: ``campaign:5:confirm``."""


def page_of_task(event: Event | None) -> tuple[str, str, str] | None:
    """The page where a task is closed that comes from something with pages of its own: its address, what its link says,
    what such a task is called.
    """
    source = event and SOURCE.fullmatch(event.source)
    page = source and settings.TASK_PAGES.get(f"{source[1]}:{source[3]}")
    return (reverse(page[0], args=[int(source[2])]), *page[1:]) if page else None


def task_words(event: Event | None, label: str, said: str) -> str:
    """A task in a line, 帮扶任务：陪同复查; one with a page of its own by what it says alone, else by how it is called.

    :param said: its first words, empty for who may not read them.
    """
    if page := page_of_task(event):
        return said or page[2]
    return "：".join(filter(None, (label, said)))


def _of_source(duty: Duty, account) -> tuple[str, str] | None:
    """Where a task is closed on a page of its own, for whoever has it or may record."""
    page = page_of_task(duty.event)
    has_it = page and account.person_id is not None and duty.actor_id == account.person_id
    return page[:2] if page and (has_it or account.scope.may(Capability.RECORD, duty.path)) else None


def _form(duty: Duty, account, sees: bool) -> tuple[str, str]:
    """The address and the name of the form in which the duty is closed; both empty for who may not enter it there."""
    if page := _of_source(duty, account):
        return page
    about_oneself = duty.member_id is not None and duty.member_id == account.person_id
    if about_oneself or not account.scope.may(Capability.RECORD, duty.path):
        return "", ""
    spec = duty.rule.parsed
    if isinstance(spec.trigger, Holds):
        return _ties(duty, account) if sees and spec.trigger.tie in BY_HAND else ("", "")
    return form_of(duty.rule, duty.rule.action, ref_of(duty, account, hidden=not sees))


def form_of(rule: Rule, action: str, ref: str) -> tuple[str, str]:
    """The address and the name of the form in which a duty of the rule is closed by this action."""
    owes_itself = rule.parsed.subject == "organisation" and not rule.parsed.selected
    together = settings.TOGETHER_FORMS
    special = together.get(f"{action}:{rule.mechanism}") or together.get(action, DEED_FORM)
    form, label = special if owes_itself else settings.ACTION_FORMS[action]
    return f"{reverse(form)}?{urlencode({'duty': ref})}", label


def _ties(duty: Duty, account) -> tuple[str, str]:
    """Where ties are entered: with the member whom the duty is about, or with one to be chosen."""
    url = f"{reverse('duty_tie')}?{urlencode({'duty': ref_of(duty, account, hidden=False)})}"
    return url, "登记联系" if duty.member_id else "选党员登记联系"


def _answered(duty: Duty, account, day: date, arrangement: Arrangement | None, *, sees: bool) -> dict:
    """How it was handed on and when it is to be done, and what the reader may still say about it.

    Who goes where is not for a reader who neither sees what it is about nor has a hand in it.
    """
    said = {"may_answer": may_answer(account, duty), "may_waive": may_waive(account, duty)}
    said["may_hand_on"] = said["may_answer"] and not (binds_by_name(duty) or asks_for_a_state(duty))
    if not (sees or said["may_answer"]):
        return said
    if duty.delegation:
        giver = f"{duty.delegation.given_by.name} " if duty.delegation.given_by else ""
        said["handed"] = f"{giver}{short(duty.delegation.given_on, day)} 转给{duty.delegation.to.name}"
    if arrangement:
        who = f" {arrangement.person.name}去" if arrangement.person else ""
        past = arrangement.on < day
        said["arranged"] = f"安排 {short(arrangement.on, day)}{who}{'，已过，还没登记' if past else ''}"
        said["arranged_tone"] = "late" if past else ""
    return said


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
        "why": f"{giver} {short(waiver.given_on, day)} 决定免办，理由：{waiver.reason.rstrip('。')}",
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
        return Explanation(
            line, tuple(filter(None, (line.handed, line.arranged))), (), ("由责任人按时限与本人联系并登记。",)
        )
    turn = _whose_turn(duty)
    now = f"，现在是{line.names}" if line.names not in ("", turn) and duty.state == State.OPEN else ""
    facts = (_fact(duty), f"责任人：{turn}{now}")
    facts += tuple(filter(None, (line.handed, line.arranged)))
    return Explanation(line, facts, numbers(duty), tuple(ends(duty)))


def _whose_turn(duty: Duty) -> str:
    return duty.actor.name if duty.actor else who(duty.rule.parsed)


def _fact(duty: Duty) -> str:
    if duty.event:
        by = f"，{duty.event.entered_by.name} 登记" if duty.event.entered_by else ""
        return f"事由：{duty.event.occurred_on:%Y-%m-%d} {EventKind(duty.event.kind).label}{by}"
    return f"事实：{why(duty)}"
