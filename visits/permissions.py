"""Who may read a talk or a visit. Text is for those who were there, the secretary and the organisation
commissioner of the branch itself; upper levels see date and kind.
"""

from duties.board.permits import may_answer
from duties.engine.models import Duty, Record
from members.enums import Capability
from members.models import Event


def may_read(account, record: Record) -> bool:
    """Whether the text may be shown: those who acted, the writer, and the branch's own holders of READ_TALKS."""
    if account.person_id in {record.entered_by_id, *(actor.person_id for actor in record.actors.all())}:
        return True
    return any(
        holding.allows(Capability.READ_TALKS) and holding.organisation.pk == record.organisation_id
        for holding in account.scope.holdings
        if record.member_id != account.person_id
    )


def may_read_talk(account, record: Record) -> bool:
    """As :func:`may_read`, and the member himself while the talk stands: it was he who was talked to."""
    own = record.member_id == account.person_id and record.withdrawn_on is None
    return own or may_read(account, record)


def may_add(account, record: Record) -> bool:
    """Whether words may be added: those who read it as who was there, wrote it or leads the branch, while it stands."""
    return record.withdrawn_on is None and record.member_id != account.person_id and may_read(account, record)


def may_answer_request(account, request: Event, duty: Duty | None) -> bool:
    """Arranging a talk that was asked for: who is asked, to whom it was handed on, who may record there.

    :param duty: that of the request, if a policy makes one.
    """
    if account.person_id in (None, request.person_id):
        return False
    return account.person_id == request.addressee_id or (duty is not None and may_answer(account, duty))
