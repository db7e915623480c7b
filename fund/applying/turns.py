"""Whose turn a step is: the organisations an application rises through, and who holds which post there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from fund.models import Application, Fund
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED, OVER, Stage, StepRefused, path
from fund.regulation.words import Hand
from members.enums import OrganisationKind, Role
from members.models import Lineage, Organisation, Person, Post
from members.scope import sealed_at


def line_of(organisation: Organisation, fund: Fund, day: date) -> list[Organisation]:
    """The organisation and those above it up to the fund's, nearest first; empty where it does not lie below."""
    return lines_of([organisation.pk], fund, day)[organisation.pk]


def lines_of(organisations: Iterable[int], fund: Fund, day: date) -> dict[int, list[Organisation]]:
    """As :func:`line_of`, of several organisations by their numbers. One query, and two more where some have left:
    of it the last line that led there counts, so that what was begun is brought to its end.
    """
    numbers = list(organisations)
    found = _lines_on(numbers, fund, day)
    if lost := [each for each in numbers if not found[each]]:
        led = Lineage.objects.filter(organisation__in=lost, ancestor=fund.organisation_id, until__lte=day)
        last = dict(led.order_by("until").values_list("organisation", "until"))
        for until in sorted(set(last.values())):
            gone = [number for number, left in last.items() if left == until]
            found |= _lines_on(gone, fund, until - timedelta(days=1))
    return found


def _lines_on(organisations: Collection[int], fund: Fund, day: date) -> dict[int, list[Organisation]]:
    found: dict[int, list[Organisation]] = {each: [] for each in organisations}
    rows = Lineage.objects.filter(organisation__in=found, since__lte=day, until__gt=day)
    for row in rows.select_related("ancestor").order_by("distance"):
        found[row.organisation_id].append(row.ancestor)
    for number, line in found.items():
        places = [each.pk for each in line]
        found[number] = line[: places.index(fund.organisation_id) + 1] if fund.organisation_id in places else []
    return found


def places_of(line: list[Organisation]) -> dict[OrganisationKind, Organisation]:
    """The organisation of each kind a step can be taken at: the nearest, and of the fund's own kind the fund's."""
    found: dict[OrganisationKind, Organisation] = {}
    for each in line:
        found.setdefault(OrganisationKind(each.kind), each)
    return found | ({OrganisationKind(line[-1].kind): line[-1]} if line else {})


def steps_of(application: Application, places: Collection[OrganisationKind]) -> list[Step]:
    """The steps it goes through, in order.

    :raises StepRefused: as :func:`fund.regulation.steps.path`.
    """
    return path(application.regulation.parsed, levels=places, urgent=application.urgent)


def way_of(application: Application, line: list[Organisation]) -> list[Step]:
    """The same to be shown: where an organisation to take a step is missing, every step of the regulation."""
    try:
        return steps_of(application, places_of(line))
    except StepRefused:
        return application.regulation.parsed.steps


def awaited(application: Application, steps: list[Step]) -> Step | None:
    """The step that is waited for; of what was not submitted the first; ``None`` when it is over.

    Where the level it waits at is gone meanwhile (a branch came directly under the committee) it is the next one's.
    """
    if application.state in OVER:
        return None
    if application.state in (Stage.DRAFT, Stage.RETURNED):
        return steps[0]
    code, regulation = application.state.removesuffix(OBJECTED), application.regulation.parsed
    order = regulation.urgent.steps if application.urgent else regulation.codes
    ahead = order[order.index(code) :]
    return next((step for step in steps if step.code in ahead), None)


def awaited_on(application: Application, line: list[Organisation]) -> Step | None:
    """The step that is waited for, where the organisation stands in ``line``; ``None`` too where it leads nowhere."""
    try:
        return awaited(application, steps_of(application, places_of(line)))
    except StepRefused:
        return None


@dataclass(frozen=True)
class Turn:
    """Where a step is taken and by whom: each person who may, with the role they hold there."""

    step: Step
    organisation: Organisation
    people: dict[Person, Role]

    def role_of(self, person_id: int | None) -> Role | None:
        """The role in which somebody may take it; ``None`` for anybody else."""
        return next((role for person, role in self.people.items() if person.pk == person_id), None)


def turn_of(step: Step, line: list[Organisation], day: date, *, but: Collection[int] = ()) -> Turn:
    """Whose turn ``step`` is on a day.

    Where nobody at its place holds one of its roles, or only those in ``but``, it goes on to the nearest organisation
    above where somebody does: a vacancy stops no application, and nobody judges his own.
    """
    place = places_of(line)[step.at]
    upward = line[line.index(place) :]
    posts = Post.objects.on(day).filter(organisation__in=upward, role__in=step.by).exclude(person__in=but)
    posts = posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk")
    held: dict[int, dict[Person, Role]] = {}
    for post in sorted(posts, key=lambda each: step.by.index(Role(each.role))):
        held.setdefault(post.organisation_id, {}).setdefault(post.person, Role(post.role))
    where = next((each for each in upward if each.pk in held), place)
    return Turn(step, where, held.get(where.pk, {}))


def own_parties(application: Application) -> set[int]:
    """Who may take none of its steps: the applicant and who filed it."""
    parties = {application.person_id, application.filed_by_id}
    parties |= set(application.parts.filter(hand=Hand.APPLY).values_list("person", flat=True))
    return parties - {None}
