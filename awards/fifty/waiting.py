"""What waits for somebody stands on his desk: one task for each organisation, step and year, due as the table says.

It is begun with the first member who waits there and done with the last; its page is the list of the year.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.fifty.steps import STEPS, WAITS, Step
from awards.models.fifty import Medal, Stage
from duties.engine.models import Action, Record
from duties.engine.records import enter_record, withdraw_record
from duties.tasks import Task, TaskState, assign_task, tasks_of
from members.enums import OrganisationKind, Role
from members.models import Lineage, Organisation, Person, Post
from members.services import withdraw_event

LEADS = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER)
OFFICE = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD, *LEADS)
"""Whose a task is, the first of them who is there: of a branch who leads it, of a committee its department."""


def source_of(year: int, step: Step) -> str:
    return f"medals:{year}:{step.code}"


def places_of(medals: Iterable[Medal]) -> set[tuple[int, int]]:
    """The years and organisations in which these wait."""
    return {(medal.year, medal.organisation_id) for medal in medals}


def keep_tasks(*, by, places: Collection[tuple[int, int]], today: date) -> None:
    """Bring the tasks of these years and organisations in step with who waits there; in the transaction of the act."""
    for year in sorted({year for year, _place in places}):
        _keep_year(by, year, {place for each, place in places if each == year}, today)


def _keep_year(by, year: int, places: set[int], today: date) -> None:
    committees = _committees(places, today)
    near = set(committees.values())
    branches = _committees_below(near, today)
    waiting: dict[tuple[int, str], int] = defaultdict(int)
    rows = Medal.objects.running().filter(year=year, organisation__in=places | branches)
    above = committees | _committees(branches, today)
    for stage, place in rows.order_by("pk").values_list("stage", "organisation"):
        step = WAITS[Stage(stage)]
        waiting[above[place] if step.committee else place, step.code] += 1
    last: dict[tuple[int, str], Task] = {}
    for task in tasks_of(*(source_of(year, step) for step in STEPS.values()), today=today):
        place = task.event.organisation_id
        if task.state != TaskState.WITHDRAWN and place in places | branches | near:
            last[place, task.event.source.rpartition(":")[2]] = task
    there = Organisation.objects.in_bulk({place for place, _step in waiting.keys() | last.keys()})
    for place, code in sorted(waiting.keys() | last.keys()):
        count = waiting.get((place, code), 0)
        _keep(by, there[place], STEPS[code], year=year, task=last.get((place, code)), count=count, today=today)


def _committees(places: Collection[int], today: date) -> dict[int, int]:
    """The nearest committee of each organisation; where there is none, what stands at the top."""
    lines = Lineage.objects.filter(organisation__in=places, since__lte=today, until__gt=today)
    found: dict[int, int] = {}
    top: dict[int, int] = {}
    rows = lines.order_by("distance", "pk").values_list("organisation", "ancestor", "ancestor__kind")
    for place, above, kind in rows:
        top[place] = above
        if kind == OrganisationKind.COMMITTEE:
            found.setdefault(place, above)
    return {place: found.get(place, top.get(place, place)) for place in places}


def _committees_below(committees: set[int], today: date) -> set[int]:
    """The organisations below these committees in which members wait."""
    lines = Lineage.objects.filter(ancestor__in=committees, since__lte=today, until__gt=today)
    waiting = Medal.objects.running().values("organisation")
    return set(lines.filter(organisation__in=waiting).order_by().values_list("organisation", flat=True))


def _keep(by, place: Organisation, step: Step, *, year: int, task: Task | None, count: int, today: date) -> None:
    running = task is not None and task.running
    if count and not running:
        if task is not None and task.state == TaskState.DONE:
            record = Record.objects.get(pk=task.record)
            withdraw_record(by=by, record=record, reason="又有人等这一步", today=today)
        elif to := _whose(place, step, today):
            _assign(by, place, step, year=year, to=to, today=today)
    elif running and not count:
        if _went_on(place, step, year):
            people = [by.person] if by is not None and by.person_id else [task.event.addressee]
            enter_record(by=by, organisation=place, member=None, action=Action.HANDLING, on=today, people=people,
                         event=task.event, today=today)  # fmt: skip
        else:
            withdraw_event(by=by, event=task.event, reason="没有人等这一步了", today=today)


def _assign(by, place: Organisation, step: Step, *, year: int, to: Person, today: date) -> None:
    """Where no policy is followed there is no list of duties; the page of the year says what waits all the same."""
    with suppress(ValidationError), transaction.atomic():
        assign_task(by=by, what=f"{step.title}（{year} 年）", to=to, due_on=step.due_on(year, today), today=today,
                    organisation=place, source=source_of(year, step))  # fmt: skip


def _went_on(place: Organisation, step: Step, year: int) -> bool:
    """Whether somebody of there took the step, and it was not only emptied."""
    rows = Medal.objects.standing().filter(year=year, steps__stage=step.to, steps__back=False)
    there = {"organisation__path__startswith": place.path} if step.committee else {"organisation": place}
    return rows.filter(**there).exists()


def _whose(place: Organisation, step: Step, today: date) -> Person | None:
    """Who does the step: at the organisation, else at the nearest above where somebody is."""
    roles = OFFICE if step.committee else LEADS
    lines = Lineage.objects.filter(organisation=place, since__lte=today, until__gt=today)
    distance = dict(lines.order_by("distance").values_list("ancestor", "distance"))
    posts = Post.objects.on(today).filter(organisation__in=distance, role__in=roles).select_related("person")
    found = sorted(posts, key=lambda post: (distance[post.organisation_id], roles.index(Role(post.role)), post.pk))
    return found[0].person if found else None
