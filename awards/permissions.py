"""Who may take back study hours, and who may change what is kept of honours, namings and stories."""

from django.core.exceptions import PermissionDenied

from awards.models import StudySession
from awards.models.kept import Kept
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


def may_change(account, row: Kept) -> bool:
    """Those who may record where the member stands or where it was granted; what is one's own never."""
    if row.withdrawn_on or (row.person_id is not None and row.person_id == account.person_id):
        return False
    return type(row).objects.visible_to(account, Capability.RECORD).filter(pk=row.pk).exists()


def check_may_change(account, row: Kept) -> None:
    """Rows that were taken back are not changed either, but for that the page of the act has its own sentence."""
    if not row.withdrawn_on and not may_change(account, row):
        raise PermissionDenied("由所在党组织能登记的人改正、撤销和撤回，与你本人有关的由别人办。")
