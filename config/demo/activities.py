"""What the demo's organisations held and did for many since New Year, and whose contact point each branch is."""

from dataclasses import dataclass, field
from datetime import date

from base.money import Source
from config.demo.people import COMMITTEE, HOME, Cast
from duties.deeds import record_deed
from duties.engine.models import Action
from members.accounts import DEMO_PREFIX
from members.enums import LIVING, OrganisationKind, Role
from members.models import Account, Membership, Organisation, Post
from visits.activities import Held, record_activity
from visits.contact_points import begin_contact_point
from visits.models import Activity

Kind = Activity.Kind


@dataclass(frozen=True)
class Holding:
    """One activity on a day of the year; ``named`` says how many of the branch are named."""

    month: int
    day: int
    code: str
    held: Held = field(hash=False)
    named: int = 0


YEAR = (
    Holding(3, 5, HOME, Held(
        Kind.VOLUNTEER, "学雷锋到社区清理河道", "桥头社区", helped=40, group="社区居民",
        text="清理河道两岸垃圾，检修路灯两处。",
    ), named=7),
    Holding(5, 4, HOME, Held(Kind.CULTURE, "五四健步走", "滨河公园", text="沿河走五公里，老同志走一半。"), named=9),
    Holding(6, 18, COMMITTEE, Held(
        Kind.HEALTH, "党员年度体检", "市第二人民医院", present=312, money=9_360_000, source=Source.UNION,
        text="分四批体检，报告发到本人，支部只记参加人数。",
    )),
    Holding(9, 17, HOME, Held(
        Kind.COMMUNITY, "给社区困难户送米面", "桥头社区", helped=6, group="社区困难户", money=120_000,
        source=Source.DUES, text="社区报来名单，米面各六份。",
    ), named=3),
    Holding(10, 18, HOME, Held(Kind.CULTURE, "重阳节登山", "东山森林公园", money=60_000, source=Source.SPECIAL,
        text="离退休老党员同行，中午在山下座谈。"), named=8),
    Holding(11, 13, HOME, Held(
        Kind.HEALTH, "冬季保健讲座", "支部活动室", present=18, text="请社区医生讲高血压用药。",
    ), named=5),
)  # fmt: skip


def enter_activities(cast: Cast) -> None:
    """Enter those that do not lie ahead, each organised by the secretary of the day."""
    for each in YEAR:
        on = date(cast.begin.year, each.month, each.day)
        if on >= cast.today:
            continue
        place, head, by = _headed(each.code, on)
        stays = Membership.objects.on(on).filter(organisation=place, standing__in=LIVING).select_related("person")
        members = [stay.person for stay in stays.order_by("person__birth_on", "pk")[: each.named]]
        record_activity(by=by, organisation=place, on=on, people=[head], members=members, held=each.held, today=on)


def enter_contact_points(cast: Cast) -> None:
    """The committee's leaders each have a branch; the first has been everywhere, the others have not yet."""
    committee, head, by = _headed(COMMITTEE, cast.today)
    posts = Post.objects.on(cast.today).filter(organisation=committee, role__in=(
        Role.SECRETARY, Role.DEPUTY_SECRETARY, Role.DISCIPLINE_COMMISSIONER, Role.COMMISSIONER,
    )).select_related("person")  # fmt: skip
    leaders = list(dict.fromkeys(post.person for post in posts.order_by("role", "pk")))
    leaders.sort(key=lambda each: each != head)
    home = Organisation.objects.get(code=HOME)
    others = Organisation.objects.filter(code__startswith=COMMITTEE, kind=OrganisationKind.BRANCH).exclude(pk=home.pk)
    points = [home, *others.order_by("path")[3 : 3 + 2 * len(leaders) : 2]]
    since = max(cast.begin, date(cast.begin.year, 1, 20))
    if since > cast.today:
        return
    for leader, point in zip(leaders, points, strict=False):
        begin_contact_point(by=by, leader=leader, organisation=point, since=since, today=cast.today)
    for month, day, action, note in (
        (3, 20, Action.BRANCH_LIFE, "以普通党员身份参加支部主题党日，带头发言。"),
        (7, 8, Action.LECTURE, "到联系点讲党课：把测报当成给群众的承诺。"),
    ):
        on = date(cast.begin.year, month, day)
        if on < cast.today:
            record_deed(by=by, action=action, organisation=home, on=on, people=[head], note=note, today=on)


def _headed(code: str, on: date) -> tuple[Organisation, object, Account]:
    """The organisation, its secretary on the day, and the account that enters for it."""
    place = Organisation.objects.get(code=code)
    heads = Post.objects.on(on).filter(organisation=place, role=Role.SECRETARY).select_related("person")
    head = heads.order_by("-since", "-pk").first().person
    account = Account.objects.select_related("person").filter(person=head).first()
    return place, head, account or Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")
