"""Whose turn a step is: the organisations an application rises through, and who holds which post there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from fund.models import Application, Fund
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED, OVER, Stage, StepRefused, path
from fund.regulation.words import HANDS, Hand, StepKind
from members.enums import OrganisationKind, Role
from members.models import Lineage, Organisation, Person, Post
from members.scope import sealed_at

LEADS = (Role.SECRETARY, Role.DEPUTY_SECRETARY)
"""Who take a step for those to whom the regulation gives it, where none of them may; money they do not handle."""

NAMED = 4
"""People named as those whose turn it is; more are of no help."""


def line_of(organisation: Organisation, fund: Fund, day: date) -> list[Organisation]:
    """The organisation and those above it up to the fund's, nearest first; empty where it does not lie below."""
    return lines_of([organisation.pk], fund, day)[organisation.pk]


def lines_of(organisations: Iterable[int], fund: Fund, day: date) -> dict[int, list[Organisation]]:
    """As :func:`line_of`, of several organisations by their numbers. One query, and some more where some have left: of
    the last line that led there counts what still stands above, so that what was begun is brought to its end.
    """
    numbers = list(organisations)
    found = _lines_on(numbers, fund, day)
    if lost := [each for each in numbers if not found[each]]:
        led = Lineage.objects.filter(organisation__in=lost, ancestor=fund.organisation_id, until__lte=day)
        last = dict(led.order_by("until").values_list("organisation", "until"))
        for until in sorted(set(last.values())):
            gone = [number for number, left in last.items() if left == until]
            found |= _lines_on(gone, fund, until - timedelta(days=1))
        above = Lineage.objects.filter(organisation__in=lost, since__lte=day, until__gt=day)
        stand = {*above.values_list("organisation", "ancestor"), *((number, fund.organisation_id) for number in lost)}
        found |= {number: [each for each in found[number] if (number, each.pk) in stand] for number in lost}
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


Held = dict[Person, Role]


@dataclass(frozen=True)
class Turn:
    """Where a step is taken and by whom: each person who may, with the role they hold there.

    ``place``: where the regulation has it; ``kept_out``: who hold its roles there and had another part; ``desk``: where
    its duty stands, for above the fund's organisation its rules may not be followed.
    """

    step: Step
    organisation: Organisation
    people: Held
    place: Organisation
    kept_out: Held
    desk: Organisation

    def role_of(self, person_id: int | None) -> Role | None:
        """The role in which somebody may take it; ``None`` for anybody else."""
        return _role_in(self.people, person_id)

    def kept_out_as(self, person_id: int | None) -> Role | None:
        """The role in which somebody would take it but for the part he had; ``None`` for anybody else."""
        return _role_in(self.kept_out, person_id)

    def who(self, *, named: bool) -> str:
        """王海燕（书记）、张伟（组织委员）, or that nobody holds such a post.

        :param named: whether the reader may know of them; else the posts alone are told.
        """
        if named:
            return _told(self.people) or f"{self.organisation.label}和上级还没有人任这些职务"
        return f"{self.organisation.label}的{_posts(self.people) or '负责人'}"

    def why(self, *, named: bool) -> str:
        """Why others take it than those to whom the regulation gives it, as a sentence; empty where these do.

        :param named: as of :meth:`who`.
        """
        here = self.organisation == self.place and any(role in self.step.by for role in self.people.values())
        if here or not (self.people or self.kept_out):
            return ""
        said = f"{self.place.label}还没有人任{'、'.join(role.label for role in self.step.by)}"
        if self.kept_out:
            had = _told(self.kept_out) if named else _posts(self.kept_out)
            said = f"{self.place.label}的{had}是申请人、代填人，或者办过别的步骤"
        if not self.people:
            return f"{said}；{self.place.label}和上级没有别人可以办，请先登记能办的人的任职。"
        return f"{said}，按规定转由{'别人' if self.organisation == self.place else self.organisation.label}办。"


def _role_in(held: Held, person_id: int | None) -> Role | None:
    return next((role for person, role in held.items() if person.pk == person_id), None)


def _told(held: Held) -> str:
    return "、".join(f"{person.name}（{role.label}）" for person, role in list(held.items())[:NAMED])


def _posts(held: Held) -> str:
    return "、".join(dict.fromkeys(role.label for role in held.values()))


def turn_of(step: Step, line: list[Organisation], day: date, *, but: Collection[int] = ()) -> Turn:
    """Whose turn ``step`` is on a day.

    Where nobody at its place holds one of its roles, or only those in ``but``, it goes on to the nearest organisation
    above where somebody does: a vacancy stops no application, and nobody judges his own. Where nobody does up to the
    fund's, it is the turn of who leads there, or of the nearest organisation above that.
    """
    place = places_of(line)[step.at]
    upward = line[line.index(place) :]
    held = _held(upward, step.by, day)
    kept_out = {person: role for person, role in held.get(place.pk, {}).items() if person.pk in but}
    if (found := _nearest(upward, held, but)) is None:
        above = _above(line[-1], day)
        found = _nearest(above, _held(above, instead_of(step), day), but) or (place, {})
    return Turn(step, *found, place, kept_out, found[0] if found[0] in upward else place)


def instead_of(step: Step) -> tuple[Role, ...]:
    """Who take a step at the fund's organisation and above it, where nobody up to it may."""
    money = step.kind in (StepKind.PAYMENT, StepKind.RECEIPT)
    return tuple(step.by) if money else tuple(dict.fromkeys((*step.by, *LEADS)))


def _held(places: Collection[Organisation], roles: Collection[Role], day: date) -> dict[int, Held]:
    """Who hold one of these roles in each place, the roles named first before others."""
    posts = Post.objects.on(day).filter(organisation__in=places, role__in=roles).select_related("person")
    order, held = list(roles), {}
    posts = posts.defer(*sealed_at("person")).order_by("since", "pk")
    for post in sorted(posts, key=lambda each: order.index(Role(each.role))):
        held.setdefault(post.organisation_id, {}).setdefault(post.person, Role(post.role))
    return held


def _nearest(places: list[Organisation], held: dict[int, Held], but: Collection[int]) -> tuple | None:
    """The first of the places in which somebody is not in ``but``, and who."""
    for place in places:
        if people := {person: role for person, role in held.get(place.pk, {}).items() if person.pk not in but}:
            return place, people
    return None


def _above(organisation: Organisation, day: date) -> list[Organisation]:
    rows = Lineage.objects.filter(organisation=organisation, since__lte=day, until__gt=day)
    return [row.ancestor for row in rows.select_related("ancestor").order_by("distance")]


def own_parties(application: Application) -> set[int]:
    """Who may take none of its steps: the applicant and who filed it."""
    parties = {application.person_id, application.filed_by_id}
    parties |= set(application.parts.filter(hand=Hand.APPLY).values_list("person", flat=True))
    return parties - {None}


def other_part(step: Step) -> Q:
    """The parts, as a condition, that ``step`` has to be free of (:func:`fund.regulation.steps.check_hands`)."""
    hand = HANDS.get(step.kind)
    return (~Q(hand=hand) if hand else Q(hand=Hand.APPLY)) | Q(step__in=step.apart_from)


def barred_from(application: Application, step: Step) -> set[int]:
    """Who may not take a step: the applicant, who filed it, and whoever had a part that it has to be free of."""
    barred = {application.person_id, application.filed_by_id}
    barred |= set(application.parts.filter(other_part(step)).values_list("person", flat=True))
    if step.apart_from:
        barred |= set(application.taken.filter(step__in=step.apart_from).values_list("person", flat=True))
    return barred - {None}
