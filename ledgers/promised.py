"""What became of the promises given in a talk or a visit, in a cell of its ledger: how many, never what they say."""

from collections import defaultdict

from duties.tasks import Task, TaskState, tasks_of
from ledgers.ledger import Reader
from visits.promises import source_of


def with_promises(batch: list, reader: Reader) -> list:
    """The talks or visits, each with ``follow_up``: 2 件：办结 1 件，逾期 1 件. Three queries for a batch."""
    found: dict[str, list[Task]] = defaultdict(list)
    for task in tasks_of(*(source_of(act) for act in batch), today=reader.day):
        if task.state != TaskState.WITHDRAWN:
            found[task.event.source].append(task)
    for act in batch:
        act.follow_up = _said(found[source_of(act)])
    return batch


def _said(tasks: list[Task]) -> str:
    if not tasks:
        return ""
    states = [task.state for task in tasks]
    done, late = states.count(TaskState.DONE), states.count(TaskState.OVERDUE)
    more = "，".join(f"{word} {n} 件" for word, n in (("办结", done), ("逾期", late)) if n)
    return f"{len(tasks)} 件：{more or '在办'}"
