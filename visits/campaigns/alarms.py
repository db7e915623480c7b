"""The alarm of the eve: each visitor with money still to hand over has one task, due by then, done by handing over."""

from collections.abc import Collection
from datetime import date

from django.db.models import Count

from duties.engine.models import Action, Record
from duties.engine.records import enter_record, withdraw_record
from duties.tasks import Task, TaskState, assign_task, tasks_of
from members.models import Person
from members.services import withdraw_event
from visits.models import Campaign


def hand_source(campaign: Campaign) -> str:
    """The source of the tasks to hand over."""
    return f"campaign:{campaign.pk}:hand"


def keep_alarms(*, by, campaign: Campaign, today: date, visitors: Collection[int] | None = None) -> None:
    """Bring the tasks in step with what is still to be handed over; inside the transaction of the act that changed it.

    Who has something left has a running task, who has handed over all of it has a done one, who has nothing to hand
    over any more has none. Of a campaign that is not being paid nothing is done.

    :param visitors: whom it concerns; everybody without.
    """
    if not campaign.paying:
        return
    left = campaign.candidates.outstanding().filter(visitor__isnull=False)
    owing = dict(left.values_list("visitor").annotate(n=Count("pk")).order_by("visitor"))
    last: dict[int, Task] = {}
    for task in tasks_of(hand_source(campaign), today=today):
        if task.state != TaskState.WITHDRAWN:
            last[task.event.addressee_id] = task
    concerned = sorted((owing.keys() | last.keys()) if visitors is None else set(visitors))
    people = Person.objects.in_bulk(concerned)
    for pk in concerned:
        _keep(by, campaign, people[pk], last.get(pk), owes=pk in owing, today=today)


def _keep(by, campaign: Campaign, visitor: Person, task: Task | None, *, owes: bool, today: date) -> None:
    running = task is not None and task.running
    if owes and not running:
        if task is not None and task.state == TaskState.DONE:
            record = Record.objects.get(pk=task.record)
            withdraw_record(by=by, record=record, reason="还有慰问金没有送到", today=today)
            return
        assign_task(
            by=by, what=f"把{campaign.title}的慰问金和慰问品送到", to=visitor, due_on=max(campaign.deliver_by, today),
            today=today, organisation=campaign.organisation, source=hand_source(campaign),
        )  # fmt: skip
    elif running and not owes:
        if campaign.candidates.handed().filter(visitor=visitor).exists():
            enter_record(by=by, organisation=campaign.organisation, member=None, action=Action.HANDLING, on=today,
                         people=[visitor], event=task.event, today=today)  # fmt: skip
        else:
            withdraw_event(by=by, event=task.event, reason="名单已改由别人走访或已退回", today=today)
