"""帮扶任务: somebody is to do something for a member, or for an organisation, by a day of its own.

A task is an event with an addressee that states its day; a rule of ``working-rules`` makes the duty, a record of its
handling that names the event closes it. Whatever lies behind it (a plan, a visit, a talk) names itself as the source.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from base import audit
from base.facts import facts_will_change
from duties.board.permits import is_of_a_workflow, may_command, may_read_task
from duties.board.words import first_words, names_of, page_of_task, task_words
from duties.engine.models import Duty, RecordPerson, State
from duties.engine.responsible import holding
from members.bonds import BY_HAND
from members.enums import Capability, EventKind, Standing
from members.models import Event, Lineage, Membership, Organisation, Person, Post, Tie
from members.permissions import may_record_at
from members.scope import sealed_at
from members.services import check_stay, locked_event, membership_on, tell_event, withdraw_event, write_event

LONGEST = 300
"""Characters of a task."""

AHEAD = timedelta(days=3 * 366)
"""How far ahead a task may be due."""

BY_ITSELF = "任务"
"""The source of a task that comes from nothing else."""


class TaskState(StrEnum):
    """How a task stands on a day; the value is what a page says."""

    OPEN = "待办"
    OVERDUE = "逾期"
    DONE = "已办结"
    WAIVED = "免办"
    VOID = "不再适用"
    WITHDRAWN = "已撤回"


TONES = {TaskState.OVERDUE: "late", TaskState.DONE: "ok"}


@dataclass(frozen=True)
class Task:
    """A task as it stands on a day. ``to``: whom it binds, ``None`` where whoever leads the organisation has it.
    ``path``: where it stands, empty where it never became a duty. Done: when, and by whom; ``record`` is the number of
    the record.
    """

    event: Event
    state: TaskState
    to: Person | None
    path: str = ""
    done_on: date | None = None
    done_by: str = ""
    record: int | None = None

    @property
    def about(self) -> Person | Organisation:
        return self.event.person or self.event.organisation

    @property
    def title(self) -> str:
        """给李建国的帮扶任务; one with a page of its own as it is called, 确认节日走访名单."""
        page = page_of_task(self.event)
        return page[2] if page else f"给{self.about}的{EventKind.TASK.label}"

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "muted" if self.state in ENDED else "")

    @property
    def running(self) -> bool:
        """Whether it can still be done, moved or taken back."""
        return self.state in (TaskState.OPEN, TaskState.OVERDUE)

    def words(self, account) -> str:
        """What is to be done, as far as ``account`` may read it: 帮扶任务：陪同复查, else 帮扶任务."""
        said = first_words(self.event.note) if may_read_task(account, self.event, self.path) else ""
        return task_words(self.event, EventKind.TASK.label, said)


ENDED = (TaskState.WAIVED, TaskState.VOID, TaskState.WITHDRAWN)


@transaction.atomic
def assign_task(
    *,
    by,
    what: str,
    to: Person | None,
    due_on: date,
    today: date,
    member: Person | None = None,
    organisation: Organisation | None = None,
    source: str = BY_ITSELF,
) -> Event:
    """Have somebody do something for a member (of a dead one: for the family), or for an organisation, by a day.

    :param by: the acting account, ``None`` for a command; who may is the caller's to check.
    :param to: ``None``, of an organisation's task alone, for whoever leads it on the day.
    :param what: what is to be done; sealed, and read by those of :func:`duties.board.permits.may_read_task`.
    :param source: what it comes from, as ``plan:12``; :func:`tasks_of` finds it again.
    :raises ValidationError: keyed by form field: empty words, a day past or beyond three years, somebody who is dead,
        gone or the member himself, the same task once more; where no policy is followed that would make it a duty.
    """
    facts_will_change()
    place = _locked_place(member, organisation, today)
    if refused := _amiss(member, what, to, due_on, today):
        raise ValidationError(refused)
    given = {"person": member, "organisation": organisation, "kind": EventKind.TASK, "addressee": to, "due_on": due_on}
    if _entered(what, **given, occurred_on=today):
        said = f"今天已经把这件任务交给{to or place}，期限也一样，没有再记一条。"
        raise ValidationError({"what": said})
    event = write_event(by=by, **given, on=today, note=what.strip(), source=source, today=today)
    if not event.duties.exists():
        raise ValidationError(f"{place.label}还没有采用制度，任务进不了应办清单。请先到“制度”采用一份，再布置。")
    return event


@transaction.atomic
def move_task(*, by, event: Event, due_on: date, reason: str, today: date) -> None:
    """Give a task another day. What it was before, and why, is in the audit.

    :raises ValidationError: for a day past or the one it has, without a reason, or if it ended meanwhile.
    """
    event = _running(event, today)
    refused = _bad_day(due_on, today)
    if due_on == event.due_on:
        refused = {"due_on": [f"期限本来就是 {due_on}，没有要改的。"]}
    if not reason.strip():
        refused["reason"] = ["请写为什么改期，一句话也可以。"]
    if refused:
        raise ValidationError(refused)
    before, event.due_on = event.due_on, due_on
    event.save(update_fields=["due_on"])
    audit.write(audit.Act.EDIT, f"event:{event.pk}", reason=reason, due=str(due_on), before=str(before))
    tell_event(event)


@transaction.atomic
def withdraw_task(*, by, event: Event, reason: str, today: date) -> None:
    """Take a task back; its duty goes.

    :raises ValidationError: without a reason, or if it was done or ended meanwhile.
    """
    withdraw_event(by=by, event=_running(event, today), reason=reason, today=today)


def _locked_place(member: Person | None, organisation: Organisation | None, today: date) -> Organisation:
    """The lock of whom or what it is about, after the engine's; the organisation where that stands."""
    if organisation is not None:
        return Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    member = Person.objects.select_for_update(no_key=True).get(pk=member.pk)
    stay = check_stay(
        member, membership_on(member, today), today, today, field="__all__", what=EventKind.TASK.label, dead=True
    )
    return stay.organisation


def _amiss(member: Person | None, what: str, to: Person | None, due_on: date, today: date) -> dict[str, list[str]]:
    """What is wrong with a new task, by form field."""
    refused = _bad_day(due_on, today)
    if not what.strip():
        refused["what"] = ["请写要做什么，一句话也可以。"]
    elif len(what) > LONGEST:
        refused["what"] = [f"写了 {len(what)} 个字，最多 {LONGEST} 个，请写短一些。"]
    if to and (said := _cannot(to, member, today)):
        refused["to"] = [said]
    return refused


def _bad_day(due_on: date, today: date) -> dict[str, list[str]]:
    if due_on < today:
        return {"due_on": [f"期限 {due_on} 已经过去，请填今天或以后的日子。"]}
    if due_on > today + AHEAD:
        return {"due_on": [f"期限 {due_on} 在三年以后，请核对年份。"]}
    return {}


def _cannot(to: Person, member: Person | None, today: date) -> str:
    """Why somebody cannot be given a task; empty if they can."""
    if to == member:
        return f"给{to.name}办的事不能交给本人，请另选一位。"
    stay = membership_on(to, today)
    if stay and stay.standing == Standing.DEAD:
        return f"{to.name}已于 {stay.since} 去世，请另选一位。"
    if stay is None and not Post.objects.on(today).filter(person=to).exists():
        return f"{to.name}现在没有组织关系，也没有任职，请另选一位。"
    return ""


def _entered(what: str, **given) -> bool:
    """Whether the same stands already: about the same, day, person, deadline and words."""
    same = Event.objects.standing().filter(**given).order_by("pk")
    return any(event.note.strip() == what.strip() for event in same)


def _running(event: Event, today: date) -> Event:
    """The event, locked, of a task that can still be done."""
    event = locked_event(event)
    (task,) = _stand([event], today)
    if not task.running:
        raise ValidationError(f"这件任务{task.state}，没有再改。")
    return event


# Reading


def tasks() -> QuerySet[Event]:
    """All tasks, with whom they are about, who has them and who gave them."""
    people = ("person", "addressee", "entered_by")
    rows = Event.objects.filter(kind=EventKind.TASK).select_related(*people, "organisation")
    return rows.defer(*sealed_at(*people))


def tasks_of(*sources: str, today: date) -> list[Task]:
    """The tasks of these sources as they stand, those that were taken back too, the earliest due first; three queries,
    however many there are.
    """
    return stand(tasks().filter(source__in=sources).order_by("due_on", "pk"), today)


def stand(events: QuerySet[Event], today: date) -> list[Task]:
    """Tasks as they stand, in the order given; two queries more, however many there are."""
    return _stand(list(events), today)


def _stand(events: Collection[Event], today: date) -> list[Task]:
    actors = RecordPerson.objects.select_related("person").defer(*sealed_at("person")).order_by("pk")
    duties = Duty.objects.filter(event__in=events).select_related("closed_by", "actor").defer(*sealed_at("actor"))
    duties = duties.prefetch_related(Prefetch("closed_by__actors", actors)).order_by("pk")
    owed = {duty.event_id: duty for duty in duties}
    return [_task(event, owed.get(event.pk), today) for event in events]


_ENDED = {State.WAIVED: TaskState.WAIVED, State.VOID: TaskState.VOID, State.LAPSED: TaskState.OVERDUE}


def _task(event: Event, duty: Duty | None, today: date) -> Task:
    path = duty.path if duty else event.organisation.path if event.organisation else ""
    if event.withdrawn_on:
        return Task(event, TaskState.WITHDRAWN, event.addressee, path)
    if duty is None:
        return Task(event, TaskState.VOID, event.addressee, path)
    if duty.state == State.DONE:
        people = names_of(actor.person for actor in duty.closed_by.actors.all())
        return Task(event, TaskState.DONE, duty.actor, path, duty.closed_by.on, people, duty.closed_by_id)
    late = TaskState.OVERDUE if duty.due_on < today else TaskState.OPEN
    return Task(event, _ENDED.get(duty.state, late), duty.actor, path)


def known_to(account) -> QuerySet[Event]:
    """The tasks the account may know of: about those in its scope, given to it, given by it, or about itself."""
    here = Membership.objects.on(account.scope.day).filter(person=OuterRef("person"))
    here = here.filter(account.scope.q("path", Capability.VIEW))
    places = Organisation.objects.visible_to(account)
    return tasks().filter(Exists(here) | Q(organisation__in=places) | own(account) | Q(person=account.person_id or 0))


def own(account) -> Q:
    """The tasks somebody has or gave, as a condition."""
    return given_to(account) | Q(entered_by=account.person_id or 0)


def given_to(account) -> Q:
    """The tasks that bind somebody, or did; not one that runs and binds another since a post ended."""
    me = account.person_id or 0
    running = Duty.objects.open().filter(event=OuterRef("pk"))
    return Exists(running.filter(actor=me)) | (Q(addressee=me) & ~Exists(running.exclude(actor=me)))


def source_page(account, event: Event, path: str) -> tuple[str, int, str] | None:
    """The page of what a task came from: its URL name, the number it takes, what it is called; ``None`` without, or
    where the account may not open it.

    :param path: where the task stands.
    """
    kind, _, number = event.source.partition(":")
    page = settings.TASK_SOURCES.get(kind)
    mine = account.person_id is not None and account.person_id in (event.addressee_id, event.entered_by_id)
    if not (mine if kind in settings.OWN_TASK_SOURCES else account.scope.may(Capability.VIEW, path)):
        return None
    return (page[0], int(number), page[1]) if page and number.isdigit() else None


def path_of(event: Event, day: date) -> str:
    """Where a task stands on a day: where the member does, else the organisation; empty where the member left."""
    if event.organisation:
        return event.organisation.path
    stay = membership_on(event.person, day)
    return stay.path if stay else ""


def may_change(account, event: Event, path: str) -> bool:
    """Moving a task and taking it back: who gave it, and who may record there, or above if a workflow gave it; never
    whom it is about.
    """
    me = account.person_id
    if me is not None and me == event.person_id:
        return False
    if is_of_a_workflow(event):
        return bool(path) and may_command(account, Capability.RECORD, event, path)
    return (me is not None and me == event.entered_by_id) or bool(path and may_record_at(account, path))


def check_may_change(account, event: Event, path: str) -> None:
    if may_change(account, event, path):
        return
    if is_of_a_workflow(event):
        raise PermissionDenied("上级工作布置的任务由布置的人或上级党组织改期和撤回，承办的党组织自己不能改。")
    raise PermissionDenied("任务由布置的人或所在党组织书记改期和撤回。")


def offered(member: Membership, day: date) -> list[tuple[Person, str]]:
    """To whom a task about a member may be given, with a word on who that is: those who stand by him, then who holds
    a party post at his organisation or above.
    """
    lines = Lineage.objects.filter(organisation=member.organisation_id, since__lte=day, until__gt=day)
    places = list(lines.order_by("distance").values_list("ancestor", flat=True))
    ties = Tie.objects.on(day).filter(person=member.person_id, kind__in=BY_HAND).select_related("to")
    found: dict[Person, str] = {}
    for tie in ties.defer(*sealed_at("to")).order_by("since", "pk"):
        found.setdefault(tie.to, tie.get_kind_display())
    for person, posts in holding(places, day, but={member.person_id}).items():
        said = "、".join(f"{post.organisation.label}{post.get_role_display()}" for post in posts)
        found[person] = "，".join(filter(None, (found.get(person), said)))
    return list(found.items())
