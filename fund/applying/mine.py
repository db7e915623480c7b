"""Which applications wait for a step of somebody: as :func:`fund.applying.turns.turn_of` says, of all in one query."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from fund.models import Application, FundRegulation, Part, Taken
from fund.regulation.schema import Step
from fund.regulation.steps import OBJECTED
from fund.regulation.words import HANDS, Hand
from members.models import Lineage, Organisation, Post
from members.scope import Scope


def awaiting(account) -> QuerySet[Application]:
    """待我办: those in view whose step is the account's to take: the turn of a post of the day, and no part in the
    application bars its holder (:func:`fund.regulation.steps.check_hands`).
    """
    scope, mine = account.scope, Q(pk__in=[])
    visible = Application.objects.visible_to(account)
    if scope.person is not None and scope.holdings:
        for regulation, step in _waited_for(visible):
            mine |= _step(scope, regulation, step)
    return visible.filter(mine)


def _waited_for(rows: QuerySet[Application]) -> Iterator[tuple[FundRegulation, Step]]:
    """The steps that one of the applications waits for, each with its regulation: no others are worth a condition."""
    codes = defaultdict(set)
    for number, state in rows.running().order_by().values_list("regulation", "state").distinct():
        codes[number].add(state.removesuffix(OBJECTED))
    for regulation in FundRegulation.objects.filter(pk__in=codes).select_related("fund__organisation").order_by("pk"):
        yield from ((regulation, step) for step in regulation.parsed.steps if step.code in codes[regulation.pk])


def _step(scope: Scope, regulation: FundRegulation, step: Step) -> Q:
    """What waits for one step of a regulation and is the account's to take, as a condition."""
    seats = {each.organisation.pk for each in scope.holdings if each.role in step.by}
    if not seats:
        return Q(pk__in=[])
    rows = Application.objects.filter(regulation=regulation, state__in=(step.code, step.code + OBJECTED))
    rows = rows.exclude(pk__in=_barred(scope.person, step))
    rows = rows.exclude(person=scope.person).alias(by=Coalesce("filed_by", 0)).exclude(by=scope.person)
    return Q(pk__in=_seated(rows, step, regulation.fund.organisation, seats, scope.day).values("pk"))


def _barred(person: int, step: Step) -> QuerySet:
    """The applications in which a person had a part that this step has to be free of."""
    hand = HANDS.get(step.kind)
    other = ~Q(hand=hand) if hand else Q(hand=Hand.APPLY)
    parts = Part.objects.filter(other | Q(step__in=step.apart_from), person=person).values("application")
    return parts.union(Taken.objects.filter(person=person, step__in=step.apart_from).values("application"))


def _seated(rows: QuerySet, step: Step, top: Organisation, seats: set[int], day: date) -> QuerySet:
    """Those of ``rows`` for which one of ``seats`` is the nearest place, from the step's upward to ``top``, where
    somebody may take it who does not apply.
    """
    line = Lineage.objects.filter(organisation=OuterRef("organisation"), since__lte=day, until__gt=day)
    at_top = line.filter(ancestor=top)
    place = at_top if step.at == top.kind else line.filter(ancestor__kind=step.at).order_by("distance")
    parties = Part.objects.filter(application=OuterRef(OuterRef(OuterRef("pk"))), hand=Hand.APPLY)
    able = Post.objects.on(day).filter(organisation=OuterRef("ancestor"), role__in=step.by)
    able = able.exclude(person=OuterRef(OuterRef("person"))).exclude(person=OuterRef(OuterRef("by")))
    able = able.exclude(person__in=parties.values("person"))
    upward = line.filter(Exists(able), distance__gte=OuterRef("place"), distance__lte=OuterRef("end"))
    rows = rows.alias(
        place=Subquery(place.values("distance")[:1]), end=Subquery(at_top.values("distance")[:1]),
    )  # fmt: skip
    return rows.alias(seat=Subquery(upward.order_by("distance").values("ancestor")[:1])).filter(seat__in=seats)
