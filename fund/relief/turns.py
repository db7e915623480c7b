"""Where the steps of an application for less dues are taken, and who holds the posts there.

The branch discusses, a general branch between it and the nearest party committee gives its opinion, that committee
decides (《党费收缴、使用和管理的规定》; sichuan-arts-science-2020 三(二)3).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from fund.models import DuesRelief, ReliefState
from members.enums import OrganisationKind, Role
from members.models import Lineage, Organisation, Person, Post
from members.scope import sealed_at

BELOW = (Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.ORGANISATION_COMMISSIONER)
ABOVE = (Role.DEPARTMENT_CLERK, Role.DEPARTMENT_HEAD, Role.SECRETARY, Role.DEPUTY_SECRETARY)
ROLES: dict[str, tuple[Role, ...]] = {
    ReliefState.BRANCH: BELOW,
    ReliefState.GENERAL: BELOW,
    ReliefState.COMMITTEE: ABOVE,
}
"""Who records what was said at each step, the first named first."""

TITLES: dict[str, str] = {
    ReliefState.BRANCH: "支部讨论",
    ReliefState.GENERAL: "总支意见",
    ReliefState.COMMITTEE: "党委审批",
}


def line_of(organisation: Organisation, day: date) -> list[Organisation]:
    """The organisation and all above it on a day, nearest first."""
    rows = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    return [row.ancestor for row in rows.select_related("ancestor").order_by("distance")]


def places_of(line: list[Organisation]) -> dict[str, Organisation]:
    """Where each step is taken; a general branch only where there is one, nothing without a branch and a committee.
    Nothing above the nearest committee has a say.
    """
    committee = _nearest(line, OrganisationKind.COMMITTEE)
    below = line[: line.index(committee)] if committee else []
    branch, general = (_nearest(below, kind) for kind in (OrganisationKind.BRANCH, OrganisationKind.GENERAL_BRANCH))
    if branch is None:
        return {}
    between = {ReliefState.GENERAL: general} if general else {}
    return {ReliefState.BRANCH: branch, **between, ReliefState.COMMITTEE: committee}


def _nearest(line: list[Organisation], kind: OrganisationKind) -> Organisation | None:
    return next((each for each in line if each.kind == kind), None)


@dataclass(frozen=True)
class Turn:
    """Whose turn it is: the place, and each person who may act, with the role held there; ``desk``: where its duty
    stands, for above the committee its rules may not be followed.
    """

    organisation: Organisation
    people: dict[Person, Role]
    desk: Organisation

    def role_of(self, person_id: int | None) -> Role | None:
        """The role in which somebody may act; ``None`` for anybody else."""
        return next((role for person, role in self.people.items() if person.pk == person_id), None)

    @property
    def words(self) -> str:
        """城北第二支部的王海燕（书记）、张伟（组织委员）."""
        named = "、".join(f"{person.name}（{role.label}）" for person, role in list(self.people.items())[:4])
        return f"{self.organisation.label}的{named}" if named else f"{self.organisation.label}和上级还没有人任这些职务"


def turn_of(stage: str, line: list[Organisation], day: date, *, but: Collection[int]) -> Turn | None:
    """Whose turn ``stage`` is; ``None`` where no organisation is there to take it.

    Where nobody at its place holds one of its posts, or only those in ``but``, it goes on to the nearest above.
    """
    place = places_of(line).get(stage)
    if place is None:
        return None
    upward, roles = line[line.index(place) :], ROLES[stage]
    posts = Post.objects.on(day).filter(organisation__in=upward, role__in=roles).exclude(person__in=but)
    posts = posts.select_related("person").defer(*sealed_at("person")).order_by("since", "pk")
    held: dict[int, dict[Person, Role]] = {}
    for post in sorted(posts, key=lambda each: roles.index(Role(each.role))):
        held.setdefault(post.organisation_id, {}).setdefault(post.person, Role(post.role))
    where = next((each for each in upward if each.pk in held), place)
    inside = line.index(where) <= line.index(places_of(line)[ReliefState.COMMITTEE])
    return Turn(where, held.get(where.pk, {}), where if inside else place)


def barred_from(relief: DuesRelief, stage: str) -> set[int]:
    """Who may not take a step: the member, who filed it ever, and who recorded another step of it ever."""
    parties = {relief.person_id, relief.filed_by_id}
    others = relief.steps.exclude(stage=stage).exclude(person=None)
    return parties | set(others.values_list("person", flat=True))


def turn_now(relief: DuesRelief, day: date) -> Turn | None:
    """Whose turn the step is that it waits for; ``None`` where no organisation is there to take it."""
    return turn_of(relief.state, line_of(relief.organisation, day), day, but=barred_from(relief, relief.state))
