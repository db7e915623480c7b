"""Accounts: what the sign-in page shows of them, and how the system administrator keeps them.

Nobody keeps their own account. The account of one of the 三员 is kept by another system administrator like any other;
each act leaves its audit row, which the auditor reads. What an account may do is no business of this module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from axes.models import AccessAttempt
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import Length

from base import audit
from members.enums import Capability
from members.finding import reached
from members.invitations import digest, usable
from members.models import PATH_SEGMENT, Account, Invitation, Organisation, Person, Post

DEMO_PREFIX = "demo-"
"""Names of the demo's accounts begin so."""

OWN_ACCOUNT = "自己的账号由另一位系统管理员办理。"

RESET_VALID = timedelta(days=1)
"""How long the code of a reset works: it is handed over in person."""


def demo_accounts() -> QuerySet[Account]:
    """The demo's accounts with their person's posts, in the order in which the demo made them."""
    posts = Post.objects.select_related("organisation").order_by("since", "pk")
    accounts = Account.objects.filter(username__startswith=DEMO_PREFIX, is_active=True).select_related("person")
    return accounts.prefetch_related(Prefetch("person__posts", posts)).order_by("pk")


def house_name() -> str:
    """The name of the one organisation at the top; nothing where there are several or none."""
    tops = Organisation.objects.annotate(depth=Length("path")).filter(depth=PATH_SEGMENT).order_by("path")[:2]
    return tops[0].name if len(tops) == 1 else ""


@dataclass(frozen=True)
class AccountLine:
    """One account on the administrator's list: whose, with which posts of today, and how it stands."""

    account: Account
    posts: list[Post]
    locks: int
    """From how many addresses it is locked after wrong passwords."""

    @property
    def state(self) -> str:
        if not self.account.is_active:
            return "已停用"
        return "已启用" if self.account.has_usable_password() else "还没有密码"


def account_lines(accounts: Iterable[Account], *, now: datetime, day) -> list[AccountLine]:
    """The accounts of a page with what the administrator may know of them: in two queries, however many."""
    accounts = list(accounts)
    posts: dict[int, list[Post]] = {}
    held = Post.objects.on(day).filter(person__in=[account.person_id for account in accounts])
    for post in held.select_related("organisation").order_by("since", "pk"):
        posts.setdefault(post.person_id, []).append(post)
    locks = _locks([account.username for account in accounts], now)
    return [
        AccountLine(account, posts.get(account.person_id, []), locks.get(account.username, 0)) for account in accounts
    ]


def _locks(usernames: list[str], now: datetime) -> dict[str, int]:
    """From how many addresses each name is locked out, as django-axes counts."""
    tries = AccessAttempt.objects.filter(username__in=usernames, attempt_time__gte=now - settings.AXES_COOLOFF_TIME)
    tries = tries.order_by().values("username", "ip_address").annotate(failures=Sum("failures_since_start"))
    locks: dict[str, int] = {}
    for row in tries.filter(failures__gte=settings.AXES_FAILURE_LIMIT).order_by("username", "ip_address"):
        locks[row["username"]] = locks.get(row["username"], 0) + 1
    return locks


@dataclass(frozen=True)
class Awaited:
    """Somebody who holds a post and has no account: with which posts, and until when a code sent to them works."""

    person: Person
    posts: list[Post]
    invited_until: datetime | None


def invitable(account) -> QuerySet[Person]:
    """Those without an account whom the system administrator may invite.

    They are members within or hold a post within; whoever holds a post outside is invited from there, so that a code
    never opens the account of somebody above.
    """
    within = account.scope.q("organisation__path", Capability.ACCOUNTS)
    posts = Post.objects.on(account.scope.day).filter(person=OuterRef("pk"))
    outside = Exists(posts.exclude(within))
    people = Person.objects.filter(Exists(posts.filter(within)) | Q(pk__in=reached(account, Capability.ACCOUNTS)))
    return people.filter(~outside, account__isnull=True)


def awaited(account, *, now: datetime) -> list[Awaited]:
    """Whoever may be invited and holds a post today, in the order of the tree."""
    posts = Post.objects.on(account.scope.day).visible_to(account, Capability.ACCOUNTS)
    posts = posts.filter(person__in=invitable(account)).select_related("person", "organisation")
    held: dict[int, list[Post]] = {}
    for post in posts.order_by("organisation__path", "since", "pk"):
        held.setdefault(post.person_id, []).append(post)
    sent = usable(now).filter(person__in=held).order_by().values("person").annotate(until=Max("expires_at"))
    until = {row["person"]: row["until"] for row in sent.order_by("person")}
    return [Awaited(theirs[0].person, theirs, until.get(person)) for person, theirs in held.items()]


@transaction.atomic
def disable_account(*, by, account: Account) -> None:
    """Close an account: its sessions end with their next request, and nobody signs in with it.

    :raises PermissionDenied: for one's own.
    """
    account = _locked(by, account)
    if account.is_active:
        account.is_active = False
        _end_sessions(account)
        account.save(update_fields=["is_active", "sessions"])
        audit.write(audit.Act.EDIT, f"account:{account.pk}", what="停用")


@transaction.atomic
def enable_account(*, by, account: Account) -> None:
    """Open a closed account again, with the password it had.

    :raises PermissionDenied: for one's own.
    """
    account = _locked(by, account)
    if not account.is_active:
        account.is_active = True
        account.save(update_fields=["is_active"])
        audit.write(audit.Act.EDIT, f"account:{account.pk}", what="启用")


def reads_large(account) -> bool:
    """Whether the account's pages come in large type: as chosen, else for those without a post."""
    return account.large_type if account.large_type is not None else not account.scope.holdings


@transaction.atomic
def choose_type(*, by, large: bool) -> None:
    """Have the pages of one's own account come in large type, or not."""
    by.large_type = large
    by.save(update_fields=["large_type"])
    audit.write(audit.Act.EDIT, f"account:{by.pk}", what="大字版")


@transaction.atomic
def reset_account(*, by, account: Account, code: str, now: datetime) -> None:
    """Make the password worthless at once, end all sessions and locks; ``code`` sets a new password within a day.

    :raises PermissionDenied: for one's own.
    """
    account = _locked(by, account)
    account.set_unusable_password()
    _end_sessions(account)
    account.save(update_fields=["password", "sessions"])
    usable(now).filter(person=account.person_id).update(expires_at=now)
    Invitation.objects.create(person=account.person, code_digest=digest(code), expires_at=now + RESET_VALID)
    AccessAttempt.objects.filter(username=account.username).delete()
    audit.write(audit.Act.EDIT, f"account:{account.pk}", what="重置密码")


@transaction.atomic
def unlock_account(*, by, account: Account) -> int:
    """Forget the wrong passwords that locked the account somewhere; returns how many addresses had tried.

    :raises PermissionDenied: for one's own.
    """
    account = _locked(by, account)
    tries = AccessAttempt.objects.filter(username=account.username)
    addresses = len(set(tries.values_list("ip_address", flat=True)))
    if addresses:
        tries.delete()
        audit.write(audit.Act.EDIT, f"account:{account.pk}", what="解锁", addresses=addresses)
    return addresses


def _locked(by, account: Account) -> Account:
    if by.pk == account.pk:
        raise PermissionDenied(OWN_ACCOUNT)
    return Account.objects.select_for_update(of=("self",)).select_related("person").get(pk=account.pk)


def _end_sessions(account: Account) -> None:
    """Sessions know the number under which they were begun; no session is looked for."""
    account.sessions += 1
