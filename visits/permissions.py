"""Who may read and withdraw a talk. The text is for those who talked, the secretary and the organisation commissioner
of the branch itself; upper levels see date and kind.
"""

from django.core.exceptions import PermissionDenied

from members.enums import Capability
from visits.models import Talk


def may_read(account, talk: Talk) -> bool:
    """Whether the text may be shown: the talkers, the writer, and the branch's own holders of READ_TALKS."""
    record = talk.record
    if account.person_id in {record.entered_by_id, *(actor.person_id for actor in record.actors.all())}:
        return True
    return any(
        holding.allows(Capability.READ_TALKS) and holding.organisation.pk == record.organisation_id
        for holding in account.scope.holdings
        if record.member_id != account.person_id
    )


def may_withdraw(account, talk: Talk) -> bool:
    """The writer, or a secretary of the branch or of one above it; never the member talked with."""
    record = talk.record
    if record.member_id == account.person_id:
        return False
    if record.entered_by_id is not None and record.entered_by_id == account.person_id:
        return True
    return account.scope.may(Capability.WITHDRAW, record.path)


def check_may_withdraw(account, talk: Talk) -> None:
    if not may_withdraw(account, talk):
        raise PermissionDenied("谈话记录由录入人或所在支部书记撤回。")
