"""The demo's honours of several levels, one revoked, one posthumous; a naming and two stories. All are invented."""

from datetime import date, timedelta

from awards.honours import Granted, Merit, grant_honour, revoke_honour
from awards.models import HonourKind, Level, Naming
from awards.namings import Named, enter_naming
from awards.stories import Told, enter_story
from config.demo.people import COMMITTEE, HOME, Cast
from members.accounts import DEMO_PREFIX
from members.enums import EventKind
from members.models import Account, Organisation, Person
from members.services import register_event

OLD = (
    ("孙德福", HonourKind.PARTY, "全省优秀共产党员", Level.PROVINCE, "省委", date(2011, 6, 28), "省组〔2011〕27号"),
    ("冯国安", HonourKind.WORK, "全国水文先进工作者", Level.NATIONAL, "全国水文系统", date(1989, 9, 28), ""),
    ("冯国安", HonourKind.PARTY, "优秀共产党员", Level.UNIT, "", date(2006, 6, 29), "云水党〔2006〕8号"),
    ("郭凤英", HonourKind.PARTY, "全市优秀党务工作者", Level.BUREAU, "市委", date(2004, 6, 30), "市发〔2004〕11号"),
    ("徐磊", HonourKind.WORK, "县级青年岗位能手", Level.COUNTY, "县总工会", date(2020, 5, 4), "县工〔2020〕6号"),
)  # fmt: skip
"""Whom, what, by whom, when, on which paper; where nobody is named, the committee granted it."""

REVOKED = ("徐磊", date(2023, 5, 10), "县工〔2023〕9号")
RECENT, MERIT = "周敏", "刘志强"


def enter_old_honours(cast: Cast) -> None:
    """What was granted before the year begins, and stands when its first festival comes."""
    by, committee = _clerk(), Organisation.objects.get(code=COMMITTEE)
    for name, kind, title, level, granted_by, on, paper in OLD:
        grantor = None if granted_by else committee
        given = Granted(kind, title, level, granted_by or committee.label, on, paper, grantor=grantor)
        honour = grant_honour(by=by, given=given, person=_person(cast, name), today=cast.begin)
        if name == REVOKED[0]:
            revoke_honour(by=by, honour=honour, on=REVOKED[1], reason=REVOKED[2], today=cast.begin)
    on = date(cast.begin.year - 1, 6, 27)
    given = Granted(HonourKind.PARTY, "先进基层党组织", Level.UNIT, committee.label, on, grantor=committee)
    grant_honour(by=by, given=given, organisation=Organisation.objects.get(code=HOME), today=cast.begin)


def enter_honours(cast: Cast) -> None:
    """What was granted of late, after the events that it belongs to; what was named and told."""
    by, committee = _clerk(), Organisation.objects.get(code=COMMITTEE)
    on = cast.today - timedelta(days=12)
    given = Granted(HonourKind.WORK, "局系统业务能手", Level.UNIT, committee.label, on, evidence="证书 018")
    grant_honour(by=by, given=given, person=_person(cast, RECENT), today=on)
    person, did = _person(cast, MERIT), cast.today - timedelta(days=20)
    event = register_event(by=by, person=person, kind=EventKind.MERIT, occurred_on=did, today=did)
    on = cast.today - timedelta(days=3)
    given = Granted(HonourKind.TIMELY, "应急监测表现突出", Level.UNIT, committee.label, on, grantor=committee)
    grant_honour(by=by, given=given, person=person, merit=Merit(event, [by.person]), today=on)
    _enter_posthumous(cast, by, committee)
    _enter_models(cast, by, committee)


def _enter_posthumous(cast: Cast, by: Account, committee: Organisation) -> None:
    """Whoever died first in the year has one of the committee's titles after it."""
    died = min((member for member in cast.members if member.dies_on), key=lambda member: member.dies_on, default=None)
    if died is None or (on := died.dies_on + timedelta(days=10)) >= cast.today:
        return
    given = Granted(
        HonourKind.PARTY, "优秀共产党员", Level.UNIT, committee.label, on, grantor=committee, is_posthumous=True
    )
    grant_honour(by=by, given=given, person=Person.objects.holding(died.id_number).get(), today=on)


def _enter_models(cast: Cast, by: Account, committee: Organisation) -> None:
    model, home = _person(cast, "孙德福"), Organisation.objects.get(code=HOME)
    year = cast.begin.year
    if (on := date(year, 4, 16)) < cast.today:
        named = Named(
            Naming.What.STUDIO, "孙德福测报工作室", Naming.Rank.BASE, model.name, on, model, model.honours.first(),
            "云水党〔" + str(year) + "〕5号",
        )  # fmt: skip
        enter_naming(by=by, organisation=committee, named=named, today=on)
    told = (
        ({"person": model}, Told("守在测站三十年", "云河水文网", date(year, 5, 20), "典型风采栏目")),
        ({"organisation": home}, Told("一个支部的汛期", "局党建园地", date(year, 8, 12), "第 8 期")),
    )
    for whose, story in told:
        if story.on < cast.today:
            enter_story(by=by, told=story, today=story.on, **whose)


def _clerk() -> Account:
    return Account.objects.select_related("person").get(username=f"{DEMO_PREFIX}clerk")


def _person(cast: Cast, name: str) -> Person:
    return Person.objects.holding(cast.named(name).id_number).get()
