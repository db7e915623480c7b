"""Reading organisations and posts: the columns of their pages, in a constant number of queries."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce

from django.db.models import QuerySet

from base.dates import FAR, last_day
from base.keyset import beyond
from members.appointments import may_keep
from members.derived import MemberCount
from members.enums import Capability, Role
from members.models import PATH_SEGMENT, Account, Invitation, Organisation, OrganisationParent, Person, Post

PAGE = 100

CURSOR = re.compile(r"([0-9]+)\.([0-9]{1,18})")
"""Path and number of a page's last row."""


CHOICES = 100
"""More organisations than these are not offered at once."""


def organisation_choices(account, here: Organisation | None) -> list[Organisation]:
    """The organisations a list can be narrowed to, in tree order: all that the account sees, where they are few.

    Where they are many: the way down to ``here``, and what stands directly below it, or below the top.
    """
    visible = Organisation.objects.visible_to(account).order_by("path")
    few = list(visible[: CHOICES + 1])
    if len(few) <= CHOICES:
        return few
    ends = [here.path] if here else account.scope.paths(Capability.VIEW)
    way = {path[:end] for path in ends for end in range(PATH_SEGMENT, len(path) + 1, PATH_SEGMENT)}
    below = OrganisationParent.objects.filter(until=FAR, parent__path__in=ends).values("organisation")
    return sorted({*visible.filter(path__in=way), *visible.filter(pk__in=below)}, key=lambda each: each.path)


@dataclass(frozen=True)
class OrganisationLine:
    """One organisation in the tree: how deep it stands below the topmost shown, its members, its secretaries."""

    organisation: Organisation
    depth: int
    members: int
    secretaries: list[str]

    @property
    def steps(self) -> range:
        """One for each level of indentation."""
        return range(self.depth)


@dataclass(frozen=True)
class PostLine:
    """One post: whether its holder's page may be opened, how it stands with the account (for those who keep posts),
    and whether the reader keeps it."""

    post: Post
    may_open: bool
    account: str
    may_keep: bool

    @property
    def ended_on(self) -> date:
        """The last day it was held."""
        return last_day(self.post.until)


def organisation_lines(organisations: QuerySet[Organisation], account, day: date) -> list[OrganisationLine]:
    """The organisations in tree order, for an account that may view; members of the whole subtree, the living only."""
    rows = list(organisations.order_by("path"))
    counted = MemberCount.objects.filter(organisation__in=[row.pk for row in rows], whole=True)
    counts = dict(counted.values_list("organisation", "living"))
    secretaries: dict[int, list[str]] = {}
    held = Post.objects.on(day).filter(role=Role.SECRETARY, organisation__in=[row.pk for row in rows])
    for organisation, name in held.order_by("since", "pk").values_list("organisation", "person__name"):
        secretaries.setdefault(organisation, []).append(name)
    top = min((len(path) // PATH_SEGMENT for path in account.scope.paths(Capability.VIEW)), default=0)
    return [OrganisationLine(row, row.level - top, counts.get(row.pk, 0), secretaries.get(row.pk, [])) for row in rows]


def page_after(rows: QuerySet, path: str, after: str, *, size: int = PAGE) -> tuple[list, str]:
    """One page of rows in tree order, and the cursor of the next (empty on the last).

    :param path: the lookup of the column that holds the path.
    :param after: the cursor of the page before; anything malformed means the first page.
    """
    if seen := CURSOR.fullmatch(after):
        at, pk = seen.groups()
        rows = rows.filter(beyond((path, "pk"), (at, int(pk))))
    found = list(rows.order_by(path, "pk")[: size + 1])
    if len(found) <= size:
        return found, ""
    last = found[size - 1]
    return found[:size], f"{reduce(getattr, path.split('__'), last)}.{last.pk}"


def post_lines(posts: list[Post], account, *, now: datetime, with_accounts: bool) -> list[PostLine]:
    """The posts of a page with what the reader may know of their holders."""
    people = {post.person_id for post in posts}
    open_to = set(Person.objects.visible_to(account).filter(pk__in=people).values_list("pk", flat=True))
    states = _account_states(people, now) if with_accounts else {}
    return [
        PostLine(
            post, post.person_id in open_to, states.get(post.person_id, "未开通" if with_accounts else ""),
            post.person_id != account.person_id and may_keep(account, post.role, post.organisation.path),
        )
        for post in posts
    ]  # fmt: skip


def _account_states(people: set[int], now: datetime) -> dict[int, str]:
    invited = Invitation.objects.filter(person__in=people, used_at__isnull=True, revoked_at=None, expires_at__gt=now)
    states = dict.fromkeys(invited.values_list("person", flat=True), "已邀请")
    opened = Account.objects.filter(person__in=people).values_list("person", "is_active")
    return states | {person: "已开通" if active else "已停用" for person, active in opened}
