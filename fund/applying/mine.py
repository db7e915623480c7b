"""Which applications wait for a step of somebody: as :func:`fund.applying.turns.turn_of` says, of all in one query."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fund.applying.turns import instead_of, other_part
from fund.models import Application, FundRegulation, Part, Taken
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED
from members.models import Lineage, Post
from members.scope import Scope


def awaiting(account) -> QuerySet[Application]:
    """待我办: those in view whose step is the account's to take: the turn of a post of the day, and no part in the
    application bars its holder (:func:`fund.regulation.steps.check_hands`).
    """
    scope, mine = account.scope, Q(pk__in=[])
    visible = Application.objects.visible_to(account)
    if scope.person is not None and scope.holdings:
        for waits in _waited_for(visible, scope.day):
            mine |= _step(scope, waits)
    return visible.filter(mine)


@dataclass(frozen=True)
class _Waits:
    """Applications under a regulation that wait for ``step``: those at ``code``.

    ``gone``: levels that have a step in between and that these have none of; ``urgent``: only these or the others;
    ``left``: those whose organisation lies no longer below the fund's.
    """

    regulation: FundRegulation
    code: str
    step: Step
    gone: tuple[str, ...] = ()
    urgent: bool | None = None
    left: bool = False


def _waited_for(rows: QuerySet[Application], day: date) -> Iterator[_Waits]:
    """The steps that one of the applications waits for: no others are worth a condition."""
    codes = defaultdict(set)
    for number, state in rows.running().order_by().values_list("regulation", "state").distinct():
        codes[number].add(state.removesuffix(OBJECTED))
    ended = Lineage.objects.filter(ancestor=OuterRef("fund__organisation"), until__lte=day)
    regulations = FundRegulation.objects.filter(pk__in=codes).select_related("fund__organisation")
    for regulation in regulations.annotate(ended=Exists(ended)).order_by("pk"):
        for step in regulation.parsed.steps:
            if step.code in codes[regulation.pk]:
                for left in (False, True) if regulation.ended else (False,):
                    yield _Waits(regulation, step.code, step, left=left)
                    yield from _passed_over(regulation, step, left)


def _passed_over(regulation: FundRegulation, step: Step, left: bool) -> Iterator[_Waits]:
    """The steps that are waited for instead of one that is skipped, where its level is gone meanwhile."""
    parsed = regulation.parsed
    for urgent, order in ((False, parsed.codes), (True, parsed.urgent.steps if parsed.urgent else [])):
        gone, each = (), step
        for code in order[order.index(step.code) + 1 :] if step.code in order else ():
            if not each.skipped:
                break
            gone, each = (*gone, each.at), parsed.step(code)
            yield _Waits(regulation, step.code, each, gone, urgent, left)


def _step(scope: Scope, waits: _Waits) -> Q:
    """What waits for one step of a regulation and is the account's to take, as a condition."""
    step, top = waits.step, waits.regulation.fund.organisation
    seats = {each.organisation.pk for each in scope.holdings if each.role in step.by}
    above = [each for each in scope.holdings if top.path.startswith(each.organisation.path)]
    instead = {each.organisation.pk for each in above if each.role in instead_of(step)}
    if not seats | instead:
        return Q(pk__in=[])
    rows = Application.objects.filter(regulation=waits.regulation, state__in=(waits.code, waits.code + OBJECTED))
    if waits.urgent is not None:
        rows = rows.filter(urgent=waits.urgent)
    rows = rows.exclude(pk__in=_barred(scope.person, step))
    rows = rows.exclude(person=scope.person).alias(by=Coalesce("filed_by", 0)).exclude(by=scope.person)
    return Q(pk__in=_seated(rows, waits, seats, instead, scope.day).values("pk"))


def _barred(person: int, step: Step) -> QuerySet:
    """The applications in which a person had a part that this step has to be free of."""
    parts = Part.objects.filter(other_part(step), person=person).values("application")
    return parts.union(Taken.objects.filter(person=person, step__in=step.apart_from).values("application"))


def _seated(rows: QuerySet, waits: _Waits, seats: set[int], instead: set[int], day: date) -> QuerySet:
    """Those of ``rows`` for which one of ``seats`` is the nearest place, from the step's upward to the fund's, where
    somebody may take it; and those for which none is, and one of ``instead`` the nearest from the fund's upward.
    """
    step, top = waits.step, waits.regulation.fund.organisation
    line = Lineage.objects.filter(organisation=OuterRef("organisation"))
    if waits.left:
        ended = line.filter(ancestor=top, until__lte=day).order_by("-until")
        rows = rows.filter(~Exists(line.filter(ancestor=top, since__lte=day, until__gt=day)))
        rows = rows.alias(left_on=Subquery(ended.values("until")[:1]))
        stands = Lineage.objects.filter(organisation=OuterRef("organisation"), ancestor=OuterRef("ancestor"))
        stands = Q(Exists(stands.filter(since__lte=day, until__gt=day))) | Q(ancestor=top)
        line = line.filter(stands, since__lt=OuterRef("left_on"), until__gte=OuterRef("left_on"))
    else:
        line = line.filter(since__lte=day, until__gt=day)
    for kind in waits.gone:
        rows = rows.filter(~Exists(line.filter(ancestor__kind=kind)))
    at_top = line.filter(ancestor=top)
    place = at_top if step.at == top.kind else line.filter(ancestor__kind=step.at).order_by("distance")
    rows = rows.alias(
        place=Subquery(place.values("distance")[:1]), end=Subquery(at_top.values("distance")[:1]),
    )  # fmt: skip
    upward = line.filter(
        Exists(_able(step, step.by, day)), distance__gte=OuterRef("place"), distance__lte=OuterRef("end")
    )
    rows = rows.alias(seat=Subquery(upward.order_by("distance").values("ancestor")[:1]))
    if not instead:
        return rows.filter(seat__in=seats)
    beyond = Lineage.objects.filter(Exists(_able(step, instead_of(step), day)), organisation=top)
    beyond = beyond.filter(since__lte=day, until__gt=day).order_by("distance")
    rows = rows.alias(other=Subquery(beyond.values("ancestor")[:1]))
    nobody = Q(place__isnull=False, end__isnull=False, seat__isnull=True)
    return rows.filter(Q(seat__in=seats) | (nobody & Q(other__in=instead)))


def _able(step: Step, roles: Collection[str], day: date) -> QuerySet:
    """The posts at the place of a lineage row whose holders may take a step of the application around it."""
    row = OuterRef(OuterRef(OuterRef("pk")))
    posts = Post.objects.on(day).filter(organisation=OuterRef("ancestor"), role__in=roles)
    posts = posts.exclude(person=OuterRef(OuterRef("person"))).exclude(person=OuterRef(OuterRef("by")))
    posts = posts.exclude(person__in=Part.objects.filter(other_part(step), application=row).values("person"))
    if step.apart_from:
        taken = Taken.objects.filter(application=row, step__in=step.apart_from, person__isnull=False)
        posts = posts.exclude(person__in=taken.values("person"))
    return posts
