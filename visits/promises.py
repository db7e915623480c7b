"""What was promised in a talk or a visit: tasks that name it as their source, until they are done."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from duties.tasks import Task, TaskState, assign_task, tasks_of, withdraw_task
from members.models import Person
from visits.models import Talk, Visit

MOST = 3
"""Promises entered with one talk or visit; more are given as tasks."""

FIELDS = {"what": "答应什么", "to": "谁来办", "due_on": "哪天前办"}
"""What is written of a promise, as its form calls it."""


@dataclass(frozen=True)
class Promise:
    """What was promised, who does it, and by which day."""

    what: str
    to: Person
    due_on: date


def source_of(act: Talk | Visit) -> str:
    """How the tasks of a talk or a visit name it as their source."""
    return f"{act._meta.model_name}:{act.pk}"


@transaction.atomic
def promise(*, by, act: Talk | Visit, promises: list[Promise], today: date) -> None:
    """Make a task of each promise given to the member of a talk or a visit, to the family of a dead one.

    :raises ValidationError: keyed ``promises``, naming the row and what is wrong in it; inside the transaction that
        enters the talk or the visit, so that it is not entered either.
    """
    refused = []
    for number, each in enumerate(promises, start=1):
        try:
            assign_task(by=by, member=act.record.member, **vars(each), today=today, source=source_of(act))
        except ValidationError as no:
            refused += [f"第 {number} 行{words}" for words in _said(no)]
    if refused:
        raise ValidationError({"promises": refused})


def _said(no: ValidationError) -> list[str]:
    if not hasattr(no, "error_dict"):
        return [f"：{sentence}" for sentence in no.messages]
    return [
        f"{FIELDS.get(name, '')}：{sentence}" for name, sentences in no.message_dict.items() for sentence in sentences
    ]


def promises_of(act: Talk | Visit, today: date) -> list[Task]:
    """What was promised, as it stands, those taken back too."""
    return tasks_of(source_of(act), today=today)


def promised_again(act: Talk | Visit, today: date) -> list[dict]:
    """Rows of the form for what was promised in a talk or a visit that is entered once more, without what was done."""
    gone = [task.event for task in promises_of(act, today) if task.state == TaskState.WITHDRAWN]
    return [{"what": event.note, "to": event.addressee_id, "due_on": event.due_on} for event in gone]


@transaction.atomic
def take_back_promises(*, by, act: Talk | Visit, today: date) -> int:
    """Take back the tasks of a withdrawn talk or visit that still run; how many."""
    running = [task for task in promises_of(act, today) if task.running]
    for task in running:
        withdraw_task(by=by, event=task.event, reason="答应这件事的记录已撤回", today=today)
    return len(running)
