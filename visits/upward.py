"""逐级报告 (M24): a member honoured by the Party is dying or has died. The branch reports it, each level above passes
it on, and the organisation that granted the honour arranges the visit or the condolence.

The branch's report is a deed about the member; whose turn it is above is a task that names the event and the level as
its source, so it stands on the board, reminds and can be handed on like any other. Nothing else is kept: how far a
report has come follows from these rows.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from duties.deeds import record_deed
from duties.engine.models import Action, Record
from duties.tasks import Task, TaskState, assign_task, tasks_of
from members.enums import CategoryKind, EventKind, OrganisationKind, Role, TieKind
from members.models import Category, Event, Lineage, Membership, Organisation, Person, Post, Tie
from members.scope import sealed_at
from visits.services import locked

KINDS = (EventKind.CRITICAL, EventKind.DEATH)
"""Events that are reported upward."""

WITHIN = timedelta(days=1)
"""The documents say 及时; a day for each level is the product's own clock."""

PASS_ON, ARRANGE = "功勋荣誉获得者逐级报告：向上一级党组织报告", "功勋荣誉获得者逐级报告：安排看望慰问或吊唁"
"""What the tasks say. Who, and of what, stands on the page they lead to."""

SOURCE = "upward"

RECEIVING = (
    Role.DEPARTMENT_HEAD, Role.DEPARTMENT_CLERK, Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER,
)  # fmt: skip
"""Who of an organisation is reported to, the first choice first."""

_LEVELS = (OrganisationKind.BRANCH, OrganisationKind.GENERAL_BRANCH, OrganisationKind.COMMITTEE)


@dataclass(frozen=True)
class Level:
    """One organisation on the way: who holds posts there, and its task, ``None`` while it has none."""

    organisation: Organisation
    holders: dict[Person, list[Post]]
    task: Task | None

    @property
    def done(self) -> bool:
        return self.task is not None and self.task.state == TaskState.DONE


@dataclass(frozen=True)
class Way:
    """How far the report of an event has come.

    :param report: the branch's report, ``None`` while there is none.
    :param levels: above the branch, those in which somebody holds a post, up to the one that arranges.
    :param skipped: those in between in which nobody does.
    :param grantor: the organisation that granted the honour, as far as it is registered.
    """

    event: Event
    stay: Membership
    report: Record | None
    levels: list[Level]
    skipped: list[Organisation]
    grantor: Organisation | None

    @property
    def turn(self) -> int:
        """Which level is to act, 0 the branch; one past the last when all is done."""
        if self.report is None:
            return 0
        begun = [place for place, level in enumerate(self.levels, start=1) if level.task]
        if not begun:
            return 0 if self.levels else 1
        last = begun[-1]
        return last + 1 if self.levels[last - 1].done and last == len(self.levels) else last

    @property
    def ended(self) -> bool:
        return self.turn > len(self.levels)

    @property
    def now(self) -> Level | None:
        """The level above the branch whose turn it is."""
        return self.levels[self.turn - 1] if 0 < self.turn <= len(self.levels) else None

    @property
    def then(self) -> Level | None:
        """The level to which is reported next; ``None`` where this one arranges."""
        return self.levels[self.turn] if self.turn < len(self.levels) else None


def source_of(event: Event, organisation: Organisation) -> str:
    """How the task of a level names the event."""
    return f"{SOURCE}:{event.pk}:{organisation.pk}"


def is_honoured(person: int, day: date) -> bool:
    """Whether the person stood among the honoured on ``day``."""
    return Category.objects.on(day).filter(person=person, kind=CategoryKind.HONOUREE).exists()


def way_of(event: Event, stay: Membership, day: date) -> Way:
    """How far the report has come; six queries, however long the way is.

    :param stay: where the member stands on ``day``, the dead where they died.
    """
    lines = Lineage.objects.filter(organisation=stay.organisation_id, since__lte=day, until__gt=day)
    chain = [line.ancestor for line in lines.select_related("ancestor").order_by("distance")]
    chain = [each for each in chain if each.kind in _LEVELS and each.pk != stay.organisation_id]
    grantor = _grantor(event)
    if grantor in chain:
        chain = chain[: chain.index(grantor) + 1]
    posts = _holders([each.pk for each in chain], event.person_id, day)
    tasks = {
        task.event.source: task
        for task in tasks_of(*(source_of(event, each) for each in chain), today=day)
        if task.state != TaskState.WITHDRAWN
    }
    levels = [
        Level(each, posts[each.pk], tasks.get(source_of(event, each)))
        for each in chain
        if each.pk in posts or source_of(event, each) in tasks
    ]
    told = Record.objects.standing().filter(member=event.person_id, action=Action.REPORT, on__gte=event.occurred_on)
    told = told.filter(Q(event=event) | Q(event=None)).prefetch_related("actors__person").order_by("on", "pk")
    skipped = [each for each in chain if each not in [level.organisation for level in levels]]
    return Way(event, stay, told.first(), levels, skipped, grantor)


def _grantor(event: Event) -> Organisation | None:
    ties = Tie.objects.on(event.occurred_on).filter(person=event.person_id, kind=TieKind.GRANTOR)
    tie = ties.exclude(to_organisation=None).select_related("to_organisation").order_by("-since", "-pk").first()
    return tie and tie.to_organisation


def _holders(places: list[int], member: int, day: date) -> dict[int, dict[Person, list[Post]]]:
    """Who may be reported to, by place: the department first, which such reports go to, then the secretaries."""
    posts = Post.objects.on(day).filter(organisation__in=places, role__in=RECEIVING).exclude(person=member)
    posts = posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk")
    found: dict[int, dict[Person, list[Post]]] = {}
    for post in sorted(posts, key=lambda each: RECEIVING.index(Role(each.role))):
        found.setdefault(post.organisation_id, {}).setdefault(post.person, []).append(post)
    return found


@transaction.atomic
def report_up(
    *, by, way: Way, on: date, people: list[Person], note: str, to: Person | None, today: date, paper: str = ""
) -> None:
    """Report to the level above, or at the last level say what was arranged: the turn passes on.

    :param way: as the reader saw it; if somebody else has acted since, nothing is recorded.
    :param people: who reported; at a level above whoever has its task did it.
    :param to: who has the next turn; ``None`` at the last level.
    :raises ValidationError: keyed by form field.
    """
    locked([way.event.person])
    now = way_of(way.event, way.stay, today)
    if (now.turn, now.report) != (way.turn, way.report):
        raise ValidationError("这一级刚才已经报告过，没有再记一次。请重新打开这一页，看现在轮到谁。")
    if way.then and to is None:
        raise ValidationError({"to": "请选报告给谁。"})
    about = {"member": way.event.person, "note": note, "on": on, "today": today, "paper": paper}
    if way.report is None:
        record_deed(by=by, action=Action.REPORT, people=people, event=way.event, **about)
    elif way.now and way.now.task.running:
        task = way.now.task.event
        record_deed(by=by, action=Action.HANDLING, people=[task.addressee], event=task, **about)
    if way.then:
        what = ARRANGE if way.then is way.levels[-1] else PASS_ON
        assign_task(
            by=by, what=what, to=to, due_on=today + WITHIN, today=today, member=way.event.person,
            source=source_of(way.event, way.then.organisation),
        )  # fmt: skip
