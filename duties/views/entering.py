"""What the forms of records share: the duty they come from, the panel that says what saving would close."""

from collections.abc import Callable, Collection
from datetime import date

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404

from duties.board.refs import asked_for
from duties.board.words import Line, describe, with_words
from duties.engine.models import Duty, State
from duties.engine.rehearse import Outcome, rehearse
from members.directory import organisation_choices
from members.enums import Capability
from members.models import Organisation

NOTHING_YET = {"waiting": True, "refused": "", "lines": [], "late": 0, "many": False, "left": []}
"""The panel beside the form before anything is known."""


def duty_asked_for(request) -> Duty | None:
    """The duty named in the address; one out of scope does not exist."""
    if not (named := request.GET.get("duty", "")):
        return None
    within = Duty.objects.visible_to(request.user, Capability.RECORD).select_related("rule")
    return get_object_or_404(asked_for(within, request.user, named))


def recording_places(account) -> list[Organisation]:
    """The organisations for which the account may record, as far as a list of them is short."""
    return [each for each in organisation_choices(account, None) if account.scope.may(Capability.RECORD, each.path)]


def settled(duty: Duty | None) -> str:
    """How the duty ended, in a word; empty while something can still be done about it."""
    return duty.get_state_display() if duty and duty.state not in (State.OPEN, State.LAPSED) else ""


def panel(
    act: Callable[[], object],
    *,
    on: date,
    account,
    day: date,
    members: Collection[int] = (),
    actors: Collection[int] = (),
    organisations: Collection[int] = (),
    left: Callable[[list[int]], list[tuple[Line, str]]] = lambda closing: [],
) -> dict:
    """What ``act`` would close, as :file:`_closes.html` shows it.

    :param members: everybody with whom it is done; ``actors`` who does it; ``organisations`` for which it is done.
    :param left: given the numbers of the duties it closes, what it leaves open and why.
    """
    try:
        outcome = rehearse(act, members=members, actors=actors, organisations=organisations)
    except ValidationError as refused:
        return NOTHING_YET | {"waiting": False, "refused": " ".join(refused.messages)}
    closing = [duty.pk for duty in outcome.closed]
    closed = with_words(Duty.objects.visible_to(account).filter(pk__in=closing)).order_by("due_on", "pk")
    return NOTHING_YET | {
        "waiting": False, "lines": describe(closed, account, day), "late": (day - on).days,
        "many": len(members) > 1, "left": left(closing),
    }  # fmt: skip


def said_closed(outcome: Outcome) -> str:
    """What an act closed, as the message after it says."""
    return f"办结 {len(outcome.closed)} 件应办" if outcome.closed else "没有办结应办，照样留档"
