"""Whom the demo cares for: categories and ties from New Year on, the festival visits, study, a request for a talk."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from base.calendar import Occasion, day_of
from base.dates import anniversary
from base.money import Source
from config.demo import words
from config.demo.campaigns import closing_day
from config.demo.people import HOME, SIZES, Member
from config.demo.year import Plan
from members.enums import CategoryKind, Role, TieKind
from visits.models import Visit


@dataclass(eq=False)
class Belonging:
    """A member belongs to a kind of people to be cared for."""

    member: Member
    kind: CategoryKind
    since: date
    basis: str
    grade: str = ""

    @property
    def entered(self) -> date:
        return self.since


@dataclass(eq=False)
class Punishing:
    """A member is punished: ``which`` of the demo's punishments, with effect from ``since``."""

    member: Member
    which: int
    since: date

    @property
    def entered(self) -> date:
        return self.since + timedelta(days=10)


@dataclass(eq=False)
class Tying:
    """Somebody stands by a member."""

    member: Member
    kind: TieKind
    to: Member
    since: date

    @property
    def entered(self) -> date:
        return self.since


@dataclass(eq=False)
class Studying:
    """A branch studied together."""

    code: str
    members: list[Member]
    organiser: Member
    on: date
    title: str
    hours: Decimal

    @property
    def entered(self) -> date:
        return self.on


@dataclass(eq=False)
class Asking:
    """A member asks a leader for a talk."""

    member: Member
    leader: Member
    on: date

    @property
    def entered(self) -> date:
        return self.on


@dataclass(eq=False)
class Helping:
    """A member asks for help from his own page."""

    member: Member
    what: str
    words: str
    on: date

    @property
    def entered(self) -> date:
        return self.on


@dataclass(eq=False)
class Correcting:
    """A member asks that how he is reached be corrected."""

    member: Member
    typed: dict[str, str]
    on: date

    @property
    def entered(self) -> date:
        return self.on


IN_HARDSHIP = ("郭凤英", "邓海波")
HONOURED = ("孙德福", "冯国安")
"""Who is visited as honoured; the honours are entered by :mod:`config.demo.honours`."""

CARED_FOR = (
    (CategoryKind.SERIOUS_ILLNESS, HOME, 8), (CategoryKind.INJURED, "YH0204", 5), (CategoryKind.POSTED, "YH0301", 9),
)  # fmt: skip
"""Kinds, branches, and places by age of those who stand in the registers of the sick, the hurt and those sent away."""
CONTACTS = (
    ("高远", "YH0301", 2), ("沈岳", "YH0302", 1), ("许诺", "YH0401", 2), ("程立新", "YH0101", 2),
    ("周启明", "YH0203", 2), ("白露", "YH0402", 2),
)  # fmt: skip
"""Which leader stands by how many members of which branch: one has too few, one (马骁) has none."""

MONEY = {"money": 50_000, "source": Source.DUES}
"""What a member in hardship is handed at a festival."""

UNVISITED = ("YH0303", "YH0302")
"""Branches whose festival visits were not all made."""

COURSES = ("党章党规集中学习", "水文应急与党员先锋岗轮训", "党史学习和实地研学", "年度集中轮训")
STUDIED = {HOME: 3, "YH0203": 4}
"""How many days of study a branch held; four make the hours of a year."""


def plan_care(plan: Plan) -> None:
    """Add to the plan of the year whom the branches care for, and what they did for them."""
    poor, honoured, old = _categories(plan)
    linked = _ties(plan)
    by_campaign = closing_day(plan.cast.begin.year) <= plan.cast.today
    for occasion, before, after in ((Occasion.SPRING_FESTIVAL, 20, -2), (Occasion.PARTY_DAY, 15, 4)):
        day = day_of(occasion, plan.cast.begin.year)
        first, last = day - timedelta(days=before), day + timedelta(days=after)
        for member in (*poor, *honoured):
            if not (occasion == Occasion.PARTY_DAY and (member.code in UNVISITED or by_campaign)):
                _call(plan, member, first, last, occasion=occasion, **(MONEY if member in poor else {}))
        for member, leader in linked:
            if leader.name != "沈岳":
                _call(plan, member, first, last, occasion=occasion, visitor=leader)
    begin, middle = plan.cast.begin, plan.cast.begin.replace(month=7)
    for place, member in enumerate(old):
        _call(plan, member, begin, middle - timedelta(days=1))
        if place % 4:
            _call(plan, member, middle, begin.replace(month=12))
    _household(plan)
    _pairs(plan, poor)
    _punished(plan)
    _study(plan)
    _asked(plan)


def _asked(plan: Plan) -> None:
    """What the demo's ordinary member waits for: a talk, help, a new telephone number."""
    asks, today = plan.cast.named("周敏"), plan.cast.today
    plan.add(Asking(asks, plan.cast.named("王海燕"), today - timedelta(days=2)))
    plan.add(Helping(asks, "schooling", words.HELP, today - timedelta(days=3)))
    plan.add(Correcting(asks, {"phone": "139" + asks.phone[3:-2] + "68"}, today - timedelta(days=1)))


def _steady(plan: Plan, code: str) -> list[Member]:
    """The members of a branch who were there all year, by age."""
    here = [m for m in plan.cast.of(code) if m.full and not (m.lost or m.suspended or m.dies_on or m.moves_on)]
    return sorted(here, key=lambda member: (member.born, member.id_number))


def _categories(plan: Plan) -> tuple[list[Member], list[Member], list[Member]]:
    since, named = plan.cast.begin, plan.cast.named
    poor, honoured = [named(name) for name in IN_HARDSHIP], [named(name) for name in HONOURED]
    for code in SIZES:
        if code not in (HOME, "YH0101", "YH0402"):
            poor.append(next(m for m in _steady(plan, code)[3:] if not m.named))
    old = [m for code in SIZES for m in _steady(plan, code) if since.year - m.born.year >= 84]
    for member in poor:
        plan.add(Belonging(member, CategoryKind.HARDSHIP, since, "支委会研究，报党委组织部认定"))
    for kind, code, place in CARED_FOR:
        plan.add(Belonging(next(m for m in _steady(plan, code)[place:] if not m.named), kind, since, "支部登记"))
    for member in old:
        plan.add(Belonging(member, CategoryKind.ELDERLY, since, "年满 84 岁，行动不便"))
    return poor, honoured, old


def _ties(plan: Plan) -> list[tuple[Member, Member]]:
    linked = []
    for name, code, count in CONTACTS:
        leader = plan.cast.named(name)
        for member in [m for m in _steady(plan, code)[5:] if not m.named and m is not leader][:count]:
            plan.add(Tying(member, TieKind.LEADER_CONTACT, leader, plan.cast.begin))
            linked.append((member, leader))
    return linked


def _pairs(plan: Plan, poor: list[Member]) -> None:
    """Members in hardship, but for the first and the last, are paired and visited; one with somebody who moves on."""
    mover = next(member for member in plan.cast.members if member.moves_on)
    for place, member in enumerate(poor[1:-1]):
        others = [m for m in _steady(plan, member.code) if m is not member and not m.named]
        helper = mover if mover.code == member.code else others[-1]
        plan.add(Tying(member, TieKind.PAIRING, helper, plan.cast.begin))
        if helper is not mover:
            middle = plan.cast.begin.replace(month=7)
            _call(plan, member, plan.cast.begin, middle - timedelta(days=1), visitor=helper)
            if place % 2:
                _call(plan, member, middle, middle + timedelta(days=100), visitor=helper)


def _call(plan: Plan, member: Member, first: date, last: date, **more) -> None:
    """A visit within the days, as far as they have come; by the one responsible unless said otherwise."""
    last = min(last, plan.cast.today - timedelta(days=1))
    if first <= last:
        plan.visit(member, plan.some_day(max(first, plan.cast.begin), last), words.FESTIVAL, **more)


def _household(plan: Plan) -> None:
    """The family of one of the dead, who died on duty: a contact after ten days, a visit since."""
    member = min((m for m in plan.cast.members if m.dies_on), key=lambda m: m.dies_on)
    died, today = member.dies_on, plan.cast.today
    contact = plan.holder(member.code, Role.ORGANISATION_COMMISSIONER, died)
    plan.add(Belonging(member, CategoryKind.BEREAVED, died, "因公牺牲，单位认定"))
    if died + timedelta(days=10) <= today:
        plan.add(Tying(member, TieKind.CONTACT, contact, died + timedelta(days=10)))
    if died + timedelta(days=40) < today:
        family = {"met": Visit.Met.FAMILY, "met_name": "遗属", "visitor": contact}
        _call(plan, member, died + timedelta(days=30), died + timedelta(days=40), **family)


def _punished(plan: Plan) -> None:
    """One under a warning, one whose term ends in a month, so that rights are to be asked for; each has a contact."""
    today = plan.cast.today
    members = [m for m in _steady(plan, "YH0203")[6:] if not m.named]
    began = (today - timedelta(days=200), anniversary(today, today.year - 1) + timedelta(days=30))
    for which, (member, since) in enumerate(zip(members[:2], began, strict=True)):
        plan.add(Punishing(member, which, since))
        tied = max(plan.cast.begin, since + timedelta(days=10))
        contact = plan.holder(member.code, Role.ORGANISATION_COMMISSIONER, tied)
        plan.add(Tying(member, TieKind.CONTACT, contact, tied))
        for days in range(30, (today - since).days, 90):
            if since + timedelta(days=days) > tied:
                plan.visit(member, since + timedelta(days=days), words.RETURNED, visitor=contact, gift="")


def _study(plan: Plan) -> None:
    for code, days in STUDIED.items():
        for title, month in zip(COURSES[:days], (3, 5, 9, 10), strict=False):
            on = plan.workday(plan.cast.begin.replace(month=month, day=18), plan.cast.begin)
            members = [m for place, m in enumerate(_steady(plan, code)) if (place + month) % 11]
            organiser = plan.holder(code, Role.SECRETARY, on)
            if on < plan.cast.today:
                plan.add(Studying(code, members, organiser, on, title, Decimal(8)))
