"""Who may read and take back a talk or a visit. Text is for those who were there, the secretary and the organisation
commissioner of the branch itself; upper levels see date and kind.
"""

from django.core.exceptions import PermissionDenied

from duties.engine.models import Record
from members.enums import Capability


def may_read(account, record: Record) -> bool:
    """Whether the text may be shown: those who acted, the writer, and the branch's own holders of READ_TALKS."""
    if account.person_id in {record.entered_by_id, *(actor.person_id for actor in record.actors.all())}:
        return True
    return any(
        holding.allows(Capability.READ_TALKS) and holding.organisation.pk == record.organisation_id
        for holding in account.scope.holdings
        if record.member_id != account.person_id
    )


def may_withdraw(account, record: Record) -> bool:
    """The writer, or a secretary of the branch or of one above it; never the member it is about."""
    if record.member_id == account.person_id:
        return False
    if record.entered_by_id is not None and record.entered_by_id == account.person_id:
        return True
    return account.scope.may(Capability.WITHDRAW, record.path)


def check_may_withdraw(account, record: Record) -> None:
    if not may_withdraw(account, record):
        raise PermissionDenied("谈话和走访的记录由录入人或所在支部书记撤回。")
