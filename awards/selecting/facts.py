"""What selectors are shown of nominees: years in the Party, years at the front line, and what to look at twice.

Nothing here weighs or ranks. A flag rejects nobody: a person decides, and says why where a flagged nominee is kept.
An effect of a sanction that is over flags nobody (中办发〔2019〕11号 八2).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from awards.models import Honour, Nominee
from base.dates import FAR
from care.models import Entry, RegisterCode
from members.enums import SANCTIONS, CategoryKind, Standing
from members.models import Category, Membership
from members.standing import PROBATIONARY, Seniority

RECENT = 3
"""Years for which the same honour is worth a word."""

FINE = (Standing.FULL,)


@dataclass(frozen=True)
class Flag:
    """Something to look at twice. ``sensitive``: for those alone who see sanctions."""

    text: str
    sensitive: bool = False


@dataclass
class Facts:
    """What is known of one nominee. ``posted_days`` are days at the front line up to the day."""

    standing: str = ""
    seniority: Seniority | None = None
    postings: list[str] = field(default_factory=list)
    posted_days: int = 0
    flags: list[Flag] = field(default_factory=list)

    @property
    def party_years(self) -> str:
        """23 年; — with the note where they do not count."""
        if self.seniority is None:
            return ""
        return f"{self.seniority.years} 年" if self.seniority.years is not None else f"—（{self.seniority.note}）"

    @property
    def front_line(self) -> str:
        """2.5 年; empty for who was never posted."""
        return f"{self.posted_days / 365.25:.1f} 年" if self.posted_days else ""

    def flags_for(self, sensitive: bool) -> list[Flag]:
        """The flags for a reader who sees sanctions, or does not."""
        return [flag for flag in self.flags if sensitive or not flag.sensitive]


def facts_of(nominees: Collection[Nominee], day: date) -> dict[int, Facts]:
    """Facts and flags of nominees, by their number; six queries, however many there are."""
    found = {each.pk: Facts() for each in nominees}
    members = [each for each in nominees if each.person_id]
    people = {each.person_id for each in members}
    _standing(found, members, day)
    _sanctions(found, members, people, day)
    _postings(found, members, people, day)
    _same_honour(found, nominees, day)
    _twice(found, members)
    return found


def _standing(found: dict[int, Facts], members: Iterable[Nominee], day: date) -> None:
    stays = Membership.objects.on(day).filter(person__in=[each.person_id for each in members]).order_by("pk")
    where = {stay.person_id: stay for stay in stays}
    for each in members:
        facts, stay = found[each.pk], where.get(each.person_id)
        facts.seniority = each.person.seniority(day)
        facts.standing = stay.get_standing_display() if stay else "已不在册"
        if stay is None or not stay.path.startswith(each.nominator.path):
            facts.flags.append(Flag("已不在推荐单位"))
        if stay and stay.standing == Standing.DEAD:
            facts.flags.append(Flag(f"{stay.since} 去世"))
        elif stay and stay.standing not in FINE:
            facts.flags.append(Flag(facts.standing))
        if stay and stay.standing == Standing.PROBATIONARY:
            facts.seniority = Seniority(None, None, PROBATIONARY)


def _sanctions(found: dict[int, Facts], members: Iterable[Nominee], people: Collection[int], day: date) -> None:
    rows = Category.objects.on(day).filter(person__in=people, kind__in=SANCTIONS).order_by("since", "pk")
    running = defaultdict(list)
    for row in rows:
        until = "" if row.until == FAR else f"，到 {row.until - timedelta(days=1)}"
        running[row.person_id].append(Flag(f"{row.get_kind_display()}{until}", sensitive=True))
    for each in members:
        found[each.pk].flags += running[each.person_id]


def _postings(found: dict[int, Facts], members: Iterable[Nominee], people: Collection[int], day: date) -> None:
    """Days at the front line from the categories, which do not count a day twice; words from the register."""
    rows = Category.objects.filter(person__in=people, kind=CategoryKind.POSTED, since__lte=day).order_by("since", "pk")
    days: dict[int, int] = defaultdict(int)
    reached: dict[int, date] = {}
    for row in rows:
        first = max(row.since, reached.get(row.person_id, row.since))
        last = min(row.until, day)
        days[row.person_id] += max(0, (last - first).days)
        reached[row.person_id] = max(last, reached.get(row.person_id, last))
    entries = Entry.objects.standing().filter(register=RegisterCode.POSTING, person__in=people, since__lte=day)
    said = defaultdict(list)
    for entry in entries.defer("private", "closed_note").order_by("since", "pk"):
        until = "至今" if entry.until > day else f"至 {entry.until - timedelta(days=1):%Y-%m}"
        what = "".join(filter(None, (entry.facts.get("place"), entry.facts.get("kind"))))
        said[entry.person_id].append(f"{entry.since:%Y-%m} {until}{' ' if what else ''}{what}")
    for each in members:
        found[each.pk].posted_days, found[each.pk].postings = days[each.person_id], said[each.person_id]


def _same_honour(found: dict[int, Facts], nominees: Collection[Nominee], day: date) -> None:
    if not nominees:
        return
    about = reduce(or_, (Q(title=each.title.name, **_whose(each)) for each in nominees))
    rows = Honour.objects.held(day).filter(about, granted_on__gt=_years_before(day))
    before = defaultdict(list)
    for row in rows.order_by("granted_on", "pk"):
        before[row.title, row.person_id, None if row.person_id else row.organisation_id].append(row)
    for each in nominees:
        key = (each.title.name, each.person_id, None if each.person_id else each.organisation_id)
        for row in before[key]:
            if row.pk != each.honour_id:
                found[each.pk].flags.append(Flag(f"{row.granted_on.year} 年已获{row.title}"))


def _whose(nominee: Nominee) -> dict:
    if nominee.person_id:
        return {"person": nominee.person_id}
    return {"person": None, "organisation": nominee.organisation_id}


def _years_before(day: date) -> date:
    return date(day.year - RECENT, day.month, min(day.day, 28))


def _twice(found: dict[int, Facts], members: Collection[Nominee]) -> None:
    """Whoever is nominated for two titles of the selection."""
    if not members:
        return
    rows = Nominee.objects.standing().filter(
        title__selection__in={each.title.selection_id for each in members},
        person__in={each.person_id for each in members},
    )
    titles = defaultdict(set)
    for person, selection, title in rows.order_by("pk").values_list("person", "title__selection", "title__name"):
        titles[person, selection].add(title)
    for each in members:
        if others := sorted(titles[each.person_id, each.title.selection_id] - {each.title.name}):
            found[each.pk].flags.append(Flag(f"同时推荐为{'、'.join(others)}"))
