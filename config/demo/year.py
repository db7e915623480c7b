"""What happened since New Year: the plan of the demo's events, talks and visits before anybody enters them.

Reads no database. Talks keep nine tenths of the pace of the year; must-talks are mostly held in time; in the home
branch some stand open, as its stories need.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from base.dates import anniversary
from config.demo import words
from config.demo.people import HOME, SIZES, Cast, Member
from duties.engine.models import Action
from members.enums import EventKind, Role
from visits.models import Talk, Visit

SEED = 19490930
PACE = 0.9
"""Talks held against the share of the year gone."""

Subject, Means = Talk.Subject, Talk.Means


@dataclass(eq=False)
class Happening:
    """An event of a member, entered the day it happened. A transfer in also moves the member."""

    member: Member
    kind: EventKind
    on: date

    @property
    def entered(self) -> date:
        return self.on


@dataclass(eq=False)
class Talking:
    """A talk with a member, or with some more at once; entered the same day unless said otherwise."""

    member: Member
    talker: Member
    on: date
    subject: Subject
    text: str
    means: Means = Means.FACE
    place: str = ""
    wish: str = ""
    happening: Happening | None = None
    others: tuple[Member, ...] = ()
    entered_late_on: date | None = None

    @property
    def entered(self) -> date:
        return self.entered_late_on or self.on


@dataclass(eq=False)
class Visiting:
    """A visit, a greeting or a condolence, entered the same day."""

    member: Member
    visitor: Member
    on: date
    action: Action
    how: Visit.How
    text: str
    met: str = Visit.Met.MEMBER
    met_name: str = ""
    occasion: str = ""
    gift: str = ""
    money: int | None = None
    source: str = ""
    happening: Happening | None = None

    @property
    def entered(self) -> date:
        return self.on


WITHIN = {
    EventKind.ADMISSION: 10, EventKind.TRANSFER_IN: 10, EventKind.HONOUR: 15, EventKind.TENDENCY: 3,
    EventKind.ABSENCE: 7, EventKind.DUES: 7, EventKind.TREATMENT: 7,
}  # fmt: skip
"""Kinds that ask for a talk, with the days the pack gives for it."""

TO_VISIT = {EventKind.ILLNESS: 3, EventKind.FAMILY_CHANGE: 7, EventKind.SETBACK: 7, EventKind.DISASTER: 3}
"""Kinds that ask for a visit, with the days the pack gives for it."""

STORIES = (
    ("李建国", EventKind.ABSENCE, 14), ("陈晓明", EventKind.TENDENCY, 5), ("吴桐", EventKind.ADMISSION, 12),
    ("周敏", EventKind.HONOUR, 12), ("徐磊", EventKind.DUES, 4), ("赵秀兰", EventKind.ILLNESS, 2),
)  # fmt: skip
"""What is open in the home branch: who, what, how many days ago. Three are overdue, two fall due within a week."""

UNTOLD = ("李建国", "陈晓明", "吴桐", "周敏", "徐磊", "郭凤英", "王志远", "马玉珍")
"""Members of the home branch nobody has talked with yet."""


OPEN_ELSEWHERE = (
    ("YH0201", EventKind.HONOUR, 21), ("YH0303", EventKind.ABSENCE, 10), ("YH0402", EventKind.DUES, 3),
    ("YH91", EventKind.FAMILY_CHANGE, 4),
)  # fmt: skip
"""The same in other branches, for members nobody has talked with of late."""

BIRTHDAYS_TOLD = {"张伟": -1, "何静": 2}
"""Birthdays of this month in the home branch that were kept, with the days between birthday and talk."""

LATE_ENTRY = "孙德福"
"""Talked with nine days ago, entered today."""

CASUAL = (Means.FACE, Means.FACE, Means.FACE, Means.FACE, Means.PHONE, Means.VIDEO)


@dataclass
class Plan:
    """The year as a list of acts in the order of their entry."""

    cast: Cast
    dice: Random = field(default_factory=lambda: Random(SEED))
    acts: list = field(default_factory=list)

    def in_order(self) -> list:
        """The acts by day of entry; what happened, and who belongs where, before what was done about it."""
        return sorted(self.acts, key=lambda act: (act.entered, isinstance(act, Talking | Visiting)))

    def add(self, act):
        self.acts.append(act)
        return act

    def holder(self, code: str, role: Role, on: date, *, but: Member | None = None) -> Member | None:
        """Who held the role there on the day, other than ``but``."""
        for member, organisation, held, since, last in self.cast.posts:
            in_time = since <= on and (last is None or on <= last)
            if (organisation, held) == (code, role) and in_time and member is not but:
                return member
        return None

    def responsible(self, member: Member, on: date) -> Member:
        """The nearest secretary upward other than the member, as the engine will see it."""
        moved = member.moves_on is not None and member.moves_on <= on
        code = member.moves_to if moved else member.code
        chain = (code, code[:4], "YH")
        found = (self.holder(code, Role.SECRETARY, on, but=member) for code in chain)
        return next(filter(None, found))

    def workday(self, day: date, earliest: date) -> date:
        """``day`` or the Friday before, but no earlier than ``earliest``."""
        return max(day - timedelta(days=max(0, day.weekday() - 4)), earliest)

    def some_day(self, earliest: date, latest: date) -> date:
        span = max(0, (latest - earliest).days)
        return self.workday(earliest + timedelta(days=self.dice.randint(0, span)), earliest)

    def talk(self, member: Member, on: date, subject: Subject, **more) -> Talking:
        """A talk of the one responsible with the member, with something to say."""
        means = Means.PHONE if member.floating_to else self.dice.choice(CASUAL)
        text = self.dice.choice(words.BIRTHDAY if subject == Subject.BIRTHDAY else words.TOLD)
        facts = {
            "talker": self.responsible(member, on), "means": means, "text": text,
            "place": self.dice.choice(words.PLACES) if means == Means.FACE else "",
            "wish": self.dice.choice(words.WISHES) if self.dice.random() < 0.08 else "",
        }  # fmt: skip
        return self.add(Talking(member=member, on=on, subject=subject, **(facts | more)))

    def visit(self, member: Member, on: date, seen: tuple[str, ...], **more) -> Visiting:
        """A visit of the one responsible to the member, with something seen."""
        facts = {
            "visitor": self.responsible(member, on), "action": Action.VISIT, "how": Visit.How.HOME,
            "text": self.dice.choice(seen), "gift": self.dice.choice(words.GIFTS),
        }  # fmt: skip
        return self.add(Visiting(member=member, on=on, **(facts | more)))


def plan_year(cast: Cast) -> Plan:
    """The acts from the cast's New Year up to today."""
    plan = Plan(cast)
    for code in SIZES:
        members = [m for m in cast.of(code) if not (m.lost or m.suspended or m.dies_on or m.moves_on)]
        told = _must_talks(plan, code, members)
        for year in range(cast.begin.year, cast.today.year + 1):
            _yearly(plan, code, members, told, year)
        _birthdays_by_commissioner(plan, code, members)
    _together(plan)
    _stories(plan)
    _comings_and_goings(plan)
    return plan


def _must_talks(plan: Plan, code: str, members: list[Member]) -> set[int]:
    """Events of the branch and the talks they asked for, all in time; returns who was talked with this year."""
    cast, dice, told = plan.cast, plan.dice, set()
    ready = [m for m in members if not m.named and m.joined < cast.begin]
    for member in dice.sample(ready, k=3):
        kind = dice.choice((EventKind.HONOUR, *WITHIN, *TO_VISIT))
        if kind in (EventKind.ADMISSION, EventKind.TRANSFER_IN):
            kind = EventKind.HONOUR
        happening = plan.add(Happening(member, kind, plan.some_day(cast.begin, cast.today - timedelta(days=25))))
        _answer(plan, happening, told)
    for member in members:
        if cast.begin <= member.joined < cast.today - timedelta(days=15):
            _answer(plan, plan.add(Happening(member, EventKind.ADMISSION, member.joined)), told)
    return told


def _answer(plan: Plan, happening: Happening, told: set[int]) -> None:
    """The talk or the visit an event asks for, held within its days."""
    if happening.kind in TO_VISIT:
        latest = happening.on + timedelta(days=TO_VISIT[happening.kind])
        plan.visit(happening.member, plan.some_day(happening.on, latest), words.SEEN, happening=happening)
    if happening.kind in WITHIN:
        latest = happening.on + timedelta(days=WITHIN[happening.kind])
        talk = plan.talk(happening.member, plan.some_day(happening.on, latest), Subject.EVENT, happening=happening)
        if talk.on.year == plan.cast.today.year:
            told.add(id(happening.member))


def _yearly(plan: Plan, code: str, members: list[Member], told: set[int], year: int) -> None:
    """The yearly talks of a branch: all of a year that is over, of this year as far as the pace has brought them."""
    cast, dice = plan.cast, plan.dice
    if year < cast.today.year:
        first, last = date(year, 1, 4), min(date(year, 12, 29), cast.today - timedelta(days=30))
        goal, untold = len(members), ()
    else:
        first, last = date(year, 1, 4), cast.today - timedelta(days=1)
        wobble = 1 if code == HOME else dice.uniform(0.9, 1.08)
        goal = round(len(members) * PACE * wobble * max(0, (last - first).days + 4) / 365) - len(told)
        untold = UNTOLD if code == HOME else ()
    waiting = [m for m in members if id(m) not in told and m.joined < last and m.name not in untold]
    dice.shuffle(waiting)
    waiting.sort(key=lambda member: not (code == HOME and member.name in (*BIRTHDAYS_TOLD, LATE_ENTRY)))
    for member in waiting[: max(0, goal)]:
        _hold(plan, member, max(first, member.joined + timedelta(days=1)), last)


def _hold(plan: Plan, member: Member, first: date, last: date) -> None:
    """One yearly talk, held on the political birthday if the dice say so."""
    today, dice = plan.cast.today, plan.dice
    birthday = anniversary(member.joined, last.year)
    home = member.code == HOME and last.year == today.year
    if home and member.name == LATE_ENTRY:
        on = plan.workday(today - timedelta(days=9), first)
        plan.talk(member, on, Subject.YEARLY, entered_late_on=today)
    elif home and member.name in BIRTHDAYS_TOLD and first <= birthday <= last - timedelta(days=2):
        plan.talk(member, birthday + timedelta(days=BIRTHDAYS_TOLD[member.name]), Subject.BIRTHDAY)
    elif member.joined.year < last.year and first < birthday < last and dice.random() < 0.45:
        early, late = max(first, birthday - timedelta(days=4)), min(last, birthday + timedelta(days=5))
        plan.talk(member, plan.some_day(early, late), Subject.BIRTHDAY)
    else:
        plan.talk(member, plan.some_day(first, last), Subject.YEARLY)


def _birthdays_by_commissioner(plan: Plan, code: str, members: list[Member]) -> None:
    """Political birthdays kept by the organisation commissioner: they close the birthday, not the yearly talk."""
    cast, dice = plan.cast, plan.dice
    kept = {id(act.member) for act in plan.acts if isinstance(act, Talking) and act.subject == Subject.BIRTHDAY}
    last = cast.today - timedelta(days=1)
    for member in members:
        birthday = anniversary(member.joined, cast.today.year)
        talker = plan.holder(code, Role.ORGANISATION_COMMISSIONER, birthday, but=member)
        free = id(member) not in kept and not (code == HOME and member.name in UNTOLD)
        in_time = cast.begin < birthday <= last and member.joined.year < birthday.year
        if free and in_time and talker and dice.random() < 0.5:
            day = plan.some_day(birthday - timedelta(days=3), min(last, birthday + timedelta(days=4)))
            how = dice.choice((Visit.How.CARD, Visit.How.MESSAGE, Visit.How.FACE))
            facts = {"action": Action.GREETING, "how": how, "visitor": talker, "gift": ""}
            plan.visit(member, day, words.GREETINGS, **facts)


def _together(plan: Plan) -> None:
    """One political birthday kept together around 1 July, or in the middle of the time gone while July is to come."""
    cast = plan.cast
    july = date(cast.begin.year, 7, 1)
    day = plan.workday(july if july < cast.today else cast.begin + (cast.today - cast.begin) / 2, cast.begin)
    for code in SIZES:
        here = [
            m for m in cast.of(code) if m.full and not (m.named or m.lost or m.suspended or m.dies_on or m.moves_on)
        ]
        near = [m for m in here if abs((anniversary(m.joined, day.year) - day).days) <= 6]
        if len(near) > 1:
            text = "集体过政治生日，重温入党誓词，每人讲了一段入党故事。"
            more = {
                "means": Means.COLLECTIVE,
                "text": text,
                "place": "支部活动室",
                "wish": "",
                "others": tuple(near[1:]),
            }
            plan.talk(near[0], day, Subject.BIRTHDAY, **more)
            return


def _stories(plan: Plan) -> None:
    """What stands open in the home branch, and a little elsewhere."""
    today = plan.cast.today
    for name, kind, days in STORIES:
        plan.add(Happening(plan.cast.named(name), kind, today - timedelta(days=days)))
    of_late = today - timedelta(days=40)
    told = {id(act.member) for act in plan.acts if act.entered >= of_late}
    for code, kind, days in OPEN_ELSEWHERE:
        quiet = (
            m for m in plan.cast.of(code) if m.full and id(m) not in told and not (m.named or m.lost or m.suspended)
        )
        member = next(m for m in quiet if not (m.dies_on or m.moves_on))
        plan.add(Happening(member, kind, today - timedelta(days=days)))


def _comings_and_goings(plan: Plan) -> None:
    """Deaths, and a transfer: the old branch enters the leaving, the new one receives and talks."""
    for member in plan.cast.members:
        if member.dies_on:
            died = plan.add(Happening(member, EventKind.DEATH, member.dies_on))
            if (plan.cast.today - member.dies_on).days > 2:
                facts = {"met": Visit.Met.FAMILY, "met_name": "长子", "how": Visit.How.FUNERAL, "gift": "花圈"}
                on = member.dies_on + timedelta(days=1)
                plan.visit(member, on, words.MOURNED, action=Action.CONDOLENCE, happening=died, **facts)
        if member.moves_on:
            plan.add(Happening(member, EventKind.TRANSFER_OUT, member.moves_on - timedelta(days=4)))
            received = plan.add(Happening(member, EventKind.TRANSFER_IN, member.moves_on))
            plan.talk(member, member.moves_on + timedelta(days=3), Subject.EVENT, happening=received)
