"""What an act would do, or did, to duties: the same engine run, looked at before and after."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from duties.engine.models import Duty, State
from members.models import Membership


@dataclass
class Outcome:
    """The duties that an act changed, each as it is afterwards, in order of due day."""

    opened: list[Duty] = field(default_factory=list)
    closed: list[Duty] = field(default_factory=list)
    reopened: list[Duty] = field(default_factory=list)
    voided: list[Duty] = field(default_factory=list)


@contextmanager
def observe(
    members: Collection[int] = (), *, actors: Collection[int] = (), organisations: Collection[int] = ()
) -> Iterator[Outcome]:
    """Fill the yielded outcome, when the block ends, with what it did to the duties about ``members``, to those that
    bind ``actors`` by name, and to those that ``organisations`` and the members' own owe.
    """
    outcome, circle = Outcome(), _circle(members, actors, organisations)
    before = {(duty.rule_id, duty.key): duty.state for duty in Duty.objects.filter(circle)}
    yield outcome
    for duty in Duty.objects.filter(circle).with_sources().order_by("due_on", "pk"):
        was = before.get((duty.rule_id, duty.key))
        if was == duty.state:
            continue
        if duty.state == State.DONE:
            outcome.closed.append(duty)
        elif duty.state == State.VOID and was is not None:
            outcome.voided.append(duty)
        elif duty.state == State.OPEN:
            (outcome.opened if was is None else outcome.reopened).append(duty)


def rehearse(
    act: Callable[[], object],
    *,
    members: Collection[int] = (),
    actors: Collection[int] = (),
    organisations: Collection[int] = (),
) -> Outcome:
    """Carry out ``act``, see what it does to the duties that :func:`observe` watches, and take everything back."""
    with transaction.atomic():
        with observe(members, actors=actors, organisations=organisations) as outcome:
            act()
        transaction.set_rollback(True)
    return outcome


def _circle(members: Collection[int], actors: Collection[int], organisations: Collection[int]) -> Q:
    """The duties concerned. Where the members stood is asked once: a record lies where they stood on its day."""
    stood = Membership.objects.filter(person__in=members).order_by().values_list("organisation", flat=True)
    places = {*organisations, *stood.distinct()} if members else {*organisations}
    circle = Q(member__in=[*members])
    if actors:
        circle |= Q(member__isnull=True, actor__in=[*actors])
    if places:
        circle |= Q(member__isnull=True, actor__isnull=True, organisation__in=sorted(places))
    return circle
