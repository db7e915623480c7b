"""May this account do this? ``check_*`` raises with the sentence the reader sees, ``may_*`` asks for templates."""

from django.core.exceptions import PermissionDenied

from members.enums import ON_PAGES_OF_THEIR_OWN, SENSITIVE_EVENTS, Capability
from members.models import Event, Organisation, Person


def check_may_record(account) -> None:
    """Entering events and records at all, somewhere."""
    if not account.scope.may(Capability.RECORD):
        raise PermissionDenied("登记事由和记录由党组织书记、副书记、组织委员和组织部办理。请联系所在支部书记。")


def check_decides_policy(account) -> None:
    """Adopting, adjusting and ending policies at all, somewhere."""
    if not account.scope.may(Capability.POLICY):
        raise PermissionDenied("采用、调整和停用制度由党组织书记和组织部办理。")


def check_may_decide_policy(account, organisation: Organisation) -> None:
    """Adopting, adjusting and ending policies for the organisation and all below it."""
    if not account.scope.may(Capability.POLICY, organisation.path):
        raise PermissionDenied("采用、调整和停用制度由本组织或上级的书记和组织部办理。")


def check_may_record_about(account, person: Person) -> None:
    """What concerns oneself is entered by somebody else: nobody is the witness of his own duties."""
    if person.pk == account.person_id:
        raise PermissionDenied(
            "与你本人的谈话由谈话人登记，看望、祝贺你本人的由去的同志登记，你本人的事由由副书记或上级党组织登记。"
        )


def may_record_at(account, path: str) -> bool:
    """Entering events and records about members of the organisation at ``path``."""
    return account.scope.may(Capability.RECORD, path)


def knows_event(account, event: Event, path: str) -> bool:
    """Whether an account that may record at ``path`` may know of the event: its writer always does."""
    if event.entered_by_id is not None and event.entered_by_id == account.person_id:
        return True
    return event.kind not in SENSITIVE_EVENTS or account.scope.may(Capability.SENSITIVE, path)


def may_withdraw_event(account, event: Event, path: str) -> bool:
    """The writer, or those who may record at the branch and may know what it is; never whom it is about.

    What a member asked himself, a request for a talk, and a task are taken back on their own pages.
    """
    if event.person_id in (account.person_id, event.entered_by_id) or event.kind in ON_PAGES_OF_THEIR_OWN:
        return False
    if event.entered_by_id is not None and event.entered_by_id == account.person_id:
        return True
    return knows_event(account, event, path) and may_record_at(account, path)


def check_may_withdraw_event(account, event: Event, path: str) -> None:
    if not may_withdraw_event(account, event, path):
        raise PermissionDenied("事由由录入人或所在党组织书记撤回。")
