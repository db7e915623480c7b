"""What an act would do, or did, to duties: the same engine run, looked at before and after."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import transaction

from duties.engine.models import Duty, State


@dataclass
class Outcome:
    """The duties that an act changed, each as it is afterwards, in order of due day."""

    opened: list[Duty] = field(default_factory=list)
    closed: list[Duty] = field(default_factory=list)
    reopened: list[Duty] = field(default_factory=list)
    voided: list[Duty] = field(default_factory=list)


@contextmanager
def observe(members: list[int]) -> Iterator[Outcome]:
    """Fill the yielded outcome, when the block ends, with what it did to the duties of ``members``."""
    outcome = Outcome()
    before = {(duty.rule_id, duty.key): duty.state for duty in Duty.objects.filter(member__in=members)}
    yield outcome
    for duty in Duty.objects.filter(member__in=members).with_sources().order_by("due_on", "pk"):
        was = before.get((duty.rule_id, duty.key))
        if was == duty.state:
            continue
        if duty.state == State.DONE:
            outcome.closed.append(duty)
        elif duty.state == State.VOID and was is not None:
            outcome.voided.append(duty)
        elif duty.state == State.OPEN:
            (outcome.opened if was is None else outcome.reopened).append(duty)


def rehearse(act: Callable[[], object], *, members: list[int]) -> Outcome:
    """Carry out ``act``, see what it does to the duties of ``members``, and take everything back."""
    with transaction.atomic():
        with observe(members) as outcome:
            act()
        transaction.set_rollback(True)
    return outcome
