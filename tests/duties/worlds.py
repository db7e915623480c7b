"""Random worlds, drawn by hypothesis.

A world is a plain literal: a first day, the rules of two policies, and visits. A visit is a day on which somebody sits
down at the system (counted from the first day) and does some acts, each a word with numbers: people and organisations
by their place in the scene, days counted from the first day, ``None`` for no end. ``tests/duties/living.py`` knows the
words. Most acts are drawn blindly; ``aim`` and ``disturb`` look at a duty that is there and act near one of its days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from base.calendar import day_of
from members.enums import OrganisationKind, Role, Standing
from tests.duties.pack import RULES

K = OrganisationKind
SCENE = (  # kind, above: no organisation stands above one that comes before it
    (K.COMMITTEE, None), (K.GENERAL_BRANCH, 0), (K.BRANCH, 1), (K.BRANCH, 1), (K.BRANCH, 0),
    (K.COMMITTEE, None), (K.BRANCH, 5),
)  # fmt: skip
BRANCHES = (2, 3, 4, 6)
HOMES = (2, 3, 4, 4, 2, 2, 3, 6)
"""In which organisation each person of the scene is; the last one is nowhere yet."""
POSTS = ((0, 2), (1, 3), (2, 1), (3, 0), (7, 6))
"""Who is secretary where."""
PEOPLE = len(HOMES) + 1
DISTURBANCES = (
    "leave", "move", "change", "other day", "successor", "own post", "post", "category", "tie", "own tie", "new tie",
    "unrecord", "waive", "policy", "place", "start", "hand on", "number",
)  # fmt: skip
"""What may happen to a duty that is there: mostly to the facts on which it rests."""
RARE = (
    "move", "leave", "die", "receive", "unmove", "remove_to", "post", "repost", "record", "unrecord", "unwaive",
    "place", "start", "adopt", "end_adoption", "adjust", "end_adjustment", "category", "recategory", "uncategory",
    "tie", "retie", "untie", "event", "unevent", "other_due", "date",
)  # fmt: skip
"""Words of which a world may do without some, so that the others are said the more often in it."""
AIMS = ("right", "right", "right", "edge", "edge", "self", "other", "turn", "handed")
"""How what a duty asks is done: rightly, near an edge, by the member, by another, near a turn of somebody's post, by
whom it was handed to.
"""
TOGETHER = {"talk-twice": ("talk-yearly", "talk-twice")}
"""A rule that takes another's place is of a policy of its own."""


@dataclass(frozen=True)
class World:
    """One history: when it begins, what the two policies ask, and what was done on which day."""

    start: str
    policies: tuple[tuple[str, ...], tuple[str, ...]]
    visits: tuple[tuple[int, tuple[tuple, ...]], ...]


class Pools:
    """What the acts of a world are drawn from: the words its rules use, and the days on which they turn."""

    def __init__(self, codes, start: date, horizon: int):
        specs, self.start, self.horizon = [RULES[code] for code in codes], start, horizon
        conditions = [condition for spec in specs for condition in spec.target]
        self.triggers = [spec.trigger for spec in specs]
        self.actions = sorted({action for spec in specs for action in spec.actions})
        self.roles = sorted({
            *(spec.responsible.role for spec in specs),
            *(role for spec in specs for role in (*spec.responsible.instead, *spec.responsible.also)),
            *(role for condition in conditions for role in getattr(condition, "roles", [])), Role.ORGANISER,
        })  # fmt: skip
        self.categories = sorted({
            *(condition.kind for condition in conditions if condition.condition == "category"),
            *(trigger.category for trigger in self.triggers if getattr(trigger, "category", None)),
        })  # fmt: skip
        graded = {g for c in conditions if c.condition == "category" for g in c.grades}
        self.grades = [*sorted(graded), *sorted(graded), ""]
        self.ties = sorted({
            *(condition.kind for condition in conditions if condition.condition == "tie"),
            *(trigger.tie for trigger in self.triggers if trigger.kind == "standing"),
            *(spec.responsible.tie for spec in specs if spec.responsible.tie),
        })  # fmt: skip
        self.events = sorted({kind for trigger in self.triggers for kind in getattr(trigger, "events", [])})
        self.dates = sorted({
            *(t.fact for t in self.triggers if t.kind == "date" and not t.of_category),
            *(c.fact for c in conditions if c.condition == "dated"),
        })  # fmt: skip
        self.numbers = sorted({name for spec in specs for name in spec.adjustable})
        self.picks = [place for place, spec in enumerate(specs) if spec.proposal]
        self.own_events = any(getattr(t, "counted_per", "") == "organisation" for t in self.triggers
                              if t.kind == "event")  # fmt: skip
        ages = [c.years for c in conditions if c.condition == "dated" and c.years]
        self.years = [*ages, *ages, *(t.at_years for t in self.triggers if getattr(t, "at_years", None)), 0, 1, 2, 49]
        self.nearer = any(spec.replaces for spec in specs)
        self.alone = any(spec.subject == "organisation" and not spec.selected for spec in specs)

    def edges(self) -> list[int]:
        """Days near which something begins or is due, counted from the start."""
        days = set()
        for year in range(self.start.year, self.start.year + 5):
            days |= {date(year, month, 1) for month in range(1, 13)} | {date(year, 2, 28), date(year, 3, 1)}
            for trigger in self.triggers:
                if trigger.kind == "occasion":
                    day = day_of(trigger.occasion, year)
                    days |= {day - timedelta(trigger.opens_days_before), day + timedelta(trigger.closes_days_after)}
        offsets = {(day - self.start).days + step for day in days for step in (-1, 0, 1)}
        return sorted(offset for offset in offsets if -40 <= offset <= self.horizon) or [0]


class Words:
    """The acts: for each word how often it is said, and what it is said with."""

    def __init__(self, pools: Pools, now: int, unsaid: set[str], aims: Sequence[str], disturbances: Sequence[str]):
        self.pools, self.aims, self.disturbances = pools, aims, disturbances
        self.who, self.where = st.integers(0, PEOPLE - 1), st.integers(0, len(SCENE) - 1)
        self.which, self.branch = st.integers(0, 30), st.sampled_from(BRANCHES)
        self.leader = st.sampled_from((0, 1, 2, 3)) | self.who
        self.day = st.integers(-40, pools.horizon) | st.sampled_from(pools.edges()) | st.integers(now - 20, now + 20)
        self.until = st.none() | self.day
        self.acts = {**self.members(), **self.records(), **self.rows(), **self.policy()}
        words = [word for word, (often, _) in self.acts.items() for _ in range(often) if word not in unsaid]
        self.any = st.sampled_from(words).flatmap(self.said)

    def said(self, word: str) -> st.SearchStrategy:
        return self.acts[word][1].map(lambda given: (word, *given))

    def members(self) -> dict:
        standing = st.sampled_from((Standing.FULL, Standing.PROBATIONARY, Standing.LOST, Standing.DEAD)).map(str)
        return {
            "move": (2, st.tuples(self.who, self.branch, self.day, standing)),
            "leave": (1, st.tuples(self.who, self.day)),
            "die": (4 if "death" in self.pools.events else 1, st.tuples(self.who, self.day)),
            "receive": (1, st.tuples(self.who, self.branch, self.day)),
            "unmove": (1, st.tuples(self.who)),
            "remove_to": (1, st.tuples(self.who, self.day)),
        }

    def records(self) -> dict:
        quantity, few = st.sampled_from(("1", "1.50", "2", "12", "31.99")), st.integers(0, 3).map(lambda n: n == 3)
        member = st.none() | self.who if self.pools.alone else self.who
        actors = st.lists(self.leader, min_size=1, max_size=2)
        record = st.tuples(
            st.sampled_from(self.pools.actions), member, self.where, actors, self.day, quantity, few,
            st.none() | self.which,
        )  # fmt: skip
        focused, edge = st.integers(0, 3).map(bool), st.integers(0, 19)
        return {
            "aim": (16, st.tuples(focused, self.which, edge, st.sampled_from(self.aims), quantity, few)),
            "disturb": (16, st.tuples(focused, self.which, edge, st.sampled_from(self.disturbances))),
            "record": (2, record),
            "unrecord": (1, st.tuples(self.which)),
            "unwaive": (1, st.tuples(self.which)),
        }

    def rows(self) -> dict:
        """Posts, categories, ties, events, dates: as far as a rule reads them."""
        pools, since = self.pools, st.integers(-40, 10) | self.day
        until = st.none() | st.none() | self.day
        acts = {
            "post": (2, st.tuples(self.who, self.where, st.sampled_from(pools.roles).map(str), since, until)),
            "repost": (1, st.tuples(self.which, since, until)),
        }
        if pools.categories:
            kind, grade = st.sampled_from(pools.categories).map(str), st.sampled_from(pools.grades)
            acts["category"] = (3, st.tuples(self.who, kind, grade, since, until))
            acts["recategory"] = (2, st.tuples(self.which, since, until))
            acts["uncategory"] = (1, st.tuples(self.which))
        if pools.ties:
            acts["tie"] = (4, st.tuples(self.who, st.sampled_from(pools.ties).map(str), self.leader, since, until))
            acts["retie"] = (2, st.tuples(self.which, since, until))
            acts["untie"] = (1, st.tuples(self.which))
        if pools.events:
            kind = st.sampled_from(pools.events).map(str)
            asks, due = st.none() | self.leader, st.none() | self.day
            acts["event"] = (4, st.tuples(self.who, kind, self.day, asks, due))
            acts["unevent"] = (1, st.tuples(self.which))
            acts["other_due"] = (1, st.tuples(self.which, due))
            if pools.own_events:
                acts["own_event"] = (6, st.tuples(self.where, kind, self.day, asks, due))
        if pools.dates:
            precision = st.sampled_from(("day", "day", "day", "month", "year"))
            years = st.sampled_from(pools.years)
            acts["date"] = (3, st.tuples(self.who, st.sampled_from(pools.dates), self.day, years, precision))
        return acts

    def policy(self) -> dict:
        acts = {
            "place": (1, st.tuples(self.where, self.where, self.day)),
            "start": (1, st.tuples(self.where, self.day)),
            "adopt": (3 if self.pools.nearer else 1, st.tuples(self.where, st.integers(0, 1), self.day)),
            "end_adoption": (1, st.tuples(self.which, self.day)),
            "adjust": (2, self.adjustment()),
            "end_adjustment": (1, st.tuples(self.which, self.day)),
            "sweep": (4, st.tuples(st.sampled_from((0, 0, 1, -3, -40, 5, 40)))),
        }
        if self.pools.alone:
            acts["organisation"] = (2, st.tuples(self.where, st.none() | self.day, self.until))
        return acts

    def adjustment(self) -> st.SearchStrategy:
        """Where, which rule, from which day, and a few numbers; what a rule does not have is left out."""
        value = st.integers(0, 3) | st.integers(0, 70)
        numbers = st.lists(st.tuples(st.sampled_from(self.pools.numbers or ["times"]), value), min_size=1, max_size=2)
        return st.tuples(self.where, self.which, self.day, numbers.map(tuple))

    def scene(self, draw) -> list[tuple]:
        """What makes the rules speak: an adoption, and a few rows of each sort they read, mostly within reach."""
        pools, near, early = self.pools, st.sampled_from((4, 5, 6, 4, 0)), st.integers(-40, 5)
        until = st.none() | st.none() | self.day
        rows = {}
        if pools.categories:
            kind, grade = st.sampled_from(pools.categories).map(str), st.sampled_from(pools.grades)
            rows["category"] = 5, st.tuples(near, kind, grade, early | self.day, until)
        if pools.ties:
            rows["tie"] = 7, st.tuples(near, st.sampled_from(pools.ties).map(str), self.leader, early, until)
        role, where = st.sampled_from(pools.roles).map(str), st.sampled_from((2, 2, 2, 3, 1, 0))
        rows["post"] = 5, st.tuples(near, where, role, early, until | self.day)
        if pools.events:
            kind = st.sampled_from(pools.events).map(str)
            asks, due = st.none() | self.leader, st.none() | self.day
            rows["event"] = 3, st.tuples(near, kind, self.day, asks, due)
            if pools.own_events:
                rows["own_event"] = 4, st.tuples(st.sampled_from((2, 2, 3, 1, 0)), kind, self.day, asks, due)
        if pools.dates:
            precision, years = st.sampled_from(("day", "day", "month")), st.sampled_from(pools.years)
            rows["date"] = 5, st.tuples(near, st.sampled_from(pools.dates), self.day, years, precision)
        acts = [("adopt", 0, 0, draw(st.sampled_from((-90, -1, 0, 25)) | st.integers(-400, pools.horizon // 2)))]
        acts += [("adjust", where, place, -100, ()) for place in pools.picks for where in (0, 2)]
        for word, (most, given) in rows.items():
            acts += [(word, *each) for each in draw(st.lists(given, min_size=2, max_size=most))]
        return acts


@st.composite
def worlds(draw, code: str | None = None, aims=AIMS, disturbances=()) -> World:
    """Worlds bent towards one rule, or of any rules; with these aims and disturbances, or with a few of all."""
    first = list(TOGETHER.get(code, [code])) if code else []
    others = st.sampled_from(sorted(set(RULES) - set(first)))
    codes = first + draw(st.lists(others, min_size=0 if code else 2, max_size=1 if code else 5, unique=True))
    second = tuple(each for each in codes[1:] if each in first or draw(st.booleans()))
    monthly = any(getattr(RULES[each].trigger, "per", "") == "month" for each in codes)
    horizon = draw(st.sampled_from((60, 150) if monthly else (60, 200, 400, 900)))
    pools = Pools(codes, draw(_starts(RULES[codes[0]].trigger)), horizon)
    some = draw(st.lists(st.sampled_from(DISTURBANCES), min_size=1, max_size=4, unique=True))
    unsaid = draw(st.sets(st.sampled_from(RARE)))
    if draw(st.integers(0, 3)):  # until the next sweep nothing can be compared: in one world in four only
        unsaid |= {"adjust", "end_adjustment"}
    gaps, visits, day = st.sampled_from((1, 1, 4, 10, 30)) | st.integers(1, horizon // 2), [], 0
    for gap in draw(st.lists(gaps, min_size=2, max_size=6)):
        day += gap
        words = Words(pools, day, unsaid, aims, disturbances or some)
        acts = [] if visits else words.scene(draw)
        if draw(st.integers(0, 3)):
            acts.append(("sweep", 0))
        visits.append((day, tuple(acts + draw(st.lists(words.any, max_size=20)))))
    policies = tuple(each for each in codes if each not in second), second
    return World(pools.start.isoformat(), policies, tuple(visits))


def _starts(trigger) -> st.SearchStrategy[date]:
    """First days: any, those before a turn of the year or a leap day, those before an occasion."""
    days = st.dates(date(2024, 1, 1), date(2032, 12, 31))
    days |= st.sampled_from((date(2024, 2, 1), date(2026, 12, 1), date(2027, 12, 15), date(2028, 2, 20)))
    if trigger.kind == "occasion":
        days = st.builds(
            lambda year, before: day_of(trigger.occasion, year) - timedelta(before),
            st.integers(2025, 2033), st.integers(5, 70),
        )  # fmt: skip
    return days
