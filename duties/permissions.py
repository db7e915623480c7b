"""Who may take a record back, and who may read what is said in a deed."""

from django.core.exceptions import PermissionDenied

from duties.engine.models import Record
from members.enums import Capability, EventKind


def may_withdraw(account, record: Record) -> bool:
    """The writer, or a secretary of the branch or of one above it; never the member it is about.

    What answered a correction stands: the person was written with it.
    """
    if record.member_id is not None and record.member_id == account.person_id:
        return False
    if decided_correction(record):
        return False
    if record.entered_by_id is not None and record.entered_by_id == account.person_id:
        return True
    return account.scope.may(Capability.WITHDRAW, record.path)


def decided_correction(record: Record) -> bool:
    """Whether the record is the decision on a correction; fetched with its event."""
    return record.event_id is not None and record.event.kind == EventKind.CORRECTION


def check_may_withdraw(account, record: Record) -> None:
    if decided_correction(record):
        raise PermissionDenied("更正核实以后不能撤回。改错了的，请本人再提一次更正。")
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
