"""Whom a branch invites: its own living members without an account and without any post, now or to come.

Whoever holds a post is invited by the system administrator, so that no branch ever opens an account that can do more
than a member's own pages.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from members.enums import LIVING, Capability
from members.invitations import usable
from members.models import Account, Membership, Organisation, Post
from members.scope import sealed_at


def invitable(account) -> QuerySet[Membership]:
    """The members whom ``account`` may invite, where they stand."""
    return _living(account).filter(~Exists(_held(account)), ~Exists(_opened()))


def _living(account) -> QuerySet[Membership]:
    here = Membership.objects.on(account.scope.day).visible_to(account, Capability.RECORD)
    here = here.filter(standing__in=LIVING).exclude(person=account.person_id)
    return here.select_related("person", "organisation").defer(*sealed_at("person"))


def _held(account) -> QuerySet[Post]:
    return Post.objects.filter(person=OuterRef("person"), until__gt=account.scope.day)


def _opened() -> QuerySet[Account]:
    return Account.objects.filter(person=OuterRef("person"))


@dataclass(frozen=True)
class Invitee:
    """One member of the branch: how it stands with the account, until when a code works, and whether to invite."""

    member: Membership
    state: str
    until: datetime | None
    may_invite: bool


def invitees(account, here: Organisation, *, now: datetime) -> list[Invitee]:
    """The living members of ``here`` but oneself, by name; two queries."""
    people = _living(account).filter(organisation=here).order_by("person__name", "pk")
    people = list(people.annotate(held=Exists(_held(account)), opened=Exists(_opened())))
    sent = usable(now).filter(person__in=[each.person_id for each in people]).order_by("expires_at")
    until = dict(sent.values_list("person", "expires_at"))
    return [_line(each, until.get(each.person_id)) for each in people]


def _line(member: Membership, until: datetime | None) -> Invitee:
    if member.opened:
        return Invitee(member, "已开通", None, may_invite=False)
    if member.held:
        return Invitee(member, "有岗位，由系统管理员邀请", None, may_invite=False)
    return Invitee(member, "已邀请" if until else "还没邀请", until, may_invite=True)
