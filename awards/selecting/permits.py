"""Who may run a selection, nominate, recommend for a general branch, review."""

from django.core.exceptions import PermissionDenied

from awards.models import Nominee, Selection
from members.enums import Capability
from members.models import Organisation


def may_run(account, selection: Selection) -> bool:
    """Whether the account leads the selection: who records for the organisation that selects."""
    return account.scope.may(Capability.RECORD, selection.organisation.path)


def check_may_run(account, selection: Selection) -> None:
    if not may_run(account, selection):
        raise PermissionDenied("评选由评选单位的书记、副书记、组织委员和组织部办理，支部推荐本支部的人选。")


def may_review(account, selection: Selection) -> bool:
    """Who sees whether a sanction still takes effect: without that nobody can be looked into."""
    return may_run(account, selection) and account.scope.may(Capability.SENSITIVE, selection.organisation.path)


def check_may_review(account, selection: Selection) -> None:
    check_may_run(account, selection)
    if not may_review(account, selection):
        raise PermissionDenied("复核要看不公开的情况，由评选单位的书记和组织部办理。")


def may_act_for(account, organisation: Organisation) -> bool:
    """Whether the account enters what a branch or a general branch nominates and recommends."""
    return account.scope.may(Capability.RECORD, organisation.path)


def may_read_review(account, nominee: Nominee, selection: Selection) -> bool:
    """What the review says may tell of sanctions: for those who review, of oneself never."""
    return nominee.person_id != account.person_id and may_review(account, selection)


def is_self(account, nominee: Nominee) -> bool:
    """Whether the nominee is the account's own person."""
    return account is not None and nominee.person_id is not None and nominee.person_id == account.person_id
