"""Who may draw up the list, take a step, hand over, read what was said in the review."""

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from awards.models.fifty import Medal
from members.enums import Capability


def runs_somewhere(account) -> bool:
    """Whether the account runs the medals of some committee."""
    return account.scope.of_committees().may(Capability.RECORD)


def may_run(account, path: str) -> bool:
    """Whether the account runs the medals of members standing there: a committee's secretaries and department."""
    return account.scope.of_committees().may(Capability.RECORD, path)


def check_may_run(account, path: str) -> None:
    if not may_run(account, path):
        raise PermissionDenied("名单、推荐、审核和批准由党委书记和组织部办理，支部核查本支部的人。")


def takes(account, *, committee: bool) -> Q:
    """The medals on which the account may take a step, of a branch or of a committee; never its own."""
    scope = account.scope.of_committees() if committee else account.scope
    return scope.q("organisation__path", Capability.RECORD) & ~Q(person=account.person_id or 0)


def may_take(account, medal: Medal, *, committee: bool) -> bool:
    scope = account.scope.of_committees() if committee else account.scope
    return medal.person_id != account.person_id and scope.may(Capability.RECORD, medal.organisation.path)


def may_read(account, medal: Medal) -> bool:
    """What was said in the review and what speaks against it: those who may know of sanctions there, never oneself."""
    return medal.person_id != account.person_id and account.scope.may(Capability.SENSITIVE, medal.organisation.path)
