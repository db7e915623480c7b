"""The panel beside the forms of talks and visits: what saving would close, and why the rest stays open."""

from collections.abc import Callable
from datetime import date

from duties.board.records import Given, why_open
from duties.board.words import Line, describe, with_words
from duties.views.entering import panel
from members.models import Membership
from visits.reasons import open_for

LEFT = 4
"""Duties that the act leaves open, as many as the panel beside the form has room for."""


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

    def left(closing: list[int]) -> list[tuple[Line, str]]:
        if membership is None:
            return []
        still = with_words(open_for([membership], given.action, account, day).exclude(pk__in=closing))
        return [(line, why_open(line, given)) for line in describe(still[:LEFT], account, day)]

    actors = [each.pk for each in given.people]
    return panel(act, on=given.on, account=account, day=day, members=members, actors=actors, left=left)
