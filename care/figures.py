"""The figures of 困难党员 as of a day, counted from the register; how they are laid out and said. No names leave."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Subquery

from care.codes import AnnualFlag, Cause, CivilClass, Level
from care.models import Entry, RegisterCode
from duties.engine.models import Action, Record
from members.enums import CategoryKind, Standing
from members.models import Category, Membership, Organisation

AIDING = (Action.VISIT, Action.AID, Action.SERVICE)
"""Records that are help: 走访慰问, 给予补助帮助, 上门服务."""

LAYOUT: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("总数", "", (
        ("total", "困难党员"), ("new", "本半年新认定"), ("closed", "本半年退出"), ("died", "本半年去世"),
        ("aided", "本半年得到帮扶"),
    )),
    ("困难程度", "", tuple((f"degree:{label}", label) for label in Level.labels)),
    ("致困原因", "一人可以有几种，合计可以多于总数。", tuple((f"cause:{each.value}", each.label) for each in Cause)),
    ("民政认定类别", "过期的另列。", (
        *((f"civil:{each.value}", each.label) for each in CivilClass), ("civil:lapsed", "认定已过期"),
    )),
    ("年度统计", "按台账里勾选的。", tuple((f"annual:{each.value}", each.label) for each in AnnualFlag)),
    ("没有计入", "上级没有认定的不计。", (("waiting", "待认定"),)),
)  # fmt: skip
"""The sections of a report: title, remark, and the figures by code with their labels."""

VETERANS = "veterans"
"""Of those who never were employed, how many have veterans' benefits: said in the annual sentence alone."""


@dataclass(frozen=True)
class Half:
    """One half of a year."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Half":
        return cls(day.year, 1 if day.month < 7 else 2)

    @classmethod
    def read(cls, code: str) -> "Half":
        """:raises ValueError: if the code names none."""
        year, _, number = code.partition("-H")
        if number not in ("1", "2") or not (len(year) == 4 and year.isdecimal() and year.isascii()):
            raise ValueError(f"no half-year: {code}")
        return cls(int(year), int(number))

    @property
    def code(self) -> str:
        return f"{self.year:04}-H{self.number}"

    @property
    def words(self) -> str:
        return f"{self.year} 年{'上' if self.number == 1 else '下'}半年"

    @property
    def first(self) -> date:
        return date(self.year, 1 if self.number == 1 else 7, 1)


def counted(organisation: Organisation, as_of: date, parts: Sequence[Organisation] = ()) -> dict[int, Counter]:
    """The figures of an organisation and all below it, in one query: by part, and of the rest under its own key.

    Who stood where, in which degree, dead or alive is asked of the day; causes and civil class are what the register
    knows now. The half-year is that of the day, up to it.

    :param parts: organisations within it, none inside another.
    """
    first = Half.of(as_of).first
    found = {each.pk: Counter() for each in (organisation, *parts)}
    for entry in _rows(organisation, as_of, first):
        part = next((each for each in parts if entry.path.startswith(each.path)), organisation)
        found[part.pk].update(_figures(entry, first, as_of))
    return found


def _rows(organisation: Organisation, as_of: date, first: date):
    stays = Membership.objects.on(as_of).filter(person=OuterRef("person"))
    degrees = Category.objects.on(as_of).filter(person=OuterRef("person"), kind=CategoryKind.HARDSHIP)
    aid = Record.objects.standing().filter(
        member=OuterRef("person"), action__in=AIDING, on__gte=first, on__lte=as_of
    )  # fmt: skip
    rows = Entry.objects.standing().below(organisation.path, as_of)
    rows = rows.filter(register=RegisterCode.DIFFICULTY, since__lte=as_of, until__gte=first)
    return rows.annotate(
        path=Subquery(stays.values("path")[:1]),
        standing=Subquery(stays.values("standing")[:1]), stands_since=Subquery(stays.values("since")[:1]),
        degree=Subquery(degrees.order_by("-since", "-pk").values("grade")[:1]), aided=Exists(aid),
    ).defer("private", "closed_note").order_by("pk")  # fmt: skip


def _figures(entry: Entry, first: date, as_of: date) -> list[str]:
    """What one entry adds one to."""
    recognised = entry.recognised_on is not None and entry.recognised_on <= as_of
    dead = entry.standing == Standing.DEAD
    runs = entry.until > as_of and not dead
    if not recognised:
        return ["waiting"] if runs else []
    codes = ["new"] if entry.recognised_on >= first else []
    if entry.until <= as_of:
        codes.append("closed")
    elif dead and entry.stands_since >= first:
        codes.append("died")
    return codes + (_of_running(entry, as_of) if runs else [])


def _of_running(entry: Entry, as_of: date) -> list[str]:
    facts = entry.facts
    codes = ["total", f"degree:{entry.degree or entry.grade}", *(f"cause:{each}" for each in facts.get("causes") or ())]
    if entry.aided:
        codes.append("aided")
    if facts.get("civil"):
        last = facts.get("civil_until")
        lapsed = last and date.fromisoformat(last) < as_of
        codes.append("civil:lapsed" if lapsed else f"civil:{facts['civil']}")
    flags = set(facts.get("annual") or ())
    if {AnnualFlag.NEVER_EMPLOYED, AnnualFlag.VETERAN_BENEFITS} <= flags:
        codes.append(VETERANS)
    return codes + [f"annual:{each}" for each in sorted(flags)]


@dataclass(frozen=True)
class Line:
    """One figure of a report beside what the register says now."""

    label: str
    said: int
    now: int

    @property
    def difference(self) -> str:
        return f"{self.now - self.said:+}" if self.now != self.said else ""


def lines_of(said: Mapping[str, int], now: Mapping[str, int]) -> list[tuple[str, str, list[Line]]]:
    """The sections of a report: title, remark, lines."""
    return [
        (title, remark, [Line(label, said.get(code, 0), now.get(code, 0)) for code, label in codes])
        for title, remark, codes in LAYOUT
    ]


def annual_sentence(figures: Mapping[str, int]) -> str:
    """The sentence of the national annual statistics."""
    allowance, never = (figures.get(f"annual:{each.value}", 0)
                        for each in (AnnualFlag.URBAN_ALLOWANCE, AnnualFlag.NEVER_EMPLOYED))  # fmt: skip
    return (
        f"共有生活困难党员 {figures.get('total', 0)} 名，其中享受城镇最低生活保障费的 {allowance} 名；"
        f"建国前入党没有工作老党员 {never} 名，其中享受优抚的 {figures.get(VETERANS, 0)} 名。"
    )
