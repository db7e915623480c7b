"""Beginning a selection with its titles, asking the branches, and closing the nominations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction

from awards.kept import before_founding
from awards.models import Nominee, Selection, SelectionTitle
from awards.selecting.locking import Stage, at_stage, names
from awards.selecting.places import nominators, propose_places, shares
from base import audit
from base.dates import PARTY_FOUNDED
from duties.engine.models import Action
from duties.engine.records import enter_record
from duties.tasks import Task, assign_task, move_task, tasks_of, withdraw_task
from members.enums import Role
from members.models import Lineage, Organisation, Person, Post
from members.scope import sealed_at


@dataclass(frozen=True)
class Wanted:
    """One title as the form says it."""

    name: str
    of: str
    level: str
    quota: int


@transaction.atomic
def open_selection(
    *, by, organisation: Organisation, year: int, title: str, opened_on: date, nominate_by: date,
    titles: Sequence[Wanted], today: date,
) -> Selection:  # fmt: skip
    """Begin a selection; each title's places are proposed at once by the number of members, as many as are chosen.

    :param by: the acting account; who may is the caller's to check.
    :raises ValidationError: keyed by form field: for days in the wrong order or before the organisation was founded, an
        odd year, no title, one title twice, the same selection once more.
    """
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    refused = _amiss_with_days(organisation, year, opened_on, nominate_by, today)
    if not title.strip():
        refused["title"] = "请写评选名称。"
    if not titles:
        refused["titles"] = "请至少写一个称号。"
    seen = [each.name for each in titles]
    if twice := next((name for name in seen if seen.count(name) > 1), ""):
        refused["titles"] = f"“{twice}”写了两行，请合成一行。"
    if not refused and Selection.objects.filter(organisation=organisation, year=year, title=title.strip()).exists():
        refused["title"] = f"{year} 年度的“{title.strip()}”已经建过，没有再建一次。"
    if refused:
        raise ValidationError(refused)
    selection = Selection.objects.create(
        organisation=organisation, year=year, title=title.strip(), opened_on=opened_on, nominate_by=nominate_by,
        entered_on=today, entered_by=by and by.person,
    )  # fmt: skip
    made = [
        SelectionTitle.objects.create(
            selection=selection, name=each.name, of=each.of, level=each.level, quota=each.quota, position=place
        )
        for place, each in enumerate(titles)
    ]
    audit.write(audit.Act.WRITE, f"selection:{selection.pk}", titles=len(made), year=year)
    return propose_places(by=by, selection=selection, totals={each.pk: each.quota for each in made}, today=today)


def _amiss_with_days(
    organisation: Organisation, year: int, opened_on: date, nominate_by: date, today: date
) -> dict[str, str]:  # fmt: skip
    """What is wrong with the year and the days of a selection, by form field."""
    refused: dict[str, str] = {}
    if opened_on > today:
        refused["opened_on"] = f"启动日期 {opened_on} 晚于今天，请改成今天或以前。"
    elif early := before_founding(organisation, opened_on):
        refused["opened_on"] = f"启动日期 {early}"
    elif not PARTY_FOUNDED.year <= year <= today.year + 1:
        refused["year"] = f"评选的年度请填 {PARTY_FOUNDED.year} 到 {today.year + 1}，{year} 请核对。"
    elif opened_on.year not in (year, year - 1):
        refused["year"] = f"启动日期是 {opened_on}，评选的却是 {year} 年度，请核对。"
    if nominate_by < opened_on:
        refused["nominate_by"] = f"推荐截止 {nominate_by} 早于启动的 {opened_on}，请改晚一些。"
    return refused


# Tasks


def nominate_source(selection: Selection) -> str:
    """The source of the tasks by which branches are asked."""
    return f"selection:{selection.pk}:nominate"


def endorse_source(selection: Selection) -> str:
    """The source of the tasks by which general branches are asked."""
    return f"selection:{selection.pk}:endorse"


@dataclass(frozen=True)
class Asked:
    """How many organisations were asked, of how many the day was moved, and those where nobody can be asked."""

    tasks: int
    moved: int
    without: tuple[Organisation, ...]


@transaction.atomic
def ask_branches(*, by, selection: Selection, due_on: date, today: date) -> Asked:
    """Ask the secretary of each organisation with places left to nominate: one task each. Asked once more, running
    tasks are moved to the day, and whoever said that it is through is left alone.

    :raises ValidationError: keyed ``due_on`` for a day past; when no place is left; once nominations are closed.
    """
    selection = at_stage(selection, Stage.OPEN)
    if due_on < today:
        raise ValidationError({"due_on": f"推荐截止 {due_on} 已经过去，请填今天或以后的日子。"})
    places = nominators(selection.organisation, today)
    open_ = {share.organisation.pk for share in shares(selection, places) if share.left}
    places = [place for place in places if place.pk in open_]
    if not places:
        raise ValidationError("名额都推荐满了，或者还没有分名额，没有要请的支部。")
    tasks = tasks_of(nominate_source(selection), today=today)
    running = [task.event for task in tasks if task.running]
    moved = [event for event in running if event.due_on != due_on]
    for event in moved:
        move_task(by=by, event=event, due_on=due_on, reason=f"{selection.title}的推荐截止改了", today=today)
    there = {task.event.organisation_id for task in tasks if task.running or task.done_on}
    leaders = nearest_leaders([each.pk for each in places], today)
    asked, without = 0, []
    for place in places:
        if place.pk in there:
            continue
        if place.pk not in leaders:
            without.append(place)
            continue
        assign_task(
            by=by, what=f"推荐{selection.title}人选", to=leaders[place.pk], due_on=due_on, today=today,
            organisation=place, source=nominate_source(selection),
        )  # fmt: skip
        asked += 1
    selection.nominate_by, selection.asked_on = due_on, selection.asked_on or today
    selection.save(update_fields=["nominate_by", "asked_on"])
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="asked", tasks=asked, moved=len(moved))
    return Asked(asked, len(moved), tuple(without))


def nearest_leaders(places: Collection[int], day: date) -> dict[int, Person]:
    """Who leads each organisation: its secretary, else its deputy, else that of the nearest one above. Two queries."""
    roles = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
    lines = Lineage.objects.filter(organisation__in=places, since__lte=day, until__gt=day)
    lines = list(lines.order_by("distance", "pk").values_list("organisation", "ancestor"))
    posts = Post.objects.on(day).filter(organisation__in={above for _place, above in lines}, role__in=roles)
    held: dict[tuple[int, str], Person] = {}
    for post in posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk"):
        held.setdefault((post.organisation_id, post.role), post.person)
    found: dict[int, Person] = {}
    for place, above in lines:
        for role in roles:
            if (above, role) in held:
                found.setdefault(place, held[above, role])
    return found


def close_task(*, by, source: str, organisation: Organisation, today: date) -> bool:
    """Close the organisation's running task of the source by a record of its handling; whether there was one."""
    for task in tasks_of(source, today=today):
        if task.running and task.event.organisation_id == organisation.pk:
            did = list(dict.fromkeys(filter(None, [task.to, by and by.person])))
            enter_record(by=by, organisation=organisation, member=None, action=Action.HANDLING, on=today, people=did,
                         event=task.event, today=today)  # fmt: skip
            return True
    return False


def drop_tasks(*, by, selection: Selection, reason: str, today: date) -> None:
    """Take back what still runs of both kinds of task."""
    for task in running_tasks(selection, today):
        withdraw_task(by=by, event=task.event, reason=reason, today=today)


def running_tasks(selection: Selection, today: date) -> list[Task]:
    """The tasks of the selection that can still be done."""
    found = tasks_of(nominate_source(selection), endorse_source(selection), today=today)
    return [task for task in found if task.running]


# To the review


def not_ready(selection: Selection) -> list[str]:
    """Why nominations cannot be closed yet, each a sentence; two queries."""
    rows = Nominee.objects.filter(title__selection=selection).select_related("person", "organisation").order_by("pk")
    if waiting := list(rows.waiting()):
        return [f"{names(waiting)}还在等总支审核。"]
    return [] if rows.filter(state=Nominee.State.NOMINATED).exists() else ["还没有推荐人选。"]


@transaction.atomic
def close_nominations(*, by, selection: Selection, today: date) -> Selection:
    """Nothing more is nominated: the review begins, and tasks that still run are taken back.

    :raises ValidationError: as :func:`not_ready` says.
    """
    selection = at_stage(selection, Stage.OPEN)
    if said := not_ready(selection):
        raise ValidationError(said)
    drop_tasks(by=by, selection=selection, reason=f"{selection.title}的推荐已截止", today=today)
    selection.stage = Stage.REVIEW
    selection.save(update_fields=["stage"])
    audit.write(audit.Act.EDIT, f"selection:{selection.pk}", what="to review")
    return selection
