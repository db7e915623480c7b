"""Who may run a campaign, hand over, read why somebody is on the list."""

from django.core.exceptions import PermissionDenied

from members.enums import Capability
from members.models import Organisation
from visits.models import Campaign, Candidate


def may_run(account, organisation: Organisation) -> bool:
    """Whether the account leads the campaigns of a committee: its secretaries, its department, and those above."""
    return account.scope.of_committees().may(Capability.RECORD, organisation.path)


def check_may_run(account, organisation: Organisation) -> None:
    if not may_run(account, organisation):
        raise PermissionDenied("节日走访由党委书记和组织部办理，支部确认本支部的名单。")


def may_hand_over(account, candidate: Candidate) -> bool:
    """Whether the account ticks a name off: the visitor, and whoever records where the member stands; never oneself."""
    if account.person_id is None or account.person_id == candidate.person_id:
        return False
    return candidate.visitor_id == account.person_id or account.scope.may(Capability.RECORD, candidate.path)


def check_may_hand_over(account, candidate: Candidate) -> None:
    if not may_hand_over(account, candidate):
        raise PermissionDenied("发放由走访人和所在党组织书记登记；你本人的由去的同志登记。")


def may_read_reasons(account, candidate: Candidate) -> bool:
    """Whether sensitive reasons (health, sanctions) may be shown, never one's own; see
    :class:`visits.campaigns.naming.Group`.
    """
    return account.person_id != candidate.person_id and account.scope.may(Capability.SENSITIVE, candidate.path)


def runs(account, campaign: Campaign) -> bool:
    """Whether the account leads this very campaign."""
    return may_run(account, campaign.organisation)
