"""May this account do this? ``check_*`` raises with the sentence the reader sees, ``may_*`` asks for templates."""

from django.core.exceptions import PermissionDenied

from members.enums import Capability
from members.models import Event


def check_may_record(account) -> None:
    """Entering events and records at all, somewhere."""
    if not account.scope.may(Capability.RECORD):
        raise PermissionDenied("登记事由和记录由党组织书记、副书记、组织委员和组织部办理。请联系所在支部书记。")


def may_record_at(account, path: str) -> bool:
    """Entering events and records about members of the organisation at ``path``."""
    return account.scope.may(Capability.RECORD, path)


def may_withdraw_event(account, event: Event, path: str) -> bool:
    """An event is withdrawn by its writer, or by those who may record at the branch."""
    return event.entered_by_id == account.person_id or may_record_at(account, path)


def check_may_withdraw_event(account, event: Event, path: str) -> None:
    if not may_withdraw_event(account, event, path):
        raise PermissionDenied("事由由录入人或所在党组织书记撤回。")
