"""党组织名册 and 任职台账: which organisations there were on a day, who led them, how many members they had.

Nothing is brought in by them: organisations and posts have imports of their own, which read the same headings.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from itertools import accumulate

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from base.dates import FAR, last_day
from base.writing import Format
from ledgers.ledger import AsOf, Column, Ledger, Part, Reader
from members.derived import MemberCount
from members.enums import LIVING, SYSTEM_ROLES, OrganisationKind, Role, Standing
from members.models import Membership, Organisation, OrganisationParent, Post
from members.scope import path_end
from members.services import memberships_on

# 党组织名册

LEADING = (Role.SECRETARY, Role.DEPUTY_SECRETARY)


def _organisations(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The organisation and those below it today that were there on some day of the period, in tree order."""
    rows = Organisation.objects.all() if reader.account is None else Organisation.objects.visible_to(reader.account)
    return rows.within(organisation).filter(since__lte=last, until__gt=first).order_by("path", "pk")


def _with_people(batch: list[Organisation], reader: Reader) -> list[Organisation]:
    """With the organisation above, who led it and how many members there were on the day; three queries."""
    here = [each.pk for each in batch]
    above = OrganisationParent.objects.filter(organisation__in=here, parent__isnull=False)
    above = above.filter(since__lte=reader.day, until__gt=reader.day).select_related("parent").order_by("pk")
    parents = {each.organisation_id: each.parent for each in above}
    led = defaultdict(list)
    posts = Post.objects.on(reader.day).filter(organisation__in=here).exclude(role__in=SYSTEM_ROLES)
    for post in posts.select_related("person").only("organisation", "role", "person__name").order_by("since", "pk"):
        led[post.organisation_id].append(post)
    today = reader.account is not None and reader.day == reader.account.scope.day
    counted = _counts_of_today(batch) if today else Counted(batch, reader.day).below
    for each in batch:
        each.above, each.led = parents.get(each.pk), led[each.pk]
        each.members, each.probationary = counted(each)
    return batch


def _counts_of_today(organisations: list[Organisation]) -> Callable[[Organisation], tuple[int, int]]:
    """The same as :class:`Counted` today, which is kept beside the memberships; one query."""
    rows = MemberCount.objects.filter(organisation__in=[each.pk for each in organisations], whole=True)
    found = {pk: (n, m) for pk, n, m in rows.values_list("organisation", "living", "probationary")}
    return lambda organisation: found.get(organisation.pk, (0, 0))


class Counted:
    """How many living members there were on a day below each of some organisations, and how many of them on probation;
    one query."""

    def __init__(self, organisations: list[Organisation], day: date):
        paths = [each.path for each in organisations]
        stays = Membership.objects.on(day).filter(standing__in=LIVING)
        stays = stays.filter(path__gte=min(paths), path__lt=max(map(path_end, paths)))
        probationary = Count("pk", filter=Q(standing=Standing.PROBATIONARY))
        rows = stays.order_by().values_list("path").annotate(n=Count("pk"), m=probationary).order_by("path")
        self.paths, *counts = zip(*rows, strict=True) if rows else ((), (), ())
        self.sums = [[0, *accumulate(each)] for each in counts]

    def below(self, organisation: Organisation) -> list[int]:
        """Both numbers of the organisation and of all below it."""
        first, end = (bisect_left(self.paths, at) for at in (organisation.path, path_end(organisation.path)))
        return [sums[end] - sums[first] for sums in self.sums]


def _above(row: Organisation, reader: Reader) -> str:
    return row.above.label if row.above else ""


def _secretaries(row: Organisation, reader: Reader) -> str:
    return "、".join(post.person.name for post in row.led if post.role == Role.SECRETARY)


def _others(row: Organisation, reader: Reader) -> str:
    """张伟（组织委员）."""
    told = (f"{post.person.name}（{post.get_role_display()}）" for post in row.led if post.role != Role.SECRETARY)
    return "、".join(told)


def _kind(*kinds: OrganisationKind) -> Count:
    return Count("pk", filter=Q(kind__in=kinds))


ORGANISATIONS = Ledger(
    code="organisations",
    title="党组织名册",
    period="截至那天有的党组织；上级、书记、委员和党员数是那天的，党员数含下级；按期间列时是今天的。",
    as_of=AsOf.FIRST,
    rows=_organisations,
    columns=(
        Column("党组织编码", "code", 14, part=Part.KEY, name="code"),
        Column("党组织名称", "name", 30, part=Part.KEY, name="title", leads=True),
        Column("党组织简称", "short_name", 18, part=Part.VALUE, name="short_name"),
        Column("组织类别", "get_kind_display", 10, part=Part.VALUE, name="kind"),
        Column("上级党组织", _above, 22, part=Part.COMPUTED),
        Column("单位名称", "unit_name", 22, part=Part.VALUE, name="unit_name"),
        Column("成立日期", "founded_on", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("届满日期", "term_ends_on", 12, Format.DATE, part=Part.VALUE, name="term_ends_on"),
        Column("书记", _secretaries, 12, part=Part.COMPUTED),
        Column("副书记和委员", _others, 36, part=Part.COMPUTED),
        Column("党员数", "members", 8, Format.NUMBER, part=Part.COMPUTED),
        Column("其中预备党员", "probationary", 12, Format.NUMBER, part=Part.COMPUTED),
        Column("联系电话", "phone", 16, part=Part.VALUE, name="phone"),
    ),
    tally=(
        ("{} 个", Count("pk")),
        ("党委 {} 个", _kind(OrganisationKind.COMMITTEE)),
        ("党总支 {} 个", _kind(OrganisationKind.GENERAL_BRANCH)),
        ("党支部 {} 个", _kind(OrganisationKind.BRANCH)),
    ),
    prepare=_with_people,
    link=lambda row, _: reverse("organisation", args=[row.pk]),
)

# 任职台账


def _posts(reader: Reader, organisation: Organisation, first: date, last: date) -> QuerySet:
    """The party posts that were held on some day of the period, without those that give access to the system alone."""
    rows = Post.objects.all() if reader.account is None else Post.objects.visible_to(reader.account)
    here = {"organisation__path__gte": organisation.path, "organisation__path__lt": path_end(organisation.path)}
    return (
        rows.filter(since__lte=last, until__gt=first, **here)
        .exclude(role__in=SYSTEM_ROLES)
        .select_related("person", "organisation")
        .defer("person__id_number", "person__landline", "person__address")
        .order_by("organisation__path", "since", "pk")
    )


def _with_homes(batch: list[Post], reader: Reader) -> list[Post]:
    """With where the holders' memberships stood on the day; one query."""
    stays = memberships_on([post.person_id for post in batch], reader.day)
    for post in batch:
        stay = stays.get(post.person_id)
        post.home = stay.organisation.label if stay else ""
    return batch


def _until(post: Post, reader: Reader) -> date | None:
    return None if post.until == FAR else last_day(post.until)


POSTS = Ledger(
    code="posts",
    title="任职台账",
    period="截至那天在任的党内职务，不含组织部、财务等系统岗位；按期间列时，期间里有一天在任的都列。",
    as_of=AsOf.FIRST,
    rows=_posts,
    columns=(
        Column("党组织名称", "organisation.label", 26, part=Part.KEY, name="branch"),
        Column("姓名", "person.name", 10, part=Part.KEY, name="name"),
        Column("职务", "get_role_display", 12, part=Part.KEY, name="role", leads=True),
        Column("任职日期", "since", 12, Format.DATE, part=Part.KEY, name="on"),
        Column("免职日期", _until, 12, Format.DATE, part=Part.VALUE, name="last"),
        Column("性别", "person.sex", 6, part=Part.COMPUTED),
        Column("组织关系所在", "home", 24, part=Part.COMPUTED),
        Column("联系电话", "person.masked_phone", 14, part=Part.COMPUTED, sealed=True, bare="person.phone"),
    ),
    tally=(
        ("{} 个职务", Count("pk")),
        ("{} 人", Count("person", distinct=True)),
        ("书记 {} 人", Count("person", filter=Q(role=Role.SECRETARY), distinct=True)),
    ),
    subject="person",
    prepare=_with_homes,
    link=lambda post, _: reverse("organisation", args=[post.organisation_id]),
)
