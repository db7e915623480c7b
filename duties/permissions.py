"""Who may take a record back, and who may read what is said in a deed."""

from django.core.exceptions import PermissionDenied

from duties.engine.models import Record
from members.enums import Capability


def may_withdraw(account, record: Record) -> bool:
    """The writer, or a secretary of the branch or of one above it; never the member it is about."""
    if record.member_id is not None and record.member_id == account.person_id:
        return False
    if record.entered_by_id is not None and record.entered_by_id == account.person_id:
        return True
    return account.scope.may(Capability.WITHDRAW, record.path)


def check_may_withdraw(account, record: Record) -> None:
    if not may_withdraw(account, record):
        raise PermissionDenied("记录由录入人或所在支部书记撤回。")


def may_read_deed(account, record: Record) -> bool:
    """Whether the note may be shown: those who acted, the writer, and who may record there; never to whom it is about.

    :param record: fetched with its actors.
    """
    if account.person_id is not None:
        if record.member_id == account.person_id:
            return False
        if account.person_id in {record.entered_by_id, *(actor.person_id for actor in record.actors.all())}:
            return True
    return account.scope.may(Capability.RECORD, record.path)
