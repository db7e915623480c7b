"""Who may take back study hours."""

from django.core.exceptions import PermissionDenied

from awards.models import StudySession
from duties.engine.models import Record
from members.enums import Capability


def may_withdraw(account, session: StudySession, records: list[Record]) -> bool:
    """The writer, or a secretary of the branch or of one above it; hours of one's own never."""
    if account.person_id in {record.member_id for record in records}:
        return False
    if account.person_id is not None and {record.entered_by_id for record in records} == {account.person_id}:
        return True
    return account.scope.may(Capability.WITHDRAW, session.path)


def check_may_withdraw(account, session: StudySession, records: list[Record]) -> None:
    if not may_withdraw(account, session, records):
        raise PermissionDenied("学时由录入人或所在支部书记撤回，本人的由别人撤回。")
