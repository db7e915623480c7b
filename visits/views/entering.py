"""What the forms of talks and visits share: the duty they come from, the panel that says what saving would close."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404

from duties.board.refs import asked_for
from duties.board.words import describe, with_words
from duties.engine.models import Duty, State
from duties.engine.rehearse import Outcome, rehearse
from members.enums import Capability
from members.models import Membership
from visits.reasons import Given, open_for, why_open

NOTHING_YET = {"waiting": True, "refused": "", "lines": [], "late": 0, "many": False, "left": []}
"""The panel beside the form before anything is known."""

LEFT = 4
"""Duties that the act leaves open, as many as the panel beside the form has room for."""


def duty_asked_for(request) -> Duty | None:
    """The duty named in the address; one out of scope does not exist."""
    if not (named := request.GET.get("duty", "")):
        return None
    within = Duty.objects.visible_to(request.user, Capability.RECORD).select_related("rule")
    return get_object_or_404(asked_for(within, request.user, named))


def settled(duty: Duty | None) -> str:
    """How the duty ended, in a word; empty while something can still be done about it."""
    return duty.get_state_display() if duty and duty.state not in (State.OPEN, State.LAPSED) else ""


def closes(
    act: Callable[[], object],
    given: Given,
    members: list[int],
    *,
    account,
    day: date,
    membership: Membership | None = None,
) -> dict:
    """What ``act`` would close, as :file:`_closes.html` shows it.

    :param members: everybody with whom it is done.
    :param membership: whose form it is, if one member's: then the panel also says why the rest stays open.
    """
    try:
        outcome = rehearse(act, members=members)
    except ValidationError as refused:
        return NOTHING_YET | {"waiting": False, "refused": " ".join(refused.messages)}
    closing = [duty.pk for duty in outcome.closed]
    closed = with_words(Duty.objects.visible_to(account).filter(pk__in=closing)).order_by("due_on", "pk")
    left = []
    if membership:
        still = with_words(open_for([membership], given.action, account, day).exclude(pk__in=closing))
        left = [(line, why_open(line, given)) for line in describe(still[:LEFT], account, day)]
    return NOTHING_YET | {
        "waiting": False, "lines": describe(closed, account, day), "late": (day - given.on).days,
        "many": len(members) > 1, "left": left,
    }  # fmt: skip


def said_closed(outcome: Outcome) -> str:
    """What an act closed, as the message after it says."""
    return f"办结 {len(outcome.closed)} 件应办" if outcome.closed else "没有办结应办，照样留档"
